/*
 * collect.h: what collect.c and collect_stats.c have in common.
 */
#ifndef KRA_COLLECT_H
#define KRA_COLLECT_H

extern void kra_estimate_periods(int days);

#endif							/* KRA_COLLECT_H */
