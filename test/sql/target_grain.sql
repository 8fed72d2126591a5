-- What a period without data means, and what period a target is for: as people write it, and what
-- comes of it in lines.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

CREATE FUNCTION pg_temp.fault(document jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM kra.define(document);
    RAISE EXCEPTION USING ERRCODE = 'KRAOK';     -- which undoes it
EXCEPTION WHEN SQLSTATE 'KRAOK' THEN
    RETURN 'accepted';
WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.line(kpi text, subject text, period text, as_of date, OUT actual numeric, OUT target text,
    OUT attainment numeric, OUT status text, OUT weight float8, OUT coverage numeric)
LANGUAGE sql AS $$
    SELECT round(l.actual::numeric, 4), l.target::text, round(l.attainment::numeric, 4), l.status::text, l.weight, round(l.coverage::numeric, 3)
    FROM kra.kpis k, kra.subjects s, kra_internal.lines(as_of, '2025-01-01', as_of, ARRAY[s.id], ARRAY[k.id]) l
    WHERE k.key = line.kpi AND s.key = line.subject AND kra_internal.grid_label(l.grid, l.period_start) = line.period $$;

SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
 "subjects": [{"key": "t", "name": "T", "kind": "team"},
  {"key": "a", "name": "A", "kind": "person", "parent": "t", "role": "seller"},
  {"key": "b", "name": "B", "kind": "person", "parent": "t", "role": "seller"}],
 "roles": [{"key": "seller", "name": "Seller", "kras": [{"name": "Revenue", "kpis": [
   {"key": "sales", "name": "Sales", "kind": "outcome", "weight": 3, "target": ">= 10000"},
   {"key": "calls", "name": "Calls", "kind": "activity", "weight": 2, "target": ">= 400"},
   {"key": "share", "name": "Share", "kind": "outcome", "over_time": "ratio", "target": ">= 0.4"}]}]}]}');
SELECT count(*) FROM (VALUES ('sales', 'a', date '2025-08-10', 9000), ('sales', 'a', '2025-10-02', 8000),
                             ('calls', 'a', '2025-09-10', 320), ('calls', 'b', '2025-09-10', 400)) v (k, s, at, x),
    LATERAL kra.record(k, s, at, x);
SELECT count(*) FROM kra.record('share', 'a', '2025-09-10', 41.7, 100);

-- Nobody sold in September. Without a word it is not known, and counts nowhere; with it, it is 0.
SELECT kpi, l.* FROM unnest('{sales,calls,share}'::text[]) kpi, pg_temp.line(kpi, 'a', '2025-09', '2025-10-31') l;
SELECT operation, object, after->>'missing' AS missing FROM kra.define('{"kpis": [{"key": "sales", "missing": "zero"}]}');
SELECT kpi, l.* FROM unnest('{sales,calls,share}'::text[]) kpi, pg_temp.line(kpi, 'a', '2025-09', '2025-10-31') l;
SELECT round((sum(l.weight * l.attainment) / sum(l.weight))::numeric, 2) AS score
FROM unnest('{sales,calls,share}'::text[]) kpi, pg_temp.line(kpi, 'a', '2025-09', '2025-10-31') l;
SELECT s AS subject, period, l.* FROM (VALUES ('b', '2025-09'), ('b', '2025-10'), ('b', '2025-11'), ('t', '2025-09')) v (s, period),
    LATERAL pg_temp.line('sales', s, period, '2025-11-30') l;
SELECT kra.definition('seller', '2025-12-31') #> '{roles,0,kras,0,kpis,0}' AS given_back;
SELECT count(*) AS again FROM kra.define(kra.definition('seller', '2025-12-31'));
SELECT count(*) AS again FROM kra.define(kra.definition(NULL, '2025-12-31'));
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY['{"kpis": [{"key": "share", "missing": "zero"}]}', '{"kpis": [{"key": "sales", "over_time": "mean", "over_subjects": "mean"}]}',
  '{"kpis": [{"key": "sales", "missing": "nothing"}]}', '{"kpis": [{"key": "sales", "missing": 0}]}',
  '{"roles": [{"key": "seller", "kras": [{"name": "Revenue", "kpis": [{"key": "calls"}, {"key": "nps", "name": "NPS", "kind": "outcome", "over_time": "mean", "missing": "zero"}]}]}]}',
  '{"kpis": [{"key": "visits", "name": "Visits", "kind": "activity", "over_time": "count", "missing": "zero"}]}']) d;
