-- mann_kendall and its seasonal and modified forms: is there a trend at all?
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);
CREATE FUNCTION pg_temp.mk(y float8[]) RETURNS mann_kendall_result LANGUAGE sql
    RETURN (SELECT mann_kendall(v ORDER BY i) FROM unnest(y) WITH ORDINALITY u(v, i));

-- none, one, two points; constant; up to 4 points it is a trial
SELECT mann_kendall(y) IS NULL AS none, seasonal_mann_kendall(y, 12) IS NULL AS seasonal, modified_mann_kendall(y) IS NULL AS modified FROM (SELECT 1::float8 y WHERE false) s;
SELECT mann_kendall(NULL) IS NULL AS nulls, seasonal_mann_kendall(NULL, 3) IS NULL AS seasonal, modified_mann_kendall(NULL) IS NULL AS modified;
SELECT y, n, s, round(variance::numeric, 9) AS variance, round(tau::numeric, 9) AS tau, round(z::numeric, 9) AS z, round(p_value::numeric, 12) AS p_value, verdict, correction
FROM (VALUES ('{7}'::float8[]), ('{1,2}'), ('{2,1}'), ('{3,3}'), ('{1,2,3}'), ('{1,2,3,4}'), ('{1,2,3,4,5}'), ('{5,4,3,2,1}'), ('{1,1,1,1,1}'), ('{0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1}'),
    ('{1,2,3,4,5,6,7,8,9,10}'), ('{10,9,8,7,6,5,4,3,2,1}'), ('{1,2,3,4,5,6,7,8,9,10,11}'), ('{1,2,2,3,4,4,4,5}'), ('{-0,0,0,-0,1}'), ('{1e308,-1e308,1e-308,-1e-308,0}')) v(y), pg_temp.mk(y);
-- NULLs are left out; any order but that of ORDER BY is no matter
SELECT pg_temp.mk('{NULL,1,3,NULL,2,5,NULL,4,6,8,NULL}') = pg_temp.mk('{1,3,2,5,4,6,8}') AS left_out;
SELECT mann_kendall(y ORDER BY at DESC) FROM (VALUES (3, 30::float8), (1, 10), (2, 20), (5, 50), (4, 40)) v(at, y);

-- R (trend 1.1.6, mk.test) on series of every kind
CREATE TEMP TABLE series (series text, t int, y float8);
CREATE TEMP TABLE answers (series text, n int, mk_s float8, mk_vars float8, mk_tau_b float8, mk_z_cc float8, mk_p float8,
    kendall_tau float8, kendall_s float8, kendall_vars float8, kendall_p float8, sen_slope float8, sen_lo95 float8, sen_hi95 float8,
    zyp_slope float8, zyp_intercept float8, mblm_ts_slope float8, mblm_ts_intercept float8, siegel_slope float8, siegel_intercept float8,
    ols_slope float8, ols_intercept float8, ols_r2 float8, ols_slope_se float8, ols_p float8);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy series FROM 'data/trend_series.csv' (FORMAT csv, HEADER)
\copy answers FROM 'data/trend_answers.csv' (FORMAT csv, HEADER)
SELECT a.series, (m).n = n AS n, (m).s, (m).s = mk_s AS s_equal, pg_temp.near((m).variance, mk_vars) AS variance, pg_temp.near((m).tau, mk_tau_b) AS tau,
    pg_temp.near((m).z, mk_z_cc) AS z, pg_temp.near((m).p_value, mk_p, 1e-10) AS p_value, (m).verdict
FROM answers a JOIN (SELECT series, mann_kendall(y ORDER BY t) m FROM series GROUP BY 1) s USING (series) ORDER BY a.series COLLATE "C";

-- by brute force: every pair, in SQL, with the textbook's sums over ties
CREATE FUNCTION pg_temp.brute(y float8[], season int, OUT s bigint, OUT variance float8, OUT denominator float8) LANGUAGE sql
BEGIN ATOMIC
    WITH p AS (SELECT v, i, i % season AS season FROM unnest(y) WITH ORDINALITY u(v, i) WHERE v IS NOT NULL),
        pairs AS (SELECT a.season, sum(sign(b.v - a.v)) AS s FROM p a JOIN p b ON a.i < b.i AND a.season = b.season GROUP BY 1),
        n AS (SELECT season, count(*)::numeric AS n FROM p GROUP BY 1),
        ties AS (SELECT season, sum(t * (t - 1) * (2 * t + 5)) AS spread, sum(t * (t - 1) / 2) AS tied FROM (SELECT season, count(*)::numeric AS t FROM p GROUP BY season, v) g GROUP BY 1)
    SELECT sum(coalesce(pairs.s, 0)), sum((n * (n - 1) * (2 * n + 5) - spread) / 18), sum(sqrt(n * (n - 1) / 2) * sqrt(n * (n - 1) / 2 - tied))
    FROM n JOIN ties USING (season) LEFT JOIN pairs USING (season);
