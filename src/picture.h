/*
 * picture.h: what the SQL-callable pictures share: arguments and text alternatives.
 */
#ifndef KRA_PICTURE_H
#define KRA_PICTURE_H

#include "kra.h"
#include "svg.h"

extern double *picture_values_arg(FunctionCallInfo fcinfo, int argno, const char *what, int *n);
extern char **picture_texts_arg(FunctionCallInfo fcinfo, int argno, const char *what, int n);
extern int	picture_size_arg(FunctionCallInfo fcinfo, int argno, const char *what, int least);
extern char *picture_text_arg(FunctionCallInfo fcinfo, int argno, int max_chars);
extern char *picture_against(const double *actual, const KpiTarget *target, const char *unit);
extern void picture_title(StringInfo buf, const char *label, const char *sentence);

#endif							/* KRA_PICTURE_H */
