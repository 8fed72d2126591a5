-- KPIs by month, without words and pictures: the lines of the charts.
SELECT subject_key, kpi_key, period_label, period_start, actual_value, target_value,
       actual_text, signal, signal_meaning
FROM kra_bi.kpi_results
WHERE period_grain = 'month'
