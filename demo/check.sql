-- Checks the demo against plain SQL that does not use kra; an exception says what is wrong.
-- Run it after the other parts. It prints one line when all is well.
\ir look.sql

-- England by year, by month, and every organisation by year, from the facts alone.
CREATE OR REPLACE TEMP VIEW plain_years AS
SELECT extract(year FROM period - interval '3 months')::int AS y,
       100 * (1 - sum(breaches)::numeric / sum(attendances)) AS pct, sum(attendances) AS seen
FROM kra_demo.ae GROUP BY 1;

CREATE OR REPLACE TEMP VIEW plain_org_years AS
SELECT org_code, extract(year FROM period - interval '3 months')::int AS y, count(DISTINCT period) AS months,
       100 * (1 - sum(breaches)::numeric / sum(attendances)) AS pct, sum(attendances) AS seen,
       100 * (1 - sum(breaches) FILTER (WHERE extract(month FROM period) IN (12, 1, 2))::numeric
                / sum(attendances) FILTER (WHERE extract(month FROM period) IN (12, 1, 2))) AS winter,
       sum(admissions) AS admitted
FROM kra_demo.ae GROUP BY 1, 2;

-- The score of each card by hand: outcome by the gain on its own year before, activity by
-- the ratio to it, each capped to [0, 1.2].
CREATE OR REPLACE TEMP VIEW plain_scores AS
SELECT a.org_code, a.y,
       (SELECT sum(w * greatest(0, least(1.2, 1 - (t - v)))) FROM (VALUES
            (40, a.pct, least(95, round(b.pct, 2) + 1)), (20, a.winter, least(95, round(b.winter, 2) + 1))) o (w, v, t)) / 60 AS outcome,
       (least(1.2, a.seen / b.seen::numeric) + least(1.2, a.admitted / b.admitted::numeric)) / 2 AS activity
FROM plain_org_years a
JOIN plain_org_years b ON b.org_code = a.org_code AND b.y = a.y - 1
WHERE a.months = 12 AND b.months = 12;

-- Natural process limits of each steady organisation from a month on: mean +- 2.66 x the mean
-- moving range, without the ranges of 3.267 x their mean or more. flat: without the seasons.
CREATE OR REPLACE FUNCTION pg_temp.plain_limits(since date, flat boolean DEFAULT true)
RETURNS TABLE (org_code text, centre float8, lower float8, upper float8) LANGUAGE sql AS $$
    WITH m AS (
        SELECT a.org_code, period, 100 * (1 - sum(breaches)::float8 / sum(attendances)) AS y
        FROM kra_demo.ae a JOIN kra_demo.comparable c ON c.org_code = a.org_code AND class = 'steady'
        WHERE period >= since GROUP BY a.org_code, period
    ), f AS (
        SELECT m.org_code, period,
               CASE WHEN flat THEN y - avg(y) OVER (PARTITION BY m.org_code, extract(month FROM period)) + avg(y) OVER (PARTITION BY m.org_code)
                    ELSE y END AS y
        FROM m
    ), r AS (
        SELECT f.org_code, y, abs(y - lag(y) OVER (PARTITION BY f.org_code ORDER BY period)) AS mr FROM f
    ), k AS (
        SELECT r.*, avg(mr) OVER (PARTITION BY r.org_code) AS mean FROM r
    )
    SELECT k.org_code, avg(y), avg(y) - 2.66 * avg(mr) FILTER (WHERE mr < 3.267 * mean),
           avg(y) + 2.66 * avg(mr) FILTER (WHERE mr < 3.267 * mean)
    FROM k GROUP BY k.org_code
$$;

DO $$
DECLARE
    bad text;
