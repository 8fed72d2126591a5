-- 5 of 12: the trend over 36 months.
--
-- trend_agg(at, value) keeps the moments of a straight line, whatever the number of points; slope,
-- p_value, direction, forecast and probability read them.
--
-- Mind the seasons. A year of these data starts with a spring, when waits are short, and ends with
-- a winter, when they are long. A line through the months takes a part of that for a trend: for
-- England it loses twice as many points a year as the yearly figures do. So a second line stands
-- beside the first: it dates each month at the middle of its year. Every year then has the same
-- twelve calendar months at the same place, and the seasons leave the slope. Where the two
-- disagree, believe neither. And months of one winter resemble each other, which makes any p
-- bolder than it should be: read all of this as a first look, and a p near 0.05 as nothing yet.
\ir look.sql

\echo ' 4. Trend: does it move?'
\echo ' -----------------------'

CREATE VIEW kra_demo.england_trends AS
SELECT kra.trend_agg(period, kra.value(within_4h, 'ratio')) AS trend,
       kra.trend_agg(y.first_day + 183, kra.value(within_4h, 'ratio')) AS by_year   -- 1 October
FROM kra_demo.england_months
JOIN kra_demo.years y USING (year);

-- Only the steady ones: a line through a merger is a line through two organisations.
CREATE VIEW kra_demo.org_trends AS
SELECT org_code, kra.trend_agg(period, kra.value(within_4h, 'ratio')) AS trend,
       kra.trend_agg(y.first_day + 183, kra.value(within_4h, 'ratio')) AS by_year
FROM kra_demo.monthly
JOIN kra_demo.comparable USING (org_code)
JOIN kra_demo.years y USING (year)
WHERE class = 'steady'
GROUP BY org_code;

-- Slopes are asked for by the interval that people think in: points a year. probability is that of
-- one new month at that time meeting the target, by the prediction distribution of the line.
-- A straight line knows nothing of what is done about it, nor that 100 % is the end of the scale:
-- beyond a year it is worth little.
\echo
\echo ' England, 36 months, and what the line says of a month of 2019/20'
SELECT how, round(kra.slope(t, '1 year')::numeric, 2) AS "points a year",
       round(kra.p_value(t)::numeric, 3) AS p, kra.direction(t) AS direction,
       round(f.value::numeric, 1) AS forecast,
       format('%s to %s', round(f.lower::numeric, 1), round(f.upper::numeric, 1)) AS "95 % interval",
       to_char(100 * kra.probability(t, '>= 95', date '2019-10-01'), '990.0') || ' %' AS "chance of 95",
       coalesce(to_char(kra.eta(t, '>= 95'), 'Mon YYYY'), 'never') AS "line at 95"
FROM kra_demo.england_trends,
     LATERAL (VALUES (1, 'by month', trend), (2, 'without the seasons', by_year)) v (n, how, t),
     kra.forecast(t, date '2019-10-01') f
ORDER BY n;

\echo ' Steady organisations by direction (p <= 0.05)'
SELECT kra.direction(trend) AS direction, count(*) AS organisations,
       count(*) FILTER (WHERE kra.direction(by_year) = kra.direction(trend)) AS "the same without seasons",
       round(min(kra.slope(trend, '1 year'))::numeric, 2) AS "lowest slope",
       round(max(kra.slope(trend, '1 year'))::numeric, 2) AS "highest slope",
       count(*) FILTER (WHERE kra.probability(trend, '>= 95', date '2019-10-01') >= 0.5) AS "more likely than not at 95 in 2019/20"
FROM kra_demo.org_trends
GROUP BY 1 ORDER BY 2 DESC;

SELECT count(*) AS n, count(*) - 10 AS rest, round(0.05 * count(*)) AS chance FROM kra_demo.org_trends \gset
\echo '  Of' :n 'lines that do not move at all, up to' :chance 'or so would pass p <= 0.05 by chance.'
\echo

\echo ' The five that rise and the five that fall fastest, and a month of 2019/20 on their line'
WITH r AS (
    SELECT org_code, trend, by_year, kra.slope(trend, '1 year') AS slope,
           row_number() OVER (ORDER BY kra.slope(trend, '1 year') DESC) AS up,
           row_number() OVER (ORDER BY kra.slope(trend, '1 year')) AS down
    FROM kra_demo.org_trends
)
SELECT org_code AS org, to_char(slope, 'FMS90.00') AS "a year", to_char(kra.slope(by_year, '1 year'), 'FMS90.00') AS "no seasons",
       CASE WHEN kra.p_value(trend) < 0.001 THEN '<0.001' ELSE to_char(kra.p_value(trend), 'FM0.000') END AS p,
       kra.direction(trend) AS direction,
       round(a.pct::numeric, 1) AS "2016/17", round(z.pct::numeric, 1) AS "2018/19",
       round(f.value::numeric, 1) AS forecast,
       format('%s-%s', round(f.lower::numeric, 1), round(f.upper::numeric, 1)) AS "95 % of months",
       to_char(100 * kra.probability(trend, '>= 95', date '2019-10-01'), 'FM990.0') || '%' AS chance,
       coalesce(to_char(kra.eta(trend, '>= 95'), 'Mon YYYY'), 'never') AS "at 95"
FROM r
JOIN kra_demo.org_results a USING (org_code)
JOIN kra_demo.org_results z USING (org_code)
CROSS JOIN kra.forecast(trend, date '2019-10-01') f
WHERE (up <= 5 OR down <= 5) AND a.year = '2016/17' AND z.year = '2018/19'
ORDER BY slope DESC;
\echo '  ... and' :rest 'more between them: SELECT org_code, kra.slope(trend, ''1 year'') FROM kra_demo.org_trends.'
\echo
