-- What is due or overdue, by whom, and who is told.
--
--   measurement       a KPI that is entered by hand has no value in its last period
--   check_in          somebody misses a target, and nobody has said anything about it for a while
--   acknowledgement   nobody has taken a target as his own
--   review            the last period was not reviewed
--   milestone, action as they were agreed

CREATE TYPE kra_internal.due_item AS (
    kind text, key text, owner_id integer, kpi_id integer, objective_id integer, what text,
    due_on date, period_label text
);
COMMENT ON TYPE kra_internal.due_item IS 'something that is due or overdue';
COMMENT ON COLUMN kra_internal.due_item.kind IS 'measurement, check_in, acknowledgement, review, milestone or action';
COMMENT ON COLUMN kra_internal.due_item.key IS 'keys of what it is about (see kra_internal.about_key)';
COMMENT ON COLUMN kra_internal.due_item.owner_id IS 'the subject that has to act; NULL: nobody';
COMMENT ON COLUMN kra_internal.due_item.kpi_id IS 'the KPI; NULL: none';
COMMENT ON COLUMN kra_internal.due_item.objective_id IS 'the objective; NULL: that of the KPI';
COMMENT ON COLUMN kra_internal.due_item.what IS 'what is to be done, in a sentence';
COMMENT ON COLUMN kra_internal.due_item.due_on IS 'last day';
COMMENT ON COLUMN kra_internal.due_item.period_label IS 'label of the period; NULL: of none';

CREATE FUNCTION kra_internal.carried_since(kpi_id integer, subject_id integer, as_of date)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    span record;
    since date;
    result date;
BEGIN
    -- back through the roles that follow each other without a gap
    FOR span IN
        SELECT tl.job_role_id, tl.valid_from, tl.valid_until FROM kra_internal.subject_timeline tl
        WHERE tl.subject_id = carried_since.subject_id AND tl.valid_from <= carried_since.as_of
        ORDER BY tl.valid_from DESC
    LOOP
        EXIT WHEN span.valid_until <= carried_since.as_of
            AND span.valid_until IS DISTINCT FROM result;
        WITH r AS (
            SELECT rk.effective_from, rk.is_active,
                   coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id
                       ORDER BY rk.effective_from), 'infinity') AS effective_until
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id
            WHERE ra.job_role_id = span.job_role_id AND rk.kpi_id = carried_since.kpi_id
              AND rk.effective_from <= least(carried_since.as_of, span.valid_until - 1)
        )
        -- it may have gone from one KRA to another meanwhile
        SELECT max(r.effective_from) INTO since FROM r
        WHERE r.is_active
          AND NOT EXISTS (SELECT FROM r a
                          WHERE a.is_active AND a.effective_from < r.effective_from
                            AND a.effective_until >= r.effective_from)
          AND EXISTS (SELECT FROM r a
                      WHERE a.is_active AND a.effective_until > least(carried_since.as_of,
                          span.valid_until - 1));
        EXIT WHEN since IS NULL;
        result := greatest(since, span.valid_from);
    END LOOP;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.carried_since(integer, integer, date) IS 'the day since which a KPI has stood on the card of a subject''s roles without a gap; NULL: it does not on that date';

CREATE FUNCTION kra_internal.due_of_subject(subject_id integer, as_of date, ahead integer,
                                            limits jsonb, last_data date)
RETURNS SETOF kra_internal.due_item
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET plan_cache_mode = force_generic_plan
    SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    last_due date := due_of_subject.as_of + due_of_subject.ahead;
    s record;
    x record;
    i record;
    p_grid kra_internal.grid;
    p_start date;
    p_end date;
    since date;
    at date;
    missing integer;
    days integer;
