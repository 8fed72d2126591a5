/*
 * picture_xmr.c: a process behaviour (XmR) chart: the points in their order,
 * centre, natural process limits, and the points that are signals.
 *
 * It draws what it is given: limits and signals are computed elsewhere. The
 * shape of a mark says which signal, its colour and filling what it means.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "picture.h"

/* Lines across the chart that bear a number: centre, two limits, target's ends. */
#define MAX_LINES 5

typedef enum Mark
{
	MARK_NONE = 0,
	MARK_HIGH,
	MARK_LOW,
	MARK_RUN,
	MARK_TREND,
	MARK_NEAR
} Mark;

static const char *const mark_names[] = {"none", "high", "low", "run", "trend", "near"};

typedef enum Meaning
{
	MEANS_NEUTRAL = 0,
	MEANS_IMPROVEMENT,
	MEANS_CONCERN
} Meaning;

static const char *const meaning_names[] = {"neutral", "improvement", "concern"};
static const char *const meaning_colours[] = {SVG_PURPLE, SVG_BLUE, SVG_VERMILLION};

static const char *const limit_names[] = {"centre", "lower limit", "upper limit"};

typedef struct ChartLine
{
	double		value;
	double		y;				/* of its text */
	char	   *text;
} ChartLine;

typedef struct Chart
{
	SvgScale	x;
	SvgScale	y;
	int			n;
	double	   *values;			/* NaN is a gap */
	char	  **signals;		/* or NULL, as the next two */
	char	  **meanings;
	char	  **labels;
	double	   *limits[3];		/* centre, lower, upper, for each point; NaN: none */
	double		latest[3];		/* the last of each */
	int			segments;		/* stretches of the same limits */
	ChartLine	lines[MAX_LINES];
	int			nlines;
} Chart;

/* The number of a word in a list; NULL is the first. */
static int
word_arg(const char *word, const char *const *words, int n, const char *what)
{
	StringInfoData list;

	if (word == NULL)
		return 0;
	for (int i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s\"%s\"", i == 0 ? "" : ", ", words[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s: \"%s\"", what, kra_echo(word, strlen(word))),
			 errhint("It is one of %s.", list.data)));
}

/* The labels of the enum kpi_signal, and the mark that each is drawn with. */
static const char *const signal_names[] = {
	"none", "trial", "alternating", "hugging", "avoiding", "run_below", "run_above",
	"near_low", "near_high", "trend_down", "trend_up", "beyond_low", "beyond_high"
};

static const Mark signal_marks[] = {
	MARK_NONE, MARK_NONE, MARK_RUN, MARK_RUN, MARK_RUN, MARK_RUN, MARK_RUN,
	MARK_NEAR, MARK_NEAR, MARK_TREND, MARK_TREND, MARK_LOW, MARK_HIGH
};

StaticAssertDecl(lengthof(signal_names) == lengthof(signal_marks), "a mark for each signal");

/* A word of signals is a label of kpi_signal, or the name of a mark. */
static Mark
mark_at(const Chart *c, int i)
{
	if (c->signals == NULL || c->signals[i] == NULL || isnan(c->values[i]))
		return MARK_NONE;
	for (int m = 0; m < countof(mark_names); m++)
		if (strcmp(c->signals[i], mark_names[m]) == 0)
			return (Mark) m;
	return signal_marks[word_arg(c->signals[i], signal_names, countof(signal_names), "signal")];
}

static Meaning
meaning_at(const Chart *c, int i)
{
	return c->meanings == NULL ? MEANS_NEUTRAL :
		(Meaning) word_arg(c->meanings[i], meaning_names, countof(meaning_names), "meaning");
}

/* A line across the chart, with its number in the right margin, and that once. */
static void
add_line(Chart *c, double value, const char *name)
{
	char	   *text = psprintf("%s%s", name, kra_number_text(value, NULL, NULL));

	svg_scale_add(&c->y, value);
	for (int i = 0; i < c->nlines; i++)
		if (strcmp(c->lines[i].text, text) == 0)
			return;
	c->lines[c->nlines].value = value;
	c->lines[c->nlines].text = text;
	c->nlines++;
}

