/*
 * kpi_actual.h: the observations of a KPI in a period, in one small value.
 */
#ifndef KRA_KPI_ACTUAL_H
#define KRA_KPI_ACTUAL_H

#include "kra.h"

#define KPI_ACTUAL_VERSION 1

/* Fixed length, stored as it stands, updated in place by actual_agg(). */
typedef struct KpiActual
{
	uint8		version;		/* KPI_ACTUAL_VERSION */
	uint8		has_times;		/* is a first and a last known? */
	uint8		unused[6];		/* always 0 */
	int64		count;			/* observations: values that are not NULL */
	DDouble		sum;			/* of the values */
	DDouble		weight;			/* of the weights: the denominator of a ratio */
	double		min;			/* 0 when count is 0, like max */
	double		max;
	int64		first_at;		/* microseconds since 2000-01-01 UTC */
	int64		last_at;
	double		first;			/* of several at the same time, the smallest */
	double		last;			/* of several at the same time, the largest */
} KpiActual;

StaticAssertDecl(sizeof(KpiActual) == 96, "INTERNALLENGTH of kpi_actual");

#define PG_GETARG_KPI_ACTUAL_P(n) ((KpiActual *) PG_GETARG_POINTER(n))

extern int64 kra_date_to_time(int32 date);
extern void kra_check_time(int64 at);

#endif							/* KRA_KPI_ACTUAL_H */
