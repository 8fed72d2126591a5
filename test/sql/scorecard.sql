-- The type scorecard, its aggregate, and what is read off a card.
\set VERBOSITY terse
SET search_path = public, kra, kra_internal;
SET timezone = 'UTC';

-- Text: canonical, whatever the order, the spacing and the form of the target.
SELECT '[]'::scorecard;
SELECT '[{"kpi":"b","kra":"Z","kind":"outcome","weight":2,"target":{"direction":"at_least","target":40,"baseline":30},"actual":35},
         {"kra": "A", "kpi": "c \"quoted\" \\ \t", "kind": "activity", "weight": 1, "target": null, "actual": null},
         {"kra": "A", "kpi": "a", "kind": "outcome", "weight": 0.1, "actual": -0.0, "target": "[45,55]   within 10"}]'::scorecard AS card \gset
SELECT :'card'::scorecard;
SELECT :'card'::scorecard::text::scorecard = :'card' AS text_is_lossless, :'card'::scorecard::jsonb::scorecard = :'card' AS json_is_lossless;
SET extra_float_digits = -10;
SELECT '[{"kra": "a", "kpi": "b", "kind": "outcome", "weight": 0.1, "target": ">= 0.30000000000000004", "actual": 1e-300}]'::scorecard;
RESET extra_float_digits;

-- What is refused, in text and in jsonb alike.
CREATE FUNCTION refusal(input text) RETURNS TABLE (text_says text, jsonb_says text) LANGUAGE plpgsql AS $$
BEGIN
    text_says := 'accepted';
    BEGIN PERFORM input::kra.scorecard; EXCEPTION WHEN OTHERS THEN text_says := sqlstate || ' ' || sqlerrm; END;
    jsonb_says := 'accepted';
    BEGIN PERFORM input::jsonb::kra.scorecard; EXCEPTION WHEN OTHERS THEN jsonb_says := sqlstate || ' ' || sqlerrm; END;
    IF jsonb_says = text_says THEN jsonb_says := 'the same'; END IF;
    RETURN NEXT;
END $$;
CREATE FUNCTION with_entry(changes text) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_array('{"kra": "R", "kpi": "k", "kind": "outcome", "weight": 1, "target": ">= 1", "actual": 1}'::jsonb || changes::jsonb)::text
$$;
SELECT input, r.* FROM (VALUES ('{}'), ('1'), ('"x"'), ('null'), ('[1]'), ('[null]'), ('[[]]'), ('[{}]')) AS i (input), refusal(input) AS r;
SELECT changes, left(r.text_says, 110) AS text_says, r.jsonb_says FROM (VALUES
    ('{}'),
    ('{"kra": ""}'), ('{"kpi": "  "}'), ('{"kpi": null}'), ('{"kpi": 5}'),
    ('{"kind": "result"}'), ('{"kind": null}'),
    ('{"weight": null}'), ('{"weight": -1}'), ('{"weight": "1"}'), ('{"weight": 1e400}'),
    ('{"actual": "NaN"}'), ('{"actual": 1e999}'),
    ('{"target": ">= 1 from 2"}'), ('{"target": 5}'), ('{"target": {}}'), ('{"target": {"direction": "inside", "lower": 2, "upper": 1}}'),
    ('{"aktual": 1}'),
    ('{"members": 2}'), ('{"members": 2, "basis_members": 3, "basis_weight": 1}'),
    ('{"members": 2, "basis_members": 1, "basis_weight": 2}'), ('{"members": 1.5, "basis_members": 1, "basis_weight": 1}'),
    ('{"members": 2, "basis_members": 1, "basis_weight": 0.5}'),
    ('{"distance": 0}'), ('{"target": "= 1", "distance": 0}'),
    ('{"target": "= 1", "members": 2, "basis_members": 2, "basis_weight": 1}'),
    ('{"target": "= 1", "members": 2, "basis_members": 2, "basis_weight": 1, "distance": 0.1}'),
    ('{"target": "= 1", "members": 2, "basis_members": 2, "basis_weight": 1, "distance": -0.1}'),
    ('{"target": "= 1", "actual": null, "members": 2, "basis_members": 2, "basis_weight": 1, "distance": -0.1}')
) AS i (changes), refusal(with_entry(changes)) AS r;
SELECT r.* FROM refusal('[') AS r;
SELECT r.* FROM refusal('[{"kra": "a", "kpi": "k", "kind": "outcome", "weight": 1}, {"kra": "b", "kpi": "k", "kind": "outcome", "weight": 1}]') AS r;
SELECT length(with_entry(jsonb_build_object('kpi', repeat('x', 1000))::text)::scorecard::text) > 1000 AS longest_name;
SELECT r.* FROM refusal(with_entry(jsonb_build_object('kpi', repeat('x', 1001))::text)) AS r;
SELECT r.* FROM refusal(with_entry(jsonb_build_object('kpi', repeat('x', 70000))::text)) AS r;
SELECT num_kpis(scorecard_agg('r', i::text, 'outcome', i, '>= 1', 1)) FROM generate_series(1, 10000) AS i;
SELECT scorecard_agg('r', i::text, 'outcome', i, '>= 1', 1) FROM generate_series(1, 10001) AS i;

