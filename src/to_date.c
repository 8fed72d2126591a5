/*
 * to_date.c: what a period came to by a day, for those who ask for every row. Lines up to
 * a day are kept nowhere. They are made for the first subject that is asked about, then
 * for all that stand beside the next ones, and after some more of these for everybody;
 * what was made is kept in mind while the same snapshot asks.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "calendar.h"
#include "kra.h"
#include "visibility.h"

/* So many periods are kept in mind. */
#define MADE_PERIODS 4

/* After so many calls for subjects and those beside them, everybody's lines are made. */
#define MAX_CALLS 12

/* The columns of kra_internal.line_to_date. */
enum
{
	ACTUAL, TARGET, EXPECTED_LOWER, EXPECTED_UPPER, ATTAINMENT, LAST_DAY, LINE_COLUMNS
};

typedef struct LineKey
{
	int32		subject_id;
	int32		kpi_id;			/* 0: the subject was asked about */
} LineKey;

typedef struct MadeLine
{
	LineKey		key;
	Datum		values[LINE_COLUMNS];
	bool		nulls[LINE_COLUMNS];
	KpiTarget	target;
} MadeLine;

/* The lines of a period up to a day. */
typedef struct MadePeriod
{
	SnapshotKey snapshot;
	uint64		generation;		/* of which it is; another: it is void */
	Oid			role;
	PackedGrid	grid;
	DateADT		start;
	DateADT		upto;
	DateADT		as_of;
	MemoryContext context;
	HTAB	   *lines;
	int			calls;
	bool		is_all;
	uint64		used;			/* the least is forgotten first */
} MadePeriod;

static MadePeriod periods[MADE_PERIODS];

/* At the end of a transaction all is forgotten: it may be large. */
static void
forget_all(XactEvent event, void *arg)
{
	(void) event;
	(void) arg;
	for (int i = 0; i < MADE_PERIODS; i++)
	{
		periods[i].generation = 0;
		periods[i].used = 0;
		if (periods[i].context != NULL)
			MemoryContextReset(periods[i].context);
	}
}

static bool
is_same(const MadePeriod *p, const MadePeriod *key)
{
	return p->generation == key->generation && p->role == key->role && p->grid == key->grid &&
		p->start == key->start && p->upto == key->upto && p->as_of == key->as_of &&
		kra_same_snapshot(&p->snapshot, &key->snapshot);
}