UPDATE kra.kpis SET missing = 'zero' WHERE key = 'share';
SELECT operation, after->>'missing' AS missing FROM kra.define('{"kpis": [{"key": "sales", "missing": null}]}');
SELECT kra.definition('seller', '2025-12-31') #> '{roles,0,kras,0,kpis,0}' ? 'missing' AS given_back;

-- A year's number on a monthly sum: a twelfth each, or as phased; the year's number to the digit.
SELECT operation, object, row_key FROM kra.define('{"effective_from": "2025-01-01",
 "subjects": [{"key": "c", "name": "C", "kind": "person", "parent": "t", "role": "lead"}, {"key": "d", "name": "D", "kind": "person", "role": "lead"}],
 "roles": [{"key": "lead", "name": "Lead", "kras": [{"name": "Growth", "kpis": [
   {"key": "revenue", "name": "Revenue", "kind": "outcome", "target": ">= 1000.1 threshold 800", "target_grain": "year"},
   {"key": "quota", "name": "Quota", "kind": "outcome", "target": ">= 50300", "target_grain": "quarter"},
   {"key": "phased", "name": "Phased", "kind": "outcome", "target": ">= 600", "target_grain": "year", "phasing": [3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]},
   {"key": "visits", "name": "Visits", "kind": "activity", "over_time": "count", "cadence": "week", "target": "<= 530", "target_grain": "year"},
   {"key": "mood", "name": "Mood", "kind": "outcome", "over_time": "mean", "target": ">= 7", "target_grain": "year"}]}]}],
 "targets": [{"kpi": "phased", "subject": "d", "target": ">= 300", "target_grain": "quarter", "phasing": [1, 0.5, 1.5]}]}') WHERE object IN ('result_area_kpis', 'targets');
SELECT count(*) FROM generate_series(1, 12) m, unnest('{revenue,quota,phased,mood}'::text[]) k, unnest('{c,d}'::text[]) s,
    LATERAL kra.record(k, s, make_date(2025, m, 15), 7);
SELECT k.key AS kpi, s.key AS subject, string_agg(l.target::text, '  ' ORDER BY l.period_start) AS months
FROM kra_internal.lines('2025-12-31', '2025-01-01', '2025-12-31') l JOIN kra.kpis k ON k.id = l.kpi_id JOIN kra.subjects s ON s.id = l.subject_id
WHERE s.key IN ('c', 'd') AND k.key = 'phased' AND kra_internal.grid_grain(l.grid) = 'month' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT kpi, s AS subject, period, l.target FROM (VALUES ('revenue', 'c', '2025'), ('revenue', 'c', '2025-H1'), ('quota', 'c', '2025-Q1'), ('quota', 'c', '2025-Q3'), ('quota', 'c', '2025'),
    ('phased', 'c', '2025-Q1'), ('phased', 'c', '2025'), ('phased', 'd', '2025-Q1'), ('phased', 'd', '2025'), ('mood', 'c', '2025-03'), ('mood', 'c', '2025')) v (kpi, s, period),
    LATERAL pg_temp.line(kpi, s, period, '2025-12-31') l;

