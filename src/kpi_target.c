/*
 * kpi_target.c: the type kpi_target: validation, text, binary and JSON forms.
 *
 * Stored format: struct KpiTarget, 64 bytes, fixed length.
 *
 *     | version | direction | parts (16 bit) | since | due | 0 |    16 bytes
 *     | lower | upper | baseline | threshold | stretch | scale |    48 bytes
 *
 * Text form, printed canonically in this order, read in any order:
 *
 *     >= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31
 *
 * Binary form: version byte, direction byte, parts (16 bit), lower, upper, then
 * each part that is present, in the order of the text form.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "kra.h"

#define TYPE_NAME "kpi_target"

/* The float8 parts, in the order of the text form. */
typedef struct NumberPart
{
	const char *word;			/* in the text form */
	const char *key;			/* in JSON, and the name of the argument */
	uint16		bit;
	size_t		offset;
} NumberPart;

static const NumberPart number_parts[] = {
	{"from", "baseline", KPI_HAS_BASELINE, offsetof(KpiTarget, baseline)},
	{"threshold", "threshold", KPI_HAS_THRESHOLD, offsetof(KpiTarget, threshold)},
	{"stretch", "stretch", KPI_HAS_STRETCH, offsetof(KpiTarget, stretch)},
	{"within", "scale", KPI_HAS_SCALE, offsetof(KpiTarget, scale)},
};

typedef struct DatePart
{
	const char *word;
	const char *key;
	uint16		bit;
	size_t		offset;
} DatePart;

static const DatePart date_parts[] = {
	{"since", "since", KPI_HAS_SINCE, offsetof(KpiTarget, since)},
	{"by", "due", KPI_HAS_DUE, offsetof(KpiTarget, due)},
};

#define NUMBER_AT(t, part) (*(double *) ((char *) (t) + (part)->offset))
#define DATE_AT(t, part) (*(int32 *) ((char *) (t) + (part)->offset))
#define CONST_NUMBER_AT(t, part) (*(const double *) ((const char *) (t) + (part)->offset))
#define CONST_DATE_AT(t, part) (*(const int32 *) ((const char *) (t) + (part)->offset))

/* Indexed by KpiDirection: the operator of the text form, and the JSON word. */
static const char *const operators[] = {NULL, ">=", "<=", "=", NULL};
static const char *const direction_names[] = {NULL, "at_least", "at_most", "exactly", "inside"};

const char *
kpi_direction_name(const KpiTarget *t)
{
	return direction_names[t->direction];
}

/* For messages. */
static char *
number(double value)
{
	StringInfoData buf;

	initStringInfo(&buf);
	kra_append_float8(&buf, value);
	return buf.data;
}

/* Does x lie between the ends of a range, and at neither? */
static bool
lies_inside(const KpiTarget *t, double x)
{
	return t->direction == KPI_INSIDE && x > t->lower && x < t->upper &&
		!kpi_same(x, t->lower) && !kpi_same(x, t->upper);
}

/*
 * The one validator, called by text, binary and JSON input and by the
 * constructors. Normalises what is absent, and -0, to 0.
 */
