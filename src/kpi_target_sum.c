/*
 * kpi_target_sum.c: targets added up (those of the parts of a whole), multiplied
 * (that of a year made one of a month), and the smaller and larger of two.
 *
 * The state of sum(kpi_target) is the type kpi_target_sum, struct KpiTargetSum.
 * Whatever the order of the targets and their split, it is the same but for the
 * last digits of its sums: parts are left out as soon as one target lacks them,
 * and everything that looks at the sums themselves waits for the final function.
 * Text form: a JSON object of its fields. Binary form: version byte, the fields.
 */
#include "postgres.h"

#include "kpi_target_sum.h"

#define TYPE_NAME "kpi_target_sum"

#define LARGE_NUMBER 1e250
#define LARGE_SCALE 0x1p-128
/* Above what KRA_MAX_COUNT targets can add up to, and far below what overflows. */
#define MAX_SUM 1e290

#define NUMBER_FIELDS(name, i) \
	{name, FIELD_SUM, offsetof(KpiTargetSum, number[i].sum), 0, NULL}, \
	{name "_large", FIELD_SUM, offsetof(KpiTargetSum, number[i].large), 0, NULL}

static const KraField fields[] = {
	{"direction", FIELD_UINT8, offsetof(KpiTargetSum, direction), 0, NULL},
	{"parts", FIELD_UINT16, offsetof(KpiTargetSum, parts), 0, NULL},
	{"since", FIELD_INT32, offsetof(KpiTargetSum, since), 0, NULL},
	{"due", FIELD_INT32, offsetof(KpiTargetSum, due), 0, NULL},
	{"baseline_side", FIELD_UINT8, offsetof(KpiTargetSum, sides[0]), 0, NULL},
	{"threshold_side", FIELD_UINT8, offsetof(KpiTargetSum, sides[1]), 0, NULL},
	{"stretch_side", FIELD_UINT8, offsetof(KpiTargetSum, sides[2]), 0, NULL},
	NUMBER_FIELDS("lower", SUM_LOWER),
	NUMBER_FIELDS("upper", SUM_UPPER),
	NUMBER_FIELDS("baseline", SUM_BASELINE),
	NUMBER_FIELDS("threshold", SUM_THRESHOLD),
	NUMBER_FIELDS("stretch", SUM_STRETCH),
	NUMBER_FIELDS("scale", SUM_SCALE),
};

static const KraType kpi_target_sum_type = {TYPE_NAME, countof(fields), fields};

/* The parts that have a number and a side, in the order of sides[]. */
static const uint16 side_bits[KPI_SUM_SIDES] = {
	KPI_HAS_BASELINE, KPI_HAS_THRESHOLD, KPI_HAS_STRETCH
};

/* Is a sum one of targets? */
static bool
is_sum(DDouble sum)
{
	return fabs(sum.hi) < MAX_SUM && fabs(sum.lo) < MAX_SUM;
}

/* The one validator: text and binary input. Sums are kept as they are, but for -0. */
static bool
target_sum_check(KpiTargetSum *s, Node *escontext)
{
	bool		valid = s->direction <= KPI_MIXED_DIRECTIONS && (s->parts & ~KPI_ALL_PARTS) == 0;

	for (int i = 0; i < KPI_SUM_SIDES; i++)
		valid = valid && (s->sides[i] & ~BOTH_SIDES) == 0;
	for (int i = 0; i < KPI_SUM_NUMBERS; i++)
	{
		KpiSum	   *number = &s->number[i];

		valid = valid && is_sum(number->sum) && is_sum(number->large);
		number->sum.hi += 0.0;
		number->sum.lo += 0.0;
		number->large.hi += 0.0;
		number->large.lo += 0.0;
	}
	if (!valid)
		ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("invalid value of type %s", TYPE_NAME)));
	s->version = KPI_TARGET_SUM_VERSION;
	s->unused = 0;
	return true;
}

