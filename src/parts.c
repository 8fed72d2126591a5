/*
 * parts.c: the SQL side of the law of parts: the type whole, what one part adds
 * to it, and the verdict over it.
 *
 * A whole is the state of an aggregate. Text form: a JSON object of its fields.
 * Binary form: version byte, the fields.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "fields.h"
#include "whole.h"

#define TYPE_NAME "whole"

#define TARGET_FIELDS(name, at) \
	{name "_count", FIELD_INT32, offsetof(Whole, at.parts_count), 0, NULL}, \
	{name "_direction", FIELD_UINT8, offsetof(Whole, at.direction), 0, NULL}, \
	{name "_parts", FIELD_UINT16, offsetof(Whole, at.parts), 0, NULL}, \
	{name "_since", FIELD_INT32, offsetof(Whole, at.since), 0, NULL}, \
	{name "_due", FIELD_INT32, offsetof(Whole, at.due), 0, NULL}, \
	{name "_weight", FIELD_FLOAT8, offsetof(Whole, at.weight), 0, NULL}, \
	{name "_lower", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_LOWER]), 0, NULL}, \
	{name "_upper", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_UPPER]), 0, NULL}, \
	{name "_baseline", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_BASELINE]), 0, NULL}, \
	{name "_threshold", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_THRESHOLD]), 0, NULL}, \
	{name "_stretch", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_STRETCH]), 0, NULL}, \
	{name "_scale", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_SCALE]), 0, NULL}, \
	{name "_expected_lower", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_EXPECTED_LOWER]), 0, NULL}, \
	{name "_expected_upper", FIELD_FLOAT8, offsetof(Whole, at.number[NUMBER_EXPECTED_UPPER]), 0, NULL}

static const KraField fields[] = {
	{"aggregation", FIELD_UINT8, offsetof(Whole, aggregation), 0, NULL},
	{"flags", FIELD_UINT8, offsetof(Whole, flags), 0, NULL},
	{"last_part", FIELD_INT64, offsetof(Whole, last_part), 0, NULL},
	{"last_judged", FIELD_INT64, offsetof(Whole, last_judged), 0, NULL},
	{"last_asked", FIELD_INT64, offsetof(Whole, last_asked), 0, NULL},
	{"last_place", FIELD_INT32, offsetof(Whole, last_place), 0, NULL},
	{"observations", FIELD_INT64, offsetof(Whole, observations), 0, NULL},
	{"actual_count", FIELD_INT64, offsetof(Whole, actual.parts_count), 0, NULL},
	{"actual_sum", FIELD_SUM, offsetof(Whole, actual.sum), 0, NULL},
	{"actual_weight", FIELD_SUM, offsetof(Whole, actual.weight), 0, NULL},
	{"judged_count", FIELD_INT64, offsetof(Whole, judged.parts_count), 0, NULL},
	{"judged_sum", FIELD_SUM, offsetof(Whole, judged.sum), 0, NULL},
	{"judged_weight", FIELD_SUM, offsetof(Whole, judged.weight), 0, NULL},
	TARGET_FIELDS("target", target),
	TARGET_FIELDS("full", full),
	TARGET_FIELDS("asked", asked),
	{"pairs", FIELD_FLOAT8, offsetof(Whole, pairs), 0, NULL},
	{"pairs_with_data", FIELD_FLOAT8, offsetof(Whole, pairs_with_data), 0, NULL},
	{"pairs_judged", FIELD_FLOAT8, offsetof(Whole, pairs_judged), 0, NULL},
	{"weight_with_data", FIELD_FLOAT8, offsetof(Whole, weight_with_data), 0, NULL},
	{"weight_judged", FIELD_FLOAT8, offsetof(Whole, weight_judged), 0, NULL},
};

static const KraType whole_type = {TYPE_NAME, countof(fields), fields};

/* Numbers of sane measurements and targets, and what they add up to, are far below this. */
#define MAX_NUMBER 1e250

/* Are all numbers of a size that can be computed with? No zero is negative after it. */
static bool
is_sane(Whole *w)
{
	const int64 counts[] = {w->observations, w->actual.parts_count, w->judged.parts_count,
	w->target.parts_count, w->full.parts_count, w->asked.parts_count};

	for (int i = 0; i < countof(counts); i++)
		if (counts[i] < 0 || counts[i] > KRA_MAX_COUNT)
			return false;
	for (int i = 0; i < countof(fields); i++)
	{
		char	   *at = (char *) w + fields[i].offset;

		if (fields[i].kind == FIELD_FLOAT8)
		{
			if (!(fabs(*(double *) at) <= MAX_NUMBER))
				return false;
			*(double *) at += 0.0;
		}
		else if (fields[i].kind == FIELD_SUM &&
				 (!kra_settle_sum((DDouble *) at) || !(fabs(dd_value(*(DDouble *) at)) <= MAX_NUMBER)))
			return false;
	}
	return true;
}

