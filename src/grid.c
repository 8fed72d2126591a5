/*
 * grid.c: the type kra_internal.grid, and what SQL asks of grids.
 *
 * Text form: the grain, and what its periods and their labels depend on:
 *
 *     day
 *     week from monday
 *     month
 *     quarter from april, half_year from april, year from april
 *     month 4-4-5 from february, weeks from sunday
 *
 * "from" may be left out where it is January or Monday. In binary it is the
 * number of calendar.h.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "company.h"
#include "kra.h"

#define MAX_GRID_LENGTH 128


/* Reads a word of a list, which ends at a space, a comma or the end; -1: it is none. */
static int
read_word(const char **p, const char *const *words, int count)
{
	int			len = strcspn(*p, " ,");
	int			word = kra_find_word(words, count, *p, len);

	*p += len;
	return word;
}

/* Steps over a text; false: it is not there. */
static bool
skip(const char **p, const char *what)
{
	size_t		len = strlen(what);

	if (strncmp(*p, what, len) != 0)
		return false;
	*p += len;
	return true;
}

/* Reads the text form; false when it is none. */
static bool
read_grid(const char *p, Grid *grid)
{
	int			grain = read_word(&p, kra_grain_names, GRAIN_COUNT);
	int			calendar = CALENDAR_MONTHS;
	int			month = 1;			/* 0: no month */
	int			weekday = 1;

	if (grain < 0)
		return false;
	if (grain >= GRAIN_MONTH && *p == ' ' && p[1] >= '0' && p[1] <= '9')
	{
		p++;
		calendar = read_word(&p, kra_calendar_names, CALENDAR_COUNT);
		if (calendar < 0)
			return false;
	}
	if (grain == GRAIN_WEEK && skip(&p, " from "))
		weekday = read_word(&p, kra_weekday_names, 7) + 1;
	else if ((grain > GRAIN_MONTH || calendar != CALENDAR_MONTHS) && skip(&p, " from "))
		month = read_word(&p, kra_month_names, 12) + 1;
	if (calendar != CALENDAR_MONTHS && skip(&p, ", weeks from "))
		weekday = read_word(&p, kra_weekday_names, 7) + 1;
	*grid = kra_grid_of((Grain) grain, (Calendar) calendar, month, weekday);
	return *p == '\0' && month > 0 && weekday > 0;
}

/* The text form of a grid; error for what is none. */
PG_FUNCTION_INFO_V1(kra_grid_in);
Datum
kra_grid_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	Grid		grid;

	if (strlen(str) > MAX_GRID_LENGTH || !read_grid(str, &grid))
		ereturn(KRA_ESCONTEXT(fcinfo), (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type grid: \"%s\"", kra_echo(str, strlen(str))),
				 errhint("Write day, week from monday, month, quarter from april, half_year from april, year from april, or month 4-4-5 from february, weeks from sunday.")));
	PG_RETURN_PACKED_GRID(kra_pack_grid(&grid));
}

/* The text form, which kra_grid_in() reads. */
PG_FUNCTION_INFO_V1(kra_grid_out);
Datum
kra_grid_out(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);
	char	   *str = palloc(MAX_GRID_LENGTH);
	char	   *p = stpcpy(str, kra_grain_names[grid.grain]);

	if (grid.calendar != CALENDAR_MONTHS)
		p = stpcpy(stpcpy(p, " "), kra_calendar_names[grid.calendar]);
	if (grid.month > 0)
		p = stpcpy(stpcpy(p, " from "), kra_month_names[grid.month - 1]);
	if (grid.weekday > 0)
		p = stpcpy(stpcpy(p, grid.month > 0 ? ", weeks from " : " from "), kra_weekday_names[grid.weekday - 1]);
	PG_RETURN_CSTRING(str);
}

/* The number of calendar.h; error for one that is no grid. */
PG_FUNCTION_INFO_V1(kra_grid_recv);
Datum
kra_grid_recv(PG_FUNCTION_ARGS)
{
	PackedGrid	packed = pq_getmsgint((StringInfo) PG_GETARG_POINTER(0), 4);
	Grid		grid;

	if (!kra_unpack_grid(packed, &grid))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid grid in external binary format")));
	PG_RETURN_PACKED_GRID(packed);
}

PG_FUNCTION_INFO_V1(kra_grid_send);
Datum
kra_grid_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, PG_GETARG_PACKED_GRID(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* The calendar that argument argno names. */
static Calendar
calendar_arg(FunctionCallInfo fcinfo, int argno)
{
	text	   *word = kra_word_arg(fcinfo, argno, "calendar");
	int			calendar = kra_find_word(kra_calendar_names, CALENDAR_COUNT, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));

	if (calendar < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown calendar \"%s\"", kra_echo(VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word))),
				 errhint("It is one of months, 4-4-5, 4-5-4, 5-4-4.")));
	return (Calendar) calendar;
}

