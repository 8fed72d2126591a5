#!/bin/sh
# Logical replication brings the catalogue along by the publication that docs/administration.md states,
# and sequences only once they are set; a hot standby answers what reads.
# Needs a server with wal_level = logical (KRA_SERVER_OPTIONS); prints what is wrong.
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
statements() {   # those of the page on administration, by the name of their block
    sed -n "/^<!-- $1 -->/,/^\`\`\`\$/p" docs/administration.md | sed -e '1,2d' -e '$d'
}

"$bin/createdb" -T template0 kra_from
"$bin/createdb" -T template0 kra_to
sql kra_from -v good="$(cat share/examples/good-company.json)" -o /dev/null <<'END'
CREATE EXTENSION kra;
SELECT count(*) FROM kra.define(:'good');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, kra_internal.grid_start(k.grid, '2026-05-05'), kra.actual_agg(7, '2026-05-05'::date)
FROM kra.kpis k, kra.subjects s WHERE s.kind = 'person' GROUP BY k.id, k.grid, s.id;
END
sql kra_to -c 'CREATE EXTENSION kra'
statements publication | sql kra_from -f -
sql kra_from -o /dev/null -c "SELECT pg_create_logical_replication_slot('kra', 'pgoutput')"
# a database of the same server cannot make its slot itself
sql kra_to -c "CREATE SUBSCRIPTION kra CONNECTION 'host=$PGHOST port=$PGPORT user=$PGUSER password=${PGPASSWORD:-} dbname=kra_from' PUBLICATION kra WITH (create_slot = false, slot_name = kra)"
rows() {
    sql "$1" <<'END'
SET extra_float_digits = 3;
SET timezone = 'UTC';
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"), '''')) FROM %s t %s', c.oid::regclass, c.oid::regclass,
              CASE c.relname WHEN 'definition_log' THEN 'WHERE operation <> ''load''' ELSE '' END)
FROM pg_class c WHERE relnamespace::regnamespace::text IN ('kra', 'kra_internal') AND relkind = 'r' AND c.relname <> 'locks' ORDER BY c.oid::regclass::text COLLATE "C" \gexec
END
}
wait_for() {
    n=0
    until [ "$(rows kra_from)" = "$(rows kra_to)" ]; do
        n=$((n + 1))
        [ "$n" -lt 60 ] || break
        sleep 0.5
    done
}
wait_for
is "rows of the subscriber" "$(rows kra_to)" "$(rows kra_from)"
# what changes follows, the tree with it
sql kra_from -o /dev/null <<'END'
INSERT INTO kra.subjects (key, name, kind) VALUES ('new one', 'New', 'person');
INSERT INTO kra.placements (subject_id, effective_from, parent_id)
SELECT max(id), '2026-01-01', 1 FROM kra.subjects;
DELETE FROM kra.measurements WHERE subject_id = 2;
UPDATE kra.kpis SET description = 'other' WHERE id = 1;
END
wait_for
is "rows of the subscriber, later" "$(rows kra_to)" "$(rows kra_from)"
# sequences stay behind, until they are set
sql kra_to -c 'ALTER SUBSCRIPTION kra DISABLE' -c 'ALTER SUBSCRIPTION kra SET (slot_name = NONE)' -c 'DROP SUBSCRIPTION kra'
done=$((done + 1))
if sql kra_to -c "INSERT INTO kra.subjects (key, name, kind) VALUES ('x', 'X', 'person')" 2>/dev/null; then wrong "sequences are replicated after all: say so in docs/administration.md"; fi
statements sequences | sql kra_to -o /dev/null -f -
is "the next row" "$(sql kra_to -c "INSERT INTO kra.subjects (key, name, kind) VALUES ('y', 'Y', 'person') RETURNING id = (SELECT max(id) + 1 FROM kra.subjects)" \
    -c "SELECT row_key FROM kra.definition_log ORDER BY id DESC LIMIT 1")" "t
y"
sql kra_from -o /dev/null -c "SELECT pg_drop_replication_slot('kra')"

# A hot standby: reads, and says what a document would change.
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-standby.XXXXXX")
as_postgres() { if [ "$(id -u)" -eq 0 ]; then (cd "$dir" && runuser -u postgres -- "$@"); else (cd "$dir" && "$@"); fi; }
end() {
    [ ! -f "$dir/data/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || :
    rm -rf "$dir"
}
trap end EXIT
[ "$(id -u)" -ne 0 ] || chown postgres "$dir"
as_postgres env PGPASSWORD="${PGPASSWORD:-}" "$bin/pg_basebackup" -h "$PGHOST" -p "$PGPORT" -U "$PGUSER" -D "$dir/data" -X stream -R --checkpoint=fast
lib=$KRA_TEMP/stage$("${PG_CONFIG:-pg_config}" --pkglibdir)
cat >"$dir/standby.conf" <<END
unix_socket_directories = '$dir'
listen_addresses = ''
port = 54328
hot_standby = on
max_connections = 200
max_worker_processes = 20
max_wal_senders = 20
max_locks_per_transaction = 256
dynamic_library_path = '$lib:\$libdir'
jit = off
END
if [ "$KRA_PG" -lt 18 ]; then echo "extension_destdir = '$KRA_TEMP/stage'" >>"$dir/standby.conf"; fi
printf 'local all all trust\n' >"$dir/hba.conf"
printf '' >"$dir/ident.conf"
chmod 644 "$dir"/*.conf
as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
    -o "-c config_file=$dir/standby.conf -c hba_file=$dir/hba.conf -c ident_file=$dir/ident.conf" >/dev/null || { tail "$dir/log"; exit 1; }
standby() { "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$dir" -p 54328 -U "$PGUSER" -d kra_from "$@"; }
is "the standby" "$(standby -c 'SELECT pg_is_in_recovery(), count(*) > 0 FROM kra_bi.kpi_results')" "t|t"
cat >"$dir/dry.sql" <<'END'
SELECT operation, object, row_key FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "ida", "name": "Ida", "kind": "person"}], "objectives": [{"key": "more", "name": "More"}]}', true);
END
is "a dry run there" "$(standby -f "$dir/dry.sql")" "$(sql kra_from -f "$dir/dry.sql")"
as_postgres "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null

sql postgres -c 'DROP DATABASE kra_from' -c 'DROP DATABASE kra_to'

printf '%s things compared, %s wrong\n' "$done" "$bad"
[ "$bad" -eq 0 ]
