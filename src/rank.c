/*
 * rank.c: Kendall's S and what is computed from it, and ranks with ties.
 *
 * No fmgr. S is counted by a merge sort, in n log n steps, as a whole number;
 * sums over ties are whole numbers of 32 digits, so that nothing cancels.
 *
 * Sources: M. G. Kendall, Rank Correlation Methods, 4th ed. (1970), chapters 3
 * to 5; W. R. Knight, A computer method for calculating Kendall's tau with
 * ungrouped data, J. Am. Stat. Assoc. 61 (1966) 436-439; R. M. Hirsch, J. R.
 * Slack and R. A. Smith, Techniques of trend analysis for monthly water quality
 * data, Water Resour. Res. 18 (1982) 107-121; K. H. Hamed and A. R. Rao, A
 * modified Mann-Kendall trend test for autocorrelated data, J. Hydrol. 204
 * (1998) 182-196.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "rank.h"

/* Work between two looks at whether to stop. */
#define STEPS_PER_CHECK 65536

/* The 97.5 % quantile of the normal distribution. */
#define NORMAL_975 1.959963984540054

/* Adds a group of t equal values; t = 1 adds nothing. */
void
rank_add_tie(RankTies *ties, int64 t)
{
	DDouble		ordered = dd_from((double) (t * (t - 1)));

	ties->pairs += t * (t - 1) / 2;
	ties->cubes = dd_add(ties->cubes, dd_mul(ordered, dd_from((double) (t - 2))));
	ties->spread = dd_add(ties->spread, dd_mul(ordered, dd_from((double) (2 * t + 5))));
}

/*
 * The variance of S for n points that are independent, with ties in x and in y
 * (Kendall 1970, 4.11, 5.3):
 *	(n(n-1)(2n+5) - sum t(t-1)(2t+5) - sum u(u-1)(2u+5)) / 18
 *	+ sum t(t-1) sum u(u-1) / (2n(n-1))
 *	+ sum t(t-1)(t-2) sum u(u-1)(u-2) / (9n(n-1)(n-2))
 * It is 0 where all x or all y are equal.
 */
double
kendall_variance(int64 n, const RankTies *x, const RankTies *y)
{
	DDouble		ordered = dd_from((double) (n * (n - 1)));
	DDouble		sum;
	double		variance;

	if (n < 2 || 2 * x->pairs == n * (n - 1) || 2 * y->pairs == n * (n - 1))
		return 0.0;
	sum = dd_mul(ordered, dd_from((double) (2 * n + 5)));
	sum = dd_sub(dd_sub(sum, x->spread), y->spread);
	variance = dd_value(sum) / 18.0;
	if (x->pairs > 0 && y->pairs > 0)
	{
		variance += 2.0 * (double) x->pairs * (double) y->pairs / ordered.hi;
		if (n > 2)
			variance += dd_value(x->cubes) * dd_value(y->cubes) / (9.0 * ordered.hi * (double) (n - 2));
	}
	return variance;
}

/* P(|Z| > |z|) of the normal distribution. */
double
normal_two_sided(double z)
{
	return erfc(fabs(z) * M_SQRT1_2);
}

/*
 * Merges two sorted runs; returns the pairs in which the value of the first run,
 * which came earlier, is the larger.
 */