BEGIN
    -- The facts came in whole.
    IF (SELECT (count(*), sum(attendances), sum(breaches), sum(admissions))
            IS DISTINCT FROM (12765::bigint, 72019402::bigint, 8295237::bigint, 13493280::bigint) FROM kra_demo.ae) THEN
        RAISE EXCEPTION 'the facts are not those of nhs_ae_attendances.csv';
    END IF;

    -- England's years, as published and as plain SQL has them.
    SELECT string_agg(r.year || ': ' || r.pct, ', ') INTO bad
    FROM kra_demo.england_results r
    JOIN plain_years p ON p.y = left(r.year, 4)::int
    JOIN (VALUES ('2016/17', 89.13), ('2017/18', 88.34), ('2018/19', 88.01)) e (year, pct) ON e.year = r.year
    WHERE round(r.pct::numeric, 2) = e.pct AND abs(r.pct - p.pct) < 1e-10 AND r.seen = p.seen;
    IF (SELECT count(*) FROM regexp_matches(bad, ':', 'g')) IS DISTINCT FROM 3::bigint THEN
        RAISE EXCEPTION 'England by year is not 89.13, 88.34, 88.01; right are only: %', bad;
    END IF;

    -- No month at the standard, by either way of asking.
    IF (SELECT count(*) FROM kra_demo.england_months) <> 36
       OR EXISTS (SELECT FROM kra_demo.england_months WHERE kra.met(kra.value(within_4h, 'ratio'), '>= 95'))
       OR EXISTS (SELECT FROM kra_demo.ae GROUP BY period HAVING 20 * sum(breaches) <= sum(attendances)) THEN
        RAISE EXCEPTION 'not 36 months, or a month at 95 %%';
    END IF;

    -- Every organisation and year: figures where the year is full, else NULL.
    SELECT string_agg(r.org_code || ' ' || r.year, ', ') INTO bad
    FROM kra_demo.org_results r
    LEFT JOIN plain_org_years p ON p.org_code = r.org_code AND p.y = left(r.year, 4)::int
    WHERE CASE WHEN p.months = 12
               THEN (abs(r.pct - p.pct) < 1e-10 AND abs(r.winter_pct - p.winter) < 1e-10
                     AND r.seen = p.seen AND r.admitted = p.admitted) IS NOT TRUE
               ELSE coalesce(r.pct, r.winter_pct, r.seen, r.admitted) IS NOT NULL END;
    IF bad IS NOT NULL OR (SELECT count(*) FROM kra_demo.org_results) <> 420 THEN
        RAISE EXCEPTION 'organisations by year differ from plain SQL: %', bad;
    END IF;

    -- Trends against regr_slope, regr_intercept and the count.
    SELECT string_agg(t.org_code, ', ') INTO bad
    FROM kra_demo.org_trends t
    JOIN (SELECT org_code, count(*) AS n, regr_slope(pct, x) AS slope, regr_r2(pct, x) AS r2,
                 regr_slope(pct, x) * (date '2019-10-01' - date '2016-10-01') + regr_intercept(pct, x) AS forecast
          FROM (SELECT org_code, 100 * (1 - sum(breaches)::float8 / sum(attendances)) AS pct,
                       period - date '2016-10-01' AS x
                FROM kra_demo.ae GROUP BY org_code, period) m
          GROUP BY org_code) p USING (org_code)
    WHERE n <> 36 OR kra.value(trend, 'count') <> 36
       OR abs(kra.slope(trend) - p.slope) > 1e-12 OR abs(kra.r2(trend) - p.r2) > 1e-9
       OR abs((kra.forecast(trend, date '2019-10-01')).value - p.forecast) > 1e-9;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'trends differ from regr_slope: %', bad;
    END IF;

    -- Roll-ups.
    SELECT string_agg(what || ': ' || difference, ', ') INTO bad FROM kra_demo.rollup_checks WHERE equal IS NOT TRUE;
    IF bad IS NOT NULL OR (SELECT count(*) FROM kra_demo.rollup_checks) <> 7 THEN
        RAISE EXCEPTION 'rolled up and direct differ: %', bad;
    END IF;

    -- Who is not comparable has no score, and is not on the list; the known ones are known.
    SELECT string_agg(org_code, ', ') INTO bad
    FROM kra_demo.comparable c
    FULL JOIN (SELECT org_code, count(DISTINCT period) AS months FROM kra_demo.ae
               GROUP BY org_code HAVING bool_or(type = '1')) m USING (org_code)
    WHERE (c.class = 'incomplete') IS DISTINCT FROM (m.months < 36)
       OR (org_code IN ('RRK', 'REF') AND c.class <> 'break');
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'wrongly classed as to what can be compared: %', bad;
    END IF;
    SELECT string_agg(org_code, ', ') INTO bad
    FROM kra_demo.imbalances i
    JOIN kra_demo.comparable c USING (org_code)
    WHERE c.class <> 'steady'
      AND (kra.score(card) IS NOT NULL OR kra.coverage(card) <> 0 OR flag <> 'insufficient_data' OR c.reason IS NULL);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'not comparable, but scored or without a reason: %', bad;
    END IF;
    SELECT string_agg(org_code, ', ') INTO bad
    FROM kra_demo.busy_not_moving b
    WHERE org_code IN ('RRK', 'REF')
       OR org_code IN (SELECT org_code FROM kra_demo.comparable WHERE class <> 'steady')
       OR org_code IN (SELECT org_code FROM kra_demo.ae GROUP BY org_code HAVING count(DISTINCT period) < 36);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'merged or incomplete, but on the busy list: %', bad;
    END IF;
    IF (SELECT count(*) FROM kra_demo.break_reasons
        WHERE (org_code, period, fits) IN (('RRK', '2018-07-01', 'RR1'), ('REF', '2017-07-01', 'RJ8'))) <> 2 THEN
        RAISE EXCEPTION 'the steps of RRK and REF are not found';
    END IF;

    -- The flags by hand: exactly those who are busy and do not move.
    SELECT string_agg(i.org_code || ' ' || i.year, ', ') INTO bad
    FROM kra_demo.imbalances i
    JOIN plain_scores p ON p.org_code = i.org_code AND p.y = left(i.year, 4)::int
    WHERE class = 'steady'
      AND (abs(i.outcome_attainment - p.outcome) > 1e-9 OR abs(i.activity_attainment - p.activity) > 1e-9
           OR (i.flag = 'busy_not_moving') <> (p.activity >= 1 AND p.outcome < 0.5));
    IF bad IS NOT NULL OR (SELECT count(*) FROM kra_demo.busy_not_moving) = 0 THEN
        RAISE EXCEPTION 'scores or flags differ from plain SQL: %', bad;
    END IF;

    -- Limits of the steady by lag() and avg(), ranges screened once, and what lies beyond them.
    SELECT string_agg(DISTINCT s.org_code, ', ') INTO bad
    FROM kra_demo.signals s
    JOIN pg_temp.plain_limits('2016-04-01') p USING (org_code)
    WHERE abs(kra.centre(limits) - p.centre) > 1e-9
       OR abs(kra.lower_limit(limits) - p.lower) > 1e-9 OR abs(kra.upper_limit(limits) - p.upper) > 1e-9
       OR (signal_flat = 'beyond_low') <> (pct_flat < p.lower) OR (signal_flat = 'beyond_high') <> (pct_flat > p.upper);
    IF bad IS NOT NULL OR (SELECT count(*) FROM kra_demo.signals) <> 108 * 36 THEN
        RAISE EXCEPTION 'limits or points beyond them differ from plain SQL: %', bad;
    END IF;

    -- Every month of a run of 7 on one side bears a signal. The verdicts are of each steady one.
    SELECT string_agg(DISTINCT org_code, ', ') INTO bad
    FROM (SELECT *, count(*) OVER (PARTITION BY org_code, side, island) AS run
          FROM (SELECT *, row_number() OVER (PARTITION BY org_code ORDER BY period)
                          - row_number() OVER (PARTITION BY org_code, side ORDER BY period) AS island
                FROM (SELECT *, sign(pct_flat - avg(pct_flat) OVER (PARTITION BY org_code)) AS side
                      FROM kra_demo.signals) a) b) c
    WHERE run >= 7 AND signal_flat <= 'none';
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'a run of 7 without a signal: %', bad;
    END IF;
    SELECT string_agg(format('%s %s %s', how, verdict, n), ', ' ORDER BY how, verdict) INTO bad
    FROM (SELECT how, verdict, count(*) AS n FROM kra_demo.signal_verdicts GROUP BY how, verdict) v;
    IF bad IS DISTINCT FROM 'as they are both 15, as they are concern 47, as they are improvement 26, as they are noise 20, '
        'without seasons both 4, without seasons concern 54, without seasons improvement 24, without seasons noise 26' THEN
        RAISE EXCEPTION 'not the known numbers of signal and noise: %', bad;
    END IF;

    -- Who can meet 95, by plain limits of the latest 24 months.
    SELECT string_agg(org_code, ', ') INTO bad
    FROM kra_demo.assurances a
    FULL JOIN pg_temp.plain_limits('2017-04-01', false) p USING (org_code)
    WHERE assurance IS DISTINCT FROM CASE WHEN p.lower >= 95 THEN 'consistently_met'
                                          WHEN p.upper < 95 THEN 'consistently_missed' ELSE 'hit_or_miss' END;
    IF bad IS NOT NULL
       OR (SELECT string_agg(n::text, ' ' ORDER BY assurance)
           FROM (SELECT assurance, count(*) AS n FROM kra_demo.assurances GROUP BY assurance) c) IS DISTINCT FROM '2 63 43' THEN
        RAISE EXCEPTION 'assurance differs from plain SQL: %', bad;
    END IF;

    -- England's rank correlation of the same month: corr() of ranks.
    IF (SELECT abs(corr(rx, ry) - (SELECT correlations[1] FROM kra_demo.attendance_drives WHERE way = 1 AND org_code = 'all')) < 1e-12
        FROM (SELECT rank() OVER (ORDER BY sum(attendances)) AS rx,
                     rank() OVER (ORDER BY sum(breaches)::float8 / sum(attendances) DESC) AS ry
              FROM kra_demo.ae GROUP BY period) r) IS NOT TRUE THEN
        RAISE EXCEPTION 'rank correlation of England differs from corr() of ranks';
    END IF;

    -- RRK before and after the merger: centres and difference are averages.
    SELECT string_agg(m.who || ' ' || m.what, ', ') INTO bad
    FROM kra_demo.merger_limits m
    LEFT JOIN (SELECT who, n, avg(y) FILTER (WHERE period < '2018-07-01') AS before, avg(y) FILTER (WHERE period >= '2018-07-01') AS after
               FROM (SELECT who, period, sum(attendances)::float8 AS a, sum(breaches)::float8 AS b
                     FROM kra_demo.ae
                     CROSS JOIN (VALUES ('RRK', '{RRK}'::text[]), ('with RR1', '{RRK,RR1}')) w (who, orgs)
                     WHERE org_code = ANY (orgs) GROUP BY who, period) t
               CROSS JOIN LATERAL (VALUES (1, a), (2, b), (3, 100 * (1 - b / a))) v (n, y)
               GROUP BY who, n) p ON p.who = m.who AND p.n = m.n
    WHERE (abs(kra.centre(m.before) - p.before) < 1e-8 AND abs(kra.centre(m.after) - p.after) < 1e-8
           AND abs((effect).difference - (p.after - p.before)) < 1e-8 AND kra.num_points(m.after) = 9 AND on_trial = 9) IS NOT TRUE;
    IF bad IS NOT NULL OR (SELECT count(*) FROM kra_demo.merger_limits) <> 6 THEN
        RAISE EXCEPTION 'before and after the merger differ from averages: %', bad;
    END IF;
