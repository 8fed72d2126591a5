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

-- Several things in one call.
CREATE FUNCTION kept.change_document(_at date, _person integer) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    n constant text := 'd' || 1 + floor(random() * 4);
    grain constant text := (ARRAY['half_year', 'half_year', 'month', 'week', 'year'])
                           [1 + floor(random() * 5)];
    made jsonb := jsonb_build_object('effective_from', _at,
        'kpis', jsonb_build_array(jsonb_build_object('key', n, 'name', 'KPI ' || n, 'kind', 'outcome',
            'missing', CASE WHEN random() < 0.5 THEN 'zero' END)
            || CASE WHEN EXISTS (SELECT FROM kra.kpis k WHERE k.key = n) THEN '{}'
                    ELSE jsonb_build_object('cadence', grain) END),
        'roles', jsonb_build_array(jsonb_build_object('key', 'r' || 1 + floor(random() * 3),
            'name', 'Role', 'kras', jsonb_build_array(jsonb_build_object('key', 'A', 'name', 'A',
                'kpis', jsonb_build_array(
                    jsonb_build_object('key', n, 'target', '>= ' || 1 + floor(random() * 9)),
                    jsonb_build_object('key', 'sum', 'target', '>= ' || 1 + floor(random() * 9),
                                       'weight', 1 + floor(random() * 3))))))),
        'targets', jsonb_build_array(jsonb_build_object('kpi', n, 'target', '>= 2', 'subject',
            (SELECT s.key FROM kra.subjects s WHERE s.id = _person))),
        'subjects', jsonb_build_array(
            jsonb_build_object('key', 'new' || floor(random() * 5), 'name', 'New', 'kind', 'person',
                               'parent', 't' || 1 + floor(random() * 5),
                               'role', 'r' || 1 + floor(random() * 2))));
BEGIN
    IF random() < 0.2 THEN
        PERFORM kra.define(made, dry_run => true);
        RETURN 'document, dry';
    END IF;
    PERFORM kra.define(made);
    RETURN 'document of ' || n;
EXCEPTION WHEN check_violation OR invalid_parameter_value THEN
    RETURN 'document refused: ' || sqlerrm;
END $$;

-- A target for a longer period than the KPI's, shared out or not.
CREATE FUNCTION kept.change_period(k kra.kpis, _person integer, _at date) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    grain constant text := (ARRAY['quarter', 'half_year', 'year'])[1 + floor(random() * 3)];
    parts constant integer := CASE WHEN k.cadence <> 'year' THEN
        kra_internal.parts_in(kra_internal.grid_in_force('year'), k.grid, date '2001-01-15')
        / (ARRAY[4, 2, 1])[array_position(ARRAY['quarter', 'half_year', 'year'], grain)] END;
    shares constant double precision[] := CASE WHEN random() < 0.5 THEN ARRAY(
        SELECT floor(random() * 5) + 1 FROM generate_series(1, parts)) END;
BEGIN
    IF random() < 0.5 THEN
        INSERT INTO kra.targets AS t (kpi_id, subject_id, effective_from, target, target_grain,
                                      phasing)
        VALUES (k.id, _person, _at, '>= 100', grain, shares)
        ON CONFLICT (kpi_id, subject_id, effective_from) DO UPDATE
        SET (target, target_grain, phasing)
            = (excluded.target, excluded.target_grain, excluded.phasing);
    ELSE
        UPDATE kra.result_area_kpis r
        SET (target, target_grain, phasing) = ('>= 100', grain, shares)
        WHERE r.kpi_id = k.id;
    END IF;
    RETURN 'target of a ' || grain;
EXCEPTION WHEN check_violation OR invalid_parameter_value THEN
    RETURN 'target refused: ' || sqlerrm;
END $$;

CREATE FUNCTION kept.change_kpi(k kra.kpis) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    rule constant text := (ARRAY['sum', 'mean', 'ratio', 'last', 'min', 'max', 'count'])
                          [1 + floor(random() * 7)];
BEGIN
    IF random() < 0.6 THEN
        UPDATE kra.kpis x
        SET (over_time, over_subjects, missing)
            = (rule, CASE WHEN rule = 'last' THEN 'sum' ELSE rule END, 'unknown')
        WHERE x.id = k.id;
        RETURN 'KPI over_time ' || rule;
    END IF;
    UPDATE kra.kpis x
    SET state = (ARRAY['candidate', 'active', 'active', 'retired'])[1 + floor(random() * 4)]
    WHERE x.id = k.id;
    RETURN 'KPI state';
EXCEPTION WHEN check_violation OR invalid_parameter_value THEN
    RETURN 'KPI refused: ' || sqlerrm;
END $$;

