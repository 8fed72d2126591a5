-- 7 of 12: signal or noise. Which changes of the past year are more than a process shows when nobody
-- touches it, who can meet the standard as they work today, whether attendances drive the waits,
-- and what a merger does to a chart.
--
-- Mind the seasons here too. On the months as they are, the charts find winter: most are a concern
-- in January and an improvement in June, of every year. So a second value stands beside each: the
-- month less the mean of its calendar month, plus the mean of all. Three years are few to take a
-- season from, and neighbouring months still resemble each other, which makes the limits narrower than they
-- should be: a signal says "look here", not why.
\ir look.sql

\echo ' 6. Signal or noise'
\echo ' ------------------'

-- Steady organisations and England ('all'), as plain numbers: attendances, the % within 4 hours, and
-- that without the seasons. England is rolled up from the same summaries.
CREATE TABLE kra_demo.signal_months AS
WITH m AS (
    SELECT org_code, year, period, kra.value(within_4h, 'ratio') AS pct, kra.value(attendances, 'sum') AS seen
    FROM kra_demo.monthly
    JOIN kra_demo.comparable USING (org_code)
    WHERE class = 'steady'
    UNION ALL
    SELECT 'all', year, period, kra.value(kra.rollup(within_4h), 'ratio'), kra.value(kra.rollup(attendances), 'sum')
    FROM kra_demo.monthly
    GROUP BY year, period
)
SELECT m.*,
       pct - avg(pct) OVER s + avg(pct) OVER o AS pct_flat
FROM m
WINDOW s AS (PARTITION BY org_code, extract(month FROM period)), o AS (PARTITION BY org_code);
ANALYZE kra_demo.signal_months;

-- signal marks a month by the rule set nhs, xmr_limits gives the limits that it is judged by, and
-- signal_meaning says whether that is good or bad, by the direction of the target.
CREATE TABLE kra_demo.signals AS
SELECT org_code, year, period, pct, pct_flat,
       kra.signal(pct) OVER w AS signal,
       kra.signal(pct_flat) OVER w AS signal_flat,
       kra.xmr_limits(pct_flat) OVER w AS limits
FROM kra_demo.signal_months
WHERE org_code <> 'all'
WINDOW w AS (PARTITION BY org_code ORDER BY period);
ANALYZE kra_demo.signals;

-- One row for each organisation: what its latest 12 months show.
CREATE VIEW kra_demo.signal_verdicts AS
WITH c AS (
    SELECT org_code, how,
           count(*) FILTER (WHERE kra.signal_meaning(s, '>= 95') = 'improvement') AS improvement,
           count(*) FILTER (WHERE kra.signal_meaning(s, '>= 95') = 'concern') AS concern,
           max(s) AS strongest
    FROM kra_demo.signals
    CROSS JOIN LATERAL (VALUES ('as they are', signal), ('without seasons', signal_flat)) v (how, s)
    WHERE year = '2018/19'
    GROUP BY org_code, how
)
SELECT *, CASE WHEN concern > 0 AND improvement > 0 THEN 'both' WHEN concern > 0 THEN 'concern'
               WHEN improvement > 0 THEN 'improvement' ELSE 'noise' END AS verdict
FROM c;

-- How many would show a signal if nothing ever changed: 15 to 16 % of 3,000 simulated series of 36
-- independent normal months, treated in the same way (13 % with the seasons left in).
\echo
\echo ' Steady organisations by what the 12 months of 2018/19 show, % within 4 hours'
SELECT verdict, count(*) FILTER (WHERE how = 'as they are') AS "months as they are",
       count(*) FILTER (WHERE how = 'without seasons') AS "without the seasons",
       CASE verdict WHEN 'noise' THEN 'no month differs from the rest by more than months do'
                    WHEN 'both' THEN 'some above, some below; as they are: summer, winter'
                    WHEN 'concern' THEN 'signals on the side of longer waits'
                    ELSE 'signals on the side of shorter waits' END AS meaning
FROM kra_demo.signal_verdicts
GROUP BY verdict ORDER BY verdict;