END;
-- AirPassengers, by month
SELECT (m).n, (m).s, (m).s = b.s AS s_equal, round((m).variance::numeric, 6) AS variance, pg_temp.near((m).variance, b.variance) AS variance_equal, pg_temp.near((m).tau, b.s / denominator) AS tau,
    pg_temp.near((m).z, (b.s - sign(b.s)) / sqrt(b.variance)) AS z, round((m).z::numeric, 9) AS z_value, (m).verdict
FROM (SELECT array_agg(y ORDER BY t) a, seasonal_mann_kendall(y, 12 ORDER BY t) m FROM series WHERE series = 'AirPassengers') x, pg_temp.brute(a, 12) b;
-- ties, light and heavy, with NULLs and without, of any length of season
WITH made AS (
    SELECT k, season, array_agg(CASE WHEN k % 3 = 0 AND hashint4(i * 31 + k) % 7 = 0 THEN NULL
        ELSE CASE k % 5 WHEN 0 THEN abs(hashint4(i + 1000 * k) % 3) WHEN 1 THEN hashint4(i + 1000 * k) / 7.0 WHEN 2 THEN i / 4 WHEN 3 THEN -abs(hashint4(i) % 100) - i WHEN 4 THEN (i % 60 = 5)::int END END::float8 ORDER BY i) y
    FROM generate_series(1, 60) k, unnest('{1,2,7,12,500}'::int[]) season, generate_series(1, 3 + k * 4) i GROUP BY 1, 2)
SELECT season, count(*), count(*) FILTER (WHERE (m).s = b.s) AS s, count(*) FILTER (WHERE pg_temp.near((m).variance, b.variance)) AS variance,
    count(*) FILTER (WHERE pg_temp.near((m).tau, b.s / nullif(denominator, 0))) AS tau, count(*) FILTER (WHERE (m).s = 0 AND (m).z = 0 OR pg_temp.near((m).z, (b.s - sign(b.s)) / sqrt(b.variance))) AS z,
    count(*) FILTER (WHERE season > 1 OR m = pg_temp.mk(y)) AS plain
FROM (SELECT season, y, (SELECT seasonal_mann_kendall(v, season ORDER BY i) FROM unnest(y) WITH ORDINALITY u(v, i)) m FROM made) x, pg_temp.brute(y, season) b GROUP BY season ORDER BY season;
-- all but one equal: the variance does not cancel away (n (n - 1) (n + 1) / 3 without ties, here n - 1)
SELECT (m).s, (m).variance FROM (SELECT mann_kendall((i = 1000)::int ORDER BY i) m FROM generate_series(1, 1000) i) x;
SELECT (m).s, (m).variance FROM (SELECT mann_kendall((i = 200000)::int ORDER BY i) m FROM generate_series(1, 200000) i) x;

-- exact p-values: every order of n values, by their S
CREATE FUNCTION pg_temp.orders(n int) RETURNS SETOF float8[] LANGUAGE sql
BEGIN ATOMIC
    WITH RECURSIVE o AS (SELECT '{}'::float8[] AS a UNION ALL SELECT a || x::float8 FROM o, generate_series(1, n) x WHERE cardinality(a) < n AND x <> ALL (a))
    SELECT a FROM o WHERE cardinality(a) = n;