-- Given back, and applied again; what is left out stays, and NULL takes it back.
SELECT jsonb_pretty(kra.definition('lead', '2025-12-31') #> '{roles,0,kras,0,kpis,2}'), kra.definition(NULL, '2025-12-31')->'targets' AS targets;
SELECT count(*) AS again FROM kra.define(kra.definition('lead', '2025-12-31'));
SELECT count(*) AS again FROM kra.define(kra.definition(NULL, '2025-12-31'));
CREATE FUNCTION pg_temp.aims() RETURNS TABLE (key text, since date, target text, target_grain text, phasing float8[], is_revised boolean, set_by text)
LANGUAGE sql AS $$
    SELECT concat_ws('/', k.key, a.key), x.effective_from, x.target::text, x.target_grain, x.phasing, x.revised_at IS NOT NULL, CASE x.set_by WHEN session_user THEN 'me' ELSE x.set_by END
    FROM kra.result_area_kpis x JOIN kra.kpis k ON k.id = x.kpi_id JOIN kra.result_areas a ON a.id = x.result_area_id WHERE k.key = 'phased'
    UNION ALL
    SELECT concat_ws('/', k.key, s.key), x.effective_from, x.target::text, x.target_grain, x.phasing, x.revised_at IS NOT NULL, CASE x.set_by WHEN session_user THEN 'me' ELSE x.set_by END
    FROM kra.targets x JOIN kra.kpis k ON k.id = x.kpi_id JOIN kra.subjects s ON s.id = x.subject_id
    ORDER BY 1, 2 $$;
UPDATE kra.targets SET set_by = 'somebody';
UPDATE kra.result_area_kpis SET set_by = 'somebody';
SELECT * FROM pg_temp.aims();
SELECT count(*) FROM kra.define('{"effective_from": "2025-01-01", "targets": [{"kpi": "phased", "subject": "d", "note": "as agreed"}]}');
SELECT since, target, target_grain, phasing, is_revised, set_by FROM pg_temp.aims() WHERE key = 'phased/d';
SELECT before->'phasing' AS before, after->'phasing' AS after FROM kra.define('{"effective_from": "2025-01-01", "targets": [{"kpi": "phased", "subject": "d", "phasing": [1, 1, 2]}]}');
SELECT since, target, target_grain, phasing, is_revised, set_by FROM pg_temp.aims() WHERE key = 'phased/d';
SELECT count(*) FROM kra.define('{"targets": [{"kpi": "phased", "subject": "d", "target": ">= 310", "effective_from": "2025-04-01"},
  {"kpi": "phased", "subject": "d", "target_grain": "year", "effective_from": "2025-07-01"}, {"kpi": "phased", "subject": "d", "phasing": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9], "effective_from": "2025-08-01"},
  {"kpi": "phased", "subject": "d", "target_grain": null, "effective_from": "2025-09-01"},
  {"kpi": "phased", "subject": "d", "target_grain": "half_year", "phasing": [1, 2, 3, 4, 5, 6], "effective_from": "2025-10-01"},
  {"kpi": "phased", "subject": "d", "target": null, "effective_from": "2025-11-01"}, {"kpi": "phased", "subject": "d", "target": ">= 5", "effective_from": "2025-12-01"}]}');
SELECT since, target, target_grain, phasing FROM pg_temp.aims() WHERE key = 'phased/d';
SELECT after->'target' AS target, after->'target_grain' AS grain, after->'phasing' AS phasing, operation, row_key
FROM kra.define('{"effective_from": "2025-06-01", "roles": [{"key": "lead", "kras": [{"name": "Growth", "kpis": [{"key": "revenue"}, {"key": "quota", "phasing": [1, 1, 2]}, {"key": "visits"}, {"key": "mood"}]},
    {"name": "Elsewhere", "kpis": [{"key": "phased", "weight": 2}]}]}]}') WHERE object = 'result_area_kpis';
SELECT * FROM pg_temp.aims() WHERE key ~ 'Growth|Elsewhere';
SELECT operation, before->'phasing' AS before, after->'phasing' AS after FROM kra.define('{"effective_from": "2025-06-01", "roles": [{"key": "lead", "kras": [{"name": "Growth", "kpis": [{"key": "revenue"}, {"key": "quota"}, {"key": "visits"}, {"key": "mood"}]},
    {"name": "Elsewhere", "kpis": [{"key": "phased", "phasing": null}]}]}]}');
SELECT * FROM pg_temp.aims() WHERE key ~ 'Elsewhere';
SELECT count(*) AS again FROM kra.define(kra.definition('lead', '2025-12-31'));

-- Where nothing can be written, what it would change is said, too.
BEGIN TRANSACTION READ ONLY;
SELECT operation, row_key, before, after FROM kra.define('{"effective_from": "2025-06-01", "targets": [{"kpi": "phased", "subject": "d", "target_grain": "year"}, {"kpi": "quota", "subject": "d", "target": ">= 5", "target_grain": "quarter", "phasing": [1, 2, 3]}],
  "roles": [{"key": "lead", "kras": [{"name": "Growth", "kpis": [{"key": "revenue", "target_grain": "year"}, {"key": "quota", "phasing": null}, {"key": "visits", "target": null}, {"key": "mood"}]}, {"name": "Elsewhere", "kpis": [{"key": "phased"}]}]}]}', dry_run => true);
SELECT count(*) AS again FROM kra.define(kra.definition(NULL, '2025-12-31'), dry_run => true);
COMMIT;

