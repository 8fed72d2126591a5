/*
 * picture_bullet.c: an actual against its target as a bullet graph.
 *
 * After Few S (2013), "Bullet Graph Design Specification", Perceptual Edge: a
 * text label, a scale, the featured measure as a bar, comparative measures as
 * marks across it, and qualitative ranges as shades of one hue, the worst the
 * darkest. The ranges are those of the status, so that the picture and
 * kra.status() never disagree.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "markup.h"
#include "picture.h"

/* Room beside the bar: for the mark of a clipped value, and half a tick's text. */
#define MARGIN 9.0

/* Numbers beyond this are drawn as this: what is added to them stays finite. */
#define MOST 1e306

/* Places of the scale where the status may change, or a mark stands. */
#define MAX_EDGES 12

typedef struct Bullet
{
	const KpiTarget *target;	/* or NULL */
	const double *actual;		/* or NULL */
	SvgScale	scale;
	double		top;			/* of the band */
	double		bottom;
	double		edges[MAX_EDGES];
	int			nedges;
} Bullet;

static double
bounded(double value)
{
	return Max(-MOST, Min(value, MOST));
}

static void
add_edge(Bullet *b, double value)
{
	Assert(b->nedges < MAX_EDGES);
	b->edges[b->nedges++] = bounded(value);
}

/*
 * Where the status of an actual changes: at the target, at the threshold (of a
 * range or an exact target by distance, on both sides), or without one where
 * attainment is 0.9.
 */
static void
find_edges(Bullet *b)
{
	const KpiTarget *t = b->target;
	double		risk = (1.0 - KPI_AT_RISK_ATTAINMENT) * kpi_scale(t);

	add_edge(b, t->lower);
	add_edge(b, t->upper);
	if (t->parts & KPI_HAS_THRESHOLD)
	{
		risk = fabs(kpi_distance(t, t->threshold));
		if (kpi_is_one_sided(t))
			risk = 0.0;
		add_edge(b, t->threshold);
	}
	if (t->direction != KPI_AT_MOST)
		add_edge(b, t->lower - risk);
	if (t->direction != KPI_AT_LEAST)
		add_edge(b, t->upper + risk);
	if (t->parts & KPI_HAS_STRETCH)
		add_edge(b, t->stretch);
	if (t->parts & KPI_HAS_BASELINE)
		add_edge(b, t->baseline);
}

static bool
is_percent(const char *unit)
{
	return strcmp(unit + strspn(unit, " "), "%") == 0;
}

/*
 * The ends of the scale, out of the target alone, so that the rows of one KPI
 * can be compared: from attainment 0 to attainment 1.2 (the cap of a score), on
 * both sides of a range; wider for threshold, stretch and baseline; and from 0
 * where that costs less than half of the width. A percentage of at most 100 ends
 * there. Without a scale (target 0 alone), and without a target, the actual sets
 * it, from 0.
 */
