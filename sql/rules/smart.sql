-- Is a KPI SMART? Five answers out of the rules that bear a letter (see kra_internal.built_in_rules).

CREATE FUNCTION kra.smart(kpi text, as_of date DEFAULT kra_internal.today()) RETURNS TABLE (place integer, criterion text, is_met boolean, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    most constant integer := 50;   -- subjects whose targets are looked at
    k kra.kpis := kra_internal.kpi_named(smart.kpi);
    limits jsonb := kra_internal.rule_limits();
    of_targets jsonb;
    carriers integer[];
    carrier_count bigint;
    cards bigint;
    scope text;
    x record;
    said text;
    due date;
BEGIN
    IF smart.as_of IS NULL OR NOT isfinite(smart.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    SELECT jsonb_object_agg(r.rule, limits->r.rule) INTO of_targets FROM kra_internal.built_in_rules() r WHERE r.smart IS NOT NULL AND r.about_kind = 'target' AND limits ? r.rule;
    SELECT count(*), array_agg(s.id ORDER BY s.key COLLATE "C") FILTER (WHERE s.n <= most) INTO carrier_count, carriers
    FROM (
        SELECT s.id, s.key, row_number() OVER (ORDER BY s.key COLLATE "C") AS n
        FROM kra_internal.subject_timeline tl JOIN kra.subjects s ON s.id = tl.subject_id
        WHERE tl.valid_from <= smart.as_of AND tl.valid_until > smart.as_of AND kra.sees(s.id)
          AND tl.job_role_id IN (SELECT l.job_role_id FROM kra_internal.role_lines(smart.as_of) l WHERE l.kpi_id = k.id)
    ) s;
    SELECT count(DISTINCT l.job_role_id) INTO cards FROM kra_internal.role_lines(smart.as_of) l WHERE l.kpi_id = k.id;
    scope := CASE WHEN carrier_count > most THEN format(' (of %s subjects, the targets of the first %s by key were looked at)', carrier_count, most) ELSE '' END;
    FOR x IN
        SELECT c.place, c.letter, c.criterion, f.reasons
        FROM (VALUES (1, 'S', 'specific'), (2, 'M', 'measurable'), (3, 'A', 'achievable'), (4, 'R', 'relevant'), (5, 'T', 'time-bound')) c (place, letter, criterion)
        LEFT JOIN (
            SELECT r.smart, string_agg(f.message, '; ' ORDER BY f.place, f.message COLLATE "C") AS reasons
            FROM (
                -- a KPI that is measured well by hand is measured: such a reservation is no no
                SELECT y.rule, y.message, 1 AS place FROM kra_internal.faults_of_kpi(k.id, smart.as_of, limits, false) y WHERE y.severity IS DISTINCT FROM 'info'
                UNION ALL
                SELECT 'no_target', CASE k.state WHEN 'candidate' THEN 'is a candidate, so it is on no card and nobody has a target for it' ELSE 'is on no card, so nobody has a target for it' END, 2
                WHERE (k.state = 'candidate' OR cards = 0) AND limits ? 'no_target'
                UNION ALL   -- one message of a rule, and how many more there are of it
                SELECT t.rule, min(t.message COLLATE "C") || CASE WHEN count(*) > 1 THEN format(' (and so for %s more)', count(*) - 1) ELSE '' END, 3
                FROM (
                    SELECT y.rule, format('%s: %s', s.name, y.message) AS message
                    FROM unnest(carriers) c (id)
                    JOIN kra.subjects s ON s.id = c.id
                    CROSS JOIN LATERAL kra_internal.findings_of_subject(c.id, smart.as_of, of_targets) y
                    WHERE y.kpi_id = k.id AND y.about_kind = 'target' AND of_targets IS NOT NULL
                ) t
                GROUP BY t.rule
            ) f
            JOIN kra_internal.built_in_rules() r ON r.rule = f.rule AND r.smart IS NOT NULL
            GROUP BY r.smart
        ) f ON f.smart = c.letter
        ORDER BY c.place
    LOOP
        place := x.place;
        criterion := x.criterion;
        is_met := x.reasons IS NULL;
        IF is_met THEN
            said := CASE x.letter
                WHEN 'S' THEN format('is %s%s', coalesce('described: ' || rtrim(btrim(k.description), '.'), 'named: ' || btrim(k.name)), coalesce(', in ' || nullif(btrim(k.unit), ''), ''))
                    || CASE WHEN carrier_count = 0 OR NOT limits ? 'no_target' THEN '' WHEN carrier_count = 1 THEN '; who carries it has a target'
                            WHEN carrier_count > most THEN '; those who carry it have targets' ELSE format('; the %s who carry it have targets', carrier_count) END
                WHEN 'M' THEN CASE WHEN k.source_relation IS NOT NULL THEN format('is measured by %s every %s', k.source_relation, k.cadence)
                                   WHEN k.scale IS NOT NULL THEN format('is asked for every %s, on the scale %s', k.cadence, k.scale)
                                   ELSE format('is entered by hand every %s', k.cadence) END || coalesce(', in ' || nullif(btrim(k.unit), ''), '')
                WHEN 'A' THEN coalesce((SELECT format('is answered for by %s; ', s.name) FROM kra.subjects s WHERE s.id = (
                        SELECT w.subject_id FROM kra.kpi_owners w WHERE w.kpi_id = k.id AND w.effective_from <= smart.as_of ORDER BY w.effective_from DESC LIMIT 1)), '')
                    || 'nothing says that its targets are out of reach'
                WHEN 'R' THEN (SELECT CASE WHEN r.by_way_of IS NULL THEN format('measures the objective %s', o.name)
                                           ELSE format('drives %s, which measures the objective %s', array_to_string(r.by_way_of, ', then '), o.name) END
                               FROM kra_internal.objective_reached(k.id) r JOIN kra.objectives o ON o.id = r.objective_id)
                ELSE format('is measured every %s', k.cadence)
            END;
            IF x.letter = 'T' THEN
                SELECT max(kra.due_on(y.target)) INTO due FROM (
                    SELECT l.target FROM kra_internal.role_lines(smart.as_of) l WHERE l.kpi_id = k.id
                    UNION ALL
                    (SELECT DISTINCT ON (t.subject_id) t.target FROM kra.targets t WHERE t.kpi_id = k.id AND t.effective_from <= smart.as_of ORDER BY t.subject_id, t.effective_from DESC)) y;
                due := coalesce(due, kra_internal.objective_due((SELECT r.objective_id FROM kra_internal.objective_reached(k.id) r)));
                said := said || coalesce(', and is due on ' || to_char(due, 'YYYY-MM-DD'), '');
            END IF;
            reason := coalesce(said, 'no rule that is on finds anything wrong') || CASE WHEN x.letter IN ('S', 'A', 'M') THEN scope ELSE '' END;
        ELSE
            reason := x.reasons || CASE WHEN x.letter IN ('S', 'A', 'M') THEN scope ELSE '' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.smart(text, date) IS 'is a KPI (its key) specific, measurable, achievable, relevant and time-bound? Five rows, each with its reasons: of a no, what the rules with that letter find wrong with the KPI and with the targets of those who carry it (of the first 50 by key that the caller sees); of a yes, what holds. Candidates are judged as if they were on a card, but for the target that they lack';
