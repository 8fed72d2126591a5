/*
 * kpi_trend.h: what other types use of the type kpi_trend.
 */
#ifndef KRA_KPI_TREND_H
#define KRA_KPI_TREND_H

#include "kra.h"
#include "trend.h"

extern void kpi_trend_require_squares(const KpiTrend *t);
extern Datum kra_kpi_trend_in(PG_FUNCTION_ARGS);
extern Datum kra_kpi_trend_out(PG_FUNCTION_ARGS);
extern Datum kra_kpi_trend_recv(PG_FUNCTION_ARGS);
extern Datum kra_kpi_trend_send(PG_FUNCTION_ARGS);
extern const struct KraType kpi_trend_type;

#endif							/* KRA_KPI_TREND_H */
