-- complain if the script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION kra UPDATE" to load this file. \quit

-- Types and schemas changed: until 1.0 that takes a dump and load, which a script does in place.
DO $$
BEGIN
    RAISE EXCEPTION 'kra 0.1.0 cannot be updated in place' USING
        ERRCODE = 'feature_not_supported',
        HINT = 'Run kra-0.1.0-to-0.2.0.sql by psql: it lies beside kra.control, in the directory extension below what pg_config --sharedir prints.';
END $$;
