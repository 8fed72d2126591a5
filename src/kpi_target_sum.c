/*
 * kpi_target_sum.c: targets added up (those of the parts of a whole), multiplied
 * (that of a year made one of a month), and the smaller and larger of two.
 */
#include "postgres.h"

#include "kra.h"

/* Where a number lies beside a target. On the target it lies on both sides. */
#define BELOW_TARGET	0x01
#define ABOVE_TARGET	0x02

static int
sides_of(const KpiTarget *t, double x)
{
	int			sides = 0;

	if (x <= t->lower || kpi_same(x, t->lower))
		sides |= BELOW_TARGET;
	if (x >= t->upper || kpi_same(x, t->upper))
		sides |= ABOVE_TARGET;
	return sides;
}

static double
add(double a, double b)
{
	double		sum = a + b;

	if (unlikely(!isfinite(sum)))
		kra_overflow("sum of targets");
	return sum;
}

/*
 * Adds a baseline, threshold or stretch that both targets have. Where one lies
 * above its target and the other below, they do not add up to one, and the sum
 * has none. Else the sum lies on the same side, whatever rounding says: what the
 * validator allowed in the parts it must not refuse in their sum.
 */
static void
add_beside(KpiTarget *out, const KpiTarget *a, const KpiTarget *b, uint16 bit, size_t offset)
{
#define NUMBER_OF(t) (*(const double *) ((const char *) (t) + offset))
	double	   *sum = (double *) ((char *) out + offset);
	int			sides;

	if (!(a->parts & b->parts & bit))
		return;
	sides = sides_of(a, NUMBER_OF(a)) & sides_of(b, NUMBER_OF(b));
	if (sides == 0)
		return;
	out->parts |= bit;
	*sum = add(NUMBER_OF(a), NUMBER_OF(b));
	if (sides & BELOW_TARGET)
		*sum = Min(*sum, out->lower);
	if (sides & ABOVE_TARGET)
		*sum = Max(*sum, out->upper);
#undef NUMBER_OF
}

/*
 * target_add(a, b): the target of a whole of two parts: each number is the sum of
 * both. A part that only one has is left out; so are dates that differ. NULL when
 * the directions differ. Strict. Error on overflow.
 */
PG_FUNCTION_INFO_V1(kra_target_add);
Datum
kra_target_add(PG_FUNCTION_ARGS)
{
	KpiTarget  *a = PG_GETARG_KPI_TARGET_P(0);
	KpiTarget  *b = PG_GETARG_KPI_TARGET_P(1);
	uint16		both = a->parts & b->parts;
	KpiTarget  *out;

	if (a->direction != b->direction)
		PG_RETURN_NULL();
	out = palloc0(sizeof(KpiTarget));
	out->direction = a->direction;
	out->lower = add(a->lower, b->lower);
	out->upper = add(a->upper, b->upper);
	add_beside(out, a, b, KPI_HAS_BASELINE, offsetof(KpiTarget, baseline));
	add_beside(out, a, b, KPI_HAS_THRESHOLD, offsetof(KpiTarget, threshold));
	add_beside(out, a, b, KPI_HAS_STRETCH, offsetof(KpiTarget, stretch));
	if (both & KPI_HAS_SCALE)
	{
		out->parts |= KPI_HAS_SCALE;
		out->scale = add(a->scale, b->scale);
	}
	if ((both & KPI_HAS_SINCE) && a->since == b->since)
	{
		out->parts |= KPI_HAS_SINCE;
		out->since = a->since;
	}
	if ((both & KPI_HAS_DUE) && a->due == b->due)
	{
		out->parts |= KPI_HAS_DUE;
		out->due = a->due;
	}
	kpi_target_check(out, NULL);
	PG_RETURN_POINTER(out);
}

/*
 * target_times(target, factor): the target with all its numbers, the scale too,
 * multiplied; dates stay. Strict. Errors: a factor that is not finite and above
 * 0, overflow, and a scale that becomes 0.
 */
PG_FUNCTION_INFO_V1(kra_target_times);
Datum
kra_target_times(PG_FUNCTION_ARGS)
{
	double		factor = kra_finite_arg(fcinfo, 1, "factor");
	KpiTarget  *out = palloc(sizeof(KpiTarget));
	double	   *numbers[] = {
		&out->lower, &out->upper, &out->baseline, &out->threshold, &out->stretch, &out->scale
	};

	if (factor <= 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("factor must be above 0")));
	*out = *PG_GETARG_KPI_TARGET_P(0);
	for (int i = 0; i < countof(numbers); i++)
	{
		*numbers[i] *= factor;
		if (unlikely(!isfinite(*numbers[i])))
			kra_overflow("multiple of a target");
	}
	kpi_target_check(out, NULL);
	PG_RETURN_POINTER(out);
}

/* The one that comes first or last in the order of the btree operators. Strict. */

PG_FUNCTION_INFO_V1(kra_target_smaller);
Datum
kra_target_smaller(PG_FUNCTION_ARGS)
{
	KpiTarget  *a = PG_GETARG_KPI_TARGET_P(0);
	KpiTarget  *b = PG_GETARG_KPI_TARGET_P(1);

	PG_RETURN_POINTER(kpi_target_compare(a, b) <= 0 ? a : b);
}

PG_FUNCTION_INFO_V1(kra_target_larger);
Datum
kra_target_larger(PG_FUNCTION_ARGS)
{
	KpiTarget  *a = PG_GETARG_KPI_TARGET_P(0);
	KpiTarget  *b = PG_GETARG_KPI_TARGET_P(1);

	PG_RETURN_POINTER(kpi_target_compare(a, b) >= 0 ? a : b);
}
