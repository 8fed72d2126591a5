#!/bin/sh
# A dump restores to the same catalogue: plain, as INSERTs, custom, directory, in sections and in
# parallel, the rows alone, over another; by a superuser, a role that reads everything, an admin, and
# owners who are none; into databases of theirs. Each is compared row for row.
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

# Rows of tables and of what is kept of views, next values, grants, members. The log of a restored database says besides
# that rows were loaded; who owns it all is called the owner.
cat >"$dir/look.sql" <<'END'
SET timezone = 'UTC';
SET extra_float_digits = 3;
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"), '''')) FROM %s t %s',
              'rows of ' || c.oid::regclass, c.oid::regclass,
              CASE WHEN c.oid = 'kra.definition_log'::regclass THEN 'WHERE operation <> ''load''' ELSE '' END)
FROM pg_class c
WHERE relnamespace::regnamespace::text IN ('kra', 'kra_internal', 'kra_bi', 'report') AND relkind IN ('r', 'm')
  AND c.oid <> 'kra_internal.locks'::regclass   -- each database has its own
ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT format('SELECT %L, last_value, is_called FROM %s', 'next of ' || c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND relkind = 'S'
ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT DISTINCT 'grant', o.type, o.identity, CASE WHEN a.grantee = x.owner THEN 'owner' ELSE a.grantee::regrole::text END,
       CASE WHEN a.grantor = x.owner THEN 'owner' ELSE a.grantor::regrole::text END, a.privilege_type, a.is_grantable
FROM (SELECT 'pg_class'::regclass AS class, oid, 0 AS sub, relowner AS owner, relacl AS acl FROM pg_class WHERE relnamespace::regnamespace::text IN ('kra', 'kra_internal', 'kra_bi')
      UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, relowner, attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attacl IS NOT NULL
      UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proowner, proacl FROM pg_proc WHERE pronamespace::regnamespace::text IN ('kra', 'kra_internal', 'kra_bi')
      UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspowner, nspacl FROM pg_namespace WHERE nspname IN ('kra', 'kra_internal', 'kra_bi')) x,
     pg_identify_object(class, oid, sub) o, aclexplode(x.acl) a
ORDER BY 3, 2, 4, 5, 6;
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
same_but() {   # database, how it came to be, what may differ
    look "$1"
    compared=$((compared + 1))
    for db in kra_dump "$1"; do grep -v -E "$3" "$dir/$db.look" >"$dir/$db.less" || :; done
    cmp -s "$dir/kra_dump.less" "$dir/$1.less" || { wrong "$2 differs:"; diff "$dir/kra_dump.less" "$dir/$1.less" | head -n 20; }
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
empty=$(sed -nE 's/^rows of (kra[.a-z_]*)\|0\|.*/\1/p' "$dir/kra_dump.look" | grep -v -e group_results -e line_work -e move_consents | tr '\n' ' ')
[ -z "$empty" ] || wrong "nothing in $empty"
grep -c '^rows of' "$dir/kra_dump.look" | sed 's/$/ relations/'

# plain, twice in a row
dump kra_dump -f "$dir/1.sql"
plain kra_dump1 "$dir/1.sql"
same kra_dump1 "a plain dump"
dump kra_dump1 -f "$dir/2.sql"
plain kra_dump2 "$dir/2.sql"
same kra_dump2 "a plain dump of the restored"
text kra_dump | sort >"$dir/a"
text kra_dump2 | grep -v "$(printf '\tload\t')" | sort >"$dir/b"
cmp -s "$dir/a" "$dir/b" || { wrong "the dump of the restored is another text:"; diff "$dir/a" "$dir/b" | head -n 20; }

# custom and directory, alone and in parallel
dump kra_dump -Fc -f "$dir/3"
fresh kra_dump3
"$bin/pg_restore" -e -d kra_dump3 "$dir/3" || wrong "a custom dump does not restore"
same kra_dump3 "a custom dump"
# several jobs at once load children before their parents: refused, with a word on what to type
fresh kra_dump4
if "$bin/pg_restore" -d kra_dump4 -j4 "$dir/3" 2>"$dir/err"; then
    same kra_dump4 "a custom dump by four jobs at once"     # they may come in order, by luck
else
    said='cannot be loaded before kra.'
    [ "$(grep -c 'ERROR:' "$dir/err")" -eq "$(grep -c "$said" "$dir/err")" ] || { wrong "four jobs at once fail otherwise"; grep ERROR: "$dir/err" | head -n 5; }
    grep -q 'HINT:.*--section=pre-data.*--section=data -n kra -n kra_internal' "$dir/err" || wrong "no word on what to type"
fi
"$bin/dropdb" kra_dump4
parallel() {   # database, dump
    fresh "$1"
    "$bin/pg_restore" -e -d "$1" --section=pre-data "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=data -n kra -n kra_internal "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=data -N kra -N kra_internal -j4 "$2" &&
        "$bin/pg_restore" -e -d "$1" --section=post-data -j4 "$2" || wrong "$2 does not restore in parallel"
}
dump kra_dump3 -Fd -j2 -f "$dir/5"
parallel kra_dump5 "$dir/5"
same kra_dump5 "a directory, in parallel"
# over what is there
"$bin/pg_restore" -e --clean --if-exists -d kra_dump5 "$dir/3" || wrong "a custom dump does not restore over another"
same kra_dump5 "a custom dump over another"
# in sections, as text
fresh kra_dump4
for section in pre-data data post-data; do
    dump kra_dump --section=$section -f "$dir/$section.sql"
    sql kra_dump4 -o "$dir/out" -f "$dir/$section.sql" || wrong "$section does not restore"
done
same kra_dump4 "a dump in sections"

# as INSERTs, a row a transaction
dump kra_dump --inserts -f "$dir/6.sql"
plain kra_dump6 "$dir/6.sql"
same kra_dump6 "a dump as INSERTs"
dump kra_dump6 --column-inserts --clean --if-exists -f "$dir/7.sql"
sql kra_dump5 -o "$dir/out" -f "$dir/7.sql" || wrong "a plain dump does not restore over another"
same kra_dump5 "a dump as INSERTs with columns, over another"
is_self=$(sql kra_dump -c "SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND conrelid = confrelid AND connamespace::regnamespace::text ~ '^kra'")
[ -z "$is_self" ] || wrong "rows wait for later rows of the same table: $is_self"
# the rows alone, into a database that has kra
fresh kra_dump8
sql kra_dump8 -c 'CREATE EXTENSION kra' -o "$dir/out"
dump kra_dump --data-only --exclude-schema=report -f "$dir/8.sql"
sql kra_dump8 -o "$dir/out" -f "$dir/8.sql" || wrong "rows alone do not load"
same_but kra_dump8 "the rows alone" '^grant|^rows of (report|kra.role_grants)'
# what names a schema alone has nothing of an extension
dump kra_dump -n kra -f "$dir/9.sql"
if grep -q -e '^COPY' -e 'CREATE EXTENSION' "$dir/9.sql"; then wrong "pg_dump -n kra holds something after all: say so in docs/administration.md"; fi

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
same_but kra_dump10 "the dump of an admin" '^rows of report'

# into a database of an owner who is no superuser, and on from there into one of another such owner.
# What is for everybody is the superuser's to take back: not the owner's.
owned() {   # database, owner, dump
    "$bin/createdb" -T template0 -O "$2" "$1"
    sql "$1" -o "$dir/out" -c "SET SESSION AUTHORIZATION $2" -f "$3" >"$dir/err" 2>&1 || { wrong "$3 does not restore as $2"; head -n 5 "$dir/err"; }
}
dump kra_dump -O -f "$dir/11.sql"
owned kra_dump11 kra_dump_owner "$dir/11.sql"
same_but kra_dump11 "what an owner restored" 'kra.extension_version'
dump kra_dump11 --role=kra_dump_owner -O -f "$dir/12.sql" || wrong "an owner who is no superuser cannot dump"
owned kra_dump12 kra_dump_other "$dir/12.sql"
same_but kra_dump12 "what another owner restored" 'kra.extension_version'
[ "$(sql kra_dump12 -c "SET SESSION AUTHORIZATION kra_dump_admin; SELECT kra.revoke_reader('kra dump \"reader\"'); SELECT count(*) FROM kra.role_grants WHERE db_role ~ 'reader'" | tr -d '\n')" = 0 ] ||
    wrong "an admin cannot take back what a dump has granted"

# What a reader keeps in a materialized view is what the reader sees. It is filled again as the reader,
# whom row-level security binds: a dump and a restore must leave it on.
sql kra_dump -o "$dir/out" -c 'SET SESSION AUTHORIZATION "kra dump ""reader"""' -c 'CREATE MATERIALIZED VIEW report.mine AS SELECT * FROM kra_bi.kpi_results'
look kra_dump
grep -q '^rows of report.mine|[1-9]' "$dir/kra_dump.look" || wrong "a reader's materialized view is empty"
dump kra_dump --enable-row-security -f "$dir/13.sql"
plain kra_dump13 "$dir/13.sql"
same kra_dump13 "a dump with a reader's materialized view"
dump kra_dump -Fc -f "$dir/14"
fresh kra_dump14
"$bin/pg_restore" -e --enable-row-security -d kra_dump14 "$dir/14" || wrong "a custom dump with a reader's materialized view does not restore"
same kra_dump14 "a custom dump with a reader's materialized view"
fresh kra_dump15
if "$bin/pg_restore" -d kra_dump15 "$dir/14" 2>"$dir/err"; then
    wrong "a reader's materialized view is filled without row-level security"
fi
[ "$(grep -c ERROR: "$dir/err")" -eq 1 ] && grep -q 'row-level security' "$dir/err" || { wrong "it fails otherwise:"; head -n 5 "$dir/err"; }
sql kra_dump15 -c 'REFRESH MATERIALIZED VIEW report.mine'
same kra_dump15 "a reader's materialized view, filled later"

# the next row gets the next number, and is logged; and so is what a superuser changes
next() {
    sql "$1" <<'END'
SET row_security = off;
INSERT INTO kra.subjects (key, name, kind) VALUES ('next', 'next', 'person') RETURNING id;
UPDATE kra.subjects SET name = 'NEXT' WHERE key = 'next';
SELECT id, changed_by = current_user, table_name, row_key, operation, before->>'name', after->>'name' FROM kra.definition_log WHERE operation <> 'load' ORDER BY id DESC LIMIT 2;
END
}
next kra_dump >"$dir/a"
[ "$(grep -c 't|subjects|next|' "$dir/a")" -eq 2 ] || { wrong "a superuser's change is not logged"; cat "$dir/a"; }
for db in kra_dump2 kra_dump4 kra_dump6; do
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
