/*
 * kpi_trend.c: the type kpi_trend, the aggregate trend_agg(), and what is read
 * off the line.
 *
 * Stored format: struct KpiTrend, fixed length. Text form: a JSON object; times
 * are UTC, a sum that one float8 cannot hold is printed as [hi, lo]. u and v are
 * sums of the offsets from the origin (u in microseconds for times). Binary
 * form: version byte, domain byte, count, then the fields in their order.
 */
#include "postgres.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "fields.h"
#include "kpi_actual.h"
#include "kpi_trend.h"
#include "student.h"

#define TYPE_NAME "kpi_trend"
#define PG_GETARG_KPI_TREND_P(n) ((KpiTrend *) PG_GETARG_POINTER(n))

enum
{
	KEY_AT, KEY_COUNT, KEY_ORIGIN_AT, KEY_ORIGIN,
	KEY_U, KEY_V, KEY_UU, KEY_UV, KEY_VV,
	KEY_FIRST_AT, KEY_FIRST, KEY_LAST_AT, KEY_LAST
};

static const char *const keys[] = {
	"at", "count", "origin_at", "origin", "u", "v", "uu", "uv", "vv",
	"first_at", "first", "last_at", "last"
};

static bool
at_is_valid(TrendDomain domain, TrendAt at)
{
	if (domain == TREND_NUMBER)
		return isfinite(at.number);
	return !TIMESTAMP_NOT_FINITE(at.time) && IS_VALID_TIMESTAMP(at.time);
}

/*
 * Is sum ab squared at most (sum aa)(sum bb), but for rounding, and for squares
 * that were too small for a float8?
 */
static bool
is_product_sum(double ab, double aa, double bb, double n)
{
	const double lost = 1e-300;

	return fabs(ab) <= sqrt(aa + n * lost) * sqrt(bb + n * lost) * (1.0 + 1e-9);
}

/* The one validator: text, binary and JSON input. */
static bool
trend_check(KpiTrend *t, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), \
			 errmsg("invalid value of type %s", TYPE_NAME), __VA_ARGS__))
	DDouble    *sums[] = {&t->u, &t->v, &t->uu, &t->uv, &t->vv};
	double	   *numbers[] = {&t->origin, &t->first, &t->last};
	double		n = (double) t->count;

	if (t->domain > TREND_NUMBER || t->count < 0 || t->count > KRA_MAX_COUNT ||
		(t->domain == TREND_EMPTY) != (t->count == 0))
		REFUSE(errdetail("The count does not fit the kind of \"at\"."));
	for (int i = 0; i < countof(sums); i++)
	{
		if (!kra_settle_sum(sums[i]))
			REFUSE(errdetail("A sum is not finite."));
		if (t->count <= 1 && sums[i]->hi != 0.0)
			REFUSE(errdetail("A single point has no offset from itself."));
	}
	if (!isfinite(t->origin) || !isfinite(t->first) || !isfinite(t->last))
		REFUSE(errdetail("A value is not finite."));
	for (int i = 0; i < countof(numbers); i++)
		*numbers[i] += 0.0;
	if (t->domain == TREND_EMPTY)
	{
		memset(t, 0, sizeof(*t));
		t->version = KPI_TREND_VERSION;
		return true;
	}
	if (!at_is_valid(t->domain, t->origin_at) || !at_is_valid(t->domain, t->first_at) ||
		!at_is_valid(t->domain, t->last_at))
		REFUSE(errdetail("A time is out of range."));
	if (t->domain == TREND_NUMBER)
	{
		t->origin_at.number += 0.0;
		t->first_at.number += 0.0;
		t->last_at.number += 0.0;
	}
	if (trend_at_compare(t->domain, t->first_at, t->origin_at) > 0 ||
		trend_at_compare(t->domain, t->origin_at, t->last_at) > 0)
		REFUSE(errdetail("The origin does not lie between the first and the last point."));
	if (t->count == 1 &&
		(t->first != t->origin || t->last != t->origin ||
		 trend_at_compare(t->domain, t->first_at, t->last_at) != 0))
		REFUSE(errdetail("A single point is the first and the last."));
	if (dd_value(t->uu) < 0.0 || dd_value(t->vv) < 0.0 || !trend_is_finite(t) ||
		!is_product_sum(dd_value(t->u), dd_value(t->uu), n, n) ||
		!is_product_sum(dd_value(t->v), dd_value(t->vv), n, n) ||
		!is_product_sum(dd_value(t->uv), dd_value(t->uu), dd_value(t->vv), n))
		REFUSE(errdetail("The sums are not those of any points."));
	t->version = KPI_TREND_VERSION;
	memset(t->unused, 0, sizeof(t->unused));
	return true;
