/*
 * context.c: a number with its context, as a sentence for people.
 *
 *     35% vs. target of 40%, up from 30% last month
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "kra.h"

/* Signs that stand before the number; UTF-8. */
static const char *const currency_signs[] = {
	"$", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xAC", "\xE2\x82\xB9", "\xE2\x82\xA9",
	"\xE2\x82\xBD", "\xE2\x82\xBA", "\xE2\x82\xAA", "\xE2\x82\xAB", "\xE2\x82\xB1",
	"\xE2\x82\xA6", "\xE2\x82\xB4", "\xE2\x82\xA1"
};

static bool
ends_with(const char *text, const char *end)
{
	size_t		len = strlen(text);
	size_t		end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/*
 * Does the unit stand before the number? A currency sign does, and so does a
 * unit that ends in a space ("CHF "); one that begins with a space never does.
 */
static bool
is_prefix(const char *unit)
{
	if (unit[0] == ' ')
		return false;
	for (int i = 0; i < countof(currency_signs); i++)
		if (ends_with(unit, currency_signs[i]))
			return true;
	return ends_with(unit, " ");
}

static bool
is_percent(const char *unit)
{
	while (*unit == ' ')
		unit++;
	return *unit == '%' && strspn(unit + 1, " ") == strlen(unit + 1);
}

/* Money with cents has two of them: 12.5 is $12.50. */
static const char *
with_cents(const char *number)
{
	const char *point = strchr(number, '.');

	return point && strlen(point) == 2 ? psprintf("%s0", number) : number;
}

/*
 * A number with its unit as people write it: "$5", "-$5", "35%", "3 days". A word
 * is set off by a space; "x", as in 2.5x, is not.
 */
static char *
with_unit(const char *number, const char *unit)
{
	bool		is_word;

	if (unit[0] == '\0')
		return pstrdup(number);
	if (is_prefix(unit))
	{
		number = with_cents(number);
		return number[0] == '-' ? psprintf("-%s%s", unit, number + 1) :
			psprintf("%s%s", unit, number);
	}
	is_word = strcmp(unit, "x") != 0 &&
		((unit[0] >= 'a' && unit[0] <= 'z') || (unit[0] >= 'A' && unit[0] <= 'Z') ||
		 IS_HIGHBIT_SET(unit[0])) &&
		strncmp(unit, "\xC2\xB0", 2) != 0 &&	/* degree */
		strncmp(unit, "\xE2\x80\xB0", 3) != 0;	/* per mille */
	return psprintf(is_word ? "%s %s" : "%s%s", number, unit);
}

static char *
target_text(const KpiTarget *t, const double *actual, const char *unit)
{
	char	   *lower = with_unit(kra_number_text(t->lower, actual, NULL), unit);

	switch (t->direction)
	{
		case KPI_AT_MOST:
			return psprintf("at most %s", lower);
		case KPI_EXACTLY:
			return psprintf("exactly %s", lower);
		case KPI_INSIDE:
			return psprintf("%s to %s", lower,
							with_unit(kra_number_text(t->upper, actual, NULL), unit));
		default:
			return lower;
	}
}

/*
 * How much actual differs from previous, without a sign: percentages in points,
 * the rest in percent of the previous value, or in units where that is 0.
 */
static char *
change_size(double actual, double previous, const char *unit)
{
	const double whole = 100.0;	/* a change that falls short of it is not all there was */
	double		change = fabs(actual - previous);

	if (!isfinite(change))
		kra_overflow("change");
	if (is_percent(unit))
		return psprintf("%s pp", kra_number_text(change, NULL, NULL));
	if (previous == 0.0 || !isfinite(change / fabs(previous) * 100.0))
		return with_unit(kra_number_text(change, NULL, NULL), unit);
	return psprintf("%s%%", kra_number_text(change / fabs(previous) * 100.0, &whole, NULL));
}

static char *
optional_text(FunctionCallInfo fcinfo, int argno, const char *what)
{
	return PG_ARGISNULL(argno) ? "" : kra_text_arg(fcinfo, argno, KRA_MAX_LABEL, what);
}

/*
 * context(actual, target, previous, unit, previous_label, show_change): what is
 * NULL is said to be missing (actual, target) or left out (the rest).
 */
PG_FUNCTION_INFO_V1(kra_context);
Datum
kra_context(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	char	   *unit = optional_text(fcinfo, 3, "unit");
	char	   *label = optional_text(fcinfo, 4, "label");
	bool		show_change = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	double		actual = 0.0;
	double		previous = 0.0;
	bool		has_actual = !PG_ARGISNULL(0);
	bool		has_previous = !PG_ARGISNULL(2);
	const KpiTarget *target = PG_ARGISNULL(1) ? NULL : PG_GETARG_KPI_TARGET_P(1);

	initStringInfo(&buf);
	if (has_previous)
		previous = kra_finite_arg(fcinfo, 2, "previous");
	if (has_actual)
	{
		const double *beside = NULL;

		actual = kra_finite_arg(fcinfo, 0, "actual");
		if (target != NULL)
			beside = (target->direction == KPI_INSIDE && actual > target->upper) ?
				&target->upper : &target->lower;

		/* what is the same but for noise is shown the same */
		if (beside != NULL && kpi_same(actual, *beside))
			actual = *beside;
		if (has_previous && kpi_same(actual, previous))
			previous = actual;
		appendStringInfoString(&buf,
							   with_unit(kra_number_text(actual, beside,
														 has_previous ? &previous : NULL),
										 unit));
	}
	else
		appendStringInfoString(&buf, "no data");

	if (target != NULL)
		appendStringInfo(&buf, " vs. target of %s",
						 target_text(target, has_actual ? &actual : NULL, unit));
	else
		appendStringInfoString(&buf, ", no target");

	if (has_previous)
	{
		char	   *text = with_unit(kra_number_text(previous, has_actual ? &actual : NULL, NULL), unit);

		if (!has_actual)
			appendStringInfo(&buf, ", was %s", text);
		else if (kpi_same(actual, previous))
			appendStringInfo(&buf, ", unchanged from %s", text);
		else
		{
			appendStringInfo(&buf, ", %s ", actual > previous ? "up" : "down");
			if (show_change)
				appendStringInfo(&buf, "%s ", change_size(actual, previous, unit));
			appendStringInfo(&buf, "from %s", text);
		}
		if (label[0] != '\0')
			appendStringInfo(&buf, " %s", label);
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}

/* change_text(actual, previous, unit): "+5 pp", "-12%"; NULL without both. */
PG_FUNCTION_INFO_V1(kra_change_text);
Datum
kra_change_text(PG_FUNCTION_ARGS)
{
	char	   *unit = optional_text(fcinfo, 2, "unit");
	double		actual;
	double		previous;
	char	   *size;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	actual = kra_finite_arg(fcinfo, 0, "actual");
	previous = kra_finite_arg(fcinfo, 1, "previous");
	if (kpi_same(actual, previous))
		PG_RETURN_TEXT_P(cstring_to_text("unchanged"));
	size = change_size(actual, previous, unit);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s%s", actual > previous ? "+" : "-", size)));
}

/* value_text(value, unit): the number as people write it, "89.1%", "$12.50"; NULL for NULL. */
PG_FUNCTION_INFO_V1(kra_value_text);
Datum
kra_value_text(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(with_unit(kra_number_text(kra_finite_arg(fcinfo, 0, "value"), NULL, NULL),
											   optional_text(fcinfo, 1, "unit"))));
}

/*
 * value_text(value, unit, target): the same beside a target: it never looks like the
 * target, or its nearer end, when it is not.
 */
PG_FUNCTION_INFO_V1(kra_value_text_beside);
Datum
kra_value_text_beside(PG_FUNCTION_ARGS)
{
	const double *beside = NULL;
	double		value;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	value = kra_finite_arg(fcinfo, 0, "value");
	if (!PG_ARGISNULL(2))
	{
		const KpiTarget *t = PG_GETARG_KPI_TARGET_P(2);

		beside = t->direction == KPI_INSIDE && value > t->upper ? &t->upper : &t->lower;
	}
	PG_RETURN_TEXT_P(cstring_to_text(with_unit(kra_number_text(value, beside, NULL),
											   optional_text(fcinfo, 1, "unit"))));
}

/* target_text(target, unit): "95%", "at most 4 days", "45 to 55"; NULL for NULL. */
PG_FUNCTION_INFO_V1(kra_target_text);
Datum
kra_target_text(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(target_text(PG_GETARG_KPI_TARGET_P(0), NULL, optional_text(fcinfo, 1, "unit"))));
}
