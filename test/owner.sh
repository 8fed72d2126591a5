#!/bin/sh
# An owner of a database who is no superuser installs, owns, uses and gives up kra, and gains nothing:
# neither by what they hang on their tables and functions while a superuser uses them as the docs
# allow (as a role that is none, see docs/administration.md), nor by a crash.
# Runs against the server of the environment (kra_with_server); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
unset PGOPTIONS PGDATABASE || :

bad=0
done=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }
is() {   # what, got, expected
    done=$((done + 1))
    [ "$2" = "$3" ] || { wrong "$1: got"; printf '%s\nexpected\n%s\n' "$2" "$3"; }
}

# names that need quotes, and would end a string
sql postgres <<'END'
CREATE ROLE "kra owner's ""own""" LOGIN;
CREATE ROLE kra_owner_next LOGIN;
CREATE ROLE kra_owner_reader LOGIN;
CREATE ROLE kra_owner_admin LOGIN;
CREATE DATABASE kra_owner OWNER "kra owner's ""own""";
END
owner="SET SESSION AUTHORIZATION \"kra owner's \"\"own\"\"\""
sql kra_owner -c "$owner" -c 'CREATE EXTENSION kra'

# What belongs to whom.
is "owners" "$(sql kra_owner <<'END'
SELECT 'schemas', string_agg(DISTINCT (nspowner = 10)::text, ' ') FROM pg_namespace WHERE nspname ~ '^kra';
SELECT 'relations', string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class
WHERE relnamespace::regnamespace::text ~ '^kra' AND relkind IN ('r', 'v', 'S');
SELECT 'types', bool_and(typowner = 10) FROM pg_type t
WHERE typnamespace::regnamespace::text ~ '^kra' AND typtype IN ('b', 'e') AND typelem = 0;
SELECT 'definers of the superuser', count(*) FROM pg_proc
WHERE pronamespace::regnamespace::text ~ '^kra' AND prosecdef AND proowner = 10;
SELECT 'for some, and not the owner''s', count(*) FROM pg_proc
WHERE pronamespace::regnamespace::text ~ '^kra' AND proowner = 10 AND proacl IS NOT NULL
  AND EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee NOT IN (0, 10));
SELECT 'for everybody, and the owner''s', count(*) FROM pg_proc
WHERE pronamespace::regnamespace::text ~ '^kra' AND proowner <> 10
  AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0);
END
)" "schemas|true
relations|\"kra owner's \"\"own\"\"\"
types|t
definers of the superuser|0
for some, and not the owner's|0
for everybody, and the owner's|0"

# It works: define, record, read; grants by the owner and by an admin, to be taken back by the other.
is "use" "$(sql kra_owner 2>&1 <<END
$owner;
SELECT kra.grant_admin('kra_owner_admin');
SELECT count(*) > 4 FROM kra.define('{"effective_from": "2025-01-01",
    "subjects": [{"key": "co", "name": "Co", "kind": "company"}, {"key": "ann", "name": "Ann", "kind": "person", "parent": "co", "role": "r", "login": "kra_owner_reader"}],
    "roles": [{"key": "r", "name": "R", "kras": [{"name": "Growth", "kpis": [{"key": "sales", "name": "Sales", "kind": "outcome", "target": ">= 5"}]}]}]}');
SELECT kra.record('sales', 'ann', '2025-02-01', 4::float8)::text;
SET SESSION AUTHORIZATION kra_owner_admin;
SELECT kra.grant_reader('kra_owner_reader');
SELECT db_role, kind FROM kra.role_grants ORDER BY 1;
SET SESSION AUTHORIZATION kra_owner_reader;
SELECT subject_key, status FROM kra_bi.kpi_results WHERE period_grain = 'month';
$owner;
SELECT kra.revoke_reader('kra_owner_reader');
SELECT count(*) FROM kra.role_grants;
SET SESSION AUTHORIZATION kra_owner_reader;
SELECT count(*) FROM kra_bi.kpi_results;
END
)" "
t
(2025-02,2025-02-01,4,1,)

