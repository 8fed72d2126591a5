-- actual_agg: the observations of a KPI in one value.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE FUNCTION pg_temp.near(a float8, b float8, tolerance float8 DEFAULT 1e-12) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN coalesce(a IS NOT DISTINCT FROM b OR abs(a - b) <= tolerance * greatest(abs(a), abs(b)), false);

CREATE TEMP TABLE facts (g int, value float8, at timestamptz, weight float8);
INSERT INTO facts VALUES
    (1, 10, '2026-01-05 10:00Z', 2), (2, 30, '2026-01-01 08:00Z', 3),
    (3, -5, '2026-01-20 00:00Z', 0), (4, 7.5, '2026-01-20 00:00Z', 5), (5, NULL, '2026-01-31 00:00Z', 9);

-- what it holds, and the words by which it is read
SELECT actual_agg(value, at, weight) FROM facts;
SELECT actual_agg(value, at) FROM facts;
SELECT p, value(s, p) FROM (SELECT actual_agg(value, at, weight) s FROM facts) a,
    unnest('{count,sum,mean,ratio,min,max,first,last}'::text[]) p;
SELECT weight(s), first_at(s), last_at(s) FROM (SELECT actual_agg(value, at, weight) s FROM facts) a;
SELECT value(actual_agg(value, at), 'ratio') = value(actual_agg(value, at), 'mean') AS ratio_without_weights FROM facts;
SELECT value(actual_agg(value, at), 'median') FROM facts;
SELECT value(actual_agg(value, at), 'SUM') FROM facts;
SELECT value(actual_agg(value, at), '') FROM facts;
SELECT value(actual_agg(value, at), NULL) IS NULL AS null_word FROM facts;

-- a ratio is a ratio of sums, never a mean of ratios
SELECT round(value(actual_agg(good, at, cases), 'ratio')::numeric, 15) AS ratio, round(avg(good / cases)::numeric, 15) AS mean_of_ratios
FROM (VALUES (90::float8, 100::float8, '2026-01-01'::date), (1, 10, '2026-01-02')) v(good, cases, at);

-- empty, all filtered out, only NULLs, one row
SELECT actual_agg(value, at) IS NULL AS none, actual_agg(value, at, weight) IS NULL AS none_weighted FROM facts WHERE false;
SELECT actual_agg(value, at, weight) FILTER (WHERE g > 99) IS NULL AS filtered FROM facts;
SELECT actual_agg(NULL, at) IS NULL AS only_nulls, actual_agg(NULL, at, weight) IS NULL AS only_nulls_weighted FROM facts;
SELECT count(*) FROM (SELECT g % 3, actual_agg(value, at) FROM facts WHERE false GROUP BY 1) s;
SELECT actual_agg(value, at, weight) FROM facts WHERE g = 1;
SELECT rollup(s) IS NULL AS rollup_of_none FROM (SELECT actual_agg(value, at) s FROM facts WHERE false) a;
SELECT rollup(s) FROM (SELECT actual_agg(value, at) s FROM facts WHERE g = 1 UNION ALL SELECT NULL) a;

-- a NULL time: the value counts, and is neither first nor last
SELECT actual_agg(value, NULL::date) FROM facts;
SELECT actual_agg(v, at) FROM (VALUES (5::float8, NULL::timestamptz), (6, '2026-01-02Z'), (7, NULL)) s(v, at);
SELECT value(actual_agg(5, NULL::date), 'first') IS NULL AS no_first, first_at(actual_agg(5, NULL::date)) IS NULL AS no_first_at;

-- an explicit value of no observations
SELECT p, value(kpi_actual '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}', p)
FROM unnest('{count,sum,mean,ratio,min,max,first,last}'::text[]) p;

-- weights
SELECT value(actual_agg(value, at, 0), 'ratio') IS NULL AS no_weight, value(actual_agg(value, at, 0), 'mean') AS mean FROM facts;
SELECT value(actual_agg(value, at, '-0'), 'ratio') IS NULL AS minus_zero, weight(actual_agg(value, at, '-0')) FROM facts;
SELECT actual_agg(value, at, NULL) FROM facts;
SELECT actual_agg(value, at, -1) FROM facts;
SELECT actual_agg(value, at, 'Infinity') FROM facts;
SELECT actual_agg(value, at, '-Infinity') FROM facts;
SELECT actual_agg(value, at, 'NaN') FROM facts;

