-- due: what is due or overdue, by whom, as of fixed days; who sees it; and what is told, once a day.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
SET jit = off;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

CREATE ROLE regress_kra_lead;
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_zed;
CREATE ROLE regress_kra_author;
CREATE ROLE regress_kra_admin;

-- company > north (lead) > sam, ada, and a vendor; company > south > zed. Only north has a card of its own.
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2024-01-01",
  "objectives": [{"key": "grow", "name": "Grow", "subject": "co"}, {"key": "care", "name": "Care"}],
  "kpis": [{"key": "revenue", "name": "Revenue closed", "kind": "outcome", "unit": "$", "objective": "grow"},
    {"key": "demos", "name": "Demos held", "kind": "outcome", "cadence": "week", "objective": "grow"},
    {"key": "calls", "name": "Calls", "kind": "activity", "cadence": "day"},
    {"key": "nps", "name": "NPS", "kind": "outcome", "cadence": "quarter", "over_time": "mean", "over_subjects": "mean"},
    {"key": "deals", "name": "Deals", "kind": "outcome", "source": "wh.deals"},
    {"key": "idea", "name": "Idea", "kind": "outcome", "state": "candidate"},
    {"key": "old", "name": "Old", "kind": "outcome", "state": "retired", "state_reason": "of no use"},
    {"key": "churn", "name": "Churn", "kind": "outcome"}],
  "roles": [
    {"key": "ae", "name": "Account executive", "kras": [{"name": "Growth", "kpis": [{"key": "revenue", "weight": 3, "target": ">= 100"}, {"key": "idea", "target": ">= 1"}, {"key": "old", "target": ">= 1"}, {"key": "deals", "weight": 1, "target": ">= 2"}]}]},
    {"key": "sdr", "name": "Sales development", "kras": [{"name": "Pipeline", "kpis": [{"key": "demos", "weight": 1}, {"key": "calls", "weight": 1}, {"key": "nps", "weight": 1}]}]},
    {"key": "unit", "name": "Unit", "kras": [{"name": "Unit", "kpis": [{"key": "churn", "target": "<= 5"}, {"key": "revenue", "target": ">= 200"}]}]}],
  "subjects": [{"key": "co", "name": "The company", "kind": "company"},
    {"key": "north", "name": "North", "kind": "team", "parent": "co", "role": "unit", "login": "regress_kra_lead"}, {"key": "south", "name": "South", "kind": "team", "parent": "co"},
    {"key": "sam", "name": "Sam Ito", "kind": "person", "parent": "north", "role": "ae", "login": "regress_kra_sam"}, {"key": "ada", "name": "Ada", "kind": "person", "parent": "north", "role": "sdr"},
    {"key": "zed", "name": "Zed", "kind": "person", "parent": "south", "login": "regress_kra_zed"}, {"key": "acme", "name": "Acme", "kind": "vendor", "parent": "north"}]}');
SELECT kra.grant_reader('regress_kra_lead'), kra.grant_reader('regress_kra_sam'), kra.grant_reader('regress_kra_zed'), kra.grant_author('regress_kra_author'), kra.grant_admin('regress_kra_admin');

-- What is asked again and again: one kind, or all.
CREATE FUNCTION pg_temp.due(as_of date, kind text DEFAULT NULL, ahead int DEFAULT 14) RETURNS TABLE (row_key text, "by" text, login text, what text, due date, late int, period text) LANGUAGE sql AS
$$ SELECT row_key, owner_key, owner_login, what_text, due_date, CASE WHEN is_overdue THEN overdue_day_count END, period_label FROM kra.due(as_of, ahead) WHERE due_kind = kind OR kind IS NULL ORDER BY due_date, row_key COLLATE "C" $$;

