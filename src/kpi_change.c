/*
 * kpi_change.c: the type kpi_change, and the aggregate change_agg().
 *
 * Stored format: struct KpiChange, fixed length: the time of the change, what is
 * known of the target's direction, and a KpiTrend for each side. Text form: a
 * JSON object; a side without points is null, times are UTC. Binary form:
 * version byte, domain byte, direction byte, change_at, lower, upper, then both
 * sides in the binary form of kpi_trend.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "fields.h"
#include "kpi_actual.h"
#include "kpi_change.h"

#define TYPE_NAME "kpi_change"

enum
{
	KEY_AT, KEY_CHANGE_AT, KEY_DIRECTION, KEY_LOWER, KEY_UPPER, KEY_BEFORE, KEY_AFTER
};

static const char *const keys[] = {
	"at", "change_at", "direction", "lower", "upper", "before", "after"
};

/* The direction's name; the order of KpiDirection, from 1 on. */
static const char *
direction_name(int direction)
{
	KpiTarget	t = {0};

	t.direction = direction;
	return kpi_direction_name(&t);
}

static void
empty_side(KpiTrend *t)
{
	memset(t, 0, sizeof(*t));
	t->version = KPI_TREND_VERSION;
}

/* The one validator: text, binary and JSON input. The sides are valid by themselves. */
static bool
change_check(KpiChange *c, Node *escontext)
{
#define REFUSE(detail) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), \
			 errmsg("invalid value of type %s", TYPE_NAME), errdetail(detail)))
	bool		two_sided = c->direction == KPI_EXACTLY || c->direction == KPI_INSIDE;

	if (c->domain > TREND_NUMBER || c->direction > KPI_INSIDE)
		REFUSE("The kind of \"at\" or the direction is unknown.");
	if (c->domain == TREND_EMPTY &&
		(c->before.count > 0 || c->after.count > 0 || c->direction != 0))
		REFUSE("There are points, but no time of the change.");
	if (c->domain == TREND_NUMBER ? !isfinite(c->change_at.number) :
		(c->domain == TREND_TIME && (TIMESTAMP_NOT_FINITE(c->change_at.time) ||
									 !IS_VALID_TIMESTAMP(c->change_at.time))))
		REFUSE("The time of the change is out of range.");
	if ((c->before.count > 0 &&
		 (c->before.domain != c->domain ||
		  trend_at_compare(c->domain, c->before.last_at, c->change_at) >= 0)) ||
		(c->after.count > 0 &&
		 (c->after.domain != c->domain ||
		  trend_at_compare(c->domain, c->after.first_at, c->change_at) < 0)))
		REFUSE("A point lies on the wrong side of the change.");
	if (!isfinite(c->lower) || !isfinite(c->upper) ||
		(two_sided ? c->lower > c->upper : (c->lower != 0.0 || c->upper != 0.0)) ||
		(c->direction == KPI_EXACTLY && c->lower != c->upper))
		REFUSE("The target's ends do not fit its direction.");
	if (c->domain == TREND_EMPTY)
		c->change_at.time = 0;
	c->version = KPI_CHANGE_VERSION;
	memset(c->unused, 0, sizeof(c->unused));
	return true;
#undef REFUSE
}

static void
append_side(StringInfo buf, int key, KpiTrend *side)
{
	appendStringInfo(buf, ", \"%s\": %s", keys[key], side->count == 0 ? "null" :
					 DatumGetCString(DirectFunctionCall1(kra_kpi_trend_out,
														 PointerGetDatum(side))));
}

static char *
change_print(KpiChange *c)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"at\": %s, \"change_at\": ",
					 c->domain == TREND_EMPTY ? "null" :
					 (c->domain == TREND_TIME ? "\"time\"" : "\"number\""));
	if (c->domain == TREND_EMPTY)
		appendStringInfoString(&buf, "null");
	else if (c->domain == TREND_TIME)
		kra_append_time(&buf, c->change_at.time);
	else
		kra_append_float8(&buf, c->change_at.number);
	if (c->direction == 0)
		appendStringInfoString(&buf, ", \"direction\": null");
	else
		appendStringInfo(&buf, ", \"direction\": \"%s\"", direction_name(c->direction));
	if (c->direction == KPI_EXACTLY || c->direction == KPI_INSIDE)
	{
		appendStringInfoString(&buf, ", \"lower\": ");
		kra_append_float8(&buf, c->lower);
		appendStringInfoString(&buf, ", \"upper\": ");
		kra_append_float8(&buf, c->upper);
	}
	else
		appendStringInfoString(&buf, ", \"lower\": null, \"upper\": null");
	append_side(&buf, KEY_BEFORE, &c->before);
	append_side(&buf, KEY_AFTER, &c->after);
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

