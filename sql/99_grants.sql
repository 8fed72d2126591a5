-- Values and functions are for everybody; they show nothing but their arguments. Functions that
-- look something up, or change it, are for those to whom they are granted (see kra.grant_reader).
GRANT USAGE ON SCHEMA kra TO PUBLIC;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc
             WHERE pronamespace = 'kra'::pg_catalog.regnamespace AND (provolatile <> 'i' OR prorettype = 'pg_catalog.trigger'::pg_catalog.regtype)
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', f);
    END LOOP;
END $$;
