-- views: the rules for what BI tools read, on a catalogue with odd names and odd values.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
SET jit = off;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

-- A catalogue: every cadence, odd names, zero, negative and large values, no data, no target, ranges.
INSERT INTO kra.settings (fiscal_year_start_month, week_start) VALUES (4, 7);
INSERT INTO kra.job_roles (key, name) VALUES ('r''1', 'Rôle "1"'), ('r2', 'Zwei; --');
INSERT INTO kra.result_areas (job_role_id, key, name, perspective) SELECT r, 'a' || a, 'Area.' || a || ' ' || r, (ARRAY['customer', 'people'])[a] FROM generate_series(1, 2) r, generate_series(1, 2) a;
INSERT INTO kra.subjects (key, name, kind) SELECT k, n, t FROM (VALUES ('co', 'Çompany "X" / Y', 'company'), ('t.1', 'Team', 'team'), ('t.2', 'Team', 'team'), ('p 1', 'Ann', 'person'), ('p''2', 'Ann', 'person'), ('p3', '李', 'person'), ('v', 'Vendor', 'vendor')) v(k, n, t);
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (1, '2020-01-01', NULL, NULL), (2, '2020-01-01', 1, NULL), (3, '2020-01-01', 1, 2), (4, '2020-01-01', 2, 1), (5, '2020-01-01', 2, 2), (6, '2020-01-01', 3, 1), (4, '2025-03-28', 3, 2);
INSERT INTO kra.objectives (key, name) VALUES ('top', 'Grow'), ('low', 'Sell');
INSERT INTO kra.objective_parents VALUES (2, 1);
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, unit, cadence, state, objective_id)
SELECT c || '.' || o || '.' || n, 'KPI ' || n, (ARRAY['outcome', 'activity'])[1 + n % 2]::kra.kpi_kind, o, CASE WHEN o = 'last' THEN 'sum' ELSE o END, u, c, CASE WHEN n = 9 THEN 'candidate' ELSE 'active' END, 1 + n % 2
FROM unnest('{day,week,month,quarter,year,month,month,month,month}'::text[], '{sum,mean,ratio,last,sum,min,mean,count,max}'::text[], '{NULL,%,$," days",%,NULL,%,NULL,NULL}'::text[]) WITH ORDINALITY u(c, o, u, n);
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, is_active)
SELECT a, k, '2020-01-01', 1 + (a + k) % 3, (ARRAY['>= 0', '<= 5 from 9', '>= 0.5', '= 3', '[2,7] within 4', '>= 10 from 2 stretch 12 since 2025-01-01 by 2025-12-31', NULL, '<= 0'])[1 + (a + k / 2) % 8]::kra.kpi_target, true
FROM generate_series(1, 4) a, generate_series(1, 9) k WHERE (a + k) % 2 = 0;  -- a KPI is in one KRA of a role
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, p.at, kra.actual_agg((ARRAY[0, -3.5, 7, 1e15, 0.1, 4, -1e-9])[1 + (k.id * 5 + s.id * 3 + o + (p.at - date '2020-01-01')) % 7], p.at + o - 1, (k.id + s.id + o) % 3)
FROM kra.kpis k, kra.subjects s, generate_series(0, 13) d, LATERAL (SELECT kra_internal.grid_start(k.grid, date '2025-03-24' + d) AS at) p, generate_series(1, 2) o
WHERE (k.id + s.id) % 3 > 0 AND (s.id > 3 OR k.id = 3) AND ((p.at - date '2020-01-01') % 4 > 0 OR k.cadence <> 'day') AND (o = 1 OR k.cadence <> 'day')
GROUP BY k.id, s.id, p.at;
INSERT INTO kra.benchmarks VALUES (2, '2020-01-01', 4, 'a book');
INSERT INTO kra.kpi_owners VALUES (3, '2020-01-01', 5);
UPDATE kra.objectives SET starts_on = '2025-01-01', due_on = '2025-01-01' WHERE key = 'low';
INSERT INTO kra.milestones (objective_id, key, name, weight, completion) VALUES (1, 'a', 'A', 1.7e308, 0.3), (2, 'a', 'A', 1.7e308, 0.1), (2, 'b', 'B', 1e-300, 0);
UPDATE kra.kpis SET revisited_on = '2025-03-01', revisit_note = 'Still right.' WHERE id = 3;

\getenv tests PG_ABS_SRCDIR
\set contract :tests '/bi/contract.sql'
\set ECHO none
\i :contract
\set ECHO all
SELECT string_agg(DISTINCT view_name, ' ') AS without_rows FROM contract_columns c WHERE NOT EXISTS (SELECT FROM contract_columns x WHERE x.view_name = c.view_name AND x.value_count > 0);
-- numbers and days of which there are none
SELECT view_name, column_name FROM contract_columns WHERE value_count = 0 AND type IN ('double precision', 'date', 'timestamp with time zone') AND view_name <> 'group_results' ORDER BY 1, 2;
CREATE SCHEMA vw;
DO $$
DECLARE
    v name;
