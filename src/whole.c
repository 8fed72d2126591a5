/*
 * whole.c: the law of parts.
 *
 * The whole is judged by the same parts that its actual comes from: if every part
 * is exactly on target, so is the whole; if every part is exactly where it was
 * expected to be, so is the whole. What has no data is in neither, and coverage
 * says how much that is.
 */
#include "postgres.h"

#include "datatype/timestamp.h"

#include "whole.h"

/* Does the aggregation divide by a weight? */
static bool
is_weighted(int aggregation)
{
	return aggregation == OVER_MEAN || aggregation == OVER_RATIO;
}

/* The one that counts of two numbers: the least, the greatest, or their sum. */
static double
put_together(int aggregation, double a, double b)
{
	if (aggregation == OVER_MIN)
		return Min(a, b);
	if (aggregation == OVER_MAX)
		return Max(a, b);
	return a + b;
}

static void
merge_values(int aggregation, WholeValue *v, const WholeValue *other)
{
	if (other->parts_count == 0)
		return;
	if (v->parts_count == 0)
		*v = *other;
	else if (aggregation == OVER_MIN || aggregation == OVER_MAX)
	{
		v->sum = dd_from(put_together(aggregation, dd_value(v->sum), dd_value(other->sum)));
		v->parts_count += other->parts_count;
	}
	else
	{
		dd_accumulate_dd(&v->sum, other->sum);
		dd_accumulate_dd(&v->weight, other->weight);
		v->parts_count += other->parts_count;
	}
}

/* Fields are kept while every target has them, dates while they are the same. */
static void
keep_fields(WholeTargets *t, const WholeTargets *other)
{
	if (!(other->parts & KPI_HAS_SINCE) || t->since != other->since)
		t->parts &= ~KPI_HAS_SINCE;
	if (!(other->parts & KPI_HAS_DUE) || t->due != other->due)
		t->parts &= ~KPI_HAS_DUE;
	t->parts &= other->parts;
}

/* Adds targets; those of different directions are mixed from then on. */
static void
merge_targets(int aggregation, WholeTargets *t, const WholeTargets *other)
{
	if (other->parts_count == 0)
		return;
	if (t->parts_count == 0)
	{
		*t = *other;
		return;
	}
	t->parts_count += other->parts_count;
	if (t->direction != other->direction)
		t->direction = WHOLE_MIXED_DIRECTIONS;
	keep_fields(t, other);
	t->weight += other->weight;
	for (int i = 0; i < WHOLE_NUMBERS; i++)
		t->number[i] = put_together(aggregation, t->number[i], other->number[i]);
}

/* Does the last part of a come after that of b? */
static bool
is_later(int64 a_at, int32 a_place, int64 b_at, int32 b_place)
{
	return a_at > b_at || (a_at == b_at && a_place > b_place);
}

/* Of OVER_LAST: the last part with data stands for all, and so does the last one judged. */
static void
merge_last(Whole *w, const Whole *other)
{
	int64		with_data = w->actual.parts_count + other->actual.parts_count;

	if (other->actual.parts_count > 0 &&
		(w->actual.parts_count == 0 ||
		 is_later(other->last_part, other->last_place, w->last_part, w->last_place)))
	{
		w->actual = other->actual;
		w->last_part = other->last_part;
	}
	if (other->judged.parts_count > 0 &&
		(w->judged.parts_count == 0 ||
		 is_later(other->last_judged, other->last_place, w->last_judged, w->last_place)))
	{
		w->judged = other->judged;
		w->target = other->target;
		w->full = other->full;
		w->last_judged = other->last_judged;
		w->flags = (w->flags & ~WHOLE_ON_ITS_WAY) | (other->flags & WHOLE_ON_ITS_WAY);
	}
	if (other->asked.parts_count > 0 &&
		(w->asked.parts_count == 0 ||
		 is_later(other->last_asked, other->last_place, w->last_asked, w->last_place)))
	{
		WholeTargets before = w->asked;

		w->asked = other->asked;
		w->last_asked = other->last_asked;
		if (before.parts_count > 0)
			keep_fields(&w->asked, &before);
	}
	else if (other->asked.parts_count > 0)
		keep_fields(&w->asked, &other->asked);
	w->last_place = Max(w->last_place, other->last_place);
	w->actual.parts_count = with_data;
	w->flags |= other->flags & WHOLE_NOT_KNOWN;
}