-- values and times that are refused
SELECT actual_agg('NaN', at) FROM facts;
SELECT actual_agg('Infinity', at) FROM facts;
SELECT actual_agg('-Infinity', at) FROM facts;
SELECT actual_agg('-Infinity', at, weight) FROM facts;
SELECT actual_agg('NaN', '2026-01-01'::date) FROM facts;
SELECT actual_agg('NaN', '2026-01-01'::date, 1) FROM facts;
SELECT actual_agg(1, 'infinity'::timestamptz);
SELECT actual_agg(1, '-infinity'::timestamptz, 1);
SELECT actual_agg(1, 'infinity'::date);
SELECT actual_agg(1, '-infinity'::date, 1);
SELECT actual_agg(1, '5874897-12-31'::date);

-- overflow is an error, not infinity
SELECT actual_agg(1.7e308, at) FROM facts;
SELECT actual_agg(-1.7e308, at) FROM facts;
SELECT actual_agg(1, at, 1.7e308) FROM facts;
SELECT rollup(s) FROM (SELECT actual_agg(1.7e308, at) s FROM facts WHERE g < 5 GROUP BY g) a;
SELECT value(actual_agg(1e300, at, 1e-300), 'ratio') FROM facts WHERE g = 1;
SELECT value(actual_agg(1.7e308, at), 'mean') = 1.7e308 AS largest FROM facts WHERE g = 1;

-- counts that no bigint holds are an error as well
DO $$
BEGIN
    PERFORM rollup(s::kra.kpi_actual) FROM (VALUES
        ('{"count": 9223372036854775807, "sum": 0, "weight": 0, "min": 0, "max": 0, "first": null, "first_at": null, "last": null, "last_at": null}'),
        ('{"count": 1, "sum": 0, "weight": 0, "min": 0, "max": 0, "first": null, "first_at": null, "last": null, "last_at": null}')) v(s);
    RAISE NOTICE 'a count has overflowed silently';
EXCEPTION WHEN numeric_value_out_of_range THEN
    RAISE NOTICE 'refused';
END $$;

-- ties: of several at the first time the smallest, of several at the last the largest, in any order of rows
SELECT DISTINCT value(s, 'first') AS first, value(s, 'last') AS last FROM (
    SELECT actual_agg(v, at ORDER BY v::int * k % 11) s
    FROM generate_series(1, 10) k, (VALUES (3::float8, '2026-01-01'::date), (1, '2026-01-01'), (2, '2026-01-01'),
        (5, '2026-01-09'), (9, '2026-01-09'), (7, '2026-01-09'), (100, '2026-01-05')) o(v, at)
    GROUP BY k) a;
SELECT value(actual_agg(v, '2026-01-01'::date), 'first') AS first, value(actual_agg(v, '2026-01-01'::date), 'last') AS last
FROM (VALUES (2::float8), (1), (3)) s(v);

-- a date is its midnight in UTC, wherever the session is
SET timezone = 'America/New_York';
SELECT first_at(actual_agg(1, '2026-03-08'::date)) = '2026-03-08 00:00Z' AS utc,
    actual_agg(1, '2026-03-08'::date)::text = actual_agg(1, '2026-03-08 00:00Z'::timestamptz)::text AS same,
    actual_agg(1, '2026-03-08'::date, 3)::text = actual_agg(1, '2026-03-08 00:00Z'::timestamptz, 3)::text AS same_weighted;
SET timezone = 'UTC';

-- sums keep what float8 loses
SELECT value(actual_agg(v, NULL::date), 'sum') AS sum, sum(v) AS plain FROM (VALUES (1e16::float8), (1), (-1e16)) s(v);
SELECT actual_agg(v, NULL::date) FROM (VALUES (1e16::float8), (1), (0.25)) s(v);
SELECT value(actual_agg(0.1, NULL::date), 'sum') AS sum, value(actual_agg(0.1, NULL::date), 'mean') AS mean FROM generate_series(1, 100000);

