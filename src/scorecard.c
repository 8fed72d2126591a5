/*
 * scorecard.c: how a scorecard is stored, read, built and validated.
 *
 * Stored format: a header, then packed entries without padding:
 *
 *     flags       uint16: see below
 *     KRA         uint16 length, bytes; left out when it is the KRA before
 *     KPI         uint16 length, bytes
 *     weight      float8; left out when it is 1
 *     actual      float8; if there is one; of entries that were rolled up, a
 *                 second one: what the mean lost by rounding
 *     basis       float8 weight, int32 members, int32 of them with figures;
 *                 of entries that were rolled up
 *     distance    float8; of those with actual and a target of two sides
 *     target      float8 T, or L and U; then the parts that are there, the
 *                 numbers as float8 and the dates as int32; if there is one
 *     more        uint16: see below; the rest stands only with ENTRY_MORE
 *     attainment  float8; of an entry that was judged to have one
 *     coverage    float8; left out when it is 1
 *     drives      uint16 length in bytes, then the names, each uint16 length and
 *                 bytes; if there are any
 *
 * A card at rest is sorted bytewise by KRA and KPI, and each KPI appears once.
 * While scorecard_agg() builds one, entries stand in the order of arrival, each
 * with its KRA, and the varlena has room behind them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "scorecard.h"

#define ENTRY_ACTIVITY		0x0001
#define ENTRY_HAS_ACTUAL	0x0002
#define ENTRY_HAS_TARGET	0x0004
#define ENTRY_WEIGHT_ONE	0x0008
#define ENTRY_SAME_KRA		0x0010
#define ENTRY_MERGED		0x0020
#define ENTRY_HAS_DISTANCE	0x4000
#define ENTRY_MORE			0x8000
#define ENTRY_DIRECTION(flags) ((((flags) >> 6) & 0x03) + 1)
#define ENTRY_PARTS(flags)	(((flags) >> 8) & KPI_ALL_PARTS)

#define MORE_TIMING(more)	((more) & 0x0003)
#define MORE_DRIVES			0x0004
#define MORE_JUDGED			0x0008
#define MORE_ATTAINMENT		0x0010
#define MORE_COVERAGE		0x0020
#define MORE_STATUS(more)	(((more) >> 6) & 0x07)

/* About the most that the text form of an entry has beside its names. */
#define ENTRY_TEXT_SIZE 700

/* The first allocation of a card that is being built. */
#define BUILD_SIZE 256

StaticAssertDecl(KPI_ALL_PARTS == 0x3F, "parts of a target must fit into the flags");
StaticAssertDecl(6 * SCORECARD_MAX_SIZE + SCORECARD_MAX_ENTRIES * ENTRY_TEXT_SIZE < KRA_MAX_CARD,
				 "the largest card must be read back from its text form");

#define TAKE(p, value) \
	do { memcpy(&(value), (p), sizeof(value)); (p) += sizeof(value); } while (0)
#define PUT(p, value) \
	do { memcpy((p), &(value), sizeof(value)); (p) += sizeof(value); } while (0)

/*
 * A scorecard argument, canonical. The state of an aggregate may leak to SQL
 * through partial aggregation; it is sorted and checked on the way in.
 */
Scorecard *
kra_scorecard_arg(FunctionCallInfo fcinfo, int argno)
{
	Scorecard  *card = (Scorecard *) PG_DETOAST_DATUM(PG_GETARG_DATUM(argno));

	if (unlikely(card->flags & SCORECARD_BUILDING))
		card = scorecard_build(scorecard_entries(card), card->count, NULL);
	return card;
}

void
scorecard_read(ScorecardReader *r, const Scorecard *card)
{
	r->next = card->data;
	r->left = card->count;
	r->kra = NULL;
	r->kra_len = 0;
}

