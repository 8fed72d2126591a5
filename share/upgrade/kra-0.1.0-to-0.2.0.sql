-- From kra 0.1.0 to 0.2.0, in one transaction: keeps the rows and who was granted what, drops the
-- old extension, creates the new one, loads the rows, and compares. Run it by psql, as the owner of
-- the tables or a superuser, while nobody else works with kra:
--
--   pg_dump -Fc -d DATABASE -f before.dump
--   psql -X -d DATABASE -f kra-0.1.0-to-0.2.0.sql
--
-- What stands in the way is said, and nothing has changed then: views and functions of your own over
-- kra, and columns of its types. Drop or convert these first, and make them anew afterwards.
\set ON_ERROR_STOP 1
\set QUIET 1
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL row_security = off;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
    IF (SELECT extversion FROM pg_extension WHERE extname = 'kra') IS DISTINCT FROM '0.1.0' THEN
        RAISE EXCEPTION 'this is no database with kra 0.1.0'
            USING HINT = 'SELECT extversion FROM pg_extension WHERE extname = ''kra'' says which version it has.';
    ELSIF NOT EXISTS (SELECT FROM pg_available_extension_versions WHERE name = 'kra' AND version = '0.2.0') THEN
        RAISE EXCEPTION 'kra 0.2.0 is not installed on this server' USING HINT = 'make install, or the package of your system, installs it.';
    END IF;
END $$;

