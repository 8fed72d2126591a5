/*
 * scorecard_status.c: the status of a card, which is never green by effort alone.
 *
 * It is that of the score, and at best at risk while the card has no outcome KPI,
 * while an outcome on it is off track, and while its flag is busy_not_moving.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "imbalance.h"

/* Outcomes that a reason names. */
#define NAMED_OUTCOMES 3

/* The status of what is summed up: that of its score, if there is one. */
KpiStatus
scorecard_summary_status(const KpiAttainment *sum, double min_coverage)
{
	double		score;

	if (kpi_attainment_score(sum, min_coverage, &score))
		return kpi_score_status(score);
	if (sum->count[KPI_NO_DATA] > 0 || kpi_attainment_observed_entries(sum) > 0)
		return KPI_NO_DATA;
	return KPI_NO_TARGET;
}

/* "outcome "x" is off track"; NULL: none is. */
static char *
off_track_outcomes(const Scorecard *card)
{
	ScorecardReader r;
	ScorecardEntry e;
	StringInfoData buf;
	int			n = 0;

	initStringInfo(&buf);
	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
	{
		KpiAssessment a;

		if (e.kind != KPI_OUTCOME)
			continue;
		scorecard_assess(&e, &a);
		if (a.status == KPI_OFF_TRACK && ++n <= NAMED_OUTCOMES)
			appendStringInfo(&buf, "%s\"%s\"", n > 1 ? ", " : "", kra_echo(e.kpi, e.kpi_len));
	}
	if (n == 0)
		return NULL;
	if (n > NAMED_OUTCOMES)
		appendStringInfo(&buf, " and %d more", n - NAMED_OUTCOMES);
	return psprintf("%s %s %s off track", n > 1 ? "outcomes" : "outcome", buf.data,
					n > 1 ? "are" : "is");
}

/*
 * The status, and why it is not the score's (NULL: it is). Without use_imbalance
 * the flag is not asked for.
 */
static KpiStatus
card_status(const Scorecard *card, double min_coverage, bool use_imbalance, char **reason)
{
	static const ImbalanceLimits limits = IMBALANCE_DEFAULT_LIMITS;
	KpiBalance	b;
	KpiAttainment total;
	KpiStatus	status;
	Imbalance	im;

	*reason = NULL;
	scorecard_balance(card, &b);
	scorecard_summarize(card, -1, KPI_CAP, &total);
	status = scorecard_summary_status(&total, min_coverage);
	if (status <= KPI_AT_RISK)
		return status;
	if (kpi_attainment_entries(&b.kind[KPI_OUTCOME]) == 0)
		*reason = "effort is all that is measured, without an outcome KPI";
	else if ((*reason = off_track_outcomes(card)) == NULL && use_imbalance &&
			 kpi_imbalance(&b, card, &limits, &im) && im.flag == IMBALANCE_BUSY_NOT_MOVING)
		*reason = kpi_imbalance_busy(&b, &im);
	return *reason != NULL ? KPI_AT_RISK : status;
}

/* status(card): with the design's limits. */
PG_FUNCTION_INFO_V1(kra_scorecard_status);
Datum
kra_scorecard_status(PG_FUNCTION_ARGS)
{
	char	   *reason;

	return kra_status_datum(card_status(kra_scorecard_arg(fcinfo, 0), 0.0, true, &reason));
}

/* The arguments card, min_coverage, use_imbalance; a NULL use_imbalance is false. */
static KpiStatus
status_args(FunctionCallInfo fcinfo, char **reason)
{
	return card_status(kra_scorecard_arg(fcinfo, 0),
					   kra_share_arg(fcinfo, 1, "min_coverage"),
					   !PG_ARGISNULL(2) && PG_GETARG_BOOL(2), reason);
}

/* status(card, min_coverage, use_imbalance); NULL for NULL. */
PG_FUNCTION_INFO_V1(kra_scorecard_status_limited);
Datum
kra_scorecard_status_limited(PG_FUNCTION_ARGS)
{
	char	   *reason;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return kra_status_datum(status_args(fcinfo, &reason));
}

/* status_reason(card, min_coverage, use_imbalance): NULL where the status is that of the score. */
PG_FUNCTION_INFO_V1(kra_scorecard_status_reason);
Datum
kra_scorecard_status_reason(PG_FUNCTION_ARGS)
{
	char	   *reason;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	status_args(fcinfo, &reason);
	if (reason == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("at risk at best: %s", reason)));
}
