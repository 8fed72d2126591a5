/*
 * calendar.h: grids, the ways of cutting time into periods (calendar.c).
 */
#ifndef KRA_CALENDAR_H
#define KRA_CALENDAR_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/date.h"

/* From the finest to the coarsest: the order of grids. */
typedef enum Grain
{
	GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_QUARTER, GRAIN_HALF_YEAR, GRAIN_YEAR
} Grain;

#define GRAIN_COUNT 6

/* What months are: those of the calendar, or so many weeks in each quarter. */
typedef enum Calendar
{
	CALENDAR_MONTHS, CALENDAR_445, CALENDAR_454, CALENDAR_544
} Calendar;

#define CALENDAR_COUNT 4

/*
 * A grid as a type of SQL, by value:
 *
 *     bits 31 .. 24   0: the version
 *     bits 23 .. 16   grain, from 1 (day) to 6 (year)
 *     bits 11 ..  8   calendar
 *     bits  7 ..  4   month in which the fiscal year starts, 1 to 12
 *     bits  3 ..  0   ISO weekday on which weeks start, 1 (Monday) to 7
 *
 * What its periods and their labels do not depend on is 0, so that equal grids are
 * equal numbers, and the order of grids is that of numbers.
 */
typedef uint32 PackedGrid;

#define DatumGetPackedGrid(datum) DatumGetUInt32(datum)
#define PackedGridGetDatum(grid) UInt32GetDatum(grid)
#define PG_GETARG_PACKED_GRID(n) PG_GETARG_UINT32(n)
#define PG_RETURN_PACKED_GRID(grid) PG_RETURN_UINT32(grid)

/* A grid, taken apart. */
typedef struct Grid
{
	Grain		grain;
	Calendar	calendar;		/* months: also of days and weeks */
	int			month;			/* 1 to 12; 0: depends on none */
	int			weekday;		/* 1 to 7; 0: depends on none */
} Grid;

/* Of a part that is no day. */
#define DAYS_BEFORE_FOURTH 3

/*
 * Parts and wholes. A part belongs to the whole in which its fourth day lies, a
 * day to that in which it lies. Parts that fill their whole, as months do a
 * quarter, have their fourth day where they lie.
 */
static inline int
kra_days_to_middle(const Grid *part)
{
	return part->grain == GRAIN_DAY ? 0 : DAYS_BEFORE_FOURTH;
}

extern const char *const kra_grain_names[GRAIN_COUNT];
extern const char *const kra_calendar_names[CALENDAR_COUNT];
extern const char *const kra_month_names[12];
extern const char *const kra_weekday_names[7];

extern Grid kra_grid_of(Grain grain, Calendar calendar, int month, int weekday);
extern PackedGrid kra_pack_grid(const Grid *grid);
extern bool kra_unpack_grid(PackedGrid packed, Grid *grid);
extern int	kra_find_word(const char *const *words, int count, const char *str, int len);

extern int64 kra_period_of(const Grid *grid, int day);
extern bool kra_period_start(const Grid *grid, int64 period, int64 *day);
extern Datum kra_period_date(const Grid *grid, int64 period, int offset);
extern bool kra_last_day(const Grid *grid, DateADT day, DateADT *last);
extern int	kra_fiscal_year(const Grid *grid, int day, int *number);
extern bool kra_fiscal_start(const Grid *grid, int year, int number, int64 *day);
extern int	kra_iso_week(const Grid *grid, int day, int *week);
extern int	kra_iso_year_start(int year);

extern Grid kra_grid_arg(FunctionCallInfo fcinfo, int argno);
extern int	kra_day_arg(FunctionCallInfo fcinfo, int argno);
extern int	kra_fiscal_month_arg(FunctionCallInfo fcinfo, int argno);
extern int	kra_week_start_arg(FunctionCallInfo fcinfo, int argno);
extern text *kra_word_arg(FunctionCallInfo fcinfo, int argno, const char *what);

/* grid_label.c */
extern text *kra_write_label(const Grid *grid, int day);
extern Grid kra_read_label(const text *written, Calendar calendar, int month, int weekday, int64 *day);

#endif							/* KRA_CALENDAR_H */