static void
find_scale(Bullet *b, const char *unit)
{
	const KpiTarget *t = b->target;
	SvgScale	s = {INFINITY, -INFINITY, b->scale.from, b->scale.to};
	double		lowest = INFINITY;
	double		highest = -INFINITY;

	if (t != NULL)
	{
		double		w = Min(kpi_scale(t), MOST);
		double		good = (KPI_CAP - 1.0) * w;

		for (int i = 0; i < b->nedges; i++)
		{
			lowest = Min(lowest, b->edges[i]);
			highest = Max(highest, b->edges[i]);
		}
		s.lo = bounded(t->lower) - (t->direction == KPI_AT_MOST ? good : w);
		s.hi = bounded(t->upper) + (t->direction == KPI_AT_LEAST ? good : w);

		/* a mark stands inside, not at the end; a baseline may be at the end */
		if (lowest < s.lo || (t->direction == KPI_AT_MOST && (t->parts & KPI_HAS_STRETCH)))
			s.lo = Min(s.lo, lowest - 0.05 * (highest - lowest));
		if (highest > s.hi || (t->direction == KPI_AT_LEAST && (t->parts & KPI_HAS_STRETCH)))
			s.hi = Max(s.hi, highest + 0.05 * (highest - lowest));
		if (s.lo > 0.0 && s.lo <= s.hi / 2)
			s.lo = 0.0;
		if (s.hi < 0.0 && s.hi >= s.lo / 2)
			s.hi = 0.0;
		if (is_percent(unit) && highest <= 100.0 && s.hi > 100.0)
			s.hi = 100.0;
	}
	if (s.lo >= s.hi)
	{
		double		actual = b->actual ? bounded(*b->actual) : 0.0;

		s.lo = actual < 0.0 ? actual * 1.2 : 0.0;
		s.hi = actual > 0.0 ? actual * 1.2 : (actual < 0.0 ? 0.0 : 1.0);
	}
	svg_scale_open(&s);
	b->scale = s;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* The grey of a status: the worse, the darker. */
static const char *
status_fill(KpiStatus status)
{
	switch (status)
	{
		case KPI_OFF_TRACK:
			return "fill=\"#bdbdbd\"";
		case KPI_AT_RISK:
			return "fill=\"#d6d6d6\"";
		default:
			return "fill=\"#ededed\"";
	}
}

/* The qualitative ranges: between two edges the status is that of their middle. */
static void
draw_ranges(StringInfo buf, Bullet *b)
{
	const SvgScale *s = &b->scale;
	double		from = s->lo;
	const char *fill = NULL;

	if (b->target == NULL)
	{
		svg_rect(buf, s->from, b->top, s->to, b->bottom, status_fill(KPI_ON_TRACK));
		return;
	}
	qsort(b->edges, b->nedges, sizeof(double), compare_doubles);
	for (int i = 0; i <= b->nedges; i++)
	{
		double		start = i == 0 ? s->lo : b->edges[i - 1];
		double		end = i == b->nedges ? s->hi : b->edges[i];
		KpiAssessment a;
		const char *next;

		start = Max(start, s->lo);
		end = Min(end, s->hi);
		if (start >= end || kpi_same(start, end))
			continue;
		kpi_assess_final(b->target, start / 2 + end / 2, &a);
		next = status_fill(a.status);
		if (fill != NULL && next != fill)
		{
			svg_rect(buf, svg_at(s, from), b->top, svg_at(s, start), b->bottom, fill);
			from = start;
		}
		fill = next;
	}
	if (fill != NULL)
		svg_rect(buf, svg_at(s, from), b->top, s->to, b->bottom, fill);
}

/* A triangle with its tip at x, y, and its base dx, dy away. */
static void
draw_triangle(StringInfo buf, double x, double y, double dx, double dy, const char *attributes)
{
	appendStringInfoString(buf, "<path d=\"M");
	svg_number(buf, x);
	appendStringInfoChar(buf, ' ');
	svg_number(buf, y);
	for (int side = -1; side <= 1; side += 2)
	{
		appendStringInfoChar(buf, 'L');
		svg_number(buf, x + dx + side * dy * 0.6);
		appendStringInfoChar(buf, ' ');
		svg_number(buf, y + dy + side * dx * 0.6);
	}
	appendStringInfo(buf, "z\" %s/>", attributes);
}

/*
 * The actual: a bar from 0, or a dot where the scale does not hold 0, since the
 * length of a bar would then say nothing. Beyond the scale an arrow goes on.
 */
static void
draw_actual(StringInfo buf, const Bullet *b)
{
	const SvgScale *s = &b->scale;
	double		height = b->bottom - b->top;
	double		middle = (b->top + b->bottom) / 2;
	double		x = svg_at(s, *b->actual);
	double		size = Max(3.0, Min(height / 4, MARGIN - 2.0));

	if (s->lo <= 0.0 && s->hi >= 0.0)
		svg_rect(buf, svg_at(s, 0.0), middle - height / 6, x, middle + height / 6,
				 "fill=\"" SVG_BLUE "\"");
	else if (*b->actual >= s->lo && *b->actual <= s->hi)
		svg_circle(buf, x, middle, Max(2.0, height / 5),
				   "fill=\"" SVG_BLUE "\" stroke=\"#fff\"");
	if (*b->actual > s->hi && !kpi_same(*b->actual, s->hi))
		draw_triangle(buf, s->to + size + 1, middle, -size, 0, "fill=\"" SVG_BLUE "\"");
	if (*b->actual < s->lo && !kpi_same(*b->actual, s->lo))
		draw_triangle(buf, s->from - size - 1, middle, size, 0, "fill=\"" SVG_BLUE "\"");
}

/*
 * The comparative measures: the target as a heavy line across (two for a range),
 * stretch as a dashed one, the baseline as a small triangle at the lower edge.
 */
static void
draw_marks(StringInfo buf, const Bullet *b)
{
	const KpiTarget *t = b->target;
	double		height = b->bottom - b->top;
	double		x = svg_at(&b->scale, t->lower);

	if (t->parts & KPI_HAS_BASELINE)
		draw_triangle(buf, svg_at(&b->scale, t->baseline), b->bottom - height / 4, 0,
					  height / 4, "fill=\"" SVG_INK "\"");
	if (t->parts & KPI_HAS_STRETCH)
	{
		double		at = svg_at(&b->scale, t->stretch);

		svg_line(buf, at, b->top, at, b->bottom,
				 "stroke=\"" SVG_INK "\" stroke-dasharray=\"2 2\"");
	}
	svg_line(buf, x, b->top + height / 8, x, b->bottom - height / 8,
			 "stroke=\"#000\" stroke-width=\"2.5\"");
	if (t->direction == KPI_INSIDE)
	{
		x = svg_at(&b->scale, t->upper);
		svg_line(buf, x, b->top + height / 8, x, b->bottom - height / 8,
				 "stroke=\"#000\" stroke-width=\"2.5\"");
	}
}

/* Ticks at round numbers; a text that would touch the one before it is left out. */
static void
draw_ticks(StringInfo buf, const Bullet *b, double size, double right)
{
	const SvgScale *s = &b->scale;
	double		step = svg_tick_step(s->lo, s->hi,
									 Max(1, Min(6, (int) ((s->to - s->from) / 24))));
	double		first = ceil(s->lo / step - 1e-9);
	double		free_from = s->from - MARGIN;

	if (!(step > 0.0) || !isfinite(step) || fabs(first) > 1e12)
		return;
	for (int i = 0; i < 16; i++)
	{
		double		value = (first + i) * step;
		double		before = value - step;
		double		after = value + step;
		double		x = svg_at(s, value);
		double		half;
		char	   *text;

		if (value > s->hi + step * 1e-9)
			break;
		svg_line(buf, x, b->bottom, x, b->bottom + 3, "stroke=\"" SVG_GREY "\"");
		text = kra_number_text(value + 0.0, &before, &after);
		half = strlen(text) * size * SVG_CHAR_WIDTH / 2;
		if (x - half < free_from || x + half > right)
			continue;
		svg_text(buf, x, b->bottom + 3 + size, "middle", size, SVG_INK, text);
		free_from = x + half + 3;
	}
}

/*
 * bullet_svg(actual, target, label, unit, width, height). NULL actual: an empty
 * bar that says "no data"; NULL target: a bar on one plain band. The label stands
 * to the left in a third of the width, with the actual below it when there is
 * room; the scale shows from 28 pixels of height.
 */
PG_FUNCTION_INFO_V1(kra_bullet_svg);
Datum
kra_bullet_svg(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	Bullet		b = {0};
	double		actual = 0.0;
	double		size;
	double		left = 0.0;
	char	   *label = picture_text_arg(fcinfo, 2, SVG_MAX_LABEL);
	char	   *unit = picture_text_arg(fcinfo, 3, SVG_MAX_UNIT);
	char	   *sentence;
	int			width = picture_size_arg(fcinfo, 4, "width", 40);
	int			height = picture_size_arg(fcinfo, 5, "height", 12);
	bool		tall = height >= 28;
	bool		said = false;	/* the actual, below the label */

	if (!PG_ARGISNULL(0))
	{
		actual = kra_finite_arg(fcinfo, 0, "actual");
		b.actual = &actual;
	}
	b.target = PG_ARGISNULL(1) ? NULL : PG_GETARG_KPI_TARGET_P(1);
	sentence = picture_against(b.actual, b.target, unit);
	if (b.target == NULL)
		sentence = psprintf("%s, no target", sentence);
	else
		find_edges(&b);

	size = Max(7.0, Min(height * 0.26, 12.0));
	if (label[0] != '\0')
		left = floor(width * 0.35);
	b.scale.from = left + MARGIN;
	b.scale.to = width - MARGIN;
	b.top = 2.0;
	b.bottom = tall ? height - size - 5.0 : height - 2.0;
	find_scale(&b, unit);

	initStringInfo(&buf);
	svg_open(&buf, width, height);
	picture_title(&buf, label, sentence);
	if (b.target != NULL)
	{
		KpiAssessment a;

		char	   *status;
		char	   *target = kpi_target_print(b.target);

		kpi_assess(b.target, b.actual, NULL, KPI_AT_RISK_ATTAINMENT, &a);
		status = pstrdup(kpi_status_name(a.status));
		for (char *c = status; *c != '\0'; c++)
			*c = *c == '_' ? ' ' : *c;
		appendStringInfo(&buf, "<desc>status %s, target ", status);
		markup_escape(&buf, target, strlen(target));
		appendStringInfoString(&buf, "</desc>");
	}
	svg_background(&buf);
	if (left > 0.0)
	{
		int			cells = Max(1, (int) ((left - 4) / (size * SVG_CHAR_WIDTH)));
		double		middle = (b.top + b.bottom) / 2 + size * 0.35;
		char	   *number = picture_against(b.actual, NULL, unit);

		/* a number is shown whole or not at all */
		said = tall && svg_cells(number) <= cells;
		svg_text(&buf, left, said ? middle - size * 0.6 : middle, "end", size, SVG_INK,
				 svg_fit(label, cells));
		if (said)
			svg_text(&buf, left, middle + size * 0.6, "end", size, SVG_GREY, number);
	}
	draw_ranges(&buf, &b);
	if (b.actual != NULL)
		draw_actual(&buf, &b);
	if (b.target != NULL)
		draw_marks(&buf, &b);
	if (b.actual == NULL && !said)
		svg_text(&buf, (b.scale.from + b.scale.to) / 2, (b.top + b.bottom) / 2 + size * 0.35,
				 "middle", size, SVG_INK, "no data");
	if (tall)
		draw_ticks(&buf, &b, Max(7.0, size - 1.0), width);
	svg_close(&buf);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}
