/*
 * theil_sen.c: the median of the slopes between all pairs of points, and its
 * interval, without holding the slopes.
 *
 * No fmgr. There are up to n^2/2 slopes. How many of them lie below a threshold
 * t is counted in n log n steps: a pair's slope is below t exactly where
 * y - t x falls from its left point to its right one, so that they are the
 * inversions of the order by y - t x. A bracket [low, high) around the slope of
 * a wanted rank starts from a sample of the slopes (drawn with a fixed seed; it
 * decides on speed alone) and is narrowed by such counts until at most
 * MAX_CANDIDATES slopes are left in it, which are then listed, as the inversions
 * between the orders at its two ends, and sorted; or until no float8 is left in
 * it, when many slopes are equal.
 *
 * Counts are exact: y - t x is compared as float8 where that is certain, and
 * otherwise as an unevaluated sum without rounding error. So a rank is that of
 * the true slopes of the float8 points, and the answer is its slope, rounded.
 *
 * Memory: 52 bytes a point and 4 MB, whatever the number of slopes.
 *
 * Sources: P. K. Sen, Estimates of the regression coefficient based on
 * Kendall's tau, J. Am. Stat. Assoc. 63 (1968) 1379-1389; R. Cole, J. S. Salowe,
 * W. L. Steiger and E. Szemeredi, An optimal-time algorithm for slope selection,
 * SIAM J. Comput. 18 (1989) 792-810 (slopes as inversions); J. Matousek,
 * Randomized optimal algorithm for slope selection, Inf. Process. Lett. 39
 * (1991) 183-187 (bracket from a sample); J. R. Shewchuk, Adaptive precision
 * floating-point arithmetic, Discrete Comput. Geom. 18 (1997) 305-363 (sums
 * without error).
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"

#include "ddouble.h"
#include "rank.h"
#include "theil_sen.h"

#define MAX_CANDIDATES 262144
#define MAX_SAMPLE 262144
#define STEPS_PER_CHECK 65536

/*
 * So that products keep all their digits, thresholds stay away from the ends of
 * the range of a float8: places may not be nearer to each other than MIN_STEP of
 * the largest, numbers below MIN_VALUE of the largest are 0 where slopes are
 * counted, and so are slopes below MIN_SLOPE.
 */
#define MIN_STEP 1e-120
#define MIN_VALUE 1e-120
#define MIN_SLOPE 1e-150

typedef struct Key
{
	double		z;				/* y - t x, rounded */
	int32		point;
} Key;

typedef struct Slopes
{
	int64		n;				/* points, sorted by x, then y; scaled to below 1 */
	double	   *x;
	double	   *y;
	int64		total;			/* pairs with different x */
	double		bound;			/* all slopes are in (-bound, bound) */
	int32	   *base;			/* the points in the order of y - low x */
	Key		   *keys;
	Key		   *work;
	double	   *sample;			/* slopes, sorted */
	int			nsample;
	double	   *candidates;
	int64		ncandidates;
	double		t;				/* the threshold is t + t_rest */
	double		t_rest;
	double		tolerance;		/* z that differ by less are compared exactly */
} Slopes;

#define ST_SORT sort_doubles
#define ST_ELEMENT_TYPE double
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

typedef struct Point
{
	double		x;
	double		y;
} Point;

#define ST_SORT sort_points
#define ST_ELEMENT_TYPE Point
#define ST_COMPARE(a, b) ((a)->x < (b)->x ? -1 : (a)->x > (b)->x ? 1 : \
						  (a)->y < (b)->y ? -1 : (a)->y > (b)->y)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static void *
allocate(int64 n, Size size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE);
}

/* The mean of the two middle ones, or the middle one, of sorted values. */
static double
middle(const double *sorted, int64 n)
{
	return 0.5 * sorted[(n - 1) / 2] + 0.5 * sorted[n / 2];
}

