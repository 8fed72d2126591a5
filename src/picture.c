/*
 * picture.c: small pictures for cells of a table: sparklines as text and as SVG,
 * and the data: URI of a picture. What the other pictures share is here too.
 */
#include "postgres.h"

#include <math.h>

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "common/base64.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "picture.h"

extern PGDLLEXPORT Datum kra_context(PG_FUNCTION_ARGS);

/* The array of an argument, which has at most one dimension and few elements. */
static ArrayType *
array_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	int			n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("array of %s must have one dimension, not %d", what, ARR_NDIM(array))));
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (n > SVG_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many %s for a picture: %d", what, n),
				 errdetail("A picture shows at most %d points.", SVG_MAX_POINTS),
				 errhint("Aggregate them first, for instance into months.")));
	return array;
}

/*
 * A float8[] that is not NULL, as doubles; a NULL element is NaN, NaN an error
 * that names what it is.
 */
double *
picture_values_arg(FunctionCallInfo fcinfo, int argno, const char *what, int *n)
{
	ArrayType  *array = array_arg(fcinfo, argno, psprintf("%ss", what));
	Datum	   *elements;
	bool	   *nulls;
	double	   *values;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, n);
	values = palloc(sizeof(double) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
		values[i] = nulls[i] ? NAN : kra_check_finite(DatumGetFloat8(elements[i]), what);
	return values;
}

/*
 * A text[] with an element for each of n values, cleaned; NULL elements are NULL.
 * NULL: there is none.
 */
char **
picture_texts_arg(FunctionCallInfo fcinfo, int argno, const char *what, int n)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	char	  **texts;
	int			count;

	if (PG_ARGISNULL(argno))
		return NULL;
	array = array_arg(fcinfo, argno, what);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count != n)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("number of %s must be that of the values: %d, not %d", what, n, count)));
	texts = palloc0(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			texts[i] = svg_clean(kra_text_datum(elements[i], KRA_MAX_LABEL, psprintf("one of the %s", what)),
								 SVG_MAX_LABEL);
	}
	return texts;
}

/* A width or height in pixels, from a least size up, not NULL. */
int
picture_size_arg(FunctionCallInfo fcinfo, int argno, const char *what, int least)
{
	int			size;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	size = PG_GETARG_INT32(argno);
	if (size < least || size > SVG_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be between %d and %d pixels, not %d", what, least,
						SVG_MAX_SIZE, size)));
	return size;
}

/* Text, cleaned; NULL is the empty text. */
char *
picture_text_arg(FunctionCallInfo fcinfo, int argno, int max_chars)
{
	return PG_ARGISNULL(argno) ? pstrdup("") :
		svg_clean(kra_text_arg(fcinfo, argno, KRA_MAX_LABEL, "label or unit"), max_chars);
}

/*
 * "35% vs. target of 40%" as context() says it; without a target "35%", and
 * without an actual (NULL) "no data".
 */
char *
picture_against(const double *actual, const KpiTarget *target, const char *unit)
{
	LOCAL_FCINFO(call, 6);
	char	   *sentence;

	InitFunctionCallInfoData(*call, NULL, 6, InvalidOid, NULL, NULL);
	for (int i = 0; i < 6; i++)
	{
		call->args[i].value = (Datum) 0;
		call->args[i].isnull = true;
	}
	if (actual != NULL)
	{
		call->args[0].value = Float8GetDatum(*actual);
		call->args[0].isnull = false;
	}
	if (target != NULL)
	{
		call->args[1].value = PointerGetDatum(target);
		call->args[1].isnull = false;
	}
	call->args[3].value = CStringGetTextDatum(unit);
	call->args[3].isnull = false;
	sentence = TextDatumGetCString(kra_context(call));
	if (target == NULL)
		sentence[strlen(sentence) - strlen(", no target")] = '\0';
	return sentence;
}

