-- Random changes of a catalogue. After each, what is kept is what is made from nothing, and a
-- reader sees of it what would be made of what the reader may see.
--
--   psql -v seed=1 -v changes=1000 -f kept.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
CREATE EXTENSION IF NOT EXISTS kra;
CREATE SCHEMA kept;
SELECT setseed(:seed / 1000.0) \g /dev/null

SELECT count(*) FROM kra.define(jsonb_build_object('effective_from', date '2024-01-01',
    'subjects', (SELECT jsonb_agg(s) FROM (
        SELECT '{"key": "company", "name": "Company", "kind": "company"}'::jsonb AS s
        UNION ALL
        SELECT jsonb_build_object('key', 't' || i, 'name', 'Team ' || i, 'kind', 'team', 'parent',
                                  CASE WHEN i > 3 THEN 't' || i - 3 ELSE 'company' END)
        FROM generate_series(1, 5) i
        UNION ALL
        SELECT jsonb_build_object('key', 'p' || i, 'name', 'Person ' || i, 'kind', 'person',
                                  'parent', 't' || 1 + i % 5, 'role', 'r' || 1 + i % 2)
        FROM generate_series(1, 12) i) x),
    'roles', '[{"key": "r1", "name": "Role 1", "kras": [{"name": "A", "kpis": [
        {"key": "sum", "name": "Sum", "kind": "outcome", "target": ">= 10"},
        {"key": "mean", "name": "Mean", "kind": "outcome", "over_time": "mean",
         "over_subjects": "mean", "target": "<= 5 from 9 since 2025-01-01 by 2026-12-31"}]},
        {"name": "B", "kpis": [
        {"key": "ratio", "name": "Ratio", "kind": "activity", "over_time": "ratio",
         "over_subjects": "ratio", "target": "[7,9]"},
        {"key": "last", "name": "Last", "kind": "activity", "over_time": "last",
         "target": ">= 4 threshold 2"}]}]},
      {"key": "r2", "name": "Role 2", "kras": [{"name": "A", "kpis": [
        {"key": "sum", "name": "Sum", "kind": "outcome", "weight": 2, "target": ">= 20"},
        {"key": "weekly", "name": "Weekly", "kind": "activity", "cadence": "week",
         "target": ">= 3"},
        {"key": "min", "name": "Min", "kind": "outcome", "over_time": "min",
         "over_subjects": "min", "cadence": "quarter", "target": ">= 1"}]}]}]'::jsonb))
\g /dev/null

CREATE FUNCTION kept.any_of(_from text, _column text DEFAULT 'id') RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    result integer;
BEGIN
    EXECUTE format('SELECT %I FROM kra.%I ORDER BY random() LIMIT 1', _column, _from) INTO result;
    RETURN result;
END $$;
CREATE FUNCTION kept.some_day() RETURNS date LANGUAGE sql VOLATILE AS
    $$ SELECT kra_internal.today() - (random() * random() * 600)::integer $$;

-- One change; what it was.
CREATE FUNCTION kept.change() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    n constant integer := floor(random() * 17);
    k kra.kpis;
    at date := kept.some_day();
    person integer := (SELECT s.id FROM kra.subjects s WHERE s.kind = 'person'
                       ORDER BY random() LIMIT 1);
    aim kra.kpi_target := format(
        (ARRAY['>= %s', '<= %s', '= %s', '>= %s threshold 1', '>= %s from 1'])
        [1 + floor(random() * 5)], 2 + floor(random() * 20))::kra.kpi_target;
