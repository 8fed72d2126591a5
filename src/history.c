/*
 * history.c: what came before a line, and what it shows beside it: the periods of a
 * subject with a KPI, read from the kept lines by their key.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "company.h"
#include "kept.h"
#include "kpi_actual.h"
#include "kpi_xmr.h"
#include "trend.h"

#define ALPHA 0.05				/* of direction(trend) */

extern Datum kra_parts_in(PG_FUNCTION_ARGS);

/* What a period says of the target. */
typedef enum Verdict
{
	NO_VERDICT, IS_MISS, IS_HIT
} Verdict;

typedef struct Point
{
	DateADT		at;
	double		actual;
	Verdict		verdict;
} Point;

typedef struct History
{
	int32		kpi_id;
	int32		subject_id;
	PackedGrid	packed;
	Grid		grid;
	PackedGrid	parts_of;		/* 0: periods compare as they are */
	DateADT		start;			/* of the last period */
	DateADT		first;			/* from which periods count */
	DateADT		last_year;		/* the same period of it */
	DateADT		as_of;
	int			n;
	int			room;
	Point	   *point;
	bool		has_last_year;
	double		last_year_actual;
} History;

/* The columns of kra_internal.line_history. */
enum
{
	PREVIOUS, TREND_DIRECTION, TREND_SLOPE, SIGNAL, STARTS, ACTUALS, LIMITS, MISSES, LAST_YEAR, FORECAST,
	HISTORY_COLUMNS
};

static DateADT
shifted(const Grid *grid, DateADT start, int periods)
{
	return DatumGetDateADT(kra_period_date(grid, kra_period_of(grid, start + POSTGRES_EPOCH_JDATE) + periods, 0));
}

/* The first day of the same period a year before: of days the date, of weeks the number. */
static DateADT
year_before(const Grid *grid, DateADT start)
{
	static const int periods[GRAIN_COUNT] = {0, 52, 12, 4, 2, 1};
	int			year,
				month,
				day,
				week,
				week_before;
	DateADT		before;

	if (grid->grain == GRAIN_DAY)
	{
		j2date(start + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		if (month == 2 && day == 29)
			day = 28;
		return date2j(year - 1, month, day) - POSTGRES_EPOCH_JDATE;
	}
	before = shifted(grid, start, -periods[grid->grain]);
	if (grid->grain != GRAIN_WEEK)
		return before;
	(void) kra_iso_week(grid, start + POSTGRES_EPOCH_JDATE, &week);
	(void) kra_iso_week(grid, before + POSTGRES_EPOCH_JDATE, &week_before);
	return week == week_before ? before : shifted(grid, before, -1);
}

/* year_before(grid, start): see above. Strict; errors as for grid_shift(). */
PG_FUNCTION_INFO_V1(kra_year_before);
Datum
kra_year_before(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 0);

	PG_RETURN_DATEADT(year_before(&grid, kra_day_arg(fcinfo, 1) - POSTGRES_EPOCH_JDATE));
}

static Verdict
verdict_of(KpiStatus status)
{
	switch (status)
	{
		case KPI_OFF_TRACK:
		case KPI_AT_RISK:
			return IS_MISS;
		case KPI_ON_TRACK:
		case KPI_EXCEEDED:
			return IS_HIT;
		default:
			return NO_VERDICT;
	}
}

static int
count_parts(const History *h, DateADT start)
{
	return DatumGetInt32(DirectFunctionCall3(kra_parts_in, PackedGridGetDatum(h->packed),
											 PackedGridGetDatum(h->parts_of), DateADTGetDatum(start)));
}

/* A period that was measured, as for as many parts as the last one has. */
static void
add_period(History *h, DateADT at, double actual, KpiStatus status)
{
	if (h->parts_of != 0)
		actual = actual * count_parts(h, h->start) / count_parts(h, at);
	if (at == h->last_year)
	{
		h->has_last_year = true;
		h->last_year_actual = actual;
	}
	if (at >= h->first && h->n < h->room)
		h->point[h->n++] = (Point) {at, actual, verdict_of(status)};
}

