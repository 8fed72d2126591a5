-- findings_subject: each rule about subjects, on a small company where nothing is wrong: what makes
-- it fire, at its threshold and just past it, off, with another threshold, and waived.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

-- A company of a team of two, with 24 months up to February 2026. Asked as of 20 March 2026.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2024-03-01",
  "objectives": [
    {"key": "grow", "name": "Grow", "subject": "acme", "starts_on": "2026-01-01", "due_on": "2026-12-31"},
    {"key": "keep", "name": "Keep customers", "subject": "acme", "due_on": "2026-12-31"},
    {"key": "care", "name": "Care for people", "subject": "acme", "starts_on": "2026-01-01"},
    {"key": "more", "name": "Grow in the north", "parent": "grow", "subject": "acme"},
    {"key": "past", "name": "Survive", "subject": "acme", "due_on": "2025-12-31"}],
  "subjects": [
    {"key": "acme", "name": "Acme", "kind": "company"},
    {"key": "north", "name": "North", "kind": "team", "parent": "acme"},
    {"key": "sam", "name": "Sam", "kind": "person", "parent": "north", "role": "seller"},
    {"key": "ada", "name": "Ada", "kind": "person", "parent": "north", "role": "seller"}],
  "roles": [{"key": "seller", "name": "Seller", "kras": [
    {"name": "Revenue", "kpis": [
      {"key": "revenue", "name": "Revenue", "kind": "outcome", "unit": "$", "objective": "grow", "weight": 2, "target": ">= 100"},
      {"key": "win_rate", "name": "Win rate", "kind": "outcome", "unit": "%", "over_time": "mean", "over_subjects": "mean", "drives": "revenue", "target": ">= 20"}]},
    {"name": "Prospecting", "kpis": [
      {"key": "calls", "name": "Calls", "kind": "activity", "timing": "leading", "drives": "revenue", "target": ">= 400"}]}]}]}');

-- values of a subject by month, the last given month by month
CREATE FUNCTION pg_temp.put(kpi text, subject text, actuals float8[], last_month date DEFAULT '2026-02-01') RETURNS void LANGUAGE sql AS $$
    DELETE FROM kra.measurements m USING kra.kpis k, kra.subjects s WHERE m.kpi_id = k.id AND m.subject_id = s.id AND k.key = kpi AND s.key = subject;
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
    SELECT k.id, s.id, p.at, kra.actual_agg(u.v, p.at)
    FROM kra.kpis k, kra.subjects s, unnest(actuals) WITH ORDINALITY u(v, i),
         LATERAL (SELECT kra_internal.grid_shift(k.grid, kra_internal.grid_start(k.grid, last_month), (u.i - cardinality(actuals))::int) AS at) p
    WHERE k.key = kpi AND s.key = subject AND u.v IS NOT NULL GROUP BY k.id, s.id, p.at;
$$;
-- the last ones alone
CREATE FUNCTION pg_temp.tail(kpi text, subject text, actuals float8[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.put(kpi, subject, (SELECT array_agg(kra.value(m.actual, 'sum') ORDER BY m.period_start) FROM kra.measurements m, kra.kpis k, kra.subjects s
        WHERE m.kpi_id = k.id AND m.subject_id = s.id AND k.key = tail.kpi AND s.key = tail.subject AND m.period_start <= kra_internal.grid_shift(k.grid, '2026-02-01', -cardinality(actuals))) || actuals);
$$;
SELECT count(*) AS series FROM (SELECT pg_temp.put(k.key, s.key, (SELECT array_agg(v * k.unit ORDER BY i) FROM unnest('{101,104,99,103,106,100,97,105,102,108,101,99,104,107,103,100,98,106,102,105,101,104,103,102}'::float8[]) WITH ORDINALITY u(v, i)))
FROM (VALUES ('revenue', 1), ('win_rate', 0.2), ('calls', 4)) k(key, unit), (VALUES ('sam'), ('ada')) s(key) OFFSET 0) x;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target)
SELECT k.id, s.id, '2024-03-05', rk.target FROM kra.kpis k JOIN kra.result_area_kpis rk ON rk.kpi_id = k.id CROSS JOIN kra.subjects s WHERE s.kind = 'person';
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, closed_at)
SELECT s.id, 'month', '2026-02-01', kra.scorecard_of(s.key, '2026-02', '2026-03-01', true), '2026-03-03' FROM kra.subjects s WHERE s.kind = 'person';
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, closed_at) SELECT subject_id, 'month', '2026-01-01', card, '2026-02-03' FROM kra.reviews;
INSERT INTO kra.actions (review_id, subject_id, description, owner_id, due_on, created_at)
SELECT r.id, r.subject_id, 'Ask three lost customers why', r.subject_id, '2026-03-31', '2026-03-03' FROM kra.reviews r WHERE r.period_start = '2026-02-01' ORDER BY r.subject_id;
UPDATE kra.result_area_kpis SET set_at = '2024-03-01';

CREATE VIEW pg_temp.found AS
SELECT f.* FROM kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, '2026-03-20', kra_internal.rule_limits()) f;
-- nothing is wrong here
SELECT * FROM pg_temp.found;
SELECT count(*) AS looked_at, count(DISTINCT l.kpi_id) AS kpis, min(cardinality(l.actuals)) AS values, min(l.last_start) AS last FROM kra.subjects s, kra_internal.card_lines(s.id, '2026-03-20') l;

-- more KPIs for the role, known and agreed
CREATE FUNCTION pg_temp.carry(n int, kind text DEFAULT 'outcome', kra text DEFAULT 'Prospecting', since date DEFAULT '2026-03-10') RETURNS void LANGUAGE sql AS $$
    INSERT INTO kra.kpis (key, name, kind) SELECT 'k' || i, 'K' || i, carry.kind::kra.kpi_kind FROM generate_series(1, n) i;
    INSERT INTO kra.kpi_drives SELECT k.id, 1 FROM kra.kpis k WHERE k.key ~ '^k\d' ON CONFLICT DO NOTHING;
    INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target)
    SELECT a.id, k.id, since, 1, '>= 1' FROM kra.result_areas a, kra.kpis k WHERE a.name = kra AND k.key ~ '^k\d';