/* The sign of a sum of at most 12 numbers (Shewchuk 1997, Grow-Expansion). */
static int
sign_of_sum(const double *terms, int nterms)
{
	double		parts[12];
	int			nparts = 0;

	for (int i = 0; i < nterms; i++)
	{
		double		sum = terms[i];
		int			kept = 0;

		for (int k = 0; k < nparts; k++)
		{
			DDouble		s = dd_two_sum(sum, parts[k]);

			sum = s.hi;
			if (s.lo != 0.0)
				parts[kept++] = s.lo;
		}
		if (sum != 0.0)
			parts[kept++] = sum;
		nparts = kept;
	}
	return nparts == 0 ? 0 : (parts[nparts - 1] > 0.0 ? 1 : -1);
}

/* The sign of (y_a - t x_a) - (y_b - t x_b), without rounding. */
static int
compare_exactly(const Slopes *s, int32 a, int32 b)
{
	DDouble		dy = dd_two_sum(s->y[a], -s->y[b]);
	DDouble		dx = dd_two_sum(s->x[a], -s->x[b]);
	DDouble		p = dd_two_prod(s->t, dx.hi);
	DDouble		q;
	double		terms[10];

	if (dy.lo == 0.0 && dx.lo == 0.0 && s->t_rest == 0.0)
	{
		/* p.hi is t dx rounded, so that it lies on the same side of dy */
		if (dy.hi != p.hi)
			return dy.hi > p.hi ? 1 : -1;
		return p.lo < 0.0 ? 1 : (p.lo > 0.0 ? -1 : 0);
	}
	q = dd_two_prod(s->t, dx.lo);
	terms[0] = dy.lo;
	terms[1] = dy.hi;
	terms[2] = -p.lo;
	terms[3] = -p.hi;
	terms[4] = -q.lo;
	terms[5] = -q.hi;
	/* t_rest is a power of 2, or 0 */
	terms[6] = -s->t_rest * dx.hi;
	terms[7] = -s->t_rest * dx.lo;
	return sign_of_sum(terms, 8);
}

static inline bool
is_above(const Slopes *s, const Key *a, const Key *b)
{
	double		difference = a->z - b->z;

	if (likely(difference > s->tolerance))
		return true;
	if (likely(difference < -s->tolerance))
		return false;
	return compare_exactly(s, a->point, b->point) > 0;
}

/* The slope between two points at different places, rounded. */
static double
slope_between(const Slopes *s, int32 a, int32 b)
{
	DDouble		dy = dd_two_sum(s->y[a], -s->y[b]);
	DDouble		dx = dd_two_sum(s->x[a], -s->x[b]);

	if (dy.lo == 0.0 && dx.lo == 0.0)
		return dy.hi / dx.hi;
	return dd_value(dd_div(dy, dx));
}

/* Merges two runs sorted by y - t x; returns, or lists, the pairs that change places. */
static int64
merge(Slopes *s, const Key *a, int64 na, const Key *b, int64 nb, Key *out, bool list)
{
	int64		inversions = 0;
	int64		i = 0;
	int64		j = 0;

	if (nb == 0 || !is_above(s, &a[na - 1], &b[0]))
		i = na;
	memcpy(out, a, i * sizeof(Key));
	out += i;
	while (i < na && j < nb)
	{
		if ((i + j) % STEPS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_above(s, &a[i], &b[j]))
			*out++ = a[i++];
		else
		{
			inversions += na - i;
			if (list)
			{
				if (s->ncandidates + (na - i) > MAX_CANDIDATES)
					elog(ERROR, "more slopes in a bracket than were counted");
				for (int64 k = i; k < na; k++)
					s->candidates[s->ncandidates++] = slope_between(s, a[k].point, b[j].point);
			}
			*out++ = b[j++];
		}
	}
	memcpy(out, a + i, (na - i) * sizeof(Key));
	memcpy(out + (na - i), b + j, (nb - j) * sizeof(Key));
	return inversions;
}

/*
 * Counts, or lists, the slopes from the one that base is sorted by up to, and
 * without, t + t_rest. Leaves keys sorted at t + t_rest.
 */
