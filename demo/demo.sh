#!/bin/sh
# The demo itself, in the database that PGHOST, PGPORT, PGUSER and PGDATABASE name. It needs
# psql and a server that has the extension. Its facts are in a schema of its own, kra_demo, its
# definitions in the catalogue of kra; it refuses to run where that holds anything else.
#
#   demo/demo.sh            prints everything, and writes pages
#   demo/demo.sh --check    prints only whether the figures are right
#   demo/demo.sh --load     prints nothing: the facts, and the catalogue made of them
#
#   KRA_DEMO_OUT            directory that the pages are written to (demo/pages)
set -eu
cd "$(dirname "$0")/.."

demo_sql() {
	for part in "$@"; do
		set -- "$@" -f "demo/$part.sql"
		shift
	done
	psql -X -q -v ON_ERROR_STOP=1 -v out="$out" -P pager=off "$@"
}

parts='10_load 20_england 30_comparable 40_organisations 50_trend 60_scorecards 65_signals 70_rollup 72_catalogue 74_views 76_login 78_findings'
out=${KRA_DEMO_OUT:-demo/pages}

# shellcheck disable=SC2086
case ${1:-} in
	'')
		mkdir -p "$out"
		demo_sql $parts check 90_next
		;;
	--check)
		out=$(mktemp -d)
		trap 'rm -rf "$out"' EXIT
		demo_sql $parts >/dev/null
		demo_sql check
		;;
	--load) demo_sql 10_load 20_england 30_comparable 72_catalogue >/dev/null ;;
	*)
		echo "usage: demo/demo.sh [--check | --load]" >&2
		exit 2
		;;
esac
