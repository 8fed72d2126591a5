/*
 * fields.c: comparison, hash, and a plain text and binary form of any type whose
 * fields are described.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "fields.h"
#include "trend.h"

/* Words that are hashed at once. */
#define HASH_WORDS 32

#define AT(type, value, offset) (*(type *) ((char *) (value) + (offset)))
#define CONST_AT(type, value, offset) (*(const type *) ((const char *) (value) + (offset)))

#define COMPARE(x, y) ((x) < (y) ? -1 : ((x) > (y) ? 1 : 0))

static int
compare_sums(DDouble a, DDouble b)
{
	DDouble		x = dd_normal(a);
	DDouble		y = dd_normal(b);
	int			cmp = float8_cmp_internal(x.hi, y.hi);

	return cmp != 0 ? cmp : float8_cmp_internal(x.lo, y.lo);
}

/* Times and numbers do not mix: the domain is a field that was compared before. */
static int
compare_ats(const KraField *field, const void *a, const void *b)
{
	TrendAt		x = CONST_AT(TrendAt, a, field->offset);
	TrendAt		y = CONST_AT(TrendAt, b, field->offset);

	if (CONST_AT(uint8, a, field->extra) == TREND_NUMBER)
		return float8_cmp_internal(x.number, y.number);
	return COMPARE(x.time, y.time);
}

static int
compare_names(const KraField *field, const void *a, const void *b)
{
	int			a_len = CONST_AT(uint16, a, field->extra);
	int			b_len = CONST_AT(uint16, b, field->extra);
	int			cmp = memcmp(CONST_AT(char *, a, field->offset),
							 CONST_AT(char *, b, field->offset), Min(a_len, b_len));

	return cmp != 0 ? COMPARE(cmp, 0) : COMPARE(a_len, b_len);
}

static int
compare_field(const KraField *field, const void *a, const void *b)
{
	size_t		offset = field->offset;

	switch (field->kind)
	{
		case FIELD_UINT8:
			return COMPARE(CONST_AT(uint8, a, offset), CONST_AT(uint8, b, offset));
		case FIELD_UINT16:
			return COMPARE(CONST_AT(uint16, a, offset), CONST_AT(uint16, b, offset));
		case FIELD_INT32:
			return COMPARE(CONST_AT(int32, a, offset), CONST_AT(int32, b, offset));
		case FIELD_INT64:
			return COMPARE(CONST_AT(int64, a, offset), CONST_AT(int64, b, offset));
		case FIELD_FLOAT8:
			return float8_cmp_internal(CONST_AT(double, a, offset), CONST_AT(double, b, offset));
		case FIELD_SUM:
			return compare_sums(CONST_AT(DDouble, a, offset), CONST_AT(DDouble, b, offset));
		case FIELD_AT:
			return compare_ats(field, a, b);
		case FIELD_NAME:
			return compare_names(field, a, b);
		case FIELD_VALUE:
			return kra_compare(field->of, &CONST_AT(char, a, offset), &CONST_AT(char, b, offset));
	}
	return 0;
}

/*
 * A total order, by the fields one after the other: -1, 0 or 1. What is equal
 * has the same text form. NaN, which no valid value holds, is one value above
 * all numbers.
 */
int
kra_compare(const KraType *type, const void *a, const void *b)
{
	for (int i = 0; i < type->nfields; i++)
	{
		int			cmp = compare_field(&type->fields[i], a, b);

		if (cmp != 0)
			return cmp;
	}
	return 0;
}

/* What is to be hashed, gathered into words. */
typedef struct HashInput
{
	uint64		seed;
	uint64		hash;
	int			n;
	uint64		words[HASH_WORDS];
} HashInput;

static void
hash_pending(HashInput *in)
{
	if (in->n > 0)
		in->hash = hash_combine64(in->hash,
								  hash_bytes_extended((const unsigned char *) in->words,
													  in->n * sizeof(uint64), in->seed));
	in->n = 0;
}

static void
hash_word(HashInput *in, uint64 word)
{
	if (in->n == HASH_WORDS)
		hash_pending(in);
	in->words[in->n++] = word;
}

