/*
 * imbalance.c: is the effort in step with the result? Flags, and the reason as a
 * sentence for people.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "imbalance.h"

static const char *const flag_names[] = {
	"insufficient_data", "no_outcome", "busy_not_moving", "both_behind", "activity_heavy",
	"no_leading", "result_without_effort", "outcome_behind", "balanced"
};

/* Is somebody busy while the outcome does not move: by a pair, else the rest in total? */
static bool
is_busy_not_moving(const KpiBalance *b, const Scorecard *card, const ImbalanceLimits *limits,
				   Imbalance *out)
{
	if (card == NULL)
		out->likes = b->kind[KPI_ACTIVITY];
	else if ((out->has_pair = imbalance_widest_pair(card, limits, &out->pair, &out->likes)))
		return true;
	return kpi_attainment_score(&out->likes, 0.0, &out->likes_score) &&
		imbalance_is_busy(out->likes_score, out->score[KPI_OUTCOME], limits);
}

static ImbalanceFlag
choose_flag(const KpiBalance *b, const Scorecard *card, const ImbalanceLimits *limits,
			Imbalance *out)
{
	double		o = out->score[KPI_OUTCOME];
	double		a = out->score[KPI_ACTIVITY];
	bool		has_activity = out->entries[KPI_ACTIVITY] > 0;

	for (int i = 0; i < KPI_KIND_COUNT; i++)
		if (out->entries[i] > 0 && !out->has_score[i])
			return IMBALANCE_INSUFFICIENT_DATA;
	if (out->entries[KPI_OUTCOME] == 0)
		return IMBALANCE_NO_OUTCOME;
	if (has_activity && is_busy_not_moving(b, card, limits, out))
		return IMBALANCE_BUSY_NOT_MOVING;
	if (has_activity && !kpi_ge(o, limits->moving_min) && !kpi_ge(a, limits->busy_min))
		return IMBALANCE_BOTH_BEHIND;
	if (out->has_share && !kpi_ge(limits->activity_share_max, out->activity_share))
		return IMBALANCE_ACTIVITY_HEAVY;
	if (!has_activity && !b->kind[KPI_OUTCOME].leading)
		return IMBALANCE_NO_LEADING;
	if (has_activity && kpi_ge(o, limits->result_min) && !kpi_ge(a, limits->busy_min) &&
		o - a >= limits->gap_min - KPI_EPSILON)
		return IMBALANCE_RESULT_WITHOUT_EFFORT;
	if (!kpi_ge(o, limits->moving_min))
		return IMBALANCE_OUTCOME_BEHIND;
	return IMBALANCE_BALANCED;
}

/*
 * Judges a balance, and the card that it is of (NULL: it is not known, and neither
 * are its links); false when it has no entry. Scores are the capped ones, and the
 * flags are tried in their order: the first that holds wins.
 */
bool
kpi_imbalance(const KpiBalance *b, const Scorecard *card, const ImbalanceLimits *limits,
			  Imbalance *out)
{
	const KpiAttainment *activity = &b->kind[KPI_ACTIVITY];
	KpiAttainment total = b->kind[KPI_OUTCOME];
	double		weight;

	memset(out, 0, sizeof(*out));
	kpi_attainment_merge(&total, activity);
	if (kpi_attainment_entries(&total) == 0)
		return false;
	for (int i = 0; i < KPI_KIND_COUNT; i++)
	{
		out->entries[i] = kpi_attainment_entries(&b->kind[i]);
		out->has_score[i] = kpi_attainment_score(&b->kind[i], 0.0, &out->score[i]);
	}
	weight = dd_value(total.weight);
	out->has_share = weight > 0.0;
	if (out->has_share)
		out->activity_share = dd_value(activity->weight) / weight;
	out->has_coverage = kpi_attainment_coverage(&total, &out->coverage);
	out->flag = choose_flag(b, card, limits, out);
	return true;
}

static const char *
count_text(int64 n, const char *what)
{
	return psprintf(INT64_FORMAT " %s KPI%s", n, what, n == 1 ? "" : "s");
}

/* "at 95%"; says so where the floor of 0 hides how far the score has fallen. */
static char *
at_score(double score, bool is_below_0)
{
	if (score == 0.0 && is_below_0)
		return pstrdup("below 0%");
	return psprintf("at %s", kra_share_text(score, NULL, 1));
}

static char *
score_text(const KpiAttainment *side, double score)
{
	return at_score(score, dd_value(side->raw) < 0.0);
}

/* What busy_not_moving rests on. */
char *
kpi_imbalance_busy(const KpiBalance *b, const Imbalance *im)
{
	const ImbalancePair *pair = &im->pair;

	if (im->has_pair)
		return psprintf("\"%s\" is %s of target while \"%s\", which it drives, is %s",
						kra_echo(pair->activity.name, pair->activity.len),
						at_score(pair->activity_score, false),
						kra_echo(pair->outcome.name, pair->outcome.len),
						at_score(pair->outcome_score, pair->outcome_is_below_0));
	return psprintf("%s is %s of target while the outcome is %s",
					kpi_attainment_entries(&im->likes) <
					kpi_attainment_observed_entries(&b->kind[KPI_ACTIVITY]) ?
					"activity that drives no outcome on the card" : "activity",
					at_score(im->likes_score, false),
					score_text(&b->kind[KPI_OUTCOME], im->score[KPI_OUTCOME]));
}

