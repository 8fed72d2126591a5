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

CREATE FUNCTION kra_internal.driver_accum(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.driver_accum(internal, double precision, double precision) IS 'transition function of driver';

CREATE FUNCTION kra_internal.driver_accum(internal, double precision, double precision, integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_lag' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.driver_accum(internal, double precision, double precision, integer) IS 'transition function of driver';

CREATE FUNCTION kra_internal.driver_accum(internal, double precision, double precision, kra.kpi_target, kra.kpi_target) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_targets' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.driver_accum(internal, double precision, double precision, kra.kpi_target, kra.kpi_target) IS 'transition function of driver';

CREATE FUNCTION kra_internal.driver_accum(internal, double precision, double precision, integer, kra.kpi_target, kra.kpi_target, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_driver_accum_options' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.driver_accum(internal, double precision, double precision, integer, kra.kpi_target, kra.kpi_target, double precision) IS 'transition function of driver';

CREATE FUNCTION kra_internal.driver_final(internal) RETURNS kra.driver_result
    AS 'MODULE_PATHNAME', 'kra_driver_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.driver_final(internal) IS 'final function of driver: NULL for no row';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision) (
    SFUNC = kra_internal.driver_accum, STYPE = internal, FINALFUNC = kra_internal.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision) IS 'does the outcome move with the activity? lags 0 to 3. Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, max_lag integer) (
    SFUNC = kra_internal.driver_accum, STYPE = internal, FINALFUNC = kra_internal.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision, integer) IS 'does the outcome move with the activity? lags 0 to max_lag (at most 120). Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, activity_target kra.kpi_target, outcome_target kra.kpi_target) (
    SFUNC = kra_internal.driver_accum, STYPE = internal, FINALFUNC = kra_internal.driver_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.driver(double precision, double precision, kra.kpi_target, kra.kpi_target) IS 'does the outcome move with the activity? lags 0 to 3, in the good directions of the targets. Give it ORDER BY and one row per period: a lag is counted in rows, a row with a NULL keeps its place as a gap. Correlation, not cause: two series that both run with time correlate';

CREATE AGGREGATE kra.driver(activity double precision, outcome double precision, max_lag integer, activity_target kra.kpi_target, outcome_target kra.kpi_target, alpha double precision) (
    SFUNC = kra_internal.driver_accum, STYPE = internal, FINALFUNC = kra_internal.driver_final, FINALFUNC_MODIFY = READ_ONLY,
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

CREATE FUNCTION kra_internal.kpi_change_in(cstring) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_kpi_change_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_in(cstring) IS 'text input of kpi_change';

CREATE FUNCTION kra_internal.kpi_change_out(kra.kpi_change) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_kpi_change_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_out(kra.kpi_change) IS 'text output of kpi_change';

CREATE FUNCTION kra_internal.kpi_change_recv(internal) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_kpi_change_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_recv(internal) IS 'binary input of kpi_change';

CREATE FUNCTION kra_internal.kpi_change_send(kra.kpi_change) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_kpi_change_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_send(kra.kpi_change) IS 'binary output of kpi_change';

CREATE TYPE kra.kpi_change (
    INPUT = kra_internal.kpi_change_in, OUTPUT = kra_internal.kpi_change_out, RECEIVE = kra_internal.kpi_change_recv, SEND = kra_internal.kpi_change_send,
    INTERNALLENGTH = 320, ALIGNMENT = double
);
COMMENT ON TYPE kra.kpi_change IS 'observations before and after a change, as two trends; read with change_effect()';

CREATE FUNCTION kra_internal.kpi_change_to_jsonb(kra.kpi_change) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_kpi_change_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_to_jsonb(kra.kpi_change) IS 'kpi_change as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_kpi_change(jsonb) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_kpi_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_kpi_change(jsonb) IS 'kpi_change out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.kpi_change AS jsonb) WITH FUNCTION kra_internal.kpi_change_to_jsonb(kra.kpi_change);
CREATE CAST (jsonb AS kra.kpi_change) WITH FUNCTION kra_internal.jsonb_to_kpi_change(jsonb);
COMMENT ON CAST (kra.kpi_change AS jsonb) IS 'kpi_change as jsonb';
COMMENT ON CAST (jsonb AS kra.kpi_change) IS 'kpi_change out of jsonb';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz) IS 'transition function of change_agg';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, timestamptz, timestamptz, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, date, date) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, date, date) IS 'transition function of change_agg';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, date, date, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, date, date, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, double precision, double precision) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, double precision, double precision) IS 'transition function of change_agg';

CREATE FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, double precision, double precision, kra.kpi_target) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_accum(kra.kpi_change, double precision, double precision, double precision, kra.kpi_target) IS 'transition function of change_agg with a target';

