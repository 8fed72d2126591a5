-- target_sum: target_add, target_times, and the aggregates sum, min and max of targets.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = kra, public, kra_internal;
\pset null '(null)'

-- in how many nodes of the plan of a query
CREATE FUNCTION pg_temp.plan_has(query text, node text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines bigint := 0;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines + (position(node IN line) > 0)::int;
    END LOOP;
    RETURN lines;
END $$;

-- every number is added; a part that one alone has, and a date that differs, is left out
SELECT target_add(a, b), target_add(b, a) = target_add(a, b) AS commutes FROM (VALUES
    ('>= 95'::kpi_target, '>= 5'::kpi_target), ('<= 4', '<= -9'), ('= 50', '= 0'), ('[45,55]', '[-5,10]'),
    ('>= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31', '>= 5 from 1 threshold 2 stretch 6 within 4 since 2026-04-01 by 2027-03-31'),
    ('<= 4 from 20 threshold 8 stretch 2 within 10 since 2026-04-01 by 2027-03-31', '<= 1 from 2 threshold 1.5 stretch 0 within 1 since 2026-04-01 by 2027-03-31'),
    ('>= 95 from 88 threshold 90', '>= 5 stretch 6 within 4'), ('>= 95 from 88 threshold 90', '>= 5 from 0 stretch 6'),
    ('>= 1 since 2026-04-01 by 2027-03-31', '>= 1 since 2026-04-02 by 2027-03-31'), ('>= 1 since 2026-04-01 by 2027-03-31', '>= 1 since 2026-04-01 by 2027-04-01'), ('>= 1 since 2026-04-01', '>= 1 by 2027-03-31'),
    ('>= 0', '>= 0'), ('>= 1', '>= -1'), ('= 50 from 70 threshold 60 within 5', '= 5 from 7 threshold 6 within 1'), ('[45,55] from 20 threshold 40 within 10', '[1,2] from 0 threshold 0.5 within 1')) v(a, b);
-- beside a target or a range: on one side, on both, on it
SELECT target_add(a, b), target_add(b, a) = target_add(a, b) AS commutes FROM (VALUES
    ('[45,55] from 20 threshold 60'::kpi_target, '[45,55] from 80 threshold 60'::kpi_target), ('[45,55] from 55 threshold 45', '[45,55] from 80 threshold 60'), ('[45,45] from 45 threshold 45', '[45,55] from 80 threshold 40'),
    ('= 50 from 40 threshold 60', '= 50 from 60 threshold 55'), ('= 50 from 50 threshold 50', '= 50 from 60 threshold 45'), ('= 50 from 50', '= 1 from 1'), ('>= 95 from 95 threshold 95 stretch 95', '>= 5 from 5 threshold 5 stretch 5')) v(a, b);
-- rounding noise, which the parts may have, is no reason to refuse a sum
SELECT target_add(a, b) FROM (VALUES
    ('>= 0.3 from 0.30000000000000004 threshold 0.30000000000000004'::kpi_target, '>= -0.3 from -0.3 threshold -0.3'::kpi_target), ('<= 0.30000000000000004 from 0.3 stretch 0.30000000000000004', '<= -0.30000000000000004 from -0.3 stretch -0.3'),
    ('>= 0.30000000000000004 stretch 0.3', '>= -0.30000000000000004 stretch -0.3'), ('[1,2] from 1.0000000000000002', '[-1,2] from -1')) v(a, b);
-- the result is a target like any other
SELECT count(*) AS sums, count(*) FILTER (WHERE s::text::kpi_target = s) AS read_back, count(*) FILTER (WHERE kpi_target_hash(s) = kpi_target_hash(s::text::kpi_target)) AS same_hash
FROM (SELECT target_add(at_least(a, a - 1, a - 0.5, a + 1, 3), at_least(b, b - 2, b, b, 0.1)) s FROM generate_series(-2, 2, 0.1) a, generate_series(-2, 2, 0.1) b) t;
-- different directions: NULL
SELECT count(*) AS pairs, count(target_add(a, b)) AS sums, count(target_add(a, b)) FILTER (WHERE direction(a) = direction(b)) AS of_the_same FROM unnest('{>= 1,<= 1,= 1}'::kpi_target[] || '[1,1]'::kpi_target) a, unnest('{>= 1,<= 1,= 1}'::kpi_target[] || '[1,1]'::kpi_target) b;
SELECT target_add('>= 1', NULL), target_add(NULL, '>= 1');
-- overflow
SELECT target_add('>= 1e308', '>= 1e308');
SELECT target_add('[-1e308,0]', '[-1e308,0]');
SELECT target_add('>= 1 from -1e308', '>= 1 from -1e308');
SELECT target_add('>= 1 within 1e308', '>= 1 within 1e308');

-- a multiple
SELECT target_times('>= 96 from 84 threshold 90 stretch 108 within 24 since 2026-04-01 by 2027-03-31', 1.0 / 12), target_times('[45,55] from 20 within 10', 2), target_times('<= -4 from 20', 0.5), target_times('= 0', 1e300), target_times('>= 1', factor => 1e-300);
SELECT count(*) AS multiples, count(*) FILTER (WHERE target_times(t, f)::text::kpi_target = target_times(t, f)) AS read_back, count(*) FILTER (WHERE status(a * f, target_times(t, f)) = status(a, t)) AS same_status
FROM (SELECT at_most(g, g + 2, g + 1, g - 0.5, 3) AS t, g + h AS a FROM generate_series(-3, 3, 0.3) g, generate_series(-2, 4, 0.7) h) s, unnest('{1e-100,0.08333333333333333,0.1,1,3,12,1e100}'::float8[]) f;
SELECT target_times(NULL, 2), target_times('>= 1', NULL);
SELECT target_times('>= 1', 0);
SELECT target_times('>= 1', '-0');
SELECT target_times('>= 1', -2);
SELECT target_times('>= 1', 'NaN');
SELECT target_times('>= 1', 'Infinity');
SELECT target_times('>= 1e308', 10);
SELECT target_times('>= 1 stretch 1e308', 10);
SELECT target_times('>= 1 within 1e-300', 1e-300);

-- sum: NULLs are left out; no row: NULL
SELECT sum(t), sum(t) FILTER (WHERE false), sum(t) FILTER (WHERE t IS NULL), sum(t) FILTER (WHERE target(t) = 3) FROM (VALUES ('>= 1 from 0 by 2026-12-31'::kpi_target), (NULL), ('>= 2 from 1 by 2026-12-31'), ('>= 3 from 1 by 2026-12-31')) v(t);
-- different directions, once met, stay NULL: first, in the middle, last, and a NULL behind
SELECT sum(t ORDER BY i) FROM (VALUES ('{>= 1,<= 1,>= 1,>= 2}'::kpi_target[]), ('{>= 1,>= 1,<= 1,>= 1}'), ('{>= 1,>= 1,>= 1,<= 1}'), ('{>= 1,<= 1,NULL,>= 1}'), ('{NULL,<= 1,<= 1,NULL}')) v(list), LATERAL unnest(list) WITH ORDINALITY u(t, i) GROUP BY list ORDER BY list::text COLLATE "C";
SELECT i, t, sum(t) OVER (ORDER BY i) AS so_far, sum(t) OVER (ORDER BY i ROWS 1 PRECEDING) AS two FROM unnest('{NULL,>= 1,>= 2,<= 3,>= 4,>= 5,NULL,>= 6}'::kpi_target[]) WITH ORDINALITY u(t, i) ORDER BY i;
-- as the sums of the accessors
CREATE TABLE target_sum_many AS
SELECT i, i % 7 AS team, CASE WHEN i % 50 <> 0 THEN at_least(i % 100, i % 100 - 10, i % 100 - 5, i % 100 + i % 3, 1 + i % 4, '2026-01-01', '2026-12-31') END AS t FROM generate_series(1, 20000) i;
SELECT count(*) AS teams, bool_and((target(s), baseline(s), threshold(s), stretch(s), scale(s), since(s), due_on(s)) = (a, b, c, d, e, date '2026-01-01', date '2026-12-31')) AS same
FROM (SELECT sum(t) s, sum(target(t)) a, sum(baseline(t)) b, sum(threshold(t)) c, sum(stretch(t)) d, sum(scale(t)) e FROM target_sum_many GROUP BY team) q;

-- neither the order of rows nor their split decides: what becomes mixed stays so whatever comes behind it
SELECT agginitval AS init FROM pg_aggregate WHERE aggfnoid = 'kra.sum(kpi_target)'::regprocedure \gset
CREATE AGGREGATE pg_temp.state_of(kpi_target) (SFUNC = target_sum_accum, STYPE = kpi_target_sum, INITCOND = :'init');
CREATE AGGREGATE pg_temp.merged(kpi_target_sum) (SFUNC = target_sum_combine, STYPE = kpi_target_sum, INITCOND = :'init');
SELECT target_sum_final(pg_temp.merged(s ORDER BY part)) AS merged FROM (SELECT part, pg_temp.state_of(t) AS s FROM (VALUES (1, '>= 1'::kpi_target), (1, '<= 1'), (2, '>= 1'), (2, NULL), (3, NULL)) v(part, t) GROUP BY part) p;
SELECT target_sum_final(pg_temp.merged(s ORDER BY part)) AS merged FROM (SELECT part, pg_temp.state_of(t) AS s FROM (VALUES (1, '>= 1'::kpi_target), (2, '<= 1'), (3, '>= 1')) v(part, t) GROUP BY part) p;
-- a baseline on its target agrees with either side, a sum that rounding put there does not; a sum may pass beyond the largest number and come back
SELECT sum(t ORDER BY i) AS forth, sum(t ORDER BY i DESC) AS back, sum(t ORDER BY i % 2, i) AS mixed, target_sum_final(target_sum_combine(pg_temp.state_of(t) FILTER (WHERE i < 3), pg_temp.state_of(t) FILTER (WHERE i >= 3))) AS merged
FROM (VALUES ('{= 1 from 0,= 1e15 from 1e15,= 1 from 2}'::kpi_target[]), ('{>= 1e308,>= 1e308,>= -1e308}'), ('{>= 1e308 from -1,>= 1 from 1,>= -1e308 from -1.5e308}'), ('{>= 1 since 2026-01-01,>= 1 since 2026-01-02,>= 1 since 2026-01-01}')) v(list), LATERAL unnest(list) WITH ORDINALITY u(t, i) GROUP BY list ORDER BY list::text COLLATE "C";
SELECT sum(t) FROM unnest('{>= 1e308,>= 1e308}'::kpi_target[]) t;
-- of 3000 groups of up to 7 targets of all kinds, by chance: in three orders, and in parts that were merged in two
CREATE FUNCTION pg_temp.chance(i int, n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT (hashint4extended(i, n) & 65535)::int % n';
CREATE TABLE target_sum_chance AS
SELECT i % 3000 AS g, i, pg_temp.chance(i, 3) AS part, CASE CASE WHEN i % 3000 % 3 = 0 THEN pg_temp.chance(i, 4) ELSE i % 3000 % 4 END
    WHEN 0 THEN at_least(v, NULLIF(v - pg_temp.chance(i, 5) * 0.1, v - 0.3), NULLIF(v - pg_temp.chance(i, 6), v - 2), NULLIF(v + pg_temp.chance(i, 7) * 0.7, v), NULLIF(pg_temp.chance(i, 8), 0) * 0.1, d, due)
    WHEN 1 THEN at_most(v, NULLIF(v + pg_temp.chance(i, 5) * 0.1, v + 0.1), NULLIF(v + pg_temp.chance(i, 6), v + 1), NULLIF(v - pg_temp.chance(i, 7) * 0.3, v), NULLIF(pg_temp.chance(i, 8), 0) * 0.1, d, due)
    WHEN 2 THEN exactly(v, v + (pg_temp.chance(i, 9) - 4) / 3 * 0.1, CASE WHEN pg_temp.chance(i, 10) > 0 THEN v + (pg_temp.chance(i, 9) - 4) / 4 END, NULL, NULLIF(pg_temp.chance(i, 8), 0), d, due)
    ELSE inside(v, v + pg_temp.chance(i, 6), CASE WHEN pg_temp.chance(i, 10) > 0 THEN v - pg_temp.chance(i, 4) / 3 END, CASE WHEN pg_temp.chance(i, 11) > 8 THEN v - 0.1 WHEN pg_temp.chance(i, 11) > 6 THEN v + pg_temp.chance(i, 6) END, NULL, NULL, d, due) END AS t
FROM (SELECT i, (pg_temp.chance(i, 41) - 20) * (ARRAY[0.1, 1, 1e6, 1e15, 1e-9, 5e305])[1 + (i % 3000) % 6] AS v, CASE WHEN pg_temp.chance(i, 12) > 0 THEN date '2026-01-01' + pg_temp.chance(i, 16) / 15 END AS d, CASE WHEN pg_temp.chance(i, 12) < 9 THEN date '2027-01-01' + pg_temp.chance(i, 17) / 16 END AS due FROM generate_series(0, 20999) i WHERE pg_temp.chance(i, 13) > 0) s;
WITH parts AS (SELECT g, part, pg_temp.state_of(t ORDER BY i) AS s FROM target_sum_chance GROUP BY g, part),
    merged AS (SELECT g, target_sum_final(pg_temp.merged(s ORDER BY part)) AS one, target_sum_final(pg_temp.merged(s::text::kpi_target_sum ORDER BY part DESC)) AS other FROM parts GROUP BY g),
    sums AS (SELECT g, sum(t ORDER BY i) AS a, sum(t ORDER BY i DESC) AS b, sum(t ORDER BY part, i) AS c, count(DISTINCT direction(t)) > 1 AS mixed FROM target_sum_chance GROUP BY g)
SELECT count(*) AS groups, count(*) FILTER (WHERE mixed) > 700 AS many_mixed, count(*) FILTER (WHERE (a IS NULL) <> mixed) AS wrong_mixed, count(*) FILTER (WHERE a IS DISTINCT FROM b OR a IS DISTINCT FROM c) AS by_order, count(*) FILTER (WHERE a IS DISTINCT FROM one OR a IS DISTINCT FROM other) AS by_split,
    count(baseline(a)) > 200 AND count(threshold(a)) > 200 AND count(stretch(a)) > 50 AND count(scale(a)) > 200 AND count(since(a)) > 200 AND count(due_on(a)) > 200 AS parts, count(a) FILTER (WHERE baseline(a) IS NULL) > 200 AS without
FROM sums JOIN merged USING (g);
-- two are added as the aggregate adds them
SELECT count(*) AS pairs, count(*) FILTER (WHERE target_add(a.t, b.t) IS DISTINCT FROM (SELECT sum(t) FROM unnest(ARRAY[a.t, b.t]) t) OR target_add(a.t, b.t) IS DISTINCT FROM target_add(b.t, a.t)) AS other FROM target_sum_chance a JOIN target_sum_chance b ON a.i % 100 = b.i % 100 AND a.i < 2000 AND b.i < 2000;
DROP TABLE target_sum_chance;
-- the state as text and binary; what is none is refused; the functions by themselves leave their arguments alone
SELECT pg_temp.state_of('>= 95 from 88 since 2026-04-01');
SELECT count(*) AS states FROM (SELECT pg_temp.state_of(t) AS s FROM (VALUES (1, '>= 0.1 from 0'::kpi_target), (1, '>= 0.2 from 0.1'), (2, '<= 1e308'), (2, '<= -1e308'), (3, '= 1')) v(i, t) GROUP BY i) s WHERE s::text::kpi_target_sum::text = s::text;
SELECT target_sum_final(:'init') AS none, target_sum_final(target_sum_combine(:'init', :'init')) AS of_none, target_sum_final(target_sum_combine(target_sum_accum(:'init', '>= 1'), :'init')) AS one, target_sum_accum(NULL, '>= 1') AS strict;
SELECT replace(:'init', '"direction": 0', '"direction": 6')::kpi_target_sum;
SELECT replace(:'init', '"parts": 63', '"parts": 64')::kpi_target_sum;
SELECT replace(:'init', '"parts": 63', '"parts": 65536')::kpi_target_sum;
SELECT replace(:'init', '"stretch_side": 3', '"stretch_side": 4')::kpi_target_sum;
SELECT replace(:'init', '"lower": 0', '"lower": 1e300')::kpi_target_sum;
SELECT replace(:'init', '"lower": 0,', '')::kpi_target_sum;
SELECT target_sum_final(replace(:'init', '"direction": 0', '"direction": 1')::kpi_target_sum);
SELECT target_sum_final(replace(replace(:'init', '"direction": 0', '"direction": 4'), '"stretch_side": 3', '"stretch_side": 0')::kpi_target_sum);

-- min and max, by the sort order
SELECT min(t), max(t), min(t) FILTER (WHERE false), max(t) FILTER (WHERE t IS NULL) FROM (VALUES ('<= 1'::kpi_target), (NULL), ('>= 2'), ('>= 1 from 0'), ('>= 1'), ('[0,1]'), ('= 5')) v(t);
SELECT target_smaller('>= 1', '<= 0'), target_larger('>= 1', '<= 0'), target_smaller('>= 1', '>= 1'), target_smaller('>= 1', NULL), target_larger(NULL, '>= 1');
SELECT count(*) AS teams, bool_and(smallest = (SELECT t FROM target_sum_many m WHERE m.team = s.team AND t IS NOT NULL ORDER BY t LIMIT 1) AND largest = (SELECT t FROM target_sum_many m WHERE m.team = s.team AND t IS NOT NULL ORDER BY t DESC LIMIT 1)) AS same
FROM (SELECT team, min(t) AS smallest, max(t) AS largest FROM target_sum_many GROUP BY team) s;
-- out of an index
CREATE INDEX target_sum_many_t ON target_sum_many (t);
ANALYZE target_sum_many;
SET enable_seqscan = off;
SELECT pg_temp.plan_has('SELECT min(t), max(t) FROM target_sum_many', 'Index Only Scan') AS index_scans;
SELECT min(t), max(t) FROM target_sum_many;
RESET enable_seqscan;
DROP INDEX target_sum_many_t;
-- in parallel: all are merged
ALTER TABLE target_sum_many SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.plan_has('SELECT min(t), max(t) FROM target_sum_many WHERE i > 5', 'Partial Aggregate') AS merged, pg_temp.plan_has('SELECT sum(t) FROM target_sum_many', 'Partial Aggregate') AS sum_merged;
SELECT min(t), max(t) FROM target_sum_many WHERE i > 5;
SELECT sum(t) FROM target_sum_many;
SET max_parallel_workers_per_gather = 0;
SELECT min(t), max(t) FROM target_sum_many WHERE i > 5;
SELECT sum(t) FROM target_sum_many;
DROP TABLE target_sum_many;
