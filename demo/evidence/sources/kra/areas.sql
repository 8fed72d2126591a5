-- A score for each key result area of a subject, by year.
SELECT subject_key, kra_name, period_label, period_start, weight_value, score_value, score_text, score_reason, status, status_color
FROM kra_bi.kra_results
WHERE period_grain = 'year'
