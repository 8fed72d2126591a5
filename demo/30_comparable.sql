-- 3 of 12: who can be compared with their own past at all. No formula of a scorecard mends a
-- comparison of two different things, so this comes before trends and scores.
\ir look.sql

\echo ' 2. Who can be compared with their own past'
\echo ' ------------------------------------------'

-- Each organisation with a major department, whole. A year in which not every month was reported
-- has no figure: NULL, which kra calls no_data. It is never 0, and never a part of a year sold
-- as the whole.
CREATE VIEW kra_demo.org_years AS
SELECT f.org_code, f.year,
       count(DISTINCT f.period) AS months,
       kra.actual_agg(in_time, period, attendances) AS within_4h,
       kra.actual_agg(in_time, period, attendances)
           FILTER (WHERE extract(month FROM period) IN (12, 1, 2)) AS winter_4h,
       kra.actual_agg(attendances, period) AS attendances,
       kra.actual_agg(attendances, period) FILTER (WHERE type = '1') AS major_attendances,
       kra.actual_agg(admissions, period) AS admissions
FROM kra_demo.facts f
JOIN kra_demo.major USING (org_code)
GROUP BY f.org_code, f.year;

-- The same as plain numbers, a row for every organisation and year, with the year before beside it.
-- The joins make the missing years visible: a year without a row is one without data. A table, as
-- much below reads it; a warehouse would refresh it every night.
CREATE TABLE kra_demo.org_results AS
WITH v AS (
    SELECT o.org_code, y.year, coalesce(s.months, 0) AS months,
           CASE WHEN s.months = 12 THEN kra.value(s.within_4h, 'ratio') END AS pct,
           CASE WHEN s.months = 12 THEN kra.value(s.winter_4h, 'ratio') END AS winter_pct,
           CASE WHEN s.months = 12 THEN kra.value(s.attendances, 'sum') END AS seen,
           CASE WHEN s.months = 12 THEN kra.value(s.major_attendances, 'sum') END AS seen_major,
           CASE WHEN s.months = 12 THEN kra.value(s.admissions, 'sum') END AS admitted
    FROM kra_demo.major o
    CROSS JOIN kra_demo.years y
    LEFT JOIN kra_demo.org_years s ON s.org_code = o.org_code AND s.year = y.year
)
SELECT v.*,
       lag(year) OVER w AS year_before,
       lag(pct) OVER w AS pct_before,
       lag(winter_pct) OVER w AS winter_before,
       lag(seen) OVER w AS seen_before,
       lag(seen_major) OVER w AS major_before,
       lag(admitted) OVER w AS admitted_before
FROM v
WINDOW w AS (PARTITION BY org_code ORDER BY year);
ANALYZE kra_demo.org_results;

-- One small summary for each organisation and month. From here on nobody reads the facts again:
-- trends, years and steps all come out of these rows.
CREATE TABLE kra_demo.monthly AS
SELECT org_code, period, year,
       kra.actual_agg(in_time, period, attendances) AS within_4h,
       kra.actual_agg(attendances, period) AS attendances,
       kra.actual_agg(admissions, period) AS admissions
FROM kra_demo.facts
GROUP BY org_code, period, year;
ANALYZE kra_demo.monthly;

-- A step: the mean of the half year from a month on against the mean of the half year before it.
-- Six months on either side, so that a busy winter or a quiet August makes no step. The summaries
-- make it a sliding window: rollup is an aggregate, and an aggregate can be a window function.
CREATE VIEW kra_demo.steps AS
WITH w AS (
    SELECT m.org_code, m.period,
           kra.rollup(m.attendances) OVER (o ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING) AS before,
           kra.rollup(m.attendances) OVER (o ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING) AS after
    FROM kra_demo.monthly m
    JOIN kra_demo.major USING (org_code)
    WHERE months = 36
    WINDOW o AS (PARTITION BY m.org_code ORDER BY m.period)
)
SELECT org_code, period,
       kra.value(before, 'sum') / 6 AS monthly_before,
       kra.value(after, 'sum') / 6 AS monthly_after
FROM w
WHERE kra.last_at(after) - kra.first_at(before) > interval '330 days';   -- six and six

