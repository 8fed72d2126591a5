/*
 * text.c: numbers, dates and times as text, the same whatever the settings are.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
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

/*
 * Reads an ISO date or time: YYYY-MM-DD, then HH:MM[:SS[.ffffff]] and a zone (Z,
 * +HH, +HH:MM) if they are there; without a zone it is UTC. The shape is checked
 * first, so that nothing depends on DateStyle, and no word such as "now" is read.
 */
bool
kra_parse_time(const char *str, int64 *at)
{
	int			len = strlen(str);
	const char *p;
	const char *clock = "00:00";
	const char *zone = "+00";
	int32		date;
	int			n;

	if (len < 10 || !kra_parse_date(str, 10, &date))
		return false;
	p = str + 10;
	if (*p == 'T' || *p == ' ')
		p++;
	n = strspn(p, "0123456789:.");
	if (n > 0)
	{
		bool		shaped = (n == 5 || n == 8 || (n >= 10 && n <= 15)) && p[2] == ':' &&
			strspn(p, "0123456789") == 2 && strspn(p + 3, "0123456789") == 2 &&
			(n < 8 || (p[5] == ':' && strspn(p + 6, "0123456789") == 2)) &&
			(n < 10 || (p[8] == '.' && (int) strspn(p + 9, "0123456789") == n - 9));

		if (!shaped || strncmp(p, "24", 2) >= 0)
			return false;
		clock = pnstrdup(p, n);
		p += n;
	}
	if (*p == ' ')
		p++;
	if (strcmp(p, "Z") == 0)
		p++;
	else if (*p == '+' || *p == '-')
	{
		n = strlen(p);
		if ((n != 3 && n != 6) || strspn(p + 1, "0123456789") != 2 ||
			(n == 6 && (p[3] != ':' || strspn(p + 4, "0123456789") != 2)))
			return false;
		zone = p;
		p += n;
	}
	if (*p != '\0' || clock[3] > '5' || (strlen(clock) >= 8 && clock[6] > '5') ||
		strcmp(pnstrdup(zone + 1, 2), "15") > 0)
		return false;
	*at = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												  CStringGetDatum(psprintf("%.10s %s%s", str, clock, zone)),
												  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
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

/*
 * A fraction as a percentage: 0.953 is "95.3%". It never looks the same as 0, 90,
 * 100 or -100 %, or another fraction (NULL: there is none), when it is not: it has
 * as many decimals as that takes, and else so many. Noise of 1e-12 is no difference.
 */
char *
kra_share_text(double share, const double *beside, int decimals)
{
	const double limits[] = {1.0, 0.9, 0.0, -1.0, beside ? *beside : 1.0};
	double		percent = fabs(share) < DBL_MAX / 100.0 ? share * 100.0 : share;
	char	   *text;

	if (fabs(percent) >= 1e15)
	{
		StringInfoData buf;

		initStringInfo(&buf);
		kra_append_float8(&buf, percent);
		appendStringInfoChar(&buf, '%');
		return buf.data;
	}
	text = fixed_decimals(percent, decimals);
	for (int i = 0; i < countof(limits); i++)
		while (decimals < 15 && !kpi_same(share, limits[i]) &&
			   fabs(share - limits[i]) > KPI_EPSILON &&
			   strcmp(text, fixed_decimals(limits[i] * 100.0, decimals)) == 0)
			text = fixed_decimals(percent, ++decimals);
	return psprintf("%s%%", text);
}

/* percent_text(share, decimals): "95.3%"; NULL for NULL. */
PG_FUNCTION_INFO_V1(kra_percent_text);
Datum
kra_percent_text(PG_FUNCTION_ARGS)
{
	double		share;
	int			decimals = 1;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	share = kra_finite_arg(fcinfo, 0, "share");
	if (!PG_ARGISNULL(1))
		decimals = PG_GETARG_INT32(1);
	if (decimals < 0 || decimals > 10)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("decimals must be between 0 and 10")));
	PG_RETURN_TEXT_P(cstring_to_text(kra_share_text(share, NULL, decimals)));
}

/*
 * A key in Unicode normal form C, by which keys are compared: a letter with its
 * accent is one character there, however it was typed. ASCII is in that form as it
 * stands, and so is everything where the database is not in UTF8, of which the
 * server's normalize() knows nothing.
 */
PG_FUNCTION_INFO_V1(kra_normal_key);
Datum
kra_normal_key(PG_FUNCTION_ARGS)
{
	text	   *key = KRA_GETARG_TEXT_PP(0);
	const char *str = VARDATA_ANY(key);
	int			len = VARSIZE_ANY_EXHDR(key);
	int			i = 0;

	if (GetDatabaseEncoding() != PG_UTF8)
		PG_RETURN_TEXT_P(key);
	while (i < len && !IS_HIGHBIT_SET(str[i]))
		i++;
	if (i == len)
		PG_RETURN_TEXT_P(key);
	return DirectFunctionCall2(unicode_normalize_func, PointerGetDatum(key),
							   PointerGetDatum(cstring_to_text("NFC")));
}