bool
scorecard_next(ScorecardReader *r, ScorecardEntry *e)
{
	const char *p = r->next;
	uint16		flags;

	CHECK_FOR_INTERRUPTS();
	if (r->left == 0)
		return false;
	r->left--;
	TAKE(p, flags);
	if (!(flags & ENTRY_SAME_KRA))
	{
		TAKE(p, r->kra_len);
		r->kra = p;
		p += r->kra_len;
	}
	e->kra = r->kra;
	e->kra_len = r->kra_len;
	TAKE(p, e->kpi_len);
	e->kpi = p;
	p += e->kpi_len;
	e->kind = (flags & ENTRY_ACTIVITY) ? KPI_ACTIVITY : KPI_OUTCOME;
	e->has_actual = (flags & ENTRY_HAS_ACTUAL) != 0;
	e->has_target = (flags & ENTRY_HAS_TARGET) != 0;
	e->merged = (flags & ENTRY_MERGED) != 0;
	e->weight = 1.0;
	e->actual = e->actual_lo = 0.0;
	if (!(flags & ENTRY_WEIGHT_ONE))
		TAKE(p, e->weight);
	if (e->has_actual)
		TAKE(p, e->actual);
	if (e->has_actual && e->merged)
		TAKE(p, e->actual_lo);
	if (e->merged)
	{
		TAKE(p, e->basis_weight);
		TAKE(p, e->members);
		TAKE(p, e->basis_members);
	}
	else
	{
		e->basis_weight = e->weight;
		e->members = e->basis_members = 1;
	}
	e->has_distance = (flags & ENTRY_HAS_DISTANCE) != 0;
	e->distance = 0.0;
	if (e->has_distance)
		TAKE(p, e->distance);
	memset(&e->target, 0, sizeof(e->target));
	if (e->has_target)
	{
		KpiTarget  *t = &e->target;

		t->version = KPI_TARGET_VERSION;
		t->direction = ENTRY_DIRECTION(flags);
		t->parts = ENTRY_PARTS(flags);
		TAKE(p, t->lower);
		t->upper = t->lower;
		if (t->direction == KPI_INSIDE)
			TAKE(p, t->upper);
		if (t->parts & KPI_HAS_BASELINE)
			TAKE(p, t->baseline);
		if (t->parts & KPI_HAS_THRESHOLD)
			TAKE(p, t->threshold);
		if (t->parts & KPI_HAS_STRETCH)
			TAKE(p, t->stretch);
		if (t->parts & KPI_HAS_SCALE)
			TAKE(p, t->scale);
		if (t->parts & KPI_HAS_SINCE)
			TAKE(p, t->since);
		if (t->parts & KPI_HAS_DUE)
			TAKE(p, t->due);
	}
	e->timing = KPI_TIMING_UNKNOWN;
	e->judged = e->has_attainment = false;
	e->attainment = 0.0;
	e->status = KPI_NO_TARGET;
	e->coverage = 1.0;
	e->drives = "";
	e->drives_len = 0;
	if (flags & ENTRY_MORE)
	{
		uint16		more;

		TAKE(p, more);
		e->timing = MORE_TIMING(more);
		e->judged = (more & MORE_JUDGED) != 0;
		e->has_attainment = (more & MORE_ATTAINMENT) != 0;
		e->status = MORE_STATUS(more);
		if (e->has_attainment)
			TAKE(p, e->attainment);
		if (more & MORE_COVERAGE)
			TAKE(p, e->coverage);
		if (more & MORE_DRIVES)
		{
			TAKE(p, e->drives_len);
			e->drives = p;
			p += e->drives_len;
		}
	}
	r->next = p;
	return true;
}

/* What an entry has beside figures of its own; 0: nothing. */
static uint16
more_flags(const ScorecardEntry *e)
{
	return e->timing | (e->drives_len > 0 ? MORE_DRIVES : 0) |
		(e->judged ? MORE_JUDGED | (e->status << 6) : 0) |
		(e->has_attainment ? MORE_ATTAINMENT : 0) | (e->coverage != 1.0 ? MORE_COVERAGE : 0);
}

