/*
 * lines.c: results as a relation: a row per subject, KPI, grid and period.
 *
 * Measurements are read once, KPI by KPI and subject by subject; what a subject
 * observed is folded into its own wholes and into those of the groups above it.
 * No plan of a query decides how long that takes.
 *
 * A part is judged by what is in force on its last day, or as of the day of
 * asking while it runs or is still to come. Who leaves within it counts as on the
 * last active day.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "kra.h"
#include "lines.h"

/* Rows of measurements that are fetched at once. */
#define FETCH_ROWS 5000

/* Columns of kra_internal.line. */
#define LINE_COLUMNS 28

extern Datum kra_whole_start(PG_FUNCTION_ARGS);

/* A period: from_day and upto are the days between which a span counts. */
typedef struct Part
{
	DateADT		start;
	DateADT		end;
	DateADT		from_day;
	DateADT		upto;
	int			whole[GRAIN_COUNT];	/* of each grid, the index of the whole it belongs to */
} Part;

/* A period of any grid, whose parts are these. */
typedef struct Slot
{
	int			grain;
	DateADT		start;			/* by its own grid */
	DateADT		end;
	DateADT		from_day;
	DateADT		upto;
	DateADT		first_day;		/* of its first part */
	DateADT		last_day;		/* of its last part */
	int			first_part;
	int			nparts;
	int			full_parts;		/* with those after the day of the cut */
	bool		is_wanted;
	bool		is_needed;		/* wanted, or what a wanted one of a group is asked by */
} Slot;

/* What is put together in a slot. */
typedef struct Sum
{
	Whole		whole;
	Whole		pooled;			/* of a group: by the aggregation over time */
	TimestampTz last_at;		/* DT_NOBEGIN: none */
	int			members;		/* with data */
	int			carriers;
	double		weight;
	int			area;			/* index of the card span whose area is shown, + 1 */
	int			area_votes;
} Sum;

/* The work on one KPI. */
typedef struct Work
{
	LineQuery  *q;
	const LineKpi *kpi;
	Part	   *part;
	int			nparts;
	int			nuncut;			/* those before the day of the cut */
	Slot	   *slot;
	int			nslots;
	int			base;			/* grain of the parts */
	const CardSpan *cards;		/* of the KPI */
	int			ncards;
	const OwnSpan *owns;
	int			nowns;
	Sum		  **group;			/* by subject: slots of a group, NULL while untouched */
	uint8	  **measured;		/* by subject: parts in which a group was measured itself */
	uint8	  **below;			/* by subject: parts in which somebody was below it */
	Sum		   *own;			/* slots of the subject at hand */
	Sum		  **above;			/* by subject: slots of a group that the subject at hand is in */
	int		   *touched;		/* which of them */
	int			ntouched;
	const KpiActual **actual;	/* parts of the subject at hand, NULL: no data */
	FunctionCallInfo fcinfo;
	ReturnSetInfo *result;
} Work;

static const KpiActual no_observation = {.version = KPI_ACTUAL_VERSION};

/* The last span that touches the days; NULL: none. */
static const RoleSpan *
role_span(const Subject *s, DateADT from_day, DateADT upto)
{
	for (int i = 0; i < s->nroles; i++)
		if (s->roles[i].from <= upto && s->roles[i].until > from_day && s->roles[i].resumes > upto)
			return &s->roles[i];
	return NULL;
}

/* The day as of which a subject is judged. */
static DateADT
judged_day(const RoleSpan *span, DateADT upto)
{
	return span != NULL && !DATE_IS_NOEND(span->until) ? Min(upto, span->until - 1) : upto;
}

/* The KPI on the card of a role on a day; NULL: it is not on it. */
static const CardSpan *
card_span(const Work *w, int32 job_role_id, DateADT day)
{
	for (int i = 0; i < w->ncards; i++)
		if (w->cards[i].job_role_id == job_role_id && w->cards[i].from <= day && w->cards[i].until > day)
			return &w->cards[i];
	return NULL;
}

static const CardSpan *
carried(const Work *w, const Subject *s, DateADT from_day, DateADT upto)
{
	const RoleSpan *span = role_span(s, from_day, upto);

	if (span == NULL || span->job_role_id == 0)
		return NULL;
	return card_span(w, span->job_role_id, judged_day(span, upto));
}

/* Own spans of a subject with the KPI: they are in the order of subjects. */
static const OwnSpan *
own_spans(const Work *w, int32 subject_id, int *n)
{
	int			low = 0;
	int			high = w->nowns;

	*n = 0;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (w->owns[middle].subject_id < subject_id)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *n < w->nowns && w->owns[low + *n].subject_id == subject_id)
		(*n)++;
	return &w->owns[low];
}

