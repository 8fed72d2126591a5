/*
 * attainment.h: actual against target, the one home of that arithmetic.
 *
 * No fmgr, no allocation, no error: values in, values out. The functions are
 * inline because attainment_agg() calls them once a row.
 *
 *     attainment = 1 + d / W
 *
 * d is how far the actual lies on the good side of the target, W the scale: the
 * distance from the target at which attainment falls to 0. See README, "How
 * attainment is computed".
 */
#ifndef KRA_ATTAINMENT_H
#define KRA_ATTAINMENT_H

#include <math.h>

#include "ddouble.h"
#include "kpi_target.h"

/* The statuses, in the order of the SQL enum kpi_status. */
typedef enum KpiStatus
{
	KPI_NO_TARGET = 0,
	KPI_NO_DATA,
	KPI_OFF_TRACK,
	KPI_AT_RISK,
	KPI_ON_TRACK,
	KPI_EXCEEDED
} KpiStatus;

#define KPI_STATUS_COUNT 6

/* Why an attainment is NULL. */
typedef enum KpiReason
{
	KPI_REASON_NONE = 0,
	KPI_REASON_NO_TARGET,
	KPI_REASON_NO_DATA,
	KPI_REASON_NO_SCALE
} KpiReason;

/* Rounding noise never decides: comparisons allow this much, relative. */
#define KPI_EPSILON 1e-12

/* Without a threshold, this attainment separates at risk from off track. */
#define KPI_AT_RISK_ATTAINMENT 0.9

/* Scores use attainment capped to [0, KPI_CAP]. */
#define KPI_CAP 1.2

typedef struct KpiAssessment
{
	KpiStatus	status;
	KpiReason	reason;			/* why attainment is absent */
	bool		met;			/* only when there are target and actual */
	bool		has_attainment;
	double		attainment;		/* against the target itself; not finite on overflow */
} KpiAssessment;

/*
 * Is a difference between a and b within rounding noise? Both are asked: which
 * of them is larger is no branch to be guessed once a row.
 */
static inline bool
kpi_is_noise(double difference, double a, double b)
{
	return (difference <= KPI_EPSILON * fabs(a)) | (difference <= KPI_EPSILON * fabs(b));
}

/* a >= b, or below it by no more than rounding noise. */
static inline bool
kpi_ge(double a, double b)
{
	return a >= b || kpi_is_noise(b - a, a, b);
}

/* a = b but for rounding noise. */
static inline bool
kpi_same(double a, double b)
{
	return a == b || kpi_is_noise(fabs(a - b), a, b);
}

static inline bool
kpi_is_one_sided(const KpiTarget *t)
{
	return t->direction <= KPI_AT_MOST;
}

/*
 * d: how far x lies on the good side of the target, negative when it misses,
 * with what its rounding lost. Noise counts as 0, so that met and attainment
 * >= 1 always agree.
 */
static pg_attribute_always_inline DDouble
kpi_difference(const KpiTarget *t, double x)
{
	/* by KpiDirection: a factor, for the direction is no branch to be guessed */
	static const double sides[] = {0.0, 1.0, -1.0};

	/* the end that counts: T, or the nearer end of a range that x lies outside */
	double		end = t->lower;
	double		side;
	DDouble		d;

	if (likely(kpi_is_one_sided(t)))
		side = sides[t->direction];
	else if (x < t->lower)
		side = 1.0;
	else if (x <= t->upper)
		return dd_from(0.0);
	else
	{
		end = t->upper;
		side = -1.0;
	}
	if (unlikely(kpi_same(x, end)))
		return dd_from(0.0);
	d = dd_two_sum(x, -end);
	d.hi *= side;
	d.lo *= side;
	return d;
}

static inline double
kpi_distance(const KpiTarget *t, double x)
{
	return kpi_difference(t, x).hi;
}

/*
 * W: the first that is there and not 0 of: within; the distance from the
 * baseline to the target (to the nearer end of a range); the target's own size,
 * or half the width of a range. 0 means that there is no scale.
 */
static pg_attribute_always_inline double
kpi_scale(const KpiTarget *t)
{
	if (t->parts & KPI_HAS_SCALE)
		return t->scale;
	if (t->parts & KPI_HAS_BASELINE)
	{
		double		w = fabs(kpi_distance(t, t->baseline));

		if (w != 0.0)
			return w;
	}
	if (t->direction == KPI_INSIDE)
		return t->upper / 2 - t->lower / 2;
	return fabs(t->lower);
}

/*
 * 1 + d/W, computed as (W + d)/W without loss: A/T comes out as A/T. A result
 * within a few units in the last place of a decimal of 12 digits is that decimal
 * (4.4 against "<= 4" is 0.9, not 0.8999999999999999): the noise of decimal
 * input, which no comparison would see, is not shown either.
 */
