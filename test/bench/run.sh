#!/bin/sh
# make bench: what kra costs, side by side with the SQL that it replaces.
#
#   KRA_BENCH_ROWS     rows of the fact table (10000000)
#   KRA_BENCH_ROUNDS   measured rounds (5)
#
# On a server of your own, where kra is available, run test/bench/bench.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=test/lib.sh
. test/lib.sh

# As much of the fact table in shared buffers as a quarter of the memory holds.
memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
buffers=$(( ${memory:-1048576} / 4096 ))
[ "$buffers" -le 3072 ] || buffers=3072
KRA_SERVER_OPTIONS="${KRA_SERVER_OPTIONS:-} -o shared_buffers=${buffers}MB -o max_wal_size=8GB"
export KRA_SERVER_OPTIONS

kra_setup
# shellcheck disable=SC2119
kra_stage
kra_with_server test/bench/bench.sh