CREATE FUNCTION kra_internal.change_combine(kra.kpi_change, kra.kpi_change) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_combine(kra.kpi_change, kra.kpi_change) IS 'merges two summaries; error for different changes';

CREATE FUNCTION kra_internal.change_final(kra.kpi_change) RETURNS kra.kpi_change
    AS 'MODULE_PATHNAME', 'kra_change_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.change_final(kra.kpi_change) IS 'final function of change_agg: NULL for no row';

CREATE FUNCTION kra.change_effect(summary kra.kpi_change) RETURNS kra.change_effect_result
    AS 'MODULE_PATHNAME', 'kra_change_effect' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.change_effect(kra.kpi_change) IS 'level and slope before and after a change, with Welch test and segmented regression; NULL for NULL. Points that depend on each other make p too small, a change made in bad times is followed by better ones anyway, and without a control group it shows when, not why';

CREATE AGGREGATE kra.change_agg(value double precision, at timestamptz, change_at timestamptz) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, timestamptz, timestamptz) IS 'summary of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at timestamptz, change_at timestamptz, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, timestamptz, timestamptz, kra.kpi_target) IS 'summary of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_agg(value double precision, at date, change_at date) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, date, date) IS 'summary of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at date, change_at date, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, date, date, kra.kpi_target) IS 'summary of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_agg(value double precision, at double precision, change_at double precision) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, double precision, double precision) IS 'summary of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_agg(value double precision, at double precision, change_at double precision, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_agg(double precision, double precision, double precision, kra.kpi_target) IS 'summary of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at timestamptz, change_at timestamptz) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, timestamptz, timestamptz) IS 'level and slope of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at timestamptz, change_at timestamptz, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, timestamptz, timestamptz, kra.kpi_target) IS 'level and slope of values over times before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at date, change_at date) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, date, date) IS 'level and slope of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at date, change_at date, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, date, date, kra.kpi_target) IS 'level and slope of values over dates, each at its midnight in UTC before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.change_effect(value double precision, at double precision, change_at double precision) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, double precision, double precision) IS 'level and slope of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out';

CREATE AGGREGATE kra.change_effect(value double precision, at double precision, change_at double precision, target kra.kpi_target) (
    SFUNC = kra_internal.change_accum, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra.change_effect, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.change_effect(double precision, double precision, double precision, kra.kpi_target) IS 'level and slope of values over a number before and after a change; points at change_at are after it, which is one in a group; rows without value or at are left out; the direction of the target makes it improved or worsened';

CREATE AGGREGATE kra.rollup(change kra.kpi_change) (
    SFUNC = kra_internal.change_combine, STYPE = kra.kpi_change, INITCOND = '{"at": null, "change_at": null, "direction": null, "lower": null, "upper": null, "before": null, "after": null}',
    COMBINEFUNC = kra_internal.change_combine, FINALFUNC = kra_internal.change_final, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.kpi_change) IS 'merges summaries; NULLs are left out; error for different changes';

CREATE FUNCTION kra.before(change kra.kpi_change) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_change_before' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.before(kra.kpi_change) IS 'trend of the points before the change; NULL without any';

CREATE FUNCTION kra.after(change kra.kpi_change) RETURNS kra.kpi_trend
    AS 'MODULE_PATHNAME', 'kra_change_after' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.after(kra.kpi_change) IS 'trend of the points from the change on; NULL without any';

CREATE FUNCTION kra_internal.kpi_change_eq(kra.kpi_change, kra.kpi_change) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_change_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_eq(kra.kpi_change, kra.kpi_change) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.kpi_change_ne(kra.kpi_change, kra.kpi_change) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_kpi_change_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_ne(kra.kpi_change, kra.kpi_change) IS 'implementation of <> operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.kpi_change, RIGHTARG = kra.kpi_change,
    FUNCTION = kra_internal.kpi_change_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR pg_catalog.= (kra.kpi_change, kra.kpi_change) IS 'the same summary: the same text form';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.kpi_change, RIGHTARG = kra.kpi_change,
    FUNCTION = kra_internal.kpi_change_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.kpi_change, kra.kpi_change) IS 'different summaries';

CREATE FUNCTION kra_internal.kpi_change_hash(kra.kpi_change) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_kpi_change_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_hash(kra.kpi_change) IS 'hash of a summary';

CREATE FUNCTION kra_internal.kpi_change_hash_extended(kra.kpi_change, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_kpi_change_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.kpi_change_hash_extended(kra.kpi_change, bigint) IS 'hash of a summary, with a seed';

CREATE OPERATOR CLASS kra_internal.kpi_change_ops DEFAULT FOR TYPE kra.kpi_change USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.kpi_change_hash(kra.kpi_change),
    FUNCTION 2 kra_internal.kpi_change_hash_extended(kra.kpi_change, bigint);
