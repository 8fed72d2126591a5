/*
 * spearman.h: Spearman's rank correlation of two series, at lags.
 */
#ifndef KRA_SPEARMAN_H
#define KRA_SPEARMAN_H

#include "postgres.h"

/* Two series of n rows; NaN stands for NULL. */
typedef struct Spearman
{
	int64		n;
	const double *x;
	const double *y;
	int32	   *x_order;		/* rows that have an x, by x */
	int32	   *y_order;
	int64		x_count;
	int64		y_count;
	double	   *x_rank;			/* room for the ranks of one lag, by row */
	double	   *y_rank;
} Spearman;

/* x of a row against y of the row that is `lag` rows later. */
typedef struct SpearmanLag
{
	int64		pairs;			/* neither is NULL */
	bool		x_varies;
	bool		y_varies;
	double		rho;			/* only when both vary */
	double		x_time;			/* rank correlation of x, and of y, with the */
	double		y_time;			/* order of the pairs; only when they vary */
} SpearmanLag;

extern void spearman_init(Spearman *s, const double *x, const double *y, int64 n);
extern void spearman_at_lag(Spearman *s, int lag, SpearmanLag *out);
extern void spearman_free(Spearman *s);
extern double spearman_p_value(double rho, int64 n);
extern double sidak_p_value(double p, int tests);

#endif							/* KRA_SPEARMAN_H */
