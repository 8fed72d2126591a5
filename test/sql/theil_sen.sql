-- theil_sen: the median of the slopes between all pairs of points.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);

-- what it says
SELECT (theil_sen(x, y)).* FROM (VALUES (1::float8, 2::float8), (2, 4), (3, 6), (4, 8), (5, 90), (6, 12), (7, 14), (8, -70)) v(x, y);
-- none, NULLs, one, two points; all at one place; constant
SELECT theil_sen(x, x) IS NULL AS number, theil_sen(x::int + '2026-01-01'::date, x) IS NULL AS date, theil_sen(now(), x) IS NULL AS time FROM (SELECT 1::float8 x WHERE false) s;
SELECT theil_sen(NULL::float8, 1) IS NULL AS at, theil_sen(1, NULL) IS NULL AS value, theil_sen(NULL::date, 1) IS NULL AS date, theil_sen(NULL::timestamptz, NULL) IS NULL AS both;
CREATE FUNCTION pg_temp.line(points float8[]) RETURNS theil_sen_result LANGUAGE sql
    RETURN (SELECT theil_sen(points[i], points[i + 1]) FROM generate_series(1, array_length(points, 1), 2) i);
SELECT points, (pg_temp.line(points)).* FROM (VALUES ('{1,2}'::float8[]), ('{1,2,3,4}'), ('{5,1,5,2,5,9}'), ('{1,7,2,7,3,7,4,7,5,7,6,7}'), ('{1,0.1,2,0.1}'), ('{1,1,2,2,3,3,4,4}'), ('{1,1,2,2,3,3,4,4,5,5}'),
    ('{1,1,1,5,2,3,2,7}'), ('{NULL,1,1,2,2,NULL,3,6,NULL,NULL}')) v(points);
SELECT (theil_sen(x, y)).n, (theil_sen(x, y)).slope FROM (VALUES (1::float8, 1::float8), (2, NULL), (NULL, 7), (3, 5), (NULL, NULL)) v(x, y);

-- R (trend 1.1.6, sens.slope, with its interval; zyp, mblm) on series of every kind, whatever the order of rows
CREATE TEMP TABLE series (series text, t int, y float8);
CREATE TEMP TABLE answers (series text, n int, mk_s float8, mk_vars float8, mk_tau_b float8, mk_z_cc float8, mk_p float8,
    kendall_tau float8, kendall_s float8, kendall_vars float8, kendall_p float8, sen_slope float8, sen_lo95 float8, sen_hi95 float8,
    zyp_slope float8, zyp_intercept float8, mblm_ts_slope float8, mblm_ts_intercept float8, siegel_slope float8, siegel_intercept float8,
    ols_slope float8, ols_intercept float8, ols_r2 float8, ols_slope_se float8, ols_p float8);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy series FROM 'data/trend_series.csv' (FORMAT csv, HEADER)
\copy answers FROM 'data/trend_answers.csv' (FORMAT csv, HEADER)
SELECT a.series, (m).n = n AS n, pg_temp.near((m).slope, sen_slope) AS slope, pg_temp.near((m).lower, sen_lo95) AS lower, pg_temp.near((m).upper, sen_hi95) AS upper,
    pg_temp.near((m).intercept, zyp_intercept) AS intercept, m::text = shuffled::text AS shuffled, round((m).slope::numeric, 9) AS slope_value
