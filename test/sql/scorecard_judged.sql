-- Entries with timing, links, and what they were judged to be.
\set VERBOSITY terse
SET search_path = public, kra, kra_internal;

CREATE TEMP TABLE entries (n int, c scorecard);
INSERT INTO entries VALUES
    (1, scorecard('R', 'k', 'outcome', 1, '>= 1')),
    (2, scorecard('R', 'k', 'outcome', 1, '>= 1', timing => 'leading')),
    (3, scorecard('R', 'k', 'outcome', 1, '>= 1', timing => 'lagging')),
    (4, scorecard('R', 'k', 'activity', 1, '>= 1', 2, drives => '{b,"a \"x\"",b}')),
    (5, scorecard('R', 'k', 'outcome', 8, '>= 400', attainment => 1.01, status => 'on_track')),
    (6, scorecard('R', 'k', 'outcome', 0, '= 0', status => 'off_track')),
    (7, scorecard('R', 'k', 'outcome', 0, '= 0', status => 'exceeded')),
    (8, scorecard('R', 'k', 'outcome', 95, NULL, attainment => 0.95)),
    (9, scorecard('R', 'k', 'outcome', 95, '>= 100', status => 'no_data')),
    (10, scorecard('R', 'k', 'outcome', 95, '>= 100', coverage => 0.25)),
    (11, scorecard('R', 'k', 'outcome', NULL, '>= 100', coverage => 0.25)),
    (12, scorecard('R', 'k', 'outcome', 95, '>= 100', 4, 'leading', '{x,y}', 0.5, 'at_risk', 0));

