-- Who is scored, and below whom.
SELECT subject_key, subject_name, subject_kind, subject_path, parent_key, parent_name, job_role_name, is_active, is_group
FROM kra_bi.dim_subject
