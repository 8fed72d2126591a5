/*
 * change_effect.c: did level or slope change when something was changed? Read
 * off a kpi_change.
 *
 * What it cannot know, and the reader must: successive points that depend on each
 * other make p-values too small; a change made because things were bad is
 * followed by better ones anyway (regression to the mean); and without a control
 * group it shows when, not why.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "kpi_change.h"
#include "regression.h"

/*
 * Points that a verdict needs on each side: two for the line, and three whose
 * scatter tells signal from noise.
 */
#define CHANGE_MIN_POINTS 5

/* A verdict's error of the first kind, for level and slope together. */
#define CHANGE_ALPHA (1.0 - REGRESSION_LEVEL)

typedef enum ChangeVerdict
{
	CHANGE_TRIAL, CHANGE_NONE, CHANGE_LEVEL_UP, CHANGE_LEVEL_DOWN,
	CHANGE_SLOPE_UP, CHANGE_SLOPE_DOWN, CHANGE_IMPROVED, CHANGE_WORSENED
} ChangeVerdict;

static const char *const verdict_names[] = {
	"trial", "no_change", "level_up", "level_down", "slope_up", "slope_down",
	"improved", "worsened"
};

/* Everything that is known, and what is concluded. */
typedef struct ChangeFinding
{
	bool		has_welch;
	bool		has_segmented;
	Estimate	difference;
	SegmentedFit fit;
	bool		level;			/* is the change of level shown? */
	bool		slope;
	ChangeVerdict verdict;
} ChangeFinding;

/*
 * Which of level and slope changed: both p-values against CHANGE_ALPHA by Holm's
 * procedure (S. Holm, A simple sequentially rejective multiple test procedure,
 * Scand. J. Statist. 6 (1979) 65-70), since either would make a verdict. Where a
 * side has no line, as when all its points are of one time, Welch's test alone.
 */
static void
find_changes(ChangeFinding *f)
{
	double		least;

	f->level = f->slope = false;
	if (!f->has_segmented)
	{
		f->level = f->has_welch && f->difference.p <= CHANGE_ALPHA;
		return;
	}
	least = Min(f->fit.level.p, f->fit.slope.p);
	if (least > CHANGE_ALPHA / 2.0)
		return;
	f->level = f->fit.level.p == least || f->fit.level.p <= CHANGE_ALPHA;
	f->slope = f->fit.slope.p == least || f->fit.slope.p <= CHANGE_ALPHA;
}

/*
 * By how much the change brought values closer to the target, or further past it:
 * with the changes that are shown, against the line before carried on; at the
 * change where only the level changed, else at the mean time of the points after.
 */
static double
target_gain(const KpiChange *c, const ChangeFinding *f, double mean_before)
{
	KpiTarget	target = {0};
	double		at = f->slope ? f->fit.after_mean : 0.0;
	double		expected;
	double		change;

	target.direction = c->direction;
	if (f->has_segmented)
	{
		expected = f->fit.at_change + f->fit.slope_before * at;
		change = (f->level ? f->fit.level.value : 0.0) + (f->slope ? f->fit.slope.value * at : 0.0);
	}
	else
	{
		expected = mean_before;
		change = f->difference.value;
	}
	if (c->direction == KPI_AT_LEAST)
		return change;
	if (c->direction == KPI_AT_MOST)
		return -change;
	target.lower = c->lower;
	target.upper = c->upper;
	return kpi_distance(&target, expected + change) - kpi_distance(&target, expected);
}

