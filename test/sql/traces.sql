-- traces: who may do what, kind by kind; answers to targets; and what is forged, backdated, rewritten or removed is refused or logged.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = error;
DROP EXTENSION IF EXISTS kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

-- Kim leads Sam, who has a login, and Bo, who has none; Lou leads nobody. Kim's is the team, and the team is below the company.
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_kim;
CREATE ROLE regress_kra_lou;
CREATE ROLE regress_kra_clerk;
CREATE ROLE regress_kra_chief;
SELECT kra.grant_reader('regress_kra_sam'), kra.grant_reviewer('regress_kra_kim'), kra.grant_target_setter('regress_kra_kim'), kra.grant_author('regress_kra_lou'), kra.grant_keeper('regress_kra_clerk'), kra.grant_admin('regress_kra_chief');
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company"}, {"key": "team", "name": "Team", "kind": "team", "parent": "co", "login": "regress_kra_kim", "role": "lead"},
    {"key": "sam", "name": "Sam", "kind": "person", "parent": "team", "role": "rep", "login": "regress_kra_sam"}, {"key": "bo", "name": "Bo", "kind": "person", "parent": "team", "role": "rep"},
    {"key": "lou", "name": "Lou", "kind": "person", "parent": "co", "role": "rep", "login": "regress_kra_lou"}],
  "objectives": [{"key": "grow", "name": "Grow", "subject": "team", "milestones": [{"key": "plan", "name": "Plan", "owner": "sam"}]}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Sales", "kpis": [{"key": "demos", "name": "Demos", "kind": "outcome", "over_time": "sum", "target": ">= 10"}]}]},
    {"key": "lead", "name": "Lead", "kras": [{"name": "Sales", "kpis": [{"key": "talks", "name": "Talks", "kind": "activity", "over_time": "sum", "target": ">= 2"}]}]}]}');
UPDATE kra.subjects SET login = 'regress_kra_clerk' WHERE key = 'co';   -- sees all below

-- Nobody without the kind.
SET ROLE regress_kra_sam;
SELECT kra.close_review('sam', '2025-03');
SELECT kra.set_target('demos', 'sam', '>= 1', '2025-01-01');
SELECT * FROM kra.record('demos', 'sam', '2025-03-01', 99);
SELECT * FROM kra.collect();
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10');
SELECT kra.note_acknowledgement('demos', 'sam', 'yes', 'Sam', '2025-01-02');
INSERT INTO kra.reviews (subject_id, period_grain, period_start) SELECT id, 'month', '2025-03-01' FROM kra.subjects;
UPDATE kra.check_ins SET comment = 'x';
DELETE FROM kra.actions;
-- An author defines: no results, no reviews, no targets of their own.
SET ROLE regress_kra_lou;
SELECT * FROM kra.record('demos', 'lou', '2025-03-01', 99);
SELECT kra.close_review('sam', '2025-03');
SELECT kra.set_target('demos', 'lou', '>= 1', '2025-01-01');
SELECT count(*) FROM kra.define('{"effective_from": "2025-01-01", "targets": [{"kpi": "demos", "subject": "lou", "target": ">= 1"}]}');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2025-01-01', NULL FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('demos', 'lou');
SELECT kra.set_target('demos', 'sam', '>= 9', '2025-02-01') AS of_others;
UPDATE kra.targets SET subject_id = (SELECT id FROM kra.subjects WHERE key = 'lou');
-- A target setter sets those below, and never their own.
SET ROLE regress_kra_kim;
SELECT kra.set_target('demos', 'sam', '>= 12', '2025-03-01') AS below, kra.set_target('demos', 'bo', '>= 8', '2025-01-01') AS bo;
SELECT kra.set_target('talks', 'team', NULL, '2025-01-01');
SELECT kra.set_target('demos', 'lou', '>= 99', '2025-01-01');
DELETE FROM kra.targets WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'team');
SELECT count(*) FROM kra.define('{"kpis": [{"key": "fresh", "name": "Fresh", "kind": "activity"}]}');
SELECT * FROM kra.record('demos', 'sam', '2025-03-01', 99);
-- A keeper records what they see, and sets no target.
SET ROLE regress_kra_clerk;
SELECT s AS subject, r.recorded_value FROM unnest('{sam,bo,lou}'::text[]) s, LATERAL kra.record('demos', s, '2025-03-31', 9) r;
SELECT recorded_value FROM kra.record('talks', 'team', '2025-03-31', 3);
SELECT kra.set_target('demos', 'sam', '>= 1', '2025-01-01');
SELECT kra.close_review('sam', '2025-03');
RESET ROLE;

