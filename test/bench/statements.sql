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
