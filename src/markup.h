/*
 * markup.h: text that people gave as part of markup: SVG, HTML and Markdown.
 *
 * No fmgr: the one place where text is escaped.
 */
#ifndef KRA_MARKUP_H
#define KRA_MARKUP_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* What a character is to markup, whatever the language. */
typedef enum MarkupSort
{
	MARKUP_TEXT = 0,			/* shows as it is, once escaped */
	MARKUP_SPACE,				/* tab, line end */
	MARKUP_FORBIDDEN,			/* may not be in XML or HTML at all */
	MARKUP_DIRECTION			/* turns the direction of what follows */
} MarkupSort;

extern MarkupSort markup_sort(const char *text, int len);
extern void markup_replacement(StringInfo buf);
extern void markup_escape(StringInfo buf, const char *text, int len);
extern void markup_html(StringInfo buf, const char *text);
extern void markup_markdown(StringInfo buf, const char *text);

#endif							/* KRA_MARKUP_H */
