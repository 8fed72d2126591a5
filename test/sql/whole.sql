-- The law of parts, by its values: the whole is judged by the same parts that its actual comes from.
SET search_path = kra, kra_internal;

-- A month of so many observations of a value (for a ratio: value * weight over weight).
CREATE FUNCTION pg_temp.month_part(over_time text, month integer, actual float8, n integer,
    target kpi_target, as_of date DEFAULT '2026-12-31', is_carried boolean DEFAULT true)
RETURNS whole LANGUAGE sql BEGIN ATOMIC
    SELECT part(over_time, x.summary, target, is_carried, m.at,
                (m.at + interval '1 month')::date - 1, as_of, (as_of + 1)::timestamp AT TIME ZONE 'UTC')
    FROM (SELECT make_date(2026, month, 1) AS at) m
    CROSS JOIN LATERAL (
        SELECT actual_agg(CASE over_time WHEN 'ratio' THEN actual * n WHEN 'sum' THEN actual / n
                                         WHEN 'count' THEN 1 ELSE actual END + 0 * i,
                          m.at, CASE over_time WHEN 'ratio' THEN n ELSE 1 END) AS summary
        FROM generate_series(1, CASE over_time WHEN 'ratio' THEN 1 WHEN 'count' THEN actual::integer
                                               ELSE n END) i
        WHERE actual IS NOT NULL
    ) x;
END;

-- If every part is exactly on target, so is the whole; if every part is exactly where it was expected
-- to be, so is the whole: in every aggregation, over time and over members, and every direction.
WITH parts AS (
    SELECT a.over_time, t.target, s.as_of, month, p.value,
           CASE WHEN month IN (3, 7) THEN NULL ELSE p.value END AS actual, 1 + month % 4 AS n
    FROM (VALUES ('sum'), ('count'), ('mean'), ('ratio'), ('last'), ('min'), ('max')) a (over_time)
    CROSS JOIN (VALUES ('at_least'), ('at_most'), ('exactly'), ('inside'), ('at_least from'),
                       ('at_most from'), ('dated'), ('dated down')) t (target)
    CROSS JOIN (VALUES (date '2026-12-31'), ('2026-11-30')) s (as_of)
    CROSS JOIN generate_series(1, 12) month
    CROSS JOIN LATERAL (SELECT 10 + month * 3 AS value) p
), asked AS (
    SELECT p.*, (CASE p.target WHEN 'at_least' THEN format('>= %s', value)
        WHEN 'at_most' THEN format('<= %s', value) WHEN 'exactly' THEN format('= %s', value)
        WHEN 'inside' THEN format('[%s,%s]', value - 2, value + 2)
        WHEN 'at_least from' THEN format('>= %s from %s threshold %s stretch %s', value, value - 8, value - 4, value + 2)
        WHEN 'at_most from' THEN format('<= %s from %s threshold %s stretch %s', value, value + 8, value + 4, value - 2)
        WHEN 'dated' THEN '>= 90 from 10 since 2026-01-01 by 2026-12-31'
        ELSE '<= 10 from 90 since 2026-01-01 by 2026-12-31' END)::kpi_target AS asked_for
    FROM parts p
), lines AS (
    SELECT over_time, target, as_of,
           put_together(pg_temp.month_part(over_time, month,
               CASE WHEN actual IS NULL THEN NULL WHEN target LIKE 'dated%' AND over_time <> 'count'
                    THEN expected(asked_for, (make_date(2026, month, 1) + interval '1 month')::date - 1)
                    ELSE actual END, n, asked_for, as_of)) AS whole
    FROM asked
    WHERE NOT (over_time = 'count' AND target LIKE 'dated%')
    GROUP BY over_time, target, as_of
), judged AS (
    SELECT l.target AS direction, j.*
    FROM lines l
    CROSS JOIN LATERAL judge(l.whole, l.over_time, l.as_of < '2026-12-31', 334 / 365.0, 0.9) j
)
SELECT count(*) AS wholes,
       count(*) FILTER (WHERE abs(attainment - 1) < 1e-12) AS met,
       count(*) FILTER (WHERE status = 'on_track') AS on_track,
       count(*) FILTER (WHERE direction = 'inside' OR abs(judged - expected_lower) <= 1e-12 * abs(judged)) AS as_expected,
       count(*) FILTER (WHERE actual = judged) AS judged_whole