BEGIN
    SELECT * INTO k FROM kra.kpis ORDER BY random() LIMIT 1;
    CASE
        WHEN n <= 4 THEN
            INSERT INTO kra.measurements AS m (kpi_id, subject_id, period_start, actual)
            SELECT k.id, s.id, kra_internal.grid_start(k.grid, d.at),
                   kra.actual_agg(floor(random() * 20), d.at, 1 + floor(random() * 3))
            FROM (SELECT at + (random() * 90)::integer AS at FROM generate_series(1, 3)) d
            CROSS JOIN LATERAL (
                SELECT id FROM kra.subjects
                WHERE kind = 'person' OR (random() < 0.1 AND d.at IS NOT NULL)
                ORDER BY random() LIMIT 2) s
            WHERE d.at <= kra_internal.today() + 20
            GROUP BY s.id, kra_internal.grid_start(k.grid, d.at), d.at
            ON CONFLICT (kpi_id, subject_id, period_start) DO NOTHING;
            RETURN 'measure ' || k.key;
        WHEN n = 5 THEN
            UPDATE kra.measurements m SET actual = (SELECT kra.actual_agg(v, m.period_start, 2) FROM (VALUES (3.0)) x (v))
            FROM (SELECT kpi_id, subject_id, period_start FROM kra.measurements
                  ORDER BY random() LIMIT 3) x
            WHERE (m.kpi_id, m.subject_id, m.period_start)
                  = (x.kpi_id, x.subject_id, x.period_start);
            RETURN 'measure otherwise';
        WHEN n = 6 THEN
            DELETE FROM kra.measurements m
            USING (SELECT kpi_id, subject_id, period_start FROM kra.measurements
                   ORDER BY random() LIMIT 2) x
            WHERE (m.kpi_id, m.subject_id, m.period_start)
                  = (x.kpi_id, x.subject_id, x.period_start);
            RETURN 'measure no more';
        WHEN n = 7 THEN
            INSERT INTO kra.targets AS t (kpi_id, subject_id, effective_from, target)
            VALUES (k.id, CASE WHEN random() < 0.7 THEN person ELSE kept.any_of('subjects') END,
                    at, CASE WHEN random() < 0.8 THEN aim END)
            ON CONFLICT (kpi_id, subject_id, effective_from)
            DO UPDATE SET target = excluded.target;
            RETURN 'target ' || k.key;
        WHEN n = 8 THEN
            DELETE FROM kra.targets t
            USING (SELECT kpi_id, subject_id, effective_from FROM kra.targets
                   ORDER BY random() LIMIT 1) x
            WHERE (t.kpi_id, t.subject_id, t.effective_from)
                  = (x.kpi_id, x.subject_id, x.effective_from);
            RETURN 'target no more';
        WHEN n = 9 THEN
            INSERT INTO kra.result_area_kpis AS r (result_area_id, kpi_id, effective_from, target,
                                                   weight, is_active)
            SELECT x.result_area_id, x.kpi_id, at, aim, 1 + floor(random() * 3),
                   random() < 0.8
            FROM kra.result_area_kpis x ORDER BY random() LIMIT 1
            ON CONFLICT (result_area_id, kpi_id, effective_from)
            DO UPDATE SET target = excluded.target, weight = excluded.weight;
            RETURN 'role target';
        WHEN n IN (10, 11) THEN
            INSERT INTO kra.placements AS p (subject_id, effective_from, parent_id, job_role_id,
                                             is_active)
            SELECT person, at, t.id, CASE WHEN random() < 0.8 THEN kept.any_of('job_roles') END,
                   random() < 0.8
            FROM kra.subjects t WHERE t.kind <> 'person' ORDER BY random() LIMIT 1
            ON CONFLICT (subject_id, effective_from)
            DO UPDATE SET parent_id = excluded.parent_id, job_role_id = excluded.job_role_id;
            RETURN 'move a person';
        WHEN n = 12 THEN
            DELETE FROM kra.placements p
            USING (SELECT subject_id, effective_from FROM kra.placements
                   WHERE effective_from > '2024-01-01' ORDER BY random() LIMIT 1) x
            WHERE (p.subject_id, p.effective_from) = (x.subject_id, x.effective_from);
            RETURN 'no move';
        WHEN n = 13 THEN
            BEGIN
                INSERT INTO kra.placements AS p (subject_id, effective_from, parent_id)
                SELECT a.id, at, b.id
                FROM kra.subjects a CROSS JOIN kra.subjects b
                WHERE a.kind = 'team' AND b.kind <> 'person' AND a.id <> b.id
                ORDER BY random() LIMIT 1
                ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = excluded.parent_id;
            EXCEPTION WHEN check_violation THEN   -- a loop
                RETURN 'no move of a team';
            END;
            RETURN 'move a team';
        WHEN n = 14 THEN
            UPDATE kra.kpis SET missing = CASE missing WHEN 'zero' THEN 'unknown' ELSE 'zero' END
            WHERE key IN ('sum', 'weekly') AND random() < 0.5;
            UPDATE kra.kpis SET at_risk_from = 0.8 + random() / 10 WHERE id = k.id;
            UPDATE kra.subjects SET key = key || 'x' WHERE id = person AND length(key) < 6;
            RETURN 'KPI ' || k.key;
        WHEN n = 15 THEN
            PERFORM kra.define(jsonb_build_object('settings', jsonb_build_object('review_cadence',
                (ARRAY['month', 'quarter', 'half_year'])[1 + floor(random() * 3)])));
            RETURN 'settings';
        ELSE   -- days went by without a change
            UPDATE kra_internal.kept_days SET as_of = as_of - 40, since = since - 40;
            DELETE FROM kra_internal.kept_lines l USING kra_internal.kept_days d
            WHERE l.first_day > d.as_of;
            RETURN 'days';
    END CASE;
