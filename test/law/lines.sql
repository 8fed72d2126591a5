-- What compare.py reads: what people read, by the views' columns.
CREATE SCHEMA law;
CREATE FUNCTION law.kpi_results(_as_of date) RETURNS TABLE (
    subject_key text, kpi_key text, period_grain text, period_start date,
    actual_value float8, judged_value float8, target_value float8, target_lower_value float8,
    target_upper_value float8, baseline_value float8, threshold_value float8,
    stretch_value float8, target_since date, target_due date, expected_value float8,
    expected_lower_value float8, expected_upper_value float8, attainment_pct float8,
    progress_pct float8, status text, is_on_target boolean, coverage_pct float8,
    is_on_card boolean, weight_value float8, observed_member_count integer,
    is_complete boolean, is_latest boolean, attainment_reason text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.subject_key, r.kpi_key, r.period_grain, r.period_start, r.actual_value,
           r.judged_value, r.target_value, r.target_lower_value, r.target_upper_value,
           r.baseline_value, r.threshold_value, r.stretch_value, r.target_since, r.target_due,
           r.expected_value, r.expected_lower_value, r.expected_upper_value, r.attainment_pct,
           r.progress_pct, r.status, r.is_on_target, r.coverage_pct, r.is_on_card,
           r.weight_value, r.observed_member_count, r.is_complete, r.is_latest,
           r.attainment_reason
    FROM kra.kpi_results(_as_of) r;
END;
CREATE FUNCTION law.scorecards(_as_of date) RETURNS TABLE (
    subject_key text, period_grain text, period_start date, score_value float8,
    outcome_score_value float8, activity_score_value float8, coverage_pct float8, status text,
    imbalance_flag text, kpi_count integer) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.subject_key, r.period_grain, r.period_start, r.score_value, r.outcome_score_value,
           r.activity_score_value, r.coverage_pct, r.status, r.imbalance_flag, r.kpi_count
    FROM kra.scorecards(_as_of) r;
END;
CREATE FUNCTION law.imbalances(_as_of date) RETURNS TABLE (
    subject_key text, period_grain text, period_start date, activity_kpi text, outcome_kpi text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.subject_key, r.period_grain, r.period_start, r.imbalance_activity_kpi,
           r.imbalance_outcome_kpi
    FROM kra.imbalances(_as_of) r
    WHERE r.imbalance_activity_kpi IS NOT NULL;
END;
