/*
 * scorecard_op.c: constructing, reading, combining and comparing scorecards.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "fields.h"
#include "imbalance.h"
#include "scorecard.h"

#define ENTRY_COLUMNS 14

/* scorecard(kra, kpi, kind, actual, target, weight): a card of one entry. */
PG_FUNCTION_INFO_V1(kra_scorecard);
Datum
kra_scorecard(PG_FUNCTION_ARGS)
{
	ScorecardEntry e;

	scorecard_entry_args(fcinfo, 0, 6, &e);
	PG_RETURN_POINTER(scorecard_build(&e, 1, NULL));
}

/* scorecard(... , timing, drives, attainment, status, coverage): the same with all that an entry has. */
PG_FUNCTION_INFO_V1(kra_scorecard_more);
Datum
kra_scorecard_more(PG_FUNCTION_ARGS)
{
	ScorecardEntry e;

	scorecard_entry_args(fcinfo, 0, PG_NARGS(), &e);
	PG_RETURN_POINTER(scorecard_build(&e, 1, NULL));
}

/* The names of the KPIs that the entry drives, as text[]; one at least. */
static Datum
drives_datum(const ScorecardEntry *e)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	Datum		values[SCORECARD_MAX_DRIVES];
	int			n = scorecard_get_drives(e, names);

	for (int i = 0; i < n; i++)
		values[i] = PointerGetDatum(cstring_to_text_with_len(names[i].name, names[i].len));
	return PointerGetDatum(construct_array(values, n, TEXTOID, -1, false, TYPALIGN_INT));
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
	nulls[7] = !scorecard_is_observed(e);
	values[7] = BoolGetDatum(a.met);
	values[8] = kra_status_datum(a.status);
	reason = kpi_reason_name(a.reason);
	nulls[9] = reason == NULL;
	values[9] = reason ? CStringGetTextDatum(reason) : (Datum) 0;
	values[10] = Float8GetDatum(e->weight > 0.0 ? scorecard_observed_weight(e) / e->weight :
								(scorecard_is_observed(e) ? e->coverage * e->basis_members / e->members : 0.0));
	values[11] = Int32GetDatum(e->members);
	nulls[12] = e->timing == KPI_TIMING_UNKNOWN;
	values[12] = nulls[12] ? (Datum) 0 : CStringGetTextDatum(kpi_timing_name(e->timing));
	nulls[13] = e->drives_len == 0;
	values[13] = nulls[13] ? (Datum) 0 : drives_datum(e);
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
void
scorecard_summarize(const Scorecard *card, int kind, double cap, KpiAttainment *out)
{
	ScorecardReader r;
	ScorecardEntry e;
	ScorecardSum sum;

	scorecard_sum_init(&sum);
	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
		if (kind < 0 || (int) e.kind == kind)
			scorecard_add_to(&e, &sum, cap);
	*out = *scorecard_sum_settle(&sum);
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
	scorecard_summarize(kra_scorecard_arg(fcinfo, 0),
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
	scorecard_summarize(kra_scorecard_arg(fcinfo, 0),
			  PG_ARGISNULL(1) ? -1 : (int) kra_kind_arg(fcinfo, 1), KPI_CAP, &sum);
	if (!kpi_attainment_coverage(&sum, &coverage))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coverage);
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
	values[4] = kra_status_datum(scorecard_summary_status(sum, 0.0));
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
	ScorecardSum sum;
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
				put_kra(rsinfo, kra, len, scorecard_sum_settle(&sum));
			scorecard_sum_init(&sum);
			kra = e.kra;
			len = e.kra_len;
		}
		scorecard_add_to(&e, &sum, cap);
	}
	if (kra != NULL)
		put_kra(rsinfo, kra, len, scorecard_sum_settle(&sum));
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
	Scorecard  *card;
	KpiBalance	b;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	card = kra_scorecard_arg(fcinfo, 0);
	scorecard_balance(card, &b);
	return kra_imbalance_row(fcinfo, &b, card);
}