CREATE FUNCTION kept.change_seldom(_n integer, _person integer, _at date) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    name constant text := (SELECT s.key FROM kra.subjects s WHERE s.id = _person);
BEGIN
    CASE _n
        WHEN 19 THEN
            IF random() < 0.5 THEN
                INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id)
                SELECT p.subject_id, kra_internal.today() - floor(random() * 40)::integer,
                       p.parent_id, p.job_role_id
                FROM kra.placements p WHERE p.subject_id = _person
                ORDER BY p.effective_from LIMIT 1
                ON CONFLICT DO NOTHING;
                RETURN 'move back';
            END IF;
            UPDATE kra.placements p SET effective_from = p.effective_from + 17
            WHERE p.subject_id = _person AND p.effective_from > '2024-01-01';
            RETURN 'move later';
        WHEN 20 THEN
            IF name !~ '^forgotten'
               AND (SELECT count(*) FROM kra.subjects s WHERE s.key ~ '^forgotten') < 6 THEN
                PERFORM kra.forget(name);
            END IF;
            RETURN 'forget';
        WHEN 21 THEN   -- everything goes, days are cut otherwise, and it comes again
            IF random() < 0.5 THEN
                CREATE TEMP TABLE saved ON COMMIT DROP AS TABLE kra.measurements;
                TRUNCATE kra.measurements;
                PERFORM kra.define(jsonb_build_object('settings', jsonb_build_object('time_zone',
                    (ARRAY['UTC', 'Pacific/Auckland', 'America/Lima'])[1 + floor(random() * 3)])));
                INSERT INTO kra.measurements SELECT * FROM saved;
                RETURN 'measure zone';
            END IF;
            DELETE FROM kra.measurements m
            WHERE m.period_start < (SELECT min(x.period_start) + 20 FROM kra.measurements x);
            RETURN 'measure no more at first';
        WHEN 22 THEN
            UPDATE kra.result_areas a SET name = a.name || 'x'
            WHERE a.id = kept.any_of('result_areas') AND length(a.name) < 5;
            DELETE FROM kra.result_area_kpis r
            USING (SELECT result_area_id, kpi_id, effective_from FROM kra.result_area_kpis
                   ORDER BY random() LIMIT 1) x
            WHERE random() < 0.3 AND (r.result_area_id, r.kpi_id, r.effective_from)
                  = (x.result_area_id, x.kpi_id, x.effective_from);
            RETURN 'role otherwise';
        WHEN 23 THEN
            PERFORM kra.define(jsonb_build_object('settings', jsonb_build_object(
                'fiscal_year_start_month', 1 + 3 * floor(random() * 4))));
            RETURN 'settings of the year';
        ELSE
            DELETE FROM kra.measurements m WHERE m.subject_id = _person;
            DELETE FROM kra.targets t WHERE t.subject_id = _person;
            IF random() < 0.3 THEN
                DELETE FROM kra.placements p WHERE p.subject_id = _person;
                DELETE FROM kra.subjects s WHERE s.id = _person;
            END IF;
            RETURN 'nobody any more';
    END CASE;
EXCEPTION WHEN check_violation OR foreign_key_violation OR unique_violation THEN
    RETURN 'refused: ' || sqlerrm;
END $$;

-- One change that is taken back, and one whose lines are held to the end of the transaction.
CREATE FUNCTION kept.change_and_back() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    done text;
BEGIN
    IF random() < 0.5 THEN
        BEGIN
            PERFORM kept.change() FROM generate_series(1, 3);
            RAISE EXCEPTION 'undo' USING ERRCODE = 'KRADR';
        EXCEPTION WHEN SQLSTATE 'KRADR' THEN
            NULL;
        END;
        RETURN 'nothing';
    END IF;
    PERFORM kra_internal.hold_lines();
    SELECT string_agg(kept.change(), ', ') INTO done
    FROM generate_series(1, 1 + floor(random() * 3)::integer);
    RETURN 'held: ' || done;
END $$;

-- One change; what it was.
CREATE FUNCTION kept.change() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    n constant integer := floor(random() * 32);
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
            WHERE over_time IN ('sum', 'count') AND random() < 0.3;
            UPDATE kra.kpis SET at_risk_from = 0.8 + random() / 10 WHERE id = k.id;
            UPDATE kra.subjects SET key = key || 'x' WHERE id = person AND length(key) < 6;
            RETURN 'KPI ' || k.key;
        WHEN n = 15 THEN
            PERFORM kra.define(jsonb_build_object('settings', jsonb_build_object('review_cadence',
                (ARRAY['month', 'quarter', 'half_year'])[1 + floor(random() * 3)])));
            RETURN 'settings';
        WHEN n = 16 THEN
            RETURN kept.change_document(at, person);
        WHEN n = 17 THEN
            RETURN kept.change_period(k, person, at);
        WHEN n = 18 THEN
            RETURN kept.change_kpi(k);
        WHEN n >= 19 AND n <= 24 THEN
            RETURN kept.change_seldom(n, person, at);
        WHEN n <= 28 THEN
            RETURN kept.change_and_back();
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
            SELECT l.* FROM (SELECT min(m.period_start) AS first_day FROM kra.measurements m) d
            CROSS JOIN LATERAL kra_internal.lines_to_keep(kra_internal.today(), d.first_day,
                                                          kra_internal.today(), NULL, NULL) l
            WHERE d.first_day <= kra_internal.today()
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
        IF what ~ '^held' THEN
            COMMIT;
        END IF;
        INSERT INTO kept.done VALUES (regexp_replace(what, '[ :,].*', ''));
        IF what ~ '\mdays\M' THEN   -- the next change brings the lines to today
            UPDATE kra.measurements SET recorded_at = now()
            WHERE (kpi_id, subject_id, period_start) IN (
                SELECT kpi_id, subject_id, period_start FROM kra.measurements LIMIT 1);
        END IF;
        differences := kept.differences()
            + (SELECT count(*) FROM kra_internal.line_work)
            + (SELECT count(*) FROM kra_internal.kept_days d
               WHERE d.as_of <> kra_internal.today()
                  OR d.first_day <> (SELECT min(m.period_start) FROM kra.measurements m)
                  OR d.since > (SELECT min(l.last_day) FROM kra_internal.kept_lines l
                                WHERE NOT l.is_final));
        IF differences > 0 THEN
            INSERT INTO kept.wrong VALUES (n, what, differences);
            PERFORM kra_internal.keep_lines(NULL, NULL, '-infinity', 'infinity');
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
