-- xmr: natural process limits, assurance and plateau.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);
-- the limits of an array in its order
CREATE FUNCTION pg_temp.xmr(x float8[], centre text DEFAULT NULL, screen boolean DEFAULT NULL, lo float8 DEFAULT NULL, hi float8 DEFAULT NULL, k int DEFAULT NULL) RETURNS xmr
    LANGUAGE sql RETURN (SELECT xmr_agg(v, centre, screen, lo, hi, k ORDER BY at) FROM unnest(x) WITH ORDINALITY u(v, at));

CREATE TEMP TABLE points (org text, screen boolean, period date, y float8, mean float8, lpl float8, upl float8, special text, point text);
CREATE TEMP TABLE summary (org text, screen boolean, n int, mean float8, lpl float8, upl float8, common int, improve int, concern int, variation text, assurance text);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy points FROM 'data/xmr_points.csv' (FORMAT csv, HEADER)
\copy summary FROM 'data/xmr_summary.csv' (FORMAT csv, HEADER)

-- NHSRplotthedots: every column of the summary
SELECT s.org, s.screen, num_points(x) = n AS n, pg_temp.near(centre(x), mean, 1e-13) AS mean, pg_temp.near(lower_limit(x), lpl, 1e-13) AS lpl, pg_temp.near(upper_limit(x), upl, 1e-13) AS upl,
    c.common = s.common AS common, c.improve = s.improve AS improve, c.concern = s.concern AS concern,
    CASE c.last WHEN 'neutral' THEN 'common_cause' ELSE 'special_cause_' || c.last END = s.variation AS variation,
    CASE assurance(x, '<= 1200') WHEN 'consistently_met' THEN 'consistent_pass' WHEN 'consistently_missed' THEN 'consistent_fail' WHEN 'hit_or_miss' THEN 'inconsistent' END = s.assurance AS assurance,
    num_ranges(x) AS ranges, dropped_ranges(x) AS dropped
FROM summary s JOIN (SELECT org, screen, xmr_agg(y, NULL, screen, NULL, NULL, NULL ORDER BY period) x FROM points GROUP BY org, screen) l USING (org, screen)
JOIN (SELECT org, screen, count(*) FILTER (WHERE signal = 'none') AS common, count(*) FILTER (WHERE meaning = 'improvement') AS improve, count(*) FILTER (WHERE meaning = 'concern') AS concern,
        (array_agg(meaning ORDER BY period DESC))[1] AS last
    FROM (SELECT *, signal_meaning(signal, '<= 1200') AS meaning FROM (SELECT *, signal(y, screen => screen) OVER (PARTITION BY org, screen ORDER BY period) FROM points) s) m
    GROUP BY org, screen) c USING (org, screen)
ORDER BY org COLLATE "C", screen;
-- the limits that are printed beside the points; without options they are the screened ones
SELECT count(*) AS points, bool_and(pg_temp.near(centre(x), mean, 1e-14) AND pg_temp.near(lower_limit(x), lpl, 1e-14) AND pg_temp.near(upper_limit(x), upl, 1e-14)) AS limits
FROM (SELECT *, xmr_limits(y, screen => screen) OVER (PARTITION BY org, screen ORDER BY period) x FROM points) s;
SELECT org, count(DISTINCT x::text) AS different FROM (
    SELECT org, xmr_agg(y ORDER BY period) x FROM points WHERE screen GROUP BY org UNION ALL SELECT org, xmr_agg(y, 'mean', true, NULL, NULL, NULL ORDER BY period) FROM points WHERE screen GROUP BY org) s
GROUP BY org ORDER BY org COLLATE "C";

