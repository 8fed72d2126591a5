#!/bin/sh
# The benchmark of the catalogue: needs psql as a superuser and a server on Linux (PGHOST, PGPORT,
# PGUSER, PGDATABASE) where kra is available. It works in a database of its own,
# kra_bench_catalogue, and prints the table whose bounds stand in bounds.tsv: median seconds of the
# backend's CPU, serial, other settings as the server has them, beside the same query over flat
# tables (flat.sql). A line that fails shows its error, and the others go on.
#
#   KRA_BENCH_PEOPLE    people (10000), in teams of 50, with 5 KPIs and 36 months; at least 200
#   KRA_BENCH_ROWS      facts to collect (1000 a person)
#   KRA_BENCH_ROUNDS    measured rounds, after one to warm up (5)
#   KRA_BENCH_ENOUGH    seconds of CPU after which a line gets no more rounds (30)
#   KRA_BENCH_CAP       seconds after which a statement is given up (120)
#   KRA_BENCH_ANALYZE   no: without statistics, as just after the load (yes)
#   KRA_BENCH_LINES     lines of bounds.tsv to measure, space separated (all)
#   KRA_BENCH_KEEP      anything: keep the database, and use the one that was kept as it is
set -eu
cd "$(dirname "$0")"

people=${KRA_BENCH_PEOPLE:-10000}
facts=${KRA_BENCH_ROWS:-${people}000}
rounds=${KRA_BENCH_ROUNDS:-5}
enough=${KRA_BENCH_ENOUGH:-30}
cap=${KRA_BENCH_CAP:-120}
analyze=${KRA_BENCH_ANALYZE:-yes}
known=$(sed -n 's/^\([^#	]*\)	.*/\1/p' bounds.tsv)
lines=${KRA_BENCH_LINES:-$known}

die() { echo "$*" >&2; exit 1; }
say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

for number in "$people" "$facts" "$rounds" "$enough" "$cap"; do
    case $number in '' | *[!0-9]* | 0*) die "not a number above 0: $number" ;; esac
done
[ "$people" -ge 200 ] || die "KRA_BENCH_PEOPLE must be at least 200"
case $analyze in yes | no) ;; *) die "KRA_BENCH_ANALYZE is yes or no, not $analyze" ;; esac
for line in $lines; do
    case " $(echo "$known" | tr '\n' ' ')" in
        *" $line "*) ;;
        *) die "bounds.tsv has no line $line" ;;
    esac
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

database=kra_bench_catalogue
loaded=
if [ -n "${KRA_BENCH_KEEP:-}" ]; then
    loaded=$(psql -X -At -d "$database" \
        -c "SELECT to_regclass('kra_bench.timing')" 2>/dev/null) || :
fi
if [ -z "$loaded" ]; then
    dropdb --if-exists "$database" 2>/dev/null
    createdb "$database"
fi
PGDATABASE=$database
PGOPTIONS="${PGOPTIONS:-} -c max_parallel_workers_per_gather=0"
export PGDATABASE PGOPTIONS

days=$(psql -X -At -F ' ' -c "
    SELECT (m - interval '36 months')::date, (m - interval '1 month')::date,
           (m - interval '3 months')::date, (m - interval '12 months')::date,
           (date_trunc('year', m) - interval '1 year')::date
    FROM date_trunc('month', current_date) m")
# shellcheck disable=SC2086
set -- $days
first=$1 last=$2 three=$3 year=$4 daily=$5
sql() {
    psql -X -q -v people="$people" -v facts="$facts" -v first="$first" -v last="$last" \
        -v three="$three" -v year="$year" -v daily="$daily" -v analyze="$analyze" \
        -v cap="${cap}s" -v enough="$enough" -v VERBOSITY=terse "$@"
}

# Each query of bi.sql into a file of its own.
awk -v dir="$dir" '
    /^-- [a-z0-9_]+$/ { file = dir "/" $2; next }
    file == "" || /^$/ { next }
    { end = sub(/;$/, ""); print > file; if (end) { close(file); file = "" } }' bi.sql

# A run of a statement, measured: line, side, round, how, and what is done before. It is given in
# the standard input. How: copy reads, as who; undo changes and takes that back; keep changes.
# What a side has failed at once is not tried again, nor measured more often than enough; what the
# owner fails at is not tried for fewer subjects.
run() {
    printf '\\if :go_%s\n' "$2"
    case $4 in
        undo) printf 'BEGIN;\n' ;;
    esac
    [ -z "$5" ] || printf '%s\n' "$5"
    printf 'SELECT kra_bench.cpu() AS cpu_before \\gset\n'
    case $4 in
        restricted) printf 'SET ROLE kra_bench_manager;\n' ;;
    esac
    printf "SET statement_timeout = :'cap';\n"
    case $4 in
        owner | restricted) printf 'COPY (\n'; cat; printf ") TO '/dev/null';\n" ;;
        *) cat; printf '\\g /dev/null\n' ;;
    esac
    cat <<RUN
