-- What is wrong with how performance is measured, and what to do about it. Rules that nobody breaks
-- have a row, too, without a message: Evidence cannot build on a source that has no row at all.
SELECT r.rule_id, r.meaning, f.row_key, f.severity, f.severity_code, f.about_kind, f.about_name,
       f.subject_key, f.kpi_key, f.message, f.hint, f.since_date
FROM kra_bi.rule_reference r
LEFT JOIN kra_bi.findings f ON f.rule_id = r.rule_id AND NOT f.is_waived
