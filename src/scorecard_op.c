/*
 * scorecard_op.c: constructing, reading, combining and comparing scorecards.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "imbalance.h"
#include "scorecard.h"

#define ENTRY_COLUMNS 12

/* scorecard(kra, kpi, kind, actual, target, weight): a card of one entry. */
PG_FUNCTION_INFO_V1(kra_scorecard);
Datum
kra_scorecard(PG_FUNCTION_ARGS)
{
	ScorecardEntry e;

	scorecard_entry_args(fcinfo, 0, &e);
	PG_RETURN_POINTER(scorecard_build(&e, 1, NULL));
}

/* a || b: the entries of both; of a KPI on both, that of b. */
PG_FUNCTION_INFO_V1(kra_scorecard_concat);
Datum
kra_scorecard_concat(PG_FUNCTION_ARGS)
{
	Scorecard  *a = kra_scorecard_arg(fcinfo, 0);
	Scorecard  *b = kra_scorecard_arg(fcinfo, 1);
	ScorecardEntry *x = scorecard_entries(a);
	ScorecardEntry *y = scorecard_entries(b);
	ScorecardEntry *out = palloc(Max(a->count + b->count, 1) * sizeof(ScorecardEntry));
	int			n = 0;

	for (uint32 i = 0; i < a->count; i++)
	{
		bool		replaced = false;

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < b->count && !replaced; j++)
			replaced = scorecard_same_kpi(&x[i], &y[j]);
		if (!replaced)
			out[n++] = x[i];
	}
	memcpy(out + n, y, b->count * sizeof(ScorecardEntry));
	PG_RETURN_POINTER(scorecard_build(out, n + b->count, NULL));
}

/* card - kpi: without that entry; the card as it is when there is none. */
PG_FUNCTION_INFO_V1(kra_scorecard_remove);
Datum
kra_scorecard_remove(PG_FUNCTION_ARGS)
{
	Scorecard  *card = kra_scorecard_arg(fcinfo, 0);
	text	   *kpi = PG_GETARG_TEXT_PP(1);
	ScorecardEntry *entries = scorecard_entries(card);
	int			n = 0;

	for (uint32 i = 0; i < card->count; i++)
		if (scorecard_compare_names(entries[i].kpi, entries[i].kpi_len,
									VARDATA_ANY(kpi), VARSIZE_ANY_EXHDR(kpi)) != 0)
			entries[n++] = entries[i];
	PG_RETURN_POINTER(scorecard_build(entries, n, NULL));
}

/* The columns of kra.scorecard_entry. */
static void
entry_row(const ScorecardEntry *e, Datum *values, bool *nulls)
{
	KpiAssessment a;
	KpiTarget  *target;
	const char *reason;

	memset(nulls, 0, ENTRY_COLUMNS * sizeof(bool));
	scorecard_assess(e, &a);
	values[0] = PointerGetDatum(cstring_to_text_with_len(e->kra, e->kra_len));
	values[1] = PointerGetDatum(cstring_to_text_with_len(e->kpi, e->kpi_len));
	values[2] = kra_kind_datum(e->kind);
	values[3] = Float8GetDatum(e->weight);
	nulls[4] = !e->has_target;
	target = palloc(sizeof(KpiTarget));
	*target = e->target;
	values[4] = PointerGetDatum(target);
	nulls[5] = !e->has_actual;
	values[5] = Float8GetDatum(e->actual);
	nulls[6] = !a.has_attainment;
	values[6] = Float8GetDatum(a.attainment);
	nulls[7] = !scorecard_is_assessed(e);
	values[7] = BoolGetDatum(a.met);
	values[8] = kra_status_datum(a.status);
	reason = kpi_reason_name(a.reason);
	nulls[9] = reason == NULL;
	values[9] = reason ? CStringGetTextDatum(reason) : (Datum) 0;
	values[10] = Float8GetDatum(e->weight > 0.0 ? scorecard_observed_weight(e) / e->weight :
								(scorecard_is_assessed(e) ? (double) e->basis_members / e->members : 0.0));
	values[11] = Int32GetDatum(e->members);
}

