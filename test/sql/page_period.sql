-- The period of a page that is asked for none: the latest in which half of the lines have data.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2026-01-01",
    "subjects": [{"key": "team", "name": "Team", "kind": "team"},
                 {"key": "ann", "name": "Ann", "kind": "person", "parent": "team", "role": "rep"},
                 {"key": "bob", "name": "Bob", "kind": "person", "parent": "team", "role": "rep"}],
    "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Sales", "kpis": [
        {"key": "revenue", "name": "Revenue", "kind": "outcome", "target": ">= 10"},
        {"key": "calls", "name": "Calls", "kind": "activity", "target": ">= 10"}]}]}]}');
CREATE FUNCTION pg_temp.chosen(_as_of date) RETURNS TABLE (subject text, period_label text, passed_over text)
LANGUAGE sql AS $$
    SELECT s.key, p.period_label, p.passed_over
    FROM (SELECT key, id FROM kra.subjects UNION ALL SELECT 'all', NULL) s,
         kra_internal.page_period(s.id, NULL, _as_of) p
    ORDER BY 1 $$;

-- nothing was ever measured
SELECT * FROM pg_temp.chosen('2026-03-05');
-- January of all; one source is ahead: 1 of 2 lines of Ann and of the team, 2 of 6 of all with the team's
SELECT count(*) AS recorded
FROM unnest('{revenue,calls}'::text[]) k, unnest('{ann,bob}'::text[]) s, kra.record(k, s, '2026-01-10', 10);
SELECT kra.record('calls', 'ann', '2026-02-10', 10) IS NOT NULL AS recorded;
SELECT * FROM pg_temp.chosen('2026-03-05');
-- calls of all: half of the lines
SELECT kra.record('calls', 'bob', '2026-02-10', 10) IS NOT NULL AS recorded;
SELECT * FROM pg_temp.chosen('2026-03-05');
-- a third KPI that nobody has in February: 3 of 9, 1 of 3
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2026-01-01", "roles": [{"key": "rep", "kras": [{"name": "Sales", "kpis": [
        {"key": "revenue", "target": ">= 10"}, {"key": "calls", "target": ">= 10"}, {"key": "quality", "name": "Quality", "kind": "outcome", "over_time": "mean", "over_subjects": "mean", "target": ">= 4"}]}]}]}');
SELECT * FROM pg_temp.chosen('2026-03-05');
-- the page says so, in the head
SELECT kra.report('ann', as_of => '2026-03-05') ~ 'In 2026-02, only 33% of the lines have data' AS report,
       kra.dashboard(as_of => '2026-03-05') ~ 'In 2026-02, only 33% of the lines have data' AS dashboard,
       kra.report_markdown('ann', as_of => '2026-03-05') ~ 'In 2026-02, only 33% of the lines have data' AS markdown,
       kra.report('ann', '2026-02', '2026-03-05') ~ 'of the lines have data' AS asked_for;
-- while January runs there is no other
SELECT * FROM pg_temp.chosen('2026-01-20');