$$;
-- a target as if it had been set then
CREATE FUNCTION pg_temp.aim(kpi text, subject text, target kra.kpi_target, since date, provenance text DEFAULT NULL, set_at timestamptz DEFAULT '2024-01-01', agreed boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, provenance, set_at) SELECT k.id, s.id, since, aim.target, aim.provenance, aim.set_at FROM kra.kpis k, kra.subjects s WHERE k.key = kpi AND s.key = subject;
    INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target) SELECT k.id, s.id, since + time '10:00', aim.target FROM kra.kpis k, kra.subjects s WHERE agreed AND k.key = kpi AND s.key = subject;
$$;
CREATE FUNCTION pg_temp.unacknowledge(kpi text, subject text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM kra.acknowledgements a USING kra.kpis k, kra.subjects s WHERE a.kpi_id = k.id AND a.subject_id = s.id AND k.key = kpi AND s.key = subject;
$$;

-- Cases: what is changed, and what the rule says then. Each is undone.
CREATE TEMP TABLE cases (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, rule text, what text, sql text, found jsonb, others text, when_off int, waived text);
CREATE FUNCTION pg_temp.try(INOUT c cases, whole boolean) LANGUAGE plpgsql AS $$
BEGIN
    c.others := NULL;
    EXECUTE c.sql;
    c.found := (SELECT jsonb_agg(to_jsonb(f) ORDER BY f.about_key) FROM pg_temp.found f WHERE f.rule = c.rule);
    c.others := (SELECT string_agg(x.rule || ' ' || x.n, ', ' ORDER BY x.rule) FROM (SELECT f.rule, count(*) AS n FROM pg_temp.found f WHERE f.rule <> c.rule GROUP BY 1) x);
    IF whole THEN
        -- waived, it stays visible; off, it is gone
        INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) SELECT c.rule, (f->>'about_kind') || ':' || (f->>'about_key'), (f->>'subject_id')::int, 'known', '2026-03-20' FROM jsonb_array_elements(c.found) f;
        c.waived := (SELECT count(*) FILTER (WHERE v.is_waived) || ' of ' || count(*) || CASE WHEN bool_and(v.about_kind = r.about_kind AND v.subject_key IS NOT NULL) THEN '' ELSE ' MISPLACED' END
                     FROM kra.findings(as_of => '2026-03-20') v JOIN kra_internal.built_in_rules() r ON r.rule = v.rule_id WHERE v.rule_id = c.rule);
        INSERT INTO kra.rule_settings VALUES (c.rule, false) ON CONFLICT (rule) DO UPDATE SET is_enabled = false;
        c.when_off := (SELECT count(*) FROM pg_temp.found f WHERE f.rule = c.rule);
    END IF;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ000';
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN NULL;
END $$;

