/*
 * card.c: the scorecard of a subject in a period, put together from the kept lines: no
 * plan, no executor. Where lines of the period are not kept as of the day, by SQL.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "kept.h"
#include "scorecard.h"
#include "visibility.h"

/* KPIs and KRAs, as entries show them; looked up when they are first met. */
typedef struct CardKpi
{
	int32		id;
	bool		is_there;
	ScorecardEntry entry;		/* its key, kind, timing and what it drives */
} CardKpi;

typedef struct Lineless
{
	int32		subject_id;
	PackedGrid	grid;
} Lineless;

typedef struct CardArea
{
	int32		id;
	text	   *name;
} CardArea;

/* What a snapshot sees of them. */
typedef struct CardWords
{
	SnapshotKey snapshot;
	uint64		generation;		/* of which it is; another: it is void */
	MemoryContext context;
	HTAB	   *kpis;
	HTAB	   *areas;
	HTAB	   *lineless;		/* subjects without any line of a grid, as the role sees them */
	Oid			role;
} CardWords;

static CardWords words;

/* The columns of kra_internal.period_card. */
enum
{
	LAST_DAY, CARD, KPI_COUNT, FIRST_STATUS_COUNT, CARD_COLUMNS = FIRST_STATUS_COUNT + KPI_STATUS_COUNT
};

/* Its counts, by status. */
static const KpiStatus counted[KPI_STATUS_COUNT] = {
	KPI_EXCEEDED, KPI_ON_TRACK, KPI_AT_RISK, KPI_OFF_TRACK, KPI_NO_DATA, KPI_NO_TARGET
};

static void
begin_words(void)
{
	SnapshotKey key;
	HASHCTL		kpis = {.keysize = sizeof(int32),.entrysize = sizeof(CardKpi)};
	HASHCTL		areas = {.keysize = sizeof(int32),.entrysize = sizeof(CardArea)};
	HASHCTL		lineless = {.keysize = sizeof(Lineless),.entrysize = sizeof(Lineless)};

	kra_fill_snapshot_key(&key);
	if (words.generation == kra_generation() && words.role == GetUserId() &&
		kra_same_snapshot(&words.snapshot, &key))
		return;
	words.generation = 0;		/* until all is well */
	if (words.context == NULL)
		words.context = AllocSetContextCreate(TopMemoryContext, "kra words of cards", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(words.context);
	kpis.hcxt = areas.hcxt = lineless.hcxt = words.context;
	words.kpis = hash_create("kra KPIs", 64, &kpis, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	words.areas = hash_create("kra KRAs", 64, &areas, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	words.lineless = hash_create("kra subjects without lines", 64, &lineless, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	words.snapshot = key;
	words.role = GetUserId();
	words.generation = kra_generation();
}

/* Asks tables about an id; SPI is left connected for kra_tables_answered(). */
static void
ask(TablesAsked *asked, SPIPlanPtr *plan, const char *query, int32 id)
{
	Oid			type = INT4OID;
	Datum		value = Int32GetDatum(id);

	kra_ask_tables(asked);
	if (*plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(query, 1, &type);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare: %s", query);
		*plan = prepared;
	}
	if (SPI_execute_plan(*plan, &value, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", query);
}

/* A text of column n of the first row, in the current context. */
static text *
text_column(int n)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, n, &isnull);

	return isnull ? NULL : DatumGetTextPCopy(value);
}

/* What the KPI drives: an array of keys in column n of the first row, or NULL. */
static void
read_drives(ScorecardEntry *e, int n)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, n, &isnull);
	ScorecardName names[SCORECARD_MAX_DRIVES];
	Datum	   *keys;
	int			count;

	if (isnull)
		return;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &keys, NULL, &count);
	scorecard_check_drives(count, NULL);
	for (int i = 0; i < count; i++)
		names[i] = (ScorecardName) {
			VARDATA_ANY(DatumGetPointer(keys[i])), VARSIZE_ANY_EXHDR(DatumGetPointer(keys[i]))
		};
	scorecard_set_drives(e, names, count, NULL);
}

static const CardKpi *
find_kpi(int32 id)
{
	static SPIPlanPtr plan = NULL;
	bool		found;
	CardKpi    *kpi = hash_search(words.kpis, &id, HASH_FIND, NULL);
	ScorecardEntry entry;
	TablesAsked asked;
	bool		is_there;

	if (kpi != NULL)
		return kpi;
	scorecard_entry_init(&entry);
	ask(&asked, &plan, "SELECT k.key, k.timing, k.kind = 'activity', kra_internal.driven_by(k.id)"
		" FROM kra.kpis k WHERE k.id = $1", id);
	is_there = SPI_processed > 0;
	if (is_there)
	{
		MemoryContext old = MemoryContextSwitchTo(words.context);
		text	   *key = text_column(1);
		text	   *timing = text_column(2);
		bool		isnull;

		entry.kpi = VARDATA_ANY(key);
		entry.kpi_len = VARSIZE_ANY_EXHDR(key);
		if (timing != NULL)
			(void) kpi_timing_parse(VARDATA_ANY(timing), VARSIZE_ANY_EXHDR(timing), &entry.timing);
		entry.kind = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull)) ?
			KPI_ACTIVITY : KPI_OUTCOME;
		read_drives(&entry, 4);
		MemoryContextSwitchTo(old);
	}
	kra_tables_answered(&asked);
	kpi = hash_search(words.kpis, &id, HASH_ENTER, &found);
	kpi->is_there = is_there;
	kpi->entry = entry;
	return kpi;
}

