-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION kra" to load this file. \quit

CREATE SCHEMA kra;
COMMENT ON SCHEMA kra IS 'KRA/KPI software: targets, scorecards, attainment, trend and imbalance';

CREATE FUNCTION kra.version() RETURNS text
    AS 'MODULE_PATHNAME', 'kra_version' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.version() IS 'version of the library that is loaded';

CREATE TYPE kra.kpi_kind AS ENUM ('outcome', 'activity');
COMMENT ON TYPE kra.kpi_kind IS 'what a KPI measures: an outcome (a result) or an activity (effort, process)';

CREATE TYPE kra.kpi_status AS ENUM
    ('no_target', 'no_data', 'off_track', 'at_risk', 'on_track', 'exceeded');
COMMENT ON TYPE kra.kpi_status IS 'where an actual stands against its target';
-- kpi_target: the number aimed for, with its direction, scale and dates.

CREATE TYPE kra.kpi_target;

CREATE FUNCTION kra.kpi_target_in(cstring) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_kpi_target_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_in(cstring) IS 'text input of kpi_target';

CREATE FUNCTION kra.kpi_target_out(kra.kpi_target) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_target_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_out(kra.kpi_target) IS 'text output of kpi_target';

CREATE FUNCTION kra.kpi_target_recv(internal) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_kpi_target_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_recv(internal) IS 'binary input of kpi_target';

CREATE FUNCTION kra.kpi_target_send(kra.kpi_target) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_target_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_send(kra.kpi_target) IS 'binary output of kpi_target';

CREATE TYPE kra.kpi_target (
    INPUT = kra.kpi_target_in, OUTPUT = kra.kpi_target_out, RECEIVE = kra.kpi_target_recv, SEND = kra.kpi_target_send,
    INTERNALLENGTH = 64, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_target IS 'the number aimed for: >= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31; also <= T, = T, [L,U]';

CREATE FUNCTION kra.kpi_target_to_jsonb(kra.kpi_target) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_target_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_to_jsonb(kra.kpi_target) IS 'kpi_target as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_target(jsonb) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_target' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_target(jsonb) IS 'kpi_target out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_target AS jsonb) WITH FUNCTION kra.kpi_target_to_jsonb(kra.kpi_target);
CREATE CAST (jsonb AS kra.kpi_target) WITH FUNCTION kra.jsonb_to_kpi_target(jsonb);
COMMENT ON CAST (kra.kpi_target AS jsonb) IS 'kpi_target as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_target) IS 'kpi_target out of jsonb';

CREATE FUNCTION kra.at_least(target double precision, baseline double precision DEFAULT NULL,
    threshold double precision DEFAULT NULL, stretch double precision DEFAULT NULL,
    scale double precision DEFAULT NULL, since date DEFAULT NULL, due date DEFAULT NULL) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_at_least' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.at_least(double precision, double precision, double precision, double precision, double precision, date, date) IS 'target of at least this (higher is better); NULL when target is NULL, a part that is NULL is absent; all numbers in the unit of the KPI';

CREATE FUNCTION kra.at_most(target double precision, baseline double precision DEFAULT NULL,
    threshold double precision DEFAULT NULL, stretch double precision DEFAULT NULL,
    scale double precision DEFAULT NULL, since date DEFAULT NULL, due date DEFAULT NULL) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_at_most' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.at_most(double precision, double precision, double precision, double precision, double precision, date, date) IS 'target of at most this (lower is better); NULL when target is NULL, a part that is NULL is absent; all numbers in the unit of the KPI';

CREATE FUNCTION kra.exactly(target double precision, baseline double precision DEFAULT NULL,
    threshold double precision DEFAULT NULL, stretch double precision DEFAULT NULL,
    scale double precision DEFAULT NULL, since date DEFAULT NULL, due date DEFAULT NULL) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_exactly' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.exactly(double precision, double precision, double precision, double precision, double precision, date, date) IS 'target of exactly this; NULL when target is NULL, a part that is NULL is absent; stretch must be NULL';

CREATE FUNCTION kra.inside(lower double precision, upper double precision, baseline double precision DEFAULT NULL,
    threshold double precision DEFAULT NULL, stretch double precision DEFAULT NULL,
    scale double precision DEFAULT NULL, since date DEFAULT NULL, due date DEFAULT NULL) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_inside' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.inside(double precision, double precision, double precision, double precision, double precision, double precision, date, date) IS 'target of a range, both ends meet it; NULL when both ends are NULL, an error when one is; stretch must be NULL';

CREATE FUNCTION kra.direction(kra.kpi_target) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_kpi_target_direction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.direction(kra.kpi_target) IS 'at_least, at_most, exactly or inside';

CREATE FUNCTION kra.target(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_target' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target(kra.kpi_target) IS 'the number aimed for; NULL for a range';

CREATE FUNCTION kra.lower(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_lower' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.lower(kra.kpi_target) IS 'smallest actual that meets the target; NULL for <=';

CREATE FUNCTION kra.upper(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_upper' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.upper(kra.kpi_target) IS 'largest actual that meets the target; NULL for >=';

CREATE FUNCTION kra.baseline(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_baseline' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.baseline(kra.kpi_target) IS 'where it starts; NULL if absent';

CREATE FUNCTION kra.threshold(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_threshold' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.threshold(kra.kpi_target) IS 'the red line; NULL if absent';

CREATE FUNCTION kra.stretch(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_stretch' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.stretch(kra.kpi_target) IS 'better than the target; NULL if absent';

CREATE FUNCTION kra.scale(kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_scale' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scale(kra.kpi_target) IS 'distance from the target at which attainment falls to 0, as given; NULL if absent';

CREATE FUNCTION kra.since(kra.kpi_target) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_kpi_target_since' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.since(kra.kpi_target) IS 'first day of the target; NULL if absent';

CREATE FUNCTION kra.due(kra.kpi_target) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_kpi_target_due' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.due(kra.kpi_target) IS 'day by which it is to be reached; NULL if absent';

CREATE FUNCTION kra.kpi_target_eq(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_eq(kra.kpi_target, kra.kpi_target) IS 'implementation of = operator';

CREATE FUNCTION kra.kpi_target_ne(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_ne(kra.kpi_target, kra.kpi_target) IS 'implementation of <> operator';

CREATE FUNCTION kra.kpi_target_lt(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_lt(kra.kpi_target, kra.kpi_target) IS 'implementation of < operator';

CREATE FUNCTION kra.kpi_target_le(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_le(kra.kpi_target, kra.kpi_target) IS 'implementation of <= operator';

CREATE FUNCTION kra.kpi_target_gt(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_gt(kra.kpi_target, kra.kpi_target) IS 'implementation of > operator';

CREATE FUNCTION kra.kpi_target_ge(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_ge(kra.kpi_target, kra.kpi_target) IS 'implementation of >= operator';

CREATE OPERATOR kra.= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_eq,
    COMMUTATOR = OPERATOR(kra.=), NEGATOR = OPERATOR(kra.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR kra.= (kra.kpi_target, kra.kpi_target) IS 'the same target, part for part';

CREATE OPERATOR kra.<> (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_ne,
    COMMUTATOR = OPERATOR(kra.<>), NEGATOR = OPERATOR(kra.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kra.<> (kra.kpi_target, kra.kpi_target) IS 'different targets';

CREATE OPERATOR kra.< (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_lt,
    COMMUTATOR = OPERATOR(kra.>), NEGATOR = OPERATOR(kra.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR kra.< (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR kra.<= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_le,
    COMMUTATOR = OPERATOR(kra.>=), NEGATOR = OPERATOR(kra.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR kra.<= (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR kra.> (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_gt,
    COMMUTATOR = OPERATOR(kra.<), NEGATOR = OPERATOR(kra.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR kra.> (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR kra.>= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra.kpi_target_ge,
    COMMUTATOR = OPERATOR(kra.<=), NEGATOR = OPERATOR(kra.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR kra.>= (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE FUNCTION kra.kpi_target_cmp(kra.kpi_target, kra.kpi_target) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_target_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_cmp(kra.kpi_target, kra.kpi_target) IS 'btree comparison of targets';

CREATE FUNCTION kra.kpi_target_hash(kra.kpi_target) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_target_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_hash(kra.kpi_target) IS 'hash of a target';

CREATE FUNCTION kra.kpi_target_hash_extended(kra.kpi_target, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_target_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_target_hash_extended(kra.kpi_target, bigint) IS 'hash of a target, with a seed';

CREATE OPERATOR CLASS kra.kpi_target_ops DEFAULT FOR TYPE kra.kpi_target USING btree AS
    OPERATOR 1 kra.<, OPERATOR 2 kra.<=, OPERATOR 3 kra.=, OPERATOR 4 kra.>=, OPERATOR 5 kra.>,
    FUNCTION 1 kra.kpi_target_cmp(kra.kpi_target, kra.kpi_target);

CREATE OPERATOR CLASS kra.kpi_target_ops DEFAULT FOR TYPE kra.kpi_target USING hash AS
    OPERATOR 1 kra.=,
    FUNCTION 1 kra.kpi_target_hash(kra.kpi_target),
    FUNCTION 2 kra.kpi_target_hash_extended(kra.kpi_target, bigint);

CREATE FUNCTION kra.target_add(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_add(kra.kpi_target, kra.kpi_target) IS 'target of a whole of two parts: all numbers added; left out are parts that one alone has, dates that differ, and a baseline or threshold that lies above the one target and below the other; NULL for NULL and for different directions; error on overflow';

CREATE FUNCTION kra.target_times(target kra.kpi_target, factor double precision) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_times(kra.kpi_target, double precision) IS 'target with all its numbers multiplied, the scale too; dates stay; NULL for NULL; error for a factor that is not finite and above 0, and on overflow';

CREATE FUNCTION kra.target_smaller(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_smaller(kra.kpi_target, kra.kpi_target) IS 'the one that comes first in the sort order of targets; NULL for NULL';

CREATE FUNCTION kra.target_larger(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_larger(kra.kpi_target, kra.kpi_target) IS 'the one that comes last in the sort order of targets; NULL for NULL';

-- Not to be merged: a NULL of different directions would be taken for no row.
CREATE AGGREGATE kra.sum(kra.kpi_target) (
    SFUNC = kra.target_add, STYPE = kra.kpi_target,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.sum(kra.kpi_target) IS 'target of a whole of parts, as target_add; NULLs are left out; NULL for no row and for different directions';

CREATE AGGREGATE kra.min(kra.kpi_target) (
    SFUNC = kra.target_smaller, STYPE = kra.kpi_target, COMBINEFUNC = kra.target_smaller, SORTOP = OPERATOR(kra.<),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.min(kra.kpi_target) IS 'the first in the sort order of targets, which says nothing of which is harder; NULLs are left out; NULL for no row';

CREATE AGGREGATE kra.max(kra.kpi_target) (
    SFUNC = kra.target_larger, STYPE = kra.kpi_target, COMBINEFUNC = kra.target_larger, SORTOP = OPERATOR(kra.>),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.max(kra.kpi_target) IS 'the last in the sort order of targets, which says nothing of which is harder; NULLs are left out; NULL for no row';
-- Actual against target. NULL actual: no_data; NULL target: no_target; as_of NULL: none.

CREATE FUNCTION kra.attainment(actual double precision, target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment(double precision, kra.kpi_target) IS 'actual against target, 1.0 = target met: 1 + d/W, raw; NULL for no data, no target, no scale; error for NaN and infinities';

CREATE FUNCTION kra.met(actual double precision, target kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_met' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.met(double precision, kra.kpi_target) IS 'does the actual meet the target? NULL without either';

CREATE FUNCTION kra.status(actual double precision, target kra.kpi_target, as_of date DEFAULT NULL) RETURNS kra.kpi_status
    AS 'MODULE_PATHNAME', 'kra_status' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.status(double precision, kra.kpi_target, date) IS 'status of an actual; inside the dates of the target, as_of compares with the value expected by then; never NULL';

CREATE FUNCTION kra.status_code(status kra.kpi_status) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_status_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.status_code(kra.kpi_status) IS '-1 off track, 0 at risk, 1 on track or exceeded, NULL otherwise';

CREATE FUNCTION kra.status_code(actual double precision, target kra.kpi_target, as_of date DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_status_code_of' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.status_code(double precision, kra.kpi_target, date) IS '-1 off track, 0 at risk, 1 on track or exceeded, NULL otherwise';

CREATE FUNCTION kra.expected(target kra.kpi_target, as_of date) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_expected' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.expected(kra.kpi_target, date) IS 'value that status compares with on a date: from the baseline to the target inside its dates, else the target; NULL for a range';

CREATE FUNCTION kra.assess(actual double precision, target kra.kpi_target, as_of date DEFAULT NULL,
    OUT attainment double precision, OUT met boolean, OUT status kra.kpi_status,
    OUT status_code integer, OUT expected double precision, OUT reason text)
    AS 'MODULE_PATHNAME', 'kra_assess' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.assess(double precision, kra.kpi_target, date) IS 'attainment, met, status, status code, expected value (NULL without as_of) and the reason (no_data, no_target, no_scale) for a NULL attainment, in one row';

CREATE FUNCTION kra.context(actual double precision, target kra.kpi_target, previous double precision DEFAULT NULL,
    unit text DEFAULT NULL, previous_label text DEFAULT NULL, show_change boolean DEFAULT false) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_context' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.context(double precision, kra.kpi_target, double precision, text, text, boolean) IS 'sentence such as: 35% vs. target of 40%, up from 30% last month; with show_change, percentages change in points (pp), others in percent; never NULL';

CREATE FUNCTION kra.change_text(actual double precision, previous double precision, unit text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_change_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_text(double precision, double precision, text) IS 'change since the previous value: +5 pp for percentages, +12% for others; NULL without both';

CREATE FUNCTION kra.misses_accum(integer, boolean) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_misses_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.misses_accum(integer, boolean) IS 'transition function of misses_in_a_row';

-- Not to be merged: it depends on the order.
CREATE AGGREGATE kra.misses_in_a_row(met boolean) (
    SFUNC = kra.misses_accum, STYPE = integer, INITCOND = '0',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.misses_in_a_row(boolean) IS 'how many of the latest rows ORDER BY at are false, since the last true; NULLs neither count nor interrupt; 0 for no row';

CREATE FUNCTION kra.value_text(value double precision, unit text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_value_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.value_text(double precision, text) IS 'a value with its unit as people write it: 89.1%, $12.50, 3 days; NULL for NULL; error for NaN and infinities';

CREATE FUNCTION kra.target_text(target kra.kpi_target, unit text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_target_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_text(kra.kpi_target, text) IS 'the number aimed for as people write it: 95%, at most 4 days, 45 to 55; NULL for NULL';
-- kpi_actual: the observations of a KPI in a period.

CREATE TYPE kra.kpi_actual;

CREATE FUNCTION kra.kpi_actual_in(cstring) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_in(cstring) IS 'text input of kpi_actual';

CREATE FUNCTION kra.kpi_actual_out(kra.kpi_actual) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_out(kra.kpi_actual) IS 'text output of kpi_actual';

CREATE FUNCTION kra.kpi_actual_recv(internal) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_recv(internal) IS 'binary input of kpi_actual';

CREATE FUNCTION kra.kpi_actual_send(kra.kpi_actual) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_send(kra.kpi_actual) IS 'binary output of kpi_actual';

CREATE TYPE kra.kpi_actual (
    INPUT = kra.kpi_actual_in, OUTPUT = kra.kpi_actual_out, RECEIVE = kra.kpi_actual_recv, SEND = kra.kpi_actual_send,
    INTERNALLENGTH = 96, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_actual IS 'observations of a KPI: count, sum, weight, min, max, first and last; read with value()';

CREATE FUNCTION kra.kpi_actual_to_jsonb(kra.kpi_actual) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_to_jsonb(kra.kpi_actual) IS 'kpi_actual as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_actual(jsonb) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_actual' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_actual(jsonb) IS 'kpi_actual out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_actual AS jsonb) WITH FUNCTION kra.kpi_actual_to_jsonb(kra.kpi_actual);
CREATE CAST (jsonb AS kra.kpi_actual) WITH FUNCTION kra.jsonb_to_kpi_actual(jsonb);
COMMENT ON CAST (kra.kpi_actual AS jsonb) IS 'kpi_actual as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_actual) IS 'kpi_actual out of jsonb';

CREATE FUNCTION kra.actual_accum(kra.kpi_actual, double precision, timestamptz) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.actual_accum(kra.kpi_actual, double precision, timestamptz) IS 'transition function of actual_agg';

CREATE FUNCTION kra.actual_accum(kra.kpi_actual, double precision, timestamptz, double precision) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.actual_accum(kra.kpi_actual, double precision, timestamptz, double precision) IS 'transition function of actual_agg with a weight';

CREATE FUNCTION kra.actual_accum(kra.kpi_actual, double precision, date) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.actual_accum(kra.kpi_actual, double precision, date) IS 'transition function of actual_agg';

CREATE FUNCTION kra.actual_accum(kra.kpi_actual, double precision, date, double precision) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_date_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.actual_accum(kra.kpi_actual, double precision, date, double precision) IS 'transition function of actual_agg with a weight';

CREATE FUNCTION kra.actual_combine(kra.kpi_actual, kra.kpi_actual) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.actual_combine(kra.kpi_actual, kra.kpi_actual) IS 'merges two summaries';

CREATE FUNCTION kra.actual_final(kra.kpi_actual) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.actual_final(kra.kpi_actual) IS 'final function of actual_agg: NULL for no observation';

CREATE AGGREGATE kra.actual_agg(value double precision, at timestamptz) (
    SFUNC = kra.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra.actual_combine, FINALFUNC = kra.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, timestamptz) IS 'summary of observations; a NULL value is none, a NULL time counts but is neither first nor last';

CREATE AGGREGATE kra.actual_agg(value double precision, at timestamptz, weight double precision) (
    SFUNC = kra.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra.actual_combine, FINALFUNC = kra.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, timestamptz, double precision) IS 'summary of observations with weights, the denominators of a ratio (>= 0; NULL is an error where there is a value)';

CREATE AGGREGATE kra.actual_agg(value double precision, at date) (
    SFUNC = kra.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra.actual_combine, FINALFUNC = kra.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, date) IS 'summary of observations; a NULL value is none, a NULL time counts but is neither first nor last; a date is its midnight in UTC';

CREATE AGGREGATE kra.actual_agg(value double precision, at date, weight double precision) (
    SFUNC = kra.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra.actual_combine, FINALFUNC = kra.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, date, double precision) IS 'summary of observations with weights, the denominators of a ratio (>= 0; NULL is an error where there is a value); a date is its midnight in UTC';

CREATE AGGREGATE kra.rollup(kra.kpi_actual) (
    SFUNC = kra.actual_combine, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra.actual_combine, FINALFUNC = kra.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_actual) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.value(summary kra.kpi_actual, aggregation text) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_actual_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.value(kra.kpi_actual, text) IS 'sum, mean, ratio (sum of values / sum of weights), min, max, first, last or count of a summary; NULL where there is none';

CREATE FUNCTION kra.weight(kra.kpi_actual) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_actual_weight' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.weight(kra.kpi_actual) IS 'sum of the weights';

CREATE FUNCTION kra.first_at(kra.kpi_actual) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_actual_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.first_at(kra.kpi_actual) IS 'time of the first observation; NULL if none has a time';

CREATE FUNCTION kra.last_at(kra.kpi_actual) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_actual_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_at(kra.kpi_actual) IS 'time of the last observation; NULL if none has a time';

CREATE FUNCTION kra.kpi_actual_eq(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_eq(kra.kpi_actual, kra.kpi_actual) IS 'implementation of = operator';

CREATE FUNCTION kra.kpi_actual_ne(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_ne(kra.kpi_actual, kra.kpi_actual) IS 'implementation of <> operator';

CREATE OPERATOR kra.= (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual, FUNCTION = kra.kpi_actual_eq,
    COMMUTATOR = OPERATOR(kra.=), NEGATOR = OPERATOR(kra.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kra.= (kra.kpi_actual, kra.kpi_actual) IS 'the same summary: the same text form';

CREATE OPERATOR kra.<> (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual, FUNCTION = kra.kpi_actual_ne,
    COMMUTATOR = OPERATOR(kra.<>), NEGATOR = OPERATOR(kra.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kra.<> (kra.kpi_actual, kra.kpi_actual) IS 'different summaries';

CREATE FUNCTION kra.kpi_actual_hash(kra.kpi_actual) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_hash(kra.kpi_actual) IS 'hash of a summary';

CREATE FUNCTION kra.kpi_actual_hash_extended(kra.kpi_actual, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_actual_hash_extended(kra.kpi_actual, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra.kpi_actual_ops DEFAULT FOR TYPE kra.kpi_actual USING hash AS
    OPERATOR 1 kra.=,
    FUNCTION 1 kra.kpi_actual_hash(kra.kpi_actual),
    FUNCTION 2 kra.kpi_actual_hash_extended(kra.kpi_actual, bigint);
-- kpi_attainment: many attainments in one value.
--
-- COST 10: a transition does the work of about ten operators of plain SQL.

CREATE TYPE kra.kpi_attainment;

CREATE FUNCTION kra.kpi_attainment_in(cstring) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_attainment_in(cstring) IS 'text input of kpi_attainment';

CREATE FUNCTION kra.kpi_attainment_out(kra.kpi_attainment) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_attainment_out(kra.kpi_attainment) IS 'text output of kpi_attainment';

CREATE FUNCTION kra.kpi_attainment_recv(internal) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_attainment_recv(internal) IS 'binary input of kpi_attainment';

CREATE FUNCTION kra.kpi_attainment_send(kra.kpi_attainment) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_attainment_send(kra.kpi_attainment) IS 'binary output of kpi_attainment';

CREATE TYPE kra.kpi_attainment (
    INPUT = kra.kpi_attainment_in, OUTPUT = kra.kpi_attainment_out, RECEIVE = kra.kpi_attainment_recv, SEND = kra.kpi_attainment_send,
    INTERNALLENGTH = 144, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_attainment IS 'many attainments: counts by status, weights, sums of weighted attainment; read with score(), coverage() and others';

CREATE FUNCTION kra.kpi_attainment_to_jsonb(kra.kpi_attainment) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_attainment_to_jsonb(kra.kpi_attainment) IS 'kpi_attainment as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_attainment(jsonb) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_attainment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_attainment(jsonb) IS 'kpi_attainment out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_attainment AS jsonb) WITH FUNCTION kra.kpi_attainment_to_jsonb(kra.kpi_attainment);
CREATE CAST (jsonb AS kra.kpi_attainment) WITH FUNCTION kra.jsonb_to_kpi_attainment(jsonb);
COMMENT ON CAST (kra.kpi_attainment AS jsonb) IS 'kpi_attainment as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_attainment) IS 'kpi_attainment out of jsonb';

CREATE FUNCTION kra.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target) IS 'transition function of attainment_agg';

CREATE FUNCTION kra.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target, double precision) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target, double precision) IS 'transition function of attainment_agg with a weight';

CREATE FUNCTION kra.attainment_combine(kra.kpi_attainment, kra.kpi_attainment) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment_combine(kra.kpi_attainment, kra.kpi_attainment) IS 'merges two summaries';

CREATE FUNCTION kra.attainment_final(kra.kpi_attainment) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment_final(kra.kpi_attainment) IS 'final function of attainment_agg: NULL for no row';

CREATE AGGREGATE kra.attainment_agg(actual double precision, target kra.kpi_target) (
    SFUNC = kra.attainment_accum, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra.attainment_combine, FINALFUNC = kra.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.attainment_agg(double precision, kra.kpi_target) IS 'summary of attainments, all of weight 1; rows without actual or target lower the coverage';

CREATE AGGREGATE kra.attainment_agg(actual double precision, target kra.kpi_target, weight double precision) (
    SFUNC = kra.attainment_accum, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra.attainment_combine, FINALFUNC = kra.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.attainment_agg(double precision, kra.kpi_target, double precision) IS 'summary of weighted attainments; weight >= 0, NULL is an error; rows without actual or target lower the coverage';

CREATE AGGREGATE kra.rollup(kra.kpi_attainment) (
    SFUNC = kra.attainment_combine, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra.attainment_combine, FINALFUNC = kra.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_attainment) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.score(summary kra.kpi_attainment, min_coverage double precision DEFAULT 0) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.score(kra.kpi_attainment, double precision) IS 'weighted mean of attainments capped to [0, 1.2]; NULL without data, or when less than min_coverage of the weight has data';

CREATE FUNCTION kra.raw_score(summary kra.kpi_attainment, min_coverage double precision DEFAULT 0) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_raw_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.raw_score(kra.kpi_attainment, double precision) IS 'weighted mean of uncapped attainments; NULL as for score';

CREATE FUNCTION kra.coverage(kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_coverage' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.coverage(kra.kpi_attainment) IS 'share of the weight that has both actual and target; NULL without weight';

CREATE FUNCTION kra.hit_rate(kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_hit_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.hit_rate(kra.kpi_attainment) IS 'share of the rows with actual and target that met it, unweighted; NULL if none has';

CREATE FUNCTION kra.count_of(kra.kpi_attainment, kra.kpi_status) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_attainment_count_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.count_of(kra.kpi_attainment, kra.kpi_status) IS 'number of rows with that status';

CREATE FUNCTION kra.num_kpis(kra.kpi_attainment) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_attainment_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_kpis(kra.kpi_attainment) IS 'number of rows summed up';

CREATE FUNCTION kra.min_attainment(kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_min' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.min_attainment(kra.kpi_attainment) IS 'smallest raw attainment; NULL if there is none';

CREATE FUNCTION kra.max_attainment(kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.max_attainment(kra.kpi_attainment) IS 'largest raw attainment; NULL if there is none';
-- kpi_balance: outcome and activity side by side, and their imbalance.

CREATE TYPE kra.kpi_balance;

CREATE FUNCTION kra.kpi_balance_in(cstring) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_balance_in(cstring) IS 'text input of kpi_balance';

CREATE FUNCTION kra.kpi_balance_out(kra.kpi_balance) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_balance_out(kra.kpi_balance) IS 'text output of kpi_balance';

CREATE FUNCTION kra.kpi_balance_recv(internal) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_balance_recv(internal) IS 'binary input of kpi_balance';

CREATE FUNCTION kra.kpi_balance_send(kra.kpi_balance) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_balance_send(kra.kpi_balance) IS 'binary output of kpi_balance';

CREATE TYPE kra.kpi_balance (
    INPUT = kra.kpi_balance_in, OUTPUT = kra.kpi_balance_out, RECEIVE = kra.kpi_balance_recv, SEND = kra.kpi_balance_send,
    INTERNALLENGTH = 288, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_balance IS 'one kpi_attainment for each kind; read with imbalance()';

CREATE FUNCTION kra.kpi_balance_to_jsonb(kra.kpi_balance) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_balance_to_jsonb(kra.kpi_balance) IS 'kpi_balance as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_balance(jsonb) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_balance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_balance(jsonb) IS 'kpi_balance out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_balance AS jsonb) WITH FUNCTION kra.kpi_balance_to_jsonb(kra.kpi_balance);
CREATE CAST (jsonb AS kra.kpi_balance) WITH FUNCTION kra.jsonb_to_kpi_balance(jsonb);
COMMENT ON CAST (kra.kpi_balance AS jsonb) IS 'kpi_balance as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_balance) IS 'kpi_balance out of jsonb';

CREATE FUNCTION kra.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target) IS 'transition function of balance_agg';

CREATE FUNCTION kra.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target, double precision) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'transition function of balance_agg with a weight';

CREATE FUNCTION kra.balance_combine(kra.kpi_balance, kra.kpi_balance) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.balance_combine(kra.kpi_balance, kra.kpi_balance) IS 'merges two summaries';

CREATE FUNCTION kra.balance_final(kra.kpi_balance) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.balance_final(kra.kpi_balance) IS 'final function of balance_agg: NULL for no row';

CREATE AGGREGATE kra.balance_agg(kind kra.kpi_kind, actual double precision, target kra.kpi_target) (
    SFUNC = kra.balance_accum, STYPE = kra.kpi_balance, INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}}',
    COMBINEFUNC = kra.balance_combine, FINALFUNC = kra.balance_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.balance_agg(kra.kpi_kind, double precision, kra.kpi_target) IS 'summary of attainments by kind, all of weight 1; a NULL kind is an error';

CREATE AGGREGATE kra.balance_agg(kind kra.kpi_kind, actual double precision, target kra.kpi_target, weight double precision) (
    SFUNC = kra.balance_accum, STYPE = kra.kpi_balance, INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}}',
    COMBINEFUNC = kra.balance_combine, FINALFUNC = kra.balance_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.balance_agg(kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'summary of weighted attainments by kind; a NULL kind or weight is an error';

CREATE AGGREGATE kra.rollup(kra.kpi_balance) (
    SFUNC = kra.balance_combine, STYPE = kra.kpi_balance, INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}}',
    COMBINEFUNC = kra.balance_combine, FINALFUNC = kra.balance_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_balance) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.attainment_of(kra.kpi_balance, kra.kpi_kind) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_balance_attainment_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment_of(kra.kpi_balance, kra.kpi_kind) IS 'one side of a balance; NULL when it has no row';

CREATE FUNCTION kra.total(kra.kpi_balance) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_balance_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.total(kra.kpi_balance) IS 'both sides of a balance together';

CREATE FUNCTION kra.imbalance(summary kra.kpi_balance, busy_min double precision DEFAULT 0.9, moving_min double precision DEFAULT 0.9,
    gap_min double precision DEFAULT 0.1, activity_share_max double precision DEFAULT 0.5,
    result_min double precision DEFAULT 1.0,
    OUT flag text, OUT activity_share double precision,
    OUT outcome_attainment double precision, OUT activity_attainment double precision,
    OUT gap double precision, OUT outcome_count bigint, OUT activity_count bigint,
    OUT coverage double precision, OUT reason text)
    AS 'MODULE_PATHNAME', 'kra_balance_imbalance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.imbalance(kra.kpi_balance, double precision, double precision, double precision, double precision, double precision) IS 'outcome and activity out of step: flag (insufficient_data, no_outcome, busy_not_moving, activity_heavy, no_leading, result_without_effort, balanced), shares, scores and the reason as a sentence; NULL without a KPI';
-- kpi_trend: the straight line through observations.

CREATE TYPE kra.kpi_trend;

CREATE FUNCTION kra.kpi_trend_in(cstring) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_trend_in(cstring) IS 'text input of kpi_trend';

CREATE FUNCTION kra.kpi_trend_out(kra.kpi_trend) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_trend_out(kra.kpi_trend) IS 'text output of kpi_trend';

CREATE FUNCTION kra.kpi_trend_recv(internal) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_trend_recv(internal) IS 'binary input of kpi_trend';

CREATE FUNCTION kra.kpi_trend_send(kra.kpi_trend) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_trend_send(kra.kpi_trend) IS 'binary output of kpi_trend';

CREATE TYPE kra.kpi_trend (
    INPUT = kra.kpi_trend_in, OUTPUT = kra.kpi_trend_out, RECEIVE = kra.kpi_trend_recv, SEND = kra.kpi_trend_send,
    INTERNALLENGTH = 144, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_trend IS 'moments of observations over time (timestamptz, date) or over a number; read with slope(), p_value(), forecast() and others';

CREATE FUNCTION kra.kpi_trend_to_jsonb(kra.kpi_trend) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_trend_to_jsonb(kra.kpi_trend) IS 'kpi_trend as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_trend(jsonb) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_trend(jsonb) IS 'kpi_trend out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_trend AS jsonb) WITH FUNCTION kra.kpi_trend_to_jsonb(kra.kpi_trend);
CREATE CAST (jsonb AS kra.kpi_trend) WITH FUNCTION kra.jsonb_to_kpi_trend(jsonb);
COMMENT ON CAST (kra.kpi_trend AS jsonb) IS 'kpi_trend as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_trend) IS 'kpi_trend out of jsonb';

CREATE FUNCTION kra.trend_accum(kra.kpi_trend, timestamptz, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.trend_accum(kra.kpi_trend, timestamptz, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra.trend_accum(kra.kpi_trend, date, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.trend_accum(kra.kpi_trend, date, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra.trend_accum(kra.kpi_trend, double precision, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra.trend_accum(kra.kpi_trend, double precision, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra.trend_combine(kra.kpi_trend, kra.kpi_trend) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.trend_combine(kra.kpi_trend, kra.kpi_trend) IS 'merges two summaries; error when one is over times and the other over numbers';

CREATE FUNCTION kra.trend_final(kra.kpi_trend) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.trend_final(kra.kpi_trend) IS 'final function of trend_agg: NULL for no point';

CREATE AGGREGATE kra.trend_agg(at timestamptz, value double precision) (
    SFUNC = kra.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra.trend_combine, FINALFUNC = kra.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(timestamptz, double precision) IS 'trend of values over times; rows where either is NULL are left out';

CREATE AGGREGATE kra.trend_agg(at date, value double precision) (
    SFUNC = kra.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra.trend_combine, FINALFUNC = kra.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(date, double precision) IS 'trend of values over dates, each at its midnight in UTC; rows where either is NULL are left out';

CREATE AGGREGATE kra.trend_agg(at double precision, value double precision) (
    SFUNC = kra.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra.trend_combine, FINALFUNC = kra.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(double precision, double precision) IS 'trend of values over a number; rows where either is NULL are left out';

CREATE AGGREGATE kra.rollup(kra.kpi_trend) (
    SFUNC = kra.trend_combine, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra.trend_combine, FINALFUNC = kra.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_trend) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.slope(kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope(kra.kpi_trend) IS 'change of the value per day, or per unit of a number; NULL under 2 different places';

CREATE FUNCTION kra.slope(trend kra.kpi_trend, per interval) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope_per' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope(kra.kpi_trend, interval) IS 'change of the value per interval, a month being 365.25/12 days; error for a trend over numbers';

CREATE FUNCTION kra.intercept(kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_intercept' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.intercept(kra.kpi_trend) IS 'height of the line at 1970-01-01 00:00 UTC, or at 0 of a number';

CREATE FUNCTION kra.r2(kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_r2' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.r2(kra.kpi_trend) IS 'share of the variance that the line explains; 1 for a constant series';

CREATE FUNCTION kra.slope_stderr(kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope_stderr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope_stderr(kra.kpi_trend) IS 'standard error of slope(trend), in its unit; NULL under 3 points';

CREATE FUNCTION kra.p_value(kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_p_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.p_value(kra.kpi_trend) IS 'two-sided p of the slope against 0 (Student t, n - 2); NULL under 3 points';

CREATE FUNCTION kra.direction(trend kra.kpi_trend, alpha double precision DEFAULT 0.05) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_trend_direction' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.direction(kra.kpi_trend, double precision) IS 'rising or falling where p <= alpha, else no_trend; NULL under 3 points';

CREATE FUNCTION kra.forecast(trend kra.kpi_trend, at timestamptz, level double precision DEFAULT 0.95,
    OUT value double precision, OUT lower double precision, OUT upper double precision)
    AS 'MODULE_PATHNAME', 'kra_trend_forecast' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.forecast(kra.kpi_trend, timestamptz, double precision) IS 'height of the line, and the interval in which one new observation lies with probability level; the interval is NULL under 3 points';

CREATE FUNCTION kra.forecast(trend kra.kpi_trend, at date, level double precision DEFAULT 0.95,
    OUT value double precision, OUT lower double precision, OUT upper double precision)
    AS 'MODULE_PATHNAME', 'kra_trend_forecast_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.forecast(kra.kpi_trend, date, double precision) IS 'height of the line, and the interval in which one new observation lies with probability level; the interval is NULL under 3 points';

CREATE FUNCTION kra.forecast(trend kra.kpi_trend, at double precision, level double precision DEFAULT 0.95,
    OUT value double precision, OUT lower double precision, OUT upper double precision)
    AS 'MODULE_PATHNAME', 'kra_trend_forecast_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.forecast(kra.kpi_trend, double precision, double precision) IS 'height of the line, and the interval in which one new observation lies with probability level; the interval is NULL under 3 points';

CREATE FUNCTION kra.forecast(trend kra.kpi_trend, at text, level double precision DEFAULT 0.95,
    OUT value double precision, OUT lower double precision, OUT upper double precision)
    AS 'MODULE_PATHNAME', 'kra_trend_forecast_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.forecast(kra.kpi_trend, text, double precision) IS 'the same, at a literal: a date such as 2027-03-31 for times, else a number';

CREATE FUNCTION kra.eta(trend kra.kpi_trend, target kra.kpi_target) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_trend_eta' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.eta(kra.kpi_trend, kra.kpi_target) IS 'first time, from the last observation on, at which the line meets the target; NULL if it never does';

CREATE FUNCTION kra.eta_float8(trend kra.kpi_trend, target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_eta_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.eta_float8(kra.kpi_trend, kra.kpi_target) IS 'the same as eta for a trend over numbers';

CREATE FUNCTION kra.probability(trend kra.kpi_trend, target kra.kpi_target, at timestamptz) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_probability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.probability(kra.kpi_trend, kra.kpi_target, timestamptz) IS 'probability that one new observation meets the target (prediction distribution, Student t, n - 2); NULL under 3 points';

CREATE FUNCTION kra.probability(trend kra.kpi_trend, target kra.kpi_target, at date) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_probability_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.probability(kra.kpi_trend, kra.kpi_target, date) IS 'probability that one new observation meets the target (prediction distribution, Student t, n - 2); NULL under 3 points';

CREATE FUNCTION kra.probability(trend kra.kpi_trend, target kra.kpi_target, at double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_probability_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.probability(kra.kpi_trend, kra.kpi_target, double precision) IS 'probability that one new observation meets the target (prediction distribution, Student t, n - 2); NULL under 3 points';

CREATE FUNCTION kra.probability(trend kra.kpi_trend, target kra.kpi_target, at text) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_probability_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.probability(kra.kpi_trend, kra.kpi_target, text) IS 'the same, at a literal: a date such as 2027-03-31 for times, else a number';

CREATE FUNCTION kra.value(trend kra.kpi_trend, part text) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.value(kra.kpi_trend, text) IS 'first, last, mean or count of the values';

CREATE FUNCTION kra.first_at(kra.kpi_trend) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_trend_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.first_at(kra.kpi_trend) IS 'time of the first point; NULL for a trend over numbers';

CREATE FUNCTION kra.last_at(kra.kpi_trend) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_trend_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_at(kra.kpi_trend) IS 'time of the last point; NULL for a trend over numbers';
-- scorecard: one subject's KPIs in one period, as a value.

CREATE TYPE kra.scorecard;

CREATE FUNCTION kra.scorecard_in(cstring) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_in(cstring) IS 'text input of scorecard';

CREATE FUNCTION kra.scorecard_out(kra.scorecard) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_scorecard_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_out(kra.scorecard) IS 'text output of scorecard';

CREATE FUNCTION kra.scorecard_recv(internal) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_recv(internal) IS 'binary input of scorecard';

CREATE FUNCTION kra.scorecard_send(kra.scorecard) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_scorecard_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_send(kra.scorecard) IS 'binary output of scorecard';

CREATE TYPE kra.scorecard (
    INPUT = kra.scorecard_in, OUTPUT = kra.scorecard_out, RECEIVE = kra.scorecard_recv, SEND = kra.scorecard_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE kra.scorecard IS 'entries of KRA, KPI, kind, weight, target and actual, each KPI once; a JSON array in text';

CREATE FUNCTION kra.scorecard_to_jsonb(kra.scorecard) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_scorecard_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_to_jsonb(kra.scorecard) IS 'scorecard as jsonb';

CREATE FUNCTION kra.jsonb_to_scorecard(jsonb) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_scorecard' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_scorecard(jsonb) IS 'scorecard out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.scorecard AS jsonb) WITH FUNCTION kra.scorecard_to_jsonb(kra.scorecard);
CREATE CAST (jsonb AS kra.scorecard) WITH FUNCTION kra.jsonb_to_scorecard(jsonb);
COMMENT ON CAST (kra.scorecard AS jsonb) IS 'scorecard as jsonb';
COMMENT ON CAST (jsonb AS kra.scorecard) IS 'scorecard out of jsonb';

CREATE FUNCTION kra.scorecard(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision DEFAULT 1) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'a card of one entry; actual and target may be NULL, the rest is an error if NULL';

CREATE FUNCTION kra.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'transition function of scorecard_agg';

CREATE FUNCTION kra.scorecard_combine(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_combine(kra.scorecard, kra.scorecard) IS 'joins two cards; a KPI on both is an error';

CREATE FUNCTION kra.scorecard_final(kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_final(kra.scorecard) IS 'final function of scorecard_agg: NULL for no entry';

CREATE AGGREGATE kra.scorecard_agg(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision) (
    SFUNC = kra.scorecard_accum, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra.scorecard_combine, FINALFUNC = kra.scorecard_final, FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.scorecard_agg(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'a card out of its entries; a KPI that appears twice is an error, and so is a NULL but for actual and target';

CREATE FUNCTION kra.scorecard_rollup(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_rollup' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_rollup(kra.scorecard, kra.scorecard) IS 'merges two cards by weight, as rollup does';

CREATE AGGREGATE kra.rollup(kra.scorecard) (
    SFUNC = kra.scorecard_rollup, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra.scorecard_rollup, FINALFUNC = kra.scorecard_final, FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.scorecard) IS 'a team card out of its members: weights are added, actuals and targets are means by weight; members without data lower the coverage; NULLs are left out';

CREATE TYPE kra.scorecard_entry AS (
    kra text, kpi text, kind kra.kpi_kind, weight double precision,
    target kra.kpi_target, actual double precision, attainment double precision,
    met boolean, status kra.kpi_status, reason text, coverage double precision, members integer
);
COMMENT ON TYPE kra.scorecard_entry IS 'one entry of a scorecard, assessed; coverage is the share of its weight with data, members is how many cards were rolled up in it';

CREATE FUNCTION kra.entries(kra.scorecard) RETURNS SETOF kra.scorecard_entry
    AS 'MODULE_PATHNAME', 'kra_scorecard_entries' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION kra.entries(kra.scorecard) IS 'the entries of a card, by KRA and KPI, with attainment, status and reason';

CREATE FUNCTION kra.entry(card kra.scorecard, kpi text) RETURNS kra.scorecard_entry
    AS 'MODULE_PATHNAME', 'kra_scorecard_get' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.entry(kra.scorecard, text) IS 'one entry of a card, assessed; NULL if the card has no such KPI';

CREATE OPERATOR kra.-> (LEFTARG = kra.scorecard, RIGHTARG = text, FUNCTION = kra.entry);
COMMENT ON OPERATOR kra.-> (kra.scorecard, text) IS 'one entry of a card by its KPI; NULL if there is none';

CREATE FUNCTION kra.concat(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_concat' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.concat(kra.scorecard, kra.scorecard) IS 'the entries of both cards; of a KPI on both, that of the second';

CREATE OPERATOR kra.|| (LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard, FUNCTION = kra.concat);
COMMENT ON OPERATOR kra.|| (kra.scorecard, kra.scorecard) IS 'adds entries, or replaces those of the same KPI';

CREATE FUNCTION kra.remove(card kra.scorecard, kpi text) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_remove' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.remove(kra.scorecard, text) IS 'the card without that KPI';

CREATE OPERATOR kra.- (LEFTARG = kra.scorecard, RIGHTARG = text, FUNCTION = kra.remove);
COMMENT ON OPERATOR kra.- (kra.scorecard, text) IS 'the card without that KPI';

CREATE FUNCTION kra.score(card kra.scorecard, kind kra.kpi_kind DEFAULT NULL,
    cap double precision DEFAULT 1.2, min_coverage double precision DEFAULT 0) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_scorecard_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.score(kra.scorecard, kra.kpi_kind, double precision, double precision) IS 'weighted mean of attainments capped to [0, cap], of one kind or (NULL) of both; NULL without data, or when less than min_coverage of the weight has data';

CREATE FUNCTION kra.coverage(card kra.scorecard, kind kra.kpi_kind DEFAULT NULL) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_scorecard_coverage' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.coverage(kra.scorecard, kra.kpi_kind) IS 'share of the weight that has both actual and target; NULL without weight';

CREATE FUNCTION kra.status(kra.scorecard) RETURNS kra.kpi_status
    AS 'MODULE_PATHNAME', 'kra_scorecard_status' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.status(kra.scorecard) IS 'status of the score: on_track from 1, at_risk from 0.9, else off_track; no_data or no_target without one';

CREATE FUNCTION kra.num_kpis(kra.scorecard) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_scorecard_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_kpis(kra.scorecard) IS 'number of KPIs on the card';

CREATE FUNCTION kra.kra_scores(card kra.scorecard, cap double precision DEFAULT 1.2,
    OUT kra text, OUT weight double precision, OUT score double precision,
    OUT coverage double precision, OUT status kra.kpi_status, OUT num_kpis integer) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_kra_scores' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION kra.kra_scores(kra.scorecard, double precision) IS 'score, coverage and status of each KRA of a card';

CREATE FUNCTION kra.balance(kra.scorecard) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_scorecard_balance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.balance(kra.scorecard) IS 'outcome and activity of a card; NULL for an empty card';

CREATE FUNCTION kra.imbalance(card kra.scorecard, busy_min double precision DEFAULT 0.9, moving_min double precision DEFAULT 0.9,
    gap_min double precision DEFAULT 0.1, activity_share_max double precision DEFAULT 0.5,
    result_min double precision DEFAULT 1.0,
    OUT flag text, OUT activity_share double precision,
    OUT outcome_attainment double precision, OUT activity_attainment double precision,
    OUT gap double precision, OUT outcome_count bigint, OUT activity_count bigint,
    OUT coverage double precision, OUT reason text)
    AS 'MODULE_PATHNAME', 'kra_scorecard_imbalance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.imbalance(kra.scorecard, double precision, double precision, double precision, double precision, double precision) IS 'outcome and activity out of step: flag (insufficient_data, no_outcome, busy_not_moving, activity_heavy, no_leading, result_without_effort, balanced), shares, scores and the reason as a sentence; NULL without a KPI';

CREATE FUNCTION kra.findings(card kra.scorecard, max_kpis integer DEFAULT 5, serious_kpis integer DEFAULT 10,
    max_kpis_per_kra integer DEFAULT 3, min_kras integer DEFAULT 3, max_kras integer DEFAULT 5,
    activity_share_max double precision DEFAULT 0.5,
    OUT rule text, OUT severity text, OUT kra text, OUT kpi text, OUT message text, OUT hint text) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_findings' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION kra.findings(kra.scorecard, integer, integer, integer, integer, integer, double precision) IS 'what is wrong with how the card is built: rule, severity (info, warning, serious), KRA and KPI if it is about one, message with its evidence, hint what to do';

CREATE FUNCTION kra.diff(before kra.scorecard, after kra.scorecard,
    OUT kra text, OUT kpi text, OUT change text, OUT before_value text, OUT after_value text) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_diff' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION kra.diff(kra.scorecard, kra.scorecard) IS 'what changed between two cards: added, removed, kra_changed, kind_changed, weight_moved, target_moved, actual_changed, attainment_changed, members_changed';

CREATE FUNCTION kra.scorecard_eq(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_eq(kra.scorecard, kra.scorecard) IS 'implementation of = operator';

CREATE FUNCTION kra.scorecard_ne(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_ne(kra.scorecard, kra.scorecard) IS 'implementation of <> operator';

CREATE OPERATOR kra.= (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard, FUNCTION = kra.scorecard_eq,
    COMMUTATOR = OPERATOR(kra.=), NEGATOR = OPERATOR(kra.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kra.= (kra.scorecard, kra.scorecard) IS 'the same card, entry for entry';

CREATE OPERATOR kra.<> (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard, FUNCTION = kra.scorecard_ne,
    COMMUTATOR = OPERATOR(kra.<>), NEGATOR = OPERATOR(kra.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kra.<> (kra.scorecard, kra.scorecard) IS 'different cards';

CREATE FUNCTION kra.scorecard_hash(kra.scorecard) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_scorecard_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_hash(kra.scorecard) IS 'hash of a card';

CREATE FUNCTION kra.scorecard_hash_extended(kra.scorecard, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_scorecard_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard_hash_extended(kra.scorecard, bigint) IS 'hash of a card, with a seed';

CREATE OPERATOR CLASS kra.scorecard_ops DEFAULT FOR TYPE kra.scorecard USING hash AS
    OPERATOR 1 kra.=,
    FUNCTION 1 kra.scorecard_hash(kra.scorecard),
    FUNCTION 2 kra.scorecard_hash_extended(kra.scorecard, bigint);
-- xmr: natural process limits of an individuals (XmR) chart, and signals.

CREATE TYPE kra.xmr;

CREATE FUNCTION kra.xmr_in(cstring) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_in(cstring) IS 'text input of xmr';

CREATE FUNCTION kra.xmr_out(kra.xmr) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_xmr_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_out(kra.xmr) IS 'text output of xmr';

CREATE FUNCTION kra.xmr_recv(internal) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_recv(internal) IS 'binary input of xmr';

CREATE FUNCTION kra.xmr_send(kra.xmr) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_xmr_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_send(kra.xmr) IS 'binary output of xmr';

CREATE TYPE kra.xmr (
    INPUT = kra.xmr_in, OUTPUT = kra.xmr_out, RECEIVE = kra.xmr_recv, SEND = kra.xmr_send,
    INTERNALLENGTH = 64, ALIGNMENT = double
);
COMMENT ON TYPE kra.xmr IS 'centre, mean moving range and natural process limits of a series; read with centre(), lower_limit(), upper_limit(), assurance() and others';

CREATE FUNCTION kra.xmr_to_jsonb(kra.xmr) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_xmr_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_to_jsonb(kra.xmr) IS 'xmr as jsonb';

CREATE FUNCTION kra.jsonb_to_xmr(jsonb) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_xmr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_xmr(jsonb) IS 'xmr out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.xmr AS jsonb) WITH FUNCTION kra.xmr_to_jsonb(kra.xmr);
CREATE CAST (jsonb AS kra.xmr) WITH FUNCTION kra.jsonb_to_xmr(jsonb);
COMMENT ON CAST (kra.xmr AS jsonb) IS 'xmr as jsonb';
COMMENT ON CAST (jsonb AS kra.xmr) IS 'xmr out of jsonb';

CREATE FUNCTION kra.xmr_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_accum(internal, double precision) IS 'transition function of xmr_agg';

CREATE FUNCTION kra.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer) IS 'transition function of xmr_agg';

CREATE FUNCTION kra.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer, text) IS 'transition function of xmr_agg';

CREATE FUNCTION kra.xmr_final(internal) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_final(internal) IS 'final function of xmr_agg: NULL for no point';

CREATE AGGREGATE kra.xmr_agg(value double precision) (
    SFUNC = kra.xmr_accum, STYPE = internal, FINALFUNC = kra.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision) IS 'natural process limits of values ORDER BY at: mean +- 2.66 x the mean moving range, ranges of 3.267 x their mean or more left out once; a NULL value is a gap; NULL without a value';

CREATE AGGREGATE kra.xmr_agg(value double precision, centre text, screen boolean, physical_lower double precision, physical_upper double precision, baseline integer) (
    SFUNC = kra.xmr_accum, STYPE = internal, FINALFUNC = kra.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision, text, boolean, double precision, double precision, integer) IS 'the same with options, NULL for the default: centre mean or median; screen (true) the moving ranges; physical bounds, which the limits are clipped to and no value may pass; baseline, the number of first points that set the limits';

CREATE AGGREGATE kra.xmr_agg(value double precision, centre text, screen boolean, physical_lower double precision, physical_upper double precision, baseline integer, segment text) (
    SFUNC = kra.xmr_accum, STYPE = internal, FINALFUNC = kra.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision, text, boolean, double precision, double precision, integer, text) IS 'the same for the latest segment: where its value changes, the limits start anew';

CREATE FUNCTION kra.num_points(kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_num_points' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_points(kra.xmr) IS 'number of values that are there';

CREATE FUNCTION kra.num_ranges(kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_num_ranges' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_ranges(kra.xmr) IS 'number of moving ranges that the limits rest on';

CREATE FUNCTION kra.dropped_ranges(kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_dropped_ranges' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.dropped_ranges(kra.xmr) IS 'number of moving ranges that screening left out';

CREATE FUNCTION kra.centre(kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_centre' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.centre(kra.xmr) IS 'centre line: mean or median';

CREATE FUNCTION kra.moving_range(kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_moving_range' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.moving_range(kra.xmr) IS 'mean moving range, after screening; NULL where there is none';

CREATE FUNCTION kra.sigma(kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_sigma' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sigma(kra.xmr) IS 'a third of the distance between the centre and a limit before it is clipped: 2.66 / 3 x the mean moving range; NULL where there is none';

CREATE FUNCTION kra.lower_limit(kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_lower_limit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.lower_limit(kra.xmr) IS 'lower natural process limit; NULL without a moving range';

CREATE FUNCTION kra.upper_limit(kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_upper_limit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.upper_limit(kra.xmr) IS 'upper natural process limit; NULL without a moving range';

CREATE FUNCTION kra.assurance(xmr kra.xmr, target kra.kpi_target, min_points integer DEFAULT 13) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_xmr_assurance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.assurance(kra.xmr, kra.kpi_target, integer) IS 'can the process as it is meet the target? consistently_met, consistently_missed or hit_or_miss, as all, none or some values between the limits would meet it; NULL under min_points points, without limits, or without a target';

CREATE TYPE kra.kpi_signal AS ENUM (
    'trial', 'none', 'alternating', 'hugging', 'avoiding', 'run_below', 'run_above',
    'near_low', 'near_high', 'trend_down', 'trend_up', 'beyond_low', 'beyond_high'
);
COMMENT ON TYPE kra.kpi_signal IS 'what rules see in a point of a process, by severity; of several a point bears the last; trial: too few points to say';

CREATE FUNCTION kra.signal(value double precision, rules text DEFAULT NULL, segment text DEFAULT NULL,
    centre text DEFAULT NULL, screen boolean DEFAULT NULL,
    physical_lower double precision DEFAULT NULL, physical_upper double precision DEFAULT NULL, baseline integer DEFAULT NULL) RETURNS kra.kpi_signal
    AS 'MODULE_PATHNAME', 'kra_signal' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.signal(double precision, text, text, text, boolean, double precision, double precision, integer) IS 'window function over PARTITION BY series ORDER BY at: what the rules nhs (default), wheeler, western_electric or nelson see in this point of the whole partition, whatever the frame; new limits where the segment changes; options as for xmr_agg, of the first row; NULL for a NULL value';

CREATE FUNCTION kra.xmr_limits(value double precision, segment text DEFAULT NULL,
    centre text DEFAULT NULL, screen boolean DEFAULT NULL,
    physical_lower double precision DEFAULT NULL, physical_upper double precision DEFAULT NULL, baseline integer DEFAULT NULL) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_limits' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_limits(double precision, text, text, boolean, double precision, double precision, integer) IS 'window function: the limits that signal() judges this row by, those of its segment; NULL where the segment has no value';

CREATE FUNCTION kra.signal_meaning(signal kra.kpi_signal, target kra.kpi_target) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_signal_meaning' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.signal_meaning(kra.kpi_signal, kra.kpi_target) IS 'improvement or concern, by the direction of the target; neutral for none, trial, a signal without a side, and for targets of exactly T or a range';

CREATE FUNCTION kra.plateau_accum(internal, double precision, kra.kpi_target, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_plateau_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.plateau_accum(internal, double precision, kra.kpi_target, integer) IS 'transition function of plateau';

CREATE FUNCTION kra.plateau_accum(internal, double precision, kra.kpi_target, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_plateau_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.plateau_accum(internal, double precision, kra.kpi_target, integer, text) IS 'transition function of plateau';

CREATE FUNCTION kra.plateau_final(internal) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_plateau_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.plateau_final(internal) IS 'final function of plateau';

CREATE AGGREGATE kra.plateau(value double precision, target kra.kpi_target, baseline integer) (
    SFUNC = kra.plateau_accum, STYPE = internal, FINALFUNC = kra.plateau_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.plateau(double precision, kra.kpi_target, integer) IS 'true when the target is unmet and nothing moves: with limits from the first baseline points of the latest 3 x baseline, the other 2 x baseline bear no signal, and their mean misses the target; ORDER BY at; NULL with fewer points, on trial, or without a target';

CREATE AGGREGATE kra.plateau(value double precision, target kra.kpi_target, baseline integer, rules text) (
    SFUNC = kra.plateau_accum, STYPE = internal, FINALFUNC = kra.plateau_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.plateau(double precision, kra.kpi_target, integer, text) IS 'the same with a rule set: nhs (NULL), wheeler, western_electric or nelson';

CREATE FUNCTION kra.last_signal_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_last_signal_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_signal_accum(internal, double precision) IS 'transition function of last_signal';

CREATE FUNCTION kra.last_signal_accum(internal, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_last_signal_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_signal_accum(internal, double precision, text) IS 'transition function of last_signal';

CREATE FUNCTION kra.last_signal_final(internal) RETURNS kra.kpi_signal
    AS 'MODULE_PATHNAME', 'kra_last_signal_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_signal_final(internal) IS 'final function of last_signal';

CREATE AGGREGATE kra.last_signal(value double precision) (
    SFUNC = kra.last_signal_accum, STYPE = internal, FINALFUNC = kra.last_signal_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.last_signal(double precision) IS 'what signal() says of the last value ORDER BY at, by the rules nhs, limits of all values and default options; a NULL value is a gap; NULL where the last value is NULL, and for no row';

CREATE AGGREGATE kra.last_signal(value double precision, rules text) (
    SFUNC = kra.last_signal_accum, STYPE = internal, FINALFUNC = kra.last_signal_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.last_signal(double precision, text) IS 'the same with a rule set: nhs (NULL), wheeler, western_electric or nelson; that of the first row';
-- Robust trend: Mann-Kendall tests of whether there is one, Theil-Sen's line for how steep it is.

CREATE TYPE kra.mann_kendall_result AS (
    n bigint, s bigint, variance double precision, tau double precision, z double precision, p_value double precision,
    verdict text, correction double precision
);
COMMENT ON TYPE kra.mann_kendall_result IS 'a Mann-Kendall test: points, Kendall''s S, its variance, tau-b (NULL where no two points differ), normal deviate (continuity-corrected), two-sided p, verdict (rising, falling, no_trend; trial under 10 pairs, as of 5 points), and what autocorrelation multiplied the variance by (1: nothing)';
COMMENT ON COLUMN kra.mann_kendall_result.n IS 'points that are not NULL';
COMMENT ON COLUMN kra.mann_kendall_result.s IS 'pairs that rise less pairs that fall';
COMMENT ON COLUMN kra.mann_kendall_result.variance IS 'variance of s where nothing trends, with ties, times correction';
COMMENT ON COLUMN kra.mann_kendall_result.tau IS 'Kendall''s tau-b, -1 to 1; NULL where no two points differ';
COMMENT ON COLUMN kra.mann_kendall_result.z IS 'normal deviate of s, continuity-corrected';
COMMENT ON COLUMN kra.mann_kendall_result.p_value IS 'two-sided; exact for up to 10 points without ties, else normal';
COMMENT ON COLUMN kra.mann_kendall_result.verdict IS 'rising or falling where p_value <= alpha, else no_trend; trial under 10 pairs of points';
COMMENT ON COLUMN kra.mann_kendall_result.correction IS 'factor of the variance for autocorrelation; 1 where none is made';

CREATE TYPE kra.theil_sen_result AS (
    n bigint, slope double precision, lower double precision, upper double precision, intercept double precision
);
COMMENT ON TYPE kra.theil_sen_result IS 'a Theil-Sen line: points, median slope (per day for times), its interval, and the median of value - slope * at (for times at 1970-01-01 00:00 UTC)';
COMMENT ON COLUMN kra.theil_sen_result.n IS 'points where neither at nor value is NULL';
COMMENT ON COLUMN kra.theil_sen_result.slope IS 'median of the slopes between all pairs of points, per day or per unit of a number; NULL where all are at one place';
COMMENT ON COLUMN kra.theil_sen_result.lower IS 'lower end of the interval of the slope; NULL where there are too few points for one';
COMMENT ON COLUMN kra.theil_sen_result.upper IS 'upper end of the interval of the slope; NULL where there are too few points for one';
COMMENT ON COLUMN kra.theil_sen_result.intercept IS 'median of value - slope * at: the line at 1970-01-01 00:00 UTC, or at 0 of a number';

CREATE FUNCTION kra.mann_kendall_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.mann_kendall_accum(internal, double precision) IS 'transition function of mann_kendall and modified_mann_kendall';

CREATE FUNCTION kra.mann_kendall_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.mann_kendall_accum(internal, double precision, double precision) IS 'transition function of mann_kendall and modified_mann_kendall';

CREATE FUNCTION kra.mann_kendall_accum(internal, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.mann_kendall_accum(internal, double precision, double precision, integer) IS 'transition function of modified_mann_kendall';

CREATE FUNCTION kra.mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.mann_kendall_final(internal) IS 'final function of mann_kendall: NULL for no point';

CREATE FUNCTION kra.modified_mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_modified_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.modified_mann_kendall_final(internal) IS 'final function of modified_mann_kendall: NULL for no point';

CREATE FUNCTION kra.seasonal_mann_kendall_accum(internal, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.seasonal_mann_kendall_accum(internal, double precision, integer) IS 'transition function of seasonal_mann_kendall';

CREATE FUNCTION kra.seasonal_mann_kendall_accum(internal, double precision, integer, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.seasonal_mann_kendall_accum(internal, double precision, integer, double precision) IS 'transition function of seasonal_mann_kendall';

CREATE FUNCTION kra.seasonal_mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.seasonal_mann_kendall_final(internal) IS 'final function of seasonal_mann_kendall: NULL for no point';

CREATE AGGREGATE kra.mann_kendall(value double precision) (
    SFUNC = kra.mann_kendall_accum, STYPE = internal, FINALFUNC = kra.mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.mann_kendall(double precision) IS 'Mann-Kendall test for a trend of values in their order (ORDER BY at); NULLs are left out; verdict at 0.05';

CREATE AGGREGATE kra.mann_kendall(value double precision, alpha double precision) (
    SFUNC = kra.mann_kendall_accum, STYPE = internal, FINALFUNC = kra.mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.mann_kendall(double precision, double precision) IS 'Mann-Kendall test for a trend of values in their order (ORDER BY at); NULLs are left out; verdict at alpha';

CREATE AGGREGATE kra.seasonal_mann_kendall(value double precision, season_length integer) (
    SFUNC = kra.seasonal_mann_kendall_accum, STYPE = internal, FINALFUNC = kra.seasonal_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.seasonal_mann_kendall(double precision, integer) IS 'Mann-Kendall test that compares each point with those of its own season alone (Hirsch, Slack and Smith 1982), in their order (ORDER BY at), the seasons following each other in a cycle of season_length points; a NULL is left out, yet keeps its place in the cycle; verdict at 0.05';

CREATE AGGREGATE kra.seasonal_mann_kendall(value double precision, season_length integer, alpha double precision) (
    SFUNC = kra.seasonal_mann_kendall_accum, STYPE = internal, FINALFUNC = kra.seasonal_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.seasonal_mann_kendall(double precision, integer, double precision) IS 'Mann-Kendall test that compares each point with those of its own season alone (Hirsch, Slack and Smith 1982), in their order (ORDER BY at), the seasons following each other in a cycle of season_length points; a NULL is left out, yet keeps its place in the cycle; verdict at alpha';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision) (
    SFUNC = kra.mann_kendall_accum, STYPE = internal, FINALFUNC = kra.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; all lags, verdict at 0.05';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision, alpha double precision) (
    SFUNC = kra.mann_kendall_accum, STYPE = internal, FINALFUNC = kra.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision, double precision) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; all lags, verdict at alpha';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision, alpha double precision, max_lag integer) (
    SFUNC = kra.mann_kendall_accum, STYPE = internal, FINALFUNC = kra.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision, double precision, integer) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; lags up to max_lag, verdict at alpha';

CREATE FUNCTION kra.theil_sen_accum(internal, timestamptz, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, timestamptz, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_accum(internal, timestamptz, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, timestamptz, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_accum(internal, date, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, date, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_accum(internal, date, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, date, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_accum(internal, double precision, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_accum(internal, double precision, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra.theil_sen_final(internal) RETURNS kra.theil_sen_result
    AS 'MODULE_PATHNAME', 'kra_theil_sen_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.theil_sen_final(internal) IS 'final function of theil_sen: NULL for no point';

CREATE AGGREGATE kra.theil_sen(at timestamptz, value double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(timestamptz, double precision) IS 'Theil-Sen line of values over times, in any order: slope per day; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at timestamptz, value double precision, level double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(timestamptz, double precision, double precision) IS 'Theil-Sen line of values over times, in any order: slope per day; rows where either is NULL are left out; interval of probability level';

CREATE AGGREGATE kra.theil_sen(at date, value double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(date, double precision) IS 'Theil-Sen line of values over dates, in any order: slope per day; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at date, value double precision, level double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(date, double precision, double precision) IS 'Theil-Sen line of values over dates, in any order: slope per day; rows where either is NULL are left out; interval of probability level';

CREATE AGGREGATE kra.theil_sen(at double precision, value double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(double precision, double precision) IS 'Theil-Sen line of values over numbers, in any order: slope per unit; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at double precision, value double precision, level double precision) (
    SFUNC = kra.theil_sen_accum, STYPE = internal, FINALFUNC = kra.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(double precision, double precision, double precision) IS 'Theil-Sen line of values over numbers, in any order: slope per unit; rows where either is NULL are left out; interval of probability level';
-- Does an activity drive its outcome, and what did a change do?

CREATE TYPE kra.driver_result AS (
    n bigint, best_lag integer, correlation double precision, p_value double precision, verdict text,
    correlations double precision[], reason text
);
COMMENT ON TYPE kra.driver_result IS 'row of driver()';
COMMENT ON COLUMN kra.driver_result.n IS 'pairs at the best lag: neither activity nor outcome NULL';
COMMENT ON COLUMN kra.driver_result.best_lag IS 'rows by which the outcome follows the activity where they go together most, the smallest of equals; NULL without a correlation';
COMMENT ON COLUMN kra.driver_result.correlation IS 'Spearman rank correlation at the best lag; positive: more of the good activity goes with more of the good outcome';
COMMENT ON COLUMN kra.driver_result.p_value IS 'two-sided p of the correlation (Student t, n - 2), adjusted for the lags tried (Sidak)';
COMMENT ON COLUMN kra.driver_result.verdict IS 'drives, no_evidence, moves_against; trial under 12 pairs';
COMMENT ON COLUMN kra.driver_result.correlations IS 'rank correlations at lags 0, 1, ...; NULL under 3 pairs, or where a side does not vary';
COMMENT ON COLUMN kra.driver_result.reason IS 'the verdict as a sentence';

CREATE FUNCTION kra.driver_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.driver_accum(internal, double precision, double precision) IS 'transition function of driver';

CREATE FUNCTION kra.driver_accum(internal, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_lag' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.driver_accum(internal, double precision, double precision, integer) IS 'transition function of driver';

CREATE FUNCTION kra.driver_accum(internal, double precision, double precision, kra.kpi_target, kra.kpi_target) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_targets' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.driver_accum(internal, double precision, double precision, kra.kpi_target, kra.kpi_target) IS 'transition function of driver';

CREATE FUNCTION kra.driver_accum(internal, double precision, double precision, integer, kra.kpi_target, kra.kpi_target, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_options' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.driver_accum(internal, double precision, double precision, integer, kra.kpi_target, kra.kpi_target, double precision) IS 'transition function of driver';

CREATE FUNCTION kra.driver_final(internal) RETURNS kra.driver_result
    AS 'MODULE_PATHNAME', 'kra_driver_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.driver_final(internal) IS 'final function of driver: NULL for no row';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision) (
    SFUNC = kra.driver_accum, STYPE = internal, FINALFUNC = kra.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision) IS 'does the outcome move with the activity? lags 0 to 3. Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, max_lag integer) (
    SFUNC = kra.driver_accum, STYPE = internal, FINALFUNC = kra.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision, integer) IS 'does the outcome move with the activity? lags 0 to max_lag (at most 120). Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, activity_target kra.kpi_target, outcome_target kra.kpi_target) (
    SFUNC = kra.driver_accum, STYPE = internal, FINALFUNC = kra.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision, kra.kpi_target, kra.kpi_target) IS 'does the outcome move with the activity? lags 0 to 3, in the good directions of the targets. Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, max_lag integer, activity_target kra.kpi_target, outcome_target kra.kpi_target, alpha double precision) (
    SFUNC = kra.driver_accum, STYPE = internal, FINALFUNC = kra.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision, integer, kra.kpi_target, kra.kpi_target, double precision) IS 'does the outcome move with the activity? lags 0 to max_lag (at most 120; NULL: 3), in the good directions of the targets, verdict at alpha (NULL: 0.05). Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE TYPE kra.change_effect_result AS (
    n_before bigint, n_after bigint, mean_before double precision, mean_after double precision,
    difference double precision, difference_lower double precision, difference_upper double precision,
    welch_t double precision, welch_df double precision, welch_p double precision,
    slope_before double precision, slope_after double precision,
    level_change double precision, level_lower double precision, level_upper double precision, level_p double precision,
    slope_change double precision, slope_lower double precision, slope_upper double precision, slope_p double precision,
    verdict text, reason text
);
COMMENT ON TYPE kra.change_effect_result IS 'row of change_effect()';
COMMENT ON COLUMN kra.change_effect_result.n_before IS 'points before the change';
COMMENT ON COLUMN kra.change_effect_result.n_after IS 'points at the change and after it';
COMMENT ON COLUMN kra.change_effect_result.mean_before IS 'mean before the change; NULL without points';
COMMENT ON COLUMN kra.change_effect_result.mean_after IS 'mean from the change on; NULL without points';
COMMENT ON COLUMN kra.change_effect_result.difference IS 'mean after minus mean before; NULL under 2 points on a side';
COMMENT ON COLUMN kra.change_effect_result.difference_lower IS 'lower end of its 95 % confidence interval (Welch)';
COMMENT ON COLUMN kra.change_effect_result.difference_upper IS 'upper end of its 95 % confidence interval (Welch)';
COMMENT ON COLUMN kra.change_effect_result.welch_t IS 'difference over its standard error; NULL where the means differ and nothing scatters';
COMMENT ON COLUMN kra.change_effect_result.welch_df IS 'degrees of freedom (Satterthwaite)';
COMMENT ON COLUMN kra.change_effect_result.welch_p IS 'two-sided p of the difference; a trend across the change makes a difference, too';
COMMENT ON COLUMN kra.change_effect_result.slope_before IS 'slope before, per day or per unit of a number; NULL where a side has no line';
COMMENT ON COLUMN kra.change_effect_result.slope_after IS 'slope from the change on, per day or per unit of a number';
COMMENT ON COLUMN kra.change_effect_result.level_change IS 'step at the change: the line after minus the line before, there';
COMMENT ON COLUMN kra.change_effect_result.level_lower IS 'lower end of its 95 % confidence interval';
COMMENT ON COLUMN kra.change_effect_result.level_upper IS 'upper end of its 95 % confidence interval';
COMMENT ON COLUMN kra.change_effect_result.level_p IS 'two-sided p of the step';
COMMENT ON COLUMN kra.change_effect_result.slope_change IS 'slope after minus slope before, per day or per unit of a number';
COMMENT ON COLUMN kra.change_effect_result.slope_lower IS 'lower end of its 95 % confidence interval';
COMMENT ON COLUMN kra.change_effect_result.slope_upper IS 'upper end of its 95 % confidence interval';
COMMENT ON COLUMN kra.change_effect_result.slope_p IS 'two-sided p of the change of slope';
COMMENT ON COLUMN kra.change_effect_result.verdict IS 'with a target improved, worsened; without level_up, level_down, slope_up, slope_down; no_change: none shown; trial under 5 points on a side. By level_p and slope_p at 0.05 together (Holm)';
COMMENT ON COLUMN kra.change_effect_result.reason IS 'the verdict as a sentence';

CREATE TYPE kra.kpi_change;

CREATE FUNCTION kra.kpi_change_in(cstring) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_kpi_change_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_change_in(cstring) IS 'text input of kpi_change';

CREATE FUNCTION kra.kpi_change_out(kra.kpi_change) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_change_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_change_out(kra.kpi_change) IS 'text output of kpi_change';

CREATE FUNCTION kra.kpi_change_recv(internal) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_kpi_change_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_change_recv(internal) IS 'binary input of kpi_change';

CREATE FUNCTION kra.kpi_change_send(kra.kpi_change) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_change_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_change_send(kra.kpi_change) IS 'binary output of kpi_change';

CREATE TYPE kra.kpi_change (
    INPUT = kra.kpi_change_in, OUTPUT = kra.kpi_change_out, RECEIVE = kra.kpi_change_recv, SEND = kra.kpi_change_send,
    INTERNALLENGTH = 320, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_change IS 'observations before and after a change, as two trends; read with change_effect()';

CREATE FUNCTION kra.kpi_change_to_jsonb(kra.kpi_change) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_change_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.kpi_change_to_jsonb(kra.kpi_change) IS 'kpi_change as jsonb';

CREATE FUNCTION kra.jsonb_to_kpi_change(jsonb) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.jsonb_to_kpi_change(jsonb) IS 'kpi_change out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_change AS jsonb) WITH FUNCTION kra.kpi_change_to_jsonb(kra.kpi_change);
CREATE CAST (jsonb AS kra.kpi_change) WITH FUNCTION kra.jsonb_to_kpi_change(jsonb);
COMMENT ON CAST (kra.kpi_change AS jsonb) IS 'kpi_change as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_change) IS 'kpi_change out of jsonb';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz) IS 'transition function of change_agg';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, date, date) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, date, date) IS 'transition function of change_agg';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, date, date, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, date, date, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, double precision, double precision) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, double precision, double precision) IS 'transition function of change_agg';

CREATE FUNCTION kra.change_accum(kra.kpi_change, double precision, double precision, double precision, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_accum(kra.kpi_change, double precision, double precision, double precision, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra.change_combine(kra.kpi_change, kra.kpi_change) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_combine(kra.kpi_change, kra.kpi_change) IS 'merges two summaries; error for different changes';

CREATE FUNCTION kra.change_final(kra.kpi_change) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_final(kra.kpi_change) IS 'final function of change_agg: NULL for no row';

CREATE FUNCTION kra.change_effect(summary kra.kpi_change) RETURNS kra.change_effect_result
    AS 'MODULE_PATHNAME', 'kra_change_effect' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_effect(kra.kpi_change) IS 'level and slope before and after a change, with Welch test and segmented regression; NULL for NULL. Points that depend on each other make p too small, a change made in bad times is followed by better ones anyway, and without a control group it shows when, not why';

CREATE AGGREGATE kra.change_agg(value double precision, at timestamptz, change_at timestamptz) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, timestamptz, timestamptz) IS 'summary of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at timestamptz, change_at timestamptz, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, timestamptz, timestamptz, kra.kpi_target) IS 'summary of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_agg(value double precision, at date, change_at date) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, date, date) IS 'summary of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at date, change_at date, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, date, date, kra.kpi_target) IS 'summary of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_agg(value double precision, at double precision, change_at double precision) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, double precision, double precision) IS 'summary of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at double precision, change_at double precision, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, double precision, double precision, kra.kpi_target) IS 'summary of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at timestamptz, change_at timestamptz) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, timestamptz, timestamptz) IS 'level and slope of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at timestamptz, change_at timestamptz, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, timestamptz, timestamptz, kra.kpi_target) IS 'level and slope of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at date, change_at date) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, date, date) IS 'level and slope of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at date, change_at date, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, date, date, kra.kpi_target) IS 'level and slope of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at double precision, change_at double precision) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, double precision, double precision) IS 'level and slope of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at double precision, change_at double precision, target kra.kpi_target) (
    SFUNC = kra.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, double precision, double precision, kra.kpi_target) IS 'level and slope of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.rollup(kra.kpi_change) (
    SFUNC = kra.change_combine, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra.change_combine, FINALFUNC = kra.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_change) IS 'merges summaries; NULLs are left out; error for different changes';

CREATE FUNCTION kra.before(kra.kpi_change) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_change_before' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.before(kra.kpi_change) IS 'trend of the points before the change; NULL without any';

CREATE FUNCTION kra.after(kra.kpi_change) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_change_after' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.after(kra.kpi_change) IS 'trend of the points from the change on; NULL without any';
-- Small pictures: text and SVG out of plain values. Standalone, valid XML, with a text alternative.

CREATE FUNCTION kra.sparkline(points double precision[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_sparkline' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sparkline(double precision[]) IS 'a block of eight heights for each value, lowest to highest; a NULL element is a middle dot, equal values are middle blocks; NULL for NULL; at most 10000 values; error for NaN and infinities, and unless the database is in UTF8';

CREATE FUNCTION kra.sparkline_svg(points double precision[], label text DEFAULT NULL, width integer DEFAULT 120,
    height integer DEFAULT 24, target kra.kpi_target DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_sparkline_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.sparkline_svg(double precision[], text, integer, integer, kra.kpi_target) IS 'SVG of a line without axes, the last point marked, the target dashed; a NULL element is a gap; the label is in the text alternative; width and height in pixels; NULL for NULL values';

CREATE FUNCTION kra.bullet_svg(actual double precision, target kra.kpi_target, label text DEFAULT NULL, unit text DEFAULT NULL,
    width integer DEFAULT 320, height integer DEFAULT 40) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_bullet_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.bullet_svg(double precision, kra.kpi_target, text, text, integer, integer) IS 'SVG of a bullet graph: the actual as a bar, the target as a line across, off track, at risk and on track as greys from dark to light; the scale comes from the target; a NULL actual says no data, never NULL; width and height in pixels';

CREATE FUNCTION kra.xmr_svg(points double precision[], centre double precision, lower double precision, upper double precision,
    signals text[] DEFAULT NULL, meanings text[] DEFAULT NULL, labels text[] DEFAULT NULL, title text DEFAULT NULL,
    target kra.kpi_target DEFAULT NULL, width integer DEFAULT 480, height integer DEFAULT 180) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_xmr_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_svg(double precision[], double precision, double precision, double precision, text[], text[], text[], text, kra.kpi_target, integer, integer) IS 'SVG of a process behaviour chart: points, centre, limits; signals (labels of kpi_signal) by shape, meanings (neutral, improvement, concern) by colour and filling, one word a value; a NULL element is a gap, a NULL limit is not drawn; width and height in pixels; NULL for NULL values';

CREATE FUNCTION kra.xmr_steps_svg(points double precision[], centres double precision[], lowers double precision[], uppers double precision[],
    signals text[] DEFAULT NULL, meanings text[] DEFAULT NULL, labels text[] DEFAULT NULL, title text DEFAULT NULL,
    target kra.kpi_target DEFAULT NULL, width integer DEFAULT 480, height integer DEFAULT 180) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_xmr_steps_svg' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.xmr_steps_svg(double precision[], double precision[], double precision[], double precision[], text[], text[], text[], text, kra.kpi_target, integer, integer) IS 'as xmr_svg, with the centre and limits of each point: they step where a change starts new ones, and the numbers shown are the latest; a NULL array or element is not drawn';

CREATE FUNCTION kra.data_uri(svg text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_data_uri' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.data_uri(text) IS 'an SVG as the address of an image, in base64, for the image column of a BI tool';
-- Calendar: how time is cut into periods. A grid is a smallint: 1 days, 10 + first ISO weekday
-- weeks, 20 months, 30 + (first month - 1) % 3 quarters, 40 + first month years.

CREATE FUNCTION kra.grid(cadence text, fiscal_year_start_month integer DEFAULT 1, week_start integer DEFAULT 1) RETURNS smallint
    AS 'MODULE_PATHNAME', 'kra_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid(text, integer, integer) IS 'how time is cut, as a number: the grid of a cadence (day, week, month, quarter or year), for fiscal years that start in a month (1 to 12) and weeks that start on an ISO weekday (1 Monday to 7); NULL for NULL; error for any other cadence, month or weekday';

CREATE FUNCTION kra.grid_grain(grid smallint) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_grid_grain' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_grain(smallint) IS 'the cadence of a grid: day, week, month, quarter or year; NULL for NULL; error for an unknown grid';

CREATE FUNCTION kra.grid_start(grid smallint, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_start(smallint, date) IS 'first day of the period that holds a day; NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra.grid_end(grid smallint, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_end' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_end(smallint, date) IS 'last day of the period that holds a day; NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra.grid_shift(grid smallint, start date, periods integer) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_shift' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_shift(smallint, date, integer) IS 'first day of the period that comes so many periods after the one that holds a day (negative: before); NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra.is_grid_start(grid smallint, at date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_grid_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.is_grid_start(smallint, date) IS 'does a period start on that day? For CHECK constraints: false for unknown grids and infinite dates, NULL for NULL, never an error';

CREATE FUNCTION kra.grid_label(grid smallint, at date, fiscal_year_start_month integer DEFAULT 1) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_grid_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_label(smallint, date, integer) IS 'name of the period that holds a day: 2026-03-31, 2026-W07 (ISO year and week of its fourth day), 2025-12, 2025-Q4, 2025, or 2016/17-Q1 and 2016/17 where the fiscal year does not start in January; quarters count from the given month, a grid of years has its own; NULL for NULL; error for an unknown grid, an infinite date, a year outside 1 to 9999, and a month in which no quarter of the grid starts';

CREATE FUNCTION kra.grid_of_label(label text, fiscal_year_start_month integer DEFAULT 1, week_start integer DEFAULT 1,
    OUT grid smallint, OUT period_start date)
    AS 'MODULE_PATHNAME', 'kra_grid_of_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.grid_of_label(text, integer, integer) IS 'grid and first day of the period that has this label, in the forms of grid_label; NULLs for NULL; error for anything else, also for a fiscal year of two calendar years where it starts in January, and of one where it does not';
-- Who asks.

CREATE FUNCTION kra.viewer() RETURNS name
    AS 'MODULE_PATHNAME', 'kra_viewer' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.viewer() IS 'who logged in, or the role that was set; not the owner of a security definer function that is running. Where the server works for the owner of a table (REFRESH MATERIALIZED VIEW, the expressions of an index), that owner; NULL in a security definer function there';

CREATE FUNCTION kra.sees_all() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_all' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees_all() IS 'does the viewer see all subjects? The owner of the tables, roles with BYPASSRLS, who may change the settings, and members of the role that the settings name';

CREATE FUNCTION kra.sees(subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees(integer) IS 'does the viewer see the subject: is, or was, it one of his or below one? In a security definer function its owner must see it, too. NULL for NULL';

CREATE FUNCTION kra.sees(subject_id integer, from_day date, to_day date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_on' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees(integer, date, date) IS 'was the subject one of the viewer''s, or below one, on one of these days? NULL for NULL';

CREATE FUNCTION kra.shows(subject_id integer, grid smallint, period_start date, upto date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_shows' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.shows(integer, smallint, date, date) IS 'is the subject one of the viewer''s, or below one, in the period? Who moves within it counts where he was last; a quarter or year counts when all of its months do. True in functions of the owner of the tables; NULL for NULL';

CREATE FUNCTION kra.is_author() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_author' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.is_author() IS 'may the viewer define things (see grant_author)? Then he sees all definitions';
-- The catalogue: what a company aims for, who is scored on what, and what came of it.
-- Small ids with unique text keys; definitions change by new effective-dated rows: the one in
-- force on a date is the newest not after it. The script seeds nothing.

-- Numbers beyond these are no measurements; within them nothing that views compute can overflow.

CREATE FUNCTION kra.is_sane(value double precision) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT value IS NULL OR value = 0 OR abs(value) BETWEEN 1e-100 AND 1e100;
END;
COMMENT ON FUNCTION kra.is_sane(double precision) IS 'is the value 0 or of a size from 1e-100 to 1e100? NULL is; NaN and infinities are not';

CREATE FUNCTION kra.is_sane(target kra.kpi_target) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT target IS NULL OR (kra.is_sane(kra.lower(target)) AND kra.is_sane(kra.upper(target)) AND kra.is_sane(kra.baseline(target))
                              AND kra.is_sane(kra.threshold(target)) AND kra.is_sane(kra.stretch(target)) AND kra.is_sane(kra.scale(target)));
END;
COMMENT ON FUNCTION kra.is_sane(kra.kpi_target) IS 'are all numbers of the target of a size that views can compute with? NULL is';

CREATE FUNCTION kra.is_sane(actual kra.kpi_actual) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT actual IS NULL OR (kra.is_sane(kra.value(actual, 'sum')) AND kra.is_sane(kra.value(actual, 'min'))
                              AND kra.is_sane(kra.value(actual, 'max')) AND (kra.weight(actual) = 0 OR kra.weight(actual) BETWEEN 1e-30 AND 1e30));
END;
COMMENT ON FUNCTION kra.is_sane(kra.kpi_actual) IS 'are sum, least and greatest, and the weight they are divided by (0 or from 1e-30 to 1e30), of a size that views can compute with? NULL is';

CREATE TABLE kra.settings (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    fiscal_year_start_month integer NOT NULL DEFAULT 1 CHECK (fiscal_year_start_month BETWEEN 1 AND 12),
    week_start integer NOT NULL DEFAULT 1 CHECK (week_start BETWEEN 1 AND 7),
    min_coverage double precision NOT NULL DEFAULT 0.5 CHECK (min_coverage BETWEEN 0 AND 1),
    min_group_size integer NOT NULL DEFAULT 5 CHECK (min_group_size >= 1),
    sees_all_role text CHECK (sees_all_role <> ''),
    show_groups_above boolean NOT NULL DEFAULT false,
    history_periods integer NOT NULL DEFAULT 24 CHECK (history_periods BETWEEN 2 AND 1000),
    review_cadence text NOT NULL DEFAULT 'month' CHECK (review_cadence IN ('week', 'month', 'quarter', 'year')),
    check_in_days integer NOT NULL DEFAULT 14 CHECK (check_in_days BETWEEN 1 AND 1000)
);
COMMENT ON TABLE kra.settings IS 'what a company sets for the whole catalogue: at most one row; without it the defaults hold';
COMMENT ON COLUMN kra.settings.id IS 'always 1';
COMMENT ON COLUMN kra.settings.fiscal_year_start_month IS 'first month of the year, 1 to 12 (default 1): quarters and years are cut by it';
COMMENT ON COLUMN kra.settings.week_start IS 'first day of the week, 1 Monday to 7 Sunday (default 1)';
COMMENT ON COLUMN kra.settings.min_coverage IS 'share of the weight that needs data for a scorecard to have a score (default 0.5)';
COMMENT ON COLUMN kra.settings.min_group_size IS 'fewest people in an aggregate that those who may not see its members are shown (default 5)';
COMMENT ON COLUMN kra.settings.sees_all_role IS 'database role whose members see all subjects (default none)';
COMMENT ON COLUMN kra.settings.show_groups_above IS 'do people see the results of the groups that they belong to, too? (default false)';
COMMENT ON COLUMN kra.settings.review_cadence IS 'how often a scorecard is reviewed: week, month, quarter or year (default month)';
COMMENT ON COLUMN kra.settings.check_in_days IS 'days between check-ins about those who miss a target (default 14)';
COMMENT ON COLUMN kra.settings.history_periods IS 'periods back that trend, signal and misses of a result look at, its own included (default 24)';

CREATE TABLE kra.job_roles (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> ''),
    name text NOT NULL CHECK (btrim(name) <> ''),
    purpose text CHECK (btrim(purpose) <> ''),
    level text CHECK (btrim(level) <> '')
);
COMMENT ON TABLE kra.job_roles IS 'roles that carry a scorecard: of people, but of teams, projects and vendors too';
COMMENT ON COLUMN kra.job_roles.id IS 'id';
COMMENT ON COLUMN kra.job_roles.key IS 'unique key';
COMMENT ON COLUMN kra.job_roles.name IS 'name for people';
COMMENT ON COLUMN kra.job_roles.purpose IS 'why the role exists, in a sentence';
COMMENT ON COLUMN kra.job_roles.level IS 'grade or level';

CREATE TABLE kra.subjects (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> ''),
    name text NOT NULL CHECK (btrim(name) <> ''),
    kind text NOT NULL CHECK (kind IN ('company', 'team', 'person', 'project', 'vendor')),
    login text CHECK (login <> '')
);
CREATE INDEX ON kra.subjects (login) WHERE login IS NOT NULL;
COMMENT ON TABLE kra.subjects IS 'who or what is scored';
COMMENT ON COLUMN kra.subjects.id IS 'id';
COMMENT ON COLUMN kra.subjects.key IS 'unique key: what source relations name in their column subject';
COMMENT ON COLUMN kra.subjects.name IS 'name for people';
COMMENT ON COLUMN kra.subjects.kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra.subjects.login IS 'database role that sees this subject and all below it; NULL: none';

CREATE TABLE kra.placements (
    subject_id integer NOT NULL REFERENCES kra.subjects,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    parent_id integer REFERENCES kra.subjects CHECK (parent_id <> subject_id),
    job_role_id integer REFERENCES kra.job_roles,
    is_active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (subject_id, effective_from)
);
CREATE INDEX ON kra.placements (parent_id);
CREATE INDEX ON kra.placements (job_role_id);
COMMENT ON TABLE kra.placements IS 'where a subject stands in the tree and which role it has, from a date on';
COMMENT ON COLUMN kra.placements.subject_id IS 'the subject';
COMMENT ON COLUMN kra.placements.effective_from IS 'first day; until the next row of the subject';
COMMENT ON COLUMN kra.placements.parent_id IS 'the subject above it; NULL: none';
COMMENT ON COLUMN kra.placements.job_role_id IS 'its role, whose scorecard it carries; NULL: none, and a group has the scorecard of its members';
COMMENT ON COLUMN kra.placements.is_active IS 'false: it is gone from this day on';

CREATE TABLE kra.objectives (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> ''),
    name text NOT NULL CHECK (btrim(name) <> ''),
    description text,
    parent_id integer REFERENCES kra.objectives DEFERRABLE CHECK (parent_id <> id),
    subject_id integer REFERENCES kra.subjects,
    starts_on date CHECK (isfinite(starts_on)),
    due_on date CHECK (isfinite(due_on)),
    CHECK (starts_on <= due_on)
);
CREATE INDEX ON kra.objectives (parent_id);
CREATE INDEX ON kra.objectives (subject_id);
COMMENT ON TABLE kra.objectives IS 'what the company or a team wants: a tree';
COMMENT ON COLUMN kra.objectives.id IS 'id';
COMMENT ON COLUMN kra.objectives.key IS 'unique key';
COMMENT ON COLUMN kra.objectives.name IS 'name for people';
COMMENT ON COLUMN kra.objectives.description IS 'what it means';
COMMENT ON COLUMN kra.objectives.parent_id IS 'the objective that it serves; NULL: none above';
COMMENT ON COLUMN kra.objectives.subject_id IS 'whose objective it is';
COMMENT ON COLUMN kra.objectives.starts_on IS 'first day';
COMMENT ON COLUMN kra.objectives.due_on IS 'last day';

CREATE TABLE kra.kpis (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> '' AND octet_length(key) <= 1000),
    name text NOT NULL CHECK (btrim(name) <> ''),
    description text,
    kind kra.kpi_kind NOT NULL,
    timing text NOT NULL DEFAULT 'lagging' CHECK (timing IN ('leading', 'lagging')),
    unit text,
    value_format text CHECK (btrim(value_format) <> ''),
    over_time text NOT NULL DEFAULT 'sum' CHECK (over_time IN ('sum', 'mean', 'ratio', 'last', 'min', 'max', 'count')),
    over_subjects text NOT NULL DEFAULT 'sum' CHECK (over_subjects IN ('sum', 'mean', 'ratio', 'last', 'min', 'max', 'count')),
    cadence text NOT NULL DEFAULT 'month' CHECK (cadence IN ('day', 'week', 'month', 'quarter', 'year')),
    grid smallint NOT NULL,
    objective_id integer REFERENCES kra.objectives,
    drives_kpi_id integer REFERENCES kra.kpis DEFERRABLE CHECK (drives_kpi_id <> id),
    source_relation text CHECK (btrim(source_relation) <> ''),
    lookback integer NOT NULL DEFAULT 2 CHECK (lookback BETWEEN 1 AND 10000),
    stale_after_days integer CHECK (stale_after_days >= 0),
    scale text CHECK (scale IN ('csat_top_two_box', 'csat_mean', 'nps', 'ordinal')),
    scale_labels text[] CHECK (cardinality(scale_labels) >= 2 AND array_position(scale_labels, NULL) IS NULL),
    influenceable_by text[] CHECK (array_position(influenceable_by, NULL) IS NULL),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('candidate', 'active', 'retired')),
    state_reason text,
    state_since date NOT NULL DEFAULT current_date CHECK (isfinite(state_since)),
    revisited_on date CHECK (isfinite(revisited_on)),
    revisit_note text,
    UNIQUE (id, grid),
    CHECK (kra.grid_grain(grid) = cadence),
    CHECK ((over_time = over_subjects) OR (over_subjects IN ('sum', 'mean', 'min', 'max') AND over_time <> 'ratio')),
    CHECK ((scale = 'ordinal') = (scale_labels IS NOT NULL) AND (scale IS NOT NULL OR scale_labels IS NULL)),
    CHECK (scale IS NULL OR (over_time = 'ratio' AND over_subjects = 'ratio'))
);
CREATE INDEX ON kra.kpis (objective_id);
CREATE INDEX ON kra.kpis (drives_kpi_id);
COMMENT ON TABLE kra.kpis IS 'measures; a KPI when on a scorecard and tied to an objective';
COMMENT ON COLUMN kra.kpis.id IS 'id';
COMMENT ON COLUMN kra.kpis.key IS 'unique key';
COMMENT ON COLUMN kra.kpis.name IS 'name for people';
COMMENT ON COLUMN kra.kpis.description IS 'what is counted and what is not';
COMMENT ON COLUMN kra.kpis.kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra.kpis.timing IS 'leading or lagging';
COMMENT ON COLUMN kra.kpis.unit IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra.kpis.value_format IS 'number format for BI tools, such as #,##0 or 0.0; NULL: by the unit';
COMMENT ON COLUMN kra.kpis.over_time IS 'how observations and shorter periods make a period: sum, mean, ratio (sum of values / sum of weights), last, min, max or count';
COMMENT ON COLUMN kra.kpis.over_subjects IS 'how members make a group; the same as over_time, or sum, mean, min or max of their values';
COMMENT ON COLUMN kra.kpis.cadence IS 'its shortest period: day, week, month, quarter or year';
COMMENT ON COLUMN kra.kpis.grid IS 'how its periods are cut, by cadence and settings (see kra.grid); filled by a trigger';
COMMENT ON COLUMN kra.kpis.objective_id IS 'the objective that it measures';
COMMENT ON COLUMN kra.kpis.drives_kpi_id IS 'the outcome that it is meant to move';
COMMENT ON COLUMN kra.kpis.source_relation IS 'table or view that collect reads, as schema.name: columns subject, at, value and perhaps weight; NULL: entered by hand';
COMMENT ON COLUMN kra.kpis.lookback IS 'periods back, the current one included, that collect reads again (default 2)';
COMMENT ON COLUMN kra.kpis.stale_after_days IS 'days without a newer observation after which its data are stale; NULL: by cadence (3, 10, 45, 135, 400)';
COMMENT ON COLUMN kra.kpis.scale IS 'how answers are scored: csat_top_two_box, csat_mean (1 to 5), nps (0 to 10), ordinal (scale_labels); NULL: values are numbers';
COMMENT ON COLUMN kra.kpis.scale_labels IS 'labels of an ordinal scale, worst first';
COMMENT ON COLUMN kra.kpis.influenceable_by IS 'keys of the subjects or job roles that can move it';
COMMENT ON COLUMN kra.kpis.state IS 'candidate (on no scorecard yet), active or retired';
COMMENT ON COLUMN kra.kpis.state_reason IS 'why it was promoted or retired';
COMMENT ON COLUMN kra.kpis.state_since IS 'since when it is a candidate, active or retired';
COMMENT ON COLUMN kra.kpis.revisited_on IS 'when somebody last asked whether it is still the right KPI; NULL: never since it was set';
COMMENT ON COLUMN kra.kpis.revisit_note IS 'what the answer was';

CREATE TABLE kra.kpi_owners (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    subject_id integer REFERENCES kra.subjects,
    PRIMARY KEY (kpi_id, effective_from)
);
CREATE INDEX ON kra.kpi_owners (subject_id);
COMMENT ON TABLE kra.kpi_owners IS 'who answers for a KPI, from a date on';
COMMENT ON COLUMN kra.kpi_owners.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.kpi_owners.effective_from IS 'first day; until the next row of the KPI';
COMMENT ON COLUMN kra.kpi_owners.subject_id IS 'the owner; NULL: nobody from this day on';

CREATE TABLE kra.result_areas (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    job_role_id integer NOT NULL REFERENCES kra.job_roles,
    key text NOT NULL CHECK (key <> ''),
    name text NOT NULL CHECK (btrim(name) <> '' AND octet_length(name) <= 1000),
    perspective text CHECK (perspective IN ('financial', 'customer', 'process', 'people')),
    scope text CHECK (btrim(scope) <> ''),
    description text,
    position integer NOT NULL DEFAULT 1,
    revisited_on date CHECK (isfinite(revisited_on)),
    revisit_note text,
    UNIQUE (job_role_id, key),
    UNIQUE (job_role_id, name)
);
COMMENT ON TABLE kra.result_areas IS 'key result areas (KRA): the domains that a role owns';
COMMENT ON COLUMN kra.result_areas.id IS 'id';
COMMENT ON COLUMN kra.result_areas.job_role_id IS 'the role';
COMMENT ON COLUMN kra.result_areas.key IS 'key, unique in the role';
COMMENT ON COLUMN kra.result_areas.name IS 'name for people, unique in the role: a domain such as revenue growth, never a task';
COMMENT ON COLUMN kra.result_areas.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra.result_areas.scope IS 'how far it reaches: a region, a budget, a product';
COMMENT ON COLUMN kra.result_areas.description IS 'what it means';
COMMENT ON COLUMN kra.result_areas.position IS 'place in the order of the role';
COMMENT ON COLUMN kra.result_areas.revisited_on IS 'when somebody last asked whether it is still the right KRA; NULL: never since it was set';
COMMENT ON COLUMN kra.result_areas.revisit_note IS 'what the answer was';

CREATE TABLE kra.result_area_kpis (
    result_area_id integer NOT NULL REFERENCES kra.result_areas,
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    weight double precision NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1e50),
    target kra.kpi_target CHECK (kra.is_sane(target)),
    provenance text CHECK (provenance IN ('history', 'benchmark', 'market', 'negotiated', 'imposed')),
    is_active boolean NOT NULL DEFAULT true,
    position integer NOT NULL DEFAULT 1,
    set_by text NOT NULL DEFAULT kra.viewer(),
    set_at timestamptz NOT NULL DEFAULT now(),
    revised_at timestamptz,
    PRIMARY KEY (result_area_id, kpi_id, effective_from)
);
CREATE INDEX ON kra.result_area_kpis (kpi_id);
COMMENT ON TABLE kra.result_area_kpis IS 'which KPIs a KRA is judged by, with what weight and target, from a date on';
COMMENT ON COLUMN kra.result_area_kpis.result_area_id IS 'the KRA';
COMMENT ON COLUMN kra.result_area_kpis.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.result_area_kpis.effective_from IS 'first day; until the next row of the same KRA and KPI';
COMMENT ON COLUMN kra.result_area_kpis.weight IS 'weight on the scorecard, from 0 to 1e50; 0: shown, not scored. The weight of a KRA is the sum of its KPIs';
COMMENT ON COLUMN kra.result_area_kpis.target IS 'target of all who have the role, for a period of the KPI''s cadence; one in kra.targets wins';
COMMENT ON COLUMN kra.result_area_kpis.provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra.result_area_kpis.is_active IS 'false: off the scorecard from this day on';
COMMENT ON COLUMN kra.result_area_kpis.position IS 'place in the order of the KRA';
COMMENT ON COLUMN kra.result_area_kpis.set_by IS 'who set it';
COMMENT ON COLUMN kra.result_area_kpis.set_at IS 'when the row was made';
COMMENT ON COLUMN kra.result_area_kpis.revised_at IS 'when the target of this row was last changed in place; NULL: never';

CREATE TABLE kra.targets (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    target kra.kpi_target CHECK (kra.is_sane(target)),
    provenance text CHECK (provenance IN ('history', 'benchmark', 'market', 'negotiated', 'imposed')),
    note text,
    set_by text NOT NULL DEFAULT kra.viewer(),
    set_at timestamptz NOT NULL DEFAULT now(),
    revised_at timestamptz,
    PRIMARY KEY (kpi_id, subject_id, effective_from)
);
CREATE INDEX ON kra.targets (subject_id);
COMMENT ON TABLE kra.targets IS 'what a subject aims for with a KPI, from a date on; wins over the target of its role';
COMMENT ON COLUMN kra.targets.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.targets.subject_id IS 'the subject';
COMMENT ON COLUMN kra.targets.effective_from IS 'first day; until the next row of the same KPI and subject';
COMMENT ON COLUMN kra.targets.target IS 'the target, for a period of the KPI''s cadence; NULL: none from this day on';
COMMENT ON COLUMN kra.targets.provenance IS 'where it comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra.targets.note IS 'the reasoning';
COMMENT ON COLUMN kra.targets.set_by IS 'who set it';
COMMENT ON COLUMN kra.targets.set_at IS 'when the row was made';
COMMENT ON COLUMN kra.targets.revised_at IS 'when the target of this row was last changed in place; NULL: never';

CREATE TABLE kra.acknowledgements (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    acknowledged_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_by text NOT NULL DEFAULT kra.viewer(),
    target kra.kpi_target NOT NULL,
    comment text,
    PRIMARY KEY (kpi_id, subject_id, acknowledged_at)
);
CREATE INDEX ON kra.acknowledgements (subject_id);
COMMENT ON TABLE kra.acknowledgements IS 'who has taken which target as his own; holds as long as that target is in force';
COMMENT ON COLUMN kra.acknowledgements.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.acknowledgements.subject_id IS 'the subject whose target it is';
COMMENT ON COLUMN kra.acknowledgements.acknowledged_at IS 'when';
COMMENT ON COLUMN kra.acknowledgements.acknowledged_by IS 'by which database role';
COMMENT ON COLUMN kra.acknowledgements.target IS 'the target that was in force then';
COMMENT ON COLUMN kra.acknowledgements.comment IS 'what the owner said';

CREATE TABLE kra.benchmarks (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    value double precision CHECK (kra.is_sane(value)),
    source text NOT NULL CHECK (btrim(source) <> ''),
    PRIMARY KEY (kpi_id, effective_from)
);
COMMENT ON TABLE kra.benchmarks IS 'what others reach, from a date on';
COMMENT ON COLUMN kra.benchmarks.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.benchmarks.effective_from IS 'first day; until the next row of the KPI';
COMMENT ON COLUMN kra.benchmarks.value IS 'the value, for a period of the KPI''s cadence; NULL: none from this day on';
COMMENT ON COLUMN kra.benchmarks.source IS 'where the figure comes from';

CREATE TABLE kra.measurements (
    kpi_id integer NOT NULL,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    period_start date NOT NULL,
    grid smallint NOT NULL,
    actual kra.kpi_actual NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    source text NOT NULL DEFAULT 'record' CHECK (source <> ''),
    PRIMARY KEY (kpi_id, subject_id, period_start),
    FOREIGN KEY (kpi_id, grid) REFERENCES kra.kpis (id, grid) ON UPDATE CASCADE,
    CONSTRAINT measurements_period_start_check CHECK (kra.is_grid_start(grid, period_start)),
    CONSTRAINT measurements_actual_check CHECK (kra.value(actual, 'count') > 0 AND kra.is_sane(actual))
);
CREATE INDEX ON kra.measurements (subject_id, period_start);
CREATE INDEX ON kra.measurements (period_start, kpi_id);
COMMENT ON TABLE kra.measurements IS 'what was observed: a row per KPI, subject and period of the KPI''s cadence';
COMMENT ON COLUMN kra.measurements.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.measurements.subject_id IS 'the subject';
COMMENT ON COLUMN kra.measurements.period_start IS 'first day of the period';
COMMENT ON COLUMN kra.measurements.grid IS 'how the periods of the KPI are cut; filled when not given';
COMMENT ON COLUMN kra.measurements.actual IS 'summary of the observations';
COMMENT ON COLUMN kra.measurements.recorded_at IS 'when it was last changed';
COMMENT ON COLUMN kra.measurements.source IS 'the source relation, or record for what was entered by hand';

CREATE TABLE kra.milestones (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    objective_id integer NOT NULL REFERENCES kra.objectives,
    key text NOT NULL CHECK (key <> ''),
    name text NOT NULL CHECK (btrim(name) <> ''),
    weight double precision NOT NULL DEFAULT 1 CHECK (weight >= 0 AND weight < 'infinity'),
    owner_id integer REFERENCES kra.subjects,
    due_on date CHECK (isfinite(due_on)),
    completion double precision NOT NULL DEFAULT 0 CHECK (completion BETWEEN 0 AND 1),
    completed_on date CHECK (isfinite(completed_on)),
    UNIQUE (objective_id, key),
    CHECK ((completion = 1) = (completed_on IS NOT NULL))
);
CREATE INDEX ON kra.milestones (owner_id);
COMMENT ON TABLE kra.milestones IS 'steps towards an objective';
COMMENT ON COLUMN kra.milestones.id IS 'id';
COMMENT ON COLUMN kra.milestones.objective_id IS 'the objective';
COMMENT ON COLUMN kra.milestones.key IS 'key, unique in the objective';
COMMENT ON COLUMN kra.milestones.name IS 'name for people';
COMMENT ON COLUMN kra.milestones.weight IS 'share in the objective''s progress, finite and not negative';
COMMENT ON COLUMN kra.milestones.owner_id IS 'who answers for it';
COMMENT ON COLUMN kra.milestones.due_on IS 'last day';
COMMENT ON COLUMN kra.milestones.completion IS 'how much of it is done, from 0 to 1';
COMMENT ON COLUMN kra.milestones.completed_on IS 'when it was reached; NULL: not yet';

CREATE TABLE kra.check_ins (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    kpi_id integer REFERENCES kra.kpis,
    objective_id integer REFERENCES kra.objectives,
    checked_at timestamptz NOT NULL DEFAULT now(),
    checked_by text NOT NULL DEFAULT kra.viewer(),
    comment text NOT NULL CHECK (btrim(comment) <> '')
);
CREATE INDEX ON kra.check_ins (subject_id, checked_at);
COMMENT ON TABLE kra.check_ins IS 'short notes between reviews';
COMMENT ON COLUMN kra.check_ins.id IS 'id';
COMMENT ON COLUMN kra.check_ins.subject_id IS 'about whom';
COMMENT ON COLUMN kra.check_ins.kpi_id IS 'about which KPI; NULL: all';
COMMENT ON COLUMN kra.check_ins.objective_id IS 'about which objective; NULL: none';
COMMENT ON COLUMN kra.check_ins.checked_at IS 'when';
COMMENT ON COLUMN kra.check_ins.checked_by IS 'by which database role';
COMMENT ON COLUMN kra.check_ins.comment IS 'what was said';

CREATE TABLE kra.reviews (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    period_grain text NOT NULL CHECK (period_grain IN ('day', 'week', 'month', 'quarter', 'year')),
    period_start date NOT NULL CHECK (isfinite(period_start)),
    card kra.scorecard NOT NULL,
    summary text,
    closed_at timestamptz NOT NULL DEFAULT now(),
    closed_by text NOT NULL DEFAULT kra.viewer(),
    UNIQUE (subject_id, period_grain, period_start)
);
COMMENT ON TABLE kra.reviews IS 'closed reviews, with the scorecard as it was';
COMMENT ON COLUMN kra.reviews.id IS 'id';
COMMENT ON COLUMN kra.reviews.subject_id IS 'whose review';
COMMENT ON COLUMN kra.reviews.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra.reviews.period_start IS 'first day of the period';
COMMENT ON COLUMN kra.reviews.card IS 'the scorecard, frozen';
COMMENT ON COLUMN kra.reviews.summary IS 'what was concluded';
COMMENT ON COLUMN kra.reviews.closed_at IS 'when';
COMMENT ON COLUMN kra.reviews.closed_by IS 'by which database role';

CREATE TABLE kra.actions (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    review_id integer REFERENCES kra.reviews,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    kpi_id integer REFERENCES kra.kpis,
    description text NOT NULL CHECK (btrim(description) <> ''),
    owner_id integer NOT NULL REFERENCES kra.subjects,
    due_on date NOT NULL CHECK (isfinite(due_on)),
    created_at timestamptz NOT NULL DEFAULT now(),
    done_on date CHECK (isfinite(done_on)),
    outcome text
);
CREATE INDEX ON kra.actions (subject_id);
CREATE INDEX ON kra.actions (owner_id);
CREATE INDEX ON kra.actions (review_id);
COMMENT ON TABLE kra.actions IS 'what somebody will do about it, until when';
COMMENT ON COLUMN kra.actions.id IS 'id';
COMMENT ON COLUMN kra.actions.review_id IS 'the review that it came of; NULL: none';
COMMENT ON COLUMN kra.actions.subject_id IS 'about whom';
COMMENT ON COLUMN kra.actions.kpi_id IS 'about which KPI; NULL: none';
COMMENT ON COLUMN kra.actions.description IS 'what will be done';
COMMENT ON COLUMN kra.actions.owner_id IS 'who does it';
COMMENT ON COLUMN kra.actions.due_on IS 'last day';
COMMENT ON COLUMN kra.actions.created_at IS 'when it was agreed';
COMMENT ON COLUMN kra.actions.done_on IS 'when it was done; NULL: not yet';
COMMENT ON COLUMN kra.actions.outcome IS 'what it brought';

CREATE TABLE kra.rule_settings (
    rule text PRIMARY KEY CHECK (rule <> ''),
    is_enabled boolean NOT NULL DEFAULT true,
    threshold double precision CHECK (threshold > '-infinity' AND threshold < 'infinity')
);
COMMENT ON TABLE kra.rule_settings IS 'rules of findings that a company has changed';
COMMENT ON COLUMN kra.rule_settings.rule IS 'the rule, one of kra_bi.rule_reference';
COMMENT ON COLUMN kra.rule_settings.is_enabled IS 'false: it is off';
COMMENT ON COLUMN kra.rule_settings.threshold IS 'its threshold; NULL: the default';

CREATE TABLE kra.waivers (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    rule text NOT NULL CHECK (rule <> ''),
    about text NOT NULL CHECK (about <> ''),
    subject_id integer REFERENCES kra.subjects,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    author text NOT NULL DEFAULT kra.viewer(),
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_on date NOT NULL CHECK (isfinite(ends_on)),
    CHECK ((subject_id IS NOT NULL) = (split_part(about, ':', 1) IN ('subject', 'target', 'review', 'action')))
);
CREATE INDEX ON kra.waivers (rule, about);
CREATE INDEX ON kra.waivers (subject_id);
COMMENT ON TABLE kra.waivers IS 'findings that somebody has silenced for a time';
COMMENT ON COLUMN kra.waivers.id IS 'id';
COMMENT ON COLUMN kra.waivers.rule IS 'the rule';
COMMENT ON COLUMN kra.waivers.about IS 'what the finding is about: about_kind and about_key of kra_bi.findings, with a colon between';
COMMENT ON COLUMN kra.waivers.subject_id IS 'the subject of the finding, who may see the waiver; NULL: of none';
COMMENT ON COLUMN kra.waivers.reason IS 'why';
COMMENT ON COLUMN kra.waivers.author IS 'who';
COMMENT ON COLUMN kra.waivers.created_at IS 'when';
COMMENT ON COLUMN kra.waivers.ends_on IS 'last day on which it holds';

CREATE TABLE kra.notices (
    item text PRIMARY KEY CHECK (item <> ''),
    sent_on date NOT NULL CHECK (isfinite(sent_on))
);
COMMENT ON TABLE kra.notices IS 'what notify_due has told, so that each item is told once a day';
COMMENT ON COLUMN kra.notices.item IS 'row_key of the item in kra_bi.due';
COMMENT ON COLUMN kra.notices.sent_on IS 'day on which it was last told';

CREATE TABLE kra.definition_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    table_name text NOT NULL,
    row_key text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
    before jsonb,
    after jsonb
);
CREATE INDEX ON kra.definition_log (table_name, row_key);
CREATE INDEX ON kra.definition_log (changed_at);
COMMENT ON TABLE kra.definition_log IS 'every change of a definition; append only, written by triggers';
COMMENT ON COLUMN kra.definition_log.id IS 'id, in the order of the changes';
COMMENT ON COLUMN kra.definition_log.changed_at IS 'when the transaction began';
COMMENT ON COLUMN kra.definition_log.changed_by IS 'the database role that made the change';
COMMENT ON COLUMN kra.definition_log.table_name IS 'table of the definition';
COMMENT ON COLUMN kra.definition_log.row_key IS 'which row, by its keys';
COMMENT ON COLUMN kra.definition_log.operation IS 'insert, update or delete';
COMMENT ON COLUMN kra.definition_log.before IS 'the row before; NULL for an insert';
COMMENT ON COLUMN kra.definition_log.after IS 'the row after; NULL for a delete';

-- Derived from placements by triggers, and from nothing else: not dumped, rebuilt by a restore.

CREATE TABLE kra.subject_timeline (
    subject_id integer NOT NULL REFERENCES kra.subjects ON DELETE CASCADE,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    resumes_on date NOT NULL,
    parent_id integer,
    job_role_id integer,
    PRIMARY KEY (subject_id, valid_from)
);
CREATE INDEX ON kra.subject_timeline (parent_id);
CREATE INDEX ON kra.subject_timeline (job_role_id);
COMMENT ON TABLE kra.subject_timeline IS 'derived: placements in which a subject is active, as spans of time';
COMMENT ON COLUMN kra.subject_timeline.subject_id IS 'the subject';
COMMENT ON COLUMN kra.subject_timeline.valid_from IS 'first day';
COMMENT ON COLUMN kra.subject_timeline.valid_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra.subject_timeline.resumes_on IS 'first day of the next span; infinity: none. In a period that ends before it, this span counts';
COMMENT ON COLUMN kra.subject_timeline.parent_id IS 'the subject above';
COMMENT ON COLUMN kra.subject_timeline.job_role_id IS 'its role';

CREATE TABLE kra.subject_ancestors (
    subject_id integer NOT NULL REFERENCES kra.subjects ON DELETE CASCADE,
    ancestor_id integer NOT NULL,
    depth integer NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    resumes_on date NOT NULL,
    PRIMARY KEY (subject_id, ancestor_id, valid_from)
);
CREATE INDEX ON kra.subject_ancestors (ancestor_id, depth, subject_id);
COMMENT ON TABLE kra.subject_ancestors IS 'derived: every subject with all subjects above it, and itself, as spans of time';
COMMENT ON COLUMN kra.subject_ancestors.subject_id IS 'the subject';
COMMENT ON COLUMN kra.subject_ancestors.ancestor_id IS 'a subject above it; itself at depth 0';
COMMENT ON COLUMN kra.subject_ancestors.depth IS 'how many steps above';
COMMENT ON COLUMN kra.subject_ancestors.valid_from IS 'first day';
COMMENT ON COLUMN kra.subject_ancestors.valid_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra.subject_ancestors.resumes_on IS 'first day on which the subject is next below somebody by a new span, of its own or of one between the two; infinity: none. In a period that ends before it, this span counts';

-- A dump holds what people entered.
SELECT pg_catalog.pg_extension_config_dump('kra.settings', '');
SELECT pg_catalog.pg_extension_config_dump('kra.job_roles', '');
SELECT pg_catalog.pg_extension_config_dump('kra.subjects', '');
SELECT pg_catalog.pg_extension_config_dump('kra.placements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.objectives', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpis', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpi_owners', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_areas', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_area_kpis', '');
SELECT pg_catalog.pg_extension_config_dump('kra.targets', '');
SELECT pg_catalog.pg_extension_config_dump('kra.acknowledgements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.benchmarks', '');
SELECT pg_catalog.pg_extension_config_dump('kra.measurements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.milestones', '');
SELECT pg_catalog.pg_extension_config_dump('kra.check_ins', '');
SELECT pg_catalog.pg_extension_config_dump('kra.reviews', '');
SELECT pg_catalog.pg_extension_config_dump('kra.actions', '');
SELECT pg_catalog.pg_extension_config_dump('kra.rule_settings', '');
SELECT pg_catalog.pg_extension_config_dump('kra.waivers', '');
SELECT pg_catalog.pg_extension_config_dump('kra.notices', '');
SELECT pg_catalog.pg_extension_config_dump('kra.definition_log', '');
SELECT pg_catalog.pg_extension_config_dump('kra.job_roles_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.subjects_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.objectives_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpis_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_areas_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.milestones_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.check_ins_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.reviews_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.actions_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.waivers_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.definition_log_id_seq', '');
-- What keeps the catalogue whole: settings in force, grids, the tree, and the log.
-- A trigger function is nobody's to execute: on a table of one's own it would write the log, or the
-- tree, of all.

CREATE VIEW kra.settings_in_force AS
SELECT coalesce((SELECT fiscal_year_start_month FROM kra.settings), 1) AS fiscal_year_start_month,
       coalesce((SELECT week_start FROM kra.settings), 1) AS week_start,
       coalesce((SELECT min_coverage FROM kra.settings), 0.5) AS min_coverage,
       coalesce((SELECT min_group_size FROM kra.settings), 5) AS min_group_size,
       (SELECT sees_all_role FROM kra.settings) AS sees_all_role,
       coalesce((SELECT show_groups_above FROM kra.settings), false) AS show_groups_above,
       coalesce((SELECT history_periods FROM kra.settings), 24) AS history_periods,
       coalesce((SELECT review_cadence FROM kra.settings), 'month') AS review_cadence,
       coalesce((SELECT check_in_days FROM kra.settings), 14) AS check_in_days;
ALTER VIEW kra.settings_in_force SET (security_invoker = true);
COMMENT ON VIEW kra.settings_in_force IS 'the settings, with the defaults for what is not set: one row';
COMMENT ON COLUMN kra.settings_in_force.fiscal_year_start_month IS 'first month of the year, 1 to 12';
COMMENT ON COLUMN kra.settings_in_force.week_start IS 'first day of the week, 1 Monday to 7 Sunday';
COMMENT ON COLUMN kra.settings_in_force.min_coverage IS 'share of the weight that needs data for a scorecard to have a score';
COMMENT ON COLUMN kra.settings_in_force.min_group_size IS 'fewest people in an aggregate that those who may not see its members are shown';
COMMENT ON COLUMN kra.settings_in_force.sees_all_role IS 'database role whose members see all subjects; NULL: none';
COMMENT ON COLUMN kra.settings_in_force.show_groups_above IS 'do people see the results of the groups that they belong to, too?';
COMMENT ON COLUMN kra.settings_in_force.history_periods IS 'periods back that trend, signal and misses of a result look at, its own included';
COMMENT ON COLUMN kra.settings_in_force.review_cadence IS 'how often a scorecard is reviewed: week, month, quarter or year';
COMMENT ON COLUMN kra.settings_in_force.check_in_days IS 'days between check-ins about those who miss a target';

CREATE FUNCTION kra.grid_in_force(cadence text) RETURNS smallint LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.grid(cadence, s.fiscal_year_start_month, s.week_start) FROM kra.settings_in_force s;
END;
COMMENT ON FUNCTION kra.grid_in_force(text) IS 'how periods of a cadence are cut under the settings in force';

-- A restore by pg_dump's own script or by pg_restore: both say check_function_bodies = off, and
-- run as the owner (row_security = off would not do: roles that read everything have it for good,
-- and --enable-row-security leaves it on). What a restore brings is not a change of a definition.
-- Nobody else can pass for one.
CREATE FUNCTION kra.is_restoring() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT current_setting('check_function_bodies') = 'off'
       AND pg_has_role(kra.viewer(), (SELECT relowner FROM pg_class WHERE oid = 'kra.definition_log'::regclass), 'USAGE');
END;
COMMENT ON FUNCTION kra.is_restoring() IS 'is the script of a dump being run? (check_function_bodies is off, by the owner of the tables)';

-- Grids. A restore brings them along, and must not ask settings that it has not loaded yet.

CREATE FUNCTION kra.kpis_fill_grid() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.grid IS NOT NULL AND kra.is_restoring() THEN
        RETURN NEW;
    END IF;
    -- the months of a KPI would pass for days that all lie on a first
    IF TG_OP = 'UPDATE' AND NEW.cadence <> OLD.cadence AND EXISTS (SELECT FROM kra.measurements WHERE kpi_id = OLD.id) THEN
        RAISE EXCEPTION 'the cadence of KPI % cannot change: its measurements fill periods of a %', quote_ident(OLD.key), OLD.cadence
            USING ERRCODE = 'check_violation', SCHEMA = 'kra', TABLE = 'measurements',
            HINT = 'Remove the measurements of the KPI first, and collect them again, or define a new KPI.';
    END IF;
    NEW.grid := kra.grid_in_force(NEW.cadence);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.kpis_fill_grid() IS 'trigger: the grid of a KPI, by its cadence and the settings, whatever was given; refuses another cadence where there are measurements. Security definer, since it asks for the measurements of all';
REVOKE EXECUTE ON FUNCTION kra.kpis_fill_grid() FROM PUBLIC;
CREATE TRIGGER kpis_fill_grid BEFORE INSERT OR UPDATE OF cadence, grid ON kra.kpis
    FOR EACH ROW EXECUTE FUNCTION kra.kpis_fill_grid();

-- A state is as old as its last change.
CREATE FUNCTION kra.kpis_state_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.state_since := current_date;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.kpis_state_changed() IS 'trigger: a state that changes holds from today on, unless another day was given';
REVOKE EXECUTE ON FUNCTION kra.kpis_state_changed() FROM PUBLIC;
CREATE TRIGGER kpis_state_changed BEFORE UPDATE ON kra.kpis
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state_since = OLD.state_since) EXECUTE FUNCTION kra.kpis_state_changed();

CREATE FUNCTION kra.measurements_fill_grid() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT k.grid INTO NEW.grid FROM kra.kpis k WHERE k.id = NEW.kpi_id;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.measurements_fill_grid() IS 'trigger: the grid of a measurement, by its KPI';
REVOKE EXECUTE ON FUNCTION kra.measurements_fill_grid() FROM PUBLIC;
CREATE TRIGGER measurements_fill_grid BEFORE INSERT ON kra.measurements
    FOR EACH ROW WHEN (NEW.grid IS NULL) EXECUTE FUNCTION kra.measurements_fill_grid();

-- Settings cut the periods: changing them changes the grids of KPIs, and is refused by the check
-- on measurements where periods are already filled.
CREATE FUNCTION kra.settings_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kra.is_restoring() THEN
        RETURN NULL;
    END IF;
    UPDATE kra.kpis SET grid = kra.grid_in_force(cadence) WHERE grid <> kra.grid_in_force(cadence);
    RETURN NULL;
EXCEPTION WHEN check_violation THEN
    RAISE EXCEPTION 'the calendar cannot change: measurements fill periods that are cut by it'
        USING ERRCODE = 'check_violation', HINT = 'Remove the measurements of KPIs with that cadence first, and collect them again.';
END $$;
COMMENT ON FUNCTION kra.settings_changed() IS 'trigger: KPIs follow the calendar of the settings; security definer, since the change reaches all KPIs';
REVOKE EXECUTE ON FUNCTION kra.settings_changed() FROM PUBLIC;
CREATE TRIGGER settings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON kra.settings
    FOR EACH STATEMENT EXECUTE FUNCTION kra.settings_changed();

-- The tree.

CREATE FUNCTION kra.rebuild_tree(changed integer[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    affected integer[];
    looping text;
    ring integer[];
BEGIN
    -- one at a time: two changes that are sound alone may make a loop together
    LOCK TABLE kra.subject_timeline IN SHARE ROW EXCLUSIVE MODE;

    SELECT array_agg(DISTINCT subject_id) INTO affected
    FROM kra.subject_ancestors WHERE ancestor_id = ANY (changed);

    DELETE FROM kra.subject_timeline WHERE subject_id = ANY (changed);
    INSERT INTO kra.subject_timeline (subject_id, valid_from, valid_until, resumes_on, parent_id, job_role_id)
    SELECT subject_id, effective_from, valid_until, resumes_on, parent_id, job_role_id
    FROM (
        SELECT p.*, coalesce(lead(effective_from) OVER w, 'infinity') AS valid_until,
               coalesce(min(effective_from) FILTER (WHERE is_active)
                        OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 'infinity') AS resumes_on
        FROM kra.placements p
        WHERE subject_id = ANY (changed)
        WINDOW w AS (PARTITION BY subject_id ORDER BY effective_from)
    ) p
    WHERE is_active;

    WITH RECURSIVE below AS (
        SELECT id FROM unnest(changed || affected) id
        UNION
        SELECT t.subject_id FROM below b JOIN kra.subject_timeline t ON t.parent_id = b.id
    )
    SELECT array_agg(b.id) INTO affected FROM below b JOIN kra.subjects s ON s.id = b.id;

    DELETE FROM kra.subject_ancestors WHERE subject_id = ANY (affected);
    WITH RECURSIVE up (subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on, path) AS (
        SELECT t.subject_id, t.parent_id, 1, t.valid_from, t.valid_until, t.resumes_on, ARRAY[t.subject_id, t.parent_id]
        FROM kra.subject_timeline t
        WHERE t.subject_id = ANY (affected) AND t.parent_id IS NOT NULL
        UNION ALL
        SELECT u.subject_id, t.parent_id, u.depth + 1, greatest(u.valid_from, t.valid_from), least(u.valid_until, t.valid_until),
               CASE WHEN t.resumes_on < u.valid_until THEN t.resumes_on ELSE u.resumes_on END,   -- what comes back while the subject is there, else its own next
               u.path || t.parent_id
        FROM up u
        JOIN kra.subject_timeline t ON t.subject_id = u.ancestor_id AND t.parent_id IS NOT NULL
            AND t.valid_from < u.valid_until AND u.valid_from < t.valid_until
        WHERE array_position(u.path, u.ancestor_id) = u.depth + 1   -- else it has come round
    ), filled AS (
        INSERT INTO kra.subject_ancestors (subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on)
        SELECT subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on
        FROM up WHERE array_position(path, ancestor_id) = depth + 1
        UNION ALL
        SELECT id, id, 0, '-infinity', 'infinity', 'infinity' FROM unnest(affected) id
    )
    SELECT format('%s, from %s on', string_agg(quote_ident(s.key), ' below ' ORDER BY p.n), u.valid_from), array_agg(s.id) INTO looping, ring
    FROM (SELECT * FROM up WHERE array_position(path, ancestor_id) <= depth ORDER BY depth, valid_from, path LIMIT 1) u
    CROSS JOIN LATERAL unnest(u.path[array_position(u.path, u.ancestor_id):]) WITH ORDINALITY p (id, n)
    JOIN kra.subjects s ON s.id = p.id
    GROUP BY u.valid_from;
    IF looping IS NOT NULL AND NOT kra.is_restoring() THEN   -- what is no loop together may be one, row by row
        -- a statement that inserts and updates comes here twice, and half of the ring may be of before it
        IF NOT ring <@ changed THEN
            PERFORM kra.rebuild_tree(changed || ring);
            RETURN;
        END IF;
        RAISE EXCEPTION 'a subject cannot be below itself: %', looping USING ERRCODE = 'check_violation';
    END IF;
END $$;
COMMENT ON FUNCTION kra.rebuild_tree(integer[]) IS 'derives subject_timeline and subject_ancestors of these subjects and all below them from placements; error for a loop. Security definer, since nobody may write these tables';
REVOKE EXECUTE ON FUNCTION kra.rebuild_tree(integer[]) FROM PUBLIC;

CREATE FUNCTION kra.sight() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'subject_id', c.subject_id, 'valid_until', c.valid_until,
        'valid_from', CASE WHEN EXISTS (SELECT FROM kra.subject_timeline t WHERE t.subject_id = c.subject_id AND t.valid_from < c.valid_from)
                           THEN c.valid_from ELSE '-infinity' END)), '[]')
    FROM kra.subjects s JOIN kra.subject_ancestors c ON c.ancestor_id = s.id
    WHERE s.login = kra.viewer();
END;
COMMENT ON FUNCTION kra.sight() IS 'spans of time of the subjects that the viewer sees by their logins, as kra.sees takes them; security definer, for the trigger of placements';
REVOKE EXECUTE ON FUNCTION kra.sight() FROM PUBLIC;

CREATE FUNCTION kra.placements_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed integer[];
    seen jsonb;
    shown text;
BEGIN
    IF NOT kra.sees_all() THEN
        seen := kra.sight();
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT subject_id) INTO changed FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT subject_id) INTO changed FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT subject_id) INTO changed FROM (SELECT subject_id FROM new_rows UNION ALL SELECT subject_id FROM old_rows) r;
    END IF;
    IF changed IS NOT NULL THEN
        PERFORM kra.rebuild_tree(changed);
    END IF;
    IF NOT kra.sees_all() THEN
        SELECT s.key INTO shown
        FROM (SELECT DISTINCT n.subject_id
              FROM jsonb_to_recordset(kra.sight()) n (subject_id integer, valid_from date, valid_until date)
              LEFT JOIN jsonb_to_recordset(seen) o (subject_id integer, valid_from date, valid_until date)
                  ON o.subject_id = n.subject_id AND o.valid_from <= n.valid_from AND o.valid_until >= n.valid_until
              WHERE o.subject_id IS NULL) n
        JOIN kra.subjects s ON s.id = n.subject_id
        WHERE EXISTS (
            SELECT FROM kra.measurements m
            WHERE m.subject_id = n.subject_id AND kra.sees(n.subject_id, m.period_start, kra.grid_end(m.grid, m.period_start))
              AND NOT EXISTS (
                  SELECT FROM jsonb_to_recordset(seen) o (subject_id integer, valid_from date, valid_until date)
                  WHERE o.subject_id = n.subject_id AND o.valid_from <= kra.grid_end(m.grid, m.period_start) AND o.valid_until > m.period_start))
        ORDER BY s.key LIMIT 1;
        IF shown IS NOT NULL THEN
            RAISE EXCEPTION 'role % may not change the tree so that it comes to see results of subject %', quote_ident(kra.viewer()), quote_ident(shown)
                USING ERRCODE = 'insufficient_privilege', HINT = 'Those who see all subjects may.';
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.placements_changed() IS 'trigger: the tree follows the placements, but shows nobody who does not see all subjects more results than before; security definer, since nobody may write the derived tables';
REVOKE EXECUTE ON FUNCTION kra.placements_changed() FROM PUBLIC;
CREATE TRIGGER placements_inserted AFTER INSERT ON kra.placements REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra.placements_changed();
CREATE TRIGGER placements_updated AFTER UPDATE ON kra.placements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra.placements_changed();
CREATE TRIGGER placements_deleted AFTER DELETE ON kra.placements REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra.placements_changed();

CREATE FUNCTION kra.subjects_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO kra.subject_ancestors (subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on)
    SELECT id, id, 0, '-infinity', 'infinity', 'infinity' FROM new_rows;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.subjects_added() IS 'trigger: every subject is in the tree; security definer, since nobody may write the derived tables';
REVOKE EXECUTE ON FUNCTION kra.subjects_added() FROM PUBLIC;
CREATE TRIGGER subjects_added AFTER INSERT ON kra.subjects REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra.subjects_added();

CREATE FUNCTION kra.truncate_tree() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM kra.subject_timeline;
    DELETE FROM kra.subject_ancestors WHERE depth > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.truncate_tree() IS 'trigger: the tree follows the placements; security definer, since nobody may write the derived tables';
REVOKE EXECUTE ON FUNCTION kra.truncate_tree() FROM PUBLIC;
CREATE TRIGGER placements_truncated AFTER TRUNCATE ON kra.placements
    FOR EACH STATEMENT EXECUTE FUNCTION kra.truncate_tree();

-- Objectives are a tree, too; it is not dated, so a walk up is enough.
CREATE FUNCTION kra.objectives_check_loop() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- one at a time: two changes that are sound alone may make a loop together. ASCII 'kra', and a number that no KPI has
    PERFORM pg_advisory_xact_lock(7041633, -2);
    IF EXISTS (
        WITH RECURSIVE up (id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT o.parent_id FROM up JOIN kra.objectives o ON o.id = up.id WHERE o.parent_id IS NOT NULL
        )
        SELECT FROM up WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'an objective cannot serve itself: %', quote_ident(NEW.key) USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.objectives_check_loop() IS 'trigger: refuses loops of objectives';
REVOKE EXECUTE ON FUNCTION kra.objectives_check_loop() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER objectives_check_loop AFTER INSERT OR UPDATE OF parent_id ON kra.objectives
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION kra.objectives_check_loop();

-- One KPI stands in one KRA of a role at a time: a scorecard names it once.
CREATE VIEW kra.role_kpis AS
SELECT ra.job_role_id, ra.id AS result_area_id, rk.kpi_id, rk.effective_from,
       coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id, rk.kpi_id ORDER BY rk.effective_from), 'infinity') AS effective_until,
       rk.weight, rk.target, rk.provenance, rk.is_active
FROM kra.result_area_kpis rk
JOIN kra.result_areas ra ON ra.id = rk.result_area_id;
ALTER VIEW kra.role_kpis SET (security_invoker = true);
COMMENT ON VIEW kra.role_kpis IS 'KPIs of roles, as spans of time: a row of result_area_kpis with the day on which the next one takes over';
COMMENT ON COLUMN kra.role_kpis.job_role_id IS 'the role';
COMMENT ON COLUMN kra.role_kpis.result_area_id IS 'the KRA';
COMMENT ON COLUMN kra.role_kpis.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.role_kpis.effective_from IS 'first day';
COMMENT ON COLUMN kra.role_kpis.effective_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra.role_kpis.weight IS 'weight on the scorecard';
COMMENT ON COLUMN kra.role_kpis.target IS 'target of all who have the role';
COMMENT ON COLUMN kra.role_kpis.provenance IS 'where the target comes from';
COMMENT ON COLUMN kra.role_kpis.is_active IS 'false: off the scorecard';

CREATE FUNCTION kra.result_area_kpis_check() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows jsonb[] := ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END];
    areas integer[];
    kpis integer[];
    roles integer[];
    twice text;
BEGIN
    IF kra.is_restoring() THEN   -- what is sound together need not be, row by row
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'result_areas' THEN
        areas := ARRAY[NEW.id];
        kpis := ARRAY(SELECT DISTINCT kpi_id FROM kra.result_area_kpis WHERE result_area_id = NEW.id);
    ELSE
        areas := ARRAY(SELECT DISTINCT (r->>'result_area_id')::integer FROM unnest(rows) r WHERE r IS NOT NULL);
        kpis := ARRAY(SELECT DISTINCT (r->>'kpi_id')::integer FROM unnest(rows) r WHERE r IS NOT NULL);
    END IF;
    -- one at a time: two changes that are sound alone may not be together
    roles := ARRAY(SELECT DISTINCT job_role_id FROM kra.result_areas WHERE id = ANY (areas));
    PERFORM FROM kra.job_roles WHERE id = ANY (roles) ORDER BY id FOR NO KEY UPDATE;
    SELECT format('KPI %s stands in two KRAs of role %s on %s', quote_ident(k.key), quote_ident(r.key), greatest(a.effective_from, b.effective_from))
    INTO twice
    FROM kra.role_kpis a
    JOIN kra.role_kpis b ON b.job_role_id = a.job_role_id AND b.kpi_id = a.kpi_id AND b.is_active AND b.result_area_id > a.result_area_id
        AND b.effective_from < a.effective_until AND a.effective_from < b.effective_until
    JOIN kra.kpis k ON k.id = a.kpi_id
    JOIN kra.job_roles r ON r.id = a.job_role_id
    WHERE a.job_role_id = ANY (roles) AND a.kpi_id = ANY (kpis) AND a.is_active
    ORDER BY k.key, r.key, greatest(a.effective_from, b.effective_from)
    LIMIT 1;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION '%', twice USING ERRCODE = 'check_violation',
            HINT = 'Take it off the one (is_active => false) on the day on which it comes to the other.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.result_area_kpis_check() IS 'trigger: refuses a KPI in two KRAs of a role at the same time; security definer, since it locks the role';
REVOKE EXECUTE ON FUNCTION kra.result_area_kpis_check() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER result_area_kpis_check AFTER INSERT OR UPDATE OR DELETE ON kra.result_area_kpis
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION kra.result_area_kpis_check();
CREATE CONSTRAINT TRIGGER result_area_kpis_check AFTER UPDATE OF job_role_id ON kra.result_areas
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (NEW.job_role_id <> OLD.job_role_id) EXECUTE FUNCTION kra.result_area_kpis_check();

-- A target says who set it and when, and when it was changed in place. Only the owner of the tables
-- may say something else: he brings history along.
CREATE FUNCTION kra.target_set() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_has_role(kra.viewer(), (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.set_by := kra.viewer();
        NEW.set_at := now();
        NEW.revised_at := NULL;
    ELSE
        NEW.set_by := CASE WHEN OLD.target::text IS DISTINCT FROM NEW.target::text THEN kra.viewer()::text ELSE OLD.set_by END;
        NEW.set_at := OLD.set_at;
        NEW.revised_at := OLD.revised_at;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.target_set() IS 'trigger: who set a target and when, whatever was given; the owner of the tables may give it';
REVOKE EXECUTE ON FUNCTION kra.target_set() FROM PUBLIC;
CREATE FUNCTION kra.target_revised() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.revised_at := now();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.target_revised() IS 'trigger: notes when a target was changed in place';
REVOKE EXECUTE ON FUNCTION kra.target_revised() FROM PUBLIC;
-- they fire in the order of their names
CREATE TRIGGER target_a_set BEFORE INSERT OR UPDATE ON kra.targets
    FOR EACH ROW EXECUTE FUNCTION kra.target_set();
CREATE TRIGGER target_b_revised BEFORE UPDATE ON kra.targets
    FOR EACH ROW WHEN ((OLD.kpi_id, OLD.subject_id, OLD.effective_from) <> (NEW.kpi_id, NEW.subject_id, NEW.effective_from)
                       OR (OLD.target IS NULL) <> (NEW.target IS NULL) OR OLD.target OPERATOR(kra.<>) NEW.target) EXECUTE FUNCTION kra.target_revised();
CREATE TRIGGER target_a_set BEFORE INSERT OR UPDATE ON kra.result_area_kpis
    FOR EACH ROW EXECUTE FUNCTION kra.target_set();
CREATE TRIGGER target_b_revised BEFORE UPDATE ON kra.result_area_kpis
    FOR EACH ROW WHEN ((OLD.result_area_id, OLD.kpi_id, OLD.effective_from) <> (NEW.result_area_id, NEW.kpi_id, NEW.effective_from)
                       OR (OLD.target IS NULL) <> (NEW.target IS NULL) OR OLD.target OPERATOR(kra.<>) NEW.target) EXECUTE FUNCTION kra.target_revised();

-- The log.

CREATE FUNCTION kra.definition_key(table_name text, definition jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE table_name
        WHEN 'settings' THEN 'settings'
        WHEN 'rule_settings' THEN definition->>'rule'
        WHEN 'placements' THEN concat_ws(' / ', n.subject, n.from_day)
        WHEN 'kpi_owners' THEN concat_ws(' / ', n.kpi, n.from_day)
        WHEN 'benchmarks' THEN concat_ws(' / ', n.kpi, n.from_day)
        WHEN 'targets' THEN concat_ws(' / ', n.kpi, n.subject, n.from_day)
        WHEN 'result_areas' THEN concat_ws(' / ', coalesce(
            (SELECT r.key FROM kra.job_roles r WHERE r.id = (definition->>'job_role_id')::integer),
            '#' || (definition->>'job_role_id')), definition->>'key')
        WHEN 'milestones' THEN concat_ws(' / ', coalesce(
            (SELECT o.key FROM kra.objectives o WHERE o.id = (definition->>'objective_id')::integer),
            '#' || (definition->>'objective_id')), definition->>'key')
        WHEN 'result_area_kpis' THEN concat_ws(' / ', coalesce(
            (SELECT concat_ws(' / ', r.key, a.key) FROM kra.result_areas a JOIN kra.job_roles r ON r.id = a.job_role_id
             WHERE a.id = (definition->>'result_area_id')::integer),
            '#' || (definition->>'result_area_id')), n.kpi, n.from_day)
        ELSE definition->>'key'
    END
    FROM (SELECT coalesce((SELECT s.key FROM kra.subjects s WHERE s.id = (definition->>'subject_id')::integer), '#' || (definition->>'subject_id')) AS subject,
                 coalesce((SELECT k.key FROM kra.kpis k WHERE k.id = (definition->>'kpi_id')::integer), '#' || (definition->>'kpi_id')) AS kpi,
                 definition->>'effective_from' AS from_day) n;
END;
COMMENT ON FUNCTION kra.definition_key(text, jsonb) IS 'row_key of a definition in the log: its keys and first day, joined by slashes; #id stands for what has gone with it';

CREATE FUNCTION kra.log_definition() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
    IF old_row = new_row OR kra.is_restoring() THEN
        RETURN NULL;
    END IF;
    INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation, before, after)
    VALUES (now(), kra.viewer(), TG_TABLE_NAME, kra.definition_key(TG_TABLE_NAME, coalesce(new_row, old_row)), lower(TG_OP), old_row, new_row);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.log_definition() IS 'trigger: writes every change of a definition to definition_log; security definer, since nobody may write the log';
REVOKE EXECUTE ON FUNCTION kra.log_definition() FROM PUBLIC;

CREATE FUNCTION kra.log_truncation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation, before)
                    SELECT now(), kra.viewer(), %1$L, kra.definition_key(%1$L, r), ''delete'', r FROM (SELECT to_jsonb(t) AS r FROM kra.%1$I t) t', TG_TABLE_NAME);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra.log_truncation() IS 'trigger: writes all rows to definition_log before they go at once; security definer, since nobody may write the log';
REVOKE EXECUTE ON FUNCTION kra.log_truncation() FROM PUBLIC;

CREATE FUNCTION kra.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
COMMENT ON FUNCTION kra.refuse_change() IS 'trigger: refuses to change or remove rows';
REVOKE EXECUTE ON FUNCTION kra.refuse_change() FROM PUBLIC;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON kra.definition_log
    FOR EACH STATEMENT EXECUTE FUNCTION kra.refuse_change();

CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.settings FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.job_roles FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.subjects FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.placements FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.objectives FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.milestones FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.kpis FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.kpi_owners FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.result_areas FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.result_area_kpis FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.targets FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.benchmarks FOR EACH ROW EXECUTE FUNCTION kra.log_definition();
CREATE TRIGGER log_definition AFTER INSERT OR UPDATE OR DELETE ON kra.rule_settings FOR EACH ROW EXECUTE FUNCTION kra.log_definition();

CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.settings FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.job_roles FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.subjects FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.placements FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.objectives FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.milestones FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.kpis FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.kpi_owners FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.result_areas FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.result_area_kpis FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.targets FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.benchmarks FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.rule_settings FOR EACH STATEMENT EXECUTE FUNCTION kra.log_truncation();
-- What was aimed for and what came of it: the one place where targets are found and measurements
-- are put together, for any subject, KPI and period, as of any date.
--
-- A row in force on a date is the newest not after it. A period is judged by what is in force on
-- its last day, or on the day of asking when that comes first (upto). Of the spans of a subject the
-- last that touches the period counts: who left or moved within it counts where he was last.
--
--   periods → card (who is judged by what) → results (target and actual) → kpi_results (views)
--                               target_of, actual_of, series: what is not found by one lookup

CREATE FUNCTION kra.data_range(as_of date, OUT first_start date, OUT last_start date, OUT finest integer) LANGUAGE sql STABLE PARALLEL SAFE COST 10000
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT min(period_start), max(period_start), (SELECT min(grid / 10) FROM kra.kpis) FROM kra.measurements WHERE period_start <= as_of;
END;
COMMENT ON FUNCTION kra.data_range(date) IS 'first and last period start of all measurements up to a date, NULL without; and the finest cadence of all KPIs (0 day, 1 week, 2 month, 3 quarter, 4 year). Security definer: the calendar is the same for all, and shows nothing else';

CREATE FUNCTION kra.periods(as_of date DEFAULT current_date)
RETURNS TABLE (period_grain text, grid smallint, period_start date, period_end date, upto date, period_label text, previous_label text, is_latest boolean, history_periods integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT g.period_grain, g.grid, g.at::date, kra.grid_end(g.grid, g.at::date), least(kra.grid_end(g.grid, g.at::date), as_of),
           kra.grid_label(g.grid, g.at::date, (SELECT fiscal_year_start_month FROM kra.settings_in_force)),
           kra.grid_label(g.grid, kra.grid_shift(g.grid, g.at::date, -1), (SELECT fiscal_year_start_month FROM kra.settings_in_force)),
           g.at::date = kra.grid_start(g.grid, g.last_start), (SELECT history_periods FROM kra.settings_in_force)
    FROM (
        SELECT 'day' AS period_grain, 1::smallint AS grid, at, r.last_start
        FROM kra.data_range(as_of) r, generate_series(r.first_start::timestamp, r.last_start::timestamp, interval '1 day') at
        WHERE r.finest = 0
        UNION ALL
        SELECT 'week', s.grid, at, r.last_start
        FROM (SELECT kra.grid_in_force('week') AS grid) s, kra.data_range(as_of) r,
             generate_series(kra.grid_start(s.grid, r.first_start)::timestamp, r.last_start::timestamp, interval '7 days') at
        WHERE r.finest <= 1
        UNION ALL
        SELECT 'month', 20::smallint, at, r.last_start
        FROM kra.data_range(as_of) r,
             generate_series(kra.grid_start(20::smallint, r.first_start)::timestamp, r.last_start::timestamp, interval '1 month') at
        WHERE r.finest <= 2
        UNION ALL
        SELECT 'quarter', s.grid, at, r.last_start
        FROM (SELECT kra.grid_in_force('quarter') AS grid) s, kra.data_range(as_of) r,
             generate_series(kra.grid_start(s.grid, r.first_start)::timestamp, r.last_start::timestamp, interval '3 months') at
        WHERE r.finest <= 3
        UNION ALL
        SELECT 'year', s.grid, at, r.last_start
        FROM (SELECT kra.grid_in_force('year') AS grid) s, kra.data_range(as_of) r,
             generate_series(kra.grid_start(s.grid, r.first_start)::timestamp, r.last_start::timestamp, interval '1 year') at
    ) g;
END;
COMMENT ON FUNCTION kra.periods(date) IS 'periods of every grain that KPIs have, from the first measurement to the last that began by as_of; upto is the last day of each, or as_of when that comes first; is_latest marks the last';

-- The span of a subject that counts in a period: the last that touches it.
CREATE FUNCTION kra.counts_in(valid_from date, valid_until date, resumes_on date, period_start date, upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT valid_from <= upto AND valid_until > period_start AND resumes_on > upto;
END;
COMMENT ON FUNCTION kra.counts_in(date, date, date, date, date) IS 'is this span of subject_timeline or subject_ancestors the one that counts in the period?';

CREATE FUNCTION kra.stale_after(cadence text, stale_after_days integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(stale_after_days, CASE cadence WHEN 'day' THEN 3 WHEN 'week' THEN 10 WHEN 'month' THEN 45 WHEN 'quarter' THEN 135 ELSE 400 END);
END;
COMMENT ON FUNCTION kra.stale_after(text, integer) IS 'days without a newer observation after which data of a KPI are stale: as set, else by its cadence';

-- Targets.

-- On the way to a target with dates, a period is missed when it falls behind what was expected by its end.
CREATE FUNCTION kra.is_missed(actual double precision, target kra.kpi_target, upto date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE kra.status(actual, target, upto) WHEN 'off_track' THEN true WHEN 'at_risk' THEN true WHEN 'on_track' THEN false WHEN 'exceeded' THEN false END;
END;
COMMENT ON FUNCTION kra.is_missed(double precision, kra.kpi_target, date) IS 'did a period that ended, or was asked about, on a day miss its target, or, while the dates of the target run, what was expected by then? NULL: no data or no target';

CREATE FUNCTION kra.target_in_force(kpi_id integer, subject_id integer, period_start date, upto date) RETURNS kra.kpi_target
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
        FROM kra.subject_timeline tl
        JOIN kra.result_areas ra ON ra.job_role_id = tl.job_role_id
        JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.kpi_id = target_in_force.kpi_id
        WHERE tl.subject_id = target_in_force.subject_id AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, target_in_force.period_start, target_in_force.upto)
          AND rk.effective_from <= target_in_force.upto AND rk.is_active
          AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                          AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= target_in_force.upto)
        LIMIT 1;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.target_in_force(integer, integer, date, date) IS 'target of a subject with a KPI in a period of its cadence: its own, else that of its role; NULL: none';

-- Actuals.

-- In plpgsql: within a transaction, a plain expression keeps the plan of an SQL function, with the
-- row-level security of the role that came first.
CREATE FUNCTION kra.has_members(subject_id integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN EXISTS (SELECT FROM kra.subject_ancestors c WHERE c.ancestor_id = has_members.subject_id AND c.depth = 1);
END $$;
COMMENT ON FUNCTION kra.has_members(integer) IS 'is there, or was there ever, somebody below the subject?';

-- Of a group: where it has a measurement of its own, that; else its members', each counted where
-- it was, and a group below that has its own in place of those below it. Inlined by the planner.
CREATE FUNCTION kra.group_series(kpi_id integer, subject_id integer, from_start date, upto date, over_time text, over_subjects text, own_groups integer[])
RETURNS TABLE (period_start date, summary kra.kpi_actual, members integer) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.period_start, CASE WHEN over_time = over_subjects THEN v.pooled
                ELSE (SELECT kra.actual_agg(o.value, o.at) FROM (SELECT kra.value(v.each, over_subjects) AS value, v.period_start AS at) o) END, v.members
    FROM (
        SELECT m.period_start,
               sum(CASE WHEN c.subject_id = ANY (own_groups) THEN   -- it speaks for all in it
                       (SELECT greatest(count(*), 1) FROM kra.subject_ancestors b
                        WHERE b.ancestor_id = c.subject_id AND b.depth > 0
                          AND kra.counts_in(b.valid_from, b.valid_until, b.resumes_on, m.period_start, least(kra.grid_end(m.grid, m.period_start), group_series.upto)))
                   ELSE 1 END)::integer AS members,
               kra.rollup(m.actual) FILTER (WHERE over_time = over_subjects) AS pooled,
               kra.actual_agg(kra.value(m.actual, over_time), m.period_start) FILTER (WHERE over_time <> over_subjects) AS each
        FROM kra.subject_ancestors c
        JOIN kra.measurements m ON m.kpi_id = group_series.kpi_id AND m.subject_id = c.subject_id
            AND m.period_start BETWEEN from_start AND group_series.upto
        WHERE c.ancestor_id = group_series.subject_id
          AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, m.period_start, least(kra.grid_end(m.grid, m.period_start), group_series.upto))
          AND (own_groups = '{}' OR NOT EXISTS (
              SELECT FROM kra.subject_ancestors g
              JOIN kra.measurements o ON o.kpi_id = m.kpi_id AND o.subject_id = g.ancestor_id AND o.period_start = m.period_start
              WHERE g.subject_id = m.subject_id AND g.ancestor_id = ANY (own_groups) AND g.depth BETWEEN 1 AND c.depth
                AND kra.counts_in(g.valid_from, g.valid_until, g.resumes_on, m.period_start, least(kra.grid_end(m.grid, m.period_start), group_series.upto))))
        GROUP BY m.period_start
    ) v;
END;
COMMENT ON FUNCTION kra.group_series(integer, integer, date, date, text, text, integer[]) IS 'the part of base_series that reads a group; own_groups: the groups in it that have measurements of their own';
CREATE FUNCTION kra.base_series(kpi_id integer, subject_id integer, from_start date, upto date)
RETURNS TABLE (period_start date, summary kra.kpi_actual, members integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    own_groups integer[];
BEGIN
    IF NOT kra.has_members(base_series.subject_id) THEN
        RETURN QUERY
        SELECT m.period_start, m.actual, 1 FROM kra.measurements m
        WHERE m.kpi_id = base_series.kpi_id AND m.subject_id = base_series.subject_id
          AND m.period_start BETWEEN base_series.from_start AND base_series.upto;
        RETURN;
    END IF;
    SELECT over_time, over_subjects INTO k FROM kra.kpis WHERE id = base_series.kpi_id;
    own_groups := ARRAY(
        SELECT g.subject_id
        FROM (SELECT DISTINCT c.subject_id FROM kra.subject_ancestors c WHERE c.ancestor_id = base_series.subject_id
              AND EXISTS (SELECT FROM kra.subject_timeline t WHERE t.parent_id = c.subject_id)) g
        WHERE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = base_series.kpi_id AND m.subject_id = g.subject_id
                      AND m.period_start BETWEEN base_series.from_start AND base_series.upto));
    -- The plan that is kept suits a team; for a company it pays to look at the numbers.
    IF (SELECT count(*) FROM (SELECT FROM kra.subject_ancestors c WHERE c.ancestor_id = base_series.subject_id LIMIT 500) m) = 500 THEN
        RETURN QUERY EXECUTE 'SELECT * FROM kra.group_series($1, $2, $3, $4, $5, $6, $7)'
        USING base_series.kpi_id, base_series.subject_id, base_series.from_start, base_series.upto, k.over_time, k.over_subjects, own_groups;
    ELSE
        RETURN QUERY SELECT * FROM kra.group_series(base_series.kpi_id, base_series.subject_id, base_series.from_start, base_series.upto,
                                                    k.over_time, k.over_subjects, own_groups);
    END IF;
END $$;
COMMENT ON FUNCTION kra.base_series(integer, integer, date, date) IS 'summaries of a subject with a KPI, by period of the KPI''s cadence that starts in from_start..upto: its own, else its members'' by the KPI''s aggregation over subjects; read them with value(summary, over_time), those of a group that is counted over time alone with sum';

CREATE FUNCTION kra.series(kpi_id integer, subject_id integer, grid smallint, from_start date, upto date)
RETURNS TABLE (period_start date, actual double precision, members integer, last_at date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
BEGIN
    SELECT CASE WHEN over_time = 'count' AND over_subjects <> 'count' AND kra.has_members(series.subject_id)
                THEN 'sum' ELSE over_time END AS over_time, kpis.grid   -- counts of a group are values already
    INTO k FROM kra.kpis WHERE id = series.kpi_id;
    IF k.grid = series.grid THEN
        RETURN QUERY
        SELECT b.period_start, kra.value(b.summary, k.over_time), b.members, (kra.last_at(b.summary) AT TIME ZONE 'UTC')::date
        FROM kra.base_series(series.kpi_id, series.subject_id, series.from_start, series.upto) b;
    ELSE
        RETURN QUERY
        SELECT kra.grid_start(series.grid, b.period_start), kra.value(kra.rollup(b.summary), k.over_time), max(b.members),
               max((kra.last_at(b.summary) AT TIME ZONE 'UTC')::date)
        FROM kra.base_series(series.kpi_id, series.subject_id, series.from_start, series.upto) b
        GROUP BY 1;
    END IF;
END $$;
COMMENT ON FUNCTION kra.series(integer, integer, smallint, date, date) IS 'actual values of a subject with a KPI, by period of a grid not finer than the KPI''s own; periods without data have no row. members: how many subjects the value comes from, all below a group that is measured itself';

CREATE TYPE kra.period_actual AS (actual double precision, members integer, last_at date);
COMMENT ON TYPE kra.period_actual IS 'actual value of a period, how many subjects it comes from, and the day of the last observation';

CREATE FUNCTION kra.actual_of(kpi_id integer, subject_id integer, grid smallint, period_start date, upto date) RETURNS kra.period_actual
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    result kra.period_actual;
BEGIN
    SELECT s.actual, s.members, s.last_at INTO result
    FROM kra.series(actual_of.kpi_id, actual_of.subject_id, actual_of.grid, actual_of.period_start, actual_of.upto) s;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.actual_of(integer, integer, smallint, date, date) IS 'actual of a subject with a KPI in one period; NULLs: no data';

-- Derived targets.

CREATE FUNCTION kra.members_target(kpi_id integer, subject_id integer, period_start date, upto date) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    result kra.kpi_target;
BEGIN
    SELECT over_time, over_subjects, grid INTO k FROM kra.kpis WHERE id = members_target.kpi_id;
    WITH below AS MATERIALIZED (   -- every member with its own target, else that of its role
        SELECT c.subject_id, CASE WHEN o.subject_id IS NOT NULL THEN o.target ELSE r.target END AS target
        FROM kra.subject_ancestors c
        LEFT JOIN (
            SELECT DISTINCT ON (t.subject_id) t.subject_id, t.target FROM kra.targets t
            WHERE t.kpi_id = members_target.kpi_id AND t.effective_from <= members_target.upto
            ORDER BY t.subject_id, t.effective_from DESC
        ) o ON o.subject_id = c.subject_id
        LEFT JOIN kra.subject_timeline tl ON tl.subject_id = c.subject_id
            AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, members_target.period_start, members_target.upto)
        LEFT JOIN (
            SELECT DISTINCT ON (ra.job_role_id, ra.id) ra.job_role_id, rk.target, rk.is_active
            FROM kra.result_area_kpis rk
            JOIN kra.result_areas ra ON ra.id = rk.result_area_id
            WHERE rk.kpi_id = members_target.kpi_id AND rk.effective_from <= members_target.upto
            ORDER BY ra.job_role_id, ra.id, rk.effective_from DESC
        ) r ON r.job_role_id = tl.job_role_id AND r.is_active
        WHERE c.ancestor_id = members_target.subject_id AND c.depth > 0
          AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, members_target.period_start, members_target.upto)
    ), groups AS MATERIALIZED (    -- a group with a target stands for those below it
        SELECT DISTINCT b.subject_id
        FROM below b JOIN kra.subject_ancestors c ON c.ancestor_id = b.subject_id AND c.depth = 1
        WHERE b.target IS NOT NULL
    ), heads AS MATERIALIZED (
        SELECT b.subject_id, b.target FROM below b
        WHERE NOT EXISTS (SELECT FROM groups)
           OR NOT EXISTS (
               SELECT FROM groups g JOIN kra.subject_ancestors c ON c.ancestor_id = g.subject_id
               WHERE c.subject_id = b.subject_id AND c.depth > 0
                 AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, members_target.period_start, members_target.upto))
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
                  AND m.period_start BETWEEN members_target.period_start AND members_target.upto
                  AND NOT kra.has_members(h.subject_id)
                UNION ALL
                SELECT b.summary FROM kra.base_series(members_target.kpi_id, h.subject_id, members_target.period_start, members_target.upto) b
                WHERE kra.has_members(h.subject_id)
            ) x
        ) m ON k.over_subjects IN ('ratio', 'mean')
        WHERE h.target IS NOT NULL
    )
    SELECT CASE WHEN k.over_subjects IN ('sum', 'count') THEN
                CASE WHEN NOT EXISTS (   -- an actual that nothing was asked for would raise the rest
                    SELECT FROM heads h
                    JOIN kra.measurements m ON m.kpi_id = members_target.kpi_id AND m.subject_id = h.subject_id
                        AND m.period_start BETWEEN members_target.period_start AND members_target.upto
                    WHERE h.target IS NULL AND NOT kra.has_members(h.subject_id))
                THEN CASE WHEN kra.direction(kra.sum(h.target)) = 'at_least' THEN kra.sum(h.target)
                          WHEN kra.sum(h.target) IS NOT NULL THEN   -- room that nobody is known to have kept to is no room
                              coalesce((SELECT kra.sum(x.target) FROM heads x WHERE CASE WHEN kra.has_members(x.subject_id)
                                  THEN (kra.actual_of(members_target.kpi_id, x.subject_id, k.grid, members_target.period_start, members_target.upto)).actual IS NOT NULL
                                  ELSE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = members_target.kpi_id AND m.subject_id = x.subject_id
                                               AND m.period_start BETWEEN members_target.period_start AND members_target.upto) END),
                                  kra.sum(h.target)) END END
            WHEN kra.min(h.target) OPERATOR(kra.=) kra.max(h.target) THEN kra.min(h.target)
            ELSE (SELECT CASE WHEN sum(w.weight) > 0
                              THEN kra.target_times(kra.sum(kra.target_times(w.target, w.weight)) FILTER (WHERE w.weight > 0), 1 / sum(w.weight))
                              ELSE kra.target_times(kra.sum(w.target), 1.0 / nullif(count(*), 0)) END
                  FROM weighted w) END
    INTO result
    FROM heads h;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.members_target(integer, integer, date, date) IS 'target of a group that has none of its own, out of its members'': their sum where the KPI is summed over subjects (of all members, with or without data, for at_least; of those with data for the rest; NULL when one has data and no target), else their mean, weighted as the actual is; NULL: none, or different directions';

CREATE FUNCTION kra.target_of(kpi_id integer, subject_id integer, grid smallint, period_start date, upto date) RETURNS kra.kpi_target
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
        at := kra.grid_start(k.grid, target_of.period_start);
        IF at < target_of.period_start THEN   -- a week belongs where it starts
            at := kra.grid_shift(k.grid, at, 1);
        END IF;
        WHILE at <= least(target_of.upto, (SELECT last_start FROM kra.data_range('infinity'))) LOOP
            part := kra.target_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra.grid_end(k.grid, at), target_of.upto));
            IF part IS NOT NULL THEN
                result := CASE WHEN result IS NULL THEN part ELSE kra.target_add(result, part) END;
                IF result IS NULL THEN
                    RETURN NULL;   -- the direction has changed
                END IF;
                IF kra.direction(part) <> 'at_least' THEN
                    has_data := (kra.actual_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra.grid_end(k.grid, at), target_of.upto))).actual IS NOT NULL;
                    observed := CASE WHEN NOT has_data THEN observed WHEN observed IS NULL THEN part ELSE kra.target_add(observed, part) END;
                END IF;
            ELSIF (kra.actual_of(target_of.kpi_id, target_of.subject_id, k.grid, at, least(kra.grid_end(k.grid, at), target_of.upto))).actual IS NOT NULL THEN
                RETURN NULL;       -- an actual that nothing was asked for would raise the rest
            END IF;
            at := kra.grid_shift(k.grid, at, 1);
        END LOOP;
        RETURN coalesce(observed, result);   -- room that nobody is known to have kept to is no room
    END IF;
    result := kra.target_in_force(target_of.kpi_id, target_of.subject_id, target_of.period_start, target_of.upto);
    IF result IS NULL AND kra.has_members(target_of.subject_id)
       AND NOT EXISTS (SELECT FROM kra.targets t WHERE t.kpi_id = target_of.kpi_id AND t.subject_id = target_of.subject_id AND t.effective_from <= target_of.upto) THEN
        result := kra.members_target(target_of.kpi_id, target_of.subject_id, target_of.period_start, target_of.upto);
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.target_of(integer, integer, smallint, date, date) IS 'target of a subject with a KPI in a period: its own, else its role''s, else its members''; for longer periods of a summed or counted KPI the sum over the periods of its cadence: over all of them for at_least, over those with data for the rest, so that missing data never help. NULL: none';

-- Cards.

-- One function with one plan a session for each of its questions, and not one query with all of them:
-- a person's card would cost more to plan than to read.
CREATE FUNCTION kra.card(subject_id integer, grid smallint, period_start date, upto date)
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
    SELECT tl.job_role_id, tl.valid_from, EXISTS (SELECT FROM kra.subject_ancestors c WHERE c.ancestor_id = card.subject_id AND c.depth = 1)
    INTO role_id, role_from, is_group
    FROM (SELECT) one
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = card.subject_id
        AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto);
    IF role_id IS NOT NULL THEN
        RETURN QUERY
        SELECT role_id, l.key, l.name, l.perspective, l.area_position, l.kpi_position, l.kpi_id, l.is_base, l.weight, false, 1, l.target,
               l.target_from, l.set_at, l.revised_at, l.provenance,
               CASE WHEN l.measured IS NOT NULL THEN kra.value(l.measured, l.over_time) ELSE (l.found).actual END,
               CASE WHEN l.measured IS NOT NULL THEN 1 ELSE (l.found).members END,
               CASE WHEN l.measured IS NOT NULL THEN (kra.last_at(l.measured) AT TIME ZONE 'UTC')::date ELSE (l.found).last_at END
        FROM (
            SELECT ra.key, ra.name, ra.perspective, ra.position AS area_position, rk.position AS kpi_position,
                   k.id AS kpi_id, k.grid = card.grid AS is_base, k.over_time, rk.weight,
                   CASE WHEN k.grid <> card.grid AND k.over_time IN ('sum', 'count')
                        THEN kra.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto)
                        WHEN o.subject_id IS NOT NULL THEN o.target
                        WHEN rk.target IS NOT NULL THEN rk.target
                        WHEN is_group THEN kra.members_target(k.id, card.subject_id, card.period_start, card.upto) END AS target,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.effective_from WHEN rk.target IS NOT NULL THEN greatest(rk.effective_from, role_from) END AS target_from,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.set_at WHEN rk.target IS NOT NULL THEN rk.set_at END AS set_at,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.revised_at WHEN rk.target IS NOT NULL THEN rk.revised_at END AS revised_at,
                   CASE WHEN o.subject_id IS NOT NULL THEN o.provenance WHEN rk.target IS NOT NULL THEN rk.provenance END AS provenance,
                   m.actual AS measured,
                   CASE WHEN m.actual IS NULL AND (is_group OR k.grid <> card.grid)
                        THEN kra.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) END AS found
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card.upto AND rk.is_active
            JOIN kra.kpis k ON k.id = rk.kpi_id AND k.grid / 10 <= card.grid / 10 AND k.state <> 'candidate'
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
               kra.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto), o.effective_from, o.set_at, o.revised_at, o.provenance,
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
                    FROM kra.subject_ancestors c
                    JOIN kra.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                        AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto)
                    WHERE c.ancestor_id = card.subject_id AND c.depth > 0
                      AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, card.period_start, card.upto)
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
        JOIN kra.kpis k ON k.id = l.kpi_id AND k.grid / 10 <= card.grid / 10 AND k.state <> 'candidate'
        CROSS JOIN LATERAL kra.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) a
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card.subject_id AND t.effective_from <= card.upto
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true;
    END IF;

    -- What is measured of the subject itself and stands on no card: shown, not scored.
    roles := CASE WHEN role_id IS NOT NULL THEN ARRAY[role_id]
                  WHEN is_group THEN ARRAY(SELECT DISTINCT tl.job_role_id
                                           FROM kra.subject_ancestors c
                                           JOIN kra.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                                               AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, card.period_start, card.upto)
                                           WHERE c.ancestor_id = card.subject_id AND c.depth > 0
                                             AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, card.period_start, card.upto))
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
               kra.target_of(k.id, card.subject_id, card.grid, card.period_start, card.upto), o.effective_from, o.set_at, o.revised_at, o.provenance,
               a.actual, a.members, a.last_at
        FROM kra.kpis k
        CROSS JOIN LATERAL kra.actual_of(k.id, card.subject_id, card.grid, card.period_start, card.upto) a
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card.subject_id AND t.effective_from <= card.upto
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true
        WHERE k.id = ANY (uncarded) AND k.grid / 10 <= card.grid / 10;
    END IF;
END $$;
COMMENT ON FUNCTION kra.card(integer, smallint, date, date) IS 'what a subject is judged by in a period, with the target in force and the actual: the KPIs of its role, else, for a group, those of its members with their weights added up (is_derived; card_members: how many carry it). target_from to provenance are those of its own or its role''s target. What is measured and on no card has neither KRA nor weight. is_base: the period is one of the KPI''s cadence';
-- What the views show, as it was in force on any date.

CREATE FUNCTION kra.status_color(kra.kpi_status) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE $1 WHEN 'off_track' THEN '#c62828' WHEN 'at_risk' THEN '#f9a825' WHEN 'on_track' THEN '#2e7d32'
                   WHEN 'exceeded' THEN '#1565c0' WHEN 'no_data' THEN '#757575' ELSE '#bdbdbd' END;
END;
COMMENT ON FUNCTION kra.status_color(kra.kpi_status) IS 'colour of a status as #rrggbb, the same in all views';

CREATE FUNCTION kra.path_of(subject_id integer, period_start date, upto date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT string_agg(a.name, ' / ' ORDER BY c.depth DESC)
            FROM kra.subject_ancestors c
            JOIN kra.subjects a ON a.id = c.ancestor_id
            WHERE c.subject_id = path_of.subject_id
              AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, path_of.period_start, path_of.upto));
END $$;
COMMENT ON FUNCTION kra.path_of(integer, date, date) IS 'names from the top of the tree down to the subject in a period, as far as the caller may see them';

CREATE FUNCTION kra.target_moved(kpi_id integer, subject_id integer, period_start date, upto date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r record;
    before kra.kpi_target;
    after kra.kpi_target;
BEGIN
    SELECT count(*) AS known, max(t.effective_from) AS effective_from,
           max(t.revised_at) FILTER (WHERE NOT EXISTS (SELECT FROM kra.targets later WHERE later.kpi_id = t.kpi_id AND later.subject_id = t.subject_id
                                                       AND later.effective_from > t.effective_from AND later.effective_from <= target_moved.period_start)) AS revised_at
    INTO r FROM kra.targets t
    WHERE t.kpi_id = target_moved.kpi_id AND t.subject_id = target_moved.subject_id AND t.effective_from <= target_moved.upto;
    IF r.known = 0 THEN
        SELECT count(*) AS known, max(greatest(rk.effective_from, tl.valid_from)) AS effective_from,
               max(rk.revised_at) FILTER (WHERE NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id AND later.kpi_id = rk.kpi_id
                                                            AND later.effective_from > rk.effective_from AND later.effective_from <= target_moved.period_start)) AS revised_at
        INTO r
        FROM kra.subject_timeline tl
        JOIN kra.result_areas ra ON ra.job_role_id = tl.job_role_id
        JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.kpi_id = target_moved.kpi_id AND rk.effective_from <= target_moved.upto
        WHERE tl.subject_id = target_moved.subject_id
          AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, target_moved.period_start, target_moved.upto);
    END IF;
    IF (r.revised_at AT TIME ZONE 'UTC')::date > target_moved.period_start THEN
        RETURN true;   -- changed in place since, of those in force within the period
    END IF;
    IF r.effective_from <= target_moved.period_start AND r.known < 2 AND NOT EXISTS (   -- the first of its own, set late, over its role's
        SELECT FROM kra.targets t
        JOIN kra.subject_timeline tl ON tl.subject_id = t.subject_id
            AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, target_moved.period_start, target_moved.upto)
        JOIN kra.role_kpis o ON o.job_role_id = tl.job_role_id AND o.kpi_id = t.kpi_id AND o.is_active
            AND o.effective_from <= target_moved.upto AND o.effective_until > target_moved.upto
        JOIN kra.result_area_kpis rk ON rk.result_area_id = o.result_area_id AND rk.kpi_id = o.kpi_id AND rk.effective_from = o.effective_from
        WHERE t.kpi_id = target_moved.kpi_id AND t.subject_id = target_moved.subject_id AND t.effective_from <= target_moved.upto
          AND (t.set_at AT TIME ZONE 'UTC')::date > target_moved.period_start AND rk.set_at < t.set_at
          AND rk.target IS NOT NULL AND (t.target IS NULL OR t.target OPERATOR(kra.<>) rk.target)) THEN
        RETURN false;
    END IF;
    IF r.known < 2 AND r.effective_from <= target_moved.period_start THEN
        RETURN true;
    END IF;
    -- another one was in force when the period began
    before := kra.target_in_force(target_moved.kpi_id, target_moved.subject_id, target_moved.period_start, target_moved.period_start);
    after := kra.target_in_force(target_moved.kpi_id, target_moved.subject_id, target_moved.period_start, target_moved.upto);
    IF before IS NOT NULL AND (after IS NULL OR before OPERATOR(kra.<>) after) THEN
        RETURN true;
    END IF;
    -- or the one in force was set back in time over one that was known before
    RETURN EXISTS (
        SELECT FROM kra.targets t
        JOIN kra.targets o ON o.kpi_id = t.kpi_id AND o.subject_id = t.subject_id AND o.effective_from < t.effective_from
        WHERE t.kpi_id = target_moved.kpi_id AND t.subject_id = target_moved.subject_id AND t.effective_from = r.effective_from
          AND (t.set_at AT TIME ZONE 'UTC')::date > target_moved.period_start AND o.set_at < t.set_at
          AND ((o.target IS NULL) <> (t.target IS NULL) OR o.target OPERATOR(kra.<>) t.target)
          AND NOT EXISTS (SELECT FROM kra.targets b WHERE b.kpi_id = o.kpi_id AND b.subject_id = o.subject_id
                          AND b.effective_from > o.effective_from AND b.effective_from < t.effective_from))
    OR EXISTS (
        SELECT FROM kra.subject_timeline tl
        JOIN kra.result_areas ra ON ra.job_role_id = tl.job_role_id
        JOIN kra.result_area_kpis t ON t.result_area_id = ra.id AND t.kpi_id = target_moved.kpi_id
        JOIN kra.result_area_kpis o ON o.result_area_id = t.result_area_id AND o.kpi_id = t.kpi_id AND o.effective_from < t.effective_from
        WHERE tl.subject_id = target_moved.subject_id AND t.effective_from = (
              SELECT max(x.effective_from) FROM kra.result_area_kpis x
              WHERE x.result_area_id = t.result_area_id AND x.kpi_id = t.kpi_id AND x.effective_from <= target_moved.upto)
          AND NOT EXISTS (SELECT FROM kra.targets x WHERE x.kpi_id = target_moved.kpi_id AND x.subject_id = target_moved.subject_id
                          AND x.effective_from <= target_moved.upto)
          AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, target_moved.period_start, target_moved.upto)
          AND (t.set_at AT TIME ZONE 'UTC')::date > target_moved.period_start AND o.set_at < t.set_at
          AND o.target OPERATOR(kra.<>) t.target
          AND NOT EXISTS (SELECT FROM kra.result_area_kpis b WHERE b.result_area_id = o.result_area_id AND b.kpi_id = o.kpi_id
                          AND b.effective_from > o.effective_from AND b.effective_from < t.effective_from));
END $$;
COMMENT ON FUNCTION kra.target_moved(integer, integer, date, date) IS 'was the subject''s own or its role''s target changed after the period began: replaced, changed in place, or set back in time over one that was known?';

CREATE FUNCTION kra.acknowledgement(kpi_id integer, subject_id integer, period_start date, upto date) RETURNS kra.acknowledgements
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    result kra.acknowledgements;
BEGIN
    IF EXISTS (SELECT FROM kra.acknowledgements a WHERE a.kpi_id = acknowledgement.kpi_id AND a.subject_id = acknowledgement.subject_id) THEN
        SELECT a.* INTO result FROM kra.acknowledgements a
        WHERE a.kpi_id = acknowledgement.kpi_id AND a.subject_id = acknowledgement.subject_id
          AND a.target OPERATOR(kra.=) kra.target_in_force(acknowledgement.kpi_id, acknowledgement.subject_id, acknowledgement.period_start, acknowledgement.upto)
        ORDER BY a.acknowledged_at LIMIT 1;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.acknowledgement(integer, integer, date, date) IS 'the acknowledgement of the target in force in a period; NULLs: none';

CREATE FUNCTION kra.history(kpi_id integer, subject_id integer, grid smallint, period_start date, upto date, periods integer,
    OUT previous double precision, OUT trend_direction text, OUT trend_slope double precision, OUT signal kra.kpi_signal,
    OUT starts date[], OUT actuals double precision[], OUT centre double precision, OUT lower_limit double precision, OUT upper_limit double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    k record;
    trend kra.kpi_trend;
    limits kra.xmr;
    from_start date := kra.grid_shift(grid, period_start, 1 - periods);
BEGIN
    SELECT k.grid, k.over_time, EXISTS (SELECT FROM kra.subject_ancestors c WHERE c.ancestor_id = history.subject_id AND c.depth = 1) AS is_group
    INTO k FROM kra.kpis k WHERE k.id = history.kpi_id;
    IF k.grid = history.grid AND NOT k.is_group THEN
        SELECT kra.trend_agg(x.at, x.actual), kra.last_signal(x.actual ORDER BY x.at), array_agg(x.at), array_agg(x.actual), kra.xmr_agg(x.actual ORDER BY x.at)
        INTO trend, history.signal, history.starts, history.actuals, limits
        FROM (
            SELECT m.period_start AS at, kra.value(m.actual, k.over_time) AS actual FROM kra.measurements m
            WHERE m.kpi_id = history.kpi_id AND m.subject_id = history.subject_id AND m.period_start BETWEEN from_start AND history.upto
            ORDER BY m.period_start
        ) x;
    ELSE
        SELECT kra.trend_agg(x.at, x.actual), kra.last_signal(x.actual ORDER BY x.at), array_agg(x.at), array_agg(x.actual), kra.xmr_agg(x.actual ORDER BY x.at)
        INTO trend, history.signal, history.starts, history.actuals, limits
        FROM (
            SELECT s.period_start AS at, s.actual
            FROM kra.series(history.kpi_id, history.subject_id, history.grid, from_start, history.upto) s
            ORDER BY s.period_start
        ) x;
    END IF;
    history.previous := history.actuals[array_position(history.starts, kra.grid_shift(history.grid, history.period_start, -1))];
    history.centre := kra.centre(limits);
    history.lower_limit := kra.lower_limit(limits);
    history.upper_limit := kra.upper_limit(limits);
    history.trend_direction := kra.direction(trend);
    history.trend_slope := kra.slope(trend, CASE kra.grid_grain(history.grid) WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days'
        WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' ELSE interval '12 months' END);
END $$;
COMMENT ON FUNCTION kra.history(integer, integer, smallint, date, date, integer) IS 'the periods up to and with a given one, as it was known at its end: the value before, direction and slope per period of the straight line through them, the signal of the last, the values with their starts, and their centre and natural process limits; periods without data are left out';

CREATE FUNCTION kra.with_gaps(grid smallint, starts date[], actuals double precision[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result double precision[] := '{}';
    at date := starts[1];
    i integer := 1;
BEGIN
    IF kra.grid_shift(grid, starts[1], cardinality(starts) - 1) = starts[cardinality(starts)] THEN
        RETURN actuals;
    END IF;
    WHILE at <= starts[cardinality(starts)] LOOP
        IF starts[i] = at THEN
            result := result || actuals[i];
            i := i + 1;
        ELSE
            result := result || NULL::double precision;
        END IF;
        at := kra.grid_shift(grid, at, 1);
    END LOOP;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.with_gaps(smallint, date[], double precision[]) IS 'values with their period starts (see kra.history) as one for each period, NULL where there is none; NULL for NULL';

CREATE FUNCTION kra.misses_of(kpi_id integer, subject_id integer, grid smallint, upto date, starts date[], actuals double precision[],
    target kra.kpi_target, target_from date) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    misses integer := 0;
    period_upto date := upto;
    asked kra.kpi_target;
BEGIN
    FOR i IN REVERSE coalesce(array_upper(starts, 1), 0)..1 LOOP
        asked := CASE WHEN starts[i] >= target_from THEN target
                      ELSE kra.target_of(kpi_id, subject_id, grid, starts[i], least(kra.grid_end(grid, starts[i]), upto)) END;
        EXIT WHEN kra.is_missed(actuals[i], asked, least(kra.grid_end(grid, starts[i]), upto)) IS NOT TRUE;
        misses := misses + 1;
    END LOOP;
    RETURN misses;
END $$;
COMMENT ON FUNCTION kra.misses_of(integer, integer, smallint, date, date[], double precision[], kra.kpi_target, date) IS 'how many of the latest values (see kra.history) missed their targets in a row; target is that of all periods that begin at target_from or later';

CREATE FUNCTION kra.freshest(kpi_id integer, subject_id integer, as_of date) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    newest record;
BEGIN
    IF kra.has_members(freshest.subject_id) THEN   -- what counted for the group then
        SELECT m.period_start, m.grid, m.actual INTO newest
        FROM kra.subject_ancestors c
        CROSS JOIN LATERAL (
            SELECT m.period_start, m.grid, m.actual FROM kra.measurements m
            WHERE m.kpi_id = freshest.kpi_id AND m.subject_id = c.subject_id AND m.period_start <= freshest.as_of AND m.period_start < c.valid_until
              AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, m.period_start, least(kra.grid_end(m.grid, m.period_start), freshest.as_of))
            ORDER BY m.period_start DESC LIMIT 1
        ) m
        WHERE c.ancestor_id = freshest.subject_id
        ORDER BY m.period_start DESC, kra.last_at(m.actual) DESC NULLS LAST LIMIT 1;
    ELSE
        SELECT m.period_start, m.grid, m.actual INTO newest
        FROM kra.measurements m
        WHERE m.kpi_id = freshest.kpi_id AND m.subject_id = freshest.subject_id AND m.period_start <= freshest.as_of
        ORDER BY m.period_start DESC LIMIT 1;
    END IF;
    -- a period that is over is known to its end
    RETURN CASE WHEN newest.period_start IS NULL THEN NULL WHEN kra.grid_end(newest.grid, newest.period_start) <= freshest.as_of THEN kra.grid_end(newest.grid, newest.period_start)
                ELSE coalesce(least((kra.last_at(newest.actual) AT TIME ZONE 'UTC')::date, freshest.as_of), newest.period_start) END;
END $$;
COMMENT ON FUNCTION kra.freshest(integer, integer, date) IS 'day up to which a subject has data for a KPI, its members'' for a group; NULL: none at all';

CREATE FUNCTION kra.kpi_results(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text, parent_key text, parent_name text, job_role_key text, job_role_name text,
    kra_key text, kra_name text, perspective text, kpi_key text, kpi_name text, kpi_kind text, kpi_timing text,
    unit_label text, value_format text,
    period_grain text, period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    weight_value double precision, is_on_card boolean, is_derived boolean, member_count integer, observed_member_count integer,
    actual_value double precision, target_value double precision, target_lower_value double precision, target_upper_value double precision,
    target_direction text, baseline_value double precision, threshold_value double precision, stretch_value double precision,
    target_since date, target_due date,
    attainment_pct double precision, capped_attainment_pct double precision, attainment_reason text,
    is_on_target boolean, on_target_count integer, status text, status_code integer, status_color text, expected_value double precision,
    previous_value double precision, change_value double precision, change_pct double precision, change_text text,
    benchmark_value double precision, benchmark_gap_value double precision, benchmark_source text,
    trend_direction text, trend_meaning text, trend_slope_value double precision, signal text, signal_meaning text, misses_count integer,
    last_data_date date, freshness_day_count integer, is_stale boolean,
    target_provenance text, is_target_moved boolean, acknowledged_by text, acknowledged_at timestamptz,
    actual_text text, target_text text, attainment_text text, context text,
    sparkline_text text, sparkline_uri text, bullet_uri text, centre_value double precision, lower_limit_value double precision, upper_limit_value double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.id || '.' || c.kpi_id || '.' || p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD'), s.key, s.name, s.kind,
           kra.path_of(s.id, p.period_start, p.upto), pa.key, pa.name, jr.key, jr.name,
           c.result_area_key, c.result_area, c.perspective, k.key, k.name, k.kind::text, k.timing,
           k.unit, coalesce(k.value_format, CASE WHEN btrim(k.unit) = '%' THEN '0.0"%"' ELSE '#,##0.##' END),
           p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest, p.period_end <= as_of,
           coalesce(c.weight, 0), c.weight IS NOT NULL, c.is_derived, c.card_members, coalesce(c.observed_members, 0),
           c.actual, kra.target(c.target),
           CASE WHEN kra.direction(c.target) <> 'at_most' THEN kra.lower(c.target) END,
           CASE WHEN kra.direction(c.target) <> 'at_least' THEN kra.upper(c.target) END,
           kra.direction(c.target), kra.baseline(c.target), kra.threshold(c.target), kra.stretch(c.target),
           kra.since(c.target), kra.due(c.target),
           kra.attainment(c.actual, c.target),
           CASE WHEN kra.attainment(c.actual, c.target) IS NOT NULL THEN greatest(0, least(1.2, kra.attainment(c.actual, c.target)))
                WHEN kra.met(c.actual, c.target) THEN 1 WHEN NOT kra.met(c.actual, c.target) THEN 0 END,
           CASE WHEN c.target IS NULL AND c.actual IS NULL THEN 'no_data' WHEN c.target IS NULL THEN 'no_target'
                WHEN c.actual IS NULL THEN 'no_data' WHEN kra.attainment(c.actual, c.target) IS NULL THEN 'no_scale' END,
           kra.met(c.actual, c.target), CASE WHEN kra.met(c.actual, c.target) THEN 1 ELSE 0 END,
           kra.status(c.actual, c.target, p.upto)::text, kra.status_code(c.actual, c.target, p.upto),
           kra.status_color(kra.status(c.actual, c.target, p.upto)), kra.expected(c.target, p.upto),
           h.previous, c.actual - h.previous, CASE WHEN h.previous <> 0 THEN (c.actual - h.previous) / abs(h.previous) END,
           kra.change_text(c.actual, h.previous, k.unit),
           b.value, c.actual - b.value, b.source,
           CASE WHEN c.actual IS NOT NULL THEN h.trend_direction END,
           CASE WHEN c.actual IS NULL OR h.trend_direction IS NULL OR c.target IS NULL THEN NULL
                WHEN h.trend_direction = CASE kra.direction(c.target) WHEN 'at_least' THEN 'rising' WHEN 'at_most' THEN 'falling' END THEN 'improving'
                WHEN h.trend_direction = CASE kra.direction(c.target) WHEN 'at_least' THEN 'falling' WHEN 'at_most' THEN 'rising' END THEN 'worsening'
                ELSE 'neutral' END,
           CASE WHEN c.actual IS NOT NULL THEN h.trend_slope END,
           CASE WHEN c.actual IS NOT NULL THEN h.signal::text END,
           CASE WHEN c.actual IS NOT NULL THEN kra.signal_meaning(h.signal, c.target) END,
           CASE WHEN NOT kra.is_missed(c.actual, c.target, p.upto) THEN 0
                WHEN kra.is_missed(c.actual, c.target, p.upto) AND h.starts IS NOT NULL THEN kra.misses_of(c.kpi_id, s.id, p.grid, p.upto, h.starts, h.actuals,
                     c.target, CASE WHEN c.is_base OR k.over_time NOT IN ('sum', 'count') THEN c.target_from END) END,
           f.last_data, as_of - f.last_data,
           as_of - f.last_data > kra.stale_after(k.cadence, k.stale_after_days),
           c.provenance,
           kra.target_moved(c.kpi_id, s.id, p.period_start, p.upto),
           q.acknowledged_by, q.acknowledged_at,
           kra.value_text(c.actual, k.unit), kra.target_text(c.target, k.unit),
           CASE WHEN kra.attainment(c.actual, c.target) IS NOT NULL THEN round((kra.attainment(c.actual, c.target) * 100)::numeric)::text || '%' END,
           kra.context(c.actual, c.target, h.previous, k.unit, 'in ' || p.previous_label),
           CASE WHEN current_setting('server_encoding') = 'UTF8' THEN kra.sparkline(kra.with_gaps(p.grid, h.starts, h.actuals)) END,
           kra.data_uri(kra.sparkline_svg(kra.with_gaps(p.grid, h.starts, h.actuals), k.name, target => c.target)),
           kra.data_uri(kra.bullet_svg(c.actual, c.target, k.name, k.unit)),
           h.centre, h.lower_limit, h.upper_limit
    FROM kra.periods(as_of) p
    JOIN kra.subjects s ON kra.shows(s.id, p.grid, p.period_start, p.upto)
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= p.upto AND tl.valid_until > p.period_start AND tl.resumes_on > p.upto
    LEFT JOIN kra.subjects pa ON pa.id = tl.parent_id
    CROSS JOIN LATERAL kra.card(s.id, p.grid, p.period_start, p.upto) c
    JOIN kra.kpis k ON k.id = c.kpi_id
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
    -- Aggregates without GROUP BY: one row for sure, so none of it is computed when nobody asks.
    -- A sum that still runs is not held against whole periods.
    LEFT JOIN LATERAL (
        SELECT max(x.previous) AS previous, max(x.trend_direction) AS trend_direction, max(x.trend_slope) AS trend_slope,
               max(x.signal) AS signal, max(x.starts) AS starts, max(x.actuals) AS actuals,
               max(x.centre) AS centre, max(x.lower_limit) AS lower_limit, max(x.upper_limit) AS upper_limit
        FROM kra.history(c.kpi_id, s.id, p.grid, p.period_start, p.upto, p.history_periods) x
        WHERE p.period_end <= as_of OR k.over_time NOT IN ('sum', 'count')
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT max(x.acknowledged_by) AS acknowledged_by, max(x.acknowledged_at) AS acknowledged_at
        FROM kra.acknowledgement(c.kpi_id, s.id, p.period_start, p.upto) x
    ) q ON true
    LEFT JOIN LATERAL (
        SELECT max(x.last_data) AS last_data FROM (SELECT kra.freshest(c.kpi_id, s.id, as_of) AS last_data) x
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT max(x.value) AS value, max(x.source) AS source
        FROM (SELECT bm.value, CASE WHEN bm.value IS NOT NULL THEN bm.source END AS source FROM kra.benchmarks bm
              WHERE bm.kpi_id = c.kpi_id AND bm.effective_from <= p.upto AND (c.is_base OR k.over_time NOT IN ('sum', 'count'))
              ORDER BY bm.effective_from DESC LIMIT 1) x
    ) b ON true;
END;
COMMENT ON FUNCTION kra.kpi_results(date) IS 'rows of kra_bi.kpi_results as they were in force on a date: a row per subject, KPI and period; the columns are described there';

CREATE FUNCTION kra.kpi_results_above(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text, parent_key text, parent_name text, job_role_key text, job_role_name text,
    kra_key text, kra_name text, perspective text, kpi_key text, kpi_name text, kpi_kind text, kpi_timing text,
    unit_label text, value_format text,
    period_grain text, period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    weight_value double precision, is_on_card boolean, is_derived boolean, member_count integer, observed_member_count integer,
    actual_value double precision, target_value double precision, target_lower_value double precision, target_upper_value double precision,
    target_direction text, baseline_value double precision, threshold_value double precision, stretch_value double precision,
    target_since date, target_due date,
    attainment_pct double precision, capped_attainment_pct double precision, attainment_reason text,
    is_on_target boolean, on_target_count integer, status text, status_code integer, status_color text, expected_value double precision,
    previous_value double precision, change_value double precision, change_pct double precision, change_text text,
    benchmark_value double precision, benchmark_gap_value double precision, benchmark_source text,
    trend_direction text, trend_meaning text, trend_slope_value double precision, signal text, signal_meaning text, misses_count integer,
    last_data_date date, freshness_day_count integer, is_stale boolean,
    target_provenance text, is_target_moved boolean, acknowledged_by text, acknowledged_at timestamptz,
    actual_text text, target_text text, attainment_text text, context text,
    sparkline_text text, sparkline_uri text, bullet_uri text, centre_value double precision, lower_limit_value double precision, upper_limit_value double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    least_people integer;
    c record;
    last_kpi integer;
    known integer[];   -- hidden from the viewer, in groups that are shown
    shown text[] := '{}';
BEGIN
    -- as of another day the same group would tell who came in between
    IF NOT (SELECT show_groups_above FROM kra.settings_in_force) OR kra.sees_all() OR kpi_results_above.as_of IS DISTINCT FROM current_date THEN
        RETURN;
    END IF;
    least_people := (SELECT min_group_size FROM kra.settings_in_force);
    FOR c IN
        WITH mine AS (   -- what stands above the viewer's own subjects today
            SELECT c.ancestor_id AS id, min(c.depth) AS depth
            FROM kra.subjects s
            JOIN kra.subject_ancestors c ON c.subject_id = s.id AND c.valid_from <= kpi_results_above.as_of AND c.valid_until > kpi_results_above.as_of
            WHERE s.login = kra.viewer()
            GROUP BY c.ancestor_id
        )
        SELECT g.id || '.' || k.id || '.' || p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD') AS row_key, k.id AS kpi_id, ARRAY(
            SELECT DISTINCT c.subject_id
            FROM kra.subject_ancestors c
            JOIN kra.measurements m ON m.kpi_id = k.id AND m.subject_id = c.subject_id AND m.period_start = p.period_start
            WHERE c.ancestor_id = g.id AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, p.period_start, p.upto)
              AND NOT kra.sees(c.subject_id, p.period_start, p.period_end)) AS hidden
        FROM mine g
        CROSS JOIN kra.kpis k
        JOIN kra.periods(kpi_results_above.as_of) p ON p.grid = k.grid AND p.is_latest
        WHERE g.depth > 0 AND NOT kra.sees(g.id) AND k.over_subjects NOT IN ('min', 'max', 'last')
        ORDER BY k.id, g.depth, g.id
    LOOP
        IF c.kpi_id IS DISTINCT FROM last_kpi THEN
            known := '{}';
            last_kpi := c.kpi_id;
        END IF;
        IF (SELECT count(*) FROM (SELECT unnest(c.hidden) EXCEPT SELECT unnest(known)) others) >= least_people THEN
            shown := shown || c.row_key;
            known := known || c.hidden;
        END IF;
    END LOOP;
    RETURN QUERY
    SELECT r.row_key, r.subject_key, r.subject_name, r.subject_kind, NULL::text, NULL::text, NULL::text, r.job_role_key, r.job_role_name, r.kra_key,
               r.kra_name, r.perspective, r.kpi_key, r.kpi_name, r.kpi_kind, r.kpi_timing, r.unit_label, r.value_format,
               r.period_grain, r.period_label, r.period_start, r.period_end, r.is_latest, r.is_complete, r.weight_value,
               r.is_on_card, r.is_derived, r.member_count, r.observed_member_count, r.actual_value, r.target_value,
               r.target_lower_value, r.target_upper_value, r.target_direction, r.baseline_value, r.threshold_value,
               r.stretch_value, r.target_since, r.target_due, r.attainment_pct, r.capped_attainment_pct, r.attainment_reason,
               r.is_on_target, r.on_target_count, r.status, r.status_code, r.status_color, r.expected_value,
               NULL::double precision, NULL::double precision, NULL::double precision, NULL::text, r.benchmark_value,
               r.benchmark_gap_value, r.benchmark_source, NULL::text, NULL::text, NULL::double precision, NULL::text, NULL::text,
               NULL::integer, NULL::date, NULL::integer, NULL::boolean, r.target_provenance, NULL::boolean, NULL::text,
               NULL::timestamptz, r.actual_text, r.target_text, r.attainment_text,
               coalesce(r.actual_text, 'no data') || coalesce(' vs. target of ' || r.target_text, ', no target'),
               NULL::text, NULL::text, r.bullet_uri, NULL::double precision, NULL::double precision, NULL::double precision
    FROM kra.kpi_results(kpi_results_above.as_of) r
    WHERE r.row_key = ANY (shown) AND r.observed_member_count >= least_people;
END $$;
COMMENT ON FUNCTION kra.kpi_results_above(date) IS 'where the settings say show_groups_above: today''s results of the groups that the viewer''s subjects belong to, of the latest period of the KPI''s cadence, without history. None with fewer than min_group_size people besides those whom the viewer sees, none that differs by fewer from the others that are shown, and none that is one member''s value (min, max, last). Nothing as of other days. Security definer, since the members are hidden from the viewer';

-- A group whose card is its members' has of each KPI the share of those with data: it lowers the coverage.
CREATE TYPE kra.period_card AS (card kra.scorecard, kpi_count integer, exceeded_count integer, on_track_count integer,
    at_risk_count integer, off_track_count integer, no_data_count integer, no_target_count integer);
COMMENT ON TYPE kra.period_card IS 'scorecard of a period, with its KPIs counted by status';

CREATE FUNCTION kra.period_card(subject_id integer, grid smallint, period_start date, upto date) RETURNS kra.period_card
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    result kra.period_card;
    merged jsonb;
BEGIN
    SELECT kra.scorecard_agg(c.result_area, c.key, c.kind, c.actual, c.target, c.weight) FILTER (WHERE NOT c.is_derived OR c.card_members <= 1),
           count(*), count(*) FILTER (WHERE c.status = 'exceeded'), count(*) FILTER (WHERE c.status = 'on_track'),
           count(*) FILTER (WHERE c.status = 'at_risk'), count(*) FILTER (WHERE c.status = 'off_track'),
           count(*) FILTER (WHERE c.status = 'no_data'), count(*) FILTER (WHERE c.status = 'no_target'),
           jsonb_agg(jsonb_build_object('kra', c.result_area, 'kpi', c.key, 'kind', c.kind, 'weight', c.weight,
                                        'target', c.target::text, 'actual', c.actual, 'members', c.card_members,
                                        'basis_members', c.members, 'basis_weight', c.weight * c.members / c.card_members)
                   || CASE WHEN c.actual IS NOT NULL AND kra.direction(c.target) IN ('exactly', 'inside')
                           THEN jsonb_build_object('distance', -greatest(0, kra.lower(c.target) - c.actual, c.actual - kra.upper(c.target)))
                           ELSE '{}' END)
               FILTER (WHERE c.is_derived AND c.card_members > 1)
    INTO result.card, result.kpi_count, result.exceeded_count, result.on_track_count, result.at_risk_count, result.off_track_count,
         result.no_data_count, result.no_target_count, merged
    FROM (
        SELECT c.*, k.key, k.kind, kra.status(c.actual, c.target, period_card.upto) AS status,
               CASE WHEN c.actual IS NULL OR c.target IS NULL THEN 0 ELSE least(c.observed_members, c.card_members) END AS members
        FROM kra.card(period_card.subject_id, period_card.grid, period_card.period_start, period_card.upto) c
        JOIN kra.kpis k ON k.id = c.kpi_id
        WHERE c.weight IS NOT NULL
        OFFSET 0
    ) c;
    IF merged IS NOT NULL THEN
        result.card := CASE WHEN result.card IS NULL THEN kra.jsonb_to_scorecard(merged)
                            ELSE kra.concat(result.card, kra.jsonb_to_scorecard(merged)) END;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.period_card(integer, smallint, date, date) IS 'scorecard of a subject in a period, KPIs by their keys, and how many are at each status; a NULL card: it has none';

CREATE FUNCTION kra.score_text(score double precision, coverage double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN score IS NULL THEN format('no score (coverage %s%%)', round((coalesce(coverage, 0) * 100)::numeric))
                ELSE format('%s%% (coverage %s%%)', round((score * 100)::numeric), round((coverage * 100)::numeric)) END;
END;
COMMENT ON FUNCTION kra.score_text(double precision, double precision) IS 'a score with its coverage in words; a NULL score: there is none';

CREATE FUNCTION kra.area_lists(card kra.scorecard) RETURNS TABLE (strong text, weak text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(format('%s (%s%%)', a.kra, round((a.score * 100)::numeric)), ', ' ORDER BY a.score DESC, a.kra) FILTER (WHERE a.score >= 1),
           string_agg(format('%s (%s%%)', a.kra, round((a.score * 100)::numeric)), ', ' ORDER BY a.score, a.kra) FILTER (WHERE a.score < 0.9)
    FROM kra.kra_scores(card) a;
END;
COMMENT ON FUNCTION kra.area_lists(kra.scorecard) IS 'KRAs with a score of 1 and above, best first, and those below 0.9, worst first, with their scores; NULL: none';

CREATE FUNCTION kra.scorecards(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text, parent_key text, parent_name text, job_role_key text, job_role_name text,
    period_grain text, period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    score_value double precision, score_text text, score_reason text, outcome_score_value double precision, activity_score_value double precision,
    coverage_pct double precision, status text, status_code integer, status_color text, is_on_target boolean, on_target_count integer,
    kpi_count integer, exceeded_count integer, on_track_count integer, at_risk_count integer, off_track_count integer,
    no_data_count integer, no_target_count integer,
    imbalance_flag text, imbalance_reason text, is_busy_not_moving boolean, strong_areas text, weak_areas text,
    closed_on date, closed_score_value double precision, closed_coverage_pct double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.id || '.' || p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD'), s.key, s.name, s.kind,
           kra.path_of(s.id, p.period_start, p.upto), pa.key, pa.name, jr.key, jr.name,
           p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest, p.period_end <= as_of,
           v.score,
           kra.score_text(v.score, v.coverage),
           CASE WHEN v.score IS NOT NULL THEN NULL
                WHEN kra.coverage(c.card) IS NULL THEN 'no KPI has a weight'
                WHEN v.coverage = 0 THEN 'no KPI has both an actual and a target'
                ELSE format('only %s%% of the weight has data and a target; %s%% are needed',
                            round((v.coverage * 100)::numeric), round((x.min_coverage * 100)::numeric)) END,
           kra.score(c.card, 'outcome', 1.2, x.min_coverage), kra.score(c.card, 'activity', 1.2, x.min_coverage),
           v.coverage,
           y.status::text, kra.status_code(y.status), kra.status_color(y.status),
           CASE WHEN y.status IN ('on_track', 'exceeded') THEN true WHEN y.status IN ('at_risk', 'off_track') THEN false END,
           CASE WHEN y.status IN ('on_track', 'exceeded') THEN 1 ELSE 0 END,
           c.kpi_count, c.exceeded_count, c.on_track_count, c.at_risk_count, c.off_track_count, c.no_data_count, c.no_target_count,
           i.flag, i.reason, i.flag = 'busy_not_moving',
           l.strong, l.weak,
           r.closed_on, r.score, r.coverage
    FROM kra.periods(as_of) p
    JOIN kra.subjects s ON kra.shows(s.id, p.grid, p.period_start, p.upto)
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= p.upto AND tl.valid_until > p.period_start AND tl.resumes_on > p.upto
    LEFT JOIN kra.subjects pa ON pa.id = tl.parent_id
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
    CROSS JOIN LATERAL kra.period_card(s.id, p.grid, p.period_start, p.upto) c
    CROSS JOIN kra.settings_in_force x
    LEFT JOIN LATERAL kra.area_lists(c.card) l ON true
    CROSS JOIN LATERAL kra.imbalance(c.card) i
    CROSS JOIN LATERAL (
        SELECT kra.score(c.card, NULL, 1.2, x.min_coverage) AS score, coalesce(kra.coverage(c.card), 0) AS coverage, kra.status(c.card) AS status
        OFFSET 0   -- once a card
    ) v
    CROSS JOIN LATERAL (
        SELECT CASE WHEN v.score IS NULL AND v.status NOT IN ('no_data', 'no_target') THEN 'no_data' ELSE v.status END AS status
    ) y
    LEFT JOIN LATERAL (
        SELECT max((rv.closed_at AT TIME ZONE 'UTC')::date) AS closed_on,
               max(kra.score(rv.card, NULL, 1.2, x.min_coverage)) AS score, max(kra.coverage(rv.card)) AS coverage
        FROM kra.reviews rv
        WHERE rv.subject_id = s.id AND rv.period_grain = p.period_grain AND rv.period_start = p.period_start
          AND (as_of >= current_date OR (rv.closed_at AT TIME ZONE 'UTC')::date <= as_of)
    ) r ON true
    WHERE c.card IS NOT NULL;
END;
COMMENT ON FUNCTION kra.scorecards(date) IS 'rows of kra_bi.scorecards as they were in force on a date: a row per subject and period; the columns are described there';

CREATE FUNCTION kra.kra_results(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text, parent_key text, parent_name text, job_role_key text, job_role_name text,
    kra_name text, period_grain text, period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    weight_value double precision, score_value double precision, score_text text, score_reason text, coverage_pct double precision,
    status text, status_code integer, status_color text, is_on_target boolean, on_target_count integer, kpi_count integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.id || '.' || p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD') || '.' || a.kra, s.key, s.name, s.kind,
           kra.path_of(s.id, p.period_start, p.upto), pa.key, pa.name, jr.key, jr.name,
           a.kra, p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest, p.period_end <= as_of,
           a.weight, CASE WHEN y.is_covered THEN a.score END,
           kra.score_text(CASE WHEN y.is_covered THEN a.score END, a.coverage),
           CASE WHEN y.is_covered THEN NULL
                WHEN a.coverage IS NULL THEN 'no KPI has a weight'
                WHEN a.coverage = 0 THEN 'no KPI has both an actual and a target'
                ELSE format('only %s%% of the weight has data and a target; %s%% are needed',
                            round((a.coverage * 100)::numeric), round((x.min_coverage * 100)::numeric)) END,
           coalesce(a.coverage, 0),
           y.status::text, kra.status_code(y.status), kra.status_color(y.status),
           CASE WHEN y.status IN ('on_track', 'exceeded') THEN true WHEN y.status IN ('at_risk', 'off_track') THEN false END,
           CASE WHEN y.status IN ('on_track', 'exceeded') THEN 1 ELSE 0 END, a.num_kpis
    FROM kra.periods(as_of) p
    JOIN kra.subjects s ON kra.shows(s.id, p.grid, p.period_start, p.upto)
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= p.upto AND tl.valid_until > p.period_start AND tl.resumes_on > p.upto
    LEFT JOIN kra.subjects pa ON pa.id = tl.parent_id
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
    CROSS JOIN LATERAL kra.period_card(s.id, p.grid, p.period_start, p.upto) c
    CROSS JOIN LATERAL kra.kra_scores(c.card) a
    CROSS JOIN kra.settings_in_force x
    CROSS JOIN LATERAL (
        SELECT a.score IS NOT NULL AND a.coverage >= x.min_coverage AS is_covered,
               CASE WHEN a.score IS NOT NULL AND a.coverage < x.min_coverage THEN 'no_data' ELSE a.status END AS status
    ) y;
END;
COMMENT ON FUNCTION kra.kra_results(date) IS 'rows of kra_bi.kra_results as they were in force on a date: a row per subject, KRA and period; the columns are described there';

CREATE FUNCTION kra.imbalances(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, subject_key text, subject_name text, subject_kind text, subject_path text, parent_key text, parent_name text, job_role_key text, job_role_name text,
    period_grain text, period_label text, period_start date, period_end date, is_latest boolean, is_complete boolean,
    imbalance_flag text, imbalance_reason text, is_balanced boolean, is_busy_not_moving boolean, activity_share_pct double precision,
    outcome_score_value double precision, activity_score_value double precision, gap_value double precision,
    outcome_kpi_count integer, activity_kpi_count integer, outcome_coverage_pct double precision, activity_coverage_pct double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.id || '.' || p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD'), s.key, s.name, s.kind,
           kra.path_of(s.id, p.period_start, p.upto), pa.key, pa.name, jr.key, jr.name,
           p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest, p.period_end <= as_of,
           i.flag, i.reason, i.flag = 'balanced', i.flag = 'busy_not_moving', i.activity_share,
           i.outcome_attainment, i.activity_attainment, i.gap,
           i.outcome_count::integer, i.activity_count::integer, kra.coverage(c.card, 'outcome'), kra.coverage(c.card, 'activity')
    FROM kra.periods(as_of) p
    JOIN kra.subjects s ON kra.shows(s.id, p.grid, p.period_start, p.upto)
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= p.upto AND tl.valid_until > p.period_start AND tl.resumes_on > p.upto
    LEFT JOIN kra.subjects pa ON pa.id = tl.parent_id
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
    CROSS JOIN LATERAL kra.period_card(s.id, p.grid, p.period_start, p.upto) c
    CROSS JOIN LATERAL kra.imbalance(c.card) i
    WHERE c.card IS NOT NULL;
END;
COMMENT ON FUNCTION kra.imbalances(date) IS 'rows of kra_bi.imbalances as they were in force on a date: a row per subject and period; the columns are described there';

-- Cards as values.

CREATE FUNCTION kra.period_named(label text, OUT grid smallint, OUT period_start date) LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT l.grid, l.period_start FROM kra.settings_in_force s
    CROSS JOIN LATERAL kra.grid_of_label(label, s.fiscal_year_start_month, s.week_start) l;
END;
COMMENT ON FUNCTION kra.period_named(text) IS 'the period with this label, such as 2025-12, 2025-Q4 or 2016/17; error for what is none';

CREATE FUNCTION kra.scorecard_of(subject text, period text, as_of date DEFAULT current_date, live boolean DEFAULT false) RETURNS kra.scorecard
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra.subject_named(subject);
    p record;
    frozen kra.scorecard;
BEGIN
    SELECT * INTO p FROM kra.period_named(period);
    IF NOT live THEN
        SELECT r.card INTO frozen FROM kra.reviews r
        WHERE r.subject_id = s.id AND r.period_grain = kra.grid_grain(p.grid) AND r.period_start = p.period_start
          AND (as_of >= current_date OR (r.closed_at AT TIME ZONE 'UTC')::date <= as_of);
        IF FOUND THEN
            RETURN frozen;
        END IF;
    END IF;
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    ELSIF NOT kra.shows(s.id, p.grid, p.period_start, least(kra.grid_end(p.grid, p.period_start), as_of)) THEN
        RETURN NULL;
    END IF;
    RETURN (kra.period_card(s.id, p.grid, p.period_start, least(kra.grid_end(p.grid, p.period_start), as_of))).card;
END $$;
COMMENT ON FUNCTION kra.scorecard_of(text, text, date, boolean) IS 'scorecard of a subject (its key) in a period (its label), KPIs by their keys: the frozen one where the review is closed and live is not asked for; NULL: it has none';
-- Definitions as a document: define(document) and definition(job_role).
--
--   document_members   what a document may hold: the one list that checks, errors and tests go by
--   document_items     its objects, each with its path
--   document_check     refuses a document that is faulty, by the path of its first fault
--   define             writes what differs; triggers log it
--   definition         reads it back
--
-- Everything runs with the caller's rights. Documents are read set by set, not item by item: they
-- may bring a whole company. The planner takes every list for long, so jit is off: compiling costs
-- seconds, and the work milliseconds.

CREATE FUNCTION kra.document_members()
RETURNS TABLE (part text, n integer, member text, form text, choices text[], lowest numeric, highest numeric, is_required boolean, is_needed boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT m.part, row_number() OVER ()::integer, m.member, m.form, m.choices::text[], m.lowest::numeric, m.highest::numeric,
           coalesce(m.need = 'always', false), coalesce(m.need = 'new', false)
    FROM (VALUES
        ('document', '$schema', 'text', NULL, NULL, NULL, NULL),
        ('document', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('document', 'settings', 'object', NULL, NULL, NULL, NULL),
        ('document', 'objectives', 'list', NULL, NULL, NULL, NULL),
        ('document', 'subjects', 'list', NULL, NULL, NULL, NULL),
        ('document', 'kpis', 'list', NULL, NULL, NULL, NULL),
        ('document', 'roles', 'list', NULL, NULL, NULL, NULL),
        ('document', 'targets', 'list', NULL, NULL, NULL, NULL),
        ('document', 'benchmarks', 'list', NULL, NULL, NULL, NULL),
        ('settings', 'fiscal_year_start_month', 'integer', NULL, 1, 12, NULL),
        ('settings', 'week_start', 'integer', NULL, 1, 7, NULL),
        ('settings', 'min_coverage', 'number', NULL, 0, 1, NULL),
        ('settings', 'min_group_size', 'integer', NULL, 1, 2147483647, NULL),
        ('settings', 'sees_all_role', 'key', NULL, NULL, NULL, NULL),
        ('settings', 'show_groups_above', 'boolean', NULL, NULL, NULL, NULL),
        ('settings', 'history_periods', 'integer', NULL, 2, 1000, NULL),
        ('settings', 'review_cadence', 'choice', '{week,month,quarter,year}', NULL, NULL, NULL),
        ('settings', 'check_in_days', 'integer', NULL, 1, 1000, NULL),
        ('objective', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('objective', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('objective', 'description', 'text', NULL, NULL, NULL, NULL),
        ('objective', 'parent', 'objective', NULL, NULL, NULL, NULL),
        ('objective', 'subject', 'subject', NULL, NULL, NULL, NULL),
        ('objective', 'starts_on', 'date', NULL, NULL, NULL, NULL),
        ('objective', 'due_on', 'date', NULL, NULL, NULL, NULL),
        ('objective', 'milestones', 'list', NULL, NULL, NULL, NULL),
        ('milestone', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('milestone', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('milestone', 'weight', 'number', NULL, 0, 1.7976931348623157e308, NULL),
        ('milestone', 'owner', 'subject', NULL, NULL, NULL, NULL),
        ('milestone', 'due_on', 'date', NULL, NULL, NULL, NULL),
        ('milestone', 'completion', 'number', NULL, 0, 1, NULL),
        ('milestone', 'completed_on', 'date', NULL, NULL, NULL, NULL),
        ('subject', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('subject', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('subject', 'kind', 'choice', '{company,team,person,project,vendor}', NULL, NULL, 'new'),
        ('subject', 'login', 'key', NULL, NULL, NULL, NULL),
        ('subject', 'parent', 'subject', NULL, NULL, NULL, NULL),
        ('subject', 'role', 'role', NULL, NULL, NULL, NULL),
        ('subject', 'is_active', 'boolean', NULL, NULL, NULL, NULL),
        ('subject', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('kpi', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('kpi', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('kpi', 'description', 'text', NULL, NULL, NULL, NULL),
        ('kpi', 'kind', 'choice', '{outcome,activity}', NULL, NULL, 'new'),
        ('kpi', 'timing', 'choice', '{leading,lagging}', NULL, NULL, NULL),
        ('kpi', 'unit', 'text', NULL, NULL, NULL, NULL),
        ('kpi', 'value_format', 'name', NULL, NULL, NULL, NULL),
        ('kpi', 'over_time', 'choice', '{sum,mean,ratio,last,min,max,count}', NULL, NULL, NULL),
        ('kpi', 'over_subjects', 'choice', '{sum,mean,ratio,last,min,max,count}', NULL, NULL, NULL),
        ('kpi', 'cadence', 'choice', '{day,week,month,quarter,year}', NULL, NULL, NULL),
        ('kpi', 'objective', 'objective', NULL, NULL, NULL, NULL),
        ('kpi', 'drives', 'kpi', NULL, NULL, NULL, NULL),
        ('kpi', 'source', 'name', NULL, NULL, NULL, NULL),
        ('kpi', 'lookback', 'integer', NULL, 1, 10000, NULL),
        ('kpi', 'stale_after_days', 'integer', NULL, 0, 2147483647, NULL),
        ('kpi', 'scale', 'choice', '{csat_top_two_box,csat_mean,nps,ordinal}', NULL, NULL, NULL),
        ('kpi', 'scale_labels', 'texts', NULL, 2, NULL, NULL),
        ('kpi', 'influenceable_by', 'texts', NULL, 0, NULL, NULL),
        ('kpi', 'state', 'choice', '{candidate,active,retired}', NULL, NULL, NULL),
        ('kpi', 'state_reason', 'text', NULL, NULL, NULL, NULL),
        ('kpi', 'owner', 'subject', NULL, NULL, NULL, NULL),
        ('kpi', 'owner_from', 'date', NULL, NULL, NULL, NULL),
        ('role', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('role', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('role', 'purpose', 'name', NULL, NULL, NULL, NULL),
        ('role', 'level', 'name', NULL, NULL, NULL, NULL),
        ('role', 'kras', 'list', NULL, NULL, NULL, NULL),
        ('kra', 'key', 'key', NULL, NULL, NULL, NULL),
        ('kra', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('kra', 'perspective', 'choice', '{financial,customer,process,people}', NULL, NULL, NULL),
        ('kra', 'scope', 'name', NULL, NULL, NULL, NULL),
        ('kra', 'description', 'text', NULL, NULL, NULL, NULL),
        ('kra', 'kpis', 'list', NULL, NULL, NULL, NULL),
        ('target', 'kpi', 'kpi', NULL, NULL, NULL, 'always'),
        ('target', 'subject', 'subject', NULL, NULL, NULL, 'always'),
        ('target', 'target', 'target', NULL, NULL, NULL, 'new'),
        ('target', 'provenance', 'choice', '{history,benchmark,market,negotiated,imposed}', NULL, NULL, NULL),
        ('target', 'note', 'text', NULL, NULL, NULL, NULL),
        ('target', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('benchmark', 'kpi', 'kpi', NULL, NULL, NULL, 'always'),
        ('benchmark', 'value', 'number', NULL, -1.7976931348623157e308, 1.7976931348623157e308, 'new'),
        ('benchmark', 'source', 'name', NULL, NULL, NULL, 'new'),
        ('benchmark', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        -- a KPI of a KRA takes these beside the members of kpi
        ('card', 'weight', 'number', NULL, 0, 1e50, NULL),
        ('card', 'target', 'target', NULL, NULL, NULL, NULL),
        ('card', 'provenance', 'choice', '{history,benchmark,market,negotiated,imposed}', NULL, NULL, NULL),
        ('card', 'is_active', 'boolean', NULL, NULL, NULL, NULL),
        ('card', 'effective_from', 'date', NULL, NULL, NULL, NULL)
    ) m (part, member, form, choices, lowest, highest, need);
END;
COMMENT ON FUNCTION kra.document_members() IS 'members that a document of definitions may hold, by part (document, settings, objective, milestone, subject, kpi, role, kra, target, benchmark; card: what a KPI of a KRA takes beside those of kpi); is_required: always, is_needed: where the thing is new';

CREATE FUNCTION kra.document_list(holder jsonb, member text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof(holder) = 'object' AND jsonb_typeof(holder->member) = 'array' THEN holder->member ELSE '[]' END;
END;
COMMENT ON FUNCTION kra.document_list(jsonb, text) IS 'a list of a document; empty where there is none';

CREATE FUNCTION kra.document_items(document jsonb) RETURNS TABLE (part text, path text, place bigint[], item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'document', '', '{}'::bigint[], document
    UNION ALL
    SELECT 'settings', 'settings', '{1}', document->'settings' WHERE jsonb_typeof(document) = 'object' AND document ? 'settings'
    UNION ALL
    SELECT 'objective', format('objectives[%s]', n - 1), ARRAY[2, n], e FROM jsonb_array_elements(kra.document_list(document, 'objectives')) WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'milestone', format('objectives[%s].milestones[%s]', o.n - 1, m.n - 1), ARRAY[2, o.n, m.n], m.e
    FROM jsonb_array_elements(kra.document_list(document, 'objectives')) WITH ORDINALITY o (e, n),
         jsonb_array_elements(kra.document_list(o.e, 'milestones')) WITH ORDINALITY m (e, n)
    UNION ALL
    SELECT 'subject', format('subjects[%s]', n - 1), ARRAY[3, n], e FROM jsonb_array_elements(kra.document_list(document, 'subjects')) WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'kpi', format('kpis[%s]', n - 1), ARRAY[4, n], e FROM jsonb_array_elements(kra.document_list(document, 'kpis')) WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'role', format('roles[%s]', n - 1), ARRAY[5, n], e FROM jsonb_array_elements(kra.document_list(document, 'roles')) WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'kra', format('roles[%s].kras[%s]', r.n - 1, a.n - 1), ARRAY[5, r.n, a.n], a.e
    FROM jsonb_array_elements(kra.document_list(document, 'roles')) WITH ORDINALITY r (e, n),
         jsonb_array_elements(kra.document_list(r.e, 'kras')) WITH ORDINALITY a (e, n)
    UNION ALL
    SELECT 'card', format('roles[%s].kras[%s].kpis[%s]', r.n - 1, a.n - 1, k.n - 1), ARRAY[5, r.n, a.n, k.n], k.e
    FROM jsonb_array_elements(kra.document_list(document, 'roles')) WITH ORDINALITY r (e, n),
         jsonb_array_elements(kra.document_list(r.e, 'kras')) WITH ORDINALITY a (e, n),
         jsonb_array_elements(kra.document_list(a.e, 'kpis')) WITH ORDINALITY k (e, n)
    UNION ALL
    SELECT 'target', format('targets[%s]', n - 1), ARRAY[6, n], e FROM jsonb_array_elements(kra.document_list(document, 'targets')) WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'benchmark', format('benchmarks[%s]', n - 1), ARRAY[7, n], e FROM jsonb_array_elements(kra.document_list(document, 'benchmarks')) WITH ORDINALITY l (e, n);
END;
COMMENT ON FUNCTION kra.document_items(jsonb) IS 'objects of a document, each with its part, its path and its place in the order';

CREATE FUNCTION kra.document_target_fault(value jsonb, OUT fault text, OUT errcode text, OUT detail text, OUT hint text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF jsonb_typeof(value) NOT IN ('string', 'object') THEN
        fault := format('expected a target, found %s', CASE jsonb_typeof(value) WHEN 'array' THEN 'an array' ELSE 'a ' || jsonb_typeof(value) END);
        errcode := '22023';
        RETURN;
    END IF;
    PERFORM value::kra.kpi_target;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS fault = MESSAGE_TEXT, errcode = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
COMMENT ON FUNCTION kra.document_target_fault(jsonb) IS 'what is wrong with a target of a document; NULLs: nothing';

CREATE FUNCTION kra.document_value_fault(form text, choices text[], lowest numeric, highest numeric, value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE form
        WHEN 'object' THEN CASE WHEN t.found <> 'object' THEN 'expected an object, found ' || w.a_value END
        WHEN 'list' THEN CASE WHEN t.found <> 'array' THEN 'expected an array, found ' || w.a_value END
        WHEN 'boolean' THEN CASE WHEN t.found <> 'boolean' THEN 'expected true or false, found ' || w.a_value END
        WHEN 'number' THEN
            CASE WHEN t.found <> 'number' THEN 'expected a number, found ' || w.a_value
                 WHEN value::numeric NOT BETWEEN lowest AND highest OR abs(value::numeric) BETWEEN 1e-1000 AND 1e-307 THEN
                     CASE WHEN highest < 1e300 THEN format('%s is out of range (%s to %s)', w.a_number, lowest, highest)
                          WHEN value::numeric < lowest AND lowest = 0 THEN format('%s is negative', w.a_number)
                          ELSE format('%s is out of range', w.a_number) END
            END
        WHEN 'integer' THEN
            CASE WHEN t.found <> 'number' THEN 'expected an integer, found ' || w.a_value
                 WHEN value::numeric <> trunc(value::numeric) THEN format('expected an integer, found %s', w.a_number)
                 WHEN value::numeric NOT BETWEEN lowest AND highest THEN format('%s is out of range (%s to %s)', w.a_number, lowest, highest)
            END
        WHEN 'texts' THEN
            CASE WHEN t.found <> 'array' THEN 'expected an array of strings, found ' || w.a_value
                 WHEN jsonb_path_exists(value, '$[*] ? (@.type() != "string")') THEN 'expected an array of strings'
                 WHEN jsonb_array_length(value) < lowest THEN format('expected at least %s strings, found %s', lowest, jsonb_array_length(value))
            END
        ELSE
            CASE WHEN t.found <> 'string' THEN CASE form WHEN 'date' THEN 'expected a date such as "2026-01-31", found ' ELSE 'expected a string, found ' END || w.a_value
                 WHEN form = 'text' THEN NULL
                 WHEN form = 'name' THEN CASE WHEN btrim(t.said, E' \t\n\r') = '' THEN 'must not be blank' END
                 WHEN form = 'choice' THEN CASE WHEN t.said <> ALL (choices) THEN format('%s is none of %s', left(value::text, 80), array_to_string(choices, ', ')) END
                 WHEN form = 'date' THEN
                     CASE WHEN t.said !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' OR t.said ~ '^0000'
                               THEN format('invalid date: %s', left(value::text, 80))
                          WHEN right(t.said, 2)::integer > extract(day FROM make_date(left(t.said, 4)::integer, substr(t.said, 6, 2)::integer, 1) + interval '1 month' - interval '1 day')
                               THEN format('there is no such day: %s', value)
                     END
                 WHEN t.said = '' THEN 'must not be empty'       -- keys, and references by them
            END
        END
    FROM (SELECT jsonb_typeof(value) AS found, value #>> '{}' AS said) t,
         LATERAL (SELECT CASE WHEN t.found IN ('object', 'array') THEN 'an ' || t.found WHEN t.found = 'null' THEN 'null' ELSE 'a ' || t.found END AS a_value,
                        CASE WHEN length(t.said) <= 40 THEN t.said ELSE 'the number' END AS a_number) w;
END;
COMMENT ON FUNCTION kra.document_value_fault(text, text[], numeric, numeric, jsonb) IS 'what is wrong with a value of a document, by its form; NULL: nothing';

CREATE FUNCTION kra.document_refuse(path text, fault text, errcode text, detail text DEFAULT NULL, hint text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    fault := concat_ws(': ', nullif(path, ''), fault);
    CASE
        WHEN detail <> '' AND hint <> '' THEN RAISE EXCEPTION '%', fault USING ERRCODE = errcode, DETAIL = detail, HINT = hint;
        WHEN detail <> '' THEN RAISE EXCEPTION '%', fault USING ERRCODE = errcode, DETAIL = detail;
        WHEN hint <> '' THEN RAISE EXCEPTION '%', fault USING ERRCODE = errcode, HINT = hint;
        ELSE RAISE EXCEPTION '%', fault USING ERRCODE = errcode;
    END CASE;
END $$;
COMMENT ON FUNCTION kra.document_refuse(text, text, text, text, text) IS 'raises the fault of a document, led by its path';

-- What a document says, with keys filled in. Dates: the item's own, else the document's, else today.

CREATE FUNCTION kra.document_date(document jsonb) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((document->>'effective_from')::date, current_date);
END;
COMMENT ON FUNCTION kra.document_date(jsonb) IS 'day from which a document holds: its effective_from, else today';

CREATE FUNCTION kra.document_kpis(document jsonb) RETURNS TABLE (key text, path text, place bigint[], item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.item->>'key', i.path, i.place, i.definition
    FROM (SELECT i.*, i.item - '{weight,target,provenance,is_active,effective_from}'::text[] AS definition
          FROM kra.document_items(document) i WHERE i.part IN ('kpi', 'card') AND jsonb_typeof(i.item) = 'object') i
    WHERE i.part = 'kpi' OR i.definition - 'key' <> '{}';
END;
COMMENT ON FUNCTION kra.document_kpis(jsonb) IS 'KPIs that a document defines, in kpis or in a KRA; a KPI may come more than once';

CREATE FUNCTION kra.document_kras(document jsonb)
RETURNS TABLE (role_key text, key text, result_area_id integer, path text, place bigint[], item jsonb)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.item->>'key', coalesce(a.item->>'key', ra.key, a.item->>'name'), ra.id, a.path, a.place, a.item
    FROM kra.document_items(document) r
    JOIN kra.document_items(document) a ON a.part = 'kra' AND a.place[2] = r.place[2]
    LEFT JOIN kra.job_roles jr ON jr.key = r.item->>'key'
    LEFT JOIN kra.result_areas ra ON ra.job_role_id = jr.id
        AND CASE WHEN a.item->>'key' IS NOT NULL THEN ra.key = a.item->>'key' ELSE ra.name = a.item->>'name' END
    WHERE r.part = 'role';
END;
COMMENT ON FUNCTION kra.document_kras(jsonb) IS 'KRAs of a document; one without a key is the one of that name in its role, else its name is its key';

CREATE FUNCTION kra.document_cards(document jsonb, since date)
RETURNS TABLE (role_key text, kra_key text, result_area_id integer, kpi_key text, effective_from date, is_active boolean, path text, place bigint[], item jsonb)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.role_key, a.key, a.result_area_id, k.item->>'key', coalesce((k.item->>'effective_from')::date, since),
           coalesce((k.item->>'is_active')::boolean, true), k.path, k.place, k.item
    FROM kra.document_kras(document) a
    JOIN kra.document_items(document) k ON k.part = 'card' AND k.place[2] = a.place[2] AND k.place[3] = a.place[3];
END;
COMMENT ON FUNCTION kra.document_cards(jsonb, date) IS 'KPIs on the cards of the roles of a document';

CREATE FUNCTION kra.document_kpi_rows(document jsonb)
RETURNS TABLE (path text, place bigint[], id integer, key text, name text, description text, kind text, timing text, unit text, value_format text,
               over_time text, over_subjects text, cadence text, objective_id integer, drives_key text, drives_kpi_id integer, source_relation text,
               lookback integer, stale_after_days integer, scale text, scale_labels text[], influenceable_by text[], state text, state_reason text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.path, d.place, k.id, d.key,
           CASE WHEN d.item ? 'name' THEN d.item->>'name' ELSE k.name END,
           CASE WHEN d.item ? 'description' THEN d.item->>'description' ELSE k.description END,
           CASE WHEN d.item ? 'kind' THEN d.item->>'kind' ELSE k.kind::text END,
           coalesce(CASE WHEN d.item ? 'timing' THEN d.item->>'timing' ELSE k.timing END, 'lagging'),
           CASE WHEN d.item ? 'unit' THEN d.item->>'unit' ELSE k.unit END,
           CASE WHEN d.item ? 'value_format' THEN d.item->>'value_format' ELSE k.value_format END,
           o.over_time,
           coalesce(CASE WHEN d.item ? 'over_subjects' THEN d.item->>'over_subjects' ELSE k.over_subjects END,
                    CASE WHEN o.over_time IN ('sum', 'last', 'count') THEN 'sum' ELSE o.over_time END),
           coalesce(CASE WHEN d.item ? 'cadence' THEN d.item->>'cadence' ELSE k.cadence END, 'month'),
           CASE WHEN d.item ? 'objective' THEN (SELECT j.id FROM kra.objectives j WHERE j.key = d.item->>'objective') ELSE k.objective_id END,
           d.item->>'drives',
           CASE WHEN d.item ? 'drives' THEN (SELECT j.id FROM kra.kpis j WHERE j.key = d.item->>'drives') ELSE k.drives_kpi_id END,
           CASE WHEN d.item ? 'source' THEN d.item->>'source' ELSE k.source_relation END,
           coalesce(CASE WHEN d.item ? 'lookback' THEN (d.item->>'lookback')::numeric::integer ELSE k.lookback END, 2),
           CASE WHEN d.item ? 'stale_after_days' THEN (d.item->>'stale_after_days')::numeric::integer ELSE k.stale_after_days END,
           CASE WHEN d.item ? 'scale' THEN d.item->>'scale' ELSE k.scale END,
           CASE WHEN NOT d.item ? 'scale_labels' THEN k.scale_labels
                WHEN d.item->'scale_labels' <> 'null' THEN ARRAY(SELECT e FROM jsonb_array_elements_text(d.item->'scale_labels') WITH ORDINALITY l (e, n) ORDER BY n) END,
           CASE WHEN NOT d.item ? 'influenceable_by' THEN k.influenceable_by
                WHEN d.item->'influenceable_by' <> 'null' THEN ARRAY(SELECT e FROM jsonb_array_elements_text(d.item->'influenceable_by') WITH ORDINALITY l (e, n) ORDER BY n) END,
           coalesce(CASE WHEN d.item ? 'state' THEN d.item->>'state' ELSE k.state END, 'active'),
           CASE WHEN d.item ? 'state_reason' THEN d.item->>'state_reason' ELSE k.state_reason END
    FROM (SELECT DISTINCT ON (key) * FROM kra.document_kpis(document) ORDER BY key, place) d
    LEFT JOIN kra.kpis k ON k.key = d.key
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN d.item ? 'over_time' THEN d.item->>'over_time' ELSE k.over_time END,
                        CASE WHEN d.item->>'scale' IS NULL THEN 'sum' ELSE 'ratio' END) AS over_time
    ) o;
END;
COMMENT ON FUNCTION kra.document_kpi_rows(jsonb) IS 'KPIs of a document as rows of kpis, over what stands there now; id is NULL for a new one';

-- What is complete has a day, and what is not has none: who says the one says the other.
CREATE FUNCTION kra.document_milestone_rows(document jsonb)
RETURNS TABLE (objective_key text, objective_id integer, id integer, key text, name text, weight double precision, owner_id integer, due_on date,
               completion double precision, completed_on date, path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.item->>'key', x.id, m.id, i.item->>'key',
           CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE m.name END,
           coalesce(CASE WHEN i.item ? 'weight' THEN (i.item->>'weight')::double precision ELSE m.weight END, 1),
           CASE WHEN i.item ? 'owner' THEN (SELECT s.id FROM kra.subjects s WHERE s.key = i.item->>'owner') ELSE m.owner_id END,
           CASE WHEN i.item ? 'due_on' THEN (i.item->>'due_on')::date ELSE m.due_on END,
           coalesce(c.said, CASE WHEN c.on_day IS NOT NULL THEN 1 WHEN m.completion < 1 AND NOT c.is_reset THEN m.completion ELSE 0 END),
           c.on_day, i.path, i.place
    FROM kra.document_items(document) o
    JOIN kra.document_items(document) i ON i.part = 'milestone' AND i.place[2] = o.place[2]
    LEFT JOIN kra.objectives x ON x.key = o.item->>'key'
    LEFT JOIN kra.milestones m ON m.objective_id = x.id AND m.key = i.item->>'key'
    CROSS JOIN LATERAL (
        SELECT d.said, i.item ? 'completion' AND i.item->>'completion' IS NULL AS is_reset,
               CASE WHEN i.item ? 'completed_on' THEN (i.item->>'completed_on')::date
                    WHEN i.item ? 'completion' AND d.said IS DISTINCT FROM 1 THEN NULL
                    ELSE m.completed_on END AS on_day
        FROM (SELECT (i.item->>'completion')::double precision AS said) d
    ) c
    WHERE o.part = 'objective';
END;
COMMENT ON FUNCTION kra.document_milestone_rows(jsonb) IS 'milestones of a document as rows of milestones, over what stands there now; id is NULL for a new one';

CREATE FUNCTION kra.document_placements(document jsonb, since date)
RETURNS TABLE (subject_id integer, effective_from date, parent_id integer, job_role_id integer, is_active boolean, path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT w.subject_id, w.effective_from, w.parent_id, w.job_role_id, w.is_active, w.path, w.place
    FROM (
        SELECT s.id AS subject_id, d.effective_from, i.path, i.place,
               CASE WHEN i.item ? 'parent' THEN (SELECT j.id FROM kra.subjects j WHERE j.key = i.item->>'parent') ELSE p.parent_id END AS parent_id,
               CASE WHEN i.item ? 'role' THEN (SELECT j.id FROM kra.job_roles j WHERE j.key = i.item->>'role') ELSE p.job_role_id END AS job_role_id,
               CASE WHEN i.item ? 'is_active' THEN coalesce((i.item->>'is_active')::boolean, true)
                    WHEN p.subject_id IS NOT NULL THEN p.is_active
                    ELSE i.item ? 'parent' OR i.item ? 'role' OR NOT EXISTS (SELECT FROM kra.placements x WHERE x.subject_id = s.id) END AS is_active,
               p.parent_id AS old_parent_id, p.job_role_id AS old_job_role_id, coalesce(p.is_active, false) AS was_active
        FROM kra.document_items(document) i
        CROSS JOIN LATERAL (SELECT coalesce((i.item->>'effective_from')::date, since) AS effective_from) d
        JOIN kra.subjects s ON s.key = i.item->>'key'
        LEFT JOIN LATERAL (
            SELECT * FROM kra.placements x WHERE x.subject_id = s.id AND x.effective_from <= d.effective_from ORDER BY x.effective_from DESC LIMIT 1
        ) p ON true
        WHERE i.part = 'subject'
    ) w
    WHERE (w.parent_id, w.job_role_id, w.is_active) IS DISTINCT FROM (w.old_parent_id, w.old_job_role_id, w.was_active);
END;
COMMENT ON FUNCTION kra.document_placements(jsonb, date) IS 'rows that placements lacks for the subjects of a document; one without any placement is placed';

CREATE FUNCTION kra.document_card_rows(document jsonb, since date)
RETURNS TABLE (result_area_id integer, kpi_id integer, effective_from date, weight double precision, target kra.kpi_target, provenance text, is_active boolean, "position" integer,
               path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS MATERIALIZED (
        SELECT c.*, k.id AS kpi_id, jr.id AS job_role_id, row_number() OVER w AS n, lag(c.kpi_key) OVER w AS key_before
        FROM kra.document_cards(document, since) c
        JOIN kra.kpis k ON k.key = c.kpi_key
        JOIN kra.job_roles jr ON jr.key = c.role_key
        WINDOW w AS (PARTITION BY c.result_area_id ORDER BY c.is_active DESC, c.place)
    ), found AS (
        SELECT l.*, x.kpi_id IS NOT NULL AS is_there, x.is_active AS was_active, x.weight AS old_weight, x.target AS old_target, x.provenance AS old_provenance, x.position AS old_position,
               CASE WHEN l.item ? 'weight' THEN coalesce((l.item->>'weight')::double precision, 1) WHEN o.holds THEN x.weight ELSE coalesce(y.weight, 1) END AS weight,
               CASE WHEN l.item ? 'target' THEN nullif(l.item->'target', 'null')::kra.kpi_target WHEN o.holds THEN x.target ELSE y.target END AS target,
               CASE WHEN l.item ? 'provenance' THEN l.item->>'provenance' WHEN o.holds THEN x.provenance ELSE y.provenance END AS provenance,
               CASE WHEN o.holds THEN x.position END AS held_position,
               CASE WHEN o.holds AND l.key_before COLLATE "C" < l.kpi_key THEN 0 ELSE 1 END AS step
        FROM listed l
        LEFT JOIN LATERAL (
            SELECT * FROM kra.result_area_kpis x WHERE x.result_area_id = l.result_area_id AND x.kpi_id = l.kpi_id AND x.effective_from <= l.effective_from
            ORDER BY x.effective_from DESC LIMIT 1
        ) x ON true
        CROSS JOIN LATERAL (SELECT x.is_active OR (NOT l.is_active AND x.kpi_id IS NOT NULL) AS holds) o
        -- a KPI that comes from another KRA of the role brings its weight and target along
        LEFT JOIN LATERAL (
            SELECT y.weight, y.target, y.provenance FROM kra.role_kpis y
            WHERE y.job_role_id = l.job_role_id AND y.kpi_id = l.kpi_id AND y.result_area_id <> l.result_area_id
              AND y.is_active AND y.effective_from <= l.effective_from AND y.effective_until > l.effective_from
            LIMIT 1
        ) y ON l.is_active AND o.holds IS NOT TRUE
    ), merged AS (
        -- what stands in order keeps its place; equal places are in the order of the keys:
        -- p(i) = greatest(held(i), p(i - 1) + step(i)), and that is steps(i) + max(held(j) - steps(j))
        SELECT f.*, CASE WHEN NOT f.is_active THEN coalesce(f.old_position, 1)
                         ELSE (f.steps + greatest(0, max(f.held_position - f.steps) OVER (PARTITION BY f.result_area_id ORDER BY f.n)))::integer END AS position
        FROM (SELECT f.*, sum(f.step) OVER (PARTITION BY f.result_area_id ORDER BY f.n) AS steps FROM found f) f
    )
    SELECT m.result_area_id, m.kpi_id, m.effective_from, m.weight, m.target, m.provenance, m.is_active, m.position, m.path, m.place
    FROM merged m
    WHERE NOT m.is_there OR (m.weight, m.target::text, m.provenance, m.is_active, m.position) IS DISTINCT FROM (m.old_weight, m.old_target::text, m.old_provenance, m.was_active, m.old_position)
    UNION ALL
    -- not listed: off the card, or over to another KRA on the day on which it comes to that one
    SELECT x.result_area_id, x.kpi_id, d.effective_from, x.weight, x.target, x.provenance, false, x.position, coalesce(d.path, r.path), coalesce(d.place, r.place)
    FROM kra.document_items(document) r
    JOIN kra.job_roles jr ON jr.key = r.item->>'key'
    JOIN kra.result_areas ra ON ra.job_role_id = jr.id
    JOIN (SELECT DISTINCT y.result_area_id, y.kpi_id FROM kra.result_area_kpis y) e ON e.result_area_id = ra.id
    CROSS JOIN LATERAL (
        SELECT coalesce(min(l.effective_from), since) AS effective_from, min(l.path) AS path, min(l.place) AS place
        FROM listed l WHERE l.role_key = r.item->>'key' AND l.kpi_id = e.kpi_id AND l.is_active
    ) d
    CROSS JOIN LATERAL (
        SELECT * FROM kra.result_area_kpis y WHERE y.result_area_id = e.result_area_id AND y.kpi_id = e.kpi_id AND y.effective_from <= d.effective_from
        ORDER BY y.effective_from DESC LIMIT 1
    ) x
    WHERE r.part = 'role' AND r.item ? 'kras' AND x.is_active
      AND NOT EXISTS (SELECT FROM listed l WHERE l.result_area_id = e.result_area_id AND l.kpi_id = e.kpi_id);
END;
COMMENT ON FUNCTION kra.document_card_rows(jsonb, date) IS 'rows that result_area_kpis lacks for the roles of a document: what it lists, and what it leaves out, taken off';

-- The first fault of a document, in the order of the document: of form, which the JSON Schema in
-- share/kra-definition.schema.json shows too, then of what it says.

CREATE FUNCTION kra.document_check_form(document jsonb) RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    f record;
BEGIN
    IF document IS NULL OR jsonb_typeof(document) <> 'object' THEN
        PERFORM kra.document_refuse('', 'a document of definitions must be a JSON object', '22023');
    END IF;

    SELECT * INTO f FROM (
        SELECT i.place, 0 AS n, i.path, kra.document_value_fault('object', NULL, NULL, NULL, i.item) AS fault, '22023' AS errcode, NULL AS detail, NULL AS hint
        FROM kra.document_items(document) i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT i.place, coalesce(m.n, 1000), concat_ws('.', nullif(i.path, ''), CASE WHEN e.key ~ '^[$a-z_]+$' THEN e.key ELSE to_jsonb(e.key)::text END),
               coalesce(t.fault, v.fault),
               coalesce(t.errcode, CASE WHEN e.value = 'null' THEN '23502'
                                        WHEN m.form = 'date' AND jsonb_typeof(e.value) = 'string' THEN '22007'
                                        WHEN m.form IN ('number', 'integer') AND jsonb_typeof(e.value) = 'number' THEN '22003'
                                        ELSE '22023' END),
               t.detail,
               CASE WHEN m.n IS NOT NULL THEN t.hint ELSE format('Members are %s.', (SELECT string_agg(x.member, ', ' ORDER BY x.part DESC, x.n) FROM kra.document_members() x
                                                                     WHERE x.part = i.part OR (i.part = 'card' AND x.part = 'kpi'))) END
        FROM kra.document_items(document) i
        CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item ELSE '{}' END) e
        LEFT JOIN kra.document_members() m ON m.member = e.key AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        LEFT JOIN LATERAL kra.document_target_fault(e.value) t ON m.form = 'target' AND e.value <> 'null'
        CROSS JOIN LATERAL (
            SELECT CASE WHEN m.n IS NULL THEN 'unknown member'
                        WHEN m.form = 'target' THEN NULL
                        WHEN e.value = 'null' AND (m.is_required OR m.is_needed) AND m.form <> 'number' THEN 'must not be null'
                        WHEN e.value = 'null' AND m.form NOT IN ('list', 'object') THEN NULL
                        ELSE kra.document_value_fault(m.form, m.choices, m.lowest, m.highest, e.value) END AS fault
        ) v
        WHERE coalesce(t.fault, v.fault) IS NOT NULL
        UNION ALL
        SELECT i.place, m.n, concat_ws('.', nullif(i.path, ''), m.member), 'missing', '23502', NULL, NULL
        FROM kra.document_items(document) i
        JOIN kra.document_members() m ON m.is_required AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        WHERE jsonb_typeof(i.item) = 'object' AND NOT i.item ? m.member
        UNION ALL
        SELECT i.place, 900, i.path || '.owner_from', 'a date without an owner', '22023', NULL, NULL
        FROM kra.document_items(document) i
        WHERE i.part IN ('kpi', 'card') AND jsonb_typeof(i.item) = 'object' AND i.item ? 'owner_from' AND NOT i.item ? 'owner'
        UNION ALL
        SELECT i.place, 900, i.path || '.name', 'missing', '23502', NULL, 'A KRA needs a key or a name.'
        FROM kra.document_items(document) i
        WHERE i.part = 'kra' AND jsonb_typeof(i.item) = 'object' AND i.item->>'key' IS NULL AND NOT i.item ? 'name'
    ) f ORDER BY place, n LIMIT 1;
    IF FOUND THEN
        PERFORM kra.document_refuse(f.path, f.fault, f.errcode, f.detail, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra.document_check_form(jsonb) IS 'refuses a document of definitions whose form is faulty: unknown members, wrong types, values out of range. The message starts with the path of the first fault';

CREATE FUNCTION kra.document_check(document jsonb) RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    f record;
    since date;
BEGIN
    PERFORM kra.document_check_form(document);
    since := kra.document_date(document);

    -- said twice
    SELECT * INTO f FROM (
        SELECT i.place, i.path || '.key' AS path, format('duplicate %s %s', CASE i.part WHEN 'kpi' THEN 'KPI' ELSE i.part END, i.item->'key') AS fault, '23505' AS errcode, NULL AS hint,
               row_number() OVER (PARTITION BY i.part, i.item->>'key' ORDER BY i.place) AS n
        FROM kra.document_items(document) i WHERE i.part IN ('objective', 'subject', 'kpi', 'role')
        UNION ALL
        SELECT i.place, i.path || '.key', format('duplicate milestone %s', i.item->'key'), '23505', NULL,
               row_number() OVER (PARTITION BY i.place[2], i.item->>'key' ORDER BY i.place)
        FROM kra.document_items(document) i WHERE i.part = 'milestone'
        UNION ALL
        SELECT a.place, a.path || CASE WHEN a.item->>'key' IS NULL THEN '.name' ELSE '.key' END, format('duplicate KRA %s', to_jsonb(a.key)), '23505', NULL,
               row_number() OVER (PARTITION BY a.place[2], a.key ORDER BY a.place)
        FROM kra.document_kras(document) a
        UNION ALL
        SELECT a.place, a.path || '.name', format('duplicate KRA %s', a.item->'name'), '23505', NULL,
               row_number() OVER (PARTITION BY a.place[2], a.item->>'name' ORDER BY a.place)
        FROM kra.document_kras(document) a WHERE a.item ? 'name'
        UNION ALL
        SELECT c.place, c.path || '.key', format('KPI %s stands twice in its KRA', c.item->'key'), '23505', NULL,
               row_number() OVER (PARTITION BY c.place[2:3], c.kpi_key ORDER BY c.place)
        FROM kra.document_cards(document, since) c
        UNION ALL
        SELECT c.place, c.path || '.key', format('KPI %s stands in two KRAs of the role', c.item->'key'), '23505', 'A scorecard names a KPI once.',
               row_number() OVER (PARTITION BY c.place[2], c.kpi_key ORDER BY c.place)
        FROM kra.document_cards(document, since) c WHERE c.is_active
        UNION ALL
        SELECT i.place, i.path, format('duplicate target of %s for KPI %s from that day on', i.item->'subject', i.item->'kpi'), '23505', NULL,
               row_number() OVER (PARTITION BY i.item->>'kpi', i.item->>'subject', coalesce((i.item->>'effective_from')::date, since) ORDER BY i.place)
        FROM kra.document_items(document) i WHERE i.part = 'target'
        UNION ALL
        SELECT i.place, i.path, format('duplicate benchmark of KPI %s from that day on', i.item->'kpi'), '23505', NULL,
               row_number() OVER (PARTITION BY i.item->>'kpi', coalesce((i.item->>'effective_from')::date, since) ORDER BY i.place)
        FROM kra.document_items(document) i WHERE i.part = 'benchmark'
        UNION ALL
        SELECT d.place, d.path, format('KPI %s is defined differently at %s', to_jsonb(d.key), d.first_path), '23505', 'Define it once, and name its key alone elsewhere.',
               CASE WHEN d.item <> d.first_item THEN 2 END
        FROM (SELECT *, first_value(k.item) OVER w AS first_item, first_value(k.path) OVER w AS first_path
              FROM kra.document_kpis(document) k WINDOW w AS (PARTITION BY k.key ORDER BY k.place)) d
    ) f WHERE n > 1 ORDER BY place LIMIT 1;
    IF FOUND THEN
        PERFORM kra.document_refuse(f.path, f.fault, f.errcode, NULL, f.hint);
    END IF;

    -- what it refers to must be there, and what is new must be complete
    SELECT * INTO f FROM (
        SELECT r.place, r.n, r.path, format('unknown %s %s', CASE r.form WHEN 'kpi' THEN 'KPI' ELSE r.form END, to_jsonb(r.key)) AS fault, '23503' AS errcode
        FROM (
            SELECT i.place, m.n, i.path || '.' || m.member AS path, m.form, i.item->>m.member AS key
            FROM kra.document_items(document) i
            JOIN kra.document_members() m ON m.form IN ('objective', 'subject', 'role', 'kpi') AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
            WHERE i.item->>m.member IS NOT NULL
            UNION ALL
            SELECT i.place, 0, i.path || '.key', 'kpi', i.item->>'key' FROM kra.document_items(document) i WHERE i.part = 'card'
        ) r
        WHERE (r.form, r.key) NOT IN (
            SELECT i.part, i.item->>'key' FROM kra.document_items(document) i WHERE i.part IN ('objective', 'subject', 'role')
            UNION ALL SELECT 'kpi', key FROM kra.document_kpis(document)
            UNION ALL SELECT 'objective', key FROM kra.objectives
            UNION ALL SELECT 'subject', key FROM kra.subjects
            UNION ALL SELECT 'role', key FROM kra.job_roles
            UNION ALL SELECT 'kpi', key FROM kra.kpis)
        UNION ALL
        SELECT i.place, m.n, i.path || '.' || m.member, format('missing for the new %s %s', CASE i.part WHEN 'card' THEN 'KPI' WHEN 'kpi' THEN 'KPI' ELSE i.part END, i.item->'key'), '23502'
        FROM kra.document_items(document) i
        JOIN kra.document_members() m ON m.is_needed AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        WHERE i.part IN ('objective', 'subject', 'role', 'kpi', 'card') AND NOT i.item ? m.member
          AND (i.part <> 'card' OR i.item - '{key,weight,target,provenance,is_active,effective_from}'::text[] <> '{}')
          AND (CASE i.part WHEN 'card' THEN 'kpi' ELSE i.part END, i.item->>'key') NOT IN (
            SELECT 'objective', key FROM kra.objectives
            UNION ALL SELECT 'subject', key FROM kra.subjects
            UNION ALL SELECT 'role', key FROM kra.job_roles
            UNION ALL SELECT 'kpi', key FROM kra.kpis)
        UNION ALL
        SELECT m.place, 1, m.path || '.name', format('missing for the new milestone %s', to_jsonb(m.key)), '23502'
        FROM kra.document_milestone_rows(document) m WHERE m.name IS NULL
        UNION ALL
        SELECT a.place, 1, a.path || '.name', format('missing for the new KRA %s', to_jsonb(a.key)), '23502'
        FROM kra.document_kras(document) a WHERE a.result_area_id IS NULL AND NOT a.item ? 'name'
        UNION ALL
        SELECT a.place, 1, a.path || '.name', format('the role has another KRA of that name, with the key %s', to_jsonb(ra.key)), '23505'
        FROM kra.document_kras(document) a
        JOIN kra.job_roles jr ON jr.key = a.role_key
        JOIN kra.result_areas ra ON ra.job_role_id = jr.id AND ra.name = a.item->>'name' AND ra.id IS DISTINCT FROM a.result_area_id
        UNION ALL
        SELECT i.place, m.n, i.path || '.' || m.member, format('missing for the new %s', i.part), '23502'
        FROM (SELECT i.part, i.path, i.place, i.item, coalesce((i.item->>'effective_from')::date, since) AS effective_from,
                     row_number() OVER (PARTITION BY i.part, i.item->>'kpi', i.item->>'subject'
                                        ORDER BY coalesce((i.item->>'effective_from')::date, since)) AS turn
              FROM kra.document_items(document) i WHERE i.part IN ('target', 'benchmark')) i
        JOIN kra.document_members() m ON m.part = i.part AND m.is_needed
        WHERE NOT i.item ? m.member AND i.turn = 1
          AND CASE i.part
              WHEN 'target' THEN NOT EXISTS (
                SELECT FROM kra.targets t
                WHERE t.kpi_id = (SELECT k.id FROM kra.kpis k WHERE k.key = i.item->>'kpi') AND t.subject_id = (SELECT s.id FROM kra.subjects s WHERE s.key = i.item->>'subject')
                  AND t.effective_from <= i.effective_from)
              ELSE NOT EXISTS (
                SELECT FROM kra.benchmarks b
                WHERE b.kpi_id = (SELECT k.id FROM kra.kpis k WHERE k.key = i.item->>'kpi') AND b.effective_from <= i.effective_from) END
    ) f ORDER BY place, n LIMIT 1;
    IF FOUND THEN
        PERFORM kra.document_refuse(f.path, f.fault, f.errcode);
    END IF;

    -- what does not go together
    SELECT * INTO f FROM (
        SELECT i.place, i.path || '.' || m.member AS path,
               CASE i.part WHEN 'objective' THEN 'an objective cannot serve itself' WHEN 'subject' THEN 'a subject cannot be below itself' ELSE 'a KPI cannot drive itself' END AS fault,
               NULL AS hint
        FROM kra.document_items(document) i
        JOIN (VALUES ('objective', 'parent'), ('subject', 'parent'), ('kpi', 'drives'), ('card', 'drives')) m (part, member) ON m.part = i.part
        WHERE i.item->>m.member = i.item->>'key'
        UNION ALL
        SELECT i.place, i.path || '.due_on', format('%s is before %s', d.due_on, d.starts_on), NULL
        FROM kra.document_items(document) i
        LEFT JOIN kra.objectives o ON o.key = i.item->>'key'
        CROSS JOIN LATERAL (SELECT CASE WHEN i.item ? 'starts_on' THEN i.item->>'starts_on' ELSE to_char(o.starts_on, 'YYYY-MM-DD') END::date AS starts_on,
                                   CASE WHEN i.item ? 'due_on' THEN i.item->>'due_on' ELSE to_char(o.due_on, 'YYYY-MM-DD') END::date AS due_on) d
        WHERE i.part = 'objective' AND d.starts_on > d.due_on
        UNION ALL
        SELECT m.place, m.path || '.completed_on', CASE WHEN m.completion = 1 THEN 'missing for a completion of 1' ELSE 'a day, and a completion of less than 1' END, NULL
        FROM kra.document_milestone_rows(document) m
        WHERE (m.completion = 1) <> (m.completed_on IS NOT NULL)
        UNION ALL
        SELECT k.place, k.path || c.member, c.fault, c.hint
        FROM kra.document_kpi_rows(document) k
        CROSS JOIN LATERAL (
            SELECT '.scale' AS member, 'a scale needs over_time and over_subjects to be ratio' AS fault, NULL AS hint WHERE k.scale IS NOT NULL AND (k.over_time <> 'ratio' OR k.over_subjects <> 'ratio')
            UNION ALL
            SELECT '.over_subjects', format('%s over subjects does not go with %s over time', k.over_subjects, k.over_time), 'It is the same, or sum, mean, min or max where over_time is not ratio.'
            WHERE k.over_time <> k.over_subjects AND (k.over_time = 'ratio' OR k.over_subjects NOT IN ('sum', 'mean', 'min', 'max'))
            UNION ALL
            SELECT '.scale_labels', 'missing for an ordinal scale', NULL WHERE k.scale = 'ordinal' AND k.scale_labels IS NULL
            UNION ALL
            SELECT '.scale_labels', 'only an ordinal scale has labels', NULL WHERE k.scale_labels IS NOT NULL AND k.scale IS DISTINCT FROM 'ordinal'
            UNION ALL
            SELECT '.influenceable_by', format('neither a subject nor a role: %s', to_jsonb(w.key)), NULL
            FROM unnest(k.influenceable_by) WITH ORDINALITY w (key, n)
            WHERE k.influenceable_by IS DISTINCT FROM (SELECT o.influenceable_by FROM kra.kpis o WHERE o.id = k.id)
              AND NOT EXISTS (SELECT FROM kra.subjects s WHERE s.key = w.key) AND NOT EXISTS (SELECT FROM kra.job_roles s WHERE s.key = w.key)
              AND w.key NOT IN (SELECT i.item->>'key' FROM kra.document_items(document) i WHERE i.part IN ('subject', 'role'))
        ) c
        UNION ALL
        (WITH RECURSIVE edges (key, parent, path, place) AS MATERIALIZED (
            SELECT i.item->>'key', i.item->>'parent', i.path, i.place FROM kra.document_items(document) i WHERE i.part = 'objective' AND i.item ? 'parent'
            UNION ALL
            SELECT o.key, p.key, NULL, NULL FROM kra.objectives o JOIN kra.objectives p ON p.id = o.parent_id
            WHERE o.key NOT IN (SELECT i.item->>'key' FROM kra.document_items(document) i WHERE i.part = 'objective' AND i.item ? 'parent')
        ), up (start, path, place, parent) AS (
            SELECT e.key, e.path, e.place, e.parent FROM edges e WHERE e.path IS NOT NULL AND e.parent <> e.key
            UNION
            SELECT u.start, u.path, u.place, e.parent FROM up u JOIN edges e ON e.key = u.parent WHERE u.parent <> u.start
        )
        SELECT u.place, u.path || '.parent', 'an objective cannot serve itself', 'It comes round over those that it serves.' FROM up u WHERE u.parent = u.start)
    ) f ORDER BY place LIMIT 1;
    IF FOUND THEN
        PERFORM kra.document_refuse(f.path, f.fault, '23514', NULL, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra.document_check(jsonb) IS 'refuses a document of definitions that is faulty: the message starts with the path of the first fault';

CREATE FUNCTION kra.define(document jsonb, dry_run boolean DEFAULT false)
RETURNS TABLE (operation text, object text, row_key text, before jsonb, after jsonb)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off SET datestyle = 'ISO, YMD' AS $$
#variable_conflict use_column
DECLARE
    section text;       -- path for errors of the tables; NULL: the error has its path
    logged bigint;
    changes kra.definition_log[];
    since date;
    r record;
    n bigint;
    last_role integer;
    last_position integer;
    last_key text;
    message text;
    state text;
    detail text;
    hint text;
BEGIN
    BEGIN
        -- one document at a time: ASCII 'kra', and 1 for definitions. A dry run gives it back when it is undone
        PERFORM pg_advisory_xact_lock(7041633, 1);
        IF jsonb_typeof(document) = 'object' THEN
            document := document || '{}';       -- out of a table, it would be unpacked for every use
        END IF;
        PERFORM kra.document_check(document);
        since := kra.document_date(document);
        SELECT coalesce(max(l.id), 0) INTO logged FROM kra.definition_log l;

        section := 'settings';
        IF document ? 'settings' THEN
            SELECT w.* INTO r
            FROM kra.settings_in_force f
            CROSS JOIN LATERAL (
                SELECT CASE WHEN d ? 'fiscal_year_start_month' THEN coalesce((d->>'fiscal_year_start_month')::numeric::integer, 1) ELSE f.fiscal_year_start_month END AS fiscal_year_start_month,
                       CASE WHEN d ? 'week_start' THEN coalesce((d->>'week_start')::numeric::integer, 1) ELSE f.week_start END AS week_start,
                       CASE WHEN d ? 'min_coverage' THEN coalesce((d->>'min_coverage')::double precision, 0.5) ELSE f.min_coverage END AS min_coverage,
                       CASE WHEN d ? 'min_group_size' THEN coalesce((d->>'min_group_size')::numeric::integer, 5) ELSE f.min_group_size END AS min_group_size,
                       CASE WHEN d ? 'sees_all_role' THEN d->>'sees_all_role' ELSE f.sees_all_role END AS sees_all_role,
                       CASE WHEN d ? 'show_groups_above' THEN coalesce((d->>'show_groups_above')::boolean, false) ELSE f.show_groups_above END AS show_groups_above,
                       CASE WHEN d ? 'history_periods' THEN coalesce((d->>'history_periods')::numeric::integer, 24) ELSE f.history_periods END AS history_periods,
                       CASE WHEN d ? 'review_cadence' THEN coalesce(d->>'review_cadence', 'month') ELSE f.review_cadence END AS review_cadence,
                       CASE WHEN d ? 'check_in_days' THEN coalesce((d->>'check_in_days')::numeric::integer, 14) ELSE f.check_in_days END AS check_in_days
                FROM (SELECT document->'settings') x (d)
            ) w
            WHERE w IS DISTINCT FROM (f.fiscal_year_start_month, f.week_start, f.min_coverage, f.min_group_size, f.sees_all_role, f.show_groups_above, f.history_periods,
                                      f.review_cadence, f.check_in_days);
            IF FOUND THEN
                INSERT INTO kra.settings (fiscal_year_start_month, week_start, min_coverage, min_group_size, sees_all_role, show_groups_above, history_periods, review_cadence, check_in_days)
                VALUES (r.fiscal_year_start_month, r.week_start, r.min_coverage, r.min_group_size, r.sees_all_role, r.show_groups_above, r.history_periods, r.review_cadence, r.check_in_days)
                ON CONFLICT (id) DO UPDATE SET (fiscal_year_start_month, week_start, min_coverage, min_group_size, sees_all_role, show_groups_above, history_periods,
                                                review_cadence, check_in_days)
                    = (excluded.fiscal_year_start_month, excluded.week_start, excluded.min_coverage, excluded.min_group_size, excluded.sees_all_role,
                       excluded.show_groups_above, excluded.history_periods, excluded.review_cadence, excluded.check_in_days);
            END IF;
        END IF;

        section := 'subjects';
        UPDATE kra.subjects s
        SET (name, kind, login) = (w.name, w.kind, w.login)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name, CASE WHEN i.item ? 'kind' THEN i.item->>'kind' ELSE x.kind END AS kind,
                   CASE WHEN i.item ? 'login' THEN i.item->>'login' ELSE x.login END AS login
            FROM kra.document_items(document) i JOIN kra.subjects x ON x.key = i.item->>'key' WHERE i.part = 'subject'
        ) w
        WHERE s.id = w.id AND (s.name, s.kind, s.login) IS DISTINCT FROM (w.name, w.kind, w.login);
        INSERT INTO kra.subjects (key, name, kind, login)
        SELECT i.item->>'key', i.item->>'name', i.item->>'kind', i.item->>'login'
        FROM kra.document_items(document) i
        WHERE i.part = 'subject' AND i.item->>'key' NOT IN (SELECT key FROM kra.subjects)
        ORDER BY i.place;

        section := 'roles';
        UPDATE kra.job_roles j
        SET (name, purpose, level) = (w.name, w.purpose, w.level)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name, CASE WHEN i.item ? 'purpose' THEN i.item->>'purpose' ELSE x.purpose END AS purpose,
                   CASE WHEN i.item ? 'level' THEN i.item->>'level' ELSE x.level END AS level
            FROM kra.document_items(document) i JOIN kra.job_roles x ON x.key = i.item->>'key' WHERE i.part = 'role'
        ) w
        WHERE j.id = w.id AND (j.name, j.purpose, j.level) IS DISTINCT FROM (w.name, w.purpose, w.level);
        INSERT INTO kra.job_roles (key, name, purpose, level)
        SELECT i.item->>'key', i.item->>'name', i.item->>'purpose', i.item->>'level'
        FROM kra.document_items(document) i
        WHERE i.part = 'role' AND i.item->>'key' NOT IN (SELECT key FROM kra.job_roles)
        ORDER BY i.place;

        -- in one statement, so that the tree is built once; the tree says where it loops, not in which item
        section := 'subjects';
        BEGIN
            INSERT INTO kra.placements AS p (subject_id, effective_from, parent_id, job_role_id, is_active)
            SELECT w.subject_id, w.effective_from, w.parent_id, w.job_role_id, w.is_active FROM kra.document_placements(document, since) w ORDER BY w.place
            ON CONFLICT (subject_id, effective_from) DO UPDATE SET (parent_id, job_role_id, is_active) = (excluded.parent_id, excluded.job_role_id, excluded.is_active);
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
            WITH RECURSIVE changed AS MATERIALIZED (
                SELECT * FROM kra.document_placements(document, since)
            ), spans AS MATERIALIZED (
                SELECT subject_id, parent_id, is_active, effective_from, coalesce(lead(effective_from) OVER (PARTITION BY subject_id ORDER BY effective_from), 'infinity') AS effective_until
                FROM (
                    SELECT subject_id, effective_from, parent_id, is_active FROM changed
                    UNION ALL
                    SELECT p.subject_id, p.effective_from, p.parent_id, p.is_active FROM kra.placements p
                    WHERE (p.subject_id, p.effective_from) NOT IN (SELECT subject_id, effective_from FROM changed)
                ) p
            ), up (path, place, start, parent_id, effective_from, effective_until) AS (
                SELECT c.path, c.place, c.subject_id, s.parent_id, s.effective_from, s.effective_until
                FROM changed c JOIN spans s ON s.subject_id = c.subject_id AND s.effective_from = c.effective_from WHERE s.is_active
                UNION
                SELECT u.path, u.place, u.start, s.parent_id, greatest(u.effective_from, s.effective_from), least(u.effective_until, s.effective_until)
                FROM up u JOIN spans s ON s.subject_id = u.parent_id AND s.is_active AND s.effective_from < u.effective_until AND u.effective_from < s.effective_until
                WHERE u.parent_id <> u.start
            )
            SELECT u.path || '.parent' INTO section FROM up u WHERE u.parent_id = u.start ORDER BY u.place LIMIT 1;
            RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation';
        END;

        -- objectives: from the top down, so that each is written once
        section := 'objectives';
        LOOP
            INSERT INTO kra.objectives (key, name, description, parent_id, subject_id, starts_on, due_on)
            SELECT i.item->>'key', i.item->>'name', i.item->>'description', p.id, s.id, (i.item->>'starts_on')::date, (i.item->>'due_on')::date
            FROM kra.document_items(document) i
            LEFT JOIN kra.objectives p ON p.key = i.item->>'parent'
            LEFT JOIN kra.subjects s ON s.key = i.item->>'subject'
            WHERE i.part = 'objective' AND i.item->>'key' NOT IN (SELECT key FROM kra.objectives) AND (i.item->>'parent' IS NULL OR p.id IS NOT NULL)
            ORDER BY i.place;
            GET DIAGNOSTICS n = ROW_COUNT;
            EXIT WHEN n = 0;
        END LOOP;
        UPDATE kra.objectives o
        SET (name, description, parent_id, subject_id, starts_on, due_on) = (w.name, w.description, w.parent_id, w.subject_id, w.starts_on, w.due_on)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name,
                   CASE WHEN i.item ? 'description' THEN i.item->>'description' ELSE x.description END AS description,
                   CASE WHEN i.item ? 'parent' THEN p.id ELSE x.parent_id END AS parent_id, CASE WHEN i.item ? 'subject' THEN s.id ELSE x.subject_id END AS subject_id,
                   CASE WHEN i.item ? 'starts_on' THEN (i.item->>'starts_on')::date ELSE x.starts_on END AS starts_on,
                   CASE WHEN i.item ? 'due_on' THEN (i.item->>'due_on')::date ELSE x.due_on END AS due_on
            FROM kra.document_items(document) i
            JOIN kra.objectives x ON x.key = i.item->>'key'
            LEFT JOIN kra.objectives p ON p.key = i.item->>'parent'
            LEFT JOIN kra.subjects s ON s.key = i.item->>'subject'
            WHERE i.part = 'objective'
        ) w
        WHERE o.id = w.id AND (o.name, o.description, o.parent_id, o.subject_id, o.starts_on, o.due_on)
            IS DISTINCT FROM (w.name, w.description, w.parent_id, w.subject_id, w.starts_on, w.due_on);

        INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on, completion, completed_on)
        SELECT w.objective_id, w.key, w.name, w.weight, w.owner_id, w.due_on, w.completion, w.completed_on
        FROM kra.document_milestone_rows(document) w WHERE w.id IS NULL ORDER BY w.place;
        UPDATE kra.milestones m
        SET (name, weight, owner_id, due_on, completion, completed_on) = (w.name, w.weight, w.owner_id, w.due_on, w.completion, w.completed_on)
        FROM kra.document_milestone_rows(document) w
        WHERE m.id = w.id AND (m.name, m.weight, m.owner_id, m.due_on, m.completion, m.completed_on)
            IS DISTINCT FROM (w.name, w.weight, w.owner_id, w.due_on, w.completion, w.completed_on);

        -- KPIs: those that they drive first; where new ones drive each other in a ring, that is set by an update
        section := 'kpis';
        FOR pass IN 1..2 LOOP
            LOOP
                INSERT INTO kra.kpis (key, name, description, kind, timing, unit, value_format, over_time, over_subjects, cadence, grid, objective_id, drives_kpi_id,
                                      source_relation, lookback, stale_after_days, scale, scale_labels, influenceable_by, state, state_reason, state_since)
                SELECT k.key, k.name, k.description, k.kind::kra.kpi_kind, k.timing, k.unit, k.value_format, k.over_time, k.over_subjects, k.cadence, NULL, k.objective_id, k.drives_kpi_id,
                       k.source_relation, k.lookback, k.stale_after_days, k.scale, k.scale_labels, k.influenceable_by, k.state, k.state_reason, since
                FROM kra.document_kpi_rows(document) k
                WHERE k.id IS NULL AND (k.drives_key IS NULL OR k.drives_kpi_id IS NOT NULL OR pass = 2)
                ORDER BY k.place;
                GET DIAGNOSTICS n = ROW_COUNT;
                EXIT WHEN n = 0;
            END LOOP;
        END LOOP;
        FOR r IN
            SELECT k.*, x.cadence AS old_cadence, x.state AS old_state, x.state_since
            FROM kra.document_kpi_rows(document) k JOIN kra.kpis x ON x.id = k.id
            WHERE (k.name, k.description, k.kind, k.timing, k.unit, k.value_format, k.over_time, k.over_subjects, k.cadence, k.objective_id, k.drives_kpi_id,
                   k.source_relation, k.lookback, k.stale_after_days, k.scale, k.scale_labels, k.influenceable_by, k.state, k.state_reason)
                IS DISTINCT FROM (x.name, x.description, x.kind::text, x.timing, x.unit, x.value_format, x.over_time, x.over_subjects, x.cadence, x.objective_id, x.drives_kpi_id,
                   x.source_relation, x.lookback, x.stale_after_days, x.scale, x.scale_labels, x.influenceable_by, x.state, x.state_reason)
            ORDER BY k.place
        LOOP
            section := r.path || CASE WHEN r.cadence <> r.old_cadence THEN '.cadence' ELSE '' END;
            BEGIN
                UPDATE kra.kpis k
                SET (name, description, kind, timing, unit, value_format, over_time, over_subjects, cadence, objective_id, drives_kpi_id,
                     source_relation, lookback, stale_after_days, scale, scale_labels, influenceable_by, state, state_reason, state_since)
                    = (r.name, r.description, r.kind::kra.kpi_kind, r.timing, r.unit, r.value_format, r.over_time, r.over_subjects, r.cadence, r.objective_id, r.drives_kpi_id,
                     r.source_relation, r.lookback, r.stale_after_days, r.scale, r.scale_labels, r.influenceable_by, r.state, r.state_reason,
                     CASE WHEN r.state <> r.old_state THEN since ELSE r.state_since END)
                WHERE k.id = r.id;
                IF r.state <> r.old_state THEN   -- that very day was there before: the trigger took it for not given
                    UPDATE kra.kpis k SET state_since = since WHERE k.id = r.id AND k.state_since <> since;
                END IF;
            EXCEPTION WHEN check_violation THEN
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = TABLE_NAME;
                IF r.cadence <> r.old_cadence AND detail = 'measurements' THEN
                    RAISE EXCEPTION 'measurements fill periods of a %', r.old_cadence
                        USING ERRCODE = 'check_violation', HINT = 'Remove the measurements of the KPI first, and collect them again, or define a new KPI.';
                END IF;
                RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation';
            END;
        END LOOP;

        section := 'kpis';
        INSERT INTO kra.kpi_owners AS o (kpi_id, effective_from, subject_id)
        SELECT k.id, d.effective_from, s.id
        FROM (SELECT DISTINCT ON (key) * FROM kra.document_kpis(document) ORDER BY key, place) i
        JOIN kra.kpis k ON k.key = i.key
        LEFT JOIN kra.subjects s ON s.key = i.item->>'owner'
        CROSS JOIN LATERAL (SELECT coalesce((i.item->>'owner_from')::date, since) AS effective_from) d
        WHERE i.item ? 'owner' AND s.id IS DISTINCT FROM (SELECT x.subject_id FROM kra.kpi_owners x WHERE x.kpi_id = k.id AND x.effective_from <= d.effective_from
                                                          ORDER BY x.effective_from DESC LIMIT 1)
        ORDER BY i.place
        ON CONFLICT (kpi_id, effective_from) DO UPDATE SET subject_id = excluded.subject_id;

        -- KRAs: what stands in order keeps its place; equal places are in the order of the keys
        FOR r IN
            SELECT a.*, jr.id AS job_role_id, x.position AS old_position
            FROM kra.document_kras(document) a
            JOIN kra.job_roles jr ON jr.key = a.role_key
            LEFT JOIN kra.result_areas x ON x.id = a.result_area_id
            ORDER BY a.place
        LOOP
            section := r.path;
            IF r.job_role_id IS DISTINCT FROM last_role THEN
                last_role := r.job_role_id;
                last_position := 0;
                last_key := NULL;
            END IF;
            last_position := greatest(r.old_position, last_position + CASE WHEN r.old_position IS NOT NULL AND last_key COLLATE "C" < r.key THEN 0 ELSE 1 END);
            last_key := r.key;
            IF r.result_area_id IS NULL THEN
                INSERT INTO kra.result_areas (job_role_id, key, name, perspective, scope, description, position)
                VALUES (r.job_role_id, r.key, r.item->>'name', r.item->>'perspective', r.item->>'scope', r.item->>'description', last_position);
            ELSE
                UPDATE kra.result_areas a
                SET (name, perspective, scope, description, position) = (w.name, w.perspective, w.scope, w.description, last_position)
                FROM (
                    SELECT x.id, CASE WHEN r.item ? 'name' THEN r.item->>'name' ELSE x.name END AS name,
                           CASE WHEN r.item ? 'perspective' THEN r.item->>'perspective' ELSE x.perspective END AS perspective,
                           CASE WHEN r.item ? 'scope' THEN r.item->>'scope' ELSE x.scope END AS scope,
                           CASE WHEN r.item ? 'description' THEN r.item->>'description' ELSE x.description END AS description
                    FROM kra.result_areas x WHERE x.id = r.result_area_id
                ) w
                WHERE a.id = w.id AND (a.name, a.perspective, a.scope, a.description, a.position) IS DISTINCT FROM (w.name, w.perspective, w.scope, w.description, last_position);
            END IF;
        END LOOP;

        -- in one statement, so that a KPI can move from one KRA to another
        section := 'roles';
        BEGIN
            INSERT INTO kra.result_area_kpis AS a (result_area_id, kpi_id, effective_from, weight, target, provenance, is_active, position)
            SELECT w.result_area_id, w.kpi_id, w.effective_from, w.weight, w.target, w.provenance, w.is_active, w.position FROM kra.document_card_rows(document, since) w ORDER BY w.place
            ON CONFLICT (result_area_id, kpi_id, effective_from) DO UPDATE
                SET (weight, target, provenance, is_active, position, set_by)
                    = (excluded.weight, excluded.target, excluded.provenance, excluded.is_active, excluded.position,
                       CASE WHEN excluded.target::text IS DISTINCT FROM a.target::text THEN excluded.set_by ELSE a.set_by END);
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            SELECT w.path INTO section FROM kra.document_card_rows(document, since) w
            JOIN kra.result_areas ra ON ra.id = w.result_area_id
            JOIN kra.role_kpis o ON o.job_role_id = ra.job_role_id AND o.kpi_id = w.kpi_id AND o.result_area_id <> w.result_area_id AND o.is_active AND o.effective_until > w.effective_from
            WHERE w.is_active ORDER BY w.place LIMIT 1;
            RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation', HINT = coalesce(hint, '');
        END;

        -- targets and benchmarks: one after the other, where a document states several from different days on
        section := 'targets';
        FOR this_turn IN 1..coalesce((SELECT max(c) FROM (SELECT count(*) AS c FROM kra.document_items(document) i WHERE i.part = 'target' GROUP BY i.item->>'kpi', i.item->>'subject') c), 0) LOOP
            INSERT INTO kra.targets AS t (kpi_id, subject_id, effective_from, target, provenance, note)
            SELECT w.kpi_id, w.subject_id, w.effective_from, w.target, w.provenance, w.note
            FROM (
                SELECT k.id AS kpi_id, s.id AS subject_id, i.effective_from, i.place, x.kpi_id IS NOT NULL AS is_there, x.target AS old_target, x.provenance AS old_provenance, x.note AS old_note,
                       CASE WHEN i.item ? 'target' THEN nullif(i.item->'target', 'null')::kra.kpi_target ELSE x.target END AS target,
                       CASE WHEN i.item ? 'provenance' THEN i.item->>'provenance' ELSE x.provenance END AS provenance,
                       CASE WHEN i.item ? 'note' THEN i.item->>'note' ELSE x.note END AS note
                FROM (SELECT d.*, row_number() OVER (PARTITION BY d.item->>'kpi', d.item->>'subject' ORDER BY d.effective_from) AS turn
                      FROM (SELECT i.*, coalesce((i.item->>'effective_from')::date, since) AS effective_from FROM kra.document_items(document) i WHERE i.part = 'target') d) i
                JOIN kra.kpis k ON k.key = i.item->>'kpi'
                JOIN kra.subjects s ON s.key = i.item->>'subject'
                LEFT JOIN LATERAL (
                    SELECT * FROM kra.targets x WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.effective_from <= i.effective_from ORDER BY x.effective_from DESC LIMIT 1
                ) x ON true
                WHERE i.turn = this_turn
            ) w
            WHERE NOT w.is_there OR (w.target::text, w.provenance, w.note) IS DISTINCT FROM (w.old_target::text, w.old_provenance, w.old_note)
            ORDER BY w.place
            ON CONFLICT (kpi_id, subject_id, effective_from) DO UPDATE
                SET (target, provenance, note, set_by)
                    = (excluded.target, excluded.provenance, excluded.note, CASE WHEN excluded.target::text IS DISTINCT FROM t.target::text THEN excluded.set_by ELSE t.set_by END);
        END LOOP;
        section := 'benchmarks';
        FOR this_turn IN 1..coalesce((SELECT max(c) FROM (SELECT count(*) AS c FROM kra.document_items(document) i WHERE i.part = 'benchmark' GROUP BY i.item->>'kpi') c), 0) LOOP
            INSERT INTO kra.benchmarks (kpi_id, effective_from, value, source)
            SELECT w.kpi_id, w.effective_from, w.value, w.source
            FROM (
                SELECT k.id AS kpi_id, i.effective_from, i.place, x.kpi_id IS NOT NULL AS is_there, x.value AS old_value, x.source AS old_source,
                       CASE WHEN i.item ? 'value' THEN (i.item->>'value')::double precision ELSE x.value END AS value,
                       CASE WHEN i.item ? 'source' THEN i.item->>'source' ELSE x.source END AS source
                FROM (SELECT d.*, row_number() OVER (PARTITION BY d.item->>'kpi' ORDER BY d.effective_from) AS turn
                      FROM (SELECT i.*, coalesce((i.item->>'effective_from')::date, since) AS effective_from FROM kra.document_items(document) i WHERE i.part = 'benchmark') d) i
                JOIN kra.kpis k ON k.key = i.item->>'kpi'
                LEFT JOIN LATERAL (
                    SELECT * FROM kra.benchmarks x WHERE x.kpi_id = k.id AND x.effective_from <= i.effective_from ORDER BY x.effective_from DESC LIMIT 1
                ) x ON true
                WHERE i.turn = this_turn
            ) w
            WHERE NOT w.is_there OR (w.value, w.source) IS DISTINCT FROM (w.old_value, w.old_source)
            ORDER BY w.place
            ON CONFLICT (kpi_id, effective_from) DO UPDATE SET (value, source) = (excluded.value, excluded.source);
        END LOOP;

        -- what the triggers logged: newer than before, and by this transaction
        section := NULL;
        SELECT array_agg(l ORDER BY l.id) INTO changes FROM kra.definition_log l WHERE l.id > logged AND l.changed_at = now();
        IF dry_run IS DISTINCT FROM false THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'KRADR';
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'KRADR' THEN
            NULL;
        WHEN OTHERS THEN
            IF section IS NULL THEN
                RAISE;
            END IF;
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            PERFORM kra.document_refuse(section, message, state, detail, hint);
    END;

    RETURN QUERY SELECT c.operation, c.table_name, c.row_key, c.before, c.after FROM unnest(changes) c;
END $$;
COMMENT ON FUNCTION kra.define(jsonb, boolean) IS 'applies a document of definitions (settings, objectives, subjects, kpis, roles, targets, benchmarks), all or nothing, and returns a row for each definition that it inserted or updated: none when nothing changed. dry_run: only says what it would do. What is absent is left, NULL resets; what is dated changes from effective_from (default: today) on, and the past stays. KRAs and KPIs that a role no longer lists are taken off; a KPI that moves to another KRA keeps its weight and target. The message of an error starts with the path of the fault';

-- What is said by being absent is left out, so that a document shows what somebody has decided.
CREATE FUNCTION kra.kpi_document(kpi_id integer, as_of date, since date) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'key', k.key, 'name', k.name, 'description', k.description, 'kind', k.kind::text, 'timing', nullif(k.timing, 'lagging'),
        'unit', k.unit, 'value_format', k.value_format,
        'over_time', nullif(k.over_time, CASE WHEN k.scale IS NULL THEN 'sum' ELSE 'ratio' END),
        'over_subjects', nullif(k.over_subjects, CASE WHEN k.over_time IN ('sum', 'last', 'count') THEN 'sum' ELSE k.over_time END),
        'cadence', nullif(k.cadence, 'month'), 'objective', o.key, 'drives', d.key, 'source', k.source_relation, 'lookback', nullif(k.lookback, 2),
        'stale_after_days', k.stale_after_days, 'scale', k.scale, 'scale_labels', to_jsonb(k.scale_labels), 'influenceable_by', to_jsonb(k.influenceable_by),
        'state', nullif(k.state, 'active'), 'state_reason', k.state_reason,
        'owner', w.key, 'owner_from', CASE WHEN w.key IS NOT NULL THEN nullif(w.effective_from, since) END))
    FROM kra.kpis k
    LEFT JOIN kra.objectives o ON o.id = k.objective_id
    LEFT JOIN kra.kpis d ON d.id = k.drives_kpi_id
    LEFT JOIN LATERAL (
        SELECT x.effective_from, s.key FROM kra.kpi_owners x LEFT JOIN kra.subjects s ON s.id = x.subject_id
        WHERE x.kpi_id = k.id AND x.effective_from <= as_of ORDER BY x.effective_from DESC LIMIT 1
    ) w ON true
    WHERE k.id = kpi_document.kpi_id;
END;
COMMENT ON FUNCTION kra.kpi_document(integer, date, date) IS 'definition of a KPI on a date, for a document that holds from since on';

CREATE FUNCTION kra.definition(job_role text DEFAULT NULL, as_of date DEFAULT current_date) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 SET jit = off AS $$
DECLARE
    role_id integer;
    since date;
    roles jsonb;
BEGIN
    as_of := coalesce(as_of, current_date);
    IF job_role IS NOT NULL THEN
        SELECT j.id INTO role_id FROM kra.job_roles j WHERE j.key = job_role;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no role %', to_jsonb(job_role) USING ERRCODE = 'undefined_object';
        END IF;
    END IF;

    -- the day of the newest entry on a card; what began on another day says so itself
    SELECT max(c.effective_from) INTO since
    FROM kra.role_kpis c
    WHERE c.is_active AND c.effective_from <= as_of AND c.effective_until > as_of AND c.job_role_id = coalesce(role_id, c.job_role_id);
    IF since IS NULL AND role_id IS NULL THEN
        SELECT max(d.effective_from) INTO since
        FROM (SELECT p.effective_from FROM kra.placements p UNION ALL SELECT t.effective_from FROM kra.targets t
              UNION ALL SELECT b.effective_from FROM kra.benchmarks b UNION ALL SELECT o.effective_from FROM kra.kpi_owners o WHERE o.subject_id IS NOT NULL) d
        WHERE d.effective_from <= as_of;
    END IF;

    -- where nothing is dated yet, that holds on the day of asking, and says nothing of later ones
    since := coalesce(since, as_of);

    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', r.key, 'name', r.name, 'purpose', r.purpose, 'level', r.level, 'kras', a.kras)) ORDER BY r.key COLLATE "C")
    INTO roles
    FROM kra.job_roles r
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', nullif(ra.key, ra.name), 'name', ra.name, 'perspective', ra.perspective, 'scope', ra.scope,
                                                              'description', ra.description, 'kpis', c.kpis)) ORDER BY ra.position, ra.key COLLATE "C") AS kras
        FROM kra.result_areas ra
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(
                       CASE WHEN role_id IS NULL THEN jsonb_build_object('key', k.key) ELSE kra.kpi_document(k.id, as_of, since) END
                       || CASE WHEN c.is_active THEN
                              jsonb_strip_nulls(jsonb_build_object('weight', c.weight, 'target', c.target::text, 'provenance', c.provenance, 'effective_from', nullif(c.effective_from, since)))
                          -- taken off after that day: a document that left it out would take it off on that day
                          ELSE jsonb_build_object('is_active', false, 'effective_from', c.effective_from) END
                       ORDER BY c.is_active DESC, CASE WHEN c.is_active THEN c.position END, k.key COLLATE "C") AS kpis
            FROM (
                SELECT DISTINCT ON (x.kpi_id) x.* FROM kra.result_area_kpis x
                WHERE x.result_area_id = ra.id AND x.effective_from <= as_of ORDER BY x.kpi_id, x.effective_from DESC
            ) c
            JOIN kra.kpis k ON k.id = c.kpi_id
            WHERE c.is_active OR c.effective_from > since
        ) c
        WHERE ra.job_role_id = r.id AND c.kpis IS NOT NULL
    ) a
    WHERE r.id = coalesce(role_id, r.id);

    IF role_id IS NOT NULL THEN
        RETURN jsonb_build_object('effective_from', since, 'roles', roles);
    END IF;

    RETURN jsonb_build_object('effective_from', since)
        || coalesce((
            SELECT jsonb_build_object('settings', s.set)
            FROM (SELECT jsonb_strip_nulls(jsonb_build_object(
                      'fiscal_year_start_month', nullif(s.fiscal_year_start_month, 1), 'week_start', nullif(s.week_start, 1), 'min_coverage', nullif(s.min_coverage, 0.5),
                      'min_group_size', nullif(s.min_group_size, 5), 'sees_all_role', s.sees_all_role, 'show_groups_above', nullif(s.show_groups_above, false),
                      'history_periods', nullif(s.history_periods, 24), 'review_cadence', nullif(s.review_cadence, 'month'), 'check_in_days', nullif(s.check_in_days, 14))) AS set FROM kra.settings s) s
            WHERE s.set <> '{}'), '{}')
        || coalesce((
            SELECT jsonb_build_object('objectives', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', o.key, 'name', o.name, 'description', o.description,
                'parent', p.key, 'subject', s.key, 'starts_on', o.starts_on, 'due_on', o.due_on, 'milestones', m.milestones)) ORDER BY o.key COLLATE "C"))
            FROM kra.objectives o LEFT JOIN kra.objectives p ON p.id = o.parent_id LEFT JOIN kra.subjects s ON s.id = o.subject_id
            LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('key', m.key, 'name', m.name, 'weight', nullif(m.weight, 1), 'owner', w.key, 'due_on', m.due_on,
                                                    'completion', CASE WHEN m.completion < 1 THEN nullif(m.completion, 0) END, 'completed_on', m.completed_on)
                                 ORDER BY m.key COLLATE "C") AS milestones
                FROM kra.milestones m LEFT JOIN kra.subjects w ON w.id = m.owner_id WHERE m.objective_id = o.id
            ) m ON true
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('subjects', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', s.key, 'name', s.name, 'kind', s.kind, 'login', s.login,
                'parent', p.key, 'role', r.key, 'is_active', CASE WHEN c.is_active IS NOT TRUE THEN false END, 'effective_from', nullif(c.effective_from, since))) ORDER BY s.key COLLATE "C"))
            FROM kra.subjects s
            LEFT JOIN (SELECT DISTINCT ON (x.subject_id) x.* FROM kra.placements x WHERE x.effective_from <= as_of ORDER BY x.subject_id, x.effective_from DESC) c ON c.subject_id = s.id
            LEFT JOIN kra.subjects p ON p.id = c.parent_id
            LEFT JOIN kra.job_roles r ON r.id = c.job_role_id
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('kpis', jsonb_agg(kra.kpi_document(k.id, as_of, since) ORDER BY k.key COLLATE "C"))
            FROM kra.kpis k HAVING count(*) > 0), '{}')
        || jsonb_strip_nulls(jsonb_build_object('roles', roles))
        || coalesce((
            SELECT jsonb_build_object('targets', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kpi', k.key, 'subject', s.key, 'provenance', t.provenance, 'note', t.note,
                'effective_from', nullif(t.effective_from, since))) || jsonb_build_object('target', t.target::text) ORDER BY k.key COLLATE "C", s.key COLLATE "C"))
            FROM (SELECT DISTINCT ON (x.kpi_id, x.subject_id) x.* FROM kra.targets x WHERE x.effective_from <= as_of ORDER BY x.kpi_id, x.subject_id, x.effective_from DESC) t
            JOIN kra.kpis k ON k.id = t.kpi_id
            JOIN kra.subjects s ON s.id = t.subject_id
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('benchmarks', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kpi', k.key, 'source', b.source, 'effective_from', nullif(b.effective_from, since)))
                || jsonb_build_object('value', b.value) ORDER BY k.key COLLATE "C"))
            FROM (SELECT DISTINCT ON (x.kpi_id) x.* FROM kra.benchmarks x WHERE x.effective_from <= as_of ORDER BY x.kpi_id, x.effective_from DESC) b
            JOIN kra.kpis k ON k.id = b.kpi_id
            HAVING count(*) > 0), '{}');
END $$;
COMMENT ON FUNCTION kra.definition(text, date) IS 'document of what is in force on a date (default: today), for kra.define: of one role, with its KPIs in full; NULL: of the whole catalogue, as far as the caller sees it. Applied where it came from, it changes nothing; error for an unknown role';
-- Where measurements come from: collect reads the warehouse, record takes what people enter.

CREATE FUNCTION kra.kpi_named(key text) RETURNS kra.kpis LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
BEGIN
    SELECT * INTO k FROM kra.kpis WHERE key = kpi_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % does not exist', coalesce(quote_ident(kpi_named.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra.kpi_named(text) IS 'the KPI with this key; error when there is none';

CREATE FUNCTION kra.subject_named(key text) RETURNS kra.subjects LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects;
BEGIN
    SELECT * INTO s FROM kra.subjects WHERE key = subject_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'subject % does not exist', coalesce(quote_ident(subject_named.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN s;
END $$;
COMMENT ON FUNCTION kra.subject_named(text) IS 'the subject with this key; error when there is none';

-- Scales. Scores are per cent points, so that their mean is the figure that people know.

CREATE FUNCTION kra.answer_score(scale text, scale_labels text[], answer text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE scale
        WHEN 'ordinal' THEN 100.0::float8 * (array_position(scale_labels, answer) - 1) / nullif(cardinality(scale_labels) - 1, 0)
        ELSE CASE scale || ' ' || regexp_replace(answer, '\.0+$', '')
            WHEN 'csat_top_two_box 1' THEN 0 WHEN 'csat_top_two_box 2' THEN 0 WHEN 'csat_top_two_box 3' THEN 0
            WHEN 'csat_top_two_box 4' THEN 100 WHEN 'csat_top_two_box 5' THEN 100
            WHEN 'csat_mean 1' THEN 0 WHEN 'csat_mean 2' THEN 25 WHEN 'csat_mean 3' THEN 50
            WHEN 'csat_mean 4' THEN 75 WHEN 'csat_mean 5' THEN 100
            WHEN 'nps 0' THEN -100 WHEN 'nps 1' THEN -100 WHEN 'nps 2' THEN -100 WHEN 'nps 3' THEN -100
            WHEN 'nps 4' THEN -100 WHEN 'nps 5' THEN -100 WHEN 'nps 6' THEN -100
            WHEN 'nps 7' THEN 0 WHEN 'nps 8' THEN 0 WHEN 'nps 9' THEN 100 WHEN 'nps 10' THEN 100
        END
    END;
END;
COMMENT ON FUNCTION kra.answer_score(text, text[], text) IS 'score of an answer in per cent points: csat_top_two_box (1 to 3: 0; 4, 5: 100), csat_mean (1 to 5: 0 to 100), nps (0 to 6: -100; 7, 8: 0; 9, 10: 100), ordinal (the first label 0, the last 100, the others evenly between); NULL for what is no answer of the scale';

-- Collecting.

CREATE FUNCTION kra.collect_kpi(kpi_id integer, since date, "full" boolean,
    OUT read_from date, OUT periods_read integer, OUT changed integer, OUT removed integer, OUT rows_read bigint,
    OUT unknown_count integer, OUT unknown_subjects text[], OUT bad_values bigint, OUT bad_examples text[], OUT future_periods integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    parts text[];
    relation regclass;
    relation_kind "char";
    missing text;
    subject_type regtype;
    at_type regtype;
    value_type regtype;
    weight_type regtype;
    numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
    subject_expr text := 's.subject';
    value_expr text := 's.value::pg_catalog.float8';
    weight_expr text := 's.weight::pg_catalog.float8';
    value_good text := '';
    weight_good text := '';
    weight_arg text := '';
    weight_text text := '';
    old_work_mem text := current_setting('work_mem');
BEGIN
    IF NOT kra.sees_all() THEN   -- what is hidden would look as if it had vanished
        RAISE EXCEPTION 'only those who see all subjects may collect' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- one collect of a KPI at a time, whatever else is read after it
    PERFORM pg_advisory_xact_lock(7041634, collect_kpi.kpi_id);
    SELECT * INTO k FROM kra.kpis WHERE id = collect_kpi.kpi_id;
    IF k.source_relation IS NULL THEN
        RAISE EXCEPTION 'KPI % has no source relation', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Enter its values with kra.record, or bind it to a relation.';
    END IF;

    BEGIN
        parts := parse_ident(k.source_relation);
    EXCEPTION WHEN invalid_parameter_value THEN
        parts := '{}';
    END;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION 'source relation % must be written as schema.name', quote_literal(k.source_relation) USING ERRCODE = 'invalid_name';
    END IF;
    relation := to_regclass(format('%I.%I', parts[1], parts[2]));
    IF relation IS NULL THEN
        RAISE EXCEPTION 'source relation % does not exist', k.source_relation USING ERRCODE = 'undefined_table';
    END IF;
    SELECT relkind INTO relation_kind FROM pg_class WHERE oid = relation;
    IF relation_kind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE EXCEPTION 'source relation % is no table or view', k.source_relation USING ERRCODE = 'wrong_object_type';
    END IF;

    SELECT max(t.base) FILTER (WHERE a.attname = 'subject'), max(t.base) FILTER (WHERE a.attname = 'at'),
           max(t.base) FILTER (WHERE a.attname = 'value'), max(t.base) FILTER (WHERE a.attname = 'weight')
    INTO subject_type, at_type, value_type, weight_type
    FROM pg_attribute a
    CROSS JOIN LATERAL (
        WITH RECURSIVE base (oid, typtype, typbasetype) AS (
            SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = a.atttypid
            UNION ALL
            SELECT t.oid, t.typtype, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
        )
        SELECT oid AS base FROM base WHERE typtype <> 'd'
    ) t
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
    missing := concat_ws(' or ', CASE WHEN subject_type IS NULL THEN 'subject' END, CASE WHEN at_type IS NULL THEN 'at' END, CASE WHEN value_type IS NULL THEN 'value' END);
    IF missing <> '' THEN
        RAISE EXCEPTION 'source relation % has no column %', k.source_relation, missing USING ERRCODE = 'undefined_column',
            HINT = 'It needs the columns subject, at and value, and may have weight. A view can give them these names.';
    END IF;
    IF at_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION 'column at of source relation % must be a date or timestamp, not %', k.source_relation, at_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF value_type <> ALL (numbers) AND (k.scale IS NULL OR value_type NOT IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)) THEN
        RAISE EXCEPTION 'column value of source relation % must be a number, not %', k.source_relation, value_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF weight_type <> ALL (numbers) THEN
        RAISE EXCEPTION 'column weight of source relation % must be a number, not %', k.source_relation, weight_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF k.over_time = 'ratio' AND k.scale IS NULL AND weight_type IS NULL THEN
        RAISE EXCEPTION 'source relation % of a ratio has no column weight', k.source_relation USING ERRCODE = 'undefined_column',
            HINT = 'The value is the numerator, the weight is the denominator.';
    END IF;

    -- what is read
    IF collect_kpi."full" THEN
        read_from := NULL;
    ELSIF collect_kpi.since IS NOT NULL THEN
        read_from := kra.grid_start(k.grid, collect_kpi.since);
    ELSIF EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.source = k.source_relation) THEN
        read_from := kra.grid_shift(k.grid, current_date, 1 - k.lookback);
    END IF;

    -- how: keys are compared bytewise and as text, but integers are grouped as they come
    IF subject_type NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype) THEN
        subject_expr := 's.subject::pg_catalog.text COLLATE pg_catalog."C"';
    END IF;
    IF k.scale IS NOT NULL THEN
        value_expr := format('kra.answer_score(%L, %L::pg_catalog.text[], %s::pg_catalog.text)', k.scale, k.scale_labels,
                             CASE WHEN value_type = ANY (numbers) THEN value_expr ELSE 's.value' END);
        IF weight_type IS NOT NULL THEN
            value_expr := value_expr || ' * s.weight::pg_catalog.float8';   -- what a ratio divides by
        END IF;
        value_good := ' AND s.value_read IS NOT NULL';
    ELSIF value_type = 'numeric'::regtype THEN
        value_good := ' AND s.value > -1.7e308 AND s.value < 1.7e308';
    ELSIF value_type IN ('real'::regtype, 'double precision'::regtype) THEN
        value_good := ' AND s.value_read > ''-infinity'' AND s.value_read < ''infinity''';
    END IF;
    IF weight_type IS NOT NULL THEN
        weight_arg := ', s.weight_read';
        weight_text := ', s.weight';
        weight_good := format(' AND s.weight >= 0 AND s.weight < %s', CASE WHEN weight_type = 'numeric'::regtype THEN '1.7e308' ELSE '''infinity''::pg_catalog.float8' END);
    ELSE
        weight_expr := 'NULL::pg_catalog.float8';
    END IF;

    -- groups in memory cost a fraction of groups on disk
    IF pg_size_bytes(old_work_mem) < 256 * 1024 * 1024 THEN
        PERFORM set_config('work_mem', '256MB', true);
    END IF;
    EXECUTE format($query$
WITH facts AS MATERIALIZED (
    SELECT s.subject, s.period, kra.actual_agg(s.value_read, s.at_read%1$s) FILTER (WHERE s.period IS NOT NULL) AS actual, count(*) AS n,
           min(s.fault) FILTER (WHERE s.period IS NULL) AS fault, max(s.fault) FILTER (WHERE s.period IS NULL) AS another
    FROM (
        SELECT s.*,
               left(concat_ws(', ', coalesce(s.subject::pg_catalog.text, 'no subject'),
                              CASE WHEN isfinite(s.at) THEN to_char(s.at, 'YYYY-MM-DD') ELSE coalesce(s.at::pg_catalog.text, 'no time') END,
                              'value ' || left(s.value::pg_catalog.text, 40)%2$s), 200) COLLATE pg_catalog."C" AS fault,
               CASE WHEN s.subject IS NOT NULL AND s.at >= %3$L AND s.at < %4$L%5$s%6$s
                    THEN kra.grid_start(%7$L::pg_catalog.int2, s.at::pg_catalog.date) END AS period
        FROM (
            SELECT %8$s AS subject, s.at, s.at::pg_catalog.%9$s AS at_read, s.value, %10$s AS value_read%11$s, %12$s AS weight_read
            FROM (SELECT s.subject, s.at, s.value%11$s FROM %13$s s) s
            WHERE s.value IS NOT NULL%14$s
        ) s
    ) s
    GROUP BY s.subject, s.period
), keyed AS MATERIALIZED (
    SELECT t.id, f.subject::pg_catalog.text AS subject, f.period, f.actual, f.n, f.fault, f.another
    FROM facts f
    LEFT JOIN kra.subjects t ON t.key = f.subject::pg_catalog.text COLLATE pg_catalog."default"
), differences AS MATERIALIZED (
    -- a full join is never a nested loop, however wrong the planner is about how many there are
    SELECT w.id, w.period, w.actual, CASE WHEN w.id IS NULL THEN o.ctid END AS gone
    FROM (SELECT f.id, f.period, f.actual FROM keyed f WHERE f.id IS NOT NULL AND f.period IS NOT NULL) w
    FULL JOIN (SELECT m.ctid, m.subject_id, m.period_start, m.actual, m.source FROM kra.measurements m WHERE m.kpi_id = $2 AND m.period_start >= $3) o
        ON o.subject_id = w.id AND o.period_start = w.period
    WHERE CASE WHEN w.id IS NULL THEN o.source <> 'record'
               WHEN o.subject_id IS NULL OR o.source <> $5 THEN true
               -- a sum may differ in the digits that a float8 does not show, by the order of its terms
               ELSE o.actual OPERATOR(kra.<>) w.actual
                    AND (kra.value(o.actual, 'count'), kra.value(o.actual, 'sum'), kra.weight(o.actual), kra.value(o.actual, 'min'), kra.value(o.actual, 'max'),
                         kra.value(o.actual, 'first'), kra.value(o.actual, 'last'), kra.first_at(o.actual), kra.last_at(o.actual))
                        IS DISTINCT FROM
                        (kra.value(w.actual, 'count'), kra.value(w.actual, 'sum'), kra.weight(w.actual), kra.value(w.actual, 'min'), kra.value(w.actual, 'max'),
                         kra.value(w.actual, 'first'), kra.value(w.actual, 'last'), kra.first_at(w.actual), kra.last_at(w.actual))
          END
), removed AS (
    DELETE FROM kra.measurements m
    WHERE m.ctid = ANY (ARRAY(SELECT d.gone FROM differences d WHERE d.id IS NULL))
    RETURNING 1
), written AS (
    INSERT INTO kra.measurements AS m (kpi_id, subject_id, period_start, grid, actual, recorded_at, source)
    SELECT $2, d.id, d.period, $4, d.actual, now(), $5
    FROM differences d
    WHERE d.id IS NOT NULL
    ORDER BY d.id, d.period
    ON CONFLICT (kpi_id, subject_id, period_start)
    DO UPDATE SET actual = excluded.actual, recorded_at = excluded.recorded_at, source = excluded.source
    RETURNING 1
), unknown AS (
    SELECT DISTINCT w.subject FROM keyed w WHERE w.id IS NULL AND w.period IS NOT NULL
)
SELECT count(DISTINCT w.period), (SELECT count(*) FROM written), (SELECT count(*) FROM removed), coalesce(sum(w.n), 0),
       (SELECT count(*) FROM unknown), ARRAY(SELECT u.subject FROM unknown u ORDER BY u.subject COLLATE pg_catalog."C" LIMIT 20),
       coalesce(sum(w.n) FILTER (WHERE w.period IS NULL), 0),
       ARRAY(SELECT DISTINCT e.fault FROM keyed b, unnest(ARRAY[b.fault, b.another]) e (fault) WHERE b.period IS NULL ORDER BY e.fault LIMIT 5),
       count(DISTINCT w.period) FILTER (WHERE w.period > current_date)
FROM keyed w
$query$,
        weight_arg,
        CASE WHEN weight_type IS NOT NULL THEN $part$, 'weight ' || coalesce(left(s.weight::pg_catalog.text, 40), 'missing')$part$ ELSE '' END,
        '1900-01-01', (current_date + 3653)::text, weight_good, value_good, k.grid,
        subject_expr, CASE at_type WHEN 'date'::regtype THEN 'date' ELSE 'timestamptz' END,
        value_expr, weight_text, weight_expr, relation,
        -- of the column's own type, so that indexes, partitions and foreign servers can use it
        CASE WHEN read_from IS NULL THEN '' WHEN at_type = 'date'::regtype THEN ' AND s.at >= $1' WHEN at_type = 'timestamp'::regtype THEN ' AND s.at >= $6' ELSE ' AND s.at >= $7' END)
    INTO periods_read, changed, removed, rows_read, unknown_count, unknown_subjects, bad_values, bad_examples, future_periods
    USING read_from, k.id, coalesce(read_from, '-infinity'), k.grid, k.source_relation, read_from::timestamp, read_from::timestamptz;
    PERFORM set_config('work_mem', old_work_mem, true);
END $$;
COMMENT ON FUNCTION kra.collect_kpi(integer, date, boolean) IS 'collect of one KPI, whose errors end it; see kra.collect';

CREATE FUNCTION kra.collect(kpi text DEFAULT NULL, since date DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS TABLE (kpi_key text, read_from date, periods_read integer, changed integer, removed integer, rows_read bigint, duration_ms double precision,
    unknown_count integer, unknown_subjects text[], bad_values bigint, bad_examples text[], future_periods integer, error text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted integer[];
    k record;
    done integer := 0;
    began timestamptz;
    said timestamptz := clock_timestamp();
    report record;
BEGIN
    -- hidden subjects would look unknown, and their measurements missing
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may collect' USING ERRCODE = 'insufficient_privilege',
            HINT = 'An admin does (kra.grant_admin), and members of the role that the settings name.';
    END IF;
    IF NOT isfinite(collect.since) THEN
        RAISE EXCEPTION 'since must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    IF collect.kpi IS NOT NULL THEN
        k := kra.kpi_named(collect.kpi);
        IF k.source_relation IS NULL THEN
            RAISE EXCEPTION 'KPI % has no source relation', quote_ident(collect.kpi) USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Enter its values with kra.record, or bind it to a relation.';
        END IF;
        wanted := ARRAY[k.id];
    ELSE
        wanted := ARRAY(SELECT id FROM kra.kpis WHERE source_relation IS NOT NULL AND state = 'active' ORDER BY id);
    END IF;

    FOR k IN SELECT id, key FROM kra.kpis WHERE id = ANY (wanted) ORDER BY id LOOP
        began := clock_timestamp();
        error := NULL;
        BEGIN
            SELECT * INTO report FROM kra.collect_kpi(k.id, collect.since, collect."full");
        EXCEPTION
            WHEN serialization_failure THEN
                RAISE;   -- the whole transaction has to be tried again
            WHEN OTHERS THEN
                report := NULL;
                error := SQLERRM;
        END;
        kpi_key := k.key;
        IF error IS NULL THEN
            read_from := report.read_from;
            periods_read := report.periods_read;
            changed := report.changed;
            removed := report.removed;
            rows_read := report.rows_read;
            unknown_count := report.unknown_count;
            unknown_subjects := report.unknown_subjects;
            bad_values := report.bad_values;
            bad_examples := report.bad_examples;
            future_periods := report.future_periods;
        ELSE
            read_from := NULL;
            periods_read := 0;
            changed := 0;
            removed := 0;
            rows_read := 0;
            unknown_count := 0;
            unknown_subjects := '{}';
            bad_values := 0;
            bad_examples := '{}';
            future_periods := 0;
        END IF;
        duration_ms := extract(epoch FROM clock_timestamp() - began) * 1000;
        RETURN NEXT;
        done := done + 1;
        IF done < cardinality(wanted) AND clock_timestamp() > said + interval '2 seconds' THEN
            said := clock_timestamp();
            RAISE NOTICE 'collect: % of % KPIs, % changed and % removed in the last, %', done, cardinality(wanted), changed, removed, quote_ident(kpi_key);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.collect(text, date, boolean) IS 'reads the source relations of all active KPIs, or of one, and brings the measurements in line with them: a row per KPI, with what was read and what changed, or its error, which stops no other KPI. Read are the periods of the KPI''s lookback up to today; from the period of since on; or everything: with full, and when nothing of this source was collected before. Measurements in these periods that no longer come are removed, unless they were entered by hand. Times are cut into days in UTC. Days from 1900 to ten years ahead count; rows with another day or none, without a subject, with a value or weight that is not finite, or a weight that is NULL or negative are bad_values; rows without a value are no observation. Runs with the rights of the caller, who must see all subjects; error for an unknown KPI, and one without a source. Periods that begin after today are collected, and counted in future_periods';

-- Recording.

CREATE FUNCTION kra.put_measurement(kpi kra.kpis, subject kra.subjects, at date, actual kra.kpi_actual, add boolean,
    OUT period_label text, OUT period_start date, OUT value double precision, OUT n bigint, OUT previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    old record;
    put kra.kpi_actual := actual;
BEGIN
    period_start := kra.grid_start(put_measurement.kpi.grid, put_measurement.at);
    FOR i IN 1..5 LOOP
        INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, recorded_at, source)
        VALUES (put_measurement.kpi.id, put_measurement.subject.id, put_measurement.period_start, put_measurement.kpi.grid, put_measurement.actual, now(), 'record')
        ON CONFLICT (kpi_id, subject_id, period_start) DO NOTHING;
        EXIT WHEN FOUND;
        SELECT m.actual INTO old FROM kra.measurements m
        WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id AND m.period_start = put_measurement.period_start
        FOR UPDATE;
        IF FOUND THEN
            IF put_measurement.add THEN
                SELECT kra.rollup(s) INTO put FROM unnest(ARRAY[old.actual, put_measurement.actual]) s;
            END IF;
            UPDATE kra.measurements m SET actual = put, recorded_at = now(), source = 'record'
            WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id AND m.period_start = put_measurement.period_start;
            previous_value := kra.value(old.actual, put_measurement.kpi.over_time);
            EXIT;
        END IF;
        -- it went in between: from the start
        IF i = 5 THEN
            RAISE EXCEPTION 'role % may not change the measurement of KPI % and subject %', quote_ident(kra.viewer()), quote_ident(put_measurement.kpi.key), quote_ident(put_measurement.subject.key)
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    SELECT kra.grid_label(put_measurement.kpi.grid, put_measurement.period_start, s.fiscal_year_start_month) INTO period_label FROM kra.settings_in_force s;
    value := kra.value(put, put_measurement.kpi.over_time);
    n := kra.value(put, 'count');
END $$;
COMMENT ON FUNCTION kra.put_measurement(kra.kpis, kra.subjects, date, kra.kpi_actual, boolean) IS 'writes a hand-entered summary, or merges it into what is there; what kra.record ends in, without its checks';

CREATE FUNCTION kra.recordable(kpi text, at date) RETURNS kra.kpis LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra.kpi_named(kpi);
BEGIN
    IF k.state <> 'active' THEN
        RAISE EXCEPTION 'KPI % is %', quote_ident(k.key), CASE k.state WHEN 'candidate' THEN 'a candidate' ELSE k.state END
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only active KPIs are measured.';
    END IF;
    IF k.source_relation IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is collected from %', quote_ident(k.key), k.source_relation
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Change the facts there, and call kra.collect.';
    END IF;
    IF at IS NULL THEN
        RAISE EXCEPTION 'at must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF at < date '1900-01-01' OR at >= (now() AT TIME ZONE 'UTC')::date + 3653 THEN
        RAISE EXCEPTION 'at must lie between 1900-01-01 and ten years from today, not on %', CASE WHEN isfinite(at) THEN to_char(at, 'YYYY-MM-DD') ELSE at::text END
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra.recordable(text, date) IS 'the KPI with this key, when values can be entered for that day; else an error that says why not';

CREATE FUNCTION kra.record(kpi text, subject text, at date, value double precision, weight double precision DEFAULT NULL, add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint, previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra.recordable(kpi, at);
    s kra.subjects := kra.subject_named(subject);
    actual kra.kpi_actual;
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'value must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'kra.unrecord takes a value back.';
    END IF;
    IF k.scale IS NOT NULL THEN
        IF weight IS NOT NULL THEN
            RAISE EXCEPTION 'an answer has no weight' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN QUERY SELECT r.* FROM kra.record(record.kpi, record.subject, record.at, answers => ARRAY[record.value], add => record.add) r;
        RETURN;
    END IF;
    IF NOT (value > '-infinity' AND value < 'infinity') THEN
        RAISE EXCEPTION 'value must be finite, not %', value USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    IF k.over_time = 'ratio' THEN
        IF weight IS NULL THEN
            RAISE EXCEPTION 'KPI % is a ratio and needs a weight', quote_ident(k.key) USING ERRCODE = 'null_value_not_allowed',
                HINT = 'The value is the numerator, the weight is the denominator.';
        ELSIF NOT (weight >= 0 AND weight < 'infinity') THEN
            RAISE EXCEPTION 'weight must be finite and not negative, not %', weight USING ERRCODE = 'numeric_value_out_of_range';
        END IF;
    ELSIF weight IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is no ratio and takes no weight', quote_ident(k.key) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF k.over_time = 'count' AND value <> 1 THEN
        RAISE EXCEPTION 'KPI % counts observations: % would count as 1', quote_ident(k.key), value USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Record 1 for each observation with add => true, or define the KPI with over_time sum.';
    END IF;
    SELECT kra.actual_agg(record.value, record.at, coalesce(record.weight, 1)) INTO actual;
    RETURN QUERY SELECT r.* FROM kra.put_measurement(k, s, record.at, actual, coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, double precision, double precision, boolean) IS 'enters a value by hand, in place of what the KPI''s period that holds the day had, or with add as one more observation. Ratios need a weight, their denominator; others take none. For a KPI with a scale the value is one answer. Gives the period, its value and number of observations, and the value before (NULL: none). Error for a KPI that is collected or not active, an unknown KPI or subject, and what is NULL or not finite';

CREATE FUNCTION kra.record(kpi text, subject text, at date, answers anyarray, add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint, previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra.recordable(kpi, at);
    s kra.subjects := kra.subject_named(subject);
    actual kra.kpi_actual;
    wrong text;
BEGIN
    IF k.scale IS NULL THEN
        RAISE EXCEPTION 'KPI % has no scale to score answers by', quote_ident(k.key) USING ERRCODE = 'invalid_parameter_value', HINT = 'Record a value.';
    END IF;
    IF coalesce(cardinality(answers), 0) = 0 THEN
        RAISE EXCEPTION 'there must be at least one answer' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(quote_literal(left(a.answer, 100)), 'NULL') INTO wrong
    FROM unnest(record.answers::text[]) WITH ORDINALITY a (answer, i)
    WHERE kra.answer_score(k.scale, k.scale_labels, a.answer) IS NULL
    ORDER BY a.i LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'KPI % has no answer %', quote_ident(k.key), wrong USING ERRCODE = 'invalid_parameter_value',
            HINT = CASE k.scale WHEN 'nps' THEN 'Answers are whole numbers from 0 to 10.'
                WHEN 'ordinal' THEN format('Answers are %s.', (SELECT string_agg(quote_literal(l.label), ', ' ORDER BY l.i) FROM unnest(k.scale_labels) WITH ORDINALITY l (label, i)))
                ELSE 'Answers are whole numbers from 1 to 5.' END;
    END IF;
    SELECT kra.actual_agg(kra.answer_score(k.scale, k.scale_labels, a.answer), record.at, 1::float8) INTO actual
    FROM unnest(record.answers::text[]) a (answer);
    RETURN QUERY SELECT r.* FROM kra.put_measurement(k, s, record.at, actual, coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, anyarray, boolean) IS 'enters answers to a survey: numbers, or labels of an ordinal scale. They are scored by the KPI''s scale (see kra.answer_score); the value is the mean score, n the number of answers. The rest is as for a value; error for what is no answer of the scale, also NULL, and for no answer at all';

CREATE FUNCTION kra.unrecord(kpi text, subject text, at date)
RETURNS TABLE (period_label text, period_start date, removed_value double precision, n bigint, recorded_at timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra.kpi_named(unrecord.kpi);
    s kra.subjects := kra.subject_named(unrecord.subject);
    m record;
BEGIN
    SELECT x.period_start, x.actual, x.recorded_at, x.source INTO m FROM kra.measurements x
    WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = kra.grid_start(k.grid, unrecord.at) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % has no value of subject % in that period', quote_ident(k.key), quote_ident(s.key) USING ERRCODE = 'no_data_found';
    ELSIF m.source <> 'record' THEN
        RAISE EXCEPTION 'the value was collected from %', m.source USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Change the facts there, and call kra.collect.';
    END IF;
    DELETE FROM kra.measurements x WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = m.period_start;
    SELECT kra.grid_label(k.grid, m.period_start, f.fiscal_year_start_month), m.period_start, kra.value(m.actual, k.over_time), kra.value(m.actual, 'count')::bigint, m.recorded_at
    INTO period_label, period_start, removed_value, n, recorded_at FROM kra.settings_in_force f;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.unrecord(text, text, date) IS 'takes back what was entered by hand for the KPI''s period that holds the day, and says what it was; error when there is nothing, and for what was collected';
-- Rules of findings: what each means, and the thresholds in force. A rule is a row here and one
-- query in 97_findings_*.sql, under the function of what it looks at:
--
--   findings_of_subject   people and groups: their cards, targets, objectives, reviews and actions
--   findings_of_role      roles and their KRAs
--   findings_of_kpi       KPIs, whoever carries them
--
-- To add one: a row here, a query there, and a test that makes it fire, one that shows it silent and
-- one at its threshold.

CREATE FUNCTION kra.built_in_rules()
RETURNS TABLE (rule text, family text, about_kind text, severity text, threshold double precision, threshold_meaning text, is_enabled boolean,
    smart text, meaning text, rationale text, hint text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 60
BEGIN ATOMIC
    SELECT r.rule, r.family, r.about_kind, r.severity, r.threshold::double precision, r.threshold_meaning, r.rule <> 'weights_not_whole', r.smart, r.meaning, r.rationale, r.hint
    FROM (VALUES
    -- focus
    ('too_few_kras', 'focus', 'role', 'warning', 3, 'fewest KRAs', NULL, 'the role has fewer KRAs than the threshold',
        'One or two domains seldom cover what a role is there for.', 'Name the domains that the role owns, and give each a KPI.'),
    ('too_many_kras', 'focus', 'role', 'warning', 5, 'most KRAs', NULL, 'the role has more KRAs than the threshold',
        'Who owns everything owns nothing: 3 to 5 domains keep focus.', 'Merge domains, or give some to another role.'),
    ('kra_without_kpi', 'focus', 'kra', 'warning', NULL, NULL, NULL, 'no KPI was ever put into the KRA',
        'A domain that nothing measures is a wish.', 'Give it 1 to 3 KPIs, or drop it.'),
    ('too_many_kpis_in_kra', 'focus', 'kra', 'warning', 3, 'most KPIs in a KRA', NULL, 'the KRA has more KPIs than the threshold',
        'More than three numbers for one domain hide which of them matters.', 'Keep the outcome and what drives it.'),
    ('too_many_kpis', 'focus', 'subject', 'warning', 5, 'most KPIs of a person', NULL, 'a person carries more KPIs than the threshold',
        'People carry 3 to 5 numbers in their heads; the rest is reporting.', 'Keep those that the person can move and the company needs.'),
    ('overloaded', 'focus', 'subject', 'serious', 10, 'KPIs of a person from which on it is serious', NULL, 'a person carries as many KPIs as the threshold, or more',
        'With ten KPIs, each is a tenth of the attention: a team that cut ten to three doubled its results.', 'Cut to 3 to 5: the outcomes, and one activity to steer by.'),
    ('too_many_kpis_in_group', 'focus', 'subject', 'warning', 8, 'most KPIs of a team or project', NULL, 'a team or project carries more KPIs than the threshold',
        'A team that watches everything steers by nothing.', 'Leave to single members what only they can move.'),
    ('too_few_objectives', 'focus', 'subject', 'warning', 3, 'fewest objectives at a time', NULL, 'who has objectives has fewer of its own at a time than the threshold',
        'A single objective bends everything towards it.', 'Add what must not suffer meanwhile.'),
    ('too_many_objectives', 'focus', 'subject', 'warning', 5, 'most objectives at a time', NULL, 'who has objectives has more of its own at a time than the threshold',
        'More than five priorities are none.', 'Put some off to the next period.'),
    ('too_many_primary_outcomes', 'focus', 'subject', 'warning', 2, 'most primary outcomes of a team', NULL, 'a team has more outcomes that drive no other KPI than the threshold',
        'Outcomes that do not lead to each other compete.', 'Say which outcome serves which (drives), or leave some to other teams.'),
    -- outcome over activity
    ('no_outcome', 'balance', 'role', 'serious', NULL, NULL, NULL, 'the card of the role has no outcome KPI with a weight',
        'Where effort is all that is measured, effort is all that one gets.', 'Add the result that the effort is for.'),
    ('activity_heavy', 'balance', 'role', 'warning', 0.5, 'greatest share of the weight on activity', NULL, 'activity has more of the weight than the threshold',
        'People do what counts; let results count for more.', 'Move weight to the outcomes.'),
    ('no_leading_kpi', 'balance', 'kpi', 'warning', 1, 'fewest leading KPIs that drive an outcome', NULL, 'an outcome on a card has fewer leading KPIs that drive it than the threshold',
        'A result comes too late to steer by.', 'Name the leading KPI that moves it (drives).'),
    ('too_many_leading_kpis', 'balance', 'kpi', 'warning', 2, 'most leading KPIs that drive an outcome', NULL, 'an outcome on a card has more leading KPIs that drive it than the threshold',
        'One or two levers are pulled; five are watched.', 'Keep the one or two that move it most (see kra.driver).'),
    ('leading_only', 'balance', 'role', 'warning', NULL, NULL, NULL, 'all KPIs of the card are leading',
        'Early signs without a result tell only that something is under way.', 'Add the lagging result.'),
    ('lagging_only', 'balance', 'role', 'warning', NULL, NULL, NULL, 'all KPIs of the card are lagging',
        'By the time a lagging KPI moves it is too late to act on it.', 'Add a leading KPI that drives it.'),
    ('quantity_without_quality', 'balance', 'kra', 'warning', NULL, NULL, NULL, 'the KRA counts an amount (sum or count) and has no KPI of quality (ratio, mean, last, or a scale) beside it; info where the amount is an outcome',
        'What is only counted grows in number and shrinks in worth.', 'Put a measure of quality beside it, such as a rate or a rating.'),
    ('busy_not_moving', 'balance', 'subject', 'serious', 2, 'periods in a row', NULL, 'activity at target and outcome not, for as many periods in a row as the threshold, or more',
        'Everyone looks busy and the numbers do not move: the activity is not what moves the result.', 'Ask what else drives the outcome, and change the activity rather than its amount.'),
    ('vanity_activity', 'balance', 'kpi', 'warning', 12, 'fewest periods to judge by', NULL, 'over as many periods as the threshold or more, nothing shows that the activity moves the outcome that it is to drive',
        'An activity that does not move its outcome is vanity.', 'Replace it, or drop it (see kra.driver).'),
    ('manual_activity', 'balance', 'role', 'warning', 0.5, 'greatest share of activities among what is entered by hand', NULL, 'of the KPIs of the card that are entered by hand, more are activities than the threshold allows',
        'People who type in their own effort lose time for work, and the numbers their worth.', 'Collect activity from the systems where it happens (source), or drop it.'),
    -- definition
    ('orphan_kpi', 'definition', 'kpi', 'warning', NULL, NULL, 'R', 'neither the KPI nor what it drives measures an objective',
        'A metric is a KPI only when it is tied to an objective.', 'Name its objective, or the KPI that it drives.'),
    ('no_owner', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'nobody owns the KPI',
        'What nobody answers for nobody moves.', 'Name an owner.'),
    ('owner_gone', 'definition', 'kpi', 'serious', NULL, NULL, 'A', 'the owner of the KPI is no longer active',
        'An owner who is gone answers for nothing.', 'Name another owner.'),
    ('no_description', 'definition', 'kpi', 'info', NULL, NULL, 'S', 'the KPI has no description',
        'Without it, everybody counts something else.', 'Say what is counted and what is not.'),
    ('no_unit', 'definition', 'kpi', 'info', NULL, NULL, 'S', 'the KPI has no unit',
        'A number without a unit is read as another one.', 'Name the unit as people write it: %, $, days, calls.'),
    ('no_target', 'definition', 'target', 'serious', NULL, NULL, 'S', 'a KPI on the card has no target',
        'Without a target nobody knows what good is.', 'Agree on a target with the owner (see kra.propose_target).'),
    ('no_due_date', 'definition', 'kpi', 'warning', NULL, NULL, 'T', 'neither the target nor the objective that the KPI serves has a date by which it is due',
        'A target without a deadline is for ever tomorrow.', 'Add "by" and a date to the target, or a date to the objective.'),
    ('no_context', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'the KPI has no baseline, no benchmark and no earlier value',
        'A number alone says neither good nor bad.', 'Add a baseline ("from"), or a benchmark.'),
    ('no_cadence', 'definition', 'kpi', 'warning', 0.5, 'least share of its periods with a value', 'T', 'of the periods since its first measurement, a smaller share than the threshold has a value',
        'A cadence that is not kept is none.', 'Measure at that cadence, or choose a longer one.'),
    ('no_source', 'definition', 'kpi', 'warning', NULL, NULL, 'M', 'the KPI has no source relation; info where it is entered by hand, a warning where it was never measured',
        'What has no source is not measured for long.', 'Bind it to a relation of the warehouse (source), or record it.'),
    ('silo', 'definition', 'kpi', 'serious', 0.01, 'greatest relative difference', 'M', 'two KPIs of the same name and unit differ by more than the threshold for the same subject and period',
        'Two figures for one thing, and the meeting is about which is right.', 'Keep one definition, retire the other.'),
    ('qualitative_without_scale', 'definition', 'kpi', 'warning', NULL, NULL, 'M', 'the KPI is an opinion by its name or unit, and has no scale',
        'An opinion without a scale is a mood of the day.', 'Give it a scale: csat_top_two_box, csat_mean, nps or ordinal.'),
    ('not_influenceable', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'neither its owner, nor a role that carries it, is among those who can move the KPI',
        'Who is judged by what he cannot move learns to explain, not to act.', 'Give it to those who can move it, or name what they can move.'),
    ('kra_is_task', 'definition', 'kra', 'warning', NULL, NULL, NULL, 'the name of the KRA starts with a verb or holds a date, or its KPIs are only ever done or not done',
        'A KRA is a domain, stable over years; a task ends.', 'Name the domain; make the task a milestone or an action.'),
    ('role_without_purpose', 'definition', 'role', 'warning', NULL, NULL, NULL, 'the role has no purpose',
        'Who cannot say why a role exists cannot say what it should reach.', 'Say in a sentence why the role exists.'),
    ('missing_perspective', 'definition', 'role', 'info', 4, 'fewest of the four perspectives', NULL, 'the KRAs of the role cover fewer perspectives (financial, customer, process, people) than the threshold',
        'What no perspective looks at is paid for later.', 'Ask whether the missing side is somebody else''s.'),
    ('weights_not_whole', 'definition', 'role', 'warning', 1, 'what the weights are to add up to', NULL, 'the weights of the card do not add up to the threshold; off unless a company turns it on',
        'Shares that do not add up are not the shares that people think.', 'Set the weights so that they add up.'),
    -- fit
    ('copied_kpis', 'fit', 'role', 'warning', 0.8, 'least share of KPIs in common (Jaccard)', NULL, 'the role has the KPIs of another role, by name, to the threshold or more',
        'A template that fits everybody was made for nobody.', 'Ask what this role alone is there for.'),
    ('copied_from_unit', 'fit', 'subject', 'warning', 2, 'least factor between the sizes', NULL, 'a unit carries the KPIs and the very targets of another that has a multiple of its people, to the threshold or more, and one of them adds up over people',
        'Targets of another unit at another scale ask for too much or too little.', 'Derive targets from its own history (see kra.propose_target).'),
    ('imposed_target', 'fit', 'target', 'warning', 14, 'days to acknowledge a target', 'A', 'a target in force for longer than the threshold was not acknowledged',
        'A target that its owner never took is somebody else''s.', 'Talk about it until the owner acknowledges it, or change it.'),
    ('changed_after_acknowledgement', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target in force is another than the one acknowledged',
        'Who agreed to 50 has not agreed to 80.', 'Ask the owner to acknowledge the new one.'),
    ('target_moved', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target was changed after the period began',
        'A target that moves with the result measures nothing.', 'Change targets from the next period on.'),
    ('target_beyond_history', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target asks for more change than was ever seen in the same time',
        'What never happened needs a reason why it should now.', 'Name what will be different, or aim within reach (see kra.propose_target).'),
    ('target_beyond_limits', 'fit', 'target', 'serious', NULL, NULL, 'A', 'the target lies beyond what answers on a scale can be, or, as a warning, beyond what a share can be, such as 105 %, or beyond the natural limits of the process',
        'A target out of reach is not aimed at.', 'Aim within the limits, or change the process first.'),
    ('target_above_300_pct', 'fit', 'target', 'serious', 3, 'greatest ratio of target to start', 'A', 'the target is more than the threshold times where it starts',
        'Targets of 300 % are met by accident or by tricks.', 'Split it into steps that can be planned.'),
    ('sandbagged_target', 'fit', 'target', 'info', 1.2, 'least attainment', 'A', 'the target was met in each of the last 6 periods, with an attainment of at least the threshold',
        'A target that is always met by far was set to be met.', 'Raise it together with its owner.'),
    -- life
    ('stale_data', 'life', 'kpi', 'warning', NULL, NULL, 'M', 'the newest data are older than the KPI allows',
        'A decision on old data is a decision about the past.', 'Find out why nothing comes any more.'),
    ('stale_subject', 'life', 'target', 'warning', NULL, NULL, 'M', 'the data of this subject, since the KPI came onto its card, are older than the KPI allows, while others'' are not',
        'Who is no longer measured drops out of the score.', 'Find out why nothing comes for this one.'),
    ('review_overdue', 'life', 'review', 'warning', 14, 'days after the end of the period', NULL, 'the review of the last period was not closed within the threshold after its end',
        'What is looked at once a year is not steered by.', 'Hold the review (see kra.review_agenda), and close it.'),
    ('kpi_not_revisited', 'life', 'kpi', 'info', 6, 'months', NULL, 'for longer than the threshold nothing about the KPI was set, and nobody asked whether it is still right',
        'A KPI outlives its reason quietly.', 'Ask whether it still serves its objective; kra.revisit says that you did.'),
    ('kra_not_revisited', 'life', 'kra', 'info', 12, 'months', NULL, 'for longer than the threshold nothing about the KRA was set, and nobody asked whether it is still right',
        'Domains shift with the strategy.', 'Ask whether the role still owns it; kra.revisit says that you did.'),
    ('kra_churn', 'life', 'role', 'warning', 1, 'most changes in a year', NULL, 'KRAs of the role were replaced or renamed more often within a year than the threshold',
        'A KRA is stable over years; what changes every quarter was a task.', 'Let the KRAs stand, and change KPIs and targets within them.'),
    ('candidate_undecided', 'life', 'kpi', 'info', 90, 'days', NULL, 'a candidate has waited for longer than the threshold',
        'Candidates that nobody decides on are measured for nothing.', 'Promote it (kra.promote), or retire it (kra.retire).'),
    ('retired_on_card', 'life', 'kpi', 'warning', NULL, NULL, NULL, 'a retired KPI still stands on a card',
        'A KPI that was given up still draws effort.', 'Take it off the card.'),
    ('action_overdue', 'life', 'action', 'warning', NULL, NULL, NULL, 'an action is past its day and not done',
        'An action that nobody follows up was talk.', 'Do it, drop it with a reason, or agree on another day.'),
    ('review_without_action', 'life', 'review', 'warning', NULL, NULL, NULL, 'the latest closed review led to no action; info where all targets were met',
        'A review that ends without an action ends nothing.', 'Agree on one action with an owner and a day.'),
    ('consistently_missed', 'life', 'target', 'serious', 3, 'misses in a row', NULL, 'the target was missed in as many periods in a row as the threshold, or in 4 of the last 6',
        'A target missed again and again is a wrong target or a wrong plan; waiting is neither.', 'Change the plan, or change the target.'),
    ('plateau', 'life', 'target', 'warning', 6, 'periods that the limits come from; twice as many follow', NULL, 'the target is not met, or in a quarter of the periods at most, and nothing moves: the values stay within their limits',
        'More of the same brings more of the same.', 'Change how the work is done; more effort will not move it.'),
    ('low_roi_activity', 'life', 'target', 'warning', 4, 'periods of the last 6', NULL, 'in as many of the last 6 periods as the threshold or more, the activity met its target and the outcome that it is to drive missed its own',
        'Effort that does not pay is taken from effort that would.', 'Spend it on what moves the outcome.')
    ) r (rule, family, about_kind, severity, threshold, threshold_meaning, smart, meaning, rationale, hint);
END;
COMMENT ON FUNCTION kra.built_in_rules() IS 'the rules of findings as they are shipped: family (focus, balance, definition, fit, life), what they are about (subject, role, kra, kpi, target, review, action), severity (info, warning, serious), default threshold and what it means, whether they are on, the letter of SMART that they belong to, meaning, rationale and what to do';

CREATE FUNCTION kra.rule_limits() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(r.rule, coalesce(s.threshold, r.threshold))
    FROM kra.built_in_rules() r LEFT JOIN kra.rule_settings s ON s.rule = r.rule
    WHERE coalesce(s.is_enabled, r.is_enabled);
END;
COMMENT ON FUNCTION kra.rule_limits() IS 'thresholds in force by rule, null where a rule has none; a rule that is off is not in it';

-- Inlined by the planner.
CREATE FUNCTION kra.about_key(first text, second text DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN first ~ '(^| )/( |$)|"' THEN '"' || replace(replace(first, '\', '\\'), '"', '\"') || '"' ELSE first END
        || coalesce(' / ' || CASE WHEN second ~ '(^| )/( |$)|"' THEN '"' || replace(replace(second, '\', '\\'), '"', '\"') || '"' ELSE second END, '');
END;
COMMENT ON FUNCTION kra.about_key(text, text) IS 'one or two keys, with a slash between, to name what a finding is about or what is due; one that holds a slash with spaces around it, or a quote, is quoted, so that no two pairs of keys make the same text';

-- What the functions of rules return: one row per rule and thing that it is about.
CREATE TYPE kra.fault AS (
    rule text, about_kind text, about_key text, about_name text,
    subject_id integer, job_role_id integer, result_area_id integer, kpi_id integer,
    severity text, message text, hint text, since date, evidence double precision
);
COMMENT ON TYPE kra.fault IS 'a rule that something breaks; severity and hint are NULL where those of the rule hold';
COMMENT ON COLUMN kra.fault.rule IS 'the rule';
COMMENT ON COLUMN kra.fault.about_kind IS 'subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra.fault.about_key IS 'keys of what it is about (see kra.about_key): stable, so that it can be waived';
COMMENT ON COLUMN kra.fault.about_name IS 'its name for people';
COMMENT ON COLUMN kra.fault.subject_id IS 'the subject; NULL: of none';
COMMENT ON COLUMN kra.fault.job_role_id IS 'the role; NULL: of none';
COMMENT ON COLUMN kra.fault.result_area_id IS 'the KRA; NULL: of none';
COMMENT ON COLUMN kra.fault.kpi_id IS 'the KPI; NULL: of none';
COMMENT ON COLUMN kra.fault.severity IS 'info, warning or serious, where it differs from that of the rule';
COMMENT ON COLUMN kra.fault.message IS 'a sentence with the evidence';
COMMENT ON COLUMN kra.fault.hint IS 'what to do, where it is more than the rule''s hint';
COMMENT ON COLUMN kra.fault.since IS 'since when; NULL: not known';
COMMENT ON COLUMN kra.fault.evidence IS 'the number that was held against the threshold';

CREATE FUNCTION kra.rule_settings_check() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
BEGIN
    IF kra.is_restoring() THEN
        RETURN NEW;   -- another version may have had other rules
    END IF;
    SELECT * INTO r FROM kra.built_in_rules() b WHERE b.rule = NEW.rule;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no rule %', quote_literal(NEW.rule) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'kra_bi.rule_reference lists them.';
    ELSIF NEW.threshold IS NOT NULL AND r.threshold IS NULL THEN
        RAISE EXCEPTION 'rule % has no threshold', quote_ident(NEW.rule) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'It can be turned off: is_enabled = false.';
    ELSIF NEW.threshold < 0 THEN
        RAISE EXCEPTION 'the threshold of rule % must not be negative', quote_ident(NEW.rule) USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.rule_settings_check() IS 'trigger: settings are of rules that there are, and thresholds of rules that have one';
REVOKE EXECUTE ON FUNCTION kra.rule_settings_check() FROM PUBLIC;
CREATE TRIGGER rule_settings_check BEFORE INSERT OR UPDATE ON kra.rule_settings
    FOR EACH ROW EXECUTE FUNCTION kra.rule_settings_check();
-- Targets: set, taken as one's own, and proposed out of what there was.

CREATE FUNCTION kra.set_target(kpi text, subject text, target kra.kpi_target, effective_from date DEFAULT current_date,
    provenance text DEFAULT NULL, note text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra.kpi_named(set_target.kpi);
    s kra.subjects := kra.subject_named(set_target.subject);
    old kra.targets;
    is_same boolean := false;
BEGIN
    IF set_target.effective_from IS NULL OR NOT isfinite(set_target.effective_from) THEN
        RAISE EXCEPTION 'effective_from must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    SELECT * INTO old FROM kra.targets t
    WHERE t.kpi_id = k.id AND t.subject_id = s.id AND t.effective_from <= set_target.effective_from
    ORDER BY t.effective_from DESC LIMIT 1;
    IF FOUND THEN
        is_same := coalesce(old.target OPERATOR(kra.=) set_target.target, (old.target IS NULL) AND (set_target.target IS NULL));
        IF is_same AND coalesce(set_target.provenance = old.provenance, set_target.provenance IS NULL)
           AND coalesce(set_target.note = old.note, set_target.note IS NULL) THEN
            RETURN false;
        END IF;
    END IF;
    -- what is not said of the same target stays; of another one it is not known
    INSERT INTO kra.targets AS t (kpi_id, subject_id, effective_from, target, provenance, note)
    VALUES (k.id, s.id, set_target.effective_from, set_target.target,
            CASE WHEN is_same THEN coalesce(set_target.provenance, old.provenance) ELSE set_target.provenance END,
            CASE WHEN is_same THEN coalesce(set_target.note, old.note) ELSE set_target.note END)
    ON CONFLICT (kpi_id, subject_id, effective_from)
    DO UPDATE SET target = excluded.target, provenance = excluded.provenance, note = excluded.note, set_by = excluded.set_by;
    RETURN true;
END $$;
COMMENT ON FUNCTION kra.set_target(text, text, kra.kpi_target, date, text, text) IS 'sets the target of a subject with a KPI from a day on, in place of its role''s; NULL: none from then on. provenance: history, benchmark, market, negotiated or imposed; note: the reasoning. False when that is in force already, and nothing is written; a provenance or note of NULL leaves those of the same target';

CREATE FUNCTION kra.acknowledge(kpi text, subject text, comment text DEFAULT NULL) RETURNS kra.kpi_target
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra.kpi_named(acknowledge.kpi);
    s kra.subjects := kra.subject_named(acknowledge.subject);
    today date := (now() AT TIME ZONE 'UTC')::date;
    target kra.kpi_target;
    last_one kra.kpi_target;
BEGIN
    IF s.login IS DISTINCT FROM kra.viewer() AND NOT EXISTS (
        SELECT FROM (SELECT subject_id FROM kra.kpi_owners WHERE kpi_id = k.id AND effective_from <= today ORDER BY effective_from DESC LIMIT 1) o
        JOIN kra.subjects x ON x.id = o.subject_id
        WHERE x.login = kra.viewer()) THEN
        RAISE EXCEPTION 'role % may not acknowledge the target of subject % with KPI %', quote_ident(kra.viewer()), quote_ident(s.key), quote_ident(k.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'The login of the subject may, and that of the KPI''s owner who sees the subject.';
    END IF;
    target := kra.target_in_force(k.id, s.id, kra.grid_start(k.grid, today), today);
    IF target IS NULL THEN
        RAISE EXCEPTION 'subject % has no target with KPI %', quote_ident(s.key), quote_ident(k.key) USING ERRCODE = 'no_data_found';
    END IF;
    SELECT a.target INTO last_one FROM kra.acknowledgements a
    WHERE a.kpi_id = k.id AND a.subject_id = s.id AND a.acknowledged_by = kra.viewer()
    ORDER BY a.acknowledged_at DESC LIMIT 1;
    IF last_one OPERATOR(kra.=) target THEN
        RETURN target;
    END IF;
    INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, comment)
    VALUES (k.id, s.id, clock_timestamp(), kra.viewer(), target, acknowledge.comment);
    RETURN target;
END $$;
COMMENT ON FUNCTION kra.acknowledge(text, text, text) IS 'takes the target that is in force today as one''s own, and gives it back. For the login of the subject, and that of the KPI''s owner; error for others, and where there is no target. The same target again is no new acknowledgement';

CREATE FUNCTION kra.recent_level(series double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_ones double precision[] := '{}';
BEGIN
    FOR i IN REVERSE coalesce(array_upper(series, 1), 0)..1 LOOP
        IF series[i] IS NOT NULL THEN
            last_ones := last_ones || series[i];
            EXIT WHEN cardinality(last_ones) = 3;
        END IF;
    END LOOP;
    RETURN CASE cardinality(last_ones)
        WHEN 3 THEN greatest(least(last_ones[1], last_ones[2]), least(greatest(last_ones[1], last_ones[2]), last_ones[3]))
        WHEN 2 THEN last_ones[1] + (last_ones[2] - last_ones[1]) / 2
        ELSE last_ones[1] END;
END $$;
COMMENT ON FUNCTION kra.recent_level(double precision[]) IS 'where a series stands: the median of its last 3 values, since one alone may be chance; NULLs are left out; NULL without a value';

CREATE FUNCTION kra.best_improvement(series double precision[], ahead integer, direction text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sign integer := CASE direction WHEN 'at_least' THEN 1 WHEN 'at_most' THEN -1 END;
    best double precision;
BEGIN
    FOR i IN 1 + ahead..cardinality(series) LOOP
        best := greatest(best, sign * (series[i] - series[i - ahead]));
    END LOOP;
    RETURN best;
END $$;
COMMENT ON FUNCTION kra.best_improvement(double precision[], integer, text) IS 'greatest change for the better (direction at_least: up, at_most: down) over a number of periods ever seen in a series that has a NULL for each period without a value; below 0: it never improved; NULL: no two values that far apart';

CREATE FUNCTION kra.propose_target(kpi text, subject text, as_of date DEFAULT current_date, periods integer DEFAULT NULL,
    direction text DEFAULT NULL, ahead integer DEFAULT 3)
RETURNS TABLE (target kra.kpi_target, baseline double precision, last_value double precision, trend_slope double precision, trend_direction text,
    best_improvement double precision, natural_lower double precision, natural_upper double precision, periods_used integer, reason text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra.kpi_named(propose_target.kpi);
    s kra.subjects := kra.subject_named(propose_target.subject);
    present kra.kpi_target;
    towards text := propose_target.direction;
    sign integer;
    last_start date;
    first_start date;
    lookback integer := coalesce(propose_target.periods, (SELECT history_periods FROM kra.settings_in_force));
    starts date[];
    series double precision[];
    n integer;
    trend kra.kpi_trend;
    limits kra.xmr;
    forecast double precision;
    by_itself double precision;
    reach double precision;
    aim double precision;
    floor_value double precision;
    ceiling_value double precision;
    digits integer;
    average double precision;
    grain text;
BEGIN
    IF propose_target.as_of IS NULL OR NOT isfinite(propose_target.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    ELSIF lookback NOT BETWEEN 2 AND 1000 THEN
        RAISE EXCEPTION 'periods must be between 2 and 1000, not %', lookback USING ERRCODE = 'invalid_parameter_value';
    ELSIF coalesce(propose_target.ahead NOT BETWEEN 1 AND 1000, true) THEN
        RAISE EXCEPTION 'ahead must be between 1 and 1000, not %', coalesce(propose_target.ahead::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    present := kra.target_in_force(k.id, s.id, kra.grid_start(k.grid, propose_target.as_of), propose_target.as_of);
    towards := coalesce(towards, kra.direction(present));
    IF towards IS NULL THEN
        RAISE EXCEPTION 'subject % has no target with KPI % that says what is better', quote_ident(s.key), quote_ident(k.key)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give direction => ''at_least'' or ''at_most''.';
    ELSIF towards NOT IN ('at_least', 'at_most') THEN
        RAISE EXCEPTION 'a target can be proposed with direction at_least or at_most, not %', towards USING ERRCODE = 'invalid_parameter_value';
    END IF;
    sign := CASE towards WHEN 'at_least' THEN 1 ELSE -1 END;

    -- periods that are over: one that is not would look like a fall
    last_start := kra.grid_start(k.grid, propose_target.as_of);
    IF kra.grid_end(k.grid, last_start) > propose_target.as_of THEN
        last_start := kra.grid_shift(k.grid, last_start, -1);
    END IF;
    first_start := kra.grid_shift(k.grid, last_start, 1 - lookback);
    SELECT array_agg(p.at ORDER BY p.i), array_agg(v.actual ORDER BY p.i) INTO starts, series
    FROM (SELECT i, kra.grid_shift(k.grid, first_start, i) AS at FROM generate_series(0, lookback - 1) i) p
    LEFT JOIN kra.series(k.id, s.id, k.grid, first_start, kra.grid_end(k.grid, last_start)) v ON v.period_start = p.at;

    grain := k.cadence;
    SELECT count(u.v), (array_agg(u.v ORDER BY u.i DESC) FILTER (WHERE u.v IS NOT NULL))[1], avg(u.v), kra.trend_agg(u.i::float8, u.v), min(u.v), max(u.v)
    INTO n, last_value, average, trend, floor_value, ceiling_value
    FROM unnest(series) WITH ORDINALITY u (v, i);
    baseline := kra.recent_level(series);
    SELECT kra.xmr_agg(u.v ORDER BY u.i) INTO limits FROM unnest(series) WITH ORDINALITY u (v, i);
    periods_used := n;
    trend_slope := kra.slope(trend);
    trend_direction := kra.direction(trend);
    natural_lower := kra.lower_limit(limits);
    natural_upper := kra.upper_limit(limits);
    best_improvement := kra.best_improvement(series, propose_target.ahead, towards);
    IF n < 4 THEN
        reason := format('%s of the last %s %ss have a value; at least 4 are needed, so no target is proposed', n, lookback, grain);
        RETURN NEXT;
        RETURN;
    END IF;

    digits := CASE WHEN best_improvement <> 0 THEN 1 - floor(log(abs(best_improvement)))::integer
                   WHEN ceiling_value > floor_value THEN 1 - floor(log(ceiling_value - floor_value))::integer
                   ELSE 6 END;
    digits := greatest(least(digits, 12), -12);
    reason := format('the last %s %ss with a value average %s, and the middle one of the last 3 is %s', n, grain,
                     round(average::numeric, digits)::float8, round(baseline::numeric, digits)::float8);
    -- no further than a share or a score can go, nor below 0 what never was
    IF k.scale IS NOT NULL THEN
        floor_value := CASE k.scale WHEN 'nps' THEN -100 ELSE 0 END;
        ceiling_value := 100;
    ELSE
        ceiling_value := CASE WHEN k.over_time = 'ratio' AND floor_value >= 0 AND ceiling_value <= 1 THEN 1 END;
        floor_value := CASE WHEN floor_value >= 0 THEN 0 END;
    END IF;
    by_itself := baseline;
    IF trend_direction IN ('rising', 'falling') THEN
        reason := reason || format('; it %s by %s a %s', CASE trend_direction WHEN 'rising' THEN 'rises' ELSE 'falls' END,
                                   round(abs(trend_slope)::numeric, greatest(digits + 1, 0))::float8, grain);
        IF sign * trend_slope > 0 THEN
            forecast := (kra.forecast(trend, (lookback + propose_target.ahead)::float8)).value;
            IF forecast <= floor_value OR forecast >= ceiling_value THEN
                reason := reason || format(', which cannot go on past %s', CASE sign WHEN 1 THEN ceiling_value ELSE floor_value END);
            ELSIF sign * (forecast - baseline) > 0 THEN
                by_itself := forecast;
                reason := reason || format(', which leads to %s in %s', round(forecast::numeric, digits)::float8,
                                           CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END);
            END IF;
        END IF;
    ELSE
        reason := reason || '; it has no trend';
    END IF;
    IF best_improvement > 0 THEN
        reach := greatest(least(baseline + sign * best_improvement, ceiling_value), floor_value);
        reason := reason || format('; the best improvement over %s was %s',
                                   CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END,
                                   round(best_improvement::numeric, digits)::float8);
    ELSE
        reason := reason || format('; over %s it has never improved', CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END);
    END IF;

    -- half of the way between what comes by itself and what was done once
    IF reach IS NULL AND by_itself = baseline THEN
        reason := reason || ', so its own history gives no target: take a benchmark, or negotiate one';
        RETURN NEXT;
        RETURN;
    END IF;
    aim := CASE WHEN sign * (coalesce(reach, by_itself) - by_itself) > 0 THEN (by_itself + reach) / 2 ELSE by_itself END;
    aim := greatest(least(round(aim::numeric, digits)::float8, ceiling_value), floor_value);
    reach := greatest(least(round(reach::numeric, digits)::float8, ceiling_value), floor_value);
    baseline := round(baseline::numeric, greatest(digits + 1, 0))::float8;
    IF sign * (aim - baseline) <= 0 THEN
        reason := reason || ', so there is hardly anything to gain, and no target is proposed';
        RETURN NEXT;
        RETURN;
    END IF;
    IF sign * (reach - aim) <= 0 THEN
        reach := NULL;
    END IF;
    target := CASE towards
        WHEN 'at_least' THEN kra.at_least(aim, baseline => baseline, stretch => reach, since => kra.grid_shift(k.grid, last_start, 1), due => kra.grid_end(k.grid, kra.grid_shift(k.grid, last_start, propose_target.ahead)))
        ELSE kra.at_most(aim, baseline => baseline, stretch => reach, since => kra.grid_shift(k.grid, last_start, 1), due => kra.grid_end(k.grid, kra.grid_shift(k.grid, last_start, propose_target.ahead))) END;
    IF reach IS NULL THEN
        reason := reason || format(', so %s is where it goes by itself: a target to hold it to', aim);
    ELSE
        reason := reason || format(', so %s is within reach: half of the way from %s to %s, which would repeat the best and is the stretch', aim,
                                   round(by_itself::numeric, digits)::float8, reach);
    END IF;
    IF natural_lower IS NOT NULL AND trend_direction IS NOT DISTINCT FROM 'no_trend' AND sign * (aim - CASE towards WHEN 'at_least' THEN natural_upper ELSE natural_lower END) > 0 THEN
        reason := reason || format('; it lies beyond the natural limits (%s to %s), so the process has to change for it',
                                   round(natural_lower::numeric, digits)::float8, round(natural_upper::numeric, digits)::float8);
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.propose_target(text, text, date, integer, text, integer) IS 'a target out of a subject''s own history with a KPI, as of a day: of the last periods that are over (default: the setting history_periods). baseline: the median of the last 3 values, since one alone may be chance; trend_slope, per period, and trend_direction at 5 %; best_improvement over as many periods as the target is ahead (default 3); natural limits. The target lies half of the way between where it goes by itself (baseline, or the line of a trend that is good) and the baseline plus the best improvement, which is the stretch. direction, at_least or at_most, defaults to that of the present target; error without either. NULL where the history gives none: the reason says why, in words';
-- Findings about roles, KRAs and KPIs.

-- What rules of this file share: lists and shares as people write them, faults, and cards in force.

CREATE FUNCTION kra.enumerated(items text[], most integer DEFAULT 5) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN cardinality(items) = 1 THEN items[1]
                WHEN cardinality(items) <= most THEN array_to_string(items[:cardinality(items) - 1], ', ') || ' and ' || items[cardinality(items)]
                WHEN cardinality(items) > most THEN format('%s and %s more', array_to_string(items[:most], ', '), cardinality(items) - most) END;
END;
COMMENT ON FUNCTION kra.enumerated(text[], integer) IS 'items as people list them: a, b and c; of more than so many the first, and how many more there are; NULL for none';

CREATE FUNCTION kra.share_text(share double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT trim_scale(round((share * 100)::numeric, 1)) || '%';
END;
COMMENT ON FUNCTION kra.share_text(double precision) IS 'a share in percent, with one digit where it needs it; NULL for NULL';

CREATE FUNCTION kra.fault_of(rule text, role kra.job_roles, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL) RETURNS kra.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'role', kra.about_key((role).key), (role).name, NULL, (role).id, NULL, NULL, NULL, message, NULL, since, evidence)::kra.fault;
END;
COMMENT ON FUNCTION kra.fault_of(text, kra.job_roles, text, date, double precision) IS 'a fault of a role';

CREATE FUNCTION kra.fault_of(rule text, role kra.job_roles, area kra.result_areas, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL,
    severity text DEFAULT NULL) RETURNS kra.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'kra', kra.about_key((role).key, (area).key), (area).name, NULL, (role).id, (area).id, NULL, severity, message, NULL, since, evidence)::kra.fault;
END;
COMMENT ON FUNCTION kra.fault_of(text, kra.job_roles, kra.result_areas, text, date, double precision, text) IS 'a fault of a KRA';

CREATE FUNCTION kra.fault_of(rule text, kpi kra.kpis, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL, severity text DEFAULT NULL) RETURNS kra.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'kpi', kra.about_key((kpi).key), (kpi).name, NULL, NULL, NULL, (kpi).id, severity, message, NULL, since, evidence)::kra.fault;
END;
COMMENT ON FUNCTION kra.fault_of(text, kra.kpis, text, date, double precision, text) IS 'a fault of a KPI';

CREATE FUNCTION kra.role_lines(as_of date)
RETURNS TABLE (job_role_id integer, result_area_id integer, kpi_id integer, effective_from date, weight double precision, target kra.kpi_target)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ra.job_role_id, rk.result_area_id, rk.kpi_id, rk.effective_from, rk.weight, rk.target
    FROM kra.result_area_kpis rk
    JOIN kra.result_areas ra ON ra.id = rk.result_area_id
    WHERE rk.effective_from <= as_of AND rk.is_active
      AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                      AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= as_of);
END;
COMMENT ON FUNCTION kra.role_lines(date) IS 'KPIs on the cards of roles on a date, of any state, with weight and target of the role; effective_from: since when they stand there so. Inlined by the planner';

-- pg_trgm may be there or not, and in any schema. It is asked for only by its own extension's name.
CREATE FUNCTION kra.trigram_schema() RETURNS name LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.nspname
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_proc p ON p.oid = d.objid AND p.proname = 'similarity'
        AND p.pronargs = 2 AND p.proargtypes[0] = 'text'::regtype AND p.proargtypes[1] = 'text'::regtype
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE e.extname = 'pg_trgm' AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE');
END;
COMMENT ON FUNCTION kra.trigram_schema() IS 'schema of the function similarity of extension pg_trgm; NULL: it is not installed, or not for the caller';

CREATE FUNCTION kra.likeness(trigram_schema name, a text, b text) RETURNS double precision
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result double precision;
BEGIN
    IF trigram_schema IS NOT NULL THEN
        EXECUTE format('SELECT %I.similarity($1, $2)', trigram_schema) INTO result USING a, b;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.likeness(name, text, text) IS 'how alike two names are by their trigrams, from 0 to 1; NULL without pg_trgm (see kra.trigram_schema)';

-- Names of KRAs.

-- Two lists: verbs that are hardly ever nouns, and those that begin many a domain (support quality,
-- plan adherence, win rate) and give themselves away only by what follows.
CREATE FUNCTION kra.task_in_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    verbs constant text := 'achieve|acquire|adopt|analy[sz]e|arrange|assemble|assess|assure|attain|attend|attract|automate|avoid|become|begin|bring|calculate|carry out|clarify|clean up|'
        'collect|communicate|compile|complete|consolidate|convert|coordinate|create|decide|decrease|define|deliver|deploy|determine|develop|digiti[sz]e|discover|distribute|diversify|'
        'eliminate|enable|encourage|enforce|enhance|ensure|enter|establish|evaluate|execute|expand|extend|facilitate|finali[sz]e|find|follow up on|gather|generate|get|give|grow|'
        'identify|implement|improve|increase|initiate|inspire|install|integrate|introduce|investigate|invite|keep|learn|maintain|make|manage|maximi[sz]e|meet|migrate|minimi[sz]e|moderni[sz]e|'
        'modify|motivate|negotiate|obtain|optimi[sz]e|organi[sz]e|oversee|participate|perform|prepare|prevent|promote|protect|prove|provide|publish|raise|realign|rebuild|reduce|'
        'refactor|reorgani[sz]e|replace|resolve|respond|restore|restructure|retain|revise|roll out|roll-out|sell|send|set up|shorten|simplify|solve|speed up|stabili[sz]e|standardi[sz]e|'
        'strengthen|streamline|submit|supervise|sustain|teach|tell|transform|translate|understand|unify|validate|verify';
    nouns_too constant text := 'advance|answer|audit|benchmark|boost|budget|build|buy|call|change|check|close|coach|conduct|contact|contract|control|cut|design|document|draft|drive|email|exchange|file|'
        'fill|finish|fix|forecast|gain|handle|help|hire|hold|host|launch|lead|lower|mail|market|measure|mentor|merge|monitor|move|open|operate|order|outsource|pilot|plan|present|process|produce|'
        'purchase|push|reach|record|recruit|redesign|refresh|release|remove|renew|repair|report|research|review|run|save|schedule|score|secure|serve|set|share|ship|sign|staff|start|stop|study|support|survey|'
        'take|target|test|track|trade|train|turn|update|upgrade|visit|watch|win|write';
    objects constant text := 'the|an?|all|any|both|each|every|our|your|my|his|her|its|their|these|those|some|more|less|fewer|at least|at most|up to|new|[0-9]+|two|three|four|five|six|seven|eight|nine|ten|'
        'daily|weekly|monthly|quarterly|yearly|annual|regular';
    months constant text := '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
    said text := regexp_replace(btrim(name), '\s+', ' ', 'g');
    found text;
BEGIN
    found := coalesce((regexp_match(said, '^(' || verbs || ')(?= |$)', 'i'))[1], (regexp_match(said, '^(' || nouns_too || ')(?= (?:' || objects || ')(?: |$))', 'i'))[1]);
    IF found IS NOT NULL THEN
        RETURN format('starts with the verb %s', lower(found));
    END IF;
    found := coalesce(
        (regexp_match(said, '(?:^|[ (/''])(?:by|until|till|before|in|since|during|from) (?:the )?(?:(?:end|middle|beginning) of |mid-?)?' || months || '\M(?: 20[0-9]{2}\M)?', 'i'))[1],
        (regexp_match(said, '\m((?:[0-9]{1,2}(?:st|nd|rd|th|\.)? )?' || months || '\.? ?''?(?:20[0-9]{2}|[0-9]{1,2}(?:st|nd|rd|th)?))\M', 'i'))[1],
        (regexp_match(said, '\m([0-9]{1,2}(?:st|nd|rd|th|\.)? ' || months || ')\M', 'i'))[1],
        (regexp_match(said, '(?:^|[^0-9.])((?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:20[0-9]{2}|[0-9]{2})?)(?![0-9.])'))[1],
        (regexp_match(said, '(?:^|[^0-9/])([0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4})(?![0-9/])'))[1],
        (regexp_match(said, '\m((?:20[1-9][0-9][- /]?)?Q[1-4](?:[- /]?(?:FY)?[0-9]{2,4})?|[1-4]Q(?:[- /]?[0-9]{2,4})?|H[12](?:[- /]?(?:FY)?[0-9]{2,4})?)\M', 'i'))[1],
        (regexp_match(said, '\m(FY ?''?(?:20)?[0-9]{2}(?:[/-][0-9]{2,4})?)\M', 'i'))[1],
        (regexp_match(said, '\m((?:week|KW|CW) ?[0-9]{1,2})\M', 'i'))[1],
        (regexp_match(said, '(?:^|[ (''])(20[1-9][0-9](?:-[01][0-9](?:-[0-3][0-9])?|/[0-9]{2,4})?)\M', 'i'))[1],
        (regexp_match(said, '\m((?:by|until|before) (?:the )?end of (?:the |this |next )?(?:year|quarter|month|week))\M', 'i'))[1],
        (regexp_match(said, '\m((?:this|next) (?:year|quarter|month|week)|(?:first|second|third|fourth|last) quarter)\M', 'i'))[1]);
    RETURN 'holds the date ' || btrim(found);
END $$;
COMMENT ON FUNCTION kra.task_in_name(text) IS 'what makes a name one of a task and not of a domain: that it starts with a verb (English), or holds a date, a quarter or a year; NULL: nothing';

CREATE FUNCTION kra.kra_renamings(job_role_id integer, after_day date, upto date) RETURNS TABLE (renamed_on date, old_name text, new_name text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT (l.changed_at AT TIME ZONE 'UTC')::date, l.before->>'name', l.after->>'name'
    FROM kra.definition_log l
    WHERE l.table_name = 'result_areas' AND l.operation = 'update' AND l.after->>'job_role_id' = kra_renamings.job_role_id::text
      AND lower(btrim(l.before->>'name')) <> lower(btrim(l.after->>'name'))
      AND l.changed_at >= (after_day + 1)::timestamp AT TIME ZONE 'UTC' AND l.changed_at < (upto + 1)::timestamp AT TIME ZONE 'UTC';
END;
COMMENT ON FUNCTION kra.kra_renamings(integer, date, date) IS 'KRAs of a role whose names were changed in place, after a day and up to one. Security definer, since only authors read the log: of it the days and the names are shown, which are the same for all readers';

CREATE FUNCTION kra.kra_changes(job_role_id integer, after_day date, upto date) RETURNS TABLE (changed_on date, change text, old_name text, new_name text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    trigrams name := kra.trigram_schema();
    first_day date;
    x record;
    taken text[] := '{}';
BEGIN
    SELECT min(rk.effective_from) INTO first_day
    FROM kra.result_areas ra JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.is_active WHERE ra.job_role_id = kra_changes.job_role_id;
    FOR x IN
        WITH spans AS MATERIALIZED (
            SELECT ra.id, ra.name, rk.kpi_id, rk.is_active, rk.effective_from,
                   coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id, rk.kpi_id ORDER BY rk.effective_from), 'infinity') AS effective_until
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id
            JOIN kra.kpis k ON k.id = rk.kpi_id AND k.state <> 'candidate'
            WHERE ra.job_role_id = kra_changes.job_role_id
        ), moves AS MATERIALIZED (
            SELECT d.day, s.id, s.name,
                   array_agg(s.kpi_id) FILTER (WHERE s.effective_from < d.day AND s.effective_until >= d.day) AS before,
                   array_agg(s.kpi_id) FILTER (WHERE s.effective_from <= d.day AND s.effective_until > d.day) AS after
            FROM (SELECT DISTINCT effective_from AS day FROM spans
                  WHERE effective_from > greatest(first_day, kra_changes.after_day) AND effective_from <= kra_changes.upto) d
            JOIN spans s ON s.is_active AND s.effective_from <= d.day AND s.effective_until >= d.day
            GROUP BY d.day, s.id, s.name
        ), pairs AS (
            SELECT g.day, g.id AS gone, c.id AS come, g.name AS old_name, c.name AS new_name,
                   (SELECT count(*) FROM (SELECT unnest(g.before) INTERSECT SELECT unnest(c.after)) b)::float8
                   / (SELECT count(*) FROM (SELECT unnest(g.before) UNION SELECT unnest(c.after)) u) AS common,
                   coalesce(kra.likeness(trigrams, g.name, c.name), 0) AS alike
            FROM moves g JOIN moves c ON c.day = g.day
            WHERE g.before IS NOT NULL AND g.after IS NULL AND c.before IS NULL AND c.after IS NOT NULL
        )
        SELECT day, gone, come, old_name, new_name, CASE WHEN common >= 0.5 OR alike >= 0.4::real THEN 'renamed' ELSE 'replaced' END AS change,
               0 AS turn, common + alike AS score FROM pairs
        UNION ALL   -- those that are in no pair
        SELECT day, CASE WHEN before IS NOT NULL THEN id END, CASE WHEN before IS NULL THEN id END, name, name,
               CASE WHEN before IS NULL THEN 'added' ELSE 'dropped' END, 1, 0 FROM moves WHERE (before IS NULL) <> (after IS NULL)
        ORDER BY turn, change, score DESC, day, old_name, new_name
    LOOP
        IF format('%s -%s', x.day, x.gone) = ANY (taken) OR format('%s +%s', x.day, x.come) = ANY (taken) THEN
            CONTINUE;
        END IF;
        taken := taken || CASE WHEN x.gone IS NOT NULL THEN format('%s -%s', x.day, x.gone) END || CASE WHEN x.come IS NOT NULL THEN format('%s +%s', x.day, x.come) END;
        changed_on := x.day;
        change := x.change;
        old_name := CASE WHEN x.gone IS NOT NULL THEN x.old_name END;
        new_name := CASE WHEN x.come IS NOT NULL THEN x.new_name END;
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT n.renamed_on, 'renamed', n.old_name, n.new_name
    FROM kra.kra_renamings(kra_changes.job_role_id, greatest(first_day, kra_changes.after_day), kra_changes.upto) n;
END $$;
COMMENT ON FUNCTION kra.kra_changes(integer, date, date) IS 'how the KRAs of a role changed, after a day and up to one: added, dropped, renamed, replaced. The role''s first day is no change. One that goes and one that comes on the same day are one change: renamed where at least half of their KPIs are the same, where pg_trgm finds their names alike, or where the name was changed in place; else replaced';

-- Roles and KRAs.

CREATE FUNCTION kra.findings_of_role(job_role_id integer, as_of date, limits jsonb) RETURNS SETOF kra.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r kra.job_roles;
    a kra.result_areas;
    c record;
    x record;
    is_begun boolean;
    reason text;
    newest date;
BEGIN
    SELECT * INTO r FROM kra.job_roles o WHERE o.id = findings_of_role.job_role_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) AS kpis, count(DISTINCT l.result_area_id) AS areas, max(l.effective_from) AS since,
           coalesce(sum(least(l.weight, 1e100)), 0) AS weight, coalesce(sum(least(l.weight, 1e100)) FILTER (WHERE k.kind = 'activity'), 0) AS activity_weight,
           count(*) FILTER (WHERE k.kind = 'outcome' AND l.weight > 0) AS outcomes, count(*) FILTER (WHERE k.kind = 'outcome') AS unweighted_outcomes,
           count(*) FILTER (WHERE k.timing = 'leading') AS leading, count(*) FILTER (WHERE k.source_relation IS NULL) AS manual,
           count(*) FILTER (WHERE k.source_relation IS NULL AND k.kind = 'activity') AS manual_activities,
           array_agg(DISTINCT lower(btrim(k.name))) AS names
    INTO c
    FROM kra.role_lines(findings_of_role.as_of) l
    JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
    WHERE l.job_role_id = findings_of_role.job_role_id;
    IF c.kpis = 0 THEN
        SELECT bool_or(rk.effective_from <= findings_of_role.as_of) INTO is_begun
        FROM kra.result_areas ra JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id WHERE ra.job_role_id = r.id;
        IF is_begun AND NOT EXISTS (SELECT FROM kra.subject_timeline tl WHERE tl.job_role_id = r.id
                                    AND tl.valid_from <= findings_of_role.as_of AND tl.valid_until > findings_of_role.as_of) THEN
            RETURN;   -- it is past
        END IF;
    END IF;

    IF limits ? 'role_without_purpose' AND r.purpose IS NULL THEN
        RETURN NEXT kra.fault_of('role_without_purpose', r, 'has no purpose');
    END IF;
    IF limits ? 'too_few_kras' AND c.areas < (limits->>'too_few_kras')::float8 AND is_begun IS DISTINCT FROM false THEN
        RETURN NEXT kra.fault_of('too_few_kras', r, CASE c.areas WHEN 0 THEN format('has no KRA; a role has %s or more', limits->>'too_few_kras')
            ELSE format('has %s %s; a role has %s or more', c.areas, CASE c.areas WHEN 1 THEN 'KRA' ELSE 'KRAs' END, limits->>'too_few_kras') END, c.since, c.areas);
    END IF;
    IF limits ? 'kra_without_kpi' THEN
        RETURN QUERY
        SELECT f.* FROM kra.result_areas ra
        CROSS JOIN LATERAL kra.fault_of('kra_without_kpi', r, ra, format('no KPI of %s was ever put into it', r.name)) f
        WHERE ra.job_role_id = r.id AND NOT EXISTS (SELECT FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id);
    END IF;
    IF limits ? 'kra_is_task' THEN
        FOR a IN SELECT ra.* FROM kra.result_areas ra
                 WHERE ra.job_role_id = r.id AND (NOT EXISTS (SELECT FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id AND rk.effective_from <= findings_of_role.as_of)
                    OR ra.id IN (SELECT l.result_area_id FROM kra.role_lines(findings_of_role.as_of) l JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate' WHERE l.job_role_id = r.id))
                 ORDER BY ra.position, ra.key LOOP
            reason := 'its name ' || kra.task_in_name(a.name);
            IF reason IS NULL AND kra.sees_all() THEN   -- of few the values are few, too. 0 where 0 is what is asked for is no task undone
                SELECT CASE WHEN bool_and(CASE
                    WHEN k.over_time IN ('ratio', 'mean') OR k.scale IS NOT NULL OR kra.met(0, l.target) THEN false
                    WHEN (SELECT count(*) FROM (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of LIMIT 3) three) < 3 THEN false
                    WHEN EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of AND kra.value(m.actual, k.over_time) NOT IN (0, 1)) THEN false
                    ELSE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of AND kra.value(m.actual, k.over_time) = 1) END)
                    THEN format('%s %s only ever done or not done (1 or 0)', kra.enumerated(array_agg(btrim(k.name) ORDER BY k.name)), CASE count(*) WHEN 1 THEN 'is' ELSE 'are' END) END
                INTO reason
                FROM kra.role_lines(findings_of_role.as_of) l
                JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
                WHERE l.job_role_id = r.id AND l.result_area_id = a.id;
            END IF;
            IF reason IS NOT NULL THEN
                RETURN NEXT kra.fault_of('kra_is_task', r, a, format('reads like a task of %s: %s', r.name, reason));
            END IF;
        END LOOP;
    END IF;
    IF c.kpis = 0 THEN
        RETURN;
    END IF;

    -- the card as a whole
    IF limits ? 'too_many_kras' AND c.areas > (limits->>'too_many_kras')::float8 THEN
        RETURN NEXT kra.fault_of('too_many_kras', r, format('has %s KRAs; up to %s keep focus', c.areas, limits->>'too_many_kras'), c.since, c.areas);
    END IF;
    IF limits ? 'no_outcome' AND c.outcomes = 0 THEN
        RETURN NEXT kra.fault_of('no_outcome', r, CASE WHEN c.unweighted_outcomes > 0 THEN 'no outcome KPI has a weight: only activity is scored'
            WHEN c.kpis = 1 THEN 'its one KPI is an activity' ELSE format('all %s KPIs are activities', c.kpis) END, c.since);
    END IF;
    IF limits ? 'activity_heavy' AND c.activity_weight > (limits->>'activity_heavy')::float8 * c.weight THEN
        RETURN NEXT kra.fault_of('activity_heavy', r, format('%s of the weight is on activity; %s is the most', kra.share_text(c.activity_weight / c.weight),
            kra.share_text((limits->>'activity_heavy')::float8)), c.since, c.activity_weight / c.weight);
    END IF;
    IF limits ? 'leading_only' AND c.leading = c.kpis THEN
        RETURN NEXT kra.fault_of('leading_only', r, CASE c.kpis WHEN 1 THEN 'its one KPI is leading' ELSE format('all %s KPIs are leading', c.kpis) END, c.since);
    END IF;
    IF limits ? 'lagging_only' AND c.leading = 0 THEN
        RETURN NEXT kra.fault_of('lagging_only', r, CASE c.kpis WHEN 1 THEN 'its one KPI is lagging' ELSE format('all %s KPIs are lagging', c.kpis) END, c.since);
    END IF;
    IF limits ? 'manual_activity' AND c.manual_activities > (limits->>'manual_activity')::float8 * c.manual THEN
        RETURN NEXT kra.fault_of('manual_activity', r, CASE c.manual WHEN 1 THEN 'the one KPI that is entered by hand is an activity'
            ELSE format('of the %s KPIs that are entered by hand, %s are activities', c.manual, CASE c.manual_activities WHEN c.manual THEN 'all' ELSE c.manual_activities::text END) END,
            c.since, c.manual_activities::float8 / c.manual);
    END IF;
    IF limits ? 'weights_not_whole' AND abs(c.weight - (limits->>'weights_not_whole')::float8) > 1e-9 THEN
        RETURN NEXT kra.fault_of('weights_not_whole', r, format('the weights add up to %s, not to %s', round(c.weight::numeric, 6)::float8, limits->>'weights_not_whole'), c.since, c.weight);
    END IF;
    IF limits ? 'missing_perspective' THEN
        SELECT array_agg(p.name ORDER BY p.n) FILTER (WHERE u.perspective IS NOT NULL) AS stated, array_agg(p.name ORDER BY p.n) FILTER (WHERE u.perspective IS NULL) AS missing
        INTO x
        FROM (VALUES (1, 'financial'), (2, 'customer'), (3, 'process'), (4, 'people')) p (n, name)
        LEFT JOIN (SELECT DISTINCT ra.perspective FROM kra.result_areas ra WHERE ra.id IN (
                       SELECT l.result_area_id FROM kra.role_lines(findings_of_role.as_of) l JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate' WHERE l.job_role_id = r.id)
        ) u ON u.perspective = p.name;
        IF coalesce(cardinality(x.stated), 0) < (limits->>'missing_perspective')::float8 THEN
            RETURN NEXT kra.fault_of('missing_perspective', r, CASE WHEN x.stated IS NULL THEN 'states no perspective for any of its KRAs'
                WHEN x.missing IS NULL THEN format('covers all 4 perspectives; %s are asked for', limits->>'missing_perspective')
                ELSE format('covers the perspective%s %s; missing: %s', CASE WHEN cardinality(x.stated) > 1 THEN 's' END, kra.enumerated(x.stated), kra.enumerated(x.missing)) END,
                c.since, coalesce(cardinality(x.stated), 0));
        END IF;
    END IF;
    IF limits ? 'copied_kpis' AND cardinality(c.names) >= 2 THEN
        SELECT array_agg(format('%s (%s)', o.name, kra.share_text(o.share)) ORDER BY o.share DESC, o.name) AS others, max(o.share) AS share, max(o.common) AS common, max(o.since) AS since
        INTO x
        FROM (
            SELECT o.name, count(*) FILTER (WHERE n.name = ANY (c.names))::float8 / (cardinality(c.names) + count(*) FILTER (WHERE n.name <> ALL (c.names))) AS share,
                   count(*) FILTER (WHERE n.name = ANY (c.names)) AS common, max(n.since) AS since
            FROM (
                SELECT l.job_role_id, lower(btrim(k.name)) AS name, max(l.effective_from) AS since
                FROM kra.role_lines(findings_of_role.as_of) l
                JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
                WHERE l.job_role_id IN (
                    SELECT i.job_role_id FROM kra.kpis j
                    JOIN kra.role_lines(findings_of_role.as_of) i ON i.kpi_id = j.id
                    WHERE lower(btrim(j.name)) = ANY (c.names) AND i.job_role_id <> r.id)
                GROUP BY 1, 2
            ) n
            JOIN kra.job_roles o ON o.id = n.job_role_id
            GROUP BY o.id, o.name
            HAVING count(*) >= 2
        ) o
        WHERE o.share >= (limits->>'copied_kpis')::float8 - 1e-12;
        IF x.others IS NOT NULL THEN
            RETURN NEXT kra.fault_of('copied_kpis', r, format('shares %s of its %s KPIs by name with %s', CASE WHEN x.common < cardinality(c.names) THEN x.common::text ELSE 'all' END, cardinality(c.names), kra.enumerated(x.others)), greatest(c.since, x.since), x.share);
        END IF;
    END IF;
    IF limits ? 'kra_churn' THEN
        SELECT count(*) AS changes, count(*) FILTER (WHERE h.change = 'renamed') AS renamed, count(*) FILTER (WHERE h.change = 'replaced') AS replaced,
               count(*) FILTER (WHERE h.change = 'added') AS added, count(*) FILTER (WHERE h.change = 'dropped') AS dropped,
               kra.enumerated(array_agg(format('%s to %s on %s', h.old_name, h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'renamed')) AS renamings,
               kra.enumerated(array_agg(format('%s by %s on %s', h.old_name, h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'replaced')) AS replacements,
               kra.enumerated(array_agg(format('%s on %s', h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.new_name) FILTER (WHERE h.change = 'added')) AS additions,
               kra.enumerated(array_agg(format('%s on %s', h.old_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'dropped')) AS droppings,
               (array_agg(h.changed_on ORDER BY h.changed_on))[floor(least(1e5, (limits->>'kra_churn')::float8))::integer + 1] AS since
        INTO x
        FROM kra.kra_changes(r.id, (findings_of_role.as_of - interval '1 year')::date, findings_of_role.as_of) h;
        IF x.changes > (limits->>'kra_churn')::float8 THEN
            RETURN NEXT kra.fault_of('kra_churn', r, format('%s change%s of KRAs within a year: %s', x.changes, CASE WHEN x.changes > 1 THEN 's' END, array_to_string(ARRAY[
                CASE WHEN x.renamed > 0 THEN format('%s renamed (%s)', x.renamed, x.renamings) END, CASE WHEN x.replaced > 0 THEN format('%s replaced (%s)', x.replaced, x.replacements) END,
                CASE WHEN x.added > 0 THEN format('%s added (%s)', x.added, x.additions) END, CASE WHEN x.dropped > 0 THEN format('%s dropped (%s)', x.dropped, x.droppings) END], ', ')),
                x.since, x.changes);
        END IF;
    END IF;

    -- KRA by KRA
    FOR x IN
        SELECT ra AS area, count(*) AS kpis, max(l.effective_from) AS since,
               array_agg(btrim(k.name) ORDER BY k.name) FILTER (WHERE k.over_time IN ('sum', 'count') AND k.scale IS NULL AND btrim(k.unit) IS DISTINCT FROM '%') AS quantities,
               bool_and(k.kind = 'outcome') FILTER (WHERE k.over_time IN ('sum', 'count') AND k.scale IS NULL AND btrim(k.unit) IS DISTINCT FROM '%') AS is_outcome
        FROM kra.role_lines(findings_of_role.as_of) l
        JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
        JOIN kra.result_areas ra ON ra.id = l.result_area_id
        WHERE l.job_role_id = r.id
        GROUP BY ra.id
        ORDER BY ra.position, ra.key
    LOOP
        a := x.area;
        IF limits ? 'too_many_kpis_in_kra' AND x.kpis > (limits->>'too_many_kpis_in_kra')::float8 THEN
            RETURN NEXT kra.fault_of('too_many_kpis_in_kra', r, a, format('has %s KPIs in the role of %s; up to %s tell which matters', x.kpis, r.name, limits->>'too_many_kpis_in_kra'), x.since, x.kpis);
        END IF;
        IF limits ? 'quantity_without_quality' AND cardinality(x.quantities) = x.kpis THEN
            RETURN NEXT kra.fault_of('quantity_without_quality', r, a, format('only amounts are counted for %s (%s), and nothing says how good they are', r.name, kra.enumerated(x.quantities)),
                x.since, NULL, CASE WHEN x.is_outcome THEN 'info' END);
        END IF;
        IF limits ? 'kra_not_revisited' THEN
            SELECT greatest(max(rk.effective_from), CASE WHEN a.revisited_on <= findings_of_role.as_of THEN a.revisited_on END) INTO newest
            FROM kra.result_area_kpis rk WHERE rk.result_area_id = a.id AND rk.effective_from <= findings_of_role.as_of;
            IF newest + least(1e5, (limits->>'kra_not_revisited')::float8) * interval '1 month' < findings_of_role.as_of THEN
                RETURN NEXT kra.fault_of('kra_not_revisited', r, a, format('nothing about it was set for %s since %s, and nobody asked whether it is still right', r.name, to_char(newest, 'YYYY-MM-DD')),
                    (newest + least(1e5, (limits->>'kra_not_revisited')::float8) * interval '1 month')::date + 1, round((findings_of_role.as_of - newest) / 30.436875, 1));
            END IF;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.findings_of_role(integer, date, jsonb) IS 'what is wrong with a role and its KRAs on a date, by the rules with the given limits (see kra.rule_limits). A role that had KRAs once, has none any more and is held by nobody whom the caller sees is past: nothing is wrong with it';

-- KPIs.

CREATE FUNCTION kra.objective_reached(kpi_id integer, OUT objective_id integer, OUT by_way_of text[]) LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k record;
    passed integer[] := '{}';
    at integer := kpi_id;
BEGIN
    WHILE at <> ALL (passed) LOOP   -- KPIs may drive each other in a ring
        SELECT x.name, x.objective_id, x.drives_kpi_id INTO k FROM kra.kpis x WHERE x.id = at;
        objective_id := k.objective_id;
        IF passed <> '{}' THEN
            by_way_of := by_way_of || k.name;
        END IF;
        EXIT WHEN objective_id IS NOT NULL;
        passed := passed || at;
        at := k.drives_kpi_id;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.objective_reached(integer) IS 'the objective that a KPI measures, or else the nearest that it drives KPIs of, and the names of the KPIs on the way to it; a NULL objective: none. Loops end';

CREATE FUNCTION kra.objective_due(objective_id integer) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE up (id, parent_id, due_on, depth) AS (
        SELECT o.id, o.parent_id, o.due_on, 0 FROM kra.objectives o WHERE o.id = objective_due.objective_id
        UNION ALL
        SELECT o.id, o.parent_id, o.due_on, up.depth + 1 FROM up JOIN kra.objectives o ON o.id = up.parent_id WHERE up.due_on IS NULL
    )
    SELECT due_on FROM up WHERE due_on IS NOT NULL ORDER BY depth LIMIT 1;
END;
COMMENT ON FUNCTION kra.objective_due(integer) IS 'last day of an objective, or else of the nearest above it that has one; NULL: none';

CREATE FUNCTION kra.plain_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT regexp_replace(lower(name), '(?<![0-9])((?![<>=+#%$&@])[[:space:][:punct:]])+|((?![<>=+#%$&@])[[:space:][:punct:]])+(?![0-9])', '', 'g');
END;
COMMENT ON FUNCTION kra.plain_name(text) IS 'a name without case, blanks and punctuation, to find the same again; signs that tell names apart, such as < and +, and what stands between digits, stay';

CREATE FUNCTION kra.name_marks(name text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ARRAY(SELECT m.part[1] FROM regexp_matches(lower(name), '[0-9]+|\m[[:alpha:]]{1,2}\M|[<>=+#%$&@]', 'g') WITH ORDINALITY m (part, n) ORDER BY m.n);
END;
COMMENT ON FUNCTION kra.name_marks(text) IS 'what tells names apart that are alike otherwise: numbers, words of one or two letters (line A, EU) and signs such as <';

CREATE FUNCTION kra.is_spoken_for(measurement kra.measurements, own_groups integer[], as_of date) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM kra.subject_ancestors g
        JOIN kra.measurements o ON o.kpi_id = (measurement).kpi_id AND o.subject_id = g.ancestor_id AND o.period_start = (measurement).period_start
        WHERE g.subject_id = (measurement).subject_id AND g.ancestor_id = ANY (own_groups) AND g.depth > 0
          AND kra.counts_in(g.valid_from, g.valid_until, g.resumes_on, (measurement).period_start, least(kra.grid_end((measurement).grid, (measurement).period_start), as_of)));
END;
COMMENT ON FUNCTION kra.is_spoken_for(kra.measurements, integer[], date) IS 'has a group above the subject a measurement of its own for the period, which counts in its place?';

CREATE FUNCTION kra.pooled_series(kpi_id integer, grid smallint, from_start date, as_of date) RETURNS TABLE (period_start date, actual double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    own_groups integer[];
BEGIN
    SELECT * INTO k FROM kra.kpis x WHERE x.id = pooled_series.kpi_id;
    own_groups := ARRAY(
        SELECT g.parent_id FROM (SELECT DISTINCT tl.parent_id FROM kra.subject_timeline tl WHERE tl.parent_id IS NOT NULL) g
        WHERE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = pooled_series.kpi_id AND m.subject_id = g.parent_id));
    IF k.over_time = k.over_subjects THEN
        RETURN QUERY
        SELECT v.period_start, kra.value(v.pooled, k.over_time)
        FROM (
            SELECT kra.grid_start(pooled_series.grid, m.period_start) AS period_start, kra.rollup(m.actual) AS pooled
            FROM kra.measurements m
            WHERE m.kpi_id = pooled_series.kpi_id AND m.period_start >= pooled_series.from_start AND m.period_start <= pooled_series.as_of
              AND (own_groups = '{}' OR NOT kra.is_spoken_for(m, own_groups, pooled_series.as_of))
            GROUP BY 1
        ) v
        WHERE kra.grid_end(pooled_series.grid, v.period_start) <= pooled_series.as_of;
    ELSE   -- members first, then time, as in kra.series of a group
        RETURN QUERY
        SELECT v.period_start, kra.value(kra.actual_agg(v.of_all, v.at), CASE k.over_time WHEN 'count' THEN 'sum' ELSE k.over_time END)
        FROM (
            SELECT kra.grid_start(pooled_series.grid, m.period_start) AS period_start, m.period_start AS at,
                   kra.value(kra.actual_agg(kra.value(m.actual, k.over_time), m.period_start), k.over_subjects) AS of_all
            FROM kra.measurements m
            WHERE m.kpi_id = pooled_series.kpi_id AND m.period_start >= pooled_series.from_start AND m.period_start <= pooled_series.as_of
              AND (own_groups = '{}' OR NOT kra.is_spoken_for(m, own_groups, pooled_series.as_of))
            GROUP BY m.period_start
        ) v
        WHERE kra.grid_end(pooled_series.grid, v.period_start) <= pooled_series.as_of
        GROUP BY v.period_start;
    END IF;
END $$;
COMMENT ON FUNCTION kra.pooled_series(integer, smallint, date, date) IS 'actual values of all that the caller sees together, by period of a grid not finer than the KPI''s own, of periods that are over; as kra.series gives them of a group that holds everybody, but in one pass';

CREATE FUNCTION kra.faults_of_kpi(kpi_id integer, as_of date, limits jsonb, on_cards_only boolean) RETURNS SETOF kra.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    o kra.kpis;
    c record;
    x record;
    trigrams name;
    sees_all boolean := kra.sees_all();
    sees_tree boolean := sees_all OR kra.is_author();
    to_be_seen text := CASE WHEN sees_all THEN '' ELSE ' that you may see' END;
    starts date[];       -- periods with data
    last_start date;
    last_data date;
    due date;
    objective integer;
    way text[];
    owner record;
    keys integer[];
    others integer[];
    parts text[] := '{}';
    greatest_difference double precision;
    day date;
    n integer;
BEGIN
    SELECT * INTO k FROM kra.kpis y WHERE y.id = faults_of_kpi.kpi_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(DISTINCT l.job_role_id) AS cards, max(l.effective_from) AS since, min(l.effective_from) AS first_day,
           array_agg(DISTINCT r.name ORDER BY r.name) AS roles,
           bool_or(kra.due(l.target) IS NOT NULL) AS is_due, bool_or(kra.baseline(l.target) IS NOT NULL) AS has_baseline,
           (array_agg(l.target ORDER BY r.id) FILTER (WHERE l.target IS NOT NULL))[1] AS target
    INTO c
    FROM kra.role_lines(faults_of_kpi.as_of) l
    JOIN kra.job_roles r ON r.id = l.job_role_id
    WHERE l.kpi_id = k.id;

    IF k.state = 'candidate' AND limits ? 'candidate_undecided' AND faults_of_kpi.as_of - k.state_since > (limits->>'candidate_undecided')::float8 THEN
        RETURN NEXT kra.fault_of('candidate_undecided', k, format('has been a candidate for %s days, since %s', faults_of_kpi.as_of - k.state_since, to_char(k.state_since, 'YYYY-MM-DD')),
            (k.state_since + floor((limits->>'candidate_undecided')::float8)::integer + 1), faults_of_kpi.as_of - k.state_since);
    END IF;
    IF k.state = 'retired' AND k.state_since <= faults_of_kpi.as_of AND c.cards > 0 AND limits ? 'retired_on_card' THEN
        RETURN NEXT kra.fault_of('retired_on_card', k, format('was retired on %s%s, and still stands on the card of %s', to_char(k.state_since, 'YYYY-MM-DD'),
            ' (' || btrim(k.state_reason) || ')', kra.enumerated(c.roles)), greatest(k.state_since, c.first_day));
    END IF;
    IF on_cards_only AND (k.state = 'candidate' OR k.state = 'retired' AND k.state_since <= faults_of_kpi.as_of OR c.cards = 0) THEN
        RETURN;
    END IF;

    -- what drives it, and what it serves
    IF k.kind = 'outcome' AND (k.timing = 'lagging' OR k.drives_kpi_id IS NULL) AND (limits ? 'no_leading_kpi' OR limits ? 'too_many_leading_kpis') THEN
        SELECT count(*) AS leading, array_agg(btrim(y.name) ORDER BY y.name) AS names INTO x
        FROM kra.kpis y
        WHERE y.drives_kpi_id = k.id AND y.state = 'active' AND y.timing = 'leading'
          AND EXISTS (SELECT FROM kra.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = y.id);
        IF x.leading < (limits->>'no_leading_kpi')::float8 THEN
            RETURN NEXT kra.fault_of('no_leading_kpi', k, CASE x.leading WHEN 0 THEN 'no leading KPI on a card drives it'
                ELSE format('only %s drives it; %s are asked for', kra.enumerated(x.names), limits->>'no_leading_kpi') END, NULL, x.leading);
        END IF;
        IF x.leading > (limits->>'too_many_leading_kpis')::float8 THEN
            RETURN NEXT kra.fault_of('too_many_leading_kpis', k, format('%s leading KPIs drive it (%s); up to %s can be pulled', x.leading, kra.enumerated(x.names), limits->>'too_many_leading_kpis'), NULL, x.leading);
        END IF;
    END IF;
    SELECT r.objective_id, r.by_way_of INTO objective, way FROM kra.objective_reached(k.id) r;
    IF limits ? 'orphan_kpi' AND objective IS NULL THEN
        RETURN NEXT kra.fault_of('orphan_kpi', k, CASE WHEN way IS NULL THEN 'measures no objective, and drives no other KPI'
            ELSE format('measures no objective, and neither does what it drives (%s)', kra.enumerated(way)) END);
    END IF;

    -- its owner: who does not see the tree cannot tell who is gone, and who belongs to whom
    SELECT w.subject_id, w.effective_from INTO owner FROM kra.kpi_owners w
    WHERE w.kpi_id = k.id AND w.effective_from <= faults_of_kpi.as_of ORDER BY w.effective_from DESC LIMIT 1;
    IF limits ? 'no_owner' AND owner.subject_id IS NULL THEN
        RETURN NEXT kra.fault_of('no_owner', k, CASE WHEN owner.effective_from IS NULL THEN 'nobody owns it' ELSE format('nobody owns it since %s', to_char(owner.effective_from, 'YYYY-MM-DD')) END,
            owner.effective_from);
    END IF;
    IF limits ? 'owner_gone' AND owner.subject_id IS NOT NULL AND sees_tree THEN
        SELECT s.name, p.effective_from, p.is_active INTO x
        FROM kra.placements p JOIN kra.subjects s ON s.id = p.subject_id
        WHERE p.subject_id = owner.subject_id AND p.effective_from <= faults_of_kpi.as_of ORDER BY p.effective_from DESC LIMIT 1;
        IF NOT x.is_active THEN
            RETURN NEXT kra.fault_of('owner_gone', k, format('its owner %s is not active since %s', x.name, to_char(x.effective_from, 'YYYY-MM-DD')), greatest(x.effective_from, owner.effective_from));
        END IF;
    END IF;
    IF limits ? 'not_influenceable' AND k.influenceable_by IS NOT NULL AND sees_tree THEN
        keys := ARRAY(SELECT s.id FROM kra.subjects s WHERE s.key = ANY (k.influenceable_by));
        IF owner.subject_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM kra.subject_ancestors a WHERE a.subject_id = owner.subject_id AND a.ancestor_id = ANY (keys)
                           AND a.valid_from <= faults_of_kpi.as_of AND a.valid_until > faults_of_kpi.as_of)
           AND NOT EXISTS (SELECT FROM kra.subject_timeline tl JOIN kra.job_roles r ON r.id = tl.job_role_id
                           WHERE tl.subject_id = owner.subject_id AND r.key = ANY (k.influenceable_by)
                             AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of) THEN
            parts := parts || format('its owner %s', (SELECT s.name FROM kra.subjects s WHERE s.id = owner.subject_id));
        END IF;
        SELECT array_agg(r.name ORDER BY r.name) AS roles INTO x
        FROM kra.job_roles r
        WHERE r.id IN (SELECT l.job_role_id FROM kra.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = k.id) AND r.key <> ALL (k.influenceable_by)
          AND EXISTS (SELECT FROM kra.subject_timeline tl WHERE tl.job_role_id = r.id AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of)
          AND NOT EXISTS (SELECT FROM kra.subject_ancestors a
                          JOIN kra.subject_timeline tl ON tl.subject_id = a.subject_id AND tl.job_role_id = r.id
                              AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of
                          WHERE a.ancestor_id = ANY (keys) AND a.valid_from <= faults_of_kpi.as_of AND a.valid_until > faults_of_kpi.as_of);
        parts := parts || CASE WHEN x.roles IS NOT NULL THEN format('the role%s %s', CASE WHEN cardinality(x.roles) > 1 THEN 's' END, kra.enumerated(x.roles)) END;
        parts := array_remove(parts, NULL);
        IF parts <> '{}' THEN
            RETURN NEXT kra.fault_of('not_influenceable', k, CASE WHEN k.influenceable_by = '{}' THEN format('nobody can move it, and it is asked of %s', array_to_string(parts, ' and '))
                ELSE format('only %s can move it, but not %s', kra.enumerated(k.influenceable_by), array_to_string(parts, ', nor ')) END);
        END IF;
    END IF;

    -- what it says of itself
    IF limits ? 'no_description' AND btrim(coalesce(k.description, '')) = '' THEN
        RETURN NEXT kra.fault_of('no_description', k, 'has no description');
    END IF;
    IF limits ? 'no_unit' AND btrim(coalesce(k.unit, '')) = '' THEN
        RETURN NEXT kra.fault_of('no_unit', k, 'has no unit');
    END IF;
    IF limits ? 'qualitative_without_scale' AND k.scale IS NULL AND k.source_relation IS NULL AND k.over_time NOT IN ('sum', 'count') THEN
        -- what is measured in a unit of its own is no opinion: water quality in ppm
        parts[1] := coalesce(CASE WHEN btrim(coalesce(k.unit, '')) IN ('', '%') THEN (regexp_match(k.name, '\m(satisfaction|satisfied|quality|csat|nps|promoters?|ratings?|feedback|engagement|morale|happiness|happy|sentiment|surveys?|opinions?|moods?|stars|smileys?)\M', 'i'))[1] END,
            (regexp_match(k.unit, '^\s*(csat|nps|ratings?|stars?|points?|smileys?|grades?|marks?|[01] ?(?:-|–|to) ?(?:5|10)|/ ?(?:5|10)|(?:out )?of (?:5|10))\s*$', 'i'))[1]);
        IF parts[1] IS NOT NULL THEN
            RETURN NEXT kra.fault_of('qualitative_without_scale', k, format('is an opinion by the word "%s", is entered by hand, and has no scale', parts[1]));
        END IF;
    END IF;

    -- its targets
    IF limits ? 'no_due_date' OR limits ? 'no_context' THEN
        SELECT bool_or(kra.due(t.target) IS NOT NULL) AS is_due, bool_or(kra.baseline(t.target) IS NOT NULL) AS has_baseline INTO x
        FROM (SELECT DISTINCT ON (t.subject_id) t.target FROM kra.targets t
              WHERE t.kpi_id = k.id AND t.effective_from <= faults_of_kpi.as_of ORDER BY t.subject_id, t.effective_from DESC) t;
        c.is_due := coalesce(c.is_due, false) OR coalesce(x.is_due, false);
        c.has_baseline := coalesce(c.has_baseline, false) OR coalesce(x.has_baseline, false);
    END IF;
    IF limits ? 'no_due_date' AND NOT c.is_due AND kra.objective_due(objective) IS NULL THEN
        RETURN NEXT kra.fault_of('no_due_date', k, CASE WHEN objective IS NULL THEN 'no target of it says by when, and it serves no objective that would'
            ELSE format('neither a target of it nor the objective %s says by when', (SELECT b.name FROM kra.objectives b WHERE b.id = objective)) END);
    END IF;

    -- its data
    -- which periods have any: asked period by period, since a company has thousands of rows in each
    starts := ARRAY(
        SELECT p.at
        FROM (SELECT kra.grid_shift(k.grid, kra.grid_start(k.grid, r.first_start), i) AS at
              FROM kra.data_range(faults_of_kpi.as_of) r
              CROSS JOIN LATERAL generate_series(0, (r.last_start - r.first_start) / (ARRAY[1, 7, 28, 90, 365])[k.grid / 10 + 1] + 1) i) p
        WHERE p.at <= faults_of_kpi.as_of AND EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = p.at AND m.kpi_id = k.id)
        ORDER BY p.at);
    last_start := starts[cardinality(starts)];
    IF limits ? 'no_source' AND k.source_relation IS NULL THEN
        IF last_start IS NOT NULL THEN
            RETURN NEXT kra.fault_of('no_source', k, 'is entered by hand: no relation is its source', NULL, NULL, 'info');
        ELSIF sees_all THEN
            RETURN NEXT kra.fault_of('no_source', k, 'has no source, and was never measured');
        END IF;
    END IF;
    IF limits ? 'no_context' AND NOT c.has_baseline AND (sees_all OR cardinality(starts) > 0)
       AND (SELECT b.value FROM kra.benchmarks b WHERE b.kpi_id = k.id AND b.effective_from <= faults_of_kpi.as_of ORDER BY b.effective_from DESC LIMIT 1) IS NULL
       AND (cardinality(starts) < 2 OR NOT EXISTS (
           SELECT FROM kra.measurements a JOIN kra.measurements b ON b.kpi_id = a.kpi_id AND b.subject_id = a.subject_id AND b.period_start > a.period_start
           WHERE a.kpi_id = k.id AND b.period_start <= faults_of_kpi.as_of)) THEN
        RETURN NEXT kra.fault_of('no_context', k, format('has no baseline, no benchmark, and no earlier value%s', to_be_seen));
    END IF;
    IF last_start IS NOT NULL THEN
        IF limits ? 'no_cadence' THEN
            day := kra.last_period(k.grid, faults_of_kpi.as_of, faults_of_kpi.as_of);
            n := 1 + CASE k.cadence WHEN 'day' THEN day - starts[1] WHEN 'week' THEN (day - starts[1]) / 7
                     ELSE (extract(year FROM age(day, starts[1])) * 12 + extract(month FROM age(day, starts[1]))) / CASE k.cadence WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END END;
            SELECT count(*) AS filled INTO x FROM unnest(starts) s WHERE s <= day;
            IF n >= 3 AND x.filled < (limits->>'no_cadence')::float8 * n THEN
                RETURN NEXT kra.fault_of('no_cadence', k, format('of the %s %ss since %s, %s %s a value%s', n, k.cadence,
                    to_char(starts[1], 'YYYY-MM-DD'), x.filled, CASE x.filled WHEN 1 THEN 'has' ELSE 'have' END, to_be_seen), NULL, x.filled::float8 / n);
            END IF;
        END IF;
        IF limits ? 'stale_data' THEN
            last_data := kra.grid_end(k.grid, last_start);
            IF last_data > faults_of_kpi.as_of THEN   -- a period that still runs is known to its last observation
                SELECT coalesce(least(max((kra.last_at(m.actual) AT TIME ZONE 'UTC')::date), faults_of_kpi.as_of), last_start) INTO last_data
                FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start = last_start;
            END IF;
            IF faults_of_kpi.as_of - last_data > kra.stale_after(k.cadence, k.stale_after_days) THEN
                RETURN NEXT kra.fault_of('stale_data', k, format('the newest data%s end on %s, %s day%s ago; %s are allowed', to_be_seen, to_char(last_data, 'YYYY-MM-DD'),
                    faults_of_kpi.as_of - last_data, CASE WHEN faults_of_kpi.as_of - last_data > 1 THEN 's' END, kra.stale_after(k.cadence, k.stale_after_days)), last_data + kra.stale_after(k.cadence, k.stale_after_days) + 1);
            END IF;
        END IF;
    END IF;

    -- the same thing measured twice: said of the newer one, or of the one that is on a card
    IF limits ? 'silo' AND last_start IS NOT NULL THEN
        others := ARRAY(
            SELECT y.id FROM kra.kpis y
            WHERE y.id <> k.id AND y.state = 'active' AND y.grid = k.grid AND y.unit IS NOT DISTINCT FROM k.unit AND kra.plain_name(y.name) = kra.plain_name(k.name));
        trigrams := kra.trigram_schema();
        IF trigrams IS NOT NULL THEN
            EXECUTE format('SELECT $1 || ARRAY(SELECT y.id FROM kra.kpis y WHERE y.id <> $2 AND y.id <> ALL ($1) AND y.state = ''active'' AND y.grid = $3
                                AND y.unit IS NOT DISTINCT FROM $4 AND kra.name_marks(y.name) = kra.name_marks($5) AND %I.similarity(y.name, $5) >= 0.8::real)', trigrams)
            INTO others USING others, k.id, k.grid, k.unit, k.name;
        END IF;
        parts := '{}';
        FOR o IN SELECT y.* FROM kra.kpis y WHERE y.id = ANY (others)
                 AND (y.id < k.id OR NOT EXISTS (SELECT FROM kra.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = y.id)) ORDER BY y.id LOOP
            SELECT d.*, s.name, count(*) OVER () AS subjects INTO x
            FROM (
                SELECT DISTINCT ON (v.subject_id) v.*
                FROM (
                    SELECT a.subject_id, a.period_start, a.mine, a.other, abs(a.mine - a.other) / nullif(greatest(abs(a.mine), abs(a.other)), 0) AS difference
                    FROM (
                        SELECT m.subject_id, m.period_start, kra.value(m.actual, k.over_time) AS mine, kra.value(b.actual, o.over_time) AS other
                        FROM kra.measurements m
                        JOIN kra.measurements b ON b.kpi_id = o.id AND b.subject_id = m.subject_id AND b.period_start = m.period_start
                        WHERE m.kpi_id = k.id AND m.period_start BETWEEN kra.grid_shift(k.grid, last_start, -5) AND last_start
                    ) a
                ) v
                WHERE v.difference > (limits->>'silo')::float8 + 1e-12
                ORDER BY v.subject_id, v.period_start DESC
            ) d
            JOIN kra.subjects s ON s.id = d.subject_id
            ORDER BY d.difference DESC, d.period_start DESC, s.key LIMIT 1;
            IF FOUND THEN
                greatest_difference := greatest(greatest_difference, x.difference);
                parts := parts || format('differs from %s (%s) for %s, such as %s: %s against %s in %s', o.name, o.key,
                    CASE x.subjects WHEN 1 THEN 'one subject' ELSE x.subjects || ' subjects' END, x.name, kra.value_text(x.mine, k.unit), kra.value_text(x.other, o.unit),
                    kra.grid_label(k.grid, x.period_start, (SELECT f.fiscal_year_start_month FROM kra.settings_in_force f)));
            END IF;
        END LOOP;
        IF parts <> '{}' THEN
            RETURN NEXT kra.fault_of('silo', k, array_to_string(parts, '; '), NULL, greatest_difference);
        END IF;
    END IF;

    -- does the activity do what it is there for?
    IF limits ? 'vanity_activity' AND k.kind = 'activity' AND k.drives_kpi_id IS NOT NULL AND last_start IS NOT NULL THEN
        SELECT * INTO o FROM kra.kpis y WHERE y.id = k.drives_kpi_id;
        WITH calendar AS (SELECT CASE WHEN o.grid / 10 > k.grid / 10 THEN o.grid ELSE k.grid END AS grid),
        activity AS MATERIALIZED (
            SELECT s.* FROM calendar g, kra.pooled_series(k.id, g.grid, kra.grid_shift(g.grid, last_start, -119), faults_of_kpi.as_of) s
        ), outcome AS MATERIALIZED (
            SELECT s.* FROM calendar g, kra.pooled_series(o.id, g.grid, kra.grid_shift(g.grid, last_start, -119), faults_of_kpi.as_of) s
        )
        SELECT (kra.driver(a.actual, u.actual, NULL::integer, c.target, coalesce(
                    (SELECT l.target FROM kra.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = o.id AND l.target IS NOT NULL ORDER BY l.job_role_id LIMIT 1),
                    (SELECT t.target FROM kra.targets t WHERE t.kpi_id = o.id AND t.effective_from <= faults_of_kpi.as_of AND t.target IS NOT NULL ORDER BY t.subject_id, t.effective_from DESC LIMIT 1)),
                    NULL::double precision ORDER BY p.at)).*
        INTO x
        FROM calendar g
        CROSS JOIN LATERAL (SELECT least(min(y.period_start), min(z.period_start)) AS first_start, greatest(max(y.period_start), max(z.period_start)) AS final_start
                            FROM activity y FULL JOIN outcome z ON z.period_start = y.period_start) b
        CROSS JOIN LATERAL (SELECT kra.grid_shift(g.grid, b.first_start, i) AS at FROM generate_series(0, 239) i WHERE kra.grid_shift(g.grid, b.first_start, i) <= b.final_start) p
        LEFT JOIN activity a ON a.period_start = p.at
        LEFT JOIN outcome u ON u.period_start = p.at;
        IF x.verdict = 'no_evidence' AND x.correlation IS NOT NULL AND x.n >= (limits->>'vanity_activity')::float8 THEN
            RETURN NEXT kra.fault_of('vanity_activity', k, format('is to drive %s, and there is %s', o.name, x.reason), NULL, x.n);
        END IF;
    END IF;

    IF limits ? 'kpi_not_revisited' THEN
        SELECT max(y.day) INTO day
        FROM (
            SELECT k.state_since AS day UNION ALL SELECT k.revisited_on
            UNION ALL SELECT rk.effective_from FROM kra.result_area_kpis rk WHERE rk.kpi_id = k.id
            UNION ALL SELECT t.effective_from FROM kra.targets t WHERE t.kpi_id = k.id
            UNION ALL SELECT w.effective_from FROM kra.kpi_owners w WHERE w.kpi_id = k.id
            UNION ALL SELECT b.effective_from FROM kra.benchmarks b WHERE b.kpi_id = k.id
        ) y
        WHERE y.day <= faults_of_kpi.as_of;
        IF day + least(1e5, (limits->>'kpi_not_revisited')::float8) * interval '1 month' < faults_of_kpi.as_of THEN
            RETURN NEXT kra.fault_of('kpi_not_revisited', k, format('nothing about it was set since %s, and nobody asked whether it is still right', to_char(day, 'YYYY-MM-DD')),
                (day + least(1e5, (limits->>'kpi_not_revisited')::float8) * interval '1 month')::date + 1, round((faults_of_kpi.as_of - day) / 30.436875, 1));
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION kra.faults_of_kpi(integer, date, jsonb, boolean) IS 'what is wrong with a KPI on a date, by the rules with the given limits; with on_cards_only nothing but its state is looked at where it is not active or on no card. Of results only what the caller sees; who does not see the tree is not told whether an owner is gone or can move the KPI';

CREATE FUNCTION kra.findings_of_kpi(kpi_id integer, as_of date, limits jsonb) RETURNS SETOF kra.fault
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT * FROM kra.faults_of_kpi(kpi_id, as_of, limits, true);
END;
COMMENT ON FUNCTION kra.findings_of_kpi(integer, date, jsonb) IS 'what is wrong with a KPI on a date, by the rules with the given limits (see kra.rule_limits)';
-- Is a KPI SMART? Five answers out of the rules that bear a letter (see kra.built_in_rules).

CREATE FUNCTION kra.smart(kpi text, as_of date DEFAULT current_date) RETURNS TABLE (place integer, criterion text, is_met boolean, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    most constant integer := 50;   -- subjects whose targets are looked at
    k kra.kpis := kra.kpi_named(smart.kpi);
    limits jsonb := kra.rule_limits();
    of_targets jsonb;
    carriers integer[];
    carrier_count bigint;
    cards bigint;
    scope text;
    x record;
    said text;
    due date;
BEGIN
    IF smart.as_of IS NULL OR NOT isfinite(smart.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    SELECT jsonb_object_agg(r.rule, limits->r.rule) INTO of_targets FROM kra.built_in_rules() r WHERE r.smart IS NOT NULL AND r.about_kind = 'target' AND limits ? r.rule;
    SELECT count(*), array_agg(s.id ORDER BY s.key COLLATE "C") FILTER (WHERE s.n <= most) INTO carrier_count, carriers
    FROM (
        SELECT s.id, s.key, row_number() OVER (ORDER BY s.key COLLATE "C") AS n
        FROM kra.subject_timeline tl JOIN kra.subjects s ON s.id = tl.subject_id
        WHERE tl.valid_from <= smart.as_of AND tl.valid_until > smart.as_of AND kra.sees(s.id)
          AND tl.job_role_id IN (SELECT l.job_role_id FROM kra.role_lines(smart.as_of) l WHERE l.kpi_id = k.id)
    ) s;
    SELECT count(DISTINCT l.job_role_id) INTO cards FROM kra.role_lines(smart.as_of) l WHERE l.kpi_id = k.id;
    scope := CASE WHEN carrier_count > most THEN format(' (of %s subjects, the targets of the first %s by key were looked at)', carrier_count, most) ELSE '' END;
    FOR x IN
        SELECT c.place, c.letter, c.criterion, f.reasons
        FROM (VALUES (1, 'S', 'specific'), (2, 'M', 'measurable'), (3, 'A', 'achievable'), (4, 'R', 'relevant'), (5, 'T', 'time-bound')) c (place, letter, criterion)
        LEFT JOIN (
            SELECT r.smart, string_agg(f.message, '; ' ORDER BY f.place, f.message COLLATE "C") AS reasons
            FROM (
                -- a KPI that is measured well by hand is measured: such a reservation is no no
                SELECT y.rule, y.message, 1 AS place FROM kra.faults_of_kpi(k.id, smart.as_of, limits, false) y WHERE y.severity IS DISTINCT FROM 'info'
                UNION ALL
                SELECT 'no_target', CASE k.state WHEN 'candidate' THEN 'is a candidate, so it is on no card and nobody has a target for it' ELSE 'is on no card, so nobody has a target for it' END, 2
                WHERE (k.state = 'candidate' OR cards = 0) AND limits ? 'no_target'
                UNION ALL   -- one message of a rule, and how many more there are of it
                SELECT t.rule, min(t.message COLLATE "C") || CASE WHEN count(*) > 1 THEN format(' (and so for %s more)', count(*) - 1) ELSE '' END, 3
                FROM (
                    SELECT y.rule, format('%s: %s', s.name, y.message) AS message
                    FROM unnest(carriers) c (id)
                    JOIN kra.subjects s ON s.id = c.id
                    CROSS JOIN LATERAL kra.findings_of_subject(c.id, smart.as_of, of_targets) y
                    WHERE y.kpi_id = k.id AND y.about_kind = 'target' AND of_targets IS NOT NULL
                ) t
                GROUP BY t.rule
            ) f
            JOIN kra.built_in_rules() r ON r.rule = f.rule AND r.smart IS NOT NULL
            GROUP BY r.smart
        ) f ON f.smart = c.letter
        ORDER BY c.place
    LOOP
        place := x.place;
        criterion := x.criterion;
        is_met := x.reasons IS NULL;
        IF is_met THEN
            said := CASE x.letter
                WHEN 'S' THEN format('is %s%s', coalesce('described: ' || rtrim(btrim(k.description), '.'), 'named: ' || btrim(k.name)), coalesce(', in ' || nullif(btrim(k.unit), ''), ''))
                    || CASE WHEN carrier_count = 0 OR NOT limits ? 'no_target' THEN '' WHEN carrier_count = 1 THEN '; who carries it has a target'
                            WHEN carrier_count > most THEN '; those who carry it have targets' ELSE format('; the %s who carry it have targets', carrier_count) END
                WHEN 'M' THEN CASE WHEN k.source_relation IS NOT NULL THEN format('is measured by %s every %s', k.source_relation, k.cadence)
                                   WHEN k.scale IS NOT NULL THEN format('is asked for every %s, on the scale %s', k.cadence, k.scale)
                                   ELSE format('is entered by hand every %s', k.cadence) END || coalesce(', in ' || nullif(btrim(k.unit), ''), '')
                WHEN 'A' THEN coalesce((SELECT format('is answered for by %s; ', s.name) FROM kra.subjects s WHERE s.id = (
                        SELECT w.subject_id FROM kra.kpi_owners w WHERE w.kpi_id = k.id AND w.effective_from <= smart.as_of ORDER BY w.effective_from DESC LIMIT 1)), '')
                    || 'nothing says that its targets are out of reach'
                WHEN 'R' THEN (SELECT CASE WHEN r.by_way_of IS NULL THEN format('measures the objective %s', o.name)
                                           ELSE format('drives %s, which measures the objective %s', array_to_string(r.by_way_of, ', then '), o.name) END
                               FROM kra.objective_reached(k.id) r JOIN kra.objectives o ON o.id = r.objective_id)
                ELSE format('is measured every %s', k.cadence)
            END;
            IF x.letter = 'T' THEN
                SELECT max(kra.due(y.target)) INTO due FROM (
                    SELECT l.target FROM kra.role_lines(smart.as_of) l WHERE l.kpi_id = k.id
                    UNION ALL
                    (SELECT DISTINCT ON (t.subject_id) t.target FROM kra.targets t WHERE t.kpi_id = k.id AND t.effective_from <= smart.as_of ORDER BY t.subject_id, t.effective_from DESC)) y;
                due := coalesce(due, kra.objective_due((SELECT r.objective_id FROM kra.objective_reached(k.id) r)));
                said := said || coalesce(', and is due on ' || to_char(due, 'YYYY-MM-DD'), '');
            END IF;
            reason := coalesce(said, 'no rule that is on finds anything wrong') || CASE WHEN x.letter IN ('S', 'A', 'M') THEN scope ELSE '' END;
        ELSE
            reason := x.reasons || CASE WHEN x.letter IN ('S', 'A', 'M') THEN scope ELSE '' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.smart(text, date) IS 'is a KPI (its key) specific, measurable, achievable, relevant and time-bound? Five rows, each with its reasons: of a no, what the rules with that letter find wrong with the KPI and with the targets of those who carry it (of the first 50 by key that the caller sees); of a yes, what holds. Candidates are judged as if they were on a card, but for the target that they lack';
-- Findings about subjects: their cards, targets, results, reviews and actions.
--
--   findings_of_subject   what a subject breaks as a whole: its card, objectives, reviews, actions
--   findings_of_target    what each line of its card breaks: the target, and the values against it
--
-- A rule is one block, headed by its name. Both walk over card_lines, which is read once a subject;
-- what costs more is computed when the cheap part of a rule holds.

-- The card.

CREATE TYPE kra.card_line AS (
    job_role_id integer, result_area_id integer, kpi_id integer, kpi_key text, kpi_name text, kind kra.kpi_kind, timing text,
    unit text, over_time text, scale text, cadence text, grid smallint, drives_kpi_id integer, stale_after integer,
    weight double precision, is_derived boolean, is_group boolean, role_since date,
    target kra.kpi_target, target_from date, known_on date, has_own_target boolean, provenance text, touched_on date, is_acknowledged boolean,
    last_start date, actuals double precision[]
);
COMMENT ON TYPE kra.card_line IS 'a KPI on the card of a subject as in force on a date, with its latest values';
COMMENT ON COLUMN kra.card_line.job_role_id IS 'role whose card it is; NULL: the card is that of the members';
COMMENT ON COLUMN kra.card_line.result_area_id IS 'KRA that it stands in; NULL: the card is that of the members';
COMMENT ON COLUMN kra.card_line.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.card_line.kpi_key IS 'its key';
COMMENT ON COLUMN kra.card_line.kpi_name IS 'its name';
COMMENT ON COLUMN kra.card_line.kind IS 'outcome or activity';
COMMENT ON COLUMN kra.card_line.timing IS 'leading or lagging';
COMMENT ON COLUMN kra.card_line.unit IS 'unit of its values';
COMMENT ON COLUMN kra.card_line.over_time IS 'how observations make a period';
COMMENT ON COLUMN kra.card_line.scale IS 'how answers are scored; NULL: values are numbers';
COMMENT ON COLUMN kra.card_line.cadence IS 'its shortest period';
COMMENT ON COLUMN kra.card_line.grid IS 'how its periods are cut';
COMMENT ON COLUMN kra.card_line.drives_kpi_id IS 'the outcome that it is meant to move';
COMMENT ON COLUMN kra.card_line.stale_after IS 'days after which its data are stale';
COMMENT ON COLUMN kra.card_line.weight IS 'weight on the card, of a group without a role that of all members together';
COMMENT ON COLUMN kra.card_line.is_derived IS 'is the card that of the members?';
COMMENT ON COLUMN kra.card_line.is_group IS 'has the subject, or had it ever, somebody below it?';
COMMENT ON COLUMN kra.card_line.role_since IS 'first day in the role without a break';
COMMENT ON COLUMN kra.card_line.target IS 'target of its own, else of its role; NULL: neither, but those of members may make one';
COMMENT ON COLUMN kra.card_line.target_from IS 'first day of that target for the subject: periods that end on it or later are judged by it; NULL: only those of members can make one';
COMMENT ON COLUMN kra.card_line.known_on IS 'day from which that target, as it is, can be known: target_from, or when it was changed in place since';
COMMENT ON COLUMN kra.card_line.has_own_target IS 'does the subject have a row of its own in kra.targets?';
COMMENT ON COLUMN kra.card_line.provenance IS 'where the target comes from';
COMMENT ON COLUMN kra.card_line.touched_on IS 'latest day on which the target may have been changed: no period that begins on it or later saw it move';
COMMENT ON COLUMN kra.card_line.is_acknowledged IS 'was the target acknowledged? false: only another one; NULL: none ever';
COMMENT ON COLUMN kra.card_line.last_start IS 'first day of the last period of its cadence that is over and not after the last data of the catalogue; NULL: no data at all';
COMMENT ON COLUMN kra.card_line.actuals IS 'values of the periods up to that one, the latest last; NULL for a period without data';

CREATE FUNCTION kra.last_period(grid smallint, as_of date, last_data date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT least(kra.grid_shift(grid, kra.grid_start(grid, as_of + 1), -1), kra.grid_start(grid, last_data));
END;
COMMENT ON FUNCTION kra.last_period(smallint, date, date) IS 'start of the last period of a grid that is over on a day (the last day of a period included) and not after the last data of the catalogue (see kra.data_range); NULL for NULL';

CREATE FUNCTION kra.in_role_since(subject_id integer, as_of date) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT max(t.valid_from) FROM kra.subject_timeline t
            WHERE t.subject_id = in_role_since.subject_id AND t.valid_from <= in_role_since.as_of
              AND NOT EXISTS (SELECT FROM kra.subject_timeline before
                              WHERE before.subject_id = t.subject_id AND before.valid_until = t.valid_from AND before.job_role_id = t.job_role_id));
END $$;
COMMENT ON FUNCTION kra.in_role_since(integer, date) IS 'first day on which a subject had the role that it has on a date, without a break; NULL: not known before';

CREATE FUNCTION kra.target_known_on(target_from date, revised_at timestamptz, as_of date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT greatest(target_from, CASE WHEN (revised_at AT TIME ZONE 'UTC')::date <= as_of THEN (revised_at AT TIME ZONE 'UTC')::date END);
END;
COMMENT ON FUNCTION kra.target_known_on(date, timestamptz, date) IS 'day from which a target can be known, and acknowledged: its first, or when it was changed in place up to a date; NULL for a NULL first day that saw no change';

CREATE FUNCTION kra.card_lines(subject_id integer, as_of date, periods integer DEFAULT 24) RETURNS SETOF kra.card_line
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET plan_cache_mode = force_generic_plan SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    is_group boolean := kra.has_members(card_lines.subject_id);
    last_data date := (SELECT r.last_start FROM kra.data_range(card_lines.as_of) r);
    since date := kra.in_role_since(card_lines.subject_id, card_lines.as_of);
    role_id integer;
    areas integer[];
BEGIN
    SELECT tl.job_role_id INTO role_id FROM kra.subject_timeline tl
    WHERE tl.subject_id = card_lines.subject_id AND tl.valid_from <= card_lines.as_of AND tl.valid_until > card_lines.as_of;
    IF NOT FOUND OR role_id IS NULL AND NOT is_group THEN
        RETURN;
    END IF;
    areas := ARRAY(SELECT ra.id FROM kra.result_areas ra WHERE ra.job_role_id = role_id);
    RETURN QUERY
    SELECT role_id, l.result_area_id, l.kpi_id, l.key, l.name, l.kind, l.timing,
           l.unit, l.over_time, l.scale, l.cadence, l.grid, l.drives_kpi_id, l.stale_after,
           l.weight, role_id IS NULL, is_group, since,
           l.target, l.target_from, kra.target_known_on(l.target_from, l.revised_at, card_lines.as_of), l.has_own_target, l.provenance, l.touched_on,
           (SELECT bool_or(a.target OPERATOR(kra.=) l.target) FROM kra.acknowledgements a
            WHERE a.kpi_id = l.kpi_id AND a.subject_id = card_lines.subject_id
              AND a.acknowledged_at < (card_lines.as_of + 1)::timestamp AT TIME ZONE 'UTC'),
           l.last_start,
           CASE WHEN l.last_start IS NULL THEN array_fill(NULL::double precision, ARRAY[card_lines.periods])
                WHEN is_group THEN ARRAY(
                    SELECT v.actual FROM generate_series(1 - card_lines.periods, 0) i
                    LEFT JOIN kra.series(l.kpi_id, card_lines.subject_id, l.grid, kra.grid_shift(l.grid, l.last_start, 1 - card_lines.periods),
                                         kra.grid_end(l.grid, l.last_start)) v ON v.period_start = kra.grid_shift(l.grid, l.last_start, i)
                    ORDER BY i)
                ELSE ARRAY(
                    SELECT (SELECT kra.value(m.actual, l.over_time) FROM kra.measurements m
                            WHERE m.kpi_id = l.kpi_id AND m.subject_id = card_lines.subject_id AND m.period_start = kra.grid_shift(l.grid, l.last_start, i))
                    FROM generate_series(1 - card_lines.periods, 0) i) END
    FROM (
        SELECT c.result_area_id, c.area_position, c.kpi_position, k.id AS kpi_id, k.key, k.name, k.kind, k.timing,
               k.unit, k.over_time, k.scale, k.cadence, k.grid, k.drives_kpi_id, kra.stale_after(k.cadence, k.stale_after_days) AS stale_after, c.weight,
               CASE WHEN o.subject_id IS NOT NULL THEN o.target ELSE c.target END AS target,
               CASE WHEN o.subject_id IS NOT NULL THEN o.effective_from
                    WHEN c.target IS NOT NULL OR NOT is_group THEN greatest(c.effective_from, since) END AS target_from,
               o.subject_id IS NOT NULL AS has_own_target,
               CASE WHEN o.subject_id IS NOT NULL THEN o.revised_at ELSE c.revised_at END AS revised_at,
               CASE WHEN o.subject_id IS NOT NULL THEN o.provenance ELSE c.provenance END AS provenance,
               -- what was set late moved only if another one was known
               greatest(since, own.effective_from, of_role.effective_from, (own.revised_at AT TIME ZONE 'UTC')::date, (of_role.revised_at AT TIME ZONE 'UTC')::date,
                        CASE WHEN own.known + of_role.known > 1 THEN (greatest(own.set_at, of_role.set_at) AT TIME ZONE 'UTC')::date END) AS touched_on,
               kra.last_period(k.grid, card_lines.as_of, last_data) AS last_start
        FROM (
            SELECT ra.id AS result_area_id, ra.position AS area_position, rk.position AS kpi_position, rk.kpi_id, rk.weight, rk.target, rk.provenance, rk.effective_from, rk.revised_at
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card_lines.as_of AND rk.is_active
            WHERE ra.job_role_id = role_id
              AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                              AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card_lines.as_of)
            UNION ALL
            SELECT NULL, min(ra.position), min(rk.position), rk.kpi_id, sum(rk.weight * r.members), NULL, NULL, NULL, NULL
            FROM (
                SELECT tl.job_role_id, count(*) AS members
                FROM kra.subject_ancestors c
                JOIN kra.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                    AND tl.valid_from <= card_lines.as_of AND tl.valid_until > card_lines.as_of
                WHERE c.ancestor_id = card_lines.subject_id AND c.depth > 0 AND c.valid_from <= card_lines.as_of AND c.valid_until > card_lines.as_of
                  AND role_id IS NULL
                GROUP BY tl.job_role_id
            ) r
            JOIN kra.result_areas ra ON ra.job_role_id = r.job_role_id
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card_lines.as_of AND rk.is_active
            WHERE NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                              AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card_lines.as_of)
            GROUP BY rk.kpi_id
        ) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state <> 'candidate'
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card_lines.subject_id AND t.effective_from <= card_lines.as_of
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS known, max(t.effective_from) AS effective_from, max(t.set_at) AS set_at, max(t.revised_at) AS revised_at
            FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card_lines.subject_id AND t.effective_from <= card_lines.as_of
        ) own
        CROSS JOIN LATERAL (
            SELECT count(*) AS known, max(t.effective_from) AS effective_from, max(t.set_at) AS set_at, max(t.revised_at) AS revised_at
            FROM kra.result_area_kpis t
            WHERE t.kpi_id = k.id AND t.result_area_id = ANY (areas) AND t.effective_from <= card_lines.as_of
        ) of_role
        OFFSET 0   -- each line once
    ) l
    ORDER BY l.area_position, l.kpi_position, l.key;
END $$;
COMMENT ON FUNCTION kra.card_lines(integer, date, integer) IS 'the card of a subject as in force on a date, all KPIs in their own cadence, each with the values of its last periods (24): those of its role, else, for a group, those of its members; no row for who has no card. Errors: a date that is not finite';

CREATE FUNCTION kra.asked_of(subject_id integer, line kra.card_line, back integer) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    period_start date := kra.grid_shift(line.grid, line.last_start, -back);
    period_end date := kra.grid_end(line.grid, period_start);
BEGIN
    RETURN CASE WHEN period_end >= line.target_from THEN line.target
                ELSE kra.target_of(line.kpi_id, asked_of.subject_id, line.grid, period_start, period_end) END;
END $$;
COMMENT ON FUNCTION kra.asked_of(integer, kra.card_line, integer) IS 'target of a subject for a line of its card in a period so many back from the last, as it was then; NULL: none';

-- Words.

CREATE FUNCTION kra.count_text(n double precision, noun text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT n || ' ' || noun || CASE WHEN n = 1 THEN '' ELSE 's' END;
END;
COMMENT ON FUNCTION kra.count_text(double precision, text) IS 'a number of things: 1 day, 3 days; NULL for NULL';

CREATE FUNCTION kra.cut_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN length(words) > 200 THEN left(words, 197) || '...' ELSE words END;
END;
COMMENT ON FUNCTION kra.cut_text(text) IS 'a text of at most 200 characters, with three dots where something is missing; NULL for NULL';

CREATE FUNCTION kra.focus_text(threshold double precision) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN threshold > 3 THEN '3 to ' ELSE 'at most ' END || threshold || ' keep focus';
END;
COMMENT ON FUNCTION kra.focus_text(double precision) IS 'how many keep focus, where a threshold says how many at most; NULL for NULL';

CREATE FUNCTION kra.fault_of(rule text, subject kra.subjects, message text, since date, evidence double precision) RETURNS kra.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'subject', kra.about_key((subject).key), (subject).name, (subject).id, NULL, NULL, NULL, NULL, message, NULL, since, evidence)::kra.fault;
END;
COMMENT ON FUNCTION kra.fault_of(text, kra.subjects, text, date, double precision) IS 'a fault of a subject as a whole';

CREATE FUNCTION kra.fault_of(rule text, subject kra.subjects, line kra.card_line, severity text, message text, hint text, since date, evidence double precision) RETURNS kra.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'target', kra.about_key((subject).key, (line).kpi_key), (subject).name || ' / ' || (line).kpi_name, (subject).id,
               (line).job_role_id, (line).result_area_id, (line).kpi_id, severity, message, hint, since, evidence)::kra.fault;
END;
COMMENT ON FUNCTION kra.fault_of(text, kra.subjects, kra.card_line, text, text, text, date, double precision) IS 'a fault of a subject with one of its KPIs';

-- Targets and the values against them.

-- Period by period, and not by a range: each is one look into the index, even where others are
-- measured and this KPI is not.
CREATE FUNCTION kra.is_fresh(kpi_id integer, grid smallint, as_of date, stale_after integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    at date := kra.grid_start(is_fresh.grid, is_fresh.as_of);
BEGIN
    LOOP
        IF kra.grid_end(is_fresh.grid, at) <= is_fresh.as_of THEN   -- over: known to its end
            EXIT WHEN is_fresh.as_of - kra.grid_end(is_fresh.grid, at) > is_fresh.stale_after;
            IF EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = at AND m.kpi_id = is_fresh.kpi_id) THEN
                RETURN true;
            END IF;
        ELSIF EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = at AND m.kpi_id = is_fresh.kpi_id
                      AND is_fresh.as_of - coalesce(least((kra.last_at(m.actual) AT TIME ZONE 'UTC')::date, is_fresh.as_of), m.period_start) <= is_fresh.stale_after) THEN
            RETURN true;
        END IF;
        at := kra.grid_shift(is_fresh.grid, at, -1);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION kra.is_fresh(integer, smallint, date, integer) IS 'has anybody whom the caller sees data of a KPI that are not older on a date than so many days (see kra.freshest)?';

CREATE FUNCTION kra.moved_text(subject_id integer, line kra.card_line, period_start date, upto date, OUT message text, OUT since date)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    before kra.kpi_target := kra.target_in_force(line.kpi_id, moved_text.subject_id, moved_text.period_start, moved_text.period_start);
    after kra.kpi_target := kra.target_in_force(line.kpi_id, moved_text.subject_id, moved_text.period_start, moved_text.upto);
    r record;
BEGIN
    IF before IS NOT NULL AND (after IS NULL OR before OPERATOR(kra.<>) after) THEN   -- another row took over
        moved_text.since := CASE WHEN line.target_from BETWEEN moved_text.period_start AND moved_text.upto THEN line.target_from END;
    ELSE
        -- the row in force, and the one that it was set over
        SELECT x.* INTO r FROM (
            SELECT 1 AS place, t.effective_from, t.target, t.set_at, t.revised_at FROM kra.targets t
            WHERE t.kpi_id = line.kpi_id AND t.subject_id = moved_text.subject_id AND t.effective_from <= moved_text.upto
            UNION ALL
            SELECT 2, t.effective_from, t.target, t.set_at, t.revised_at FROM kra.result_area_kpis t
            WHERE t.kpi_id = line.kpi_id AND t.result_area_id = line.result_area_id AND t.effective_from <= moved_text.upto
        ) x
        ORDER BY x.place, x.effective_from DESC LIMIT 1;
        IF (r.revised_at AT TIME ZONE 'UTC')::date > moved_text.period_start THEN
            moved_text.since := (r.revised_at AT TIME ZONE 'UTC')::date;
            before := NULL;   -- what it was is in the log, which is not for all
        ELSE
            moved_text.since := (r.set_at AT TIME ZONE 'UTC')::date;
            SELECT x.target INTO before FROM (
                SELECT 1 AS place, t.effective_from, t.target, t.set_at FROM kra.targets t
                WHERE t.kpi_id = line.kpi_id AND t.subject_id = moved_text.subject_id AND t.effective_from <= moved_text.upto
                UNION ALL
                SELECT 2, t.effective_from, t.target, t.set_at FROM kra.result_area_kpis t
                WHERE t.kpi_id = line.kpi_id AND t.result_area_id = line.result_area_id AND t.effective_from <= moved_text.upto
            ) x
            WHERE x.set_at < r.set_at
            ORDER BY x.place, x.effective_from DESC LIMIT 1;
        END IF;
    END IF;
    moved_text.message := CASE
        WHEN after IS NULL THEN format('was taken away (it was %s)', kra.target_text(before, line.unit))
        WHEN before IS NULL THEN format('was changed in place, and is %s now', kra.target_text(after, line.unit))
        WHEN kra.target_text(before, line.unit) = kra.target_text(after, line.unit) THEN format('was changed from "%s" to "%s"', before, after)
        ELSE format('was changed from %s to %s', kra.target_text(before, line.unit), kra.target_text(after, line.unit)) END;
END $$;
COMMENT ON FUNCTION kra.moved_text(integer, kra.card_line, date, date) IS 'how the target of a subject was changed after a period began, in words, from what to what where it is known; and when';

CREATE FUNCTION kra.diagnosis(subject kra.subjects, line kra.card_line, lines kra.card_line[], as_of date, history double precision[],
    first_miss date, last_data date, fiscal_year_start_month integer) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    asked kra.kpi_target := coalesce(line.target, kra.asked_of(subject.id, line, 0));
    driver kra.card_line;
    failing text;
    trend kra.kpi_trend;
    limits kra.xmr;
    arrival date;
    deadline date := kra.due(asked);
BEGIN
    -- data stale
    IF last_data IS NULL OR as_of - last_data > line.stale_after THEN
        RETURN format('Diagnosis: the data are stale%s. Change the plan: measure again first; old data can judge neither the work nor the target.',
                      coalesce(' (the newest are of ' || last_data || ')', ''));
    END IF;
    -- target moved
    IF line.touched_on > first_miss AND kra.target_moved(line.kpi_id, subject.id, first_miss, as_of) THEN
        RETURN format('Diagnosis: the target moved meanwhile: it %s. Change the target: agree on one that stands still, and judge the work by that.',
                      (kra.moved_text(subject.id, line, first_miss, as_of)).message);
    END IF;
    -- leading KPI failing
    FOREACH driver IN ARRAY lines LOOP
        IF driver.drives_kpi_id = line.kpi_id AND driver.timing = 'leading'
           AND kra.is_missed(driver.actuals[cardinality(driver.actuals)], kra.asked_of(subject.id, driver, 0), kra.grid_end(driver.grid, driver.last_start)) THEN
            failing := concat_ws(', ', failing, format('"%s" (%s)', driver.kpi_name, kra.context(driver.actuals[cardinality(driver.actuals)],
                                                       kra.asked_of(subject.id, driver, 0), NULL, driver.unit, NULL)));
        END IF;
    END LOOP;
    IF failing IS NOT NULL THEN
        RETURN format('Diagnosis: what is to drive it misses its own target: %s. Change the plan: bring that on target first.', failing);
    END IF;
    -- outside what the process can do
    SELECT kra.xmr_agg(u.v ORDER BY u.i),
           kra.trend_agg(kra.grid_shift(line.grid, line.last_start, (u.i - cardinality(history))::integer), u.v)
    INTO limits, trend FROM unnest(history) WITH ORDINALITY u (v, i);
    IF kra.assurance(limits, asked) = 'consistently_missed' THEN
        RETURN format('Diagnosis: the target lies outside what the process can do: as it is, it gives %s to %s. Change the target, or change the process itself: more effort at the same work will not reach it.',
                      kra.value_text(kra.lower_limit(limits), line.unit), kra.value_text(kra.upper_limit(limits), line.unit));
    END IF;
    -- improving but too slow
    IF kra.direction(trend) = (CASE kra.direction(asked) WHEN 'at_least' THEN 'rising' WHEN 'at_most' THEN 'falling' END) THEN
        arrival := (kra.eta(trend, asked) AT TIME ZONE 'UTC')::date;
        IF coalesce(arrival > coalesce(deadline, kra.grid_end(line.grid, kra.grid_shift(line.grid, line.last_start, cardinality(history)))), true) THEN
            RETURN format('Diagnosis: it improves, but too slowly: at this pace it is there %s%s. Change the target: move its date, or split it into steps; or change the plan, where the date stands.',
                          CASE WHEN arrival - as_of < 36500 THEN 'in ' || kra.grid_label(line.grid, arrival, fiscal_year_start_month) ELSE 'in more than a lifetime' END,
                          coalesce(', and it is due by ' || deadline, ''));
        END IF;
    END IF;
    IF arrival IS NOT NULL THEN
        RETURN format('Diagnosis: it improves, and at this pace it is there in %s. Keep to the plan, and say so; or change the target to what is to be reached on the way.',
                      kra.grid_label(line.grid, arrival, fiscal_year_start_month));
    END IF;
    RETURN 'Diagnosis: nothing in the data explains it. Change the plan: ask those who do the work what stands in the way, and agree on one action.';
END $$;
COMMENT ON FUNCTION kra.diagnosis(kra.subjects, kra.card_line, kra.card_line[], date, double precision[], date, date, integer) IS 'why a target is missed again and again, the first that holds of: data stale, target moved since the first miss, a leading KPI on the same card that drives it failing, target outside what the process can do, improving but too slow, unexplained; and what to change. history: the values of the periods of the setting history_periods; last_data: see kra.freshest';

CREATE FUNCTION kra.is_effort_without_result(subject_id integer, activity kra.card_line, outcome kra.card_line, back integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grid smallint := CASE WHEN activity.grid / 10 >= outcome.grid / 10 THEN activity.grid ELSE outcome.grid END;
    period_start date := kra.grid_shift(grid, CASE WHEN activity.grid / 10 >= outcome.grid / 10 THEN activity.last_start ELSE outcome.last_start END, -back);
    line kra.card_line;
    hits boolean[];
BEGIN
    FOREACH line IN ARRAY ARRAY[activity, outcome] LOOP
        hits := hits || NOT CASE WHEN line.grid = grid
            THEN kra.is_missed(line.actuals[cardinality(line.actuals) - back], kra.asked_of(is_effort_without_result.subject_id, line, back), kra.grid_end(grid, period_start))
            ELSE kra.is_missed((kra.actual_of(line.kpi_id, is_effort_without_result.subject_id, grid, period_start, kra.grid_end(grid, period_start))).actual,
                         kra.target_of(line.kpi_id, is_effort_without_result.subject_id, grid, period_start, kra.grid_end(grid, period_start)), kra.grid_end(grid, period_start)) END;
    END LOOP;
    RETURN hits[1] AND NOT hits[2];
END $$;
COMMENT ON FUNCTION kra.is_effort_without_result(integer, kra.card_line, kra.card_line, integer) IS 'did an activity on a card meet its target while an outcome missed its own, in a period of the coarser of their cadences so many back from the last? NULL or false: no';

CREATE FUNCTION kra.findings_of_target(subject kra.subjects, line kra.card_line, lines kra.card_line[], as_of date, limits jsonb, settings kra.settings_in_force)
RETURNS SETOF kra.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2 SET jit = off SET plan_cache_mode = force_generic_plan SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    n integer := cardinality(line.actuals);
    history double precision[] := line.actuals[n - settings.history_periods + 1:];
    known integer := cardinality(array_remove(history, NULL));
    target_text text := kra.target_text(line.target, line.unit);
    direction text := kra.direction(line.target);
    goal double precision := kra.target(line.target);
    level double precision := kra.recent_level(history);   -- where it stands
    threshold double precision;
    number double precision;
    start double precision;
    day date;
    running date := kra.grid_start(line.grid, as_of);
    words record;
    -- values against their targets
    asked kra.kpi_target;
    latest_asked kra.kpi_target;
    hit boolean;
    is_run boolean := true;       -- no target met so far
    is_far boolean := limits ? 'sandbagged_target';   -- all met by far so far
    run integer := 0;
    run_first integer;            -- periods back
    of_six integer := 0;
    six_first integer;
    miss_last integer;
    miss_asked kra.kpi_target;
    lowest double precision;
    walked integer := 0;
    last_data date;
    carried_since date;
    has_gap boolean := false;
    outcome kra.card_line;
BEGIN
    -- no_target
    IF limits ? 'no_target' AND line.target IS NULL AND NOT line.is_derived
       AND (line.has_own_target OR NOT line.is_group OR kra.target_of(line.kpi_id, subject.id, line.grid, running, as_of) IS NULL) THEN
        RETURN NEXT kra.fault_of('no_target', subject, line, NULL, 'stands on the card without a target', NULL,
                                     coalesce(line.target_from, kra.carried_since(line.kpi_id, subject.id, as_of)), NULL);
    END IF;

    IF line.target IS NOT NULL THEN
        IF line.is_acknowledged IS NOT TRUE AND (subject.kind = 'person' OR line.has_own_target) THEN
            -- imposed_target
            IF line.is_acknowledged IS NULL AND as_of - line.known_on > (limits->>'imposed_target')::double precision THEN
                RETURN NEXT kra.fault_of('imposed_target', subject, line, CASE line.provenance WHEN 'imposed' THEN 'serious' END,
                    format('the target of %s %shas been in force for %s, and nobody has acknowledged it', target_text,
                           CASE line.provenance WHEN 'imposed' THEN 'was imposed; it ' ELSE '' END, kra.count_text(as_of - line.known_on, 'day')),
                    NULL, line.known_on, as_of - line.known_on);
            -- changed_after_acknowledgement
            ELSIF limits ? 'changed_after_acknowledgement' AND NOT line.is_acknowledged THEN
                SELECT a.target, (a.acknowledged_at AT TIME ZONE 'UTC')::date AS at INTO words FROM kra.acknowledgements a
                WHERE a.kpi_id = line.kpi_id AND a.subject_id = subject.id AND a.acknowledged_at < (as_of + 1)::timestamp AT TIME ZONE 'UTC'
                ORDER BY a.acknowledged_at DESC LIMIT 1;
                RETURN NEXT kra.fault_of('changed_after_acknowledgement', subject, line, CASE line.provenance WHEN 'imposed' THEN 'serious' END,
                    CASE WHEN kra.target_text(words.target, line.unit) = target_text
                         THEN format('"%s" is in force%s, but "%s" was acknowledged on %s', line.target, CASE line.provenance WHEN 'imposed' THEN ', imposed' ELSE '' END, words.target, words.at)
                         ELSE format('a target of %s is in force%s, but %s was acknowledged on %s', target_text, CASE line.provenance WHEN 'imposed' THEN ', imposed' ELSE '' END,
                                     kra.target_text(words.target, line.unit), words.at) END,
                    NULL, line.target_from, NULL);
            END IF;
        END IF;

        -- target_beyond_history
        IF limits ? 'target_beyond_history' AND direction IN ('at_least', 'at_most') AND known >= 6 AND NOT kra.met(level, line.target) THEN
            DECLARE
                ahead integer := 1;
                best double precision;
            BEGIN
                WHILE ahead < n AND kra.grid_end(line.grid, kra.grid_shift(line.grid, line.last_start, ahead)) < kra.due(line.target) LOOP
                    ahead := ahead + 1;
                END LOOP;
                best := kra.best_improvement(history, ahead, direction);
                number := abs(goal - level);
                IF number - greatest(best, 0) > 1e-12 * greatest(abs(goal), abs(level)) AND best IS NOT NULL THEN
                    RETURN NEXT kra.fault_of('target_beyond_history', subject, line, NULL,
                        format('asks to get from %s to %s in %s, a change of %s; %s', kra.value_text(level, line.unit), kra.value_text(goal, line.unit), kra.count_text(ahead, line.cadence),
                               kra.value_text(number, NULL), CASE WHEN best > 0 THEN format('the best ever seen in that time is %s', kra.value_text(best, NULL)) ELSE 'it never improved in that time' END),
                        NULL, line.target_from, number);
                END IF;
            END;
        END IF;

        -- target_beyond_limits
        IF limits ? 'target_beyond_limits' THEN
            DECLARE
                lowest_possible double precision;
                highest_possible double precision;
                process kra.xmr;
                never_met boolean;
                is_said boolean := false;
            BEGIN
                IF line.scale IS NOT NULL OR btrim(line.unit) = '%' AND line.over_time IN ('ratio', 'mean', 'last', 'min', 'max') THEN
                    highest_possible := 100;
                    lowest_possible := CASE line.scale WHEN 'nps' THEN -100 ELSE 0 END;
                    number := greatest(kra.lower(line.target), kra.upper(line.target));
                    IF number <= 100 + 1e-10 THEN
                        number := least(kra.lower(line.target), kra.upper(line.target));
                    END IF;
                    -- a rate of growth, say, can be what a share cannot: if it was, it is none
                    IF number > 100 + 1e-10 AND (SELECT coalesce(max(u.v), 0) <= 100 FROM unnest(history) u (v))
                       OR number < lowest_possible - 1e-10 AND (SELECT coalesce(min(u.v), 0) >= lowest_possible FROM unnest(history) u (v)) THEN
                        -- a percentage may be one of growth: only answers on a scale cannot go beyond
                        RETURN NEXT kra.fault_of('target_beyond_limits', subject, line, CASE WHEN line.scale IS NULL THEN 'warning' END,
                            format(CASE WHEN line.scale IS NULL THEN 'asks for %s; no value was ever %s than %s' ELSE 'asks for %s; it cannot be %s than %s' END, target_text, CASE WHEN number > 100 THEN 'more' ELSE 'less' END,
                                   kra.value_text(CASE WHEN number > 100 THEN highest_possible ELSE lowest_possible END, line.unit)),
                            NULL, line.target_from, number);
                        is_said := true;
                    END IF;
                END IF;
                IF NOT is_said AND known >= 13 AND NOT kra.met(level, line.target) THEN
                    SELECT kra.xmr_agg(u.v ORDER BY u.i), NOT coalesce(bool_or(kra.met(u.v, line.target)), false) INTO process, never_met
                    FROM unnest(history) WITH ORDINALITY u (v, i);
                    IF never_met AND kra.assurance(process, line.target) = 'consistently_missed' THEN
                        RETURN NEXT kra.fault_of('target_beyond_limits', subject, line, 'warning',
                            format('asks for %s; the process as it is gives %s to %s, and none of %s met it', target_text,
                                   kra.value_text(kra.lower_limit(process), line.unit), kra.value_text(kra.upper_limit(process), line.unit), kra.count_text(known, 'value')),
                            NULL, line.target_from, coalesce(goal, kra.lower(line.target)));
                    END IF;
                END IF;
            END;
        END IF;

        -- target_above_300_pct
        IF limits ? 'target_above_300_pct' THEN
            threshold := (limits->>'target_above_300_pct')::double precision;
            start := coalesce(kra.baseline(line.target), level);
            -- nothing at all, such as no accidents, is no multiple of anything
            IF start > 0 AND (direction = 'at_least' AND goal > start * threshold * (1 + 1e-12) OR direction = 'at_most' AND goal > 0 AND goal * threshold < start * (1 - 1e-12)) THEN
                number := CASE direction WHEN 'at_least' THEN goal / start ELSE start / goal END;
                RETURN NEXT kra.fault_of('target_above_300_pct', subject, line, NULL,
                    format('asks to get from %s to %s: %s; %s is the most', kra.value_text(start, line.unit), kra.value_text(goal, line.unit),
                           'a factor of ' || round(number::numeric, 3)::double precision, threshold),
                    NULL, line.target_from, number);
            END IF;
        END IF;
    END IF;

    -- target_moved
    IF limits ? 'target_moved' AND line.touched_on > coalesce(line.last_start, running) THEN
        FOREACH day IN ARRAY ARRAY[running, line.last_start] LOOP
            IF day IS NOT NULL AND kra.target_moved(line.kpi_id, subject.id, day, least(kra.grid_end(line.grid, day), as_of)) THEN
                SELECT * INTO words FROM kra.moved_text(subject.id, line, day, least(kra.grid_end(line.grid, day), as_of));
                RETURN NEXT kra.fault_of('target_moved', subject, line, NULL,
                    format('the target %s, after %s had begun', words.message, kra.grid_label(line.grid, day, settings.fiscal_year_start_month)),
                    NULL, CASE WHEN words.since <= as_of THEN words.since END, NULL);
                EXIT;
            END IF;
        END LOOP;
    END IF;

    -- stale_subject
    IF line.actuals[n] IS NULL OR as_of - kra.grid_end(line.grid, line.last_start) > line.stale_after THEN
        last_data := kra.freshest(line.kpi_id, subject.id, as_of);
        -- not of who came, or came back, meanwhile; and not to who could not have seen data that are fresh enough
        day := greatest(last_data, kra.carried_since(line.kpi_id, subject.id, as_of));
        IF limits ? 'stale_subject' AND NOT line.is_derived AND as_of - day > line.stale_after
           AND kra.sees(subject.id, as_of - line.stale_after, as_of - line.stale_after)
           AND kra.is_fresh(line.kpi_id, line.grid, as_of, line.stale_after) THEN
            RETURN NEXT kra.fault_of('stale_subject', subject, line, NULL,
                CASE WHEN last_data IS NULL THEN format('was never measured%s; others are, and data are stale after %s',
                                                        CASE WHEN NOT kra.sees(subject.id, day, day) THEN ' as far as you may see' ELSE '' END, kra.count_text(line.stale_after, 'day'))
                     ELSE format('was last measured on %s, %s ago; others are measured, and data are stale after %s', last_data,
                                 kra.count_text(as_of - last_data, 'day'), kra.count_text(line.stale_after, 'day')) END,
                NULL, day + line.stale_after + 1, as_of - last_data);
        END IF;
    ELSE
        last_data := kra.grid_end(line.grid, line.last_start);
    END IF;

    -- Values against the targets of their periods, the latest first, as far as a rule needs it. A
    -- period without data is neither met nor missed.
    threshold := (limits->>'consistently_missed')::double precision;
    WHILE walked < n AND (known > 0) AND (
              is_run OR walked < 6 AND (is_far OR of_six + 6 - walked >= 4)) LOOP
        -- targets of members are put together for each period anew: no further back than it takes
        EXIT WHEN line.target_from IS NULL AND walked >= greatest(6, threshold);
        IF line.actuals[n - walked] IS NULL THEN
            is_far := false;
            has_gap := true;
        ELSE
            asked := kra.asked_of(subject.id, line, walked);
            hit := NOT kra.is_missed(line.actuals[n - walked], asked, kra.grid_end(line.grid, kra.grid_shift(line.grid, line.last_start, -walked)));
            latest_asked := coalesce(latest_asked, asked);
            IF hit IS NULL THEN
                is_run := false;
                is_far := false;
            ELSIF hit THEN
                is_run := false;
                lowest := least(lowest, kra.attainment(line.actuals[n - walked], asked));
                is_far := is_far AND coalesce(kra.attainment(line.actuals[n - walked], asked) >= (limits->>'sandbagged_target')::double precision * (1 - 1e-12), false);
            ELSE
                is_far := false;
                IF has_gap AND NOT line.is_derived THEN   -- who came back starts anew
                    carried_since := coalesce(carried_since, kra.carried_since(line.kpi_id, subject.id, as_of));
                    IF kra.grid_end(line.grid, kra.grid_shift(line.grid, line.last_start, -walked)) < carried_since THEN
                        is_run := false;
                        EXIT;
                    END IF;
                END IF;
                IF miss_last IS NULL THEN
                    miss_last := walked;
                    miss_asked := asked;
                END IF;
                IF is_run THEN
                    run := run + 1;
                    run_first := walked;
                END IF;
                IF walked < 6 THEN
                    of_six := of_six + 1;
                    six_first := walked;
                END IF;
            END IF;
        END IF;
        walked := walked + 1;
    END LOOP;

    -- sandbagged_target
    IF is_far AND walked >= 6 THEN
        RETURN NEXT kra.fault_of('sandbagged_target', subject, line, NULL,
            format('the target was met in each of the last 6 %ss, with an attainment of at least %s', line.cadence, kra.share_text(lowest)),
            NULL, kra.grid_shift(line.grid, line.last_start, -5), lowest);
    END IF;

    -- consistently_missed
    IF limits ? 'consistently_missed' AND (run >= threshold AND run > 0 OR of_six >= 4)
       -- a group in which somebody has no data does not miss by its work
       AND NOT (line.is_group AND EXISTS (
           SELECT FROM kra.card(subject.id, line.grid, line.last_start, kra.grid_end(line.grid, line.last_start)) c
           WHERE c.kpi_id = line.kpi_id AND c.is_derived AND c.observed_members < c.card_members)) THEN
        day := kra.grid_shift(line.grid, line.last_start, -CASE WHEN run >= threshold AND run > 0 THEN run_first ELSE six_first END);
        RETURN NEXT kra.fault_of('consistently_missed', subject, line, NULL,
            format('missed its target in %s, the last time in %s: %s',
                   CASE WHEN run >= threshold AND run > 0
                        THEN CASE WHEN is_run AND (walked < n OR run_first = n - 1) THEN 'at least ' ELSE '' END || kra.count_text(run, line.cadence) || CASE WHEN run > 1 THEN ' in a row' ELSE '' END
                        ELSE format('%s of the last 6 %ss', of_six, line.cadence) END,
                   kra.grid_label(line.grid, kra.grid_shift(line.grid, line.last_start, -miss_last), settings.fiscal_year_start_month),
                   kra.context(line.actuals[n - miss_last], miss_asked, NULL, line.unit, NULL)),
            kra.diagnosis(subject, line, lines, as_of, history, day, last_data, settings.fiscal_year_start_month),
            day, CASE WHEN run >= threshold AND run > 0 THEN run ELSE of_six END);
    END IF;

    -- plateau
    IF limits ? 'plateau' THEN
        DECLARE
            k integer := greatest(2, least(1000, (limits->>'plateau')::double precision));
            is_flat boolean;
            process kra.xmr;
            mean double precision;
            first_at integer;
        BEGIN
            asked := coalesce(line.target, latest_asked);
            IF asked IS NOT NULL AND cardinality(array_remove(line.actuals, NULL)) >= 3 * k THEN
                SELECT kra.plateau(u.v, asked, k ORDER BY u.i) INTO is_flat FROM unnest(line.actuals) WITH ORDINALITY u (v, i);
                IF is_flat THEN
                    SELECT kra.xmr_agg(x.v, NULL, NULL, NULL, NULL, k ORDER BY x.i), avg(x.v) FILTER (WHERE x.place <= 2 * k), (n - min(x.i) FILTER (WHERE x.place <= 2 * k))::integer,
                           count(*) FILTER (WHERE x.place <= 2 * k AND kra.met(x.v, asked))
                    INTO process, mean, first_at, number
                    FROM (SELECT u.v, u.i, row_number() OVER (ORDER BY u.i DESC) AS place FROM unnest(line.actuals) WITH ORDINALITY u (v, i) WHERE u.v IS NOT NULL) x
                    WHERE x.place <= 3 * k;
                    IF 4 * number <= 2 * k THEN   -- met now and then it is near enough
                        RETURN NEXT kra.fault_of('plateau', subject, line, NULL,
                            format('the last %s values stay around %s (%s to %s), against a target of %s', 2 * k, kra.value_text(mean, line.unit),
                                   kra.value_text(kra.lower_limit(process), line.unit), kra.value_text(kra.upper_limit(process), line.unit), kra.target_text(asked, line.unit)),
                            NULL, kra.grid_shift(line.grid, line.last_start, -first_at), 2 * k);
                    END IF;
                END IF;
            END IF;
        END;
    END IF;

    -- low_roi_activity
    IF limits ? 'low_roi_activity' AND line.kind = 'activity' AND line.drives_kpi_id IS NOT NULL THEN
        threshold := (limits->>'low_roi_activity')::double precision;
        FOREACH outcome IN ARRAY lines LOOP
            CONTINUE WHEN outcome.kpi_id <> line.drives_kpi_id OR outcome.kind <> 'outcome';
            SELECT count(*), max(back) INTO number, walked FROM generate_series(0, 5) back
            WHERE kra.is_effort_without_result(subject.id, line, outcome, back);
            IF number >= threshold AND number > 0 THEN
                RETURN NEXT kra.fault_of('low_roi_activity', subject, line, NULL,
                    format('met its target in %s of the last 6 %ss while "%s", which it is to drive, missed its own', number,
                           CASE WHEN line.grid / 10 >= outcome.grid / 10 THEN line.cadence ELSE outcome.cadence END, outcome.kpi_name),
                    NULL, CASE WHEN line.grid / 10 >= outcome.grid / 10 THEN kra.grid_shift(line.grid, line.last_start, -walked)
                               ELSE kra.grid_shift(outcome.grid, outcome.last_start, -walked) END, number);
            END IF;
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION kra.findings_of_target(kra.subjects, kra.card_line, kra.card_line[], date, jsonb, kra.settings_in_force) IS 'what is wrong on a date with a line of a subject''s card, out of all its lines: with its target, and with its values against the target, by the rules with the given limits';

-- Subjects as a whole.

CREATE FUNCTION kra.unit_targets(subject_id integer, as_of date) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    role_id integer;
BEGIN
    SELECT tl.job_role_id INTO role_id FROM kra.subject_timeline tl
    WHERE tl.subject_id = unit_targets.subject_id AND tl.valid_from <= unit_targets.as_of AND tl.valid_until > unit_targets.as_of;
    IF role_id IS NULL THEN
        RETURN (SELECT array_agg(o.kpi_id || ' ' || o.target ORDER BY o.kpi_id)
                FROM (SELECT DISTINCT ON (t.kpi_id) t.kpi_id, t.target FROM kra.targets t
                      WHERE t.subject_id = unit_targets.subject_id AND t.effective_from <= unit_targets.as_of
                      ORDER BY t.kpi_id, t.effective_from DESC) o
                WHERE o.target IS NOT NULL);
    END IF;
    RETURN (SELECT CASE WHEN bool_and(l.target IS NOT NULL) THEN array_agg(l.kpi_id || ' ' || l.target ORDER BY l.kpi_id) END
            FROM (SELECT rk.kpi_id, CASE WHEN o.kpi_id IS NOT NULL THEN o.target ELSE rk.target END AS target
                  FROM kra.result_areas ra
                  JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= unit_targets.as_of AND rk.is_active
                  JOIN kra.kpis k ON k.id = rk.kpi_id AND k.state <> 'candidate'
                  LEFT JOIN LATERAL (SELECT t.kpi_id, t.target FROM kra.targets t
                                     WHERE t.kpi_id = rk.kpi_id AND t.subject_id = unit_targets.subject_id AND t.effective_from <= unit_targets.as_of
                                     ORDER BY t.effective_from DESC LIMIT 1) o ON true
                  WHERE ra.job_role_id = role_id
                    AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                                    AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= unit_targets.as_of)) l);
END $$;
COMMENT ON FUNCTION kra.unit_targets(integer, date) IS 'the KPIs of a unit with their targets as in force on a date, to be compared with those of another: of its role and of its own; NULL: none, or a KPI of its role without a target';

CREATE FUNCTION kra.people_below(subject_id integer, as_of date) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT count(*) FROM kra.subject_ancestors c
            JOIN kra.subjects s ON s.id = c.subject_id AND s.kind = 'person'
            WHERE c.ancestor_id = people_below.subject_id AND c.depth > 0 AND c.valid_from <= people_below.as_of AND c.valid_until > people_below.as_of);
END $$;
COMMENT ON FUNCTION kra.people_below(integer, date) IS 'how many people stand below a subject on a date';

CREATE FUNCTION kra.is_review_owed(subject_id integer, grid smallint, period_start date, as_of date, last_data date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    period_end date := kra.grid_end(is_review_owed.grid, is_review_owed.period_start);
BEGIN
    RETURN coalesce(is_review_owed.period_start <= is_review_owed.last_data, false)
       AND kra.sees(is_review_owed.subject_id, is_review_owed.period_start, period_end)   -- else its review is hidden, too
       AND NOT EXISTS (   -- one of a longer or shorter period that ends on the same day will do
           SELECT FROM kra.reviews r
           WHERE r.subject_id = is_review_owed.subject_id AND kra.last_day(r.period_grain, r.period_start) = period_end
             AND (r.closed_at AT TIME ZONE 'UTC')::date <= is_review_owed.as_of)
       AND EXISTS (SELECT FROM kra.subject_timeline tl WHERE tl.subject_id = is_review_owed.subject_id AND tl.job_role_id IS NOT NULL
                   AND tl.valid_from <= is_review_owed.period_start)
       AND EXISTS (   -- a card that can be closed
           SELECT FROM kra.subject_timeline tl
           JOIN kra.role_lines(period_end) l ON l.job_role_id = tl.job_role_id
           JOIN kra.kpis k ON k.id = l.kpi_id AND k.grid / 10 <= is_review_owed.grid / 10 AND k.state <> 'candidate'
           WHERE tl.subject_id = is_review_owed.subject_id
             AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, is_review_owed.period_start, period_end));
END $$;
COMMENT ON FUNCTION kra.is_review_owed(integer, smallint, date, date, date) IS 'is the review of a period that is over still to be closed on a date? Only of who had a role when it began, and a card of that role in it, where the caller saw the subject then, and there are data of the catalogue (last_data: see kra.data_range)';

CREATE FUNCTION kra.findings_of_subject(subject_id integer, as_of date, limits jsonb) RETURNS SETOF kra.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    subject kra.subjects;
    settings kra.settings_in_force;
    place kra.subject_timeline;
    lines kra.card_line[];
    line kra.card_line;
    last_data date := (SELECT r.last_start FROM kra.data_range(findings_of_subject.as_of) r);
    kpis integer;            -- on its card; NULL where the card is that of groups below
    threshold double precision;
    number double precision;
    day date;
    grid smallint;
    run integer;
    blank integer;
    first_day date;
    people_here integer;
    targets_here text[];
    words text;
    r record;
BEGIN
    SELECT * INTO subject FROM kra.subjects s WHERE s.id = findings_of_subject.subject_id;
    SELECT * INTO place FROM kra.subject_timeline tl
    WHERE tl.subject_id = findings_of_subject.subject_id AND tl.valid_from <= findings_of_subject.as_of AND tl.valid_until > findings_of_subject.as_of;
    IF place.subject_id IS NULL
       OR NOT kra.sees(subject.id, findings_of_subject.as_of, findings_of_subject.as_of) THEN   -- who saw it only before would miss what came since
        RETURN;
    END IF;
    SELECT * INTO settings FROM kra.settings_in_force;
    lines := ARRAY(SELECT l FROM kra.card_lines(subject.id, findings_of_subject.as_of,
        least(1000, greatest(settings.history_periods, 6, (limits->>'consistently_missed')::double precision, 3 * (limits->>'plateau')::double precision))::integer) l);
    kpis := CASE WHEN place.job_role_id IS NOT NULL
                   OR NOT EXISTS (SELECT FROM kra.subject_ancestors c WHERE c.ancestor_id = subject.id AND c.depth > 1
                                  AND c.valid_from <= findings_of_subject.as_of AND c.valid_until > findings_of_subject.as_of) THEN cardinality(lines) END;

    -- What its targets and values break, line by line.
    FOREACH line IN ARRAY lines LOOP
        RETURN QUERY SELECT * FROM kra.findings_of_target(subject, line, lines, findings_of_subject.as_of, limits, settings);
    END LOOP;

    -- overloaded
    IF subject.kind = 'person' AND kpis >= (limits->>'overloaded')::double precision THEN
        RETURN NEXT kra.fault_of('overloaded', subject,
            format('carries %s; %s', kra.count_text(kpis, 'KPI'), kra.focus_text(coalesce((limits->>'too_many_kpis')::double precision, 5))),
            (SELECT (array_agg(o.day ORDER BY o.day))[ceil((limits->>'overloaded')::double precision)]
             FROM (SELECT kra.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    -- too_many_kpis
    ELSIF subject.kind = 'person' AND kpis > (limits->>'too_many_kpis')::double precision THEN
        RETURN NEXT kra.fault_of('too_many_kpis', subject,
            format('carries %s; %s', kra.count_text(kpis, 'KPI'), kra.focus_text((limits->>'too_many_kpis')::double precision)),
            (SELECT (array_agg(o.day ORDER BY o.day))[floor((limits->>'too_many_kpis')::double precision) + 1]
             FROM (SELECT kra.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    END IF;

    -- too_many_kpis_in_group
    IF subject.kind IN ('team', 'project') AND kpis > (limits->>'too_many_kpis_in_group')::double precision THEN
        RETURN NEXT kra.fault_of('too_many_kpis_in_group', subject,
            format('carries %s; a group steers by %s at most', kra.count_text(kpis, 'KPI'), limits->>'too_many_kpis_in_group'),
            (SELECT (array_agg(o.day ORDER BY o.day))[floor((limits->>'too_many_kpis_in_group')::double precision) + 1]
             FROM (SELECT kra.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    END IF;

    -- too_few_objectives, too_many_objectives: those that serve none of its own. The company at the
    -- top has those that are of nobody.
    IF limits ?| '{too_few_objectives,too_many_objectives}' THEN
        SELECT count(*) AS n, count(*) FILTER (WHERE b.id IS NULL) AS own, array_agg(o.starts_on ORDER BY o.starts_on NULLS FIRST) FILTER (WHERE b.id IS NULL) AS starts,
               string_agg(o.name, ', ' ORDER BY o.starts_on NULLS FIRST, o.key) FILTER (WHERE b.id IS NULL) AS names
        INTO r
        FROM kra.objectives o
        LEFT JOIN kra.objectives b ON b.id = o.parent_id
            AND (b.subject_id = subject.id OR b.subject_id IS NULL AND subject.kind = 'company' AND place.parent_id IS NULL)
            AND coalesce(b.starts_on <= findings_of_subject.as_of, true) AND coalesce(b.due_on >= findings_of_subject.as_of, true)
        WHERE (o.subject_id = subject.id OR o.subject_id IS NULL AND subject.kind = 'company' AND place.parent_id IS NULL)
          AND coalesce(o.starts_on <= findings_of_subject.as_of, true) AND coalesce(o.due_on >= findings_of_subject.as_of, true);
        IF r.n > 0 AND r.own < (limits->>'too_few_objectives')::double precision THEN
            RETURN NEXT kra.fault_of('too_few_objectives', subject, format('has %s (%s); at least %s keep balance', kra.count_text(r.own, 'objective'), r.names, limits->>'too_few_objectives'), NULL, r.own);
        ELSIF r.own > (limits->>'too_many_objectives')::double precision THEN
            RETURN NEXT kra.fault_of('too_many_objectives', subject,
                format('has %s at a time; %s', kra.count_text(r.own, 'objective'), kra.focus_text((limits->>'too_many_objectives')::double precision)),
                r.starts[floor((limits->>'too_many_objectives')::double precision)::integer + 1], r.own);
        END IF;
    END IF;

    -- too_many_primary_outcomes
    IF limits ? 'too_many_primary_outcomes' AND subject.kind = 'team' AND kpis IS NOT NULL THEN
        SELECT count(*) AS n, string_agg(l.kpi_name, ', ' ORDER BY l.kpi_name, l.kpi_key) AS names INTO r
        FROM unnest(lines) l WHERE l.kind = 'outcome' AND l.weight > 0 AND l.drives_kpi_id IS NULL;
        IF r.n > (limits->>'too_many_primary_outcomes')::double precision THEN
            RETURN NEXT kra.fault_of('too_many_primary_outcomes', subject,
                format('has %s that lead%s to no other (%s); more than %s compete', kra.count_text(r.n, 'outcome'), CASE r.n WHEN 1 THEN 's' ELSE '' END, r.names, limits->>'too_many_primary_outcomes'), NULL, r.n);
        END IF;
    END IF;

    -- busy_not_moving: a period in which a side has no data is neither here nor there. Cards of
    -- members are put together for each period anew: no further back than it takes.
    IF limits ? 'busy_not_moving' AND last_data IS NOT NULL
       AND EXISTS (SELECT FROM unnest(lines) l WHERE l.kind = 'outcome' AND l.weight > 0) AND EXISTS (SELECT FROM unnest(lines) l WHERE l.kind = 'activity' AND l.weight > 0) THEN
        threshold := greatest(1, (limits->>'busy_not_moving')::double precision);
        grid := (SELECT max(l.grid) FROM unnest(lines) l);
        day := kra.last_period(grid, findings_of_subject.as_of, last_data);
        run := 0;
        blank := 0;
        LOOP
            SELECT i.flag, i.outcome_attainment, i.activity_attainment INTO r
            FROM kra.imbalance((kra.period_card(subject.id, grid, day, kra.grid_end(grid, day))).card) i;
            IF r.flag = 'busy_not_moving' THEN
                run := run + 1;
                first_day := day;
                IF run = 1 THEN
                    words := format('activity reached %s%% of its targets, outcomes %s%%', round((r.activity_attainment * 100)::numeric), round((r.outcome_attainment * 100)::numeric));
                END IF;
            ELSIF r.flag = 'insufficient_data' THEN
                blank := blank + 1;
            ELSE
                EXIT;
            END IF;
            EXIT WHEN blank > 6 OR run >= threshold AND (lines[1].is_derived OR run + blank >= settings.history_periods);
            day := kra.grid_shift(grid, day, -1);
        END LOOP;
        IF run >= threshold THEN
            RETURN NEXT kra.fault_of('busy_not_moving', subject,
                format('busy, but not moving, for %s%s; in the last, %s', CASE WHEN r.flag = 'busy_not_moving' THEN 'at least ' ELSE '' END,
                       kra.count_text(run, kra.grid_grain(grid)) || CASE WHEN run > 1 THEN ' in a row' ELSE '' END, words), first_day, run);
        END IF;
    END IF;

    -- copied_from_unit: said of the later of two
    IF limits ? 'copied_from_unit' AND subject.kind <> 'person' THEN
        threshold := (limits->>'copied_from_unit')::double precision;
        targets_here := kra.unit_targets(subject.id, findings_of_subject.as_of);
        IF cardinality(targets_here) >= 2
           AND EXISTS (SELECT FROM unnest(targets_here) t (text) JOIN kra.kpis k ON k.id = split_part(t.text, ' ', 1)::integer
                       WHERE k.over_subjects IN ('sum', 'count')) THEN   -- a rate of 95 % fits any size
            people_here := greatest(kra.people_below(subject.id, findings_of_subject.as_of), 1);
            SELECT o.name, p.people, greatest(people_here, p.people)::double precision / least(people_here, p.people) AS factor INTO r
            FROM kra.subjects o
            JOIN kra.subject_timeline tl ON tl.subject_id = o.id AND tl.valid_from <= findings_of_subject.as_of AND tl.valid_until > findings_of_subject.as_of
            CROSS JOIN LATERAL (SELECT greatest(kra.people_below(o.id, findings_of_subject.as_of), 1) AS people OFFSET 0) p
            WHERE o.id < subject.id AND o.kind <> 'person'
              AND greatest(people_here, p.people) >= threshold * least(people_here, p.people) * (1 - 1e-12)
              AND kra.unit_targets(o.id, findings_of_subject.as_of) = targets_here
            ORDER BY factor DESC, o.id LIMIT 1;
            IF FOUND THEN
                RETURN NEXT kra.fault_of('copied_from_unit', subject,
                    format('has the %s KPIs of %s with the very same targets, for %s instead of %s: a factor of %s', cardinality(targets_here), r.name, CASE people_here WHEN 1 THEN '1 person' ELSE people_here || ' people' END, r.people, kra.value_text(r.factor, NULL)),
                    NULL, r.factor);
            END IF;
        END IF;
    END IF;

    -- review_overdue
    IF limits ? 'review_overdue' AND place.job_role_id IS NOT NULL THEN
        threshold := floor(least((limits->>'review_overdue')::double precision, 100000));
        grid := kra.grid_in_force(settings.review_cadence);
        day := kra.grid_shift(grid, kra.grid_start(grid, findings_of_subject.as_of - threshold::integer), -1);   -- the last that ended more than that before
        IF kra.is_review_owed(subject.id, grid, day, findings_of_subject.as_of, last_data) THEN
            number := findings_of_subject.as_of - kra.grid_end(grid, day);
            words := kra.grid_label(grid, day, settings.fiscal_year_start_month);
            RETURN NEXT ROW('review_overdue', 'review', kra.about_key(subject.key, words), subject.name || ' / ' || words, subject.id, place.job_role_id, NULL, NULL, NULL,
                format('the review of %s is not closed, %s after its end', words, kra.count_text(number, 'day')),
                NULL, kra.grid_end(grid, day) + threshold::integer + 1, number)::kra.fault;
        END IF;
    END IF;

    -- review_without_action: of the latest; no more than a hint where nothing was missed
    IF limits ? 'review_without_action' THEN
        SELECT v.* INTO r FROM kra.reviews v
        WHERE v.subject_id = subject.id AND (v.closed_at AT TIME ZONE 'UTC')::date <= findings_of_subject.as_of
        ORDER BY kra.last_day(v.period_grain, v.period_start) DESC, v.period_start, v.id DESC LIMIT 1;
        IF FOUND AND NOT EXISTS (SELECT FROM kra.actions a WHERE a.review_id = r.id AND (a.created_at AT TIME ZONE 'UTC')::date <= findings_of_subject.as_of) THEN
            SELECT count(*) FILTER (WHERE kra.is_missed(e.actual, e.target, kra.last_day(r.period_grain, r.period_start))) INTO number FROM kra.entries(r.card) e;
            words := kra.grid_label(kra.grid_in_force(r.period_grain), r.period_start, settings.fiscal_year_start_month);
            RETURN NEXT ROW('review_without_action', 'review', kra.about_key(subject.key, words), subject.name || ' / ' || words, subject.id, place.job_role_id, NULL, NULL,
                CASE number WHEN 0 THEN 'info' END,
                format('the review of %s was closed without an action; %s', words, CASE number WHEN 0 THEN 'no target was missed' ELSE kra.count_text(number, 'target') || CASE number WHEN 1 THEN ' was missed' ELSE ' were missed' END END),
                NULL, (r.closed_at AT TIME ZONE 'UTC')::date, number)::kra.fault;
        END IF;
    END IF;

    -- action_overdue
    IF limits ? 'action_overdue' THEN
        RETURN QUERY
        SELECT 'action_overdue', 'action', kra.about_key(subject.key, a.id::text), subject.name || ' / ' || kra.cut_text(a.description), subject.id, NULL::integer, NULL::integer, a.kpi_id, NULL::text,
               format('"%s"%s was due on %s, %s ago', kra.cut_text(a.description), coalesce(' by ' || nullif(o.name, subject.name), ''), a.due_on, kra.count_text(findings_of_subject.as_of - a.due_on, 'day')),
               NULL::text, a.due_on + 1, (findings_of_subject.as_of - a.due_on)::double precision
        FROM kra.actions a
        LEFT JOIN kra.subjects o ON o.id = a.owner_id
        WHERE a.subject_id = subject.id AND a.due_on < findings_of_subject.as_of
          AND (a.done_on IS NULL OR a.done_on > findings_of_subject.as_of) AND (a.created_at AT TIME ZONE 'UTC')::date <= findings_of_subject.as_of
        ORDER BY a.due_on, a.id;
    END IF;
END $$;
COMMENT ON FUNCTION kra.findings_of_subject(integer, date, jsonb) IS 'what is wrong with a subject, its targets, results, reviews and actions on a date, by the rules with the given limits (see kra.rule_limits); nothing of one that is not active then, or that the caller did not see that day';
-- All findings, with the rules they come of and the waivers that silence them.

CREATE FUNCTION kra.findings(as_of date DEFAULT current_date)
RETURNS TABLE (
    row_key text, rule_id text, rule_family text, severity text, severity_code integer,
    about_kind text, about_key text, about_name text,
    subject_key text, subject_name text, job_role_key text, job_role_name text, kra_key text, kra_name text, kpi_key text, kpi_name text,
    message text, hint text, since_date date, evidence_value double precision, threshold_value double precision,
    is_waived boolean, waiver_reason text, waiver_author text, waived_until date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.rule || ':' || f.about_kind || ':' || f.about_key, f.rule, r.family,
           v.severity, CASE v.severity WHEN 'info' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
           f.about_kind, f.about_key, f.about_name,
           f.subject_key, f.subject_name, jr.key, jr.name, ra.key, ra.name, k.key, k.name,
           f.message, coalesce(f.hint, r.hint), f.since, f.evidence, coalesce(st.threshold, r.threshold),
           w.id IS NOT NULL, w.reason, w.author, w.ends_on
    FROM (
        -- An arm each, with the subject's key in it: a question about one subject asks no more than that.
        SELECT s.key AS subject_key, s.name AS subject_name, x.*
        FROM kra.subjects s
        JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= as_of AND tl.valid_until > as_of
        CROSS JOIN LATERAL kra.findings_of_subject(s.id, as_of, (SELECT kra.rule_limits())) x
        WHERE kra.sees(s.id, as_of, as_of)
        UNION ALL
        SELECT NULL, NULL, x.* FROM kra.job_roles o CROSS JOIN LATERAL kra.findings_of_role(o.id, as_of, (SELECT kra.rule_limits())) x WHERE isfinite(as_of)
        UNION ALL
        SELECT NULL, NULL, x.* FROM kra.kpis o CROSS JOIN LATERAL kra.findings_of_kpi(o.id, as_of, (SELECT kra.rule_limits())) x WHERE isfinite(as_of)
    ) f
    JOIN kra.built_in_rules() r ON r.rule = f.rule
    CROSS JOIN LATERAL (SELECT coalesce(f.severity, r.severity) AS severity) v
    LEFT JOIN kra.rule_settings st ON st.rule = f.rule
    LEFT JOIN kra.job_roles jr ON jr.id = f.job_role_id
    LEFT JOIN kra.result_areas ra ON ra.id = f.result_area_id
    LEFT JOIN kra.kpis k ON k.id = f.kpi_id
    LEFT JOIN (
        SELECT DISTINCT ON (w.rule, w.about, w.subject_id) w.* FROM kra.waivers w
        WHERE w.ends_on >= as_of
        ORDER BY w.rule, w.about, w.subject_id, w.ends_on DESC, w.id DESC
    ) w ON w.rule = f.rule AND w.about = f.about_kind || ':' || f.about_key
       AND w.subject_id IS NOT DISTINCT FROM f.subject_id;   -- who does not see a subject cannot silence what is said of it
END;
COMMENT ON FUNCTION kra.findings(date) IS 'rows of kra_bi.findings as they were in force on a date: what the rules find wrong; the columns are described there. None for NULL, and for a day that is not finite. Of subjects those that the caller saw that day, and of results only what he sees. Say kra.findings(as_of => ...): there is one of scorecards, too';

CREATE FUNCTION kra.waive(finding text, reason text, ends_on date) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule_name text := split_part(finding, ':', 1);
    about_what text := substr(finding, length(split_part(finding, ':', 1)) + 2);
    what_kind text := split_part(finding, ':', 2);
    about_subject integer;
BEGIN
    IF finding IS NULL OR reason IS NULL OR ends_on IS NULL THEN
        RAISE EXCEPTION 'finding, reason and ends_on must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM kra.built_in_rules() r WHERE r.rule = rule_name) THEN
        RAISE EXCEPTION 'there is no rule %', quote_literal(rule_name) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A finding is named by its row_key in kra_bi.findings.';
    ELSIF ends_on < current_date THEN
        RAISE EXCEPTION 'a waiver must not end in the past' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF what_kind IN ('subject', 'target', 'review', 'action') THEN
        SELECT s.id INTO about_subject FROM kra.subjects s
        WHERE starts_with(substr(about_what, length(what_kind) + 2) || ' / ', kra.about_key(s.key) || ' / ');
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no finding %', quote_literal(finding) USING ERRCODE = 'no_data_found',
                HINT = 'A finding is named by its row_key in kra_bi.findings.';
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM kra.findings_of_subject(about_subject, current_date, kra.rule_limits()) f
                   WHERE about_subject IS NOT NULL AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding)
       AND NOT EXISTS (SELECT FROM kra.job_roles r CROSS JOIN LATERAL kra.findings_of_role(r.id, current_date, kra.rule_limits()) f
                       WHERE what_kind IN ('role', 'kra') AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding)
       AND NOT EXISTS (SELECT FROM kra.kpis k CROSS JOIN LATERAL kra.findings_of_kpi(k.id, current_date, kra.rule_limits()) f
                       WHERE what_kind = 'kpi' AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding) THEN
        RAISE EXCEPTION 'there is no finding %', quote_literal(finding) USING ERRCODE = 'no_data_found',
            HINT = 'A finding is named by its row_key in kra_bi.findings.';
    END IF;
    INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) VALUES (rule_name, about_what, about_subject, waive.reason, waive.ends_on);
END $$;
COMMENT ON FUNCTION kra.waive(text, text, date) IS 'silences a finding (its row_key in kra_bi.findings) up to and with a day, for a reason; it stays visible as waived. Error when there is none, for an empty reason, and for a day in the past';

CREATE FUNCTION kra.unwaive(finding text) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM kra.waivers w
    WHERE w.rule = split_part(finding, ':', 1) AND w.about = substr(finding, length(split_part(finding, ':', 1)) + 2);
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION kra.unwaive(text) IS 'ends all waivers of a finding (its row_key); false when there was none';
-- The loop: look (review_agenda), talk (check_in, close_review), act (actions, milestones), follow up
-- (compare_reviews, track_record); and the register of KPIs, which says what is looked at.
--
-- Everything runs with the caller's rights: readers check in and complete their own actions, authors
-- do the rest, for the subjects that they see. Lists for people are texts of one line an entry.

CREATE FUNCTION kra.subject_seen(key text) RETURNS kra.subjects LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra.subject_named(key);
BEGIN
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(kra.viewer()), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN s;
END $$;
COMMENT ON FUNCTION kra.subject_seen(text) IS 'the subject with this key, whose results the caller sees; error when there is none, or he does not see them';

CREATE FUNCTION kra.objective_named(key text) RETURNS kra.objectives LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives;
BEGIN
    SELECT * INTO o FROM kra.objectives WHERE key = objective_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'objective % does not exist', coalesce(quote_ident(objective_named.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN o;
END $$;
COMMENT ON FUNCTION kra.objective_named(text) IS 'the objective with this key; error when there is none';

CREATE FUNCTION kra.job_role_named(key text) RETURNS kra.job_roles LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r kra.job_roles;
BEGIN
    SELECT * INTO r FROM kra.job_roles WHERE key = job_role_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role % does not exist', coalesce(quote_ident(job_role_named.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN r;
END $$;
COMMENT ON FUNCTION kra.job_role_named(text) IS 'the role with this key; error when there is none';

CREATE FUNCTION kra.one_line(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT btrim(regexp_replace(words, '\s+', ' ', 'g'));
END;
COMMENT ON FUNCTION kra.one_line(text) IS 'a text on one line: every stretch of white space is one blank; NULL for NULL';

CREATE FUNCTION kra.check_words(what text, words text) RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF words IS NULL THEN
        RAISE EXCEPTION '% must not be null', what USING ERRCODE = 'null_value_not_allowed';
    ELSIF btrim(words, E' \t\n\r') = '' THEN
        RAISE EXCEPTION '% must not be blank', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;
COMMENT ON FUNCTION kra.check_words(text, text) IS 'refuses words that are missing or blank; what: how an error calls them';

CREATE FUNCTION kra.check_day(what text, day date) RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF day IS NULL OR NOT isfinite(day) THEN
        RAISE EXCEPTION '% must be a finite date', what USING ERRCODE = CASE WHEN day IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END;
    END IF;
END $$;
COMMENT ON FUNCTION kra.check_day(text, date) IS 'refuses a day that is missing or infinite; what: how an error calls it';

-- Check-ins.

CREATE FUNCTION kra.check_in(subject text, comment text, kpi text DEFAULT NULL, objective text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra.subject_named(subject);
    today date := (now() AT TIME ZONE 'UTC')::date;
    kpi_id integer;
    objective_id integer;
    result integer;
BEGIN
    PERFORM kra.check_words('comment', comment);
    IF kpi IS NOT NULL THEN
        kpi_id := (kra.kpi_named(kpi)).id;
    END IF;
    IF objective IS NOT NULL THEN
        objective_id := (kra.objective_named(objective)).id;
    END IF;
    IF NOT kra.sees(s.id, today, today) THEN
        RAISE EXCEPTION 'role % may not check in on subject %', quote_ident(kra.viewer()), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege',
            HINT = 'Those may who see the subject today: itself, and who stands above it.';
    END IF;
    INSERT INTO kra.check_ins (subject_id, kpi_id, objective_id, comment) VALUES (s.id, kpi_id, objective_id, comment) RETURNING id INTO result;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.check_in(text, text, text, text) IS 'notes how it goes with a subject (its key), with one KPI or objective or (NULL) all, and returns the id of the note. For who sees the subject today, itself included; error for others, for unknown keys, and for a blank comment';

-- Actions.

CREATE FUNCTION kra.check_acts(subject kra.subjects) RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF NOT kra.sees(subject.id, today, today) THEN
        RAISE EXCEPTION 'role % may not agree on actions about subject %', quote_ident(kra.viewer()), quote_ident(subject.key) USING ERRCODE = 'insufficient_privilege',
            HINT = 'Those may who see the subject today.';
    END IF;
END $$;
COMMENT ON FUNCTION kra.check_acts(kra.subjects) IS 'refuses actions about a subject that the caller does not see today';

CREATE FUNCTION kra.add_action(subject text, description text, owner text, due_on date, kpi text DEFAULT NULL, period text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra.subject_named(add_action.subject);
    who kra.subjects := kra.subject_named(add_action.owner);
    k kra.kpis;
    review integer;
    result integer;
BEGIN
    PERFORM kra.check_words('description', add_action.description);
    PERFORM kra.check_day('due_on', add_action.due_on);
    IF add_action.kpi IS NOT NULL THEN
        k := kra.kpi_named(add_action.kpi);
    END IF;
    PERFORM kra.check_acts(s);
    IF add_action.period IS NOT NULL THEN
        SELECT r.id INTO review FROM kra.period_named(add_action.period) p
        JOIN kra.reviews r ON r.subject_id = s.id AND r.period_grain = kra.grid_grain(p.grid) AND r.period_start = p.period_start;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), add_action.period USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'kra.close_review closes it, with actions.';
        END IF;
    END IF;
    INSERT INTO kra.actions AS a (review_id, subject_id, kpi_id, description, owner_id, due_on)
    VALUES (review, s.id, k.id, add_action.description, who.id, add_action.due_on) RETURNING a.id INTO result;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.add_action(text, text, text, date, text, text) IS 'notes what an owner (a subject''s key) will do about a subject, until when, with one KPI or (NULL) none, and returns the id of the action. period: label of the closed review that it came of; NULL: of none. Error for unknown keys, a review that is not closed, and a subject that the caller does not see today';

CREATE FUNCTION kra.complete_action(id integer, outcome text DEFAULT NULL, done_on date DEFAULT current_date) RETURNS void
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a record;
BEGIN
    PERFORM kra.check_day('done_on', complete_action.done_on);
    SELECT x.done_on, x.created_at::date AS agreed_on, coalesce(s.login = kra.viewer(), false) AS is_mine INTO a
    FROM kra.actions x LEFT JOIN kra.subjects s ON s.id = x.owner_id WHERE x.id = complete_action.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action % does not exist', coalesce(complete_action.id::text, 'NULL') USING ERRCODE = 'undefined_object';
    ELSIF NOT a.is_mine AND NOT kra.is_author() THEN
        RAISE EXCEPTION 'role % may not complete action %', quote_ident(kra.viewer()), complete_action.id USING ERRCODE = 'insufficient_privilege',
            HINT = 'The login of its owner may, and authors.';
    ELSIF a.done_on IS NULL AND complete_action.done_on < a.agreed_on THEN
        RAISE EXCEPTION 'action % cannot be done on %: it was agreed on %', complete_action.id, complete_action.done_on, a.agreed_on USING ERRCODE = 'invalid_parameter_value';
    ELSIF a.done_on IS NULL AND complete_action.done_on > current_date THEN
        RAISE EXCEPTION 'action % cannot be done in the future', complete_action.id USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF a.done_on IS NULL THEN
        UPDATE kra.actions x SET (done_on, outcome) = (complete_action.done_on, complete_action.outcome) WHERE x.id = complete_action.id AND x.done_on IS NULL;
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT x.done_on INTO a FROM kra.actions x WHERE x.id = complete_action.id;   -- by somebody else meanwhile
        IF a.done_on IS NULL THEN
            RAISE EXCEPTION 'role % may not complete action %', quote_ident(kra.viewer()), complete_action.id USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RAISE EXCEPTION 'action % is done already', complete_action.id USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It was done on %s.', a.done_on);
END $$;
COMMENT ON FUNCTION kra.complete_action(integer, text, date) IS 'notes that an action was done, on what day (default: today), and what it brought. For authors, and the login of its owner; error for others, an unknown id, an action that is done, and a day before it was agreed or in the future';

-- Reviews.

CREATE FUNCTION kra.review_actions(actions jsonb) RETURNS TABLE (n bigint, description text, owner_id integer, due_on date, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    f record;
BEGIN
    IF review_actions.actions IS NULL OR review_actions.actions = 'null' THEN
        RETURN;
    ELSIF jsonb_typeof(review_actions.actions) <> 'array' THEN
        PERFORM kra.document_refuse('actions', kra.document_value_fault('list', NULL, NULL, NULL, review_actions.actions), '22023');
    END IF;
    WITH members (m, member, form, is_required) AS (
        VALUES (1, 'description', 'name', true), (2, 'owner', 'key', true), (3, 'due_on', 'date', true), (4, 'kpi', 'key', false)
    ), items AS (
        SELECT format('actions[%s]', l.n - 1) AS path, l.n, l.item FROM jsonb_array_elements(review_actions.actions) WITH ORDINALITY l (item, n)
    )
    SELECT x.path, x.fault, x.errcode, x.hint INTO f FROM (
        SELECT i.n, 0 AS m, i.path, kra.document_value_fault('object', NULL, NULL, NULL, i.item) AS fault, '22023' AS errcode, NULL AS hint
        FROM items i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT i.n, coalesce(m.m, 9), i.path || '.' || CASE WHEN e.key ~ '^[$a-z_]+$' THEN e.key ELSE to_jsonb(e.key)::text END, v.fault,
               CASE WHEN e.value = 'null' THEN '23502' WHEN v.fault LIKE 'unknown _%"' THEN '23503' WHEN m.form = 'date' AND jsonb_typeof(e.value) = 'string' THEN '22007' ELSE '22023' END,
               CASE WHEN m.m IS NULL THEN 'Members are description, owner, due_on, kpi.' END
        FROM items i
        CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item ELSE '{}' END) e
        LEFT JOIN members m ON m.member = e.key
        CROSS JOIN LATERAL (
            SELECT CASE WHEN m.m IS NULL THEN 'unknown member'
                        WHEN e.value = 'null' THEN CASE WHEN m.is_required THEN 'must not be null' END
                        ELSE coalesce(kra.document_value_fault(m.form, NULL, NULL, NULL, e.value),
                                      CASE WHEN m.member = 'owner' AND NOT EXISTS (SELECT FROM kra.subjects s WHERE s.key = e.value #>> '{}') THEN format('unknown subject %s', e.value)
                                           WHEN m.member = 'kpi' AND NOT EXISTS (SELECT FROM kra.kpis k WHERE k.key = e.value #>> '{}') THEN format('unknown KPI %s', e.value) END)
                   END AS fault
        ) v
        WHERE v.fault IS NOT NULL
        UNION ALL
        SELECT i.n, m.m, i.path || '.' || m.member, 'missing', '23502', NULL
        FROM items i JOIN members m ON m.is_required AND NOT i.item ? m.member
        WHERE jsonb_typeof(i.item) = 'object'
    ) x ORDER BY x.n, x.m LIMIT 1;
    IF FOUND THEN
        PERFORM kra.document_refuse(f.path, f.fault, f.errcode, NULL, f.hint);
    END IF;
    RETURN QUERY
    SELECT l.n, l.item->>'description', s.id, (l.item->>'due_on')::date, k.id
    FROM jsonb_array_elements(review_actions.actions) WITH ORDINALITY l (item, n)
    JOIN kra.subjects s ON s.key = l.item->>'owner'
    LEFT JOIN kra.kpis k ON k.key = l.item->>'kpi'
    ORDER BY l.n;
END $$;
COMMENT ON FUNCTION kra.review_actions(jsonb) IS 'the actions that close_review is given, as rows; none for NULL. The message of an error starts with the path of the first fault';

CREATE FUNCTION kra.close_review(subject text, period text, summary text DEFAULT NULL, actions jsonb DEFAULT NULL) RETURNS kra.scorecard
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra.subject_named(subject);
    p record;
    frozen kra.scorecard;
    review integer;
    agreed integer;
    missed integer;
    known integer;
BEGIN
    SELECT * INTO p FROM kra.period_named(period);
    IF p.period_start > current_date THEN
        RAISE EXCEPTION 'the period % has not begun', period USING ERRCODE = 'invalid_parameter_value';
    END IF;
    frozen := kra.scorecard_of(subject, period, current_date, true);
    IF frozen IS NULL THEN
        RAISE EXCEPTION 'subject % has no scorecard in %', quote_ident(subject), period USING ERRCODE = 'no_data_found',
            HINT = 'It needs a role with KPIs in that period, or members who have one.';
    END IF;
    SELECT count(*) INTO agreed FROM kra.review_actions(actions);
    IF agreed > 0 THEN
        PERFORM kra.check_acts(s);
    END IF;
    INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, summary)
    VALUES (s.id, kra.grid_grain(p.grid), p.period_start, frozen, summary)
    ON CONFLICT (subject_id, period_grain, period_start) DO NOTHING
    RETURNING id INTO review;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the review of % in % is closed already', quote_ident(subject), period USING ERRCODE = 'unique_violation',
            HINT = 'kra.add_action adds an action to it.';
    END IF;
    INSERT INTO kra.actions (review_id, subject_id, kpi_id, description, owner_id, due_on)
    SELECT review, s.id, a.kpi_id, a.description, a.owner_id, a.due_on FROM kra.review_actions(actions) a ORDER BY a.n;
    IF kra.grid_end(p.grid, p.period_start) >= current_date THEN
        RAISE WARNING 'the period % is not over: what comes until % is not on the card that was frozen', period, kra.grid_end(p.grid, p.period_start);
    ELSIF coalesce(kra.coverage(frozen), 0) = 0 THEN
        RAISE WARNING 'the card of % in % was frozen without a score: no KPI has both an actual and a target', quote_ident(subject), period;
    END IF;
    IF agreed = 0 THEN
        SELECT count(*) FILTER (WHERE kra.is_missed(e.actual, e.target, kra.grid_end(p.grid, p.period_start))), count(e.met) INTO missed, known FROM kra.entries(frozen) e;
        IF missed > 0 THEN
            RAISE WARNING '% of % targets of % in % missed, and no action agreed: see kra.add_action', missed, known, quote_ident(subject), period
                USING HINT = format('SELECT kra.add_action(%L, ''what'', ''who'', ''until when'', period => %L);', subject, period);
        END IF;
    END IF;
    RETURN frozen;
END $$;
COMMENT ON FUNCTION kra.close_review(text, text, text, jsonb) IS 'closes the review of a subject in a period, with a summary, and freezes its scorecard, which is returned. actions: what was agreed, as [{"description", "owner", "due_on", "kpi"}], the last one optional; a fault is named by its path, and nothing is closed. Where targets were missed and no action is given, it warns. Error when it is closed already or there is no card';

-- Milestones and objectives.

CREATE FUNCTION kra.set_milestone(objective text, key text, name text DEFAULT NULL, weight double precision DEFAULT NULL, owner text DEFAULT NULL, due_on date DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives := kra.objective_named(set_milestone.objective);
    who kra.subjects;
BEGIN
    IF set_milestone.owner IS NOT NULL THEN
        who := kra.subject_named(set_milestone.owner);
    END IF;
    IF set_milestone.key IS NULL OR set_milestone.key = '' THEN
        RAISE EXCEPTION 'key must not be %', CASE WHEN set_milestone.key IS NULL THEN 'null' ELSE 'empty' END
            USING ERRCODE = CASE WHEN set_milestone.key IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END;
    ELSIF set_milestone.name IS NOT NULL THEN
        PERFORM kra.check_words('name', set_milestone.name);
    END IF;
    IF NOT (set_milestone.weight >= 0 AND set_milestone.weight < 'infinity') THEN
        RAISE EXCEPTION 'weight must be finite and not negative' USING ERRCODE = 'numeric_value_out_of_range';
    ELSIF set_milestone.due_on IS NOT NULL THEN
        PERFORM kra.check_day('due_on', set_milestone.due_on);
    END IF;
    IF set_milestone.name IS NULL AND NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = set_milestone.key) THEN
        RAISE EXCEPTION 'objective % has no milestone %', quote_ident(o.key), quote_ident(set_milestone.key) USING ERRCODE = 'undefined_object',
            HINT = 'A new one needs a name.';
    END IF;
    UPDATE kra.milestones m
    SET (name, weight, owner_id, due_on) = (coalesce(set_milestone.name, m.name), coalesce(set_milestone.weight, m.weight), coalesce(who.id, m.owner_id), coalesce(set_milestone.due_on, m.due_on))
    WHERE m.objective_id = o.id AND m.key = set_milestone.key
      AND (m.name, m.weight, m.owner_id, m.due_on) IS DISTINCT FROM
          (coalesce(set_milestone.name, m.name), coalesce(set_milestone.weight, m.weight), coalesce(who.id, m.owner_id), coalesce(set_milestone.due_on, m.due_on));
    IF FOUND THEN
        RETURN true;
    END IF;
    INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on)
    SELECT o.id, set_milestone.key, set_milestone.name, coalesce(set_milestone.weight, 1), who.id, set_milestone.due_on
    WHERE NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = set_milestone.key)
    ON CONFLICT (objective_id, key) DO UPDATE SET (name, weight, owner_id, due_on) = (excluded.name, excluded.weight, excluded.owner_id, excluded.due_on);
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION kra.set_milestone(text, text, text, double precision, text, date) IS 'sets a step towards an objective: name (needed for a new one), weight in the progress (default 1), owner (a subject''s key) and last day. What is NULL is left as it is; kra.define resets it. False when nothing changed, and nothing is written; error for unknown keys';

CREATE FUNCTION kra.complete_milestone(objective text, key text, completed_on date DEFAULT current_date, completion double precision DEFAULT 1) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives := kra.objective_named(complete_milestone.objective);
    on_day date;
BEGIN
    IF complete_milestone.completion BETWEEN 0 AND 1 IS NOT TRUE THEN
        RAISE EXCEPTION 'completion must be a number from 0 to 1' USING ERRCODE = 'numeric_value_out_of_range';
    ELSIF complete_milestone.completion = 1 THEN
        PERFORM kra.check_day('completed_on', complete_milestone.completed_on);
        IF complete_milestone.completed_on > current_date THEN
            RAISE EXCEPTION 'a milestone cannot be reached in the future' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        on_day := complete_milestone.completed_on;
    END IF;
    UPDATE kra.milestones m SET (completion, completed_on) = (complete_milestone.completion, on_day)
    WHERE m.objective_id = o.id AND m.key = complete_milestone.key AND (m.completion, m.completed_on) IS DISTINCT FROM (complete_milestone.completion, on_day);
    IF FOUND THEN
        RETURN true;
    ELSIF NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = complete_milestone.key) THEN
        RAISE EXCEPTION 'objective % has no milestone %', quote_ident(o.key), coalesce(quote_ident(complete_milestone.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN false;
END $$;
COMMENT ON FUNCTION kra.complete_milestone(text, text, date, double precision) IS 'notes that a milestone was reached on a day (default: today), or, with a completion below 1, how much of it is done: then it has no day. False when that was known; error for unknown keys and a day in the future';

CREATE FUNCTION kra.objectives_below(objective_id integer) RETURNS SETOF integer LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    WITH RECURSIVE below (id) AS (
        SELECT objectives_below.objective_id
        UNION
        SELECT o.id FROM below b JOIN kra.objectives o ON o.parent_id = b.id
    )
    SELECT b.id FROM below b;
END;
COMMENT ON FUNCTION kra.objectives_below(integer) IS 'an objective, and all that serve it';

-- An objective's progress is the mean of its milestones and of the objectives that serve it, those with
-- all the weight of their milestones: one mean over all milestones. In numeric, where no weight is too
-- large or too small for another.
CREATE FUNCTION kra.objective_progress(objective_id integer, as_of date DEFAULT current_date) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT round(sum(m.weight::numeric * CASE WHEN m.completed_on > as_of THEN 0 ELSE m.completion::numeric END) / nullif(sum(m.weight::numeric), 0), 15)::double precision
    FROM kra.milestones m
    WHERE m.objective_id IN (SELECT kra.objectives_below(objective_progress.objective_id));
END;
COMMENT ON FUNCTION kra.objective_progress(integer, date) IS 'how much of an objective is done, from 0 to 1: the mean of the completion of its milestones, and those of the objectives that serve it, by their weights. One that was reached after as_of counts as not begun; what is partly done has no day, and counts as today. NULL without a milestone of any weight';

CREATE FUNCTION kra.objective_results(as_of date DEFAULT current_date)
RETURNS TABLE (row_key text, objective_key text, objective_name text, objective_path text, parent_key text, subject_key text, subject_name text,
    starts_date date, due_date date, progress_pct double precision, milestone_count integer, completed_milestone_count integer, overdue_milestone_count integer,
    kpi_count integer, expected_pct double precision, is_behind boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.key, o.key, o.name, up.path, p.key, s.key, s.name, o.starts_on, o.due_on, v.progress, m.milestones, m.completed, m.overdue, k.kpis,
           v.expected, v.progress < v.expected - 1e-9
    FROM kra.objectives o
    LEFT JOIN kra.objectives p ON p.id = o.parent_id
    LEFT JOIN kra.subjects s ON s.id = o.subject_id
    CROSS JOIN LATERAL (
        WITH RECURSIVE up (id, parent_id, name, n) AS (
            SELECT o.id, o.parent_id, o.name, 1
            UNION ALL
            SELECT a.id, a.parent_id, a.name, up.n + 1 FROM up JOIN kra.objectives a ON a.id = up.parent_id
        )
        SELECT string_agg(up.name, ' / ' ORDER BY up.n DESC) AS path FROM up
    ) up
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS milestones, (count(*) FILTER (WHERE m.completed_on <= as_of))::integer AS completed,
               (count(*) FILTER (WHERE m.due_on < as_of AND (m.completed_on IS NULL OR m.completed_on > as_of)))::integer AS overdue
        FROM kra.milestones m WHERE m.objective_id IN (SELECT kra.objectives_below(o.id))
    ) m
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS kpis FROM kra.kpis k WHERE k.state = 'active' AND k.objective_id IN (SELECT kra.objectives_below(o.id))
    ) k
    CROSS JOIN LATERAL (
        SELECT kra.objective_progress(o.id, as_of) AS progress,
               CASE WHEN as_of >= o.due_on AND o.starts_on IS NOT NULL THEN 1 WHEN as_of <= o.starts_on AND o.due_on IS NOT NULL THEN 0
                    ELSE (as_of - o.starts_on)::double precision / (o.due_on - o.starts_on) END AS expected
        OFFSET 0   -- once an objective
    ) v;
END;
COMMENT ON FUNCTION kra.objective_results(date) IS 'rows of kra_bi.objectives as they were on a date: a row per objective; the columns are described there';

-- The register: what is a candidate, what is measured, what was given up, and why.

CREATE FUNCTION kra.promote(kpi text, reason text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra.kpi_named(kpi);
BEGIN
    PERFORM kra.check_words('reason', reason);
    UPDATE kra.kpis SET (state, state_reason, state_since) = ('active', reason, current_date) WHERE id = k.id AND state <> 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % is active already', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;
COMMENT ON FUNCTION kra.promote(text, text) IS 'makes a candidate, or a retired KPI, an active one from today on, for a reason; error when it is active';

CREATE FUNCTION kra.retire(kpi text, reason text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra.kpi_named(kpi);
    holders text;
BEGIN
    PERFORM kra.check_words('reason', reason);
    UPDATE kra.kpis SET (state, state_reason, state_since) = ('retired', reason, current_date) WHERE id = k.id AND state <> 'retired';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % is retired already', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT string_agg(DISTINCT quote_ident(r.key), ', ') INTO holders
    FROM kra.role_kpis x JOIN kra.job_roles r ON r.id = x.job_role_id
    WHERE x.kpi_id = k.id AND x.is_active AND x.effective_until > current_date;
    IF holders IS NOT NULL THEN
        RAISE NOTICE 'KPI % still stands on the cards of %', quote_ident(k.key), holders USING HINT = 'Take it off with kra.define.';
    END IF;
END $$;
COMMENT ON FUNCTION kra.retire(text, text) IS 'gives a KPI up from today on, for a reason, and names the roles whose cards still hold it; error when it is retired';

CREATE FUNCTION kra.revisit(kpi text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE kra.kpis SET (revisited_on, revisit_note) = (current_date, note) WHERE id = (kra.kpi_named(kpi)).id;
END $$;
COMMENT ON FUNCTION kra.revisit(text, text) IS 'notes that somebody asked today whether a KPI (its key) is still the right one, and what the answer was; error when there is none';

CREATE FUNCTION kra.revisit(job_role text, kra text, note text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r kra.job_roles := kra.job_role_named(job_role);
BEGIN
    UPDATE kra.result_areas a SET (revisited_on, revisit_note) = (current_date, note)
    WHERE a.id = (SELECT x.id FROM kra.result_areas x WHERE x.job_role_id = r.id AND revisit.kra IN (x.key, x.name) ORDER BY x.key = revisit.kra DESC LIMIT 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role % has no KRA %', quote_ident(r.key), coalesce(quote_ident(revisit.kra), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
END $$;
COMMENT ON FUNCTION kra.revisit(text, text, text) IS 'notes that somebody asked today whether a KRA (its key or name) is still the right one for a role (its key), and what the answer was (NULL: nothing); error when there is none';

CREATE FUNCTION kra.kpi_register(as_of date DEFAULT current_date)
RETURNS TABLE (row_key text, kpi_key text, kpi_name text, kpi_kind text, state text, state_reason text, state_date date, day_count integer,
    owner_key text, owner_name text, card_count integer, first_data_date date, last_data_date date, revisited_date date, revisit_note text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT k.key, k.key, k.name, k.kind::text, k.state, k.state_reason, k.state_since, greatest(as_of - k.state_since, 0), w.key, w.name, c.cards,
           d.first_start,
           CASE WHEN d.last_start IS NULL THEN NULL WHEN kra.grid_end(k.grid, d.last_start) <= as_of THEN kra.grid_end(k.grid, d.last_start)
                ELSE least((SELECT coalesce(max((kra.last_at(m.actual) AT TIME ZONE 'UTC')::date), d.last_start) FROM kra.measurements m
                            WHERE m.kpi_id = k.id AND m.period_start = d.last_start), as_of) END,
           k.revisited_on, k.revisit_note
    FROM kra.kpis k
    LEFT JOIN LATERAL (
        SELECT x.subject_id FROM kra.kpi_owners x WHERE x.kpi_id = k.id AND x.effective_from <= as_of ORDER BY x.effective_from DESC LIMIT 1
    ) o ON true
    LEFT JOIN kra.subjects w ON w.id = o.subject_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT x.job_role_id)::integer AS cards FROM kra.role_kpis x
        WHERE x.kpi_id = k.id AND x.is_active AND x.effective_from <= as_of AND x.effective_until > as_of
    ) c
    LEFT JOIN (
        SELECT m.kpi_id, min(m.period_start) AS first_start, max(m.period_start) AS last_start FROM kra.measurements m WHERE m.period_start <= as_of GROUP BY m.kpi_id
    ) d ON d.kpi_id = k.id;
END;
COMMENT ON FUNCTION kra.kpi_register(date) IS 'rows of kra_bi.kpi_register, with cards and data as they were on a date: a row per KPI; the columns are described there';

-- The agenda.

CREATE FUNCTION kra.spark(kpi_id integer, subject_id integer, grid smallint, period_start date, upto date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    h record;
    points double precision[];
    at date;
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RETURN NULL;
    END IF;
    SELECT x.starts, x.actuals INTO h FROM kra.history(kpi_id, subject_id, grid, period_start, upto, (SELECT s.history_periods FROM kra.settings_in_force s)) x;
    IF cardinality(h.starts) < 2 THEN
        RETURN NULL;
    END IF;
    at := h.starts[1];
    WHILE at <= h.starts[cardinality(h.starts)] LOOP   -- a period without data is a gap
        points := points || h.actuals[array_position(h.starts, at)];
        at := kra.grid_shift(grid, at, 1);
    END LOOP;
    RETURN kra.sparkline(points);
END $$;
COMMENT ON FUNCTION kra.spark(integer, integer, smallint, date, date) IS 'sparkline of a subject with a KPI: as many periods up to and with this one as the settings keep in view, gaps as dots; NULL under 2 values, and where the database is not in UTF8';

CREATE FUNCTION kra.signal_text(signal text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE signal
        WHEN 'beyond_low' THEN 'lies below its natural limits' WHEN 'beyond_high' THEN 'lies above its natural limits'
        WHEN 'trend_down' THEN 'falls steadily' WHEN 'trend_up' THEN 'rises steadily'
        WHEN 'near_low' THEN 'lies close to its lower limit' WHEN 'near_high' THEN 'lies close to its upper limit'
        WHEN 'run_below' THEN 'stays below its centre' WHEN 'run_above' THEN 'stays above its centre'
        WHEN 'avoiding' THEN 'keeps away from its centre' WHEN 'hugging' THEN 'keeps close to its centre' WHEN 'alternating' THEN 'goes up and down by turns' END;
END;
COMMENT ON FUNCTION kra.signal_text(text) IS 'a signal in words; NULL for none and trial';

CREATE FUNCTION kra.score_text(card kra.scorecard) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.score_text(v.score, v.coverage)
    FROM (SELECT kra.score(card, NULL, 1.2, x.min_coverage) AS score, coalesce(kra.coverage(card), 0) AS coverage FROM kra.settings_in_force x) v;
END;
COMMENT ON FUNCTION kra.score_text(kra.scorecard) IS 'score and coverage of a card in words, as kra_bi.scorecards has them';

CREATE FUNCTION kra.findings_about(subject_id integer, as_of date, job_role_id integer, kpi_ids integer[])
RETURNS TABLE (severity text, about_name text, message text, hint text, result_area_id integer, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT f.severity, f.about_name, f.message, f.hint, f.result_area_id, f.kpi_id
    FROM kra.findings_around(findings_about.subject_id, findings_about.job_role_id, findings_about.kpi_ids, findings_about.as_of) f
    WHERE NOT f.is_waived
    ORDER BY f.severity_code DESC, f.rule_id, f.about_name;
END $$;
COMMENT ON FUNCTION kra.findings_about(integer, date, integer, integer[]) IS 'findings that a review of a subject should know: those about the subject, its role (NULL: none) and these KPIs, the most severe first, without those that are waived';

CREATE FUNCTION kra.review_agenda(subject text, period text, as_of date DEFAULT current_date)
RETURNS TABLE (kra text, asked text, came text, trend text, open_actions text, finding_texts text, check_ins text, questions text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra.subject_seen(review_agenda.subject);
    p record;
    upto date;
    runs boolean;
    grain text;
    whole kra.scorecard;
    before kra.scorecard;
    role_id integer;
    kpi_ids integer[];
    lines jsonb;
    acts jsonb;
    faults jsonb;
    notes jsonb;
    is_asked boolean;
BEGIN
    PERFORM kra.check_words('period', review_agenda.period);
    PERFORM kra.check_day('as_of', review_agenda.as_of);
    SELECT * INTO p FROM kra.period_named(review_agenda.period);
    IF p.period_start > review_agenda.as_of THEN
        RAISE EXCEPTION 'the period % has not begun', review_agenda.period USING ERRCODE = 'invalid_parameter_value';
    END IF;
    upto := least(kra.grid_end(p.grid, p.period_start), review_agenda.as_of);
    runs := upto < kra.grid_end(p.grid, p.period_start);
    grain := kra.grid_grain(p.grid);
    whole := kra.scorecard_of(review_agenda.subject, review_agenda.period, review_agenda.as_of, true);
    IF whole IS NULL THEN
        RAISE EXCEPTION 'subject % has no scorecard in %', quote_ident(s.key), review_agenda.period USING ERRCODE = 'no_data_found',
            HINT = 'It needs a role with KPIs in that period, or members who have one.';
    END IF;
    before := kra.scorecard_of(review_agenda.subject, kra.grid_label(p.grid, kra.grid_shift(p.grid, p.period_start, -1),
        (SELECT x.fiscal_year_start_month FROM kra.settings_in_force x)), review_agenda.as_of, true);

    -- a line for each KPI of the card, and for what is measured besides
    WITH results AS MATERIALIZED (
        SELECT * FROM kra.kpi_results(review_agenda.as_of) r
        WHERE r.subject_key = s.key AND r.period_grain = grain AND r.period_start = p.period_start
    )
    SELECT jsonb_agg(jsonb_build_object(
               'kra', c.result_area, 'kra_key', c.result_area_key, 'kpi_id', k.id, 'kpi', kra.one_line(k.name), 'kind', k.kind, 'drives', k.drives_kpi_id,
               'role_id', c.job_role_id, 'target', kra.target_text(c.target, k.unit),
               -- a sum that still runs may yet meet its target
               'met', CASE WHEN NOT kra.is_missed(c.actual, c.target, upto) OR NOT runs OR k.over_time NOT IN ('sum', 'count') OR kra.direction(c.target) = 'at_most' THEN NOT kra.is_missed(c.actual, c.target, upto) END,
               'attainment', kra.attainment(c.actual, c.target), 'actual', kra.value_text(c.actual, k.unit), 'misses', r.misses_count,
               'moved', r.is_target_moved, 'is_late', NOT runs OR r.is_stale IS NOT FALSE, 'last_data', coalesce(r.last_data_date, kra.freshest(k.id, s.id, review_agenda.as_of)),
               'direction', r.trend_direction, 'meaning', r.trend_meaning, 'signal', kra.signal_text(r.signal), 'signal_meaning', r.signal_meaning,
               'context', coalesce(r.context, kra.context(c.actual, c.target, NULL, k.unit)),
               'spark', CASE WHEN runs AND k.over_time IN ('sum', 'count')
                        THEN kra.spark(k.id, s.id, p.grid, kra.grid_shift(p.grid, p.period_start, -1), p.period_start - 1)
                        ELSE kra.spark(k.id, s.id, p.grid, p.period_start, upto) END)
               ORDER BY c.area_position, c.result_area_key COLLATE "C", c.kpi_position, k.key COLLATE "C")
    INTO lines
    FROM kra.card(s.id, p.grid, p.period_start, upto) c
    JOIN kra.kpis k ON k.id = c.kpi_id
    LEFT JOIN results r ON r.kpi_key = k.key;
    SELECT max((l->>'role_id')::integer), array_agg((l->>'kpi_id')::integer) INTO role_id, kpi_ids FROM jsonb_array_elements(lines) l;

    -- what is open, and what was done since the period began
    SELECT jsonb_agg(jsonb_build_object(
               'kpi_id', a.kpi_id, 'what', kra.one_line(a.description), 'due_on', a.due_on, 'outcome', kra.one_line(a.outcome),
               'is_done', a.done_on <= review_agenda.as_of, 'who', coalesce(kra.one_line(o.name), 'somebody else'))
               ORDER BY a.due_on, a.id) INTO acts
    FROM kra.actions a LEFT JOIN kra.subjects o ON o.id = a.owner_id
    WHERE a.subject_id = s.id AND (review_agenda.as_of >= current_date OR (a.created_at AT TIME ZONE 'UTC')::date <= review_agenda.as_of)
      AND (a.done_on IS NULL OR a.done_on >= p.period_start);
    SELECT jsonb_agg(jsonb_build_object('kpi_id', c.kpi_id,
               'text', format('%s %s: %s%s', (c.checked_at AT TIME ZONE 'UTC')::date, kra.one_line(c.checked_by), kra.one_line(c.comment), coalesce(' (objective ' || kra.one_line(o.name) || ')', '')))
               ORDER BY c.checked_at, c.id) INTO notes
    FROM kra.check_ins c LEFT JOIN kra.objectives o ON o.id = c.objective_id
    WHERE c.subject_id = s.id AND (c.checked_at AT TIME ZONE 'UTC')::date >= p.period_start
      AND (review_agenda.as_of >= current_date OR (c.checked_at AT TIME ZONE 'UTC')::date <= review_agenda.as_of);
    SELECT jsonb_agg(jsonb_build_object('kpi_id', f.kpi_id, 'kra_key', ra.key,
               'text', kra.one_line(format('%s: %s %s. %s', f.severity, f.about_name, f.message, f.hint))) ORDER BY f.n) INTO faults
    FROM kra.findings_about(s.id, review_agenda.as_of, role_id, kpi_ids) WITH ORDINALITY f (severity, about_name, message, hint, result_area_id, kpi_id, n)
    LEFT JOIN kra.result_areas ra ON ra.id = f.result_area_id;

    -- effort that meets its target while the outcome that it drives does not
    is_asked := EXISTS (
        SELECT FROM jsonb_array_elements(lines) a JOIN jsonb_array_elements(lines) o ON (o->>'kpi_id') = (a->>'drives')
        WHERE a->>'kind' = 'activity' AND (a->>'met')::boolean AND NOT (o->>'met')::boolean AND (a->>'attainment')::numeric - (o->>'attainment')::numeric >= 0.1);

    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT coalesce(l->>'kra_key', '') AS area, l->>'kra' AS area_name, n, l, (l->>'kpi_id')::integer AS kpi_id, l->>'kpi' AS kpi, (l->>'met')::boolean AS met
        FROM jsonb_array_elements(lines) WITH ORDINALITY e (l, n)
    ), areas AS (
        SELECT x.area, max(x.area_name) AS area_name, min(x.n) AS n FROM line x WHERE x.area <> '' GROUP BY x.area
        UNION ALL
        SELECT '', NULL, NULL   -- what concerns the whole card
    ), act AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (a->>'kpi_id')::integer), '') AS area, n, a FROM jsonb_array_elements(acts) WITH ORDINALITY e (a, n)
    ), note AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (c->>'kpi_id')::integer), '') AS area, n, c->>'text' AS said FROM jsonb_array_elements(notes) WITH ORDINALITY e (c, n)
    ), fault AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (f->>'kpi_id')::integer), (SELECT max(x.area) FROM line x WHERE x.area = f->>'kra_key'), '') AS area,
               n, f->>'text' AS said
        FROM jsonb_array_elements(faults) WITH ORDINALITY e (f, n)
    ), question AS (
        -- what to ask, the most pressing first
        SELECT x.area, 1 AS rank, x.n, format('What drives %s, which missed its target of %s for %s %ss?', x.kpi, x.l->>'target', x.l->>'misses', grain) AS asked
        FROM line x WHERE NOT x.met AND (x.l->>'misses')::integer > 1
        UNION ALL
        SELECT x.area, 1, x.n, format('What kept %s from its target of %s?', x.kpi, x.l->>'target') FROM line x WHERE NOT x.met AND coalesce((x.l->>'misses')::integer, 1) <= 1
        UNION ALL
        SELECT x.area, 2, x.n, format('%s is at %s %%, %s, which it is to drive, at %s %%: what else would move %s?', x.kpi, round((x.l->>'attainment')::numeric * 100), o.kpi,
                                      round((o.l->>'attainment')::numeric * 100), o.kpi)
        FROM line x JOIN line o ON o.kpi_id = (x.l->>'drives')::integer
        WHERE x.l->>'kind' = 'activity' AND x.met AND NOT o.met AND (x.l->>'attainment')::numeric - (o.l->>'attainment')::numeric >= 0.1
        UNION ALL
        SELECT '', 2, 0, format('Activity is at %s %%, the outcomes at %s %%: what else would move them?', round((i.activity_attainment * 100)::numeric), round((i.outcome_attainment * 100)::numeric))
        FROM kra.imbalance(whole) i WHERE i.flag = 'busy_not_moving' AND NOT is_asked AND NOT runs
        UNION ALL
        SELECT x.area, 3, x.n, CASE WHEN x.l->>'last_data' IS NULL THEN format('There are no data for %s: who measures it, and from when on?', x.kpi)
                                    ELSE format('No data for %s since %s: who measures it?', x.kpi, x.l->>'last_data') END
        FROM line x WHERE x.l->>'actual' IS NULL AND (x.l->>'is_late')::boolean AND x.area <> ''
        UNION ALL
        SELECT x.area, 3, x.n, format('%s has no target: what would be good?', x.kpi) FROM line x WHERE x.l->>'target' IS NULL AND x.area <> ''
        UNION ALL
        SELECT x.area, 4, x.n, format('What keeps "%s", due on %s, from being done?', x.a->>'what', x.a->>'due_on')
        FROM act x WHERE (x.a->>'is_done')::boolean IS NOT TRUE AND (x.a->>'due_on')::date < review_agenda.as_of
        UNION ALL
        SELECT x.area, 5, x.n, format('What did "%s" bring?', x.a->>'what') FROM act x WHERE (x.a->>'is_done')::boolean AND coalesce(x.a->>'outcome', '') = ''
        UNION ALL
        SELECT x.area, 6, x.n, format('The target of %s was changed after the %s began: why?', x.kpi, grain) FROM line x WHERE (x.l->>'moved')::boolean
        UNION ALL
        SELECT x.area, 7, x.n, CASE x.l->>'signal_meaning' WHEN 'improvement' THEN format('%s %s: what has changed for the better, and will it last?', x.kpi, x.l->>'signal')
                                    ELSE format('%s %s: what has changed?', x.kpi, x.l->>'signal') END
        FROM line x WHERE x.met AND x.l->>'signal' IS NOT NULL AND x.l->>'signal_meaning' IN ('improvement', 'concern')
    )
    SELECT r.area_name,
           (SELECT string_agg(format('%s: %s', x.kpi, coalesce(x.l->>'target', 'no target')), E'\n' ORDER BY x.n) FROM line x WHERE x.area = r.area),
           concat_ws(E'\n', CASE WHEN r.area = '' THEN 'The whole card: ' || kra.score_text(whole) END,
               (SELECT string_agg(format('%s: %s', x.kpi, x.l->>'context'), E'\n' ORDER BY x.n) FROM line x WHERE x.area = r.area)),
           nullif(concat_ws(E'\n', CASE WHEN r.area = '' THEN 'The whole card: ' || kra.score_text(before) || ' in the ' || grain || ' before' END,
               (SELECT string_agg(format('%s: %s', x.kpi, concat_ws(', ',
                           CASE x.l->>'direction' WHEN 'no_trend' THEN 'no trend' ELSE x.l->>'direction' || coalesce(' (' || nullif(x.l->>'meaning', 'neutral') || ')', '') END,
                           x.l->>'signal' || coalesce(' (' || nullif(x.l->>'signal_meaning', 'neutral') || ')', ''), x.l->>'spark')), E'\n' ORDER BY x.n)
                FROM line x WHERE x.area = r.area AND concat(x.l->>'direction', x.l->>'signal', x.l->>'spark') <> '')), ''),
           (SELECT string_agg(format('%s (%s, by %s%s)', x.a->>'what', x.a->>'who', x.a->>'due_on', CASE WHEN (x.a->>'due_on')::date < review_agenda.as_of THEN ', overdue' END), E'\n' ORDER BY x.n)
            FROM act x WHERE x.area = r.area AND (x.a->>'is_done')::boolean IS NOT TRUE),
           (SELECT string_agg(x.said, E'\n' ORDER BY x.n) FROM fault x WHERE x.area = r.area),
           (SELECT string_agg(x.said, E'\n' ORDER BY x.n) FROM note x WHERE x.area = r.area),
           (SELECT string_agg(q.asked, E'\n' ORDER BY q.rank, q.n) FROM (SELECT * FROM question x WHERE x.area = r.area ORDER BY x.rank, x.n LIMIT 5) q)
    FROM areas r
    ORDER BY r.n NULLS LAST;
END $$;
COMMENT ON FUNCTION kra.review_agenda(text, text, date) IS 'what to talk about in the review of a subject (its key) in a period (its label), KRA by KRA in the order of its card, and last, with kra NULL, what concerns the whole card. Texts of one line an entry, NULL for nothing: asked (targets), came (results in their context), trend (direction, signal and sparkline), open_actions, finding_texts (the most severe first), check_ins (since the period began), questions (the 5 most pressing). As of a date: what was known then. Error for unknown keys, a subject whose results the caller does not see, one without a card, and a period that has not begun';

-- What came of it.

CREATE FUNCTION kra.compare_reviews(subject text, period text, previous text DEFAULT NULL)
RETURNS TABLE (kra text, kpi text, kpi_name text, change text, before_value text, after_value text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra.subject_seen(compare_reviews.subject);
    p record;
    q record;
    new kra.reviews;
    old kra.reviews;
BEGIN
    PERFORM kra.check_words('period', compare_reviews.period);
    SELECT * INTO p FROM kra.period_named(compare_reviews.period);
    SELECT * INTO new FROM kra.reviews r WHERE r.subject_id = s.id AND r.period_grain = kra.grid_grain(p.grid) AND r.period_start = p.period_start;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), compare_reviews.period USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'kra.close_review closes it.';
    END IF;
    IF compare_reviews.previous IS NULL THEN
        SELECT * INTO old FROM kra.reviews r
        WHERE r.subject_id = s.id AND r.period_grain = new.period_grain AND r.period_start < new.period_start ORDER BY r.period_start DESC LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no review of % is closed before that of %', quote_ident(s.key), compare_reviews.period USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    ELSE
        SELECT * INTO q FROM kra.period_named(compare_reviews.previous);
        IF q.grid <> p.grid OR q.period_start >= p.period_start THEN
            RAISE EXCEPTION '% is no % before %', compare_reviews.previous, new.period_grain, compare_reviews.period USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT * INTO old FROM kra.reviews r WHERE r.subject_id = s.id AND r.period_grain = new.period_grain AND r.period_start = q.period_start;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), compare_reviews.previous USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'kra.close_review closes it.';
        END IF;
    END IF;
    RETURN QUERY SELECT NULL::text, NULL::text, NULL::text, 'score', kra.score_text(old.card), kra.score_text(new.card);
    RETURN QUERY
    SELECT d.kra, d.kpi, k.name, d.change,
           CASE d.change WHEN 'actual_changed' THEN kra.value_text(d.before_value::double precision, k.unit) ELSE d.before_value END,
           CASE d.change WHEN 'actual_changed' THEN kra.value_text(d.after_value::double precision, k.unit) ELSE d.after_value END
    FROM kra.diff(old.card, new.card) WITH ORDINALITY d (kra, kpi, change, before_value, after_value, n)
    LEFT JOIN kra.kpis k ON k.key = d.kpi
    ORDER BY d.n;
    RETURN QUERY
    SELECT coalesce((new.card OPERATOR(kra.->) k.key).kra, (old.card OPERATOR(kra.->) k.key).kra), k.key, k.name,
           CASE WHEN a.done_on IS NOT NULL THEN 'action_done' WHEN a.due_on < current_date THEN 'action_overdue' ELSE 'action_open' END,
           format('%s (%s, by %s)', kra.one_line(a.description), coalesce(kra.one_line(o.name), 'somebody else'), a.due_on),
           CASE WHEN a.done_on IS NOT NULL THEN format('done on %s%s%s', a.done_on, CASE WHEN a.done_on > a.due_on THEN ', late' END, ': ' || nullif(kra.one_line(a.outcome), '')) END
    FROM kra.actions a
    LEFT JOIN kra.kpis k ON k.id = a.kpi_id
    LEFT JOIN kra.subjects o ON o.id = a.owner_id
    WHERE a.review_id = old.id
    ORDER BY a.id;
END $$;
COMMENT ON FUNCTION kra.compare_reviews(text, text, text) IS 'what changed between two closed reviews of a subject, by their frozen cards: that of a period, and that of previous (NULL: the one closed before it, of the same length). First the score (change score), then what kra.diff finds, KPI by KPI, then what became of the actions of the earlier review (action_done, action_open, action_overdue). Error where a review is not closed';

CREATE FUNCTION kra.role_scope(job_role_id integer, as_of date)
RETURNS TABLE (result_area_id integer, key text, name text, scope text, "position" integer, kpis text, kpi_count integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ra.id, ra.key, ra.name, ra.scope, ra.position,
           string_agg(format('%s (%s)', kra.one_line(k.name), concat_ws(', ', round(x.weight * 100 / nullif(x.whole, 0)) || '%', coalesce(kra.target_text(x.target, k.unit), 'no target'))),
                      E'\n' ORDER BY x.weight DESC, kra.one_line(k.name) COLLATE "C"), count(k.id)::integer
    FROM kra.result_areas ra
    LEFT JOIN (
        SELECT o.result_area_id, o.kpi_id, o.weight::numeric AS weight, o.target, sum(o.weight::numeric) OVER () AS whole
        FROM kra.role_kpis o JOIN kra.kpis c ON c.id = o.kpi_id AND c.state <> 'candidate'
        WHERE o.job_role_id = role_scope.job_role_id AND o.is_active AND o.effective_from <= as_of AND o.effective_until > as_of
    ) x ON x.result_area_id = ra.id
    LEFT JOIN kra.kpis k ON k.id = x.kpi_id
    WHERE ra.job_role_id = role_scope.job_role_id
      AND (x.kpi_id IS NOT NULL OR NOT EXISTS (SELECT FROM kra.result_area_kpis o WHERE o.result_area_id = ra.id))   -- else it was given up
    GROUP BY ra.id, ra.key, ra.name, ra.scope, ra.position;   -- by ra.id alone it would depend on the primary key, and a parallel restore would lose its grants
END;
COMMENT ON FUNCTION kra.role_scope(integer, date) IS 'KRAs of a role on a date, with their scope, and their KPIs as lines of name, share of the weight of the card, and target';

CREATE FUNCTION kra.role_scope_diff(role_a text, role_b text, as_of date DEFAULT current_date)
RETURNS TABLE (kra text, scope_a text, scope_b text, kpis_a text, kpis_b text, change text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 6 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a kra.job_roles := kra.job_role_named(role_scope_diff.role_a);
    b kra.job_roles := kra.job_role_named(role_scope_diff.role_b);
    in_a jsonb;
    in_b jsonb;
    pairs jsonb := '{}';
    taken integer[] := '{}';
    x record;
    found_id integer;
BEGIN
    PERFORM kra.check_day('as_of', role_scope_diff.as_of);
    SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO in_a FROM kra.role_scope(a.id, role_scope_diff.as_of) r;
    SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO in_b FROM kra.role_scope(b.id, role_scope_diff.as_of) r;

    -- the same key, else the same name; each once
    FOR x IN
        SELECT way, l.result_area_id, CASE way WHEN 1 THEN lower(l.key) ELSE lower(l.name) END AS word
        FROM generate_series(1, 2) way CROSS JOIN jsonb_to_recordset(in_a) l (result_area_id integer, key text, name text, "position" integer)
        ORDER BY way, l.position, l.key COLLATE "C"
    LOOP
        CONTINUE WHEN pairs ? x.result_area_id::text;
        SELECT r.result_area_id INTO found_id FROM jsonb_to_recordset(in_b) r (result_area_id integer, key text, name text, "position" integer)
        WHERE CASE x.way WHEN 1 THEN lower(r.key) ELSE lower(r.name) END = x.word AND r.result_area_id <> ALL (taken)
        ORDER BY r.position, r.key COLLATE "C" LIMIT 1;
        IF FOUND THEN
            pairs := pairs || jsonb_build_object(x.result_area_id::text, found_id);
            taken := taken || found_id;
        END IF;
    END LOOP;

    RETURN QUERY SELECT NULL::text, v.a, v.b, v.card_a, v.card_b, CASE WHEN v.a IS DISTINCT FROM v.b THEN 'other purpose or level' ELSE 'same' END
    FROM (SELECT nullif(concat_ws(E'\n', 'level ' || kra.one_line(a.level), kra.one_line(a.purpose)), '') AS a,
                 nullif(concat_ws(E'\n', 'level ' || kra.one_line(b.level), kra.one_line(b.purpose)), '') AS b,
                 (SELECT format('%s KRAs, %s KPIs', count(*), coalesce(sum((r->>'kpi_count')::integer), 0)) FROM jsonb_array_elements(in_a) r) AS card_a,
                 (SELECT format('%s KRAs, %s KPIs', count(*), coalesce(sum((r->>'kpi_count')::integer), 0)) FROM jsonb_array_elements(in_b) r) AS card_b) v;
    RETURN QUERY
    SELECT coalesce(l.name, r.name), l.scope, r.scope, l.kpis, r.kpis,
           CASE WHEN r.result_area_id IS NULL THEN 'only a' WHEN l.result_area_id IS NULL THEN 'only b'
                WHEN l.scope IS DISTINCT FROM r.scope AND l.kpis IS DISTINCT FROM r.kpis THEN 'other scope and KPIs'
                WHEN l.scope IS DISTINCT FROM r.scope THEN 'other scope' WHEN l.kpis IS DISTINCT FROM r.kpis THEN 'other KPIs' ELSE 'same' END
    FROM jsonb_to_recordset(in_a) l (result_area_id integer, key text, name text, scope text, "position" integer, kpis text)
    FULL JOIN jsonb_to_recordset(in_b) r (result_area_id integer, key text, name text, scope text, "position" integer, kpis text)
        ON r.result_area_id = (pairs->>(l.result_area_id::text))::integer
    ORDER BY l.position, l.key COLLATE "C", r.position, r.key COLLATE "C";
END $$;
COMMENT ON FUNCTION kra.role_scope_diff(text, text, date) IS 'two roles side by side on a date, such as before a promotion: first, with kra NULL, their levels and purposes, then KRA by KRA (those of the same key, else the same name, whatever the case) the scope and the KPIs, as lines of name, share of the weight and target. change: other purpose or level, only a, only b, other scope, other KPIs, other scope and KPIs, or same; error for unknown roles';

CREATE FUNCTION kra.track_record(subject text, as_of date DEFAULT current_date)
RETURNS TABLE (year_label text, score_value double precision, coverage_pct double precision, kpi_count integer, on_target_count integer, reviews_closed_count integer,
    actions_count integer, actions_done_count integer, actions_on_time_count integer, milestones_count integer, milestones_on_time_count integer, misses text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra.subject_seen(track_record.subject);
    day date := track_record.as_of;
BEGIN
    PERFORM kra.check_day('as_of', day);
    RETURN QUERY
    WITH years AS MATERIALIZED (
        SELECT y.period_label, y.period_start, y.period_end FROM kra.periods(day) y WHERE y.period_grain = 'year'
    ), cards AS MATERIALIZED (
        SELECT c.period_start, c.score_value, c.coverage_pct, c.kpi_count FROM kra.scorecards(day) c WHERE c.subject_key = s.key AND c.period_grain = 'year'
    ), results AS MATERIALIZED (
        SELECT r.period_start, sum(r.on_target_count)::integer AS met,
               string_agg(format('%s (%s)', kra.one_line(r.kpi_name), concat_ws(' vs. ', r.actual_text, r.target_text)), E'\n' ORDER BY r.attainment_pct, r.kpi_name COLLATE "C")
                   FILTER (WHERE NOT r.is_on_target) AS misses
        FROM kra.kpi_results(day) r WHERE r.subject_key = s.key AND r.period_grain = 'year' AND r.is_on_card GROUP BY r.period_start
    ), closed AS MATERIALIZED (
        SELECT r.period_start FROM kra.reviews r
        WHERE r.subject_id = s.id AND (day >= current_date OR (r.closed_at AT TIME ZONE 'UTC')::date <= day)
    ), acts AS MATERIALIZED (
        SELECT a.due_on, a.done_on <= day AS is_done, a.done_on <= least(a.due_on, day) AS is_on_time FROM kra.actions a
        WHERE a.owner_id = s.id AND (a.due_on <= day OR a.done_on <= day) AND (day >= current_date OR (a.created_at AT TIME ZONE 'UTC')::date <= day)
    ), steps AS MATERIALIZED (
        SELECT m.due_on, m.completed_on <= least(m.due_on, day) AS is_on_time FROM kra.milestones m
        WHERE m.owner_id = s.id AND (m.due_on <= day OR m.completed_on <= day)
    )
    SELECT y.period_label, c.score_value, c.coverage_pct, coalesce(c.kpi_count, 0), coalesce(r.met, 0),
           (SELECT count(*)::integer FROM closed x WHERE x.period_start BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_done),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_on_time),
           (SELECT count(*)::integer FROM steps x WHERE x.due_on BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM steps x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_on_time),
           r.misses
    FROM years y
    LEFT JOIN cards c ON c.period_start = y.period_start
    LEFT JOIN results r ON r.period_start = y.period_start
    WHERE y.period_end >= (SELECT min(f.at) FROM (SELECT x.period_start FROM cards x UNION ALL SELECT x.period_start FROM closed x
                                                  UNION ALL SELECT x.due_on FROM acts x UNION ALL SELECT x.due_on FROM steps x) f (at))
    ORDER BY y.period_start;
END $$;
COMMENT ON FUNCTION kra.track_record(text, date) IS 'what a subject (its key) has carried through, fiscal year by fiscal year since its first card: score, coverage and KPIs of the year''s card, how many met their targets and which did not, reviews closed of its periods, and actions and milestones that it owns and that fell due, or are done already. NULL score: none, or too little coverage. Error for who does not see its results';
-- What is due or overdue, by whom, and who is told.
--
--   measurement       a KPI that is entered by hand has no value in its last period
--   check_in          somebody misses a target, and nobody has said anything about it for a while
--   acknowledgement   nobody has taken a target as his own
--   review            the last period was not reviewed
--   milestone, action as they were agreed

CREATE TYPE kra.due_item AS (
    kind text, key text, owner_id integer, kpi_id integer, objective_id integer, what text, due_on date, period_label text
);
COMMENT ON TYPE kra.due_item IS 'something that is due or overdue';
COMMENT ON COLUMN kra.due_item.kind IS 'measurement, check_in, acknowledgement, review, milestone or action';
COMMENT ON COLUMN kra.due_item.key IS 'keys of what it is about (see kra.about_key)';
COMMENT ON COLUMN kra.due_item.owner_id IS 'the subject that has to act; NULL: nobody';
COMMENT ON COLUMN kra.due_item.kpi_id IS 'the KPI; NULL: none';
COMMENT ON COLUMN kra.due_item.objective_id IS 'the objective; NULL: that of the KPI';
COMMENT ON COLUMN kra.due_item.what IS 'what is to be done, in a sentence';
COMMENT ON COLUMN kra.due_item.due_on IS 'last day';
COMMENT ON COLUMN kra.due_item.period_label IS 'label of the period; NULL: of none';

CREATE FUNCTION kra.carried_since(kpi_id integer, subject_id integer, as_of date) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    span record;
    since date;
    result date;
BEGIN
    -- back through the roles that follow each other without a gap
    FOR span IN
        SELECT tl.job_role_id, tl.valid_from, tl.valid_until FROM kra.subject_timeline tl
        WHERE tl.subject_id = carried_since.subject_id AND tl.valid_from <= carried_since.as_of
        ORDER BY tl.valid_from DESC
    LOOP
        EXIT WHEN span.valid_until <= carried_since.as_of AND span.valid_until IS DISTINCT FROM result;
        WITH r AS (
            SELECT rk.effective_from, rk.is_active,
                   coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id ORDER BY rk.effective_from), 'infinity') AS effective_until
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id
            WHERE ra.job_role_id = span.job_role_id AND rk.kpi_id = carried_since.kpi_id
              AND rk.effective_from <= least(carried_since.as_of, span.valid_until - 1)
        )
        SELECT max(r.effective_from) INTO since FROM r   -- it may have gone from one KRA to another meanwhile
        WHERE r.is_active
          AND NOT EXISTS (SELECT FROM r a WHERE a.is_active AND a.effective_from < r.effective_from AND a.effective_until >= r.effective_from)
          AND EXISTS (SELECT FROM r a WHERE a.is_active AND a.effective_until > least(carried_since.as_of, span.valid_until - 1));
        EXIT WHEN since IS NULL;
        result := greatest(since, span.valid_from);
    END LOOP;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.carried_since(integer, integer, date) IS 'the day since which a KPI has stood on the card of a subject''s roles without a gap; NULL: it does not on that date';

CREATE FUNCTION kra.due_of_subject(subject_id integer, as_of date, ahead integer, limits jsonb, last_data date) RETURNS SETOF kra.due_item
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET plan_cache_mode = force_generic_plan SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    last_due date := due_of_subject.as_of + due_of_subject.ahead;
    s record;
    x record;
    i record;
    p_grid smallint;
    p_start date;
    p_end date;
    since date;
    at date;
    missing integer;
    days integer;
BEGIN
    SELECT s.key, s.name, s.kind = 'person' AS is_person, tl.job_role_id, tl.parent_id, kra.has_members(s.id) AS is_group,
           kra.in_role_since(s.id, due_of_subject.as_of) AS role_since
    INTO s
    FROM kra.subjects s
    JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= due_of_subject.as_of AND tl.valid_until > due_of_subject.as_of
    WHERE s.id = due_of_subject.subject_id;
    IF NOT FOUND OR last_due IS NULL THEN
        RETURN;
    END IF;
    SELECT f.review_cadence, f.check_in_days, f.fiscal_year_start_month, f.week_start INTO x FROM kra.settings_in_force f;

    -- Acknowledgements: of a role's targets by people alone, of one's own by all. What was changed
    -- in place could not be acknowledged before.
    IF due_of_subject.limits ? 'imposed_target' THEN
        days := least(floor((due_of_subject.limits->>'imposed_target')::float8), 100000);
        RETURN QUERY
        SELECT 'acknowledgement', kra.about_key(s.key, t.key), due_of_subject.subject_id, t.id, NULL::integer,
               format('acknowledge the target of %s for %s of %s', kra.target_text(t.target, t.unit), t.name, s.name)
               || CASE WHEN t.was_another THEN ', which is another than the one acknowledged' ELSE '' END,
               t.since + days, NULL::text
        FROM (
            SELECT l.id, l.key, l.name, l.unit, l.target,
                   kra.target_known_on(l.target_from, l.revised_at, due_of_subject.as_of) AS since,
                   EXISTS (SELECT FROM kra.acknowledgements a WHERE a.kpi_id = l.id AND a.subject_id = due_of_subject.subject_id
                           AND (a.acknowledged_at AT TIME ZONE 'UTC')::date <= due_of_subject.as_of) AS was_another
            FROM (
                SELECT k.id, k.key, k.name, k.unit,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.target WHEN s.is_person THEN rk.target END AS target,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.effective_from
                            ELSE greatest(rk.effective_from, s.role_since) END AS target_from,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.revised_at ELSE rk.revised_at END AS revised_at
                FROM kra.role_lines(due_of_subject.as_of) c
                JOIN kra.result_area_kpis rk ON rk.result_area_id = c.result_area_id AND rk.kpi_id = c.kpi_id AND rk.effective_from = c.effective_from
                JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active'
                LEFT JOIN LATERAL (
                    SELECT t.* FROM kra.targets t
                    WHERE t.kpi_id = k.id AND t.subject_id = due_of_subject.subject_id AND t.effective_from <= due_of_subject.as_of
                    ORDER BY t.effective_from DESC LIMIT 1
                ) o ON true
                WHERE c.job_role_id = s.job_role_id
                UNION ALL
                SELECT k.id, k.key, k.name, k.unit, t.target, t.effective_from, t.revised_at
                FROM kra.targets t
                JOIN kra.kpis k ON k.id = t.kpi_id AND k.state = 'active'
                WHERE s.job_role_id IS NULL AND t.subject_id = due_of_subject.subject_id AND t.effective_from <= due_of_subject.as_of
                  AND NOT EXISTS (SELECT FROM kra.targets later WHERE later.kpi_id = t.kpi_id AND later.subject_id = t.subject_id
                                  AND later.effective_from > t.effective_from AND later.effective_from <= due_of_subject.as_of)
            ) l
            WHERE l.target IS NOT NULL
              AND NOT EXISTS (SELECT FROM kra.acknowledgements a WHERE a.kpi_id = l.id AND a.subject_id = due_of_subject.subject_id
                              AND (a.acknowledged_at AT TIME ZONE 'UTC')::date <= due_of_subject.as_of AND a.target OPERATOR(kra.=) l.target)
            OFFSET 0
        ) t
        WHERE t.since + days <= last_due;
    END IF;
    IF s.job_role_id IS NULL THEN
        RETURN;
    END IF;

    -- Measurements. Whether those of a period are there shows only to who sees the subject then.
    FOR i IN
        SELECT k.id, k.key, k.name, k.grid, k.state_since, v.start, v.stop, v.stop + CASE k.cadence WHEN 'day' THEN 1 ELSE 5 END AS due_on,
               kra.freshest(k.id, due_of_subject.subject_id, v.stop) AS fresh
        FROM kra.role_lines(due_of_subject.as_of) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active' AND k.source_relation IS NULL
        CROSS JOIN LATERAL (SELECT kra.last_period(k.grid, due_of_subject.as_of, due_of_subject.as_of) AS start OFFSET 0) o
        CROSS JOIN LATERAL (SELECT o.start, kra.grid_end(k.grid, o.start) AS stop OFFSET 0) v
        WHERE c.job_role_id = s.job_role_id
          AND kra.sees(due_of_subject.subject_id, v.start, v.stop)
        OFFSET 0   -- freshest once a line
    LOOP
        CONTINUE WHEN i.fresh >= i.start OR i.due_on > last_due;
        since := greatest(kra.carried_since(i.id, due_of_subject.subject_id, due_of_subject.as_of),
                          CASE WHEN i.state_since <= due_of_subject.as_of THEN i.state_since END);
        CONTINUE WHEN since IS NULL OR i.start < since;
        -- a group is the sum of its members: they are asked
        CONTINUE WHEN s.is_group AND EXISTS (
            SELECT FROM kra.subject_ancestors c
            JOIN kra.subject_timeline tl ON tl.subject_id = c.subject_id AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, i.start, i.stop)
            JOIN kra.role_lines(i.stop) l ON l.job_role_id = tl.job_role_id AND l.kpi_id = i.id
            WHERE c.ancestor_id = due_of_subject.subject_id AND c.depth > 0
              AND kra.counts_in(c.valid_from, c.valid_until, c.resumes_on, i.start, i.stop));
        missing := 0;
        at := kra.grid_shift(i.grid, i.start, -1);
        WHILE missing < 99 AND at >= greatest(since, i.fresh + 1) AND kra.sees(due_of_subject.subject_id, at, kra.grid_end(i.grid, at)) LOOP
            missing := missing + 1;
            at := kra.grid_shift(i.grid, at, -1);
        END LOOP;
        RETURN NEXT ROW('measurement', kra.about_key(s.key, i.key), due_of_subject.subject_id, i.id, NULL,
            format('record %s of %s for %s', i.name, s.name, kra.grid_label(i.grid, i.start, x.fiscal_year_start_month))
            || CASE missing WHEN 0 THEN '' WHEN 1 THEN ', and the period before it' WHEN 99 THEN ', and 99 or more periods before it'
                    ELSE format(', and the %s periods before it', missing) END,
            i.due_on, kra.grid_label(i.grid, i.start, x.fiscal_year_start_month))::kra.due_item;
    END LOOP;

    p_grid := kra.grid(x.review_cadence, x.fiscal_year_start_month, x.week_start);
    p_start := kra.last_period(p_grid, due_of_subject.as_of, due_of_subject.as_of);
    p_end := kra.grid_end(p_grid, p_start);

    -- Check-ins
    at := greatest(p_end, (
        SELECT (max(c.checked_at) AT TIME ZONE 'UTC')::date FROM kra.check_ins c
        WHERE c.subject_id = due_of_subject.subject_id AND c.checked_at < (due_of_subject.as_of + 1)::timestamp AT TIME ZONE 'UTC')) + x.check_in_days;
    IF at <= last_due AND kra.shows(due_of_subject.subject_id, p_grid, p_start, p_end) THEN
        SELECT count(*) AS misses, (array_agg(k.id ORDER BY c.weight DESC, c.area_position, c.kpi_position, k.id))[1] AS kpi_id,
               (array_agg(k.name ORDER BY c.weight DESC, c.area_position, c.kpi_position, k.id))[1] AS name
        INTO i
        FROM kra.card(due_of_subject.subject_id, p_grid, p_start, p_end) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active'
        WHERE c.weight IS NOT NULL AND kra.is_missed(c.actual, c.target, p_end);
        IF i.misses > 0 THEN
            RETURN NEXT ROW('check_in', kra.about_key(s.key), due_of_subject.subject_id, i.kpi_id, NULL,
                format(CASE i.misses WHEN 1 THEN 'check in on %s: %s missed its target in %s'
                                     WHEN 2 THEN 'check in on %s: %s and another KPI missed their targets in %s'
                                     ELSE 'check in on %s: %s and %4$s other KPIs missed their targets in %3$s' END,
                       s.name, i.name, kra.grid_label(p_grid, p_start, x.fiscal_year_start_month), i.misses - 1),
                at, kra.grid_label(p_grid, p_start, x.fiscal_year_start_month))::kra.due_item;
        END IF;
    END IF;

    -- Reviews: of the last period, and of the one that the rule review_overdue still asks for.
    IF due_of_subject.limits ? 'review_overdue' THEN
        days := least(floor((due_of_subject.limits->>'review_overdue')::float8), 100000);
        RETURN QUERY
        SELECT 'review', kra.about_key(s.key, kra.grid_label(p_grid, p.start, x.fiscal_year_start_month)),
               coalesce(s.parent_id, due_of_subject.subject_id), NULL::integer, NULL::integer,
               format('hold the review of %s for %s, and close it', s.name, kra.grid_label(p_grid, p.start, x.fiscal_year_start_month)),
               p.stop + days, kra.grid_label(p_grid, p.start, x.fiscal_year_start_month)
        FROM (
            SELECT o.start, kra.grid_end(p_grid, o.start) AS stop
            FROM (SELECT p_start AS start UNION SELECT kra.last_period(p_grid, due_of_subject.as_of - days - 1, due_of_subject.as_of)) o
            OFFSET 0
        ) p
        WHERE p.stop + days <= last_due
          AND kra.is_review_owed(due_of_subject.subject_id, p_grid, p.start, due_of_subject.as_of, due_of_subject.last_data);
    END IF;
END $$;
COMMENT ON FUNCTION kra.due_of_subject(integer, date, integer, jsonb, date) IS 'measurements, check-ins, acknowledgements and reviews of a subject that are overdue on a date, or due within so many days after it; none for one that is not active. limits: thresholds of rules (see kra.rule_limits); where imposed_target is off no acknowledgements are due, where review_overdue is off no reviews. last_data: start of the last period with data (see kra.data_range); no reviews of later ones';

CREATE FUNCTION kra.due(as_of date DEFAULT current_date, ahead integer DEFAULT 14)
RETURNS TABLE (
    row_key text, due_kind text, subject_key text, subject_name text, owner_key text, owner_name text, owner_login text,
    kpi_key text, kpi_name text, objective_key text, objective_name text,
    what_text text, due_date date, is_overdue boolean, overdue_day_count integer, period_label text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.kind || ':' || f.key, f.kind, f.subject_key, f.subject_name, w.key, w.name, w.login,
           k.key, k.name, o.key, o.name, f.what, f.due_on, f.due_on < due.as_of, greatest(due.as_of - f.due_on, 0), f.period_label
    FROM (
        -- An arm each, with the subject's key in it: a question about one subject asks no more than that.
        SELECT s.key AS subject_key, s.name AS subject_name, x.kind, x.key, x.owner_id, x.kpi_id, x.objective_id, x.what, x.due_on, x.period_label
        FROM kra.subjects s
        JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= due.as_of AND tl.valid_until > due.as_of
        CROSS JOIN LATERAL kra.due_of_subject(s.id, due.as_of, due.ahead, (SELECT kra.rule_limits()),
                                                  (SELECT r.last_start FROM kra.data_range(due.as_of) r)) x
        WHERE kra.sees(s.id, due.as_of, due.as_of)
        UNION ALL
        -- a milestone is nobody's secret, but of no use to those who have nothing to do with it
        SELECT s.key, s.name, 'milestone', kra.about_key(b.key, m.key), m.owner_id, NULL, b.id,
               format('reach the milestone %s of %s', m.name, b.name)
               || CASE WHEN m.completion > 0 AND m.completion < 1 THEN format(' (%s%% done)', round((m.completion * 100)::numeric)) ELSE '' END,
               m.due_on, NULL
        FROM kra.milestones m
        JOIN kra.objectives b ON b.id = m.objective_id
        LEFT JOIN kra.subjects s ON s.id = coalesce(m.owner_id, b.subject_id)
        WHERE isfinite(due.as_of) AND m.due_on <= due.as_of + due.ahead AND (m.completed_on IS NULL OR m.completed_on > due.as_of)
          AND (kra.sees(m.owner_id) OR kra.sees(b.subject_id) OR (m.owner_id IS NULL AND b.subject_id IS NULL) OR (SELECT kra.is_author()))
        UNION ALL
        SELECT s.key, s.name, 'action', a.id::text, a.owner_id, a.kpi_id, NULL,
               'do what was agreed' || coalesce(' about ' || s.name, '') || ': ' || kra.cut_text(a.description), a.due_on, NULL
        FROM kra.actions a
        LEFT JOIN kra.subjects s ON s.id = a.subject_id
        WHERE isfinite(due.as_of) AND a.due_on <= due.as_of + due.ahead AND (a.done_on IS NULL OR a.done_on > due.as_of)
          AND (a.created_at AT TIME ZONE 'UTC')::date <= due.as_of
    ) f
    LEFT JOIN kra.subjects w ON w.id = f.owner_id
    LEFT JOIN kra.kpis k ON k.id = f.kpi_id
    LEFT JOIN kra.objectives o ON o.id = coalesce(f.objective_id, k.objective_id);
END;
COMMENT ON FUNCTION kra.due(date, integer) IS 'rows of kra_bi.due as they were on a date: what is overdue, or due within so many days after it (ahead; a negative one: overdue for longer than that); the columns are described there. None for NULL, and for a day that is not finite. Of results only what the caller sees. Say kra.due(as_of => ...): there is one of targets, too';

-- Who is told.

CREATE FUNCTION kra.cut_texts(item jsonb, characters integer, keys_too boolean) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(e.key, CASE WHEN jsonb_typeof(e.value) = 'string' AND (keys_too OR e.key ~ '_(name|text)$') AND length(e.value #>> '{}') > characters
                                        THEN to_jsonb(left(e.value #>> '{}', characters) || '...') ELSE e.value END)
    FROM jsonb_each(item) e;
END;
COMMENT ON FUNCTION kra.cut_texts(jsonb, integer, boolean) IS 'an item of kra.due as jsonb, its names and texts, or all of its strings, cut to so many characters, with ... where something is missing';

CREATE FUNCTION kra.due_payloads(as_of date, items jsonb[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    room constant integer := 7899;   -- below 8000 bytes, less what stands around the items
    parts text[] := '{}';
    part text;
    item jsonb;
    body text;
BEGIN
    FOREACH item IN ARRAY coalesce(due_payloads.items, '{}') LOOP
        body := item::text;
        IF octet_length(body) > room THEN
            SELECT c.body INTO body
            FROM (VALUES (false), (true)) k (keys_too)
            CROSS JOIN unnest('{2000,1000,500,250,120,60,30}'::integer[]) n
            CROSS JOIN LATERAL (SELECT kra.cut_texts(item, n, k.keys_too)::text AS body) c
            WHERE octet_length(c.body) <= room
            ORDER BY k.keys_too, n DESC LIMIT 1;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'an item is too long for a notification' USING ERRCODE = 'program_limit_exceeded',
                    DETAIL = 'A notification holds less than 8000 bytes.';
            END IF;
        END IF;
        IF part IS NULL THEN
            part := body;
        ELSIF octet_length(part) + 2 + octet_length(body) <= room THEN
            part := part || ', ' || body;
        ELSE
            parts := parts || part;
            part := body;
        END IF;
    END LOOP;
    parts := parts || part;
    RETURN QUERY
    SELECT format('{"as_of": %s, "part": %s, "parts": %s, "items": [%s]}', coalesce(to_json(due_payloads.as_of)::text, 'null'), p.n, cardinality(parts), p.part)
    FROM unnest(parts) WITH ORDINALITY p (part, n)
    WHERE p.part IS NOT NULL;
END $$;
COMMENT ON FUNCTION kra.due_payloads(date, jsonb[]) IS 'items of kra.due (to_jsonb of a row) as texts that NOTIFY takes: JSON objects of less than 8000 bytes each, with as_of, part, parts and items, in the order given. An item that alone is too long has its names and texts cut, marked by three dots, and where that does not do, its keys. None for no items';

CREATE FUNCTION kra.notify_due(channel text DEFAULT 'kra_due', as_of date DEFAULT current_date, again boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    bodies jsonb[];
BEGIN
    IF NOT kra.sees_all() THEN   -- what one does not see nobody would be told
        RAISE EXCEPTION 'only those who see all subjects may notify' USING ERRCODE = 'insufficient_privilege',
            HINT = 'An admin does (kra.grant_admin).';
    ELSIF coalesce(octet_length(notify_due.channel) NOT BETWEEN 1 AND 63, true) THEN
        RAISE EXCEPTION 'channel must have 1 to 63 bytes' USING ERRCODE = 'invalid_parameter_value';
    ELSIF notify_due.as_of IS NULL OR NOT isfinite(notify_due.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    ELSIF notify_due.again IS NULL THEN
        RAISE EXCEPTION 'again must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- Of two at once, the one whose row it is tells. A key too long for an index is told by its hash.
    WITH item AS MATERIALIZED (
        SELECT CASE WHEN octet_length(d.row_key) <= 1000 THEN d.row_key
                    ELSE left(d.row_key, 100) || '...' || encode(sha256(convert_to(d.row_key, 'UTF8')), 'hex') END AS key,
               jsonb_strip_nulls(to_jsonb(d)) AS body, d.due_date, d.row_key
        FROM kra.due(notify_due.as_of) d
    ), told AS (
        INSERT INTO kra.notices AS n (item, sent_on)
        SELECT i.key, notify_due.as_of FROM item i ORDER BY i.key COLLATE "C"
        ON CONFLICT (item) DO UPDATE SET sent_on = excluded.sent_on
        WHERE n.sent_on < excluded.sent_on OR notify_due.again
        RETURNING n.item
    )
    SELECT array_agg(i.body ORDER BY i.due_date, i.row_key COLLATE "C") INTO bodies
    FROM item i JOIN told t ON t.item = i.key;
    PERFORM pg_notify(notify_due.channel, p) FROM kra.due_payloads(notify_due.as_of, bodies) p;
    DELETE FROM kra.notices
    WHERE item IN (SELECT n.item FROM kra.notices n WHERE n.sent_on < notify_due.as_of - 30 FOR UPDATE SKIP LOCKED);
    RETURN coalesce(cardinality(bodies), 0);
END $$;
COMMENT ON FUNCTION kra.notify_due(text, date, boolean) IS 'tells what is due (kra.due, 14 days ahead) by NOTIFY on a channel, when the transaction commits: JSON as kra.due_payloads makes it. Each item once a day (as_of), unless again is true. Gives the number of items told. Whoever may connect to the database can listen. For those who see all subjects; error for a channel without a name or with one of more than 63 bytes';
-- Pages for people: a report about one subject, a dashboard of many, and a report for chat and mail.
--
--   html, markdown        templates: the one place where text is escaped
--   report                report_head, report_kras, report_findings ... : a function a section
--   dashboard             one reading of scorecards, findings and what is due
--
-- Everything is read with the rights of the caller, through the functions behind the views.

-- Markup.

CREATE FUNCTION kra.html(template text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_html' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.html(text) IS 'HTML out of a template without placeholders; %% is a percent sign; NULL for NULL';

CREATE FUNCTION kra.html(template text, VARIADIC args text[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_html' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.html(text, text[]) IS 'HTML out of a template: %s is the next argument, escaped for text and for attributes in double quotes, %h the next argument as it is, which must be markup that html or a picture made, %% a percent sign. Characters that HTML forbids become U+FFFD, controls of direction are left out. A NULL argument is nothing, a NULL template NULL; error for too few or too many arguments, and for any other placeholder';

CREATE FUNCTION kra.markdown(template text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_markdown' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.markdown(text) IS 'Markdown out of a template without placeholders; %% is a percent sign; NULL for NULL';

CREATE FUNCTION kra.markdown(template text, VARIADIC args text[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_markdown' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.markdown(text, text[]) IS 'Markdown out of a template, with the placeholders of html: %s is the next argument on one line, escaped so that it shows as it is and makes no link, mention or emphasis, %h the next argument as it is';

CREATE DOMAIN kra."text/html" AS text;
COMMENT ON DOMAIN kra."text/html" IS 'a whole HTML document; PostgREST serves what a function returns as this with the media type that the name says';

-- Words and addresses.

CREATE FUNCTION kra.day_text(day date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN isfinite(day) THEN kra.grid_label(1::smallint, day) END;
END;
COMMENT ON FUNCTION kra.day_text(date) IS 'a day as YYYY-MM-DD, whatever the settings are; NULL for NULL and for no end';

CREATE FUNCTION kra.number_of(count bigint, singular text, plural text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT count::text || ' ' || CASE count WHEN 1 THEN singular ELSE plural END;
END;
COMMENT ON FUNCTION kra.number_of(bigint, text, text) IS 'a number with its noun: 1 KPI, 2 KPIs';

CREATE FUNCTION kra.status_html(status text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html('<span class="status %s"><span aria-hidden="true">%h</span> %s</span>', status,
        CASE status WHEN 'exceeded' THEN '&#9733;' WHEN 'on_track' THEN '&#10003;' WHEN 'at_risk' THEN '&#9650;'
                    WHEN 'off_track' THEN '&#10007;' ELSE '&#9675;' END,
        replace(status, '_', ' '));
END;
COMMENT ON FUNCTION kra.status_html(text) IS 'a status as a label: a sign, and the word; NULL for NULL';

CREATE FUNCTION kra.imbalance_words(flag text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE flag WHEN 'busy_not_moving' THEN 'busy, not moving' WHEN 'insufficient_data' THEN 'not known'
                     ELSE replace(flag, '_', ' ') END;
END;
COMMENT ON FUNCTION kra.imbalance_words(text) IS 'flag of kra.imbalance in words';

CREATE FUNCTION kra.trend_words(direction text, meaning text, slope double precision, unit text, period_grain text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE direction WHEN 'no_trend' THEN 'no clear trend'
        WHEN 'rising' THEN 'rising' WHEN 'falling' THEN 'falling' END
        || CASE WHEN direction = 'no_trend' OR slope IS NULL THEN ''
                ELSE format(' by about %s a %s', CASE btrim(unit) WHEN '%' THEN kra.value_text(abs(slope), NULL) || ' points' ELSE kra.value_text(abs(slope), unit) END, period_grain) END
        || CASE meaning WHEN 'improving' THEN ', for the better' WHEN 'worsening' THEN ', for the worse' ELSE '' END;
END;
COMMENT ON FUNCTION kra.trend_words(text, text, double precision, text, text) IS 'a trend in words: rising by about 2 days a month, for the worse; NULL for none';

CREATE FUNCTION kra.percent_encoded(value text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(CASE WHEN b.code BETWEEN 48 AND 57 OR b.code BETWEEN 65 AND 90 OR b.code BETWEEN 97 AND 122 OR b.code IN (45, 46, 95, 126)
                           THEN chr(b.code) ELSE '%' || upper(lpad(to_hex(b.code), 2, '0')) END, '' ORDER BY b.n)
    FROM (SELECT i AS n, get_byte(v.bytes, i) AS code
          FROM (SELECT convert_to(value, 'UTF8') AS bytes) v, generate_series(0, length(v.bytes) - 1) i) b;
END;
COMMENT ON FUNCTION kra.percent_encoded(text) IS 'text as part of an address (RFC 3986): its bytes in UTF-8, all but letters, digits and -._~ as %XX';

CREATE FUNCTION kra.report_file(subject_key text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN subject_key ~ '^[a-z0-9]([a-z0-9_.-]{0,62}[a-z0-9])?$' AND subject_key !~ '^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)' THEN subject_key
                ELSE left(btrim(regexp_replace(lower(subject_key COLLATE "C"), '[^a-z0-9]+', '-', 'g'), '-'), 40)
                     || '~' || left(encode(sha256(convert_to(subject_key, 'UTF8')), 'hex'), 16) END;
END;
COMMENT ON FUNCTION kra.report_file(text) IS 'the key of a subject as part of a file name, on any file system and in an address: a plain key (a-z, 0-9, and _.- inside) as it is, any other as its letters with a tilde and a hash; different keys have different names';

CREATE FUNCTION kra.checked_link(link text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF link !~ '^[!-~]*$' OR link !~ '%[sk]' OR link ~ '%[^sk]|%$' THEN
        RAISE EXCEPTION 'invalid link %', quote_literal(link) USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is a relative or absolute address in ASCII without spaces; %s stands for the name of the subject''s file, %k for its key.',
            HINT = 'For instance ''report-%s.html'', ''#%s'' or ''/rpc/report?subject=%k''.';
    ELSIF link ~* '^[^/?#]*:' AND link !~* '^https?:' THEN
        RAISE EXCEPTION 'invalid link %', quote_literal(link) USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Its scheme is neither http nor https.';
    END IF;
    RETURN link;
END $$;
COMMENT ON FUNCTION kra.checked_link(text) IS 'a pattern for the addresses of reports, as it is; error for what is none, or would run something; NULL for NULL: no links';

CREATE FUNCTION kra.path_above(path text, name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT left(path, -length(' / ' || name)) WHERE path <> name AND right(path, length(' / ' || name)) = ' / ' || name;
END;
COMMENT ON FUNCTION kra.path_above(text, text) IS 'the path of a subject (see kra.path_of) without its own name; NULL: nothing above';

CREATE FUNCTION kra.name_html(name text, subject_key text, link text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN link IS NULL THEN kra.html('<bdi>%s</bdi>', name)
                ELSE kra.html('<a href="%s"><bdi>%s</bdi></a>',
                              replace(replace(link, '%s', kra.report_file(subject_key)), '%k', kra.percent_encoded(subject_key)), name) END;
END;
COMMENT ON FUNCTION kra.name_html(text, text, text) IS 'the name of a subject, linked to its report; link as checked_link gives it back, NULL: no link';

-- The document around a page.

CREATE FUNCTION kra.page_style() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT '
:root{color-scheme:light;--ink:#1d2530;--soft:#505b69;--paper:#fff;--ground:#f3f5f7;--line:#d5dae0;--link:#0a569f;
--bad:#a31515;--bad-b:#fdeceb;--risk:#734a00;--risk-b:#fff3d1;--good:#1b5e20;--good-b:#e5f4e6;--top:#0b4a94;--top-b:#e4effc;--none:#4b5560;--none-b:#eceff2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1.25rem 3rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1,h2,h3,p,ul,dl,dd,table{margin:0}
h1{font-size:clamp(1.35rem,1rem + 2vw,2rem);line-height:1.2;font-weight:650}
h2{font-size:1.25rem;line-height:1.3;font-weight:650}
h3{font-size:1.05rem;line-height:1.35;font-weight:650}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,section:focus-visible{outline:3px solid var(--link);outline-offset:2px}
ul{padding:0;list-style:none}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--paper);z-index:1}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.num{font-variant-numeric:tabular-nums}
header>p{margin-top:.35rem}
nav ul,.counts{display:flex;flex-wrap:wrap;gap:.35rem 1rem;margin-top:1rem}
main>section{margin-top:1.25rem;padding:1.1rem 1.25rem 1.25rem;background:var(--paper);border:1px solid var(--line);border-radius:.6rem}
section>h2+*,section>.title+*{margin-top:.6rem}
.title{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;justify-content:space-between}
.title>:first-child{min-width:0}
.score{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .9rem}
.score strong{font-size:2.6rem;line-height:1.1;font-weight:650;font-variant-numeric:tabular-nums}
.score .status{font-size:1rem}
.stack>*+*{margin-top:.5rem}
.status{display:inline-block;padding:.02rem .55rem;border:1px solid;border-radius:1rem;font-size:.85rem;font-weight:600;white-space:nowrap;color:var(--none);background:var(--none-b)}
.status.off_track,.status.serious{color:var(--bad);background:var(--bad-b)}
.status.at_risk,.status.warning{color:var(--risk);background:var(--risk-b)}
.status.on_track,.status.done{color:var(--good);background:var(--good-b)}
.status.exceeded{color:var(--top);background:var(--top-b)}
.kpi{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,22.5rem);gap:.5rem 1.5rem;padding-top:1rem;margin-top:1rem;border-top:1px solid var(--line)}
.kpi .stack>*+*{margin-top:.3rem}
.value{display:flex;flex-wrap:wrap;gap:.15rem .7rem;align-items:baseline}
.value b{font-size:1.5rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.pictures{display:grid;gap:.5rem;align-content:start;justify-items:start}
svg{display:block;max-width:100%;height:auto;background:#fff;border-radius:.25rem}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.925rem}
caption{padding-bottom:.4rem;text-align:start;color:var(--soft);font-size:.875rem}
th,td{padding:.4rem .8rem .4rem 0;border-top:1px solid var(--line);text-align:start;vertical-align:top;font-weight:400;overflow-wrap:normal}
tbody th,td.words,td.who{overflow-wrap:anywhere}
thead th{font-weight:600;border-top:0;color:var(--soft);font-size:.85rem;vertical-align:bottom}
tbody th{min-width:10rem;max-width:24rem}
tbody th.group{max-width:none;padding-top:1.1rem;font-weight:650;font-size:1rem}
td.words{min-width:10rem}
td.who{min-width:5.5rem}
td.bar svg{margin-top:.25rem;width:90px;max-width:none}
td.nowrap,.nowrap{white-space:nowrap}
.wide table{min-width:54rem}
.list>li{padding:.6rem 0;border-top:1px solid var(--line)}
.list>li:first-child{border-top:0}
.list p+p{margin-top:.15rem}
.said{white-space:pre-line}
footer{margin-top:1.5rem;color:var(--soft);font-size:.8rem}
@media (max-width:46rem){body{padding:1rem .75rem 2rem}main>section{padding:.9rem}.kpi{grid-template-columns:minmax(0,1fr)}.score strong{font-size:2.1rem}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--ink:#e7ebf0;--soft:#a9b4c0;--paper:#1b2129;--ground:#12161b;--line:#38424e;--link:#8cc2ff;
--bad:#ffb1a8;--bad-b:#48191a;--risk:#ffd479;--risk-b:#402d05;--good:#9ee0a3;--good-b:#123a17;--top:#a8cfff;--top-b:#0f3055;--none:#c5ced8;--none-b:#2c343e}}
@media print{@page{margin:14mm}html{font-size:9pt}body{max-width:none;padding:0;background:none}nav,.skip{display:none}main>section{padding:.6rem 0;border:0;border-top:1px solid #999;border-radius:0;margin-top:.6rem}
.kra,.kpi,.list>li,tr{break-inside:avoid}h2,h3,.title,thead,th.group{break-after:avoid}.scroll{overflow:visible}.wide table{min-width:0}.kpi{grid-template-columns:minmax(0,1fr) minmax(0,19rem)}tbody th{min-width:7rem}td.words{min-width:7rem}a{color:inherit}}
';
END;
COMMENT ON FUNCTION kra.page_style() IS 'the style sheet of the pages: light, dark, narrow and printed';

CREATE FUNCTION kra.page(title text, head text, sections text, foot text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html('<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>%s</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>%h</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
%h</header>
<main id="main">
%h</main>
<footer><p>%s</p></footer>
</body>
</html>
', CASE WHEN length(title) > 70 THEN left(title, 67) || '...' ELSE title END, kra.page_style(), head, sections, foot);
END;
COMMENT ON FUNCTION kra.page(text, text, text, text) IS 'a whole document: title (cut to 70 characters) and foot are text, head and sections markup';

CREATE FUNCTION kra.page_day(as_of date) RETURNS date LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF as_of IS NULL THEN
        RAISE EXCEPTION 'as_of must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT isfinite(as_of) OR as_of NOT BETWEEN '0002-01-01' AND '9998-12-31' THEN
        RAISE EXCEPTION 'as_of is out of range' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN as_of;
END $$;
COMMENT ON FUNCTION kra.page_day(date) IS 'the day that a page is of, as it is; error for NULL, infinite dates and years outside 2 to 9998';

-- The period of a page.

CREATE FUNCTION kra.page_period(subject_id integer, period text, as_of date,
    OUT grid smallint, OUT period_grain text, OUT period_start date, OUT period_end date, OUT upto date, OUT period_label text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    x record;
    r record;
    has_card boolean;
BEGIN
    SELECT * INTO x FROM kra.settings_in_force;
    IF page_period.period IS NOT NULL THEN
        SELECT n.grid, n.period_start INTO page_period.grid, page_period.period_start FROM kra.period_named(page_period.period) n;
    ELSE
        FOR r IN
            SELECT DISTINCT ON (p.grid / 10) p.grid, p.period_start FROM kra.periods(page_period.as_of) p
            WHERE p.grid / 10 >= kra.grid_in_force(x.review_cadence) / 10
            ORDER BY p.grid / 10, (p.period_end <= page_period.as_of) DESC, p.period_start DESC
        LOOP
            has_card := page_period.subject_id IS NULL
                OR (kra.period_card(page_period.subject_id, r.grid, r.period_start, least(kra.grid_end(r.grid, r.period_start), page_period.as_of))).card IS NOT NULL;
            IF has_card OR page_period.grid IS NULL THEN
                page_period.grid := r.grid;
                page_period.period_start := r.period_start;
            END IF;
            EXIT WHEN has_card;
        END LOOP;
        IF page_period.grid IS NULL THEN   -- nothing was ever measured
            page_period.grid := kra.grid_in_force(x.review_cadence);
            page_period.period_start := kra.grid_start(page_period.grid, page_period.as_of);
        END IF;
    END IF;
    page_period.period_grain := kra.grid_grain(page_period.grid);
    page_period.period_end := kra.grid_end(page_period.grid, page_period.period_start);
    page_period.upto := least(page_period.period_end, page_period.as_of);
    page_period.period_label := kra.grid_label(page_period.grid, page_period.period_start, x.fiscal_year_start_month);
END $$;
COMMENT ON FUNCTION kra.page_period(integer, text, date) IS 'the period of a page: the one with this label, or, for NULL, the latest complete one of settings.review_cadence that has measurements of anybody (else the running one); of a coarser grain where the subject has no card in that';

-- Sections of a report. Each is markup, NULL where there is nothing to show.

CREATE FUNCTION kra.page_section(id text, heading text, body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html(E'<section aria-labelledby="%s">\n<h2 id="%s">%s</h2>\n%h</section>\n', id, id, heading, body) WHERE body IS NOT NULL;
END;
COMMENT ON FUNCTION kra.page_section(text, text, text) IS 'a section with its heading and id; body is markup; NULL without a body';

CREATE FUNCTION kra.page_table(caption text, columns text[], body text, is_wide boolean DEFAULT false) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html(E'<section class="scroll%s" aria-label="%s" tabindex="0">\n<table>\n<caption>%s</caption>\n<thead><tr>%h</tr></thead>\n%h</table>\n</section>\n',
                    CASE WHEN is_wide THEN ' wide' ELSE '' END, caption, caption,
                    (SELECT string_agg(kra.html('<th scope="col">%s</th>', c.name), '' ORDER BY c.n) FROM unnest(columns) WITH ORDINALITY c (name, n)), body)
    WHERE body IS NOT NULL;
END;
COMMENT ON FUNCTION kra.page_table(text, text[], text, boolean) IS 'a table that scrolls by itself where it is too wide; body is markup of its tbody elements; NULL without one';

CREATE FUNCTION kra.score_html(score_text text, status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html('%h <span class="num">%s</span>', kra.status_html(status), score_text);
END;
COMMENT ON FUNCTION kra.score_html(text, text) IS 'a score (see kra_bi.scorecards.score_text) with its status';

CREATE FUNCTION kra.kpi_pictures(kpi_id integer, subject_id integer, grid smallint, period_start date, upto date, skips_last boolean,
    actual double precision, target kra.kpi_target, unit text, name text, with_chart boolean) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    x record;
    h record;
    chart text;
    last_start date := CASE WHEN skips_last THEN kra.grid_shift(grid, period_start, -1) ELSE period_start END;
BEGIN
    SELECT * INTO x FROM kra.settings_in_force;
    SELECT * INTO h FROM kra.history(kpi_pictures.kpi_id, kpi_pictures.subject_id, kpi_pictures.grid, last_start,
                                     CASE WHEN skips_last THEN kra.grid_end(kpi_pictures.grid, last_start) ELSE kpi_pictures.upto END, x.history_periods);
    IF cardinality(h.actuals) >= 13 AND with_chart THEN   -- as many as limits need
        SELECT kra.xmr_svg(array_agg(s.actual ORDER BY p.at), max(kra.centre(l.limits)), max(kra.lower_limit(l.limits)), max(kra.upper_limit(l.limits)),
                           array_agg(s.signal::text ORDER BY p.at), array_agg(kra.signal_meaning(s.signal, target) ORDER BY p.at),
                           array_agg(kra.grid_label(kpi_pictures.grid, p.at, x.fiscal_year_start_month) ORDER BY p.at), name, target, 360, 150)
        INTO chart
        FROM (SELECT kra.grid_shift(kpi_pictures.grid, last_start, -i) AS at
              FROM generate_series(0, x.history_periods - 1) i) p
        LEFT JOIN (
            SELECT v.at, v.actual, kra.signal(v.actual) OVER (ORDER BY v.at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS signal
            FROM unnest(h.starts, h.actuals) v (at, actual)
        ) s ON s.at = p.at
        CROSS JOIN (SELECT kra.xmr_agg(v.actual ORDER BY v.n) AS limits FROM unnest(h.actuals) WITH ORDINALITY v (actual, n)) l
        WHERE p.at >= h.starts[1];
    ELSIF cardinality(h.actuals) > 1 THEN
        SELECT kra.sparkline_svg(array_agg(v.actual ORDER BY p.at), name, 240, 36, target) INTO chart
        FROM (SELECT kra.grid_shift(kpi_pictures.grid, last_start, -i) AS at FROM generate_series(0, x.history_periods - 1) i) p
        LEFT JOIN unnest(h.starts, h.actuals) v (at, actual) ON v.at = p.at
        WHERE p.at >= h.starts[1];
    END IF;
    RETURN kra.html('<div class="pictures">%h%h</div>', kra.bullet_svg(actual, target, NULL, unit, 360, 40), chart);
END $$;
COMMENT ON FUNCTION kra.kpi_pictures(integer, integer, smallint, date, date, boolean, double precision, kra.kpi_target, text, text, boolean) IS 'pictures of a KPI of a subject: the actual against its target, and its history as a process behaviour chart (as a sparkline under 13 values, or where no chart is asked for); skips_last leaves out the running period';

CREATE FUNCTION kra.report_kras(subject_id integer, subject_key text, grid smallint, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    areas jsonb;
    r record;
    area jsonb;
    part text[] := '{}';       -- of the KRA
    parts text[] := '{}';      -- of the section
    open_area text;
    is_open boolean := false;
    place integer := 0;
    heading text;
BEGIN
    SELECT jsonb_object_agg(a.kra_name, jsonb_build_object('score_text', a.score_text, 'status', a.status, 'weight', a.weight_value, 'reason', a.score_reason))
    INTO areas
    FROM kra.kra_results(report_kras.as_of) a
    WHERE a.subject_key = report_kras.subject_key AND a.period_grain = kra.grid_grain(report_kras.grid) AND a.period_start = report_kras.period_start;
    FOR r IN
        SELECT v.*, c.kpi_id, c.target,
               NOT v.is_complete AND k.over_time IN ('sum', 'count') AS is_running,
               v.weight_value / nullif(sum(v.weight_value) OVER (), 0) AS weight_share,
               sum(v.weight_value) OVER (PARTITION BY v.kra_name) / nullif(sum(v.weight_value) OVER (), 0) AS area_share,
               count(*) OVER () AS kpi_count
        FROM kra.card(report_kras.subject_id, report_kras.grid, report_kras.period_start, report_kras.upto) c
        JOIN kra.kpis k ON k.id = c.kpi_id
        JOIN kra.kpi_results(report_kras.as_of) v ON v.kpi_key = k.key
        WHERE v.subject_key = report_kras.subject_key AND v.period_grain = kra.grid_grain(report_kras.grid) AND v.period_start = report_kras.period_start
        ORDER BY v.is_on_card DESC, c.area_position, v.kra_name COLLATE "C", c.kpi_position, v.weight_value DESC, v.kpi_name COLLATE "C", v.kpi_key COLLATE "C"
    LOOP
        IF NOT is_open OR r.kra_name IS DISTINCT FROM open_area THEN
            IF is_open THEN
                parts := parts || kra.html(E'%h</section>\n', array_to_string(part, ''));
            END IF;
            place := place + 1;
            part := '{}';
            is_open := true;
            open_area := r.kra_name;
            area := areas -> r.kra_name;
            IF r.is_on_card THEN
                heading := kra.html(E'<div class="title"><h2 id="kra-%s"><bdi>%s</bdi></h2><p>%h</p></div>\n', place::text, r.kra_name, kra.score_html(area->>'score_text', area->>'status'))
                    || kra.html(E'<p class="soft small">%s</p>\n', concat_ws(', ', 'KRA' || coalesce(' (' || r.perspective || ')', ''), kra.share_text(r.area_share) || ' of the weight', area->>'reason'));
            ELSE
                heading := kra.html(E'<h2 id="kra-%s">Measured, not scored</h2>\n<p class="soft small">What was measured and stands on no card.</p>\n', place::text);
            END IF;
            part := part || kra.html(E'<section class="kra" aria-labelledby="kra-%s">\n%h', place::text, heading);
        END IF;
        part := part || kra.html(E'<article class="kpi">\n<div class="stack">\n<h3><bdi>%s</bdi></h3>\n<p class="value"><b>%s</b> %h</p>\n<p>%s</p>\n%h<p class="soft small">%s</p>\n</div>\n%h\n</article>\n',
            r.kpi_name, coalesce(r.actual_text, 'no data'), kra.status_html(r.status), r.context,
            (SELECT string_agg(kra.html(E'<p class="small">%s</p>\n', upper(left(n.note, 1)) || substr(n.note, 2)), '' ORDER BY n.place)
             FROM (VALUES
                 (1, CASE WHEN r.is_running THEN 'the period runs until ' || kra.day_text(r.period_end) || ': so far, and held against no other' END),
                 (2, CASE WHEN r.expected_value IS DISTINCT FROM r.target_value AND r.expected_value IS NOT NULL AND r.target_value IS NOT NULL
                          THEN 'expected by then on the way to the target: ' || kra.value_text(r.expected_value, r.unit_label) END),
                 (3, kra.trend_words(r.trend_direction, r.trend_meaning, r.trend_slope_value, r.unit_label, r.period_grain)),
                 (4, kra.signal_text(r.signal) || CASE r.signal_meaning WHEN 'improvement' THEN ': an improvement' WHEN 'concern' THEN ': a concern' ELSE '' END),
                 (5, CASE WHEN r.misses_count > 1 THEN 'missed ' || r.misses_count || ' times in a row' END),
                 (6, CASE WHEN r.is_target_moved THEN 'the target was changed after the period began' END),
                 (7, CASE WHEN r.is_stale THEN 'stale: the newest data are of ' || kra.day_text(r.last_data_date) || ', ' || kra.number_of(r.freshness_day_count, 'day', 'days') || ' ago' END),
                 (8, CASE WHEN r.benchmark_value IS NOT NULL THEN 'others reach ' || kra.value_text(r.benchmark_value, r.unit_label) || coalesce(' (' || r.benchmark_source || ')', '') END)
             ) n (place, note) WHERE n.note IS NOT NULL),
            concat_ws(', ', r.kpi_kind, r.kpi_timing,
                      CASE WHEN r.is_on_card THEN CASE WHEN r.weight_value = 0 THEN 'shown, not scored' ELSE kra.share_text(r.weight_share) || ' of the weight' END END,
                      CASE WHEN r.is_derived OR r.observed_member_count > 1 THEN 'out of ' || kra.number_of(r.observed_member_count, 'member', 'members') || ' with data' END),
            kra.kpi_pictures(r.kpi_id, report_kras.subject_id, report_kras.grid, report_kras.period_start, report_kras.upto, r.is_running,
                             r.actual_value, r.target, r.unit_label, r.kpi_name, r.kpi_count <= 25));
    END LOOP;
    IF NOT is_open THEN
        RETURN NULL;
    END IF;
    RETURN array_to_string(parts, '') || kra.html(E'%h</section>\n', array_to_string(part, ''));
END $$;
COMMENT ON FUNCTION kra.report_kras(integer, text, smallint, date, date, date) IS 'the KRAs of a subject in a period, each with its KPIs: value, status, context, what is notable, pictures';

CREATE FUNCTION kra.findings_around(subject_id integer, job_role_id integer, kpi_ids integer[], as_of date)
RETURNS TABLE (rule_id text, severity text, severity_code integer, about_kind text, about_name text, message text, hint text, since_date date,
    is_waived boolean, waiver_reason text, waiver_author text, waived_until date, result_area_id integer, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    limits jsonb := kra.rule_limits();
BEGIN
    RETURN QUERY
    SELECT f.rule, v.severity, CASE v.severity WHEN 'info' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.about_kind, f.about_name,
           f.message, coalesce(f.hint, r.hint), f.since, w.id IS NOT NULL, w.reason, w.author, w.ends_on,
           f.result_area_id, f.kpi_id
    FROM (
        SELECT * FROM kra.findings_of_subject(findings_around.subject_id, findings_around.as_of, limits)
        UNION ALL
        SELECT * FROM kra.findings_of_role(findings_around.job_role_id, findings_around.as_of, limits) WHERE findings_around.job_role_id IS NOT NULL
        UNION ALL
        SELECT x.* FROM unnest(findings_around.kpi_ids) k (id) CROSS JOIN LATERAL kra.findings_of_kpi(k.id, findings_around.as_of, limits) x
    ) f
    JOIN kra.built_in_rules() r ON r.rule = f.rule
    CROSS JOIN LATERAL (SELECT coalesce(f.severity, r.severity) AS severity) v
    LEFT JOIN LATERAL (
        SELECT w.* FROM kra.waivers w
        WHERE w.rule = f.rule AND w.about = f.about_kind || ':' || f.about_key AND w.subject_id IS NOT DISTINCT FROM f.subject_id AND w.ends_on >= findings_around.as_of
        ORDER BY w.ends_on DESC, w.id DESC LIMIT 1
    ) w ON true
    ORDER BY w.id IS NOT NULL, 3 DESC, f.subject_id IS NULL, f.rule, f.about_key COLLATE "C";
END $$;
COMMENT ON FUNCTION kra.findings_around(integer, integer, integer[], date) IS 'findings about a subject, its role and the KPIs of its card, as kra.findings has them, waived ones last, the gravest first';

CREATE FUNCTION kra.finding_line(names text, about_kind text, message text, since_date date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html('%h (%s): %s%h', names, CASE about_kind WHEN 'kra' THEN 'KRA' WHEN 'kpi' THEN 'KPI' ELSE about_kind END, message,
                    CASE WHEN since_date IS NOT NULL THEN kra.html(' <span class="soft small nowrap">(since %s)</span>', kra.day_text(since_date)) END);
END;
COMMENT ON FUNCTION kra.finding_line(text, text, text, date) IS 'what is found about some things of a kind: their names as markup, the sentence, and since when';

CREATE FUNCTION kra.finding_html(severity text, lines text, hint text, is_waived boolean, waiver_reason text, waiver_author text, waived_until date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html(E'<li>\n<p>%h %h</p>\n<p class="small"><span class="soft">What to do:</span> %s</p>\n%h</li>\n',
        CASE WHEN is_waived THEN kra.html('<span class="status">waived</span>') ELSE kra.html('<span class="status %s">%s</span>', severity, severity) END, lines, hint,
        CASE WHEN is_waived THEN kra.html(E'<p class="small soft">Waived until %s by <bdi>%s</bdi>: <bdi>%s</bdi></p>\n', kra.day_text(waived_until), waiver_author, waiver_reason) END);
END;
COMMENT ON FUNCTION kra.finding_html(text, text, text, boolean, text, text, date) IS 'a finding, or several of one rule, as an item of a list; lines are those of finding_line';

CREATE FUNCTION kra.report_findings(subject_id integer, job_role_id integer, kpi_ids integer[], as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := (SELECT s.name || ' / ' FROM kra.subjects s WHERE s.id = report_findings.subject_id);   -- said at the top of the page
BEGIN
    RETURN (   -- what has the same sentence on a line, what has the same advice in an item
        SELECT kra.html(E'<ul class="list">\n%h</ul>\n', string_agg(
                   kra.finding_html(i.severity, i.lines, i.hint, i.is_waived, i.waiver_reason, i.waiver_author, i.waived_until), '' ORDER BY i.n))
        FROM (
            SELECT l.severity, l.hint, l.is_waived, l.waiver_reason, l.waiver_author, l.waived_until, min(l.n) AS n,
                   string_agg(kra.finding_line(l.names, l.about_kind, l.message, l.since_date), E'</p>\n<p>' ORDER BY l.n) AS lines
            FROM (
                SELECT f.rule_id, f.severity, f.hint, f.is_waived, f.waiver_reason, f.waiver_author, f.waived_until, f.about_kind, f.message,
                       CASE WHEN min(f.since_date) = max(f.since_date) THEN min(f.since_date) END AS since_date, min(f.n) AS n,
                       string_agg(kra.html('<b><bdi>%s</bdi></b>', CASE WHEN starts_with(f.about_name, own) THEN substr(f.about_name, length(own) + 1) ELSE f.about_name END), ', ' ORDER BY f.n) AS names
                FROM kra.findings_around(report_findings.subject_id, report_findings.job_role_id, report_findings.kpi_ids, report_findings.as_of)
                     WITH ORDINALITY f (rule_id, severity, severity_code, about_kind, about_name, message, hint, since_date, is_waived, waiver_reason, waiver_author, waived_until, result_area_id, kpi_id, n)
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
            ) l
            GROUP BY l.rule_id, 1, 2, 3, 4, 5, 6
        ) i
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra.report_findings(integer, integer, integer[], date) IS 'findings about a subject, its role and its KPIs, and what to do; NULL: none';

CREATE FUNCTION kra.overdue_html(due_date date, as_of date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN due_date < as_of THEN kra.html('<span class="status off_track">overdue</span> since <span class="nowrap">%s</span>', kra.day_text(due_date))
                ELSE kra.html('<span class="status">due</span> <span class="nowrap">%s</span>', kra.day_text(due_date)) END
    WHERE due_date IS NOT NULL;
END;
COMMENT ON FUNCTION kra.overdue_html(date, date) IS 'a due date, with a word when it has passed; NULL for NULL';

CREATE FUNCTION kra.report_actions(subject_id integer, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra.page_table('Open actions, and those done in the period', '{Action,Owner,Due,Outcome}', kra.html(E'<tbody>\n%h</tbody>\n', string_agg(
                   kra.html(E'<tr><th scope="row"><bdi class="said">%s</bdi>%h</th><td class="who"><bdi>%s</bdi></td><td>%h</td><td class="words"><bdi class="said">%s</bdi></td></tr>\n',
                       a.description, CASE WHEN k.name IS NOT NULL THEN kra.html('<br><span class="soft small">about <bdi>%s</bdi></span>', k.name) END, coalesce(o.name, 'somebody else'),
                       CASE WHEN a.is_done THEN kra.html('<span class="status done">done</span> <span class="nowrap">%s</span>', kra.day_text(a.done_on))
                            ELSE kra.overdue_html(a.due_on, report_actions.as_of) END, CASE WHEN a.is_done THEN a.outcome END), ''
                   ORDER BY a.is_done, a.due_on, a.id)))
        FROM (SELECT x.*, x.done_on IS NOT NULL AND x.done_on <= report_actions.as_of AS is_done FROM kra.actions x
              WHERE x.subject_id = report_actions.subject_id AND (x.created_at AT TIME ZONE 'UTC')::date <= report_actions.as_of) a
        LEFT JOIN kra.subjects o ON o.id = a.owner_id
        LEFT JOIN kra.kpis k ON k.id = a.kpi_id
        WHERE NOT a.is_done OR a.done_on BETWEEN report_actions.period_start AND report_actions.upto
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra.report_actions(integer, date, date, date) IS 'open actions about a subject, and those done in the period; NULL: none';

CREATE FUNCTION kra.report_check_ins(subject_id integer, period_start date, period_end date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra.html(E'<ul class="list">\n%h</ul>\n', string_agg(
                   kra.html(E'<li>\n<p class="small soft"><span class="nowrap">%s</span>, <bdi>%s</bdi>%h</p>\n<p class="said" dir="auto">%s</p>\n</li>\n',
                       kra.day_text((c.checked_at AT TIME ZONE 'UTC')::date), c.checked_by,
                       CASE WHEN coalesce(k.name, o.name) IS NOT NULL THEN kra.html(', about <bdi>%s</bdi>', concat_ws(', ', k.name, o.name)) END, c.comment), ''
                   ORDER BY c.checked_at, c.id))
        FROM kra.check_ins c
        LEFT JOIN kra.kpis k ON k.id = c.kpi_id
        LEFT JOIN kra.objectives o ON o.id = c.objective_id
        WHERE c.subject_id = report_check_ins.subject_id
          AND (c.checked_at AT TIME ZONE 'UTC')::date BETWEEN report_check_ins.period_start AND least(report_check_ins.period_end, report_check_ins.as_of)
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra.report_check_ins(integer, date, date, date) IS 'check-ins about a subject in the period; NULL: none';

CREATE FUNCTION kra.report_review(subject_id integer, grid smallint, period_start date, as_of date, card_now kra.scorecard) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v record;
    least_coverage double precision := (SELECT min_coverage FROM kra.settings_in_force);
BEGIN
    SELECT r.* INTO v FROM kra.reviews r
    WHERE r.subject_id = report_review.subject_id AND r.period_grain = kra.grid_grain(report_review.grid) AND r.period_start = report_review.period_start
      AND (report_review.as_of >= current_date OR (r.closed_at AT TIME ZONE 'UTC')::date <= report_review.as_of);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN kra.html(E'<div class="stack">\n<p>Closed on %s by <bdi>%s</bdi>. Score then %s, now %s.</p>\n%h</div>\n',
            kra.day_text((v.closed_at AT TIME ZONE 'UTC')::date), v.closed_by,
            coalesce(kra.share_text(kra.score(v.card, NULL, 1.2, least_coverage)), 'none'),
            coalesce(kra.share_text(kra.score(report_review.card_now, NULL, 1.2, least_coverage)), 'none'),
            CASE WHEN btrim(v.summary) <> '' THEN kra.html(E'<p class="said" dir="auto">%s</p>\n', v.summary) END)
        || coalesce((
            SELECT kra.page_table('The card as it was closed, and as it is now', '{KPI,Target then,Target now,Then,Now}', kra.html(E'<tbody>\n%h</tbody>\n', string_agg(
                       kra.html(E'<tr><th scope="row"><bdi>%s</bdi></th><td class="who">%s</td><td class="who">%s</td><td class="who">%s%h</td><td class="who">%s%h</td></tr>\n', coalesce(k.name, x.kpi),
                           coalesce(kra.target_text(x.target_then, k.unit), '-'), coalesce(kra.target_text(x.target_now, k.unit), '-'),
                           coalesce(kra.value_text(x.actual_then, k.unit), '-'), CASE WHEN x.status_then IS NOT NULL THEN ' ' || kra.status_html(x.status_then::text) END,
                           coalesce(kra.value_text(x.actual_now, k.unit), '-'), CASE WHEN x.status_now IS NOT NULL THEN ' ' || kra.status_html(x.status_now::text) END), ''
                       ORDER BY x.kra COLLATE "C", x.kpi COLLATE "C")))
            FROM (SELECT coalesce(a.kpi, b.kpi) AS kpi, coalesce(a.kra, b.kra) AS kra, a.target AS target_then, b.target AS target_now,
                         a.actual AS actual_then, b.actual AS actual_now, a.status AS status_then, b.status AS status_now
                  FROM kra.entries(v.card) a FULL JOIN kra.entries(report_review.card_now) b ON b.kpi = a.kpi) x
            LEFT JOIN kra.kpis k ON k.key = x.kpi
            HAVING count(*) > 0), '');
END $$;
COMMENT ON FUNCTION kra.report_review(integer, smallint, date, date, kra.scorecard) IS 'the closed review of a subject in a period: its summary, and the card that was frozen beside the card of now; NULL: not closed by then';

CREATE FUNCTION kra.report_objectives(subject_id integer, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o record;
    items text[] := '{}';
    progress double precision;
BEGIN
    FOR o IN
        SELECT x.* FROM kra.objectives x
        WHERE x.subject_id = report_objectives.subject_id AND coalesce(x.starts_on, report_objectives.upto) <= report_objectives.upto
          AND (coalesce(x.due_on, report_objectives.upto) >= report_objectives.period_start
               OR EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = x.id AND (m.completed_on IS NULL OR m.completed_on > report_objectives.as_of)))
        ORDER BY x.due_on, x.name COLLATE "C", x.id
    LOOP
        progress := kra.objective_progress(o.id, report_objectives.as_of);
        items := items || kra.html(E'<li>\n<h3><bdi>%s</bdi></h3>\n<p class="small">%s</p>\n%h%h</li>\n', o.name,
            concat_ws(', ', coalesce(kra.share_text(progress) || ' done', 'no progress is known'), 'from ' || kra.day_text(o.starts_on),
                      CASE WHEN o.due_on < report_objectives.as_of AND progress IS DISTINCT FROM 1 THEN 'overdue since ' ELSE 'due ' END || kra.day_text(o.due_on)),
            CASE WHEN btrim(o.description) <> '' THEN kra.html(E'<p class="small soft said" dir="auto">%s</p>\n', o.description) END,
            (SELECT kra.page_table('Milestones of ' || o.name, '{Milestone,Owner,Due,Done}', kra.html(E'<tbody>\n%h</tbody>\n', string_agg(
                        kra.html(E'<tr><th scope="row"><bdi>%s</bdi></th><td class="who"><bdi>%s</bdi></td><td>%h</td><td class="num">%s</td></tr>\n', m.name, coalesce(s.name, CASE WHEN m.owner_id IS NULL THEN 'nobody' ELSE 'somebody else' END),
                            CASE WHEN m.is_done THEN kra.html('<span class="status done">done</span> <span class="nowrap">%s</span>', kra.day_text(m.completed_on))
                                 ELSE coalesce(kra.overdue_html(m.due_on, report_objectives.as_of), kra.html('no date')) END,
                            CASE WHEN m.is_done THEN '100%' ELSE kra.share_text(CASE WHEN m.completion < 1 THEN m.completion ELSE 0 END) END), '' ORDER BY m.due_on, m.id)))
             FROM (SELECT y.*, y.completed_on IS NOT NULL AND y.completed_on <= report_objectives.as_of AS is_done FROM kra.milestones y WHERE y.objective_id = o.id) m
             LEFT JOIN kra.subjects s ON s.id = m.owner_id
             HAVING count(*) > 0));
    END LOOP;
    IF items = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN kra.html(E'<ul class="list">\n%h</ul>\n', array_to_string(items, ''));
END $$;
COMMENT ON FUNCTION kra.report_objectives(integer, date, date, date) IS 'objectives of a subject in the period, with progress and milestones; NULL: none';

CREATE FUNCTION kra.card_row_html(name_markup text, path text, score_text text, score_value double precision, status text, coverage_pct double precision,
    on_target_count integer, kpi_count integer, imbalance_flag text, weak_areas text, serious_count bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.html(E'<tr><th scope="row">%h%h</th><td>%h</td><td class="num bar">%s%h</td><td class="num">%s</td><td class="num nowrap">%s</td><td>%s</td><td class="words"><bdi>%s</bdi></td>%h</tr>\n',
        name_markup, CASE WHEN path IS NOT NULL THEN kra.html('<br><span class="soft small"><bdi>%s</bdi></span>', path) END,
        coalesce(kra.status_html(status), kra.html('<span class="soft">no card</span>')),
        CASE WHEN score_value IS NULL AND score_text IS NOT NULL THEN 'no score' ELSE split_part(score_text, ' ', 1) END,
        CASE WHEN score_value IS NOT NULL THEN kra.bullet_svg(score_value * 100, '>= 100', NULL, '%', 90, 14) END,
        kra.share_text(coverage_pct), on_target_count || ' of ' || kpi_count, kra.imbalance_words(imbalance_flag), weak_areas,
        CASE WHEN serious_count IS NOT NULL THEN kra.html('<td class="num">%h</td>', CASE serious_count WHEN 0 THEN 'none' ELSE kra.html('<span class="status serious">%s serious</span>', serious_count::text) END) END);
END;
COMMENT ON FUNCTION kra.card_row_html(text, text, text, double precision, text, double precision, integer, integer, text, text, bigint) IS 'a scorecard as a row of a table; no last column where serious_count is NULL';

CREATE FUNCTION kra.report_members(subject_id integer, grid smallint, period_start date, upto date, as_of date, link text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    most constant integer := 500;
    rows text;
    members bigint;
BEGIN
    WITH c AS MATERIALIZED (   -- asked for by the group, and by nothing else
        SELECT * FROM kra.scorecards(report_members.as_of) v
        WHERE v.parent_key = (SELECT g.key FROM kra.subjects g WHERE g.id = report_members.subject_id)
          AND v.period_grain = kra.grid_grain(report_members.grid) AND v.period_start = report_members.period_start
    )
    SELECT string_agg(x.line, '' ORDER BY x.n) FILTER (WHERE x.n <= most), count(*) INTO rows, members
    FROM (
        SELECT row_number() OVER (ORDER BY array_position('{company,team,project,vendor,person}'::text[], s.kind),
                                         array_position('{off_track,at_risk,no_data,no_target,on_track,exceeded}'::text[], c.status), c.score_value, s.name COLLATE "C", s.id) AS n,
               kra.card_row_html(kra.name_html(s.name, s.key, report_members.link), s.kind, c.score_text, c.score_value, c.status, c.coverage_pct,
                                 c.exceeded_count + c.on_track_count, c.kpi_count, c.imbalance_flag, c.weak_areas, NULL) AS line
        FROM kra.subject_timeline tl
        JOIN kra.subjects s ON s.id = tl.subject_id
        LEFT JOIN c ON c.subject_key = s.key
        WHERE tl.parent_id = report_members.subject_id
          AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, report_members.period_start, report_members.upto)
    ) x;
    RETURN kra.page_table('Who is directly below, the worst status first' || CASE WHEN members > most THEN format(': the first %s of %s', most, members) ELSE '' END,
        '{Name,Status,Score,Coverage,On target,Balance,Weak areas}', kra.html(E'<tbody>\n%h</tbody>\n', rows), true) WHERE rows IS NOT NULL;
END $$;
COMMENT ON FUNCTION kra.report_members(integer, smallint, date, date, date, text) IS 'the subjects directly below a group in the period, with their scores; NULL: none';

CREATE FUNCTION kra.due_table(subject_key text, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra.page_table('What is due, and who has to act', '{What,Kind,Who,When}', kra.html(E'<tbody>\n%h</tbody>\n', string_agg(
                   kra.html(E'<tr><th scope="row">%s</th><td>%s</td><td class="who"><bdi>%s</bdi></td><td>%h</td></tr>\n', d.what_text, replace(d.due_kind, '_', '-'), coalesce(d.owner_name, 'somebody else'),
                       kra.overdue_html(d.due_date, due_table.as_of)), '' ORDER BY d.due_date, d.row_key COLLATE "C")))
        FROM kra.due(due_table.as_of, 14) d
        WHERE d.subject_key = due_table.subject_key
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra.due_table(text, date) IS 'what is due about a subject; NULL: nothing';

CREATE FUNCTION kra.report(subject text, period text DEFAULT NULL, as_of date DEFAULT current_date, link text DEFAULT 'report-%s.html') RETURNS kra."text/html"
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra.page_day(as_of);
    address text := kra.checked_link(link);
    s kra.subjects := kra.subject_named(subject);
    p record;
    role record;
    c record;
    card_now kra.scorecard;
    kpi_ids integer[];
    path text;
    head text;
    score text;
    sections text[][];   -- id, heading, markup
    section text[];
    body text := '';
    nav text := '';
BEGIN
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO p FROM kra.page_period(s.id, report.period, day);
    SELECT jr.id, jr.name, jr.purpose, jr.level INTO role
    FROM (SELECT) one
    LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, p.period_start, p.upto)
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id;
    SELECT x.* INTO c FROM kra.scorecards(day) x
    WHERE x.subject_key = s.key AND x.period_grain = p.period_grain AND x.period_start = p.period_start;
    IF c.row_key IS NOT NULL THEN
        card_now := (kra.period_card(s.id, p.grid, p.period_start, p.upto)).card;
        kpi_ids := ARRAY(SELECT k.id FROM kra.entries(card_now) e JOIN kra.kpis k ON k.key = e.kpi ORDER BY k.id);
    END IF;
    path := kra.path_above(kra.path_of(s.id, p.period_start, p.upto), s.name);

    head := kra.html(E'<p class="soft">%s%h</p>\n<h1><bdi>%s</bdi></h1>\n%h<p>%s <span class="soft">(%s to %s), as of %s</span></p>\n',
        upper(left(s.kind, 1)) || substr(s.kind, 2), CASE WHEN path IS NOT NULL THEN kra.html(' in <bdi>%s</bdi>', path) END, s.name,
        CASE WHEN role.name IS NOT NULL THEN kra.html(E'<p><b><bdi>%s</bdi></b>%h%h</p>\n', role.name,
            CASE WHEN role.level IS NOT NULL THEN kra.html(', <bdi>%s</bdi>', role.level) END,
            CASE WHEN role.purpose IS NOT NULL THEN kra.html(': <bdi>%s</bdi>', role.purpose) ELSE kra.html(' <span class="soft">(no purpose is written down)</span>') END)
             WHEN kra.has_members(s.id) THEN kra.html(E'<p class="soft">Has no role of its own: the card is that of its members.</p>\n')
             ELSE kra.html(E'<p class="soft">Has no role in this period.</p>\n') END,
        p.period_label, kra.day_text(p.period_start), kra.day_text(p.period_end), kra.day_text(day));

    IF c.row_key IS NULL THEN
        score := kra.html(E'<p>%s</p>\n', CASE
            WHEN p.period_start > day THEN format('%s has not begun on %s.', p.period_label, kra.day_text(day))
            WHEN NOT EXISTS (SELECT FROM kra.periods(day)) THEN 'Nothing was measured yet.'
            WHEN NOT EXISTS (SELECT FROM kra.periods(day) x WHERE x.grid = p.grid AND x.period_start = p.period_start)
                THEN format('Nothing was measured in %s, of anybody.', p.period_label)
            WHEN role.id IS NULL AND NOT kra.has_members(s.id) THEN 'No scorecard: a scorecard comes from a role, or from members who have one.'
            ELSE format('No scorecard in %s: no KPI was on the card, or it is not yours to see.', p.period_label) END);
    ELSE
        score := kra.html(E'<div class="stack">\n<p class="score"><strong>%s</strong> %h <span>%s of the weight has data and a target</span></p>\n%h<p>%s</p>\n%h%h</div>\n',
            CASE WHEN c.score_value IS NULL THEN 'No score' ELSE split_part(c.score_text, ' ', 1) END, kra.status_html(c.status), kra.share_text(c.coverage_pct),
            CASE WHEN c.score_reason IS NOT NULL THEN kra.html(E'<p>No score, since %s.</p>\n', c.score_reason) END,
            format('%s of %s on target: %s.', c.exceeded_count + c.on_track_count, kra.number_of(c.kpi_count, 'KPI', 'KPIs'),
                   concat_ws(', ', nullif(c.exceeded_count, 0) || ' exceeded', nullif(c.on_track_count, 0) || ' on track', nullif(c.at_risk_count, 0) || ' at risk',
                             nullif(c.off_track_count, 0) || ' off track', nullif(c.no_data_count, 0) || ' without data', nullif(c.no_target_count, 0) || ' without a target')),
            CASE WHEN c.imbalance_reason IS NOT NULL THEN kra.html(E'<p><b>Outcome and activity: %s.</b> %s</p>\n', kra.imbalance_words(c.imbalance_flag),
                 upper(left(c.imbalance_reason, 1)) || substr(c.imbalance_reason, 2)) END,
            CASE WHEN coalesce(c.strong_areas, c.weak_areas) IS NOT NULL THEN kra.html(E'<p class="small">%h%h</p>\n',
                 CASE WHEN c.strong_areas IS NOT NULL THEN kra.html('<span class="soft">Strong:</span> <bdi>%s</bdi> ', c.strong_areas) END,
                 CASE WHEN c.weak_areas IS NOT NULL THEN kra.html('<span class="soft">Weak:</span> <bdi>%s</bdi>', c.weak_areas) END) END);
    END IF;

    sections := ARRAY[
        ARRAY['score', 'Score', score],
        ARRAY['kras', 'KRAs', kra.report_kras(s.id, s.key, p.grid, p.period_start, p.upto, day)],
        ARRAY['findings', 'Findings, and what to do', kra.report_findings(s.id, role.id, kpi_ids, day)],
        ARRAY['due', 'Due', kra.due_table(s.key, day)],
        ARRAY['actions', 'Actions', kra.report_actions(s.id, p.period_start, p.upto, day)],
        ARRAY['check-ins', 'Check-ins', kra.report_check_ins(s.id, p.period_start, p.period_end, day)],
        ARRAY['review', 'Review', kra.report_review(s.id, p.grid, p.period_start, day, card_now)],
        ARRAY['objectives', 'Objectives', kra.report_objectives(s.id, p.period_start, p.upto, day)],
        ARRAY['members', 'Members', kra.report_members(s.id, p.grid, p.period_start, p.upto, day, address)]];
    FOREACH section SLICE 1 IN ARRAY sections LOOP
        IF section[3] IS NOT NULL THEN
            body := body || CASE section[1] WHEN 'kras' THEN section[3] ELSE kra.page_section(section[1], section[2], section[3]) END;
            nav := nav || kra.html('<li><a href="#%s">%s</a></li>', CASE section[1] WHEN 'kras' THEN 'kra-1' ELSE section[1] END, section[2]);
        END IF;
    END LOOP;
    RETURN kra.page(format('%s, %s', CASE WHEN length(s.name) > 50 THEN left(s.name, 47) || '...' ELSE s.name END, p.period_label), head || kra.html(E'<nav aria-label="Sections"><ul>%h</ul></nav>\n', nav), body,
                    format('%s of %s, as of %s. A score is attainment weighted over the KPIs; 100%% is all targets met, and no KPI counts above 120%%. What is missing lowers the coverage, never the score.', p.period_label, s.name, kra.day_text(day)));
END $$;
COMMENT ON FUNCTION kra.report(text, text, date, text) IS 'a page about a subject (its key) in a period (its label; NULL: the latest complete one): score, KRAs and KPIs with pictures, findings, what is due, actions, check-ins, review, objectives, members. One HTML document that needs nothing else. link is the address of reports of its members, %s their files (see report_file), %k their keys; NULL: no links. Error for a subject that the caller does not see, and for what is no period, day or address';

-- The dashboard.

CREATE FUNCTION kra.dashboard_due(as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    counts text;
    rows text;
    overdue bigint;
BEGIN
    WITH d AS MATERIALIZED (SELECT * FROM kra.due(dashboard_due.as_of, 14))
    SELECT (SELECT string_agg(format('%s: %s, %s overdue', replace(x.due_kind, '_', '-'), x.n, x.overdue), '; ' ORDER BY x.n DESC, x.due_kind)
            FROM (SELECT d.due_kind, count(*) AS n, count(*) FILTER (WHERE d.is_overdue) AS overdue FROM d GROUP BY d.due_kind) x),
           (SELECT count(*) FROM d WHERE d.is_overdue),
           (SELECT string_agg(kra.html(E'<tr><th scope="row">%s</th><td>%s</td><td class="who"><bdi>%s</bdi></td><td>%h</td></tr>\n', x.what_text, replace(x.due_kind, '_', '-'), coalesce(x.owner_name, 'somebody else'),
                       kra.overdue_html(x.due_date, dashboard_due.as_of)), '' ORDER BY x.due_date, x.row_key COLLATE "C")
            FROM (SELECT * FROM d WHERE d.is_overdue ORDER BY d.due_date, d.row_key COLLATE "C" LIMIT 50) x)
    INTO counts, overdue, rows;
    RETURN kra.html(E'<p>%s.</p>\n', upper(left(counts, 1)) || substr(counts, 2))
        || coalesce(kra.page_table(CASE WHEN overdue > 50 THEN format('The first 50 of %s that are overdue', overdue) ELSE 'What is overdue' END,
                                   '{What,Kind,Who,When}', kra.html(E'<tbody>\n%h</tbody>\n', rows)), '')
    WHERE counts IS NOT NULL;
END $$;
COMMENT ON FUNCTION kra.dashboard_due(date) IS 'what is due about anybody whom the caller sees: counts by kind, and the first that are overdue; NULL: nothing';

CREATE FUNCTION kra.dashboard(period text DEFAULT NULL, as_of date DEFAULT current_date, link text DEFAULT 'report-%s.html') RETURNS kra."text/html"
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra.page_day(as_of);
    address text := kra.checked_link(link);
    p record;
    found jsonb;       -- serious findings by subject
    rules text;
    serious text;
    d record;
    head text;
    sections text[][];
    section text[];
    body text := '';
    nav text := '';
BEGIN
    SELECT * INTO p FROM kra.page_period(NULL, dashboard.period, day);

    WITH f AS MATERIALIZED (SELECT * FROM kra.findings(as_of => day))
    SELECT (SELECT jsonb_object_agg(x.subject_key, x.n) FROM (
                SELECT f.subject_key, count(*) AS n FROM f WHERE f.severity = 'serious' AND NOT f.is_waived AND f.subject_key IS NOT NULL GROUP BY f.subject_key) x),
           (SELECT string_agg(kra.html(E'<tr><th scope="row">%s</th><td class="num">%s</td><td class="num">%s</td><td class="num">%s</td><td class="num">%s</td></tr>\n',
                       coalesce(replace(x.meaning, 'the threshold', format('the threshold (%s)', kra.value_text(x.threshold))), x.meaning), x.serious::text, x.warning::text, x.info::text, x.waived::text), '' ORDER BY x.serious DESC, x.warning DESC, x.info DESC, x.rule_id)
            FROM (SELECT f.rule_id, r.meaning, max(f.threshold_value) AS threshold, count(*) FILTER (WHERE f.severity = 'serious' AND NOT f.is_waived) AS serious,
                         count(*) FILTER (WHERE f.severity = 'warning' AND NOT f.is_waived) AS warning, count(*) FILTER (WHERE f.severity = 'info' AND NOT f.is_waived) AS info,
                         count(*) FILTER (WHERE f.is_waived) AS waived
                  FROM f JOIN kra.built_in_rules() r ON r.rule = f.rule_id GROUP BY f.rule_id, r.meaning) x),
           (SELECT string_agg(kra.finding_html(x.severity, kra.finding_line(kra.html('<b><bdi>%s</bdi></b>', x.about_name), x.about_kind, x.message, x.since_date), x.hint, false, NULL, NULL, NULL), '' ORDER BY x.since_date, x.row_key COLLATE "C")
            FROM (SELECT * FROM f WHERE f.severity = 'serious' AND NOT f.is_waived ORDER BY f.since_date, f.row_key COLLATE "C" LIMIT 30) x)
    INTO found, rules, serious;

    WITH c AS MATERIALIZED (
        SELECT x.*, array_position('{company,team,project,vendor,person}'::text[], x.subject_kind) AS kind_place,
               array_position('{off_track,at_risk,no_data,no_target,on_track,exceeded}'::text[], x.status) AS status_place
        FROM kra.scorecards(day) x
        WHERE x.period_grain = p.period_grain AND x.period_start = p.period_start
    ), lowest AS MATERIALIZED (   -- a group is its members' once more
        SELECT c.* FROM c WHERE NOT EXISTS (SELECT FROM c m WHERE m.parent_key = c.subject_key)
    )
    SELECT (SELECT count(*) FROM c) AS cards, (SELECT count(*) FROM lowest) AS lowest,
           (SELECT sum(l.exceeded_count + l.on_track_count) FROM lowest l) AS on_target, (SELECT sum(l.kpi_count) FROM lowest l) AS kpis,
           (SELECT string_agg(kra.html('<li>%h %s</li>', kra.status_html(x.status), x.n::text), '' ORDER BY x.status_place)
            FROM (SELECT l.status, l.status_place, count(*) AS n FROM lowest l GROUP BY 1, 2) x) AS counts,
           (SELECT string_agg(kra.html(E'<tbody>\n<tr><th class="group" id="kind-%s" colspan="8" scope="rowgroup">%s</th></tr>\n%h</tbody>\n', g.subject_kind,
                       CASE g.subject_kind WHEN 'company' THEN kra.number_of(g.n, 'company', 'companies') WHEN 'person' THEN kra.number_of(g.n, 'person', 'people')
                                           ELSE kra.number_of(g.n, g.subject_kind, g.subject_kind || 's') END, g.lines), '' ORDER BY g.kind_place)
            FROM (SELECT c.subject_kind, c.kind_place, count(*) AS n,
                         string_agg(kra.card_row_html(kra.name_html(c.subject_name, c.subject_key, address), kra.path_above(c.subject_path, c.subject_name), c.score_text, c.score_value, c.status, c.coverage_pct,
                                        c.exceeded_count + c.on_track_count, c.kpi_count, c.imbalance_flag, c.weak_areas, coalesce((found->>c.subject_key)::bigint, 0)), ''
                                    ORDER BY c.status_place, c.score_value, c.subject_path COLLATE "C", c.subject_key COLLATE "C") AS lines
                  FROM c GROUP BY 1, 2) g) AS lines,
           (SELECT string_agg(kra.html('<li><a href="#kind-%s">%s</a></li>', g.subject_kind, g.subject_kind), '' ORDER BY g.kind_place) FROM (SELECT DISTINCT c.subject_kind, c.kind_place FROM c) g) AS kinds,
           (SELECT string_agg(kra.html(E'<li><p>%h</p><p class="small">%s</p></li>\n', kra.name_html(c.subject_name, c.subject_key, address),
                       upper(left(c.imbalance_reason, 1)) || substr(c.imbalance_reason, 2)), '' ORDER BY c.activity_score_value - c.outcome_score_value DESC, c.subject_key COLLATE "C")
            FROM c WHERE c.is_busy_not_moving) AS busy
    INTO d;

    head := kra.html(E'<h1>Scorecards, %s</h1>\n<p><span class="soft">%s to %s, as of %s</span></p>\n', p.period_label, kra.day_text(p.period_start), kra.day_text(p.period_end), kra.day_text(day));
    sections := ARRAY[
        ARRAY['summary', 'Summary', CASE WHEN d.cards = 0 THEN kra.html(E'<p>%s</p>\n', CASE
                  WHEN p.period_start > day THEN format('%s has not begun on %s.', p.period_label, kra.day_text(day))
                  WHEN NOT EXISTS (SELECT FROM kra.periods(day)) THEN 'Nothing was measured yet.'
                  ELSE format('There is no scorecard in %s that you may see.', p.period_label) END)
              ELSE kra.html(E'<div class="stack">\n<p>%s; %s on target.</p>\n<ul class="counts">%h</ul>\n</div>\n',
                       kra.number_of(d.cards, 'scorecard', 'scorecards'), CASE WHEN d.lowest < d.cards THEN format('of the %s with nobody below, ', d.lowest) ELSE '' END || format('%s of %s', d.on_target, kra.number_of(d.kpis, 'KPI', 'KPIs')), d.counts) END],
        ARRAY['scorecards', 'Scorecards', kra.page_table('Scorecards by kind, the worst status first', '{Name,Status,Score,Coverage,On target,Balance,Weak areas,Serious findings}', d.lines, true)],
        ARRAY['findings', 'Findings', kra.page_table('Rules that something breaks, and how often', '{Rule,Serious,Warning,Info,Waived}', kra.html(E'<tbody>\n%h</tbody>\n', rules))
              || coalesce(kra.html(E'<h3>Serious, the oldest first</h3>\n<ul class="list">\n%h</ul>\n', serious), '')],
        ARRAY['due', 'Due', kra.dashboard_due(day)],
        ARRAY['busy', 'Busy, not moving', kra.html(E'<p class="soft small">Activity at target, outcome not: what is done does not move the result.</p>\n<ul class="list">\n%h</ul>\n', d.busy)]];
    IF rules IS NULL THEN
        sections[3][3] := NULL;
    END IF;
    IF d.busy IS NULL THEN
        sections[5][3] := NULL;
    END IF;
    FOREACH section SLICE 1 IN ARRAY sections LOOP
        IF section[3] IS NOT NULL THEN
            body := body || kra.page_section(section[1], section[2], section[3]);
            nav := nav || kra.html('<li><a href="#%s">%s</a></li>', section[1], section[2]);
        END IF;
    END LOOP;
    RETURN kra.page(format('Scorecards, %s', p.period_label), head || kra.html(E'<nav aria-label="Sections"><ul>%h</ul></nav>\n', nav), body,
                    format('All subjects that %s sees, as of %s. Findings and what is due are of that day.', kra.viewer(), kra.day_text(day)));
END $$;
COMMENT ON FUNCTION kra.dashboard(text, date, text) IS 'a page about all subjects that the caller sees in a period (its label; NULL: the latest complete one): counts, a table with the worst first, findings, what is due, who is busy and does not move. One HTML document that needs nothing else. link is the address of reports, %s their files (see report_file), %k the keys of their subjects; NULL: no links';

-- For chat and mail.

CREATE FUNCTION kra.report_markdown(subject text, period text DEFAULT NULL, as_of date DEFAULT current_date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra.page_day(as_of);
    s kra.subjects := kra.subject_named(subject);
    has_blocks boolean := getdatabaseencoding() = 'UTF8';
    history_periods integer := (SELECT x.history_periods FROM kra.settings_in_force x);
    p record;
    c record;
    r record;
    role_id integer;
    kpi_ids integer[] := '{}';
    open_area text;
    areas jsonb;
    lines text[];
    part text;
BEGIN
    IF NOT kra.sees(s.id) THEN
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO p FROM kra.page_period(s.id, report_markdown.period, day);
    SELECT x.* INTO c FROM kra.scorecards(day) x
    WHERE x.subject_key = s.key AND x.period_grain = p.period_grain AND x.period_start = p.period_start;
    IF c.row_key IS NULL THEN
        RETURN kra.markdown(E'**%s**, %s: no scorecard.\n', s.name, p.period_label);
    END IF;
    lines := ARRAY[kra.markdown(E'**%s**, %s: %s, %s. %s of %s on target.', s.name, p.period_label,
                                CASE WHEN c.score_value IS NULL THEN c.score_text ELSE 'score ' || c.score_text END, replace(c.status, '_', ' '),
                                (c.exceeded_count + c.on_track_count)::text, kra.number_of(c.kpi_count, 'KPI', 'KPIs'))];
    IF c.imbalance_flag <> 'balanced' THEN
        lines := lines || kra.markdown('Outcome and activity: %s.', c.imbalance_reason);
    END IF;
    SELECT jsonb_object_agg(a.kra_name, a.score_text || ', ' || replace(a.status, '_', ' ')) INTO areas FROM kra.kra_results(day) a
    WHERE a.subject_key = s.key AND a.period_grain = p.period_grain AND a.period_start = p.period_start;
    FOR r IN
        SELECT v.*, l.kpi_id, NOT v.is_complete AND k.over_time IN ('sum', 'count') AS is_running
        FROM kra.card(s.id, p.grid, p.period_start, p.upto) l
        JOIN kra.kpis k ON k.id = l.kpi_id
        JOIN kra.kpi_results(day) v ON v.kpi_key = k.key
        WHERE v.subject_key = s.key AND v.period_grain = p.period_grain AND v.period_start = p.period_start AND v.is_on_card
        ORDER BY l.area_position, v.kra_name COLLATE "C", l.kpi_position, v.weight_value DESC, v.kpi_name COLLATE "C", v.kpi_key COLLATE "C"
    LOOP
        IF r.kra_name IS DISTINCT FROM open_area THEN
            open_area := r.kra_name;
            lines := lines || ''::text || kra.markdown('**%s**: %s', r.kra_name, areas->>r.kra_name) || ''::text;
        END IF;
        kpi_ids := kpi_ids || r.kpi_id;
        part := NULL;
        IF has_blocks THEN
            SELECT kra.sparkline(h.actuals[greatest(1, cardinality(h.actuals) - 11):]) INTO part
            FROM kra.history(r.kpi_id, s.id, p.grid, CASE WHEN r.is_running THEN kra.grid_shift(p.grid, p.period_start, -1) ELSE p.period_start END,
                             CASE WHEN r.is_running THEN p.period_start - 1 ELSE p.upto END, history_periods) h;
        END IF;
        lines := lines || kra.markdown('- %s: %s; %s%h%h', r.kpi_name, r.context, replace(r.status, '_', ' '),
                                       CASE WHEN r.misses_count > 1 THEN kra.markdown(', missed %s times in a row', r.misses_count::text) END,
                                       CASE WHEN part <> '' THEN kra.markdown(' %s', part) END);
    END LOOP;

    SELECT tl.job_role_id INTO role_id FROM kra.subject_timeline tl
    WHERE tl.subject_id = s.id AND kra.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, p.period_start, p.upto);
    SELECT string_agg(kra.markdown('- %s: %s%h: %s. %s', l.severity, array_to_string(l.names[:5], ', '),
                                   CASE WHEN cardinality(l.names) > 5 THEN kra.markdown(' and %s more', (cardinality(l.names) - 5)::text) END, l.message, l.hint), E'\n' ORDER BY l.n) INTO part
    FROM (
        SELECT f.severity, f.message, f.hint, array_agg(f.about_name ORDER BY f.n) AS names, min(f.n) AS n
        FROM kra.findings_around(s.id, role_id, kpi_ids, day)
             WITH ORDINALITY f (rule_id, severity, severity_code, about_kind, about_name, message, hint, since_date, is_waived, waiver_reason, waiver_author, waived_until, result_area_id, kpi_id, n)
        WHERE f.severity_code > 0 AND NOT f.is_waived
        GROUP BY f.rule_id, 1, 2, 3
        ORDER BY min(f.n) LIMIT 10
    ) l;
    IF part IS NOT NULL THEN
        lines := lines || ''::text || kra.markdown('**Findings**') || ''::text || part;
    END IF;
    SELECT string_agg(kra.markdown('- %s%h: %s', kra.day_text(d.due_date), CASE WHEN d.is_overdue THEN kra.markdown(' (overdue)') END, d.what_text), E'\n' ORDER BY d.due_date, d.row_key COLLATE "C") INTO part
    FROM (SELECT x.* FROM kra.due(day, 14) x WHERE x.subject_key = s.key ORDER BY x.due_date, x.row_key COLLATE "C" LIMIT 10) d;
    IF part IS NOT NULL THEN
        lines := lines || ''::text || kra.markdown('**Due**') || ''::text || part;
    END IF;
    RETURN array_to_string(lines, E'\n') || E'\n';
END $$;
COMMENT ON FUNCTION kra.report_markdown(text, text, date) IS 'a short report about a subject (its key) in a period (its label; NULL: the latest complete one) in Markdown, for chat and mail: score, KRAs with their KPIs in a sentence each, the first ten findings above info and things due. Names show as they are: none makes a link or a mention';
-- Who sees what. A database role sees the subjects whose login it is and all below them, for as
-- long as they are or were below; members of the role that the settings name see all. Views run
-- with the rights of who reads them, so these policies are all there is.
--
--   reader   reads what it may see, acknowledges its own targets, checks in, completes its own actions
--   author   reader; defines, sets targets, records; sees all definitions, but not all results
--   admin    author; sees all, collects, changes settings, grants
--
-- Definitions that are of no subject (roles, KRAs, KPIs, objectives, benchmarks, milestones, owners
-- of KPIs by their ids) are the same for all readers.

ALTER TABLE kra.subjects ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subjects FOR SELECT USING (kra.sees(id));
CREATE POLICY writes ON kra.subjects USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.placements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.placements FOR SELECT USING (kra.sees(subject_id, effective_from, effective_from));
CREATE POLICY writes ON kra.placements USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.subject_timeline ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subject_timeline FOR SELECT
    USING (kra.sees(subject_id, valid_from, valid_until - 1) OR (SELECT kra.is_author()));

ALTER TABLE kra.subject_ancestors ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subject_ancestors FOR SELECT
    USING ((kra.sees(subject_id, valid_from, valid_until - 1) AND kra.sees(ancestor_id, valid_from, valid_until - 1)) OR (SELECT kra.is_author()));

-- What was set before a subject came to the viewer is his to see only if it still held then.
CREATE FUNCTION kra.sees_target(kpi_id integer, subject_id integer, effective_from date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT kra.sees(sees_target.subject_id, sees_target.effective_from, coalesce((
        SELECT min(t.effective_from) - 1 FROM kra.targets t
        WHERE t.kpi_id = sees_target.kpi_id AND t.subject_id = sees_target.subject_id AND t.effective_from > sees_target.effective_from
          AND coalesce(t.target OPERATOR(kra.<>) (   -- the same again ends nothing
              SELECT o.target FROM kra.targets o
              WHERE o.kpi_id = sees_target.kpi_id AND o.subject_id = sees_target.subject_id AND o.effective_from <= sees_target.effective_from
              ORDER BY o.effective_from DESC LIMIT 1), true)), 'infinity'));
END;
COMMENT ON FUNCTION kra.sees_target(integer, integer, date) IS 'did a target of that day still hold when the viewer came to see the subject? Security definer, since the next target that is another, which ends it, may be hidden; false for subjects that the viewer does not see';

ALTER TABLE kra.targets ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.targets FOR SELECT
    USING (kra.sees(subject_id, effective_from, effective_from)
           OR (kra.sees(subject_id, effective_from, 'infinity') AND kra.sees_target(kpi_id, subject_id, effective_from)));
CREATE POLICY writes ON kra.targets USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.acknowledgements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.acknowledgements FOR SELECT
    USING (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, (acknowledged_at AT TIME ZONE 'UTC')::date)
           OR (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, 'infinity')
               AND kra.sees_target(kpi_id, subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date))
           OR (SELECT kra.is_author()));
CREATE POLICY acknowledges ON kra.acknowledgements FOR INSERT WITH CHECK (
    acknowledged_by = kra.viewer() AND acknowledged_at BETWEEN now() AND clock_timestamp() AND (
        EXISTS (SELECT FROM kra.subjects s WHERE s.id = subject_id AND s.login = kra.viewer())
        OR EXISTS (SELECT FROM kra.subjects s WHERE s.login = kra.viewer() AND s.id = (
            SELECT o.subject_id FROM kra.kpi_owners o WHERE o.kpi_id = acknowledgements.kpi_id AND o.effective_from <= (now() AT TIME ZONE 'UTC')::date
            ORDER BY o.effective_from DESC LIMIT 1))));

-- A measurement shows when the subject was the viewer's on one day of its period.
ALTER TABLE kra.measurements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.measurements
    USING (kra.sees(subject_id, period_start, kra.grid_end(grid, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra.grid_end(grid, period_start)));

ALTER TABLE kra.check_ins ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.check_ins
    USING (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date))
    WITH CHECK (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date) AND checked_by = kra.viewer());

CREATE FUNCTION kra.last_day(period_grain text, period_start date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT (period_start + CASE period_grain WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
                                WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date - 1;
END;
COMMENT ON FUNCTION kra.last_day(text, date) IS 'last day of a period of a grain (day, week, month, quarter or year) by its first day; NULL for NULL';

ALTER TABLE kra.reviews ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.reviews
    USING (kra.sees(subject_id, period_start, kra.last_day(period_grain, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra.last_day(period_grain, period_start)) AND closed_by = kra.viewer());

-- Who is to do something sees what, whomever it is about.
ALTER TABLE kra.actions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.actions FOR SELECT
    USING (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
           OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
CREATE POLICY writes ON kra.actions
    USING ((SELECT kra.is_author())
           AND (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
                OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)))
    WITH CHECK ((SELECT kra.is_author()) AND kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
-- His own he completes himself, once; by the columns that are granted, he changes nothing else of it.
CREATE POLICY completes ON kra.actions FOR UPDATE
    USING (done_on IS NULL AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()))
    WITH CHECK (done_on BETWEEN created_at::date AND current_date AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()));

-- Of two policies one is enough: without this, who does an action could hang it on anybody.
CREATE FUNCTION kra.actions_check_subject() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees(NEW.subject_id, (NEW.created_at AT TIME ZONE 'UTC')::date, (NEW.created_at AT TIME ZONE 'UTC')::date) THEN
        RAISE EXCEPTION 'an action can be moved only to a subject that one sees' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.actions_check_subject() IS 'trigger: whom an action is about is changed only to a subject that the viewer saw when it was agreed';
REVOKE EXECUTE ON FUNCTION kra.actions_check_subject() FROM PUBLIC;
CREATE TRIGGER actions_check_subject BEFORE UPDATE ON kra.actions
    FOR EACH ROW WHEN (NEW.subject_id <> OLD.subject_id) EXECUTE FUNCTION kra.actions_check_subject();

-- A waiver of a finding about a subject is for those who see the subject.
ALTER TABLE kra.waivers ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.waivers USING (subject_id IS NULL OR kra.sees(subject_id))
    WITH CHECK ((subject_id IS NULL OR kra.sees(subject_id)) AND author = kra.viewer());

ALTER TABLE kra.definition_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.definition_log FOR SELECT USING ((SELECT kra.is_author()));

-- An author who does not see all must not come to see more by what he defines: logins are set by
-- those who see all, and a place in the tree is refused that would show him results that he did not see.

CREATE FUNCTION kra.check_login() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say which login sees subject %', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.check_login() IS 'trigger: the logins of subjects are set by those who see all subjects';
CREATE TRIGGER check_login_of_new BEFORE INSERT ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS NOT NULL) EXECUTE FUNCTION kra.check_login();
CREATE TRIGGER check_login BEFORE UPDATE ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS DISTINCT FROM OLD.login) EXECUTE FUNCTION kra.check_login();

-- What is collected runs the code of its source with the rights of who collects: who chooses the
-- source is one who might collect himself.
CREATE FUNCTION kra.check_source() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say what KPI % is collected from', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.check_source() IS 'trigger: the sources of KPIs are set by those who see all subjects, since collect runs what they are made of';
CREATE TRIGGER check_source_of_new BEFORE INSERT ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra.check_source();
CREATE TRIGGER check_source BEFORE UPDATE ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS DISTINCT FROM OLD.source_relation AND NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra.check_source();

-- Grants. They are given by name, so that a dump brings them along, and always by the owner of the
-- tables, so that every admin can take back what another has given.

CREATE FUNCTION kra.grants_of(kind text) RETURNS TABLE (privileges text, objects text) LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT g.privileges, g.objects
    FROM (
        VALUES
        ('reader', 'USAGE', 'SCHEMA kra, kra_bi'),
        ('reader', 'SELECT', 'ALL TABLES IN SCHEMA kra_bi'),
        ('reader', 'SELECT', 'TABLE kra.settings, kra.job_roles, kra.subjects, kra.placements, kra.objectives, kra.kpis, kra.kpi_owners, kra.result_areas, kra.result_area_kpis, kra.targets, kra.acknowledgements, kra.benchmarks, kra.measurements, kra.milestones, kra.check_ins, kra.reviews, kra.actions, kra.rule_settings, kra.waivers, kra.subject_timeline, kra.subject_ancestors, kra.settings_in_force, kra.role_kpis'),
        ('reader', 'INSERT', 'TABLE kra.acknowledgements'),
        ('reader', 'INSERT (subject_id, kpi_id, objective_id, comment)', 'TABLE kra.check_ins'),
        ('reader', 'UPDATE (done_on, outcome)', 'TABLE kra.actions'),
        ('author', 'SELECT', 'TABLE kra.definition_log'),
        ('author', 'INSERT, UPDATE', 'TABLE kra.job_roles, kra.subjects, kra.objectives, kra.kpis, kra.result_areas'),
        ('author', 'INSERT, UPDATE, DELETE', 'TABLE kra.placements, kra.kpi_owners, kra.result_area_kpis, kra.targets, kra.benchmarks, kra.milestones, kra.measurements, kra.check_ins, kra.actions, kra.waivers'),
        ('author', 'INSERT', 'TABLE kra.reviews'),
        ('admin', 'SELECT', 'ALL SEQUENCES IN SCHEMA kra'),
        ('admin', 'INSERT, UPDATE, DELETE', 'TABLE kra.settings, kra.rule_settings, kra.reviews, kra.notices'),
        ('admin', 'SELECT', 'TABLE kra.notices'),
        ('admin', 'DELETE', 'TABLE kra.job_roles, kra.subjects, kra.objectives, kra.kpis, kra.result_areas')
        UNION ALL
        -- functions that look nothing up are for all; those that read for readers; those that write for authors
        SELECT CASE WHEN p.proname ~ '^(grant|revoke)_' OR p.proname IN ('set_grants', 'notify_due') THEN 'admin'
                    WHEN p.provolatile = 'v' AND p.proname NOT IN ('acknowledge', 'check_in', 'complete_action') THEN 'author' ELSE 'reader' END,
               'EXECUTE', 'ROUTINE ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text COLLATE "C")
        FROM pg_proc p
        WHERE p.pronamespace = 'kra'::regnamespace AND p.provolatile <> 'i' AND p.prorettype <> 'trigger'::regtype AND p.proname NOT IN ('rebuild_tree', 'sight')
        GROUP BY 1
    ) g (kind, privileges, objects)
    WHERE grants_of.kind = 'admin' OR g.kind = 'reader' OR (g.kind = 'author' AND grants_of.kind = 'author');
END;
COMMENT ON FUNCTION kra.grants_of(text) IS 'what a reader, an author or an admin is granted';

CREATE FUNCTION kra.set_grants(db_role name, kind text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    g record;
BEGIN
    IF has_table_privilege(kra.viewer(), 'kra.settings', 'UPDATE') IS NOT TRUE THEN
        RAISE EXCEPTION 'only the owner of the tables and admins may grant' USING ERRCODE = 'insufficient_privilege',
            HINT = 'An admin is who was given kra.grant_admin.';
    ELSIF kind NOT IN ('reader', 'author', 'admin') THEN
        RAISE EXCEPTION 'there is no kind of grants %', quote_literal(kind) USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = db_role) THEN
        RAISE EXCEPTION 'there is no database role %', coalesce(quote_ident(db_role), 'NULL') USING ERRCODE = 'undefined_object',
            HINT = 'CREATE ROLE makes one.';
    ELSIF EXISTS (SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = 'kra.settings'::regclass AND r.rolname = db_role) THEN
        RAISE EXCEPTION 'database role % owns the tables', quote_ident(db_role) USING ERRCODE = 'invalid_grant_operation',
            HINT = 'The owner may do everything, and can be given and denied nothing.';
    END IF;
    -- one at a time: two would change the same rows of the system catalogue
    LOCK TABLE kra.settings IN SHARE UPDATE EXCLUSIVE MODE;
    IF kind IS NULL THEN
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA kra, kra_bi FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA kra FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA kra FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON SCHEMA kra, kra_bi FROM %I CASCADE', db_role);
    ELSE
        FOR g IN SELECT * FROM kra.grants_of(kind) LOOP
            EXECUTE format('GRANT %s ON %s TO %I', g.privileges, g.objects, db_role);
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION kra.set_grants(name, text) IS 'gives a database role the grants of a kind (reader, author or admin), or, for NULL, takes back all that it has on kra. Security definer, so that all grants are of one hand; only for the owner of the tables and admins';

CREATE FUNCTION kra.grant_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'reader');
END;
COMMENT ON FUNCTION kra.grant_reader(name) IS 'lets a database role read the views: the subjects whose login it is, and all below them; acknowledge its own targets, check in on the subjects that it sees, and complete its own actions. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'author');
END;
COMMENT ON FUNCTION kra.grant_author(name) IS 'lets a database role, besides what a reader may, define roles, KPIs, subjects and targets, see all definitions, and record for the subjects that it sees. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'admin');
END;
COMMENT ON FUNCTION kra.grant_admin(name) IS 'lets a database role see everything, change everything but the log, and grant the same to others. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_reader(name) IS 'takes back what grant_reader gave a database role, and what it was given besides: nothing is left. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_author(name) IS 'takes back what grant_author gave a database role, reading included: nothing is left. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_admin(name) IS 'takes back what grant_admin gave a database role, reading included: nothing is left. The caller owns the tables or is an admin';
-- Views for BI tools: plain types, nothing left to compute, a comment on every column. Columns are
-- only ever appended. They run with the rights of who reads them (security_invoker), over tables
-- with row-level security.

CREATE SCHEMA kra_bi;
COMMENT ON SCHEMA kra_bi IS 'views of kra for BI tools';

CREATE VIEW kra_bi.kpi_results WITH (security_invoker = true) AS
SELECT * FROM kra.kpi_results(current_date);
COMMENT ON VIEW kra_bi.kpi_results IS 'a row per subject, KPI and period: what was aimed for and what came of it; key: subject_key, kpi_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.kpi_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kpi_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.kpi_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.kpi_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.kpi_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.kpi_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.kpi_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.kpi_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.kpi_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.kpi_results.kra_key IS 'key of the key result area; NULL: the KPI is on no card';
COMMENT ON COLUMN kra_bi.kpi_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.kpi_results.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.kpi_results.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.kpi_results.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.kpi_results.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.kpi_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.kpi_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.kpi_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.kpi_results.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.kpi_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.kpi_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.kpi_results.is_on_card IS 'does the KPI stand on the subject''s card?';
COMMENT ON COLUMN kra_bi.kpi_results.is_derived IS 'does the line come from the cards of the members? (a group without a role)';
COMMENT ON COLUMN kra_bi.kpi_results.member_count IS 'how many members carry the KPI, where the line comes from them, else 1';
COMMENT ON COLUMN kra_bi.kpi_results.observed_member_count IS 'from how many subjects the actual comes';
COMMENT ON COLUMN kra_bi.kpi_results.actual_value IS 'what was observed; NULL: no data';
COMMENT ON COLUMN kra_bi.kpi_results.target_value IS 'what was aimed for; NULL for a range and without a target';
COMMENT ON COLUMN kra_bi.kpi_results.target_lower_value IS 'lower end: the target of at_least and exactly, or of a range';
COMMENT ON COLUMN kra_bi.kpi_results.target_upper_value IS 'upper end: the target of at_most and exactly, or of a range';
COMMENT ON COLUMN kra_bi.kpi_results.target_direction IS 'at_least (higher is better), at_most (lower is better), exactly or inside';
COMMENT ON COLUMN kra_bi.kpi_results.baseline_value IS 'where it started';
COMMENT ON COLUMN kra_bi.kpi_results.threshold_value IS 'red line: worse than this is off track';
COMMENT ON COLUMN kra_bi.kpi_results.stretch_value IS 'at or beyond this the target is exceeded';
COMMENT ON COLUMN kra_bi.kpi_results.target_since IS 'first day of the time in which the target is to be reached';
COMMENT ON COLUMN kra_bi.kpi_results.target_due IS 'last day by which the target is to be reached';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_pct IS 'actual against target as a fraction: 1 is the target met; may be negative or above 1; NULL with a reason';
COMMENT ON COLUMN kra_bi.kpi_results.capped_attainment_pct IS 'attainment as scores take it, from 0 to 1.2; 1 or 0 for met or not where there is no scale';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_reason IS 'why the attainment is NULL: no_data, no_target or no_scale';
COMMENT ON COLUMN kra_bi.kpi_results.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.kpi_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.kpi_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.kpi_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.kpi_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.kpi_results.expected_value IS 'value that the status compares with at the end of the period, or now: on the way to the target where it has dates';
COMMENT ON COLUMN kra_bi.kpi_results.previous_value IS 'actual of the period before; NULL for a sum or count while its period runs, as all that compares with other periods';
COMMENT ON COLUMN kra_bi.kpi_results.change_value IS 'actual less that of the period before, in the unit (points for percentages)';
COMMENT ON COLUMN kra_bi.kpi_results.change_pct IS 'change as a fraction of the value before; NULL where that is 0';
COMMENT ON COLUMN kra_bi.kpi_results.change_text IS 'change in words: +5 pp for percentages, +12% for others';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_value IS 'what others reach';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_gap_value IS 'actual less benchmark';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_source IS 'where the benchmark comes from';
COMMENT ON COLUMN kra_bi.kpi_results.trend_direction IS 'rising, falling or no_trend: the straight line through the periods up to this one; NULL under 3 points, and for a sum or count while its period runs';
COMMENT ON COLUMN kra_bi.kpi_results.trend_meaning IS 'improving, worsening or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.kpi_results.trend_slope_value IS 'slope of that line per period, in the unit';
COMMENT ON COLUMN kra_bi.kpi_results.signal IS 'what the process limits say of this period, by the rules of kra.signal; none: noise';
COMMENT ON COLUMN kra_bi.kpi_results.signal_meaning IS 'improvement, concern or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.kpi_results.misses_count IS 'periods in a row, up to and with this one, that missed their targets, or, on the way to a target with dates, what was expected by then; at most the history_periods of the settings; NULL: not known';
COMMENT ON COLUMN kra_bi.kpi_results.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.kpi_results.freshness_day_count IS 'days from then to today';
COMMENT ON COLUMN kra_bi.kpi_results.is_stale IS 'are the data older than the KPI allows? NULL: there are none';
COMMENT ON COLUMN kra_bi.kpi_results.target_provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra_bi.kpi_results.is_target_moved IS 'was the target changed after the period began?';
COMMENT ON COLUMN kra_bi.kpi_results.acknowledged_by IS 'who has acknowledged the target';
COMMENT ON COLUMN kra_bi.kpi_results.acknowledged_at IS 'when';
COMMENT ON COLUMN kra_bi.kpi_results.actual_text IS 'actual with its unit';
COMMENT ON COLUMN kra_bi.kpi_results.target_text IS 'target with its unit';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_text IS 'attainment as a percentage';
COMMENT ON COLUMN kra_bi.kpi_results.context IS 'the figure in its context, as a sentence';
COMMENT ON COLUMN kra_bi.kpi_results.sparkline_text IS 'the periods up to this one as blocks, lowest to highest; a dot where there is no value; at most the history_periods of the settings; NULL unless the database is in UTF8';
COMMENT ON COLUMN kra_bi.kpi_results.sparkline_uri IS 'the same as a picture: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.kpi_results.bullet_uri IS 'actual and target as a bullet graph: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.kpi_results.centre_value IS 'mean of the periods up to this one, the centre of the process; NULL for a sum or count while its period runs';
COMMENT ON COLUMN kra_bi.kpi_results.lower_limit_value IS 'lower natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.kpi_results.upper_limit_value IS 'upper natural process limit of these periods; NULL under 2 values';

CREATE VIEW kra_bi.kra_results WITH (security_invoker = true) AS
SELECT * FROM kra.kra_results(current_date);
COMMENT ON VIEW kra_bi.kra_results IS 'a row per subject, key result area and period, with its score; key: subject_key, kra_name, period_grain, period_start';
COMMENT ON COLUMN kra_bi.kra_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kra_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.kra_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.kra_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.kra_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.kra_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.kra_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.kra_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.kra_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.kra_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.kra_results.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.kra_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.kra_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.kra_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.kra_results.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.kra_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.kra_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.kra_results.score_value IS 'weighted attainment, each capped to 0..1.2; 1: all targets met; NULL below the minimum coverage';
COMMENT ON COLUMN kra_bi.kra_results.score_text IS 'score and coverage in words';
COMMENT ON COLUMN kra_bi.kra_results.score_reason IS 'why there is no score; NULL: there is one';
COMMENT ON COLUMN kra_bi.kra_results.coverage_pct IS 'share of the weight that has both data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.kra_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.kra_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.kra_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.kra_results.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.kra_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.kra_results.kpi_count IS 'number of KPIs';

CREATE VIEW kra_bi.scorecards WITH (security_invoker = true) AS
SELECT * FROM kra.scorecards(current_date);
COMMENT ON VIEW kra_bi.scorecards IS 'a row per subject and period: the score with its coverage, and what stands behind it; key: subject_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.scorecards.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.scorecards.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.scorecards.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.scorecards.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.scorecards.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.scorecards.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.scorecards.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.scorecards.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.scorecards.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.scorecards.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.scorecards.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.scorecards.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.scorecards.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.scorecards.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.scorecards.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.scorecards.score_value IS 'weighted attainment, each capped to 0..1.2; 1: all targets met; NULL below the minimum coverage';
COMMENT ON COLUMN kra_bi.scorecards.score_text IS 'score and coverage in words';
COMMENT ON COLUMN kra_bi.scorecards.score_reason IS 'why there is no score; NULL: there is one';
COMMENT ON COLUMN kra_bi.scorecards.outcome_score_value IS 'score of the outcome KPIs';
COMMENT ON COLUMN kra_bi.scorecards.activity_score_value IS 'score of the activity KPIs';
COMMENT ON COLUMN kra_bi.scorecards.coverage_pct IS 'share of the weight that has both data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.scorecards.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.scorecards.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.scorecards.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.scorecards.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.scorecards.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.scorecards.kpi_count IS 'number of KPIs';
COMMENT ON COLUMN kra_bi.scorecards.exceeded_count IS 'KPIs with status exceeded';
COMMENT ON COLUMN kra_bi.scorecards.on_track_count IS 'KPIs with status on_track';
COMMENT ON COLUMN kra_bi.scorecards.at_risk_count IS 'KPIs with status at_risk';
COMMENT ON COLUMN kra_bi.scorecards.off_track_count IS 'KPIs with status off_track';
COMMENT ON COLUMN kra_bi.scorecards.no_data_count IS 'KPIs without data';
COMMENT ON COLUMN kra_bi.scorecards.no_target_count IS 'KPIs without a target';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_flag IS 'insufficient_data, no_outcome, busy_not_moving, activity_heavy, no_leading, result_without_effort or balanced';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_reason IS 'the same as a sentence';
COMMENT ON COLUMN kra_bi.scorecards.is_busy_not_moving IS 'is effort on target while results are not?';
COMMENT ON COLUMN kra_bi.scorecards.strong_areas IS 'key result areas that reach their targets, best first';
COMMENT ON COLUMN kra_bi.scorecards.weak_areas IS 'key result areas below 90 % of their targets, worst first';
COMMENT ON COLUMN kra_bi.scorecards.closed_on IS 'day on which the review of the period was closed; NULL: it was not';
COMMENT ON COLUMN kra_bi.scorecards.closed_score_value IS 'score of the card that was frozen then';
COMMENT ON COLUMN kra_bi.scorecards.closed_coverage_pct IS 'coverage of that card, as a fraction';

CREATE VIEW kra_bi.imbalances WITH (security_invoker = true) AS
SELECT * FROM kra.imbalances(current_date);
COMMENT ON VIEW kra_bi.imbalances IS 'a row per subject and period that has a card: are outcome and activity in step?; key: subject_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.imbalances.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.imbalances.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.imbalances.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.imbalances.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.imbalances.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.imbalances.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.imbalances.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.imbalances.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.imbalances.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.imbalances.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.imbalances.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.imbalances.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.imbalances.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_flag IS 'insufficient_data, no_outcome, busy_not_moving, activity_heavy, no_leading, result_without_effort or balanced';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_reason IS 'the same as a sentence';
COMMENT ON COLUMN kra_bi.imbalances.is_balanced IS 'is there no imbalance?';
COMMENT ON COLUMN kra_bi.imbalances.is_busy_not_moving IS 'is effort on target while results are not?';
COMMENT ON COLUMN kra_bi.imbalances.activity_share_pct IS 'share of activity KPIs in the weight, as a fraction';
COMMENT ON COLUMN kra_bi.imbalances.outcome_score_value IS 'score of the outcome KPIs';
COMMENT ON COLUMN kra_bi.imbalances.activity_score_value IS 'score of the activity KPIs';
COMMENT ON COLUMN kra_bi.imbalances.gap_value IS 'activity score less outcome score';
COMMENT ON COLUMN kra_bi.imbalances.outcome_kpi_count IS 'number of outcome KPIs';
COMMENT ON COLUMN kra_bi.imbalances.activity_kpi_count IS 'number of activity KPIs';
COMMENT ON COLUMN kra_bi.imbalances.outcome_coverage_pct IS 'coverage of the outcome KPIs, as a fraction; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.activity_coverage_pct IS 'coverage of the activity KPIs, as a fraction; NULL: none';

CREATE VIEW kra_bi.group_results WITH (security_invoker = true) AS
SELECT * FROM kra.kpi_results_above(current_date);
COMMENT ON VIEW kra_bi.group_results IS 'latest results of the groups that the reader''s own subjects belong to, where the settings show them (show_groups_above) and enough people are in them; columns as in kpi_results, without history; key: subject_key, kpi_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.group_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.group_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.group_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.group_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.group_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.group_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.group_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.group_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.group_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.group_results.kra_key IS 'key of the key result area; NULL: the KPI is on no card';
COMMENT ON COLUMN kra_bi.group_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.group_results.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra_bi.group_results.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.group_results.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.group_results.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.group_results.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.group_results.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.group_results.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.group_results.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.group_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.group_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.group_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.group_results.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.group_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.group_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.group_results.is_on_card IS 'does the KPI stand on the subject''s card?';
COMMENT ON COLUMN kra_bi.group_results.is_derived IS 'does the line come from the cards of the members? (a group without a role)';
COMMENT ON COLUMN kra_bi.group_results.member_count IS 'how many members carry the KPI, where the line comes from them, else 1';
COMMENT ON COLUMN kra_bi.group_results.observed_member_count IS 'from how many subjects the actual comes';
COMMENT ON COLUMN kra_bi.group_results.actual_value IS 'what was observed; NULL: no data';
COMMENT ON COLUMN kra_bi.group_results.target_value IS 'what was aimed for; NULL for a range and without a target';
COMMENT ON COLUMN kra_bi.group_results.target_lower_value IS 'lower end: the target of at_least and exactly, or of a range';
COMMENT ON COLUMN kra_bi.group_results.target_upper_value IS 'upper end: the target of at_most and exactly, or of a range';
COMMENT ON COLUMN kra_bi.group_results.target_direction IS 'at_least (higher is better), at_most (lower is better), exactly or inside';
COMMENT ON COLUMN kra_bi.group_results.baseline_value IS 'where it started';
COMMENT ON COLUMN kra_bi.group_results.threshold_value IS 'red line: worse than this is off track';
COMMENT ON COLUMN kra_bi.group_results.stretch_value IS 'at or beyond this the target is exceeded';
COMMENT ON COLUMN kra_bi.group_results.target_since IS 'first day of the time in which the target is to be reached';
COMMENT ON COLUMN kra_bi.group_results.target_due IS 'last day by which the target is to be reached';
COMMENT ON COLUMN kra_bi.group_results.attainment_pct IS 'actual against target as a fraction: 1 is the target met; may be negative or above 1; NULL with a reason';
COMMENT ON COLUMN kra_bi.group_results.capped_attainment_pct IS 'attainment as scores take it, from 0 to 1.2; 1 or 0 for met or not where there is no scale';
COMMENT ON COLUMN kra_bi.group_results.attainment_reason IS 'why the attainment is NULL: no_data, no_target or no_scale';
COMMENT ON COLUMN kra_bi.group_results.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.group_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.group_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.group_results.expected_value IS 'value that the status compares with at the end of the period, or now: on the way to the target where it has dates';
COMMENT ON COLUMN kra_bi.group_results.previous_value IS 'actual of the period before; NULL for a sum or count while its period runs, as all that compares with other periods';
COMMENT ON COLUMN kra_bi.group_results.change_value IS 'actual less that of the period before, in the unit (points for percentages)';
COMMENT ON COLUMN kra_bi.group_results.change_pct IS 'change as a fraction of the value before; NULL where that is 0';
COMMENT ON COLUMN kra_bi.group_results.change_text IS 'change in words: +5 pp for percentages, +12% for others';
COMMENT ON COLUMN kra_bi.group_results.benchmark_value IS 'what others reach';
COMMENT ON COLUMN kra_bi.group_results.benchmark_gap_value IS 'actual less benchmark';
COMMENT ON COLUMN kra_bi.group_results.benchmark_source IS 'where the benchmark comes from';
COMMENT ON COLUMN kra_bi.group_results.trend_direction IS 'rising, falling or no_trend: the straight line through the periods up to this one; NULL under 3 points, and for a sum or count while its period runs';
COMMENT ON COLUMN kra_bi.group_results.trend_meaning IS 'improving, worsening or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.group_results.trend_slope_value IS 'slope of that line per period, in the unit';
COMMENT ON COLUMN kra_bi.group_results.signal IS 'what the process limits say of this period, by the rules of kra.signal; none: noise';
COMMENT ON COLUMN kra_bi.group_results.signal_meaning IS 'improvement, concern or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.group_results.misses_count IS 'periods in a row, up to and with this one, that missed their targets, or, on the way to a target with dates, what was expected by then; at most the history_periods of the settings; NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.group_results.freshness_day_count IS 'days from then to today';
COMMENT ON COLUMN kra_bi.group_results.is_stale IS 'are the data older than the KPI allows? NULL: there are none';
COMMENT ON COLUMN kra_bi.group_results.target_provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra_bi.group_results.is_target_moved IS 'was the target changed after the period began?';
COMMENT ON COLUMN kra_bi.group_results.acknowledged_by IS 'who has acknowledged the target';
COMMENT ON COLUMN kra_bi.group_results.acknowledged_at IS 'when';
COMMENT ON COLUMN kra_bi.group_results.actual_text IS 'actual with its unit';
COMMENT ON COLUMN kra_bi.group_results.target_text IS 'target with its unit';
COMMENT ON COLUMN kra_bi.group_results.attainment_text IS 'attainment as a percentage';
COMMENT ON COLUMN kra_bi.group_results.context IS 'the figure in its context, as a sentence';
COMMENT ON COLUMN kra_bi.group_results.sparkline_text IS 'the periods up to this one as blocks, lowest to highest; a dot where there is no value; at most the history_periods of the settings; NULL unless the database is in UTF8';
COMMENT ON COLUMN kra_bi.group_results.sparkline_uri IS 'the same as a picture: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.group_results.bullet_uri IS 'actual and target as a bullet graph: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.group_results.centre_value IS 'mean of the periods up to this one, the centre of the process; NULL for a sum or count while its period runs';
COMMENT ON COLUMN kra_bi.group_results.lower_limit_value IS 'lower natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.group_results.upper_limit_value IS 'upper natural process limit of these periods; NULL under 2 values';

CREATE VIEW kra_bi.dim_subject WITH (security_invoker = true) AS
SELECT s.key AS row_key, s.key AS subject_key, s.name AS subject_name, s.kind AS subject_kind, kra.path_of(s.id, current_date, current_date) AS subject_path,
       p.key AS parent_key, p.name AS parent_name, jr.key AS job_role_key, jr.name AS job_role_name,
       l.names[1] AS level_1_name, l.names[2] AS level_2_name, l.names[3] AS level_3_name, l.names[4] AS level_4_name, l.names[5] AS level_5_name,
       coalesce(cardinality(l.names) - 1, 0) AS tree_depth,
       tl.subject_id IS NOT NULL OR NOT EXISTS (SELECT FROM kra.placements x WHERE x.subject_id = s.id) AS is_active,
       kra.has_members(s.id) AS is_group, s.login IS NOT NULL AS has_login
FROM kra.subjects s
LEFT JOIN kra.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= current_date AND tl.valid_until > current_date
LEFT JOIN kra.subjects p ON p.id = tl.parent_id
LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id
CROSS JOIN LATERAL (
    SELECT array_agg(a.name ORDER BY c.depth DESC) AS names
    FROM kra.subject_ancestors c
    JOIN kra.subjects a ON a.id = c.ancestor_id
    WHERE c.subject_id = s.id AND c.valid_from <= current_date AND c.valid_until > current_date
) l;
COMMENT ON VIEW kra_bi.dim_subject IS 'subjects as they are today; key: subject_key';
COMMENT ON COLUMN kra_bi.dim_subject.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_subject.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.dim_subject.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.dim_subject.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.dim_subject.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.dim_subject.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.dim_subject.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.dim_subject.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.dim_subject.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.dim_subject.level_1_name IS 'name at the top of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_2_name IS 'name at the second level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_3_name IS 'name at the third level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_4_name IS 'name at the fourth level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_5_name IS 'name at the fifth level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.tree_depth IS 'steps from the top of the tree';
COMMENT ON COLUMN kra_bi.dim_subject.is_active IS 'is it active today?';
COMMENT ON COLUMN kra_bi.dim_subject.is_group IS 'is or was somebody below it?';
COMMENT ON COLUMN kra_bi.dim_subject.has_login IS 'does a database role see it as its own?';

CREATE VIEW kra_bi.dim_kpi WITH (security_invoker = true) AS
SELECT k.key AS row_key, k.key AS kpi_key, k.name AS kpi_name, k.description, k.kind::text AS kpi_kind, k.timing AS kpi_timing,
       k.unit AS unit_label, coalesce(k.value_format, CASE WHEN btrim(k.unit) = '%' THEN '0.0"%"' ELSE '#,##0.##' END) AS value_format,
       k.over_time, k.over_subjects, k.cadence, o.key AS objective_key, o.name AS objective_name, op.path AS objective_path,
       w.key AS owner_key, w.name AS owner_name, d.key AS drives_kpi_key, d.name AS drives_kpi_name,
       k.source_relation, k.scale AS answer_scale, k.state,
       kra.stale_after(k.cadence, k.stale_after_days) AS stale_after_day_count
FROM kra.kpis k
LEFT JOIN kra.objectives o ON o.id = k.objective_id
LEFT JOIN kra.kpis d ON d.id = k.drives_kpi_id
LEFT JOIN LATERAL (
    SELECT x.subject_id FROM kra.kpi_owners x WHERE x.kpi_id = k.id AND x.effective_from <= current_date ORDER BY x.effective_from DESC LIMIT 1
) ow ON true
LEFT JOIN kra.subjects w ON w.id = ow.subject_id
CROSS JOIN LATERAL (
    WITH RECURSIVE up (id, parent_id, name, n) AS (
        SELECT a.id, a.parent_id, a.name, 1 FROM kra.objectives a WHERE a.id = k.objective_id
        UNION ALL
        SELECT a.id, a.parent_id, a.name, up.n + 1 FROM up JOIN kra.objectives a ON a.id = up.parent_id
    )
    SELECT string_agg(up.name, ' / ' ORDER BY up.n DESC) AS path FROM up
) op;
COMMENT ON VIEW kra_bi.dim_kpi IS 'KPIs as they are defined today; key: kpi_key';
COMMENT ON COLUMN kra_bi.dim_kpi.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.dim_kpi.description IS 'what is counted';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.dim_kpi.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.dim_kpi.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.dim_kpi.over_time IS 'how shorter periods make longer ones: sum, mean, ratio, last, min, max or count';
COMMENT ON COLUMN kra_bi.dim_kpi.over_subjects IS 'how members make a group';
COMMENT ON COLUMN kra_bi.dim_kpi.cadence IS 'its shortest period';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_key IS 'key of the objective';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_path IS 'names of the objectives from the top down to it';
COMMENT ON COLUMN kra_bi.dim_kpi.owner_key IS 'key of the owner today';
COMMENT ON COLUMN kra_bi.dim_kpi.owner_name IS 'name of the owner today';
COMMENT ON COLUMN kra_bi.dim_kpi.drives_kpi_key IS 'key of the outcome that it is meant to move';
COMMENT ON COLUMN kra_bi.dim_kpi.drives_kpi_name IS 'name of that outcome';
COMMENT ON COLUMN kra_bi.dim_kpi.source_relation IS 'relation that it is collected from; NULL: entered by hand';
COMMENT ON COLUMN kra_bi.dim_kpi.answer_scale IS 'how answers are scored: csat_top_two_box, csat_mean, nps or ordinal; NULL: values are numbers';
COMMENT ON COLUMN kra_bi.dim_kpi.state IS 'candidate, active or retired';
COMMENT ON COLUMN kra_bi.dim_kpi.stale_after_day_count IS 'days after which its data are stale';

CREATE VIEW kra_bi.dim_period WITH (security_invoker = true) AS
SELECT p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD') AS row_key, p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest,
       p.period_end <= current_date AS is_complete,
       kra.grid_label(kra.grid_in_force('year'), p.period_start) AS fiscal_year_label,
       CASE WHEN p.period_grain <> 'year' THEN kra.grid_label(kra.grid_in_force('quarter'), p.period_start, x.fiscal_year_start_month) END AS fiscal_quarter_label,
       CASE WHEN p.period_grain NOT IN ('quarter', 'year') THEN extract(month FROM p.period_start)::integer END AS month_number,
       p.period_end - p.period_start + 1 AS day_count,
       (rank() OVER (PARTITION BY p.period_grain ORDER BY p.period_start DESC))::integer AS period_rank
FROM kra.periods(current_date) p
CROSS JOIN kra.settings_in_force x;
COMMENT ON VIEW kra_bi.dim_period IS 'periods that have data; key: period_grain, period_start';
COMMENT ON COLUMN kra_bi.dim_period.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_period.period_grain IS 'day, week, month, quarter or year';
COMMENT ON COLUMN kra_bi.dim_period.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025, 2025-W07, 2025-12-31; 2016/17 and 2016/17-Q1 for fiscal years that do not start in January';
COMMENT ON COLUMN kra_bi.dim_period.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.dim_period.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.dim_period.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.dim_period.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.dim_period.fiscal_year_label IS 'fiscal year';
COMMENT ON COLUMN kra_bi.dim_period.fiscal_quarter_label IS 'fiscal quarter; NULL for years';
COMMENT ON COLUMN kra_bi.dim_period.month_number IS 'month of the first day, 1 to 12; NULL for quarters and years';
COMMENT ON COLUMN kra_bi.dim_period.day_count IS 'days in the period';
COMMENT ON COLUMN kra_bi.dim_period.period_rank IS '1 for the latest period of the grain, 2 for the one before, and so on';

CREATE VIEW kra_bi.findings WITH (security_invoker = true) AS
SELECT * FROM kra.findings(current_date);
COMMENT ON VIEW kra_bi.findings IS 'a row per rule that something breaks today: what is wrong with how performance is measured, and what to do; key: rule_id, about_kind, about_key';
COMMENT ON COLUMN kra_bi.findings.row_key IS 'unique key of the row, which kra.waive takes';
COMMENT ON COLUMN kra_bi.findings.rule_id IS 'the rule; see rule_reference';
COMMENT ON COLUMN kra_bi.findings.rule_family IS 'focus, balance (outcome over activity), definition, fit or life';
COMMENT ON COLUMN kra_bi.findings.severity IS 'info, warning or serious';
COMMENT ON COLUMN kra_bi.findings.severity_code IS '0 info, 1 warning, 2 serious';
COMMENT ON COLUMN kra_bi.findings.about_kind IS 'what it is about: subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra_bi.findings.about_key IS 'keys of what it is about, with a slash between; one that could be taken for two is quoted';
COMMENT ON COLUMN kra_bi.findings.about_name IS 'name of what it is about';
COMMENT ON COLUMN kra_bi.findings.subject_key IS 'key of the subject; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.findings.job_role_key IS 'key of the role; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.job_role_name IS 'name of the role';
COMMENT ON COLUMN kra_bi.findings.kra_key IS 'key of the key result area; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.findings.kpi_key IS 'key of the KPI; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.findings.message IS 'what is wrong, with the evidence';
COMMENT ON COLUMN kra_bi.findings.hint IS 'what to do';
COMMENT ON COLUMN kra_bi.findings.since_date IS 'since when; NULL: not known';
COMMENT ON COLUMN kra_bi.findings.evidence_value IS 'number that was held against the threshold; NULL: the rule has none';
COMMENT ON COLUMN kra_bi.findings.threshold_value IS 'threshold in force; NULL: the rule has none';
COMMENT ON COLUMN kra_bi.findings.is_waived IS 'has somebody silenced it for a time?';
COMMENT ON COLUMN kra_bi.findings.waiver_reason IS 'why it is silenced';
COMMENT ON COLUMN kra_bi.findings.waiver_author IS 'who silenced it';
COMMENT ON COLUMN kra_bi.findings.waived_until IS 'last day on which it is silenced';

CREATE VIEW kra_bi.due WITH (security_invoker = true) AS
SELECT * FROM kra.due(current_date, 14);
COMMENT ON VIEW kra_bi.due IS 'a row per thing that is overdue, or due within the next 14 days: what is to be done, by whom, until when; key: row_key';
COMMENT ON COLUMN kra_bi.due.row_key IS 'unique key of the row, the same every day';
COMMENT ON COLUMN kra_bi.due.due_kind IS 'measurement, check_in, acknowledgement, review, milestone or action';
COMMENT ON COLUMN kra_bi.due.subject_key IS 'key of the subject that it is about; of a milestone its owner, else the subject of the objective; NULL: of none, or not for the viewer to see';
COMMENT ON COLUMN kra_bi.due.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.due.owner_key IS 'key of who has to act: the subject itself, the one above it for a review, the owner of a milestone or action; NULL: nobody, or not for the viewer to see';
COMMENT ON COLUMN kra_bi.due.owner_name IS 'name of who has to act';
COMMENT ON COLUMN kra_bi.due.owner_login IS 'database role of who has to act; NULL: none';
COMMENT ON COLUMN kra_bi.due.kpi_key IS 'key of the KPI; of a check-in that with the greatest weight; NULL: of none';
COMMENT ON COLUMN kra_bi.due.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.due.objective_key IS 'key of the objective, of a milestone or of the KPI; NULL: of none';
COMMENT ON COLUMN kra_bi.due.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.due.what_text IS 'what is to be done, in a sentence';
COMMENT ON COLUMN kra_bi.due.due_date IS 'last day';
COMMENT ON COLUMN kra_bi.due.is_overdue IS 'is that day past?';
COMMENT ON COLUMN kra_bi.due.overdue_day_count IS 'days since that day; 0 if it is not past';
COMMENT ON COLUMN kra_bi.due.period_label IS 'period of a measurement, check-in or review; NULL: of none';

CREATE VIEW kra_bi.rule_reference WITH (security_invoker = true) AS
SELECT r.rule AS row_key, r.rule AS rule_id, r.family AS rule_family, r.about_kind, r.severity, r.meaning, r.rationale, r.hint,
       r.threshold AS default_threshold_value, coalesce(s.threshold, r.threshold) AS threshold_value, r.threshold_meaning,
       coalesce(s.is_enabled, r.is_enabled) AS is_enabled,
       s.rule IS NOT NULL AND (s.is_enabled <> r.is_enabled OR coalesce(s.threshold <> r.threshold, false)) AS is_changed
FROM kra.built_in_rules() r
LEFT JOIN kra.rule_settings s ON s.rule = r.rule;
COMMENT ON VIEW kra_bi.rule_reference IS 'every rule of findings, with its meaning, threshold and rationale; a company changes threshold and is_enabled in kra.rule_settings; key: rule_id';
COMMENT ON COLUMN kra_bi.rule_reference.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.rule_reference.rule_id IS 'the rule';
COMMENT ON COLUMN kra_bi.rule_reference.rule_family IS 'focus, balance (outcome over activity), definition, fit or life';
COMMENT ON COLUMN kra_bi.rule_reference.about_kind IS 'what its findings are about: subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra_bi.rule_reference.severity IS 'severity of its findings, where they do not say another: info, warning or serious';
COMMENT ON COLUMN kra_bi.rule_reference.meaning IS 'what makes it fire';
COMMENT ON COLUMN kra_bi.rule_reference.rationale IS 'why that is bad';
COMMENT ON COLUMN kra_bi.rule_reference.hint IS 'what to do';
COMMENT ON COLUMN kra_bi.rule_reference.default_threshold_value IS 'threshold as shipped; NULL: it has none';
COMMENT ON COLUMN kra_bi.rule_reference.threshold_value IS 'threshold in force';
COMMENT ON COLUMN kra_bi.rule_reference.threshold_meaning IS 'what the threshold is';
COMMENT ON COLUMN kra_bi.rule_reference.is_enabled IS 'is the rule on?';
COMMENT ON COLUMN kra_bi.rule_reference.is_changed IS 'has the company changed it?';

CREATE VIEW kra_bi.objectives WITH (security_invoker = true) AS
SELECT * FROM kra.objective_results(current_date);
COMMENT ON VIEW kra_bi.objectives IS 'a row per objective: how far it has come, by its milestones and those of the objectives that serve it; key: objective_key';
COMMENT ON COLUMN kra_bi.objectives.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.objectives.objective_key IS 'key of the objective';
COMMENT ON COLUMN kra_bi.objectives.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.objectives.objective_path IS 'names of the objectives from the top down to it';
COMMENT ON COLUMN kra_bi.objectives.parent_key IS 'key of the objective that it serves; NULL: none';
COMMENT ON COLUMN kra_bi.objectives.subject_key IS 'key of the subject whose objective it is';
COMMENT ON COLUMN kra_bi.objectives.subject_name IS 'name of that subject';
COMMENT ON COLUMN kra_bi.objectives.starts_date IS 'first day';
COMMENT ON COLUMN kra_bi.objectives.due_date IS 'last day';
COMMENT ON COLUMN kra_bi.objectives.progress_pct IS 'how much is done as a fraction: the mean over the milestones, by their weights; NULL: there are none of any weight';
COMMENT ON COLUMN kra_bi.objectives.milestone_count IS 'number of milestones, with those of the objectives that serve it';
COMMENT ON COLUMN kra_bi.objectives.completed_milestone_count IS 'milestones that were reached';
COMMENT ON COLUMN kra_bi.objectives.overdue_milestone_count IS 'milestones past their day that were not reached';
COMMENT ON COLUMN kra_bi.objectives.kpi_count IS 'active KPIs that measure it, or an objective that serves it';
COMMENT ON COLUMN kra_bi.objectives.expected_pct IS 'how much of its time has passed as a fraction, from the first day to the last; NULL without both';
COMMENT ON COLUMN kra_bi.objectives.is_behind IS 'is less done than time has passed? NULL: not known';

CREATE VIEW kra_bi.kpi_register WITH (security_invoker = true) AS
SELECT * FROM kra.kpi_register(current_date);
COMMENT ON VIEW kra_bi.kpi_register IS 'a row per KPI: is it a candidate, active or retired, since when and why; key: kpi_key';
COMMENT ON COLUMN kra_bi.kpi_register.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.kpi_register.state IS 'candidate, active or retired';
COMMENT ON COLUMN kra_bi.kpi_register.state_reason IS 'why';
COMMENT ON COLUMN kra_bi.kpi_register.state_date IS 'since when';
COMMENT ON COLUMN kra_bi.kpi_register.day_count IS 'days in that state';
COMMENT ON COLUMN kra_bi.kpi_register.owner_key IS 'key of the owner today; NULL: none, or not to be seen';
COMMENT ON COLUMN kra_bi.kpi_register.owner_name IS 'name of the owner';
COMMENT ON COLUMN kra_bi.kpi_register.card_count IS 'roles whose cards hold it';
COMMENT ON COLUMN kra_bi.kpi_register.first_data_date IS 'first day of the first period with data; NULL: there are none, or not to be seen';
COMMENT ON COLUMN kra_bi.kpi_register.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.kpi_register.revisited_date IS 'when somebody last asked whether it is still the right KPI; NULL: never since it was set';
COMMENT ON COLUMN kra_bi.kpi_register.revisit_note IS 'what the answer was';

CREATE VIEW kra_bi.data_dictionary WITH (security_invoker = true) AS
SELECT v.relname || coalesce('.' || a.attname, '') AS row_key, v.relname::text AS view_name, a.attname::text AS column_name,
       a.attnum::integer AS column_position, format_type(a.atttypid, a.atttypmod) AS data_type,
       CASE WHEN a.attnum IS NULL THEN obj_description(v.oid, 'pg_class') ELSE col_description(v.oid, a.attnum) END AS description
FROM pg_class v
JOIN (SELECT attrelid, attname, attnum, atttypid, atttypmod FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
      UNION ALL
      SELECT oid, NULL, NULL, NULL, NULL FROM pg_class) a ON a.attrelid = v.oid
WHERE v.relnamespace = 'kra_bi'::regnamespace AND v.relkind = 'v';
COMMENT ON VIEW kra_bi.data_dictionary IS 'every view and column of this schema, with its meaning; key: view_name, column_name';
COMMENT ON COLUMN kra_bi.data_dictionary.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.data_dictionary.view_name IS 'view';
COMMENT ON COLUMN kra_bi.data_dictionary.column_name IS 'column; NULL: the view itself';
COMMENT ON COLUMN kra_bi.data_dictionary.column_position IS 'place of the column';
COMMENT ON COLUMN kra_bi.data_dictionary.data_type IS 'type of the column';
COMMENT ON COLUMN kra_bi.data_dictionary.description IS 'its meaning';
-- Values and functions are for everybody; they show nothing but their arguments. Functions that
-- look something up, or change it, are for those to whom they are granted (see kra.grant_reader).
GRANT USAGE ON SCHEMA kra TO PUBLIC;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_catalog.pg_proc
             WHERE pronamespace = 'kra'::pg_catalog.regnamespace AND (provolatile <> 'i' OR prorettype = 'pg_catalog.trigger'::pg_catalog.regtype)
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', f);
    END LOOP;
END $$;