/* A side: the JSON of a kpi_trend, or null. */
static bool
side_from_json(KraJson *json, int key, KpiTrend *side)
{
	JsonbValue *v = &json->values[key];
	char	   *text;
	Datum		result;

	empty_side(side);
	if (v->type == jbvNull)
		return true;
	if (v->type != jbvBinary)
		ereturn(json->escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"%s\" of %s must be an object or null", keys[key], TYPE_NAME)));
	text = JsonbToCString(NULL, v->val.binary.data, v->val.binary.len);
#if PG_VERSION_NUM >= 160000
	if (!DirectInputFunctionCallSafe(kra_kpi_trend_in, text, InvalidOid, -1,
									 json->escontext, &result))
		return false;
#else
	result = DirectFunctionCall1(kra_kpi_trend_in, CStringGetDatum(text));
#endif
	memcpy(side, DatumGetPointer(result), sizeof(KpiTrend));
	return true;
}

static bool
change_from_json(KpiChange *c, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};
	char	   *text;
	int			len;
	bool		empty;
	bool		no_change_at;
	bool		no_direction;
	bool		no_lower;
	bool		no_upper;

	memset(c, 0, sizeof(*c));
	if (!kra_json_open(&json, object))
		return false;
	for (int i = 0; i < countof(keys); i++)
		if (!json.present[i])
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"%s\" of %s is missing", keys[i], TYPE_NAME)));
	if (!kra_json_string(&json, KEY_AT, &text, &len, &empty))
		return false;
	if (!empty)
	{
		if (len == 4 && memcmp(text, "time", 4) == 0)
			c->domain = TREND_TIME;
		else if (len == 6 && memcmp(text, "number", 6) == 0)
			c->domain = TREND_NUMBER;
		else
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"at\" of %s must be \"time\", \"number\" or null", TYPE_NAME)));
	}
	if (!(c->domain == TREND_NUMBER ?
		  kra_json_float8(&json, KEY_CHANGE_AT, &c->change_at.number, &no_change_at) :
		  kra_json_time(&json, KEY_CHANGE_AT, &c->change_at.time, &no_change_at)))
		return false;
	if (!kra_json_string(&json, KEY_DIRECTION, &text, &len, &no_direction) ||
		!kra_json_float8(&json, KEY_LOWER, &c->lower, &no_lower) ||
		!kra_json_float8(&json, KEY_UPPER, &c->upper, &no_upper))
		return false;
	if (!no_direction)
	{
		int			d = KPI_AT_LEAST;

		while (d <= KPI_INSIDE && (strlen(direction_name(d)) != (size_t) len ||
								   memcmp(direction_name(d), text, len) != 0))
			d++;
		if (d > KPI_INSIDE)
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"direction\" of %s is not a direction", TYPE_NAME)));
		c->direction = d;
	}
	if (no_change_at != empty || no_lower != no_upper ||
		no_lower != (c->direction != KPI_EXACTLY && c->direction != KPI_INSIDE))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("change_at, lower and upper of %s must be given where they apply, and null elsewhere",
						TYPE_NAME)));
	if (!side_from_json(&json, KEY_BEFORE, &c->before) ||
		!side_from_json(&json, KEY_AFTER, &c->after))
		return false;
	return change_check(c, escontext);
}

PG_FUNCTION_INFO_V1(kra_kpi_change_in);
Datum
kra_kpi_change_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiChange  *c = palloc(sizeof(KpiChange));

	if (jb == NULL || !change_from_json(c, &jb->root, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(c);
}

PG_FUNCTION_INFO_V1(kra_kpi_change_out);
Datum
kra_kpi_change_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(change_print(PG_GETARG_KPI_CHANGE_P(0)));
}

static void
send_side(StringInfo buf, KpiTrend *side)
{
	bytea	   *b = DatumGetByteaPP(DirectFunctionCall1(kra_kpi_trend_send,
														PointerGetDatum(side)));

	pq_sendbytes(buf, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
}

PG_FUNCTION_INFO_V1(kra_kpi_change_send);
Datum
kra_kpi_change_send(PG_FUNCTION_ARGS)
{
	KpiChange  *c = PG_GETARG_KPI_CHANGE_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, KPI_CHANGE_VERSION);
	pq_sendbyte(&buf, c->domain);
	pq_sendbyte(&buf, c->direction);
	if (c->domain == TREND_NUMBER)
		pq_sendfloat8(&buf, c->change_at.number);
	else
		pq_sendint64(&buf, c->change_at.time);
	pq_sendfloat8(&buf, c->lower);
	pq_sendfloat8(&buf, c->upper);
	send_side(&buf, &c->before);
	send_side(&buf, &c->after);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_change_recv);
