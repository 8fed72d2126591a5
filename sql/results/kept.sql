-- Kept lines: results as of today, made anew by whatever changes what they come from, in the same
-- transaction. What is over is final; periods that run hold for a day, and are made anew by the
-- first change of the next, or on reading.
--
--   change of a table → line_work (what may be another line now) → keep_lines → kept_lines

CREATE TABLE kra_internal.kept_lines (
    subject_id integer NOT NULL,
    kpi_id integer NOT NULL,
    grid kra_internal.grid NOT NULL,
    period_start date NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    result_area_id integer,
    last_on date,
    member_count integer NOT NULL,
    observed_member_count integer NOT NULL,
    status kra.kpi_status NOT NULL,
    is_derived boolean NOT NULL,
    is_final boolean NOT NULL,
    is_on_target boolean,
    is_plain boolean NOT NULL,
    weight double precision,
    actual double precision,
    target kra.kpi_target,
    attainment double precision,
    observations bigint NOT NULL,
    judged double precision,
    expected_lower double precision,
    expected_upper double precision,
    progress double precision,
    projected double precision,
    coverage double precision,
    reason text,
    PRIMARY KEY (kpi_id, subject_id, grid, period_start)
);
CREATE INDEX ON kra_internal.kept_lines (grid, period_start, kpi_id);
CREATE INDEX ON kra_internal.kept_lines (subject_id, grid, period_start);
CREATE INDEX ON kra_internal.kept_lines (last_day) WHERE NOT is_final;
COMMENT ON TABLE kra_internal.kept_lines IS 'derived: lines as of today (see kra_internal.line), from the first measurement on. Columns stand in the order that takes the least room';
COMMENT ON COLUMN kra_internal.kept_lines.subject_id IS 'the subject';
COMMENT ON COLUMN kra_internal.kept_lines.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra_internal.kept_lines.grid IS 'how periods are cut';
COMMENT ON COLUMN kra_internal.kept_lines.period_start IS 'first day of the period by its grid';
COMMENT ON COLUMN kra_internal.kept_lines.first_day IS 'first day of the period and all of its parts';
COMMENT ON COLUMN kra_internal.kept_lines.last_day IS 'last day of the period and all of its parts';
COMMENT ON COLUMN kra_internal.kept_lines.result_area_id IS 'where the KPI stands on the card';
COMMENT ON COLUMN kra_internal.kept_lines.member_count IS 'members who carry the KPI, else 1';
COMMENT ON COLUMN kra_internal.kept_lines.observed_member_count IS 'members with data';
COMMENT ON COLUMN kra_internal.kept_lines.status IS 'the status';
COMMENT ON COLUMN kra_internal.kept_lines.is_derived IS 'does the line come from the cards of members?';
COMMENT ON COLUMN kra_internal.kept_lines.is_final IS 'can no later day make another line of it?';
COMMENT ON COLUMN kra_internal.kept_lines.is_on_target IS 'is the target met?';
COMMENT ON COLUMN kra_internal.kept_lines.is_plain IS 'all parts are judged by the target itself, so that the columns from judged to coverage say nothing new and are NULL';
COMMENT ON COLUMN kra_internal.kept_lines.weight IS 'weight on the card; NULL: on no card';
COMMENT ON COLUMN kra_internal.kept_lines.last_on IS 'day of the newest observation';
COMMENT ON COLUMN kra_internal.kept_lines.actual IS 'what was observed';
COMMENT ON COLUMN kra_internal.kept_lines.target IS 'what was aimed for';
COMMENT ON COLUMN kra_internal.kept_lines.attainment IS 'attainment, to date while the period runs';
COMMENT ON COLUMN kra_internal.kept_lines.observations IS 'number of observations';
COMMENT ON COLUMN kra_internal.kept_lines.judged IS 'what the target is compared with';
COMMENT ON COLUMN kra_internal.kept_lines.expected_lower IS 'lower end of what was expected to date';
COMMENT ON COLUMN kra_internal.kept_lines.expected_upper IS 'upper end of what was expected to date';
COMMENT ON COLUMN kra_internal.kept_lines.progress IS 'attainment of the full target';
COMMENT ON COLUMN kra_internal.kept_lines.projected IS 'where the period will end at this pace';
COMMENT ON COLUMN kra_internal.kept_lines.coverage IS 'share of the parts with data and a target';
COMMENT ON COLUMN kra_internal.kept_lines.reason IS 'why there is no attainment';

