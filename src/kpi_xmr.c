/*
 * kpi_xmr.c: the type xmr, the aggregates xmr_agg() and plateau(), and what is
 * read off the limits.
 *
 * Stored format: struct KpiXmr, 64 bytes, fixed length.
 *
 *     | version | flags | 0 (6 bytes) | points | ranges | dropped |    32 bytes
 *     | centre | moving_range | lower | upper |                        32 bytes
 *
 * Text form: a JSON object; moving_range, lower_limit and upper_limit are null
 * where there is no moving range. Binary form: version byte, flags, then the
 * fields in their order.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "fields.h"
#include "kpi_xmr.h"
#include "series.h"

#define TYPE_NAME "xmr"

enum
{
	KEY_POINTS, KEY_RANGES, KEY_DROPPED, KEY_CENTRE,
	KEY_MOVING_RANGE, KEY_LOWER_LIMIT, KEY_UPPER_LIMIT
};

static const char *const keys[] = {
	"points", "ranges", "dropped", "centre", "moving_range", "lower_limit", "upper_limit"
};

/* The one validator: text, binary and JSON input. */
static bool
xmr_check(KpiXmr *x, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), \
			 errmsg("invalid value of type %s", TYPE_NAME), __VA_ARGS__))
	const double slack = 1.0 + 1e-9;
	double		distance;

	if (x->points < 1 || x->ranges < 0 || x->dropped < 0 ||
		x->ranges > x->points - 1 || x->dropped > x->points - 1 - x->ranges)
		REFUSE(errdetail("The counts are not those of any points."));
	if (!isfinite(x->centre) || !isfinite(x->moving_range) ||
		!isfinite(x->lower) || !isfinite(x->upper))
		REFUSE(errdetail("A number is not finite."));
	if ((x->flags & ~XMR_HAS_LIMITS) != 0 ||
		((x->flags & XMR_HAS_LIMITS) != 0) != (x->ranges > 0))
		REFUSE(errdetail("There are limits where there is a moving range, and only there."));
	if (x->flags & XMR_HAS_LIMITS)
	{
		distance = SPC_LIMIT_FACTOR * x->moving_range * slack + 1e-9 * fabs(x->centre);
		if (x->moving_range < 0.0 || x->lower > x->centre || x->upper < x->centre ||
			x->centre - x->lower > distance || x->upper - x->centre > distance)
			REFUSE(errdetail("The limits do not fit the centre and the moving range."));
	}
	else
		x->moving_range = x->lower = x->upper = 0.0;
	x->version = KPI_XMR_VERSION;
	memset(x->unused, 0, sizeof(x->unused));
	x->centre += 0.0;			/* -0 becomes 0 */
	x->moving_range += 0.0;
	x->lower += 0.0;
	x->upper += 0.0;
	return true;
#undef REFUSE
}

static char *
xmr_print(const KpiXmr *x)
{
	const double numbers[] = {x->moving_range, x->lower, x->upper};
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"points\": " INT64_FORMAT ", \"ranges\": " INT64_FORMAT
					 ", \"dropped\": " INT64_FORMAT ", \"centre\": ",
					 x->points, x->ranges, x->dropped);
	kra_append_float8(&buf, x->centre);
	for (int i = 0; i < countof(numbers); i++)
	{
		appendStringInfo(&buf, ", \"%s\": ", keys[KEY_MOVING_RANGE + i]);
		if (x->flags & XMR_HAS_LIMITS)
			kra_append_float8(&buf, numbers[i]);
		else
			appendStringInfoString(&buf, "null");
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

static bool
xmr_from_json(KpiXmr *x, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};
	double	   *numbers[] = {&x->moving_range, &x->lower, &x->upper};

	memset(x, 0, sizeof(*x));
	if (!kra_json_open(&json, object) ||
		!kra_json_int64(&json, KEY_POINTS, &x->points) ||
		!kra_json_int64(&json, KEY_RANGES, &x->ranges) ||
		!kra_json_int64(&json, KEY_DROPPED, &x->dropped) ||
		!kra_json_float8(&json, KEY_CENTRE, &x->centre, NULL))
		return false;
	for (int i = 0; i < countof(numbers); i++)
	{
		bool		isnull;

		if (!kra_json_float8(&json, KEY_MOVING_RANGE + i, numbers[i], &isnull))
			return false;
		if (isnull != (x->ranges == 0))
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("moving_range, lower_limit and upper_limit of %s must be given, or null when there is no moving range",
							TYPE_NAME)));
	}
	x->flags = x->ranges > 0 ? XMR_HAS_LIMITS : 0;
	return xmr_check(x, escontext);
}

