/*
 * kpi_target.h: the number aimed for, with its direction, scale and dates.
 */
#ifndef KRA_KPI_TARGET_H
#define KRA_KPI_TARGET_H

#include "postgres.h"

#include "nodes/nodes.h"

#define KPI_TARGET_VERSION 1

typedef enum KpiDirection
{
	KPI_AT_LEAST = 1,			/* >= T, higher is better */
	KPI_AT_MOST = 2,			/* <= T, lower is better */
	KPI_EXACTLY = 3,			/* = T */
	KPI_INSIDE = 4				/* [L,U] */
} KpiDirection;

/* The optional parts that are present. */
#define KPI_HAS_BASELINE	0x01
#define KPI_HAS_THRESHOLD	0x02
#define KPI_HAS_STRETCH		0x04
#define KPI_HAS_SCALE		0x08
#define KPI_HAS_SINCE		0x10
#define KPI_HAS_DUE			0x20
#define KPI_ALL_PARTS		0x3F

/*
 * Stored as it stands; a part that is absent is 0, and no zero is negative, so
 * that equal targets have equal fields.
 */
typedef struct KpiTarget
{
	uint8		version;		/* KPI_TARGET_VERSION */
	uint8		direction;		/* KpiDirection */
	uint16		parts;			/* KPI_HAS_... */
	int32		since;			/* dates, in days since 2000-01-01 */
	int32		due;
	int32		unused;			/* always 0 */
	double		lower;			/* T, or L of a range */
	double		upper;			/* T, or U of a range */
	double		baseline;
	double		threshold;
	double		stretch;
	double		scale;			/* "within" */
} KpiTarget;

StaticAssertDecl(sizeof(KpiTarget) == 64, "INTERNALLENGTH of kpi_target");

#define DatumGetKpiTargetP(d)	((KpiTarget *) DatumGetPointer(d))
#define PG_GETARG_KPI_TARGET_P(n) DatumGetKpiTargetP(PG_GETARG_DATUM(n))

extern bool kpi_target_check(KpiTarget *t, Node *escontext);
extern bool kpi_target_parse(const char *str, KpiTarget *t, Node *escontext);
extern char *kpi_target_print(const KpiTarget *t);
extern int	kpi_target_compare(const KpiTarget *a, const KpiTarget *b);
extern const char *kpi_direction_name(const KpiTarget *t);

extern const struct KraType kpi_target_type;

#endif							/* KRA_KPI_TARGET_H */
