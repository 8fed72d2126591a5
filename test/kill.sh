#!/bin/bash
# Killing backends: clients record, check in, close reviews, define, collect and forget; a backend of
# theirs is terminated, or killed so that the server recovers, N times (default 50), at any moment.
# Nothing that was acknowledged is lost, nothing is there in halves, and the server comes back.
# Runs against the server of the environment (kra_with_server), which must be on this machine.
#
#   test/kill.sh [N]
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
kills=${1:-50}
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-kill.XXXXXX")
unset PGOPTIONS || :
export PGDATABASE=kra_kill PGAPPNAME=kra_kill PGCONNECT_TIMEOUT=5
clients=
finish() {
    touch "$dir/stop"
    # shellcheck disable=SC2086
    [ -z "$clients" ] || wait $clients 2>/dev/null || :
    rm -rf "$dir"
}
trap finish EXIT

quiet() { "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 "$@" >/dev/null 2>>"$dir/errors"; }
ask() { PGAPPNAME=kra_kill_check "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 "$@"; }

# What each client does as its nth work. What psql says was committed is written down.
work_record() {
    quiet -c "SELECT kra.record('daily', 'p', date '2020-01-01' + $1, $1)"
}
work_check_in() {
    quiet -c "SELECT kra.check_in('p', 'comment $1')"
}
work_review() {
    quiet -c "SELECT kra.close_review('p', to_char(date '2020-01-01' + $1, 'YYYY-MM-DD'), 'summary $1',
        '[{\"description\": \"action $1a\", \"owner\": \"p\", \"due_on\": \"2099-01-01\"},
          {\"description\": \"action $1b\", \"owner\": \"p\", \"due_on\": \"2099-01-01\"}]')"
}
work_define() {
    quiet -c "SELECT * FROM kra.define('{\"effective_from\": \"2020-01-01\",
        \"subjects\": [{\"key\": \"s$1\", \"name\": \"S $1\", \"kind\": \"person\", \"parent\": \"co\", \"role\": \"r$1\"}],
        \"roles\": [{\"key\": \"r$1\", \"name\": \"R $1\", \"kras\": [{\"name\": \"Area\", \"kpis\": [
            {\"key\": \"a$1\", \"name\": \"A $1\", \"kind\": \"outcome\", \"target\": \">= 1\"},
            {\"key\": \"b$1\", \"name\": \"B $1\", \"kind\": \"activity\", \"target\": \">= 1\"}]}]}],
        \"targets\": [{\"kpi\": \"a$1\", \"subject\": \"s$1\", \"target\": \">= 2\"}]}')"
}
work_collect() {
    quiet -c "INSERT INTO facts.sales SELECT 'p', date '2020-01-01' + ($1 * 11) % 1000, $1" &&
        quiet -c "DO \$\$ BEGIN IF EXISTS (SELECT FROM kra.collect(full => true) WHERE error IS NOT NULL) THEN RAISE 'not collected'; END IF; END \$\$"
}
work_forget() {
    quiet -c "SELECT * FROM kra.define('{\"effective_from\": \"2020-01-01\", \"subjects\": [
            {\"key\": \"f$1\", \"name\": \"Forgotten $1\", \"kind\": \"person\", \"parent\": \"co\"}]}')" \
        -c "SELECT kra.check_in('f$1', 'this is Forgotten $1')" &&
        quiet -c "SELECT * FROM kra.forget('f$1')"
}
client() {   # kind
    n=0
    while [ ! -e "$dir/stop" ]; do
        n=$((n + 1))
        if "work_$1" "$n"; then
            echo "$1	$n" >>"$dir/acknowledged.$1"
        else
            sleep 0.05   # the server may be coming back
        fi
    done
}

# Answers again, within a minute?
is_back() {
    for _ in $(seq 300); do
        if ask -c 'SELECT 1' >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    echo "the server does not come back"
    return 1
}

"$bin/createdb" -T template0 -E UTF8 kra_kill
ask -f test/kill.sql >/dev/null
kinds='record check_in review define collect forget'
for kind in $kinds; do
    : >"$dir/acknowledged.$kind"
    client "$kind" &
    clients="$clients $!"
done
# every kind has come to its end once, on however slow a machine, before anything is killed
for kind in $kinds; do
    for _ in $(seq 300); do
        [ ! -s "$dir/acknowledged.$kind" ] || break
        sleep 0.2
    done
done

hit=0
tries=0
while [ "$hit" -lt "$kills" ] && [ "$tries" -lt $((kills * 20)) ]; do
    tries=$((tries + 1))
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    is_back
    # by turns: a polite end, and one that makes the server start again
    if [ $((tries % 2)) -eq 0 ]; then
        done=$(ask -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kra_kill' AND state = 'active' ORDER BY random() LIMIT 1" 2>/dev/null) || continue
        [ "$done" = t ] || continue
    else
        pid=$(ask -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'kra_kill' AND state = 'active' ORDER BY random() LIMIT 1" 2>/dev/null) || continue
        [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null || continue
    fi
    hit=$((hit + 1))
done
touch "$dir/stop"
# shellcheck disable=SC2086
wait $clients || :
clients=
is_back

bad=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
[ "$hit" -eq "$kills" ] || wrong "only $hit backends of $kills were killed"
# a client may fail because its backend was killed, and for nothing else
said=$(grep -E '^(psql:[^ ]* )?ERROR' "$dir/errors" | sort | uniq -c) || :
[ -z "$said" ] || wrong "a client was told: $said"

# the facts of the last work may have been entered, but not collected
ask -c "SELECT kra.collect(full => true)" >/dev/null
for kind in $kinds; do
    ask -c "\\copy kill.acknowledged FROM '$dir/acknowledged.$kind'"
    printf '%s: %s acknowledged\n' "$kind" "$(grep -c . "$dir/acknowledged.$kind" || :)"
    [ -s "$dir/acknowledged.$kind" ] || wrong "nothing of $kind was acknowledged"
done
wrongs=$(ask -c 'SELECT * FROM kill.wrongs() LIMIT 20')
[ -z "$wrongs" ] || wrong "$wrongs"

# what is derived is what it would be, made anew from nothing
differ=$(ask <<'END'
CREATE TEMP TABLE timeline AS TABLE kra_internal.subject_timeline;
CREATE TEMP TABLE ancestors AS TABLE kra_internal.subject_ancestors;
DELETE FROM kra_internal.subject_timeline;
DELETE FROM kra_internal.subject_ancestors;
SELECT kra_internal.rebuild_tree(ARRAY(SELECT id FROM kra.subjects)) \g /dev/null
SELECT (SELECT count(*) FROM ((TABLE timeline EXCEPT TABLE kra_internal.subject_timeline) UNION ALL (TABLE kra_internal.subject_timeline EXCEPT TABLE timeline)) x)
     + (SELECT count(*) FROM ((TABLE ancestors EXCEPT TABLE kra_internal.subject_ancestors) UNION ALL (TABLE kra_internal.subject_ancestors EXCEPT TABLE ancestors)) x);
END
)
[ "$differ" = 0 ] || wrong "$differ rows of the tree differ from those made anew"
differ=$(ask <<'END'
CREATE TEMP TABLE days AS TABLE kra_internal.kept_days;
CREATE TEMP TABLE lines AS TABLE kra_internal.kept_lines;
DELETE FROM kra_internal.kept_days;
DELETE FROM kra_internal.kept_lines;
SELECT kra.refresh() \g /dev/null
SELECT (SELECT count(*) FROM ((TABLE lines EXCEPT TABLE kra_internal.kept_lines) UNION ALL (TABLE kra_internal.kept_lines EXCEPT TABLE lines)) x)
     + (SELECT count(*) FROM ((TABLE days EXCEPT TABLE kra_internal.kept_days) UNION ALL (TABLE kra_internal.kept_days EXCEPT TABLE days)) x)
     + (SELECT count(*) FROM kra_internal.line_work) + (NOT EXISTS (SELECT FROM lines))::integer;
END
)
[ "$differ" = 0 ] || wrong "$differ kept lines differ from those made anew"

# it finds what is lost, and what is half
ask -c "DELETE FROM kra.check_ins WHERE comment = 'comment 1'" -c "DELETE FROM kra.measurements WHERE source = 'record' AND period_start = '2020-01-02'" \
    -c "ALTER TABLE kra.actions DISABLE TRIGGER USER" -c "DELETE FROM kra.actions WHERE description = 'action 1a'"
found=$(ask -c 'SELECT * FROM kill.wrongs()' | grep -c ' 1$') || :
[ "$found" -ge 4 ] || wrong "of what was taken away it finds $found things"

printf '%s backends killed, %s wrong\n' "$hit" "$bad"
[ "$bad" -eq 0 ]
