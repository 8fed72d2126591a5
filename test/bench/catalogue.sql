-- The catalogue at the size of a company: people in teams of 50, 5 KPIs, 36 months; and facts to collect.
-- Everything is made from hashes: the same rows on every run, but for the months, which end with the last whole one.
-- It fills the catalogue of the database that it runs in.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION kra;
CREATE SCHEMA kra_bench;
SET search_path = kra_bench, public;

CREATE FUNCTION noise(i bigint, seed bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(i, seed) & 4294967295) / 4294967296.0::double precision;

SELECT (date_trunc('month', current_date) - interval '36 months')::date AS first, (date_trunc('month', current_date) - interval '1 month')::date AS last \gset

SELECT count(*) AS defined FROM kra.define(jsonb_build_object(
    'effective_from', :'first'::date,
    'roles', jsonb_build_array(jsonb_build_object('key', 'ae', 'name', 'Account executive', 'kras', '[
        {"name": "Revenue growth", "kpis": [
            {"key": "revenue", "name": "revenue closed", "kind": "outcome", "unit": "$", "weight": 3, "target": ">= 60000"},
            {"key": "win_rate", "name": "win rate", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio", "weight": 1, "target": ">= 20 threshold 15"}]},
        {"name": "Pipeline", "kpis": [
            {"key": "demos", "name": "demos held", "kind": "outcome", "weight": 2, "target": ">= 12"},
            {"key": "quality", "name": "demo quality", "kind": "outcome", "over_time": "mean", "over_subjects": "mean", "weight": 2, "target": ">= 4"}]},
        {"name": "Prospecting", "kpis": [
            {"key": "calls", "name": "calls made", "kind": "activity", "weight": 1, "target": ">= 400"}]}]'::jsonb)),
    'subjects', (
        SELECT jsonb_agg(s) FROM (
            SELECT jsonb_build_object('key', 'company', 'name', 'Company', 'kind', 'company') AS s
            UNION ALL SELECT jsonb_build_object('key', 'team' || i, 'name', 'Team ' || i, 'kind', 'team', 'parent', 'company') FROM generate_series(1, (:people + 49) / 50) i
            UNION ALL SELECT jsonb_build_object('key', 'person' || i, 'name', 'Person ' || i, 'kind', 'person', 'parent', 'team' || (i + 49) / 50, 'role', 'ae') FROM generate_series(1, :people) i
        ) s)));

-- Month by month, as months are collected.
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, source)
SELECT k.id, s.id, m::date, k.grid,
       CASE k.key WHEN 'win_rate' THEN kra.actual_agg(100 * round(6 * x), m::date, 14)
                  WHEN 'quality' THEN kra.actual_agg(round((3.4 + 1.2 * x)::numeric, 1)::float8, m::date)
                  ELSE kra.actual_agg(round(CASE k.key WHEN 'revenue' THEN 60000 WHEN 'demos' THEN 12 ELSE 400 END * (0.7 + 0.6 * x)), m::date) END, 'kra_bench.generated'
FROM generate_series(:'first'::date, :'last'::date, interval '1 month') m
CROSS JOIN kra.kpis k
CROSS JOIN kra.subjects s
CROSS JOIN LATERAL (SELECT noise(s.id * 1000::bigint + k.id, extract(epoch FROM m)::bigint) AS x) n
WHERE s.kind = 'person'
GROUP BY m, k.id, s.id, n.x
ORDER BY m, k.id, s.id;

-- What collect reads: one row per observation, in order of arrival, 36 months up to today.
CREATE UNLOGGED TABLE facts (subject text NOT NULL, at date NOT NULL, value double precision NOT NULL);
INSERT INTO facts
SELECT 'person' || (1 + floor(noise(i, 1) * :people))::integer, :'first'::date + (i::bigint * (current_date - :'first'::date) / :rows)::integer, floor(noise(i, 2) * 1000) / 100
FROM generate_series(1, :rows) i;
CREATE INDEX ON facts (at);
SELECT count(*) AS defined FROM kra.define('{"kpis": [{"key": "collected", "name": "collected", "kind": "activity", "source": "kra_bench.facts"}]}');
-- Somebody who sees 4 teams: 204 subjects.
DROP ROLE IF EXISTS kra_bench_manager;
CREATE ROLE kra_bench_manager;
SELECT kra.grant_reader('kra_bench_manager');
UPDATE kra.subjects SET login = 'kra_bench_manager' WHERE key IN ('team1', 'team2', 'team3', 'team4');
VACUUM ANALYZE;

-- Each statement, bare and by the view: planning and execution, all columns, in turns.
CREATE TABLE question (place integer PRIMARY KEY, what text, goal_ms double precision, view_sql text, bare_sql text, viewer text);
INSERT INTO question
SELECT q.place, q.what, q.goal_ms, replace(q.view_sql, '$month', quote_literal(:'last')), replace(q.bare_sql, '$month', quote_literal(:'last'))
FROM (VALUES
    (1, 'one person''s scorecard of a month', 5, 'SELECT * FROM kra_bi.scorecards WHERE subject_key = ''person77'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id WHERE s.key = ''person77'' AND m.period_start = $month'),
    (2, 'one person''s 5 KPIs of a month, all 73 columns', 5, 'SELECT * FROM kra_bi.kpi_results WHERE subject_key = ''person77'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id WHERE s.key = ''person77'' AND m.period_start = $month'),
    (3, 'the scorecards of the 50 of a team', 50, 'SELECT * FROM kra_bi.scorecards WHERE parent_key = ''team2'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.placements p USING (subject_id) JOIN kra.subjects t ON t.id = p.parent_id WHERE t.key = ''team2'' AND m.period_start = $month'),
    (4, 'the 250 KPIs of the 50 of a team, all columns', 50, 'SELECT * FROM kra_bi.kpi_results WHERE parent_key = ''team2'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.placements p USING (subject_id) JOIN kra.subjects t ON t.id = p.parent_id WHERE t.key = ''team2'' AND m.period_start = $month'),
    (5, 'the team''s own 5 KPIs, rolled up, all columns', 50, 'SELECT * FROM kra_bi.kpi_results WHERE subject_key = ''team2'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.kpi_id, kra.rollup(m.actual) FROM kra.measurements m JOIN kra.placements p USING (subject_id) JOIN kra.subjects t ON t.id = p.parent_id WHERE t.key = ''team2'' AND m.period_start = $month GROUP BY m.kpi_id'),
    (6, 'the company''s own scorecard of a month, rolled up', 2000, 'SELECT * FROM kra_bi.scorecards WHERE subject_key = ''company'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.kpi_id, kra.rollup(m.actual) FROM kra.measurements m WHERE m.period_start = $month GROUP BY m.kpi_id'),
    (7, 'the company''s own 5 KPIs, rolled up, all columns', 2000, 'SELECT * FROM kra_bi.kpi_results WHERE subject_key = ''company'' AND period_grain = ''month'' AND period_start = $month',
        'SELECT m.kpi_id, kra.rollup(m.actual) FROM kra.measurements m WHERE m.period_start = $month GROUP BY m.kpi_id'),
    (8, 'the scorecards of everybody in a month', 2000, 'SELECT * FROM kra_bi.scorecards WHERE period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m WHERE m.period_start = $month'),
    (9, 'actual, target, attainment and status of everybody''s KPIs', 2000, 'SELECT subject_key, kpi_key, actual_value, target_value, attainment_pct, status, status_color FROM kra_bi.kpi_results WHERE period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m WHERE m.period_start = $month'),
    (10, 'everybody''s KPIs, all columns', NULL, 'SELECT * FROM kra_bi.kpi_results WHERE period_grain = ''month'' AND period_start = $month',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m WHERE m.period_start = $month'),
    (11, 'one person''s findings', 100, 'SELECT * FROM kra_bi.findings WHERE subject_key = ''person77''',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id WHERE s.key = ''person77'''),
    (12, 'what one person has to do', NULL, 'SELECT * FROM kra_bi.due WHERE subject_key = ''person77''',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id WHERE s.key = ''person77'''),
    (13, 'one person''s page', 200, 'SELECT kra.report(''person77'')',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id WHERE s.key = ''person77'''),
    (14, 'everybody''s findings, and those of roles and KPIs', 30000, 'SELECT * FROM kra_bi.findings',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m'),
    (15, 'what everybody has to do', NULL, 'SELECT * FROM kra_bi.due',
        'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m')
) q (place, what, goal_ms, view_sql, bare_sql);
INSERT INTO question VALUES (16, 'the dashboard of the 204 subjects that a manager sees', 3000, 'SELECT kra.dashboard()',
    'SELECT m.*, kra.value(m.actual, ''sum'') FROM kra.measurements m', 'kra_bench_manager');

CREATE TABLE timing (place integer, is_view boolean, round integer, ms double precision);

CREATE FUNCTION ms_of(sql text, viewer text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_config('role', coalesce(viewer, 'none'), true);
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || sql INTO plan;
    PERFORM set_config('role', 'none', true);
    RETURN (plan->0->>'Planning Time')::float8 + (plan->0->>'Execution Time')::float8;
END $$;

CREATE PROCEDURE measure(rounds integer) LANGUAGE plpgsql AS $$
BEGIN
    FOR round IN 0..rounds LOOP
        INSERT INTO timing
        SELECT q.place, v.is_view, round, ms_of(CASE WHEN v.is_view THEN q.view_sql ELSE q.bare_sql END, q.viewer)
        FROM question q CROSS JOIN (VALUES (true), (false)) v (is_view);
    END LOOP;
END $$;
CALL measure(:rounds);

-- Collecting: everything, and one new day, beside the plain statement.
CREATE UNLOGGED TABLE plain (subject text, month date, total double precision);
CREATE TABLE collecting (what text, round integer, ms double precision);
CREATE PROCEDURE collect_rounds(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz;
    n record;
BEGIN
    FOR round IN 1..rounds LOOP
        TRUNCATE plain;
        COMMIT;
        t := clock_timestamp();
        INSERT INTO plain SELECT subject, date_trunc('month', at)::date, sum(value) FROM facts GROUP BY 1, 2;
        INSERT INTO collecting VALUES ('plain', round, 1000 * extract(epoch FROM clock_timestamp() - t));
        COMMIT;
        DELETE FROM kra.measurements WHERE source = 'kra_bench.facts';
        COMMIT;
        t := clock_timestamp();
        SELECT * INTO n FROM kra.collect('collected', "full" => true);
        INSERT INTO collecting VALUES ('full', round, 1000 * extract(epoch FROM clock_timestamp() - t));
        COMMIT;
        INSERT INTO facts SELECT subject, current_date, value FROM facts WHERE at = current_date - 1;
        COMMIT;
        t := clock_timestamp();
        SELECT * INTO n FROM kra.collect('collected');
        INSERT INTO collecting VALUES ('one new day', round, 1000 * extract(epoch FROM clock_timestamp() - t));
        COMMIT;
        DELETE FROM facts WHERE at = current_date;
        COMMIT;
    END LOOP;
END $$;
CALL collect_rounds(:rounds);

-- The report.
\pset border 1
\pset footer off
\pset null '-'
WITH m AS (
    SELECT place, is_view, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM timing WHERE round > 0 GROUP BY place, is_view
)
SELECT q.what, to_char(b.ms, 'FM99990.00') AS "bare, ms", to_char(v.ms, 'FM99990.0') AS "view, ms", to_char(v.ms / b.ms, 'FM99990.0') AS ratio,
       q.goal_ms AS "goal, ms", CASE WHEN v.ms <= q.goal_ms THEN 'met' WHEN v.ms > q.goal_ms THEN 'MISSED' END AS verdict
FROM question q
JOIN m v ON v.place = q.place AND v.is_view
JOIN m b ON b.place = q.place AND NOT b.is_view
ORDER BY q.place;

-- The pages are texts: as large as they may be.
SET ROLE kra_bench_manager;
SELECT octet_length(kra.report('person77')) / 1000 AS "page, kB", 300 AS "goal, kB", octet_length(kra.dashboard()) / 1000 AS "dashboard, kB", 2000 AS "goal, kB";
RESET ROLE;

WITH m AS (
    SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM collecting GROUP BY what
)
SELECT r.what, r.against, to_char(a.ms, 'FM9999990') AS "ms", to_char(b.ms, 'FM9999990') AS "against, ms", to_char(a.ms / b.ms, 'FM990.00') AS ratio,
       r.goal, CASE WHEN a.ms / b.ms <= r.goal THEN 'met' ELSE 'MISSED' END AS verdict
FROM (VALUES (1, 'full', 'plain', 1.3), (2, 'one new day', 'full', 0.1)) r (place, what, against, goal)
JOIN m a ON a.what = r.what
JOIN m b ON b.what = r.against
ORDER BY r.place;
SELECT kra.revoke_reader('kra_bench_manager') \g /dev/null
DROP ROLE kra_bench_manager;
