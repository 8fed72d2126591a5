-- Outcome against activity: each flag, at its limits, and the order of the flags.
\set VERBOSITY terse
SET search_path = public, kra, kra_internal;

-- One outcome and one activity of the given actuals against 100, and weights.
CREATE FUNCTION pair(outcome float8, activity float8, outcome_weight float8 = 1, activity_weight float8 = 1)
RETURNS kpi_balance LANGUAGE sql IMMUTABLE AS $$
    SELECT balance_agg(kind, actual, '>= 100', weight)
    FROM (VALUES ('outcome'::kpi_kind, outcome, outcome_weight), ('activity', activity, activity_weight))
        AS v (kind, actual, weight)
$$;

-- The scores, the limits from both sides, and the noise that decides nothing.
SELECT o, a, wo, wa, i.flag, round(i.activity_share::numeric, 4) AS share, round(i.gap::numeric, 4) AS gap
FROM (VALUES
    (89.0, 120.0, 1.0, 1.0),           -- busy, not moving
    (89.999, 100, 1, 1), (90, 100, 1, 1), (90.001, 101, 1, 1),
    (80, 90, 1, 1), (80, 89.999, 1, 1), (80.001, 90, 1, 1), (79.999, 90, 1, 1),
    (95, 95, 1, 1.001), (95, 95, 1, 1), (95, 95, 1, 0.999),
    (100, 89.999, 1, 1), (100, 90, 1, 1), (90, 80, 1, 1), (89.999, 79, 1, 1), (90, 80.001, 1, 1), (120, 0, 1, 1),
    (89.999, 89.999, 1, 1), (89.999, 90, 1, 1), (0, 0, 1, 1), (20, 20, 1, 3),
    (50, 200, 1, 9)                    -- busy comes before heavy
) AS v (o, a, wo, wa), imbalance(pair(o, a, wo, wa)) AS i;

-- One side alone, no data, no weight, no KPI.
SELECT what, i.flag, i.activity_share AS share, i.outcome_attainment AS outcome, i.activity_attainment AS activity,
       i.gap, i.outcome_count AS n_out, i.activity_count AS n_act, i.coverage, i.reason
FROM (VALUES
    ('activity only', (SELECT balance_agg('activity', 100, '>= 100'))),
    ('outcome only',  (SELECT balance_agg('outcome', 100, '>= 100'))),
    ('no outcome data', pair(NULL, 100)),
    ('no activity data', pair(100, NULL)),
    ('no data at all', pair(NULL, NULL)),
    ('activity only, no data', (SELECT balance_agg('activity', NULL, '>= 100'))),
    ('no target', (SELECT balance_agg(k, 1, NULL) FROM unnest(ARRAY['outcome', 'activity']::kpi_kind[]) AS k)),
    ('outcome without weight', pair(100, 100, 0, 1)),
    ('nothing', NULL)
) AS v (what, b) LEFT JOIN LATERAL imbalance(b) AS i ON true;

-- Reasons are sentences, and rounding does not lift them to the limit.
SELECT i.reason FROM (VALUES (40.0, 120.0), (89.99, 99.99), (95, 95), (110, 60), (40, 60), (85, 92)) AS v (o, a), imbalance(pair(o, a)) AS i;
SELECT i.reason FROM imbalance(pair(95, 95, 1, 3)) AS i;
-- A share just above the limit does not look like it.
SELECT i.reason FROM imbalance(pair(100, 100, 1, 1.0001)) AS i;
-- A score of 0 says when the outcome fell behind where it started.
SELECT i.outcome_attainment, i.reason FROM (VALUES (20.0), (10), (5)) AS v (a),
LATERAL imbalance((SELECT balance_agg(k, CASE k WHEN 'outcome' THEN a ELSE 100 END, CASE k WHEN 'outcome' THEN '>= 60 from 10'::kpi_target ELSE '>= 100' END)
                   FROM unnest(ARRAY['outcome', 'activity']::kpi_kind[]) AS k)) AS i;

