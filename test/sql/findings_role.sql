-- Findings about roles and KRAs: each rule where it fires, where it is silent, at its threshold and just past it.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
DROP EXTENSION IF EXISTS pg_trgm;
CREATE SCHEMA t;
SET search_path = t, public;
\pset null '-'

-- KPIs by what they are: q outcome, a ratio; s outcome, a sum; e outcome, a mean, leading; a activity, leading, by hand; b activity, lagging, collected.
INSERT INTO kra.kpis (key, name, kind, timing, over_time, over_subjects, source_relation)
SELECT x.p || i, x.p || i, x.kind::kra.kpi_kind, x.timing, x.over, x.over, x.source
FROM (VALUES ('q', 'outcome', 'lagging', 'ratio', NULL), ('s', 'outcome', 'lagging', 'sum', 'dw.s'), ('e', 'outcome', 'leading', 'mean', NULL),
             ('a', 'activity', 'leading', 'sum', NULL), ('b', 'activity', 'lagging', 'count', 'dw.b')) x (p, kind, timing, over, source), generate_series(1, 9) i;
UPDATE kra.kpis SET state_since = '2025-01-01';

-- A role in short: {"KRA": "kpi kpi*weight kpi@from -kpi@from"}; from 2025-01-01 where nothing is said.
CREATE PROCEDURE role(key text, card jsonb, purpose text DEFAULT 'For something.') LANGUAGE sql AS $$
    INSERT INTO kra.job_roles (key, name, purpose) VALUES (role.key, initcap(replace(role.key, '_', ' ')), role.purpose);
    INSERT INTO kra.result_areas (job_role_id, key, name, position)
    SELECT r.id, a.key, a.key, row_number() OVER () FROM kra.job_roles r, jsonb_each_text(role.card) a WHERE r.key = role.key;
    INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, is_active)
    SELECT a.id, k.id, coalesce(m[4], '2025-01-01')::date, coalesce(m[3], '1')::float8, m[1] IS NULL
    FROM kra.job_roles r
    JOIN kra.result_areas a ON a.job_role_id = r.id
    CROSS JOIN LATERAL regexp_split_to_table(role.card->>a.key, ' +') w
    CROSS JOIN LATERAL regexp_match(w, '^(-)?([a-z0-9]+)(?:\*([0-9.]+))?(?:@(.*))?$') m
    JOIN kra.kpis k ON k.key = m[2]
    WHERE r.key = role.key;
$$;

-- What a rule says of the roles whose keys begin so.
CREATE FUNCTION said(rule text, prefix text, as_of date DEFAULT '2025-06-30', threshold float8 DEFAULT NULL)
RETURNS TABLE (about text, severity text, message text, since text, evidence numeric) LANGUAGE sql STABLE AS $$
    SELECT f.about_key, f.severity, f.message, f.since::text, round(f.evidence::numeric, 6)::float8::numeric
    FROM kra.job_roles r
    CROSS JOIN LATERAL kra_internal.findings_of_role(r.id, said.as_of, kra_internal.rule_limits() || CASE WHEN threshold IS NULL THEN '{}' ELSE jsonb_build_object(said.rule, threshold) END) f
    WHERE starts_with(r.key, prefix) AND f.rule = said.rule ORDER BY f.about_key COLLATE "C";
$$;

