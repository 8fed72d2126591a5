#!/bin/sh
# The benchmark itself: needs psql and a server (PGHOST, PGPORT, PGUSER,
# PGDATABASE) where CREATE EXTENSION kra works. Everything lives in the schema
# kra_bench, which is dropped first, and in the end unless KRA_BENCH_KEEP is set.
#
#   KRA_BENCH_ROWS     rows of the fact table (10000000)
#   KRA_BENCH_ROUNDS   measured rounds (5)
#   KRA_BENCH_ONLY     families to measure, space separated (all)
set -eu
cd "$(dirname "$0")"

rows=${KRA_BENCH_ROWS:-10000000}
rounds=${KRA_BENCH_ROUNDS:-5}
all='attainment trend balance team subject tenth card signal kendall rank catalogue'
only=${KRA_BENCH_ONLY:-$all}

for number in "$rows" "$rounds"; do
    case $number in
        '' | *[!0-9]* | 0*) echo "not a number above 0: $number" >&2; exit 1 ;;
    esac
done
if [ "$rows" -lt 1000 ]; then
    echo "KRA_BENCH_ROWS must be at least 1000" >&2
    exit 1
fi

# The catalogue is measured by itself, as the server is set.
case " $only " in
    *' catalogue '*) ./catalogue.sh ;;
esac
# shellcheck disable=SC2086
only=$(printf '%s\n' $only | grep -v '^catalogue$' || true)
[ -n "$only" ] || exit 0

# One session for each step, all with the same settings.
PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning -c work_mem=1GB"
PGOPTIONS="$PGOPTIONS -c max_parallel_workers_per_gather=2"
export PGOPTIONS
sql() { psql -X -q -v ON_ERROR_STOP=1 -v rows="$rows" -v rounds="$rounds" "$@"; }
say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

say "generating $rows rows"
sql -f data.sql
sql -f statements.sql
sql -f measure.sql
say "comparing the answers"
sql -c "CALL kra_bench.compare_answers()"
for family in $only; do
    say "measuring: $family"
    sql -c "CALL kra_bench.measure('$family', $rounds)"
done
say "done"
sql -v cores="$(nproc)" -v load="$(cut -d " " -f 1 /proc/loadavg)" -f report.sql
[ -n "${KRA_BENCH_KEEP:-}" ] || sql -c "DROP SCHEMA kra_bench CASCADE"
