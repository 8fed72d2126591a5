/*
 * kpi_attainment.c: the type kpi_attainment and the aggregate attainment_agg().
 *
 * Stored format: struct KpiAttainment, fixed length. Text form: a JSON object;
 * a sum that one float8 cannot hold is printed as [hi, lo]. Binary form: version
 * byte, the counts, measured, min, max, then the four sums as hi and lo.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "fields.h"
#include "kpi_attainment.h"

#define TYPE_NAME "kpi_attainment"

/* Weights whose products with attainments lose digits weigh nothing. */
#define TINY_WEIGHT 1e-305

enum
{
	KEY_FIRST_STATUS,
	KEY_MEASURED = KPI_STATUS_COUNT, KEY_MIN, KEY_MAX,
	KEY_WEIGHT, KEY_OBSERVED, KEY_CAPPED, KEY_RAW
};

static const char *const keys[] = {
	"no_target", "no_data", "off_track", "at_risk", "on_track", "exceeded",
	"measured", "min", "max", "weight", "observed", "capped", "raw"
};

/* The identity of merging: no entries. */
void
kpi_attainment_init(KpiAttainment *a)
{
	memset(a, 0, sizeof(*a));
	a->version = KPI_ATTAINMENT_VERSION;
}

/* Adds the entries of b to a. */
void
kpi_attainment_merge(KpiAttainment *a, const KpiAttainment *b)
{
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		a->count[i] = kra_add_counts(a->count[i], b->count[i]);
	if (b->measured > 0)
	{
		if (a->measured == 0 || b->min < a->min)
			a->min = b->min;
		if (a->measured == 0 || b->max > a->max)
			a->max = b->max;
		a->measured += b->measured;
	}
	a->leading |= b->leading;
	dd_accumulate_dd(&a->weight, b->weight);
	dd_accumulate_dd(&a->observed, b->observed);
	dd_accumulate_dd(&a->raw, b->raw);
	dd_accumulate_dd(&a->capped, b->capped);
	kpi_attainment_overflow_check(a);
}

int64
kpi_attainment_entries(const KpiAttainment *a)
{
	return a->count[KPI_NO_TARGET] + a->count[KPI_NO_DATA] +
		kpi_attainment_observed_entries(a);
}

int64
kpi_attainment_observed_entries(const KpiAttainment *a)
{
	return a->count[KPI_OFF_TRACK] + a->count[KPI_AT_RISK] +
		a->count[KPI_ON_TRACK] + a->count[KPI_EXCEEDED];
}

/* The share of the weight that had data; false when there is no weight. */
bool
kpi_attainment_coverage(const KpiAttainment *a, double *coverage)
{
	double		weight = dd_value(a->weight);

	if (weight <= 0.0)
		return false;
	*coverage = Min(dd_value(a->observed) / weight, 1.0);
	return true;
}

/* Is the coverage, if any, at least so much? */
static bool
is_covered(const KpiAttainment *a, double min_coverage)
{
	double		coverage;

	return kpi_attainment_coverage(a, &coverage) &&
		dd_value(a->observed) > TINY_WEIGHT && kpi_ge(coverage, min_coverage);
}

/*
 * The weighted mean of capped attainments over the entries with data; false
 * when there are none, or when they are less than min_coverage of the weight.
 */
bool
kpi_attainment_score(const KpiAttainment *a, double min_coverage, double *score)
{
	if (!is_covered(a, min_coverage))
		return false;
	*score = dd_ratio(a->capped, a->observed);
	return true;
}

/* A copy at rest: the sums in their normal form. */
KpiAttainment *
kpi_attainment_copy(const KpiAttainment *a)
{
	KpiAttainment *copy = palloc(sizeof(KpiAttainment));

	*copy = *a;
	copy->weight = dd_normal(a->weight);
	copy->observed = dd_normal(a->observed);
	copy->capped = dd_normal(a->capped);
	copy->raw = dd_normal(a->raw);
	return copy;
}

