/*
 * collect.c: measurements out of a source relation, for a keeper who need not see
 * the subjects. What the source says is read with the rights of the caller; what
 * comes of it is written by the owner of the tables, whom row-level security does
 * not bind. Nothing that the caller may set comes between the two: the facts are
 * a query that kra composes of the KPI's definition, their rows are kept in a
 * tuplestore, and the statement that writes reads them from there by name.
 *
 * What is written so is no change by hand: is_collecting() tells the log.
 *
 *   lock the KPI, where does it start      as the owner
 *   compose the queries, read the facts    as the caller
 *   bring the measurements in line         as the owner
 *   where there are faults: what they are  as the caller
 *   where not all was read: what is older  as the caller
 *   what there is to warn of               as the owner
 *
 * and to compare older periods with the source, in the same way
 *
 *   which                                  as the owner
 *   compose the query, read the facts      as the caller
 *   compare                                as the owner
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "replication/logicalworker.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/queryenvironment.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "collect.h"
#include "kra.h"

/* Groups in memory cost a fraction of groups on disk. In kilobytes. */
#define COLLECT_WORK_MEM (256 * 1024)

/* While the statement below writes: its rows are no change by hand. */
static bool collecting = false;

static const char *const lock_query =
"SELECT kra_internal.grain_rank(k.grid) FROM kra.kpis k WHERE k.id = $1 FOR NO KEY UPDATE";

/* Days of a period, by the rank of its grain. */
static const int days_of_grain[] = {1, 7, 30, 91, 182, 365};

static const char *const from_query =
"SELECT kra_internal.collect_from($1, $2, $3)";

static const char *const compose_query =
"SELECT q.facts, q.faults, q.older FROM kra_internal.collect_query($1, $2) q";

/* Is what is stored, o, not what the source says, w? A sum may have digits that no float8 shows. */
#define DIFFERS \
"o.actual <> w.actual" \
" AND (kra.value(o.actual, 'count'), kra.value(o.actual, 'sum'), kra.weight(o.actual)," \
"      kra.value(o.actual, 'min'), kra.value(o.actual, 'max'), kra.value(o.actual, 'first')," \
"      kra.value(o.actual, 'last'), kra.first_at(o.actual), kra.last_at(o.actual))" \
"     IS DISTINCT FROM" \
"     (kra.value(w.actual, 'count'), kra.value(w.actual, 'sum'), kra.weight(w.actual)," \
"      kra.value(w.actual, 'min'), kra.value(w.actual, 'max'), kra.value(w.actual, 'first')," \
"      kra.value(w.actual, 'last'), kra.first_at(w.actual), kra.last_at(w.actual))"

/*
 * $1 the KPI, $2 the first day that was read, NULL for all. A full join is never
 * a nested loop, however wrong the planner is about how many there are.
 */
