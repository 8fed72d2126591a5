/*
 * svg.c: writing small standalone SVG pictures.
 *
 * What this file writes of its own is ASCII: signs beyond it are numeric
 * character references, which mean the same in every encoding.
 */
#include "postgres.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "attainment.h"
#include "markup.h"
#include "svg.h"

/*
 * A coordinate: at most 2 decimals, no trailing zero, no exponent, no "-0".
 * Beyond the size of any picture it is clipped.
 */
void
svg_number(StringInfo buf, double x)
{
	const double most = 10.0 * SVG_MAX_SIZE;
	int64		cents;

	x = x > most ? most : (x < -most ? -most : x);
	cents = (int64) rint(x * 100.0);
	if (cents < 0)
	{
		appendStringInfoChar(buf, '-');
		cents = -cents;
	}
	appendStringInfo(buf, "%d", (int) (cents / 100));
	cents %= 100;
	if (cents == 0)
		return;
	appendStringInfoChar(buf, '.');
	appendStringInfoChar(buf, '0' + (char) (cents / 10));
	if (cents % 10 != 0)
		appendStringInfoChar(buf, '0' + (char) (cents % 10));
}

/* One attribute, with the space before it. */
void
svg_attribute(StringInfo buf, const char *name, double x)
{
	appendStringInfo(buf, " %s=\"", name);
	svg_number(buf, x);
	appendStringInfoChar(buf, '"');
}

/*
 * Text that people gave, made fit for a picture: at most so many characters, the
 * cut marked by an ellipsis; line ends and tabs are spaces, and characters that no
 * markup may hold become U+FFFD (see markup_sort()). Controls of the direction of
 * text are left out; svg_isolate() does their job. In an encoding other than UTF-8
 * a question mark stands for U+FFFD, and three points for the ellipsis.
 */
char *
svg_clean(const char *text, int max_chars)
{
	StringInfoData buf;
	const char *end = text + strlen(text);
	int			chars = 0;

	initStringInfo(&buf);
	while (text < end)
	{
		int			len = Min(pg_mblen(text), (int) (end - text));
		MarkupSort	sort = markup_sort(text, len);

		CHECK_FOR_INTERRUPTS();
		if (sort != MARKUP_DIRECTION && chars++ == max_chars)
		{
			appendStringInfoString(&buf, GetDatabaseEncoding() == PG_UTF8 ? "\xE2\x80\xA6" : "...");
			break;
		}
		if (sort == MARKUP_SPACE)
			appendStringInfoChar(&buf, ' ');
		else if (sort == MARKUP_FORBIDDEN)
			markup_replacement(&buf);
		else if (sort == MARKUP_TEXT)
			appendBinaryStringInfo(&buf, text, len);
		text += len;
	}
	return buf.data;
}

/* How many cells of a terminal a character takes: what it takes in a picture. */
static int
char_cells(const char *c)
{
	int			cells = pg_dsplen(c);

	return cells < 0 ? 1 : cells;
}

/* Width of a text, in characters of average width. */
int
svg_cells(const char *text)
{
	int			cells = 0;

	for (; *text != '\0'; text += pg_mblen(text))
		cells += char_cells(text);
	return cells;
}

/* As much of a clean text as fits into so many cells, a cut marked. */
char *
svg_fit(const char *text, int cells)
{
	const char *c = text;
	int			used = 0;

	if (svg_cells(text) <= cells)
		return pstrdup(text);
	for (; *c != '\0'; c += pg_mblen(c))
	{
		used += char_cells(c);
		if (used > cells - 1)
			break;
	}
	return psprintf("%s%s", pnstrdup(text, c - text),
					GetDatabaseEncoding() == PG_UTF8 ? "\xE2\x80\xA6" : "...");
}

/*
 * Clean text inside a sentence: what may run from right to left stands between
 * U+2068 and U+2069 (first strong isolate, pop), so that it moves nothing around.
 */
