/*
 * scorecard_review.c: what is wrong with a card, and what changed between two.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "scorecard.h"

static char *
name_of(const char *name, int len)
{
	return pnstrdup(name, len);
}

/* A row of texts. */
static void
put_texts(ReturnSetInfo *rsinfo, const char *const *columns, int n)
{
	Datum	   *values = palloc(n * sizeof(Datum));
	bool	   *nulls = palloc(n * sizeof(bool));

	for (int i = 0; i < n; i++)
	{
		nulls[i] = columns[i] == NULL;
		values[i] = columns[i] ? CStringGetTextDatum(columns[i]) : (Datum) 0;
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
put_finding(ReturnSetInfo *rsinfo, const char *rule, const char *severity,
			const char *kra, const char *kpi, const char *message, const char *hint)
{
	const char *columns[] = {rule, severity, kra, kpi, message, hint};

	put_texts(rsinfo, columns, countof(columns));
}

/* A whole-number threshold, not NULL and not negative. */
static int
limit_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	if (PG_GETARG_INT32(argno) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must not be negative", what)));
	return PG_GETARG_INT32(argno);
}

static const char *
plural(int64 n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* The findings about one entry. */
static void
entry_findings(ReturnSetInfo *rsinfo, const ScorecardEntry *e)
{
	char	   *kra = name_of(e->kra, e->kra_len);
	char	   *kpi = name_of(e->kpi, e->kpi_len);

	if (e->weight == 0.0)
		put_finding(rsinfo, "zero_weight", "warning", kra, kpi,
					psprintf("KPI \"%s\" has weight 0: it counts for nothing", kpi),
					"Give it a weight, or take it off the card.");
	if (!e->has_target)
		put_finding(rsinfo, "no_target", "serious", kra, kpi,
					psprintf("KPI \"%s\" has no target: nobody knows what good is", kpi),
					"Agree on a target with its owner.");
	if (!e->has_actual)
		put_finding(rsinfo, "no_data", "warning", kra, kpi,
					psprintf("KPI \"%s\" has no data", kpi),
					"Find out why it is not measured; until then the score says nothing about it.");
	else if (e->merged && e->basis_members < e->members)
		put_finding(rsinfo, "no_data", "info", kra, kpi,
					psprintf("KPI \"%s\" has data of %d out of %d members", kpi,
							 e->basis_members, e->members),
					"Read its score together with its coverage.");
	if (e->has_target && !(e->target.parts & KPI_HAS_DUE))
		put_finding(rsinfo, "no_due_date", "warning", kra, kpi,
					psprintf("target of KPI \"%s\" has no date by which it is due", kpi),
					"Add \"by\" and a date.");
	if (e->has_target && !(e->target.parts & KPI_HAS_BASELINE))
		put_finding(rsinfo, "no_baseline", "info", kra, kpi,
					psprintf("target of KPI \"%s\" has no baseline: it does not say where it starts", kpi),
					"Add \"from\" and the value at the start.");
}

/*
 * findings(card, thresholds...): what a card alone can tell. Whole-card findings
 * first, then those of KRAs, then those of KPIs.
 */
PG_FUNCTION_INFO_V1(kra_scorecard_findings);
Datum
kra_scorecard_findings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Scorecard  *card;
	ScorecardEntry *entries;
	KpiBalance	balance;
	int			max_kpis,
				serious_kpis,
				max_kpis_per_kra,
				min_kras,
				max_kras,
				count,
				kras = 0;
	double		activity_share_max,
				weight;
	int64		outcomes,
				activities;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	card = kra_scorecard_arg(fcinfo, 0);
	max_kpis = limit_arg(fcinfo, 1, "max_kpis");
	serious_kpis = limit_arg(fcinfo, 2, "serious_kpis");
	max_kpis_per_kra = limit_arg(fcinfo, 3, "max_kpis_per_kra");
	min_kras = limit_arg(fcinfo, 4, "min_kras");
	max_kras = limit_arg(fcinfo, 5, "max_kras");
	activity_share_max = kra_share_arg(fcinfo, 6, "activity_share_max");

	count = card->count;
	if (count == 0)
	{
		put_finding(rsinfo, "no_kpis", "serious", NULL, NULL, "the card has no KPI",
					"Start from the result: one or two outcomes that matter most.");
		return (Datum) 0;
	}
	entries = scorecard_entries(card);
	scorecard_balance(card, &balance);
	outcomes = kpi_attainment_entries(&balance.kind[KPI_OUTCOME]);
	activities = kpi_attainment_entries(&balance.kind[KPI_ACTIVITY]);
	for (int i = 0; i < count; i++)
		if (i == 0 || scorecard_compare_names(entries[i].kra, entries[i].kra_len,
											  entries[i - 1].kra, entries[i - 1].kra_len) != 0)
			kras++;

	if (count > max_kpis || count >= serious_kpis)
		put_finding(rsinfo, "too_many_kpis", count >= serious_kpis ? "serious" : "warning", NULL, NULL,
					psprintf("carries %d KPIs; up to %d keep focus", count, max_kpis),
					"Keep those whose result the subject answers for, and drop the rest.");
	if (outcomes == 0)
		put_finding(rsinfo, "no_outcome", "serious", NULL, NULL,
					psprintf("no outcome KPI: effort is all that is measured (" INT64_FORMAT " %s)",
							 activities, plural(activities, "activity KPI", "activity KPIs")),
					"Add the result that the effort is for.");
	weight = dd_value(balance.kind[KPI_OUTCOME].weight) + dd_value(balance.kind[KPI_ACTIVITY].weight);
	if (outcomes > 0 && weight > 0.0)
	{
		double		share = dd_value(balance.kind[KPI_ACTIVITY].weight) / weight;

		if (!kpi_ge(activity_share_max, share))
			put_finding(rsinfo, "activity_heavy", "warning", NULL, NULL,
						psprintf("activity carries %s of the weight; more than %s rewards being busy",
								 kra_share_text(share, &activity_share_max, 1),
								 kra_share_text(activity_share_max, NULL, 1)),
						"Move weight from activity to outcome.");
	}
	if (activities == 0 && !balance.kind[KPI_OUTCOME].leading)
		put_finding(rsinfo, "no_leading", "warning", NULL, NULL,
					"no activity KPI and no leading outcome: nothing on the card moves before the result does",
					"Add one or two activities that drive the outcome.");
	if (kras < min_kras)
		put_finding(rsinfo, "too_few_kras", "info", NULL, NULL,
					psprintf("has %d %s; %d to %d describe a role", kras,
							 plural(kras, "KRA", "KRAs"), min_kras, max_kras),
					"Ask which areas of result are missing.");
	if (kras > max_kras)
		put_finding(rsinfo, "too_many_kras", "warning", NULL, NULL,
					psprintf("has %d KRAs; %d to %d describe a role", kras, min_kras, max_kras),
					"Merge areas, or split the role.");

	for (int i = 0, first = 0; i < count; i++)
	{
		if (i + 1 < count &&
			scorecard_compare_names(entries[i].kra, entries[i].kra_len,
									entries[i + 1].kra, entries[i + 1].kra_len) == 0)
			continue;
		if (i + 1 - first > max_kpis_per_kra)
		{
			char	   *kra = name_of(entries[i].kra, entries[i].kra_len);

			put_finding(rsinfo, "too_many_kpis_in_kra", "warning", kra, NULL,
						psprintf("KRA \"%s\" has %d KPIs; up to %d keep it clear", kra,
								 i + 1 - first, max_kpis_per_kra),
						"Choose the KPI that shows the result best.");
		}
		first = i + 1;
	}
	for (int i = 0; i < count; i++)
		entry_findings(rsinfo, &entries[i]);
	return (Datum) 0;
}

/* Rows of diff(): kra, kpi, change, before, after. */
static void
put_change(ReturnSetInfo *rsinfo, const ScorecardEntry *e, const char *change,
		   const char *before, const char *after)
{
	const char *columns[] = {
		name_of(e->kra, e->kra_len), name_of(e->kpi, e->kpi_len), change, before, after
	};

	put_texts(rsinfo, columns, countof(columns));
}

static char *
float_text(bool present, double value)
{
	StringInfoData buf;

	if (!present)
		return NULL;
	initStringInfo(&buf);
	kra_append_float8(&buf, value);
	return buf.data;
}

static char *
target_text(const ScorecardEntry *e)
{
	return e->has_target ? kpi_target_print(&e->target) : NULL;
}

/* "calls, demos"; NULL: it drives none. */
static char *
drives_text(const ScorecardEntry *e)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	int			n = scorecard_get_drives(e, names);
	StringInfoData buf;

	if (n == 0)
		return NULL;
	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		appendStringInfoString(&buf, i > 0 ? ", " : "");
		appendBinaryStringInfo(&buf, names[i].name, names[i].len);
	}
	return buf.data;
}

