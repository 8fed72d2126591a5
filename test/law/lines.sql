-- What compare.py reads: lines as kra.kpi_results() shows them.
CREATE SCHEMA law;
CREATE FUNCTION law.lines(_as_of date) RETURNS SETOF kra_internal.line LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.* FROM (
        SELECT min(m.period_start) AS first
        FROM kra.measurements m
        WHERE m.period_start <= _as_of
          AND (kra.last_at(m.actual) IS NULL
               OR kra.last_at(m.actual) < ((_as_of + 1)::timestamp AT TIME ZONE 'UTC'))
    ) f
    CROSS JOIN LATERAL kra_internal.lines(_as_of, f.first, _as_of) l
    WHERE f.first IS NOT NULL;
END;

CREATE FUNCTION law.kpi_results(_as_of date) RETURNS TABLE (
    subject_key text, kpi_key text, period_grain text, period_start date,
    actual_value float8, judged_value float8, target_value float8, target_lower_value float8,
    target_upper_value float8, baseline_value float8, threshold_value float8,
    stretch_value float8, target_since date, target_due date, expected_value float8,
    expected_lower_value float8, expected_upper_value float8, attainment_pct float8,
    progress_pct float8, status text, is_on_target boolean, coverage_pct float8,
    is_on_card boolean, weight_value float8, observed_member_count integer,
    is_complete boolean, attainment_reason text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.key, k.key, kra_internal.grid_grain(l.grid), l.period_start, l.actual, l.judged,
           kra.target(l.target),
           CASE WHEN kra.direction(l.target) <> 'at_most' THEN kra.lower(l.target) END,
           CASE WHEN kra.direction(l.target) <> 'at_least' THEN kra.upper(l.target) END,
           kra.baseline(l.target), kra.threshold(l.target), kra.stretch(l.target),
           kra.since(l.target), kra.due_on(l.target),
           CASE WHEN kra.direction(l.target) <> 'inside' THEN l.expected_lower END,
           l.expected_lower, l.expected_upper, l.attainment, l.progress, l.status::text,
           l.is_on_target, l.coverage, l.weight IS NOT NULL, coalesce(l.weight, 0),
           l.observed_member_count, NOT l.runs, l.reason
    FROM law.lines(_as_of) l
    JOIN kra.subjects s ON s.id = l.subject_id
    JOIN kra.kpis k ON k.id = l.kpi_id;
END;
