/*
 * spc.c: limits and marks of an individuals (XmR) chart. No fmgr, no error but a
 * cancelled query, which is asked for between one pass over the points and the
 * next; time and memory are linear in the number of points.
 *
 * Sources: D. J. Wheeler, Understanding Variation, 2nd ed. (limits, 3.267, runs
 * of 8, 3 of 4); Western Electric, Statistical Quality Control Handbook (1956),
 * part B; L. S. Nelson, The Shewhart control chart: tests for special causes,
 * J. Quality Technology 16 (1984); the R package NHSRplotthedots 0.2.2 (NHS
 * England, Making Data Count) for the rule set nhs.
 *
 * Rounding noise never decides: what differs by no more than 1e-12 of the size
 * of the numbers is on the line, or the same.
 */
#include "postgres.h"

#include <math.h>

#include "attainment.h"
#include "miscadmin.h"
#include "spc.h"

static const SpcRules rule_sets[] = {
	{
		.name = "nhs", .trial = SPC_TRIAL_POINTS, .run = 7, .centre_breaks = true, .trend = 7,
		.zones = {{.count = 2, .of = 3, .sigmas = 2.0, .inside_limits = true, .one_side = true}}
	},
	{
		.name = "wheeler", .run = 8,
		.zones = {{.count = 3, .of = 4, .sigmas = 1.5}}
	},
	{
		.name = "western_electric", .run = 8,
		.zones = {{.count = 2, .of = 3, .sigmas = 2.0}, {.count = 4, .of = 5, .sigmas = 1.0}}
	},
	{
		.name = "nelson", .run = 9, .trend = 6, .alternating = 14, .hugging = 15, .avoiding = 8,
		.zones = {{.count = 2, .of = 3, .sigmas = 2.0}, {.count = 4, .of = 5, .sigmas = 1.0}}
	},
};

/* The rule sets in their order, NULL after the last. */
const SpcRules *
spc_rules(int i)
{
	return i < (int) lengthof(rule_sets) ? &rule_sets[i] : NULL;
}

/*
 * Mean of the values that are there, NaN without any. Summed as distances from
 * the first, so that the mean of equal values is that value.
 */
double
spc_mean(const double *x, int64 n)
{
	double		origin = 0.0;
	int64		count = 0;
	DDouble		sum = dd_from(0.0);

	for (int64 i = 0; i < n; i++)
	{
		DDouble		d;

		if (isnan(x[i]))
			continue;
		if (count++ == 0)
			origin = x[i];
		d = dd_two_sum(x[i], -origin);
		dd_accumulate_dd(&sum, d);
	}
	if (count == 0)
		return NAN;
	sum = dd_normal(sum);
	if (!(fabs(sum.hi) < 1e290))	/* where a split would overflow */
		return origin + sum.hi / (double) count;
	return dd_value(dd_add(dd_from(origin), dd_div(sum, dd_from((double) count))));
}

/*
 * The k-th smallest of n values, from 0; reorders them. Three-way quickselect
 * (C. A. R. Hoare, Algorithm 65: Find; E. W. Dijkstra's partition). The pivot is
 * drawn by a fixed generator: linear time whatever the order is, and the same
 * answer each time.
 */
static double
kth_smallest(double *x, int64 n, int64 k)
{
	uint64		seed = UINT64CONST(0x9E3779B97F4A7C15);
	int64		left = 0;
	int64		right = n - 1;

	while (left < right)
	{
		double		pivot;
		int64		below = left;
		int64		above = right;

		seed = seed * UINT64CONST(6364136223846793005) + UINT64CONST(1442695040888963407);
		pivot = x[left + (int64) ((seed >> 33) % (uint64) (right - left + 1))];
		for (int64 i = left; i <= above;)
		{
			double		v = x[i];

			if (v < pivot)
			{
				x[i++] = x[below];
				x[below++] = v;
			}
			else if (v > pivot)
			{
				x[i] = x[above];
				x[above--] = v;
			}
			else
				i++;
		}
		if (k < below)
			right = below - 1;
		else if (k > above)
			left = above + 1;
		else
			break;
	}
	return x[k];
}

/* Median of n > 0 values, none of them NaN; reorders them. */
double
spc_median(double *x, int64 n)
{
	double		upper = kth_smallest(x, n, n / 2);
	double		lower;

	if (n % 2 == 1)
		return upper;

	/* the left part now holds nothing larger */
	lower = x[0];
	for (int64 i = 1; i < n / 2; i++)
		lower = Max(lower, x[i]);
	return lower + (upper / 2 - lower / 2);
}

/*
 * The mean of the moving ranges of x[0..n), those at or above drop_from left out
 * (infinite: none); returns how many there are.
 */
static int64
mean_range(const double *x, int64 n, double drop_from, double *mean)
{
	DDouble		sum = dd_from(0.0);
	int64		count = 0;

	for (int64 i = 1; i < n; i++)
	{
		double		range = fabs(x[i] - x[i - 1]);

		if (isnan(range) || (isfinite(drop_from) && kpi_ge(range, drop_from)))
			continue;
		dd_accumulate(&sum, range);
		count++;
	}
	*mean = count > 0 ? dd_ratio(dd_normal(sum), dd_from((double) count)) : 0.0;
	return count;
}

