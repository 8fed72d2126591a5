#!/bin/sh
# make dashboard: installs what is missing, loads the demo on a throwaway server, and builds the site
# of this directory as a reader of it. The site is left in demo/evidence/build, no server is.
#
#   demo/evidence/build.sh           builds
#   demo/evidence/build.sh --test    and opens every page of it in a browser (make dashboard-test)
#
# npm ci asks the network for the packages of the lock file; nothing does after it.
set -eu
cd "$(dirname "$0")/../.."
. test/lib.sh

case ${1:-} in
    '' | --test) ;;
    *) kra_die "usage: demo/evidence/build.sh [--test]" ;;
esac

kra_setup
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || kra_need nodejs npm
if [ "${1:-}" = --test ]; then kra_need chromium; fi
kra_temp

# The packages come while the extension is compiled. Install scripts of theirs do not run.
mkdir "$KRA_TEMP/site"
tar -C demo/evidence --exclude=./build --exclude=./screenshots --exclude=node_modules --exclude=./.evidence -cf - . |
    tar -C "$KRA_TEMP/site" -xf -
kra_packages() {
    npm ci --prefix "$KRA_TEMP/site" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
    [ "${1:-}" != --test ] ||
        npm ci --prefix "$KRA_TEMP/site/test" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
}
kra_say "fetching the packages of the site"
kra_packages "$@" >"$KRA_TEMP/npm.log" 2>&1 &
packages=$!

kra_stage with_llvm=no || { wait; exit 1; }
wait "$packages" || { cat "$KRA_TEMP/npm.log" >&2; kra_die "npm could not install the packages of the site"; }
kra_with_server demo/evidence/on_server.sh "$@"
