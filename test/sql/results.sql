-- results: what the catalogue computes, against a second computation of the same in plain SQL, on
-- random catalogues. It shares no function with the extension but those over values (status and
-- the like, tested elsewhere), and reads observations, not summaries.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
SET jit = off;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

CREATE SCHEMA ref;

-- Random: the same on every machine, whatever the plan.
CREATE FUNCTION ref.rnd(VARIADIC text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(array_to_string($1, '/', '-')), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
CREATE FUNCTION ref.day(lo date, hi date, VARIADIC text[]) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT lo + floor(ref.rnd(VARIADIC $3) * (hi - lo + 1))::int $$;

-- The calendar of the test: fiscal years from April, weeks from Sunday.
CREATE FUNCTION ref.start(grain text, d date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE grain WHEN 'day' THEN d
        WHEN 'week' THEN d - extract(dow FROM d)::int
        WHEN 'year' THEN make_date(extract(year FROM d - interval '3 months')::int, 4, 1)
        ELSE date_trunc(grain, d)::date END $$;
CREATE FUNCTION ref.next(grain text, d date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT (d + CASE grain WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
                           WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date $$;
-- Where a part belongs in a longer grain: a week where its fourth day lies.
CREATE FUNCTION ref.whole(grain text, cadence text, d date) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT ref.start(grain, d + CASE WHEN cadence = 'week' AND grain <> 'week' THEN 3 ELSE 0 END) $$;
CREATE FUNCTION ref.rank(grain text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT array_position(ARRAY['day', 'week', 'month', 'quarter', 'year'], grain) $$;

CREATE TABLE ref.observations (kpi_id int, subject_id int, at timestamptz, value float8, weight float8);
CREATE TABLE ref.aggregations (n int, over_time text, over_subjects text);
INSERT INTO ref.aggregations
SELECT row_number() OVER (ORDER BY o COLLATE "C", s COLLATE "C"), o, s
FROM unnest('{sum,mean,ratio,last,min,max,count}'::text[]) o, unnest('{sum,mean,ratio,last,min,max,count}'::text[]) s
WHERE o = s OR (o <> 'ratio' AND s IN ('sum', 'mean', 'min', 'max'));
SELECT count(*) AS ways_to_aggregate FROM ref.aggregations;

-- A target of a KPI that has this direction.
CREATE FUNCTION ref.target(direction int, seed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE direction
        WHEN 0 THEN '>= ' || t || CASE WHEN ref.rnd(seed, 'b') < 0.7 THEN ' from ' || t - 4 ELSE '' END
                    || CASE WHEN ref.rnd(seed, 'h') < 0.7 THEN ' threshold ' || t - 2 ELSE '' END
                    || CASE WHEN ref.rnd(seed, 's') < 0.7 THEN ' stretch ' || t + 3 ELSE '' END
                    || CASE WHEN ref.rnd(seed, 'd') < 0.4 THEN ' since 2025-01-01 by 2025-12-31' ELSE '' END
        WHEN 1 THEN '<= ' || t || CASE WHEN ref.rnd(seed, 'b') < 0.7 THEN ' from ' || t + 6 ELSE '' END
                    || CASE WHEN ref.rnd(seed, 'h') < 0.7 THEN ' threshold ' || t + 2 ELSE '' END
        WHEN 2 THEN '= ' || t || CASE WHEN ref.rnd(seed, 'w') < 0.7 THEN ' within 5' ELSE '' END
        ELSE format('[%s,%s] within 10', t - 2, t + 3) END
    FROM (SELECT CASE WHEN ref.rnd(seed, 'zero') < 0.15 THEN 0 ELSE 4 + floor(ref.rnd(seed, 't') * 10) END AS t) v $$;

-- A catalogue: a company, divisions, teams, people (and one below a person), a vendor.
CREATE PROCEDURE ref.make_catalogue(seed text, cadences text[], first_day date, last_day date) LANGUAGE plpgsql AS $$
DECLARE
    s record;
    d date;
    days int := last_day - first_day;
BEGIN
    TRUNCATE ref.observations;
    INSERT INTO kra.settings (fiscal_year_start_month, week_start) VALUES (4, 7);
    INSERT INTO kra.job_roles (key, name) SELECT 'r' || i, 'Role ' || i FROM generate_series(1, 5) i;
    INSERT INTO kra.subjects (key, name, kind)
    SELECT k, initcap(k), CASE left(k, 1) WHEN 'c' THEN 'company' WHEN 'd' THEN 'project' WHEN 't' THEN 'team' WHEN 'v' THEN 'vendor' ELSE 'person' END
    FROM unnest('{co,d1,d2,t1,t2,t3,t4,p1,p2,p3,p4,p5,p6,p7,p8,p9,p10,p11,p12,p13,p14,v1}'::text[]) WITH ORDINALITY u(k, n) ORDER BY n;
    INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id, is_active)
    SELECT x.id, v.at, p.id, v.role, v.active
    FROM (VALUES ('co', date '2020-01-01', NULL, NULL::int, true), ('d1', '2020-01-01', 'co', 5, true), ('d2', '2020-01-01', 'co', NULL, true),
        ('t1', '2020-01-01', 'd1', 4, true), ('t2', '2020-01-01', 'd1', NULL, true), ('t3', '2020-01-01', 'd2', NULL, true), ('t4', '2020-01-01', 'd2', NULL, true),
        ('t2', first_day + days / 2, 'd2', NULL, true),
        ('t4', first_day + days / 3, 'd2', NULL, false), ('t4', first_day + days / 3 + greatest(2, days / 40), 'd1', NULL, true),
        ('t3', first_day + days * 3 / 4, 'd2', 3, true)) v(key, at, parent, role, active)
    JOIN kra.subjects x ON x.key = v.key LEFT JOIN kra.subjects p ON p.key = v.parent;
    FOR s IN SELECT * FROM kra.subjects WHERE key LIKE 'p%' ORDER BY id LOOP
        d := CASE WHEN ref.rnd(seed, s.key, 'late') < 0.25 THEN ref.day(first_day, last_day, seed, s.key, 'since') ELSE '2020-01-01' END;
        FOR i IN 1..4 LOOP
            INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id, is_active)
            SELECT s.id, d,
                   CASE WHEN s.key = 'p14' THEN (SELECT id FROM kra.subjects WHERE key = 'p13')
                        ELSE (SELECT id FROM kra.subjects WHERE key = (ARRAY['t1', 't2', 't3', 't4', 't1', 't2', 't3', 't4', 'd1', NULL])[1 + floor(ref.rnd(seed, s.key, 'team', i::text) * 10)]) END,
                   (ARRAY[1, 2, 3, 4, NULL])[1 + floor(ref.rnd(seed, s.key, 'role', i::text) * 4.4)],
                   i = 1 OR ref.rnd(seed, s.key, 'leaves', i::text) > 0.25
            ON CONFLICT DO NOTHING;
            d := ref.day(greatest(d, first_day), last_day + 5, seed, s.key, 'moves', i::text);
            EXIT WHEN ref.rnd(seed, s.key, 'stays', i::text) < 0.3;
        END LOOP;
    END LOOP;
    INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, state)
    SELECT format('k%s_%s_%s_%s', a.n, a.over_time, a.over_subjects, c), 'Kpi ' || a.n, CASE WHEN a.n % 3 = 0 THEN 'activity' ELSE 'outcome' END::kra.kpi_kind,
           a.over_time, a.over_subjects, c, CASE WHEN a.n = 9 THEN 'candidate' WHEN a.n = 10 THEN 'retired' ELSE 'active' END
    FROM ref.aggregations a, LATERAL (SELECT cadences[1 + a.n % cardinality(cadences)] AS c) x ORDER BY a.n;
    INSERT INTO kra.result_areas (job_role_id, key, name, position)
    SELECT r, 'a' || a, CASE WHEN ref.rnd(seed, 'area', r::text, a::text) < 0.5 THEN 'Growth ' ELSE 'Care ' END || a, a FROM generate_series(1, 5) r, generate_series(1, 2) a;
    -- KPIs come, change, go and come back
    INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, is_active)
    SELECT ra.id, k.id, v.at, floor(ref.rnd(seed, 'weight', ra.id::text, k.id::text, i::text) * 5),
           CASE WHEN ref.rnd(seed, 'none', ra.id::text, k.id::text, i::text) > 0.15
                THEN ref.target(CASE WHEN ref.rnd(seed, 'turned', ra.id::text, k.id::text) < 0.06 THEN 1 ELSE (ARRAY[0, 1, 0, 2, 0, 3])[1 + k.id % 6] END, concat_ws('/', seed, ra.id, k.id, i))::kra.kpi_target END,
           i = 1 OR ref.rnd(seed, 'off', ra.id::text, k.id::text, i::text) > 0.3
    FROM kra.result_areas ra JOIN kra.kpis k ON ref.rnd(seed, 'has', ra.job_role_id::text, k.id::text) < 0.4
        AND ra.key = CASE WHEN ref.rnd(seed, 'in', ra.job_role_id::text, k.id::text) < 0.6 THEN 'a1' ELSE 'a2' END,
        generate_series(1, 3) i, LATERAL (SELECT CASE i WHEN 1 THEN CASE WHEN ref.rnd(seed, 'comes', ra.id::text, k.id::text) < 0.7 THEN date '2020-01-01' ELSE first_day + days / 5 END
                                                 ELSE ref.day(first_day + days / 5 + 1, last_day, seed, 'change', ra.id::text, k.id::text, i::text) END AS at) v
    WHERE i = 1 OR ref.rnd(seed, 'changes', ra.id::text, k.id::text, i::text) < 0.4
    ON CONFLICT DO NOTHING;
    -- targets of their own: of people and of groups; NULL ends one
    INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target)
    SELECT k.id, x.id, CASE WHEN i = 1 AND ref.rnd(seed, 'old', k.key, x.key) < 0.5 THEN '2020-01-01' ELSE ref.day(first_day, last_day, seed, 'own', k.key, x.key, i::text) END,
           CASE WHEN ref.rnd(seed, 'ended', k.key, x.key, i::text) > 0.2 THEN ref.target((ARRAY[0, 1, 0, 2, 0, 3])[1 + k.id % 6], concat_ws('/', seed, k.key, x.key, i))::kra.kpi_target END
    FROM kra.kpis k, kra.subjects x, generate_series(1, 3) i
    WHERE ref.rnd(seed, 'owns', k.key, x.key) < 0.15 AND (i = 1 OR ref.rnd(seed, 'again', k.key, x.key, i::text) < 0.5)
    ON CONFLICT DO NOTHING;
    -- observations, 1 to 3 a period, with gaps; groups have some of their own
    INSERT INTO ref.observations
    SELECT k.id, x.id, least(b.at + floor(ref.rnd(seed, 'day', k.key, x.key, b.at::text, o::text) * (ref.next(k.cadence, b.at) - b.at))::int, last_day)
                       + (ref.rnd(seed, 'time', k.key, x.key, b.at::text, o::text) * 86000) * interval '1 second',
           floor(ref.rnd(seed, 'value', k.key, x.key, b.at::text, o::text) * 24 - 2) / 2,
           floor(ref.rnd(seed, 'of', k.key, x.key, b.at::text, o::text) * 6)
    FROM kra.kpis k, kra.subjects x, LATERAL (SELECT DISTINCT ref.start(k.cadence, first_day + i) AS at FROM generate_series(0, days) i) b, generate_series(1, 3) o
    WHERE ref.rnd(seed, 'measured', k.key, x.key) < CASE x.kind WHEN 'person' THEN 0.75 WHEN 'vendor' THEN 0.1 ELSE 0.15 END
      AND ref.rnd(seed, 'there', k.key, x.key, b.at::text) < CASE x.kind WHEN 'person' THEN 0.8 ELSE 0.5 END
      AND (o = 1 OR ref.rnd(seed, 'more', k.key, x.key, b.at::text, o::text) < 0.4);
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
    SELECT o.kpi_id, o.subject_id, ref.start(k.cadence, (o.at)::date), kra.actual_agg(o.value, o.at, o.weight)
    FROM ref.observations o JOIN kra.kpis k ON k.id = o.kpi_id GROUP BY 1, 2, 3;
END $$;

-- The second computation.

-- What was observed, by period of the KPI's cadence.
CREATE TABLE ref.measured (kpi_id int, subject_id int, start date, n float8, total float8, weight float8, low float8, high float8, newest timestamptz, newest_value float8);
-- Spans of time that are looked at: rows of the views, and the base periods in them.
CREATE TABLE ref.windows (id int GENERATED ALWAYS AS IDENTITY, grain text, start date, upto date, UNIQUE (grain, start, upto));
CREATE TABLE ref.view_rows (window_id int, period_end date);
CREATE TABLE ref.bases (window_id int, cadence text, start date, upto date, base_id int);
CREATE TABLE ref.chains (window_id int, subject_id int, ancestor_id int, depth int);
CREATE TABLE ref.sizes (window_id int, subject_id int, size int);
CREATE TABLE ref.roles (window_id int, subject_id int, role_id int);
CREATE TABLE ref.contributions (window_id int, kpi_id int, group_id int, start date, subject_id int, speaks_for int);
CREATE TABLE ref.actuals (window_id int, kpi_id int, subject_id int, actual float8, members int, weight float8, n float8);
CREATE TABLE ref.direct (window_id int, kpi_id int, subject_id int, has_own boolean, dir text, lo float8, hi float8, base float8, threshold float8, stretch float8, scale float8, since date, due date);
CREATE TABLE ref.targets (window_id int, kpi_id int, subject_id int, dir text, lo float8, hi float8, base float8, threshold float8, stretch float8, scale float8, since date, due date);
CREATE TABLE ref.lines (window_id int, subject_id int, kpi_id int, area text, weight float8, carriers int);

CREATE INDEX ON ref.measured (kpi_id, subject_id, start);
CREATE INDEX ON ref.roles (window_id, subject_id);
CREATE INDEX ON ref.chains (window_id, subject_id, depth);
CREATE INDEX ON ref.actuals (window_id, kpi_id, subject_id);
CREATE INDEX ON ref.targets (window_id, kpi_id, subject_id);
CREATE INDEX ON ref.direct (window_id, kpi_id, subject_id);

-- The last placement in which a subject is active and that touches these days, and its last day in them.
CREATE FUNCTION ref.placement(s int, a date, u date, OUT parent int, OUT role int, OUT last_day date) LANGUAGE sql STABLE AS $$
    SELECT p.parent_id, p.job_role_id, least(u, p.next_from - 1)
    FROM (SELECT p.*, lead(effective_from, 1, 'infinity') OVER (ORDER BY effective_from) AS next_from FROM kra.placements p WHERE subject_id = s) p
    WHERE p.is_active AND p.effective_from <= u AND p.next_from > a
    ORDER BY p.effective_from DESC LIMIT 1 $$;

CREATE PROCEDURE ref.compute(as_of date) LANGUAGE plpgsql AS $$
DECLARE
    range record;
    g text;
    first_day date;
BEGIN
    TRUNCATE ref.measured, ref.windows, ref.view_rows, ref.bases, ref.chains, ref.sizes, ref.roles, ref.contributions, ref.actuals, ref.direct, ref.targets, ref.lines;
    INSERT INTO ref.measured
    SELECT o.kpi_id, o.subject_id, ref.start(k.cadence, o.at::date), count(*), sum(o.value), sum(o.weight), min(o.value), max(o.value), max(o.at),
           (array_agg(o.value ORDER BY o.at DESC))[1]
    FROM ref.observations o JOIN kra.kpis k ON k.id = o.kpi_id
    WHERE ref.start(k.cadence, o.at::date) <= as_of
    GROUP BY 1, 2, 3;
    SELECT min(m.start) AS lo, max(m.start) AS hi, max(m.start) FILTER (WHERE k.cadence = 'week') AS last_week, (SELECT min(ref.rank(cadence)) FROM kra.kpis) AS finest
    INTO range FROM ref.measured m JOIN kra.kpis k ON k.id = m.kpi_id;
    FOREACH g IN ARRAY '{day,week,month,quarter,year}'::text[] LOOP
        first_day := ref.start(g, range.lo);
        WHILE first_day <= least(as_of, greatest(range.hi, CASE WHEN ref.rank(g) > ref.rank('week') THEN range.last_week + 3 END)) AND ref.rank(g) >= range.finest LOOP
            INSERT INTO ref.windows (grain, start, upto) VALUES (g, first_day, least(ref.next(g, first_day) - 1, as_of));
            first_day := ref.next(g, first_day);
        END LOOP;
    END LOOP;
    INSERT INTO ref.view_rows SELECT id, ref.next(grain, start) - 1 FROM ref.windows;
    -- a week belongs to the longer period of its fourth day
    INSERT INTO ref.windows (grain, start, upto)
    SELECT DISTINCT c.cadence, b.start, least(ref.next(c.cadence, b.start) - 1, w.upto)
    FROM ref.windows w, (SELECT DISTINCT cadence FROM kra.kpis) c, generate_series(-3, w.upto - w.start) i, LATERAL (SELECT ref.start(c.cadence, w.start + i) AS start) b
    WHERE ref.rank(c.cadence) < ref.rank(w.grain) AND ref.whole(w.grain, c.cadence, b.start) = w.start
    ON CONFLICT DO NOTHING;
    INSERT INTO ref.bases
    SELECT w.id, b.grain, b.start, b.upto, b.id
    FROM ref.windows w JOIN (SELECT DISTINCT cadence FROM kra.kpis) c ON ref.rank(c.cadence) <= ref.rank(w.grain)
    JOIN ref.windows b ON b.grain = c.cadence AND ref.whole(w.grain, c.cadence, b.start) = w.start AND b.start <= w.upto AND b.upto = least(ref.next(c.cadence, b.start) - 1, w.upto);
    -- who was where: up the tree on the last day that each was there
    WITH RECURSIVE up AS (
        SELECT w.id, w.start, s.id AS subject_id, s.id AS ancestor_id, 0 AS depth, w.upto FROM ref.windows w, kra.subjects s
        UNION ALL
        SELECT up.id, up.start, up.subject_id, p.parent, up.depth + 1, p.last_day FROM up, LATERAL ref.placement(up.ancestor_id, up.start, up.upto) p WHERE p.parent IS NOT NULL
    )
    INSERT INTO ref.chains SELECT id, subject_id, ancestor_id, depth FROM up;
    INSERT INTO ref.roles SELECT w.id, s.id, p.role FROM ref.windows w, kra.subjects s, LATERAL ref.placement(s.id, w.start, w.upto) p WHERE p.role IS NOT NULL;
    ANALYZE ref.chains; ANALYZE ref.measured; ANALYZE ref.bases;
    INSERT INTO ref.sizes SELECT window_id, ancestor_id, count(*) FROM ref.chains WHERE depth > 0 GROUP BY 1, 2;
    INSERT INTO ref.contributions
    SELECT b.window_id, m.kpi_id, c.ancestor_id, m.start, m.subject_id, greatest(1, coalesce(z.size, 0))
    FROM ref.bases b
    JOIN kra.kpis k ON k.cadence = b.cadence
    JOIN ref.measured m ON m.kpi_id = k.id AND m.start = b.start
    JOIN ref.chains c ON c.window_id = b.base_id AND c.subject_id = m.subject_id
    LEFT JOIN ref.sizes z ON z.window_id = b.base_id AND z.subject_id = m.subject_id   -- a group's own measurement is of all in it
    WHERE NOT EXISTS (SELECT FROM ref.chains x JOIN ref.measured o ON o.kpi_id = m.kpi_id AND o.subject_id = x.ancestor_id AND o.start = m.start
                      WHERE x.window_id = c.window_id AND x.subject_id = c.subject_id AND x.depth BETWEEN 1 AND c.depth);
    -- pooled, or value by value
    WITH parts AS (
        SELECT c.window_id, c.group_id, c.start AS at, c.speaks_for, k.over_time, k.over_subjects, m.*,
               k.over_time = k.over_subjects OR NOT EXISTS (SELECT FROM kra.placements p WHERE p.parent_id = c.group_id AND p.is_active) AS is_pooled
        FROM ref.contributions c JOIN kra.kpis k ON k.id = c.kpi_id
        JOIN ref.measured m ON m.kpi_id = c.kpi_id AND m.subject_id = c.subject_id AND m.start = c.start
    ), pooled AS (
        SELECT window_id, kpi_id, group_id,
               CASE over_time WHEN 'sum' THEN sum(total) WHEN 'count' THEN sum(n) WHEN 'mean' THEN sum(total) / sum(n) WHEN 'ratio' THEN sum(total) / nullif(sum(weight), 0)
                    WHEN 'min' THEN min(low) WHEN 'max' THEN max(high) WHEN 'last' THEN (array_agg(newest_value ORDER BY newest DESC))[1] END AS actual
        FROM parts WHERE is_pooled GROUP BY window_id, kpi_id, group_id, over_time
    ), each AS (
        SELECT window_id, kpi_id, group_id, at, over_time, over_subjects,
               CASE over_time WHEN 'sum' THEN total WHEN 'count' THEN n WHEN 'mean' THEN total / n WHEN 'min' THEN low WHEN 'max' THEN high WHEN 'last' THEN newest_value END AS v
        FROM parts WHERE NOT is_pooled
    ), across AS (
        SELECT window_id, kpi_id, group_id, at, over_time,
               CASE over_subjects WHEN 'sum' THEN sum(v) WHEN 'mean' THEN avg(v) WHEN 'min' THEN min(v) WHEN 'max' THEN max(v) END AS v
        FROM each GROUP BY window_id, kpi_id, group_id, at, over_time, over_subjects
    ), along AS (   -- counts of shorter periods add up
        SELECT window_id, kpi_id, group_id,
               CASE over_time WHEN 'sum' THEN sum(v) WHEN 'count' THEN sum(v) WHEN 'mean' THEN avg(v) WHEN 'min' THEN min(v) WHEN 'max' THEN max(v)
                    WHEN 'last' THEN (array_agg(v ORDER BY at DESC))[1] END AS actual
        FROM across GROUP BY window_id, kpi_id, group_id, over_time
    )
    INSERT INTO ref.actuals
    SELECT v.window_id, v.kpi_id, v.group_id, v.actual, p.members, p.weight, p.n
    FROM (SELECT * FROM pooled UNION ALL SELECT * FROM along) v
    JOIN (SELECT window_id, kpi_id, group_id, max(members) AS members, sum(weight) AS weight, sum(n) AS n
          FROM (SELECT window_id, kpi_id, group_id, at, sum(speaks_for) AS members, sum(weight) AS weight, sum(n) AS n FROM parts GROUP BY window_id, kpi_id, group_id, at) q
          GROUP BY 1, 2, 3) p USING (window_id, kpi_id, group_id);
    ANALYZE ref.actuals;

    -- targets of a base period, or in force at the end of a longer one
    INSERT INTO ref.direct
    SELECT window_id, kpi_id, subject_id, has_own, kra.direction(target), kra.lower(target), kra.upper(target), kra.baseline(target), kra.threshold(target), kra.stretch(target),
           kra.scale(target), kra.since(target), kra.due_on(target)
    FROM (
        SELECT q.window_id, q.kpi_id, s.id AS subject_id, o.subject_id IS NOT NULL AS has_own, CASE WHEN o.subject_id IS NOT NULL THEN o.target ELSE r.target END AS target
        FROM (SELECT w.id AS window_id, w.upto, k.id AS kpi_id
              FROM ref.windows w JOIN kra.kpis k ON k.cadence = w.grain OR (ref.rank(k.cadence) < ref.rank(w.grain) AND k.over_time NOT IN ('sum', 'count'))) q
        CROSS JOIN kra.subjects s
        LEFT JOIN LATERAL (SELECT t.subject_id, t.target FROM kra.targets t WHERE t.kpi_id = q.kpi_id AND t.subject_id = s.id AND t.effective_from <= q.upto ORDER BY t.effective_from DESC LIMIT 1) o ON true
        LEFT JOIN ref.roles sr ON sr.window_id = q.window_id AND sr.subject_id = s.id
        LEFT JOIN LATERAL (
            SELECT l.target FROM kra.result_areas ra CROSS JOIN LATERAL (
                SELECT rk.* FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id AND rk.kpi_id = q.kpi_id AND rk.effective_from <= q.upto ORDER BY rk.effective_from DESC LIMIT 1) l
            WHERE ra.job_role_id = sr.role_id AND l.is_active) r ON true
    ) t;
    ANALYZE ref.direct;
    WITH below AS (   -- the members of a group, but those for whom a group between speaks
        SELECT c.ancestor_id AS group_id, d.*
        FROM ref.direct d JOIN ref.chains c ON c.window_id = d.window_id AND c.subject_id = d.subject_id AND c.depth > 0
        WHERE NOT EXISTS (SELECT FROM ref.chains x JOIN ref.direct y ON y.window_id = x.window_id AND y.kpi_id = d.kpi_id AND y.subject_id = x.ancestor_id AND y.dir IS NOT NULL
                          WHERE x.window_id = c.window_id AND x.subject_id = c.subject_id AND x.depth > 0 AND x.depth < c.depth)
    ), parts AS (
        SELECT b.*, k.over_subjects,
               CASE WHEN k.over_subjects IN ('sum', 'count') THEN CASE WHEN b.dir = 'at_least' OR a.subject_id IS NOT NULL THEN 1 END   -- room that nobody is known to have kept to is no room
                    WHEN k.over_subjects = 'ratio' THEN a.weight
                    WHEN k.over_subjects = 'mean' AND k.over_time = 'mean' THEN a.n
                    WHEN k.over_subjects = 'mean' THEN CASE WHEN a.subject_id IS NOT NULL THEN 1 END
                    ELSE 1 END AS share,
               b.dir IS NULL AND EXISTS (SELECT FROM ref.measured m WHERE m.kpi_id = b.kpi_id AND m.subject_id = b.subject_id AND m.start <= w.upto
                                             AND ref.whole(w.grain, k.cadence, m.start) BETWEEN w.start AND w.upto)
                   AND NOT EXISTS (SELECT FROM kra.placements p WHERE p.parent_id = b.subject_id AND p.is_active) AS is_unasked
        FROM below b JOIN kra.kpis k ON k.id = b.kpi_id JOIN ref.windows w ON w.id = b.window_id
        LEFT JOIN ref.actuals a ON a.window_id = b.window_id AND a.kpi_id = b.kpi_id AND a.subject_id = b.subject_id
    ), shares AS (   -- nobody has data: all alike
        SELECT *, bool_or(is_unasked) OVER g AS any_unasked, min(dir) OVER g AS first_dir, max(dir) OVER g AS last_dir,
               CASE WHEN coalesce(sum(share) FILTER (WHERE dir IS NOT NULL) OVER g, 0) > 0 THEN nullif(share, 0) ELSE 1 END AS s
        FROM parts WINDOW g AS (PARTITION BY window_id, kpi_id, group_id)
    ), derived AS (
        SELECT window_id, kpi_id, group_id AS subject_id,
               CASE WHEN min(dir) = max(dir) AND (min(over_subjects) NOT IN ('sum', 'count') OR min(first_dir) = max(last_dir)) THEN min(dir) END AS dir,
               sum(lo * s) / sum(f) AS lo, sum(hi * s) / sum(f) AS hi,
               CASE WHEN count(base) = count(*) THEN sum(base * s) / sum(f) END AS base,
               CASE WHEN count(threshold) = count(*) THEN sum(threshold * s) / sum(f) END AS threshold,
               CASE WHEN count(stretch) = count(*) THEN sum(stretch * s) / sum(f) END AS stretch,
               CASE WHEN count(scale) = count(*) THEN sum(scale * s) / sum(f) END AS scale,
               CASE WHEN count(since) = count(*) AND min(since) = max(since) THEN min(since) END AS since,
               CASE WHEN count(due) = count(*) AND min(due) = max(due) THEN min(due) END AS due
        FROM (SELECT *, CASE WHEN over_subjects IN ('sum', 'count') THEN 1.0 / count(*) OVER g ELSE s END AS f
              FROM shares WHERE dir IS NOT NULL AND s IS NOT NULL AND NOT (any_unasked AND over_subjects IN ('sum', 'count'))
              WINDOW g AS (PARTITION BY window_id, kpi_id, group_id)) x
        GROUP BY window_id, kpi_id, group_id
    )
    INSERT INTO ref.targets
    SELECT window_id, kpi_id, subject_id, dir, lo, hi, base, threshold, stretch, scale, since, due FROM ref.direct WHERE dir IS NOT NULL
    UNION ALL
    SELECT d.* FROM derived d JOIN ref.direct x USING (window_id, kpi_id, subject_id) WHERE x.dir IS NULL AND NOT x.has_own AND d.dir IS NOT NULL;
    ANALYZE ref.targets;
    -- longer periods of what is summed or counted: of the base periods that have begun
    INSERT INTO ref.targets
    SELECT q.window_id, q.kpi_id, q.subject_id, min(q.dir), sum(lo), sum(hi), CASE WHEN count(base) = count(*) THEN sum(base) END,
           CASE WHEN count(threshold) = count(*) THEN sum(threshold) END, CASE WHEN count(stretch) = count(*) THEN sum(stretch) END, CASE WHEN count(scale) = count(*) THEN sum(scale) END,
           CASE WHEN count(since) = count(*) AND min(since) = max(since) THEN min(since) END, CASE WHEN count(due) = count(*) AND min(due) = max(due) THEN min(due) END
    FROM (SELECT b.window_id, k.id AS kpi_id, s.id AS subject_id, t.dir, t.lo, t.hi, t.base, t.threshold, t.stretch, t.scale, t.since, t.due,
                 bool_or(t.dir IS NULL AND a.actual IS NOT NULL) OVER g AS is_unasked, min(t.dir) OVER g = max(t.dir) OVER g AS is_one_way,
                 a.actual IS NOT NULL AS has_data, bool_or(t.dir IS NOT NULL AND a.actual IS NOT NULL) OVER g AS any_data
          FROM ref.bases b JOIN ref.windows w ON w.id = b.window_id JOIN kra.kpis k ON k.cadence = b.cadence AND k.cadence <> w.grain AND k.over_time IN ('sum', 'count')
          CROSS JOIN kra.subjects s
          LEFT JOIN ref.targets t ON t.window_id = b.base_id AND t.kpi_id = k.id AND t.subject_id = s.id
          LEFT JOIN ref.actuals a ON a.window_id = b.base_id AND a.kpi_id = k.id AND a.subject_id = s.id
          WHERE b.start <= range.hi
          WINDOW g AS (PARTITION BY b.window_id, k.id, s.id)) q
    WHERE q.dir IS NOT NULL AND NOT q.is_unasked AND q.is_one_way AND (q.dir = 'at_least' OR q.has_data OR NOT q.any_data)
    GROUP BY 1, 2, 3;

    -- cards
    WITH role_lines AS (
        SELECT r.window_id, r.subject_id, l.kpi_id, ra.name, l.weight
        FROM ref.roles r JOIN ref.view_rows v USING (window_id) JOIN ref.windows w ON w.id = r.window_id JOIN kra.result_areas ra ON ra.job_role_id = r.role_id
        CROSS JOIN kra.kpis k
        CROSS JOIN LATERAL (SELECT rk.* FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id AND rk.kpi_id = k.id AND rk.effective_from <= w.upto ORDER BY rk.effective_from DESC LIMIT 1) l
        WHERE l.is_active AND k.state <> 'candidate' AND ref.rank(k.cadence) <= ref.rank(w.grain)
    )
    INSERT INTO ref.lines
    SELECT window_id, subject_id, kpi_id, name, weight, NULL FROM role_lines
    UNION ALL
    SELECT c.window_id, c.ancestor_id, l.kpi_id, mode() WITHIN GROUP (ORDER BY l.name COLLATE "C"), sum(l.weight), count(*)
    FROM ref.chains c JOIN role_lines l USING (window_id, subject_id)
    WHERE c.depth > 0 AND NOT EXISTS (SELECT FROM ref.roles r WHERE r.window_id = c.window_id AND r.subject_id = c.ancestor_id)
    GROUP BY 1, 2, 3;
    -- measured, and on no card
    INSERT INTO ref.lines
    SELECT DISTINCT w.id, m.subject_id, m.kpi_id, NULL, NULL::float8, NULL::int
    FROM ref.windows w JOIN ref.view_rows v ON v.window_id = w.id JOIN ref.measured m ON m.start BETWEEN w.start AND w.upto
    JOIN kra.kpis k ON k.id = m.kpi_id AND ref.rank(k.cadence) <= ref.rank(w.grain)
    WHERE NOT EXISTS (SELECT FROM ref.lines l WHERE l.window_id = w.id AND l.subject_id = m.subject_id AND l.kpi_id = m.kpi_id);
END $$;

-- Two numbers are the same up to rounding, and NULL is NULL.
CREATE FUNCTION ref.same(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN a IS NULL AND b IS NULL ELSE abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b)) END $$;

