-- The tables of the catalogue: what they refuse, what their triggers derive, and what is logged.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

-- the script seeds nothing
CREATE FUNCTION pg_temp.filled(OUT tables bigint, OUT with_rows text) LANGUAGE plpgsql AS $$
DECLARE t regclass; n bigint;
BEGIN
    tables := 0;
    FOR t IN SELECT oid FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind = 'r' ORDER BY relname LOOP
        EXECUTE format('SELECT count(*) FROM %s', t) INTO n;
        tables := tables + 1;
        IF n > 0 THEN with_rows := concat_ws(' ', with_rows, t); END IF;
    END LOOP;
END $$;
SELECT * FROM pg_temp.filled();

INSERT INTO kra.subjects (key, name, kind) SELECT k, k, 'team' FROM unnest(ARRAY['s1', 's2', 's3']) k;
INSERT INTO kra.job_roles (key, name) VALUES ('r1', 'r1'), ('r2', 'r2');
INSERT INTO kra.objectives (key, name) VALUES ('o1', 'o1');
INSERT INTO kra.kpis (key, name, kind) VALUES ('k1', 'k1', 'outcome'), ('k2', 'k2', 'activity');
INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, 'a', 'a'), (1, 'b', 'b'), (2, 'c', 'c');

-- each of these is refused, by its constraint
CREATE TEMP TABLE refused (n int GENERATED ALWAYS AS IDENTITY, statement text, said text);
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE named text;
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION 'accepted' USING ERRCODE = 'ZZ000';
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN RETURN 'ACCEPTED';
WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
    RETURN coalesce(nullif(named, ''), SQLERRM);
