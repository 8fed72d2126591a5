-- kpi_balance: outcome and activity side by side, and their imbalance.

CREATE TYPE kra.kpi_balance;

CREATE FUNCTION kra_internal.kpi_balance_in(cstring) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_in(cstring) IS 'text input of kpi_balance';

CREATE FUNCTION kra_internal.kpi_balance_out(kra.kpi_balance) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_out(kra.kpi_balance) IS 'text output of kpi_balance';

CREATE FUNCTION kra_internal.kpi_balance_recv(internal) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_recv(internal) IS 'binary input of kpi_balance';

CREATE FUNCTION kra_internal.kpi_balance_send(kra.kpi_balance) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_send(kra.kpi_balance) IS 'binary output of kpi_balance';

CREATE TYPE kra.kpi_balance (
    INPUT = kra_internal.kpi_balance_in, OUTPUT = kra_internal.kpi_balance_out,
        RECEIVE = kra_internal.kpi_balance_recv, SEND = kra_internal.kpi_balance_send,
    INTERNALLENGTH = 288, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_balance IS 'one kpi_attainment for each kind; read with imbalance()';

CREATE FUNCTION kra_internal.kpi_balance_to_jsonb(kra.kpi_balance) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_to_jsonb(kra.kpi_balance) IS 'kpi_balance as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_balance(jsonb) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_balance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_balance(jsonb) IS 'kpi_balance out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_balance AS jsonb)
    WITH FUNCTION kra_internal.kpi_balance_to_jsonb(kra.kpi_balance);
CREATE CAST (jsonb AS kra.kpi_balance) WITH FUNCTION kra_internal.jsonb_to_kpi_balance(jsonb);
COMMENT ON CAST (kra.kpi_balance AS jsonb) IS 'kpi_balance as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_balance) IS 'kpi_balance out of jsonb';

CREATE FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision,
                                           kra.kpi_target) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target) IS 'transition function of balance_agg';

CREATE FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision,
                                           kra.kpi_target, double precision) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_accum_weighted' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'transition function of balance_agg with a weight';

CREATE FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision,
                                           kra.kpi_target,
    double precision, text) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_accum_timed' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.balance_accum(kra.kpi_balance, kra.kpi_kind, double precision, kra.kpi_target, double precision, text) IS 'transition function of balance_agg with a weight and a timing';

CREATE FUNCTION kra_internal.balance_combine(kra.kpi_balance, kra.kpi_balance)
RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.balance_combine(kra.kpi_balance, kra.kpi_balance) IS 'merges two summaries';

CREATE FUNCTION kra_internal.balance_final(kra.kpi_balance) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_balance_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.balance_final(kra.kpi_balance) IS 'final function of balance_agg: NULL for no row';