/* Adds the parts of another whole. */
void
whole_merge(Whole *w, const Whole *other)
{
	if (other->aggregation == OVER_NONE)
		return;
	if (w->aggregation == OVER_NONE)
	{
		*w = *other;
		return;
	}
	w->observations += other->observations;
	w->pairs += other->pairs;
	w->pairs_with_data += other->pairs_with_data;
	w->pairs_judged += other->pairs_judged;
	w->weight_with_data += other->weight_with_data;
	w->weight_judged += other->weight_judged;
	if (w->aggregation == OVER_LAST)
	{
		merge_last(w, other);
		return;
	}
	w->flags |= other->flags;
	w->last_part = Max(w->last_part, other->last_part);
	w->last_judged = Max(w->last_judged, other->last_judged);
	w->last_asked = Max(w->last_asked, other->last_asked);
	w->last_place = Max(w->last_place, other->last_place);
	merge_values(w->aggregation, &w->actual, &other->actual);
	merge_values(w->aggregation, &w->judged, &other->judged);
	merge_targets(w->aggregation, &w->target, &other->target);
	merge_targets(w->aggregation, &w->full, &other->full);
	merge_targets(w->aggregation, &w->asked, &other->asked);
}

/* A value; false when there is none, or nothing to divide it by. */
static bool
value_of(int aggregation, const WholeValue *v, double *value)
{
	if (v->parts_count == 0)
		return false;
	if (!is_weighted(aggregation))
	{
		*value = dd_value(v->sum);
		return true;
	}
	if (dd_value(v->weight) <= 0.0)
		return false;
	*value = dd_ratio(v->sum, v->weight);
	return true;
}

static double
number_of(int aggregation, const WholeTargets *t, TargetNumber number)
{
	if (is_weighted(aggregation))
		return t->weight > 0.0 ? t->number[number] / t->weight : 0.0;
	return t->number[number];
}

static void
value_as_member(int aggregation, WholeValue *v)
{
	double		value;

	if (v->parts_count == 0)
		return;
	if (!value_of(aggregation, v, &value))
	{
		memset(v, 0, sizeof(*v));
		return;
	}
	v->parts_count = 1;
	v->sum = dd_from(value);
	v->weight = dd_from(1.0);
}

static void
targets_as_member(int aggregation, WholeTargets *t)
{
	for (int i = 0; i < WHOLE_NUMBERS; i++)
		t->number[i] = number_of(aggregation, t, i);
	if (t->parts_count > 0)
	{
		t->parts_count = 1;
		t->weight = 1.0;
	}
}

/*
 * A member's whole, on its way into that of a group. Where members are put
 * together as periods are, their parts are simply more parts; else each member
 * counts by its value. Of values of the same day the highest place is the last.
 */
void
whole_as_member(Whole *w, Aggregation over_subjects, int32 place)
{
	w->last_place = place;
	if (w->aggregation == over_subjects || w->aggregation == OVER_NONE)
		return;
	value_as_member(w->aggregation, &w->actual);
	value_as_member(w->aggregation, &w->judged);
	targets_as_member(w->aggregation, &w->target);
	targets_as_member(w->aggregation, &w->full);
	targets_as_member(w->aggregation, &w->asked);
	w->aggregation = over_subjects;
}

/* The aggregation of a name; OVER_NONE when it is none. */
Aggregation
whole_aggregation(const char *name, int len)
{
	static const char *const names[] = {
		NULL, "sum", "count", "mean", "ratio", "last", "min", "max"
	};

	for (int i = OVER_SUM; i < (int) lengthof(names); i++)
		if (len == (int) strlen(names[i]) && memcmp(name, names[i], len) == 0)
			return (Aggregation) i;
	return OVER_NONE;
}

/* The value of a part, and what it is weighed by; false without data. */
static bool
part_value(Aggregation aggregation, const KpiActual *a, WholeValue *v)
{
	v->parts_count = 1;
	v->weight = dd_from(0.0);
	switch (aggregation)
	{
		case OVER_SUM:
			v->sum = a->sum;
			return true;
		case OVER_COUNT:
			v->sum = dd_from((double) a->count);
			return true;
		case OVER_MEAN:
			v->sum = a->sum;
			v->weight = dd_from((double) a->count);
			return a->count > 0;
		case OVER_RATIO:
			v->sum = a->sum;
			v->weight = a->weight;
			return a->count > 0;
		case OVER_LAST:
			v->sum = dd_from(a->last);
			return a->has_times;
		case OVER_MIN:
			v->sum = dd_from(a->min);
			return a->count > 0;
		default:
			v->sum = dd_from(a->max);
			return a->count > 0;
	}
}