END
$$;


-- The catalogue: what the views say, by plain SQL. Targets of the role are 95 with weights 3 and 1; the
-- mark for attendances is 12 times the rounded monthly mean of the year before, where steady. A month
-- without data between the first and the last of an organisation counts in the coverage, and so in
-- the weight, of what is measured by month.
CREATE OR REPLACE TEMP VIEW plain_cards AS
SELECT org_code, y, (3 * known + winters + marks) / 5.0 AS coverage,
       (3 * in_time + winters * winter + marks * busy) / (3 + winters + marks) AS score,   -- with whole weights
       CASE WHEN marks = 0 THEN 'insufficient_data'
            WHEN busy >= 0.9 AND outcome < 0.9 AND busy - outcome >= 0.1 THEN 'busy_not_moving'
            WHEN busy < 0.9 AND outcome < 0.9 THEN 'both_behind'
            WHEN busy < 0.9 AND outcome >= 0.9 AND outcome - busy >= 0.1 THEN 'result_without_effort'
            WHEN outcome < 0.9 THEN 'outcome_behind'
            ELSE 'balanced' END AS flag
FROM (SELECT *, (3 * in_time + winters * winter) / (3 + winters) AS outcome
      FROM (SELECT a.org_code, a.y, a.months / a.carried AS known, least(1.2, a.pct / 95) AS in_time, least(1.2, coalesce(a.winter, 0) / 95) AS winter,
                   least(1.2, a.seen / coalesce(12 * round(b.seen / 12.0), a.seen)) AS busy,
                   (a.winter IS NOT NULL)::int AS winters, (b.seen IS NOT NULL)::int AS marks
            FROM (SELECT y.*, (SELECT count(*) FROM generate_series(f.first, f.last, interval '1 month') m
                               WHERE extract(year FROM m - interval '3 months') = y.y)::numeric AS carried
                  FROM plain_org_years y
                  JOIN (SELECT org_code, min(period)::timestamp AS first, max(period)::timestamp AS last
                        FROM kra_demo.ae GROUP BY 1) f USING (org_code)) a
            LEFT JOIN kra_demo.comparable c ON c.org_code = a.org_code AND c.class = 'steady'
            LEFT JOIN plain_org_years b ON b.org_code = c.org_code AND b.y = a.y - 1) x) x;

