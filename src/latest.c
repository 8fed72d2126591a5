/*
 * latest.c: the latest data of a KPI, for those who ask for every row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "company.h"
#include "kra.h"
#include "lines.h"
#include "visibility.h"

/*
 * The latest start of a period in which the KPI has data that are known on a day, among
 * those of the subjects whom the viewer sees: by the newest measurements of all where he
 * sees all, else subject by subject.
 */
#define KNOWN \
	" m.kpi_id = $1 AND m.period_start <= $2" \
	" AND (kra.last_at(m.actual) IS NULL OR kra.last_at(m.actual) < $3)" \
	" ORDER BY m.period_start DESC LIMIT 1"

static DateADT
find_latest(int32 kpi_id, DateADT as_of)
{
	static const char *const queries[] = {
		"SELECT m.period_start FROM kra.measurements m WHERE" KNOWN,
		"SELECT max(x.period_start) FROM kra.subjects s CROSS JOIN LATERAL ("
		"SELECT m.period_start FROM kra.measurements m WHERE m.subject_id = s.id AND" KNOWN ") x"
	};
	static SPIPlanPtr plans[2];
	Oid			types[] = {INT4OID, DATEOID, TIMESTAMPTZOID};
	Datum		values[] = {
		Int32GetDatum(kpi_id), DateADTGetDatum(as_of), TimestampTzGetDatum(kra_company_day_begins(as_of + 1))
	};
	Question	sees_all = {.kind = SEES_ALL};
	int			by_subject = kra_viewer_may(&sees_all) ? 0 : 1;
	DateADT		found = DATEVAL_NOBEGIN;
	bool		isnull = true;
	Datum		value = 0;
	int			level = kra_begin_spi();

	kra_keep_plan(&plans[by_subject], queries[by_subject], lengthof(types), types);
	if (SPI_execute_plan(plans[by_subject], values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not find the latest data of a KPI");
	if (SPI_processed > 0)
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull)
		found = DatumGetDateADT(value);
	kra_end_spi(level);
	return found;
}

/*
 * latest_start(kpi_id, as_of): see above; NULL: there is none. Strict. What was found is
 * kept in mind while the same snapshot asks.
 */
PG_FUNCTION_INFO_V1(kra_latest_start);
Datum
kra_latest_start(PG_FUNCTION_ARGS)
{
	typedef struct Latest
	{
		int32		kpi_id;
		DateADT		start;
	} Latest;
	static HTAB *known = NULL;
	static MemoryContext context = NULL;
	static SnapshotKey snapshot;
	static uint64 generation = 0;
	static Oid	role = InvalidOid;
	static DateADT day;
	int32		kpi_id = PG_GETARG_INT32(0);
	DateADT		as_of = PG_GETARG_DATEADT(1);
	SnapshotKey key;
	Latest	   *latest;
	DateADT		start;
	bool		found;

	kra_fill_snapshot_key(&key);
	if (generation != kra_generation() || role != GetUserId() || day != as_of || !kra_same_snapshot(&snapshot, &key))
	{
		HASHCTL		ctl = {.keysize = sizeof(int32),.entrysize = sizeof(Latest)};

		generation = 0;			/* until all is well */
		if (context == NULL)
			context = AllocSetContextCreate(TopMemoryContext, "kra latest data", ALLOCSET_SMALL_SIZES);
		MemoryContextReset(context);
		ctl.hcxt = context;
		known = hash_create("kra latest data", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		snapshot = key;
		role = GetUserId();
		day = as_of;
		generation = kra_generation();
	}
	latest = hash_search(known, &kpi_id, HASH_FIND, NULL);
	if (latest == NULL)
	{
		start = find_latest(kpi_id, as_of);
		latest = hash_search(known, &kpi_id, HASH_ENTER, &found);
		latest->start = start;
	}
	if (DATE_IS_NOBEGIN(latest->start))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(latest->start);
}
