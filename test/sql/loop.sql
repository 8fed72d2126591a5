-- loop: check-ins, actions, reviews, milestones, the register, agenda, comparison, scope and record.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
SET client_min_messages = notice;
\pset null '(null)'
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_kim;
CREATE ROLE regress_kra_out;
CREATE ROLE regress_kra_author;
CREATE ROLE regress_kra_admin;
SELECT kra.grant_reader(r) FROM unnest('{regress_kra_sam,regress_kra_kim,regress_kra_out}'::name[]) r;
SELECT kra.grant_author('regress_kra_author'), kra.grant_reviewer('regress_kra_author'), kra.grant_admin('regress_kra_admin');

-- Sam and Ada sell in the north, under Kim; Out is elsewhere; the author leads the south.
\set document '{"effective_from": "2025-01-01", "subjects": [{"key": "acme", "name": "Acme", "kind": "company"}, {"key": "north", "name": "Sales North", "kind": "team", "parent": "acme", "login": "regress_kra_kim"}, {"key": "south", "name": "Sales South", "kind": "team", "parent": "acme", "login": "regress_kra_author"}, {"key": "sam", "name": "Sam Ito", "kind": "person", "parent": "north", "role": "seller", "login": "regress_kra_sam"}, {"key": "ada", "name": "Ada <b>Roy</b>", "kind": "person", "parent": "north", "role": "seller"}, {"key": "out", "name": "Out", "kind": "person", "parent": "south", "role": "lead", "login": "regress_kra_out"}, {"key": "idle", "name": "Idle", "kind": "person", "parent": "acme"}], "objectives": [{"key": "grow", "name": "Grow", "subject": "acme", "starts_on": "2025-01-01", "due_on": "2025-12-31"}, {"key": "trust", "name": "Be trusted", "parent": "grow", "due_on": "2025-06-30", "milestones": [{"key": "survey", "name": "First survey", "owner": "sam", "due_on": "2025-03-31"}]}], "roles": [{"key": "seller", "name": "Seller", "purpose": "Wins new customers.", "level": "3", "kras": [{"key": "revenue", "name": "Revenue growth", "scope": "one district", "kpis": [{"key": "closed", "name": "Revenue closed", "kind": "outcome", "unit": "$", "objective": "grow", "owner": "north", "target": ">= 30000", "weight": 3}]}, {"key": "pipeline", "name": "Pipeline", "kpis": [{"key": "demos", "name": "Demos held", "kind": "activity", "timing": "leading", "drives": "closed", "target": ">= 10"}, {"key": "quality", "name": "Demo quality", "kind": "outcome", "over_time": "mean", "unit": "%", "objective": "trust", "target": ">= 70"}]}]}, {"key": "lead", "name": "Lead", "purpose": "Lets others win.", "level": "4", "kras": [{"key": "REVENUE", "name": "Revenue", "scope": "the region", "kpis": [{"key": "closed", "target": ">= 90000"}]}, {"key": "people", "name": "PIPELINE", "kpis": [{"key": "quality", "weight": 2, "target": ">= 70"}]}, {"key": "coaching", "name": "Coaching", "kpis": [{"key": "coached", "name": "Demos coached", "kind": "activity", "target": ">= 4"}]}]}], "kpis": [{"key": "mood", "name": "Mood", "kind": "outcome", "state": "candidate", "state_reason": "Somebody asked for it."}]}'
SELECT count(*) AS defined FROM kra.define(:'document');
SELECT count(*) AS recorded FROM generate_series(1, 8) m, kra.record('closed', 'sam', make_date(2025, m, 10), 20000 + 500 * m) a, kra.record('demos', 'sam', make_date(2025, m, 10), 11) b,
    kra.record('closed', 'ada', make_date(2025, m, 10), 31000) c, kra.record('demos', 'ada', make_date(2025, m, 10), 10) d, kra.record('quality', 'ada', make_date(2025, m, 10), 75) e;
SELECT count(*) AS recorded FROM kra.record('quality', 'sam', '2025-05-10', 80) a, kra.record('closed', 'out', '2025-08-10', 100000) b;

-- Check-ins: for who sees the subject, and nothing but the four columns.
SET ROLE regress_kra_sam;
SELECT kra.check_in('sam', 'Two deals slipped.', 'closed') AS id;
SELECT kra.check_in('sam', E'  A line\n\tand\r\nanother <script>alert(1)</script>', objective => 'trust') AS id;
SELECT kra.check_in('ada', 'well');
SELECT kra.check_in('nobody', 'well');
SELECT kra.check_in(NULL, 'well');
SELECT kra.check_in('sam', NULL);
SELECT kra.check_in('sam', E' \n\t');
SELECT kra.check_in('sam', 'x', 'none');
SELECT kra.check_in('sam', 'x', objective => 'none');
INSERT INTO kra.check_ins (subject_id, comment, checked_by) SELECT id, 'x', 'regress_kra_kim' FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.check_ins (subject_id, comment, checked_at) SELECT id, 'x', '2020-01-01' FROM kra.subjects WHERE key = 'sam';
UPDATE kra.check_ins SET comment = 'x';
DELETE FROM kra.check_ins;
SET ROLE regress_kra_kim;
SELECT kra.check_in('ada', 'Steady.') AS id;
SELECT kra.check_in('north', 'Both sell.') AS id;
SELECT kra.check_in('out', 'x');
SET ROLE regress_kra_author;
SELECT kra.check_in('out', 'Seen.') AS id;
SELECT kra.check_in('sam', 'x');
SET ROLE regress_kra_admin;
SELECT kra.check_in('idle', 'Seen by all.') AS id;
RESET ROLE;
SELECT s.key, k.key AS kpi, o.key AS objective, c.checked_by, c.checked_at = now() OR c.checked_at BETWEEN now() - interval '1 hour' AND now() AS is_now, c.comment
FROM kra.check_ins c JOIN kra.subjects s ON s.id = c.subject_id LEFT JOIN kra.kpis k ON k.id = c.kpi_id LEFT JOIN kra.objectives o ON o.id = c.objective_id ORDER BY c.id;