#undef REFUSE
}

static void
append_at(StringInfo buf, TrendDomain domain, TrendAt at)
{
	if (domain == TREND_TIME)
		kra_append_time(buf, at.time);
	else
		kra_append_float8(buf, at.number);
}

static char *
trend_print(const KpiTrend *t)
{
	const DDouble sums[] = {t->u, t->v, t->uu, t->uv, t->vv};
	const TrendAt ats[] = {t->origin_at, t->first_at, t->last_at};
	const double values[] = {t->origin, t->first, t->last};
	const int	places[] = {KEY_ORIGIN_AT, KEY_FIRST_AT, KEY_LAST_AT};
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"at\": %s, \"count\": " INT64_FORMAT,
					 t->domain == TREND_EMPTY ? "null" :
					 (t->domain == TREND_TIME ? "\"time\"" : "\"number\""), t->count);
	for (int i = 0; i < countof(ats); i++)
	{
		appendStringInfo(&buf, ", \"%s\": ", keys[places[i]]);
		if (t->domain == TREND_EMPTY)
			appendStringInfo(&buf, "null, \"%s\": null", keys[places[i] + 1]);
		else
		{
			append_at(&buf, t->domain, ats[i]);
			appendStringInfo(&buf, ", \"%s\": ", keys[places[i] + 1]);
			kra_append_float8(&buf, values[i]);
		}
		if (i > 0)
			continue;
		for (int j = 0; j < countof(sums); j++)
		{
			appendStringInfo(&buf, ", \"%s\": ", keys[KEY_U + j]);
			kra_append_sum(&buf, sums[j]);
		}
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

static bool
trend_from_json(KpiTrend *t, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};
	DDouble    *sums[] = {&t->u, &t->v, &t->uu, &t->uv, &t->vv};
	TrendAt    *ats[] = {&t->origin_at, &t->first_at, &t->last_at};
	double	   *values[] = {&t->origin, &t->first, &t->last};
	const int	places[] = {KEY_ORIGIN_AT, KEY_FIRST_AT, KEY_LAST_AT};
	char	   *domain;
	int			len;
	bool		empty;

	memset(t, 0, sizeof(*t));
	if (!kra_json_open(&json, object) ||
		!kra_json_string(&json, KEY_AT, &domain, &len, &empty) ||
		!kra_json_int64(&json, KEY_COUNT, &t->count))
		return false;
	if (!empty)
	{
		if (len == 4 && memcmp(domain, "time", 4) == 0)
			t->domain = TREND_TIME;
		else if (len == 6 && memcmp(domain, "number", 6) == 0)
			t->domain = TREND_NUMBER;
		else
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"at\" of %s must be \"time\", \"number\" or null", TYPE_NAME)));
	}
	for (int i = 0; i < countof(sums); i++)
		if (!kra_json_sum(&json, KEY_U + i, sums[i]))
			return false;
	for (int i = 0; i < countof(places); i++)
	{
		bool		no_at = true;
		bool		no_value;

		if (t->domain == TREND_NUMBER)
		{
			if (!kra_json_float8(&json, places[i], &ats[i]->number, &no_at))
				return false;
		}
		else if (!kra_json_time(&json, places[i], &ats[i]->time, &no_at))
			return false;
		if (!kra_json_float8(&json, places[i] + 1, values[i], &no_value))
			return false;
		if (no_at != empty || no_value != empty)
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("origin, first and last of %s must be given, or null when there is no point",
							TYPE_NAME)));
	}
	return trend_check(t, escontext);
}

PG_FUNCTION_INFO_V1(kra_kpi_trend_in);
Datum
kra_kpi_trend_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiTrend   *t = palloc(sizeof(KpiTrend));

	if (jb == NULL || !trend_from_json(t, &jb->root, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(t);
}

PG_FUNCTION_INFO_V1(kra_kpi_trend_out);
Datum
kra_kpi_trend_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(trend_print(PG_GETARG_KPI_TREND_P(0)));
}

