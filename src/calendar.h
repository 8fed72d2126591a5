/*
 * calendar.h: periods for C code (calendar.c).
 */
#ifndef KRA_CALENDAR_H
#define KRA_CALENDAR_H

#include "postgres.h"

#include "utils/date.h"

extern bool kra_grid_last_day(int number, DateADT day, DateADT *last);
extern bool kra_grain_last_day(const text *grain, DateADT first, DateADT *last);

#endif							/* KRA_CALENDAR_H */
