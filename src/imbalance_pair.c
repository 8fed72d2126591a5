/*
 * imbalance_pair.c: which activity is busy while the outcome that it drives does
 * not move. No SQL-callable function.
 *
 * An activity is followed along what it drives, over other activities, to the
 * outcomes at the end; loops end. An outcome is not followed any further. An
 * activity from which no outcome with data is reached on the card has no pair: it
 * is judged with its likes, in total.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "imbalance.h"

/* What a search needs: entries sorted by KPI, and which of them it has seen. */
typedef struct Search
{
	ScorecardEntry *entries;
	int			count;
	int		   *seen;			/* number of the search that came by last; 0: none */
	int		   *stack;
} Search;

/* Busy, and not moving? */
bool
imbalance_is_busy(double activity, double outcome, const ImbalanceLimits *limits)
{
	return kpi_ge(activity, limits->busy_min) && !kpi_ge(outcome, limits->moving_min) &&
		activity - outcome >= limits->gap_min - KPI_EPSILON;
}

/* The entry of that KPI; -1: it is not on the card. */
static int
find_kpi(const Search *s, const ScorecardName *name)
{
	int			low = 0;
	int			high = s->count - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		const ScorecardEntry *e = &s->entries[middle];
		int			cmp = scorecard_compare_names(name->name, name->len, e->kpi, e->kpi_len);

		if (cmp == 0)
			return middle;
		if (cmp < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}

/* What the entry adds to a score, with and without the cap. */
static double
entry_score(const ScorecardEntry *e, double *raw)
{
	KpiAssessment a;

	scorecard_assess(e, &a);
	*raw = kpi_score_raw(&a);
	return kpi_score_capped(*raw, KPI_CAP);
}

/* Is the gap of the pair wider than that of the widest so far? Of equal ones the first stays. */
static bool
is_wider(const ImbalancePair *pair, const ImbalancePair *widest)
{
	double		gap = pair->activity_score - pair->outcome_score;
	double		other = widest->activity_score - widest->outcome_score;

	if (!kpi_same(gap, other))
		return gap > other;
	return scorecard_compare_names(pair->activity.name, pair->activity.len,
								   widest->activity.name, widest->activity.len) == 0 &&
		scorecard_compare_names(pair->outcome.name, pair->outcome.len,
								widest->outcome.name, widest->outcome.len) < 0;
}

/*
 * Follows one activity with data; true when it reaches an outcome with data. The
 * widest pair that is busy and not moving goes to widest.
 */
static bool
follow(Search *s, int from, const ImbalanceLimits *limits, bool *has_widest, ImbalancePair *widest)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	const ScorecardEntry *activity = &s->entries[from];
	int			depth = 0;
	bool		reached = false;

	s->stack[depth++] = from;
	s->seen[from] = from + 1;
	while (depth > 0)
	{
		int			n = scorecard_get_drives(&s->entries[s->stack[--depth]], names);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
		{
			int			at = find_kpi(s, &names[i]);
			const ScorecardEntry *e;
			ImbalancePair pair;
			double		raw;

			if (at < 0 || s->seen[at] == from + 1)
				continue;
			s->seen[at] = from + 1;
			e = &s->entries[at];
			if (e->kind == KPI_ACTIVITY)
			{
				s->stack[depth++] = at;
				continue;
			}
			if (!scorecard_is_observed(e))
				continue;
			reached = true;
			pair.activity_score = entry_score(activity, &raw);
			pair.outcome_score = entry_score(e, &raw);
			pair.outcome_is_below_0 = raw < 0.0;
			pair.activity = (ScorecardName) {activity->kpi, activity->kpi_len};
			pair.outcome = (ScorecardName) {e->kpi, e->kpi_len};
			if (imbalance_is_busy(pair.activity_score, pair.outcome_score, limits) &&
				(!*has_widest || is_wider(&pair, widest)))
			{
				*has_widest = true;
				*widest = pair;
			}
		}
	}
	return reached;
}

/*
 * The widest pair of a card that is busy and not moving, false when there is none;
 * and the activities that have no pair, summed up.
 */
bool
imbalance_widest_pair(const Scorecard *card, const ImbalanceLimits *limits,
					  ImbalancePair *pair, KpiAttainment *likes)
{
	Search		s;
	ScorecardSum sum;
	bool		found = false;

	scorecard_sum_init(&sum);
	s.count = card->count;
	s.entries = scorecard_entries(card);
	s.seen = palloc0(Max(s.count, 1) * sizeof(int));
	s.stack = palloc(Max(s.count, 1) * sizeof(int));
	qsort(s.entries, s.count, sizeof(ScorecardEntry), scorecard_compare_kpi);
	for (int i = 0; i < s.count; i++)
		if (s.entries[i].kind == KPI_ACTIVITY && scorecard_is_observed(&s.entries[i]) &&
			!follow(&s, i, limits, &found, pair))
			scorecard_add_to(&s.entries[i], &sum, KPI_CAP);
	*likes = *scorecard_sum_settle(&sum);
	pfree(s.entries);
	pfree(s.seen);
	pfree(s.stack);
	return found;
}