kra_owner_admin|admin
kra_owner_reader|reader
ann|off_track

1
ERROR:  permission denied for view kpi_results"

# A NULL where STRICT was taken off is no crash; and nothing can be replaced or put in.
is "functions without STRICT" "$(sql kra_owner 2>&1 <<END
$owner;
DO \$\$
DECLARE
    f record;
    said text;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure AS name, p.oid::regproc AS proc, p.pronargs,
               (SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY n)
                FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n)) AS args
        FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE p.proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
          AND l.lanname = 'c' AND p.proisstrict
    LOOP
        EXECUTE format('ALTER FUNCTION %s CALLED ON NULL INPUT', f.name);
        BEGIN
            EXECUTE format('SELECT %s(%s)', f.proc, f.args);
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
        EXECUTE format('ALTER FUNCTION %s STRICT', f.name);
    END LOOP;
END \$\$;
SELECT 'alive';
END
)" "alive"
refused() {   # statement
    done=$((done + 1))
    if sql kra_owner -c "$owner" -c "$1" >/dev/null 2>&1; then wrong "an owner may: $1"; fi
}
refused "CREATE OR REPLACE FUNCTION kra.viewer() RETURNS name LANGUAGE sql AS 'SELECT NULL::name'"
refused "CREATE OR REPLACE FUNCTION kra.grant_reader(db_role name) RETURNS void LANGUAGE sql AS ''"
refused "CREATE FUNCTION kra.status(numeric, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'"
refused "CREATE TABLE kra.mine ()"
refused "CREATE VIEW kra_bi.mine AS SELECT 1"
refused "CREATE OPERATOR pg_catalog.= (LEFTARG = kra.kpi_target, RIGHTARG = text, FUNCTION = kra.status)"
refused "ALTER TABLE kra.settings RENAME TO gone"
refused "ALTER FUNCTION kra.define(jsonb, boolean) RENAME TO gone"
refused "ALTER FUNCTION kra.define(jsonb, boolean) OWNER TO kra_owner_next"
refused "ALTER TYPE kra.kpi_target OWNER TO kra_owner_next"
refused "ALTER TYPE kra.kpi_status ADD VALUE 'x'"
refused "ALTER FUNCTION kra.status(float8, kra.kpi_target, date, float8) CALLED ON NULL INPUT"
refused "ALTER FUNCTION kra.define(jsonb, boolean) SET session_preload_libraries = x"
refused "ALTER SCHEMA kra OWNER TO kra_owner_next"
is "schemas to create in" "$(sql kra_owner -c "$owner" -c 'GRANT CREATE ON SCHEMA kra TO kra_owner_next' \
    -c "SELECT nspname FROM pg_namespace WHERE nspname ~ '^kra' AND has_schema_privilege('kra_owner_next', oid, 'CREATE')" 2>/dev/null)" ""
refused "DROP SCHEMA kra CASCADE"
refused "DROP TABLE kra.settings CASCADE"
refused "CREATE INDEX ON kra.subjects (name)"

# Whatever they hang on what is theirs, a superuser who maintains the database runs none of it as a
# superuser: vacuum, analyze, reindex, dump, and all else as the owner.
sql kra_owner >/dev/null <<END
$owner;
CREATE SCHEMA evil;
CREATE FUNCTION evil.grab() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS \$\$
BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        EXECUTE 'ALTER ROLE kra_owner_next SUPERUSER';
    END IF;
