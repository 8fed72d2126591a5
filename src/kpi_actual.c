/*
 * kpi_actual.c: the type kpi_actual and the aggregate actual_agg().
 *
 * Stored format: struct KpiActual, fixed length. Text form: a JSON object; times
 * are UTC, a sum that one float8 cannot hold is printed as [hi, lo]. Binary
 * form: version byte, has_times byte, count, sum, weight, min, max, then the
 * first and last times and values.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "fields.h"
#include "kpi_actual.h"

#define TYPE_NAME "kpi_actual"

enum
{
	KEY_COUNT, KEY_SUM, KEY_WEIGHT, KEY_MIN, KEY_MAX,
	KEY_FIRST, KEY_FIRST_AT, KEY_LAST, KEY_LAST_AT
};

static const char *const keys[] = {
	"count", "sum", "weight", "min", "max", "first", "first_at", "last", "last_at"
};

/* A date as the time of its midnight in UTC, whatever the settings are. */
int64
kra_date_to_time(int32 date)
{
	int			overflow;
	int64		at;

	if (DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"at\" must be a finite date, not %s",
						DATE_IS_NOBEGIN(date) ? "-infinity" : "infinity")));
	at = date2timestamp_opt_overflow(date, &overflow);
	if (overflow != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range for timestamp")));
	return at;
}

void
kra_check_time(int64 at)
{
	if (unlikely(TIMESTAMP_NOT_FINITE(at)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("\"at\" must be a finite time, not %s",
						TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity")));
}

/* Keeps the earliest and the latest; ties go to the smaller and the larger value. */
static inline void
keep_times(KpiActual *a, int64 first_at, double first, int64 last_at, double last)
{
	if (!a->has_times)
	{
		a->has_times = 1;
		a->first_at = first_at;
		a->first = first;
		a->last_at = last_at;
		a->last = last;
		return;
	}
	if (first_at < a->first_at || (first_at == a->first_at && first < a->first))
	{
		a->first_at = first_at;
		a->first = first;
	}
	if (last_at > a->last_at || (last_at == a->last_at && last > a->last))
	{
		a->last_at = last_at;
		a->last = last;
	}
}

static void
check_overflow(const KpiActual *a)
{
	if (unlikely(!isfinite(a->sum.hi + a->sum.lo)))
		kra_overflow("sum of actuals");
	if (unlikely(!isfinite(a->weight.hi + a->weight.lo)))
		kra_overflow("sum of weights");
}

/* The one validator: text, binary and JSON input. */
static bool
actual_check(KpiActual *a, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), \
			 errmsg("invalid value of type %s", TYPE_NAME), __VA_ARGS__))
	double		noise;

	if (a->count < 0 || a->count > KRA_MAX_COUNT || a->has_times > 1 || (a->has_times && a->count == 0))
		REFUSE(errdetail("The count is negative or too large, or 0 beside observations."));
	if (!kra_settle_sum(&a->sum) || !kra_settle_sum(&a->weight) ||
		!isfinite(a->min) || !isfinite(a->max) || !isfinite(a->first) || !isfinite(a->last))
		REFUSE(errdetail("A number is not finite."));
	a->min += 0.0;
	a->max += 0.0;
	a->first += 0.0;
	a->last += 0.0;
	if (dd_value(a->weight) < 0.0)
		REFUSE(errdetail("The weight is negative."));
	if (a->count == 0 && (dd_value(a->sum) != 0.0 || dd_value(a->weight) != 0.0 ||
						  a->min != 0.0 || a->max != 0.0))
		REFUSE(errdetail("There are sums without an observation."));
	if (a->min > a->max || (a->count == 1 && a->min != a->max))
		REFUSE(errdetail("The smallest value is above the largest, or one value is two."));
	noise = 1e-9 * a->count * Max(fabs(a->min), fabs(a->max));
	if (dd_value(a->sum) < a->min * a->count - noise || dd_value(a->sum) > a->max * a->count + noise)
		REFUSE(errdetail("The mean does not lie between the smallest and the largest value."));
	if (a->has_times)
	{
		if (TIMESTAMP_NOT_FINITE(a->first_at) || !IS_VALID_TIMESTAMP(a->first_at) ||
			TIMESTAMP_NOT_FINITE(a->last_at) || !IS_VALID_TIMESTAMP(a->last_at))
			REFUSE(errdetail("A time is out of range."));
		if (a->first_at > a->last_at)
			REFUSE(errdetail("The first time is after the last."));
		if (a->first < a->min || a->first > a->max || a->last < a->min || a->last > a->max)
			REFUSE(errdetail("The first or last value lies outside the smallest and largest."));
	}
	else if (a->first_at != 0 || a->last_at != 0 || a->first != 0.0 || a->last != 0.0)
		REFUSE(errdetail("There is a first or last value without its time."));
	a->version = KPI_ACTUAL_VERSION;
	memset(a->unused, 0, sizeof(a->unused));
	return true;
#undef REFUSE
}

