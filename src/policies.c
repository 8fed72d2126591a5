/*
 * policies.c: what row-level security asks of a row. Each policy of policies.sql is
 * calls of these functions on plain columns, and nothing else.
 *
 * The planner evaluates the conditions of a query in the order of their security
 * level, and within one in the order of their cost. Conditions of leakproof operators
 * that cost less than ten operators count as of the level of the policies. So a policy
 * that costs anything comes after what a reader writes at no cost, and may then tell
 * them by an error, a notice or the time it takes what a hidden row holds: constants,
 * parameters, IS NULL and boolean columns cost nothing, and = ANY of an empty array.
 * Policies therefore cost exactly nothing, by their support function. Of conditions of
 * the same cost the policies stand first, and the sort is stable. Not less than nothing:
 * a reader may call these functions, too, and would make a condition cheaper still.
 *
 * Nor does a function here raise an error for what a row holds.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/supportnodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "company.h"
#include "kra.h"
#include "visibility.h"

static inline bool
is_of(RoleKind kind)
{
	Question	q = {.kind = IS_OF_KIND,.role_kind = kind};

	return kra_viewer_may(&q);
}

static inline bool
sees_on(int32 subject_id, DateADT from, DateADT to)
{
	Question	q = {.kind = ON_DAYS,.subject_id = subject_id,.from = from,.to = to};

	return kra_viewer_may(&q);
}

static inline bool
sees_ever(int32 subject_id)
{
	Question	q = {.kind = EVER,.subject_id = subject_id};

	return kra_viewer_may(&q);
}

static inline bool
oversees(int32 subject_id, DateADT from, DateADT to)
{
	Question	q = {.kind = OVERSEES,.subject_id = subject_id,.from = from,.to = to};

	return kra_viewer_may(&q);
}

static inline bool
is_own(int32 subject_id)
{
	Question	q = {.kind = IS_OWN,.subject_id = subject_id};

	return kra_viewer_may(&q);
}

/* A date that tables say about a KPI and a subject until a day; DATEVAL_NOEND for none. */
static DateADT
ask_date(SPIPlanPtr *plan, const char *query, int32 kpi_id, int32 subject_id, DateADT day)
{
	Oid			types[] = {INT4OID, INT4OID, DATEOID};
	Datum		values[] = {Int32GetDatum(kpi_id), Int32GetDatum(subject_id), DateADTGetDatum(day)};
	TablesAsked asked;
	DateADT		result = DATEVAL_NOEND;
	bool		isnull;

	kra_ask_tables(&asked);
	if (*plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(query, 3, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare: %s", query);
		*plan = prepared;
	}
	if (SPI_execute_plan(*plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", query);
	if (SPI_processed > 0)
	{
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);

		if (!isnull)
			result = DatumGetDateADT(value);
	}
	kra_tables_answered(&asked);
	return result;
}

/* The same again ends nothing. */
static const char *const held_until_query =
"SELECT min(t.effective_from) - 1"
" FROM kra.targets t"
" WHERE t.kpi_id = $1 AND t.subject_id = $2 AND t.effective_from > $3"
"   AND coalesce(t.target <> (SELECT o.target FROM kra.targets o"
"                             WHERE o.kpi_id = $1 AND o.subject_id = $2 AND o.effective_from <= $3"
"                             ORDER BY o.effective_from DESC LIMIT 1), true)";

/* Does the viewer see the subject on a day on which the target of that day still held? */
static bool
sees_held(int32 kpi_id, int32 subject_id, DateADT day)
{
	static SPIPlanPtr plan = NULL;

	if (sees_on(subject_id, day, day))
		return true;
	if (!sees_on(subject_id, day, DATEVAL_NOEND))
		return false;
	return sees_on(subject_id, day, ask_date(&plan, held_until_query, kpi_id, subject_id, day));
}

/* Does the KPI belong today to a subject whose login is the viewer? */
static bool
is_own_kpi(int32 kpi_id)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[] = {INT4OID, DATEOID};
	Datum		values[] = {Int32GetDatum(kpi_id), DateADTGetDatum(kra_company_today())};
	TablesAsked asked;
	int32		owner = 0;
	bool		isnull = true;

	kra_ask_tables(&asked);
	if (plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare("SELECT o.subject_id FROM kra.kpi_owners o"
										   " WHERE o.kpi_id = $1 AND o.effective_from <= $2"
										   " ORDER BY o.effective_from DESC LIMIT 1", 2, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare the question who owns a KPI");
		plan = prepared;
	}
	if (SPI_execute_plan(plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not ask who owns a KPI");
	if (SPI_processed > 0)
		owner = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	kra_tables_answered(&asked);
	return !isnull && is_own(owner);
}

/* Is the name that of the viewer? */
static bool
is_viewer_name(const text *name)
{
	Oid			role = kra_viewer_role();
	const char *viewer;

	if (!OidIsValid(role))
		return false;
	viewer = GetUserNameFromId(role, false);
	return VARSIZE_ANY_EXHDR(name) == strlen(viewer) && memcmp(VARDATA_ANY(name), viewer, strlen(viewer)) == 0;
}

/* Is it of this transaction, and not of the future? */
static bool
is_now(TimestampTz at)
{
	return at >= GetCurrentTransactionStartTimestamp() && at <= GetCurrentTimestamp();
}

/*
 * policy_support(internal): the planner's questions what a policy costs: nothing; and of
 * how many rows it is true: of as many as the viewer sees subjects, whatever the rows are
 * of. So who sees few goes by the indexes of subjects.
 */
PG_FUNCTION_INFO_V1(kra_policy_support);
Datum
kra_policy_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestCost))
	{
		((SupportRequestCost *) request)->startup = 0;
		((SupportRequestCost *) request)->per_tuple = 0;
		PG_RETURN_POINTER(request);
	}
	if (IsA(request, SupportRequestSelectivity))
	{
		SupportRequestSelectivity *of = (SupportRequestSelectivity *) request;
		double		share = kra_visible_share();

		if (share < 0.0)
			PG_RETURN_POINTER(NULL);
		/* what asks for no row is about the viewer, and the same for all */
		of->selectivity = of->args != NIL ? share : (DatumGetBool(OidFunctionCall0(of->funcid)) ? 1.0 : 0.0);
		PG_RETURN_POINTER(request);
	}
	PG_RETURN_POINTER(NULL);
}

/* sees_row(subject_id): sees it at any time */
PG_FUNCTION_INFO_V1(kra_sees_row);
Datum
kra_sees_row(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sees_ever(PG_GETARG_INT32(0)));
}

