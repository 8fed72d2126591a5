-- Who owns what. The script may run as a superuser for an owner of the extension who is none
-- (trusted = true), and they must gain nothing by it. So the tables, and all that works on them
-- with rights of its own or is granted to some, belong to the owner of the extension: what they
-- hang on a table of theirs (a trigger, a default, a policy) runs as themselves in functions of
-- theirs. Schemas, types, operators, what they are made of in C, and what is for everybody stay
-- with the superuser who ran the script; none of that is SECURITY DEFINER. Grants are of one hand
-- that way, and a dump restores them under any owner.

DO $$
DECLARE
    new_owner text := (SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'kra');
    o record;
BEGIN
    FOR o IN
        SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind,
               c.oid::regclass::text AS name
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'kra'
        JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
        WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_class'::regclass
          AND d.deptype = 'e'
        UNION ALL
        SELECT 'FUNCTION', substr(r.object, 10)
        FROM kra_internal.rights() r
        JOIN pg_proc p ON r.object ~ '^function ' AND p.oid = substr(r.object, 10)::regprocedure
        JOIN pg_language l ON l.oid = p.prolang
        WHERE r.holders <> 'everybody' AND NOT (r.holders = 'nobody' AND l.lanname = 'c')
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO %s', o.kind, o.name, new_owner);
    END LOOP;

    -- every function was made open to PUBLIC: those for fewer are closed
    FOR o IN
        SELECT r.object FROM kra_internal.rights() r
        WHERE r.object ~ '^function ' AND r.holders <> 'everybody'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON %s FROM PUBLIC', o.object);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA kra, kra_internal, kra_bi TO PUBLIC;
