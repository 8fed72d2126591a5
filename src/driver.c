/*
 * driver.c: does an activity move with its outcome? The ordered aggregate
 * driver().
 *
 * State: the two columns of a series, already turned into good-direction terms,
 * and the options. It is not mergeable, since lags are counted in rows. At most
 * SERIES_MAX_POINTS rows: 128 MB of state, and 120 MB more while it answers.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "kra.h"
#include "series.h"
#include "spearman.h"

#define DRIVER_DEFAULT_MAX_LAG 3
#define DRIVER_MAX_LAG 120
#define DRIVER_DEFAULT_ALPHA 0.05

/* Pairs under which nothing is said. */
#define DRIVER_MIN_PAIRS 12

/* Pairs under which a rank correlation is not shown: two always agree or disagree. */
#define DRIVER_SHOWN_PAIRS 3

/* The two columns, and their names in messages. */
enum
{
	ACTIVITY, OUTCOME, DRIVER_COLUMNS
};

static const char *const column_names[DRIVER_COLUMNS] = {"activity", "outcome"};

typedef struct DriverState
{
	Series		series;			/* first: series_append() takes it */
	int			max_lag;
	double		alpha;
	bool		seen[DRIVER_COLUMNS];	/* has a value set the direction? */
	int			direction[DRIVER_COLUMNS];	/* KpiDirection, 0 without a target */
} DriverState;

typedef enum DriverVerdict
{
	DRIVER_DRIVES, DRIVER_NO_EVIDENCE, DRIVER_MOVES_AGAINST, DRIVER_TRIAL
} DriverVerdict;

static const char *const verdict_names[] = {
	"drives", "no_evidence", "moves_against", "trial"
};

static int
max_lag_arg(FunctionCallInfo fcinfo, int argno)
{
	int32		lag;

	if (argno >= PG_NARGS() || PG_ARGISNULL(argno))
		return DRIVER_DEFAULT_MAX_LAG;
	lag = PG_GETARG_INT32(argno);
	if (lag < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("max_lag must not be negative")));
	if (lag > DRIVER_MAX_LAG)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("max_lag must not be above %d", DRIVER_MAX_LAG),
				 errhint("Aggregate the points to longer periods first.")));
	return lag;
}

static double
alpha_arg(FunctionCallInfo fcinfo, int argno)
{
	double		alpha;

	if (argno >= PG_NARGS() || PG_ARGISNULL(argno))
		return DRIVER_DEFAULT_ALPHA;
	alpha = kra_finite_arg(fcinfo, argno, "alpha");
	if (alpha <= 0.0 || alpha >= 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("alpha must lie between 0 and 1")));
	return alpha;
}

/*
 * A value in good-direction terms, more of which is better: itself without a
 * target or for at least, its negative for at most, minus the distance for
 * exactly and inside. NaN for NULL.
 */
static double
good_arg(FunctionCallInfo fcinfo, DriverState *state, int column, int argno, int target_argno)
{
	const KpiTarget *target = NULL;
	double		value;
	int			direction = 0;

	if (PG_ARGISNULL(argno))
		return get_float8_nan();
	value = kra_finite_arg(fcinfo, argno, column_names[column]);
	if (target_argno >= 0 && !PG_ARGISNULL(target_argno))
	{
		target = PG_GETARG_KPI_TARGET_P(target_argno);
		direction = target->direction;
	}
	if (!state->seen[column])
		state->direction[column] = direction;
	else if (state->direction[column] != direction)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("targets of the %s must have the same direction in all rows of a group",
						column_names[column])));
	state->seen[column] = true;
	if (target == NULL || direction == KPI_AT_LEAST)
		return value;
	if (direction == KPI_AT_MOST)
		return -value;
	return kra_check_finite(kpi_distance(target, value), "distance from the target");
}

/* Where the options stand among the arguments; -1: not given. */
static Datum
accumulate(FunctionCallInfo fcinfo, int max_lag_argno, int target_argno, int alpha_argno)
{
	DriverState *state;
	int			max_lag = max_lag_argno < 0 ? DRIVER_DEFAULT_MAX_LAG :
		max_lag_arg(fcinfo, max_lag_argno);
	double		alpha = alpha_argno < 0 ? DRIVER_DEFAULT_ALPHA : alpha_arg(fcinfo, alpha_argno);
	double		row[DRIVER_COLUMNS];

	if (PG_ARGISNULL(0))
	{
		MemoryContext context;

		if (!AggCheckCallContext(fcinfo, &context))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a transition function over a series can be called by its aggregate alone")));
		state = MemoryContextAllocZero(context, sizeof(DriverState));
		state->series.columns = DRIVER_COLUMNS;
		state->max_lag = max_lag;
		state->alpha = alpha;
	}
	else
		state = (DriverState *) PG_GETARG_POINTER(0);
	if (state->max_lag != max_lag || state->alpha != alpha)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("max_lag and alpha must be the same in all rows of a group")));
	for (int i = 0; i < DRIVER_COLUMNS; i++)
		row[i] = good_arg(fcinfo, state, i, 1 + i, target_argno < 0 ? -1 : target_argno + i);
	series_append(fcinfo, &state->series, row);
	PG_RETURN_POINTER(state);
}

