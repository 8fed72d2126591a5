-- kpi_attainment: many attainments in one value.
--
-- COST 10: a transition does the work of about ten operators of plain SQL.

CREATE TYPE kra.kpi_attainment;

CREATE FUNCTION kra_internal.kpi_attainment_in(cstring) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_in(cstring) IS 'text input of kpi_attainment';

CREATE FUNCTION kra_internal.kpi_attainment_out(kra.kpi_attainment) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_out(kra.kpi_attainment) IS 'text output of kpi_attainment';

CREATE FUNCTION kra_internal.kpi_attainment_recv(internal) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_recv(internal) IS 'binary input of kpi_attainment';

CREATE FUNCTION kra_internal.kpi_attainment_send(kra.kpi_attainment) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_send(kra.kpi_attainment) IS 'binary output of kpi_attainment';

CREATE TYPE kra.kpi_attainment (
    INPUT = kra_internal.kpi_attainment_in, OUTPUT = kra_internal.kpi_attainment_out, RECEIVE = kra_internal.kpi_attainment_recv, SEND = kra_internal.kpi_attainment_send,
    INTERNALLENGTH = 144, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_attainment IS 'many attainments: counts by status, weights, sums of weighted attainment; read with score(), coverage() and others';

CREATE FUNCTION kra_internal.kpi_attainment_to_jsonb(kra.kpi_attainment) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_to_jsonb(kra.kpi_attainment) IS 'kpi_attainment as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_attainment(jsonb) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_attainment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_attainment(jsonb) IS 'kpi_attainment out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_attainment AS jsonb) WITH FUNCTION kra_internal.kpi_attainment_to_jsonb(kra.kpi_attainment);
CREATE CAST (jsonb AS kra.kpi_attainment) WITH FUNCTION kra_internal.jsonb_to_kpi_attainment(jsonb);
COMMENT ON CAST (kra.kpi_attainment AS jsonb) IS 'kpi_attainment as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_attainment) IS 'kpi_attainment out of jsonb';

CREATE FUNCTION kra_internal.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target) IS 'transition function of attainment_agg';

CREATE FUNCTION kra_internal.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target, double precision) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.attainment_accum(kra.kpi_attainment, double precision, kra.kpi_target, double precision) IS 'transition function of attainment_agg with a weight';

CREATE FUNCTION kra_internal.attainment_combine(kra.kpi_attainment, kra.kpi_attainment) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.attainment_combine(kra.kpi_attainment, kra.kpi_attainment) IS 'merges two summaries';

CREATE FUNCTION kra_internal.attainment_final(kra.kpi_attainment) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_attainment_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.attainment_final(kra.kpi_attainment) IS 'final function of attainment_agg: NULL for no row';

CREATE AGGREGATE kra.attainment_agg(actual double precision, target kra.kpi_target) (
    SFUNC = kra_internal.attainment_accum, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra_internal.attainment_combine, FINALFUNC = kra_internal.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.attainment_agg(double precision, kra.kpi_target) IS 'summary of attainments, all of weight 1; rows without actual or target lower the coverage';

CREATE AGGREGATE kra.attainment_agg(actual double precision, target kra.kpi_target, weight double precision) (
    SFUNC = kra_internal.attainment_accum, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra_internal.attainment_combine, FINALFUNC = kra_internal.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.attainment_agg(double precision, kra.kpi_target, double precision) IS 'summary of weighted attainments; weight >= 0, NULL is an error; rows without actual or target lower the coverage';

CREATE AGGREGATE kra.rollup(attainment kra.kpi_attainment) (
    SFUNC = kra_internal.attainment_combine, STYPE = kra.kpi_attainment, INITCOND = '{"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, "capped": 0, "raw": 0}',
    COMBINEFUNC = kra_internal.attainment_combine, FINALFUNC = kra_internal.attainment_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_attainment) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.score(summary kra.kpi_attainment, min_coverage double precision DEFAULT 0) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.score(kra.kpi_attainment, double precision) IS 'weighted mean of attainments capped to [0, 1.2]; NULL without data, or when less than min_coverage of the weight has data';

CREATE FUNCTION kra.raw_score(summary kra.kpi_attainment, min_coverage double precision DEFAULT 0) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_raw_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.raw_score(kra.kpi_attainment, double precision) IS 'weighted mean of uncapped attainments; NULL as for score';

CREATE FUNCTION kra.coverage(attainment kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_coverage' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.coverage(kra.kpi_attainment) IS 'share of the weight that has both actual and target; NULL without weight';

CREATE FUNCTION kra.hit_rate(attainment kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_hit_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.hit_rate(kra.kpi_attainment) IS 'share of the rows with actual and target that met it, unweighted; NULL if none has';

CREATE FUNCTION kra.count_of(attainment kra.kpi_attainment, status kra.kpi_status) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_attainment_count_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.count_of(kra.kpi_attainment, kra.kpi_status) IS 'number of rows with that status';

CREATE FUNCTION kra.num_kpis(attainment kra.kpi_attainment) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_attainment_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_kpis(kra.kpi_attainment) IS 'number of rows summed up';

CREATE FUNCTION kra.min_attainment(attainment kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_min' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.min_attainment(kra.kpi_attainment) IS 'smallest raw attainment; NULL if there is none';

CREATE FUNCTION kra.max_attainment(attainment kra.kpi_attainment) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_attainment_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.max_attainment(kra.kpi_attainment) IS 'largest raw attainment; NULL if there is none';

CREATE FUNCTION kra_internal.kpi_attainment_eq(kra.kpi_attainment, kra.kpi_attainment) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_eq(kra.kpi_attainment, kra.kpi_attainment) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_attainment_ne(kra.kpi_attainment, kra.kpi_attainment) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_ne(kra.kpi_attainment, kra.kpi_attainment) IS 'implementation of <> operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_attainment, RIGHTARG = kra.kpi_attainment,
    FUNCTION = kra_internal.kpi_attainment_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_attainment, kra.kpi_attainment) IS 'the same summary: the same text form';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_attainment, RIGHTARG = kra.kpi_attainment,
    FUNCTION = kra_internal.kpi_attainment_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_attainment, kra.kpi_attainment) IS 'different summaries';

CREATE FUNCTION kra_internal.kpi_attainment_hash(kra.kpi_attainment) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_hash(kra.kpi_attainment) IS 'hash of a summary';

CREATE FUNCTION kra_internal.kpi_attainment_hash_extended(kra.kpi_attainment, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_attainment_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_attainment_hash_extended(kra.kpi_attainment, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_attainment_ops DEFAULT FOR TYPE kra.kpi_attainment USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_attainment_hash(kra.kpi_attainment),
    FUNCTION 2 kra_internal.kpi_attainment_hash_extended(kra.kpi_attainment, bigint);
