-- balance_agg: outcome and activity side by side, and their imbalance.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;

CREATE TEMP TABLE results (g int, kind kpi_kind, actual float8, target kpi_target, weight float8);
INSERT INTO results VALUES
    (1, 'outcome', 50, '>= 100', 2), (2, 'outcome', NULL, '>= 100', 1), (3, 'activity', 100, '>= 100', 1),
    (4, 'activity', 112.5, '>= 100 stretch 110', 4), (5, 'activity', 7, NULL, 1);

-- what it holds
SELECT balance_agg(kind, actual, target, weight) FROM results;
SELECT attainment_of(s, 'outcome')::text = o::text AS outcome, attainment_of(s, 'activity')::text = a::text AS activity, total(s)::text = t::text AS total
FROM (SELECT balance_agg(kind, actual, target, weight) s, attainment_agg(actual, target, weight) t,
        attainment_agg(actual, target, weight) FILTER (WHERE kind = 'outcome') o,
        attainment_agg(actual, target, weight) FILTER (WHERE kind = 'activity') a FROM results) x;
SELECT attainment_of(s, 'outcome')::text = o::text AS outcome, attainment_of(s, 'activity')::text = a::text AS activity, total(s)::text = t::text AS total
FROM (SELECT balance_agg(kind, actual, target) s, attainment_agg(actual, target) t,
        attainment_agg(actual, target) FILTER (WHERE kind = 'outcome') o,
        attainment_agg(actual, target) FILTER (WHERE kind = 'activity') a FROM results) x;
SELECT flag, round(activity_share::numeric, 9) AS activity_share, outcome_attainment, round(activity_attainment::numeric, 9) AS activity_attainment, round(gap::numeric, 9) AS gap,
    outcome_count, activity_count, round(coverage::numeric, 9) AS coverage
FROM (SELECT balance_agg(kind, actual, target, weight) s FROM results) x, imbalance(s);

-- empty, all filtered out, one row, one side, NULLs in each argument
SELECT balance_agg(kind, actual, target) IS NULL AS none, balance_agg(kind, actual, target, weight) IS NULL AS none_weighted FROM results WHERE false;
SELECT balance_agg(kind, actual, target) FILTER (WHERE g > 99) IS NULL AS filtered FROM results;
SELECT imbalance(NULL::kpi_balance) IS NULL AS imbalance, total(NULL::kpi_balance) IS NULL AS total, attainment_of(NULL::kpi_balance, 'outcome') IS NULL AS side;
SELECT balance_agg(kind, actual, target, weight) FROM results WHERE g = 3;
SELECT attainment_of(s, 'outcome') IS NULL AS no_outcome, attainment_of(s, 'activity') IS NULL AS no_activity
FROM (SELECT balance_agg(kind, actual, target) s FROM results GROUP BY kind ORDER BY kind) x;
SELECT attainment_of(balance_agg(kind, actual, target), NULL) IS NULL AS null_kind FROM results;
SELECT attainment_of(balance_agg(kind, actual, target), 'effort') FROM results;
SELECT balance_agg(NULL, actual, target) FROM results;
SELECT balance_agg(NULL, actual, target, weight) FROM results;
SELECT num_kpis(total(balance_agg(kind, NULL, target))), coverage(total(balance_agg(kind, NULL, target))) FROM results;
SELECT num_kpis(total(balance_agg(kind, actual, NULL))), coverage(total(balance_agg(kind, actual, NULL))) FROM results;
SELECT rollup(s) IS NULL AS rollup_of_none FROM (SELECT NULL::kpi_balance s) x;

-- refused
SELECT balance_agg(kind, 'NaN', target) FROM results;
SELECT balance_agg(kind, 'Infinity', target, weight) FROM results;
SELECT balance_agg(kind, '-Infinity', target, weight) FROM results;
SELECT balance_agg(kind, actual, target, NULL) FROM results;
SELECT balance_agg(kind, actual, target, -1) FROM results;
SELECT balance_agg(kind, actual, target, 'Infinity') FROM results;
SELECT balance_agg(kind, actual, target, 'NaN') FROM results;
SELECT balance_agg(kind, actual, target, 1.7e308) FROM results;

