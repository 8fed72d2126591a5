-- driver(): does the outcome move with the activity, at which lag, in good directions?
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);
-- a row without its sentence, rounded
CREATE FUNCTION pg_temp.short(d driver_result, OUT n bigint, OUT best_lag integer, OUT rho numeric, OUT verdict text, OUT rhos numeric[])
    LANGUAGE sql IMMUTABLE
    RETURN ROW((d).n, (d).best_lag, round((d).correlation::numeric, 4), (d).verdict,
        (SELECT array_agg(round(r::numeric, 4) ORDER BY i) FROM unnest((d).correlations) WITH ORDINALITY u(r, i)));

-- a textbook example: intelligence and hours of television, rho = -29/165, p = 0.627188
SELECT d.n, d.best_lag, pg_temp.near(d.correlation, -29 / 165.0::float8, 1e-14) AS rho, round(d.p_value::numeric, 6) AS p, d.verdict, d.reason
FROM (SELECT (driver(iq, tv, 0 ORDER BY i)).* FROM unnest('{106,100,86,101,99,103,97,113,112,110}'::float8[], '{7,27,2,50,28,29,20,12,6,17}'::float8[]) WITH ORDINALITY v(iq, tv, i)) d;

-- SciPy 1.10.1, stats.spearmanr: ties in both, lags 0 to 3, p not yet adjusted
CREATE TEMP TABLE ties AS SELECT * FROM unnest('{3,5,5,2,8,9,4,7,7,7,1,6,10,12,11,5,8,8,13,9}'::float8[], '{2,4,6,1,7,7,5,9,6,8,2,4,11,9,12,7,7,10,10,12}'::float8[]) WITH ORDINALITY v(a, o, i);
SELECT d.n, d.best_lag, pg_temp.near(d.correlations[1], 0.8620302069161916) AS lag_0, pg_temp.near(d.correlations[2], 0.5210834623966624) AS lag_1,
    pg_temp.near(d.correlations[3], 0.17573231371363082) AS lag_2, pg_temp.near(d.correlations[4], 0.1602489417821506) AS lag_3,
    pg_temp.near(d.p_value, 1 - (1 - 1.0314603443485237e-06) ^ 4, 1e-9) AS p, d.verdict
FROM (SELECT (driver(a, o ORDER BY i)).* FROM ties) d;
-- one lag: nothing to adjust for
SELECT pg_temp.near(p_value, 1.0314603443485237e-06, 1e-10) AS p, cardinality(correlations) AS lags FROM (SELECT (driver(a, o, 0 ORDER BY i)).* FROM ties) d;
CREATE TEMP TABLE series (series text, t int, y float8);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy series FROM 'data/trend_series.csv' (FORMAT csv, HEADER)
SELECT series, pg_temp.near(d.correlation, rho, 1e-13) AS rho, pg_temp.near(d.p_value, p, 1e-10) AS p, d.verdict
FROM (SELECT series, (driver(t, y, 0 ORDER BY t)).* FROM series GROUP BY series) d
JOIN (VALUES ('Nile', -0.437449930079709::float8, 5.339193053329958e-06::float8), ('LakeHuron', -0.5013899343181113, 1.4500411413347144e-07),
    ('AirPassengers', 0.9515338832524634, 1.3461990272764129e-74), ('PrecipGL', 0.40806320812093083, 8.733405681270569e-05)) v(series, rho, p) USING (series)
ORDER BY series COLLATE "C";

-- against plain SQL: rank() with ties averaged, corr(), and the p of the line through the ranks; gaps, ties, six lags
CREATE TEMP TABLE drawn AS
SELECT g, i, CASE WHEN (i * 31 + g * 7) % 11 > 0 THEN (i * i * 17 + g * i * 5 + g) % (3 + g * 5) END::float8 AS a,
    CASE WHEN (i * 13 + g) % 9 > 0 THEN (i * 29 + i * i * g) % (2 + g * 7) END::float8 AS o