static int64
sweep(Slopes *s, double t, double t_rest, bool list)
{
	int64		inversions = 0;

	s->t = t;
	s->t_rest = t_rest;
	/* z and its like are off by at most 2^-52 (|t| + 1) each, x and y being below 1 */
	s->tolerance = ldexp(fabs(t) + 1.0, -50);
	s->ncandidates = 0;
	for (int64 i = 0; i < s->n; i++)
	{
		int32		point = s->base[i];

		s->keys[i].z = s->y[point] - t * s->x[point];
		s->keys[i].point = point;
	}
	for (int64 width = 1; width < s->n; width *= 2)
	{
		Key		   *swap = s->keys;

		CHECK_FOR_INTERRUPTS();
		for (int64 start = 0; start < s->n; start += 2 * width)
		{
			int64		na = Min(width, s->n - start);
			int64		nb = Min(width, s->n - start - na);

			inversions += merge(s, s->keys + start, na, s->keys + start + na, nb,
								s->work + start, list);
		}
		s->keys = s->work;
		s->work = swap;
	}
	return inversions;
}

/*
 * Whole numbers in the order of the float8 that they stand for; those within
 * MIN_SLOPE of 0 are left out.
 */
static int64
ordinal(double value)
{
	double		size = fabs(value);
	double		smallest = MIN_SLOPE;
	int64		bits;
	int64		first;

	if (size < smallest)
		return 0;
	memcpy(&bits, &size, sizeof(bits));
	memcpy(&first, &smallest, sizeof(first));
	bits -= first - 1;
	return value > 0.0 ? bits : -bits;
}

static double
from_ordinal(int64 number)
{
	double		size = MIN_SLOPE;
	int64		bits;

	if (number == 0)
		return 0.0;
	memcpy(&bits, &size, sizeof(bits));
	bits += llabs(number) - 1;
	memcpy(&size, &bits, sizeof(size));
	return number > 0 ? size : -size;
}

static double
next_after(double value)
{
	return from_ordinal(ordinal(value) + 1);
}

/* The slope of rank k, from 1 on, is in [low, high). */
typedef struct Bracket
{
	int64		k;
	double		low;
	double		high;
	int64		below_low;		/* slopes */
	int64		below_high;
} Bracket;

/* Narrows the bracket at t, if t is in it. */
static void
probe(Slopes *s, Bracket *b, double t)
{
	int64		below;

	if (!(t > b->low && t < b->high) || (fabs(t) < MIN_SLOPE && t != 0.0))
		return;
	below = b->below_low + sweep(s, t, 0.0, false);
	if (below >= b->k)
	{
		b->high = t;
		b->below_high = below;
		return;
	}
	b->low = t;
	b->below_low = below;
	for (int64 i = 0; i < s->n; i++)
		s->base[i] = s->keys[i].point;
}

/* The slope of rank k, from 1 on. */
static double
slope_of_rank(Slopes *s, int64 k)
{
	Bracket		b = {.k = k, .low = -s->bound, .high = s->bound, .below_high = s->total};
	double		rest;

	if (s->total <= MAX_CANDIDATES)
		return s->candidates[k - 1];
	for (int64 i = 0; i < s->n; i++)
		s->base[i] = i;

	if (s->nsample > 0)
	{
		int			at = Min((int) ((double) k / s->total * s->nsample), s->nsample - 1);
		int			margin = 1.5 * sqrt((double) s->nsample) + 1.0;	/* 3 standard deviations */
		double		guess = s->sample[at];

		probe(s, &b, guess);
		/* are many slopes equal to it? */
		if ((at > 0 && s->sample[at - 1] == guess) ||
			(at + 1 < s->nsample && s->sample[at + 1] == guess))
			probe(s, &b, next_after(guess));
		probe(s, &b, s->sample[Max(at - margin, 0)]);
		probe(s, &b, s->sample[Min(at + margin, s->nsample - 1)]);
	}
	while (b.below_high - b.below_low > MAX_CANDIDATES && next_after(b.low) < b.high)
	{
		int64		low = ordinal(b.low);

		/* both are far from the ends of an int64, slopes being bounded */
		probe(s, &b, from_ordinal(low + (ordinal(b.high) - low) / 2));
	}
	if (b.below_high - b.below_low <= MAX_CANDIDATES)
	{
		sweep(s, b.high, 0.0, true);
		if (s->ncandidates != b.below_high - b.below_low)
			elog(ERROR, "fewer slopes in a bracket than were counted");
		sort_doubles(s->candidates, s->ncandidates);
		return s->candidates[k - b.below_low - 1];
	}

	/* Many slopes from low up to the next float8: which of the two is nearer? */
	rest = (b.high - b.low) / 2.0;
	if (b.below_low + sweep(s, b.low, rest, false) >= k)
		return b.low;
	return b.high;
}