-- Nothing was measured, and nothing is over: on the first day only what is asked of a first week is in sight.
SELECT * FROM pg_temp.due('2024-01-01', ahead => 4);
-- Measurements. A day and its morrow; a week, a month and a quarter and 5 days; not what is collected, a candidate, retired,
-- on nobody's card, or the sum of members (revenue of north).
SELECT * FROM pg_temp.due('2024-01-02', 'measurement');
SELECT * FROM pg_temp.due('2024-01-31', 'measurement');
SELECT * FROM pg_temp.due('2024-04-05', 'measurement');
SELECT * FROM pg_temp.due('2024-04-06', 'measurement') WHERE late = 1;
SELECT what FROM pg_temp.due('2024-04-09', 'measurement') WHERE row_key = 'measurement:ada / calls';
-- ahead: from what is late to what is not
SELECT n AS ahead, string_agg(substr(d.row_key, 13) || coalesce(' late ' || d.late, ''), ', ' ORDER BY d.due, d.row_key COLLATE "C") AS due FROM unnest('{-4,-3,0,1,4}'::int[]) n LEFT JOIN LATERAL pg_temp.due('2024-04-08', 'measurement', n) d ON true GROUP BY n ORDER BY n;
-- recorded, it is gone; a gap before it is not asked for again, and one after it counts
SELECT recorded_value FROM kra.record('revenue', 'sam', '2024-02-10', 90);
SELECT row_key, what, due FROM pg_temp.due('2024-03-01', 'measurement') WHERE "by" = 'sam';
SELECT row_key, what, due FROM pg_temp.due('2024-04-01', 'measurement') WHERE "by" = 'sam';
SELECT row_key, what, due FROM pg_temp.due('2024-05-01', 'measurement') WHERE "by" = 'sam';
SELECT recorded_value FROM kra.record('revenue', 'sam', '2024-04-10', 110);
SELECT row_key, what, due FROM pg_temp.due('2024-05-01', 'measurement') WHERE "by" = 'sam';
-- who came later, has another role, or another card is asked for what began after that
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT s.id, '2024-04-10', p.id, r.id FROM kra.subjects s, kra.subjects p, kra.job_roles r WHERE s.key = 'zed' AND p.key = 'south' AND r.key = 'ae';
SELECT a AS as_of, row_key, what FROM unnest('{2024-05-01,2024-05-31}'::date[]) a, pg_temp.due(a, 'measurement') WHERE "by" = 'zed';
SELECT kra_internal.carried_since(k.id, s.id, a) AS zed_since FROM kra.kpis k, kra.subjects s, unnest('{2024-04-09,2024-04-10,2024-05-01}'::date[]) a WHERE k.key = 'revenue' AND s.key = 'zed';
-- moved to another team with the same role: since the beginning; off the card, and on again: since then
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT s.id, '2024-06-15', p.id, r.id FROM kra.subjects s, kra.subjects p, kra.job_roles r WHERE s.key = 'zed' AND p.key = 'co' AND r.key = 'ae';
SELECT kra_internal.carried_since(k.id, s.id, '2024-07-01') AS moved FROM kra.kpis k, kra.subjects s WHERE k.key = 'revenue' AND s.key = 'zed';
BEGIN;
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, is_active) SELECT rk.result_area_id, rk.kpi_id, v.d, v.a FROM kra.result_area_kpis rk JOIN kra.kpis k ON k.id = rk.kpi_id JOIN kra.result_areas ra ON ra.id = rk.result_area_id, (VALUES (date '2024-07-01', false), ('2024-08-20', true)) v(d, a) WHERE k.key = 'revenue' AND ra.name = 'Growth';
SELECT a AS as_of, kra_internal.carried_since(k.id, s.id, a) AS since FROM kra.kpis k, kra.subjects s, unnest('{2024-06-30,2024-07-01,2024-08-20,2024-09-30}'::date[]) a WHERE k.key = 'revenue' AND s.key = 'zed';
SELECT a AS as_of, what FROM unnest('{2024-07-31,2024-08-31,2024-09-30}'::date[]) a, pg_temp.due(a, 'measurement') WHERE "by" = 'zed';
ROLLBACK;
-- from one KRA to another on a day: without a gap
BEGIN;
INSERT INTO kra.result_areas (job_role_id, key, name) SELECT id, 'money', 'Money' FROM kra.job_roles WHERE key = 'ae';
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, is_active) SELECT ra.id, k.id, '2024-07-01', ra.key = 'money' FROM kra.result_areas ra, kra.kpis k WHERE k.key = 'revenue' AND ra.name IN ('Money', 'Growth');
SELECT kra_internal.carried_since(k.id, s.id, '2024-08-01') AS since FROM kra.kpis k, kra.subjects s WHERE k.key = 'revenue' AND s.key = 'sam';
ROLLBACK;
-- promoted later than it came onto the card: since then
BEGIN;
UPDATE kra.kpis SET state = 'active', state_since = '2024-03-10' WHERE key = 'idea';
SELECT a AS as_of, what FROM unnest('{2024-03-31,2024-04-30,2024-05-31}'::date[]) a, pg_temp.due(a, 'measurement') WHERE row_key = 'measurement:sam / idea';
ROLLBACK;
-- a group that is measured itself: when its members do not carry it, or no longer
SELECT recorded_value FROM kra.record('churn', 'north', '2024-03-31', 4);
SELECT row_key, what FROM pg_temp.due('2024-04-01', 'measurement') WHERE "by" = 'north';
SELECT row_key, what FROM pg_temp.due('2024-04-30', 'measurement') WHERE "by" = 'north';
-- who is gone is asked for nothing
BEGIN;
INSERT INTO kra.placements (subject_id, effective_from, is_active) SELECT id, '2024-05-01', false FROM kra.subjects WHERE key = 'ada';
SELECT count(*) FILTER (WHERE a = '2024-04-30') AS before, count(*) FILTER (WHERE a = '2024-05-01') AS after FROM unnest('{2024-04-30,2024-05-01}'::date[]) a, pg_temp.due(a) WHERE "by" = 'ada';
ROLLBACK;