/* driver(activity, outcome). */
PG_FUNCTION_INFO_V1(kra_driver_accum);
Datum
kra_driver_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, -1, -1, -1);
}

/* driver(activity, outcome, max_lag). */
PG_FUNCTION_INFO_V1(kra_driver_accum_lag);
Datum
kra_driver_accum_lag(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3, -1, -1);
}

/* driver(activity, outcome, activity_target, outcome_target). */
PG_FUNCTION_INFO_V1(kra_driver_accum_targets);
Datum
kra_driver_accum_targets(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, -1, 3, -1);
}

/* driver(activity, outcome, max_lag, activity_target, outcome_target, alpha). */
PG_FUNCTION_INFO_V1(kra_driver_accum_options);
Datum
kra_driver_accum_options(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3, 4, 6);
}

/* What the lags say together. */
typedef struct DriverFinding
{
	int			best;			/* -1: no correlation at any lag */
	int			tried;			/* lags among which the best is */
	int64		pairs;			/* at the best lag, or the most of any lag */
	double		p;				/* adjusted for the lags tried */
	DriverVerdict verdict;
} DriverFinding;

/*
 * The best lag is that of the largest absolute correlation, the smallest lag
 * where several are alike, out of those with pairs enough; without any such, out
 * of all that are shown.
 */
static void
judge(const SpearmanLag *lags, int max_lag, double alpha, DriverFinding *out)
{
	bool		best_is_enough = false;
	int			shown = 0;

	out->best = -1;
	out->tried = 0;
	out->pairs = 0;
	for (int i = 0; i <= max_lag; i++)
	{
		const SpearmanLag *lag = &lags[i];
		bool		enough = lag->pairs >= DRIVER_MIN_PAIRS;

		if (out->best < 0)
			out->pairs = Max(out->pairs, lag->pairs);
		if (!lag->x_varies || !lag->y_varies || lag->pairs < DRIVER_SHOWN_PAIRS)
			continue;
		shown++;
		if (enough)
			out->tried++;
		if (out->best >= 0 &&
			(best_is_enough > enough ||
			 (best_is_enough == enough && kpi_ge(fabs(lags[out->best].rho), fabs(lag->rho)))))
			continue;
		out->best = i;
		best_is_enough = enough;
		out->pairs = lag->pairs;
	}

	if (!best_is_enough)
		out->tried = shown;
	out->p = 1.0;
	if (out->best >= 0)
		out->p = sidak_p_value(spearman_p_value(lags[out->best].rho, out->pairs), out->tried);
	if (out->pairs < DRIVER_MIN_PAIRS)
		out->verdict = DRIVER_TRIAL;
	else if (out->best < 0 || out->p > alpha || lags[out->best].rho == 0.0)
		out->verdict = DRIVER_NO_EVIDENCE;
	else
		out->verdict = lags[out->best].rho > 0.0 ? DRIVER_DRIVES : DRIVER_MOVES_AGAINST;
}

/* "higher activity", "activity closer to its target": what more of it is. */
static char *
side_text(const DriverState *state, int column, bool good)
{
	switch (state->direction[column])
	{
		case KPI_AT_MOST:
			return psprintf("%s %s", good ? "lower" : "higher", column_names[column]);
		case KPI_EXACTLY:
		case KPI_INSIDE:
			return psprintf("%s %s its target", column_names[column],
							good ? "closer to" : "further from");
		default:
			return psprintf("%s %s", good ? "higher" : "lower", column_names[column]);
	}
}

static const char *
p_text(double p)
{
	return p < 0.001 ? "p < 0.001" : psprintf("p = %s", kra_number_text(p, NULL, NULL));
}

/*
 * Do both series run with time, so that this alone would make the correlation?
 * Judged at the same pairs; no adjustment, since it is only a caution.
 */
static bool
both_run_with_time(const SpearmanLag *lag, double alpha)
{
	return spearman_p_value(lag->x_time, lag->pairs) <= alpha &&
		spearman_p_value(lag->y_time, lag->pairs) <= alpha &&
		(lag->x_time * lag->y_time > 0.0) == (lag->rho > 0.0);
}