bool
kpi_target_check(KpiTarget *t, Node *escontext)
{
#define REFUSE(...) \
	ereturn(escontext, false, \
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), __VA_ARGS__))

	if (t->direction < KPI_AT_LEAST || t->direction > KPI_INSIDE)
		REFUSE(errmsg("invalid direction of a target"));
	if (t->parts & ~KPI_ALL_PARTS)
		REFUSE(errmsg("invalid parts of a target"));
	if (t->direction != KPI_INSIDE)
		t->upper = t->lower;
	if (!isfinite(t->lower) || !isfinite(t->upper))
		REFUSE(errmsg("target must be a finite number, not %s",
					  kra_not_finite_name(isfinite(t->lower) ? t->upper : t->lower)));
	t->lower += 0.0;
	t->upper += 0.0;
	for (int i = 0; i < countof(number_parts); i++)
	{
		const NumberPart *part = &number_parts[i];

		if (!(t->parts & part->bit))
			NUMBER_AT(t, part) = 0.0;
		else if (!isfinite(NUMBER_AT(t, part)))
			REFUSE(errmsg("%s of a target must be a finite number, not %s", part->key,
						  kra_not_finite_name(NUMBER_AT(t, part))));
		NUMBER_AT(t, part) += 0.0;
	}
	for (int i = 0; i < countof(date_parts); i++)
	{
		const DatePart *part = &date_parts[i];

		if (!(t->parts & part->bit))
			DATE_AT(t, part) = 0;
		else if (!kra_date_in_range(DATE_AT(t, part)))
			REFUSE(errmsg("\"%s\" date of a target must be between 0001-01-01 and 9999-12-31",
						  part->key));
	}

	if (t->lower > t->upper)
		REFUSE(errmsg("lower end %s of a target must not be above its upper end %s",
					  number(t->lower), number(t->upper)));
	if (t->parts & KPI_HAS_BASELINE)
	{
		bool		better = kpi_distance(t, t->baseline) > 0.0;

		if (better)
			REFUSE(errmsg("baseline %s is already better than the target %s",
						  number(t->baseline), number(t->lower)),
				   errdetail("A target of \"%s\" cannot start from a baseline %s it.",
							 direction_names[t->direction],
							 t->direction == KPI_AT_LEAST ? "above" : "below"));
		if (lies_inside(t, t->baseline))
			REFUSE(errmsg("baseline %s lies inside the target range", number(t->baseline)));
	}
	if (t->parts & KPI_HAS_THRESHOLD)
	{
		if (kpi_distance(t, t->threshold) > 0.0 || lies_inside(t, t->threshold))
			REFUSE(errmsg("threshold %s is better than the target", number(t->threshold)),
				   errdetail("The threshold is the red line on the worse side of the target."));
	}
	if (t->parts & KPI_HAS_STRETCH)
	{
		if (t->direction == KPI_INSIDE || t->direction == KPI_EXACTLY)
			REFUSE(errmsg("a target of \"%s\" cannot have a stretch",
						  direction_names[t->direction]),
				   errdetail("Nothing is better than to meet it."));
		if (kpi_distance(t, t->stretch) < 0.0)
			REFUSE(errmsg("stretch %s is worse than the target %s",
						  number(t->stretch), number(t->lower)));
	}
	if ((t->parts & KPI_HAS_SCALE) && t->scale <= 0.0)
		REFUSE(errmsg("scale of a target must be above 0, not %s", number(t->scale)));
	if ((t->parts & KPI_HAS_SINCE) && (t->parts & KPI_HAS_DUE) && t->since > t->due)
		REFUSE(errmsg("target begins after it is due"));
	t->version = KPI_TARGET_VERSION;
	t->unused = 0;
	return true;
#undef REFUSE
}

static bool
syntax_error(const char *str, const char *detail, Node *escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", TYPE_NAME, kra_echo(str, strlen(str))),
			 errdetail("%s", detail),
			 errhint("Write for instance \">= 95 from 88 by 2027-03-31\", \"<= 4\", \"= 50 within 5\" or \"[45,55]\".")));
}