/* Writes an entry at p, which has room for it; returns the end. */
static char *
pack_entry(char *p, const ScorecardEntry *e, bool same_kra)
{
	uint16		flags = 0;
	uint16		more = more_flags(e);

	if (e->kind == KPI_ACTIVITY)
		flags |= ENTRY_ACTIVITY;
	if (e->has_actual)
		flags |= ENTRY_HAS_ACTUAL;
	if (e->weight == 1.0)
		flags |= ENTRY_WEIGHT_ONE;
	if (same_kra)
		flags |= ENTRY_SAME_KRA;
	if (e->merged)
		flags |= ENTRY_MERGED;
	if (e->has_distance)
		flags |= ENTRY_HAS_DISTANCE;
	if (more != 0)
		flags |= ENTRY_MORE;
	if (e->has_target)
		flags |= ENTRY_HAS_TARGET | ((e->target.direction - 1) << 6) | (e->target.parts << 8);
	PUT(p, flags);
	if (!same_kra)
	{
		PUT(p, e->kra_len);
		memcpy(p, e->kra, e->kra_len);
		p += e->kra_len;
	}
	PUT(p, e->kpi_len);
	memcpy(p, e->kpi, e->kpi_len);
	p += e->kpi_len;
	if (e->weight != 1.0)
		PUT(p, e->weight);
	if (e->has_actual)
		PUT(p, e->actual);
	if (e->has_actual && e->merged)
		PUT(p, e->actual_lo);
	if (e->merged)
	{
		PUT(p, e->basis_weight);
		PUT(p, e->members);
		PUT(p, e->basis_members);
	}
	if (e->has_distance)
		PUT(p, e->distance);
	if (e->has_target)
	{
		const KpiTarget *t = &e->target;

		PUT(p, t->lower);
		if (t->direction == KPI_INSIDE)
			PUT(p, t->upper);
		if (t->parts & KPI_HAS_BASELINE)
			PUT(p, t->baseline);
		if (t->parts & KPI_HAS_THRESHOLD)
			PUT(p, t->threshold);
		if (t->parts & KPI_HAS_STRETCH)
			PUT(p, t->stretch);
		if (t->parts & KPI_HAS_SCALE)
			PUT(p, t->scale);
		if (t->parts & KPI_HAS_SINCE)
			PUT(p, t->since);
		if (t->parts & KPI_HAS_DUE)
			PUT(p, t->due);
	}
	if (more != 0)
		PUT(p, more);
	if (e->has_attainment)
		PUT(p, e->attainment);
	if (e->coverage != 1.0)
		PUT(p, e->coverage);
	if (e->drives_len > 0)
	{
		PUT(p, e->drives_len);
		memcpy(p, e->drives, e->drives_len);
		p += e->drives_len;
	}
	return p;
}

/* An upper bound of what pack_entry() writes; 8 bytes for each optional number. */
static size_t
packed_size(const ScorecardEntry *e)
{
	return 3 * sizeof(uint16) + e->kra_len + e->kpi_len +
		2 * sizeof(double) +
		(e->merged ? 3 * sizeof(double) + 2 * sizeof(int32) : 0) +
		(e->has_target ? (2 + (e->target.parts ? 6 : 0)) * sizeof(double) : 0) +
		(more_flags(e) != 0 ? 2 * sizeof(uint16) + 2 * sizeof(double) + e->drives_len : 0);
}

/* All entries of a card, as an array. */
ScorecardEntry *
scorecard_entries(const Scorecard *card)
{
	ScorecardEntry *entries = palloc(Max(card->count, 1) * sizeof(ScorecardEntry));
	ScorecardReader r;

	scorecard_read(&r, card);
	for (uint32 i = 0; i < card->count; i++)
		scorecard_next(&r, &entries[i]);
	return entries;
}