/* Why a side has no score although it has KPIs. */
static void
append_insufficient(StringInfo buf, const KpiAttainment *side, const char *kind)
{
	int64		n = kpi_attainment_entries(side);

	if (dd_value(side->weight) <= 0.0)
		appendStringInfo(buf, "the %s side carries no weight (%s)", kind, count_text(n, kind));
	else if (kpi_attainment_observed_entries(side) > 0)
		appendStringInfo(buf, "no %s KPI with data carries weight (%s)", kind, count_text(n, kind));
	else
		appendStringInfo(buf, "no %s KPI has both target and data (" INT64_FORMAT " of them)", kind, n);
}

/* The reason for the flag, with its evidence. */
static char *
imbalance_reason(const KpiBalance *b, const Imbalance *im, const ImbalanceLimits *limits)
{
	char	   *o = score_text(&b->kind[KPI_OUTCOME], im->score[KPI_OUTCOME]);
	char	   *a = score_text(&b->kind[KPI_ACTIVITY], im->score[KPI_ACTIVITY]);

	switch (im->flag)
	{
		case IMBALANCE_INSUFFICIENT_DATA:
			{
				StringInfoData buf;

				initStringInfo(&buf);
				for (int i = 0; i < KPI_KIND_COUNT; i++)
				{
					if (im->entries[i] == 0 || im->has_score[i])
						continue;
					if (buf.len > 0)
						appendStringInfoString(&buf, "; ");
					append_insufficient(&buf, &b->kind[i], kpi_kind_name(i));
				}
				return buf.data;
			}
		case IMBALANCE_NO_OUTCOME:
			return psprintf("no outcome KPI: effort is all that is measured (%s)",
							count_text(im->entries[KPI_ACTIVITY], "activity"));
		case IMBALANCE_BUSY_NOT_MOVING:
			return psprintf("busy, but not moving: %s", kpi_imbalance_busy(b, im));
		case IMBALANCE_BOTH_BEHIND:
			return psprintf("both behind: the outcome is %s of target, activity %s", o, a);
		case IMBALANCE_ACTIVITY_HEAVY:
			return psprintf("activity carries %s of the weight: effort counts for more than results",
							kra_share_text(im->activity_share, &limits->activity_share_max, 1));
		case IMBALANCE_NO_LEADING:
			return psprintf("outcomes only: neither an activity nor a leading outcome to steer by (%s)",
							count_text(im->entries[KPI_OUTCOME], "outcome"));
		case IMBALANCE_RESULT_WITHOUT_EFFORT:
			return psprintf("result without effort: the outcome is %s of target while activity is %s; the activity measure may not drive the result",
							o, a);
		case IMBALANCE_OUTCOME_BEHIND:
			if (im->entries[KPI_ACTIVITY] == 0)
				return psprintf("outcome behind: it is %s of target", o);
			return psprintf("outcome behind: it is %s of target, activity %s", o, a);
		default:
			if (im->entries[KPI_ACTIVITY] == 0)
				return psprintf("no imbalance: outcome %s of target, with a leading one to steer by", o);
			return psprintf("no imbalance: outcome %s of target, activity %s", o, a);
	}
}

static Datum
name_datum(const ScorecardName *name)
{
	return PointerGetDatum(cstring_to_text_with_len(name->name, name->len));
}

/*
 * The row of imbalance(): arguments 1 to 5 are the thresholds. NULL (a row of
 * NULLs) when there is no entry.
 */
Datum
kra_imbalance_row(FunctionCallInfo fcinfo, const KpiBalance *b, const Scorecard *card)
{
	static const char *const names[] = {
		"busy_min", "moving_min", "gap_min", "activity_share_max", "result_min"
	};
	ImbalanceLimits limits;
	double	   *fields[] = {
		&limits.busy_min, &limits.moving_min, &limits.gap_min,
		&limits.activity_share_max, &limits.result_min
	};
	Imbalance	im;
	TupleDesc	desc;
	Datum		values[11] = {0};
	bool		nulls[11] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	for (int i = 0; i < countof(names); i++)
	{
		if (PG_ARGISNULL(1 + i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not be null", names[i])));
		*fields[i] = kra_finite_arg(fcinfo, 1 + i, names[i]);
		if (*fields[i] < 0.0)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s must not be negative", names[i])));
	}
	if (!kpi_imbalance(b, card, &limits, &im))
	{
		fcinfo->isnull = true;
		return (Datum) 0;
	}

	values[0] = CStringGetTextDatum(flag_names[im.flag]);
	nulls[1] = !im.has_share;
	values[1] = Float8GetDatum(im.activity_share);
	nulls[2] = !im.has_score[KPI_OUTCOME];
	values[2] = Float8GetDatum(im.score[KPI_OUTCOME]);
	nulls[3] = !im.has_score[KPI_ACTIVITY];
	values[3] = Float8GetDatum(im.score[KPI_ACTIVITY]);
	nulls[4] = nulls[2] || nulls[3];
	values[4] = Float8GetDatum(im.score[KPI_ACTIVITY] - im.score[KPI_OUTCOME]);
	values[5] = Int64GetDatum(im.entries[KPI_OUTCOME]);
	values[6] = Int64GetDatum(im.entries[KPI_ACTIVITY]);
	nulls[7] = !im.has_coverage;
	values[7] = Float8GetDatum(im.coverage);
	values[8] = CStringGetTextDatum(imbalance_reason(b, &im, &limits));
	nulls[9] = nulls[10] = !im.has_pair;
	if (im.has_pair)
	{
		values[9] = name_datum(&im.pair.activity);
		values[10] = name_datum(&im.pair.outcome);
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
