-- KPIs in their latest month, with what the months up to it say: trend, process limits, sparkline.
SELECT subject_key, subject_name, kpi_key, kpi_name, period_label, actual_text, context,
       status, status_color, trend_direction, trend_meaning, signal, signal_meaning,
       centre_value, lower_limit_value, upper_limit_value, sparkline_text, sparkline_uri
FROM kra_bi.kpi_results
WHERE period_grain = 'month' AND is_latest
