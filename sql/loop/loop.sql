-- The loop: look (review_agenda), talk (check_in, close_review), act (actions, milestones), follow up
-- (compare_reviews, track_record); and the register of KPIs, which says what is looked at.
--
-- Everything runs with the caller's rights: readers check in and complete their own actions,
-- reviewers close reviews and agree on actions, for the subjects below their own. Lists for people
-- are texts of one line an entry.

CREATE FUNCTION kra_internal.subject_seen(key text) RETURNS kra.subjects LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra_internal.subject_named(key);
BEGIN
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(kra.viewer()), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN s;
END $$;
COMMENT ON FUNCTION kra_internal.subject_seen(text) IS 'the subject with this key, whose results the caller sees; error when there is none, or he does not see them';

CREATE FUNCTION kra_internal.objective_named(key text) RETURNS kra.objectives LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives;
BEGIN
    SELECT * INTO o FROM kra.objectives WHERE key = kra_internal.normal_key(objective_named.key);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'objective % does not exist', kra_internal.quoted(objective_named.key) USING ERRCODE = 'undefined_object';
    END IF;
    RETURN o;
END $$;
COMMENT ON FUNCTION kra_internal.objective_named(text) IS 'the objective with this key; error when there is none';

CREATE FUNCTION kra_internal.job_role_named(key text) RETURNS kra.job_roles LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r kra.job_roles;
BEGIN
    SELECT * INTO r FROM kra.job_roles WHERE key = kra_internal.normal_key(job_role_named.key);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role % does not exist', kra_internal.quoted(job_role_named.key) USING ERRCODE = 'undefined_object';
    END IF;
    RETURN r;
END $$;
COMMENT ON FUNCTION kra_internal.job_role_named(text) IS 'the role with this key; error when there is none';