static void
judge(const KpiChange *c, double mean_before, ChangeFinding *f)
{
	f->level = f->slope = false;
	f->verdict = CHANGE_TRIAL;
	if (c->before.count < CHANGE_MIN_POINTS || c->after.count < CHANGE_MIN_POINTS)
		return;
	find_changes(f);
	f->verdict = CHANGE_NONE;
	if (!f->level && !f->slope)
		return;
	if (c->direction != 0)
	{
		double		gain = target_gain(c, f, mean_before);

		if (gain != 0.0)
			f->verdict = gain > 0.0 ? CHANGE_IMPROVED : CHANGE_WORSENED;
	}
	else if (f->level && (!f->slope || f->fit.level.p <= f->fit.slope.p))
		f->verdict = (f->has_segmented ? f->fit.level.value : f->difference.value) > 0.0 ?
			CHANGE_LEVEL_UP : CHANGE_LEVEL_DOWN;
	else
		f->verdict = f->fit.slope.value > 0.0 ? CHANGE_SLOPE_UP : CHANGE_SLOPE_DOWN;
}

static const char *
p_text(double p)
{
	return p < 0.001 ? "p < 0.001" : psprintf("p = %s", kra_number_text(p, NULL, NULL));
}

/* "the level rose by 4 (95% interval 2 to 6, p = 0.01)". */
static void
append_change(StringInfo buf, const char *what, const Estimate *e, double unit, const char *per)
{
	appendStringInfo(buf, "%sthe %s %s by %s%s (95%% interval %s to %s, %s)",
					 buf->len > 0 ? ", and " : "", what, e->value > 0.0 ? "rose" : "fell",
					 kra_number_text(fabs(e->value) * unit, NULL, NULL), per,
					 kra_number_text(e->lower * unit, NULL, NULL),
					 kra_number_text(e->upper * unit, NULL, NULL), p_text(e->p));
}

/* The verdict as a sentence for people, with its evidence. */
static char *
change_reason(const KpiChange *c, const ChangeFinding *f, double unit)
{
	StringInfoData buf;

	initStringInfo(&buf);
	if (f->verdict == CHANGE_TRIAL)
	{
		appendStringInfo(&buf, "too few points for a verdict: " INT64_FORMAT " before and "
						 INT64_FORMAT " from the change on, of %d each",
						 c->before.count, c->after.count, CHANGE_MIN_POINTS);
		return buf.data;
	}
	if (!f->level && !f->slope)
	{
		if (!f->has_segmented)
			appendStringInfo(&buf, "no change shown: difference of the means %s",
							 p_text(f->difference.p));
		else
		{
			appendStringInfo(&buf, "no change shown: level %s, slope %s",
							 p_text(f->fit.level.p), p_text(f->fit.slope.p));
			if (Min(f->fit.level.p, f->fit.slope.p) <= CHANGE_ALPHA)
				appendStringInfoString(&buf, ", too weak with both tried");
			if (f->has_welch && f->difference.p <= CHANGE_ALPHA)
				appendStringInfo(&buf,
								 "; the means differ (%s), but a trend across the change would explain that as well",
								 p_text(f->difference.p));
		}
		return buf.data;
	}
	if (f->level)
		append_change(&buf, f->has_segmented ? "level" : "mean",
					  f->has_segmented ? &f->fit.level : &f->difference, 1.0, "");
	if (f->slope)
		append_change(&buf, "slope", &f->fit.slope, unit,
					  c->domain == TREND_TIME ? " a day" : " a unit");
	if (c->direction != 0)
		appendStringInfoString(&buf, f->verdict == CHANGE_IMPROVED ? ": better by the target" :
							   (f->verdict == CHANGE_WORSENED ? ": worse by the target" :
								": neither better nor worse by the target"));
	appendStringInfoString(&buf, "; without a control group this shows when, not why");
	return buf.data;
}

/* Columns of the row, in the order of the SQL type kra.change_effect_result. */
enum
{
	COL_N_BEFORE, COL_N_AFTER, COL_MEAN_BEFORE, COL_MEAN_AFTER,
	COL_DIFFERENCE, COL_DIFFERENCE_LOWER, COL_DIFFERENCE_UPPER,
	COL_WELCH_T, COL_WELCH_DF, COL_WELCH_P,
	COL_SLOPE_BEFORE, COL_SLOPE_AFTER,
	COL_LEVEL_CHANGE, COL_LEVEL_LOWER, COL_LEVEL_UPPER, COL_LEVEL_P,
	COL_SLOPE_CHANGE, COL_SLOPE_LOWER, COL_SLOPE_UPPER, COL_SLOPE_P,
	COL_VERDICT, COL_REASON, COL_COUNT
};

