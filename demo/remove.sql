-- Removes the demo: what it put into the catalogue of kra, and its schema kra_demo. It refuses to
-- touch a catalogue that holds anything else. demo/demo.sh starts with it; by hand:
--
--   psql -f demo/remove.sql
--
-- definition_log is append only: it keeps that there was a demo. A database of its own leaves nothing.
\ir look.sql
\set ON_ERROR_STOP on

BEGIN;
SELECT to_regclass('kra.subjects') IS NOT NULL AS has_catalogue \gset
\if :has_catalogue
DO $$
DECLARE
    foreign_ones text;
BEGIN
    -- The demo's own: England and all below it, roles kra_demo_..., KPIs that read schema kra_demo.
    SELECT concat_ws(', ', nullif((SELECT count(*) FROM kra.subjects s
                                   WHERE NOT EXISTS (SELECT FROM kra_internal.subject_ancestors c JOIN kra.objectives o ON o.subject_id = c.ancestor_id
                                                     WHERE c.subject_id = s.id AND o.key = 'kra_demo_timely')), 0) || ' subjects',
                           nullif((SELECT count(*) FROM kra.kpis WHERE source_relation NOT LIKE 'kra\_demo.%' OR source_relation IS NULL), 0) || ' KPIs',
                           nullif((SELECT count(*) FROM kra.job_roles WHERE key NOT LIKE 'kra\_demo\_%'), 0) || ' roles',
                           nullif((SELECT count(*) FROM kra.objectives WHERE key NOT LIKE 'kra\_demo\_%'), 0) || ' objectives',
                           nullif((SELECT count(*) FROM kra.settings WHERE NOT EXISTS (SELECT FROM kra.objectives WHERE key = 'kra_demo_timely')), 0) || ' row of settings')
    INTO foreign_ones;
    IF foreign_ones <> '' THEN
        RAISE EXCEPTION 'the catalogue of this database is in use: it holds what is not the demo''s (%)', foreign_ones
            USING HINT = 'Run the demo in a database of its own: createdb kra_try; PGDATABASE=kra_try demo/demo.sh';
    END IF;
END
$$;

-- All that is left is the demo's.
DELETE FROM kra.waivers;
DELETE FROM kra.actions;
DELETE FROM kra.reviews;
DELETE FROM kra.check_ins;
DELETE FROM kra.milestones;
DELETE FROM kra.measurements;
DELETE FROM kra.benchmarks;
DELETE FROM kra.acknowledgements;
DELETE FROM kra.targets;
DELETE FROM kra.result_area_kpis;
DELETE FROM kra.result_areas;
DELETE FROM kra.kpi_owners;
DELETE FROM kra.kpis;
DELETE FROM kra.objectives;
DELETE FROM kra.placements;
DELETE FROM kra.subjects;
DELETE FROM kra.job_roles;
DELETE FROM kra.rule_settings;
DELETE FROM kra_internal.notices;
DELETE FROM kra.settings;
\endif

DROP SCHEMA IF EXISTS kra_demo CASCADE;
COMMIT;
