/*
 * scorecard_merge.c: a team's card out of its members'. No SQL-callable function.
 *
 * Of a KPI that several cards carry, weights are added, and the figures are
 * means by weight: the mean actual stands against the mean target. So the merged
 * attainment is sum(w * (W + d)) / sum(w * W), a ratio of sums, and for equal
 * targets just the mean attainment. For targets of two sides (exactly, range) it
 * is the distances that are averaged: a miss above does not cancel one below.
 *
 * Entries that were judged carry no figures that could be averaged: of a KPI that
 * one of the cards judged, attainments are, and the status is that of the mean.
 *
 * Figures come from members that have both target and actual; if none has, from
 * those with a target, else from those with an actual. The others count in the
 * weight, so that they lower the coverage and never raise the score. Merging is
 * associative and commutative, but for the last bits of float8.
 */
#include "postgres.h"

#include "common/int.h"
#include "scorecard.h"

/* The weighted mean, exact where both are equal. share is of b. */
static double
mean_of(double a, double b, double share)
{
	return a == b ? a : a * (1.0 - share) + b * share;
}

/*
 * The mean of a and b with the weights wa and wb, with what rounding loses: so
 * that large actuals of both signs cancel alike, however cards are grouped.
 */
static DDouble
exact_mean(DDouble a, double wa, DDouble b, double wb)
{
	DDouble		mean;

	if (a.hi == b.hi && a.lo == b.lo)
		return a;
	if (wb == 0.0)
		return a;
	mean = dd_div(dd_add(dd_mul(a, dd_from(wa)), dd_mul(b, dd_from(wb))), dd_two_sum(wa, wb));
	if (isfinite(mean.hi) && isfinite(mean.lo))
		return mean;

	/* beyond 1e290 or so the products overflow */
	return dd_from(mean_of(a.hi, b.hi, wb / (wa + wb)));
}

/* How far the threshold lies from meeting the target; without one, 0.1 of the scale. */
static double
threshold_distance(const KpiTarget *t)
{
	if (t->parts & KPI_HAS_THRESHOLD)
		return fabs(kpi_distance(t, t->threshold));
	return (1.0 - KPI_AT_RISK_ATTAINMENT) * kpi_scale(t);
}

static void
merge_targets(KpiTarget *out, const KpiTarget *a, const KpiTarget *b, double share)
{
	uint16		both = a->parts & b->parts;
	uint16		either = a->parts | b->parts;
	bool		sided = kpi_is_one_sided(a);
	double		scale;

	*out = *a;
	if (kpi_target_compare(a, b) == 0)
		return;
	memset(out, 0, sizeof(*out));
	out->direction = a->direction;
	out->lower = mean_of(a->lower, b->lower, share);
	out->upper = mean_of(a->upper, b->upper, share);

	/* a baseline may lie on either side of a range: its distance says all */
	if (sided && (both & KPI_HAS_BASELINE))
	{
		out->parts |= KPI_HAS_BASELINE;
		out->baseline = mean_of(a->baseline, b->baseline, share);
	}
	if (both & KPI_HAS_STRETCH)
	{
		out->parts |= KPI_HAS_STRETCH;
		out->stretch = mean_of(a->stretch, b->stretch, share);
	}
	if (either & KPI_HAS_THRESHOLD)
	{
		double		distance = mean_of(threshold_distance(a), threshold_distance(b), share);

		out->parts |= KPI_HAS_THRESHOLD;
		out->threshold = a->direction == KPI_AT_MOST ?
			out->upper + distance : out->lower - distance;
	}

	/* the scale is the mean of the scales, said aloud where it does not follow */
	scale = mean_of(kpi_scale(a), kpi_scale(b), share);
	if (scale > 0.0 && ((both & KPI_HAS_SCALE) || !kpi_same(scale, kpi_scale(out))))
	{
		out->parts |= KPI_HAS_SCALE;
		out->scale = scale;
	}
	if (both & KPI_HAS_SINCE)
	{
		out->parts |= KPI_HAS_SINCE;
		out->since = Min(a->since, b->since);
	}
	if (both & KPI_HAS_DUE)
	{
		out->parts |= KPI_HAS_DUE;
		out->due = Max(a->due, b->due);
	}
	kpi_target_check(out, NULL);
}

/* Which figures the entry can give: the higher, the better. */
static int
figures_rank(const ScorecardEntry *e)
{
	if (scorecard_is_observed(e))
		return 3;
	return e->has_target ? 2 : (e->has_actual ? 1 : 0);
}

/* What the entry adds to a score, uncapped. */
static double
raw_attainment(const ScorecardEntry *e)
{
	KpiAssessment a;

	scorecard_assess(e, &a);
	return kpi_score_raw(&a);
}

/* The drives of both, each once; of two timings the leading one, of one and none that. */
static void
merge_links(ScorecardEntry *out, const ScorecardEntry *a, const ScorecardEntry *b)
{
	ScorecardName *names;
	int			n;

	out->timing = a->timing == KPI_TIMING_UNKNOWN ? b->timing :
		b->timing == KPI_TIMING_UNKNOWN ? a->timing : Min(a->timing, b->timing);
	if (b->drives_len == 0 || a->drives_len == 0)
	{
		out->drives = a->drives_len > 0 ? a->drives : b->drives;
		out->drives_len = a->drives_len + b->drives_len;
		return;
	}
	names = palloc(2 * SCORECARD_MAX_DRIVES * sizeof(ScorecardName));
	n = scorecard_get_drives(a, names);
	n += scorecard_get_drives(b, names + n);
	scorecard_set_drives(out, names, n, NULL);
}