/*
 * A part's share of a target that is for a longer period, of which it has so many
 * parts. Sums and counts are shared out; for others the number holds for each part.
 */
static const KpiTarget *
share_out(const Work *w, const SharedTarget *t, int p, KpiTarget *out)
{
	double	   *numbers[] = {
		&out->lower, &out->upper, &out->baseline, &out->threshold, &out->stretch, &out->scale
	};
	const Slot *whole;
	double		share;

	if (!t->is_there)
		return NULL;
	if (!t->is_shared || w->part[p].whole[t->grain] < 0 ||
		(w->kpi->over_time != OVER_SUM && w->kpi->over_time != OVER_COUNT))
		return &t->target;
	whole = &w->slot[w->part[p].whole[t->grain]];
	share = 1.0 / whole->full_parts;
	if (t->nphases == whole->full_parts)
		share = t->phases[p - whole->first_part] / t->phase_sum;
	*out = t->target;
	for (int i = 0; i < countof(numbers); i++)
		*numbers[i] *= share;
	if (out->scale == 0.0)
		out->parts &= ~KPI_HAS_SCALE;
	return out;
}

/* The target in force: the subject's own, which may be none any more, else its role's. */
static const KpiTarget *
target_in_force(const Work *w, const CardSpan *card, const OwnSpan *owns, int nowns, DateADT day, int p,
				bool *is_own, KpiTarget *shared)
{
	*is_own = false;
	for (int i = 0; i < nowns; i++)
		if (owns[i].from <= day && owns[i].until > day)
		{
			*is_own = owns[i].target.is_there;
			return share_out(w, &owns[i].target, p, shared);
		}
	return card != NULL ? share_out(w, &card->target, p, shared) : NULL;
}

static void
add_sum(Sum *sum, const Whole *whole, TimestampTz last_at)
{
	whole_merge(&sum->whole, whole);
	sum->last_at = Max(sum->last_at, last_at);
}

/* Slots of a group, made when they are first needed. */
static Sum *
new_sums(const Work *w)
{
	Sum		   *sums = MemoryContextAllocExtended(CurrentMemoryContext, w->nslots * sizeof(Sum),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int i = 0; i < w->nslots; i++)
		sums[i].last_at = DT_NOBEGIN;
	return sums;
}

static Sum *
sums_above(Work *w, int group)
{
	if (w->above[group] == NULL)
		w->above[group] = new_sums(w);
	for (int i = 0; i < w->ntouched; i++)
		if (w->touched[i] == group)
			return w->above[group];
	w->touched[w->ntouched++] = group;
	return w->above[group];
}

/* Adds a part of a subject to its own slots, and to those of the groups where it stood. */
static void
add_part(Work *w, const Subject *s, int p, const Whole *whole, TimestampTz last_at)
{
	const Part *part = &w->part[p];

	for (int g = 0; g < GRAIN_COUNT; g++)
		if (part->whole[g] >= 0 && w->slot[part->whole[g]].is_needed)
			add_sum(&w->own[part->whole[g]], whole, last_at);
	if (w->kpi->over_time == OVER_LAST)
		return;
	for (int i = 0; i < s->nplaces; i++)
	{
		const PlaceSpan *place = &s->places[i];
		Sum		   *sums;

		if (place->from > part->upto || place->until <= part->from_day || place->resumes <= part->upto)
			continue;
		if (w->measured[place->ancestor] != NULL && w->measured[place->ancestor][p])
			break;				/* it speaks for all below it */
		sums = sums_above(w, place->ancestor);
		for (int g = 0; g < GRAIN_COUNT; g++)
			if (part->whole[g] >= 0 && w->slot[part->whole[g]].is_needed)
				add_sum(&sums[part->whole[g]], whole, last_at);
	}
}

/* Adds one member, as it stands in a slot, to a group. */
static void
add_member(Work *w, const Subject *s, int group, int slot, const Sum *member)
{
	Sum		   *total;
	Whole		whole;

	if (member->whole.aggregation == OVER_NONE)
		return;
	whole = member->whole;
	if (w->group[group] == NULL)
		w->group[group] = new_sums(w);
	total = &w->group[group][slot];
	whole_merge(&total->pooled, &whole);
	total->members += whole.actual.parts_count > 0;
	whole_as_member(&whole, w->kpi->over_subjects, s->place);
	add_sum(total, &whole, member->last_at);
}

/* Has the subject a target of its own on a day? */
static bool
has_own_target(const OwnSpan *owns, int nowns, DateADT day)
{
	for (int i = 0; i < nowns; i++)
		if (owns[i].from <= day && owns[i].until > day)
			return owns[i].target.is_there;
	return false;
}

