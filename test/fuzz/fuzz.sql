-- The harness's functions, and the valid values that it starts from and passes as
-- arguments. Run by run.sh, with :module set.

CREATE FUNCTION kra_fuzz(type regtype, path text, iterations integer, seed bigint,
    OUT accepted bigint, OUT refused bigint, OUT violations bigint)
    AS :'module', 'kra_fuzz' LANGUAGE C STRICT;

CREATE FUNCTION kra_fuzz_one(type regtype, path text, input bytea) RETURNS text
    AS :'module', 'kra_fuzz_one' LANGUAGE C STRICT;

CREATE TABLE fuzz_seed (type regtype, value text);

INSERT INTO fuzz_seed
SELECT 'kra.kpi_target', unnest(ARRAY[
    '>= 95', '<= 4', '= 50', '[45,55]', '>= -2', '<= 0', '[0,0]', '= 0',
    '>= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31',
    '<= 4 from 12 threshold 5.5 stretch 2 within 0.1 since 2024-02-29 by 2024-02-29',
    '[45,55] from 30 threshold 40 within 3 by 9999-12-31',
    '= 1e-7 from -1e300 since 0001-01-01',
    '[-1.7976931348623157e308,1.7976931348623157e308]',
    '>= 1.7976931348623157e308 from -1.7976931348623157e308',
    '>= 4.9e-324 within 4.9e-324']);

INSERT INTO fuzz_seed
SELECT 'kra_internal.kpi_target_sum', value
  FROM pg_aggregate, unnest(ARRAY[
    agginitval,
    replace(replace(agginitval, '"direction": 0', '"direction": 1'), '"parts": 63', '"parts": 1'),
    replace(replace(agginitval, '"direction": 0', '"direction": 5'), '"lower": 0', '"lower": [0.3, 1e-17]'),
    replace(replace(replace(agginitval, '"direction": 0', '"direction": 4'), '"parts": 63', '"parts": 3'),
            '"upper_large": 0', '"upper_large": 1e269')]) AS value
 WHERE aggfnoid = 'kra.sum(kra.kpi_target)'::regprocedure;

INSERT INTO fuzz_seed
SELECT 'kra_internal.whole', w::text
  FROM (SELECT kra.actual_agg(v, date '2026-01-05', 2) AS actual FROM generate_series(1, 3) v) a,
       unnest(ARRAY['sum', 'mean', 'ratio', 'last', 'min']) o,
       unnest(ARRAY['>= 5 from 1 since 2026-01-01 by 2026-12-31', '[4,6] within 2', '<= 1e99', NULL]::kra.kpi_target[]) t,
       unnest(ARRAY['2026-01-04', '2026-01-20', '2026-02-01']::date[]) day,
       kra_internal.part(o, actual, t, day > '2026-01-10', '2026-01-01', '2026-01-31', day,
                         (day + 1)::timestamp AT TIME ZONE 'UTC') w;

