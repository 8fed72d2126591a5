#!/bin/sh
# The install binds to nothing that the owner of a database has put into it, runs nothing of it, and
# nothing of theirs carries it away.
# Runs against the server of the environment (kra_with_server); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-install.XXXXXX")
trap 'rm -rf "$dir"' EXIT
unset PGOPTIONS PGDATABASE || :

bad=0
done=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }
is() {   # what, got, expected
    done=$((done + 1))
    [ "$2" = "$3" ] || { wrong "$1: got"; printf '%s\nexpected\n%s\n' "$2" "$3"; }
}
database() { "$bin/createdb" -T template0 -O kra_install_owner "$1"; }
owner="SET SESSION AUTHORIZATION kra_install_owner"

sql postgres -c 'CREATE ROLE kra_install_owner LOGIN NOSUPERUSER'

# What of kra depends on objects of other schemas than pg_catalog and its own.
cat >"$dir/foreign.sql" <<'END'
SET search_path = pg_catalog;
WITH own AS (
    SELECT classid, objid FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
      AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kra')
), part AS (   -- rules, defaults, constraints, policies, triggers, indexes
    SELECT classid, objid FROM own
    UNION
    SELECT d.classid, d.objid FROM pg_depend d JOIN own o ON o.classid = d.refclassid AND o.objid = d.refobjid
    WHERE d.deptype IN ('a', 'i', 'P', 'S') OR d.classid = 'pg_rewrite'::regclass
)
SELECT DISTINCT 'depends on: ' || i.type || ' ' || i.identity || ' by ' || pg_describe_object(d.classid, d.objid, d.objsubid)
FROM part p
JOIN pg_depend d ON d.classid = p.classid AND d.objid = p.objid
CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) i
WHERE coalesce(i.schema, CASE i.type WHEN 'schema' THEN i.identity END, 'pg_catalog')
      NOT IN ('pg_catalog', 'kra', 'kra_internal', 'kra_bi', 'pg_toast')
UNION ALL
SELECT 'without a search_path: ' || p.oid::regprocedure
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace)
  AND l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
  AND NOT coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}';
END

# One that does depend is found.
database kra_install_probe
sql kra_install_probe <<'END'
CREATE EXTENSION kra;
CREATE TYPE public.mine AS (a integer);
CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql RETURN 1;
CREATE FUNCTION kra.bad() RETURNS public.mine LANGUAGE sql AS 'SELECT NULL::public.mine';
CREATE VIEW kra_bi.bad AS SELECT public.mine() AS a;
ALTER EXTENSION kra ADD FUNCTION kra.bad();
ALTER EXTENSION kra ADD VIEW kra_bi.bad;
END
is "a planted dependency" "$(sql kra_install_probe -f "$dir/foreign.sql" | sort)" \
    'depends on: function public.mine() by rule _RETURN on view kra_bi.bad
depends on: type public.mine by function kra.bad()
without a search_path: kra.bad()'

# In a hostile database, with its path first: by the database, the role and the session.
database kra_install_hostile
is "the database is hostile" "$(sql kra_install_hostile -c "$owner" -f test/install/hostile.sql)" t
sql kra_install_hostile -c "$owner" \
    -c 'ALTER DATABASE kra_install_hostile SET search_path = public, pg_catalog'
sql postgres -c 'ALTER ROLE kra_install_owner SET search_path = public, pg_catalog'
me=$(sql postgres -c 'SELECT quote_ident(current_user)')
sql postgres -c "ALTER ROLE $me IN DATABASE kra_install_hostile SET search_path = public, pg_catalog"
calls() { sql "$1" -c 'SELECT last_value, is_called FROM public.calls'; }

is "the install of a hostile database" "$(sql kra_install_hostile 2>&1 <<'END'
SHOW search_path;
CREATE TEMP VIEW pg_class AS SELECT public.hijacked() AS oid;
CREATE TEMP VIEW pg_proc AS SELECT public.hijacked() AS oid;
CREATE TEMP VIEW pg_roles AS SELECT public.hijacked() AS oid;
CREATE DOMAIN pg_temp.text AS pg_catalog.bytea;
CREATE DOMAIN pg_temp.jsonb AS pg_catalog.bytea;
CREATE EXTENSION kra;
END
)" "public, pg_catalog"
is "what was bound" "$(sql kra_install_hostile -f "$dir/foreign.sql")" ""
is "what was called by the install" "$(calls kra_install_hostile)" "1|f"
# the last call and the last view, too: the setting of the database is the one of every session
cat >"$dir/use.sql" <<'END'
\o /dev/null
SELECT * FROM kra.define('{"effective_from": "2025-01-01",
  "settings": {"show_groups_above": true, "min_group_size": 1},
  "subjects": [{"key": "co", "name": "Company", "kind": "company"},
               {"key": "p", "name": "Person", "kind": "person", "parent": "co", "role": "rep", "login": "kra_install_owner"}],
  "objectives": [{"key": "grow", "name": "Grow", "subject": "co", "due_on": "2025-12-31"}],
  "roles": [{"key": "rep", "name": "Rep", "purpose": "sell", "kras": [{"name": "Revenue", "kpis": [
    {"key": "demos", "name": "Demos", "kind": "outcome", "target": ">= 10", "owner": "co", "objective": "grow", "source": "facts.demos"},
    {"key": "calls", "name": "Calls", "kind": "activity", "target": ">= 60 threshold 40", "drives": "demos"}]}]}]}');
