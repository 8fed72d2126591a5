/*
 * kept.h: reads kra_internal.kept_lines by its indexes (kept.c).
 */
#ifndef KRA_KEPT_H
#define KRA_KEPT_H

#include "calendar.h"

#include "access/genam.h"
#include "utils/relcache.h"

/* The columns of the table, in their order. */
typedef enum KeptColumn
{
	KEPT_SUBJECT, KEPT_KPI, KEPT_GRID, KEPT_PERIOD_START, KEPT_FIRST_DAY, KEPT_LAST_DAY,
	KEPT_RESULT_AREA, KEPT_LAST_ON, KEPT_MEMBERS, KEPT_OBSERVED_MEMBERS, KEPT_STATUS,
	KEPT_IS_DERIVED, KEPT_IS_FINAL, KEPT_IS_ON_TARGET, KEPT_IS_PLAIN, KEPT_WEIGHT, KEPT_ACTUAL,
	KEPT_TARGET, KEPT_ATTAINMENT, KEPT_OBSERVATIONS, KEPT_JUDGED, KEPT_EXPECTED_LOWER,
	KEPT_EXPECTED_UPPER, KEPT_PROGRESS, KEPT_PROJECTED, KEPT_COVERAGE, KEPT_REASON
} KeptColumn;

#define KEPT_COLUMNS 27

typedef struct KeptScan
{
	Relation	table;
	Relation	index;
	SysScanDesc scan;
	ScanDirection direction;
	bool		is_bound;		/* by row-level security */
	Datum		value[KEPT_COLUMNS];	/* of the line at hand */
	bool		isnull[KEPT_COLUMNS];
} KeptScan;

extern DateADT kept_before(DateADT as_of);
extern bool kept_covers(const Grid *grid, DateADT period_start, DateADT as_of);
extern void kept_open(KeptScan *s, int32 kpi_id, int32 subject_id, PackedGrid grid, DateADT from,
					  DateADT until, ScanDirection direction);
extern void kept_open_card(KeptScan *s, int32 subject_id, PackedGrid grid, const DateADT *period_start);
extern bool kept_next(KeptScan *s);
extern void kept_close(KeptScan *s);

#endif							/* KRA_KEPT_H */