-- Text is canonical, and lossless in each form.
SELECT n, c FROM entries ORDER BY n;
SELECT count(*) FILTER (WHERE c::text::scorecard = c) AS text, count(*) FILTER (WHERE c::jsonb::scorecard = c) AS jsonb FROM entries;
CREATE TEMP TABLE copied (n int, c scorecard);
\copy entries TO 'results/kra_entries.bin' (FORMAT binary)
\copy copied FROM 'results/kra_entries.bin' (FORMAT binary)
SELECT count(*) FILTER (WHERE a.c = b.c AND a.c::text = b.c::text) AS binary FROM entries a JOIN copied b USING (n);
-- and in the binary form of version 1, as it was before entries had all this; of a version that is not known, none
CREATE FUNCTION pg_temp.from_binary(payload bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    stream bytea := '\x5047434f50590aff0d0a00'::bytea || int4send(0) || int4send(0) || int2send(2::int2) || int4send(4) || int4send(0)
        || int4send(length(payload)) || payload || int2send((-1)::int2);
    octal text;
    result text;
BEGIN
    SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO octal
    FROM (SELECT i, get_byte(stream, i) AS b FROM generate_series(0, length(stream) - 1) i) s;
    DELETE FROM copied WHERE n = 0;
    EXECUTE format('COPY copied FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
    SELECT c INTO result FROM copied WHERE n = 0;
    RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT v, pg_temp.from_binary(set_byte('\x00', 0, v) || int4send(1) || int4send(1) || 'R' || int4send(1) || 'k' || '\x0003'::bytea
    || float8send(1) || float8send(35) || float8send(0) || float8send(1) || int4send(1) || int4send(1) || float8send(0) || int4send(5) || '>= 40') FROM generate_series(1, 3) AS v;
SELECT count(DISTINCT c) AS unlike, count(DISTINCT scorecard_hash_extended(c, 7)) AS hashes,
       bool_and(c <= c AND c >= c AND NOT c < c) AS ordered FROM entries;
SELECT count(*) AS pairs, count(*) FILTER (WHERE (a.c < b.c)::int + (a.c = b.c)::int + (a.c > b.c)::int <> 1) AS unordered FROM entries a, entries b;
-- what stands as NULL, or as the default, is left out; an attainment alone has the status of a score
SELECT '[{"kra": "R", "kpi": "k", "kind": "outcome", "weight": 1, "target": null, "actual": null, "timing": null, "drives": [], "attainment": null, "status": null, "coverage": 1}]'::scorecard;
SELECT a, (scorecard('R', 'k', 'outcome', NULL, NULL, attainment => a) -> 'k').status FROM unnest('{1,0.9999,0.9,0.8999,-3}'::float8[]) AS a;

-- What is refused, in text and by the constructor.
CREATE FUNCTION pg_temp.refusal(changes jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM jsonb_build_array('{"kra": "R", "kpi": "k", "kind": "outcome", "weight": 1, "target": ">= 1", "actual": 1}'::jsonb || changes)::text::kra.scorecard;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT changes, pg_temp.refusal(changes::jsonb) FROM (VALUES
    ('{"timing": "soon"}'), ('{"timing": "leadinG"}'), ('{"timing": 1}'),
    ('{"drives": "a"}'), ('{"drives": {}}'), ('{"drives": [1]}'), ('{"drives": [null]}'), ('{"drives": [["a"]]}'), ('{"drives": [" "]}'), ('{"drives": ["a", "a"]}'),
    ('{"attainment": "1"}'), ('{"attainment": 1e400}'), ('{"attainment": 0.5, "status": "no_data"}'), ('{"attainment": 0.5, "status": "no_target"}'),
    ('{"status": "green"}'), ('{"status": 1}'), ('{"status": "no_target"}'),
    ('{"coverage": 1.0001}'), ('{"coverage": -0.0001}'), ('{"coverage": 0}'), ('{"coverage": 0.5, "members": 2, "basis_members": 1, "basis_weight": 0.5}'),
    ('{"attainment": 0.5, "target": "= 1", "members": 2, "basis_members": 2, "basis_weight": 1}'),
    ('{"attainment": 0.5, "target": "= 1", "members": 2, "basis_members": 2, "basis_weight": 1, "distance": -1}')
) AS v (changes);
SELECT pg_temp.refusal(jsonb_build_object('drives', (SELECT jsonb_agg(i::text) FROM generate_series(1, n) AS i))) FROM unnest('{60,61}'::int[]) AS n;
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', timing => 'soon');
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', drives => '{a,NULL}');
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', drives => ARRAY(SELECT i::text FROM generate_series(1, 61) AS i));
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', attainment => 'NaN');
SELECT scorecard('R', 'k', 'outcome', 1, '>= 1', coverage => 'NaN');
SELECT num_kpis(scorecard_agg('R', i::text, 'activity', 1, '>= 1', 1, NULL, d)) FROM generate_series(1, 1000) AS i, (SELECT array_agg(j::text) AS d FROM generate_series(1, 50) AS j) AS x;
SELECT num_kpis(scorecard_agg('R', i::text, 'activity', 1, '>= 1', 1, NULL, d)) FROM generate_series(1, 1001) AS i, (SELECT array_agg(j::text) AS d FROM generate_series(1, 50) AS j) AS x;

-- The largest card is read back.
SELECT c::text::scorecard = c AS same FROM (
    SELECT scorecard_agg('R', i::text, 'activity', 0.1, '>= 1 from 0 threshold 0.5 stretch 2 within 3 since 2026-01-01 by 2026-12-31', 0.3, 'leading', d, 0.123456789012345, 'off_track', 0.7) AS c
    FROM generate_series(1, 10000) AS i, (SELECT '{1,2,3,4,5}'::text[] AS d) AS x) AS s;

-- The aggregates build what the constructor does; partial states are put together.
SELECT scorecard_agg('R', 'k' || n, 'outcome', n, '>= 1', 1, CASE n WHEN 1 THEN 'leading' END, CASE n WHEN 2 THEN '{k1}'::text[] END)
    = scorecard_agg('R', 'k' || n, 'outcome', n, '>= 1', 1, CASE n WHEN 1 THEN 'leading' END, CASE n WHEN 2 THEN '{k1}'::text[] END, NULL, NULL, NULL) AS same,
    scorecard_agg('R', 'k' || n, 'outcome', n, '>= 1', 1, NULL, NULL) = scorecard_agg('R', 'k' || n, 'outcome', n, '>= 1', 1) AS as_without
FROM generate_series(1, 2) AS n;
SELECT scorecard_combine(a.c, replace(b.c::text, '"kpi": "k"', '"kpi": "l"')::scorecard) = a.c || replace(b.c::text, '"kpi": "k"', '"kpi": "l"')::scorecard AS combined
FROM entries a, entries b WHERE a.n = 4 AND b.n = 12;

-- Read: as judged, with its share of the weight.
SELECT n, e.attainment, e.met, e.status, e.reason, e.coverage, e.timing, e.drives FROM entries, entries(c) AS e ORDER BY n;
SELECT n, score(c), coverage(c), status(c) FROM entries ORDER BY n;
-- An entry with a verdict scores with its whole weight, so that no score rises since a bad one lacks data:
-- (4 * 1.2 + 1 * 0.5) / 5; in the coverage with the part that has data: (0.25 * 4 + 1) / 5. No scale counts 1
-- if met, else 0.
SELECT score(c), coverage(c), score(c, min_coverage => 0.41) AS too_little FROM (
    VALUES (scorecard('R', 'a', 'outcome', 1, NULL, 4, attainment => 3, coverage => 0.25) || scorecard('R', 'b', 'outcome', 1, NULL, 1, attainment => 0.5))) AS v (c);
-- the status is that of the score, whatever the coverage of the kinds is
SELECT score(c), status(c), score(c, 'outcome'), score(c, 'activity') FROM (
    VALUES (scorecard('R', 'a', 'outcome', 1, '>= 1', coverage => 0.9) || scorecard('R', 'b', 'activity', 0.78, '>= 1', coverage => 0.3))) AS v (c);
SELECT balance(scorecard('R', 'a', 'activity', 1, '>= 2', attainment => -1e308, status => 'at_risk', coverage => 0.25));   -- of the greatest numbers, too
SELECT score(scorecard('R', 'a', 'outcome', 1, NULL, status => 'on_track') || scorecard('R', 'b', 'outcome', 1, NULL, 3, status => 'at_risk'));
SELECT (c -> 'k').coverage, (c -> 'none') IS NULL AS none FROM entries WHERE n = 12;
-- || puts all of an entry in place of another
SELECT a.c || b.c = b.c AS replaced FROM entries a, entries b WHERE a.n = 12 AND b.n = 4;
SELECT d.* FROM entries a, entries b, diff(a.c, b.c) AS d WHERE a.n = 1 AND b.n = 12;
SELECT d.* FROM entries a, entries b, diff(a.c, b.c) AS d WHERE a.n = 12 AND b.n = 4;

-- Rolled up: links are joined, weights with data are added, and of what one card judged attainments are averaged.
SELECT what, rollup(c) FROM (VALUES
    ('links', scorecard('R', 'k', 'activity', 1, '>= 1', 1, 'lagging', '{a,b}')), ('links', scorecard('R', 'k', 'activity', 1, '>= 1', 1, 'leading', '{b,c}')), ('links', scorecard('R', 'k', 'activity', 1, '>= 1')),
    ('coverage', scorecard('R', 'k', 'outcome', 10, '>= 10', 4, coverage => 0.25)), ('coverage', scorecard('R', 'k', 'outcome', 5, '>= 10', 1)),
    ('judged', scorecard('R', 'k', 'outcome', 10, '= 10', 1, attainment => 0.8, status => 'at_risk')), ('judged', scorecard('R', 'k', 'outcome', 12, '= 10 within 10', 3)),
    ('no data', scorecard('R', 'k', 'outcome', 10, '>= 10', 1, status => 'no_data')), ('no data', scorecard('R', 'k', 'outcome', NULL, '>= 10', 1)),
    ('no verdict', scorecard('R', 'k', 'outcome', 10, '>= 10', 1, status => 'no_data')), ('no verdict', scorecard('R', 'k', 'outcome', 10, '>= 10', 1, status => 'no_target')),
    ('one judged', scorecard('R', 'k', 'outcome', 10, '>= 10', 1, attainment => 0.5)), ('one judged', scorecard('R', 'k', 'outcome', NULL, '>= 10', 1))
) AS v (what, c) GROUP BY what ORDER BY what;
-- in any order and grouping, of cards that are all judged
SELECT count(DISTINCT round(score(c)::numeric, 12)) AS scores, count(DISTINCT (c -> 'k').drives) AS drives FROM (
    SELECT g, rollup(c ORDER BY (i * g) % 7) AS c
    FROM generate_series(1, 6) AS g, (SELECT i, scorecard('R', 'k', 'activity', i, '>= 10', i, NULL, ARRAY['d' || i % 3], 0.1 * i, CASE WHEN i > 4 THEN 'on_track' ELSE 'off_track' END::kpi_status, 0.5 + 0.1 * (i % 3)) AS c FROM generate_series(1, 6) AS i) AS s GROUP BY g
) AS r;
SELECT round(score(rollup(p))::numeric, 12) AS in_parts FROM (
    SELECT rollup(scorecard('R', 'k', 'activity', i, '>= 10', i, NULL, ARRAY['d' || i % 3], 0.1 * i, CASE WHEN i > 4 THEN 'on_track' ELSE 'off_track' END::kpi_status, 0.5 + 0.1 * (i % 3))) AS p
    FROM generate_series(1, 6) AS i GROUP BY i % 2) AS s;
SELECT sum(0.1 * i * i * (0.5 + 0.1 * (i % 3))) / sum(i * (0.5 + 0.1 * (i % 3))) AS by_hand FROM generate_series(1, 6) AS i;