-- too_few_kras, too_many_kras: 3 to 5
CALL role('n0', '{}');
CALL role('n1', '{"A": "q1"}');
CALL role('n2', '{"A": "q1", "B": "q2"}');
CALL role('n3', '{"A": "q1", "B": "q2", "C": "q3"}');
CALL role('n5', '{"A": "q1", "B": "q2", "C": "q3", "D": "q4", "E": "q5"}');
CALL role('n6', '{"A": "q1", "B": "q2", "C": "q3", "D": "q4", "E": "q5", "F": "q6"}');
CALL role('n3less', '{"A": "q1", "B": "q2", "C": "q3 -q3@2025-06-30"}');
CALL role('n6less', '{"A": "q1", "B": "q2", "C": "q3", "D": "q4", "E": "q5", "F": "q6 -q6@2025-06-30"}');
SELECT * FROM said('too_few_kras', 'n');
SELECT * FROM said('too_many_kras', 'n');
SELECT * FROM said('too_few_kras', 'n3less', '2025-06-29') UNION ALL SELECT * FROM said('too_many_kras', 'n6less', '2025-06-29');
-- a candidate does not count, a retired one that still stands there does
UPDATE kra.kpis SET state = CASE key WHEN 'q3' THEN 'candidate' ELSE 'retired' END WHERE key IN ('q3', 'q2');
SELECT * FROM said('too_few_kras', 'n') WHERE about IN ('n3', 'n5');
UPDATE kra.kpis SET state = 'active';
-- before its first day a role lacks nothing; after its last nobody misses anything, unless somebody holds it
CALL role('m_later', '{"A": "q1@2025-07-01"}');
CALL role('m_past', '{"A": "q1 -q1@2025-06-01"}', NULL);
CALL role('m_held', '{"A": "q1 -q1@2025-06-01"}');
INSERT INTO kra.subjects (key, name, kind) VALUES ('sam', 'Sam', 'person');
INSERT INTO kra.placements (subject_id, effective_from, job_role_id) SELECT s.id, '2025-01-01', r.id FROM kra.subjects s, kra.job_roles r WHERE r.key = 'm_held';
SELECT r.key, f.rule, f.message FROM kra.job_roles r CROSS JOIN LATERAL kra_internal.findings_of_role(r.id, '2025-06-30', kra_internal.rule_limits()) f WHERE r.key ~ '^m_|^n0$' ORDER BY 1, 2;
SELECT * FROM said('too_few_kras', 'm_', '2025-07-01');

-- role_without_purpose
CALL role('p_none', '{"A": "q1"}', NULL);
CALL role('p_some', '{"A": "q1"}');
SELECT * FROM said('role_without_purpose', 'p_');

-- kra_without_kpi: never any; one whose KPIs were taken off, or are yet to come, is silent
CALL role('w', '{"Empty": "", "Past": "q1 -q1@2025-02-01", "Present": "q2", "To come": "q3@2026-01-01"}');
SELECT * FROM said('kra_without_kpi', 'w');

-- too_many_kpis_in_kra: 3
CALL role('k', '{"Three": "q1 q2 q3", "Four": "q4 q5 q6 q7", "Three again": "q8 q9 s1 s2 -s2@2025-05-01"}');
SELECT * FROM said('too_many_kpis_in_kra', 'k');
SELECT * FROM said('too_many_kpis_in_kra', 'k', '2025-04-30');

-- no_outcome: an outcome without a weight is none
CALL role('o_one', '{"A": "a1"}');
CALL role('o_none', '{"A": "a1 a2", "B": "b1"}');
CALL role('o_zero', '{"A": "a1 q1*0"}');
CALL role('o_some', '{"A": "a1 q1*0.01"}');
SELECT * FROM said('no_outcome', 'o_');

-- activity_heavy: half is fine
CALL role('h_half', '{"A": "a1*2 q1*2"}');
CALL role('h_more', '{"A": "a1*2.01 q1*2"}');
CALL role('h_zero', '{"A": "a1*0 q1*0"}');
SELECT * FROM said('activity_heavy', 'h_');
SELECT * FROM said('activity_heavy', 'h_', threshold => 0.6);

-- leading_only, lagging_only
CALL role('t_leading', '{"A": "a1 e1", "B": "e2"}');
CALL role('t_lagging', '{"A": "q1 s1", "B": "b1"}');
CALL role('t_both', '{"A": "q1 e1"}');
CALL role('t_one', '{"A": "q1"}');
SELECT * FROM said('leading_only', 't_');
SELECT * FROM said('lagging_only', 't_');

-- quantity_without_quality: a warning of activities, info of outcomes; with a rate, a mean, a scale or a percentage beside it, silent
CALL role('g', '{"Activity": "a1 b1", "Mixed": "a2 s1", "Outcome": "s2 s3", "Beside a rate": "a3 q1", "Beside a mean": "s4 e1", "Percent": "s5 s6", "Quality": "q2"}');
UPDATE kra.kpis SET unit = ' % ' WHERE key = 's6';
SELECT * FROM said('quantity_without_quality', 'g');

-- manual_activity: of what is entered by hand half may be activities
CALL role('y_half', '{"A": "a1 q1 b1 b2"}');
CALL role('y_more', '{"A": "a1 a2 q1 s1"}');
CALL role('y_all', '{"A": "a1 a2 s1"}');
CALL role('y_one', '{"A": "a1 s1"}');
CALL role('y_none', '{"A": "b1 s1"}');
SELECT * FROM said('manual_activity', 'y_');

