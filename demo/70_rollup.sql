-- 8 of 12: roll-up. A summary holds all that its readers need, so summaries of months merge into
-- years, and those of organisations into England, and give what the facts give. A warehouse can
-- store small rows, or compute them on many nodes, and merge them later.
--
-- What may be merged over what:
--   kpi_actual, kpi_attainment, kpi_balance   over time and over organisations
--   kpi_trend      over time; over organisations it is one line through all their points
--   scorecard      over members, as a mean of their figures by weight: a team's card, not its facts
--   a percentage   never: the mean of percentages is not the percentage of all
\ir look.sql

\echo ' 7. Roll-up: the parts make the whole'
\echo ' ------------------------------------'

-- What was stored per organisation and month, rolled up twice: first to years, then to England.
CREATE VIEW kra_demo.rolled_org_years AS
SELECT org_code, year, kra.rollup(within_4h) AS within_4h, kra.rollup(attendances) AS attendances
FROM kra_demo.monthly
GROUP BY org_code, year;

CREATE VIEW kra_demo.rolled_england AS
SELECT year, kra.rollup(within_4h) AS within_4h, kra.rollup(attendances) AS attendances
FROM kra_demo.rolled_org_years
GROUP BY year;

\echo
\echo ' England: months rolled up into years, organisations into England; and the mean of their percentages, which is wrong'
SELECT r.year, kra.value(r.within_4h, 'count') AS "rows in it",
       round(kra.value(r.within_4h, 'ratio')::numeric, 4) AS "rolled up",
       round(kra.value(d.within_4h, 'ratio')::numeric, 4) AS direct,
       kra.value(r.within_4h, 'ratio') - kra.value(d.within_4h, 'ratio') AS difference,
       kra.value(r.attendances, 'sum') - kra.value(d.attendances, 'sum') AS "in attendances",
       round(w.mean::numeric, 2) AS "mean of percentages"
FROM kra_demo.rolled_england r
JOIN kra_demo.england_years d USING (year)
JOIN (SELECT year, avg(kra.value(within_4h, 'ratio')) AS mean FROM kra_demo.rolled_org_years GROUP BY year) w
    USING (year)
ORDER BY year;

-- The same for every other summary, each by two ways. kra carries its sums with twice the digits of
-- a float8, so most differences are none at all; below 1e-12 of the value is what it promises.
CREATE VIEW kra_demo.rollup_checks AS
WITH months AS (   -- one attainment summary a month, every organisation with its patients as weight
    SELECT year, period,
           kra.attainment_agg(kra.value(within_4h, 'ratio'), '>= 95', kra.weight(within_4h)) AS s
    FROM kra_demo.monthly GROUP BY year, period
), attained AS (
    SELECT year, kra.rollup(s) AS s FROM months GROUP BY year
), attained_direct AS (
    SELECT year, kra.attainment_agg(kra.value(within_4h, 'ratio'), '>= 95', kra.weight(within_4h)) AS s
    FROM kra_demo.monthly GROUP BY year
), year_trends AS (
    SELECT org_code, year, kra.trend_agg(period, kra.value(within_4h, 'ratio')) AS t
    FROM kra_demo.monthly GROUP BY org_code, year
), trends AS (
    SELECT org_code, kra.rollup(t) AS t FROM year_trends GROUP BY org_code
), trends_direct AS (
    SELECT org_code, kra.trend_agg(period, kra.value(within_4h, 'ratio')) AS t,
           regr_slope(kra.value(within_4h, 'ratio'), period - date '2016-04-01') AS builtin
    FROM kra_demo.monthly GROUP BY org_code
), balances AS (
    SELECT year, kra.rollup(kra.balance(card)) AS b FROM kra_demo.cards GROUP BY year
), balances_direct AS (
    SELECT year, kra.balance_agg(kind, CASE WHEN class = 'steady' THEN observed END, target, weight) AS b
    FROM kra_demo.card_lines GROUP BY year
), checks (n, what, pairs, difference) AS (
    SELECT 1, 'organisations by year: % within 4 hours, months rolled up', count(*),
           max(abs(kra.value(a.within_4h, 'ratio') - kra.value(b.within_4h, 'ratio')) / kra.value(b.within_4h, 'ratio'))
    FROM kra_demo.rolled_org_years a JOIN kra_demo.org_years b USING (org_code, year)
    UNION ALL
    SELECT 2, 'England by year: % within 4 hours, organisations rolled up', count(*),
           max(abs(kra.value(a.within_4h, 'ratio') - kra.value(b.within_4h, 'ratio')) / kra.value(b.within_4h, 'ratio'))
    FROM kra_demo.rolled_england a JOIN kra_demo.england_years b USING (year)
    UNION ALL
    SELECT 3, 'attainment by year: score, months rolled up', count(*),
           max(abs(kra.score(a.s) - kra.score(b.s)) / kra.score(b.s))
    FROM attained a JOIN attained_direct b USING (year)
    UNION ALL
    SELECT 4, 'attainment by year: number at each status', count(*),
           max(abs(kra.count_of(a.s, st) - kra.count_of(b.s, st)))
    FROM attained a JOIN attained_direct b USING (year)
    CROSS JOIN unnest(enum_range(NULL::kra.kpi_status)) st
    UNION ALL
    SELECT 5, 'balance by year: outcome and activity score, cards rolled up', count(*),
           max(abs(kra.score(kra.attainment_of(a.b, k)) - kra.score(kra.attainment_of(b.b, k)))
               / kra.score(kra.attainment_of(b.b, k)))
    FROM balances a JOIN balances_direct b USING (year)
    CROSS JOIN unnest(enum_range(NULL::kra.kpi_kind)) k
    UNION ALL
    SELECT 6, 'trend of each organisation: slope, three years rolled up', count(*),
           max(abs(kra.slope(a.t) - kra.slope(b.t)) / greatest(abs(kra.slope(b.t)), kra.slope_stderr(b.t)))
    FROM trends a JOIN trends_direct b USING (org_code) WHERE kra.slope_stderr(b.t) > 0
    UNION ALL
    SELECT 7, 'trend of each organisation: slope against PostgreSQL''s regr_slope', count(*),
           max(abs(kra.slope(b.t) - builtin) / greatest(abs(builtin), kra.slope_stderr(b.t)))
    FROM trends_direct b WHERE kra.slope_stderr(b.t) > 0
)
SELECT n, what, pairs, difference, difference <= 1e-12 AS equal FROM checks;

\echo ' Rolled up against direct: the largest relative difference'
SELECT what, pairs, CASE difference WHEN 0 THEN '0' ELSE trim(to_char(difference, '9.9EEEE')) END AS difference,
       CASE WHEN equal THEN 'equal' ELSE 'DIFFERENT' END AS verdict
FROM kra_demo.rollup_checks ORDER BY n;