-- The constructor and the aggregate refuse the same.
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1'), scorecard('R', 'k', 'outcome', NULL, NULL, 0);
SELECT scorecard(NULL, 'k', 'outcome', 1, '>= 1');
SELECT scorecard('R', NULL, 'outcome', 1, '>= 1');
SELECT scorecard('R', 'k', NULL, 1, '>= 1');
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', NULL);
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', -1);
SELECT scorecard('R', 'k', 'outcome', 'NaN', '>= 1');
SELECT scorecard('R', 'k', 'outcome', '-Infinity', '>= 1');
SELECT scorecard_agg('R', 'k', 'outcome', 1, '>= 1', NULL);
SELECT scorecard_agg('R', NULL, 'outcome', 1, '>= 1', 1);
SELECT scorecard_agg('R', 'k', 'outcome', i, '>= 1', 1) FROM generate_series(1, 2) AS i;
SELECT scorecard_agg('R', 'k', 'outcome', 1, '>= 1', 1) FILTER (WHERE false) IS NULL AS no_rows;

-- A card of every kind of entry: read it.
CREATE TABLE sales AS SELECT scorecard_agg(kra, kpi, kind::kpi_kind, actual, target::kpi_target, weight) AS card
FROM (VALUES
    ('Revenue',  'closed',  'outcome',   80.0, '>= 100 from 0 by 2026-12-31', 3.0),
    ('Revenue',  'margin',  'outcome',   NULL, '>= 30',                       1),
    ('Quality',  'defects', 'outcome',   0,    '<= 0',                        1),
    ('Quality',  'surveys', 'activity',  12,   NULL,                          1),
    ('Pipeline', 'calls',   'activity',  300,  '>= 100 stretch 150',          2)
) AS v (kra, kpi, kind, actual, target, weight);
SELECT e.* FROM sales, entries(card) AS e;
SELECT (card -> 'closed').attainment, (card -> 'closed').target, (card -> 'no such') IS NULL AS missing FROM sales;
-- closed 0.8 * 3, defects 1 * 1 (met, no scale), calls 3 capped to 1.2 (or 2) * 2
SELECT score(card), score(card, 'outcome') AS outcome, score(card, kind => 'activity') AS activity,
       score(card, cap => 2) AS cap_2, coverage(card), coverage(card, 'outcome') AS outcome_coverage,
       score(card, min_coverage => 0.75) AS enough, score(card, min_coverage => 0.751) AS too_little, status(card), num_kpis(card)
FROM sales;
SELECT score(card, cap => 0) FROM sales;
SELECT score(card, min_coverage => 1.5) FROM sales;
SELECT k.* FROM sales, kra_scores(card) AS k;
SELECT k.kra, k.score FROM sales, kra_scores(card, cap => 5) AS k;
-- The summary of the same rows says the same.
SELECT score(total(balance(card))) = score(card) AS same_score, coverage(total(balance(card))) = coverage(card) AS same_coverage FROM sales;
-- Status of a card: by its score, else the reason why there is none.
SELECT a, status(scorecard('r', 'k', 'outcome', a, '>= 100')) FROM unnest(ARRAY[120, 100, 99.9999, 90, 89.9999, 0, NULL]) AS a;
SELECT status(scorecard('r', 'k', 'outcome', 1, NULL)), status('[]'::scorecard), score('[]'::scorecard), coverage('[]'::scorecard), balance('[]'::scorecard);

