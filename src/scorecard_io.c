/*
 * scorecard_io.c: the text, binary and JSON forms of scorecard.
 *
 * Text form: a JSON array of entries, sorted by KRA and KPI.
 *
 *     [{"kra": "Revenue growth", "kpi": "revenue closed", "kind": "outcome",
 *       "weight": 1, "target": ">= 40 from 30", "actual": 35}]
 *
 * An entry that was rolled up says what its figures rest on: "members" carry the
 * KPI, "basis_members" of them, with "basis_weight", gave the figures; where the
 * target has two sides, "distance" is their mean distance from it.
 *
 * Where an entry says so, "timing" is leading or lagging, and "drives" a list of
 * the KPIs that it drives. "attainment" and "status" are those that it was judged
 * to have, in place of what actual and target would give; "coverage" is the share
 * of its weight that has data.
 *
 * Binary form: version byte, int32 count; for each entry the names as counted
 * text, kind byte, bits byte (1 actual, 2 target, 4 rolled up, 8 distance, 16
 * judged, 32 attainment), weight, actual and what its rounding lost, basis weight,
 * members, basis members, distance, and the target as counted text; since version
 * 2 also timing byte, status byte, attainment, coverage, int32 count of the KPIs
 * that it drives, and each as counted text.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "scorecard.h"

#define TYPE_NAME "scorecard"

#define SENT_ACTUAL	0x01
#define SENT_TARGET	0x02
#define SENT_MERGED	0x04
#define SENT_DISTANCE 0x08
#define SENT_JUDGED	0x10
#define SENT_ATTAINMENT 0x20
#define SENT_ALL	0x3F
#define SENT_ALL_OF_1 0x0F		/* of version 1 */

enum
{
	KEY_KRA, KEY_KPI, KEY_KIND, KEY_WEIGHT, KEY_TARGET, KEY_ACTUAL,
	KEY_MEMBERS, KEY_BASIS_MEMBERS, KEY_BASIS_WEIGHT, KEY_DISTANCE,
	KEY_TIMING, KEY_DRIVES, KEY_ATTAINMENT, KEY_STATUS, KEY_COVERAGE
};

static const char *const keys[] = {
	"kra", "kpi", "kind", "weight", "target", "actual",
	"members", "basis_members", "basis_weight", "distance",
	"timing", "drives", "attainment", "status", "coverage"
};

static void
append_drives(StringInfo buf, const ScorecardEntry *e)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	int			n = scorecard_get_drives(e, names);

	appendStringInfoString(buf, ", \"drives\": [");
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoString(buf, ", ");
		escape_json(buf, pnstrdup(names[i].name, names[i].len));
	}
	appendStringInfoChar(buf, ']');
}

static void
append_entry(StringInfo buf, const ScorecardEntry *e)
{
	appendStringInfoString(buf, "{\"kra\": ");
	escape_json(buf, pnstrdup(e->kra, e->kra_len));
	appendStringInfoString(buf, ", \"kpi\": ");
	escape_json(buf, pnstrdup(e->kpi, e->kpi_len));
	appendStringInfo(buf, ", \"kind\": \"%s\", \"weight\": ", kpi_kind_name(e->kind));
	kra_append_float8(buf, e->weight);
	if (e->has_target)
		appendStringInfo(buf, ", \"target\": \"%s\"", kpi_target_print(&e->target));
	else
		appendStringInfoString(buf, ", \"target\": null");
	appendStringInfoString(buf, ", \"actual\": ");
	if (e->has_actual)
	{
		const DDouble actual = {e->actual, e->actual_lo};

		kra_append_sum(buf, actual);
	}
	else
		appendStringInfoString(buf, "null");
	if (e->merged)
	{
		appendStringInfo(buf, ", \"members\": %d, \"basis_members\": %d, \"basis_weight\": ",
						 e->members, e->basis_members);
		kra_append_float8(buf, e->basis_weight);
	}
	if (e->has_distance)
	{
		appendStringInfoString(buf, ", \"distance\": ");
		kra_append_float8(buf, e->distance);
	}
	if (e->timing != KPI_TIMING_UNKNOWN)
		appendStringInfo(buf, ", \"timing\": \"%s\"", kpi_timing_name(e->timing));
	if (e->drives_len > 0)
		append_drives(buf, e);
	if (e->has_attainment)
	{
		appendStringInfoString(buf, ", \"attainment\": ");
		kra_append_float8(buf, e->attainment);
	}
	if (e->judged)
		appendStringInfo(buf, ", \"status\": \"%s\"", kpi_status_name(e->status));
	if (e->coverage != 1.0)
	{
		appendStringInfoString(buf, ", \"coverage\": ");
		kra_append_float8(buf, e->coverage);
	}
	appendStringInfoChar(buf, '}');
}