static const char *
skip_space(const char *p)
{
	while (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		p++;
	return p;
}

/* Length of the word of letters that begins at p. */
static int
word_length(const char *p)
{
	int			len = 0;

	while ((p[len] >= 'a' && p[len] <= 'z') || (p[len] >= 'A' && p[len] <= 'Z'))
		len++;
	return len;
}

/* Reads a number that ends at a space, the end, or one of the closing signs. */
static bool
parse_number(const char **p, const char *closing, const char *str, double *value,
			 Node *escontext)
{
	char	   *end;

	*p = skip_space(*p);
	if (**p == '\0')
		return syntax_error(str, "A number is missing.", escontext);
	*value = kra_float8in(unconstify(char *, *p), &end, TYPE_NAME,
						  strlen(str) <= KRA_ECHO_CHARS ? str : kra_echo(str, strlen(str)), escontext);
	if (kra_soft_error(escontext))
		return false;
	/* the server's parser has skipped the space behind the number */
	if (*end != '\0' && skip_space(end - 1) == end - 1 && strchr(closing, *end) == NULL)
		return syntax_error(str, psprintf("Junk after a number, at \"%s\".",
										  kra_echo(end, strlen(end))), escontext);
	*p = end;
	return true;
}

/* Reads the text form. str need not be trimmed. */
bool
kpi_target_parse(const char *str, KpiTarget *t, Node *escontext)
{
	const char *p = skip_space(str);

	if (!kra_check_size(strlen(str), KRA_MAX_TARGET, "text of type " TYPE_NAME, escontext))
		return false;
	memset(t, 0, sizeof(*t));
	if (p[0] == '>' && p[1] == '=')
		t->direction = KPI_AT_LEAST;
	else if (p[0] == '<' && p[1] == '=')
		t->direction = KPI_AT_MOST;
	else if (p[0] == '=')
		t->direction = KPI_EXACTLY;
	else if (p[0] == '[')
		t->direction = KPI_INSIDE;
	else
		return syntax_error(str, "A target begins with \">=\", \"<=\", \"=\" or \"[\".",
							escontext);
	p += (t->direction == KPI_AT_LEAST || t->direction == KPI_AT_MOST) ? 2 : 1;

	if (t->direction == KPI_INSIDE)
	{
		if (!parse_number(&p, ",", str, &t->lower, escontext))
			return false;
		p = skip_space(p);
		if (*p++ != ',')
			return syntax_error(str, "A range is written as \"[lower,upper]\".", escontext);
		if (!parse_number(&p, "]", str, &t->upper, escontext))
			return false;
		p = skip_space(p);
		if (*p++ != ']')
			return syntax_error(str, "A range is written as \"[lower,upper]\".", escontext);
		if (*p != '\0' && skip_space(p) == p)
			return syntax_error(str, psprintf("Junk after the range, at \"%s\".",
											  kra_echo(p, strlen(p))), escontext);
	}
	else if (!parse_number(&p, "", str, &t->lower, escontext))
		return false;

	for (p = skip_space(p); *p != '\0'; p = skip_space(p))
	{
		int			len = word_length(p);
		const NumberPart *number = NULL;
		const DatePart *date = NULL;
		uint16		bit;

		for (int i = 0; i < countof(number_parts); i++)
			if (len == (int) strlen(number_parts[i].word) &&
				pg_strncasecmp(p, number_parts[i].word, len) == 0)
				number = &number_parts[i];
		for (int i = 0; i < countof(date_parts); i++)
			if (len == (int) strlen(date_parts[i].word) &&
				pg_strncasecmp(p, date_parts[i].word, len) == 0)
				date = &date_parts[i];
		if (number == NULL && date == NULL)
			return syntax_error(str, psprintf("Unknown word at \"%s\".",
											  kra_echo(p, strlen(p))), escontext);
		bit = number ? number->bit : date->bit;
		if (t->parts & bit)
			return syntax_error(str, psprintf("\"%s\" is given twice.",
											  number ? number->word : date->word), escontext);
		t->parts |= bit;
		p += len;
		if (skip_space(p) == p)
			return syntax_error(str, psprintf("A value is missing after \"%s\".",
											  number ? number->word : date->word), escontext);
		if (number)
		{
			if (!parse_number(&p, "", str, &NUMBER_AT(t, number), escontext))
				return false;
		}
		else
		{
			p = skip_space(p);
			len = 0;
			while (p[len] != '\0' && skip_space(p + len) == p + len)
				len++;
			if (!kra_parse_date(p, len, &DATE_AT(t, date)))
				return syntax_error(str, psprintf("\"%s\" needs a date such as 2027-03-31.",
												  date->word), escontext);
			p += len;
		}
	}
	return kpi_target_check(t, escontext);
}

/* The canonical text form. */
char *
kpi_target_print(const KpiTarget *t)
{
	StringInfoData buf;

	initStringInfo(&buf);
	if (t->direction == KPI_INSIDE)
	{
		appendStringInfoChar(&buf, '[');
		kra_append_float8(&buf, t->lower);
		appendStringInfoChar(&buf, ',');
		kra_append_float8(&buf, t->upper);
		appendStringInfoChar(&buf, ']');
	}
	else
	{
		appendStringInfo(&buf, "%s ", operators[t->direction]);
		kra_append_float8(&buf, t->lower);
	}
	for (int i = 0; i < countof(number_parts); i++)
	{
		if (!(t->parts & number_parts[i].bit))
			continue;
		appendStringInfo(&buf, " %s ", number_parts[i].word);
		kra_append_float8(&buf, CONST_NUMBER_AT(t, &number_parts[i]));
	}
	for (int i = 0; i < countof(date_parts); i++)
	{
		if (!(t->parts & date_parts[i].bit))
			continue;
		appendStringInfo(&buf, " %s ", date_parts[i].word);
		kra_append_date(&buf, CONST_DATE_AT(t, &date_parts[i]));
	}
	return buf.data;
}

PG_FUNCTION_INFO_V1(kra_kpi_target_in);
Datum
kra_kpi_target_in(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = palloc0(sizeof(KpiTarget));

	if (!kpi_target_parse(PG_GETARG_CSTRING(0), t, KRA_ESCONTEXT(fcinfo)))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(t);
}

PG_FUNCTION_INFO_V1(kra_kpi_target_out);
Datum
kra_kpi_target_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(kpi_target_print(PG_GETARG_KPI_TARGET_P(0)));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_send);
Datum
kra_kpi_target_send(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, t->version);
	pq_sendbyte(&buf, t->direction);
	pq_sendint16(&buf, t->parts);
	pq_sendfloat8(&buf, t->lower);
	pq_sendfloat8(&buf, t->upper);
	for (int i = 0; i < countof(number_parts); i++)
		if (t->parts & number_parts[i].bit)
			pq_sendfloat8(&buf, NUMBER_AT(t, &number_parts[i]));
	for (int i = 0; i < countof(date_parts); i++)
		if (t->parts & date_parts[i].bit)
			pq_sendint32(&buf, DATE_AT(t, &date_parts[i]));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(kra_kpi_target_recv);
