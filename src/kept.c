/*
 * kept.c: reads kra_internal.kept_lines by its primary key, for those who ask for
 * every row: no plan, no executor. With the rights of the caller, row by row what its
 * policy says (policies.sql).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "company.h"
#include "kept.h"
#include "visibility.h"

#define DAYS_OF_WEEK_AFTER 6

extern Datum kra_shows_line(PG_FUNCTION_ARGS);

/* Of which day the lines are kept, as a snapshot sees it (see kra_internal.kept_days). */
typedef struct KeptDays
{
	SnapshotKey snapshot;
	uint64		generation;		/* of which it is; another: it is void */
	DateADT		as_of;			/* DATEVAL_NOBEGIN: none are kept */
	DateADT		first_day;
	DateADT		since;
} KeptDays;

static const char *const days_query = "SELECT d.as_of, d.first_day, d.since FROM kra_internal.kept_days d";

static const KeptDays *
days_now(void)
{
	static KeptDays kept;
	static SPIPlanPtr plan = NULL;
	KeptDays	days = {.as_of = DATEVAL_NOBEGIN,.since = DATEVAL_NOBEGIN};
	SnapshotKey key;
	TablesAsked asked;
	bool		isnull;

	kra_fill_snapshot_key(&key);
	if (kept.generation == kra_generation() && kra_same_snapshot(&kept.snapshot, &key))
		return &kept;
	days.generation = kra_generation();
	days.snapshot = key;
	kra_ask_tables(&asked);
	if (plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(days_query, 0, NULL);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare: %s", days_query);
		plan = prepared;
	}
	if (SPI_execute_plan(plan, NULL, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", days_query);
	if (SPI_processed > 0)
	{
		HeapTuple	row = SPI_tuptable->vals[0];
		TupleDesc	desc = SPI_tuptable->tupdesc;

		days.as_of = DatumGetDateADT(SPI_getbinval(row, desc, 1, &isnull));
		days.first_day = DatumGetDateADT(SPI_getbinval(row, desc, 2, &isnull));
		days.since = DatumGetDateADT(SPI_getbinval(row, desc, 3, &isnull));
	}
	kra_tables_answered(&asked);
	kept = days;
	return &kept;
}

/*
 * Kept lines whose last day is before this one hold as of a date. DATEVAL_NOEND: all
 * hold; DATEVAL_NOBEGIN: none.
 */
DateADT
kept_before(DateADT as_of)
{
	const KeptDays *days = days_now();

	if (DATE_IS_NOBEGIN(days->as_of))
		return DATEVAL_NOBEGIN;
	if (days->as_of == as_of && as_of == kra_company_today())
		return DATEVAL_NOEND;
	return Min(as_of, days->since);
}

/* Are all lines of a period kept as of a day? Its last week may end six days after it. */
bool
kept_covers(const Grid *grid, DateADT period_start, DateADT as_of)
{
	DateADT		before = kept_before(as_of);
	DateADT		last;

	if (DATE_IS_NOBEGIN(before) || !kra_last_day(grid, period_start, &last) || last < days_now()->first_day)
		return false;
	return DATE_IS_NOEND(before) || last + DAYS_OF_WEEK_AFTER < before;
}

/* kept_before(as_of): see above. Strict. */
PG_FUNCTION_INFO_V1(kra_kept_before);
Datum
kra_kept_before(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(kept_before(PG_GETARG_DATEADT(0)));
}

/* The table, as the role at hand may read it; looked up once a transaction. */
typedef struct KeptTable
{
	uint64		generation;		/* of which it is; another: it is void */
	Oid			user;
	Oid			table;
	Oid			by_kpi;			/* the primary key */
	Oid			by_card;		/* an index that begins with subject, grid and start, in any order */
	RegProcedure grid_equals;
	bool		is_bound;		/* by row-level security */
} KeptTable;

/* An index whose first three columns are those of a card. */
static Oid
find_card_index(List *indexes)
{
	static const int columns[] = {KEPT_SUBJECT + 1, KEPT_GRID + 1, KEPT_PERIOD_START + 1};
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		int			found = 0;

		for (int i = 0; i < 3 && index->rd_index->indnkeyatts >= 3; i++)
			for (int j = 0; j < 3; j++)
				found += index->rd_index->indkey.values[i] == columns[j];
		index_close(index, NoLock);
		if (found == 3)
			return lfirst_oid(cell);
	}
	elog(ERROR, "there is no index of kra_internal.kept_lines by subject, grid and period_start");
}

static const KeptTable *
table_now(void)
{
	static KeptTable known;
	KeptTable	t = {.generation = kra_generation(),.user = GetUserId()};
	Relation	table;
	Relation	index;
	List	   *indexes;

	if (known.generation == t.generation && known.user == t.user)
		return &known;
	t.table = get_relname_relid("kept_lines", get_namespace_oid("kra_internal", false));
	if (pg_class_aclcheck(t.table, t.user, ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "kept_lines");
	t.is_bound = check_enable_rls(t.table, InvalidOid, true) == RLS_ENABLED;
	table = table_open(t.table, AccessShareLock);
	indexes = RelationGetIndexList(table);
	t.by_kpi = table->rd_pkindex;
	t.by_card = find_card_index(indexes);
	index = index_open(t.by_kpi, AccessShareLock);
	t.grid_equals = get_opcode(get_opfamily_member(index->rd_opfamily[2], index->rd_opcintype[2],
												   index->rd_opcintype[2], BTEqualStrategyNumber));
	index_close(index, NoLock);
	table_close(table, NoLock); /* locked until the transaction ends */
	known = t;
	return &known;
}

static void
open_scan(KeptScan *s, const KeptTable *t, Oid index, ScanKey keys, int nkeys, ScanDirection direction)
{
	s->table = table_open(t->table, AccessShareLock);
	s->index = index_open(index, AccessShareLock);
	s->direction = direction;
	s->is_bound = t->is_bound;
	s->scan = systable_beginscan_ordered(s->table, s->index, GetActiveSnapshot(), nkeys, keys);
}

/*
 * Begins to read the lines of a subject with a KPI whose periods of a grid start
 * between two days, in their order or against it.
 */
void
kept_open(KeptScan *s, int32 kpi_id, int32 subject_id, PackedGrid grid, DateADT from, DateADT until,
		  ScanDirection direction)
{
	const KeptTable *t = table_now();
	ScanKeyData keys[5];

	ScanKeyInit(&keys[0], KEPT_KPI + 1, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(kpi_id));
	ScanKeyInit(&keys[1], KEPT_SUBJECT + 1, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(subject_id));
	ScanKeyInit(&keys[2], KEPT_GRID + 1, BTEqualStrategyNumber, t->grid_equals, PackedGridGetDatum(grid));
	ScanKeyInit(&keys[3], KEPT_PERIOD_START + 1, BTGreaterEqualStrategyNumber, F_DATE_GE, DateADTGetDatum(from));
	ScanKeyInit(&keys[4], KEPT_PERIOD_START + 1, BTLessEqualStrategyNumber, F_DATE_LE, DateADTGetDatum(until));
	open_scan(s, t, t->by_kpi, keys, lengthof(keys), direction);
}

/* Begins to read the lines of a subject in a period; NULL: in all of the grid. */
void
kept_open_card(KeptScan *s, int32 subject_id, PackedGrid grid, const DateADT *period_start)
{
	const KeptTable *t = table_now();
	ScanKeyData keys[3];

	ScanKeyInit(&keys[0], KEPT_SUBJECT + 1, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(subject_id));
	ScanKeyInit(&keys[1], KEPT_GRID + 1, BTEqualStrategyNumber, t->grid_equals, PackedGridGetDatum(grid));
	if (period_start != NULL)
		ScanKeyInit(&keys[2], KEPT_PERIOD_START + 1, BTEqualStrategyNumber, F_DATE_EQ,
					DateADTGetDatum(*period_start));
	open_scan(s, t, t->by_card, keys, period_start != NULL ? 3 : 2, ForwardScanDirection);
}

bool
kept_next(KeptScan *s)
{
	HeapTuple	tuple;

	while ((tuple = systable_getnext_ordered(s->scan, s->direction)) != NULL)
	{
		heap_deform_tuple(tuple, RelationGetDescr(s->table), s->value, s->isnull);
		if (!s->is_bound ||
			DatumGetBool(DirectFunctionCall3(kra_shows_line, s->value[KEPT_SUBJECT], s->value[KEPT_GRID],
											 s->value[KEPT_PERIOD_START])))
			return true;
	}
	return false;
}

void
kept_close(KeptScan *s)
{
	systable_endscan_ordered(s->scan);
	index_close(s->index, NoLock);
	table_close(s->table, NoLock);
}