void
scorecard_entry_init(ScorecardEntry *e)
{
	memset(e, 0, sizeof(*e));
	e->weight = e->basis_weight = 1.0;
	e->members = e->basis_members = 1;
	e->coverage = 1.0;
	e->drives = "";
}

/* Has the entry both what an attainment is computed from? */
bool
scorecard_has_both(const ScorecardEntry *e)
{
	return e->has_actual && e->has_target;
}

/* Is there a verdict: given, or to be computed from actual and target? */
bool
scorecard_is_observed(const ScorecardEntry *e)
{
	return e->judged ? e->status >= KPI_OFF_TRACK : scorecard_has_both(e);
}

/* The part of the weight that has target and actual. */
double
scorecard_observed_weight(const ScorecardEntry *e)
{
	return scorecard_is_observed(e) ? e->basis_weight * e->coverage : 0.0;
}

/*
 * Takes a verdict that was given: an attainment without a status has that of a
 * score.
 */
void
scorecard_judge(ScorecardEntry *e, bool has_attainment, double attainment,
				bool has_status, KpiStatus status)
{
	e->judged = has_attainment || has_status;
	e->has_attainment = has_attainment;
	if (has_attainment)
		e->attainment = attainment;
	if (has_status)
		e->status = status;
	else if (has_attainment)
		e->status = kpi_score_status(attainment);
}

static bool
check_name(const char *name, int len, const char *what, Node *escontext)
{
	int			spaces = 0;

	if (len > SCORECARD_MAX_NAME)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("name of a %s is longer than %d bytes", what, SCORECARD_MAX_NAME)));
	while (spaces < len && (name[spaces] == ' ' || (name[spaces] >= '\t' && name[spaces] <= '\r')))
		spaces++;
	if (spaces == len)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("name of a %s must not be empty", what)));
	return true;
}

static int
compare_name_refs(const void *a, const void *b)
{
	const ScorecardName *x = a;
	const ScorecardName *y = b;

	return scorecard_compare_names(x->name, x->len, y->name, y->len);
}

bool
scorecard_check_drives(int n, Node *escontext)
{
	if (n > SCORECARD_MAX_DRIVES)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a KPI on a scorecard cannot drive more than %d KPIs",
						SCORECARD_MAX_DRIVES)));
	return true;
}

/* Checks, sorts and packs the names of the KPIs that the entry drives, each once. */
bool
scorecard_set_drives(ScorecardEntry *e, ScorecardName *names, int n, Node *escontext)
{
	size_t		size = 0;
	char	   *block;
	char	   *p;
	int			count = 0;

	for (int i = 0; i < n; i++)
	{
		if (!check_name(names[i].name, names[i].len, "KPI", escontext))
			return false;
		size += sizeof(uint16) + names[i].len;
	}
	qsort(names, n, sizeof(ScorecardName), compare_name_refs);
	block = p = palloc(Max(size, 1));
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && compare_name_refs(&names[i - 1], &names[i]) == 0)
			continue;
		PUT(p, names[i].len);
		memcpy(p, names[i].name, names[i].len);
		p += names[i].len;
		count++;
	}
	if (!scorecard_check_drives(count, escontext))
		return false;
	e->drives = block;
	e->drives_len = p - block;
	return true;
}

StaticAssertDecl(SCORECARD_MAX_DRIVES * (SCORECARD_MAX_NAME + sizeof(uint16)) <= PG_UINT16_MAX,
				 "the names that an entry drives must fit into their length");

/* Unpacks the names that the entry drives into room for SCORECARD_MAX_DRIVES. */
int
scorecard_get_drives(const ScorecardEntry *e, ScorecardName *names)
{
	const char *p = e->drives;
	int			n = 0;

	while (p < e->drives + e->drives_len)
	{
		TAKE(p, names[n].len);
		names[n].name = p;
		p += names[n++].len;
	}
	return n;
}

/*
 * The one validator of an entry, called by text, binary and JSON input, by the
 * constructor and by the aggregate. The target has been checked by its own.
 */