BEGIN
    FOR v IN SELECT relname FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace LOOP
        EXECUTE format('CREATE TABLE vw.%I AS SELECT * FROM pg_temp.%I', v, 'contract_rows_' || v);
    END LOOP;
END $$;
-- one row of imbalances to every scorecard
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE s.row_key IS NULL OR i.row_key IS NULL) AS alone, count(*) FILTER (WHERE (i.imbalance_flag, i.imbalance_reason, i.is_busy_not_moving) IS DISTINCT FROM (s.imbalance_flag, s.imbalance_reason, s.is_busy_not_moving)) AS different
FROM vw.scorecards s FULL JOIN vw.imbalances i USING (row_key);
-- the views are the functions today
WITH f AS MATERIALIZED (SELECT * FROM kra.kpi_results(current_date)) SELECT 'kpi_results' AS view, (SELECT count(*) FROM (TABLE vw.kpi_results EXCEPT ALL TABLE f) d) + (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE vw.kpi_results) d) AS different FROM (SELECT) one;
WITH f AS MATERIALIZED (SELECT * FROM kra.kra_results(current_date)) SELECT 'kra_results' AS view, (SELECT count(*) FROM (TABLE vw.kra_results EXCEPT ALL TABLE f) d) + (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE vw.kra_results) d) AS different FROM (SELECT) one;
WITH f AS MATERIALIZED (SELECT * FROM kra.scorecards(current_date)) SELECT 'scorecards' AS view, (SELECT count(*) FROM (TABLE vw.scorecards EXCEPT ALL TABLE f) d) + (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE vw.scorecards) d) AS different FROM (SELECT) one;
WITH f AS MATERIALIZED (SELECT * FROM kra.imbalances(current_date)) SELECT 'imbalances' AS view, (SELECT count(*) FROM (TABLE vw.imbalances EXCEPT ALL TABLE f) d) + (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE vw.imbalances) d) AS different FROM (SELECT) one;
-- columns that go together
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE (status_code, status_color) IS DISTINCT FROM (CASE status WHEN 'off_track' THEN -1 WHEN 'at_risk' THEN 0 WHEN 'on_track' THEN 1 WHEN 'exceeded' THEN 1 END, kra.status_color(status::kra.kpi_status))) AS status_disagrees,
       count(*) FILTER (WHERE on_target_count <> coalesce(is_on_target, false)::int) AS on_target_disagrees,
       count(*) FILTER (WHERE (attainment_pct IS NULL) <> (attainment_reason IS NOT NULL)) AS null_without_reason,
       count(*) FILTER (WHERE capped_attainment_pct NOT BETWEEN 0 AND 1.2) AS not_capped,
       count(*) FILTER (WHERE period_label <> kra_internal.grid_label(kra_internal.grid(period_grain, 4, 7), period_start) OR period_end <> kra_internal.grid_end(kra_internal.grid(period_grain, 4, 7), period_start)) AS period_disagrees,
       count(*) FILTER (WHERE (actual_value IS NULL) <> (actual_text IS NULL) OR context IS NULL OR value_format IS NULL) AS text_missing
FROM vw.kpi_results;
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE (score_value IS NULL) <> (score_reason IS NOT NULL) OR score_text NOT LIKE '%(coverage %' OR coverage_pct IS NULL) AS score_disagrees,
       count(*) FILTER (WHERE kpi_count <> exceeded_count + on_track_count + at_risk_count + off_track_count + no_data_count + no_target_count) AS counts_disagree,
       count(*) FILTER (WHERE on_target_count <> coalesce(is_on_target, false)::int) AS on_target_disagrees FROM vw.scorecards;
SELECT period_grain, count(*) FILTER (WHERE is_latest) AS latest FROM vw.dim_period GROUP BY 1 ORDER BY 1;
-- every key of a fact is in its dimension
SELECT count(*) FILTER (WHERE s.subject_key IS NULL) AS no_subject, count(*) FILTER (WHERE k.kpi_key IS NULL) AS no_kpi, count(*) FILTER (WHERE p.row_key IS NULL) AS no_period
FROM vw.kpi_results r LEFT JOIN vw.dim_subject s USING (subject_key) LEFT JOIN vw.dim_kpi k USING (kpi_key) LEFT JOIN vw.dim_period p USING (period_grain, period_start);
-- an empty catalogue has empty views
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
SELECT (SELECT count(*) FROM kra_bi.kpi_results) + (SELECT count(*) FROM kra_bi.scorecards) + (SELECT count(*) FROM kra_bi.kra_results) + (SELECT count(*) FROM kra_bi.imbalances) + (SELECT count(*) FROM kra_bi.dim_subject)
     + (SELECT count(*) FROM kra_bi.dim_kpi) + (SELECT count(*) FROM kra_bi.dim_period) AS rows;
DROP SCHEMA vw CASCADE;