PG_FUNCTION_INFO_V1(kra_xmr_in);
Datum
kra_xmr_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiXmr	   *x = palloc(sizeof(KpiXmr));

	if (jb == NULL || !xmr_from_json(x, &jb->root, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(x);
}

PG_FUNCTION_INFO_V1(kra_xmr_out);
Datum
kra_xmr_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(xmr_print(PG_GETARG_KPI_XMR_P(0)));
}

PG_FUNCTION_INFO_V1(kra_xmr_send);
Datum
kra_xmr_send(PG_FUNCTION_ARGS)
{
	KpiXmr	   *x = PG_GETARG_KPI_XMR_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, x->version);
	pq_sendbyte(&buf, x->flags);
	pq_sendint64(&buf, x->points);
	pq_sendint64(&buf, x->ranges);
	pq_sendint64(&buf, x->dropped);
	pq_sendfloat8(&buf, x->centre);
	pq_sendfloat8(&buf, x->moving_range);
	pq_sendfloat8(&buf, x->lower);
	pq_sendfloat8(&buf, x->upper);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_xmr_recv);
Datum
kra_xmr_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiXmr	   *x = palloc0(sizeof(KpiXmr));

	kra_check_version(pq_getmsgbyte(buf), KPI_XMR_VERSION, TYPE_NAME);
	x->flags = pq_getmsgbyte(buf);
	x->points = pq_getmsgint64(buf);
	x->ranges = pq_getmsgint64(buf);
	x->dropped = pq_getmsgint64(buf);
	x->centre = pq_getmsgfloat8(buf);
	x->moving_range = pq_getmsgfloat8(buf);
	x->lower = pq_getmsgfloat8(buf);
	x->upper = pq_getmsgfloat8(buf);
	xmr_check(x, NULL);
	PG_RETURN_POINTER(x);
}

PG_FUNCTION_INFO_V1(kra_xmr_to_jsonb);
Datum
kra_xmr_to_jsonb(PG_FUNCTION_ARGS)
{
	return kra_jsonb_from_text(xmr_print(PG_GETARG_KPI_XMR_P(0)));
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_xmr);
Datum
kra_jsonb_to_xmr(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiXmr	   *x = palloc(sizeof(KpiXmr));

	xmr_from_json(x, &jb->root, NULL);
	PG_RETURN_POINTER(x);
}

/* A physical bound: the number, or the infinity that stands for none. */
static double
bound_option(const NullableDatum *arg, double none, const char *what)
{
	return arg->isnull ? none : kra_check_finite(DatumGetFloat8(arg->value), what);
}

/*
 * The options out of their arguments; NULL, or args itself NULL, is the default:
 * mean, screened, no bounds, all points.
 */
void
xmr_options(const NullableDatum *args, SpcOptions *options)
{
	*options = (SpcOptions) {.screen = true, .lower = -INFINITY, .upper = INFINITY};
	if (args == NULL)
		return;
	if (!args[XMR_CENTRE].isnull)
	{
		char	   *centre = kra_text_datum(args[XMR_CENTRE].value, KRA_MAX_WORD, "centre");

		options->median = strcmp(centre, "median") == 0;
		if (!options->median && strcmp(centre, "mean") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown centre \"%s\"", centre),
					 errhint("It is one of mean, median.")));
		pfree(centre);
	}
	if (!args[XMR_SCREEN].isnull)
		options->screen = DatumGetBool(args[XMR_SCREEN].value);
	options->lower = bound_option(&args[XMR_PHYSICAL_LOWER], -INFINITY, "physical_lower");
	options->upper = bound_option(&args[XMR_PHYSICAL_UPPER], INFINITY, "physical_upper");
	if (options->lower >= options->upper)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("physical_lower must be below physical_upper")));
	if (!args[XMR_BASELINE].isnull)
	{
		options->baseline = DatumGetInt32(args[XMR_BASELINE].value);
		if (options->baseline < 2)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("baseline must be at least 2 points")));
	}
}

