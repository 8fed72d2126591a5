/*
 * scorecard.h: one subject's KPIs in one period, as a value.
 */
#ifndef KRA_SCORECARD_H
#define KRA_SCORECARD_H

#include "kpi_attainment.h"

/* 2: entries may have timing, links, and what they were judged to be. */
#define SCORECARD_VERSION 2

/* Limits: a card is for people; these are far above any that is. */
#define SCORECARD_MAX_ENTRIES 10000
#define SCORECARD_MAX_SIZE (2 * 1024 * 1024)	/* bytes, packed */
#define SCORECARD_MAX_NAME 1000	/* bytes of a KRA's or KPI's name */
#define SCORECARD_MAX_DRIVES 60	/* KPIs that one entry drives */
#define SCORECARD_MAX_LINKS 50000	/* and all entries of a card together */

/* Entries are in the order of arrival, with room behind: a state of scorecard_agg(). */
#define SCORECARD_BUILDING 0x01

/*
 * Stored: a varlena of packed entries (see scorecard.c), sorted by KRA and KPI.
 */
typedef struct Scorecard
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		version;		/* SCORECARD_VERSION */
	uint8		flags;			/* SCORECARD_BUILDING */
	uint16		unused;			/* always 0 */
	uint32		count;			/* entries */
	uint32		used;			/* bytes of data that hold entries */
	char		data[FLEXIBLE_ARRAY_MEMBER];
} Scorecard;

#define SCORECARD_HEADER offsetof(Scorecard, data)

/* One entry, unpacked; names are not terminated and point into the card. */
typedef struct ScorecardEntry
{
	const char *kra;
	const char *kpi;
	uint16		kra_len;
	uint16		kpi_len;
	KpiKind		kind;
	bool		has_actual;
	bool		has_target;
	bool		merged;			/* rolled up out of several cards */
	bool		has_distance;
	bool		judged;			/* attainment and status are given, not computed */
	bool		has_attainment;	/* of a judged entry */
	uint8		timing;			/* KpiTiming */
	double		weight;
	double		actual;
	double		actual_lo;		/* of a rolled-up mean: what rounding lost, else 0 */
	KpiTarget	target;

	/*
	 * What the figures rest on. Of an entry that was not rolled up: its own
	 * weight and 1.
	 */
	double		basis_weight;	/* weight of the members that gave the figures */
	int32		basis_members;	/* how many they are */
	int32		members;		/* all members that carry this KPI */

	/*
	 * Of a rolled-up entry whose target has two sides: the mean distance from
	 * the target, 0 or less. A miss above and one below do not make up for
	 * each other, though their mean may lie inside the range.
	 */
	double		distance;

	/* What a judged entry says in place of what actual and target would. */
	double		attainment;
	KpiStatus	status;

	/* Share of the weight with data: 1 unless an observed entry says less. */
	double		coverage;

	/*
	 * The KPIs that it drives: sorted names, each once, packed as uint16 length
	 * and bytes; drives_len bytes in all.
	 */
	const char *drives;
	uint16		drives_len;
} ScorecardEntry;

/*
 * Entries that are summed up. An entry that has a verdict counts in the score with its
 * whole weight, so that no score rises because a bad KPI lacks data; in the coverage, with
 * the part of its weight that has data.
 */
typedef struct ScorecardSum
{
	KpiAttainment sum;			/* observed: whole weights, until it is settled */
	DDouble		covered;		/* the parts of these that have data */
} ScorecardSum;

/* A name that is not terminated. */
typedef struct ScorecardName
{
	const char *name;
	uint16		len;
} ScorecardName;

/* Reads the entries in their order. */
typedef struct ScorecardReader
{
	const char *next;
	uint32		left;
	const char *kra;			/* of the entry before */
	uint16		kra_len;
} ScorecardReader;

/* scorecard.c */
extern Scorecard *kra_scorecard_arg(FunctionCallInfo fcinfo, int argno);
extern void scorecard_read(ScorecardReader *r, const Scorecard *card);
extern bool scorecard_next(ScorecardReader *r, ScorecardEntry *e);
extern ScorecardEntry *scorecard_entries(const Scorecard *card);
extern void scorecard_entry_init(ScorecardEntry *e);
extern bool scorecard_entry_check(ScorecardEntry *e, Node *escontext);
extern Scorecard *scorecard_build(ScorecardEntry *entries, int count, Node *escontext);
extern Scorecard *scorecard_append(Scorecard *card, const ScorecardEntry *e);
extern Scorecard *scorecard_append_card(Scorecard *card, const Scorecard *other);
extern Scorecard *scorecard_empty(void);
extern int	scorecard_compare_names(const char *a, int a_len, const char *b, int b_len);
extern int	scorecard_compare_kpi(const void *a, const void *b);
extern bool scorecard_same_kpi(const ScorecardEntry *a, const ScorecardEntry *b);
extern bool scorecard_has_both(const ScorecardEntry *e);
extern bool scorecard_is_observed(const ScorecardEntry *e);
extern bool scorecard_check_drives(int n, Node *escontext);
extern bool scorecard_set_drives(ScorecardEntry *e, ScorecardName *names, int n, Node *escontext);
extern int	scorecard_get_drives(const ScorecardEntry *e, ScorecardName *names);
extern void scorecard_judge(ScorecardEntry *e, bool has_attainment, double attainment,
							bool has_status, KpiStatus status);
extern double scorecard_observed_weight(const ScorecardEntry *e);
extern double scorecard_distance(const ScorecardEntry *e);
extern void scorecard_assess(const ScorecardEntry *e, KpiAssessment *out);
extern void scorecard_name_arg(FunctionCallInfo fcinfo, int argno, const char *what,
							   const char **name, uint16 *len);
extern void scorecard_entry_args(FunctionCallInfo fcinfo, int first, int count,
								 ScorecardEntry *e);
extern void scorecard_sum_init(ScorecardSum *sum);
extern void scorecard_add_to(const ScorecardEntry *e, ScorecardSum *sum, double cap);
extern const KpiAttainment *scorecard_sum_settle(ScorecardSum *sum);
extern void scorecard_balance(const Scorecard *card, KpiBalance *b);

/* scorecard_op.c */
extern void scorecard_summarize(const Scorecard *card, int kind, double cap, KpiAttainment *out);

/* scorecard_status.c */
extern KpiStatus scorecard_summary_status(const KpiAttainment *sum, double min_coverage);

/* scorecard_merge.c */
extern Scorecard *scorecard_merge(const Scorecard *a, const Scorecard *b);

#endif							/* KRA_SCORECARD_H */