static int
compare_points(const void *a, const void *b)
{
	DateADT		left = ((const Point *) a)->at;
	DateADT		right = ((const Point *) b)->at;

	return left < right ? -1 : left > right;
}

/* Adds the lines of the periods before that are kept. */
static void
add_kept(History *h, DateADT before)
{
	KeptScan	s;

	kept_open(&s, h->kpi_id, h->subject_id, h->packed, Min(h->first, h->last_year), h->start - 1,
			  ForwardScanDirection);
	while (kept_next(&s))
		if (!s.isnull[KEPT_ACTUAL] && DatumGetDateADT(s.value[KEPT_LAST_DAY]) < before)
			add_period(h, DatumGetDateADT(s.value[KEPT_PERIOD_START]),
					   DatumGetFloat8(s.value[KEPT_ACTUAL]), kra_status_of(s.value[KEPT_STATUS]));
	kept_close(&s);
}

/* Makes those that are not kept as of the day. */
static void
add_made(History *h, DateADT before, Oid grid_type)
{
	static const char *const query =
	"SELECT m.period_start, m.actual, m.status"
	" FROM kra_internal.lines_to_keep($1, $2, $3 - 1, ARRAY[$4], ARRAY[$5]) m"
	" WHERE m.grid = $6 AND m.period_start < $3 AND m.period_start >= $7 AND m.last_day >= $8"
	"   AND m.actual IS NOT NULL"
	"   AND kra_internal.shows(m.subject_id, m.grid, m.period_start, least(m.last_day, $1))";
	DateADT		from = Min(h->first, h->last_year);
	Oid			types[] = {DATEOID, DATEOID, DATEOID, INT4OID, INT4OID, grid_type, DATEOID, DATEOID};
	Datum		values[] = {
		DateADTGetDatum(h->as_of), DateADTGetDatum(Max(before, from)), DateADTGetDatum(h->start),
		Int32GetDatum(h->subject_id), Int32GetDatum(h->kpi_id), PackedGridGetDatum(h->packed),
		DateADTGetDatum(from), DateADTGetDatum(before)
	};
	int			level;

	level = kra_begin_spi();
	if (SPI_execute_with_args(query, lengthof(types), types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not make the lines of periods before");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		add_period(h, DatumGetDateADT(SPI_getbinval(row, desc, 1, &isnull)),
				   DatumGetFloat8(SPI_getbinval(row, desc, 2, &isnull)),
				   kra_status_of(SPI_getbinval(row, desc, 3, &isnull)));
	}
	kra_end_spi(level);
	qsort(h->point, h->n, sizeof(Point), compare_points);
}

/* The straight line through the periods; false where there is none. */
static bool
fit_line(const History *h, KpiTrend *trend, TrendFit *fit)
{
	memset(trend, 0, sizeof(*trend));
	for (int i = 0; i < h->n; i++)
		trend_add(trend, TREND_TIME, (TrendAt) {.time = kra_date_to_time(h->point[i].at)},
				  h->point[i].actual);
	return trend_is_finite(trend) && trend_has_squares(trend) && trend_fit(trend, fit);
}

static void
put_number(Datum *value, bool *isnull, double number)
{
	*isnull = !isfinite(number);
	*value = Float8GetDatum(number);
}

