-- 6 of 12: scorecards, and who is busy while the outcome does not move.
--
-- What is fair? The standard of 95 % is the goal for all, but few can reach it in one year, and a
-- target that nobody can reach tells nobody anything. So a card asks each organisation to beat its
-- own year before: one point more patients in time, or 95 if that is nearer. Whoever is at 95
-- already is asked to stay there. "within 1" says what a miss is worth: no gain at all is 0 of the
-- target, half a point is half of it.
--
-- Attendances and admissions are activity: the work that came in and was done. Last year's number
-- is the mark that says "as busy as before". Passing it is no merit. It is on the card because
-- effort without result is what we look for.
\ir look.sql

\echo ' 5. Scorecards: who is busy, and who moves'
\echo ' -----------------------------------------'

-- A row for each KPI of each organisation and year. Who is not steady has no comparable figure, so
-- the actual is NULL: the card stays, says no_data, and its coverage shows it. Without a year before
-- there is no target either: at_least(NULL) is NULL. (CASE below, not least(95, ...): least leaves
-- NULLs out, and would hand out a target of 95 that nobody set.)
CREATE VIEW kra_demo.card_lines AS
SELECT r.org_code, r.year, c.class, v.*
FROM kra_demo.org_results r
JOIN kra_demo.years y USING (year)
JOIN kra_demo.comparable c USING (org_code)
CROSS JOIN LATERAL (
    SELECT round(r.pct_before::numeric, 2)::float8, round(r.winter_before::numeric, 2)::float8
) p (pct, winter)   -- targets are numbers to be read and remembered: two decimals
CROSS JOIN LATERAL (VALUES
    ('Timely care', '% within 4 hours', 'outcome'::kra.kpi_kind, '%', r.pct, r.pct_before, 40,
     kra.at_least(CASE WHEN p.pct > 94 THEN 95 ELSE p.pct + 1 END, scale => 1,
                  baseline => CASE WHEN p.pct > 95 THEN 95 ELSE p.pct END,
                  since => y.first_day, due => y.last_day)),
    ('Timely care', '% within 4 hours, Dec to Feb', 'outcome', '%', r.winter_pct, r.winter_before, 20,
     kra.at_least(CASE WHEN p.winter > 94 THEN 95 ELSE p.winter + 1 END, scale => 1,
                  baseline => CASE WHEN p.winter > 95 THEN 95 ELSE p.winter END,
                  since => y.first_day, due => y.last_day)),
    ('Throughput', 'attendances', 'activity', NULL, r.seen, r.seen_before, 20,
     kra.at_least(r.seen_before, since => y.first_day, due => y.last_day)),
    ('Admission', 'emergency admissions', 'activity', NULL, r.admitted, r.admitted_before, 20,
     kra.at_least(r.admitted_before, since => y.first_day, due => y.last_day))
) v (kra, kpi, kind, unit, observed, previous, weight, target)
WHERE r.year > '2016/17';   -- the first year has none before it

CREATE VIEW kra_demo.cards AS
SELECT org_code, year, class,
       kra.scorecard_agg(kra, kpi, kind, CASE WHEN class = 'steady' THEN observed END, target, weight) AS card
FROM kra_demo.card_lines
GROUP BY org_code, year, class;

-- imbalance compares the two sides of a card. Its limits are arguments; here "busy" is at least
-- last year's work (the default of 0.9 would call a loss of 10 % busy), and "moving" is half of
-- the point asked for (the default of 0.9 would say of a gain of 0.8 points that nothing moves).
CREATE VIEW kra_demo.imbalances AS
SELECT org_code, year, class, card, i.*
FROM kra_demo.cards
CROSS JOIN kra.imbalance(card, busy_min => 1.0, moving_min => 0.5) i;

\echo
\echo ' Where outcome and activity stand, all organisations with a major department'
SELECT flag,
       count(*) FILTER (WHERE year = '2017/18') AS "2017/18",
       count(*) FILTER (WHERE year = '2018/19') AS "2018/19",
       CASE flag WHEN 'busy_not_moving' THEN 'at least last year''s work, and less than half of the point asked for'
                 WHEN 'both_behind' THEN 'less than last year''s work, and less than half of the point asked for'
                 WHEN 'result_without_effort' THEN 'nearly all of the point, or more, with clearly less than last year''s work'
                 WHEN 'outcome_behind' THEN 'less than half of the point asked for, and little more work'
                 WHEN 'insufficient_data' THEN 'incomplete or a structural break: no score, neither good nor bad'
                 WHEN 'balanced' THEN 'neither: it moves, or it is not busier' END AS "here it means"
FROM kra_demo.imbalances
GROUP BY flag ORDER BY 3 DESC;

-- The busiest first. Growth is taken as the smaller of two: of the whole organisation, and of its
-- major departments alone. A minor unit that was opened, closed or taken over moves the one, a
-- department that was reclassified moves the other; patients who really come more often move both.
CREATE VIEW kra_demo.busy_not_moving AS
SELECT * FROM (
    SELECT i.org_code, i.year, i.flag,
           lag(i.flag) OVER (PARTITION BY i.org_code ORDER BY i.year) = i.flag AS again,
           r.seen / r.seen_before - 1 AS growth,
           r.seen_major / r.major_before - 1 AS major_growth,
           least(r.seen / r.seen_before, r.seen_major / r.major_before) - 1 AS busier,
           r.pct, r.pct - r.pct_before AS points, i.outcome_attainment, i.activity_attainment, i.reason
    FROM kra_demo.imbalances i
    JOIN kra_demo.org_results r USING (org_code, year)
) f
WHERE flag = 'busy_not_moving';