bool
scorecard_entry_check(ScorecardEntry *e, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), __VA_ARGS__))

	if (!check_name(e->kra, e->kra_len, "KRA", escontext) ||
		!check_name(e->kpi, e->kpi_len, "KPI", escontext))
		return false;
	if (!isfinite(e->weight))
		REFUSE(errmsg("weight must be a finite number, not %s", kra_not_finite_name(e->weight)));
	if (e->weight < 0.0)
		REFUSE(errmsg("weight must not be negative"));
	if (!isfinite(e->actual))
		REFUSE(errmsg("actual must be a finite number, not %s", kra_not_finite_name(e->actual)));
	e->weight += 0.0;
	e->actual += 0.0;
	e->actual_lo += 0.0;
	if (!isfinite(e->actual_lo) || e->actual + e->actual_lo != e->actual ||
		(e->actual_lo != 0.0 && !(e->merged && e->has_actual)))
		REFUSE(errmsg("the second part of a pair is for the rounding of a rolled-up actual"));
	if (!e->merged)
	{
		e->basis_weight = e->weight;
		e->members = e->basis_members = 1;
	}
	else if (!isfinite(e->basis_weight) || e->basis_weight < 0.0 ||
			 !kpi_ge(e->weight, e->basis_weight) || e->members < 1 ||
			 e->basis_members < 0 || e->basis_members > e->members)
		REFUSE(errmsg("what the figures of a rolled-up entry rest on does not fit its weight and members"));
	e->basis_weight += 0.0;

	if (e->judged && e->status < KPI_OFF_TRACK && e->has_attainment)
		REFUSE(errmsg("an entry with status \"%s\" has no attainment", kpi_status_name(e->status)));
	if (!isfinite(e->attainment))
		REFUSE(errmsg("attainment must be a finite number, not %s",
					  kra_not_finite_name(e->attainment)));
	e->attainment += 0.0;
	if (!(e->coverage >= 0.0 && e->coverage <= 1.0))
		REFUSE(errmsg("coverage must be between 0 and 1"));
	if (e->merged && e->coverage != 1.0)
		REFUSE(errmsg("coverage of a rolled-up entry is its basis weight"));
	e->coverage += 0.0;
	if (!scorecard_is_observed(e))
		e->coverage = 1.0;		/* of what has no data, all has none */

	/* a distance stands just where the actual alone does not tell it */
	if (e->has_distance !=
		(e->merged && !e->judged && scorecard_has_both(e) && !kpi_is_one_sided(&e->target)))
		REFUSE(errmsg("a distance belongs to a rolled-up entry with an actual and a target of two sides, and to no other"));
	if (!isfinite(e->distance) || e->distance > 0.0)
		REFUSE(errmsg("distance of a rolled-up entry must be a finite number, 0 or less"));
	e->distance += 0.0;
	return true;
#undef REFUSE
}

/* Bytewise, whatever the collation is. */
int
scorecard_compare_names(const char *a, int a_len, const char *b, int b_len)
{
	int			cmp = memcmp(a, b, Min(a_len, b_len));

	return cmp != 0 ? cmp : a_len - b_len;
}

/* For qsort() of entries by KPI alone. */
int
scorecard_compare_kpi(const void *a, const void *b)
{
	const ScorecardEntry *x = a;
	const ScorecardEntry *y = b;

	return scorecard_compare_names(x->kpi, x->kpi_len, y->kpi, y->kpi_len);
}

bool
scorecard_same_kpi(const ScorecardEntry *a, const ScorecardEntry *b)
{
	return a->kpi_len == b->kpi_len && memcmp(a->kpi, b->kpi, a->kpi_len) == 0;
}

static int
compare_entries(const void *a, const void *b)
{
	const ScorecardEntry *x = a;
	const ScorecardEntry *y = b;
	int			cmp = scorecard_compare_names(x->kra, x->kra_len, y->kra, y->kra_len);

	return cmp != 0 ? cmp : scorecard_compare_kpi(x, y);
}

