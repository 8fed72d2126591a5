/*
 * company.c: the company's own days and periods: what the settings say of time
 * zone and calendar, for those who ask for every row. It is looked up once a
 * snapshot and kept, as what a role may see (visibility.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "company.h"
#include "kra.h"
#include "visibility.h"

typedef struct Company
{
	SnapshotKey snapshot;
	uint64		generation;		/* of which it is; another: it is void */
	pg_tz	   *zone;			/* NULL: UTC */
	Calendar	calendar;
	int			month;
	int			weekday;
} Company;

static const char *const company_query =
"SELECT s.fiscal_year_start_month, s.week_start, s.calendar, s.time_zone FROM kra.settings s";

/* The zone of that name; error when there is none. */
pg_tz *
kra_find_zone(const text *name)
{
	char		zone[TZ_STRLEN_MAX + 1];
	pg_tz	   *found = NULL;

	if (VARSIZE_ANY_EXHDR(name) <= TZ_STRLEN_MAX)
	{
		text_to_cstring_buffer(name, zone, sizeof(zone));
		found = pg_tzset(zone);
	}
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" does not exist", kra_echo(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))),
				 errhint("The view pg_timezone_names lists those that do.")));
	return found;
}

/* The zone of that name, NULL for UTC, which takes no table; error when there is none. */
pg_tz *
kra_zone_or_utc(const text *name)
{
	if (VARSIZE_ANY_EXHDR(name) == 3 && memcmp(VARDATA_ANY(name), "UTC", 3) == 0)
		return NULL;
	return kra_find_zone(name);
}