static void
send_at(StringInfo buf, TrendDomain domain, TrendAt at)
{
	if (domain == TREND_NUMBER)
		pq_sendfloat8(buf, at.number);
	else
		pq_sendint64(buf, at.time);
}

static TrendAt
recv_at(StringInfo buf, TrendDomain domain)
{
	TrendAt		at;

	if (domain == TREND_NUMBER)
		at.number = pq_getmsgfloat8(buf);
	else
		at.time = pq_getmsgint64(buf);
	return at;
}

PG_FUNCTION_INFO_V1(kra_kpi_trend_send);
Datum
kra_kpi_trend_send(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, t->version);
	pq_sendbyte(&buf, t->domain);
	pq_sendint64(&buf, t->count);
	send_at(&buf, t->domain, t->origin_at);
	pq_sendfloat8(&buf, t->origin);
	kra_send_sum(&buf, t->u);
	kra_send_sum(&buf, t->v);
	kra_send_sum(&buf, t->uu);
	kra_send_sum(&buf, t->uv);
	kra_send_sum(&buf, t->vv);
	send_at(&buf, t->domain, t->first_at);
	pq_sendfloat8(&buf, t->first);
	send_at(&buf, t->domain, t->last_at);
	pq_sendfloat8(&buf, t->last);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_trend_recv);
Datum
kra_kpi_trend_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiTrend   *t = palloc0(sizeof(KpiTrend));

	kra_check_version(pq_getmsgbyte(buf), KPI_TREND_VERSION, TYPE_NAME);
	t->domain = pq_getmsgbyte(buf);
	t->count = pq_getmsgint64(buf);
	t->origin_at = recv_at(buf, t->domain);
	t->origin = pq_getmsgfloat8(buf);
	t->u = kra_recv_sum(buf);
	t->v = kra_recv_sum(buf);
	t->uu = kra_recv_sum(buf);
	t->uv = kra_recv_sum(buf);
	t->vv = kra_recv_sum(buf);
	t->first_at = recv_at(buf, t->domain);
	t->first = pq_getmsgfloat8(buf);
	t->last_at = recv_at(buf, t->domain);
	t->last = pq_getmsgfloat8(buf);
	trend_check(t, NULL);
	PG_RETURN_POINTER(t);
}

PG_FUNCTION_INFO_V1(kra_kpi_trend_to_jsonb);
Datum
kra_kpi_trend_to_jsonb(PG_FUNCTION_ARGS)
{
	return kra_jsonb_from_text(trend_print(PG_GETARG_KPI_TREND_P(0)));
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_trend);
Datum
kra_jsonb_to_kpi_trend(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiTrend   *t = palloc(sizeof(KpiTrend));

	trend_from_json(t, &jb->root, NULL);
	PG_RETURN_POINTER(t);
}

static void
mixed_domains(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("a trend over times and one over numbers cannot be mixed")));
}

static pg_attribute_always_inline KpiTrend *
state_arg(FunctionCallInfo fcinfo)
{
	if (kra_in_aggregate(fcinfo))
		return PG_GETARG_KPI_TREND_P(0);
	return memcpy(palloc(sizeof(KpiTrend)), PG_GETARG_POINTER(0), sizeof(KpiTrend));
}

/* A strict transition: state, at, value; both numbers already checked. */
static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, TrendDomain domain, TrendAt at)
{
	KpiTrend   *state = state_arg(fcinfo);
	double		value = kra_check_finite(PG_GETARG_FLOAT8(2), "value");

	if (unlikely(state->domain != domain && state->domain != TREND_EMPTY))
		mixed_domains();
	(void) kra_add_counts(state->count, 1);
	trend_add(state, domain, at, value);
	if (unlikely(!trend_is_finite(state)))
		kra_overflow("sum of squares");
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kra_trend_accum);
Datum
kra_trend_accum(PG_FUNCTION_ARGS)
{
	TrendAt		at;

	at.time = PG_GETARG_TIMESTAMPTZ(1);
	kra_check_time(at.time);
	return accumulate(fcinfo, TREND_TIME, at);
}

PG_FUNCTION_INFO_V1(kra_trend_accum_date);
Datum
kra_trend_accum_date(PG_FUNCTION_ARGS)
{
	TrendAt		at;

	at.time = kra_date_to_time(PG_GETARG_DATEADT(1));
	return accumulate(fcinfo, TREND_TIME, at);
}

