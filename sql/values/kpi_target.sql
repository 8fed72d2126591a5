-- kpi_target: the number aimed for, with its direction, scale and dates.

CREATE TYPE kra.kpi_target;

CREATE FUNCTION kra_internal.kpi_target_in(cstring) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_kpi_target_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_in(cstring) IS 'text input of kpi_target';

CREATE FUNCTION kra_internal.kpi_target_out(kra.kpi_target) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_target_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_out(kra.kpi_target) IS 'text output of kpi_target';

CREATE FUNCTION kra_internal.kpi_target_recv(internal) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_kpi_target_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_recv(internal) IS 'binary input of kpi_target';

CREATE FUNCTION kra_internal.kpi_target_send(kra.kpi_target) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_target_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_send(kra.kpi_target) IS 'binary output of kpi_target';

CREATE TYPE kra.kpi_target (
    INPUT = kra_internal.kpi_target_in, OUTPUT = kra_internal.kpi_target_out, RECEIVE = kra_internal.kpi_target_recv, SEND = kra_internal.kpi_target_send,
    INTERNALLENGTH = 64, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_target IS 'the number aimed for: >= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31; also <= T, = T, [L,U]';

CREATE FUNCTION kra_internal.kpi_target_to_jsonb(kra.kpi_target) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_target_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_to_jsonb(kra.kpi_target) IS 'kpi_target as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_target(jsonb) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_target' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_target(jsonb) IS 'kpi_target out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_target AS jsonb) WITH FUNCTION kra_internal.kpi_target_to_jsonb(kra.kpi_target);
CREATE CAST (jsonb AS kra.kpi_target) WITH FUNCTION kra_internal.jsonb_to_kpi_target(jsonb);
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

CREATE FUNCTION kra.direction(target kra.kpi_target) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_kpi_target_direction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.direction(kra.kpi_target) IS 'at_least, at_most, exactly or inside';

CREATE FUNCTION kra.target(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_target' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target(kra.kpi_target) IS 'the number aimed for; NULL for a range';

CREATE FUNCTION kra.lower(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_lower' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.lower(kra.kpi_target) IS 'smallest actual that meets the target; NULL for <=';

CREATE FUNCTION kra.upper(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_upper' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.upper(kra.kpi_target) IS 'largest actual that meets the target; NULL for >=';

CREATE FUNCTION kra.baseline(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_baseline' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.baseline(kra.kpi_target) IS 'where it starts; NULL if absent';

CREATE FUNCTION kra.threshold(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_threshold' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.threshold(kra.kpi_target) IS 'the red line; NULL if absent';

CREATE FUNCTION kra.stretch(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_stretch' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.stretch(kra.kpi_target) IS 'better than the target; NULL if absent';

CREATE FUNCTION kra.scale(target kra.kpi_target) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_kpi_target_scale' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.scale(kra.kpi_target) IS 'distance from the target at which attainment falls to 0, as given; NULL if absent';

CREATE FUNCTION kra.since(target kra.kpi_target) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_kpi_target_since' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.since(kra.kpi_target) IS 'first day of the target; NULL if absent';

CREATE FUNCTION kra.due_on(target kra.kpi_target) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_kpi_target_due' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.due_on(kra.kpi_target) IS 'day by which it is to be reached; NULL if absent';

CREATE FUNCTION kra_internal.kpi_target_eq(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_eq(kra.kpi_target, kra.kpi_target) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_target_ne(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_ne(kra.kpi_target, kra.kpi_target) IS 'implementation of <> operator';

CREATE FUNCTION kra_internal.kpi_target_lt(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_lt(kra.kpi_target, kra.kpi_target) IS 'implementation of < operator';

CREATE FUNCTION kra_internal.kpi_target_le(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_le(kra.kpi_target, kra.kpi_target) IS 'implementation of <= operator';

CREATE FUNCTION kra_internal.kpi_target_gt(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_gt(kra.kpi_target, kra.kpi_target) IS 'implementation of > operator';

CREATE FUNCTION kra_internal.kpi_target_ge(kra.kpi_target, kra.kpi_target) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_target_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_ge(kra.kpi_target, kra.kpi_target) IS 'implementation of >= operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_target, kra.kpi_target) IS 'the same target, part for part';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_target, kra.kpi_target) IS 'different targets';

CREATE OPERATOR pg_catalog.< (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR pg_catalog.<= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR pg_catalog.> (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE OPERATOR pg_catalog.>= (
    LEFTARG = kra.kpi_target, RIGHTARG = kra.kpi_target, FUNCTION = kra_internal.kpi_target_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (kra.kpi_target, kra.kpi_target) IS 'in the sort order of targets, which says nothing of which is harder';

CREATE FUNCTION kra_internal.kpi_target_cmp(kra.kpi_target, kra.kpi_target) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_target_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_cmp(kra.kpi_target, kra.kpi_target) IS 'btree comparison of targets';

CREATE FUNCTION kra_internal.kpi_target_hash(kra.kpi_target) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_target_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_hash(kra.kpi_target) IS 'hash of a target';

CREATE FUNCTION kra_internal.kpi_target_hash_extended(kra.kpi_target, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_target_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_hash_extended(kra.kpi_target, bigint) IS 'hash of a target, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_target_ops DEFAULT FOR TYPE kra.kpi_target USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 kra_internal.kpi_target_cmp(kra.kpi_target, kra.kpi_target);

CREATE OPERATOR CLASS kra_internal.kpi_target_ops DEFAULT FOR TYPE kra.kpi_target USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_target_hash(kra.kpi_target),
    FUNCTION 2 kra_internal.kpi_target_hash_extended(kra.kpi_target, bigint);

CREATE FUNCTION kra_internal.target_add(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_add(kra.kpi_target, kra.kpi_target) IS 'target of a whole of two parts: all numbers added; left out are parts that one alone has, dates that differ, and a baseline or threshold that lies above the one target and below the other; NULL for NULL and for different directions; error on overflow';

CREATE FUNCTION kra.target_times(target kra.kpi_target, factor double precision) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.target_times(kra.kpi_target, double precision) IS 'target with all its numbers multiplied, the scale too; dates stay; NULL for NULL; error for a factor that is not finite and above 0, and on overflow';

CREATE FUNCTION kra_internal.target_smaller(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_smaller(kra.kpi_target, kra.kpi_target) IS 'the one that comes first in the sort order of targets; NULL for NULL';

CREATE FUNCTION kra_internal.target_larger(kra.kpi_target, kra.kpi_target) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_larger(kra.kpi_target, kra.kpi_target) IS 'the one that comes last in the sort order of targets; NULL for NULL';

CREATE TYPE kra_internal.kpi_target_sum;

CREATE FUNCTION kra_internal.kpi_target_sum_in(cstring) RETURNS kra_internal.kpi_target_sum
    AS 'MODULE_PATHNAME', 'kra_kpi_target_sum_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_sum_in(cstring) IS 'text input of kpi_target_sum';

CREATE FUNCTION kra_internal.kpi_target_sum_out(kra_internal.kpi_target_sum) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_target_sum_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_sum_out(kra_internal.kpi_target_sum) IS 'text output of kpi_target_sum';

CREATE FUNCTION kra_internal.kpi_target_sum_recv(internal) RETURNS kra_internal.kpi_target_sum
    AS 'MODULE_PATHNAME', 'kra_kpi_target_sum_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_sum_recv(internal) IS 'binary input of kpi_target_sum';

CREATE FUNCTION kra_internal.kpi_target_sum_send(kra_internal.kpi_target_sum) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_target_sum_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_target_sum_send(kra_internal.kpi_target_sum) IS 'binary output of kpi_target_sum';

CREATE TYPE kra_internal.kpi_target_sum (
    INPUT = kra_internal.kpi_target_sum_in, OUTPUT = kra_internal.kpi_target_sum_out,
    RECEIVE = kra_internal.kpi_target_sum_recv, SEND = kra_internal.kpi_target_sum_send,
    INTERNALLENGTH = 208, ALIGNMENT = double
);
COMMENT ON TYPE kra_internal.kpi_target_sum IS 'state of sum(kpi_target): targets that are being added up, and whether their directions differ';

CREATE FUNCTION kra_internal.target_sum_accum(kra_internal.kpi_target_sum, kra.kpi_target) RETURNS kra_internal.kpi_target_sum
    AS 'MODULE_PATHNAME', 'kra_target_sum_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_sum_accum(kra_internal.kpi_target_sum, kra.kpi_target) IS 'transition function of sum(kpi_target)';

CREATE FUNCTION kra_internal.target_sum_combine(kra_internal.kpi_target_sum, kra_internal.kpi_target_sum) RETURNS kra_internal.kpi_target_sum
    AS 'MODULE_PATHNAME', 'kra_target_sum_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_sum_combine(kra_internal.kpi_target_sum, kra_internal.kpi_target_sum) IS 'combine function of sum(kpi_target)';

CREATE FUNCTION kra_internal.target_sum_final(kra_internal.kpi_target_sum) RETURNS kra.kpi_target
    AS 'MODULE_PATHNAME', 'kra_target_sum_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.target_sum_final(kra_internal.kpi_target_sum) IS 'final function of sum(kpi_target); NULL for no target and for different directions; error on overflow';

CREATE AGGREGATE kra.sum(target kra.kpi_target) (
    SFUNC = kra_internal.target_sum_accum, STYPE = kra_internal.kpi_target_sum,
    FINALFUNC = kra_internal.target_sum_final, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = kra_internal.target_sum_combine, PARALLEL = SAFE,
    INITCOND = '{"direction": 0, "parts": 63, "since": 0, "due": 0, '
        '"baseline_side": 3, "threshold_side": 3, "stretch_side": 3, '
        '"lower": 0, "lower_large": 0, "upper": 0, "upper_large": 0, '
        '"baseline": 0, "baseline_large": 0, "threshold": 0, "threshold_large": 0, '
        '"stretch": 0, "stretch_large": 0, "scale": 0, "scale_large": 0}'
);
COMMENT ON AGGREGATE kra.sum(kra.kpi_target) IS 'target of a whole of parts, as target_add, in any order of rows; NULLs are left out; NULL for no row and for different directions';

CREATE AGGREGATE kra.min(target kra.kpi_target) (
    SFUNC = kra_internal.target_smaller, STYPE = kra.kpi_target, COMBINEFUNC = kra_internal.target_smaller, SORTOP = OPERATOR(pg_catalog.<),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.min(kra.kpi_target) IS 'the first in the sort order of targets, which says nothing of which is harder; NULLs are left out; NULL for no row';

CREATE AGGREGATE kra.max(target kra.kpi_target) (
    SFUNC = kra_internal.target_larger, STYPE = kra.kpi_target, COMBINEFUNC = kra_internal.target_larger, SORTOP = OPERATOR(pg_catalog.>),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.max(kra.kpi_target) IS 'the last in the sort order of targets, which says nothing of which is harder; NULLs are left out; NULL for no row';