FROM generate_series(1, 40) g, generate_series(1, 20 + g * 3) i;
CREATE TEMP TABLE brute AS
WITH pairs AS (SELECT x.g, lag, x.i, x.a, y.o FROM drawn x JOIN generate_series(0, 5) lag ON true JOIN drawn y ON y.g = x.g AND y.i = x.i + lag WHERE x.a IS NOT NULL AND y.o IS NOT NULL),
ranked AS (SELECT g, lag, rank() OVER a + (count(*) OVER (PARTITION BY g, lag, a) - 1) / 2.0::float8 AS ra, rank() OVER o + (count(*) OVER (PARTITION BY g, lag, o) - 1) / 2.0::float8 AS ro
    FROM pairs WINDOW a AS (PARTITION BY g, lag ORDER BY a), o AS (PARTITION BY g, lag ORDER BY o))
SELECT g, lag, count(*) AS n, corr(ra, ro) AS rho, p_value(trend_agg(ra, ro)) AS p FROM ranked GROUP BY g, lag;
CREATE TEMP TABLE driven AS SELECT g, (driver(a, o, 5 ORDER BY i)).* FROM drawn GROUP BY g;
SELECT count(*) AS lags, bool_and(pg_temp.near(d.correlations[lag + 1], b.rho, 1e-11) OR abs(b.rho) < 1e-12) AS rho FROM driven d JOIN brute b USING (g);
SELECT count(*) AS series, bool_and(d.n = b.n) AS n, bool_and(d.best_lag = b.lag) AS lag, bool_and(pg_temp.near(d.p_value, 1 - (1 - b.p) ^ 6, 1e-9)) AS p,
    bool_and(d.verdict = CASE WHEN d.p_value > 0.05 THEN 'no_evidence' WHEN d.correlation > 0 THEN 'drives' ELSE 'moves_against' END) AS verdict
FROM driven d JOIN LATERAL (SELECT * FROM brute b WHERE b.g = d.g ORDER BY round(abs(rho)::numeric, 12) DESC, lag LIMIT 1) b ON true;

-- the lag is found again: the outcome follows the activity by 2 rows
CREATE TEMP TABLE follows AS
SELECT i, (i * 7919) % 101 AS calls, ((i - k) * 7919) % 101 * 1000 + i % 3 AS revenue, k FROM generate_series(20, 60) i, generate_series(0, 3) k;
SELECT k, (pg_temp.short(driver(calls, revenue ORDER BY i))).* FROM follows GROUP BY k ORDER BY k;
SELECT (driver(calls, revenue ORDER BY i)).reason FROM follows GROUP BY k ORDER BY k;
-- out of reach of max_lag
SELECT (driver(calls, revenue, 1 ORDER BY i)).verdict FROM follows WHERE k = 2;
-- the same from the newest to the oldest is another series
SELECT (driver(calls, revenue ORDER BY i DESC)).verdict FROM follows WHERE k = 2;
-- of several best lags the smallest
SELECT best_lag, correlations FROM (SELECT (driver(i % 2, i % 2, 4 ORDER BY i)).* FROM generate_series(1, 30) i) d;