/* The one validator: text, binary and JSON input. */
bool
kpi_attainment_check(KpiAttainment *a, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), \
			 errmsg("invalid value of type %s", TYPE_NAME), __VA_ARGS__))
	int64		entries = 0;
	int64		observed;
	double		low;
	double		high;
	double		noise;
	double		weight,
				seen,
				capped,
				raw;

	for (int i = 0; i < KPI_STATUS_COUNT; i++)
	{
		if (a->count[i] < 0 || a->count[i] > KRA_MAX_COUNT)
			REFUSE(errdetail("A count is negative or too large."));
		entries += a->count[i];
	}
	observed = kpi_attainment_observed_entries(a);
	if (a->measured < 0 || a->measured > observed)
		REFUSE(errdetail("More entries are measured than have data."));
	if (!kra_settle_sum(&a->weight) || !kra_settle_sum(&a->observed) ||
		!kra_settle_sum(&a->capped) || !kra_settle_sum(&a->raw) ||
		!isfinite(a->min) || !isfinite(a->max))
		REFUSE(errdetail("A number is not finite."));
	a->min += 0.0;
	a->max += 0.0;
	weight = dd_value(a->weight);
	seen = dd_value(a->observed);
	capped = dd_value(a->capped);
	raw = dd_value(a->raw);
	if (a->min > a->max || (a->measured == 0 && (a->min != 0.0 || a->max != 0.0)))
		REFUSE(errdetail("The smallest attainment is not the smallest."));
	if (weight < 0.0 || seen < 0.0 || !kpi_ge(weight, seen) || (entries == 0 && weight != 0.0) ||
		(observed == 0 && seen != 0.0) || (seen == 0.0 && (capped != 0.0 || raw != 0.0)))
		REFUSE(errdetail("The weights do not fit the counts."));

	/* room for rounding, and for weights so small that it is not relative */
	noise = 1e-322 * entries + 1e-9 * seen * Max(1.0, Max(fabs(a->min), fabs(a->max)));
	low = a->measured == observed ? a->min : Min(a->min, 0.0);
	high = a->measured == observed ? a->max : Max(a->max, 1.0);
	if (a->measured == 1 && a->min != a->max)
		REFUSE(errdetail("The smallest and the largest of one attainment differ."));
	if (capped < 0.0 || capped > KPI_CAP * seen + noise)
		REFUSE(errdetail("The sum of capped attainments does not fit the weights."));
	if (observed > 0 && (raw < low * seen - noise || raw > high * seen + noise))
		REFUSE(errdetail("The sum of attainments does not lie between the smallest and the largest."));
	a->version = KPI_ATTAINMENT_VERSION;
	memset(a->unused, 0, sizeof(a->unused));
	return true;
#undef REFUSE
}

void
kpi_attainment_append(StringInfo buf, const KpiAttainment *a)
{
	const DDouble sums[] = {a->weight, a->observed, a->capped, a->raw};

	appendStringInfoChar(buf, '{');
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		appendStringInfo(buf, "\"%s\": " INT64_FORMAT ", ", keys[i], a->count[i]);
	appendStringInfo(buf, "\"measured\": " INT64_FORMAT ", \"min\": ", a->measured);
	if (a->measured > 0)
	{
		kra_append_float8(buf, a->min);
		appendStringInfoString(buf, ", \"max\": ");
		kra_append_float8(buf, a->max);
	}
	else
		appendStringInfoString(buf, "null, \"max\": null");
	for (int i = 0; i < countof(sums); i++)
	{
		appendStringInfo(buf, ", \"%s\": ", keys[KEY_WEIGHT + i]);
		kra_append_sum(buf, sums[i]);
	}
	appendStringInfoChar(buf, '}');
}

bool
kpi_attainment_from_json(KpiAttainment *a, JsonbContainer *object,
						 const char *type_name, Node *escontext)
{
	KraJson		json = {type_name, escontext, countof(keys), keys, NULL, NULL};
	DDouble    *sums[] = {&a->weight, &a->observed, &a->capped, &a->raw};
	bool		no_min,
				no_max;

	kpi_attainment_init(a);
	if (!kra_json_open(&json, object))
		return false;
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		if (!kra_json_int64(&json, KEY_FIRST_STATUS + i, &a->count[i]))
			return false;
	if (!kra_json_int64(&json, KEY_MEASURED, &a->measured) ||
		!kra_json_float8(&json, KEY_MIN, &a->min, &no_min) ||
		!kra_json_float8(&json, KEY_MAX, &a->max, &no_max))
		return false;
	for (int i = 0; i < countof(sums); i++)
		if (!kra_json_sum(&json, KEY_WEIGHT + i, sums[i]))
			return false;
	if ((a->measured > 0) == no_min || (a->measured > 0) == no_max)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("\"min\" and \"max\" of %s must be null just when \"measured\" is 0",
						type_name)));
	return kpi_attainment_check(a, escontext);
}

void
kpi_attainment_send(StringInfo buf, const KpiAttainment *a)
{
	pq_sendbyte(buf, a->version);
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		pq_sendint64(buf, a->count[i]);
	pq_sendint64(buf, a->measured);
	pq_sendfloat8(buf, a->min);
	pq_sendfloat8(buf, a->max);
	kra_send_sum(buf, a->weight);
	kra_send_sum(buf, a->observed);
	kra_send_sum(buf, a->capped);
	kra_send_sum(buf, a->raw);
}

