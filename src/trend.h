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

#include <math.h>

#include "common/int.h"
#include "ddouble.h"

#define KPI_TREND_VERSION 1

/* An average Gregorian month, for slopes per interval. */
#define TREND_DAYS_PER_MONTH (365.25 / 12)

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

StaticAssertDecl(sizeof(KpiTrend) == 144, "INTERNALLENGTH of kpi_trend");

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

/* Sums of squares above this leave no room for the arithmetic of the fit. */
#define TREND_MAX_SUM 1e280

/* Below this, squares of differences lose digits, or are 0. */
#define TREND_MIN_SUM 1e-290

static pg_attribute_always_inline int
trend_at_compare(TrendDomain domain, TrendAt a, TrendAt b)
{
	if (domain == TREND_TIME)
		return a.time < b.time ? -1 : (a.time > b.time ? 1 : 0);
	return a.number < b.number ? -1 : (a.number > b.number ? 1 : 0);
}

/* at - origin; exact but for times more than 285 years apart. */
static pg_attribute_always_inline DDouble
trend_difference(TrendDomain domain, TrendAt at, TrendAt origin)
{
	int64		diff;

	if (domain == TREND_NUMBER)
		return dd_two_sum(at.number, -origin.number);
	if (unlikely(pg_sub_s64_overflow(at.time, origin.time, &diff)))
		return dd_from((double) at.time - (double) origin.time);
	return dd_from((double) diff);
}

static inline double
trend_offset(TrendDomain domain, TrendAt at, TrendAt origin)
{
	return trend_difference(domain, at, origin).hi;
}

static pg_attribute_always_inline void
trend_keep_ends(KpiTrend *t, TrendAt first_at, double first, TrendAt last_at, double last)
{
	int			cmp = trend_at_compare(t->domain, first_at, t->first_at);

	if (cmp < 0 || (cmp == 0 && first < t->first))
	{
		t->first_at = first_at;
		t->first = first;
	}
	cmp = trend_at_compare(t->domain, last_at, t->last_at);
	if (cmp > 0 || (cmp == 0 && last > t->last))
	{
		t->last_at = last_at;
		t->last = last;
	}
}

/* Adds a * b, given the halves of a.hi and b.hi; lo * lo is beyond the last digit. */
static pg_attribute_always_inline void
trend_add_product(DDouble *sum, DDouble a, DDouble as, DDouble b, DDouble bs)
{
	DDouble		p = dd_two_prod_split(a.hi, as, b.hi, bs);

	p.lo += a.hi * b.lo + a.lo * b.hi;
	dd_accumulate_dd(sum, p);
}

/* Adds a point. The caller has made sure that the domains agree. */
static pg_attribute_always_inline void
trend_add(KpiTrend *t, TrendDomain domain, TrendAt at, double value)
{
	DDouble		u,
				v,
				us,
				vs;

	if (t->count++ == 0)
	{
		t->domain = domain;
		t->origin_at = t->first_at = t->last_at = at;
		t->origin = t->first = t->last = value;
		return;
	}
	trend_keep_ends(t, at, value, at, value);
	u = trend_difference(domain, at, t->origin_at);
	v = dd_two_sum(value, -t->origin);
	us = dd_split(u.hi);
	vs = dd_split(v.hi);
	dd_accumulate_dd(&t->u, u);
	dd_accumulate_dd(&t->v, v);
	trend_add_product(&t->uu, u, us, u, us);
	trend_add_product(&t->uv, u, us, v, vs);
	trend_add_product(&t->vv, v, vs, v, vs);
}

/*
 * Have the sums stayed in range? Offsets from the first point of 1e140 and more
 * have not. uv is never alone in being too large: 2 |uv| <= uu + vv.
 */
static inline bool
trend_is_finite(const KpiTrend *t)
{
	return fabs(t->uu.hi + t->uu.lo) < TREND_MAX_SUM && fabs(t->vv.hi + t->vv.lo) < TREND_MAX_SUM;
}

/* Are the squares of all differences something to a float8? */
static inline bool
trend_has_squares(const KpiTrend *t)
{
	return t->count <= 1 ||
		!((t->vv.hi < TREND_MIN_SUM && (t->first != t->last || t->v.hi != 0.0)) ||
		  (t->uu.hi < TREND_MIN_SUM && trend_at_compare((TrendDomain) t->domain, t->first_at, t->last_at) != 0));
}

extern void trend_merge(KpiTrend *t, const KpiTrend *other);
extern bool trend_fit(const KpiTrend *t, TrendFit *fit);
extern double trend_value_at(const KpiTrend *t, const TrendFit *fit, double u);
extern double trend_r2(const TrendFit *fit);
extern bool trend_slope_stderr(const TrendFit *fit, double *se);
extern bool trend_p_value(const TrendFit *fit, double *p);
extern bool trend_prediction_stderr(const TrendFit *fit, double u, double *se);

#endif							/* KRA_TREND_H */
