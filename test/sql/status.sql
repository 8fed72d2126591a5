-- status, status_code, expected, assess.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET search_path = kra, public, kra_internal;
\pset null '(null)'

-- the order of the enum, and the code of each
SELECT s, status_code(s) FROM unnest(enum_range(NULL::kpi_status)) s ORDER BY s;
SELECT status_code(NULL::kpi_status), status_code(95, '>= 95'), status_code(86, '>= 95'), status_code(85, '>= 95'),
       status_code(98, '>= 95 stretch 98'), status_code(NULL, '>= 95'), status_code(95, NULL), status_code(NULL, NULL);
SELECT status_code(50, '>= 100 since 2026-01-01 by 2026-04-11', '2026-02-20') AS on_pace,
       status_code(actual => 50, target => '>= 100', as_of => '2026-02-20') AS no_window,
       status_code(51, '>= 100 from 0 since 2026-01-01 by 2026-04-11', as_of => '2026-03-02') AS at_risk;

-- no data comes before no target
SELECT status(NULL, '>= 95'), status(95, NULL), status(NULL, NULL),
       status(NULL, '>= 95', '2026-01-01'), status(95, NULL, '2026-01-01'), status(95, '>= 95', NULL);
SELECT status('NaN', '>= 95');
SELECT status('Infinity', '>= 95');
SELECT status('-Infinity', '<= 4', '2026-01-01');
SELECT status_code('NaN', '>= 95');
SELECT * FROM assess('Infinity', '>= 95');
SELECT status('NaN', NULL);

--
-- Every row: below, at and above each boundary
--
CREATE TEMP TABLE cases (id int GENERATED ALWAYS AS IDENTITY, rule text, target text, actuals float8[]);
INSERT INTO cases (rule, target, actuals) VALUES
    -- the target and 0.9, no threshold
    ('0.9', '>= 40', '{-40, 0, 35.999, 36, 36.001, 39.999, 40, 40.001, 1000}'),
    ('0.9', '>= -10', '{-12, -11.001, -11, -10.999, -10, -9.999, 0, 5}'),
    ('0.9', '>= 40 from 30', '{30, 38.999, 39, 40, 41}'),
    ('0.9', '>= 0 within 10', '{-10, -1.001, -1, -0.001, 0, 0.001}'),
    ('0.9', '<= 40', '{-40, 0, 39.999, 40, 40.001, 44, 44.001, 80}'),
    ('0.9', '<= -10', '{-12, -10, -9.999, -9, -8.999, 0, 5}'),
    ('0.9', '<= 5 from 20', '{4, 5, 5.001, 6.5, 6.501, 20, 25}'),
    ('0.9', '<= 0 within 10', '{-1, 0, 0.001, 1, 1.001}'),
    ('0.9', '= 50', '{44.999, 45, 49.999, 50, 50.001, 55, 55.001}'),
    ('0.9', '= -10', '{-11.001, -11, -10, -9, -8.999}'),
    ('0.9', '= 0 within 10', '{-1.001, -1, 0, 1, 1.001}'),
    ('0.9', '[45,55] within 10', '{43.999, 44, 45, 50, 55, 56, 56.001}'),
    ('0.9', '[-25,-5]', '{-26.001, -26, -25, -5, -4, -3.999}'),
    -- no scale: met or not
    ('no scale', '>= 0', '{-1, -0.001, 0, 1}'),
    ('no scale', '<= 0', '{-1, 0, 0.001, 1}'),
    ('no scale', '= 0', '{-0.001, 0, 0.001}'),
    ('no scale', '[5,5]', '{4.999, 5, 5.001}'),
    ('no scale, threshold', '>= 0 threshold -5', '{-5.001, -5, -0.001, 0}'),
    ('no scale, threshold', '<= 0 threshold 5', '{0, 0.001, 5, 5.001}'),
    ('no scale, stretch', '>= 0 stretch 5', '{-1, 0, 4.999, 5}'),
    ('no scale, stretch', '<= 0 stretch -5', '{-5, -4.999, 0, 1}'),
    -- the threshold, which takes the place of 0.9
    ('threshold', '>= 95 threshold 90', '{85.5, 89.999, 90, 90.001, 94.999, 95}'),
    ('threshold above 0.9', '>= 40 threshold 39', '{36, 38.999, 39, 39.999, 40}'),
    ('threshold below 0.9', '>= 40 threshold 10', '{9.999, 10, 35, 40}'),
    ('threshold', '>= -2 threshold -5', '{-5.001, -5, -2.001, -2, 0}'),
    ('threshold', '>= 5 threshold -5', '{-5.001, -5, 4.999, 5}'),
    ('threshold at target', '>= 40 threshold 40', '{39.999, 40}'),
    ('threshold', '<= 4 threshold 8', '{4, 4.001, 8, 8.001, 20}'),
    ('threshold above 0.9', '<= 40 threshold 41', '{40, 40.001, 41, 41.001, 44}'),
    ('threshold', '<= -5 threshold -2', '{-5, -4.999, -2, -1.999, 0}'),
    ('threshold at target', '<= 40 threshold 40', '{40, 40.001}'),
    ('threshold below', '= 50 threshold 40', '{39.999, 40, 49.999, 50, 50.001, 60, 60.001}'),
    ('threshold above', '= 50 threshold 60', '{39.999, 40, 49.999, 50, 50.001, 60, 60.001}'),
    ('threshold at target', '= 50 threshold 50', '{49.999, 50, 50.001}'),
    ('threshold below', '[45,55] threshold 40', '{39.999, 40, 44.999, 45, 55, 55.001, 60, 60.001}'),
    ('threshold above', '[45,55] threshold 60', '{39.999, 40, 44.999, 45, 55, 55.001, 60, 60.001}'),
    ('threshold at an end', '[45,55] threshold 45', '{44.999, 45, 55, 55.001}'),
    -- the stretch
    ('stretch', '>= 95 stretch 98', '{85.499, 85.5, 94.999, 95, 97.999, 98, 98.001}'),
    ('stretch', '>= -5 stretch 2', '{-5.001, -5, 1.999, 2}'),
    ('stretch at target', '>= 95 stretch 95', '{94.999, 95}'),
    ('no stretch', '>= 95', '{95, 1000000}'),
    ('stretch', '<= 4 stretch 2', '{4.401, 4.4, 4.001, 4, 2.001, 2, 1.999}'),
    ('stretch', '<= -5 stretch -7', '{-4.999, -5, -6.999, -7}'),
    ('stretch at target', '<= 4 stretch 4', '{4.001, 4}'),
    ('threshold and stretch', '>= 95 threshold 90 stretch 98', '{89.999, 90, 95, 98}'),
    ('threshold and stretch', '<= 4 threshold 8 stretch 2', '{8.001, 8, 4, 2}');
