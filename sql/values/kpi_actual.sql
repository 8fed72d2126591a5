-- kpi_actual: the observations of a KPI in a period.

CREATE TYPE kra.kpi_actual;

CREATE FUNCTION kra_internal.kpi_actual_in(cstring) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_in(cstring) IS 'text input of kpi_actual';

CREATE FUNCTION kra_internal.kpi_actual_out(kra.kpi_actual) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_out(kra.kpi_actual) IS 'text output of kpi_actual';

CREATE FUNCTION kra_internal.kpi_actual_recv(internal) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_recv(internal) IS 'binary input of kpi_actual';

CREATE FUNCTION kra_internal.kpi_actual_send(kra.kpi_actual) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_send(kra.kpi_actual) IS 'binary output of kpi_actual';

CREATE TYPE kra.kpi_actual (
    INPUT = kra_internal.kpi_actual_in, OUTPUT = kra_internal.kpi_actual_out, RECEIVE = kra_internal.kpi_actual_recv, SEND = kra_internal.kpi_actual_send,
    INTERNALLENGTH = 96, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_actual IS 'observations of a KPI: count, sum, weight, min, max, first and last; read with value()';

CREATE FUNCTION kra_internal.kpi_actual_to_jsonb(kra.kpi_actual) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_to_jsonb(kra.kpi_actual) IS 'kpi_actual as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_actual(jsonb) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_actual' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_actual(jsonb) IS 'kpi_actual out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_actual AS jsonb) WITH FUNCTION kra_internal.kpi_actual_to_jsonb(kra.kpi_actual);
CREATE CAST (jsonb AS kra.kpi_actual) WITH FUNCTION kra_internal.jsonb_to_kpi_actual(jsonb);
COMMENT ON CAST (kra.kpi_actual AS jsonb) IS 'kpi_actual as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_actual) IS 'kpi_actual out of jsonb';

CREATE FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, timestamptz) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, timestamptz) IS 'transition function of actual_agg';

CREATE FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, timestamptz, double precision) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, timestamptz, double precision) IS 'transition function of actual_agg with a weight';

CREATE FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, date) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, date) IS 'transition function of actual_agg';

CREATE FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, date, double precision) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_accum_date_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.actual_accum(kra.kpi_actual, double precision, date, double precision) IS 'transition function of actual_agg with a weight';

CREATE FUNCTION kra_internal.actual_combine(kra.kpi_actual, kra.kpi_actual) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.actual_combine(kra.kpi_actual, kra.kpi_actual) IS 'merges two summaries';

CREATE FUNCTION kra_internal.actual_final(kra.kpi_actual) RETURNS kra.kpi_actual
    AS 'MODULE_PATHNAME', 'kra_actual_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.actual_final(kra.kpi_actual) IS 'final function of actual_agg: NULL for no observation';

CREATE AGGREGATE kra.actual_agg(value double precision, at timestamptz) (
    SFUNC = kra_internal.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra_internal.actual_combine, FINALFUNC = kra_internal.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, timestamptz) IS 'summary of observations; a NULL value is none, a NULL time counts but is neither first nor last';

CREATE AGGREGATE kra.actual_agg(value double precision, at timestamptz, weight double precision) (
    SFUNC = kra_internal.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra_internal.actual_combine, FINALFUNC = kra_internal.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, timestamptz, double precision) IS 'summary of observations with weights, the denominators of a ratio (>= 0; NULL is an error where there is a value)';

CREATE AGGREGATE kra.actual_agg(value double precision, at date) (
    SFUNC = kra_internal.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra_internal.actual_combine, FINALFUNC = kra_internal.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, date) IS 'summary of observations; a NULL value is none, a NULL time counts but is neither first nor last; a date is its midnight in UTC';