Datum
kra_kpi_target_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KpiTarget  *t = palloc0(sizeof(KpiTarget));

	kra_check_version(pq_getmsgbyte(buf), KPI_TARGET_VERSION, TYPE_NAME);
	t->direction = pq_getmsgbyte(buf);
	t->parts = pq_getmsgint(buf, 2);
	t->lower = pq_getmsgfloat8(buf);
	t->upper = pq_getmsgfloat8(buf);
	for (int i = 0; i < countof(number_parts); i++)
		if (t->parts & number_parts[i].bit)
			NUMBER_AT(t, &number_parts[i]) = pq_getmsgfloat8(buf);
	for (int i = 0; i < countof(date_parts); i++)
		if (t->parts & date_parts[i].bit)
			DATE_AT(t, &date_parts[i]) = pq_getmsgint(buf, 4);
	if (t->direction != KPI_INSIDE && isfinite(t->lower) && t->lower != t->upper)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", TYPE_NAME)));
	kpi_target_check(t, NULL);
	PG_RETURN_POINTER(t);
}

/*
 * JSON: {"direction": "at_least", "target": 95, "baseline": 88, ...}; a range
 * has "lower" and "upper" in place of "target". The keys are the names of the
 * constructors' arguments.
 */
enum
{
	KEY_DIRECTION, KEY_TARGET, KEY_LOWER, KEY_UPPER, KEY_FIRST_PART
};

static const char *const target_keys[] = {
	"direction", "target", "lower", "upper",
	"baseline", "threshold", "stretch", "scale", "since", "due"
};

