/*
 * imbalance.h: outcome and activity out of step.
 */
#ifndef KRA_IMBALANCE_H
#define KRA_IMBALANCE_H

#include "scorecard.h"

/* Limits of the flags; the SQL arguments' defaults are the design's. */
typedef struct ImbalanceLimits
{
	double		busy_min;		/* activity score from which people are busy: 0.9 */
	double		moving_min;		/* outcome score from which the outcome moves: 0.9 */
	double		gap_min;		/* distance of two scores that counts: 0.1 */
	double		activity_share_max; /* share of weight above which: activity heavy: 0.5 */
	double		result_min;		/* outcome score that is a result: 0.9 */
} ImbalanceLimits;

#define IMBALANCE_DEFAULT_LIMITS {0.9, 0.9, 0.1, 0.5, 0.9}

/* In the order in which they are tried: the first that holds wins. */
typedef enum ImbalanceFlag
{
	IMBALANCE_INSUFFICIENT_DATA,
	IMBALANCE_NO_OUTCOME,
	IMBALANCE_BUSY_NOT_MOVING,
	IMBALANCE_BOTH_BEHIND,
	IMBALANCE_ACTIVITY_HEAVY,
	IMBALANCE_NO_LEADING,
	IMBALANCE_RESULT_WITHOUT_EFFORT,
	IMBALANCE_OUTCOME_BEHIND,
	IMBALANCE_BALANCED
} ImbalanceFlag;

/* An activity, and the outcome at the end of what it drives. */
typedef struct ImbalancePair
{
	ScorecardName activity;
	ScorecardName outcome;
	double		activity_score; /* capped */
	double		outcome_score;
	bool		outcome_is_below_0;	/* before it was capped */
} ImbalancePair;

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
	bool		has_pair;		/* the flag rests on one pair, not on totals */
	ImbalancePair pair;
	KpiAttainment likes;		/* the activities that are judged together */
	double		likes_score;
} Imbalance;

extern bool kpi_imbalance(const KpiBalance *b, const Scorecard *card,
						  const ImbalanceLimits *limits, Imbalance *out);
extern char *kpi_imbalance_busy(const KpiBalance *b, const Imbalance *im);
extern Datum kra_imbalance_row(FunctionCallInfo fcinfo, const KpiBalance *b,
							   const Scorecard *card);

/* imbalance_pair.c */
extern bool imbalance_is_busy(double activity, double outcome, const ImbalanceLimits *limits);
extern bool imbalance_widest_pair(const Scorecard *card, const ImbalanceLimits *limits,
								  ImbalancePair *pair, KpiAttainment *likes);

#endif							/* KRA_IMBALANCE_H */
