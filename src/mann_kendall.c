/*
 * mann_kendall.c: the robust trend in SQL: mann_kendall(), its seasonal and
 * modified forms, and theil_sen().
 *
 * The states hold the series; nothing of them is changed by a final function, so
 * that all of these serve as window aggregates too. Memory: 8 bytes a point for
 * the Mann-Kendall forms while points are gathered, 16 for theil_sen(), up to
 * twice that as the state grows by doubling; and while they are computed 16 more
 * for a test, 52 and 4 MB more where slopes are selected, and both for the
 * modified test. At most SERIES_MAX_POINTS points.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "kpi_actual.h"
#include "rank.h"
#include "series.h"
#include "student.h"
#include "theil_sen.h"

/* Pairs under which no verdict is given: those of 5 points. */
#define TRIAL_PAIRS 10

/* Degrees of freedom from which Student's t is the normal distribution. */
#define NORMAL_DF 1e15

/* What rounding makes of equal numbers, of the largest that they were computed from. */
#define NOISE 1e-12

typedef enum AtType
{
	AT_TIMESTAMPTZ, AT_DATE, AT_FLOAT8
} AtType;

/* A series and the options that its rows came with, the same in all of them. */
typedef struct RobustState
{
	Series	   *series;
	double		share;			/* alpha, or the level of an interval */
	int32		length;			/* of a season, or of the longest lag */
	AtType		at;
} RobustState;

static RobustState *
state_arg(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : (RobustState *) PG_GETARG_POINTER(0);
}

/* A new state, in the memory of the aggregate. */
static RobustState *
new_state(FunctionCallInfo fcinfo, int columns, double share, int32 length)
{
	Series	   *series = series_state(fcinfo, columns);
	RobustState *state = MemoryContextAllocZero(GetMemoryChunkContext(series), sizeof(RobustState));

	state->series = series;
	state->share = share;
	state->length = length;
	return state;
}

static void
must_not_change(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same in all rows of a series", what)));
}

/* A probability strictly between 0 and 1, not NULL; `usual` where there is no such argument. */
static double
probability_arg(FunctionCallInfo fcinfo, int argno, const char *what, double usual)
{
	double		p;

	if (argno >= PG_NARGS())
		return usual;
	p = kra_share_arg(fcinfo, argno, what);
	if (p <= 0.0 || p >= 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must lie between 0 and 1", what)));
	return p;
}

/* A whole number of points from 1 on, not NULL; `usual` where there is no such argument. */
static int32
length_arg(FunctionCallInfo fcinfo, int argno, const char *what, int32 usual)
{
	int32		length;

	if (argno >= PG_NARGS())
		return usual;
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	length = PG_GETARG_INT32(argno);
	if (length < 1)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be at least 1, not %d", what, length)));
	return length;
}

/* Adds argument 1 to the series. A NULL is left out, unless it has a place to keep. */
static Datum
accumulate(FunctionCallInfo fcinfo, double alpha, int32 length, const char *length_name, bool keep_nulls)
{
	RobustState *state = state_arg(fcinfo);
	double		value = NAN;

	if (!PG_ARGISNULL(1))
		value = kra_finite_arg(fcinfo, 1, "value");
	if (state == NULL)
		state = new_state(fcinfo, 1, alpha, length);
	if (unlikely(state->share != alpha))
		must_not_change("alpha");
	if (unlikely(state->length != length))
		must_not_change(length_name);
	if (!PG_ARGISNULL(1) || keep_nulls)
		series_append(fcinfo, state->series, &value);
	PG_RETURN_POINTER(state);
}

/* state, value [, alpha [, max_lag]]: of mann_kendall() and modified_mann_kendall(). */
PG_FUNCTION_INFO_V1(kra_mann_kendall_accum);
Datum
kra_mann_kendall_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, probability_arg(fcinfo, 2, "alpha", 0.05),
					  length_arg(fcinfo, 3, "max_lag", PG_INT32_MAX), "max_lag", false);
}

