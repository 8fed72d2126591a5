#!/bin/sh
# What is due is told by pg_cron: a role that is no superuser schedules kra.notify_due, a client that
# listens gets the items, each once, though two jobs run at once; and all parts of many. Runs against
# a server of its own with shared_preload_libraries = pg_cron (see test/run.sh); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-cron.XXXXXX")
unset PGOPTIONS PGTZ PGDATESTYLE PGCLIENTENCODING || :
PGDATABASE=postgres   # where pg_cron keeps its jobs
export PGDATABASE
listener=
leave() {
    status=$?
    trap - EXIT
    [ -z "$listener" ] || kill "$listener" 2>/dev/null || :
    rm -rf "$dir"
    exit "$status"
}
trap leave EXIT

bad=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
die() { wrong "$*"; exit 1; }
sql() { "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 "$@"; }

sql <<'END'
SET client_min_messages = warning;
CREATE EXTENSION pg_cron;
CREATE EXTENSION kra;
CREATE ROLE kra_scheduler LOGIN;
SELECT kra.grant_admin('kra_scheduler') \g /dev/null
GRANT USAGE ON SCHEMA cron TO kra_scheduler;
INSERT INTO kra.subjects (key, name, kind) VALUES ('sam', E'Sam "the \\ man" Itō\n', 'person');
INSERT INTO kra.actions (id, subject_id, description, owner_id, due_on, created_at)
SELECT i, id, 'Call ' || i, id, '2024-01-09'::date - i, '2024-01-01 12:00Z' FROM kra.subjects, generate_series(1, 3) i;
END

# A client that listens: psql says what came after each statement that it runs.
mkfifo "$dir/in"
"$bin/psql" -X -q -At <"$dir/in" >"$dir/out" 2>&1 &
listener=$!
exec 3>"$dir/in"
echo 'LISTEN kra_due;' >&3
# payloads that have come so far, a line each
come() {
    echo 'SELECT 1 \g /dev/null' >&3
    sleep 0.3
    sed -nE 's/^Asynchronous notification "kra_due" with payload "(.*)" received from server process with PID [0-9]+\.$/\1/p' "$dir/out" >"$dir/payloads"
    wc -l <"$dir/payloads"
}
# waits until a command says what is expected: what it says, seconds, the command
wait_for() {
    expected=$1
    until=$(($(date +%s) + $2))
    shift 2
    while found=$("$@"); [ "$found" -lt "$expected" ]; do
        [ "$(date +%s)" -lt "$until" ] || return 1
        sleep 0.5
    done
}

# Two jobs of the same command. A second is as good as a minute, where pg_cron knows it (1.5 and later).
schedule() {
    sql -o "$dir/jobs" -c 'SET SESSION AUTHORIZATION kra_scheduler' \
        -c "SELECT cron.schedule('due 1', '$1', 'SELECT kra.notify_due()')" \
        -c "SELECT cron.schedule('due 2', '$1', 'SELECT kra.notify_due()')" 2>"$dir/err"
}
schedule '1 seconds' || schedule '* * * * *' || { cat "$dir/err"; die "the jobs cannot be scheduled"; }
wait_for 1 90 come || { cat "$dir/out"; sql -c 'TABLE cron.job_run_details'; die "nothing came within 90 seconds"; }

# Both have run, and one notification came, of three items.
runs() {
    sql -c 'SET SESSION AUTHORIZATION kra_scheduler' -c "SELECT count(DISTINCT jobid) FROM cron.job_run_details WHERE status = 'succeeded'"
}
wait_for 2 90 runs || { sql -c 'TABLE cron.job_run_details'; die "not both jobs have succeeded"; }
sql -c 'SET SESSION AUTHORIZATION kra_scheduler' -o "$dir/out2" -c "SELECT cron.unschedule('due 1'), cron.unschedule('due 2')"
failed=$(sql -c "SELECT count(*) FROM cron.job_run_details WHERE status = 'failed'")
[ "$failed" -eq 0 ] || { wrong "$failed runs failed:"; sql -c "SELECT * FROM cron.job_run_details WHERE status = 'failed' LIMIT 3"; }
[ "$(sql -c 'SELECT count(*) FROM cron.job')" -eq 0 ] || wrong "the jobs are still there"
[ "$(come)" -eq 1 ] || { wrong "the items came more than once, or not at all:"; cat "$dir/payloads"; }
told=$(sql -v payload="$(head -n 1 "$dir/payloads")" <<'END'
SELECT CASE WHEN p->>'as_of' = (SELECT max(sent_on)::text FROM kra_internal.notices) THEN 'today' ELSE p->>'as_of' END
       || ' ' || (p - 'as_of')::text
FROM (SELECT :'payload'::jsonb AS p) x;
END
)
# whoever may connect may listen: how many there are, and nothing of whom or what
[ "$told" = 'today {"count": 3}' ] || wrong "what came is: $told"

# Again when asked for, in one notification, however many there are.
sql -c "INSERT INTO kra.actions (id, subject_id, description, owner_id, due_on, created_at)
        SELECT i, id, CASE WHEN i % 100 = 0 THEN repeat('東', 10000) ELSE 'The same' END, id, '2024-01-01', '2024-01-01 12:00Z' FROM kra.subjects, generate_series(4, 1000) i"
[ "$(sql -c 'SELECT kra.notify_due(again => true)')" -eq 1000 ] || wrong "not all items were told again"
[ "$(come)" -eq 2 ] || wrong "what was told again did not come at once"
sed 1d "$dir/payloads" | grep -q '"count": 1000}$' || wrong "what came again is: $(sed 1d "$dir/payloads")"
echo '\q' >&3
exec 3>&-

echo "what is due was told by pg_cron $(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'pg_cron'"), $bad wrong"
[ "$bad" -eq 0 ]