static void
hash_number(HashInput *in, double number)
{
	uint64		word;

	number = isnan(number) ? get_float8_nan() : number + 0.0;	/* -0 becomes 0 */
	memcpy(&word, &number, sizeof(word));
	hash_word(in, word);
}

static void
hash_fields(HashInput *in, const KraType *type, const void *value)
{
	for (int i = 0; i < type->nfields; i++)
	{
		const KraField *field = &type->fields[i];
		size_t		offset = field->offset;

		switch (field->kind)
		{
			case FIELD_UINT8:
				hash_word(in, CONST_AT(uint8, value, offset));
				break;
			case FIELD_UINT16:
				hash_word(in, CONST_AT(uint16, value, offset));
				break;
			case FIELD_INT32:
				hash_word(in, (uint64) CONST_AT(int32, value, offset));
				break;
			case FIELD_INT64:
				hash_word(in, (uint64) CONST_AT(int64, value, offset));
				break;
			case FIELD_FLOAT8:
				hash_number(in, CONST_AT(double, value, offset));
				break;
			case FIELD_SUM:
				{
					DDouble		sum = dd_normal(CONST_AT(DDouble, value, offset));

					hash_number(in, sum.hi);
					hash_number(in, sum.lo);
					break;
				}
			case FIELD_AT:
				if (CONST_AT(uint8, value, field->extra) == TREND_NUMBER)
					hash_number(in, CONST_AT(TrendAt, value, offset).number);
				else
					hash_word(in, (uint64) CONST_AT(TrendAt, value, offset).time);
				break;
			case FIELD_NAME:
				hash_pending(in);
				in->hash = hash_combine64(in->hash,
										  hash_bytes_extended(CONST_AT(unsigned char *, value, offset),
															  CONST_AT(uint16, value, field->extra),
															  in->seed));
				break;
			case FIELD_VALUE:
				hash_fields(in, field->of, &CONST_AT(char, value, offset));
				break;
		}
	}
}

/* Agrees with kra_compare(): what is equal hashes alike. */
uint64
kra_hash(const KraType *type, const void *value, uint64 seed)
{
	HashInput	in;

	in.seed = seed;
	in.hash = seed;
	in.n = 0;
	hash_fields(&in, type, value);
	hash_pending(&in);
	return in.hash;
}

/*
 * The plain text form: a JSON object of the fields, each a number, or [hi, lo]
 * of a sum; lossless. For types without times, names and parts of other types.
 */
char *
kra_fields_print(const KraType *type, const void *value)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < type->nfields; i++)
	{
		const KraField *field = &type->fields[i];
		size_t		offset = field->offset;

		appendStringInfo(&buf, "%s\"%s\": ", i == 0 ? "{" : ", ", field->name);
		switch (field->kind)
		{
			case FIELD_UINT8:
				appendStringInfo(&buf, "%d", CONST_AT(uint8, value, offset));
				break;
			case FIELD_UINT16:
				appendStringInfo(&buf, "%d", CONST_AT(uint16, value, offset));
				break;
			case FIELD_INT32:
				appendStringInfo(&buf, "%d", CONST_AT(int32, value, offset));
				break;
			case FIELD_INT64:
				appendStringInfo(&buf, INT64_FORMAT, CONST_AT(int64, value, offset));
				break;
			case FIELD_FLOAT8:
				kra_append_float8(&buf, CONST_AT(double, value, offset));
				break;
			case FIELD_SUM:
				kra_append_sum(&buf, CONST_AT(DDouble, value, offset));
				break;
			default:
				elog(ERROR, "field \"%s\" of %s has no plain form", field->name, type->name);
		}
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

/* A whole number between 0 (or low) and high. */
static bool
read_integer(KraJson *json, int key, int64 low, int64 high, int64 *number)
{
	if (!kra_json_int64(json, key, number))
		return false;
	if (*number < low || *number > high)
		ereturn(json->escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("key \"%s\" of %s is out of range", json->keys[key], json->type_name)));
	return true;
}

