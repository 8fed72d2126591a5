#!/bin/sh
# make test: the whole check. Ends with the line "N passed, N failed".
#
#   KRA_FUZZ=20000          inputs for each input and receive function
#   KRA_KEPT_CHANGES=1000   random changes of each catalogue with kept lines
#   KRA_TEST_DASHBOARD=1    make dashboard-test, too
#   KRA_LANES=2             how many checks run at a time (default: 2, or 1 on one processor)
set -eu
cd "$(dirname "$0")/.."
. test/lib.sh

ok() { printf 'ok      %s\n' "$*"; }
not_ok() { printf 'NOT OK  %s\n' "$*"; }

# What failed once more, and the last line; false when anything did. Where only the end of the
# output is seen, this is what is seen: of each failure a few lines, those that say what is wrong.
summary() {
    failed=$(grep -c '^NOT OK  ' "$results" || true)
    if [ "$failed" -gt 0 ]; then
        echo "--- what failed:"
        awk '
            function tell(i) {
                if (name == "") return
                print name
                for (i = 1; i <= wrongs && i <= 6; i++) print "    " wrong[i]
                for (i = 1; i <= lines && wrongs == 0 && i <= 6; i++) print "    " line[i]
                name = ""
            }
            /^(ok      |NOT OK  )/ { tell(); wrongs = lines = 0 }
            /^NOT OK  / { name = $0; next }
            name == "" { next }
            { line[++lines] = substr($0, 1, 200) }
            /WRONG|FAILED|^not ok|(^|: )(ERROR|error):/ && !/LOG:/ { wrong[++wrongs] = substr($0, 1, 200) }
            END { tell() }' "$results"
    fi
    printf '%d passed, %d failed\n' "$(grep -c '^ok      ' "$results")" "$failed"
    [ "$failed" -eq 0 ]
}

kra_setup
kra_temp
results=$KRA_TEMP/results

# Two builds: with LLVM bitcode where the server has it, and without. The second
# is the one that is tested.
strict='-Wall -Wextra -Werror'
if kra_stage COPT="$strict"; then ok "builds without a warning"; else not_ok "builds without a warning"; fi |
    tee "$results"
if kra_stage COPT="$strict" with_llvm=no; then
    ok "builds without a warning, without bitcode" | tee -a "$results"
else
    not_ok "builds without a warning, without bitcode" | tee -a "$results"
    summary || exit 1
fi

# What the checks need, before they run side by side.
kra_need python3-jsonschema "postgresql-$KRA_PG-cron" chromium python3-venv
command -v node >/dev/null 2>&1 || kra_need nodejs
command -v npm >/dev/null 2>&1 || kra_need npm
kra_need libpostgresql-jdbc-java default-jdk-headless odbc-postgresql unixodbc python3-pyodbc \
    python3-sqlalchemy python3-pandas python3-psycopg2
# the LibreOffice that is there, else one without windows, which cannot stand beside it
nogui=-nogui
! dpkg-query -W -f '${Status}' libreoffice-core 2>/dev/null | grep -q 'ok installed' || nogui=
kra_need "libreoffice-calc$nogui" "libreoffice-base$nogui" libreoffice-sdbc-postgresql python3-uno

# The regression and isolation tests, one line each.
regression() {
    status=0
    kra_with_server make -C "$KRA_TEMP/build" installcheck PG_CONFIG="$PG_CONFIG" \
        >"$log" 2>&1 || status=$?
    tests=$(sed -nE \
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
$tests
END
    expected=$(find test/sql test/specs -name '*.sql' -o -name '*.spec' | wc -l)
    if [ "$(printf '%s\n' "$tests" | grep -c .)" -ne "$expected" ]; then
        not_ok "all $expected regression and isolation tests ran"
        tail -n 30 "$log"
    fi
    if [ "$status" -ne 0 ]; then
        find "$KRA_TEMP/build" -name regression.diffs -exec cat {} +
    fi
}

# pgspot comes from PyPI: where that cannot be reached, its last line says so.
pgspot() {
    if test/pgspot.sh >"$log" 2>&1; then
        ok "pgspot: $(tail -n 1 "$log")"
    else
        not_ok "pgspot finds nothing in the scripts"
        cat "$log"
    fi
}

# One line a type and path; any crash or lie of a type fails it.
fuzz() {
    if test/fuzz/run.sh "${KRA_FUZZ:-20000}" >"$log" 2>&1; then
        while read -r line; do ok "fuzz: $line"; done <<END
$(grep ' inputs: ' "$log")
END
    else
        not_ok "fuzz"
        tail -n 40 "$log"
    fi
}

# A check that is a script which says what it found.
check() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then ok "$name"; else not_ok "$name"; cat "$log"; fi
}
server() { check "$1" kra_with_server $2; }
with_options() (
    KRA_SERVER_OPTIONS="$KRA_SERVER_OPTIONS $1"
    shift
    check "$@"
)