Datum
kra_kpi_change_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiChange  *c = palloc0(sizeof(KpiChange));
	KpiTrend   *sides[] = {&c->before, &c->after};

	kra_check_version(pq_getmsgbyte(buf), KPI_CHANGE_VERSION, TYPE_NAME);
	c->domain = pq_getmsgbyte(buf);
	c->direction = pq_getmsgbyte(buf);
	if (c->domain == TREND_NUMBER)
		c->change_at.number = pq_getmsgfloat8(buf);
	else
		c->change_at.time = pq_getmsgint64(buf);
	c->lower = pq_getmsgfloat8(buf);
	c->upper = pq_getmsgfloat8(buf);
	for (int i = 0; i < countof(sides); i++)
		memcpy(sides[i], DatumGetPointer(DirectFunctionCall1(kra_kpi_trend_recv,
															 PointerGetDatum(buf))),
			   sizeof(KpiTrend));
	change_check(c, NULL);
	PG_RETURN_POINTER(c);
}

PG_FUNCTION_INFO_V1(kra_kpi_change_to_jsonb);
Datum
kra_kpi_change_to_jsonb(PG_FUNCTION_ARGS)
{
	return kra_jsonb_from_text(change_print(PG_GETARG_KPI_CHANGE_P(0)));
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_change);
Datum
kra_jsonb_to_kpi_change(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiChange  *c = palloc(sizeof(KpiChange));

	change_from_json(c, &jb->root, NULL);
	PG_RETURN_POINTER(c);
}

static KpiChange *
state_arg(FunctionCallInfo fcinfo)
{
	if (unlikely(PG_ARGISNULL(0)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aggregate state must not be null")));
	if (likely(AggCheckCallContext(fcinfo, NULL)))
		return PG_GETARG_KPI_CHANGE_P(0);
	return memcpy(palloc(sizeof(KpiChange)), PG_GETARG_POINTER(0), sizeof(KpiChange));
}

/* Sets when the change was, or checks that it is the same. */
static void
set_change_at(KpiChange *c, TrendDomain domain, TrendAt change_at)
{
	if (c->domain == TREND_EMPTY)
	{
		c->domain = domain;
		c->change_at = change_at;
	}
	else if (unlikely(c->domain != domain))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a change over times and one over numbers cannot be mixed")));
	else if (unlikely(trend_at_compare(domain, c->change_at, change_at) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("change_at must be the same in all rows of a group"),
				 errhint("Group by what changed, or count \"at\" from the change, so that change_at is 0.")));
}

/*
 * Sets the target's direction, or checks that it is the same. Of a target of at
 * least or at most the number does not matter, so that it may move with time.
 */
static void
set_direction(KpiChange *c, int direction, double lower, double upper)
{
	if (direction == KPI_AT_LEAST || direction == KPI_AT_MOST)
		lower = upper = 0.0;
	if (c->direction == 0)
	{
		c->direction = direction;
		c->lower = lower;
		c->upper = upper;
	}
	else if (unlikely(c->direction != direction || c->lower != lower || c->upper != upper))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("targets must have the same direction in all rows of a group"),
				 errdetail("Those of exactly and inside must have the same numbers, too.")));
}

/*
 * state, value, at, change_at [, target]. A row without value or at says only
 * when the change was; a NULL target says nothing.
 */
static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, TrendDomain domain, TrendAt (*at_arg) (FunctionCallInfo, int))
{
	KpiChange  *state = state_arg(fcinfo);
	KpiTrend   *side;
	TrendAt		at;

	if (unlikely(PG_ARGISNULL(3)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("change_at must not be null"),
				 errhint("Leave out what has not changed, for instance with FILTER (WHERE change_at IS NOT NULL).")));
	set_change_at(state, domain, at_arg(fcinfo, 3));
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
	{
		KpiTarget  *target = PG_GETARG_KPI_TARGET_P(4);

		set_direction(state, target->direction, target->lower, target->upper);
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);
	at = at_arg(fcinfo, 2);
	side = trend_at_compare(domain, at, state->change_at) < 0 ? &state->before : &state->after;
	trend_add(side, domain, at, kra_check_finite(PG_GETARG_FLOAT8(1), "value"));
	if (unlikely(!trend_is_finite(side)))
		kra_overflow("sum of squares");
	PG_RETURN_POINTER(state);
}

static TrendAt
time_arg(FunctionCallInfo fcinfo, int argno)
{
	TrendAt		at;

	at.time = PG_GETARG_TIMESTAMPTZ(argno);
	kra_check_time(at.time);
	return at;
}

