-- attainment, met: 1 + d/W for every direction and every scale.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = kra, public, kra_internal;
\pset null '(null)'

-- the worked examples
SELECT attainment(3, '>= -2') AS "3.5", attainment(0, '<= 4') AS "2", attainment(35, '>= 40 from 30') AS "0.5",
       round(attainment(25, '<= 5 from 20')::numeric, 3) AS "-0.333", attainment(57, '[45,55] within 10') AS "0.8";
SELECT attainment(0, '<= 0'), met(0, '<= 0'), status(0, '<= 0'), (assess(0, '<= 0')).reason;
SELECT met(45, '[45,55]') AS low_end, met(55, '[45,55]') AS high_end, met(44.999, '[45,55]') AS below, met(55.001, '[45,55]') AS above;
SELECT attainment(4.4, '<= 4') = 0.9 AS exactly_0_9, status(4.4, '<= 4');

-- no data, no target, no scale
SELECT attainment(NULL, '>= 95'), met(NULL, '>= 95'), attainment(95, NULL), met(95, NULL), attainment(NULL, NULL), met(NULL, NULL);
SELECT attainment(5, '>= 0'), met(5, '>= 0'), attainment(-5, '>= 0'), met(-5, '>= 0');
SELECT attainment(5, '<= 0'), met(5, '<= 0'), attainment(0, '= 0'), met(0, '= 0'), met(1, '= 0'), attainment(7, '[5,5]'), met(5, '[5,5]');

-- what is not a number is refused, and named
SELECT attainment('NaN', '>= 95');
SELECT attainment('Infinity', '>= 95');
SELECT attainment('-Infinity', '<= 4');
SELECT met('NaN', '>= 95');
SELECT met('Infinity', '>= 95');
SELECT met('-Infinity', '[45,55]');
SELECT attainment('NaN', NULL);
SELECT met('Infinity', NULL);
SELECT attainment(1e308, '>= 1e-308');

--
-- Every row of the table: below, at and above each boundary. W is 10 in all but
-- the rows of "own size", so that a step of 1 is a tenth.
--
CREATE TEMP TABLE cases (id int GENERATED ALWAYS AS IDENTITY, scale text, target text, actuals float8[]);
INSERT INTO cases (scale, target, actuals) VALUES
    -- >=
    ('own size', '>= 40', '{-40, -1, 0, 36, 39, 40, 41, 80, 100}'),
    ('own size', '>= -2', '{-6, -4, -3, -2, -1, 0, 3}'),
    ('none', '>= 0', '{-1, 0, 1}'),
    ('within', '>= 40 within 10', '{20, 30, 39, 40, 41, 50}'),
    ('within', '>= -2 within 10', '{-12, -3, -2, -1, 8}'),
    ('within', '>= 0 within 10', '{-20, -10, -1, 0, 1, 10}'),
    ('within before baseline', '>= 40 from 35 within 10', '{30, 35, 39, 40, 41}'),
    ('baseline', '>= 40 from 30', '{20, 30, 35, 39, 40, 41, 50}'),
    ('baseline', '>= -2 from -12', '{-13, -12, -7, -2, -1, 8}'),
    ('baseline', '>= 5 from -5', '{-15, -5, 0, 4, 5, 6}'),
    ('baseline', '>= 0 from -10', '{-11, -10, -1, 0, 1}'),
    ('baseline at target', '>= 40 from 40', '{0, 36, 39, 40, 41}'),
    ('baseline at target', '>= 0 from 0', '{-1, 0, 1}'),
    -- <=
    ('own size', '<= 40', '{-40, 0, 1, 39, 40, 41, 44, 80, 100}'),
    ('own size', '<= -2', '{-6, -3, -2, -1, 0, 3}'),
    ('none', '<= 0', '{-1, 0, 1}'),
    ('within', '<= 40 within 10', '{30, 39, 40, 41, 50, 60}'),
    ('within', '<= -2 within 10', '{-12, -3, -2, -1, 8}'),
    ('within', '<= 0 within 10', '{-10, -1, 0, 1, 10, 20}'),
    ('within before baseline', '<= 40 from 45 within 10', '{39, 40, 41, 45, 50}'),
    ('baseline', '<= 40 from 50', '{30, 39, 40, 41, 45, 50, 60}'),
    ('baseline', '<= -12 from -2', '{-22, -13, -12, -7, -2, -1}'),
    ('baseline', '<= -5 from 5', '{-15, -6, -5, -4, 0, 5, 15}'),
    ('baseline', '<= 0 from 10', '{-1, 0, 1, 10, 11}'),
    ('baseline at target', '<= 40 from 40', '{0, 39, 40, 41, 44}'),
    ('baseline at target', '<= 0 from 0', '{-1, 0, 1}'),
    -- =
    ('own size', '= 50', '{-50, 0, 49, 50, 51, 100, 150}'),
    ('own size', '= -2', '{-4, -3, -2, -1, 0}'),
    ('none', '= 0', '{-1, 0, 1}'),
    ('within', '= 50 within 10', '{30, 40, 49, 50, 51, 60, 70}'),
    ('within', '= 0 within 10', '{-10, -1, 0, 1, 10}'),
    ('within', '= -5 within 10', '{-15, -6, -5, -4, 5}'),
    ('within before baseline', '= 50 from 70 within 10', '{40, 49, 50, 51, 60, 70}'),
    ('baseline', '= 50 from 40', '{30, 40, 49, 50, 51, 60}'),
    ('baseline', '= 50 from 60', '{40, 49, 50, 51, 60}'),
    ('baseline', '= 0 from -10', '{-10, -1, 0, 1, 10}'),
    ('baseline', '= -5 from 5', '{-15, -6, -5, -4, 5}'),
    ('baseline at target', '= 50 from 50', '{0, 49, 50, 51}'),
    ('baseline at target', '= 0 from 0', '{-1, 0, 1}'),
    -- [L,U]
    ('half range', '[45,65]', '{25, 35, 44, 45, 46, 55, 64, 65, 66, 75, 85}'),
    ('half range', '[-10,10]', '{-20, -11, -10, 0, 10, 11, 20}'),
    ('half range', '[-25,-5]', '{-35, -26, -25, -15, -5, -4, 5}'),
    ('half range', '[0,20]', '{-10, -1, 0, 20, 21, 30}'),
    ('none', '[5,5]', '{4, 5, 6}'),
    ('none', '[0,0]', '{-1, 0, 1}'),
    ('within', '[45,55] within 10', '{25, 35, 44, 45, 50, 55, 56, 57, 65, 75}'),
    ('within', '[5,5] within 10', '{-5, 4, 5, 6, 15}'),
    ('within before baseline', '[45,55] from 20 within 10', '{35, 44, 45, 55, 56, 65}'),
    ('baseline', '[45,55] from 35', '{25, 35, 44, 45, 55, 56, 65}'),
    ('baseline', '[45,55] from 65', '{25, 35, 44, 45, 55, 56, 65}'),
    ('baseline', '[-5,-3] from -15', '{-15, -6, -5, -3, -2, 7}'),
    ('baseline', '[0,0] from 10', '{-10, 0, 10}'),
    ('baseline at an end', '[45,65] from 45', '{35, 44, 45, 65, 66, 75}'),
    ('baseline at an end', '[45,65] from 65', '{35, 44, 45, 65, 66, 75}');
