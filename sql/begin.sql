-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION kra" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

CREATE SCHEMA kra;
COMMENT ON SCHEMA kra IS 'KRA/KPI software: targets, scorecards, attainment, trend and imbalance';

CREATE SCHEMA kra_internal;
COMMENT ON SCHEMA kra_internal IS 'what the schemas kra and kra_bi are made of: nothing to call, and without a promise for the next version';

CREATE FUNCTION kra.extension_version() RETURNS text
    AS 'MODULE_PATHNAME', 'kra_version' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.extension_version() IS 'version of the library that is loaded';

CREATE TYPE kra.kpi_kind AS ENUM ('outcome', 'activity');
COMMENT ON TYPE kra.kpi_kind IS 'what a KPI measures: an outcome (a result) or an activity (effort, process)';

CREATE TYPE kra.kpi_status AS ENUM
    ('no_target', 'no_data', 'off_track', 'at_risk', 'on_track', 'exceeded');
COMMENT ON TYPE kra.kpi_status IS 'where an actual stands against its target';
