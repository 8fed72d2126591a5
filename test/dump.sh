#!/bin/sh
# A dump restores to the same catalogue: plain, as INSERTs, custom, directory and in parallel; twice in
# a row; by a superuser, a role that reads everything, and an admin. Nothing is logged by a restore.
# Runs against the server of the environment (kra_with_server); prints what differs.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-dump.XXXXXX")
trap 'rm -rf "$dir"' EXIT
# what a session of the caller's would change
unset PGOPTIONS PGTZ PGDATESTYLE PGDATABASE || :

bad=0
compared=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }

# All there is to see: rows, next values, grants, members.
cat >"$dir/look.sql" <<'END'
SET timezone = 'UTC';
SET extra_float_digits = 3;
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"), '''')) FROM %s t', 'rows of ' || c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace, 'report'::regnamespace) AND relkind IN ('r', 'v', 'm')
ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT format('SELECT %L, last_value, is_called FROM %s', 'next of ' || c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND relkind = 'S' ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT 'grant', o.type, o.identity, a.grantee::regrole, a.grantor::regrole, a.privilege_type, a.is_grantable
FROM (SELECT 'pg_class'::regclass AS class, oid, 0 AS sub, relacl AS acl FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace)
      UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, attacl FROM pg_attribute WHERE attacl IS NOT NULL
      UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proacl FROM pg_proc WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace)
      UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspacl FROM pg_namespace WHERE nspname IN ('kra', 'kra_bi')) x,
     pg_identify_object(class, oid, sub) o, aclexplode(x.acl) a
ORDER BY o.identity COLLATE "C", o.type, 4, 5, 6;
SELECT 'member', i.type, i.identity FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kra')
ORDER BY i.type COLLATE "C", i.identity COLLATE "C";
SELECT 'policy', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy ORDER BY polrelid::regclass::text COLLATE "C", polname;
END

look() { sql "$1" -f "$dir/look.sql" >"$dir/$1.look" 2>&1 || { wrong "$1 cannot be looked at"; cat "$dir/$1.look"; }; }
same() {   # database, how it came to be
    look "$1"
    compared=$((compared + 1))
    cmp -s "$dir/kra_dump.look" "$dir/$1.look" || { wrong "$2 differs:"; diff "$dir/kra_dump.look" "$dir/$1.look" | head -n 20; }
}
# pg_dump warns of the tables that refer to themselves: their rows come in one COPY
dump() {
    db=$1; shift
    "$bin/pg_dump" -d "$db" "$@" 2>"$dir/err" || { cat "$dir/err"; return 1; }
}
fresh() { "$bin/createdb" -T template0 "$1"; }
plain() { fresh "$1"; sql "$1" -o "$dir/out" -f "$2" >"$dir/err" 2>&1 || { wrong "$2 does not restore"; head -n 5 "$dir/err"; }; }
# dump as text, less what pg_dump makes up anew each time
text() { dump "$1" | sed -e '/^\\restrict/d' -e '/^\\unrestrict/d'; }

"$bin/createdb" -T template0 -E UTF8 kra_dump
sql kra_dump -f test/dump.sql
look kra_dump
# there is something to lose: no table is empty
empty=$(sed -nE 's/^rows of (kra[.a-z_]*)\|0\|.*/\1/p' "$dir/kra_dump.look" | grep -v group_results | tr '\n' ' ')
[ -z "$empty" ] || wrong "nothing in $empty"
grep -c '^rows of' "$dir/kra_dump.look" | sed 's/$/ relations/'

# plain, twice in a row
dump kra_dump -f "$dir/1.sql"
plain kra_dump1 "$dir/1.sql"
same kra_dump1 "a plain dump"
dump kra_dump1 -f "$dir/2.sql"
plain kra_dump2 "$dir/2.sql"
same kra_dump2 "a plain dump of the restored"
text kra_dump >"$dir/a"
text kra_dump2 >"$dir/b"
cmp -s "$dir/a" "$dir/b" || { wrong "the dump of the restored is another text:"; diff "$dir/a" "$dir/b" | head -n 20; }

# custom and directory, alone and in parallel
dump kra_dump -Fc -f "$dir/3"
fresh kra_dump3
"$bin/pg_restore" -e -d kra_dump3 "$dir/3" || wrong "a custom dump does not restore"
same kra_dump3 "a custom dump"
# pg_restore -j does not wait with a table of an extension for those that it refers to: these go alone
parallel() {   # database, dump
    fresh "$1"
    "$bin/pg_restore" -e -d "$1" --section=pre-data "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=data -n kra "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=data -N kra -j2 "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=post-data -j2 "$2" || wrong "$2 does not restore in parallel"
}
dump kra_dump3 -Fc -f "$dir/4"
parallel kra_dump4 "$dir/4"
same kra_dump4 "a custom dump of the restored, in parallel"
dump kra_dump4 -Fd -j2 -f "$dir/5"
parallel kra_dump5 "$dir/5"
same kra_dump5 "a directory, in parallel"
# over what is there
"$bin/pg_restore" -e --clean --if-exists -d kra_dump5 "$dir/3" || wrong "a custom dump does not restore over another"
same kra_dump5 "a custom dump over another"

