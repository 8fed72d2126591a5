-- collect: measurements out of the relations of a warehouse.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

CREATE SCHEMA wh;
INSERT INTO kra.subjects (key, name, kind) SELECT k, k, 'team' FROM unnest(ARRAY['north', 'south', 'east', 'O''Brien "x"; --', '7']) k;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, source_relation) VALUES
    ('sales', 'sales', 'outcome', 'sum', 'sum', 'month', 'wh.sales'),
    ('wait', 'wait', 'outcome', 'ratio', 'ratio', 'month', 'wh.wait');

-- what a collect says, less what differs from day to day
CREATE FUNCTION pg_temp.collect(kpi text DEFAULT NULL, since date DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS TABLE (kpi_key text, everything boolean, periods_read int, changed int, removed int, rows_read bigint, unknown text, bad bigint, future int, error text)
LANGUAGE sql AS $$
    SELECT kpi_key, read_from IS NULL, periods_read, changed, removed, rows_read, unknown_count || ' ' || unknown_subjects::text, bad_values, future_periods, error
    FROM kra.collect(kpi, since, "full")
$$;
CREATE VIEW pg_temp.m AS
SELECT k.key AS kpi, s.key AS subject, (extract(year FROM age(date_trunc('month', current_date), period_start)) * 12 + extract(month FROM age(date_trunc('month', current_date), period_start)))::int AS months_ago,
    kra.value(actual, k.over_time) AS value, kra.weight(actual) AS weight, kra.value(actual, 'count') AS n, m.source
FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id JOIN kra.subjects s ON s.id = m.subject_id;

-- no relation, then no rows, then rows
SELECT * FROM pg_temp.collect();
CREATE TABLE wh.sales (subject text, at date, value int);
CREATE VIEW wh.wait AS SELECT subject, at::timestamp, value * 0.5::real AS value, 2 AS weight FROM wh.sales;
SELECT * FROM pg_temp.collect();
INSERT INTO wh.sales SELECT s, (date_trunc('month', current_date) - make_interval(months => m))::date, 10 * m + 1 FROM unnest('{north,south}'::text[]) s, generate_series(0, 3) m;
INSERT INTO wh.sales SELECT 'north', (date_trunc('month', current_date) - interval '1 day')::date, 5;
SELECT * FROM pg_temp.collect();
SELECT * FROM pg_temp.m ORDER BY kpi, subject, months_ago;
-- nothing has changed: nothing is written
SELECT * FROM pg_temp.collect();
SELECT * FROM pg_temp.collect('sales', "full" => true);
-- a changed, a new and a vanished fact within the window of two months, and the same before it
CREATE TEMP TABLE seen AS SELECT kpi_id, subject_id, period_start, recorded_at, actual, xmin::text AS x FROM kra.measurements;
UPDATE wh.sales SET value = 100 WHERE subject = 'north' AND at = date_trunc('month', current_date);
INSERT INTO wh.sales VALUES ('east', current_date, 3);
DELETE FROM wh.sales WHERE subject = 'south' AND at = (date_trunc('month', current_date) - interval '1 month')::date;
UPDATE wh.sales SET value = 200 WHERE subject = 'north' AND at = (date_trunc('month', current_date) - interval '2 months')::date;
INSERT INTO wh.sales VALUES ('east', (date_trunc('month', current_date) - interval '1 month 1 day')::date, 4);
DELETE FROM wh.sales WHERE subject = 'south' AND at = (date_trunc('month', current_date) - interval '3 months')::date;
SELECT * FROM pg_temp.collect();
SELECT * FROM pg_temp.m WHERE kpi = 'sales' ORDER BY subject, months_ago;
SELECT count(*) AS untouched, count(*) FILTER (WHERE x = m.xmin::text) AS same_row FROM kra.measurements m JOIN seen s USING (kpi_id, subject_id, period_start) WHERE m.actual = s.actual;
-- since: from its period on; full: all
SELECT * FROM pg_temp.collect('sales', since => (date_trunc('month', current_date) - interval '1 month 1 day')::date);
SELECT * FROM pg_temp.collect('sales', "full" => true);
SELECT * FROM pg_temp.collect('wait', "full" => true);
SELECT count(*) AS cells, count(*) FILTER (WHERE kra.value(m.actual, 'sum') IS DISTINCT FROM f.value) AS differ
FROM (SELECT * FROM kra.measurements WHERE source = 'wh.sales') m FULL JOIN (SELECT s.id, date_trunc('month', at)::date AS month, sum(value) AS value FROM wh.sales JOIN kra.subjects s ON s.key = subject GROUP BY 1, 2) f
    ON f.id = m.subject_id AND f.month = m.period_start;

-- subjects nobody knows, and rows that cannot count
CREATE TABLE wh.rough (subject text, at timestamptz, value float8, weight numeric);
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, source_relation) VALUES ('rough', 'rough', 'outcome', 'ratio', 'ratio', 'wh.rough');
INSERT INTO wh.rough VALUES ('north', '2026-01-31 23:59:59.999Z', 1, 2), ('north', '2026-02-01Z', 2, 3), ('north', '2026-02-28 23:00-02', 50, 60), ('north', '2026-02-10Z', NULL, NULL),
    ('nobody', '2026-01-01Z', 1, 1), ('noone', '2026-01-01Z', 1, 1), ('noone', '2026-02-01Z', 1, 1), ('North', '2026-01-01Z', 1, 1), ('north ', '2026-01-01Z', 1, 1), ('', '2026-01-01Z', 1, 1),
    ('north', '2026-01-02Z', 'NaN', 1), ('north', '2026-01-03Z', 'infinity', 1), ('south', '2026-01-04Z', '-infinity', 1), ('south', '2026-01-05Z', 4, 'NaN'), ('south', '2026-01-06Z', 4, NULL), ('south', '2026-01-07Z', 4, -1),
    ('south', NULL, 5, 1), (NULL, '2026-01-08Z', 5, 1), (NULL, NULL, 5, 1), ('south', 'infinity', 5, 1), ('south', '-infinity', 5, 1), ('south', '1899-12-31Z', 5, 1), ('south', '20260-01-01Z', 5, 1), ('south', '2026-01-09Z', 4, 'infinity');
