/*
 * visibility.c: whom the viewer may see, and of which kinds of role it is. Row-level
 * security of the catalogue asks here for every row, so the answer is looked up once
 * a snapshot and kept.
 *
 * Two roles matter. The one who logged in, or the role that was set (the outer
 * one), and the current one, which is another inside SECURITY DEFINER functions
 * and where the server works for the owner of a table: an index expression that
 * autovacuum evaluates runs as the table's owner in a session of the superuser.
 * What is seen is what both may see. So neither the owner of a function shows a
 * caller more than the caller may see, nor does a superuser's session show more
 * to a role whose code happens to run in it.
 *
 * What a role may see is a question to tables and to the catalogue of roles. It
 * is answered under the active snapshot and holds for that snapshot: of the same
 * transaction, command and client statement. A change of memberships, the end of
 * a transaction and the rollback of a part of one forget all answers.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "calendar.h"
#include "company.h"
#include "kra.h"
#include "visibility.h"

/* One span of time in which a subject is below one of the role's. */
typedef struct Window
{
	DateADT		valid_from;
	DateADT		valid_until;	/* exclusive; infinity: none */
	DateADT		resumes_on;		/* start of the subject's next span; infinity: none */
	bool		below;			/* strictly; else it is the role's own */
	struct Window *next;
} Window;

typedef struct Visible
{
	int32		subject_id;		/* key */
	bool		is_own;			/* the role is its login */
	Window	   *windows;
} Visible;

/* What one role may see. */
typedef struct Sight
{
	Oid			role;
	uint64		generation;		/* of which it is; another: it is void */
	SnapshotKey snapshot;
	bool		unbound;		/* row-level security does not bind it */
	bool		sees_all;
	uint32		kinds;			/* a bit per RoleKind */
	MemoryContext context;		/* of what follows */
	HTAB	   *visible;		/* NULL: not asked for yet */
} Sight;

/* Enough for an outer and an inner statement of two roles. */
#define NUM_SIGHTS 4

static Sight sights[NUM_SIGHTS];
static int	next_sight = 0;
static uint64 generation = 1;
static bool loading = false;

static SPIPlanPtr sees_all_role_plan = NULL;
static SPIPlanPtr windows_plan = NULL;

/* In the order of RoleKind: who may execute such a function of kra_internal is of the kind. */
static const char *const marker_names[ROLE_KIND_COUNT] = {
	"reader", "reviewer", "target_setter", "keeper", "author", "admin"
};

static const char *const sees_all_role_query =
"SELECT sees_all_role FROM kra.settings WHERE sees_all_role IS NOT NULL";

/* What was measured before a subject had any place counts with its first one. */
static const char *const windows_query =
"SELECT c.subject_id, c.valid_until,"
"       CASE WHEN EXISTS (SELECT FROM kra_internal.subject_timeline t"
"                         WHERE t.subject_id = c.subject_id AND t.valid_from < c.valid_from)"
"            THEN c.valid_from ELSE '-infinity' END,"
"       c.resumes_on, c.depth > 0"
" FROM kra.subjects s JOIN kra_internal.subject_ancestors c ON c.ancestor_id = s.id"
" WHERE s.login OPERATOR(kra_internal.===) $1";

static void
forget_on_syscache(Datum arg pg_attribute_unused(), int cacheid pg_attribute_unused(), uint32 hashvalue pg_attribute_unused())
{
	generation++;
}

static void
forget_on_xact(XactEvent event pg_attribute_unused(), void *arg pg_attribute_unused())
{
	generation++;
	loading = false;
}

static void
forget_on_subxact(SubXactEvent event, SubTransactionId subid pg_attribute_unused(),
				  SubTransactionId parent pg_attribute_unused(), void *arg pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		generation++;
		loading = false;
	}
}

static void
watch(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_on_syscache, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_on_syscache, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, forget_on_syscache, (Datum) 0);
	RegisterXactCallback(forget_on_xact, NULL);
	RegisterSubXactCallback(forget_on_subxact, NULL);
	watching = true;
}

/* What was looked up under another generation is void. */
uint64
kra_generation(void)
{
	watch();
	return generation;
}