\\set failed :ERROR
\\set state :SQLSTATE
\\set row_count :ROW_COUNT
\\set message ''
\\if :failed
    \\set message :LAST_ERROR_MESSAGE
\\endif
RUN
    case $4 in
        undo)
            cat <<RUN
SET CONSTRAINTS ALL IMMEDIATE;
\\if :failed
\\elif :ERROR
    \\set failed :ERROR
    \\set state :SQLSTATE
    \\set message :LAST_ERROR_MESSAGE
\\endif
ROLLBACK;
RUN
            ;;
    esac
    cat <<RUN
RESET statement_timeout;
RESET ROLE;
SELECT kra_bench.cpu() AS cpu_after \\gset
INSERT INTO kra_bench.timing (line, side, round, cpu, row_count, sqlstate, message)
SELECT '$1', '$2', $3, CASE WHEN NOT :'failed'::boolean THEN :cpu_after - :cpu_before END,
       CASE WHEN NOT :'failed'::boolean THEN :'row_count'::bigint END,
       nullif(:'state', '00000'), nullif(:'message', '');
SELECT count(cpu) = count(*) AND coalesce(sum(cpu), 0) < :enough AS go_$2
FROM kra_bench.timing WHERE line = '$1' AND side = '$2' \\gset
RUN
    [ "$2" != kra ] || cat <<RUN
\\if :failed
    \\set go_restricted 0
    \\set go_asked 0
\\endif
RUN
    printf '\\endif\n'
}

# Runs a script of runs, in one session; says so where the session is lost.
measure() {
    say "measuring: $1"
    if ! sql -v go_kra=1 -v go_flat=1 -v go_restricted=1 -v go_asked=1 -v go_plain=1 \
        -f "$dir/script" >"$dir/out" 2>"$dir/err"; then
        tries=30
        until sql -c "INSERT INTO kra_bench.timing (line, side, round, message)
                      VALUES ('$1', 'kra', -1, 'the session was lost')" 2>/dev/null; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || die "the server does not come back"
            sleep 1
        done
    fi
}

# Whether a line is asked for.
wanted() {
    case " $(echo "$lines" | tr '\n' ' ')" in *" $1 "*) ;; *) return 1 ;; esac
}

# A query of bi.sql: over the views and the flat tables in turns; and restricted.
query() {
    round=0
    while [ "$round" -le "$rounds" ]; do
        run "$1" kra "$round" owner '' <"$dir/$1"
        sed 's/kra_bi\./kra_flat./g' "$dir/$1" | run "$1" flat "$round" owner ''
        if wanted restricted; then
            run "$1" restricted "$round" restricted '' <"$dir/$1"
            sed 's/kra_bi\./kra_asked./g' "$dir/$1" | run "$1" asked "$round" owner ''
        fi
        round=$((round + 1))
    done >"$dir/script"
    measure "$1"
}

# One statement: line, how, before, statement.
statement() {
    wanted "$1" || return 0
    round=0
    while [ "$round" -le "$rounds" ]; do
        echo "$4" | run "$1" kra "$round" "$2" "$3"
        round=$((round + 1))
    done >"$dir/script"
    measure "$1"
}

if [ -z "$loaded" ]; then
    say "the catalogue: $people people, $facts facts"
    sql -o /dev/null -f catalogue.sql
    [ "$analyze" = no ] || sql -c 'VACUUM ANALYZE'
    say "the flat tables"
    sql -f flat.sql
