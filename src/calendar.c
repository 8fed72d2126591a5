/*
 * calendar.c: how time is cut into periods: the arithmetic of grids.
 *
 * The periods of a grid are numbered, from a time before the first date that
 * there is. All else is arithmetic on the numbers: no function here looks at a
 * time zone or at a setting.
 *
 * In a retail calendar (4-4-5, 4-5-4, 5-4-4) months, quarters, half-years and
 * years are made of whole weeks. A week belongs to the fiscal year in which its
 * fourth day lies; so the year begins with the week whose fourth day is the first
 * in it, which for February and Sundays is the rule of the National Retail
 * Federation. A year has 52 weeks or 53, and the 53rd is the last month's.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "kra.h"

/* Periods are counted from these, so that no number of a date is negative. */
#define FIRST_YEAR (-4800)
#define FIRST_DAY (-7000)		/* a Monday, as Julian day 0 is */

#define WEEKS_PER_QUARTER 13

const char *const kra_grain_names[GRAIN_COUNT] = {"day", "week", "month", "quarter", "half_year", "year"};
const char *const kra_calendar_names[CALENDAR_COUNT] = {"months", "4-4-5", "4-5-4", "5-4-4"};
const char *const kra_month_names[12] = {
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"
};
const char *const kra_weekday_names[7] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
};

/* Months of a grain's period; 0: it is none of months. */
static const int months_of[GRAIN_COUNT] = {0, 0, 1, 3, 6, 12};

/* Weeks of a quarter before its second and its third month. */
static const int weeks_before[CALENDAR_COUNT][2] = {{0, 0}, {4, 8}, {4, 9}, {5, 9}};

/* The place of a word among others, -1: it is none of them. */
int
kra_find_word(const char *const *words, int count, const char *str, int len)
{
	for (int i = 0; i < count; i++)
		if (len == (int) strlen(words[i]) && memcmp(str, words[i], len) == 0)
			return i;
	return -1;
}

/* A grid out of a grain and all settings, with what it depends on and no more. */
Grid
kra_grid_of(Grain grain, Calendar calendar, int month, int weekday)
{
	Grid		grid = {.grain = grain,.calendar = CALENDAR_MONTHS};

	if (grain >= GRAIN_MONTH)
		grid.calendar = calendar;
	if (grain > GRAIN_MONTH || grid.calendar != CALENDAR_MONTHS)
		grid.month = month;
	if (grain == GRAIN_WEEK || grid.calendar != CALENDAR_MONTHS)
		grid.weekday = weekday;
	return grid;
}

PackedGrid
kra_pack_grid(const Grid *grid)
{
	return (PackedGrid) (grid->grain + 1) << 16 | (PackedGrid) grid->calendar << 8 |
		(PackedGrid) grid->month << 4 | (PackedGrid) grid->weekday;
}

/* Takes a grid apart; false when there is no such grid. */
bool
kra_unpack_grid(PackedGrid packed, Grid *grid)
{
	uint32		grain = (packed >> 16) - 1;
	uint32		calendar = (packed >> 8) & 0xFF;
	int			month = (packed >> 4) & 0xF;
	int			weekday = packed & 0xF;

	if (unlikely(grain >= GRAIN_COUNT || calendar >= CALENDAR_COUNT || month > 12 || weekday > 7))
		return false;
	*grid = kra_grid_of((Grain) grain, (Calendar) calendar, month, weekday);
	if ((grid->grain > GRAIN_MONTH || grid->calendar != CALENDAR_MONTHS) && month == 0)
		return false;
	if ((grid->grain == GRAIN_WEEK || grid->calendar != CALENDAR_MONTHS) && weekday == 0)
		return false;
	return kra_pack_grid(grid) == packed;
}