/* Reads it. What is no field of the value stays as it is. */
bool
kra_fields_from_json(const KraType *type, void *value, JsonbContainer *object, Node *escontext)
{
	const char **keys = palloc(type->nfields * sizeof(*keys));
	KraJson		json = {type->name, escontext, type->nfields, keys, NULL, NULL};

	for (int i = 0; i < type->nfields; i++)
		keys[i] = type->fields[i].name;
	if (!kra_json_open(&json, object))
		return false;
	for (int i = 0; i < type->nfields; i++)
	{
		const KraField *field = &type->fields[i];
		size_t		offset = field->offset;
		int64		number;

		switch (field->kind)
		{
			case FIELD_UINT8:
				if (!read_integer(&json, i, 0, PG_UINT8_MAX, &number))
					return false;
				AT(uint8, value, offset) = number;
				break;
			case FIELD_UINT16:
				if (!read_integer(&json, i, 0, PG_UINT16_MAX, &number))
					return false;
				AT(uint16, value, offset) = number;
				break;
			case FIELD_INT32:
				if (!read_integer(&json, i, PG_INT32_MIN, PG_INT32_MAX, &number))
					return false;
				AT(int32, value, offset) = number;
				break;
			case FIELD_INT64:
				if (!kra_json_int64(&json, i, &AT(int64, value, offset)))
					return false;
				break;
			case FIELD_FLOAT8:
				if (!kra_json_float8(&json, i, &AT(double, value, offset), NULL))
					return false;
				break;
			case FIELD_SUM:
				if (!kra_json_sum(&json, i, &AT(DDouble, value, offset)))
					return false;
				break;
			default:
				elog(ERROR, "field \"%s\" of %s has no plain form", field->name, type->name);
		}
	}
	return true;
}

/* The plain binary form: a version byte, then the fields in their order. */
bytea *
kra_fields_send(const KraType *type, int version, const void *value)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, version);
	for (int i = 0; i < type->nfields; i++)
	{
		const KraField *field = &type->fields[i];
		size_t		offset = field->offset;

		switch (field->kind)
		{
			case FIELD_UINT8:
				pq_sendbyte(&buf, CONST_AT(uint8, value, offset));
				break;
			case FIELD_UINT16:
				pq_sendint16(&buf, CONST_AT(uint16, value, offset));
				break;
			case FIELD_INT32:
				pq_sendint32(&buf, CONST_AT(int32, value, offset));
				break;
			case FIELD_INT64:
				pq_sendint64(&buf, CONST_AT(int64, value, offset));
				break;
			case FIELD_FLOAT8:
				pq_sendfloat8(&buf, CONST_AT(double, value, offset));
				break;
			case FIELD_SUM:
				kra_send_sum(&buf, CONST_AT(DDouble, value, offset));
				break;
			default:
				elog(ERROR, "field \"%s\" of %s has no plain form", field->name, type->name);
		}
	}
	return pq_endtypsend(&buf);
}

void
kra_fields_recv(const KraType *type, int version, void *value, StringInfo buf)
{
	kra_check_version(pq_getmsgbyte(buf), version, type->name);
	for (int i = 0; i < type->nfields; i++)
	{
		const KraField *field = &type->fields[i];
		size_t		offset = field->offset;

		switch (field->kind)
		{
			case FIELD_UINT8:
				AT(uint8, value, offset) = pq_getmsgbyte(buf);
				break;
			case FIELD_UINT16:
				AT(uint16, value, offset) = pq_getmsgint(buf, 2);
				break;
			case FIELD_INT32:
				AT(int32, value, offset) = pq_getmsgint(buf, 4);
				break;
			case FIELD_INT64:
				AT(int64, value, offset) = pq_getmsgint64(buf);
				break;
			case FIELD_FLOAT8:
				AT(double, value, offset) = pq_getmsgfloat8(buf);
				break;
			case FIELD_SUM:
				AT(DDouble, value, offset) = kra_recv_sum(buf);
				break;
			default:
				elog(ERROR, "field \"%s\" of %s has no plain form", field->name, type->name);
		}
	}
}
