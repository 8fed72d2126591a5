/*
 * kra.c: the module, the SQL enums as C sees them, and checks of arguments that
 * every SQL-callable function shares.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "kra.h"

KRA_MODULE_MAGIC;

static const char *const kind_names[KPI_KIND_COUNT] = {"outcome", "activity"};

static const char *const mark_names[SPC_MARK_COUNT] = {
	"trial", "none", "alternating", "hugging", "avoiding", "run_below", "run_above",
	"near_low", "near_high", "trend_down", "trend_up", "beyond_low", "beyond_high"
};

const char *
kpi_kind_name(KpiKind kind)
{
	return kind_names[kind];
}

/* NULL when it is not known. */
const char *
kpi_timing_name(KpiTiming timing)
{
	static const char *const names[] = {NULL, "leading", "lagging"};

	return names[timing];
}

bool
kpi_timing_parse(const char *word, int len, uint8 *timing)
{
	if (len != 7 || (memcmp(word, "leading", 7) != 0 && memcmp(word, "lagging", 7) != 0))
		return false;
	*timing = word[1] == 'e' ? KPI_LEADING : KPI_LAGGING;
	return true;
}

/* A timing that is not NULL, as a word. */
uint8
kra_timing_arg(FunctionCallInfo fcinfo, int argno)
{
	char	   *word = kra_text_arg(fcinfo, argno, KRA_MAX_WORD, "timing");
	uint8		timing;

	if (!kpi_timing_parse(word, strlen(word), &timing))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("timing must be \"leading\" or \"lagging\", not \"%s\"",
						kra_echo(word, strlen(word)))));
	return timing;
}

/*
 * The OIDs of the enum labels, looked up by name once a session. They change
 * only when the extension is dropped and created again, or when a label is
 * altered; both invalidate the syscache entries, and the callback forgets.
 */
static Oid	status_oids[KPI_STATUS_COUNT];
static Oid	mark_oids[SPC_MARK_COUNT];
Oid			kra_kind_oids[KPI_KIND_COUNT];
bool		kra_enums_known = false;

static void
forget_enums(Datum arg, int cacheid, uint32 hashvalue)
{
	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	kra_enums_known = false;
}

static Oid
label_oid(Oid type, const char *type_name, const char *label)
{
	Oid			oid = GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid,
									  ObjectIdGetDatum(type), CStringGetDatum(label));

	if (!OidIsValid(oid))
		elog(ERROR, "type kra.%s has no label \"%s\"", type_name, label);
	return oid;
}

static Oid
enum_type(Oid nsp, const char *type_name)
{
	Oid			oid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									  CStringGetDatum(type_name),
									  ObjectIdGetDatum(nsp));

	if (!OidIsValid(oid))
		elog(ERROR, "type kra.%s does not exist", type_name);
	return oid;
}

static void
know_enums(void)
{
	static bool registered = false;
	Oid			nsp;
	Oid			type;

	if (likely(kra_enums_known))
		return;
	if (!registered)
	{
		CacheRegisterSyscacheCallback(ENUMTYPOIDNAME, forget_enums, (Datum) 0);
		CacheRegisterSyscacheCallback(TYPEOID, forget_enums, (Datum) 0);
		registered = true;
	}
	nsp = get_namespace_oid("kra", false);
	type = enum_type(nsp, "kpi_status");
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		status_oids[i] = label_oid(type, "kpi_status", kpi_status_name(i));
	type = enum_type(nsp, "kpi_kind");
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		kra_kind_oids[i] = label_oid(type, "kpi_kind", kind_names[i]);
	type = enum_type(nsp, "kpi_signal");
	for (int i = 0; i < SPC_MARK_COUNT; i++)
		mark_oids[i] = label_oid(type, "kpi_signal", mark_names[i]);
	kra_enums_known = true;
}

Datum
kra_status_datum(KpiStatus status)
{
	know_enums();
	return ObjectIdGetDatum(status_oids[status]);
}

/*
 * Begins to run queries of our own, in which no name or operator may be that of a schema
 * in the caller's path; what it gives is for kra_end_spi().
 */
int
kra_begin_spi(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	return level;
}

void
kra_end_spi(int level)
{
	SPI_finish();
	AtEOXact_GUC(false, level);
}

/* The index of a label; -1: it is none of them. */
static int
find_label(const Oid *oids, int count, Oid oid)
{
	know_enums();
	for (int i = 0; i < count; i++)
		if (oids[i] == oid)
			return i;
	return -1;
}

/* The status that an enum value stands for. */
KpiStatus
kra_status_of(Datum value)
{
	int			status = find_label(status_oids, KPI_STATUS_COUNT, DatumGetObjectId(value));

	if (status < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("status is not one of the labels that kra defines")));
	return (KpiStatus) status;
}

KpiStatus
kra_status_arg(FunctionCallInfo fcinfo, int argno)
{
	return kra_status_of(PG_GETARG_DATUM(argno));
}

Datum
kra_mark_datum(SpcMark mark)
{
	know_enums();
	return ObjectIdGetDatum(mark_oids[mark]);
}

