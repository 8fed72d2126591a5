-- findings_fair: whom findings must leave alone: who came back, who cannot be reviewed, who was seen
-- only before; and keys, waivers and days that might be taken for others.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'
CREATE ROLE regress_kra_old;
CREATE ROLE regress_kra_new;
SELECT kra.grant_reader('regress_kra_old'), kra.grant_reader('regress_kra_new');

-- Two departments; the team went over from the old one to the new one on 20 December 2025. All is well.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2024-03-01",
  "subjects": [
    {"key": "acme", "name": "Acme", "kind": "company"},
    {"key": "old", "name": "Old", "kind": "team", "parent": "acme", "login": "regress_kra_old"},
    {"key": "new", "name": "New", "kind": "team", "parent": "acme", "login": "regress_kra_new"},
    {"key": "team", "name": "Team", "kind": "team", "parent": "old"},
    {"key": "sam", "name": "Sam", "kind": "person", "parent": "team", "role": "seller"},
    {"key": "kim", "name": "Kim", "kind": "person", "parent": "team", "role": "quarterly"},
    {"key": "lee", "name": "Lee", "kind": "person", "parent": "new", "role": "seller"},
    {"key": "bob", "name": "Bob", "kind": "person", "parent": "old", "role": "seller"}],
  "roles": [
    {"key": "seller", "name": "Seller", "kras": [{"name": "Revenue", "kpis": [{"key": "revenue", "name": "Revenue", "kind": "outcome", "unit": "$", "target": ">= 100"}]}]},
    {"key": "quarterly", "name": "Planner", "kras": [{"name": "Margin", "kpis": [{"key": "margin", "name": "Margin", "kind": "outcome", "cadence": "quarter", "unit": "$", "target": ">= 100"}]}]}]}');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, p.at, kra.actual_agg(CASE WHEN s.key <> 'lee' THEN 110 WHEN extract(month FROM p.at) % 2 = 0 THEN 95 ELSE 70 END, p.at)
FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2024-04-01', '2026-02-01', interval '1 month') g, LATERAL (SELECT g::date AS at) p
WHERE (k.key, s.key) IN (('revenue', 'sam'), ('revenue', 'bob')) OR (k.key, s.key) = ('revenue', 'lee') AND p.at < '2025-03-01'
   OR (k.key, s.key) = ('margin', 'kim') AND p.at <= '2025-10-01' AND extract(month FROM p.at) IN (1, 4, 7, 10)
GROUP BY k.id, s.id, p.at;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target)
SELECT k.id, s.id, '2024-03-05', rk.target FROM kra.kpis k JOIN kra.result_area_kpis rk ON rk.kpi_id = k.id CROSS JOIN kra.subjects s WHERE s.kind = 'person';
INSERT INTO kra.placements (subject_id, effective_from, parent_id)
SELECT s.id, '2025-12-20', p.id FROM kra.subjects s, kra.subjects p WHERE s.key = 'team' AND p.key = 'new';
-- Lee missed her target, was away for a year, and came back on 10 March 2026
INSERT INTO kra.placements (subject_id, effective_from, is_active) SELECT s.id, '2025-03-01', false FROM kra.subjects s WHERE s.key = 'lee';
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id)
SELECT s.id, '2026-03-10', p.id, r.id FROM kra.subjects s, kra.subjects p, kra.job_roles r WHERE s.key = 'lee' AND p.key = 'new' AND r.key = 'seller';
-- the reviews of all months since June, each with an action
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, closed_at)
SELECT s.id, 'month', p::date, kra.scorecard_of(s.key, to_char(p, 'YYYY-MM'), '2026-03-20', true), p + interval '1 month 2 days'
FROM kra.subjects s, generate_series(timestamp '2025-06-01', '2026-02-01', interval '1 month') p WHERE s.key IN ('sam', 'bob');
INSERT INTO kra.actions (review_id, subject_id, description, owner_id, due_on, created_at)
SELECT r.id, r.subject_id, 'Ask three lost customers why', r.subject_id, '2027-03-31', r.closed_at FROM kra.reviews r;

-- nothing is wrong with anybody, on any of these days, for whoever looks
CREATE VIEW looked AS
SELECT d.day, count(*) AS looked_at, string_agg(f.found, '; ' ORDER BY f.found) AS found
FROM (VALUES (date '2025-12-18'), ('2026-01-10'), ('2026-01-25'), ('2026-03-20')) d (day)
CROSS JOIN LATERAL (SELECT s.id FROM kra.subjects s WHERE s.kind = 'person') s
LEFT JOIN LATERAL (SELECT format('%s: %s', f.about_key, f.message) AS found FROM kra_internal.findings_of_subject(s.id, d.day, kra_internal.rule_limits()) f) f ON true
GROUP BY d.day;
GRANT SELECT ON looked TO regress_kra_old, regress_kra_new;
ALTER VIEW looked SET (security_invoker = true);
SELECT * FROM looked ORDER BY day;
SET ROLE regress_kra_old;
SELECT * FROM looked ORDER BY day;
SELECT subject_key, count(*) FROM kra.findings(as_of => '2026-03-20') WHERE subject_key IS NOT NULL GROUP BY 1;
RESET ROLE;
SET ROLE regress_kra_new;
SELECT * FROM looked ORDER BY day;
RESET ROLE;

