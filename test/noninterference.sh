#!/bin/sh
# Noninterference: databases that differ only in what a role may not see give that role the same
# answers, by every relation and every function that reads tables.
#
#   base      the company of test/noninterference/data.sql
#   others    hidden people are others, more, with other targets, and other results: for a reader,
#             and for a manager, who is reviewer, target setter and keeper
#   results   hidden results, reviews, check-ins and actions are others: for authors, who see all
#             definitions
#
# Runs against the server of the environment (kra_with_server); prints what differs.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-ni.XXXXXX")
[ -n "${KRA_KEEP:-}" ] || trap 'rm -rf "$dir"' EXIT
unset PGOPTIONS PGDATABASE || :
PGTZ=UTC
export PGTZ

bad=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }

# role, its team, and the database to compare with
roles='ni_reader r others
ni_manager m others
ni_author_lead a results
ni_author a results'

sql postgres <<'END'
CREATE ROLE ni_reader;
CREATE ROLE ni_manager;
CREATE ROLE ni_author_lead;
CREATE ROLE ni_author;
END
"$bin/createdb" -T template0 -E UTF8 ni_empty
sql ni_empty -o /dev/null <<'END'
CREATE EXTENSION kra;
SELECT kra.grant_reader('ni_reader'), kra.grant_reviewer('ni_manager'), kra.grant_keeper('ni_manager'),
       kra.grant_target_setter('ni_manager'), kra.grant_author('ni_author_lead'), kra.grant_author('ni_author');
END
sql ni_empty -f test/noninterference/ask.sql
make_database() {   # database, names, results
    "$bin/createdb" -T ni_empty "$1"
    sql "$1" -o "$dir/$1.made" -v names="$2" -v results="$3" -f test/noninterference/data.sql
}
make_database ni_base 1 1
make_database ni_others 2 2 &
others=$!
make_database ni_results 1 2
wait "$others"

# Every function that reads tables can be called, or there is a reason why not.
missing=$(sql ni_base -c "SELECT ni.fill('r')" -c 'TABLE ni.missing')
[ -z "$(echo $missing)" ] || wrong "no argument, see ni.fill: $missing"

# what a role is answered there, without the time and the session of this run
cat >"$dir/same.sed" <<END
s/$(date -u +%Y-%m-%d)[ T][0-9]{2}:[0-9]{2}:[0-9.]+(\+00(:00)?)?/(now)/g
s/^(call . kra_internal.session_id.*) [0-9a-f.]+$/\1/
s/^(call . kra.collect.*rows: \(([^,]*,){6})[0-9.]+/\1/
END
ask() {   # database, role, team, what, file
    sql "$1" -F ' | ' -R '
~ ' 2>&1 <<END | sed -E -f "$dir/same.sed" >"$5"
SELECT ni.fill('$3') \g /dev/null
SET SESSION AUTHORIZATION $2;
SET timezone = 'UTC';
SET jit = off;
SET statement_timeout = '30s';
SELECT * FROM ni.relations('$4');
SELECT format('SELECT ''call'', %L, ni.ask(%L)', c.call, c.call)
FROM ni.functions f, ni.calls(f) WITH ORDINALITY c (call, n)
WHERE CASE WHEN f.reason IS NULL THEN has_function_privilege(f.oid, 'EXECUTE') END AND f.name ~ '$4'
ORDER BY f.name COLLATE "C", c.n
\gexec
END
}
compare() {   # role, team, database, what
    ask ni_base "$1" "$2" "$4" "$dir/$1.base" &
    ask "ni_$3" "$1" "$2" "$4" "$dir/$1.$3"
    wait $!
    cmp -s "$dir/$1.base" "$dir/$1.$3"
}

day=$(date -u +%Y-%m-%d)
while read -r role team other; do
    if ! compare "$role" "$team" "$other" ''; then
        [ "$day" = "$(date -u +%Y-%m-%d)" ] || compare "$role" "$team" "$other" '' || :   # at midnight
        wrong "$role is answered otherwise where only hidden rows differ:"
        diff "$dir/$role.base" "$dir/$role.$other" | cut -c 1-600 | head -n "${KRA_DIFF_LINES:-20}"
    fi
    asked=$(grep -cE '^(~ )?call \|' "$dir/$role.base")
    rows=$(grep -cE '^(~ )?row \|' "$dir/$role.base")
    printf '%s: %s rows, %s calls\n' "$role" "$rows" "$asked"
    [ "$rows" -gt 50 ] || [ "$role" = ni_author ] || wrong "$role sees nothing"
    if grep -qE '^(psql:.*)?ERROR:|TOO SLOW' "$dir/$role.base"; then
        wrong "$role:"
        grep -E '^(psql:.*)?ERROR:|TOO SLOW' "$dir/$role.base" | head -n 5
    fi
done <<END
$roles
END

# What was not called, and why; what was called, but said nothing else than errors, is named here.
echo "not called:"
sql ni_base -F ': ' -c "SELECT reason, count(*) FROM ni.functions WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 1"
sql ni_base -c "
    SELECT 'no right for these roles: ' || name FROM ni.functions f
    WHERE reason IS NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname ~ '^ni_' AND has_function_privilege(r.oid, f.oid, 'EXECUTE'))
    ORDER BY name"
cat "$dir"/*.base | sed -nE 's/^call \| ([a-z_.]+)\(.*\) \| (ERROR)?.*/\1 \2/p' | sort -u >"$dir/said"
failing=$(sed -n 's/ ERROR$//p' "$dir/said" | while read -r f; do grep -qx "$f " "$dir/said" || printf '%s ' "$f"; done)
[ -z "$failing" ] || wrong "only errors from: $failing"

# It finds what leaks: a view and two functions with the rights of their owner.
for db in ni_base ni_others; do
    sql "$db" <<'END'
CREATE VIEW kra_bi.planted AS SELECT count(*) FROM kra.measurements;
CREATE FUNCTION kra.planted_count() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT count(*) FROM kra.measurements';
CREATE FUNCTION kra_internal.planted_error(as_of date) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RAISE EXCEPTION 'no' USING DETAIL = (SELECT count(*) FROM kra.subjects);
END $$;
GRANT SELECT ON kra_bi.planted TO ni_reader;
END
done
if compare ni_reader r others planted; then wrong "planted leaks are not found"; fi
found=$(diff "$dir/ni_reader.base" "$dir/ni_reader.others" | sed -nE 's/^< (~ )?[a-z]+ \| ([a-z_.]+).*/\2/p' | sort -u | tr '\n' ' ')
[ "$found" = "kra.planted_count kra_bi.planted kra_internal.planted_error " ] || wrong "of the planted leaks it finds $found"

printf '%s wrong\n' "$bad"
[ "$bad" -eq 0 ]