FROM judged;

-- What has no data is in neither; coverage says how much that is, by the weights that the whole is made with.
SELECT o.over_time, j.actual, j.target, j.attainment, j.status, j.coverage, j.reason
FROM (VALUES ('sum'), ('mean'), ('ratio'), ('last'), ('min'), ('max')) o (over_time)
CROSS JOIN LATERAL (
    SELECT put_together(pg_temp.month_part(over_time, month, actual, n, target::kpi_target)) AS whole
    FROM (VALUES (1, 10.0, 3, '>= 10'), (2, NULL, 1, '>= 1000'), (3, 40, 1, '>= 40'), (4, 5, 1, NULL)) p (month, actual, n, target)
) w
CROSS JOIN LATERAL judge(w.whole, o.over_time, false, 1, 0.9) j;

-- Why there is no verdict.
SELECT what, j.actual, j.target, j.status, j.reason, j.coverage
FROM (VALUES
    ('nothing', NULL::whole),
    ('no data', pg_temp.month_part('sum', 1, NULL, 1, '>= 5')),
    ('no target', pg_temp.month_part('sum', 1, 4, 1, NULL)),
    ('neither', pg_temp.month_part('sum', 1, NULL, 1, NULL)),
    ('not known yet', part('sum', (SELECT actual_agg(4, date '2026-01-20')), '>= 5', true, '2026-01-01', '2026-01-31', '2026-01-15', '2026-01-16 00:00Z')),
    ('mixed', whole_merge(pg_temp.month_part('sum', 1, 4, 1, '>= 5'), pg_temp.month_part('sum', 2, 4, 1, '<= 5'))),
    ('no scale', pg_temp.month_part('sum', 1, 4, 1, '>= 0')),
    ('no weight', part('ratio', (SELECT actual_agg(4, date '2026-01-20', 0)), '>= 5', true, '2026-01-01', '2026-01-31', '2026-01-31', '2026-02-01 00:00Z'))
) w (what, whole)
CROSS JOIN LATERAL judge(w.whole, 'sum', false, 1, 0.9) j;

-- A sum that runs is held against its share of the target; the scale is that of the whole.
SELECT w.what, round(j.expected_lower::numeric, 1) AS expected, j.target, round(j.attainment::numeric, 4) AS attainment,
       round(j.progress::numeric, 4) AS progress, j.status, j.is_on_target, round(j.projected::numeric, 1) AS projected
FROM (VALUES
    ('month', pg_temp.month_part('sum', 11, 31, 1, '>= 400', '2026-11-02'), 2 / 30.0),
    ('quarter', (SELECT put_together(x) FROM (VALUES
        (pg_temp.month_part('sum', 10, 434, 1, '>= 400', '2026-11-02')),
        (pg_temp.month_part('sum', 11, 31, 1, '>= 400', '2026-11-02')),
        (pg_temp.month_part('sum', 12, NULL, 1, '>= 400', '2026-11-02'))) v (x)), 33 / 92.0),
    ('already there', pg_temp.month_part('sum', 11, 400, 1, '>= 400', '2026-11-02'), 2 / 30.0),
    ('stretched', pg_temp.month_part('sum', 11, 500, 1, '>= 400 stretch 500', '2026-11-02'), 2 / 30.0),
    ('room left', pg_temp.month_part('sum', 11, 20, 1, '<= 30', '2026-11-02'), 2 / 30.0),
    ('room kept to', pg_temp.month_part('sum', 11, 2, 1, '<= 30', '2026-11-02'), 2 / 30.0),
    ('used up', pg_temp.month_part('sum', 11, 31, 1, '<= 30', '2026-11-02'), 2 / 30.0),
    ('range, below', pg_temp.month_part('sum', 11, 1, 1, '[300,330]', '2026-11-02'), 2 / 30.0),
    ('range, within', pg_temp.month_part('sum', 11, 21, 1, '[300,330]', '2026-11-02'), 2 / 30.0),
    ('range, above', pg_temp.month_part('sum', 11, 100, 1, '[300,330]', '2026-11-02'), 2 / 30.0),
    ('range, beyond', pg_temp.month_part('sum', 11, 331, 1, '[300,330]', '2026-11-02'), 2 / 30.0)
) w (what, whole, share)
CROSS JOIN LATERAL judge(w.whole, 'sum', true, w.share, 0.9) j;