# as INSERTs: a row that refers to a later one of its table waits for it within one transaction
inserts() {
    fresh "$1"
    sql "$1" -1 -o "$dir/out" -c 'SET CONSTRAINTS ALL DEFERRED' -f "$2" >"$dir/err" 2>&1 || { wrong "$2 does not restore"; head -n 5 "$dir/err"; }
}
dump kra_dump --inserts -f "$dir/6.sql"
inserts kra_dump6 "$dir/6.sql"
same kra_dump6 "a dump as INSERTs"
dump kra_dump6 --column-inserts -f "$dir/7.sql"
inserts kra_dump7 "$dir/7.sql"
same kra_dump7 "a dump as INSERTs with columns"
dump kra_dump7 --inserts --rows-per-insert=100000 -f "$dir/8.sql"
plain kra_dump8 "$dir/8.sql"
same kra_dump8 "a dump as INSERTs of many rows"

# who else may dump: a role that reads everything, past row-level security
dump kra_dump --role=kra_dump_backup --exclude-schema=report -f "$dir/9.sql" || wrong "a role that reads everything cannot dump"
grep -q '^COPY kra.measurements ' "$dir/9.sql" || wrong "no measurements in the dump of a role that reads everything"
sed -e '/^\\restrict/d' -e '/^\\unrestrict/d' "$dir/9.sql" >"$dir/a"
dump kra_dump --exclude-schema=report | sed -e '/^\\restrict/d' -e '/^\\unrestrict/d' >"$dir/b"
cmp -s "$dir/a" "$dir/b" || wrong "the dump of a role that reads everything is another text"
# an admin, who says that row-level security shows him all
if dump kra_dump --role=kra_dump_admin --exclude-schema=report -f "$dir/10.sql" >"$dir/out"; then
    wrong "an admin dumps without row-level security"
fi
grep -q 'row-level security' "$dir/err" || { wrong "an admin's dump fails for another reason"; cat "$dir/err"; }
dump kra_dump --role=kra_dump_admin --exclude-schema=report --enable-row-security -f "$dir/10.sql" || wrong "an admin cannot dump with --enable-row-security"
fresh kra_dump10
sql kra_dump10 -o "$dir/out" -f "$dir/10.sql" >"$dir/err" 2>&1 || { wrong "the dump of an admin does not restore"; head -n 5 "$dir/err"; }
sql kra_dump10 -c 'CREATE SCHEMA report'
look kra_dump10
for db in kra_dump kra_dump10; do grep -v -e '^rows of report' "$dir/$db.look" >"$dir/$db.less"; done
compared=$((compared + 1))
cmp -s "$dir/kra_dump.less" "$dir/kra_dump10.less" || { wrong "the dump of an admin differs:"; diff "$dir/kra_dump.less" "$dir/kra_dump10.less" | head -n 20; }

# the next row gets the next number, and is logged; and so is what a superuser changes
next() {
    sql "$1" <<'END'
SET row_security = off;
INSERT INTO kra.subjects (key, name, kind) VALUES ('next', 'next', 'person') RETURNING id;
UPDATE kra.subjects SET name = 'NEXT' WHERE key = 'next';
SELECT id, changed_by = current_user, table_name, row_key, operation, before->>'name', after->>'name' FROM kra.definition_log ORDER BY id DESC LIMIT 2;
END
}
next kra_dump >"$dir/a"
[ "$(grep -c 't|subjects|next|' "$dir/a")" -eq 2 ] || { wrong "a superuser's change is not logged"; cat "$dir/a"; }
for db in kra_dump2 kra_dump4 kra_dump7; do
    next $db >"$dir/b"
    compared=$((compared + 1))
    cmp -s "$dir/a" "$dir/b" || { wrong "$db goes on otherwise:"; diff "$dir/a" "$dir/b"; }
done
# an author cannot pass for a restore
sql kra_dump >"$dir/a" <<'END'
SET SESSION AUTHORIZATION kra_dump_author;
SELECT count(*) AS n FROM kra.definition_log \gset
SET row_security = off;
SET check_function_bodies = off;
SET client_min_messages = warning;
SELECT pg_catalog.set_config('search_path', '', false) \g /dev/null
UPDATE kra.job_roles SET level = '9' WHERE key = 'rep';
SET row_security = on;
SELECT count(*) - :n, min(changed_by) FILTER (WHERE after->>'level' = '9'), count(*) FILTER (WHERE after->>'level' = '9') FROM kra.definition_log;
SELECT kra_internal.is_restoring();
END
[ "$(tr '\n' ' ' <"$dir/a")" = "1|kra_dump_author|1 f " ] || { wrong "an author escapes the log"; cat "$dir/a"; }

# and away with it
sql kra_dump8 -c 'SET client_min_messages = warning' -c 'DROP EXTENSION kra CASCADE'
left=$(sql kra_dump8 -c "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kra%'")
[ "$left" -eq 0 ] || wrong "DROP EXTENSION leaves schemas behind"

printf '%s databases compared, %s wrong\n' "$compared" "$bad"
[ "$bad" -eq 0 ]
