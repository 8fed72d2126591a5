-- misses: misses_in_a_row, the length of the latest run of misses.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;
\pset null '(null)'

SELECT list, (SELECT misses_in_a_row(m ORDER BY i) FROM unnest(list::boolean[]) WITH ORDINALITY u(m, i)) AS misses
FROM unnest(ARRAY['{}', '{t}', '{f}', '{NULL}', '{f,f,f}', '{t,f,f}', '{f,f,t}', '{f,t,f}', '{NULL,f,NULL,f,NULL}', '{f,t,NULL}', '{f,t,NULL,f,NULL}', '{t,NULL,f,f,NULL,NULL,f}']) list;
SELECT misses_in_a_row(m) AS none, misses_in_a_row(m) FILTER (WHERE m) AS filtered FROM (SELECT false WHERE false) s(m);
SELECT misses_in_a_row(met(v, '>= 5') ORDER BY at), misses_in_a_row(met(v, '>= 5') ORDER BY at DESC) AS backwards, misses_in_a_row(met(v, '<= 5') ORDER BY at) AS at_most FROM unnest('{6,4,5,4,NULL,3,2}'::float8[]) WITH ORDINALITY u(v, at);
-- so far, row for row
SELECT at, m, misses_in_a_row(m) OVER (ORDER BY at) AS so_far, misses_in_a_row(m) OVER (ORDER BY at ROWS 1 PRECEDING) AS of_two FROM unnest('{f,NULL,f,t,f,f,NULL,f}'::boolean[]) WITH ORDINALITY u(m, at) ORDER BY at;
-- against plain SQL: the misses behind the last hit
SELECT count(*) AS series, sum(misses) AS misses, count(*) FILTER (WHERE misses <> expected) AS differ
FROM (SELECT s, misses_in_a_row(m ORDER BY at) AS misses, count(*) FILTER (WHERE NOT m AND at > coalesce(hit, 0)) AS expected
    FROM (SELECT s, at, m, max(at) FILTER (WHERE m) OVER (PARTITION BY s) AS hit
        FROM (SELECT s, at, CASE WHEN (s * 31 + at * 17) % 7 = 0 THEN NULL ELSE (s * 7919 + at * at * 104729) % (2 + s % 9) = 0 END AS m FROM generate_series(1, 500) s, generate_series(1, 40) at) p) q GROUP BY s) t;
-- no plan merges it
CREATE TABLE kra_test_misses AS SELECT at, at % 1000 = 0 AS m FROM generate_series(1, 20500) at;
ALTER TABLE kra_test_misses SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT misses_in_a_row(m ORDER BY at) FROM kra_test_misses;
DROP TABLE kra_test_misses;
SELECT misses_accum(2147483647, true), misses_accum(2147483646, false), misses_accum(5, NULL), misses_accum(NULL, true);
SELECT misses_accum(2147483647, false);