-- Check-ins: 14 days after the month whose target was missed; after one, 14 days more; the next month is another question.
SELECT * FROM pg_temp.due('2024-02-29', 'check_in');
SELECT a AS as_of, row_key, "by", what, due, late FROM unnest('{2024-03-14,2024-03-15}'::date[]) a, pg_temp.due(a, 'check_in', 0);
INSERT INTO kra.check_ins (subject_id, checked_at, comment) SELECT id, '2024-03-10 23:59Z', 'two more are coming' FROM kra.subjects WHERE key = 'sam';
SELECT a AS as_of, due, late FROM unnest('{2024-03-09,2024-03-10,2024-03-25}'::date[]) a, pg_temp.due(a, 'check_in');
SELECT count(*) AS without_data_nothing_is_missed FROM pg_temp.due('2024-04-01', 'check_in');
SELECT count(*) AS met FROM pg_temp.due('2024-05-01', 'check_in') WHERE "by" = 'sam';
-- several: the one with the greatest weight is named
BEGIN;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source) SELECT k.id, s.id, '2024-02-01', kra.actual_agg(1, '2024-02-28'), 'wh.deals' FROM kra.kpis k, kra.subjects s WHERE k.key = 'deals' AND s.key = 'sam' GROUP BY k.id, s.id;
SELECT what FROM pg_temp.due('2024-03-01', 'check_in');
UPDATE kra.kpis SET state = 'active' WHERE key IN ('idea', 'old');
SELECT recorded_value FROM unnest('{idea,old}'::text[]) k, LATERAL kra.record(k, 'sam', '2024-02-01', 0);
SELECT what FROM pg_temp.due('2024-03-01', 'check_in');
INSERT INTO kra.settings (check_in_days) VALUES (1);
SELECT due FROM pg_temp.due('2024-03-01', 'check_in');
ROLLBACK;

