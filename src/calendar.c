/*
 * calendar.c: how time is cut into periods: grids, their periods, and labels.
 *
 * A grid is a smallint:
 *
 *     1          days
 *     11 .. 17   weeks that start on ISO weekday grid - 10 (1: Monday)
 *     20         months
 *     30 .. 32   quarters: 30 where one starts in January, 31 February, 32 March
 *     41 .. 52   years that start in month grid - 40
 *
 * The periods of a grid are numbered, from a time before the first date that
 * there is. All else is arithmetic on the numbers: no function here looks at a
 * time zone or at a setting.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "kra.h"

#define GRID_DAY 1
#define GRID_WEEK 10			/* + ISO weekday of its first day */
#define GRID_MONTH 20
#define GRID_QUARTER 30			/* + (first month - 1) % 3 */
#define GRID_YEAR 40			/* + first month */

/* Periods are counted from these, so that no number of a date is negative. */
#define FIRST_YEAR (-4800)
#define FIRST_DAY (-7)			/* a Monday, as Julian day 0 is */

/* Labels have years of four digits. */
#define MAX_LABEL_YEAR 9999
#define MAX_LABEL_LENGTH 16

typedef enum Grain
{
	GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_QUARTER, GRAIN_YEAR
} Grain;

#define GRAIN_COUNT 5

static const char *const grain_names[GRAIN_COUNT] = {"day", "week", "month", "quarter", "year"};

/* A grid, taken apart: periods of so many days or months. */
typedef struct Grid
{
	Grain		grain;
	bool		in_months;
	int			length;			/* days or months */
	int			phase;			/* those before the first period, from FIRST_... on */
} Grid;

/* Takes a grid apart; false when there is no such grid. */
static inline bool
grid_parts(int number, Grid *grid)
{
	if (number == GRID_MONTH)
		*grid = (Grid) {GRAIN_MONTH, true, 1, 0};
	else if (number == GRID_DAY)
		*grid = (Grid) {GRAIN_DAY, false, 1, 0};
	else if (number > GRID_WEEK && number <= GRID_WEEK + 7)
		*grid = (Grid) {GRAIN_WEEK, false, 7, number - GRID_WEEK - 1};
	else if (number >= GRID_QUARTER && number < GRID_QUARTER + 3)
		*grid = (Grid) {GRAIN_QUARTER, true, 3, number - GRID_QUARTER};
	else if (number > GRID_YEAR && number <= GRID_YEAR + 12)
		*grid = (Grid) {GRAIN_YEAR, true, 12, number - GRID_YEAR - 1};
	else
		return false;
	return true;
}

/* The grid of argument argno; error when there is none. */
static inline Grid
grid_arg(FunctionCallInfo fcinfo, int argno)
{
	Grid		grid;

	if (unlikely(!grid_parts(PG_GETARG_INT16(argno), &grid)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown grid %d", PG_GETARG_INT16(argno)),
				 errhint("Grids come from kra_internal.grid().")));
	return grid;
}

/* The date of argument argno as a Julian day; error when it is infinite. */
static inline int
day_arg(FunctionCallInfo fcinfo, int argno)
{
	DateADT		date = PG_GETARG_DATEADT(argno);

	if (unlikely(DATE_NOT_FINITE(date)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date must be finite")));
	return date + POSTGRES_EPOCH_JDATE;
}

/* The month in which a fiscal year starts, 1 to 12. */
static int
fiscal_month_arg(FunctionCallInfo fcinfo, int argno)
{
	int32		month = PG_GETARG_INT32(argno);

	if (month < 1 || month > 12)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fiscal_year_start_month must be between 1 and 12, not %d", month)));
	return month;
}

/* A text that is a word, not terminated. */
static text *
word_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	if (!PG_ARGISNULL(argno))
		kra_check_size(toast_raw_datum_size(PG_GETARG_DATUM(argno)) - VARHDRSZ, KRA_MAX_WORD, what, NULL);
	return KRA_GETARG_TEXT_PP(argno);
}

/* The ISO weekday on which a week starts, 1 (Monday) to 7. */
static int
week_start_arg(FunctionCallInfo fcinfo, int argno)
{
	int32		weekday = PG_GETARG_INT32(argno);

	if (weekday < 1 || weekday > 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("week_start must be between 1 (Monday) and 7 (Sunday), not %d", weekday)));
	return weekday;
}

