-- signal: the marks of each rule set at their boundaries, rebase, and what they mean.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

SELECT enum_range(NULL::kpi_signal);

CREATE TEMP TABLE points (org text, screen boolean, period date, y float8, mean float8, lpl float8, upl float8, special text, point text);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy points FROM 'data/xmr_points.csv' (FORMAT csv, HEADER)

-- NHSRplotthedots: the mark of every point, and whether it is good
CREATE TEMP TABLE names (special text, signal kpi_signal);
INSERT INTO names VALUES ('Common Cause', 'none'), ('Above UCL', 'beyond_high'), ('Below LCL', 'beyond_low'), ('7 Points Above CL', 'run_above'), ('7 Points Below CL', 'run_below'),
    ('2 in 3 Above CL', 'near_high'), ('2 in 3 Below CL', 'near_low'), ('7 Point Trend (Increasing)', 'trend_up'), ('7 Point Trend (Decreasing)', 'trend_down');
SELECT org, screen, count(*) AS points, count(*) FILTER (WHERE s.signal = n.signal) AS same_mark,
    count(*) FILTER (WHERE CASE signal_meaning(s.signal, '<= 1200') WHEN 'neutral' THEN 'common_cause' ELSE 'special_cause_' || signal_meaning(s.signal, '<= 1200') END = point) AS same_meaning,
    count(DISTINCT s.signal) AS different