INSERT INTO fuzz_seed
SELECT 'kra.kpi_actual', value::text FROM (
    SELECT kra.actual_agg(v, timestamptz '2026-04-01 00:00Z' + v * interval '1 hour', v / 3)
      FROM generate_series(0.1, 9.7, 0.7) v
    UNION ALL
    SELECT kra.actual_agg(v, NULL::timestamptz) FROM unnest(ARRAY[-1e308, 5, 1e308]) v
    UNION ALL
    SELECT kra.actual_agg(7, timestamptz '4714-11-24 00:00:00+00 BC', 0)
    UNION ALL
    SELECT kra.actual_agg(3e-320, d) FROM unnest(ARRAY[date '0044-03-15 BC', '294276-12-31']) d
    UNION ALL
    SELECT '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}'
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.kpi_attainment', value::text FROM (
    SELECT kra.attainment_agg(v, '>= 5 threshold 4 stretch 8', v / 3) FROM generate_series(0.1, 9.7, 0.7) v
    UNION ALL
    SELECT kra.attainment_agg(v, t::kra.kpi_target)
      FROM unnest(ARRAY[3, NULL, 0, 1e300, 2, -0.5]) WITH ORDINALITY AS a (v, i)
      JOIN unnest(ARRAY['>= -2', '<= 3', '<= 0', '>= 1', NULL, '[1,2]']) WITH ORDINALITY AS b (t, i) USING (i)
    UNION ALL
    SELECT kra.attainment_agg(NULL, NULL::kra.kpi_target, 0)
    UNION ALL
    SELECT kra.attainment_agg(1, '= 1', 1e300)
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.kpi_balance', value::text FROM (
    SELECT kra.balance_agg((ARRAY['outcome', 'activity'])[1 + v::int % 2]::kra.kpi_kind, v, '>= 5', v / 3)
      FROM generate_series(0.1, 9.7, 0.7) v
    UNION ALL
    SELECT kra.balance_agg('activity', 9, '>= 5')
    UNION ALL
    SELECT kra.balance_agg('outcome', NULL, '<= 5', 0)
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.kpi_trend', value::text FROM (
    SELECT kra.trend_agg(timestamptz '2026-04-01 00:00Z' + v * interval '30 days', 3 * v + sin(v))
      FROM generate_series(0.1, 9.7, 0.7) v
    UNION ALL
    SELECT kra.trend_agg(v::float8, 0.1 * v + cos(v)) FROM generate_series(0.1, 2, 0.3) v
    UNION ALL
    SELECT kra.trend_agg(v::float8, 2 * v) FROM generate_series(1, 3) v
    UNION ALL
    SELECT kra.trend_agg(v::float8, 7) FROM generate_series(1, 4) v
    UNION ALL
    SELECT kra.trend_agg(d, 1.5 * (d - '2026-01-01')) FROM unnest(ARRAY[date '2026-01-01', '2026-01-02']) d
    UNION ALL
    SELECT kra.trend_agg(date '2026-01-01', 1)
    UNION ALL
    SELECT kra.trend_agg(v, v) FROM unnest(ARRAY[-1e139, 3, 1e139]::float8[]) v
    UNION ALL
    SELECT kra.trend_agg(d, d - '2000-01-01') FROM unnest(ARRAY[date '4713-01-01 BC', '2000-01-01', '290000-01-01']) d
    UNION ALL
    SELECT '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}'
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.scorecard', value::text FROM (
    SELECT kra.scorecard_agg(kra, kpi, kind::kra.kpi_kind, actual, target::kra.kpi_target, weight)
      FROM (VALUES ('Revenue', 'revenue closed', 'outcome', 35, '>= 40 from 30 by 2027-03-31', 1),
                   ('Revenue', 'calls', 'activity', 120, '>= 100', 0.5),
                   ('Quality', E'd\u00e9fauts "\\"\n', 'outcome', NULL, '<= 4', 2),
                   ('Quality', 'stock', 'outcome', 50, '[45,55] within 3', 0),
                   ('Growth', 'hires', 'activity', 3, NULL, 1)) AS v (kra, kpi, kind, actual, target, weight)
    UNION ALL
    SELECT kra.rollup(kra.scorecard('Revenue', 'calls', 'activity', v, '>= 5 threshold 3', v)) FROM generate_series(1, 3) v
    UNION ALL
    SELECT kra.scorecard(repeat('k', 1000), repeat('p', 999), 'outcome', 1e308, '<= -1e308', 1e308)
    UNION ALL
    SELECT kra.scorecard_agg('K' || v % 4, 'p' || v, 'outcome', v, '>= 5', v) FROM generate_series(1, 20) v
    UNION ALL
    SELECT kra.scorecard('k', 'p', 'outcome', 1, NULL)
    UNION ALL
    SELECT kra.scorecard('k', 'p', 'activity', 1, '>= 2', 1, 'leading', '{q,r}', 0.5, 'at_risk', 0.25) || kra.scorecard('k', 'q', 'outcome', 1, '= 0', status => 'off_track')
    UNION ALL
    SELECT kra.rollup(kra.scorecard('k', 'p', 'activity', v, '= 2', v, 'lagging', ARRAY['q' || v], 0.3 * v)) FROM generate_series(1, 3) v
    UNION ALL
    SELECT '[]'
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.xmr', value::text FROM (
    SELECT kra.xmr_agg(v ORDER BY v) FROM unnest(ARRAY[12, 15, 11, 14, 13, 16, 12, 15, 13, 14, 12, 30, 13, 14]::float8[]) v
    UNION ALL
    SELECT kra.xmr_agg(v, 'median', false, 0, 100, 5 ORDER BY v) FROM unnest(ARRAY[91.5, 92, 93, 100, 99, NULL, 98]::float8[]) v
    UNION ALL
    SELECT kra.xmr_agg(v ORDER BY v) FROM unnest(ARRAY[5]::float8[]) v
    UNION ALL
    SELECT kra.xmr_agg(v ORDER BY v) FROM unnest(ARRAY[-1e300, 1e-300, 1e300]::float8[]) v
) AS s (value);

