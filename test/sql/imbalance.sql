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
    (100, 89.999, 1, 1), (100, 90, 1, 1), (99.999, 80, 1, 1), (120, 0, 1, 1),
    (0, 0, 1, 1), (20, 20, 1, 3),
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
SELECT i.reason FROM (VALUES (40.0, 120.0), (89.99, 99.99), (95, 95), (110, 60)) AS v (o, a), imbalance(pair(o, a)) AS i;
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
       (imbalance(pair(95, 80), result_min => 0.95)).flag AS result;
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
