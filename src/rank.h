/*
 * rank.h: Kendall's S and what is computed from it, and ranks with ties.
 */
#ifndef KRA_RANK_H
#define KRA_RANK_H

#include "postgres.h"

#include "ddouble.h"

/* Up to this many points without ties, p-values are exact. */
#define KENDALL_EXACT_POINTS 10
#define KENDALL_EXACT_PAIRS (KENDALL_EXACT_POINTS * (KENDALL_EXACT_POINTS - 1) / 2)

/* Over the groups of t equal values; whole numbers, exact in a DDouble. */
typedef struct RankTies
{
	int64		pairs;			/* sum of t (t - 1) / 2 */
	DDouble		cubes;			/* sum of t (t - 1) (t - 2) */
	DDouble		spread;			/* sum of t (t - 1) (2 t + 5) */
} RankTies;

/* A Mann-Kendall test: of one series, or summed over the seasons of one. */
typedef struct MannKendall
{
	int64		n;				/* points */
	int64		pairs;			/* of points that were compared */
	int64		s;				/* Kendall's S: pairs that rise less pairs that fall */
	double		variance;		/* of S, where nothing trends */
	double		denominator;	/* of tau-b: the largest that S could be */
	double		correction;		/* Hamed-Rao; 1 without, variance not multiplied by it yet */
	bool		ties;
	double		ways[KENDALL_EXACT_PAIRS + 1];	/* orders, by falling pairs; while n is small */
} MannKendall;

extern void rank_add_tie(RankTies *ties, int64 t);
extern double kendall_variance(int64 n, const RankTies *x, const RankTies *y);
extern double normal_two_sided(double z);

extern void mann_kendall_init(MannKendall *mk);
extern void mann_kendall_add(MannKendall *mk, double *values, double *work, int64 n);
extern double mann_kendall_z(const MannKendall *mk);
extern double mann_kendall_p(const MannKendall *mk);

extern void rank_values(const double *values, double *ranks, int64 n, double noise);
extern double hamed_rao_correction(const double *ranks, int64 n, int64 max_lag);

#endif							/* KRA_RANK_H */
