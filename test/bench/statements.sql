-- What is measured: statements, and which of them are compared.
--
-- A rival is the SQL that gives the same figures without kra, kept lean: no
-- guard against zero targets, no tolerance for rounding, no count by status, no
-- smallest and largest attainment, all of which kra's summaries hold as well.
-- kra's own statements read the same figures out of the summary.

SET search_path = kra_bench;

CREATE TABLE statement (
    family text NOT NULL,       -- measured together, one after the other
    name text NOT NULL,
    sql text NOT NULL,
    PRIMARY KEY (family, name)
);

-- ratio = time of name / time of rival, to be at most the goal
CREATE TABLE comparison (
    place serial PRIMARY KEY,
    family text NOT NULL,
    name text NOT NULL,
    rival text NOT NULL,
    goal double precision,
    FOREIGN KEY (family, name) REFERENCES statement,
    FOREIGN KEY (family, rival) REFERENCES statement
);

DO $do$
DECLARE
    attained text := $$CASE WHEN lower_is_better THEN 1 + (target_value - actual) / target_value ELSE actual / target_value END$$;
    met text := $$CASE WHEN lower_is_better THEN actual <= target_value ELSE actual >= target_value END$$;
    observed text := $$actual IS NOT NULL AND target_value IS NOT NULL$$;
    -- greatest() and least() skip NULL: without the filter, missing data would score 1.2
    hand text := format($$
        sum(weight * greatest(0, least(1.2, %1$s))) FILTER (WHERE %3$s) / sum(weight) FILTER (WHERE %3$s) AS score,
        count(*) FILTER (WHERE %2$s)::float8 / nullif(count(*) FILTER (WHERE %3$s), 0) AS hit_rate,
        sum(weight) FILTER (WHERE %3$s) / sum(weight) AS coverage$$, attained, met, observed);
    side text := $$
        sum(weight * greatest(0, least(1.2, %1$s))) FILTER (WHERE kind = '%3$s' AND %2$s)
            / sum(weight) FILTER (WHERE kind = '%3$s' AND %2$s) AS %3$s$$;
    scores text := format(side, attained, observed, 'outcome') || ',' || format(side, attained, observed, 'activity');
    balance text := scores || format($$,
        sum(weight) FILTER (WHERE kind = 'activity') / sum(weight) AS activity_share,
        sum(weight) FILTER (WHERE %s) / sum(weight) AS coverage$$, observed);
    six text := $$regr_slope(actual, %1$s) AS slope, regr_intercept(actual, %1$s) AS intercept,
        regr_r2(actual, %1$s) AS r2, regr_count(actual, %1$s) AS n, avg(actual) AS mean, stddev_samp(actual) AS sd$$;
    epoch text := $$extract(epoch FROM at)::float8$$;
    date_part text := $$date_part('epoch', at)$$;
    read_six text := $$kra.slope(a) AS slope, kra.intercept(a) AS intercept, kra.r2(a) AS r2, kra.value(a, 'count') AS n,
        kra.value(a, 'mean') AS mean$$;
    grouped record;
