/*
 * grid_0_1.c: grids as version 0.1.0 has them, for its functions. A grid was a
 * smallint:
 *
 *     1          days
 *     11 .. 17   weeks that start on ISO weekday grid - 10 (1: Monday)
 *     20         months
 *     30 .. 32   quarters: 30 where one starts in January, 31 February, 32 March
 *     41 .. 52   years that start in month grid - 40
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "kra.h"

/* Before the number of a grid's weekday, of its month in the quarter, of its month. */
static const int16 bases[GRAIN_COUNT] = {1, 10, 20, 30, 0, 40};

/* Takes a grid apart; false when there is no such grid. */
static bool
unpack(int16 number, Grid *grid)
{
	if (number == 1)
		*grid = kra_grid_of(GRAIN_DAY, CALENDAR_MONTHS, 0, 0);
	else if (number > 10 && number <= 17)
		*grid = kra_grid_of(GRAIN_WEEK, CALENDAR_MONTHS, 0, number - 10);
	else if (number == 20)
		*grid = kra_grid_of(GRAIN_MONTH, CALENDAR_MONTHS, 0, 0);
	else if (number >= 30 && number <= 32)
		*grid = kra_grid_of(GRAIN_QUARTER, CALENDAR_MONTHS, number - 29, 0);
	else if (number > 40 && number <= 52)
		*grid = kra_grid_of(GRAIN_YEAR, CALENDAR_MONTHS, number - 40, 0);
	else
		return false;
	return true;
}

static int16
pack(const Grid *grid)
{
	if (grid->grain == GRAIN_QUARTER)
		return (int16) (bases[grid->grain] + (grid->month - 1) % 3);
	return (int16) (bases[grid->grain] + grid->month + grid->weekday);
}

/* The grid of argument argno; error when there is none. */
static Grid
number_arg(FunctionCallInfo fcinfo, int argno)
{
	Grid		grid;

	if (!unpack(PG_GETARG_INT16(argno), &grid))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown grid %d", PG_GETARG_INT16(argno))));
	return grid;
}

PG_FUNCTION_INFO_V1(kra_grid);
Datum
kra_grid(PG_FUNCTION_ARGS)
{
	text	   *cadence = kra_word_arg(fcinfo, 0, "cadence");
	int			month = kra_fiscal_month_arg(fcinfo, 1);
	int			weekday = kra_week_start_arg(fcinfo, 2);
	int			grain = kra_find_word(kra_grain_names, GRAIN_COUNT, VARDATA_ANY(cadence), VARSIZE_ANY_EXHDR(cadence));
	Grid		grid;

	if (grain < 0 || grain == GRAIN_HALF_YEAR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown cadence \"%s\"", kra_echo(VARDATA_ANY(cadence), VARSIZE_ANY_EXHDR(cadence))),
				 errhint("It is one of day, week, month, quarter, year.")));
	grid = kra_grid_of((Grain) grain, CALENDAR_MONTHS, month, weekday);
	PG_RETURN_INT16(pack(&grid));
}

PG_FUNCTION_INFO_V1(kra_grid_grain);
Datum
kra_grid_grain(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(kra_grain_names[number_arg(fcinfo, 0).grain]));
}

PG_FUNCTION_INFO_V1(kra_grid_start);
Datum
kra_grid_start(PG_FUNCTION_ARGS)
{
	Grid		grid = number_arg(fcinfo, 0);

	return kra_period_date(&grid, kra_period_of(&grid, kra_day_arg(fcinfo, 1)), 0);
}

PG_FUNCTION_INFO_V1(kra_grid_end);
Datum
kra_grid_end(PG_FUNCTION_ARGS)
{
	Grid		grid = number_arg(fcinfo, 0);

	return kra_period_date(&grid, kra_period_of(&grid, kra_day_arg(fcinfo, 1)) + 1, -1);
}

PG_FUNCTION_INFO_V1(kra_grid_shift);
Datum
kra_grid_shift(PG_FUNCTION_ARGS)
{
	Grid		grid = number_arg(fcinfo, 0);

	return kra_period_date(&grid, kra_period_of(&grid, kra_day_arg(fcinfo, 1)) + PG_GETARG_INT32(2), 0);
}

/* False, and no error, for unknown grids and infinite dates. */
PG_FUNCTION_INFO_V1(kra_is_grid_start);
Datum
kra_is_grid_start(PG_FUNCTION_ARGS)
{
	DateADT		at = PG_GETARG_DATEADT(1);
	Grid		grid;
	int64		day;

	PG_RETURN_BOOL(unpack(PG_GETARG_INT16(0), &grid) && !DATE_NOT_FINITE(at) &&
				   kra_period_start(&grid, kra_period_of(&grid, at + POSTGRES_EPOCH_JDATE), &day) &&
				   day == (int64) at + POSTGRES_EPOCH_JDATE);
}

/* The month says from where quarters are counted; the grid of a year has its own. */
PG_FUNCTION_INFO_V1(kra_grid_label);
Datum
kra_grid_label(PG_FUNCTION_ARGS)
{
	Grid		grid = number_arg(fcinfo, 0);
	int			day = kra_day_arg(fcinfo, 1);
	int			month = kra_fiscal_month_arg(fcinfo, 2);

	if (grid.grain == GRAIN_QUARTER)
	{
		if ((month - grid.month) % 3 != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("no quarter of grid %d starts in month %d", PG_GETARG_INT16(0), month),
					 errhint("Give the fiscal_year_start_month that the grid was made with.")));
		grid.month = month;
	}
	PG_RETURN_TEXT_P(kra_write_label(&grid, day));
}

PG_FUNCTION_INFO_V1(kra_grid_of_label);
Datum
kra_grid_of_label(PG_FUNCTION_ARGS)
{
	text	   *written = kra_word_arg(fcinfo, 0, "label of a period");
	int			month = kra_fiscal_month_arg(fcinfo, 1);
	int			weekday = kra_week_start_arg(fcinfo, 2);
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	int64		day;
	Grid		grid = kra_read_label(written, CALENDAR_MONTHS, month, weekday, &day);

	if (grid.grain == GRAIN_HALF_YEAR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid period label: \"%s\"", kra_echo(VARDATA_ANY(written), VARSIZE_ANY_EXHDR(written)))));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int16GetDatum(pack(&grid));
	values[1] = DateADTGetDatum((DateADT) (day - POSTGRES_EPOCH_JDATE));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