void
svg_isolate(StringInfo buf, const char *text)
{
	bool		ascii = true;

	for (const char *c = text; *c != '\0'; c++)
		ascii = ascii && !IS_HIGHBIT_SET(*c);
	if (!ascii)
		appendStringInfoString(buf, "&#x2068;");
	markup_escape(buf, text, strlen(text));
	if (!ascii)
		appendStringInfoString(buf, "&#x2069;");
}

/* The root element; title and desc, the text alternative, come next. */
void
svg_open(StringInfo buf, int width, int height)
{
	appendStringInfo(buf, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""
					 " width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
					 " font-family=\"sans-serif\" direction=\"ltr\">",
					 width, height, width, height);
}

/* White, so that dark text on it can be read on a dark page too. */
void
svg_background(StringInfo buf)
{
	appendStringInfoString(buf, "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
}

void
svg_close(StringInfo buf)
{
	appendStringInfoString(buf, "</svg>");
}

void
svg_line(StringInfo buf, double x1, double y1, double x2, double y2, const char *attributes)
{
	appendStringInfoString(buf, "<path d=\"M");
	svg_number(buf, x1);
	appendStringInfoChar(buf, ' ');
	svg_number(buf, y1);
	if (y1 == y2)
	{
		appendStringInfoChar(buf, 'H');
		svg_number(buf, x2);
	}
	else if (x1 == x2)
	{
		appendStringInfoChar(buf, 'V');
		svg_number(buf, y2);
	}
	else
	{
		appendStringInfoChar(buf, 'L');
		svg_number(buf, x2);
		appendStringInfoChar(buf, ' ');
		svg_number(buf, y2);
	}
	appendStringInfo(buf, "\" %s/>", attributes);
}

/* A rectangle between two corners, in whatever order they come. */
void
svg_rect(StringInfo buf, double x1, double y1, double x2, double y2, const char *attributes)
{
	appendStringInfoString(buf, "<rect");
	svg_attribute(buf, "x", Min(x1, x2));
	svg_attribute(buf, "y", Min(y1, y2));
	svg_attribute(buf, "width", fabs(x2 - x1));
	svg_attribute(buf, "height", fabs(y2 - y1));
	appendStringInfo(buf, " %s/>", attributes);
}

void
svg_circle(StringInfo buf, double x, double y, double r, const char *attributes)
{
	appendStringInfoString(buf, "<circle");
	svg_attribute(buf, "cx", x);
	svg_attribute(buf, "cy", y);
	svg_attribute(buf, "r", r);
	appendStringInfo(buf, " %s/>", attributes);
}

/*
 * Clean text at a point of its base line. The first strong character decides
 * where it begins, whatever the page around it is.
 */
void
svg_text(StringInfo buf, double x, double y, const char *anchor, double size,
		 const char *colour, const char *text)
{
	appendStringInfoString(buf, "<text");
	svg_attribute(buf, "x", x);
	svg_attribute(buf, "y", y);
	svg_attribute(buf, "font-size", size);
	if (anchor != NULL)
		appendStringInfo(buf, " text-anchor=\"%s\"", anchor);
	appendStringInfo(buf, " fill=\"%s\">", colour);
	svg_isolate(buf, text);
	appendStringInfoString(buf, "</text>");
}

/* Widens a scale, which begins as lo = infinity, hi = -infinity, to a value. */
void
svg_scale_add(SvgScale *scale, double value)
{
	if (isnan(value))
		return;
	scale->lo = Min(scale->lo, value);
	scale->hi = Max(scale->hi, value);
}

/*
 * Gives a scale of one value, or of none, a width: that value is its middle, and
 * values that differ by rounding noise are one. The ends stay so small that
 * their difference is a finite number.
 */
void
svg_scale_open(SvgScale *scale)
{
	const double most = 1e307;

	if (scale->lo > scale->hi)
		scale->lo = scale->hi = 0.0;
	scale->lo = Max(scale->lo, -most);
	scale->hi = Min(scale->hi, most);
	if (scale->lo >= scale->hi || kpi_same(scale->lo, scale->hi))
	{
		double		half = Max(fabs(scale->lo) * 0.5, 1e-300);

		scale->lo -= half;
		scale->hi = scale->lo + 2 * half;
	}
}

/* Where a value is in the picture; one beyond the ends of the scale is at the end. */
double
svg_at(const SvgScale *scale, double value)
{
	double		share;

	if (value <= scale->lo)
		return scale->from;
	if (value >= scale->hi)
		return scale->to;
	share = (value - scale->lo) / (scale->hi - scale->lo);
	return scale->from + share * (scale->to - scale->from);
}

/*
 * The distance of the ticks of an axis, at most so many: 1, 2 or 5 times a power
 * of ten.
 */
double
svg_tick_step(double lo, double hi, int most)
{
	static const double steps[] = {1.0, 2.0, 5.0, 10.0};
	double		least = (hi - lo) / most;
	double		power = pow(10.0, floor(log10(least)));

	for (int i = 0; i < (int) lengthof(steps); i++)
		if (steps[i] * power >= least * (1.0 - 1e-9))
			return steps[i] * power;
	return 10.0 * power;
}

/* A path as it is drawn: where its pen is, in hundredths of a pixel. */
typedef struct Pen
{
	bool		down;
	double		x;
	double		y;
} Pen;

/* One point of a path: the first after a gap moves there, one met again is none. */
static void
path_point(StringInfo buf, Pen *pen, double x, double y)
{
	if (pen->down && rint(x * 100.0) == pen->x && rint(y * 100.0) == pen->y)
		return;
	appendStringInfoChar(buf, pen->down ? 'L' : 'M');
	svg_number(buf, x);
	appendStringInfoChar(buf, ' ');
	svg_number(buf, y);
	pen->down = true;
	pen->x = rint(x * 100.0);
	pen->y = rint(y * 100.0);
}

/*
 * A line through the values, at 0 .. n - 1 of the x scale; NaN is a gap, where
 * it breaks, and a point between two gaps is a short line. Where several points share a half of a pixel only the first,
 * the lowest, the highest and the last of them are drawn, which gives the same
 * picture: Jugel U et al. (2014), "M4", Proc. VLDB Endow. 7(10).
 */
void
svg_path(StringInfo buf, const double *values, int n, const SvgScale *x,
		 const SvgScale *y, const char *attributes)
{
	bool		any = false;
	Pen			pen = {0};
	int			i = 0;

	while (i < n)
	{
		int			cell;
		int			keep[4];	/* first, lowest, highest, last */
		int			end = i;

		if (isnan(values[i]))
		{
			pen.down = false;
			i++;
			continue;
		}
		CHECK_FOR_INTERRUPTS();
		cell = (int) (svg_at(x, i) * 2.0);
		keep[0] = keep[1] = keep[2] = keep[3] = i;
		for (; end < n && !isnan(values[end]) && (int) (svg_at(x, end) * 2.0) == cell; end++)
		{
			if (values[end] < values[keep[1]])
				keep[1] = end;
			if (values[end] > values[keep[2]])
				keep[2] = end;
			keep[3] = end;
		}
		if (keep[1] > keep[2])
		{
			int			low = keep[1];

			keep[1] = keep[2];
			keep[2] = low;
		}
		if (!any)
			appendStringInfoString(buf, "<path d=\"");
		any = true;
		for (int k = 0; k < 4; k++)
			if (k == 0 || keep[k] != keep[k - 1])
			{
				bool		first = !pen.down;

				path_point(buf, &pen, svg_at(x, keep[k]), svg_at(y, values[keep[k]]));
				if (first && (keep[k] + 1 == n || isnan(values[keep[k] + 1])))
					appendStringInfoString(buf, "m-1 0h2");
			}
		i = end;
	}
	if (any)
		appendStringInfo(buf, "\" fill=\"none\" stroke-linejoin=\"round\""
						 " stroke-linecap=\"round\" %s/>", attributes);
}