/* entries(card): a row an entry, by KRA and KPI. */
PG_FUNCTION_INFO_V1(kra_scorecard_entries);
Datum
kra_scorecard_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ScorecardReader r;
	ScorecardEntry e;
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	InitMaterializedSRF(fcinfo, 0);
	scorecard_read(&r, kra_scorecard_arg(fcinfo, 0));
	while (scorecard_next(&r, &e))
	{
		entry_row(&e, values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* card -> kpi: that entry as a row; NULL if the card has none such. */
PG_FUNCTION_INFO_V1(kra_scorecard_get);
Datum
kra_scorecard_get(PG_FUNCTION_ARGS)
{
	text	   *kpi = PG_GETARG_TEXT_PP(1);
	TupleDesc	desc;
	ScorecardReader r;
	ScorecardEntry e;
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	scorecard_read(&r, kra_scorecard_arg(fcinfo, 0));
	while (scorecard_next(&r, &e))
	{
		if (scorecard_compare_names(e.kpi, e.kpi_len,
									VARDATA_ANY(kpi), VARSIZE_ANY_EXHDR(kpi)) != 0)
			continue;
		entry_row(&e, values, nulls);
		return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
	}
	PG_RETURN_NULL();
}

/* Sums the card up, of one kind or (kind < 0) of both. */
static void
summarize(const Scorecard *card, int kind, double cap, KpiAttainment *out)
{
	ScorecardReader r;
	ScorecardEntry e;

	kpi_attainment_init(out);
	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
		if (kind < 0 || (int) e.kind == kind)
			scorecard_add_to(&e, out, cap);
}

/*
 * score(card [, kind] [, cap] [, min_coverage]): the weighted mean of attainments
 * capped to [0, cap]; NULL without data, or when less than min_coverage of the
 * weight has data. kind NULL: both kinds.
 */
PG_FUNCTION_INFO_V1(kra_scorecard_score);
Datum
kra_scorecard_score(PG_FUNCTION_ARGS)
{
	KpiAttainment sum;
	double		score;
	double		min_coverage;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	min_coverage = kra_share_arg(fcinfo, 3, "min_coverage");
	summarize(kra_scorecard_arg(fcinfo, 0),
			  PG_ARGISNULL(1) ? -1 : (int) kra_kind_arg(fcinfo, 1),
			  kra_cap_arg(fcinfo, 2), &sum);
	if (!kpi_attainment_score(&sum, min_coverage, &score))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score);
}

/* coverage(card [, kind]): the share of the weight with data; NULL without weight. */
PG_FUNCTION_INFO_V1(kra_scorecard_coverage);
Datum
kra_scorecard_coverage(PG_FUNCTION_ARGS)
{
	KpiAttainment sum;
	double		coverage;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summarize(kra_scorecard_arg(fcinfo, 0),
			  PG_ARGISNULL(1) ? -1 : (int) kra_kind_arg(fcinfo, 1), KPI_CAP, &sum);
	if (!kpi_attainment_coverage(&sum, &coverage))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coverage);
}

/* The status of what is summed up: that of its score. */
static KpiStatus
summary_status(const KpiAttainment *sum)
{
	double		score;

	if (kpi_attainment_score(sum, 0.0, &score))
		return kpi_score_status(score);
	if (sum->count[KPI_NO_DATA] > 0 || kpi_attainment_observed_entries(sum) > 0)
		return KPI_NO_DATA;
	return KPI_NO_TARGET;
}

PG_FUNCTION_INFO_V1(kra_scorecard_status);
Datum
kra_scorecard_status(PG_FUNCTION_ARGS)
{
	KpiAttainment sum;

	summarize(kra_scorecard_arg(fcinfo, 0), -1, KPI_CAP, &sum);
	return kra_status_datum(summary_status(&sum));
}

/* Number of KPIs on the card. */
PG_FUNCTION_INFO_V1(kra_scorecard_count);
Datum
kra_scorecard_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(kra_scorecard_arg(fcinfo, 0)->count);
}