\pset format unaligned
SELECT target, rule,
       string_agg(a || ' ' || status(a, target::kpi_target), ' | ' ORDER BY a) AS "actual status"
FROM cases, unnest(actuals) a GROUP BY id, target, rule ORDER BY id;
\pset format aligned

-- rounding noise decides neither at the target nor at threshold, stretch or 0.9
SELECT a, t, status(a, t)
FROM (VALUES
    (0.1::float8 + 0.2::float8, '<= 0.3'::kpi_target),
    (0.1::float8 + 0.2::float8, '<= 0.1 threshold 0.3'), (-(0.1::float8 + 0.2::float8), '>= -0.1 threshold -0.3'),
    (0.7::float8 + 0.1::float8, '>= 1 threshold 0.8'), (0.1::float8 + 0.2::float8, '<= 0.5 stretch 0.3'),
    (0.7::float8 + 0.1::float8, '>= 0.5 stretch 0.8'), (50.1::float8 + 0.2::float8, '= 50 threshold 49.7'),
    (50.1::float8 + 0.2::float8, '[40,50] threshold 50.3'), (39.7, '[40,50] threshold 50.3'),
    (4.4, '<= 4'), (0.63, '>= 0.7'), (0.09, '>= 0.1'), (1.1, '<= 1'), (5.5, '<= 5'), (38.7, '>= 43'),
    (0.39, '>= 0.4 from 0.3'), (5.65, '<= 5.5 from 7'), (99.9981, '>= 99.999 from 99.99')
) v(a, t);

