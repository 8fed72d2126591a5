-- attainment_agg: many attainments in one value; score, coverage, hit rate.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);

CREATE TEMP TABLE results (g int, actual float8, target kpi_target, weight float8);
INSERT INTO results VALUES
    (1, 50, '>= 100', 2), (2, 75, '>= 100 threshold 70', 1), (3, 100, '>= 100', 1), (4, 112.5, '>= 100 stretch 110', 3),
    (5, -25, '>= 100', 1), (6, NULL, '>= 100', 2), (7, 5, NULL, 4), (8, NULL, NULL, 1), (9, 0, '<= 0', 1);

-- what it holds
SELECT attainment_agg(actual, target, weight) FROM results;
SELECT attainment_agg(actual, target) FROM results;
SELECT round(score(s)::numeric, 12) AS score, round(raw_score(s)::numeric, 12) AS raw_score, coverage(s), round(hit_rate(s)::numeric, 12) AS hit_rate,
    num_kpis(s), min_attainment(s), max_attainment(s)
FROM (SELECT attainment_agg(actual, target, weight) s FROM results) a;
SELECT status, count_of(s, status)
FROM (SELECT attainment_agg(actual, target, weight) s FROM results) a, unnest(enum_range(NULL::kpi_status)) status;
SELECT count_of(attainment_agg(actual, target), 'green') FROM results;
SELECT count_of(attainment_agg(actual, target), NULL) IS NULL AS null_status FROM results;

-- empty, all filtered out, one row, NULLs in each argument
SELECT attainment_agg(actual, target) IS NULL AS none, attainment_agg(actual, target, weight) IS NULL AS none_weighted FROM results WHERE false;
SELECT attainment_agg(actual, target, weight) FILTER (WHERE g > 99) IS NULL AS filtered FROM results;
SELECT attainment_agg(actual, target, weight) FROM results WHERE g = 2;
SELECT attainment_agg(NULL, target, weight) FROM results WHERE g < 3;
SELECT attainment_agg(actual, NULL, weight) FROM results WHERE g < 3;
SELECT attainment_agg(NULL, NULL) FROM results WHERE g < 3;
SELECT score(s) IS NULL AS score, raw_score(s) IS NULL AS raw_score, coverage(s), hit_rate(s) IS NULL AS hit_rate,
    num_kpis(s), min_attainment(s) IS NULL AS min, max_attainment(s) IS NULL AS max
FROM (SELECT attainment_agg(NULL, target) s FROM results) a;
SELECT score(NULL::kpi_attainment) IS NULL AS score, raw_score(NULL::kpi_attainment) IS NULL AS raw_score,
    coverage(NULL::kpi_attainment) IS NULL AS coverage, hit_rate(NULL::kpi_attainment) IS NULL AS hit_rate;
SELECT rollup(s) IS NULL AS rollup_of_none, rollup(s) FILTER (WHERE false) IS NULL AS filtered FROM (SELECT NULL::kpi_attainment s) a;
SELECT rollup(s)::text = min(s::text) AS same
FROM (SELECT attainment_agg(actual, target, weight) s FROM results UNION ALL SELECT NULL) a;

-- weights
SELECT attainment_agg(actual, target, NULL) FROM results;
SELECT attainment_agg(NULL, NULL, NULL) FROM results;
SELECT attainment_agg(actual, target, -1) FROM results;
SELECT attainment_agg(NULL, target, -1e-300) FROM results;
SELECT attainment_agg(actual, target, 'Infinity') FROM results;
SELECT attainment_agg(actual, target, '-Infinity') FROM results;
SELECT attainment_agg(actual, target, 'NaN') FROM results;
SELECT score(s) IS NULL AS score, coverage(s) IS NULL AS coverage, round(hit_rate(s)::numeric, 12) AS hit_rate, num_kpis(s)
FROM (SELECT attainment_agg(actual, target, 0) s FROM results) a;
SELECT attainment_agg(actual, target, '-0')::text = attainment_agg(actual, target, 0)::text AS minus_zero FROM results;
-- a weight of 0 counts, and weighs nothing
SELECT score(s), coverage(s), num_kpis(s), hit_rate(s)
FROM (SELECT attainment_agg(a, t, w) s FROM (VALUES (1::float8, '>= 2'::kpi_target, 1::float8), (2, '>= 2', 0), (NULL, '>= 2', 0)) v(a, t, w)) x;
SELECT score(s), coverage(s), round(raw_score(s)::numeric, 12) AS raw_score
FROM (SELECT attainment_agg(a, t, w) s FROM (VALUES (1::float8, '>= 2'::kpi_target, 1e-300::float8), (2, '>= 2', 1e-300)) v(a, t, w)) x;

