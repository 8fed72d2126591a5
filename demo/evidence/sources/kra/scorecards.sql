-- A score for each subject, by month and by year. Pages take one of these grains at a time.
SELECT subject_key, subject_name, subject_kind, parent_key, period_grain, period_label, period_start, is_latest,
       score_value, score_text, outcome_score_value, activity_score_value, coverage_pct,
       status, status_code, status_color, strong_areas, weak_areas, imbalance_reason
FROM kra_bi.scorecards
WHERE period_grain IN ('month', 'year')