/*
 * grid(cadence, fiscal_year_start_month, week_start, calendar): the grid of a
 * cadence: day, week, month, quarter, half_year or year. Error for any other, for
 * months outside 1 to 12, week starts outside 1 (Monday) to 7, and a calendar
 * that is none.
 */
PG_FUNCTION_INFO_V1(kra_grid_of_cadence);
Datum
kra_grid_of_cadence(PG_FUNCTION_ARGS)
{
	text	   *cadence = kra_word_arg(fcinfo, 0, "cadence");
	int			month = kra_fiscal_month_arg(fcinfo, 1);
	int			weekday = kra_week_start_arg(fcinfo, 2);
	Calendar	calendar = calendar_arg(fcinfo, 3);
	int			grain = kra_find_word(kra_grain_names, GRAIN_COUNT, VARDATA_ANY(cadence), VARSIZE_ANY_EXHDR(cadence));
	Grid		grid;

	if (grain < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown cadence \"%s\"", kra_echo(VARDATA_ANY(cadence), VARSIZE_ANY_EXHDR(cadence))),
				 errhint("It is one of day, week, month, quarter, half_year, year.")));
	grid = kra_grid_of((Grain) grain, calendar, month, weekday);
	PG_RETURN_PACKED_GRID(kra_pack_grid(&grid));
}

/* grid_grain(grid): its cadence. */
PG_FUNCTION_INFO_V1(kra_grain_of_grid);
Datum
kra_grain_of_grid(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);

	PG_RETURN_TEXT_P(cstring_to_text(kra_grain_names[grid.grain]));
}

/*
 * The selectivity of grid = grid. Grids are compared beside the starts of periods, of
 * which few grids share one. Taken as independent of these, it would make the rows of a
 * period look like none, and whatever is joined to them like work for one row.
 */
PG_FUNCTION_INFO_V1(kra_grid_eq_sel);
Datum
kra_grid_eq_sel(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_FLOAT8(0.5);
}

/* grain_rank(grid): 0 for days, 1 weeks, 2 months, 3 quarters, 4 half-years, 5 years. */
PG_FUNCTION_INFO_V1(kra_grain_rank);
Datum
kra_grain_rank(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(kra_grid_arg(fcinfo, 0).grain);
}

/*
 * grid_start(grid, at): the first day of the period that holds a day. Error for
 * an infinite date, and a result that is no date.
 */
PG_FUNCTION_INFO_V1(kra_start_in_grid);
Datum
kra_start_in_grid(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);

	return kra_period_date(&grid, kra_period_of(&grid, kra_day_arg(fcinfo, 1)), 0);
}

/* grid_end(grid, at): the last day of the period. Errors as for grid_start(). */
PG_FUNCTION_INFO_V1(kra_end_in_grid);
Datum
kra_end_in_grid(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);

	return kra_period_date(&grid, kra_period_of(&grid, kra_day_arg(fcinfo, 1)) + 1, -1);
}

/*
 * grid_shift(grid, start, periods): the first day of the period that comes so
 * many periods after (negative: before) the one that holds start. Errors as for
 * grid_start().
 */
PG_FUNCTION_INFO_V1(kra_shift_in_grid);
Datum
kra_shift_in_grid(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);
	int64		period = kra_period_of(&grid, kra_day_arg(fcinfo, 1));

	return kra_period_date(&grid, period + PG_GETARG_INT32(2), 0);
}

/*
 * is_grid_start(grid, at): does a period start on that day? Made for CHECK
 * constraints: false, and no error, for infinite dates.
 */
PG_FUNCTION_INFO_V1(kra_is_start_in_grid);
Datum
kra_is_start_in_grid(PG_FUNCTION_ARGS)
{
	DateADT		at = PG_GETARG_DATEADT(1);
	Grid		grid;
	int64		day;

	if (!kra_unpack_grid(PG_GETARG_PACKED_GRID(0), &grid) || DATE_NOT_FINITE(at))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(kra_period_start(&grid, kra_period_of(&grid, at + POSTGRES_EPOCH_JDATE), &day) &&
				   day == (int64) at + POSTGRES_EPOCH_JDATE);
}

/*
 * grid_start(grid, at, zone): the first day of the period that holds a time, whose
 * day is that of a time zone. Immutable as timezone(text, timestamptz) is. Error
 * for an unknown zone and an infinite time.
 */
PG_FUNCTION_INFO_V1(kra_start_in_grid_and_zone);
Datum
kra_start_in_grid_and_zone(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	DateADT		day = kra_day_in_zone(at, kra_zone_or_utc(KRA_GETARG_TEXT_PP(2)));

	if (DATE_NOT_FINITE(day) || !IS_VALID_DATE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 DATE_NOT_FINITE(day) ? errmsg("time must be finite") : errmsg("date out of range")));
	return kra_period_date(&grid, kra_period_of(&grid, day + POSTGRES_EPOCH_JDATE), 0);
}

