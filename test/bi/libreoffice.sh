#!/bin/sh
# LibreOffice, headless, with a profile of its own, imports views of kra_bi as the two readers by its
# own driver for PostgreSQL. Needs the same as drivers.sh.
set -eu
cd "$(dirname "$0")/../.."
. test/bi/clients.sh

bad=0
for reader in north south; do
    mkdir -p "$dir/office-$reader/shared"
    HOME="$dir/office-$reader" timeout 120 /usr/bin/python3 test/bi/read_calc.py "$dir/$reader" "$dir/office-$reader" >"$dir/out" 2>&1 || bad=$((bad + 1))
    sed "s/^/LibreOffice as $reader: /" "$dir/out"
done
[ "$bad" -eq 0 ]
