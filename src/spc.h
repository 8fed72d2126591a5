/*
 * spc.h: individuals (XmR) charts: natural process limits, and the marks that
 * rules put on points.
 *
 * No fmgr, no error: arrays in, values and bools out. NaN stands for NULL, which
 * is a gap: no moving range is taken across it, and every pattern ends at it.
 */
#ifndef KRA_SPC_H
#define KRA_SPC_H

#include "postgres.h"

/* Limits lie this many mean moving ranges from the centre: 3 / d2(2), rounded. */
#define SPC_LIMIT_FACTOR 2.66
/* A moving range is screened out from this many mean moving ranges on: D4(2). */
#define SPC_SCREEN_FACTOR 3.267
/* Under so many points, the limits are on trial. */
#define SPC_TRIAL_POINTS 13

/*
 * The marks, in the order of the SQL enum kpi_signal: by severity. Where several
 * hold, a point bears the last.
 */
typedef enum SpcMark
{
	SPC_TRIAL = 0,				/* too few points to say */
	SPC_NONE,
	SPC_ALTERNATING,			/* up and down in turn */
	SPC_HUGGING,				/* all near the centre */
	SPC_AVOIDING,				/* on both sides, none near the centre */
	SPC_RUN_BELOW,
	SPC_RUN_ABOVE,
	SPC_NEAR_LOW,				/* one of several near the lower limit */
	SPC_NEAR_HIGH,
	SPC_TREND_DOWN,
	SPC_TREND_UP,
	SPC_BEYOND_LOW,
	SPC_BEYOND_HIGH
} SpcMark;

#define SPC_MARK_COUNT 13
#define SPC_NO_POINT 255		/* where there is no value */

/* k of m consecutive points farther from the centre than so many sigmas. */
typedef struct SpcZoneRule
{
	int			count;			/* k; 0: no such rule */
	int			of;				/* m */
	double		sigmas;
	bool		inside_limits;	/* points beyond the limits do not count */
	bool		one_side;		/* all m must lie on that side of the centre */
} SpcZoneRule;

typedef struct SpcRules
{
	const char *name;
	int			trial;			/* under so many points all is on trial */
	int			run;			/* points in a row on one side of the centre */
	bool		centre_breaks;	/* does a point on the centre end a run? */
	int			trend;			/* points in a row, each above the last; 0: none */
	int			alternating;	/* points in a row; 0: no such rule */
	int			hugging;
	int			avoiding;
	SpcZoneRule zones[2];
} SpcRules;

typedef struct SpcOptions
{
	bool		median;			/* centre is the median, else the mean */
	bool		screen;			/* leave large moving ranges out */
	double		lower;			/* physical bounds; infinite: none */
	double		upper;
	int64		baseline;		/* limits from so many first points; 0: all */
} SpcOptions;

typedef struct SpcLimits
{
	int64		points;
	int64		ranges;			/* that the mean rests on; 0: there are no limits */
	int64		dropped;		/* moving ranges that were screened out */
	double		centre;
	double		moving_range;	/* mean */
	double		lower;			/* clipped to the physical bounds */
	double		upper;
} SpcLimits;

/* A third of the distance between the centre and an unclipped limit. */
static inline double
spc_sigma(double moving_range)
{
	return SPC_LIMIT_FACTOR / 3.0 * moving_range;
}

extern const SpcRules *spc_rules(int i);
extern double spc_mean(const double *x, int64 n);
extern double spc_median(double *x, int64 n);
extern bool spc_limits(const double *x, int64 n, const SpcOptions *options,
					   double *scratch, SpcLimits *out);
extern void spc_marks(const double *x, int64 n, const SpcLimits *limits,
					  const SpcRules *rules, uint8 *marks);

#endif							/* KRA_SPC_H */