/* Runs a query; its plan is kept for the session. */
static void
run(SPIPlanPtr *plan, const char *query, int nargs, Oid *types, Datum *values)
{
	if (*plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(query, nargs, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "could not prepare: %s", query);
		*plan = prepared;
	}
	if (SPI_execute_plan(*plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run: %s", query);
}

/* The owner of the tables. */
static Oid
owner_of_tables(void)
{
	Oid			oid = get_relname_relid("measurements", get_namespace_oid("kra", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "there is no table kra.measurements");
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Of which kinds is the role, by what it may execute? */
static uint32
kinds_of(Oid role)
{
	Oid			schema = get_namespace_oid("kra_internal", true);	/* version 0.1.0 has none */
	Datum		no_arguments = PointerGetDatum(buildoidvector(NULL, 0));
	uint32		kinds = 0;

	for (int kind = 0; kind < ROLE_KIND_COUNT; kind++)
	{
		Oid			marker = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(marker_names[kind]),
											 no_arguments, ObjectIdGetDatum(schema));

		if (OidIsValid(marker) && kra_may_execute(marker, role))
			kinds |= (uint32) 1 << kind;
	}
	if (kinds & ((uint32) 1 << ROLE_KIND_ADMIN))
		kinds = ((uint32) 1 << ROLE_KIND_COUNT) - 1;	/* an admin is of every kind */
	return kinds;
}

/*
 * Opens and closes what asks tables. They are asked by their owner, whose rights
 * are enough: what a role that owns tables might have hung on them must not run
 * with the rights of a superuser who owns kra's functions or is the viewer, nor
 * come back to them (restricted, as what VACUUM and REFRESH run). Row-level
 * security does not bind the owner here, even where it is forced.
 */
void
kra_ask_tables(TablesAsked *asked)
{
	if (loading)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("row-level security binds the owner of kra's tables"),
				 errhint("All tables of kra must have the same owner.")));
	GetUserIdAndSecContext(&asked->user, &asked->security);
	SetUserIdAndSecContext(owner_of_tables(), asked->security | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
	loading = true;
	asked->level = kra_begin_spi();
}

void
kra_tables_answered(TablesAsked *asked)
{
	kra_end_spi(asked->level);
	SetUserIdAndSecContext(asked->user, asked->security);
	loading = false;
}

/* Is the role a member of the one that the settings name? */
static bool
is_in_sees_all_role(Oid role)
{
	TablesAsked asked;
	Oid			named = InvalidOid;

	kra_ask_tables(&asked);
	run(&sees_all_role_plan, sees_all_role_query, 0, NULL, NULL);
	if (SPI_processed > 0)
		named = get_role_oid(SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1), true);
	kra_tables_answered(&asked);
	return OidIsValid(named) && has_privs_of_role(role, named);
}

/* Subjects that are the role's or below one of them, with their spans of time. */
static HTAB *
load_windows(MemoryContext context, const char *login)
{
	HASHCTL		ctl = {.keysize = sizeof(int32),.entrysize = sizeof(Visible),.hcxt = context};
	HTAB	   *visible = hash_create("kra visible subjects", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(login);
	TablesAsked asked;

	kra_ask_tables(&asked);
	run(&windows_plan, windows_query, 1, &type, &value);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		bool		found;
		int32		id = DatumGetInt32(SPI_getbinval(row, desc, 1, &isnull));
		Visible    *v = hash_search(visible, &id, HASH_ENTER, &found);
		Window	   *w = MemoryContextAlloc(context, sizeof(Window));

		if (!found)
			v->is_own = false;
		w->valid_until = DatumGetDateADT(SPI_getbinval(row, desc, 2, &isnull));
		w->valid_from = DatumGetDateADT(SPI_getbinval(row, desc, 3, &isnull));
		w->resumes_on = DatumGetDateADT(SPI_getbinval(row, desc, 4, &isnull));
		w->below = DatumGetBool(SPI_getbinval(row, desc, 5, &isnull));
		w->next = found ? v->windows : NULL;
		v->windows = w;
		v->is_own |= !w->below;
	}
	kra_tables_answered(&asked);
	return visible;
}

void
kra_fill_snapshot_key(SnapshotKey *key)
{
	Snapshot	snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : NULL;

	if (snapshot == NULL)
		elog(ERROR, "nothing can be seen without a snapshot");
	key->xmin = snapshot->xmin;
	key->xmax = snapshot->xmax;
	key->xcnt = snapshot->xcnt;
	key->subxcnt = snapshot->subxcnt;
	key->curcid = snapshot->curcid;
	key->statement = GetCurrentStatementStartTimestamp();
}

bool
kra_same_snapshot(const SnapshotKey *a, const SnapshotKey *b)
{
	return a->curcid == b->curcid && a->xmax == b->xmax && a->xcnt == b->xcnt && a->subxcnt == b->subxcnt &&
		a->xmin == b->xmin && a->statement == b->statement;
}

static inline bool
is_of_kind(const Sight *sight, RoleKind kind)
{
	return (sight->kinds & ((uint32) 1 << kind)) != 0;
}

/* What the role may see, valid until the next call. */
static Sight *
sight_of(Oid role)
{
	SnapshotKey key;
	Sight	   *sight;
	uint64		began;
	bool		owns;

	kra_fill_snapshot_key(&key);
	for (int i = 0; i < NUM_SIGHTS; i++)
		if (sights[i].role == role && sights[i].generation == generation && kra_same_snapshot(&sights[i].snapshot, &key))
			return &sights[i];

	watch();
	sight = &sights[next_sight];
	next_sight = (next_sight + 1) % NUM_SIGHTS;
	sight->generation = 0;		/* until all is well */
	if (sight->context == NULL)
		sight->context = AllocSetContextCreate(TopMemoryContext, "kra visibility", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(sight->context);
	began = generation;
	sight->role = role;
	sight->snapshot = key;
	sight->visible = NULL;
	owns = has_privs_of_role(role, owner_of_tables());
	sight->unbound = owns || has_bypassrls_privilege(role);
	sight->kinds = owns ? ALL_ROLE_KINDS : kinds_of(role);
	sight->sees_all = sight->unbound || is_of_kind(sight, ROLE_KIND_ADMIN) || is_in_sees_all_role(role);
	sight->generation = began;
	return sight;
}

/* The subject as one of the role's, or below one; NULL: it is none. */
static const Visible *
find(Sight *sight, int32 subject_id)
{
	if (sight->visible == NULL)
		sight->visible = load_windows(sight->context, GetUserNameFromId(sight->role, false));
	return hash_search(sight->visible, &subject_id, HASH_FIND, NULL);
}

/*
 * The share of all subjects that the viewer sees at any time, as far as it can be told
 * before a query runs; -1: it cannot. How many subjects there are, pg_class tells
 * everybody.
 */
double
kra_visible_share(void)
{
	Oid			subjects;
	HeapTuple	tuple;
	double		total = -1.0;
	Sight	   *sight;

	if (!ActiveSnapshotSet() || loading)
		return -1.0;
	sight = sight_of(GetUserId());
	if (sight->sees_all)
		return 1.0;
	subjects = get_relname_relid("subjects", get_namespace_oid("kra", false));
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(subjects));
	if (HeapTupleIsValid(tuple))
	{
		total = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	if (total < 1.0)
		return -1.0;
	(void) find(sight, 0);		/* looks up who is visible */
	return Min(hash_get_num_entries(sight->visible) / total, 1.0);
}

/*
 * Does the span that counts in the period reach back to q->since, over others
 * that adjoin it?
 */
static bool
counts(const Visible *v, const Question *q)
{
	const Window *span = NULL;

	for (const Window *w = v->windows; w != NULL; w = w->next)
		if (w->valid_from <= q->to && w->valid_until > q->from && w->resumes_on > q->to &&
			(span == NULL || w->valid_from < span->valid_from))
			span = w;
	while (span != NULL && span->valid_from > q->since)
	{
		const Window *before = NULL;

		for (const Window *w = v->windows; w != NULL; w = w->next)
			if (w->valid_from < span->valid_from && w->valid_until >= span->valid_from)
				before = w;
		span = before;
	}
	return span != NULL;
}

/* Is a span of the subject among the days? */
static bool
is_within(const Visible *v, DateADT from, DateADT to, bool below)
{
	for (const Window *w = v->windows; w != NULL; w = w->next)
		if (w->valid_from <= to && w->valid_until > from && (w->below || !below))
			return true;
	return false;
}

static bool
answer(Sight *sight, const Question *q)
{
	const Visible *v;

	switch (q->kind)
	{
		case IS_OF_KIND:
			return is_of_kind(sight, q->role_kind);
		case SEES_ALL:
			return sight->sees_all;
		case IS_OWN:
			v = find(sight, q->subject_id);
			return v != NULL && v->is_own;
		case BY_LOGIN:
			v = find(sight, q->subject_id);
			return v != NULL && is_within(v, q->from, q->to, false);
		case OVERSEES:
			if (is_of_kind(sight, ROLE_KIND_ADMIN))
				return true;
			v = find(sight, q->subject_id);
			if (v != NULL && v->is_own)
				return false;
			return sight->sees_all || (v != NULL && is_within(v, q->from, q->to, true));
		default:
			if (sight->sees_all)
				return true;
	}
	v = find(sight, q->subject_id);
	if (v == NULL || q->kind == EVER)
		return v != NULL;
	if (q->kind == IN_PERIOD)
		return counts(v, q);
	return is_within(v, q->from, q->to, false);
}

/* Both the one who logged in and the one whose code runs must be allowed to know. */
bool
kra_viewer_may(const Question *q)
{
	Oid			current = GetUserId();
	Oid			outer = GetOuterUserId();

	if (current == outer)
		return answer(sight_of(outer), q);
	if (!answer(sight_of(current), q))
		return false;
	return answer(sight_of(outer), q);
}

/* Is one of the two the subject's login, and not an admin? Then it decides nothing about it. */
bool
kra_viewer_is_biased(int32 subject_id)
{
	Oid			roles[] = {GetUserId(), GetOuterUserId()};

	for (int i = 0; i < 2; i++)
	{
		Sight	   *sight = sight_of(roles[i]);
		const Visible *v;

		if (is_of_kind(sight, ROLE_KIND_ADMIN))
			continue;
		v = find(sight, subject_id);
		if (v != NULL && v->is_own)
			return true;
	}
	return false;
}

/* Who logged in, or the role that was set; see kra_viewer(). Invalid: nobody can tell. */
Oid
kra_viewer_role(void)
{
	if (!InSecurityRestrictedOperation())
		return GetOuterUserId();
	return InLocalUserIdChange() ? InvalidOid : GetUserId();
}

/*
 * viewer(): who logged in, or the role that was set. Where the server works for
 * the owner of a table, that owner; inside a SECURITY DEFINER function there,
 * nobody can tell: NULL.
 */
PG_FUNCTION_INFO_V1(kra_viewer);
Datum
kra_viewer(PG_FUNCTION_ARGS)
{
	Name		name = palloc0(NAMEDATALEN);
	Oid			role = kra_viewer_role();

	if (!OidIsValid(role))
		PG_RETURN_NULL();
	namestrcpy(name, GetUserNameFromId(role, false));
	PG_RETURN_NAME(name);
}

/* sees_all(): does the viewer see all subjects? */
PG_FUNCTION_INFO_V1(kra_sees_all);
Datum
kra_sees_all(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = SEES_ALL};

	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/* session_sees_all(): does the one who logged in see all subjects, whatever role was set since? */
PG_FUNCTION_INFO_V1(kra_session_sees_all);
Datum
kra_session_sees_all(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = SEES_ALL};

	PG_RETURN_BOOL(answer(sight_of(GetSessionUserId()), &q));
}

/* session_is_author(): is the one who logged in an author who does not see all? */
PG_FUNCTION_INFO_V1(kra_session_is_author);
Datum
kra_session_is_author(PG_FUNCTION_ARGS)
{
	Sight	   *sight = sight_of(GetSessionUserId());

	PG_RETURN_BOOL(is_of_kind(sight, ROLE_KIND_AUTHOR) && !sight->sees_all);
}

static Datum
viewer_is(RoleKind kind)
{
	Question	q = {.kind = IS_OF_KIND,.role_kind = kind};

	return BoolGetDatum(kra_viewer_may(&q));
}

/* is_reviewer(), and so on: is the viewer of that kind of role? */
PG_FUNCTION_INFO_V1(kra_is_reviewer);
Datum
kra_is_reviewer(PG_FUNCTION_ARGS)
{
	return viewer_is(ROLE_KIND_REVIEWER);
}

PG_FUNCTION_INFO_V1(kra_is_target_setter);
Datum
kra_is_target_setter(PG_FUNCTION_ARGS)
{
	return viewer_is(ROLE_KIND_TARGET_SETTER);
}

PG_FUNCTION_INFO_V1(kra_is_keeper);
Datum
kra_is_keeper(PG_FUNCTION_ARGS)
{
	return viewer_is(ROLE_KIND_KEEPER);
}

PG_FUNCTION_INFO_V1(kra_is_author);
Datum
kra_is_author(PG_FUNCTION_ARGS)
{
	return viewer_is(ROLE_KIND_AUTHOR);
}

PG_FUNCTION_INFO_V1(kra_is_admin);
Datum
kra_is_admin(PG_FUNCTION_ARGS)
{
	return viewer_is(ROLE_KIND_ADMIN);
}

/*
 * oversees(subject_id, from_day, to_day): does the viewer see the subject on one of
 * these days as one below its own? Nobody oversees the subject whose login it is, but
 * an admin.
 */
PG_FUNCTION_INFO_V1(kra_oversees);
Datum
kra_oversees(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = OVERSEES,.subject_id = PG_GETARG_INT32(0),.from = PG_GETARG_DATEADT(1),.to = PG_GETARG_DATEADT(2)};

	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/* sees(subject_id): does the viewer see the subject at all, at any time? */
PG_FUNCTION_INFO_V1(kra_sees);
Datum
kra_sees(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = EVER,.subject_id = PG_GETARG_INT32(0)};

	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/* sees(subject_id, from_day, to_day): does the viewer see it on one of these days? */
PG_FUNCTION_INFO_V1(kra_sees_on);
Datum
kra_sees_on(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = ON_DAYS,.subject_id = PG_GETARG_INT32(0),.from = PG_GETARG_DATEADT(1),.to = PG_GETARG_DATEADT(2)};

	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/*
 * Does the subject's result of a period count among the viewer's? A quarter, half-year
 * or year does when the viewer has seen all from the first of its months on: the rest
 * alone would be a wrong figure. True where row-level security does not bind the
 * current role, as in a function of the owner.
 */
static Datum
shows(FunctionCallInfo fcinfo, bool is_long, const Grid *month)
{
	Question	q = {.kind = IN_PERIOD,.subject_id = PG_GETARG_INT32(0),.from = PG_GETARG_DATEADT(2),.to = PG_GETARG_DATEADT(3),.since = PG_GETARG_DATEADT(3)};
	DateADT		last;

	if (is_long && kra_last_day(month, q.from, &last))
		q.since = Min(q.to, last);
	if (sight_of(GetUserId())->unbound)
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/* shows(subject_id, grid, period_start, upto), see above */
PG_FUNCTION_INFO_V1(kra_shows_period);
Datum
kra_shows_period(PG_FUNCTION_ARGS)
{
	Grid		grid = kra_grid_arg(fcinfo, 1);
	Grid		month = kra_grid_of(GRAIN_MONTH, grid.calendar, grid.month, grid.weekday);

	return shows(fcinfo, grid.grain > GRAIN_MONTH, &month);
}

/* shows_line(subject_id, grid, period_start): the same up to today; false for an unknown grid. */
PG_FUNCTION_INFO_V1(kra_shows_line);
Datum
kra_shows_line(PG_FUNCTION_ARGS)
{
	Question	q = {.kind = IN_PERIOD,.subject_id = PG_GETARG_INT32(0),.from = PG_GETARG_DATEADT(2)};
	Grid		grid;
	Grid		month;

	if (sight_of(GetUserId())->unbound)
		PG_RETURN_BOOL(true);
	if (!kra_unpack_grid(PG_GETARG_PACKED_GRID(1), &grid) || !kra_last_day(&grid, q.from, &q.to))
		PG_RETURN_BOOL(false);
	q.to = q.since = Min(q.to, kra_company_today());
	month = kra_grid_of(GRAIN_MONTH, grid.calendar, grid.month, grid.weekday);
	if (grid.grain > GRAIN_MONTH && kra_last_day(&month, q.from, &q.since))
		q.since = Min(q.since, q.to);
	PG_RETURN_BOOL(kra_viewer_may(&q));
}

/* The same of version 0.1.0, whose grids are smallints (grid_0_1.c). */
PG_FUNCTION_INFO_V1(kra_shows);
Datum
kra_shows(PG_FUNCTION_ARGS)
{
	Grid		month = kra_grid_of(GRAIN_MONTH, CALENDAR_MONTHS, 0, 0);

	return shows(fcinfo, PG_GETARG_INT16(1) >= 30, &month);
}