\pset format unaligned
SELECT target, scale,
       string_agg(a || ' ' || coalesce(attainment(a, target::kpi_target)::text, 'null')
                  || CASE WHEN met(a, target::kpi_target) THEN ' met' ELSE '' END, ' | ' ORDER BY a) AS "actual attainment"
FROM cases, unnest(actuals) a GROUP BY id, target, scale ORDER BY id;
\pset format aligned

--
-- Rounding noise never decides, in either direction
--
SELECT a, t, met(a, t), attainment(a, t), a = target(t) AS same_bits
FROM (VALUES
    (0.1::float8 + 0.2::float8, '<= 0.3'::kpi_target), (0.1::float8 + 0.2::float8, '>= 0.3'),
    (0.1::float8 + 0.2::float8, '= 0.3'), (0.3, '>= 0.30000000000000004'), (0.3, '<= 0.30000000000000004'),
    (1 - 0.9::float8, '>= 0.1'), (-(0.1::float8 + 0.2::float8), '>= -0.3'),
    (3 * 1.1::float8, '<= 3.3'), (1.1::float8 * 1.1::float8, '<= 1.21'), (100 * 1.15::float8, '>= 115'),
    (4.35::float8 * 100, '>= 435'), (0.7::float8 + 0.1::float8, '>= 0.8'),
    (1e15::float8 + 1e-1 - 1e15, '<= 0.125'), (1e-20::float8 * 3, '<= 3e-20')
) v(a, t);
SELECT met(0.1::float8 + 0.2::float8, '[0.1,0.3]') AS high_end, met(0.3, '[0.30000000000000004,1]') AS low_end,
       attainment(0.1::float8 + 0.2::float8, '[0.1,0.3]') AS "1";
-- what is more than noise does decide
SELECT met(0.3000000001, '<= 0.3'), met(0.2999999999, '>= 0.3'), met(50.0000001, '= 50'), met(55.0000001, '[45,55]'),
       met(100 - 1e-9, '>= 100'), met(100 - 1e-11, '>= 100') AS noise;
-- near 0 there is nothing to be relative to
SELECT met(1e-15, '<= 0'), met(-1e-15, '>= 0'), met('-0', '>= 0'), met('-0', '<= 0');
-- as people would compute it: no tail of digits
SELECT attainment(4.4, '<= 4') AS "0.9", attainment(0.57, '>= 0.6') AS "0.95", attainment(88.35, '>= 95') AS "0.93",
       attainment(1.1, '>= 1') AS "1.1", attainment(0.35, '>= 0.4 from 0.3') AS "0.5", attainment(5, '<= 5.5 from 6.5') AS "1.5";