-- Reviews: of those below, with the card as it is.
SET ROLE regress_kra_kim;
SELECT kra.close_review('team', '2025-03');
SELECT kra.close_review('lou', '2025-03');
SELECT kra.score(kra.close_review('sam', '2025-03', 'so so')) AS score;
-- by SQL it is the same: a card that was made up, another day and another name do not come in
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, summary, closed_at, closed_by)
SELECT id, 'month', '2025-03-01', kra.scorecard('Sales', 'demos', 'outcome', 1000, '>= 10', 1), 'great', '2025-04-01', 'regress_kra_chief' FROM kra.subjects WHERE key = 'bo';
SELECT s.key, kra.score(r.card) AS score, (r.card -> 'demos').actual, r.closed_by, r.closed_at > now() - interval '1 hour' AS now FROM kra.reviews r JOIN kra.subjects s ON s.id = r.subject_id ORDER BY 1;
INSERT INTO kra.reviews (subject_id, period_grain, period_start) SELECT id, 'month', '2025-03-02' FROM kra.subjects WHERE key = 'bo';
INSERT INTO kra.reviews (subject_id, period_grain, period_start) SELECT id, 'month', '2999-03-01' FROM kra.subjects WHERE key = 'bo';
INSERT INTO kra.reviews (subject_id, period_grain, period_start) SELECT id, 'month', '2025-03-01' FROM kra.subjects WHERE key = 'team';
UPDATE kra.reviews SET summary = 'x';
SET ROLE regress_kra_chief;
UPDATE kra.reviews SET closed_at = '2025-04-01';
UPDATE kra.reviews SET card = kra.scorecard('Sales', 'demos', 'outcome', 1000, '>= 10', 1);
UPDATE kra.reviews SET summary = 'corrected' WHERE summary = 'so so';
DELETE FROM kra.reviews WHERE summary = 'corrected';
INSERT INTO kra.reviews (subject_id, period_grain, period_start, closed_at, closed_by) SELECT id, 'month', '2025-03-01', '2020-01-01', 'x' FROM kra.subjects WHERE key = 'sam';
SELECT s.key, r.closed_by, r.closed_at > now() - interval '1 hour' AS now FROM kra.reviews r JOIN kra.subjects s ON s.id = r.subject_id ORDER BY 1;
RESET ROLE;
SELECT changed_by, row_key, operation, is_result FROM kra.definition_log WHERE table_name = 'reviews' ORDER BY id;

-- Actions, milestones and check-ins: made now, by whom they are made, and what is changed later is logged.
SET ROLE regress_kra_kim;
SELECT kra.add_action('sam', 'Call', 'sam', '2025-09-10') > 0 AS added;
SELECT kra.add_action('team', 'Call', 'sam', '2025-09-10');
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at) SELECT id, 'Old', id, '2025-01-10', '2024-01-01' FROM kra.subjects WHERE key = 'sam';
SELECT description, created_at > now() - interval '1 hour' AS now FROM kra.actions ORDER BY id;
UPDATE kra.actions SET (description, created_at) = ('Call back', '2024-01-01') WHERE description = 'Call';
DELETE FROM kra.actions WHERE description = 'Old';
SELECT description, created_at > now() - interval '1 hour' AS now FROM kra.actions ORDER BY id;
SELECT kra.complete_milestone('grow', 'plan', '2025-02-01') AS of_sam;
SELECT kra.set_milestone('grow', 'own', 'Own', owner => 'team');
UPDATE kra.milestones SET owner_id = (SELECT id FROM kra.subjects WHERE key = 'team');
DELETE FROM kra.milestones;
SET ROLE regress_kra_sam;
SELECT kra.check_in('sam', 'well') > 0 AS checked_in;
INSERT INTO kra.check_ins (subject_id, comment, checked_by) SELECT id, 'x', 'regress_kra_kim' FROM kra.subjects WHERE key = 'sam';
SET ROLE regress_kra_chief;
UPDATE kra.check_ins SET (comment, checked_at, checked_by) = ('badly', '2020-01-01', 'regress_kra_kim');
SELECT comment, checked_by, checked_at > now() - interval '1 hour' AS now FROM kra.check_ins;
DELETE FROM kra.check_ins;
RESET ROLE;
SELECT changed_by, table_name, operation, before->>'comment' AS before, after->>'comment' AS after FROM kra.definition_log WHERE table_name IN ('check_ins', 'actions') ORDER BY id;
-- the log of results is for those who see all
SET ROLE regress_kra_lou;
SELECT count(*) > 5 AS definitions, count(*) FILTER (WHERE is_result) AS results FROM kra.definition_log;
RESET ROLE;