static void
put_kra(ReturnSetInfo *rsinfo, const char *kra, int len, const KpiAttainment *sum)
{
	Datum		values[6];
	bool		nulls[6] = {false};
	double		score = 0.0;
	double		coverage = 0.0;

	values[0] = PointerGetDatum(cstring_to_text_with_len(kra, len));
	values[1] = Float8GetDatum(dd_value(sum->weight));
	nulls[2] = !kpi_attainment_score(sum, 0.0, &score);
	values[2] = Float8GetDatum(score);
	nulls[3] = !kpi_attainment_coverage(sum, &coverage);
	values[3] = Float8GetDatum(coverage);
	values[4] = kra_status_datum(summary_status(sum));
	values[5] = Int32GetDatum((int32) kpi_attainment_entries(sum));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* kra_scores(card [, cap]): a row a KRA. */
PG_FUNCTION_INFO_V1(kra_scorecard_kra_scores);
Datum
kra_scorecard_kra_scores(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		cap;
	ScorecardReader r;
	ScorecardEntry e;
	KpiAttainment sum;
	const char *kra = NULL;
	int			len = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	cap = kra_cap_arg(fcinfo, 1);
	scorecard_read(&r, kra_scorecard_arg(fcinfo, 0));
	while (scorecard_next(&r, &e))
	{
		if (kra == NULL || scorecard_compare_names(kra, len, e.kra, e.kra_len) != 0)
		{
			if (kra != NULL)
				put_kra(rsinfo, kra, len, &sum);
			kpi_attainment_init(&sum);
			kra = e.kra;
			len = e.kra_len;
		}
		scorecard_add_to(&e, &sum, cap);
	}
	if (kra != NULL)
		put_kra(rsinfo, kra, len, &sum);
	return (Datum) 0;
}

/* balance(card): one summary for each kind; NULL for an empty card. */
PG_FUNCTION_INFO_V1(kra_scorecard_balance);
Datum
kra_scorecard_balance(PG_FUNCTION_ARGS)
{
	Scorecard  *card = kra_scorecard_arg(fcinfo, 0);
	KpiBalance *b = palloc(sizeof(KpiBalance));

	if (card->count == 0)
		PG_RETURN_NULL();
	scorecard_balance(card, b);
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		b->kind[i] = *kpi_attainment_copy(&b->kind[i]);
	PG_RETURN_POINTER(b);
}

PG_FUNCTION_INFO_V1(kra_scorecard_imbalance);
Datum
kra_scorecard_imbalance(PG_FUNCTION_ARGS)
{
	KpiBalance	b;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scorecard_balance(kra_scorecard_arg(fcinfo, 0), &b);
	return kra_imbalance_row(fcinfo, &b);
}

static bool
entries_equal(const ScorecardEntry *a, const ScorecardEntry *b)
{
	return scorecard_compare_names(a->kra, a->kra_len, b->kra, b->kra_len) == 0 &&
		scorecard_same_kpi(a, b) && a->kind == b->kind && a->merged == b->merged &&
		a->has_actual == b->has_actual && a->has_target == b->has_target &&
		a->weight == b->weight && a->actual == b->actual && a->actual_lo == b->actual_lo &&
		a->basis_weight == b->basis_weight && a->members == b->members &&
		a->basis_members == b->basis_members && a->distance == b->distance &&
		(!a->has_target || kpi_target_compare(&a->target, &b->target) == 0);
}

static bool
cards_equal(FunctionCallInfo fcinfo)
{
	Scorecard  *a = kra_scorecard_arg(fcinfo, 0);
	Scorecard  *b = kra_scorecard_arg(fcinfo, 1);
	ScorecardReader ra,
				rb;
	ScorecardEntry ea,
				eb;

	if (a->count != b->count)
		return false;
	scorecard_read(&ra, a);
	scorecard_read(&rb, b);
	while (scorecard_next(&ra, &ea) && scorecard_next(&rb, &eb))
		if (!entries_equal(&ea, &eb))
			return false;
	return true;
}

PG_FUNCTION_INFO_V1(kra_scorecard_eq);
Datum
kra_scorecard_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(cards_equal(fcinfo));
}

PG_FUNCTION_INFO_V1(kra_scorecard_ne);
Datum
kra_scorecard_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!cards_equal(fcinfo));
}

static uint64
hash_text(const char *text, int len, uint64 seed)
{
	return hash_bytes_extended((const unsigned char *) text, len, seed);
}

/* Agrees with entries_equal(). */
static uint64
hash_card(Scorecard *card, uint64 seed)
{
	uint64		h = hash_bytes_uint32_extended(card->count, seed);
	ScorecardReader r;
	ScorecardEntry e;

	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
	{
		const double numbers[] = {e.weight + 0.0, e.actual + 0.0, e.basis_weight + 0.0, e.distance + 0.0};

		h = hash_combine64(h, hash_text(e.kra, e.kra_len, seed));
		h = hash_combine64(h, hash_text(e.kpi, e.kpi_len, seed));
		h = hash_combine64(h, hash_bytes_uint32_extended((e.kind << 2) | (e.has_actual << 1) |
														 e.has_target, seed));
		for (int i = 0; i < countof(numbers); i++)
			h = hash_combine64(h, hash_bytes_extended((const unsigned char *) &numbers[i],
													  sizeof(double), seed));
		if (e.has_target)
			h = hash_combine64(h, kpi_target_hash_value(&e.target, seed));
	}
	return h;
}

PG_FUNCTION_INFO_V1(kra_scorecard_hash);
Datum
kra_scorecard_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_card(kra_scorecard_arg(fcinfo, 0), 0));
}

PG_FUNCTION_INFO_V1(kra_scorecard_hash_extended);
Datum
kra_scorecard_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(hash_card(kra_scorecard_arg(fcinfo, 0), (uint64) PG_GETARG_INT64(1)));
}
