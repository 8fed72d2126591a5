/*
 * input.c: what is thrown: noise, words in random order, and damaged copies of
 * valid input.
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "fuzz.h"

/* Numbers, dates and other values at which code breaks; any may replace a number. */
static const char *const odd_texts[] = {
	"0", "-0", "1", "-1", "2", "3", "0.1", "0.5", "1.2", "1e-12", "1e-9", "1e15", "1e17",
	"1e140", "1e153", "-1e153", "1e154", "1e200", "1e290", "1e308", "-1e308",
	"1.7976931348623157e308", "-1.7976931348623157e308", "1e309", "2.2250738585072014e-308",
	"4.9e-324", "-4.9e-324", "1e-320", "1e-400", "0.30000000000000004", "5e-18",
	"9223372036854775807", "-9223372036854775808", "9223372036854775808", "4611686018427387904",
	"9007199254740993", "2147483647", "2147483648", "32767", "65536", "10001",
	"NaN", "Infinity", "-Infinity", "inf", "null", "true", "\"\"", "1e", "0x10", "1_000", "+1", ".5",
	"[1, 2]", "[0.1, 5e-18]", "[5e-18, 0.1]", "[1e300, -1e284]", "[1e308, -1e308]",
	"[1e308, 1e308]", "[1, 2, 3]", "[]", "{}", "[null, 1]",
	"0000-01-01", "0001-01-01", "0001-12-31", "9999-12-31", "2026-02-29", "2024-02-29", "2026-13-01",
	"294276-12-31T23:59:59.999999+00:00", "294277-01-01T00:00:00+00:00",
	"4714-11-24T00:00:00+00:00 BC", "4714-11-23T00:00:00+00:00 BC", "infinity", "now",
	"2026-04-01T24:00:00Z", "2026-04-01T23:59:60Z", "2026-04-01T00:00:00.1234567Z"
};

/* The same for the binary form. */
static const double odd_doubles[] = {
	0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1.2, 1e-12, 1e15, 1e17, 1e140, 1e153, -1e153, 1e200, 1e290,
	1e308, -1e308, 1.7976931348623157e308, 2.2250738585072014e-308, 4.9e-324, -4.9e-324, 5e-18
};

static const int64 odd_ints[] = {
	0, 1, 2, 3, -1, 4, 1000, 1001, 10000, 10001, 65535, 65536, PG_INT32_MAX, PG_INT32_MIN,
	PG_INT64_MAX, PG_INT64_MIN, (int64) 1 << 62,
	INT64CONST(0x7FF0000000000000), INT64CONST(0x7FF8000000000000), INT64CONST(0x7FF0000000000001),
	INT64CONST(-211813488000000000), INT64CONST(9223371331200000000), INT64CONST(9223371331199999999)
};

#define PICK(rng, array) ((array)[fuzz_random(rng, lengthof(array))])

/* 0 to limit - 1. */
uint32
fuzz_random(pg_prng_state *rng, uint32 limit)
{
	return (uint32) ((pg_prng_uint64(rng) >> 32) * limit >> 32);
}