-- values that are refused
SELECT attainment_agg('NaN', target) FROM results;
SELECT attainment_agg('Infinity', target) FROM results;
SELECT attainment_agg('-Infinity', target, weight) FROM results;
SELECT attainment_agg('Infinity', NULL) FROM results;

-- overflow is an error, not infinity
SELECT attainment_agg(1, '>= 1', 1.7e308) FROM results;
SELECT attainment_agg(1e308, '>= 1 within 1e-10');
SELECT attainment_agg(1e308, '>= 1 within 1e-10', 0);
SELECT attainment_agg(-1e308, '>= 1e308 within 1e-10');
SELECT attainment_agg(10, '>= 1', 1e308);
SELECT rollup(s) FROM (SELECT attainment_agg(1, '>= 1', 1.7e308) s FROM results GROUP BY g) a;
-- the sum of capped attainments overflows alone: weights and raw sums stay in range
SELECT score(attainment_agg(a, '>= 1', w))
FROM (VALUES (1.2::float8, 0.76e308::float8), (-9, 0.1e308), (1.2, 0.76e308)) v(a, w);
SELECT score(rollup(s::kpi_attainment)) FROM generate_series(1, 2), (VALUES
    ('{"no_target": 0, "no_data": 0, "off_track": 1, "at_risk": 0, "on_track": 1, "exceeded": 0, "measured": 2, "min": -1, "max": 2, "weight": 0.8e308, "observed": 0.8e308, "capped": 0.95e308, "raw": 0}')) v(s);
DO $$
BEGIN
    PERFORM rollup(s::kra.kpi_attainment) FROM (VALUES
        ('{"no_target": 0, "no_data": 9223372036854775807, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}'),
        ('{"no_target": 0, "no_data": 1, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}')) v(s);
    RAISE NOTICE 'a count has overflowed silently';
EXCEPTION WHEN numeric_value_out_of_range THEN
    RAISE NOTICE 'refused';
END $$;

-- the cap is at 1.2 and at 0, for each KPI, before weighting
SELECT a, score(attainment_agg(a, '>= 1')), raw_score(attainment_agg(a, '>= 1'))
FROM unnest('{-3,-0.001,0,0.5,1,1.19,1.2,1.21,50}'::float8[]) a GROUP BY a ORDER BY a;
SELECT score(attainment_agg(a, '>= 1')), raw_score(attainment_agg(a, '>= 1')) FROM unnest('{11,-9}'::float8[]) a;

-- without a scale, a score counts 1 if met, else 0, and there is no attainment
SELECT a, score(s), raw_score(s), coverage(s), hit_rate(s), min_attainment(s) IS NULL AS no_attainment
FROM (SELECT a, attainment_agg(a, '>= 0') s FROM unnest('{-5,-1e-9,0,7}'::float8[]) a GROUP BY a) x ORDER BY a;
SELECT a, score(s), raw_score(s), hit_rate(s)
FROM (SELECT a, attainment_agg(a, '<= 0') s FROM unnest('{-5,0,3}'::float8[]) a GROUP BY a) x ORDER BY a;
SELECT score(s), raw_score(s), min_attainment(s), max_attainment(s), num_kpis(s)
FROM (SELECT attainment_agg(a, t) s FROM (VALUES (0::float8, '<= 0'::kpi_target), (3, '<= 0'), (0.5, '>= 1'), (4, '= 0')) v(a, t)) x;

-- against plain SQL: every direction, scale and weight
CREATE TEMP TABLE plain AS
WITH raw AS (
    SELECT g, g % 4 AS dir, ((g * 7919) % 401 - 200)::float8 / 4 AS a, ((g * 104729) % 201 - 100)::float8 / 4 AS t,
        CASE WHEN g % 3 = 0 THEN ((g * 31) % 19 + 1)::float8 END AS w,
        CASE WHEN g % 5 = 0 THEN ((g * 17) % 23 + 1)::float8 END AS b_off,
        CASE WHEN g % 7 = 0 THEN ((g * 11) % 13)::float8 END AS h_off,
        CASE WHEN g % 2 = 0 THEN ((g * 13) % 29)::float8 END AS s_off,
        ((g * 37) % 8)::float8 / 2 AS weight
    FROM generate_series(1, 4000) g),
built AS (
    SELECT *, t + ((g * 3) % 9)::float8 AS u, CASE dir WHEN 0 THEN t - b_off ELSE t + b_off END AS b,
        CASE dir WHEN 0 THEN at_least(t, baseline => t - b_off, threshold => t - h_off, stretch => t + s_off, scale => w)
            WHEN 1 THEN at_most(t, baseline => t + b_off, threshold => t + h_off, stretch => t - s_off, scale => w)
            WHEN 2 THEN exactly(t, baseline => t + b_off, threshold => t - h_off, scale => w)
            ELSE inside(t, t + ((g * 3) % 9)::float8, baseline => t - b_off, threshold => t - h_off, scale => w) END AS target
    FROM raw),
