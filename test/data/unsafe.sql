-- what test/spot.py must find: read by test/pgspot.sh, and never run
CREATE SCHEMA IF NOT EXISTS kra;
SELECT 1 + 1;
SET LOCAL search_path = pg_catalog, pg_temp;
CREATE FUNCTION kra.a() RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
    a integer := b + 1;
BEGIN
    IF a = 1 THEN
        RETURN NEXT f(a);
    END IF;
END $$;
CREATE FUNCTION kra.b() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 < 2 $$;
CREATE OR REPLACE FUNCTION public.c() RETURNS integer LANGUAGE sql RETURN 1;
CREATE FUNCTION kra.d() RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$ BEGIN this is no; END $$;
SET search_path = public;
CREATE FUNCTION kra.e() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1 + 1; END;
CREATE FUNCTION kra.f() RETURNS integer LANGUAGE sql RETURN 1 - 1;