FROM answers a JOIN (SELECT series, theil_sen(t, y) m, theil_sen(t, y ORDER BY hashint4(t)) shuffled FROM series GROUP BY 1) s USING (series) ORDER BY a.series COLLATE "C";
-- the intercept by its definition
SELECT s.series, pg_temp.near((m).intercept, percentile_cont(0.5) WITHIN GROUP (ORDER BY y - (m).slope * t)) AS intercept
FROM series s JOIN (SELECT series, theil_sen(t, y) m FROM series GROUP BY 1) f USING (series) GROUP BY s.series, m ORDER BY s.series COLLATE "C";
-- by day, with dates and with times, wherever the session is
SET timezone = 'Pacific/Apia';
SELECT a.series, ((d).slope, (d).lower, (d).upper) = ((f).slope, (f).lower, (f).upper) AS dates, pg_temp.near((z).slope, sen_slope) AS slope, pg_temp.near((z).lower, sen_lo95) AS lower, pg_temp.near((z).upper, sen_hi95) AS upper,
    pg_temp.near((z).intercept, (d).intercept) AS intercept, pg_temp.near((d).intercept + (date '2011-12-20' - date '1970-01-01') * sen_slope, zyp_intercept, 1e-11) AS place
FROM answers a JOIN (SELECT series, theil_sen(t, y) f, theil_sen('2011-12-20'::date + t, y) d, theil_sen('2011-12-20 00:00Z'::timestamptz + make_interval(hours => 24 * t), y) z
    FROM series GROUP BY 1) s USING (series) ORDER BY a.series COLLATE "C";
SET timezone = 'UTC';
-- real time: months are not all as long, and gaps count
SELECT round((theil_sen(at, at - date '2026-01-01')).slope::numeric, 12) AS per_day FROM unnest('{2026-01-31,2026-02-28,2026-03-31,2026-06-30,2027-02-28}'::date[]) at;
-- microseconds apart
SELECT pg_temp.near((theil_sen('2026-07-01 12:00Z'::timestamptz + make_interval(secs => g / 1e6::float8), 3 * g)).slope, 3 * 86400e6) AS slope FROM generate_series(1, 50) g;
SELECT (theil_sen(at, y)).slope, (theil_sen(at, y)).intercept FROM (VALUES ('1970-01-01 00:00Z'::timestamptz, 5::float8), ('1970-01-01 12:00Z', 6), ('1970-01-02 12:00Z', 8)) v(at, y);

-- by brute force: all slopes, in SQL. Kendall's variance with ties in both.
CREATE FUNCTION pg_temp.brute(x float8[], y float8[], OUT slope float8, OUT lower float8, OUT upper float8, OUT slopes bigint) LANGUAGE sql
BEGIN ATOMIC
    WITH p AS (SELECT px, py FROM unnest(x, y) u(px, py)),
        s AS (SELECT array_agg(s ORDER BY s) AS s, count(*) AS k FROM (SELECT (b.py - a.py) / (b.px - a.px) AS s FROM p a JOIN p b ON a.px < b.px) q),
        n AS (SELECT count(*)::numeric AS n FROM p),
        tx AS (SELECT sum(t * (t - 1)) AS a, sum(t * (t - 1) * (t - 2)) AS b, sum(t * (t - 1) * (2 * t + 5)) AS c FROM (SELECT count(*)::numeric AS t FROM p GROUP BY px) g),
        ty AS (SELECT sum(t * (t - 1)) AS a, sum(t * (t - 1) * (t - 2)) AS b, sum(t * (t - 1) * (2 * t + 5)) AS c FROM (SELECT count(*)::numeric AS t FROM p GROUP BY py) g),
        v AS (SELECT 1.959963984540054 * sqrt(CASE WHEN ty.a = n * (n - 1) OR tx.a = n * (n - 1) THEN 0 ELSE (n * (n - 1) * (2 * n + 5) - tx.c - ty.c) / 18 + tx.a * ty.a / (2 * n * (n - 1)) + tx.b * ty.b / (9 * n * (n - 1) * greatest(n - 2, 1)) END::float8) AS c
            FROM n, tx, ty)
    SELECT (s.s[(k + 1) / 2] + s.s[k / 2 + 1]) / 2, s.s[round((k - c) / 2)::int], s.s[round((k + c) / 2 + 1)::int], k FROM s, v;
