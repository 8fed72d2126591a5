-- review_loop: two months of a sales team, from the definition to the comparison of its reviews, each
-- step by who does it: define, acknowledge, record and collect, review, act, notify, next month, compare.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null ''
CREATE ROLE regress_kra_admin;
CREATE ROLE regress_kra_kim;
CREATE ROLE regress_kra_sam;
CREATE SCHEMA regress_kra_wh;
CREATE TABLE regress_kra_wh.deals (deal text PRIMARY KEY, subject text, at date, value numeric);
GRANT USAGE ON SCHEMA regress_kra_wh TO regress_kra_admin;
GRANT SELECT ON regress_kra_wh.deals TO regress_kra_admin;
SELECT kra.grant_admin('regress_kra_admin'), kra.grant_author('regress_kra_kim'), kra.grant_keeper('regress_kra_kim'), kra.grant_reviewer('regress_kra_kim'), kra.grant_reader('regress_kra_sam');
-- The clock of the story: what was done since the last call was done on this day.
CREATE FUNCTION pg_temp.it_was(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT * FROM (VALUES ('acknowledgements', 'acknowledged_at'), ('check_ins', 'checked_at'), ('reviews', 'closed_at'), ('actions', 'created_at'),
                                   ('targets', 'set_at'), ('result_area_kpis', 'set_at'), ('measurements', 'recorded_at')) v (rel, col) LOOP
        EXECUTE format('UPDATE kra.%I SET %I = $1 WHERE %2$I > now() - interval ''12 hours''', s.rel, s.col) USING day + time '12:00';
    END LOOP;
END $$;

-- 20 December: define
SET ROLE regress_kra_admin;
SELECT object, count(*) FROM kra.define('{"effective_from": "2025-01-01",
  "objectives": [{"key": "grow", "name": "Grow in the north", "subject": "north", "starts_on": "2025-01-01", "due_on": "2025-12-31",
                  "milestones": [{"key": "crm", "name": "One customer file", "owner": "kim", "due_on": "2025-02-15"}, {"key": "office", "name": "Office in Kiruna", "weight": 3, "owner": "kim", "due_on": "2025-10-31"}]}],
  "subjects": [{"key": "north", "name": "Sales North", "kind": "team"}, {"key": "kim", "name": "Kim Lee", "kind": "person", "parent": "north"},
               {"key": "sam", "name": "Sam Ito", "kind": "person", "parent": "north", "role": "seller", "login": "regress_kra_sam"}, {"key": "ada", "name": "Ada Roy", "kind": "person", "parent": "north", "role": "seller"}],
  "roles": [{"key": "seller", "name": "Seller", "purpose": "Wins customers in the north.", "kras": [
     {"key": "revenue", "name": "Revenue growth", "perspective": "financial", "kpis": [{"key": "closed", "name": "Revenue closed", "kind": "outcome", "unit": "$", "objective": "grow", "owner": "kim", "source": "regress_kra_wh.deals", "weight": 2, "target": ">= 30000 from 20000 by 2025-12-31"}]},
     {"key": "pipeline", "name": "Pipeline", "perspective": "process", "kpis": [{"key": "demos", "name": "Demos held", "kind": "activity", "timing": "leading", "unit": "demos", "drives": "closed", "owner": "kim", "target": ">= 10"}]},
     {"key": "trust", "name": "Customer trust", "perspective": "customer", "kpis": [{"key": "rating", "name": "Demo rating", "kind": "outcome", "timing": "leading", "unit": "%", "over_time": "mean", "objective": "grow", "owner": "kim", "target": ">= 80"}]}]}]}')
GROUP BY object ORDER BY object COLLATE "C";
UPDATE kra.subjects SET login = 'regress_kra_kim' WHERE key = 'north';
RESET ROLE;
SELECT pg_temp.it_was('2024-12-20');

-- 3 January: who is to reach it takes it as his own
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('closed', 'sam', 'Ambitious, but mine.') AS closed, kra.acknowledge('demos', 'sam') AS demos, kra.acknowledge('rating', 'sam') AS rating;
RESET ROLE;
SELECT pg_temp.it_was('2025-01-03');
SELECT owner_key, kpi_name, due_date, is_overdue FROM kra.due(as_of => '2025-01-10') WHERE due_kind = 'acknowledgement' ORDER BY owner_key COLLATE "C", kpi_name COLLATE "C";

-- January: collect what the warehouse has, record the rest, check in
INSERT INTO regress_kra_wh.deals VALUES ('A-1', 'sam', '2025-01-09', 14000), ('A-2', 'sam', '2025-01-28', 8000), ('B-1', 'ada', '2025-01-15', 33000);
SET ROLE regress_kra_admin;
SELECT kpi_key, changed, rows_read, error FROM kra.collect("full" => true);
SET ROLE regress_kra_kim;
SELECT v.s AS subject, v.k AS kpi, r.period_label, r.recorded_value FROM (VALUES ('demos', 'sam', 14), ('demos', 'ada', 9), ('rating', 'sam', 71), ('rating', 'ada', 88)) v (k, s, n), LATERAL kra.record(v.k, v.s, '2025-01-31', v.n) r;
SET ROLE regress_kra_sam;
SELECT kra.check_in('sam', 'Many demos, few who can sign.', 'demos') > 0 AS checked_in;
RESET ROLE;
SELECT pg_temp.it_was('2025-01-31');

-- 3 February: look
SET ROLE regress_kra_kim;
SELECT subject_key, score_text, status, imbalance_flag FROM kra.scorecards('2025-02-03') WHERE period_label = '2025-01' ORDER BY 1;
\x on
SELECT kra, asked, came, open_actions, check_ins, questions FROM kra.review_agenda('sam', '2025-01', '2025-02-03');
\x off
-- talk, and agree
SELECT kra_internal.score_text(kra.close_review('sam', '2025-01', 'Busy, and not moving.', '[{"description": "Qualify before the demo: budget, and who signs", "owner": "sam", "due_on": "2025-02-14", "kpi": "demos"},
    {"description": "Sit in on two demos", "owner": "kim", "due_on": "2025-02-20", "kpi": "rating"}]')) AS frozen;
SELECT kra_internal.score_text(kra.close_review('ada', '2025-01', 'Well done.')) AS frozen;
RESET ROLE;
SELECT pg_temp.it_was('2025-02-03');

-- February: act
SELECT id AS qualify FROM kra.actions WHERE description LIKE 'Qualify%' \gset
SET ROLE regress_kra_sam;
SELECT kra.complete_action(:qualify, done_on => '2025-02-12');
SET ROLE regress_kra_kim;
SELECT kra.complete_milestone('grow', 'crm', '2025-02-14') AS reached, kra.complete_milestone('grow', 'office', completion => 0.1) AS begun;
SELECT progress_pct, round(expected_pct::numeric, 3) AS expected, is_behind, milestone_count AS steps, completed_milestone_count AS reached, overdue_milestone_count AS overdue FROM kra.objective_results('2025-02-21');
RESET ROLE;

-- 21 February: what is due is told, each item once a day
SELECT due_kind, owner_key, kpi_name, due_date, is_overdue FROM kra.due(as_of => '2025-02-21') WHERE due_kind IN ('action', 'milestone', 'acknowledgement') ORDER BY due_date, kpi_name COLLATE "C";
SELECT about_name, since_date, is_waived FROM kra.findings(as_of => '2025-02-21') WHERE rule_id = 'action_overdue';
SET ROLE regress_kra_admin;
SELECT kra.notify_due(as_of => '2025-02-21') = (SELECT count(*) FROM kra.due(as_of => '2025-02-21')) AS all_told, kra.notify_due(as_of => '2025-02-21') AS once_a_day;
SELECT kra.notify_due(as_of => '2025-02-22') > 0 AS next_day;
RESET ROLE;

-- The next month
INSERT INTO regress_kra_wh.deals VALUES ('A-3', 'sam', '2025-02-11', 17000), ('A-4', 'sam', '2025-02-27', 12500), ('B-2', 'ada', '2025-02-20', 31000);
SET ROLE regress_kra_admin;
SELECT kpi_key, changed, rows_read, error FROM kra.collect("full" => true);
SET ROLE regress_kra_kim;
SELECT count(*) AS recorded FROM (VALUES ('demos', 'sam', 10), ('demos', 'ada', 11), ('rating', 'sam', 84), ('rating', 'ada', 86)) v (k, s, n), LATERAL kra.record(v.k, v.s, '2025-02-28', v.n) r;
RESET ROLE;
SELECT pg_temp.it_was('2025-02-28');
SET ROLE regress_kra_kim;
\x on
SELECT kra, came, open_actions, questions FROM kra.review_agenda('sam', '2025-02', '2025-03-03');
\x off
SELECT kra_internal.score_text(kra.close_review('sam', '2025-02', 'Fewer demos, more deals.', '[{"description": "Keep on qualifying", "owner": "sam", "due_on": "2025-03-31", "kpi": "closed"}]')) AS frozen;
RESET ROLE;
SELECT pg_temp.it_was('2025-03-03');
-- and what came of it
SET ROLE regress_kra_kim;
SELECT kra, kpi_name, change, before_value, after_value FROM kra.compare_reviews('sam', '2025-02');
-- the warehouse corrects itself later: what was closed stays
RESET ROLE;
UPDATE regress_kra_wh.deals SET value = 1000 WHERE deal = 'A-3';
SET ROLE regress_kra_admin;
SELECT kpi_key, changed FROM kra.collect("full" => true);
SET ROLE regress_kra_sam;
SELECT kra_internal.score_text(kra.scorecard_of('sam', '2025-02')) AS frozen, kra_internal.score_text(kra.scorecard_of('sam', '2025-02', live => true)) AS live;
SELECT before_value, after_value FROM kra.compare_reviews('sam', '2025-02') WHERE change = 'score';
SELECT year_label, reviews_closed_count AS reviews, actions_count AS actions, actions_done_count AS done, actions_on_time_count AS in_time FROM kra.track_record('sam', '2025-03-31');
RESET ROLE;

DROP SCHEMA regress_kra_wh CASCADE;
DROP EXTENSION kra CASCADE;
DROP ROLE regress_kra_admin, regress_kra_kim, regress_kra_sam;
CREATE EXTENSION kra;