/* sees_any_row(subject_id): the same, and true for NULL: the row is of no subject */
PG_FUNCTION_INFO_V1(kra_sees_any_row);
Datum
kra_sees_any_row(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_ARGISNULL(0) || sees_ever(PG_GETARG_INT32(0)));
}

/* sees_row_on(subject_id, day) */
PG_FUNCTION_INFO_V1(kra_sees_row_on);
Datum
kra_sees_row_on(PG_FUNCTION_ARGS)
{
	DateADT		day = PG_GETARG_DATEADT(1);

	PG_RETURN_BOOL(sees_on(PG_GETARG_INT32(0), day, day));
}

/* sees_row_at(subject_id, at): on the day, the company's, of a time */
PG_FUNCTION_INFO_V1(kra_sees_row_at);
Datum
kra_sees_row_at(PG_FUNCTION_ARGS)
{
	DateADT		day = kra_company_day(PG_GETARG_TIMESTAMPTZ(1));

	PG_RETURN_BOOL(sees_on(PG_GETARG_INT32(0), day, day));
}

/* sees_row_between(subject_id, valid_from, valid_until): on a day of a span, whose end is excluded */
PG_FUNCTION_INFO_V1(kra_sees_row_between);
Datum
kra_sees_row_between(PG_FUNCTION_ARGS)
{
	DateADT		until = PG_GETARG_DATEADT(2);

	PG_RETURN_BOOL(sees_on(PG_GETARG_INT32(0), PG_GETARG_DATEADT(1), DATE_NOT_FINITE(until) ? until : until - 1));
}

/* The last day of the period of a grid that holds a day; false for what has none. */
static bool
last_day_arg(FunctionCallInfo fcinfo, int argno, DateADT day, DateADT *last)
{
	Grid		grid;

	return kra_unpack_grid(PG_GETARG_PACKED_GRID(argno), &grid) && kra_last_day(&grid, day, last);
}

/* sees_row_of_grid(subject_id, grid, period_start): on a day of the period */
PG_FUNCTION_INFO_V1(kra_sees_row_of_grid);
Datum
kra_sees_row_of_grid(PG_FUNCTION_ARGS)
{
	DateADT		from = PG_GETARG_DATEADT(2);
	DateADT		to;

	PG_RETURN_BOOL(last_day_arg(fcinfo, 1, from, &to) && sees_on(PG_GETARG_INT32(0), from, to));
}

