-- The year to date, the same period of the year before, and what is to come, beside each row. The
-- right values are worked out by hand.
\set VERBOSITY terse
\set ECHO none
SET client_min_messages = warning;
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2024-01-01",
 "subjects": [{"key": "co", "name": "Co", "kind": "company"},
  {"key": "t", "name": "T", "kind": "team", "parent": "co"},
  {"key": "a", "name": "A", "kind": "person", "parent": "t", "role": "seller"},
  {"key": "b", "name": "B", "kind": "person", "parent": "t", "role": "seller"}],
 "roles": [{"key": "seller", "name": "Seller", "kras": [{"name": "Revenue", "kpis": [
   {"key": "sales", "name": "Sales", "kind": "outcome", "target": ">= 80"},
   {"key": "quota", "name": "Quota", "kind": "outcome", "target": ">= 1200", "target_grain": "year"},
   {"key": "share", "name": "Share", "kind": "outcome", "over_time": "ratio", "over_subjects": "ratio", "target": ">= 0.5"},
   {"key": "room", "name": "Room", "kind": "outcome", "over_time": "mean", "over_subjects": "mean", "target": "[18, 22]"}]},
  {"name": "Effort", "kpis": [
   {"key": "visits", "name": "Visits", "kind": "activity", "cadence": "day", "target": ">= 10"},
   {"key": "calls", "name": "Calls", "kind": "activity", "cadence": "week", "target": ">= 40"}]}]}]}');
SELECT count(kra.set_target('sales', s, '>= 100', '2026-01-01')) AS raised FROM unnest('{a,b}'::text[]) s;

INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, v.at, kra.actual_agg(v.x, v.at, coalesce(v.w, 1))
FROM (
    -- 90 a month in 2025; 120, 50 and 110 in 2026
    SELECT 'sales', 'a', m::date, 90, NULL::float8 FROM generate_series(timestamp '2025-01-01', '2025-12-01', '1 month') m
    UNION ALL VALUES ('sales', 'a', date '2026-01-01', 120, NULL::float8), ('sales', 'a', '2026-02-01', 50, NULL), ('sales', 'a', '2026-03-01', 110, NULL),
        ('sales', 'b', '2026-02-01', 100, NULL),   -- and nothing is known of b in January and March
        ('quota', 'a', '2026-01-01', 130, NULL), ('quota', 'a', '2026-02-01', 90, NULL),
        ('share', 'a', '2026-01-01', 3, 10), ('share', 'a', '2026-02-01', 9, 10), ('share', 'b', '2026-02-01', 0, 20),
        ('room', 'a', '2026-01-01', 17, NULL), ('room', 'a', '2026-02-01', 21, NULL)
    UNION ALL SELECT 'visits', 'a', d::date, CASE WHEN d < '2026-01-01' THEN 8 ELSE 11 END, NULL FROM generate_series(timestamp '2025-01-01', '2026-03-31', '1 day') d
    UNION ALL SELECT 'calls', 'a', d::date, CASE WHEN d < '2025-12-29' THEN 30 ELSE 42 END, NULL FROM generate_series(timestamp '2024-12-30', '2026-03-23', '7 days') d
) v (kpi, subject, at, x, w)
JOIN kra.kpis k ON k.key = v.kpi JOIN kra.subjects s ON s.key = v.subject
GROUP BY k.id, s.id, v.at;

-- Where a row differs from what was worked out.
CREATE TEMP TABLE right_values (as_of date, subject text, kpi text, period text, ytd float8, ytd_target float8, ytd_attainment float8,
    last_year float8, change float8, change_pct float8);