SELECT count(*) AS n, round(0.16 * count(*)) AS chance FROM kra_demo.comparable WHERE class = 'steady' \gset
\echo '  Of' :n 'processes that nobody ever changed,' :chance 'or so would show a signal by chance.'
\echo

\echo ' Five each with the clearest signals, and the four that moved most but show none (without the seasons)'
\echo ' (shift: mean of 2018/19 less the centre of all 36 months, in points; marked: months of 12 with a signal)'
WITH s AS (
    SELECT org_code, kra.sparkline(array_agg(pct_flat ORDER BY period)) AS months,
           kra.xmr_agg(pct_flat ORDER BY period) AS x,
           avg(pct_flat) FILTER (WHERE year = '2018/19') AS latest
    FROM kra_demo.signals
    GROUP BY org_code
), r AS (
    SELECT *, row_number() OVER (PARTITION BY verdict ORDER BY
        abs(latest - kra.centre(x)) / CASE verdict WHEN 'noise' THEN 1 ELSE kra.sigma(x) END DESC) AS nth
    FROM s
    JOIN kra_demo.signal_verdicts v USING (org_code)
    WHERE how = 'without seasons' AND verdict <> 'both'
)
SELECT verdict, org_code AS org, months AS "April 2016 to March 2019",
       to_char(kra.centre(x), '90.0') AS centre,
       format('%s-%s', to_char(kra.lower_limit(x), 'FM90.0'), to_char(kra.upper_limit(x), 'FM990.0')) AS limits,
       to_char(latest - kra.centre(x), 'S0.0') AS shift, improvement + concern AS marked,
       CASE WHEN verdict <> 'noise' THEN strongest END AS strongest
FROM r
WHERE nth <= CASE verdict WHEN 'noise' THEN 4 ELSE 5 END
ORDER BY array_position('{improvement,concern,noise}', verdict), nth;

-- Assurance asks another question: not whether the process changed, but whether it can meet the
-- target as it is. Here the seasons stay, since the standard holds in winter too. The latest 24
-- months: each season twice, and near enough to today.
CREATE VIEW kra_demo.assurances AS
SELECT org_code, x, kra.assurance(x, '>= 95') AS assurance, months, met, n
FROM (
    SELECT org_code, kra.xmr_agg(pct ORDER BY period) AS x, kra.sparkline(array_agg(pct ORDER BY period)) AS months,
           count(*) FILTER (WHERE kra.met(pct, '>= 95')) AS met, count(*) AS n
    FROM kra_demo.signals
    WHERE year >= '2017/18'
    GROUP BY org_code
) s;

\echo ' Who can meet 95 % as they work today: the limits of the latest 24 months against the standard'
SELECT assurance, count(*) AS organisations, sum(met) || ' of ' || sum(n) AS "months at 95",
       CASE assurance WHEN 'consistently_met' THEN 'both limits are above 95'
                      WHEN 'hit_or_miss' THEN '95 is between the limits: a month at 95 is luck, or bad luck'
                      ELSE 'both limits are below 95: to get there, work differently' END AS meaning
FROM kra_demo.assurances
GROUP BY assurance ORDER BY min(kra.centre(x)) DESC;
\echo '  A few months got past the limits all the same: as neighbouring months are alike, limits are too narrow.'
\echo

\echo ' The three best of each'
SELECT assurance, org_code AS org, months AS "24 months to March 2019", to_char(kra.centre(x), '90.0') AS centre,
       format('%s-%s', to_char(kra.lower_limit(x), 'FM90.0'), to_char(least(kra.upper_limit(x), 100), 'FM990.0')) AS limits,
       met || ' of ' || n AS "months at 95"
FROM (SELECT *, row_number() OVER (PARTITION BY assurance ORDER BY kra.centre(x) DESC) AS nth FROM kra_demo.assurances) a
WHERE nth <= 3
ORDER BY kra.centre(x) DESC;