/* Moves the texts of lines apart that lie close together, inside the chart. */
static void
spread_texts(Chart *c, double gap, double bottom)
{
	for (int i = 1; i < c->nlines; i++)
		for (int j = i; j > 0 && c->lines[j].value > c->lines[j - 1].value; j--)
		{
			ChartLine	line = c->lines[j];

			c->lines[j] = c->lines[j - 1];
			c->lines[j - 1] = line;
		}
	for (int i = 0; i < c->nlines; i++)
	{
		c->lines[i].y = svg_at(&c->y, c->lines[i].value);
		if (i > 0)
			c->lines[i].y = Max(c->lines[i].y, c->lines[i - 1].y + gap);
	}
	for (int i = c->nlines - 1; i >= 0; i--)
	{
		c->lines[i].y = Min(c->lines[i].y, bottom);
		bottom = c->lines[i].y - gap;
	}
}

/* The outline of a mark around a point: r is half its height. */
static void
mark_path(StringInfo buf, Mark mark, double x, double y, double r)
{
	static const double corners[][8] = {
		[MARK_HIGH] = {0, -1.2, 1.1, 0.8, -1.1, 0.8},
		[MARK_LOW] = {0, 1.2, 1.1, -0.8, -1.1, -0.8},
		[MARK_RUN] = {-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85},
		[MARK_TREND] = {0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0},
	};
	int			n = mark == MARK_HIGH || mark == MARK_LOW ? 3 : 4;

	if (mark == MARK_NEAR)
	{
		appendStringInfoString(buf, "<circle");
		svg_attribute(buf, "cx", x);
		svg_attribute(buf, "cy", y);
		svg_attribute(buf, "r", r);
		return;
	}
	appendStringInfoString(buf, "<path d=\"");
	for (int i = 0; i < n; i++)
	{
		appendStringInfoChar(buf, i == 0 ? 'M' : 'L');
		svg_number(buf, x + corners[mark][i * 2] * r);
		appendStringInfoChar(buf, ' ');
		svg_number(buf, y + corners[mark][i * 2 + 1] * r);
	}
	appendStringInfoString(buf, "z\"");
}

/*
 * A point that is a signal: shape by signal; filled for concern, hollow for
 * improvement, hollow with a dot where it is neither.
 */
static void
draw_mark(StringInfo buf, const Chart *c, int i, double r)
{
	Mark		mark = mark_at(c, i);
	Meaning		meaning = meaning_at(c, i);
	const char *colour = meaning_colours[meaning];
	double		x = svg_at(&c->x, i);
	double		y = svg_at(&c->y, c->values[i]);

	mark_path(buf, mark, x, y, r);
	appendStringInfo(buf, " fill=\"%s\" stroke=\"%s\" stroke-width=\"1.5\"><title>",
					 meaning == MEANS_CONCERN ? colour : "#fff", colour);
	if (c->labels != NULL && c->labels[i] != NULL)
	{
		svg_isolate(buf, c->labels[i]);
		appendStringInfoString(buf, ": ");
	}
	appendStringInfo(buf, "%s, %s", kra_number_text(c->values[i], NULL, NULL), mark_names[mark]);
	if (c->meanings != NULL)
		appendStringInfo(buf, ", %s", meaning_names[meaning]);
	appendStringInfo(buf, "</title></%s>", mark == MARK_NEAR ? "circle" : "path");
	if (meaning == MEANS_NEUTRAL)
		svg_circle(buf, x, y, r / 3, psprintf("fill=\"%s\"", colour));
}

