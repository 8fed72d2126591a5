/*
 * fields.h: the fields of a type, described once: what is equal, in which order
 * values come, what they hash to, and a plain text and binary form.
 *
 * A type is compared by what its fields say, never by its bytes: -0 is 0, a sum
 * counts in its normal form, and what is unused or padding does not count.
 */
#ifndef KRA_FIELDS_H
#define KRA_FIELDS_H

#include "kra.h"

typedef enum KraFieldKind
{
	FIELD_UINT8,
	FIELD_UINT16,
	FIELD_INT32,				/* dates and enums, too */
	FIELD_INT64,				/* times, too */
	FIELD_FLOAT8,
	FIELD_SUM,					/* DDouble */
	FIELD_AT,					/* TrendAt; extra: offset of the domain, a uint8 */
	FIELD_NAME,					/* const char *, bytewise; extra: offset of the length, a uint16 */
	FIELD_VALUE					/* of another type: of */
} KraFieldKind;

struct KraType;

typedef struct KraField
{
	const char *name;			/* the key in the text form */
	KraFieldKind kind;
	size_t		offset;
	size_t		extra;
	const struct KraType *of;
} KraField;

typedef struct KraType
{
	const char *name;
	int			nfields;
	const KraField *fields;		/* in the order in which they are compared */
} KraType;

extern int	kra_compare(const KraType *type, const void *a, const void *b);
extern uint64 kra_hash(const KraType *type, const void *value, uint64 seed);
extern char *kra_fields_print(const KraType *type, const void *value);
extern bool kra_fields_from_json(const KraType *type, void *value, JsonbContainer *object,
								 Node *escontext);
extern bytea *kra_fields_send(const KraType *type, int version, const void *value);
extern void kra_fields_recv(const KraType *type, int version, void *value, StringInfo buf);

/*
 * SQL functions of a type of fixed length, whose description is name_type. All
 * are strict.
 */
#define KRA_COMPARISON(name, suffix, op) \
PG_FUNCTION_INFO_V1(kra_##name##_##suffix); \
Datum \
kra_##name##_##suffix(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(kra_compare(&name##_type, PG_GETARG_POINTER(0), PG_GETARG_POINTER(1)) op 0); \
} \
extern int	kra_no_such_symbol

/* =, <> and the hash functions. */
#define KRA_EQUALITY(name) \
KRA_COMPARISON(name, eq, ==); \
KRA_COMPARISON(name, ne, !=); \
\
PG_FUNCTION_INFO_V1(kra_##name##_hash); \
Datum \
kra_##name##_hash(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_INT32((int32) kra_hash(&name##_type, PG_GETARG_POINTER(0), 0)); \
} \
\
PG_FUNCTION_INFO_V1(kra_##name##_hash_extended); \
Datum \
kra_##name##_hash_extended(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_INT64((int64) kra_hash(&name##_type, PG_GETARG_POINTER(0), \
									 (uint64) PG_GETARG_INT64(1))); \
} \
extern int	kra_no_such_symbol

/* <, <=, >, >= and the btree comparison. */
#define KRA_ORDER(name) \
KRA_COMPARISON(name, lt, <); \
KRA_COMPARISON(name, le, <=); \
KRA_COMPARISON(name, gt, >); \
KRA_COMPARISON(name, ge, >=); \
\
PG_FUNCTION_INFO_V1(kra_##name##_cmp); \
Datum \
kra_##name##_cmp(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_INT32(kra_compare(&name##_type, PG_GETARG_POINTER(0), PG_GETARG_POINTER(1))); \
} \
extern int	kra_no_such_symbol

#endif							/* KRA_FIELDS_H */
