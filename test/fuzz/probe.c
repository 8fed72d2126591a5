/*
 * probe.c: calls whatever takes a value, with arguments drawn from fuzz_seed.
 *
 * The functions are found in the catalogue, so that a new one is tried without
 * a change here. They may refuse; they must not return floats that are not
 * finite, text in a wrong encoding, times out of range, or values that their own
 * type does not read back.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "fuzz.h"

typedef struct Probe
{
	char	   *name;
	FmgrInfo	fn;
	Oid			result;
	int			nargs;
	Oid			args[FUNC_MAX_ARGS];
} Probe;

static Probe *probes;
static int	nprobes;

/* One call: the arguments are drawn before, the result is checked inside. */
typedef struct Call
{
	const Subject *subject;
	Probe	   *probe;
	FunctionCallInfo fcinfo;
} Call;

/* All functions in C that take the type; called in a long-lived context. */
void
fuzz_find_probes(const Subject *s)
{
	static const char *const query =
		"SELECT p.oid::regprocedure::text, p.oid, p.prorettype, p.proargtypes"
		"  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'c'"
		" WHERE p.pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)"
		"   AND p.prokind = 'f' AND $1 = ANY (p.proargtypes)"
		/* an aggregate alone calls those with an internal state */
		"   AND p.proargtypes[0] <> 'internal'::regtype"
		" ORDER BY 1";
	Oid			types[] = {OIDOID};
	Datum		args[] = {ObjectIdGetDatum(s->type)};
	MemoryContext context = CurrentMemoryContext;

	SPI_connect();
	if (SPI_execute_with_args(query, 1, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not list functions");
	probes = MemoryContextAllocZero(context, Max(SPI_processed, 1) * sizeof(Probe));
	nprobes = 0;
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		Probe	   *p = &probes[nprobes++];
		bool		isnull;
		Datum		oid = SPI_getbinval(row, desc, 2, &isnull);
		oidvector  *argtypes;

		p->name = MemoryContextStrdup(context, SPI_getvalue(row, desc, 1));
		fmgr_info_cxt(DatumGetObjectId(oid), &p->fn, context);
		p->result = DatumGetObjectId(SPI_getbinval(row, desc, 3, &isnull));
		argtypes = (oidvector *) DatumGetPointer(SPI_getbinval(row, desc, 4, &isnull));
		p->nargs = argtypes->dim1;
		memcpy(p->args, argtypes->values, p->nargs * sizeof(Oid));
	}
	SPI_finish();
	for (int i = 0; i < nprobes; i++)
		for (int j = 0; j < probes[i].nargs; j++)
			if (fuzz_seeds(probes[i].args[j])->count == 0)
				ereport(ERROR,
						(errmsg("fuzz_seed has no value for an argument of %s", probes[i].name)));
}

/*
 * Does the value's own type read back what it prints? Of types of kra. What a
 * transition function returns is a state: its sums may be put in order by that.
 */
static void
check_rereads(const Subject *s, const Probe *p, Oid type, Datum value)
{
	Oid			in,
				out,
				ioparam;
	bool		isvarlena;
	char	   *text;
	ErrorData  *error = NULL;
	MemoryContext context = CurrentMemoryContext;

	if (get_typtype(type) != TYPTYPE_BASE)
		return;
	getTypeOutputInfo(type, &out, &isvarlena);
	getTypeInputInfo(type, &in, &ioparam);
	if (get_func_namespace(in) != s->schema)
		return;
	text = OidOutputFunctionCall(out, value);
	PG_TRY();
	{
		char	   *again = OidOutputFunctionCall(out, OidInputFunctionCall(in, text, ioparam, -1));

		if (strcmp(text, again) != 0 && !(p->nargs > 1 && p->args[0] == type))
			fuzz_violation(psprintf("%s returns a value that changes when it is read back", p->name),
						   psprintf("%s becomes %s", text, again));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED ||
			error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
		fuzz_violation(psprintf("%s returns a value that its type does not read back", p->name),
					   psprintf("%s: %s", error->message, text));
	}
	PG_END_TRY();
}

/* Checks a result, or a column of one. */
static void
check_result(const Subject *s, const Probe *p, Oid type, Datum value)
{
	switch (type)
	{
		case FLOAT8OID:
			if (!isfinite(DatumGetFloat8(value)))
				fuzz_violation(psprintf("%s returns a number that is not finite", p->name),
							   psprintf("%g", DatumGetFloat8(value)));
			break;
		case TEXTOID:
			{
				text	   *t = DatumGetTextPP(value);

				if (!pg_verifymbstr(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), true))
					fuzz_violation(psprintf("%s returns text in a wrong encoding", p->name), "");
				break;
			}
		case TIMESTAMPTZOID:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(value)) ||
				!IS_VALID_TIMESTAMP(DatumGetTimestampTz(value)))
				fuzz_violation(psprintf("%s returns a time out of range", p->name),
							   psprintf(INT64_FORMAT, DatumGetTimestampTz(value)));
			break;
		case DATEOID:
			if (!IS_VALID_DATE(DatumGetDateADT(value)))
				fuzz_violation(psprintf("%s returns a date out of range", p->name), "");
			break;
		default:
			check_rereads(s, p, type, value);
	}
}