-- against plain SQL on numbers without rounding
SELECT count(*) AS groups,
    bool_and(value(s, 'count') = n AND value(s, 'sum') = total AND value(s, 'mean') = mean AND value(s, 'min') = smallest
        AND value(s, 'max') = largest AND pg_temp.near(value(s, 'ratio'), ratio) AND weight(s) = w
        AND value(s, 'first') = opening AND value(s, 'last') = closing) AS same
FROM (SELECT g % 7 AS k, actual_agg(v, at, w) AS s, count(v) n, sum(v) total, avg(v) mean, min(v) smallest, max(v) largest,
        sum(v) / sum(w) FILTER (WHERE v IS NOT NULL) ratio, sum(w) FILTER (WHERE v IS NOT NULL) w,
        (array_agg(v ORDER BY at, v) FILTER (WHERE v IS NOT NULL))[1] opening,
        (array_agg(v ORDER BY at DESC, v DESC) FILTER (WHERE v IS NOT NULL))[1] closing
    FROM (SELECT g, CASE WHEN g % 11 > 0 THEN ((g * 7919) % 1009 - 500)::float8 / 8 END v,
            ((g * 31) % 17)::float8 / 4 w, '2026-01-01'::date + (g * 13) % 40 AS at
        FROM generate_series(1, 2000) g) f
    GROUP BY 1) a;

-- text and jsonb: exact round trips
CREATE TEMP TABLE kept AS
SELECT k, actual_agg(v, at, w) s FROM (VALUES
    (1, 0.1::float8, '2026-01-01 12:34:56.789012Z'::timestamptz, 0.2::float8), (1, 0.2, '2026-02-03Z', 1e-300), (1, 1e17, '0001-01-01Z', 3),
    (2, 5e-324, '4714-11-24 00:00Z BC', 5e-324), (2, 1.7976931348623157e308, '294276-12-31 23:59:59.999999Z', 1e308),
    (3, -2.2250738585072014e-308, '10000-01-01Z', 1e22), (3, 4.35, '0044-03-15 12:00Z BC', 9007199254740993),
    (4, 1 / 3.0, NULL, 2 / 3.0), (5, '-0', '2026-01-01Z', 0)) v(k, v, at, w)
GROUP BY k;
SELECT k, s::text::kpi_actual::text = s::text AS text, s::jsonb::kpi_actual::text = s::text AS jsonb,
    s::text::jsonb = s::jsonb AS same, kpi_actual_send(s::text::kpi_actual) = kpi_actual_send(s) AS bytes
FROM kept ORDER BY k;
SELECT s FROM kept WHERE k IN (4, 5) ORDER BY k;
SELECT pg_typeof(s::jsonb), s::jsonb -> 'count' AS count FROM kept WHERE k = 1;

-- malformed
SELECT '{}'::kpi_actual;
SELECT ''::kpi_actual;
SELECT 'null'::kpi_actual;
SELECT '[]'::kpi_actual;
SELECT '"x"'::kpi_actual;
SELECT '{"count": 0} junk'::kpi_actual;
CREATE FUNCTION pg_temp.patched(patch jsonb, without text DEFAULT '') RETURNS kpi_actual LANGUAGE sql
    RETURN ((jsonb '{"count": 2, "sum": 3, "weight": 2, "min": 1, "max": 2, "first": 1, "first_at": "2026-01-01T00:00:00Z", "last": 2, "last_at": "2026-01-02T00:00:00Z"}'
        || patch) - without)::kpi_actual;
SELECT pg_temp.patched('{}');
SELECT pg_temp.patched('{"mode": 1}');
SELECT pg_temp.patched('{"Count": 1}');
SELECT pg_temp.patched('{}', 'count');
SELECT pg_temp.patched('{}', 'sum');
SELECT pg_temp.patched('{}', 'weight');
SELECT pg_temp.patched('{}', 'min');
SELECT pg_temp.patched('{}', 'last_at');
SELECT pg_temp.patched('{"count": "2"}');
SELECT pg_temp.patched('{"count": 2.5}');
SELECT pg_temp.patched('{"count": 9223372036854775808}');
SELECT pg_temp.patched('{"count": -1}');
SELECT pg_temp.patched('{"count": 0}');
SELECT pg_temp.patched('{"count": 0, "min": null, "max": null}');
SELECT pg_temp.patched('{"count": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}');
-- one observation has one value
DO $$
BEGIN
    PERFORM pg_temp.patched('{"count": 1, "last_at": "2026-01-01T00:00:00Z"}');
    RAISE NOTICE 'taken';