INSERT INTO fuzz_seed
SELECT 'kra.kpi_change', value::text FROM (
    SELECT kra.change_agg(v + CASE WHEN v > 5 THEN 9 ELSE 0 END, date '2026-01-01' + v::int, date '2026-01-06', '>= 9')
      FROM (SELECT g::float8 AS v FROM generate_series(1, 12) g) g
    UNION ALL
    SELECT kra.change_agg(sin(v), v, 4.5) FROM (SELECT g::float8 AS v FROM generate_series(1, 9) g) g
    UNION ALL
    SELECT kra.change_agg(1, 2.0::float8, 3.0::float8)
) AS s (value);

INSERT INTO fuzz_seed
SELECT type::regtype, value
  FROM (VALUES
    ('kra.kpi_kind', ARRAY['outcome', 'activity']),
    ('kra.kpi_status', ARRAY['no_target', 'no_data', 'off_track', 'at_risk', 'on_track', 'exceeded']),
    ('float8', ARRAY['0', '1', '-1', '3', '0.05', '0.1', '0.5', '0.9', '0.95', '1.2', '0.999999999999', '1e-300',
                     '1e300', '-1e308', '1.7976931348623157e308', '4.9e-324', 'NaN', 'Infinity', '-Infinity']),
    ('integer', ARRAY['0', '1', '3', '5', '10', '-1', '2147483647', '-2147483648']),
    ('bigint', ARRAY['0', '1', '-1', '9223372036854775807']),
    ('boolean', ARRAY['true', 'false']),
    ('text', ARRAY['', 'sum', 'mean', 'ratio', 'min', 'max', 'first', 'last', 'count', 'revenue closed', 'calls',
                   '%', ' %', '$', '€', 'x', 'days', ' days', 'CHF ', '°C', repeat('é', 501)]),
    ('date', ARRAY['2026-04-01', '2024-02-29', '1970-01-01', '0001-01-01', '9999-12-31', '4713-01-01 BC',
                   '294276-12-31', '5874897-12-31', 'infinity', '-infinity']),
    ('timestamptz', ARRAY['2026-04-01 12:00Z', '1970-01-01 00:00Z', '4714-11-24 00:00:00+00 BC',
                          '294276-12-31 23:59:59.999999+00', 'infinity', '-infinity']),
    ('kra.kpi_signal', ARRAY['none', 'trial', 'run_below', 'beyond_high']),
    ('float8[]', ARRAY['{}', '{1,2,NULL,4}', '{5}', '{-1e308,1e308}', '{NULL}', '{1,NaN}', '{{1,2},{3,4}}']),
    ('text[]', ARRAY['{}', '{none,high,low,run}', '{neutral,NULL,concern,improvement}', '{"<b>"}']),
    ('interval', ARRAY['1 day', '1 month', '1 year', '1 microsecond', '0', '-1 day', '178000000 years',
                       '-178000000 years', '1 month -30 days', '106751991 days'])
  ) AS v (type, texts), unnest(texts) AS value;