FROM (SELECT *, signal(y, 'nhs', screen => screen) OVER (PARTITION BY org, screen ORDER BY period) FROM points) s LEFT JOIN names n USING (special)
GROUP BY org, screen ORDER BY org COLLATE "C", screen;
-- without options: nhs, screened
SELECT count(*) AS differ FROM (SELECT signal(y) OVER w AS a, signal(y, 'nhs', NULL, 'mean', true) OVER w AS b, signal(y, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER w AS c
    FROM points WINDOW w AS (PARTITION BY org, screen ORDER BY period)) s WHERE a <> b OR a <> c OR a IS NULL;
-- the frame has no say
SELECT count(*) AS differ FROM (SELECT signal(y) OVER w AS a, signal(y) OVER (w ROWS 2 PRECEDING) AS b FROM points WINDOW w AS (PARTITION BY org, screen ORDER BY period)) s WHERE a <> b;

-- Marks of an array, a letter each: . none  t trial  _ no value  a alternating  h hugging
-- v avoiding  r/R run below/above  n/N near low/high  d/u trend down/up  b/B beyond low/high.
-- Baseline points in front fix the centre at 0 and the mean moving range at 3 / 2.66, so
-- that sigma is 1; they stand before a gap, and their marks are left out.
CREATE FUNCTION pg_temp.letter(s kpi_signal) RETURNS text LANGUAGE sql
    RETURN coalesce(('{"trial": "t", "none": ".", "alternating": "a", "hugging": "h", "avoiding": "v", "run_below": "r", "run_above": "R", "near_low": "n", "near_high": "N", "trend_down": "d", "trend_up": "u", "beyond_low": "b", "beyond_high": "B"}'::jsonb) ->> s::text, '_');
CREATE FUNCTION pg_temp.marks(x float8[], rules text DEFAULT NULL, segment text[] DEFAULT NULL, centre text DEFAULT NULL, screen boolean DEFAULT NULL, lo float8 DEFAULT NULL, hi float8 DEFAULT NULL, k int DEFAULT NULL) RETURNS text
    LANGUAGE sql RETURN (SELECT string_agg(pg_temp.letter(s), '' ORDER BY at) FROM (
        SELECT at, signal(v, rules, segment[at], centre, screen, lo, hi, k) OVER (ORDER BY at) s FROM unnest(x) WITH ORDINALITY u(v, at)) m);
CREATE FUNCTION pg_temp.front() RETURNS float8[] LANGUAGE sql
    RETURN (SELECT array_agg(CASE WHEN g % 2 = 0 THEN 1 ELSE -1 END * 1.5 / 2.66 ORDER BY g) FROM generate_series(1, 20) g);
CREATE FUNCTION pg_temp.sigma(x float8[], rules text) RETURNS text
    LANGUAGE sql RETURN substr(pg_temp.marks(pg_temp.front() || NULL::float8 || x, rules, k => 20), 22);
-- the same value n times
CREATE FUNCTION pg_temp.times(n int, VARIADIC x float8[]) RETURNS float8[] LANGUAGE sql
    RETURN (SELECT array_agg(x[1 + (g - 1) % cardinality(x)] ORDER BY g) FROM generate_series(1, n) g);
SELECT centre(x), moving_range(x) * 2.66 AS limit, sigma(x) FROM (SELECT xmr_agg(v ORDER BY at) x FROM unnest(pg_temp.front()) WITH ORDINALITY u(v, at)) s;

-- beyond the limits: on the limit is not beyond, nor is rounding noise
SELECT rules, pg_temp.sigma('{3,0,-3,0,3.001,0,-3.001,0}', rules) AS marks, pg_temp.sigma('{3.0000000000001,0,-3.0000000000001}', rules) AS noise FROM unnest('{nhs,wheeler,western_electric,nelson}'::text[]) rules;

-- runs: one short, enough, one more; below; a point on the centre inside; at the ends; a gap inside
SELECT rules, n, pg_temp.sigma(0::float8 || pg_temp.times(n - 1, 0.5, 0.6) || 0::float8, rules) AS short, pg_temp.sigma(-0.1::float8 || pg_temp.times(n, 0.5, 0.6) || -0.1::float8, rules) AS above,
    pg_temp.sigma(pg_temp.times(n + 1, -0.5, -0.6) || 0.1::float8, rules) AS below, pg_temp.sigma(pg_temp.times(n - 3, 0.5, 0.6) || '{0,0}' || pg_temp.times(3, 0.5, 0.6), rules) AS on_centre,
    pg_temp.sigma(pg_temp.times(n - 3, 0.5, 0.6) || 1e-14::float8 || pg_temp.times(3, 0.5, 0.6), rules) AS noise,
    pg_temp.sigma(pg_temp.times(n - 1, 0.5, 0.6) || NULL::float8 || pg_temp.times(n, 0.5, 0.6), rules) AS gap
FROM (VALUES ('nhs', 7), ('wheeler', 8), ('western_electric', 8), ('nelson', 9)) v(rules, n);
-- centre points before, after and between runs of other sides
SELECT pg_temp.sigma('{0,0,.5,.6,.5,.6,.5,.6,.5,.6,0,0,-.5,-.6,-.5,-.6,0,-.5,-.6,-.5,-.6,0}', 'wheeler') AS wheeler, pg_temp.sigma('{0,0,.5,.6,.5,.6,.5,.6,.5,.6,0,0,-.5,-.6,-.5,-.6,0,-.5,-.6,-.5,-.6,0}', 'nhs') AS nhs;

-- trends: nhs 7 points, nelson 6, the others none; equal neighbours and gaps end one
SELECT rules, pg_temp.sigma('{0.1,-.3,-.2,-.1,0,.1,.2,.1}', rules) AS six, pg_temp.sigma('{0.1,-.3,-.2,-.1,0,.1,.2,.3,.2}', rules) AS seven, pg_temp.sigma('{.1,.2,.3,.2,.1,0,-.1,-.2,-.3,-.2}', rules) AS falling, pg_temp.sigma('{-.3,-.2,-.1,0,.1}', rules) AS five,
    pg_temp.sigma('{-.3,-.2,-.1,-.1,0,.1,.2,.3}', rules) AS equal, pg_temp.sigma('{-.3,-.2,-.1,-.09999999999999999,0,.1,.2,.3}', rules) AS noise, pg_temp.sigma('{-.3,-.2,-.1,NULL,0,.1,.2,.3,.4}', rules) AS gap
FROM unnest('{nhs,wheeler,western_electric,nelson}'::text[]) rules;
-- at a peak the later trend; a plateau between two
SELECT pg_temp.sigma('{-.6,-.4,-.2,0,.2,.4,.6,.5,.3,.1,-.1,-.3,-.5}', 'nhs') AS peak, pg_temp.sigma('{-.6,-.4,-.2,-.1,-.05,.4,.6,.6,.7,.8,.9,.95,.97,.98}', 'nhs') AS plateau;

-- near the limits. nhs: 2 of 3 beyond 2 sigma, not beyond 3, all three on that side
SELECT pg_temp.sigma('{2.1,.5,2.1}', 'nhs') AS two, pg_temp.sigma('{2.1,-.5,2.1}', 'nhs') AS other_side, pg_temp.sigma('{2.1,0,2.1}', 'nhs') AS on_centre, pg_temp.sigma('{2,1,2}', 'nhs') AS on_line, pg_temp.sigma('{2.0000000000001,1,2.1}', 'nhs') AS noise,
    pg_temp.sigma('{2.1,3.1,.5}', 'nhs') AS beyond, pg_temp.sigma('{2.1,3.1,2.2}', 'nhs') AS two_and_beyond, pg_temp.sigma('{-2.1,-2.2,-.1,1}', 'nhs') AS low, pg_temp.sigma('{2.1,2.2}', 'nhs') AS at_end, pg_temp.sigma('{2.1,.5,NULL,2.2}', 'nhs') AS gap, pg_temp.sigma('{2.1,.5,.5,2.2}', 'nhs') AS four;
-- wheeler: 3 of 4 nearer the limit than the centre; the fourth may lie anywhere
SELECT pg_temp.sigma('{1.6,-2,1.6,3.1}', 'wheeler') AS three, pg_temp.sigma('{1.5,0,1.6,1.7}', 'wheeler') AS on_line, pg_temp.sigma('{1.6,1.7,0,-1.7,-1.6}', 'wheeler') AS sides, pg_temp.sigma('{-1.6,0,-1.6,-1.6}', 'wheeler') AS low, pg_temp.sigma('{1.6,1.6,0,0,1.6}', 'wheeler') AS five, pg_temp.sigma('{1.6,1.6,NULL,1.6}', 'wheeler') AS gap, pg_temp.sigma('{1.6,1.6,1.6}', 'wheeler') AS at_end;
-- western_electric and nelson: 2 of 3 beyond 2 sigma, 4 of 5 beyond 1
SELECT rules, pg_temp.sigma('{2.1,-1,2.1}', rules) AS two, pg_temp.sigma('{2,0,2.1}', rules) AS on_line, pg_temp.sigma('{2.1,0,3.1}', rules) AS beyond, pg_temp.sigma('{2.1,0,-2.1}', rules) AS sides, pg_temp.sigma('{1.1,1.2,-1,1.1,1.2}', rules) AS four,
    pg_temp.sigma('{1,1.2,-1,1.1,1.2}', rules) AS on_one, pg_temp.sigma('{-1.1,-1.2,-1.3,-1.1,0}', rules) AS low, pg_temp.sigma('{1.1,1.2,0,0,1.1,1.2}', rules) AS six, pg_temp.sigma('{1.1,1.2,1.1,1.2}', rules) AS at_end FROM unnest('{western_electric,nelson}'::text[]) rules;

-- nelson alone: 14 alternating, 15 within 1 sigma, 8 outside it on both sides
SELECT pg_temp.sigma(1.6::float8 || pg_temp.times(14, 1.6, 0, 1.5, 0.5, 1.6, 0, 1.5, -0.5, 1.6, 0), 'nelson') AS "14", pg_temp.sigma(1.6::float8 || pg_temp.times(13, 1.6, 0, 1.5, 0.5, 1.6, 0, 1.5, -0.5, 1.6, 0), 'nelson') AS "13", pg_temp.sigma(pg_temp.times(16, 1.5, 0), 'nelson') AS "16",
    pg_temp.sigma(pg_temp.times(8, 1.5, 0) || pg_temp.times(8, 0, 1.5), 'nelson') AS equal, pg_temp.sigma(pg_temp.times(8, 1.5, 0) || NULL::float8 || pg_temp.times(8, 1.5, 0), 'nelson') AS gap, pg_temp.sigma('{0,.5}' || pg_temp.times(14, 1.5, 0) || '{-.5,-.6}', 'nelson') AS inside,
    pg_temp.sigma(pg_temp.times(16, 1.5, 0), 'western_electric') AS other_rules;
SELECT pg_temp.sigma(pg_temp.times(14, 0.9, 0.9, 0, -0.9, -0.9), 'nelson') AS "14", pg_temp.sigma(pg_temp.times(15, 1, 0.9, 0, -0.9, -1), 'nelson') AS "15", pg_temp.sigma(pg_temp.times(8, 0.9, 0.9, 0, -0.9, -0.9) || 1.01::float8 || pg_temp.times(7, 0.9, 0.9, 0, -0.9, -0.9), 'nelson') AS broken;
SELECT pg_temp.sigma(pg_temp.times(7, 1.1, 1.2, -1.2, -1.1), 'nelson') AS "7", pg_temp.sigma(pg_temp.times(8, 1.1, 1.2, -1.2, -1.1), 'nelson') AS "8", pg_temp.sigma(pg_temp.times(4, 1.1, 1.2, -1.2, -1.1) || 1::float8 || pg_temp.times(4, 1.1, 1.2, -1.2, -1.1), 'nelson') AS on_line, pg_temp.sigma(pg_temp.times(8, 1.1, 1.2), 'nelson') AS one_side;

-- of several marks the last of the enum: beyond, trend, near, run
SELECT pg_temp.sigma('{.1,.5,1,1.5,2.1,2.2,3.1,1}', 'nhs') AS nhs, pg_temp.sigma('{1,2.1,1.1,2.2,.5,1,.5}', 'nhs') AS near_run, pg_temp.sigma('{1.6,1.7,1.6,.1,.2,.1,.2,.1}', 'wheeler') AS wheeler;

-- under 13 points nhs is on trial, gaps not counted; the others judge; without limits nobody does
SELECT n, pg_temp.marks(x) AS nhs, pg_temp.marks(x, 'wheeler') AS wheeler FROM unnest('{0,1,2,4,5,12,13}'::int[]) n, LATERAL (SELECT array_agg(g % 2 + CASE WHEN g = 5 THEN 50.0 ELSE 0 END ORDER BY g) x FROM generate_series(1, n) g) s ORDER BY n;
SELECT pg_temp.marks('{NULL,1,2,1,2,1,NULL,2,1,2,1,2,1,2,NULL}') AS twelve, pg_temp.marks('{NULL,1,2,1,2,1,NULL,2,1,2,1,2,1,2,1,NULL}') AS thirteen, pg_temp.marks('{1,NULL,2,NULL,3}', 'wheeler') AS no_range, pg_temp.marks('{NULL,NULL}') AS no_value;

-- traps: a constant, one clean step, the same with noise
SELECT rules, pg_temp.marks(pg_temp.times(20, 0.1), rules) AS constant, pg_temp.marks(pg_temp.times(10, 0.1) || pg_temp.times(10, 0.2), rules) AS step, pg_temp.marks(pg_temp.times(10, 0.1) || pg_temp.times(10, 0.2), rules, screen => false) AS unscreened,
    pg_temp.marks(pg_temp.times(10, 10, 11) || pg_temp.times(10, 12, 13), rules) AS noisy, pg_temp.marks(pg_temp.times(10, 10, 11) || NULL::float8 || pg_temp.times(10, 12, 13) || NULL::float8, rules) AS gaps
FROM unnest('{nhs,wheeler,western_electric,nelson}'::text[]) rules;

-- centre, bounds and baseline
SELECT pg_temp.marks('{1,2,1,2,1,2,1,2,1,2,1,2,1,40}', 'wheeler') AS mean, pg_temp.marks('{1,2,1,2,1,2,1,2,1,2,1,2,1,40}', 'wheeler', centre => 'median') AS median, pg_temp.marks('{1,2,1,2,1,2,1,2,1,2,1,2,1,40}', 'wheeler', lo => 1, hi => 40) AS bounds;
SELECT pg_temp.marks(pg_temp.times(14, 10, 11) || pg_temp.times(8, 11, 12), 'wheeler') AS all, pg_temp.marks(pg_temp.times(14, 10, 11) || pg_temp.times(8, 11, 12), 'wheeler', k => 14) AS baseline;
-- a clipped limit is never passed; zones are those of the unclipped limits
SELECT lower_limit(x), upper_limit(x), pg_temp.marks('{0,1,0,1,0,1,0,1,0,1,0,1,0,3}', lo => 0) AS marks FROM (SELECT xmr_agg(v, NULL, NULL, 0, NULL, NULL ORDER BY at) x FROM unnest('{0,1,0,1,0,1,0,1,0,1,0,1,0,3}'::float8[]) WITH ORDINALITY u(v, at)) s;

-- rebase: a segment is a partition; one that comes back is new
CREATE TEMP TABLE many AS SELECT k, g AS at, CASE WHEN (g * k) % 11 > 0 THEN (((g * 7919 + k * 104729) % 1009) ^ 2 / 977)::float8 + CASE WHEN g > 20 THEN 900 ELSE 0 END END AS v, CASE WHEN g > 20 THEN 'after' WHEN g > k THEN 'before' END AS segment FROM generate_series(1, 30) k, generate_series(1, 2 * k + 3) g;
SELECT rules, count(*) AS points, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differ, count(*) FILTER (WHERE a IS DISTINCT FROM c) > 0 AS otherwise_differ, count(DISTINCT a) AS kinds, count(*) FILTER (WHERE x::text IS DISTINCT FROM y::text) AS limits_differ
FROM unnest('{nhs,wheeler,western_electric,nelson}'::text[]) rules, LATERAL (SELECT signal(v, rules, segment) OVER w AS a, signal(v, rules) OVER (PARTITION BY k, segment ORDER BY at) AS b, signal(v, rules) OVER w AS c, xmr_limits(v, segment) OVER w AS x, xmr_limits(v) OVER (PARTITION BY k, segment ORDER BY at) AS y
    FROM many WINDOW w AS (PARTITION BY k ORDER BY at)) s GROUP BY rules ORDER BY rules;
SELECT pg_temp.marks('{1,2,1,9,8,9,1,2,1}', 'wheeler', '{a,a,a,b,b,b,a,a,a}') AS segments, pg_temp.marks('{1,2,1,9,8,9,1,2,1}', 'wheeler') AS none, pg_temp.marks('{1,2,1,9,1}', 'wheeler', ARRAY[NULL, NULL, '', '', 'a']) AS single;
SELECT string_agg(num_points(x)::text, ' ' ORDER BY at) AS sizes FROM (SELECT at, xmr_limits(at, s) OVER (ORDER BY at) x FROM (VALUES (1, NULL), (2, NULL), (3, ''), (4, ''), (5, ''), (6, 'a'), (7, 'b'), (8, NULL)) u(at, s)) l;
SELECT xmr_limits(v, s) OVER (ORDER BY at) IS NULL AS no_value FROM (VALUES (1, 1, 'a'), (2, NULL, 'b'), (3, NULL, 'b'), (4, 1, 'c')) u(at, v, s);
-- the limits of the latest segment, as the aggregate gives them
SELECT count(*), count(*) FILTER (WHERE x::text IS DISTINCT FROM y::text) AS differ FROM (SELECT k, xmr_agg(v, NULL, NULL, NULL, NULL, NULL, segment ORDER BY at) x FROM many GROUP BY k) a
JOIN (SELECT DISTINCT ON (k) k, xmr_limits(v, segment) OVER (PARTITION BY k ORDER BY at) y FROM many ORDER BY k, at DESC) b USING (k);

-- against the definitions in SQL, on many series
CREATE TEMP VIEW charted AS SELECT *, sign(v - centre(x)) AS side, v > upper_limit(x) AS bh, v < lower_limit(x) AS bl, (v - centre(x)) / sigma(x) AS z FROM (SELECT k, at, v, xmr_limits(v) OVER (PARTITION BY k ORDER BY at) x, signal(v, 'nhs') OVER (PARTITION BY k ORDER BY at) AS nhs, signal(v, 'wheeler') OVER (PARTITION BY k ORDER BY at) AS wheeler FROM many WHERE k >= 9) s;
CREATE TEMP VIEW rules_in_sql AS SELECT *,
    -- windows that end here; a NULL anywhere in one makes it none
    count(v) OVER (w ROWS 6 PRECEDING) = 7 AND abs(sum(side) OVER (w ROWS 6 PRECEDING)) = 7 AS run7, count(v) OVER (w ROWS 7 PRECEDING) = 8 AND abs(sum(side) OVER (w ROWS 7 PRECEDING)) = 8 AS run8,
    count(v) OVER (w ROWS 2 PRECEDING) = 3 AND sum(side) OVER (w ROWS 2 PRECEDING) = 3 AND sum((z > 2 AND NOT bh)::int) OVER (w ROWS 2 PRECEDING) >= 2 AS high3, count(v) OVER (w ROWS 2 PRECEDING) = 3 AND sum(side) OVER (w ROWS 2 PRECEDING) = -3 AND sum((z < -2 AND NOT bl)::int) OVER (w ROWS 2 PRECEDING) >= 2 AS low3,
    count(v) OVER (w ROWS 3 PRECEDING) = 4 AND sum((z > 1.5)::int) OVER (w ROWS 3 PRECEDING) >= 3 AS high4, count(v) OVER (w ROWS 3 PRECEDING) = 4 AND sum((z < -1.5)::int) OVER (w ROWS 3 PRECEDING) >= 3 AS low4,
    count(v) OVER (w ROWS 6 PRECEDING) = 7 AND sum(step) OVER (w ROWS 5 PRECEDING) = 6 AS up, count(v) OVER (w ROWS 6 PRECEDING) = 7 AND sum(step) OVER (w ROWS 5 PRECEDING) = -6 AS down
FROM (SELECT *, sign(v - lag(v) OVER (PARTITION BY k ORDER BY at)) AS step FROM charted) c WINDOW w AS (PARTITION BY k ORDER BY at);
SELECT count(*) AS points, count(*) FILTER (WHERE nhs IS DISTINCT FROM e_nhs) AS nhs_differ, count(*) FILTER (WHERE wheeler IS DISTINCT FROM e_wheeler) AS wheeler_differ, count(DISTINCT nhs) AS nhs_kinds, count(DISTINCT wheeler) AS wheeler_kinds
FROM (SELECT *, CASE WHEN v IS NULL THEN NULL WHEN num_points(x) < 13 THEN 'trial' WHEN bh THEN 'beyond_high' WHEN bl THEN 'beyond_low' WHEN bool_or(up) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) THEN 'trend_up' WHEN bool_or(down) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) THEN 'trend_down'
        WHEN z > 2 AND bool_or(high3) OVER (w ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) THEN 'near_high' WHEN z < -2 AND bool_or(low3) OVER (w ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) THEN 'near_low'
        WHEN bool_or(run7) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) THEN CASE WHEN side > 0 THEN 'run_above' ELSE 'run_below' END ELSE 'none' END::kpi_signal AS e_nhs,
        CASE WHEN v IS NULL THEN NULL WHEN bh THEN 'beyond_high' WHEN bl THEN 'beyond_low' WHEN z > 1.5 AND bool_or(high4) OVER (w ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING) THEN 'near_high' WHEN z < -1.5 AND bool_or(low4) OVER (w ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING) THEN 'near_low'
        WHEN bool_or(run8) OVER (w ROWS BETWEEN CURRENT ROW AND 7 FOLLOWING) THEN CASE WHEN side > 0 THEN 'run_above' ELSE 'run_below' END ELSE 'none' END::kpi_signal AS e_wheeler
    FROM rules_in_sql WINDOW w AS (PARTITION BY k ORDER BY at)) s;

