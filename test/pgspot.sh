#!/bin/sh
# pgspot over the install script and the upgrades: every finding fails, unless sql/pgspot.md answers
# it (see there). pgspot comes from PyPI into a virtual environment below $KRA_TEMP; where it cannot
# be had, the last line says so. Runs in the checkout, against no server.
set -eu
cd "$(dirname "$0")/.."
. test/lib.sh
kra_temp

venv=$KRA_TEMP/pgspot
if ! python3 -m venv "$venv" >"$KRA_TEMP/venv.log" 2>&1; then
    echo "NOT RUN: python3 makes no virtual environment: $(tail -n 1 "$KRA_TEMP/venv.log")"
    exit 0
fi
if ! "$venv/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 10 \
    pgspot==0.9.4 pglast==7.21 >"$KRA_TEMP/pip.log" 2>&1; then
    echo "NOT RUN: pip cannot install pgspot: $(grep -v '^$' "$KRA_TEMP/pip.log" | tail -n 1)"
    exit 0
fi

# it finds what there is to find
found=$("$venv/bin/python" test/spot.py test/data/unsafe.sql) || :
codes=$(printf '%s\n' "$found" | sed -n 's/^\(PS[0-9]*\|not read\):.*/\1/p' | sort | tr '\n' ' ')
expected='PS001 PS001 PS001 PS001 PS001 PS001 PS002 PS003 PS005 PS010 PS016 not read '
if [ "$codes" != "$expected" ]; then
    echo "in test/data/unsafe.sql it should find $expected"
    printf '%s\n' "$found"
    exit 1
fi

# the parts, put together as make does it
script=$KRA_TEMP/pgspot.sql
for part in $(sed -n '/^KRA_PARTS = /,/[^\\]$/p' Makefile | sed -e 's/^KRA_PARTS =//' -e 's/\\$//'); do
    cat "sql/$part.sql"
done >"$script"
set -- "$script"
for upgrade in sql/kra--*--*.sql; do
    [ ! -f "$upgrade" ] || set -- "$@" "$upgrade"
done
"$venv/bin/python" test/spot.py "$@"