-- Missing data never raises a score silently: the coverage falls with it.
SELECT round(score(c)::numeric, 3) AS score, coverage(c), score(c, min_coverage => 1) AS full_score
FROM (VALUES (scorecard('r', 'good', 'outcome', 100, '>= 100') || scorecard('r', 'bad', 'outcome', 10, '>= 100')),
             (scorecard('r', 'good', 'outcome', 100, '>= 100') || scorecard('r', 'bad', 'outcome', NULL, '>= 100'))) AS v (c);

-- || adds and replaces, - removes; the order of entries never matters.
SELECT a || b AS both, (a || b) || a = b || a AS replaced_back, a || '[]' = a AS neutral, (a || b) - 'x' - 'nothing' AS removed
FROM (VALUES (scorecard('r', 'x', 'outcome', 1, '>= 1'), scorecard('s', 'x', 'activity', 2, '>= 1') || scorecard('a', 'y', 'outcome', 3, NULL))) AS v (a, b);
SELECT count(*) AS one_card, sum(n) AS cards FROM (SELECT c, count(*) AS n FROM (
    SELECT scorecard_agg('K' || (i % 3), 'k' || i, 'outcome', i, '>= 1', 1 ORDER BY (i * g) % 11) AS c
    FROM generate_series(1, 10) AS g, generate_series(1, 10) AS i GROUP BY g) AS s GROUP BY c) AS t;
SELECT count(*) FROM (SELECT c FROM (VALUES (scorecard('r', 'x', 'outcome', 0, '>= 0')), (scorecard('r', 'x', 'outcome', '-0', '>= -0'))) AS v (c) GROUP BY c) AS s;
SELECT a = b AS eq, a <> b AS ne, scorecard_hash(a) = scorecard_hash(b) AS same_hash
FROM (VALUES (scorecard('r', 'x', 'outcome', 1, '>= 1', 1), scorecard('r', 'x', 'outcome', 1, '>= 1', 2))) AS v (a, b);
SELECT scorecard_hash_extended(card, 0)::bit(32) = scorecard_hash(card)::bit(32) AS hashes_agree FROM sales;

-- diff: every kind of change.
SELECT d.* FROM sales, diff(card, card) AS d;
SELECT d.* FROM sales, diff(card, (card - 'margin')
    || scorecard('Revenue', 'closed', 'outcome', 80, '>= 120 from 0 by 2026-12-31', 3)
    || scorecard('Quality', 'defects', 'outcome', NULL, '<= 0', 1)
    || scorecard('Pipeline', 'calls', 'outcome', 300, '>= 100 stretch 150', 4)
    || scorecard('Market', 'surveys', 'activity', 12, NULL, 1)
    || scorecard('Revenue', 'won', 'outcome', 5, '>= 4', 1)) AS d;
SELECT d.* FROM diff(NULL, '[]') AS d;

-- findings: each rule, at and beyond its limit.
CREATE FUNCTION card_of(kpis int, kras int, outcomes int) RETURNS scorecard LANGUAGE sql AS $$
    SELECT scorecard_agg('KRA ' || i % kras, 'kpi ' || lpad(i::text, 2, '0'), CASE WHEN i < outcomes THEN 'outcome' ELSE 'activity' END::kpi_kind,
                         1, '>= 1 from 0 by 2026-12-31', 1) FROM generate_series(0, kpis - 1) AS i