PG_FUNCTION_INFO_V1(kra_trend_accum_float8);
Datum
kra_trend_accum_float8(PG_FUNCTION_ARGS)
{
	TrendAt		at;

	at.number = kra_check_finite(PG_GETARG_FLOAT8(1), "\"at\"");
	return accumulate(fcinfo, TREND_NUMBER, at);
}

/* Strict: merges two states; also the transition of rollup(). */
PG_FUNCTION_INFO_V1(kra_trend_combine);
Datum
kra_trend_combine(PG_FUNCTION_ARGS)
{
	KpiTrend   *state = state_arg(fcinfo);
	KpiTrend   *other = PG_GETARG_KPI_TREND_P(1);

	if (state->count > 0 && other->count > 0 && state->domain != other->domain)
		mixed_domains();
	(void) kra_add_counts(state->count, other->count);
	trend_merge(state, other);
	if (unlikely(!trend_is_finite(state)))
		kra_overflow("sum of squares");
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kra_trend_final);
Datum
kra_trend_final(PG_FUNCTION_ARGS)
{
	KpiTrend   *state = PG_GETARG_KPI_TREND_P(0);
	KpiTrend   *result;

	if (state->count == 0)
		PG_RETURN_NULL();
	result = palloc(sizeof(KpiTrend));
	*result = *state;
	result->u = dd_normal(state->u);
	result->v = dd_normal(state->v);
	result->uu = dd_normal(state->uu);
	result->uv = dd_normal(state->uv);
	result->vv = dd_normal(state->vv);
	PG_RETURN_POINTER(result);
}

/* Units of u in one unit of the slope: a day for times, 1 for numbers. */
static double
unit_of(const KpiTrend *t)
{
	return t->domain == TREND_TIME ? (double) USECS_PER_DAY : 1.0;
}

static double
finite_result(double value, const char *what)
{
	if (!isfinite(value))
		kra_overflow(what);
	return value;
}

/*
 * Refuses differences so small that their squares are nothing to a float8, rather
 * than take them for none.
 */
void
kpi_trend_require_squares(const KpiTrend *t)
{
	if (!trend_has_squares(t))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("points of the trend are too near to each other for type double precision"),
				 errhint("Multiply the values, or what they run over, by a large number.")));
}

/* The line through the points; false where there is none. */
static bool
fit_of(const KpiTrend *t, TrendFit *fit)
{
	kpi_trend_require_squares(t);
	return trend_fit(t, fit);
}

/* slope(trend): value per day, or per unit of a number; NULL without a line. */
PG_FUNCTION_INFO_V1(kra_trend_slope);
Datum
kra_trend_slope(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	TrendFit	fit;

	if (!fit_of(t, &fit))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(finite_result(dd_value(fit.slope) * unit_of(t), "slope"));
}

static void
require_domain(const KpiTrend *t, TrendDomain domain)
{
	if (t->domain == domain || t->domain == TREND_EMPTY)
		return;
	if (domain == TREND_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("this trend is over numbers, not over times"),
				 errhint("Use the form with a number (double precision), or slope(trend) and eta_float8(trend, target).")));
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("this trend is over times, not over numbers"),
			 errhint("Use the form with a date or timestamp, or eta(trend, target).")));
}

