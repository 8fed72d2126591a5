/*
 * grid_label.c: what people call a period, and which period has such a name.
 *
 *     2026-03-31                a day
 *     2026-W07                  a week: ISO year and week of its fourth day
 *     2025-12                   a month
 *     2025-P03                  a month of a retail calendar, counted from the year's start
 *     2025-Q4 2025-H1 2025      quarter, half-year, year
 *     2016/17-Q1 2016/17        any of the last two lines where the fiscal year does not
 *                               start in January
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "kra.h"

/* Labels have years of four digits. */
#define MAX_LABEL_YEAR 9999
#define MAX_LABEL_LENGTH 16

/* Writes a year, error when a label cannot show it; returns the end. */
static char *
write_year(char *p, int year)
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
write_fiscal_year(char *p, int year, int first_month)
{
	p = write_year(p, year);
	if (first_month == 1)
		return p;
	*p++ = '/';
	return pg_ultostr_zeropad(p, (uint32) (year + 1) % 100, 2);
}

/* Writes "-", a letter, and a number of so many digits. */
static char *
write_part(char *p, const char *letter, int number, int digits)
{
	*p++ = '-';
	if (*letter)
		*p++ = *letter;
	return pg_ultostr_zeropad(p, (uint32) number, digits);
}

/* The label of the period that holds a Julian day; error for years outside 1 to 9999. */
text *
kra_write_label(const Grid *grid, int day)
{
	char		label[MAX_LABEL_LENGTH];
	char	   *p = label;
	int			year,
				month,
				mday;
	int			number;

	if (grid->grain >= GRAIN_MONTH && grid->month > 0)
	{
		year = kra_fiscal_year(grid, day, &number);
		p = write_fiscal_year(p, year, grid->month);
		if (grid->grain == GRAIN_MONTH)
			p = write_part(p, "P", number + 1, 2);
		else if (grid->grain != GRAIN_YEAR)
			p = write_part(p, grid->grain == GRAIN_QUARTER ? "Q" : "H", number + 1, 1);
	}
	else if (grid->grain == GRAIN_WEEK)
	{
		year = kra_iso_week(grid, day, &number);
		p = write_part(write_year(p, year), "W", number, 2);
	}
	else
	{
		j2date(day, &year, &month, &mday);
		p = write_part(write_year(p, year), "", month, 2);
		if (grid->grain == GRAIN_DAY)
			p = write_part(p, "", mday, 2);
	}
	return cstring_to_text_with_len(label, p - label);
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
	bool		of_weeks;		/* a month of a retail calendar */
	int			year;
	int			number;			/* week, month, quarter or half-year */
	int32		date;			/* of a day */
} Label;

/* Reads what follows the year of "2016/17-", and of "2016-" where it has a letter. */
static bool
read_fiscal_part(const char *p, int len, Label *label)
{
	if (len == 3 && p[1] == 'Q')
	{
		label->grain = GRAIN_QUARTER;
		return read_digits(p + 2, 1, &label->number) && label->number >= 1 && label->number <= 4;
	}
	if (len == 3 && p[1] == 'H')
	{
		label->grain = GRAIN_HALF_YEAR;
		return read_digits(p + 2, 1, &label->number) && label->number >= 1 && label->number <= 2;
	}
	if (len == 4 && p[1] == 'P')
	{
		label->grain = GRAIN_MONTH;
		label->of_weeks = true;
		return read_digits(p + 2, 2, &label->number) && label->number >= 1 && label->number <= 12;
	}
	return false;
}

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
	{
		label->grain = GRAIN_YEAR;
		return true;
	}
	if (p[0] != '-')
		return false;
	if (read_fiscal_part(p, len, label))
		return true;
	if (label->two_years)
		return false;
	label->of_weeks = false;
	if (len == 3)
	{
		label->grain = GRAIN_MONTH;
		return read_digits(p + 1, 2, &label->number) && label->number >= 1 && label->number <= 12;
	}
	if (len == 4 && p[1] == 'W')
	{
		label->grain = GRAIN_WEEK;
		return read_digits(p + 2, 2, &label->number) && label->number >= 1 && label->number <=
			(kra_iso_year_start(label->year + 1) - kra_iso_year_start(label->year)) / 7;
	}
	label->grain = GRAIN_DAY;
	return kra_parse_date(str, 4 + len, &label->date);
}

/* The error for what is no label, or not one of this calendar. */
pg_noreturn static void bad_label(const text *label, const char *detail);

static void
bad_label(const text *label, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
			 errmsg("invalid period label: \"%s\"", kra_echo(VARDATA_ANY(label), VARSIZE_ANY_EXHDR(label))),
			 detail ? errdetail("%s", detail) : 0,
			 errhint("Write 2026-03-31, 2026-W07, 2026-03, 2026-Q1, 2026-H1 or 2026; where the fiscal year does not start in January, 2025/26-Q1, 2025/26-H1 or 2025/26; and for a month of a calendar of weeks 2025/26-P03.")));
}

/*
 * The grid, under these settings, and the first day of the period that has the
 * label; error for what is none.
 */
Grid
kra_read_label(const text *written, Calendar calendar, int month, int weekday, int64 *day)
{
	Label		label;
	Grid		grid;

	if (!read_label(VARDATA_ANY(written), VARSIZE_ANY_EXHDR(written), &label))
		bad_label(written, NULL);
	if (label.grain == GRAIN_MONTH && label.of_weeks != (calendar != CALENDAR_MONTHS))
		bad_label(written, label.of_weeks ?
				  "P counts the months of a calendar of weeks." :
				  psprintf("The months of the calendar %s are counted, from P01 on.", kra_calendar_names[calendar]));
	if ((label.grain > GRAIN_MONTH || label.of_weeks) && label.two_years != (month != 1))
		bad_label(written, label.two_years ?
				  "A fiscal year that starts in January has one calendar year." :
				  psprintf("A fiscal year that starts in month %d has two calendar years.", month));
	grid = kra_grid_of(label.grain, calendar, month, weekday);
	if (label.grain == GRAIN_DAY)
		*day = (int64) label.date + POSTGRES_EPOCH_JDATE;
	else if (label.grain == GRAIN_WEEK)
		/* the first day lies 3 before the fourth, whose weekday is (weekday + 3) */
		*day = kra_iso_year_start(label.year) + (label.number - 1) * 7 + (weekday + 2) % 7 - 3;
	else if (grid.month == 0)
		*day = date2j(label.year, label.number, 1);
	else
		(void) kra_fiscal_start(&grid, label.year, Max(label.number, 1) - 1, day);
	return grid;
}