/* One more who carries the KPI: the area that is shown is that of most of them. */
static void
add_carrier(Work *w, Sum *total, const CardSpan *card)
{
	total->carriers++;
	total->weight += card->weight;
	if (total->area_votes == 0)
		total->area = (int) (card - w->cards) + 1;
	total->area_votes += w->cards[total->area - 1].area_place == card->area_place ? 1 : -1;
}

/*
 * Who carries the KPI on the last day of a slot counts on the card of the groups
 * above; a group only where it was measured itself.
 */
static void
add_to_cards(Work *w, const Subject *s, int slot)
{
	const Slot *at = &w->slot[slot];
	const CardSpan *card = carried(w, s, at->from_day, at->upto);

	if (card == NULL || (s->is_group && w->own[slot].whole.actual.parts_count == 0))
		return;
	for (int i = 0; i < s->nplaces; i++)
	{
		const PlaceSpan *place = &s->places[i];

		if (place->from > at->upto || place->until <= at->from_day || place->resumes <= at->upto)
			continue;
		if (w->group[place->ancestor] == NULL)
			w->group[place->ancestor] = new_sums(w);
		add_carrier(w, &w->group[place->ancestor][slot], card);
	}
}

/* Does a subject's last value count in groups: does it carry the KPI then, or have a target of its own? */
static bool
counts_on(const Work *w, const Subject *s, DateADT day)
{
	const RoleSpan *span = role_span(s, day, day);
	int			nowns;
	const OwnSpan *owns = own_spans(w, s->id, &nowns);

	if (span == NULL)
		return false;
	return (span->job_role_id != 0 && card_span(w, span->job_role_id, day) != NULL) ||
		has_own_target(owns, nowns, day);
}

static bool
is_measured_in(const Work *w, int at, const Slot *slot)
{
	for (int p = slot->first_part; w->measured[at] != NULL && p < slot->first_part + slot->nparts; p++)
		if (w->measured[at][p])
			return true;
	return false;
}

/*
 * Where last values count, so does that of who is in the group on the last day of
 * the last part. A group that counts itself speaks for all below it.
 */
static void
add_last_value(Work *w, const Subject *s, int slot)
{
	DateADT		day = Min(w->slot[slot].last_day, w->q->as_of);

	if ((s->is_group && w->own[slot].whole.actual.parts_count == 0) || !counts_on(w, s, day))
		return;
	for (int i = 0; i < s->nplaces; i++)
	{
		int			above = s->places[i].ancestor;

		if (s->places[i].from > day || s->places[i].until <= day)
			continue;
		add_member(w, s, above, slot, &w->own[slot]);
		if (is_measured_in(w, above, &w->slot[slot]) && counts_on(w, &w->q->subject[above], day))
			break;
	}
}

/* The parts of a subject that is no group, or was measured itself. */
static void
add_subject(Work *w, int at)
{
	const Subject *s = &w->q->subject[at];
	int			nowns;
	const OwnSpan *owns = own_spans(w, s->id, &nowns);

	for (int p = 0; p < w->nuncut; p++)
	{
		const Part *part = &w->part[p];
		const RoleSpan *span = role_span(s, part->from_day, part->upto);
		DateADT		day = judged_day(span, part->upto);
		const CardSpan *card = span != NULL && span->job_role_id != 0 ?
			card_span(w, span->job_role_id, day) : NULL;
		bool		is_own;
		KpiTarget	shared;
		const KpiTarget *target = target_in_force(w, card, owns, nowns, day, p, &is_own, &shared);
		bool		is_carried = card != NULL || (is_own && span != NULL);
		const KpiActual *actual = w->actual[p];
		WholePeriod period = {part->start, part->end, w->q->as_of};
		Whole		whole;

		if (w->below[at] != NULL && w->below[at][p] && (w->measured[at] == NULL || !w->measured[at][p]))
			continue;
		if (!is_carried && actual == NULL)
			continue;
		if (actual == NULL && is_carried && w->kpi->absent_is_zero && part->start <= w->kpi->reached)
			actual = &no_observation;
		whole_part(&whole, w->kpi->over_time, actual, target, is_carried, &period, w->q->known_until);
		add_part(w, s, p, &whole, actual != NULL && actual->has_times ? actual->last_at : DT_NOBEGIN);
	}
	for (int i = 0; i < w->ntouched; i++)
	{
		int			group = w->touched[i];

		for (int slot = 0; slot < w->nslots; slot++)
			if (w->slot[slot].is_needed)
				add_member(w, s, group, slot, &w->above[group][slot]);
		for (int slot = 0; slot < w->nslots; slot++)
		{
			w->above[group][slot].whole.aggregation = OVER_NONE;
			w->above[group][slot].last_at = DT_NOBEGIN;
		}
	}
	w->ntouched = 0;
	for (int slot = 0; slot < w->nslots; slot++)
	{
		if (!w->slot[slot].is_needed)
			continue;
		add_to_cards(w, s, slot);
		if (w->kpi->over_time == OVER_LAST)
			add_last_value(w, s, slot);
	}
}