/* slope(trend, per): value per interval; a month is 365.25/12 days. */
PG_FUNCTION_INFO_V1(kra_trend_slope_per);
Datum
kra_trend_slope_per(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	Interval   *per = PG_GETARG_INTERVAL_P(1);
	TrendFit	fit;
	double		days;

#ifdef INTERVAL_NOT_FINITE
	if (INTERVAL_NOT_FINITE(per))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval of a slope must be finite")));
#endif
	days = per->month * TREND_DAYS_PER_MONTH + per->day +
		(double) per->time / USECS_PER_DAY;
	if (days <= 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval of a slope must be above 0")));
	require_domain(t, TREND_TIME);
	if (!fit_of(t, &fit))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(finite_result(dd_value(fit.slope) * (days * USECS_PER_DAY), "slope"));
}

/* intercept(trend): the line's height at 0, or at 1970-01-01 00:00 UTC for times. */
PG_FUNCTION_INFO_V1(kra_trend_intercept);
Datum
kra_trend_intercept(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	TrendFit	fit;
	TrendAt		zero;

	if (!fit_of(t, &fit))
		PG_RETURN_NULL();
	if (t->domain == TREND_TIME)
		zero.time = (int64) (UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
	else
		zero.number = 0.0;
	PG_RETURN_FLOAT8(finite_result(trend_value_at(t, &fit,
												  trend_offset(t->domain, zero, t->origin_at)),
								   "intercept"));
}

PG_FUNCTION_INFO_V1(kra_trend_r2);
Datum
kra_trend_r2(PG_FUNCTION_ARGS)
{
	TrendFit	fit;

	if (!fit_of(PG_GETARG_KPI_TREND_P(0), &fit))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(trend_r2(&fit));
}

/* slope_stderr(trend): in the unit of slope(trend); NULL under 3 points. */
PG_FUNCTION_INFO_V1(kra_trend_slope_stderr);
Datum
kra_trend_slope_stderr(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	TrendFit	fit;
	double		se;

	if (!fit_of(t, &fit) || !trend_slope_stderr(&fit, &se))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(finite_result(se * unit_of(t), "standard error"));
}

/* p_value(trend): of the slope against 0, two-sided; NULL under 3 points. */
PG_FUNCTION_INFO_V1(kra_trend_p_value);
Datum
kra_trend_p_value(PG_FUNCTION_ARGS)
{
	TrendFit	fit;
	double		p;

	if (!fit_of(PG_GETARG_KPI_TREND_P(0), &fit) || !trend_p_value(&fit, &p))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(p);
}

/* A probability strictly between 0 and 1. */
static double
probability_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	double		p;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	p = kra_finite_arg(fcinfo, argno, what);
	if (p <= 0.0 || p >= 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must lie between 0 and 1", what)));
	return p;
}

/* direction(trend [, alpha]): rising or falling when p <= alpha, else no_trend. */
PG_FUNCTION_INFO_V1(kra_trend_direction);
Datum
kra_trend_direction(PG_FUNCTION_ARGS)
{
	TrendFit	fit;
	double		alpha;
	double		p;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	alpha = probability_arg(fcinfo, 1, "alpha");
	if (!fit_of(PG_GETARG_KPI_TREND_P(0), &fit) || !trend_p_value(&fit, &p))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(p > alpha ? "no_trend" :
									 (dd_value(fit.slope) > 0.0 ? "rising" : "falling")));
}

/* Reads argument `argno` as a place on this trend, whose type is known. */
typedef enum AtType
{
	AT_TIMESTAMPTZ, AT_DATE, AT_FLOAT8, AT_TEXT
} AtType;

static double
offset_arg(FunctionCallInfo fcinfo, int argno, AtType type, const KpiTrend *t)
{
	TrendAt		at;

	if (type == AT_TEXT)
	{
		/* a literal whose type nobody said: a date or time for times, else a number */
		char	   *literal = kra_text_arg(fcinfo, argno, KRA_MAX_WORD, "place of a trend");

		if (t->domain == TREND_NUMBER)
			at.number = kra_check_finite(DatumGetFloat8(DirectFunctionCall1(float8in,
																			CStringGetDatum(literal))),
										 "\"at\"");
		else if (!kra_parse_time(literal, &at.time))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
					 errmsg("invalid date \"%s\" for a trend over times", literal),
					 errhint("Write a date such as 2027-03-31, a time such as 2027-03-31 09:30+00, or give a value of type date or timestamptz.")));
		return trend_offset(t->domain, at, t->origin_at);
	}
	if (type == AT_FLOAT8)
	{
		at.number = kra_finite_arg(fcinfo, argno, "\"at\"");
		require_domain(t, TREND_NUMBER);
		return trend_offset(TREND_NUMBER, at, t->origin_at);
	}
	if (type == AT_DATE)
		at.time = kra_date_to_time(PG_GETARG_DATEADT(argno));
	else
		at.time = PG_GETARG_TIMESTAMPTZ(argno);
	kra_check_time(at.time);
	require_domain(t, TREND_TIME);
	return trend_offset(TREND_TIME, at, t->origin_at);
}

/*
 * forecast(trend, at [, level]): the line's height and the interval in which one
 * new observation lies with probability `level`. NULL without a line; the
 * interval is NULL under 3 points.
 */
