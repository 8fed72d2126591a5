/*
 * kpi_target_op.c: constructors, accessors, comparison and hashing of kpi_target.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"

#include "kra.h"

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

/*
 * A total order for btree: by direction, ends, then the parts, absent ones
 * first. It says nothing about which target is harder.
 */
int
kpi_target_compare(const KpiTarget *a, const KpiTarget *b)
{
	const double an[] = {a->lower, a->upper, a->baseline, a->threshold, a->stretch, a->scale};
	const double bn[] = {b->lower, b->upper, b->baseline, b->threshold, b->stretch, b->scale};

	if (a->direction != b->direction)
		return a->direction < b->direction ? -1 : 1;
	for (int i = 0; i < 2; i++)
		if (an[i] != bn[i])
			return an[i] < bn[i] ? -1 : 1;
	if (a->parts != b->parts)
		return a->parts < b->parts ? -1 : 1;
	for (int i = 2; i < countof(an); i++)
		if (an[i] != bn[i])
			return an[i] < bn[i] ? -1 : 1;
	if (a->since != b->since)
		return a->since < b->since ? -1 : 1;
	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	return 0;
}

/* Agrees with kpi_target_compare(): fields, never raw bytes, and no -0. */
uint64
kpi_target_hash_value(const KpiTarget *t, uint64 seed)
{
	const double numbers[] = {t->lower, t->upper, t->baseline, t->threshold, t->stretch, t->scale};
	uint64		h;

	h = hash_bytes_uint32_extended(((uint32) t->direction << 16) | t->parts, seed);
	for (int i = 0; i < countof(numbers); i++)
	{
		double		number = numbers[i] + 0.0;

		h = hash_combine64(h, hash_bytes_extended((const unsigned char *) &number,
												  sizeof(number), seed));
	}
	h = hash_combine64(h, hash_bytes_uint32_extended(t->since, seed));
	return hash_combine64(h, hash_bytes_uint32_extended(t->due, seed));
}

#define COMPARISON(name, op) \
PG_FUNCTION_INFO_V1(kra_kpi_target_##name); \
Datum \
kra_kpi_target_##name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(kpi_target_compare(PG_GETARG_KPI_TARGET_P(0), \
									  PG_GETARG_KPI_TARGET_P(1)) op 0); \
} \
extern int	kra_no_such_symbol

COMPARISON(eq, ==);
COMPARISON(ne, !=);
COMPARISON(lt, <);
COMPARISON(le, <=);
COMPARISON(gt, >);
COMPARISON(ge, >=);

PG_FUNCTION_INFO_V1(kra_kpi_target_cmp);
Datum
kra_kpi_target_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(kpi_target_compare(PG_GETARG_KPI_TARGET_P(0),
									   PG_GETARG_KPI_TARGET_P(1)));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_hash);
Datum
kra_kpi_target_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) kpi_target_hash_value(PG_GETARG_KPI_TARGET_P(0), 0));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_hash_extended);
Datum
kra_kpi_target_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(kpi_target_hash_value(PG_GETARG_KPI_TARGET_P(0),
										  (uint64) PG_GETARG_INT64(1)));
}
