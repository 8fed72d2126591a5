-- trend_agg: the straight line through observations, and what is read off it.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);
-- correct significant digits: the log relative error of NIST
CREATE FUNCTION pg_temp.lre(x float8, certified numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
    RETURN round(CASE WHEN x = certified::float8 THEN 15 ELSE least(15, -log(abs((x - certified::float8) / certified::float8))) END::numeric, 1);

-- what it holds
SELECT trend_agg(x, y) FROM (VALUES (1::float8, 2::float8), (2, 4), (4, 5), (5, 9)) v(x, y);
SELECT trend_agg(at, y) FROM (VALUES ('2026-01-01'::date, 2::float8), ('2026-01-03', 6)) v(at, y);
SELECT slope(t), intercept(t), round(r2(t)::numeric, 12) AS r2, round(slope_stderr(t)::numeric, 12) AS slope_stderr, round(p_value(t)::numeric, 12) AS p_value,
    value(t, 'first') AS first, value(t, 'last') AS last, value(t, 'mean') AS mean, value(t, 'count') AS count
FROM (SELECT trend_agg(x, y) t FROM (VALUES (1::float8, 2::float8), (2, 4), (4, 5), (5, 9)) v(x, y)) s;
SELECT value(trend_agg(1, 2), 'median');
SELECT value(trend_agg(1, 2), 'Mean');
SELECT value(trend_agg(1, 2), NULL) IS NULL AS null_word;
SELECT first_at(t), last_at(t) FROM (SELECT trend_agg(d, 1) t FROM (VALUES ('2026-01-05'::date), ('2025-03-01'), ('2026-01-31')) v(d)) s;
SELECT first_at(trend_agg(1, 2)) IS NULL AS first, last_at(trend_agg(1, 2)) IS NULL AS last;

-- empty, all filtered out, NULLs in each argument
SELECT trend_agg(x, 1) IS NULL AS number, trend_agg('2026-01-01'::date, x) IS NULL AS date, trend_agg(now(), x) IS NULL AS time FROM (SELECT 1::float8 x WHERE false) s;
SELECT trend_agg(x, 1) FILTER (WHERE x > 9) IS NULL AS filtered FROM generate_series(1, 5) x;
SELECT trend_agg(NULL::float8, 1) IS NULL AS at, trend_agg(1, NULL) IS NULL AS value, trend_agg(NULL::date, 1) IS NULL AS date, trend_agg(NULL::timestamptz, NULL) IS NULL AS both;
SELECT value(trend_agg(x, y), 'count') AS count, slope(trend_agg(x, y)) AS slope FROM (VALUES (1::float8, 1::float8), (2, NULL), (NULL, 7), (3, 5), (NULL, NULL)) v(x, y);
SELECT rollup(t) IS NULL AS rollup_of_none FROM (SELECT NULL::kpi_trend t) s;
SELECT slope(NULL::kpi_trend) IS NULL AS slope, direction(NULL::kpi_trend) IS NULL AS direction, (forecast(NULL::kpi_trend, 1::float8)).value IS NULL AS forecast,
    eta(NULL, '>= 1') IS NULL AS eta, probability(NULL, '>= 1', 1::float8) IS NULL AS probability;

-- under two different places there is no line, under three points no p-value
CREATE FUNCTION pg_temp.line(points float8[]) RETURNS kpi_trend LANGUAGE sql
    RETURN (SELECT trend_agg(points[i], points[i + 1]) FROM generate_series(1, array_length(points, 1), 2) i);
SELECT k, slope(t), intercept(t), r2(t), slope_stderr(t), p_value(t), direction(t), f.value AS forecast, f.lower, f.upper,
    probability(t, '>= 5', 9::float8), eta_float8(t, '>= 5') AS eta
FROM (VALUES (1, pg_temp.line('{1,2}')), (2, pg_temp.line('{1,2,3,4}')), (3, pg_temp.line('{1,2,1,4,1,5}')), (4, pg_temp.line('{1,4,2,4,3,4}')),
    (5, pg_temp.line('{1,5,2,5,3,5,4,5}')), (6, pg_temp.line('{1,1,2,2,3,3}')), (7, pg_temp.line('{1,9,2,6,3,3}')), (8, pg_temp.line('{7,0.1,7,0.1}'))) v(k, t), forecast(t, 9::float8) f
ORDER BY k;
-- a constant is one, however awkward the number and however many there are
SELECT k, slope(t), r2(t), slope_stderr(t), p_value(t), direction(t), intercept(t) = y AS intercept
FROM (VALUES (1, 0.1::float8), (2, 1e15 + 0.3), (3, -1e-300), (4, 1e300), (5, 1 / 3.0)) v(k, y),
    LATERAL (SELECT trend_agg(g + 1.7e9, v.y) t FROM generate_series(1, 1000) g) s ORDER BY k;

-- NIST StRD, "Norris": certified values
CREATE TEMP TABLE norris (y float8, x float8);
CREATE TEMP TABLE series (series text, t int, y float8);
CREATE TEMP TABLE answers (series text, n int, mk_s float8, mk_vars float8, mk_tau_b float8, mk_z_cc float8, mk_p float8,
    kendall_tau float8, kendall_s float8, kendall_vars float8, kendall_p float8, sen_slope float8, sen_lo95 float8, sen_hi95 float8,
    zyp_slope float8, zyp_intercept float8, mblm_ts_slope float8, mblm_ts_intercept float8, siegel_slope float8, siegel_intercept float8,
    ols_slope float8, ols_intercept float8, ols_r2 float8, ols_slope_se float8, ols_p float8);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy norris FROM 'data/nist_norris.csv' (FORMAT csv, HEADER)
\copy series FROM 'data/trend_series.csv' (FORMAT csv, HEADER)
\copy answers FROM 'data/trend_answers.csv' (FORMAT csv, HEADER)
SELECT value(t, 'count') AS n, pg_temp.lre(slope(t), 1.00211681802045) >= 13 AS slope, pg_temp.lre(intercept(t), -0.262323073774029) >= 13 AS intercept,
    pg_temp.lre(r2(t), 0.999993745883712) >= 13 AS r2, pg_temp.lre(slope_stderr(t), 0.429796848199937E-03) >= 12 AS slope_stderr
FROM (SELECT trend_agg(x, y) t FROM norris) s;

-- With 1.7e9 added to x. Adding rounds x to 2^-22, which moves the slope in its 13th
-- digit and its standard error in the 8th, whoever computes them; so beside the certified
-- values stands the answer for the x that are left, in numeric. (A float8 of this size is
-- its whole part and a multiple of 2^-22, both exact.)
CREATE TEMP TABLE shifted AS
SELECT x + 1.7e9::float8 AS x, y, floor(x + 1.7e9::float8)::bigint + ((x + 1.7e9::float8 - floor(x + 1.7e9::float8)) * 4194304)::bigint * 0.0000002384185791015625 - 1.7e9 AS exact_x, y::numeric AS exact_y FROM norris;
CREATE TEMP TABLE exact AS
SELECT sxy / sxx AS slope, my - sxy / sxx * (mx + 1.7e9) AS intercept, sxy * sxy / sxx / syy AS r2, sqrt((syy - sxy / sxx * sxy) / 34 / sxx) AS slope_stderr
FROM (SELECT mx, my, sum((exact_x - mx) * (exact_x - mx))::numeric(60, 40) sxx, sum((exact_x - mx) * (exact_y - my))::numeric(60, 40) sxy, sum((exact_y - my) * (exact_y - my))::numeric(60, 40) syy
    FROM shifted, (SELECT avg(exact_x)::numeric(60, 40) mx, avg(exact_y)::numeric(60, 40) my FROM shifted) m GROUP BY mx, my) s;
SELECT pg_temp.lre(slope(t), 1.00211681802045) >= 11 AS certified_slope, pg_temp.lre(intercept(t), -0.262323073774029 - 1.7e9 * 1.00211681802045) >= 11 AS certified_intercept,
    pg_temp.lre(r2(t), 0.999993745883712) >= 11 AS certified_r2,
    pg_temp.lre(slope(t), e.slope) >= 13 AS slope, pg_temp.lre(intercept(t), e.intercept) >= 13 AS intercept, pg_temp.lre(r2(t), e.r2) >= 13 AS r2,
    pg_temp.lre(slope_stderr(t), e.slope_stderr) >= 12 AS slope_stderr
FROM (SELECT trend_agg(x, y) t FROM shifted) s, exact e;
-- as days, whose times lose nothing: the certified digits are all there
SELECT pg_temp.lre(slope(t), 1.00211681802045) >= 13 AS slope, pg_temp.lre(r2(t), 0.999993745883712) >= 13 AS r2, pg_temp.lre(slope_stderr(t), 0.429796848199937E-03) >= 12 AS slope_stderr
FROM (SELECT trend_agg('2024-01-01Z'::timestamptz + make_interval(days => (x * 10)::int), y * 10) t FROM norris) s;

-- R's lm on series of every kind
SELECT a.series, value(t, 'count') = n AS n, pg_temp.near(slope(t), ols_slope, 1e-10) AS slope, pg_temp.near(intercept(t), ols_intercept, 1e-10) AS intercept,
    pg_temp.near(r2(t), ols_r2, 1e-10) AS r2, pg_temp.near(slope_stderr(t), ols_slope_se, 1e-10) AS slope_stderr, pg_temp.near(p_value(t), ols_p, 1e-10) AS p_value
FROM answers a JOIN (SELECT series, trend_agg(t, y) t FROM series GROUP BY 1) s USING (series) ORDER BY a.series COLLATE "C";
-- the same by day, with dates and with times, wherever the session is
SET timezone = 'Pacific/Apia';
SELECT a.series, pg_temp.near(slope(d), ols_slope, 1e-10) AS slope, pg_temp.near(slope(d, '1 week'), 7 * ols_slope, 1e-10) AS week, pg_temp.near(r2(d), ols_r2, 1e-10) AS r2,
    pg_temp.near(slope_stderr(d), ols_slope_se, 1e-10) AS slope_stderr, pg_temp.near(p_value(d), ols_p, 1e-10) AS p_value,
    pg_temp.near(intercept(d) + (date '2011-12-20' - date '1970-01-01') * slope(d), ols_intercept, 1e-9) AS intercept,
    d::text = z::text AS dates_are_times
FROM answers a JOIN (SELECT series, trend_agg('2011-12-20'::date + t, y) d, trend_agg('2011-12-20 00:00Z'::timestamptz + make_interval(hours => 24 * t), y) z
    FROM series GROUP BY 1) s USING (series) ORDER BY a.series COLLATE "C";
SET timezone = 'UTC';

-- the server's own regression, on data of other sizes
SELECT k, pg_temp.near(slope(t), b, 1e-9) AS slope, pg_temp.near(intercept(t), a, 1e-7) AS intercept, pg_temp.near(r2(t), r, 1e-8) AS r2, value(t, 'count') = n AS n
FROM (SELECT k, trend_agg(x, y) t, regr_slope(y, x) b, regr_intercept(y, x) a, regr_r2(y, x) r, regr_count(y, x) n
    FROM (SELECT k, (g * 7919) % 10007 * scale AS x, (g * 104729) % 1009 * scale / 7 + (g * 7919) % 10007 * tilt AS y
        FROM (VALUES (1, 1::float8, 0.01::float8), (2, 1e-8, -3e-9), (3, 1e10, 5), (4, 0.1, 0)) v(k, scale, tilt), generate_series(1, 2000) g) d
    GROUP BY k) s ORDER BY k;

-- hardly any slope: r2 does not drown in rounding (exact integer arithmetic beside it)
SELECT n, pg_temp.near(r2(t), r2::float8, 1e-11) AS r2, pg_temp.near(slope(t), slope::float8) AS slope
FROM (SELECT n, trend_agg(x, y) t, (n * sum(x * y) - sum(x) * sum(y)) / (n * sum(x * x) - sum(x) ^ 2)::numeric(80, 40) slope,
        (n * sum(x * y) - sum(x) * sum(y)) ^ 2 / ((n * sum(x * x) - sum(x) ^ 2) * (n * sum(y * y) - sum(y) ^ 2))::numeric(80, 40) r2
    FROM (SELECT n, g::numeric x, ((g * 7919) % 1009)::numeric y FROM (VALUES (1009), (20000), (50000)) v(n), generate_series(1, n) g) d GROUP BY n) s ORDER BY n;

-- microseconds apart: nothing is lost to the epoch
SELECT pg_temp.near(slope(t, '1 microsecond'), 3) AS slope, r2(t) AS r2, value(t, 'count') AS count
FROM (SELECT trend_agg('2026-07-01 12:00Z'::timestamptz + make_interval(secs => g / 1e6::float8), 3 * g) t FROM generate_series(1, 50) g) s;

-- slope by interval
SELECT slope(t), slope(t, '1 day') AS day, slope(t, '1 hour') * 24 AS hour, slope(t, '1 week') AS week, slope(t, '1 month') AS month, slope(t, '1 year') AS year, slope(t, '1 month 2 days') AS both
FROM (SELECT trend_agg('2026-01-01'::date + g, 2 * g) t FROM generate_series(1, 9) g) s;
SELECT slope(trend_agg('2026-01-01'::date + g, 2 * g), '0 days') FROM generate_series(1, 9) g;
SELECT slope(trend_agg('2026-01-01'::date + g, 2 * g), '-1 month') FROM generate_series(1, 9) g;
SELECT slope(trend_agg(g, g), '1 day') FROM generate_series(1, 9) g;
SELECT slope(trend_agg('2026-01-01'::date, 1), '1 month') IS NULL AS no_line;

-- forecast: the line, and s t sqrt(1 + 1/n + (x - mean)^2 / Sxx) on both sides of it
CREATE TEMP TABLE points AS SELECT g::float8 AS x, ((g * 7919) % 101)::float8 / 8 + g * 2.5 AS y, '2026-03-01'::date + g AS at FROM generate_series(1, 10) g;
SELECT x0, level, pg_temp.near(f.value, a + b * x0) AS value, pg_temp.near(f.upper, a + b * x0 + q * s * sqrt(1 + 1 / n + (x0 - mx) ^ 2 / sxx), 1e-11) AS upper,
    pg_temp.near(f.lower, a + b * x0 - q * s * sqrt(1 + 1 / n + (x0 - mx) ^ 2 / sxx), 1e-11) AS lower,
    pg_temp.near(d.lower, f.lower) AND pg_temp.near(d.upper, f.upper) AND pg_temp.near(d.value, f.value) AS date, z = d AS time
FROM (SELECT trend_agg(x, y) t, trend_agg(at, y) td, regr_slope(y, x) b, regr_intercept(y, x) a, avg(x) mx, regr_sxx(y, x) sxx, count(*)::float8 n,
        sqrt((regr_syy(y, x) - regr_sxy(y, x) ^ 2 / regr_sxx(y, x)) / (count(*) - 2)) s FROM points) r,
    -- quantiles of Student's t for 8 degrees of freedom
    (VALUES (0.95::float8, 2.30600413520416668::float8), (0.99, 3.35538733133339551), (0.5, 0.7063866126448386)) v(level, q),
    unnest('{-3,0,5,11,400}'::int[]) x0, forecast(t, x0::float8, level) f,
    forecast(td, '2026-03-01'::date + x0, level) d, forecast(td, '2026-03-01Z'::timestamptz + make_interval(days => x0), level) z
ORDER BY level, x0;
SELECT f.value, f.lower, f.upper FROM (SELECT trend_agg(g, 2 * g) t FROM generate_series(1, 9) g) s, forecast(t, 20::float8) f;
SELECT forecast(trend_agg(g, g), 5::float8, 0) FROM generate_series(1, 9) g;
SELECT forecast(trend_agg(g, g), 5::float8, 1) FROM generate_series(1, 9) g;
SELECT forecast(trend_agg(g, g), 5::float8, NULL) FROM generate_series(1, 9) g;
SELECT forecast(trend_agg(g, g), 'NaN'::float8) FROM generate_series(1, 9) g;
SELECT forecast(trend_agg(g, g), '2026-01-01'::date) FROM generate_series(1, 9) g;
SELECT forecast(trend_agg('2026-01-01'::date + g, g), 5::float8) FROM generate_series(1, 9) g;
SELECT (forecast(trend_agg(g, g), NULL::float8)).value IS NULL AS null_at FROM generate_series(1, 9) g;
SELECT forecast(trend_agg(g, g), 'infinity'::date) IS NULL FROM generate_series(1, 9) g;
SELECT probability(trend_agg('2026-01-01'::date + g, g), '>= 1', 'infinity'::timestamptz) FROM generate_series(1, 9) g;

-- direction
SELECT k, direction(t), direction(t, 0.5) AS half, direction(t, alpha => 0.0001) AS strict, p_value(t) <= 0.05 AS significant
FROM (VALUES (1, pg_temp.line('{1,1,2,2.1,3,2.9,4,4}')), (2, pg_temp.line('{1,4,2,2.9,3,2.1,4,1}')), (3, pg_temp.line('{1,5,2,1,3,4,4,4.5}')), (4, pg_temp.line('{1,1,2,2}'))) v(k, t) ORDER BY k;
SELECT direction(pg_temp.line('{1,1,2,2,3,3}'), 0);
SELECT direction(pg_temp.line('{1,1,2,2,3,3}'), 1);
SELECT direction(pg_temp.line('{1,1,2,2,3,3}'), NULL);
-- p of exactly alpha is a trend; just above it is none
SELECT direction(t, p_value(t)) AS at, direction(t, p_value(t) * (1 - 1e-9)) AS above FROM (SELECT pg_temp.line('{1,5,2,1,3,4,4,14.5}') t) s;

-- eta: the line y = 1 + 2 days, seen until 2026-01-10
SELECT target, eta(t, target), CASE WHEN eta(t, target) > last_at(t) THEN pg_temp.near((forecast(t, eta(t, target))).value, coalesce(target(target), lower(target))) END AS there
FROM (SELECT trend_agg('2026-01-01'::date + g, 1 + 2 * g) t FROM generate_series(0, 9) g) s,
    unnest('{">= 41","<= 41","<= 3",">= 3","= 20","= 19","= 5","[30,40]","[10,19]","[1,5]","[19,19]",">= 19",">= 19.5","<= 19","<= 18.9",">= 1e9"}'::kpi_target[]) target;
SELECT target, eta(t, target) FROM (SELECT trend_agg('2026-01-01'::date + g, 100 - 2 * g) t FROM generate_series(0, 9) g) s,
    unnest('{"<= 20",">= 90",">= 20","[10,20]","[90,95]","= 0"}'::kpi_target[]) target;
SELECT target, eta_float8(t, target) FROM (SELECT trend_agg(g, 100 - 2 * g) t FROM generate_series(0, 9) g) s, unnest('{"<= 20",">= 90","[10,20]","= 0"}'::kpi_target[]) target;
SELECT eta(t, '>= 5') AS constant, eta(t, '>= 1') = last_at(t) AS met_already FROM (SELECT trend_agg('2026-01-01'::date + g, 2) t FROM generate_series(0, 9) g) s;
SELECT eta(trend_agg(g, g), '>= 5') FROM generate_series(1, 9) g;
SELECT eta_float8(trend_agg('2026-01-01'::date + g, g), '>= 5') FROM generate_series(1, 9) g;

-- probability: that of the prediction interval
SELECT x0, bool_and(pg_temp.near(probability(t, at_least(f.upper), x0), (1 - level) / 2, 1e-9)) AS above, bool_and(pg_temp.near(probability(t, at_most(f.lower), x0), (1 - level) / 2, 1e-9)) AS below,
    bool_and(pg_temp.near(probability(t, inside(f.lower, f.upper), x0), level, 1e-10)) AS inside, bool_and(pg_temp.near(probability(t, at_least(f.lower), x0), 0.5 + level / 2, 1e-10)) AS at_least,
    bool_and(pg_temp.near(probability(t, inside(f.upper, f.upper + 1e6), x0), (1 - level) / 2, 1e-4)) AS range_above, bool_and(pg_temp.near(probability(t, inside(f.lower - 1e6, f.lower), x0), (1 - level) / 2, 1e-4)) AS range_below,
    bool_and(pg_temp.near(probability(t, at_least(f.value), x0), 0.5) AND pg_temp.near(probability(t, at_most(f.value), x0), 0.5)) AS half
FROM (SELECT trend_agg(x, y) t FROM points) s, unnest('{-3,0,5.5,11,400}'::float8[]) x0, unnest('{0.1,0.5,0.9,0.95,0.999}'::float8[]) level, forecast(t, x0, level) f
GROUP BY x0 ORDER BY x0;
SELECT bool_and(pg_temp.near(probability(t, at_least(y0), x0) + probability(t, at_most(y0), x0), 1)) AS sums_to_1, bool_and(probability(t, exactly(y0), x0) = 0) AS exactly,
    bool_and(probability(t, inside(y0, y0), x0) = 0) AS narrow, bool_and(probability(t, at_least(y0), x0) > probability(t, at_least(y0 + 0.5), x0)) AS falls
FROM (SELECT trend_agg(x, y) t FROM points) s, unnest('{-3,5.5,12}'::float8[]) x0, unnest('{-20,0,7,22.5,60}'::float8[]) y0;
-- a far tail keeps its digits: a range there is the difference of two small numbers
SELECT pg_temp.near(probability(t, inside(1000, 1001), 5::float8), probability(t, at_least(1000), 5::float8) - probability(t, at_least(1001), 5::float8), 1e-9) AS above,
    pg_temp.near(probability(t, inside(-1001, -1000), 5::float8), probability(t, at_most(-1000), 5::float8) - probability(t, at_most(-1001), 5::float8), 1e-9) AS below
FROM (SELECT trend_agg(x, y) t FROM points) s;
SELECT pg_temp.near(probability(td, '>= 30', '2026-03-12'::date), probability(t, '>= 30', 11::float8)) AS date,
    probability(td, '>= 30', '2026-03-12'::date) = probability(td, '>= 30', '2026-03-12Z'::timestamptz) AS time
FROM (SELECT trend_agg(x, y) t, trend_agg(at, y) td FROM points) s;
-- the threshold, stretch and dates of a target have no say in it
SELECT probability(t, '>= 30 from 1 threshold 20 stretch 40 within 9 since 2026-01-01 by 2026-12-31', 11::float8) = probability(t, '>= 30', 11::float8) AS same FROM (SELECT trend_agg(x, y) t FROM points) s;
-- a perfect fit leaves no doubt
SELECT target, probability(t, target, 20::float8) FROM (SELECT trend_agg(g, 2 * g) t FROM generate_series(1, 9) g) s, unnest('{">= 40",">= 40.1","<= 40","= 40","= 41","[39,41]"}'::kpi_target[]) target;
SELECT probability(pg_temp.line('{1,1,2,2}'), '>= 1', 5::float8) IS NULL AS two_points, probability(pg_temp.line('{1,1,1,2,1,3}'), '>= 1', 5::float8) IS NULL AS one_place;

-- ties: of several at the first place the smallest value, at the last the largest
SELECT DISTINCT value(t, 'first') AS first, value(t, 'last') AS last FROM (
    SELECT trend_agg(at, v ORDER BY v::int * k % 11) t
    FROM generate_series(1, 10) k, (VALUES (3::float8, '2026-01-01'::date), (1, '2026-01-01'), (2, '2026-01-01'), (5, '2026-01-09'), (9, '2026-01-09'), (7, '2026-01-09'), (100, '2026-01-05')) o(v, at)
    GROUP BY k) s;

-- times and numbers do not mix; what is not finite is refused by name
SELECT rollup(t) FROM (SELECT trend_agg(1, 1) t UNION ALL SELECT trend_agg('2026-01-01'::date, 1)) s;
SELECT trend_combine(trend_agg(1, 1), trend_agg('2026-01-01'::date, 1));
SELECT trend_accum(trend_agg('2026-01-01'::date, 1), 1::float8, 1);
SELECT trend_agg('infinity'::timestamptz, 1);
SELECT trend_agg('-infinity'::timestamptz, 1);
SELECT trend_agg('infinity'::date, 1);
SELECT trend_agg('-infinity'::date, 1);
SELECT trend_agg('5874897-12-31'::date, 1);
SELECT trend_agg('NaN'::float8, 1);
SELECT trend_agg('-Infinity'::float8, 1);
SELECT trend_agg(1, 'NaN');
SELECT trend_agg('2026-01-01'::date, 'Infinity');
SELECT trend_agg('2026-01-01Z'::timestamptz, '-Infinity');

-- overflow is an error, not infinity
SELECT trend_agg(x, y) FROM (VALUES (1::float8, -1e308::float8), (2, 1e308)) v(x, y);
SELECT trend_agg(x, y) FROM (VALUES (-1e308::float8, 1::float8), (1e308, 2)) v(x, y);
SELECT rollup(t) FROM (SELECT trend_agg(x, 1) t FROM (VALUES (-1e200::float8), (1e200)) v(x) GROUP BY x) s;
SELECT forecast(t, 1e300::float8) FROM (SELECT pg_temp.line('{0,0,1e-10,1}') t) s;
SELECT value(trend_agg(1, 1.7e308), 'mean') = 1.7e308 AS one_large_value;
DO $$
BEGIN
    PERFORM rollup(jsonb_set(t::jsonb, '{count}', '9223372036854775807')::kra.kpi_trend)
    FROM (SELECT kra.trend_agg(g, g) t FROM generate_series(1, 3) g) s, generate_series(1, 2);
    RAISE NOTICE 'a count has overflowed silently';
EXCEPTION WHEN numeric_value_out_of_range THEN
    RAISE NOTICE 'refused';
END $$;

-- text and jsonb: exact round trips
CREATE TEMP TABLE kept AS
SELECT 1 AS k, trend_agg(x, y) t FROM norris UNION ALL SELECT 2, trend_agg(x, y) FROM shifted
UNION ALL SELECT 3, trend_agg(at, y) FROM (VALUES ('4714-11-24 00:00Z BC'::timestamptz, 1e17::float8), ('294276-12-31 23:59:59.999999Z', 0.1), ('0044-03-15 12:00:00.000001Z BC', 1e-17), ('10000-01-01Z', -1 / 3.0)) v(at, y)
UNION ALL SELECT 4, trend_agg('2026-01-01'::date, 0.1)
UNION ALL SELECT 5, pg_temp.line('{1e-300,1e139,3e-300,-1e139,1e139,0.1,1e22,1e-139}')
UNION ALL SELECT 6, pg_temp.line('{0.1,0.2,0.3,0.4,0.7,0.9}');
SELECT k, t::text::kpi_trend::text = t::text AS text, t::jsonb::kpi_trend::text = t::text AS jsonb, t::text::jsonb = t::jsonb AS same,
    kpi_trend_send(t::text::kpi_trend) = kpi_trend_send(t) AS bytes
FROM kept ORDER BY k;
-- squares that underflow: what was computed can be read back
DO $$
DECLARE
    points float8[];
    t kra.kpi_trend;
BEGIN
    FOREACH points SLICE 1 IN ARRAY '{{0,0,1e-170,1},{0,0,1e-160,1},{0,0,1,1e-200},{1,3e-162,2,7e-162}}'::float8[] LOOP
        t := pg_temp.line(points);
        PERFORM t::text::kra.kpi_trend;
    END LOOP;
    RAISE NOTICE 'all read back';
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE '% cannot be read back: %', t, SQLERRM;
END $$;

-- malformed
SELECT '{}'::kpi_trend;
SELECT ''::kpi_trend;
SELECT '[]'::kpi_trend;
SELECT jsonb 'null'::kpi_trend;
CREATE FUNCTION pg_temp.patched(patch jsonb, without text DEFAULT '') RETURNS kpi_trend LANGUAGE sql
    RETURN ((jsonb '{"at": "time", "count": 2, "origin_at": "2026-01-01T00:00:00Z", "origin": 1, "u": 100, "v": 2, "uu": 10000, "uv": 200, "vv": 4, "first_at": "2026-01-01T00:00:00Z", "first": 1, "last_at": "2026-01-01T00:00:00.0001Z", "last": 3}'
        || patch) - without)::kpi_trend;
SELECT pg_temp.patched('{}');
SELECT pg_temp.patched('{"slope": 1}');
SELECT pg_temp.patched('{}', 'at');
SELECT pg_temp.patched('{}', 'count');
SELECT pg_temp.patched('{}', 'uv');
SELECT pg_temp.patched('{}', 'origin');
SELECT pg_temp.patched('{}', 'last_at');
SELECT pg_temp.patched('{"at": "date"}');
SELECT pg_temp.patched('{"at": 1}');
SELECT pg_temp.patched('{"at": null}');
SELECT pg_temp.patched('{"at": "number"}');
SELECT pg_temp.patched('{"count": 0}');
SELECT pg_temp.patched('{"count": 1}');
SELECT pg_temp.patched('{"count": -2}');
SELECT pg_temp.patched('{"count": "2"}');
SELECT pg_temp.patched('{"u": "100"}');
SELECT pg_temp.patched('{"u": 1000}');
SELECT pg_temp.patched('{"uu": -1}');
SELECT pg_temp.patched('{"uv": 300}');
SELECT pg_temp.patched('{"vv": 1e290}');
SELECT pg_temp.patched('{"origin": null}');
SELECT pg_temp.patched('{"origin_at": "2025-01-01T00:00:00Z"}');
SELECT pg_temp.patched('{"first_at": "2027-01-01T00:00:00Z"}');
SELECT pg_temp.patched('{"last_at": "infinity"}');
SELECT pg_temp.patched('{"last_at": 5}');

-- the transition function on its own
SELECT trend_accum(NULL::kpi_trend, 1::float8, 1) IS NULL AS strict, trend_accum(t, NULL::float8, 1) IS NULL AS strict_at, trend_combine(NULL, t) IS NULL AS strict_combine FROM kept WHERE k = 6;

-- As times, x + 1.7e9 seconds is exact to the microsecond, and costs no digit at all (per second; a slope is per day).
SELECT round((-log(abs(slope(t) / 86400 / 1.00211681802045 - 1)::numeric))) >= 13 AS slope_13_digits,
       round((-log(abs(slope_stderr(t) / 86400 / 0.429796848199937e-3 - 1)::numeric))) >= 13 AS stderr_13_digits,
       round((-log(abs(r2(t) / 0.999993745883712 - 1)::numeric + 1e-16))) >= 13 AS r2_13_digits
FROM (SELECT trend_agg(to_timestamp(1.7e9) + make_interval(secs => x), y) AS t FROM norris) AS s;

-- A literal of no stated type is a date for times, and a number for numbers.
SELECT forecast(t, '2026-03-01') = forecast(t, date '2026-03-01') AS same, probability(t, '>= 3', '2026-03-01') = probability(t, '>= 3', date '2026-03-01') AS same_chance,
       forecast(n, '7.5') = forecast(n, 7.5::float8) AS same_number
FROM (SELECT trend_agg(date '2026-01-01' + g, g % 3 + g) AS t, trend_agg(g::float8, g % 3 + g) AS n FROM generate_series(1, 9) AS g) AS s;
SELECT forecast(trend_agg(date '2026-01-01' + g, g), 'tomorrow') FROM generate_series(1, 9) AS g;
SELECT forecast(trend_agg(date '2026-01-01' + g, g), '2026-02-30') FROM generate_series(1, 9) AS g;
SELECT forecast(trend_agg(g::float8, g), '2026-02-20') FROM generate_series(1, 9) AS g;
SELECT probability(trend_agg(g::float8, g), '>= 1', 'NaN') FROM generate_series(1, 9) AS g;
SELECT at, forecast(t, at) = forecast(t, '2026-03-01 12:30+00'::timestamptz) AS same
FROM (SELECT trend_agg(date '2026-01-01' + g, g % 3 + g) AS t FROM generate_series(1, 9) AS g) AS s,
     (VALUES ('2026-03-01 12:30'), ('2026-03-01T12:30:00Z'), ('2026-03-01 12:30:00.000 +00'), ('2026-03-01 14:30+02'), ('2026-03-01 08:00-04:30')) AS v (at);
SELECT forecast(t, '2026-03-01 +00') = forecast(t, date '2026-03-01') AS same FROM (SELECT trend_agg(date '2026-01-01' + g, g) AS t FROM generate_series(1, 9) AS g) AS s;
CREATE FUNCTION pg_temp.refused(at text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kra.forecast(kra.trend_agg(date '2026-01-01' + g, g), at) FROM generate_series(1, 9) AS g;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN sqlerrm;
END $$;
SELECT at, pg_temp.refused(at) FROM unnest(ARRAY['2026-03-01 12', '2026-03-01 25:00', '2026-03-01 12:61', '2026-03-01 12:30 Europe/Paris', '2026-03-01 12:30+0', '2026-03-01 12:30+99', '2026-03-01x', 'now', '']) AS at;

-- Differences whose squares are 0 are refused, not taken for none.
SELECT slope(trend_agg(x, y)) FROM (VALUES (1::float8, 1e-200::float8), (2, 2e-200), (3, 4e-200)) AS v (x, y);
SELECT p_value(trend_agg(x, y)) FROM (VALUES (1e-200::float8, 1::float8), (2e-200, 2), (3e-200, 4)) AS v (x, y);
SELECT '{"at":"number","count":1,"origin_at":1,"origin":-1,"u":0,"v":0,"uu":0,"uv":0,"vv":0,"first_at":1,"first":5,"last_at":1,"last":5}'::kpi_trend;