-- by hand: 10 12 11 15 13, ranges 2 1 4 2
SELECT pg_temp.xmr('{10,12,11,15,13}');
SELECT num_points(x), num_ranges(x), dropped_ranges(x), centre(x), moving_range(x), pg_temp.near(sigma(x), 2.25 * 2.66 / 3) AS sigma, pg_temp.near(lower_limit(x), 12.2 - 2.66 * 2.25) AS lower, pg_temp.near(upper_limit(x), 12.2 + 2.66 * 2.25) AS upper
FROM pg_temp.xmr('{10,12,11,15,13}') x;
-- the order decides
SELECT moving_range(xmr_agg(v ORDER BY v)) AS sorted, moving_range(xmr_agg(v ORDER BY at)) AS as_is FROM (VALUES (1, 10), (2, 12), (3, 11), (4, 15), (5, 13)) u(at, v);
-- median: 2.66 mean moving ranges too; even and odd, ties, reversed
SELECT x, centre(pg_temp.xmr(x, 'median')) AS median, centre(pg_temp.xmr(x, 'median')) = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM unnest(x) v) AS same,
    pg_temp.near(upper_limit(pg_temp.xmr(x, 'median')) - centre(pg_temp.xmr(x, 'median')), 2.66 * moving_range(pg_temp.xmr(x)), 1e-14) AS distance
FROM unnest(ARRAY['{10,12,11,15,13}', '{4,1,3,2}', '{5,5,5,1,9,5}', '{9,8,7,6,5,4,3,2,1,0}', '{2,2}']) t, CAST(t AS float8[]) x;
SELECT bool_and(centre(m) = p) AS median FROM (
    SELECT n, xmr_agg(v, 'median', NULL, NULL, NULL, NULL ORDER BY at) m, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) p
    FROM (SELECT n, g AS at, ((g * 7919) % (n + 3) % 17 * 0.1)::float8 AS v FROM generate_series(1, 90) n, generate_series(1, n) g) d GROUP BY n) s;

-- screening: a range of exactly 3.267 x the mean goes, a little less stays; it is done once
SELECT dropped_ranges(at) AS at, moving_range(at) AS mean, dropped_ranges(below) AS below, dropped_ranges(off) AS off, moving_range(off) AS mean_off
FROM pg_temp.xmr('{0,200,433,733,4000}') at, pg_temp.xmr('{0,200,433,733,3999.9}') below, pg_temp.xmr('{0,200,433,733,4000}', screen => false) off;
-- the ranges are 1 (40 times), 5 and 60: 5 would fall to a second screening
SELECT dropped_ranges(x), num_ranges(x), pg_temp.near(moving_range(x), 45 / 41.0) AS once FROM (SELECT xmr_agg(v ORDER BY g) x FROM (SELECT g, g % 2 + CASE WHEN g > 20 THEN 4 ELSE 0 END + CASE WHEN g > 41 THEN 61 ELSE 0 END AS v FROM generate_series(1, 43) g) d) s;
-- never all of them
SELECT dropped_ranges(x), num_ranges(x), moving_range(x) FROM unnest(ARRAY[pg_temp.xmr('{5,5,5,5,5,5}'), pg_temp.xmr('{1,1,1,1,9}'), pg_temp.xmr('{0,7}')]) x;

-- traps: a constant series, however awkward; one clean step; gaps; few points, one, none
SELECT v, bool_and(centre(x) = v AND lower_limit(x) = v AND upper_limit(x) = v AND moving_range(x) = 0) AS constant
FROM unnest('{0.1,0,-0.3,1e300,-1e-300,123456789.123456789}'::float8[]) v, unnest('{2,3,7,1000}'::int[]) n, unnest('{mean,median}'::text[]) c, pg_temp.xmr(array_fill(v, ARRAY[n]), c) x GROUP BY v ORDER BY v;
SELECT pg_temp.xmr(array_fill(0::float8, '{10}') || array_fill(1::float8, '{10}')), pg_temp.xmr(array_fill(0::float8, '{10}') || array_fill(1::float8, '{10}'), screen => false);
SELECT moving_range(x), num_points(x), num_ranges(x), centre(x) FROM unnest(ARRAY[pg_temp.xmr('{10,12,NULL,100,103}'), pg_temp.xmr('{NULL,10,12}'), pg_temp.xmr('{10,12,NULL,NULL}'), pg_temp.xmr('{10,NULL,12}')]) x;
SELECT pg_temp.xmr('{7}') AS one, lower_limit(pg_temp.xmr('{7}')) IS NULL AND upper_limit(pg_temp.xmr('{7}')) IS NULL AND moving_range(pg_temp.xmr('{7}')) IS NULL AND sigma(pg_temp.xmr('{7}')) IS NULL AS no_limits,
    pg_temp.xmr('{}') IS NULL AS none, pg_temp.xmr('{NULL,NULL}') IS NULL AS all_null;
