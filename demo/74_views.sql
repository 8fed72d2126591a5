-- 10 of 12: the views. A BI tool reads the schema kra_bi and nothing else: plain types, one row a
-- key, every figure with its target, status and sentence. These are queries as such a tool sends
-- them: columns and a WHERE, no arithmetic.
--
-- Each view has all grains of time: WHERE period_grain = 'year' or 'month' (or is_latest) first,
-- else a year is added to its own months.
\ir look.sql

\echo ' 9. The views: what a BI tool reads'
\echo ' ----------------------------------'

\echo
\echo ' Schema kra_bi. The comments of all columns are rows, too: SELECT * FROM kra_bi.data_dictionary'
SELECT view_name AS view, regexp_replace(description, '(;|, where the).*', '') AS "what is in it"
FROM kra_bi.data_dictionary
WHERE column_name IS NULL
ORDER BY view_name;

-- England has no facts of its own: every figure is the sum of what its organisations did, patients
-- in time over patients who came. The figures are those of part 2.
\echo ' kpi_results: England by financial year, out of the measurements of its organisations'
SELECT period_label AS year, kpi_name AS kpi, observed_member_count AS organisations, round(actual_value::numeric, 2) AS actual,
       target_text AS target, attainment_text AS attained, status, change_text AS change
FROM kra_bi.kpi_results
WHERE subject_key = 'england' AND period_grain = 'year' AND kpi_key <> 'attendances'
ORDER BY kpi_key DESC, period_start;

-- A group without a role of its own has the card of its members, with their weights added up. Its
-- attendances have no target, since some members have none: half a sum is no target of the whole.
\echo ' scorecards: England and its two groups, 2018/19; a score never comes without its coverage'
SELECT subject_name AS subject, score_text AS score, status, coalesce(strong_areas, 'none') AS "at target", coalesce(weak_areas, 'none') AS "below 90%"
FROM kra_bi.scorecards
WHERE subject_kind <> 'vendor' AND period_label = '2018/19'
ORDER BY subject_path;

\echo ' scorecards: the organisations, 2018/19'
SELECT to_char(100 * coverage_pct, '990') || '%' AS coverage, count(*) AS cards,
       count(*) FILTER (WHERE status = 'on_track') AS on_track, count(*) FILTER (WHERE status = 'at_risk') AS at_risk,
       count(*) FILTER (WHERE status = 'off_track') AS off_track,
       CASE round((100 * coverage_pct)::numeric)
           WHEN 100 THEN 'every KPI has data and a target'
           WHEN 80 THEN 'a small unit, or no comparable year: attendances have no target'
           WHEN 60 THEN 'and no winter: closed before, or not reported'
       END AS why
FROM kra_bi.scorecards
WHERE subject_kind = 'vendor' AND period_grain = 'year' AND period_label = '2018/19'
GROUP BY 1, coverage_pct ORDER BY coverage_pct DESC;

-- The outcome is measured against the standard here, not against one's own year before as in part
-- 6. So the flag says: as much work as before, and less than nine tenths of the standard.
\echo ' imbalances: busy and not moving, 2018/19; the ten with the widest gap between effort and result'
SELECT subject_name AS subject, to_char(100 * gap_value, '990') AS gap, imbalance_reason AS reason
FROM kra_bi.imbalances
WHERE is_busy_not_moving AND subject_kind = 'vendor' AND period_label = '2018/19'
ORDER BY gap_value DESC, subject_key
LIMIT 10;

SELECT count(*) FILTER (WHERE is_busy_not_moving) - 10 AS rest, count(*) FILTER (WHERE is_balanced) AS balanced,
       count(*) FILTER (WHERE imbalance_flag = 'insufficient_data') AS unknown
FROM kra_bi.imbalances
WHERE subject_kind = 'vendor' AND period_label = '2018/19' \gset
\echo '  ... and' :rest 'more;' :balanced 'are balanced, and' :unknown 'cannot be judged: no comparable year, so no target for the effort.'
\echo

SELECT subject_key AS org, subject_name AS org_name
FROM kra_bi.imbalances
WHERE is_busy_not_moving AND subject_kind = 'vendor' AND period_label = '2018/19'
ORDER BY gap_value DESC, subject_key LIMIT 1 \gset
\echo ' kpi_results: the card of the first of them,' :org_name
SELECT kra_name AS kra, kpi_name AS kpi, status, context AS "in words"
FROM kra_bi.kpi_results
WHERE subject_key = :'org' AND period_label = '2018/19' AND is_on_card
ORDER BY weight_value DESC, kpi_key DESC;

-- The views say what is in force today. The functions behind them take any date: nothing that was
-- measured or decided for later days counts then.
\echo ' kra.kpi_results(date ''2017-12-31''): the same as it stood that day, nine months into the year'
SELECT period_label AS year, is_complete AS "year is over", kpi_name AS kpi, context AS "in words"
FROM kra.kpi_results('2017-12-31')
WHERE subject_key = 'england' AND period_grain = 'year' AND kpi_key = 'within_4h'
ORDER BY period_start;