static int
compare_kpi_pointers(const void *a, const void *b)
{
	return scorecard_compare_kpi(*(ScorecardEntry *const *) a, *(ScorecardEntry *const *) b);
}

/* Finds a KPI that appears twice; NULL if none does. */
static const ScorecardEntry *
find_duplicate(const ScorecardEntry *entries, int count)
{
	const ScorecardEntry **order;
	const ScorecardEntry *found = NULL;

	if (count <= 16)
	{
		for (int i = 1; i < count; i++)
			for (int j = 0; j < i; j++)
				if (scorecard_same_kpi(&entries[i], &entries[j]))
					return &entries[i];
		return NULL;
	}
	order = palloc(count * sizeof(*order));
	for (int i = 0; i < count; i++)
		order[i] = &entries[i];
	qsort(order, count, sizeof(*order), compare_kpi_pointers);
	for (int i = 1; i < count && found == NULL; i++)
		if (scorecard_same_kpi(order[i - 1], order[i]))
			found = order[i];
	pfree(order);
	return found;
}

static bool
check_count(int64 count, Node *escontext)
{
	if (count > SCORECARD_MAX_ENTRIES)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a scorecard cannot have more than %d entries", SCORECARD_MAX_ENTRIES)));
	return true;
}

static bool
check_packed_size(size_t size, Node *escontext)
{
	if (size > SCORECARD_MAX_SIZE)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a scorecard cannot have more than %d bytes", SCORECARD_MAX_SIZE)));
	return true;
}

static Scorecard *
allocate(size_t size)
{
	Scorecard  *card = palloc0(size);

	SET_VARSIZE(card, size);
	card->version = SCORECARD_VERSION;
	return card;
}

Scorecard *
scorecard_empty(void)
{
	return allocate(SCORECARD_HEADER);
}

static bool
check_links(const ScorecardEntry *entries, int count, Node *escontext)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	int			links = 0;

	for (int i = 0; i < count; i++)
		if (entries[i].drives_len > 0)
			links += scorecard_get_drives(&entries[i], names);
	if (links > SCORECARD_MAX_LINKS)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the KPIs of a scorecard cannot drive more than %d KPIs",
						SCORECARD_MAX_LINKS)));
	return true;
}

/* Sorts checked entries into a card; NULL after a soft error. */
Scorecard *
scorecard_build(ScorecardEntry *entries, int count, Node *escontext)
{
	Scorecard  *card;
	const ScorecardEntry *duplicate;
	size_t		size = SCORECARD_HEADER;
	char	   *p;
	bool		sorted = true;

	if (!check_count(count, escontext) || !check_links(entries, count, escontext))
		return NULL;
	duplicate = find_duplicate(entries, count);
	if (duplicate != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("KPI \"%s\" appears twice on one scorecard",
						kra_echo(duplicate->kpi, duplicate->kpi_len)),
				 errhint("Group by the subject and the period, or use rollup() to merge cards.")));
	for (int i = 1; i < count && sorted; i++)
		sorted = compare_entries(&entries[i - 1], &entries[i]) < 0;
	if (!sorted)
		qsort(entries, count, sizeof(ScorecardEntry), compare_entries);
	for (int i = 0; i < count; i++)
		size += packed_size(&entries[i]);
	if (!check_packed_size(size, escontext))
		return NULL;

	card = allocate(size);
	p = card->data;
	for (int i = 0; i < count; i++)
	{
		bool		same_kra = i > 0 &&
			scorecard_compare_names(entries[i].kra, entries[i].kra_len,
									entries[i - 1].kra, entries[i - 1].kra_len) == 0;

		p = pack_entry(p, &entries[i], same_kra);
	}
	card->count = count;
	card->used = p - card->data;
	SET_VARSIZE(card, SCORECARD_HEADER + card->used);
	return card;
}

