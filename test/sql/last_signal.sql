-- last_signal: the mark of the latest point, as signal() OVER gives it.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = public, kra, kra_internal;
\pset null '(null)'

-- series of 1 to 60 points: noise, with gaps, ties, few values, steps, drifts, and an end far off
CREATE TEMP TABLE points AS
SELECT s, at, CASE WHEN s % 4 = 1 AND (at * 7919 + s) % 11 = 0 THEN NULL ELSE
    CASE s % 5 WHEN 0 THEN noise WHEN 1 THEN round(noise * 3) WHEN 2 THEN noise + at * (s % 7 - 3) / 20.0 WHEN 3 THEN noise + CASE WHEN at * 2 > n THEN s % 9 - 4 ELSE 0 END ELSE round(noise) END
    + CASE WHEN at > n - s % 3 THEN s % 13 - 6 ELSE 0 END END::float8 AS v
FROM (SELECT s, 1 + s * 7 % 60 AS n, at, ((s * 104729 + at * 15485863 + at * at * 32452843::bigint) % 10007) / 10007.0 AS noise FROM generate_series(1, 1500) s, LATERAL generate_series(1, 1 + s * 7 % 60) at) g;
-- nothing but gaps, one value, equal values, up and down in turn, and near the centre at the end
INSERT INTO points SELECT 5001, at, NULL FROM generate_series(1, 20) at UNION ALL SELECT 5002, 1, 5 UNION ALL SELECT 5003, at, 5 FROM generate_series(1, 20) at UNION ALL SELECT 5004, at, CASE at WHEN 20 THEN 6 ELSE 5 END FROM generate_series(1, 20) at
    UNION ALL SELECT 5005, at, at % 2 FROM generate_series(1, 14) at UNION ALL SELECT 5006, at, (at % 2 - 0.5) * CASE WHEN at <= 20 THEN 6 ELSE 1 END FROM generate_series(1, 36) at;
SELECT count(*) AS points, count(DISTINCT s) AS series, count(*) FILTER (WHERE v IS NULL) AS gaps FROM points;
CREATE TEMP TABLE compared AS
SELECT rules, s, a.last, b.last AS expected, a.plain
FROM unnest('{nhs,wheeler,western_electric,nelson,NULL}'::text[]) rules,
    LATERAL (SELECT s, last_signal(v, rules ORDER BY at) AS last, last_signal(v ORDER BY at) AS plain FROM points GROUP BY s) a
    JOIN LATERAL (SELECT DISTINCT ON (s) s, m AS last FROM (SELECT s, at, signal(v, rules) OVER (PARTITION BY s ORDER BY at) AS m FROM points) p ORDER BY s, at DESC) b USING (s);
SELECT rules, count(*) AS series, count(last) AS marks, count(*) FILTER (WHERE last IS DISTINCT FROM expected) AS differ, count(*) FILTER (WHERE rules IS NULL OR rules = 'nhs') - count(*) FILTER (WHERE (rules IS NULL OR rules = 'nhs') AND plain IS NOT DISTINCT FROM expected) AS default_differs
FROM compared GROUP BY rules ORDER BY rules COLLATE "C";
-- there is something to see: every mark
SELECT last, count(*) FROM compared GROUP BY last ORDER BY last;
SELECT s, last FROM compared WHERE rules = 'nhs' AND s > 5000 ORDER BY s;

-- no row, all filtered out, the last one a gap, the one before
SELECT last_signal(v ORDER BY at) FROM points WHERE false;
SELECT last_signal(v, 'nhs' ORDER BY at) FILTER (WHERE s < 0) FROM points;
SELECT last_signal(v ORDER BY at), last_signal(v ORDER BY at) FILTER (WHERE at < 21) FROM (SELECT at, v FROM points WHERE s = 5004 UNION ALL SELECT 21, NULL) p;
-- the order is what counts
SELECT last_signal(v ORDER BY at), last_signal(v ORDER BY at DESC), last_signal(v ORDER BY v DESC, at) FROM points WHERE s = 5004;
-- over a growing frame, where the final function runs more than once on a state
SELECT count(*) AS rows, count(*) FILTER (WHERE last IS DISTINCT FROM (SELECT last_signal(v ORDER BY at) FROM points q WHERE q.s = p.s AND q.at <= p.at)) AS differ FROM (SELECT s, at, last_signal(v) OVER (PARTITION BY s ORDER BY at) AS last FROM points WHERE s <= 40) p;
-- a value of the enum
SELECT last_signal(v ORDER BY at) = 'beyond_high' AS high, signal_meaning(last_signal(v ORDER BY at), '<= 5') FROM points WHERE s = 5004;

-- errors
SELECT last_signal(v, 'NHS') FROM points;
SELECT last_signal('NaN') FROM points;
SELECT last_signal('-Infinity', 'nelson') FROM points;
SELECT last_signal(v ORDER BY i) FROM unnest('{1.7e308,-1.7e308,1}'::float8[]) WITH ORDINALITY u(v, i);