-- weights_not_whole: off, unless a company turns it on
CALL role('z_whole', '{"A": "q1*0.1 q2*0.2 q3*0.7"}');
CALL role('z_less', '{"A": "q1*0.3 q2*0.6"}');
SELECT * FROM said('weights_not_whole', 'z_');
INSERT INTO kra.rule_settings VALUES ('weights_not_whole', true);
SELECT * FROM said('weights_not_whole', 'z_');
SELECT * FROM said('weights_not_whole', 'z_', threshold => 0.9);
DELETE FROM kra.rule_settings;

-- missing_perspective: of the KRAs in force
CALL role('v_four', '{"A": "q1", "B": "q2", "C": "q3", "D": "q4"}');
CALL role('v_three', '{"A": "q1", "B": "q2", "C": "q3", "D": "q4 -q4@2025-03-01"}');
CALL role('v_one', '{"A": "q1", "C": "q2"}');
CALL role('v_none', '{"E": "q1"}');
UPDATE kra.result_areas a SET perspective = CASE a.key WHEN 'A' THEN 'financial' WHEN 'B' THEN 'customer' WHEN 'C' THEN 'process' WHEN 'D' THEN 'people' END
FROM kra.job_roles r WHERE r.id = job_role_id AND r.key ~ '^v_' AND NOT (r.key = 'v_one' AND a.key = 'C');
SELECT * FROM said('missing_perspective', 'v_');
SELECT * FROM said('missing_perspective', 'v_', threshold => 3);
SELECT * FROM said('missing_perspective', 'v_four', threshold => 5);

-- copied_kpis: by name, whatever the key; 4 of 5 are 0.8, 3 of 4 less
INSERT INTO kra.kpis (key, name, kind) VALUES ('c1', 'Calls', 'activity'), ('c2', ' calls ', 'activity'), ('c3', 'Mails', 'activity'), ('c4', 'MAILS', 'activity'), ('c5', 'Alone', 'outcome'),
    ('d1', 'D1', 'outcome'), ('d2', 'D2', 'outcome'), ('d3', 'D3', 'outcome'), ('d4', 'D4', 'outcome'), ('d5', 'D5', 'outcome');
CALL role('c_a', '{"A": "c1 c3"}');
CALL role('c_b', '{"A": "c2", "B": "c4"}');
CALL role('c_c', '{"A": "c1", "B": "c4 c5"}');
CALL role('c_one', '{"A": "c5"}');
CALL role('c_another', '{"A": "c5"}');
CALL role('d_a', '{"A": "d1 d2 d3 d4 d5"}');
CALL role('d_b', '{"A": "d1 d2 d3 d4"}');
CALL role('d_c', '{"A": "d1 d2 d3 -d3@2025-07-01"}');
SELECT * FROM said('copied_kpis', 'c_');
SELECT * FROM said('copied_kpis', 'd_');
SELECT * FROM said('copied_kpis', 'c_', threshold => 2.0 / 3);
SELECT * FROM said('copied_kpis', 'd_', '2025-07-01', threshold => 0.5);

-- kra_not_revisited: 12 months; what is set again, or asked again, begins them anew
CALL role('r', '{"Old": "q1", "New": "q2 q3@2025-01-02", "Asked": "q4", "Gone": "q5 -q5@2025-02-01"}');
UPDATE kra.result_areas SET revisited_on = '2025-03-31' WHERE key = 'Asked';
SELECT * FROM said('kra_not_revisited', 'r', '2026-01-01');
SELECT * FROM said('kra_not_revisited', 'r', '2026-01-02');
SELECT * FROM said('kra_not_revisited', 'r', '2026-03-31');
SELECT * FROM said('kra_not_revisited', 'r', '2026-04-01');
SELECT * FROM said('kra_not_revisited', 'r', '2025-02-16', threshold => 0.5);

