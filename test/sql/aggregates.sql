-- What all aggregates have in common: roll-up of any partition, parallel plans,
-- windows, states that nobody modifies behind the owner's back, stored values.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

-- All that can be read off a summary: counts first, which must agree exactly, then floats.
CREATE FUNCTION pg_temp.counts(s kpi_actual) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[value(s, 'count'), value(s, 'min'), value(s, 'max'), value(s, 'first'), value(s, 'last'), extract(epoch FROM first_at(s)), extract(epoch FROM last_at(s))];
CREATE FUNCTION pg_temp.floats(s kpi_actual) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[value(s, 'sum'), value(s, 'mean'), value(s, 'ratio'), weight(s)];
CREATE FUNCTION pg_temp.counts(s kpi_attainment) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[num_kpis(s), count_of(s, 'no_target'), count_of(s, 'no_data'), count_of(s, 'off_track'), count_of(s, 'at_risk'),
        count_of(s, 'on_track'), count_of(s, 'exceeded'), hit_rate(s), min_attainment(s), max_attainment(s)];
CREATE FUNCTION pg_temp.floats(s kpi_attainment) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[score(s), raw_score(s), coverage(s), score(s, 0.5)];
CREATE FUNCTION pg_temp.counts(s kpi_balance) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN pg_temp.counts(attainment_of(s, 'outcome')) || pg_temp.counts(attainment_of(s, 'activity')) || pg_temp.counts(total(s));
CREATE FUNCTION pg_temp.floats(s kpi_balance) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN pg_temp.floats(attainment_of(s, 'outcome')) || pg_temp.floats(attainment_of(s, 'activity')) || pg_temp.floats(total(s));
CREATE FUNCTION pg_temp.counts(t kpi_trend) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[value(t, 'count'), value(t, 'first'), value(t, 'last'), extract(epoch FROM first_at(t)), extract(epoch FROM last_at(t))];
CREATE FUNCTION pg_temp.floats(t kpi_trend) RETURNS float8[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY[slope(t), intercept(t), r2(t), slope_stderr(t), p_value(t), value(t, 'mean')];
CREATE FUNCTION pg_temp.near(a float8[], b float8[], tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce((SELECT bool_and(coalesce(x IS NOT DISTINCT FROM y OR abs(x - y) <= tolerance * greatest(abs(x), abs(y)), false))
        FROM unnest(a, b) u(x, y)), a IS NOT DISTINCT FROM b);
-- do two summaries, given as what is read off them, agree?
CREATE FUNCTION pg_temp.agree(ca float8[], cb float8[], fa float8[], fb float8[]) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN pg_temp.near(ca, cb, 0) AND pg_temp.near(fa, fb, 1e-12);

-- Six series: tenths; a large offset; mixed magnitudes of both signs; hardly any
-- slope; falling, with gaps; constant. Times tie, and so do places.
CREATE TEMP TABLE facts AS
SELECT s, g, v, w, '2026-01-01 00:00Z'::timestamptz + make_interval(hours => g / 3) AS at, '2020-02-28'::date + g / 2 AS day, 1.7e9 + (g * 7919 % 1013) / 3.0::float8 AS x,
    CASE WHEN g % 3 = 0 THEN 'activity' ELSE 'outcome' END::kpi_kind AS kind,
    CASE WHEN g % 19 > 0 THEN CASE s % 3 WHEN 0 THEN at_least(v - (g % 5 - 2) * (abs(v) + 1) / 9) WHEN 1 THEN at_most(v + (g % 7 - 3) / 8.0::float8, scale => 1 + g % 4)
        ELSE inside(v - g % 3, v + 1, threshold => v - 9) END END AS target
FROM (SELECT s, g, CASE s WHEN 1 THEN 0.1 WHEN 2 THEN 1e15 + (g * 7919 % 1009) / 8.0 WHEN 3 THEN (g % 5 - 2) * 10::float8 ^ (g * 7919 % 25 - 12) + g
            WHEN 4 THEN (g * 7919 % 1009)::float8 WHEN 5 THEN CASE WHEN g % 11 > 0 THEN -0.3 * g + (g * 104729 % 101) / 7.0 END ELSE 42 END::float8 AS v,
        CASE g % 4 WHEN 0 THEN 0 WHEN 1 THEN 0.1 WHEN 2 THEN 1e-9 ELSE 1e6 / 3 END::float8 AS w
    FROM generate_series(1, 6) s, generate_series(1, 700) g) d;

-- roll-up of 40 partitions of each series, from 1 part to one part for each row
CREATE TEMP TABLE whole AS
SELECT s, actual_agg(v, at, w) a, attainment_agg(v, target, w) b, balance_agg(kind, v, target, w) c, trend_agg(at, v) d, trend_agg(x, v) e, trend_agg(day, v) f
FROM facts GROUP BY s;
CREATE TEMP TABLE merged AS
SELECT s, seed, count(*) AS parts, rollup(a) a, rollup(b) b, rollup(c) c, rollup(d) d, rollup(e) e, rollup(f) f
FROM (SELECT s, seed, CASE WHEN seed < 38 THEN (g * (7919 + 2 * seed) + seed * 104729) % 1000003 % (seed * seed) WHEN seed = 38 THEN g WHEN seed = 39 THEN g / 50 ELSE g % 2 END AS part,
        actual_agg(v, at, w) a, attainment_agg(v, target, w) b, balance_agg(kind, v, target, w) c, trend_agg(at, v) d, trend_agg(x, v) e, trend_agg(day, v) f
    FROM facts, generate_series(1, 40) seed GROUP BY 1, 2, 3 ORDER BY 1, 2, min(g) * 7919 % 1009) p
GROUP BY s, seed;
SELECT s, count(*) AS partitions, max(parts) AS most,
    bool_and(pg_temp.agree(pg_temp.counts(m.a), pg_temp.counts(w.a), pg_temp.floats(m.a), pg_temp.floats(w.a))) AS actual,
    bool_and(pg_temp.agree(pg_temp.counts(m.b), pg_temp.counts(w.b), pg_temp.floats(m.b), pg_temp.floats(w.b))) AS attainment,
    bool_and(pg_temp.agree(pg_temp.counts(m.c), pg_temp.counts(w.c), pg_temp.floats(m.c), pg_temp.floats(w.c))) AS balance,
    bool_and(pg_temp.agree(pg_temp.counts(m.d), pg_temp.counts(w.d), pg_temp.floats(m.d), pg_temp.floats(w.d))) AS trend,
    bool_and(pg_temp.agree(pg_temp.counts(m.e), pg_temp.counts(w.e), pg_temp.floats(m.e), pg_temp.floats(w.e))) AS trend_number,
    bool_and(pg_temp.agree(pg_temp.counts(m.f), pg_temp.counts(w.f), pg_temp.floats(m.f), pg_temp.floats(w.f))) AS trend_date
FROM merged m JOIN whole w USING (s) GROUP BY s ORDER BY s;
-- a roll-up of roll-ups, through their text
SELECT pg_temp.agree(pg_temp.counts(m.a), pg_temp.counts(w.a), pg_temp.floats(m.a), pg_temp.floats(w.a)) AS actual,
    pg_temp.agree(pg_temp.counts(m.b), pg_temp.counts(w.b), pg_temp.floats(m.b), pg_temp.floats(w.b)) AS attainment,
    pg_temp.agree(pg_temp.counts(m.c), pg_temp.counts(w.c), pg_temp.floats(m.c), pg_temp.floats(w.c)) AS balance,
    pg_temp.agree(pg_temp.counts(m.e), pg_temp.counts(w.e), pg_temp.floats(m.e), pg_temp.floats(w.e)) AS trend
FROM (SELECT rollup(a::text::kpi_actual) a, rollup(b::text::kpi_attainment) b, rollup(c::text::kpi_balance) c, rollup(e::text::kpi_trend) e FROM merged WHERE seed IN (7, 12, 38)) m,
    (SELECT rollup(a) a, rollup(b) b, rollup(c) c, rollup(e) e FROM whole, generate_series(1, 3)) w;
-- the order of the rows does not matter either
SELECT s, pg_temp.agree(pg_temp.counts(m.a), pg_temp.counts(w.a), pg_temp.floats(m.a), pg_temp.floats(w.a)) AS actual,
    pg_temp.agree(pg_temp.counts(m.c), pg_temp.counts(w.c), pg_temp.floats(m.c), pg_temp.floats(w.c)) AS balance,
    pg_temp.agree(pg_temp.counts(m.d), pg_temp.counts(w.d), pg_temp.floats(m.d), pg_temp.floats(w.d)) AS trend
FROM (SELECT s, actual_agg(v, at, w ORDER BY g DESC) a, balance_agg(kind, v, target, w ORDER BY g DESC) c, trend_agg(at, v ORDER BY g * 7919 % 701) d FROM facts GROUP BY s) m
    JOIN whole w USING (s) ORDER BY s;

-- values that cancel in the slope, but for a small drift: whichever point is seen first, and
-- however the rows are split, the slope is the same (and that of exact arithmetic)
CREATE TEMP TABLE mirrored AS
SELECT g, y, CASE WHEN y < 1 THEN 0.1000000000000000055511151231257827 ELSE (y * 33554432)::bigint * 0.0000000298023223876953125 END AS exact
FROM (SELECT g, CASE WHEN g IN (1, 1000) THEN 0.1 ELSE 1e9 / 7 * (1 + abs(2 * g - 1001) * 7919 % 1009) + g * 1e-6::float8 END::float8 AS y FROM generate_series(1, 1000) g) d;
SELECT count(*), max(abs(slope(t) / exact_slope - 1)) < 1e-12 AS slope
FROM (SELECT k, trend_agg(g, y ORDER BY g * k % 1009) t FROM mirrored, generate_series(1, 20) k GROUP BY k
    UNION ALL SELECT k, rollup(t) FROM (SELECT k, g * 7919 % 1009 % k, trend_agg(g, y ORDER BY g * k % 1009) t FROM mirrored, generate_series(2, 40) k GROUP BY 1, 2 ORDER BY 1, min(g) * 31 % 37) p GROUP BY k) s,
    (SELECT (sum((g - 500.5) * exact) / sum((g - 500.5) ^ 2))::float8 exact_slope FROM mirrored) e;

-- parallel: a million rows, two workers
CREATE TABLE kra_test_many AS SELECT g FROM generate_series(1, 1000000) g;
ALTER TABLE kra_test_many SET (parallel_workers = 2);
ANALYZE kra_test_many;
CREATE FUNCTION pg_temp.plan_has(query text, pattern text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ pattern THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;
SELECT $$SELECT 0 AS k, actual_agg(0.1, at, 0.3) AS a, actual_agg((g % 5 - 2) * (1 + g % 7 * 1e9 + g / 7.0::float8), at::date, g % 3) AS a2,
    attainment_agg(g % 1009, CASE WHEN g % 17 > 0 THEN at_least(g % 401, scale => 1 + g % 10) END, g % 5 / 7.0::float8) AS b,
    balance_agg(CASE WHEN g % 3 = 0 THEN 'activity' ELSE 'outcome' END::kpi_kind, NULLIF(g % 90, 7), at_most(g % 50, stretch => g % 50 - 3), 0.1) AS c,
    trend_agg(at, 1e9 + g * 7919::bigint % 1009) AS d, trend_agg(1.7e9 + g * 104729::bigint % 1000003, g * 104729::bigint % 1000003 / 1e3 + g % 101) AS e, trend_agg(at::date, 0.1) AS f
FROM (SELECT g, '2026-01-01 00:00Z'::timestamptz + g * interval '1 minute' AS at FROM kra_test_many) q$$ AS query,
    $$SELECT g % 50 AS k, actual_agg(g / 7.0::float8, NULL::date) AS a, attainment_agg(g % 1009, at_least(g % 401, scale => 1 + g % 10)) AS b,
    balance_agg('activity', g % 90, at_most(g % 50)) AS c, trend_agg(g, g * 7919::bigint % 1009) AS d
FROM kra_test_many GROUP BY 1$$ AS grouped \gset
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE TEMP TABLE serial AS :query;
CREATE TEMP TABLE serial_groups AS :grouped;
SELECT pg_temp.plan_has(:'query', 'Partial') AS partial;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SELECT pg_temp.plan_has(:'query', 'Partial Aggregate') AS partial, pg_temp.plan_has(:'query', 'Gather') AS gather,
    pg_temp.plan_has(:'grouped', 'Partial (Hash|Group)') AS grouped;
CREATE TEMP TABLE parallel AS :query;
CREATE TEMP TABLE parallel_groups AS :grouped;
RESET parallel_leader_participation;
CREATE TEMP TABLE parallel_with_leader AS :query;
SELECT pg_temp.agree(pg_temp.counts(p.a), pg_temp.counts(s.a), pg_temp.floats(p.a), pg_temp.floats(s.a)) AS tenths,
    pg_temp.agree(pg_temp.counts(p.a2), pg_temp.counts(s.a2), pg_temp.floats(p.a2), pg_temp.floats(s.a2)) AS mixed,
    pg_temp.agree(pg_temp.counts(p.b), pg_temp.counts(s.b), pg_temp.floats(p.b), pg_temp.floats(s.b)) AS attainment,
    pg_temp.agree(pg_temp.counts(p.c), pg_temp.counts(s.c), pg_temp.floats(p.c), pg_temp.floats(s.c)) AS balance,
    pg_temp.agree(pg_temp.counts(p.d), pg_temp.counts(s.d), pg_temp.floats(p.d), pg_temp.floats(s.d)) AS flat,
    pg_temp.agree(pg_temp.counts(p.e), pg_temp.counts(s.e), pg_temp.floats(p.e), pg_temp.floats(s.e)) AS steep,
    pg_temp.agree(pg_temp.counts(p.f), pg_temp.counts(s.f), pg_temp.floats(p.f), pg_temp.floats(s.f)) AS constant
FROM (SELECT * FROM parallel UNION ALL SELECT * FROM parallel_with_leader) p, serial s;
SELECT count(*) AS groups, bool_and(pg_temp.agree(pg_temp.counts(p.a), pg_temp.counts(s.a), pg_temp.floats(p.a), pg_temp.floats(s.a))) AS actual,
    bool_and(pg_temp.agree(pg_temp.counts(p.b), pg_temp.counts(s.b), pg_temp.floats(p.b), pg_temp.floats(s.b))) AS attainment,
    bool_and(pg_temp.agree(pg_temp.counts(p.c), pg_temp.counts(s.c), pg_temp.floats(p.c), pg_temp.floats(s.c))) AS balance,
    bool_and(pg_temp.agree(pg_temp.counts(p.d), pg_temp.counts(s.d), pg_temp.floats(p.d), pg_temp.floats(s.d))) AS trend
FROM parallel_groups p JOIN serial_groups s USING (k);
-- a million tenths are exactly that
SELECT value(a, 'count') AS count, value(a, 'sum') AS sum, value(a, 'mean') AS mean, weight(a) AS weight, pg_temp.near(ARRAY[value(a, 'ratio')], ARRAY[1 / 3.0::float8], 1e-15) AS ratio, slope(f) AS slope, r2(f) AS r2 FROM parallel;
-- summaries that were stored roll up in parallel, too
CREATE TABLE kra_test_stored AS SELECT g % 1000 AS k, trend_agg(g, g % 7) t, actual_agg(g / 10.0::float8, NULL::date) a FROM kra_test_many WHERE g <= 20000 GROUP BY 1;
ALTER TABLE kra_test_stored SET (parallel_workers = 2);
SELECT pg_temp.plan_has('SELECT rollup(t), rollup(a) FROM kra_test_stored', 'Partial Aggregate') AS partial;
CREATE TEMP TABLE stored AS SELECT rollup(t) t, rollup(a) a FROM kra_test_stored;
SELECT pg_temp.agree(pg_temp.counts(x.t), pg_temp.counts(y.t), pg_temp.floats(x.t), pg_temp.floats(y.t)) AS trend, pg_temp.agree(pg_temp.counts(x.a), pg_temp.counts(y.a), pg_temp.floats(x.a), pg_temp.floats(y.a)) AS actual
FROM stored x, (SELECT trend_agg(g, g % 7) t, actual_agg(g / 10.0::float8, NULL::date) a FROM generate_series(1, 20000) g) y;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE kra_test_stored, kra_test_many;

-- windows: running, sliding, by partition, over ranges and groups, with exclusion;
-- each beside a plain aggregate over the rows of its frame
CREATE TEMP TABLE win AS
SELECT g, g % 3 AS p, g / 2 AS tie, 3 + (g * 7919 % 101)::float8 / 7 AS v, '2026-01-01'::date + g / 2 AS at, CASE WHEN g % 2 = 0 THEN 'activity' ELSE 'outcome' END::kpi_kind AS kind,
    CASE WHEN g % 7 > 0 THEN at_least(5 + g % 4) END AS target, (g % 4)::float8 AS w
FROM generate_series(1, 60) g;
INSERT INTO win SELECT g, 9, g / 2, NULL, NULL, 'outcome', NULL, 1 FROM generate_series(61, 63) g;
CREATE TEMP TABLE frames AS
SELECT 'running' AS frame, g, actual_agg(v, at, w) OVER f a, attainment_agg(v, target, w) OVER f b, balance_agg(kind, v, target, w) OVER f c, trend_agg(at, v) OVER f d, trend_agg(g, v) OVER f e
FROM win WINDOW f AS (ORDER BY g ROWS UNBOUNDED PRECEDING)
UNION ALL
SELECT 'sliding', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (ORDER BY g ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
UNION ALL
SELECT 'partition', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (PARTITION BY p)
UNION ALL
SELECT 'ahead', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (PARTITION BY p ORDER BY g ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING)
UNION ALL
SELECT 'range', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (ORDER BY tie RANGE BETWEEN 3 PRECEDING AND 1 FOLLOWING)
UNION ALL
SELECT 'groups', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (ORDER BY tie GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)
UNION ALL
SELECT 'others', g, actual_agg(v, at, w) OVER f, attainment_agg(v, target, w) OVER f, balance_agg(kind, v, target, w) OVER f, trend_agg(at, v) OVER f, trend_agg(g, v) OVER f
FROM win WINDOW f AS (ORDER BY g ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW)
UNION ALL
SELECT 'filtered', g, actual_agg(v, at, w) FILTER (WHERE g % 5 = 0) OVER f, attainment_agg(v, target, w) FILTER (WHERE g % 5 = 0) OVER f, balance_agg(kind, v, target, w) FILTER (WHERE g % 5 = 0) OVER f,
    trend_agg(at, v) FILTER (WHERE g % 5 = 0) OVER f, trend_agg(g, v) FILTER (WHERE g % 5 = 0) OVER f
FROM win WINDOW f AS (ORDER BY g ROWS UNBOUNDED PRECEDING);
CREATE TEMP TABLE recomputed AS
SELECT o.frame, o.g, actual_agg(v, at, i.w) a, attainment_agg(v, target, i.w) FILTER (WHERE i.g IS NOT NULL) b, balance_agg(i.kind, v, target, i.w) FILTER (WHERE i.g IS NOT NULL) c, trend_agg(at, v) d, trend_agg(i.g, v) e
FROM (SELECT frame, w.g, w.p, w.tie FROM win w, unnest('{running,sliding,partition,ahead,range,groups,others,filtered}'::text[]) frame) o
    LEFT JOIN LATERAL (SELECT i.*, row_number() OVER (PARTITION BY i.p ORDER BY i.g) AS nth FROM win i) i ON CASE o.frame
        WHEN 'running' THEN i.g <= o.g WHEN 'sliding' THEN i.g BETWEEN o.g - 2 AND o.g WHEN 'partition' THEN i.p = o.p
        WHEN 'ahead' THEN i.p = o.p AND i.nth BETWEEN 1 + (SELECT count(*) FROM win q WHERE q.p = o.p AND q.g <= o.g) AND 4 + (SELECT count(*) FROM win q WHERE q.p = o.p AND q.g <= o.g)
        WHEN 'range' THEN i.tie BETWEEN o.tie - 3 AND o.tie + 1 WHEN 'groups' THEN i.tie BETWEEN o.tie - 1 AND o.tie
        WHEN 'others' THEN i.g BETWEEN o.g - 5 AND o.g + 5 AND i.g <> o.g ELSE i.g <= o.g AND i.g % 5 = 0 END
GROUP BY o.frame, o.g;
SELECT frame, count(*) AS rows, count(f.b) AS not_empty,
    bool_and((f.a IS NULL) = (r.a IS NULL) AND pg_temp.agree(pg_temp.counts(f.a), pg_temp.counts(r.a), pg_temp.floats(f.a), pg_temp.floats(r.a))) AS actual,
    bool_and((f.b IS NULL) = (r.b IS NULL) AND pg_temp.agree(pg_temp.counts(f.b), pg_temp.counts(r.b), pg_temp.floats(f.b), pg_temp.floats(r.b))) AS attainment,
    bool_and((f.c IS NULL) = (r.c IS NULL) AND pg_temp.agree(pg_temp.counts(f.c), pg_temp.counts(r.c), pg_temp.floats(f.c), pg_temp.floats(r.c))) AS balance,
    bool_and((f.d IS NULL) = (r.d IS NULL) AND pg_temp.agree(pg_temp.counts(f.d), pg_temp.counts(r.d), pg_temp.floats(f.d), pg_temp.floats(r.d))) AS trend,
    bool_and((f.e IS NULL) = (r.e IS NULL) AND pg_temp.agree(pg_temp.counts(f.e), pg_temp.counts(r.e), pg_temp.floats(f.e), pg_temp.floats(r.e))) AS trend_number
FROM frames f JOIN recomputed r USING (frame, g) GROUP BY frame ORDER BY frame COLLATE "C";
-- two windows over one input, and a roll-up that runs
SELECT bool_and(pg_temp.agree(pg_temp.counts(ra), pg_temp.counts(a), pg_temp.floats(ra), pg_temp.floats(a))) AS actual,
    bool_and(pg_temp.agree(pg_temp.counts(re), pg_temp.counts(e), pg_temp.floats(re), pg_temp.floats(e))) AS trend
FROM (SELECT rollup(a) OVER f ra, rollup(e) OVER f re, g FROM (SELECT g, actual_agg(v, at, w) a, trend_agg(g, v) e FROM win GROUP BY g) d WINDOW f AS (ORDER BY g)) r
    JOIN frames USING (g) WHERE frame = 'running';
-- stored window results: read again, they are what they were
CREATE TEMP TABLE kept AS SELECT frame, g, a, b, c, d, e, a::text ta, b::text tb, c::text tc, d::text td, e::text te FROM frames;
SELECT count(*) AS rows, bool_and(ta IS NOT DISTINCT FROM a::text AND tb IS NOT DISTINCT FROM b::text AND tc IS NOT DISTINCT FROM c::text AND td IS NOT DISTINCT FROM d::text AND te IS NOT DISTINCT FROM e::text) AS same,
    count(DISTINCT te) > 100 AS different
FROM kept;

-- transition and combine functions on their own leave their arguments alone
CREATE TEMP TABLE states AS
SELECT actual_agg(v, at, w) a, attainment_agg(v, target, w) b, balance_agg(kind, v, target, w) c, trend_agg(at, v) d, trend_agg(g, v) e FROM win;
CREATE TEMP TABLE before AS SELECT a::text, b::text, c::text, d::text, e::text FROM states;
SELECT value(actual_accum(a, 5, '2027-01-01'::date), 'count') - value(a, 'count') AS date, value(actual_accum(a, 5, '2027-01-01'::timestamptz), 'count') - value(a, 'count') AS time,
    value(actual_accum(a, 5, '2027-01-01'::date, 2), 'count') - value(a, 'count') AS date_weight, value(actual_accum(a, 5, '2027-01-01'::timestamptz, 2), 'count') - value(a, 'count') AS time_weight,
    value(actual_combine(a, a), 'count') / value(a, 'count') AS combine, value(actual_final(a), 'count') / value(a, 'count') AS final FROM states;
SELECT num_kpis(attainment_accum(b, 5, '>= 1')) - num_kpis(b) AS one, num_kpis(attainment_accum(b, 5, '>= 1', 2)) - num_kpis(b) AS weighted,
    num_kpis(attainment_combine(b, b)) / num_kpis(b) AS combine, num_kpis(attainment_final(b)) / num_kpis(b) AS final FROM states;
SELECT num_kpis(total(balance_accum(c, 'outcome', 5, '>= 1'))) - num_kpis(total(c)) AS one, num_kpis(total(balance_accum(c, 'activity', 5, '>= 1', 2))) - num_kpis(total(c)) AS weighted,
    num_kpis(total(balance_combine(c, c))) / num_kpis(total(c)) AS combine, num_kpis(total(balance_final(c))) / num_kpis(total(c)) AS final FROM states;
SELECT value(trend_accum(d, '2027-01-01'::date, 1), 'count') - value(d, 'count') AS date, value(trend_accum(d, '2027-01-01'::timestamptz, 1), 'count') - value(d, 'count') AS time,
    value(trend_accum(e, 5::float8, 1), 'count') - value(e, 'count') AS number, value(trend_combine(e, e), 'count') / value(e, 'count') AS combine, value(trend_final(e), 'count') / value(e, 'count') AS final FROM states;
-- in the arguments of aggregates as well
SELECT value(rollup(actual_accum(a, 5, '2027-01-01'::date)), 'count') AS actual, num_kpis(rollup(attainment_combine(b, b))) AS attainment, num_kpis(total(rollup(balance_combine(c, c)))) AS balance,
    value(rollup(trend_accum(d, '2027-01-01'::date, 1)), 'count') AS trend FROM states, generate_series(1, 3);
SELECT (SELECT a FROM before) = a::text AS actual, (SELECT b FROM before) = b::text AS attainment, (SELECT c FROM before) = c::text AS balance, (SELECT d FROM before) = d::text AS trend, (SELECT e FROM before) = e::text AS trend_number FROM states;
DO $$
DECLARE
    a kra.kpi_actual; b kra.kpi_attainment; c kra.kpi_balance; e kra.kpi_trend; x kra.kpi_trend;
BEGIN
    SELECT s.a, s.b, s.c, s.e INTO a, b, c, e FROM pg_temp.states s;
    FOR i IN 1..3 LOOP
        PERFORM kra_internal.actual_accum(a, 5, '2027-01-01'::date), kra_internal.attainment_accum(b, 5, '>= 1'), kra_internal.balance_accum(c, 'outcome', 5, '>= 1');
        x := kra_internal.trend_accum(e, 5::float8, 1);
    END LOOP;
    RAISE NOTICE 'actual %, attainment %, balance %, trend %, next %', a::text = (SELECT t.a FROM pg_temp.before t), b::text = (SELECT t.b FROM pg_temp.before t),
        c::text = (SELECT t.c FROM pg_temp.before t), e::text = (SELECT t.e FROM pg_temp.before t), kra.value(x, 'count') - kra.value(e, 'count');
END $$;
-- the state of a group is not that of another, nor of a later run
PREPARE again AS SELECT count(DISTINCT actual_agg::text || trend_agg::text || attainment_agg::text) FROM (SELECT actual_agg(v, at), trend_agg(g % 5, v), attainment_agg(v, '>= 7') FROM (SELECT i, g, v, at FROM win, generate_series(1, 20) i) s GROUP BY i) t;
EXECUTE again;
EXECUTE again;

-- text is the same, and exact, whatever the settings are
CREATE FUNCTION pg_temp.texts() RETURNS text LANGUAGE sql RETURN (SELECT md5(string_agg(concat(a::text, b::text, c::text, d::text, e::text, f::text, a::jsonb, d::jsonb), ';' ORDER BY s, seed)) FROM merged);
CREATE FUNCTION pg_temp.read_back() RETURNS boolean LANGUAGE sql RETURN (SELECT bool_and(a::text::kpi_actual::text = a::text AND b::text::kpi_attainment::text = b::text AND c::text::kpi_balance::text = c::text
    AND d::text::kpi_trend::text = d::text AND e::text::kpi_trend::text = e::text AND f::jsonb::kpi_trend::text = f::text) FROM merged);
SELECT pg_temp.texts() AS texts \gset
SELECT pg_temp.read_back();
SET extra_float_digits = -15;
SET datestyle = 'SQL, DMY';
SET timezone = 'America/St_Johns';
SET intervalstyle = 'sql_standard';
SET bytea_output = 'escape';
SELECT pg_temp.texts() = :'texts' AS same, pg_temp.read_back();
SET extra_float_digits = 0;
SET datestyle = 'German';
SET timezone = 'Asia/Kathmandu';
SELECT pg_temp.texts() = :'texts' AS same, pg_temp.read_back();
SET datestyle = 'Postgres, YMD';
SET timezone = 'UTC';
SET search_path = pg_catalog;
SELECT pg_temp.texts() = :'texts' AS same;
SET search_path = public, kra, kra_internal;
RESET extra_float_digits;
RESET intervalstyle;
RESET bytea_output;

-- binary copy, out and in
CREATE TEMP TABLE copied (LIKE merged);
\getenv abs_builddir PG_ABS_BUILDDIR
\cd :abs_builddir
\copy merged TO 'results/kra_summaries.bin' (FORMAT binary)
\copy copied FROM 'results/kra_summaries.bin' (FORMAT binary)
SELECT count(*) AS rows, bool_and(m.a::text = c.a::text AND m.b::text = c.b::text AND m.c::text = c.c::text AND m.d::text = c.d::text AND m.e::text = c.e::text AND m.f::text = c.f::text) AS same
FROM merged m JOIN copied c USING (s, seed);
SELECT get_byte(kpi_actual_send(a), 0) AS actual, get_byte(kpi_attainment_send(b), 0) AS attainment, get_byte(kpi_balance_send(c), 0) AS balance, get_byte(kpi_trend_send(d), 0) AS trend FROM states;
