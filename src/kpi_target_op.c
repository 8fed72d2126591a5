/*
 * kpi_target_op.c: constructors, accessors, comparison and hashing of kpi_target.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "fields.h"

/*
 * Arguments from `first` on: baseline, threshold, stretch, scale, since, due;
 * NULL means absent. Units: those of the KPI, dates as dates.
 */
static Datum
make_target(FunctionCallInfo fcinfo, KpiTarget *t, int first)
{
	static const uint16 bits[] = {
		KPI_HAS_BASELINE, KPI_HAS_THRESHOLD, KPI_HAS_STRETCH, KPI_HAS_SCALE,
		KPI_HAS_SINCE, KPI_HAS_DUE
	};
	double	   *numbers[] = {&t->baseline, &t->threshold, &t->stretch, &t->scale};
	int32	   *dates[] = {&t->since, &t->due};

	for (int i = 0; i < countof(bits); i++)
	{
		if (PG_ARGISNULL(first + i))
			continue;
		t->parts |= bits[i];
		if (i < countof(numbers))
			*numbers[i] = PG_GETARG_FLOAT8(first + i);
		else
			*dates[i - countof(numbers)] = PG_GETARG_DATEADT(first + i);
	}
	kpi_target_check(t, NULL);
	PG_RETURN_POINTER(t);
}

/* at_least(), at_most(), exactly(): NULL when the target itself is NULL. */
static Datum
make_one_sided(FunctionCallInfo fcinfo, KpiDirection direction)
{
	KpiTarget  *t;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	t = palloc0(sizeof(KpiTarget));
	t->direction = direction;
	t->lower = PG_GETARG_FLOAT8(0);
	return make_target(fcinfo, t, 1);
}

PG_FUNCTION_INFO_V1(kra_at_least);
Datum
kra_at_least(PG_FUNCTION_ARGS)
{
	return make_one_sided(fcinfo, KPI_AT_LEAST);
}

PG_FUNCTION_INFO_V1(kra_at_most);
Datum
kra_at_most(PG_FUNCTION_ARGS)
{
	return make_one_sided(fcinfo, KPI_AT_MOST);
}

PG_FUNCTION_INFO_V1(kra_exactly);
Datum
kra_exactly(PG_FUNCTION_ARGS)
{
	return make_one_sided(fcinfo, KPI_EXACTLY);
}

/*
 * inside(lower, upper, ...): NULL when both ends are NULL. One end alone is an
 * error: it may be a slip, and at_least() or at_most() say it.
 */
PG_FUNCTION_INFO_V1(kra_inside);
Datum
kra_inside(PG_FUNCTION_ARGS)
{
	KpiTarget  *t;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a range needs both its lower and its upper end"),
				 errhint("Use at_least() or at_most() for a target with one end.")));
	t = palloc0(sizeof(KpiTarget));
	t->direction = KPI_INSIDE;
	t->lower = PG_GETARG_FLOAT8(0);
	t->upper = PG_GETARG_FLOAT8(1);
	return make_target(fcinfo, t, 2);
}

PG_FUNCTION_INFO_V1(kra_kpi_target_direction);
Datum
kra_kpi_target_direction(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(kpi_direction_name(PG_GETARG_KPI_TARGET_P(0))));
}

/* T; NULL for a range, which has two. */
PG_FUNCTION_INFO_V1(kra_kpi_target_target);
Datum
kra_kpi_target_target(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0);

	if (t->direction == KPI_INSIDE)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(t->lower);
}

/* The smallest actual that meets the target; NULL for "<=". */
PG_FUNCTION_INFO_V1(kra_kpi_target_lower);
Datum
kra_kpi_target_lower(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0);

	if (t->direction == KPI_AT_MOST)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(t->lower);
}

/* The largest actual that meets the target; NULL for ">=". */
PG_FUNCTION_INFO_V1(kra_kpi_target_upper);
Datum
kra_kpi_target_upper(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0);

	if (t->direction == KPI_AT_LEAST)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(t->upper);
}

/* Accessors of the optional parts: NULL when the part is absent. */
#define PART_ACCESSOR(name, bit, RETURN) \
PG_FUNCTION_INFO_V1(kra_kpi_target_##name); \
Datum \
kra_kpi_target_##name(PG_FUNCTION_ARGS) \
{ \
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0); \
\
	if (!(t->parts & (bit))) \
		PG_RETURN_NULL(); \
	RETURN(t->name); \
} \
extern int	kra_no_such_symbol

PART_ACCESSOR(baseline, KPI_HAS_BASELINE, PG_RETURN_FLOAT8);
PART_ACCESSOR(threshold, KPI_HAS_THRESHOLD, PG_RETURN_FLOAT8);
PART_ACCESSOR(stretch, KPI_HAS_STRETCH, PG_RETURN_FLOAT8);
PART_ACCESSOR(scale, KPI_HAS_SCALE, PG_RETURN_FLOAT8);
PART_ACCESSOR(since, KPI_HAS_SINCE, PG_RETURN_DATEADT);
PART_ACCESSOR(due, KPI_HAS_DUE, PG_RETURN_DATEADT);

/* The order says nothing about which target is harder. Parts that are absent come first. */
static const KraField fields[] = {
	{"direction", FIELD_UINT8, offsetof(KpiTarget, direction), 0, NULL},
	{"lower", FIELD_FLOAT8, offsetof(KpiTarget, lower), 0, NULL},
	{"upper", FIELD_FLOAT8, offsetof(KpiTarget, upper), 0, NULL},
	{"parts", FIELD_UINT16, offsetof(KpiTarget, parts), 0, NULL},
	{"baseline", FIELD_FLOAT8, offsetof(KpiTarget, baseline), 0, NULL},
	{"threshold", FIELD_FLOAT8, offsetof(KpiTarget, threshold), 0, NULL},
	{"stretch", FIELD_FLOAT8, offsetof(KpiTarget, stretch), 0, NULL},
	{"scale", FIELD_FLOAT8, offsetof(KpiTarget, scale), 0, NULL},
	{"since", FIELD_INT32, offsetof(KpiTarget, since), 0, NULL},
	{"due", FIELD_INT32, offsetof(KpiTarget, due), 0, NULL},
};

const KraType kpi_target_type = {"kpi_target", countof(fields), fields};

int
kpi_target_compare(const KpiTarget *a, const KpiTarget *b)
{
	return kra_compare(&kpi_target_type, a, b);
}

KRA_EQUALITY(kpi_target);
KRA_ORDER(kpi_target);
