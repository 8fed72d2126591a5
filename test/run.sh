#!/bin/sh
# make test: the whole check. Ends with the line "N passed, N failed".
#
#   KRA_FUZZ=20000          inputs for each input and receive function
#   KRA_TEST_DASHBOARD=1    make dashboard-test, too
set -eu
cd "$(dirname "$0")/.."
. test/lib.sh

passed=0
failed=0
ok() { passed=$((passed + 1)); printf 'ok      %s\n' "$*"; }
not_ok() { failed=$((failed + 1)); printf 'NOT OK  %s\n' "$*"; }

kra_setup
kra_temp
log=$KRA_TEMP/log

# Two builds: with LLVM bitcode where the server has it, and without. The second
# is the one that is tested.
strict='-Wall -Wextra -Werror'
if kra_stage COPT="$strict"; then ok "builds without a warning"; else not_ok "builds without a warning"; fi
if kra_stage COPT="$strict" with_llvm=no; then
    ok "builds without a warning, without bitcode"
else
    not_ok "builds without a warning, without bitcode"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    exit 1
fi

# The regression and isolation tests, one line each.
status=0
kra_with_server make -C "$KRA_TEMP/build" installcheck PG_CONFIG="$PG_CONFIG" \
    >"$log" 2>&1 || status=$?
results=$(sed -nE \
    -e 's/^test ([a-z0-9_]+) +\.\.\. ok .*/ok \1/p' \
    -e 's/^test ([a-z0-9_]+) +\.\.\. FAILED .*/bad \1/p' \
    -e 's/^ok [0-9]+ +[-+] ([a-z0-9_]+) .*/ok \1/p' \
    -e 's/^not ok [0-9]+ +[-+] ([a-z0-9_]+) .*/bad \1/p' "$log")
while read -r word name; do
    if [ -f "test/specs/$name.spec" ]; then kind=isolation; else kind=regression; fi
    case $word in
        ok) ok "$kind: $name" ;;
        bad) not_ok "$kind: $name" ;;
    esac
done <<END
$results
END
expected=$(find test/sql test/specs -name '*.sql' -o -name '*.spec' | wc -l)
if [ "$(printf '%s\n' "$results" | grep -c .)" -ne "$expected" ]; then
    not_ok "all $expected regression and isolation tests ran"
    tail -n 30 "$log"
fi
if [ "$status" -ne 0 ]; then
    find "$KRA_TEMP/build" -name regression.diffs -exec cat {} +
fi

# Each of the other checks is a script that says what it found.
check() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then ok "$name"; else not_ok "$name"; cat "$log"; fi
}
check "README examples print what the README says" kra_with_server perl test/readme.pl README.md
kra_need python3-jsonschema
check "documents: the JSON Schema and define agree" kra_with_server test/schema.py
check "nobody is answered otherwise where only hidden rows differ" kra_with_server test/noninterference.sh
check "a dump restores to the same catalogue, in every way" kra_with_server test/dump.sh
check "who is forgotten is in no dump, and all figures stay" kra_with_server test/forget.sh
check "what uses the operators survives a dump, and nothing stays in pg_catalog" kra_with_server test/operators.sh
with_replication() (
    KRA_SERVER_OPTIONS='-o wal_level=logical'
    kra_with_server "$@"
)
check "subscribers and standbys hold what there is" with_replication test/replication.sh
check "pg_upgrade brings everything along" test/pg_upgrade.sh
check "0.1.0 upgrades to what a fresh install makes, and holds what it held" kra_with_server test/upgrade.sh
check "an owner of a database who is no superuser owns kra, and gains nothing" kra_with_server test/owner.sh
check "the install cannot be hijacked, nor carried away" kra_with_server test/install.sh
check "a cancelled call stops within a second" kra_with_server test/cancel.sh
check "killing backends loses nothing and leaves no half" kra_with_server test/kill.sh 8
kra_need "postgresql-$KRA_PG-cron"
with_cron() (
    KRA_SERVER_OPTIONS='-o shared_preload_libraries=pg_cron -o cron.use_background_workers=on'
    kra_with_server "$@"
)
check "what is due is told by pg_cron" with_cron test/cron.sh
check "demo runs, and its figures are right" kra_with_server demo/demo.sh --check
command -v node >/dev/null 2>&1 || kra_need nodejs
command -v npm >/dev/null 2>&1 || kra_need npm
kra_need chromium
check "pages are valid, accessible, and run nothing, in a browser" kra_with_server test/pages/run.sh
check "a spoiled view breaks the contract of kra_bi" kra_with_server test/bi/spoil.sh
kra_need libpostgresql-jdbc-java default-jdk-headless odbc-postgresql unixodbc python3-pyodbc python3-sqlalchemy python3-pandas python3-psycopg2
check "JDBC, ODBC, SQLAlchemy and pandas read the views, as two readers" kra_with_server test/bi/drivers.sh
# the LibreOffice that is there, else one without windows, which cannot stand beside it
nogui=-nogui
! dpkg-query -W -f '${Status}' libreoffice-core 2>/dev/null | grep -q 'ok installed' || nogui=
kra_need "libreoffice-calc$nogui" "libreoffice-base$nogui" libreoffice-sdbc-postgresql python3-uno
check "LibreOffice reads the views, as two readers" kra_with_server test/bi/libreoffice.sh
# minutes of npm and a browser: asked for by continuous integration
[ -z "${KRA_TEST_DASHBOARD:-}" ] || check "the Evidence site builds, and every page of it shows what SQL says" demo/evidence/build.sh --test

# It comes from PyPI: where that cannot be reached, its last line says so.
kra_need python3-venv
if test/pgspot.sh >"$log" 2>&1; then
    ok "pgspot: $(tail -n 1 "$log")"
else
    not_ok "pgspot finds nothing in the scripts"
    cat "$log"
fi

# One line a type and path; any crash or lie of a type fails it.
if test/fuzz/run.sh "${KRA_FUZZ:-20000}" >"$log" 2>&1; then
    while read -r line; do ok "fuzz: $line"; done <<END
$(grep ' inputs: ' "$log")
END
else
    not_ok "fuzz"
    tail -n 40 "$log"
fi

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