typedef struct ChangeRow
{
	Datum		values[COL_COUNT];
	bool		nulls[COL_COUNT];
} ChangeRow;

static void
put_number(ChangeRow *row, int column, double value)
{
	if (!isfinite(value))
		kra_overflow("effect of the change");
	row->values[column] = Float8GetDatum(value + 0.0);
	row->nulls[column] = false;
}

/* value, lower, upper: three columns, in a unit. */
static void
put_estimate(ChangeRow *row, int column, const Estimate *e, double unit)
{
	put_number(row, column, e->value * unit);
	put_number(row, column + 1, e->lower * unit);
	put_number(row, column + 2, e->upper * unit);
}

/*
 * change_effect(kpi_change), and the final function of the aggregate of that
 * name. What cannot be computed is NULL; the row is NULL without a row.
 */
PG_FUNCTION_INFO_V1(kra_change_effect);
Datum
kra_change_effect(PG_FUNCTION_ARGS)
{
	const KpiChange *c;
	ChangeFinding f;
	SideLevel	level;
	ChangeRow	row;
	TupleDesc	desc;
	double		mean_before = 0.0;
	double		unit;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (PG_ARGISNULL(0) || PG_GETARG_KPI_CHANGE_P(0)->domain == TREND_EMPTY)
		PG_RETURN_NULL();
	c = PG_GETARG_KPI_CHANGE_P(0);
	unit = c->domain == TREND_TIME ? (double) USECS_PER_DAY : 1.0;
	memset(row.nulls, true, sizeof(row.nulls));

	row.values[COL_N_BEFORE] = Int64GetDatum(c->before.count);
	row.values[COL_N_AFTER] = Int64GetDatum(c->after.count);
	row.nulls[COL_N_BEFORE] = row.nulls[COL_N_AFTER] = false;
	if (level_of(&c->before, &level))
	{
		mean_before = level_mean(&c->before, &level);
		put_number(&row, COL_MEAN_BEFORE, mean_before);
	}
	if (level_of(&c->after, &level))
		put_number(&row, COL_MEAN_AFTER, level_mean(&c->after, &level));

	f.has_welch = welch_test(&c->before, &c->after, &f.difference);
	if (f.has_welch)
	{
		put_estimate(&row, COL_DIFFERENCE, &f.difference, 1.0);
		if (isfinite(f.difference.t))
			put_number(&row, COL_WELCH_T, f.difference.t);
		put_number(&row, COL_WELCH_DF, f.difference.df);
		put_number(&row, COL_WELCH_P, f.difference.p);
	}
	kpi_trend_require_squares(&c->before);
	kpi_trend_require_squares(&c->after);
	f.has_segmented = segmented_fit(&c->before, &c->after, c->change_at, &f.fit);
	if (f.has_segmented)
	{
		put_number(&row, COL_SLOPE_BEFORE, f.fit.slope_before * unit);
		put_number(&row, COL_SLOPE_AFTER, f.fit.slope_after * unit);
		put_estimate(&row, COL_LEVEL_CHANGE, &f.fit.level, 1.0);
		put_number(&row, COL_LEVEL_P, f.fit.level.p);
		put_estimate(&row, COL_SLOPE_CHANGE, &f.fit.slope, unit);
		put_number(&row, COL_SLOPE_P, f.fit.slope.p);
	}

	judge(c, mean_before, &f);
	row.values[COL_VERDICT] = CStringGetTextDatum(verdict_names[f.verdict]);
	row.values[COL_REASON] = CStringGetTextDatum(change_reason(c, &f, unit));
	row.nulls[COL_VERDICT] = row.nulls[COL_REASON] = false;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), row.values, row.nulls));
}