/* The number of the period that holds a day. */
static inline int64
period_of(const Grid *grid, int day)
{
	int			year,
				month,
				mday;

	if (!grid->in_months)
		return ((int64) day - FIRST_DAY - grid->phase) / grid->length;
	j2date(day, &year, &month, &mday);
	return ((int64) (year - FIRST_YEAR) * 12 + month - 1 - grid->phase) / grid->length;
}

/* The first day of a period; false when it is before the first or after the last Julian day. */
static inline bool
period_start(const Grid *grid, int64 period, int64 *day)
{
	int64		place = period * grid->length + grid->phase;
	int64		year;
	int			month;

	if (!grid->in_months)
	{
		*day = place + FIRST_DAY;
		return true;
	}
	if (place < 0)
		return false;
	year = place / 12 + FIRST_YEAR;
	month = (int) (place % 12) + 1;
	if (!IS_VALID_JULIAN(year, month, 1))
		return false;
	*day = date2j((int) year, month, 1);
	return true;
}

/* The day that is so many days after the start of a period, as a date. */
static inline Datum
period_date(const Grid *grid, int64 period, int offset)
{
	int64		day;

	if (unlikely(!period_start(grid, period, &day) ||
				 !IS_VALID_DATE(day + offset - POSTGRES_EPOCH_JDATE)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return DateADTGetDatum((DateADT) (day + offset - POSTGRES_EPOCH_JDATE));
}

/* The last day of the period that holds a day; false for what has none. */
bool
kra_grid_last_day(int number, DateADT day, DateADT *last)
{
	Grid		grid;
	int64		next;

	if (!grid_parts(number, &grid) || DATE_NOT_FINITE(day) ||
		!period_start(&grid, period_of(&grid, day + POSTGRES_EPOCH_JDATE) + 1, &next) ||
		!IS_VALID_DATE(next - 1 - POSTGRES_EPOCH_JDATE))
		return false;
	*last = (DateADT) (next - 1 - POSTGRES_EPOCH_JDATE);
	return true;
}

/* The last day of a period of a grain, by its first; false for what has none. */
bool
kra_grain_last_day(const text *grain, DateADT first, DateADT *last)
{
	static const int months[GRAIN_COUNT] = {0, 0, 1, 3, 12};
	int			year,
				month,
				mday;
	int64		next;

	if (DATE_NOT_FINITE(first))
		return false;
	for (int i = 0; i < GRAIN_COUNT; i++)
	{
		if (VARSIZE_ANY_EXHDR(grain) != strlen(grain_names[i]) ||
			memcmp(VARDATA_ANY(grain), grain_names[i], strlen(grain_names[i])) != 0)
			continue;
		j2date(first + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
		month += months[i];
		year += (month - 1) / 12;
		month = (month - 1) % 12 + 1;
		if (!IS_VALID_JULIAN(year, month, 1))
			return false;
		if (months[i] == 0)
			next = (int64) first + (i == GRAIN_WEEK ? 7 : 1);
		else
			next = (int64) date2j(year, month, 1) - POSTGRES_EPOCH_JDATE +
				Min(mday, day_tab[isleap(year)][month - 1]) - 1;
		if (!IS_VALID_DATE(next - 1))
			return false;
		*last = (DateADT) (next - 1);
		return true;
	}
	return false;
}

/*
 * grid(cadence, fiscal_year_start_month, week_start): the grid of a cadence: day,
 * week, month, quarter or year. Error for any other, for months outside 1 to 12,
 * and for week starts outside 1 (Monday) to 7.
 */
PG_FUNCTION_INFO_V1(kra_grid);
Datum
kra_grid(PG_FUNCTION_ARGS)
{
	text	   *cadence = word_arg(fcinfo, 0, "cadence");
	int			month = fiscal_month_arg(fcinfo, 1);
	int			weekday = week_start_arg(fcinfo, 2);
	const int	grids[GRAIN_COUNT] = {
		GRID_DAY, GRID_WEEK + weekday, GRID_MONTH, GRID_QUARTER + (month - 1) % 3, GRID_YEAR + month
	};

	for (int i = 0; i < GRAIN_COUNT; i++)
		if (VARSIZE_ANY_EXHDR(cadence) == strlen(grain_names[i]) &&
			memcmp(VARDATA_ANY(cadence), grain_names[i], strlen(grain_names[i])) == 0)
			PG_RETURN_INT16((int16) grids[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown cadence \"%s\"", kra_echo(VARDATA_ANY(cadence), VARSIZE_ANY_EXHDR(cadence))),
			 errhint("It is one of day, week, month, quarter, year.")));
}

/* grid_grain(grid): its cadence. Error for an unknown grid. */
PG_FUNCTION_INFO_V1(kra_grid_grain);
Datum
kra_grid_grain(PG_FUNCTION_ARGS)
{
	Grid		grid = grid_arg(fcinfo, 0);

	PG_RETURN_TEXT_P(cstring_to_text(grain_names[grid.grain]));
}

/*
 * grid_start(grid, at): the first day of the period that holds a day. Error for
 * an unknown grid, an infinite date, and a result that is no date.
 */
PG_FUNCTION_INFO_V1(kra_grid_start);
Datum
kra_grid_start(PG_FUNCTION_ARGS)
{
	Grid		grid = grid_arg(fcinfo, 0);

	return period_date(&grid, period_of(&grid, day_arg(fcinfo, 1)), 0);
}

/* grid_end(grid, at): the last day of the period. Errors as for grid_start(). */
PG_FUNCTION_INFO_V1(kra_grid_end);
Datum
kra_grid_end(PG_FUNCTION_ARGS)
{
	Grid		grid = grid_arg(fcinfo, 0);

	return period_date(&grid, period_of(&grid, day_arg(fcinfo, 1)) + 1, -1);
}

/*
 * grid_shift(grid, start, periods): the first day of the period that comes so
 * many periods after (negative: before) the one that holds start. Errors as for
 * grid_start().
 */
PG_FUNCTION_INFO_V1(kra_grid_shift);
Datum
kra_grid_shift(PG_FUNCTION_ARGS)
{
	Grid		grid = grid_arg(fcinfo, 0);
	int64		period = period_of(&grid, day_arg(fcinfo, 1));

	return period_date(&grid, period + PG_GETARG_INT32(2), 0);
}

/*
 * is_grid_start(grid, at): does a period start on that day? Made for CHECK
 * constraints: false, and no error, for unknown grids and infinite dates.
 */
PG_FUNCTION_INFO_V1(kra_is_grid_start);
Datum
kra_is_grid_start(PG_FUNCTION_ARGS)
{
	DateADT		at = PG_GETARG_DATEADT(1);
	Grid		grid;
	int64		day;

	if (!grid_parts(PG_GETARG_INT16(0), &grid) || DATE_NOT_FINITE(at))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(period_start(&grid, period_of(&grid, at + POSTGRES_EPOCH_JDATE), &day) &&
				   day == (int64) at + POSTGRES_EPOCH_JDATE);
}

/* The Monday of ISO week 1 of a year, the one that holds 4 January. */
static int
iso_year_start(int year)
{
	int			fourth = date2j(year, 1, 4);

	return fourth - fourth % 7;
}

/* Writes a year, error when a label cannot show it; returns the end. */
static char *
label_year(char *p, int year)
{
	if (year < 1 || year > MAX_LABEL_YEAR)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range for a label"),
				 errdetail("Labels are for the years 1 to %d.", MAX_LABEL_YEAR)));
	return pg_ultostr_zeropad(p, (uint32) year, 4);
}

