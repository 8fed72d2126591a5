-- The catalogue at the size of a company, and facts to collect: people in teams of 50 with 5 KPIs
-- and 36 months; 100 more people in two desks, with 2 KPIs a day and one year. Everything is made
-- from hashes: the same rows on every run, but for the days, which end with the last whole month
-- and the last whole year. It fills the catalogue of the database that it runs in.
-- Variables: people, facts, first and last (months), daily (first of the year of days), analyze.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION kra;
-- Without statistics, nor may they come in the meantime.
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', c.oid::regclass)
FROM pg_class c
WHERE c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
  AND c.relkind IN ('r', 'm') AND :'analyze' = 'no' \gexec
CREATE SCHEMA kra_bench;
SET search_path = kra_bench, public;

CREATE FUNCTION noise(i bigint, seed bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(i, seed) & 4294967295) / 4294967296.0::double precision;

SELECT count(*) AS defined
FROM kra.define(jsonb_build_object(
    'effective_from', :'first'::date,
    'roles', '[
        {"key": "ae", "name": "Account executive", "kras": [
            {"name": "Revenue growth", "kpis": [
                {"key": "revenue", "name": "revenue closed", "kind": "outcome", "unit": "$",
                 "weight": 3, "target": ">= 60000"},
                {"key": "win_rate", "name": "win rate", "kind": "outcome", "unit": "%",
                 "over_time": "ratio", "over_subjects": "ratio", "weight": 1,
                 "target": ">= 20 threshold 15"}]},
            {"name": "Pipeline", "kpis": [
                {"key": "demos", "name": "demos held", "kind": "outcome", "weight": 2,
                 "target": ">= 12"},
                {"key": "quality", "name": "demo quality", "kind": "outcome",
                 "over_time": "mean", "over_subjects": "mean", "weight": 2, "target": ">= 4"}]},
            {"name": "Prospecting", "kpis": [
                {"key": "calls", "name": "calls made", "kind": "activity", "weight": 1,
                 "target": ">= 400"}]}]},
        {"key": "agent", "name": "Service agent", "kras": [
            {"name": "Service", "kpis": [
                {"key": "solved", "name": "cases solved", "kind": "outcome", "cadence": "day",
                 "weight": 2, "target": ">= 20"},
                {"key": "talk_time", "name": "talk time", "kind": "activity", "cadence": "day",
                 "over_time": "mean", "over_subjects": "mean", "weight": 1,
                 "target": ">= 240"}]}]}]'::jsonb,
    'subjects', (
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'key', s.key,
            'name', regexp_replace(initcap(replace(s.key, '_', ' ')), '([0-9]+)$', ' \1'),
            'kind', s.kind, 'parent', s.parent, 'role', s.role)))
        FROM (
            SELECT 'company' AS key, 'company' AS kind, NULL AS parent, NULL AS role
            UNION ALL
            SELECT 'team' || i, 'team', 'company', NULL
            FROM generate_series(1, (:people + 49) / 50) i
            UNION ALL
            SELECT 'person' || i, 'person', 'team' || (i + 49) / 50, 'ae'
            FROM generate_series(1, :people) i
            UNION ALL
            SELECT 'team_desk' || i, 'team', 'company', NULL
            FROM generate_series(1, 2) i
            UNION ALL
            SELECT 'person_agent' || i, 'person', 'team_desk' || (i + 49) / 50, 'agent'
            FROM generate_series(1, 100) i
        ) s)));

-- Month by month, as months are collected; then the year of days.
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, source)
SELECT k.id, s.id, m::date, k.grid,
       CASE k.key
           WHEN 'win_rate' THEN kra.actual_agg(100 * round(6 * x), m::date, 14)
           WHEN 'quality' THEN kra.actual_agg(round((3.4 + 1.2 * x)::numeric, 1)::float8, m::date)
           ELSE kra.actual_agg(round(CASE k.key WHEN 'revenue' THEN 60000 WHEN 'demos' THEN 12
                                                ELSE 400 END * (0.7 + 0.6 * x)), m::date)
       END, CASE k.key WHEN 'calls' THEN 'kra_bench.facts' ELSE 'kra_bench.generated' END
FROM generate_series(:'first'::date, :'last'::date, interval '1 month') m
CROSS JOIN kra.kpis k
CROSS JOIN kra.subjects s
CROSS JOIN LATERAL (
    SELECT noise(s.id * 1000::bigint + k.id, extract(epoch FROM m)::bigint) AS x
) n
WHERE s.key ~ '^person[0-9]' AND k.cadence = 'month'
GROUP BY m, k.id, s.id, n.x
ORDER BY m, k.id, s.id;

INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, source)
SELECT k.id, s.id, d::date, k.grid,
       kra.actual_agg(round(CASE k.key WHEN 'solved' THEN 20 ELSE 240 END * (0.7 + 0.6 * x)),
                      d::date), 'kra_bench.generated'
FROM generate_series(:'daily'::date, :'daily'::date + interval '1 year - 1 day',
                     interval '1 day') d
CROSS JOIN kra.kpis k
CROSS JOIN kra.subjects s
CROSS JOIN LATERAL (
    SELECT noise(s.id * 1000::bigint + k.id, extract(epoch FROM d)::bigint) AS x
) n
WHERE s.key ~ '^person_agent' AND k.cadence = 'day'
GROUP BY d, k.id, s.id, n.x
ORDER BY d, k.id, s.id;

-- What collect reads: an observation a row, in order of arrival, 36 months up to yesterday. It is
-- bound to a KPI that stands on everybody's card, so that what is kept has to follow.
CREATE UNLOGGED TABLE facts (
    subject text NOT NULL,
    at date NOT NULL,
    value double precision NOT NULL
);
INSERT INTO facts
SELECT 'person' || (1 + floor(noise(i, 1) * :people))::integer,
       :'first'::date + (i::bigint * (current_date - :'first'::date) / (:facts + 1))::integer,
       floor(noise(i, 2) * 1000) / 10 * 8 * 36 * :people / :facts
FROM generate_series(1, :facts) i;
CREATE INDEX ON facts (at);
SELECT count(*) AS defined
FROM kra.define('{"kpis": [{"key": "calls", "source": "kra_bench.facts"}]}');

-- Somebody who sees 4 teams: 204 subjects.
DROP ROLE IF EXISTS kra_bench_manager;
CREATE ROLE kra_bench_manager;
SELECT kra.grant_reader('kra_bench_manager');
UPDATE kra.subjects SET login = 'kra_bench_manager'
WHERE key IN ('team1', 'team2', 'team3', 'team4');
-- where the results of queries go: /dev/null
GRANT pg_write_server_files TO kra_bench_manager;

-- Seconds of CPU that this backend has used, where the server runs on Linux.
CREATE FUNCTION cpu() RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    nanoseconds text := split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1);
    fields text[];
BEGIN
    IF nanoseconds <> '' THEN
        RETURN nanoseconds::double precision / 1e9;
    END IF;
    -- utime and stime, in ticks, which are hundredths of a second; the name may hold blanks
    fields := string_to_array(
        regexp_replace(pg_read_file('/proc/self/stat', 0, 4000), '^.*[)] ', ''), ' ');
    RETURN (fields[12]::double precision + fields[13]::double precision) / 100;
END $$;

-- What was measured: one row a run; round 0 warms the session up.
CREATE TABLE timing (
    place serial,
    line text NOT NULL,
    side text NOT NULL,     -- kra, or what it is compared with
    round integer NOT NULL,
    cpu double precision,   -- NULL: it failed
    row_count bigint,
    sqlstate text,
    message text
);