SELECT * FROM pg_temp.collect('rough');
SELECT unnest(bad_examples) FROM kra.collect('rough', "full" => true);
SELECT s.key, period_start, kra.value(actual, 'sum') AS sum, kra.weight(actual) AS weight, kra.value(actual, 'count') AS n FROM kra.measurements m JOIN kra.subjects s ON s.id = subject_id WHERE source = 'wh.rough' ORDER BY 1, 2;
-- the first twenty keys, and how many there are
INSERT INTO wh.rough SELECT 'unknown ' || to_char(i, 'FM000'), '2026-03-01Z', 1, 1 FROM generate_series(1, 500) i;
SELECT unknown_count, cardinality(unknown_subjects) AS listed, unknown_subjects[1] = '' AS empty, unknown_subjects[20] FROM kra.collect('rough', "full" => true);
DELETE FROM wh.rough;
-- what a double precision cannot hold, and what a real makes of it
ALTER TABLE wh.rough ALTER value TYPE numeric;
INSERT INTO wh.rough VALUES ('north', '2026-01-02Z', 1e400, 1), ('north', '2026-01-03Z', 'NaN', 1), ('north', '2026-01-04Z', 0.1, 1e400), ('north', '2026-01-05Z', 'infinity', 1), ('north', '2026-01-06Z', 0.1, 0.3);
SELECT * FROM pg_temp.collect('rough', "full" => true);
SELECT kra.value(actual, 'sum') AS sum, kra.weight(actual) AS weight FROM kra.measurements WHERE source = 'wh.rough';
-- days of the future are collected, and said
DELETE FROM wh.rough;
INSERT INTO wh.rough VALUES ('north', now() + interval '1 month', 1, 1), ('north', now() + interval '9 years', 1, 1), ('north', now() + interval '11 years', 1, 1);
SELECT * FROM pg_temp.collect('rough', "full" => true);

-- sources of every sort
CREATE DOMAIN wh.amount AS numeric CHECK (value >= 0);
CREATE DOMAIN wh.big_amount AS wh.amount;
CREATE TABLE wh.parted (value wh.big_amount, at timestamptz, subject varchar(20)) PARTITION BY RANGE (at);
CREATE TABLE wh.parted_old PARTITION OF wh.parted FOR VALUES FROM ('2020-01-01Z') TO ('2026-01-01Z');
CREATE TABLE wh.parted_new PARTITION OF wh.parted FOR VALUES FROM ('2026-01-01Z') TO ('2040-01-01Z');
CREATE INDEX ON wh.parted (at);
INSERT INTO wh.parted SELECT i, '2025-12-30Z'::timestamptz + i * interval '1 day', 'north' FROM generate_series(0, 3) i;
CREATE MATERIALIZED VIEW wh.kept AS SELECT 7::smallint AS subject, '2026-01-01'::date AS at, 2.5::real AS value;
CREATE TABLE wh."a;b" (subject char(30), at timestamp, value bigint, weight double precision, "drop table wh.sales" text);
INSERT INTO wh."a;b" VALUES ('O''Brien "x"; --', '2026-01-31 23:59:59', 4, 2), ('7', '2026-01-31', 6, 3);
CREATE SCHEMA "Wh' %s $1";
CREATE VIEW "Wh' %s $1"."v ""%I""" AS SELECT 'north'::name AS subject, date '2026-05-05' AS at, 1::numeric AS value;
CREATE TYPE wh.region AS ENUM ('south', 'north');
CREATE TABLE wh.by_enum (subject wh.region, at date, value numeric);
INSERT INTO wh.by_enum VALUES ('south', '2026-01-01', 1), ('north', '2026-01-01', 2);
DO $$
BEGIN   -- a foreign table, where the server has file_fdw
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw') THEN
        CREATE EXTENSION file_fdw;
        CREATE SERVER regress_kra_files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE wh.far (subject text, at date, value int) SERVER regress_kra_files OPTIONS (program 'echo south,2026-01-15,3', format 'csv');
    ELSE
        CREATE TABLE wh.far AS SELECT 'south' AS subject, date '2026-01-15' AS at, 3 AS value;
    END IF;
