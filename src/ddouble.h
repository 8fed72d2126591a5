/*
 * ddouble.h: sums and products with an error term.
 *
 * A plain float8 sum of ten million times 0.1 is off by 1.6e-10, and by another
 * amount for every other split of the rows among workers. Every sum that kra
 * keeps is therefore an unevaluated pair hi + lo of about 32 digits, so that a
 * roll-up, a parallel plan and a plain one agree.
 *
 * Sources: D. Knuth, The Art of Computer Programming 2, 4.2.2 (TwoSum);
 * T. J. Dekker, A floating-point technique for extending the available
 * precision, Numer. Math. 18 (1971) (split, product, quotient).
 *
 * These identities need plain IEEE double arithmetic: the build turns off
 * floating-point contraction (-ffp-contract=off).
 */
#ifndef KRA_DDOUBLE_H
#define KRA_DDOUBLE_H

#include <math.h>

typedef struct DDouble
{
	double		hi;				/* the value, rounded */
	double		lo;				/* what rounding lost */
} DDouble;

/* a + b without error. */
static inline DDouble
dd_two_sum(double a, double b)
{
	DDouble		r;
	double		bb;

	r.hi = a + b;
	bb = r.hi - a;
	r.lo = (a - (r.hi - bb)) + (b - bb);
	return r;
}

/* The two halves of a (26 bits each), for products. |a| must be < 2^996. */
static inline DDouble
dd_split(double a)
{
	DDouble		r;
	double		c = 134217729.0 * a;	/* 2^27 + 1 */

	r.hi = c - (c - a);
	r.lo = a - r.hi;
	return r;
}

/* a * b without error, given the halves of both. */
static inline DDouble
dd_two_prod_split(double a, DDouble as, double b, DDouble bs)
{
	DDouble		r;

	r.hi = a * b;
	r.lo = ((as.hi * bs.hi - r.hi) + as.hi * bs.lo + as.lo * bs.hi) + as.lo * bs.lo;
	return r;
}

static inline DDouble
dd_two_prod(double a, double b)
{
	return dd_two_prod_split(a, dd_split(a), b, dd_split(b));
}

/* Adds x to a running sum; lo gathers the errors and is not normalised. */
static inline void
dd_accumulate(DDouble *sum, double x)
{
	DDouble		s = dd_two_sum(sum->hi, x);

	sum->hi = s.hi;
	sum->lo += s.lo;
}

static inline void
dd_accumulate_dd(DDouble *sum, DDouble x)
{
	dd_accumulate(sum, x.hi);
	sum->lo += x.lo;
}

/* The same sum with hi its rounded value, as people read it. */
static inline DDouble
dd_normal(DDouble a)
{
	return dd_two_sum(a.hi, a.lo);
}

static inline double
dd_value(DDouble a)
{
	return a.hi + a.lo;
}

static inline DDouble
dd_from(double a)
{
	DDouble		r = {a, 0.0};

	return r;
}

static inline DDouble
dd_neg(DDouble a)
{
	DDouble		r = {-a.hi, -a.lo};

	return r;
}

static inline DDouble
dd_add(DDouble a, DDouble b)
{
	DDouble		s = dd_two_sum(a.hi, b.hi);
	DDouble		t = dd_two_sum(a.lo, b.lo);

	s = dd_two_sum(s.hi, s.lo + t.hi);
	return dd_two_sum(s.hi, s.lo + t.lo);
}

static inline DDouble
dd_sub(DDouble a, DDouble b)
{
	return dd_add(a, dd_neg(b));
}

static inline DDouble
dd_mul(DDouble a, DDouble b)
{
	DDouble		p = dd_two_prod(a.hi, b.hi);

	return dd_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

/* a / b; b must not be 0. */
static inline DDouble
dd_div(DDouble a, DDouble b)
{
	double		q1 = a.hi / b.hi;
	DDouble		r = dd_sub(a, dd_mul(dd_from(q1), b));
	double		q2 = r.hi / b.hi;

	r = dd_sub(r, dd_mul(dd_from(q2), b));
	return dd_add(dd_two_sum(q1, q2), dd_from(r.hi / b.hi));
}

/* a / b, rounded. Plain division where a split would overflow. */
static inline double
dd_ratio(DDouble a, DDouble b)
{
	const double limit = 1e290;
	double		plain = (a.hi + a.lo) / (b.hi + b.lo);

	if (!(fabs(a.hi) < limit && fabs(b.hi) < limit && fabs(plain) < limit))
		return plain;
	return dd_value(dd_div(a, b));
}

#endif							/* KRA_DDOUBLE_H */
