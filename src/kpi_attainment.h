/*
 * kpi_attainment.h: many attainments in one small value, and one for each kind.
 */
#ifndef KRA_KPI_ATTAINMENT_H
#define KRA_KPI_ATTAINMENT_H

#include "kra.h"

#define KPI_ATTAINMENT_VERSION 1
#define KPI_BALANCE_VERSION 1

/* Fixed length, stored as it stands, updated in place by attainment_agg(). */
typedef struct KpiAttainment
{
	uint8		version;		/* KPI_ATTAINMENT_VERSION */
	uint8		unused[7];		/* always 0 */
	int64		count[KPI_STATUS_COUNT];	/* entries by status */
	int64		measured;		/* entries with an attainment: min and max are of these */
	double		min;			/* raw attainment; 0 when measured is 0 */
	double		max;
	DDouble		weight;			/* of all entries: nominal */
	DDouble		observed;		/* of entries with target and actual */
	DDouble		capped;			/* sum of weight * attainment capped to [0, KPI_CAP] */
	DDouble		raw;			/* sum of weight * attainment */
} KpiAttainment;

/* One KpiAttainment for each kind. Fixed length. */
typedef struct KpiBalance
{
	KpiAttainment kind[KPI_KIND_COUNT];
} KpiBalance;

#define PG_GETARG_KPI_ATTAINMENT_P(n) ((KpiAttainment *) PG_GETARG_POINTER(n))
#define PG_GETARG_KPI_BALANCE_P(n) ((KpiBalance *) PG_GETARG_POINTER(n))

extern void kpi_attainment_init(KpiAttainment *a);
extern void kpi_attainment_add(KpiAttainment *a, const double *actual,
							   const KpiTarget *target, double weight);
extern void kpi_attainment_add_observed(KpiAttainment *a, const double *actual,
										const KpiTarget *target, double weight,
										double observed, double cap);
extern void kpi_attainment_merge(KpiAttainment *a, const KpiAttainment *b);
extern KpiAttainment *kpi_attainment_copy(const KpiAttainment *a);
extern int64 kpi_attainment_entries(const KpiAttainment *a);
extern int64 kpi_attainment_observed_entries(const KpiAttainment *a);
extern bool kpi_attainment_score(const KpiAttainment *a, double min_coverage, double *score);
extern bool kpi_attainment_coverage(const KpiAttainment *a, double *coverage);
extern void kpi_attainment_overflow_check(const KpiAttainment *a);
extern bool kpi_attainment_check(KpiAttainment *a, Node *escontext);
extern void kpi_attainment_append(StringInfo buf, const KpiAttainment *a);
extern bool kpi_attainment_from_json(KpiAttainment *a, JsonbContainer *object,
									 const char *type_name, Node *escontext);
extern void kpi_attainment_send(StringInfo buf, const KpiAttainment *a);
extern void kpi_attainment_recv(StringInfo buf, KpiAttainment *a);
extern const KpiTarget *kra_accum_target(FunctionCallInfo fcinfo, int argno);

/* kpi_balance.c */
extern void kpi_balance_init(KpiBalance *b);

#endif							/* KRA_KPI_ATTAINMENT_H */
