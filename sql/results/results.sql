-- What the views show, as it was in force on any date.

CREATE FUNCTION kra.status_color(status kra.kpi_status) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE $1 WHEN 'off_track' THEN '#c62828' WHEN 'at_risk' THEN '#f9a825'
                   WHEN 'on_track' THEN '#2e7d32' WHEN 'exceeded' THEN '#1565c0'
                   WHEN 'no_data' THEN '#757575' ELSE '#bdbdbd' END;
END;
COMMENT ON FUNCTION kra.status_color(kra.kpi_status) IS 'colour of a status as #rrggbb, the same in all views';

CREATE FUNCTION kra_internal.path_of(_subject_id integer, _period_start date, _upto date)
RETURNS TABLE (path text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT string_agg(a.name, ' / ' ORDER BY c.depth DESC)
    FROM kra_internal.subject_ancestors c
    JOIN kra.subjects a ON a.id = c.ancestor_id
    WHERE c.subject_id = _subject_id
      AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, _period_start, _upto);
END;
COMMENT ON FUNCTION kra_internal.path_of(integer, date, date) IS 'names from the top of the tree down to the subject in a period, as far as the caller may see them';

CREATE FUNCTION kra_internal.levels_of(_subject_id integer, _day date)
RETURNS TABLE (name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 4
BEGIN ATOMIC
    SELECT a.name
    FROM kra_internal.subject_ancestors c
    JOIN kra.subjects a ON a.id = c.ancestor_id
    WHERE c.subject_id = _subject_id AND c.valid_from <= _day AND c.valid_until > _day
    ORDER BY c.depth DESC;
END;
COMMENT ON FUNCTION kra_internal.levels_of(integer, date) IS 'names from the top of the tree down to the subject on a day, a row each, as far as the caller may see them';

CREATE FUNCTION kra_internal.kpi_owner(_kpi_id integer, _day date)
RETURNS TABLE (key text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT w.key, w.name
    FROM kra.kpi_owners x
    LEFT JOIN kra.subjects w ON w.id = x.subject_id
    WHERE x.kpi_id = _kpi_id AND x.effective_from <= _day
    ORDER BY x.effective_from DESC LIMIT 1;
END;
COMMENT ON FUNCTION kra_internal.kpi_owner(integer, date) IS 'who owns a KPI on a day, if the caller may see them';

-- Targets that a subject with a KPI has had, its own and those of its role in a period, as far as
-- they took effect by a day.
CREATE FUNCTION kra_internal.targets_known(_kpi_id integer, _subject_id integer,
    _period_start date, _upto date)
RETURNS TABLE (is_own boolean, area_id integer, effective_from date, holds_from date,
    target kra.kpi_target, set_at timestamptz, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT true, NULL::integer, t.effective_from, t.effective_from, t.target, t.set_at,
           t.revised_at
    FROM kra.targets t
    WHERE t.kpi_id = _kpi_id AND t.subject_id = _subject_id AND t.effective_from <= _upto
    UNION ALL
    SELECT false, r.result_area_id, r.effective_from, greatest(r.effective_from, tl.valid_from),
           r.target, r.set_at, r.revised_at
    FROM kra_internal.subject_timeline tl
    JOIN kra.result_areas a ON a.job_role_id = tl.job_role_id
    JOIN kra.result_area_kpis r ON r.result_area_id = a.id AND r.kpi_id = _kpi_id
        AND r.effective_from <= _upto
    WHERE tl.subject_id = _subject_id
      AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, _period_start,
                                 _upto);
END;
COMMENT ON FUNCTION kra_internal.targets_known(integer, integer, date, date) IS 'targets that a subject with a KPI has had by a day: its own (is_own), and those of the role that it has in a period, by the KRA in which they stand; holds_from: the first day on which it is the subject''s';

CREATE FUNCTION kra_internal.target_moved(_kpi_id integer, _subject_id integer,
    _period_start date, _upto date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    n record;
    before kra.kpi_target;
    after kra.kpi_target;
BEGIN
    -- those that count: its own, else its role's
    SELECT count(*) AS known, max(t.holds_from) AS holds_from,
           max(t.revised_at) FILTER (WHERE t.next_from IS NULL OR t.next_from > _period_start)
               AS revised_at,   -- of those in force within the period
           bool_or(t.is_own) AS is_own
    INTO n
    FROM (
        SELECT k.*, lead(k.effective_from) OVER (PARTITION BY k.area_id ORDER BY k.effective_from)
                   AS next_from,
               bool_or(k.is_own) OVER () AS has_own
        FROM kra_internal.targets_known(_kpi_id, _subject_id, _period_start, _upto) k
    ) t
    WHERE t.is_own = t.has_own;
    IF kra_internal.day_of(n.revised_at) > _period_start THEN
        RETURN true;   -- changed in place since
    END IF;
    IF n.known < 2 AND n.holds_from <= _period_start THEN
        -- the only one; moved, if it is the first of its own, and was set late, over its role's
        RETURN EXISTS (
            SELECT FROM kra_internal.targets_known(_kpi_id, _subject_id, _period_start, _upto) t
            JOIN kra_internal.targets_known(_kpi_id, _subject_id, _period_start, _upto) r
                ON NOT r.is_own AND r.set_at < t.set_at
            JOIN kra_internal.role_kpis o ON o.result_area_id = r.area_id AND o.kpi_id = _kpi_id
                AND o.effective_from = r.effective_from AND o.is_active
                AND o.effective_until > _upto
            WHERE t.is_own AND kra_internal.day_of(t.set_at) > _period_start
              AND r.target IS NOT NULL AND (t.target IS NULL OR t.target <> r.target));
    END IF;
    -- another one was in force when the period began
    before := kra_internal.target_in_force(_kpi_id, _subject_id, _period_start, _period_start);
    after := kra_internal.target_in_force(_kpi_id, _subject_id, _period_start, _upto);
    IF before IS NOT NULL AND (after IS NULL OR before <> after) THEN
        RETURN true;
    END IF;
    -- or the newest was set back in time over one that was known before
    RETURN EXISTS (
        SELECT FROM (
            SELECT k.*, lag(k.set_at) OVER w AS set_before, lag(k.target) OVER w AS target_before,
                   lag(k.effective_from) OVER w IS NOT NULL AS is_later,
                   lead(k.effective_from) OVER w IS NULL AS is_newest,
                   bool_or(k.is_own) OVER () AS has_own
            FROM kra_internal.targets_known(_kpi_id, _subject_id, _period_start, _upto) k
            WINDOW w AS (PARTITION BY k.area_id ORDER BY k.effective_from)
        ) t
        WHERE t.is_own = t.has_own AND t.is_newest AND t.is_later AND t.set_before < t.set_at
          AND kra_internal.day_of(t.set_at) > _period_start
          AND CASE WHEN t.is_own THEN (t.target_before IS NULL) <> (t.target IS NULL)
                        OR t.target_before <> t.target
                   ELSE t.target_before <> t.target END);
END $$;
COMMENT ON FUNCTION kra_internal.target_moved(integer, integer, date, date) IS 'was the subject''s own or its role''s target changed after the period began: replaced, changed in place, or set back in time over one that was known?';

-- Most lines have had one target since before they began: this tells them at little cost.
CREATE FUNCTION kra_internal.may_have_moved(_kpi_id integer, _subject_id integer,
    _period_start date, _upto date)
RETURNS TABLE (may_have boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT count(*) > 1
        OR coalesce(bool_or(t.is_own) OR max(t.holds_from) > _period_start
                    OR kra_internal.day_of(max(t.revised_at)) > _period_start, false)
    FROM kra_internal.targets_known(_kpi_id, _subject_id, _period_start, _upto) t;
END;
COMMENT ON FUNCTION kra_internal.may_have_moved(integer, integer, date, date) IS 'may target_moved be true? Where it is not true, it is false';

CREATE FUNCTION kra_internal.acknowledgement(_kpi_id integer, _subject_id integer,
    _period_start date, _upto date) RETURNS kra.acknowledgements
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result kra.acknowledgements;
BEGIN
    IF EXISTS (SELECT FROM kra.acknowledgements a
               WHERE a.kpi_id = _kpi_id AND a.subject_id = _subject_id) THEN
        SELECT a.* INTO result
        FROM kra_internal.consents(_kpi_id, _subject_id, NULL) a
        WHERE a.target = kra_internal.target_in_force(_kpi_id, _subject_id, _period_start, _upto)
        ORDER BY a.acknowledged_at LIMIT 1;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.acknowledgement(integer, integer, date, date) IS 'the first consent to the target in force in a period; NULLs: none';

CREATE FUNCTION kra_internal.with_gaps(_grid kra_internal.grid, _starts date[],
    _actuals double precision[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last constant date := _starts[cardinality(_starts)];
BEGIN
    IF kra_internal.grid_shift(_grid, _starts[1], cardinality(_starts) - 1) = last THEN
        RETURN _actuals;
    END IF;
    RETURN ARRAY(
        SELECT _actuals[array_position(_starts, p.start)]
        FROM kra_internal.period_starts(_grid, _starts[1], last) p (start)
        ORDER BY p.start);
END $$;
COMMENT ON FUNCTION kra_internal.with_gaps(kra_internal.grid, date[], double precision[]) IS 'values with their period starts (see kra_internal.history) as one for each period, NULL where there is none; NULL for NULL';

CREATE FUNCTION kra_internal.provenance_of(_kpi_id integer, _subject_id integer, _area_id integer,
    _upto date)
RETURNS TABLE (provenance text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT x.provenance
    FROM (
        SELECT t.provenance, true AS is_own, t.effective_from
        FROM kra.targets t
        WHERE t.kpi_id = _kpi_id AND t.subject_id = _subject_id AND t.effective_from <= _upto
        UNION ALL
        SELECT r.provenance, false, r.effective_from
        FROM kra.result_area_kpis r
        WHERE r.result_area_id = _area_id AND r.kpi_id = _kpi_id AND r.effective_from <= _upto
    ) x
    ORDER BY x.is_own DESC, x.effective_from DESC LIMIT 1;
END;
COMMENT ON FUNCTION kra_internal.provenance_of(integer, integer, integer, date) IS 'where the target of a line comes from: of the subject''s own, else of its role''s in the KRA; NULL: not said';

CREATE TYPE kra_internal.line_place AS (
    parent_key text, parent_name text, job_role_key text, job_role_name text);
COMMENT ON TYPE kra_internal.line_place IS 'who stands above the subject of a line, and its role';
CREATE FUNCTION kra_internal.place_of(_subject_id integer, _period_start date, _upto date)
RETURNS SETOF kra_internal.line_place
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT pa.key, pa.name, jr.key, jr.name
    FROM kra_internal.subject_timeline tl
    LEFT JOIN kra.subjects pa ON pa.id = tl.parent_id
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
    WHERE tl.subject_id = _subject_id AND tl.valid_from <= _upto
      AND tl.valid_until > least(_period_start, _upto) AND tl.resumes_on > _upto
    LIMIT 1;
END;
COMMENT ON FUNCTION kra_internal.place_of(integer, date, date) IS 'who stands above a subject in a period, and its role then, as far as the caller may see them; no row: it had no place';

CREATE TYPE kra_internal.line_area AS (key text, name text, perspective text);
COMMENT ON TYPE kra_internal.line_area IS 'the KRA of a line';
CREATE TYPE kra_internal.line_benchmark AS (value double precision, source text);
COMMENT ON TYPE kra_internal.line_benchmark IS 'the benchmark of a line';

CREATE TYPE kra_internal.kpi_result AS (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text,
    parent_key text, parent_name text, job_role_key text, job_role_name text, kra_key text,
    kra_name text, perspective text, kpi_key text, kpi_name text, kpi_kind text, kpi_timing text,
    unit_label text, value_format text, period_grain text, period_label text, period_start date,
    period_end date, is_latest boolean, is_complete boolean, weight_value double precision,
    is_on_card boolean, is_derived boolean, member_count integer, observed_member_count integer,
    actual_value double precision, target_value double precision,
    target_lower_value double precision, target_upper_value double precision,
    target_direction text, baseline_value double precision, threshold_value double precision,
    stretch_value double precision, target_since date, target_due date,
    attainment_pct double precision, capped_attainment_pct double precision,
    attainment_reason text, is_on_target boolean, on_target_count integer, status text,
    status_code integer, status_color text, expected_value double precision,
    previous_value double precision, change_value double precision, change_pct double precision,
    change_text text, benchmark_value double precision, benchmark_gap_value double precision,
    benchmark_source text, trend_direction text, trend_meaning text,
    trend_slope_value double precision, signal text, signal_meaning text, misses_count integer,
    last_data_date date, freshness_day_count integer, is_stale boolean, target_provenance text,
    is_target_moved boolean, acknowledged_by text, acknowledged_at timestamptz, actual_text text,
    target_text text, attainment_text text, context text, sparkline_text text, sparkline_uri text,
    bullet_uri text, centre_value double precision, lower_limit_value double precision,
    upper_limit_value double precision, coverage_pct double precision, observation_count integer,
    progress_pct double precision, projected_value double precision, judged_value double precision,
    expected_lower_value double precision, expected_upper_value double precision,
    ytd_actual_value double precision, ytd_target_value double precision,
    ytd_attainment_pct double precision, last_year_value double precision,
    change_on_last_year_value double precision, change_on_last_year_pct double precision,
    forecast_value double precision, assurance text);
COMMENT ON TYPE kra_internal.kpi_result IS 'a row of kra.kpi_results: the columns are those of kra_bi.kpi_results';

CREATE FUNCTION kra_internal.capped(_attainment double precision, _status kra.kpi_status)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN _attainment IS NOT NULL THEN greatest(0, least(1.2, _attainment))
                WHEN _status IN ('on_track', 'exceeded') THEN 1
                WHEN _status IN ('at_risk', 'off_track') THEN 0 END;
END;
COMMENT ON FUNCTION kra_internal.capped(double precision, kra.kpi_status) IS 'an attainment as scores take it: from 0 to 1.2; without a scale 1 if met, else 0; NULL without data or a target';

CREATE FUNCTION kra_internal.change_share(_value double precision, _before double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN _before <> 0 THEN (_value - _before) / abs(_before) END;
END;
COMMENT ON FUNCTION kra_internal.change_share(double precision, double precision) IS 'a change as a share of what was before; NULL of 0';

CREATE FUNCTION kra_internal.trend_meaning(_direction text, _target kra.kpi_target) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN _direction IS NULL OR _target IS NULL THEN NULL
                WHEN _direction = CASE kra.direction(_target)
                     WHEN 'at_least' THEN 'rising' WHEN 'at_most' THEN 'falling' END
                THEN 'improving'
                WHEN _direction = CASE kra.direction(_target)
                     WHEN 'at_least' THEN 'falling' WHEN 'at_most' THEN 'rising' END
                THEN 'worsening'
                ELSE 'neutral' END;
END;
COMMENT ON FUNCTION kra_internal.trend_meaning(text, kra.kpi_target) IS 'is a trend improving, worsening or neutral, by whether higher or lower is better? NULL without a trend or target';

-- One relation, none of whose columns is computed when nobody asks.
CREATE FUNCTION kra_internal.line_beside(_kpi_id integer, _subject_id integer,
    _grid kra_internal.grid, _period_start date, _upto date, _last_day date,
    _actual double precision, _status kra.kpi_status, _area_id integer,
    _cadence kra_internal.grid, _over_time text, _period_end date,
    _year_grid kra_internal.grid, _year_start date, _periods integer, _as_of date)
RETURNS TABLE (area kra_internal.line_area, history kra_internal.line_history,
    settled kra_internal.line_history, year kra_internal.line_to_date,
    last_year double precision, consent kra.acknowledgements,
    last_data date, provenance text, is_moved boolean, path text,
    benchmark kra_internal.line_benchmark)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT (SELECT ROW(a.key, a.name, a.perspective)::kra_internal.line_area
            FROM kra.result_areas a WHERE a.id = _area_id),
           h.history,
           CASE WHEN _last_day <= _as_of AND _actual IS NOT NULL THEN h.history END,
           kra_internal.to_date(_kpi_id, _subject_id, _year_grid, _year_start, _period_end,
                                _as_of),
           CASE WHEN _last_day <= _as_of OR _over_time NOT IN ('sum', 'count')
                THEN (h.history).last_year
                ELSE (SELECT o.actual
                      FROM kra_internal.same_days(_kpi_id, _subject_id, _grid, _period_start,
                                                  _as_of) o) END,
           kra_internal.acknowledgement(_kpi_id, _subject_id, _period_start, _upto),
           kra_internal.freshest(_kpi_id, _subject_id, _cadence, _as_of),
           (SELECT o.provenance
            FROM kra_internal.provenance_of(_kpi_id, _subject_id, _area_id, _upto) o),
           (SELECT m.may_have AND kra_internal.target_moved(_kpi_id, _subject_id, _period_start,
                                                            _upto)
            FROM kra_internal.may_have_moved(_kpi_id, _subject_id, _period_start, _upto) m),
           (SELECT o.path FROM kra_internal.path_of(_subject_id, _period_start, _upto) o),
           (SELECT ROW(bm.value, CASE WHEN bm.value IS NOT NULL THEN bm.source END)
                   ::kra_internal.line_benchmark
            FROM kra.benchmarks bm
            WHERE bm.kpi_id = _kpi_id AND bm.effective_from <= _upto
              AND (_grid = _cadence OR _over_time NOT IN ('sum', 'count'))
            ORDER BY bm.effective_from DESC LIMIT 1)
    FROM (
        SELECT kra_internal.line_history(
                   _kpi_id, _subject_id, _grid, _period_start, _actual,
                   CASE WHEN _last_day <= _as_of THEN _status END,
                   kra_internal.uneven_parts(_grid, _cadence, _over_time), _periods, _as_of)
                   AS history
        OFFSET 0   -- once a line
    ) h
    OFFSET 0;
END;
COMMENT ON FUNCTION kra_internal.line_beside(integer, integer, kra_internal.grid, date, date, date, double precision, kra.kpi_status, integer, kra_internal.grid, text, date, kra_internal.grid, date, integer, date) IS 'what stands beside a line: its KRA, what came before it (settled: only where the period is over and was measured), the same period of the year before, the consent to its target, and more';

CREATE FUNCTION kra.kpi_results(as_of date DEFAULT kra_internal.today())
RETURNS SETOF kra_internal.kpi_result
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT l.subject_id || '.' || l.kpi_id || '.' || p.period_grain || '.'
               || to_char(p.period_start, 'YYYY-MM-DD'),
           s.key, s.name, s.kind, x.path, (w.place).parent_key, (w.place).parent_name,
           (w.place).job_role_key, (w.place).job_role_name,
           CASE WHEN l.is_derived THEN (x.area).name ELSE (x.area).key END, (x.area).name,
           (x.area).perspective,
           k.key, k.name, k.kind::text, k.timing, k.unit,
           coalesce(k.value_format,
                    CASE WHEN btrim(k.unit) = '%' THEN '0.0"%"' ELSE '#,##0.##' END),
           p.period_grain, p.period_label, p.period_start, p.period_end,
           p.period_start = coalesce(CASE   -- KPIs of a longer cadence have no line in the period
               WHEN kra_internal.grain_rank(k.grid) <= kra_internal.grain_rank(p.grid)
               THEN kra_internal.whole_start(p.grid, k.grid,
                                             kra_internal.latest_start(k.id, as_of)) END,
               '-infinity'),
           l.last_day <= as_of,
           coalesce(l.weight, 0), l.weight IS NOT NULL, l.is_derived, l.member_count,
           l.observed_member_count,
           l.actual, kra.target(l.target),
           CASE WHEN kra.direction(l.target) <> 'at_most' THEN kra.lower(l.target) END,
           CASE WHEN kra.direction(l.target) <> 'at_least' THEN kra.upper(l.target) END,
           kra.direction(l.target), kra.baseline(l.target), kra.threshold(l.target),
           kra.stretch(l.target), kra.since(l.target), kra.due_on(l.target),
           l.attainment,
           kra_internal.capped(l.attainment, l.status),
           l.reason, l.is_on_target, CASE WHEN l.is_on_target THEN 1 ELSE 0 END,
           l.status::text, kra.status_code(l.status), kra.status_color(l.status),
           CASE WHEN kra.direction(l.target) <> 'inside'
                THEN coalesce(l.expected_upper, kra.expected(l.target, p.upto)) END,
           (x.history).previous,
           l.actual - (x.settled).previous,
           kra_internal.change_share(l.actual, (x.settled).previous),
           kra_internal.change_text(l.actual, (x.settled).previous, k.unit),
           (x.benchmark).value, l.actual - (x.benchmark).value, (x.benchmark).source,
           (x.settled).trend_direction,
           kra_internal.trend_meaning((x.settled).trend_direction, l.target),
           (x.settled).trend_slope, (x.settled).signal::text,
           kra.signal_meaning((x.settled).signal, l.target),
           (x.history).misses,
           x.last_data, as_of - x.last_data,
           as_of - x.last_data > kra_internal.stale_after(k.cadence, k.stale_after_days),
           x.provenance, x.is_moved,
           coalesce((x.consent).given_by, (x.consent).acknowledged_by),
           (x.consent).acknowledged_at,
           kra.value_text(l.actual, k.unit, l.target), kra.target_text(l.target, k.unit),
           kra.percent_text(l.attainment, 0),
           kra.context(l.actual, l.target,
                       CASE WHEN l.last_day <= as_of THEN (x.history).previous END, k.unit,
                       'in ' || p.previous_label),
           CASE WHEN current_setting('server_encoding') = 'UTF8'
                THEN kra.sparkline(kra_internal.with_gaps(p.grid, (x.history).starts,
                                                          (x.history).actuals)) END,
           kra.data_uri(kra.sparkline_svg(
               kra_internal.with_gaps(p.grid, (x.history).starts, (x.history).actuals),
               k.name, target => l.target)),
           kra.data_uri(kra.bullet_svg(l.actual, l.target, k.name, k.unit)),
           CASE WHEN l.last_day <= as_of THEN kra.centre((x.history).limits) END,
           CASE WHEN l.last_day <= as_of THEN kra.lower_limit((x.history).limits) END,
           CASE WHEN l.last_day <= as_of THEN kra.upper_limit((x.history).limits) END,
           l.coverage, least(l.observations, 2147483647)::integer, l.progress, l.projected,
           l.judged, l.expected_lower, l.expected_upper,
           (x.year).actual,
           CASE WHEN kra.direction((x.year).target) <> 'inside'
                THEN coalesce((x.year).expected_upper, kra.target((x.year).target)) END,
           (x.year).attainment, x.last_year, l.actual - (x.settled).last_year,
           kra_internal.change_share(l.actual, (x.settled).last_year),
           (x.settled).forecast, kra.assurance((x.settled).limits, l.target)
    FROM kra_internal.periods(as_of) p
    JOIN kra_internal.result_lines(as_of) l
        ON l.grid = p.grid AND l.period_start = p.period_start
    JOIN kra.subjects s ON s.id = l.subject_id
    JOIN kra.kpis k ON k.id = l.kpi_id
    -- Apart, since teams are filtered by it.
    CROSS JOIN LATERAL (
        SELECT (SELECT o FROM kra_internal.place_of(l.subject_id, p.period_start, p.upto) o)
                   AS place
        OFFSET 0
    ) w
    CROSS JOIN LATERAL kra_internal.line_beside(
        l.kpi_id, l.subject_id, l.grid, p.period_start, p.upto, l.last_day, l.actual, l.status,
        l.result_area_id, k.grid, k.over_time, p.period_end, p.year_grid, p.year_start,
        p.history_periods, as_of) x
    WHERE kra_internal.shows(s.id, p.grid, p.period_start, p.upto);
END;
COMMENT ON FUNCTION kra.kpi_results(date) IS 'rows of kra_bi.kpi_results as they were in force on a date: a row per subject, KPI and period; the columns are described there';

CREATE FUNCTION kra_internal.kpi_results_above(
    _as_of date DEFAULT kra_internal.today())
RETURNS SETOF kra_internal.kpi_result
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    untold constant jsonb := (   -- what tells of other days
        SELECT jsonb_object_agg(u.name, NULL) FROM unnest('{
        subject_path, parent_key, parent_name, previous_value, change_value, change_pct,
        change_text, trend_direction, trend_meaning, trend_slope_value, signal, signal_meaning,
        misses_count, last_data_date, freshness_day_count, is_stale, is_target_moved,
        acknowledged_by, acknowledged_at, sparkline_text, sparkline_uri, centre_value,
        lower_limit_value, upper_limit_value, ytd_actual_value, ytd_target_value,
        ytd_attainment_pct, last_year_value, change_on_last_year_value, change_on_last_year_pct,
        forecast_value, assurance}'::text[]) u (name));
    least_people integer;
    above record;
    last_kpi integer;
    known integer[];   -- hidden from the viewer, in groups that are shown
    shown text[] := '{}';
BEGIN
    -- as of another day the same group would tell who came in between
    -- and who moves people about would know them by what a group gains and loses
    IF NOT (SELECT show_groups_above FROM kra_internal.settings_in_force)
       OR _as_of IS DISTINCT FROM kra_internal.today()
       OR kra.sees_all() OR kra_internal.is_author() OR kra_internal.session_is_author() THEN
        RETURN;
    END IF;
    least_people := (SELECT min_group_size FROM kra_internal.settings_in_force);
    FOR above IN
        WITH mine AS (   -- what stands above the viewer's own subjects today
            SELECT c.ancestor_id AS id, min(c.depth) AS depth
            FROM kra.subjects s
            JOIN kra_internal.subject_ancestors c ON c.subject_id = s.id
                AND c.valid_from <= _as_of AND c.valid_until > _as_of
            WHERE s.login = kra.viewer()
            GROUP BY c.ancestor_id
        )
        SELECT g.id || '.' || k.id || '.' || p.period_grain || '.'
                   || to_char(p.period_start, 'YYYY-MM-DD') AS row_key, k.id AS kpi_id, ARRAY(
            SELECT DISTINCT c.subject_id
            FROM kra_internal.subject_ancestors c
            JOIN kra.subjects s ON s.id = c.subject_id AND s.kind = 'person' AND s.is_confirmed
            JOIN kra.measurements m ON m.kpi_id = k.id AND m.subject_id = c.subject_id
                AND m.period_start = p.period_start
            WHERE c.ancestor_id = g.id
              AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on,
                                         p.period_start, p.upto)
              AND NOT kra.sees(c.subject_id, p.period_start, p.period_end)) AS hidden
        FROM mine g
        CROSS JOIN kra.kpis k
        JOIN kra_internal.periods(_as_of) p ON p.grid = k.grid AND p.is_latest
        WHERE g.depth > 0 AND NOT kra.sees(g.id) AND k.over_subjects NOT IN ('min', 'max', 'last')
        ORDER BY k.id, g.depth, g.id
    LOOP
        IF above.kpi_id IS DISTINCT FROM last_kpi THEN
            known := '{}';
            last_kpi := above.kpi_id;
        END IF;
        IF (SELECT count(*) FROM (SELECT unnest(above.hidden) EXCEPT SELECT unnest(known)) others)
           >= least_people THEN
            shown := shown || above.row_key;
            known := known || above.hidden;
        END IF;
    END LOOP;
    RETURN QUERY
    SELECT o.*
    FROM kra.kpi_results(_as_of) r
    CROSS JOIN LATERAL jsonb_populate_record(r, untold || jsonb_build_object(
        'context', coalesce(r.actual_text, 'no data')
            || coalesce(' vs. target of ' || r.target_text, ', no target'))) o
    WHERE r.row_key = ANY (shown) AND r.observed_member_count >= least_people;
END $$;
COMMENT ON FUNCTION kra_internal.kpi_results_above(date) IS 'where the settings say show_groups_above: today''s results of the groups that the viewer''s subjects belong to, of the latest period of the KPI''s cadence, without history. None with fewer than min_group_size people (persons that those who see all have made or confirmed) besides those whom the viewer sees, none that differs by fewer from the others that are shown, and none that is one member''s value (min, max, last). Nothing as of other days than today in UTC, and nothing for authors who do not see all, who could tell members by moving them. Security definer, since the members are hidden from the viewer';

CREATE FUNCTION kra_internal.driven_by(_kpi_id integer) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(x.key)
            FROM (SELECT k.key FROM kra.kpi_drives d JOIN kra.kpis k ON k.id = d.drives_kpi_id
                  WHERE d.kpi_id = _kpi_id ORDER BY k.key COLLATE "C" LIMIT 60) x);
END $$;
COMMENT ON FUNCTION kra_internal.driven_by(integer) IS 'keys of the KPIs that a KPI drives, as many as an entry of a scorecard takes; NULL: none';

CREATE FUNCTION kra_internal.cards(_as_of date, _subject_id integer, _grid kra_internal.grid,
    _period_start date, _subjects integer[] DEFAULT NULL, _upto date DEFAULT NULL)
RETURNS TABLE (last_day date, card kra.scorecard, kpi_count integer, exceeded_count integer,
    on_track_count integer, at_risk_count integer, off_track_count integer,
    no_data_count integer, no_target_count integer)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT max(l.last_day),
           kra.scorecard_agg(coalesce(a.name, 'Own targets'), k.key, k.kind,
                             coalesce(l.judged, l.actual), l.target, l.weight, k.timing,
                             kra_internal.driven_by(k.id),
                             CASE WHEN j.differs THEN l.attainment END,
                             CASE WHEN j.differs THEN l.status END,
                             CASE WHEN l.coverage < 1 AND l.status NOT IN ('no_data', 'no_target')
                                  THEN l.coverage END),
           count(*)::integer,
           (count(*) FILTER (WHERE l.status = 'exceeded'))::integer,
           (count(*) FILTER (WHERE l.status = 'on_track'))::integer,
           (count(*) FILTER (WHERE l.status = 'at_risk'))::integer,
           (count(*) FILTER (WHERE l.status = 'off_track'))::integer,
           (count(*) FILTER (WHERE l.status = 'no_data'))::integer,
           (count(*) FILTER (WHERE l.status = 'no_target'))::integer
    FROM kra_internal.result_lines(
        _as_of, _subjects, CASE WHEN _subjects IS NOT NULL THEN _period_start END, _upto) l
    JOIN kra.kpis k ON k.id = l.kpi_id
    LEFT JOIN kra.result_areas a ON a.id = l.result_area_id
    CROSS JOIN LATERAL (   -- as it was judged, where actual and target alone would say another
        SELECT l.status NOT IN ('no_data', 'no_target')
               AND (l.status IS DISTINCT FROM kra.status(l.judged, l.target)
                    OR l.attainment IS DISTINCT FROM kra.attainment(l.judged, l.target)) AS differs
    ) j
    WHERE l.weight IS NOT NULL
      AND l.subject_id = _subject_id AND l.grid = _grid AND l.period_start = _period_start
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION kra_internal.cards(date, integer, kra_internal.grid, date, integer[], date) IS 'scorecard of a subject in a period as of a date, KPIs by their keys, with how many are at each status; no row: it has none. subjects, upto: what lines that are not kept are made for; NULL: all, once a query';

CREATE TYPE kra_internal.period_card AS (
    last_day date, card kra.scorecard, kpi_count integer, exceeded_count integer,
    on_track_count integer,
    at_risk_count integer, off_track_count integer, no_data_count integer,
    no_target_count integer);
COMMENT ON TYPE kra_internal.period_card IS 'scorecard of a period, with its last day and its KPIs counted by status';

CREATE FUNCTION kra_internal.card_at(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _as_of date)
    RETURNS kra_internal.period_card
    AS 'MODULE_PATHNAME', 'kra_card_at' LANGUAGE C STABLE PARALLEL SAFE COST 400;
COMMENT ON FUNCTION kra_internal.card_at(integer, kra_internal.grid, date, date) IS 'scorecard of a subject in a period as of a date, as cards; NULL: it has none';

CREATE FUNCTION kra_internal.has_card(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _as_of date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_has_card' LANGUAGE C STABLE PARALLEL SAFE COST 40;
COMMENT ON FUNCTION kra_internal.has_card(integer, kra_internal.grid, date, date) IS 'has a subject a scorecard in a period as of a date?';

CREATE FUNCTION kra_internal.period_card(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _upto date)
RETURNS kra_internal.period_card
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kra_internal.card_at(
        _subject_id, _grid, _period_start,
        CASE WHEN NOT isfinite(_period_start)
                  OR _upto < kra_internal.grid_end(_grid, _period_start) THEN _upto
             ELSE kra_internal.today() END);
END $$;
COMMENT ON FUNCTION kra_internal.period_card(integer, kra_internal.grid, date, date) IS 'scorecard of a subject in a period: as of upto while it ran then, else as of today; a NULL card: it has none';

CREATE FUNCTION kra_internal.with_kpi_names(_sentence text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result text := '';
    part text;
    is_quoted boolean := false;
BEGIN
    IF _sentence NOT LIKE '%"%' THEN
        RETURN _sentence;
    END IF;
    FOREACH part IN ARRAY string_to_array(_sentence, '"') LOOP
        result := result || CASE
            WHEN is_quoted
            THEN '"' || coalesce((SELECT kra_internal.one_line(k.name)
                                  FROM kra.kpis k WHERE k.key = part), part) || '"'
            ELSE part END;
        is_quoted := NOT is_quoted;
    END LOOP;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.with_kpi_names(text) IS 'a sentence about a card of keys, with the names of the KPIs in place of their keys in quotes';

CREATE FUNCTION kra_internal.score_text(_score double precision, _coverage double precision)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s (coverage %s)', coalesce(kra.percent_text(_score, 0), 'no score'),
                  kra.percent_text(coalesce(_coverage, 0), 0));
END;
COMMENT ON FUNCTION kra_internal.score_text(double precision, double precision) IS 'a score with its coverage in words; a NULL score: there is none';

CREATE FUNCTION kra_internal.has_flag(_grid kra_internal.grid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.grain_rank(_grid)
           >= kra_internal.grain_rank(kra_internal.grid_in_force(s.review_cadence))
    FROM kra_internal.settings_in_force s;
END;
COMMENT ON FUNCTION kra_internal.has_flag(kra_internal.grid) IS 'is imbalance flagged in periods of the grid? From the review cadence on: a day or week says too little';

CREATE TYPE kra_internal.area_lists AS (strong text, weak text);
COMMENT ON TYPE kra_internal.area_lists IS 'KRAs of a card, in words';

CREATE FUNCTION kra_internal.area_lists(_card kra.scorecard)
RETURNS SETOF kra_internal.area_lists
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT string_agg(format('%s (%s)', a.kra, kra.percent_text(a.score, 0)), ', '
                      ORDER BY a.score DESC, a.kra) FILTER (WHERE a.score >= 1),
           string_agg(format('%s (%s)', a.kra, kra.percent_text(a.score, 0)), ', '
                      ORDER BY a.score, a.kra) FILTER (WHERE a.score < 0.9)
    FROM kra.kra_scores(_card) a;
END;
COMMENT ON FUNCTION kra_internal.area_lists(kra.scorecard) IS 'KRAs with a score of 1 and above, best first, and those below 0.9, worst first, with their scores; NULL: none';

CREATE FUNCTION kra_internal.score_reason(_coverage double precision,
    _min_coverage double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN _coverage IS NULL THEN 'no KPI has a weight'
                WHEN _coverage = 0 THEN 'no KPI has both an actual and a target'
                ELSE format('only %s of the weight has data and a target; %s are needed',
                            kra.percent_text(_coverage, 0), kra.percent_text(_min_coverage, 0))
                END;
END;
COMMENT ON FUNCTION kra_internal.score_reason(double precision, double precision) IS 'why a card or area of this coverage has no score';

CREATE TYPE kra_internal.review_result AS (
    closed_on date, score double precision, coverage double precision);
COMMENT ON TYPE kra_internal.review_result IS 'what a closed review has frozen';

CREATE FUNCTION kra_internal.card_rows(_as_of date)
RETURNS TABLE (subject_id integer, subject_key text, subject_name text, subject_kind text,
    path text, place kra_internal.line_place, period_grain text, grid kra_internal.grid,
    period_start date, period_end date, period_label text, is_latest boolean, has_flag boolean,
    card kra_internal.period_card)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.id, s.key, s.name, s.kind, x.path, x.place, p.period_grain, p.grid, p.period_start,
           p.period_end, p.period_label, p.is_latest, p.has_flag, x.card
    FROM kra_internal.periods(_as_of) p
    JOIN kra.subjects s ON kra_internal.shows(s.id, p.grid, p.period_start, p.upto)
        AND kra_internal.has_card(s.id, p.grid, p.period_start, _as_of)
    CROSS JOIN LATERAL (   -- none of these columns is computed when nobody asks
        SELECT (SELECT o.path FROM kra_internal.path_of(s.id, p.period_start, p.upto) o) AS path,
               (SELECT o FROM kra_internal.place_of(s.id, p.period_start, p.upto) o)
                   AS place,
               kra_internal.card_at(s.id, p.grid, p.period_start, _as_of) AS card
        OFFSET 0
    ) x;
END;
COMMENT ON FUNCTION kra_internal.card_rows(date) IS 'every scorecard as of a date that the viewer may know, with who it is about and when';

CREATE FUNCTION kra.scorecards(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text,
    parent_key text, parent_name text, job_role_key text, job_role_name text, period_grain text,
    period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    score_value double precision, score_text text, score_reason text,
    outcome_score_value double precision, activity_score_value double precision,
    coverage_pct double precision, status text, status_code integer, status_color text,
    is_on_target boolean, on_target_count integer, kpi_count integer, exceeded_count integer,
    on_track_count integer, at_risk_count integer, off_track_count integer, no_data_count integer,
    no_target_count integer, imbalance_flag text, imbalance_reason text,
    is_busy_not_moving boolean, strong_areas text, weak_areas text, closed_on date,
    closed_score_value double precision, closed_coverage_pct double precision, status_reason text,
    imbalance_activity_kpi text, imbalance_outcome_kpi text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.subject_id || '.' || r.period_grain || '.' || to_char(r.period_start, 'YYYY-MM-DD'),
           r.subject_key, r.subject_name, r.subject_kind, r.path, (r.place).parent_key,
           (r.place).parent_name, (r.place).job_role_key, (r.place).job_role_name,
           r.period_grain, r.period_label, r.period_start, r.period_end, r.is_latest,
           (r.card).last_day <= as_of, v.score, kra_internal.score_text(v.score, v.coverage),
           CASE WHEN v.score IS NULL
                THEN kra_internal.score_reason(kra.coverage((r.card).card), x.min_coverage) END,
           kra.score((r.card).card, 'outcome', 1.2, x.min_coverage),
           kra.score((r.card).card, 'activity', 1.2, x.min_coverage), v.coverage,
           y.status::text, kra.status_code(y.status), kra.status_color(y.status),
           kra.status_code(y.status) > 0, CASE WHEN kra.status_code(y.status) > 0 THEN 1 ELSE 0 END,
           (r.card).kpi_count, (r.card).exceeded_count, (r.card).on_track_count,
           (r.card).at_risk_count, (r.card).off_track_count, (r.card).no_data_count,
           (r.card).no_target_count,
           CASE WHEN r.has_flag THEN (v.imbalance).flag END,
           CASE WHEN r.has_flag THEN kra_internal.with_kpi_names((v.imbalance).reason) END,
           CASE WHEN r.has_flag THEN (v.imbalance).flag = 'busy_not_moving' END,
           (v.areas).strong, (v.areas).weak,
           (v.review).closed_on, (v.review).score, (v.review).coverage,
           kra_internal.with_kpi_names(
               kra.status_reason((r.card).card, x.min_coverage, r.has_flag)),
           CASE WHEN r.has_flag THEN (v.imbalance).activity_kpi END,
           CASE WHEN r.has_flag THEN (v.imbalance).outcome_kpi END
    FROM kra_internal.card_rows(as_of) r
    CROSS JOIN kra_internal.settings_in_force x
    CROSS JOIN LATERAL (   -- once a card
        SELECT kra.score((r.card).card, NULL, 1.2, x.min_coverage) AS score,
               coalesce(kra.coverage((r.card).card), 0) AS coverage,
               kra.card_status((r.card).card, x.min_coverage, r.has_flag) AS status,
               kra.imbalance((r.card).card) AS imbalance,
               (SELECT a FROM kra_internal.area_lists((r.card).card) a) AS areas,
               (SELECT ROW(max(kra_internal.day_of(rv.closed_at)),
                           max(kra.score(rv.card, NULL, 1.2, x.min_coverage)),
                           max(kra.coverage(rv.card)))::kra_internal.review_result
                FROM kra.reviews rv
                WHERE rv.subject_id = r.subject_id AND rv.period_grain = r.period_grain
                  AND rv.period_start = r.period_start
                  AND (as_of >= kra_internal.today()
                       OR kra_internal.day_of(rv.closed_at) <= as_of)) AS review
        OFFSET 0
    ) v
    CROSS JOIN LATERAL (
        SELECT CASE WHEN v.score IS NULL AND v.status NOT IN ('no_data', 'no_target') THEN 'no_data'
                    ELSE v.status END AS status
    ) y;
END;
COMMENT ON FUNCTION kra.scorecards(date) IS 'rows of kra_bi.scorecards as they were in force on a date: a row per subject and period; the columns are described there';

CREATE FUNCTION kra.kra_results(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text,
    parent_key text, parent_name text, job_role_key text, job_role_name text, kra_name text,
    period_grain text, period_label text, period_start date, period_end date, is_latest boolean,
    is_complete boolean, weight_value double precision, score_value double precision,
    score_text text, score_reason text, coverage_pct double precision, status text,
    status_code integer, status_color text, is_on_target boolean, on_target_count integer,
    kpi_count integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.subject_id || '.' || r.period_grain || '.' || to_char(r.period_start, 'YYYY-MM-DD')
               || '.' || a.kra,
           r.subject_key, r.subject_name, r.subject_kind, r.path, (r.place).parent_key,
           (r.place).parent_name, (r.place).job_role_key, (r.place).job_role_name,
           a.kra, r.period_grain, r.period_label, r.period_start, r.period_end, r.is_latest,
           (r.card).last_day <= as_of,
           a.weight, CASE WHEN y.is_covered THEN a.score END,
           kra_internal.score_text(CASE WHEN y.is_covered THEN a.score END, a.coverage),
           CASE WHEN NOT y.is_covered
                THEN kra_internal.score_reason(a.coverage, x.min_coverage) END,
           coalesce(a.coverage, 0),
           y.status::text, kra.status_code(y.status), kra.status_color(y.status),
           kra.status_code(y.status) > 0, CASE WHEN kra.status_code(y.status) > 0 THEN 1 ELSE 0 END,
           a.num_kpis
    FROM kra_internal.card_rows(as_of) r
    CROSS JOIN LATERAL kra.kra_scores((r.card).card) a
    CROSS JOIN kra_internal.settings_in_force x
    CROSS JOIN LATERAL (
        SELECT a.score IS NOT NULL AND a.coverage >= x.min_coverage AS is_covered,
               CASE WHEN a.score IS NOT NULL AND a.coverage < x.min_coverage THEN 'no_data'
                    ELSE a.status END AS status
    ) y;
END;
COMMENT ON FUNCTION kra.kra_results(date) IS 'rows of kra_bi.kra_results as they were in force on a date: a row per subject, KRA and period; the columns are described there';

CREATE FUNCTION kra.imbalances(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text,
    parent_key text, parent_name text, job_role_key text, job_role_name text, period_grain text,
    period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    imbalance_flag text, imbalance_reason text, is_balanced boolean, is_busy_not_moving boolean,
    activity_share_pct double precision, outcome_score_value double precision,
    activity_score_value double precision, gap_value double precision, outcome_kpi_count integer,
    activity_kpi_count integer, outcome_coverage_pct double precision,
    activity_coverage_pct double precision, imbalance_activity_kpi text, imbalance_outcome_kpi text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.subject_id || '.' || r.period_grain || '.' || to_char(r.period_start, 'YYYY-MM-DD'),
           r.subject_key, r.subject_name, r.subject_kind, r.path, (r.place).parent_key,
           (r.place).parent_name, (r.place).job_role_key, (r.place).job_role_name,
           r.period_grain, r.period_label, r.period_start, r.period_end, r.is_latest,
           (r.card).last_day <= as_of,
           CASE WHEN r.has_flag THEN (i.i).flag END,
           CASE WHEN r.has_flag THEN kra_internal.with_kpi_names((i.i).reason) END,
           CASE WHEN r.has_flag THEN (i.i).flag = 'balanced' END,
           CASE WHEN r.has_flag THEN (i.i).flag = 'busy_not_moving' END, (i.i).activity_share,
           (i.i).outcome_attainment, (i.i).activity_attainment, (i.i).gap,
           (i.i).outcome_count::integer, (i.i).activity_count::integer,
           kra.coverage((r.card).card, 'outcome'), kra.coverage((r.card).card, 'activity'),
           CASE WHEN r.has_flag THEN (i.i).activity_kpi END,
           CASE WHEN r.has_flag THEN (i.i).outcome_kpi END
    FROM kra_internal.card_rows(as_of) r
    CROSS JOIN LATERAL (SELECT kra.imbalance((r.card).card) AS i OFFSET 0) i;
END;
COMMENT ON FUNCTION kra.imbalances(date) IS 'rows of kra_bi.imbalances as they were in force on a date: a row per subject and period; the columns are described there';

-- Cards as values.

CREATE FUNCTION kra_internal.period_named(label text, OUT grid kra_internal.grid,
    OUT period_start date)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT l.grid, l.period_start
    FROM kra_internal.settings_in_force s
    CROSS JOIN LATERAL kra_internal.grid_of_label(label, s.fiscal_year_start_month, s.week_start,
                                                  s.calendar) l;
END;
COMMENT ON FUNCTION kra_internal.period_named(text) IS 'the period with this label, such as 2025-12, 2025-Q4 or 2016/17; error for what is none';

CREATE FUNCTION kra.scorecard_of(subject text, period text,
    as_of date DEFAULT kra_internal.today(), live boolean DEFAULT false) RETURNS kra.scorecard
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra_internal.subject_named(subject);
    p record;
    upto date;
    frozen kra.scorecard;
BEGIN
    SELECT * INTO p FROM kra_internal.period_named(period);
    upto := least(kra_internal.grid_end(p.grid, p.period_start), as_of);
    IF NOT live THEN
        SELECT r.card INTO frozen FROM kra.reviews r
        WHERE r.subject_id = s.id AND r.period_grain = kra_internal.grid_grain(p.grid)
          AND r.period_start = p.period_start
          AND (as_of >= kra_internal.today() OR kra_internal.day_of(r.closed_at) <= as_of);
        IF FOUND THEN
            RETURN frozen;
        END IF;
    END IF;
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user),
            quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    ELSIF NOT kra_internal.shows(s.id, p.grid, p.period_start, upto) THEN
        RETURN NULL;
    END IF;
    RETURN (kra_internal.period_card(s.id, p.grid, p.period_start, upto)).card;
END $$;
COMMENT ON FUNCTION kra.scorecard_of(text, text, date, boolean) IS 'scorecard of a subject (its key) in a period (its label), KPIs by their keys: the frozen one where the review is closed and live is not asked for; NULL: it has none';
