-- What was aimed for and what came of it: the one place where targets are found and measurements
-- are put together, for any subject, KPI and period, as of any date.
--
-- A row in force on a date is the newest not after it. A period is judged by what is in force on
-- its last day, or on the day of asking when that comes first (upto). Of the spans of a subject the
-- last that touches the period counts: who left or moved within it counts where he was last.
--
--   periods → card (who is judged by what) → results (target and actual) → kpi_results (views)
--                               target_of, actual_of, series: what is not found by one lookup

CREATE FUNCTION kra_internal.data_range(as_of date, OUT first_start date, OUT last_start date, OUT finest integer) LANGUAGE sql STABLE PARALLEL SAFE COST 10000
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT min(period_start), max(period_start), (SELECT min(kra_internal.grain_rank(grid)) FROM kra.kpis) FROM kra.measurements WHERE period_start <= as_of;
END;
COMMENT ON FUNCTION kra_internal.data_range(date) IS 'first and last period start of all measurements up to a date, NULL without; and the finest cadence of all KPIs (0 day, 1 week, 2 month, 3 quarter, 4 half-year, 5 year). Security definer: the calendar is the same for all, and shows nothing else';

-- A month's last week may be the latest data, and begin in the month before.
CREATE FUNCTION kra_internal.last_week(as_of date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT max(m.period_start)
    FROM kra_internal.data_range(as_of) r
    JOIN kra.measurements m ON m.period_start BETWEEN r.last_start - 6 AND r.last_start
        AND kra_internal.grain_rank(m.grid) = 1
    WHERE EXISTS (SELECT FROM kra.kpis k WHERE k.cadence = 'week');
END;
COMMENT ON FUNCTION kra_internal.last_week(date) IS 'start of the last week that was measured up to a date, if it is among the last seven days of all measurements; else NULL. Security definer as data_range';

CREATE FUNCTION kra_internal.period_starts(_grid kra_internal.grid, _first date, _last date)
RETURNS SETOF date LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.grid_shift(_grid, _first, i)
    FROM generate_series(0, (_last - _first)
             / (ARRAY[1, 7, 28, 90, 181, 364])[kra_internal.grain_rank(_grid) + 1]) i
    WHERE kra_internal.grid_shift(_grid, _first, i) <= _last;
END;
COMMENT ON FUNCTION kra_internal.period_starts(kra_internal.grid, date, date) IS 'first days of the periods of a grid that begin in a span of days; the first must begin one';

CREATE FUNCTION kra_internal.periods(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (period_grain text, grid kra_internal.grid, period_start date, period_end date,
    upto date, period_label text, previous_label text, is_latest boolean, history_periods integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT g.period_grain, c.grid, p.at, kra_internal.grid_end(c.grid, p.at),
           least(kra_internal.grid_end(c.grid, p.at), as_of), kra_internal.grid_label(c.grid, p.at),
           kra_internal.grid_label(c.grid, kra_internal.grid_shift(c.grid, p.at, -1)),
           p.at = e.last_start, s.history_periods
    FROM (
        SELECT r.*, CASE WHEN r.finest <= 1 THEN kra_internal.last_week(as_of) END AS last_week
        FROM kra_internal.data_range(as_of) r
        OFFSET 0
    ) r
    CROSS JOIN (SELECT * FROM kra_internal.settings_in_force OFFSET 0) s
    JOIN (
        VALUES ('day', 0), ('week', 1), ('month', 2), ('quarter', 3), ('half_year', 4), ('year', 5)
    ) g (period_grain, rank)
        ON g.rank >= r.finest
       AND (g.rank <> 4 OR s.review_cadence = 'half_year'
            OR EXISTS (SELECT FROM kra.kpis k WHERE k.cadence = 'half_year'))
    CROSS JOIN LATERAL (
        SELECT kra_internal.grid(g.period_grain, s.fiscal_year_start_month, s.week_start,
                                 s.calendar) AS grid
        OFFSET 0
    ) c
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.rank > 1
                    THEN kra_internal.whole_start(
                             c.grid, kra_internal.grid('week', s.fiscal_year_start_month,
                                                       s.week_start), r.last_week) END AS start
        OFFSET 0
    ) w
    CROSS JOIN LATERAL (
        SELECT greatest(kra_internal.grid_start(c.grid, r.last_start),
                        CASE WHEN w.start <= as_of THEN w.start END) AS last_start
        OFFSET 0
    ) e
    CROSS JOIN LATERAL kra_internal.period_starts(
        c.grid, kra_internal.grid_start(c.grid, r.first_start), e.last_start) p (at);
END;
COMMENT ON FUNCTION kra_internal.periods(date) IS 'periods of every grain that KPIs have, from the first measurement to the last that began by as_of; upto is the last day of each, or as_of when that comes first; is_latest marks the last. Half-years where a KPI or the reviews have them';

-- The span of a subject that counts in a period: the last that touches it.
CREATE FUNCTION kra_internal.counts_in(valid_from date, valid_until date, resumes_on date, period_start date, upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT valid_from <= upto AND valid_until > period_start AND resumes_on > upto;
END;
COMMENT ON FUNCTION kra_internal.counts_in(date, date, date, date, date) IS 'is this span of subject_timeline or subject_ancestors the one that counts in the period?';

CREATE FUNCTION kra_internal.stale_after(cadence text, stale_after_days integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(stale_after_days, CASE cadence WHEN 'day' THEN 3 WHEN 'week' THEN 10 WHEN 'month' THEN 45 WHEN 'quarter' THEN 135
        WHEN 'half_year' THEN 230 ELSE 400 END);
END;
COMMENT ON FUNCTION kra_internal.stale_after(text, integer) IS 'days without a newer observation after which data of a KPI are stale: as set, else by its cadence';

-- Targets.

-- On the way to a target with dates, a period is missed when it falls behind what was expected by its end.
CREATE FUNCTION kra_internal.is_missed(actual double precision, target kra.kpi_target, upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE kra.status(actual, target, upto) WHEN 'off_track' THEN true WHEN 'at_risk' THEN true WHEN 'on_track' THEN false WHEN 'exceeded' THEN false END;
END;
COMMENT ON FUNCTION kra_internal.is_missed(double precision, kra.kpi_target, date) IS 'did a period that ended, or was asked about, on a day miss its target, or, while the dates of the target run, what was expected by then? NULL: no data or no target';

CREATE FUNCTION kra_internal.target_in_force(kpi_id integer, subject_id integer, period_start date, upto date) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    result kra.kpi_target;
BEGIN
    SELECT t.target INTO result FROM kra.targets t
    WHERE t.kpi_id = target_in_force.kpi_id AND t.subject_id = target_in_force.subject_id AND t.effective_from <= target_in_force.upto
    ORDER BY t.effective_from DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT rk.target INTO result
        FROM kra_internal.subject_timeline tl
        JOIN kra.result_areas ra ON ra.job_role_id = tl.job_role_id
        JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.kpi_id = target_in_force.kpi_id
        WHERE tl.subject_id = target_in_force.subject_id AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, target_in_force.period_start, target_in_force.upto)
          AND rk.effective_from <= target_in_force.upto AND rk.is_active
          AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                          AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= target_in_force.upto)
        LIMIT 1;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.target_in_force(integer, integer, date, date) IS 'target of a subject with a KPI in a period of its cadence: its own, else that of its role; NULL: none';

-- Actuals.

-- In plpgsql: within a transaction, a plain expression keeps the plan of an SQL function, with the
-- row-level security of the role that came first.
CREATE FUNCTION kra_internal.has_members(subject_id integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN EXISTS (SELECT FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = has_members.subject_id AND c.depth = 1);
END $$;
COMMENT ON FUNCTION kra_internal.has_members(integer) IS 'is there, or was there ever, somebody below the subject?';

-- Of a group: where it has a measurement of its own, that; else its members', each counted where
-- it was, and a group below that has its own in place of those below it. Inlined by the planner.
CREATE FUNCTION kra_internal.group_series(kpi_id integer, subject_id integer, from_start date, upto date, over_time text, over_subjects text, own_groups integer[])
RETURNS TABLE (period_start date, summary kra.kpi_actual, members integer) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.period_start, CASE WHEN over_time = over_subjects THEN v.pooled
                ELSE (SELECT kra.actual_agg(o.value, o.at) FROM (SELECT kra.value(v.each, over_subjects) AS value,
                              kra_internal.day_begins(v.period_start) AS at) o) END, v.members
    FROM (
        SELECT m.period_start,
               sum(CASE WHEN c.subject_id = ANY (own_groups) THEN   -- it speaks for all in it
                       (SELECT greatest(count(*), 1) FROM kra_internal.subject_ancestors b
                        WHERE b.ancestor_id = c.subject_id AND b.depth > 0
                          AND kra_internal.counts_in(b.valid_from, b.valid_until, b.resumes_on, m.period_start, least(kra_internal.grid_end(m.grid, m.period_start), group_series.upto)))
                   ELSE 1 END)::integer AS members,
               kra.rollup(m.actual) FILTER (WHERE over_time = over_subjects) AS pooled,
               kra.actual_agg(kra.value(m.actual, over_time), m.period_start) FILTER (WHERE over_time <> over_subjects) AS each
        FROM kra_internal.subject_ancestors c
        JOIN kra.measurements m ON m.kpi_id = group_series.kpi_id AND m.subject_id = c.subject_id
            AND m.period_start BETWEEN from_start AND group_series.upto
        WHERE c.ancestor_id = group_series.subject_id
          AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, m.period_start, least(kra_internal.grid_end(m.grid, m.period_start), group_series.upto))
          AND (own_groups = '{}' OR NOT EXISTS (
              SELECT FROM kra_internal.subject_ancestors g
              JOIN kra.measurements o ON o.kpi_id = m.kpi_id AND o.subject_id = g.ancestor_id AND o.period_start = m.period_start
              WHERE g.subject_id = m.subject_id AND g.ancestor_id = ANY (own_groups) AND g.depth BETWEEN 1 AND c.depth
                AND kra_internal.counts_in(g.valid_from, g.valid_until, g.resumes_on, m.period_start, least(kra_internal.grid_end(m.grid, m.period_start), group_series.upto))))
        GROUP BY m.period_start
    ) v;
END;
COMMENT ON FUNCTION kra_internal.group_series(integer, integer, date, date, text, text, integer[]) IS 'the part of base_series that reads a group; own_groups: the groups in it that have measurements of their own';
CREATE FUNCTION kra_internal.base_series(kpi_id integer, subject_id integer, from_start date, upto date)
RETURNS TABLE (period_start date, summary kra.kpi_actual, members integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    own_groups integer[];
BEGIN
    IF NOT kra_internal.has_members(base_series.subject_id) THEN
        RETURN QUERY
        SELECT m.period_start, m.actual, 1 FROM kra.measurements m
        WHERE m.kpi_id = base_series.kpi_id AND m.subject_id = base_series.subject_id
          AND m.period_start BETWEEN base_series.from_start AND base_series.upto;
        RETURN;
    END IF;
    SELECT over_time, over_subjects INTO k FROM kra.kpis WHERE id = base_series.kpi_id;
    own_groups := ARRAY(
        SELECT g.subject_id
        FROM (SELECT DISTINCT c.subject_id FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = base_series.subject_id
              AND EXISTS (SELECT FROM kra_internal.subject_timeline t WHERE t.parent_id = c.subject_id)) g
        WHERE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = base_series.kpi_id AND m.subject_id = g.subject_id
                      AND m.period_start BETWEEN base_series.from_start AND base_series.upto));
    -- The plan that is kept suits a team; for a company it pays to look at the numbers.
    IF (SELECT count(*) FROM (SELECT FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = base_series.subject_id LIMIT 500) m) = 500 THEN
        RETURN QUERY EXECUTE 'SELECT * FROM kra_internal.group_series($1, $2, $3, $4, $5, $6, $7)'
        USING base_series.kpi_id, base_series.subject_id, base_series.from_start, base_series.upto, k.over_time, k.over_subjects, own_groups;
    ELSE
        RETURN QUERY SELECT * FROM kra_internal.group_series(base_series.kpi_id, base_series.subject_id, base_series.from_start, base_series.upto,
                                                    k.over_time, k.over_subjects, own_groups);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.base_series(integer, integer, date, date) IS 'summaries of a subject with a KPI, by period of the KPI''s cadence that starts in from_start..upto: its own, else its members'' by the KPI''s aggregation over subjects; read them with value(summary, over_time), those of a group that is counted over time alone with sum';

CREATE FUNCTION kra_internal.series(kpi_id integer, subject_id integer, grid kra_internal.grid, from_start date, upto date)
RETURNS TABLE (period_start date, actual double precision, members integer, last_at date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
BEGIN
    SELECT CASE WHEN over_time = 'count' AND over_subjects <> 'count' AND kra_internal.has_members(series.subject_id)
                THEN 'sum' ELSE over_time END AS over_time, kpis.grid   -- counts of a group are values already
    INTO k FROM kra.kpis WHERE id = series.kpi_id;
    IF k.grid = series.grid THEN
        RETURN QUERY
        SELECT b.period_start, kra.value(b.summary, k.over_time), b.members, kra_internal.day_of(kra.last_at(b.summary))
        FROM kra_internal.base_series(series.kpi_id, series.subject_id, series.from_start, series.upto) b;
    ELSE
        RETURN QUERY
        SELECT kra_internal.whole_start(series.grid, k.grid, b.period_start),
               kra.value(kra.rollup(b.summary), k.over_time), max(b.members),
               max(kra_internal.day_of(kra.last_at(b.summary)))
        FROM kra_internal.base_series(
            series.kpi_id, series.subject_id,
            kra_internal.first_part(series.grid, k.grid, series.from_start), series.upto) b
        WHERE kra_internal.whole_start(series.grid, k.grid, b.period_start) <= series.upto
        GROUP BY 1;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.series(integer, integer, kra_internal.grid, date, date) IS 'actual values of a subject with a KPI, by period of a grid not finer than the KPI''s own; periods without data have no row. members: how many subjects the value comes from, all below a group that is measured itself';

CREATE TYPE kra_internal.period_actual AS (actual double precision, members integer, last_at date);
COMMENT ON TYPE kra_internal.period_actual IS 'actual value of a period, how many subjects it comes from, and the day of the last observation';

CREATE FUNCTION kra_internal.actual_of(kpi_id integer, subject_id integer, grid kra_internal.grid, period_start date, upto date) RETURNS kra_internal.period_actual
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    result kra_internal.period_actual;
BEGIN
    SELECT s.actual, s.members, s.last_at INTO result
    FROM kra_internal.series(actual_of.kpi_id, actual_of.subject_id, actual_of.grid, actual_of.period_start, actual_of.upto) s;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.actual_of(integer, integer, kra_internal.grid, date, date) IS 'actual of a subject with a KPI in one period; NULLs: no data';

-- Derived targets.

CREATE FUNCTION kra_internal.members_target(kpi_id integer, subject_id integer, period_start date,
    upto date, grid kra_internal.grid DEFAULT NULL) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    result kra.kpi_target;
BEGIN
    SELECT over_time, over_subjects, kpis.grid, coalesce(members_target.grid, kpis.grid) AS whole
    INTO k FROM kra.kpis WHERE id = members_target.kpi_id;
    WITH below AS MATERIALIZED (   -- every member with its own target, else that of its role
        SELECT c.subject_id, CASE WHEN o.subject_id IS NOT NULL THEN o.target ELSE r.target END AS target
        FROM kra_internal.subject_ancestors c
        LEFT JOIN (
            SELECT DISTINCT ON (t.subject_id) t.subject_id, t.target FROM kra.targets t
            WHERE t.kpi_id = members_target.kpi_id AND t.effective_from <= members_target.upto
            ORDER BY t.subject_id, t.effective_from DESC
        ) o ON o.subject_id = c.subject_id
        LEFT JOIN kra_internal.subject_timeline tl ON tl.subject_id = c.subject_id
            AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, members_target.period_start, members_target.upto)
        LEFT JOIN (
            SELECT DISTINCT ON (ra.job_role_id, ra.id) ra.job_role_id, rk.target, rk.is_active
            FROM kra.result_area_kpis rk
            JOIN kra.result_areas ra ON ra.id = rk.result_area_id
            WHERE rk.kpi_id = members_target.kpi_id AND rk.effective_from <= members_target.upto
            ORDER BY ra.job_role_id, ra.id, rk.effective_from DESC
        ) r ON r.job_role_id = tl.job_role_id AND r.is_active
        WHERE c.ancestor_id = members_target.subject_id AND c.depth > 0
          AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, members_target.period_start, members_target.upto)
    ), groups AS MATERIALIZED (    -- a group with a target stands for those below it
        SELECT DISTINCT b.subject_id
        FROM below b JOIN kra_internal.subject_ancestors c ON c.ancestor_id = b.subject_id AND c.depth = 1
        WHERE b.target IS NOT NULL
    ), heads AS MATERIALIZED (
        SELECT b.subject_id, b.target FROM below b
        WHERE NOT EXISTS (SELECT FROM groups)
           OR NOT EXISTS (
               SELECT FROM groups g JOIN kra_internal.subject_ancestors c ON c.ancestor_id = g.subject_id
               WHERE c.subject_id = b.subject_id AND c.depth > 0
                 AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, members_target.period_start, members_target.upto))
    ), weighted AS (
        SELECT h.target,
               CASE WHEN k.over_subjects = 'ratio' THEN kra.weight(m.actual)
                    WHEN k.over_subjects <> 'mean' THEN 1
                    WHEN k.over_time = 'mean' THEN kra.value(m.actual, 'count')
                    WHEN m.actual IS NOT NULL THEN 1 END AS weight
        FROM heads h
        LEFT JOIN LATERAL (
            SELECT kra.rollup(x.actual) AS actual
            FROM (
                SELECT m.actual FROM kra.measurements m
                WHERE m.kpi_id = members_target.kpi_id AND m.subject_id = h.subject_id
                  AND m.period_start BETWEEN members_target.period_start - 3 AND members_target.upto
                  AND kra_internal.whole_start(k.whole, k.grid, m.period_start)
                      BETWEEN members_target.period_start AND members_target.upto
                  AND NOT kra_internal.has_members(h.subject_id)
                UNION ALL
                SELECT b.summary FROM kra_internal.base_series(members_target.kpi_id, h.subject_id, members_target.period_start - 3, members_target.upto) b
                WHERE kra_internal.has_members(h.subject_id)
                  AND kra_internal.whole_start(k.whole, k.grid, b.period_start)
                      BETWEEN members_target.period_start AND members_target.upto
            ) x
        ) m ON k.over_subjects IN ('ratio', 'mean')
        WHERE h.target IS NOT NULL
    )
    SELECT CASE WHEN k.over_subjects IN ('sum', 'count') THEN
                CASE WHEN NOT EXISTS (   -- an actual that nothing was asked for would raise the rest
                    SELECT FROM heads h
                    JOIN kra.measurements m ON m.kpi_id = members_target.kpi_id AND m.subject_id = h.subject_id
                        AND m.period_start BETWEEN members_target.period_start - 3 AND members_target.upto
                  AND kra_internal.whole_start(k.whole, k.grid, m.period_start)
                      BETWEEN members_target.period_start AND members_target.upto
                    WHERE h.target IS NULL AND NOT kra_internal.has_members(h.subject_id))
                THEN CASE WHEN kra.direction(kra.sum(h.target)) = 'at_least' THEN kra.sum(h.target)
                          WHEN kra.sum(h.target) IS NOT NULL THEN   -- room that nobody is known to have kept to is no room
                              coalesce((SELECT kra.sum(x.target) FROM heads x WHERE CASE WHEN kra_internal.has_members(x.subject_id)
                                  THEN (kra_internal.actual_of(members_target.kpi_id, x.subject_id, k.whole, members_target.period_start, members_target.upto)).actual IS NOT NULL
                                  ELSE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = members_target.kpi_id AND m.subject_id = x.subject_id
                                               AND m.period_start BETWEEN members_target.period_start - 3 AND members_target.upto
                  AND kra_internal.whole_start(k.whole, k.grid, m.period_start)
                      BETWEEN members_target.period_start AND members_target.upto) END),
                                  kra.sum(h.target)) END END
            WHEN kra.min(h.target) = kra.max(h.target) THEN kra.min(h.target)
            ELSE (SELECT CASE WHEN sum(w.weight) > 0
                              THEN kra.target_times(kra.sum(kra.target_times(w.target, w.weight)) FILTER (WHERE w.weight > 0), 1 / sum(w.weight))
                              ELSE kra.target_times(kra.sum(w.target), 1.0 / nullif(count(*), 0)) END
                  FROM weighted w) END
    INTO result
    FROM heads h;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.members_target(integer, integer, date, date, kra_internal.grid) IS 'target of a group that has none of its own, out of its members'': their sum where the KPI is summed over subjects (of all members, with or without data, for at_least; of those with data for the rest; NULL when one has data and no target), else their mean, weighted as the actual is; NULL: none, or different directions';