/* The name of a KRA; what is on a card without one is there for a target of its own. */
static const text *
find_area(int32 id)
{
	static SPIPlanPtr plan = NULL;
	bool		found;
	CardArea   *area = hash_search(words.areas, &id, HASH_FIND, NULL);
	TablesAsked asked;
	text	   *name = NULL;
	MemoryContext old;

	if (area != NULL)
		return area->name;
	if (id != 0)
	{
		ask(&asked, &plan, "SELECT a.name FROM kra.result_areas a WHERE a.id = $1", id);
		old = MemoryContextSwitchTo(words.context);
		if (SPI_processed > 0)
			name = text_column(1);
		MemoryContextSwitchTo(old);
		kra_tables_answered(&asked);
	}
	if (name == NULL)
	{
		old = MemoryContextSwitchTo(words.context);
		name = cstring_to_text("Own targets");
		MemoryContextSwitchTo(old);
	}
	area = hash_search(words.areas, &id, HASH_ENTER, &found);
	area->name = name;
	return name;
}

/* A kept line as an entry: as it was judged, where actual and target alone would say another. */
static void
make_entry(const KeptScan *s, const CardKpi *kpi, KpiStatus status, ScorecardEntry *e)
{
	const text *area = find_area(s->isnull[KEPT_RESULT_AREA] ? 0 : DatumGetInt32(s->value[KEPT_RESULT_AREA]));
	bool		is_plain = DatumGetBool(s->value[KEPT_IS_PLAIN]);
	KeptColumn	judged = is_plain || s->isnull[KEPT_JUDGED] ? KEPT_ACTUAL : KEPT_JUDGED;
	bool		has_attainment = !s->isnull[KEPT_ATTAINMENT];
	double		attainment = has_attainment ? DatumGetFloat8(s->value[KEPT_ATTAINMENT]) : 0.0;
	KpiAssessment a;

	*e = kpi->entry;
	e->kra = VARDATA_ANY(area);
	e->kra_len = VARSIZE_ANY_EXHDR(area);
	e->weight = DatumGetFloat8(s->value[KEPT_WEIGHT]);
	e->has_actual = !s->isnull[judged];
	if (e->has_actual)
		e->actual = DatumGetFloat8(s->value[judged]);
	e->has_target = !s->isnull[KEPT_TARGET];
	if (e->has_target)
		memcpy(&e->target, DatumGetKpiTargetP(s->value[KEPT_TARGET]), sizeof(KpiTarget));
	if (status != KPI_NO_DATA && status != KPI_NO_TARGET)
	{
		kpi_assess(e->has_target ? &e->target : NULL, e->has_actual ? &e->actual : NULL, NULL,
				   KPI_AT_RISK_ATTAINMENT, &a);
		if (a.status != status || a.has_attainment != has_attainment ||
			(has_attainment && a.attainment != attainment))
			scorecard_judge(e, has_attainment, attainment, true, status);
		if (!is_plain && !s->isnull[KEPT_COVERAGE])
			e->coverage = DatumGetFloat8(s->value[KEPT_COVERAGE]);
	}
	scorecard_entry_check(e, NULL);
}

