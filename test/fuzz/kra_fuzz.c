/*
 * kra_fuzz.c: reads damaged input with a type's input or receive function, and
 * tries what it accepts.
 *
 * Input lies in a malloc() of its exact size, and so does every value while it
 * is tried, so that AddressSanitizer sees a read beyond them. Inside, a memory
 * context of small blocks gives all but the smallest allocations a malloc() of
 * their own as well.
 *
 * Violations are gathered, each kind with its shortest input, and reported in the
 * end. The input in hand is kept in a file, for when the server dies of it.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalog/namespace.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "fuzz.h"

PG_MODULE_MAGIC;

/* Where the input in hand is kept, in the data directory: uint32 length, bytes. */
#define LAST_INPUT_FILE "kra_fuzz.last"

typedef struct Violation
{
	char	   *kind;
	char	   *detail;
	int64		count;
	char	   *input;
	int			len;
	struct Violation *next;
} Violation;

/* An input, on its way through the functions. */
typedef struct Trial
{
	const Subject *subject;
	char	   *input;			/* exactly len bytes, and a NUL when it is text */
	int			len;
	Datum		value;
} Trial;

static MemoryContext keep;		/* for the whole run */
static Violation *violations;
static const Trial *trial;
static const char *phase;
static Seeds *known_seeds;
static int	nknown_seeds;

/* Without its schema, as run.sh takes it. */
static char *
get_type_name(const Subject *s)
{
	char	   *name = format_type_be(s->type);
	char	   *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

static char *
hex(const char *bytes, int len)
{
	char	   *text = palloc(2 * len + 1);

	text[hex_encode(bytes, len, text)] = '\0';
	return text;
}

/* Notes that something must not be. The kind is without data: equal ones are counted. */
void
fuzz_violation(const char *kind, const char *detail)
{
	Violation  *v;
	MemoryContext old;

	for (v = violations; v != NULL; v = v->next)
		if (strcmp(v->kind, kind) == 0)
			break;
	if (v != NULL)
	{
		v->count++;
		if (v->len <= trial->len)
			return;
	}
	old = MemoryContextSwitchTo(keep);
	if (v == NULL)
	{
		v = palloc0(sizeof(Violation));
		v->kind = pstrdup(kind);
		v->count = 1;
		v->next = violations;
		violations = v;
	}
	v->detail = pstrdup(detail);
	v->len = trial->len;
	v->input = memcpy(palloc(trial->len + 1), trial->input, trial->len);
	MemoryContextSwitchTo(old);
}

/* Warns of the violations, each kind with its shortest input; returns how many. */
static int64
report_violations(const Subject *s)
{
	int64		total = 0;

	for (Violation *v = violations; v != NULL; v = v->next)
	{
		total += v->count;
		ereport(WARNING,
				(errmsg("%s (" INT64_FORMAT " times)", v->kind, v->count),
				 errdetail("%s %s \\x%s\n%s", get_type_name(s), s->binary ? "binary" : "text",
						   hex(v->input, v->len), v->detail)));
	}
	return total;
}

/*
 * Runs action(arg). On an error, false and a copy of it. No subtransaction: what
 * runs inside reads catalogues at most.
 */
bool
fuzz_guarded(FuzzAction action, void *arg, Datum *result, ErrorData **error)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool ok = true;

	*error = NULL;
	PG_TRY();
	{
		*result = action(arg);
	}
	PG_CATCH();
	{
		ok = false;
	}
	PG_END_TRY();
	if (!ok)
	{
		MemoryContextSwitchTo(context);
		*error = CopyErrorData();
		FlushErrorState();
		if ((*error)->sqlerrcode == ERRCODE_QUERY_CANCELED ||
			(*error)->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(*error);
	}
	return ok;
}

static bool
is_encoded(const char *text)
{
	return text == NULL || pg_verifymbstr(text, strlen(text), true);
}

/* Refusing is fine, by an error that a user may cause and a client can read. */
void
fuzz_check_error(const char *where, const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (error->elevel != ERROR ||
		(category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED &&
		 error->sqlerrcode != ERRCODE_PROTOCOL_VIOLATION &&
		 error->sqlerrcode != ERRCODE_DUPLICATE_OBJECT &&
		 error->sqlerrcode != ERRCODE_DATATYPE_MISMATCH))
		fuzz_violation(psprintf("%s fails with %s", where, unpack_sql_state(error->sqlerrcode)),
					   error->message);
	if (!is_encoded(error->message) || !is_encoded(error->detail) || !is_encoded(error->hint))
		fuzz_violation(psprintf("%s fails with a message in a wrong encoding (%s)", where,
								unpack_sql_state(error->sqlerrcode)),
					   hex(error->message, strlen(error->message)));
}

/* Leaves garbage where the next allocations will be. */
static void
scribble(void)
{
	for (int round = 0; round < 2; round++)
		for (Size size = 8; size <= 1024; size *= 2)
			pfree(memset(palloc(size), 0x5A + round, size));
}

static Datum
receive(const Subject *s, char *bytes, int len)
{
	StringInfoData message = {.data = bytes, .len = len, .maxlen = len};
	Datum		value = ReceiveFunctionCall((FmgrInfo *) &s->recv, &message, s->ioparam, -1);

	/* as the server does with parameters and COPY */
	if (message.cursor != len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("bytes are left over")));
	return value;
}

