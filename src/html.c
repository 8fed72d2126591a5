/*
 * html.c: html() and markdown(): templates, into which text goes escaped.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "kra.h"
#include "markup.h"

/*
 * Fills a template: %s is the next argument, escaped; %h is the next argument as
 * it is, which must be markup that was made here; %% is a percent sign. A NULL
 * argument is nothing. Each argument is used once.
 */
static text *
fill(FunctionCallInfo fcinfo, void (*escape) (StringInfo buf, const char *text))
{
	StringInfoData buf;
	const char *c = kra_text_arg(fcinfo, 0, KRA_MAX_TEMPLATE, "template");
	Datum	   *args = NULL;
	bool	   *nulls = NULL;
	int			nargs = 0;
	int			used = 0;

	if (PG_NARGS() > 1 && !PG_ARGISNULL(1))
	{
		kra_check_size(toast_raw_datum_size(PG_GETARG_DATUM(1)), KRA_MAX_MARKUP,
					   "what a template is filled with", NULL);
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT,
						  &args, &nulls, &nargs);
	}
	initStringInfo(&buf);
	for (; *c != '\0'; c++)
	{
		if (*c != '%')
		{
			const char *next = strchr(c, '%');
			int			len = next != NULL ? (int) (next - c) : (int) strlen(c);

			appendBinaryStringInfo(&buf, c, len);
			c += len - 1;
			continue;
		}
		c++;
		if (*c == '%')
			appendStringInfoChar(&buf, '%');
		else if (*c == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("template ends with a single percent sign"),
					 errhint("A percent sign is written %%%%.")));
		else if (*c != 's' && *c != 'h')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("template has an unknown placeholder \"%%%s\"", pnstrdup(c, pg_mblen(c))),
					 errhint("%%s is text to be escaped, %%h is markup, %%%% is a percent sign.")));
		else if (used == nargs)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("template has more placeholders than the %d %s given", nargs,
							nargs == 1 ? "argument" : "arguments")));
		else
		{
			if (!nulls[used])
			{
				text	   *arg = DatumGetTextPP(args[used]);

				if (*c == 's')
					escape(&buf, text_to_cstring(arg));
				else
					appendBinaryStringInfo(&buf, VARDATA_ANY(arg), VARSIZE_ANY_EXHDR(arg));
			}
			used++;
		}
	}
	if (used < nargs)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("template has %d %s for %d %s", used, used == 1 ? "placeholder" : "placeholders",
						nargs, nargs == 1 ? "argument" : "arguments")));
	return cstring_to_text_with_len(buf.data, buf.len);
}

/* html(template, VARIADIC args): HTML; NULL for a NULL template. */
PG_FUNCTION_INFO_V1(kra_html);
Datum
kra_html(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(fill(fcinfo, markup_html));
}

/* markdown(template, VARIADIC args): a line of Markdown; NULL for a NULL template. */
PG_FUNCTION_INFO_V1(kra_markdown);
Datum
kra_markdown(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(fill(fcinfo, markup_markdown));
}
