-- time_zone: days are the company's, whatever the session's time zone is.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
SET DateStyle = 'ISO, MDY';
\pset null '(null)'
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CREATE SCHEMA wh;
-- Midnights of a few days, and a second before each: as times, as times of the clock on the wall,
-- and, of one day, as a date.
CREATE TABLE wh.events (subject text, at timestamptz, value float8);
CREATE TABLE wh.wall (subject text, at timestamp, value float8);
CREATE TABLE wh.dates (subject text, at date, value float8);
INSERT INTO wh.events SELECT 'ann', at, v FROM (VALUES (timestamptz '2026-03-31 21:59:59Z', 1), ('2026-03-31 22:00:00Z', 2), ('2026-04-01 06:59:59Z', 4), ('2026-04-01 07:00:00Z', 8), ('2026-04-30 23:59:59.999999Z', 16), ('2026-05-01 00:00:00Z', 32)) e (at, v);
INSERT INTO wh.wall SELECT 'ann', at, v FROM (VALUES (timestamp '2026-03-31 23:59:59', 1), ('2026-04-01 00:00:00', 2), ('2026-04-30 23:59:59', 4), ('2026-05-01 00:00:00', 8)) e (at, v);
INSERT INTO wh.dates VALUES ('ann', '2026-03-31', 1), ('ann', '2026-04-01', 2), ('ann', '2026-04-30', 4);
CREATE FUNCTION pg_temp.collected(zone text) RETURNS TABLE (kpi text, months text, last_day date, last_begins boolean) LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM kra.measurements;
    UPDATE kra.settings SET time_zone = zone;
    PERFORM kra.collect();
    RETURN QUERY
    SELECT k.key, string_agg(kra_internal.grid_label(m.grid, m.period_start) || ' ' || kra.value(m.actual, 'sum'), ', ' ORDER BY m.period_start), max(kra_internal.day_of(kra.last_at(m.actual))),
           bool_or(kra.last_at(m.actual) = kra_internal.day_begins(kra_internal.day_of(kra.last_at(m.actual))))
    FROM kra.kpis k JOIN kra.measurements m ON m.kpi_id = k.id GROUP BY k.id ORDER BY k.id;
END $$;
INSERT INTO kra.settings DEFAULT VALUES;
INSERT INTO kra.subjects (key, name, kind) VALUES ('ann', 'Ann', 'person');
INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES ('events', 'Events', 'outcome', 'wh.events'), ('wall', 'Wall', 'outcome', 'wh.wall'), ('dates', 'Dates', 'outcome', 'wh.dates');
-- a time belongs to the month that it lies in there; what has no zone lies in the same everywhere
SELECT zone, c.* FROM unnest('{UTC,Europe/Berlin,America/Los_Angeles,Pacific/Kiritimati,Pacific/Pago_Pago}'::text[]) WITH ORDINALITY z (zone, n), LATERAL pg_temp.collected(zone) c ORDER BY n, c.kpi COLLATE "C";
-- the session's zone changes nothing
SET timezone = 'Pacific/Pago_Pago';
SELECT c.* FROM pg_temp.collected('Europe/Berlin') c ORDER BY c.kpi COLLATE "C";
SET timezone = 'Asia/Tokyo';
-- what is read again begins at a midnight there, for each type; as does what is not read
INSERT INTO wh.events VALUES ('ann', '2026-03-31 21:59:58Z', 64), ('ann', '2026-03-31 22:00:01Z', 128);
INSERT INTO wh.wall VALUES ('ann', '2026-03-31 23:59:58', 64), ('ann', '2026-04-01 00:00:01', 128);
INSERT INTO wh.dates VALUES ('ann', '2026-03-31', 64), ('ann', '2026-04-01', 128);
SELECT kpi_key, read_from, changed, removed, rows_read, error FROM kra.collect(since => '2026-04-17') ORDER BY kpi_key COLLATE "C";
SELECT k.key, string_agg(kra_internal.grid_label(m.grid, m.period_start) || ' ' || kra.value(m.actual, 'sum'), ', ' ORDER BY m.period_start) AS months FROM kra.kpis k JOIN kra.measurements m ON m.kpi_id = k.id GROUP BY k.id ORDER BY k.key COLLATE "C";
-- a bad row is shown with its day there
INSERT INTO wh.events VALUES ('ann', '2026-04-30 22:00Z', 'NaN');
SELECT bad_values, bad_examples FROM kra.collect('events', since => '2026-04-01');
DELETE FROM wh.events WHERE value = 'NaN';

-- values by hand: a day is that day, also where the zone lies west
DELETE FROM kra.measurements;
UPDATE kra.settings SET time_zone = 'America/Los_Angeles';
INSERT INTO kra.kpis (key, name, kind, cadence) VALUES ('calls', 'Calls', 'activity', 'day');
SELECT period_label FROM kra.record('calls', 'ann', '2026-11-01', 5);
SELECT kra.last_at(actual), kra_internal.day_of(kra.last_at(actual)) FROM kra.measurements;
SELECT last_value, latest_on FROM (SELECT kra.value(actual, 'last') AS last_value, kra_internal.freshest(kpi_id, subject_id, '2026-12-31') AS latest_on FROM kra.measurements) f;