static Datum
read_input(void *arg)
{
	Trial	   *t = arg;

	if (t->subject->binary)
		return receive(t->subject, t->input, t->len);
	return InputFunctionCall((FmgrInfo *) &t->subject->in, t->input, t->subject->ioparam, -1);
}

/* The value in a malloc() of its exact size. */
static Datum
exact_copy(const Subject *s, Datum value)
{
	Size		size = datumGetSize(value, s->byval, s->len);

	return PointerGetDatum(memcpy(malloc(size), DatumGetPointer(value), size));
}

/* Are both the same to the type's own operators? */
static void
check_equal(const Subject *s, Datum a, Datum b, const char *what)
{
	TypeCacheEntry *ops = s->ops;

	if (OidIsValid(ops->eq_opr_finfo.fn_oid) &&
		!DatumGetBool(FunctionCall2(&ops->eq_opr_finfo, a, b)))
		fuzz_violation(psprintf("a value is not equal to itself %s", what), "");
	if (OidIsValid(ops->cmp_proc_finfo.fn_oid) &&
		DatumGetInt32(FunctionCall2(&ops->cmp_proc_finfo, a, b)) != 0)
		fuzz_violation(psprintf("a value is not in the same place %s", what), "");
	if (OidIsValid(ops->hash_proc_finfo.fn_oid) &&
		DatumGetInt32(FunctionCall1(&ops->hash_proc_finfo, a)) !=
		DatumGetInt32(FunctionCall1(&ops->hash_proc_finfo, b)))
		fuzz_violation(psprintf("a value has another hash %s", what), "");
}

static void
check_text(const Subject *s, const char *text, Datum again, const char *what)
{
	char	   *other = OutputFunctionCall((FmgrInfo *) &s->out, again);

	if (strcmp(text, other) != 0)
		fuzz_violation(psprintf("a value is another one %s", what),
					   psprintf("%s becomes %s", text, other));
}

/* An accepted value comes back unchanged from each of its forms. */
static Datum
round_trips(void *arg)
{
	Trial	   *t = arg;
	const Subject *s = t->subject;
	Datum		again;
	char	   *text;
	bytea	   *sent;
	bytea	   *sent_again;

	phase = "output";
	text = OutputFunctionCall((FmgrInfo *) &s->out, t->value);
	if (!is_encoded(text))
		fuzz_violation("the text form is in a wrong encoding", text);

	phase = "input of the text form";
	again = InputFunctionCall((FmgrInfo *) &s->in, text, s->ioparam, -1);
	check_text(s, text, again, "after text");
	check_equal(s, t->value, again, "after text");

	phase = "send";
	sent = SendFunctionCall((FmgrInfo *) &s->send, t->value);
	phase = "receive of the binary form";
	again = receive(s, VARDATA(sent), VARSIZE(sent) - VARHDRSZ);
	check_text(s, text, again, "after binary");
	check_equal(s, t->value, again, "after binary");
	phase = "send again";
	sent_again = SendFunctionCall((FmgrInfo *) &s->send, again);
	if (VARSIZE(sent) != VARSIZE(sent_again) || memcmp(sent, sent_again, VARSIZE(sent)) != 0)
		fuzz_violation("the binary form changes when it is read back",
					   hex(VARDATA(sent_again), VARSIZE(sent_again) - VARHDRSZ));

	phase = "cast to jsonb";
	if (!OidIsValid(s->to_jsonb.fn_oid))
		return (Datum) 0;
	again = FunctionCall1((FmgrInfo *) &s->to_jsonb, t->value);
	phase = "cast from jsonb";
	again = FunctionCall1((FmgrInfo *) &s->from_jsonb, again);
	check_text(s, text, again, "after jsonb");
	check_equal(s, t->value, again, "after jsonb");
	return (Datum) 0;
}