SELECT * FROM kra.collect("full" => true);
SELECT * FROM kra.record('calls', 'p', '2025-03-05', 50);
SELECT kra.set_target('calls', 'p', '>= 70', '2025-03-01', 'negotiated', 'so it was said');
SELECT kra.close_review('p', '2025-03', 'well', '[{"description": "call", "owner": "p", "due_on": "2025-05-01"}]');
SELECT kra.check_in('p', 'all is well');
SELECT kra.definition();
SELECT kra.report('p', '2025-03', '2025-06-30'), kra.report_markdown('p', '2025-03', '2025-06-30');
SELECT kra.dashboard('2025-03', as_of => '2025-06-30');
SELECT * FROM kra.review_agenda('p', '2025-03', '2025-06-30');
SELECT * FROM kra.findings('2025-06-30');
SELECT * FROM kra.due('2025-06-30');
SELECT kra.notify_due(as_of => '2025-06-30');
SELECT kra.propose_target('demos', 'p', '2025-06-30');
SELECT * FROM kra.track_record('p', '2025-06-30');
UPDATE kra.subjects SET name = 'P' WHERE key OPERATOR(pg_catalog.=) 'p';
DELETE FROM kra.check_ins;
END
for view in kpi_results kra_results scorecards imbalances group_results dim_subject dim_kpi dim_period \
    findings due rule_reference objectives kpi_register data_dictionary; do
    echo "TABLE kra_bi.$view;" >>"$dir/use.sql"
done
sql kra_install_hostile -c 'SET search_path = pg_catalog' -c "CREATE SCHEMA facts" \
    -c "CREATE TABLE facts.demos AS SELECT 'p' AS subject, date '2025-01-01' + n AS at, 1.5::float8 AS value FROM generate_series(1, 100, 7) n"
is "what was said in use" "$(sql kra_install_hostile -f "$dir/use.sql" 2>&1)" ""
is "what was called in use" "$(calls kra_install_hostile)" "1|f"
# it does count what is called
sql kra_install_hostile -c 'SELECT public.hijacked()' >"$dir/out" 2>&1 || :
is "what was called at last" "$(calls kra_install_hostile)" "1|t"

# Their schema cannot carry it away: what it holds, and columns of its types, stay.
sql kra_install_hostile -c 'CREATE TABLE facts.mine (t kra.kpi_target)' -c "INSERT INTO facts.mine VALUES ('>= 1')"
sql kra_install_hostile >"$dir/out" 2>&1 <<END || wrong "the owner cannot drop public: $(cat "$dir/out")"
$owner;
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
END
is "what is left" "$(sql kra_install_hostile -c 'SET search_path = pg_catalog' -c "
    SELECT (SELECT count(*) FROM kra.subjects), (SELECT count(*) > 0 FROM kra.measurements), (SELECT count(*) FROM kra.reviews),
           (SELECT t = '>= 1.0' FROM facts.mine), (SELECT count(*) FROM pg_namespace WHERE nspname = 'public')")" "2|t|1|t|0"

# Where there is no public at all, and where another path would print warnings.
sql kra_install_probe -c 'DROP EXTENSION kra' -c 'DROP SCHEMA public CASCADE' 2>/dev/null
is "an install without public" "$(sql kra_install_probe 2>&1 <<'END'
SET standard_conforming_strings = off;
SET escape_string_warning = on;
CREATE EXTENSION kra;
END
)" ""
sql kra_install_probe -c "CREATE SCHEMA facts" \
    -c "CREATE TABLE facts.demos AS SELECT 'p' AS subject, date '2025-01-01' + n AS at, 1.5::float8 AS value FROM generate_series(1, 100, 7) n"
is "what was said in use without standard_conforming_strings" \
    "$(PGOPTIONS='-c standard_conforming_strings=off' sql kra_install_probe -f "$dir/use.sql" 2>&1)" ""
# A schema by the name of one of its own that is there already: nothing is taken over.
for schema in kra kra_internal kra_bi; do
    database "kra_install_$schema"
    sql "kra_install_$schema" -c "$owner" -c "CREATE SCHEMA $schema"
    is "an install over a schema $schema" "$(sql "kra_install_$schema" -c 'CREATE EXTENSION kra' 2>&1)" \
        "ERROR:  schema \"$schema\" already exists"
done
# Nor may it go into a schema of theirs.
is "an install into public" "$(sql kra_install_kra -c 'CREATE EXTENSION kra SCHEMA public' 2>&1)" \
    'ERROR:  extension "kra" must be installed in schema "pg_catalog"'

printf '%s things checked, %s wrong\n' "$done" "$bad"
[ "$bad" -eq 0 ]