/* state, value, season_length [, alpha]: of seasonal_mann_kendall(). */
PG_FUNCTION_INFO_V1(kra_seasonal_mann_kendall_accum);
Datum
kra_seasonal_mann_kendall_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, probability_arg(fcinfo, 3, "alpha", 0.05),
					  length_arg(fcinfo, 2, "season_length", 0), "season_length", true);
}

/* A row of the result type of the aggregate. */
static Datum
result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* The verdict at the level alpha: it claims nothing that the p-value does not. */
static const char *
verdict(const MannKendall *mk, double p, double alpha)
{
	if (mk->pairs < TRIAL_PAIRS)
		return "trial";
	if (p > alpha || mk->s == 0)
		return "no_trend";
	return mk->s > 0 ? "rising" : "falling";
}

/* NULL for no point; tau is NULL where no two points differ. */
static Datum
test_row(FunctionCallInfo fcinfo, const MannKendall *mk, double alpha)
{
	double		p = mann_kendall_p(mk);
	Datum		values[8];
	bool		nulls[8] = {false};

	if (mk->n == 0)
		PG_RETURN_NULL();
	values[0] = Int64GetDatum(mk->n);
	values[1] = Int64GetDatum(mk->s);
	values[2] = Float8GetDatum(mk->variance * mk->correction);
	values[3] = Float8GetDatum((double) mk->s / mk->denominator);
	nulls[3] = !(mk->denominator > 0.0);
	values[4] = Float8GetDatum(mann_kendall_z(mk));
	values[5] = Float8GetDatum(p);
	values[6] = CStringGetTextDatum(verdict(mk, p, alpha));
	values[7] = Float8GetDatum(mk->correction);
	return result_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(kra_mann_kendall_final);
Datum
kra_mann_kendall_final(PG_FUNCTION_ARGS)
{
	RobustState *state = state_arg(fcinfo);
	MannKendall mk;
	double	   *values;
	int64		n;

	if (state == NULL || state->series->n == 0)
		PG_RETURN_NULL();
	n = state->series->n;
	values = palloc(2 * n * sizeof(double));
	memcpy(values, state->series->column[0], n * sizeof(double));
	mann_kendall_init(&mk);
	mann_kendall_add(&mk, values, values + n, n);
	pfree(values);
	return test_row(fcinfo, &mk, state->share);
}

/* The same for each season, summed (Hirsch, Slack and Smith 1982). */
PG_FUNCTION_INFO_V1(kra_seasonal_mann_kendall_final);
Datum
kra_seasonal_mann_kendall_final(PG_FUNCTION_ARGS)
{
	RobustState *state = state_arg(fcinfo);
	MannKendall mk;
	double	   *values;
	int64		most;

	if (state == NULL || state->series->n == 0)
		PG_RETURN_NULL();
	most = (state->series->n - 1) / state->length + 1;
	values = palloc(2 * most * sizeof(double));
	mann_kendall_init(&mk);
	for (int64 season = 0; season < Min(state->length, state->series->n); season++)
	{
		int64		n = 0;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = season; i < state->series->n; i += state->length)
			if (!isnan(state->series->column[0][i]))
				values[n++] = state->series->column[0][i];
		mann_kendall_add(&mk, values, values + most, n);
	}
	pfree(values);
	return test_row(fcinfo, &mk, state->share);
}

/*
 * The same with the variance that autocorrelation leaves (Hamed and Rao 1998):
 * that of the ranks of what is left of the values without their Theil-Sen trend,
 * rounding noise not breaking ties.
 */
PG_FUNCTION_INFO_V1(kra_modified_mann_kendall_final);
Datum
kra_modified_mann_kendall_final(PG_FUNCTION_ARGS)
{
	RobustState *state = state_arg(fcinfo);
	const double *series;
	MannKendall mk;
	TheilSen	fit;
	double	   *values;
	double	   *work;
	double		largest = 0.0;
	int64		n;

	if (state == NULL || state->series->n == 0)
		PG_RETURN_NULL();
	n = state->series->n;
	series = state->series->column[0];
	values = palloc(2 * n * sizeof(double));
	work = values + n;
	memcpy(values, series, n * sizeof(double));
	mann_kendall_init(&mk);
	mann_kendall_add(&mk, values, work, n);
	if (n > 2)
	{
		for (int64 i = 0; i < n; i++)
			work[i] = (double) (i + 1);
		if (!theil_sen_fit(work, series, n, false, -1.0, &fit))
			kra_overflow("slope");
		for (int64 i = 0; i < n; i++)
		{
			values[i] = series[i] - fit.slope * (double) (i + 1);
			largest = Max(largest, Max(fabs(series[i]), fabs(values[i])));
		}
		rank_values(values, work, n, largest * NOISE);
		mk.correction = hamed_rao_correction(work, n, state->length);
	}
	pfree(values);
	return test_row(fcinfo, &mk, state->share);
}