-- and where something is: the same, a while later, when others are measured
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, p::date, kra.actual_agg(110, p) FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2026-03-01', '2026-04-01', interval '1 month') p
WHERE k.key = 'revenue' AND s.key = 'sam' GROUP BY k.id, s.id, p;
SELECT f.rule, f.about_key, f.message FROM kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, '2026-05-20', kra_internal.rule_limits()) f
WHERE s.kind = 'person' AND f.rule IN ('stale_subject', 'review_overdue', 'consistently_missed') ORDER BY f.about_key, f.rule;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, p::date, kra.actual_agg(80, p) FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2026-03-01', '2026-05-01', interval '1 month') p
WHERE k.key = 'revenue' AND s.key = 'lee' GROUP BY k.id, s.id, p;
SELECT d.day, f.message FROM (VALUES (date '2026-05-20'), ('2026-06-01')) d (day), kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, d.day, kra_internal.rule_limits()) f
WHERE s.key = 'lee' AND f.rule = 'consistently_missed' ORDER BY d.day;

-- days that are none
SELECT (SELECT count(*) FROM kra.findings(as_of => NULL)) AS of_none, (SELECT count(*) FROM kra.findings(as_of => 'infinity')) AS later, (SELECT count(*) FROM kra.findings(as_of => '-infinity')) AS before;

-- Keys that hold what stands between keys: each row has a key of its own, and can be waived by it.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2024-03-01",
  "subjects": [
    {"key": "a", "name": "A", "kind": "person", "parent": "new", "role": "x"},
    {"key": "a / b", "name": "A of B", "kind": "person", "parent": "new", "role": "x"},
    {"key": "\"a", "name": "Quoted", "kind": "person", "parent": "new", "role": "x"}],
  "roles": [
    {"key": "x", "name": "X", "kras": [{"key": "y / z", "name": "Z", "kpis": [{"key": "c", "name": "C 100 % %s", "kind": "outcome"}, {"key": "b / c", "name": "B\nC", "kind": "activity"}]}]},
    {"key": "x / y", "name": "XY", "kras": [{"key": "z", "name": "Z", "kpis": [{"key": "c"}]}]}]}');
SELECT row_key FROM kra.findings(as_of => '2026-03-20') WHERE rule_id IN ('no_target', 'quantity_without_quality') AND kpi_key IS DISTINCT FROM 'revenue' ORDER BY row_key COLLATE "C";
SELECT (SELECT count(*) FROM kra.findings(as_of => '2026-03-20')) - (SELECT count(DISTINCT row_key) FROM kra.findings(as_of => '2026-03-20')) AS findings_twice,
       (SELECT count(*) FROM kra.due(as_of => '2026-03-20')) - (SELECT count(DISTINCT row_key) FROM kra.due(as_of => '2026-03-20')) AS due_twice,
       (SELECT count(*) > 40 FROM kra.findings(as_of => '2026-03-20')) AS many;
CREATE TEMP TABLE to_waive AS SELECT row_key, subject_key FROM kra.findings() WHERE rule_id IN ('no_target', 'quantity_without_quality', 'no_unit', 'role_without_purpose');
SELECT count(*) AS waivers, count(subject_key) AS of_subjects FROM to_waive t CROSS JOIN LATERAL kra.waive(t.row_key, 'a test', current_date) w;
SELECT count(*) AS waived, count(*) FILTER (WHERE f.subject_key IS DISTINCT FROM t.subject_key) AS of_others FROM kra.findings() f JOIN to_waive t USING (row_key) WHERE f.is_waived;
SELECT count(*) FILTER (WHERE kra.unwaive(t.row_key)) AS ended FROM to_waive t;

-- A waiver is for those who see its subject: one that names another subject silences nothing.
SELECT kra.grant_author('regress_kra_old');
SET ROLE regress_kra_old;
INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) SELECT 'no_target', 'target:a / c', s.id, 'none of his business', '2030-01-01' FROM kra.subjects s WHERE s.key = 'bob';
SELECT kra.waive('no_target:target:a / c', 'none of his business', current_date);
RESET ROLE;
SELECT row_key, is_waived FROM kra.findings(as_of => '2026-03-20') WHERE row_key = 'no_target:target:a / c';