/* Direction and slope per period of the line; where it rises or falls, what comes next. */
static void
put_trend(const History *h, Datum *values, bool *nulls)
{
	static const struct
	{
		int			months;
		int			days;
	}			lengths[GRAIN_COUNT] = {{0, 1}, {0, 7}, {1, 0}, {3, 0}, {6, 0}, {12, 0}};
	KpiTrend	trend;
	TrendFit	fit;
	double		days;
	double		p;
	TrendAt		next;

	if (!fit_line(h, &trend, &fit))
		return;
	days = lengths[h->grid.grain].months * TREND_DAYS_PER_MONTH + lengths[h->grid.grain].days;
	put_number(&values[TREND_SLOPE], &nulls[TREND_SLOPE],
			   dd_value(fit.slope) * (days * USECS_PER_DAY));
	if (!trend_p_value(&fit, &p))
		return;
	nulls[TREND_DIRECTION] = false;
	values[TREND_DIRECTION] = CStringGetTextDatum(p > ALPHA ? "no_trend" :
												  (dd_value(fit.slope) > 0.0 ? "rising" : "falling"));
	if (p > ALPHA)
		return;
	next.time = kra_date_to_time(shifted(&h->grid, h->start, 1));
	put_number(&values[FORECAST], &nulls[FORECAST],
			   trend_value_at(&trend, &fit, trend_offset(TREND_TIME, next, trend.origin_at)));
}

/* The natural process limits, and the signal of the last value. */
static void
put_limits(const History *h, Datum *values, bool *nulls)
{
	double	   *x = palloc(h->n * sizeof(double));
	uint8	   *marks = palloc(h->n);
	SpcOptions	options;
	SpcLimits	limits;

	for (int i = 0; i < h->n; i++)
		x[i] = h->point[i].actual;
	xmr_options(NULL, &options);
	if (!spc_limits(x, h->n, &options, NULL, &limits))
		return;
	spc_marks(x, h->n, &limits, spc_rules(0), marks);
	nulls[SIGNAL] = nulls[LIMITS] = false;
	values[SIGNAL] = kra_mark_datum((SpcMark) marks[h->n - 1]);
	values[LIMITS] = PointerGetDatum(xmr_from_limits(&limits));
}

/* How many of the latest verdicts in a row are misses. */
static void
put_misses(const History *h, Datum *values, bool *nulls)
{
	int			misses = 0;
	bool		is_over = false;

	for (int i = h->n - 1; i >= 0; i--)
	{
		if (h->point[i].verdict == NO_VERDICT)
			continue;
		nulls[MISSES] = false;
		is_over |= h->point[i].verdict == IS_HIT;
		misses += !is_over;
	}
	values[MISSES] = Int32GetDatum(misses);
}

