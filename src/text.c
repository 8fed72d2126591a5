/*
 * text.c: numbers, dates and times as text, the same whatever the settings are.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"

#include "kra.h"

/* Dates in text forms are of four-digit years. */
#define MAX_DATE_YEAR 9999

/* The shortest decimal that reads back as the same number. Finite values only. */
void
kra_append_float8(StringInfo buf, double value)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, text);
	appendStringInfoString(buf, text);
}

/* A sum as a number, or as [hi, lo] where one float8 cannot hold it. */
void
kra_append_sum(StringInfo buf, DDouble sum)
{
	if (sum.lo == 0.0)
	{
		kra_append_float8(buf, sum.hi);
		return;
	}
	appendStringInfoChar(buf, '[');
	kra_append_float8(buf, sum.hi);
	appendStringInfoString(buf, ", ");
	kra_append_float8(buf, sum.lo);
	appendStringInfoChar(buf, ']');
}

/* "2026-04-01T09:30:00+00:00", quoted: always UTC. */
void
kra_append_time(StringInfo buf, int64 at)
{
	char		text[MAXDATELEN + 1];
	int			utc = 0;

	JsonEncodeDateTime(text, TimestampTzGetDatum(at), TIMESTAMPTZOID, &utc);
	appendStringInfo(buf, "\"%s\"", text);
}

/* "2026-04-01". */
void
kra_append_date(StringInfo buf, int32 date)
{
	int			year,
				month,
				day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	appendStringInfo(buf, "%04d-%02d-%02d", year, month, day);
}

/* Is the date one that the text form can show: 0001-01-01 to 9999-12-31? */
bool
kra_date_in_range(int32 date)
{
	return date >= date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE &&
		date <= date2j(MAX_DATE_YEAR, 12, 31) - POSTGRES_EPOCH_JDATE;
}

/* Reads YYYY-MM-DD and nothing else. */
bool
kra_parse_date(const char *str, int len, int32 *date)
{
	int			year,
				month,
				day;

	if (len != 10 || str[4] != '-' || str[7] != '-')
		return false;
	for (int i = 0; i < len; i++)
		if (i != 4 && i != 7 && (str[i] < '0' || str[i] > '9'))
			return false;
	year = atoi(pnstrdup(str, 4));
	month = atoi(pnstrdup(str + 5, 2));
	day = atoi(pnstrdup(str + 8, 2));
	if (year < 1 || month < 1 || month > 12 ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*date = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/* Adds thousands separators to the digits before the point of a plain decimal. */
static char *
group_thousands(const char *plain)
{
	StringInfoData buf;
	const char *digits = plain;
	int			n;

	initStringInfo(&buf);
	if (*digits == '-')
		appendStringInfoChar(&buf, *digits++);
	n = strspn(digits, "0123456789");
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && (n - i) % 3 == 0)
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, digits[i]);
	}
	appendStringInfoString(&buf, digits + n);
	return buf.data;
}

/* value with so many decimals, trailing zeros removed. */
static char *
fixed_decimals(double value, int decimals)
{
	char	   *text = psprintf("%.*f", decimals, value);

	if (strchr(text, '.'))
	{
		char	   *end = text + strlen(text);

		while (end[-1] == '0')
			*--end = '\0';
		if (end[-1] == '.')
			*--end = '\0';
	}
	return strcmp(text, "-0") == 0 ? pstrdup("0") : text;
}

/*
 * A number for people: two decimals, or two significant digits below 0.1, with
 * thousands separators. Beside others (NULL: there is none) it has so many
 * decimals that two that differ by more than noise never look the same.
 */
char *
kra_number_text(double value, const double *beside, const double *beside_too)
{
	const double *others[] = {beside, beside_too};
	double		size = fabs(value);
	int			decimals = 2;
	char	   *text;

	if (size >= 1e15 || (size > 0.0 && size < 1e-9))
	{
		StringInfoData buf;

		initStringInfo(&buf);
		kra_append_float8(&buf, value);
		return buf.data;
	}
	if (size > 0.0 && size < 1.0)
		decimals = 1 - (int) floor(log10(size));
	text = fixed_decimals(value, decimals);
	for (int i = 0; i < countof(others); i++)
		while (others[i] != NULL && !kpi_same(value, *others[i]) && decimals < 17 &&
			   strcmp(text, fixed_decimals(*others[i], decimals)) == 0)
			text = fixed_decimals(value, ++decimals);
	return group_thousands(text);
}

/* A fraction as a percentage: 0.953 is "95.3%". Never rounds up to a limit. */
char *
kra_percent_text(double share)
{
	double		percent = share * 100.0;
	double		whole = 100.0;
	double		limit = 90.0;
	char	   *text = fixed_decimals(percent, 1);

	if ((share < 1.0 && !kpi_same(share, 1.0) && strcmp(text, "100") == 0))
		text = kra_number_text(percent, &whole, NULL);
	else if (share < 0.9 && !kpi_same(share, 0.9) && strcmp(text, "90") == 0)
		text = kra_number_text(percent, &limit, NULL);
	return psprintf("%s%%", text);
}