/* "outcome, weight 1, target >= 40, actual 35". */
static char *
entry_text(const ScorecardEntry *e)
{
	char	   *target = target_text(e);
	char	   *actual = float_text(e->has_actual, e->actual);

	return psprintf("%s, weight %s, %s%s, %s%s", kpi_kind_name(e->kind),
					float_text(true, e->weight),
					target ? "target " : "no target", target ? target : "",
					actual ? "actual " : "no data", actual ? actual : "");
}

/* "2 of 3 with figures". */
static char *
members_text(const ScorecardEntry *e)
{
	return psprintf("%d of %d with figures", e->basis_members, e->members);
}

static void
diff_entries(ReturnSetInfo *rsinfo, const ScorecardEntry *a, const ScorecardEntry *b)
{
	KpiAssessment x,
				y;

	if (scorecard_compare_names(a->kra, a->kra_len, b->kra, b->kra_len) != 0)
		put_change(rsinfo, b, "kra_changed", name_of(a->kra, a->kra_len), name_of(b->kra, b->kra_len));
	if (a->kind != b->kind)
		put_change(rsinfo, b, "kind_changed", kpi_kind_name(a->kind), kpi_kind_name(b->kind));
	if (a->timing != b->timing)
		put_change(rsinfo, b, "timing_changed", kpi_timing_name(a->timing), kpi_timing_name(b->timing));
	if (a->drives_len != b->drives_len ||
		(a->drives_len > 0 && memcmp(a->drives, b->drives, a->drives_len) != 0))
		put_change(rsinfo, b, "drives_changed", drives_text(a), drives_text(b));
	if (a->weight != b->weight)
		put_change(rsinfo, b, "weight_moved", float_text(true, a->weight), float_text(true, b->weight));
	if (a->has_target != b->has_target ||
		(a->has_target && kpi_target_compare(&a->target, &b->target) != 0))
		put_change(rsinfo, b, "target_moved", target_text(a), target_text(b));
	if (a->has_actual != b->has_actual || a->actual != b->actual)
		put_change(rsinfo, b, "actual_changed", float_text(a->has_actual, a->actual),
				   float_text(b->has_actual, b->actual));
	scorecard_assess(a, &x);
	scorecard_assess(b, &y);
	if (x.has_attainment != y.has_attainment || !kpi_same(x.attainment, y.attainment))
		put_change(rsinfo, b, "attainment_changed",
				   x.has_attainment ? kra_number_text(x.attainment, &y.attainment, NULL) : NULL,
				   y.has_attainment ? kra_number_text(y.attainment, &x.attainment, NULL) : NULL);
	if ((a->judged || b->judged) && x.status != y.status)
		put_change(rsinfo, b, "status_changed", kpi_status_name(x.status), kpi_status_name(y.status));
	if (a->coverage != b->coverage)
		put_change(rsinfo, b, "coverage_changed", float_text(true, a->coverage),
				   float_text(true, b->coverage));
	if (a->members != b->members || a->basis_members != b->basis_members)
		put_change(rsinfo, b, "members_changed", members_text(a), members_text(b));
}