/* The text alternative: what the picture says, for those who do not see it. */
void
picture_title(StringInfo buf, const char *label, const char *sentence)
{
	appendStringInfoString(buf, "<title>");
	if (label[0] != '\0')
	{
		svg_isolate(buf, label);
		appendStringInfoString(buf, ": ");
	}
	svg_isolate(buf, sentence);
	appendStringInfoString(buf, "</title>");
}

/*
 * sparkline(values): one block a value, U+2581 (lowest) to U+2588 (highest), in
 * eight steps of equal height from the lowest value to the highest. NULL is a
 * middle dot (U+00B7), never a low value; values that are all the same, but for
 * rounding noise, are middle blocks (U+2584). An empty array is ''.
 */
PG_FUNCTION_INFO_V1(kra_sparkline);
Datum
kra_sparkline(PG_FUNCTION_ARGS)
{
	int			n;
	double	   *values = picture_values_arg(fcinfo, 0, "value", &n);
	StringInfoData buf;
	double		lo = INFINITY;
	double		hi = -INFINITY;

	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("encoding \"%s\" of the database has no blocks for a sparkline",
						GetDatabaseEncodingName()),
				 errhint("sparkline_svg() works in every encoding.")));
	for (int i = 0; i < n; i++)
		if (!isnan(values[i]))
		{
			lo = Min(lo, values[i]);
			hi = Max(hi, values[i]);
		}
	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		int			level = 3;

		if (isnan(values[i]))
		{
			appendStringInfoString(&buf, "\xC2\xB7");
			continue;
		}
		/* halves where the difference is too large; noise at a step is none */
		if (!kpi_same(lo, hi))
		{
			double		share = isfinite(hi - lo) ? (values[i] - lo) / (hi - lo) :
				(values[i] / 2 - lo / 2) / (hi / 2 - lo / 2);

			level = Min((int) (share * 8.0 + 1e-9), 7);
		}
		appendStringInfoString(&buf, "\xE2\x96");
		appendStringInfoChar(&buf, (char) (0x81 + level));
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}

/*
 * The text alternative of a series: title: the last value against the target;
 * desc: how many points, how many of them missing, the lowest and the highest.
 */
static void
series_alternative(StringInfo buf, const char *label, const double *values, int n,
				   int last, const KpiTarget *target, const SvgScale *range)
{
	int			missing = 0;
	char	   *sentence;

	if (last < 0)
	{
		picture_title(buf, label, picture_against(NULL, target, ""));
		return;
	}
	sentence = picture_against(&values[last], target, "");
	if (last < n - 1)
		sentence = psprintf("no data, last known %s", sentence);
	picture_title(buf, label, sentence);
	for (int i = 0; i < n; i++)
		missing += isnan(values[i]);
	appendStringInfo(buf, "<desc>%d %s, ", n, n == 1 ? "point" : "points");
	if (missing > 0)
		appendStringInfo(buf, "%d missing, ", missing);
	appendStringInfo(buf, "lowest %s, highest %s</desc>",
					 kra_number_text(range->lo, &range->hi, NULL),
					 kra_number_text(range->hi, &range->lo, NULL));
}

/*
 * sparkline_svg(values, label, width, height, target): a line without axes; NULL
 * is a gap. The last point is a dot, hollow when later values are missing; the
 * target is a dashed line, or a band for a range, and inside the scale. The label
 * is in the text alternative only.
 */