static const char *const write_query =
"WITH kpi AS MATERIALIZED ("
"    SELECT k.id, k.grid, k.source_relation FROM kra.kpis k WHERE k.id = $1"
"), keyed AS MATERIALIZED ("
"    SELECT t.id, f.subject, f.period, f.actual, f.n"
"    FROM kra_collect_facts f LEFT JOIN kra.subjects t ON t.key = f.subject"
"), differences AS MATERIALIZED ("
"    SELECT w.id, w.period, w.actual, CASE WHEN w.id IS NULL THEN o.ctid END AS gone"
"    FROM (SELECT f.id, f.period, f.actual FROM keyed f"
"          WHERE f.id IS NOT NULL AND f.actual IS NOT NULL) w"
"    FULL JOIN (SELECT m.ctid, m.subject_id, m.period_start, m.actual, m.source"
"               FROM kra.measurements m"
"               WHERE m.kpi_id = $1 AND m.period_start >= coalesce($2, '-infinity')) o"
"        ON o.subject_id = w.id AND o.period_start = w.period"
"    WHERE CASE WHEN w.id IS NULL THEN o.source <> 'record'"
"               WHEN o.subject_id IS NULL THEN true"
"               WHEN o.source <> (SELECT source_relation FROM kpi) THEN true"
"               ELSE " DIFFERS
"          END"
"), removed AS ("
"    DELETE FROM kra.measurements m"
"    WHERE m.ctid = ANY (ARRAY(SELECT d.gone FROM differences d WHERE d.id IS NULL))"
"    RETURNING 1"
"), written AS ("
"    INSERT INTO kra.measurements AS m"
"        (kpi_id, subject_id, period_start, grid, actual, recorded_at, source)"
"    SELECT k.id, d.id, d.period, k.grid, d.actual, now(), k.source_relation"
"    FROM differences d CROSS JOIN kpi k"
"    WHERE d.id IS NOT NULL"
"    ORDER BY d.id, d.period"
"    ON CONFLICT (kpi_id, subject_id, period_start) DO UPDATE"
"    SET actual = excluded.actual, recorded_at = excluded.recorded_at, source = excluded.source"
"    RETURNING 1"
"), unknown AS ("
"    SELECT DISTINCT w.subject FROM keyed w WHERE w.id IS NULL AND w.actual IS NOT NULL"
")"
" SELECT $2::date, (count(DISTINCT w.period) FILTER (WHERE w.actual IS NOT NULL))::integer,"
"        (SELECT count(*)::integer FROM written),"
"        (SELECT count(*)::integer FROM removed), coalesce(sum(w.n), 0)::bigint,"
"        (SELECT count(*)::integer FROM unknown),"
"        ARRAY(SELECT left(u.subject, 200) FROM unknown u ORDER BY u.subject COLLATE \"C\" LIMIT 20),"
"        coalesce(sum(w.n - coalesce(kra.value(w.actual, 'count')::bigint, 0)), 0)::bigint, '{}'::text[],"
"        (count(DISTINCT w.period) FILTER (WHERE w.period > d.today AND w.actual IS NOT NULL))::integer,"
"        '{}'::text[], min(w.period) FILTER (WHERE w.actual IS NOT NULL),"
"        greatest(max(w.period) FILTER (WHERE w.period > d.today AND w.actual IS NOT NULL),"
"                 kra_internal.day_of(max(kra.last_at(w.actual)) FILTER (WHERE w.period >= d.running)))"
" FROM keyed w"
" CROSS JOIN (SELECT kra_internal.today() AS today,"
"                    kra_internal.grid_start(k.grid, kra_internal.today()) AS running FROM kpi k) d";

/* Its columns, of which the first are those of collect_kpi(). */
enum
{
	REPORT_BAD_VALUES = 7, REPORT_BAD_EXAMPLES, REPORT_FUTURE_PERIODS, REPORT_WARNINGS, REPORT_COLUMNS,
	REPORT_FIRST_PERIOD = REPORT_COLUMNS, REPORT_LAST_DAY, REPORT_ALL_COLUMNS
};

/* $1 the KPI, $2 the first day that was read: before which day was nothing ever collected? */
static const char *const older_query =
"SELECT least($2, (SELECT min(m.period_start) FROM kra.measurements m"
"                  WHERE m.kpi_id = $1 AND m.source <> 'record'))";

/*
 * $1 the KPI, $2 the first period that was read, $3 the last day. Whether anybody's
 * card begins later is asked first: as a rule nobody's does.
 */
static const char *const warn_query =
"SELECT array_remove(ARRAY["
"    (SELECT kra_internal.collect_early($1, e.subject_id, e.subjects, e.n, e.first_period)"
"     FROM (SELECT (array_agg(b.subject_id ORDER BY b.n DESC, b.subject_id))[1] AS subject_id,"
"                  count(*)::integer AS subjects, sum(b.n)::bigint AS n, min(b.first_period) AS first_period"
"           FROM (SELECT f.subject_id, sum(f.n) AS n, min(f.period) AS first_period"
"                 FROM (SELECT t.id AS subject_id, f.period, f.n, k.grid"
"                       FROM kra_collect_facts f"
"                       JOIN kra.subjects t ON t.key = f.subject"
"                       CROSS JOIN (SELECT k.grid FROM kra.kpis k WHERE k.id = $1) k"
"                       WHERE f.actual IS NOT NULL"
"                         AND $2 < (SELECT max(b.day) FROM kra_internal.collect_begins($1) b)) f"
"                 JOIN kra_internal.collect_begins($1) b ON b.subject_id = f.subject_id"
"                     AND f.period < kra_internal.grid_start(f.grid, b.day)"
"                 GROUP BY f.subject_id) b) e"
"     WHERE e.n > 0),"
"    (SELECT kra_internal.collect_never_read(sum(f.n)::bigint, min(f.period))"
"     FROM kra_collect_older f JOIN kra.subjects t ON t.key = f.subject),"
"    kra_internal.collect_ahead($3)], NULL)";

/* $1 the KPI, $2 the first day that was read. */
static const char *const check_days_query =
"SELECT d.first_day, d.until_day, d.grain FROM kra_internal.collect_check_days($1, $2) d";

