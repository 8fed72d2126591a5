-- equality: every type has =, <> and hash, kpi_target, kpi_actual and scorecard an order too.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET search_path = kra, public;
\pset null '(null)'

-- the default operator classes of every type of fixed or variable length that people see
SELECT typname, string_agg(amname || ' ' || opcname, ', ' ORDER BY amname COLLATE "C") AS classes
FROM pg_type t LEFT JOIN pg_opclass ON opcintype = t.oid AND opcdefault LEFT JOIN pg_am a ON a.oid = opcmethod
WHERE typnamespace = 'kra'::regnamespace AND typtype = 'b' AND typelem = 0 GROUP BY typname ORDER BY typname COLLATE "C";
SELECT amname, opcname, opcnamespace::regnamespace FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod JOIN pg_type t ON t.oid = opcintype WHERE typnamespace = 'kra'::regnamespace AND typtype = 'b' AND CASE WHEN typnamespace = 'kra'::regnamespace THEN opcnamespace <> 'kra_internal'::regnamespace OR NOT amvalidate(c.oid) END;

-- Values of each type, many of them equal though they were built in two ways: of rows in one
-- order and the other, of parts that were merged, and read back from their text form.
CREATE TEMP TABLE x AS SELECT i, i % 4 AS team, (ARRAY[1, -1, 0, 0.1, 0.2, 3, 1e15])[1 + i * i % 7] AS a,
    date '2026-01-01' + i % 9 AS d, (ARRAY['>= 1', '<= 0.5', '= 2', '[0,1] within 2', NULL])[1 + i * 3 % 5]::kpi_target AS t FROM generate_series(1, 60) i;
CREATE TEMP TABLE pool (type regtype, v text);
CREATE FUNCTION pg_temp.fill(type regtype, agg text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace(format($q$
        INSERT INTO pool
        SELECT %1$L::regtype, AGG ORDER BY i)::text FROM x GROUP BY team UNION ALL
        SELECT %1$L::regtype, AGG ORDER BY i DESC)::text FROM x GROUP BY team UNION ALL
        SELECT %1$L::regtype, AGG)::text FROM x GROUP BY i %% 11, sign(a) UNION ALL
        SELECT %1$L::regtype, AGG)::text FROM x WHERE i %% 7 < 3 GROUP BY i UNION ALL
        SELECT %1$L::regtype, AGG)::text FROM x WHERE i %% 7 < 3 GROUP BY i, a, d$q$, type), 'AGG', agg);
    IF type <> 'xmr'::regtype THEN
        EXECUTE replace(format($q$INSERT INTO pool SELECT %1$L::regtype, rollup(s ORDER BY s::text)::text
            FROM (SELECT team, AGG) AS s FROM x GROUP BY team, i %% 3) p GROUP BY team$q$, type), 'AGG', agg);
    END IF;