EXCEPTION WHEN numeric_value_out_of_range OR invalid_text_representation THEN
    RAISE NOTICE 'refused';
END $$;
SELECT pg_temp.patched('{"sum": true}');
SELECT pg_temp.patched('{"sum": null}');
SELECT pg_temp.patched('{"sum": [1, 2, 3]}');
SELECT pg_temp.patched('{"sum": [1, "2"]}');
SELECT pg_temp.patched('{"sum": 1e400}');
SELECT pg_temp.patched('{"sum": [1.7e308, 1.7e308]}');
SELECT pg_temp.patched('{"weight": -1}');
SELECT pg_temp.patched('{"min": 3}');
SELECT pg_temp.patched('{"first": 0}');
SELECT pg_temp.patched('{"last": 9}');
SELECT pg_temp.patched('{"first": null}');
SELECT pg_temp.patched('{"first_at": "2026-01-03T00:00:00Z"}');
SELECT pg_temp.patched('{"first_at": "yesterday"}');
SELECT pg_temp.patched('{"first_at": "01/02/2026"}');
SELECT pg_temp.patched('{"first_at": "infinity"}');
SELECT pg_temp.patched('{"first_at": "2026-13-01T00:00:00Z"}');
SELECT pg_temp.patched('{"first_at": "2026-01-01T00:00:00"}');
SELECT pg_temp.patched('{"first_at": 5}');
SELECT jsonb '[1]'::kpi_actual;
SELECT jsonb 'null'::kpi_actual;

-- the transition function on its own
SELECT actual_accum(NULL::kpi_actual, 1, '2026-01-01'::date);
SELECT actual_combine(NULL, s) IS NULL AS strict FROM kept WHERE k = 1;
SELECT actual_final('{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}') IS NULL AS no_observation;

--
-- Equality and hash
--
CREATE TEMP TABLE summaries (id int GENERATED ALWAYS AS IDENTITY, s kpi_actual);
INSERT INTO summaries (s) SELECT actual_agg(v, d, w) FROM generate_series(-3, 3) g, generate_series(1, 3) n, LATERAL (SELECT g + i * n / 10.0 AS v, date '2026-01-01' + i AS d, g * g + i AS w FROM generate_series(0, n) i) f GROUP BY g, n;
INSERT INTO summaries (s) SELECT actual_agg(v, d) FROM (VALUES (1, 0::float8, date '2026-01-01'), (2, '-0', '2026-01-01'), (3, 0, '2026-01-02'), (4, 0, NULL), (5, '-0', NULL), (6, 1, '2000-01-01'), (7, 1, NULL)) f(k, v, d) GROUP BY k ORDER BY k;
-- with and without what one float8 cannot hold; no observation; each field another
INSERT INTO summaries (s) SELECT actual_agg(v, NULL::date) FROM (VALUES (1, 1e16::float8), (1, 1), (1, -1e16), (2, 1e16), (2, 1), (3, 1e16), (3, 0), (4, 0.1), (4, 0.2), (5, 0.2), (5, 0.1), (6, 0.3), (6, 0)) f(k, v) GROUP BY k ORDER BY k;
INSERT INTO summaries (s) SELECT (one || patch::jsonb)::kpi_actual FROM (SELECT jsonb '{"count": 3, "sum": 3, "weight": 3, "min": 0, "max": 2, "first": 1, "first_at": "2026-01-01T00:00:00Z", "last": 1, "last_at": "2026-01-02T00:00:00Z"}' AS one) o,
    unnest('{"{}","{}","{\"count\": 4}","{\"sum\": 4}","{\"sum\": [3, 1e-17]}","{\"sum\": [2.5, 0.5]}","{\"weight\": 4}","{\"weight\": [3, 1e-17]}","{\"min\": -1}","{\"max\": 3}","{\"first\": 2}","{\"first_at\": \"2026-01-01T00:00:00.000001Z\"}","{\"last\": 2}","{\"last_at\": \"2026-01-02T00:00:00.000001Z\"}","{\"first\": null, \"first_at\": null, \"last\": null, \"last_at\": null}"}'::text[]) WITH ORDINALITY u(patch, i) ORDER BY i;