double
xmr_check_value(double value, const SpcOptions *options)
{
	value = kra_check_finite(value, "value");
	if (unlikely((isfinite(options->lower) && !kpi_ge(value, options->lower)) ||
				 (isfinite(options->upper) && !kpi_ge(options->upper, value))))
	{
		StringInfoData buf;

		initStringInfo(&buf);
		kra_append_float8(&buf, value);
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value %s lies outside the physical bounds", buf.data),
				 errhint("Mend the value, or leave it out as NULL.")));
	}
	return value;
}

/* The limits of a series, with the scratch that they need; error on overflow. */
void
xmr_compute(const double *x, int64 n, const SpcOptions *options, SpcLimits *limits)
{
	double	   *scratch = options->median ? palloc(Max(n, 1) * sizeof(double)) : NULL;

	if (!spc_limits(x, n, options, scratch, limits))
		kra_overflow("process limit");
	if (scratch != NULL)
		pfree(scratch);
}

/* The limits as a value; NULL without a point. */
KpiXmr *
xmr_from_limits(const SpcLimits *limits)
{
	KpiXmr	   *x;

	if (limits->points == 0)
		return NULL;
	x = palloc0(sizeof(KpiXmr));
	x->version = KPI_XMR_VERSION;
	x->flags = limits->ranges > 0 ? XMR_HAS_LIMITS : 0;
	x->points = limits->points;
	x->ranges = limits->ranges;
	x->dropped = limits->dropped;
	x->centre = limits->centre;
	x->moving_range = limits->moving_range;
	x->lower = limits->lower;
	x->upper = limits->upper;
	return x;
}

/* A rule set by its name; error with the list of those there are. */
const SpcRules *
xmr_rules(const char *name)
{
	StringInfoData list;

	for (int i = 0; spc_rules(i) != NULL; i++)
		if (strcmp(spc_rules(i)->name, name) == 0)
			return spc_rules(i);
	initStringInfo(&list);
	for (int i = 0; spc_rules(i) != NULL; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", spc_rules(i)->name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown rule set \"%s\"", name),
			 errhint("It is one of %s.", list.data)));
}

/*
 * The state of xmr_agg(): the values of the latest segment, in their order, and
 * the options as the first row has them. A segment is a text, NULL too.
 */
typedef struct XmrState
{
	Series		series;			/* one column: first, for series_append() */
	SpcOptions	options;
	char	   *segment;
	int			segment_length; /* -1: NULL */
} XmrState;

/* When the segment is another than before, its points replace those so far. */
static void
follow_segment(FunctionCallInfo fcinfo, XmrState *state, int argno)
{
	text	   *segment = PG_ARGISNULL(argno) ? NULL : PG_GETARG_TEXT_PP(argno);
	int			length = segment == NULL ? -1 : (int) VARSIZE_ANY_EXHDR(segment);

	kra_check_size(Max(length, 0), KRA_MAX_LABEL, "segment", NULL);
	if (length == state->segment_length &&
		(length < 1 || memcmp(VARDATA_ANY(segment), state->segment, length) == 0))
		return;
	state->series.n = 0;
	state->segment_length = length;
	if (state->segment != NULL)
		pfree(state->segment);
	state->segment = NULL;
	if (length > 0)
	{
		state->segment = MemoryContextAlloc(series_context(fcinfo), length);
		memcpy(state->segment, VARDATA_ANY(segment), length);
	}
}

/*
 * Transition of xmr_agg(value [, centre, screen, physical_lower, physical_upper,
 * baseline [, segment]]). A NULL value is a gap. Options are those of the first
 * row. Errors: a value that is not finite or outside the physical bounds.
 */
PG_FUNCTION_INFO_V1(kra_xmr_accum);
Datum
kra_xmr_accum(PG_FUNCTION_ARGS)
{
	XmrState   *state;
	double		value = NAN;

	if (PG_ARGISNULL(0))
	{
		state = MemoryContextAllocZero(series_context(fcinfo), sizeof(XmrState));
		state->series.columns = 1;
		state->segment_length = -1;
		xmr_options(PG_NARGS() > 2 ? &fcinfo->args[2] : NULL, &state->options);
	}
	else
		state = (XmrState *) PG_GETARG_POINTER(0);
	if (PG_NARGS() > 2 + XMR_OPTION_COUNT)
		follow_segment(fcinfo, state, 2 + XMR_OPTION_COUNT);
	if (!PG_ARGISNULL(1))
		value = xmr_check_value(PG_GETARG_FLOAT8(1), &state->options);
	series_append(fcinfo, &state->series, &value);
	PG_RETURN_POINTER(state);
}

