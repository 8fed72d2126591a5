/*
 * visibility.h: questions about what the viewer may see and do (visibility.c).
 */
#ifndef KRA_VISIBILITY_H
#define KRA_VISIBILITY_H

#include "postgres.h"

#include "utils/date.h"
#include "utils/timestamp.h"

/* Kinds of role, by the marker functions of sql/rights/rights.sql. */
typedef enum RoleKind
{
	ROLE_KIND_READER,
	ROLE_KIND_REVIEWER,
	ROLE_KIND_TARGET_SETTER,
	ROLE_KIND_KEEPER,
	ROLE_KIND_AUTHOR,
	ROLE_KIND_ADMIN
} RoleKind;

#define ROLE_KIND_COUNT 6
#define ALL_ROLE_KINDS (((uint32) 1 << ROLE_KIND_COUNT) - 1)

typedef enum QuestionKind
{
	IS_OF_KIND,					/* role_kind */
	SEES_ALL,
	EVER,						/* sees the subject at any time */
	ON_DAYS,					/* sees it on one of the days from .. to */
	IN_PERIOD,					/* its result of the days is among the viewer's */
	IS_OWN,						/* is its login */
	BY_LOGIN,					/* sees it on one of the days by its login, not for seeing all */
	OVERSEES					/* sees it on one of the days, below its own */
} QuestionKind;

typedef struct Question
{
	QuestionKind kind;
	RoleKind	role_kind;
	int32		subject_id;
	DateADT		from;
	DateADT		to;
	DateADT		since;			/* IN_PERIOD: seen from this day on, without a gap */
} Question;

/* Two snapshots of a transaction that agree in these show the same rows. */
typedef struct SnapshotKey
{
	TransactionId xmin;
	TransactionId xmax;
	uint32		xcnt;
	int32		subxcnt;
	CommandId	curcid;
	TimestampTz statement;
} SnapshotKey;

/* What to put back when the tables have answered. */
typedef struct TablesAsked
{
	Oid			user;
	int			security;
	int			level;
} TablesAsked;

extern void kra_fill_snapshot_key(SnapshotKey *key);
extern bool kra_same_snapshot(const SnapshotKey *a, const SnapshotKey *b);
extern uint64 kra_generation(void);
extern Oid kra_viewer_role(void);
extern bool kra_viewer_may(const Question *q);
extern bool kra_viewer_is_biased(int32 subject_id);
extern double kra_visible_share(void);
extern void kra_ask_tables(TablesAsked *asked);
extern void kra_tables_answered(TablesAsked *asked);

#endif							/* KRA_VISIBILITY_H */