PG_FUNCTION_INFO_V1(kra_kpi_target_to_jsonb);
Datum
kra_kpi_target_to_jsonb(PG_FUNCTION_ARGS)
{
	KpiTarget  *t = PG_GETARG_KPI_TARGET_P(0);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"direction\": \"%s\", ", kpi_direction_name(t));
	appendStringInfoString(&buf, t->direction == KPI_INSIDE ? "\"lower\": " : "\"target\": ");
	kra_append_float8(&buf, t->lower);
	if (t->direction == KPI_INSIDE)
	{
		appendStringInfoString(&buf, ", \"upper\": ");
		kra_append_float8(&buf, t->upper);
	}
	for (int i = 0; i < countof(number_parts); i++)
	{
		if (!(t->parts & number_parts[i].bit))
			continue;
		appendStringInfo(&buf, ", \"%s\": ", number_parts[i].key);
		kra_append_float8(&buf, NUMBER_AT(t, &number_parts[i]));
	}
	for (int i = 0; i < countof(date_parts); i++)
	{
		if (!(t->parts & date_parts[i].bit))
			continue;
		appendStringInfo(&buf, ", \"%s\": \"", date_parts[i].key);
		kra_append_date(&buf, DATE_AT(t, &date_parts[i]));
		appendStringInfoChar(&buf, '"');
	}
	appendStringInfoChar(&buf, '}');
	return kra_jsonb_from_text(buf.data);
}

/* Reads the JSON object. */
bool
kpi_target_from_json(KpiTarget *t, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(target_keys), target_keys, NULL, NULL};
	char	   *text;
	int			len;
	bool		absent;

	memset(t, 0, sizeof(*t));
	if (!kra_json_open(&json, object) ||
		!kra_json_string(&json, KEY_DIRECTION, &text, &len, NULL))
		return false;
	for (int i = KPI_AT_LEAST; i <= KPI_INSIDE; i++)
		if (len == (int) strlen(direction_names[i]) &&
			memcmp(text, direction_names[i], len) == 0)
			t->direction = i;
	if (t->direction == 0)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("unknown direction \"%s\" of a target", kra_echo(text, len)),
				 errhint("A direction is one of at_least, at_most, exactly, inside.")));
	if (t->direction == KPI_INSIDE ? json.present[KEY_TARGET] :
		(json.present[KEY_LOWER] || json.present[KEY_UPPER]))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a range has \"lower\" and \"upper\", any other target has \"target\"")));
	if (t->direction == KPI_INSIDE)
	{
		if (!kra_json_float8(&json, KEY_LOWER, &t->lower, NULL) ||
			!kra_json_float8(&json, KEY_UPPER, &t->upper, NULL))
			return false;
	}
	else if (!kra_json_float8(&json, KEY_TARGET, &t->lower, NULL))
		return false;
	for (int i = 0; i < countof(number_parts); i++)
	{
		if (!kra_json_float8(&json, KEY_FIRST_PART + i,
							 &NUMBER_AT(t, &number_parts[i]), &absent))
			return false;
		if (!absent)
			t->parts |= number_parts[i].bit;
	}
	for (int i = 0; i < countof(date_parts); i++)
	{
		int			key = KEY_FIRST_PART + countof(number_parts) + i;

		if (!kra_json_string(&json, key, &text, &len, &absent))
			return false;
		if (absent)
			continue;
		if (!kra_parse_date(text, len, &DATE_AT(t, &date_parts[i])))
			ereturn(escontext, false,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("key \"%s\" of %s must be a date such as \"2027-03-31\"",
							target_keys[key], TYPE_NAME)));
		t->parts |= date_parts[i].bit;
	}
	return kpi_target_check(t, escontext);
}

/* From the object, or from a JSON string that holds the text form. */
PG_FUNCTION_INFO_V1(kra_jsonb_to_kpi_target);
Datum
kra_jsonb_to_kpi_target(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_VALUE, TYPE_NAME);
	KpiTarget  *t = palloc0(sizeof(KpiTarget));
	JsonbValue	scalar;

	if (JB_ROOT_IS_SCALAR(jb) && JsonbExtractScalar(&jb->root, &scalar) &&
		scalar.type == jbvString)
		kpi_target_parse(pnstrdup(scalar.val.string.val, scalar.val.string.len), t, NULL);
	else
		kpi_target_from_json(t, &jb->root, NULL);
	PG_RETURN_POINTER(t);
}
