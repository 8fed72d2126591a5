/*
 * series.h: the rows of one series, gathered in their order.
 *
 * For aggregates that need all points at once (ORDER BY at): they cannot be
 * merged, so that their state is the server's "internal". It lives in the
 * aggregate's memory context and grows by doubling, up to a stated limit.
 */
#ifndef KRA_SERIES_H
#define KRA_SERIES_H

#include "kra.h"

/* 5 million rows: with two columns 80 MB, and a clear error beyond. */
#define SERIES_MAX_POINTS 5000000
#define SERIES_MAX_COLUMNS 3

typedef struct Series
{
	int64		n;				/* rows */
	int64		capacity;
	int			columns;
	double	   *column[SERIES_MAX_COLUMNS]; /* NaN stands for NULL */
} Series;

extern MemoryContext series_context(FunctionCallInfo fcinfo);
extern Series *series_state(FunctionCallInfo fcinfo, int columns);
extern void series_append(FunctionCallInfo fcinfo, Series *s, const double *row);

#endif							/* KRA_SERIES_H */