static Datum
forecast(FunctionCallInfo fcinfo, AtType type)
{
	KpiTrend   *t;
	TrendFit	fit;
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {false};
	double		u,
				se,
				value,
				level;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	t = PG_GETARG_KPI_TREND_P(0);
	level = probability_arg(fcinfo, 2, "level");
	u = offset_arg(fcinfo, 1, type, t);
	if (!fit_of(t, &fit))
		PG_RETURN_NULL();
	value = finite_result(trend_value_at(t, &fit, u), "forecast");
	values[0] = Float8GetDatum(value);
	if (trend_prediction_stderr(&fit, u, &se))
	{
		double		half = se * student_quantile(1.0 - level, fit.n - 2.0);

		values[1] = Float8GetDatum(finite_result(value - half, "forecast"));
		values[2] = Float8GetDatum(finite_result(value + half, "forecast"));
	}
	else
		nulls[1] = nulls[2] = true;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

PG_FUNCTION_INFO_V1(kra_trend_forecast);
Datum
kra_trend_forecast(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, AT_TIMESTAMPTZ);
}

PG_FUNCTION_INFO_V1(kra_trend_forecast_date);
Datum
kra_trend_forecast_date(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, AT_DATE);
}

PG_FUNCTION_INFO_V1(kra_trend_forecast_float8);
Datum
kra_trend_forecast_float8(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, AT_FLOAT8);
}

PG_FUNCTION_INFO_V1(kra_trend_forecast_text);
Datum
kra_trend_forecast_text(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, AT_TEXT);
}

/*
 * The first offset, from the last point on, at which the line meets the target;
 * false when it never does.
 */
static bool
eta_offset(const KpiTrend *t, const KpiTarget *target, double *u)
{
	TrendFit	fit;
	double		now;
	double		goal;
	double		ahead;

	if (!fit_of(t, &fit))
		return false;
	*u = trend_offset(t->domain, t->last_at, t->origin_at);
	now = trend_value_at(t, &fit, *u);
	if (kpi_distance(target, now) >= 0.0)
		return true;
	goal = (target->direction == KPI_INSIDE && now > target->upper) ?
		target->upper : target->lower;
	ahead = (goal - now) / dd_value(fit.slope);
	if (!isfinite(ahead) || ahead <= 0.0)
		return false;
	*u += ahead;
	return true;
}

/* eta(trend, target): when the line meets it; NULL if never, or beyond all dates. */
PG_FUNCTION_INFO_V1(kra_trend_eta);
Datum
kra_trend_eta(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	double		u;
	double		time;

	require_domain(t, TREND_TIME);
	if (!eta_offset(t, PG_GETARG_KPI_TARGET_P(1), &u))
		PG_RETURN_NULL();
	time = (double) t->origin_at.time + u;
	if (time < (double) MIN_TIMESTAMP || time >= (double) END_TIMESTAMP)
		PG_RETURN_NULL();

	/* an offset beyond int64 has no microseconds left to lose */
	if (fabs(u) >= 4e18)
		PG_RETURN_TIMESTAMPTZ((int64) rint(time));
	PG_RETURN_TIMESTAMPTZ(t->origin_at.time + (int64) rint(u));
}

PG_FUNCTION_INFO_V1(kra_trend_eta_float8);
Datum
kra_trend_eta_float8(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	double		u;

	require_domain(t, TREND_NUMBER);
	if (!eta_offset(t, PG_GETARG_KPI_TARGET_P(1), &u) || !isfinite(t->origin_at.number + u))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(t->origin_at.number + u);
}

/* P(X >= limit) for one new observation: centre, standard error above 0, df. */
static double
probability_above(double limit, double centre, double se, double df)
{
	return student_upper((limit - centre) / se, df);
}

/*
 * probability(trend, target, at): that of one new observation at that time
 * meeting the target, by the prediction distribution; NULL under 3 points. A
 * target of exactly T is met with probability 0, unless the fit is perfect.
 */