-- kra_is_task, by its name
SELECT count(*) AS names, count(*) FILTER (WHERE (kra_internal.task_in_name(n) IS NOT NULL) <> is_task) AS wrong, string_agg(n, ', ') FILTER (WHERE (kra_internal.task_in_name(n) IS NOT NULL) <> is_task) AS which
FROM (
    SELECT false, unnest(ARRAY['Support quality', 'Plan adherence', 'Research output', 'Process quality', 'Hiring', 'Training', 'Revenue growth', 'Launch readiness', 'Win rate', 'Lead generation',
        'Hold time', 'Handle time', 'Close rate', 'Run rate', 'Build reliability', '24/7 availability', 'Code review', 'Release 2.1.3 stability', 'Market share', 'Report accuracy', 'ISO 9001:2015 conformity',
        'Design', 'Marching bands', 'Mayor''s office', 'Production', 'Q&A', 'Contract management', 'Improvement', 'Manager development', 'Follow-up', 'Makers', 'Cost per unit', 'Growth', 'Keepers of the keys',
        'Customer satisfaction', 'Record keeping', 'Open source', 'Take rate', 'Start-ups', 'Check-in experience', 'Service desk 2nd level', 'Sales in the south', 'B2B', '5S', 'Team of 12', 'Maybe'])
    UNION ALL
    SELECT true, unnest(ARRAY['Launch the shop', 'Run quarterly audits', 'Increase revenue', 'Complete onboarding of new staff', 'INCREASE REVENUE', '  increase   revenue', 'Manage stakeholders', 'Reduce churn', 'Hire 5 engineers',
        'Set up a CRM', 'Roll out CRM', 'Win new customers', 'Support the sales team', 'Plan an offsite', 'Optimise spend', 'Optimize spend', 'Revenue 2026', 'Shop launch Q3', 'Q3/26 launch', 'Savings FY26', 'H1 hiring', '2026-Q1 targets',
        'Migration by March', 'Shop live by the end of May', 'Audits until 31.12.', 'Audits until 31.12.2026', 'Go-live on 3/31/2026', 'Launch on March 3rd', 'Fair, 3rd of june 2027', 'Fair 3 June', 'Growth this year', 'Release before the end of the quarter',
        'Hiring (2027)', 'Plan 2026/27', 'Week 12 rollout', 'Jan ''26 campaign'])
) x (is_task, n);
SELECT n, kra_internal.task_in_name(n) FROM unnest(ARRAY['Launch the shop', 'increase revenue', 'Roll out CRM', 'Shop launch Q3', 'Migration by the end of March', 'Audits until 31.12.', 'Savings FY26', 'Revenue 2026', 'Revenue growth', '', NULL]) n;
CALL role('j', '{"Increase revenue": "q1", "Shop launch Q3": "", "Reduce churn": "q2 -q2@2025-02-01", "Revenue growth": "q3"}');
SELECT * FROM said('kra_is_task', 'j');
-- or by what is measured: at least 3 values, only 1 and 0, and not that 0 is asked for
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects) SELECT v.key, v.key, 'outcome', v.over, v.over
FROM (VALUES ('done', 'sum'), ('done2', 'max'), ('accidents', 'sum'), ('twice', 'sum'), ('nothing', 'sum'), ('few', 'sum'), ('full', 'ratio')) v (key, over);
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, v.month::date, kra.actual_agg(v.value, v.month::date)
FROM (VALUES ('done', '2025-01-01', 0), ('done', '2025-02-01', 1), ('done', '2025-03-01', 0), ('done2', '2025-01-01', 1), ('done2', '2025-02-01', 1), ('done2', '2025-03-01', 1),
             ('accidents', '2025-01-01', 0), ('accidents', '2025-02-01', 1), ('accidents', '2025-03-01', 0), ('twice', '2025-01-01', 0), ('twice', '2025-02-01', 1), ('twice', '2025-03-01', 2),
             ('nothing', '2025-01-01', 0), ('nothing', '2025-02-01', 0), ('nothing', '2025-03-01', 0), ('few', '2025-01-01', 0), ('few', '2025-02-01', 1),
             ('full', '2025-01-01', 1), ('full', '2025-02-01', 1), ('full', '2025-03-01', 0)) v (key, month, value)
JOIN kra.kpis k ON k.key = v.key CROSS JOIN kra.subjects s GROUP BY k.id, s.id, v.month;
CALL role('i', '{"Done": "done", "Safety": "accidents", "Twice": "twice", "Nothing": "nothing", "Few": "few", "Full": "full"}');
CALL role('i2', '{"Both": "done done2"}');
CALL role('i3', '{"Beside": "done twice"}');
UPDATE kra.result_area_kpis SET target = '<= 0' WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'accidents');
SELECT * FROM said('kra_is_task', 'i');
SELECT * FROM said('kra_is_task', 'i', '2025-02-28');