PG_FUNCTION_INFO_V1(kra_kpi_target_sum_in);
Datum
kra_kpi_target_sum_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_VALUE, TYPE_NAME, escontext);
	KpiTargetSum *s = palloc0(sizeof(KpiTargetSum));

	if (jb == NULL || !kra_fields_from_json(&kpi_target_sum_type, s, &jb->root, escontext) ||
		!target_sum_check(s, escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(s);
}

PG_FUNCTION_INFO_V1(kra_kpi_target_sum_out);
Datum
kra_kpi_target_sum_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(kra_fields_print(&kpi_target_sum_type, PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_sum_send);
Datum
kra_kpi_target_sum_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(kra_fields_send(&kpi_target_sum_type, KPI_TARGET_SUM_VERSION,
									  PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_sum_recv);
Datum
kra_kpi_target_sum_recv(PG_FUNCTION_ARGS)
{
	KpiTargetSum *s = palloc0(sizeof(KpiTargetSum));

	kra_fields_recv(&kpi_target_sum_type, KPI_TARGET_SUM_VERSION, s,
					(StringInfo) PG_GETARG_POINTER(0));
	target_sum_check(s, NULL);
	PG_RETURN_POINTER(s);
}

/* The identity of adding: no target yet, and nothing that one of them lacks. */
static void
target_sum_init(KpiTargetSum *s)
{
	memset(s, 0, sizeof(*s));
	s->version = KPI_TARGET_SUM_VERSION;
	s->parts = KPI_ALL_PARTS;
	memset(s->sides, BOTH_SIDES, sizeof(s->sides));
}

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

/*
 * Dates are kept while they are the same, directions while they are; what has
 * become mixed stays so.
 */
static void
keep_common(KpiTargetSum *s, uint8 direction, uint16 parts, int32 since, int32 due)
{
	if (s->direction == KPI_NO_DIRECTION)
	{
		s->direction = direction;
		s->since = since;
		s->due = due;
	}
	else if (s->direction != direction)
		s->direction = KPI_MIXED_DIRECTIONS;
	s->parts &= parts;
	if (s->since != since)
		s->parts &= ~KPI_HAS_SINCE;
	if (s->due != due)
		s->parts &= ~KPI_HAS_DUE;
}

static void
sum_add(KpiSum *s, double x)
{
	if (unlikely(fabs(x) >= LARGE_NUMBER))
		dd_accumulate(&s->large, x * LARGE_SCALE);
	else
		dd_accumulate(&s->sum, x);
}

static void
target_sum_add(KpiTargetSum *s, const KpiTarget *t)
{
	const double numbers[KPI_SUM_NUMBERS] = {
		t->lower, t->upper, t->baseline, t->threshold, t->stretch, t->scale
	};

	keep_common(s, t->direction, t->parts, t->since, t->due);
	for (int i = 0; i < KPI_SUM_SIDES; i++)
		if (t->parts & side_bits[i])
			s->sides[i] &= sides_of(t, numbers[SUM_BASELINE + i]);
	for (int i = 0; i < KPI_SUM_NUMBERS; i++)
		sum_add(&s->number[i], numbers[i]);
}

static void
target_sum_merge(KpiTargetSum *s, const KpiTargetSum *other)
{
	if (other->direction == KPI_NO_DIRECTION)
		return;
	keep_common(s, other->direction, other->parts, other->since, other->due);
	for (int i = 0; i < KPI_SUM_SIDES; i++)
		s->sides[i] &= other->sides[i];
	for (int i = 0; i < KPI_SUM_NUMBERS; i++)
	{
		dd_accumulate_dd(&s->number[i].sum, other->number[i].sum);
		dd_accumulate_dd(&s->number[i].large, other->number[i].large);
		/* of no targets: somebody made up both */
		if (unlikely(!is_sum(s->number[i].sum) || !is_sum(s->number[i].large)))
			kra_overflow("sum of targets");
	}
}

/* The sum, rounded; an error when it is out of range. */
static double
sum_value(const KpiSum *s)
{
	DDouble		large = dd_normal(s->large);
	double		sum;

	if (large.hi == 0.0 && large.lo == 0.0)
		sum = dd_value(s->sum);
	else
	{
		const DDouble small = {s->sum.hi * LARGE_SCALE, s->sum.lo * LARGE_SCALE};

		sum = dd_value(dd_add(large, small)) / LARGE_SCALE;
	}
	if (unlikely(!isfinite(sum)))
		kra_overflow("sum of targets");
	return sum;
}

/*
 * The target that the sums make; false where there is none: no target, or
 * different directions. Where a baseline, threshold or stretch lies above one
 * target and below another, they do not add up to one, and the whole has none.
 * Else the sum lies on the same side, whatever rounding says: what the validator
 * allowed in the parts it must not refuse in their sum.
 */
static bool
target_sum_final(const KpiTargetSum *s, KpiTarget *out)
{
	double	   *numbers[] = {
		&out->lower, &out->upper, &out->baseline, &out->threshold, &out->stretch, &out->scale
	};

	memset(out, 0, sizeof(*out));
	if (s->direction == KPI_NO_DIRECTION || s->direction == KPI_MIXED_DIRECTIONS)
		return false;
	out->direction = s->direction;
	out->parts = s->parts;
	for (int i = 0; i < KPI_SUM_SIDES; i++)
		if (s->sides[i] == 0)
			out->parts &= ~side_bits[i];
	out->lower = sum_value(&s->number[SUM_LOWER]);
	out->upper = Max(out->lower, sum_value(&s->number[SUM_UPPER]));
	for (int i = 0; i < KPI_SUM_SIDES; i++)
	{
		double	   *number = numbers[SUM_BASELINE + i];

		if (!(out->parts & side_bits[i]))
			continue;
		*number = sum_value(&s->number[SUM_BASELINE + i]);
		if (s->sides[i] & BELOW_TARGET)
			*number = Min(*number, out->lower);
		if (s->sides[i] & ABOVE_TARGET)
			*number = Max(*number, out->upper);
	}
	if (out->parts & KPI_HAS_SCALE)
		out->scale = sum_value(&s->number[SUM_SCALE]);
	out->since = s->since;
	out->due = s->due;
	kpi_target_check(out, NULL);
	return true;
}

/* The state of the aggregate, in place; a copy when called from plain SQL. */
static KpiTargetSum *
state_arg(FunctionCallInfo fcinfo)
{
	if (kra_in_aggregate(fcinfo))
		return PG_GETARG_KPI_TARGET_SUM_P(0);
	return memcpy(palloc(sizeof(KpiTargetSum)), PG_GETARG_POINTER(0), sizeof(KpiTargetSum));
}

/* Strict: adds a target. */
PG_FUNCTION_INFO_V1(kra_target_sum_accum);
Datum
kra_target_sum_accum(PG_FUNCTION_ARGS)
{
	KpiTargetSum *state = state_arg(fcinfo);

	target_sum_add(state, PG_GETARG_KPI_TARGET_P(1));
	PG_RETURN_POINTER(state);
}

/* Strict: merges two states. */
PG_FUNCTION_INFO_V1(kra_target_sum_combine);
Datum
kra_target_sum_combine(PG_FUNCTION_ARGS)
{
	KpiTargetSum *state = state_arg(fcinfo);

	target_sum_merge(state, PG_GETARG_KPI_TARGET_SUM_P(1));
	PG_RETURN_POINTER(state);
}

/* Strict: NULL for no target and for different directions. Error on overflow. */
PG_FUNCTION_INFO_V1(kra_target_sum_final);
Datum
kra_target_sum_final(PG_FUNCTION_ARGS)
{
	KpiTarget  *out = palloc(sizeof(KpiTarget));

	if (!target_sum_final(PG_GETARG_KPI_TARGET_SUM_P(0), out))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(out);
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
	KpiTarget  *out = palloc(sizeof(KpiTarget));
	KpiTargetSum sum;

	kra_need_arg(fcinfo, 0);
	kra_need_arg(fcinfo, 1);
	target_sum_init(&sum);
	target_sum_add(&sum, PG_GETARG_KPI_TARGET_P(0));
	target_sum_add(&sum, PG_GETARG_KPI_TARGET_P(1));
	if (!target_sum_final(&sum, out))
		PG_RETURN_NULL();
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
