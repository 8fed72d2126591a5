/*
 * spearman.c: ranks, Spearman's rank correlation, and its p-value. No fmgr.
 *
 * Each series is sorted once. A lag takes a subset of the rows, whose ranks are
 * read off the sorted order in one pass: lags 0 to k cost O(n log n + k n).
 * Beside the two columns this takes 24 bytes a row; it looks for a cancel request
 * every 65536 rows.
 */
#include "postgres.h"

#include <math.h>

#include "ddouble.h"
#include "miscadmin.h"
#include "spearman.h"
#include "student.h"

/* Rows between two looks for a cancel request. */
#define INTERRUPT_MASK 0xFFFF

typedef struct RankItem
{
	double		value;
	int32		row;
} RankItem;

#define ST_SORT sort_rank_items
#define ST_ELEMENT_TYPE RankItem
#define ST_COMPARE(a, b) ((a)->value < (b)->value ? -1 : ((a)->value > (b)->value ? 1 : 0))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The rows that have a value, by value. */
static int32 *
sorted_rows(const double *values, int64 n, int64 *count)
{
	RankItem   *items = palloc(Max(n, 1) * sizeof(RankItem));
	int32	   *rows;
	int64		m = 0;

	for (int64 i = 0; i < n; i++)
	{
		if ((i & INTERRUPT_MASK) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!isnan(values[i]))
		{
			items[m].value = values[i];
			items[m++].row = (int32) i;
		}
	}
	sort_rank_items(items, m);
	rows = palloc(Max(m, 1) * sizeof(int32));
	for (int64 i = 0; i < m; i++)
		rows[i] = items[i].row;
	pfree(items);
	*count = m;
	return rows;
}

/* x and y must stay as they are while s is in use; n fits into an int32. */
void
spearman_init(Spearman *s, const double *x, const double *y, int64 n)
{
	s->n = n;
	s->x = x;
	s->y = y;
	s->x_order = sorted_rows(x, n, &s->x_count);
	s->y_order = sorted_rows(y, n, &s->y_count);
	s->x_rank = palloc(Max(n, 1) * sizeof(double));
	s->y_rank = palloc(Max(n, 1) * sizeof(double));
}

void
spearman_free(Spearman *s)
{
	pfree(s->x_order);
	pfree(s->y_order);
	pfree(s->x_rank);
	pfree(s->y_rank);
}

/*
 * Ranks the rows in order[] whose partner, `shift` rows away, has a value: ranks
 * from 1, ties the mean of theirs (M. G. Kendall, Rank Correlation Methods, 4th
 * ed., chapter 3). Stored is 2 rank - (pairs + 1), a whole number of mean 0.
 * Returns the sum of their squares, which is 0 for a constant.
 */
static DDouble
rank_rows(const double *values, const int32 *order, int64 count,
		  const double *partner, int64 shift, int64 n, int64 pairs, double *rank)
{
	DDouble		squares = {0.0, 0.0};
	int64		before = 0;		/* pairs with a smaller value */
	int64		start = 0;		/* of the ties in order[] */
	int64		ties = 0;

	for (int64 k = 0; k <= count; k++)
	{
		if ((k & INTERRUPT_MASK) == 0)
			CHECK_FOR_INTERRUPTS();
		if (k == count || values[order[k]] != values[order[start]])
		{
			/* ranks before + 1 to before + ties: twice their mean, centred */
			double		centred = (double) (2 * before + ties - pairs);

			for (int64 i = start; i < k; i++)
				rank[order[i]] = centred;
			dd_accumulate_dd(&squares, dd_two_prod((double) ties, centred * centred));
			before += ties;
			ties = 0;
			start = k;
		}
		if (k < count)
		{
			int64		other = order[k] + shift;

			if (other >= 0 && other < n && !isnan(partner[other]))
				ties++;
		}
	}
	return squares;
}

/* The product-moment correlation, exactly 1 or -1 where the ranks agree. */
static double
correlation(DDouble xy, DDouble xx, DDouble yy)
{
	double		a = dd_value(xx);
	double		b = dd_value(yy);
	double		r = dd_value(xy) / (a == b ? a : sqrt(a) * sqrt(b));

	return Min(Max(r, -1.0), 1.0);
}