/* diff(before, after): a row a change, by KPI. */
PG_FUNCTION_INFO_V1(kra_scorecard_diff);
Datum
kra_scorecard_diff(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Scorecard  *before = kra_scorecard_arg(fcinfo, 0);
	Scorecard  *after = kra_scorecard_arg(fcinfo, 1);
	ScorecardEntry *x = scorecard_entries(before);
	ScorecardEntry *y = scorecard_entries(after);
	uint32		i = 0;
	uint32		j = 0;

	InitMaterializedSRF(fcinfo, 0);
	qsort(x, before->count, sizeof(ScorecardEntry), scorecard_compare_kpi);
	qsort(y, after->count, sizeof(ScorecardEntry), scorecard_compare_kpi);
	while (i < before->count || j < after->count)
	{
		int			cmp = i == before->count ? 1 :
			(j == after->count ? -1 : scorecard_compare_kpi(&x[i], &y[j]));

		if (cmp < 0)
		{
			put_change(rsinfo, &x[i], "removed", entry_text(&x[i]), NULL);
			i++;
		}
		else if (cmp > 0)
		{
			put_change(rsinfo, &y[j], "added", NULL, entry_text(&y[j]));
			j++;
		}
		else
			diff_entries(rsinfo, &x[i++], &y[j++]);
	}
	return (Datum) 0;
}
