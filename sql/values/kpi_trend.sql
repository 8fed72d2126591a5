-- kpi_trend: the straight line through observations.

CREATE TYPE kra.kpi_trend;

CREATE FUNCTION kra_internal.kpi_trend_in(cstring) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_in(cstring) IS 'text input of kpi_trend';

CREATE FUNCTION kra_internal.kpi_trend_out(kra.kpi_trend) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_out(kra.kpi_trend) IS 'text output of kpi_trend';

CREATE FUNCTION kra_internal.kpi_trend_recv(internal) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_recv(internal) IS 'binary input of kpi_trend';

CREATE FUNCTION kra_internal.kpi_trend_send(kra.kpi_trend) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_send(kra.kpi_trend) IS 'binary output of kpi_trend';

CREATE TYPE kra.kpi_trend (
    INPUT = kra_internal.kpi_trend_in, OUTPUT = kra_internal.kpi_trend_out, RECEIVE = kra_internal.kpi_trend_recv, SEND = kra_internal.kpi_trend_send,
    INTERNALLENGTH = 144, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_trend IS 'moments of observations over time (timestamptz, date) or over a number; read with slope(), p_value(), forecast() and others';

CREATE FUNCTION kra_internal.kpi_trend_to_jsonb(kra.kpi_trend) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_to_jsonb(kra.kpi_trend) IS 'kpi_trend as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_trend(jsonb) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_trend(jsonb) IS 'kpi_trend out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_trend AS jsonb) WITH FUNCTION kra_internal.kpi_trend_to_jsonb(kra.kpi_trend);
CREATE CAST (jsonb AS kra.kpi_trend) WITH FUNCTION kra_internal.jsonb_to_kpi_trend(jsonb);
COMMENT ON CAST (kra.kpi_trend AS jsonb) IS 'kpi_trend as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_trend) IS 'kpi_trend out of jsonb';

CREATE FUNCTION kra_internal.trend_accum(kra.kpi_trend, timestamptz, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.trend_accum(kra.kpi_trend, timestamptz, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra_internal.trend_accum(kra.kpi_trend, date, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.trend_accum(kra.kpi_trend, date, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra_internal.trend_accum(kra.kpi_trend, double precision, double precision) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_accum_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION kra_internal.trend_accum(kra.kpi_trend, double precision, double precision) IS 'transition function of trend_agg';

CREATE FUNCTION kra_internal.trend_combine(kra.kpi_trend, kra.kpi_trend) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.trend_combine(kra.kpi_trend, kra.kpi_trend) IS 'merges two summaries; error when one is over times and the other over numbers';

CREATE FUNCTION kra_internal.trend_final(kra.kpi_trend) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_trend_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.trend_final(kra.kpi_trend) IS 'final function of trend_agg: NULL for no point';

CREATE AGGREGATE kra.trend_agg(at timestamptz, value double precision) (
    SFUNC = kra_internal.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra_internal.trend_combine, FINALFUNC = kra_internal.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(timestamptz, double precision) IS 'trend of values over times; rows where either is NULL are left out';

CREATE AGGREGATE kra.trend_agg(at date, value double precision) (
    SFUNC = kra_internal.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra_internal.trend_combine, FINALFUNC = kra_internal.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(date, double precision) IS 'trend of values over dates, each at its midnight in UTC; rows where either is NULL are left out';

CREATE AGGREGATE kra.trend_agg(at double precision, value double precision) (
    SFUNC = kra_internal.trend_accum, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra_internal.trend_combine, FINALFUNC = kra_internal.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.trend_agg(double precision, double precision) IS 'trend of values over a number; rows where either is NULL are left out';

CREATE AGGREGATE kra.rollup(trend kra.kpi_trend) (
    SFUNC = kra_internal.trend_combine, STYPE = kra.kpi_trend, INITCOND = '{"at": null, "count": 0, "origin_at": null, "origin": null, "u": 0, "v": 0, "uu": 0, "uv": 0, "vv": 0, "first_at": null, "first": null, "last_at": null, "last": null}',
    COMBINEFUNC = kra_internal.trend_combine, FINALFUNC = kra_internal.trend_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_trend) IS 'merges summaries; NULLs are left out';

CREATE FUNCTION kra.slope(trend kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope(kra.kpi_trend) IS 'change of the value per day, or per unit of a number; NULL under 2 different places';

CREATE FUNCTION kra.slope(trend kra.kpi_trend, per interval) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope_per' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope(kra.kpi_trend, interval) IS 'change of the value per interval, a month being 365.25/12 days; error for a trend over numbers';

CREATE FUNCTION kra.intercept(trend kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_intercept' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.intercept(kra.kpi_trend) IS 'height of the line at 1970-01-01 00:00 UTC, or at 0 of a number';

CREATE FUNCTION kra.r2(trend kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_r2' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.r2(kra.kpi_trend) IS 'share of the variance that the line explains; 1 for a constant series';

CREATE FUNCTION kra.slope_stderr(trend kra.kpi_trend) RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_trend_slope_stderr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.slope_stderr(kra.kpi_trend) IS 'standard error of slope(trend), in its unit; NULL under 3 points';

CREATE FUNCTION kra.p_value(trend kra.kpi_trend) RETURNS double precision
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

CREATE FUNCTION kra.first_at(trend kra.kpi_trend) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_trend_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.first_at(kra.kpi_trend) IS 'time of the first point; NULL for a trend over numbers';

CREATE FUNCTION kra.last_at(trend kra.kpi_trend) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_trend_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.last_at(kra.kpi_trend) IS 'time of the last point; NULL for a trend over numbers';

CREATE FUNCTION kra_internal.kpi_trend_eq(kra.kpi_trend, kra.kpi_trend) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_eq(kra.kpi_trend, kra.kpi_trend) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_trend_ne(kra.kpi_trend, kra.kpi_trend) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_ne(kra.kpi_trend, kra.kpi_trend) IS 'implementation of <> operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_trend, RIGHTARG = kra.kpi_trend,
    FUNCTION = kra_internal.kpi_trend_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_trend, kra.kpi_trend) IS 'the same summary: the same text form';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_trend, RIGHTARG = kra.kpi_trend,
    FUNCTION = kra_internal.kpi_trend_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_trend, kra.kpi_trend) IS 'different summaries';

CREATE FUNCTION kra_internal.kpi_trend_hash(kra.kpi_trend) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_hash(kra.kpi_trend) IS 'hash of a summary';

CREATE FUNCTION kra_internal.kpi_trend_hash_extended(kra.kpi_trend, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_trend_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_trend_hash_extended(kra.kpi_trend, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_trend_ops DEFAULT FOR TYPE kra.kpi_trend USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_trend_hash(kra.kpi_trend),
    FUNCTION 2 kra_internal.kpi_trend_hash_extended(kra.kpi_trend, bigint);