-- Thresholds by name.
SELECT (imbalance(pair(85, 88))).flag AS default_flag,
       (imbalance(pair(85, 88), busy_min => 0.85, gap_min => 0.03, moving_min => 0.86)).flag AS strict_flag,
       (imbalance(pair(95, 95, 2, 1), activity_share_max => 0.3)).flag AS share,
       (imbalance(pair(95, 80), result_min => 0.96)).flag AS result;
SELECT imbalance(pair(1, 1), busy_min => NULL);
SELECT imbalance(pair(1, 1), gap_min => -0.1);
SELECT imbalance(pair(1, 1), moving_min => 'NaN');

-- A card and the balance of its entries are judged alike; so is a roll-up.
SELECT count(*) AS cards, count(*) FILTER (WHERE imbalance(c) IS DISTINCT FROM imbalance(balance(c))) AS unlike_balance,
       count(*) FILTER (WHERE imbalance(c) IS DISTINCT FROM imbalance(b)) AS unlike_rows
FROM (
    SELECT g, scorecard_agg('K' || i % 3, 'kpi ' || i, CASE WHEN (g * i) % 3 = 0 THEN 'outcome' ELSE 'activity' END::kpi_kind,
                            CASE WHEN (g + i) % 7 > 0 THEN (g * 31 + i * 17) % 130 END, '>= 100', 1 + i % 2) AS c,
           balance_agg(CASE WHEN (g * i) % 3 = 0 THEN 'outcome' ELSE 'activity' END::kpi_kind,
                       CASE WHEN (g + i) % 7 > 0 THEN (g * 31 + i * 17) % 130 END, '>= 100', 1 + i % 2) AS b
    FROM generate_series(1, 200) AS g, generate_series(1, 5) AS i GROUP BY g
) AS s;
SELECT (imbalance(rollup(b))).* FROM (VALUES (pair(50, 110)), (pair(70, 100)), (NULL), (pair(60, 120))) AS v (b);
DROP FUNCTION pair;

-- By links. A card of outcomes o1, o2, o3 and of activities a1, a2, a3, as they attained, and what each activity drives.
CREATE FUNCTION linked(o1 float8, o2 float8, o3 float8, a1 float8, a1_drives text[], a2 float8 = NULL, a2_drives text[] = NULL, a3 float8 = NULL, a3_drives text[] = NULL)
RETURNS scorecard LANGUAGE sql IMMUTABLE AS $$
    SELECT scorecard_agg('R', kpi, CASE WHEN kpi LIKE 'o%' THEN 'outcome' ELSE 'activity' END::kpi_kind, actual, '>= 100', 1, NULL, drives)
    FROM (VALUES ('o1', o1, NULL::text[]), ('o2', o2, NULL), ('o3', o3, NULL), ('a1', a1, a1_drives), ('a2', a2, a2_drives), ('a3', a3, a3_drives)) AS v (kpi, actual, drives)
    WHERE kpi NOT IN ('a2', 'a3') OR actual IS NOT NULL OR drives IS NOT NULL