-- A target that was changed in place is not in force as it is for longer than that.
DELETE FROM kra.acknowledgements a USING kra.subjects s WHERE s.id = a.subject_id AND s.key = 'bob';
UPDATE kra.result_area_kpis rk SET target = '>= 105' FROM kra.kpis k WHERE k.id = rk.kpi_id AND k.key = 'revenue';
UPDATE kra.result_area_kpis rk SET revised_at = '2026-03-10' FROM kra.kpis k WHERE k.id = rk.kpi_id AND k.key = 'revenue';
SELECT d.day, f.message, f.since FROM (VALUES (date '2026-03-09'), ('2026-03-24'), ('2026-03-25')) d (day), kra.subjects s
CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, d.day, kra_internal.rule_limits()) f
WHERE s.key = 'bob' AND f.rule = 'imposed_target' ORDER BY d.day;

-- The same rates at another size are no copy; the same amounts are.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2024-03-01",
  "subjects": [{"key": "small", "name": "Small", "kind": "team", "parent": "acme"}, {"key": "large", "name": "Large", "kind": "team", "parent": "acme"},
    {"key": "p1", "name": "P1", "kind": "person", "parent": "large"}, {"key": "p2", "name": "P2", "kind": "person", "parent": "large"}, {"key": "p3", "name": "P3", "kind": "person", "parent": "small"}],
  "kpis": [{"key": "on_time", "name": "On time", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio"},
    {"key": "no_error", "name": "Without error", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio"},
    {"key": "parcels", "name": "Parcels", "kind": "outcome"}],
  "targets": [{"kpi": "on_time", "subject": "small", "target": ">= 95"}, {"kpi": "on_time", "subject": "large", "target": ">= 95"},
    {"kpi": "no_error", "subject": "small", "target": ">= 98"}, {"kpi": "no_error", "subject": "large", "target": ">= 98"}]}');
SELECT count(*) AS copied FROM kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, '2026-03-20', kra_internal.rule_limits()) f WHERE f.rule = 'copied_from_unit';
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2024-03-01', '>= 1000' FROM kra.kpis k, kra.subjects s WHERE k.key = 'parcels' AND s.key IN ('small', 'large');
SELECT f.message FROM kra.subjects s CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, '2026-03-20', kra_internal.rule_limits()) f WHERE f.rule = 'copied_from_unit';

-- Of few people the values are few: whether a KPI is only ever done or not done shows to those who see all.
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2024-03-01", "roles": [{"key": "quarterly", "kras": [{"name": "Deals", "kpis": [{"key": "deals", "name": "Deals", "kind": "outcome", "target": ">= 1"}]}]}]}');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, p::date, kra.actual_agg(CASE s.key WHEN 'kim' THEN 1 ELSE 7 END, p) FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2026-01-01', '2026-03-01', interval '1 month') p
WHERE k.key = 'deals' AND s.key IN ('kim', 'bob') GROUP BY k.id, s.id, p;
SELECT kra.revoke_author('regress_kra_old'), kra.grant_reader('regress_kra_new');
SET ROLE regress_kra_new;
SELECT count(*) AS seen, min(kra.value(m.actual, 'sum')), max(kra.value(m.actual, 'sum')) FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id WHERE k.key = 'deals';
SELECT count(*) AS tasks FROM kra.findings(as_of => '2026-03-20') WHERE rule_id = 'kra_is_task';
RESET ROLE;
DELETE FROM kra.measurements m USING kra.kpis k, kra.subjects s WHERE k.id = m.kpi_id AND s.id = m.subject_id AND k.key = 'deals' AND s.key = 'bob';
SELECT about_key, message FROM kra.findings(as_of => '2026-03-20') WHERE rule_id = 'kra_is_task';

-- The same target set again is the same to who came to see its subject only after that: it was acknowledged.
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_at) SELECT k.id, s.id, v.since, v.target::kra.kpi_target, v.since
FROM kra.kpis k, kra.subjects s, (VALUES ('sam', date '2024-03-01', '>= 100'), ('sam', '2025-10-01', '>= 100'), ('kim', '2024-03-01', '>= 100'), ('kim', '2025-10-01', '>= 101')) v (subject, since, target)
WHERE k.key = 'revenue' AND s.key = v.subject;
SET ROLE regress_kra_new;
SELECT s.key, count(a.*) AS acknowledgements, (SELECT string_agg(t.effective_from || ' ' || t.target, ', ' ORDER BY t.effective_from) FROM kra.targets t WHERE t.subject_id = s.id) AS targets
FROM kra.subjects s JOIN kra.kpis k ON k.key = 'revenue' LEFT JOIN kra.acknowledgements a ON a.subject_id = s.id AND a.kpi_id = k.id WHERE s.key IN ('sam', 'kim') GROUP BY s.id ORDER BY s.key;
SELECT rule_id, about_key FROM kra.findings(as_of => '2026-03-20') WHERE rule_id = 'imposed_target' AND kpi_key = 'revenue';
RESET ROLE;

DROP VIEW looked;
DROP OWNED BY regress_kra_old, regress_kra_new;
DROP ROLE regress_kra_old, regress_kra_new;
