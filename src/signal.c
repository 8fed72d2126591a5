/*
 * signal.c: the window functions signal() and xmr_limits(), the aggregate
 * last_signal(), and what a signal means.
 *
 * Both windows look at the whole partition, whatever the frame is. At its first row they
 * read all its values, compute limits and marks once, and keep a byte a row (or
 * the limits of each segment); the other rows only look up. So a partition takes
 * time of the order of its rows, and 9 bytes a row while it is being read (17
 * with a median, up to 100 more in xmr_limits() when each row is a segment of
 * its own); it may have SERIES_MAX_POINTS rows.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "kpi_xmr.h"
#include "series.h"

/* -1 towards low values, 1 towards high ones, 0 neither. */
static int
mark_side(SpcMark mark)
{
	switch (mark)
	{
		case SPC_RUN_BELOW:
		case SPC_NEAR_LOW:
		case SPC_TREND_DOWN:
		case SPC_BEYOND_LOW:
			return -1;
		case SPC_RUN_ABOVE:
		case SPC_NEAR_HIGH:
		case SPC_TREND_UP:
		case SPC_BEYOND_HIGH:
			return 1;
		default:
			return 0;
	}
}

/*
 * signal_meaning(signal, target): improvement or concern, by whether higher or
 * lower is better; neutral for what is no signal, has no side, or for a target
 * of exactly T or of a range, where neither side is better.
 */
PG_FUNCTION_INFO_V1(kra_signal_meaning);
Datum
kra_signal_meaning(PG_FUNCTION_ARGS)
{
	int			good = mark_side(kra_mark_arg(fcinfo, 0));
	KpiTarget  *target = PG_GETARG_KPI_TARGET_P(1);

	if (target->direction == KPI_AT_MOST)
		good = -good;
	else if (target->direction != KPI_AT_LEAST)
		good = 0;
	PG_RETURN_TEXT_P(cstring_to_text(good > 0 ? "improvement" :
									 (good < 0 ? "concern" : "neutral")));
}

/* The values of a partition, as they are read. */
typedef struct Partition
{
	WindowObject window;
	int64		n;
	double	   *x;				/* NaN stands for NULL */
	int64	   *starts;			/* first rows of the segments, from the second on */
	int64		segments;
	SpcOptions	options;
} Partition;

/* The window, and the number of its partition's rows; error beyond the limit. */
static WindowObject
window_of(FunctionCallInfo fcinfo, int64 *rows)
{
	WindowObject window = PG_WINDOW_OBJECT();

	if (!WindowObjectIsValid(window))
		elog(ERROR, "not called as a window function");
	*rows = WinGetPartitionRowCount(window);
	if (*rows > SERIES_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series cannot have more than %d points", SERIES_MAX_POINTS),
				 errhint("Aggregate the points to longer periods first.")));
	return window;
}

/* The options, out of the arguments from first on, of the current row. */
static void
read_options(Partition *p, int first)
{
	NullableDatum args[XMR_OPTION_COUNT];

	for (int i = 0; i < XMR_OPTION_COUNT; i++)
		args[i].value = WinGetFuncArgCurrent(p->window, first + i, &args[i].isnull);
	xmr_options(args, &p->options);
}

/* The segment of the row before: a text, NULL too. */
typedef struct Segment
{
	StringInfoData text;
	bool		isnull;
} Segment;

/* Is the segment another than before? Then it is the one to compare with. */
static bool
segment_changes(Segment *last, bool isnull, Datum value)
{
	text	   *segment = isnull ? NULL : DatumGetTextPP(value);
	const char *data = isnull ? "" : VARDATA_ANY(segment);
	int			length = isnull ? 0 : (int) VARSIZE_ANY_EXHDR(segment);

	kra_check_size(length, KRA_MAX_LABEL, "segment", NULL);
	if (isnull == last->isnull && length == last->text.len &&
		memcmp(data, last->text.data, length) == 0)
		return false;
	resetStringInfo(&last->text);
	appendBinaryStringInfo(&last->text, data, length);
	last->isnull = isnull;
	return true;
}