static bool
is_number_char(char c)
{
	return isdigit((unsigned char) c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* Length of the word at p: letters, or a number, or a single sign. */
static int
word_length(const char *p, int left)
{
	int			n = 1;

	if (isalpha((unsigned char) *p))
		while (n < left && (isalnum((unsigned char) p[n]) || p[n] == '_'))
			n++;
	else if (isdigit((unsigned char) *p))
		while (n < left && is_number_char(p[n]))
			n++;
	else
		while (n < left && IS_HIGHBIT_SET(*p) && IS_HIGHBIT_SET(p[n]))
			n++;
	return n;
}

static void
add_words(Corpus *corpus, const StringInfo text)
{
	for (int at = 0, n; at < text->len; at += n)
	{
		bool		known = false;

		n = word_length(text->data + at, text->len - at);
		for (int i = 0; i < corpus->nwords && !known; i++)
			known = corpus->words[i].len == n &&
				memcmp(corpus->words[i].data, text->data + at, n) == 0;
		if (known || corpus->nwords == 1000)
			continue;
		initStringInfo(&corpus->words[corpus->nwords]);
		appendBinaryStringInfo(&corpus->words[corpus->nwords++], text->data + at, n);
	}
}

/* The seeds as they are read: as text, or what `send` makes of them. */
Corpus *
fuzz_corpus(const Seeds *seeds, FmgrInfo *send)
{
	Corpus	   *corpus = palloc0(sizeof(Corpus));

	corpus->binary = send != NULL;
	corpus->count = seeds->count;
	corpus->inputs = palloc0(seeds->count * sizeof(StringInfoData));
	corpus->words = palloc0(1000 * sizeof(StringInfoData));
	for (int i = 0; i < seeds->count; i++)
	{
		StringInfo	input = &corpus->inputs[i];

		initStringInfo(input);
		if (send)
		{
			bytea	   *sent = SendFunctionCall(send, seeds->values[i]);

			appendBinaryStringInfo(input, VARDATA(sent), VARSIZE(sent) - VARHDRSZ);
		}
		else
		{
			appendStringInfoString(input, seeds->texts[i]);
			add_words(corpus, input);
		}
	}
	return corpus;
}

/* Replaces `old` bytes at `at` by others. */
static void
replace(StringInfo s, int at, int old, const char *bytes, int len)
{
	if (s->len - old + len > FUZZ_MAX_INPUT)
		return;
	enlargeStringInfo(s, len);
	memmove(s->data + at + len, s->data + at + old, s->len - at - old);
	if (len > 0)
		memcpy(s->data + at, bytes, len);
	s->len += len - old;
	s->data[s->len] = '\0';
}

/* The place of a random number in a text, and its length; false if there is none. */
static bool
find_number(StringInfo s, pg_prng_state *rng, int *at, int *len)
{
	int			start = fuzz_random(rng, s->len);

	for (int i = 0; i < s->len; i++)
	{
		int			p = (start + i) % s->len;

		if (!isdigit((unsigned char) s->data[p]))
			continue;
		while (p > 0 && is_number_char(s->data[p - 1]))
			p--;
		*at = p;
		for (*len = 0; p + *len < s->len && is_number_char(s->data[p + *len]);)
			++*len;
		return true;
	}
	return false;
}

/* Puts an odd number at a random place: in text over a number, in binary anywhere. */
static void
odd_number(const Corpus *corpus, pg_prng_state *rng, StringInfo s)
{
	int			at,
				len;

	if (corpus->binary)
	{
		static const int sizes[] = {1, 2, 4, 8, 8, 8};
		uint64		word = (uint64) PICK(rng, odd_ints);

		len = PICK(rng, sizes);
		if (len == 8 && fuzz_random(rng, 3) > 0)
		{
			double		value = PICK(rng, odd_doubles);

			memcpy(&word, &value, sizeof(word));
		}
		word = pg_hton64(word << (64 - 8 * len));
		if (s->len >= len)
			memcpy(s->data + fuzz_random(rng, s->len - len + 1), &word, len);
	}
	else if (find_number(s, rng, &at, &len))
	{
		const char *text = PICK(rng, odd_texts);

		replace(s, at, len, text, strlen(text));
	}
}

/* Damages the input in one way. */
static void
mutate(const Corpus *corpus, pg_prng_state *rng, StringInfo s)
{
	int			at,
				len,
				to;
	char		c = (char) fuzz_random(rng, 256);

	if (s->len == 0)
	{
		replace(s, 0, 0, &c, 1);
		return;
	}
	at = fuzz_random(rng, s->len);
	len = 1 + fuzz_random(rng, fuzz_random(rng, 4) == 0 ? 300 : 8);
	len = Min(len, s->len - at);
	switch (fuzz_random(rng, 14))
	{
		case 0:					/* flip a bit */
			s->data[at] ^= 1 << fuzz_random(rng, 8);
			break;
		case 1:					/* another byte */
			s->data[at] = c;
			break;
		case 2:					/* insert */
			replace(s, at, 0, &c, 1);
			break;
		case 3:					/* delete */
			replace(s, at, len, NULL, 0);
			break;
		case 4:					/* duplicate */
			{
				char	   *copy = memcpy(palloc(len), s->data + at, len);

				replace(s, fuzz_random(rng, s->len + 1), 0, copy, len);
				break;
			}
		case 5:					/* splice: go on with the rest of another one */
			{
				const StringInfo other = &corpus->inputs[fuzz_random(rng, corpus->count)];

				to = fuzz_random(rng, other->len + 1);
				replace(s, at, s->len - at, other->data + to, other->len - to);
				break;
			}
		case 6:					/* truncate */
			if (fuzz_random(rng, 3) == 0)
				replace(s, at, s->len - at, NULL, 0);
			break;
		case 7:					/* a long run of one byte */
			if (fuzz_random(rng, 50) == 0)
			{
				len = 1 << fuzz_random(rng, 14);
				replace(s, at, 0, memset(palloc(len), s->data[at], len), len);
			}
			break;
		case 8:					/* another word */
			if (corpus->nwords > 0)
			{
				const StringInfo word = &corpus->words[fuzz_random(rng, corpus->nwords)];

				replace(s, at, fuzz_random(rng, 2) ? word_length(s->data + at, s->len - at) : 0,
						word->data, word->len);
				break;
			}
			/* FALLTHROUGH */
		case 9:					/* another digit, where there is one */
			if (!corpus->binary && find_number(s, rng, &at, &len))
			{
				at += fuzz_random(rng, len);
				if (isdigit((unsigned char) s->data[at]))
					s->data[at] = '0' + fuzz_random(rng, 10);
				break;
			}
			/* FALLTHROUGH */
		default:
			odd_number(corpus, rng, s);
	}
}

/* Clients cannot send text with NUL or in a wrong encoding; nor does this. */
static void
make_valid_text(StringInfo s)
{
	int			good;

	for (int i = 0; i < s->len; i++)
		if (s->data[i] == '\0')
			s->data[i] = ' ';
	while ((good = pg_encoding_verifymbstr(GetDatabaseEncoding(), s->data, s->len)) < s->len)
		s->data[good] = (s->data[good] & 0x7F) ? s->data[good] & 0x7F : '?';
}

/* The next input. */
void
fuzz_input(const Corpus *corpus, pg_prng_state *rng, StringInfo out)
{
	uint32		way = fuzz_random(rng, 10);
	int			n;

	resetStringInfo(out);
	if (way == 0)				/* noise */
	{
		n = fuzz_random(rng, fuzz_random(rng, 50) == 0 ? 2000 : 64);
		for (int i = 0; i < n; i++)
			appendStringInfoCharMacro(out, (char) fuzz_random(rng, 256));

		/* noise behind the right version gets further */
		if (corpus->binary && n > 0 && fuzz_random(rng, 2) == 0)
			out->data[0] = 1;
	}
	else if (way <= 2 && corpus->nwords > 0)	/* words */
	{
		n = fuzz_random(rng, 40);
		for (int i = 0; i < n; i++)
		{
			const StringInfo word = &corpus->words[fuzz_random(rng, corpus->nwords)];
			const char *odd = PICK(rng, odd_texts);

			if (fuzz_random(rng, 4) == 0)
				appendStringInfoString(out, odd);
			else
				appendBinaryStringInfo(out, word->data, word->len);
			if (fuzz_random(rng, 2) == 0)
				appendStringInfoCharMacro(out, ' ');
		}
	}
	else						/* a damaged copy */
	{
		const StringInfo seed = &corpus->inputs[fuzz_random(rng, corpus->count)];

		appendBinaryStringInfo(out, seed->data, seed->len);
		n = fuzz_random(rng, 4) == 0 ? fuzz_random(rng, 10) : fuzz_random(rng, 3);
		for (int i = 0; i <= n; i++)
			mutate(corpus, rng, out);
	}
	if (!corpus->binary)
		make_valid_text(out);
}