END;
WITH d AS (SELECT m.n, m.s, m.p_value AS p, count(*) AS orders FROM generate_series(1, 6) k, pg_temp.orders(k) a, pg_temp.mk(a) m GROUP BY 1, 2, 3)
SELECT d.n, sum(orders) AS orders, count(*) AS values_of_s, bool_and(pg_temp.near(p, (SELECT sum(e.orders) FROM d e WHERE e.n = d.n AND abs(e.s) >= abs(d.s)) / (SELECT sum(e.orders) FROM d e WHERE e.n = d.n)::float8)) AS p_value
FROM d GROUP BY n ORDER BY n;
-- Kendall (1970), table 1: P(S at least so large), one-sided: 0.031, 0.022, 0.023
SELECT v.n, v.s, round(m.p_value::numeric / 2, 3) AS one_sided FROM (VALUES (8, 16, '{4,3,2,1,5,6,7,8}'::float8[]), (9, 20, '{4,3,2,1,6,5,8,7,9}'), (10, 23, '{5,4,3,2,1,7,6,8,9,10}')) v(n, s, y), pg_temp.mk(y) m WHERE m.s = v.s ORDER BY 1, 2;
-- seasons of 5 and 5 points: exact as well, by counting all 120 x 120 orders of the two
WITH one AS (SELECT m.s, count(*) AS c FROM pg_temp.orders(5) a, pg_temp.mk(a) m GROUP BY 1),
    two AS (SELECT a.s + b.s AS s, sum(a.c * b.c) AS c FROM one a, one b GROUP BY 1)
SELECT (m).n, (m).s, (m).p_value, pg_temp.near((m).p_value, (SELECT sum(c) FILTER (WHERE abs(s) >= abs((m).s)) / 14400.0 FROM two)::float8) AS exact
FROM (SELECT seasonal_mann_kendall(y, 2 ORDER BY i) m FROM unnest('{1,9,2,8,4,10,3,5,6,16}'::float8[]) WITH ORDINALITY u(y, i)) x;

-- the verdict at another level; alpha is the same for all rows
SELECT a, verdict FROM unnest('{0.001,0.01,0.02,0.05,0.2}'::float8[]) a, LATERAL (SELECT (mann_kendall(y, a ORDER BY i)).* FROM unnest('{4,1,2,7,3,5,10,6,8,9}'::float8[]) WITH ORDINALITY u(y, i)) m ORDER BY a;
SELECT (seasonal_mann_kendall(y, 12, 0.01 ORDER BY t)).verdict, (modified_mann_kendall(y, 0.0001 ORDER BY t)).verdict AS modified FROM series WHERE series = 'PagesData';
SELECT mann_kendall(i, i / 10.0 ORDER BY i) FROM generate_series(1, 5) i;
SELECT mann_kendall(i, 0 ORDER BY i) FROM generate_series(1, 5) i;
SELECT mann_kendall(i, 1 ORDER BY i) FROM generate_series(1, 5) i;
SELECT mann_kendall(i, NULL ORDER BY i) FROM generate_series(1, 5) i;
SELECT mann_kendall(i, 'NaN' ORDER BY i) FROM generate_series(1, 5) i;
SELECT seasonal_mann_kendall(i, i ORDER BY i) FROM generate_series(1, 5) i;
SELECT seasonal_mann_kendall(i, 0 ORDER BY i) FROM generate_series(1, 5) i;
SELECT seasonal_mann_kendall(i, NULL ORDER BY i) FROM generate_series(1, 5) i;
SELECT modified_mann_kendall(i, 0.05, 0 ORDER BY i) FROM generate_series(1, 5) i;
SELECT modified_mann_kendall(i, 0.05, NULL ORDER BY i) FROM generate_series(1, 5) i;
-- no number
SELECT mann_kendall(y) FROM unnest('{1,NaN}'::float8[]) y;
SELECT mann_kendall(y) FROM unnest('{1,Infinity}'::float8[]) y;
SELECT seasonal_mann_kendall(y, 2) FROM unnest('{1,-Infinity}'::float8[]) y;
SELECT modified_mann_kendall(y) FROM unnest('{1,NaN}'::float8[]) y;

-- a season longer than the series has no pairs; one of 1 is the plain test
SELECT (seasonal_mann_kendall(i, 100 ORDER BY i)).* FROM generate_series(1, 20) i;
SELECT (seasonal_mann_kendall(i, 2147483647 ORDER BY i)).verdict FROM generate_series(1, 20) i;
SELECT seasonal_mann_kendall(y, 1 ORDER BY t) = mann_kendall(y ORDER BY t) AS plain FROM series WHERE series = 'Nile';
-- a NULL keeps its place in the cycle: left out of the rows, all later ones would move
SELECT (seasonal_mann_kendall(y, 2 ORDER BY i)).s, (seasonal_mann_kendall(y, 2 ORDER BY i) FILTER (WHERE y IS NOT NULL)).s AS moved
FROM (SELECT i, CASE WHEN i <> 4 THEN i + 100 * (i % 2) END AS y FROM generate_series(1, 12) i) x;