/* What a group is asked for in a part, by its own card and targets. */
static const KpiTarget *
group_target(Work *w, const Subject *s, const OwnSpan *owns, int nowns, int p, bool *is_carried,
			 KpiTarget *shared)
{
	const Part *part = &w->part[p];
	const RoleSpan *span = role_span(s, part->from_day, part->upto);
	DateADT		day = judged_day(span, part->upto);
	const CardSpan *card = span != NULL && span->job_role_id != 0 ?
		card_span(w, span->job_role_id, day) : NULL;
	bool		is_own;
	const KpiTarget *target = target_in_force(w, card, owns, nowns, day, p, &is_own, shared);

	*is_carried = card != NULL || (is_own && span != NULL);
	return target;
}

/*
 * A group with targets of its own is asked whole: what its members observed in
 * each part, against its target. False where it has none in the slot; then out
 * holds what it carries itself, without data.
 */
static bool
ask_group(Work *w, const Subject *s, const Sum *sums, int slot, Whole *out)
{
	int			nowns;
	const OwnSpan *owns = own_spans(w, s->id, &nowns);
	const Slot *at = &w->slot[slot];
	bool		is_asked = false;
	bool		is_carried;
	KpiTarget	shared;

	memset(out, 0, sizeof(*out));
	for (int p = at->first_part; p < at->first_part + at->nparts && !is_asked; p++)
		is_asked = group_target(w, s, owns, nowns, p, &is_carried, &shared) != NULL;
	for (int p = at->first_part; p < at->first_part + at->nparts; p++)
	{
		const Part *part = &w->part[p];
		WholePeriod period = {part->start, part->end, w->q->as_of};
		const KpiTarget *target = group_target(w, s, owns, nowns, p, &is_carried, &shared);
		Whole		whole;

		memset(&whole, 0, sizeof(whole));
		if (is_asked && sums != NULL)
		{
			const Sum  *base = &sums[part->whole[w->base]];

			whole = w->kpi->over_time == OVER_LAST ? base->whole : base->pooled;
			if (whole.aggregation != OVER_NONE)
				whole.aggregation = w->kpi->over_time;
		}
		if (target != NULL)
			whole_ask(&whole, w->kpi->over_time, target, is_carried, &period);
		else if (whole.aggregation == OVER_NONE && is_carried)
			whole_part(&whole, w->kpi->over_time, NULL, NULL, true, &period, w->q->known_until);
		whole_merge(out, &whole);
	}
	return is_asked;
}

