-- fdw: facts wherever they are: a table, partitions, a materialized view, and another server, which
-- adds up what it can. The other server is this one, with another database.
SELECT NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw') AS skip \gset
\if :skip
\quit
\endif
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT current_database() AS here \gset
CREATE DATABASE regress_kra_far TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
ALTER DATABASE regress_kra_far SET timezone = 'America/Los_Angeles';
\c regress_kra_far
SET client_min_messages = warning;
CREATE EXTENSION kra;
CREATE SCHEMA far;
CREATE TABLE far.facts (subject text NOT NULL, at timestamptz NOT NULL, value float8, weight int NOT NULL);
-- every four hours and a second: some in each hour before a midnight in Berlin, and after it
INSERT INTO far.facts
SELECT (ARRAY['north', 'south', E'M\u00fcnchen', 'nobody'])[1 + i % 4], timestamptz '2025-11-30 21:00Z' + i * interval '4 hours 1 second', CASE WHEN i % 50 <> 0 THEN i % 13 * 0.25 END, 1 + i % 3
FROM generate_series(1, 1200) i;
CREATE VIEW far.walls AS SELECT subject, at AT TIME ZONE 'Europe/Berlin' AS at, value, weight FROM far.facts;
-- what the other side has added up: a summary a day
CREATE VIEW far.days AS SELECT subject, (at AT TIME ZONE 'Europe/Berlin')::date AS at, kra.actual_agg(value, at, weight) AS value FROM far.facts WHERE value IS NOT NULL GROUP BY 1, 2;
\c :here
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
SET DateStyle = 'ISO, MDY';
\pset null '(null)'
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CREATE EXTENSION postgres_fdw;
SELECT current_setting('port') AS port, split_part(current_setting('unix_socket_directories'), ',', 1) AS host, current_user AS role, '' AS password \gset
\getenv host PGHOST
\getenv password PGPASSWORD
CREATE SERVER regress_kra_far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'host', port :'port', dbname 'regress_kra_far', extensions 'kra');
CREATE USER MAPPING FOR CURRENT_USER SERVER regress_kra_far OPTIONS (user :'role', password :'password');
CREATE SCHEMA wh;
CREATE FOREIGN TABLE wh.far (subject text, at timestamptz, value float8, weight int) SERVER regress_kra_far OPTIONS (schema_name 'far', table_name 'facts');
CREATE FOREIGN TABLE wh.far_walls (subject text, at timestamp, value float8, weight int) SERVER regress_kra_far OPTIONS (schema_name 'far', table_name 'walls');
CREATE FOREIGN TABLE wh.far_days (subject text, at date, value kra.kpi_actual) SERVER regress_kra_far OPTIONS (schema_name 'far', table_name 'days');
CREATE TABLE wh.local AS TABLE wh.far;
CREATE TABLE wh.parted (subject varchar, at timestamptz, value numeric, weight int) PARTITION BY RANGE (at);
CREATE TABLE wh.parted_2025 PARTITION OF wh.parted FOR VALUES FROM (MINVALUE) TO ('2026-01-01Z');
CREATE TABLE wh.parted_2026 PARTITION OF wh.parted FOR VALUES FROM ('2026-01-01Z') TO (MAXVALUE);
INSERT INTO wh.parted TABLE wh.far;
CREATE MATERIALIZED VIEW wh.kept AS SELECT subject, kra_internal.grid_start('week', at, 'Europe/Berlin'::text::kra_internal.zone) AS at, kra.actual_agg(value, at, weight) AS value FROM wh.far WHERE value IS NOT NULL GROUP BY 1, 2;
CREATE VIEW wh.through AS SELECT subject, at, value, weight FROM wh.far;
ANALYZE wh.local, wh.parted, wh.kept;