# The n-th check; the longest come first. 9: there is none.
run_check() {
    case $1 in
        1) regression ;;
        2) server "nobody is answered otherwise where only hidden rows differ" test/noninterference.sh ;;
        3) fuzz ;;
        4) server "a dump restores to the same catalogue, in every way" test/dump.sh ;;
        # minutes of npm and a browser: asked for by continuous integration
        5) [ -z "${KRA_TEST_DASHBOARD:-}" ] ||
            check "the Evidence site builds, and every page of it shows what SQL says" demo/evidence/build.sh --test ;;
        6) server "pages are valid, accessible, and run nothing, in a browser" test/pages/run.sh ;;
        7) server "JDBC, ODBC, SQLAlchemy and pandas read the views, as two readers" test/bi/drivers.sh ;;
        8) server "LibreOffice reads the views, as two readers" test/bi/libreoffice.sh ;;
        9) server "a spoiled view breaks the contract of kra_bi" test/bi/spoil.sh ;;
        10) server "demo runs, and its figures are right" "demo/demo.sh --check" ;;
        11) server "README examples print what the README says" "perl test/readme.pl README.md" ;;
        12) server "documents: the JSON Schema and define agree" test/schema.py ;;
        13) server "who is forgotten is in no dump, and all figures stay" test/forget.sh ;;
        14) server "what uses the operators survives a dump, and nothing stays in pg_catalog" test/operators.sh ;;
        15) with_options '-o wal_level=logical' "subscribers and standbys hold what there is" \
            kra_with_server test/replication.sh ;;
        16) check "pg_upgrade brings everything along" test/pg_upgrade.sh ;;
        17) server "0.1.0 upgrades to what a fresh install makes, and holds what it held" test/upgrade.sh ;;
        18) server "an owner of a database who is no superuser owns kra, and gains nothing" test/owner.sh ;;
        19) server "the install cannot be hijacked, nor carried away" test/install.sh ;;
        20) server "killing backends loses nothing and leaves no half" "test/kill.sh 8" ;;
        21) with_options '-o shared_preload_libraries=pg_cron -o cron.use_background_workers=on' \
            "what is due is told by pg_cron" kra_with_server test/cron.sh ;;
        22) pgspot ;;
        23) server "a second implementation gives random catalogues the same lines" test/law/run.sh ;;
        24) server "after random changes, kept lines are those made from nothing" test/kept/run.sh ;;
        *) return 9 ;;
    esac
}

# A lane takes the next check that nobody has taken, until there is none. Its servers have a
# port of their own.
lane() {
    KRA_SERVER_OPTIONS="-c --port=$((54400 + $1))"
    log=$KRA_TEMP/log.$1
    n=0
    ended=0
    while n=$((n + 1)); [ "$ended" -ne 9 ]; do
        mkdir "$KRA_TEMP/check.$n" 2>/dev/null || continue
        ended=0
        run_check "$n" >"$KRA_TEMP/check.$n/out" 2>&1 || ended=$?
        case $ended in
            0 | 9) ;;
            *) not_ok "check $n ended with status $ended" >>"$KRA_TEMP/check.$n/out" ;;
        esac
        cat "$KRA_TEMP/check.$n/out"
        touch "$KRA_TEMP/check.$n/ended"
    done
}

if [ "$(nproc)" -gt 1 ]; then lanes=${KRA_LANES:-2}; else lanes=${KRA_LANES:-1}; fi
for i in $(seq "$lanes"); do lane "$i" & done | tee -a "$results"
for dir in "$KRA_TEMP"/check.*; do
    [ -e "$dir/ended" ] || not_ok "${dir##*/} ended"
done | tee -a "$results"

# What is about seconds runs alone.
log=$KRA_TEMP/log
server "a cancelled call stops within a second" test/cancel.sh | tee -a "$results"

summary