static void
start_segment(Partition *p, int64 row, int64 *room)
{
	if (p->segments > *room)
	{
		*room *= 2;
		p->starts = repalloc(p->starts, *room * sizeof(int64));
	}
	p->starts[p->segments - 1] = row;
	p->segments++;
}

/*
 * Reads options, values and segments. A segment that is constant is not read.
 * The expressions run in a context of their own, and what they leave behind is
 * freed regularly. Value and segment of a row are read together: a partition
 * that does not fit into memory is slow to go back in.
 */
static void
read_partition(FunctionCallInfo fcinfo, Partition *p, int segment_arg, int first_option)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller, "kra series", ALLOCSET_SMALL_SIZES);
	bool		segmented = !get_fn_expr_arg_stable(fcinfo->flinfo, segment_arg);
	int64		room = 16;
	Segment		last;

	read_options(p, first_option);
	p->x = palloc(p->n * sizeof(double));
	p->starts = palloc(room * sizeof(int64));
	p->segments = 1;
	initStringInfo(&last.text);
	last.isnull = false;

	for (int64 i = 0; i < p->n; i++)
	{
		bool		isnull;
		bool		isout;
		Datum		value;

		MemoryContextSwitchTo(scratch);
		value = WinGetFuncArgInPartition(p->window, 0, (int) i, WINDOW_SEEK_HEAD,
										 false, &isnull, &isout);
		p->x[i] = isnull ? NAN : xmr_check_value(DatumGetFloat8(value), &p->options);
		if (segmented)
		{
			value = WinGetFuncArgInPartition(p->window, segment_arg, (int) i,
											 WINDOW_SEEK_HEAD, false, &isnull, &isout);
			if (segment_changes(&last, isnull, value) && i > 0)
				start_segment(p, i, &room);
		}
		if (i % 256 == 255)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(scratch);
		}
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	pfree(last.text.data);
}

static void
free_partition(Partition *p)
{
	pfree(p->x);
	pfree(p->starts);
}

/* The first row of segment k; for the one after the last, the end. */
static int64
segment_start(const Partition *p, int64 k)
{
	if (k == 0)
		return 0;
	return k < p->segments ? p->starts[k - 1] : p->n;
}

/*
 * The limits of segment k, and where its values are; returns their number. For
 * each segment once.
 */
static int64
segment_limits(const Partition *p, int64 k, double **x, SpcLimits *limits)
{
	int64		start = segment_start(p, k);
	int64		rows = segment_start(p, k + 1) - start;

	CHECK_FOR_INTERRUPTS();
	*x = p->x + start;
	xmr_compute(*x, rows, &p->options, limits);
	return rows;
}

/*
 * signal(value, rules, segment, centre, screen, physical_lower, physical_upper,
 * baseline): the mark of the current row. NULL for a NULL value. NULL options
 * are the defaults; rules and options are those of the partition's first row.
 */
PG_FUNCTION_INFO_V1(kra_signal);
Datum
kra_signal(PG_FUNCTION_ARGS)
{
	Partition	p;
	uint8	   *state;			/* 1 when computed, then a mark for each row */
	SpcMark		mark;

	p.window = window_of(fcinfo, &p.n);
	state = WinGetPartitionLocalMemory(p.window, (Size) p.n + 1);
	if (state[0] == 0)
	{
		const SpcRules *rules;
		bool		isnull;
		Datum		name = WinGetFuncArgCurrent(p.window, 1, &isnull);

		rules = isnull ? spc_rules(0) : xmr_rules(kra_text_datum(name, KRA_MAX_WORD, "name of a rule set"));
		read_partition(fcinfo, &p, 2, 3);
		for (int64 k = 0; k < p.segments; k++)
		{
			SpcLimits	limits;
			double	   *x;
			int64		rows = segment_limits(&p, k, &x, &limits);

			spc_marks(x, rows, &limits, rules, state + 1 + (x - p.x));
		}
		free_partition(&p);
		state[0] = 1;
	}
	mark = state[1 + WinGetCurrentPosition(p.window)];
	if ((int) mark == SPC_NO_POINT)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(kra_mark_datum(mark));
}