/* Of x[0..n), the length of the part that holds the first k points. */
static int64
baseline_end(const double *x, int64 n, int64 k)
{
	int64		points = 0;
	int64		i;

	for (i = 0; i < n && points < k; i++)
		points += !isnan(x[i]);
	return i;
}

/*
 * The limits: centre +- 2.66 x the mean moving range, with the median as centre
 * too. Screening leaves ranges of 3.267 x their mean or more out once, and
 * averages again; the ranges of a constant series stay. Without a moving range
 * there is a centre, but no limits. The scratch, of n numbers, is needed for a
 * median alone. False when a number overflows.
 */
bool
spc_limits(const double *x, int64 n, const SpcOptions *options, double *scratch,
		   SpcLimits *out)
{
	int64		end = options->baseline > 0 ? baseline_end(x, n, options->baseline) : n;
	double		distance;

	memset(out, 0, sizeof(*out));
	for (int64 i = 0; i < n; i++)
		out->points += !isnan(x[i]);
	if (out->points == 0)
		return true;

	if (options->median)
	{
		int64		count = 0;

		for (int64 i = 0; i < end; i++)
			if (!isnan(x[i]))
				scratch[count++] = x[i];
		out->centre = spc_median(scratch, count);
	}
	else
		out->centre = spc_mean(x, end);
	if (!isfinite(out->centre))
		return false;
	out->centre += 0.0;			/* -0 becomes 0 */

	out->ranges = mean_range(x, end, INFINITY, &out->moving_range);
	if (options->screen && out->moving_range > 0.0)
	{
		int64		all = out->ranges;

		out->ranges = mean_range(x, end, SPC_SCREEN_FACTOR * out->moving_range,
								 &out->moving_range);
		out->dropped = all - out->ranges;
	}
	if (out->ranges == 0)
		return true;
	distance = SPC_LIMIT_FACTOR * out->moving_range;
	out->lower = out->centre - distance;
	out->upper = out->centre + distance;
	if (!isfinite(distance) || !isfinite(out->lower) || !isfinite(out->upper))
		return false;

	/* a centre that passes a bound does so by rounding noise: it stays inside */
	out->lower = Min(out->centre, Max(out->lower, options->lower)) + 0.0;
	out->upper = Max(out->centre, Min(out->upper, options->upper)) + 0.0;
	return true;
}

/* -1, 0 or 1: does x lie below, on or above the line? */
static inline int
side_of(double x, double line, double noise)
{
	double		d = x - line;

	return d > noise ? 1 : (d < -noise ? -1 : 0);
}

/* -1, 0 or 1: is the second point below, the same as or above the first? */
static inline int
step(double from, double to)
{
	return kpi_same(from, to) ? 0 : (to > from ? 1 : -1);
}

/* What the rules compare with; one stretch of points without a gap. */
typedef struct Stretch
{
	const double *x;
	uint8	   *marks;
	int64		n;
	const SpcLimits *limits;
	double		sigma;
	double		noise;
} Stretch;

static void
fill(const Stretch *s, int64 from, int64 to, SpcMark mark)
{
	for (int64 i = from; i < to; i++)
		s->marks[i] = mark;
}

static int
side(const Stretch *s, int64 i)
{
	return side_of(s->x[i], s->limits->centre, s->noise);
}

/* -1, 0 or 1: beyond the lower limit, inside, beyond the upper limit. */
static int
beyond(const Stretch *s, int64 i)
{
	if (side_of(s->x[i], s->limits->upper, s->noise) > 0)
		return 1;
	return side_of(s->x[i], s->limits->lower, s->noise) < 0 ? -1 : 0;
}

/* -1, 0 or 1: farther from the centre than so many sigmas, and where? */
static int
outside(const Stretch *s, int64 i, double sigmas)
{
	double		distance = sigmas * s->sigma;

	if (side_of(s->x[i], s->limits->centre + distance, s->noise) > 0)
		return 1;
	return side_of(s->x[i], s->limits->centre - distance, s->noise) < 0 ? -1 : 0;
}

/*
 * Runs on one side. A point on the centre does not count; it ends the run where
 * the rules say so, and bears no mark of it.
 */
static void
mark_runs(const Stretch *s, const SpcRules *rules)
{
	int64		start = 0;
	int64		count = 0;
	int			current = 0;

	for (int64 i = 0; i <= s->n; i++)
	{
		int			here = i < s->n ? side(s, i) : 0;

		if (i < s->n && here == 0 && !rules->centre_breaks)
			continue;
		if (i < s->n && here == current)
		{
			count++;
			continue;
		}
		if (current != 0 && count >= rules->run)
			for (int64 j = start; j < i; j++)
				if (side(s, j) == current)
					s->marks[j] = current > 0 ? SPC_RUN_ABOVE : SPC_RUN_BELOW;
		start = i;
		count = 1;
		current = here;
	}
}