-- Does attendance drive the % within 4 hours? Three ways of asking. Two series that both drift, or
-- both swing with the year, go together whatever they measure: of pairs of random walks that know nothing
-- of each other, six in ten pass the test. The reason says so where it sees drift. The same month a
-- year before takes the seasons out, but leaves the drift; the change of that difference from one
-- month to the next has neither, and is the fairest of the three: of 3,000 such pairs of random walks or
-- random months, 9 to 16 % pass, as differences lean on their neighbours.
CREATE VIEW kra_demo.attendance_drives AS
WITH y AS (
    SELECT org_code, period, seen, pct, seen - lag(seen, 12) OVER w AS seen_year, pct - lag(pct, 12) OVER w AS pct_year
    FROM kra_demo.signal_months
    WINDOW w AS (PARTITION BY org_code ORDER BY period)
), c AS (
    SELECT *, seen_year - lag(seen_year) OVER w AS seen_change, pct_year - lag(pct_year) OVER w AS pct_change
    FROM y
    WINDOW w AS (PARTITION BY org_code ORDER BY period)
)
SELECT way, how, org_code, (d).*
FROM (
    SELECT way, how, org_code, kra.driver(activity, outcome ORDER BY period) AS d
    FROM c
    CROSS JOIN LATERAL (VALUES (1, 'months as they are', seen, pct), (2, 'against a year before', seen_year, pct_year),
                               (3, 'changes of that', seen_change, pct_change)) v (way, how, activity, outcome)
    GROUP BY way, how, org_code
) q;

\echo ' Do attendances drive the % within 4 hours? (drives: more patients, better; moves_against: more patients, worse)'
SELECT how, max(verdict) FILTER (WHERE org_code = 'all') AS england,
       to_char(max(correlation) FILTER (WHERE org_code = 'all'), 'FMS0.00') AS "rank corr.",
       to_char(max(p_value) FILTER (WHERE org_code = 'all'), 'FM0.000') AS p,
       count(*) FILTER (WHERE verdict = 'drives' AND org_code <> 'all') AS drives,
       count(*) FILTER (WHERE verdict = 'moves_against' AND org_code <> 'all') AS moves_against,
       count(*) FILTER (WHERE verdict = 'no_evidence' AND org_code <> 'all') AS no_evidence,
       count(*) FILTER (WHERE reason LIKE '%run with time%' AND org_code <> 'all') AS "both run with time"
FROM kra_demo.attendance_drives
GROUP BY way, how ORDER BY way;

SELECT count(*) FILTER (WHERE verdict <> 'no_evidence') AS passed, round(0.09 * count(*)) AS low, round(0.16 * count(*)) AS high
FROM kra_demo.attendance_drives WHERE way = 3 AND org_code <> 'all' \gset
\echo '  Of the changes,' :passed 'pass; chance alone lets' :low 'to' :high 'through. So: no sign that attendances drive the waits.'
\echo

SELECT org_code AS org FROM kra_demo.attendance_drives
WHERE way = 1 AND reason LIKE '%run with time%' ORDER BY p_value LIMIT 1 \gset
\echo ' What the reason says of such a pair:' :org', months as they are'
SELECT string_to_table(replace(reason, ' (', '; ('), '; ') AS reason FROM kra_demo.attendance_drives WHERE way = 1 AND org_code = :'org';

-- The merger. RRK took over RR1 on 1 July 2018, as far as the figures tell. Limits through both are
-- limits of nothing; a new segment starts new ones. Nine months are fewer than the 13 that the rule
-- set asks for: they are on trial, and cannot have a signal yet. Beside RRK stand both together:
-- what would have been seen had they been one from the start. No target is given, so that
-- change_effect says what rose or fell, and not that it got better or worse.
CREATE VIEW kra_demo.merger AS
SELECT n, who, what, period, y, CASE WHEN period < '2018-07-01' THEN 'before' ELSE 'after' END AS segment
FROM (
    SELECT who, period, sum(kra.value(attendances, 'sum')) AS seen, kra.value(kra.rollup(within_4h), 'ratio') AS pct
    FROM kra_demo.monthly
    CROSS JOIN LATERAL (VALUES ('RRK', org_code = 'RRK'), ('with RR1', true)) v (who, counts)
    WHERE org_code IN ('RRK', 'RR1') AND counts
    GROUP BY who, period
) m
CROSS JOIN LATERAL (VALUES (1, 'attendances', seen), (2, 'breaches', seen * (1 - pct / 100)), (3, '% in 4 h', pct)) v (n, what, y);