static TrendAt
date_arg(FunctionCallInfo fcinfo, int argno)
{
	TrendAt		at;

	at.time = kra_date_to_time(PG_GETARG_DATEADT(argno));
	return at;
}

static TrendAt
number_arg(FunctionCallInfo fcinfo, int argno)
{
	TrendAt		at;

	at.number = kra_check_finite(PG_GETARG_FLOAT8(argno), argno == 3 ? "change_at" : "\"at\"");
	return at;
}

PG_FUNCTION_INFO_V1(kra_change_accum);
Datum
kra_change_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, TREND_TIME, time_arg);
}

PG_FUNCTION_INFO_V1(kra_change_accum_date);
Datum
kra_change_accum_date(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, TREND_TIME, date_arg);
}

PG_FUNCTION_INFO_V1(kra_change_accum_float8);
Datum
kra_change_accum_float8(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, TREND_NUMBER, number_arg);
}

/* Strict: merges two states; also the transition of rollup(). */
PG_FUNCTION_INFO_V1(kra_change_combine);
Datum
kra_change_combine(PG_FUNCTION_ARGS)
{
	KpiChange  *state = state_arg(fcinfo);
	KpiChange  *other = PG_GETARG_KPI_CHANGE_P(1);

	if (other->domain == TREND_EMPTY)
		PG_RETURN_POINTER(state);
	set_change_at(state, other->domain, other->change_at);
	if (other->direction != 0)
		set_direction(state, other->direction, other->lower, other->upper);
	(void) kra_add_counts(state->before.count, other->before.count);
	(void) kra_add_counts(state->after.count, other->after.count);
	trend_merge(&state->before, &other->before);
	trend_merge(&state->after, &other->after);
	if (unlikely(!trend_is_finite(&state->before) || !trend_is_finite(&state->after)))
		kra_overflow("sum of squares");
	PG_RETURN_POINTER(state);
}

/* NULL for no row. */
PG_FUNCTION_INFO_V1(kra_change_final);
Datum
kra_change_final(PG_FUNCTION_ARGS)
{
	KpiChange  *state = PG_GETARG_KPI_CHANGE_P(0);
	KpiChange  *result;
	KpiTrend   *sides[2];

	if (state->domain == TREND_EMPTY)
		PG_RETURN_NULL();
	result = palloc(sizeof(KpiChange));
	*result = *state;
	sides[0] = &result->before;
	sides[1] = &result->after;
	for (int i = 0; i < countof(sides); i++)
	{
		sides[i]->u = dd_normal(sides[i]->u);
		sides[i]->v = dd_normal(sides[i]->v);
		sides[i]->uu = dd_normal(sides[i]->uu);
		sides[i]->uv = dd_normal(sides[i]->uv);
		sides[i]->vv = dd_normal(sides[i]->vv);
	}
	PG_RETURN_POINTER(result);
}

/* before(kpi_change), after(kpi_change): a side as a kpi_trend; NULL without points. */
static Datum
side_of(FunctionCallInfo fcinfo, const KpiTrend *side)
{
	if (side->count == 0)
		PG_RETURN_NULL();
	return PointerGetDatum(memcpy(palloc(sizeof(KpiTrend)), side, sizeof(KpiTrend)));
}

PG_FUNCTION_INFO_V1(kra_change_before);
Datum
kra_change_before(PG_FUNCTION_ARGS)
{
	return side_of(fcinfo, &PG_GETARG_KPI_CHANGE_P(0)->before);
}

PG_FUNCTION_INFO_V1(kra_change_after);
Datum
kra_change_after(PG_FUNCTION_ARGS)
{
	return side_of(fcinfo, &PG_GETARG_KPI_CHANGE_P(0)->after);
}

static const KraField fields[] = {
	{"at", FIELD_UINT8, offsetof(KpiChange, domain), 0, NULL},
	{"change_at", FIELD_AT, offsetof(KpiChange, change_at), offsetof(KpiChange, domain), NULL},
	{"direction", FIELD_UINT8, offsetof(KpiChange, direction), 0, NULL},
	{"lower", FIELD_FLOAT8, offsetof(KpiChange, lower), 0, NULL},
	{"upper", FIELD_FLOAT8, offsetof(KpiChange, upper), 0, NULL},
	{"before", FIELD_VALUE, offsetof(KpiChange, before), 0, &kpi_trend_type},
	{"after", FIELD_VALUE, offsetof(KpiChange, after), 0, &kpi_trend_type},
};

static const KraType kpi_change_type = {TYPE_NAME, countof(fields), fields};

KRA_EQUALITY(kpi_change);
