/*
 * trend.h: the straight line through observations, as moments that merge.
 *
 * No fmgr. Moments are taken about the first point that a summary saw (its
 * origin), as sums of 32 digits, and centred about the means when they are
 * read. So neither a large offset (seconds since an epoch) nor the way in which
 * rows were split costs digits: one-pass centred moments in plain float8
 * (Youngs and Cramer 1971) differ from 1e-12 on between one split and another.
 */
#ifndef KRA_TREND_H
#define KRA_TREND_H

#include "postgres.h"

#include "ddouble.h"

#define KPI_TREND_VERSION 1

/* What `at` is measured in. */
typedef enum TrendDomain
{
	TREND_EMPTY = 0,			/* no point yet: fits either */
	TREND_TIME = 1,				/* microseconds since 2000-01-01 UTC */
	TREND_NUMBER = 2
} TrendDomain;

typedef union TrendAt
{
	int64		time;
	double		number;
} TrendAt;

/* Fixed length, stored as it stands, updated in place by trend_agg(). */
typedef struct KpiTrend
{
	uint8		version;		/* KPI_TREND_VERSION */
	uint8		domain;			/* TrendDomain */
	uint8		unused[6];		/* always 0 */
	int64		count;			/* points: neither at nor value NULL */
	TrendAt		origin_at;		/* u = at - origin_at, in microseconds for times */
	double		origin;			/* v = value - origin */
	DDouble		u;				/* sums of u, v, u*u, u*v, v*v */
	DDouble		v;
	DDouble		uu;
	DDouble		uv;
	DDouble		vv;
	TrendAt		first_at;
	TrendAt		last_at;
	double		first;			/* of several at the same time, the smallest */
	double		last;			/* of several at the same time, the largest */
} KpiTrend;

/* The fitted line, in units of u. */
typedef struct TrendFit
{
	double		n;
	DDouble		mean_u;
	DDouble		mean_v;
	DDouble		suu;			/* centred: sum of (u - mean u)^2 */
	DDouble		suv;
	DDouble		svv;
	DDouble		slope;			/* value per unit of u */
	double		rss;			/* residual sum of squares, 0 for a perfect fit */
} TrendFit;

extern void trend_add(KpiTrend *t, TrendDomain domain, TrendAt at, double value);
extern bool trend_merge(KpiTrend *t, const KpiTrend *other);
extern bool trend_is_finite(const KpiTrend *t);
extern bool trend_fit(const KpiTrend *t, TrendFit *fit);
extern double trend_offset(TrendDomain domain, TrendAt at, TrendAt origin);
extern double trend_value_at(const KpiTrend *t, const TrendFit *fit, double u);
extern double trend_r2(const TrendFit *fit);
extern bool trend_slope_stderr(const TrendFit *fit, double *se);
extern bool trend_p_value(const TrendFit *fit, double *p);
extern bool trend_prediction_stderr(const TrendFit *fit, double u, double *se);
extern int	trend_at_compare(TrendDomain domain, TrendAt a, TrendAt b);

#endif							/* KRA_TREND_H */