/*
 * Trends: points of which each is above, or each below, the one before. A point
 * that ends one trend and begins another belongs to the later.
 */
static void
mark_trends(const Stretch *s, int length)
{
	int64		start = 0;
	int			current = 0;

	for (int64 i = 1; i <= s->n; i++)
	{
		int			here = i < s->n ? step(s->x[i - 1], s->x[i]) : 0;

		if (i < s->n && here == current)
			continue;
		if (current != 0 && i - start >= length)
			fill(s, start, i, current > 0 ? SPC_TREND_UP : SPC_TREND_DOWN);
		start = i - 1;
		current = here;
	}
}

/* Points that go up and down in turn. */
static void
mark_alternating(const Stretch *s, int length)
{
	int64		start = 0;
	int			previous = 0;

	for (int64 i = 1; i <= s->n; i++)
	{
		int			here = i < s->n ? step(s->x[i - 1], s->x[i]) : 0;

		if (here == 0 || here != -previous)
		{
			if (i - start >= length)
				fill(s, start, i, SPC_ALTERNATING);
			start = here != 0 ? i - 1 : i;
		}
		previous = here;
	}
}

/*
 * Points in a row that all lie within one sigma of the centre, or all outside.
 * Where all lie outside on one side, 4 of 5 do too, and that mark wins.
 */
static void
mark_distances(const Stretch *s, int length, SpcMark mark)
{
	int64		start = 0;

	for (int64 i = 0; i <= s->n; i++)
	{
		if (i < s->n && (outside(s, i, 1.0) == 0) == (mark == SPC_HUGGING))
			continue;
		if (i - start >= length)
			fill(s, start, i, mark);
		start = i + 1;
	}
}

/* k of m points in a row out in a zone of one side: those out there are marked. */
static void
mark_zone(const Stretch *s, const SpcZoneRule *rule)
{
	for (int64 first = 0; first + rule->of <= s->n; first++)
	{
		int			where[8];
		int			low = 0,
					high = 0,
					sides = 0;

		Assert(rule->of <= (int) lengthof(where));
		for (int i = 0; i < rule->of; i++)
		{
			where[i] = outside(s, first + i, rule->sigmas);
			if (rule->inside_limits && beyond(s, first + i) != 0)
				where[i] = 0;
			low += where[i] < 0;
			high += where[i] > 0;
			if (rule->one_side)
				sides += side(s, first + i);
		}
		for (int i = 0; i < rule->of; i++)
		{
			if (where[i] < 0 && low >= rule->count && (!rule->one_side || sides == -rule->of))
				s->marks[first + i] = SPC_NEAR_LOW;
			if (where[i] > 0 && high >= rule->count && (!rule->one_side || sides == rule->of))
				s->marks[first + i] = SPC_NEAR_HIGH;
		}
	}
}

/* The marks of one stretch, the milder rules first: a later mark wins. */
static void
mark_stretch(const Stretch *s, const SpcRules *rules)
{
	fill(s, 0, s->n, SPC_NONE);

	/* a constant is not near its centre, it is on it */
	if (s->sigma > 0.0)
	{
		if (rules->alternating > 0)
			mark_alternating(s, rules->alternating);
		CHECK_FOR_INTERRUPTS();
		if (rules->hugging > 0)
			mark_distances(s, rules->hugging, SPC_HUGGING);
		CHECK_FOR_INTERRUPTS();
		if (rules->avoiding > 0)
			mark_distances(s, rules->avoiding, SPC_AVOIDING);
	}
	CHECK_FOR_INTERRUPTS();
	mark_runs(s, rules);
	for (int i = 0; i < (int) lengthof(rules->zones); i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (rules->zones[i].count > 0)
			mark_zone(s, &rules->zones[i]);
	}
	CHECK_FOR_INTERRUPTS();
	if (rules->trend > 0)
		mark_trends(s, rules->trend);
	for (int64 i = 0; i < s->n; i++)
	{
		int			where = beyond(s, i);

		if (where != 0)
			s->marks[i] = where > 0 ? SPC_BEYOND_HIGH : SPC_BEYOND_LOW;
	}
}

/*
 * The mark of every point of x[0..n), SPC_NO_POINT where there is none. All are
 * on trial when the rules ask for more points, or when there are no limits.
 */
void
spc_marks(const double *x, int64 n, const SpcLimits *limits, const SpcRules *rules,
		  uint8 *marks)
{
	bool		trial = limits->ranges == 0 || limits->points < rules->trial;
	Stretch		s;

	s.limits = limits;
	s.sigma = spc_sigma(limits->moving_range);
	s.noise = KPI_EPSILON * Max(fabs(limits->centre), 3.0 * s.sigma);
	for (int64 i = 0; i < n;)
	{
		int64		end = i;

		if (isnan(x[i]))
		{
			marks[i++] = SPC_NO_POINT;
			continue;
		}
		while (end < n && !isnan(x[end]))
			end++;
		s.x = x + i;
		s.marks = marks + i;
		s.n = end - i;
		if (trial)
			fill(&s, 0, s.n, SPC_TRIAL);
		else
			mark_stretch(&s, rules);
		i = end;
	}
}