CREATE TABLE ref.disagreements (catalogue text, as_of date, row_key text, what text);
CREATE TABLE ref.compared (catalogue text, as_of date, period_grain text, rows_compared int, with_actual int, with_target int, derived int, uncarded int, cards int, scores int, UNIQUE (catalogue, as_of, period_grain));

CREATE PROCEDURE ref.compare(catalogue text, as_of date) LANGUAGE plpgsql AS $$
BEGIN
    CALL ref.compute(as_of);
    DROP TABLE IF EXISTS ref.found, ref.cards, ref.expected;
    CREATE TABLE ref.found AS
    SELECT row_key, subject_key, kpi_key, period_grain, period_start, period_end, kra_name, weight_value, is_on_card, is_derived, member_count, observed_member_count, actual_value,
           target_direction, target_lower_value, target_upper_value, baseline_value, threshold_value, stretch_value, target_since, target_due, attainment_pct, status
    FROM kra.kpi_results(as_of);
    CREATE TABLE ref.expected AS
    SELECT s.key AS subject_key, k.key AS kpi_key, k.kind::text AS kind, w.grain AS period_grain, w.start AS period_start, w.upto, v.period_end, l.area, l.weight, l.carriers,
           a.actual, coalesce(a.members, 0) AS members, t.dir, t.lo, t.hi, t.base, t.threshold, t.stretch, t.since, t.due,
           CASE t.dir WHEN 'at_least' THEN kra.at_least(t.lo, t.base, t.threshold, t.stretch, t.scale, t.since, t.due)
                      WHEN 'at_most' THEN kra.at_most(t.hi, t.base, t.threshold, t.stretch, t.scale, t.since, t.due)
                      WHEN 'exactly' THEN kra.exactly(t.lo, t.base, t.threshold, t.stretch, t.scale, t.since, t.due)
                      WHEN 'inside' THEN kra.inside(t.lo, t.hi, t.base, t.threshold, t.stretch, t.scale, t.since, t.due) END::text AS target
    FROM ref.lines l JOIN ref.windows w ON w.id = l.window_id JOIN ref.view_rows v ON v.window_id = w.id
    JOIN kra.subjects s ON s.id = l.subject_id JOIN kra.kpis k ON k.id = l.kpi_id
    LEFT JOIN ref.actuals a ON a.window_id = l.window_id AND a.kpi_id = l.kpi_id AND a.subject_id = l.subject_id
    LEFT JOIN ref.targets t ON t.window_id = l.window_id AND t.kpi_id = l.kpi_id AND t.subject_id = l.subject_id;
    INSERT INTO ref.disagreements
    SELECT catalogue, as_of, coalesce(f.subject_key || ' ' || f.kpi_key || ' ' || f.period_grain || ' ' || f.period_start, e.subject_key || ' ' || e.kpi_key || ' ' || e.period_grain || ' ' || e.period_start), d.what
    FROM ref.found f FULL JOIN ref.expected e USING (subject_key, kpi_key, period_grain, period_start)
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN f.kpi_key IS NULL THEN 'missing' WHEN e.kpi_key IS NULL THEN 'not expected'
            WHEN f.period_end <> e.period_end THEN 'period_end'
            WHEN NOT ref.same(f.actual_value, e.actual) THEN format('actual %s, expected %s', f.actual_value, e.actual)
            WHEN f.target_direction IS DISTINCT FROM e.dir
                OR NOT ref.same(f.target_lower_value, CASE WHEN e.dir <> 'at_most' THEN e.lo END) OR NOT ref.same(f.target_upper_value, CASE WHEN e.dir <> 'at_least' THEN e.hi END)
                THEN format('target %s %s %s, expected %s', f.target_direction, f.target_lower_value, f.target_upper_value, e.target)
            WHEN NOT (ref.same(f.baseline_value, e.base) AND ref.same(f.threshold_value, e.threshold) AND ref.same(f.stretch_value, e.stretch)) OR (f.target_since, f.target_due) IS DISTINCT FROM (e.since, e.due)
                THEN format('target parts %s, expected %s', row(f.baseline_value, f.threshold_value, f.stretch_value, f.target_since, f.target_due), e.target)
            WHEN f.is_on_card <> (e.weight IS NOT NULL) OR NOT ref.same(f.weight_value, coalesce(e.weight, 0)) THEN format('weight %s, expected %s', f.weight_value, e.weight)
            WHEN f.kra_name IS DISTINCT FROM e.area THEN format('KRA %s, expected %s', f.kra_name, e.area)
            WHEN f.is_derived <> (e.carriers IS NOT NULL) OR f.member_count <> coalesce(e.carriers, 1) THEN format('carried by %s, expected %s', f.member_count, e.carriers)
            WHEN f.observed_member_count <> e.members THEN format('observed %s, expected %s', f.observed_member_count, e.members)
            WHEN NOT ref.same(f.attainment_pct, kra.attainment(e.actual, e.target::kra.kpi_target)) THEN 'attainment'
            WHEN f.status IS DISTINCT FROM kra.status(e.actual, e.target::kra.kpi_target, e.upto)::text THEN format('status %s', f.status) END AS what
    ) d
    WHERE d.what IS NOT NULL;
    CREATE TABLE ref.cards AS SELECT * FROM kra.scorecards(as_of);
    INSERT INTO ref.disagreements
    SELECT catalogue, as_of, coalesce(c.subject_key || ' ' || c.period_grain || ' ' || c.period_start, e.subject_key || ' ' || e.period_grain || ' ' || e.period_start), d.what
    FROM ref.cards c
    FULL JOIN (
        SELECT subject_key, period_grain, period_start, score, coalesce(coverage, 0) AS coverage, n, no_data, no_target, good,
               CASE WHEN coverage >= 0.5 THEN score END AS shown, CASE WHEN outcome_coverage >= 0.5 THEN outcome END AS outcome, CASE WHEN activity_coverage >= 0.5 THEN activity END AS activity
        FROM (
            SELECT subject_key, period_grain, period_start, sum(known * a) / nullif(sum(known), 0) AS score, sum(known) / nullif(sum(weight), 0) AS coverage, count(*) AS n,
                   count(*) FILTER (WHERE status = 'no_data') AS no_data, count(*) FILTER (WHERE status = 'no_target') AS no_target, count(*) FILTER (WHERE status IN ('on_track', 'exceeded')) AS good,
                   sum(known * a) FILTER (WHERE kind = 'outcome') / nullif(sum(known) FILTER (WHERE kind = 'outcome'), 0) AS outcome,
                   sum(known) FILTER (WHERE kind = 'outcome') / nullif(sum(weight) FILTER (WHERE kind = 'outcome'), 0) AS outcome_coverage,
                   sum(known * a) FILTER (WHERE kind = 'activity') / nullif(sum(known) FILTER (WHERE kind = 'activity'), 0) AS activity,
                   sum(known) FILTER (WHERE kind = 'activity') / nullif(sum(weight) FILTER (WHERE kind = 'activity'), 0) AS activity_coverage
            FROM (
                SELECT r.*, CASE WHEN met IS NULL THEN 0 ELSE weight * CASE WHEN carriers > 1 THEN least(members, carriers)::float8 / carriers ELSE 1 END END AS known,
                       CASE WHEN attainment IS NOT NULL THEN greatest(0, least(1.2, attainment)) ELSE met::int END AS a
                FROM (SELECT e.*, kra.met(e.actual, e.target::kra.kpi_target) AS met, kra.attainment(e.actual, e.target::kra.kpi_target) AS attainment,
                             kra.status(e.actual, e.target::kra.kpi_target, e.upto)::text AS status FROM ref.expected e) r
                WHERE weight IS NOT NULL
            ) l GROUP BY 1, 2, 3
        ) x
    ) e USING (subject_key, period_grain, period_start)
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN c.row_key IS NULL THEN 'card missing' WHEN e.n IS NULL THEN 'card not expected'
            WHEN NOT ref.same(c.coverage_pct, e.coverage) THEN format('coverage %s, expected %s', c.coverage_pct, e.coverage)
            WHEN NOT ref.same(c.score_value, e.shown) THEN format('score %s, expected %s', c.score_value, e.shown)
            WHEN NOT ref.same(c.outcome_score_value, e.outcome) OR NOT ref.same(c.activity_score_value, e.activity) THEN 'score by kind'
            WHEN (c.score_value IS NULL) <> (c.score_reason IS NOT NULL) THEN 'score_reason'
            WHEN (c.kpi_count, c.no_data_count, c.no_target_count, c.exceeded_count + c.on_track_count) <> (e.n, e.no_data, e.no_target, e.good) THEN 'counts' END AS what
    ) d
    WHERE d.what IS NOT NULL;
    INSERT INTO ref.compared
    SELECT catalogue, as_of, f.period_grain, count(*), count(f.actual_value), count(f.target_direction), count(*) FILTER (WHERE f.is_derived), count(*) FILTER (WHERE NOT f.is_on_card),
           (SELECT count(*) FROM ref.cards c WHERE c.period_grain = f.period_grain), (SELECT count(score_value) FROM ref.cards c WHERE c.period_grain = f.period_grain)
    FROM ref.found f GROUP BY f.period_grain;
END $$;

CALL ref.make_catalogue('a', '{month,quarter,month,year,month}', '2025-01-10', '2025-12-20');
CALL ref.compare('months', '2025-08-14');
CALL ref.compare('months', '2026-01-14');
-- a few in full
SELECT row_key, subject_key, kpi_key, kra_name, weight_value, member_count, observed_member_count, actual_value, target_direction, target_lower_value, target_upper_value, baseline_value, round(attainment_pct::numeric, 6) AS attainment, status
FROM ref.found WHERE period_start = '2025-04-01' AND period_grain = 'quarter' AND subject_key IN ('co', 't2', 'p1') ORDER BY subject_key, kpi_key COLLATE "C" LIMIT 12;

-- the same with days and weeks, over the end of a month, a quarter and a year
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CALL ref.make_catalogue('b', '{week,day,week,month,week,week,week}', '2025-03-20', '2025-04-08');
CALL ref.compare('days', '2025-04-03');

SELECT * FROM ref.compared ORDER BY catalogue, as_of, ref.rank(period_grain);
SELECT count(*) AS disagreements FROM ref.disagreements;
SELECT * FROM ref.disagreements ORDER BY catalogue, as_of, row_key LIMIT 20;
DROP SCHEMA ref CASCADE;
