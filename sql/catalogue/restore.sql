-- A restore loads tables that belong to an extension with their foreign keys in place. pg_dump puts
-- them in the order of these, but pg_restore with several jobs does not keep it. What comes before
-- the rows that it refers to is refused with a word on what to type.

CREATE FUNCTION kra_internal.check_loaded() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kra_internal.is_restoring() AND NOT (CASE TG_ARGV[0]
        WHEN 'job_roles' THEN EXISTS (SELECT FROM kra.job_roles)
        WHEN 'kpis' THEN EXISTS (SELECT FROM kra.kpis)
        WHEN 'objectives' THEN EXISTS (SELECT FROM kra.objectives)
        WHEN 'result_areas' THEN EXISTS (SELECT FROM kra.result_areas)
        WHEN 'reviews' THEN EXISTS (SELECT FROM kra.reviews)
        WHEN 'subjects' THEN EXISTS (SELECT FROM kra.subjects)
        ELSE true
    END) THEN
        RAISE EXCEPTION '%.% cannot be loaded before kra.%',
            TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]
            USING ERRCODE = 'foreign_key_violation',
                  HINT = 'pg_restore with several jobs does not load the tables of an extension in '
                      'order. Begin anew, in steps: pg_restore --section=pre-data; '
                      'pg_restore --section=data -n kra -n kra_internal; then with --jobs: '
                      'pg_restore --section=data -N kra -N kra_internal; '
                      'pg_restore --section=post-data.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.check_loaded() IS 'trigger: refuses rows of a dump that come before all those that they refer to';

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT c.conrelid::regclass AS child, p.relname AS parent,
               string_agg(format('NEW.%I', a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_constraint c
        JOIN pg_class p ON p.oid = c.confrelid
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
        WHERE c.contype = 'f' AND c.connamespace = 'kra'::regnamespace
        GROUP BY 1, 2
    LOOP
        EXECUTE format(
            'CREATE TRIGGER loaded_after_%2$s BEFORE INSERT ON %1$s FOR EACH ROW
                 WHEN (num_nonnulls(%3$s) > 0
                     AND current_setting(''check_function_bodies'') = ''off'')
                 EXECUTE FUNCTION kra_internal.check_loaded(%2$L)',
            t.child, t.parent, t.columns);
    END LOOP;
END $$;