$$;
SELECT kpis, kras, outcomes, string_agg(f.rule || ' (' || f.severity || ')', ', ') AS findings
FROM (VALUES (5, 3, 3), (6, 3, 3), (9, 3, 5), (10, 4, 5), (5, 2, 3), (5, 5, 3), (6, 6, 3), (9, 3, 9), (5, 3, 0), (4, 3, 2), (5, 3, 2), (12, 3, 6)) AS v (kpis, kras, outcomes)
LEFT JOIN LATERAL card_findings(card_of(kpis, kras, outcomes)) AS f ON true
GROUP BY kpis, kras, outcomes ORDER BY kpis, kras, outcomes;
SELECT f.* FROM sales, card_findings(card) AS f;
SELECT f.rule, f.severity, f.message FROM card_findings(card_of(12, 3, 0) || scorecard('KRA 0', 'idle', 'activity', NULL, NULL, 0)) AS f;
SELECT f.rule, f.message FROM card_findings('[]'::scorecard) AS f;
SELECT f.rule FROM card_findings(NULL::scorecard) AS f;
SELECT f.rule FROM card_findings(card_of(8, 2, 4), max_kpis => 8, max_kpis_per_kra => 4, min_kras => 2) AS f;
SELECT f.rule, f.severity FROM card_findings(card_of(4, 4, 2), max_kpis => 3, serious_kpis => 4, max_kras => 3, activity_share_max => 0.4) AS f;
SELECT card_findings(card_of(1, 1, 1), max_kpis => -1);
SELECT card_findings(card_of(1, 1, 1), min_kras => NULL);

-- rollup: equal targets give the mean attainment, others a ratio of sums.
SELECT e.kpi, e.weight, e.target, e.actual, e.attainment, e.coverage, e.members
FROM entries((SELECT rollup(c) FROM (VALUES
    (scorecard('r', 'calls', 'activity', 50, '>= 40') || scorecard('r', 'own', 'outcome', 1, '>= 2')),
    (scorecard('r', 'calls', 'activity', 30, '>= 40', 3)), (NULL)) AS v (c))) AS e;
SELECT e.target, e.actual, e.attainment, (30 + 90) / (40 + 80.0) AS ratio_of_sums
FROM entries((SELECT rollup(c) FROM (VALUES (scorecard('r', 'x', 'outcome', 30, '>= 40')), (scorecard('r', 'x', 'outcome', 90, '>= 80'))) AS v (c))) AS e;
-- with scales of different kinds: sum of w (W + d) over sum of w W, whatever the parts are
SELECT what, e.target, e.actual, round(e.attainment::numeric, 10) AS attainment, round(expected::numeric, 10) AS expected
FROM (VALUES
    ('one baseline', 35, '>= 40 from 30', 1, 50, '>= 40', 1),
    ('both baselines', 35, '>= 40 from 30', 1, 60, '>= 50 from 30', 2),
    ('both within', 35, '>= 40 within 20', 1, 60, '>= 50 within 5', 2),
    ('lower is better', 5, '<= 4 from 9', 1, 3, '<= 2', 2),
    ('ranges', 57, '[45,55] within 10', 1, 20, '[30,50]', 1),
    ('exactly', 11, '= 10 from 8', 1, 9, '= 10 from 15', 1),
    ('signs', -1, '>= -2', 1, 3, '>= 2', 1)
) AS v (what, a1, t1, w1, a2, t2, w2),
LATERAL (SELECT rollup(c) AS c FROM (VALUES (scorecard('r', 'x', 'outcome', a1, t1::kpi_target, w1)), (scorecard('r', 'x', 'outcome', a2, t2::kpi_target, w2))) AS u (c)) AS r,
LATERAL (SELECT (w1 * wd1 * attainment(a1, t1::kpi_target) + w2 * wd2 * attainment(a2, t2::kpi_target)) / (w1 * wd1 + w2 * wd2) AS expected
         FROM (SELECT CASE what WHEN 'one baseline' THEN 10 WHEN 'both baselines' THEN 10 WHEN 'both within' THEN 20 WHEN 'lower is better' THEN 5 WHEN 'ranges' THEN 10 WHEN 'exactly' THEN 2 ELSE 2 END AS wd1,
                      CASE what WHEN 'one baseline' THEN 40 WHEN 'both baselines' THEN 20 WHEN 'both within' THEN 5 WHEN 'lower is better' THEN 2 WHEN 'ranges' THEN 10 WHEN 'exactly' THEN 5 ELSE 2 END AS wd2) AS w) AS x,
entries(r.c) AS e;
-- threshold, stretch and dates
SELECT (rollup(c) -> 'x').target FROM (VALUES
    (scorecard('r', 'x', 'outcome', 1, '>= 10 threshold 8 stretch 12 since 2026-01-01 by 2026-06-30')),
    (scorecard('r', 'x', 'outcome', 1, '>= 20 threshold 10 stretch 24 since 2026-03-01 by 2026-12-31'))) AS v (c);