-- Reviews with actions: all or nothing, by the path of the fault.
CREATE TABLE said (n int GENERATED ALWAYS AS IDENTITY, actions jsonb);
INSERT INTO said (actions) VALUES ('{}'), ('"x"'), ('7'), ('[1]'), ('[[]]'), ('[{"description": "x", "owner": "sam", "due_on": "2025-09-30"}, null]'), ('[{}]'),
    ('[{"description": "x", "owner": "sam"}]'), ('[{"description": "x", "due_on": "2025-09-30"}]'), ('[{"description": null, "owner": "sam", "due_on": "2025-09-30"}]'),
    ('[{"description": " \n", "owner": "sam", "due_on": "2025-09-30"}]'), ('[{"description": 5, "owner": "sam", "due_on": "2025-09-30"}]'),
    ('[{"description": "x", "owner": "none", "due_on": "2025-09-30"}]'), ('[{"description": "x", "owner": "", "due_on": "2025-09-30"}]'), ('[{"description": "x", "owner": ["sam"], "due_on": "2025-09-30"}]'),
    ('[{"description": "x", "owner": "sam", "due_on": "2025-02-30"}]'), ('[{"description": "x", "owner": "sam", "due_on": "infinity"}]'), ('[{"description": "x", "owner": "sam", "due_on": 20250930}]'),
    ('[{"description": "x", "owner": "sam", "due_on": "2025-09-30", "kpi": "none"}]'), ('[{"description": "x", "owner": "sam", "due_on": "2025-09-30", "kpi": 1}]'),
    ('[{"description": "x", "owner": "sam", "due_on": "2025-09-30", "done_on": "2025-09-30"}]'), ('[{"description": "x", "owner": "sam", "due_on": "2025-09-30", "<b>\n": 1}]');
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'ACCEPTED';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT actions, pg_temp.refusal(format('SELECT kra.close_review(''sam'', ''2025-07'', NULL, %L)', actions)) AS refusal FROM said ORDER BY n;
SELECT (SELECT count(*) FROM kra.reviews) AS reviews, (SELECT count(*) FROM kra.actions) AS actions;
-- without actions: closed, and warned where targets were missed; that of Ada none
SELECT kra.close_review('sam', '2025-06', 'slow') IS NOT NULL AS closed;
SELECT kra.close_review('ada', '2025-06') IS NOT NULL AS closed;
SELECT kra.close_review('sam', '2025-05', 'slow', '[]') IS NOT NULL AS closed;
SELECT kra.close_review('sam', '2025-04', 'slow', 'null') IS NOT NULL AS closed;
-- with actions: no warning
SELECT kra.score(kra.close_review('sam', '2025-07', 'still slow', '[{"description": "Call lost\n customers", "owner": "sam", "due_on": "2025-08-15", "kpi": "closed"},
    {"description": "Talk it over", "owner": "north", "due_on": "2999-12-31", "kpi": null}, {"description": "\"><img src=x onerror=alert(1)>", "owner": "ada", "due_on": "2025-08-31", "kpi": "demos"}]')) AS score;
SELECT kra.close_review('sam', '2025-07', 'again', '[{"description": "x", "owner": "sam", "due_on": "2025-09-30"}]');
SELECT a.id, a.review_id = (SELECT id FROM kra.reviews WHERE period_start = '2025-07-01') AS of_july, s.key, k.key AS kpi, o.key AS owner, a.due_on, a.done_on, a.description
FROM kra.actions a JOIN kra.subjects s ON s.id = a.subject_id JOIN kra.subjects o ON o.id = a.owner_id LEFT JOIN kra.kpis k ON k.id = a.kpi_id ORDER BY a.id;
SELECT kra.close_review('idle', '2025-07');
SELECT kra.close_review('sam', '9998-01');
SET ROLE regress_kra_sam;
SELECT kra.close_review('sam', '2025-03');
SET ROLE regress_kra_author;
SELECT kra.close_review('sam', '2025-03');
SELECT kra.close_review('out', '2025-08', NULL, '[{"description": "Go on", "owner": "sam", "due_on": "2025-09-30"}]') IS NOT NULL AS closed;
RESET ROLE;

-- Actions
SELECT kra.add_action('sam', 'Ask Ada', 'sam', '2025-09-10', 'demos', '2025-07') AS id, kra.add_action('sam', 'Rest', 'sam', '2025-12-24') AS id;
SELECT review_id IS NOT NULL AS of_review, kpi_id IS NOT NULL AS of_kpi, due_on, description FROM kra.actions WHERE description IN ('Ask Ada', 'Rest') ORDER BY id;
SELECT kra.add_action('none', 'x', 'sam', '2025-09-10');
SELECT kra.add_action('sam', 'x', 'none', '2025-09-10');
SELECT kra.add_action('sam', 'x', NULL, '2025-09-10');
SELECT kra.add_action('sam', ' ', 'sam', '2025-09-10');
SELECT kra.add_action('sam', NULL, 'sam', '2025-09-10');
SELECT kra.add_action('sam', 'x', 'sam', NULL);
SELECT kra.add_action('sam', 'x', 'sam', 'infinity');
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10', 'none');
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10', period => '2025-08');
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10', period => 'last month');
SET ROLE regress_kra_sam;
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10');
SET ROLE regress_kra_author;
SELECT kra.add_action('sam', 'x', 'sam', '2025-09-10');
SELECT kra.add_action('out', 'Plan', 'out', '2025-09-10') > 0 AS added;
RESET ROLE;
-- done: by its owner, or an author
SELECT id AS call_lost FROM kra.actions WHERE description LIKE 'Call lost%' \gset
SELECT id AS talk FROM kra.actions WHERE description = 'Talk it over' \gset
SELECT id AS of_ada FROM kra.actions WHERE description LIKE '"><img%' \gset
SELECT id AS plan FROM kra.actions WHERE description = 'Plan' \gset
SELECT id AS go_on FROM kra.actions WHERE description = 'Go on' \gset
UPDATE kra.actions SET created_at = '2025-08-05 12:00+00' WHERE description NOT IN ('Plan', 'Go on');
SET ROLE regress_kra_sam;
SELECT kra.complete_action(:talk);
SELECT kra.complete_action(:of_ada);
SELECT kra.complete_action(:plan);
SELECT kra.complete_action(999999);
SELECT kra.complete_action(NULL);
SELECT kra.complete_action(:call_lost, done_on => NULL);
SELECT kra.complete_action(:call_lost, done_on => 'infinity');
SELECT kra.complete_action(:call_lost, done_on => '2025-08-04');
SELECT kra.complete_action(:call_lost, done_on => '2999-08-04');
SELECT kra.complete_action(:call_lost, 'One came back.', '2025-08-05');
SELECT kra.complete_action(:call_lost);
SELECT kra.complete_action(:go_on);
-- by SQL he can do no more than that: not undo it, not say another day, not change what it is
UPDATE kra.actions SET done_on = NULL WHERE id = :call_lost;
UPDATE kra.actions SET outcome = 'x' WHERE id IN (:call_lost, :talk, :of_ada);
UPDATE kra.actions SET done_on = '2025-08-04' WHERE description = 'Rest';
UPDATE kra.actions SET outcome = 'x' WHERE description = 'Rest';
UPDATE kra.actions SET due_on = '2030-01-01' WHERE description = 'Rest';
UPDATE kra.actions SET description = 'x' WHERE description = 'Rest';
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT id, 'x', id, '2026-01-01' FROM kra.subjects;
DELETE FROM kra.actions;
SET ROLE regress_kra_kim;   -- a leader who reads sees her people's actions, and completes the team's
SELECT kra.complete_action(:of_ada);
SELECT kra.complete_action(:talk, 'Talked.');
SET ROLE regress_kra_author;
SELECT kra.complete_action(:of_ada);
SELECT kra.complete_action(:plan);
RESET ROLE;
SELECT kra.complete_action(:of_ada, '', '2025-09-05');
UPDATE kra.actions SET done_on = NULL, outcome = NULL WHERE id = :talk;
SELECT a.id, a.done_on = current_date AS today, CASE WHEN a.done_on <> current_date THEN a.done_on END AS done_on, a.outcome FROM kra.actions a ORDER BY a.id;
SELECT count(*) AS by_name FROM kra.actions a, LATERAL kra.complete_action(id => a.id, outcome => 'named', done_on => '2025-08-06') WHERE a.description = 'Ask Ada';

-- Milestones
SET ROLE regress_kra_author;
SELECT kra.set_milestone('grow', 'office', 'Open the office', 3, 'north', '2025-09-30') AS changed;
SELECT kra.set_milestone('grow', 'office', 'Open the office', 3, 'north', '2025-09-30') AS changed, kra.set_milestone('grow', 'office') AS changed;
SELECT kra.set_milestone('grow', 'office', due_on => '2025-10-31') AS changed, kra.set_milestone('grow', 'office', weight => 0) AS changed, kra.set_milestone('grow', 'office', 'Open an office', 4) AS changed;
SELECT kra.set_milestone('grow', 'Office', 'Another, by its key') AS changed;
SELECT m.key, m.name, m.weight, s.key AS owner, m.due_on, m.completion, m.completed_on FROM kra.milestones m LEFT JOIN kra.subjects s ON s.id = m.owner_id ORDER BY m.id;
SELECT kra.set_milestone('none', 'x', 'X');
SELECT kra.set_milestone('grow', 'new');
SELECT kra.set_milestone('grow', NULL, 'X');
SELECT kra.set_milestone('grow', '', 'X');
SELECT kra.set_milestone('grow', 'office', E'\n');
SELECT kra.set_milestone('grow', 'office', weight => -1);
SELECT kra.set_milestone('grow', 'office', weight => 'NaN');
SELECT kra.set_milestone('grow', 'office', weight => 'infinity');
SELECT kra.set_milestone('grow', 'office', owner => 'none');
SELECT kra.set_milestone('grow', 'office', due_on => 'infinity');
SELECT kra.complete_milestone('trust', 'survey', '2025-04-02') AS changed;
SELECT kra.complete_milestone('trust', 'survey', '2025-04-02') AS changed, kra.complete_milestone('grow', 'office', completion => 0.25) AS changed, kra.complete_milestone('grow', 'office', '2025-01-01', 0.25) AS changed;
SELECT kra.complete_milestone('grow', 'Office') AS changed, kra.complete_milestone('grow', 'Office', completion => 0) AS reopened;
SELECT kra.complete_milestone('trust', 'none');
SELECT kra.complete_milestone('trust', NULL);
SELECT kra.complete_milestone('none', 'survey');
SELECT kra.complete_milestone('trust', 'survey', NULL);
SELECT kra.complete_milestone('trust', 'survey', 'infinity');
SELECT kra.complete_milestone('trust', 'survey', '2999-01-01');
SELECT kra.complete_milestone('trust', 'survey', completion => 1.01);
SELECT kra.complete_milestone('trust', 'survey', completion => -0.1);
SELECT kra.complete_milestone('trust', 'survey', completion => 'NaN');
SELECT kra.complete_milestone('trust', 'survey', completion => NULL);
SET ROLE regress_kra_sam;
SELECT kra.set_milestone('grow', 'x', 'X');
SELECT kra.complete_milestone('trust', 'survey');
RESET ROLE;
SELECT table_name, row_key, operation, count(*) FROM kra.definition_log WHERE table_name = 'milestones' GROUP BY 1, 2, 3 ORDER BY min(id);

-- progress: by weight, with what serves it, as of a day; none is NULL
INSERT INTO kra.objectives (key, name, starts_on, due_on) VALUES ('empty', 'Without steps', '2025-01-01', '2025-01-01'), ('naught', 'Of no weight', NULL, '2025-01-01'), ('wide', 'Wide', '2025-01-01', NULL);
SELECT kra.set_milestone('naught', 'a', 'A', 0), kra.complete_milestone('naught', 'a', '2025-01-01');
SELECT kra.set_milestone('wide', 'a', 'A', 1e308), kra.set_milestone('wide', 'b', 'B', 1.7e308), kra.set_milestone('wide', 'c', 'C', 1e-300), kra.complete_milestone('wide', 'a', '2025-02-01'), kra.complete_milestone('wide', 'c', completion => 1e-300);
SELECT d.as_of, o.key, kra_internal.objective_progress(o.id, d.as_of) FROM (VALUES (date '2025-04-01'), ('2025-04-02')) d (as_of), kra.objectives o ORDER BY 1, o.id;
SELECT kra_internal.objective_progress(NULL, '2025-04-02') AS of_none, kra_internal.objective_progress(-1, '2025-04-02') AS unknown;
SELECT d.as_of, o.objective_key, o.objective_path, o.subject_key, o.progress_pct, o.expected_pct, o.is_behind, o.milestone_count AS n, o.completed_milestone_count AS done, o.overdue_milestone_count AS late, o.kpi_count AS kpis
FROM (VALUES (date '2024-12-31'), ('2025-01-01'), ('2025-03-31'), ('2025-04-01'), ('2025-07-02'), ('2025-10-31'), ('2025-11-01'), ('2026-01-01')) d (as_of), kra.objective_results(d.as_of) o ORDER BY d.as_of, o.objective_key;
-- exactly as expected is not behind
UPDATE kra.objectives SET due_on = '2025-01-05' WHERE key = 'empty';
SELECT kra.set_milestone('empty', 'a', 'A'), kra.complete_milestone('empty', 'a', completion => 0.5);
SELECT day, o.expected_pct, o.progress_pct, o.is_behind FROM unnest('{2025-01-03,2025-01-04}'::date[]) day, kra.objective_results(day) o WHERE o.objective_key = 'empty';
-- in documents: only what differs, absent is left, null resets; and round again
SELECT operation, object, row_key FROM kra.define('{"objectives": [{"key": "trust", "milestones": [{"key": "survey", "weight": 1}, {"key": "panel", "name": "A panel", "weight": 2, "owner": "ada", "due_on": "2025-08-31", "completion": 0.4}]}]}');
SELECT operation, object, row_key, after->'completion' AS completion, after->'completed_on' AS completed_on FROM kra.define('{"objectives": [{"key": "trust", "milestones": [{"key": "panel", "completed_on": "2025-08-01", "owner": null}]}]}');
SELECT operation, object, row_key, after->'completion' AS completion, after->'completed_on' AS completed_on FROM kra.define('{"objectives": [{"key": "trust", "milestones": [{"key": "panel", "completion": 0.9}]}]}');
SELECT operation, object, row_key, after->'completion' AS completion, after->'completed_on' AS completed_on FROM kra.define('{"objectives": [{"key": "trust", "milestones": [{"key": "panel", "completion": 1, "completed_on": "2025-08-02"}]}]}');
SELECT operation, object, row_key, after->'completion' AS completion, after->'completed_on' AS completed_on FROM kra.define('{"objectives": [{"key": "trust", "milestones": [{"key": "panel", "completed_on": null}, {"key": "survey", "completion": 1}]}]}');
SELECT operation, object, row_key FROM kra.define('{"objectives": [{"key": "trust", "milestones": []}]}');
SELECT jsonb_path_query(kra.definition(NULL, '2025-09-01'), '$.objectives[*] ? (@.key != "wide").milestones[*]') AS milestone;
SELECT operation, object, row_key, after->'review_cadence' AS review_cadence, after->'check_in_days' AS check_in_days FROM kra.define('{"settings": {"review_cadence": "quarter", "check_in_days": 7}}');
SELECT kra.definition(NULL, '2025-09-01')->'settings' AS settings;
SELECT count(*) AS changes FROM kra.define(kra.definition(NULL, '2025-09-01'));
SELECT operation, after->'review_cadence' AS review_cadence, after->'check_in_days' AS check_in_days FROM kra.define('{"settings": {"review_cadence": null, "check_in_days": null}}');

-- The register. A state is as old as the document says, or today's.
SELECT key, state, state_reason, state_since FROM kra.kpis ORDER BY key COLLATE "C";
SET ROLE regress_kra_author;
SELECT kra.promote('mood', 'Two quarters agree.');
SELECT kra.promote('mood', 'again');
SELECT kra.promote('mood', NULL);
SELECT kra.retire('mood', ' ');
SELECT kra.promote('none', 'x');
SELECT kra.retire('none', 'x');
SELECT kra.retire('mood', 'Nobody asks.');
SELECT kra.retire('mood', 'again');
SELECT kra.promote('mood', 'After all.');
SELECT kra.retire('quality', 'A panel took its place.');
SELECT kra.revisit('demos'), kra.revisit('closed', 'Still right.'), kra.revisit('seller', 'pipeline', NULL), kra.revisit('lead', 'Coaching', 'Yes.');
SELECT kra.revisit('none');
SELECT kra.revisit(NULL);
SELECT kra.revisit('none', 'x', NULL);
SELECT kra.revisit('seller', 'none', NULL);
SELECT kra.revisit('seller', NULL, NULL);
SET ROLE regress_kra_kim;
SELECT kra.promote('mood', 'x');
SELECT kra.retire('mood', 'x');
SELECT kra.revisit('mood');
SELECT kra.revisit('seller', 'pipeline', 'x');
RESET ROLE;
SELECT key, state, state_reason, state_since = current_date AS since_today, revisited_on = current_date AS revisited_today, revisit_note FROM kra.kpis ORDER BY key COLLATE "C";
SELECT r.key AS role, a.key, revisited_on = current_date AS revisited_today, revisit_note FROM kra.result_areas a JOIN kra.job_roles r ON r.id = a.job_role_id ORDER BY a.id;
SELECT row_key, before->>'state' AS before, after->>'state' AS after, after->>'state_reason' AS reason, changed_by FROM kra.definition_log WHERE table_name = 'kpis' AND before->>'state' <> after->>'state' ORDER BY id;
-- by a document, from its day on, also on the day that stood there; by SQL from today on, or a day that is given
SELECT operation, after->>'state' AS state, after->>'state_since' AS since FROM kra.define('{"effective_from": "2025-03-01", "kpis": [{"key": "quality", "state": "active"}]}');
SELECT operation, after->>'state' AS state, after->>'state_since' AS since FROM kra.define('{"effective_from": "2025-03-01", "kpis": [{"key": "quality", "state": "retired"}]}') ORDER BY since LIMIT 1;
SELECT state, state_since FROM kra.kpis WHERE key = 'quality';
SELECT count(*) AS same FROM kra.define('{"effective_from": "2025-04-01", "kpis": [{"key": "quality", "state": "retired"}]}');
UPDATE kra.kpis SET state = 'active' WHERE key = 'quality' RETURNING state_since = current_date AS today;
UPDATE kra.kpis SET state = 'retired', state_since = '2025-08-01' WHERE key = 'quality' RETURNING state_since;
UPDATE kra.kpis SET name = name, state = 'retired' WHERE key = 'quality' RETURNING state_since;
UPDATE kra.kpis SET state_since = '2025-01-01' WHERE key <> 'quality';
SELECT d.as_of, r.kpi_key, r.state, r.state_date, r.day_count, r.owner_key, r.card_count, r.first_data_date, r.last_data_date
FROM (VALUES (date '2024-12-31'), ('2025-08-20'), ('2025-08-31')) d (as_of), kra.kpi_register(d.as_of) r ORDER BY 1, 2;
SET ROLE regress_kra_sam;   -- of data and owners only what he sees
SELECT kpi_key, owner_key, first_data_date, last_data_date FROM kra.kpi_register('2025-08-31') ORDER BY 1;
RESET ROLE;

-- The agenda.
UPDATE kra.check_ins SET checked_at = '2025-08-03 12:00+00', checked_by = 'somebody' WHERE id IN (1, 2);
INSERT INTO kra.check_ins (subject_id, checked_at, checked_by, comment) SELECT id, d::timestamptz, 'somebody', c FROM kra.subjects, (VALUES ('2025-07-31 23:59+00', 'before'), ('2025-08-01 00:00+00', 'first day'), ('2025-09-01 00:00+00', 'later')) v (d, c) WHERE key = 'sam';
INSERT INTO kra.actions (subject_id, owner_id, description, due_on, created_at, done_on) SELECT id, id, 'Done on ' || d, '2025-08-31', '2025-07-01', d FROM kra.subjects, unnest('{2025-07-31,2025-08-01}'::date[]) d WHERE key = 'sam';
SELECT set_config('kra.note', kra.set_target('demos', 'sam', '>= 10 stretch 12', '2025-08-10')::text, false) AS moved;
\x on
SELECT kra, asked, came, trend, open_actions, check_ins, questions FROM kra.review_agenda('sam', '2025-08', '2025-08-31');
-- months later: what is overdue, and what was done without a word on what it brought
SELECT kra, open_actions, questions FROM kra.review_agenda('sam', '2025-08', '2025-12-31');
-- in the middle of the month: sums that still run are not held against whole ones
SELECT kra, came, trend, open_actions, check_ins, questions FROM kra.review_agenda('sam', '2025-08', '2025-08-20');
-- a team: the cards of its members; a quarter
SELECT kra, asked, came, trend, questions FROM kra.review_agenda('north', '2025-Q3', '2025-09-30');
-- nothing missed, nothing open
SELECT kra, asked, came, open_actions, check_ins, questions FROM kra.review_agenda('ada', '2025-07', '2025-07-31');
-- before anything was measured
SELECT kra, came, trend, questions FROM kra.review_agenda('sam', '2025-01', '2025-01-05');
-- effort without an outcome that it is known to drive; no target; a value that is no noise
SELECT count(*) FROM kra.record('coached', 'out', '2025-06-10', 5) a, kra.record('closed', 'out', '2025-06-10', 60000) b, kra.set_target('quality', 'out', NULL, '2025-01-01') c;
SELECT kra, came, questions FROM kra.review_agenda('out', '2025-06', '2025-07-31');
SELECT count(*) FROM generate_series(1, 23) m, kra.record('closed', 'ada', (date '2023-01-01' + m * interval '1 month')::date, 31000 + 100 * (m % 2));
SELECT recorded_value FROM kra.record('closed', 'ada', '2025-08-10', 60000);
SELECT kra, trend, questions FROM kra.review_agenda('ada', '2025-08', '2025-08-31') WHERE kra = 'Revenue growth';
SELECT recorded_value FROM kra.record('closed', 'ada', '2025-08-10', 30000);
SELECT kra, trend, questions FROM kra.review_agenda('ada', '2025-08', '2025-08-31') WHERE kra = 'Revenue growth';
\x off
-- findings: with their KRA, the most severe first, without those that are waived, whatever the rules find
BEGIN;
CREATE OR REPLACE FUNCTION kra_internal.findings_of_subject(subject_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.rule, r.about_kind, 'sam / ' || r.rule, 'Sam <i>Ito</i>', subject_id, NULL::integer, NULL::integer, CASE r.rule WHEN 'plateau' THEN (SELECT id FROM kra.kpis WHERE key = 'demos') END,
        CASE r.rule WHEN 'action_overdue' THEN 'info' END, E'has\n"it"', CASE r.rule WHEN 'plateau' THEN 'Do something.' END, as_of, 1::float8
    FROM kra_internal.built_in_rules() r WHERE r.rule IN ('plateau', 'action_overdue', 'overloaded', 'stale_subject');
END $$;
CREATE OR REPLACE FUNCTION kra_internal.findings_of_role(job_role_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'kra_is_task', 'kra', j.key || ' / ' || a.key, a.name, NULL::integer, j.id, a.id, NULL::integer, NULL, 'is one of ' || j.name, NULL, as_of, NULL::float8
    FROM kra.job_roles j JOIN kra.result_areas a ON a.job_role_id = j.id WHERE j.id = findings_of_role.job_role_id;
END $$;
CREATE OR REPLACE FUNCTION kra_internal.findings_of_kpi(kpi_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'no_owner', 'kpi', k.key, k.name, NULL::integer, NULL::integer, NULL::integer, k.id, NULL, 'has no owner', NULL, as_of, NULL::float8 FROM kra.kpis k WHERE k.id = findings_of_kpi.kpi_id;
END $$;
INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) SELECT 'stale_subject', 'target:sam / stale_subject', id, 'x', '2025-08-31' FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('no_owner', 'kpi:closed', 'x', '2025-08-30'), ('no_owner', 'kpi:quality', 'x', '2025-08-31');
SELECT kra, finding_texts FROM kra.review_agenda('sam', '2025-08', '2025-08-31');
SELECT kra, array_length(string_to_array(finding_texts, E'\n'), 1) AS lines FROM kra.review_agenda('sam', '2025-08', '2025-09-01');
ROLLBACK;
SELECT * FROM kra.review_agenda('sam', '2024-12', '2025-08-31');
SELECT * FROM kra.review_agenda('idle', '2025-08', '2025-08-31');
SELECT * FROM kra.review_agenda('none', '2025-08', '2025-08-31');
SELECT * FROM kra.review_agenda('sam', 'august', '2025-08-31');
SELECT * FROM kra.review_agenda('sam', '2025-09', '2025-08-31');
SELECT * FROM kra.review_agenda('sam', '2025-09', NULL);
SELECT * FROM kra.review_agenda(NULL, '2025-08', '2025-08-31');
SELECT * FROM kra.review_agenda('sam', NULL, '2025-08-31');
SET ROLE regress_kra_sam;
SELECT count(*) AS own FROM kra.review_agenda('sam', '2025-08', '2025-08-31');
SELECT open_actions FROM kra.review_agenda('sam', '2025-08', '2025-08-31') WHERE kra IS NULL;   -- the team's name is hidden from him
SELECT * FROM kra.review_agenda('ada', '2025-08', '2025-08-31');
SET ROLE regress_kra_author;
SELECT * FROM kra.review_agenda('sam', '2025-08', '2025-08-31');
SET ROLE regress_kra_kim;
SELECT (SELECT jsonb_agg(to_jsonb(a)) FROM kra.review_agenda('sam', '2025-08', '2025-08-31') a) IS NOT NULL AS leads;
RESET ROLE;

-- What came of it.
UPDATE kra.actions SET due_on = '2999-01-01' WHERE description = 'Ask Ada';
UPDATE kra.actions SET done_on = NULL, due_on = '2025-09-10' WHERE description = 'Ask Ada';
SELECT count(*) AS changed FROM kra.define('{"effective_from": "2025-08-01", "roles": [{"key": "seller", "kras": [{"key": "revenue", "kpis": [{"key": "closed", "weight": 2}]}, {"key": "pipeline", "kpis": [{"key": "demos"}, {"key": "coached", "target": ">= 1"}]}]}]}');
SELECT kra.close_review('sam', '2025-08', 'August', '[{"description": "x", "owner": "sam", "due_on": "2025-09-30"}]') IS NOT NULL AS closed;
SELECT * FROM kra.compare_reviews('sam', '2025-08');
SELECT change, before_value, after_value FROM kra.compare_reviews('sam', '2025-08', '2025-05') WHERE change !~ 'actual|attainment';
SELECT * FROM kra.compare_reviews('sam', '2025-05', '2025-04');
SELECT * FROM kra.compare_reviews('sam', '2025-09');
SELECT * FROM kra.compare_reviews('sam', '2025-04');
SELECT * FROM kra.compare_reviews('sam', '2025-08', '2025-03');
SELECT * FROM kra.compare_reviews('sam', '2025-08', '2025-08');
SELECT * FROM kra.compare_reviews('sam', '2025-08', '2025-Q1');
SELECT * FROM kra.compare_reviews('sam', 'x');
SELECT * FROM kra.compare_reviews('sam', NULL);
SELECT * FROM kra.compare_reviews('none', '2025-08');
SET ROLE regress_kra_sam;
SELECT count(*) > 5 AS own FROM kra.compare_reviews('sam', '2025-08');
SELECT * FROM kra.compare_reviews('ada', '2025-06');
SET ROLE regress_kra_author;
SELECT * FROM kra.compare_reviews('sam', '2025-08');
RESET ROLE;

-- Roles side by side: the key matches whatever its case, else the name
\x on
SELECT * FROM kra.role_scope_diff('seller', 'lead', '2025-07-31');
\x off
SELECT kra, kpis_a, change FROM kra.role_scope_diff('lead', 'lead', '2025-07-31');
SELECT count(*) AS reversed, count(*) FILTER (WHERE (b.scope_a, b.kpis_a) IS DISTINCT FROM (a.scope_b, a.kpis_b)) AS differ
FROM kra.role_scope_diff('seller', 'lead', '2025-07-31') a JOIN kra.role_scope_diff('lead', 'seller', '2025-07-31') b ON (a.scope_a, a.kpis_a) IS NOT DISTINCT FROM (b.scope_b, b.kpis_b) AND (a.change = b.change OR (a.change LIKE 'only%' AND a.change <> b.change));
SELECT kra, kpis_a FROM kra.role_scope_diff('seller', 'seller', '2025-08-31');
SELECT kra, kpis_a FROM kra.role_scope_diff('seller', 'seller', '2024-12-31');
SELECT * FROM kra.role_scope_diff('seller', 'none');
SELECT * FROM kra.role_scope_diff(NULL, 'seller');
SELECT * FROM kra.role_scope_diff('seller', 'lead', NULL);
SET ROLE regress_kra_out;
SELECT count(*) AS the_same_for_all FROM kra.role_scope_diff('seller', 'lead', '2025-07-31');
RESET ROLE;

-- The record over years.
SELECT count(*) FROM kra.record('closed', 'sam', '2023-05-10', 31000) a, kra.record('closed', 'sam', '2022-05-10', 1000) b;
UPDATE kra.placements SET effective_from = '2023-01-01' WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'sam');
UPDATE kra.result_area_kpis SET effective_from = '2023-01-01' WHERE effective_from = '2025-01-01';
UPDATE kra.actions SET done_on = '2025-12-24' WHERE description = 'Rest';
UPDATE kra.reviews SET closed_at = '2025-09-05';
SELECT kra.set_milestone('trust', 'soon', 'Soon', owner => 'sam', due_on => '2025-12-31'), kra.set_milestone('trust', 'early', 'Early', owner => 'sam', due_on => '2024-12-31'), kra.complete_milestone('trust', 'early', '2024-12-31');
SELECT year_label, round(score_value::numeric, 4) AS score, coverage_pct, kpi_count AS kpis, on_target_count AS met, reviews_closed_count AS reviews, actions_count AS acts, actions_done_count AS done, actions_on_time_count AS in_time, milestones_count AS steps, milestones_on_time_count AS in_time, misses
FROM kra.track_record('sam', '2025-12-31');
SELECT year_label, actions_count AS acts, actions_done_count AS done, actions_on_time_count AS in_time, misses FROM kra.track_record('ada', '2025-12-31') WHERE year_label = '2025';
SELECT year_label, actions_count AS acts, actions_done_count AS done, actions_on_time_count AS in_time, milestones_count AS steps, reviews_closed_count AS reviews FROM kra.track_record('sam', '2025-09-04') WHERE year_label = '2025';
-- as the views have it
SELECT count(*) AS compared, count(*) FILTER (WHERE (t.score_value, t.coverage_pct, t.kpi_count) IS DISTINCT FROM (c.score_value, c.coverage_pct, c.kpi_count)) AS differ
FROM kra.subjects s CROSS JOIN kra.track_record(s.key, '2025-12-31') t JOIN kra.scorecards('2025-12-31') c ON c.subject_key = s.key AND c.period_grain = 'year' AND c.period_label = t.year_label;
SELECT * FROM kra.track_record('idle', '2025-12-31');
SELECT * FROM kra.track_record('none', '2025-12-31');
SELECT * FROM kra.track_record('sam', NULL);
SELECT * FROM kra.track_record('sam', 'infinity');
SELECT count(*) AS before_all FROM kra.track_record('sam', '2020-12-31');
SET ROLE regress_kra_sam;
SELECT count(*) AS years FROM kra.track_record('sam', '2025-12-31');
SELECT * FROM kra.track_record('ada', '2025-12-31');
SET ROLE regress_kra_author;
SELECT * FROM kra.track_record('sam', '2025-12-31');
RESET ROLE;

-- Hostile keys and names, through all of it.
SELECT count(*) AS defined FROM kra.define(jsonb_build_object('effective_from', '2025-01-01',
    'objectives', jsonb_build_array(jsonb_build_object('key', E'o''"\n/;--', 'name', '<script>alert(1)</script>', 'milestones', jsonb_build_array(jsonb_build_object('key', E'm''"\n / %s', 'name', E'M\n%1$s')))),
    'kpis', jsonb_build_array(jsonb_build_object('key', E'k''"\n / %', 'name', E'"><img src=x\nonerror=alert(1)> %s', 'kind', 'outcome', 'unit', '%')),
    'roles', jsonb_build_array(jsonb_build_object('key', E'r''"\n;--', 'name', 'R', 'kras', jsonb_build_array(jsonb_build_object('name', E'A''"\n%I', 'scope', E's\n%L', 'kpis', jsonb_build_array(jsonb_build_object('key', E'k''"\n / %', 'target', '>= 5')))))),
    'subjects', jsonb_build_array(jsonb_build_object('key', E'O''Brien "x"; --\n%', 'name', E'اسم\n<b>', 'kind', 'person', 'role', E'r''"\n;--'))));
SELECT recorded_value FROM kra.record(E'k''"\n / %', E'O''Brien "x"; --\n%', '2025-01-31', 4);
SELECT kra.check_in(E'O''Brien "x"; --\n%', E'%s\n\\', E'k''"\n / %', E'o''"\n/;--') > 0 AS checked_in, kra.set_milestone(E'o''"\n/;--', E'm''"\n / %s', weight => 2), kra.complete_milestone(E'o''"\n/;--', E'm''"\n / %s', '2025-02-01'),
    kra.revisit(E'k''"\n / %', '%s'), kra.revisit(E'r''"\n;--', E'A''"\n%I', '%s');
SELECT kra.close_review(E'O''Brien "x"; --\n%', '2025-01', '%s') IS NOT NULL AS closed;
SELECT kra.add_action(E'O''Brien "x"; --\n%', E'%s\n%L', E'O''Brien "x"; --\n%', '2025-02-28', E'k''"\n / %', '2025-01') > 0 AS added;
SELECT kra.close_review(E'O''Brien "x"; --\n%', '2025-02', '%s', jsonb_build_array(jsonb_build_object('description', E'%s\n%L', 'owner', E'O''Brien "x"; --\n%', 'due_on', '2025-03-31', 'kpi', E'k''"\n / %'))) IS NOT NULL AS closed;
SELECT kra.retire(E'k''"\n / %', '%s');
UPDATE kra.check_ins SET checked_at = '2025-01-20', checked_by = E'%s\n' WHERE comment LIKE '\%s%';
\x on
SELECT kra, asked, came, open_actions, check_ins, questions FROM kra.review_agenda(E'O''Brien "x"; --\n%', '2025-01', '2025-01-31');
SELECT * FROM kra.compare_reviews(E'O''Brien "x"; --\n%', '2025-02');
SELECT * FROM kra.role_scope_diff(E'r''"\n;--', E'r''"\n;--', '2025-01-31') WHERE kra IS NOT NULL;
SELECT * FROM kra.track_record(E'O''Brien "x"; --\n%', '2025-12-31');
SELECT objective_key, objective_path, progress_pct FROM kra.objective_results('2025-02-01') WHERE objective_key LIKE 'o''%';
\x off

-- In a database of another encoding there is no sparkline; white space of all kinds is one blank.
SELECT kra_internal.one_line(E' a\n\n b\t\r\nc ') AS one_line, kra_internal.one_line(NULL) AS none, kra_internal.one_line(E'\n') = '' AS blank;
SELECT x AS signal, kra_internal.signal_text(x) FROM unnest(enum_range(NULL::kra.kpi_signal)::text[]) x;

DROP TABLE said;
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;
DROP ROLE regress_kra_sam, regress_kra_kim, regress_kra_out, regress_kra_author, regress_kra_admin;
CREATE EXTENSION kra;