/* Writes a fiscal year: "2016/17", or "2016" when it starts in January. */
static char *
label_fiscal_year(char *p, int year, int first_month)
{
	p = label_year(p, year);
	if (first_month == 1)
		return p;
	*p++ = '/';
	return pg_ultostr_zeropad(p, (uint32) (year + 1) % 100, 2);
}

/*
 * grid_label(grid, at, fiscal_year_start_month): what people call the period that
 * holds a day: "2026-03-31", "2026-W07" (ISO year and week of its fourth day),
 * "2025-12", "2025-Q4" or "2016/17-Q1", "2025" or "2016/17". The month says from
 * where quarters are counted; the grid of a year has its own. Errors: unknown
 * grids, infinite dates, years outside 1 to 9999, months outside 1 to 12, and one
 * in which none of the grid's quarters starts.
 */
PG_FUNCTION_INFO_V1(kra_grid_label);
Datum
kra_grid_label(PG_FUNCTION_ARGS)
{
	Grid		grid = grid_arg(fcinfo, 0);
	int			day = day_arg(fcinfo, 1);
	int			first_month = fiscal_month_arg(fcinfo, 2);
	char		label[MAX_LABEL_LENGTH];
	char	   *p = label;
	int			year,
				month,
				mday;
	int			months;			/* since FIRST_YEAR */
	int			fourth;

	j2date(day, &year, &month, &mday);
	switch (grid.grain)
	{
		case GRAIN_DAY:
		case GRAIN_MONTH:
			p = label_year(p, year);
			*p++ = '-';
			p = pg_ultostr_zeropad(p, (uint32) month, 2);
			if (grid.grain == GRAIN_DAY)
			{
				*p++ = '-';
				p = pg_ultostr_zeropad(p, (uint32) mday, 2);
			}
			break;
		case GRAIN_WEEK:
			fourth = (int) (period_of(&grid, day) * 7 + grid.phase + FIRST_DAY + 3);
			/* the year of the Thursday of its ISO week */
			j2date(fourth - fourth % 7 + 3, &year, &month, &mday);
			p = label_year(p, year);
			*p++ = '-';
			*p++ = 'W';
			p = pg_ultostr_zeropad(p, (uint32) (fourth - iso_year_start(year)) / 7 + 1, 2);
			break;
		case GRAIN_QUARTER:
			if ((first_month - 1) % 3 != grid.phase)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("no quarter of grid %d starts in month %d",
								PG_GETARG_INT16(0), first_month),
						 errhint("Give the fiscal_year_start_month that the grid was made with.")));
			months = (year - FIRST_YEAR) * 12 + month - first_month;
			p = label_fiscal_year(p, months / 12 + FIRST_YEAR, first_month);
			*p++ = '-';
			*p++ = 'Q';
			*p++ = (char) ('1' + months % 12 / 3);
			break;
		case GRAIN_YEAR:
			first_month = grid.phase + 1;
			p = label_fiscal_year(p, month < first_month ? year - 1 : year, first_month);
			break;
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(label, p - label));
}