SELECT (rollup(c) -> 'x').target FROM (VALUES
    (scorecard('r', 'x', 'outcome', 1, '<= 10 threshold 14 stretch 8 by 2026-06-30')), (scorecard('r', 'x', 'outcome', 1, '<= 20'))) AS v (c);
-- a member without data lowers the coverage and leaves the score to the others
SELECT score(c), coverage(c), (c -> 'x').target, (c -> 'x').members, f.message
FROM (SELECT rollup(c) AS c FROM (VALUES (scorecard('r', 'x', 'outcome', NULL, '>= 40')), (scorecard('r', 'x', 'outcome', 80, '>= 80', 3)), (scorecard('r', 'x', 'outcome', 5, NULL))) AS v (c)) AS s,
LATERAL card_findings(c) AS f WHERE f.rule = 'no_data';
-- without weight, members count alike
SELECT (rollup(c) -> 'x').actual FROM (VALUES (scorecard('r', 'x', 'outcome', 10, '>= 40', 0)), (scorecard('r', 'x', 'outcome', 20, '>= 40', 0)), (scorecard('r', 'x', 'outcome', 60, '>= 40', 0))) AS v (c);
SELECT rollup(c) FROM (VALUES (scorecard('r', 'x', 'outcome', 1, '>= 1')), (scorecard('r', 'x', 'activity', 1, '>= 1'))) AS v (c);
SELECT rollup(c) FROM (VALUES (scorecard('r', 'x', 'outcome', 1, '>= 1')), (scorecard('r', 'x', 'outcome', 1, '<= 1'))) AS v (c);
SELECT (rollup(c) -> 'x').kra FROM (VALUES (scorecard('s', 'x', 'outcome', 1, '>= 1')), (scorecard('r', 'x', 'outcome', 1, '>= 1'))) AS v (c);
SELECT rollup(card) = card AS of_one FROM sales GROUP BY card;
SELECT rollup(NULL::scorecard) IS NULL AS of_none;

-- Any order and any partition of the cards gives the same card, but for the last bits.
CREATE TABLE members AS
    SELECT g, scorecard_agg('K', 'k' || i, 'outcome',
                            CASE WHEN (g + i) % 5 > 0 THEN (g * 37 + i * 11) % 90 END,
                            CASE WHEN (g * i) % 7 > 0 THEN
                                CASE (g + i) % 4 WHEN 0 THEN at_least(50 + g % 9, baseline => 10)
                                                 WHEN 1 THEN at_least(40 + i, threshold => 30)
                                                 WHEN 2 THEN at_least(45, scale => 1 + g % 3) ELSE at_least(60 + i, 20, 40, 90) END END,
                            (g + i) % 3) AS c
    FROM generate_series(1, 60) AS g, generate_series(1, 6) AS i WHERE (g * 7 + i) % 4 > 0 GROUP BY g;
CREATE TABLE whole AS SELECT rollup(c) AS c FROM members;
SELECT p AS partitions,
       bool_and(a.kpi = b.kpi AND a.members = b.members AND abs(a.weight - b.weight) <= 1e-12 * b.weight
                AND abs(a.actual - b.actual) <= 1e-12 * abs(b.actual) AND abs(a.attainment - b.attainment) <= 1e-12 * abs(b.attainment)
                AND abs(a.coverage - b.coverage) <= 1e-12 AND a.status = b.status) AS same
FROM (VALUES (1), (2), (7), (59)) AS q (p),
LATERAL (SELECT rollup(part ORDER BY h DESC) AS c FROM (SELECT g * 31 % p AS h, rollup(c ORDER BY g * 17 % 23) AS part FROM members GROUP BY 1) AS s) AS r,
whole AS w, entries(r.c) WITH ORDINALITY AS a JOIN LATERAL entries(w.c) WITH ORDINALITY AS b USING (ordinality)
GROUP BY p ORDER BY p;

