#!/bin/sh
# The second implementation of the numbers (oracle.py), by its own tests, and against the server on
# random catalogues. Runs against the server of the environment (kra_with_server).
#
#   test/law/run.sh [LAST]   catalogues 0 to LAST of levels 0 and 1 (default 3)
set -eu
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest -q
for level in 0 1; do
    python3 compare.py 1 0 "${1:-3}" --level "$level"
done