END \$\$;
CREATE FUNCTION evil.grab_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM evil.grab(); RETURN NEW; END';
CREATE FUNCTION evil.grab_value(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.grab(); RETURN \$1; END';
CREATE FUNCTION evil.grab_bool(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.grab(); RETURN true; END';
CREATE FUNCTION evil.eq(name, name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM evil.grab(); RETURN pg_catalog.nameeq(\$1, \$2); END';
CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.eq);
CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM evil.grab(); RETURN pg_catalog.texteq(\$1, \$2); END';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
DO \$do\$
DECLARE t regclass;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c WHERE relnamespace = 'kra'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TRIGGER "0grab" BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION evil.grab_row()', t);
        EXECUTE format('ALTER TABLE %s ADD CHECK (evil.grab_bool(''x''))', t);
        EXECUTE format('CREATE POLICY evil ON %s USING (evil.grab_bool(''x''))', t);
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    END LOOP;
END \$do\$;
ALTER TABLE kra.kpi_owners ADD COLUMN made text GENERATED ALWAYS AS (evil.grab_value('x')) STORED;
ALTER TABLE kra.kpi_owners ADD COLUMN by_default text DEFAULT evil.grab_value('x');
CREATE OR REPLACE RULE "_RETURN" AS ON SELECT TO kra.role_grants DO INSTEAD
    SELECT evil.grab_value('a') AS db_role, evil.grab_value('a') AS kind;
ALTER FUNCTION kra_internal.change_grants(name, text, boolean) SECURITY INVOKER SET search_path = evil, pg_catalog;
ALTER FUNCTION kra.define(jsonb, boolean) SET search_path = evil, pg_catalog;
END
sql kra_owner >/dev/null <<END
VACUUM;
ANALYZE;
REINDEX SCHEMA kra;
VACUUM FULL kra.job_roles;
SET ROLE "kra owner's ""own""";
INSERT INTO kra.job_roles (key, name) VALUES ('x', 'X');
SELECT count(*) FROM kra.define('{"job_roles": []}'::jsonb - 'job_roles');
SELECT kra.grant_reader('kra_owner_reader');
SELECT count(*) FROM kra.role_grants;
RESET ROLE;
END
"$bin/pg_dump" -d kra_owner >/dev/null
is "superusers" "$(sql postgres -c "SELECT rolname FROM pg_roles WHERE rolsuper AND rolname ~ '^kra'")" ""
is "the evil works" "$(sql kra_owner 2>&1 <<END
INSERT INTO kra.job_roles (key, name) VALUES ('y', 'Y');
SELECT rolname FROM pg_roles WHERE rolsuper AND rolname ~ '^kra';
ALTER ROLE kra_owner_next NOSUPERUSER;
END
)" "kra_owner_next"

# Another owner: a superuser hands everything over. Then the old role can go.
sql postgres -c 'DROP DATABASE kra_owner' -c "CREATE DATABASE kra_owner OWNER \"kra owner's \"\"own\"\"\""
sql kra_owner -c "$owner" -c 'CREATE EXTENSION kra' -c "SELECT kra.grant_reader('kra_owner_reader')" >/dev/null
is "handed over" "$(sql kra_owner 2>&1 <<'END'
REASSIGN OWNED BY "kra owner's ""own""" TO kra_owner_next;
DROP OWNED BY "kra owner's ""own""";
DROP ROLE "kra owner's ""own""";
SET SESSION AUTHORIZATION kra_owner_next;
INSERT INTO kra.settings DEFAULT VALUES;
SELECT db_role, kind FROM kra.role_grants;
SELECT kra.revoke_reader('kra_owner_reader');
SELECT count(*) FROM kra.role_grants;
SELECT count(*) FROM kra_bi.findings;
DROP EXTENSION kra;
SELECT count(*) FROM pg_namespace WHERE nspname ~ '^kra';
END
)" "kra_owner_reader|reader

0
0
0"
sql postgres -c 'DROP DATABASE kra_owner' -c 'DROP ROLE kra_owner_next, kra_owner_reader, kra_owner_admin'

printf '%s things tried, %s wrong\n' "$done" "$bad"
[ "$bad" -eq 0 ]