INSERT INTO kra.settings (time_zone) VALUES ('Europe/Berlin');
INSERT INTO kra.subjects (key, name, kind) SELECT k, k, 'team' FROM unnest(ARRAY['north', 'south', E'M\u00fcnchen']) k;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, source_relation)
SELECT c || ' ' || s, 'x', 'outcome', 'ratio', 'ratio', c, 'wh.' || s
FROM unnest('{local,parted,far,far_walls,far_days,through,kept}'::text[]) WITH ORDINALITY r (s, n), unnest('{day,week,month}'::text[]) c
WHERE s <> 'kept' OR c = 'week'
ORDER BY c, n;
SELECT kpi_key, periods_read, changed, rows_read, unknown_subjects, bad_values, error FROM kra.collect();
-- the same measurements, whichever way they came
CREATE VIEW pg_temp.differences AS
SELECT k.key, count(*) AS measurements, count(*) FILTER (WHERE m.actual IS DISTINCT FROM l.actual) AS differ
FROM kra.kpis k
JOIN kra.kpis lk ON lk.key = k.cadence || ' local'
CROSS JOIN LATERAL (SELECT * FROM kra.measurements x WHERE x.kpi_id = lk.id) l
FULL JOIN kra.measurements m ON m.kpi_id = k.id AND m.subject_id = l.subject_id AND m.period_start = l.period_start
GROUP BY k.id, k.key ORDER BY k.id;
SELECT * FROM pg_temp.differences;
-- and as the window is read, of each type of at
UPDATE wh.local SET value = value + 1 WHERE at >= '2026-03-14 23:00Z';
UPDATE wh.parted SET value = value + 1 WHERE at >= '2026-03-14 23:00Z';
UPDATE wh.far SET value = value + 1 WHERE at >= '2026-03-14 23:00Z';
REFRESH MATERIALIZED VIEW wh.kept;
SELECT count(*) AS kpis, count(error) AS errors, min(read_from), max(read_from) FROM kra.collect(since => '2026-03-15');
SELECT * FROM pg_temp.differences WHERE differ > 0 OR key IS NULL;

-- the other side adds up: what comes is a row per subject and period
CREATE FUNCTION pg_temp.plan(kpi text, read_from date) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    query text := (SELECT (kra_internal.collect_query(k.id, read_from)).facts FROM kra.kpis k WHERE k.key = kpi);
BEGIN
    query := replace(replace(replace(query, '$1', quote_literal(read_from) || '::date'), '$2', quote_literal(read_from) || '::timestamp'), '$3', quote_literal(read_from || 'Z') || '::timestamptz');
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
        IF line ~ 'Foreign Scan|Aggregate|Relations:|Scan on|Remote SQL' THEN
            RETURN NEXT btrim(regexp_replace(line, '^ *(->  )?|SELECT .*(?= FROM)|GROUP BY 1, 2$', '', 'g'));
        END IF;
    END LOOP;
END $$;
SELECT k.key, p.* FROM kra.kpis k, LATERAL pg_temp.plan(k.key, '2026-02-01') WITH ORDINALITY p (line, n) WHERE k.cadence = 'month' AND k.source_relation ~ 'far|through' ORDER BY k.id, n;
SELECT kpi_key, periods_read, rows_read FROM kra.collect('month far_days', "full" => true);
-- a server without kra among its extensions sends the rows
ALTER SERVER regress_kra_far OPTIONS (DROP extensions);
SELECT pg_temp.plan('month far', '2026-02-01');
SELECT kpi_key, changed, removed, error FROM kra.collect("full" => true) WHERE kpi_key LIKE 'month far%' OR kpi_key LIKE '%through';

-- a summary that holds nothing is no measurement, nor is one of nobody or of no day
CREATE TABLE wh.summaries (subject text, at timestamp, value kra.kpi_actual);
INSERT INTO wh.summaries SELECT 'north', '2026-01-31 23:59', kra.actual_agg(v, date '2026-01-31') FROM generate_series(1, 3) v;
INSERT INTO wh.summaries VALUES ('south', '2026-01-31', '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}'), ('south', '2026-01-01', NULL);
INSERT INTO wh.summaries SELECT NULL, '2026-01-31 23:59', kra.actual_agg(v, date '2026-01-31') FROM generate_series(1, 4) v;
INSERT INTO wh.summaries SELECT 'north', 'infinity', kra.actual_agg(v, date '2026-01-31') FROM generate_series(1, 5) v;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, source_relation) VALUES ('summaries', 'x', 'outcome', 'mean', 'mean', 'wh.summaries');
SELECT periods_read, changed, rows_read, unknown_count, bad_values, bad_examples, error FROM kra.collect('summaries');
SELECT s.key, m.period_start, kra.value(m.actual, 'mean') AS mean, kra.value(m.actual, 'count') AS n FROM kra.measurements m JOIN kra.subjects s ON s.id = m.subject_id JOIN kra.kpis k ON k.id = m.kpi_id WHERE k.key = 'summaries';

DROP SCHEMA wh CASCADE;
DROP EXTENSION postgres_fdw CASCADE;
DROP DATABASE regress_kra_far WITH (FORCE);
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