measured AS (
    SELECT *, CASE dir WHEN 0 THEN a - t WHEN 1 THEN t - a WHEN 2 THEN -abs(a - t) ELSE least(a - t, u - a, 0) END AS d,
        coalesce(w, nullif(b_off, 0), nullif(CASE dir WHEN 3 THEN (u - t) / 2 ELSE abs(t) END, 0)) AS scale
    FROM built),
assessed AS (
    SELECT *, 1 + d / scale AS attainment, d >= 0 AS met FROM measured)
SELECT g, CASE WHEN g % 10 > 0 THEN a END AS actual, CASE WHEN g % 13 > 0 THEN target END AS target, weight, attainment, met,
    CASE WHEN g % 10 = 0 THEN 'no_data' WHEN g % 13 = 0 THEN 'no_target'
        WHEN met AND dir < 2 AND d >= s_off THEN 'exceeded' WHEN met THEN 'on_track'
        WHEN h_off IS NOT NULL THEN CASE WHEN d >= -h_off THEN 'at_risk' ELSE 'off_track' END
        WHEN attainment >= 0.9 THEN 'at_risk' ELSE 'off_track' END AS status,
    g % 10 > 0 AND g % 13 > 0 AS seen
FROM assessed;
SELECT count(*) AS groups, count(*) FILTER (WHERE score(s) IS NULL) AS without,
    bool_and(pg_temp.near(score(s), capped)) AS score, bool_and(pg_temp.near(raw_score(s), raw)) AS raw_score,
    bool_and(pg_temp.near(coverage(s), cover)) AS coverage, bool_and(pg_temp.near(hit_rate(s), hits)) AS hit_rate,
    bool_and(num_kpis(s) = n) AS n, bool_and(pg_temp.near(min_attainment(s), smallest) AND pg_temp.near(max_attainment(s), largest)) AS ends,
    bool_and((SELECT bool_and(count_of(s, x) = (SELECT count(*) FROM plain q WHERE q.g % 97 = k AND q.status = x::text))
        FROM unnest(enum_range(NULL::kpi_status)) x)) AS counts
FROM (SELECT g % 97 AS k, attainment_agg(actual, target, weight) AS s, count(*) AS n,
        sum(weight * least(greatest(coalesce(attainment, met::int), 0), 1.2)) FILTER (WHERE seen) / nullif(sum(weight) FILTER (WHERE seen), 0) AS capped,
        sum(weight * coalesce(attainment, met::int)) FILTER (WHERE seen) / nullif(sum(weight) FILTER (WHERE seen), 0) AS raw,
        sum(weight) FILTER (WHERE seen) / sum(weight) AS cover, avg(met::int) FILTER (WHERE seen) AS hits,
        min(attainment) FILTER (WHERE seen) AS smallest, max(attainment) FILTER (WHERE seen) AS largest
    FROM plain GROUP BY 1) a;
SELECT status, count(*) > 20 AS often FROM plain GROUP BY 1 ORDER BY 1;

-- min_coverage
SELECT m, score(s, m), raw_score(s, m), score(s, min_coverage => m) IS NOT DISTINCT FROM score(s, m) AS named
FROM (SELECT attainment_agg(a, '>= 2') s FROM (VALUES (1::float8), (NULL), (2), (NULL)) v(a)) x, unnest('{0,0.49,0.5,0.500000000000001,0.51,1}'::float8[]) m;
SELECT score(attainment_agg(1, '>= 2', 0.1) , 1);
SELECT score(s, 0.3) FROM (SELECT attainment_agg(a, '>= 1', w) s FROM (VALUES (1::float8, 0.3::float8), (NULL, 0.7)) v(a, w)) x;
SELECT score(attainment_agg(1, '>= 2'), NULL);
SELECT score(attainment_agg(1, '>= 2'), -0.1);
SELECT score(attainment_agg(1, '>= 2'), 1.1);
SELECT raw_score(attainment_agg(1, '>= 2'), 'NaN');

-- data that goes missing never raises a score without lowering the coverage
WITH cases AS (
    SELECT c, i, (((c * 7919 + i * 104729) % 31) - 5)::float8 / 20 AS a, ((c * 31 + i * 17) % 6)::float8 AS w
    FROM generate_series(1, 60) c, generate_series(1, 6) i),