/* A target as the only one, counted weight times where the aggregation divides by weights. */
static void
only_target(const KpiTarget *t, double weight, bool is_weighted, int32 upto, double share,
			WholeTargets *out)
{
	const double numbers[TARGET_NUMBERS] = {
		t->lower, t->upper, t->baseline, t->threshold, t->stretch, t->scale
	};
	double		expected;

	out->parts_count = 1;
	out->direction = t->direction;
	out->parts = t->parts;
	out->since = t->since;
	out->due = t->due;
	out->weight = weight;
	memcpy(out->number, numbers, sizeof(numbers));
	out->number[NUMBER_EXPECTED_LOWER] = t->lower * share;
	out->number[NUMBER_EXPECTED_UPPER] = t->upper * share;
	if (kpi_expected(t, upto, &expected))
		out->number[NUMBER_EXPECTED_LOWER] = out->number[NUMBER_EXPECTED_UPPER] = expected * share;
	if (is_weighted)
		for (int i = 0; i < WHOLE_NUMBERS; i++)
			out->number[i] *= weight;
}

static bool
is_sum(int aggregation)
{
	return aggregation == OVER_SUM || aggregation == OVER_COUNT;
}

static double
part_weight(const Whole *w)
{
	return is_weighted(w->aggregation) ? dd_value(w->actual.weight) : 1.0;
}

/*
 * Asks a part for its target: where it has data it is judged, else it is due. What
 * is still to come, or runs, is in the full target of a sum, judged or not.
 */
static void
ask_part(Whole *w, const KpiTarget *target, const WholePeriod *period)
{
	int32		upto = Min(period->end, period->as_of);
	double		share = 1.0;

	if (period->start > period->as_of)
	{
		if (is_sum(w->aggregation))
		{
			only_target(target, 1.0, false, period->end, 1.0, &w->full);
			w->asked = w->full;
		}
		return;
	}
	if (is_sum(w->aggregation) && period->as_of < period->end)
		share = ((double) period->as_of - period->start + 1) /
			((double) period->end - period->start + 1);
	if (w->actual.parts_count > 0)
	{
		w->judged = w->actual;
		only_target(target, part_weight(w), is_weighted(w->aggregation), upto, share, &w->target);
		w->full = w->target;
		if (w->target.weight <= 0.0)
			only_target(target, 1.0, false, upto, share, &w->asked);
		if (kpi_in_window(target, upto))
			w->flags |= WHOLE_ON_ITS_WAY;
	}
	else
	{
		only_target(target, 1.0, false, upto, share, &w->asked);
		if (is_sum(w->aggregation) && period->as_of < period->end)
			w->full = w->asked;
	}
}

/*
 * One period of a KPI's cadence of one subject, as a whole; see part() in parts.c.
 */
void
whole_part(Whole *w, Aggregation aggregation, const KpiActual *actual, const KpiTarget *target,
		   bool is_carried, const WholePeriod *period, int64 known_until)
{
	WholeValue	value;

	memset(w, 0, sizeof(*w));
	w->version = WHOLE_VERSION;
	w->aggregation = aggregation;
	w->last_part = w->last_judged = w->last_asked = period->start * USECS_PER_DAY;
	if (period->start <= period->as_of && actual != NULL)
	{
		if (actual->has_times && actual->last_at >= known_until)
			w->flags |= WHOLE_NOT_KNOWN;
		else if (part_value(aggregation, actual, &value))
		{
			w->actual = value;
			w->observations = actual->count;
			if (actual->has_times)
				w->last_part = w->last_judged = actual->last_at;
		}
	}
	if (target != NULL)
		ask_part(w, target, period);
	if (is_carried && period->start <= period->as_of)
	{
		w->pairs = 1.0;
		w->pairs_with_data = (double) w->actual.parts_count;
		w->weight_with_data = (double) w->actual.parts_count * part_weight(w);
		w->pairs_judged = (double) w->judged.parts_count;
		w->weight_judged = (double) w->judged.parts_count * part_weight(w);
	}
}