END $$;
INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES ('far', 'f', 'outcome', 'wh.far'), ('parted', 'p', 'outcome', 'wh.parted'), ('kept', 'k', 'outcome', 'wh.kept'), ('hostile', 'h', 'outcome', 'wh."a;b"'), ('hostile schema', 'h', 'outcome', '"Wh'' %s $1"."v ""%I"""'), ('enum', 'e', 'outcome', 'WH.By_Enum');
SELECT * FROM pg_temp.collect() WHERE kpi_key NOT IN ('sales', 'wait', 'rough');
SELECT k.key AS kpi, s.key, period_start, kra.value(actual, 'sum') AS sum, kra.weight(actual) AS weight, kra.value(actual, 'count') AS n, source FROM kra.measurements m JOIN kra.subjects s ON s.id = subject_id JOIN kra.kpis k ON k.id = kpi_id
WHERE k.key NOT IN ('sales', 'wait', 'rough') ORDER BY 1, 2, 3;
-- an index and the partitions serve the window: those before it are not read
CREATE FUNCTION wh.broken(t timestamptz) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN IF t < '2026-01-01Z' THEN RAISE 'an old row was read'; END IF; RETURN 1; END $$;
DELETE FROM kra.measurements WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'kept');
CREATE VIEW wh.picky AS SELECT subject, at, wh.broken(at) AS value FROM wh.parted;
UPDATE kra.kpis SET source_relation = 'wh.picky' WHERE key = 'kept';
SELECT * FROM pg_temp.collect('kept');
SELECT * FROM pg_temp.collect('kept', since => '2026-01-01');

-- a source that fails stops no other, and is told; what its KPI had stays
UPDATE kra.kpis SET source_relation = CASE key WHEN 'parted' THEN 'wh.fails' WHEN 'hostile' THEN 'parted' WHEN 'hostile schema' THEN 'no_such.thing' WHEN 'enum' THEN 'wh.a.b.c' END WHERE key IN ('parted', 'hostile', 'hostile schema', 'enum');
CREATE VIEW wh.fails AS SELECT subject, at::date, 1 / (1 - value) AS value FROM wh.parted;
SELECT * FROM pg_temp.collect() ORDER BY error IS NULL, kpi_key;
SELECT count(*) AS still_there FROM kra.measurements WHERE source = 'wh.parted';
-- relations of the wrong shape
CREATE TABLE wh.bad1 (subject text, "at " date, "Value" int);
CREATE TABLE wh.bad2 (subject text, at time, value int);
CREATE TABLE wh.bad3 (subject text, at date, value text);
CREATE TABLE wh.bad4 (subject text, at date, value int, weight boolean);
CREATE TABLE wh.bad5 (subject text, at date, value int);
ALTER TABLE wh.bad5 DROP value;
CREATE SEQUENCE wh.bad6;
CREATE TYPE wh.bad7 AS (subject text, at date, value int);
CREATE FUNCTION pg_temp.error_of(relation text, over_time text DEFAULT 'sum') RETURNS text LANGUAGE plpgsql AS $$
DECLARE e text;
BEGIN
    UPDATE kra.kpis SET source_relation = relation, over_time = error_of.over_time, over_subjects = error_of.over_time WHERE key = 'enum';
    SELECT error INTO e FROM kra.collect('enum');
    RETURN e;
END $$;
SELECT r, pg_temp.error_of(r) FROM unnest('{wh.bad1,wh.bad2,wh.bad3,wh.bad4,wh.bad5,wh.bad6,wh.bad7,"wh..x",".","wh.","\"wh.sales","kra.kpi_actual","wh.sales; DROP TABLE wh.sales","(SELECT 1)"}'::text[]) r;
SELECT pg_temp.error_of('wh.sales', 'ratio');
SELECT count(*) > 0 AS sales_are_there FROM wh.sales;
-- errors of the call itself
SELECT * FROM kra.collect('nothing');
SELECT * FROM kra.collect(since => 'infinity');
INSERT INTO kra.kpis (key, name, kind) VALUES ('by hand', 'h', 'outcome');
SELECT * FROM kra.collect('by hand');