-- what a signal means
SELECT s AS signal, signal_meaning(s, '>= 5') AS "more is better", signal_meaning(s, '<= 5') AS "less is better", signal_meaning(s, '= 5') AS exactly, signal_meaning(s, '[4,6]') AS range FROM unnest(enum_range(NULL::kpi_signal)) s ORDER BY s;
SELECT signal_meaning(NULL, '>= 5') IS NULL AS no_signal, signal_meaning('none', NULL) IS NULL AS no_target;

-- what is refused
SELECT signal(1::float8, 'NHS') OVER ();
\set VERBOSITY default
SELECT signal(1::float8, 'shewhart') OVER ();
\set VERBOSITY terse
SELECT signal(1::float8, centre => 'mode') OVER ();
SELECT signal('NaN'::float8) OVER ();
SELECT signal('-Infinity'::float8) OVER ();
SELECT signal(v, physical_upper => 1) OVER () FROM (VALUES (1::float8), (2)) u(v);
SELECT signal(1::float8, baseline => 0) OVER ();
SELECT signal(v) OVER (ORDER BY v) FROM (VALUES (1e308::float8), (-1e308)) u(v);
SELECT signal(1::float8);
SELECT xmr_limits(1::float8);
SELECT count(*) FROM (SELECT signal(1::float8) OVER () FROM generate_series(1, 0)) s;