/*
 * A period of the KPI's cadence of a group that has a target of its own and is
 * asked whole: what its members observed, against that target. is_carried: is the
 * KPI on the group's own card?
 */
void
whole_ask(Whole *w, Aggregation aggregation, const KpiTarget *target, bool is_carried,
		  const WholePeriod *period)
{
	w->version = WHOLE_VERSION;
	w->aggregation = aggregation;
	w->last_asked = period->start * USECS_PER_DAY;
	w->last_judged = w->last_part;
	w->flags &= ~WHOLE_ON_ITS_WAY;
	memset(&w->judged, 0, sizeof(w->judged));
	memset(&w->target, 0, sizeof(w->target));
	memset(&w->full, 0, sizeof(w->full));
	memset(&w->asked, 0, sizeof(w->asked));
	ask_part(w, target, period);
	if (is_carried && w->pairs == 0.0 && period->start <= period->as_of)
	{
		w->pairs = 1.0;
		w->pairs_with_data = w->weight_with_data = w->actual.parts_count > 0;
	}
	w->pairs_judged = w->pairs_with_data;
	w->weight_judged = w->weight_with_data;
}

/* What members make of a longer period, judged by the targets of their group. */
void
whole_judged_by(Whole *w, const Whole *targets)
{
	Whole		t = *targets;

	whole_as_member(&t, w->aggregation, 0);
	w->target = t.target;
	w->full = t.full;
	w->asked = t.asked;
	w->flags = (w->flags & ~WHOLE_ON_ITS_WAY) | (t.flags & WHOLE_ON_ITS_WAY);
	w->pairs = t.pairs;
	w->pairs_with_data = t.pairs_with_data;
	w->pairs_judged = t.pairs_judged;
	w->weight_with_data = t.weight_with_data;
	w->weight_judged = t.weight_judged;
	if (t.target.parts_count > 0)
		w->judged = w->actual;
	else
		memset(&w->judged, 0, sizeof(w->judged));
}

static bool
lies_inside(const KpiTarget *t, double x)
{
	return t->direction == KPI_INSIDE && x > t->lower && x < t->upper &&
		!kpi_same(x, t->lower) && !kpi_same(x, t->upper);
}

/* 15 digits are what decimal input has: shares of a number add up to it, to the digit. */
static double
to_the_digit(double x)
{
	char		digits[32];

	snprintf(digits, sizeof(digits), "%.15g", x);
	return strtod(digits, NULL);
}

/*
 * The target that the parts make; false where there is none: no target, or
 * different directions. A baseline, threshold or stretch on the wrong side of it
 * is left out, as where it lies above one target and below another.
 */
static bool
target_of(int aggregation, const WholeTargets *t, KpiTarget *out)
{
	static const uint16 bits[] = {0, 0, KPI_HAS_BASELINE, KPI_HAS_THRESHOLD, KPI_HAS_STRETCH, KPI_HAS_SCALE};
	double	   *numbers[TARGET_NUMBERS] = {
		&out->lower, &out->upper, &out->baseline, &out->threshold, &out->stretch, &out->scale
	};

	memset(out, 0, sizeof(*out));
	if (t->parts_count == 0 || t->direction == WHOLE_MIXED_DIRECTIONS)
		return false;
	if (is_weighted(aggregation) && t->weight <= 0.0)
		return false;
	out->version = KPI_TARGET_VERSION;
	out->direction = t->direction;
	out->parts = t->parts;
	for (int i = 0; i < TARGET_NUMBERS; i++)
		if (bits[i] == 0 || (t->parts & bits[i]))
		{
			double		x = number_of(aggregation, t, i);

			*numbers[i] = t->parts_count > 1 ? to_the_digit(x) : x;
		}
	out->upper = out->direction == KPI_INSIDE ? Max(out->lower, out->upper) : out->lower;
	if (out->parts & KPI_HAS_BASELINE &&
		(kpi_distance(out, out->baseline) > 0.0 || lies_inside(out, out->baseline)))
		out->parts &= ~KPI_HAS_BASELINE;
	if (out->parts & KPI_HAS_THRESHOLD &&
		(kpi_distance(out, out->threshold) > 0.0 || lies_inside(out, out->threshold)))
		out->parts &= ~KPI_HAS_THRESHOLD;
	if (out->parts & KPI_HAS_STRETCH &&
		(!kpi_is_one_sided(out) || kpi_distance(out, out->stretch) < 0.0))
		out->parts &= ~KPI_HAS_STRETCH;
	if (out->scale <= 0.0)
		out->parts &= ~KPI_HAS_SCALE;
	if (((out->parts & KPI_HAS_SINCE) && !kra_date_in_range(t->since)) ||
		((out->parts & KPI_HAS_DUE) && !kra_date_in_range(t->due)) ||
		((out->parts & KPI_HAS_SINCE) && (out->parts & KPI_HAS_DUE) && t->since > t->due))
		out->parts &= ~(KPI_HAS_SINCE | KPI_HAS_DUE);
	if (out->parts & KPI_HAS_SINCE)
		out->since = t->since;
	if (out->parts & KPI_HAS_DUE)
		out->due = t->due;
	for (int i = NUMBER_BASELINE; i < TARGET_NUMBERS; i++)
		if (!(out->parts & bits[i]))
			*numbers[i] = 0.0;
	return true;
}