/* Reads the input and tries what it gives. Was it accepted? */
static bool
try_input(Trial *t, pg_prng_state *rng, ErrorData **refusal)
{
	const Subject *s = t->subject;
	Datum		first,
				second,
				ignored;
	ErrorData  *error;
	char	   *before = memcpy(palloc(t->len + 1), t->input, t->len);

	trial = t;
	if (!fuzz_guarded(read_input, t, &first, refusal))
	{
		fuzz_check_error(s->binary ? "receive" : "input", *refusal);
		return false;
	}
	scribble();
	if (!fuzz_guarded(read_input, t, &second, &error))
		fuzz_violation("the same input is refused the second time", error->message);
	else if (!datumIsEqual(first, second, s->byval, s->len))
		fuzz_violation("the same input gives other bytes the second time", "");
	if (memcmp(before, t->input, t->len) != 0)
		fuzz_violation("the input is written to", "");

	t->value = exact_copy(s, first);
	if (!fuzz_guarded(round_trips, t, &ignored, &error))
		fuzz_violation(psprintf("%s fails with %s", phase, unpack_sql_state(error->sqlerrcode)),
					   error->message);
	fuzz_probe(s, t->value, rng);
	free(DatumGetPointer(t->value));
	return true;
}

/* An exactly sized copy; text with its NUL. */
static char *
exact_input(const Subject *s, const char *bytes, int len)
{
	char	   *input = malloc(s->binary ? Max(len, 1) : len + 1);

	memcpy(input, bytes, len);
	if (!s->binary)
		input[len] = '\0';
	return input;
}