static const char *const compose_check_query =
"SELECT q.again FROM kra_internal.collect_query($1, $2) q";

/* $1 the KPI, $2 the first day that was compared, $3 the day before which it ends. */
static const char *const check_query =
"SELECT kra_internal.collect_late(count(*), min(coalesce(w.period, o.period_start)))"
" FROM (SELECT t.id, f.period, f.actual"
"       FROM kra_collect_again f JOIN kra.subjects t ON t.key = f.subject"
"       WHERE f.actual IS NOT NULL) w"
" FULL JOIN (SELECT m.subject_id, m.period_start, m.actual, m.source"
"            FROM kra.measurements m"
"            WHERE m.kpi_id = $1 AND m.period_start >= $2 AND m.period_start < $3) o"
"     ON o.subject_id = w.id AND o.period_start = w.period"
" WHERE o.source IS DISTINCT FROM 'record'"
"   AND (w.id IS NULL OR o.subject_id IS NULL OR " DIFFERS ")";

/* Whose rights are taken on, and what to put back. */
typedef struct Identity
{
	Oid			user;
	int			security;
} Identity;

static Oid
owner_of_tables(void)
{
	Oid			oid = get_relname_relid("measurements", get_namespace_oid("kra", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "there is no table kra.measurements");
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* The owner of the tables, restricted as what VACUUM and REFRESH run. */
static void
become_owner(Identity *before)
{
	GetUserIdAndSecContext(&before->user, &before->security);
	SetUserIdAndSecContext(owner_of_tables(), before->security | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
}

static void
become_again(const Identity *before)
{
	SetUserIdAndSecContext(before->user, before->security);
}

/* Runs a query under a snapshot of its own. */
static void
run(const char *query, int nargs, Oid *types, Datum *values, const char *nulls, int expected)
{
	if (SPI_execute_with_args(query, nargs, types, values, nulls, false, 0) != expected)
		elog(ERROR, "could not run: %s", query);
}

/* The columns of the facts: those of the type kra_internal.collect_fact. */
static TupleDesc
facts_columns(void)
{
	Oid			oid = get_relname_relid("collect_fact", get_namespace_oid("kra_internal", false));

	if (!OidIsValid(oid))
		elog(ERROR, "there is no type kra_internal.collect_fact");
	return lookup_rowtype_tupdesc_copy(get_rel_type_id(oid), -1);
}

/*
 * Parameters of the queries of a source: the day from which on they read, and the
 * one before which, each as a date, a timestamp and a timestamptz, of the type of
 * the source's column, so that indexes, partitions and foreign servers can use
 * them. Time is UTC here.
 */
static ParamListInfo
days_as_parameters(Datum from, Datum until, bool isnull)
{
	static const Oid types[] = {DATEOID, TIMESTAMPOID, TIMESTAMPTZOID};
	ParamListInfo params = makeParamList(2 * lengthof(types));

	for (int i = 0; i < params->numParams; i++)
	{
		Oid			type = types[i % lengthof(types)];
		Datum		day = i < (int) lengthof(types) ? from : until;

		params->params[i].ptype = type;
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].isnull = isnull;
		params->params[i].value = isnull || type == DATEOID ? day :
			TimestampGetDatum((Timestamp) DatumGetDateADT(day) * USECS_PER_DAY);
	}
	return params;
}

/* Those of a query that reads to the end. */
static ParamListInfo
day_as_parameters(Datum from, bool isnull)
{
	return days_as_parameters(from, from, isnull);
}

/* Runs a query of the source, one plain SELECT; what comes goes to a receiver, or else to SPI. */
static void
ask_source(const char *query, ParamListInfo params, DestReceiver *receiver)
{
	SPIExecuteOptions options;

	memset(&options, 0, sizeof(options));
	options.params = params;
	options.read_only = true;
	options.dest = receiver;
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_execute_extended(query, &options) != SPI_OK_SELECT)
		elog(ERROR, "not a SELECT: %s", query);
	PopActiveSnapshot();
}

/* Registers a store of facts under a name; query NULL: an empty one. */
static void
keep_facts(EphemeralNamedRelationData *facts, char *name, const char *query, ParamListInfo params)
{
	TupleDesc	columns = facts_columns();
	Tuplestorestate *store = tuplestore_begin_heap(false, false, work_mem);

	if (query != NULL)
	{
		DestReceiver *receiver = CreateDestReceiver(DestTuplestore);

		SetTuplestoreDestReceiverParams(receiver, store, CurrentMemoryContext, true, columns,
										"facts are not of the type kra_internal.collect_fact");
		ask_source(query, params, receiver);
		receiver->rDestroy(receiver);
	}
	memset(facts, 0, sizeof(*facts));
	facts->md.name = name;
	facts->md.reliddesc = InvalidOid;
	facts->md.tupdesc = columns;
	facts->md.enrtype = ENR_NAMED_TUPLESTORE;
	facts->md.enrtuples = (double) tuplestore_tuple_count(store);
	facts->reldata = store;
	if (SPI_register_relation(facts) != SPI_OK_REL_REGISTER)
		elog(ERROR, "SPI_register_relation failed");
}

static void
drop_facts(EphemeralNamedRelationData *facts)
{
	(void) SPI_unregister_relation(facts->md.name);
	tuplestore_end((Tuplestorestate *) facts->reldata);
}

/* A column of the first row that SPI has, as text or as it is. */
static char *
text_of(int column)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column + 1);
}