/* What xmr_limits() keeps of a partition: the limits of its segments. */
typedef struct LimitsState
{
	int64		segments;		/* 0: not computed */
	int64		current;
	int64	   *ends;			/* the row after each segment */
	KpiXmr	  **limits;			/* NULL: the segment has no point */
} LimitsState;

/*
 * xmr_limits(value, segment, centre, screen, physical_lower, physical_upper,
 * baseline): the limits that the current row is judged by, those of its segment.
 * NULL where the segment has no value. Options as for signal().
 */
PG_FUNCTION_INFO_V1(kra_xmr_limits);
Datum
kra_xmr_limits(PG_FUNCTION_ARGS)
{
	Partition	p;
	LimitsState *state;
	int64		at;

	p.window = window_of(fcinfo, &p.n);
	state = WinGetPartitionLocalMemory(p.window, sizeof(LimitsState));
	if (state->segments == 0)
	{
		MemoryContext context = GetMemoryChunkContext(state);

		read_partition(fcinfo, &p, 1, 2);
		state->ends = MemoryContextAlloc(context, p.segments * sizeof(int64));
		state->limits = MemoryContextAlloc(context, p.segments * sizeof(KpiXmr *));
		for (int64 k = 0; k < p.segments; k++)
		{
			MemoryContext caller;
			SpcLimits	limits;
			double	   *x;
			int64		rows = segment_limits(&p, k, &x, &limits);

			caller = MemoryContextSwitchTo(context);
			state->limits[k] = xmr_from_limits(&limits);
			MemoryContextSwitchTo(caller);
			state->ends[k] = (x - p.x) + rows;
		}
		state->segments = p.segments;
		free_partition(&p);
	}
	at = WinGetCurrentPosition(p.window);
	while (at >= state->ends[state->current])
		state->current++;
	if (state->limits[state->current] == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state->limits[state->current]);
}

/* The state of last_signal(). */
typedef struct LastSignalState
{
	Series		series;			/* one column: first, for series_append() */
	const SpcRules *rules;
} LastSignalState;

/*
 * Transition of last_signal(value [, rules]). A NULL value is a gap. The rules are
 * those of the first row, NULL the default. Errors: a value that is not finite, an
 * unknown rule set.
 */
PG_FUNCTION_INFO_V1(kra_last_signal_accum);
Datum
kra_last_signal_accum(PG_FUNCTION_ARGS)
{
	LastSignalState *state;
	double		value = NAN;

	if (PG_ARGISNULL(0))
	{
		bool		default_rules = PG_NARGS() <= 2 || PG_ARGISNULL(2);

		state = MemoryContextAllocZero(series_context(fcinfo), sizeof(LastSignalState));
		state->series.columns = 1;
		state->rules = default_rules ? spc_rules(0) :
			xmr_rules(kra_text_arg(fcinfo, 2, KRA_MAX_WORD, "name of a rule set"));
	}
	else
		state = (LastSignalState *) PG_GETARG_POINTER(0);
	if (!PG_ARGISNULL(1))
		value = kra_finite_arg(fcinfo, 1, "value");
	series_append(fcinfo, &state->series, &value);
	PG_RETURN_POINTER(state);
}

/*
 * Final function of last_signal(): the mark that signal() gives the last row, by
 * limits of all points and default options. NULL when its value is NULL, and for
 * no row. Leaves the state alone.
 */
PG_FUNCTION_INFO_V1(kra_last_signal_final);
Datum
kra_last_signal_final(PG_FUNCTION_ARGS)
{
	LastSignalState *state;
	SpcOptions	options;
	SpcLimits	limits;
	const double *x;
	int64		n;
	uint8	   *marks;
	uint8		last;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (LastSignalState *) PG_GETARG_POINTER(0);
	x = state->series.column[0];
	n = state->series.n;
	if (isnan(x[n - 1]))
		PG_RETURN_NULL();
	xmr_options(NULL, &options);
	xmr_compute(x, n, &options, &limits);
	marks = palloc(n);
	spc_marks(x, n, &limits, state->rules, marks);
	last = marks[n - 1];
	pfree(marks);
	PG_RETURN_DATUM(kra_mark_datum((SpcMark) last));
}