/* Final function of xmr_agg(): NULL without a point. Leaves the state alone. */
PG_FUNCTION_INFO_V1(kra_xmr_final);
Datum
kra_xmr_final(PG_FUNCTION_ARGS)
{
	XmrState   *state;
	SpcLimits	limits;
	KpiXmr	   *result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (XmrState *) PG_GETARG_POINTER(0);
	xmr_compute(state->series.column[0], state->series.n, &state->options, &limits);
	result = xmr_from_limits(&limits);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(result);
}

/* Accessors: in the unit of the values; limits NULL where there is no moving range. */

PG_FUNCTION_INFO_V1(kra_xmr_num_points);
Datum
kra_xmr_num_points(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_KPI_XMR_P(0)->points);
}

PG_FUNCTION_INFO_V1(kra_xmr_num_ranges);
Datum
kra_xmr_num_ranges(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_KPI_XMR_P(0)->ranges);
}

PG_FUNCTION_INFO_V1(kra_xmr_dropped_ranges);
Datum
kra_xmr_dropped_ranges(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_KPI_XMR_P(0)->dropped);
}

PG_FUNCTION_INFO_V1(kra_xmr_centre);
Datum
kra_xmr_centre(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(PG_GETARG_KPI_XMR_P(0)->centre);
}

#define LIMIT_ACCESSOR(symbol, expression) \
PG_FUNCTION_INFO_V1(symbol); \
Datum \
symbol(PG_FUNCTION_ARGS) \
{ \
	KpiXmr	   *x = PG_GETARG_KPI_XMR_P(0); \
\
	if (!(x->flags & XMR_HAS_LIMITS)) \
		PG_RETURN_NULL(); \
	PG_RETURN_FLOAT8(expression); \
}

LIMIT_ACCESSOR(kra_xmr_moving_range, x->moving_range)
LIMIT_ACCESSOR(kra_xmr_sigma, spc_sigma(x->moving_range))
LIMIT_ACCESSOR(kra_xmr_lower_limit, x->lower)
LIMIT_ACCESSOR(kra_xmr_upper_limit, x->upper)

/*
 * Can every value between two limits meet the target, or none? Reaching the
 * target exactly meets it.
 */
static const char *
assurance_of(const KpiXmr *x, const KpiTarget *target)
{
	bool		low_meets = kpi_distance(target, x->lower) >= 0.0;
	bool		high_meets = kpi_distance(target, x->upper) >= 0.0;

	if (low_meets && high_meets)
		return "consistently_met";
	if (low_meets || high_meets)
		return "hit_or_miss";

	/* a target that lies between the limits is hit at times */
	if (!kpi_is_one_sided(target) &&
		x->lower < target->lower && x->upper > target->upper)
		return "hit_or_miss";
	return "consistently_missed";
}

/*
 * assurance(xmr, target, min_points): consistently_met, consistently_missed or
 * hit_or_miss. NULL under min_points points (NULL: 13), or without limits.
 */
PG_FUNCTION_INFO_V1(kra_xmr_assurance);
Datum
kra_xmr_assurance(PG_FUNCTION_ARGS)
{
	KpiXmr	   *x;
	int32		min_points = PG_ARGISNULL(2) ? SPC_TRIAL_POINTS : PG_GETARG_INT32(2);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	x = PG_GETARG_KPI_XMR_P(0);
	if (min_points < 2)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("min_points must be at least 2")));
	if (!(x->flags & XMR_HAS_LIMITS) || x->points < min_points)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(assurance_of(x, PG_GETARG_KPI_TARGET_P(1))));
}

/* The state of plateau(). */
typedef struct PlateauState
{
	Series		series;			/* one column: first, for series_append() */
	KpiTarget	target;			/* of the latest row */
	bool		has_target;
	int64		baseline;
	const SpcRules *rules;
} PlateauState;