-- The largest step of each organisation, if it is by a factor of 1.2 or more, up or down.
--
-- As a rule patients do not come 20 % more often from one half year to the next. But organisations
-- merge, take over a walk-in centre or hand one on, or count differently. The limit is a judgement.
-- It leaves out some whose patients really did change; being left out costs them less than false praise or
-- blame. A step in the first or last half year cannot be seen by it, and one that takes several
-- months is blurred: so two whole years that differ by as much count as well.
CREATE VIEW kra_demo.breaks AS
SELECT DISTINCT ON (org_code) *
FROM (
    SELECT org_code, period, monthly_before, monthly_after, 1 AS rule
    FROM kra_demo.steps
    UNION ALL
    SELECT r.org_code, y.first_day, r.seen_before / 12, r.seen / 12, 2
    FROM kra_demo.org_results r
    JOIN kra_demo.years y USING (year)
    JOIN kra_demo.major m USING (org_code)
    WHERE m.months = 36 AND r.seen_before IS NOT NULL
) s
WHERE greatest(monthly_after / monthly_before, monthly_before / monthly_after) >= 1.2
ORDER BY org_code, rule, greatest(monthly_after / monthly_before, monthly_before / monthly_after) DESC;

-- What may explain a step up: an organisation whose last month is the one before the step, and
-- whose own monthly mean is within a tenth of it. That fits a merger or a transfer; it is no proof.
CREATE VIEW kra_demo.break_reasons AS
SELECT b.org_code, b.period, b.monthly_before, b.monthly_after, b.rule, e.org_code AS fits,
       format('%s a month, then %s from %s', to_char(b.monthly_before, 'FM99,999'),
              to_char(b.monthly_after, 'FM99,999'), to_char(b.period, 'YYYY-MM'))
       || coalesce(format('; %s (%s) ends just before', e.org_code, to_char(e.monthly, 'FM99,999')), '') AS reason
FROM kra_demo.breaks b
LEFT JOIN LATERAL (
    SELECT org_code, sum(kra.value(attendances, 'sum')) / count(*) AS monthly
    FROM kra_demo.monthly
    GROUP BY org_code
    HAVING max(period) = b.period - interval '1 month'
       AND sum(kra.value(attendances, 'sum')) / count(*) BETWEEN 0.9 * (b.monthly_after - b.monthly_before)
                                                             AND 1.1 * (b.monthly_after - b.monthly_before)
    ORDER BY 2 DESC LIMIT 1
) e ON true;

-- Every organisation with a major department is exactly one of: incomplete, broken, steady.
CREATE TABLE kra_demo.comparable AS
SELECT m.org_code,
       CASE WHEN m.months < 36 THEN 'incomplete' WHEN b.org_code IS NOT NULL THEN 'break' ELSE 'steady' END AS class,
       CASE WHEN m.months < 36 THEN format('%s of 36 months reported (%s to %s)', m.months,
                                           to_char(s.first_month, 'YYYY-MM'), to_char(s.last_month, 'YYYY-MM'))
            ELSE b.reason END AS reason
FROM kra_demo.major m
JOIN (SELECT org_code, min(period) AS first_month, max(period) AS last_month
      FROM kra_demo.monthly GROUP BY org_code) s USING (org_code)
LEFT JOIN kra_demo.break_reasons b USING (org_code);
ANALYZE kra_demo.comparable;

\echo
\echo ' The organisations with a major department'
SELECT class, count(*) AS organisations,
       CASE class WHEN 'steady' THEN 'all 36 months and no step: compared in parts 4 to 6'
                  WHEN 'break' THEN 'a step in attendances: before and after are two different things'
                  ELSE 'months are missing: no figure, which is not the same as 0' END AS meaning
FROM kra_demo.comparable
GROUP BY class ORDER BY count(*) DESC;

\echo ' Structural breaks, shown apart: neither praised nor blamed for the change'
SELECT b.org_code AS org, to_char(b.period, 'YYYY-MM') AS "from",
       to_char(monthly_before, '99,999') AS "a month before", to_char(monthly_after, '99,999') AS after,
       to_char(100 * (monthly_after / monthly_before - 1), 'S999') || '%' AS change,
       CASE WHEN fits IS NOT NULL THEN fits || ' stops reporting the month before, and was of that size'
            WHEN rule = 2 THEN 'a step between two years'
            ELSE 'unexplained by these data' END AS "what fits"
FROM kra_demo.break_reasons b
ORDER BY abs(ln(monthly_after / monthly_before)) DESC;

\echo ' Incomplete, left out: some ended in a merger, R0A began in one'
SELECT org_code AS org, reason FROM kra_demo.comparable WHERE class = 'incomplete' ORDER BY org_code;
