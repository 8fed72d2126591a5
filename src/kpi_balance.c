/*
 * kpi_balance.c: the type kpi_balance, the aggregate balance_agg(), and the
 * imbalance of outcome and activity.
 *
 * Stored format: struct KpiBalance, two KpiAttainment, fixed length. Text form:
 * {"outcome": {...}, "activity": {...}}, and "leading": true where an outcome is
 * leading. Binary form: version byte, then both in their own binary form; since
 * version 2 also a byte, 1 where an outcome is leading.
 */
#include "postgres.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "fields.h"
#include "imbalance.h"
#include "kpi_attainment.h"

#define TYPE_NAME "kpi_balance"

static const char *const keys[] = {"outcome", "activity", "leading"};

#define KEY_LEADING KPI_KIND_COUNT

void
kpi_balance_init(KpiBalance *b)
{
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		kpi_attainment_init(&b->kind[i]);
}

static void
append_balance(StringInfo buf, const KpiBalance *b)
{
	for (int i = 0; i < KPI_KIND_COUNT; i++)
	{
		appendStringInfo(buf, "%s\"%s\": ", i == 0 ? "{" : ", ", keys[i]);
		kpi_attainment_append(buf, &b->kind[i]);
	}
	if (b->kind[KPI_OUTCOME].leading)
		appendStringInfoString(buf, ", \"leading\": true");
	appendStringInfoChar(buf, '}');
}

static bool
balance_from_json(KpiBalance *b, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};

	if (!kra_json_open(&json, object))
		return false;
	for (int i = 0; i < KPI_KIND_COUNT; i++)
	{
		if (json.values[i].type != jbvBinary)
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"%s\" of %s must be an object", keys[i], TYPE_NAME)));
		if (!kpi_attainment_from_json(&b->kind[i], json.values[i].val.binary.data,
									  TYPE_NAME, escontext))
			return false;
	}
	if (json.values[KEY_LEADING].type != jbvNull && json.values[KEY_LEADING].type != jbvBool)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"leading\" of %s must be true or false", TYPE_NAME)));
	b->kind[KPI_OUTCOME].leading = json.values[KEY_LEADING].type == jbvBool &&
		json.values[KEY_LEADING].val.boolean &&
		kpi_attainment_entries(&b->kind[KPI_OUTCOME]) > 0;
	return true;
}

PG_FUNCTION_INFO_V1(kra_kpi_balance_in);
Datum
kra_kpi_balance_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiBalance *b = palloc(sizeof(KpiBalance));

	if (jb == NULL || !balance_from_json(b, &jb->root, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(b);
}

PG_FUNCTION_INFO_V1(kra_kpi_balance_out);
Datum
kra_kpi_balance_out(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_balance(&buf, PG_GETARG_KPI_BALANCE_P(0));
	PG_RETURN_CSTRING(buf.data);
}

PG_FUNCTION_INFO_V1(kra_kpi_balance_send);
Datum
kra_kpi_balance_send(PG_FUNCTION_ARGS)
{
	KpiBalance *b = PG_GETARG_KPI_BALANCE_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, KPI_BALANCE_VERSION);
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		kpi_attainment_send(&buf, &b->kind[i]);
	pq_sendbyte(&buf, b->kind[KPI_OUTCOME].leading);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_balance_recv);
Datum
kra_kpi_balance_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiBalance *b = palloc(sizeof(KpiBalance));

	int			version = pq_getmsgbyte(buf);

	if (version != 1)
		kra_check_version(version, KPI_BALANCE_VERSION, TYPE_NAME);
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		kpi_attainment_recv(buf, &b->kind[i]);
	if (version > 1)
		b->kind[KPI_OUTCOME].leading = pq_getmsgbyte(buf) == 1 &&
			kpi_attainment_entries(&b->kind[KPI_OUTCOME]) > 0;
	PG_RETURN_POINTER(b);
}

PG_FUNCTION_INFO_V1(kra_kpi_balance_to_jsonb);
Datum
kra_kpi_balance_to_jsonb(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_balance(&buf, PG_GETARG_KPI_BALANCE_P(0));
	return kra_jsonb_from_text(buf.data);
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_balance);
Datum
kra_jsonb_to_kpi_balance(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiBalance *b = palloc(sizeof(KpiBalance));

	balance_from_json(b, &jb->root, NULL);
	PG_RETURN_POINTER(b);
}

static pg_attribute_always_inline KpiBalance *
state_arg(FunctionCallInfo fcinfo)
{
	if (kra_in_aggregate(fcinfo))
		return PG_GETARG_KPI_BALANCE_P(0);
	return memcpy(palloc(sizeof(KpiBalance)), PG_GETARG_POINTER(0), sizeof(KpiBalance));
}