SELECT k, pg_temp.xmr(x) FROM (VALUES (2, '{1,4}'::float8[]), (3, '{1,4,2}'), (4, '{1,4,2,2}')) v(k, x);
SELECT xmr_agg(v) FILTER (WHERE v > 9) IS NULL AS filtered, xmr_agg(v, NULL, NULL, NULL, NULL, NULL, NULL) FILTER (WHERE v > 9) IS NULL AS filtered_too FROM generate_series(1, 5) v;

-- physical bounds clip the limits, and nothing may pass them
SELECT lower_limit(x), upper_limit(x), centre(x), moving_range(x) FROM unnest(ARRAY[pg_temp.xmr('{90,99,92,98}', lo => 0, hi => 100), pg_temp.xmr('{90,99,92,98}', lo => 85), pg_temp.xmr('{1,0,3,0}', lo => 0), pg_temp.xmr('{100,100}', hi => 100)]) x;
SELECT pg_temp.xmr('{90,100.1,92,98}', hi => 100);
SELECT pg_temp.xmr('{90,-1e-9,92,98}', lo => 0);
-- noise does not pass a bound
SELECT upper_limit(pg_temp.xmr('{0.3,0.30000000000000004,0.3}', hi => 0.3)) BETWEEN 0.3 AND 0.3000000000000001 AS near;
-- the first k points alone set the limits; all are counted
SELECT num_points(x), num_ranges(x), centre(x) = 12.2 AS centre, moving_range(x) FROM unnest(ARRAY[pg_temp.xmr('{10,12,11,15,13,50,900}', k => 5), pg_temp.xmr('{10,12,11,15,13,50,900}', k => 100), pg_temp.xmr('{10,NULL,12,11,15,13,NULL,50}', k => 5)]) x;
SELECT pg_temp.xmr('{10,12,NULL,11,900}', k => 3) AS gap;

-- the latest segment, and a segment that comes back
SELECT xmr_agg(v, NULL, NULL, NULL, NULL, NULL, s ORDER BY at)::text = pg_temp.xmr('{20,22,21}')::text AS latest, xmr_agg(v, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY at)::text = xmr_agg(v ORDER BY at)::text AS none
FROM (VALUES (1, 10, 'a'), (2, 12, 'a'), (3, 99, 'b'), (4, 20, 'a'), (5, 22, 'a'), (6, 21, 'a')) u(at, v, s);
SELECT num_points(xmr_agg(v, NULL, NULL, NULL, NULL, NULL, s ORDER BY at)) FROM (VALUES (1, 10, NULL), (2, 12, ''), (3, 99, ''), (4, 20, NULL), (5, 20, NULL), (6, 20, NULL)) u(at, v, s);

-- as a window aggregate: each frame has its own limits
SELECT bool_and(x::text = w::text OR x IS NULL AND w IS NULL) AS growing, bool_and(y::text = z::text OR y IS NULL AND z IS NULL) AS sliding FROM (
    SELECT at, xmr_agg(v, 'median', NULL, NULL, NULL, NULL) OVER (ORDER BY at) w, xmr_agg(v) OVER (ORDER BY at ROWS 6 PRECEDING) z FROM (SELECT g AS at, CASE WHEN g % 7 > 0 THEN (g * 7919) % 101 END AS v FROM generate_series(1, 40) g) d) s,
    LATERAL (SELECT xmr_agg(v, 'median', NULL, NULL, NULL, NULL ORDER BY g) x, xmr_agg(v ORDER BY g) FILTER (WHERE g >= at - 6) y FROM (SELECT g, CASE WHEN g % 7 > 0 THEN (g * 7919) % 101 END AS v FROM generate_series(1, at) g) d) o;