-- active ones only, and others when they are named
DELETE FROM kra.measurements;
UPDATE kra.kpis SET source_relation = 'wh.sales', over_time = 'sum', over_subjects = 'sum', state = CASE key WHEN 'sales' THEN 'candidate' WHEN 'wait' THEN 'retired' ELSE 'active' END WHERE key IN ('sales', 'wait', 'kept');
UPDATE kra.kpis SET source_relation = NULL WHERE key NOT IN ('sales', 'wait', 'kept');
SELECT kpi_key FROM kra.collect();
SELECT kpi_key, changed > 0 AS collected FROM kra.collect('sales') UNION ALL SELECT kpi_key, changed > 0 FROM kra.collect('wait');
-- another source: all is read, and what the old one had goes; what was entered by hand stays, but where the source has it, too
DELETE FROM kra.measurements WHERE kpi_id <> (SELECT id FROM kra.kpis WHERE key = 'kept');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, d, kra.actual_agg(99, d) FROM kra.kpis k, kra.subjects s, unnest('{2026-05-01,2026-06-01}'::date[]) d WHERE k.key = 'kept' AND s.key = 'O''Brien "x"; --' GROUP BY 1, 2, 3;
CREATE VIEW wh.other AS SELECT 'O''Brien "x"; --'::text AS subject, date '2026-06-30' AS at, 1 AS value;
UPDATE kra.kpis SET source_relation = 'wh.other' WHERE key = 'kept';
SELECT everything, changed, removed > 0 AS removed FROM pg_temp.collect('kept');
SELECT s.key, period_start, kra.value(actual, 'sum') AS value, source FROM kra.measurements m JOIN kra.subjects s ON s.id = subject_id ORDER BY 1, 2;
-- the same figures from elsewhere: only the source is new
CREATE VIEW wh.same AS TABLE wh.other;
UPDATE kra.kpis SET source_relation = 'wh.same' WHERE key = 'kept';
SELECT everything, changed, removed FROM pg_temp.collect('kept');
SELECT everything, changed, removed FROM pg_temp.collect('kept');

-- answers of surveys are scored by the scale
CREATE TABLE wh.answers (subject text, at date, value numeric, label text, weight int);
INSERT INTO wh.answers SELECT 'north', '2026-01-01', v, l, w FROM (VALUES (5.0, 'good', 3), (4, 'fair', 1), (3, 'bad', 2), (1, 'none', 1), (6, '', 1), (2.5, 'Good', 1), (NULL, NULL, 1)) x(v, l, w);
CREATE VIEW wh.labels AS SELECT subject, at, label AS value, weight FROM wh.answers;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, source_relation, scale, scale_labels) VALUES
    ('box', 'b', 'outcome', 'ratio', 'ratio', 'wh.answers', 'csat_top_two_box', NULL), ('ord', 'o', 'outcome', 'ratio', 'ratio', 'wh.labels', 'ordinal', '{bad,fair,good}');
SELECT kpi_key, rows_read, bad_values, bad_examples, error FROM kra.collect() WHERE kpi_key IN ('box', 'ord');
SELECT k.key, kra.value(actual, 'ratio') AS score, kra.value(actual, 'count') AS n, kra.weight(actual) FROM kra.kpis k JOIN kra.measurements m ON m.kpi_id = k.id WHERE scale IS NOT NULL ORDER BY 1;

-- the border of the window, for every cadence, lookback and calendar: the first day of the first
-- period that is read again, and the day before
CREATE FUNCTION pg_temp.border(cadence text, lookback int, fiscal int, week_start int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    month int := CASE cadence WHEN 'quarter' THEN (fiscal - 1) % 3 WHEN 'year' THEN fiscal - 1 ELSE 0 END;
    days int := CASE cadence WHEN 'week' THEN week_start - 1 ELSE 0 END;
    step interval := CASE cadence WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || cadence)::interval END;
    border date;
BEGIN
    border := date_trunc(cadence, current_date::timestamp - make_interval(days => days) - make_interval(months => month)) + make_interval(days => days) + make_interval(months => month) - (lookback - 1) * step;
    DELETE FROM kra.measurements;
    UPDATE kra.kpis SET source_relation = NULL;
    DELETE FROM kra.settings;
    INSERT INTO kra.settings (fiscal_year_start_month, week_start) VALUES (fiscal, week_start);
    DELETE FROM wh.sales;
    INSERT INTO wh.sales VALUES ('north', border - 1, 1), ('north', border, 1);
    EXECUTE format('UPDATE kra.kpis SET cadence = %L, lookback = %s, source_relation = ''wh.sales'', state = ''active'' WHERE key = ''sales''', cadence, lookback);
    PERFORM FROM kra.collect('sales');
    UPDATE wh.sales SET value = 2;
    PERFORM FROM kra.collect('sales');
    RETURN (SELECT string_agg((period_start - border) || ': ' || kra.value(actual, 'sum'), ', ' ORDER BY period_start) FILTER (WHERE period_start >= border)
        || ' | ' || string_agg(kra.value(actual, 'sum')::text, ', ') FILTER (WHERE period_start < border) FROM kra.measurements);
