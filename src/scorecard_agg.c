/*
 * scorecard_agg.c: the aggregates scorecard_agg() and rollup(scorecard).
 *
 * The state of scorecard_agg() is a scorecard that is being built: a flat
 * varlena that grows by doubling and takes entries in place, so that a group
 * costs one allocation for its first handful of entries.
 */
#include "postgres.h"

#include "fmgr.h"

#include "scorecard.h"

/* The state as it stands: sorted by the final function alone. */
static Scorecard *
state_arg(FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aggregate state must not be null")));
	return (Scorecard *) PG_DETOAST_DATUM(PG_GETARG_DATUM(argno));
}

/* Canonical; a copy if it is already, for windows go on with the state. */
static Scorecard *
finished(Scorecard *state)
{
	return scorecard_build(scorecard_entries(state), state->count, NULL);
}

/* A copy to build on, when plain SQL calls a transition function. */
static Scorecard *
private_copy(Scorecard *state)
{
	return scorecard_append_card(scorecard_empty(), state);
}

static Scorecard *
accumulate(FunctionCallInfo fcinfo, Scorecard *state, const ScorecardEntry *e)
{
	if (AggCheckCallContext(fcinfo, NULL))
		return scorecard_append(state, e);
	return finished(scorecard_append(private_copy(state), e));
}

/* scorecard_agg(kra, kpi, kind, actual, target, weight). */
PG_FUNCTION_INFO_V1(kra_scorecard_accum);
Datum
kra_scorecard_accum(PG_FUNCTION_ARGS)
{
	Scorecard  *state = state_arg(fcinfo, 0);
	ScorecardEntry e;

	scorecard_entry_args(fcinfo, 1, 6, &e);
	PG_RETURN_POINTER(accumulate(fcinfo, state, &e));
}

/* scorecard_agg(... , timing, drives [, attainment, status, coverage]). */
PG_FUNCTION_INFO_V1(kra_scorecard_accum_more);
Datum
kra_scorecard_accum_more(PG_FUNCTION_ARGS)
{
	Scorecard  *state = state_arg(fcinfo, 0);
	ScorecardEntry e;

	scorecard_entry_args(fcinfo, 1, PG_NARGS() - 1, &e);
	PG_RETURN_POINTER(accumulate(fcinfo, state, &e));
}

/* Strict: the entries of both; duplicates are found in the end. */
PG_FUNCTION_INFO_V1(kra_scorecard_combine);
Datum
kra_scorecard_combine(PG_FUNCTION_ARGS)
{
	Scorecard  *state = state_arg(fcinfo, 0);
	Scorecard  *other = state_arg(fcinfo, 1);

	if (AggCheckCallContext(fcinfo, NULL))
		PG_RETURN_POINTER(scorecard_append_card(state, other));
	PG_RETURN_POINTER(finished(scorecard_append_card(private_copy(state), other)));
}

PG_FUNCTION_INFO_V1(kra_scorecard_final);
Datum
kra_scorecard_final(PG_FUNCTION_ARGS)
{
	Scorecard  *state = state_arg(fcinfo, 0);

	if (state->count == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(finished(state));
}

/* Strict: the transition and the combine function of rollup(scorecard). */
PG_FUNCTION_INFO_V1(kra_scorecard_rollup);
Datum
kra_scorecard_rollup(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(scorecard_merge(kra_scorecard_arg(fcinfo, 0),
									  kra_scorecard_arg(fcinfo, 1)));
}