DO $$
DECLARE
    bad text;
    n bigint;
BEGIN
    -- England's years in the view.
    SELECT string_agg(r.period_label || ' ' || r.kpi_key || ': ' || r.actual_value, ', '), count(*) INTO bad, n
    FROM kra_bi.kpi_results r
    JOIN plain_years p ON p.y = left(r.period_label, 4)::int
    JOIN (VALUES ('2016/17', 89.13), ('2017/18', 88.34), ('2018/19', 88.01)) e (year, pct) ON e.year = r.period_label
    WHERE r.subject_key = 'england' AND r.period_grain = 'year'
      AND ((r.kpi_key = 'within_4h' AND round(r.actual_value::numeric, 2) = e.pct AND abs(r.actual_value - p.pct) < 1e-10)
           OR (r.kpi_key = 'attendances' AND r.actual_value = p.seen));
    IF n <> 6 THEN
        RAISE EXCEPTION 'kra_bi.kpi_results: England by year is not 89.13, 88.34, 88.01; right are only: %', bad;
    END IF;

    -- England by month; organisations by month, and by year with the winter: the same rows, the same figures.
    SELECT string_agg(coalesce(v.subject_key, p.subject) || ' ' || coalesce(v.period_start, p.period_start), ', ')
               FILTER (WHERE (abs(v.actual_value - p.x) < 1e-10) IS NOT TRUE), count(*)
    INTO bad, n
    FROM (SELECT subject_key, kpi_key, period_grain, period_start, actual_value FROM kra_bi.kpi_results
          WHERE period_grain IN ('month', 'year') AND actual_value IS NOT NULL
            AND (subject_kind = 'vendor' OR (subject_key = 'england' AND period_grain = 'month'))) v
    FULL JOIN (
        SELECT CASE WHEN grouping(org_code) = 1 THEN 'england' ELSE org_code END AS subject, kpi, 'month' AS grain, period AS period_start,
               CASE kpi WHEN 'within_4h' THEN 100 * (1 - sum(breaches)::numeric / sum(attendances)) ELSE sum(attendances) END AS x
        FROM kra_demo.ae CROSS JOIN (VALUES ('within_4h'), ('attendances')) k (kpi)
        GROUP BY GROUPING SETS ((kpi, period), (kpi, period, org_code))
        UNION ALL
        SELECT org_code, kpi, 'year', make_date(y, 4, 1), CASE kpi WHEN 'within_4h' THEN pct WHEN 'winter_4h' THEN winter ELSE seen END
        FROM plain_org_years CROSS JOIN (VALUES ('within_4h'), ('winter_4h'), ('attendances')) k (kpi)
        WHERE kpi <> 'winter_4h' OR winter IS NOT NULL
    ) p ON p.subject = v.subject_key AND p.kpi = v.kpi_key AND p.grain = v.period_grain AND p.period_start = v.period_start;
    IF bad IS NOT NULL OR n <> 2 * 36 + 2 * 8298 + 2 * 732 + 697
       OR EXISTS (SELECT FROM kra_bi.kpi_results WHERE period_grain = 'month' AND subject_key = 'england' AND kpi_key = 'within_4h' AND is_on_target) THEN
        RAISE EXCEPTION 'kra_bi.kpi_results: of % figures some differ from plain SQL: %', n, left(bad, 200);
    END IF;

    -- Scores, coverage and flags of all organisations and years.
    SELECT string_agg(coalesce(s.subject_key, p.org_code) || ' ' || coalesce(s.period_label, p.y::text), ', ') FILTER (WHERE
               (abs(s.score_value - p.score) < 1e-12 AND abs(s.coverage_pct - p.coverage) < 1e-12 AND i.imbalance_flag = p.flag) IS NOT TRUE),
           count(*)
    INTO bad, n
    FROM plain_cards p
    LEFT JOIN kra_bi.scorecards s ON s.subject_key = p.org_code AND s.period_grain = 'year' AND s.period_start = make_date(p.y, 4, 1)
    LEFT JOIN kra_bi.imbalances i ON i.subject_key = p.org_code AND i.period_grain = 'year' AND i.period_start = s.period_start;
    IF bad IS NOT NULL OR n <> 732 THEN
        RAISE EXCEPTION 'kra_bi.scorecards or imbalances differ from plain SQL: %', left(bad, 200);
    END IF;

    -- Nine months into a year, England's figure is that of these nine months.
    IF (SELECT abs(r.actual_value - (SELECT 100 * (1 - sum(breaches)::float8 / sum(attendances)) FROM kra_demo.ae
                                     WHERE period BETWEEN '2017-04-01' AND '2017-12-31')) < 1e-10
        FROM kra.kpi_results('2017-12-31') r
        WHERE subject_key = 'england' AND kpi_key = 'within_4h' AND period_label = '2017/18') IS NOT TRUE THEN
        RAISE EXCEPTION 'kra.kpi_results as of 2017-12-31 differs from plain SQL';
    END IF;

    -- Defined and collected again, nothing changes.
    IF (SELECT count(*) FROM kra_demo.whole_document, kra.define(document - 'subjects')) <> 0
       OR (SELECT sum(changed) + sum(removed) FROM kra.collect("full" => true)) <> 0 THEN
        RAISE EXCEPTION 'defined and collected again, something changed';
    END IF;