-- the mean is the nearest number: as that of exact numbers
SELECT count(*), bool_and(centre(x) = exact::float8) AS nearest FROM (SELECT n, xmr_agg(v ORDER BY g) x, sum(v::numeric) / count(*) exact FROM (SELECT n, g, ((g * 7919 + n) % 1009)::float8 AS v FROM generate_series(1, 200) n, generate_series(1, n) g) d GROUP BY n) s;

-- against the definition in SQL, on many series with gaps
CREATE TEMP TABLE many AS SELECT k, g AS at, CASE WHEN (g * k) % 11 > 0 THEN (((g * 7919 + k * 104729) % 1009) ^ 2 / 977)::float8 END AS v FROM generate_series(1, 60) k, generate_series(1, k + 3) g;
SELECT count(*), bool_and(pg_temp.near(centre(x), c, 1e-13)) AS centre, bool_and(pg_temp.near(moving_range(x), b, 1e-13)) AS moving_range, bool_and(dropped_ranges(x) = d) AS dropped, sum(d) > 20 AS some
FROM (SELECT k, xmr_agg(v ORDER BY at) x, avg(v) c FROM many GROUP BY k) x
JOIN (SELECT k, avg(r) FILTER (WHERE r < 3.267 * a) b, count(*) FILTER (WHERE r >= 3.267 * a) d FROM (SELECT *, avg(r) OVER (PARTITION BY k) a FROM (SELECT k, abs(v - lag(v) OVER (PARTITION BY k ORDER BY at)) r FROM many) r) a GROUP BY k) r USING (k);

-- what is refused
SELECT pg_temp.xmr('{1,NaN}');
SELECT pg_temp.xmr('{1,Infinity}');
SELECT pg_temp.xmr('{1e308,-1e308}');
SELECT pg_temp.xmr('{1,2}', 'mode');
SELECT pg_temp.xmr('{1,2}', k => 1);
SELECT pg_temp.xmr('{1,2}', lo => 5, hi => 5);
SELECT pg_temp.xmr('{1,2}', lo => 'NaN');

