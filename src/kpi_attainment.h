/*
 * kpi_attainment.h: many attainments in one small value, and one for each kind.
 */
#ifndef KRA_KPI_ATTAINMENT_H
#define KRA_KPI_ATTAINMENT_H

#include "kra.h"

#define KPI_ATTAINMENT_VERSION 1
#define KPI_BALANCE_VERSION 2	/* 2: knows whether an outcome is leading */

/* Fixed length, stored as it stands, updated in place by attainment_agg(). */
typedef struct KpiAttainment
{
	uint8		version;		/* KPI_ATTAINMENT_VERSION */
	uint8		leading;		/* 1: of a balance's outcomes, one is leading; else 0 */
	uint8		unused[6];		/* always 0 */
	int64		count[KPI_STATUS_COUNT];	/* entries by status */
	int64		measured;		/* entries with an attainment: min and max are of these */
	double		min;			/* raw attainment; 0 when measured is 0 */
	double		max;
	DDouble		weight;			/* of all entries: nominal */
	DDouble		observed;		/* of entries with target and actual */
	DDouble		capped;			/* sum of weight * attainment capped to [0, KPI_CAP] */
	DDouble		raw;			/* sum of weight * attainment */
} KpiAttainment;

StaticAssertDecl(sizeof(KpiAttainment) == 144, "INTERNALLENGTH of kpi_attainment");

/* One KpiAttainment for each kind. Fixed length. */
typedef struct KpiBalance
{
	KpiAttainment kind[KPI_KIND_COUNT];
} KpiBalance;

StaticAssertDecl(sizeof(KpiBalance) == 288, "INTERNALLENGTH of kpi_balance");

#define PG_GETARG_KPI_ATTAINMENT_P(n) ((KpiAttainment *) PG_GETARG_POINTER(n))
#define PG_GETARG_KPI_BALANCE_P(n) ((KpiBalance *) PG_GETARG_POINTER(n))

/* The sums of a valid value are finite: what is not has overflowed. */
static inline void
kpi_attainment_overflow_check(const KpiAttainment *a)
{
	/* a sum that is not finite makes the sum of all three so */
	if (unlikely(!isfinite((a->raw.hi + a->raw.lo) * 0.25 + (a->capped.hi + a->capped.lo) * 0.25 +
						   (a->weight.hi + a->weight.lo) * 0.25)))
		kra_overflow("sum of weighted attainments");
}

/*
 * Counts one entry. Nothing is known of an entry without target or actual but
 * its weight, which lowers the coverage. `observed` is the part of the weight
 * that has data: all of it, but for a card's entry that was rolled up. Products
 * keep their error, so that a single entry scores just its attainment.
 */
static pg_attribute_always_inline void
kpi_attainment_add(KpiAttainment *a, const KpiAssessment *e, double weight,
				   double observed, double cap)
{
	double		raw;
	double		capped;

	dd_accumulate(&a->weight, weight);
	a->count[e->status] = kra_add_counts(a->count[e->status], 1);
	if (e->reason == KPI_REASON_NO_DATA || e->reason == KPI_REASON_NO_TARGET)
	{
		kpi_attainment_overflow_check(a);
		return;
	}
	raw = kpi_score_raw(e);
	capped = kpi_score_capped(raw, cap);
	if (e->has_attainment)
	{
		if (a->measured++ == 0)
			a->min = a->max = raw;
		else if (raw < a->min)
			a->min = raw;
		else if (raw > a->max)
			a->max = raw;
	}
	dd_accumulate(&a->observed, observed);
	if (observed == 1.0)
	{
		dd_accumulate(&a->raw, raw);
		dd_accumulate(&a->capped, capped);
	}
	else
	{
		dd_accumulate_dd(&a->raw, dd_two_prod(observed, raw));
		dd_accumulate_dd(&a->capped, dd_two_prod(observed, capped));
	}
	kpi_attainment_overflow_check(a);
}

/* A row of attainment_agg() or balance_agg(): arguments `first` and the next. */
static pg_attribute_always_inline void
kpi_attainment_add_args(FunctionCallInfo fcinfo, int first, KpiAttainment *a, double weight)
{
	KpiAssessment e = {KPI_NO_DATA, KPI_REASON_NO_DATA, false, false, 0.0};

	if (!PG_ARGISNULL(first))
	{
		double		actual = kra_finite_arg(fcinfo, first, "actual");

		if (!PG_ARGISNULL(first + 1))
			kpi_assess_final(PG_GETARG_KPI_TARGET_P(first + 1), actual, &e);
		else
		{
			e.status = KPI_NO_TARGET;
			e.reason = KPI_REASON_NO_TARGET;
		}
	}
	kpi_attainment_add(a, &e, weight, weight, KPI_CAP);
}

extern void kpi_attainment_init(KpiAttainment *a);
extern void kpi_attainment_merge(KpiAttainment *a, const KpiAttainment *b);
extern KpiAttainment *kpi_attainment_copy(const KpiAttainment *a);
extern int64 kpi_attainment_entries(const KpiAttainment *a);
extern int64 kpi_attainment_observed_entries(const KpiAttainment *a);
extern bool kpi_attainment_score(const KpiAttainment *a, double min_coverage, double *score);
extern bool kpi_attainment_coverage(const KpiAttainment *a, double *coverage);
extern bool kpi_attainment_check(KpiAttainment *a, Node *escontext);
extern void kpi_attainment_append(StringInfo buf, const KpiAttainment *a);
extern bool kpi_attainment_from_json(KpiAttainment *a, JsonbContainer *object,
									 const char *type_name, Node *escontext);
extern void kpi_attainment_send(StringInfo buf, const KpiAttainment *a);
extern void kpi_attainment_recv(StringInfo buf, KpiAttainment *a);
extern const struct KraType kpi_attainment_type;

/* kpi_balance.c */
extern void kpi_balance_init(KpiBalance *b);

#endif							/* KRA_KPI_ATTAINMENT_H */
