-- record: what people enter by hand, and answers of surveys by their scale.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

INSERT INTO kra.settings (fiscal_year_start_month) VALUES (4);
INSERT INTO kra.subjects (key, name, kind) VALUES ('sam', 'Sam', 'person'), ('O''Brien "x"; --', 'O', 'person');
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, scale, scale_labels) SELECT k, k, 'outcome', o, o, c, s, l FROM (VALUES
    ('revenue', 'sum', 'month', NULL, NULL::text[]), ('quality', 'mean', 'week', NULL, NULL), ('waits', 'ratio', 'quarter', NULL, NULL), ('headcount', 'last', 'year', NULL, NULL), ('demos', 'count', 'day', NULL, NULL),
    ('box', 'ratio', 'month', 'csat_top_two_box', NULL), ('csat', 'ratio', 'month', 'csat_mean', NULL), ('nps', 'ratio', 'month', 'nps', NULL), ('mood', 'ratio', 'month', 'ordinal', '{bad,fair,good,"very good"}')) v(k, o, c, s, l);

-- a value, in place of the one before or beside it
SELECT * FROM kra.record('revenue', 'sam', '2026-03-17', 1200);
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1500);
SELECT * FROM kra.record('revenue', 'sam', '2026-03-31', 250.5, add => true);
SELECT * FROM kra.record('revenue', 'sam', '2026-04-01', -3, add => true);
SELECT * FROM kra.record('revenue', 'sam', '2026-04-02', 0, NULL, NULL);
SELECT period_start, grid, actual, source FROM kra.measurements ORDER BY 1;
-- every cadence has its period; a label follows the fiscal year
SELECT * FROM kra.record('quality', 'sam', '2026-01-01', 4);
SELECT * FROM kra.record('quality', 'sam', '2025-12-29', 1, add => true);
SELECT * FROM kra.record('waits', 'sam', '2026-03-31', 90, 100);
SELECT * FROM kra.record('waits', 'sam', '2026-01-01', 1, 100, add => true);
SELECT * FROM kra.record('waits', 'sam', '2026-04-01', 0, weight => 0);
SELECT * FROM kra.record('headcount', 'sam', '2025-04-01', 12);
SELECT * FROM kra.record('headcount', 'sam', '2026-03-31', 15, add => true);
SELECT * FROM kra.record('headcount', 'sam', '2025-12-31', 99, add => true);
SELECT * FROM kra.record('demos', 'O''Brien "x"; --', '2026-05-05', 1);
SELECT * FROM kra.record('demos', 'O''Brien "x"; --', '2026-05-05', 1, add => true);
-- what it writes is what actual_agg and rollup make
SELECT count(*) AS compared, count(*) FILTER (WHERE m.actual = e.actual) AS same FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id JOIN (VALUES
    ('quality', (SELECT kra.actual_agg(v, d) FROM (VALUES (4, date '2026-01-01'), (1, '2025-12-29')) x(v, d))), ('headcount', (SELECT kra.actual_agg(v, d) FROM (VALUES (12, date '2025-04-01'), (15, '2026-03-31'), (99, '2025-12-31')) x(v, d))),
    ('demos', (SELECT kra.actual_agg(1, d) FROM unnest('{2026-05-05,2026-05-05}'::date[]) d))) e(key, actual) ON e.key = k.key;