BEGIN
    INSERT INTO statement VALUES
        ('attainment', 'attainment_agg', $$SELECT kra.score(a) AS score, kra.hit_rate(a) AS hit_rate, kra.coverage(a) AS coverage
            FROM (SELECT kra.attainment_agg(actual, target, weight) AS a FROM fact) s$$),
        ('attainment', 'hand-written', format('SELECT %s FROM fact', hand)),
        ('attainment', 'sum(float8)', 'SELECT sum(actual) FROM fact'),
        ('trend', 'trend_agg', format('SELECT %s FROM (SELECT kra.trend_agg(at, actual) AS a FROM fact) s', read_six)),
        ('trend', 'regr_slope over extract(epoch)', format('SELECT regr_slope(actual, %s) AS slope FROM fact', epoch)),
        ('trend', 'six built-ins over extract(epoch)', format('SELECT ' || six || ' FROM fact', epoch)),
        ('trend', 'regr_slope over date_part(epoch)', format('SELECT regr_slope(actual, %s) AS slope FROM fact', date_part)),
        ('trend', 'six built-ins over date_part(epoch)', format('SELECT ' || six || ' FROM fact', date_part)),
        ('balance', 'balance_agg', $$SELECT outcome_attainment AS outcome, activity_attainment AS activity, activity_share, coverage
            FROM (SELECT kra.balance_agg(kind, actual, target, weight) AS b FROM fact) s, kra.imbalance(b)$$),
        ('balance', 'hand-written', format('SELECT %s FROM fact', balance)),
        ('balance', 'hand-written, scores only', format('SELECT %s FROM fact', scores)),
        -- pg_column_size makes sure that the values are built, and moves none
        ('card', 'scorecard_agg', $$SELECT max(pg_column_size(card)) FROM (
            SELECT subject, kra.scorecard_agg(kra, kpi, kind, actual, target, weight) AS card
            FROM result GROUP BY subject) s$$),
        ('card', 'jsonb_agg(jsonb_build_object(..))', $$SELECT max(pg_column_size(card)) FROM (
            SELECT subject, jsonb_agg(jsonb_build_object('kra', kra, 'kpi', kpi, 'kind', kind, 'actual', actual,
                'target', target_value, 'lower_is_better', lower_is_better, 'weight', weight)) AS card
            FROM result GROUP BY subject) s$$);

    INSERT INTO comparison (family, name, rival, goal) VALUES
        ('attainment', 'attainment_agg', 'hand-written', 0.7),
        ('attainment', 'attainment_agg', 'sum(float8)', 1.3),
        ('trend', 'trend_agg', 'regr_slope over extract(epoch)', 0.3),
        ('trend', 'trend_agg', 'six built-ins over extract(epoch)', 0.25),
        ('balance', 'balance_agg', 'hand-written', 0.7),
        ('card', 'scorecard_agg', 'jsonb_agg(jsonb_build_object(..))', 0.5),
        ('balance', 'balance_agg', 'hand-written, scores only', NULL),
        ('trend', 'trend_agg', 'regr_slope over date_part(epoch)', NULL),
        ('trend', 'trend_agg', 'six built-ins over date_part(epoch)', NULL);

    FOR grouped IN
        SELECT * FROM (VALUES ('team', 'fact', 'team'), ('subject', 'fact', 'subject'), ('tenth', 'tenth', 'subject'))
            g (family, rel, key)
    LOOP
        INSERT INTO statement VALUES
            (grouped.family, 'attainment_agg', format($$SELECT max(kra.score(a)), max(kra.hit_rate(a)), max(kra.coverage(a))
                FROM (SELECT kra.attainment_agg(actual, target, weight) AS a FROM %s GROUP BY %s) s$$, grouped.rel, grouped.key)),
            (grouped.family, 'hand-written', format($$SELECT max(score), max(hit_rate), max(coverage)
                FROM (SELECT %s FROM %s GROUP BY %s) s$$, hand, grouped.rel, grouped.key)),
            (grouped.family, 'sum(float8)', format($$SELECT max(total)
                FROM (SELECT sum(actual) AS total FROM %s GROUP BY %s) s$$, grouped.rel, grouped.key)),
            (grouped.family, 'trend_agg', format($$SELECT max(slope), max(intercept), max(r2), max(n), max(mean)
                FROM (SELECT %s FROM (SELECT kra.trend_agg(at, actual) AS a FROM %s GROUP BY %s) t) s$$,
                read_six, grouped.rel, grouped.key)),
            (grouped.family, 'regr_slope over extract(epoch)', format($$SELECT max(slope)
                FROM (SELECT regr_slope(actual, %s) AS slope FROM %s GROUP BY %s) s$$, epoch, grouped.rel, grouped.key)),
            (grouped.family, 'six built-ins over extract(epoch)', format($$SELECT max(slope), max(intercept), max(r2), max(n), max(mean), max(sd)
                FROM (SELECT $$ || six || $$ FROM %2$s GROUP BY %3$s) s$$, epoch, grouped.rel, grouped.key));
        IF grouped.family <> 'tenth' THEN
            INSERT INTO comparison (family, name, rival) VALUES
                (grouped.family, 'attainment_agg', 'hand-written'),
                (grouped.family, 'attainment_agg', 'sum(float8)'),
                (grouped.family, 'trend_agg', 'regr_slope over extract(epoch)'),
                (grouped.family, 'trend_agg', 'six built-ins over extract(epoch)');
        END IF;
    END LOOP;
