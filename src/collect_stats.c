/*
 * collect_stats.c: how many groups the query of the facts makes, for the planner.
 *
 * It groups by the period of a time, of which the planner knows no statistics. So it
 * takes each time for a group of its own, sorts millions of rows where a small hash
 * table would do, and finds nothing to do for a second worker. While the facts are
 * read, columns of times are said to have as many values as there are periods
 * between the ends of their histogram. As in get_relation_stats_hook's other users,
 * everything else of the statistics is as it was.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "collect.h"

/* Days of a period; 0: no facts are read. */
static int	days_a_period = 0;

static get_relation_stats_hook_type previous_hook = NULL;

/* The day of a value of one of the types of times; false: it has none. */
static bool
day_of_value(Oid type, Datum value, double *day)
{
	if (type == DATEOID)
	{
		*day = DatumGetDateADT(value);
		return !DATE_NOT_FINITE(DatumGetDateADT(value));
	}
	*day = (double) DatumGetTimestamp(value) / USECS_PER_DAY;
	return !TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value));
}

/* How many periods a column of times spans, by its histogram; 0: it has none. */
static double
periods_of(HeapTuple statistics, Oid type)
{
	AttStatsSlot slot;
	double		first;
	double		last;
	double		periods = 0;

	if (!get_attstatsslot(&slot, statistics, STATISTIC_KIND_HISTOGRAM, InvalidOid, ATTSTATSSLOT_VALUES))
		return 0;
	if (slot.nvalues > 1 && day_of_value(type, slot.values[0], &first) &&
		day_of_value(type, slot.values[slot.nvalues - 1], &last))
		periods = Max(last - first, 0) / days_a_period + 1;
	free_attstatsslot(&slot);
	return periods;
}

/* The statistics of a column; false: the planner looks for them itself. */
static bool
statistics_of_times(PlannerInfo *root, RangeTblEntry *rte, AttrNumber column, VariableStatData *known)
{
	Oid			type;
	HeapTuple	statistics;
	double		periods;
	double		distinct;

	if (previous_hook != NULL && previous_hook(root, rte, column, known))
		return true;
	if (days_a_period == 0 || rte->rtekind != RTE_RELATION)
		return false;
	type = getBaseType(get_atttype(rte->relid, column));
	if (type != DATEOID && type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		return false;
	statistics = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(rte->relid), Int16GetDatum(column),
								 BoolGetDatum(rte->inh));
	if (!HeapTupleIsValid(statistics))
		return false;
	periods = periods_of(statistics, type);
	distinct = ((Form_pg_statistic) GETSTRUCT(statistics))->stadistinct;
	if (periods == 0 || (distinct > 0 && distinct <= periods))
	{
		ReleaseSysCache(statistics);
		return false;
	}
	known->statsTuple = heap_copytuple(statistics);
	known->freefunc = heap_freetuple;
	((Form_pg_statistic) GETSTRUCT(known->statsTuple))->stadistinct = (float4) periods;
	ReleaseSysCache(statistics);
	return true;
}

/* From now on facts are read, in periods of so many days; 0: no longer. */
void
kra_estimate_periods(int days)
{
	static bool is_hooked = false;

	if (!is_hooked)
	{
		previous_hook = get_relation_stats_hook;
		get_relation_stats_hook = statistics_of_times;
		is_hooked = true;
	}
	days_a_period = days;
}
