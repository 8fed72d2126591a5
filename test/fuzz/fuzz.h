/*
 * fuzz.h: a harness that throws damaged input at the types of kra.
 */
#ifndef KRA_FUZZ_H
#define KRA_FUZZ_H

#include "postgres.h"

#include "common/pg_prng.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/typcache.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Inputs are cut to this length. */
#define FUZZ_MAX_INPUT 65536

/* The type under test, and its functions. */
typedef struct Subject
{
	Oid			type;
	Oid			schema;
	int16		len;
	bool		byval;
	Oid			ioparam;
	bool		binary;			/* inputs go to receive, not to input */
	FmgrInfo	in;
	FmgrInfo	out;
	FmgrInfo	recv;
	FmgrInfo	send;
	FmgrInfo	to_jsonb;
	FmgrInfo	from_jsonb;
	TypeCacheEntry *ops;		/* equality, order and hash, where there are any */
} Subject;

/* Values of a type, as text: table fuzz_seed. */
typedef struct Seeds
{
	Oid			type;
	int			count;
	char	  **texts;
	Datum	   *values;
} Seeds;

/* What valid input looks like: whole ones, and their words. */
typedef struct Corpus
{
	bool		binary;
	int			count;
	StringInfoData *inputs;
	int			nwords;
	StringInfoData *words;
} Corpus;

typedef Datum (*FuzzAction) (void *arg);

/* kra_fuzz.c */
extern bool fuzz_guarded(FuzzAction action, void *arg, Datum *result, ErrorData **error);
extern void fuzz_violation(const char *kind, const char *detail);
extern void fuzz_check_error(const char *where, const ErrorData *error);
extern Seeds *fuzz_seeds(Oid type);

/* input.c */
extern Corpus *fuzz_corpus(const Seeds *seeds, FmgrInfo *send);
extern void fuzz_input(const Corpus *corpus, pg_prng_state *rng, StringInfo out);
extern uint32 fuzz_random(pg_prng_state *rng, uint32 limit);

/* probe.c */
extern void fuzz_find_probes(const Subject *s);
extern void fuzz_probe(const Subject *s, Datum value, pg_prng_state *rng);

#endif							/* KRA_FUZZ_H */
