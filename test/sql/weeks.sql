-- weeks: what is measured by week belongs to the longer period of its fourth day; and months of weeks.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset null '(null)'
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2022-01-01",
  "subjects": [{"key": "co", "name": "Co", "kind": "company"}, {"key": "ann", "name": "Ann", "kind": "person", "parent": "co", "role": "rep"}, {"key": "bob", "name": "Bob", "kind": "person", "parent": "co", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"key": "effort", "name": "Effort", "kpis": [{"key": "calls", "name": "Calls", "kind": "activity", "cadence": "week", "weight": 1, "target": ">= 40"}]}]}]}');
-- 40 calls in every single week: every month has as many as its weeks ask for, four or five times 40
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, d::date, kra.actual_agg(40, d) FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2025-12-29', '2026-11-30', '7 days') d WHERE s.key IN ('ann', 'bob') GROUP BY k.id, s.id, d;
SELECT subject_key, period_label, period_start, period_end, actual_value, target_value, status
FROM kra.kpi_results('2026-12-01') WHERE period_grain IN ('month', 'quarter', 'year') AND subject_key <> 'bob' AND is_complete AND (period_start >= '2026-08-01' OR period_grain <> 'month') ORDER BY subject_key, period_grain, period_start;
SELECT period_label, period_start, actual_value, is_latest FROM kra.kpi_results('2026-12-01') WHERE NOT is_complete AND subject_key <> 'bob' ORDER BY subject_key, period_start DESC, period_grain;
SELECT count(*) AS months, count(*) FILTER (WHERE actual_value <> target_value) AS off, min(actual_value), max(actual_value), sum(actual_value) AS all_of_them
FROM kra.kpi_results('2026-12-06') WHERE period_grain = 'month' AND subject_key = 'ann' AND is_complete;
-- on the last day of November, the December of its week has not begun
SELECT period_label, actual_value, target_value, is_latest FROM kra.kpi_results('2026-11-30') WHERE period_grain = 'month' AND subject_key = 'ann' AND period_start >= '2026-11-01' ORDER BY period_start;
-- the week of 29 December 2025 is one of 2026, in every dimension
SELECT period_label, fiscal_year_label, fiscal_quarter_label FROM kra_bi.dim_period WHERE period_grain = 'week' AND period_start = '2025-12-29';
SELECT period_label, actual_value FROM kra.kpi_results('2026-01-11') WHERE subject_key = 'co' AND period_grain = 'year' ORDER BY 1;

-- half-years, where somebody has them
SELECT DISTINCT period_grain FROM kra_internal.periods('2026-12-01') ORDER BY 1;
UPDATE kra.settings SET review_cadence = 'half_year';
INSERT INTO kra.settings (review_cadence) SELECT 'half_year' WHERE NOT EXISTS (SELECT FROM kra.settings);
SELECT period_label, period_start, period_end, previous_label, is_latest FROM kra_internal.periods('2026-12-01') WHERE period_grain = 'half_year' ORDER BY period_start;
SELECT period_label, actual_value, target_value, status FROM kra.kpi_results('2026-12-01') WHERE period_grain = 'half_year' AND subject_key = 'ann' AND is_complete ORDER BY period_start;
SELECT row_key, what_text, due_date FROM kra.due('2026-07-01') WHERE row_key ~ '^review:ann';
SELECT kra.close_review('ann', '2026-H1');
SELECT period_grain, period_start FROM kra.reviews;

-- months of weeks
DELETE FROM kra.reviews;
DELETE FROM kra.measurements;
UPDATE kra.settings SET calendar = '4-5-4', fiscal_year_start_month = 2, week_start = 7, review_cadence = 'month';
UPDATE kra.kpis SET cadence = 'week';
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, d::date, kra.actual_agg(40, d) FROM kra.kpis k, kra.subjects s, generate_series(timestamp '2023-01-22', '2024-02-04', '7 days') d WHERE s.key = 'ann' GROUP BY k.id, s.id, d;
SELECT period_grain, period_label, period_start, period_end, actual_value, target_value, status FROM kra.kpi_results('2024-02-10')
WHERE subject_key = 'ann' AND period_grain <> 'week' AND is_complete AND period_start >= '2023-01-29' ORDER BY kra_internal.grain_rank(kra_internal.grid_in_force(period_grain)), period_start;
