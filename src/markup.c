/*
 * markup.c: text that people gave as part of markup: SVG, HTML and Markdown.
 *
 * Whatever the text holds, it shows as that text: it opens no element, ends no
 * attribute, makes no link, and turns nothing around that stands beside it.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "markup.h"

/*
 * What a character is. Forbidden are those that XML 1.0 (section 2.2) has no way
 * to write, or that HTML counts as errors ("preprocessing the input stream"):
 * controls but for tab and line ends, U+FDD0 to U+FDEF, and U+xxFFFE and U+xxFFFF.
 * Controls of direction are U+202A to U+202E and U+2066 to U+2069: they are
 * invisible, and unbalanced ones would turn around what follows; elements that
 * isolate do their job.
 */
MarkupSort
markup_sort(const char *text, int len)
{
	const unsigned char *c = (const unsigned char *) text;

	if (c[0] == '\t' || c[0] == '\n' || c[0] == '\r')
		return MARKUP_SPACE;
	if (c[0] < ' ' || c[0] == 0x7F)
		return MARKUP_FORBIDDEN;
	if (len < 2 || GetDatabaseEncoding() != PG_UTF8)
		return MARKUP_TEXT;
	if (len == 2)
		return c[0] == 0xC2 && c[1] < 0xA0 ? MARKUP_FORBIDDEN : MARKUP_TEXT;
	if (len == 3 && c[0] == 0xE2 &&
		((c[1] == 0x80 && c[2] >= 0xAA && c[2] <= 0xAE) ||
		 (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9)))
		return MARKUP_DIRECTION;
	if (len == 3 && c[0] == 0xEF &&
		((c[1] == 0xB7 && c[2] >= 0x90 && c[2] <= 0xAF) ||
		 (c[1] == 0xBF && c[2] >= 0xBE)))
		return MARKUP_FORBIDDEN;
	if (len == 4 && (c[1] & 0x0F) == 0x0F && c[2] == 0xBF && c[3] >= 0xBE)
		return MARKUP_FORBIDDEN;
	return MARKUP_TEXT;
}

/* What stands for a forbidden character: U+FFFD, or a question mark. */
void
markup_replacement(StringInfo buf)
{
	appendStringInfoString(buf, GetDatabaseEncoding() == PG_UTF8 ? "\xEF\xBF\xBD" : "?");
}

/*
 * Text without forbidden characters as the content of an element, or of an
 * attribute in quotes.
 */
void
markup_escape(StringInfo buf, const char *text, int len)
{
	for (const char *end = text + len; text < end; text++)
	{
		switch (*text)
		{
			case '&':
				appendStringInfoString(buf, "&amp;");
				break;
			case '<':
				appendStringInfoString(buf, "&lt;");
				break;
			case '>':
				appendStringInfoString(buf, "&gt;");
				break;
			case '"':
				appendStringInfoString(buf, "&quot;");
				break;
			case '\'':
				appendStringInfoString(buf, "&#39;");
				break;
			default:
				appendStringInfoChar(buf, *text);
		}
	}
}

/* Any text as the content of an element, or of an attribute in quotes. */
void
markup_html(StringInfo buf, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end)
	{
		int			len = Min(pg_mblen(text), (int) (end - text));

		CHECK_FOR_INTERRUPTS();
		switch (markup_sort(text, len))
		{
			case MARKUP_SPACE:
				/* a return alone would be read as a line end */
				if (*text != '\r')
					appendStringInfoChar(buf, *text);
				else if (text[1] != '\n')
					appendStringInfoChar(buf, '\n');
				break;
			case MARKUP_FORBIDDEN:
				markup_replacement(buf);
				break;
			case MARKUP_TEXT:
				markup_escape(buf, text, len);
				break;
			case MARKUP_DIRECTION:
				break;
		}
		text += len;
	}
}

/*
 * A mention, the number of an issue, and an address are found by chats and mail
 * programs in what is left after Markdown was read, where a backslash no longer
 * helps: a space of no width (U+200B) does. Elsewhere than in UTF-8 a plain one.
 */
static void
append_gap(StringInfo buf)
{
	appendStringInfoString(buf, GetDatabaseEncoding() == PG_UTF8 ? "\xE2\x80\x8B" : " ");
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IS_HIGHBIT_SET(c);
}

/*
 * Any text inside a line of Markdown (CommonMark, and what chats make of it): in
 * one line, without spaces at its ends, so that it can stand between asterisks.
 */
void
markup_markdown(StringInfo buf, const char *text)
{
	const char *end = text + strlen(text);
	const char *start = text;
	bool		space = false;
	bool		any = false;

	while (text < end)
	{
		int			len = Min(pg_mblen(text), (int) (end - text));
		MarkupSort	sort = markup_sort(text, len);

		CHECK_FOR_INTERRUPTS();
		if (sort == MARKUP_SPACE || *text == ' ')
			space = true;
		else if (sort != MARKUP_DIRECTION)
		{
			if (space && any)
				appendStringInfoChar(buf, ' ');
			space = false;
			any = true;
			if (sort == MARKUP_FORBIDDEN)
				markup_replacement(buf);
			else
			{
				if (strchr("\\`*_[]<>|~#@&", *text) != NULL ||
					(*text == ':' && text[1] == '/') ||
					(*text == '$' && !(text[1] >= '0' && text[1] <= '9')) ||
					(*text == '.' && text > start && is_letter(text[1])))
					appendStringInfoChar(buf, '\\');
				appendBinaryStringInfo(buf, text, len);
				if (*text == '@' || *text == '#' || (*text == ':' && text[1] == '/') ||
					(*text == '.' && text > start && is_letter(text[1])))
					append_gap(buf);
			}
		}
		text += len;
	}
}
