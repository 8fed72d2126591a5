#!/bin/sh
# pg_upgrade makes every object of the extension anew, one by one, in an order that knows no operator
# classes: what sorts by a type of kra in a parsed body fails then. From a cluster of this version to
# another one of it, with kra in a database of a superuser and in one of an owner who is none.
# Starts clusters of its own; uses what kra_stage built.
set -eu
cd "$(dirname "$0")/.."
PG_CONFIG=${PG_CONFIG:-pg_config}
bin=$("$PG_CONFIG" --bindir)
[ "$KRA_PG" -lt 18 ] || { echo "not on 18, where a library is found by its control file alone"; exit 0; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-pgup.XXXXXX")
port=54329
end() {
    for d in old new; do [ ! -f "$dir/$d/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$dir/$d" -m immediate -w stop >/dev/null 2>&1 || :; done
    rm -rf "$dir"
}
trap end EXIT
as_postgres() { if [ "$(id -u)" -eq 0 ]; then (cd "$dir" && runuser -u postgres -- env -u PGHOST -u PGPORT -u PGUSER -u PGPASSWORD -u PGDATABASE -u PGSYSCONFDIR "$@"); else (cd "$dir" && "$@"); fi; }
[ "$(id -u)" -ne 0 ] || chown postgres "$dir"
for d in old new; do
    as_postgres "$bin/initdb" -D "$dir/$d" -U kra_up_boss -A trust -E UTF8 --locale=C.UTF-8 -N >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
    cat >>"$dir/$d/postgresql.conf" <<END
unix_socket_directories = '$dir'
listen_addresses = ''
port = $port
fsync = off
jit = off
extension_destdir = '$KRA_TEMP/stage'
dynamic_library_path = '$KRA_TEMP/stage$("$PG_CONFIG" --pkglibdir):\$libdir'
END
done
start() { as_postgres "$bin/pg_ctl" -D "$dir/$1" -l "$dir/$1.log" -w start >/dev/null || { tail "$dir/$1.log"; exit 1; }; }
stop() { as_postgres "$bin/pg_ctl" -D "$dir/$1" -w stop >/dev/null; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$dir" -p $port -U kra_up_boss -d "$db" "$@"; }
cat >"$dir/look.sql" <<'END'
SET timezone = 'UTC';
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"), '''')) FROM %s t', c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE relnamespace::regnamespace::text IN ('kra', 'kra_internal', 'uses') AND relkind IN ('r', 'm') ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT oid::regprocedure, proowner::regrole, proacl, CASE WHEN prosqlbody IS NULL THEN md5(prosrc) END FROM pg_proc WHERE pronamespace::regnamespace::text ~ '^kra' ORDER BY oid::regprocedure::text COLLATE "C";
SELECT oid::regoperator FROM pg_operator WHERE oprleft::regtype::text ~ '^kra' OR oprright::regtype::text ~ '^kra' ORDER BY oid::regoperator::text COLLATE "C";
SELECT i.type, i.identity FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND i.type <> 'type' ORDER BY 1, 2;
SELECT c.oid::regclass, c.relowner::regrole, c.relacl FROM pg_class c WHERE relnamespace::regnamespace::text ~ '^kra' AND relkind IN ('r', 'v', 'S') ORDER BY c.oid::regclass::text COLLATE "C";
-- whose the extension itself is pg_upgrade does not keep, of no extension
SELECT extname, extconfig::regclass[] FROM pg_extension ORDER BY 1;
END

start old
sql postgres -c 'CREATE ROLE "kra up owner" LOGIN' -c 'CREATE DATABASE owned OWNER "kra up owner"' -c 'CREATE DATABASE uses'
sql uses -f test/operators.sql
sql owned -v good="$(cat share/examples/good-company.json)" -o "$dir/log" <<'END'
SET SESSION AUTHORIZATION "kra up owner";
CREATE EXTENSION kra;
SELECT count(*) FROM kra.define(:'good');
END
for db in owned uses; do sql $db -f "$dir/look.sql" >"$dir/$db.old"; done
stop old
as_postgres "$bin/pg_upgrade" -b "$bin" -B "$bin" -d "$dir/old" -D "$dir/new" -U kra_up_boss -p $port -P $port -s "$dir" >"$dir/log" 2>&1 ||
    { tail -n 5 "$dir/log"; find "$dir" -name '*.log' -exec grep -h -A3 'pg_restore: error' {} + | head -n 20; exit 1; }
start new
bad=0
for db in owned uses; do
    sql $db -f "$dir/look.sql" >"$dir/$db.new"
    cmp -s "$dir/$db.old" "$dir/$db.new" || { echo "WRONG: $db differs"; diff "$dir/$db.old" "$dir/$db.new" | head -n 20; bad=1; }
done
[ "$(wc -l <"$dir/owned.old")" -gt 500 ] || { echo "WRONG: few objects were compared"; bad=1; }
[ "$(sql uses -c "SET search_path = ''" -c "SELECT count(DISTINCT a) FROM uses.kpi_target WHERE a <> '>= 77'")" = 3 ] || { echo "WRONG: operators do not work"; bad=1; }
stop new
exit $bad
