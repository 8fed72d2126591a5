-- Lines: a row per subject, KPI, grid and period: who was judged by what, and what came of it.

CREATE VIEW kra_internal.target_spans WITH (security_invoker = true) AS
SELECT t.kpi_id, t.subject_id, t.effective_from,
       coalesce(lead(t.effective_from) OVER (PARTITION BY t.kpi_id, t.subject_id
                                             ORDER BY t.effective_from), 'infinity')
           AS effective_until,
       t.target, t.provenance, t.set_at, t.revised_at, t.target_grain, t.phasing
FROM kra.targets t;
COMMENT ON VIEW kra_internal.target_spans IS 'subjects'' own targets, as spans of time: a row of targets with the day on which the next one takes over';
COMMENT ON COLUMN kra_internal.target_spans.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra_internal.target_spans.subject_id IS 'the subject';
COMMENT ON COLUMN kra_internal.target_spans.effective_from IS 'first day';
COMMENT ON COLUMN kra_internal.target_spans.effective_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra_internal.target_spans.target IS 'what it aims for; NULL: no target any more';
COMMENT ON COLUMN kra_internal.target_spans.provenance IS 'where the target comes from';
COMMENT ON COLUMN kra_internal.target_spans.set_at IS 'when it was set';
COMMENT ON COLUMN kra_internal.target_spans.revised_at IS 'when it was last changed in place; NULL: never';
COMMENT ON COLUMN kra_internal.target_spans.target_grain IS 'the period that the target is for; NULL: the KPI''s cadence';
COMMENT ON COLUMN kra_internal.target_spans.phasing IS 'how it is shared out; NULL: equally';

CREATE TYPE kra_internal.line AS (
    subject_id integer, kpi_id integer, grid kra_internal.grid, period_start date,
    job_role_id integer, result_area_id integer, weight double precision, is_derived boolean,
    member_count integer, observed_member_count integer, last_at timestamptz, runs boolean,
    actual double precision, judged double precision, target kra.kpi_target,
    expected_lower double precision, expected_upper double precision,
    attainment double precision, progress double precision, projected double precision,
    status kra.kpi_status, is_on_target boolean, coverage double precision, reason text,
    observations bigint, first_day date, last_day date, is_final boolean);
COMMENT ON TYPE kra_internal.line IS 'who was judged by what, and the verdict (see kra_internal.judge). weight NULL: on no card; is_derived: of a group without a role, whose card is that of its members, or has a target of its own; member_count: how many of them carry the KPI, else 1; observed_member_count: how many have data; last_at: when the newest observation was; runs: is the period not over? first_day, last_day: of the period and all of its parts; is_final: it is over, and all that was observed in it is known, so that no later day makes another line of it';

CREATE FUNCTION kra_internal.lines(_as_of date, _from date, _until date,
    _subjects integer[] DEFAULT NULL, _kpis integer[] DEFAULT NULL)
    RETURNS SETOF kra_internal.line
    AS 'MODULE_PATHNAME', 'kra_lines' LANGUAGE C STABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION kra_internal.lines(date, date, date, integer[], integer[]) IS 'lines of every grain whose periods touch the days from the second to the third date and have begun by the first, as known on the first; of some subjects and KPIs, NULL for all. With the rights of the caller';

CREATE FUNCTION kra_internal.lines_to_date(_as_of date, _grid kra_internal.grid,
    _period_start date, _upto date, _subjects integer[] DEFAULT NULL,
    _kpis integer[] DEFAULT NULL)
    RETURNS SETOF kra_internal.line
    AS 'MODULE_PATHNAME', 'kra_lines_to_date' LANGUAGE C STABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION kra_internal.lines_to_date(date, kra_internal.grid, date, date, integer[], integer[]) IS 'lines of the one period of a grid in force that starts on a day, as if it ended with its parts up to another (weeks: whose fourth day is up to it), as known on as_of; of some subjects and KPIs, NULL for all. A part''s share of a target is that of the whole period. last_day is that of the last part. With the rights of the caller';