-- the flags, at both sides of each limit; o and a are attainments, w their weights
CREATE FUNCTION pg_temp.balance(o float8, a float8, ow float8 DEFAULT 1, aw float8 DEFAULT 1) RETURNS kpi_balance LANGUAGE sql
    RETURN (SELECT balance_agg(k, v, '>= 1', w) FROM (VALUES ('outcome'::kpi_kind, o, ow), ('activity', a, aw)) x(k, v, w));
SELECT n, o, a, ow, aw, flag, round(activity_share::numeric, 6) AS share, round(gap::numeric, 6) AS gap
FROM (VALUES (1, 0.8, 0.9, 1, 1), (2, 0.81, 0.9, 1, 1), (3, 0.7, 0.89, 1, 1), (4, 0.9, 1, 1, 1), (5, 0.899, 1, 1, 1), (6, 0.89, 1.2, 1, 1), (7, 0.8999999999999999, 1.2, 1, 1),
    (8, 0.5, 1, 3, 1), (9, 0.95, 0.95, 1, 1.01), (10, 0.95, 0.95, 1, 1), (11, 0.95, 0.95, 1, 1.0000000000001), (12, 0.8, 1, 1, 9), (13, 1, 0.89, 1, 2),
    (14, 1, 0.89, 1, 1), (15, 1, 0.9, 1, 1), (16, 0.999, 0.89, 1, 1), (17, 1.2, 0, 1, 1), (18, 1, 1, 1, 1), (19, 3, 5, 1, 1),
    (20, -4, 2, 1, 1), (21, NULL, 1, 1, 1), (22, 1, NULL, 1, 1), (23, NULL, NULL, 1, 1), (24, 0.2, 1, 0, 1), (25, 0.2, 1, 1, 0), (26, 1, 1, 0, 0),
    (27, 0.99, 0.89, 1, 1), (28, 0.989, 0.89, 1, 1), (29, 0.899, 0.899, 1, 1), (30, 0.899, 0.9, 1, 1), (31, 0.9, 0.899, 1, 1), (32, 0.9, 0.8, 1, 1), (33, 0.899, 0.7, 1, 1), (34, 0.5, 0.6, 1, 3)) v(n, o, a, ow, aw),
    imbalance(pg_temp.balance(o, a, ow, aw)) ORDER BY n;

-- one side only
SELECT kind, v, flag, activity_share, outcome_attainment, activity_attainment, gap, outcome_count, activity_count, coverage
FROM (SELECT kind, v, balance_agg(kind, v, '>= 1') s
    FROM (VALUES ('outcome'::kpi_kind, 0.5::float8), ('outcome', NULL), ('activity', 0.5), ('activity', NULL)) x(kind, v) GROUP BY 1, 2) b, imbalance(s)
ORDER BY kind, v;

-- the reasons, as people read them
SELECT flag, reason FROM (VALUES (pg_temp.balance(0.5, 1)), (pg_temp.balance(0.9, 1, 1, 3)), (pg_temp.balance(1, 0.4)), (pg_temp.balance(0.95, 1)),
    (pg_temp.balance(NULL, 1)), (pg_temp.balance(NULL, NULL)),
    ((SELECT balance_agg('outcome', 1, '>= 1') FROM generate_series(1, 2))), ((SELECT balance_agg('activity', 1, '>= 1'))),
    (pg_temp.balance(0.8999, 1))) v(s), imbalance(s);

-- the limits are arguments
SELECT (imbalance(s)).flag, (imbalance(s, busy_min => 0.8)).flag AS busy_min, (imbalance(s, busy_min => 0.8, gap_min => 0.2)).flag AS gap_min,
    (imbalance(s, busy_min => 0.8, moving_min => 0.7)).flag AS moving_min
FROM (SELECT pg_temp.balance(0.7, 0.85) s) x;
SELECT (imbalance(s)).flag, (imbalance(s, activity_share_max => 0.4)).flag AS share, (imbalance(s, result_min => 0.96)).flag AS result_min,
    (imbalance(s, gap_min => 0.12)).flag AS gap_min
FROM (SELECT pg_temp.balance(0.95, 0.84) s) x;