END $$;
INSERT INTO refused (statement) VALUES
    ('INSERT INTO kra.settings (id) VALUES (2)'),
    ('INSERT INTO kra.settings (fiscal_year_start_month) VALUES (0)'), ('INSERT INTO kra.settings (fiscal_year_start_month) VALUES (13)'),
    ('INSERT INTO kra.settings (calendar) VALUES (''4-4-4'')'), ('INSERT INTO kra.settings (time_zone) VALUES ('''')'), ('INSERT INTO kra.settings (week_start) VALUES (0)'), ('INSERT INTO kra.settings (week_start) VALUES (8)'),
    ('INSERT INTO kra.settings (min_coverage) VALUES (1.1)'), ('INSERT INTO kra.settings (min_coverage) VALUES (''NaN'')'), ('INSERT INTO kra.settings (min_coverage) VALUES (-0.1)'),
    ('INSERT INTO kra.settings (min_group_size) VALUES (0)'), ('INSERT INTO kra.settings (sees_all_role) VALUES ('''')'), ('INSERT INTO kra.settings (history_periods) VALUES (1)'),
    ('INSERT INTO kra.job_roles (key, name) VALUES ('''', ''x'')'), ('INSERT INTO kra.job_roles (key, name) VALUES (''x'', '' '')'), ('INSERT INTO kra.job_roles (key, name) VALUES (''r1'', ''x'')'),
    ('INSERT INTO kra.subjects (key, name, kind) VALUES ('''', ''x'', ''team'')'), ('INSERT INTO kra.subjects (key, name, kind) VALUES (''x'', '''', ''team'')'), ('INSERT INTO kra.subjects (key, name, kind) VALUES (''x'', ''x'', ''robot'')'),
    ('INSERT INTO kra.subjects (key, name, kind) VALUES (''s1'', ''x'', ''team'')'), ('INSERT INTO kra.subjects (key, name, kind, login) VALUES (''x'', ''x'', ''team'', '''')'), ('INSERT INTO kra.subjects (id, key, name, kind) VALUES (1, ''x'', ''x'', ''team'')'),
    ('INSERT INTO kra.placements VALUES (1, ''infinity'')'), ('INSERT INTO kra.placements VALUES (1, ''-infinity'')'), ('INSERT INTO kra.placements VALUES (1, ''2026-01-01'', 1)'), ('INSERT INTO kra.placements VALUES (1, ''2026-01-01'', 99)'), ('INSERT INTO kra.placements VALUES (99, ''2026-01-01'')'),
    ('INSERT INTO kra.objectives (key, name, starts_on, due_on) VALUES (''x'', ''x'', ''2026-02-01'', ''2026-01-31'')'), ('INSERT INTO kra.objectives (key, name, due_on) VALUES (''x'', ''x'', ''infinity'')'), ('INSERT INTO kra.objectives (key, name, starts_on) VALUES (''x'', ''x'', ''-infinity'')'), ('INSERT INTO kra.objectives (key, name) VALUES (''o1'', ''x'')'), ('INSERT INTO kra.objectives (key, name) VALUES (''x'', '''')'),
    ('INSERT INTO kra.kpis (key, name, kind) VALUES (''k1'', ''x'', ''outcome'')'), ('INSERT INTO kra.kpis (key, name, kind) VALUES ('''', ''x'', ''outcome'')'), ('INSERT INTO kra.kpis (key, name, kind) VALUES (''x'', ''  '', ''outcome'')'),
    ('INSERT INTO kra.kpis (key, name, kind, cadence) VALUES (''x'', ''x'', ''outcome'', ''hour'')'), ('INSERT INTO kra.kpis (key, name, kind, timing) VALUES (''x'', ''x'', ''outcome'', ''late'')'),
    ('INSERT INTO kra.kpis (key, name, kind, over_time) VALUES (''x'', ''x'', ''outcome'', ''median'')'), ('INSERT INTO kra.kpis (key, name, kind, over_time) VALUES (''x'', ''x'', ''outcome'', ''ratio'')'), ('INSERT INTO kra.kpis (key, name, kind, over_subjects) VALUES (''x'', ''x'', ''outcome'', ''ratio'')'), ('INSERT INTO kra.kpis (key, name, kind, over_subjects) VALUES (''x'', ''x'', ''outcome'', ''last'')'),
    ('INSERT INTO kra.kpis (key, name, kind, lookback) VALUES (''x'', ''x'', ''outcome'', 0)'), ('INSERT INTO kra.kpis (key, name, kind, stale_after_days) VALUES (''x'', ''x'', ''outcome'', -1)'), ('INSERT INTO kra.kpis (key, name, kind, state) VALUES (''x'', ''x'', ''outcome'', ''old'')'), ('INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES (''x'', ''x'', ''outcome'', '''')'),
    ('INSERT INTO kra.kpis (key, name, kind, scale) VALUES (''x'', ''x'', ''outcome'', ''nps'')'), ('INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, scale) VALUES (''x'', ''x'', ''outcome'', ''ratio'', ''ratio'', ''ordinal'')'),
    ('INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, scale, scale_labels) VALUES (''x'', ''x'', ''outcome'', ''ratio'', ''ratio'', ''nps'', ''{a,b}'')'), ('INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, scale, scale_labels) VALUES (''x'', ''x'', ''outcome'', ''ratio'', ''ratio'', ''ordinal'', ''{a}'')'), ('INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, scale, scale_labels) VALUES (''x'', ''x'', ''outcome'', ''ratio'', ''ratio'', ''ordinal'', ''{a,NULL}'')'), ('INSERT INTO kra.kpis (key, name, kind, scale_labels) VALUES (''x'', ''x'', ''outcome'', ''{a,b}'')'),
    ('INSERT INTO kra.kpi_drives SELECT id, id FROM kra.kpis'), ('INSERT INTO kra.objective_parents SELECT id, id FROM kra.objectives'),
    ('INSERT INTO kra.kpi_owners VALUES (1, ''infinity'', 1)'), ('INSERT INTO kra.kpi_owners VALUES (1, ''2026-01-01'', 99)'),
    ('INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, ''a'', ''x'')'), ('INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, ''x'', ''a'')'), ('INSERT INTO kra.result_areas (job_role_id, key, name, perspective) VALUES (1, ''x'', ''x'', ''other'')'), ('INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, ''x'', '''')'),
    ('INSERT INTO kra.result_area_kpis VALUES (1, 1, ''2026-01-01'', -1)'), ('INSERT INTO kra.result_area_kpis VALUES (1, 1, ''2026-01-01'', ''NaN'')'), ('INSERT INTO kra.result_area_kpis VALUES (1, 1, ''2026-01-01'', ''infinity'')'), ('INSERT INTO kra.result_area_kpis VALUES (1, 1, ''-infinity'')'), ('INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, provenance) VALUES (1, 1, ''2026-01-01'', ''guess'')'),
    ('INSERT INTO kra.targets VALUES (1, 1, ''infinity'', ''>= 1'')'), ('INSERT INTO kra.targets VALUES (1, 1, ''2026-01-01'', ''>= NaN'')'), ('INSERT INTO kra.targets VALUES (1, 1, ''2026-01-01'', ''>= 1'', ''guess'')'),
    ('INSERT INTO kra.benchmarks VALUES (1, ''2026-01-01'', ''NaN'', ''x'')'), ('INSERT INTO kra.benchmarks VALUES (1, ''2026-01-01'', ''infinity'', ''x'')'), ('INSERT INTO kra.benchmarks VALUES (1, ''2026-01-01'', ''-infinity'', ''x'')'), ('INSERT INTO kra.benchmarks VALUES (1, ''2026-01-01'', 1, '' '')'), ('INSERT INTO kra.benchmarks VALUES (1, ''infinity'', 1, ''x'')'),
    ('INSERT INTO kra.milestones (objective_id, key, name, weight) VALUES (1, ''x'', ''x'', ''NaN'')'), ('INSERT INTO kra.milestones (objective_id, key, name, weight) VALUES (1, ''x'', ''x'', -1)'), ('INSERT INTO kra.milestones (objective_id, key, name, due_on) VALUES (1, ''x'', ''x'', ''infinity'')'),
    ('INSERT INTO kra.check_ins (subject_id, comment) VALUES (1, '' '')'), ('INSERT INTO kra.actions (subject_id, description, owner_id, due_on) VALUES (1, '''', 1, ''2026-01-01'')'), ('INSERT INTO kra.actions (subject_id, description, owner_id, due_on) VALUES (1, ''x'', 1, ''infinity'')'),
    ('INSERT INTO kra.rule_settings VALUES ('''')'), ('INSERT INTO kra.rule_settings VALUES (''too_many_kpis'', true, ''NaN'')'), ('INSERT INTO kra.rule_settings VALUES (''too_many_kpis'', true, ''infinity'')'), ('INSERT INTO kra.rule_settings VALUES (''too_many_kpis'', true, -1)'), ('INSERT INTO kra.rule_settings VALUES (''no_outcome'', true, 1)'),
    ('INSERT INTO kra.settings (review_cadence) VALUES (''day'')'), ('INSERT INTO kra.settings (check_in_days) VALUES (0)'), ('INSERT INTO kra.milestones (objective_id, key, name, completion) VALUES (1, ''x'', ''x'', 1)'), ('INSERT INTO kra.milestones (objective_id, key, name, completion) VALUES (1, ''x'', ''x'', 1.5)'), ('INSERT INTO kra.milestones (objective_id, key, name, completed_on) VALUES (1, ''x'', ''x'', ''2026-01-01'')'), ('INSERT INTO kra_internal.notices VALUES ('''', ''2026-01-01'')'), ('INSERT INTO kra_internal.notices VALUES (''x'', ''infinity'')'),
    ('INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES (''x'', ''x'', '''', ''2026-01-01'')'), ('INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES (''x'', ''x'', ''x'', ''infinity'')'),
    ('INSERT INTO kra.reviews (subject_id, period_grain, period_start, card) VALUES (1, ''decade'', ''2026-01-01'', ''[]'')'), ('INSERT INTO kra.reviews (subject_id, period_grain, period_start, card) VALUES (1, ''month'', ''infinity'', (SELECT kra.scorecard_agg(''k''::text, ''x''::text, ''outcome'', 1, ''>= 1'', 1)))'),
    ('INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) VALUES (1, 1, ''2026-01-02'', (SELECT kra.actual_agg(1, date ''2026-01-01'')))'), ('INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) VALUES (1, 1, ''infinity'', (SELECT kra.actual_agg(1, date ''2026-01-01'')))'), ('INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual) VALUES (1, 1, ''2026-01-01'', ''quarter'', (SELECT kra.actual_agg(1, date ''2026-01-01'')))'), ('INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source) VALUES (1, 1, ''2026-01-01'', (SELECT kra.actual_agg(1, date ''2026-01-01'')), '''')');
UPDATE refused SET said = pg_temp.try(statement);
SELECT count(*) AS statements, count(*) FILTER (WHERE said = 'ACCEPTED') AS accepted FROM refused;
SELECT substring(statement, '(?:INTO|UPDATE) kra\.(\w+)') AS "table", said, count(*) FROM refused GROUP BY 1, 2 ORDER BY min(n);
-- and the limits themselves are not
BEGIN;
INSERT INTO kra.settings (fiscal_year_start_month, week_start, min_coverage, min_group_size, history_periods) VALUES (12, 7, 0, 1, 2);
INSERT INTO kra.result_area_kpis VALUES (1, 1, '2026-01-01', 0), (3, 1, '2026-01-01', 1e50);
INSERT INTO kra.benchmarks VALUES (1, '2026-01-01', NULL, 'x');
INSERT INTO kra.objectives (key, name, starts_on, due_on) VALUES ('x', 'x', '2026-01-01', '2026-01-01');
ROLLBACK;

-- calendar: the grid of a KPI is that of its cadence and the settings, whatever is given
INSERT INTO kra.kpis (key, name, kind, cadence, grid) VALUES ('day', 'day', 'outcome', 'day', 'year from april'), ('week', 'week', 'outcome', 'week', 'week from wednesday'), ('month', 'month', 'outcome', 'month', NULL), ('quarter', 'quarter', 'outcome', 'quarter', 'quarter from february'), ('half_year', 'half_year', 'outcome', 'half_year', NULL), ('year', 'year', 'outcome', 'year', NULL);
UPDATE kra.kpis SET grid = 'quarter from february';
CREATE VIEW pg_temp.grids AS SELECT string_agg(key || ': ' || grid, ', ' ORDER BY key) AS grids FROM kra.kpis WHERE key = cadence;
SELECT * FROM pg_temp.grids;
-- KPIs follow the settings, and come back with them
INSERT INTO kra.settings (fiscal_year_start_month, week_start) VALUES (5, 7);
SELECT * FROM pg_temp.grids;
UPDATE kra.settings SET fiscal_year_start_month = 3;
SELECT * FROM pg_temp.grids;
TRUNCATE kra.settings;
SELECT * FROM pg_temp.grids;
INSERT INTO kra.settings (fiscal_year_start_month, week_start) VALUES (4, 7);
DELETE FROM kra.settings;
SELECT * FROM pg_temp.grids;
-- a period start that is none, for every cadence and setting: of 800 days exactly those on which a period starts are taken
CREATE FUNCTION pg_temp.starts(k text) RETURNS date[] LANGUAGE plpgsql AS $$
DECLARE d date; taken date[];
BEGIN
    FOR d IN SELECT generate_series(date '2023-12-30', '2026-03-08', '1 day') LOOP
        BEGIN
            INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT id, 1, d, kra.actual_agg(1, d) FROM kra.kpis WHERE key = k GROUP BY id;
            taken := taken || d;
        EXCEPTION WHEN check_violation THEN NULL;
        END;
    END LOOP;
    DELETE FROM kra.measurements;
    RETURN taken;
END $$;
CREATE TEMP TABLE taken (k text, m int, w int, starts date[]);
INSERT INTO kra.settings DEFAULT VALUES;
DO $$
DECLARE v record;
BEGIN
    FOR v IN VALUES ('day', 1, 1), ('month', 5, 3), ('week', 1, 1), ('week', 1, 7), ('week', 1, 3), ('quarter', 1, 1), ('quarter', 4, 1), ('quarter', 5, 1), ('quarter', 12, 1), ('half_year', 1, 1), ('half_year', 4, 1), ('half_year', 9, 1), ('year', 1, 1), ('year', 4, 1), ('year', 12, 1) LOOP
        UPDATE kra.settings SET fiscal_year_start_month = v.column2, week_start = v.column3;
        INSERT INTO taken VALUES (v.column1, v.column2, v.column3, pg_temp.starts(v.column1));
    END LOOP;
END $$;
SELECT k, m, w, cardinality(starts) AS taken, (SELECT count(*) FROM unnest(starts) d WHERE NOT CASE k
        WHEN 'day' THEN true WHEN 'week' THEN extract(isodow FROM d) = w ELSE extract(day FROM d) = 1 AND (extract(month FROM d)::int + 12 - m) % CASE k WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END = 0 END) AS wrong
FROM taken ORDER BY k COLLATE "C", m, w;
-- and of weeks, where months are made of them
UPDATE kra.settings SET calendar = '4-5-4', fiscal_year_start_month = 2, week_start = 7;
SELECT * FROM pg_temp.grids;
SELECT k, array_to_string(pg_temp.starts(k), ' ') AS starts FROM unnest('{month,quarter,half_year,year}'::text[]) k;
UPDATE kra.settings SET calendar = 'months';
-- with measurements the settings stay as they were
UPDATE kra.settings SET fiscal_year_start_month = 4, week_start = 7;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, 1, kra_internal.grid_start(k.grid, '2026-05-05'), kra.actual_agg(1, date '2026-05-05') FROM kra.kpis k WHERE key = cadence GROUP BY k.id;
CREATE TEMP TABLE before AS SELECT * FROM kra.kpis;
\set VERBOSITY default
\set SHOW_CONTEXT never
UPDATE kra.settings SET fiscal_year_start_month = 5;
\set VERBOSITY terse
UPDATE kra.settings SET fiscal_year_start_month = 7;
UPDATE kra.settings SET week_start = 1;
UPDATE kra.settings SET calendar = '4-4-5';
DELETE FROM kra.settings;
TRUNCATE kra.settings;
SELECT fiscal_year_start_month, week_start, calendar, (SELECT count(*) FROM kra.kpis k JOIN before b USING (id) WHERE k.grid = b.grid) AS same_grid FROM kra.settings;
-- what cuts no filled period may change
DELETE FROM kra.measurements WHERE kpi_id IN (SELECT id FROM kra.kpis WHERE key IN ('half_year', 'year'));
UPDATE kra.settings SET fiscal_year_start_month = 7;
SELECT * FROM pg_temp.grids;
UPDATE kra.settings SET fiscal_year_start_month = 4;
-- periods that begin on the same day, and end on others, are others, too
BEGIN;
DELETE FROM kra.measurements;
UPDATE kra.settings SET fiscal_year_start_month = 2;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT id, 1, '2026-02-01', kra.actual_agg(1, date '2026-02-01') FROM kra.kpis WHERE key = 'month' GROUP BY id;
SAVEPOINT here;
UPDATE kra.settings SET calendar = '5-4-4';
ROLLBACK TO here;
UPDATE kra.settings SET calendar = '4-4-5';   -- its February has 28 days
SELECT grid FROM kra.measurements;
ROLLBACK;
-- another cadence: not over measurements, also where they would all lie on period starts
UPDATE kra.kpis SET cadence = 'day' WHERE key = 'month';
UPDATE kra.kpis SET cadence = 'month' WHERE key = 'quarter';
UPDATE kra.kpis SET cadence = 'week' WHERE key = 'year';
SELECT key, cadence, grid FROM kra.kpis WHERE key IN ('month', 'quarter', 'year') ORDER BY key;
UPDATE kra.measurements SET period_start = '2026-04-02' WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'month');
UPDATE kra.measurements SET grid = 'day' WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'month');
DELETE FROM kra.measurements;

-- the time zone: one of the server's, by its name; kept while there are measurements
DELETE FROM kra.settings;
\set VERBOSITY default
INSERT INTO kra.settings (time_zone) VALUES ('Europe/Nowhere');
INSERT INTO kra.settings (time_zone) VALUES ('europe/berlin');
INSERT INTO kra.settings (time_zone) VALUES ('New York');
INSERT INTO kra.settings (time_zone) VALUES ('EST5EDT4,M3.2.0,M11.1.0');
INSERT INTO kra.settings (time_zone) VALUES ('Europe/Berlin');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT id, 1, '2026-05-01', kra.actual_agg(1, date '2026-05-05') FROM kra.kpis WHERE key = 'month' GROUP BY id;
UPDATE kra.settings SET time_zone = 'UTC';
\set VERBOSITY terse
DELETE FROM kra.settings;
TRUNCATE kra.settings;
UPDATE kra.settings SET time_zone = 'Europe/Berlin', min_coverage = 0.4;
SELECT time_zone, min_coverage FROM kra_internal.settings_in_force;
DELETE FROM kra.measurements;
UPDATE kra.settings SET time_zone = 'America/New_York';
UPDATE kra.settings SET time_zone = DEFAULT, fiscal_year_start_month = 4, week_start = 7;

-- one KPI stands in one KRA of a role at a time
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from) VALUES (1, 1, '2026-01-01'), (3, 1, '2026-01-01');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from) VALUES (2, 1, '2026-06-01');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from) VALUES (2, 1, '2025-06-01');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, is_active) VALUES (2, 1, '2026-06-01', true), (1, 1, '2026-06-01', false);
DELETE FROM kra.result_area_kpis WHERE NOT is_active;
UPDATE kra.result_area_kpis SET effective_from = '2026-07-01' WHERE NOT is_active;
UPDATE kra.result_area_kpis SET is_active = true;
UPDATE kra.result_area_kpis SET result_area_id = 3 WHERE NOT is_active;
UPDATE kra.result_areas SET job_role_id = 1 WHERE key = 'c';
UPDATE kra.result_area_kpis SET kpi_id = 2 WHERE NOT is_active;
DELETE FROM kra.result_area_kpis WHERE result_area_id = 2;
DELETE FROM kra.result_area_kpis WHERE NOT is_active;
SELECT result_area_id, kpi_id, effective_from, is_active FROM kra.result_area_kpis ORDER BY 1, 2, 3;

-- loops
INSERT INTO kra.objectives (id, key, name) VALUES (102, 'o2', 'o2'), (103, 'o3', 'o3');
INSERT INTO kra.objective_parents VALUES (102, 1), (103, 102);
INSERT INTO kra.objective_parents VALUES (1, 103);
DELETE FROM kra.objective_parents WHERE objective_id = 102;
INSERT INTO kra.objective_parents VALUES (1, 103) ON CONFLICT (objective_id) DO UPDATE SET parent_id = excluded.parent_id;
UPDATE kra.objective_parents SET parent_id = CASE objective_id WHEN 1 THEN 103 ELSE 1 END;
DELETE FROM kra.objective_parents WHERE objective_id = 103;
SELECT o.key, p.key AS serves FROM kra.objectives o LEFT JOIN kra.objective_parents op ON op.objective_id = o.id LEFT JOIN kra.objectives p ON p.id = op.parent_id ORDER BY 1;
-- of subjects: at once, by a second statement, from a day on, by an update, by the delete of a row between, in one upsert
INSERT INTO kra.placements VALUES (1, '2026-01-01', 2), (2, '2026-01-01', 1);
INSERT INTO kra.placements VALUES (1, '2026-01-01', 2), (2, '2026-01-01', 3);
INSERT INTO kra.placements VALUES (3, '2026-01-01', 1);
INSERT INTO kra.placements VALUES (3, '2027-05-01', 1);
INSERT INTO kra.placements VALUES (2, '2027-05-01', NULL), (3, '2027-05-01', 1);
UPDATE kra.placements SET effective_from = '2027-05-02' WHERE subject_id = 2 AND parent_id IS NULL;
UPDATE kra.placements SET is_active = NOT is_active WHERE subject_id = 2 AND parent_id IS NULL;   -- not there is not above either
UPDATE kra.placements SET parent_id = 3 WHERE subject_id = 2;
DELETE FROM kra.placements WHERE subject_id = 2 AND parent_id IS NULL;
DELETE FROM kra.placements WHERE subject_id = 2 AND NOT is_active;
INSERT INTO kra.placements VALUES (2, '2027-05-01', 3), (2, '2028-01-01', 1) ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = excluded.parent_id, is_active = true;
INSERT INTO kra.placements VALUES (2, '2027-05-01', 1), (3, '2027-05-01', NULL) ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = excluded.parent_id, is_active = true;
SELECT subject_id, effective_from, parent_id, is_active FROM kra.placements ORDER BY 1, 2;
TRUNCATE kra.placements;
SELECT count(*) AS spans, (SELECT count(*) FROM kra_internal.subject_ancestors) AS selves FROM kra_internal.subject_timeline;

-- the derived tables are those of a recomputation, day by day, after any history
INSERT INTO kra.subjects (id, key, name, kind) SELECT i, 'x' || i, 'x', 'person' FROM generate_series(4, 7) i;
-- on a day: the row of the subject that is in force, with who is above it, then that one's row, as long as each is active
CREATE FUNCTION pg_temp.chain(subject int, day date) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE p kra.placements; rows text[] := '{}'; at int := subject;
BEGIN
    WHILE at IS NOT NULL LOOP
        SELECT * INTO p FROM kra.placements WHERE subject_id = at AND effective_from <= day ORDER BY effective_from DESC LIMIT 1;
        EXIT WHEN NOT FOUND OR NOT p.is_active;
        rows := rows || format('%s>%s', p.effective_from, p.parent_id);
        at := p.parent_id;
    END LOOP;
    RETURN rows;
END $$;
CREATE FUNCTION pg_temp.differences(OUT spans bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE days ON COMMIT DROP AS SELECT s.id, d::date AS day, pg_temp.chain(s.id, d::date) AS c FROM kra.subjects s, generate_series(timestamp '2026-01-01', '2026-01-14', '1 day') d;
    CREATE TEMP TABLE runs ON COMMIT DROP AS
    SELECT id, k, c[:k] AS prefix, split_part(c[k], '>', 1)::date AS from_day, nullif(split_part(c[k], '>', 2), '')::int AS above, min(day) AS first_day,
        CASE max(day) WHEN '2026-01-14' THEN 'infinity' ELSE max(day) + 1 END AS until_day
    FROM days, generate_series(1, cardinality(c)) k GROUP BY id, k, c[:k], c[k];
    WITH expected AS (
        SELECT r.id, above, k, first_day, until_day, coalesce((SELECT min(day) FROM days d, generate_series(1, r.k) i
            WHERE d.id = r.id AND d.day >= r.until_day AND d.c[:i - 1] = r.prefix[:i - 1] AND d.c[i] <> r.prefix[i]), 'infinity') AS resumes
        FROM runs r WHERE above IS NOT NULL
        UNION ALL SELECT id, id, 0, '-infinity', 'infinity', 'infinity' FROM kra.subjects
        UNION ALL   -- the timeline, as depth -1
        SELECT r.id, above, -1, from_day, until_day, coalesce((SELECT min(day) FROM days d WHERE d.id = r.id AND d.day >= r.until_day AND d.c[1] IS NOT NULL), 'infinity') FROM runs r WHERE k = 1
    ), derived AS (
        SELECT subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on FROM kra_internal.subject_ancestors
        UNION ALL SELECT subject_id, parent_id, -1, valid_from, valid_until, resumes_on FROM kra_internal.subject_timeline
    )
    SELECT (SELECT count(*) FROM expected WHERE k <> 0), (SELECT count(*) FROM ((TABLE expected EXCEPT ALL TABLE derived) UNION ALL (TABLE derived EXCEPT ALL TABLE expected)) x) INTO spans, differ;
    DROP TABLE days, runs;
END $$;
SELECT setseed(0.4);
CREATE TEMP TABLE history (n int, done text, spans bigint, differ bigint);
DO $$
DECLARE
    done text;
    d record;
BEGIN
    FOR n IN 1..400 LOOP
        BEGIN
            done := (ARRAY['insert', 'insert', 'insert', 'upsert', 'update', 'move', 'away', 'delete'])[1 + floor(random() * 8)];
            CASE done
            WHEN 'insert' THEN
                INSERT INTO kra.placements SELECT id, day, CASE WHEN random() < 0.8 THEN 1 + floor(random() * 7)::int END, NULL, random() < 0.8
                FROM (SELECT DISTINCT 1 + floor(random() * 7)::int AS id, '2026-01-01'::date + floor(random() * 13)::int AS day FROM generate_series(1, 2)) x ON CONFLICT DO NOTHING;
            WHEN 'upsert' THEN
                INSERT INTO kra.placements SELECT id, day, CASE WHEN random() < 0.8 THEN 1 + floor(random() * 7)::int END, NULL, random() < 0.8
                FROM (SELECT DISTINCT 1 + floor(random() * 7)::int AS id, '2026-01-01'::date + floor(random() * 13)::int AS day FROM generate_series(1, 4)) x
                ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = excluded.parent_id, is_active = excluded.is_active;
            WHEN 'update' THEN
                UPDATE kra.placements SET parent_id = CASE WHEN random() < 0.8 THEN 1 + floor(random() * 7)::int END WHERE random() < 0.1;
            WHEN 'move' THEN
                UPDATE kra.placements SET effective_from = '2026-01-01'::date + floor(random() * 13)::int, subject_id = CASE WHEN random() < 0.5 THEN subject_id ELSE 1 + floor(random() * 7)::int END WHERE random() < 0.05;
            WHEN 'away' THEN
                UPDATE kra.placements SET is_active = NOT is_active WHERE random() < 0.15;
            ELSE
                DELETE FROM kra.placements WHERE random() < 0.08;
            END CASE;
        EXCEPTION WHEN check_violation OR unique_violation THEN
            done := done || ' refused';
        END;
        SELECT * INTO d FROM pg_temp.differences();
        INSERT INTO history VALUES (n, done, d.spans, d.differ);
    END LOOP;
END $$;
SELECT count(*) AS statements, count(*) FILTER (WHERE done LIKE '% refused') BETWEEN 20 AND 250 AS some_refused, sum(spans) > 5000 AS many_spans, sum(differ) AS differ, min(n) FILTER (WHERE differ > 0) AS first_that_differs FROM history;
-- nobody counts twice: of the spans of a subject below another at most one counts in a period, as of its end
SELECT count(*) > 1000 AS compared, count(*) FILTER (WHERE n > 1) AS twice
FROM (SELECT count(*) FILTER (WHERE kra_internal.counts_in(valid_from, valid_until, resumes_on, f::date, u::date)) AS n
      FROM kra_internal.subject_ancestors, generate_series(timestamp '2026-01-01', '2026-01-14', '1 day') f, generate_series(f, '2026-01-14', '1 day') u GROUP BY subject_id, ancestor_id, f, u) x;
-- a subject that goes takes its rows along, and only when nobody needs it
DELETE FROM kra.placements WHERE subject_id = 7 OR parent_id = 7;
DELETE FROM kra.subjects WHERE key = 'x7';
INSERT INTO kra.placements VALUES (4, '2026-01-05', 5) ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = 5, is_active = true;
SELECT id AS gone FROM generate_series(1, 7) id WHERE id NOT IN (SELECT subject_id FROM kra_internal.subject_ancestors);
DELETE FROM kra.subjects WHERE key = 'x5';
SELECT differ FROM pg_temp.differences();
TRUNCATE kra.placements;
SELECT * FROM pg_temp.differences();
-- the plain case: the team goes on the 10th, its people move on the 20th; in January they count once
INSERT INTO kra.placements VALUES (2, '2025-01-01', 1), (3, '2025-01-01', 1), (4, '2025-01-01', 2);
INSERT INTO kra.placements VALUES (2, '2026-01-10', NULL, NULL, false), (4, '2026-01-20', 3, NULL, true);
SELECT valid_from, valid_until, resumes_on, kra_internal.counts_in(valid_from, valid_until, resumes_on, '2026-01-01', '2026-01-31') AS counts FROM kra_internal.subject_ancestors WHERE subject_id = 4 AND ancestor_id = 1 ORDER BY 1;

-- the log: a row per change, of every table of definitions
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CREATE ROLE regress_kra_author;
CREATE ROLE regress_kra_admin;
SELECT kra.grant_author('regress_kra_author');
SELECT kra.grant_admin('regress_kra_admin');
SET ROLE regress_kra_admin;
INSERT INTO kra.settings (week_start) VALUES (7);
INSERT INTO kra.rule_settings VALUES ('too_many_kpis', false);
SET ROLE regress_kra_author;
INSERT INTO kra.subjects (key, name, kind) VALUES ('s1', 's', 'team'), ('s 2', 's', 'team');
INSERT INTO kra.job_roles (key, name) VALUES ('r1', 'r');
INSERT INTO kra.placements VALUES (1, '2026-01-01', NULL, 1);
INSERT INTO kra.objectives (key, name) VALUES ('o1', 'o');
INSERT INTO kra.milestones (objective_id, key, name) VALUES (1, 'm1', 'm');
INSERT INTO kra.kpis (key, name, kind) VALUES ('k1', 'k', 'outcome');
INSERT INTO kra.kpi_owners VALUES (1, '2026-01-01', 1);
INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, 'a1', 'a');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target) VALUES (1, 1, '2026-01-01', '>= 1');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) VALUES (1, 1, '2026-01-01', '>= 2');
INSERT INTO kra.benchmarks VALUES (1, '2026-01-01', 3, 'x');
-- all updated, then all updated to what they are
UPDATE kra.subjects SET name = 'S' WHERE id = 1; UPDATE kra.job_roles SET name = 'R'; UPDATE kra.placements SET is_active = false; UPDATE kra.objectives SET name = 'O'; UPDATE kra.milestones SET name = 'M'; UPDATE kra.kpis SET name = 'K';
UPDATE kra.kpi_owners SET subject_id = 2; UPDATE kra.result_areas SET name = 'A'; UPDATE kra.result_area_kpis SET weight = 2; UPDATE kra.targets SET target = '>= 3'; UPDATE kra.benchmarks SET value = 4;
UPDATE kra.subjects SET name = name; UPDATE kra.job_roles SET name = name; UPDATE kra.placements SET is_active = is_active; UPDATE kra.objectives SET name = name; UPDATE kra.milestones SET name = name; UPDATE kra.kpis SET name = name, grid = grid;
UPDATE kra.kpi_owners SET subject_id = subject_id; UPDATE kra.result_areas SET name = name; UPDATE kra.result_area_kpis SET weight = weight; UPDATE kra.targets SET target = target; UPDATE kra.benchmarks SET value = value;
SET ROLE regress_kra_admin;
UPDATE kra.settings SET week_start = 1; UPDATE kra.settings SET week_start = 1; UPDATE kra.rule_settings SET is_enabled = true; UPDATE kra.rule_settings SET is_enabled = true;
-- what is no definition is not logged
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT 1, 1, '2026-01-01', kra.actual_agg(1, date '2026-01-01');
INSERT INTO kra.check_ins (subject_id, comment) VALUES (1, 'x');
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('x', 'x', 'x', '2026-01-01');
DELETE FROM kra.measurements;
DELETE FROM kra.milestones; DELETE FROM kra.targets; DELETE FROM kra.benchmarks; DELETE FROM kra.result_area_kpis; DELETE FROM kra.result_areas; DELETE FROM kra.kpi_owners; DELETE FROM kra.placements;
DELETE FROM kra.kpis; DELETE FROM kra.objectives; DELETE FROM kra.job_roles; DELETE FROM kra.check_ins; DELETE FROM kra.rule_settings; DELETE FROM kra.settings;
RESET ROLE;
SELECT table_name, row_key, string_agg(operation || CASE changed_by WHEN 'regress_kra_author' THEN ' by author' WHEN 'regress_kra_admin' THEN ' by admin' ELSE ' by ' || changed_by END, ', ' ORDER BY id) AS changes,
    bool_and(CASE operation WHEN 'insert' THEN before IS NULL AND after IS NOT NULL WHEN 'delete' THEN before IS NOT NULL AND after IS NULL ELSE before <> after END AND changed_at <= now() AND changed_at > now() - interval '1 hour') AS sound
FROM kra.definition_log GROUP BY 1, 2 ORDER BY min(id);
-- every table is logged, or it is known why not
SELECT c.relname FROM pg_class c WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND relkind = 'r'
    AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgfoid = 'kra_internal.log_change'::regproc) ORDER BY 1;
SELECT before->>'name' AS before, after->>'name' AS after FROM kra.definition_log WHERE table_name = 'subjects' AND operation = 'update';
-- a parent that goes in the same statement is named by its id
INSERT INTO kra.job_roles (id, key, name) VALUES (77, 'r7', 'r7');
INSERT INTO kra.result_areas (id, job_role_id, key, name) VALUES (78, 77, 'a7', 'a7');
WITH gone AS (DELETE FROM kra.result_areas RETURNING 1) DELETE FROM kra.job_roles;
-- what is truncated is logged, row by row
INSERT INTO kra.job_roles (key, name) VALUES ('t1', 't'), ('t2', 't');
TRUNCATE kra.job_roles CASCADE;
SELECT table_name, row_key, operation FROM kra.definition_log ORDER BY id DESC LIMIT 8;

-- nobody changes the log: neither an author nor an admin, nor the owner in passing
CREATE TEMP TABLE log_before AS SELECT * FROM kra.definition_log;
GRANT SELECT ON log_before TO regress_kra_author;
UPDATE kra.definition_log SET changed_by = 'x';
DELETE FROM kra.definition_log;
DELETE FROM kra.definition_log WHERE false;
TRUNCATE kra.definition_log;
SET ROLE regress_kra_admin;
UPDATE kra.definition_log SET changed_by = 'x';
DELETE FROM kra.definition_log;
TRUNCATE kra.definition_log;
INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation) VALUES (now(), 'x', 'x', 'x', 'insert');
ALTER TABLE kra.definition_log DISABLE TRIGGER ALL;
ALTER TABLE kra.kpis DISABLE TRIGGER ALL;
DROP TRIGGER log_change ON kra.kpis;
SET session_replication_role = replica;
SET ROLE regress_kra_author;
UPDATE kra.definition_log SET changed_by = 'x';
DELETE FROM kra.definition_log;
TRUNCATE kra.definition_log;
INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation) VALUES (now(), 'x', 'x', 'x', 'insert');
ALTER TABLE kra.definition_log DISABLE TRIGGER ALL;
SELECT setval('kra.definition_log_id_seq', 1);
RESET ROLE;
SELECT count(*) > 20 AS compared, count(*) FILTER (WHERE l.* IS DISTINCT FROM b.*) AS differ FROM kra.definition_log l FULL JOIN log_before b USING (id);
-- nor does anybody write it, or the tree, by triggers on a table of his own
CREATE SCHEMA regress_kra_own AUTHORIZATION regress_kra_author;
SET ROLE regress_kra_author;
CREATE TABLE regress_kra_own.targets (id int, key text, subject_id int);
CREATE TRIGGER t AFTER INSERT ON regress_kra_own.targets FOR EACH ROW EXECUTE FUNCTION kra_internal.log_change();
CREATE TRIGGER t BEFORE TRUNCATE ON regress_kra_own.targets FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.log_truncation();
CREATE TRIGGER t AFTER TRUNCATE ON regress_kra_own.targets FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.truncate_tree();
SELECT kra_internal.rebuild_tree('{1}');
RESET ROLE;
SELECT proname FROM pg_proc WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND prorettype = 'trigger'::regtype AND has_function_privilege('regress_kra_author', oid, 'EXECUTE');
-- nor passes for a restore, or for somebody else
SET ROLE regress_kra_author;
SET check_function_bodies = off;
SET row_security = off;
INSERT INTO kra.job_roles (key, name) VALUES ('unseen', 'x');
CREATE FUNCTION regress_kra_own.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2000-01-01' $$;
CREATE FUNCTION regress_kra_own.viewer() RETURNS name LANGUAGE sql AS $$ SELECT 'x'::name $$;
SET search_path = regress_kra_own, kra, pg_catalog;
UPDATE kra.job_roles SET name = 'y' WHERE key = 'unseen';
RESET search_path;
RESET row_security;
RESET check_function_bodies;
RESET ROLE;
SELECT changed_by, operation, changed_at > now() - interval '1 hour' AS now FROM kra.definition_log WHERE row_key = 'unseen' ORDER BY id;

-- who set a target, and when, is not made up; and a change in place shows
INSERT INTO kra.subjects (key, name, kind) VALUES ('t', 't', 'team'), ('u', 'u', 'team');
INSERT INTO kra.kpis (key, name, kind) VALUES ('t', 't', 'outcome'), ('u', 'u', 'outcome');
INSERT INTO kra.result_areas (job_role_id, key, name) SELECT id, 't', 't' FROM kra.job_roles;
CREATE VIEW pg_temp.stamps AS SELECT 'targets' AS "table", set_by, set_at > now() - interval '1 hour' AS set_now, revised_at IS NOT NULL AS revised, t.target, provenance FROM kra.targets t
    UNION ALL SELECT 'result_area_kpis', set_by, set_at > now() - interval '1 hour', revised_at IS NOT NULL, t.target, provenance FROM kra.result_area_kpis t;
SET ROLE regress_kra_author;
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_by, set_at, revised_at) SELECT k.id, s.id, '2026-01-01', '>= 1', 'x', '2000-01-01', '2000-01-01' FROM kra.kpis k, kra.subjects s WHERE k.key = 't' AND s.key = 't';
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target, set_by, set_at, revised_at) SELECT a.id, k.id, '2026-01-01', '>= 1', 'x', '2000-01-01', '2000-01-01' FROM kra.kpis k, kra.result_areas a WHERE k.key = 't';
RESET ROLE;
SELECT * FROM pg_temp.stamps;
SET ROLE regress_kra_author;
UPDATE kra.targets SET set_by = 'x', set_at = '2000-01-01', provenance = 'history';
UPDATE kra.result_area_kpis SET set_by = 'x', set_at = '2000-01-01', provenance = 'history', weight = 3;
RESET ROLE;
SELECT * FROM pg_temp.stamps;
UPDATE kra.targets SET target = '>= 1'; UPDATE kra.result_area_kpis SET target = '>= 1';
SELECT "table", revised FROM pg_temp.stamps;
SET ROLE regress_kra_author;
UPDATE kra.targets SET target = '>= 2', revised_at = NULL; UPDATE kra.result_area_kpis SET target = NULL, revised_at = NULL;
UPDATE kra.targets SET revised_at = NULL; UPDATE kra.result_area_kpis SET revised_at = NULL;
RESET ROLE;
SELECT * FROM pg_temp.stamps;
-- also when it goes to another subject; the owner brings history along
UPDATE kra.targets SET set_by = 'old', set_at = '2000-01-01', revised_at = NULL; UPDATE kra.result_area_kpis SET set_by = 'old', set_at = '2000-01-01', revised_at = NULL;
SELECT * FROM pg_temp.stamps;
UPDATE kra.targets SET subject_id = (SELECT id FROM kra.subjects WHERE key = 'u'); UPDATE kra.result_area_kpis SET kpi_id = (SELECT id FROM kra.kpis WHERE key = 'u');
SELECT "table", revised FROM pg_temp.stamps;

SELECT kra.revoke_author('regress_kra_author');
SELECT kra.revoke_admin('regress_kra_admin');
DROP SCHEMA regress_kra_own CASCADE;
DROP TABLE log_before;
DROP ROLE regress_kra_author, regress_kra_admin;
