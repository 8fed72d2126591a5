-- change_effect(): level and slope before and after a change.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);
-- all columns, as an array of numbers
CREATE FUNCTION pg_temp.numbers(e change_effect_result) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[(e).n_before, (e).n_after, (e).mean_before, (e).mean_after, (e).difference, (e).difference_lower, (e).difference_upper, (e).welch_t, (e).welch_df, (e).welch_p,
        (e).slope_before, (e).slope_after, (e).level_change, (e).level_lower, (e).level_upper, (e).level_p, (e).slope_change, (e).slope_lower, (e).slope_upper, (e).slope_p];
CREATE FUNCTION pg_temp.alike(a float8[], b float8[], tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (SELECT bool_and(pg_temp.near(x, y, tolerance)) FROM unnest(a, b) u(x, y));

-- binary copy, out and in
CREATE TEMP TABLE sent (c kpi_change);
CREATE TEMP TABLE received (c kpi_change);
INSERT INTO sent SELECT change_agg(i % 7 * 0.1, i, 12, '[0.1,0.3]') FROM generate_series(1, 20) i GROUP BY i % 2 UNION ALL SELECT change_agg(i, '2026-01-01'::date + i, '2026-01-09', '<= 3') FROM generate_series(1, 20) i UNION ALL SELECT change_agg(NULL, 1, 2) UNION ALL SELECT NULL;
\copy sent TO 'results/kra_changes.bin' (FORMAT binary)
\copy received FROM 'results/kra_changes.bin' (FORMAT binary)
SELECT (SELECT array_agg(c::text ORDER BY c::text) FROM sent) = (SELECT array_agg(c::text ORDER BY c::text) FROM received) AS binary;
-- Student's sleep data, as R's t.test(extra ~ group) prints it: t = 1.8608, df = 17.776, p = 0.07939, 95 % interval -0.2054832 to 3.3654832
SELECT round(e.difference::numeric, 10) AS difference, round(e.difference_lower::numeric, 7) AS lower, round(e.difference_upper::numeric, 7) AS upper, round(e.welch_t::numeric, 4) AS t,
    round(e.welch_df::numeric, 3) AS df, round(e.welch_p::numeric, 5) AS p, e.verdict
FROM (SELECT (change_effect(x, i, 11)).* FROM unnest('{0.7,-1.6,-0.2,-1.2,-0.1,3.4,3.7,0.8,0,2,1.9,0.8,1.1,0.1,-0.1,4.4,5.5,1.6,4.6,3.4}'::float8[]) WITH ORDINALITY v(x, i)) e;

-- SciPy 1.10.1 (stats.ttest_ind with unequal variances), and in 40 digits by mpmath 1.2.1 the intervals' quantiles
-- (betainc; those of SciPy have 9 digits) and the segmented regression, by its normal equations: the Nile, from 1899 on; Lake Huron, from its middle on; page views
CREATE TEMP TABLE series (series text, t int, y float8);
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\copy series FROM 'data/trend_series.csv' (FORMAT csv, HEADER)
SELECT series, pg_temp.alike(pg_temp.numbers(e), answer, 3e-12) AS right, (e).verdict, (e).reason
FROM (VALUES ('Nile', 29, '{28,72,1097.75,849.9722222222222,-247.77777777777783,-307.05076895549905,-188.50478660005663,-8.414516419101,45.990572095704856,7.307856756725662e-11,1.15955117679256,0.690462409158145,-289.102685366384,-404.466828156649,-173.738542576119,2.867436377512632e-06,-0.469088767634411,-6.59966721978447,5.66148968451565,0.879597542559478}'::float8[]),
    ('LakeHuron', 50, '{49,49,579.7034693877551,578.304693877551,-1.398775510204132,-1.8486649618886382,-0.9488860585196257,-6.176161153815974,90.77197114423346,1.82289197221605e-08,-0.0456938775510204,0.0233744897959184,-0.817416326530612,-1.6234545641842,-0.0113780888770273,0.04691582886825901,0.0690683673469388,0.0405795135361067,0.0975572211577709,5.645869827803775e-06}'),
    ('PagesData', 21, '{20,20,0.089,0.948,0.859,0.2514755738124166,1.4665244261875832,2.863798110215561,37.428287496388556,0.006823229577004929,0.0356842105263158,0.0345263157894737,0.156315789473684,-1.06563315774358,1.37826473669095,0.7967732632725454,-0.00115789473684211,-0.106915699793383,0.104599910319699,0.9824072970930136}')) v(series, at, answer),
    LATERAL (SELECT change_effect(y, t, at) e FROM series s WHERE s.series = v.series) x
ORDER BY series COLLATE "C";

-- against plain SQL: a line on each side, residuals pooled
CREATE TEMP TABLE drawn AS
SELECT g, i, i * (1 + g % 3) + (i * g) % 4 AS t, (g % 7 - 3) * i / 10.0::float8 + (i * i * 31 + g * i * 7) % 23 + CASE WHEN i > 9 + g % 5 THEN g % 11 - 5 + (i - 9) * (g % 5 - 2) / 4.0 ELSE 0 END AS y
FROM generate_series(1, 60) g, generate_series(1, 30) i;
CREATE TEMP TABLE effects AS SELECT g, c, (change_effect(y, t, c)).* FROM drawn, LATERAL (SELECT ((10 + g % 5) * (1 + g % 3))::float8 AS c) x GROUP BY g, c;
CREATE TEMP TABLE sides AS
SELECT e.g, t >= c AS late, count(*) AS n, avg(y) AS mean, var_samp(y) / count(*) AS v, regr_slope(y, t - c) AS slope, regr_intercept(y, t - c) AS height, regr_sxx(y, t - c) AS sxx,
    avg(t - c) AS mt, regr_syy(y, t) * (1 - regr_r2(y, t)) AS rss
FROM drawn JOIN effects e USING (g) GROUP BY e.g, t >= c;
SELECT count(*), bool_and(e.n_before = b.n AND e.n_after = a.n) AS n, bool_and(pg_temp.near(e.mean_before, b.mean) AND pg_temp.near(e.mean_after, a.mean)) AS means,
    bool_and(pg_temp.near(e.difference, a.mean - b.mean, 1e-9)) AS difference, bool_and(pg_temp.near(e.welch_t, (a.mean - b.mean) / sqrt(a.v + b.v), 1e-9)) AS welch_t,
    bool_and(pg_temp.near(e.welch_df, (a.v + b.v) ^ 2 / (a.v ^ 2 / (a.n - 1) + b.v ^ 2 / (b.n - 1)), 1e-9)) AS welch_df,
    bool_and(abs(e.slope_before - b.slope) < 1e-12 AND abs(e.slope_after - a.slope) < 1e-12) AS slopes,
    bool_and(pg_temp.near(e.level_change, a.height - b.height, 1e-9)) AS level, bool_and(abs(e.slope_change - (a.slope - b.slope)) < 1e-12) AS slope,
    -- intervals: as many standard errors wide as the t of 95 %
    bool_and(pg_temp.near((e.level_upper - e.level_lower) / (e.slope_upper - e.slope_lower),
        sqrt(1.0 / a.n + 1.0 / b.n + a.mt ^ 2 / a.sxx + b.mt ^ 2 / b.sxx) / sqrt(1 / a.sxx + 1 / b.sxx), 1e-9)) AS widths,
    round(min((e.slope_upper - e.slope_lower) / 2 / sqrt((a.rss + b.rss) / 26 * (1 / a.sxx + 1 / b.sxx)))::numeric, 9) AS t_26, round(max((e.slope_upper - e.slope_lower) / 2 / sqrt((a.rss + b.rss) / 26 * (1 / a.sxx + 1 / b.sxx)))::numeric, 9) AS t_26_too
FROM effects e JOIN sides a ON a.g = e.g AND a.late JOIN sides b ON b.g = e.g AND NOT b.late;
-- an interval leaves 0 out where p is below 0.05, and Holm decides the verdict
SELECT bool_and((welch_p < 0.05) = (difference_lower * difference_upper > 0)) AS welch, bool_and((level_p < 0.05) = (level_lower * level_upper > 0)) AS level, bool_and((slope_p < 0.05) = (slope_lower * slope_upper > 0)) AS slope,
    bool_and(verdict = CASE WHEN least(level_p, slope_p) > 0.025 THEN 'no_change' WHEN level_p <= slope_p THEN CASE WHEN level_change > 0 THEN 'level_up' ELSE 'level_down' END
        WHEN slope_change > 0 THEN 'slope_up' ELSE 'slope_down' END) AS verdict, count(DISTINCT verdict) AS verdicts
FROM effects;

-- the same in days, in timestamps and in numbers, wherever they lie
CREATE TEMP TABLE calendar AS SELECT '2026-01-01'::date + i AS day, i, (i * 37) % 11 + CASE WHEN i >= 20 THEN 6 ELSE 0 END::float8 AS y FROM generate_series(0, 39) i;
CREATE TEMP TABLE plain AS SELECT pg_temp.numbers(change_effect(y, i, 20)) AS e FROM calendar;
SELECT pg_temp.alike(e, pg_temp.numbers((SELECT change_effect(y, day, '2026-01-21') FROM calendar)), 1e-13) AS days, pg_temp.alike(e, pg_temp.numbers((SELECT change_effect(y, day::timestamptz, '2026-01-21') FROM calendar)), 1e-13) AS times,
    pg_temp.alike(e, pg_temp.numbers((SELECT change_effect(y, i + 1.7e9, 1.7e9 + 20) FROM calendar)), 1e-13) AS far,
    pg_temp.alike(e[8:10] || e[16:16] || e[20:20], (SELECT f[8:10] || f[16:16] || f[20:20] FROM (SELECT pg_temp.numbers(change_effect(y * 1e-100, i * 1e90, 20e90)) f FROM calendar) s), 1e-12) AS scaled,
    pg_temp.alike(e, pg_temp.numbers((SELECT change_effect(y, i, 20 ORDER BY y DESC, i DESC) FROM calendar)), 1e-13) AS shuffled FROM plain;
-- time of day counts
SELECT (change_effect(1, t, '2026-01-01 12:00+00')).n_before FROM (VALUES ('2026-01-01 11:59:59+00'::timestamptz), ('2026-01-01 12:00:00+00'), ('2026-01-01 14:00:00+02')) v(t);

-- verdicts without and with a direction
CREATE TEMP TABLE cases AS
SELECT what, i, CASE what WHEN 'step up' THEN CASE WHEN i > 12 THEN 9 ELSE 0 END WHEN 'step down' THEN CASE WHEN i > 12 THEN -9 ELSE 0 END
    WHEN 'ramp up' THEN greatest(i - 13, 0) * 1.5 WHEN 'ramp down' THEN -1.5 * greatest(i - 13, 0) WHEN 'rise all along' THEN i * 1.5 WHEN 'nothing' THEN 0
    WHEN 'down, then better' THEN CASE WHEN i > 12 THEN -12 + (i - 13) * 4 ELSE 0 END END + ((i * 29) % 5)::float8 AS y
FROM unnest('{step up,step down,ramp up,ramp down,rise all along,nothing,"down, then better"}'::text[]) what, generate_series(1, 24) i;
SELECT what, (change_effect(y, i, 13)).verdict AS none, (change_effect(y, i, 13, '>= 5')).verdict AS at_least, (change_effect(y, i, 13, '<= 5')).verdict AS at_most,
    (change_effect(y, i, 13, '= 2')).verdict AS exactly, (change_effect(y, i, 13, '[5,15]')).verdict AS inside, (change_effect(y, i, 13, '[-100,100]')).verdict AS wide, round((change_effect(y, i, 13)).welch_p::numeric, 5) AS welch_p
FROM cases GROUP BY what ORDER BY what COLLATE "C";
SELECT what, (change_effect(y, i, 13)).reason FROM cases GROUP BY what ORDER BY what COLLATE "C";
SELECT (change_effect(y, i, 13, '>= 5')).reason FROM cases WHERE what = 'step up' UNION ALL SELECT (change_effect(y, i, 13, '[-100,100]')).reason FROM cases WHERE what = 'step up'
UNION ALL SELECT (change_effect(y, i, 13, '<= 5')).reason FROM cases WHERE what = 'down, then better'
UNION ALL SELECT (change_effect(y, '2026-01-01'::date + i, '2026-01-14')).reason FROM cases WHERE what = 'ramp up';

-- a small scatter on a large offset is scatter: 0.1 beside 1e12
SELECT round((e).difference::numeric, 1) AS difference, round((e).welch_t::numeric, 2) AS welch_t, (e).verdict FROM (SELECT change_effect(1e12 + i % 2 * 0.2 + CASE WHEN i > 10 THEN 0.4 ELSE 0 END, i, 11) e FROM generate_series(1, 20) i) s;
-- nothing scatters: certain, never NaN; and noise of decimals is none
SELECT k, round((e).difference::numeric, 9) AS difference, round((e).difference_lower::numeric, 6) AS lower, round((e).welch_t::numeric, 6) AS welch_t, round((e).welch_df::numeric, 6) AS welch_df, round((e).welch_p::numeric, 9) AS welch_p, round((e).level_change::numeric, 9) AS level, (e).level_p, round((e).slope_change::numeric, 9) AS slope, (e).slope_p, (e).verdict
FROM (SELECT 1 AS k, change_effect(0.1, i, 6) e FROM generate_series(1, 10) i UNION ALL SELECT 2, change_effect(CASE WHEN i < 6 THEN 0.1 ELSE 0.3 END, i, 6) FROM generate_series(1, 10) i
    UNION ALL SELECT 3, change_effect(1e6 + 0.1 * i, i, 6) FROM generate_series(1, 10) i UNION ALL SELECT 4, change_effect(0.1 * i + CASE WHEN i < 6 THEN 0 ELSE 0.7 END, i, 6) FROM generate_series(1, 10) i
    UNION ALL SELECT 5, change_effect(CASE WHEN i < 6 THEN 0.1 * i ELSE 0.3 * i - 1.2 END, i, 6) FROM generate_series(1, 10) i) s ORDER BY k;

-- few points
SELECT b, a, (e).n_before, (e).n_after, round((e).mean_before::numeric, 6) AS mean_before, round((e).mean_after::numeric, 6) AS mean_after, round((e).difference::numeric, 3) AS difference, round((e).welch_p::numeric, 3) AS welch_p, round((e).level_change::numeric, 3) AS level, round((e).level_p::numeric, 3) AS level_p, (e).verdict, (e).reason
FROM (SELECT b, a, change_effect((i * 7) % 5, i, 0) e FROM (VALUES (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (4, 9), (9, 4), (0, 9), (5, 5)) v(b, a), generate_series(-b, a - 1) i GROUP BY b, a) s ORDER BY a + b, b;
-- no row, and no point
SELECT change_effect(i, i, 0) IS NULL AS none, change_agg(i, i, 0) IS NULL AS no_summary FROM generate_series(1, 3) i WHERE i > 9;
SELECT (change_effect(NULL, i, 0)).*, before(change_agg(NULL, i, 0)) IS NULL AS before FROM generate_series(1, 3) i;
SELECT (change_effect(y, t, 3)).n_before, (change_effect(y, t, 3)).n_after FROM (VALUES (1::float8, 1::float8), (NULL, 2), (3, NULL), (4, 3), (5, 4)) v(y, t);
-- all of a side at one time: no line there, the means alone decide
SELECT (e).slope_before, (e).level_p, round((e).welch_p::numeric, 6) AS welch_p, (e).verdict, (e).reason FROM (SELECT change_effect(i % 3 + CASE WHEN t = 2 THEN 5 ELSE 0 END, t, 2) e FROM generate_series(1, 8) i, generate_series(1, 2) t) s
UNION ALL SELECT (e).slope_before, (e).level_p, round((e).welch_p::numeric, 6), (e).verdict, (e).reason FROM (SELECT change_effect(i % 3 + CASE WHEN t = 2 THEN 5 ELSE 0 END, t, 2, '<= 1') e FROM generate_series(1, 8) i, generate_series(1, 2) t) s
UNION ALL SELECT (e).slope_before, (e).level_p, round((e).welch_p::numeric, 6), (e).verdict, (e).reason FROM (SELECT change_effect(i % 3, t, 2) e FROM generate_series(1, 8) i, generate_series(1, 2) t) s;

-- refused
SELECT change_effect('NaN', 1, 1);
SELECT change_effect('Infinity', 1, 1);
SELECT change_effect(1, 'NaN', 1);
SELECT change_effect(1, 1, '-Infinity');
SELECT change_effect(1, 'infinity'::date, '2026-01-01');
SELECT change_effect(1, '2026-01-01'::timestamptz, '-infinity');
SELECT change_effect(1, i, i) FROM generate_series(1, 2) i;
SELECT change_effect(1, 1, NULL::float8);
SELECT change_effect(1, '2026-01-01'::date, NULL::date);
SELECT change_effect(1, i, 1, CASE i WHEN 1 THEN '>= 1' ELSE '<= 1' END::kpi_target) FROM generate_series(1, 2) i;
SELECT change_effect(1, i, 1, exactly(i)) FROM generate_series(1, 2) i;
SELECT change_effect(i * 1e307, i, 5) FROM generate_series(-9, 9) i;
-- a target of at least may move, and NULL says nothing
SELECT (change_effect(y, i, 13, CASE WHEN i % 2 = 0 THEN at_least(i) END)).verdict FROM cases WHERE what = 'step up';

-- the summary: parts, parallel, forms
CREATE TEMP TABLE parts AS SELECT what, i % 3 AS part, change_agg(y, i, 13, '>= 5') AS c FROM cases GROUP BY what, i % 3;
SELECT count(*), bool_and(pg_temp.alike(pg_temp.numbers(change_effect(c)), pg_temp.numbers(whole), 1e-12) AND (change_effect(c)).verdict = (whole).verdict AND (change_effect(c)).reason = (whole).reason) AS right
FROM (SELECT what, rollup(c) AS c FROM parts GROUP BY what) p JOIN (SELECT what, change_effect(y, i, 13, '>= 5') AS whole FROM cases GROUP BY what) w USING (what);
SELECT rollup(c) IS NULL AS none FROM parts WHERE false;
SELECT rollup(c) FROM (SELECT change_agg(1, 1, 2) c UNION ALL SELECT change_agg(1, 1, 3)) s;
SELECT rollup(c) FROM (SELECT change_agg(1, 1, 2) c UNION ALL SELECT change_agg(1, '2026-01-01'::date, '2026-02-01')) s;
SELECT rollup(c) FROM (SELECT change_agg(1, 1, 2, '>= 1') c UNION ALL SELECT change_agg(1, 1, 2, '<= 1')) s;
-- a part without rows of the group, or without points, is neutral
SELECT (change_effect(rollup(c))).n_before FROM (SELECT change_agg(1, 1, 2) c UNION ALL SELECT change_agg(NULL, 1, 2) UNION ALL SELECT NULL) s;
SELECT slope(before(c)) AS before, slope(after(c)) AS after, value(before(c), 'count') AS n FROM (SELECT change_agg(CASE WHEN i < 4 THEN i ELSE 3 * i END, i, 4) c FROM generate_series(1, 9) i) s;
SELECT change_agg(y, t, 3, '[1,2]') FROM (VALUES (1::float8, 1::float8), (2, 2), (0.1, 3)) v(y, t);
SELECT change_agg(y, t, '2026-03-01') FROM (VALUES (1::float8, '2026-01-01'::date)) v(y, t);
SELECT count(*), bool_and(c::text::kpi_change::text = c::text) AS text, bool_and(c::jsonb::kpi_change::text = c::text) AS jsonb, bool_and(kpi_change_send(c) = kpi_change_send(c::text::kpi_change)) AS binary,
    bool_and(change_effect(c::text::kpi_change) = change_effect(c)) AS effect
FROM (SELECT c FROM parts UNION ALL SELECT change_agg(y, day, '2026-01-21', '= 3') FROM calendar UNION ALL SELECT change_agg(y * 0.1, day, '2026-01-21', '[0.1,0.3]') FROM calendar GROUP BY i % 4 UNION ALL SELECT change_agg(NULL, 1, 2)) s;
-- malformed
SELECT '{}'::kpi_change;
SELECT 'junk'::kpi_change;
SELECT '{"at": "time", "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": "up", "lower": null, "upper": null, "before": null, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": "at_most", "lower": 1, "upper": 1, "before": null, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": "inside", "lower": 3, "upper": 1, "before": null, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": "exactly", "lower": 1, "upper": 2, "before": null, "after": null}'::kpi_change;
SELECT '{"at": null, "change_at": null, "direction": "at_most", "lower": null, "upper": null, "before": null, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": null, "lower": null, "upper": null, "before": 7, "after": null}'::kpi_change;
SELECT '{"at": "number", "change_at": 2, "direction": null, "lower": null, "upper": null, "before": {}, "after": null}'::kpi_change;
SELECT replace(change_agg(1, 1, 2)::text, '"change_at": 2', '"change_at": 1')::kpi_change;
SELECT replace(change_agg(1, 2, 2)::text, '"change_at": 2', '"change_at": 2.5')::kpi_change;
SELECT replace(change_agg(1, 1, 2)::text, '{"at": "number", "change_at": 2', '{"at": "time", "change_at": "2026-01-01T00:00:00Z"')::kpi_change;
SELECT change_accum(NULL::kpi_change, 1, 1, 1);
SELECT change_effect(NULL::kpi_change) IS NULL AS null_in;

-- in parallel as alone
CREATE TABLE kra_test_change AS SELECT i % 5 AS g, i AS t, (i * 7919) % 1009 / 10.0::float8 + CASE WHEN i >= 60000 THEN 4 ELSE 0 END AS y FROM generate_series(1, 100000) i;
ALTER TABLE kra_test_change SET (parallel_workers = 2);
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE alone AS SELECT g, change_effect(y, t, 60000) e FROM kra_test_change GROUP BY g;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), bool_and(pg_temp.alike(pg_temp.numbers(a.e), pg_temp.numbers(b.e), 1e-12)) AS right, min((b.e).verdict) AS verdict
FROM alone a JOIN (SELECT g, change_effect(y, t, 60000) e FROM kra_test_change GROUP BY g) b USING (g);
DROP TABLE kra_test_change;

-- as a window aggregate: each frame as the group of its rows
SELECT count(*) AS frames, bool_and(w.e IS NOT DISTINCT FROM s.e) AS right
FROM (SELECT i, change_effect(y, i, 13, '>= 5') OVER (ORDER BY i) e FROM cases WHERE what = 'step up') w, LATERAL (SELECT change_effect(y, g.i, 13, '>= 5' ORDER BY g.i) e FROM cases g WHERE what = 'step up' AND g.i <= w.i) s;

-- Differences whose squares are nothing to a float8 are refused, not taken for none.
SELECT (kra.change_effect(v * 1e-165, i::float8, 6::float8)).verdict FROM unnest('{1,1.9,1,1.5,1,1.2,2.1,1.0,2.1,1}'::float8[]) WITH ORDINALITY AS u (v, i);
SELECT (kra.change_effect(v, i * 1e-165, 6e-165::float8)).verdict FROM unnest('{1,1.9,1,1.5,1,1.2,2.1,1.0,2.1,1}'::float8[]) WITH ORDINALITY AS u (v, i);
