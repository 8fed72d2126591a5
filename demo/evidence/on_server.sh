#!/bin/sh
# What build.sh does on its throwaway server, in $KRA_TEMP/site.
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'kra: %s\n' "$*" >&2; }
# A step says nothing, unless it fails.
step() {
    say "$1"
    shift
    "$@" >"$KRA_TEMP/site.log" 2>&1 || { cat "$KRA_TEMP/site.log" >&2; say "failed: $*"; exit 1; }
}

step "loading the demo" demo/demo.sh --load
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
step "making a login that sees England" \
    psql -X -q -v ON_ERROR_STOP=1 -v password="$password" -f demo/evidence/reader.sql

# From here on all is read by that login.
export PGUSER=kra_dashboard PGPASSWORD="$password" TZ=UTC
export EVIDENCE_SOURCE__kra__host="$PGHOST" EVIDENCE_SOURCE__kra__port="$PGPORT" \
    EVIDENCE_SOURCE__kra__database="$PGDATABASE" EVIDENCE_SOURCE__kra__user="$PGUSER" EVIDENCE_SOURCE__kra__password="$password"

# Evidence looks for its settings (no telemetry) in both directories.
mkdir -p "$KRA_TEMP/site/.evidence/template"
cp "$KRA_TEMP/site/evidence.settings.json" "$KRA_TEMP/site/.evidence/template"
top=$PWD
cd "$KRA_TEMP/site"
# Without --strict, a source that fails would hang.
step "reading the views" timeout 300 node_modules/.bin/evidence sources --strict
step "building the site" node_modules/.bin/evidence build:strict
cd "$top"

rm -rf demo/evidence/build
cp -R "$KRA_TEMP/site/build" demo/evidence/build
say "the site is in demo/evidence/build. To look at it:"
say "    python3 -m http.server --bind 127.0.0.1 -d demo/evidence/build 8000"
say "and open http://127.0.0.1:8000 in a browser"

if [ "${1:-}" = --test ]; then
    rm -rf demo/evidence/screenshots
    node "$KRA_TEMP/site/test/test.mjs" demo/evidence/build demo/evidence/screenshots
fi