masks AS (
    SELECT c, mask, attainment_agg(CASE WHEN mask & (1 << i) = 0 THEN a END, CASE WHEN i % 2 = 0 OR mask & 128 = 0 THEN kpi_target '>= 1' END, w) AS s
    FROM cases, generate_series(0, 255) mask WHERE mask & 1 = 0 GROUP BY c, mask)
SELECT count(*) AS compared, count(*) FILTER (WHERE score(b.s) > score(a.s)) > 0 AS some_rise,
    count(*) FILTER (WHERE score(b.s) > score(a.s) * (1 + 1e-12) AND coverage(b.s) >= coverage(a.s)) AS wrong,
    count(*) FILTER (WHERE coverage(b.s) > coverage(a.s)) AS coverage_rises
FROM masks a JOIN masks b ON a.c = b.c AND a.mask & b.mask = a.mask AND a.mask <> b.mask;

-- text and jsonb: exact round trips
CREATE TEMP TABLE kept AS
SELECT k, attainment_agg(a, t, w) s FROM (VALUES
    (1, 0.1::float8, '>= 0.3'::kpi_target, 0.1::float8), (1, 0.7, '<= 0.1', 1e-17), (1, 3, '= 7', 1 / 3.0), (1, NULL, '>= 1', 1e17),
    (2, 5e-324, '>= 1', 5e-324), (2, 1e300, '>= 1e300', 1e-300), (3, NULL, NULL, 0), (4, 0, '>= 0', 4.35),
    (5, -1.5, '[1,2]', 1e299), (6, 1.2, '>= 1', 1.5e-323), (6, 1.2, '>= 1', 1.5e-323)) v(k, a, t, w)
GROUP BY k;
SELECT k, s::text::kpi_attainment::text = s::text AS text, s::jsonb::kpi_attainment::text = s::text AS jsonb,
    s::text::jsonb = s::jsonb AS same, kpi_attainment_send(s::text::kpi_attainment) = kpi_attainment_send(s) AS bytes
FROM kept WHERE k < 6 ORDER BY k;
-- weights that are hardly more than 0, where float8 has no digits left
SELECT s::text::kpi_attainment::text = s::text AS text FROM kept WHERE k = 6;

-- malformed
SELECT '{}'::kpi_attainment;
SELECT ''::kpi_attainment;
SELECT '5'::kpi_attainment;
SELECT jsonb '[]'::kpi_attainment;
CREATE FUNCTION pg_temp.patched(patch jsonb, without text DEFAULT '') RETURNS kpi_attainment LANGUAGE sql
    RETURN ((jsonb '{"no_target": 0, "no_data": 1, "off_track": 1, "at_risk": 0, "on_track": 1, "exceeded": 0, "measured": 2, "min": 0.5, "max": 1, "weight": 3, "observed": 2, "capped": 1.5, "raw": 1.5}'
        || patch) - without)::kpi_attainment;
SELECT pg_temp.patched('{}');
SELECT pg_temp.patched('{"green": 1}');
SELECT pg_temp.patched('{}', 'no_data');
SELECT pg_temp.patched('{}', 'measured');
SELECT pg_temp.patched('{}', 'min');
SELECT pg_temp.patched('{}', 'raw');
SELECT pg_temp.patched('{"on_track": -1}');
SELECT pg_temp.patched('{"on_track": 0.5}');
SELECT pg_temp.patched('{"on_track": null}');
SELECT pg_temp.patched('{"on_track": 9223372036854775807}');
SELECT pg_temp.patched('{"measured": 3}');
SELECT pg_temp.patched('{"measured": 0}');
SELECT pg_temp.patched('{"min": 2}');
SELECT pg_temp.patched('{"min": "0"}');
SELECT pg_temp.patched('{"weight": -3}');
SELECT pg_temp.patched('{"weight": 1}');
SELECT pg_temp.patched('{"observed": -1}');
SELECT pg_temp.patched('{"observed": 4}');
SELECT pg_temp.patched('{"capped": -1}');
SELECT pg_temp.patched('{"capped": 2.5}');
SELECT pg_temp.patched('{"capped": "NaN"}');
SELECT pg_temp.patched('{"raw": [1e308, 1e308]}');
SELECT pg_temp.patched('{"off_track": 0, "on_track": 0, "measured": 0, "min": null, "max": null}');
SELECT pg_temp.patched('{"no_data": 0, "off_track": 0, "on_track": 0, "measured": 0, "min": null, "max": null, "observed": 0, "capped": 0, "raw": 0}');

-- the transition function on its own
SELECT attainment_accum(NULL::kpi_attainment, 1, '>= 1');
SELECT attainment_combine(NULL, s) IS NULL AS strict FROM kept WHERE k = 1;