/* The power of 2 that brings values below 1; 0 for zeros. */
static int
exponent(const Point *points, int64 n, bool of_x)
{
	double		largest = 0.0;
	int			e;

	for (int64 i = 0; i < n; i++)
		largest = Max(largest, fabs(of_x ? points[i].x : points[i].y));
	frexp(largest, &e);
	return e;
}

/* Sorted values' ties. */
static RankTies
ties_of(const double *sorted, int64 n)
{
	RankTies	ties = {0};
	int64		start = 0;

	for (int64 i = 1; i <= n; i++)
		if (i == n || sorted[i] != sorted[start])
		{
			if (i - start > 1)
				rank_add_tie(&ties, i - start);
			start = i;
		}
	return ties;
}

/* All slopes, or a sample of them, sorted. */
static void
draw_slopes(Slopes *s)
{
	s->candidates = allocate(Min(s->total, MAX_CANDIDATES), sizeof(double));
	s->sample = NULL;
	s->nsample = 0;
	if (s->total <= MAX_CANDIDATES)
	{
		int64		later = 0;	/* the first point further right */

		s->ncandidates = 0;
		for (int64 i = 0; i < s->n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			while (later < s->n && s->x[later] == s->x[i])
				later++;
			for (int64 j = later; j < s->n; j++)
				s->candidates[s->ncandidates++] = slope_between(s, i, j);
		}
		sort_doubles(s->candidates, s->ncandidates);
	}
	else
	{
		int			wanted = Min(4 * s->n, MAX_SAMPLE);
		pg_prng_state state;

		s->sample = allocate(wanted, sizeof(double));
		pg_prng_seed(&state, UINT64CONST(19681991));
		for (int i = 0; i < 2 * wanted && s->nsample < wanted; i++)
		{
			int32		a = pg_prng_uint64_range(&state, 0, s->n - 1);
			int32		b = pg_prng_uint64_range(&state, 0, s->n - 1);

			if (s->x[a] != s->x[b])
				s->sample[s->nsample++] = slope_between(s, a, b);
		}
		sort_doubles(s->sample, s->nsample);
	}
}

/*
 * The Theil-Sen line through n finite points: slope, the interval of the slope
 * that z normal deviates span (none for z < 0), and the median of
 * y - slope (x - origin), the origin being the first place or 0.
 *
 * The interval's ends are the slopes of the ranks (N - C)/2 and (N + C)/2 + 1,
 * rounded to whole ranks, halves to even, where C is z times the standard
 * deviation of Kendall's S (Sen 1968; R. O. Gilbert, Statistical Methods for
 * Environmental Pollution Monitoring (1987), 16.5; rounded as R's package trend
 * does). An end is missing where there is no slope of that rank.
 *
 * False where the slopes or the intercept are out of range.
 */