/*
 * The status of a sum whose period runs, d from what was expected by now. Above
 * what was expected at most, it is at risk at worst while the whole is not used up.
 */
static KpiStatus
running_status(const KpiTarget *full, const KpiTarget *expected, double actual, double d,
			   double w, double attainment, double at_risk_from)
{
	bool		above = full->direction != KPI_AT_LEAST && actual > expected->upper;

	if (d >= 0.0)
		return full->direction == KPI_AT_LEAST && (full->parts & KPI_HAS_STRETCH) &&
			kpi_ge(actual, full->stretch) ? KPI_EXCEEDED : KPI_ON_TRACK;
	if (above && full->upper >= 0.0)
		return kpi_ge(full->upper, actual) ? KPI_AT_RISK : KPI_OFF_TRACK;
	return w != 0.0 && kpi_is_at_risk(expected, actual, d, w, attainment, at_risk_from) ?
		KPI_AT_RISK : KPI_OFF_TRACK;
}

/*
 * Is it decided whether the target will be met, whatever comes, if values are not
 * below 0? Only where both aggregations can go one way alone.
 */
static bool
is_decided(Aggregation over_time, Aggregation over_subjects, const KpiTarget *t, double actual, bool *met)
{
	bool		is_rising = over_time == OVER_MAX ?
		over_subjects == OVER_MAX || over_subjects == OVER_SUM :
		(over_time == OVER_SUM || over_time == OVER_COUNT) &&
		(over_subjects == OVER_SUM || over_subjects == OVER_COUNT || over_subjects == OVER_MAX);
	bool		is_falling = over_time == OVER_MIN && over_subjects == OVER_MIN;

	*met = false;
	if (is_rising)
	{
		*met = t->direction == KPI_AT_LEAST && kpi_ge(actual, t->lower);
		return *met || (t->direction != KPI_AT_LEAST && !kpi_ge(t->upper, actual));
	}
	if (is_falling)
	{
		*met = t->direction == KPI_AT_MOST && kpi_ge(t->upper, actual);
		return *met || (t->direction != KPI_AT_MOST && !kpi_ge(actual, t->lower));
	}
	return false;
}

/*
 * The share of the pairs that is judged, by the weights that the whole is made
 * with: a pair without data weighs what those with data do, on average. Where
 * there are no weights, each counts once.
 */
static bool
coverage_of(const Whole *w, double *coverage)
{
	if (w->pairs <= 0.0)
		return false;
	if (w->weight_with_data <= 0.0)
		*coverage = w->pairs_judged / w->pairs;
	else
		*coverage = w->weight_judged /
			(w->weight_with_data + (w->pairs - w->pairs_with_data) * (w->weight_with_data / w->pairs_with_data));
	return true;
}

/* What a part without verdict is called, and why. */
static void
no_verdict(const Whole *w, bool is_mixed, WholeVerdict *out)
{
	bool		is_asked = w->asked.parts_count > 0 || w->full.parts_count > 0;

	if (is_mixed)
	{
		out->status = KPI_NO_TARGET;
		out->reason = "mixed_targets";
	}
	else if (w->judged.parts_count > 0)
	{
		out->status = KPI_NO_DATA;	/* of a ratio whose weights sum to 0 */
		out->reason = "no_data";
	}
	else if (w->actual.parts_count > 0 || !is_asked)
	{
		out->status = KPI_NO_TARGET;
		out->reason = "no_target";
	}
	else
	{
		out->status = KPI_NO_DATA;
		out->reason = w->flags & WHOLE_NOT_KNOWN ? "not_known_yet" : "no_data";
	}
}