$$;
SELECT n, what, i.flag, i.activity_kpi AS a, i.outcome_kpi AS o, i.reason
FROM (VALUES
    (1, 'other outcomes hide no pair', linked(97, 73, 130, 97, '{o2}')),
    (2, 'its outcome moves', linked(97, 73, 130, 97, '{o1}')),
    (3, 'of several, the widest', linked(97, 73, 60, 95, '{o1,o2,o3}', 110, '{o2}')),
    (4, 'two alike: by name', linked(50, 50, 130, 95, '{o2,o1}', 95, '{o1}')),
    (5, 'by way of an activity', linked(97, 73, 130, 97, '{a2}', 40, '{o2}')),
    (6, 'a loop ends', linked(97, 73, 130, 97, '{a2}', 95, '{a1,a2}')),
    (7, 'an activity at its limit', linked(97, 80, 130, 90, '{o2}')),
    (8, 'below it', linked(97, 79, 130, 89.999, '{o2}')),
    (9, 'an outcome at its limit', linked(97, 90, 130, 120, '{o2}')),
    (10, 'the gap at its limit', linked(100, 89.99, 130, 99.99, '{o2}')),
    (11, 'below it', linked(100, 89.99, 130, 99.98, '{o2}')),
    (12, 'no link: with its likes', linked(80, 80, 80, 120, NULL, 85, NULL)),
    (13, 'off the card: with its likes', linked(80, 80, 80, 120, '{x}', 85, NULL)),
    (14, 'no data: with its likes', linked(70, 70, NULL, 95, '{o3}')),
    (15, 'linked ones are not among the likes', linked(130, 50, 50, 100, '{o1}', 70, NULL)),
    (16, 'a pair comes before totals', linked(50, 80, 50, 95, '{o2}', 120, NULL)),
    (17, 'an outcome is not followed', linked(97, 73, 130, 97, '{o1}') || scorecard('R', 'o1', 'outcome', 97, '>= 100', drives => '{o2}')),
    (18, 'without weight, too', linked(97, 73, 130, 97, '{o2}') || scorecard('R', 'o2', 'outcome', 73, '>= 100', 0)),
    (19, 'an activity without data', linked(97, 73, 130, NULL, '{o2}', 95, '{o1}')),
    (20, 'below 0', linked(97, -10, 130, 97, '{o2}'))
) AS v (n, what, c), imbalance(c) AS i ORDER BY n;
-- as it was judged, not as actual and target would
SELECT i.flag, i.activity_kpi, i.outcome_kpi, i.gap FROM imbalance(scorecard('R', 'o', 'outcome', 8, '>= 400', 1, attainment => 1.01, status => 'on_track')
    || scorecard('R', 'a', 'activity', 1, '>= 400', 1, drives => '{o}', attainment => 0.95, status => 'at_risk')) AS i;
-- a chain of activities of the longest card
SELECT i.flag, i.activity_kpi, i.outcome_kpi FROM imbalance((SELECT scorecard_agg('R', 'a' || i, 'activity', 100, '>= 100', 1, NULL, ARRAY['a' || i + 1]) FROM generate_series(1, 500) AS i)
    || scorecard('R', 'a501', 'outcome', 10, '>= 100')) AS i;
-- nothing leads, or an outcome does
SELECT t, i.flag, i.reason FROM unnest(ARRAY[NULL, 'lagging', 'leading']) AS t, imbalance(scorecard('R', 'o', 'outcome', 95, '>= 100', timing => t)) AS i;
SELECT i.flag, i.reason FROM imbalance(scorecard('R', 'o', 'outcome', 85, '>= 100', timing => 'leading')) AS i;

-- The status of a card: never green by effort alone.
SELECT n, round(score(c)::numeric, 3) AS score, status(c), status_reason(c), card_status(c, use_imbalance => false) AS without_flag, (imbalance(c)).flag
FROM (VALUES
    (1, linked(100, 100, 100, 100, NULL)),
    (2, scorecard('R', 'a', 'activity', 100, '>= 100')),
    (3, linked(120, 120, 89, 120, '{o1}')),
    (4, linked(120, 120, 90, 120, '{o1}')),
    (5, linked(120, 120, 120, 120, NULL) || scorecard('R', 'o1', 'outcome', 89.5, '>= 100 threshold 89') || scorecard('R', 'a1', 'activity', 120, '>= 100', drives => '{o1}')),
    (6, linked(60, 60, 60, 100, NULL)),
    (7, linked(NULL, NULL, NULL, NULL, NULL)),
    (8, scorecard('R', 'a', 'activity', 95, '>= 100')),
    (9, linked(120, 120, 120, 120, NULL) || scorecard('R', 'o4', 'outcome', 1, '>= 100', 0)),
    (10, '[]')
) AS v (n, c) ORDER BY n;
SELECT status_reason(scorecard_agg('R', 'o' || i, 'outcome', CASE WHEN i <= 5 THEN 80 ELSE 120 END, '>= 100', 1)) FROM generate_series(1, 30) AS i;
SELECT status(c), card_status(c, 0.5) AS at_limit, card_status(c, 0.51) AS below, status_reason(c, 0.51), card_status(NULL) FROM (VALUES (linked(100, NULL, 100, NULL, NULL))) AS v (c);
SELECT card_status('[]', 2);
DROP FUNCTION linked;
