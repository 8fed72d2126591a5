-- Lines: the smallest examples of the law of parts over a catalogue.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01", "settings": {"min_coverage": 0},
 "subjects": [{"key": "t", "name": "T", "kind": "team"}, {"key": "u", "name": "U", "kind": "team"},
  {"key": "a", "name": "A", "kind": "person", "parent": "t", "role": "r"},
  {"key": "b", "name": "B", "kind": "person", "parent": "t", "role": "r"},
  {"key": "c", "name": "C", "kind": "person", "parent": "u", "role": "q"}],
 "roles": [{"key": "r", "name": "R", "kras": [{"name": "K", "kpis": [
   {"key": "s", "name": "sum", "kind": "outcome", "target": ">= 100"},
   {"key": "m", "name": "mean", "kind": "outcome", "over_time": "mean", "target": ">= 10"},
   {"key": "l", "name": "last", "kind": "outcome", "over_time": "last", "target": ">= 50"},
   {"key": "x", "name": "max", "kind": "outcome", "over_time": "max", "target": ">= 10"},
   {"key": "w", "name": "weekly", "kind": "outcome", "cadence": "week", "target": ">= 5"},
   {"key": "d", "name": "dated", "kind": "outcome", "over_time": "mean",
    "target": ">= 100 from 0 since 2025-01-01 by 2025-12-31"}]}]},
  {"key": "q", "name": "Q", "kras": [{"name": "K2", "kpis": [
   {"key": "n", "name": "mean/min", "kind": "outcome", "over_time": "mean", "over_subjects": "min", "target": ">= 10"},
   {"key": "y", "name": "year", "kind": "outcome", "target": ">= 1200"}]}]}]}');
SELECT kra.set_target('m', 'a', '>= 40', '2025-03-01'), kra.set_target('x', 'b', '>= 20', '2025-01-01'),
       kra.set_target('d', 'b', '>= 100 from 0 since 2024-12-01 by 2025-12-31', '2025-01-01');
SELECT count(*) FROM (VALUES ('s', 'a', '2025-01-10', 100), ('s', 'a', '2025-03-10', 100), ('s', 'b', '2025-01-10', 100),
 ('m', 'a', '2025-01-10', 10), ('m', 'a', '2025-01-11', 10), ('m', 'a', '2025-01-12', 10), ('m', 'a', '2025-03-10', 40),
 ('l', 'a', '2025-01-20', 50), ('l', 'b', '2025-02-20', 50), ('x', 'a', '2025-01-10', 10), ('x', 'b', '2025-01-10', 20),
 ('w', 'a', '2025-01-02', 5), ('w', 'a', '2025-01-31', 5), ('n', 'c', '2025-01-05', 10), ('n', 'c', '2025-02-05', 20),
 ('n', 'c', '2025-02-06', 20), ('n', 'c', '2025-02-07', 20), ('s', 'a', '2025-05-05', 45), ('s', 'b', '2025-05-25', 100),
 ('y', 'c', '2025-01-10', 120), ('y', 'c', '2025-02-10', 80)) v (k, s, at, x),
 LATERAL kra.record(k, s, at::date, x, add => true);
SELECT count(*) FROM (VALUES ('a', '>= 100 from 0 since 2025-01-01 by 2025-12-31'),
                             ('b', '>= 100 from 0 since 2024-12-01 by 2025-12-31')) v (p, t),
    (VALUES (date '2025-01-31'), ('2025-03-31')) w (at), LATERAL kra.record('d', p, at, kra.expected(t::kra.kpi_target, at));

CREATE FUNCTION pg_temp.line(kpi text, subject text, period text, as_of date, OUT actual text, OUT target text,
    OUT expected numeric, OUT attainment numeric, OUT status text, OUT reason text, OUT coverage numeric, OUT observed integer)
LANGUAGE sql AS $$
    SELECT l.actual::text, l.target::text, round(l.expected_lower::numeric, 2), round(l.attainment::numeric, 4), l.status::text,
           l.reason, round(l.coverage::numeric, 3), l.observed_member_count
    FROM kra.kpis k, kra.subjects s, kra_internal.lines(as_of, '2025-01-01', as_of, ARRAY[s.id], ARRAY[k.id]) l
    WHERE k.key = line.kpi AND s.key = line.subject AND kra_internal.grid_label(l.grid, l.period_start) = line.period $$;