END
$$;

-- The pages show these figures: England's three years; a row of the dashboard for each card, with its
-- link; and of the findings, those that miss 95 % in all three winters.
DO $$
DECLARE
    page text := kra.report('england', '2018/19', as_of => '2019-04-30');
    board text := kra.dashboard('2018/19', as_of => '2019-04-30');
    n record;
BEGIN
    IF page !~ '88\.01%' OR page !~ 'vs\. target of 95%, down from 88\.34% in 2017/18' THEN
        RAISE EXCEPTION 'the report of England does not say 88.01%% and 88.34%%';
    END IF;
    SELECT (SELECT count(DISTINCT m[1]) FROM regexp_matches(board, '<a href="(report-[^"]*)"', 'g') m) AS links,
           (SELECT count(*) FROM kra_bi.scorecards WHERE period_label = '2018/19') AS cards,
           (SELECT count(*) FROM kra_demo.findings WHERE rule_id = 'consistently_missed' AND kpi_key = 'winter_4h' AND subject_key IN (SELECT org_code FROM plain_org_years)) AS missed,
           (SELECT count(*) FROM (SELECT org_code FROM plain_org_years WHERE winter IS NOT NULL GROUP BY 1 HAVING count(*) = 3 AND max(winter) < 95) o) AS plain_missed
    INTO n;
    IF n.links <> n.cards OR n.missed <> n.plain_missed OR n.missed < 50 THEN
        RAISE EXCEPTION 'the pages: %', n;
    END IF;
