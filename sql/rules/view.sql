-- All findings, with the rules they come of and the waivers that silence them.

CREATE FUNCTION kra.findings(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (
    row_key text, rule_id text, rule_family text, severity text, severity_code integer,
    about_kind text, about_key text, about_name text,
    subject_key text, subject_name text, job_role_key text, job_role_name text, kra_key text, kra_name text, kpi_key text, kpi_name text,
    message text, hint text, since_date date, evidence_value double precision, threshold_value double precision,
    is_waived boolean, waiver_reason text, waiver_author text, waived_until date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.rule || ':' || f.about_kind || ':' || f.about_key, f.rule, r.family,
           v.severity, CASE v.severity WHEN 'info' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
           f.about_kind, f.about_key, f.about_name,
           f.subject_key, f.subject_name, jr.key, jr.name, ra.key, ra.name, k.key, k.name,
           f.message, coalesce(f.hint, r.hint), f.since, f.evidence, coalesce(st.threshold, r.threshold),
           w.id IS NOT NULL, w.reason, w.author, w.ends_on
    FROM (
        -- An arm each, with the subject's key in it: a question about one subject asks no more than that.
        SELECT s.key AS subject_key, s.name AS subject_name, x.*
        FROM kra.subjects s
        JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= as_of AND tl.valid_until > as_of
        CROSS JOIN LATERAL kra_internal.findings_of_subject(s.id, as_of, (SELECT kra_internal.rule_limits())) x
        WHERE kra.sees(s.id, as_of, as_of)
        UNION ALL
        SELECT NULL, NULL, x.* FROM kra.job_roles o CROSS JOIN LATERAL kra_internal.findings_of_role(o.id, as_of, (SELECT kra_internal.rule_limits())) x WHERE isfinite(as_of)
        UNION ALL
        SELECT NULL, NULL, x.* FROM kra.kpis o CROSS JOIN LATERAL kra_internal.findings_of_kpi(o.id, as_of, (SELECT kra_internal.rule_limits())) x WHERE isfinite(as_of)
    ) f
    JOIN kra_internal.built_in_rules() r ON r.rule = f.rule
    CROSS JOIN LATERAL (SELECT coalesce(f.severity, r.severity) AS severity) v
    LEFT JOIN kra.rule_settings st ON st.rule = f.rule
    LEFT JOIN kra.job_roles jr ON jr.id = f.job_role_id
    LEFT JOIN kra.result_areas ra ON ra.id = f.result_area_id
    LEFT JOIN kra.kpis k ON k.id = f.kpi_id
    LEFT JOIN (
        SELECT DISTINCT ON (w.rule, w.about, w.subject_id) w.* FROM kra.waivers w
        WHERE w.ends_on >= as_of
        ORDER BY w.rule, w.about, w.subject_id, w.ends_on DESC, w.id DESC
    ) w ON w.rule = f.rule AND w.about = f.about_kind || ':' || f.about_key
       AND w.subject_id IS NOT DISTINCT FROM f.subject_id;   -- who does not see a subject cannot silence what is said of it
END;
COMMENT ON FUNCTION kra.findings(date) IS 'rows of kra_bi.findings as they were in force on a date: what the rules find wrong; the columns are described there. None for NULL, and for a day that is not finite. Of subjects those that the caller saw that day, and of results only what he sees. Say kra.findings(as_of => ...): there is one of scorecards, too';

CREATE FUNCTION kra.waive(finding text, reason text, ends_on date) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule_name text := split_part(finding, ':', 1);
    about_what text := substr(finding, length(split_part(finding, ':', 1)) + 2);
    what_kind text := split_part(finding, ':', 2);
    about_subject integer;
BEGIN
    IF finding IS NULL OR reason IS NULL OR ends_on IS NULL THEN
        RAISE EXCEPTION 'finding, reason and ends_on must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM kra_internal.built_in_rules() r WHERE r.rule = rule_name) THEN
        RAISE EXCEPTION 'there is no rule %', kra_internal.quoted(rule_name) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A finding is named by its row_key in kra_bi.findings.';
    ELSIF ends_on < kra_internal.today() THEN
        RAISE EXCEPTION 'a waiver must not end in the past' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM kra_internal.check_length('reason', reason, 'note');
    IF what_kind IN ('subject', 'target', 'review', 'action') THEN
        SELECT s.id INTO about_subject FROM kra.subjects s
        WHERE starts_with(substr(about_what, length(what_kind) + 2) || ' / ', kra_internal.about_key(s.key) || ' / ');
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no finding %', kra_internal.quoted(finding) USING ERRCODE = 'no_data_found',
                HINT = 'A finding is named by its row_key in kra_bi.findings.';
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM kra_internal.findings_of_subject(about_subject, kra_internal.today(), kra_internal.rule_limits()) f
                   WHERE about_subject IS NOT NULL AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding)
       AND NOT EXISTS (SELECT FROM kra.job_roles r CROSS JOIN LATERAL kra_internal.findings_of_role(r.id, kra_internal.today(), kra_internal.rule_limits()) f
                       WHERE what_kind IN ('role', 'kra') AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding)
       AND NOT EXISTS (SELECT FROM kra.kpis k CROSS JOIN LATERAL kra_internal.findings_of_kpi(k.id, kra_internal.today(), kra_internal.rule_limits()) f
                       WHERE what_kind = 'kpi' AND f.rule || ':' || f.about_kind || ':' || f.about_key = finding) THEN
        RAISE EXCEPTION 'there is no finding %', kra_internal.quoted(finding) USING ERRCODE = 'no_data_found',
            HINT = 'A finding is named by its row_key in kra_bi.findings.';
    END IF;
    INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) VALUES (rule_name, about_what, about_subject, waive.reason, waive.ends_on);
END $$;
COMMENT ON FUNCTION kra.waive(text, text, date) IS 'silences a finding (its row_key in kra_bi.findings) up to and with a day, for a reason; it stays visible as waived. Error when there is none, for an empty reason, and for a day in the past';

CREATE FUNCTION kra.unwaive(finding text) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM kra.waivers w
    WHERE w.rule = split_part(finding, ':', 1) AND w.about = substr(finding, length(split_part(finding, ':', 1)) + 2);
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION kra.unwaive(text) IS 'ends all waivers of a finding (its row_key); false when there was none';