/* sees_row_of_grain(subject_id, period_grain, period_start): on a day of the period */
PG_FUNCTION_INFO_V1(kra_sees_row_of_grain);
Datum
kra_sees_row_of_grain(PG_FUNCTION_ARGS)
{
	DateADT		from = PG_GETARG_DATEADT(2);
	DateADT		to;

	PG_RETURN_BOOL(kra_company_last_day(KRA_GETARG_TEXT_PP(1), from, &to) && sees_on(PG_GETARG_INT32(0), from, to));
}

/*
 * sees_target(kpi_id, subject_id, effective_from): what was set before a subject came
 * to the viewer shows only if it still held then.
 */
PG_FUNCTION_INFO_V1(kra_sees_target);
Datum
kra_sees_target(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sees_held(PG_GETARG_INT32(0), PG_GETARG_INT32(1), PG_GETARG_DATEADT(2)));
}

/* sees_target_at(kpi_id, subject_id, at): the same of what was in force at a time */
PG_FUNCTION_INFO_V1(kra_sees_target_at);
Datum
kra_sees_target_at(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sees_held(PG_GETARG_INT32(0), PG_GETARG_INT32(1), kra_company_day(PG_GETARG_TIMESTAMPTZ(2))));
}

/* oversees_at(subject_id, at): oversees it on the day, the company's, of a time */
PG_FUNCTION_INFO_V1(kra_oversees_at);
Datum
kra_oversees_at(PG_FUNCTION_ARGS)
{
	DateADT		day = kra_company_day(PG_GETARG_TIMESTAMPTZ(1));

	PG_RETURN_BOOL(oversees(PG_GETARG_INT32(0), day, day));
}

/* is_viewer(by): is it the name of the viewer? */
PG_FUNCTION_INFO_V1(kra_is_viewer);
Datum
kra_is_viewer(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_viewer_name(KRA_GETARG_TEXT_PP(0)));
}

/* signs(by, at): does the row say that the viewer makes it now? */
PG_FUNCTION_INFO_V1(kra_signs);
Datum
kra_signs(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_viewer_name(KRA_GETARG_TEXT_PP(0)) && is_now(PG_GETARG_TIMESTAMPTZ(1)));
}

/*
 * may_set_target(subject_id, effective_from): an author may set everybody's targets, a
 * target setter those of whom they oversee on that day, and today or later; nobody but
 * an admin those of the subject whose login they are.
 */
PG_FUNCTION_INFO_V1(kra_may_set_target);
Datum
kra_may_set_target(PG_FUNCTION_ARGS)
{
	int32		subject_id = PG_GETARG_INT32(0);
	DateADT		from = PG_GETARG_DATEADT(1);

	if (is_of(ROLE_KIND_ADMIN))
		PG_RETURN_BOOL(true);
	if (kra_viewer_is_biased(subject_id))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(is_of(ROLE_KIND_AUTHOR) ||
				   (is_of(ROLE_KIND_TARGET_SETTER) && oversees(subject_id, from, from) &&
					oversees(subject_id, kra_company_today(), DATEVAL_NOEND)));
}

/*
 * may_record(subject_id, grid, period_start, source): a keeper may write what was entered
 * by hand about whom they see in the period; what was collected is collect's.
 */
PG_FUNCTION_INFO_V1(kra_may_record);
Datum
kra_may_record(PG_FUNCTION_ARGS)
{
	static const char by_hand[] = "record";
	DateADT		from = PG_GETARG_DATEADT(2);
	const text *source = KRA_GETARG_TEXT_PP(3);
	DateADT		to;

	if (is_of(ROLE_KIND_ADMIN))
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(is_of(ROLE_KIND_KEEPER) &&
				   VARSIZE_ANY_EXHDR(source) == sizeof(by_hand) - 1 &&
				   memcmp(VARDATA_ANY(source), by_hand, sizeof(by_hand) - 1) == 0 &&
				   last_day_arg(fcinfo, 1, from, &to) && sees_on(PG_GETARG_INT32(0), from, to));
}