-- Large actuals of both signs cancel alike, however the cards are grouped.
SELECT p AS partitions, (c -> 'b').actual, (c -> 'b').status, score(c)
FROM (VALUES (1), (2), (3)) AS q (p),
LATERAL (SELECT rollup(part) AS c FROM (SELECT rollup(scorecard('a', 'b', 'outcome', v, '>= 0.1') ORDER BY i * 7 % 4) AS part
         FROM (VALUES (1, 1000000.1::float8), (2, -1000000.1), (3, 0.3)) AS m (i, v) GROUP BY i % p) AS s) AS r;
SELECT c::text::scorecard = c AS lossless, c::jsonb::scorecard = c AS lossless_json
FROM (SELECT rollup(scorecard('a', 'b', 'outcome', v, '>= 0.1')) AS c FROM unnest(ARRAY[0.1, 0.7, 1e10 / 3]::float8[]) AS v) AS s;
-- diff tells cards apart that differ in members alone.
SELECT d.* FROM (SELECT rollup(scorecard('a', 'b', 'outcome', 1, '>= 1')) AS c FROM generate_series(1, 2)) AS s, diff(scorecard('a', 'b', 'outcome', 1, '>= 1', 2), c) AS d;

-- Windows: running cards, and the same by self-join.
SELECT g, num_kpis(running) = num_kpis(direct) AND running = direct AS same, num_kpis(sliding)
FROM (SELECT g, scorecard_agg('r', 'k' || g, 'outcome', g, '>= 3', 1) OVER (ORDER BY g) AS running,
             scorecard_agg('r', 'k' || g, 'outcome', g, '>= 3', 1) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sliding,
             (SELECT scorecard_agg('r', 'k' || h, 'outcome', h, '>= 3', 1) FROM generate_series(1, g) AS h) AS direct
      FROM generate_series(1, 5) AS g) AS s;

-- Parallel and plain runs agree, entry for entry.
CREATE TABLE facts AS SELECT g, 'K' || i % 3 AS kra, 'k' || i AS kpi, CASE WHEN i % 2 = 0 THEN 'outcome' ELSE 'activity' END::kpi_kind AS kind,
    ((g * 31 + i) % 100)::float8 AS actual, at_least(50 + i) AS target, 1::float8 AS weight
    FROM generate_series(1, 3000) AS g, generate_series(1, 8) AS i;
ANALYZE facts;
CREATE TABLE plain AS SELECT g, scorecard_agg(kra, kpi, kind, actual, target, weight) AS c FROM facts GROUP BY g;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION uses(query text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF position(node IN line) > 0 THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END $$;
SELECT uses('SELECT g, scorecard_agg(kra, kpi, kind, actual, target, weight) FROM facts GROUP BY g', 'Partial') AS is_parallel;
SELECT count(*), count(*) FILTER (WHERE p.c = q.c) AS same
FROM plain AS p JOIN (SELECT g, scorecard_agg(kra, kpi, kind, actual, target, weight) AS c FROM facts GROUP BY g) AS q USING (g);
SELECT uses('SELECT rollup(c) FROM plain', 'Partial') AS is_parallel;
SELECT num_kpis(rollup(c)), max(num_kpis(c)) FROM plain;
RESET ALL;
SET search_path = public, kra, kra_internal;

-- A transition function called by hand leaves its argument alone, and gives a card in order.
SELECT card = (SELECT card FROM sales) AS unchanged, scorecard_accum(card, 'A', 'z', 'outcome', 1, NULL, 1) = card || scorecard('A', 'z', 'outcome', 1, NULL) AS in_order FROM sales;
SELECT scorecard_accum(NULL, 'A', 'z', 'outcome', 1, NULL, 1);
SELECT scorecard_combine(card, card) FROM sales;

-- A stored card, compressed and out of line, reads as any other.
CREATE TABLE big AS SELECT scorecard_agg(repeat('long name ', 20) || i % 10, repeat('k', 100) || i, 'outcome', i, '>= 50', 1) AS c FROM generate_series(1, 500) AS i;
SELECT num_kpis(c), score(c) = (SELECT score(attainment_agg(i, '>= 50')) FROM generate_series(1, 500) AS i) AS same_score, num_kpis(c || '[]') FROM big;
DROP TABLE sales, members, whole, facts, plain, big;
DROP FUNCTION refusal(text), with_entry, card_of, uses;