/* Reads n digits. */
static bool
read_digits(const char *p, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++)
	{
		if (p[i] < '0' || p[i] > '9')
			return false;
		*value = *value * 10 + (p[i] - '0');
	}
	return true;
}

/* What a label says. */
typedef struct Label
{
	Grain		grain;
	bool		two_years;		/* "2016/17" */
	int			year;
	int			number;			/* week, month or quarter */
	int32		date;			/* of a day */
} Label;

/* Reads a label; false when it has none of the forms. */
static bool
read_label(const char *str, int len, Label *label)
{
	const char *p = str + 4;
	int			number;

	memset(label, 0, sizeof(*label));
	if (len < 4 || !read_digits(str, 4, &label->year) || label->year < 1)
		return false;
	if (len >= 7 && *p == '/')
	{
		if (!read_digits(p + 1, 2, &number) || number != (label->year + 1) % 100)
			return false;
		label->two_years = true;
		p += 3;
	}
	len -= p - str;
	if (len == 0)
		label->grain = GRAIN_YEAR;
	else if (len == 3 && p[0] == '-' && p[1] == 'Q' && p[2] >= '1' && p[2] <= '4')
	{
		label->grain = GRAIN_QUARTER;
		label->number = p[2] - '0';
	}
	else if (label->two_years)
		return false;
	else if (len == 3 && p[0] == '-' && read_digits(p + 1, 2, &label->number))
	{
		label->grain = GRAIN_MONTH;
		return label->number >= 1 && label->number <= 12;
	}
	else if (len == 4 && p[0] == '-' && p[1] == 'W' && read_digits(p + 2, 2, &label->number))
	{
		label->grain = GRAIN_WEEK;
		return label->number >= 1 && label->number <=
			(iso_year_start(label->year + 1) - iso_year_start(label->year)) / 7;
	}
	else
	{
		label->grain = GRAIN_DAY;
		return kra_parse_date(str, 4 + len, &label->date);
	}
	return true;
}