PG_FUNCTION_INFO_V1(kra_sparkline_svg);
Datum
kra_sparkline_svg(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	SvgScale	range = {INFINITY, -INFINITY, 0.0, 0.0};
	SvgScale	x;
	SvgScale	y;
	const KpiTarget *target = PG_ARGISNULL(4) ? NULL : PG_GETARG_KPI_TARGET_P(4);
	double	   *values;
	char	   *label;
	double		radius;
	double		pad;
	int			n;
	int			last = -1;
	int			width = picture_size_arg(fcinfo, 2, "width", 8);
	int			height = picture_size_arg(fcinfo, 3, "height", 8);

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	values = picture_values_arg(fcinfo, 0, "value", &n);
	label = picture_text_arg(fcinfo, 1, SVG_MAX_LABEL);
	radius = Max(1.5, Min(height / 10.0, 3.0));
	pad = radius + 0.5;

	for (int i = 0; i < n; i++)
	{
		svg_scale_add(&range, values[i]);
		if (!isnan(values[i]))
			last = i;
	}
	x = (SvgScale) {n > 1 ? 0.0 : -1.0, n > 1 ? n - 1 : 1.0, pad, width - pad};
	y = (SvgScale) {range.lo, range.hi, height - pad, pad};
	if (target != NULL)
	{
		svg_scale_add(&y, target->lower);
		svg_scale_add(&y, target->upper);
	}
	svg_scale_open(&y);

	initStringInfo(&buf);
	svg_open(&buf, width, height);
	series_alternative(&buf, label, values, n, last, target, &range);
	if (target != NULL && last >= 0)
	{
		double		y1 = svg_at(&y, target->lower);
		double		y2 = svg_at(&y, target->upper);

		if (target->direction == KPI_INSIDE)
			svg_rect(&buf, 0, y1, width, y2,
					 "fill=\"" SVG_GREY "\" fill-opacity=\".25\"");
		svg_line(&buf, 0, y1, width, y1,
				 "stroke=\"" SVG_GREY "\" stroke-dasharray=\"3 2\"");
		if (y2 != y1)
			svg_line(&buf, 0, y2, width, y2,
					 "stroke=\"" SVG_GREY "\" stroke-dasharray=\"3 2\"");
	}
	svg_path(&buf, values, n, &x, &y, "stroke=\"" SVG_BLUE "\" stroke-width=\"1.5\"");
	if (last < 0)
		svg_text(&buf, width / 2.0, height / 2.0 + Min(10.0, height * 0.6) * 0.35, "middle",
				 Min(10.0, height * 0.6), SVG_GREY, "no data");
	else
		svg_circle(&buf, svg_at(&x, last), svg_at(&y, values[last]), radius,
				   last == n - 1 ? "fill=\"" SVG_VERMILLION "\"" :
				   "fill=\"#fff\" stroke=\"" SVG_VERMILLION "\"");
	svg_close(&buf);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}

/*
 * data_uri(svg): the picture as the address of an image, in UTF-8 and base64
 * (RFC 2397), which holds no sign that a tool, a CSV file or HTML would take for
 * its own. The text itself is not looked at.
 */
PG_FUNCTION_INFO_V1(kra_data_uri);
Datum
kra_data_uri(PG_FUNCTION_ARGS)
{
	static const char prefix[] = "data:image/svg+xml;base64,";
	const int	prefix_len = sizeof(prefix) - 1;
	text	   *svg;
	char	   *data;
	char	   *utf8;
	int			len;
	text	   *result;
	int			room;

	kra_check_size(toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ, KRA_MAX_PICTURE, "picture", NULL);
	svg = PG_GETARG_TEXT_PP(0);
	data = VARDATA_ANY(svg);
	len = VARSIZE_ANY_EXHDR(svg);
	utf8 = pg_server_to_any(data, len, PG_UTF8);
	if (utf8 != data)
		len = strlen(utf8);
	room = pg_b64_enc_len(len);
	result = palloc(VARHDRSZ + prefix_len + room);
	memcpy(VARDATA(result), prefix, prefix_len);

	/* from 18 on the source is uint8 * */
	len = pg_b64_encode((void *) utf8, len, VARDATA(result) + prefix_len, room);
	if (len < 0)
		elog(ERROR, "could not encode a picture in base64");
	SET_VARSIZE(result, VARHDRSZ + prefix_len + len);
	PG_RETURN_TEXT_P(result);
}