static void
check_tuple(const Subject *s, const Probe *p, HeapTuple tuple, TupleDesc desc)
{
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));

	heap_deform_tuple(tuple, desc, values, nulls);
	for (int i = 0; i < desc->natts; i++)
		if (!nulls[i])
			check_result(s, p, TupleDescAttr(desc, i)->atttypid, values[i]);
}

/* Calls a set-returning function and checks its rows. */
static void
call_set(const Call *call)
{
	ReturnSetInfo rs = {.type = T_ReturnSetInfo};
	TupleTableSlot *slot;

	rs.econtext = CreateStandaloneExprContext();
	rs.allowedModes = SFRM_Materialize;
	rs.returnMode = SFRM_ValuePerCall;
	call->fcinfo->resultinfo = (Node *) &rs;
	(void) FunctionCallInvoke(call->fcinfo);
	if (rs.returnMode != SFRM_Materialize || rs.setResult == NULL)
		elog(ERROR, "%s did not return a tuplestore", call->probe->name);
	slot = MakeSingleTupleTableSlot(rs.setDesc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(rs.setResult, true, false, slot))
	{
		bool		free_it;

		check_tuple(call->subject, call->probe, ExecFetchSlotHeapTuple(slot, true, &free_it),
					rs.setDesc);
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(rs.setResult);
}

static Datum
run_call(void *arg)
{
	Call	   *call = arg;
	Probe	   *p = call->probe;
	Datum		result;

	if (p->fn.fn_retset)
	{
		call_set(call);
		return (Datum) 0;
	}
	result = FunctionCallInvoke(call->fcinfo);
	if (call->fcinfo->isnull)
		return (Datum) 0;
	if (p->result == RECORDOID || get_typtype(p->result) == TYPTYPE_COMPOSITE)
	{
		HeapTupleHeader header = DatumGetHeapTupleHeader(result);
		TupleDesc	desc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
													   HeapTupleHeaderGetTypMod(header));
		HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};

		check_tuple(call->subject, p, &tuple, desc);
	}
	else
		check_result(call->subject, p, p->result, result);
	return (Datum) 0;
}

/* Calls every function that takes the type on the value. */
void
fuzz_probe(const Subject *s, Datum value, pg_prng_state *rng)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);

	for (int i = 0; i < nprobes; i++)
	{
		Probe	   *p = &probes[i];
		Call		call = {s, p, fcinfo};
		Datum		result;
		ErrorData  *error;

		InitFunctionCallInfoData(*fcinfo, &p->fn, p->nargs, DEFAULT_COLLATION_OID, NULL, NULL);
		for (int j = 0; j < p->nargs; j++)
		{
			const Seeds *seeds = fuzz_seeds(p->args[j]);

			fcinfo->args[j].isnull = false;
			if (p->args[j] == s->type && (j == 0 || fuzz_random(rng, 2) == 0))
				fcinfo->args[j].value = value;
			else if (!p->fn.fn_strict && fuzz_random(rng, 16) == 0)
				fcinfo->args[j].isnull = true;
			else
				fcinfo->args[j].value = seeds->values[fuzz_random(rng, seeds->count)];
		}
		if (!fuzz_guarded(run_call, &call, &result, &error))
			fuzz_check_error(p->name, error);
	}
}