/* A whole that is handed out; error when it is out of range. */
static Whole *
checked(Whole *w)
{
	if (unlikely(!is_sane(w)))
		kra_overflow("sum of parts");
	return w;
}

/* A number of a verdict; error when it is out of range. */
static Datum
number_datum(double value)
{
	if (unlikely(!isfinite(value)))
		kra_overflow("result of parts");
	return Float8GetDatum(value);
}

/* The one validator: text and binary input. What does not fit is nobody's whole. */
static bool
whole_check(Whole *w, Node *escontext)
{
	const WholeTargets *targets[] = {&w->target, &w->full, &w->asked};
	bool		valid = w->aggregation <= OVER_MAX;

	for (int i = 0; i < countof(targets); i++)
		valid = valid && targets[i]->direction <= WHOLE_MIXED_DIRECTIONS &&
			(targets[i]->parts & ~KPI_ALL_PARTS) == 0 && targets[i]->parts_count >= 0 &&
			(targets[i]->direction == WHOLE_NO_DIRECTION) == (targets[i]->parts_count == 0);
	if (!valid || !is_sane(w))
		ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("invalid value of type %s", TYPE_NAME)));
	w->version = WHOLE_VERSION;
	return true;
}

PG_FUNCTION_INFO_V1(kra_whole_in);
Datum
kra_whole_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	Whole	   *w = palloc0(sizeof(Whole));

	if (jb == NULL || !kra_fields_from_json(&whole_type, w, &jb->root, escontext) ||
		!whole_check(w, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(w);
}

PG_FUNCTION_INFO_V1(kra_whole_out);
Datum
kra_whole_out(PG_FUNCTION_ARGS)
{
	kra_need_arg(fcinfo, 0);
	PG_RETURN_CSTRING(kra_fields_print(&whole_type, PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(kra_whole_send);
Datum
kra_whole_send(PG_FUNCTION_ARGS)
{
	kra_need_arg(fcinfo, 0);
	PG_RETURN_BYTEA_P(kra_fields_send(&whole_type, WHOLE_VERSION, PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(kra_whole_recv);
Datum
kra_whole_recv(PG_FUNCTION_ARGS)
{
	Whole	   *w = palloc0(sizeof(Whole));

	kra_fields_recv(&whole_type, WHOLE_VERSION, w, (StringInfo) PG_GETARG_POINTER(0));
	whole_check(w, NULL);
	PG_RETURN_POINTER(w);
}

/* How parts are put together, by its name. */
static Aggregation
aggregation_arg(FunctionCallInfo fcinfo, int argno)
{
	char	   *name;
	Aggregation aggregation;

	kra_need_arg(fcinfo, argno);
	name = kra_text_arg(fcinfo, argno, KRA_MAX_WORD, "name of an aggregation");
	aggregation = whole_aggregation(name, (int) strlen(name));
	if (aggregation == OVER_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown aggregation \"%s\"", name),
				 errhint("It is one of sum, count, mean, ratio, last, min, max.")));
	return aggregation;
}

static WholePeriod
period_args(FunctionCallInfo fcinfo, int argno)
{
	for (int i = argno; i < argno + 3; i++)
		kra_need_arg(fcinfo, i);
	return (WholePeriod) {PG_GETARG_DATEADT(argno), PG_GETARG_DATEADT(argno + 1),
		PG_GETARG_DATEADT(argno + 2)};
}

/*
 * part(over_time, actual, target, is_carried, period_start, period_end, as_of,
 * known_until): one period of a KPI's cadence of one subject, as a whole.
 *
 * actual: NULL without data; one of no observation is 0 where that is what absent
 * means (sum, count), and no data else. target: NULL where nothing is asked.
 * is_carried: is the KPI on the subject's card? A period that begins after as_of
 * is still to come: only its target counts. Observations at known_until or later
 * are not known yet. All but actual and target must not be NULL.
 */
PG_FUNCTION_INFO_V1(kra_part);
Datum
kra_part(PG_FUNCTION_ARGS)
{
	WholePeriod period = period_args(fcinfo, 4);
	Whole	   *w = palloc(sizeof(Whole));

	kra_need_arg(fcinfo, 3);
	kra_need_arg(fcinfo, 7);
	whole_part(w, aggregation_arg(fcinfo, 0),
			   PG_ARGISNULL(1) ? NULL : PG_GETARG_KPI_ACTUAL_P(1),
			   PG_ARGISNULL(2) ? NULL : PG_GETARG_KPI_TARGET_P(2),
			   PG_GETARG_BOOL(3), &period, PG_GETARG_TIMESTAMPTZ(7));
	PG_RETURN_POINTER(checked(w));
}

/* Transition and combination: adds a whole, in place within an aggregate. Strict. */
PG_FUNCTION_INFO_V1(kra_whole_merge);
Datum
kra_whole_merge(PG_FUNCTION_ARGS)
{
	Whole	   *w;

	kra_need_arg(fcinfo, 0);
	kra_need_arg(fcinfo, 1);
	w = PG_GETARG_WHOLE_P(0);
	if (!kra_in_aggregate(fcinfo))
		w = memcpy(palloc(sizeof(Whole)), w, sizeof(Whole));
	whole_merge(w, PG_GETARG_WHOLE_P(1));
	PG_RETURN_POINTER(checked(w));
}

/*
 * member(whole, over_subjects, place): a member's whole, on its way into that of
 * a group; place orders members whose last values are of the same day. Strict.
 */
PG_FUNCTION_INFO_V1(kra_whole_member);
Datum
kra_whole_member(PG_FUNCTION_ARGS)
{
	Aggregation over_subjects = aggregation_arg(fcinfo, 1);
	Whole	   *w = palloc(sizeof(Whole));

	kra_need_arg(fcinfo, 0);
	kra_need_arg(fcinfo, 2);
	memcpy(w, PG_GETARG_WHOLE_P(0), sizeof(Whole));
	whole_as_member(w, over_subjects, PG_GETARG_INT32(2));
	PG_RETURN_POINTER(checked(w));
}

/*
 * judge(whole, over_time, runs, share, at_risk_from): the verdict. A NULL whole:
 * no target. The rest must not be NULL.
 */
PG_FUNCTION_INFO_V1(kra_judge);
Datum
kra_judge(PG_FUNCTION_ARGS)
{
	Aggregation over_time = aggregation_arg(fcinfo, 1);
	static const Whole nothing;
	const Whole *w = PG_ARGISNULL(0) ? &nothing : PG_GETARG_WHOLE_P(0);
	WholeJudgement j;
	WholeVerdict v;
	TupleDesc	desc;
	Datum		values[13];
	bool		nulls[13];
	int			n = 0;

	for (int i = 2; i < 5; i++)
		kra_need_arg(fcinfo, i);
	j.runs = PG_GETARG_BOOL(2);
	j.share = PG_GETARG_FLOAT8(3);
	j.at_risk_from = PG_GETARG_FLOAT8(4);
	j.over_subjects = over_time;
	whole_judge(w, over_time, &j, &v);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

#define RETURN_COLUMN(present, datum) \
	(nulls[n] = !(present), values[n] = nulls[n] ? (Datum) 0 : (datum), n++)
	RETURN_COLUMN(v.has_actual, number_datum(v.actual));
	RETURN_COLUMN(v.has_judged, number_datum(v.judged));
	RETURN_COLUMN(v.has_target, PointerGetDatum(&v.target));
	RETURN_COLUMN(v.has_expected, number_datum(v.expected_lower));
	RETURN_COLUMN(v.has_expected, number_datum(v.expected_upper));
	RETURN_COLUMN(v.has_attainment, number_datum(v.attainment));
	RETURN_COLUMN(v.has_progress, number_datum(v.progress));
	RETURN_COLUMN(v.has_projected, number_datum(v.projected));
	RETURN_COLUMN(true, kra_status_datum(v.status));
	RETURN_COLUMN(v.has_met, BoolGetDatum(v.met));
	RETURN_COLUMN(v.has_coverage, number_datum(v.coverage));
	RETURN_COLUMN(v.reason != NULL, CStringGetTextDatum(v.reason));
	RETURN_COLUMN(true, Int64GetDatum(w->observations));
#undef RETURN_COLUMN
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* has_data(whole): has any part data, known or not known yet? Strict. */
PG_FUNCTION_INFO_V1(kra_whole_has_data);
Datum
kra_whole_has_data(PG_FUNCTION_ARGS)
{
	const Whole *w;

	kra_need_arg(fcinfo, 0);
	w = PG_GETARG_WHOLE_P(0);
	PG_RETURN_BOOL(w->actual.parts_count > 0 || (w->flags & WHOLE_NOT_KNOWN) != 0);
}
