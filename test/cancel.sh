#!/bin/sh
# Every call stops within a second of a cancel: each expensive one is started on huge input and
# cancelled by statement_timeout, early and late; what went on for longer is tried twice more, since
# the machine may have had something else to do. Runs against the server of the environment
# (kra_with_server). CANCEL_VERBOSE=1 prints all times.
set -eu
cd "$(dirname "$0")/.."
bin=$("${PG_CONFIG:-pg_config}" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-cancel.XXXXXX")
trap 'rm -rf "$dir"' EXIT
# what a session of the caller's would change
unset PGOPTIONS PGTZ PGDATESTYLE PGDATABASE || :
rows=${CANCEL_ROWS:-500000}
people=${CANCEL_PEOPLE:-100}

bad=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d kra_cancel "$@"; }

"$bin/createdb" kra_cancel
sql -v rows="$rows" -v people="$people" >/dev/null <<'END'
SET client_min_messages = warning;
CREATE EXTENSION kra;
-- a long series that wanders, in no order of its values
CREATE UNLOGGED TABLE points AS
SELECT i::integer AS i, (hashint4extended(i, 1) & 1048575) / 1048576.0::float8 + i / 1e5 AS v, (hashint4extended(i, 2) & 1048575) / 1048576.0::float8 AS w
FROM generate_series(1, :rows) i;
-- a card as large as one may be, and another
CREATE UNLOGGED TABLE cards AS
SELECT k, kra.scorecard_agg('k' || i % 100, i || repeat('p', 60), 'outcome', i, CASE WHEN i % 3 > 0 THEN kra.inside(i, i + k, scale => 3) END, i % 5) AS card
FROM generate_series(1, 9900) i, generate_series(1, 6) k GROUP BY k;
CREATE UNLOGGED TABLE card_texts AS SELECT card::text AS text, card::jsonb AS jsonb FROM cards;
CREATE UNLOGGED TABLE texts AS SELECT repeat('<&" *_@#1. é', 2300000) AS text, repeat('a', 16000000) AS picture;
-- a catalogue, a large document, and a source
CREATE TABLE document AS
SELECT jsonb_build_object('effective_from', '2024-01-01',
    'roles', (SELECT jsonb_agg(jsonb_build_object('key', 'role' || r, 'name', 'Role ' || r, 'kras', jsonb_build_array(jsonb_build_object('name', 'Area ' || r, 'kpis',
                  (SELECT jsonb_agg(jsonb_build_object('key', 'kpi' || r || '_' || k, 'name', 'Calls number ' || r || ' ' || k, 'kind', CASE WHEN k % 2 = 0 THEN 'outcome' ELSE 'activity' END, 'target', '>= ' || k, 'description', repeat('said ', 100))) FROM generate_series(1, 5) k))))) FROM generate_series(1, size / 5) r),
    'subjects', (SELECT jsonb_agg(jsonb_build_object('key', 'person' || s, 'name', 'Person ' || s, 'kind', 'person', 'role', 'role' || 1 + s % 5) || CASE WHEN s > 1 THEN jsonb_build_object('parent', 'person' || s / 20 + 1) ELSE '{}' END) FROM generate_series(1, size) s)) AS document, size
FROM unnest(ARRAY[:people, 4000]) size;
SELECT count(*) FROM kra.define((SELECT document FROM document ORDER BY size LIMIT 1));
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual)
SELECT k.id, s.id, m::date, k.grid, kra.actual_agg(hashint8(s.id * 1000 + k.id) % 10, m::date)
FROM generate_series(timestamp '2024-01-01', '2025-11-01', '1 month') m, kra.kpis k, kra.subjects s WHERE k.key LIKE 'kpi' || 1 + substr(s.key, 7)::integer % 5 || '\_%' GROUP BY m, k.id, s.id;
CREATE TABLE facts AS SELECT 'person' || 1 + i % :people AS subject, date '2024-01-01' + i % 1000 AS at, (i % 17)::float8 AS value FROM generate_series(1, :rows) i;
SELECT count(*) FROM kra.define('{"kpis": [{"key": "collected", "name": "collected", "kind": "activity", "source": "public.facts"}]}');
VACUUM ANALYZE;
END