BEGIN
    SELECT s.key, s.name, s.kind = 'person' AS is_person, tl.job_role_id, tl.parent_id,
           kra_internal.has_members(s.id) AS is_group,
           kra_internal.in_role_since(s.id, due_of_subject.as_of) AS role_since
    INTO s
    FROM kra.subjects s
    JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id
        AND tl.valid_from <= due_of_subject.as_of AND tl.valid_until > due_of_subject.as_of
    WHERE s.id = due_of_subject.subject_id;
    IF NOT FOUND OR last_due IS NULL THEN
        RETURN;
    END IF;
    SELECT f.review_cadence, f.check_in_days INTO x FROM kra_internal.settings_in_force f;

    -- Acknowledgements: of a role's targets by people alone, of one's own by all. What was changed
    -- in place could not be acknowledged before.
    IF due_of_subject.limits ? 'imposed_target' THEN
        days := least(floor((due_of_subject.limits->>'imposed_target')::float8), 100000);
        RETURN QUERY
        SELECT 'acknowledgement', kra_internal.about_key(s.key, t.key),
               CASE WHEN t.refusal IS NULL THEN due_of_subject.subject_id
                    ELSE coalesce(s.parent_id, due_of_subject.subject_id) END,
               t.id, NULL::integer,
               CASE WHEN t.refusal IS NULL
                    THEN format('acknowledge the target of %s for %s of %s',
                                kra.target_text(t.target, t.unit), t.name, s.name)
                         || CASE WHEN t.was_another
                             THEN ', which is another than the one acknowledged' ELSE '' END
                    ELSE format('agree on the target of %s for %s of %s: the answer was %s',
                                kra.target_text(t.target, t.unit), t.name, s.name, t.refusal) END,
               t.since + days, NULL::text
        FROM (
            SELECT l.id, l.key, l.name, l.unit, l.target,
                   kra_internal.refusal_text(r, l.unit) AS refusal,
                   coalesce(kra_internal.day_of(r.acknowledged_at),
                            kra_internal.target_known_on(l.target_from, l.revised_at,
                                due_of_subject.as_of)) AS since,
                   EXISTS (SELECT FROM kra_internal.consents(l.id, due_of_subject.subject_id,
                       due_of_subject.as_of)) AS was_another
            FROM (
                SELECT k.id, k.key, k.name, k.unit,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.target WHEN s.is_person
                           THEN rk.target END AS target,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.effective_from
                            ELSE greatest(rk.effective_from, s.role_since) END AS target_from,
                       CASE WHEN o.kpi_id IS NOT NULL THEN o.revised_at
                           ELSE rk.revised_at END AS revised_at
                FROM kra_internal.role_lines(due_of_subject.as_of) c
                JOIN kra.result_area_kpis rk ON rk.result_area_id = c.result_area_id
                    AND rk.kpi_id = c.kpi_id AND rk.effective_from = c.effective_from
                JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active'
                LEFT JOIN LATERAL (
                    SELECT t.* FROM kra.targets t
                    WHERE t.kpi_id = k.id AND t.subject_id = due_of_subject.subject_id
                      AND t.effective_from <= due_of_subject.as_of
                    ORDER BY t.effective_from DESC LIMIT 1
                ) o ON true
                WHERE c.job_role_id = s.job_role_id
                UNION ALL
                SELECT k.id, k.key, k.name, k.unit, t.target, t.effective_from, t.revised_at
                FROM kra.targets t
                JOIN kra.kpis k ON k.id = t.kpi_id AND k.state = 'active'
                WHERE s.job_role_id IS NULL AND t.subject_id = due_of_subject.subject_id
                  AND t.effective_from <= due_of_subject.as_of
                  AND NOT EXISTS (SELECT FROM kra.targets later
                                  WHERE later.kpi_id = t.kpi_id AND later.subject_id = t.subject_id
                                  AND later.effective_from > t.effective_from
                                  AND later.effective_from <= due_of_subject.as_of)
            ) l
            CROSS JOIN LATERAL kra_internal.refusal(l.id, due_of_subject.subject_id, l.target,
                                                    due_of_subject.as_of) r
            WHERE l.target IS NOT NULL
              AND NOT EXISTS (SELECT FROM kra_internal.consents(l.id, due_of_subject.subject_id,
                  due_of_subject.as_of) a
                              WHERE a.target = l.target)
            OFFSET 0
        ) t
        WHERE t.since + days <= last_due;
    END IF;
    IF s.job_role_id IS NULL THEN
        RETURN;
    END IF;

    -- Measurements. Whether those of a period are there shows only to who sees the subject then.
    FOR i IN
        SELECT k.id, k.key, k.name, k.grid, k.state_since, v.start, v.stop, v.stop + CASE k.cadence
            WHEN 'day' THEN 1 ELSE 5 END AS due_on,
               kra_internal.freshest(k.id, due_of_subject.subject_id, v.stop) AS fresh
        FROM kra_internal.role_lines(due_of_subject.as_of) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active' AND k.source_relation IS NULL
        CROSS JOIN LATERAL (SELECT kra_internal.last_period(k.grid, due_of_subject.as_of,
            due_of_subject.as_of) AS start OFFSET 0) o
        CROSS JOIN LATERAL (SELECT o.start,
                            kra_internal.grid_end(k.grid, o.start) AS stop OFFSET 0) v
        WHERE c.job_role_id = s.job_role_id
          AND kra.sees(due_of_subject.subject_id, v.start, v.stop)
        OFFSET 0   -- freshest once a line
    LOOP
        CONTINUE WHEN i.fresh >= i.start OR i.due_on > last_due;
        since := greatest(kra_internal.carried_since(i.id, due_of_subject.subject_id,
                                                     due_of_subject.as_of),
                          CASE WHEN i.state_since <= due_of_subject.as_of THEN i.state_since END);
        CONTINUE WHEN since IS NULL OR i.start < since;
        -- a group is the sum of its members: they are asked
        CONTINUE WHEN s.is_group AND EXISTS (
            SELECT FROM kra_internal.subject_ancestors c
            JOIN kra_internal.subject_timeline tl ON tl.subject_id = c.subject_id
                AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, i.start,
                                           i.stop)
            JOIN kra_internal.role_lines(i.stop) l ON l.job_role_id = tl.job_role_id
                AND l.kpi_id = i.id
            WHERE c.ancestor_id = due_of_subject.subject_id AND c.depth > 0
              AND kra_internal.counts_in(c.valid_from, c.valid_until, c.resumes_on, i.start,
                                         i.stop));
        missing := 0;
        at := kra_internal.grid_shift(i.grid, i.start, -1);
        WHILE missing < 99 AND at >= greatest(since, i.fresh + 1)
            AND kra.sees(due_of_subject.subject_id, at, kra_internal.grid_end(i.grid, at)) LOOP
            missing := missing + 1;
            at := kra_internal.grid_shift(i.grid, at, -1);
        END LOOP;
        RETURN NEXT ROW('measurement', kra_internal.about_key(s.key, i.key),
                        due_of_subject.subject_id, i.id, NULL,
            format('record %s of %s for %s', i.name, s.name,
                   kra_internal.grid_label(i.grid, i.start))
            || CASE missing WHEN 0 THEN '' WHEN 1 THEN ', and the period before it' WHEN 99
                THEN ', and 99 or more periods before it'
                    ELSE format(', and the %s periods before it', missing) END,
            i.due_on, kra_internal.grid_label(i.grid, i.start))::kra_internal.due_item;
    END LOOP;

    p_grid := kra_internal.grid_in_force(x.review_cadence);
    p_start := kra_internal.last_period(p_grid, due_of_subject.as_of, due_of_subject.as_of);
    p_end := kra_internal.grid_end(p_grid, p_start);

    -- Check-ins
    at := greatest(p_end, (
        SELECT kra_internal.day_of(max(c.checked_at)) FROM kra.check_ins c
        WHERE c.subject_id = due_of_subject.subject_id
          AND c.checked_at < kra_internal.day_begins(due_of_subject.as_of + 1))) + x.check_in_days;
    IF at <= last_due AND kra_internal.shows(due_of_subject.subject_id, p_grid, p_start, p_end) THEN
        SELECT count(*) AS misses,
               (array_agg(k.id ORDER BY c.weight DESC, c.area_position, c.kpi_position, k.id))[1]
                   AS kpi_id,
               (array_agg(k.name ORDER BY c.weight DESC, c.area_position, c.kpi_position, k.id))[1]
                   AS name
        INTO i
        FROM kra_internal.card(due_of_subject.subject_id, p_grid, p_start, p_end) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state = 'active'
        WHERE c.weight IS NOT NULL AND kra_internal.is_missed(c.actual, c.target, p_end);
        IF i.misses > 0 THEN
            RETURN NEXT ROW('check_in', kra_internal.about_key(s.key), due_of_subject.subject_id,
                            i.kpi_id, NULL,
                format(CASE i.misses
                           WHEN 1 THEN 'check in on %s: %s missed its target in %s'
                           WHEN 2 THEN 'check in on %s: %s and another KPI missed their targets '
                                       'in %s'
                           ELSE 'check in on %s: %s and %4$s other KPIs missed their targets '
                                'in %3$s' END,
                       s.name, i.name, kra_internal.grid_label(p_grid, p_start), i.misses - 1),
                at, kra_internal.grid_label(p_grid, p_start))::kra_internal.due_item;
        END IF;
    END IF;

    -- Reviews: of the last period, and of the one that the rule review_overdue still asks for.
    IF due_of_subject.limits ? 'review_overdue' THEN
        days := least(floor((due_of_subject.limits->>'review_overdue')::float8), 100000);
        RETURN QUERY
        SELECT 'review', kra_internal.about_key(s.key, kra_internal.grid_label(p_grid, p.start)),
               coalesce(s.parent_id, due_of_subject.subject_id), NULL::integer, NULL::integer,
               format('hold the review of %s for %s, and close it', s.name,
                      kra_internal.grid_label(p_grid, p.start)),
               p.stop + days, kra_internal.grid_label(p_grid, p.start)
        FROM (
            SELECT o.start, kra_internal.grid_end(p_grid, o.start) AS stop
            FROM (SELECT p_start AS start
                  UNION SELECT kra_internal.last_period(p_grid, due_of_subject.as_of - days - 1,
                                                        due_of_subject.as_of)) o
            OFFSET 0
        ) p
        WHERE p.stop + days <= last_due
          AND kra_internal.is_review_owed(due_of_subject.subject_id, p_grid, p.start,
                                          due_of_subject.as_of, due_of_subject.last_data);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.due_of_subject(integer, date, integer, jsonb, date) IS 'measurements, check-ins, acknowledgements and reviews of a subject that are overdue on a date, or due within so many days after it; none for one that is not active. limits: thresholds of rules (see kra_internal.rule_limits); where imposed_target is off no acknowledgements are due, where review_overdue is off no reviews. last_data: start of the last period with data (see kra_internal.data_range); no reviews of later ones';