CREATE AGGREGATE kra.actual_agg(value double precision, at date, weight double precision) (
    SFUNC = kra_internal.actual_accum, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra_internal.actual_combine, FINALFUNC = kra_internal.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.actual_agg(double precision, date, double precision) IS 'summary of observations with weights, the denominators of a ratio (>= 0; NULL is an error where there is a value); a date is its midnight in UTC';

CREATE AGGREGATE kra.rollup(actual kra.kpi_actual) (
    SFUNC = kra_internal.actual_combine, STYPE = kra.kpi_actual, INITCOND = '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null, "first_at": null, "last": null, "last_at": null}',
    COMBINEFUNC = kra_internal.actual_combine, FINALFUNC = kra_internal.actual_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_actual) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.value(summary kra.kpi_actual, aggregation text) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_actual_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.value(kra.kpi_actual, text) IS 'sum, mean, ratio (sum of values / sum of weights), min, max, first, last or count of a summary; NULL where there is none';

CREATE FUNCTION kra.weight(actual kra.kpi_actual) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_actual_weight' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.weight(kra.kpi_actual) IS 'sum of the weights';

CREATE FUNCTION kra.first_at(actual kra.kpi_actual) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_actual_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.first_at(kra.kpi_actual) IS 'time of the first observation; NULL if none has a time';

CREATE FUNCTION kra.last_at(actual kra.kpi_actual) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_actual_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_at(kra.kpi_actual) IS 'time of the last observation; NULL if none has a time';

CREATE FUNCTION kra_internal.kpi_actual_eq(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_eq(kra.kpi_actual, kra.kpi_actual) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_actual_ne(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_ne(kra.kpi_actual, kra.kpi_actual) IS 'implementation of <> operator';

CREATE FUNCTION kra_internal.kpi_actual_lt(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_lt(kra.kpi_actual, kra.kpi_actual) IS 'implementation of < operator';

CREATE FUNCTION kra_internal.kpi_actual_le(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_le(kra.kpi_actual, kra.kpi_actual) IS 'implementation of <= operator';

CREATE FUNCTION kra_internal.kpi_actual_gt(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_gt(kra.kpi_actual, kra.kpi_actual) IS 'implementation of > operator';

CREATE FUNCTION kra_internal.kpi_actual_ge(kra.kpi_actual, kra.kpi_actual) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_ge(kra.kpi_actual, kra.kpi_actual) IS 'implementation of >= operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_actual, kra.kpi_actual) IS 'the same summary: the same text form';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_actual, kra.kpi_actual) IS 'different summaries';

CREATE OPERATOR pg_catalog.< (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (kra.kpi_actual, kra.kpi_actual) IS 'in the sort order of summaries: by count, sum and the rest of the text form';

CREATE OPERATOR pg_catalog.<= (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (kra.kpi_actual, kra.kpi_actual) IS 'in the sort order of summaries: by count, sum and the rest of the text form';

CREATE OPERATOR pg_catalog.> (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (kra.kpi_actual, kra.kpi_actual) IS 'in the sort order of summaries: by count, sum and the rest of the text form';

CREATE OPERATOR pg_catalog.>= (
    LEFTARG = kra.kpi_actual, RIGHTARG = kra.kpi_actual,
    FUNCTION = kra_internal.kpi_actual_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (kra.kpi_actual, kra.kpi_actual) IS 'in the sort order of summaries: by count, sum and the rest of the text form';

CREATE FUNCTION kra_internal.kpi_actual_cmp(kra.kpi_actual, kra.kpi_actual) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_cmp(kra.kpi_actual, kra.kpi_actual) IS 'btree comparison of summaries';

CREATE FUNCTION kra_internal.kpi_actual_hash(kra.kpi_actual) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_hash(kra.kpi_actual) IS 'hash of a summary';

CREATE FUNCTION kra_internal.kpi_actual_hash_extended(kra.kpi_actual, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_actual_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_actual_hash_extended(kra.kpi_actual, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_actual_ops DEFAULT FOR TYPE kra.kpi_actual USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
    OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 kra_internal.kpi_actual_cmp(kra.kpi_actual, kra.kpi_actual);

CREATE OPERATOR CLASS kra_internal.kpi_actual_ops DEFAULT FOR TYPE kra.kpi_actual USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_actual_hash(kra.kpi_actual),
    FUNCTION 2 kra_internal.kpi_actual_hash_extended(kra.kpi_actual, bigint);