static char *
scorecard_print(const Scorecard *card)
{
	StringInfoData buf;
	ScorecardReader r;
	ScorecardEntry e;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	scorecard_read(&r, card);
	for (int i = 0; scorecard_next(&r, &e); i++)
	{
		if (i > 0)
			appendStringInfoString(&buf, ", ");
		append_entry(&buf, &e);
	}
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

/* Reads a name; longer ones than a uint16 holds are caught before they are cut. */
static bool
json_name(KraJson *json, int key, const char **name, uint16 *len)
{
	char	   *text;
	int			text_len;

	if (!kra_json_string(json, key, &text, &text_len, NULL))
		return false;
	*name = text;
	*len = Min(text_len, PG_UINT16_MAX);
	return true;
}

static bool
json_members(KraJson *json, int key, int32 *members)
{
	int64		value;

	if (!kra_json_int64(json, key, &value))
		return false;
	if (value < 0 || value > PG_INT32_MAX)
		ereturn(json->escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("key \"%s\" of %s is out of range", keys[key], TYPE_NAME)));
	*members = (int32) value;
	return true;
}

static bool
json_drives(KraJson *json, ScorecardEntry *e)
{
	JsonbValue *list = &json->values[KEY_DRIVES];
	ScorecardName names[SCORECARD_MAX_DRIVES];
	JsonbContainer *array;
	int			n;

	if (list->type == jbvNull)
		return true;
	array = list->type == jbvBinary ? list->val.binary.data : NULL;
	n = array && JsonContainerIsArray(array) ? (int) JsonContainerSize(array) : -1;
	if (!scorecard_check_drives(n, json->escontext))
		return false;
	for (int i = 0; i < n; i++)
	{
		JsonbValue *v = getIthJsonbValueFromContainer(array, i);

		if (v->type != jbvString)
		{
			n = -1;
			break;
		}
		names[i].name = v->val.string.val;
		names[i].len = Min(v->val.string.len, PG_UINT16_MAX);
	}
	if (n < 0)
		ereturn(json->escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"drives\" of %s must be a list of KPIs", TYPE_NAME)));
	return scorecard_set_drives(e, names, n, json->escontext);
}

/* Timing, and what the entry was judged to be. */
static bool
json_verdict(KraJson *json, ScorecardEntry *e)
{
	char	   *word;
	int			len;
	bool		absent;
	double		attainment = 0.0;
	bool		no_attainment;
	int			status = -1;
	bool		no_coverage;

	if (!kra_json_string(json, KEY_TIMING, &word, &len, &absent))
		return false;
	if (word != NULL && !kpi_timing_parse(word, len, &e->timing))
		ereturn(json->escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"timing\" of %s must be \"leading\" or \"lagging\"", TYPE_NAME)));
	if (!kra_json_string(json, KEY_STATUS, &word, &len, &absent))
		return false;
	for (int i = 0; word != NULL && i < KPI_STATUS_COUNT; i++)
		if (strlen(kpi_status_name(i)) == (size_t) len && memcmp(kpi_status_name(i), word, len) == 0)
			status = i;
	if (word != NULL && status < 0)
		ereturn(json->escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"status\" of %s must be a status", TYPE_NAME)));
	if (!kra_json_float8(json, KEY_ATTAINMENT, &attainment, &no_attainment) ||
		!kra_json_float8(json, KEY_COVERAGE, &e->coverage, &no_coverage))
		return false;
	if (no_coverage)
		e->coverage = 1.0;
	scorecard_judge(e, !no_attainment, attainment, status >= 0, status >= 0 ? status : KPI_NO_TARGET);
	return true;
}

