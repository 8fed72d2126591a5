#!/bin/sh
# Who is forgotten is in no dump: not by key, name or login, those of before included, in any case,
# in composed or decomposed letters, quoted or escaped, nor by what was said of them. All figures
# are the same to the digit, nobody else is touched, and the log stays append only. Runs against the
# server of the environment (kra_with_server); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-forget.XXXXXX")
trap 'rm -rf "$dir"' EXIT
unset PGOPTIONS PGTZ PGDATESTYLE PGDATABASE || :

bad=0
compared=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }
same() {   # what, found, wanted
    compared=$((compared + 1))
    [ "$2" = "$3" ] || wrong "$1: $2, not $3"
}

# In what form a text may stand in a dump: bytes are folded, quotes and escapes taken out.
cat >"$dir/find.py" <<'END_PY'
import re
import sys
import unicodedata

def plain(text):
    text = text.replace("\\n", " ").replace("\\r", " ").replace("\\t", " ")
    return re.sub(r"\s+", " ", re.sub(r"[\\\"']", "", unicodedata.normalize("NFC", text).casefold()))

dump = plain(open(sys.argv[1], encoding="utf-8").read())
for kept in open(sys.argv[3], encoding="utf-8").read().splitlines():
    if plain(kept) not in dump:
        print("gone, though it is another's:", kept)
    dump = dump.replace(plain(kept), "")
for needle in open(sys.argv[2], encoding="utf-8").read().splitlines():
    n = len(re.findall(r"(?<!\w)" + re.escape(plain(needle)) + r"(?!\w)", dump))
    if (n == 0) != (sys.argv[4] == "gone"):
        print(needle, "is found", n, "times")
END_PY
cat >"$dir/needles" <<'END_TXT'
josé-o'neil
pepe
José "Pepe" O'Neil \ Ångström
Pepita Ångström
forget josé
SECRET
END_TXT
cat >"$dir/kept" <<'END_TXT'
josé-o'neil-jr
Pepita Ångström-Smith
END_TXT

sql postgres -c 'CREATE ROLE "forget josé"; CREATE ROLE "forget boss"; CREATE ROLE "forget admin"'
"$bin/createdb" -T template0 -E UTF8 kra_forget
# texts in every place that takes one; :d is decomposed, :q as it is in JSON
cat >"$dir/fill.sql" <<'END_SQL'
SET client_min_messages = error;
CREATE EXTENSION kra;
SELECT kra.grant_reader('forget josé'), kra.grant_author('forget boss'), kra.grant_admin('forget admin');
CREATE SCHEMA facts;
CREATE TABLE facts.calls (subject text, at date, value float8);
SELECT normalize('José "Pepe" O''Neil \ Ångström', NFD) AS d, 'José "Pepe" O''Neil \ Ångström' AS c, 'josé-o''neil' AS k,
       upper('José "Pepe" O''Neil \ Ångström' COLLATE "und-x-icu") AS u \gset
SELECT count(*) FROM kra.define(jsonb_build_object('effective_from', '2026-01-01',
    'subjects', jsonb_build_array(
        jsonb_build_object('key', 'co', 'name', 'Company', 'kind', 'company', 'login', 'forget boss'),
        jsonb_build_object('key', 'team-' || :'k', 'name', 'Team of ' || :'c', 'kind', 'team', 'parent', 'co', 'login', 'forget josé'),
        jsonb_build_object('key', 'pepe', 'name', 'Pepita Ångström', 'kind', 'person', 'parent', 'team-' || :'k', 'role', 'rep', 'login', 'forget josé'),
        jsonb_build_object('key', :'k' || '-jr', 'name', 'Pepita Ångström-Smith', 'kind', 'person', 'parent', 'team-' || :'k', 'role', 'rep'),
        jsonb_build_object('key', 'sam', 'name', 'Sam', 'kind', 'person', 'parent', 'co', 'role', 'rep')),
    'objectives', jsonb_build_array(
        jsonb_build_object('key', 'learn', 'name', 'SECRET goal', 'description', 'SECRET', 'subject', 'pepe',
            'milestones', jsonb_build_array(jsonb_build_object('key', 'm', 'name', 'SECRET step', 'due_on', '2026-03-01', 'owner', 'pepe'))),
        jsonb_build_object('key', 'grow', 'name', 'Grow with ' || :'c', 'description', 'as PEPE says')),
    'kpis', jsonb_build_array(
        jsonb_build_object('key', 'demos', 'name', 'Demos', 'kind', 'activity', 'description', :'d' || ' counts', 'influenceable_by', jsonb_build_array('pepe', 'sam', :'k' || '-jr'), 'drives', 'revenue', 'owner', 'pepe'),
        jsonb_build_object('key', 'revenue', 'name', 'Revenue', 'kind', 'outcome', 'state_reason', 'pepe''s idea', 'objective', 'grow'),
        jsonb_build_object('key', 'calls', 'name', 'Calls of ' || :'u', 'kind', 'activity', 'source', 'facts.calls')),
    'roles', jsonb_build_array(jsonb_build_object('key', 'rep', 'name', 'Rep', 'purpose', 'what Pepe did', 'kras', jsonb_build_array(
        jsonb_build_object('key', 'after-pepe', 'name', 'After pepe', 'scope', 'Pepe', 'description', 'PEPE', 'kpis', jsonb_build_array(
            jsonb_build_object('key', 'demos', 'target', '>= 10'), jsonb_build_object('key', 'revenue', 'target', '>= 100.1', 'weight', 3), jsonb_build_object('key', 'calls', 'target', '>= 7')))))),
    'targets', jsonb_build_array(
        jsonb_build_object('kpi', 'demos', 'subject', 'pepe', 'target', '>= 12', 'note', 'SECRET'),
        jsonb_build_object('kpi', 'demos', 'subject', 'sam', 'target', '>= 11', 'note', E'as\tpepe\nhas')),
    'benchmarks', jsonb_build_array(jsonb_build_object('kpi', 'demos', 'value', 9, 'source', 'asked Pepe'))));
