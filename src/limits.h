/*
 * limits.h: how long what is given to a function may be, and how much of it an
 * error shows. Whatever is longer is refused before anything of it is read or
 * shown. Limits are far above what anybody needs, and low enough that a call
 * which reads so much can be cancelled at once. In bytes, unless they say
 * otherwise. Numbers of things have their limits beside their types.
 */
#ifndef KRA_LIMITS_H
#define KRA_LIMITS_H

#include "fmgr.h"
#include "utils/jsonb.h"

/* A word out of a list, a period's label, a date or number as text. */
#define KRA_MAX_WORD 100
/* The text form of a kpi_target, which prints in 300 at most. */
#define KRA_MAX_TARGET 1000
/* The text or jsonb form of a summary or an xmr, which prints in 4,000 at most. */
#define KRA_MAX_VALUE 16384
/*
 * The text, jsonb or binary form of a scorecard. One that is stored takes less
 * than SCORECARD_MAX_SIZE, and each byte of it prints as 6 at most.
 */
#define KRA_MAX_CARD (20 * 1024 * 1024)
/* Fields and elements of a JSON text: those of the largest card, with room. */
#define KRA_MAX_JSON_PARTS 250000
/* A label, a unit, a segment. */
#define KRA_MAX_LABEL 10000
/* A template of html() and markdown(). */
#define KRA_MAX_TEMPLATE 100000
/* All that a template is filled with. */
#define KRA_MAX_MARKUP (32 * 1024 * 1024)
/* A picture for data_uri(). */
#define KRA_MAX_PICTURE (16 * 1024 * 1024)

/* Characters of the input that an error shows; of more, the last are dots. */
#define KRA_ECHO_CHARS 100

/* kra.c */
extern bool kra_check_size(Size size, Size limit, const char *what, Node *escontext);
extern char *kra_text_datum(Datum value, Size limit, const char *what);
extern char *kra_text_arg(FunctionCallInfo fcinfo, int argno, Size limit, const char *what);
extern Jsonb *kra_jsonb_arg(FunctionCallInfo fcinfo, int argno, Size limit, const char *type_name);
extern char *kra_echo(const char *text, int len);

#endif							/* KRA_LIMITS_H */
