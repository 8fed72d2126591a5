/*
 * kpi_xmr.h: the type xmr, natural process limits as a value, and the options
 * that its aggregates and windows share.
 */
#ifndef KRA_KPI_XMR_H
#define KRA_KPI_XMR_H

#include "kra.h"
#include "spc.h"

#define KPI_XMR_VERSION 1

/* Flags of KpiXmr. */
#define XMR_HAS_LIMITS 0x01

/* A number that is not there is 0. */
typedef struct KpiXmr
{
	uint8		version;		/* KPI_XMR_VERSION */
	uint8		flags;			/* XMR_HAS_... */
	uint8		unused[6];		/* always 0 */
	int64		points;			/* values that are there, above 0 */
	int64		ranges;			/* moving ranges that the mean rests on */
	int64		dropped;		/* moving ranges that were screened out */
	double		centre;
	double		moving_range;	/* mean */
	double		lower;
	double		upper;
} KpiXmr;

StaticAssertDecl(sizeof(KpiXmr) == 64, "INTERNALLENGTH of xmr");

#define PG_GETARG_KPI_XMR_P(n) ((KpiXmr *) PG_GETARG_POINTER(n))

/* The options of an XmR chart, in the order of their arguments. */
typedef enum XmrOption
{
	XMR_CENTRE, XMR_SCREEN, XMR_PHYSICAL_LOWER, XMR_PHYSICAL_UPPER, XMR_BASELINE
} XmrOption;

#define XMR_OPTION_COUNT 5

extern void xmr_options(const NullableDatum *args, SpcOptions *options);
extern void xmr_compute(const double *x, int64 n, const SpcOptions *options, SpcLimits *limits);
extern KpiXmr *xmr_from_limits(const SpcLimits *limits);
extern const SpcRules *xmr_rules(const char *name);

/* A value: finite, and inside the physical bounds. */
extern double xmr_check_value(double value, const SpcOptions *options);

#endif							/* KRA_KPI_XMR_H */