/* Puts out a line, if there is one: who carries the KPI, is asked, or has data. */
static void
put_line(Work *w, const Subject *s, int slot, Sum *sum)
{
	const Slot *at = &w->slot[slot];
	const RoleSpan *span = role_span(s, at->from_day, at->upto);
	bool		has_role = span != NULL && span->job_role_id != 0;
	const CardSpan *card = carried(w, s, at->from_day, at->upto);
	bool		is_asked = false;
	bool		is_derived;
	WholeJudgement judgement;
	WholeVerdict v;
	DateADT		last_day = w->q->grid != 0 ? at->last_day : Max(at->end, at->last_day);
	Datum		values[LINE_COLUMNS];
	bool		nulls[LINE_COLUMNS];
	int			n = 0;
	Whole		asked;

	if (s->is_group)
	{
		is_asked = ask_group(w, s, w->group[s - w->q->subject], slot, &asked);
		if (sum->whole.aggregation == OVER_NONE)
			sum->whole = asked;
		else if (is_asked)
			whole_judged_by(&sum->whole, &asked);
	}
	is_derived = !has_role && !w->kpi->is_candidate && (sum->carriers > 0 || is_asked);
	if (card == NULL && sum->carriers == 0 && !is_asked && sum->whole.actual.parts_count == 0 &&
		!(sum->whole.flags & WHOLE_NOT_KNOWN))
		return;
	judgement.runs = at->last_day > w->q->as_of;
	judgement.share = Min(1.0, ((double) w->q->as_of - at->first_day + 1) /
						  ((double) at->last_day - at->first_day + 1));
	judgement.at_risk_from = w->kpi->at_risk_from;
	judgement.over_subjects = w->kpi->over_subjects;
	whole_judge(&sum->whole, w->kpi->over_time, &judgement, &v);

#define PUT(present, datum) \
	(nulls[n] = !(present), values[n] = nulls[n] ? (Datum) 0 : (datum), n++)
	PUT(true, Int32GetDatum(s->id));
	PUT(true, Int32GetDatum(w->kpi->id));
	PUT(true, PackedGridGetDatum(w->q->grids[at->grain]));
	PUT(true, DateADTGetDatum(at->start));
	PUT(has_role, Int32GetDatum(span->job_role_id));
	PUT(card != NULL || (is_derived && sum->area > 0),
		Int32GetDatum(card != NULL ? card->result_area_id : w->cards[sum->area - 1].result_area_id));
	PUT(card != NULL || is_derived,
		Float8GetDatum(card != NULL ? card->weight : (sum->carriers > 0 ? sum->weight : 1.0)));
	PUT(true, BoolGetDatum(is_derived));
	PUT(true, Int32GetDatum(sum->carriers > 0 ? sum->carriers : 1));
	PUT(true, Int32GetDatum(sum->members));
	PUT(!TIMESTAMP_IS_NOBEGIN(sum->last_at), TimestampTzGetDatum(sum->last_at));
	PUT(true, BoolGetDatum(judgement.runs));
	PUT(v.has_actual, Float8GetDatum(v.actual));
	PUT(v.has_judged, Float8GetDatum(v.judged));
	PUT(v.has_target, PointerGetDatum(&v.target));
	PUT(v.has_expected, Float8GetDatum(v.expected_lower));
	PUT(v.has_expected, Float8GetDatum(v.expected_upper));
	PUT(v.has_attainment, Float8GetDatum(v.attainment));
	PUT(v.has_progress, Float8GetDatum(v.progress));
	PUT(v.has_projected, Float8GetDatum(v.projected));
	PUT(true, kra_status_datum(v.status));
	PUT(v.has_met, BoolGetDatum(v.met));
	PUT(v.has_coverage, Float8GetDatum(v.coverage));
	PUT(v.reason != NULL, CStringGetTextDatum(v.reason));
	PUT(true, Int64GetDatum(sum->whole.observations));
	PUT(true, DateADTGetDatum(Min(at->start, at->first_day)));
	PUT(true, DateADTGetDatum(last_day));
	PUT(true, BoolGetDatum(last_day < w->q->as_of && !(sum->whole.flags & WHOLE_NOT_KNOWN)));
#undef PUT
	tuplestore_putvalues(w->result->setResult, w->result->setDesc, values, nulls);
}

/* The lines of a subject that is no group. */
static void
put_subject(Work *w, const Subject *s)
{
	for (int slot = 0; s->is_wanted && slot < w->nslots; slot++)
	{
		Sum		   *sum = &w->own[slot];

		if (!w->slot[slot].is_wanted)
			continue;
		sum->members = sum->whole.actual.parts_count > 0;
		put_line(w, s, slot, sum);
	}
}

static void
clear_own(Work *w)
{
	memset(w->own, 0, w->nslots * sizeof(Sum));
	for (int slot = 0; slot < w->nslots; slot++)
		w->own[slot].last_at = DT_NOBEGIN;
	memset(w->actual, 0, w->nparts * sizeof(*w->actual));
}