static void
put_series(const History *h, Datum *values, bool *nulls)
{
	Datum	   *starts = palloc(h->n * sizeof(Datum));
	Datum	   *actuals = palloc(h->n * sizeof(Datum));

	for (int i = 0; i < h->n; i++)
	{
		starts[i] = DateADTGetDatum(h->point[i].at);
		actuals[i] = Float8GetDatum(h->point[i].actual);
	}
	nulls[STARTS] = nulls[ACTUALS] = false;
	values[STARTS] = PointerGetDatum(construct_array(starts, h->n, DATEOID, sizeof(DateADT), true, TYPALIGN_INT));
	values[ACTUALS] = PointerGetDatum(construct_array(actuals, h->n, FLOAT8OID, sizeof(float8),
													  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* The row type of the result, looked up once a query. */
static TupleDesc
result_type(FunctionCallInfo fcinfo, int columns)
{
	TupleDesc	desc;
	MemoryContext old;

	if (fcinfo->flinfo->fn_extra != NULL)
		return (TupleDesc) fcinfo->flinfo->fn_extra;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != columns)
		elog(ERROR, "return type must be a row type of %d columns", columns);
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	return (TupleDesc) fcinfo->flinfo->fn_extra;
}

/*
 * line_history(kpi_id, subject_id, grid, period_start, actual, status, parts_of,
 * periods, as_of): the periods of a subject with a KPI up to and with a given one, as
 * known on a day, whose actual (NULL: none) and status (NULL: no verdict) are given. So
 * many periods count, the last with them. parts_of: where periods hold different
 * numbers of parts, the grid of the parts; else NULL. The rest must not be NULL.
 */
PG_FUNCTION_INFO_V1(kra_line_history);
Datum
kra_line_history(PG_FUNCTION_ARGS)
{
	History		h = {0};
	TupleDesc	desc = result_type(fcinfo, HISTORY_COLUMNS);
	Datum		values[HISTORY_COLUMNS];
	bool		nulls[HISTORY_COLUMNS];
	DateADT		before;
	DateADT		previous;

	for (int i = 0; i < 9; i++)
		if (i < 4 || i > 6)
			kra_need_arg(fcinfo, i);
	h.kpi_id = PG_GETARG_INT32(0);
	h.subject_id = PG_GETARG_INT32(1);
	h.packed = PG_GETARG_PACKED_GRID(2);
	h.grid = kra_grid_arg(fcinfo, 2);
	h.start = kra_day_arg(fcinfo, 3) - POSTGRES_EPOCH_JDATE;
	h.parts_of = PG_ARGISNULL(6) ? 0 : PG_GETARG_PACKED_GRID(6);
	h.first = shifted(&h.grid, h.start, 1 - Max(PG_GETARG_INT32(7), 1));
	h.last_year = year_before(&h.grid, h.start);
	h.as_of = PG_GETARG_DATEADT(8);
	h.room = Max(PG_GETARG_INT32(7), 1);
	h.point = palloc((h.room + 1) * sizeof(Point));
	memset(nulls, true, sizeof(nulls));

	before = kept_before(h.as_of);
	if (!DATE_IS_NOBEGIN(before))
		add_kept(&h, before);
	if (before < h.start)
		add_made(&h, before, get_fn_expr_argtype(fcinfo->flinfo, 2));
	previous = shifted(&h.grid, h.start, -1);
	nulls[PREVIOUS] = h.n == 0 || h.point[h.n - 1].at != previous;
	if (!nulls[PREVIOUS])
		values[PREVIOUS] = Float8GetDatum(h.point[h.n - 1].actual);
	if (!PG_ARGISNULL(4))
		h.point[h.n++] = (Point) {
			h.start, PG_GETARG_FLOAT8(4),
			PG_ARGISNULL(5) ? NO_VERDICT : verdict_of(kra_status_arg(fcinfo, 5))
		};
	nulls[LAST_YEAR] = !h.has_last_year;
	values[LAST_YEAR] = Float8GetDatum(h.last_year_actual);
	if (h.n > 0)
	{
		put_trend(&h, values, nulls);
		put_limits(&h, values, nulls);
		put_misses(&h, values, nulls);
		put_series(&h, values, nulls);
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* A line that is asked for by itself. */
typedef struct AskedLine
{
	bool		has_actual;
	bool		has_target;
	bool		has_last_on;
	double		actual;
	int32		members;
	DateADT		last_on;
	KpiTarget	target;
} AskedLine;

/*
 * Reads the line of arguments kpi_id, subject_id, grid, period_start, upto: as of upto
 * while the period ran then, else as of today; false: there is none.
 */
static bool
ask_line(FunctionCallInfo fcinfo, AskedLine *line)
{
	static const char *const query =
	"SELECT l.actual, l.observed_member_count, l.last_on, l.target"
	" FROM kra_internal.period_lines($2, $3, $4, $5) l WHERE l.kpi_id = $1";
	Grid		grid = kra_grid_arg(fcinfo, 2);
	DateADT		start = PG_GETARG_DATEADT(3);
	DateADT		upto = PG_GETARG_DATEADT(4);
	DateADT		last;
	bool		runs = DATE_NOT_FINITE(start) || !kra_last_day(&grid, start, &last) || upto < last;
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};
	bool		found = false;

	memset(line, 0, sizeof(*line));
	if (kept_covers(&grid, start, runs ? upto : kra_company_today()))
	{
		static const KeptColumn columns[] = {KEPT_ACTUAL, KEPT_OBSERVED_MEMBERS, KEPT_LAST_ON, KEPT_TARGET};
		KeptScan	s;

		kept_open(&s, PG_GETARG_INT32(0), PG_GETARG_INT32(1), PG_GETARG_PACKED_GRID(2), start, start,
				  ForwardScanDirection);
		found = kept_next(&s);
		for (int i = 0; found && i < 4; i++)
		{
			values[i] = s.value[columns[i]];
			nulls[i] = s.isnull[columns[i]];
		}
		if (!nulls[3])
			memcpy(&line->target, DatumGetKpiTargetP(values[3]), sizeof(KpiTarget));
		kept_close(&s);
	}
	else
	{
		Oid			types[] = {INT4OID, INT4OID, get_fn_expr_argtype(fcinfo->flinfo, 2), DATEOID, DATEOID};
		Datum		args[] = {
			PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3), PG_GETARG_DATUM(4)
		};
		int			level = kra_begin_spi();

		if (SPI_execute_with_args(query, lengthof(types), types, args, NULL, true, 1) != SPI_OK_SELECT)
			elog(ERROR, "could not make the line of a period");
		found = SPI_processed > 0;
		for (int i = 0; found && i < 4; i++)
			values[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &nulls[i]);
		if (!nulls[3])
			memcpy(&line->target, DatumGetKpiTargetP(values[3]), sizeof(KpiTarget));
		kra_end_spi(level);
	}
	line->has_actual = !nulls[0];
	line->actual = nulls[0] ? 0.0 : DatumGetFloat8(values[0]);
	line->members = nulls[1] ? 0 : DatumGetInt32(values[1]);
	line->has_last_on = !nulls[2];
	line->last_on = nulls[2] ? 0 : DatumGetDateADT(values[2]);
	line->has_target = !nulls[3];
	return found;
}

/* actual_of(kpi_id, subject_id, grid, period_start, upto): NULLs without data. Strict. */
PG_FUNCTION_INFO_V1(kra_actual_of);
Datum
kra_actual_of(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_type(fcinfo, 3);
	AskedLine	line;
	bool		found = ask_line(fcinfo, &line);
	Datum		values[] = {
		Float8GetDatum(line.actual), Int32GetDatum(line.members), DateADTGetDatum(line.last_on)
	};
	bool		nulls[] = {!line.has_actual, !found, !line.has_last_on};

	if (!found)
		PG_RETURN_NULL();
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* target_of(kpi_id, subject_id, grid, period_start, upto): NULL without a target. Strict. */
PG_FUNCTION_INFO_V1(kra_target_of);
Datum
kra_target_of(PG_FUNCTION_ARGS)
{
	AskedLine	line;

	if (!ask_line(fcinfo, &line) || !line.has_target)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(memcpy(palloc(sizeof(KpiTarget)), &line.target, sizeof(KpiTarget)));
}

/*
 * freshest(kpi_id, subject_id, grid, as_of): day up to which a subject has data for a
 * KPI of that cadence: a period that is over is known to its end; NULL: none. Strict.
 */
PG_FUNCTION_INFO_V1(kra_freshest);
Datum
kra_freshest(PG_FUNCTION_ARGS)
{
	DateADT		as_of = PG_GETARG_DATEADT(3);
	DateADT		last_day;
	DateADT		result = DATEVAL_NOBEGIN;
	KeptScan	s;

	kept_open(&s, PG_GETARG_INT32(0), PG_GETARG_INT32(1), PG_GETARG_PACKED_GRID(2), DATEVAL_NOBEGIN, DATEVAL_NOEND,
			  BackwardScanDirection);
	while (kept_next(&s))
	{
		if (s.isnull[KEPT_ACTUAL] || DatumGetDateADT(s.value[KEPT_FIRST_DAY]) > as_of)
			continue;
		last_day = DatumGetDateADT(s.value[KEPT_LAST_DAY]);
		if (last_day <= as_of)
			result = last_day;
		else if (s.isnull[KEPT_LAST_ON])
			result = DatumGetDateADT(s.value[KEPT_PERIOD_START]);
		else
			result = Min(as_of, DatumGetDateADT(s.value[KEPT_LAST_ON]));
		break;
	}
	kept_close(&s);
	if (DATE_IS_NOBEGIN(result))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(result);
}