-- every answer of every scale
SELECT scale, string_agg(a || ': ' || coalesce(kra.answer_score(scale, NULL, a)::text, '-'), '  ' ORDER BY n) FROM unnest('{csat_top_two_box,csat_mean,nps}'::text[]) scale, unnest('{-1,0,1,2,3,4,5,6,7,8,9,10,11,5.0,2.5,05,"",x}'::text[]) WITH ORDINALITY u(a, n) GROUP BY scale ORDER BY scale;
SELECT l, array_agg(kra.answer_score('ordinal', '{bad,fair,good,"very good"}', l)), array_agg(kra.answer_score('ordinal', '{no,yes}', l)) FROM unnest('{bad,fair,good,"very good",Good,no,yes,1}'::text[]) WITH ORDINALITY u(l, n) GROUP BY l, n ORDER BY n;
SELECT kra.answer_score(NULL, NULL, '5'), kra.answer_score('nps', NULL, NULL), kra.answer_score('stars', NULL, '5'), kra.answer_score('ordinal', NULL, 'good');
-- answers, one by one and all at once
SELECT * FROM kra.record('box', 'sam', '2026-03-01', answers => ARRAY[5, 4, 3, 1]);
SELECT * FROM kra.record('box', 'sam', '2026-03-31', 4, add => true);
SELECT * FROM kra.record('csat', 'sam', '2026-03-01', ARRAY[5, 4, 3, 1, 2.0]);
SELECT * FROM kra.record('nps', 'sam', '2026-03-01', '{10,9,8,7,6,0}'::text[]);
SELECT * FROM kra.record('nps', 'sam', '2026-03-02', '{0,0}'::int[], true);
SELECT * FROM kra.record('mood', 'sam', '2026-03-01', ARRAY['bad', 'very good', 'good']);
SELECT key, actual FROM kra.measurements JOIN kra.kpis ON kpi_id = id WHERE scale IS NOT NULL ORDER BY 1;
-- net promoter score by its own definition, over every number of promoters and detractors
WITH counted AS (
    SELECT p, d, q, r.recorded_value AS nps, r.n FROM generate_series(0, 3) p, generate_series(0, 3) d, generate_series(0, 2) q,
        LATERAL kra.record('nps', 'sam', '2026-03-01', answers => array_fill(9 + p % 2, ARRAY[p]) || array_fill(6 - d, ARRAY[d]) || array_fill(7, ARRAY[q])) r WHERE p + d + q > 0
)
SELECT count(*) AS compared, count(*) FILTER (WHERE abs(nps - 100.0 * (p - d) / (p + d + q)) < 1e-12 AND n = p + d + q) AS same FROM counted;

-- taken back
SELECT period_label, period_start, removed_value, n, recorded_at = (SELECT max(recorded_at) FROM kra.measurements WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'box')) AS when_recorded FROM kra.unrecord('box', 'sam', '2026-03-15');
SELECT * FROM kra.unrecord('box', 'sam', '2026-03-15');
SELECT * FROM kra.unrecord('box', 'sam', NULL);

-- what is refused, and writes nothing
CREATE TEMP TABLE before AS SELECT count(*) AS n, sum(hashtext(actual::text)) AS h FROM kra.measurements;
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    EXECUTE 'SELECT FROM kra.' || call;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(hint, ''));
END $$;
INSERT INTO kra.kpis (key, name, kind, state) VALUES ('idea', 'i', 'outcome', 'candidate'), ('old', 'o', 'outcome', 'retired');
INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES ('collected', 'c', 'outcome', 'wh.c');
\pset format unaligned
SELECT call, pg_temp.try(call) FROM unnest(ARRAY[
    $$record('nothing', 'sam', '2026-03-01', 1)$$, $$record(NULL, 'sam', '2026-03-01', 1)$$, $$record('revenue', 'no''body', '2026-03-01', 1)$$, $$record('revenue', NULL, '2026-03-01', 1)$$,
    $$record('idea', 'sam', '2026-03-01', 1)$$, $$record('old', 'sam', '2026-03-01', 1)$$, $$record('collected', 'sam', '2026-03-01', 1)$$, $$record('collected', 'sam', '2026-03-01', '{5}'::int[])$$,
    $$record('revenue', 'sam', NULL, 1)$$, $$record('revenue', 'sam', 'infinity', 1)$$, $$record('revenue', 'sam', '1899-12-31', 1)$$, $$record('revenue', 'sam', '20260-01-01', 1)$$,
    $$record('revenue', 'sam', '2026-03-01', NULL::float8)$$, $$record('revenue', 'sam', '2026-03-01', 'NaN'::float8)$$, $$record('revenue', 'sam', '2026-03-01', 'infinity'::float8)$$, $$record('revenue', 'sam', '2026-03-01', '-infinity'::float8)$$,
    $$record('revenue', 'sam', '2026-03-01', 1, 2)$$, $$record('waits', 'sam', '2026-03-01', 1)$$, $$record('waits', 'sam', '2026-03-01', 1, -1)$$, $$record('waits', 'sam', '2026-03-01', 1, 'NaN')$$, $$record('waits', 'sam', '2026-03-01', 1, 'infinity')$$,
    $$record('demos', 'sam', '2026-03-01', 12)$$, $$record('revenue', 'sam', '2026-03-01', '{1,2}'::int[])$$,
    $$record('nps', 'sam', '2026-03-01', 11)$$, $$record('nps', 'sam', '2026-03-01', 9.5)$$, $$record('nps', 'sam', '2026-03-01', 'NaN'::float8)$$, $$record('nps', 'sam', '2026-03-01', 9, 1)$$, $$record('nps', 'sam', '2026-03-01', NULL::float8)$$,
    $$record('nps', 'sam', '2026-03-01', '{}'::int[])$$, $$record('nps', 'sam', '2026-03-01', NULL::int[])$$, $$record('nps', 'sam', '2026-03-01', '{9,NULL}'::int[])$$, $$record('csat', 'sam', '2026-03-01', '{5,0}'::int[])$$, $$record('box', 'sam', '2026-03-01', '{5,6}'::int[])$$,
    $$record('mood', 'sam', '2026-03-01', '{good,Bad}'::text[])$$, $$record('mood', 'sam', '2026-03-01', 3)$$,
    $$unrecord('nothing', 'sam', '2026-03-01')$$, $$unrecord('revenue', 'nobody', '2026-03-01')$$, $$unrecord('revenue', 'sam', '2020-03-01')$$, $$unrecord('revenue', 'sam', 'infinity')$$]) call;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source) SELECT k.id, s.id, '2026-03-01', kra.actual_agg(1, date '2026-03-01'), 'wh.c' FROM kra.kpis k, kra.subjects s WHERE k.key = 'collected' AND s.key = 'sam' GROUP BY 1, 2;
