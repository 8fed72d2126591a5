#!/bin/sh
# The operators of kra's types are found whatever the search_path is, so that what calls them without
# naming them is restored: triggers, rules, policies, views, indexes, constraints. They go with
# DROP EXTENSION, and nothing of them is left in pg_catalog.
# Runs against the server of the environment (kra_with_server); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-operators.XXXXXX")
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
same() {   # what, file, file
    done=$((done + 1))
    cmp -s "$2" "$3" || { wrong "$1:"; diff "$2" "$3" | head -n 20; }
}
text() { "$bin/pg_dump" -d "$1" -n uses | sed -e '/^\\restrict/d' -e '/^\\unrestrict/d'; }
catalog() {   # what there is in pg_catalog, but for what every database has
    sql "$1" -c "SELECT 'operator', oprname, oprleft::regtype, oprright::regtype FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oid >= 16384
        UNION ALL SELECT 'function', proname, NULL, NULL FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND oid >= 16384
        UNION ALL SELECT 'type', typname, NULL, NULL FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND oid >= 16384
        UNION ALL SELECT 'class', opcname, NULL, NULL FROM pg_opclass WHERE opcnamespace = 'pg_catalog'::regnamespace AND oid >= 16384
        UNION ALL SELECT 'family', opfname, NULL, NULL FROM pg_opfamily WHERE opfnamespace = 'pg_catalog'::regnamespace AND oid >= 16384 ORDER BY 1, 2, 3, 4"
}

"$bin/createdb" -T template0 kra_ops
sql kra_ops -f test/operators.sql
is "types without a test" "$(sql kra_ops -c "SELECT string_agg(short, ' ') FROM uses.types WHERE short NOT IN
    ('kpi_target', 'kpi_kind', 'kpi_status', 'kpi_actual', 'kpi_attainment', 'kpi_balance', 'kpi_trend', 'kpi_change', 'kpi_signal', 'scorecard', 'xmr')")" ""
is "an empty search_path" "$(sql kra_ops <<'END'
SET search_path = '';
SELECT '>= 1'::kra.kpi_target = '>= 1.0', '>= 1'::kra.kpi_target <> '>= 2', '>= 1'::kra.kpi_target IN ('>= 1'), NULLIF('>= 1'::kra.kpi_target, '>= 1.0') IS NULL;
SELECT count(*), count(DISTINCT a) FROM (SELECT a FROM uses.kpi_target GROUP BY a ORDER BY a) x;
SELECT note FROM uses.kpi_target_other ORDER BY note;
END
)" "t|t|t|t
4|3
by rule
changed"
is "system tables may not be changed" "$(sql kra_ops -c 'SHOW allow_system_table_mods')" off

text kra_ops >"$dir/a"
[ "$(grep -c -e 'CREATE TRIGGER' -e 'CREATE RULE' -e 'CREATE POLICY' -e 'CREATE VIEW' -e 'INDEX' -e EXCLUDE -e 'GENERATED ALWAYS' "$dir/a")" -gt 60 ] || wrong "few objects are dumped"
"$bin/pg_dump" -d kra_ops -Fc -f "$dir/dump"
"$bin/pg_dump" -d kra_ops -f "$dir/dump.sql"
"$bin/createdb" -T template0 kra_ops1
sql kra_ops1 -o "$dir/out" -f "$dir/dump.sql" || wrong "a plain dump does not restore"
"$bin/createdb" -T template0 kra_ops2
"$bin/pg_restore" -e -d kra_ops2 "$dir/dump" || wrong "a custom dump does not restore"
"$bin/createdb" -T template0 kra_ops3
"$bin/pg_restore" -e -j 4 -d kra_ops3 "$dir/dump" || wrong "a custom dump does not restore by four jobs"
for db in kra_ops1 kra_ops2 kra_ops3; do
    text $db >"$dir/b"
    same "$db" "$dir/a" "$dir/b"
    sql $db -c "DELETE FROM uses.kpi_target_other" -c "UPDATE uses.kpi_target SET a = '>= 7', b = '>= 6' WHERE n = 2"
    is "what was restored in $db works" "$(sql $db -c "SELECT a, note FROM uses.kpi_target_other ORDER BY note")" ">= 6|by rule
>= 7|changed"
done

# away with it: what uses its types goes, all else stays, and pg_catalog is as it was
"$bin/createdb" -T template0 kra_ops4
catalog kra_ops4 >"$dir/a"
[ "$(catalog kra_ops1 | grep -c '^operator')" -gt 20 ] || wrong "the operators are not in pg_catalog"
if sql kra_ops1 -c 'DROP EXTENSION kra' 2>/dev/null; then wrong "DROP EXTENSION takes columns away unasked"; fi
sql kra_ops1 -c 'SET client_min_messages = warning' -c 'DROP EXTENSION kra CASCADE'
catalog kra_ops1 >"$dir/b"
same "pg_catalog after DROP EXTENSION" "$dir/a" "$dir/b"
sql kra_ops1 -c 'CREATE EXTENSION kra'
sql kra_ops2 -c 'SET client_min_messages = warning' -c 'DROP SCHEMA uses CASCADE' -c 'DROP EXTENSION kra'
catalog kra_ops2 >"$dir/b"
same "pg_catalog after DROP EXTENSION alone" "$dir/a" "$dir/b"

for db in kra_ops kra_ops1 kra_ops2 kra_ops3 kra_ops4; do "$bin/dropdb" $db; done
printf '%s things compared, %s wrong\n' "$done" "$bad"
[ "$bad" -eq 0 ]