/* The error for what is no label, or not one of this fiscal year. */
pg_noreturn static void bad_label(const text *label, const char *detail);

static void
bad_label(const text *label, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
			 errmsg("invalid period label: \"%s\"", kra_echo(VARDATA_ANY(label), VARSIZE_ANY_EXHDR(label))),
			 detail ? errdetail("%s", detail) : 0,
			 errhint("Write 2026-03-31, 2026-W07, 2026-03, 2026-Q1 or 2026, and where the fiscal year does not start in January 2025/26-Q1 or 2025/26.")));
}

/*
 * grid_of_label(label, fiscal_year_start_month, week_start): the grid, and the
 * first day of the period, that grid_label() calls so. Error for anything else,
 * and for months outside 1 to 12 and week starts outside 1 to 7.
 */
PG_FUNCTION_INFO_V1(kra_grid_of_label);
Datum
kra_grid_of_label(PG_FUNCTION_ARGS)
{
	text	   *written = word_arg(fcinfo, 0, "label of a period");
	int			first_month = fiscal_month_arg(fcinfo, 1);
	int			weekday = week_start_arg(fcinfo, 2);
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	Label		label;
	int			grid = 0;
	int			day = 0;
	int			month;

	if (!read_label(VARDATA_ANY(written), VARSIZE_ANY_EXHDR(written), &label))
		bad_label(written, NULL);
	if ((label.grain == GRAIN_QUARTER || label.grain == GRAIN_YEAR) &&
		label.two_years != (first_month != 1))
		bad_label(written, label.two_years ?
				  "A fiscal year that starts in January has one calendar year." :
				  psprintf("A fiscal year that starts in month %d has two calendar years.", first_month));
	switch (label.grain)
	{
		case GRAIN_DAY:
			grid = GRID_DAY;
			day = label.date + POSTGRES_EPOCH_JDATE;
			break;
		case GRAIN_WEEK:
			grid = GRID_WEEK + weekday;
			/* the first day lies 3 before the fourth, whose weekday is (weekday + 3) */
			day = iso_year_start(label.year) + (label.number - 1) * 7 + (weekday + 2) % 7 - 3;
			break;
		case GRAIN_MONTH:
			grid = GRID_MONTH;
			day = date2j(label.year, label.number, 1);
			break;
		case GRAIN_QUARTER:
			grid = GRID_QUARTER + (first_month - 1) % 3;
			month = first_month - 1 + (label.number - 1) * 3;
			day = date2j(label.year + month / 12, month % 12 + 1, 1);
			break;
		case GRAIN_YEAR:
			grid = GRID_YEAR + first_month;
			day = date2j(label.year, first_month, 1);
			break;
	}
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int16GetDatum((int16) grid);
	values[1] = DateADTGetDatum(day - POSTGRES_EPOCH_JDATE);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