void
kpi_attainment_recv(StringInfo buf, KpiAttainment *a)
{
	kpi_attainment_init(a);
	kra_check_version(pq_getmsgbyte(buf), KPI_ATTAINMENT_VERSION, TYPE_NAME);
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		a->count[i] = pq_getmsgint64(buf);
	a->measured = pq_getmsgint64(buf);
	a->min = pq_getmsgfloat8(buf);
	a->max = pq_getmsgfloat8(buf);
	a->weight = kra_recv_sum(buf);
	a->observed = kra_recv_sum(buf);
	a->capped = kra_recv_sum(buf);
	a->raw = kra_recv_sum(buf);
	kpi_attainment_check(a, NULL);
}

PG_FUNCTION_INFO_V1(kra_kpi_attainment_in);
Datum
kra_kpi_attainment_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiAttainment *a = palloc(sizeof(KpiAttainment));

	if (jb == NULL || !kpi_attainment_from_json(a, &jb->root, TYPE_NAME, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(kra_kpi_attainment_out);
Datum
kra_kpi_attainment_out(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	initStringInfo(&buf);
	kpi_attainment_append(&buf, PG_GETARG_KPI_ATTAINMENT_P(0));
	PG_RETURN_CSTRING(buf.data);
}

PG_FUNCTION_INFO_V1(kra_kpi_attainment_send);
Datum
kra_kpi_attainment_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	kpi_attainment_send(&buf, PG_GETARG_KPI_ATTAINMENT_P(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_attainment_recv);
Datum
kra_kpi_attainment_recv(PG_FUNCTION_ARGS)
{
	KpiAttainment *a = palloc(sizeof(KpiAttainment));

	kpi_attainment_recv((StringInfo) PG_GETARG_POINTER(0), a);
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(kra_kpi_attainment_to_jsonb);
Datum
kra_kpi_attainment_to_jsonb(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	initStringInfo(&buf);
	kpi_attainment_append(&buf, PG_GETARG_KPI_ATTAINMENT_P(0));
	return kra_jsonb_from_text(buf.data);
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_attainment);
Datum
kra_jsonb_to_kpi_attainment(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiAttainment *a = palloc(sizeof(KpiAttainment));

	kpi_attainment_from_json(a, &jb->root, TYPE_NAME, NULL);
	PG_RETURN_POINTER(a);
}

/* The state of an aggregate, in place; a copy when called from plain SQL. */
static pg_attribute_always_inline KpiAttainment *
state_arg(FunctionCallInfo fcinfo)
{
	if (kra_in_aggregate(fcinfo))
		return PG_GETARG_KPI_ATTAINMENT_P(0);
	return memcpy(palloc(sizeof(KpiAttainment)), PG_GETARG_POINTER(0), sizeof(KpiAttainment));
}

static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, double weight)
{
	KpiAttainment *state;

	if (unlikely(PG_ARGISNULL(0)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aggregate state must not be null")));
	state = state_arg(fcinfo);
	kpi_attainment_add_args(fcinfo, 1, state, weight);
	PG_RETURN_POINTER(state);
}

/* attainment_agg(actual, target): every weight is 1. */
PG_FUNCTION_INFO_V1(kra_attainment_accum);
Datum
kra_attainment_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 1.0);
}

/* attainment_agg(actual, target, weight). */
PG_FUNCTION_INFO_V1(kra_attainment_accum_weighted);
Datum
kra_attainment_accum_weighted(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, kra_weight_arg(fcinfo, 3));
}

/* Strict: merges two states; also the transition of rollup(). */
PG_FUNCTION_INFO_V1(kra_attainment_combine);
Datum
kra_attainment_combine(PG_FUNCTION_ARGS)
{
	KpiAttainment *state = state_arg(fcinfo);

	kpi_attainment_merge(state, PG_GETARG_KPI_ATTAINMENT_P(1));
	PG_RETURN_POINTER(state);
}

/* A copy of the state, for windows go on with it; NULL for no entries. */
PG_FUNCTION_INFO_V1(kra_attainment_final);
Datum
kra_attainment_final(PG_FUNCTION_ARGS)
{
	KpiAttainment *state = PG_GETARG_KPI_ATTAINMENT_P(0);

	if (kpi_attainment_entries(state) == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(kpi_attainment_copy(state));
}

/* score(kpi_attainment [, min_coverage]): NULL without data or below the coverage. */
PG_FUNCTION_INFO_V1(kra_attainment_score);
Datum
kra_attainment_score(PG_FUNCTION_ARGS)
{
	double		score;

	if (PG_ARGISNULL(0) ||
		!kpi_attainment_score(PG_GETARG_KPI_ATTAINMENT_P(0),
							  kra_share_arg(fcinfo, 1, "min_coverage"), &score))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score);
}

/* raw_score(kpi_attainment [, min_coverage]): the same of uncapped attainments. */
PG_FUNCTION_INFO_V1(kra_attainment_raw_score);
Datum
kra_attainment_raw_score(PG_FUNCTION_ARGS)
{
	KpiAttainment *a;
	double		score;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	a = PG_GETARG_KPI_ATTAINMENT_P(0);
	if (!is_covered(a, kra_share_arg(fcinfo, 1, "min_coverage")))
		PG_RETURN_NULL();
	score = dd_ratio(a->raw, a->observed);
	if (!isfinite(score))
		kra_overflow("score");
	PG_RETURN_FLOAT8(score);
}

PG_FUNCTION_INFO_V1(kra_attainment_coverage);
Datum
kra_attainment_coverage(PG_FUNCTION_ARGS)
{
	double		coverage;

	if (!kpi_attainment_coverage(PG_GETARG_KPI_ATTAINMENT_P(0), &coverage))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coverage);
}

/* hit_rate: entries that met their target, of those with target and actual. */
PG_FUNCTION_INFO_V1(kra_attainment_hit_rate);
Datum
kra_attainment_hit_rate(PG_FUNCTION_ARGS)
{
	KpiAttainment *a = PG_GETARG_KPI_ATTAINMENT_P(0);
	int64		observed = kpi_attainment_observed_entries(a);

	if (observed == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) (a->count[KPI_ON_TRACK] + a->count[KPI_EXCEEDED]) / observed);
}