CREATE FUNCTION kra.due(as_of date DEFAULT kra_internal.today(), ahead integer DEFAULT 14)
RETURNS TABLE (
    row_key text, due_kind text, subject_key text, subject_name text, owner_key text,
    owner_name text, owner_login text,
    kpi_key text, kpi_name text, objective_key text, objective_name text,
    what_text text, due_date date, is_overdue boolean, overdue_day_count integer, period_label text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.kind || ':' || f.key, f.kind, f.subject_key, f.subject_name, w.key, w.name, w.login,
           k.key, k.name, o.key, o.name, f.what, f.due_on, f.due_on < due.as_of,
           greatest(due.as_of - f.due_on, 0), f.period_label
    FROM (
        -- An arm each, with the subject's key in it: a question about one subject asks no more than
        -- that.
        SELECT s.key AS subject_key, s.name AS subject_name, x.kind, x.key, x.owner_id, x.kpi_id,
               x.objective_id, x.what, x.due_on, x.period_label
        FROM kra.subjects s
        JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id AND tl.valid_from <= due.as_of
            AND tl.valid_until > due.as_of
        CROSS JOIN LATERAL kra_internal.due_of_subject(s.id, due.as_of, due.ahead,
                                                       (SELECT kra_internal.rule_limits()),
                                                  (SELECT r.last_start FROM
                                                   kra_internal.data_range(due.as_of) r)) x
        WHERE kra.sees(s.id, due.as_of, due.as_of)
        UNION ALL
        -- a milestone is nobody's secret, but of no use to those who have nothing to do with it
        SELECT s.key, s.name, 'milestone', kra_internal.about_key(b.key, m.key), m.owner_id, NULL,
               b.id,
               format('reach the milestone %s of %s', m.name, b.name)
               || CASE WHEN m.completion > 0 AND m.completion < 1
                   THEN format(' (%s done)', kra.percent_text(m.completion, 0)) ELSE '' END,
               m.due_on, NULL
        FROM kra.milestones m
        JOIN kra.objectives b ON b.id = m.objective_id
        LEFT JOIN kra.subjects s ON s.id = coalesce(m.owner_id, b.subject_id)
        WHERE isfinite(due.as_of) AND m.due_on <= due.as_of + due.ahead
          AND (m.completed_on IS NULL OR m.completed_on > due.as_of)
          AND (kra.sees(m.owner_id) OR kra.sees(b.subject_id)
               OR (m.owner_id IS NULL AND b.subject_id IS NULL)
               OR (SELECT kra_internal.is_author()))
        UNION ALL
        SELECT s.key, s.name, 'action', a.id::text, a.owner_id, a.kpi_id, NULL,
               'do what was agreed' || coalesce(' about ' || s.name, '') || ': '
                   || kra_internal.cut_text(a.description), a.due_on, NULL
        FROM kra.actions a
        LEFT JOIN kra.subjects s ON s.id = a.subject_id
        WHERE isfinite(due.as_of) AND a.due_on <= due.as_of + due.ahead
          AND (a.done_on IS NULL OR a.done_on > due.as_of)
          AND kra_internal.day_of(a.created_at) <= due.as_of
    ) f
    LEFT JOIN kra.subjects w ON w.id = f.owner_id
    LEFT JOIN kra.kpis k ON k.id = f.kpi_id
    LEFT JOIN kra.objectives o ON o.id = coalesce(f.objective_id, k.objective_id);
END;
COMMENT ON FUNCTION kra.due(date, integer) IS 'rows of kra_bi.due as they were on a date: what is overdue, or due within so many days after it (ahead; a negative one: overdue for longer than that); the columns are described there. None for NULL, and for a day that is not finite. Of results only what the caller sees';

-- Who is told.

CREATE FUNCTION kra.notify_due(channel text DEFAULT 'kra_due',
    as_of date DEFAULT kra_internal.today(), again boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    told integer;
BEGIN
    IF NOT kra.sees_all() THEN   -- what one does not see nobody would be told
        RAISE EXCEPTION 'only those who see all subjects may notify'
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin does (kra.grant_admin).';
    ELSIF coalesce(octet_length(notify_due.channel) NOT BETWEEN 1 AND 63, true) THEN
        RAISE EXCEPTION 'channel must have 1 to 63 bytes' USING ERRCODE = 'invalid_parameter_value';
    ELSIF notify_due.as_of IS NULL OR NOT isfinite(notify_due.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    ELSIF notify_due.again IS NULL THEN
        RAISE EXCEPTION 'again must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF has_function_privilege('kra.refresh()', 'EXECUTE') THEN
        PERFORM kra.refresh();   -- what is due reads results
    END IF;
    -- Of two at once, the one whose row it is tells. A key too long for an index is kept by its
    -- hash.
    WITH item AS MATERIALIZED (
        SELECT CASE WHEN octet_length(d.row_key) <= 1000 THEN d.row_key
                    ELSE left(d.row_key, 100) || '...'
                         || encode(sha256(convert_to(d.row_key, 'UTF8')), 'hex') END AS key
        FROM kra.due(notify_due.as_of) d
    ), news AS (
        INSERT INTO kra_internal.notices AS n (item, sent_on)
        SELECT i.key, notify_due.as_of FROM item i ORDER BY i.key COLLATE "C"
        ON CONFLICT (item) DO UPDATE SET sent_on = excluded.sent_on
        WHERE n.sent_on < excluded.sent_on OR notify_due.again
        RETURNING n.item
    )
    SELECT count(*) INTO told FROM news;
    -- Whoever may connect may listen: no more than that there is something to look at.
    IF told > 0 THEN
        PERFORM pg_notify(notify_due.channel, format('{"as_of": "%s", "count": %s}',
                                                     to_char(as_of, 'YYYY-MM-DD'), told));
    END IF;
    DELETE FROM kra_internal.notices
    WHERE item IN (SELECT n.item FROM kra_internal.notices n
                   WHERE n.sent_on < notify_due.as_of - 30 FOR UPDATE SKIP LOCKED);
    RETURN told;
END $$;
COMMENT ON FUNCTION kra.notify_due(text, date, boolean) IS 'tells by NOTIFY on a channel, when the transaction commits, that something is due (kra.due, 14 days ahead): JSON with as_of and count, the number of items that are new. What they are is read in kra_bi.due, since everybody who may connect can listen. An item counts once a day, with again once more; without any there is no notification. Returns the count. For those who see all; error for a channel of no or more than 63 bytes, and for a day that is not finite';