-- autocorrelation: by brute force from the definition (residuals rounded, so that noise does not break ties)
CREATE FUNCTION pg_temp.hamed_rao(y float8[]) RETURNS float8 LANGUAGE sql
BEGIN ATOMIC
    WITH p AS (SELECT v, i FROM unnest(y) WITH ORDINALITY u(v, i)),
        slope AS (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (b.v - a.v) / (b.i - a.i)) AS b FROM p a JOIN p b ON a.i < b.i),
        d AS (SELECT i, round((v - b * i)::numeric, 9) AS r FROM p, slope),
        r AS (SELECT i, (SELECT count(*) FILTER (WHERE e.r < d.r) + (count(*) FILTER (WHERE e.r = d.r) + 1) / 2.0 FROM d e)::float8 - (count(*) OVER () + 1) / 2.0 AS r, count(*) OVER () AS n FROM d),
        rho AS (SELECT a.n, b.i - a.i AS lag, sum(a.r * b.r) / (SELECT sum(r * r) FROM r) AS rho FROM r a JOIN r b ON a.i < b.i GROUP BY 1, 2)
    SELECT 1 + 2 * coalesce(sum((n - lag) * (n - lag - 1) * (n - lag - 2) * rho / (n::float8 * (n - 1) * (n - 2))) FILTER (WHERE abs(rho) > 1.959963984540054 / sqrt(n)), 0) FROM rho;
END;
SELECT series, round(c::numeric, 9) AS correction, pg_temp.near((m).correction, CASE WHEN c > 0 THEN c ELSE 1 END, 1e-10) AS equal, pg_temp.near((m).variance, (m).correction * (p).variance) AS variance,
    pg_temp.near((m).z, (p).z / sqrt((m).correction)) AS z, ((m).s, (m).tau) = ((p).s, (p).tau) AS s, (m).verdict
FROM (SELECT series, modified_mann_kendall(y ORDER BY t) m, mann_kendall(y ORDER BY t) p, pg_temp.hamed_rao(array_agg(y ORDER BY t)) c FROM series GROUP BY 1) x ORDER BY series COLLATE "C";
-- a wave: the factor of its first lag is not above 0, and 1 is taken
SELECT round((modified_mann_kendall((-1) ^ i * (i + 0.5) ORDER BY i)).correction::numeric, 6) AS all_lags, (modified_mann_kendall((-1) ^ i * (i + 0.5), 0.05, 1 ORDER BY i)).correction AS first FROM generate_series(1, 30) i;
SELECT i, (modified_mann_kendall(y ORDER BY k)).correction FROM generate_series(1, 4) i, LATERAL (SELECT k, k * k::float8 AS y FROM generate_series(1, i) k) x GROUP BY i ORDER BY i;

-- as window aggregates: each frame by itself, whatever was asked before
SELECT i, m = f AS frame, s = g AS season, h = e AS modified, (m).n, (m).s, (m).verdict
FROM (SELECT i, mann_kendall(y) OVER w m, seasonal_mann_kendall(y, 2) OVER w s, modified_mann_kendall(y) OVER w h, array_agg(y) OVER w a FROM unnest('{3,1,4,1,5,NULL,9,2,6,5,3,5}'::float8[]) WITH ORDINALITY u(y, i) WINDOW w AS (ORDER BY i)) x,
    LATERAL (SELECT mann_kendall(v ORDER BY k) f, seasonal_mann_kendall(v, 2 ORDER BY k) g, modified_mann_kendall(v ORDER BY k) e FROM unnest(a) WITH ORDINALITY u(v, k)) y ORDER BY i;
SELECT i, (mann_kendall(y) OVER (ORDER BY i ROWS 4 PRECEDING)).s FROM unnest('{3,1,4,1,5,9,2,6}'::float8[]) WITH ORDINALITY u(y, i) ORDER BY i;

-- long series: S is whole, and more than 2^32
SELECT (m).n, (m).s, (m).tau, (m).verdict FROM (SELECT mann_kendall(i ORDER BY i) m FROM generate_series(1, 300000) i) x;
SELECT (m).n, (m).s, (m).tau, (m).verdict FROM (SELECT mann_kendall(-i ORDER BY i) m FROM generate_series(1, 300000) i) x;
-- blocks that rise inside and fall as a whole: 1000 blocks of 100
SELECT (m).s, 1000 * 4950 - 100 * 100 * 499500::bigint AS known FROM (SELECT mann_kendall(i % 100 - 100 * (i / 100) ORDER BY i) m FROM generate_series(0, 99999) i) x;