/* Judges the actual: against what was expected by now, or against the target itself. */
static void
judge_value(const Whole *w, Aggregation over_time, const WholeJudgement *j, WholeVerdict *out)
{
	KpiTarget	expected = out->target;
	bool		runs = j->runs && (over_time == OVER_SUM || over_time == OVER_COUNT);
	bool		on_its_way = (w->flags & WHOLE_ON_ITS_WAY) != 0;
	double		scale = kpi_scale(&out->target);
	DDouble		d;
	DDouble		progress = kpi_difference(&out->target, out->judged);

	if (runs || on_its_way)
	{
		expected.parts &= ~KPI_HAS_THRESHOLD;
		expected.lower = out->expected_lower;
		expected.upper = out->expected_upper;
	}
	d = kpi_difference(&expected, out->judged);
	out->has_attainment = out->has_progress = scale != 0.0;
	if (scale != 0.0)
	{
		out->attainment = kpi_ratio(d, scale);
		out->progress = kpi_ratio(progress, scale);
	}
	else
		out->reason = "no_scale";
	if (runs)
		out->status = running_status(&out->target, &expected, out->judged, d.hi, scale,
									 out->attainment, j->at_risk_from);
	else
		out->status = kpi_status_at(&expected, out->judged, d.hi, scale, out->attainment,
									j->at_risk_from);
	out->met = progress.hi >= 0.0;
	out->has_met = true;
	if (j->runs)
		out->has_met = is_decided(over_time, j->over_subjects, &out->target, out->judged, &out->met);
}

/*
 * Where the whole will end at its present pace: the actual by the share of the
 * target that was expected by now, else by the days that are over.
 */
static void
project(const WholeJudgement *j, WholeVerdict *out)
{
	double		by_now = out->has_target ? out->expected_upper : 0.0;

	if (!j->runs || !(out->has_judged || out->has_actual) || j->share <= 0.0)
		return;
	out->has_projected = true;
	if (out->has_judged && by_now != 0.0 && out->target.upper / by_now > 0.0)
		out->projected = out->judged * (out->target.upper / by_now);
	else
		out->projected = (out->has_judged ? out->judged : out->actual) / j->share;
}

/*
 * The verdict over a whole. over_time: how its periods were put together; runs:
 * is its period not over yet? share: how much of it is over, by days.
 */
void
whole_judge(const Whole *w, Aggregation over_time, const WholeJudgement *j, WholeVerdict *out)
{
	bool		is_sum = over_time == OVER_SUM || over_time == OVER_COUNT;
	bool		is_judged = w->judged.parts_count > 0;
	bool		is_mixed = is_judged ?
		w->full.direction == WHOLE_MIXED_DIRECTIONS || w->target.direction == WHOLE_MIXED_DIRECTIONS :
		w->actual.parts_count == 0 && w->asked.direction == WHOLE_MIXED_DIRECTIONS;
	const WholeTargets *shown = is_judged && w->full.weight > 0.0 ? &w->full : &w->asked;

	memset(out, 0, sizeof(*out));
	out->has_coverage = coverage_of(w, &out->coverage);
	out->has_actual = value_of(w->aggregation, &w->actual, &out->actual);
	out->has_judged = value_of(w->aggregation, &w->judged, &out->judged);
	out->has_target = !is_mixed && (is_judged || w->actual.parts_count == 0) &&
		target_of(w->aggregation, shown, &out->target);
	out->has_expected = out->has_target && out->has_judged && w->target.weight > 0.0;
	if (out->has_expected)
	{
		out->expected_lower = number_of(w->aggregation, &w->target, NUMBER_EXPECTED_LOWER);
		out->expected_upper = number_of(w->aggregation, &w->target, NUMBER_EXPECTED_UPPER);
		judge_value(w, over_time, j, out);
	}
	else
		no_verdict(w, is_mixed, out);
	if (is_sum)
		project(j, out);
}