END
$$;

-- One organisation's role sees itself alone. Rolled back, so that no role is left.
SELECT rolsuper AS can_make_roles FROM pg_roles WHERE rolname = current_user \gset
\if :can_make_roles
SELECT 'kra_demo_check_' || pg_backend_pid() AS login \gset
BEGIN;
CREATE ROLE :"login";
SELECT kra.grant_reader(:'login') \g /dev/null
SELECT count(*) FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', 'RWD', 'login', :'login')))) \g /dev/null
SET LOCAL ROLE :"login";
DO $$
DECLARE
    seen text;
BEGIN
    SELECT string_agg(format('%s %s %s', what, n, who), ', ' ORDER BY what) INTO seen
    FROM (SELECT 'subjects' AS what, count(*) AS n, string_agg(DISTINCT subject_key, ' ') AS who FROM kra_bi.dim_subject
          UNION ALL
          SELECT 'cards', count(*), string_agg(DISTINCT subject_key, ' ') FROM kra_bi.scorecards WHERE period_grain = 'year'
          UNION ALL
          SELECT 'results', count(*), string_agg(DISTINCT subject_key, ' ') FROM kra_bi.kpi_results WHERE period_grain = 'year'
          UNION ALL
          SELECT 'areas', count(*), string_agg(DISTINCT subject_key, ' ') FROM kra_bi.kra_results WHERE period_grain = 'year'
          UNION ALL
          SELECT 'measurements', count(*), string_agg(DISTINCT subject_id::text, ' ') FROM kra.measurements
          WHERE subject_id <> (SELECT id FROM kra.subjects WHERE key = 'RWD')
          UNION ALL
          SELECT 'targets', count(*), '' FROM kra.targets) t;
    IF seen IS DISTINCT FROM 'areas 6 RWD, cards 3 RWD, measurements 0 , results 9 RWD, subjects 1 RWD, targets 2 ' THEN
        RAISE EXCEPTION 'the role of one organisation sees: %', seen;
    END IF;
END
$$;
RESET ROLE;
ROLLBACK;
\endif

\echo ' Checked against plain SQL over the same facts: England, organisations, trends, scores, flags, signals, roll-ups,'
\echo ' the views of the catalogue, by month, organisation and year, findings and pages; and that one organisation sees itself alone.'
\echo