static bool
entry_from_json(ScorecardEntry *e, JsonbContainer *object, Node *escontext)
{
	KraJson		json = {TYPE_NAME, escontext, countof(keys), keys, NULL, NULL};
	JsonbValue *target;
	char	   *kind;
	int			len;
	bool		absent;

	scorecard_entry_init(e);
	if (!kra_json_open(&json, object) ||
		!json_name(&json, KEY_KRA, &e->kra, &e->kra_len) ||
		!json_name(&json, KEY_KPI, &e->kpi, &e->kpi_len) ||
		!kra_json_string(&json, KEY_KIND, &kind, &len, NULL) ||
		!kra_json_float8(&json, KEY_WEIGHT, &e->weight, NULL))
		return false;
	e->has_actual = json.values[KEY_ACTUAL].type != jbvNull;
	if (e->has_actual)
	{
		DDouble		actual;

		if (!kra_json_sum(&json, KEY_ACTUAL, &actual))
			return false;
		e->actual = actual.hi;
		e->actual_lo = actual.lo;
	}
	if (len == 7 && memcmp(kind, "outcome", 7) == 0)
		e->kind = KPI_OUTCOME;
	else if (len == 8 && memcmp(kind, "activity", 8) == 0)
		e->kind = KPI_ACTIVITY;
	else
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"kind\" of %s must be \"outcome\" or \"activity\"", TYPE_NAME)));

	target = &json.values[KEY_TARGET];
	e->has_target = target->type != jbvNull;
	if (target->type == jbvString)
	{
		if (!kpi_target_parse(pnstrdup(target->val.string.val, target->val.string.len),
							  &e->target, escontext))
			return false;
	}
	else if (target->type == jbvBinary)
	{
		if (!kpi_target_from_json(&e->target, target->val.binary.data, escontext))
			return false;
	}
	else if (e->has_target)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("key \"target\" of %s must be a target, an object or null", TYPE_NAME)));

	e->merged = json.present[KEY_MEMBERS] || json.present[KEY_BASIS_MEMBERS] ||
		json.present[KEY_BASIS_WEIGHT];
	if (e->merged &&
		(!json_members(&json, KEY_MEMBERS, &e->members) ||
		 !json_members(&json, KEY_BASIS_MEMBERS, &e->basis_members) ||
		 !kra_json_float8(&json, KEY_BASIS_WEIGHT, &e->basis_weight, NULL)))
		return false;
	if (!kra_json_float8(&json, KEY_DISTANCE, &e->distance, &absent))
		return false;
	e->has_distance = !absent;
	if (!json_drives(&json, e) || !json_verdict(&json, e))
		return false;
	return scorecard_entry_check(e, escontext);
}

static Scorecard *
scorecard_from_json(JsonbContainer *root, Node *escontext)
{
	ScorecardEntry *entries;
	int			count;

	if (!JsonContainerIsArray(root) || JsonContainerIsScalar(root))
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s", TYPE_NAME),
				 errdetail("A JSON array of entries is expected.")));
	count = JsonContainerSize(root);
	if (count > SCORECARD_MAX_ENTRIES)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a scorecard cannot have more than %d entries", SCORECARD_MAX_ENTRIES)));
	entries = palloc(Max(count, 1) * sizeof(ScorecardEntry));
	for (int i = 0; i < count; i++)
	{
		JsonbValue *v = getIthJsonbValueFromContainer(root, i);

		if (v->type != jbvBinary)
			ereturn(escontext, NULL,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("entry %d of %s must be an object", i + 1, TYPE_NAME)));
		if (!entry_from_json(&entries[i], v->val.binary.data, escontext))
			return NULL;
	}
	return scorecard_build(entries, count, escontext);
}