-- by another key and name since
UPDATE kra.subjects SET key = :'k', name = :'d' WHERE key = 'pepe';
UPDATE kra.kpis SET influenceable_by = ARRAY[:'k', 'sam', :'k' || '-jr'] WHERE key = 'demos';
INSERT INTO facts.calls SELECT s, date '2026-01-10' + 30 * m, 3.7 + m FROM generate_series(0, 4) m, unnest(ARRAY[:'k', normalize(:'k', NFD), 'sam', 'team-' || :'k']) s;
SELECT count(*) FROM kra.collect();
SELECT count(*) FROM kra.subjects s, generate_series(1, 5) m, unnest('{demos,revenue}'::text[]) k, LATERAL kra.record(k, s.key, make_date(2026, m, 3), 10.1 * m + s.id) r WHERE s.kind = 'person';
SELECT kra.close_review(:'k', '2026-01', 'SECRET summary', jsonb_build_array(jsonb_build_object('description', 'SECRET plan', 'owner', :'k', 'due_on', '2026-04-01')));
SELECT kra.close_review('sam', '2026-01', 'better than ' || :'u'), kra.close_review('co', '2026-01', 'Pepe, Pepe''s and "pepe"'), kra.close_review('co', '2026-02');
SELECT kra.check_in(:'k', 'SECRET'), kra.check_in('sam', format('talked to %s (%s, %s)', :'d', :'k', lower(:'u'))), kra.check_in('sam', to_jsonb(:'c'::text)::text), kra.check_in('sam', quote_literal(:'c'));
SELECT kra.add_action('sam', 'SECRET help', :'k', '2026-05-01'), kra.add_action('sam', 'ask PEPE', 'sam', '2026-05-01');
SELECT kra.complete_action(id, 'SECRET outcome') FROM kra.actions WHERE description = 'SECRET plan';
SELECT kra.complete_action(id, 'asked Pepe') FROM kra.actions WHERE description = 'ask PEPE';
SELECT kra.waive(row_key, CASE WHEN subject_key = :'k' THEN 'SECRET' ELSE 'pepe knows' END, '9999-01-01') FROM (SELECT DISTINCT ON (subject_key) * FROM kra_bi.findings) f;
SELECT kra.promote('calls', 'pepe') WHERE false;
SELECT kra.revisit('demos', 'as Pepe said'), kra.revisit('rep', 'after-pepe', 'PEPE');
SELECT kra.notify_due() > 0;
GRANT "forget josé" TO CURRENT_USER;
SET SESSION AUTHORIZATION "forget josé";
SELECT kra.acknowledge('demos', :'k', comment => 'SECRET'), kra.check_in(:'k', 'SECRET from myself');
RESET SESSION AUTHORIZATION;
UPDATE kra.check_ins SET comment = comment || ' SECRET more' WHERE comment = 'SECRET from myself';
UPDATE kra.targets SET note = 'pepe again' WHERE note ~ 'pepe';
SET SESSION AUTHORIZATION "forget boss";
SELECT kra.consent_to_move('sam', :'k', '2026-09-01');
END_SQL
sql kra_forget -f "$dir/fill.sql" >"$dir/out" 2>"$dir/err" || { cat "$dir/err"; wrong "the company cannot be made"; exit 1; }

