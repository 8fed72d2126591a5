-- xmr: natural process limits of an individuals (XmR) chart, and signals.

CREATE TYPE kra.xmr;

CREATE FUNCTION kra_internal.xmr_in(cstring) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_in(cstring) IS 'text input of xmr';

CREATE FUNCTION kra_internal.xmr_out(kra.xmr) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_xmr_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_out(kra.xmr) IS 'text output of xmr';

CREATE FUNCTION kra_internal.xmr_recv(internal) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_recv(internal) IS 'binary input of xmr';

CREATE FUNCTION kra_internal.xmr_send(kra.xmr) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_xmr_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_send(kra.xmr) IS 'binary output of xmr';

CREATE TYPE kra.xmr (
    INPUT = kra_internal.xmr_in, OUTPUT = kra_internal.xmr_out, RECEIVE = kra_internal.xmr_recv, SEND = kra_internal.xmr_send,
    INTERNALLENGTH = 64, ALIGNMENT = double
);
COMMENT ON TYPE kra.xmr IS 'centre, mean moving range and natural process limits of a series; read with centre(), lower_limit(), upper_limit(), assurance() and others';

CREATE FUNCTION kra_internal.xmr_to_jsonb(kra.xmr) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_xmr_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_to_jsonb(kra.xmr) IS 'xmr as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_xmr(jsonb) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_xmr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_xmr(jsonb) IS 'xmr out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.xmr AS jsonb) WITH FUNCTION kra_internal.xmr_to_jsonb(kra.xmr);
CREATE CAST (jsonb AS kra.xmr) WITH FUNCTION kra_internal.jsonb_to_xmr(jsonb);
COMMENT ON CAST (kra.xmr AS jsonb) IS 'xmr as jsonb';
COMMENT ON CAST (jsonb AS kra.xmr) IS 'xmr out of jsonb';

CREATE FUNCTION kra_internal.xmr_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_accum(internal, double precision) IS 'transition function of xmr_agg';

CREATE FUNCTION kra_internal.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer) IS 'transition function of xmr_agg';

CREATE FUNCTION kra_internal.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_xmr_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_accum(internal, double precision, text, boolean, double precision, double precision, integer, text) IS 'transition function of xmr_agg';

CREATE FUNCTION kra_internal.xmr_final(internal) RETURNS kra.xmr
    AS 'MODULE_PATHNAME', 'kra_xmr_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_final(internal) IS 'final function of xmr_agg: NULL for no point';

CREATE AGGREGATE kra.xmr_agg(value double precision) (
    SFUNC = kra_internal.xmr_accum, STYPE = internal, FINALFUNC = kra_internal.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision) IS 'natural process limits of values ORDER BY at: mean +- 2.66 x the mean moving range, ranges of 3.267 x their mean or more left out once; a NULL value is a gap; NULL without a value';

CREATE AGGREGATE kra.xmr_agg(value double precision, centre text, screen boolean, physical_lower double precision, physical_upper double precision, baseline integer) (
    SFUNC = kra_internal.xmr_accum, STYPE = internal, FINALFUNC = kra_internal.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision, text, boolean, double precision, double precision, integer) IS 'the same with options, NULL for the default: centre mean or median; screen (true) the moving ranges; physical bounds, which the limits are clipped to and no value may pass; baseline, the number of first points that set the limits';