CREATE FUNCTION kra_internal.target_of(kpi_id integer, subject_id integer, grid kra_internal.grid, period_start date, upto date) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    result kra.kpi_target;
    observed kra.kpi_target;   -- of the periods with data
    part kra.kpi_target;
    has_data boolean;
    at date := period_start;
BEGIN
    SELECT over_time, kpis.grid INTO k FROM kra.kpis WHERE id = target_of.kpi_id;
    IF k.grid <> target_of.grid AND k.over_time IN ('sum', 'count') THEN
        at := kra_internal.first_part(target_of.grid, k.grid, target_of.period_start);
        WHILE at <= least(target_of.upto, (SELECT last_start FROM kra_internal.data_range('infinity')))
            AND kra_internal.whole_start(target_of.grid, k.grid, at) <= target_of.upto LOOP
            part := kra_internal.target_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra_internal.grid_end(k.grid, at), target_of.upto));
            IF part IS NOT NULL THEN
                result := CASE WHEN result IS NULL THEN part ELSE kra_internal.target_add(result, part) END;
                IF result IS NULL THEN
                    RETURN NULL;   -- the direction has changed
                END IF;
                IF kra.direction(part) <> 'at_least' THEN
                    has_data := (kra_internal.actual_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra_internal.grid_end(k.grid, at), target_of.upto))).actual IS NOT NULL;
                    observed := CASE WHEN NOT has_data THEN observed WHEN observed IS NULL THEN part ELSE kra_internal.target_add(observed, part) END;
                END IF;
            ELSIF (kra_internal.actual_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra_internal.grid_end(k.grid, at), target_of.upto))).actual IS NOT NULL THEN
                RETURN NULL;       -- an actual that nothing was asked for would raise the rest
            END IF;
            at := kra_internal.grid_shift(k.grid, at, 1);
        END LOOP;
        RETURN coalesce(observed, result);   -- room that nobody is known to have kept to is no room
    END IF;
    result := kra_internal.target_in_force(target_of.kpi_id, target_of.subject_id, target_of.period_start, target_of.upto);
    IF result IS NULL AND kra_internal.has_members(target_of.subject_id)
       AND NOT EXISTS (SELECT FROM kra.targets t WHERE t.kpi_id = target_of.kpi_id AND t.subject_id = target_of.subject_id AND t.effective_from <= target_of.upto) THEN
        result := kra_internal.members_target(target_of.kpi_id, target_of.subject_id, target_of.period_start, target_of.upto, target_of.grid);
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.target_of(integer, integer, kra_internal.grid, date, date) IS 'target of a subject with a KPI in a period: its own, else its role''s, else its members''; for longer periods of a summed or counted KPI the sum over the periods of its cadence: over all of them for at_least, over those with data for the rest, so that missing data never help. NULL: none';