-- days of times, and when days begin, against AT TIME ZONE: every hour of a year, every day of ten
DELETE FROM kra.measurements;
CREATE FUNCTION pg_temp.differences(zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text;
BEGIN
    UPDATE kra.settings SET time_zone = zone;
    SELECT format('%s hours, %s differ; %s days, %s differ; today %s', hours, differ, days, begin_elsewhere, kra_internal.today() = (now() AT TIME ZONE zone)::date) INTO told
    FROM (SELECT count(*) AS hours, count(*) FILTER (WHERE kra_internal.day_of(at) <> (at AT TIME ZONE zone)::date) AS differ FROM generate_series(timestamptz '2018-01-01 00:30Z', '2018-12-31 23:30Z', '1 hour') at) h,
         (SELECT count(*) AS days, count(*) FILTER (WHERE kra_internal.day_begins(d::date) <> d AT TIME ZONE zone OR kra_internal.day_of(kra_internal.day_begins(d::date)) <> d::date) AS begin_elsewhere FROM generate_series(timestamp '2011-01-01', '2020-12-31', '1 day') d) s;
    RETURN told;
END $$;
SELECT zone, pg_temp.differences(zone) FROM unnest('{UTC,Europe/Berlin,America/New_York,America/Sao_Paulo,Asia/Kolkata,Australia/Lord_Howe,Pacific/Kiritimati}'::text[]) WITH ORDINALITY z (zone, n) ORDER BY n;
-- a day that there never was (the west of Samoa went from 29 to 31 December 2011) begins with the next
UPDATE kra.settings SET time_zone = 'Pacific/Apia';
SELECT kra_internal.day_begins('2011-12-29') AT TIME ZONE 'UTC' AS "29", kra_internal.day_begins('2011-12-31') AT TIME ZONE 'UTC' AS "31", kra_internal.day_of('2011-12-30 09:59:59Z') AS before, kra_internal.day_of('2011-12-30 10:00Z') AS after;
SELECT kra_internal.day_of('infinity'), kra_internal.day_of('-infinity'), kra_internal.day_begins('infinity'), kra_internal.day_begins('-infinity'), kra_internal.day_of(NULL), kra_internal.day_begins(NULL);
SELECT kra_internal.day_begins('294277-01-01');
SELECT kra_internal.day_begins('4714-11-24 BC');

-- they follow the settings at once, and come back with them
BEGIN;
UPDATE kra.settings SET time_zone = 'Pacific/Kiritimati';
SELECT kra_internal.day_of('2026-01-01 12:00Z');
SAVEPOINT here;
UPDATE kra.settings SET time_zone = 'Pacific/Pago_Pago';
SELECT kra_internal.day_of('2026-01-01 10:00Z');
ROLLBACK TO here;
SELECT kra_internal.day_of('2026-01-01 10:00Z');
DELETE FROM kra.settings;
SELECT kra_internal.day_of('2026-01-01 23:59Z');
ROLLBACK;
SELECT kra_internal.day_of('2026-01-01 11:00Z');

-- who sees whom, and on which day: policies go by the same days
UPDATE kra.settings SET time_zone = 'America/Los_Angeles';
CREATE ROLE regress_kra_zone;
SELECT kra.grant_reader('regress_kra_zone');
INSERT INTO kra.subjects (key, name, kind, login) VALUES ('boss', 'Boss', 'person', 'regress_kra_zone');
INSERT INTO kra.placements (subject_id, effective_from, parent_id) SELECT a.id, v.at, b.id FROM kra.subjects a, (VALUES (date '2026-05-01', 'boss'), ('2026-06-01', NULL)) v (at, parent) LEFT JOIN kra.subjects b ON b.key = v.parent WHERE a.key = 'ann';
INSERT INTO kra.check_ins (subject_id, checked_at, comment) SELECT id, at, at AT TIME ZONE 'America/Los_Angeles' FROM kra.subjects, unnest('{2026-05-01 06:59Z,2026-05-01 07:00Z,2026-06-01 06:59Z,2026-06-01 07:00Z}'::timestamptz[]) at WHERE key = 'ann';
SET ROLE regress_kra_zone;
SELECT comment FROM kra.check_ins ORDER BY checked_at;
RESET ROLE;

-- in a definition: by its path
SELECT kra.define('{"settings": {"time_zone": "Mars/Base"}}');
SELECT object, operation, after->>'time_zone' AS time_zone FROM kra.define('{"settings": {"time_zone": "Europe/Berlin", "calendar": "4-4-5"}}');
SELECT kra.definition()->'settings' AS settings;
SELECT count(*) FROM kra.define('{"settings": {"time_zone": "Europe/Berlin"}}');
SELECT count(*) FROM kra.define('{"settings": {"time_zone": null, "calendar": null}}');
SELECT kra.definition()->'settings' AS settings;
SELECT kra.revoke_reader('regress_kra_zone');
DROP ROLE regress_kra_zone;
DROP SCHEMA wh CASCADE;
