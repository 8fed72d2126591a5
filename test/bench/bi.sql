-- Queries as Metabase, Superset, Power BI, Tableau, Grafana and Evidence send them over the views,
-- and as people ask: "-- name", then the query. They are measured as they are, over the tables of
-- kra_flat (flat.sql), by a restricted reader, and by an owner who asks for that reader's subjects.
-- Variables: last (first day of the last month), three and year (of three and twelve months back),
-- daily (of the year of daily KPIs).

-- 01
SELECT * FROM kra_bi.kpi_results LIMIT 200;

-- 02
SELECT * FROM kra_bi.scorecards LIMIT 200;

-- 03
SELECT count(*) FROM kra_bi.kpi_results WHERE period_grain = 'month';

-- 04
SELECT DISTINCT status
FROM kra_bi.kpi_results
WHERE period_grain = 'month'
ORDER BY 1
LIMIT 1000;

-- 05
SELECT kpi_name
FROM kra_bi.kpi_results
GROUP BY kpi_name
ORDER BY kpi_name ASC
LIMIT 1000;

-- 06
SELECT DISTINCT parent_name FROM kra_bi.scorecards WHERE period_grain = 'month' AND is_latest;

-- 07
SELECT status, count(*)
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND is_latest
GROUP BY status
ORDER BY 2 DESC;

-- 08
SELECT kpi_name, avg(attainment_pct), sum(on_target_count), count(*)
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND period_start = :'last'
GROUP BY 1;

-- 09
SELECT period_start, kpi_key, sum(actual_value), sum(target_value)
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND period_start >= :'three' AND period_start <= :'last'
GROUP BY 1, 2
ORDER BY 1, 2;

-- 10
SELECT date_trunc('month', CAST(period_start AS timestamp)) AS m, avg(score_value)
FROM kra_bi.scorecards
WHERE period_grain = 'month' AND period_start >= :'year' AND subject_kind = 'person'
GROUP BY 1
ORDER BY 1;

-- 11
SELECT parent_name, period_label, avg(score_value)
FROM kra_bi.scorecards
WHERE period_grain = 'month' AND period_start >= :'year' AND parent_key = 'team2'
GROUP BY 1, 2
ORDER BY 1, 2;

-- 12
SELECT subject_name, score_value
FROM kra_bi.scorecards
WHERE period_grain = 'month' AND is_latest AND subject_kind = 'person'
ORDER BY score_value DESC NULLS LAST
LIMIT 10;

-- 13
SELECT r.kpi_name, sum(r.on_target_count), count(*)
FROM kra_bi.kpi_results r
JOIN kra_bi.dim_period p USING (period_grain, period_start)
WHERE p.period_grain = 'month' AND p.period_label = to_char(:'last'::date, 'YYYY-MM')
GROUP BY 1;

-- 14
SELECT r.status, count(*)
FROM kra_bi.kpi_results r
JOIN kra_bi.dim_subject d USING (subject_key)
WHERE d.level_2_name = 'Team 2' AND r.period_grain = 'month'
GROUP BY 1;

-- 15
SELECT d.parent_name, p.period_label, avg(r.score_value)
FROM kra_bi.scorecards r
JOIN kra_bi.dim_subject d USING (subject_key)
JOIN kra_bi.dim_period p USING (period_grain, period_start)
WHERE p.period_grain = 'month' AND p.period_rank <= 3 AND d.level_2_name = 'Team 2'
GROUP BY 1, 2;

-- 16
SELECT count(DISTINCT subject_key)
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND is_latest AND status = 'off_track';

-- 17
SELECT signal_meaning, trend_meaning, count(*)
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND period_start = :'last'
GROUP BY 1, 2;

-- 18
SELECT * FROM kra_bi.kpi_results WHERE period_grain = 'month' AND period_start = :'last';

-- 19
SELECT * FROM kra_bi.scorecards WHERE period_grain = 'month' AND period_start = :'last';

-- 20
SELECT * FROM kra_bi.kpi_results WHERE period_grain = 'month';

-- 21
SELECT period_start AS "time", actual_value, target_value
FROM kra_bi.kpi_results
WHERE subject_key = 'person77' AND kpi_key = 'revenue' AND period_grain = 'month'
  AND period_start BETWEEN :'year' AND :'last'
ORDER BY 1;

-- 22
SELECT subject_name, actual_value
FROM kra_bi.kpi_results
WHERE kpi_key = 'revenue' AND period_grain = 'month' AND period_start = :'last'
ORDER BY actual_value DESC
LIMIT 20;

-- 23
SELECT count(*) FROM kra_bi.scorecards WHERE is_latest;

-- 24
SELECT status, count(*)
FROM kra_bi.kpi_results
WHERE period_grain = 'quarter' AND is_latest
GROUP BY 1;

-- 25
SELECT status, count(*)
FROM kra_bi.kpi_results
WHERE period_grain = 'year' AND is_latest
GROUP BY 1;

-- 26
SELECT kra_name, avg(score_value)
FROM kra_bi.kra_results
WHERE period_grain = 'month' AND is_latest
GROUP BY 1;

-- 27
SELECT imbalance_flag, count(*)
FROM kra_bi.imbalances
WHERE period_grain = 'month' AND is_latest
GROUP BY 1;

-- 28
SELECT * FROM kra_bi.findings;

-- 29
SELECT rule_id, count(*) FROM kra_bi.findings GROUP BY 1;

-- 30
SELECT * FROM kra_bi.due;

-- 31
SELECT * FROM kra_bi.dim_subject;

-- 32
SELECT * FROM kra_bi.dim_period;

-- 33
SELECT * FROM kra_bi.group_results WHERE period_grain = 'month' AND is_latest;

-- 50
SELECT max(period_start) FROM kra_bi.scorecards;

-- 52
SELECT * FROM kra_bi.kpi_results LIMIT 10000;

-- card
SELECT *
FROM kra_bi.kpi_results
WHERE subject_key = 'person77' AND period_grain = 'month' AND period_start = :'last';

-- team
SELECT *
FROM kra_bi.kpi_results
WHERE parent_key = 'team2' AND period_grain = 'month' AND period_start = :'last';

-- daily
SELECT subject_key, kpi_key, period_start, actual_value, target_value, attainment_pct, status
FROM kra_bi.kpi_results
WHERE period_grain = 'year' AND period_start = :'daily'
  AND parent_key IN ('team_desk1', 'team_desk2');

-- days
SELECT subject_key, kpi_key, period_start, actual_value, target_value, attainment_pct, status
FROM kra_bi.kpi_results
WHERE period_grain = 'day' AND period_start BETWEEN :'daily' AND :'daily'::date + 365
  AND parent_key IN ('team_desk1', 'team_desk2');