cat >"$dir/figures.sql" <<'END_SQL'
SET timezone = 'UTC';
SET extra_float_digits = 3;
SELECT 'measurement', kpi_id, subject_id, period_start, actual FROM kra.measurements ORDER BY 2, 3, 4;
SELECT 'target', kpi_id, subject_id, effective_from, target, provenance, set_at, revised_at FROM kra.targets ORDER BY 2, 3, 4;
SELECT 'placement', * FROM kra.placements ORDER BY 2, 3;
SELECT 'log', count(*) - count(*) FILTER (WHERE operation = 'forget'), min(id) FROM kra.definition_log;
SELECT 'card', r.subject_id, r.period_start, e.kind, e.weight, e.target, e.actual, e.attainment, k.id FROM kra.reviews r, kra.entries(r.card) e JOIN kra.kpis k ON k.key = e.kpi ORDER BY 2, 3, k.id;
SELECT 'result', s.id, k.id, period_grain, period_start, actual_value, target_value, attainment_pct, status, score_text IS NULL
FROM kra.kpi_results('2026-06-30') r JOIN kra.subjects s ON s.key = subject_key JOIN kra.kpis k ON k.key = kpi_key CROSS JOIN (SELECT NULL AS score_text) x ORDER BY 2, 3, 4, 5;
SELECT 'scorecard', s.id, period_grain, period_start, score_value, coverage_pct, status, kpi_count FROM kra.scorecards('2026-06-30') r JOIN kra.subjects s ON s.key = subject_key ORDER BY 2, 3, 4;
SELECT 'imbalance', s.id, period_grain, period_start, activity_score_value, outcome_score_value, is_balanced FROM kra.imbalances('2026-06-30') r JOIN kra.subjects s ON s.key = subject_key ORDER BY 2, 3, 4;
SELECT 'finding', s.id, rule_id, count(*) FROM kra.findings('2026-06-30') r LEFT JOIN kra.subjects s ON s.key = subject_key GROUP BY 2, 3 ORDER BY 2, 3;
SELECT 'trigger', tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE "C", tgname;
END_SQL
figures() { sql kra_forget -f "$dir/figures.sql" >"$dir/$1" 2>&1 || { wrong "the figures cannot be read"; tail -n 3 "$dir/$1"; }; }
dump() { "$bin/pg_dump" -d kra_forget 2>/dev/null | sed -e '/^\\restrict/d' -e '/^\\unrestrict/d' -e '/^SELECT pg_catalog.setval/d'; }
# the facts are the warehouse's: they are not kra's to forget
kra_dump() { "$bin/pg_dump" -d kra_forget -N facts 2>/dev/null; }

figures before
kra_dump >"$dir/before.dump"
found=$(python3 "$dir/find.py" "$dir/before.dump" "$dir/needles" "$dir/kept" there)
same "what is in the dump before" "$found" ""

# nobody but an admin; no group; nobody twice
key="josé-o'neil"
no() { compared=$((compared + 1)); sql kra_forget -v key="$key" -c '\set VERBOSITY terse' -c "$2" >"$dir/out" 2>"$dir/err" && wrong "$1 is not refused"; grep -q "$3" "$dir/err" || { wrong "$1"; cat "$dir/err"; }; }
no "forgetting by an author" "SET ROLE \"forget boss\"; SELECT kra.forget('sam')" 'permission denied'
no "forgetting a group" "SELECT kra.forget('co')" 'is a company, and no person'
no "forgetting nobody" "SELECT kra.forget('nobody')" 'subject "nobody" does not exist'

dump >"$dir/full"
sql kra_forget -c "SET ROLE \"forget admin\"; SELECT * FROM kra.forget('josé-o''neil', dry_run => true)" >"$dir/dry"
dump >"$dir/full2"
compared=$((compared + 1))
cmp -s "$dir/full" "$dir/full2" || { wrong "a dry run changes something"; diff "$dir/full" "$dir/full2" | head; }
sql kra_forget -c "SET ROLE \"forget admin\"; SELECT * FROM kra.forget('josé-o''neil')" >"$dir/done"
same "what a dry run says" "$(cat "$dir/dry")" "$(cat "$dir/done")"
same "tables that it names" "$(cut -d'|' -f1 "$dir/done" | sort -u | wc -l)" 17

