/*
 * theil_sen.h: the median of the slopes between all pairs of points, and any
 * other order statistic of them.
 */
#ifndef KRA_THEIL_SEN_H
#define KRA_THEIL_SEN_H

#include "postgres.h"

typedef struct TheilSen
{
	int64		n;				/* points */
	int64		slopes;			/* pairs at different places */
	double		slope;			/* NaN without slopes */
	double		lower;			/* NaN where the interval has no end */
	double		upper;
	double		intercept;		/* median of y - slope * (x - origin) */
	double		origin;			/* the x that the intercept is taken at, if asked for */
} TheilSen;

extern bool theil_sen_fit(const double *x, const double *y, int64 n, bool from_first,
						  double z, TheilSen *fit);

#endif							/* KRA_THEIL_SEN_H */