END $$;
SELECT pg_temp.fill('kpi_actual', 'actual_agg(a, d'), pg_temp.fill('kpi_actual', 'actual_agg(a, NULL::date, i % 3');
SELECT pg_temp.fill('kpi_attainment', 'attainment_agg(a, t, team'), pg_temp.fill('kpi_balance', $$balance_agg(CASE i % 2 WHEN 0 THEN 'outcome' ELSE 'activity' END::kpi_kind, a, t, team$$);
SELECT pg_temp.fill('kpi_trend', 'trend_agg(d, a'), pg_temp.fill('kpi_trend', 'trend_agg(team, a');
SELECT pg_temp.fill('kpi_change', $$change_agg(a, d, date '2026-01-05', '>= 1'$$), pg_temp.fill('kpi_change', 'change_agg(a, (i % 5)::float8, 2');
SELECT pg_temp.fill('xmr', 'xmr_agg(a');
SELECT pg_temp.fill('scorecard', $$scorecard_agg('k' || i % 2, 'p' || i, CASE i % 2 WHEN 0 THEN 'outcome' ELSE 'activity' END::kpi_kind, a, t, team$$);
INSERT INTO pool SELECT 'scorecard', rollup(scorecard('k', 'p' || i % 2, 'outcome', a, t, i % 3))::text FROM x GROUP BY team, i % 2, i % 5;
INSERT INTO pool VALUES ('scorecard', '[]'), ('scorecard', '[]');
INSERT INTO pool SELECT 'kpi_target', t::text FROM x WHERE t IS NOT NULL;
INSERT INTO pool SELECT 'kpi_target', at_least(a, a - i % 2, a - 0.5, NULLIF(a + 1, 2), NULLIF(i % 3, 0), d, NULLIF(d, '2026-01-03'))::text FROM x;
INSERT INTO pool SELECT type, NULL FROM pool GROUP BY type;

-- Over all pairs: equal is just what prints the same, what is equal hashes alike with any seed,
-- and what groups, joins and counts by = agrees with the text.
CREATE FUNCTION pg_temp.check_equality(type regtype) RETURNS TABLE (kind regtype, equal_pairs bool, wrong_equal bigint, wrong_unequal bigint, wrong_hash bigint,
    same_groups bool, same_distinct bool, same_union bool, same_join bool, hash_join bool, nulls bool) LANGUAGE plpgsql AS $$
DECLARE
    hash text := 'kra_internal.' || type::text || '_hash';
BEGIN
    EXECUTE format('CREATE TEMP TABLE w AS SELECT row_number() OVER () AS i, p.v AS t, p.v::%s AS v FROM pool p WHERE p.type = %L::regtype', type, type);
    ANALYZE w;
    kind := type;
    EXECUTE format('SELECT count(*) FILTER (WHERE a.i <> b.i AND a.v = b.v) > 20, count(*) FILTER (WHERE (a.v = b.v) <> (a.t = b.t)), count(*) FILTER (WHERE (a.v <> b.v) <> (a.t <> b.t)),
        count(*) FILTER (WHERE a.v = b.v AND (%1$s(a.v) <> %1$s(b.v) OR %1$s_extended(a.v, 0) <> %1$s_extended(b.v, 0) OR %1$s_extended(a.v, 77) <> %1$s_extended(b.v, 77)
            OR (%1$s_extended(a.v, 0) - %1$s(a.v)) & 4294967295 <> 0 OR %1$s_extended(a.v, 77) = %1$s_extended(a.v, 0))) FROM w a, w b', hash)
    INTO equal_pairs, wrong_equal, wrong_unequal, wrong_hash;
    SELECT (SELECT count(*) FROM (SELECT v, count(*) FROM w GROUP BY v) g) = (SELECT count(*) FROM (SELECT t FROM w GROUP BY t) g),
        (SELECT count(DISTINCT t) FROM w) = (SELECT count(*) FROM (SELECT DISTINCT v FROM w) g) - 1 INTO same_groups, same_distinct;
    SELECT count(*) = (SELECT count(DISTINCT t) + 1 FROM w) INTO same_union FROM (SELECT v FROM w WHERE i % 2 = 0 UNION SELECT v FROM w WHERE i % 3 = 0 UNION SELECT v FROM w) u;
    SET LOCAL enable_nestloop = off;
    SET LOCAL enable_mergejoin = off;
    SELECT (SELECT count(*) FROM w a JOIN w b USING (v)) = (SELECT count(*) FROM w a JOIN w b USING (t)) INTO same_join;
    hash_join := false;
    DECLARE
        line text;
    BEGIN
        FOR line IN EXPLAIN (COSTS OFF) SELECT count(*) FROM w a JOIN w b USING (v) LOOP
            hash_join := hash_join OR line LIKE '%Hash Join%';
        END LOOP;
    END;
    SELECT bool_and((v = NULL) IS NULL AND (v IS NOT DISTINCT FROM v) AND (v IS DISTINCT FROM NULL) = (v IS NOT NULL)) INTO nulls FROM w;
    RETURN NEXT;
    DROP TABLE w;
END $$;
SELECT c.* FROM (SELECT DISTINCT type FROM pool) p, LATERAL pg_temp.check_equality(type) c ORDER BY kind::text COLLATE "C";

-- A total order over all triples, in one mind with its operators; sorts, merges and unique indexes.
CREATE FUNCTION pg_temp.check_order(type regtype) RETURNS TABLE (kind regtype, distinct_values bool, not_antisymmetric bigint, not_transitive bigint, wrong_operators bigint, equal_is_zero bool,
    sorted bool, merge_join bool, counted bool, unique_index text) LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    EXECUTE format('CREATE TEMP TABLE w AS SELECT row_number() OVER () AS i, p.v AS t, p.v::%s AS v FROM pool p WHERE p.type = %L::regtype', type, type);
    EXECUTE format('CREATE TEMP TABLE c AS SELECT a.i, b.i AS j, kra_internal.%s_cmp(a.v, b.v) AS c, a.v AS x, b.v AS y FROM (SELECT DISTINCT ON (t) * FROM w WHERE t IS NOT NULL ORDER BY t LIMIT 60) a, (SELECT DISTINCT ON (t) * FROM w WHERE t IS NOT NULL ORDER BY t LIMIT 60) b', type);
    ANALYZE w, c;
    kind := type;
    SELECT count(*) > 900, count(*) FILTER (WHERE c <> 0 AND (c < 0) <> (x < y) OR (c <= 0) <> (x <= y) OR (c > 0) <> (x > y) OR (c >= 0) <> (x >= y) OR (c = 0) <> (x = y) OR abs(c) > 1), bool_and((c = 0) = (i = j))
    INTO distinct_values, wrong_operators, equal_is_zero FROM c;
    SELECT count(*) INTO not_antisymmetric FROM c p JOIN c q ON p.i = q.j AND p.j = q.i WHERE p.c <> -q.c;
    SELECT count(*) INTO not_transitive FROM c p JOIN c q ON p.j = q.i JOIN c r ON r.i = p.i AND r.j = q.j WHERE p.c <= 0 AND q.c <= 0 AND r.c > 0;
    SELECT bool_and(b IS NULL OR b <= v) INTO sorted FROM (SELECT v, lag(v) OVER (ORDER BY v) AS b FROM w) s;
    SELECT (SELECT count(DISTINCT v) FROM w) = (SELECT count(DISTINCT t) FROM w) INTO counted;
    SET LOCAL enable_nestloop = off;
    SET LOCAL enable_hashjoin = off;
    merge_join := false;
    FOR line IN EXPLAIN (COSTS OFF) SELECT count(*) FROM w a JOIN w b USING (v) LOOP
        merge_join := merge_join OR line LIKE '%Merge Join%';
    END LOOP;
    merge_join := merge_join AND (SELECT count(*) FROM w a JOIN w b USING (v)) = (SELECT sum(n * n) FROM (SELECT count(*) AS n FROM w WHERE t IS NOT NULL GROUP BY t) g);
    BEGIN
        CREATE UNIQUE INDEX ON w (v);
        unique_index := 'taken';
    EXCEPTION WHEN unique_violation THEN
        unique_index := 'refused';
    END;
    DELETE FROM w WHERE i NOT IN (SELECT min(i) FROM w GROUP BY t);
    CREATE UNIQUE INDEX ON w (v);
    RETURN NEXT;
    DROP TABLE w, c;
END $$;
SELECT c.* FROM (VALUES ('kpi_target'), ('kpi_actual'), ('scorecard')) p (type), LATERAL pg_temp.check_order(type::regtype) c;

-- -0 is 0, and 1 is 1.0: equal, of one hash, in one group
SELECT t, count(*) AS pairs, bool_and(same) AS same FROM (
    SELECT 'kpi_actual', actual_agg('-0', '2026-01-01'::date) = actual_agg(0, '2026-01-01'::date) AND kra_internal.kpi_actual_hash(actual_agg('-0', '2026-01-01'::date)) = kra_internal.kpi_actual_hash(actual_agg(0, '2026-01-01'::date)) UNION ALL
    SELECT 'kpi_actual', '{"count": 1, "sum": -0.0, "weight": 1.0, "min": -0, "max": 0, "first": null, "first_at": null, "last": null, "last_at": null}'::kpi_actual = '{"count": 1, "sum": 0, "weight": 1, "min": 0, "max": -0.0, "first": null, "first_at": null, "last": null, "last_at": null}' UNION ALL
    SELECT 'kpi_trend', trend_agg('-0'::float8, '-0'::float8) = trend_agg(0, 0) AND kra_internal.kpi_trend_hash(trend_agg('-0'::float8, '-0'::float8)) = kra_internal.kpi_trend_hash(trend_agg(0, 0)) UNION ALL
    SELECT 'kpi_change', change_agg('-0', '-0'::float8, '-0') = change_agg(0, 0::float8, 0) AND kra_internal.kpi_change_hash(change_agg('-0', '-0'::float8, '-0')) = kra_internal.kpi_change_hash(change_agg(0, 0::float8, 0)) UNION ALL
    SELECT 'xmr', xmr_agg('-0') = xmr_agg(0) AND kra_internal.xmr_hash(xmr_agg('-0')) = kra_internal.xmr_hash(xmr_agg(0)) UNION ALL
    SELECT 'kpi_attainment', attainment_agg('-0', '>= 1') = attainment_agg(0, '>= 1') AND attainment_agg(0, '>= -0 within 2') = attainment_agg('-0', '>= 0 within 2') UNION ALL
    SELECT 'kpi_balance', balance_agg('outcome', '-0', '>= 1', 0) = balance_agg('outcome', 0, '>= 1', '-0') UNION ALL
    SELECT 'kpi_target', '>= -0'::kpi_target = '>= 0.0' AND kra_internal.kpi_target_hash('>= -0') = kra_internal.kpi_target_hash('>= 0') UNION ALL
    SELECT 'scorecard', scorecard('k', 'p', 'outcome', '-0', '>= -0', '-0') = scorecard('k', 'p', 'outcome', 0, '>= 0', 0) AND kra_internal.scorecard_hash(scorecard('k', 'p', 'outcome', '-0', '>= -0', '-0')) = kra_internal.scorecard_hash(scorecard('k', 'p', 'outcome', 0, '>= 0', 0))) v (t, same)
GROUP BY t ORDER BY t COLLATE "C";
-- times and numbers never meet, nor does one kind the other, nor absent and 0
SELECT trend_agg(0::float8, 1) = trend_agg(date '2000-01-01', 1) AS domains, balance_agg('outcome', 1, '>= 1') = balance_agg('activity', 1, '>= 1') AS kinds,
    actual_agg(0, NULL::date) = actual_agg(0, date '2000-01-01') AS times, scorecard('k', 'p', 'outcome', NULL, '>= 1', 1) = scorecard('k', 'p', 'outcome', 0, '>= 1', 1) AS actuals;
-- a sum counts to its last digit, and in its normal form
SELECT actual_agg(a, NULL::date) = actual_agg(a + 0, NULL::date) AS same, actual_agg(a, NULL::date) = actual_agg(a, NULL::date, 1 + 1e-15) AS other_weight FROM unnest('{1e15,0.1,0.2}'::float8[]) a;
SELECT '{"count": 3, "sum": [1, 1e-20], "weight": 3, "min": 0, "max": 1, "first": null, "first_at": null, "last": null, "last_at": null}'::kpi_actual < '{"count": 3, "sum": [1, 1.1e-20], "weight": 3, "min": 0, "max": 1, "first": null, "first_at": null, "last": null, "last_at": null}' AS less;

-- every row type, array and IN list of them, and what the dump of a database needs: with an empty search_path
SET search_path = '';
SELECT kra.xmr_agg(1) IN (kra.xmr_agg(2), kra.xmr_agg(1)) AS "in", NULLIF(kra.attainment_agg(1, '>= 1'), kra.attainment_agg(1, '>= 1')) AS "nullif", array_agg(DISTINCT kra.scorecard('k', 'p', 'outcome', 1, NULL, 1)) IS NOT NULL AS array_distinct,
    ROW(kra.trend_agg(1::float8, 1)) = ROW(kra.trend_agg(1::float8, 1)) AS rows_equal, ARRAY[kra.actual_agg(1, NULL::date)] < ARRAY[kra.actual_agg(2, NULL::date)] AS arrays;
-- those without an order say so
SELECT count(*) FROM (SELECT kra.xmr_agg(1) AS v) s GROUP BY v ORDER BY v;