/* The text alternative: the last point in the title; counts and limits in desc. */
static void
chart_alternative(StringInfo buf, const Chart *c, const char *title, const KpiTarget *target,
				  int last)
{
	int			marks[countof(mark_names)] = {0};
	int			meanings[countof(meaning_names)] = {0};
	const double *limits = c->latest;
	int			missing = 0;
	int			signals = 0;
	const char *sentence = picture_against(last < 0 ? NULL : &c->values[last], target, "");

	if (last >= 0 && last < c->n - 1)
		sentence = psprintf("no data, last known %s", sentence);
	picture_title(buf, title, sentence);
	for (int i = 0; i < c->n; i++)
	{
		Mark		mark = mark_at(c, i);

		CHECK_FOR_INTERRUPTS();
		missing += isnan(c->values[i]);
		signals += mark != MARK_NONE;
		marks[mark]++;
		if (mark != MARK_NONE)
			meanings[meaning_at(c, i)]++;
	}
	appendStringInfo(buf, "<desc>%d %s", c->n, c->n == 1 ? "point" : "points");
	if (missing > 0)
		appendStringInfo(buf, ", %d missing", missing);
	if (c->segments > 1)
		appendStringInfo(buf, ", %d segments; the latest has", c->segments);
	if (!isnan(limits[0]))
		appendStringInfo(buf, "%s centre %s", c->segments > 1 ? "" : ",", kra_number_text(limits[0], NULL, NULL));
	if (!isnan(limits[1]))
		appendStringInfo(buf, ", lower limit %s", kra_number_text(limits[1], NULL, NULL));
	if (!isnan(limits[2]))
		appendStringInfo(buf, ", upper limit %s", kra_number_text(limits[2], NULL, NULL));
	if (c->signals != NULL)
		appendStringInfo(buf, "; %s", signals == 0 ? "no signals" : signals == 1 ?
						 "1 signal" : psprintf("%d signals", signals));
	for (int m = 1, listed = 0; m < countof(mark_names); m++)
		if (marks[m] > 0)
			appendStringInfo(buf, "%s%d %s", listed++ == 0 ? ": " : ", ", marks[m], mark_names[m]);
	if (signals > 0 && c->meanings != NULL)
		for (int m = countof(meaning_names) - 1, listed = 0; m >= 0; m--)
			if (meanings[m] > 0)
				appendStringInfo(buf, "%s%d %s", listed++ == 0 ? "; " : ", ", meanings[m],
								 meaning_names[m]);
	appendStringInfoString(buf, "</desc>");
}

/* The texts below the chart: the first point's and the last one's. */
static void
draw_labels(StringInfo buf, const Chart *c, double y, double size)
{
	const char *ends[] = {c->n > 0 ? c->labels[0] : NULL, c->n > 1 ? c->labels[c->n - 1] : NULL};
	int			cells = Max(1, (int) ((c->x.to - c->x.from) / 2 / (size * SVG_CHAR_WIDTH)));

	if (ends[0] != NULL)
		svg_text(buf, c->x.from - 4, y, NULL, size, SVG_INK, svg_fit(ends[0], cells));
	if (ends[1] != NULL)
		svg_text(buf, c->x.to, y, "end", size, SVG_INK, svg_fit(ends[1], cells));
}

/* Do the limits change between point i - 1 and point i? */
static bool
limits_change(const Chart *c, int i)
{
	for (int k = 0; k < 3; k++)
		if (isnan(c->limits[k][i]) != isnan(c->limits[k][i - 1]) ||
			(!isnan(c->limits[k][i]) && c->limits[k][i] != c->limits[k][i - 1]))
			return true;
	return false;
}

/* Checks the limits of each point, and finds the segments and the latest limits. */
static void
find_segments(Chart *c)
{
	for (int k = 0; k < 3; k++)
		c->latest[k] = NAN;
	for (int i = 0; i < c->n; i++)
	{
		bool		any = false;

		if (c->limits[1][i] > c->limits[2][i])
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("lower limit must not be above the upper limit")));
		for (int k = 0; k < 3; k++)
		{
			svg_scale_add(&c->y, c->limits[k][i]);
			any = any || !isnan(c->limits[k][i]);
		}
		if (any && (i == 0 || c->segments == 0 || limits_change(c, i)))
		{
			c->segments++;
			for (int k = 0; k < 3; k++)
				c->latest[k] = c->limits[k][i];
		}
	}
}