/*
 * Transition of plateau(value, target, baseline [, rules]). A NULL value is a
 * gap. The target is that of the latest row, baseline and rules those of the
 * first.
 */
PG_FUNCTION_INFO_V1(kra_plateau_accum);
Datum
kra_plateau_accum(PG_FUNCTION_ARGS)
{
	PlateauState *state;
	double		value = NAN;

	if (PG_ARGISNULL(0))
	{
		MemoryContext context = series_context(fcinfo);
		bool		default_rules = PG_NARGS() <= 4 || PG_ARGISNULL(4);

		if (PG_ARGISNULL(3))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("baseline must not be null")));
		if (PG_GETARG_INT32(3) < 2)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("baseline must be at least 2 points")));
		state = MemoryContextAllocZero(context, sizeof(PlateauState));
		state->series.columns = 1;
		state->baseline = PG_GETARG_INT32(3);
		state->rules = default_rules ? spc_rules(0) :
			xmr_rules(kra_text_arg(fcinfo, 4, KRA_MAX_WORD, "name of a rule set"));
	}
	else
		state = (PlateauState *) PG_GETARG_POINTER(0);
	state->has_target = !PG_ARGISNULL(2);
	if (state->has_target)
		state->target = *PG_GETARG_KPI_TARGET_P(2);
	if (!PG_ARGISNULL(1))
		value = kra_check_finite(PG_GETARG_FLOAT8(1), "value");
	series_append(fcinfo, &state->series, &value);
	PG_RETURN_POINTER(state);
}

/*
 * Final function of plateau(). Of the latest 3 k points (k: baseline) the first
 * k give the limits. True when none of the other 2 k bears a signal, and their
 * mean does not meet the target. NULL under 3 k points, on trial, or without a
 * target. Leaves the state alone.
 */
PG_FUNCTION_INFO_V1(kra_plateau_final);
Datum
kra_plateau_final(PG_FUNCTION_ARGS)
{
	PlateauState *state;
	SpcOptions	options;
	SpcLimits	limits;
	const double *x;
	uint8	   *marks;
	int64		n,
				first,
				quiet = 0,
				points = 0;
	double		mean;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (PlateauState *) PG_GETARG_POINTER(0);
	for (first = state->series.n; first > 0 && points < 3 * state->baseline; first--)
	{
		points += !isnan(state->series.column[0][first - 1]);
		if (points <= 2 * state->baseline)
			quiet = first - 1;
	}
	if (!state->has_target || points < 3 * state->baseline)
		PG_RETURN_NULL();

	x = state->series.column[0] + first;
	n = state->series.n - first;
	quiet -= first;
	xmr_options(NULL, &options);
	options.baseline = state->baseline;
	xmr_compute(x, n, &options, &limits);
	marks = palloc(n);
	spc_marks(x, n, &limits, state->rules, marks);
	for (int64 i = quiet; i < n; i++)
	{
		if (marks[i] == SPC_TRIAL)
			PG_RETURN_NULL();
		if (marks[i] != SPC_NO_POINT && marks[i] != SPC_NONE)
			PG_RETURN_BOOL(false);
	}
	mean = spc_mean(x + quiet, n - quiet);
	if (!isfinite(mean))
		kra_overflow("mean");
	PG_RETURN_BOOL(kpi_distance(&state->target, mean) < 0.0);
}

static const KraField fields[] = {
	{"points", FIELD_INT64, offsetof(KpiXmr, points), 0, NULL},
	{"ranges", FIELD_INT64, offsetof(KpiXmr, ranges), 0, NULL},
	{"dropped", FIELD_INT64, offsetof(KpiXmr, dropped), 0, NULL},
	{"centre", FIELD_FLOAT8, offsetof(KpiXmr, centre), 0, NULL},
	{"moving_range", FIELD_FLOAT8, offsetof(KpiXmr, moving_range), 0, NULL},
	{"lower_limit", FIELD_FLOAT8, offsetof(KpiXmr, lower), 0, NULL},
	{"upper_limit", FIELD_FLOAT8, offsetof(KpiXmr, upper), 0, NULL},
};

static const KraType xmr_type = {TYPE_NAME, countof(fields), fields};

KRA_EQUALITY(xmr);