-- text, binary, jsonb
SELECT count(*), bool_and(x::text = (x::text)::xmr::text AND x::text = (x::jsonb)::xmr::text) AS text, bool_and(xmr_send(x) = xmr_send(x::text::xmr)) AS binary
FROM (SELECT xmr_agg(v ORDER BY at) x FROM many GROUP BY k UNION ALL SELECT pg_temp.xmr('{7}') UNION ALL SELECT pg_temp.xmr('{0.1,0.1}')) s;
SELECT xmr_send(pg_temp.xmr('{1,3}'));
-- bytes through the receive function: a binary COPY stream of one field
CREATE TEMP TABLE received (x xmr);
CREATE FUNCTION pg_temp.from_binary(payload bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    stream bytea := '\x5047434f50590aff0d0a00'::bytea || int4send(0) || int4send(0) || int2send(1::int2) || int4send(length(payload)) || payload || int2send((-1)::int2);
    octal text;
BEGIN
    SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO octal FROM (SELECT i, get_byte(stream, i) AS b FROM generate_series(0, length(stream) - 1) i) s;
    DELETE FROM received;
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
    RETURN (SELECT x::text FROM received);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
SELECT pg_temp.from_binary(xmr_send(x)) = x::text AS same FROM unnest(ARRAY[pg_temp.xmr('{1,3}'), pg_temp.xmr('{7}'), pg_temp.xmr('{0.1,0.7,90,-5}', lo => -6)]) x;
SELECT what, pg_temp.from_binary(payload) FROM (SELECT xmr_send(pg_temp.xmr('{1,3}')) b) s,
    LATERAL (VALUES (1, 'version', set_byte(b, 0, 2)), (2, 'flags', set_byte(b, 1, 3)), (3, 'no limits', set_byte(b, 1, 0)), (4, 'points', set_byte(b, 9, 0)), (5, 'negative', set_byte(b, 10, 255)), (6, 'NaN', overlay(b PLACING float8send('NaN') FROM 27)),
        (7, 'lower', overlay(b PLACING float8send(-99) FROM 43)), (8, 'upper', overlay(b PLACING float8send('Infinity') FROM 51)), (9, 'short', substr(b, 1, 50)), (10, 'long', b || '\x00')) v(k, what, payload) ORDER BY k;
SET extra_float_digits = -10;
SELECT pg_temp.xmr('{0.1,0.2,0.7}');
RESET extra_float_digits;
SELECT '{"points": 2, "ranges": 1, "dropped": 0, "centre": -0, "moving_range": 0, "lower_limit": -0.0, "upper_limit": 0}'::xmr;
SELECT '{"points": 2, "ranges": 1, "dropped": 0, "centre": 1, "moving_range": 2, "lower_limit": -4.32, "upper_limit": 6.33}'::xmr;
SELECT '{"points": 2, "ranges": 1, "dropped": 0, "centre": 1, "moving_range": 2, "lower_limit": 1.1, "upper_limit": 6.3}'::xmr;
SELECT '{"points": 2, "ranges": 1, "dropped": 0, "centre": 1, "moving_range": -2, "lower_limit": 1, "upper_limit": 1}'::xmr;
SELECT '{"points": 2, "ranges": 2, "dropped": 0, "centre": 1, "moving_range": 0, "lower_limit": 1, "upper_limit": 1}'::xmr;
SELECT '{"points": 3, "ranges": 1, "dropped": 2, "centre": 1, "moving_range": 0, "lower_limit": 1, "upper_limit": 1}'::xmr;
SELECT '{"points": 0, "ranges": 0, "dropped": 0, "centre": 1, "moving_range": null, "lower_limit": null, "upper_limit": null}'::xmr;
SELECT '{"points": 1, "ranges": 0, "dropped": 0, "centre": 1, "moving_range": 0, "lower_limit": null, "upper_limit": null}'::xmr;
SELECT '{"points": 2, "ranges": 1, "dropped": 0, "centre": 1, "moving_range": null, "lower_limit": 1, "upper_limit": 1}'::xmr;
SELECT '{"points": 1, "ranges": 0, "dropped": 0, "centre": 1}'::xmr;
SELECT '{"points": 1, "ranges": 0, "centre": 1}'::xmr;
SELECT '{"points": 1, "ranges": 0, "dropped": 0, "centre": 1, "sigma": 1}'::xmr;
SELECT '{"points": 1, "ranges": 0, "dropped": 0, "centre": "NaN"}'::xmr;
SELECT '[1]'::xmr;
SELECT 'null'::jsonb::xmr;

-- assurance: the limits are 90 and 110
CREATE TEMP VIEW ninety AS SELECT '{"points": 24, "ranges": 23, "dropped": 0, "centre": 100, "moving_range": 10, "lower_limit": 90, "upper_limit": 110}'::xmr AS x;
SELECT target, assurance(x, target) FROM ninety,
    unnest('{">= 89",">= 90",">= 90.1",">= 100",">= 110",">= 110.1","<= 111","<= 110","<= 109.9","<= 100","<= 90","<= 89.9","= 100","= 90","= 110","= 89","= 111","[90,110]","[80,120]","[95,105]","[80,100]","[100,120]","[110,120]","[80,90]","[111,120]","[80,89]"}'::kpi_target[]) target;
SELECT target, assurance(pg_temp.xmr(array_fill(5::float8, '{13}')), target) FROM unnest('{"= 5",">= 5","<= 5",">= 5.1","[5,5]","= 6"}'::kpi_target[]) target;
SELECT n, assurance(x, '<= 9') AS "default", assurance(x, '<= 9', 2) AS two, assurance(x, '<= 9', min_points => 5) AS five, assurance(x, '<= 9', NULL) AS "null"
FROM unnest('{1,2,4,5,12,13}'::int[]) n, LATERAL (SELECT xmr_agg(g % 2 ORDER BY g) x FROM generate_series(1, n) g) s ORDER BY n;
SELECT assurance(x, NULL) IS NULL AS no_target, assurance(NULL, '>= 1') IS NULL AS no_xmr FROM ninety;
SELECT assurance(x, '>= 1', 1) FROM ninety;

-- plateau: limits from the first k of the last 3 k points
CREATE FUNCTION pg_temp.plateau(x float8[], target kpi_target, k int, rules text DEFAULT NULL) RETURNS boolean LANGUAGE sql
    RETURN (SELECT plateau(v, target, k, rules ORDER BY at) FROM unnest(x) WITH ORDINALITY u(v, at));
CREATE TEMP TABLE shapes (shape text, x float8[]);
INSERT INTO shapes
SELECT 'noise', array_agg((g * 7) % 5 + 10.0 ORDER BY g) FROM generate_series(1, 30) g
UNION ALL SELECT 'step before', array_agg((g * 7) % 5 + CASE WHEN g > 6 THEN 10.0 ELSE -90 END ORDER BY g) FROM generate_series(1, 30) g
UNION ALL SELECT 'step inside', array_agg((g * 7) % 5 + CASE WHEN g > 22 THEN 10.0 ELSE 5 END ORDER BY g) FROM generate_series(1, 30) g
UNION ALL SELECT 'rising', array_agg(g + 0.0 ORDER BY g) FROM generate_series(1, 30) g
UNION ALL SELECT 'constant', array_agg(12.0 ORDER BY g) FROM generate_series(1, 30) g
UNION ALL SELECT 'gaps', array_agg(CASE WHEN g % 6 > 0 THEN (g * 7) % 5 + 10.0 END ORDER BY g) FROM generate_series(1, 30) g;
SELECT shape, pg_temp.plateau(x, '>= 15', 8) AS unmet, pg_temp.plateau(x, '>= 12', 8) AS met, pg_temp.plateau(x, '<= 11.9', 8) AS lower, pg_temp.plateau(x, '>= 15', 10) AS ten, pg_temp.plateau(x, '>= 15', 11) AS eleven,
    pg_temp.plateau(x, '>= 15', 3, 'wheeler') AS three, pg_temp.plateau(x, NULL, 8) AS no_target FROM shapes ORDER BY shape COLLATE "C";
SELECT pg_temp.plateau(x, '>= 15', 4) IS NULL AS on_trial, pg_temp.plateau(x, '>= 15', 4, 'nelson') AS nelson FROM shapes WHERE shape = 'noise';
-- the target is that of the last row; none at all
SELECT plateau(v, CASE WHEN g <= 29 THEN at_least(15) END, 8 ORDER BY g) IS NULL AS "null", plateau(v, CASE WHEN g <= 29 THEN at_least(15) ELSE at_least(1) END, 8 ORDER BY g) AS met, plateau(v, CASE WHEN g > 29 THEN at_least(15) END, 8 ORDER BY g) AS unmet,
    plateau(v, '>= 15', 8 ORDER BY g) FILTER (WHERE g > 99) IS NULL AS none, plateau(NULL, '>= 15', 8) IS NULL AS all_null FROM (SELECT g, (g * 7) % 5 + 10.0 AS v FROM generate_series(1, 30) g) d;
SELECT pg_temp.plateau('{1,2}', '>= 1', 1);
SELECT pg_temp.plateau('{1,2}', '>= 1', NULL);
SELECT pg_temp.plateau('{1,2}', '>= 1', 2, 'nhss');
SELECT pg_temp.plateau('{1,Infinity}', '>= 1', 2);
SELECT bool_or(w) AS some, bool_and(w IS NOT DISTINCT FROM p) AS window FROM (SELECT at, plateau(v, '>= 15', 5) OVER (ORDER BY at) w, x FROM shapes, unnest(x) WITH ORDINALITY u(v, at) WHERE shape = 'noise') s, LATERAL pg_temp.plateau(x[:at], '>= 15', 5) p;