END $$;

CREATE FUNCTION kept.differences() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (
        WITH anew AS MATERIALIZED (
            SELECT l.* FROM kra_internal.kept_days d
            CROSS JOIN LATERAL kra_internal.lines_to_keep(kra_internal.today(), d.first_day,
                                                          kra_internal.today(), NULL, NULL) l
        )
        SELECT (SELECT count(*) FROM (TABLE anew EXCEPT TABLE kra_internal.kept_lines) x)
             + (SELECT count(*) FROM (TABLE kra_internal.kept_lines EXCEPT TABLE anew) x));
END $$;

CREATE TABLE kept.wrong (n integer, what text, differences bigint);
CREATE TABLE kept.done (what text);
CREATE PROCEDURE kept.run(_changes integer) LANGUAGE plpgsql AS $$
DECLARE
    what text;
    differences bigint;
BEGIN
    FOR n IN 1.._changes LOOP
        what := kept.change();
        INSERT INTO kept.done VALUES (split_part(what, ' ', 1));
        IF what = 'days' THEN   -- the next change brings the lines to today
            UPDATE kra.measurements SET recorded_at = now()
            WHERE (kpi_id, subject_id, period_start) IN (
                SELECT kpi_id, subject_id, period_start FROM kra.measurements LIMIT 1);
        END IF;
        IF EXISTS (SELECT FROM kra.measurements WHERE period_start <= kra_internal.today()) THEN
            differences := kept.differences();
            IF differences > 0 THEN
                INSERT INTO kept.wrong VALUES (n, what, differences);
                PERFORM kra_internal.keep_lines(NULL, NULL, '-infinity', 'infinity');
            END IF;
        END IF;
        COMMIT;
    END LOOP;
END $$;
CALL kept.run(:changes);
SELECT 'WRONG: ' || what || ' (change ' || n || '): ' || differences || ' lines differ'
FROM kept.wrong ORDER BY n LIMIT 20;
SELECT string_agg(what || ' ' || count, ', ' ORDER BY what)
FROM (SELECT what, count(*) FROM kept.done GROUP BY what) x;
SELECT (SELECT count(*) FROM kept.done) || ' changes, ' || (SELECT count(*) FROM kept.wrong)
       || ' wrong, ' || (SELECT count(*) FROM kra_internal.kept_lines) || ' lines kept';