static pg_attribute_always_inline double
kpi_ratio(DDouble d, double w)
{
	/* adding and subtracting 1.5 * 2^52 rounds to an integer */
	const double magic = 6755399441055744.0;
	DDouble		sum = dd_two_sum(w, d.hi);
	double		r = (sum.hi + (sum.lo + d.lo)) / w;
	double		q = r * 1e12;
	double		n;
	double		off;

	if (!(fabs(q) < 1e14))
		return r;
	n = (q + magic) - magic;
	off = fabs(q - n);
	if (((off <= 8.9e-4) | (off <= 8.9e-4 * fabs(r))) && fabs(q) > 1e6)
		return n / 1e12;
	return r + 0.0;				/* -0 becomes 0 */
}

/* Is x at or on the good side of the limit h of a one-sided target? */
static inline bool
kpi_on_good_side(const KpiTarget *t, double x, double h)
{
	return t->direction == KPI_AT_LEAST ? kpi_ge(x, h) : kpi_ge(h, x);
}

/*
 * Is an attainment at or above the limit of at risk? The noise of A - T is
 * relative to them, and W may be far smaller. No short cuts, which are branches.
 */
static pg_attribute_always_inline bool
kpi_is_at_risk(const KpiTarget *t, double actual, double d, double w, double attainment,
			   double limit)
{
	double		short_of = -(d + (1.0 - limit) * w);

	return (attainment >= limit) | kpi_is_noise(limit - attainment, attainment, limit) |
		kpi_is_noise(short_of, actual, t->lower) | (short_of <= KPI_EPSILON * fabs(t->upper));
}

/*
 * The status of an actual whose distance is d. The threshold of a range is met
 * by distance, on either side.
 */
static pg_attribute_always_inline KpiStatus
kpi_status_at(const KpiTarget *t, double actual, double d, double w, double attainment,
			  double limit)
{
	/*
	 * Most targets: counted rather than branched on, for which way it goes is
	 * anybody's guess. What has met its target is past the limit of at risk.
	 */
	if (!(t->parts & (KPI_HAS_STRETCH | KPI_HAS_THRESHOLD)) && w != 0.0)
		return (KpiStatus) (KPI_OFF_TRACK + (d >= 0.0) +
							kpi_is_at_risk(t, actual, d, w, attainment, limit));
	if (d >= 0.0)
	{
		if ((t->parts & KPI_HAS_STRETCH) && kpi_on_good_side(t, actual, t->stretch))
			return KPI_EXCEEDED;
		return KPI_ON_TRACK;
	}
	if (t->parts & KPI_HAS_THRESHOLD)
		return (kpi_is_one_sided(t) ? kpi_on_good_side(t, actual, t->threshold) :
				d >= kpi_distance(t, t->threshold) -
				KPI_EPSILON * Max(fabs(actual), fabs(t->threshold))) ?
			KPI_AT_RISK : KPI_OFF_TRACK;
	if (w == 0.0)
		return KPI_OFF_TRACK;
	return kpi_is_at_risk(t, actual, d, w, attainment, limit) ? KPI_AT_RISK : KPI_OFF_TRACK;
}

/*
 * Everything about an actual whose distance from the target is d. Without a
 * threshold, at risk begins at the attainment `limit`.
 */
static pg_attribute_always_inline void
kpi_assess_from(const KpiTarget *t, double actual, DDouble d, double limit, KpiAssessment *out)
{
	double		w = kpi_scale(t);

	out->met = d.hi >= 0.0;
	out->has_attainment = w != 0.0;
	out->attainment = out->has_attainment ? kpi_ratio(d, w) : 0.0;
	out->reason = out->has_attainment ? KPI_REASON_NONE : KPI_REASON_NO_SCALE;
	out->status = kpi_status_at(t, actual, d.hi, w, out->attainment, limit);
}

static pg_attribute_always_inline void
kpi_assess_at(const KpiTarget *t, double actual, DDouble d, KpiAssessment *out)
{
	kpi_assess_from(t, actual, d, KPI_AT_RISK_ATTAINMENT, out);
}

/* Everything about an actual that is there, against a target that is there. */
static pg_attribute_always_inline void
kpi_assess_final(const KpiTarget *t, double actual, KpiAssessment *out)
{
	kpi_assess_at(t, actual, kpi_difference(t, actual), out);
}

/*
 * What an attainment adds to a score. Where there is no scale, a score counts
 * the actual as 1 if it met the target, else 0.
 */
static inline double
kpi_score_raw(const KpiAssessment *a)
{
	return a->has_attainment ? a->attainment : (a->met ? 1.0 : 0.0);
}

static inline double
kpi_score_capped(double raw, double cap)
{
	raw = raw > 0.0 ? raw : 0.0;
	return raw < cap ? raw : cap;
}

extern bool kpi_in_window(const KpiTarget *t, int32 as_of);
extern bool kpi_expected(const KpiTarget *t, int32 as_of, double *expected);
extern void kpi_assess(const KpiTarget *t, const double *actual,
					   const int32 *as_of, double limit, KpiAssessment *out);
extern const char *kpi_reason_name(KpiReason reason);
extern const char *kpi_status_name(KpiStatus status);
extern KpiStatus kpi_score_status(double score);

#endif							/* KRA_ATTAINMENT_H */