PG_FUNCTION_INFO_V1(kra_scorecard_in);
Datum
kra_scorecard_in(PG_FUNCTION_ARGS)
{
	Node	   *escontext = KRA_ESCONTEXT(fcinfo);
	Jsonb	   *jb = kra_json_parse(PG_GETARG_CSTRING(0), KRA_MAX_CARD, TYPE_NAME, escontext);
	Scorecard  *card;

	if (jb == NULL || (card = scorecard_from_json(&jb->root, escontext)) == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(card);
}

PG_FUNCTION_INFO_V1(kra_scorecard_out);
Datum
kra_scorecard_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(scorecard_print(kra_scorecard_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(kra_scorecard_to_jsonb);
Datum
kra_scorecard_to_jsonb(PG_FUNCTION_ARGS)
{
	return kra_jsonb_from_text(scorecard_print(kra_scorecard_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(kra_jsonb_to_scorecard);
Datum
kra_jsonb_to_scorecard(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = kra_jsonb_arg(fcinfo, 0, KRA_MAX_CARD, TYPE_NAME);

	PG_RETURN_POINTER(scorecard_from_json(&jb->root, NULL));
}

/* What version 2 added to an entry. */
static void
send_more(StringInfo buf, const ScorecardEntry *e)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	int			n = scorecard_get_drives(e, names);

	pq_sendbyte(buf, e->timing);
	pq_sendbyte(buf, e->status);
	pq_sendfloat8(buf, e->attainment);
	pq_sendfloat8(buf, e->coverage);
	pq_sendint32(buf, n);
	for (int i = 0; i < n; i++)
		kra_sendcountedtext(buf, names[i].name, names[i].len);
}

PG_FUNCTION_INFO_V1(kra_scorecard_send);
Datum
kra_scorecard_send(PG_FUNCTION_ARGS)
{
	Scorecard  *card = kra_scorecard_arg(fcinfo, 0);
	ScorecardReader r;
	ScorecardEntry e;
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SCORECARD_VERSION);
	pq_sendint32(&buf, card->count);
	scorecard_read(&r, card);
	while (scorecard_next(&r, &e))
	{
		char	   *target = e.has_target ? kpi_target_print(&e.target) : "";

		kra_sendcountedtext(&buf, e.kra, e.kra_len);
		kra_sendcountedtext(&buf, e.kpi, e.kpi_len);
		pq_sendbyte(&buf, e.kind);
		pq_sendbyte(&buf, (e.has_actual ? SENT_ACTUAL : 0) |
					(e.has_target ? SENT_TARGET : 0) | (e.merged ? SENT_MERGED : 0) |
					(e.has_distance ? SENT_DISTANCE : 0) | (e.judged ? SENT_JUDGED : 0) |
					(e.has_attainment ? SENT_ATTAINMENT : 0));
		pq_sendfloat8(&buf, e.weight);
		pq_sendfloat8(&buf, e.actual);
		pq_sendfloat8(&buf, e.actual_lo);
		pq_sendfloat8(&buf, e.basis_weight);
		pq_sendint32(&buf, e.members);
		pq_sendint32(&buf, e.basis_members);
		pq_sendfloat8(&buf, e.distance);
		kra_sendcountedtext(&buf, target, strlen(target));
		send_more(&buf, &e);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static char *
recv_counted_text(StringInfo buf, int *len)
{
	return pq_getmsgtext(buf, pq_getmsgint(buf, 4), len);
}

static void
recv_more(StringInfo buf, int bits, ScorecardEntry *e)
{
	ScorecardName names[SCORECARD_MAX_DRIVES];
	int			timing = pq_getmsgbyte(buf);
	int			status = pq_getmsgbyte(buf);
	int			n;

	e->judged = (bits & SENT_JUDGED) != 0;
	e->has_attainment = (bits & SENT_ATTAINMENT) != 0;
	e->timing = timing;
	e->status = status;
	e->attainment = pq_getmsgfloat8(buf);
	e->coverage = pq_getmsgfloat8(buf);
	n = pq_getmsgint(buf, 4);
	if (timing > KPI_LAGGING || status >= KPI_STATUS_COUNT || (!e->judged && status != 0) ||
		(e->has_attainment && !e->judged) || (!e->has_attainment && e->attainment != 0.0) ||
		n < 0 || n > SCORECARD_MAX_DRIVES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", TYPE_NAME)));
	for (int i = 0; i < n; i++)
	{
		int			len;

		names[i].name = recv_counted_text(buf, &len);
		names[i].len = Min(len, PG_UINT16_MAX);
	}
	scorecard_set_drives(e, names, n, NULL);
}

PG_FUNCTION_INFO_V1(kra_scorecard_recv);
Datum
kra_scorecard_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	ScorecardEntry *entries;
	int			count;
	int			version = pq_getmsgbyte(buf);

	if (version != 1)
		kra_check_version(version, SCORECARD_VERSION, TYPE_NAME);
	count = pq_getmsgint(buf, 4);
	if (count < 0 || count > SCORECARD_MAX_ENTRIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid count %d in the binary form of type %s", count, TYPE_NAME)));
	entries = palloc(Max(count, 1) * sizeof(ScorecardEntry));
	for (int i = 0; i < count; i++)
	{
		ScorecardEntry *e = &entries[i];
		int			len;
		int			kind;
		int			bits;
		char	   *target;

		scorecard_entry_init(e);
		e->kra = recv_counted_text(buf, &len);
		e->kra_len = Min(len, PG_UINT16_MAX);
		e->kpi = recv_counted_text(buf, &len);
		e->kpi_len = Min(len, PG_UINT16_MAX);
		kind = pq_getmsgbyte(buf);
		bits = pq_getmsgbyte(buf);
		e->kind = kind;
		e->has_actual = (bits & SENT_ACTUAL) != 0;
		e->has_target = (bits & SENT_TARGET) != 0;
		e->merged = (bits & SENT_MERGED) != 0;
		e->has_distance = (bits & SENT_DISTANCE) != 0;
		e->weight = pq_getmsgfloat8(buf);
		e->actual = pq_getmsgfloat8(buf);
		e->actual_lo = pq_getmsgfloat8(buf);
		e->basis_weight = pq_getmsgfloat8(buf);
		e->members = pq_getmsgint(buf, 4);
		e->basis_members = pq_getmsgint(buf, 4);
		e->distance = pq_getmsgfloat8(buf);
		target = recv_counted_text(buf, &len);
		if (kind >= KPI_KIND_COUNT || bits > (version == 1 ? SENT_ALL_OF_1 : SENT_ALL) ||
			(!e->has_actual && (e->actual != 0.0 || e->actual_lo != 0.0)) || (!e->has_target && len > 0) ||
			(!e->has_distance && e->distance != 0.0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid binary form of type %s", TYPE_NAME)));
		if (e->has_target)
			kpi_target_parse(target, &e->target, NULL);
		if (version > 1)
			recv_more(buf, bits, e);
		scorecard_entry_check(e, NULL);
	}
	PG_RETURN_POINTER(scorecard_build(entries, count, NULL));
}