-- What cannot be, with its path.
CREATE FUNCTION pg_temp.fault_of_card(members text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.fault(format('{"effective_from": "2025-01-01", "roles": [{"key": "lead", "kras": [{"name": "Growth", "kpis": [{"key": "mood"}, {%s}]}]}]}', members)::jsonb) $$;
SELECT pg_temp.fault_of_card(x) FROM unnest(ARRAY[
  '"key": "visits", "target_grain": "day"', '"key": "visits", "target_grain": "decade"', '"key": "visits", "target_grain": ["year"]', '"key": "quota", "target_grain": "week"',
  '"key": "quota", "phasing": [1, 2]', '"key": "quota", "phasing": [1]', '"key": "quota", "target_grain": "year", "phasing": [1, 1, 1, 1]', '"key": "quota", "target_grain": "half_year", "phasing": [1, 1, 1]',
  '"key": "quota", "target_grain": "month", "phasing": [1, 1]', '"key": "quota", "target_grain": null, "phasing": [1, 1, 1]', '"key": "quota", "target": null, "target_grain": "year"', '"key": "quota", "target": null, "phasing": [1]',
  '"key": "mood2", "name": "Mood", "kind": "outcome", "over_time": "mean", "target": ">= 7", "target_grain": "quarter", "phasing": [1, 1, 1]',
  '"key": "visits", "target_grain": "month", "phasing": [1, 1, 1]', '"key": "visits", "target_grain": "quarter", "phasing": [1, 1, 1]',
  '"key": "new", "name": "New", "kind": "outcome", "cadence": "quarter", "target": ">= 5", "target_grain": "month"',
  '"key": "quota", "phasing": 3', '"key": "quota", "phasing": []', '"key": "quota", "phasing": [1, "2", 3]', '"key": "quota", "phasing": [1, [2], 3]', '"key": "quota", "phasing": [1, null, 3]',
  '"key": "quota", "phasing": [1, -1, 3]', '"key": "quota", "phasing": [0, 0, 0]', '"key": "quota", "phasing": [0, 0, 1e51]', '"key": "quota", "phasing": [0, 0, 1e-310]']) x;
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY[
  '{"targets": [{"kpi": "quota", "subject": "c", "target": ">= 5", "target_grain": "year"}, {"kpi": "quota", "subject": "d", "target": ">= 5", "phasing": [1, 1, 1]}]}',
  '{"targets": [{"kpi": "visits", "subject": "c", "target": ">= 5", "target_grain": "day"}]}', '{"targets": [{"kpi": "visits", "subject": "c", "target_grain": "year"}]}',
  '{"kpis": [{"key": "new", "name": "New", "kind": "outcome", "cadence": "day"}], "targets": [{"kpi": "new", "subject": "c", "target": ">= 5", "target_grain": "month", "phasing": [1]}]}',
  '{"kpis": [{"key": "new", "name": "New", "kind": "outcome", "cadence": "quarter"}], "targets": [{"kpi": "new", "subject": "c", "target": ">= 5", "target_grain": "quarter", "phasing": [1]}]}',
  '{"effective_from": "2025-01-01", "kpis": [{"key": "quota", "over_time": "max"}]}',
  '{"targets": [{"kpi": "new", "subject": "c", "target_grain": "year"}]}', '{"kpis": [{"key": "x", "target_grain": "year"}]}']) d;
-- ... a cadence, under the targets that are there
SELECT count(*) FROM kra.define('{"effective_from": "2025-01-01", "kpis": [{"key": "plan", "name": "Plan", "kind": "outcome"}],
  "targets": [{"kpi": "plan", "subject": "d", "target": ">= 5", "target_grain": "month"}]}');
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY['{"effective_from": "2025-02-01", "kpis": [{"key": "plan", "cadence": "quarter"}]}',
  '{"effective_from": "2025-02-01", "kpis": [{"key": "plan", "cadence": "quarter"}], "targets": [{"kpi": "plan", "subject": "d", "target_grain": null}]}']) d;
-- ... by the calendar in force: 52 and 53 weeks, 4 and 5 in a month
SELECT n, pg_temp.fault(format('{"targets": [{"kpi": "visits", "subject": "c", "target": ">= 5", "target_grain": "%s", "phasing": %s}]}', grain, to_jsonb(array_fill(1, ARRAY[n])))::jsonb)
FROM (VALUES ('year', 51), ('year', 52), ('year', 53), ('year', 54), ('month', 3), ('month', 4), ('month', 5), ('month', 6), ('quarter', 14), ('half_year', 26)) v (grain, n);
SELECT w, p, kra_internal.part_counts(kra_internal.grid(w, 4, 7, c), kra_internal.grid(p, 4, 7, c)) AS counts, c AS calendar
FROM (VALUES ('year', 'month', 'months'), ('year', 'day', 'months'), ('half_year', 'month', 'months'), ('quarter', 'week', 'months'), ('month', 'day', 'months'), ('week', 'day', 'months'), ('month', 'month', 'months'),
    ('year', 'week', '4-4-5'), ('quarter', 'week', '4-4-5'), ('month', 'week', '4-4-5'), ('year', 'day', '4-4-5')) v (w, p, c);