CREATE TABLE kra_internal.kept_days (
    as_of date NOT NULL,
    first_day date NOT NULL,
    since date NOT NULL
);
CREATE UNIQUE INDEX ON kra_internal.kept_days ((true));
ALTER TABLE kra_internal.kept_days REPLICA IDENTITY FULL;   -- a subscriber needs one
COMMENT ON TABLE kra_internal.kept_days IS 'derived: of which days the kept lines are; no row: there are none';
COMMENT ON COLUMN kra_internal.kept_days.as_of IS 'the day as of which they are kept';
COMMENT ON COLUMN kra_internal.kept_days.first_day IS 'the first day of which there are lines: the first that was measured';
COMMENT ON COLUMN kra_internal.kept_days.since IS 'lines whose last day is before it are final';

CREATE TABLE kra_internal.line_work (
    is_hold boolean NOT NULL DEFAULT false,
    kpi_ids integer[],
    subject_ids integer[],
    from_day date NOT NULL,
    until_day date NOT NULL
);
COMMENT ON TABLE kra_internal.line_work IS 'lines that are to be made anew before the transaction ends; empty between transactions';
COMMENT ON COLUMN kra_internal.line_work.is_hold IS 'no work: a row that says that work is noted, and not done at once';
COMMENT ON COLUMN kra_internal.line_work.kpi_ids IS 'of these KPIs; NULL: of all';
COMMENT ON COLUMN kra_internal.line_work.subject_ids IS 'of these subjects and all that were ever above them; NULL: of all';
COMMENT ON COLUMN kra_internal.line_work.from_day IS 'of periods that touch the days from this one';
COMMENT ON COLUMN kra_internal.line_work.until_day IS 'to this one';

CREATE FUNCTION kra_internal.has_half_years() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.review_cadence = 'half_year'
        OR EXISTS (SELECT FROM kra.kpis k WHERE k.cadence = 'half_year')
    FROM kra_internal.settings_in_force s;
END;
COMMENT ON FUNCTION kra_internal.has_half_years() IS 'do results have half-years? Where a KPI or the reviews have them';

CREATE FUNCTION kra_internal.lines_to_keep(_as_of date, _from date, _until date,
    _subjects integer[], _kpis integer[])
RETURNS SETOF kra_internal.kept_lines LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT l.subject_id, l.kpi_id, l.grid, l.period_start, l.first_day, l.last_day,
           l.result_area_id, kra_internal.day_of(l.last_at), l.member_count,
           l.observed_member_count, l.status, l.is_derived, l.is_final, l.is_on_target, p.is_plain,
           l.weight, l.actual, l.target, l.attainment, l.observations,
           CASE WHEN NOT p.is_plain THEN l.judged END,
           CASE WHEN NOT p.is_plain THEN l.expected_lower END,
           CASE WHEN NOT p.is_plain THEN l.expected_upper END,
           CASE WHEN NOT p.is_plain THEN l.progress END,
           CASE WHEN NOT p.is_plain THEN l.projected END,
           CASE WHEN NOT p.is_plain THEN l.coverage END,
           l.reason
    FROM kra_internal.lines(_as_of, _from, _until, _subjects, _kpis) l
    CROSS JOIN LATERAL (
        SELECT (l.judged = l.actual AND l.coverage = 1 AND l.projected IS NULL
                AND l.progress IS NOT DISTINCT FROM l.attainment
                AND l.expected_lower = coalesce(kra.lower(l.target), kra.upper(l.target))
                AND l.expected_upper = coalesce(kra.upper(l.target), kra.lower(l.target)))
               IS TRUE AS is_plain
    ) p
    WHERE kra_internal.grid_grain(l.grid) <> 'half_year' OR kra_internal.has_half_years();
END;
COMMENT ON FUNCTION kra_internal.lines_to_keep(date, date, date, integer[], integer[]) IS 'lines as they are kept; see kra_internal.lines';