-- The rows, without the types that go with the extension: those are text meanwhile.
CREATE TEMP TABLE kra_old_tables (n integer GENERATED ALWAYS AS IDENTITY, name name PRIMARY KEY, new_name text, rows bigint) ON COMMIT DROP;
INSERT INTO kra_old_tables (name, new_name) VALUES   -- what is referred to before what refers to it
    ('settings', 'kra.settings'), ('job_roles', 'kra.job_roles'), ('subjects', 'kra.subjects'),
    ('placements', 'kra.placements'), ('objectives', 'kra.objectives'), ('kpis', 'kra.kpis'),
    ('kpi_owners', 'kra.kpi_owners'), ('result_areas', 'kra.result_areas'),
    ('result_area_kpis', 'kra.result_area_kpis'), ('targets', 'kra.targets'),
    ('acknowledgements', 'kra.acknowledgements'), ('benchmarks', 'kra.benchmarks'),
    ('measurements', 'kra.measurements'), ('milestones', 'kra.milestones'), ('check_ins', 'kra.check_ins'),
    ('reviews', 'kra.reviews'), ('actions', 'kra.actions'), ('rule_settings', 'kra.rule_settings'),
    ('waivers', 'kra.waivers'), ('notices', 'kra_internal.notices'), ('definition_log', 'kra.definition_log');
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT o.name, string_agg(format(CASE WHEN y.typnamespace = 'kra'::regnamespace THEN '%1$I::text AS %1$I' ELSE '%1$I' END, a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM kra_old_tables o
        JOIN pg_attribute a ON a.attrelid = format('kra.%I', o.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type y ON y.oid = a.atttypid
        GROUP BY o.name
    LOOP
        EXECUTE format('LOCK TABLE kra.%I IN ACCESS EXCLUSIVE MODE', t.name);
        EXECUTE format('CREATE TEMP TABLE %I ON COMMIT DROP AS SELECT %s FROM kra.%I', 'kra_old_' || t.name, t.columns, t.name);
        EXECUTE format('UPDATE kra_old_tables SET rows = (SELECT count(*) FROM %I) WHERE name = %L', 'kra_old_' || t.name, t.name);
    END LOOP;
END $$;

CREATE TEMP TABLE kra_old_sequences (name name, last_value bigint, is_called boolean) ON COMMIT DROP;
DO $$
DECLARE
    s name;
BEGIN
    FOR s IN SELECT relname FROM pg_class WHERE relnamespace = 'kra'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('INSERT INTO kra_old_sequences SELECT %L, last_value, is_called FROM kra.%I', s, s);
    END LOOP;
END $$;

-- Who had what. An author of 0.1.0 closed reviews and recorded, too: reviewer and keeper now.
CREATE TEMP TABLE kra_old_grants ON COMMIT DROP AS
SELECT r.rolname AS db_role,
       CASE WHEN bool_or(c.relname = 'settings' AND a.privilege_type = 'UPDATE') THEN '{admin}'
            WHEN bool_or(c.relname = 'kpis' AND a.privilege_type = 'INSERT') THEN '{author,reviewer,keeper}'
            ELSE '{reader}' END::text[] AS kinds
FROM pg_class c
CROSS JOIN LATERAL aclexplode(c.relacl) a
JOIN pg_roles r ON r.oid = a.grantee AND r.oid <> c.relowner
WHERE c.relnamespace = 'kra'::regnamespace AND c.relname IN ('settings', 'kpis', 'measurements')
GROUP BY r.rolname;

DO $$
DECLARE
    in_the_way text;
BEGIN
    DROP EXTENSION kra;
EXCEPTION WHEN dependent_objects_still_exist THEN
    GET STACKED DIAGNOSTICS in_the_way = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION 'objects of your own depend on kra' USING ERRCODE = 'dependent_objects_still_exist', DETAIL = in_the_way,
        HINT = 'Convert columns of its types (ALTER TABLE ... ALTER COLUMN ... TYPE text, and back afterwards), and drop views and functions, to make them anew.';
END $$;
CREATE EXTENSION kra VERSION '0.2.0';

-- As a dump loads them: nothing of it is a change.
SET LOCAL check_function_bodies = off;
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT o.n, o.name, o.new_name, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) AS columns,
               string_agg(format(CASE WHEN y.typnamespace = 'kra'::regnamespace THEN '%I::%s' ELSE '%I' END, a.attname, a.atttypid::regtype), ', ' ORDER BY a.attnum) AS expressions
        FROM kra_old_tables o
        JOIN pg_attribute a ON a.attrelid = o.new_name::regclass AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_attribute b ON b.attrelid = format('pg_temp.%I', 'kra_old_' || o.name)::regclass AND b.attname = a.attname
            AND a.attname <> 'grid'   -- was a number; cut anew by cadence and settings
        JOIN pg_type y ON y.oid = a.atttypid
        GROUP BY o.n, o.name, o.new_name
        ORDER BY o.n
    LOOP
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %I', t.new_name, t.columns, t.expressions, 'kra_old_' || t.name);
    END LOOP;
END $$;
INSERT INTO kra.objective_parents (objective_id, parent_id)
SELECT id, parent_id FROM kra_old_objectives WHERE parent_id IS NOT NULL;
INSERT INTO kra.kpi_drives (kpi_id, drives_kpi_id)
SELECT id, drives_kpi_id FROM kra_old_kpis WHERE drives_kpi_id IS NOT NULL;

SELECT setval(format('kra.%I', s.name)::regclass, s.last_value, s.is_called) FROM kra_old_sequences s \g /dev/null

DO $$
DECLARE
    g record;
BEGIN
    FOR g IN SELECT o.db_role, k.kind FROM kra_old_grants o CROSS JOIN LATERAL unnest(o.kinds) k (kind) LOOP
        EXECUTE format('SELECT kra.grant_%s(%L)', g.kind, g.db_role);
    END LOOP;
END $$;

-- As many rows as before, or nothing has happened.
DO $$
DECLARE
    t record;
    found bigint;
BEGIN
    FOR t IN SELECT * FROM kra_old_tables ORDER BY n LOOP
        EXECUTE format('SELECT count(*) FROM %s x %s', t.new_name,
                       CASE t.name WHEN 'definition_log' THEN 'WHERE x.operation <> ''load''' ELSE '' END) INTO found;
        IF found <> t.rows THEN
            RAISE EXCEPTION '% has % rows instead of %', t.new_name, found, t.rows;
        END IF;
    END LOOP;
END $$;
SET LOCAL client_min_messages = notice;
DO $$
BEGIN
    RAISE NOTICE 'kra 0.2.0 holds what 0.1.0 held: % rows', (SELECT sum(rows) FROM kra_old_tables);
END $$;
COMMIT;