INSERT INTO cases (rule, what, sql) VALUES
-- focus
('too_many_kpis', '5 of them', $$SELECT pg_temp.carry(2)$$),
('too_many_kpis', '6 of them', $$SELECT pg_temp.carry(3)$$),
('too_many_kpis', '6, of which one is no more than a candidate', $$SELECT pg_temp.carry(3); UPDATE kra.kpis SET state = 'candidate' WHERE key = 'k1'$$),
('too_many_kpis', '6, of which one was taken off', $$SELECT pg_temp.carry(3); INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, is_active) SELECT result_area_id, kpi_id, '2026-03-20', false FROM kra.result_area_kpis JOIN kra.kpis ON id = kpi_id WHERE key = 'k1'$$),
('too_many_kpis', '6 from tomorrow', $$SELECT pg_temp.carry(3, since => '2026-03-21')$$),
('too_many_kpis', '9 of them', $$SELECT pg_temp.carry(6)$$),
('too_many_kpis', '10: overloaded says it', $$SELECT pg_temp.carry(7)$$),
('too_many_kpis', '10, with overloaded off', $$SELECT pg_temp.carry(7); INSERT INTO kra.rule_settings VALUES ('overloaded', false)$$),
('too_many_kpis', '6 of 6', $$SELECT pg_temp.carry(3); INSERT INTO kra.rule_settings VALUES ('too_many_kpis', true, 6)$$),
('too_many_kpis', '3 of 2', $$INSERT INTO kra.rule_settings VALUES ('too_many_kpis', true, 2)$$),
('overloaded', '9 of them', $$SELECT pg_temp.carry(6)$$),
('overloaded', '10 of them', $$SELECT pg_temp.carry(7)$$),
('overloaded', '10, where it takes 11', $$SELECT pg_temp.carry(7); INSERT INTO kra.rule_settings VALUES ('overloaded', true, 11)$$),
('too_many_kpis_in_group', '8 of its members', $$SELECT pg_temp.carry(5)$$),
('too_many_kpis_in_group', '9 of its members', $$SELECT pg_temp.carry(6)$$),
('too_many_kpis_in_group', '9 of its members, of which one leads others', $$SELECT pg_temp.carry(6); INSERT INTO kra.subjects (key, name, kind) VALUES ('kim', 'Kim', 'person'); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT s.id, '2024-03-01', p.id, 1 FROM kra.subjects s, kra.subjects p WHERE s.key = 'kim' AND p.key = 'sam'$$),
('too_many_kpis_in_group', '9 of its own role, one of the members leads others', $$SELECT pg_temp.carry(6); INSERT INTO kra.subjects (key, name, kind) VALUES ('kim', 'Kim', 'person'); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT s.id, '2024-03-01', p.id, 1 FROM kra.subjects s, kra.subjects p WHERE s.key = 'kim' AND p.key = 'sam'; UPDATE kra.placements SET job_role_id = 1 WHERE subject_id = 2$$),
('too_many_kpis_in_group', '9 of a company', $$SELECT pg_temp.carry(6); UPDATE kra.subjects SET kind = 'company' WHERE key = 'north'$$),
('too_many_kpis_in_group', '9 of 9', $$SELECT pg_temp.carry(6); INSERT INTO kra.rule_settings VALUES ('too_many_kpis_in_group', true, 9)$$),
('login_unknown', 'a role', $$UPDATE kra.subjects SET login = 'pg_monitor' WHERE key = 'sam'$$),
('login_unknown', 'none', $$UPDATE kra.subjects SET login = 'regress_kra_nobody' WHERE key = 'sam'$$),
('login_unknown', 'longer than a name can be', $$UPDATE kra.subjects SET login = repeat('x', 64) WHERE key = 'sam'$$),
('too_few_objectives', 'one ends today', $$UPDATE kra.objectives SET due_on = '2026-03-20' WHERE key = 'grow'$$),
('too_few_objectives', 'one ended yesterday', $$UPDATE kra.objectives SET due_on = '2026-03-19' WHERE key = 'keep'$$),
('too_few_objectives', 'one ended yesterday, and the one below it stands alone', $$UPDATE kra.objectives SET due_on = '2026-03-19' WHERE key = 'grow'$$),
('too_few_objectives', 'one starts tomorrow', $$UPDATE kra.objectives SET starts_on = '2026-03-21' WHERE key = 'keep'$$),
('too_few_objectives', 'one is of nobody: of the company', $$UPDATE kra.objectives SET subject_id = NULL WHERE key = 'keep'$$),
('too_few_objectives', 'one is of the team', $$UPDATE kra.objectives SET subject_id = 2 WHERE key = 'keep'$$),
('too_few_objectives', 'none at all', $$UPDATE kra.objectives SET due_on = '2026-01-01'$$),
('too_few_objectives', '3 of 4', $$INSERT INTO kra.rule_settings VALUES ('too_few_objectives', true, 4)$$),
('too_many_objectives', '5 of them', $$INSERT INTO kra.objectives (key, name, subject_id, starts_on) SELECT 'o' || i, 'O' || i, 1, '2026-02-01' FROM generate_series(1, 2) i$$),
('too_many_objectives', '6 of them', $$INSERT INTO kra.objectives (key, name, subject_id, starts_on) SELECT 'o' || i, 'O' || i, 1, date '2026-02-01' + i FROM generate_series(1, 3) i$$),
('too_many_objectives', '6, of which one ended', $$INSERT INTO kra.objectives (key, name, subject_id, due_on) SELECT 'o' || i, 'O' || i, 1, date '2026-03-16' + i FROM generate_series(1, 3) i$$),
('too_many_objectives', '6 of 6', $$INSERT INTO kra.objectives (key, name, subject_id) SELECT 'o' || i, 'O' || i, 1 FROM generate_series(1, 3) i; INSERT INTO kra.rule_settings VALUES ('too_many_objectives', true, 6)$$),
('too_many_primary_outcomes', '2 of them', $$DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'win_rate')$$),
('too_many_primary_outcomes', '3 of them', $$DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'win_rate'); SELECT pg_temp.carry(1); DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'k1')$$),
('too_many_primary_outcomes', '3, of which one has no weight', $$DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'win_rate'); SELECT pg_temp.carry(1); DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'k1'); UPDATE kra.result_area_kpis SET weight = 0 WHERE kpi_id = 2$$),
('too_many_primary_outcomes', '1 of 0', $$INSERT INTO kra.rule_settings VALUES ('too_many_primary_outcomes', true, 0)$$),
-- balance
('busy_not_moving', 'one month', $$SELECT pg_temp.tail('revenue', 'sam', '{104,60}'), pg_temp.tail('win_rate', 'sam', '{21,12}')$$),
('busy_not_moving', 'two months', $$SELECT pg_temp.tail('revenue', 'sam', '{70,60}'), pg_temp.tail('win_rate', 'sam', '{14,12}')$$),
('busy_not_moving', 'two months, before one without outcomes', $$SELECT pg_temp.tail('revenue', 'sam', '{70,60,NULL}'), pg_temp.tail('win_rate', 'sam', '{14,12,NULL}')$$),
('busy_not_moving', 'two months, and the latest was good', $$SELECT pg_temp.tail('revenue', 'sam', '{70,60,100}'), pg_temp.tail('win_rate', 'sam', '{14,12,20}')$$),
('busy_not_moving', 'two months, and nobody busy', $$SELECT pg_temp.tail('revenue', 'sam', '{70,60}'), pg_temp.tail('win_rate', 'sam', '{14,12}'), pg_temp.tail('calls', 'sam', '{200,200}')$$),
('busy_not_moving', 'two of three months', $$SELECT pg_temp.tail('revenue', 'sam', '{70,60}'), pg_temp.tail('win_rate', 'sam', '{14,12}'); INSERT INTO kra.rule_settings VALUES ('busy_not_moving', true, 3)$$),
('busy_not_moving', 'quarters, where a KPI has quarters', $$DELETE FROM kra.kpi_drives WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'win_rate'); SELECT pg_temp.carry(1, since => '2024-03-01'); UPDATE kra.kpis SET cadence = 'quarter' WHERE key = 'k1'; SELECT pg_temp.put('k1', 'sam', '{1,1}', '2025-12-01');
    SELECT pg_temp.tail('revenue', 'sam', '{70,60,60,60,60,60,60,60}'), pg_temp.tail('win_rate', 'sam', '{14,12,12,12,12,12,12,12}')$$),
-- targets
('no_target', 'taken away', $$UPDATE kra.result_area_kpis SET target = NULL WHERE kpi_id = 1$$),
('no_target', 'of one, by a row of his own', $$SELECT pg_temp.aim('revenue', 'sam', NULL, '2026-03-20')$$),
('no_target', 'from tomorrow', $$SELECT pg_temp.aim('revenue', 'sam', NULL, '2026-03-21')$$),
('no_target', 'of a candidate', $$UPDATE kra.result_area_kpis SET target = NULL WHERE kpi_id = 1; UPDATE kra.kpis SET state = 'candidate' WHERE id = 1$$),
('copied_from_unit', 'twice the people', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim(k, s, t::kra.kpi_target, '2024-03-01') FROM (VALUES ('revenue', '>= 200'), ('calls', '>= 900 from 1')) v(k, t), unnest('{north,south}'::text[]) s$$),
('copied_from_unit', 'twice the people, one target another', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim(k, s, t::kra.kpi_target, '2024-03-01') FROM (VALUES ('revenue', '>= 200'), ('calls', '>= 900 from 1')) v(k, t), unnest('{north,south}'::text[]) s; UPDATE kra.targets SET target = '>= 900 from 2' WHERE kpi_id = 3 AND subject_id = 2$$),
('copied_from_unit', 'twice the people, one KPI more', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim(k, s, t::kra.kpi_target, '2024-03-01') FROM (VALUES ('revenue', '>= 200'), ('calls', '>= 900 from 1')) v(k, t), unnest('{north,south}'::text[]) s; SELECT pg_temp.aim('win_rate', 'south', '>= 20', '2024-03-01')$$),
('copied_from_unit', 'twice the people, a single KPI', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim('revenue', s, '>= 200', '2024-03-01') FROM unnest('{north,south}'::text[]) s$$),
('copied_from_unit', 'two and three people', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}, {"key": "lee", "name": "Lee", "kind": "person", "parent": "south"}, {"key": "max", "name": "Max", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim(k, s, t::kra.kpi_target, '2024-03-01') FROM (VALUES ('revenue', '>= 200'), ('calls', '>= 900 from 1')) v(k, t), unnest('{north,south}'::text[]) s$$),
('copied_from_unit', 'two and three people, where 1.5 is enough', $$SELECT kra.define('{"effective_from": "2024-03-01", "subjects": [{"key": "south", "name": "South", "kind": "team", "parent": "acme"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "south"}, {"key": "lee", "name": "Lee", "kind": "person", "parent": "south"}, {"key": "max", "name": "Max", "kind": "person", "parent": "south"}]}');
    SELECT pg_temp.aim(k, s, t::kra.kpi_target, '2024-03-01') FROM (VALUES ('revenue', '>= 200'), ('calls', '>= 900 from 1')) v(k, t), unnest('{north,south}'::text[]) s; INSERT INTO kra.rule_settings VALUES ('copied_from_unit', true, 1.5)$$),