static Datum
value_of(int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column + 1, isnull);
}

/* A rolled back collect writes no longer. */
static void
stop_on_xact(XactEvent event pg_attribute_unused(), void *arg pg_attribute_unused())
{
	collecting = false;
	kra_estimate_periods(0);
}

static void
stop_on_subxact(SubXactEvent event, SubTransactionId subid pg_attribute_unused(),
				SubTransactionId parent pg_attribute_unused(), void *arg pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		collecting = false;
		kra_estimate_periods(0);
	}
}

/* What both functions below begin with; gives the level of settings to go back to. */
static int
begin_collect(void)
{
	static bool watching = false;
	int			level = NewGUCNestLevel();

	if (!watching)
	{
		RegisterXactCallback(stop_on_xact, NULL);
		RegisterSubXactCallback(stop_on_subxact, NULL);
		watching = true;
	}
	if (work_mem < COLLECT_WORK_MEM)
		(void) set_config_option("work_mem", psprintf("%d", COLLECT_WORK_MEM), PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	return level;
}

/*
 * collect_kpi(kpi_id, since, full): brings the measurements of a KPI in line with
 * its source, and reports what was read and changed. since: read from the period
 * of that day on; full: all. The SQL declaration sets search_path and timezone.
 */
PG_FUNCTION_INFO_V1(kra_collect_kpi);
Datum
kra_collect_kpi(PG_FUNCTION_ARGS)
{
	Oid			types[] = {INT4OID, DATEOID, BOOLOID};
	Datum		values[3] = {0};
	char		nulls[] = "   ";
	Identity	caller;
	EphemeralNamedRelationData facts;
	EphemeralNamedRelationData older;
	ParamListInfo days;
	TupleDesc	desc;
	Datum		report[REPORT_ALL_COLUMNS];
	bool		report_nulls[REPORT_ALL_COLUMNS];
	char	   *facts_query;
	char	   *faults_query;
	char	   *older_rows_query;
	bool		everything;
	int			grain;
	Datum		result;
	int			level;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("KPI and full must not be null")));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != REPORT_COLUMNS)
		elog(ERROR, "return type must be a row type of %d columns", REPORT_COLUMNS);
	desc = BlessTupleDesc(desc);
	values[0] = PG_GETARG_DATUM(0);
	values[1] = PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1);
	values[2] = PG_GETARG_DATUM(2);
	if (PG_ARGISNULL(1))
		nulls[1] = 'n';

	level = begin_collect();

	become_owner(&caller);
	run(lock_query, 1, types, values, nulls, SPI_OK_SELECT);
	if (SPI_processed == 0)
		elog(ERROR, "there is no KPI %d", DatumGetInt32(values[0]));
	grain = DatumGetInt32(value_of(0, &everything));
	run(from_query, 3, types, values, nulls, SPI_OK_SELECT);
	values[1] = value_of(0, &everything);
	nulls[1] = everything ? 'n' : ' ';
	become_again(&caller);

	run(compose_query, 2, types, values, nulls, SPI_OK_SELECT);
	facts_query = text_of(0);
	faults_query = text_of(1);
	older_rows_query = text_of(2);
	if (facts_query == NULL || faults_query == NULL || older_rows_query == NULL)
		elog(ERROR, "there is no query of facts");
	days = day_as_parameters(values[1], everything);
	kra_estimate_periods(days_of_grain[grain]);
	keep_facts(&facts, "kra_collect_facts", facts_query, days);
	kra_estimate_periods(0);

	become_owner(&caller);
	collecting = true;
	run(write_query, 2, types, values, nulls, SPI_OK_SELECT);
	collecting = false;
	for (int i = 0; i < REPORT_ALL_COLUMNS; i++)
	{
		report[i] = value_of(i, &report_nulls[i]);
		if (!report_nulls[i] && !TupleDescAttr(SPI_tuptable->tupdesc, i)->attbyval)
			report[i] = datumCopy(report[i], false, -1);
	}
	if (!everything)
	{
		run(older_query, 2, types, values, nulls, SPI_OK_SELECT);
		days = day_as_parameters(value_of(0, &everything), false);
	}
	become_again(&caller);

	if (DatumGetInt64(report[REPORT_BAD_VALUES]) > 0)
	{
		ask_source(faults_query, day_as_parameters(values[1], nulls[1] == 'n'), NULL);
		report[REPORT_BAD_EXAMPLES] = datumCopy(value_of(0, &everything), false, -1);
	}
	keep_facts(&older, "kra_collect_older", nulls[1] == 'n' ? NULL : older_rows_query, days);

	types[2] = DATEOID;
	values[1] = report[REPORT_FIRST_PERIOD];
	nulls[1] = report_nulls[REPORT_FIRST_PERIOD] ? 'n' : ' ';
	values[2] = report[REPORT_LAST_DAY];
	nulls[2] = report_nulls[REPORT_LAST_DAY] ? 'n' : ' ';
	become_owner(&caller);
	run(warn_query, 3, types, values, nulls, SPI_OK_SELECT);
	become_again(&caller);
	report[REPORT_WARNINGS] = value_of(0, &report_nulls[REPORT_WARNINGS]);

	result = PointerGetDatum(SPI_returntuple(heap_form_tuple(desc, report, report_nulls), desc));
	drop_facts(&older);
	drop_facts(&facts);
	SPI_finish();
	AtEOXact_GUC(false, level);
	PG_RETURN_DATUM(result);
}