/* may_review(subject_id, period_grain, period_start): a reviewer who oversees it in the period */
PG_FUNCTION_INFO_V1(kra_may_review);
Datum
kra_may_review(PG_FUNCTION_ARGS)
{
	DateADT		from = PG_GETARG_DATEADT(2);
	DateADT		to;

	PG_RETURN_BOOL(is_of(ROLE_KIND_REVIEWER) && kra_company_last_day(KRA_GETARG_TEXT_PP(1), from, &to) &&
				   oversees(PG_GETARG_INT32(0), from, to));
}

/* may_act(subject_id, created_at): a reviewer who oversaw it when the action was agreed */
PG_FUNCTION_INFO_V1(kra_may_act);
Datum
kra_may_act(PG_FUNCTION_ARGS)
{
	DateADT		day = kra_company_day(PG_GETARG_TIMESTAMPTZ(1));

	PG_RETURN_BOOL(is_of(ROLE_KIND_REVIEWER) && oversees(PG_GETARG_INT32(0), day, day));
}

/* may_complete(owner_id, done_on): who is to do it, while it is not done. */
PG_FUNCTION_INFO_V1(kra_may_complete);
Datum
kra_may_complete(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!PG_ARGISNULL(0) && PG_ARGISNULL(1) && is_own(PG_GETARG_INT32(0)));
}

/* completes(owner_id, created_at, done_on): who did it, on a day since it was agreed, not in the future */
PG_FUNCTION_INFO_V1(kra_completes);
Datum
kra_completes(PG_FUNCTION_ARGS)
{
	DateADT		done_on = PG_GETARG_DATEADT(2);

	PG_RETURN_BOOL(is_own(PG_GETARG_INT32(0)) && done_on >= kra_company_day(PG_GETARG_TIMESTAMPTZ(1)) && done_on <= kra_company_today());
}

/* may_waive(subject_id): an author or a reviewer who sees the subject, or for a row of none */
PG_FUNCTION_INFO_V1(kra_may_waive);
Datum
kra_may_waive(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL((is_of(ROLE_KIND_AUTHOR) || is_of(ROLE_KIND_REVIEWER)) &&
				   (PG_ARGISNULL(0) || sees_ever(PG_GETARG_INT32(0))));
}

static bool
may_acknowledge(int32 kpi_id, int32 subject_id)
{
	return is_own(subject_id) ||
		(sees_on(subject_id, kra_company_today(), kra_company_today()) && is_own_kpi(kpi_id));
}

static bool
may_note(int32 subject_id)
{
	return (is_of(ROLE_KIND_REVIEWER) || is_of(ROLE_KIND_TARGET_SETTER)) &&
		!is_own(subject_id) && oversees(subject_id, kra_company_today(), kra_company_today());
}

/*
 * may_acknowledge(kpi_id, subject_id): the login of the subject, and that of the KPI's
 * owner who sees the subject today
 */
PG_FUNCTION_INFO_V1(kra_may_acknowledge);
Datum
kra_may_acknowledge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(may_acknowledge(PG_GETARG_INT32(0), PG_GETARG_INT32(1)));
}

/* may_note(subject_id): who oversees the subject today, for what it has answered on paper */
PG_FUNCTION_INFO_V1(kra_may_note);
Datum
kra_may_note(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(may_note(PG_GETARG_INT32(0)));
}

/* may_answer(kpi_id, subject_id, given_by): one of the two, by whether given_by is NULL */
PG_FUNCTION_INFO_V1(kra_may_answer);
Datum
kra_may_answer(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(2))
		PG_RETURN_BOOL(may_acknowledge(PG_GETARG_INT32(0), PG_GETARG_INT32(1)));
	PG_RETURN_BOOL(may_note(PG_GETARG_INT32(1)));
}

/* sees_logged(is_result): authors see the log of definitions, and who see all the rest of it */
PG_FUNCTION_INFO_V1(kra_sees_logged);
Datum
kra_sees_logged(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = SEES_ALL};

	PG_RETURN_BOOL(is_of(ROLE_KIND_AUTHOR) && (!PG_GETARG_BOOL(0) || kra_viewer_may(&q)));
}

/* may_consent(subject_id): who sees the subject today by a login of theirs */
PG_FUNCTION_INFO_V1(kra_may_consent);
Datum
kra_may_consent(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = BY_LOGIN,.subject_id = PG_GETARG_INT32(0),.from = kra_company_today(),.to = kra_company_today()};

	PG_RETURN_BOOL(kra_viewer_may(&q));
}
