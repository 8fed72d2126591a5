#!/bin/sh
# The demo itself, in the database that PGHOST, PGPORT, PGUSER and PGDATABASE name. It needs
# psql and a server that has the extension. Its facts are in a schema of its own, kra_demo, its
# definitions in the catalogue of kra; it refuses to run where that holds anything else.
#
#   demo/demo.sh            prints everything
#   demo/demo.sh --check    prints only whether the figures are right
set -eu
cd "$(dirname "$0")/.."

demo_sql() {
	for part in "$@"; do
		set -- "$@" -f "demo/$part.sql"
		shift
	done
	psql -X -q -v ON_ERROR_STOP=1 -P pager=off "$@"
}

parts='10_load 20_england 30_comparable 40_organisations 50_trend 60_scorecards 65_signals 70_rollup 72_catalogue 74_views 76_login'

# shellcheck disable=SC2086
case ${1:-} in
	'') demo_sql $parts check 90_next ;;
	--check)
		demo_sql $parts >/dev/null
		demo_sql check
		;;
	*)
		echo "usage: demo/demo.sh [--check]" >&2
		exit 2
		;;
esac