bool
theil_sen_fit(const double *x, const double *y, int64 n, bool from_first, double z, TheilSen *fit)
{
	Slopes		s = {.n = n};
	Point	   *points = allocate(n, sizeof(Point));
	RankTies	ties_x;
	RankTies	ties_y;
	double		min_step = 1.0;
	bool		centred = true;
	int			ex;
	int			ey;
	double	   *residuals;

	fit->n = n;
	fit->slope = fit->lower = fit->upper = fit->intercept = NAN;
	fit->origin = 0.0;
	for (int64 i = 0; i < n; i++)
	{
		points[i].x = x[i];
		points[i].y = y[i];
	}
	sort_points(points, n);
	if (from_first && n > 0)
		fit->origin = points[0].x;

	/* Moved to the first place where that loses nothing, and scaled by powers of 2. */
	for (int64 i = 0; i < n && centred; i++)
		centred = dd_two_sum(points[i].x, -points[0].x).lo == 0.0;
	for (int64 i = n - 1; i >= 0 && centred; i--)
		points[i].x -= points[0].x;
	ex = exponent(points, n, true);
	ey = exponent(points, n, false);
	s.x = allocate(n, sizeof(double));
	s.y = allocate(n, sizeof(double));
	for (int64 i = 0; i < n; i++)
		s.y[i] = points[i].y;
	sort_doubles(s.y, n);
	ties_y = ties_of(s.y, n);
	for (int64 i = 0; i < n; i++)
	{
		s.x[i] = ldexp(points[i].x, -ex);
		s.y[i] = ldexp(points[i].y, -ey);
		if (i > 0 && s.x[i] > s.x[i - 1])
			min_step = Min(min_step, s.x[i] - s.x[i - 1]);
	}
	pfree(points);
	ties_x = ties_of(s.x, n);
	s.total = fit->slopes = n * (n - 1) / 2 - ties_x.pairs;
	if (s.total == 0)
		return true;
	if (min_step < MIN_STEP)
		return false;
	s.bound = 4.0 / min_step;

	if (s.total > MAX_CANDIDATES)
	{
		for (int64 i = 0; i < n; i++)
		{
			if (fabs(s.x[i]) < MIN_VALUE)
				s.x[i] = 0.0;
			if (fabs(s.y[i]) < MIN_VALUE)
				s.y[i] = 0.0;
		}
		s.base = allocate(n, sizeof(int32));
		s.keys = allocate(n, sizeof(Key));
		s.work = allocate(n, sizeof(Key));
	}
	draw_slopes(&s);
	fit->slope = slope_of_rank(&s, (s.total + 1) / 2);
	if (s.total % 2 == 0)
		fit->slope = 0.5 * fit->slope + 0.5 * slope_of_rank(&s, s.total / 2 + 1);
	fit->slope = ldexp(fit->slope, ey - ex);
	if (z >= 0.0)
	{
		double		width = z * sqrt(kendall_variance(n, &ties_x, &ties_y));
		double		lower = rint(((double) s.total - width) / 2.0);
		double		upper = rint(((double) s.total + width) / 2.0 + 1.0);

		if (lower >= 1.0)
			fit->lower = ldexp(slope_of_rank(&s, (int64) lower), ey - ex);
		if (upper <= (double) s.total)
			fit->upper = ldexp(slope_of_rank(&s, (int64) upper), ey - ex);
	}
	if (s.total > MAX_CANDIDATES)
	{
		pfree(s.base);
		pfree(s.keys);
		pfree(s.work);
		pfree(s.sample);
	}
	pfree(s.candidates);
	pfree(s.x);

	residuals = s.y;
	for (int64 i = 0; i < n; i++)
	{
		/* without rounding but the last, unless the numbers are huge */
		double		u = x[i] - fit->origin;
		double		plain = y[i] - fit->slope * u;

		residuals[i] = plain;
		if (fabs(u) < 1e290 && fabs(fit->slope) < 1e290 && fabs(fit->slope * u) < 1e290 && fabs(plain) < 1e290)
			residuals[i] = dd_value(dd_sub(dd_from(y[i]), dd_two_prod(fit->slope, u)));
	}
	sort_doubles(residuals, n);
	fit->intercept = middle(residuals, n);
	pfree(residuals);
	return isfinite(fit->slope) && isfinite(fit->intercept) && !isinf(fit->lower) && !isinf(fit->upper);
}