-- directions: hours to first reply and cost, where lower is better
CREATE TEMP TABLE replies AS SELECT i, (i * 37) % 23 AS hours, (i * 37) % 23 * -2 + i % 4 AS sales, (i * 37) % 23 + i % 3 AS cost FROM generate_series(1, 40) i;
SELECT 'no targets' AS what, (pg_temp.short(driver(hours, sales ORDER BY i))).* FROM replies
UNION ALL SELECT 'lower activity is better', (pg_temp.short(driver(hours, sales, '<= 4', '>= 10' ORDER BY i))).* FROM replies
UNION ALL SELECT 'both lower', (pg_temp.short(driver(hours, cost, '<= 4', '<= 10' ORDER BY i))).* FROM replies
UNION ALL SELECT 'outcome lower', (pg_temp.short(driver(hours, cost, NULL, '<= 10' ORDER BY i))).* FROM replies
UNION ALL SELECT 'at least is as none', (pg_temp.short(driver(hours, sales, '>= 1', '>= 10' ORDER BY i))).* FROM replies;
SELECT (driver(hours, sales, '<= 4', '>= 10' ORDER BY i)).reason FROM replies UNION ALL SELECT (driver(hours, cost, NULL, '<= 10' ORDER BY i)).reason FROM replies;
-- exactly and inside: how near to the target
SELECT (pg_temp.short(driver(t, yield, '[18,22]', NULL ORDER BY i))).*, (driver(t, yield, '[18,22]', NULL ORDER BY i)).reason
FROM (SELECT i, (i * 7) % 41 AS t, 100 - greatest(0, abs((i * 7) % 41 - 20) - 2) AS yield FROM generate_series(1, 41) i) s;
SELECT (pg_temp.short(driver(t, defects, '= 20', '<= 1' ORDER BY i))).*
FROM (SELECT i, (i * 7) % 41 AS t, abs((i * 7) % 41 - 20) AS defects FROM generate_series(1, 41) i) s;
-- a target may move, its direction may not
SELECT (driver(hours, sales, at_most(4 - i / 20.0), at_least(10 + i) ORDER BY i)).verdict FROM replies;
SELECT driver(hours, sales, CASE WHEN i < 9 THEN '<= 4' ELSE '>= 4' END::kpi_target, '>= 10' ORDER BY i) FROM replies;
SELECT driver(hours, sales, '<= 4', CASE WHEN i < 9 THEN '>= 10' END::kpi_target ORDER BY i) FROM replies;

-- a vanity metric: views go up whatever sales do; and a proxy that moves against its outcome
SELECT d.n, d.verdict, d.reason FROM (SELECT (driver(views, sales ORDER BY i)).* FROM (SELECT i, 1000 + (i * 31) % 97 AS views, (i * i * 57) % 89 AS sales FROM generate_series(1, 36) i) s) d;
SELECT d.verdict, d.reason FROM (SELECT (driver(tickets_closed, satisfaction, 0 ORDER BY i)).* FROM (SELECT i, (i * 31) % 97 AS tickets_closed, 100 - (i * 31) % 97 + i % 5 AS satisfaction FROM generate_series(1, 36) i) s) d;
-- two that rise with time correlate, and it says so
SELECT d.verdict, d.reason FROM (SELECT (driver(i + i % 3, 2 * i + i % 5, 1 ORDER BY i)).* FROM generate_series(1, 24) i) d;

-- one that does not vary
SELECT d.n, d.best_lag, d.correlation, d.p_value, d.verdict, d.correlations, d.reason FROM (SELECT (driver(7, i, 1 ORDER BY i)).* FROM generate_series(1, 20) i) d;
SELECT d.verdict, d.correlations, d.reason FROM (SELECT (driver(i, 0.1, 1 ORDER BY i)).* FROM generate_series(1, 20) i) d;
SELECT d.verdict, d.reason FROM (SELECT (driver(3, 0.1 ORDER BY i)).* FROM generate_series(1, 20) i) d;
SELECT d.verdict, d.reason FROM (SELECT (driver(i % 9, 12, NULL, '[10,20]' ORDER BY i)).* FROM generate_series(1, 20) i) d;

-- few pairs: 12 make a verdict, where a lag has them
SELECT k, (pg_temp.short(driver(i, i, 2 ORDER BY i))).* FROM generate_series(1, 14) k, generate_series(1, k) i WHERE k IN (1, 2, 3, 11, 12, 13, 14) GROUP BY k ORDER BY k;
SELECT (driver(i, i ORDER BY i)).reason FROM generate_series(1, 11) i;
-- a perfect order of n without ties has p = 2/n!, not 0
SELECT n, pg_temp.near((driver(i, -i, 0 ORDER BY i)).p_value, (2 / factorial(n))::float8, 1e-12) AS p FROM unnest('{3,5,12,20}'::int[]) n, generate_series(1, n) i GROUP BY n ORDER BY n;
-- the best of all lags does not count where its pairs are too few: 11 at lag 2
SELECT (pg_temp.short(driver(calls, revenue, 2 ORDER BY i))).* FROM follows WHERE k = 2 AND i <= 32;

