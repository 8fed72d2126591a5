/*
 * trend.c: least squares on merged moments. No fmgr, no error.
 *
 * Formulas: N. R. Draper and H. Smith, Applied Regression Analysis, 3rd ed.,
 * chapter 1 (slope, its standard error, prediction of one new observation).
 */
#include "postgres.h"

#include <math.h>

#include "student.h"
#include "trend.h"

/*
 * Adds the points of other to t, moving its moments to t's origin:
 * sum (u + d)(v + e) = uv + d v + e u + n d e, and so on. The caller has made
 * sure that the domains agree, and that the counts can be added.
 */
void
trend_merge(KpiTrend *t, const KpiTrend *other)
{
	DDouble		d,
				e,
				n;

	if (other->count == 0)
		return;
	if (t->count == 0)
	{
		*t = *other;
		return;
	}
	trend_keep_ends(t, other->first_at, other->first, other->last_at, other->last);

	d = trend_difference(t->domain, other->origin_at, t->origin_at);
	e = dd_two_sum(other->origin, -t->origin);
	n = dd_from((double) other->count);

	dd_accumulate_dd(&t->uu, dd_add(other->uu,
									dd_mul(d, dd_add(dd_mul(dd_from(2.0), other->u), dd_mul(n, d)))));
	dd_accumulate_dd(&t->vv, dd_add(other->vv,
									dd_mul(e, dd_add(dd_mul(dd_from(2.0), other->v), dd_mul(n, e)))));
	dd_accumulate_dd(&t->uv, dd_add(dd_add(other->uv, dd_mul(d, other->v)),
									dd_mul(e, dd_add(other->u, dd_mul(n, d)))));
	dd_accumulate_dd(&t->u, dd_add(other->u, dd_mul(n, d)));
	dd_accumulate_dd(&t->v, dd_add(other->v, dd_mul(n, e)));
	t->count += other->count;
}

/* sum ab - (sum a)(sum b)/n. */
static DDouble
centred(DDouble ab, DDouble a, DDouble b, DDouble n)
{
	return dd_sub(ab, dd_mul(dd_div(a, n), b));
}

/*
 * Fits the line. False when there is none: fewer than two points, or all at the
 * same place. A constant series has slope 0 exactly.
 */
bool
trend_fit(const KpiTrend *t, TrendFit *fit)
{
	DDouble		n = dd_from((double) t->count);
	DDouble		rss;

	if (t->count < 2)
		return false;
	fit->n = (double) t->count;
	fit->mean_u = dd_div(t->u, n);
	fit->mean_v = dd_div(t->v, n);
	fit->suu = centred(t->uu, t->u, t->u, n);
	fit->suv = centred(t->uv, t->u, t->v, n);
	fit->svv = centred(t->vv, t->v, t->v, n);

	/* all points at one place, or one value: exactly 0 but for noise */
	if (trend_at_compare(t->domain, t->first_at, t->last_at) == 0 || dd_value(fit->suu) <= 0.0)
		return false;
	if (dd_value(fit->svv) <= 1e-29 * fabs(t->vv.hi))
		fit->svv = fit->suv = dd_from(0.0);

	fit->slope = dd_div(fit->suv, fit->suu);
	rss = dd_sub(fit->svv, dd_mul(fit->slope, fit->suv));
	fit->rss = dd_value(rss);

	/* a perfect fit leaves nothing but the noise of its arithmetic */
	if (fit->rss <= 1e-28 * dd_value(fit->svv))
		fit->rss = 0.0;
	return true;
}

/* The height of the line at offset u from the origin. */
double
trend_value_at(const KpiTrend *t, const TrendFit *fit, double u)
{
	DDouble		du = dd_sub(dd_from(u), fit->mean_u);

	return dd_value(dd_add(dd_add(dd_from(t->origin), fit->mean_v),
						   dd_mul(fit->slope, du)));
}

/* R squared; 1 for a constant series, as the SQL standard has it for regr_r2. */
double
trend_r2(const TrendFit *fit)
{
	if (dd_value(fit->svv) <= 0.0 || fit->rss == 0.0)
		return 1.0;
	return Min(dd_value(dd_div(dd_mul(fit->slope, fit->suv), fit->svv)), 1.0);
}

/* Residual standard deviation, n - 2 degrees of freedom. */
static bool
residual_sd(const TrendFit *fit, double *s)
{
	if (fit->n < 3)
		return false;
	*s = sqrt(fit->rss / (fit->n - 2.0));
	return true;
}

bool
trend_slope_stderr(const TrendFit *fit, double *se)
{
	double		s;

	if (!residual_sd(fit, &s))
		return false;
	*se = s / sqrt(dd_value(fit->suu));
	return true;
}

/*
 * Two-sided p of the slope against 0. Without residuals, a slope is certain
 * (p = 0), and a constant series shows none (p = 1).
 */
bool
trend_p_value(const TrendFit *fit, double *p)
{
	double		se;
	double		slope = dd_value(fit->slope);

	if (!trend_slope_stderr(fit, &se))
		return false;
	if (slope == 0.0)
		*p = 1.0;
	else if (se == 0.0)
		*p = 0.0;
	else
		*p = student_two_sided(slope / se, fit->n - 2.0);
	return true;
}

/* Standard error of one new observation at offset u: s sqrt(1 + 1/n + (u - mean)^2/Suu). */
bool
trend_prediction_stderr(const TrendFit *fit, double u, double *se)
{
	double		s;
	double		du = dd_value(dd_sub(dd_from(u), fit->mean_u));

	if (!residual_sd(fit, &s))
		return false;
	*se = s * sqrt(1.0 + 1.0 / fit->n + du / dd_value(fit->suu) * du);
	return true;
}