-- The lines of some subjects and KPIs in some days as rows of the table: what differs is written.
CREATE FUNCTION kra_internal.write_lines(_as_of date, _from date, _until date,
    _subjects integer[], _kpis integer[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET jit = off SET plan_cache_mode = force_custom_plan SET work_mem = '64MB' AS $$
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT * FROM kra_internal.lines_to_keep(_as_of, _from, _until, _subjects, _kpis)
    ), gone AS (
        DELETE FROM kra_internal.kept_lines k
        WHERE (_subjects IS NULL OR k.subject_id = ANY (_subjects))
          AND (_kpis IS NULL OR k.kpi_id = ANY (_kpis))
          AND k.first_day <= _until AND k.last_day >= _from
          -- hashed, however few or many are expected
          AND (k.subject_id, k.kpi_id, k.grid, k.period_start)
              NOT IN (SELECT f.subject_id, f.kpi_id, f.grid, f.period_start FROM fresh f)
    )
    INSERT INTO kra_internal.kept_lines AS k
    SELECT * FROM fresh f
    ORDER BY f.grid, f.period_start, f.kpi_id, f.subject_id   -- a period is read together
    ON CONFLICT (kpi_id, subject_id, grid, period_start) DO UPDATE
    SET (first_day, last_day, result_area_id, last_on, member_count, observed_member_count,
         status, is_derived, is_final, is_on_target, is_plain, weight, actual, target, attainment,
         observations, judged, expected_lower, expected_upper, progress, projected,
         coverage, reason)
      = (excluded.first_day, excluded.last_day, excluded.result_area_id, excluded.last_on,
         excluded.member_count, excluded.observed_member_count, excluded.status,
         excluded.is_derived, excluded.is_final, excluded.is_on_target, excluded.is_plain,
         excluded.weight, excluded.actual, excluded.target,
         excluded.attainment, excluded.observations, excluded.judged, excluded.expected_lower,
         excluded.expected_upper, excluded.progress, excluded.projected, excluded.coverage,
         excluded.reason)
    WHERE k *<> excluded;
END $$;
COMMENT ON FUNCTION kra_internal.write_lines(date, date, date, integer[], integer[]) IS 'brings the kept lines of some subjects and KPIs (NULL: of all) whose periods touch these days in line with kra_internal.lines';

-- Two who record for members of one group make the same line of the group: one after the other.
CREATE FUNCTION kra_internal.lock_lines(_kpis integer[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    _kpi_id integer;
BEGIN
    FOR _kpi_id IN
        SELECT k.id FROM kra.kpis k WHERE _kpis IS NULL OR k.id = ANY (_kpis) ORDER BY k.id
    LOOP
        PERFORM kra_internal.take_lock('lines of ' || _kpi_id);
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.lock_lines(integer[]) IS 'one session at a time makes lines of some KPIs (NULL: of all), and in one order. Security definer, since nobody may reach the locks';

-- What is noted for all lines from a day on is not made a second time for some. Work is put
-- together by the year in which it begins: where the facts of one KPI are collected for the first
-- time, those of the last month of all others are not made from its first day on.
CREATE FUNCTION kra_internal.lines_due(_kpis integer[], _subjects integer[], _from date,
    _until date, _first_measured date)
RETURNS TABLE (kpi_ids integer[], subject_ids integer[], from_day date, until_day date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH noted (kpi_ids, subject_ids, from_day, until_day) AS (
        SELECT _kpis, _subjects, _from, _until WHERE _from IS NOT NULL
        UNION ALL
        SELECT t.kpi_ids, t.subject_ids, t.from_day, t.until_day
        FROM kra_internal.line_work t WHERE NOT t.is_hold
        UNION ALL
        SELECT NULL, NULL, CASE WHEN d.as_of < n.today THEN d.since ELSE _first_measured END,
               n.today
        FROM (SELECT kra_internal.today() AS today) n
        LEFT JOIN kra_internal.kept_days d ON true
        WHERE d.as_of IS DISTINCT FROM n.today
        UNION ALL
        SELECT NULL, NULL, _first_measured, d.first_day
        FROM kra_internal.kept_days d WHERE _first_measured < d.first_day
    ), whole AS (
        SELECT min(n.from_day) AS from_day
        FROM noted n
        WHERE n.kpi_ids IS NULL AND n.subject_ids IS NULL AND n.until_day >= kra_internal.today()
    ), work AS (
        SELECT n.kpi_ids, n.subject_ids, n.from_day, c.until_day,
               ROW(n.kpi_ids IS NULL, n.subject_ids IS NULL,
                   extract(year FROM n.from_day)) AS part
        FROM noted n
        CROSS JOIN whole h
        CROSS JOIN LATERAL (
            SELECT CASE WHEN n.kpi_ids IS NULL AND n.subject_ids IS NULL THEN n.until_day
                        ELSE least(n.until_day, h.from_day - 1) END AS until_day
        ) c
        WHERE n.from_day <= c.until_day
    )
    SELECT CASE WHEN bool_and(t.kpi_ids IS NOT NULL)
                THEN ARRAY(SELECT DISTINCT k FROM work x CROSS JOIN unnest(x.kpi_ids) k
                           WHERE x.part = t.part) END,
           CASE WHEN bool_and(t.subject_ids IS NOT NULL)
                THEN ARRAY(SELECT DISTINCT coalesce(c.ancestor_id, s)   -- or they are no more
                           FROM work x
                           CROSS JOIN unnest(x.subject_ids) s
                           LEFT JOIN kra_internal.subject_ancestors c ON c.subject_id = s
                           WHERE x.part = t.part) END,
           min(t.from_day), max(t.until_day)
    FROM work t
    GROUP BY t.part;
END;
COMMENT ON FUNCTION kra_internal.lines_due(integer[], integer[], date, date, date) IS 'the work of keep_lines, put together: lines of these KPIs and subjects (NULL: of all) in these days';

CREATE FUNCTION kra_internal.keep_lines(_kpis integer[] DEFAULT NULL,
    _subjects integer[] DEFAULT NULL, _from date DEFAULT NULL, _until date DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET jit = off AS $$
DECLARE
    _today constant date := kra_internal.today();
    first_measured date;
    days kra_internal.kept_days;
    since date;
    w record;
BEGIN
    SELECT * INTO days FROM kra_internal.kept_days;
    first_measured := (SELECT min(m.period_start) FROM kra.measurements m);
    -- who goes from one day to the next, or begins earlier, makes lines of all KPIs
    PERFORM kra_internal.lock_lines(CASE
        WHEN days.as_of = _today AND days.first_day = first_measured
             AND (_from IS NULL OR _kpis IS NOT NULL)
             AND NOT EXISTS (SELECT FROM kra_internal.line_work t
                             WHERE NOT t.is_hold AND t.kpi_ids IS NULL)
        THEN _kpis || ARRAY(SELECT unnest(t.kpi_ids) FROM kra_internal.line_work t) END);
    SELECT * INTO days FROM kra_internal.kept_days;   -- now, after who was waited for
    first_measured := (SELECT min(m.period_start) FROM kra.measurements m);
    IF first_measured IS NULL OR first_measured > _today THEN
        DELETE FROM kra_internal.line_work;
        DELETE FROM kra_internal.kept_lines;
        DELETE FROM kra_internal.kept_days;
        RETURN;
    END IF;
    FOR w IN
        SELECT d.subject_ids, d.kpi_ids, least(_today, d.until_day) AS until_day,
               greatest(least(first_measured, days.first_day), d.from_day) AS from_day
        FROM kra_internal.lines_due(_kpis, _subjects, _from, _until, first_measured) d
    LOOP
        IF w.from_day <= w.until_day THEN
            PERFORM kra_internal.write_lines(_today, w.from_day, w.until_day, w.subject_ids,
                                             w.kpi_ids);
        END IF;
    END LOOP;
    DELETE FROM kra_internal.line_work;
    IF days.as_of > _today THEN
        DELETE FROM kra_internal.kept_lines k WHERE k.first_day > _today;
    END IF;
    IF days.first_day < first_measured THEN
        DELETE FROM kra_internal.kept_lines k WHERE k.last_day < first_measured;
    END IF;
    SELECT least(_today, min(k.last_day)) INTO since
    FROM kra_internal.kept_lines k WHERE NOT k.is_final;
    IF days IS NULL OR (days.as_of, days.first_day, days.since)
                       <> (_today, first_measured, since) THEN   -- else the row is not locked
        INSERT INTO kra_internal.kept_days AS d VALUES (_today, first_measured, since)
        ON CONFLICT ((true)) DO UPDATE
        SET (as_of, first_day, since) = (excluded.as_of, excluded.first_day, excluded.since);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.keep_lines(integer[], integer[], date, date) IS 'makes the lines anew of some KPIs and subjects (NULL: of all), with all above these, in some days; those that are noted in line_work; and those that hold for an earlier day than today. Security definer, since nobody may write the derived tables';

CREATE FUNCTION kra.refresh() RETURNS date
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kra_internal.kept_days d WHERE d.as_of = kra_internal.today()) THEN
        PERFORM kra_internal.keep_lines();
    END IF;
    RETURN (SELECT d.as_of FROM kra_internal.kept_days d);
END $$;
COMMENT ON FUNCTION kra.refresh() IS 'brings results that are kept up to the present day, which the first change of a day does, too: until then, those of periods that run are made by whoever reads them. Returns the day of which they are; NULL: nothing was measured. Security definer, since nobody may write the derived tables';

-- A document changes many things: their lines are made once, at its end. What nobody lets go is
-- made when the transaction ends.

CREATE FUNCTION kra_internal.hold_lines() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean
       OR EXISTS (SELECT FROM kra_internal.line_work t WHERE t.is_hold) THEN
        RETURN false;
    END IF;
    INSERT INTO kra_internal.line_work (is_hold, from_day, until_day)
    VALUES (true, 'infinity', '-infinity');
    RETURN true;
END $$;
COMMENT ON FUNCTION kra_internal.hold_lines() IS 'from now on, lines that change are noted, and made anew by release_lines, or when the transaction ends; false: that is so already. Security definer, since nobody may write the derived tables';

CREATE FUNCTION kra_internal.lines_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM kra_internal.line_work t WHERE t.is_hold;
    IF EXISTS (SELECT FROM kra_internal.line_work) THEN
        PERFORM kra_internal.keep_lines();
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.lines_held() IS 'trigger: makes the lines anew that were noted since hold_lines';
CREATE CONSTRAINT TRIGGER lines_held AFTER INSERT ON kra_internal.line_work
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_hold)
    EXECUTE FUNCTION kra_internal.lines_held();

CREATE FUNCTION kra_internal.release_lines() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SET CONSTRAINTS kra_internal.lines_held IMMEDIATE;   -- here it fires
    SET CONSTRAINTS kra_internal.lines_held DEFERRED;
END $$;
COMMENT ON FUNCTION kra_internal.release_lines() IS 'ends what hold_lines began: lines that were noted since are made anew. Security definer, since nobody may write the derived tables';

CREATE FUNCTION kra_internal.change_lines(_kpis integer[], _subjects integer[], _from date,
    _until date DEFAULT 'infinity')
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM kra_internal.line_work t WHERE t.is_hold) THEN
        INSERT INTO kra_internal.line_work (kpi_ids, subject_ids, from_day, until_day)
        VALUES (_kpis, _subjects, _from, _until);
    ELSIF _from IS NOT NULL THEN
        PERFORM kra_internal.keep_lines(_kpis, _subjects, _from, _until);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.change_lines(integer[], integer[], date, date) IS 'says that lines of some KPIs and subjects (NULL: of all), and of all above these, in some days may be others now. Security definer, since nobody may write the derived tables';

CREATE FUNCTION kra_internal.changed_rows(_operation text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE _operation
        WHEN 'INSERT' THEN 'TABLE new_rows'
        WHEN 'DELETE' THEN 'TABLE old_rows'
        ELSE 'TABLE new_rows UNION ALL TABLE old_rows' END;
END;
COMMENT ON FUNCTION kra_internal.changed_rows(text) IS 'query of the rows that an INSERT, UPDATE or DELETE changes, as they were and as they are, for a trigger of the statement';

-- Where a KPI says that absent is zero, it is so up to the newest period that anybody has.
CREATE FUNCTION kra_internal.measurements_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    w record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM kra_internal.keep_lines();
        RETURN NULL;
    END IF;
    EXECUTE format('
        SELECT array_agg(DISTINCT m.kpi_id) AS kpis, array_agg(DISTINCT m.subject_id) AS subjects,
               min(m.period_start) AS from_day, max(m.period_start) AS until_day
        FROM (%s) m', kra_internal.changed_rows(TG_OP)) INTO w;
    PERFORM kra_internal.change_measured(w.kpis, w.subjects, w.from_day, w.until_day);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.measurements_keep() IS 'trigger: kept lines follow the measurements';

CREATE FUNCTION kra_internal.change_measured(_kpis integer[], _subjects integer[], _from date,
    _until date)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    zeros integer[];
    reached date;
BEGIN
    IF _from IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(k.id),
           min(coalesce((SELECT max(m.period_start) FROM kra.measurements m
                         WHERE m.kpi_id = k.id AND m.period_start < _from), '-infinity'))
    INTO zeros, reached
    FROM kra.kpis k WHERE k.id = ANY (_kpis) AND k.missing = 'zero';
    IF zeros IS NOT NULL THEN
        PERFORM kra_internal.change_lines(zeros, NULL, reached);
    END IF;
    IF zeros IS NULL OR NOT _kpis <@ zeros THEN
        PERFORM kra_internal.change_lines(_kpis, _subjects, _from, _until);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.change_measured(integer[], integer[], date, date) IS 'change_lines for measurements that came or went: of KPIs whose absent data are zero the lines of all may be others from the period before';

CREATE FUNCTION kra_internal.targets_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    w record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM kra_internal.change_lines(NULL, NULL, '-infinity');
        RETURN NULL;
    END IF;
    EXECUTE format('
        SELECT array_agg(DISTINCT t.kpi_id) AS kpis, array_agg(DISTINCT t.subject_id) AS subjects,
               min(t.effective_from) AS from_day
        FROM (%s) t', kra_internal.changed_rows(TG_OP)) INTO w;
    IF w.from_day IS NOT NULL THEN
        PERFORM kra_internal.change_lines(w.kpis, w.subjects, w.from_day);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.targets_keep() IS 'trigger: kept lines follow the targets of subjects';

CREATE FUNCTION kra_internal.role_kpis_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    w record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM kra_internal.change_lines(NULL, NULL, '-infinity');
        RETURN NULL;
    END IF;
    EXECUTE format('
        SELECT array_agg(DISTINCT r.kpi_id) AS kpis, min(r.effective_from) AS from_day,
               array_agg(DISTINCT r.result_area_id) AS areas
        FROM (%s) r', kra_internal.changed_rows(TG_OP)) INTO w;
    IF w.from_day IS NOT NULL THEN
        PERFORM kra_internal.change_lines(w.kpis, kra_internal.holders_of(w.areas), w.from_day);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.role_kpis_keep() IS 'trigger: kept lines follow what roles are judged by';

CREATE FUNCTION kra_internal.holders_of(_areas integer[]) RETURNS integer[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (SELECT count(*) FROM kra.result_areas a WHERE a.id = ANY (_areas))
                     = cardinality(_areas)
                THEN ARRAY(SELECT DISTINCT t.subject_id
                           FROM kra.result_areas a
                           JOIN kra_internal.subject_timeline t ON t.job_role_id = a.job_role_id
                           WHERE a.id = ANY (_areas)) END;
END;
COMMENT ON FUNCTION kra_internal.holders_of(integer[]) IS 'subjects that have, had or will have a role with one of these KRAs; NULL (all) where a KRA is no more';

CREATE FUNCTION kra_internal.result_areas_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kpis integer[] := ARRAY(
        SELECT DISTINCT r.kpi_id
        FROM old_rows o
        JOIN new_rows n ON n.id = o.id AND (n.name, n.job_role_id) <> (o.name, o.job_role_id)
        JOIN kra.result_area_kpis r ON r.result_area_id = n.id);
BEGIN
    IF kpis <> '{}' THEN   -- rare
        PERFORM kra_internal.change_lines(kpis, NULL, '-infinity');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.result_areas_keep() IS 'trigger: kept lines follow the names and roles of KRAs';

CREATE FUNCTION kra_internal.placements_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    w record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM kra_internal.change_lines(NULL, NULL, '-infinity');
        RETURN NULL;
    END IF;
    EXECUTE format('
        SELECT array_agg(DISTINCT p.subject_id) AS subjects,
               array_agg(DISTINCT p.parent_id) AS parents, min(p.effective_from) AS from_day
        FROM (%s) p', kra_internal.changed_rows(TG_OP)) INTO w;
    IF w.from_day IS NOT NULL THEN   -- with the groups that they have left
        PERFORM kra_internal.change_lines(NULL, array_remove(w.subjects || w.parents || ARRAY(
            SELECT DISTINCT p.parent_id FROM kra.placements p
            WHERE p.subject_id = ANY (w.subjects)), NULL), w.from_day);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.placements_keep() IS 'trigger: kept lines follow the places and roles of subjects';

CREATE FUNCTION kra_internal.subjects_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subjects integer[] := ARRAY(
        SELECT n.id FROM old_rows o JOIN new_rows n ON n.id = o.id AND n.key <> o.key);
BEGIN
    IF subjects <> '{}' THEN   -- ties go by keys
        PERFORM kra_internal.change_lines(NULL, subjects, '-infinity');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.subjects_keep() IS 'trigger: kept lines follow the keys of subjects';

CREATE FUNCTION kra_internal.kpis_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kpis integer[];
    half_years boolean;   -- all may have them now, or none
BEGIN
    IF TG_OP = 'INSERT' THEN
        half_years := EXISTS (SELECT FROM new_rows n WHERE n.cadence = 'half_year');
    ELSIF TG_OP = 'DELETE' THEN
        half_years := EXISTS (SELECT FROM old_rows o WHERE o.cadence = 'half_year');
    ELSE
        SELECT array_agg(n.id), bool_or(n.cadence <> o.cadence
                                        AND 'half_year' IN (n.cadence, o.cadence))
        INTO kpis, half_years
        FROM old_rows o
        JOIN new_rows n ON n.id = o.id
            AND (n.over_time, n.over_subjects, n.grid, n.state, n.missing, n.at_risk_from)
                IS DISTINCT FROM
                (o.over_time, o.over_subjects, o.grid, o.state, o.missing, o.at_risk_from);
    END IF;
    IF half_years THEN
        PERFORM kra_internal.change_lines(NULL, NULL, '-infinity');
    ELSIF kpis IS NOT NULL THEN
        PERFORM kra_internal.change_lines(kpis, NULL, '-infinity');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.kpis_keep() IS 'trigger: kept lines follow how KPIs are put together';

CREATE FUNCTION kra_internal.settings_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT FROM old_rows o CROSS JOIN new_rows n
            WHERE (n.fiscal_year_start_month, n.week_start, n.calendar, n.time_zone,
                   n.review_cadence)
                  IS DISTINCT FROM
                  (o.fiscal_year_start_month, o.week_start, o.calendar, o.time_zone,
                   o.review_cadence)) THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM kra_internal.change_lines(NULL, NULL, '-infinity');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.settings_keep() IS 'trigger: kept lines follow how periods are cut';

-- Triggers fire in the order of their names: these after placements_... and settings_changed, by
-- which the tree follows the placements, and KPIs the settings.
DO $$
DECLARE
    t record;
    operation text;
BEGIN
    FOR t IN
        VALUES ('measurements', 'measurements_keep', '{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]),
               ('targets', 'targets_keep', '{INSERT,UPDATE,DELETE,TRUNCATE}'),
               ('result_area_kpis', 'role_kpis_keep', '{INSERT,UPDATE,DELETE,TRUNCATE}'),
               ('placements', 'placements_keep', '{INSERT,UPDATE,DELETE,TRUNCATE}'),
               ('kpis', 'kpis_keep', '{INSERT,UPDATE,DELETE}'),
               ('settings', 'settings_keep', '{INSERT,UPDATE,DELETE,TRUNCATE}'),
               ('result_areas', 'result_areas_keep', '{UPDATE}'),
               ('subjects', 'subjects_keep', '{UPDATE}')
    LOOP
        FOREACH operation IN ARRAY t.column3 LOOP
            EXECUTE format(
                'CREATE TRIGGER then_lines_%s AFTER %s ON kra.%I %s
                     FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.%I()',
                lower(operation), operation, t.column1,
                CASE operation WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS new_rows'
                    WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                    WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS old_rows' ELSE '' END,
                t.column2);
        END LOOP;
    END LOOP;
END $$;