CREATE FUNCTION kra_internal.one_line(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT btrim(regexp_replace(words, E'\\s+', ' ', 'g'));
END;
COMMENT ON FUNCTION kra_internal.one_line(text) IS 'a text on one line: every stretch of white space is one blank; NULL for NULL';

CREATE FUNCTION kra_internal.refusal_text(_refusal kra.acknowledgements, _unit text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE (_refusal).answer
               WHEN 'no' THEN format('no (%s)', kra_internal.one_line((_refusal).comment))
               WHEN 'counter' THEN format('a counter-proposal of %s (%s)',
                    kra.target_text((_refusal).counter_target, _unit),
                    kra_internal.one_line((_refusal).comment))
           END;
END;
COMMENT ON FUNCTION kra_internal.refusal_text(kra.acknowledgements, text) IS 'a no or counter-proposal in words, with its reason; NULL for another answer';

CREATE FUNCTION kra_internal.check_words(what text, words text, _kind text DEFAULT 'note') RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF words IS NULL THEN
        RAISE EXCEPTION '% must not be null', what USING ERRCODE = 'null_value_not_allowed';
    ELSIF btrim(words, E' \t\n\r') = '' THEN
        RAISE EXCEPTION '% must not be blank', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM kra_internal.check_length(what, words, _kind);
END $$;
COMMENT ON FUNCTION kra_internal.check_words(text, text, text) IS 'refuses words that are missing or blank, or longer than their kind may be (see kra_internal.text_limit); what: how an error calls them';

CREATE FUNCTION kra_internal.check_day(what text, day date) RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF day IS NULL OR NOT isfinite(day) THEN
        RAISE EXCEPTION '% must be a finite date', what USING ERRCODE = CASE WHEN day IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_day(text, date) IS 'refuses a day that is missing or infinite; what: how an error calls it';

-- Check-ins.

CREATE FUNCTION kra.check_in(subject text, comment text, kpi text DEFAULT NULL, objective text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra_internal.subject_named(subject);
    today date := kra_internal.today();
    kpi_id integer;
    objective_id integer;
    result integer;
BEGIN
    PERFORM kra_internal.check_words('comment', comment);
    IF kpi IS NOT NULL THEN
        kpi_id := (kra_internal.kpi_named(kpi)).id;
    END IF;
    IF objective IS NOT NULL THEN
        objective_id := (kra_internal.objective_named(objective)).id;
    END IF;
    IF NOT kra.sees(s.id, today, today) THEN
        RAISE EXCEPTION 'permission denied to check in on subject "%"', s.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Those may who see the subject today: itself, and who stands above it.';
    END IF;
    INSERT INTO kra.check_ins (subject_id, kpi_id, objective_id, comment) VALUES (s.id, kpi_id, objective_id, comment) RETURNING id INTO result;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.check_in(text, text, text, text) IS 'notes how it goes with a subject (its key), with one KPI or objective or (NULL) all, and returns the id of the note. For who sees the subject today, itself included; error for others, for unknown keys, and for a blank comment';

-- Actions.

CREATE FUNCTION kra_internal.check_acts(subject kra.subjects) RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kra_internal.may_act(subject.id, now()) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to agree on actions about subject "%"', subject.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Reviewers may (kra.grant_reviewer), for the subjects below their own.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_acts(kra.subjects) IS 'refuses actions about a subject that the caller does not oversee today, or who is no reviewer';

CREATE FUNCTION kra.add_action(subject text, description text, owner text, due_on date, kpi text DEFAULT NULL, period text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_named(add_action.subject);
    who kra.subjects := kra_internal.subject_named(add_action.owner);
    k kra.kpis;
    review integer;
    result integer;
BEGIN
    PERFORM kra_internal.check_words('description', add_action.description);
    PERFORM kra_internal.check_day('due_on', add_action.due_on);
    IF add_action.kpi IS NOT NULL THEN
        k := kra_internal.kpi_named(add_action.kpi);
    END IF;
    PERFORM kra_internal.check_acts(s);
    IF add_action.period IS NOT NULL THEN
        SELECT r.id INTO review FROM kra_internal.period_named(add_action.period) p
        JOIN kra.reviews r ON r.subject_id = s.id AND r.period_grain = kra_internal.grid_grain(p.grid) AND r.period_start = p.period_start;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), add_action.period USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'kra.close_review closes it, with actions.';
        END IF;
    END IF;
    INSERT INTO kra.actions AS a (review_id, subject_id, kpi_id, description, owner_id, due_on)
    VALUES (review, s.id, k.id, add_action.description, who.id, add_action.due_on) RETURNING a.id INTO result;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.add_action(text, text, text, date, text, text) IS 'notes what an owner (a subject''s key) will do about a subject, until when, with one KPI or (NULL) none, and returns the id of the action. period: label of the closed review that it came of; NULL: of none. For reviewers, of the subjects below their own; error for others, for unknown keys, and for a review that is not closed';

CREATE FUNCTION kra.complete_action(id integer, outcome text DEFAULT NULL, done_on date DEFAULT kra_internal.today()) RETURNS void
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a record;
BEGIN
    PERFORM kra_internal.check_length('outcome', complete_action.outcome, 'note');
    PERFORM kra_internal.check_day('done_on', complete_action.done_on);
    SELECT x.done_on, kra_internal.day_of(x.created_at) AS agreed_on,
           coalesce(s.login = kra.viewer(), false)
               OR coalesce(kra_internal.may_act(x.subject_id, x.created_at), false) AS is_ours
    INTO a
    FROM kra.actions x LEFT JOIN kra.subjects s ON s.id = x.owner_id WHERE x.id = complete_action.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action % does not exist', coalesce(complete_action.id::text, 'NULL') USING ERRCODE = 'undefined_object';
    ELSIF NOT a.is_ours THEN
        RAISE EXCEPTION 'permission denied to complete action %', complete_action.id
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'The login of its owner may, and reviewers (kra.grant_reviewer) of the '
                         'subject that it is about.';
    ELSIF a.done_on IS NULL AND complete_action.done_on < a.agreed_on THEN
        RAISE EXCEPTION 'action % cannot be done on %: it was agreed on %', complete_action.id, complete_action.done_on, a.agreed_on USING ERRCODE = 'invalid_parameter_value';
    ELSIF a.done_on IS NULL AND complete_action.done_on > kra_internal.today() THEN
        RAISE EXCEPTION 'action % cannot be done in the future', complete_action.id USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF a.done_on IS NULL THEN
        UPDATE kra.actions x SET (done_on, outcome) = (complete_action.done_on, complete_action.outcome) WHERE x.id = complete_action.id AND x.done_on IS NULL;
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT x.done_on INTO a FROM kra.actions x WHERE x.id = complete_action.id;   -- by somebody else meanwhile
        IF a.done_on IS NULL THEN
            RAISE EXCEPTION 'permission denied to complete action %', complete_action.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RAISE EXCEPTION 'action % is done already', complete_action.id USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It was done on %s.', a.done_on);
END $$;
COMMENT ON FUNCTION kra.complete_action(integer, text, date) IS 'notes that an action was done, on what day (default: today), and what it brought. For reviewers, of the subjects below their own, and the login of its owner; error for others, an unknown id, an action that is done, and a day before it was agreed or in the future';

-- Reviews.

CREATE FUNCTION kra_internal.review_actions(actions jsonb) RETURNS TABLE (n bigint, description text, owner_id integer, due_on date, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    f record;
BEGIN
    IF review_actions.actions IS NULL OR review_actions.actions = 'null' THEN
        RETURN;
    ELSIF jsonb_typeof(review_actions.actions) <> 'array' THEN
        PERFORM kra_internal.document_refuse('actions', kra_internal.document_value_fault('list', NULL, NULL, NULL, review_actions.actions), '22023');
    END IF;
    PERFORM kra_internal.check_size('a list of actions', review_actions.actions);
    actions := kra_internal.normal_document(review_actions.actions);
    WITH members (m, member, form, is_required) AS (
        VALUES (1, 'description', 'note', true), (2, 'owner', 'key', true), (3, 'due_on', 'date', true), (4, 'kpi', 'key', false)
    ), items AS (
        SELECT format('actions[%s]', l.n - 1) AS path, l.n, l.item FROM jsonb_array_elements(review_actions.actions) WITH ORDINALITY l (item, n)
    )
    SELECT x.path, x.fault, x.errcode, x.hint INTO f FROM (
        SELECT i.n, 0 AS m, i.path, kra_internal.document_value_fault('object', NULL, NULL, NULL, i.item) AS fault, '22023' AS errcode, NULL AS hint
        FROM items i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT i.n, coalesce(m.m, 9), i.path || '.' || kra_internal.document_member(e.key), v.fault,
               CASE WHEN e.value = 'null' THEN '23502' WHEN v.fault LIKE 'unknown _%"' THEN '23503' WHEN m.form = 'date' AND jsonb_typeof(e.value) = 'string' THEN '22007' ELSE '22023' END,
               CASE WHEN m.m IS NULL THEN 'Members are description, owner, due_on, kpi.' END
        FROM items i
        CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item ELSE '{}' END) e
        LEFT JOIN members m ON m.member = e.key
        CROSS JOIN LATERAL (
            SELECT CASE WHEN m.m IS NULL THEN 'unknown member'
                        WHEN e.value = 'null' THEN CASE WHEN m.is_required THEN 'must not be null' END
                        ELSE coalesce(kra_internal.document_value_fault(m.form, NULL, NULL, NULL, e.value),
                                      CASE WHEN m.member = 'owner' AND NOT EXISTS (SELECT FROM kra.subjects s WHERE s.key = e.value #>> '{}') THEN format('unknown subject %s', e.value)
                                           WHEN m.member = 'kpi' AND NOT EXISTS (SELECT FROM kra.kpis k WHERE k.key = e.value #>> '{}') THEN format('unknown KPI %s', e.value) END)
                   END AS fault
        ) v
        WHERE v.fault IS NOT NULL
        UNION ALL
        SELECT i.n, m.m, i.path || '.' || m.member, 'missing', '23502', NULL
        FROM items i JOIN members m ON m.is_required AND NOT i.item ? m.member
        WHERE jsonb_typeof(i.item) = 'object'
    ) x ORDER BY x.n, x.m LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path, f.fault, f.errcode, NULL, f.hint);
    END IF;
    RETURN QUERY
    SELECT l.n, l.item->>'description', s.id, (l.item->>'due_on')::date, k.id
    FROM jsonb_array_elements(review_actions.actions) WITH ORDINALITY l (item, n)
    JOIN kra.subjects s ON s.key = l.item->>'owner'
    LEFT JOIN kra.kpis k ON k.key = l.item->>'kpi'
    ORDER BY l.n;
END $$;
COMMENT ON FUNCTION kra_internal.review_actions(jsonb) IS 'the actions that close_review is given, as rows; none for NULL. The message of an error starts with the path of the first fault';

CREATE FUNCTION kra.close_review(subject text, period text, summary text DEFAULT NULL, actions jsonb DEFAULT NULL) RETURNS kra.scorecard
LANGUAGE plpgsql VOLATILE SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s kra.subjects := kra_internal.subject_named(subject);
    p record;
    frozen kra.scorecard;
    review integer;
    agreed integer;
    missed integer;
    known integer;
BEGIN
    SELECT * INTO p FROM kra_internal.period_named(period);
    IF kra_internal.may_review(s.id, kra_internal.grid_grain(p.grid), p.period_start) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to close the review of subject "%"', s.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Reviewers may (kra.grant_reviewer), for the subjects below their own.';
    END IF;
    SELECT count(*) INTO agreed FROM kra_internal.review_actions(actions);
    IF agreed > 0 THEN
        PERFORM kra_internal.check_acts(s);
    END IF;
    -- the card is put in by the trigger of the table
    INSERT INTO kra.reviews (subject_id, period_grain, period_start, summary)
    VALUES (s.id, kra_internal.grid_grain(p.grid), p.period_start, summary)
    ON CONFLICT (subject_id, period_grain, period_start) DO NOTHING
    RETURNING id, card INTO review, frozen;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the review of % in % is closed already', quote_ident(subject), period USING ERRCODE = 'unique_violation',
            HINT = 'kra.add_action adds an action to it.';
    END IF;
    INSERT INTO kra.actions (review_id, subject_id, kpi_id, description, owner_id, due_on)
    SELECT review, s.id, a.kpi_id, a.description, a.owner_id, a.due_on FROM kra_internal.review_actions(actions) a ORDER BY a.n;
    IF kra_internal.grid_end(p.grid, p.period_start) >= kra_internal.today() THEN
        RAISE WARNING 'the period % is not over: what comes until % is not on the card that was frozen', period, kra_internal.grid_end(p.grid, p.period_start);
    ELSIF coalesce(kra.coverage(frozen), 0) = 0 THEN
        RAISE WARNING 'the card of % in % was frozen without a score: no KPI has both an actual and a target', quote_ident(subject), period;
    END IF;
    IF agreed = 0 THEN
        SELECT count(*) FILTER (WHERE kra_internal.is_missed(e.actual, e.target, kra_internal.grid_end(p.grid, p.period_start))), count(e.met) INTO missed, known FROM kra.entries(frozen) e;
        IF missed > 0 THEN
            RAISE WARNING '% of % targets of % in % missed, and no action agreed: see kra.add_action', missed, known, quote_ident(subject), period
                USING HINT = format('SELECT kra.add_action(%L, ''what'', ''who'', ''until when'', period => %L);', subject, period);
        END IF;
    END IF;
    RETURN frozen;
END $$;
COMMENT ON FUNCTION kra.close_review(text, text, text, jsonb) IS 'closes the review of a subject in a period, with a summary, and freezes its scorecard, which is returned. actions: what was agreed, as [{"description", "owner", "due_on", "kpi"}], the last one optional; a fault is named by its path, and nothing is closed. Where targets were missed and no action is given, it warns. For reviewers, of the subjects below their own; error for others, when it is closed already, and when there is no card';

-- Milestones and objectives.

CREATE FUNCTION kra.set_milestone(objective text, key text, name text DEFAULT NULL, weight double precision DEFAULT NULL, owner text DEFAULT NULL, due_on date DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives := kra_internal.objective_named(set_milestone.objective);
    who kra.subjects;
BEGIN
    IF set_milestone.owner IS NOT NULL THEN
        who := kra_internal.subject_named(set_milestone.owner);
    END IF;
    IF set_milestone.key IS NULL OR set_milestone.key = '' THEN
        RAISE EXCEPTION 'key must not be %', CASE WHEN set_milestone.key IS NULL THEN 'null' ELSE 'empty' END
            USING ERRCODE = CASE WHEN set_milestone.key IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END;
    ELSIF set_milestone.name IS NOT NULL THEN
        PERFORM kra_internal.check_words('name', set_milestone.name, 'short');
    END IF;
    IF NOT (set_milestone.weight >= 0 AND set_milestone.weight < 'infinity') THEN
        RAISE EXCEPTION 'weight must be finite and not negative' USING ERRCODE = 'numeric_value_out_of_range';
    ELSIF set_milestone.due_on IS NOT NULL THEN
        PERFORM kra_internal.check_day('due_on', set_milestone.due_on);
    END IF;
    IF set_milestone.name IS NULL AND NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = kra_internal.normal_key(set_milestone.key)) THEN
        RAISE EXCEPTION 'objective % has no milestone %', quote_ident(o.key), kra_internal.quoted(set_milestone.key) USING ERRCODE = 'undefined_object',
            HINT = 'A new one needs a name.';
    END IF;
    UPDATE kra.milestones m
    SET (name, weight, owner_id, due_on) = (coalesce(set_milestone.name, m.name), coalesce(set_milestone.weight, m.weight), coalesce(who.id, m.owner_id), coalesce(set_milestone.due_on, m.due_on))
    WHERE m.objective_id = o.id AND m.key = kra_internal.normal_key(set_milestone.key)
      AND (m.name, m.weight, m.owner_id, m.due_on) IS DISTINCT FROM
          (coalesce(set_milestone.name, m.name), coalesce(set_milestone.weight, m.weight), coalesce(who.id, m.owner_id), coalesce(set_milestone.due_on, m.due_on));
    IF FOUND THEN
        RETURN true;
    END IF;
    INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on)
    SELECT o.id, set_milestone.key, set_milestone.name, coalesce(set_milestone.weight, 1), who.id, set_milestone.due_on
    WHERE NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = kra_internal.normal_key(set_milestone.key))
    ON CONFLICT (objective_id, key) DO UPDATE SET (name, weight, owner_id, due_on) = (excluded.name, excluded.weight, excluded.owner_id, excluded.due_on);
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION kra.set_milestone(text, text, text, double precision, text, date) IS 'sets a step towards an objective: name (needed for a new one), weight in the progress (default 1), owner (a subject''s key) and last day. What is NULL is left as it is; kra.define resets it. False when nothing changed, and nothing is written; error for unknown keys';

CREATE FUNCTION kra.complete_milestone(objective text, key text, completed_on date DEFAULT kra_internal.today(), completion double precision DEFAULT 1) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o kra.objectives := kra_internal.objective_named(complete_milestone.objective);
    on_day date;
BEGIN
    IF complete_milestone.completion BETWEEN 0 AND 1 IS NOT TRUE THEN
        RAISE EXCEPTION 'completion must be a number from 0 to 1' USING ERRCODE = 'numeric_value_out_of_range';
    ELSIF complete_milestone.completion = 1 THEN
        PERFORM kra_internal.check_day('completed_on', complete_milestone.completed_on);
        IF complete_milestone.completed_on > kra_internal.today() THEN
            RAISE EXCEPTION 'a milestone cannot be reached in the future' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        on_day := complete_milestone.completed_on;
    END IF;
    UPDATE kra.milestones m SET (completion, completed_on) = (complete_milestone.completion, on_day)
    WHERE m.objective_id = o.id AND m.key = kra_internal.normal_key(complete_milestone.key) AND (m.completion, m.completed_on) IS DISTINCT FROM (complete_milestone.completion, on_day);
    IF FOUND THEN
        RETURN true;
    ELSIF NOT EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = o.id AND m.key = kra_internal.normal_key(complete_milestone.key)) THEN
        RAISE EXCEPTION 'objective % has no milestone %', quote_ident(o.key), kra_internal.quoted(complete_milestone.key) USING ERRCODE = 'undefined_object';
    END IF;
    RETURN false;
END $$;
COMMENT ON FUNCTION kra.complete_milestone(text, text, date, double precision) IS 'notes that a milestone was reached on a day (default: today), or, with a completion below 1, how much of it is done: then it has no day. False when that was known; error for unknown keys and a day in the future';

CREATE FUNCTION kra_internal.objectives_below(objective_id integer) RETURNS SETOF integer LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    WITH RECURSIVE below (id) AS (
        SELECT objectives_below.objective_id
        UNION
        SELECT p.objective_id FROM below b JOIN kra.objective_parents p ON p.parent_id = b.id
    )
    SELECT b.id FROM below b;
END;
COMMENT ON FUNCTION kra_internal.objectives_below(integer) IS 'an objective, and all that serve it';

-- An objective's progress is the mean of its milestones and of the objectives that serve it, those with
-- all the weight of their milestones: one mean over all milestones. In numeric, where no weight is too
-- large or too small for another.
CREATE FUNCTION kra_internal.objective_progress(objective_id integer, as_of date DEFAULT kra_internal.today()) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT round(sum(m.weight::numeric * CASE WHEN m.completed_on > as_of THEN 0 ELSE m.completion::numeric END) / nullif(sum(m.weight::numeric), 0), 15)::double precision
    FROM kra.milestones m
    WHERE m.objective_id IN (SELECT kra_internal.objectives_below(objective_progress.objective_id));
END;
COMMENT ON FUNCTION kra_internal.objective_progress(integer, date) IS 'how much of an objective is done, from 0 to 1: the mean of the completion of its milestones, and those of the objectives that serve it, by their weights. One that was reached after as_of counts as not begun; what is partly done has no day, and counts as today. NULL without a milestone of any weight';

CREATE FUNCTION kra.objective_results(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (row_key text, objective_key text, objective_name text, objective_path text, parent_key text, subject_key text, subject_name text,
    starts_date date, due_date date, progress_pct double precision, milestone_count integer, completed_milestone_count integer, overdue_milestone_count integer,
    kpi_count integer, expected_pct double precision, is_behind boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.key, o.key, o.name, up.path, p.key, s.key, s.name, o.starts_on, o.due_on, v.progress, m.milestones, m.completed, m.overdue, k.kpis,
           v.expected, v.progress < v.expected - 1e-9
    FROM kra.objectives o
    LEFT JOIN kra.objective_parents op ON op.objective_id = o.id
    LEFT JOIN kra.objectives p ON p.id = op.parent_id
    LEFT JOIN kra.subjects s ON s.id = o.subject_id
    CROSS JOIN LATERAL (
        WITH RECURSIVE up (id, name, n) AS (
            SELECT o.id, o.name, 1
            UNION ALL
            SELECT a.id, a.name, up.n + 1
            FROM up
            JOIN kra.objective_parents b ON b.objective_id = up.id
            JOIN kra.objectives a ON a.id = b.parent_id
        )
        SELECT string_agg(up.name, ' / ' ORDER BY up.n DESC) AS path FROM up
    ) up
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS milestones, (count(*) FILTER (WHERE m.completed_on <= as_of))::integer AS completed,
               (count(*) FILTER (WHERE m.due_on < as_of AND (m.completed_on IS NULL OR m.completed_on > as_of)))::integer AS overdue
        FROM kra.milestones m WHERE m.objective_id IN (SELECT kra_internal.objectives_below(o.id))
    ) m
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS kpis FROM kra.kpis k WHERE k.state = 'active' AND k.objective_id IN (SELECT kra_internal.objectives_below(o.id))
    ) k
    CROSS JOIN LATERAL (
        SELECT kra_internal.objective_progress(o.id, as_of) AS progress,
               CASE WHEN as_of >= o.due_on AND o.starts_on IS NOT NULL THEN 1 WHEN as_of <= o.starts_on AND o.due_on IS NOT NULL THEN 0
                    ELSE (as_of - o.starts_on)::double precision / (o.due_on - o.starts_on) END AS expected
        OFFSET 0   -- once an objective
    ) v;
END;
COMMENT ON FUNCTION kra.objective_results(date) IS 'rows of kra_bi.objectives as they were on a date: a row per objective; the columns are described there';

-- The register: what is a candidate, what is measured, what was given up, and why.

CREATE FUNCTION kra.promote(kpi text, reason text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.kpi_named(kpi);
BEGIN
    PERFORM kra_internal.check_words('reason', reason);
    UPDATE kra.kpis SET (state, state_reason, state_since) = ('active', reason, kra_internal.today()) WHERE id = k.id AND state <> 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % is active already', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;
COMMENT ON FUNCTION kra.promote(text, text) IS 'makes a candidate, or a retired KPI, an active one from today on, for a reason; error when it is active';

CREATE FUNCTION kra.retire(kpi text, reason text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.kpi_named(kpi);
    holders text;
BEGIN
    PERFORM kra_internal.check_words('reason', reason);
    UPDATE kra.kpis SET (state, state_reason, state_since) = ('retired', reason, kra_internal.today()) WHERE id = k.id AND state <> 'retired';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % is retired already', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT string_agg(DISTINCT quote_ident(r.key), ', ') INTO holders
    FROM kra_internal.role_kpis x JOIN kra.job_roles r ON r.id = x.job_role_id
    WHERE x.kpi_id = k.id AND x.is_active AND x.effective_until > kra_internal.today();
    IF holders IS NOT NULL THEN
        RAISE NOTICE 'KPI % still stands on the cards of %', quote_ident(k.key), holders USING HINT = 'Take it off with kra.define.';
    END IF;
END $$;
COMMENT ON FUNCTION kra.retire(text, text) IS 'gives a KPI up from today on, for a reason, and names the roles whose cards still hold it; error when it is retired';

CREATE FUNCTION kra.revisit(kpi text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kra_internal.check_length('note', note, 'note');
    UPDATE kra.kpis SET (revisited_on, revisit_note) = (kra_internal.today(), note) WHERE id = (kra_internal.kpi_named(kpi)).id;
END $$;
COMMENT ON FUNCTION kra.revisit(text, text) IS 'notes that somebody asked today whether a KPI (its key) is still the right one, and what the answer was; error when there is none';

CREATE FUNCTION kra.revisit(job_role text, kra text, note text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r kra.job_roles := kra_internal.job_role_named(job_role);
BEGIN
    PERFORM kra_internal.check_length('note', note, 'note');
    UPDATE kra.result_areas a SET (revisited_on, revisit_note) = (kra_internal.today(), note)
    WHERE a.id = (SELECT x.id FROM kra.result_areas x
                  WHERE x.job_role_id = r.id AND kra_internal.normal_key(revisit.kra) IN (x.key, x.name)
                  ORDER BY x.key = kra_internal.normal_key(revisit.kra) DESC LIMIT 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role % has no KRA %', quote_ident(r.key), kra_internal.quoted(revisit.kra) USING ERRCODE = 'undefined_object';
    END IF;
END $$;
COMMENT ON FUNCTION kra.revisit(text, text, text) IS 'notes that somebody asked today whether a KRA (its key or name) is still the right one for a role (its key), and what the answer was (NULL: nothing); error when there is none';

CREATE FUNCTION kra.kpi_register(as_of date DEFAULT kra_internal.today())
RETURNS TABLE (row_key text, kpi_key text, kpi_name text, kpi_kind text, state text, state_reason text, state_date date, day_count integer,
    owner_key text, owner_name text, card_count integer, first_data_date date, last_data_date date, revisited_date date, revisit_note text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT k.key, k.key, k.name, k.kind::text, k.state, k.state_reason, k.state_since, greatest(as_of - k.state_since, 0), w.key, w.name, c.cards,
           d.first_start,
           CASE WHEN d.last_start IS NULL THEN NULL WHEN kra_internal.grid_end(k.grid, d.last_start) <= as_of THEN kra_internal.grid_end(k.grid, d.last_start)
                ELSE least((SELECT coalesce(max(kra_internal.day_of(kra.last_at(m.actual))), d.last_start) FROM kra.measurements m
                            WHERE m.kpi_id = k.id AND m.period_start = d.last_start), as_of) END,
           k.revisited_on, k.revisit_note
    FROM kra.kpis k
    LEFT JOIN LATERAL (
        SELECT x.subject_id FROM kra.kpi_owners x WHERE x.kpi_id = k.id AND x.effective_from <= as_of ORDER BY x.effective_from DESC LIMIT 1
    ) o ON true
    LEFT JOIN kra.subjects w ON w.id = o.subject_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT x.job_role_id)::integer AS cards FROM kra_internal.role_kpis x
        WHERE x.kpi_id = k.id AND x.is_active AND x.effective_from <= as_of AND x.effective_until > as_of
    ) c
    LEFT JOIN (
        SELECT m.kpi_id, min(m.period_start) AS first_start, max(m.period_start) AS last_start FROM kra.measurements m WHERE m.period_start <= as_of GROUP BY m.kpi_id
    ) d ON d.kpi_id = k.id;
END;
COMMENT ON FUNCTION kra.kpi_register(date) IS 'rows of kra_bi.kpi_register, with cards and data as they were on a date: a row per KPI; the columns are described there';

-- The agenda.

CREATE FUNCTION kra_internal.spark(kpi_id integer, subject_id integer, grid kra_internal.grid, period_start date, upto date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    h record;
    points double precision[];
    at date;
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RETURN NULL;
    END IF;
    SELECT x.starts, x.actuals INTO h FROM kra_internal.history(kpi_id, subject_id, grid, period_start, upto, (SELECT s.history_periods FROM kra_internal.settings_in_force s)) x;
    IF cardinality(h.starts) < 2 THEN
        RETURN NULL;
    END IF;
    at := h.starts[1];
    WHILE at <= h.starts[cardinality(h.starts)] LOOP   -- a period without data is a gap
        points := points || h.actuals[array_position(h.starts, at)];
        at := kra_internal.grid_shift(grid, at, 1);
    END LOOP;
    RETURN kra.sparkline(points);
END $$;
COMMENT ON FUNCTION kra_internal.spark(integer, integer, kra_internal.grid, date, date) IS 'sparkline of a subject with a KPI: as many periods up to and with this one as the settings keep in view, gaps as dots; NULL under 2 values, and where the database is not in UTF8';

CREATE FUNCTION kra_internal.signal_text(signal text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE signal
        WHEN 'beyond_low' THEN 'lies below its natural limits' WHEN 'beyond_high' THEN 'lies above its natural limits'
        WHEN 'trend_down' THEN 'falls steadily' WHEN 'trend_up' THEN 'rises steadily'
        WHEN 'near_low' THEN 'lies close to its lower limit' WHEN 'near_high' THEN 'lies close to its upper limit'
        WHEN 'run_below' THEN 'stays below its centre' WHEN 'run_above' THEN 'stays above its centre'
        WHEN 'avoiding' THEN 'keeps away from its centre' WHEN 'hugging' THEN 'keeps close to its centre' WHEN 'alternating' THEN 'goes up and down by turns' END;
END;
COMMENT ON FUNCTION kra_internal.signal_text(text) IS 'a signal in words; NULL for none and trial';

CREATE FUNCTION kra_internal.score_text(card kra.scorecard) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.score_text(v.score, v.coverage)
    FROM (SELECT kra.score(card, NULL, 1.2, x.min_coverage) AS score, coalesce(kra.coverage(card), 0) AS coverage FROM kra_internal.settings_in_force x) v;
END;
COMMENT ON FUNCTION kra_internal.score_text(kra.scorecard) IS 'score and coverage of a card in words, as kra_bi.scorecards has them';

CREATE FUNCTION kra_internal.findings_about(subject_id integer, as_of date, job_role_id integer, kpi_ids integer[])
RETURNS TABLE (severity text, about_name text, message text, hint text, result_area_id integer, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT f.severity, f.about_name, f.message, f.hint, f.result_area_id, f.kpi_id
    FROM kra_internal.findings_around(findings_about.subject_id, findings_about.job_role_id, findings_about.kpi_ids, findings_about.as_of) f
    WHERE NOT f.is_waived
    ORDER BY f.severity_code DESC, f.rule_id, f.about_name;
END $$;
COMMENT ON FUNCTION kra_internal.findings_about(integer, date, integer, integer[]) IS 'findings that a review of a subject should know: those about the subject, its role (NULL: none) and these KPIs, the most severe first, without those that are waived';

CREATE FUNCTION kra.review_agenda(subject text, period text, as_of date DEFAULT kra_internal.today())
RETURNS TABLE (kra text, asked text, came text, trend text, open_actions text, finding_texts text, check_ins text, questions text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_seen(review_agenda.subject);
    p record;
    upto date;
    runs boolean;
    grain text;
    whole kra.scorecard;
    before kra.scorecard;
    role_id integer;
    kpi_ids integer[];
    lines jsonb;
    acts jsonb;
    faults jsonb;
    notes jsonb;
    is_asked boolean;
BEGIN
    PERFORM kra_internal.check_words('period', review_agenda.period);
    PERFORM kra_internal.check_day('as_of', review_agenda.as_of);
    SELECT * INTO p FROM kra_internal.period_named(review_agenda.period);
    IF p.period_start > review_agenda.as_of THEN
        RAISE EXCEPTION 'the period % has not begun', review_agenda.period USING ERRCODE = 'invalid_parameter_value';
    END IF;
    upto := least(kra_internal.grid_end(p.grid, p.period_start), review_agenda.as_of);
    runs := upto < kra_internal.grid_end(p.grid, p.period_start);
    grain := kra_internal.grid_grain(p.grid);
    whole := kra.scorecard_of(review_agenda.subject, review_agenda.period, review_agenda.as_of, true);
    IF whole IS NULL THEN
        RAISE EXCEPTION 'subject % has no scorecard in %', quote_ident(s.key), review_agenda.period USING ERRCODE = 'no_data_found',
            HINT = 'It needs a role with KPIs in that period, or members who have one.';
    END IF;
    before := kra.scorecard_of(review_agenda.subject, kra_internal.grid_label(p.grid, kra_internal.grid_shift(p.grid, p.period_start, -1)), review_agenda.as_of, true);

    -- a line for each KPI of the card, and for what is measured besides
    WITH results AS MATERIALIZED (
        SELECT * FROM kra.kpi_results(review_agenda.as_of) r
        WHERE r.subject_key = s.key AND r.period_grain = grain AND r.period_start = p.period_start
    )
    SELECT jsonb_agg(jsonb_build_object(
               'kra', c.result_area, 'kra_key', c.result_area_key, 'kpi_id', k.id, 'kpi', kra_internal.one_line(k.name), 'kind', k.kind, 'drives', (SELECT coalesce(jsonb_agg(d.drives_kpi_id), '[]') FROM kra.kpi_drives d WHERE d.kpi_id = k.id),
               'role_id', c.job_role_id, 'target', kra.target_text(c.target, k.unit),
               -- a sum that still runs may yet meet its target
               'met', CASE WHEN NOT kra_internal.is_missed(c.actual, c.target, upto) OR NOT runs OR k.over_time NOT IN ('sum', 'count') OR kra.direction(c.target) = 'at_most' THEN NOT kra_internal.is_missed(c.actual, c.target, upto) END,
               'attainment', kra.attainment(c.actual, c.target), 'actual', kra.value_text(c.actual, k.unit), 'misses', r.misses_count,
               'refusal', kra_internal.refusal_text(kra_internal.refusal(k.id, s.id, c.target, review_agenda.as_of), k.unit),
               'moved', r.is_target_moved, 'is_late', NOT runs OR r.is_stale IS NOT FALSE, 'last_data', coalesce(r.last_data_date, kra_internal.freshest(k.id, s.id, review_agenda.as_of)),
               'direction', r.trend_direction, 'meaning', r.trend_meaning, 'signal', kra_internal.signal_text(r.signal), 'signal_meaning', r.signal_meaning,
               'context', coalesce(r.context, kra.context(c.actual, c.target, NULL, k.unit)),
               'spark', CASE WHEN runs AND k.over_time IN ('sum', 'count')
                        THEN kra_internal.spark(k.id, s.id, p.grid, kra_internal.grid_shift(p.grid, p.period_start, -1), p.period_start - 1)
                        ELSE kra_internal.spark(k.id, s.id, p.grid, p.period_start, upto) END)
               ORDER BY c.area_position, c.result_area_key COLLATE "C", c.kpi_position, k.key COLLATE "C")
    INTO lines
    FROM kra_internal.card(s.id, p.grid, p.period_start, upto) c
    JOIN kra.kpis k ON k.id = c.kpi_id
    LEFT JOIN results r ON r.kpi_key = k.key;
    SELECT max((l->>'role_id')::integer), array_agg((l->>'kpi_id')::integer) INTO role_id, kpi_ids FROM jsonb_array_elements(lines) l;

    -- what is open, and what was done since the period began
    SELECT jsonb_agg(jsonb_build_object(
               'kpi_id', a.kpi_id, 'what', kra_internal.one_line(a.description), 'due_on', a.due_on, 'outcome', kra_internal.one_line(a.outcome),
               'is_done', a.done_on <= review_agenda.as_of, 'who', coalesce(kra_internal.one_line(o.name), 'somebody else'))
               ORDER BY a.due_on, a.id) INTO acts
    FROM kra.actions a LEFT JOIN kra.subjects o ON o.id = a.owner_id
    WHERE a.subject_id = s.id AND (review_agenda.as_of >= kra_internal.today() OR kra_internal.day_of(a.created_at) <= review_agenda.as_of)
      AND (a.done_on IS NULL OR a.done_on >= p.period_start);
    SELECT jsonb_agg(jsonb_build_object('kpi_id', c.kpi_id,
               'text', format('%s %s: %s%s', kra_internal.day_of(c.checked_at), kra_internal.one_line(c.checked_by), kra_internal.one_line(c.comment), coalesce(' (objective ' || kra_internal.one_line(o.name) || ')', '')))
               ORDER BY c.checked_at, c.id) INTO notes
    FROM kra.check_ins c LEFT JOIN kra.objectives o ON o.id = c.objective_id
    WHERE c.subject_id = s.id AND kra_internal.day_of(c.checked_at) >= p.period_start
      AND (review_agenda.as_of >= kra_internal.today() OR kra_internal.day_of(c.checked_at) <= review_agenda.as_of);
    SELECT jsonb_agg(jsonb_build_object('kpi_id', f.kpi_id, 'kra_key', ra.key,
               'text', kra_internal.one_line(format('%s: %s %s. %s', f.severity, f.about_name, f.message, f.hint))) ORDER BY f.n) INTO faults
    FROM kra_internal.findings_about(s.id, review_agenda.as_of, role_id, kpi_ids) WITH ORDINALITY f (severity, about_name, message, hint, result_area_id, kpi_id, n)
    LEFT JOIN kra.result_areas ra ON ra.id = f.result_area_id;

    -- effort that meets its target while the outcome that it drives does not
    is_asked := EXISTS (
        SELECT FROM jsonb_array_elements(lines) a JOIN jsonb_array_elements(lines) o ON a->'drives' @> (o->'kpi_id')
        WHERE a->>'kind' = 'activity' AND (a->>'met')::boolean AND NOT (o->>'met')::boolean AND (a->>'attainment')::numeric - (o->>'attainment')::numeric >= 0.1);

    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT coalesce(l->>'kra_key', '') AS area, l->>'kra' AS area_name, n, l, (l->>'kpi_id')::integer AS kpi_id, l->>'kpi' AS kpi, (l->>'met')::boolean AS met
        FROM jsonb_array_elements(lines) WITH ORDINALITY e (l, n)
    ), areas AS (
        SELECT x.area, max(x.area_name) AS area_name, min(x.n) AS n FROM line x WHERE x.area <> '' GROUP BY x.area
        UNION ALL
        SELECT '', NULL, NULL   -- what concerns the whole card
    ), act AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (a->>'kpi_id')::integer), '') AS area, n, a FROM jsonb_array_elements(acts) WITH ORDINALITY e (a, n)
    ), note AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (c->>'kpi_id')::integer), '') AS area, n, c->>'text' AS said FROM jsonb_array_elements(notes) WITH ORDINALITY e (c, n)
    ), fault AS (
        SELECT coalesce((SELECT x.area FROM line x WHERE x.kpi_id = (f->>'kpi_id')::integer), (SELECT max(x.area) FROM line x WHERE x.area = f->>'kra_key'), '') AS area,
               n, f->>'text' AS said
        FROM jsonb_array_elements(faults) WITH ORDINALITY e (f, n)
    ), question AS (
        -- what to ask, the most pressing first
        SELECT x.area, 1 AS rank, x.n, format('What drives %s, which missed its target of %s for %s %ss?', x.kpi, x.l->>'target', x.l->>'misses', grain) AS asked
        FROM line x WHERE NOT x.met AND (x.l->>'misses')::integer > 1
        UNION ALL
        SELECT x.area, 1, x.n, format('What kept %s from its target of %s?', x.kpi, x.l->>'target') FROM line x WHERE NOT x.met AND coalesce((x.l->>'misses')::integer, 1) <= 1
        UNION ALL
        SELECT x.area, 2, x.n, format('%s is at %s, %s, which it is to drive, at %s: what else would move %s?', x.kpi, kra.percent_text((x.l->>'attainment')::float8, 0), o.kpi,
                                      kra.percent_text((o.l->>'attainment')::float8, 0), o.kpi)
        FROM line x JOIN line o ON x.l->'drives' @> to_jsonb(o.kpi_id)
        WHERE x.l->>'kind' = 'activity' AND x.met AND NOT o.met AND (x.l->>'attainment')::numeric - (o.l->>'attainment')::numeric >= 0.1
        UNION ALL
        SELECT '', 2, 0, format('%s: what else would move it?', upper(left(b.words, 1)) || substr(b.words, 2))
        FROM kra.imbalance(whole) i, kra_internal.with_kpi_names(substr(i.reason, length('busy, but not moving: ') + 1)) b (words)
        WHERE i.flag = 'busy_not_moving' AND NOT is_asked AND NOT runs
        UNION ALL
        SELECT x.area, 2, x.n, format('The answer to the target of %s for %s was %s: what can be agreed?', x.l->>'target', x.kpi, x.l->>'refusal')
        FROM line x WHERE x.l->>'refusal' IS NOT NULL
        UNION ALL
        SELECT x.area, 3, x.n, CASE WHEN x.l->>'last_data' IS NULL THEN format('There are no data for %s: who measures it, and from when on?', x.kpi)
                                    ELSE format('No data for %s since %s: who measures it?', x.kpi, x.l->>'last_data') END
        FROM line x WHERE x.l->>'actual' IS NULL AND (x.l->>'is_late')::boolean AND x.area <> ''
        UNION ALL
        SELECT x.area, 3, x.n, format('%s has no target: what would be good?', x.kpi) FROM line x WHERE x.l->>'target' IS NULL AND x.area <> ''
        UNION ALL
        SELECT x.area, 4, x.n, format('What keeps "%s", due on %s, from being done?', x.a->>'what', x.a->>'due_on')
        FROM act x WHERE (x.a->>'is_done')::boolean IS NOT TRUE AND (x.a->>'due_on')::date < review_agenda.as_of
        UNION ALL
        SELECT x.area, 5, x.n, format('What did "%s" bring?', x.a->>'what') FROM act x WHERE (x.a->>'is_done')::boolean AND coalesce(x.a->>'outcome', '') = ''
        UNION ALL
        SELECT x.area, 6, x.n, format('The target of %s was changed after the %s began: why?', x.kpi, grain) FROM line x WHERE (x.l->>'moved')::boolean
        UNION ALL
        SELECT x.area, 7, x.n, CASE x.l->>'signal_meaning' WHEN 'improvement' THEN format('%s %s: what has changed for the better, and will it last?', x.kpi, x.l->>'signal')
                                    ELSE format('%s %s: what has changed?', x.kpi, x.l->>'signal') END
        FROM line x WHERE x.met AND x.l->>'signal' IS NOT NULL AND x.l->>'signal_meaning' IN ('improvement', 'concern')
    )
    SELECT r.area_name,
           (SELECT string_agg(format('%s: %s', x.kpi, coalesce(x.l->>'target', 'no target')), E'\n' ORDER BY x.n) FROM line x WHERE x.area = r.area),
           concat_ws(E'\n', CASE WHEN r.area = '' THEN 'The whole card: ' || kra_internal.score_text(whole) END,
               (SELECT string_agg(format('%s: %s', x.kpi, x.l->>'context'), E'\n' ORDER BY x.n) FROM line x WHERE x.area = r.area)),
           nullif(concat_ws(E'\n', CASE WHEN r.area = '' THEN 'The whole card: ' || kra_internal.score_text(before) || ' in the ' || grain || ' before' END,
               (SELECT string_agg(format('%s: %s', x.kpi, concat_ws(', ',
                           CASE x.l->>'direction' WHEN 'no_trend' THEN 'no trend' ELSE x.l->>'direction' || coalesce(' (' || nullif(x.l->>'meaning', 'neutral') || ')', '') END,
                           x.l->>'signal' || coalesce(' (' || nullif(x.l->>'signal_meaning', 'neutral') || ')', ''), x.l->>'spark')), E'\n' ORDER BY x.n)
                FROM line x WHERE x.area = r.area AND concat(x.l->>'direction', x.l->>'signal', x.l->>'spark') <> '')), ''),
           (SELECT string_agg(format('%s (%s, by %s%s)', x.a->>'what', x.a->>'who', x.a->>'due_on', CASE WHEN (x.a->>'due_on')::date < review_agenda.as_of THEN ', overdue' END), E'\n' ORDER BY x.n)
            FROM act x WHERE x.area = r.area AND (x.a->>'is_done')::boolean IS NOT TRUE),
           (SELECT string_agg(x.said, E'\n' ORDER BY x.n) FROM fault x WHERE x.area = r.area),
           (SELECT string_agg(x.said, E'\n' ORDER BY x.n) FROM note x WHERE x.area = r.area),
           (SELECT string_agg(q.asked, E'\n' ORDER BY q.rank, q.n) FROM (SELECT * FROM question x WHERE x.area = r.area ORDER BY x.rank, x.n LIMIT 5) q)
    FROM areas r
    ORDER BY r.n NULLS LAST;
END $$;
COMMENT ON FUNCTION kra.review_agenda(text, text, date) IS 'what to talk about in the review of a subject (its key) in a period (its label), KRA by KRA in the order of its card, and last, with kra NULL, what concerns the whole card. Texts of one line an entry, NULL for nothing: asked (targets), came (results in their context), trend (direction, signal and sparkline), open_actions, finding_texts (the most severe first), check_ins (since the period began), questions (the 5 most pressing). As of a date: what was known then. Error for unknown keys, a subject whose results the caller does not see, one without a card, and a period that has not begun';

-- What came of it.

CREATE FUNCTION kra.compare_reviews(subject text, period text, previous text DEFAULT NULL)
RETURNS TABLE (kra text, kpi text, kpi_name text, change text, before_value text, after_value text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_seen(compare_reviews.subject);
    p record;
    q record;
    new kra.reviews;
    old kra.reviews;
BEGIN
    PERFORM kra_internal.check_words('period', compare_reviews.period);
    SELECT * INTO p FROM kra_internal.period_named(compare_reviews.period);
    SELECT * INTO new FROM kra.reviews r WHERE r.subject_id = s.id AND r.period_grain = kra_internal.grid_grain(p.grid) AND r.period_start = p.period_start;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), compare_reviews.period USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'kra.close_review closes it.';
    END IF;
    IF compare_reviews.previous IS NULL THEN
        SELECT * INTO old FROM kra.reviews r
        WHERE r.subject_id = s.id AND r.period_grain = new.period_grain AND r.period_start < new.period_start ORDER BY r.period_start DESC LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no review of % is closed before that of %', quote_ident(s.key), compare_reviews.period USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    ELSE
        SELECT * INTO q FROM kra_internal.period_named(compare_reviews.previous);
        IF q.grid <> p.grid OR q.period_start >= p.period_start THEN
            RAISE EXCEPTION '% is no % before %', compare_reviews.previous, new.period_grain, compare_reviews.period USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT * INTO old FROM kra.reviews r WHERE r.subject_id = s.id AND r.period_grain = new.period_grain AND r.period_start = q.period_start;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the review of % in % is not closed', quote_ident(s.key), compare_reviews.previous USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'kra.close_review closes it.';
        END IF;
    END IF;
    RETURN QUERY SELECT NULL::text, NULL::text, NULL::text, 'score', kra_internal.score_text(old.card), kra_internal.score_text(new.card);
    RETURN QUERY
    SELECT d.kra, d.kpi, k.name, d.change,
           CASE d.change WHEN 'actual_changed' THEN kra.value_text(d.before_value::double precision, k.unit) ELSE d.before_value END,
           CASE d.change WHEN 'actual_changed' THEN kra.value_text(d.after_value::double precision, k.unit) ELSE d.after_value END
    FROM kra.diff(old.card, new.card) WITH ORDINALITY d (kra, kpi, change, before_value, after_value, n)
    LEFT JOIN kra.kpis k ON k.key = d.kpi
    ORDER BY d.n;
    RETURN QUERY
    SELECT coalesce((new.card -> k.key).kra, (old.card -> k.key).kra), k.key, k.name,
           CASE WHEN a.done_on IS NOT NULL THEN 'action_done' WHEN a.due_on < kra_internal.today() THEN 'action_overdue' ELSE 'action_open' END,
           format('%s (%s, by %s)', kra_internal.one_line(a.description), coalesce(kra_internal.one_line(o.name), 'somebody else'), a.due_on),
           CASE WHEN a.done_on IS NOT NULL THEN format('done on %s%s%s', a.done_on, CASE WHEN a.done_on > a.due_on THEN ', late' END, ': ' || nullif(kra_internal.one_line(a.outcome), '')) END
    FROM kra.actions a
    LEFT JOIN kra.kpis k ON k.id = a.kpi_id
    LEFT JOIN kra.subjects o ON o.id = a.owner_id
    WHERE a.review_id = old.id
    ORDER BY a.id;
END $$;
COMMENT ON FUNCTION kra.compare_reviews(text, text, text) IS 'what changed between two closed reviews of a subject, by their frozen cards: that of a period, and that of previous (NULL: the one closed before it, of the same length). First the score (change score), then what kra.diff finds, KPI by KPI, then what became of the actions of the earlier review (action_done, action_open, action_overdue). Error where a review is not closed';

CREATE FUNCTION kra_internal.role_scope(job_role_id integer, as_of date)
RETURNS TABLE (result_area_id integer, key text, name text, scope text, "position" integer, kpis text, kpi_count integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ra.id, ra.key, ra.name, ra.scope, ra.position,
           string_agg(format('%s (%s)', kra_internal.one_line(k.name), concat_ws(', ', kra.percent_text(x.weight / nullif(x.whole, 0), 0), coalesce(kra.target_text(x.target, k.unit), 'no target'))),
                      E'\n' ORDER BY x.weight DESC, kra_internal.one_line(k.name) COLLATE "C"), count(k.id)::integer
    FROM kra.result_areas ra
    LEFT JOIN (
        SELECT o.result_area_id, o.kpi_id, o.weight::numeric AS weight, o.target, sum(o.weight::numeric) OVER () AS whole
        FROM kra_internal.role_kpis o JOIN kra.kpis c ON c.id = o.kpi_id AND c.state <> 'candidate'
        WHERE o.job_role_id = role_scope.job_role_id AND o.is_active AND o.effective_from <= as_of AND o.effective_until > as_of
    ) x ON x.result_area_id = ra.id
    LEFT JOIN kra.kpis k ON k.id = x.kpi_id
    WHERE ra.job_role_id = role_scope.job_role_id
      AND (x.kpi_id IS NOT NULL OR NOT EXISTS (SELECT FROM kra.result_area_kpis o WHERE o.result_area_id = ra.id))   -- else it was given up
    GROUP BY ra.id, ra.key, ra.name, ra.scope, ra.position;   -- by ra.id alone it would depend on the primary key, and a parallel restore would lose its grants
END;
COMMENT ON FUNCTION kra_internal.role_scope(integer, date) IS 'KRAs of a role on a date, with their scope, and their KPIs as lines of name, share of the weight of the card, and target';

CREATE FUNCTION kra.role_scope_diff(role_a text, role_b text, as_of date DEFAULT kra_internal.today())
RETURNS TABLE (kra text, scope_a text, scope_b text, kpis_a text, kpis_b text, change text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 6 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a kra.job_roles := kra_internal.job_role_named(role_scope_diff.role_a);
    b kra.job_roles := kra_internal.job_role_named(role_scope_diff.role_b);
    in_a jsonb;
    in_b jsonb;
    pairs jsonb := '{}';
    taken integer[] := '{}';
    x record;
    found_id integer;
BEGIN
    PERFORM kra_internal.check_day('as_of', role_scope_diff.as_of);
    SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO in_a FROM kra_internal.role_scope(a.id, role_scope_diff.as_of) r;
    SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO in_b FROM kra_internal.role_scope(b.id, role_scope_diff.as_of) r;

    -- the same key, else the same name; each once
    FOR x IN
        SELECT way, l.result_area_id, CASE way WHEN 1 THEN lower(l.key) ELSE lower(l.name) END AS word
        FROM generate_series(1, 2) way CROSS JOIN jsonb_to_recordset(in_a) l (result_area_id integer, key text, name text, "position" integer)
        ORDER BY way, l.position, l.key COLLATE "C"
    LOOP
        CONTINUE WHEN pairs ? x.result_area_id::text;
        SELECT r.result_area_id INTO found_id FROM jsonb_to_recordset(in_b) r (result_area_id integer, key text, name text, "position" integer)
        WHERE CASE x.way WHEN 1 THEN lower(r.key) ELSE lower(r.name) END = x.word AND r.result_area_id <> ALL (taken)
        ORDER BY r.position, r.key COLLATE "C" LIMIT 1;
        IF FOUND THEN
            pairs := pairs || jsonb_build_object(x.result_area_id::text, found_id);
            taken := taken || found_id;
        END IF;
    END LOOP;

    RETURN QUERY SELECT NULL::text, v.a, v.b, v.card_a, v.card_b, CASE WHEN v.a IS DISTINCT FROM v.b THEN 'other purpose or level' ELSE 'same' END
    FROM (SELECT nullif(concat_ws(E'\n', 'level ' || kra_internal.one_line(a.level), kra_internal.one_line(a.purpose)), '') AS a,
                 nullif(concat_ws(E'\n', 'level ' || kra_internal.one_line(b.level), kra_internal.one_line(b.purpose)), '') AS b,
                 (SELECT format('%s KRAs, %s KPIs', count(*), coalesce(sum((r->>'kpi_count')::integer), 0)) FROM jsonb_array_elements(in_a) r) AS card_a,
                 (SELECT format('%s KRAs, %s KPIs', count(*), coalesce(sum((r->>'kpi_count')::integer), 0)) FROM jsonb_array_elements(in_b) r) AS card_b) v;
    RETURN QUERY
    SELECT coalesce(l.name, r.name), l.scope, r.scope, l.kpis, r.kpis,
           CASE WHEN r.result_area_id IS NULL THEN 'only a' WHEN l.result_area_id IS NULL THEN 'only b'
                WHEN l.scope IS DISTINCT FROM r.scope AND l.kpis IS DISTINCT FROM r.kpis THEN 'other scope and KPIs'
                WHEN l.scope IS DISTINCT FROM r.scope THEN 'other scope' WHEN l.kpis IS DISTINCT FROM r.kpis THEN 'other KPIs' ELSE 'same' END
    FROM jsonb_to_recordset(in_a) l (result_area_id integer, key text, name text, scope text, "position" integer, kpis text)
    FULL JOIN jsonb_to_recordset(in_b) r (result_area_id integer, key text, name text, scope text, "position" integer, kpis text)
        ON r.result_area_id = (pairs->>(l.result_area_id::text))::integer
    ORDER BY l.position, l.key COLLATE "C", r.position, r.key COLLATE "C";
END $$;
COMMENT ON FUNCTION kra.role_scope_diff(text, text, date) IS 'two roles side by side on a date, such as before a promotion: first, with kra NULL, their levels and purposes, then KRA by KRA (those of the same key, else the same name, whatever the case) the scope and the KPIs, as lines of name, share of the weight and target. change: other purpose or level, only a, only b, other scope, other KPIs, other scope and KPIs, or same; error for unknown roles';

CREATE FUNCTION kra.track_record(subject text, as_of date DEFAULT kra_internal.today())
RETURNS TABLE (year_label text, score_value double precision, coverage_pct double precision, kpi_count integer, on_target_count integer, reviews_closed_count integer,
    actions_count integer, actions_done_count integer, actions_on_time_count integer, milestones_count integer, milestones_on_time_count integer, misses text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_seen(track_record.subject);
    day date := track_record.as_of;
BEGIN
    PERFORM kra_internal.check_day('as_of', day);
    RETURN QUERY
    WITH years AS MATERIALIZED (
        SELECT y.period_label, y.period_start, y.period_end FROM kra_internal.periods(day) y WHERE y.period_grain = 'year'
    ), cards AS MATERIALIZED (
        SELECT c.period_start, c.score_value, c.coverage_pct, c.kpi_count FROM kra.scorecards(day) c WHERE c.subject_key = s.key AND c.period_grain = 'year'
    ), results AS MATERIALIZED (
        SELECT r.period_start, sum(r.on_target_count)::integer AS met,
               string_agg(format('%s (%s)', kra_internal.one_line(r.kpi_name), concat_ws(' vs. ', r.actual_text, r.target_text)), E'\n' ORDER BY r.attainment_pct, r.kpi_name COLLATE "C")
                   FILTER (WHERE NOT r.is_on_target) AS misses
        FROM kra.kpi_results(day) r WHERE r.subject_key = s.key AND r.period_grain = 'year' AND r.is_on_card GROUP BY r.period_start
    ), closed AS MATERIALIZED (
        SELECT r.period_start FROM kra.reviews r
        WHERE r.subject_id = s.id AND (day >= kra_internal.today() OR kra_internal.day_of(r.closed_at) <= day)
    ), acts AS MATERIALIZED (
        SELECT a.due_on, a.done_on <= day AS is_done, a.done_on <= least(a.due_on, day) AS is_on_time FROM kra.actions a
        WHERE a.owner_id = s.id AND (a.due_on <= day OR a.done_on <= day) AND (day >= kra_internal.today() OR kra_internal.day_of(a.created_at) <= day)
    ), steps AS MATERIALIZED (
        SELECT m.due_on, m.completed_on <= least(m.due_on, day) AS is_on_time FROM kra.milestones m
        WHERE m.owner_id = s.id AND (m.due_on <= day OR m.completed_on <= day)
    )
    SELECT y.period_label, c.score_value, c.coverage_pct, coalesce(c.kpi_count, 0), coalesce(r.met, 0),
           (SELECT count(*)::integer FROM closed x WHERE x.period_start BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_done),
           (SELECT count(*)::integer FROM acts x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_on_time),
           (SELECT count(*)::integer FROM steps x WHERE x.due_on BETWEEN y.period_start AND y.period_end),
           (SELECT count(*)::integer FROM steps x WHERE x.due_on BETWEEN y.period_start AND y.period_end AND x.is_on_time),
           r.misses
    FROM years y
    LEFT JOIN cards c ON c.period_start = y.period_start
    LEFT JOIN results r ON r.period_start = y.period_start
    WHERE y.period_end >= (SELECT min(f.at) FROM (SELECT x.period_start FROM cards x UNION ALL SELECT x.period_start FROM closed x
                                                  UNION ALL SELECT x.due_on FROM acts x UNION ALL SELECT x.due_on FROM steps x) f (at))
    ORDER BY y.period_start;
END $$;
COMMENT ON FUNCTION kra.track_record(text, date) IS 'what a subject (its key) has carried through, fiscal year by fiscal year since its first card: score, coverage and KPIs of the year''s card, how many met their targets and which did not, reviews closed of its periods, and actions and milestones that it owns and that fell due, or are done already. NULL score: none, or too little coverage. Error for who does not see its results';
