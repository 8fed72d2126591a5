-- One table out of what was measured.

SET search_path = kra_bench;
\pset footer off
\pset null ''

\echo
\echo kra benchmark: times of kra beside those of the SQL that gives the same figures
\echo
SELECT string_agg(line, E'\n' ORDER BY place) AS intro FROM (VALUES
    (1, split_part(version(), ' on ', 1) || ', kra ' || (SELECT extversion FROM pg_extension WHERE extname = 'kra')
        || ', shared_buffers ' || current_setting('shared_buffers') || ', work_mem ' || current_setting('work_mem')
        || ', JIT ' || CASE WHEN pg_jit_available() THEN 'available' ELSE 'not available' END
        || ', ' || :'cores' || ' cores, load ' || :'load' || ' when it ended'),
    (2, 'fact: ' || (SELECT to_char(count(*), 'FM999,999,999,999') FROM fact)
        || ' rows, ' || pg_size_pretty(pg_table_size('fact')) || ', cached, frozen, in order of time: subject int, team int, at timestamptz, actual float8,'),
    (3, '  weight float8, target_value float8, lower_is_better boolean, kind kra.kpi_kind, target kra.kpi_target.'),
    (4, '  The rivals read target_value and lower_is_better, which stand before target. 2 % of the actuals and 1 % of the targets are NULL.'),
    (5, 'result: ' || (SELECT to_char(count(*), 'FM999,999,999,999') FROM result)
        || ' rows, ' || pg_size_pretty(pg_table_size('result')) || ', five KPIs for each subject, with an index on the subject.'),
    (6, 'Medians of ' || (SELECT max(round) FROM timing) || ' measured rounds after a warm-up; a round runs the statements in turn, under each setting in turn.'),
    (7, 'ratio = time / time of the rival; low..high: the ratios of the single rounds. Goals hold with JIT as PostgreSQL sets it and no workers.'),
    (8, 'Columns on the right: the same ratio under other settings; - where the planner took no workers for one of the two, blank where not measured.')
) t (place, line) \gset
\echo :intro
\echo

CREATE VIEW median AS
SELECT family, name, jit, workers, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms,
    workers = 0 OR EXISTS (
        SELECT FROM plan p
        WHERE (p.family, p.name, p.jit, p.workers) = (t.family, t.name, t.jit, t.workers)
            AND jsonb_path_exists(p.plan, '$.**."Workers Launched" ? (@ >= 1)')
    ) AS as_set
FROM timing t
GROUP BY family, name, jit, workers;

CREATE VIEW ratio AS
SELECT c.place, a.jit, a.workers, a.ms, b.ms AS rival_ms, a.as_set AND b.as_set AS as_set, a.ms / b.ms AS ratio, low, high
FROM comparison c
    JOIN median a USING (family, name)
    JOIN median b ON (b.family, b.name, b.jit, b.workers) = (c.family, c.rival, a.jit, a.workers),
    LATERAL (
        SELECT min(x.ms / y.ms) AS low, max(x.ms / y.ms) AS high
        FROM timing x JOIN timing y USING (family, jit, workers, round)
        WHERE (family, jit, workers, x.name, y.name) = (c.family, a.jit, a.workers, c.name, c.rival)
    ) spread;

CREATE TABLE groups AS
SELECT 'team' AS family, count(*) AS n FROM (SELECT team FROM fact GROUP BY team) g
UNION ALL SELECT 'subject', count(*) FROM (SELECT subject FROM fact GROUP BY subject) g
UNION ALL SELECT 'tenth', count(*) FROM (SELECT subject FROM tenth GROUP BY subject) g
UNION ALL SELECT 'card', count(*) FROM (SELECT subject FROM result GROUP BY subject) g;

-- What a statement of the family is grouped in, for its label.
CREATE FUNCTION grouped(family text) RETURNS text
LANGUAGE SQL
BEGIN ATOMIC
    SELECT coalesce((
        SELECT to_char(n, 'FM", "999,999,999') || CASE WHEN g.family = 'card' THEN ' cards of 5' ELSE ' groups' END
        FROM groups g WHERE g.family = grouped.family), '');
END;

-- Rows per group are the same in fact and in tenth; so time and memory per group
-- should be the same as well, but for what falls out of the CPU's caches.
CREATE VIEW per_group AS
SELECT m.family, m.name, m.ms * 1e6 / n AS ns,
    jsonb_path_query_first(p.plan, '$.**."Peak Memory Usage"')::text::bigint * 1024.0 / n AS bytes,
    jsonb_path_query_first(p.plan, '$.**."HashAgg Batches"')::text AS batches,
    jsonb_path_exists(p.plan, '$.**."Strategy" ? (@ == "Hashed")') AS hashed
FROM median m
    JOIN plan p USING (family, name, jit, workers)
    JOIN groups g USING (family)
WHERE jit AND workers = 0;

