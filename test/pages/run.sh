#!/bin/sh
# The pages in a browser: needs a server (PGHOST and the rest) that knows kra, node with npm, and
# chromium. Builds a catalogue with hostile names in a database of its own, writes its pages as the
# README says, and checks them (see check.mjs).
#
#   KRA_NODE       directory with node_modules as package.json asks for; without it they are fetched
#   KRA_CHROMIUM   the browser (/usr/bin/chromium)
#   KRA_PAGES      directory to leave the pages in
set -eu
cd "$(dirname "$0")"

temp=$(mktemp -d "${TMPDIR:-/tmp}/kra-pages.XXXXXX")
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
out=${KRA_PAGES:-$temp/pages}
mkdir -p "$out"

dropdb --if-exists kra_pages 2>/dev/null
createdb kra_pages
export PGDATABASE=kra_pages PGCLIENTENCODING=UTF8 PGOPTIONS='-c jit=off'
psql -X -q -o /dev/null -f catalogue.sql

# Every report into a file of its own, and the dashboard that links to them.
psql -X -q -At -v ON_ERROR_STOP=1 -v out="$out" <<'END'
SELECT format($$\o %s/report-%s.html
SELECT kra.report(%L, '2025-12', '2026-01-10');$$, :'out', kra.report_file(key), key)
FROM kra.subjects ORDER BY key \g :out/write.sql
\i :out/write.sql
\o :out/dashboard.html
SELECT kra.dashboard('2025-12', as_of => '2026-01-10');
\o :out/names.json
SELECT jsonb_object_agg('report-' || kra.report_file(name) || '.html', name) FROM pages.hostile;
\o :out/looks.txt
SELECT 'dashboard.html' UNION ALL
SELECT 'report-' || kra.report_file(key) || '.html' FROM kra.subjects
WHERE key IN ('sam', 'acme', 'odd', 'team1', 'one', 'none', 'alone', 'bare', 'empty', 'forty') OR key IN (SELECT name FROM pages.hostile WHERE n IN (1, 7, 9, 10));
\o
END
rm "$out/write.sql"

# What a page takes, in a session that has seen one before: to be read, not a test (make bench measures).
psql -X -q -At -v ON_ERROR_STOP=1 <<'END'
CREATE TEMP TABLE times (page text, ms float8);
DO $$
DECLARE
    t timestamptz;
BEGIN
    FOR i IN 1..4 LOOP
        t := clock_timestamp();
        PERFORM kra.report('sam', '2025-12', '2026-01-10');
        INSERT INTO times VALUES ('report', 1000 * extract(epoch FROM clock_timestamp() - t));
        t := clock_timestamp();
        PERFORM kra.dashboard('2025-12', as_of => '2026-01-10');
        INSERT INTO times VALUES ('dashboard', 1000 * extract(epoch FROM clock_timestamp() - t));
    END LOOP;
END $$;
SELECT format('%s: %s ms', page, round(min(ms)::numeric)) FROM times GROUP BY page ORDER BY page;
END

if [ -z "${KRA_NODE:-}" ]; then
    KRA_NODE=$temp/node
    mkdir "$KRA_NODE"
    cp package.json package-lock.json "$KRA_NODE"
    npm --prefix "$KRA_NODE" ci --ignore-scripts --no-audit --no-fund --silent
fi
export KRA_NODE
node check.mjs "$out"
dropdb kra_pages