/*
 * collect_check(kpi_id, read_from): compares some periods before a day with the
 * source, as collect_check_days() says, and gives the warning; NULL: they agree.
 */
PG_FUNCTION_INFO_V1(kra_collect_check);
Datum
kra_collect_check(PG_FUNCTION_ARGS)
{
	Oid			types[] = {INT4OID, DATEOID, DATEOID};
	Datum		values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), (Datum) 0};
	Identity	caller;
	EphemeralNamedRelationData again;
	Datum		warning = (Datum) 0;
	char	   *query;
	bool		is_none;
	int			grain;
	int			level = begin_collect();

	become_owner(&caller);
	run(check_days_query, 2, types, values, NULL, SPI_OK_SELECT);
	values[1] = value_of(0, &is_none);
	if (!is_none)
	{
		values[2] = value_of(1, &is_none);
		grain = DatumGetInt32(value_of(2, &is_none));
		become_again(&caller);

		run(compose_check_query, 2, types, values, NULL, SPI_OK_SELECT);
		query = text_of(0);
		if (query == NULL)
			elog(ERROR, "there is no query of facts");
		kra_estimate_periods(days_of_grain[grain]);
		keep_facts(&again, "kra_collect_again", query,
				   days_as_parameters(values[1], values[2], false));
		kra_estimate_periods(0);

		become_owner(&caller);
		run(check_query, 3, types, values, NULL, SPI_OK_SELECT);
		warning = value_of(0, &is_none);
		if (!is_none)
			warning = SPI_datumTransfer(warning, false, -1);
		drop_facts(&again);
	}
	become_again(&caller);
	SPI_finish();
	AtEOXact_GUC(false, level);
	if (is_none)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(warning);
}

/* is_collecting(): does collect write just now? For the log of what is changed by hand. */
PG_FUNCTION_INFO_V1(kra_is_collecting);
Datum
kra_is_collecting(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(collecting);
}

/* is_applying(): is this a worker of logical replication? */
PG_FUNCTION_INFO_V1(kra_is_applying);
Datum
kra_is_applying(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(IsLogicalWorker());
}

/* session_id(): start and process of the session, as %c of log_line_prefix. */
PG_FUNCTION_INFO_V1(kra_session_id);
Datum
kra_session_id(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%lx.%x", (long) MyStartTime, MyProcPid)));
}

/* is_owner(): has the current role the rights of the owner of the tables? */
PG_FUNCTION_INFO_V1(kra_is_owner);
Datum
kra_is_owner(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(has_privs_of_role(GetUserId(), owner_of_tables()));
}