END $$;
SELECT c.cadence, count(*) AS borders, count(*) FILTER (WHERE pg_temp.border(c.cadence, l, f, w) IS DISTINCT FROM '0: 2 | 1') AS wrong
FROM (VALUES ('day', 1, 1), ('week', 1, 7), ('month', 1, 1), ('quarter', 12, 1), ('year', 12, 1)) c(cadence, months, weeks), LATERAL generate_series(1, months) f, LATERAL generate_series(1, weeks) w, unnest('{1,2,5}'::int[]) l
GROUP BY 1 ORDER BY 1;

-- figures against plain SQL, every cadence and aggregation; twice, since the second run must find nothing
DELETE FROM kra.measurements;
DELETE FROM kra.settings;
UPDATE kra.kpis SET source_relation = NULL;
CREATE TABLE wh.facts AS
SELECT (ARRAY['north', 'south', 'east', '7'])[1 + i % 4] AS subject, timestamptz '2024-01-01Z' + (i * 7919 % 70000000) * interval '1 second' AS at, ((i * 104729) % 10007)::float8 / 7 * 10.0 ^ (i % 17) AS value, (1 + i % 5)::float8 / 3 AS weight FROM generate_series(1::bigint, 20000) i;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, source_relation)
SELECT o || ' ' || c, 'x', 'outcome', o, o, c, 'wh.facts' FROM unnest('{sum,mean,ratio,last,min,max,count}'::text[]) o, unnest('{day,week,month,quarter,year}'::text[]) c;
SET timezone = 'America/St_Johns';
SELECT count(*) AS kpis, count(error) AS errors, min(rows_read), max(rows_read), sum(changed) AS changed, sum(removed) AS removed FROM kra.collect();
SELECT count(*) FROM kra.measurements;
SET timezone = 'Pacific/Kiritimati';
UPDATE wh.facts SET value = value WHERE at < '2025-01-01';   -- the same facts in another order
SELECT count(*) AS kpis, count(error) AS errors, sum(changed) AS changed, sum(removed) AS removed FROM kra.collect("full" => true);
SET timezone = 'UTC';
WITH plain AS (
    SELECT subject, c, date_trunc(c, at)::date AS period, sum(value) AS sum, avg(value) AS mean, sum(value) / sum(weight) AS ratio, (array_agg(value ORDER BY at DESC, value DESC))[1] AS last, min(value) AS min, max(value) AS max, count(*)::float8 AS count
    FROM wh.facts, unnest('{day,week,month,quarter,year}'::text[]) c GROUP BY 1, 2, 3
), had AS (
    SELECT s.key AS subject, k.cadence, period_start, k.over_time, kra.value(actual, k.over_time) AS value FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id JOIN kra.subjects s ON s.id = m.subject_id
)
SELECT over_time, cadence, count(*) AS cells, count(*) FILTER (WHERE abs(h.value - p.value) <= 1e-12 * abs(p.value)) AS agree
FROM had h FULL JOIN (SELECT subject, c AS cadence, period AS period_start, o.over_time, o.value FROM plain, LATERAL (VALUES ('sum', sum), ('mean', mean), ('ratio', ratio), ('last', last), ('min', min), ('max', max), ('count', count)) o(over_time, value)) p
    USING (subject, cadence, period_start, over_time)
GROUP BY 1, 2 HAVING count(*) <> count(*) FILTER (WHERE abs(h.value - p.value) <= 1e-12 * abs(p.value)) OR cadence = 'month' ORDER BY 1, 2;

-- it warns: of rows before a card, of those that nobody ever read, and of those to come
DELETE FROM kra.measurements;
UPDATE kra.kpis SET source_relation = NULL;
SELECT count(*) FROM kra.define(jsonb_build_object('roles', '[{"key": "seller", "name": "Seller", "kras": [{"name": "Growth", "kpis": [{"key": "early", "name": "early", "kind": "outcome", "weight": 1}]}]}]'::jsonb,
    'subjects', '[{"key": "ann", "name": "Ann", "kind": "person", "role": "seller"}, {"key": "bob", "name": "Bob", "kind": "person", "role": "seller"}, {"key": "cid", "name": "Cid", "kind": "person"}]'::jsonb));