-- Measurements: a keeper's rows are by hand and of now, and what is changed is logged.
SET ROLE regress_kra_clerk;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, recorded_at) SELECT k.id, s.id, '2025-05-01', kra.actual_agg(7, date '2025-05-01'), '2025-05-02' FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('demos', 'bo') GROUP BY 1, 2;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source) SELECT k.id, s.id, '2025-06-01', kra.actual_agg(7, date '2025-06-01'), 'wh.demos' FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('demos', 'bo') GROUP BY 1, 2;
UPDATE kra.measurements SET actual = (SELECT kra.actual_agg(8, date '2025-05-01')), recorded_at = '2025-05-02' WHERE period_start = '2025-05-01';
UPDATE kra.measurements SET source = 'wh.demos' WHERE period_start = '2025-05-01';
SELECT period_start, kra.value(actual, 'sum') AS v, recorded_at > now() - interval '1 hour' AS now FROM kra.measurements WHERE period_start = '2025-05-01';
DELETE FROM kra.measurements WHERE period_start = '2025-05-01';
RESET ROLE;
SELECT changed_by, row_key, operation, before->'actual' IS NOT NULL AS before, after->'actual' IS NOT NULL AS after FROM kra.definition_log WHERE table_name = 'measurements' ORDER BY id;

-- Answers to targets.
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('demos', 'sam', answer => 'no');
SELECT kra.acknowledge('demos', 'sam', 'why', 'maybe');
SELECT kra.acknowledge('demos', 'sam', 'why', 'counter');
SELECT kra.acknowledge('demos', 'sam', 'why', counter_target => '>= 10');
SELECT kra.acknowledge('demos', 'sam', 'why', 'counter', '>= 12');
SELECT kra.acknowledge('demos', 'bo');
SELECT kra.acknowledge('demos', 'sam', 'Ten would do.', 'counter', '>= 10') AS answered;
SELECT answer, counter_target, comment, acknowledged_by, given_by FROM kra.acknowledgements;
RESET ROLE;
SELECT DISTINCT acknowledged_by FROM kra_bi.kpi_results WHERE subject_key = 'sam' AND kpi_key = 'demos' AND period_grain = 'month';
SELECT subject_key, owner_key, what_text FROM kra.due(current_date, 30) WHERE due_kind = 'acknowledgement' AND kpi_key = 'demos' ORDER BY subject_key;
SELECT rule_id, about_key FROM kra_bi.findings WHERE rule_id IN ('imposed_target', 'changed_after_acknowledgement') AND subject_key IN ('sam', 'bo') ORDER BY 2;
SELECT questions FROM kra.review_agenda('sam', '2025-03') WHERE questions ~ 'answer';
-- yes counts, until it is taken back
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('demos', 'sam', 'Agreed.') AS yes, kra.acknowledge('demos', 'sam') AS again;
RESET ROLE;
SELECT DISTINCT acknowledged_by FROM kra_bi.kpi_results WHERE subject_key = 'sam' AND kpi_key = 'demos' AND period_label = '2025-03';
SELECT count(*) AS to_answer FROM kra.due(current_date, 30) WHERE due_kind = 'acknowledgement' AND subject_key = 'sam' AND kpi_key = 'demos';
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('demos', 'sam', 'Not any more.', 'no') AS no;
RESET ROLE;
SELECT count(*) AS consents FROM kra_internal.consents((SELECT id FROM kra.kpis WHERE key = 'demos'), (SELECT id FROM kra.subjects WHERE key = 'sam'), NULL);
-- and the owner of a KPI does not say yes for somebody who says no
INSERT INTO kra.kpi_owners SELECT k.id, '2025-01-01', s.id FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('demos', 'team');
SET ROLE regress_kra_kim;
SELECT kra.acknowledge('demos', 'sam', 'I own the KPI.') AS by_owner;
RESET ROLE;
SELECT count(*) AS consents FROM kra_internal.consents((SELECT id FROM kra.kpis WHERE key = 'demos'), (SELECT id FROM kra.subjects WHERE key = 'sam'), NULL);
DELETE FROM kra.kpi_owners;
-- one that is to come
SELECT kra.set_target('demos', 'sam', '>= 20', current_date + 40) AS later;
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('demos', 'sam', effective_from => current_date + 40) AS later;
SELECT kra.acknowledge('talks', 'sam');
RESET ROLE;
SELECT count(*) AS to_answer FROM kra.due(current_date + 41, 30) WHERE due_kind = 'acknowledgement' AND subject_key = 'sam' AND kpi_key = 'demos';
-- on paper: by who stands above, not by who answers with a login, and not for oneself
SET ROLE regress_kra_kim;
SELECT kra.note_acknowledgement('demos', 'bo', 'yes', 'Bo Ek', '2025-01-10') AS on_paper;
SELECT kra.note_acknowledgement('demos', 'sam', 'yes', 'Sam', '2025-01-10');
SELECT kra.note_acknowledgement('talks', 'team', 'yes', 'Kim', '2025-01-10');
SELECT kra.note_acknowledgement('demos', 'lou', 'yes', 'Lou', '2025-01-10');
SELECT kra.note_acknowledgement('demos', 'bo', 'yes', 'Bo Ek', current_date + 1);
SELECT kra.note_acknowledgement('demos', 'bo', 'yes', ' ', '2025-01-10');
SELECT kra.note_acknowledgement('demos', 'bo', 'yes', 'Bo Ek', NULL);
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target) SELECT k.id, s.id, '>= 8' FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('demos', 'bo');
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target, given_by, given_on) SELECT k.id, s.id, '>= 2', 'Kim', '2025-01-01' FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('talks', 'team');
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target, acknowledged_by, acknowledged_at) SELECT k.id, s.id, '>= 2', 'regress_kra_sam', '2025-01-01' FROM kra.kpis k, kra.subjects s WHERE (k.key, s.key) = ('talks', 'team');
UPDATE kra.acknowledgements SET answer = 'yes';
DELETE FROM kra.acknowledgements;
RESET ROLE;
SELECT s.key, a.target, a.answer, a.acknowledged_by, a.acknowledged_at > now() - interval '1 hour' AS now, a.given_by, a.given_on FROM kra.acknowledgements a JOIN kra.subjects s ON s.id = a.subject_id ORDER BY a.acknowledged_at;
SELECT DISTINCT acknowledged_by FROM kra_bi.kpi_results WHERE subject_key = 'bo' AND kpi_key = 'demos';
UPDATE kra.acknowledgements SET comment = 'owner' WHERE given_by IS NOT NULL;
SELECT table_name, operation, after->>'comment' AS comment FROM kra.definition_log WHERE table_name = 'acknowledgements';

