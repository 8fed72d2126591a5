/*
 * json.c: reading JSON objects of a known shape, on top of the server's jsonb.
 *
 * Each type that has a JSON text form names its keys in a table; a key that is
 * not in the table is an error, and so is a value of the wrong type. Errors are
 * soft where the server can take them so.
 */
#include "postgres.h"

#include <errno.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "kra.h"

typedef struct PartCount
{
	Node	   *escontext;
	const char *type_name;
	int			parts;
} PartCount;

/* The server's jsonb parser is not to be stopped: it gets so much and no more. */
static bool
count_part(PartCount *count)
{
	CHECK_FOR_INTERRUPTS();
	if (++count->parts > KRA_MAX_JSON_PARTS)
		ereturn(count->escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text of type %s has more than %d parts", count->type_name,
						KRA_MAX_JSON_PARTS)));
	return true;
}

static JSON_ACTION_RESULT
field_start(void *state, char *name, bool isnull)
{
	(void) name;
	(void) isnull;
	JSON_ACTION_RETURN(count_part(state));
}

static JSON_ACTION_RESULT
element_start(void *state, bool isnull)
{
	(void) isnull;
	JSON_ACTION_RETURN(count_part(state));
}

/*
 * Is the text JSON, and of not too many parts? The server's own error would show
 * a whole token of it, however long that is.
 */
static bool
check_syntax(char *str, int len, const char *type_name, Node *escontext)
{
	PartCount	count = {escontext, type_name, 0};
	JsonSemAction actions = {
		.semstate = &count, .object_field_start = field_start, .array_element_start = element_start
	};
#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex = makeJsonLexContextCstringLen(NULL, str, len, GetDatabaseEncoding(), false);
#else
	JsonLexContext *lex = makeJsonLexContextCstringLen(str, len, GetDatabaseEncoding(), false);
#endif
	JsonParseErrorType result = pg_parse_json(lex, &actions);

	if (kra_soft_error(escontext))
		return false;
	if (result != JSON_SUCCESS)
	{
		char	   *detail = json_errdetail(result, lex);

		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", "json"),
				 errdetail("%s", kra_echo(detail, strlen(detail)))));
	}
	return true;
}

/*
 * Parses text as jsonb, of at most so many bytes, that is to become a value of a
 * type; NULL after a soft error.
 */
Jsonb *
kra_json_parse(char *str, Size limit, const char *type_name, Node *escontext)
{
	Size		len = strlen(str);
#if PG_VERSION_NUM >= 160000
	Datum		result;
#endif

	if (!kra_check_size(len, limit, psprintf("text of type %s", type_name), escontext) ||
		!check_syntax(str, len, type_name, escontext))
		return NULL;
#if PG_VERSION_NUM >= 160000
	if (!DirectInputFunctionCallSafe(jsonb_in, str, InvalidOid, -1, escontext, &result))
		return NULL;
	return DatumGetJsonbP(result);
#else
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(str)));
#endif
}

Datum
kra_jsonb_from_text(char *str)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(str));
}

/*
 * Reads the values of json->keys out of an object. The caller has set keys,
 * nkeys, type_name and escontext.
 */
bool
kra_json_open(KraJson *json, JsonbContainer *object)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	int			key = -1;

	json->values = palloc0(json->nkeys * sizeof(JsonbValue));
	json->present = palloc0(json->nkeys * sizeof(bool));
	for (int i = 0; i < json->nkeys; i++)
		json->values[i].type = jbvNull;

	if (!JsonContainerIsObject(object) || JsonContainerIsScalar(object))
		ereturn(json->escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s", json->type_name),
				 errdetail("A JSON object is expected.")));

	it = JsonbIteratorInit(object);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_END_OBJECT)
	{
		if (token == WJB_KEY)
		{
			for (key = 0; key < json->nkeys; key++)
				if (strlen(json->keys[key]) == (size_t) v.val.string.len &&
					memcmp(json->keys[key], v.val.string.val, v.val.string.len) == 0)
					break;
			if (key == json->nkeys)
				ereturn(json->escontext, false,
						(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						 errmsg("unknown key \"%s\" in %s",
								kra_echo(v.val.string.val, v.val.string.len), json->type_name)));
		}
		else
		{
			json->values[key] = v;
			json->present[key] = true;
		}
	}
	return true;
}

static bool
wrong_type(const char *type_name, const char *key, const char *expected, Node *escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("key \"%s\" of %s must be %s", key, type_name, expected)));
}

/* Is a key that must be there missing? Reports it. */
static bool
is_missing(KraJson *json, int key)
{
	if (json->present[key])
		return false;
	ereturn(json->escontext, true,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("key \"%s\" of %s is missing", json->keys[key], json->type_name)));
}

static char *
numeric_text(JsonbValue *v)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(v->val.numeric)));
}