-- NULL keeps its place: with the gaps filtered out, the lag is lost
CREATE TEMP TABLE gaps AS SELECT i, CASE WHEN i % 5 > 0 THEN (i * 7919) % 101 END::float8 AS a, CASE WHEN i % 7 > 0 THEN ((i - 1) * 7919) % 101 END::float8 AS o FROM generate_series(1, 50) i;
SELECT (pg_temp.short(driver(a, o ORDER BY i))).* FROM gaps;
SELECT (pg_temp.short(driver(a, o ORDER BY i) FILTER (WHERE a IS NOT NULL AND o IS NOT NULL))).* FROM gaps;
SELECT (pg_temp.short(driver(NULL, i ORDER BY i))).* FROM generate_series(1, 20) i;
-- no row: NULL
SELECT driver(a, o) IS NULL AS none FROM gaps WHERE false;

-- refused
SELECT driver('NaN', 1);
SELECT driver(1, 'NaN');
SELECT driver('-Infinity', 1);
SELECT driver(1, 'Infinity');
SELECT driver(a, o, -1 ORDER BY i) FROM gaps;
SELECT driver(a, o, 121 ORDER BY i) FROM gaps;
SELECT driver(a, o, i ORDER BY i) FROM gaps;
SELECT driver(a, o, 3, '>= 1', '>= 1', 0 ORDER BY i) FROM gaps;
SELECT driver(a, o, 3, '>= 1', '>= 1', 1 ORDER BY i) FROM gaps;
SELECT driver(a, o, 3, '>= 1', '>= 1', 'NaN' ORDER BY i) FROM gaps;
SELECT driver(1e308, -1e308, '= -1e308', NULL);
-- options: NULL is the default
SELECT bool_and(a.d = b.d) AS defaults FROM (SELECT driver(a, o ORDER BY i) d FROM gaps) a, (SELECT driver(a, o, NULL, NULL, NULL, NULL ORDER BY i) d FROM gaps UNION ALL SELECT driver(a, o, 3 ORDER BY i) FROM gaps UNION ALL SELECT driver(a, o, NULL, NULL ORDER BY i) FROM gaps) b;
SELECT verdict FROM (SELECT (driver(a, o, 1, NULL, NULL, 1e-9 ORDER BY i)).* FROM (SELECT i, i % 13 + i % 2 AS a, i % 13 + i % 5 AS o FROM generate_series(1, 14) i) s) d;
SELECT cardinality((driver(a, o, 120 ORDER BY i)).correlations) FROM gaps;

-- as a window aggregate: each frame as the group of its rows
SELECT count(*) AS frames, bool_and(w.d IS NOT DISTINCT FROM s.d) AS right
FROM (SELECT i, driver(a, o) OVER (ORDER BY i) d FROM gaps) w, LATERAL (SELECT driver(a, o ORDER BY g.i) d FROM gaps g WHERE g.i <= w.i) s;
SELECT count(*) AS frames, bool_and(w.d IS NOT DISTINCT FROM s.d) AS right
FROM (SELECT i, driver(a, o, 1) OVER (ORDER BY i ROWS BETWEEN 15 PRECEDING AND 2 FOLLOWING) d FROM gaps) w, LATERAL (SELECT driver(a, o, 1 ORDER BY g.i) d FROM gaps g WHERE g.i BETWEEN w.i - 15 AND w.i + 2) s;
-- ranks alone count: any rising function of either gives the same
SELECT bool_and(a.correlations = b.correlations AND a.p_value = b.p_value) AS same
FROM (SELECT (driver(a, o ORDER BY i)).* FROM gaps) a, (SELECT (driver(exp(a), o * 1e-300 ORDER BY i)).* FROM gaps UNION ALL SELECT (driver(a + 1e9, o ^ 3 ORDER BY i)).* FROM gaps) b;
-- a long one
SELECT n, best_lag, round(correlation::numeric, 6) AS rho, verdict FROM (SELECT (driver(a, o, 2 ORDER BY i)).* FROM (SELECT i, (i * 7919) % 100003 AS a, ((i - 1) * 7919) % 100003 + i % 2 AS o FROM generate_series(1, 50000) i) s) d;