SELECT what, l.*
FROM (VALUES
    ('parts without data are in neither', 's', 'a', '2025-Q1', date '2025-04-30'),
    ('... nor are members', 's', 't', '2025-03', '2025-04-30'),
    ('a mean is held against the mean of its targets', 'm', 'a', '2025-Q1', '2025-04-30'),
    ('each member''s own last value', 'l', 't', '2025-Q1', '2025-04-30'),
    ('the greatest against the greatest', 'x', 't', '2025-01', '2025-04-30'),
    ('a week belongs where its fourth day lies', 'w', 'a', '2025-01', '2025-04-30'),
    ('dated: where it was expected', 'd', 'a', '2025-Q1', '2025-04-30'),
    ('... a group of different dates', 'd', 't', '2025-01', '2025-04-30'),
    ('a running sum, to date', 's', 'a', '2025-05', '2025-05-15'),
    ('later than as_of', 's', 'b', '2025-05', '2025-05-15'),
    ('a member', 'n', 'c', '2025-Q1', '2025-04-30'),
    ('a group of one equals it', 'n', 'u', '2025-Q1', '2025-04-30')
) v (what, kpi, subject, period, as_of)
CROSS JOIN LATERAL pg_temp.line(kpi, subject, period, as_of) l;

-- Absent is zero, where the KPI says so: up to where the source is.
UPDATE kra.kpis SET missing = 'zero' WHERE key = 's';
SELECT period, l.* FROM (VALUES ('2025-02'), ('2025-03'), ('2025-04'), ('2025-05'), ('2025-Q1')) p (period)
CROSS JOIN LATERAL pg_temp.line('s', 'b', period, '2025-05-31') l;

-- A year's number is shared out to its months, and the year's whole is that number.
UPDATE kra.result_area_kpis SET target_grain = 'year' WHERE target = '>= 1200';
SELECT period, l.target, l.expected, l.attainment FROM (VALUES ('2025-01'), ('2025-Q1'), ('2025')) p (period)
CROSS JOIN LATERAL pg_temp.line('y', 'c', period, '2025-02-28') l;
UPDATE kra.result_area_kpis SET phasing = '{3,1,1,1,1,1,1,1,1,1,0,0}' WHERE target = '>= 1200';
SELECT period, l.target, l.expected, l.attainment FROM (VALUES ('2025-01'), ('2025-Q1'), ('2025')) p (period)
CROSS JOIN LATERAL pg_temp.line('y', 'c', period, '2025-02-28') l;
UPDATE kra.result_area_kpis SET phasing = '{0,0}' WHERE target = '>= 1200';
UPDATE kra.result_area_kpis SET phasing = '{NaN,1}' WHERE target = '>= 1200';

-- All at once say what each says by itself.
SELECT count(*) AS lines, count(*) FILTER (WHERE a = b) AS same
FROM kra_internal.lines('2025-04-30', '2025-01-01', '2025-04-30') a
JOIN LATERAL kra_internal.lines('2025-04-30', a.period_start, a.period_start, ARRAY[a.subject_id], ARRAY[a.kpi_id]) b
    ON b.grid = a.grid AND b.period_start = a.period_start;

-- ... also where the days asked for end within a week of another month or year
SELECT count(*) > 100 AS compared, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS different
FROM generate_series(timestamp '2024-12-27', '2025-04-10', interval '1 day') d
CROSS JOIN LATERAL kra_internal.lines('2025-04-30', d::date, d::date + 1) b
LEFT JOIN kra_internal.lines('2025-04-30', '2024-06-01', '2025-04-30') a
    ON (a.subject_id, a.kpi_id, a.grid, a.period_start)
     = (b.subject_id, b.kpi_id, b.grid, b.period_start);

SELECT * FROM kra_internal.lines(NULL, '2025-01-01', '2025-01-01');
SELECT * FROM kra_internal.lines('infinity', '2025-01-01', '2025-01-01');
SELECT count(*) FROM kra_internal.lines('2025-01-01', '2025-02-01', '2025-01-01');
SELECT count(*) FROM kra_internal.lines('2025-01-01', '2025-01-01', '2025-01-01', '{}', '{-1}');