/* The row type of the result, looked up once a query. */
static TupleDesc
result_type(FunctionCallInfo fcinfo)
{
	TupleDesc	desc;
	MemoryContext old;

	if (fcinfo->flinfo->fn_extra != NULL)
		return (TupleDesc) fcinfo->flinfo->fn_extra;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != CARD_COLUMNS)
		elog(ERROR, "return type must be kra_internal.period_card");
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	return (TupleDesc) fcinfo->flinfo->fn_extra;
}

/* What is asked for. */
typedef struct CardKey
{
	int32		subject_id;
	PackedGrid	packed;
	Grid		grid;
	DateADT		start;
	DateADT		as_of;
} CardKey;

static CardKey
card_args(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < 4; i++)
		kra_need_arg(fcinfo, i);
	return (CardKey) {
		PG_GETARG_INT32(0), PG_GETARG_PACKED_GRID(1), kra_grid_arg(fcinfo, 1), PG_GETARG_DATEADT(2),
		PG_GETARG_DATEADT(3)
	};
}

/*
 * Asks SQL for what is not kept: the first column of the first row; false where there is
 * none. The query's parameters are as_of, subject, grid, period_start and the last day.
 */
static bool
ask_sql(const CardKey *k, const char *query, Oid grid_type, MemoryContext context, Datum *result)
{
	Oid			types[] = {DATEOID, INT4OID, grid_type, DATEOID, DATEOID};
	DateADT		last = k->as_of;
	Datum		values[5];
	bool		isnull = true;
	int			level;
	MemoryContext old;

	if (kra_last_day(&k->grid, k->start, &last))
		last = Min(last, k->as_of);
	values[0] = DateADTGetDatum(k->as_of);
	values[1] = Int32GetDatum(k->subject_id);
	values[2] = PackedGridGetDatum(k->packed);
	values[3] = DateADTGetDatum(k->start);
	values[4] = DateADTGetDatum(last);
	level = kra_begin_spi();
	if (SPI_execute_with_args(query, lengthof(types), types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", query);
	if (SPI_processed > 0)
		*result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull)
	{
		Form_pg_attribute column = TupleDescAttr(SPI_tuptable->tupdesc, 0);

		old = MemoryContextSwitchTo(context);
		*result = datumCopy(*result, column->attbyval, column->attlen);
		MemoryContextSwitchTo(old);
	}
	kra_end_spi(level);
	return !isnull;
}

/*
 * card_at(subject_id, grid, period_start, as_of): the scorecard of a subject in a period as
 * of a day, KPIs by their keys, with how many are at each status; NULL: it has none. The
 * arguments must not be NULL.
 */
PG_FUNCTION_INFO_V1(kra_card_at);
Datum
kra_card_at(PG_FUNCTION_ARGS)
{
	CardKey		k = card_args(fcinfo);
	TupleDesc	desc = result_type(fcinfo);
	Datum		values[CARD_COLUMNS];
	bool		nulls[CARD_COLUMNS] = {false};
	int			counts[KPI_STATUS_COUNT] = {0};
	int			room = 16;
	int			n = 0;
	ScorecardEntry *entries;
	DateADT		last_day = DATEVAL_NOBEGIN;
	KeptScan	s;
	Datum		made;

	if (!kept_covers(&k.grid, k.start, k.as_of))
	{
		if (ask_sql(&k, "SELECT (c.last_day, c.card, c.kpi_count, c.exceeded_count, c.on_track_count,"
					" c.at_risk_count, c.off_track_count, c.no_data_count, c.no_target_count)::kra_internal.period_card"
					" FROM kra_internal.cards($1, $2, $3, $4, ARRAY[$2], $5) c",
					get_fn_expr_argtype(fcinfo->flinfo, 1), CurrentMemoryContext, &made))
			return made;
		PG_RETURN_NULL();
	}
	begin_words();
	entries = palloc(room * sizeof(ScorecardEntry));
	kept_open_card(&s, k.subject_id, k.packed, &k.start);
	while (kept_next(&s))
	{
		const CardKpi *kpi;
		KpiStatus	status;

		if (s.isnull[KEPT_WEIGHT])
			continue;
		kpi = find_kpi(DatumGetInt32(s.value[KEPT_KPI]));
		if (!kpi->is_there)
			continue;
		if (n == room)
			entries = repalloc(entries, (room *= 2) * sizeof(ScorecardEntry));
		status = kra_status_of(s.value[KEPT_STATUS]);
		make_entry(&s, kpi, status, &entries[n++]);
		counts[status]++;
		last_day = Max(last_day, DatumGetDateADT(s.value[KEPT_LAST_DAY]));
	}
	kept_close(&s);
	if (n == 0)
		PG_RETURN_NULL();
	values[LAST_DAY] = DateADTGetDatum(last_day);
	values[CARD] = PointerGetDatum(scorecard_build(entries, n, NULL));
	values[KPI_COUNT] = Int32GetDatum(n);
	for (int i = 0; i < KPI_STATUS_COUNT; i++)
		values[FIRST_STATUS_COUNT + i] = Int32GetDatum(counts[counted[i]]);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* Keeps in mind who has no line of the grid at all, among those that the role sees. */
static void
note_lineless(const Lineless *key)
{
	KeptScan	s;
	bool		found;

	kept_open_card(&s, key->subject_id, key->grid, NULL);
	found = kept_next(&s);
	kept_close(&s);
	if (!found)
		(void) hash_search(words.lineless, key, HASH_ENTER, &found);
}

/* has_card(subject_id, grid, period_start, as_of): is there a card_at()? The same errors. */
PG_FUNCTION_INFO_V1(kra_has_card);
Datum
kra_has_card(PG_FUNCTION_ARGS)
{
	CardKey		k = card_args(fcinfo);
	KeptScan	s;
	bool		found = false;
	Lineless	key = {k.subject_id, k.packed};
	Datum		made;

	if (!kept_covers(&k.grid, k.start, k.as_of))
		PG_RETURN_BOOL(ask_sql(&k, "SELECT true FROM kra_internal.result_lines($1, ARRAY[$2], $4, $5) l"
							   " WHERE l.grid = $3 AND l.period_start = $4 AND l.weight IS NOT NULL",
							   get_fn_expr_argtype(fcinfo->flinfo, 1), CurrentMemoryContext, &made));
	begin_words();
	if (hash_search(words.lineless, &key, HASH_FIND, NULL) != NULL)
		PG_RETURN_BOOL(false);
	kept_open_card(&s, k.subject_id, k.packed, &k.start);
	while (!found && kept_next(&s))
		found = !s.isnull[KEPT_WEIGHT];
	kept_close(&s);
	if (!found)
		note_lineless(&key);
	PG_RETURN_BOOL(found);
}