CREATE TABLE wh.early (subject text, at date, value int);
INSERT INTO wh.early SELECT s, (date_trunc('month', current_date) - make_interval(months => m))::date + d, 1 FROM unnest('{ann,bob,cid,stranger}'::text[]) s, generate_series(1, 3) m, generate_series(0, 9) d WHERE s <> 'bob' OR m = 1;
UPDATE kra.kpis SET source_relation = 'wh.early' WHERE key = 'early';
CREATE FUNCTION pg_temp.warnings(since date DEFAULT NULL, "full" boolean DEFAULT false) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE WHEN w IS NULL THEN coalesce(c.error, 'nothing')
                ELSE replace(replace(replace(w, to_char(current_date, 'YYYY-MM-DD'), 'TODAY'), to_char(date_trunc('month', current_date) - interval '3 months', 'YYYY-MM-DD'), '3 MONTHS AGO'), to_char(date_trunc('month', current_date) - interval '1 month', 'YYYY-MM-DD'), '1 MONTH AGO') END
    FROM kra.collect('early', since, "full") c LEFT JOIN LATERAL unnest(c.warnings) w ON true
$$;
SELECT pg_temp.warnings();
-- within the window alone, and of one subject
DELETE FROM wh.early WHERE subject = 'bob';
SELECT pg_temp.warnings();
-- who sees no subjects is told of none
CREATE ROLE regress_kra_collector;
GRANT USAGE ON SCHEMA wh TO regress_kra_collector;
GRANT SELECT ON wh.early TO regress_kra_collector;
SELECT kra.grant_keeper('regress_kra_collector');
SET ROLE regress_kra_collector;
SELECT pg_temp.warnings();
RESET ROLE;
DROP OWNED BY regress_kra_collector;
DROP ROLE regress_kra_collector;
-- a target of one's own is as good as a card; a card from a day that was given was meant to begin then
UPDATE kra.placements SET effective_from = '2000-01-01';
UPDATE kra.result_area_kpis SET effective_from = (date_trunc('month', current_date) - interval '1 month')::date;
SELECT pg_temp.warnings("full" => true);
UPDATE kra.result_area_kpis SET effective_from = (date_trunc('month', current_date) - interval '3 months')::date;
SELECT pg_temp.warnings("full" => true);
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, (date_trunc('month', current_date) - interval '1 month')::date, '>= 1' FROM kra.kpis k, kra.subjects s WHERE k.key = 'early' AND s.key = 'cid';
SELECT pg_temp.warnings("full" => true);
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2000-01-01', '>= 1' FROM kra.kpis k, kra.subjects s WHERE k.key = 'early' AND s.key = 'cid';
SELECT pg_temp.warnings("full" => true);
-- rows that nobody ever read: not those of strangers, nor once they have been read
DELETE FROM kra.measurements;
SELECT pg_temp.warnings(since => (date_trunc('month', current_date) - interval '1 month')::date);
SELECT pg_temp.warnings();
DELETE FROM wh.early WHERE subject <> 'stranger' AND at < date_trunc('month', current_date) - interval '1 month';
SELECT pg_temp.warnings();
INSERT INTO wh.early VALUES ('ann', (date_trunc('month', current_date) - interval '3 months')::date, 1);
SELECT pg_temp.warnings();
SELECT pg_temp.warnings("full" => true);
SELECT pg_temp.warnings();
-- what is to come
INSERT INTO wh.early VALUES ('ann', current_date, 1);
SELECT pg_temp.warnings();
INSERT INTO wh.early VALUES ('ann', current_date + 1, 1);
SELECT replace(w, to_char(current_date + 1, 'YYYY-MM-DD'), 'TOMORROW') FROM pg_temp.warnings() w;
INSERT INTO wh.early VALUES ('ann', current_date + 400, 1);
SELECT replace(w, to_char(current_date + 400, 'YYYY-MM-DD'), 'IN 400 DAYS') FROM pg_temp.warnings() w;