-- A dated target in a longer period.
SELECT v.over_time, round(j.expected_lower::numeric, 2) AS expected, round(j.judged::numeric, 2) AS judged, j.status
FROM (VALUES ('sum', '>= 40 from 10 since 2026-01-01 by 2026-03-31', '2026-03-31'::date, false),
             ('sum', '>= 40 from 10 since 2026-01-01 by 2026-03-31', '2026-02-28', true)) v (over_time, target, as_of, runs)
CROSS JOIN LATERAL (
    SELECT put_together(pg_temp.month_part(v.over_time, month, actual, 1, v.target::kpi_target, v.as_of)) AS whole
    FROM (VALUES (1, 21), (2, 30), (3, 40)) p (month, actual)
) w
CROSS JOIN LATERAL judge(w.whole, v.over_time, v.runs, 0.5, 0.9) j;

-- Members: as more parts where periods are put together the same way, else by their values.
SELECT o.over_subjects, j.actual, j.target, j.attainment
FROM (VALUES ('mean'), ('sum'), ('min'), ('max')) o (over_subjects)
CROSS JOIN LATERAL (
    SELECT put_together(member(m.whole, o.over_subjects, m.place)) AS whole
    FROM (
        SELECT place, put_together(pg_temp.month_part('mean', month, actual, n, target::kpi_target)) AS whole
        FROM (VALUES (1, 1, 10, 1, '>= 10'), (1, 2, 20, 3, '>= 20'), (2, 1, 40, 4, '>= 50')) p (place, month, actual, n, target)
        GROUP BY place
    ) m
) w
CROSS JOIN LATERAL judge(w.whole, 'mean', false, 1, 0.9) j;
SELECT j.actual, j.target   -- of last values of the same day, that of the higher place
FROM (
    SELECT put_together(member(pg_temp.month_part('last', month, actual, 1, target::kpi_target), 'last', place)) AS whole
    FROM (VALUES (2, 5, 7, '>= 1'), (3, 5, 8, '>= 2'), (1, 5, 9, '>= 3'), (9, 4, 10, '>= 4')) p (place, month, actual, target)
) w
CROSS JOIN LATERAL judge(w.whole, 'last', false, 1, 0.9) j;

-- Shares of a number add up to it, to the digit.
SELECT j.target, j.is_on_target, j.attainment
FROM (
    SELECT put_together(pg_temp.month_part('sum', month, 50300 / 3.0, 1, at_least(50300 / 3.0))) AS whole
    FROM generate_series(1, 3) month
) w
CROSS JOIN LATERAL judge(w.whole, 'sum', false, 1, 0.9) j;

-- The order of the parts, and how they are split, changes nothing.
SELECT count(DISTINCT whole::text) AS wholes
FROM generate_series(1, 20) seed
CROSS JOIN LATERAL (
    SELECT put_together(w) AS whole
    FROM (
        SELECT put_together(x ORDER BY (month * seed) % 13) AS w
        FROM (SELECT month, pg_temp.month_part('sum', month, month * 8, 1, at_least(month * 16)) AS x FROM generate_series(1, 12) month) p
        GROUP BY month % (1 + seed % 4)
    ) s
) t;
SELECT w = w2 AS reads_back
FROM (SELECT pg_temp.month_part('mean', 2, 3.25, 4, '>= 4 from 1 threshold 2 stretch 9 within 2 since 2026-01-01 by 2026-12-31')::text AS w) a,
     LATERAL (SELECT w::whole::text AS w2) b;
SELECT '{"aggregation": 9}'::whole;
SELECT part('median', NULL, NULL, true, '2026-01-01', '2026-01-31', '2026-01-31', '2026-02-01');
SELECT part('sum', NULL, NULL, NULL, '2026-01-01', '2026-01-31', '2026-01-31', '2026-02-01');
