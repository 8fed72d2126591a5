/*
 * assess.c: the SQL-callable scalars over an actual and a target.
 */
#include "postgres.h"

#include "common/int.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "kra.h"

/* An attainment from which at risk begins: above 0, at most 1; NULL: 0.9. */
static double
at_risk_arg(FunctionCallInfo fcinfo, int argno)
{
	double		limit;

	if (PG_ARGISNULL(argno))
		return KPI_AT_RISK_ATTAINMENT;
	limit = kra_finite_arg(fcinfo, argno, "at_risk_from");
	if (limit <= 0.0 || limit > 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("at_risk_from must be above 0 and at most 1")));
	return limit;
}

/*
 * The common arguments: actual (0), target (1), and, where argument 2 is a
 * date, as_of; then, where there is one, at_risk_from (3). NULL actual and NULL
 * target are results, not errors.
 */
static void
assess_args(FunctionCallInfo fcinfo, bool with_as_of, KpiAssessment *out)
{
	double		limit = PG_NARGS() > 3 ? at_risk_arg(fcinfo, 3) : KPI_AT_RISK_ATTAINMENT;
	double		actual = 0.0;
	int32		as_of = 0;
	const KpiTarget *target = PG_ARGISNULL(1) ? NULL : PG_GETARG_KPI_TARGET_P(1);

	if (!PG_ARGISNULL(0))
		actual = kra_finite_arg(fcinfo, 0, "actual");
	if (with_as_of && !PG_ARGISNULL(2))
		as_of = PG_GETARG_DATEADT(2);
	kpi_assess(target, PG_ARGISNULL(0) ? NULL : &actual,
			   with_as_of && !PG_ARGISNULL(2) ? &as_of : NULL, limit, out);
}

/* attainment(actual, target): 1 + d/W; NULL for no data, no target, no scale. */
PG_FUNCTION_INFO_V1(kra_attainment);
Datum
kra_attainment(PG_FUNCTION_ARGS)
{
	KpiAssessment a;

	assess_args(fcinfo, false, &a);
	if (a.has_attainment)
		kra_check_attainment(&a, PG_GETARG_FLOAT8(0), PG_GETARG_KPI_TARGET_P(1));
	if (!a.has_attainment)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(a.attainment);
}

/* met(actual, target): NULL without either. */
PG_FUNCTION_INFO_V1(kra_met);
Datum
kra_met(PG_FUNCTION_ARGS)
{
	KpiAssessment a;

	assess_args(fcinfo, false, &a);
	if (a.reason == KPI_REASON_NO_DATA || a.reason == KPI_REASON_NO_TARGET)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(a.met);
}

/* status(actual, target [, as_of]): never NULL. */
PG_FUNCTION_INFO_V1(kra_status);
Datum
kra_status(PG_FUNCTION_ARGS)
{
	KpiAssessment a;

	assess_args(fcinfo, true, &a);
	return kra_status_datum(a.status);
}

/* status(actual, target, as_of, at_risk_from): where at risk begins. */
PG_FUNCTION_INFO_V1(kra_status_from);
Datum
kra_status_from(PG_FUNCTION_ARGS)
{
	return kra_status(fcinfo);
}

/* -1 off track, 0 at risk, 1 on track or exceeded; false without data or target. */
static bool
status_code(KpiStatus status, int *code)
{
	if (status < KPI_OFF_TRACK)
		return false;
	*code = status == KPI_OFF_TRACK ? -1 : (status == KPI_AT_RISK ? 0 : 1);
	return true;
}

PG_FUNCTION_INFO_V1(kra_status_code);
Datum
kra_status_code(PG_FUNCTION_ARGS)
{
	int			code;

	if (!status_code(kra_status_arg(fcinfo, 0), &code))
		PG_RETURN_NULL();
	PG_RETURN_INT32(code);
}

PG_FUNCTION_INFO_V1(kra_status_code_of);
Datum
kra_status_code_of(PG_FUNCTION_ARGS)
{
	KpiAssessment a;
	int			code;

	assess_args(fcinfo, true, &a);
	if (!status_code(a.status, &code))
		PG_RETURN_NULL();
	PG_RETURN_INT32(code);
}

/* status_code(actual, target, as_of, at_risk_from): where at risk begins. */
PG_FUNCTION_INFO_V1(kra_status_code_of_from);
Datum
kra_status_code_of_from(PG_FUNCTION_ARGS)
{
	return kra_status_code_of(fcinfo);
}

/* expected(target, as_of): NULL for a range, which has no single such value. */
PG_FUNCTION_INFO_V1(kra_expected);
Datum
kra_expected(PG_FUNCTION_ARGS)
{
	double		expected;

	if (!kpi_expected(PG_GETARG_KPI_TARGET_P(0), PG_GETARG_DATEADT(1), &expected))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(expected);
}

/* assess(actual, target [, as_of]): all of it, and the reason, in one row. */
PG_FUNCTION_INFO_V1(kra_assess);
Datum
kra_assess(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[6];
	bool		nulls[6] = {false};
	KpiAssessment a;
	const char *reason;
	double		expected = 0.0;
	int			code = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	assess_args(fcinfo, true, &a);
	if (a.has_attainment)
		kra_check_attainment(&a, PG_GETARG_FLOAT8(0), PG_GETARG_KPI_TARGET_P(1));

	nulls[0] = !a.has_attainment;
	values[0] = Float8GetDatum(a.attainment);
	nulls[1] = a.reason == KPI_REASON_NO_DATA || a.reason == KPI_REASON_NO_TARGET;
	values[1] = BoolGetDatum(a.met);
	values[2] = kra_status_datum(a.status);
	nulls[3] = !status_code(a.status, &code);
	values[3] = Int32GetDatum(code);
	nulls[4] = PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		!kpi_expected(PG_GETARG_KPI_TARGET_P(1), PG_GETARG_DATEADT(2), &expected);
	values[4] = Float8GetDatum(expected);
	reason = kpi_reason_name(a.reason);
	nulls[5] = reason == NULL;
	values[5] = reason ? CStringGetTextDatum(reason) : (Datum) 0;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* assess(actual, target, as_of, at_risk_from): where at risk begins. */
PG_FUNCTION_INFO_V1(kra_assess_from);
Datum
kra_assess_from(PG_FUNCTION_ARGS)
{
	return kra_assess(fcinfo);
}

/*
 * Transition of misses_in_a_row(met): strict, so that NULLs neither count nor
 * interrupt. Error beyond what an integer holds.
 */
PG_FUNCTION_INFO_V1(kra_misses_accum);
Datum
kra_misses_accum(PG_FUNCTION_ARGS)
{
	int32		misses;

	if (PG_GETARG_BOOL(1))
		PG_RETURN_INT32(0);
	if (pg_add_s32_overflow(PG_GETARG_INT32(0), 1, &misses))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("integer out of range")));
	PG_RETURN_INT32(misses);
}