--
-- as_of: the window [since, due), 100 days from 2026-01-01 to 2026-04-11
--
CREATE TEMP TABLE days (id int, what text, day date);
INSERT INTO days VALUES
    (1, 'before', '2025-12-31'), (2, 'since', '2026-01-01'), (3, 'first', '2026-01-02'), (4, 'quarter', '2026-01-26'),
    (5, 'half', '2026-02-20'), (6, 'last', '2026-04-10'), (7, 'due', '2026-04-11'), (8, 'after', '2026-04-12'),
    (9, 'never', 'infinity'), (10, 'ever', '-infinity');
SELECT id, what, day,
       round(expected('>= 40 from 30 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS ">= from",
       round(expected('>= 40 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS ">=",
       round(expected('>= -40 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS ">= -",
       round(expected('>= 0 from -10 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS ">= 0 from",
       round(expected('>= 0 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS ">= 0",
       round(expected('<= 5 from 20 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS "<= from",
       round(expected('<= 5 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS "<=",
       round(expected('= 50 from 40 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS "= from",
       round(expected('[45,55] from 30 since 2026-01-01 by 2026-04-11', day)::numeric, 9)::float8 AS "[] from"
FROM days ORDER BY id;
-- one date, or none, is no window; and none is one of no length
SELECT expected('>= 40 from 30 since 2026-01-01', '2026-02-20') AS since_only, expected('>= 40 from 30 by 2026-04-11', '2026-02-20') AS by_only,
       expected('>= 40 from 30', '2026-02-20') AS none, expected('>= 40 from 30 since 2026-02-20 by 2026-02-20', '2026-02-20') AS empty,
       expected(NULL, '2026-02-20') AS no_target, expected('>= 40', NULL) AS no_day;
SELECT expected('>= 40 from 40 since 2026-01-01 by 2026-04-11', '2026-02-20') AS at_target,
       expected('>= 40 from 30 within 5 since 2026-01-01 by 2026-04-11', '2026-02-20') AS scale_is_no_start,
       expected('>= 1e308 from -1e308 since 2026-01-01 by 2026-04-11', '2026-02-20') AS huge,
       expected('>= 1 from 0 since 0001-01-01 by 9999-12-31', '2000-01-01') BETWEEN 0.199 AND 0.201 AS long;

INSERT INTO cases (rule, target, actuals) VALUES
    ('pace from baseline', '>= 40 from 30 since 2026-01-01 by 2026-04-11', '{29, 29.999, 30, 31.5, 32.499, 32.5, 33.999, 34, 35, 39, 40}'),
    ('pace from 0', '>= 40 since 2026-01-01 by 2026-04-11', '{-4.001, -4, -0.001, 0, 6, 10, 15.999, 16, 20, 36, 40}'),
    ('no pace', '>= -40 since 2026-01-01 by 2026-04-11', '{-44.001, -44, -40}'),
    ('no pace', '>= 0 since 2026-01-01 by 2026-04-11', '{-0.001, 0}'),
    ('pace to 0', '>= 0 from -10 since 2026-01-01 by 2026-04-11', '{-11.001, -11, -10, -7.5, -6.001, -6, -5, 0}'),
    ('pace down', '<= 5 from 20 since 2026-01-01 by 2026-04-11', '{21.501, 21.5, 20, 16.25, 14.001, 14, 12.5, 6.5, 5}'),
    ('pace down, below 0', '<= -5 from 5 since 2026-01-01 by 2026-04-11', '{6.001, 6, 5, 2.5, 1.001, 1, 0, -4, -5}'),
    ('no pace', '<= 5 since 2026-01-01 by 2026-04-11', '{5.501, 5.5, 5, 0}'),
    ('no pace', '= 50 from 40 since 2026-01-01 by 2026-04-11', '{40, 48.999, 49, 50, 51}'),
    ('no pace', '[45,55] from 35 since 2026-01-01 by 2026-04-11', '{43.999, 44, 45, 55, 56, 56.001}'),
    ('W stays', '>= 40 from 30 within 20 since 2026-01-01 by 2026-04-11', '{27.999, 28, 30, 32.999, 33, 35, 38, 40}'),
    ('threshold left out', '>= 40 from 30 threshold 39 since 2026-01-01 by 2026-04-11', '{28.999, 29, 30, 33.999, 34, 35, 38.999, 39, 40}'),
    ('threshold left out', '<= 5 from 20 threshold 19 since 2026-01-01 by 2026-04-11', '{21.501, 21.5, 20, 19, 14.001, 14, 12.5, 5}'),
    ('threshold left out', '<= 5 threshold 9 since 2026-01-01 by 2026-04-11', '{9.001, 9, 5.501, 5.5, 5}'),
    ('threshold left out', '= 50 threshold 30 since 2026-01-01 by 2026-04-11', '{29.999, 30, 44.999, 45, 50}'),
    ('threshold left out', '[45,65] threshold 30 since 2026-01-01 by 2026-04-11', '{29.999, 30, 43.999, 44, 45, 65}'),
    ('exceeded at stretch', '>= 40 from 30 stretch 44 since 2026-01-01 by 2026-04-11', '{30, 35, 40, 43.999, 44}'),
    ('exceeded at stretch', '<= 5 from 20 stretch 3 since 2026-01-01 by 2026-04-11', '{20, 12.5, 5, 3.001, 3}'),
    ('no window', '>= 40 from 30 threshold 39 since 2026-01-01', '{30, 38.999, 39, 40}'),
    ('no window', '>= 40 from 30 threshold 39 by 2026-04-11', '{30, 38.999, 39, 40}');
\pset format unaligned
SELECT target, rule, what AS day, string_agg(a || ' ' || status(a, target::kpi_target, day), ' | ' ORDER BY a) AS "actual status"
FROM cases, unnest(actuals) a, days d
WHERE target ~ 'since|by' AND d.id IN (1, 2, 4, 5, 7, 8) GROUP BY cases.id, target, rule, d.id, what
ORDER BY cases.id, d.id;
\pset format aligned
-- noise does not decide against the expected value either: it is 0.3 on that day
SELECT round(expected('>= 3 since 2026-01-01 by 2026-04-11', '2026-01-11')::numeric, 9) AS expected,
       status(0.3, '>= 3 since 2026-01-01 by 2026-04-11', '2026-01-11') AS decimal,
       status(0.1::float8 + 0.2::float8, '<= 0 from 3 since 2026-01-01 by 2026-04-11', '2026-04-01') AS sum,
       status(33.3, '>= 111 from 0 since 2026-01-01 by 2026-04-11', '2026-01-31') AS third;

--
-- assess: all of it in one row
--
SELECT a, t, r.*
FROM (VALUES
    (1, 96.5, '>= 95 from 88 threshold 90 stretch 98'), (2, 98, '>= 95 from 88 threshold 90 stretch 98'),
    (3, 91, '>= 95 from 88 threshold 90 stretch 98'), (4, 88, '>= 95 from 88 threshold 90 stretch 98'),
    (5, 3, '>= -2'), (6, 0, '<= 4'), (7, 35, '>= 40 from 30'), (8, 4.4, '<= 4'), (9, 57, '[45,55] within 10'),
    (10, 0, '<= 0'), (11, 1, '<= 0'), (12, NULL, '>= 95'), (13, 95, NULL), (14, NULL, NULL),
    (15, 45, '[45,55]'), (16, 55, '[45,55]'), (17, NULL, '<= 0')
) v(id, a, t), LATERAL assess(a::float8, t::kpi_target) r ORDER BY id;
SELECT a, t, day, r.*
FROM (VALUES
    (1, 35, '>= 40 from 30 since 2026-01-01 by 2026-04-11', '2026-02-20'::date),
    (2, 34, '>= 40 from 30 since 2026-01-01 by 2026-04-11', '2026-02-20'),
    (3, 35, '>= 40 from 30 since 2026-01-01 by 2026-04-11', '2026-04-11'),
    (4, 35, '>= 40 from 30 since 2026-01-01 by 2026-04-11', '2025-12-31'),
    (5, 35, '>= 40 from 30 since 2026-01-01 by 2026-04-11', NULL),
    (6, NULL, '>= 40 from 30 since 2026-01-01 by 2026-04-11', '2026-02-20'),
    (7, 35, NULL, '2026-02-20'),
    (8, 57, '[45,55] within 10 since 2026-01-01 by 2026-04-11', '2026-02-20'),
    (9, -1, '>= 0 since 2026-01-01 by 2026-04-11', '2026-02-20')
) v(id, a, t, day), LATERAL assess(a, t::kpi_target, day) r ORDER BY id;
SELECT (assess(actual => 35, target => '>= 40 from 30', as_of => NULL)).status;

--
-- The rules once more, in exact decimals, over a grid
--
CREATE FUNCTION pg_temp.exact(direction text, l numeric, u numeric, b numeric, h numeric, s numeric, a numeric,
                              share numeric, OUT expected numeric, OUT status text) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    e_l numeric := l;
    e_u numeric := u;
    w numeric;
    met boolean;
    attainment numeric;
BEGIN
    -- W belongs to the target itself
    w := CASE direction WHEN 'inside' THEN greatest(l - b, b - u, 0) ELSE abs(l - b) END;
    IF w IS NULL OR w = 0 THEN
        w := CASE direction WHEN 'inside' THEN (u - l) / 2 ELSE abs(l) END;
    END IF;
    -- share: of the window that has gone by, NULL outside
    IF share IS NOT NULL AND (direction = 'at_least' AND (b IS NOT NULL OR l > 0) OR direction = 'at_most' AND b IS NOT NULL) THEN
        e_l := coalesce(b, 0) + (l - coalesce(b, 0)) * share;
        e_u := e_l;
    END IF;
    expected := CASE WHEN direction <> 'inside' THEN e_l END;
    met := CASE direction WHEN 'at_least' THEN a >= e_l WHEN 'at_most' THEN a <= e_u ELSE a BETWEEN e_l AND e_u END;
    attainment := 1 - CASE direction WHEN 'at_least' THEN e_l - a WHEN 'at_most' THEN a - e_u
                      ELSE greatest(e_l - a, a - e_u, 0) END / nullif(w, 0);
    status := CASE
        WHEN met AND direction = 'at_least' AND a >= s THEN 'exceeded'
        WHEN met AND direction = 'at_most' AND a <= s THEN 'exceeded'
        WHEN met THEN 'on_track'
        WHEN share IS NULL AND h IS NOT NULL THEN
            CASE WHEN CASE direction WHEN 'at_least' THEN a >= h WHEN 'at_most' THEN a <= h
                      ELSE greatest(l - a, a - u) <= greatest(l - h, h - u) END THEN 'at_risk' ELSE 'off_track' END
        WHEN attainment >= 0.9 THEN 'at_risk'
        ELSE 'off_track' END;
END $$;
CREATE TEMP TABLE grid AS
SELECT direction, sign, l, u, b, h, s
FROM (VALUES ('at_least', 1), ('at_most', -1), ('exactly', 1), ('inside', 1)) d(direction, sign),
     unnest('{-95.5,-2,0,0.3,4,40,123.5}'::numeric[]) l,
     LATERAL (SELECT CASE direction WHEN 'inside' THEN l + 0.6 ELSE l END AS u) r,
     LATERAL (SELECT NULL::numeric AS b UNION ALL SELECT l UNION ALL SELECT l - sign * 10 UNION ALL SELECT l - sign * 0.7) base,
     LATERAL (SELECT NULL::numeric AS h UNION ALL SELECT l UNION ALL SELECT l - sign * 0.3 UNION ALL SELECT l - sign * 12) red,
     LATERAL (SELECT NULL::numeric AS s UNION ALL SELECT l + sign * off FROM unnest('{0,0.2}'::numeric[]) off
              WHERE direction IN ('at_least', 'at_most')) st;
CREATE TEMP TABLE compared AS
SELECT g.*, t, a, day, status(a::float8, t, day)::text AS got, expected(t, day) AS got_expected,
       e.status AS want, e.expected AS want_expected
FROM grid g,
     LATERAL (SELECT CASE direction
                  WHEN 'at_least' THEN at_least(l::float8, b::float8, h::float8, s::float8, NULL, '2026-01-01', '2026-04-11')
                  WHEN 'at_most' THEN at_most(l::float8, b::float8, h::float8, s::float8, NULL, '2026-01-01', '2026-04-11')
                  WHEN 'exactly' THEN exactly(l::float8, b::float8, h::float8, NULL, NULL, '2026-01-01', '2026-04-11')
                  ELSE inside(l::float8, u::float8, b::float8, h::float8, NULL, NULL, '2026-01-01', '2026-04-11') END AS t) c,
     (VALUES ('2025-12-31'::date, NULL::numeric), ('2026-01-01', 0), ('2026-01-31', 0.3), ('2026-04-10', 0.99),
             ('2026-04-11', NULL)) w(day, share),
     LATERAL (SELECT l - sign * step AS a FROM unnest('{-0.3,-0.2,-0.001,0,0.001,0.07,0.3,0.301,0.6,0.67,1,4,8.3,9,12,12.001}'::numeric[]) step
              UNION SELECT u + 0.3 UNION SELECT u + 12 UNION SELECT l * 0.9 UNION SELECT l * 1.1 UNION SELECT l * 0.3
              UNION SELECT b UNION SELECT l * 0.99 - abs(l) * 0.1
              UNION SELECT b + (l - b) * 0.3 UNION SELECT b + (l - b) * 0.2 UNION SELECT b + (l - b) * 0.99) x,
     LATERAL pg_temp.exact(direction, l, u, b, h, s, a, share) e
WHERE a IS NOT NULL;
SELECT count(*) AS compared, count(DISTINCT t) AS targets, count(*) FILTER (WHERE got IS DISTINCT FROM want) AS status_disagree,
       count(*) FILTER (WHERE (got_expected IS NULL) <> (want_expected IS NULL)
                        OR abs(got_expected::numeric - want_expected) > 1e-12 * greatest(abs(want_expected), 1)) AS expected_disagree,
       count(*) FILTER (WHERE status_code(a::float8, t, day) IS DISTINCT FROM status_code(got::kpi_status)) AS code_disagree
FROM compared;
SELECT direction, count(*) FILTER (WHERE want = 'off_track') AS off_track, count(*) FILTER (WHERE want = 'at_risk') AS at_risk,
       count(*) FILTER (WHERE want = 'on_track') AS on_track, count(*) FILTER (WHERE want = 'exceeded') AS exceeded
FROM compared GROUP BY direction ORDER BY direction;
SELECT t, a, day, got, want, got_expected, want_expected FROM compared
WHERE got IS DISTINCT FROM want ORDER BY t, a, day LIMIT 10;
-- assess says what the single functions say
SELECT count(*) AS disagree
FROM compared c, LATERAL assess(a::float8, t, day) r
WHERE r.status::text <> got OR r.expected IS DISTINCT FROM got_expected OR r.status_code <> status_code(r.status)
   OR r.attainment IS DISTINCT FROM attainment(a::float8, t) OR r.met <> met(a::float8, t)
   OR (r.reason = 'no_scale') IS DISTINCT FROM CASE WHEN r.attainment IS NULL THEN true END;

-- Noise does not decide the 0.9 rule either where the target is large beside its scale.
SELECT kra.status(250000.27, '>= 250000.37 within 1'), kra.status(99.9991, '<= 99.999 within 0.001'), kra.status(250000.2699, '>= 250000.37 within 1');
-- Nor whether a limit lies inside a range.
SELECT '[0.3,1] threshold 0.30000000000000004'::kra.kpi_target, '[0.3,1] from 0.30000000000000004'::kra.kpi_target;
SELECT '[0.3,1] threshold 0.30000001'::kra.kpi_target;

-- At risk begins where it is said, at the limit and just below it; a threshold of the target comes first.
SELECT a, f, kra.status(a, '>= 100', NULL, f), kra.status_code(a, '>= 100', NULL, f), (kra.assess(a, '>= 100', NULL, f)).status AS assessed
FROM (VALUES (99.5, 0.995), (99.4999, 0.995), (89.9999, NULL), (90, NULL), (50, 0.5), (49.9999, 0.5), (99.9999, 1), (100, 1)) v (a, f);
SELECT kra.status(89, '>= 100 threshold 88', at_risk_from => 0.95), kra.status(87, '>= 100 threshold 88', at_risk_from => 0.5),
       kra.status(104, '<= 100', at_risk_from => 0.96), kra.status(104.0001, '<= 100', at_risk_from => 0.96), kra.status(0, '= 0', at_risk_from => 0.5), kra.status(1, '= 0', at_risk_from => 0.5);
-- on the way to a dated target, too: 45 is expected by then
SELECT a, kra.status(a, '>= 90 since 2026-01-01 by 2026-01-31', '2026-01-16', 0.99) FROM unnest('{45,44.1,44.0999}'::float8[]) a;
SELECT kra.status(1, '>= 1', NULL, 0);
SELECT kra.status_code(1, '>= 1', NULL, 1.0001);
SELECT kra.assess(1, '>= 1', NULL, 'NaN');