PG_FUNCTION_INFO_V1(kra_attainment_count_of);
Datum
kra_attainment_count_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_KPI_ATTAINMENT_P(0)->count[kra_status_arg(fcinfo, 1)]);
}

PG_FUNCTION_INFO_V1(kra_attainment_count);
Datum
kra_attainment_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(kpi_attainment_entries(PG_GETARG_KPI_ATTAINMENT_P(0)));
}

PG_FUNCTION_INFO_V1(kra_attainment_min);
Datum
kra_attainment_min(PG_FUNCTION_ARGS)
{
	KpiAttainment *a = PG_GETARG_KPI_ATTAINMENT_P(0);

	if (a->measured == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(a->min);
}

PG_FUNCTION_INFO_V1(kra_attainment_max);
Datum
kra_attainment_max(PG_FUNCTION_ARGS)
{
	KpiAttainment *a = PG_GETARG_KPI_ATTAINMENT_P(0);

	if (a->measured == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(a->max);
}

static const KraField fields[] = {
	{"no_target", FIELD_INT64, offsetof(KpiAttainment, count[KPI_NO_TARGET]), 0, NULL},
	{"no_data", FIELD_INT64, offsetof(KpiAttainment, count[KPI_NO_DATA]), 0, NULL},
	{"off_track", FIELD_INT64, offsetof(KpiAttainment, count[KPI_OFF_TRACK]), 0, NULL},
	{"at_risk", FIELD_INT64, offsetof(KpiAttainment, count[KPI_AT_RISK]), 0, NULL},
	{"on_track", FIELD_INT64, offsetof(KpiAttainment, count[KPI_ON_TRACK]), 0, NULL},
	{"exceeded", FIELD_INT64, offsetof(KpiAttainment, count[KPI_EXCEEDED]), 0, NULL},
	{"measured", FIELD_INT64, offsetof(KpiAttainment, measured), 0, NULL},
	{"min", FIELD_FLOAT8, offsetof(KpiAttainment, min), 0, NULL},
	{"max", FIELD_FLOAT8, offsetof(KpiAttainment, max), 0, NULL},
	{"weight", FIELD_SUM, offsetof(KpiAttainment, weight), 0, NULL},
	{"observed", FIELD_SUM, offsetof(KpiAttainment, observed), 0, NULL},
	{"capped", FIELD_SUM, offsetof(KpiAttainment, capped), 0, NULL},
	{"raw", FIELD_SUM, offsetof(KpiAttainment, raw), 0, NULL},
};

const KraType kpi_attainment_type = {TYPE_NAME, countof(fields), fields};

StaticAssertDecl(KPI_STATUS_COUNT == 6, "a field for each status");

KRA_EQUALITY(kpi_attainment);