END;
-- small numbers of points
WITH made AS (
    SELECT k, n, array_agg(CASE k % 3 WHEN 0 THEN i WHEN 1 THEN abs(hashint4(i * 7 + k) % (n / 2 + 1)) ELSE 1.7e9 + i * 0.1 END::float8) x,
        array_agg(CASE k % 5 WHEN 0 THEN abs(hashint4(i + 1000 * k) % 3) WHEN 1 THEN hashint4(i + 1000 * k) / 7.0 WHEN 2 THEN i / 4 WHEN 3 THEN round(hashint4(i) % 1000 / 10.0, 1) ELSE 7.1 END::float8) y
    FROM generate_series(1, 90) k, LATERAL (SELECT 2 + k % 40 AS n) s, generate_series(1, n) i GROUP BY 1, 2)
SELECT k % 3 AS places, count(*), count(*) FILTER (WHERE pg_temp.near((m).slope, b.slope)) AS slope, count(*) FILTER (WHERE pg_temp.near((m).lower, b.lower)) AS lower, count(*) FILTER (WHERE pg_temp.near((m).upper, b.upper)) AS upper
FROM (SELECT k, x, y, (SELECT theil_sen(px, py) FROM unnest(x, y) u(px, py)) m FROM made) q, pg_temp.brute(x, y) b GROUP BY 1 ORDER BY 1;
-- two places alone, and many values equal: all terms of the variance count
SELECT slopes, pg_temp.near((m).slope, b.slope) AS slope, pg_temp.near((m).lower, b.lower) AS lower, pg_temp.near((m).upper, b.upper) AS upper, round((m).lower::numeric, 6) AS lower_value, round((m).upper::numeric, 6) AS upper_value
FROM (SELECT array_agg(x) x, array_agg(y) y, theil_sen(x, y) m FROM (SELECT (i % 2)::float8 x, CASE WHEN i % 10 IN (0, 2, 4, 1) THEN 5 ELSE abs(hashint4(i)) / 1e8 END::float8 y FROM generate_series(1, 300) i) q) r, pg_temp.brute(x, y) b;
-- more slopes than are held at once (262144): the bracket, with ties of all kinds
WITH made AS (
    SELECT k, array_agg(CASE WHEN k = 7 THEN i / 20 WHEN k = 8 THEN 1.7e9 + i * 0.1 ELSE i END::float8) x,
        array_agg(CASE k WHEN 1 THEN hashint4(i) / 1e6 WHEN 2 THEN abs(hashint4(i) % 5) WHEN 3 THEN i / 3 WHEN 4 THEN round(hashint4(i) % 1000 / 10.0, 1) WHEN 5 THEN 0.1 * i WHEN 6 THEN CASE WHEN hashint4(i) % 10 = 0 THEN i ELSE 0 END
            WHEN 7 THEN hashint4(i) % 100 WHEN 8 THEN sqrt(i::float8) WHEN 9 THEN -42.1 WHEN 10 THEN 1e12 + abs(hashint4(i)) % 1000 / 100.0 END::float8) y
    FROM generate_series(1, 10) k, generate_series(1, 800) i GROUP BY k)
SELECT k, slopes, pg_temp.near((m).slope, b.slope) AS slope, pg_temp.near((m).lower, b.lower) AS lower, pg_temp.near((m).upper, b.upper) AS upper, m::text = shuffled::text AS shuffled
FROM (SELECT k, x, y, (SELECT theil_sen(px, py) FROM unnest(x, y) u(px, py)) m, (SELECT theil_sen(px, py ORDER BY hashfloat8(px), hashfloat8(py)) FROM unnest(x, y) u(px, py)) shuffled FROM made) q,
    pg_temp.brute(x, y) b ORDER BY k;