/* Figures stay where both have them, and so does a verdict that nothing is known. */
static void
keep_common(ScorecardEntry *out, const ScorecardEntry *a, const ScorecardEntry *b)
{
	if (!a->has_actual || !b->has_actual)
	{
		out->has_actual = false;
		out->actual = out->actual_lo = 0.0;
	}
	if (!a->has_target || !b->has_target)
	{
		out->has_target = false;
		memset(&out->target, 0, sizeof(out->target));
	}
	out->judged = a->judged && b->judged;
	out->status = out->judged ? Max(a->status, b->status) : KPI_NO_TARGET;
}

static void
merge_entries(ScorecardEntry *out, const ScorecardEntry *a, const ScorecardEntry *b)
{
	int			rank_a = figures_rank(a);
	int			rank_b = figures_rank(b);
	double		wa;
	double		wb;
	double		share;

	if (a->kind != b->kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("KPI \"%s\" is an outcome on one card and an activity on another",
						kra_echo(a->kpi, a->kpi_len))));
	if (a->has_target && b->has_target && a->target.direction != b->target.direction)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("KPI \"%s\" has targets of different directions, \"%s\" and \"%s\"",
						kra_echo(a->kpi, a->kpi_len),
						kpi_target_print(&a->target), kpi_target_print(&b->target)),
				 errhint("Cards can be rolled up when a KPI means the same on all of them.")));

	*out = rank_a >= rank_b ? *a : *b;
	if (rank_a == rank_b)
	{
		double		basis = a->basis_weight * a->coverage + b->basis_weight * b->coverage;

		/* figures without weight are weighed by members */
		wa = basis > 0.0 ? a->basis_weight * a->coverage : a->basis_members;
		wb = basis > 0.0 ? b->basis_weight * b->coverage : b->basis_members;
		if (wa + wb == 0.0)
			wa = wb = 1.0;
		share = wb / (wa + wb);
		out->basis_weight = basis;
		if (pg_add_s32_overflow(a->basis_members, b->basis_members, &out->basis_members))
			kra_overflow("number of members");
		if (rank_a == 3 && !a->judged && !b->judged && !kpi_is_one_sided(&a->target))
		{
			out->has_distance = true;
			out->distance = mean_of(scorecard_distance(a), scorecard_distance(b), share);
		}
		if (a->has_target && b->has_target)
			merge_targets(&out->target, &a->target, &b->target, share);
		if (a->has_actual && b->has_actual)
		{
			const DDouble x = {a->actual, a->actual_lo};
			const DDouble y = {b->actual, b->actual_lo};
			DDouble		mean = exact_mean(x, wa, y, wb);

			out->actual = mean.hi;
			out->actual_lo = mean.lo;
		}
		keep_common(out, a, b);
		if (rank_a == 3 && (a->judged || b->judged))
		{
			double		mean = mean_of(raw_attainment(a), raw_attainment(b), share);

			scorecard_judge(out, true, mean, false, KPI_NO_DATA);
			out->has_distance = false;
			out->distance = 0.0;
		}
	}
	else
	{
		if (!out->judged && scorecard_has_both(out) && !kpi_is_one_sided(&out->target))
		{
			out->distance = scorecard_distance(out);
			out->has_distance = true;
		}
		out->basis_weight *= out->coverage;
	}
	out->coverage = 1.0;
	merge_links(out, a, b);

	/* the same KPI in two KRAs goes to the one that comes first */
	if (scorecard_compare_names(a->kra, a->kra_len, b->kra, b->kra_len) <= 0)
	{
		out->kra = a->kra;
		out->kra_len = a->kra_len;
	}
	else
	{
		out->kra = b->kra;
		out->kra_len = b->kra_len;
	}
	out->merged = true;
	out->weight = a->weight + b->weight;
	if (pg_add_s32_overflow(a->members, b->members, &out->members))
		kra_overflow("number of members");
	scorecard_entry_check(out, NULL);
}

/* The card that both make together. */
Scorecard *
scorecard_merge(const Scorecard *a, const Scorecard *b)
{
	ScorecardEntry *x;
	ScorecardEntry *y;
	ScorecardEntry *out;
	uint32		i = 0;
	uint32		j = 0;
	int			n = 0;
	Scorecard  *card;

	x = scorecard_entries(a);
	y = scorecard_entries(b);
	out = palloc(Max(a->count + b->count, 1) * sizeof(ScorecardEntry));
	qsort(x, a->count, sizeof(ScorecardEntry), scorecard_compare_kpi);
	qsort(y, b->count, sizeof(ScorecardEntry), scorecard_compare_kpi);
	while (i < a->count || j < b->count)
	{
		int			cmp = i == a->count ? 1 : (j == b->count ? -1 : scorecard_compare_kpi(&x[i], &y[j]));

		if (cmp == 0)
			merge_entries(&out[n++], &x[i++], &y[j++]);
		else
			out[n++] = cmp < 0 ? x[i++] : y[j++];
	}
	card = scorecard_build(out, n, NULL);
	pfree(x);
	pfree(y);
	pfree(out);
	return card;
}