static bool
actual_from_json(KpiActual *a, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};
	bool		absent[6];

	memset(a, 0, sizeof(*a));
	if (!kra_json_open(&json, object) ||
		!kra_json_int64(&json, KEY_COUNT, &a->count) ||
		!kra_json_sum(&json, KEY_SUM, &a->sum) ||
		!kra_json_sum(&json, KEY_WEIGHT, &a->weight) ||
		!kra_json_float8(&json, KEY_MIN, &a->min, &absent[0]) ||
		!kra_json_float8(&json, KEY_MAX, &a->max, &absent[1]) ||
		!kra_json_float8(&json, KEY_FIRST, &a->first, &absent[2]) ||
		!kra_json_time(&json, KEY_FIRST_AT, &a->first_at, &absent[3]) ||
		!kra_json_float8(&json, KEY_LAST, &a->last, &absent[4]) ||
		!kra_json_time(&json, KEY_LAST_AT, &a->last_at, &absent[5]))
		return false;
	if (absent[0] != (a->count == 0) || absent[1] != (a->count == 0))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("\"min\" and \"max\" of %s must be null just when \"count\" is 0",
						TYPE_NAME)));
	if (absent[2] != absent[3] || absent[3] != absent[4] || absent[4] != absent[5])
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("first and last values of %s must be given with their times, or all be null",
						TYPE_NAME)));
	a->has_times = !absent[2];
	return actual_check(a, escontext);
}