-- Acknowledgements: of a person's targets, its own or its role's, 14 days after they came in force; of a group its own alone.
SELECT * FROM pg_temp.due('2024-01-02', 'acknowledgement');
SELECT a AS as_of, count(*), max(late) AS late FROM unnest('{2024-01-14,2024-01-15,2024-01-16}'::date[]) a, pg_temp.due(a, 'acknowledgement', 0) GROUP BY a ORDER BY a;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target) SELECT k.id, s.id, '2024-01-10 12:00Z', 'x', '>= 100' FROM kra.kpis k, kra.subjects s WHERE k.key = 'revenue' AND s.key = 'sam';
SELECT a AS as_of, row_key FROM unnest('{2024-01-09,2024-01-10,2024-01-11}'::date[]) a, pg_temp.due(a, 'acknowledgement') WHERE "by" = 'sam' ORDER BY 1, 2;
-- another target: due again, from the day on which it holds
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_at) SELECT k.id, s.id, '2024-02-01', v.t::kra.kpi_target, v.at FROM kra.kpis k JOIN (VALUES ('revenue', 'sam', '>= 120', timestamptz '2024-01-20 12:00Z'), ('churn', 'north', '<= 4', '2024-02-11 12:00Z'), ('churn', 'south', '<= 3', '2024-01-01 12:00Z')) v(k, s, t, at) ON v.k = k.key JOIN kra.subjects s ON s.key = v.s;
SELECT * FROM pg_temp.due('2024-01-31', 'acknowledgement') WHERE row_key ~ 'revenue';
SELECT * FROM pg_temp.due('2024-02-20', 'acknowledgement') WHERE row_key ~ 'revenue|churn';
-- changed in place: 14 days from then; none at all: not due
BEGIN;
UPDATE kra.targets SET target = '>= 130', revised_at = '2024-02-10 12:00Z' WHERE target = '>= 120';
UPDATE kra.targets SET revised_at = '2024-02-10 12:00Z' WHERE target = '>= 130';
SELECT what, due FROM pg_temp.due('2024-02-20', 'acknowledgement') WHERE row_key ~ 'revenue';
UPDATE kra.targets SET target = NULL WHERE target = '>= 130';
SELECT count(*) AS without_a_target FROM pg_temp.due('2024-02-20', 'acknowledgement') WHERE row_key ~ 'revenue';
ROLLBACK;
-- who has come to the role later has 14 days from then
SELECT a AS as_of, row_key, due FROM unnest('{2024-05-01,2024-07-01}'::date[]) a, pg_temp.due(a, 'acknowledgement') WHERE "by" = 'zed' ORDER BY 1, 2;
-- by the rule: its threshold, and off
BEGIN;
INSERT INTO kra.rule_settings (rule, threshold) VALUES ('imposed_target', 2.5), ('review_overdue', 0);
SELECT row_key, due FROM pg_temp.due('2024-01-02', 'acknowledgement');
SELECT row_key, due FROM pg_temp.due('2024-02-29', 'review') ;
UPDATE kra.rule_settings SET is_enabled = false;
SELECT count(*) AS off FROM pg_temp.due('2024-02-29') WHERE row_key ~ '^(review|acknowledgement)';
ROLLBACK;