# A call a line: milliseconds until the cancel, what it is, the statement.
cat >"$dir/calls" <<'END'
400	theil_sen	SELECT kra.theil_sen(i::float8, v) FROM points
1000	theil_sen, late	SELECT kra.theil_sen(i::float8, v) FROM points
700	mann_kendall	SELECT kra.mann_kendall(v ORDER BY i) FROM points
1000	mann_kendall of values that are all the same, late	SELECT kra.mann_kendall(round(v) ORDER BY i) FROM points
700	driver, 120 lags	SELECT kra.driver(v, w, 120 ORDER BY i) FROM points
2000	driver, 120 lags, late	SELECT kra.driver(v, w, 120 ORDER BY i) FROM points
900	xmr_agg, median	SELECT kra.xmr_agg(v, 'median', true, NULL, NULL, NULL ORDER BY i) FROM points
900	last_signal	SELECT kra.last_signal(v, 'nelson' ORDER BY i) FROM points
900	plateau	SELECT kra.plateau(v, '>= 100000', 100000 ORDER BY i) FROM points
900	signal	SELECT count(s) FROM (SELECT kra.signal(v, 'nelson', (i / 3)::text) OVER (ORDER BY i) AS s FROM points) s
1300	signal, one segment, late	SELECT count(s) FROM (SELECT kra.signal(v, 'western_electric') OVER (ORDER BY i) AS s FROM points) s
700	trend_agg	SELECT kra.slope(kra.trend_agg(i::float8, v)) FROM points, generate_series(1, 20)
300	scorecard ||	SELECT kra.num_kpis(a.card || b.card) FROM cards a, cards b
300	rollup of cards	SELECT kra.num_kpis(kra.rollup(a.card)) FROM cards a, generate_series(1, 40)
300	scorecard_agg of the largest	SELECT kra.num_kpis(kra.scorecard_agg('k', i::text || g, 'outcome', v, NULL, 1)) FROM points, generate_series(1, 40) g WHERE i <= 10000 GROUP BY g
300	diff	SELECT count(*) FROM cards a, cards b, kra.diff(a.card, b.card)
300	card_findings	SELECT count(*) FROM cards a, kra.card_findings(a.card)
300	entries	SELECT count(*) FROM cards a, cards b, kra.entries(a.card)
300	imbalance, scores	SELECT kra.score(a.card), kra.coverage(a.card), kra.imbalance(a.card), kra.status(a.card) FROM cards a, generate_series(1, 60)
300	scorecard =, hash	SELECT count(DISTINCT a.card), count(*) FILTER (WHERE a.card = b.card AND a.card < b.card) FROM cards a, cards b, generate_series(1, 20)
300	scorecard as text	SELECT sum(length(a.card::text)) FROM cards a, cards b
300	scorecard out of text	SELECT sum(kra.num_kpis(text::kra.scorecard)) FROM card_texts, generate_series(1, 10)
300	scorecard as jsonb and back	SELECT sum(kra.num_kpis(a.card::jsonb::kra.scorecard)) FROM cards a, cards b
200	scorecard out of many elements	SELECT ('[' || repeat('[],', 6000000) || '1]')::kra.scorecard
200	scorecard out of one long string	SELECT ('["' || repeat('a', 20000000) || '"]')::kra.scorecard
200	scorecard out of what is no JSON	SELECT repeat('z', 20000000)::kra.scorecard
200	html	SELECT length(kra_internal.html('%s', text)) FROM texts
200	markdown	SELECT length(kra_internal.markdown('%s', text)) FROM texts
200	data_uri	SELECT length(kra.data_uri(picture)) FROM texts
300	xmr_svg	SELECT sum(length(kra.xmr_svg(a, 5, 1, 9, l, NULL, l, 'x', '>= 1', 4000, 4000))) FROM (SELECT array_agg(v) AS a, array_agg(CASE i % 3 WHEN 0 THEN 'none' ELSE 'beyond_high' END) AS l FROM points WHERE i <= 10000) s, generate_series(1, 100)
300	sparkline_svg	SELECT sum(length(kra.sparkline_svg(a, '', 4000, 4000, '>= 1'))) FROM (SELECT array_agg(v) AS a FROM points WHERE i <= 10000) s, generate_series(1, 1000)
300	context	SELECT sum(length(kra.context(v, '>= 1', w, repeat('%', 10000), repeat('a', 10000)))) FROM points
500	sum of targets	SELECT kra.sum(kra.at_least(v, v - 1)) FROM points, generate_series(1, 5)
400	define, a document of several MB	SELECT count(*) FROM kra.define((SELECT document FROM document ORDER BY size DESC LIMIT 1))
2500	define, late	SELECT count(*) FROM kra.define((SELECT document FROM document ORDER BY size DESC LIMIT 1))
700	definition	SELECT length(kra.definition()::text)
400	collect	SELECT * FROM kra.collect('collected', "full" => true)
1500	collect, late	SELECT * FROM kra.collect('collected', "full" => true)
400	findings	SELECT count(*) FROM kra_bi.findings
2000	findings, late	SELECT count(*) FROM kra_bi.findings
400	kpi_results	SELECT count(*) FROM (SELECT * FROM kra_bi.kpi_results OFFSET 0) s
400	scorecards	SELECT count(*) FROM (SELECT * FROM kra_bi.scorecards OFFSET 0) s
400	imbalances	SELECT count(*) FROM (SELECT * FROM kra_bi.imbalances OFFSET 0) s
400	due	SELECT count(*) FROM kra_bi.due
100	report	SELECT length(kra.report('person1', '2025-11', '2025-12-05'))
800	dashboard	SELECT length(kra.dashboard('2025-11', '2025-12-05'))
2000	dashboard, late	SELECT length(kra.dashboard('2025-11', '2025-12-05'))
100	review_agenda	SELECT count(*) FROM kra.review_agenda('person1', '2025-11', '2025-12-05')
100	close_review	SELECT kra.close_review('person1', '2025-11', repeat('a', 1000))
END