-- Ids tell nothing of what is hidden, and values by hand stay out of what is collected.
INSERT INTO kra.subjects (id, key, name, kind) VALUES (9001, 'apart', 'Apart', 'person');
INSERT INTO kra.reviews (id, subject_id, period_grain, period_start, card) VALUES (9001, 9001, 'month', '2025-01-01', kra.scorecard('A', 'k', 'outcome', 1, '>= 1'));
SET ROLE regress_kra_kim;
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, review_id) SELECT id, 'x', id, '2030-01-01', 9001 FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, review_id) SELECT id, 'x', id, '2030-01-01', 999999 FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT id, 'x', 9001, '2030-01-01' FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT id, 'x', 999999, '2030-01-01' FROM kra.subjects WHERE key = 'sam';
RESET ROLE;
BEGIN;
UPDATE kra.kpis SET source_relation = 'wh.demos' WHERE key = 'demos';
SET LOCAL ROLE regress_kra_clerk;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, '2025-11-01', kra.actual_agg(1, date '2025-11-05') FROM kra.kpis k, kra.subjects s WHERE k.key = 'demos' AND s.key = 'sam' GROUP BY k.id, s.id;
ROLLBACK;

-- No setting of a session leaves the log out.
SELECT max(id) AS logged FROM kra.definition_log \gset
SET session_replication_role = replica;
UPDATE kra.kpis SET description = 'x' WHERE key = 'demos';
RESET session_replication_role;
SET check_function_bodies = off;
UPDATE kra.kpis SET description = 'y' WHERE key = 'demos';
DELETE FROM kra.waivers;
INSERT INTO kra.job_roles (key, name) VALUES ('forged', 'Forged'), ('forged2', 'Forged');
INSERT INTO kra.job_roles (key, name) VALUES ('forged3', 'Forged');
INSERT INTO kra.check_ins (subject_id, comment, checked_by) SELECT id, 'forged', 'regress_kra_kim' FROM kra.subjects WHERE key = 'sam';
RESET check_function_bodies;
SELECT table_name, operation, after->>'description' AS description FROM kra.definition_log WHERE id > :logged ORDER BY id;
SELECT table_name, operation, after->>'by' AS by, row_key ~ '^[0-9a-f]+\.[0-9a-f]+$' AS session FROM kra.definition_log WHERE operation = 'load' ORDER BY id DESC;
SELECT count(*) AS not_always FROM pg_trigger t WHERE t.tgname IN ('log_change', 'log_truncation', 'log_restored', 'log_applied', 'refuse_change') AND t.tgenabled <> 'A';

DROP EXTENSION kra CASCADE;
DROP ROLE regress_kra_sam, regress_kra_kim, regress_kra_lou, regress_kra_clerk, regress_kra_chief;
CREATE EXTENSION kra;
