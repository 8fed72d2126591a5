#!/bin/sh
# Random changes of catalogues, each of its own seed: after each change, the lines that are kept are
# those that are made from nothing. Runs against the server of the environment (kra_with_server);
# prints what is wrong.
#
#   KRA_KEPT_CHANGES=1000 test/kept/run.sh [SEED...]   so many changes of each (default 40 of 3)
set -eu
cd "$(dirname "$0")"
bin=$("${PG_CONFIG:-pg_config}" --bindir)
unset PGOPTIONS PGTZ PGDATESTYLE PGDATABASE || :
[ $# -gt 0 ] || set -- 1 2 3

bad=0
for seed in "$@"; do
    "$bin/createdb" -T template0 -E UTF8 kra_kept
    said=$("$bin/psql" -X -q -At -d kra_kept -v seed="$seed" -v changes="${KRA_KEPT_CHANGES:-40}" \
        -f kept.sql 2>&1) || bad=$((bad + 1))
    printf 'seed %s: %s\n' "$seed" "$said"
    case $said in
        *WRONG*) bad=$((bad + 1)) ;;
    esac
    "$bin/dropdb" kra_kept
done
[ "$bad" -eq 0 ]