\echo ' The ten busiest that do not move, 2018/19'
\echo ' (all, major: growth of attendances in %; 4 h: % within 4 hours; pts: its change on the year before, in points)'
SELECT org_code AS org, to_char(100 * growth, 'S90') AS all, to_char(100 * major_growth, 'S90') AS major,
       round(pct::numeric, 1) AS "4 h", to_char(points, 'S90.0') AS pts, reason
FROM kra_demo.busy_not_moving
WHERE year = '2018/19'
ORDER BY busier DESC
LIMIT 10;

SELECT count(*) - 10 AS rest, count(*) FILTER (WHERE again) AS again, count(*) FILTER (WHERE points < 0) AS worse
FROM kra_demo.busy_not_moving WHERE year = '2018/19' \gset
\echo '  ... and' :rest 'more. Of all of them,' :worse 'fell below their own year before, and' :again 'had the same flag in 2017/18.'
\echo '  It says that more work came in, and waits did not get clearly shorter. It does not say why, nor whose fault it is.'
\echo

\echo ' The other way round: more patients, and more of them in time; the five that gained most, 2018/19'
SELECT r.org_code AS org, to_char(seen, '999,999') AS seen, kra_internal.change_text(seen, seen_before) AS growth,
       to_char(pct - pct_before, 'S90.0') AS points, i.flag, round(kra.score(card)::numeric, 2) AS score,
       kra.context(pct, kra.at_least(95), pct_before, '%', 'in ' || year_before) AS context
FROM kra_demo.org_results r
JOIN kra_demo.imbalances i USING (org_code, year)
WHERE year = '2018/19' AND class = 'steady' AND seen > seen_before
ORDER BY pct - pct_before DESC
LIMIT 5;

-- One card in full. entries gives its rows back, assessed; context says each in words.
SELECT org_code AS org FROM kra_demo.busy_not_moving
WHERE year = '2018/19' ORDER BY busier DESC LIMIT 1 \gset
\echo ' One card in full: the first of the busy list,' :org
SELECT e.kra, e.kpi, e.kind, e.weight, round(e.attainment::numeric, 2) AS attained, e.status
FROM kra_demo.cards c
CROSS JOIN kra.entries(c.card) e
WHERE c.org_code = :'org' AND c.year = '2018/19';

SELECT l.kpi, kra.context(round(observed::numeric, 2)::float8, target, round(previous::numeric, 2)::float8, unit, 'in 2017/18') AS "in words"
FROM kra_demo.card_lines l
WHERE l.org_code = :'org' AND l.year = '2018/19'
ORDER BY kind, weight DESC;

\echo ' Its KRAs, and the card as a whole (attainments count from 0 to 1.2)'
SELECT coalesce(k.kra, 'all') AS kra, k.weight, round(k.score::numeric, 2) AS score,
       round(100 * k.coverage::numeric) || ' %' AS coverage, k.status
FROM kra_demo.cards c
CROSS JOIN LATERAL (
    SELECT kra, weight, score, coverage, status FROM kra.kra_scores(card)
    UNION ALL
    SELECT NULL, NULL, kra.score(card), kra.coverage(card), kra.status(card)
) k
WHERE c.org_code = :'org' AND c.year = '2018/19';

-- findings looks at how a card is built, and not at how it goes. Activity has no baseline here on
-- purpose: last year's number is the target itself.
\echo ' What kra finds fault with in the way these cards are built, 2018/19'
SELECT f.severity, f.rule, count(DISTINCT c.org_code) AS cards, min(f.hint) AS hint
FROM kra_demo.cards c
CROSS JOIN kra.card_findings(c.card) f
WHERE year = '2018/19'
GROUP BY f.severity, f.rule
ORDER BY 3 DESC, 2;

-- The two whose size changed most, and one that began within the three years: a card, but no
-- score. Scored as if nothing had happened, RRK would head the list of the busy that do not move
-- (three times last year's work, and 7.6 points lost), and REF would be third of those that gained
-- most. Neither would say anything about the people there.
\echo ' Not comparable: a card without a score, and the reason beside it'
SELECT org_code AS org, coalesce(round(kra.score(card)::numeric, 2)::text, 'none') AS score,
       kra.status(card) AS status, round(100 * kra.coverage(card)::numeric) || ' %' AS coverage, c.reason
FROM kra_demo.imbalances i
JOIN kra_demo.comparable c USING (org_code)
WHERE year = '2018/19' AND org_code IN ('RRK', 'REF', 'R0A')
ORDER BY org_code DESC;
SELECT count(*) - 3 AS rest FROM kra_demo.comparable WHERE class <> 'steady' \gset
\echo '  ... and' :rest 'more: SELECT * FROM kra_demo.comparable WHERE class <> ''steady''.'
\echo