static int64
merge_count(const double *a, int64 na, const double *b, int64 nb, double *out)
{
	int64		falling = 0;
	int64		i = 0;
	int64		j = 0;

	if (nb == 0 || a[na - 1] <= b[0])
	{
		memcpy(out, a, na * sizeof(double));
		memcpy(out + na, b, nb * sizeof(double));
		return 0;
	}
	while (i < na && j < nb)
	{
		if ((i + j) % STEPS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (a[i] <= b[j])
			*out++ = a[i++];
		else
		{
			falling += na - i;
			*out++ = b[j++];
		}
	}
	memcpy(out, a + i, (na - i) * sizeof(double));
	memcpy(out + (na - i), b + j, (nb - j) * sizeof(double));
	return falling;
}

/* Sorts values, with work of the same length; returns the falling pairs. */
static int64
sort_count(double *values, double *work, int64 n)
{
	const int64 block = 8;
	double	   *from = values;
	double	   *to = work;
	int64		falling = 0;

	for (int64 start = 0; start < n; start += block)
	{
		int64		end = Min(start + block, n);

		for (int64 i = start + 1; i < end; i++)
		{
			double		value = values[i];
			int64		j = i;

			for (; j > start && values[j - 1] > value; j--)
				values[j] = values[j - 1];
			values[j] = value;
			falling += i - j;
		}
	}
	for (int64 width = block; width < n; width *= 2)
	{
		double	   *swap = from;

		CHECK_FOR_INTERRUPTS();
		for (int64 start = 0; start < n; start += 2 * width)
		{
			int64		na = Min(width, n - start);
			int64		nb = Min(width, n - start - na);

			falling += merge_count(from + start, na, from + start + na, nb, to + start);
		}
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * sizeof(double));
	return falling;
}

/* A test of no points. */
void
mann_kendall_init(MannKendall *mk)
{
	memset(mk, 0, sizeof(MannKendall));
	mk->correction = 1.0;
	mk->ways[0] = 1.0;
}

/*
 * In how many orders of the points are so many pairs falling? A further season
 * of n points without ties multiplies the generating function by
 * prod (1 + q + ... + q^(k-1)), k = 2 to n (Kendall 1970, 5.2).
 */
static void
add_ways(MannKendall *mk, int64 n)
{
	for (int64 k = 2; k <= n; k++)
	{
		double		product[KENDALL_EXACT_PAIRS + 1] = {0};

		for (int i = 0; i <= KENDALL_EXACT_PAIRS; i++)
			for (int j = 0; j < k && i + j <= KENDALL_EXACT_PAIRS; j++)
				product[i + j] += mk->ways[i];
		memcpy(mk->ways, product, sizeof(product));
	}
}

/*
 * Adds a series, or one season of a series, of n values in their order; they are
 * left sorted. work has the same length. S, its variance and the denominator of
 * tau are sums over the seasons (Hirsch, Slack and Smith 1982).
 */
void
mann_kendall_add(MannKendall *mk, double *values, double *work, int64 n)
{
	const RankTies none = {0};
	RankTies	ties = none;
	int64		pairs = n * (n - 1) / 2;
	int64		falling = sort_count(values, work, n);
	int64		start = 0;

	for (int64 i = 1; i <= n; i++)
	{
		if (i % STEPS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (i == n || values[i] != values[start])
		{
			if (i - start > 1)
				rank_add_tie(&ties, i - start);
			start = i;
		}
	}
	mk->n += n;
	mk->pairs += pairs;
	mk->s += pairs - ties.pairs - 2 * falling;
	mk->variance += kendall_variance(n, &none, &ties);
	mk->denominator += sqrt((double) pairs * (double) (pairs - ties.pairs));
	mk->ties |= ties.pairs > 0;
	if (mk->n <= KENDALL_EXACT_POINTS && !mk->ties)
		add_ways(mk, n);
}

/*
 * The normal deviate of S, brought nearer to 0 by 1 for continuity. 0 where S
 * is 0, as it is of a constant series.
 */
double
mann_kendall_z(const MannKendall *mk)
{
	if (mk->s == 0)
		return 0.0;
	return (double) (mk->s > 0 ? mk->s - 1 : mk->s + 1) / sqrt(mk->variance * mk->correction);
}

/*
 * P(|S| at least as large), where nothing trends: exact for up to
 * KENDALL_EXACT_POINTS points without ties and correction, else normal.
 */
double
mann_kendall_p(const MannKendall *mk)
{
	double		all = 0.0;
	double		beyond = 0.0;

	if (mk->n > KENDALL_EXACT_POINTS || mk->ties || mk->correction != 1.0)
		return normal_two_sided(mann_kendall_z(mk));
	for (int64 falling = 0; falling <= mk->pairs; falling++)
	{
		int64		s = mk->pairs - 2 * falling;

		all += mk->ways[falling];
		if (llabs(s) >= llabs(mk->s))
			beyond += mk->ways[falling];
	}
	return beyond / all;
}

typedef struct Ranked
{
	double		value;
	int64		place;
} Ranked;

#define ST_SORT sort_ranked
#define ST_ELEMENT_TYPE Ranked
#define ST_COMPARE(a, b) ((a)->value < (b)->value ? -1 : (a)->value > (b)->value)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Ranks from 1 on; equal values share the mean of their ranks, and so do those
 * of which each is within `noise` of the next.
 */
void
rank_values(const double *values, double *ranks, int64 n, double noise)
{
	Ranked	   *sorted = palloc_extended(Max(n, 1) * sizeof(Ranked), MCXT_ALLOC_HUGE);
	int64		start = 0;

	for (int64 i = 0; i < n; i++)
	{
		sorted[i].value = values[i];
		sorted[i].place = i;
	}
	sort_ranked(sorted, n);
	for (int64 i = 1; i <= n; i++)
	{
		if (i % STEPS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (i == n || sorted[i].value - sorted[i - 1].value > noise)
		{
			for (int64 j = start; j < i; j++)
				ranks[sorted[j].place] = (double) (start + 1 + i) / 2.0;
			start = i;
		}
	}
	pfree(sorted);
}

/*
 * What autocorrelation multiplies the variance of S by (Hamed and Rao 1998):
 *	1 + 2 / (n(n-1)(n-2)) sum (n-i)(n-i-1)(n-i-2) rho(i), i = 1 to max_lag
 * where rho(i) is the autocorrelation of the ranks, given without their trend,
 * at lag i, and counts only where it differs from 0 at 5 %: beyond 1.96 / sqrt n.
 * A factor that is not above 0, which strong alternation can give, means
 * nothing, and 1 stands for it, the larger variance. n * max_lag steps.
 */
double
hamed_rao_correction(const double *ranks, int64 n, int64 max_lag)
{
	double		mean = (double) (n + 1) / 2.0;
	double		limit = NORMAL_975 / sqrt((double) n);
	double		sum = 0.0;
	double		squares = 0.0;
	double		correction;

	if (n < 3)
		return 1.0;
	for (int64 i = 0; i < n; i++)
		squares += (ranks[i] - mean) * (ranks[i] - mean);
	if (!(squares > 0.0))
		return 1.0;
	for (int64 lag = 1; lag <= Min(max_lag, n - 3); lag++)
	{
		double		rho = 0.0;

		for (int64 start = lag; start < n; start += STEPS_PER_CHECK)
		{
			int64		end = Min(start + STEPS_PER_CHECK, n);

			CHECK_FOR_INTERRUPTS();
			for (int64 i = start; i < end; i++)
				rho += (ranks[i] - mean) * (ranks[i - lag] - mean);
		}
		rho /= squares;
		if (fabs(rho) > limit)
			sum += (double) (n - lag) * (double) (n - lag - 1) * (double) (n - lag - 2) * rho;
	}
	correction = 1.0 + 2.0 * sum / ((double) n * (double) (n - 1) * (double) (n - 2));
	return correction > 0.0 ? correction : 1.0;
}