INSERT INTO right_values VALUES
    -- finished months, each up to its end; March alone is the whole of what is known
    ('2026-03-31', 'a', 'sales', '2026-01', 120, 100, 1.2, 90, 30, 30 / 90.0),
    ('2026-03-31', 'a', 'sales', '2026-02', 170, 200, 0.85, 90, -40, -40 / 90.0),
    ('2026-03-31', 'a', 'sales', '2026-03', 280, 300, 280 / 300.0, 90, 20, 20 / 90.0),
    ('2026-03-31', 'a', 'sales', '2026-Q1', 280, 300, 280 / 300.0, 270, 10, 10 / 270.0),
    ('2026-03-31', 'a', 'sales', '2025-12', 1080, 960, 1.125, NULL, NULL, NULL),
    -- a month of which b is unknown is asked of nobody
    ('2026-03-31', 'b', 'sales', '2026-03', 100, 100, 1, NULL, NULL, NULL),
    ('2026-03-31', 't', 'sales', '2026-01', 120, 100, 1.2, 90, 30, 30 / 90.0),
    ('2026-03-31', 't', 'sales', '2026-03', 380, 400, 0.95, 90, 20, 20 / 90.0),
    ('2026-03-31', 'co', 'sales', '2026-Q1', 380, 400, 0.95, 270, 110, 110 / 270.0),
    -- a year's quota is a twelfth a month
    ('2026-03-31', 'a', 'quota', '2026-01', 130, 100, 1.3, NULL, NULL, NULL),
    ('2026-03-31', 'a', 'quota', '2026-02', 220, 200, 1.1, NULL, NULL, NULL),
    -- ratios and means by what they are made of; a range has no number to reach
    ('2026-03-31', 'a', 'share', '2026-02', 0.6, 0.5, 1.2, NULL, NULL, NULL),
    ('2026-03-31', 't', 'share', '2026-02', 0.3, 0.5, 0.6, NULL, NULL, NULL),
    ('2026-03-31', 'a', 'room', '2026-01', 17, NULL, 0.5, NULL, NULL, NULL),
    ('2026-03-31', 'a', 'room', '2026-02', 19, NULL, 1, NULL, NULL, NULL),
    -- days: 31 of January against 31 a year before; February of 28 against 28
    ('2026-03-31', 'a', 'visits', '2026-01', 341, 310, 1.1, 248, 93, 0.375),
    ('2026-03-31', 'a', 'visits', '2026-02-10', 451, 410, 1.1, 8, 3, 0.375),
    ('2026-03-31', 'a', 'visits', '2026-Q1', 990, 900, 1.1, 720, 270, 0.375),
    -- the week of 29 December is the first of 2026; January of 5 weeks (29 December to 26 January) against 5 of 30
    ('2026-03-31', 'a', 'calls', '2026-W01', 42, 40, 1.05, 30, 12, 0.4),
    ('2026-03-31', 'a', 'calls', '2026-W05', 210, 200, 1.05, 30, 12, 0.4),
    ('2026-03-31', 'a', 'calls', '2025-W52', 1560, 2080, 0.75, NULL, NULL, NULL),
    ('2026-03-31', 'a', 'calls', '2026-01', 210, 200, 1.05, 150, 60, 0.4),
    -- February runs, half of it is over: 100 and half of 100 were expected. Of the year before, months
    -- do not say what half of one was; days do. What a sum is ahead is taken by the whole that it is on
    -- the way to (design: W stays the same)
    ('2026-02-14', 'a', 'sales', '2026-01', 120, 100, 1.2, 90, 30, 30 / 90.0),
    ('2026-02-14', 'a', 'sales', '2026-02', 170, 150, 1.1, NULL, NULL, NULL),
    ('2026-02-14', 'a', 'visits', '2026-02', 495, 450, 1 + 45 / 590.0, 112, NULL, NULL),
    ('2026-02-14', 'a', 'visits', '2026-Q1', 495, 450, 1 + 45 / 900.0, 360, NULL, NULL),
    ('2026-02-14', 'a', 'room', '2026-02', 19, NULL, 1, NULL, NULL, NULL);
CREATE FUNCTION pg_temp.wrong() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s %s %s as of %s: %s; right: %s', v.subject, v.kpi, v.period, v.as_of,
                  (g.ytd, g.target, g.attainment, g.last_year, g.change, g.pct), (v.ytd, v.ytd_target, v.ytd_attainment, v.last_year, v.change, v.change_pct))
    FROM right_values v
    LEFT JOIN LATERAL (
        SELECT r.ytd_actual_value AS ytd, r.ytd_target_value AS target, r.ytd_attainment_pct AS attainment,
               r.last_year_value AS last_year, r.change_on_last_year_value AS change, r.change_on_last_year_pct AS pct
        FROM kra.kpi_results(v.as_of) r WHERE r.subject_key = v.subject AND r.kpi_key = v.kpi AND r.period_label = v.period
    ) g ON true
    WHERE (round(g.ytd::numeric, 9), round(g.target::numeric, 9), round(g.attainment::numeric, 9), round(g.last_year::numeric, 9), round(g.change::numeric, 9), round(g.pct::numeric, 9))
          IS DISTINCT FROM (round(v.ytd::numeric, 9), round(v.ytd_target::numeric, 9), round(v.ytd_attainment::numeric, 9), round(v.last_year::numeric, 9), round(v.change::numeric, 9), round(v.change_pct::numeric, 9)) $$;
\set ECHO queries
SELECT pg_temp.wrong();

-- What is kept says the same as what is made: as of today, of periods that are over for good.
SELECT count(*) AS compared, count(*) FILTER (WHERE (k.ytd_actual_value, k.ytd_target_value, k.last_year_value, k.previous_value, k.trend_direction, k.forecast_value, k.assurance)
    IS DISTINCT FROM (m.ytd_actual_value, m.ytd_target_value, m.last_year_value, m.previous_value, m.trend_direction, m.forecast_value, m.assurance)) AS differ
FROM kra_bi.kpi_results k JOIN kra.kpi_results('2026-03-31') m USING (row_key) WHERE k.period_end <= '2026-03-31' AND k.period_grain <> 'day';

