/*
 * series.c: the growing state of aggregates over an ordered series.
 */
#include "postgres.h"

#include "series.h"

/* The memory of the aggregate; error when called by anything else. */
MemoryContext
series_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a transition function over a series can be called by its aggregate alone")));
	return context;
}

/* The state: argument 0, or a new one for the first row. */
Series *
series_state(FunctionCallInfo fcinfo, int columns)
{
	MemoryContext context = series_context(fcinfo);
	Series	   *s;

	if (!PG_ARGISNULL(0))
		return (Series *) PG_GETARG_POINTER(0);
	s = MemoryContextAllocZero(context, sizeof(Series));
	s->columns = columns;
	return s;
}

/* Appends a row of s->columns numbers; NaN stands for NULL. */
void
series_append(FunctionCallInfo fcinfo, Series *s, const double *row)
{
	if (s->n >= SERIES_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series cannot have more than %d points", SERIES_MAX_POINTS),
				 errhint("Aggregate the points to longer periods first.")));
	if (s->n == s->capacity)
	{
		MemoryContext context = series_context(fcinfo);
		int64		capacity = s->capacity > 0 ? s->capacity * 2 : 16;

		for (int i = 0; i < s->columns; i++)
			s->column[i] = s->column[i] == NULL ?
				MemoryContextAlloc(context, capacity * sizeof(double)) :
				repalloc(s->column[i], capacity * sizeof(double));
		s->capacity = capacity;
	}
	for (int i = 0; i < s->columns; i++)
		s->column[i][s->n] = row[i];
	s->n++;
}
