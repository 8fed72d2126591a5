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
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
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