-- NULL and the other types of numbers
SELECT attainment(38::int, '>= 40'), attainment(38::numeric, '>= 40'), attainment(38::bigint, at_least(40)), attainment(38::real, '>= 40');

--
-- The same formulas once more, in exact decimals, over a grid. The decimals are
-- exact, so they know no noise: what they call met is met.
--
CREATE FUNCTION pg_temp.exact(direction text, l numeric, u numeric, b numeric, w numeric, a numeric,
                              OUT attainment numeric, OUT met boolean) LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 + d / CASE WHEN w IS NOT NULL THEN w
                        WHEN b_off <> 0 THEN b_off
                        ELSE nullif(CASE direction WHEN 'inside' THEN (u - l) / 2 ELSE abs(l) END, 0) END,
           d >= 0
    FROM (SELECT CASE direction WHEN 'at_least' THEN a - l WHEN 'at_most' THEN l - a WHEN 'exactly' THEN -abs(a - l)
                      ELSE -greatest(l - a, a - u, 0) END AS d,
                 CASE WHEN direction <> 'inside' THEN abs(l - b) ELSE greatest(l - b, b - u, 0) END AS b_off) s
$$;
CREATE TEMP TABLE grid AS
SELECT direction, l, CASE direction WHEN 'inside' THEN l + width ELSE l END AS u, b, w
FROM unnest('{at_least,at_most,exactly,inside}'::text[]) direction,
     unnest('{-100,-95.5,-2,-0.3,0,0.1,0.3,4,40,95,123.5}'::numeric[]) l,
     unnest('{0,0.2,10}'::numeric[]) width,
     LATERAL (SELECT NULL::numeric AS b
              UNION ALL
              SELECT CASE direction WHEN 'at_least' THEN l - off WHEN 'at_most' THEN l + off
                          WHEN 'exactly' THEN l + off * side ELSE CASE side WHEN 1 THEN l + width + off ELSE l - off END END
              FROM unnest('{0,0.1,7,2000}'::numeric[]) off, unnest('{-1,1}'::int[]) side
              WHERE side = 1 OR direction IN ('exactly', 'inside')) base,
     unnest('{NULL,0.5,10,300}'::numeric[]) w
WHERE width = 0 OR direction = 'inside';
CREATE TEMP TABLE compared AS
SELECT g.*, t, a, attainment(a::float8, t) AS got, met(a::float8, t) AS got_met, e.attainment AS want, e.met AS want_met
FROM grid g,
     LATERAL (SELECT CASE direction WHEN 'at_least' THEN at_least(l::float8, b::float8, scale => w::float8)
                          WHEN 'at_most' THEN at_most(l::float8, b::float8, scale => w::float8)
                          WHEN 'exactly' THEN exactly(l::float8, b::float8, scale => w::float8)
                          ELSE inside(l::float8, u::float8, b::float8, scale => w::float8) END AS t) c,
     LATERAL (SELECT l + step AS a FROM unnest('{-2000,-55.5,-4,-1,-0.3,-0.1,-0.001,0,0.001,0.1,0.2,0.3,1,10,55.5,2000}'::numeric[]) step
              UNION SELECT unnest('{-1000,-0.7,0,0.3,88.8,5000.25}'::numeric[])) x,
     LATERAL pg_temp.exact(direction, l, u, b, w, a) e;
SELECT count(*) AS compared, count(DISTINCT t) AS targets,
       count(*) FILTER (WHERE got_met IS DISTINCT FROM want_met) AS met_disagree,
       count(*) FILTER (WHERE (got IS NULL) <> (want IS NULL)) AS null_disagree,
       count(*) FILTER (WHERE abs(got::numeric - want) > 1e-12 * greatest(abs(want), 1)) AS attainment_disagree,
       count(*) FILTER (WHERE got_met AND got < 1 OR NOT got_met AND got >= 1) AS met_against_attainment
FROM compared;
-- nobody is left out: each direction has hits, misses and targets without a scale
SELECT direction, count(*), count(*) FILTER (WHERE want_met) AS met, count(*) FILTER (WHERE want IS NULL) AS no_scale,
       round(min(want), 2) AS min, round(max(want), 2) AS max
FROM compared GROUP BY direction ORDER BY direction;
SELECT t, a, got, want, got_met, want_met FROM compared
WHERE got_met IS DISTINCT FROM want_met OR (got IS NULL) <> (want IS NULL)
   OR abs(got::numeric - want) > 1e-12 * greatest(abs(want), 1)
ORDER BY t, a LIMIT 10;

-- Small attainments keep their digits, and met does without an attainment that no float8 holds.
SELECT kra.attainment(1.23456789e-10, '>= 1') AS tiny, kra.attainment(1e-16, '>= 1') AS smaller, kra.attainment(30.0000001, '>= 40 from 30') AS from_baseline;
SELECT kra.met(0, '>= 1e308 from -1e308'), kra.met(1e308, '>= 1e-308'), kra.status(1e308, '>= 1e-308'), kra.status_code(1e308, '>= 1e-308');
SELECT kra.attainment(1e308, '>= 1e-308');
SELECT kra.assess(1e308, '>= 1e-308');