CREATE AGGREGATE kra.balance_agg(kind kra.kpi_kind, actual double precision,
                                 target kra.kpi_target) (
    SFUNC = kra_internal.balance_accum, STYPE = kra.kpi_balance,
        INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, '
                   '"on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, '
                   '"weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": '
                   '0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, '
                   '"measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, '
                   '"capped": 0, "raw": 0}}',
    COMBINEFUNC = kra_internal.balance_combine, FINALFUNC = kra_internal.balance_final,
        FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.balance_agg(kra.kpi_kind, double precision, kra.kpi_target) IS 'summary of attainments by kind, all of weight 1; a NULL kind is an error';

CREATE AGGREGATE kra.balance_agg(kind kra.kpi_kind, actual double precision, target kra.kpi_target,
                                 weight double precision) (
    SFUNC = kra_internal.balance_accum, STYPE = kra.kpi_balance,
        INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, '
                   '"on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, '
                   '"weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": '
                   '0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, '
                   '"measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, '
                   '"capped": 0, "raw": 0}}',
    COMBINEFUNC = kra_internal.balance_combine, FINALFUNC = kra_internal.balance_final,
        FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.balance_agg(kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'summary of weighted attainments by kind; a NULL kind or weight is an error';

CREATE AGGREGATE kra.balance_agg(kind kra.kpi_kind, actual double precision, target kra.kpi_target,
                                 weight double precision, timing text) (
    SFUNC = kra_internal.balance_accum, STYPE = kra.kpi_balance,
        INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, '
                   '"on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, '
                   '"weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": '
                   '0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, '
                   '"measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, '
                   '"capped": 0, "raw": 0}}',
    COMBINEFUNC = kra_internal.balance_combine, FINALFUNC = kra_internal.balance_final,
        FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.balance_agg(kra.kpi_kind, double precision, kra.kpi_target, double precision, text) IS 'the same with the timing of each KPI, leading or lagging (NULL: not known): without an activity, imbalance() asks for a leading outcome';

CREATE AGGREGATE kra.rollup(balance kra.kpi_balance) (
    SFUNC = kra_internal.balance_combine, STYPE = kra.kpi_balance,
        INITCOND = '{"outcome": {"no_target": 0, "no_data": 0, "off_track": 0, "at_risk": 0, '
                   '"on_track": 0, "exceeded": 0, "measured": 0, "min": null, "max": null, '
                   '"weight": 0, "observed": 0, "capped": 0, "raw": 0}, "activity": {"no_target": '
                   '0, "no_data": 0, "off_track": 0, "at_risk": 0, "on_track": 0, "exceeded": 0, '
                   '"measured": 0, "min": null, "max": null, "weight": 0, "observed": 0, '
                   '"capped": 0, "raw": 0}}',
    COMBINEFUNC = kra_internal.balance_combine, FINALFUNC = kra_internal.balance_final,
        FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_balance) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.attainment_of(balance kra.kpi_balance, kind kra.kpi_kind)
RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_balance_attainment_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.attainment_of(kra.kpi_balance, kra.kpi_kind) IS 'one side of a balance; NULL when it has no row';

CREATE FUNCTION kra.total(balance kra.kpi_balance) RETURNS kra.kpi_attainment
    AS 'MODULE_PATHNAME', 'kra_balance_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.total(kra.kpi_balance) IS 'both sides of a balance together';

CREATE FUNCTION kra.imbalance(summary kra.kpi_balance, busy_min double precision DEFAULT 0.9,
                              moving_min double precision DEFAULT 0.9,
    gap_min double precision DEFAULT 0.1, activity_share_max double precision DEFAULT 0.5,
    result_min double precision DEFAULT 0.9,
    OUT flag text, OUT activity_share double precision,
    OUT outcome_attainment double precision, OUT activity_attainment double precision,
    OUT gap double precision, OUT outcome_count bigint, OUT activity_count bigint,
    OUT coverage double precision, OUT reason text, OUT activity_kpi text, OUT outcome_kpi text)
    AS 'MODULE_PATHNAME', 'kra_balance_imbalance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.imbalance(kra.kpi_balance, double precision, double precision, double precision, double precision, double precision) IS 'outcome and activity out of step: flag (insufficient_data, no_outcome, busy_not_moving, both_behind, activity_heavy, no_leading, result_without_effort, outcome_behind, balanced), shares, scores and the reason as a sentence; by totals, for a summary knows no links, so that activity_kpi and outcome_kpi are NULL; NULL without a KPI';

CREATE FUNCTION kra_internal.kpi_balance_eq(kra.kpi_balance, kra.kpi_balance) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_eq(kra.kpi_balance, kra.kpi_balance) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_balance_ne(kra.kpi_balance, kra.kpi_balance) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_ne(kra.kpi_balance, kra.kpi_balance) IS 'implementation of <> operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_balance, RIGHTARG = kra.kpi_balance,
    FUNCTION = kra_internal.kpi_balance_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_balance, kra.kpi_balance) IS 'the same summary: the same text form';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_balance, RIGHTARG = kra.kpi_balance,
    FUNCTION = kra_internal.kpi_balance_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_balance, kra.kpi_balance) IS 'different summaries';

CREATE FUNCTION kra_internal.kpi_balance_hash(kra.kpi_balance) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_hash(kra.kpi_balance) IS 'hash of a summary';

CREATE FUNCTION kra_internal.kpi_balance_hash_extended(kra.kpi_balance, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_balance_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_balance_hash_extended(kra.kpi_balance, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_balance_ops DEFAULT FOR TYPE kra.kpi_balance USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_balance_hash(kra.kpi_balance),
    FUNCTION 2 kra_internal.kpi_balance_hash_extended(kra.kpi_balance, bigint);