/* Adds a point; a row where `at` or value is NULL is left out. */
static Datum
accumulate_point(FunctionCallInfo fcinfo, AtType type)
{
	RobustState *state = state_arg(fcinfo);
	double		level = probability_arg(fcinfo, 3, "level", 0.95);
	double		point[2];

	if (state == NULL)
	{
		state = new_state(fcinfo, 2, level, 0);
		state->at = type;
	}
	if (unlikely(state->share != level))
		must_not_change("level");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);
	switch (type)
	{
		case AT_TIMESTAMPTZ:
			kra_check_time(PG_GETARG_TIMESTAMPTZ(1));
			point[0] = (double) PG_GETARG_TIMESTAMPTZ(1);
			break;
		case AT_DATE:
			(void) kra_date_to_time(PG_GETARG_DATEADT(1));
			point[0] = (double) PG_GETARG_DATEADT(1);
			break;
		case AT_FLOAT8:
			point[0] = kra_finite_arg(fcinfo, 1, "\"at\"");
			break;
	}
	point[1] = kra_finite_arg(fcinfo, 2, "value");
	series_append(fcinfo, state->series, point);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kra_theil_sen_accum);
Datum
kra_theil_sen_accum(PG_FUNCTION_ARGS)
{
	return accumulate_point(fcinfo, AT_TIMESTAMPTZ);
}

PG_FUNCTION_INFO_V1(kra_theil_sen_accum_date);
Datum
kra_theil_sen_accum_date(PG_FUNCTION_ARGS)
{
	return accumulate_point(fcinfo, AT_DATE);
}

PG_FUNCTION_INFO_V1(kra_theil_sen_accum_float8);
Datum
kra_theil_sen_accum_float8(PG_FUNCTION_ARGS)
{
	return accumulate_point(fcinfo, AT_FLOAT8);
}

static Datum
finite_or_null(double value, const char *what, bool *isnull)
{
	*isnull = isnan(value);
	if (isinf(value))
		kra_overflow(what);
	return Float8GetDatum(value + 0.0);
}

/*
 * NULL for no point; no slope where all are at one place. Times are regressed in
 * microseconds from the first one, dates in days; both are told per day, and from
 * 1970-01-01 on. Times more than 285 years from 2000 are rounded to float8.
 */
PG_FUNCTION_INFO_V1(kra_theil_sen_final);
Datum
kra_theil_sen_final(PG_FUNCTION_ARGS)
{
	RobustState *state = state_arg(fcinfo);
	const double epoch = UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE;
	double		per_day;
	TheilSen	fit;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (state == NULL || state->series->n == 0)
		PG_RETURN_NULL();
	per_day = state->at == AT_TIMESTAMPTZ ? (double) USECS_PER_DAY : 1.0;
	if (!theil_sen_fit(state->series->column[0], state->series->column[1], state->series->n,
					   state->at != AT_FLOAT8, student_quantile(1.0 - state->share, NORMAL_DF), &fit))
		kra_overflow("slope");
	if (state->at != AT_FLOAT8)
		fit.intercept += fit.slope * (epoch * per_day - fit.origin);
	values[0] = Int64GetDatum(fit.n);
	values[1] = finite_or_null(fit.slope * per_day, "slope", &nulls[1]);
	values[2] = finite_or_null(fit.lower * per_day, "slope", &nulls[2]);
	values[3] = finite_or_null(fit.upper * per_day, "slope", &nulls[3]);
	values[4] = finite_or_null(fit.intercept, "intercept", &nulls[4]);
	return result_row(fcinfo, values, nulls);
}