static Datum
probability(FunctionCallInfo fcinfo, AtType type)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	KpiTarget  *target = PG_GETARG_KPI_TARGET_P(1);
	double		u = offset_arg(fcinfo, 2, type, t);
	TrendFit	fit;
	double		se,
				centre,
				df,
				p;

	if (!fit_of(t, &fit) || !trend_prediction_stderr(&fit, u, &se))
		PG_RETURN_NULL();
	centre = finite_result(trend_value_at(t, &fit, u), "forecast");
	df = fit.n - 2.0;
	if (se == 0.0)
		p = kpi_distance(target, centre) >= 0.0 ? 1.0 : 0.0;
	else if (target->direction == KPI_AT_LEAST)
		p = probability_above(target->lower, centre, se, df);
	else if (target->direction == KPI_AT_MOST)
		p = probability_above(-target->lower, -centre, se, df);
	else if (target->lower > centre)
		p = probability_above(target->lower, centre, se, df) -
			probability_above(target->upper, centre, se, df);
	else
		p = probability_above(-target->upper, -centre, se, df) -
			probability_above(-target->lower, -centre, se, df);
	PG_RETURN_FLOAT8(Max(p, 0.0));
}

PG_FUNCTION_INFO_V1(kra_trend_probability);
Datum
kra_trend_probability(PG_FUNCTION_ARGS)
{
	return probability(fcinfo, AT_TIMESTAMPTZ);
}

PG_FUNCTION_INFO_V1(kra_trend_probability_date);
Datum
kra_trend_probability_date(PG_FUNCTION_ARGS)
{
	return probability(fcinfo, AT_DATE);
}

PG_FUNCTION_INFO_V1(kra_trend_probability_float8);
Datum
kra_trend_probability_float8(PG_FUNCTION_ARGS)
{
	return probability(fcinfo, AT_FLOAT8);
}

PG_FUNCTION_INFO_V1(kra_trend_probability_text);
Datum
kra_trend_probability_text(PG_FUNCTION_ARGS)
{
	return probability(fcinfo, AT_TEXT);
}

/* value(trend, what): first, last, mean, count. */
PG_FUNCTION_INFO_V1(kra_trend_value);
Datum
kra_trend_value(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);
	char	   *what = kra_text_arg(fcinfo, 1, KRA_MAX_WORD, "name of a part");
	double		result;

	if (strcmp(what, "count") == 0)
		PG_RETURN_FLOAT8((double) t->count);
	else if (strcmp(what, "first") == 0)
		result = t->first;
	else if (strcmp(what, "last") == 0)
		result = t->last;
	else if (strcmp(what, "mean") == 0)
		result = t->origin + dd_ratio(t->v, dd_from((double) Max(t->count, 1)));
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown part \"%s\" of a trend", what),
				 errhint("It is one of first, last, mean, count.")));
	if (t->count == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

/* first_at, last_at: NULL for trends over numbers. */
PG_FUNCTION_INFO_V1(kra_trend_first_at);
Datum
kra_trend_first_at(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);

	if (t->domain != TREND_TIME)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(t->first_at.time);
}

PG_FUNCTION_INFO_V1(kra_trend_last_at);
Datum
kra_trend_last_at(PG_FUNCTION_ARGS)
{
	KpiTrend   *t = PG_GETARG_KPI_TREND_P(0);

	if (t->domain != TREND_TIME)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(t->last_at.time);
}

static const KraField fields[] = {
	{"at", FIELD_UINT8, offsetof(KpiTrend, domain), 0, NULL},
	{"count", FIELD_INT64, offsetof(KpiTrend, count), 0, NULL},
	{"origin_at", FIELD_AT, offsetof(KpiTrend, origin_at), offsetof(KpiTrend, domain), NULL},
	{"origin", FIELD_FLOAT8, offsetof(KpiTrend, origin), 0, NULL},
	{"u", FIELD_SUM, offsetof(KpiTrend, u), 0, NULL},
	{"v", FIELD_SUM, offsetof(KpiTrend, v), 0, NULL},
	{"uu", FIELD_SUM, offsetof(KpiTrend, uu), 0, NULL},
	{"uv", FIELD_SUM, offsetof(KpiTrend, uv), 0, NULL},
	{"vv", FIELD_SUM, offsetof(KpiTrend, vv), 0, NULL},
	{"first_at", FIELD_AT, offsetof(KpiTrend, first_at), offsetof(KpiTrend, domain), NULL},
	{"first", FIELD_FLOAT8, offsetof(KpiTrend, first), 0, NULL},
	{"last_at", FIELD_AT, offsetof(KpiTrend, last_at), offsetof(KpiTrend, domain), NULL},
	{"last", FIELD_FLOAT8, offsetof(KpiTrend, last), 0, NULL},
};

const KraType kpi_trend_type = {TYPE_NAME, countof(fields), fields};

KRA_EQUALITY(kpi_trend);
