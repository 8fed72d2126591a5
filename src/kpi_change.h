/*
 * kpi_change.h: observations before and after a change, as two trends that merge.
 */
#ifndef KRA_KPI_CHANGE_H
#define KRA_KPI_CHANGE_H

#include "kpi_trend.h"

#define KPI_CHANGE_VERSION 1

/* Fixed length, stored as it stands, updated in place by change_agg(). */
typedef struct KpiChange
{
	uint8		version;		/* KPI_CHANGE_VERSION */
	uint8		domain;			/* TrendDomain of change_at; empty before any row */
	uint8		direction;		/* KpiDirection of the target, 0 without one */
	uint8		unused[5];		/* always 0 */
	TrendAt		change_at;		/* points at it belong to `after` */
	double		lower;			/* of a target of exactly or inside, else 0 */
	double		upper;
	KpiTrend	before;
	KpiTrend	after;
} KpiChange;

StaticAssertDecl(sizeof(KpiChange) == 320, "INTERNALLENGTH of kpi_change");

#define PG_GETARG_KPI_CHANGE_P(n) ((KpiChange *) PG_GETARG_POINTER(n))

#endif							/* KRA_KPI_CHANGE_H */
