-- KPIs by year: the figures, the words and the pictures.
SELECT subject_key, subject_name, subject_kind, kra_name, kpi_key, kpi_name, unit_label, value_format,
       period_label, period_start, is_latest, weight_value, actual_value, target_value, attainment_pct,
       actual_text, target_text, attainment_text, change_text, context,
       status, status_code, status_color, sparkline_text, bullet_uri
FROM kra_bi.kpi_results
WHERE period_grain = 'year'