WITH lines AS (
    SELECT 1 AS part, c.place::numeric, c.name || grouped(c.family) AS what, c.rival AS against,
        to_char(r.rival_ms, 'FM999999990') || ' ms' AS rival, to_char(r.ms, 'FM999999990') || ' ms' AS kra,
        r.ratio, r.low, r.high, c.goal, false AS at_least,
        o.jit_off, o.workers, o.both_
    FROM comparison c
        JOIN ratio r ON r.place = c.place AND r.jit AND r.workers = 0,
        LATERAL (
            SELECT max(ratio) FILTER (WHERE NOT jit AND workers = 0) AS jit_off,
                max(ratio) FILTER (WHERE jit AND workers > 0 AND as_set) AS workers,
                max(ratio) FILTER (WHERE NOT jit AND workers > 0 AND as_set) AS both_
            FROM ratio WHERE ratio.place = c.place
        ) o
    UNION ALL
    SELECT 2, 1, 'stored size of ' || a.name, b.name,
        round(b.value_bytes) || ' bytes', round(a.value_bytes) || ' bytes', a.value_bytes / b.value_bytes,
        NULL, NULL, 0.5, false, NULL, NULL, NULL
    FROM stored a, stored b WHERE a.name = 'scorecard_agg' AND b.name <> a.name
    UNION ALL
    SELECT 2, 2, 'stored table of ' || a.name, b.name,
        pg_size_pretty(b.table_bytes), pg_size_pretty(a.table_bytes), a.table_bytes::float8 / b.table_bytes,
        NULL, NULL, 0.5, false, NULL, NULL, NULL
    FROM stored a, stored b WHERE a.name = 'scorecard_agg' AND b.name <> a.name
    UNION ALL
    SELECT 3, row_number() OVER (ORDER BY s.first), 'speed-up of ' || s.name || grouped(s.family), 'no workers',
        to_char(serial.ms, 'FM999999990') || ' ms', to_char(parallel.ms, 'FM999999990') || ' ms',
        serial.ms / parallel.ms, low, high,
        CASE WHEN s.goal AND s.name LIKE '%\_agg' THEN 1.6 END, true, serial_off.ms / parallel_off.ms, NULL, NULL
    FROM (
            SELECT family, name, min(place) AS first, family IN ('attainment', 'trend', 'balance') AS goal
            FROM (
                SELECT family, name, place FROM comparison
                UNION ALL
                -- what the server makes of two workers by itself
                SELECT family, rival, place + 0.5 FROM comparison WHERE family = 'attainment'
            ) c
            GROUP BY family, name
        ) s
        JOIN median serial ON (serial.family, serial.name) = (s.family, s.name) AND serial.jit AND serial.workers = 0
        JOIN median parallel ON (parallel.family, parallel.name) = (s.family, s.name) AND parallel.jit AND parallel.workers > 0
            AND parallel.as_set
        LEFT JOIN median serial_off ON (serial_off.family, serial_off.name) = (s.family, s.name)
            AND NOT serial_off.jit AND serial_off.workers = 0
        LEFT JOIN median parallel_off ON (parallel_off.family, parallel_off.name) = (s.family, s.name)
            AND NOT parallel_off.jit AND parallel_off.workers > 0,
        LATERAL (
            SELECT min(x.ms / y.ms) AS low, max(x.ms / y.ms) AS high
            FROM timing x JOIN timing y USING (family, name, jit, round)
            WHERE jit AND x.workers = 0 AND y.workers > 0 AND (family, name) = (s.family, s.name)
        ) spread
    UNION ALL
    SELECT 4, row_number() OVER (ORDER BY a.name), 'time per group of ' || a.name || ', 10 times the groups', 'a tenth of the groups',
        to_char(b.ns, 'FM999999990') || ' ns', to_char(a.ns, 'FM999999990') || ' ns', a.ns / b.ns,
        NULL, NULL, NULL, false, NULL, NULL, NULL
    FROM per_group a JOIN per_group b USING (name) WHERE a.family = 'subject' AND b.family = 'tenth'
    UNION ALL
    SELECT 5, row_number() OVER (ORDER BY a.name), 'memory per group of ' || a.name || ', 10 times the groups', 'a tenth of the groups',
        to_char(b.bytes, 'FM999999990') || ' bytes', to_char(a.bytes, 'FM999999990') || ' bytes', a.bytes / b.bytes,
        NULL, NULL, NULL, false, NULL, NULL, NULL
    FROM per_group a JOIN per_group b USING (name) WHERE a.family = 'subject' AND b.family = 'tenth' AND a.hashed AND b.hashed
)
SELECT what, against, rival, kra, to_char(ratio, 'FM990.00') AS ratio,
    to_char(low, 'FM990.00') || '..' || to_char(high, 'FM990.00') AS "low..high",
    CASE WHEN at_least THEN '>= ' ELSE '<= ' END || to_char(goal, 'FM990.09') AS goal,
    CASE WHEN at_least = (ratio >= goal) OR ratio = goal THEN 'met' WHEN goal IS NOT NULL THEN 'MISSED' END AS verdict,
    to_char(jit_off, 'FM990.00') AS "JIT off",
    CASE WHEN part = 1 THEN coalesce(to_char(workers, 'FM990.00'), '-') END AS "2 workers",
    CASE WHEN part = 1 THEN coalesce(to_char(both_, 'FM990.00'), CASE WHEN jit_off IS NULL THEN '' ELSE '-' END) END AS "2 workers, JIT off"
FROM lines
ORDER BY part, place;
