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
-- in parallel: min and max are merged, sum is not
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