static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, double weight, bool leading)
{
	KpiBalance *state;
	KpiKind		kind = kra_kind_arg(fcinfo, 1);

	if (unlikely(PG_ARGISNULL(0)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aggregate state must not be null")));
	state = state_arg(fcinfo);
	kpi_attainment_add_args(fcinfo, 2, &state->kind[kind], weight);
	if (leading && kind == KPI_OUTCOME)
		state->kind[kind].leading = 1;
	PG_RETURN_POINTER(state);
}

/* balance_agg(kind, actual, target): every weight is 1. */
PG_FUNCTION_INFO_V1(kra_balance_accum);
Datum
kra_balance_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 1.0, false);
}

/* balance_agg(kind, actual, target, weight). */
PG_FUNCTION_INFO_V1(kra_balance_accum_weighted);
Datum
kra_balance_accum_weighted(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, kra_weight_arg(fcinfo, 4), false);
}

/* balance_agg(kind, actual, target, weight, timing): a NULL timing is not known. */
PG_FUNCTION_INFO_V1(kra_balance_accum_timed);
Datum
kra_balance_accum_timed(PG_FUNCTION_ARGS)
{
	double		weight = kra_weight_arg(fcinfo, 4);
	uint8		timing = KPI_TIMING_UNKNOWN;

	if (!PG_ARGISNULL(5))
		timing = kra_timing_arg(fcinfo, 5);
	return accumulate(fcinfo, weight, timing == KPI_LEADING);
}

/* Strict: merges two states; also the transition of rollup(). */
PG_FUNCTION_INFO_V1(kra_balance_combine);
Datum
kra_balance_combine(PG_FUNCTION_ARGS)
{
	KpiBalance *state = state_arg(fcinfo);
	KpiBalance *other = PG_GETARG_KPI_BALANCE_P(1);

	for (int i = 0; i < KPI_KIND_COUNT; i++)
		kpi_attainment_merge(&state->kind[i], &other->kind[i]);
	PG_RETURN_POINTER(state);
}

static int64
balance_entries(const KpiBalance *b)
{
	return kpi_attainment_entries(&b->kind[KPI_OUTCOME]) +
		kpi_attainment_entries(&b->kind[KPI_ACTIVITY]);
}

PG_FUNCTION_INFO_V1(kra_balance_final);
Datum
kra_balance_final(PG_FUNCTION_ARGS)
{
	KpiBalance *state = PG_GETARG_KPI_BALANCE_P(0);
	KpiBalance *result;

	if (balance_entries(state) == 0)
		PG_RETURN_NULL();
	result = palloc(sizeof(KpiBalance));
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		result->kind[i] = *kpi_attainment_copy(&state->kind[i]);
	PG_RETURN_POINTER(result);
}

/* attainment_of(kpi_balance, kind): one side; NULL when it has no entry. */
PG_FUNCTION_INFO_V1(kra_balance_attainment_of);
Datum
kra_balance_attainment_of(PG_FUNCTION_ARGS)
{
	KpiBalance *b = PG_GETARG_KPI_BALANCE_P(0);
	KpiAttainment *side = &b->kind[kra_kind_arg(fcinfo, 1)];

	if (kpi_attainment_entries(side) == 0)
		PG_RETURN_NULL();
	side = kpi_attainment_copy(side);
	side->leading = 0;
	PG_RETURN_POINTER(side);
}

/* Both sides together. */
PG_FUNCTION_INFO_V1(kra_balance_total);
Datum
kra_balance_total(PG_FUNCTION_ARGS)
{
	KpiBalance *b = PG_GETARG_KPI_BALANCE_P(0);
	KpiAttainment total = b->kind[KPI_OUTCOME];

	if (balance_entries(b) == 0)
		PG_RETURN_NULL();
	kpi_attainment_merge(&total, &b->kind[KPI_ACTIVITY]);
	total.leading = 0;
	PG_RETURN_POINTER(kpi_attainment_copy(&total));
}

/* imbalance(kpi_balance, thresholds...): one row; all NULL for NULL. */
PG_FUNCTION_INFO_V1(kra_balance_imbalance);
Datum
kra_balance_imbalance(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return kra_imbalance_row(fcinfo, PG_GETARG_KPI_BALANCE_P(0), NULL);
}

static const KraField fields[] = {
	{"outcome", FIELD_VALUE, offsetof(KpiBalance, kind[KPI_OUTCOME]), 0, &kpi_attainment_type},
	{"activity", FIELD_VALUE, offsetof(KpiBalance, kind[KPI_ACTIVITY]), 0, &kpi_attainment_type},
	{"leading", FIELD_UINT8, offsetof(KpiBalance, kind[KPI_OUTCOME].leading), 0, NULL},
};

static const KraType kpi_balance_type = {TYPE_NAME, countof(fields), fields};

KRA_EQUALITY(kpi_balance);
