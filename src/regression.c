/*
 * regression.c: Welch's test, and the segmented regression. No fmgr, no error.
 *
 * Both are read off the moments of two summaries, one before and one after the
 * change. The segmented regression with its own slope and level on each side is
 * two separate lines with one residual variance: its normal equations fall into
 * two blocks of two, so that trend_fit() solves them, in 32 digits.
 */
#include "postgres.h"

#include <math.h>

#include "regression.h"
#include "student.h"

/* What rounding may have done to values: some hundred units in the last place. */
#define VALUE_NOISE 1e-14

/*
 * Fills the interval, t and p of an estimate. What is within the noise of its
 * values' rounding counts as 0; without scatter an estimate is certain.
 */
static void
estimate(Estimate *e, double value, double se, double df, double noise)
{
	double		half;

	if (fabs(value) <= noise)
		value = 0.0;
	e->value = value;
	e->df = df;
	if (se > 0.0)
	{
		e->t = value / se;
		e->p = student_two_sided(e->t, df);
		half = se * student_quantile(1.0 - REGRESSION_LEVEL, df);
	}
	else
	{
		e->t = value == 0.0 ? 0.0 : copysign(INFINITY, value);
		e->p = value == 0.0 ? 1.0 : 0.0;
		half = 0.0;
	}
	e->lower = value - half;
	e->upper = value + half;
}

/* False when the side has no point. */
bool
level_of(const KpiTrend *side, SideLevel *out)
{
	DDouble		n = dd_from((double) side->count);

	if (side->count == 0)
		return false;
	out->n = (double) side->count;
	out->mean = dd_div(side->v, n);
	out->svv = dd_value(dd_sub(side->vv, dd_mul(out->mean, side->v)));
	out->noise = VALUE_NOISE * (fabs(side->origin) + sqrt(fabs(side->vv.hi) / out->n));

	/* a constant side has no scatter but the noise of its values */
	if (out->svv <= out->n * out->noise * out->noise)
		out->svv = 0.0;
	return true;
}

/* The mean of a side. */
double
level_mean(const KpiTrend *side, const SideLevel *level)
{
	return dd_value(dd_add(dd_from(side->origin), level->mean));
}

/*
 * Welch's test of the difference of two means, after minus before: unequal
 * variances, degrees of freedom by Satterthwaite (B. L. Welch, The
 * generalization of "Student's" problem when several different population
 * variances are involved, Biometrika 34 (1947) 28-35). False under two points on
 * a side. Where neither side scatters, the degrees of freedom are n - 2.
 */
bool
welch_test(const KpiTrend *before, const KpiTrend *after, Estimate *difference)
{
	SideLevel	b,
				a;
	double		vb,
				va,
				share,
				df;
	DDouble		diff;

	if (before->count < 2 || after->count < 2 || !level_of(before, &b) || !level_of(after, &a))
		return false;
	vb = b.svv / (b.n - 1.0) / b.n;
	va = a.svv / (a.n - 1.0) / a.n;
	diff = dd_add(dd_two_sum(after->origin, -before->origin), dd_sub(a.mean, b.mean));
	if (vb + va > 0.0)
	{
		/* (va + vb)^2 / (vb^2 / (nb - 1) + va^2 / (na - 1)), without its squares */
		share = vb / (vb + va);
		df = 1.0 / (share * share / (b.n - 1.0) + (1.0 - share) * (1.0 - share) / (a.n - 1.0));
	}
	else
		df = b.n + a.n - 2.0;
	estimate(difference, dd_value(diff), sqrt(vb + va), df, b.noise + a.noise);
	return true;
}

/* The line of a side at t = 0, without the side's origin; t of its mean. */
static DDouble
line_at_change(const KpiTrend *side, const TrendFit *fit, TrendAt change_at, double *mean_t)
{
	DDouble		dt = dd_sub(trend_difference(side->domain, change_at, side->origin_at),
							fit->mean_u);

	*mean_t = -dd_value(dt);
	return dd_add(fit->mean_v, dd_mul(fit->slope, dt));
}

/*
 * Segmented regression of an interrupted time series (A. K. Wagner, S. B.
 * Soumerai, F. Zhang, D. Ross-Degnan, Segmented regression analysis of
 * interrupted time series studies in medication use research, J. Clin. Pharm.
 * Ther. 27 (2002) 299-309), with the time after the change counted from it. With
 * s^2 = (RSS before + RSS after) / (n - 4) and m, Suu the mean and the centred
 * squares of t on a side:
 *
 *     var b2 = s^2 sum over sides (1/n + m^2 / Suu),  var b3 = s^2 sum (1 / Suu)
 *
 * Slopes are per unit of u. False when a side has no line, or n < 5.
 */
bool
segmented_fit(const KpiTrend *before, const KpiTrend *after, TrendAt change_at,
			  SegmentedFit *out)
{
	TrendFit	b,
				a;
	SideLevel	lb,
				la;
	DDouble		yb,
				ya;
	double		mb,
				sb,
				sa,
				s,
				df,
				noise,
				span;

	if (!trend_fit(before, &b) || !trend_fit(after, &a) ||
		!level_of(before, &lb) || !level_of(after, &la))
		return false;
	df = b.n + a.n - 4.0;
	if (df < 1.0)
		return false;
	yb = line_at_change(before, &b, change_at, &mb);
	ya = line_at_change(after, &a, change_at, &out->after_mean);
	sb = dd_value(b.suu);
	sa = dd_value(a.suu);
	s = sqrt((b.rss + a.rss) / df);

	/* residuals as small as the rounding of the values are none */
	noise = lb.noise + la.noise;
	if (s <= noise)
		s = 0.0;
	span = Min(sqrt(sb / b.n), sqrt(sa / a.n));

	out->slope_before = dd_value(b.slope);
	out->slope_after = dd_value(a.slope);
	out->at_change = dd_value(dd_add(dd_from(before->origin), yb));
	estimate(&out->level,
			 dd_value(dd_add(dd_two_sum(after->origin, -before->origin), dd_sub(ya, yb))),
			 s * sqrt(1.0 / b.n + mb / sb * mb + 1.0 / a.n + out->after_mean / sa * out->after_mean),
			 df, noise * (2.0 + fabs(mb) / sqrt(sb / b.n) + fabs(out->after_mean) / sqrt(sa / a.n)));
	estimate(&out->slope, dd_value(dd_sub(a.slope, b.slope)),
			 s * sqrt(1.0 / sb + 1.0 / sa), df, 2.0 * noise / span);
	return true;
}