-- Set by hand: the same words, the same faults.
SELECT count(*) FROM kra.define('{"effective_from": "2025-01-01", "kpis": [{"key": "deals", "name": "Deals", "kind": "outcome"}]}');
SELECT kra.set_target('deals', 'd', '>= 50300', '2025-01-01', target_grain => 'quarter');
SELECT kra.set_target('deals', 'd', '>= 50300', '2025-02-01') AS in_force_already, kra.set_target('deals', 'd', '>= 50300', '2025-02-01', target_grain => 'quarter') AS too;
SELECT kra.set_target('deals', 'd', '>= 50300', '2025-04-01', phasing => '{1,1,2}'), kra.set_target('deals', 'd', '>= 50300', '2025-05-01', note => 'agreed') AS noted;
SELECT kra.set_target('deals', 'd', '>= 50300', '2025-07-01', phasing => '{}') AS equally, kra.set_target('deals', 'd', '>= 50300', '2025-08-01', phasing => '{}') AS again;
SELECT kra.set_target('deals', 'd', '>= 60000', '2025-08-01', target_grain => 'half_year', phasing => '{1,1,1,1,1,2}'), kra.set_target('deals', 'd', '>= 60000', '2025-09-01', target_grain => 'year') AS other_grain;
SELECT kra.set_target('deals', 'd', '>= 60000', '2025-10-01', target_grain => 'month') AS a_month, kra.set_target('deals', 'd', NULL, '2025-11-01') AS none, kra.set_target('deals', 'd', '>= 5', '2025-12-01') AS new_one;
SELECT since, target, target_grain, phasing, is_revised FROM pg_temp.aims() WHERE key = 'deals/d';
SELECT kra.set_target('deals', 'd', '>= 60000', '2025-09-01', target_grain => 'year', phasing => '{1,1,1,1,1,1,1,1,1,1,1,0}');
SELECT since, target, target_grain, phasing, is_revised FROM pg_temp.aims() WHERE key = 'deals/d' AND since = '2025-09-01';
SELECT before->'phasing' AS before, after->'phasing' AS after FROM kra.definition_log ORDER BY id DESC LIMIT 1;
SELECT kra.set_target('quota', 'c', '>= 100000', '2025-01-01', target_grain => 'year', phasing => '{1,2,3,4,5,6,7,8,9,10,11,12}');
SELECT round(sum(kra.lower(l.target))::numeric, 6) AS months, min(l.target::text) FILTER (WHERE l.period_start = '2025-07-01') AS july
FROM kra_internal.lines('2025-12-31', '2025-01-01', '2025-12-31') l JOIN kra.kpis k ON k.id = l.kpi_id JOIN kra.subjects s ON s.id = l.subject_id
WHERE k.key = 'quota' AND s.key = 'c' AND kra_internal.grid_grain(l.grid) = 'month';
SELECT period, l.target FROM (VALUES ('2025-Q1'), ('2025')) v (period), LATERAL pg_temp.line('quota', 'c', period, '2025-12-31') l;
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT kra.set_target('deals', 'd', '>= 70000', '2025-09-01');
\set VERBOSITY terse
SELECT kra.set_target('deals', 'd', '>= 1', '2025-09-01', target_grain => 'fortnight');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-09-01', target_grain => 'week');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-12-01', phasing => '{1,2}');
SELECT kra.set_target('deals', 'd', NULL, '2025-12-01', target_grain => 'year');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-12-01', target_grain => 'quarter', phasing => '{1,2}');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-12-01', target_grain => 'quarter', phasing => '{0,0,0}');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-12-01', target_grain => 'quarter', phasing => '{0,NULL,1}');
SELECT kra.set_target('deals', 'd', '>= 1', '2025-12-01', target_grain => 'quarter', phasing => '{0,-1,1}');
SELECT kra.set_target('mood', 'd', '>= 1', '2025-12-01', target_grain => 'quarter', phasing => '{1,1,1}');
SELECT count(*) AS again FROM kra.define(kra.definition(NULL, '2025-12-31'));
