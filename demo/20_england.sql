-- 2 of 12: England, year by year, against the standard.
--
-- actual_agg(value, at, weight) makes a summary of observations; value(summary, 'ratio') reads
-- sum(value) / sum(weight) from it. A ratio of sums gives each patient the same say. The mean of
-- the organisations' percentages would give a walk-in centre with 200 patients as much as a
-- hospital with 20,000.
\ir look.sql

\echo ' 1. England against the standard'
\echo ' -------------------------------'

-- England: all organisations, all types of department.
CREATE VIEW kra_demo.england_years AS
SELECT year,
       kra.actual_agg(in_time, period, attendances) AS within_4h,
       kra.actual_agg(attendances, period) AS attendances
FROM kra_demo.facts
GROUP BY year;

-- A month is at the standard when its own ratio is.
CREATE VIEW kra_demo.england_months AS
SELECT year, period, kra.actual_agg(in_time, period, attendances) AS within_4h
FROM kra_demo.facts
GROUP BY year, period;

-- The target is a value: '>= 95' says the number and the direction at once. attainment, status
-- and context all take it, so none of them has to be told that higher is better.
-- With nothing but '>= 95', a status is at_risk from 0.9 of the target (85.5 %) upwards, and
-- off_track below; a target of your own may name its red line: '>= 95 threshold 90'.
CREATE VIEW kra_demo.england_results AS
SELECT year, kra.value(within_4h, 'ratio') AS pct, kra.value(attendances, 'sum') AS seen,
       lag(kra.value(within_4h, 'ratio')) OVER w AS pct_before,
       lag(kra.value(attendances, 'sum')) OVER w AS seen_before,
       lag(year) OVER w AS year_before
FROM kra_demo.england_years
WINDOW w AS (ORDER BY year);

\echo
\echo ' England by financial year, against >= 95'
WITH m AS (
    SELECT year, count(*) FILTER (WHERE kra.met(kra.value(within_4h, 'ratio'), '>= 95')) AS met, count(*) AS months
    FROM kra_demo.england_months GROUP BY year
)
SELECT year, to_char(seen, '99,999,999') AS attendances, kra_internal.change_text(seen, seen_before) AS change,
       round(pct::numeric, 2) AS "% in 4 h",
       round(a.attainment::numeric, 3) AS attained, a.status,
       m.met || ' of ' || m.months AS "months at 95"
FROM kra_demo.england_results
JOIN m USING (year)
CROSS JOIN kra.assess(pct, '>= 95') a
ORDER BY year;

\echo ' The same in words, as a report would print it'
SELECT year, kra.context(pct, '>= 95', pct_before, '%', 'in ' || year_before) AS context
FROM kra_demo.england_results
ORDER BY year;

-- Where the waits are: the minor units nearly always meet the standard, so the national figure
-- is better than that of the major departments. It also means that an organisation which opens
-- a walk-in centre raises its percentage without one patient of its major department waiting less.
\echo ' England 2018/19 by type of department: the waits are in the major ones'
SELECT CASE type WHEN '1' THEN 'major (1)' WHEN '2' THEN 'single specialty (2)' ELSE 'minor, walk-in' END AS department,
       to_char(kra.weight(s), '99,999,999') AS attendances,
       round(kra.value(s, 'ratio')::numeric, 2) AS "% in 4 h",
       kra.status(kra.value(s, 'ratio'), '>= 95') AS status
FROM (SELECT type, kra.actual_agg(in_time, period, attendances) AS s
      FROM kra_demo.facts WHERE year = '2018/19' GROUP BY type) t
ORDER BY type;