else
    say "the catalogue is there"
    analyze='as they were kept'
    sql -c 'TRUNCATE kra_bench.timing'
fi
# What is kept beside the measurements: every other relation of the extension, with its indexes.
! wanted kept || sql <<'SQL'
INSERT INTO kra_bench.timing (line, side, round, cpu)
SELECT 'kept', CASE WHEN c.oid = 'kra.measurements'::regclass THEN 'measurements' ELSE 'kra' END, 1,
       sum(pg_total_relation_size(c.oid)) / 1e6
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'kra'
JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'm')
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass
  AND d.deptype = 'e'
GROUP BY 2;
SQL

for line in $lines; do
    [ ! -f "$dir/$line" ] || query "$line"
done

# Pages.
statement dashboard restricted '' 'SELECT kra.dashboard()'
statement report owner '' "SELECT kra.report('company')"

# Changes, each taken back: what they cost is all done before the commit.
statement target undo '' "SELECT kra.define(jsonb_build_object(
    'effective_from', current_date, 'roles', '[{\"key\": \"ae\", \"kras\": [
        {\"name\": \"Revenue growth\", \"kpis\": [
            {\"key\": \"revenue\", \"weight\": 3, \"target\": \">= 61000\"},
            {\"key\": \"win_rate\", \"weight\": 1, \"target\": \">= 20 threshold 15\"}]},
        {\"name\": \"Pipeline\", \"kpis\": [
            {\"key\": \"demos\", \"weight\": 2, \"target\": \">= 12\"},
            {\"key\": \"quality\", \"weight\": 2, \"target\": \">= 4\"}]},
        {\"name\": \"Prospecting\", \"kpis\": [
            {\"key\": \"calls\", \"weight\": 1, \"target\": \">= 400\"}]}]}]'::jsonb))"
statement move undo '' "SELECT kra.define(jsonb_build_object('effective_from', current_date,
    'subjects', '[{\"key\": \"person77\", \"parent\": \"team3\"}]'::jsonb))"

# Collecting comes last: it replaces the measurements of a KPI. Everything, beside the plain
# statement into a table without keys; then a day that is new.
if wanted collect || wanted new_day; then
    # an empty source takes the measurements away, and logs no row of them
    emptied="ALTER TABLE kra_bench.facts RENAME TO facts_kept;
CREATE TABLE kra_bench.facts (LIKE kra_bench.facts_kept);
SELECT kra.collect('calls', \"full\" => true);
DROP TABLE kra_bench.facts;
ALTER TABLE kra_bench.facts_kept RENAME TO facts;
VACUUM kra.measurements;"
    round=0
    while [ "$round" -le "$rounds" ]; do
        echo "INSERT INTO plain SELECT subject, date_trunc('month', at)::date, sum(value)
            FROM kra_bench.facts GROUP BY 1, 2" |
            run collect plain "$round" keep 'CREATE UNLOGGED TABLE IF NOT EXISTS
            plain (subject text, month date, total double precision); TRUNCATE plain;'
        echo "SELECT * FROM kra.collect('calls', \"full\" => true)" |
            run collect kra "$round" keep "$emptied"
        round=$((round + 1))
    done >"$dir/script"
    measure collect
fi
statement new_day undo 'INSERT INTO kra_bench.facts SELECT subject, current_date, value
    FROM kra_bench.facts WHERE at = current_date - 1;' "SELECT * FROM kra.collect('calls')"

grep -v '^#' bounds.tsv |
    sql -c 'CREATE TEMPORARY TABLE bound (
            line text, unit text, bound text, against text, what text)' \
        -c '\copy bound FROM pstdin' -f table.sql
printf 'Backend CPU, median of %s rounds, %s people, %s facts, statistics: %s.\n' \
    "$rounds" "$people" "$facts" "$analyze"
[ "$people" = 10000 ] || echo "The bounds are those of 10000 people."
if [ -z "${KRA_BENCH_KEEP:-}" ]; then
    sql -c "SELECT kra.revoke_reader('kra_bench_manager')" -o /dev/null
    PGDATABASE=postgres dropdb "$database"
    PGDATABASE=postgres psql -X -q -c 'DROP ROLE kra_bench_manager'
fi