/*
 * Spearman's rho of x against y `lag` rows later: the product-moment correlation
 * of their ranks, which is also right with ties (Kendall, chapter 3; SciPy and R
 * compute the same). Pairs with a NULL are left out before ranking.
 */
void
spearman_at_lag(Spearman *s, int lag, SpearmanLag *out)
{
	DDouble		xx,
				yy,
				tt,
				xy = {0.0, 0.0},
				xt = {0.0, 0.0},
				yt = {0.0, 0.0};
	int64		place = 0;
	double		n;

	memset(out, 0, sizeof(*out));
	for (int64 i = 0; i + lag < s->n; i++)
	{
		if ((i & INTERRUPT_MASK) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!isnan(s->x[i]) && !isnan(s->y[i + lag]))
			out->pairs++;
	}
	if (out->pairs < 2)
		return;
	xx = rank_rows(s->x, s->x_order, s->x_count, s->y, lag, s->n, out->pairs, s->x_rank);
	yy = rank_rows(s->y, s->y_order, s->y_count, s->x, -lag, s->n, out->pairs, s->y_rank);
	out->x_varies = dd_value(xx) > 0.0;
	out->y_varies = dd_value(yy) > 0.0;

	for (int64 i = 0; i + lag < s->n; i++)
	{
		if ((i & INTERRUPT_MASK) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!isnan(s->x[i]) && !isnan(s->y[i + lag]))
		{
			/* products of whole numbers below 2^26: exact */
			double		t = (double) (2 * ++place - (out->pairs + 1));

			dd_accumulate(&xy, s->x_rank[i] * s->y_rank[i + lag]);
			dd_accumulate(&xt, s->x_rank[i] * t);
			dd_accumulate(&yt, s->y_rank[i + lag] * t);
		}
	}
	n = (double) out->pairs;
	/* n (n^2 - 1) / 3: the squares of ranks without ties */
	tt = dd_div(dd_mul(dd_from(n), dd_from(n * n - 1.0)), dd_from(3.0));
	if (out->x_varies)
		out->x_time = correlation(xt, xx, tt);
	if (out->y_varies)
		out->y_time = correlation(yt, yy, tt);
	if (out->x_varies && out->y_varies)
		out->rho = correlation(xy, xx, yy);
}

/*
 * Two-sided p-value of rho over n >= 3 pairs without correlation:
 * t = rho sqrt((n - 2) / (1 - rho^2)) has about Student's t distribution with
 * n - 2 degrees of freedom (Kendall, chapter 4; so do SciPy, and R with ties).
 * Over 12 pairs, p = 0.05 is truly 0.052 and p = 0.001 is 0.0015 (1.5 million
 * random orders), so that counting all n! is not worth its time. Never below 2/n!, what two of n! equally
 * likely orders come to: rho = 1 or -1 without ties gets its exact p, not 0.
 */
double
spearman_p_value(double rho, int64 n)
{
	double		floor = 2.0 * exp(-lgamma((double) n + 1.0));
	double		p = 0.0;

	if (fabs(rho) < 1.0)
		p = student_two_sided(rho * sqrt(((double) n - 2.0) / ((1.0 - rho) * (1.0 + rho))),
							  (double) n - 2.0);
	return Max(p, Min(floor, 1.0));
}

/*
 * The p-value of the best of several tests, 1 - (1 - p)^tests (Z. Sidak,
 * Rectangular confidence regions for the means of multivariate normal
 * distributions, J. Amer. Statist. Assoc. 62 (1967) 626-633). For two-sided
 * tests of normal statistics it holds however they depend on each other, as those
 * of neighbouring lags do, and is never above Bonferroni's tests * p, which for
 * the best of all is Holm's, too.
 */
double
sidak_p_value(double p, int tests)
{
	if (p >= 1.0)
		return 1.0;
	return -expm1(tests * log1p(-p));
}