CREATE AGGREGATE kra.xmr_agg(value double precision, centre text, screen boolean, physical_lower double precision, physical_upper double precision, baseline integer, segment text) (
    SFUNC = kra_internal.xmr_accum, STYPE = internal, FINALFUNC = kra_internal.xmr_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.xmr_agg(double precision, text, boolean, double precision, double precision, integer, text) IS 'the same for the latest segment: where its value changes, the limits start anew';

CREATE FUNCTION kra.num_points(limits kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_num_points' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_points(kra.xmr) IS 'number of values that are there';

CREATE FUNCTION kra.num_ranges(limits kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_num_ranges' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_ranges(kra.xmr) IS 'number of moving ranges that the limits rest on';

CREATE FUNCTION kra.dropped_ranges(limits kra.xmr) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_dropped_ranges' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.dropped_ranges(kra.xmr) IS 'number of moving ranges that screening left out';

CREATE FUNCTION kra.centre(limits kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_centre' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.centre(kra.xmr) IS 'centre line: mean or median';

CREATE FUNCTION kra.moving_range(limits kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_moving_range' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.moving_range(kra.xmr) IS 'mean moving range, after screening; NULL where there is none';

CREATE FUNCTION kra.sigma(limits kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_sigma' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sigma(kra.xmr) IS 'a third of the distance between the centre and a limit before it is clipped: 2.66 / 3 x the mean moving range; NULL where there is none';

CREATE FUNCTION kra.lower_limit(limits kra.xmr) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_xmr_lower_limit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.lower_limit(kra.xmr) IS 'lower natural process limit; NULL without a moving range';

CREATE FUNCTION kra.upper_limit(limits kra.xmr) RETURNS double precision
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

CREATE FUNCTION kra_internal.plateau_accum(internal, double precision, kra.kpi_target, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_plateau_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.plateau_accum(internal, double precision, kra.kpi_target, integer) IS 'transition function of plateau';

CREATE FUNCTION kra_internal.plateau_accum(internal, double precision, kra.kpi_target, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_plateau_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.plateau_accum(internal, double precision, kra.kpi_target, integer, text) IS 'transition function of plateau';

CREATE FUNCTION kra_internal.plateau_final(internal) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_plateau_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.plateau_final(internal) IS 'final function of plateau';

CREATE AGGREGATE kra.plateau(value double precision, target kra.kpi_target, baseline integer) (
    SFUNC = kra_internal.plateau_accum, STYPE = internal, FINALFUNC = kra_internal.plateau_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.plateau(double precision, kra.kpi_target, integer) IS 'true when the target is unmet and nothing moves: with limits from the first baseline points of the latest 3 x baseline, the other 2 x baseline bear no signal, and their mean misses the target; ORDER BY at; NULL with fewer points, on trial, or without a target';

CREATE AGGREGATE kra.plateau(value double precision, target kra.kpi_target, baseline integer, rules text) (
    SFUNC = kra_internal.plateau_accum, STYPE = internal, FINALFUNC = kra_internal.plateau_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.plateau(double precision, kra.kpi_target, integer, text) IS 'the same with a rule set: nhs (NULL), wheeler, western_electric or nelson';

CREATE FUNCTION kra_internal.last_signal_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_last_signal_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.last_signal_accum(internal, double precision) IS 'transition function of last_signal';

CREATE FUNCTION kra_internal.last_signal_accum(internal, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_last_signal_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.last_signal_accum(internal, double precision, text) IS 'transition function of last_signal';

CREATE FUNCTION kra_internal.last_signal_final(internal) RETURNS kra.kpi_signal
    AS 'MODULE_PATHNAME', 'kra_last_signal_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.last_signal_final(internal) IS 'final function of last_signal';

CREATE AGGREGATE kra.last_signal(value double precision) (
    SFUNC = kra_internal.last_signal_accum, STYPE = internal, FINALFUNC = kra_internal.last_signal_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.last_signal(double precision) IS 'what signal() says of the last value ORDER BY at, by the rules nhs, limits of all values and default options; a NULL value is a gap; NULL where the last value is NULL, and for no row';

CREATE AGGREGATE kra.last_signal(value double precision, rules text) (
    SFUNC = kra_internal.last_signal_accum, STYPE = internal, FINALFUNC = kra_internal.last_signal_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.last_signal(double precision, text) IS 'the same with a rule set: nhs (NULL), wheeler, western_electric or nelson; that of the first row';

CREATE FUNCTION kra_internal.xmr_eq(kra.xmr, kra.xmr) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_xmr_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_eq(kra.xmr, kra.xmr) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.xmr_ne(kra.xmr, kra.xmr) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_xmr_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_ne(kra.xmr, kra.xmr) IS 'implementation of <> operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.xmr, RIGHTARG = kra.xmr,
    FUNCTION = kra_internal.xmr_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (kra.xmr, kra.xmr) IS 'the same limits, out of as many points';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.xmr, RIGHTARG = kra.xmr,
    FUNCTION = kra_internal.xmr_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.xmr, kra.xmr) IS 'different limits';

CREATE FUNCTION kra_internal.xmr_hash(kra.xmr) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_xmr_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_hash(kra.xmr) IS 'hash of limits';

CREATE FUNCTION kra_internal.xmr_hash_extended(kra.xmr, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_xmr_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.xmr_hash_extended(kra.xmr, bigint) IS 'hash of limits, with a seed';

CREATE OPERATOR CLASS kra_internal.xmr_ops DEFAULT FOR TYPE kra.xmr USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.xmr_hash(kra.xmr),
    FUNCTION 2 kra_internal.xmr_hash_extended(kra.xmr, bigint);
