/*
 * svg.h: writing small standalone SVG pictures: text, numbers, scales, paths.
 *
 * No fmgr: values in, text out. Pictures are valid XML 1.0 in any encoding of
 * the database, and depend on no setting.
 */
#ifndef KRA_SVG_H
#define KRA_SVG_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* The most points that a picture shows, and the largest width and height. */
#define SVG_MAX_POINTS 10000
#define SVG_MAX_SIZE 4096

/* The most characters of a label and of a unit; the rest is cut, with a mark. */
#define SVG_MAX_LABEL 200
#define SVG_MAX_UNIT 30

/*
 * Colours that people with any colour vision tell apart: Okabe M, Ito K (2008),
 * "Color Universal Design", jfly.uni-koeln.de/color. Each has a contrast of 3 or
 * more against white and against black (WCAG 2.1, 1.4.11).
 */
#define SVG_BLUE "#0072b2"
#define SVG_VERMILLION "#d55e00"
#define SVG_PURPLE "#cc79a7"
#define SVG_GREY "#767676"
#define SVG_INK "#333"

/* Width of a character, as a share of the font's size: sans-serif, on average. */
#define SVG_CHAR_WIDTH 0.58

/* A linear scale: lo to hi of the values is from "from" to "to" of the picture. */
typedef struct SvgScale
{
	double		lo;
	double		hi;
	double		from;
	double		to;
} SvgScale;

/* Numbers */
extern void svg_number(StringInfo buf, double x);
extern void svg_attribute(StringInfo buf, const char *name, double x);

/* Text that people gave */
extern char *svg_clean(const char *text, int max_chars);
extern char *svg_fit(const char *text, int cells);
extern int	svg_cells(const char *text);
extern void svg_isolate(StringInfo buf, const char *text);

/* Elements */
extern void svg_open(StringInfo buf, int width, int height);
extern void svg_background(StringInfo buf);
extern void svg_close(StringInfo buf);
extern void svg_line(StringInfo buf, double x1, double y1, double x2, double y2,
					 const char *attributes);
extern void svg_rect(StringInfo buf, double x1, double y1, double x2, double y2,
					 const char *attributes);
extern void svg_circle(StringInfo buf, double x, double y, double r, const char *attributes);
extern void svg_text(StringInfo buf, double x, double y, const char *anchor, double size,
					 const char *colour, const char *text);

/* Scales and paths */
extern void svg_scale_add(SvgScale *scale, double value);
extern void svg_scale_open(SvgScale *scale);
extern double svg_at(const SvgScale *scale, double value);
extern double svg_tick_step(double lo, double hi, int most);
extern void svg_path(StringInfo buf, const double *values, int n, const SvgScale *x,
					 const SvgScale *y, const char *attributes);

#endif							/* KRA_SVG_H */