/* The day of a time in a zone (NULL: UTC). */
DateADT
kra_day_in_zone(TimestampTz at, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;
	TimestampTz day = at / USECS_PER_DAY;

	if (TIMESTAMP_IS_NOBEGIN(at))
		return DATEVAL_NOBEGIN;
	if (TIMESTAMP_IS_NOEND(at))
		return DATEVAL_NOEND;
	if (zone == NULL)
		return (DateADT) (at % USECS_PER_DAY < 0 ? day - 1 : day);
	if (timestamp2tm(at, &offset, &tm, &fsec, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/* Reads the row of the settings, where there is one. */
static void
read_settings(Company *company)
{
	HeapTuple	row = SPI_tuptable->vals[0];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	bool		isnull;
	const text *word;

	company->month = DatumGetInt32(SPI_getbinval(row, desc, 1, &isnull));
	company->weekday = DatumGetInt32(SPI_getbinval(row, desc, 2, &isnull));
	word = DatumGetTextPP(SPI_getbinval(row, desc, 3, &isnull));
	company->calendar = (Calendar) Max(kra_find_word(kra_calendar_names, CALENDAR_COUNT, VARDATA_ANY(word),
													 VARSIZE_ANY_EXHDR(word)), 0);
	word = DatumGetTextPP(SPI_getbinval(row, desc, 4, &isnull));
	company->zone = kra_zone_or_utc(word);
}

static const Company *
company_now(void)
{
	static Company kept;
	static SPIPlanPtr plan = NULL;
	SnapshotKey key;
	Company		company = {.calendar = CALENDAR_MONTHS,.month = 1,.weekday = 1};
	TablesAsked asked;

	kra_fill_snapshot_key(&key);
	if (kept.generation == kra_generation() && kra_same_snapshot(&kept.snapshot, &key))
		return &kept;
	company.generation = kra_generation();
	company.snapshot = key;
	kra_ask_tables(&asked);
	if (plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(company_query, 0, NULL);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare: %s", company_query);
		plan = prepared;
	}
	if (SPI_execute_plan(plan, NULL, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", company_query);
	if (SPI_processed > 0)
		read_settings(&company);
	kra_tables_answered(&asked);
	kept = company;
	return &kept;
}

/* The company's day of a time. */
DateADT
kra_company_day(TimestampTz at)
{
	return kra_day_in_zone(at, company_now()->zone);
}

/* The company's day of now: of when the transaction began. */
DateADT
kra_company_today(void)
{
	return kra_company_day(GetCurrentTransactionStartTimestamp());
}

/*
 * The last day of a period of a grain, by its first; false for what has none. Months
 * and weeks are as long under whatever settings they were cut; only the periods of
 * a retail calendar go by the settings of now.
 */
bool
kra_company_last_day(const text *word, DateADT first, DateADT *last)
{
	int			grain = kra_find_word(kra_grain_names, GRAIN_COUNT, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
	const Company *company = company_now();
	Grid		grid;
	int			year,
				month,
				mday;

	if (grain < 0 || DATE_NOT_FINITE(first))
		return false;
	if (company->calendar != CALENDAR_MONTHS)
		grid = kra_grid_of((Grain) grain, company->calendar, company->month, company->weekday);
	else
	{
		j2date(first + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
		grid = kra_grid_of((Grain) grain, CALENDAR_MONTHS, month, (first + POSTGRES_EPOCH_JDATE) % 7 + 1);
	}
	return kra_last_day(&grid, first, last);
}

/* last_day(period_grain, period_start): see above; NULL for what has none */
PG_FUNCTION_INFO_V1(kra_last_day_of_period);
Datum
kra_last_day_of_period(PG_FUNCTION_ARGS)
{
	DateADT		last;

	if (!kra_company_last_day(KRA_GETARG_TEXT_PP(0), PG_GETARG_DATEADT(1), &last))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(last);
}

/* today(): the company's day of now. */
PG_FUNCTION_INFO_V1(kra_today);
Datum
kra_today(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(kra_company_today());
}

/* day_of(at): the company's day of a time; infinite for an infinite one. */
PG_FUNCTION_INFO_V1(kra_day_of);
Datum
kra_day_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(kra_company_day(PG_GETARG_TIMESTAMPTZ(0)));
}

/* The time of a clock on the wall in a zone (NULL: UTC). */
static TimestampTz
time_in_zone(Timestamp at, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	TimestampTz found = at;

	if (zone == NULL || TIMESTAMP_NOT_FINITE(at))
		return at;
	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) == 0)
		found += DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
	if (!IS_VALID_TIMESTAMP(found))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return found;
}

/*
 * time_in_zone(at, zone): the time of a clock on the wall in a zone. Immutable as
 * timezone(text, timestamp) is, without the collation of a text. Infinite for an
 * infinite one; error for an unknown zone.
 */
PG_FUNCTION_INFO_V1(kra_time_in_zone);
Datum
kra_time_in_zone(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(time_in_zone(PG_GETARG_TIMESTAMP(0), kra_zone_or_utc(KRA_GETARG_TEXT_PP(1))));
}

/* The company's midnight of a day; infinite for an infinite one. */
TimestampTz
kra_company_day_begins(DateADT day)
{
	pg_tz	   *zone = company_now()->zone;
	struct pg_tm tm = {0};
	TimestampTz at;

	if (DATE_IS_NOBEGIN(day))
		return DT_NOBEGIN;
	if (DATE_IS_NOEND(day))
		return DT_NOEND;
	if (day >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range for timestamp")));
	at = day * USECS_PER_DAY;
	if (zone != NULL)
	{
		j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		at += DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
		if (!IS_VALID_TIMESTAMP(at))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("date out of range for timestamp")));
	}
	return at;
}

/* day_begins(day): see above. */
PG_FUNCTION_INFO_V1(kra_day_begins);
Datum
kra_day_begins(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(kra_company_day_begins(PG_GETARG_DATEADT(0)));
}

/* The grid of a grain that is in force. */
PackedGrid
kra_company_grid(Grain grain)
{
	const Company *company = company_now();
	Grid		grid = kra_grid_of(grain, company->calendar, company->month, company->weekday);

	return kra_pack_grid(&grid);
}