/* The verdict as a sentence for people, with its evidence. */
static char *
driver_reason(const DriverState *state, const SpearmanLag *lags, const DriverFinding *f)
{
	const SpearmanLag *best = &lags[Max(f->best, 0)];
	double		perfect = best->rho < 0.0 ? -1.0 : 1.0;
	StringInfoData buf;

	initStringInfo(&buf);
	if (f->verdict == DRIVER_TRIAL)
	{
		appendStringInfo(&buf, "too few pairs for a verdict: " INT64_FORMAT " of %d",
						 f->pairs, DRIVER_MIN_PAIRS);
		return buf.data;
	}
	if (f->best < 0)
	{
		bool		varies[DRIVER_COLUMNS] = {false, false};

		for (int i = 0; i <= state->max_lag; i++)
		{
			varies[ACTIVITY] |= lags[i].x_varies;
			varies[OUTCOME] |= lags[i].y_varies;
		}
		if (varies[ACTIVITY] || varies[OUTCOME])
			appendStringInfo(&buf, "no evidence: the %s never varies",
							 column_names[varies[ACTIVITY] ? OUTCOME : ACTIVITY]);
		else
			appendStringInfoString(&buf, "no evidence: neither activity nor outcome ever varies");
		return buf.data;
	}

	if (f->verdict == DRIVER_NO_EVIDENCE)
		appendStringInfo(&buf, "no evidence that %s goes with %s: the strongest correlation is",
						 side_text(state, ACTIVITY, true), side_text(state, OUTCOME, true));
	else
		appendStringInfo(&buf, "%s goes with %s",
						 side_text(state, ACTIVITY, true),
						 side_text(state, OUTCOME, best->rho > 0.0));
	if (f->best == 0)
		appendStringInfoString(&buf, " in the same period");
	else
		appendStringInfo(&buf, " %d period%s later", f->best, f->best == 1 ? "" : "s");
	appendStringInfo(&buf, " (rank correlation %s over " INT64_FORMAT " pairs, %s",
					 kra_number_text(best->rho, &perfect, NULL), best->pairs, p_text(f->p));
	if (f->tried > 1)
		appendStringInfo(&buf, " after %d lags tried", f->tried);
	appendStringInfoChar(&buf, ')');
	if (f->verdict != DRIVER_NO_EVIDENCE)
	{
		if (both_run_with_time(best, state->alpha))
			appendStringInfoString(&buf, "; both also run with time, which alone can make such a correlation");
		appendStringInfoString(&buf, "; this is correlation, not cause");
	}
	return buf.data;
}

/* The row of driver(); does not change the state. NULL without rows. */
PG_FUNCTION_INFO_V1(kra_driver_final);
Datum
kra_driver_final(PG_FUNCTION_ARGS)
{
	DriverState *state = PG_ARGISNULL(0) ? NULL : (DriverState *) PG_GETARG_POINTER(0);
	Spearman	spearman;
	SpearmanLag *lags;
	DriverFinding f;
	TupleDesc	desc;
	Datum		values[7];
	bool		nulls[7] = {false};
	Datum	   *elements;
	bool	   *element_nulls;
	int			count;
	int			dims[1];
	int			lower[1] = {1};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (state == NULL)
		PG_RETURN_NULL();

	count = state->max_lag + 1;
	lags = palloc(count * sizeof(SpearmanLag));
	elements = palloc(count * sizeof(Datum));
	element_nulls = palloc(count * sizeof(bool));
	spearman_init(&spearman, state->series.column[ACTIVITY], state->series.column[OUTCOME],
				  state->series.n);
	for (int i = 0; i < count; i++)
	{
		spearman_at_lag(&spearman, i, &lags[i]);
		element_nulls[i] = !lags[i].x_varies || !lags[i].y_varies ||
			lags[i].pairs < DRIVER_SHOWN_PAIRS;
		elements[i] = Float8GetDatum(lags[i].rho);
	}
	spearman_free(&spearman);
	judge(lags, state->max_lag, state->alpha, &f);

	values[0] = Int64GetDatum(f.pairs);
	nulls[1] = nulls[2] = nulls[3] = f.best < 0;
	values[1] = Int32GetDatum(f.best);
	values[2] = Float8GetDatum(lags[Max(f.best, 0)].rho);
	values[3] = Float8GetDatum(f.p);
	values[4] = CStringGetTextDatum(verdict_names[f.verdict]);
	dims[0] = count;
	values[5] = PointerGetDatum(construct_md_array(elements, element_nulls, 1, dims, lower,
												   FLOAT8OID, sizeof(float8),
												   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[6] = CStringGetTextDatum(driver_reason(state, lags, &f));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
