-- what the owner of a database who is no superuser can put in the way of a script that a superuser
-- runs there: in the schema public, and in pg_temp by install.sh. Whatever of it is called counts
-- itself in a sequence, which no rollback undoes, and fails.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = pg_catalog;
CREATE SEQUENCE public.calls;
CREATE FUNCTION public.hijacked() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.nextval('public.calls');
    RAISE EXCEPTION 'hijacked';
END $$;

-- functions: those of pg_catalog once more, and for types that a call reaches by a cast
DO $$
DECLARE
    f record;
    body text := 'BEGIN PERFORM public.hijacked(); RETURN NULL; END';
BEGIN
    FOR f IN
        SELECT proname, pg_get_function_identity_arguments(oid) AS args, proretset,
               format_type(prorettype, NULL) AS result
        FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
          AND proname !~ '^(pg_stat|binary_upgrade|brin|gin|gist|gtsquery|spg|bt|hash|ts)'
          AND prorettype NOT IN ('internal'::regtype, 'trigger'::regtype, 'cstring'::regtype,
                                 'event_trigger'::regtype, 'fdw_handler'::regtype,
                                 'language_handler'::regtype, 'index_am_handler'::regtype,
                                 'tsm_handler'::regtype, 'table_am_handler'::regtype)
          AND NOT proargtypes::oid[] && '{internal,cstring}'::regtype[]::oid[]
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L',
                           f.proname, f.args, f.result, body);
        EXCEPTION WHEN others THEN
            NULL;   -- of types that PL/pgSQL does not take
        END;
    END LOOP;
    FOR f IN
        SELECT DISTINCT p.proname, t.arg
        FROM pg_proc p
        CROSS JOIN unnest('{integer,bigint,smallint,text,name,regclass,regnamespace,date,jsonb,
                            float8,numeric,boolean,text[],integer[],anyelement}'::text[]) t (arg)
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.pronargs IN (1, 2)
          AND p.proname IN ('format', 'abs', 'round', 'left', 'substr', 'concat', 'coalesce', 'max',
                            'min', 'sum', 'count', 'string_agg', 'array_agg', 'jsonb_agg', 'btrim',
                            'jsonb_object_agg', 'replace', 'cardinality', 'quote_ident', 'unnest',
                            'jsonb_array_elements', 'to_jsonb', 'generate_series', 'nullif', 'age',
                            'make_date', 'isfinite', 'octet_length', 'array_position', 'bool_or',
                            'pg_extension_config_dump', 'split_part', 'regexp_replace', 'now')
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L',
                           f.proname, f.arg, f.arg, body);
        EXCEPTION WHEN others THEN
            NULL;
        END;
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s, %2$s) RETURNS %2$s LANGUAGE plpgsql AS %3$L',
                           f.proname, f.arg, body);
        EXCEPTION WHEN others THEN
            NULL;
        END;
    END LOOP;
END $$;

-- operators: every name, for every pair of the types that a script compares
DO $$
DECLARE
    o record;
BEGIN
    FOR o IN
        SELECT n.name, l.type AS left_type, r.type AS right_type,
               CASE WHEN 'anyelement' IN (l.type, r.type) THEN 'anyelement' END AS poly
        FROM (SELECT DISTINCT oprname AS name FROM pg_operator
              WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b'
                AND oprname IN ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||', '~',
                                '!~', '->', '->>', '#>', '#>>', '?', '&&', '@>', '<@', '%')) n
        CROSS JOIN unnest('{oid,regnamespace,regclass,regproc,regtype,name,text,integer,smallint,
                            bigint,float8,date,timestamptz,jsonb,boolean,"\"char\"",text[],
                            integer[],anyelement}'::text[]) l (type)
        CROSS JOIN unnest('{oid,regnamespace,regclass,regproc,regtype,name,text,integer,smallint,
                            bigint,float8,date,timestamptz,jsonb,boolean,"\"char\"",text[],
                            integer[],anyelement}'::text[]) r (type)
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.op(%s, %s) RETURNS boolean LANGUAGE plpgsql AS
                            ''BEGIN PERFORM public.hijacked(); RETURN NULL; END''',
                           o.left_type, o.right_type);
        EXCEPTION WHEN duplicate_function THEN
            NULL;
        END;
        EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.op, LEFTARG = %s, RIGHTARG = %s)',
                       o.name, o.left_type, o.right_type);
    END LOOP;
END $$;

-- aggregates
CREATE FUNCTION public.step(jsonb, jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN PERFORM public.hijacked(); RETURN NULL; END $$;
CREATE FUNCTION public.step(text, text) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN PERFORM public.hijacked(); RETURN NULL; END $$;
CREATE FUNCTION public.step(bigint, integer) RETURNS bigint LANGUAGE plpgsql AS
$$ BEGIN PERFORM public.hijacked(); RETURN NULL; END $$;
DO $$
DECLARE
    a text;
BEGIN
    FOREACH a IN ARRAY '{jsonb_agg,array_agg,max,min,count,bool_or,bool_and,sum,jsonb_object_agg}'::text[]
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS public.%I(jsonb), public.%1$I(text),
                        public.%1$I(integer)', a);
        EXECUTE format('CREATE AGGREGATE public.%I(jsonb) (SFUNC = public.step, STYPE = jsonb)', a);
        EXECUTE format('CREATE AGGREGATE public.%I(text) (SFUNC = public.step, STYPE = text)', a);
        EXECUTE format('CREATE AGGREGATE public.%I(integer) (SFUNC = public.step, STYPE = bigint)', a);
    END LOOP;
END $$;

-- types, tables and views by the names of the catalogue
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY '{text,name,int4,int2,int8,float8,bool,date,jsonb,timestamptz,regclass,oid,
                         regnamespace,numeric,_text,regproc,void,record,anyarray,interval}'::text[]
    LOOP
        BEGIN
            EXECUTE format('CREATE DOMAIN public.%I AS pg_catalog.bytea', t);
        EXCEPTION WHEN others THEN
            NULL;
        END;
    END LOOP;
    FOREACH t IN ARRAY '{pg_class,pg_proc,pg_namespace,pg_roles,pg_extension,pg_depend,pg_type,
                         pg_attribute,pg_stat_activity,pg_locks,pg_opclass,pg_operator}'::text[]
    LOOP
        EXECUTE format('CREATE VIEW public.%I AS SELECT public.hijacked() AS oid', t);
    END LOOP;
END $$;
SELECT (SELECT count(*) FROM pg_catalog.pg_proc WHERE pronamespace = 'public'::regnamespace) > 1500
       AND (SELECT count(*) FROM pg_catalog.pg_operator WHERE oprnamespace = 'public'::regnamespace) > 5000
       AS is_hostile;
