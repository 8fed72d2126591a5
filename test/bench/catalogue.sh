#!/bin/sh
# The benchmark of the catalogue: needs psql and a server (PGHOST, PGPORT, PGUSER, PGDATABASE)
# where kra is available. It works in a database of its own, kra_bench_catalogue.
#
#   KRA_BENCH_PEOPLE   people (10000), in teams of 50, with 5 KPIs and 36 months
#   KRA_BENCH_ROWS     facts to collect (10000000)
#   KRA_BENCH_ROUNDS   measured rounds (5)
set -eu
cd "$(dirname "$0")"
dropdb --if-exists kra_bench_catalogue 2>/dev/null
createdb kra_bench_catalogue
printf '%s  the catalogue: %s people, %s facts\n' "$(date +%H:%M:%S)" "${KRA_BENCH_PEOPLE:-10000}" "${KRA_BENCH_ROWS:-10000000}" >&2
PGDATABASE=kra_bench_catalogue psql -X -q -P pager=off -v people="${KRA_BENCH_PEOPLE:-10000}" -v rows="${KRA_BENCH_ROWS:-10000000}" \
    -v rounds="${KRA_BENCH_ROUNDS:-5}" -f catalogue.sql
[ -n "${KRA_BENCH_KEEP:-}" ] || dropdb kra_bench_catalogue