('copied_from_unit', 'by a role that a team of 2 and a vendor share', $$SELECT kra.define('{"effective_from": "2024-03-01", "roles": [{"key": "unit", "name": "Unit", "kras": [{"name": "Sales", "kpis": [{"key": "revenue", "name": "Revenue", "kind": "outcome", "target": ">= 200"}, {"key": "calls", "name": "Calls", "kind": "activity", "target": ">= 900"}]}]}],
    "subjects": [{"key": "north", "role": "unit"}, {"key": "agency", "name": "Agency", "kind": "vendor", "role": "unit"}]}')$$),
('imposed_target', '14 days', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-06')$$),
('imposed_target', '15 days', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-05')$$),
('imposed_target', '15 days, imposed', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-05', 'imposed')$$),
('imposed_target', '15 of 15 days', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-05'); INSERT INTO kra.rule_settings VALUES ('imposed_target', true, 15)$$),
('imposed_target', 'that of the role', $$SELECT pg_temp.unacknowledge('revenue', 'sam')$$),
('imposed_target', 'that of the role, which he has had for 14 days', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); INSERT INTO kra.placements (subject_id, effective_from, parent_id) VALUES (3, '2026-01-01', 2); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (3, '2026-03-06', 2, 1)$$),
('imposed_target', 'that of the role, which he has had for 15 days', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); INSERT INTO kra.placements (subject_id, effective_from, parent_id) VALUES (3, '2026-01-01', 2); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (3, '2026-03-05', 2, 1)$$),
('imposed_target', 'that of the role, and another place since', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (3, '2026-03-15', 1, 1)$$),
('imposed_target', 'acknowledged tomorrow', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target) VALUES (1, 3, '2026-03-21', '>= 100')$$),
('imposed_target', 'acknowledged at the end of the day', $$SELECT pg_temp.unacknowledge('revenue', 'sam'); INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target) VALUES (1, 3, '2026-03-20 23:59', '>= 100')$$),
('imposed_target', 'that of a team', $$SELECT pg_temp.aim('revenue', 'north', '>= 200', '2026-03-05')$$),
('changed_after_acknowledgement', 'today', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-20')$$),
('changed_after_acknowledgement', 'today, imposed, in what is not read aloud', $$SELECT pg_temp.aim('revenue', 'sam', '>= 100 from 90', '2026-03-20', 'imposed')$$),
('changed_after_acknowledgement', 'today, and acknowledged', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-20', agreed => true)$$),
('changed_after_acknowledgement', 'today, and acknowledged tomorrow', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-20'); INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target) VALUES (1, 3, '2026-03-21', '>= 101')$$),
('changed_after_acknowledgement', 'tomorrow', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-21')$$),
('target_moved', 'another from the first day of the month on', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-01', agreed => true)$$),
('target_moved', 'another from the second day on', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-03-02', agreed => true)$$),
('target_moved', 'another within the last month that is over', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-02-10', agreed => true)$$),
('target_moved', 'another within a month before that', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-01-10', agreed => true)$$),
('target_moved', 'taken away', $$SELECT pg_temp.aim('revenue', 'sam', NULL, '2026-03-10')$$),
('target_moved', 'set back in time', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-01-01', set_at => '2026-03-12', agreed => true)$$),
('target_moved', 'set back in time, over one of his own', $$SELECT pg_temp.aim('revenue', 'sam', '>= 102', '2025-01-01'), pg_temp.aim('revenue', 'sam', '>= 101', '2026-01-01', set_at => '2026-03-12', agreed => true)$$),
('target_moved', 'set back in time before the month', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-01-01', set_at => '2026-02-01', agreed => true)$$),
('target_moved', 'changed in place', $$SELECT pg_temp.aim('revenue', 'sam', '>= 101', '2026-01-01', agreed => true); UPDATE kra.targets SET revised_at = '2026-03-11'$$),
('target_moved', 'of the role', $$INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, set_at) VALUES (1, 1, '2026-03-02', 2, '>= 103', '2026-01-01')$$),
('target_moved', 'the weight alone', $$INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, set_at) VALUES (1, 1, '2026-03-02', 1, '>= 100', '2026-03-02')$$),
('target_beyond_history', 'as much as ever seen in a month', $$SELECT pg_temp.aim('revenue', 'sam', '>= 111', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'more than ever seen in a month', $$SELECT pg_temp.aim('revenue', 'sam', '>= 111.5', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'more than ever seen in ten months', $$SELECT pg_temp.aim('revenue', 'sam', '>= 111.5 by 2026-12-31', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'more than ever, but nobody knows of two years', $$SELECT pg_temp.aim('revenue', 'sam', '>= 120 by 2028-12-31', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'of 5 values', $$SELECT pg_temp.put('revenue', 'sam', '{101,102,101,102,101}'); SELECT pg_temp.aim('revenue', 'sam', '>= 120', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'of 6 values', $$SELECT pg_temp.put('revenue', 'sam', '{101,102,101,102,101,102}'); SELECT pg_temp.aim('revenue', 'sam', '>= 120', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'of 6 values that only fell', $$SELECT pg_temp.put('revenue', 'sam', '{106,105,104,103,102,101}'); SELECT pg_temp.aim('revenue', 'sam', '>= 103', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'less than ever seen', $$SELECT pg_temp.put('revenue', 'sam', '{10,12,9,11,10,12}'); SELECT pg_temp.aim('revenue', 'sam', '<= 5', '2026-03-01', agreed => true)$$),
('target_beyond_history', 'met as it is', $$SELECT pg_temp.put('revenue', 'sam', '{10,12,9,11,10,12}'); SELECT pg_temp.aim('revenue', 'sam', '<= 11', '2026-03-01', agreed => true)$$),
('target_beyond_limits', '100 %', $$SELECT pg_temp.aim('win_rate', 'sam', '>= 100', '2026-03-01', agreed => true); INSERT INTO kra.rule_settings (rule, is_enabled) VALUES ('target_beyond_history', false); SELECT pg_temp.put('win_rate', 'sam', '{20,22,20,22,20,22}')$$),
('target_beyond_limits', '100.1 %', $$SELECT pg_temp.aim('win_rate', 'sam', '>= 100.1', '2026-03-01', agreed => true)$$),
('target_beyond_limits', '105 % of what has been 103 %', $$SELECT pg_temp.aim('win_rate', 'sam', '>= 105', '2026-03-01', agreed => true); SELECT pg_temp.put('win_rate', 'sam', '{99,101,103}')$$),
('target_beyond_limits', 'less than 0 %', $$SELECT pg_temp.aim('win_rate', 'sam', '<= -1', '2026-03-01', agreed => true)$$),
('target_beyond_limits', '105 % that are summed up', $$SELECT pg_temp.aim('revenue', 'sam', '>= 105', '2026-03-01', agreed => true); UPDATE kra.kpis SET unit = '%' WHERE id = 1$$),
('target_beyond_limits', 'up to 105', $$SELECT pg_temp.aim('win_rate', 'sam', '[15,105]', '2026-03-01', agreed => true)$$),
('target_beyond_limits', 'NPS of -100', $$SELECT kra.define('{"kpis": [{"key": "nps", "name": "Promoters", "kind": "outcome", "scale": "nps"}]}'); INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target) SELECT 1, id, '2026-03-10', '>= -100' FROM kra.kpis WHERE key = 'nps'$$),
('target_beyond_limits', 'NPS of 101', $$SELECT kra.define('{"kpis": [{"key": "nps", "name": "Promoters", "kind": "outcome", "scale": "nps"}]}'); INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target) SELECT 1, id, '2026-03-10', '>= 101' FROM kra.kpis WHERE key = 'nps'$$),
('target_beyond_limits', 'answers below 0', $$SELECT kra.define('{"kpis": [{"key": "csat", "name": "Pleased", "kind": "outcome", "scale": "csat_mean"}]}'); INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target) SELECT 1, id, '2026-03-10', '>= -1' FROM kra.kpis WHERE key = 'csat'$$),
('target_beyond_limits', 'beyond the natural limits, of 12 values', $$SELECT pg_temp.put('revenue', 'sam', '{90,92,89,91,90,92,91,90,89,92,91,90}')$$),
('target_beyond_limits', 'beyond the natural limits, of 13 values', $$SELECT pg_temp.put('revenue', 'sam', '{90,92,89,91,90,92,91,90,89,92,91,90,91}')$$),
('target_beyond_limits', 'beyond the natural limits, but met once', $$SELECT pg_temp.put('revenue', 'sam', '{100,92,89,91,90,92,91,90,89,92,91,90,91}')$$),
('target_beyond_limits', 'within the natural limits', $$SELECT pg_temp.put('revenue', 'sam', '{90,98,89,98,90,92,91,98,89,92,91,98,91}')$$),
('target_above_300_pct', '3 times the baseline', $$SELECT pg_temp.aim('revenue', 'sam', '>= 105 from 35', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'a little more', $$SELECT pg_temp.aim('revenue', 'sam', '>= 105.1 from 35', '2026-03-01', agreed => true)$$),
('target_above_300_pct', '+300 %', $$SELECT pg_temp.aim('revenue', 'sam', '>= 400 from 100', '2026-03-01', agreed => true)$$),
('target_above_300_pct', '+300 % of the last three', $$SELECT pg_temp.aim('revenue', 'sam', '>= 412', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'a third', $$SELECT pg_temp.aim('revenue', 'sam', '<= 35 from 105', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'less than a third', $$SELECT pg_temp.aim('revenue', 'sam', '<= 34.9 from 105', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'nothing at all', $$SELECT pg_temp.aim('revenue', 'sam', '<= 0 from 105', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'from nothing', $$SELECT pg_temp.aim('revenue', 'sam', '>= 105 from 0', '2026-03-01', agreed => true)$$),
('target_above_300_pct', 'without a start', $$SELECT pg_temp.carry(1); UPDATE kra.result_area_kpis SET target = '>= 1000' WHERE kpi_id = 4$$),
('target_above_300_pct', '+300 %, where 4 times is allowed', $$SELECT pg_temp.aim('revenue', 'sam', '>= 400 from 100', '2026-03-01', agreed => true); INSERT INTO kra.rule_settings VALUES ('target_above_300_pct', true, 4)$$),
('sandbagged_target', 'six times 1.2', $$SELECT pg_temp.tail('revenue', 'sam', '{120,130,125,120,120,140}')$$),
('sandbagged_target', 'once less', $$SELECT pg_temp.tail('revenue', 'sam', '{120,130,125,119.9,120,140}')$$),
('sandbagged_target', 'five times', $$SELECT pg_temp.tail('revenue', 'sam', '{119,130,125,120,120,140}')$$),
('sandbagged_target', 'five times and a gap', $$SELECT pg_temp.tail('revenue', 'sam', '{120,130,NULL,120,120,140}')$$),
('sandbagged_target', '1.2 against the targets of then', $$SELECT pg_temp.tail('revenue', 'sam', '{120,130,125,120,120,60}'), pg_temp.aim('revenue', 'sam', '>= 50', '2026-02-01', agreed => true)$$),
('sandbagged_target', 'six times 1.2 where 1.21 is far', $$SELECT pg_temp.tail('revenue', 'sam', '{120,130,125,120,120,140}'); INSERT INTO kra.rule_settings VALUES ('sandbagged_target', true, 1.21)$$),
-- life
('stale_subject', 'as old as allowed', $$SELECT pg_temp.tail('revenue', 'sam', '{NULL}'); UPDATE kra.kpis SET stale_after_days = 48 WHERE id = 1$$),
('stale_subject', 'a day more', $$SELECT pg_temp.tail('revenue', 'sam', '{NULL}'); UPDATE kra.kpis SET stale_after_days = 47 WHERE id = 1$$),
('stale_subject', 'everybody''s', $$SELECT pg_temp.tail('revenue', 'sam', '{NULL}'), pg_temp.tail('revenue', 'ada', '{NULL}'); UPDATE kra.kpis SET stale_after_days = 47 WHERE id = 1$$),
('stale_subject', 'the month that runs has begun', $$SELECT pg_temp.tail('revenue', 'sam', '{NULL}'); UPDATE kra.kpis SET stale_after_days = 47 WHERE id = 1; SELECT kra.record('revenue', 'sam', '2026-03-02', 5)$$),
('stale_subject', 'never measured', $$SELECT pg_temp.put('revenue', 'sam', '{}')$$),
('stale_subject', 'never measured, on the card for 45 days', $$SELECT pg_temp.put('revenue', 'sam', '{}'); INSERT INTO kra.placements (subject_id, effective_from, parent_id) VALUES (3, '2026-01-01', 2); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (3, '2026-02-03', 2, 1)$$),
('stale_subject', 'never measured, on the card for 46 days', $$SELECT pg_temp.put('revenue', 'sam', '{}'); INSERT INTO kra.placements (subject_id, effective_from, parent_id) VALUES (3, '2026-01-01', 2); INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (3, '2026-02-02', 2, 1)$$),
('review_overdue', 'not held, 20 days after', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE subject_id = 3 AND period_start = '2026-02-01'$$),
('review_overdue', 'not held, 20 of 20 days after', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE subject_id = 3 AND period_start = '2026-02-01'; INSERT INTO kra.rule_settings VALUES ('review_overdue', true, 20)$$),
('review_overdue', 'not held, 20 of 19 days after', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE subject_id = 3 AND period_start = '2026-02-01'; INSERT INTO kra.rule_settings VALUES ('review_overdue', true, 19)$$),
('review_overdue', 'closed today', $$UPDATE kra.reviews SET closed_at = '2026-03-20 20:00' WHERE period_start = '2026-02-01'$$),
('review_overdue', 'closed tomorrow', $$UPDATE kra.reviews SET closed_at = '2026-03-21' WHERE subject_id = 3 AND period_start = '2026-02-01'$$),
('review_overdue', 'a year that ends on the same day', $$DELETE FROM kra.actions; UPDATE kra.reviews SET period_grain = 'year', period_start = '2025-03-01' WHERE period_start = '2026-02-01'$$),
('review_overdue', 'a month whose end was longer ago', $$DELETE FROM kra.reviews WHERE subject_id = 3 AND period_start = '2026-01-01'$$),
('review_overdue', 'came within the month', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE subject_id = 3; DELETE FROM kra.placements WHERE subject_id = 3; INSERT INTO kra.placements VALUES (3, '2026-02-02', 2, 1)$$),
('review_overdue', 'came with the month', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE subject_id = 3; DELETE FROM kra.placements WHERE subject_id = 3; INSERT INTO kra.placements VALUES (3, '2026-02-01', 2, 1)$$),
('review_overdue', 'no data since', $$DELETE FROM kra.actions; DELETE FROM kra.reviews WHERE period_start = '2026-02-01'; DELETE FROM kra.measurements WHERE period_start = '2026-02-01'$$),
('review_overdue', 'quarters', $$INSERT INTO kra.settings (review_cadence) VALUES ('quarter')$$),
('review_without_action', 'none', $$DELETE FROM kra.actions WHERE subject_id = 3$$),
('review_without_action', 'none, and a target missed', $$DELETE FROM kra.actions WHERE subject_id = 3; SELECT pg_temp.tail('revenue', 'sam', '{99}'); UPDATE kra.reviews SET card = kra.scorecard_of('sam', '2026-02', '2026-03-01', true) WHERE subject_id = 3 AND period_start = '2026-02-01'$$),
('review_without_action', 'one from tomorrow on', $$UPDATE kra.actions SET created_at = '2026-03-21' WHERE subject_id = 3$$),
('review_without_action', 'none of the one before', $$UPDATE kra.reviews SET summary = 'closed' WHERE period_start = '2026-01-01'$$),
('review_without_action', 'none of a later one', $$INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, closed_at) SELECT subject_id, 'quarter', '2025-10-01', card, '2026-03-20' FROM kra.reviews WHERE subject_id = 3 LIMIT 1$$),
('action_overdue', 'due today', $$UPDATE kra.actions SET due_on = '2026-03-20'$$),
('action_overdue', 'due yesterday', $$UPDATE kra.actions SET due_on = '2026-03-19', owner_id = 4$$),
('action_overdue', 'due yesterday, done today', $$UPDATE kra.actions SET due_on = '2026-03-19', done_on = '2026-03-20'$$),
('action_overdue', 'due yesterday, done tomorrow', $$UPDATE kra.actions SET due_on = '2026-03-15', done_on = '2026-03-21' WHERE subject_id = 3$$),
('action_overdue', 'agreed on tomorrow', $$UPDATE kra.actions SET due_on = '2026-03-19', created_at = '2026-03-21'$$),
('consistently_missed', 'twice', $$SELECT pg_temp.tail('revenue', 'sam', '{104,99,99}')$$),
('consistently_missed', 'three times', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99}')$$),
('consistently_missed', 'three times, with a gap', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,NULL,99}')$$),
('consistently_missed', 'three times, and met since', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99,101}')$$),
('consistently_missed', 'three of the last six', $$SELECT pg_temp.tail('revenue', 'sam', '{104,99,101,99,99,101}')$$),
('consistently_missed', 'four of the last six', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,98,101}')$$),
('consistently_missed', 'four, of which one is the seventh', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,101,98,101}')$$),
('consistently_missed', 'almost met is missed', $$SELECT pg_temp.tail('revenue', 'sam', '{99.9,99.9,99.9}')$$),
('consistently_missed', 'three times of four', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99}'); INSERT INTO kra.rule_settings VALUES ('consistently_missed', true, 4)$$),
('consistently_missed', 'judged by the targets of then', $$SELECT pg_temp.aim('revenue', 'sam', '>= 150', '2026-02-01', agreed => true)$$),
('consistently_missed', '1: data stale', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99,NULL,NULL}')$$),
('consistently_missed', '1: data stale, once measured', $$SELECT pg_temp.put('revenue', 'sam', '{90}', '2024-05-01'); INSERT INTO kra.rule_settings VALUES ('consistently_missed', true, 1)$$),
('consistently_missed', '2: target moved', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,103}'), pg_temp.aim('revenue', 'sam', '>= 105', '2026-02-01', agreed => true)$$),
('consistently_missed', '3: leading KPI failing', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99}'), pg_temp.tail('calls', 'sam', '{300}')$$),
('consistently_missed', '3: not one that lags', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99}'), pg_temp.tail('win_rate', 'sam', '{19}')$$),
('consistently_missed', '4: outside what the process can do', $$SELECT pg_temp.put('revenue', 'sam', '{90,92,89,91,90,92,91,90,89,92,91,90,91}')$$),
('consistently_missed', '5: improving, but too slow for its date', $$SELECT pg_temp.put('revenue', 'sam', '{70,72,71,74,73,76,75,78,77,80,81}'), pg_temp.aim('revenue', 'sam', '>= 100 by 2026-09-30', '2024-03-01', agreed => true)$$),
('consistently_missed', '5: improving in time', $$SELECT pg_temp.put('revenue', 'sam', '{70,72,71,74,73,76,75,78,77,80,81}'), pg_temp.aim('revenue', 'sam', '>= 100 by 2027-12-31', '2024-03-01', agreed => true)$$),
('consistently_missed', '5: falling, but not in two years', $$SELECT pg_temp.put('revenue', 'sam', '{150,149.7,149.5,149.1,149,148.6,148.5,148.1,148,147.9,147.5}'), pg_temp.aim('revenue', 'sam', '<= 100', '2024-03-01', agreed => true)$$),
('consistently_missed', '6: unexplained', $$SELECT pg_temp.tail('revenue', 'sam', '{99,98,99}')$$),
('plateau', '18 values', $$SELECT pg_temp.put('revenue', 'sam', '{95,99,102,96,101,95,99,96,103,97,95,102,98,96,101,95,99,97}')$$),
('plateau', '18 values, 4 of the last 12 on target', $$SELECT pg_temp.put('revenue', 'sam', '{95,99,102,96,101,95,99,96,103,97,95,102,98,96,101,95,100,97}')$$),
('plateau', '17 values', $$SELECT pg_temp.put('revenue', 'sam', '{99,102,96,101,95,99,96,103,97,95,102,98,96,101,95,99,97}')$$),
('plateau', '18 values that move', $$SELECT pg_temp.put('revenue', 'sam', '{75,79,82,76,81,75,79,86,83,87,95,92,98,96,101,95,99,97}')$$),
('plateau', '18 values around the target', $$SELECT pg_temp.put('revenue', 'sam', '{98,102,105,99,104,98,102,99,106,100,98,105,101,99,104,98,102,100}')$$),
('plateau', '18 values, of which it takes 21', $$SELECT pg_temp.put('revenue', 'sam', '{95,99,102,96,101,95,99,96,103,97,95,102,98,96,101,95,99,97}'); INSERT INTO kra.rule_settings VALUES ('plateau', true, 7)$$),
('low_roi_activity', 'three of six months', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,101,101}'), pg_temp.tail('calls', 'sam', '{400,400,400,400,400,400}')$$),
('low_roi_activity', 'four of six months', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{400,400,400,400,400,400}')$$),
('low_roi_activity', 'four of six months, without effort in one', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{399,400,400,400,400,400}')$$),
('low_roi_activity', 'four of six months, one not measured', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{400,400,NULL,400,400,400}')$$),
('low_roi_activity', 'four of seven months', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{400,400,400,400,400,400,400}')$$),
('low_roi_activity', 'four of five months', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{400,400,400,400,400,400}'); INSERT INTO kra.rule_settings VALUES ('low_roi_activity', true, 5)$$),
('low_roi_activity', 'four of six months that drive nothing', $$SELECT pg_temp.tail('revenue', 'sam', '{99,101,99,99,99,101}'), pg_temp.tail('calls', 'sam', '{400,400,400,400,400,400}'); DELETE FROM kra.kpi_drives WHERE kpi_id = 3$$),
('low_roi_activity', 'quarters of an outcome by month', $$SELECT pg_temp.carry(1, 'activity', since => '2024-03-01'); UPDATE kra.kpis SET cadence = 'quarter' WHERE key = 'k1';
    SELECT pg_temp.put('k1', 'sam', '{1,1,1,1,0,1}', '2025-12-01'), pg_temp.put('revenue', 'sam', '{90,100,100, 100,100,99, 100,100,100, 99,100,100, 99,100,100, 100,99,100, 110,110}')$$);

CREATE TEMP TABLE answers AS SELECT (x.c).* FROM (SELECT pg_temp.try(c, false) AS c FROM cases c OFFSET 0) x;
SELECT count(*) AS cases, count(DISTINCT rule) AS rules, count(*) FILTER (WHERE found IS NOT NULL) AS firing FROM answers;
-- each rule fires, and is silent: those that do not
SELECT rule FROM answers GROUP BY rule HAVING bool_and(found IS NULL) OR bool_and(found IS NOT NULL);
-- waived, it is still there; off, it is silent: those where it is not so
CREATE TEMP TABLE silenced AS SELECT (x.c).* FROM (SELECT pg_temp.try(c, true) AS c FROM cases c WHERE c.n IN (SELECT min(a.n) FROM answers a WHERE a.found IS NOT NULL GROUP BY a.rule) OFFSET 0) x;
SELECT count(*) AS rules, sum(jsonb_array_length(found)) AS findings FROM silenced;
SELECT rule, what, when_off, waived FROM silenced WHERE (when_off = 0 AND waived = format('%s of %1$s', jsonb_array_length(found))) IS NOT TRUE;
\t on
\pset format unaligned
\pset fieldsep ' | '
SELECT a.rule, a.what, coalesce(f->>'about_key', 'silent') || coalesce(': ' || (f->>'message'), ''), f->>'severity', f->>'since', round((f->>'evidence')::numeric, 3)::float8, 'besides: ' || a.others
FROM answers a LEFT JOIN LATERAL jsonb_array_elements(a.found) WITH ORDINALITY e(f, i) ON true ORDER BY a.n, e.i;
-- the diagnoses
SELECT DISTINCT ON (a.what) a.what, f->>'hint' FROM answers a, jsonb_array_elements(a.found) f WHERE a.what ~ '^\d:' AND f->>'about_key' ~ 'sam' ORDER BY a.what, f->>'about_key';
\t off
\pset format aligned

-- Without any data: nothing but what the definitions say.
DELETE FROM kra.measurements;
SELECT DISTINCT rule FROM pg_temp.found;
SELECT count(*) AS lines, count(last_start) AS periods FROM kra.subjects s, kra_internal.card_lines(s.id, '2026-03-20') l;
-- who is not there breaks nothing
SELECT count(*) AS of_nobody FROM kra_internal.findings_of_subject(99, '2026-03-20', kra_internal.rule_limits());
SELECT count(*) AS before_all FROM kra.subjects s, kra_internal.findings_of_subject(s.id, '2024-02-29', kra_internal.rule_limits()) f;
SELECT count(*) FROM kra_internal.findings_of_subject(3, 'infinity', kra_internal.rule_limits());
SELECT count(*) AS no_date FROM kra_internal.findings_of_subject(3, NULL, kra_internal.rule_limits());

-- Readers find what all find of what they see.
SELECT count(*) AS series FROM (SELECT pg_temp.put('revenue', s, '{90,92,89,91,90,92,91,90,89,92,91,90,91,92,89,91,90,92,91}'), pg_temp.put('calls', s, '{480,480,480,480,480,480}'), pg_temp.put('win_rate', s, '{12,12,12,12,12,12}') FROM unnest('{sam,ada}'::text[]) s OFFSET 0) x;
DO $$ BEGIN PERFORM pg_temp.aim('calls', 'sam', '>= 2000', '2026-03-05'), pg_temp.unacknowledge('win_rate', 'sam'); END $$;
UPDATE kra.actions SET due_on = '2026-03-10';
DELETE FROM kra.reviews WHERE period_start = '2026-01-01';
INSERT INTO kra.objectives (key, name, subject_id) VALUES ('one', 'One', 3);
INSERT INTO kra.kpi_drives SELECT c.id, w.id FROM kra.kpis c, kra.kpis w WHERE c.key = 'calls' AND w.key = 'win_rate';
CREATE ROLE regress_kra_sam LOGIN;
DO $$ BEGIN PERFORM kra.grant_reader('regress_kra_sam'); END $$;
UPDATE kra.subjects SET login = 'regress_kra_sam' WHERE key = 'sam';
CREATE TEMP TABLE mine AS SELECT f.* FROM kra_internal.findings_of_subject(3, '2026-03-20', kra_internal.rule_limits()) f;
GRANT SELECT ON mine TO regress_kra_sam;
SELECT string_agg(DISTINCT rule, ' ' ORDER BY rule) AS rules FROM mine;
SET ROLE regress_kra_sam;
SELECT count(*) AS found, count(*) FILTER (WHERE f.about_key = m.about_key AND f.message = m.message AND f.hint IS NOT DISTINCT FROM m.hint) AS alike, (SELECT count(*) FROM mine) AS to_be_found
FROM kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, '2026-03-20', kra_internal.rule_limits()) f LEFT JOIN mine m USING (rule, about_key);
RESET ROLE;
UPDATE kra.subjects SET login = NULL;
DO $$ BEGIN PERFORM kra.revoke_reader('regress_kra_sam'); END $$;
DROP TABLE mine;
DROP ROLE regress_kra_sam;

-- On the way to a target with dates, who keeps the pace misses nothing: not in the results, findings, or what is due.
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
RESET client_min_messages;
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "pace", "name": "Pace", "kind": "person", "role": "r"}, {"key": "slow", "name": "Slow", "kind": "person", "role": "r"}],
    "roles": [{"key": "r", "name": "R", "kras": [{"name": "A", "kpis": [{"key": "seats", "name": "Seats", "kind": "outcome", "over_time": "last", "target": ">= 100 from 50 since 2026-01-01 by 2026-12-31"}]}]}]}');
SELECT count(*) AS recorded FROM unnest('{55,60,64,68,72,76,80,85,89,93}'::float8[]) WITH ORDINALITY v (value, i), unnest('{pace,slow}'::text[]) s,
    LATERAL kra.record('seats', s, ('2026-01-31'::date + make_interval(months => i::integer - 1))::date, CASE s WHEN 'pace' THEN value ELSE 50 + (value - 50) / 2 END) r;
SELECT subject_key, string_agg(status, ' ' ORDER BY period_start) AS status, max(misses_count) AS misses FROM kra.kpi_results('2026-11-05') WHERE period_grain = 'month' GROUP BY 1 ORDER BY 1;
SELECT subject_key, rule_id, message FROM kra.findings(as_of => '2026-11-05') WHERE rule_id IN ('consistently_missed', 'low_roi_activity') ORDER BY 1;
SELECT subject_key, what_text FROM kra.due(as_of => '2026-11-05') WHERE due_kind = 'check_in' ORDER BY 1;
SELECT questions FROM kra.review_agenda('pace', '2026-10', '2026-11-05') WHERE kra IS NOT NULL;
-- a group in which one has no data is not accused of missing
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "team", "name": "Team", "kind": "team"}, {"key": "x1", "name": "X1", "kind": "person", "role": "s", "parent": "team"}, {"key": "x2", "name": "X2", "kind": "person", "role": "s", "parent": "team"}],
    "roles": [{"key": "s", "name": "S", "kras": [{"name": "A", "kpis": [{"key": "sold", "name": "Sold", "kind": "outcome", "target": ">= 100"}]}]}]}');
SELECT count(*) AS recorded FROM generate_series(0, 9) i, LATERAL kra.record('sold', 'x1', ('2026-01-15'::date + make_interval(months => i))::date, 120) r;
SELECT about_key FROM kra.findings(as_of => '2026-11-05') WHERE rule_id = 'consistently_missed' AND kpi_key = 'sold';
SELECT count(*) AS recorded FROM generate_series(0, 9) i, LATERAL kra.record('sold', 'x2', ('2026-01-15'::date + make_interval(months => i))::date, 60) r;
SELECT about_key, message FROM kra.findings(as_of => '2026-11-05') WHERE rule_id = 'consistently_missed' AND kpi_key = 'sold' ORDER BY 1;
-- who was promoted, and carries the KPI on, is as stale as before
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "pro", "name": "Pro", "kind": "person", "role": "s"}], "roles": [{"key": "s2", "name": "S2", "kras": [{"name": "A", "kpis": [{"key": "sold"}]}]}]}');
SELECT recorded_value FROM kra.record('sold', 'pro', '2026-07-15', 120);
SELECT count(*) AS placed FROM kra.define('{"subjects": [{"key": "pro", "role": "s2", "effective_from": "2026-10-20"}]}');
SELECT about_key, message, since_date FROM kra.findings(as_of => '2026-11-05') WHERE rule_id = 'stale_subject';