/* A JSON number as float8. */
bool
kra_json_number(JsonbValue *v, const char *type_name, const char *key,
				double *value, Node *escontext)
{
	char	   *text;

	if (v->type != jbvNumeric)
		return wrong_type(type_name, key, "a number", escontext);
	text = numeric_text(v);
	*value = strtod(text, NULL);
	if (isinf(*value) || (*value == 0.0 && strpbrk(text, "123456789") != NULL))
		ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("key \"%s\" of %s is out of range for type double precision",
						key, type_name)));
	return true;
}

/* A number, or null where isnull is given. */
bool
kra_json_float8(KraJson *json, int key, double *value, bool *isnull)
{
	JsonbValue *v = &json->values[key];

	*value = 0.0;
	if (isnull)
	{
		*isnull = (v->type == jbvNull);
		if (*isnull)
			return true;
	}
	else if (is_missing(json, key))
		return false;
	return kra_json_number(v, json->type_name, json->keys[key], value, json->escontext);
}

/* A whole number that fits into bigint. */
bool
kra_json_int64(KraJson *json, int key, int64 *value)
{
	JsonbValue *v = &json->values[key];
	char	   *text;
	char	   *end;

	if (is_missing(json, key))
		return false;
	if (v->type != jbvNumeric)
		return wrong_type(json->type_name, json->keys[key], "a whole number",
						  json->escontext);
	text = numeric_text(v);
	errno = 0;
	*value = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return wrong_type(json->type_name, json->keys[key], "a whole number",
						  json->escontext);
	return true;
}

/* A number, or [hi, lo]. */
bool
kra_json_sum(KraJson *json, int key, DDouble *value)
{
	JsonbValue *v = &json->values[key];
	JsonbValue *part;

	value->lo = 0.0;
	if (is_missing(json, key))
		return false;
	if (v->type == jbvNumeric)
		return kra_json_number(v, json->type_name, json->keys[key], &value->hi,
							   json->escontext);
	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data) ||
		JsonContainerSize(v->val.binary.data) != 2)
		return wrong_type(json->type_name, json->keys[key],
						  "a number or a pair of numbers", json->escontext);
	part = getIthJsonbValueFromContainer(v->val.binary.data, 0);
	if (!kra_json_number(part, json->type_name, json->keys[key], &value->hi,
						 json->escontext))
		return false;
	part = getIthJsonbValueFromContainer(v->val.binary.data, 1);
	return kra_json_number(part, json->type_name, json->keys[key], &value->lo,
						   json->escontext);
}

/* A string, not terminated, or null where isnull is given. */
bool
kra_json_string(KraJson *json, int key, char **value, int *len, bool *isnull)
{
	JsonbValue *v = &json->values[key];

	*value = NULL;
	*len = 0;
	if (isnull)
	{
		*isnull = (v->type == jbvNull);
		if (*isnull)
			return true;
	}
	else if (is_missing(json, key))
		return false;
	if (v->type != jbvString)
		return wrong_type(json->type_name, json->keys[key], "a string", json->escontext);
	*value = v->val.string.val;
	*len = v->val.string.len;
	return true;
}

/*
 * A time as kra_append_time() prints it. The shape is checked first, so that
 * words such as "now", and orders of day and month that depend on DateStyle,
 * never reach the server's parser.
 */
bool
kra_json_time(KraJson *json, int key, int64 *value, bool *isnull)
{
	char	   *text;
	int			len;
	int			digits;
	const char *p;
	Datum		result;

	*value = 0;
	if (!kra_json_string(json, key, &text, &len, isnull))
		return false;
	if (isnull && *isnull)
		return true;
	text = pnstrdup(text, len);
	p = text;
	digits = strspn(p, "0123456789");
	if (digits < 4 || digits > 6 || strspn(p + digits, "-") != 1 ||
		strspn(p + digits + 1, "0123456789") != 2 ||
		strspn(p + digits + 3, "-") != 1 ||
		strspn(p + digits + 4, "0123456789") != 2 ||
		p[digits + 6] != 'T')
		goto malformed;
	p += digits + 7;
	if (strspn(p, "0123456789") != 2 || p[2] != ':' ||
		strspn(p + 3, "0123456789") != 2 || p[5] != ':' ||
		strspn(p + 6, "0123456789") != 2)
		goto malformed;
	p += 8;
	if (*p == '.')
	{
		digits = strspn(p + 1, "0123456789");
		if (digits < 1 || digits > 6)
			goto malformed;
		p += 1 + digits;
	}
	if (strcmp(p, "Z") != 0 && strcmp(p, "+00:00") != 0 && strcmp(p, "+00:00 BC") != 0)
		goto malformed;

#if PG_VERSION_NUM >= 160000
	if (!DirectInputFunctionCallSafe(timestamptz_in, text, InvalidOid, -1,
									 json->escontext, &result))
		return false;
#else
	result = DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
#endif
	*value = DatumGetTimestampTz(result);
	return true;

malformed:
	return wrong_type(json->type_name, json->keys[key],
					  "a time such as \"2026-04-01T00:00:00Z\"", json->escontext);
}