figures after
compared=$((compared + 1))
cmp -s "$dir/before" "$dir/after" || { wrong "figures differ"; diff "$dir/before" "$dir/after" | head -n 20; }
kra_dump >"$dir/after.dump"
found=$(python3 "$dir/find.py" "$dir/after.dump" "$dir/needles" "$dir/kept" gone)
same "what is in the dump after" "$found" ""
same "who was forgotten" "$(sql kra_forget -c "SELECT key = 'forgotten-' || id, name = 'Forgotten person ' || id, login FROM kra.subjects WHERE key ~ '^forgotten'")" "t|t|"
same "the group whose login they were" "$(sql kra_forget -c "SELECT string_agg(key, ' ' ORDER BY key) FROM kra.subjects WHERE login ~ 'forgotten' OR login ~ 'jos'")" ""
same "what the log says" "$(sql kra_forget -c "SELECT changed_by, row_key ~ '^forgotten-[0-9]+\$', after - 'id' - 'key' FROM kra.definition_log WHERE operation = 'forget'")" "forget admin|t|{}"
no "forgetting twice" "SELECT kra.forget(key) FROM kra.subjects WHERE key ~ '^forgotten'" 'is forgotten already'

# what is kept is what it would be, made from nothing
same "kept lines that differ" "$(sql kra_forget <<'END_SQL'
CREATE TEMP TABLE lines AS TABLE kra_internal.kept_lines;
DELETE FROM kra_internal.kept_lines;
DELETE FROM kra_internal.kept_days;
SELECT kra.refresh() \g /dev/null
SELECT (SELECT count(*) > 0 FROM lines), count(*)
FROM ((TABLE lines EXCEPT TABLE kra_internal.kept_lines)
      UNION ALL (TABLE kra_internal.kept_lines EXCEPT TABLE lines)) x;
END_SQL
)" "t|0"

# facts under the old key take nothing away
sql kra_forget -c "SELECT count(*) FROM kra.collect(\"full\" => true)" >"$dir/out" 2>&1 || wrong "collect fails"
figures later
compared=$((compared + 1))
cmp -s "$dir/before" "$dir/later" || { wrong "collect takes figures away"; diff "$dir/before" "$dir/later" | head -n 20; }

# everything goes on
sql kra_forget >"$dir/out" 2>"$dir/err" <<'END_SQL' || { wrong "something fails after it"; cat "$dir/err"; }
SELECT format('SELECT count(*) FROM %s', c.oid::regclass) FROM pg_class c WHERE relnamespace = 'kra_bi'::regnamespace AND relkind = 'v' \gexec
SELECT length(kra.report(key, '2026-01')), length(kra.report_markdown(key, '2026-01')) FROM kra.subjects;
SELECT length(kra.dashboard('2026-01'));
SELECT kra.check_in(key, 'again') FROM kra.subjects;
END_SQL
same "what a document of what there is changes" "$(sql kra_forget -c "SELECT count(*) FROM kra.define(kra.definition())")" 0
no "changing the log" "SET ROLE \"forget admin\"; UPDATE kra.definition_log SET row_key = 'x'" 'permission denied\|append only'
no "changing the log as its owner" "UPDATE kra.definition_log SET row_key = 'x'" 'append only'
same "others' logins and grants" "$(sql kra_forget -c "SELECT string_agg(db_role || ' ' || kind, ', ' ORDER BY db_role) FROM kra.role_grants WHERE db_role ~ '^forget'")" "forget admin admin, forget boss author"

# other encodings and locales
"$bin/createdb" -T template0 -E LATIN1 --locale=C kra_forget_latin1
"$bin/createdb" -T template0 -E UTF8 --locale=C kra_forget_c
for db in kra_forget_latin1 kra_forget_c; do
    PGCLIENTENCODING=UTF8 sql $db >"$dir/out" 2>&1 <<'END_SQL' || { wrong "$db fails"; cat "$dir/out"; }
SET client_min_messages = error;
CREATE EXTENSION kra;
SELECT count(*) FROM kra.define('{"subjects": [{"key": "zoë", "name": "Zoë Müller", "kind": "person"}, {"key": "sam", "name": "Sam", "kind": "person"}]}');
SELECT kra.check_in('sam', 'with Zoë Müller and ZOË MÜLLER, zoë''s mother; no zoëlogy'), kra.check_in('zoë', 'x');
SELECT count(*) FROM kra.forget('zoë');
END_SQL
    same "$db" "$(PGCLIENTENCODING=UTF8 sql $db -c "SELECT string_agg(comment, ', ' ORDER BY id) FROM kra.check_ins")" \
        "with forgotten-1 and forgotten-1, forgotten-1's mother; no zoëlogy, (forgotten)"
done
for db in kra_forget kra_forget_latin1 kra_forget_c; do "$bin/dropdb" $db; done
sql postgres -c 'DROP ROLE "forget josé", "forget boss", "forget admin"'

printf '%s things compared, %s wrong\n' "$compared" "$bad"
[ "$bad" -eq 0 ]