/*
 * Centre and limits: a level line a segment, which meets the next one half way
 * between their points; the first and the last go to the edges.
 */
static void
draw_limits(StringInfo buf, const Chart *c, double left, double right)
{
	for (int k = 0; k < 3; k++)
		for (int i = 0, start = 0; i < c->n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (i + 1 < c->n && !limits_change(c, i + 1))
				continue;
			if (!isnan(c->limits[k][i]))
			{
				double		y = svg_at(&c->y, c->limits[k][i]);

				svg_line(buf, start == 0 ? left : svg_at(&c->x, start - 0.5), y,
						 i == c->n - 1 ? right : svg_at(&c->x, i + 0.5), y,
						 k == 0 ? "stroke=\"" SVG_GREY "\"" :
						 "stroke=\"" SVG_GREY "\" stroke-dasharray=\"6 3\"");
			}
			start = i + 1;
		}
}

/*
 * The chart of points whose limits are read; arguments from 4 on are those of
 * xmr_svg().
 */
static Datum
draw_chart(FunctionCallInfo fcinfo, Chart *c)
{
	StringInfoData buf;
	const KpiTarget *target = PG_ARGISNULL(8) ? NULL : PG_GETARG_KPI_TARGET_P(8);
	int			width = picture_size_arg(fcinfo, 9, "width", 80);
	int			height = picture_size_arg(fcinfo, 10, "height", 40);
	char	   *title = picture_text_arg(fcinfo, 7, SVG_MAX_LABEL);
	double		size = Max(8.0, Min(height / 16.0, 12.0));
	double		top = 6.0;
	double		bottom = height - 6.0;
	double		right = 8.0;
	double		step;
	double		radius;
	int			last = -1;

	c->signals = picture_texts_arg(fcinfo, 4, "signals", c->n);
	c->meanings = picture_texts_arg(fcinfo, 5, "meanings", c->n);
	c->labels = picture_texts_arg(fcinfo, 6, "labels", c->n);

	c->y = (SvgScale) {INFINITY, -INFINITY, 0.0, 0.0};
	find_segments(c);
	for (int i = 0; i < c->n; i++)
	{
		svg_scale_add(&c->y, c->values[i]);
		if (!isnan(c->values[i]))
			last = i;
	}
	for (int k = 0; k < 3; k++)
		if (!isnan(c->latest[k]))
			add_line(c, c->latest[k], "");
	if (target != NULL)
	{
		add_line(c, target->lower, "target ");
		if (target->direction == KPI_INSIDE)
			add_line(c, target->upper, "target ");
	}

	/* texts only where there is room for them and for the chart */
	if (title[0] != '\0' && height >= 60)
		top += size + 7;
	if (c->labels != NULL && height >= 60)
		bottom -= size + 4;
	if (width >= 160)
		for (int i = 0; i < c->nlines; i++)
			right = Max(right, svg_cells(c->lines[i].text) * size * SVG_CHAR_WIDTH + 8);
	right = Min(right, width / 2.0);
	c->x = (SvgScale) {c->n > 1 ? 0.0 : -1.0, c->n > 1 ? c->n - 1 : 1.0, 8.0, width - right - 6.0};
	c->y.from = bottom;
	c->y.to = top;
	svg_scale_open(&c->y);
	spread_texts(c, size, bottom);
	step = (c->x.to - c->x.from) / Max(c->n - 1, 1);
	radius = Max(2.5, Min(step * 0.5, 4.0));

	initStringInfo(&buf);
	svg_open(&buf, width, height);
	chart_alternative(&buf, c, title, target, last);
	svg_background(&buf);
	if (title[0] != '\0' && height >= 60)
		svg_text(&buf, 4, size + 2, NULL, size, SVG_INK,
				 svg_fit(title, Max(1, (int) ((width - 8) / (size * SVG_CHAR_WIDTH)))));
	draw_limits(&buf, c, 4, width - right);
	if (target != NULL)
		for (int i = 0; i < (target->direction == KPI_INSIDE ? 2 : 1); i++)
		{
			double		y = svg_at(&c->y, i == 0 ? target->lower : target->upper);

			svg_line(&buf, 4, y, width - right, y,
					 "stroke=\"#000\" stroke-dasharray=\"1.5 2.5\" stroke-width=\"1.5\"");
		}
	if (width >= 160)
		for (int i = 0; i < c->nlines; i++)
			svg_text(&buf, width - right + 4, c->lines[i].y + size * 0.35, NULL, size, SVG_INK,
					 c->lines[i].text);
	svg_path(&buf, c->values, c->n, &c->x, &c->y,
			 "stroke=\"" SVG_GREY "\" stroke-width=\"1.25\"");
	for (int i = 0; i < c->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (mark_at(c, i) != MARK_NONE)
			draw_mark(&buf, c, i, radius);
		else if (!isnan(c->values[i]) && step >= 4.0)
			svg_circle(&buf, svg_at(&c->x, i), svg_at(&c->y, c->values[i]), Min(radius * 0.6, 2.0),
					   "fill=\"" SVG_GREY "\"");
	}
	if (last < 0)
		svg_text(&buf, width / 2.0, (top + bottom) / 2 + size * 0.35, "middle", size, SVG_INK,
				 "no data");
	if (c->labels != NULL && height >= 60)
		draw_labels(&buf, c, height - 4, size);
	svg_close(&buf);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}