/* Makes room for so many more bytes, by doubling, so that appending is linear. */
static Scorecard *
make_room(Scorecard *card, size_t more)
{
	size_t		needed = SCORECARD_HEADER + card->used + more;
	size_t		size = BUILD_SIZE;
	Scorecard  *grown;

	if ((card->flags & SCORECARD_BUILDING) && VARSIZE(card) >= needed)
		return card;
	check_packed_size(needed, NULL);
	while (size < needed)
		size *= 2;
	grown = allocate(size);
	memcpy((char *) grown + sizeof(int32), (char *) card + sizeof(int32),
		   SCORECARD_HEADER + card->used - sizeof(int32));
	grown->flags |= SCORECARD_BUILDING;
	return grown;
}

/* Appends a checked entry to a card that is being built, in place if there is room. */
Scorecard *
scorecard_append(Scorecard *card, const ScorecardEntry *e)
{
	char	   *end;

	check_count((int64) card->count + 1, NULL);
	card = make_room(card, packed_size(e));
	end = pack_entry(card->data + card->used, e, false);
	card->used = end - card->data;
	card->count++;
	return card;
}

/* Appends all entries of another card: the first of them names its KRA. */
Scorecard *
scorecard_append_card(Scorecard *card, const Scorecard *other)
{
	if (other->count == 0)
		return card;
	check_count((int64) card->count + other->count, NULL);
	card = make_room(card, other->used);
	memcpy(card->data + card->used, other->data, other->used);
	card->used += other->used;
	card->count += other->count;
	return card;
}

/* How far the figures lie on the good side of the target; both must be there. */
double
scorecard_distance(const ScorecardEntry *e)
{
	return e->has_distance ? e->distance : kpi_distance(&e->target, e->actual);
}

void
scorecard_assess(const ScorecardEntry *e, KpiAssessment *out)
{
	if (e->judged)
	{
		out->status = e->status;
		out->met = e->status >= KPI_ON_TRACK;
		out->has_attainment = e->has_attainment;
		out->attainment = e->attainment;
		out->reason = e->status == KPI_NO_TARGET ? KPI_REASON_NO_TARGET :
			e->status == KPI_NO_DATA ? KPI_REASON_NO_DATA :
			e->has_attainment ? KPI_REASON_NONE : KPI_REASON_NO_SCALE;
		return;
	}
	kpi_assess(e->has_target ? &e->target : NULL,
			   e->has_actual ? &e->actual : NULL, NULL, KPI_AT_RISK_ATTAINMENT, out);
	if (e->has_distance)
		kpi_assess_at(&e->target, e->actual, dd_from(e->distance), out);
	kra_check_attainment(out, e->actual, &e->target);
}

/* A name argument: not NULL. Points into the argument. */
void
scorecard_name_arg(FunctionCallInfo fcinfo, int argno, const char *what,
				   const char **name, uint16 *len)
{
	text	   *arg;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("name of a %s must not be null", what)));
	arg = PG_GETARG_TEXT_PP(argno);
	check_name(VARDATA_ANY(arg), VARSIZE_ANY_EXHDR(arg), what, NULL);
	*name = VARDATA_ANY(arg);
	*len = VARSIZE_ANY_EXHDR(arg);
}

static void
drives_arg(FunctionCallInfo fcinfo, int argno, ScorecardEntry *e)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	ScorecardName names[SCORECARD_MAX_DRIVES];
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &n);
	scorecard_check_drives(n, NULL);
	for (int i = 0; i < n; i++)
	{
		text	   *name;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("name of a KPI must not be null")));
		name = DatumGetTextPP(values[i]);
		names[i].name = VARDATA_ANY(name);
		names[i].len = Min(VARSIZE_ANY_EXHDR(name), PG_UINT16_MAX);
	}
	scorecard_set_drives(e, names, n, NULL);
}

/*
 * The arguments kra, kpi, kind, actual, target, weight, and then as many of
 * timing, drives, attainment, status, coverage as there are, checked. Of the last
 * five, NULL is not stated.
 */