-- Whoever asks for one row is told what whoever asks for all is told.
CREATE FUNCTION pg_temp.one(_row_key text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT (r.ytd_actual_value, r.ytd_target_value, r.ytd_attainment_pct)::text FROM kra.kpi_results('2026-03-31') r WHERE r.row_key = _row_key);
END $$;
SELECT count(*) AS compared, count(*) FILTER (WHERE pg_temp.one(r.row_key) IS DISTINCT FROM (r.ytd_actual_value, r.ytd_target_value, r.ytd_attainment_pct)::text) AS differ
FROM kra.kpi_results('2026-03-31') r WHERE period_grain = 'month' AND period_start >= '2026-01-01';

-- A straight line to what comes next, where there is one; none while the period runs.
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, m::date, kra.actual_agg(0.3 + 0.01 * extract(month FROM m), m, 1) FROM generate_series(timestamp '2025-01-01', '2025-12-01', '1 month') m, kra.kpis k, kra.subjects s
WHERE k.key = 'share' AND s.key = 'b' GROUP BY k.id, s.id, m;
SELECT period_label, round(forecast_value::numeric, 2) AS forecast, trend_direction, assurance FROM kra.kpi_results('2025-12-31')
WHERE subject_key = 'b' AND kpi_key = 'share' AND period_grain = 'month' AND period_start IN ('2025-02-01', '2025-03-01', '2025-12-01') ORDER BY period_start;
SELECT period_label, forecast_value, trend_direction, assurance FROM kra.kpi_results('2025-12-30') WHERE subject_key = 'b' AND kpi_key = 'share' AND period_label = '2025-12';
-- 24 months of which each is 8 a day: nothing else can come, and it is always too little
SELECT period_label, assurance, forecast_value FROM kra.kpi_results('2026-03-31') WHERE subject_key = 'a' AND kpi_key = 'visits' AND period_label IN ('2025-01-12', '2025-01-13', '2025-12-31') ORDER BY 1;

-- Leap days, weeks of years with 53, months of weeks.
SELECT g, d, kra_internal.year_before(g::kra_internal.grid, d::date) AS year_before
FROM (VALUES ('day', '2024-02-29'), ('day', '2025-03-01'), ('week from monday', '2026-01-05'), ('week from monday', '2027-01-04'), ('week from monday', '2026-12-28'), ('week from monday', '2021-01-04'), ('week from sunday', '2026-02-08'),
             ('month', '2026-03-01'), ('quarter from april', '2026-04-01'), ('half_year from january', '2026-07-01'), ('year from april', '2026-04-01'), ('month 4-4-5 from february, weeks from sunday', '2024-02-04')) v (g, d);
SELECT kra_internal.year_before('month', NULL), kra_internal.year_before(NULL, '2026-01-01');
SELECT kra_internal.year_before('month', 'infinity');
SELECT kra_internal.lines_to_date('2026-03-31', 'month', NULL, '2026-03-31');
SELECT kra_internal.lines_to_date('2026-03-31', 'month', '2026-03-01', 'infinity');
SELECT kra_internal.to_date(1, 1, NULL, '2026-03-01', '2026-03-31', '2026-03-31');

-- A reader is told of his own, and of nobody else.
SELECT id AS a FROM kra.subjects WHERE key = 'a' \gset
SELECT id AS b FROM kra.subjects WHERE key = 'b' \gset
CREATE ROLE regress_kra_year;
SELECT kra.grant_reader('regress_kra_year');
UPDATE kra.subjects SET login = 'regress_kra_year' WHERE key = 'b';
SET ROLE regress_kra_year;
SELECT subject_key, kpi_key, ytd_actual_value, ytd_target_value, ytd_attainment_pct, last_year_value FROM kra.kpi_results('2026-03-31')
WHERE period_label = '2026-02' AND ytd_actual_value IS NOT NULL ORDER BY kpi_key;
SELECT s.id = :b AS is_own, count(kra_internal.to_date(k.id, s.id, kra_internal.grid_in_force('year'), '2026-01-01', '2026-03-31', '2026-03-31')) AS lines,
       count(*) FILTER (WHERE o.actual IS NOT NULL) AS same_days, count(kra_internal.freshest(k.id, s.id, k.grid, '2026-03-31')) AS fresh,
       count((kra_internal.line_history(k.id, s.id, kra_internal.grid_in_force('month'), '2026-04-01', NULL, NULL, NULL, 24, kra_internal.today())).starts) AS histories,
       count(*) FILTER (WHERE kra_internal.has_card(s.id, kra_internal.grid_in_force('month'), '2026-02-01', kra_internal.today())) AS cards
FROM kra.kpis k CROSS JOIN unnest(ARRAY[:a, :b]) s (id)
LEFT JOIN LATERAL kra_internal.same_days(k.id, s.id, kra_internal.grid_in_force('month'), '2026-03-01', '2026-03-31') o ON true
GROUP BY 1 ORDER BY 1;
RESET ROLE;
SELECT kra.revoke_reader('regress_kra_year');
DROP ROLE regress_kra_year;