/* The fields of an entry, unpacked, in the order of the text form. */
static const KraField entry_fields[] = {
	{"kra", FIELD_NAME, offsetof(ScorecardEntry, kra), offsetof(ScorecardEntry, kra_len), NULL},
	{"kpi", FIELD_NAME, offsetof(ScorecardEntry, kpi), offsetof(ScorecardEntry, kpi_len), NULL},
	{"kind", FIELD_INT32, offsetof(ScorecardEntry, kind), 0, NULL},
	{"weight", FIELD_FLOAT8, offsetof(ScorecardEntry, weight), 0, NULL},
	{"has_target", FIELD_UINT8, offsetof(ScorecardEntry, has_target), 0, NULL},
	{"target", FIELD_VALUE, offsetof(ScorecardEntry, target), 0, &kpi_target_type},
	{"has_actual", FIELD_UINT8, offsetof(ScorecardEntry, has_actual), 0, NULL},
	{"actual", FIELD_FLOAT8, offsetof(ScorecardEntry, actual), 0, NULL},
	{"actual_lo", FIELD_FLOAT8, offsetof(ScorecardEntry, actual_lo), 0, NULL},
	{"merged", FIELD_UINT8, offsetof(ScorecardEntry, merged), 0, NULL},
	{"members", FIELD_INT32, offsetof(ScorecardEntry, members), 0, NULL},
	{"basis_members", FIELD_INT32, offsetof(ScorecardEntry, basis_members), 0, NULL},
	{"basis_weight", FIELD_FLOAT8, offsetof(ScorecardEntry, basis_weight), 0, NULL},
	{"has_distance", FIELD_UINT8, offsetof(ScorecardEntry, has_distance), 0, NULL},
	{"distance", FIELD_FLOAT8, offsetof(ScorecardEntry, distance), 0, NULL},
	{"timing", FIELD_UINT8, offsetof(ScorecardEntry, timing), 0, NULL},
	{"drives", FIELD_NAME, offsetof(ScorecardEntry, drives), offsetof(ScorecardEntry, drives_len), NULL},
	{"judged", FIELD_UINT8, offsetof(ScorecardEntry, judged), 0, NULL},
	{"has_attainment", FIELD_UINT8, offsetof(ScorecardEntry, has_attainment), 0, NULL},
	{"attainment", FIELD_FLOAT8, offsetof(ScorecardEntry, attainment), 0, NULL},
	{"status", FIELD_INT32, offsetof(ScorecardEntry, status), 0, NULL},
	{"coverage", FIELD_FLOAT8, offsetof(ScorecardEntry, coverage), 0, NULL},
};

static const KraType entry_type = {"scorecard", countof(entry_fields), entry_fields};

StaticAssertDecl(sizeof(KpiKind) == sizeof(int32) && sizeof(KpiStatus) == sizeof(int32),
				 "kind and status are read as int32");
StaticAssertDecl(sizeof(bool) == sizeof(uint8), "bools are read as uint8");

/*
 * A total order: by the entries one after the other, in the card's own order;
 * of two cards of which one begins with the other, the shorter comes first.
 */
static int
compare_cards(FunctionCallInfo fcinfo)
{
	Scorecard  *a = kra_scorecard_arg(fcinfo, 0);
	Scorecard  *b = kra_scorecard_arg(fcinfo, 1);
	ScorecardReader ra,
				rb;
	ScorecardEntry ea,
				eb;
	int			cmp = 0;

	scorecard_read(&ra, a);
	scorecard_read(&rb, b);
	while (cmp == 0 && scorecard_next(&ra, &ea) && scorecard_next(&rb, &eb))
		cmp = kra_compare(&entry_type, &ea, &eb);
	if (cmp == 0 && a->count != b->count)
		cmp = a->count < b->count ? -1 : 1;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return cmp;
}

#define COMPARISON(name, op) \
PG_FUNCTION_INFO_V1(kra_scorecard_##name); \
Datum \
kra_scorecard_##name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(compare_cards(fcinfo) op 0); \
} \
extern int	kra_no_such_symbol

COMPARISON(eq, ==);
COMPARISON(ne, !=);
COMPARISON(lt, <);
COMPARISON(le, <=);
COMPARISON(gt, >);
COMPARISON(ge, >=);

PG_FUNCTION_INFO_V1(kra_scorecard_cmp);
Datum
kra_scorecard_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_cards(fcinfo));
}

/* Agrees with compare_cards(). */
static uint64
hash_card(Scorecard *card, uint64 seed)
{
	uint64		h = hash_bytes_uint32_extended(card->count, seed);
	ScorecardReader r;
	ScorecardEntry e;

	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
		h = hash_combine64(h, kra_hash(&entry_type, &e, seed));
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