CREATE VIEW kra_demo.merger_limits AS
SELECT n, who, what, kra.sparkline(array_agg(y ORDER BY period)) AS months,
       kra.xmr_agg(y ORDER BY period) FILTER (WHERE segment = 'before') AS before,
       kra.xmr_agg(y, NULL, NULL, NULL, NULL, NULL, segment ORDER BY period) AS after,   -- the latest segment
       count(*) FILTER (WHERE one_set > 'none') AS marked_one_set,
       count(*) FILTER (WHERE rebased > 'none') AS marked_rebased,
       count(*) FILTER (WHERE rebased = 'trial') AS on_trial,
       kra.change_effect(y, period, date '2018-07-01') AS effect
FROM (
    SELECT *, kra.signal(y) OVER w AS one_set, kra.signal(y, segment => segment) OVER w AS rebased
    FROM kra_demo.merger
    WINDOW w AS (PARTITION BY who, what ORDER BY period)
) s
GROUP BY n, who, what;

\echo ' RRK and the merger of July 2018: new limits from then on'
SELECT who, what, months AS "April 2016 to March 2019",
       format('%s (%s to %s)', to_char(kra.centre(before), f), to_char(kra.lower_limit(before), f), to_char(kra.upper_limit(before), f)) AS "27 months before",
       format('%s (%s to %s)', to_char(kra.centre(after), f), to_char(kra.lower_limit(after), f), to_char(kra.upper_limit(after), f)) AS "9 after"
FROM kra_demo.merger_limits
CROSS JOIN LATERAL (SELECT CASE n WHEN 3 THEN 'FM90.0' ELSE 'FM99,999' END) fmt (f)
ORDER BY who = 'with RR1', n;

\echo ' Months with a signal by one set of limits and by new ones; on trial: too few to judge; step: between two lines'
SELECT who, what, marked_one_set AS "one set", marked_rebased AS "new ones", on_trial AS "on trial",
       to_char((effect).difference, f) AS "means differ by",
       format('%s (%s to %s)', to_char((effect).level_change, f), to_char((effect).level_lower, f), to_char((effect).level_upper, f)) AS "step, 95 % interval",
       (effect).verdict AS "what changed"
FROM kra_demo.merger_limits
CROSS JOIN LATERAL (SELECT CASE n WHEN 3 THEN 'FMS90.0' ELSE 'FMS99,999' END) fmt (f)
ORDER BY who = 'with RR1', n;

SELECT round(avg(y) FILTER (WHERE period BETWEEN '2017-07-01' AND '2018-03-01')::numeric, 1) AS year_before,
       round(avg(y) FILTER (WHERE period >= '2018-07-01')::numeric, 1) AS latest
FROM kra_demo.merger WHERE who = 'with RR1' AND n = 3 \gset
SELECT round(avg(pct) FILTER (WHERE period BETWEEN '2017-07-01' AND '2018-03-01')::numeric, 1) AS england_before,
       round(avg(pct) FILTER (WHERE period >= '2018-07-01')::numeric, 1) AS england
FROM kra_demo.signal_months WHERE org_code = 'all' \gset
\echo '  RRK alone seems overrun; with RR1 no month of attendances stands out: the step is a change of name. The slopes'
\echo '  after it run from July to March, into a winter. The same nine months a year before had' :year_before '% in 4 h, these' :latest '%;'
\echo '  England' :england_before '% and' :england '%. What came after need not come of it: a merger is neither praised nor blamed here.'
\echo

\echo ' A picture to look at: type this in psql'
\echo '      \\a \\t \\o rc9.svg'
\echo '      SELECT kra.sparkline_svg(array_agg(pct ORDER BY period), ''RC9'', target => ''>= 95'')'
\echo '      FROM kra_demo.signals WHERE org_code = ''RC9'';'
\echo '      \\a \\t \\o'
\echo