-- kra_churn: one change a year is fine; what came on the first day, or more than a year ago, is none
CALL role('x_one', '{"A": "q1 q2", "B": "q3 -q3@2025-06-01"}');
CALL role('x_two', '{"A": "q1 q2", "B": "q3 -q3@2025-06-01", "C": "q4@2025-09-01"}');
CALL role('x_old', '{"A": "q1 q2", "B": "q3 -q3@2025-06-01", "C": "q4@2025-06-30", "D": "q5@2024-01-01"}');
CALL role('x_renamed', '{"Pipeline": "q1 q2 -q1@2025-06-01 -q2@2025-06-01", "Funnel": "q1@2025-06-01 q3@2025-06-01 q2@2025-06-01", "Revenue": "s1 -s1@2025-06-01", "Happiness": "e1@2025-06-01"}');
CALL role('x_half', '{"Pipeline": "q1 q2 -q1@2025-06-01 -q2@2025-06-01", "Funnel": "q1@2025-06-01", "B": "q4", "C": "q5@2025-08-01"}');
CALL role('x_third', '{"Pipeline": "q1 q2 -q1@2025-06-01 -q2@2025-06-01", "Funnel": "q1@2025-06-01 q3@2025-06-01", "B": "q4", "C": "q5@2025-08-01"}');
CALL role('x_alike', '{"Customer success": "q1 -q1@2025-06-01", "Success of customers": "q2@2025-06-01", "B": "q4", "C": "q5@2025-08-01"}');
CALL role('x_back', '{"A": "q1", "B": "q2 -q2@2025-03-01 q2@2025-04-01"}');
CALL role('x_within', '{"A": "q1 q2 -q1@2025-03-01 q3@2025-04-01 -q2@2025-05-01"}');
CALL role('x_named', '{"A": "q1", "B": "q2"}');
SELECT * FROM said('kra_churn', 'x_', '2025-12-31');
SELECT * FROM said('kra_churn', 'x_t', '2025-12-31', threshold => 2);
SELECT * FROM said('kra_churn', 'x_', '2026-05-31');
SELECT * FROM said('kra_churn', 'x_old', '2026-06-01', threshold => 0);
SELECT * FROM said('kra_churn', 'x_old', '2026-06-30', threshold => 0);
SELECT change, old_name, new_name, changed_on FROM kra.job_roles r, kra_internal.kra_changes(r.id, '2023-01-01', '2025-12-31') WHERE r.key = 'x_old' ORDER BY changed_on, change;
-- a candidate makes no KRA
UPDATE kra.kpis SET state = 'candidate' WHERE key = 'q4';
SELECT count(*) AS of_candidates FROM said('kra_churn', 'x_two', '2025-12-31');
UPDATE kra.kpis SET state = 'active' WHERE key = 'q4';
-- names that were changed in place: not case and blanks, and not on the first day
SELECT * FROM said('kra_churn', 'x_named', '2025-12-31');
INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation, before, after)
SELECT v.at::timestamptz, 'someone', 'result_areas', 'x', 'update', jsonb_build_object('job_role_id', r.id, 'name', v.a), jsonb_build_object('job_role_id', r.id, 'name', v.b)
FROM kra.job_roles r, (VALUES ('2025-01-01 12:00', 'B0', 'B1'), ('2025-02-02', 'B1', ' b1'), ('2025-03-03 23:59', 'B1', 'B2'), ('2025-04-04', 'B2', 'B')) v (at, a, b) WHERE r.key = 'x_named';
SELECT * FROM said('kra_churn', 'x_named', '2025-12-31');
SELECT count(*) AS one_only FROM said('kra_churn', 'x_named', '2025-04-03');
-- by pg_trgm, in whatever schema it is: names that are alike are one KRA renamed
CREATE SCHEMA "Tri gram";
CREATE EXTENSION pg_trgm SCHEMA "Tri gram";
SELECT kra_internal.trigram_schema(), round(kra_internal.likeness(kra_internal.trigram_schema(), 'Customer success', 'Success of customers')::numeric, 2) AS alike;
SELECT * FROM said('kra_churn', 'x_alike', '2025-12-31');
-- who may not use it does without
CREATE ROLE regress_kra_reader;
SELECT kra.grant_reader('regress_kra_reader');
GRANT USAGE ON SCHEMA t TO regress_kra_reader;
SET ROLE regress_kra_reader;
SELECT kra_internal.trigram_schema();
SELECT message FROM said('kra_churn', 'x_alike', '2025-12-31');
-- a reader reads the names of KRAs that were, and no more of the log
SELECT message FROM said('kra_churn', 'x_named', '2025-12-31');
SELECT count(*) FROM kra.definition_log;
-- and, who sees no subject, the same of definitions as everybody
CREATE TEMP TABLE as_reader AS SELECT f.* FROM kra.job_roles r CROSS JOIN LATERAL kra_internal.findings_of_role(r.id, '2025-12-31', kra_internal.rule_limits()) f;
RESET ROLE;
REVOKE ALL ON SCHEMA t FROM regress_kra_reader;
DROP EXTENSION pg_trgm;
SELECT (SELECT count(*) FROM as_reader) AS findings, coalesce(sum((a.rule IS NULL)::int), 0) AS less, coalesce(sum((b.rule IS NULL)::int), 0) AS more,
       string_agg(DISTINCT coalesce(a.rule, b.rule) || ' ' || coalesce(a.about_key, b.about_key), ', ') AS which
