/*
 * imbalance.h: outcome and activity out of step.
 */
#ifndef KRA_IMBALANCE_H
#define KRA_IMBALANCE_H

#include "kpi_attainment.h"

/* Limits of the flags; the SQL arguments' defaults are the design's. */
typedef struct ImbalanceLimits
{
	double		busy_min;		/* activity score from which people are busy: 0.9 */
	double		moving_min;		/* outcome score from which the outcome moves: 0.9 */
	double		gap_min;		/* activity minus outcome score that counts: 0.1 */
	double		activity_share_max; /* share of weight above which: activity heavy: 0.5 */
	double		result_min;		/* outcome score that is a result: 1 */
} ImbalanceLimits;

typedef enum ImbalanceFlag
{
	IMBALANCE_INSUFFICIENT_DATA,
	IMBALANCE_NO_OUTCOME,
	IMBALANCE_BUSY_NOT_MOVING,
	IMBALANCE_ACTIVITY_HEAVY,
	IMBALANCE_NO_LEADING,
	IMBALANCE_RESULT_WITHOUT_EFFORT,
	IMBALANCE_BALANCED
} ImbalanceFlag;

typedef struct Imbalance
{
	ImbalanceFlag flag;
	int64		entries[KPI_KIND_COUNT];
	bool		has_score[KPI_KIND_COUNT];
	double		score[KPI_KIND_COUNT];
	bool		has_share;
	double		activity_share;	/* of the nominal weight */
	bool		has_coverage;
	double		coverage;
} Imbalance;

extern bool kpi_imbalance(const KpiBalance *b, const ImbalanceLimits *limits,
						  Imbalance *out);
extern Datum kra_imbalance_row(FunctionCallInfo fcinfo, const KpiBalance *b);

#endif							/* KRA_IMBALANCE_H */