/*
 * grid_label(grid, at): what people call the period that holds a day; see
 * grid_label.c. Error for an infinite date and years outside 1 to 9999.
 */
PG_FUNCTION_INFO_V1(kra_label_in_grid);
Datum
kra_label_in_grid(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);

	PG_RETURN_TEXT_P(kra_write_label(&grid, kra_day_arg(fcinfo, 1)));
}

/*
 * grid_of_label(label, fiscal_year_start_month, week_start, calendar): the grid,
 * and the first day of the period, that grid_label() calls so. Error for anything
 * else, and for settings that grid() refuses.
 */
PG_FUNCTION_INFO_V1(kra_grid_and_start_of_label);
Datum
kra_grid_and_start_of_label(PG_FUNCTION_ARGS)
{
	text	   *written = kra_word_arg(fcinfo, 0, "label of a period");
	int			month = kra_fiscal_month_arg(fcinfo, 1);
	int			weekday = kra_week_start_arg(fcinfo, 2);
	Calendar	calendar = calendar_arg(fcinfo, 3);
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	int64		day;
	Grid		grid = kra_read_label(written, calendar, month, weekday, &day);

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = PackedGridGetDatum(kra_pack_grid(&grid));
	values[1] = DateADTGetDatum((DateADT) (day - POSTGRES_EPOCH_JDATE));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* The grids of a whole and of its parts; error when the part is the longer one. */
static void
whole_and_part_args(FunctionCallInfo fcinfo, Grid *whole, Grid *part)
{
	*whole = kra_grid_arg(fcinfo, 0);
	*part = kra_grid_arg(fcinfo, 1);
	if (part->grain > whole->grain)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a %s is no part of a %s", kra_grain_names[part->grain], kra_grain_names[whole->grain])));
}

/* The number of the first part of a whole; error when dates do not reach so far. */
static int64
first_part(const Grid *whole, const Grid *part, int64 period)
{
	int			middle = kra_days_to_middle(part);
	int64		day;

	if (!kra_period_start(whole, period, &day) || !IS_VALID_DATE(day - middle - 1 - POSTGRES_EPOCH_JDATE))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	/* the first that starts so many days before the whole, or later */
	return kra_period_of(part, (int) day - middle - 1) + 1;
}

/*
 * whole_start(whole, part, part_start): the first day, as the whole's own grid
 * counts it, of the whole to which a part belongs. Errors as for grid_start(),
 * and for a part longer than the whole.
 */
PG_FUNCTION_INFO_V1(kra_whole_start);
Datum
kra_whole_start(PG_FUNCTION_ARGS)
{
	Grid		whole;
	Grid		part;
	int64		day;

	whole_and_part_args(fcinfo, &whole, &part);
	if (!kra_period_start(&part, kra_period_of(&part, kra_day_arg(fcinfo, 2)), &day) ||
		!IS_VALID_DATE(day - POSTGRES_EPOCH_JDATE))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return kra_period_date(&whole, kra_period_of(&whole, (int) day + kra_days_to_middle(&part)), 0);
}

/*
 * first_part(whole, part, whole_start): the first day of the first part of the
 * whole that holds a day. Errors as for whole_start().
 */
PG_FUNCTION_INFO_V1(kra_first_part);
Datum
kra_first_part(PG_FUNCTION_ARGS)
{
	Grid		whole;
	Grid		part;

	whole_and_part_args(fcinfo, &whole, &part);
	return kra_period_date(&part, first_part(&whole, &part, kra_period_of(&whole, kra_day_arg(fcinfo, 2))), 0);
}

/*
 * last_part_end(whole, part, whole_start): the last day of the last part of the
 * whole that holds a day. Errors as for whole_start().
 */
PG_FUNCTION_INFO_V1(kra_last_part_end);
Datum
kra_last_part_end(PG_FUNCTION_ARGS)
{
	Grid		whole;
	Grid		part;

	whole_and_part_args(fcinfo, &whole, &part);
	return kra_period_date(&part, first_part(&whole, &part, kra_period_of(&whole, kra_day_arg(fcinfo, 2)) + 1), -1);
}

/* parts_in(whole, part, whole_start): how many parts the whole has that holds a day. */
PG_FUNCTION_INFO_V1(kra_parts_in);
Datum
kra_parts_in(PG_FUNCTION_ARGS)
{
	Grid		whole;
	Grid		part;
	int64		period;

	whole_and_part_args(fcinfo, &whole, &part);
	period = kra_period_of(&whole, kra_day_arg(fcinfo, 2));
	PG_RETURN_INT32((int32) (first_part(&whole, &part, period + 1) - first_part(&whole, &part, period)));
}