END
$do$;

-- Signals, by the rules that window functions can express as well (nhs): the
-- same number of marks. Kendall's S needs every pair in plain SQL.
INSERT INTO statement VALUES
    ('signal', 'signal', $$SELECT count(*) FILTER (WHERE mark > 'none') AS marks
        FROM (SELECT kra.signal(value) OVER (PARTITION BY series ORDER BY at) AS mark FROM points) s$$),
    ('signal', 'window functions', $$SELECT count(*) FILTER (WHERE mark <> 'none') AS marks FROM (SELECT CASE WHEN bh THEN 'beyond_high' WHEN bl THEN
        'beyond_low' WHEN max(up::int) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) = 1 THEN 'trend_up' WHEN
        max(down::int) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) = 1 THEN 'trend_down' WHEN nh AND max(high3::int)
        OVER (w ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) = 1 THEN 'near_high' WHEN nl AND max(low3::int) OVER (w ROWS BETWEEN
        CURRENT ROW AND 2 FOLLOWING) = 1 THEN 'near_low' WHEN max(run7::int) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING)
        = 1 THEN CASE WHEN side > 0 THEN 'run_above' ELSE 'run_below' END ELSE 'none' END AS mark FROM (SELECT *,
        abs(sum(side) OVER (w ROWS 6 PRECEDING)) = 7 AS run7, sum(side) OVER (w ROWS 2 PRECEDING) = 3 AND sum(nh::int) OVER (w
        ROWS 2 PRECEDING) >= 2 AS high3, sum(side) OVER (w ROWS 2 PRECEDING) = -3 AND sum(nl::int) OVER (w ROWS 2 PRECEDING)
        >= 2 AS low3, sum(step) OVER (w ROWS 5 PRECEDING) = 6 AS up, sum(step) OVER (w ROWS 5 PRECEDING) = -6 AS down FROM
        (SELECT series, at, v, sign(v - c)::int AS side, sign(v - prev)::int AS step, v > c + 2.66 * m AS bh, v < c - 2.66 * m
        AS bl, v > c + 2.66 * 2 / 3 * m AND v <= c + 2.66 * m AS nh, v < c - 2.66 * 2 / 3 * m AND v >= c - 2.66 * m AS nl FROM
        (SELECT *, avg(r) FILTER (WHERE r < 3.267 * a) OVER (PARTITION BY series) AS m FROM (SELECT *, abs(v - prev) AS r,
        avg(abs(v - prev)) OVER (PARTITION BY series) AS a FROM (SELECT series, at, v, avg(v) OVER (PARTITION BY series) AS c,
        lag(v) OVER (PARTITION BY series ORDER BY at) AS prev FROM (SELECT series, at, value AS v FROM points) b) l) s) t) u
        WINDOW w AS (PARTITION BY series ORDER BY at)) m WINDOW w AS (PARTITION BY series ORDER BY at)) z$$),
    ('kendall', 'mann_kendall, 20,000 points', $$SELECT (kra.mann_kendall(value ORDER BY at)).s FROM long$$),
    ('kendall', 'self-join', $$SELECT sum(sign(b.value - a.value)) AS s FROM long a JOIN long b ON a.at < b.at$$),
    ('rank', 'mann_kendall, 1,000,000 points', $$SELECT (kra.mann_kendall(value ORDER BY at)).s FROM longer$$),
    ('rank', 'theil_sen, 20,000 points', $$SELECT (kra.theil_sen(at::float8, value)).slope FROM long$$),
    ('rank', 'mann_kendall, 20,000 points', $$SELECT (kra.mann_kendall(value ORDER BY at)).s FROM long$$);

INSERT INTO comparison (family, name, rival, goal) VALUES
    ('signal', 'signal', 'window functions', 0.5),
    ('kendall', 'mann_kendall, 20,000 points', 'self-join', 0.01),
    ('rank', 'mann_kendall, 1,000,000 points', 'mann_kendall, 20,000 points', NULL),
    ('rank', 'theil_sen, 20,000 points', 'mann_kendall, 20,000 points', NULL);