/*
 * xmr_svg(points, centre, lower, upper, signals, meanings, labels, title, target,
 * width, height): NULL points: NULL; a NULL point is a gap; a NULL centre or
 * limit is not drawn. signals and meanings have one word a point, NULL for none.
 */
PG_FUNCTION_INFO_V1(kra_xmr_svg);
Datum
kra_xmr_svg(PG_FUNCTION_ARGS)
{
	Chart		c = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	c.values = picture_values_arg(fcinfo, 0, "value", &c.n);
	for (int k = 0; k < 3; k++)
	{
		double		limit = PG_ARGISNULL(k + 1) ? NAN : kra_finite_arg(fcinfo, k + 1, limit_names[k]);

		c.limits[k] = palloc(sizeof(double) * Max(c.n, 1));
		for (int i = 0; i < c.n; i++)
			c.limits[k][i] = limit;
	}
	return draw_chart(fcinfo, &c);
}

/*
 * xmr_steps_svg(points, centres, lowers, uppers, ...): the same with the centre
 * and limits of each point, as they are when a change starts new ones. A NULL
 * array, or element, is not drawn. The numbers shown are the latest.
 */
PG_FUNCTION_INFO_V1(kra_xmr_steps_svg);
Datum
kra_xmr_steps_svg(PG_FUNCTION_ARGS)
{
	Chart		c = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	c.values = picture_values_arg(fcinfo, 0, "value", &c.n);
	for (int k = 0; k < 3; k++)
	{
		int			n = c.n;

		if (!PG_ARGISNULL(k + 1))
			c.limits[k] = picture_values_arg(fcinfo, k + 1, limit_names[k], &n);
		else
		{
			c.limits[k] = palloc(sizeof(double) * Max(n, 1));
			for (int i = 0; i < n; i++)
				c.limits[k][i] = NAN;
		}
		if (n != c.n)
			ereport(ERROR,
					(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
					 errmsg("number of %ss must be that of the values: %d, not %d",
							limit_names[k], c.n, n)));
	}
	return draw_chart(fcinfo, &c);
}
