-- How it is measured.

SET search_path = kra_bench;

-- Both settings change between one statement and the next, so that each of the
-- four is measured within the same minute.
CREATE TABLE setting (
    jit boolean NOT NULL,
    workers integer NOT NULL,
    PRIMARY KEY (jit, workers)
);
INSERT INTO setting VALUES (true, 0), (false, 0), (true, 2), (false, 2);

CREATE TABLE timing (
    family text NOT NULL,
    name text NOT NULL,
    jit boolean NOT NULL,
    workers integer NOT NULL,
    round integer NOT NULL,
    ms double precision NOT NULL,
    PRIMARY KEY (family, name, jit, workers, round)
);

-- What EXPLAIN said in the warm-up round.
CREATE TABLE plan (
    family text NOT NULL,
    name text NOT NULL,
    jit boolean NOT NULL,
    workers integer NOT NULL,
    plan jsonb NOT NULL,
    PRIMARY KEY (family, name, jit, workers)
);

CREATE TABLE stored (
    name text PRIMARY KEY,
    table_bytes bigint NOT NULL,
    value_bytes double precision NOT NULL
);

-- Fails unless kra and its rivals give the same figures, to 9 digits. The
-- built-ins regress over seconds since 1970, which costs them a few digits.
CREATE PROCEDURE compare_answers()
LANGUAGE plpgsql
SET search_path = kra_bench
AS $$
DECLARE
    c record;
    ours jsonb;
    theirs jsonb;
    key text;
    a double precision;
    b double precision;
BEGIN
    FOR c IN
        SELECT DISTINCT o.family, o.name, r.name AS rival, o.sql, r.sql AS rival_sql
        FROM comparison JOIN statement o USING (family, name)
            JOIN statement r ON r.family = o.family AND r.name = rival
        WHERE o.family IN ('attainment', 'trend', 'balance', 'signal', 'kendall')
    LOOP
        EXECUTE format('SELECT to_jsonb(x) FROM (%s) x', c.sql) INTO ours;
        EXECUTE format('SELECT to_jsonb(x) FROM (%s) x', c.rival_sql) INTO theirs;
        FOR key IN SELECT jsonb_object_keys(ours) INTERSECT SELECT jsonb_object_keys(theirs) LOOP
            a := (ours ->> key)::double precision * CASE WHEN c.family = 'trend' AND key = 'slope' THEN 1 / 86400.0 ELSE 1 END;
            b := (theirs ->> key)::double precision;
            IF abs(a - b) <= 1e-9 * abs(b)
                OR c.family = 'trend' AND abs(a - b) <= 1e-5 * abs(b) THEN
                CONTINUE;
            END IF;
            RAISE EXCEPTION '% and % differ in %: % and %', c.name, c.rival, key, a, b;
        END LOOP;
    END LOOP;
END
$$;

-- Each round runs every statement of the family under every setting, one after
-- the other. The warm-up round runs under EXPLAIN ANALYZE, to see that workers
-- start; a statement that the planner gives no workers is not measured with them.
-- The other rounds run bare (instrumentation costs as much as a cheap
-- transition), timed by the server. The long runs, of groups and cards, leave out
-- JIT off. EXECUTE without INTO allows parallel plans.
CREATE PROCEDURE measure(which text, rounds integer)
LANGUAGE plpgsql
AS $$
DECLARE
    setting record;
    statement record;
    started timestamptz;
    plan json;
BEGIN
    SET LOCAL search_path = kra_bench;
    FOR round IN 0..rounds LOOP
        FOR setting IN
            SELECT * FROM kra_bench.setting
            WHERE jit OR which IN ('attainment', 'trend', 'balance')
            ORDER BY workers, jit DESC
        LOOP
            PERFORM set_config('jit', setting.jit::text, true);
            PERFORM set_config('max_parallel_workers_per_gather', setting.workers::text, true);
            FOR statement IN SELECT * FROM kra_bench.statement WHERE family = which ORDER BY name LOOP
                IF round = 0 THEN
                    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement.sql INTO plan;
                    CONTINUE WHEN setting.workers > 0
                        AND NOT jsonb_path_exists(plan::jsonb, '$.**."Workers Planned"');
                    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement.sql INTO plan;
                    INSERT INTO kra_bench.plan
                    VALUES (which, statement.name, setting.jit, setting.workers, plan::jsonb);
                    CONTINUE;
                END IF;
                CONTINUE WHEN NOT EXISTS (
                    SELECT FROM kra_bench.plan p
                    WHERE (p.family, p.name, p.jit, p.workers) = (which, statement.name, setting.jit, setting.workers)
                );
                started := clock_timestamp();
                EXECUTE statement.sql;
                INSERT INTO kra_bench.timing
                VALUES (which, statement.name, setting.jit, setting.workers, round,
                    extract(epoch FROM clock_timestamp() - started) * 1000);
            END LOOP;
        END LOOP;
    END LOOP;
    IF which = 'card' THEN
        CALL kra_bench.store_cards();
    END IF;
END
$$;

CREATE PROCEDURE store_cards()
LANGUAGE plpgsql
SET search_path = kra_bench
AS $$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT name, substring(sql FROM 'FROM \((.*)\) s$') AS sql FROM statement WHERE family = 'card' LOOP
        EXECUTE 'CREATE UNLOGGED TABLE card AS ' || s.sql;
        INSERT INTO stored SELECT s.name, pg_table_size('card'), avg(pg_column_size(card)) FROM card;
        DROP TABLE card;
    END LOOP;
END
$$;