-- Cards.

-- One function with one plan a session for each of its questions, and not one query with all of them:
-- a person's card would cost more to plan than to read.
CREATE FUNCTION kra_internal.card(subject_id integer, grid kra_internal.grid, period_start date, upto date)
RETURNS TABLE (job_role_id integer, result_area_key text, result_area text, perspective text, area_position integer, kpi_position integer,
    kpi_id integer, is_base boolean, weight double precision, is_derived boolean, card_members integer,
    target kra.kpi_target, target_from date, target_set_at timestamptz, target_revised_at timestamptz, provenance text,
    actual double precision, observed_members integer, last_at date)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 ROWS 5 SET jit = off SET plan_cache_mode = force_generic_plan SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    role_id integer;
    role_from date;
    is_group boolean;
    roles integer[];
    uncarded integer[];
BEGIN
    SELECT tl.job_role_id, tl.valid_from, EXISTS (SELECT FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = card.subject_id AND c.depth = 1)
    INTO role_id, role_from, is_group
    FROM (SELECT) one
    LEFT JOIN kra_internal.subject_timeline tl ON tl.subject_id = card.subject_id
        AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto);
    IF role_id IS NOT NULL THEN
        RETURN QUERY
        SELECT role_id, l.key, l.name, l.perspective, l.area_position, l.kpi_position, l.kpi_id, l.is_base, l.weight, false, 1, l.target,
               l.target_from, l.set_at, l.revised_at, l.provenance,
               CASE WHEN l.measured IS NOT NULL THEN kra.value(l.measured, l.over_time) ELSE (l.found).actual END,
               CASE WHEN l.measured IS NOT NULL THEN 1 ELSE (l.found).members END,
               CASE WHEN l.measured IS NOT NULL THEN kra_internal.day_of(kra.last_at(l.measured)) ELSE (l.found).last_at END
        FROM (
            SELECT ra.key, ra.name, ra.perspective, ra.position AS area_position, rk.position AS kpi_position,
                   k.id AS kpi_id, k.grid = card.grid AS is_base, k.over_time, rk.weight,
                   CASE WHEN k.grid <> card.grid AND k.over_time IN ('sum', 'count')
                        THEN kra_internal.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto)
                        WHEN o.subject_id IS NOT NULL THEN o.target
                        WHEN rk.target IS NOT NULL THEN rk.target
                        WHEN is_group THEN kra_internal.members_target(k.id, card.subject_id, card.period_start, card.upto, card.grid) END AS target,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.effective_from WHEN rk.target IS NOT NULL THEN greatest(rk.effective_from, role_from) END AS target_from,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.set_at WHEN rk.target IS NOT NULL THEN rk.set_at END AS set_at,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.revised_at WHEN rk.target IS NOT NULL THEN rk.revised_at END AS revised_at,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.provenance WHEN rk.target IS NOT NULL THEN rk.provenance END AS provenance,
                   m.actual AS measured,
                   CASE WHEN m.actual IS NULL AND (is_group OR k.grid <> card.grid)
                        THEN kra_internal.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) END AS found
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card.upto AND rk.is_active
            JOIN kra.kpis k ON k.id = rk.kpi_id AND kra_internal.grain_rank(k.grid) <= kra_internal.grain_rank(card.grid) AND k.state <> 'candidate'
            LEFT JOIN kra.measurements m ON NOT is_group AND k.grid = card.grid AND m.kpi_id = k.id AND m.subject_id = card.subject_id
                AND m.period_start = card.period_start
            LEFT JOIN LATERAL (
                SELECT t.* FROM kra.targets t
                WHERE t.kpi_id = k.id AND t.subject_id = card.subject_id AND t.effective_from <= card.upto
                ORDER BY t.effective_from DESC LIMIT 1
            ) o ON true
            WHERE ra.job_role_id = role_id
              AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                              AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card.upto)
            OFFSET 0   -- actual_of once a line
        ) l;
    ELSIF is_group THEN
        RETURN QUERY
        SELECT NULL::integer, l.result_area, l.result_area, l.perspective, l.area_position, l.kpi_position, k.id, k.grid = card.grid, l.weight, true, l.members,
               kra_internal.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto), o.effective_from, o.set_at, o.revised_at, o.provenance,
               a.actual, a.members, a.last_at
        FROM (
            SELECT (array_agg(n.name ORDER BY n.members DESC, n.name COLLATE "C"))[1] AS result_area,
                   (array_agg(n.perspective ORDER BY n.members DESC, n.name COLLATE "C"))[1] AS perspective,
                   min(n.area_position) AS area_position, min(n.kpi_position) AS kpi_position,
                   n.kpi_id, sum(n.weight) AS weight, sum(n.members)::integer AS members
            FROM (
                SELECT rk.kpi_id, ra.name, mode() WITHIN GROUP (ORDER BY ra.perspective) AS perspective,
                       min(ra.position) AS area_position, min(rk.position) AS kpi_position,
                       sum(rk.weight * r.members) AS weight, sum(r.members) AS members
                FROM (
                    SELECT tl.job_role_id, count(*) AS members
                    FROM kra_internal.subject_ancestors c
                    JOIN kra_internal.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                        AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto)
                    WHERE c.ancestor_id = card.subject_id AND c.depth > 0
                      AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, card.period_start, card.upto)
                    GROUP BY tl.job_role_id
                ) r
                JOIN kra.result_areas ra ON ra.job_role_id = r.job_role_id
                JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card.upto AND rk.is_active
                WHERE NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                                  AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card.upto)
                GROUP BY rk.kpi_id, ra.name
            ) n
            GROUP BY n.kpi_id
        ) l
        JOIN kra.kpis k ON k.id = l.kpi_id AND kra_internal.grain_rank(k.grid) <= kra_internal.grain_rank(card.grid) AND k.state <> 'candidate'
        CROSS JOIN LATERAL kra_internal.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) a
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card.subject_id AND t.effective_from <= card.upto
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true;
    END IF;

    -- What is measured of the subject itself and stands on no card: shown, not scored.
    roles := CASE WHEN role_id IS NOT NULL THEN ARRAY[role_id]
                  WHEN is_group THEN ARRAY(SELECT DISTINCT tl.job_role_id
                                           FROM kra_internal.subject_ancestors c
                                           JOIN kra_internal.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                                               AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto)
                                           WHERE c.ancestor_id = card.subject_id AND c.depth > 0
                                             AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, card.period_start, card.upto))
                  ELSE '{}' END;
    uncarded := ARRAY(
        SELECT DISTINCT m.kpi_id
        FROM kra.measurements m
        WHERE m.subject_id = card.subject_id AND m.period_start BETWEEN card.period_start AND card.upto
          AND NOT EXISTS (
              SELECT FROM kra.result_area_kpis rk
              JOIN kra.result_areas ra ON ra.id = rk.result_area_id
              JOIN kra.kpis k ON k.id = rk.kpi_id AND k.state <> 'candidate'
              WHERE rk.kpi_id = m.kpi_id AND rk.effective_from <= card.upto AND rk.is_active AND ra.job_role_id = ANY (roles)
                AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                                AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card.upto)));
    IF uncarded <> '{}' THEN
        RETURN QUERY
        SELECT role_id, NULL::text, NULL::text, NULL::text, NULL::integer, NULL::integer, k.id, k.grid = card.grid, NULL::double precision, false, 1,
               kra_internal.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto), o.effective_from, o.set_at, o.revised_at, o.provenance,
               a.actual, a.members, a.last_at
        FROM kra.kpis k
        CROSS JOIN LATERAL kra_internal.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) a
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card.subject_id AND t.effective_from <= card.upto
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true
        WHERE k.id = ANY (uncarded) AND kra_internal.grain_rank(k.grid) <= kra_internal.grain_rank(card.grid);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.card(integer, kra_internal.grid, date, date) IS 'what a subject is judged by in a period, with the target in force and the actual: the KPIs of its role, else, for a group, those of its members with their weights added up (is_derived; card_members: how many carry it). target_from to provenance are those of its own or its role''s target. What is measured and on no card has neither KRA nor weight. is_base: the period is one of the KPI''s cadence';
