/*
 * attainment.c: the parts of the attainment arithmetic that no inner loop needs.
 */
#include "postgres.h"

#include "attainment.h"

/* Indexed by KpiStatus; the labels of the SQL enum kpi_status. */
static const char *const status_names[KPI_STATUS_COUNT] = {
	"no_target", "no_data", "off_track", "at_risk", "on_track", "exceeded"
};

const char *
kpi_status_name(KpiStatus status)
{
	return status_names[status];
}

/* NULL where an attainment is present. */
const char *
kpi_reason_name(KpiReason reason)
{
	switch (reason)
	{
		case KPI_REASON_NO_TARGET:
			return "no_target";
		case KPI_REASON_NO_DATA:
			return "no_data";
		case KPI_REASON_NO_SCALE:
			return "no_scale";
		default:
			return NULL;
	}
}

/* The status of a score, where there is no single target to ask. */
KpiStatus
kpi_score_status(double score)
{
	if (kpi_ge(score, 1.0))
		return KPI_ON_TRACK;
	return kpi_ge(score, KPI_AT_RISK_ATTAINMENT) ? KPI_AT_RISK : KPI_OFF_TRACK;
}

/* Does a pace apply: is as_of inside [since, due), both dates given? */
bool
kpi_in_window(const KpiTarget *t, int32 as_of)
{
	return (t->parts & KPI_HAS_SINCE) && (t->parts & KPI_HAS_DUE) &&
		as_of >= t->since && as_of < t->due;
}

/*
 * The value that an actual is compared with on a date. Inside [since, due) it
 * runs linearly from the baseline (from 0 for ">= T" with T > 0 and none) to T.
 * Outside, and where no pace makes sense ("<=" without baseline, "="), it is T.
 * A range has no such single value: false.
 */
bool
kpi_expected(const KpiTarget *t, int32 as_of, double *expected)
{
	double		from = 0.0;
	double		share;

	if (t->direction == KPI_INSIDE)
		return false;
	*expected = t->lower;
	if (t->direction == KPI_EXACTLY || !kpi_in_window(t, as_of))
		return true;
	if (t->parts & KPI_HAS_BASELINE)
		from = t->baseline;
	else if (t->direction != KPI_AT_LEAST || t->lower <= 0.0)
		return true;

	share = ((double) as_of - t->since) / ((double) t->due - t->since);

	/* not from + (T - from) * share, which overflows for opposite signs */
	*expected = from * (1.0 - share) + t->lower * share;
	return true;
}

/*
 * Assess an actual (or NULL) against a target (or NULL), on a date (or NULL), where
 * at risk begins at an attainment of `limit` unless the target has a threshold.
 * attainment and met are always against the target itself; a date inside the
 * target's window changes the status alone.
 */
void
kpi_assess(const KpiTarget *t, const double *actual, const int32 *as_of,
		   double limit, KpiAssessment *out)
{
	KpiTarget	paced;
	double		expected;
	DDouble		d;
	double		w;

	memset(out, 0, sizeof(*out));
	if (actual == NULL)
	{
		out->status = KPI_NO_DATA;
		out->reason = KPI_REASON_NO_DATA;
		return;
	}
	if (t == NULL)
	{
		out->status = KPI_NO_TARGET;
		out->reason = KPI_REASON_NO_TARGET;
		return;
	}
	kpi_assess_from(t, *actual, kpi_difference(t, *actual), limit, out);

	if (as_of == NULL || !kpi_in_window(t, *as_of))
		return;

	/* compare with E in place of T (a range has none), the threshold left out */
	paced = *t;
	paced.parts &= ~KPI_HAS_THRESHOLD;
	if (kpi_expected(t, *as_of, &expected))
		paced.lower = paced.upper = expected;
	d = kpi_difference(&paced, *actual);
	w = kpi_scale(t);
	out->status = kpi_status_at(&paced, *actual, d.hi, w, w != 0.0 ? kpi_ratio(d, w) : 0.0,
								limit);
}
