/*
 * company.h: the company's own days and periods (company.c).
 */
#ifndef KRA_COMPANY_H
#define KRA_COMPANY_H

#include "postgres.h"

#include "pgtime.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "calendar.h"

extern pg_tz *kra_find_zone(const text *name);
extern pg_tz *kra_zone_or_utc(const text *name);
extern DateADT kra_day_in_zone(TimestampTz at, pg_tz *zone);

extern DateADT kra_company_day(TimestampTz at);
extern DateADT kra_company_today(void);
extern TimestampTz kra_company_day_begins(DateADT day);
extern PackedGrid kra_company_grid(Grain grain);
extern bool kra_company_last_day(const text *grain, DateADT first, DateADT *last);

#endif							/* KRA_COMPANY_H */