void
scorecard_entry_args(FunctionCallInfo fcinfo, int first, int count, ScorecardEntry *e)
{
#define GIVEN(n) (count > (n) && !PG_ARGISNULL(first + (n)))
	scorecard_entry_init(e);
	scorecard_name_arg(fcinfo, first, "KRA", &e->kra, &e->kra_len);
	scorecard_name_arg(fcinfo, first + 1, "KPI", &e->kpi, &e->kpi_len);
	e->kind = kra_kind_arg(fcinfo, first + 2);
	e->has_actual = !PG_ARGISNULL(first + 3);
	if (e->has_actual)
		e->actual = PG_GETARG_FLOAT8(first + 3);
	e->has_target = !PG_ARGISNULL(first + 4);
	if (e->has_target)
		e->target = *PG_GETARG_KPI_TARGET_P(first + 4);
	e->weight = kra_weight_arg(fcinfo, first + 5);
	if (GIVEN(6))
		e->timing = kra_timing_arg(fcinfo, first + 6);
	if (GIVEN(7))
		drives_arg(fcinfo, first + 7, e);
	if (GIVEN(8) || GIVEN(9))
		scorecard_judge(e, GIVEN(8), GIVEN(8) ? PG_GETARG_FLOAT8(first + 8) : 0.0, GIVEN(9),
						GIVEN(9) ? kra_status_arg(fcinfo, first + 9) : KPI_NO_TARGET);
	if (GIVEN(10))
		e->coverage = PG_GETARG_FLOAT8(first + 10);
	scorecard_entry_check(e, NULL);
#undef GIVEN
}

void
scorecard_sum_init(ScorecardSum *sum)
{
	kpi_attainment_init(&sum->sum);
	sum->covered = dd_from(0.0);
}

/* Counts the entry in a sum of attainments, capped to [0, cap]. */
void
scorecard_add_to(const ScorecardEntry *e, ScorecardSum *sum, double cap)
{
	KpiAssessment assessment;

	scorecard_assess(e, &assessment);
	kpi_attainment_add(&sum->sum, &assessment, e->weight, scorecard_is_observed(e) ? e->basis_weight : 0.0, cap);
	dd_accumulate(&sum->covered, scorecard_observed_weight(e));
}

/* A part of a sum. Of sums near the end of the range, 16 digits do. */
static DDouble
part_of(DDouble sum, DDouble share)
{
	DDouble		part = dd_mul(sum, share);

	return isfinite(part.hi) && isfinite(part.lo) ? part : dd_from(dd_value(sum) * dd_value(share));
}

/* The summary: its score is that of whole weights, its coverage that of the parts with data. */
const KpiAttainment *
scorecard_sum_settle(ScorecardSum *sum)
{
	KpiAttainment *a = &sum->sum;
	DDouble		share;

	if (dd_value(sum->covered) == dd_value(a->observed))
		return a;
	share = dd_div(sum->covered, a->observed);
	a->capped = part_of(a->capped, share);
	a->raw = part_of(a->raw, share);
	a->observed = sum->covered;
	return a;
}

void
scorecard_balance(const Scorecard *card, KpiBalance *b)
{
	ScorecardReader r;
	ScorecardEntry e;
	ScorecardSum sums[KPI_KIND_COUNT];
	bool		leading = false;

	kpi_balance_init(b);
	for (int kind = 0; kind < KPI_KIND_COUNT; kind++)
		scorecard_sum_init(&sums[kind]);
	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
	{
		scorecard_add_to(&e, &sums[e.kind], KPI_CAP);
		leading |= e.kind == KPI_OUTCOME && e.timing == KPI_LEADING;
	}
	for (int kind = 0; kind < KPI_KIND_COUNT; kind++)
		b->kind[kind] = *scorecard_sum_settle(&sums[kind]);
	b->kind[KPI_OUTCOME].leading = leading;
}