-- Reviews: of the last month that was measured, by who is above, 14 days after its end. Of the month before, too, until that is
-- what the rule review_overdue asks for.
SELECT * FROM pg_temp.due('2024-02-28', 'review');
SELECT * FROM pg_temp.due('2024-02-29', 'review');
SELECT a AS as_of, row_key, due, late FROM unnest('{2024-03-14,2024-03-15,2024-03-31,2024-04-13,2024-04-14}'::date[]) a, pg_temp.due(a, 'review') WHERE row_key ~ 'sam' ORDER BY 1, 2;
-- closed, by its own or by a longer period with the same end
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, closed_at) SELECT s.id, v.g, v.at, kra.scorecard_of(s.key, v.l), v.closed FROM (VALUES ('sam', 'month', date '2024-02-01', '2024-02', timestamptz '2024-03-10 12:00Z'), ('ada', 'quarter', '2024-01-01', '2024-Q1', '2024-04-03 12:00Z')) v(s, g, at, l, closed) JOIN kra.subjects s ON s.key = v.s;
SELECT a AS as_of, row_key, due, late FROM unnest('{2024-03-09,2024-03-10,2024-04-02,2024-04-03}'::date[]) a, pg_temp.due(a, 'review') WHERE row_key ~ 'sam|ada' ORDER BY 1, 2;
-- who came within the month has none; who has nobody above holds it himself
SELECT a AS as_of, row_key, "by" FROM unnest('{2024-05-01,2024-06-01}'::date[]) a, pg_temp.due(a, 'review') WHERE row_key ~ 'zed' ORDER BY 1;
SELECT recorded_value FROM kra.record('churn', 'north', '2024-05-31', 4);
SELECT a AS as_of, row_key, "by" FROM unnest('{2024-05-01,2024-06-01}'::date[]) a, pg_temp.due(a, 'review') WHERE row_key ~ 'zed' ORDER BY 1;
BEGIN;
INSERT INTO kra.placements (subject_id, effective_from, job_role_id) SELECT s.id, '2024-06-01', r.id FROM kra.subjects s, kra.job_roles r WHERE s.key = 'zed' AND r.key = 'ae';
SELECT row_key, "by", login FROM pg_temp.due('2024-06-01', 'review') WHERE row_key ~ 'zed';
-- by quarters, of years from April
INSERT INTO kra.settings (review_cadence, fiscal_year_start_month) VALUES ('quarter', 4);
SELECT row_key, due, period FROM pg_temp.due('2024-06-30', 'review');
ROLLBACK;

-- Milestones and actions: as agreed, until they are done.
INSERT INTO kra.milestones (objective_id, key, name, owner_id, due_on, completion, completed_on)
SELECT o.id, v.k, v.n, (SELECT id FROM kra.subjects WHERE key = v.s), v.due::date, v.c, v.done::date
FROM (VALUES ('grow', 'beta', 'Beta live', 'sam', '2024-06-14', 0.6, NULL), ('grow', 'ga', 'Live', 'zed', '2024-06-15', 0, NULL), ('grow', 'plan', 'Plan', NULL, '2024-05-31', 1, '2024-06-02'), ('grow', 'some', 'Some day', 'sam', NULL, 0, NULL),
    ('care', 'desk', 'Help desk', NULL, '2024-06-01', 0, NULL), ('care', 'faq', 'FAQ', 'ada', '2024-06-02', 0, NULL)) v(o, k, n, s, due, c, done) JOIN kra.objectives o ON o.key = v.o;
SELECT row_key, subject_key, owner_key, objective_key, objective_name, what_text, due_date, overdue_day_count FROM kra.due(as_of => '2024-05-31') WHERE due_kind = 'milestone' ORDER BY due_date, row_key;
SELECT a AS as_of, string_agg(row_key || coalesce(' late ' || late, ''), ', ' ORDER BY row_key) FROM unnest('{2024-06-01,2024-06-02,2024-06-15}'::date[]) a, pg_temp.due(a, 'milestone', 0) GROUP BY a ORDER BY a;
INSERT INTO kra.actions (id, subject_id, kpi_id, description, owner_id, due_on, created_at, done_on)
SELECT 100 + v.n, s.id, k.id, v.d, o.id, v.due::date, v.at::timestamptz, v.done::date
FROM (VALUES (1, 'sam', 'revenue', 'Call the ten largest', 'sam', '2024-06-10', '2024-05-10 12:00Z', NULL), (2, 'sam', NULL, 'Ask for help', 'north', '2024-06-14', '2024-05-10 12:00Z', '2024-06-16'), (3, 'sam', NULL, 'Lend a hand', 'zed', '2024-06-12', '2024-05-10 12:00Z', NULL), (4, 'ada', NULL, 'Later', 'ada', '2024-06-30', '2024-06-20 12:00Z', NULL)) v(n, s, k, d, o, due, at, done)
JOIN kra.subjects s ON s.key = v.s JOIN kra.subjects o ON o.key = v.o LEFT JOIN kra.kpis k ON k.key = v.k;
SELECT row_key, subject_key, owner_key, owner_login, kpi_key, objective_key, what_text, due_date FROM kra.due(as_of => '2024-05-31') WHERE due_kind = 'action' ORDER BY due_date, row_key;
SELECT a AS as_of, string_agg(row_key || coalesce(' late ' || late, ''), ', ' ORDER BY row_key) FROM unnest('{2024-05-09,2024-06-10,2024-06-11,2024-06-15,2024-06-16,2024-06-20}'::date[]) a, pg_temp.due(a, 'action') GROUP BY a ORDER BY a;

