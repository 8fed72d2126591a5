/*
 * regression.h: level and slope before and after a change.
 */
#ifndef KRA_REGRESSION_H
#define KRA_REGRESSION_H

#include "trend.h"

/* Confidence of the intervals. */
#define REGRESSION_LEVEL 0.95

/* An estimate against 0, with Student's t distribution. */
typedef struct Estimate
{
	double		value;
	double		lower;			/* REGRESSION_LEVEL confidence interval */
	double		upper;
	double		t;				/* value / standard error; infinite without scatter */
	double		df;
	double		p;				/* two-sided */
} Estimate;

/* The mean and the scatter of one side. */
typedef struct SideLevel
{
	double		n;
	DDouble		mean;			/* relative to the side's origin */
	double		svv;			/* sum of squares about the mean */
	double		noise;			/* what rounding of the values may come to */
} SideLevel;

/* y = b0 + b1 t + b2 D + b3 t D, t from the change on, D = 1 after it. */
typedef struct SegmentedFit
{
	double		slope_before;	/* b1 */
	double		slope_after;	/* b1 + b3 */
	Estimate	level;			/* b2 */
	Estimate	slope;			/* b3 */
	double		at_change;		/* b0: the line before, carried on to the change */
	double		after_mean;		/* mean t of the points after the change */
} SegmentedFit;

extern bool level_of(const KpiTrend *side, SideLevel *out);
extern double level_mean(const KpiTrend *side, const SideLevel *level);
extern bool welch_test(const KpiTrend *before, const KpiTrend *after, Estimate *difference);
extern bool segmented_fit(const KpiTrend *before, const KpiTrend *after,
						  TrendAt change_at, SegmentedFit *out);

#endif							/* KRA_REGRESSION_H */
