-- What was aimed for and what came of it, read from lines: the kept ones, and those that only the
-- day of asking knows (periods that run, another day than today) made on reading.
--
-- A row in force on a date is the newest not after it. A period is judged by what is in force on
-- its last day, or on the day of asking when that comes first (upto). Of the spans of a subject the
-- last that touches the period counts: who left or moved within it counts where he was last.
--
--   lines → result_lines (as of any day) → card, kpi_results, scorecards

CREATE FUNCTION kra_internal.data_range(as_of date, OUT first_start date, OUT last_start date,
    OUT finest integer) LANGUAGE sql STABLE PARALLEL SAFE COST 10000
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT min(period_start), max(period_start),
           (SELECT min(kra_internal.grain_rank(grid)) FROM kra.kpis)
    FROM kra.measurements WHERE period_start <= as_of;
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
    upto date, period_label text, previous_label text, is_latest boolean, history_periods integer,
    has_flag boolean, year_grid kra_internal.grid, year_start date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2000 SET search_path = pg_catalog, pg_temp   -- one relation
BEGIN ATOMIC
    SELECT g.period_grain, c.grid, p.at, kra_internal.grid_end(c.grid, p.at),
           least(kra_internal.grid_end(c.grid, p.at), as_of), kra_internal.grid_label(c.grid, p.at),
           kra_internal.grid_label(c.grid, kra_internal.grid_shift(c.grid, p.at, -1)),
           p.at = e.last_start, s.history_periods, g.rank >= s.review_rank, s.year_grid,
           kra_internal.whole_start(s.year_grid, c.grid, p.at)
    FROM (
        SELECT r.*, CASE WHEN r.finest <= 1 THEN kra_internal.last_week(as_of) END AS last_week
        FROM kra_internal.data_range(as_of) r
        OFFSET 0
    ) r
    CROSS JOIN (
        SELECT x.*, kra_internal.grain_rank(kra_internal.grid(x.review_cadence)) AS review_rank,
               kra_internal.grid('year', x.fiscal_year_start_month, x.week_start, x.calendar)
                   AS year_grid
        FROM kra_internal.settings_in_force x
        OFFSET 0
    ) s
    JOIN (
        VALUES ('day', 0), ('week', 1), ('month', 2), ('quarter', 3), ('half_year', 4), ('year', 5)
    ) g (period_grain, rank)
        ON g.rank >= r.finest
       AND (g.rank <> 4 OR kra_internal.has_half_years())
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
                        w.start) AS last_start
        OFFSET 0
    ) e
    CROSS JOIN LATERAL kra_internal.period_starts(
        c.grid, kra_internal.grid_start(c.grid, r.first_start), e.last_start) p (at);
END;
COMMENT ON FUNCTION kra_internal.periods(date) IS 'periods of every grain that KPIs have, from the first measurement to the last that began by as_of, with its first week when that comes first; upto is the last day of each, or as_of when that comes first; is_latest marks the last; has_flag: is imbalance flagged in it (see has_flag)? year_grid, year_start: the fiscal year that it belongs to. Half-years where a KPI or the reviews have them';

