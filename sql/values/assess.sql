-- Actual against target. NULL actual: no_data; NULL target: no_target; as_of NULL: none.

CREATE FUNCTION kra.attainment(actual double precision, target kra.kpi_target)
RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment(double precision, kra.kpi_target) IS 'actual against target, 1.0 = target met: 1 + d/W, raw; NULL for no data, no target, no scale; error for NaN and infinities';

CREATE FUNCTION kra.met(actual double precision, target kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_met' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.met(double precision, kra.kpi_target) IS 'does the actual meet the target? NULL without either';

CREATE FUNCTION kra.status(actual double precision, target kra.kpi_target, as_of date DEFAULT NULL,
    at_risk_from double precision DEFAULT 0.9) RETURNS kra.kpi_status
    AS 'MODULE_PATHNAME', 'kra_status_from' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.status(double precision, kra.kpi_target, date, double precision) IS 'status of an actual; inside the dates of the target, as_of compares with the value expected by then; at risk begins at the threshold of the target, else at the attainment at_risk_from (above 0, at most 1; NULL: 0.9); never NULL';

CREATE FUNCTION kra.status_code(status kra.kpi_status) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_status_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.status_code(kra.kpi_status) IS '-1 off track, 0 at risk, 1 on track or exceeded, NULL otherwise';

CREATE FUNCTION kra.status_code(actual double precision, target kra.kpi_target,
                                as_of date DEFAULT NULL,
    at_risk_from double precision DEFAULT 0.9) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_status_code_of_from' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.status_code(double precision, kra.kpi_target, date, double precision) IS '-1 off track, 0 at risk, 1 on track or exceeded, NULL otherwise';

CREATE FUNCTION kra.expected(target kra.kpi_target, as_of date) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_expected' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.expected(kra.kpi_target, date) IS 'value that status compares with on a date: from the baseline to the target inside its dates, else the target; NULL for a range';

CREATE FUNCTION kra.assess(actual double precision, target kra.kpi_target, as_of date DEFAULT NULL,
    at_risk_from double precision DEFAULT 0.9,
    OUT attainment double precision, OUT met boolean, OUT status kra.kpi_status,
    OUT status_code integer, OUT expected double precision, OUT reason text)
    AS 'MODULE_PATHNAME', 'kra_assess_from' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.assess(double precision, kra.kpi_target, date, double precision) IS 'attainment, met, status, status code, expected value (NULL without as_of) and the reason (no_data, no_target, no_scale) for a NULL attainment, in one row';

CREATE FUNCTION kra.context(actual double precision, target kra.kpi_target,
                            previous double precision DEFAULT NULL,
    unit text DEFAULT NULL, previous_label text DEFAULT NULL, show_change boolean DEFAULT false)
RETURNS text
    AS 'MODULE_PATHNAME', 'kra_context' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.context(double precision, kra.kpi_target, double precision, text, text, boolean) IS 'sentence such as: 35% vs. target of 40%, up from 30% last month; with show_change, percentages change in points (pp), others in percent; never NULL';

CREATE FUNCTION kra_internal.change_text(actual double precision, previous double precision,
                                         unit text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_change_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_text(double precision, double precision, text) IS 'change since the previous value: +5 pp for percentages, +12% for others; NULL without both';

CREATE FUNCTION kra_internal.misses_accum(integer, boolean) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_misses_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.misses_accum(integer, boolean) IS 'transition function of misses_in_a_row';

-- Not to be merged: it depends on the order.
CREATE AGGREGATE kra.misses_in_a_row(met boolean) (
    SFUNC = kra_internal.misses_accum, STYPE = integer, INITCOND = '0',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.misses_in_a_row(boolean) IS 'how many of the latest rows ORDER BY at are false, since the last true; NULLs neither count nor interrupt; 0 for no row';

CREATE FUNCTION kra.value_text(value double precision, unit text DEFAULT NULL,
    target kra.kpi_target DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_value_text_beside' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.value_text(double precision, text, kra.kpi_target) IS 'a value with its unit as people write it: 89.1%, $12.50, 3 days; beside a target, with as many digits as it takes not to look like it when it is not; NULL for NULL; error for NaN and infinities';

CREATE FUNCTION kra.percent_text(share double precision, decimals integer DEFAULT 1) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_percent_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.percent_text(double precision, integer) IS 'a fraction as a percentage: 95.3%; with so many decimals, and more where it takes them not to look like 0, 90, 100 or -100% when it is not (0.996 is 99.6%, 0.9999 is 99.99%); NULL for NULL; error for NaN and infinities';

CREATE FUNCTION kra.target_text(target kra.kpi_target, unit text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_target_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_text(kra.kpi_target, text) IS 'the number aimed for as people write it: 95%, at most 4 days, 45 to 55; NULL for NULL';