/* The values of a type in fuzz_seed; count 0 if there are none. */
Seeds *
fuzz_seeds(Oid type)
{
	Oid			types[] = {OIDOID};
	Datum		args[] = {ObjectIdGetDatum(type)};
	Seeds	   *s;
	Oid			in,
				ioparam;
	MemoryContext old;

	for (int i = 0; i < nknown_seeds; i++)
		if (known_seeds[i].type == type)
			return &known_seeds[i];
	if (nknown_seeds == 100)
		elog(ERROR, "too many types");
	s = &known_seeds[nknown_seeds++];
	s->type = type;
	if (get_typtype(type) == TYPTYPE_PSEUDO)
		return s;
	getTypeInputInfo(type, &in, &ioparam);

	SPI_connect();
	if (SPI_execute_with_args("SELECT value FROM fuzz_seed WHERE type = $1 ORDER BY value COLLATE \"C\"",
							  1, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read fuzz_seed");
	old = MemoryContextSwitchTo(keep);
	s->count = SPI_processed;
	s->texts = palloc0(Max(s->count, 1) * sizeof(char *));
	s->values = palloc0(Max(s->count, 1) * sizeof(Datum));
	for (int i = 0; i < s->count; i++)
	{
		s->texts[i] = pstrdup(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
		s->values[i] = OidInputFunctionCall(in, s->texts[i], ioparam, -1);
	}
	MemoryContextSwitchTo(old);
	SPI_finish();
	return s;
}

static void
cast_function(Oid source, Oid target, FmgrInfo *fn)
{
	HeapTuple	tuple = SearchSysCache2(CASTSOURCETARGET, ObjectIdGetDatum(source),
										ObjectIdGetDatum(target));

	/* the state of an aggregate has none */
	if (!HeapTupleIsValid(tuple))
		return;
	fmgr_info_cxt(((Form_pg_cast) GETSTRUCT(tuple))->castfunc, fn, keep);
	ReleaseSysCache(tuple);
}

/* Sets up a run: all that is global. */
static Subject *
begin(Oid type, const char *path)
{
	Subject    *s;
	Oid			fn;
	bool		isvarlena;

	keep = AllocSetContextCreate(CurrentMemoryContext, "kra_fuzz", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(keep);
	violations = NULL;
	nknown_seeds = 0;
	known_seeds = palloc0(100 * sizeof(Seeds));
	s = palloc0(sizeof(Subject));
	s->type = type;
	if (strcmp(path, "binary") == 0)
		s->binary = true;
	else if (strcmp(path, "text") != 0)
		elog(ERROR, "path must be text or binary");
	get_typlenbyval(type, &s->len, &s->byval);
	if (s->byval)
		elog(ERROR, "type is passed by value");
	getTypeInputInfo(type, &fn, &s->ioparam);
	s->schema = get_func_namespace(fn);
	fmgr_info_cxt(fn, &s->in, keep);
	getTypeOutputInfo(type, &fn, &isvarlena);
	fmgr_info_cxt(fn, &s->out, keep);
	getTypeBinaryInputInfo(type, &fn, &s->ioparam);
	fmgr_info_cxt(fn, &s->recv, keep);
	getTypeBinaryOutputInfo(type, &fn, &isvarlena);
	fmgr_info_cxt(fn, &s->send, keep);
	cast_function(type, JSONBOID, &s->to_jsonb);
	cast_function(JSONBOID, type, &s->from_jsonb);
	s->ops = lookup_type_cache(type, TYPECACHE_EQ_OPR_FINFO | TYPECACHE_CMP_PROC_FINFO |
							   TYPECACHE_HASH_PROC_FINFO);
	fuzz_find_probes(s);
	return s;
}

/* Blocks so small that every chunk above 128 bytes is a malloc() of its own. */
static MemoryContext
trial_context(void)
{
	return AllocSetContextCreate(keep, "kra_fuzz trial", 0, 1024, 1024);
}

static char *
map_last_input(void)
{
	int			fd = open(LAST_INPUT_FILE, O_RDWR | O_CREAT, 0600);
	char	   *map;

	if (fd < 0 || ftruncate(fd, sizeof(uint32) + FUZZ_MAX_INPUT) != 0)
		elog(ERROR, "could not open \"%s\": %m", LAST_INPUT_FILE);
	map = mmap(NULL, sizeof(uint32) + FUZZ_MAX_INPUT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		elog(ERROR, "could not map \"%s\": %m", LAST_INPUT_FILE);
	return map;
}

/*
 * kra_fuzz(type, path, iterations, seed): how many of so many inputs were
 * accepted, how many refused, and the violations. The same seed gives the same
 * inputs.
 */
PG_FUNCTION_INFO_V1(kra_fuzz);
Datum
kra_fuzz(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Subject    *s = begin(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)));
	int			iterations = PG_GETARG_INT32(2);
	Corpus	   *corpus;
	StringInfoData input;
	pg_prng_state rng;
	int64		accepted = 0;
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {false};
	MemoryContext context = trial_context();
	char	   *last = map_last_input();

	if (fuzz_seeds(s->type)->count == 0)
		elog(ERROR, "fuzz_seed has no value of this type");
	corpus = fuzz_corpus(fuzz_seeds(s->type), s->binary ? &s->send : NULL);
	initStringInfo(&input);
	pg_prng_seed(&rng, (uint64) PG_GETARG_INT64(3));
	for (int i = 0; i < iterations; i++)
	{
		Trial		t = {.subject = s};
		uint32		len;
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(context);
		MemoryContextSwitchTo(context);
		fuzz_input(corpus, &rng, &input);
		t.len = len = Min(input.len, FUZZ_MAX_INPUT);
		memcpy(last, &len, sizeof(len));
		memcpy(last + sizeof(len), input.data, len);
		t.input = exact_input(s, input.data, len);
		if (try_input(&t, &rng, &error))
			accepted++;
		free(t.input);
	}
	munmap(last, sizeof(uint32) + FUZZ_MAX_INPUT);
	values[0] = Int64GetDatum(accepted);
	values[1] = Int64GetDatum(iterations - accepted);
	values[2] = Int64GetDatum(report_violations(s));

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(keep);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/*
 * kra_fuzz_one(type, path, input): the same with one given input, many times for
 * the sake of the functions' random arguments. Says what became of it.
 */
PG_FUNCTION_INFO_V1(kra_fuzz_one);
Datum
kra_fuzz_one(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	bytea	   *bytes = PG_GETARG_BYTEA_PP(2);
	Subject    *s = begin(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)));
	MemoryContext context = trial_context();
	Trial		t = {.subject = s};
	pg_prng_state rng;
	const char *answer = NULL;
	ErrorData  *error;

	t.len = VARSIZE_ANY_EXHDR(bytes);
	t.input = exact_input(s, VARDATA_ANY(bytes), t.len);
	pg_prng_seed(&rng, 1);
	for (int i = 0; i < 200; i++)
	{
		MemoryContextReset(context);
		MemoryContextSwitchTo(context);
		if (!try_input(&t, &rng, &error))
			answer = MemoryContextStrdup(caller, psprintf("refused: %s: %s",
														  unpack_sql_state(error->sqlerrcode),
														  error->message));
	}
	free(t.input);
	if (report_violations(s) > 0)
		answer = MemoryContextStrdup(caller, "violations");
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(keep);
	PG_RETURN_TEXT_P(cstring_to_text(answer ? answer : "accepted"));
}
