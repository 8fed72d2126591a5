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

CREATE FUNCTION kra_internal.mann_kendall_accum(internal, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.mann_kendall_accum(internal, double precision) IS 'transition function of mann_kendall and modified_mann_kendall';

CREATE FUNCTION kra_internal.mann_kendall_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.mann_kendall_accum(internal, double precision, double precision) IS 'transition function of mann_kendall and modified_mann_kendall';

CREATE FUNCTION kra_internal.mann_kendall_accum(internal, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.mann_kendall_accum(internal, double precision, double precision, integer) IS 'transition function of modified_mann_kendall';

CREATE FUNCTION kra_internal.mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.mann_kendall_final(internal) IS 'final function of mann_kendall: NULL for no point';

CREATE FUNCTION kra_internal.modified_mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_modified_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.modified_mann_kendall_final(internal) IS 'final function of modified_mann_kendall: NULL for no point';

CREATE FUNCTION kra_internal.seasonal_mann_kendall_accum(internal, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.seasonal_mann_kendall_accum(internal, double precision, integer) IS 'transition function of seasonal_mann_kendall';

CREATE FUNCTION kra_internal.seasonal_mann_kendall_accum(internal, double precision, integer, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.seasonal_mann_kendall_accum(internal, double precision, integer, double precision) IS 'transition function of seasonal_mann_kendall';

CREATE FUNCTION kra_internal.seasonal_mann_kendall_final(internal) RETURNS kra.mann_kendall_result
    AS 'MODULE_PATHNAME', 'kra_seasonal_mann_kendall_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.seasonal_mann_kendall_final(internal) IS 'final function of seasonal_mann_kendall: NULL for no point';

CREATE AGGREGATE kra.mann_kendall(value double precision) (
    SFUNC = kra_internal.mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.mann_kendall(double precision) IS 'Mann-Kendall test for a trend of values in their order (ORDER BY at); NULLs are left out; verdict at 0.05';

CREATE AGGREGATE kra.mann_kendall(value double precision, alpha double precision) (
    SFUNC = kra_internal.mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.mann_kendall(double precision, double precision) IS 'Mann-Kendall test for a trend of values in their order (ORDER BY at); NULLs are left out; verdict at alpha';

CREATE AGGREGATE kra.seasonal_mann_kendall(value double precision, season_length integer) (
    SFUNC = kra_internal.seasonal_mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.seasonal_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.seasonal_mann_kendall(double precision, integer) IS 'Mann-Kendall test that compares each point with those of its own season alone (Hirsch, Slack and Smith 1982), in their order (ORDER BY at), the seasons following each other in a cycle of season_length points; a NULL is left out, yet keeps its place in the cycle; verdict at 0.05';

CREATE AGGREGATE kra.seasonal_mann_kendall(value double precision, season_length integer, alpha double precision) (
    SFUNC = kra_internal.seasonal_mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.seasonal_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.seasonal_mann_kendall(double precision, integer, double precision) IS 'Mann-Kendall test that compares each point with those of its own season alone (Hirsch, Slack and Smith 1982), in their order (ORDER BY at), the seasons following each other in a cycle of season_length points; a NULL is left out, yet keeps its place in the cycle; verdict at alpha';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision) (
    SFUNC = kra_internal.mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; all lags, verdict at 0.05';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision, alpha double precision) (
    SFUNC = kra_internal.mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision, double precision) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; all lags, verdict at alpha';

CREATE AGGREGATE kra.modified_mann_kendall(value double precision, alpha double precision, max_lag integer) (
    SFUNC = kra_internal.mann_kendall_accum, STYPE = internal, FINALFUNC = kra_internal.modified_mann_kendall_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.modified_mann_kendall(double precision, double precision, integer) IS 'Mann-Kendall test whose variance allows for autocorrelation (Hamed and Rao 1998), of values in their order (ORDER BY at), evenly spaced; NULLs are left out; lags up to max_lag, verdict at alpha';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, timestamptz, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, timestamptz, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, timestamptz, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, timestamptz, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, date, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, date, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, date, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, date, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_accum(internal, double precision, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_theil_sen_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_accum(internal, double precision, double precision, double precision) IS 'transition function of theil_sen';

CREATE FUNCTION kra_internal.theil_sen_final(internal) RETURNS kra.theil_sen_result
    AS 'MODULE_PATHNAME', 'kra_theil_sen_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.theil_sen_final(internal) IS 'final function of theil_sen: NULL for no point';

CREATE AGGREGATE kra.theil_sen(at timestamptz, value double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(timestamptz, double precision) IS 'Theil-Sen line of values over times, in any order: slope per day; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at timestamptz, value double precision, level double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(timestamptz, double precision, double precision) IS 'Theil-Sen line of values over times, in any order: slope per day; rows where either is NULL are left out; interval of probability level';

CREATE AGGREGATE kra.theil_sen(at date, value double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(date, double precision) IS 'Theil-Sen line of values over dates, in any order: slope per day; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at date, value double precision, level double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(date, double precision, double precision) IS 'Theil-Sen line of values over dates, in any order: slope per day; rows where either is NULL are left out; interval of probability level';

CREATE AGGREGATE kra.theil_sen(at double precision, value double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(double precision, double precision) IS 'Theil-Sen line of values over numbers, in any order: slope per unit; rows where either is NULL are left out; interval of 95 %';

CREATE AGGREGATE kra.theil_sen(at double precision, value double precision, level double precision) (
    SFUNC = kra_internal.theil_sen_accum, STYPE = internal, FINALFUNC = kra_internal.theil_sen_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.theil_sen(double precision, double precision, double precision) IS 'Theil-Sen line of values over numbers, in any order: slope per unit; rows where either is NULL are left out; interval of probability level';
