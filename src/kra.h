/*
 * kra.h: what the SQL-callable floors share: enums, checks, texts, JSON.
 */
#ifndef KRA_H
#define KRA_H

#include "postgres.h"

#include "compat.h"
#include "ddouble.h"
#include "limits.h"
#include "lib/stringinfo.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "attainment.h"
#include "spc.h"

/* The order of the SQL enum kpi_kind. */
typedef enum KpiKind
{
	KPI_OUTCOME = 0,
	KPI_ACTIVITY
} KpiKind;

#define KPI_KIND_COUNT 2

/* Does the KPI tell what is to come, or what has been? As the catalogue says it. */
typedef enum KpiTiming
{
	KPI_TIMING_UNKNOWN = 0,
	KPI_LEADING,
	KPI_LAGGING
} KpiTiming;

/* Counts stay exact as float8. */
#define KRA_MAX_COUNT (INT64CONST(1) << 53)

/* Elements of an array, as an int. */
#define countof(array) ((int) lengthof(array))

/* kra.c: enums, and checks of arguments */
extern const char *kpi_kind_name(KpiKind kind);
extern Oid kra_kind_oids[];
extern bool kra_enums_known;
extern const char *kpi_timing_name(KpiTiming timing);
extern bool kpi_timing_parse(const char *word, int len, uint8 *timing);
extern uint8 kra_timing_arg(FunctionCallInfo fcinfo, int argno);
extern KpiKind kra_kind_arg_slow(FunctionCallInfo fcinfo, int argno);
extern Datum kra_kind_datum(KpiKind kind);
extern Datum kra_status_datum(KpiStatus status);
extern KpiStatus kra_status_of(Datum value);
extern KpiStatus kra_status_arg(FunctionCallInfo fcinfo, int argno);
extern Datum kra_mark_datum(SpcMark mark);
extern SpcMark kra_mark_arg(FunctionCallInfo fcinfo, int argno);
extern int kra_begin_spi(void);
extern void kra_end_spi(int level);
extern double kra_share_arg(FunctionCallInfo fcinfo, int argno, const char *what);
extern double kra_cap_arg(FunctionCallInfo fcinfo, int argno);
pg_noreturn extern void kra_too_many(void);
extern void kra_check_attainment(const KpiAssessment *a, double actual, const KpiTarget *target);
extern const char *kra_not_finite_name(double value);
pg_noreturn extern void kra_not_finite(double value, const char *what);
pg_noreturn extern void kra_bad_weight(bool isnull);
pg_noreturn extern void kra_overflow(const char *what);

static inline double
kra_check_finite(double value, const char *what)
{
	if (unlikely(!isfinite(value)))
		kra_not_finite(value, what);
	return value + 0.0;			/* -0 becomes 0 */
}

/* AggCheckCallContext(), without a call for a plain aggregate. */
static inline bool
kra_in_aggregate(FunctionCallInfo fcinfo)
{
	return likely(fcinfo->context != NULL && IsA(fcinfo->context, AggState)) ||
		AggCheckCallContext(fcinfo, NULL);
}

/* A kind that is not NULL. */
static inline KpiKind
kra_kind_arg(FunctionCallInfo fcinfo, int argno)
{
	KpiKind		kind = (KpiKind) (PG_GETARG_OID(argno) == kra_kind_oids[KPI_ACTIVITY]);

	if (likely(kra_enums_known && !PG_ARGISNULL(argno) && PG_GETARG_OID(argno) == kra_kind_oids[kind]))
		return kind;
	return kra_kind_arg_slow(fcinfo, argno);
}

/* Adds counts of valid values, neither above KRA_MAX_COUNT. */
static inline int64
kra_add_counts(int64 a, int64 b)
{
	if (unlikely(a + b > KRA_MAX_COUNT))
		kra_too_many();
	return a + b;
}

/*
 * An argument of a function that belongs to the owner of the extension, who may
 * take STRICT off it: a NULL would be read as a pointer.
 */
static inline void
kra_need_arg(FunctionCallInfo fcinfo, int argno)
{
	if (unlikely(PG_ARGISNULL(argno)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument %d must not be NULL", argno + 1)));
}

static inline text *
kra_needed_text(FunctionCallInfo fcinfo, int argno)
{
	kra_need_arg(fcinfo, argno);
	return PG_GETARG_TEXT_PP(argno);
}
#define KRA_GETARG_TEXT_PP(n) kra_needed_text(fcinfo, n)

/* A float8 argument that is not NULL and must be finite. */
static inline double
kra_finite_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	return kra_check_finite(PG_GETARG_FLOAT8(argno), what);
}

/* A weight: given, finite, and not negative. NULL is an error, not 1. */
static inline double
kra_weight_arg(FunctionCallInfo fcinfo, int argno)
{
	double		weight;

	if (unlikely(PG_ARGISNULL(argno)))
		kra_bad_weight(true);
	weight = kra_finite_arg(fcinfo, argno, "weight");
	if (unlikely(weight < 0.0))
		kra_bad_weight(false);
	return weight;
}

/* text.c: locale-free printing and parsing of numbers, dates and times */
extern void kra_append_float8(StringInfo buf, double value);
extern void kra_append_sum(StringInfo buf, DDouble sum);
extern void kra_append_time(StringInfo buf, int64 at);
extern void kra_append_date(StringInfo buf, int32 date);
extern bool kra_parse_date(const char *str, int len, int32 *date);
extern bool kra_parse_time(const char *str, int64 *at);
extern bool kra_date_in_range(int32 date);
extern char *kra_number_text(double value, const double *beside, const double *beside_too);
extern char *kra_share_text(double share, const double *beside, int decimals);

/* json.c: reading JSON of a known shape */
typedef struct KraJson
{
	const char *type_name;		/* for messages */
	Node	   *escontext;
	int			nkeys;
	const char *const *keys;
	JsonbValue *values;			/* type jbvNull where absent or null */
	bool	   *present;
} KraJson;

extern Jsonb *kra_json_parse(char *str, Size limit, const char *type_name, Node *escontext);
extern bool kra_json_open(KraJson *json, JsonbContainer *object);
extern bool kra_json_float8(KraJson *json, int key, double *value, bool *isnull);
extern bool kra_json_int64(KraJson *json, int key, int64 *value);
extern bool kra_json_sum(KraJson *json, int key, DDouble *value);
extern bool kra_json_time(KraJson *json, int key, int64 *value, bool *isnull);
extern bool kra_json_string(KraJson *json, int key, char **value, int *len, bool *isnull);
extern bool kra_json_number(JsonbValue *v, const char *type_name, const char *key,
							double *value, Node *escontext);
extern Datum kra_jsonb_from_text(char *str);
extern bool kpi_target_from_json(KpiTarget *t, JsonbContainer *object, Node *escontext);

/* Puts a sum that was read into its normal form; false when it is not finite. */
static inline bool
kra_settle_sum(DDouble *sum)
{
	*sum = dd_normal(*sum);
	sum->hi += 0.0;				/* -0 becomes 0 */
	sum->lo += 0.0;
	return isfinite(sum->hi) && isfinite(sum->lo);
}

extern void kra_send_sum(StringInfo buf, DDouble sum);
extern DDouble kra_recv_sum(StringInfo buf);
extern void kra_check_version(int version, int expected, const char *type_name);

#endif							/* KRA_H */