static char *
actual_print(const KpiActual *a)
{
	StringInfoData buf;
	const double values[] = {a->first, a->last};
	const int64 times[] = {a->first_at, a->last_at};

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"count\": " INT64_FORMAT ", \"sum\": ", a->count);
	kra_append_sum(&buf, a->sum);
	appendStringInfoString(&buf, ", \"weight\": ");
	kra_append_sum(&buf, a->weight);
	if (a->count > 0)
	{
		appendStringInfoString(&buf, ", \"min\": ");
		kra_append_float8(&buf, a->min);
		appendStringInfoString(&buf, ", \"max\": ");
		kra_append_float8(&buf, a->max);
	}
	else
		appendStringInfoString(&buf, ", \"min\": null, \"max\": null");
	for (int i = 0; i < countof(values); i++)
	{
		int			key = i == 0 ? KEY_FIRST : KEY_LAST;

		appendStringInfo(&buf, ", \"%s\": ", keys[key]);
		if (a->has_times)
		{
			kra_append_float8(&buf, values[i]);
			appendStringInfo(&buf, ", \"%s\": ", keys[key + 1]);
			kra_append_time(&buf, times[i]);
		}
		else
			appendStringInfo(&buf, "null, \"%s\": null", keys[key + 1]);
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

PG_FUNCTION_INFO_V1(kra_kpi_actual_in);
Datum
kra_kpi_actual_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiActual  *a = palloc(sizeof(KpiActual));

	if (jb == NULL || !actual_from_json(a, &jb->root, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(kra_kpi_actual_out);
Datum
kra_kpi_actual_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(actual_print(PG_GETARG_KPI_ACTUAL_P(0)));
}

PG_FUNCTION_INFO_V1(kra_kpi_actual_send);
Datum
kra_kpi_actual_send(PG_FUNCTION_ARGS)
{
	KpiActual  *a = PG_GETARG_KPI_ACTUAL_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, a->version);
	pq_sendbyte(&buf, a->has_times);
	pq_sendint64(&buf, a->count);
	kra_send_sum(&buf, a->sum);
	kra_send_sum(&buf, a->weight);
	pq_sendfloat8(&buf, a->min);
	pq_sendfloat8(&buf, a->max);
	pq_sendint64(&buf, a->first_at);
	pq_sendfloat8(&buf, a->first);
	pq_sendint64(&buf, a->last_at);
	pq_sendfloat8(&buf, a->last);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_actual_recv);
Datum
kra_kpi_actual_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiActual  *a = palloc0(sizeof(KpiActual));

	kra_check_version(pq_getmsgbyte(buf), KPI_ACTUAL_VERSION, TYPE_NAME);
	a->has_times = pq_getmsgbyte(buf);
	a->count = pq_getmsgint64(buf);
	a->sum = kra_recv_sum(buf);
	a->weight = kra_recv_sum(buf);
	a->min = pq_getmsgfloat8(buf);
	a->max = pq_getmsgfloat8(buf);
	a->first_at = pq_getmsgint64(buf);
	a->first = pq_getmsgfloat8(buf);
	a->last_at = pq_getmsgint64(buf);
	a->last = pq_getmsgfloat8(buf);
	actual_check(a, NULL);
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(kra_kpi_actual_to_jsonb);
Datum
kra_kpi_actual_to_jsonb(PG_FUNCTION_ARGS)
{
	return kra_jsonb_from_text(actual_print(PG_GETARG_KPI_ACTUAL_P(0)));
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_actual);
Datum
kra_jsonb_to_kpi_actual(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiActual  *a = palloc(sizeof(KpiActual));

	actual_from_json(a, &jb->root, NULL);
	PG_RETURN_POINTER(a);
}

static KpiActual *
state_arg(FunctionCallInfo fcinfo)
{
	if (likely(AggCheckCallContext(fcinfo, NULL)))
		return PG_GETARG_KPI_ACTUAL_P(0);
	return memcpy(palloc(sizeof(KpiActual)), PG_GETARG_POINTER(0), sizeof(KpiActual));
}

/*
 * Arguments: state, value, at, and for the weighted forms weight. A row whose
 * value is NULL is no observation, whatever its weight is; a value without a
 * time counts, but is neither first nor last.
 */
static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, bool is_date, bool weighted)
{
	KpiActual  *state;
	double		value;
	double		weight;

	if (unlikely(PG_ARGISNULL(0)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aggregate state must not be null")));
	state = state_arg(fcinfo);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	value = kra_finite_arg(fcinfo, 1, "actual");
	weight = weighted ? kra_weight_arg(fcinfo, 3) : 1.0;

	if (!PG_ARGISNULL(2))
	{
		int64		at = is_date ? kra_date_to_time(PG_GETARG_DATEADT(2)) :
			PG_GETARG_TIMESTAMPTZ(2);

		kra_check_time(at);
		keep_times(state, at, value, at, value);
	}
	state->count = kra_add_counts(state->count, 1);
	if (state->count == 1)
		state->min = state->max = value;
	else if (value < state->min)
		state->min = value;
	else if (value > state->max)
		state->max = value;
	dd_accumulate(&state->sum, value);
	dd_accumulate(&state->weight, weight);
	check_overflow(state);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kra_actual_accum);
Datum
kra_actual_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

PG_FUNCTION_INFO_V1(kra_actual_accum_weighted);
Datum
kra_actual_accum_weighted(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

PG_FUNCTION_INFO_V1(kra_actual_accum_date);
Datum
kra_actual_accum_date(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

PG_FUNCTION_INFO_V1(kra_actual_accum_date_weighted);
Datum
kra_actual_accum_date_weighted(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

/* Strict: merges two states; also the transition of rollup(). */
PG_FUNCTION_INFO_V1(kra_actual_combine);
Datum
kra_actual_combine(PG_FUNCTION_ARGS)
{
	KpiActual  *a = state_arg(fcinfo);
	KpiActual  *b = PG_GETARG_KPI_ACTUAL_P(1);

	if (b->count > 0)
	{
		if (a->count == 0 || b->min < a->min)
			a->min = b->min;
		if (a->count == 0 || b->max > a->max)
			a->max = b->max;
		if (b->has_times)
			keep_times(a, b->first_at, b->first, b->last_at, b->last);
		a->count = kra_add_counts(a->count, b->count);
		dd_accumulate_dd(&a->sum, b->sum);
		dd_accumulate_dd(&a->weight, b->weight);
		check_overflow(a);
	}
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(kra_actual_final);
Datum
kra_actual_final(PG_FUNCTION_ARGS)
{
	KpiActual  *state = PG_GETARG_KPI_ACTUAL_P(0);
	KpiActual  *result;

	if (state->count == 0)
		PG_RETURN_NULL();
	result = palloc(sizeof(KpiActual));
	*result = *state;
	result->sum = dd_normal(state->sum);
	result->weight = dd_normal(state->weight);
	PG_RETURN_POINTER(result);
}

/*
 * value(kpi_actual, what): NULL without observations (but count is 0), for a
 * ratio without weight, and for first and last without a time.
 */
PG_FUNCTION_INFO_V1(kra_actual_value);
Datum
kra_actual_value(PG_FUNCTION_ARGS)
{
	KpiActual  *a = PG_GETARG_KPI_ACTUAL_P(0);
	char	   *what = kra_text_arg(fcinfo, 1, KRA_MAX_WORD, "name of an aggregation");
	double		result;
	bool		present = a->count > 0;

	if (strcmp(what, "sum") == 0)
		result = dd_value(a->sum);
	else if (strcmp(what, "mean") == 0)
		result = present ? dd_ratio(a->sum, dd_from(a->count)) : 0.0;
	else if (strcmp(what, "ratio") == 0)
	{
		present = present && dd_value(a->weight) > 0.0;
		result = present ? dd_ratio(a->sum, a->weight) : 0.0;
		if (!isfinite(result))
			kra_overflow("ratio");
	}
	else if (strcmp(what, "min") == 0)
		result = a->min;
	else if (strcmp(what, "max") == 0)
		result = a->max;
	else if (strcmp(what, "first") == 0)
	{
		present = a->has_times;
		result = a->first;
	}
	else if (strcmp(what, "last") == 0)
	{
		present = a->has_times;
		result = a->last;
	}
	else if (strcmp(what, "count") == 0)
		PG_RETURN_FLOAT8((double) a->count);
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown aggregation \"%s\"", what),
				 errhint("It is one of sum, mean, ratio, min, max, first, last, count.")));
	if (!present)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(kra_actual_weight);
Datum
kra_actual_weight(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(dd_value(PG_GETARG_KPI_ACTUAL_P(0)->weight));
}

PG_FUNCTION_INFO_V1(kra_actual_first_at);
Datum
kra_actual_first_at(PG_FUNCTION_ARGS)
{
	KpiActual  *a = PG_GETARG_KPI_ACTUAL_P(0);

	if (!a->has_times)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(a->first_at);
}

PG_FUNCTION_INFO_V1(kra_actual_last_at);
Datum
kra_actual_last_at(PG_FUNCTION_ARGS)
{
	KpiActual  *a = PG_GETARG_KPI_ACTUAL_P(0);

	if (!a->has_times)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(a->last_at);
}

/* The order is that of the text form, but that observations without times come first. */
static const KraField fields[] = {
	{"count", FIELD_INT64, offsetof(KpiActual, count), 0, NULL},
	{"sum", FIELD_SUM, offsetof(KpiActual, sum), 0, NULL},
	{"weight", FIELD_SUM, offsetof(KpiActual, weight), 0, NULL},
	{"min", FIELD_FLOAT8, offsetof(KpiActual, min), 0, NULL},
	{"max", FIELD_FLOAT8, offsetof(KpiActual, max), 0, NULL},
	{"has_times", FIELD_UINT8, offsetof(KpiActual, has_times), 0, NULL},
	{"first", FIELD_FLOAT8, offsetof(KpiActual, first), 0, NULL},
	{"first_at", FIELD_INT64, offsetof(KpiActual, first_at), 0, NULL},
	{"last", FIELD_FLOAT8, offsetof(KpiActual, last), 0, NULL},
	{"last_at", FIELD_INT64, offsetof(KpiActual, last_at), 0, NULL},
};

static const KraType kpi_actual_type = {TYPE_NAME, countof(fields), fields};

KRA_EQUALITY(kpi_actual);
KRA_ORDER(kpi_actual);