# Runs the calls of a file, and puts what is wrong, and what was slow, into another.
# 57014: cancelled; no error: done before. Anything else says that the call is not what it was.
run_calls() {
    {
        printf 'SET client_min_messages = error;\nSET jit = off;\n\\set VERBOSITY sqlstate\n'
        while IFS='	' read -r ms what statement; do
            [ -n "${CANCEL_ONLY:-}" ] && case $what in *"$CANCEL_ONLY"*) ;; *) continue ;; esac
            printf '\\echo CALL %s %s\nSET statement_timeout = %s;\n\\timing on\n%s;\n\\timing off\nSET statement_timeout = 0;\n' "$ms" "$what" "$ms" "$statement"
        done <"$1"
    } >"$dir/calls.sql"
    sql -v ON_ERROR_STOP=0 -f "$dir/calls.sql" >"$dir/out" 2>&1 || wrong "psql failed: $(tail -n 3 "$dir/out")"
    perl -ne '
        if (/^CALL (\d+) (.*)/) { ($ms, $what, $state) = ($1, $2, "done"); $n++ }
        elsif (/ERROR:  (\w{5})$/) { $state = $1 }
        elsif (/^Time: ([\d.]+) ms/) {
            $over = $1 - $ms;
            printf "%-55s %8.0f ms, cancelled after %5d: %s\n", $what, $1, $ms, $state if $ENV{CANCEL_VERBOSE};
            $cancelled++ if $state eq "57014";
            print "WRONG: $what: $state\n" if $state ne "done" && $state !~ /^(57014|22P02|54000)$/;
            printf "SLOW: %s went on for %.0f ms after the cancel\n", $what, $over if $over > 1000;
        }
        END { print "WRONG: of $n calls only ", $cancelled + 0, " were cancelled\n" if $cancelled < $n / 2 && $n > 20 }
    ' "$dir/out" >"$2"
}
run_calls "$dir/calls" "$dir/found"
for _ in 1 2; do
    sed -n 's/^SLOW: \(.*\) went on for .*/\1/p' "$dir/found" >"$dir/slow"
    [ -s "$dir/slow" ] || break
    awk -F '\t' 'NR == FNR { slow[$0] = 1; next } $2 in slow' "$dir/slow" "$dir/calls" >"$dir/again"
    grep -v '^SLOW' "$dir/found" >"$dir/kept" || :
    run_calls "$dir/again" "$dir/found"
    cat "$dir/kept" >>"$dir/found"
done
cat "$dir/found"
! grep -qE '^(WRONG|SLOW)' "$dir/found" || bad=1
"$bin/dropdb" kra_cancel
[ "$bad" -eq 0 ]