SELECT pg_temp.try($$unrecord('collected', 'sam', '2026-03-01')$$);
\pset format aligned
SELECT m.n - b.n AS rows_more, m.h = b.h AS same FROM before b, (SELECT count(*) AS n, sum(hashtext(actual::text)) AS h FROM kra.measurements WHERE source = 'record') m;

-- with the caller's rights
CREATE ROLE regress_kra_clerk;
SET ROLE regress_kra_clerk;
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1);
RESET ROLE;
SELECT kra.grant_reader('regress_kra_clerk');
SET ROLE regress_kra_clerk;
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1);
RESET ROLE;
SELECT kra.grant_keeper('regress_kra_clerk');
SET ROLE regress_kra_clerk;
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1);
RESET ROLE;
UPDATE kra.subjects SET login = 'regress_kra_clerk' WHERE key = 'sam';   -- before that, not even a subject that they may know of
SET ROLE regress_kra_clerk;
SELECT * FROM kra.record('demos', 'O''Brien "x"; --', '2026-05-05', 1);
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1);
SELECT period_label, removed_value FROM kra.unrecord('revenue', 'sam', '2026-03-01');
RESET ROLE;
-- what was collected is changed by hand by an admin alone, though its KPI is collected no longer; and all of it is logged
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source) SELECT k.id, s.id, '2026-03-01', kra.actual_agg(1, date '2026-03-01'), 'wh.c' FROM kra.kpis k, kra.subjects s WHERE k.key = 'revenue' AND s.key = 'sam' GROUP BY 1, 2;
SET ROLE regress_kra_clerk;
SELECT * FROM kra.record('revenue', 'sam', '2026-03-01', 1);
SELECT * FROM kra.unrecord('revenue', 'sam', '2026-03-01');
UPDATE kra.measurements SET actual = (SELECT kra.actual_agg(2, date '2026-03-01')) WHERE source = 'wh.c';
DELETE FROM kra.measurements WHERE source = 'wh.c';
RESET ROLE;
SELECT kra.grant_admin('regress_kra_clerk');
SET ROLE regress_kra_clerk;
SELECT recorded_value, previous_value FROM kra.record('revenue', 'sam', '2026-03-01', 1);
RESET ROLE;
SELECT row_key, operation, before->>'source' AS source, (before->>'actual' <> after->>'actual') AS changed FROM kra.definition_log WHERE table_name = 'measurements' AND changed_by = 'regress_kra_clerk' ORDER BY id;
DROP OWNED BY regress_kra_clerk;
DROP ROLE regress_kra_clerk;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