-- Who sees what: his own, and those below; an author definitions, but no results; of the rest nothing but what he is to do himself.
CREATE TEMP TABLE seen (who text, row_key text, subject_key text, owner_key text, owner_login text, what_text text);
GRANT ALL ON seen TO PUBLIC;
SET ROLE regress_kra_sam;   INSERT INTO seen SELECT current_user, row_key, subject_key, owner_key, owner_login, what_text FROM kra.due(as_of => '2024-06-03');
SET ROLE regress_kra_lead;  INSERT INTO seen SELECT current_user, row_key, subject_key, owner_key, owner_login, what_text FROM kra.due(as_of => '2024-06-03');
SET ROLE regress_kra_zed;   INSERT INTO seen SELECT current_user, row_key, subject_key, owner_key, owner_login, what_text FROM kra.due(as_of => '2024-06-03');
SET ROLE regress_kra_author; INSERT INTO seen SELECT current_user, row_key, subject_key, owner_key, owner_login, what_text FROM kra.due(as_of => '2024-06-03');
SET ROLE regress_kra_admin; INSERT INTO seen SELECT current_user, row_key, subject_key, owner_key, owner_login, what_text FROM kra.due(as_of => '2024-06-03');
RESET ROLE;
SELECT replace(who, 'regress_kra_', '') AS who, split_part(row_key, ':', 1) AS kind, count(*), string_agg(DISTINCT subject_key, ' ' ORDER BY subject_key) AS about, string_agg(DISTINCT owner_key, ' ' ORDER BY owner_key) AS "by" FROM seen GROUP BY 1, 2 ORDER BY 1, 2;
SELECT row_key, subject_key, owner_key, owner_login, what_text FROM seen WHERE who = 'regress_kra_zed' ORDER BY row_key COLLATE "C";
-- asked for by its id: what an author sees of it is what is defined
SELECT id AS sam FROM kra.subjects WHERE key = 'sam' \gset
SET ROLE regress_kra_author;
SELECT kind, key, what FROM kra_internal.due_of_subject(:sam, '2024-06-03', 14, kra_internal.rule_limits(), '2024-06-01') ORDER BY 2;
SET ROLE regress_kra_zed;
SELECT count(*) AS of_another FROM kra_internal.due_of_subject(:sam, '2024-06-03', 14, kra_internal.rule_limits(), '2024-06-01');
SELECT count(*) > 0 AS by_the_view, count(*) FILTER (WHERE subject_key <> 'zed') AS of_others FROM kra_bi.due;
RESET ROLE;
-- sam sees that his review is due, but not who is above him
SELECT row_key, owner_key, owner_login, what_text FROM seen WHERE who = 'regress_kra_sam' AND row_key LIKE 'review%' ORDER BY 1;
-- an admin sees it all
SELECT count(*) > 20 AS many, count(*) FILTER (WHERE s.row_key IS NULL) AS not_seen FROM kra.due(as_of => '2024-06-03') d LEFT JOIN seen s ON s.who = 'regress_kra_admin' AND s.row_key = d.row_key;
-- what happened before he came is hidden from the one above: it is not asked for, for it may be there
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT s.id, '2024-07-01', p.id, r.id FROM kra.subjects s, kra.subjects p, kra.job_roles r WHERE s.key = 'zed' AND p.key = 'north' AND r.key = 'ae';
SELECT recorded_value FROM kra.record('revenue', 'zed', '2024-05-31', 50);
SELECT row_key, what FROM pg_temp.due('2024-07-01') WHERE row_key ~ '(measurement|check_in|review):zed' ORDER BY 1;
SELECT row_key, what FROM pg_temp.due('2024-07-31') WHERE row_key ~ '(measurement|check_in|review):zed' ORDER BY 1;
SET ROLE regress_kra_lead;
SELECT row_key, what FROM pg_temp.due('2024-07-01') WHERE row_key ~ 'zed' ORDER BY 1;
SELECT row_key, what FROM pg_temp.due('2024-07-31') WHERE row_key ~ 'zed' ORDER BY 1;
RESET ROLE;