/* The mark that an enum value stands for. */
SpcMark
kra_mark_arg(FunctionCallInfo fcinfo, int argno)
{
	int			mark = find_label(mark_oids, SPC_MARK_COUNT, PG_GETARG_OID(argno));

	if (mark < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("signal is not one of the labels that kra defines")));
	return (SpcMark) mark;
}

Datum
kra_kind_datum(KpiKind kind)
{
	know_enums();
	return ObjectIdGetDatum(kra_kind_oids[kind]);
}

KpiKind
kra_kind_arg_slow(FunctionCallInfo fcinfo, int argno)
{
	Oid			oid;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("kind of a KPI must not be null"),
				 errhint("A KPI is either an \"outcome\" or an \"activity\".")));
	oid = PG_GETARG_OID(argno);
	know_enums();
	for (int i = 0; i < KPI_KIND_COUNT; i++)
		if (kra_kind_oids[i] == oid)
			return (KpiKind) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("kind is not one of the labels that kra defines")));
}

const char *
kra_not_finite_name(double value)
{
	return isnan(value) ? "NaN" : (value > 0 ? "Infinity" : "-Infinity");
}

/* Complains about a number that must be finite and is not; names the value. */
void
kra_not_finite(double value, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be a finite number, not %s", what,
					kra_not_finite_name(value))));
}

/* Refuses an attainment that no float8 holds, with its figures. */
void
kra_check_attainment(const KpiAssessment *a, double actual, const KpiTarget *target)
{
	StringInfoData number;

	if (!a->has_attainment || isfinite(a->attainment))
		return;
	initStringInfo(&number);
	kra_append_float8(&number, actual);
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("attainment of %s against \"%s\" is out of range for type double precision",
					number.data, kpi_target_print(target))));
}

void
kra_too_many(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("count is out of range: it is above " INT64_FORMAT, KRA_MAX_COUNT)));
}

void
kra_bad_weight(bool isnull)
{
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("weight must not be null"),
				 errhint("Say what a missing weight means, for instance with coalesce(weight, 1).")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("weight must not be negative")));
}

void
kra_overflow(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s is out of range for type double precision", what)));
}

/* An option between 0 and 1, not NULL. */
double
kra_share_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	double		share;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	share = kra_finite_arg(fcinfo, argno, what);
	if (share < 0.0 || share > 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be between 0 and 1", what)));
	return share;
}

/* The cap of a score: finite and above 0, not NULL. */
double
kra_cap_arg(FunctionCallInfo fcinfo, int argno)
{
	double		cap;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("cap must not be null")));
	cap = kra_finite_arg(fcinfo, argno, "cap");
	if (cap <= 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("cap must be above 0")));
	return cap;
}

/* Refuses what is longer than a limit; says what it is, and shows nothing of it. */
bool
kra_check_size(Size size, Size limit, const char *what, Node *escontext)
{
	if (unlikely(size > limit))
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s is longer than %zu bytes", what, limit)));
	return true;
}

/* A text up to a limit, whose size is looked at before it is fetched. */
char *
kra_text_datum(Datum value, Size limit, const char *what)
{
	kra_check_size(toast_raw_datum_size(value) - VARHDRSZ, limit, what, NULL);
	return TextDatumGetCString(value);
}

char *
kra_text_arg(FunctionCallInfo fcinfo, int argno, Size limit, const char *what)
{
	kra_need_arg(fcinfo, argno);
	return kra_text_datum(PG_GETARG_DATUM(argno), limit, what);
}

/* A jsonb argument that is to become a value. */
Jsonb *
kra_jsonb_arg(FunctionCallInfo fcinfo, int argno, Size limit, const char *type_name)
{
	kra_check_size(toast_raw_datum_size(PG_GETARG_DATUM(argno)) - VARHDRSZ, limit,
				   psprintf("jsonb of type %s", type_name), NULL);
	return PG_GETARG_JSONB_P(argno);
}

/* What an error shows of a text: its first characters. Need not be terminated. */
char *
kra_echo(const char *text, int len)
{
	int			shown = pg_mbcharcliplen(text, len, KRA_ECHO_CHARS);

	if (shown == len)
		return pnstrdup(text, len);
	shown = pg_mbcharcliplen(text, len, KRA_ECHO_CHARS - 3);
	return psprintf("%.*s...", shown, text);
}

void
kra_send_sum(StringInfo buf, DDouble sum)
{
	pq_sendfloat8(buf, sum.hi);
	pq_sendfloat8(buf, sum.lo);
}

DDouble
kra_recv_sum(StringInfo buf)
{
	DDouble		sum;

	sum.hi = pq_getmsgfloat8(buf);
	sum.lo = pq_getmsgfloat8(buf);
	return sum;
}

void
kra_check_version(int version, int expected, const char *type_name)
{
	if (version != expected)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of the binary format of type %s",
						version, type_name)));
}

PG_FUNCTION_INFO_V1(kra_version);
Datum
kra_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(KRA_VERSION));
}