-- The span of a subject that counts in a period: the last that touches it.
CREATE FUNCTION kra_internal.counts_in(_valid_from date, _valid_until date, _resumes_on date,
    _period_start date, _upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT _valid_from <= _upto AND _valid_until > _period_start AND _resumes_on > _upto;
END;
COMMENT ON FUNCTION kra_internal.counts_in(date, date, date, date, date) IS 'is this span of subject_timeline or subject_ancestors the one that counts in the period?';

CREATE FUNCTION kra_internal.stale_after(_cadence text, _stale_after_days integer)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(_stale_after_days, CASE _cadence
        WHEN 'day' THEN 3 WHEN 'week' THEN 10 WHEN 'month' THEN 45 WHEN 'quarter' THEN 135
        WHEN 'half_year' THEN 230 ELSE 400 END);
END;
COMMENT ON FUNCTION kra_internal.stale_after(text, integer) IS 'days without a newer observation after which data of a KPI are stale: as set, else by its cadence';


-- Targets.

-- On the way to a target with dates, a period is missed when it falls behind what was expected by
-- its end.
CREATE FUNCTION kra_internal.is_missed(_actual double precision, _target kra.kpi_target,
    _upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.status_code(kra.status(_actual, _target, _upto)) < 1;
END;
COMMENT ON FUNCTION kra_internal.is_missed(double precision, kra.kpi_target, date) IS 'did a period that ended, or was asked about, on a day miss its target, or, while the dates of the target run, what was expected by then? NULL: no data or no target';

CREATE FUNCTION kra_internal.target_in_force(_kpi_id integer, _subject_id integer,
    _period_start date, _upto date) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result kra.kpi_target;
BEGIN
    SELECT t.target INTO result FROM kra.targets t
    WHERE t.kpi_id = _kpi_id AND t.subject_id = _subject_id AND t.effective_from <= _upto
    ORDER BY t.effective_from DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT r.target INTO result
        FROM kra_internal.subject_timeline tl
        JOIN kra_internal.role_kpis r ON r.job_role_id = tl.job_role_id AND r.kpi_id = _kpi_id
            AND r.is_active AND r.effective_from <= _upto AND r.effective_until > _upto
        WHERE tl.subject_id = _subject_id
          AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, _period_start,
                                     _upto)
        LIMIT 1;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.target_in_force(integer, integer, date, date) IS 'target of a subject with a KPI in a period of its cadence: its own, else that of its role; NULL: none';

-- In plpgsql: within a transaction, a plain expression keeps the plan of an SQL function, with the
-- row-level security of the role that came first.
CREATE FUNCTION kra_internal.has_members(_subject_id integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM kra_internal.subject_ancestors c
                   WHERE c.ancestor_id = _subject_id AND c.depth = 1);
END $$;
COMMENT ON FUNCTION kra_internal.has_members(integer) IS 'is there, or was there ever, somebody below the subject?';


-- Lines.

CREATE FUNCTION kra_internal.kept_before(_as_of date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_kept_before' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION kra_internal.kept_before(date) IS 'kept lines whose last day is before this one hold as of a date; the others are made on reading. infinity: all hold; -infinity: none';

CREATE FUNCTION kra_internal.live_from(_as_of date, _from date, _until date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT CASE
        WHEN (SELECT d.as_of = _as_of AND d.as_of = kra_internal.today()
                     AND (_from IS NULL OR least(_until, _as_of) >= d.first_day)
              FROM kra_internal.kept_days d)
        THEN NULL   -- the common case, at no cost
        ELSE (SELECT CASE
                  WHEN _from IS NOT NULL AND coalesce(least(_until, _as_of) < r.first_start, true)
                  THEN _from   -- before anything was measured: cards are there, and nothing is kept
                  WHEN kra_internal.kept_before(_as_of) <= _as_of AND r.first_start IS NOT NULL
                  THEN greatest(kra_internal.kept_before(_as_of), r.first_start, _from) END
              FROM kra_internal.data_range(_as_of) r) END;
END;
COMMENT ON FUNCTION kra_internal.live_from(date, date, date) IS 'first day of the lines of some days that are made on reading; NULL: all are kept';

CREATE TYPE kra_internal.result_line AS (
    subject_id integer, kpi_id integer, grid kra_internal.grid, period_start date, last_day date,
    result_area_id integer, last_on date, member_count integer, observed_member_count integer,
    status kra.kpi_status, is_derived boolean, is_on_target boolean, weight double precision,
    actual double precision, target kra.kpi_target, attainment double precision,
    observations bigint, judged double precision, expected_lower double precision,
    expected_upper double precision, progress double precision, projected double precision,
    coverage double precision, reason text);
COMMENT ON TYPE kra_internal.result_line IS 'a line (see kra_internal.line), wherever it comes from; last_on: day of the newest observation';

CREATE FUNCTION kra_internal.result_lines(_as_of date, _subjects integer[] DEFAULT NULL,
    _from date DEFAULT NULL, _until date DEFAULT NULL)
RETURNS SETOF kra_internal.result_line LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT l.subject_id, l.kpi_id, l.grid, l.period_start, l.last_day, l.result_area_id, l.last_on,
           l.member_count, l.observed_member_count, l.status, l.is_derived, l.is_on_target,
           l.weight, l.actual, l.target, l.attainment, l.observations,
           CASE WHEN l.is_plain THEN l.actual ELSE l.judged END,
           CASE WHEN l.is_plain THEN coalesce(kra.lower(l.target), kra.upper(l.target))
                ELSE l.expected_lower END,
           CASE WHEN l.is_plain THEN coalesce(kra.upper(l.target), kra.lower(l.target))
                ELSE l.expected_upper END,
           CASE WHEN l.is_plain THEN l.attainment ELSE l.progress END,
           l.projected,
           CASE WHEN l.is_plain THEN 1 ELSE l.coverage END,
           l.reason
    FROM (   -- an arm without conditions, so that those from without reach the table's indexes
        SELECT false AS is_live, k.*
        FROM kra_internal.kept_lines k
        UNION ALL
        SELECT true, m.*
        FROM kra_internal.lines_to_keep(
            _as_of,
            (SELECT kra_internal.live_from(_as_of, _from, _until)),
            (SELECT least(_as_of, _until)), _subjects, NULL) m
        WHERE (SELECT kra_internal.live_from(_as_of, _from, _until)) IS NOT NULL
          AND kra_internal.shows(m.subject_id, m.grid, m.period_start, least(m.last_day, _as_of))
          AND (m.last_day >= (SELECT kra_internal.kept_before(_as_of))
               OR m.last_day < (SELECT coalesce(r.first_start, 'infinity')
                                FROM kra_internal.data_range(_as_of) r))
    ) l
    WHERE (l.is_live OR l.last_day < (SELECT kra_internal.kept_before(_as_of)))
      AND (_subjects IS NULL OR l.subject_id = ANY (_subjects))
      AND (_from IS NULL OR l.last_day >= _from) AND (_until IS NULL OR l.first_day <= _until);
END;
COMMENT ON FUNCTION kra_internal.result_lines(date, integer[], date, date) IS 'lines as of a date, of some subjects (NULL: of all that the viewer may know), of periods that touch some days (NULL: from the first measurement, up to the date)';

CREATE FUNCTION kra_internal.period_lines(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _upto date)
RETURNS SETOF kra_internal.result_line LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    SELECT l.*
    FROM kra_internal.result_lines(
        CASE WHEN NOT isfinite(_period_start)   -- no period, and no error in some plans alone
                  OR _upto < kra_internal.grid_end(_grid, _period_start) THEN _upto
             ELSE kra_internal.today() END,
        ARRAY[_subject_id], _period_start, _upto) l
    WHERE l.grid = _grid AND l.period_start = _period_start
    ORDER BY l.kpi_id;
END;
COMMENT ON FUNCTION kra_internal.period_lines(integer, kra_internal.grid, date, date) IS 'lines of a subject in a period: as of upto while it ran then, else as of today';

CREATE FUNCTION kra_internal.series(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _from date, _upto date)
RETURNS TABLE (period_start date, actual double precision, members integer, last_at date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT l.period_start, l.actual, l.observed_member_count, l.last_on
    FROM kra_internal.result_lines(
        CASE WHEN _upto < kra_internal.grid_end(_grid, _upto)
             THEN least(_upto, kra_internal.today()) ELSE kra_internal.today() END,
        ARRAY[_subject_id], _from, _upto) l
    WHERE l.kpi_id = _kpi_id AND l.grid = _grid AND l.period_start BETWEEN _from AND _upto
      AND l.actual IS NOT NULL;
END;
COMMENT ON FUNCTION kra_internal.series(integer, integer, kra_internal.grid, date, date) IS 'actual values of a subject with a KPI, by period of a grid not finer than the KPI''s own that starts in some days; periods without data have no row. As of the last day, where the period of it ran then, else as of today. members: how many subjects the value comes from';

CREATE TYPE kra_internal.period_actual AS (actual double precision, members integer, last_at date);
COMMENT ON TYPE kra_internal.period_actual IS 'actual value of a period, how many subjects it comes from, and the day of the last observation';

CREATE FUNCTION kra_internal.actual_of(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _upto date)
    RETURNS kra_internal.period_actual
    AS 'MODULE_PATHNAME', 'kra_actual_of' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION kra_internal.actual_of(integer, integer, kra_internal.grid, date, date) IS 'actual of a subject with a KPI in one period; NULLs: no data';

CREATE FUNCTION kra_internal.target_of(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _upto date)
    RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_of' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION kra_internal.target_of(integer, integer, kra_internal.grid, date, date) IS 'target of a subject with a KPI in a period: the full one, while it runs; NULL: none';

CREATE FUNCTION kra_internal.latest_start(_kpi_id integer, _as_of date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_latest_start' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.latest_start(integer, date) IS 'first day of the latest period of its cadence in which a KPI has data that are known on a day, among those of the subjects whom the viewer sees; NULL: none';

CREATE FUNCTION kra_internal.freshest(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _as_of date)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_freshest' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION kra_internal.freshest(integer, integer, kra_internal.grid, date) IS 'day up to which a subject has data for a KPI of that grid, its members'' for a group: a period that is over is known to its end; NULL: none at all';

CREATE FUNCTION kra_internal.freshest(_kpi_id integer, _subject_id integer, _as_of date)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT kra_internal.freshest(k.id, _subject_id, k.grid, _as_of)
            FROM kra.kpis k WHERE k.id = _kpi_id);
END $$;
COMMENT ON FUNCTION kra_internal.freshest(integer, integer, date) IS 'the same for a KPI of any grid';

-- Cards.

CREATE FUNCTION kra_internal.card(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _upto date)
RETURNS TABLE (job_role_id integer, result_area_key text, result_area text, perspective text,
    area_position integer, kpi_position integer, kpi_id integer, is_base boolean,
    weight double precision, is_derived boolean, card_members integer, target kra.kpi_target,
    target_from date, target_set_at timestamptz, target_revised_at timestamptz, provenance text,
    actual double precision, observed_members integer, last_at date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    SELECT tl.job_role_id, a.key, a.name, a.perspective, a.position, rk.position, l.kpi_id,
           k.grid = l.grid, l.weight, l.is_derived, l.member_count, l.target,
           CASE WHEN o.subject_id IS NOT NULL THEN o.effective_from
                ELSE greatest(rk.effective_from, tl.valid_from) END,
           CASE WHEN o.subject_id IS NOT NULL THEN o.set_at ELSE rk.set_at END,
           CASE WHEN o.subject_id IS NOT NULL THEN o.revised_at ELSE rk.revised_at END,
           CASE WHEN o.subject_id IS NOT NULL THEN o.provenance ELSE rk.provenance END,
           l.actual, l.observed_member_count, l.last_on
    FROM kra_internal.period_lines(_subject_id, _grid, _period_start, _upto) l
    JOIN kra.kpis k ON k.id = l.kpi_id
    LEFT JOIN kra.result_areas a ON a.id = l.result_area_id
    LEFT JOIN kra_internal.subject_timeline tl ON tl.subject_id = _subject_id
        AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, _period_start,
                                   _upto)
    LEFT JOIN LATERAL (
        SELECT x.* FROM kra.result_area_kpis x
        WHERE x.result_area_id = l.result_area_id AND x.kpi_id = l.kpi_id
          AND x.effective_from <= _upto AND NOT l.is_derived AND l.weight IS NOT NULL
        ORDER BY x.effective_from DESC LIMIT 1
    ) rk ON true
    LEFT JOIN LATERAL (
        SELECT t.* FROM kra.targets t
        WHERE t.kpi_id = l.kpi_id AND t.subject_id = _subject_id AND t.effective_from <= _upto
        ORDER BY t.effective_from DESC LIMIT 1
    ) o ON true;
END;
COMMENT ON FUNCTION kra_internal.card(integer, kra_internal.grid, date, date) IS 'what a subject is judged by in a period, with the target in force and the actual: the KPIs of its role, else, for a group, those of its members with their weights added up (is_derived; card_members: how many carry it). target_from to provenance are those of its own or its role''s target. What is measured and on no card has neither KRA nor weight. is_base: the period is one of the KPI''s cadence';

-- What came before.

CREATE FUNCTION kra_internal.uneven_parts(_grid kra_internal.grid, _parts_of kra_internal.grid,
    _over_time text) RETURNS kra_internal.grid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN _over_time IN ('sum', 'count') AND _grid <> _parts_of
                 AND kra_internal.grain_rank(_parts_of) <= 1 THEN _parts_of END;
END;
COMMENT ON FUNCTION kra_internal.uneven_parts(kra_internal.grid, kra_internal.grid, text) IS 'the grid of the parts, where periods hold different numbers of them and they are added up: days and weeks; else NULL';

CREATE TYPE kra_internal.line_history AS (
    previous double precision, trend_direction text, trend_slope double precision,
    signal kra.kpi_signal, starts date[], actuals double precision[], limits kra.xmr,
    misses integer, last_year double precision, forecast double precision);
COMMENT ON TYPE kra_internal.line_history IS 'what came before a line, and what it shows beside it';

CREATE FUNCTION kra_internal.line_history(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _actual double precision,
    _status kra.kpi_status, _parts_of kra_internal.grid, _periods integer, _as_of date)
    RETURNS kra_internal.line_history
    AS 'MODULE_PATHNAME', 'kra_line_history' LANGUAGE C STABLE PARALLEL SAFE COST 400;
COMMENT ON FUNCTION kra_internal.line_history(integer, integer, kra_internal.grid, date, double precision, kra.kpi_status, kra_internal.grid, integer, date) IS 'the periods of a subject with a KPI up to and with a given one, as known on a day, whose actual and status are given: the value before, direction and slope per period of the straight line through them, the signal of the last, the values with their starts, their natural process limits, how many of the latest verdicts in a row are misses, the value of the same period a year before (of days the date, of weeks the number), and where the line rises or falls, its height in the period to come. Periods without data are left out. Where periods hold different numbers of parts, parts_of is the grid of the parts, and values are brought to as many parts as the last period has; else NULL';

CREATE FUNCTION kra_internal.year_before(_grid kra_internal.grid, _period_start date)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_year_before' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.year_before(kra_internal.grid, date) IS 'first day of the same period a year before: of days the date, of weeks that of their number, of others the one so many periods before as a year has; NULL for NULL; error for an infinite date, and a result that is no date';

CREATE TYPE kra_internal.line_to_date AS (
    actual double precision, target kra.kpi_target, expected_lower double precision,
    expected_upper double precision, attainment double precision, last_day date);
COMMENT ON TYPE kra_internal.line_to_date IS 'what a period came to by a day (see kra_internal.line)';

CREATE FUNCTION kra_internal.to_date(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _upto date, _as_of date)
    RETURNS kra_internal.line_to_date
    AS 'MODULE_PATHNAME', 'kra_to_date' LANGUAGE C STABLE PARALLEL SAFE COST 400;
COMMENT ON FUNCTION kra_internal.to_date(integer, integer, kra_internal.grid, date, date, date) IS 'line of a subject with a KPI in a period up to a day, as known on another (see lines_to_date); NULL: there is none, or the viewer may not know it. What is made for one row serves those that follow';

CREATE FUNCTION kra_internal.same_days(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _as_of date)
RETURNS TABLE (actual double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN (y.line).last_day = y.upto THEN (y.line).actual END
    FROM (
        SELECT b.upto,
               kra_internal.to_date(_kpi_id, _subject_id, _grid, b.start, b.upto, _as_of) AS line
        FROM (
            SELECT x.start, x.start + (_as_of - _period_start) AS upto
            FROM (SELECT kra_internal.year_before(_grid, _period_start) AS start) x
        ) b
        OFFSET 0
    ) y;
END;
COMMENT ON FUNCTION kra_internal.same_days(integer, integer, kra_internal.grid, date, date) IS 'what the same period of the year before came to in as many days as a period has run by a day; NULL where no part ended on the last of them';

CREATE FUNCTION kra_internal.history(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _upto date, _periods integer)
RETURNS kra_internal.line_history
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT kra_internal.line_history(
            k.id, _subject_id, _grid, _period_start,
            (kra_internal.actual_of(k.id, _subject_id, _grid, _period_start, _upto)).actual, NULL,
            kra_internal.uneven_parts(_grid, k.grid, k.over_time), _periods, _upto)
        FROM kra.kpis k
        WHERE k.id = _kpi_id);
END $$;
COMMENT ON FUNCTION kra_internal.history(integer, integer, kra_internal.grid, date, date, integer) IS 'line_history of a period, as it was known on upto';