-- nor is a quarter of which he sees a part taken for the whole
BEGIN;
INSERT INTO kra.settings (review_cadence) VALUES ('quarter');
UPDATE kra.placements SET effective_from = '2024-08-01' WHERE effective_from = '2024-07-01';
SELECT sum(recorded_value) AS recorded FROM (VALUES ('2024-07-01', 250), ('2024-08-01', 30), ('2024-09-01', 30)) v(d, n), LATERAL kra.record('revenue', 'zed', v.d::date, v.n) r;
SELECT count(*) AS met FROM pg_temp.due('2024-09-30', 'check_in') WHERE "by" = 'zed';
SET LOCAL ROLE regress_kra_lead;
SELECT count(*) AS not_known FROM pg_temp.due('2024-09-30', 'check_in') WHERE "by" = 'zed';
ROLLBACK;

-- The view is the function today, and a question about one subject asks no more than that.
WITH f AS MATERIALIZED (SELECT * FROM kra.due(current_date, 14)) SELECT count(*) > 0 AS some, (SELECT count(*) FROM (TABLE kra_bi.due EXCEPT ALL TABLE f) d) + (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE kra_bi.due) d) AS different FROM f;
WITH f AS MATERIALIZED (SELECT * FROM kra.due(as_of => '2024-06-03')) SELECT count(*) AS rows, count(DISTINCT row_key) AS keys, (SELECT count(*) FROM kra.due(as_of => '2024-06-03') d WHERE d.subject_key = 'sam') = count(*) FILTER (WHERE subject_key = 'sam') AS same, count(*) FILTER (WHERE is_overdue <> (overdue_day_count > 0) OR overdue_day_count <> greatest(date '2024-06-03' - due_date, 0)) AS odd FROM f;
SET track_functions = 'pl';
BEGIN;
SELECT count(*) > 0 AS some FROM kra.due(as_of => '2024-06-03') WHERE subject_key = 'sam';
SELECT pg_stat_get_xact_function_calls('kra_internal.due_of_subject'::regproc) AS subjects_asked;
SELECT count(*) > 0 AS some FROM kra.due(as_of => '2024-06-03');
SELECT pg_stat_get_xact_function_calls('kra_internal.due_of_subject'::regproc) AS subjects_asked;
COMMIT;
RESET track_functions;
-- days that are none
SELECT count(*) AS null_day FROM kra.due(as_of => NULL);
SELECT count(*) AS null_ahead FROM kra.due('2024-06-03', NULL);
SELECT count(*) FROM kra.due(as_of => 'infinity');
SELECT count(*) FROM kra.due('2024-06-03', 2147483647);
-- keys with slashes and quotes: no two rows have one key
SELECT kra_internal.about_key('a', 'b'), kra_internal.about_key('a / b'), kra_internal.about_key('a /', 'b'), kra_internal.about_key('a', '/ b'), kra_internal.about_key('"a', 'b\'), kra_internal.about_key('ü', 'b c'), kra_internal.about_key('2023/24-Q4', 'a/'), kra_internal.about_key('a', '/b'), kra_internal.about_key('/'), kra_internal.about_key(NULL, 'a');

-- Telling: each item once a day, and as often as one asks again.
SELECT count(*) AS due FROM kra.due(as_of => '2024-06-03') \gset
SELECT kra.notify_due(as_of => '2024-06-03') = :due AS all_told, kra.notify_due(as_of => '2024-06-03') AS told_already, kra.notify_due(as_of => '2024-06-03', again => true) = :due AS all_again;
SELECT count(*) = :due AS remembered, min(sent_on), max(sent_on) FROM kra_internal.notices;
-- what is new is told; the next day everything is, again
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at) SELECT id, 'One more', id, '2024-06-05', '2024-06-03 12:00Z' FROM kra.subjects WHERE key = 'co';
SELECT kra.notify_due('other channel', '2024-06-03') AS new_one;
UPDATE kra.actions SET done_on = '2024-06-04' WHERE id = 103;
SELECT kra.notify_due(as_of => '2024-06-04') = (SELECT count(*) FROM kra.due(as_of => '2024-06-04')) AS next_day;
-- what is done is remembered for a while; what was long ago is forgotten
SELECT item, sent_on FROM kra_internal.notices WHERE sent_on < '2024-06-04';
INSERT INTO kra_internal.notices VALUES ('action:x', '2024-05-05'), ('action:y', '2024-05-04');
SELECT kra.notify_due(as_of => '2024-06-04') AS nothing_new;
SELECT item FROM kra_internal.notices WHERE item IN ('action:x', 'action:y');
-- a rollback takes it back
TRUNCATE kra_internal.notices;
BEGIN;
SELECT kra.notify_due(as_of => '2024-06-03') > 0 AS told;
ROLLBACK;
SELECT count(*) AS remembered FROM kra_internal.notices;
-- keys that are too long for an index
INSERT INTO kra.subjects (key, name, kind) VALUES (repeat(U&'\+01F680', 200), repeat('Long ', 40), 'person');
UPDATE kra.kpis SET key = key || repeat(U&'\+01F680', 60);
INSERT INTO kra.placements (subject_id, effective_from, job_role_id) SELECT s.id, '2024-01-01', r.id FROM kra.subjects s, kra.job_roles r WHERE length(s.key) = 200 AND r.key = 'ae';
SELECT kra.notify_due(as_of => '2024-06-03') > 0 AS told, kra.notify_due(as_of => '2024-06-03') AS again;
SELECT count(*) AS long, max(octet_length(item)) AS longest FROM kra_internal.notices WHERE item LIKE '%...%';
-- a channel of 63 bytes and of more, none, and days that are none
SELECT kra.notify_due(repeat('ü', 31) || 'x', '2024-06-03', again => true) > 0 AS channel_63;
SELECT kra.notify_due(repeat('ü', 32), '2024-06-03');
SELECT kra.notify_due('', '2024-06-03');
SELECT kra.notify_due(NULL, '2024-06-03');
SELECT kra.notify_due(as_of => NULL);
SELECT kra.notify_due(as_of => 'infinity');
SELECT kra.notify_due(again => NULL);
-- an admin tells; readers and authors may not, whatever they were given
TRUNCATE kra_internal.notices;
SET ROLE regress_kra_admin;
SELECT kra.notify_due(as_of => '2024-06-03') = (SELECT count(*) FROM kra.due(as_of => '2024-06-03')) AS told_by_admin;
SET ROLE regress_kra_sam;
SELECT kra.notify_due(as_of => '2024-06-03');
SET ROLE regress_kra_author;
SELECT kra.notify_due(as_of => '2024-06-03');
TABLE kra_internal.notices;
RESET ROLE;
GRANT EXECUTE ON FUNCTION kra.notify_due TO regress_kra_author;
SET ROLE regress_kra_author;
SELECT kra.notify_due(as_of => '2024-06-03');
RESET ROLE;

DROP EXTENSION kra CASCADE;
DROP OWNED BY regress_kra_lead, regress_kra_sam, regress_kra_zed, regress_kra_author, regress_kra_admin;
DROP ROLE regress_kra_lead, regress_kra_sam, regress_kra_zed, regress_kra_author, regress_kra_admin;
CREATE EXTENSION kra;
