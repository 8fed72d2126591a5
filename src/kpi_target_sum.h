/*
 * kpi_target_sum.h: targets that are being added up, those of different
 * directions among them.
 */
#ifndef KRA_KPI_TARGET_SUM_H
#define KRA_KPI_TARGET_SUM_H

#include "fields.h"

#define KPI_TARGET_SUM_VERSION 1

/* Directions of a sum beside those of a target. */
#define KPI_NO_DIRECTION 0		/* no target yet */
#define KPI_MIXED_DIRECTIONS (KPI_INSIDE + 1)

/* Where a number lies beside a target. On the target it lies on both sides. */
#define BELOW_TARGET	0x01
#define ABOVE_TARGET	0x02
#define BOTH_SIDES		(BELOW_TARGET | ABOVE_TARGET)

/*
 * A sum of which no order of its numbers is out of range before the others: those
 * of 1e250 and more are added up apart, multiplied by LARGE_SCALE (2^-128).
 */
typedef struct KpiSum
{
	DDouble		sum;
	DDouble		large;
} KpiSum;

typedef enum KpiSumNumber
{
	SUM_LOWER, SUM_UPPER, SUM_BASELINE, SUM_THRESHOLD, SUM_STRETCH, SUM_SCALE
} KpiSumNumber;

#define KPI_SUM_NUMBERS 6
#define KPI_SUM_SIDES 3			/* of baseline, threshold, stretch */

/* Fixed length, stored as it stands, updated in place by sum(kpi_target). */
typedef struct KpiTargetSum
{
	uint8		version;		/* KPI_TARGET_SUM_VERSION */
	uint8		direction;		/* KpiDirection, none yet, or mixed */
	uint16		parts;			/* KPI_HAS_...: parts that every target has so far */
	int32		since;			/* of all targets, where they are the same */
	int32		due;
	uint8		sides[KPI_SUM_SIDES];	/* where they lie in every target */
	uint8		unused;			/* always 0 */
	KpiSum		number[KPI_SUM_NUMBERS];
} KpiTargetSum;

StaticAssertDecl(sizeof(KpiTargetSum) == 208, "INTERNALLENGTH of kpi_target_sum");

#define PG_GETARG_KPI_TARGET_SUM_P(n) ((KpiTargetSum *) PG_GETARG_POINTER(n))

#endif							/* KRA_KPI_TARGET_SUM_H */
