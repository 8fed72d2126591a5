/*
 * lines_load.c: reads what results are computed from, all but the measurements:
 * a handful of plain queries with the rights of the caller, whatever the planner
 * makes of them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "company.h"
#include "kra.h"
#include "lines.h"

/* Prepares a query whose plan does not look at the values, once a session. */
void
kra_keep_plan(SPIPlanPtr *plan, const char *sql, int nargs, Oid *types)
{
	SPIPlanPtr	prepared;

	if (*plan != NULL)
		return;
	prepared = SPI_prepare_cursor(sql, nargs, types, CURSOR_OPT_GENERIC_PLAN);
	if (prepared == NULL || SPI_keepplan(prepared) != 0)
		elog(ERROR, "could not prepare: %s", sql);
	*plan = prepared;
}

/* Column n (from 1 on) of a row of the last query; NULLs where they are asked for. */
static Datum
column(int row, int n, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, n, isnull);
}

static int32
int_column(int row, int n)
{
	bool		isnull;
	Datum		value = column(row, n, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static DateADT
date_column(int row, int n)
{
	bool		isnull;
	Datum		value = column(row, n, &isnull);

	return isnull ? DATEVAL_NOEND : DatumGetDateADT(value);
}

/* A target in column n, its grain and its phasing in the next two. */
static void
target_column(const LineQuery *q, int row, int n, SharedTarget *out)
{
	bool		isnull;
	Datum		value = column(row, n, &isnull);
	text	   *grain;
	ArrayType  *weights;
	double	   *phases;

	memset(out, 0, sizeof(*out));
	out->is_there = !isnull;
	if (isnull)
		return;
	memcpy(&out->target, DatumGetKpiTargetP(value), sizeof(KpiTarget));
	value = column(row, n + 1, &isnull);
	if (isnull)
		return;
	grain = DatumGetTextPP(value);
	out->is_shared = true;
	out->grain = (Grain) kra_find_word(kra_grain_names, GRAIN_COUNT, VARDATA_ANY(grain), VARSIZE_ANY_EXHDR(grain));
	value = column(row, n + 2, &isnull);
	if (isnull)
		return;
	weights = DatumGetArrayTypeP(value);
	out->nphases = ArrayGetNItems(ARR_NDIM(weights), ARR_DIMS(weights));
	phases = MemoryContextAlloc(q->context, Max(out->nphases, 1) * sizeof(double));
	memcpy(phases, ARR_DATA_PTR(weights), out->nphases * sizeof(double));
	for (int i = 0; i < out->nphases; i++)
		out->phase_sum += phases[i];
	out->phases = phases;
}

/*
 * A query over rows of subjects or KPIs: it ends with the conditions that ask for some of
 * them, where some are asked for, and the order. Its plans are made once a session, one
 * for each of what is asked for, and do not look at the values.
 */
typedef struct LoadQuery
{
	const char *select;			/* up to the conditions, with at least one before them */
	const char *of_members;		/* $1: subjects, and all below them; NULL: takes all */
	const char *of_kpis;		/* $2 */
	const char *order;
	SPIPlanPtr	plans[4];
} LoadQuery;

/* Runs a query whose other parameters are $3: as_of, $4: when the day after it begins. */
static int
run(const LineQuery *q, LoadQuery *query)
{
	static Oid	types[] = {INT4ARRAYOID, INT4ARRAYOID, DATEOID, TIMESTAMPTZOID};
	Datum		values[] = {q->members, q->kpis, DateADTGetDatum(q->as_of), TimestampTzGetDatum(q->known_until)};
	char		nulls[] = {q->members ? ' ' : 'n', q->kpis ? ' ' : 'n', ' ', ' ', '\0'};
	bool		some_members = query->of_members != NULL && q->members != 0;
	bool		some_kpis = query->of_kpis != NULL && q->kpis != 0;
	SPIPlanPtr *plan = &query->plans[some_members + 2 * some_kpis];

	if (*plan == NULL)
		kra_keep_plan(plan, psprintf("%s%s%s%s", query->select, some_members ? query->of_members : "",
									 some_kpis ? query->of_kpis : "", query->order),
					  lengthof(types), types);
	if (SPI_execute_plan(*plan, values, nulls, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read what results are computed from");
	return (int) SPI_processed;
}

/* The index of a subject; -1 when it is none that counts here. */
int
kra_find_subject(const LineQuery *q, int32 id)
{
	int			low = 0;
	int			high = q->nsubjects;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (q->subject[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < q->nsubjects && q->subject[low].id == id ? low : -1;
}

/* The subjects asked for and all that were ever below them, as an array. */
static void
load_members(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT array_agg(x.id) FROM (SELECT c.subject_id AS id"
		" FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = ANY ($1)"
		" UNION SELECT unnest($1)) x", NULL, NULL, "", {NULL}
	};
	bool		isnull;
	Datum		members;
	MemoryContext old;

	if (q->subjects == 0)
		return;
	q->members = q->subjects;
	run(q, &query);
	members = column(0, 1, &isnull);
	old = MemoryContextSwitchTo(context);
	q->members = isnull ? q->subjects : PointerGetDatum(DatumGetArrayTypePCopy(members));
	MemoryContextSwitchTo(old);
}

static bool
is_wanted(const ArrayType *wanted, int32 id)
{
	const int32 *ids;

	if (wanted == NULL)
		return true;
	ids = (const int32 *) ARR_DATA_PTR(wanted);
	for (int i = 0; i < ArrayGetNItems(ARR_NDIM(wanted), ARR_DIMS(wanted)); i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void
load_subjects(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT s.id, (row_number() OVER (ORDER BY s.key COLLATE \"C\"))::integer,"
		" EXISTS (SELECT FROM kra_internal.subject_timeline t WHERE t.parent_id = s.id)"
		" FROM kra.subjects s WHERE true", " AND s.id = ANY ($1)", NULL, " ORDER BY s.id", {NULL}
	};
	const ArrayType *wanted = q->subjects ? DatumGetArrayTypeP(q->subjects) : NULL;

	q->nsubjects = run(q, &query);
	q->subject = MemoryContextAllocHuge(context, Max(q->nsubjects, 1) * sizeof(Subject));
	memset(q->subject, 0, q->nsubjects * sizeof(Subject));
	for (int i = 0; i < q->nsubjects; i++)
	{
		bool		isnull;

		q->subject[i].id = int_column(i, 1);
		q->subject[i].place = int_column(i, 2);
		q->subject[i].is_group = DatumGetBool(column(i, 3, &isnull));
		q->subject[i].is_wanted = is_wanted(wanted, q->subject[i].id);
	}
}

static void
load_roles(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT t.subject_id, t.valid_from, t.valid_until, t.resumes_on, t.job_role_id"
		" FROM kra_internal.subject_timeline t WHERE true", " AND t.subject_id = ANY ($1)", NULL,
		" ORDER BY t.subject_id, t.valid_from", {NULL}
	};
	int			n = run(q, &query);
	RoleSpan   *spans = MemoryContextAllocHuge(context, Max(n, 1) * sizeof(RoleSpan));

	for (int i = 0; i < n; i++)
	{
		int			at = kra_find_subject(q, int_column(i, 1));

		spans[i] = (RoleSpan) {date_column(i, 2), date_column(i, 3), date_column(i, 4), int_column(i, 5)};
		if (at < 0)
			continue;
		if (q->subject[at].nroles++ == 0)
			q->subject[at].roles = &spans[i];
	}
}

static void
load_places(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT c.subject_id, c.ancestor_id, c.depth, c.valid_from, c.valid_until, c.resumes_on"
		" FROM kra_internal.subject_ancestors c WHERE c.depth > 0", " AND c.subject_id = ANY ($1)",
		NULL, " ORDER BY c.subject_id, c.depth", {NULL}
	};
	int			n = run(q, &query);
	PlaceSpan  *spans = MemoryContextAllocHuge(context, Max(n, 1) * sizeof(PlaceSpan));
	int			used = 0;

	for (int i = 0; i < n; i++)
	{
		int			at = kra_find_subject(q, int_column(i, 1));
		int			above = kra_find_subject(q, int_column(i, 2));

		if (at < 0 || above < 0)
			continue;
		spans[used] = (PlaceSpan) {above, int_column(i, 3), date_column(i, 4), date_column(i, 5),
			date_column(i, 6)};
		if (q->subject[at].nplaces++ == 0)
			q->subject[at].places = &spans[used];
		used++;
	}
}

static void
load_cards(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT r.job_role_id, r.kpi_id, r.result_area_id, r.effective_from, r.effective_until,"
		" r.weight, (dense_rank() OVER (ORDER BY a.name COLLATE \"C\"))::integer, r.target, r.target_grain, r.phasing"
		" FROM kra_internal.role_kpis r JOIN kra.result_areas a ON a.id = r.result_area_id"
		" JOIN kra.kpis k ON k.id = r.kpi_id AND k.state <> 'candidate'"
		" WHERE r.is_active", NULL, " AND r.kpi_id = ANY ($2)",
		" ORDER BY r.kpi_id, r.job_role_id, r.effective_from", {NULL}
	};

	q->ncards = run(q, &query);
	q->cards = MemoryContextAllocHuge(context, Max(q->ncards, 1) * sizeof(CardSpan));
	for (int i = 0; i < q->ncards; i++)
	{
		CardSpan   *c = &q->cards[i];
		bool		isnull;

		c->job_role_id = int_column(i, 1);
		c->kpi_id = int_column(i, 2);
		c->result_area_id = int_column(i, 3);
		c->from = date_column(i, 4);
		c->until = date_column(i, 5);
		c->weight = DatumGetFloat8(column(i, 6, &isnull));
		c->area_place = int_column(i, 7);
		target_column(q, i, 8, &c->target);
	}
}

static void
load_owns(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT o.kpi_id, o.subject_id, o.effective_from, o.effective_until, o.target, o.target_grain, o.phasing"
		" FROM kra_internal.target_spans o WHERE true", " AND o.subject_id = ANY ($1)",
		" AND o.kpi_id = ANY ($2)", " ORDER BY o.kpi_id, o.subject_id, o.effective_from", {NULL}
	};

	q->nowns = run(q, &query);
	q->owns = MemoryContextAllocHuge(context, Max(q->nowns, 1) * sizeof(OwnSpan));
	for (int i = 0; i < q->nowns; i++)
	{
		OwnSpan    *o = &q->owns[i];

		o->kpi_id = int_column(i, 1);
		o->subject_id = int_column(i, 2);
		o->from = date_column(i, 3);
		o->until = date_column(i, 4);
		target_column(q, i, 5, &o->target);
	}
}

static void
load_kpis(LineQuery *q, MemoryContext context)
{
	static LoadQuery query = {
		"SELECT k.id, k.grid, k.over_time, k.over_subjects, k.missing = 'zero', k.at_risk_from,"
		" CASE WHEN k.missing = 'zero' THEN (SELECT max(m.period_start) FROM kra.measurements m"
		" WHERE m.kpi_id = k.id AND m.period_start <= $3"
		" AND (kra.last_at(m.actual) IS NULL OR kra.last_at(m.actual) < $4)) END,"
		" k.state = 'candidate' FROM kra.kpis k WHERE true", NULL, " AND k.id = ANY ($2)",
		" ORDER BY k.id", {NULL}
	};

	q->nkpis = run(q, &query);
	q->kpi = MemoryContextAllocZero(context, Max(q->nkpis, 1) * sizeof(LineKpi));
	for (int i = 0; i < q->nkpis; i++)
	{
		LineKpi    *k = &q->kpi[i];
		bool		isnull;
		text	   *name;

		k->id = int_column(i, 1);
		k->grid = DatumGetPackedGrid(column(i, 2, &isnull));
		name = DatumGetTextPP(column(i, 3, &isnull));
		k->over_time = whole_aggregation(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		name = DatumGetTextPP(column(i, 4, &isnull));
		k->over_subjects = whole_aggregation(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		k->absent_is_zero = DatumGetBool(column(i, 5, &isnull));
		k->at_risk_from = DatumGetFloat8(column(i, 6, &isnull));
		k->reached = date_column(i, 7);
		k->is_candidate = DatumGetBool(column(i, 8, &isnull));
		if (DATE_IS_NOEND(k->reached))
			k->absent_is_zero = false;
	}
}

/* Has any KPI weeks? */
static bool
has_weeks(const LineQuery *q)
{
	static LoadQuery query = {
		"SELECT EXISTS (SELECT FROM kra.kpis k WHERE k.cadence = 'week')", NULL, NULL, "", {NULL}
	};
	bool		isnull;

	run(q, &query);
	return DatumGetBool(column(0, 1, &isnull));
}

/* Reads it all into the current memory context. SPI is connected. */
void
kra_load_lines(LineQuery *q)
{
	MemoryContext context = q->context;
	Grid		year;
	int64		period;
	int			reach;			/* days by which a whole of weeks may reach beyond its own */

	for (int i = 0; i < GRAIN_COUNT; i++)
		q->grids[i] = kra_company_grid((Grain) i);
	q->known_until = kra_company_day_begins(q->as_of + 1);
	reach = has_weeks(q) ? 6 : 0;
	kra_unpack_grid(q->grids[GRAIN_YEAR], &year);

	/* whole years, with the weeks at their ends */
	period = kra_period_of(&year, q->from - reach + POSTGRES_EPOCH_JDATE);
	q->first = DatumGetDateADT(kra_period_date(&year, period, -6));
	period = kra_period_of(&year, q->until + reach + POSTGRES_EPOCH_JDATE);
	q->last = DatumGetDateADT(kra_period_date(&year, period + 1, 5));
	load_members(q, context);
	load_subjects(q, context);
	load_roles(q, context);
	load_places(q, context);
	load_cards(q, context);
	load_owns(q, context);
	load_kpis(q, context);
}
