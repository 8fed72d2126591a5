/*
 * whole.h: how parts make a whole, the law of parts: the whole is judged by the
 * same parts that its actual comes from.
 *
 * Parts are the periods of a KPI's cadence in a longer period, and the members of
 * a group. No fmgr here but for the argument macro.
 */
#ifndef KRA_WHOLE_H
#define KRA_WHOLE_H

#include "attainment.h"
#include "kpi_actual.h"
#include "kpi_target.h"

#define WHOLE_VERSION 1

/* How parts are put together. */
typedef enum Aggregation
{
	OVER_NONE = 0,				/* no part yet */
	OVER_SUM,
	OVER_COUNT,
	OVER_MEAN,
	OVER_RATIO,
	OVER_LAST,
	OVER_MIN,
	OVER_MAX
} Aggregation;

/* The numbers of a target, and of what was expected of it. */
typedef enum TargetNumber
{
	NUMBER_LOWER, NUMBER_UPPER, NUMBER_BASELINE, NUMBER_THRESHOLD, NUMBER_STRETCH, NUMBER_SCALE,
	NUMBER_EXPECTED_LOWER, NUMBER_EXPECTED_UPPER
} TargetNumber;

#define TARGET_NUMBERS 6
#define WHOLE_NUMBERS 8

/* Directions beside those of a target. */
#define WHOLE_NO_DIRECTION 0
#define WHOLE_MIXED_DIRECTIONS (KPI_INSIDE + 1)

/*
 * The targets of some of the parts: sums, sums of what is to be divided by the
 * weight, or the least, greatest or last, by the aggregation.
 */
typedef struct WholeTargets
{
	int32		parts_count;
	uint8		direction;		/* KpiDirection, none yet, or mixed */
	uint8		unused;
	uint16		parts;			/* KPI_HAS_...: what every target has; dates: the same */
	int32		since;
	int32		due;
	double		weight;
	double		number[WHOLE_NUMBERS];
} WholeTargets;

/* A value as what is divided by what. */
typedef struct WholeValue
{
	int64		parts_count;
	DDouble		sum;			/* or the least, greatest, last */
	DDouble		weight;			/* 0 where nothing is divided */
} WholeValue;

#define WHOLE_ON_ITS_WAY	0x01	/* a judged part has dates that run */
#define WHOLE_NOT_KNOWN		0x02	/* of a part there are data that are not known yet */

/* Fixed length, updated in place by the aggregates. */
typedef struct Whole
{
	uint8		version;		/* WHOLE_VERSION */
	uint8		aggregation;	/* Aggregation */
	uint8		flags;
	uint8		unused;
	int32		last_place;		/* ties of a time go to the higher one */
	int64		last_part;		/* of OVER_LAST: when the last value of all was */
	int64		last_judged;	/* ... and the last one judged */
	int64		last_asked;		/* ... and the start of the last part due */
	int64		observations;
	WholeValue	actual;			/* of all parts that have data */
	WholeValue	judged;			/* of those that have a target, too */
	WholeTargets target;		/* of those judged */
	WholeTargets full;			/* of those, and of all that are not over */
	WholeTargets asked;			/* of those due, and to come, that are not judged */
	double		pairs;			/* in which the KPI was carried, and that have begun */
	double		pairs_with_data;
	double		pairs_judged;
	double		weight_with_data;
	double		weight_judged;
} Whole;

StaticAssertDecl(sizeof(Whole) == 424, "INTERNALLENGTH of whole");

#define PG_GETARG_WHOLE_P(n) ((Whole *) PG_GETARG_POINTER(n))

/* By what a whole is judged, beside its parts. */
typedef struct WholeJudgement
{
	bool		runs;			/* is its period not over yet? */
	double		share;			/* how much of it is over, by days */
	double		at_risk_from;
	Aggregation over_subjects;
} WholeJudgement;

/* What a line says. */
typedef struct WholeVerdict
{
	bool		has_actual,
				has_judged,
				has_target,
				has_expected,
				has_attainment,
				has_progress,
				has_projected,
				has_met,
				has_coverage;
	double		actual,
				judged,
				attainment,
				progress,
				projected,
				coverage,
				expected_lower,
				expected_upper;
	bool		met;
	KpiStatus	status;
	const char *reason;			/* NULL: there is an attainment */
	KpiTarget	target;
} WholeVerdict;

/* A period of the cadence, and the day as of which it is asked about. */
typedef struct WholePeriod
{
	int32		start;
	int32		end;
	int32		as_of;
} WholePeriod;

extern Aggregation whole_aggregation(const char *name, int len);
extern void whole_part(Whole *w, Aggregation aggregation, const KpiActual *actual,
					   const KpiTarget *target, bool is_carried, const WholePeriod *period,
					   int64 known_until);
extern void whole_ask(Whole *w, Aggregation aggregation, const KpiTarget *target,
					  bool is_carried, const WholePeriod *period);
extern void whole_judged_by(Whole *w, const Whole *targets);
extern void whole_merge(Whole *w, const Whole *other);
extern void whole_as_member(Whole *w, Aggregation over_subjects, int32 place);
extern void whole_judge(const Whole *w, Aggregation over_time, const WholeJudgement *j,
						WholeVerdict *out);

#endif							/* KRA_WHOLE_H */