-- kept lines follow the facts: a collect makes them once, whatever it changes, and not where it changes nothing
CREATE FUNCTION pg_temp.lines(OUT made bigint, OUT wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
    made := (SELECT taken FROM kra_internal.locks WHERE name = 'lines of ' || (SELECT id FROM kra.kpis WHERE key = 'twin')) - current_setting('test.taken')::bigint;
    PERFORM set_config('test.taken', taken::text, false) FROM kra_internal.locks WHERE name = 'lines of ' || (SELECT id FROM kra.kpis WHERE key = 'twin');
    WITH anew AS MATERIALIZED (
        SELECT l.* FROM kra_internal.kept_days d CROSS JOIN LATERAL kra_internal.lines_to_keep(kra_internal.today(), d.first_day, kra_internal.today(), NULL, NULL) l
    )
    SELECT (SELECT count(*) FROM (TABLE anew EXCEPT TABLE kra_internal.kept_lines) x) + (SELECT count(*) FROM (TABLE kra_internal.kept_lines EXCEPT TABLE anew) x) INTO wrong;
END $$;
INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES ('twin', 'twin', 'outcome', 'wh.early');
DELETE FROM kra.measurements;
SELECT set_config('test.taken', taken::text, false) IS NOT NULL AS taken FROM kra_internal.locks WHERE name = 'lines of ' || (SELECT id FROM kra.kpis WHERE key = 'twin');
SELECT kpi_key, changed > 0 AS changed FROM kra.collect();
SELECT * FROM pg_temp.lines();
SELECT count(*) FILTER (WHERE changed <> 0) AS changed FROM kra.collect();
SELECT * FROM pg_temp.lines();
DELETE FROM wh.early WHERE at = current_date;
UPDATE wh.early SET value = 4 WHERE at = (date_trunc('month', current_date) - interval '1 month')::date;
SELECT count(*) FILTER (WHERE changed <> 0 OR removed <> 0) > 0 AS changed FROM kra.collect();
SELECT * FROM pg_temp.lines();
-- those of another day are made anew in any case
UPDATE kra_internal.kept_days SET as_of = as_of - 40, since = least(since, as_of - 40);
DELETE FROM kra_internal.kept_lines l USING kra_internal.kept_days d WHERE l.first_day > d.as_of;
SELECT wrong > 0 AS wrong FROM pg_temp.lines();
SELECT count(*) FILTER (WHERE changed <> 0) AS changed FROM kra.collect();
SELECT * FROM pg_temp.lines();
SELECT as_of = current_date AS of_today FROM kra_internal.kept_days;
-- those that are held stay so
BEGIN;
SELECT kra_internal.hold_lines();
UPDATE wh.early SET value = 5 WHERE at = (date_trunc('month', current_date) - interval '1 month')::date;
SELECT count(*) FILTER (WHERE changed <> 0) > 0 AS changed FROM kra.collect();
SELECT made, wrong > 0 AS wrong FROM pg_temp.lines();
COMMIT;
SELECT made, wrong, (SELECT count(*) FROM kra_internal.line_work) AS held FROM pg_temp.lines();

-- rows that came late between those that were read, that were corrected, or went
CREATE TABLE wh.late AS SELECT s AS subject, (date_trunc('month', current_date) - make_interval(months => m))::date AS at, 1 AS value FROM unnest('{ann,bob}'::text[]) s, generate_series(0, 9) m;
CREATE VIEW wh.of_late AS TABLE wh.late;
UPDATE kra.kpis SET source_relation = 'wh.of_late' WHERE key = 'twin';
CREATE FUNCTION pg_temp.late(since date DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(replace(replace(concat(c.error, c.warnings), to_char(date_trunc('month', current_date) - interval '4 months', 'YYYY-MM-DD'), '4 MONTHS AGO'), to_char(date_trunc('month', current_date) - interval '9 months', 'YYYY-MM-DD'), '9 MONTHS AGO'), '[0-9]{4}-[0-9]{2}-[0-9]{2}', 'DAY')
    FROM kra.collect('twin', since) c
$$;
SELECT pg_temp.late();
SELECT pg_temp.late();
INSERT INTO wh.late VALUES ('ann', (date_trunc('month', current_date) - interval '4 months')::date, 1);
SELECT pg_temp.late();
INSERT INTO wh.late VALUES ('stranger', (date_trunc('month', current_date) - interval '5 months')::date, 1);
SELECT pg_temp.late();
UPDATE wh.late SET value = 7 WHERE subject = 'ann' AND at = date_trunc('month', current_date) - interval '9 months';
DELETE FROM wh.late WHERE subject = 'bob' AND at = date_trunc('month', current_date) - interval '2 months';
SELECT pg_temp.late();
SELECT pg_temp.late((date_trunc('month', current_date) - interval '4 months')::date);
SELECT pg_temp.late((date_trunc('month', current_date) - interval '9 months')::date);
SELECT pg_temp.late();
-- a subject that is known only now, and what cannot be read
INSERT INTO kra.subjects (key, name, kind) VALUES ('stranger', 'stranger', 'person');
SELECT pg_temp.late();
CREATE OR REPLACE VIEW wh.of_late AS SELECT subject, at, value / CASE WHEN at < current_date - 100 THEN 0 ELSE 1 END AS value FROM wh.late;
SELECT pg_temp.late();
-- 50,000 observations are compared: of 25,000 a month two months, of more a month on some days
SELECT c.first_day = date_trunc('month', current_date) - interval '9 months' AND c.until_day = date_trunc('month', current_date) - interval '1 month' AS all_months FROM kra.kpis k, kra_internal.collect_check_days(k.id, (date_trunc('month', current_date) - interval '1 month')::date) c WHERE k.key = 'twin';
UPDATE kra.measurements m SET actual = (SELECT kra.actual_agg(i, m.period_start) FROM generate_series(1, 25000) i) FROM kra.kpis k WHERE k.id = m.kpi_id AND k.key = 'twin';
SELECT c.first_day + interval '2 months' = c.until_day AS two_months FROM kra.kpis k, kra_internal.collect_check_days(k.id, (date_trunc('month', current_date) - interval '1 month')::date) c WHERE k.key = 'twin';
UPDATE kra.measurements m SET actual = (SELECT kra.actual_agg(i, m.period_start) FROM generate_series(1, 50001) i) FROM kra.kpis k WHERE k.id = m.kpi_id AND k.key = 'twin';
SELECT coalesce(c.first_day + interval '1 month' = c.until_day, true) AS a_month_or_none FROM kra.kpis k, kra_internal.collect_check_days(k.id, (date_trunc('month', current_date) - interval '1 month')::date) c WHERE k.key = 'twin';
DELETE FROM kra.measurements;

-- it can be cancelled, also where a source would be told as failing
CREATE VIEW wh.slow AS SELECT 'north' AS subject, current_date AS at, 1 AS value FROM pg_sleep(60);
UPDATE kra.kpis SET source_relation = 'wh.slow' WHERE key = 'sales';
SET statement_timeout = '300ms';
SELECT kpi_key FROM kra.collect('sales');
RESET statement_timeout;
-- progress, when it takes more than two seconds
CREATE VIEW wh.slower AS SELECT 'north' AS subject, current_date AS at, 1 AS value FROM pg_sleep(2.1);
UPDATE kra.kpis SET source_relation = NULL;
UPDATE kra.kpis SET source_relation = CASE key WHEN 'sales' THEN 'wh.slower' ELSE 'wh.sales' END WHERE key IN ('sales', 'wait', 'kept');
UPDATE kra.kpis SET state = 'active';
SET client_min_messages = notice;
SELECT kpi_key, changed FROM kra.collect();
SET client_min_messages = warning;

-- the rights are the caller's, on the source and on the tables
CREATE ROLE regress_kra_reader;
CREATE ROLE regress_kra_collector;
GRANT USAGE ON SCHEMA wh TO regress_kra_collector, regress_kra_reader;
SELECT kra.grant_keeper('regress_kra_collector'), kra.grant_reader('regress_kra_reader');
GRANT SELECT ON wh.sales TO regress_kra_reader;
UPDATE kra.kpis SET source_relation = CASE key WHEN 'sales' THEN 'wh.sales' WHEN 'wait' THEN 'wh.slower' END WHERE key IN ('sales', 'wait', 'kept');
DELETE FROM kra.measurements;
SET ROLE regress_kra_collector;
SELECT kpi_key, changed, error FROM kra.collect();
RESET ROLE;
SET ROLE regress_kra_reader;
SELECT kpi_key, changed, error FROM kra.collect();
RESET ROLE;
GRANT SELECT ON wh.sales TO regress_kra_collector;
SET ROLE regress_kra_collector;
-- a keeper need not see the subjects, and then changes and removes all the same
SELECT count(*) AS seen FROM kra.subjects;
SELECT kpi_key, changed, error FROM kra.collect('sales');
-- names of the caller's own change nothing
CREATE TEMP TABLE measurements (kpi_id int);
CREATE FUNCTION pg_temp.count(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0';
CREATE FUNCTION pg_temp.float8(int) RETURNS float8 LANGUAGE sql AS 'SELECT 1.0/0';
SET search_path = pg_temp, wh, pg_catalog;
SELECT kpi_key, changed, error FROM kra.collect('sales', "full" => true);
RESET search_path;
RESET ROLE;
-- the facts are those of the relation, which is of no session
DO $$ BEGIN EXECUTE format('UPDATE kra.kpis SET source_relation = %L WHERE key = ''sales''', (SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()) || '.facts'); END $$;
SET ROLE regress_kra_collector;
CREATE TEMP TABLE facts AS SELECT 'north' AS subject, date '2026-01-01' AS at, 1 AS value;
SELECT regexp_replace(error, 'pg_temp_[0-9]+', 'pg_temp') AS error FROM kra.collect('sales');
RESET ROLE;
DROP OWNED BY regress_kra_collector, regress_kra_reader;
DROP ROLE regress_kra_collector, regress_kra_reader;
DROP SCHEMA wh CASCADE;
DROP EXTENSION IF EXISTS file_fdw CASCADE;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
DROP SCHEMA "Wh' %s $1" CASCADE;