-- with their timing: without an activity, a leading outcome is something to steer by
SELECT t, flag, reason, s::text LIKE '%"leading": true%' AS is_said, s::text::kpi_balance = s AS same_text, s::jsonb::kpi_balance = s AS same_jsonb
FROM (SELECT t, balance_agg('outcome', 1, '>= 1', 1, u) s FROM (VALUES (1, NULL), (2, 'lagging'), (3, 'leading'), (4, 'lagging'), (4, 'leading')) v(t, u) GROUP BY t) b, imbalance(s) ORDER BY t;
SELECT (imbalance(rollup(s))).flag, (imbalance(balance_agg('activity', 1, '>= 1', 1, 'leading'))).flag AS activity_alone, attainment_of(rollup(s), 'outcome')::text LIKE '%leading%' AS side_knows
FROM (SELECT balance_agg('outcome', 1, '>= 1', 1, u) s FROM unnest('{leading,lagging}'::text[]) u GROUP BY u) x;
SELECT a = b AS equal, kpi_balance_hash(a) = kpi_balance_hash(b) AS same_hash, imbalance(b) = imbalance(balance(c)) AS as_of_the_card
FROM (SELECT balance_agg('outcome', 1, '>= 1', 1, 'lagging') a, balance_agg('outcome', 1, '>= 1', 1, 'leading') b, scorecard('r', 'k', 'outcome', 1, '>= 1', 1, 'leading') c) x;
SELECT balance_agg('outcome', 1, '>= 1', 1, 'soon');
SELECT imbalance(pg_temp.balance(1, 1), busy_min => NULL);
SELECT imbalance(pg_temp.balance(1, 1), moving_min => 'NaN');
SELECT imbalance(pg_temp.balance(1, 1), gap_min => -0.1);
SELECT imbalance(pg_temp.balance(1, 1), activity_share_max => 'Infinity');
SELECT imbalance(pg_temp.balance(1, 1), result_min => -1);

-- text and jsonb: exact round trips
CREATE TEMP TABLE kept AS
SELECT k, balance_agg(kind, a, t, w) s FROM (VALUES
    (1, 'outcome'::kpi_kind, 0.1::float8, '>= 0.3'::kpi_target, 0.1::float8), (1, 'activity', 0.7, '<= 0.1', 1e-17), (1, 'activity', 3, '= 7', 1 / 3.0),
    (2, 'outcome', 5e-324, '>= 1', 5e-324), (3, 'activity', NULL, NULL, 0), (4, 'activity', 0, '>= 0', 4.35)) v(k, kind, a, t, w)
GROUP BY k;
SELECT k, s::text::kpi_balance::text = s::text AS text, s::jsonb::kpi_balance::text = s::text AS jsonb,
    s::text::jsonb = s::jsonb AS same, kpi_balance_send(s::text::kpi_balance) = kpi_balance_send(s) AS bytes
FROM kept ORDER BY k;

-- malformed
SELECT '{}'::kpi_balance;
SELECT ''::kpi_balance;
SELECT '[]'::kpi_balance;
SELECT jsonb '1'::kpi_balance;
SELECT (s::jsonb - 'activity')::kpi_balance FROM kept WHERE k = 1;
SELECT (s::jsonb || '{"effort": 1}')::kpi_balance FROM kept WHERE k = 1;
SELECT (s::jsonb || '{"outcome": null}')::kpi_balance FROM kept WHERE k = 1;
SELECT (s::jsonb || '{"outcome": []}')::kpi_balance FROM kept WHERE k = 1;
SELECT (s::jsonb || '{"outcome": {}}')::kpi_balance FROM kept WHERE k = 1;
SELECT jsonb_set(s::jsonb, '{activity,on_track}', '-1')::kpi_balance FROM kept WHERE k = 1;
SELECT jsonb_set(s::jsonb, '{activity,green}', '1')::kpi_balance FROM kept WHERE k = 1;
SELECT jsonb_set(s::jsonb, '{outcome,observed}', '5')::kpi_balance FROM kept WHERE k = 1;

-- the transition function on its own
SELECT balance_accum(NULL::kpi_balance, 'outcome', 1, '>= 1');
SELECT balance_accum(s, NULL, 1, '>= 1') FROM kept WHERE k = 1;
SELECT balance_combine(NULL, s) IS NULL AS strict FROM kept WHERE k = 1;