/* The period, with what was made of it. */
static MadePeriod *
find_period(MadePeriod *key)
{
	static uint64 clock = 0;
	HASHCTL		ctl = {.keysize = sizeof(LineKey),.entrysize = sizeof(MadeLine)};
	MadePeriod *oldest = &periods[0];

	kra_fill_snapshot_key(&key->snapshot);
	key->generation = kra_generation();
	key->role = GetUserId();
	for (int i = 0; i < MADE_PERIODS; i++)
	{
		if (is_same(&periods[i], key))
		{
			periods[i].used = ++clock;
			return &periods[i];
		}
		if (periods[i].used < oldest->used)
			oldest = &periods[i];
	}
	if (clock == 0)
		RegisterXactCallback(forget_all, NULL);
	oldest->generation = 0;		/* until all is well */
	key->context = oldest->context;
	if (key->context == NULL)
		key->context = oldest->context =
			AllocSetContextCreate(TopMemoryContext, "kra lines to date", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(key->context);
	ctl.hcxt = key->context;
	key->lines = hash_create("kra lines to date", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	key->used = ++clock;
	*oldest = *key;
	return oldest;
}

/* The subjects whose lines are made next: $1 and, from the second call on, those beside it. */
static const char *const subjects_query =
"SELECT array_agg(DISTINCT x.id) FROM ("
" SELECT $1 AS id UNION ALL"
" SELECT b.subject_id FROM kra_internal.subject_timeline a"
" JOIN kra_internal.subject_timeline b ON b.parent_id = a.parent_id"
" WHERE $2 AND a.subject_id = $1 AND a.valid_from <= $3 AND a.valid_until > $4"
"   AND b.valid_from <= $3 AND b.valid_until > $4) x";

static const char *const lines_query =
"SELECT l.actual, l.target, l.expected_lower, l.expected_upper, l.attainment, l.last_day, l.subject_id, l.kpi_id"
" FROM kra_internal.lines_to_date($1, $2, $3, $4, $5, NULL) l"
" WHERE kra_internal.shows(l.subject_id, l.grid, l.period_start, least(l.last_day, $1))";

static void
keep_line(MadePeriod *p, HeapTuple row, TupleDesc desc)
{
	bool		isnull;
	bool		found;
	LineKey		key;
	MadeLine   *line;

	key.subject_id = DatumGetInt32(SPI_getbinval(row, desc, LINE_COLUMNS + 1, &isnull));
	key.kpi_id = DatumGetInt32(SPI_getbinval(row, desc, LINE_COLUMNS + 2, &isnull));
	line = hash_search(p->lines, &key, HASH_ENTER, &found);
	for (int i = 0; i < LINE_COLUMNS; i++)
		line->values[i] = SPI_getbinval(row, desc, i + 1, &line->nulls[i]);
	if (!line->nulls[TARGET])
		memcpy(&line->target, DatumGetKpiTargetP(line->values[TARGET]), sizeof(KpiTarget));
	line->values[TARGET] = PointerGetDatum(&line->target);	/* dynahash moves no entry */
}

static void
note_asked(MadePeriod *p, Datum subjects)
{
	ArrayType  *array = DatumGetArrayTypeP(subjects);
	const int32 *ids = (const int32 *) ARR_DATA_PTR(array);
	bool		found;

	for (int i = 0; i < ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); i++)
	{
		LineKey		key = {ids[i], 0};

		(void) hash_search(p->lines, &key, HASH_ENTER, &found);
	}
}

/* Makes the lines of a subject, of those beside it, or of everybody. */
static void
make_lines(MadePeriod *p, int32 subject_id, Oid grid_type)
{
	Oid			subject_types[] = {INT4OID, BOOLOID, DATEOID, DATEOID};
	Datum		subject_values[] = {
		Int32GetDatum(subject_id), BoolGetDatum(p->calls > 0), DateADTGetDatum(p->upto), DateADTGetDatum(p->start)
	};
	Oid			types[] = {DATEOID, grid_type, DATEOID, DATEOID, INT4ARRAYOID};
	Datum		values[] = {
		DateADTGetDatum(p->as_of), PackedGridGetDatum(p->grid), DateADTGetDatum(p->start), DateADTGetDatum(p->upto), 0
	};
	bool		is_all = p->calls >= MAX_CALLS;
	bool		isnull;
	int			level;

	level = kra_begin_spi();
	if (!is_all)
	{
		if (SPI_execute_with_args(subjects_query, lengthof(subject_types), subject_types, subject_values,
								  NULL, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
			elog(ERROR, "could not read who stands beside a subject");
		values[4] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		note_asked(p, values[4]);
	}
	if (SPI_execute_with_args(lines_query, lengthof(types), types, values, is_all ? "    n" : NULL,
							  true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not make lines up to a day");
	for (uint64 i = 0; i < SPI_processed; i++)
		keep_line(p, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	kra_end_spi(level);
	p->calls++;
	p->is_all = is_all;
}

/* The row type of the result, looked up once a query. */
static TupleDesc
result_type(FunctionCallInfo fcinfo)
{
	TupleDesc	desc;
	MemoryContext old;

	if (fcinfo->flinfo->fn_extra != NULL)
		return (TupleDesc) fcinfo->flinfo->fn_extra;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != LINE_COLUMNS)
		elog(ERROR, "return type must be kra_internal.line_to_date");
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	return (TupleDesc) fcinfo->flinfo->fn_extra;
}

/*
 * to_date(kpi_id, subject_id, grid, period_start, upto, as_of): the line of a subject with
 * a KPI in the period of a grid in force that starts on a day, as lines_to_date() makes
 * it; NULL: there is none, or the viewer may not know it. The arguments must not be NULL.
 */
PG_FUNCTION_INFO_V1(kra_to_date);
Datum
kra_to_date(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_type(fcinfo);
	MadePeriod	key = {0};
	MadePeriod *p;
	LineKey		asked;
	MadeLine   *line;

	for (int i = 0; i < 6; i++)
		kra_need_arg(fcinfo, i);
	asked = (LineKey) {PG_GETARG_INT32(1), 0};
	key.grid = PG_GETARG_PACKED_GRID(2);
	key.start = PG_GETARG_DATEADT(3);
	key.upto = PG_GETARG_DATEADT(4);
	key.as_of = PG_GETARG_DATEADT(5);
	p = find_period(&key);
	if (!p->is_all && hash_search(p->lines, &asked, HASH_FIND, NULL) == NULL)
	{
		p->generation = 0;		/* until all is well */
		make_lines(p, asked.subject_id, get_fn_expr_argtype(fcinfo->flinfo, 2));
		p->generation = key.generation;
	}
	asked.kpi_id = PG_GETARG_INT32(0);
	line = hash_search(p->lines, &asked, HASH_FIND, NULL);
	if (line == NULL)
		PG_RETURN_NULL();
	return HeapTupleGetDatum(heap_form_tuple(desc, line->values, line->nulls));
}
