-- Where effort and result are out of step.
SELECT subject_key, subject_name, subject_kind, period_label, period_start, is_latest,
       imbalance_flag, imbalance_reason, is_busy_not_moving, outcome_score_value, activity_score_value, gap_value
FROM kra_bi.imbalances
WHERE period_grain = 'year'