/* The grid of argument argno; error when there is none. */
Grid
kra_grid_arg(FunctionCallInfo fcinfo, int argno)
{
	Grid		grid;

	kra_need_arg(fcinfo, argno);
	if (unlikely(!kra_unpack_grid(PG_GETARG_PACKED_GRID(argno), &grid)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown grid %08X", PG_GETARG_PACKED_GRID(argno))));
	return grid;
}

/* The date of argument argno as a Julian day; error when it is infinite. */
int
kra_day_arg(FunctionCallInfo fcinfo, int argno)
{
	DateADT		date = PG_GETARG_DATEADT(argno);

	if (unlikely(DATE_NOT_FINITE(date)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date must be finite")));
	return date + POSTGRES_EPOCH_JDATE;
}

/* The month in which a fiscal year starts, 1 to 12. */
int
kra_fiscal_month_arg(FunctionCallInfo fcinfo, int argno)
{
	int32		month = PG_GETARG_INT32(argno);

	if (month < 1 || month > 12)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fiscal_year_start_month must be between 1 and 12, not %d", month)));
	return month;
}

/* The ISO weekday on which a week starts, 1 (Monday) to 7. */
int
kra_week_start_arg(FunctionCallInfo fcinfo, int argno)
{
	int32		weekday = PG_GETARG_INT32(argno);

	if (weekday < 1 || weekday > 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("week_start must be between 1 (Monday) and 7 (Sunday), not %d", weekday)));
	return weekday;
}

/* A text that is a word, not terminated. */
text *
kra_word_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	if (!PG_ARGISNULL(argno))
		kra_check_size(toast_raw_datum_size(PG_GETARG_DATUM(argno)) - VARHDRSZ, KRA_MAX_WORD, what, NULL);
	return KRA_GETARG_TEXT_PP(argno);
}

/* The first day of the week that holds a day, which may lie before Julian day 0. */
static inline int
week_of(const Grid *grid, int day)
{
	int			first = FIRST_DAY + grid->weekday - 1;

	return (day - first) / 7 * 7 + first;
}

/* The first day of a retail year. */
static inline int
retail_year_start(const Grid *grid, int year)
{
	return week_of(grid, date2j(year, grid->month, 1) + 3);
}

/* The fiscal year in which a day lies. */
static inline int
fiscal_year_of(int day, int first_month)
{
	int			year,
				month,
				mday;

	j2date(day, &year, &month, &mday);
	return month < first_month ? year - 1 : year;
}

/* Periods of a grain of months in a year. */
static inline int
periods_a_year(Grain grain)
{
	return 12 / months_of[grain];
}

/*
 * The fiscal year of a day, and which period of the grid in it, from 0 on. For
 * grids of years, half-years and quarters, and for months of weeks.
 */
int
kra_fiscal_year(const Grid *grid, int day, int *number)
{
	int			year,
				month,
				mday;
	int			week;
	int			quarter;

	if (grid->calendar == CALENDAR_MONTHS)
	{
		j2date(day, &year, &month, &mday);
		month -= grid->month;
		if (month < 0)
		{
			month += 12;
			year--;
		}
		*number = month / months_of[grid->grain];
		return year;
	}
	week = week_of(grid, day);
	year = fiscal_year_of(Max(week + 3, 0), grid->month);
	week = (week - retail_year_start(grid, year)) / 7;
	quarter = Min(week / WEEKS_PER_QUARTER, 3);
	week -= quarter * WEEKS_PER_QUARTER;
	month = quarter * 3 + (week >= weeks_before[grid->calendar][0]) + (week >= weeks_before[grid->calendar][1]);
	*number = month / months_of[grid->grain];
	return year;
}

/* The first day of a period that kra_fiscal_year() names so; false: it has none. */
bool
kra_fiscal_start(const Grid *grid, int year, int number, int64 *day)
{
	int			month = number * months_of[grid->grain];

	if (grid->calendar == CALENDAR_MONTHS)
	{
		month += grid->month - 1;
		year += month / 12;
		month = month % 12 + 1;
		if (!IS_VALID_JULIAN(year, month, 1))
			return false;
		*day = date2j(year, month, 1);
		return true;
	}
	if (!IS_VALID_JULIAN(year, grid->month, 1))
		return false;
	*day = (int64) retail_year_start(grid, year) + 7 * (month / 3 * WEEKS_PER_QUARTER);
	if (month % 3 > 0)
		*day += 7 * weeks_before[grid->calendar][month % 3 - 1];
	return true;
}

/* The number of the period that holds a day. */
int64
kra_period_of(const Grid *grid, int day)
{
	int			year,
				month,
				mday;

	switch (grid->grain)
	{
		case GRAIN_DAY:
			return (int64) day - FIRST_DAY;
		case GRAIN_WEEK:
			return ((int64) day - FIRST_DAY - (grid->weekday - 1)) / 7;
		case GRAIN_MONTH:
			if (grid->calendar == CALENDAR_MONTHS)
			{
				j2date(day, &year, &month, &mday);
				return (int64) (year - FIRST_YEAR) * 12 + month - 1;
			}
			/* FALLTHROUGH */
		default:
			year = kra_fiscal_year(grid, day, &month);
			return (int64) (year - FIRST_YEAR) * periods_a_year(grid->grain) + month;
	}
}

/* The first day of a period; false when it is before the first or after the last Julian day. */
bool
kra_period_start(const Grid *grid, int64 period, int64 *day)
{
	int64		year;
	int			number;

	switch (grid->grain)
	{
		case GRAIN_DAY:
			*day = period + FIRST_DAY;
			return true;
		case GRAIN_WEEK:
			*day = period * 7 + FIRST_DAY + (grid->weekday - 1);
			return true;
		default:
			break;
	}
	number = periods_a_year(grid->grain);
	year = period / number + FIRST_YEAR;
	if (period < 0 || year > JULIAN_MAXYEAR)
		return false;
	number = (int) (period % number);
	if (grid->month > 0)
		return kra_fiscal_start(grid, (int) year, number, day);
	if (!IS_VALID_JULIAN(year, number + 1, 1))
		return false;
	*day = date2j((int) year, number + 1, 1);
	return true;
}

/* The day that is so many days after the start of a period, as a date. */
Datum
kra_period_date(const Grid *grid, int64 period, int offset)
{
	int64		day;

	if (unlikely(!kra_period_start(grid, period, &day) ||
				 !IS_VALID_DATE(day + offset - POSTGRES_EPOCH_JDATE)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return DateADTGetDatum((DateADT) (day + offset - POSTGRES_EPOCH_JDATE));
}

/* The last day of the period that holds a day; false for what has none. */
bool
kra_last_day(const Grid *grid, DateADT day, DateADT *last)
{
	int64		next;

	if (DATE_NOT_FINITE(day) ||
		!kra_period_start(grid, kra_period_of(grid, day + POSTGRES_EPOCH_JDATE) + 1, &next) ||
		!IS_VALID_DATE(next - 1 - POSTGRES_EPOCH_JDATE))
		return false;
	*last = (DateADT) (next - 1 - POSTGRES_EPOCH_JDATE);
	return true;
}

/* The Monday of ISO week 1 of a year, the one that holds 4 January. */
int
kra_iso_year_start(int year)
{
	int			fourth = date2j(year, 1, 4);

	return fourth - fourth % 7;
}

/* The ISO year and week of the fourth day of the week that holds a day. */
int
kra_iso_week(const Grid *grid, int day, int *week)
{
	int			fourth = Max(week_of(grid, day) + 3, 0);
	int			year,
				month,
				mday;

	/* the year of the Thursday of its ISO week */
	j2date(fourth - fourth % 7 + 3, &year, &month, &mday);
	*week = (fourth - kra_iso_year_start(year)) / 7 + 1;
	return year;
}