INSERT INTO summaries (s) VALUES ('{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}'), ('{"count": 0, "sum": -0.0, "weight": -0.0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}');
-- over all pairs
SELECT count(*) AS pairs, count(*) FILTER (WHERE a.s = b.s) AS equal, count(*) FILTER (WHERE a.s = b.s AND a.id <> b.id) AS equal_others,
    count(*) FILTER (WHERE (a.s = b.s) <> (a.s::text = b.s::text)) AS text_disagrees, count(*) FILTER (WHERE (a.s = b.s) = (a.s <> b.s) OR (a.s = b.s) <> (b.s = a.s)) AS operators_disagree,
    count(*) FILTER (WHERE a.s = b.s AND (kpi_actual_hash(a.s) <> kpi_actual_hash(b.s) OR kpi_actual_hash_extended(a.s, 7) <> kpi_actual_hash_extended(b.s, 7))) AS hash_disagrees,
    count(*) FILTER (WHERE a.s <> b.s AND kpi_actual_hash_extended(a.s, 0) = kpi_actual_hash_extended(b.s, 0)) AS collisions
FROM summaries a, summaries b;
SELECT count(*) AS summaries, count(*) FILTER (WHERE s = s::text::kpi_actual AND s = s::jsonb::kpi_actual) AS read_back, count(*) FILTER (WHERE kpi_actual_hash_extended(s, 0) <> kpi_actual_hash_extended(s, 1)) AS seed_counts,
    count(*) FILTER (WHERE kpi_actual_hash(s) = (kpi_actual_hash_extended(s, 0) & 4294967295)::bit(32)::int) AS low_half_agrees FROM summaries;
SELECT actual_agg(v, d) = actual_agg('-0', d) AS zero FROM (VALUES (0::float8, date '2026-01-01')) f(v, d);
-- a state that is not in its normal form yet is what it will be
SELECT a AS state, b AS normal, a = b AS equal, kpi_actual_hash(a) = kpi_actual_hash(b) AS same_hash
FROM (SELECT actual_combine(actual_combine(x, y), z) a, actual_combine(actual_combine(x, y), z)::text::kpi_actual b FROM (SELECT actual_agg(1, NULL::date) x, actual_agg(1e16, NULL::date) y, actual_agg(-1e16, NULL::date) z) s) t;
SELECT s = NULL AS eq, s <> NULL AS ne, s IS DISTINCT FROM NULL AS distinct, s IS NOT DISTINCT FROM s AS same FROM summaries WHERE id = 1;

SELECT amname, opcname, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcintype = 'kra.kpi_actual'::regtype ORDER BY amname;
-- DISTINCT, GROUP BY and EXCEPT work without kra on the path; IS DISTINCT FROM is an operator, which needs it
SET search_path = public;
SELECT (SELECT count(*) FROM (SELECT DISTINCT s FROM summaries) d) AS different, (SELECT count(*) FROM (SELECT s FROM summaries GROUP BY s) d) AS groups, (SELECT count(*) FROM (SELECT DISTINCT s::text FROM summaries) d) AS texts,
    (SELECT count(*) FROM (SELECT s FROM summaries EXCEPT SELECT s FROM summaries WHERE id < 10) d) AS others;
SET search_path = public, kra, kra_internal;
SELECT count(*) AS same FROM summaries a, summaries b WHERE a.s IS NOT DISTINCT FROM b.s;
-- a hash join, and a hash index
SET enable_nestloop = off;
SELECT count(*) FROM summaries a JOIN summaries b ON a.s = b.s;
RESET enable_nestloop;
CREATE INDEX ON summaries USING hash (s);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) AS found, count(*) FILTER (WHERE n = (SELECT count(*) FROM summaries b WHERE b.s::text = a.s::text)) AS as_many FROM summaries a, LATERAL (SELECT count(*) AS n FROM summaries b WHERE b.s = a.s) c;
RESET enable_seqscan;
RESET enable_bitmapscan;
-- and sorts by it
SELECT count(*) AS summaries, bool_and(before IS NULL OR before <= s) AS sorted FROM (SELECT s, lag(s) OVER (ORDER BY s) AS before FROM summaries) o;