FROM as_reader a
FULL JOIN (SELECT f.* FROM kra.job_roles r CROSS JOIN LATERAL kra_internal.findings_of_role(r.id, '2025-12-31', kra_internal.rule_limits()) f) b ON (a.rule, a.about_kind, a.about_key, a.message) = (b.rule, b.about_kind, b.about_key, b.message)
WHERE a.rule IS NULL OR b.rule IS NULL;
DROP TABLE as_reader;

-- all rules of roles have fired here, each with its own thing, once
SELECT count(DISTINCT f.rule) AS rules, count(*) - count(DISTINCT (f.rule, f.about_kind, f.about_key)) AS twice, count(*) FILTER (WHERE f.about_kind <> r.about_kind) AS of_another_kind,
       count(*) FILTER (WHERE (f.evidence IS NULL) <> (r.threshold IS NULL)) AS odd_evidence
FROM kra.job_roles o CROSS JOIN LATERAL kra_internal.findings_of_role(o.id, '2025-12-31', kra_internal.rule_limits() || '{"weights_not_whole": 1}') f JOIN kra_internal.built_in_rules() r ON r.rule = f.rule;
SELECT r.rule AS never FROM kra_internal.built_in_rules() r WHERE r.about_kind IN ('role', 'kra')
AND r.rule NOT IN (SELECT f.rule FROM kra.job_roles o CROSS JOIN (VALUES (date '2025-12-31'), ('2026-12-31')) v (d) CROSS JOIN LATERAL kra_internal.findings_of_role(o.id, v.d, kra_internal.rule_limits() || '{"weights_not_whole": 1}') f);
-- whatever the thresholds are, and however early or late it is
SELECT v.threshold, v.day, count(*) > 0 AS some FROM (VALUES (0, date '2025-12-31'), (1e9, '2025-12-31'), (1, '1950-01-01'), (1, '9000-01-01')) v (threshold, day)
CROSS JOIN LATERAL (SELECT jsonb_object_agg(r.rule, CASE WHEN r.threshold IS NOT NULL THEN v.threshold END) AS limits FROM kra_internal.built_in_rules() r) l
CROSS JOIN kra.job_roles o CROSS JOIN LATERAL kra_internal.findings_of_role(o.id, v.day, l.limits) f GROUP BY 1, 2 ORDER BY 1, 2;
-- a rule that is off is silent, and a role that is none has nothing
SELECT count(*) AS off FROM kra.job_roles o CROSS JOIN LATERAL kra_internal.findings_of_role(o.id, '2025-12-31', '{}') f;
SELECT count(*) AS nobody FROM kra_internal.findings_of_role(-1, '2025-12-31', kra_internal.rule_limits()) f;

SELECT kra.revoke_reader('regress_kra_reader');
DROP ROLE regress_kra_reader;
DROP SCHEMA "Tri gram";
DROP SCHEMA t CASCADE;