-- where the answer is known: a line with a third of its points thrown far off, to both sides
SELECT n, (m).slope, (m).lower, (m).upper, (m).intercept
FROM (SELECT n, theil_sen(i, 3 * i - 7 + CASE WHEN i % 6 = 0 THEN 1e6 WHEN i % 6 = 3 THEN -1e6 ELSE 0 END) m FROM unnest('{900,20000,100000}'::int[]) n, generate_series(1, n) i GROUP BY n) x ORDER BY n;
-- thirds, each many times: no float8 is one, and the nearest to it is the answer
SELECT n, (m).slope = 1 / 3.0::float8 AS slope FROM (SELECT n, theil_sen(i, i / 3) m FROM unnest('{30,900,20000}'::int[]) n, generate_series(1, n) i GROUP BY n) x ORDER BY n;
-- large and small numbers are scaled by powers of 2
SELECT sx, sy, (m).slope = (o).slope * sy / sx AS slope, (m).lower = (o).lower * sy / sx AS lower, (m).upper = (o).upper * sy / sx AS upper
FROM (SELECT sx, sy, theil_sen(i * sx, hashint4(i) * sy) m, theil_sen(i, hashint4(i)) o FROM (VALUES (2 ^ 1000::float8, 1::float8), (2 ^ -900::float8, 1), (1, 2 ^ 900::float8), (1, 2 ^ -900::float8), (2 ^ 900::float8, 2 ^ 900::float8)) v(sx, sy), generate_series(1, 1000) i GROUP BY 1, 2) x ORDER BY 1, 2;

-- the interval of another level; wider with more of it
SELECT level, pg_temp.near(lower, lag(lower) OVER w) OR lower < coalesce(lag(lower) OVER w, 'Infinity') AS lower, upper > coalesce(lag(upper) OVER w, '-Infinity') AS upper, slope
FROM unnest('{0.5,0.8,0.9,0.95,0.99}'::float8[]) level, LATERAL (SELECT (theil_sen(t, y, level)).* FROM series WHERE series = 'Nile') m WINDOW w AS (ORDER BY level) ORDER BY level;
SELECT theil_sen(t, y, 0.95)::text = theil_sen(t, y)::text AS number, theil_sen('2026-01-01'::date + t, y, 0.95)::text = theil_sen('2026-01-01'::date + t, y)::text AS date,
    theil_sen('2026-01-01Z'::timestamptz + t * interval '1 hour', y, 0.95)::text = theil_sen('2026-01-01Z'::timestamptz + t * interval '1 hour', y)::text AS time FROM series WHERE series = 'Nile';
SELECT theil_sen(i, i, 1) FROM generate_series(1, 5) i;
SELECT theil_sen(i, i, 0) FROM generate_series(1, 5) i;
SELECT theil_sen(i, i, NULL) FROM generate_series(1, 5) i;
SELECT theil_sen(i, i, i / 10.0) FROM generate_series(1, 5) i;

-- no number, no time, no range
SELECT theil_sen(1, 'NaN');
SELECT theil_sen('Infinity'::float8, 1);
SELECT theil_sen('infinity'::timestamptz, 1);
SELECT theil_sen('-infinity'::date, 1);
SELECT theil_sen(x, y) FROM (VALUES (0::float8, 0::float8), (1e-300, 1e300)) v(x, y);
SELECT theil_sen(x, x) FROM (VALUES (0::float8), (1e-200), (1)) v(x);

-- as a window aggregate: each frame by itself
SELECT i, m::text IS NOT DISTINCT FROM f::text AS frame, (m).n, (m).slope FROM (SELECT i, theil_sen(i, y) OVER w m, array_agg(y) OVER w a FROM unnest('{3,1,4,1,5,NULL,9,2,6,5,3,5}'::float8[]) WITH ORDINALITY u(y, i) WINDOW w AS (ORDER BY i)) x,
    LATERAL (SELECT theil_sen(k, v) f FROM unnest(a) WITH ORDINALITY u(v, k)) y ORDER BY i;

-- long computations stop when asked to, and soon
SET statement_timeout = '200ms';
SELECT modified_mann_kendall(hashint4(i) ORDER BY i) FROM generate_series(1, 200000) i;
SELECT theil_sen(i, hashint4(i)) FROM generate_series(1, 300000) i;
RESET statement_timeout;