/* The part that starts on a day; -1: none. */
static int
find_part(const Work *w, DateADT start)
{
	int			low = 0;
	int			high = w->nparts;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (w->part[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->nparts && w->part[low].start == start ? low : -1;
}

/* May a group have targets of its own, by which it is asked part by part? */
static bool
asks_groups(const Work *w)
{
	for (int at = 0; at < w->q->nsubjects; at++)
	{
		const Subject *s = &w->q->subject[at];
		int			nowns;

		if (!s->is_group)
			continue;
		own_spans(w, s->id, &nowns);
		if (nowns > 0)
			return true;
		for (int i = 0; i < s->nroles; i++)
			if (s->roles[i].job_role_id != 0)
				return true;
	}
	return false;
}

/* Cuts the days into the parts of the KPI, and into the periods that they belong to. */
static void
cut_periods(Work *w)
{
	const LineQuery *q = w->q;
	Grid		base;
	Grid		grids[GRAIN_COUNT];
	int64		period;
	int64		end;
	int			last[GRAIN_COUNT];
	bool		asks = asks_groups(w);

	kra_unpack_grid(w->kpi->grid, &base);
	w->base = base.grain;
	period = kra_period_of(&base, q->first + POSTGRES_EPOCH_JDATE);
	end = kra_period_of(&base, q->last + POSTGRES_EPOCH_JDATE);
	w->nparts = (int) (end - period + 1);
	w->part = MemoryContextAllocExtended(CurrentMemoryContext, w->nparts * sizeof(Part),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	w->slot = MemoryContextAllocExtended(CurrentMemoryContext,
										 (Size) w->nparts * GRAIN_COUNT * sizeof(Slot),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	w->nslots = 0;
	w->nuncut = w->nparts;
	for (int g = 0; g < GRAIN_COUNT; g++)
	{
		kra_unpack_grid(q->grids[g], &grids[g]);
		last[g] = -1;
	}
	for (int p = 0; p < w->nparts; p++)
	{
		Part	   *part = &w->part[p];
		bool		is_cut;

		part->start = DatumGetDateADT(kra_period_date(&base, period + p, 0));
		part->end = DatumGetDateADT(kra_period_date(&base, period + p + 1, -1));
		part->from_day = Min(part->start, q->as_of);
		part->upto = Min(part->end, q->as_of);
		is_cut = part->start + kra_days_to_middle(&base) > q->cut;
		if (is_cut && w->nuncut > p)
			w->nuncut = p;
		for (int g = 0; g < GRAIN_COUNT; g++)
		{
			DateADT		start;
			Slot	   *slot;

			part->whole[g] = -1;
			if (grids[g].grain < base.grain)
				continue;
			start = DatumGetDateADT(DirectFunctionCall3(kra_whole_start, PackedGridGetDatum(q->grids[g]),
														PackedGridGetDatum(w->kpi->grid),
														DateADTGetDatum(part->start)));
			if (last[g] < 0 || w->slot[last[g]].start != start)
			{
				last[g] = w->nslots++;
				slot = &w->slot[last[g]];
				slot->grain = g;
				slot->start = start;
				slot->end = DatumGetDateADT(kra_period_date(&grids[g],
															kra_period_of(&grids[g], start + POSTGRES_EPOCH_JDATE) + 1, -1));
				slot->from_day = Min(start, q->as_of);
				slot->upto = Min(Min(slot->end, q->as_of), q->cut);
				slot->first_day = part->start;
				slot->first_part = p;
			}
			slot = &w->slot[last[g]];
			slot->full_parts++;
			part->whole[g] = last[g];
			if (!is_cut)
			{
				slot->last_day = part->end;
				slot->nparts++;
			}
		}
	}
	for (int i = 0; i < w->nslots; i++)
	{
		Slot	   *slot = &w->slot[i];

		slot->is_wanted = Min(slot->start, slot->first_day) <= q->until &&
			Max(slot->end, slot->last_day) >= q->from && slot->first_day <= q->as_of;
		if (q->grid != 0)
			slot->is_wanted = q->grids[slot->grain] == q->grid && slot->start == q->from && slot->nparts > 0 &&
				slot->first_day <= q->as_of;
		slot->is_needed = slot->is_wanted || (slot->grain == w->base && asks);
	}
}

/* Which subjects have somebody below them, and when. */
static void
find_groups(Work *w)
{
	for (int at = 0; at < w->q->nsubjects; at++)
	{
		const Subject *s = &w->q->subject[at];

		for (int i = 0; i < s->nplaces; i++)
		{
			const PlaceSpan *place = &s->places[i];
			uint8	  **below = &w->below[place->ancestor];

			if (*below == NULL)
				*below = MemoryContextAllocExtended(CurrentMemoryContext, Max(w->nparts, 1),
													MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
			for (int p = 0; p < w->nparts; p++)
				if (place->from <= w->part[p].upto && place->until > w->part[p].from_day &&
					place->resumes > w->part[p].upto)
					(*below)[p] = 1;
		}
	}
}

/* Which groups were measured themselves, and when, as far as it is known. */
static void
load_measured(Work *w)
{
	for (int i = 0; i < w->q->nsubjects; i++)
		w->measured[i] = NULL;
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		bool		isnull;
		HeapTuple	tuple = SPI_tuptable->vals[row];
		int			at = kra_find_subject(w->q, DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull)));
		int			p = find_part(w, DatumGetDateADT(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull)));

		if (at < 0 || p < 0)
			continue;
		if (w->measured[at] == NULL)
			w->measured[at] = palloc0(w->nparts);
		w->measured[at][p] = 1;
	}
}

/* The groups among the subjects, as an array; 0: there are none. */
static Datum
group_ids(const LineQuery *q)
{
	Datum	   *ids = palloc(Max(q->nsubjects, 1) * sizeof(Datum));
	int			n = 0;

	for (int i = 0; i < q->nsubjects; i++)
		if (q->subject[i].is_group)
			ids[n++] = Int32GetDatum(q->subject[i].id);
	return n == 0 ? 0 : PointerGetDatum(construct_array(ids, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* Queries over measurements, of all subjects and of some: KPI, days, subjects, known_until. */
#define MEASUREMENTS " FROM kra.measurements m WHERE m.kpi_id = $1 AND m.period_start BETWEEN $2 AND $3"
#define OF_SUBJECTS " AND m.subject_id = ANY ($4)"
#define OF_GROUPS \
	"SELECT m.subject_id, m.period_start" MEASUREMENTS OF_SUBJECTS \
	" AND (kra.last_at(m.actual) IS NULL OR kra.last_at(m.actual) < $5)"
#define OF_ALL "SELECT m.subject_id, m.period_start, m.actual" MEASUREMENTS
#define IN_ORDER " ORDER BY m.subject_id"

/* Reads the measurements of groups; opens those of all. */
static Portal
open_measurements(Work *w)
{
	static SPIPlanPtr of_groups;
	static SPIPlanPtr of_all[2];
	Oid			types[] = {INT4OID, DATEOID, DATEOID, INT4ARRAYOID, TIMESTAMPTZOID};
	Datum		values[] = {
		Int32GetDatum(w->kpi->id), DateADTGetDatum(w->q->first), DateADTGetDatum(Min(w->q->last, w->q->as_of)),
		w->q->groups, TimestampTzGetDatum(w->q->known_until)
	};
	bool		some = w->q->members != 0;

	if (w->q->groups != 0)
	{
		kra_keep_plan(&of_groups, OF_GROUPS, lengthof(types), types);
		if (SPI_execute_plan(of_groups, values, NULL, true, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not read measurements of groups");
		load_measured(w);
	}
	values[3] = w->q->members;
	kra_keep_plan(&of_all[some], some ? OF_ALL OF_SUBJECTS IN_ORDER : OF_ALL IN_ORDER, lengthof(types), types);
	return SPI_cursor_open(NULL, of_all[some], values, some ? NULL : "   n ", true);
}

/* Goes through the subjects in the order of their ids, with their measurements. */
static void
fold_measurements(Work *w)
{
	Portal		portal = open_measurements(w);
	uint64		row = 0;
	MemoryContext rows = AllocSetContextCreate(CurrentMemoryContext, "measurements of a subject",
											   ALLOCSET_DEFAULT_SIZES);

	find_groups(w);
	SPI_cursor_fetch(portal, true, FETCH_ROWS);
	for (int at = 0; at < w->q->nsubjects; at++)
	{
		const Subject *s = &w->q->subject[at];

		CHECK_FOR_INTERRUPTS();
		clear_own(w);
		MemoryContextReset(rows);
		for (;;)
		{
			HeapTuple	tuple;
			bool		isnull;
			int32		id;
			int			p;
			MemoryContext old;
			KpiActual  *copy;

			if (row >= SPI_processed)
			{
				if (SPI_processed == 0)
					break;
				SPI_freetuptable(SPI_tuptable);
				SPI_cursor_fetch(portal, true, FETCH_ROWS);
				row = 0;
				continue;
			}
			tuple = SPI_tuptable->vals[row];
			id = DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
			if (id > s->id)
				break;
			row++;
			if (id < s->id)
				continue;
			p = find_part(w, DatumGetDateADT(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull)));
			if (p < 0)
				continue;
			old = MemoryContextSwitchTo(rows);
			copy = palloc(sizeof(KpiActual));
			memcpy(copy, DatumGetPointer(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &isnull)), sizeof(KpiActual));
			MemoryContextSwitchTo(old);
			w->actual[p] = copy;
		}
		add_subject(w, at);
		if (!s->is_group)
			put_subject(w, s);
		else
		{
			/* where it was measured itself, or nobody was below it, it is its own member */
			for (int slot = 0; slot < w->nslots; slot++)
				if (w->own[slot].whole.aggregation != OVER_NONE)
					add_member(w, s, at, slot, &w->own[slot]);
		}
	}
	SPI_cursor_close(portal);
	MemoryContextDelete(rows);
}

static void
put_groups(Work *w)
{
	Sum			nothing;

	memset(&nothing, 0, sizeof(nothing));
	for (int at = 0; at < w->q->nsubjects; at++)
	{
		const Subject *s = &w->q->subject[at];

		for (int slot = 0; s->is_group && s->is_wanted && slot < w->nslots; slot++)
		{
			Sum			sum = w->group[at] != NULL ? w->group[at][slot] : nothing;

			if (w->group[at] == NULL)
				sum.last_at = DT_NOBEGIN;
			if (w->slot[slot].is_wanted)
				put_line(w, s, slot, &sum);
		}
	}
}

/* The spans of the KPI, among those of all: both are in the order of KPIs. */
static void
find_spans(Work *w, int *card, int *own)
{
	const LineQuery *q = w->q;

	while (*card < q->ncards && q->cards[*card].kpi_id < w->kpi->id)
		(*card)++;
	w->cards = &q->cards[*card];
	w->ncards = 0;
	while (*card + w->ncards < q->ncards && w->cards[w->ncards].kpi_id == w->kpi->id)
		w->ncards++;
	while (*own < q->nowns && q->owns[*own].kpi_id < w->kpi->id)
		(*own)++;
	w->owns = &q->owns[*own];
	w->nowns = 0;
	while (*own + w->nowns < q->nowns && w->owns[w->nowns].kpi_id == w->kpi->id)
		w->nowns++;
}

/* The arguments that say of whom and of what; NULL for all. */
static void
subject_args(FunctionCallInfo fcinfo, int argno, LineQuery *q)
{
	q->subjects = PG_ARGISNULL(argno) ? 0 : PointerGetDatum(PG_GETARG_ARRAYTYPE_P(argno));
	q->kpis = PG_ARGISNULL(argno + 1) ? 0 : PointerGetDatum(PG_GETARG_ARRAYTYPE_P(argno + 1));
}

/* Makes the lines that are asked for, KPI by KPI. */
static void
make_lines(FunctionCallInfo fcinfo, LineQuery *q)
{
	Work		w;
	int			card = 0;
	int			own = 0;
	int			level;
	MemoryContext work;

	if (DATE_NOT_FINITE(q->as_of) || DATE_NOT_FINITE(q->from) || DATE_NOT_FINITE(q->until))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date must be finite")));
	InitMaterializedSRF(fcinfo, 0);
	q->context = CurrentMemoryContext;
	level = kra_begin_spi();
	kra_load_lines(q);
	q->groups = group_ids(q);
	work = AllocSetContextCreate(q->context, "lines of a KPI", ALLOCSET_DEFAULT_SIZES);
	for (int k = 0; k < q->nkpis && q->from <= q->until; k++)
	{
		MemoryContext old = MemoryContextSwitchTo(work);

		memset(&w, 0, sizeof(w));
		w.q = q;
		w.kpi = &q->kpi[k];
		w.fcinfo = fcinfo;
		w.result = (ReturnSetInfo *) fcinfo->resultinfo;
		find_spans(&w, &card, &own);
		cut_periods(&w);
		w.group = palloc0(Max(q->nsubjects, 1) * sizeof(Sum *));
		w.measured = palloc0(Max(q->nsubjects, 1) * sizeof(uint8 *));
		w.above = palloc0(Max(q->nsubjects, 1) * sizeof(Sum *));
		w.below = palloc0(Max(q->nsubjects, 1) * sizeof(uint8 *));
		w.touched = palloc(Max(q->nsubjects, 1) * sizeof(int));
		w.own = new_sums(&w);
		w.actual = MemoryContextAllocExtended(work, Max(w.nparts, 1) * sizeof(*w.actual),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		fold_measurements(&w);
		put_groups(&w);
		MemoryContextSwitchTo(old);
		MemoryContextReset(work);
	}
	kra_end_spi(level);
}

/*
 * lines(as_of, from, until, subjects, kpis): the lines of every grain whose
 * periods touch the days from..until and have begun by as_of, as known on as_of;
 * of some subjects and KPIs, NULL for all. With the rights of the caller.
 */
PG_FUNCTION_INFO_V1(kra_lines);
Datum
kra_lines(PG_FUNCTION_ARGS)
{
	LineQuery	q = {.cut = DATEVAL_NOEND};

	for (int i = 0; i < 3; i++)
		kra_need_arg(fcinfo, i);
	q.as_of = PG_GETARG_DATEADT(0);
	q.from = PG_GETARG_DATEADT(1);
	q.until = PG_GETARG_DATEADT(2);
	subject_args(fcinfo, 3, &q);
	make_lines(fcinfo, &q);
	return (Datum) 0;
}

/*
 * lines_to_date(as_of, grid, period_start, upto, subjects, kpis): the lines of one period
 * of a grid in force, as if it ended with its parts up to a day (a week is up to the day
 * if its fourth is), as known on as_of. Shares of a target are those of the whole period.
 */
PG_FUNCTION_INFO_V1(kra_lines_to_date);
Datum
kra_lines_to_date(PG_FUNCTION_ARGS)
{
	LineQuery	q = {0};

	for (int i = 0; i < 4; i++)
		kra_need_arg(fcinfo, i);
	q.as_of = PG_GETARG_DATEADT(0);
	q.grid = PG_GETARG_PACKED_GRID(1);
	q.from = PG_GETARG_DATEADT(2);
	q.until = q.cut = PG_GETARG_DATEADT(3);
	subject_args(fcinfo, 4, &q);
	make_lines(fcinfo, &q);
	return (Datum) 0;
}
