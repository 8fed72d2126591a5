-- Findings about roles, KRAs and KPIs.

-- What rules of this file share: lists and shares as people write them, faults, and cards in force.

CREATE FUNCTION kra_internal.enumerated(items text[], most integer DEFAULT 5) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN cardinality(items) = 1 THEN items[1]
                WHEN cardinality(items) <= most THEN array_to_string(items[:cardinality(items) - 1], ', ') || ' and ' || items[cardinality(items)]
                WHEN cardinality(items) > most THEN format('%s and %s more', array_to_string(items[:most], ', '), cardinality(items) - most) END;
END;
COMMENT ON FUNCTION kra_internal.enumerated(text[], integer) IS 'items as people list them: a, b and c; of more than so many the first, and how many more there are; NULL for none';

CREATE FUNCTION kra_internal.share_text(share double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra.percent_text(share);
END;
COMMENT ON FUNCTION kra_internal.share_text(double precision) IS 'a share in percent, with one digit where it needs it; NULL for NULL';

CREATE FUNCTION kra_internal.fault_of(rule text, role kra.job_roles, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL) RETURNS kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'role', kra_internal.about_key((role).key), (role).name, NULL, (role).id, NULL, NULL, NULL, message, NULL, since, evidence)::kra_internal.fault;
END;
COMMENT ON FUNCTION kra_internal.fault_of(text, kra.job_roles, text, date, double precision) IS 'a fault of a role';

CREATE FUNCTION kra_internal.fault_of(rule text, role kra.job_roles, area kra.result_areas, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL,
    severity text DEFAULT NULL) RETURNS kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'kra', kra_internal.about_key((role).key, (area).key), (area).name, NULL, (role).id, (area).id, NULL, severity, message, NULL, since, evidence)::kra_internal.fault;
END;
COMMENT ON FUNCTION kra_internal.fault_of(text, kra.job_roles, kra.result_areas, text, date, double precision, text) IS 'a fault of a KRA';

CREATE FUNCTION kra_internal.fault_of(rule text, kpi kra.kpis, message text, since date DEFAULT NULL, evidence double precision DEFAULT NULL, severity text DEFAULT NULL) RETURNS kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'kpi', kra_internal.about_key((kpi).key), (kpi).name, NULL, NULL, NULL, (kpi).id, severity, message, NULL, since, evidence)::kra_internal.fault;
END;
COMMENT ON FUNCTION kra_internal.fault_of(text, kra.kpis, text, date, double precision, text) IS 'a fault of a KPI';

CREATE FUNCTION kra_internal.role_lines(as_of date)
RETURNS TABLE (job_role_id integer, result_area_id integer, kpi_id integer, effective_from date, weight double precision, target kra.kpi_target)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ra.job_role_id, rk.result_area_id, rk.kpi_id, rk.effective_from, rk.weight, rk.target
    FROM kra.result_area_kpis rk
    JOIN kra.result_areas ra ON ra.id = rk.result_area_id
    WHERE rk.effective_from <= as_of AND rk.is_active
      AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                      AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= as_of);
END;
COMMENT ON FUNCTION kra_internal.role_lines(date) IS 'KPIs on the cards of roles on a date, of any state, with weight and target of the role; effective_from: since when they stand there so. Inlined by the planner';

-- pg_trgm may be there or not, and in any schema. It is asked for only by its own extension's name.
CREATE FUNCTION kra_internal.trigram_schema() RETURNS name LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.nspname
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_proc p ON p.oid = d.objid AND p.proname = 'similarity'
        AND p.pronargs = 2 AND p.proargtypes[0] = 'text'::regtype AND p.proargtypes[1] = 'text'::regtype
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE e.extname = 'pg_trgm' AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE');
END;
COMMENT ON FUNCTION kra_internal.trigram_schema() IS 'schema of the function similarity of extension pg_trgm; NULL: it is not installed, or not for the caller';

CREATE FUNCTION kra_internal.likeness(trigram_schema name, a text, b text) RETURNS double precision
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    result double precision;
BEGIN
    IF trigram_schema IS NOT NULL THEN
        EXECUTE format('SELECT %I.similarity($1, $2)', trigram_schema) INTO result USING a, b;
    END IF;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra_internal.likeness(name, text, text) IS 'how alike two names are by their trigrams, from 0 to 1; NULL without pg_trgm (see kra_internal.trigram_schema)';

-- Names of KRAs.

-- Two lists: verbs that are hardly ever nouns, and those that begin many a domain (support quality,
-- plan adherence, win rate) and give themselves away only by what follows.
CREATE FUNCTION kra_internal.task_in_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    verbs constant text := 'achieve|acquire|adopt|analy[sz]e|arrange|assemble|assess|assure|attain|attend|attract|automate|avoid|become|begin|bring|calculate|carry out|clarify|clean up|'
        'collect|communicate|compile|complete|consolidate|convert|coordinate|create|decide|decrease|define|deliver|deploy|determine|develop|digiti[sz]e|discover|distribute|diversify|'
        'eliminate|enable|encourage|enforce|enhance|ensure|enter|establish|evaluate|execute|expand|extend|facilitate|finali[sz]e|find|follow up on|gather|generate|get|give|grow|'
        'identify|implement|improve|increase|initiate|inspire|install|integrate|introduce|investigate|invite|keep|learn|maintain|make|manage|maximi[sz]e|meet|migrate|minimi[sz]e|moderni[sz]e|'
        'modify|motivate|negotiate|obtain|optimi[sz]e|organi[sz]e|oversee|participate|perform|prepare|prevent|promote|protect|prove|provide|publish|raise|realign|rebuild|reduce|'
        'refactor|reorgani[sz]e|replace|resolve|respond|restore|restructure|retain|revise|roll out|roll-out|sell|send|set up|shorten|simplify|solve|speed up|stabili[sz]e|standardi[sz]e|'
        'strengthen|streamline|submit|supervise|sustain|teach|tell|transform|translate|understand|unify|validate|verify';
    nouns_too constant text := 'advance|answer|audit|benchmark|boost|budget|build|buy|call|change|check|close|coach|conduct|contact|contract|control|cut|design|document|draft|drive|email|exchange|file|'
        'fill|finish|fix|forecast|gain|handle|help|hire|hold|host|launch|lead|lower|mail|market|measure|mentor|merge|monitor|move|open|operate|order|outsource|pilot|plan|present|process|produce|'
        'purchase|push|reach|record|recruit|redesign|refresh|release|remove|renew|repair|report|research|review|run|save|schedule|score|secure|serve|set|share|ship|sign|staff|start|stop|study|support|survey|'
        'take|target|test|track|trade|train|turn|update|upgrade|visit|watch|win|write';
    objects constant text := 'the|an?|all|any|both|each|every|our|your|my|his|her|its|their|these|those|some|more|less|fewer|at least|at most|up to|new|[0-9]+|two|three|four|five|six|seven|eight|nine|ten|'
        'daily|weekly|monthly|quarterly|yearly|annual|regular';
    months constant text := '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
    said text := regexp_replace(btrim(name), E'\\s+', ' ', 'g');
    found text;
BEGIN
    found := coalesce((regexp_match(said, '^(' || verbs || ')(?= |$)', 'i'))[1], (regexp_match(said, '^(' || nouns_too || ')(?= (?:' || objects || ')(?: |$))', 'i'))[1]);
    IF found IS NOT NULL THEN
        RETURN format('starts with the verb %s', lower(found));
    END IF;
    found := coalesce(
        (regexp_match(said, '(?:^|[ (/''])(?:by|until|till|before|in|since|during|from) (?:the )?(?:(?:end|middle|beginning) of |mid-?)?' || months || E'\\M(?: 20[0-9]{2}\\M)?', 'i'))[1],
        (regexp_match(said, E'\\m((?:[0-9]{1,2}(?:st|nd|rd|th|\\.)? )?' || months || E'\\.? ?''?(?:20[0-9]{2}|[0-9]{1,2}(?:st|nd|rd|th)?))\\M', 'i'))[1],
        (regexp_match(said, E'\\m([0-9]{1,2}(?:st|nd|rd|th|\\.)? ' || months || E')\\M', 'i'))[1],
        (regexp_match(said, E'(?:^|[^0-9.])((?:0?[1-9]|[12][0-9]|3[01])\\.(?:0?[1-9]|1[0-2])\\.(?:20[0-9]{2}|[0-9]{2})?)(?![0-9.])'))[1],
        (regexp_match(said, '(?:^|[^0-9/])([0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4})(?![0-9/])'))[1],
        (regexp_match(said, E'\\m((?:20[1-9][0-9][- /]?)?Q[1-4](?:[- /]?(?:FY)?[0-9]{2,4})?|[1-4]Q(?:[- /]?[0-9]{2,4})?|H[12](?:[- /]?(?:FY)?[0-9]{2,4})?)\\M', 'i'))[1],
        (regexp_match(said, E'\\m(FY ?''?(?:20)?[0-9]{2}(?:[/-][0-9]{2,4})?)\\M', 'i'))[1],
        (regexp_match(said, E'\\m((?:week|KW|CW) ?[0-9]{1,2})\\M', 'i'))[1],
        (regexp_match(said, E'(?:^|[ (''])(20[1-9][0-9](?:-[01][0-9](?:-[0-3][0-9])?|/[0-9]{2,4})?)\\M', 'i'))[1],
        (regexp_match(said, E'\\m((?:by|until|before) (?:the )?end of (?:the |this |next )?(?:year|quarter|month|week))\\M', 'i'))[1],
        (regexp_match(said, E'\\m((?:this|next) (?:year|quarter|month|week)|(?:first|second|third|fourth|last) quarter)\\M', 'i'))[1]);
    RETURN 'holds the date ' || btrim(found);
END $$;
COMMENT ON FUNCTION kra_internal.task_in_name(text) IS 'what makes a name one of a task and not of a domain: that it starts with a verb (English), or holds a date, a quarter or a year; NULL: nothing';

CREATE FUNCTION kra_internal.kra_renamings(job_role_id integer, after_day date, upto date) RETURNS TABLE (renamed_on date, old_name text, new_name text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT kra_internal.day_of(l.changed_at), l.before->>'name', l.after->>'name'
    FROM kra.definition_log l
    WHERE l.table_name = 'result_areas' AND l.operation = 'update' AND l.after->>'job_role_id' = kra_renamings.job_role_id::text
      AND lower(btrim(l.before->>'name')) <> lower(btrim(l.after->>'name'))
      AND l.changed_at >= kra_internal.day_begins(after_day + 1)
      AND l.changed_at < kra_internal.day_begins(upto + 1);
END;
COMMENT ON FUNCTION kra_internal.kra_renamings(integer, date, date) IS 'KRAs of a role whose names were changed in place, after a day and up to one. Security definer, since only authors read the log: of it the days and the names are shown, which are the same for all readers';

CREATE FUNCTION kra_internal.kra_changes(job_role_id integer, after_day date, upto date) RETURNS TABLE (changed_on date, change text, old_name text, new_name text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    trigrams name := kra_internal.trigram_schema();
    first_day date;
    x record;
    taken text[] := '{}';
BEGIN
    SELECT min(rk.effective_from) INTO first_day
    FROM kra.result_areas ra JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.is_active WHERE ra.job_role_id = kra_changes.job_role_id;
    FOR x IN
        WITH spans AS MATERIALIZED (
            SELECT ra.id, ra.name, rk.kpi_id, rk.is_active, rk.effective_from,
                   coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id, rk.kpi_id ORDER BY rk.effective_from), 'infinity') AS effective_until
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id
            JOIN kra.kpis k ON k.id = rk.kpi_id AND k.state <> 'candidate'
            WHERE ra.job_role_id = kra_changes.job_role_id
        ), moves AS MATERIALIZED (
            SELECT d.day, s.id, s.name,
                   array_agg(s.kpi_id) FILTER (WHERE s.effective_from < d.day AND s.effective_until >= d.day) AS before,
                   array_agg(s.kpi_id) FILTER (WHERE s.effective_from <= d.day AND s.effective_until > d.day) AS after
            FROM (SELECT DISTINCT effective_from AS day FROM spans
                  WHERE effective_from > greatest(first_day, kra_changes.after_day) AND effective_from <= kra_changes.upto) d
            JOIN spans s ON s.is_active AND s.effective_from <= d.day AND s.effective_until >= d.day
            GROUP BY d.day, s.id, s.name
        ), pairs AS (
            SELECT g.day, g.id AS gone, c.id AS come, g.name AS old_name, c.name AS new_name,
                   (SELECT count(*) FROM (SELECT unnest(g.before) INTERSECT SELECT unnest(c.after)) b)::float8
                   / (SELECT count(*) FROM (SELECT unnest(g.before) UNION SELECT unnest(c.after)) u) AS common,
                   coalesce(kra_internal.likeness(trigrams, g.name, c.name), 0) AS alike
            FROM moves g JOIN moves c ON c.day = g.day
            WHERE g.before IS NOT NULL AND g.after IS NULL AND c.before IS NULL AND c.after IS NOT NULL
        )
        SELECT day, gone, come, old_name, new_name, CASE WHEN common >= 0.5 OR alike >= 0.4::real THEN 'renamed' ELSE 'replaced' END AS change,
               0 AS turn, common + alike AS score FROM pairs
        UNION ALL   -- those that are in no pair
        SELECT day, CASE WHEN before IS NOT NULL THEN id END, CASE WHEN before IS NULL THEN id END, name, name,
               CASE WHEN before IS NULL THEN 'added' ELSE 'dropped' END, 1, 0 FROM moves WHERE (before IS NULL) <> (after IS NULL)
        ORDER BY turn, change, score DESC, day, old_name, new_name
    LOOP
        IF format('%s -%s', x.day, x.gone) = ANY (taken) OR format('%s +%s', x.day, x.come) = ANY (taken) THEN
            CONTINUE;
        END IF;
        taken := taken || CASE WHEN x.gone IS NOT NULL THEN format('%s -%s', x.day, x.gone) END || CASE WHEN x.come IS NOT NULL THEN format('%s +%s', x.day, x.come) END;
        changed_on := x.day;
        change := x.change;
        old_name := CASE WHEN x.gone IS NOT NULL THEN x.old_name END;
        new_name := CASE WHEN x.come IS NOT NULL THEN x.new_name END;
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT n.renamed_on, 'renamed', n.old_name, n.new_name
    FROM kra_internal.kra_renamings(kra_changes.job_role_id, greatest(first_day, kra_changes.after_day), kra_changes.upto) n;
END $$;
COMMENT ON FUNCTION kra_internal.kra_changes(integer, date, date) IS 'how the KRAs of a role changed, after a day and up to one: added, dropped, renamed, replaced. The role''s first day is no change. One that goes and one that comes on the same day are one change: renamed where at least half of their KPIs are the same, where pg_trgm finds their names alike, or where the name was changed in place; else replaced';

-- Roles and KRAs.

CREATE FUNCTION kra_internal.findings_of_role(job_role_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r kra.job_roles;
    a kra.result_areas;
    c record;
    x record;
    is_begun boolean;
    reason text;
    newest date;
BEGIN
    SELECT * INTO r FROM kra.job_roles o WHERE o.id = findings_of_role.job_role_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) AS kpis, count(DISTINCT l.result_area_id) AS areas, max(l.effective_from) AS since,
           coalesce(sum(least(l.weight, 1e100)), 0) AS weight, coalesce(sum(least(l.weight, 1e100)) FILTER (WHERE k.kind = 'activity'), 0) AS activity_weight,
           count(*) FILTER (WHERE k.kind = 'outcome' AND l.weight > 0) AS outcomes, count(*) FILTER (WHERE k.kind = 'outcome') AS unweighted_outcomes,
           count(*) FILTER (WHERE k.timing = 'leading') AS leading, count(*) FILTER (WHERE k.source_relation IS NULL) AS manual,
           count(*) FILTER (WHERE k.source_relation IS NULL AND k.kind = 'activity') AS manual_activities,
           array_agg(DISTINCT lower(btrim(k.name))) AS names
    INTO c
    FROM kra_internal.role_lines(findings_of_role.as_of) l
    JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
    WHERE l.job_role_id = findings_of_role.job_role_id;
    IF c.kpis = 0 THEN
        SELECT bool_or(rk.effective_from <= findings_of_role.as_of) INTO is_begun
        FROM kra.result_areas ra JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id WHERE ra.job_role_id = r.id;
        IF is_begun AND NOT EXISTS (SELECT FROM kra_internal.subject_timeline tl WHERE tl.job_role_id = r.id
                                    AND tl.valid_from <= findings_of_role.as_of AND tl.valid_until > findings_of_role.as_of) THEN
            RETURN;   -- it is past
        END IF;
    END IF;

    IF limits ? 'role_without_purpose' AND r.purpose IS NULL THEN
        RETURN NEXT kra_internal.fault_of('role_without_purpose', r, 'has no purpose');
    END IF;
    IF limits ? 'too_few_kras' AND c.areas < (limits->>'too_few_kras')::float8 AND is_begun IS DISTINCT FROM false THEN
        RETURN NEXT kra_internal.fault_of('too_few_kras', r, CASE c.areas WHEN 0 THEN format('has no KRA; a role has %s or more', limits->>'too_few_kras')
            ELSE format('has %s %s; a role has %s or more', c.areas, CASE c.areas WHEN 1 THEN 'KRA' ELSE 'KRAs' END, limits->>'too_few_kras') END, c.since, c.areas);
    END IF;
    IF limits ? 'kra_without_kpi' THEN
        RETURN QUERY
        SELECT f.* FROM kra.result_areas ra
        CROSS JOIN LATERAL kra_internal.fault_of('kra_without_kpi', r, ra, format('no KPI of %s was ever put into it', r.name)) f
        WHERE ra.job_role_id = r.id AND NOT EXISTS (SELECT FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id);
    END IF;
    IF limits ? 'kra_is_task' THEN
        FOR a IN SELECT ra.* FROM kra.result_areas ra
                 WHERE ra.job_role_id = r.id AND (NOT EXISTS (SELECT FROM kra.result_area_kpis rk WHERE rk.result_area_id = ra.id AND rk.effective_from <= findings_of_role.as_of)
                    OR ra.id IN (SELECT l.result_area_id FROM kra_internal.role_lines(findings_of_role.as_of) l JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate' WHERE l.job_role_id = r.id))
                 ORDER BY ra.position, ra.key LOOP
            reason := 'its name ' || kra_internal.task_in_name(a.name);
            IF reason IS NULL AND kra.sees_all() THEN   -- of few the values are few, too. 0 where 0 is what is asked for is no task undone
                SELECT CASE WHEN bool_and(CASE
                    WHEN k.over_time IN ('ratio', 'mean') OR k.scale IS NOT NULL OR kra.met(0, l.target) THEN false
                    WHEN (SELECT count(*) FROM (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of LIMIT 3) three) < 3 THEN false
                    WHEN EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of AND kra.value(m.actual, k.over_time) NOT IN (0, 1)) THEN false
                    ELSE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start <= findings_of_role.as_of AND kra.value(m.actual, k.over_time) = 1) END)
                    THEN format('%s %s only ever done or not done (1 or 0)', kra_internal.enumerated(array_agg(btrim(k.name) ORDER BY k.name)), CASE count(*) WHEN 1 THEN 'is' ELSE 'are' END) END
                INTO reason
                FROM kra_internal.role_lines(findings_of_role.as_of) l
                JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
                WHERE l.job_role_id = r.id AND l.result_area_id = a.id;
            END IF;
            IF reason IS NOT NULL THEN
                RETURN NEXT kra_internal.fault_of('kra_is_task', r, a, format('reads like a task of %s: %s', r.name, reason));
            END IF;
        END LOOP;
    END IF;
    IF c.kpis = 0 THEN
        RETURN;
    END IF;

    -- the card as a whole
    IF limits ? 'too_many_kras' AND c.areas > (limits->>'too_many_kras')::float8 THEN
        RETURN NEXT kra_internal.fault_of('too_many_kras', r, format('has %s KRAs; up to %s keep focus', c.areas, limits->>'too_many_kras'), c.since, c.areas);
    END IF;
    IF limits ? 'no_outcome' AND c.outcomes = 0 THEN
        RETURN NEXT kra_internal.fault_of('no_outcome', r, CASE WHEN c.unweighted_outcomes > 0 THEN 'no outcome KPI has a weight: only activity is scored'
            WHEN c.kpis = 1 THEN 'its one KPI is an activity' ELSE format('all %s KPIs are activities', c.kpis) END, c.since);
    END IF;
    IF limits ? 'activity_heavy' AND c.activity_weight > (limits->>'activity_heavy')::float8 * c.weight THEN
        RETURN NEXT kra_internal.fault_of('activity_heavy', r, format('%s of the weight is on activity; %s is the most', kra_internal.share_text(c.activity_weight / c.weight),
            kra_internal.share_text((limits->>'activity_heavy')::float8)), c.since, c.activity_weight / c.weight);
    END IF;
    IF limits ? 'leading_only' AND c.leading = c.kpis THEN
        RETURN NEXT kra_internal.fault_of('leading_only', r, CASE c.kpis WHEN 1 THEN 'its one KPI is leading' ELSE format('all %s KPIs are leading', c.kpis) END, c.since);
    END IF;
    IF limits ? 'lagging_only' AND c.leading = 0 THEN
        RETURN NEXT kra_internal.fault_of('lagging_only', r, CASE c.kpis WHEN 1 THEN 'its one KPI is lagging' ELSE format('all %s KPIs are lagging', c.kpis) END, c.since);
    END IF;
    IF limits ? 'manual_activity' AND c.manual_activities > (limits->>'manual_activity')::float8 * c.manual THEN
        RETURN NEXT kra_internal.fault_of('manual_activity', r, CASE c.manual WHEN 1 THEN 'the one KPI that is entered by hand is an activity'
            ELSE format('of the %s KPIs that are entered by hand, %s are activities', c.manual, CASE c.manual_activities WHEN c.manual THEN 'all' ELSE c.manual_activities::text END) END,
            c.since, c.manual_activities::float8 / c.manual);
    END IF;
    IF limits ? 'weights_not_whole' AND abs(c.weight - (limits->>'weights_not_whole')::float8) > 1e-9 THEN
        RETURN NEXT kra_internal.fault_of('weights_not_whole', r, format('the weights add up to %s, not to %s', round(c.weight::numeric, 6)::float8, limits->>'weights_not_whole'), c.since, c.weight);
    END IF;
    IF limits ? 'missing_perspective' THEN
        SELECT array_agg(p.name ORDER BY p.n) FILTER (WHERE u.perspective IS NOT NULL) AS stated, array_agg(p.name ORDER BY p.n) FILTER (WHERE u.perspective IS NULL) AS missing
        INTO x
        FROM (VALUES (1, 'financial'), (2, 'customer'), (3, 'process'), (4, 'people')) p (n, name)
        LEFT JOIN (SELECT DISTINCT ra.perspective FROM kra.result_areas ra WHERE ra.id IN (
                       SELECT l.result_area_id FROM kra_internal.role_lines(findings_of_role.as_of) l JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate' WHERE l.job_role_id = r.id)
        ) u ON u.perspective = p.name;
        IF coalesce(cardinality(x.stated), 0) < (limits->>'missing_perspective')::float8 THEN
            RETURN NEXT kra_internal.fault_of('missing_perspective', r, CASE WHEN x.stated IS NULL THEN 'states no perspective for any of its KRAs'
                WHEN x.missing IS NULL THEN format('covers all 4 perspectives; %s are asked for', limits->>'missing_perspective')
                ELSE format('covers the perspective%s %s; missing: %s', CASE WHEN cardinality(x.stated) > 1 THEN 's' END, kra_internal.enumerated(x.stated), kra_internal.enumerated(x.missing)) END,
                c.since, coalesce(cardinality(x.stated), 0));
        END IF;
    END IF;
    IF limits ? 'copied_kpis' AND cardinality(c.names) >= 2 THEN
        SELECT array_agg(format('%s (%s)', o.name, kra_internal.share_text(o.share)) ORDER BY o.share DESC, o.name) AS others, max(o.share) AS share, max(o.common) AS common, max(o.since) AS since
        INTO x
        FROM (
            SELECT o.name, count(*) FILTER (WHERE n.name = ANY (c.names))::float8 / (cardinality(c.names) + count(*) FILTER (WHERE n.name <> ALL (c.names))) AS share,
                   count(*) FILTER (WHERE n.name = ANY (c.names)) AS common, max(n.since) AS since
            FROM (
                SELECT l.job_role_id, lower(btrim(k.name)) AS name, max(l.effective_from) AS since
                FROM kra_internal.role_lines(findings_of_role.as_of) l
                JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
                WHERE l.job_role_id IN (
                    SELECT i.job_role_id FROM kra.kpis j
                    JOIN kra_internal.role_lines(findings_of_role.as_of) i ON i.kpi_id = j.id
                    WHERE lower(btrim(j.name)) = ANY (c.names) AND i.job_role_id <> r.id)
                GROUP BY 1, 2
            ) n
            JOIN kra.job_roles o ON o.id = n.job_role_id
            GROUP BY o.id, o.name
            HAVING count(*) >= 2
        ) o
        WHERE o.share >= (limits->>'copied_kpis')::float8 - 1e-12;
        IF x.others IS NOT NULL THEN
            RETURN NEXT kra_internal.fault_of('copied_kpis', r, format('shares %s of its %s KPIs by name with %s', CASE WHEN x.common < cardinality(c.names) THEN x.common::text ELSE 'all' END, cardinality(c.names), kra_internal.enumerated(x.others)), greatest(c.since, x.since), x.share);
        END IF;
    END IF;
    IF limits ? 'kra_churn' THEN
        SELECT count(*) AS changes, count(*) FILTER (WHERE h.change = 'renamed') AS renamed, count(*) FILTER (WHERE h.change = 'replaced') AS replaced,
               count(*) FILTER (WHERE h.change = 'added') AS added, count(*) FILTER (WHERE h.change = 'dropped') AS dropped,
               kra_internal.enumerated(array_agg(format('%s to %s on %s', h.old_name, h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'renamed')) AS renamings,
               kra_internal.enumerated(array_agg(format('%s by %s on %s', h.old_name, h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'replaced')) AS replacements,
               kra_internal.enumerated(array_agg(format('%s on %s', h.new_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.new_name) FILTER (WHERE h.change = 'added')) AS additions,
               kra_internal.enumerated(array_agg(format('%s on %s', h.old_name, to_char(h.changed_on, 'YYYY-MM-DD')) ORDER BY h.changed_on, h.old_name) FILTER (WHERE h.change = 'dropped')) AS droppings,
               (array_agg(h.changed_on ORDER BY h.changed_on))[floor(least(1e5, (limits->>'kra_churn')::float8))::integer + 1] AS since
        INTO x
        FROM kra_internal.kra_changes(r.id, (findings_of_role.as_of - interval '1 year')::date, findings_of_role.as_of) h;
        IF x.changes > (limits->>'kra_churn')::float8 THEN
            RETURN NEXT kra_internal.fault_of('kra_churn', r, format('%s change%s of KRAs within a year: %s', x.changes, CASE WHEN x.changes > 1 THEN 's' END, array_to_string(ARRAY[
                CASE WHEN x.renamed > 0 THEN format('%s renamed (%s)', x.renamed, x.renamings) END, CASE WHEN x.replaced > 0 THEN format('%s replaced (%s)', x.replaced, x.replacements) END,
                CASE WHEN x.added > 0 THEN format('%s added (%s)', x.added, x.additions) END, CASE WHEN x.dropped > 0 THEN format('%s dropped (%s)', x.dropped, x.droppings) END], ', ')),
                x.since, x.changes);
        END IF;
    END IF;

    -- KRA by KRA
    FOR x IN
        SELECT ra AS area, count(*) AS kpis, max(l.effective_from) AS since,
               array_agg(btrim(k.name) ORDER BY k.name) FILTER (WHERE k.over_time IN ('sum', 'count') AND k.scale IS NULL AND btrim(k.unit) IS DISTINCT FROM '%') AS quantities,
               bool_and(k.kind = 'outcome') FILTER (WHERE k.over_time IN ('sum', 'count') AND k.scale IS NULL AND btrim(k.unit) IS DISTINCT FROM '%') AS is_outcome
        FROM kra_internal.role_lines(findings_of_role.as_of) l
        JOIN kra.kpis k ON k.id = l.kpi_id AND k.state <> 'candidate'
        JOIN kra.result_areas ra ON ra.id = l.result_area_id
        WHERE l.job_role_id = r.id
        GROUP BY ra.id
        ORDER BY ra.position, ra.key
    LOOP
        a := x.area;
        IF limits ? 'too_many_kpis_in_kra' AND x.kpis > (limits->>'too_many_kpis_in_kra')::float8 THEN
            RETURN NEXT kra_internal.fault_of('too_many_kpis_in_kra', r, a, format('has %s KPIs in the role of %s; up to %s tell which matters', x.kpis, r.name, limits->>'too_many_kpis_in_kra'), x.since, x.kpis);
        END IF;
        IF limits ? 'quantity_without_quality' AND cardinality(x.quantities) = x.kpis THEN
            RETURN NEXT kra_internal.fault_of('quantity_without_quality', r, a, format('only amounts are counted for %s (%s), and nothing says how good they are', r.name, kra_internal.enumerated(x.quantities)),
                x.since, NULL, CASE WHEN x.is_outcome THEN 'info' END);
        END IF;
        IF limits ? 'kra_not_revisited' THEN
            SELECT greatest(max(rk.effective_from), CASE WHEN a.revisited_on <= findings_of_role.as_of THEN a.revisited_on END) INTO newest
            FROM kra.result_area_kpis rk WHERE rk.result_area_id = a.id AND rk.effective_from <= findings_of_role.as_of;
            IF newest + least(1e5, (limits->>'kra_not_revisited')::float8) * interval '1 month' < findings_of_role.as_of THEN
                RETURN NEXT kra_internal.fault_of('kra_not_revisited', r, a, format('nothing about it was set for %s since %s, and nobody asked whether it is still right', r.name, to_char(newest, 'YYYY-MM-DD')),
                    (newest + least(1e5, (limits->>'kra_not_revisited')::float8) * interval '1 month')::date + 1, round((findings_of_role.as_of - newest) / 30.436875, 1));
            END IF;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.findings_of_role(integer, date, jsonb) IS 'what is wrong with a role and its KRAs on a date, by the rules with the given limits (see kra_internal.rule_limits). A role that had KRAs once, has none any more and is held by nobody whom the caller sees is past: nothing is wrong with it';

-- KPIs.

CREATE FUNCTION kra_internal.objective_reached(kpi_id integer, OUT objective_id integer, OUT by_way_of text[]) LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    level integer[] := ARRAY[kpi_id];   -- KPIs at the same distance
    came jsonb := '{}';                 -- from which KPI another was reached first
    reached integer;
BEGIN
    LOOP
        SELECT k.id, k.objective_id INTO reached, objective_id
        FROM kra.kpis k WHERE k.id = ANY (level) AND k.objective_id IS NOT NULL
        ORDER BY k.key COLLATE "C" LIMIT 1;
        EXIT WHEN objective_id IS NOT NULL;
        by_way_of := by_way_of || (
            SELECT array_agg(k.name ORDER BY k.key COLLATE "C") FROM kra.kpis k
            WHERE k.id = ANY (level) AND k.id <> kpi_id);
        -- KPIs may drive each other in a ring
        SELECT array_agg(n.drives_kpi_id), came || jsonb_object_agg(n.drives_kpi_id, n.kpi_id)
        INTO level, came
        FROM (
            SELECT DISTINCT ON (d.drives_kpi_id) d.drives_kpi_id, d.kpi_id
            FROM kra.kpi_drives d JOIN kra.kpis k ON k.id = d.kpi_id
            WHERE d.kpi_id = ANY (level) AND d.drives_kpi_id <> objective_reached.kpi_id
              AND NOT came ? d.drives_kpi_id::text
            ORDER BY d.drives_kpi_id, k.key COLLATE "C"
        ) n;
        IF level IS NULL THEN
            RETURN;
        END IF;
    END LOOP;
    by_way_of := NULL;
    WHILE reached <> kpi_id LOOP
        by_way_of := (SELECT k.name FROM kra.kpis k WHERE k.id = reached) || by_way_of;
        reached := (came->>reached::text)::integer;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.objective_reached(integer) IS 'the objective that a KPI measures, or else the nearest that it drives KPIs of, and the names of the KPIs on the way to it; a NULL objective: none, and then all the KPIs that it drives. Loops end';

CREATE FUNCTION kra_internal.objective_due(objective_id integer) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE up (id, due_on, depth) AS (
        SELECT o.id, o.due_on, 0 FROM kra.objectives o WHERE o.id = objective_due.objective_id
        UNION ALL
        SELECT o.id, o.due_on, up.depth + 1
        FROM up
        JOIN kra.objective_parents p ON p.objective_id = up.id
        JOIN kra.objectives o ON o.id = p.parent_id
        WHERE up.due_on IS NULL
    )
    SELECT due_on FROM up WHERE due_on IS NOT NULL ORDER BY depth LIMIT 1;
END;
COMMENT ON FUNCTION kra_internal.objective_due(integer) IS 'last day of an objective, or else of the nearest above it that has one; NULL: none';

CREATE FUNCTION kra_internal.plain_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT regexp_replace(lower(name), '(?<![0-9])((?![<>=+#%$&@])[[:space:][:punct:]])+|((?![<>=+#%$&@])[[:space:][:punct:]])+(?![0-9])', '', 'g');
END;
COMMENT ON FUNCTION kra_internal.plain_name(text) IS 'a name without case, blanks and punctuation, to find the same again; signs that tell names apart, such as < and +, and what stands between digits, stay';

CREATE FUNCTION kra_internal.name_marks(name text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ARRAY(SELECT m.part[1] FROM regexp_matches(lower(name), E'[0-9]+|\\m[[:alpha:]]{1,2}\\M|[<>=+#%$&@]', 'g') WITH ORDINALITY m (part, n) ORDER BY m.n);
END;
COMMENT ON FUNCTION kra_internal.name_marks(text) IS 'what tells names apart that are alike otherwise: numbers, words of one or two letters (line A, EU) and signs such as <';

CREATE FUNCTION kra_internal.is_spoken_for(_measurement kra.measurements, _own_groups integer[],
    _as_of date, _first_start date, _last_start date)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM kra_internal.subject_ancestors g
        JOIN kra.measurements o ON o.kpi_id = (_measurement).kpi_id AND o.subject_id = g.ancestor_id
            AND o.period_start BETWEEN _first_start AND _last_start
        WHERE g.subject_id = (_measurement).subject_id AND g.ancestor_id = ANY (_own_groups)
          AND g.depth > 0
          AND kra_internal.counts_in(
                  g.valid_from, g.valid_until, g.resumes_on, (_measurement).period_start,
                  least(kra_internal.grid_end((_measurement).grid, _last_start), _as_of)));
END;
COMMENT ON FUNCTION kra_internal.is_spoken_for(kra.measurements, integer[], date, date, date) IS 'has a group above the subject a measurement of its own for periods that begin in some days, which counts in its place?';

CREATE FUNCTION kra_internal.pooled_series(kpi_id integer, grid kra_internal.grid, from_start date, as_of date) RETURNS TABLE (period_start date, actual double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    own_groups integer[];
BEGIN
    SELECT * INTO k FROM kra.kpis x WHERE x.id = pooled_series.kpi_id;
    own_groups := ARRAY(
        SELECT g.parent_id FROM (SELECT DISTINCT tl.parent_id FROM kra_internal.subject_timeline tl WHERE tl.parent_id IS NOT NULL) g
        WHERE EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = pooled_series.kpi_id AND m.subject_id = g.parent_id));
    IF k.over_time = k.over_subjects AND k.over_time <> 'last' THEN
        RETURN QUERY
        SELECT v.period_start, kra.value(v.pooled, k.over_time)
        FROM (
            SELECT kra_internal.whole_start(pooled_series.grid, k.grid, m.period_start) AS period_start, kra.rollup(m.actual) AS pooled
            FROM kra.measurements m
            WHERE m.kpi_id = pooled_series.kpi_id AND m.period_start <= pooled_series.as_of
              AND m.period_start >= kra_internal.first_part(pooled_series.grid, k.grid, pooled_series.from_start)
              AND (own_groups = '{}' OR NOT kra_internal.is_spoken_for(
                       m, own_groups, pooled_series.as_of, m.period_start, m.period_start))
            GROUP BY 1
        ) v
        WHERE kra_internal.last_part_end(pooled_series.grid, k.grid, v.period_start) <= pooled_series.as_of;
    ELSE   -- first over time for each member, then over members, as lines of a group
        RETURN QUERY
        SELECT v.period_start, (kra_internal.judge(
                   kra_internal.put_together(
                       kra_internal.member(v.whole, k.over_subjects, v.place)),
                   k.over_time, false, 1, 0.9)).actual
        FROM (
            SELECT m.subject_id, w.period_start, min(s.place)::integer AS place,
                   kra_internal.put_together(kra_internal.part(
                       k.over_time, m.actual, NULL, false, m.period_start,
                       kra_internal.grid_end(k.grid, m.period_start), pooled_series.as_of,
                       'infinity')) AS whole
            FROM kra.measurements m
            JOIN (SELECT s.id, row_number() OVER (ORDER BY s.key COLLATE "C") AS place
                  FROM kra.subjects s) s ON s.id = m.subject_id
            CROSS JOIN LATERAL (
                SELECT kra_internal.whole_start(pooled_series.grid, k.grid, m.period_start)
                           AS period_start
            ) w
            WHERE m.kpi_id = pooled_series.kpi_id AND m.period_start <= pooled_series.as_of
              AND m.period_start >= kra_internal.first_part(pooled_series.grid, k.grid,
                                                            pooled_series.from_start)
              AND (own_groups = '{}' OR NOT kra_internal.is_spoken_for(
                       m, own_groups, pooled_series.as_of,
                       CASE WHEN k.over_time = 'last'
                            THEN kra_internal.first_part(pooled_series.grid, k.grid, w.period_start)
                            ELSE m.period_start END,
                       CASE WHEN k.over_time = 'last'
                            THEN kra_internal.grid_start(k.grid, kra_internal.last_part_end(
                                     pooled_series.grid, k.grid, w.period_start))
                            ELSE m.period_start END))
            GROUP BY 1, 2
        ) v
        WHERE kra_internal.last_part_end(pooled_series.grid, k.grid, v.period_start) <= pooled_series.as_of
        GROUP BY v.period_start;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.pooled_series(integer, kra_internal.grid, date, date) IS 'actual values of all that the caller sees together, by period of a grid not finer than the KPI''s own, of periods that are over; as kra_internal.series gives them of a group that holds everybody, but in one pass';

CREATE FUNCTION kra_internal.faults_of_kpi(kpi_id integer, as_of date, limits jsonb, on_cards_only boolean) RETURNS SETOF kra_internal.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    o kra.kpis;
    c record;
    x record;
    trigrams name;
    sees_all boolean := kra.sees_all();
    sees_tree boolean := sees_all OR kra_internal.is_author();
    to_be_seen text := CASE WHEN sees_all THEN '' ELSE ' that you may see' END;
    starts date[];       -- periods with data
    last_start date;
    last_data date;
    due date;
    objective integer;
    way text[];
    owner record;
    keys integer[];
    others integer[];
    parts text[] := '{}';
    greatest_difference double precision;
    day date;
    n integer;
BEGIN
    SELECT * INTO k FROM kra.kpis y WHERE y.id = faults_of_kpi.kpi_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(DISTINCT l.job_role_id) AS cards, max(l.effective_from) AS since, min(l.effective_from) AS first_day,
           array_agg(DISTINCT r.name ORDER BY r.name) AS roles,
           bool_or(kra.due_on(l.target) IS NOT NULL) AS is_due, bool_or(kra.baseline(l.target) IS NOT NULL) AS has_baseline,
           (array_agg(l.target ORDER BY r.id) FILTER (WHERE l.target IS NOT NULL))[1] AS target
    INTO c
    FROM kra_internal.role_lines(faults_of_kpi.as_of) l
    JOIN kra.job_roles r ON r.id = l.job_role_id
    WHERE l.kpi_id = k.id;

    IF k.state = 'candidate' AND limits ? 'candidate_undecided' AND faults_of_kpi.as_of - k.state_since > (limits->>'candidate_undecided')::float8 THEN
        RETURN NEXT kra_internal.fault_of('candidate_undecided', k, format('has been a candidate for %s days, since %s', faults_of_kpi.as_of - k.state_since, to_char(k.state_since, 'YYYY-MM-DD')),
            (k.state_since + floor((limits->>'candidate_undecided')::float8)::integer + 1), faults_of_kpi.as_of - k.state_since);
    END IF;
    IF k.state = 'retired' AND k.state_since <= faults_of_kpi.as_of AND c.cards > 0 AND limits ? 'retired_on_card' THEN
        RETURN NEXT kra_internal.fault_of('retired_on_card', k, format('was retired on %s%s, and still stands on the card of %s', to_char(k.state_since, 'YYYY-MM-DD'),
            ' (' || btrim(k.state_reason) || ')', kra_internal.enumerated(c.roles)), greatest(k.state_since, c.first_day));
    END IF;
    IF on_cards_only AND (k.state = 'candidate' OR k.state = 'retired' AND k.state_since <= faults_of_kpi.as_of OR c.cards = 0) THEN
        RETURN;
    END IF;

    -- what drives it, and what it serves
    IF k.kind = 'outcome' AND (k.timing = 'lagging' OR NOT EXISTS (SELECT FROM kra.kpi_drives d WHERE d.kpi_id = k.id))
       AND (limits ? 'no_leading_kpi' OR limits ? 'too_many_leading_kpis') THEN
        SELECT count(*) AS leading, array_agg(btrim(y.name) ORDER BY y.name) AS names INTO x
        FROM kra.kpis y
        WHERE EXISTS (SELECT FROM kra.kpi_drives d WHERE d.kpi_id = y.id AND d.drives_kpi_id = k.id) AND y.state = 'active' AND y.timing = 'leading'
          AND EXISTS (SELECT FROM kra_internal.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = y.id);
        IF x.leading < (limits->>'no_leading_kpi')::float8 THEN
            RETURN NEXT kra_internal.fault_of('no_leading_kpi', k, CASE x.leading WHEN 0 THEN 'no leading KPI on a card drives it'
                ELSE format('only %s drives it; %s are asked for', kra_internal.enumerated(x.names), limits->>'no_leading_kpi') END, NULL, x.leading);
        END IF;
        IF x.leading > (limits->>'too_many_leading_kpis')::float8 THEN
            RETURN NEXT kra_internal.fault_of('too_many_leading_kpis', k, format('%s leading KPIs drive it (%s); up to %s can be pulled', x.leading, kra_internal.enumerated(x.names), limits->>'too_many_leading_kpis'), NULL, x.leading);
        END IF;
    END IF;
    SELECT r.objective_id, r.by_way_of INTO objective, way FROM kra_internal.objective_reached(k.id) r;
    IF limits ? 'orphan_kpi' AND objective IS NULL THEN
        RETURN NEXT kra_internal.fault_of('orphan_kpi', k, CASE WHEN way IS NULL THEN 'measures no objective, and drives no other KPI'
            ELSE format('measures no objective, and neither does what it drives (%s)', kra_internal.enumerated(way)) END);
    END IF;

    -- its owner: who does not see the tree cannot tell who is gone, and who belongs to whom
    SELECT w.subject_id, w.effective_from INTO owner FROM kra.kpi_owners w
    WHERE w.kpi_id = k.id AND w.effective_from <= faults_of_kpi.as_of ORDER BY w.effective_from DESC LIMIT 1;
    IF limits ? 'no_owner' AND owner.subject_id IS NULL THEN
        RETURN NEXT kra_internal.fault_of('no_owner', k, CASE WHEN owner.effective_from IS NULL THEN 'nobody owns it' ELSE format('nobody owns it since %s', to_char(owner.effective_from, 'YYYY-MM-DD')) END,
            owner.effective_from);
    END IF;
    IF limits ? 'owner_gone' AND owner.subject_id IS NOT NULL AND sees_tree THEN
        SELECT s.name, p.effective_from, p.is_active INTO x
        FROM kra.placements p JOIN kra.subjects s ON s.id = p.subject_id
        WHERE p.subject_id = owner.subject_id AND p.effective_from <= faults_of_kpi.as_of ORDER BY p.effective_from DESC LIMIT 1;
        IF NOT x.is_active THEN
            RETURN NEXT kra_internal.fault_of('owner_gone', k, format('its owner %s is not active since %s', x.name, to_char(x.effective_from, 'YYYY-MM-DD')), greatest(x.effective_from, owner.effective_from));
        END IF;
    END IF;
    IF limits ? 'not_influenceable' AND k.influenceable_by IS NOT NULL AND sees_tree THEN
        keys := ARRAY(SELECT s.id FROM kra.subjects s WHERE s.key = ANY (k.influenceable_by));
        IF owner.subject_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM kra_internal.subject_ancestors a WHERE a.subject_id = owner.subject_id AND a.ancestor_id = ANY (keys)
                           AND a.valid_from <= faults_of_kpi.as_of AND a.valid_until > faults_of_kpi.as_of)
           AND NOT EXISTS (SELECT FROM kra_internal.subject_timeline tl JOIN kra.job_roles r ON r.id = tl.job_role_id
                           WHERE tl.subject_id = owner.subject_id AND r.key = ANY (k.influenceable_by)
                             AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of) THEN
            parts := parts || format('its owner %s', (SELECT s.name FROM kra.subjects s WHERE s.id = owner.subject_id));
        END IF;
        SELECT array_agg(r.name ORDER BY r.name) AS roles INTO x
        FROM kra.job_roles r
        WHERE r.id IN (SELECT l.job_role_id FROM kra_internal.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = k.id) AND r.key <> ALL (k.influenceable_by)
          AND EXISTS (SELECT FROM kra_internal.subject_timeline tl WHERE tl.job_role_id = r.id AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of)
          AND NOT EXISTS (SELECT FROM kra_internal.subject_ancestors a
                          JOIN kra_internal.subject_timeline tl ON tl.subject_id = a.subject_id AND tl.job_role_id = r.id
                              AND tl.valid_from <= faults_of_kpi.as_of AND tl.valid_until > faults_of_kpi.as_of
                          WHERE a.ancestor_id = ANY (keys) AND a.valid_from <= faults_of_kpi.as_of AND a.valid_until > faults_of_kpi.as_of);
        parts := parts || CASE WHEN x.roles IS NOT NULL THEN format('the role%s %s', CASE WHEN cardinality(x.roles) > 1 THEN 's' END, kra_internal.enumerated(x.roles)) END;
        parts := array_remove(parts, NULL);
        IF parts <> '{}' THEN
            RETURN NEXT kra_internal.fault_of('not_influenceable', k, CASE WHEN k.influenceable_by = '{}' THEN format('nobody can move it, and it is asked of %s', array_to_string(parts, ' and '))
                ELSE format('only %s can move it, but not %s', kra_internal.enumerated(k.influenceable_by), array_to_string(parts, ', nor ')) END);
        END IF;
    END IF;

    -- what it says of itself
    IF limits ? 'no_description' AND btrim(coalesce(k.description, '')) = '' THEN
        RETURN NEXT kra_internal.fault_of('no_description', k, 'has no description');
    END IF;
    IF limits ? 'no_unit' AND btrim(coalesce(k.unit, '')) = '' THEN
        RETURN NEXT kra_internal.fault_of('no_unit', k, 'has no unit');
    END IF;
    IF limits ? 'qualitative_without_scale' AND k.scale IS NULL AND k.source_relation IS NULL AND k.over_time NOT IN ('sum', 'count') THEN
        -- what is measured in a unit of its own is no opinion: water quality in ppm
        parts[1] := coalesce(CASE WHEN btrim(coalesce(k.unit, '')) IN ('', '%') THEN (regexp_match(k.name, E'\\m(satisfaction|satisfied|quality|csat|nps|promoters?|ratings?|feedback|engagement|morale|happiness|happy|sentiment|surveys?|opinions?|moods?|stars|smileys?)\\M', 'i'))[1] END,
            (regexp_match(k.unit, E'^\\s*(csat|nps|ratings?|stars?|points?|smileys?|grades?|marks?|[01] ?(?:-|–|to) ?(?:5|10)|/ ?(?:5|10)|(?:out )?of (?:5|10))\\s*$', 'i'))[1]);
        IF parts[1] IS NOT NULL THEN
            RETURN NEXT kra_internal.fault_of('qualitative_without_scale', k, format('is an opinion by the word "%s", is entered by hand, and has no scale', parts[1]));
        END IF;
    END IF;

    -- its targets
    IF limits ? 'no_due_date' OR limits ? 'no_context' THEN
        SELECT bool_or(kra.due_on(t.target) IS NOT NULL) AS is_due, bool_or(kra.baseline(t.target) IS NOT NULL) AS has_baseline INTO x
        FROM (SELECT DISTINCT ON (t.subject_id) t.target FROM kra.targets t
              WHERE t.kpi_id = k.id AND t.effective_from <= faults_of_kpi.as_of ORDER BY t.subject_id, t.effective_from DESC) t;
        c.is_due := coalesce(c.is_due, false) OR coalesce(x.is_due, false);
        c.has_baseline := coalesce(c.has_baseline, false) OR coalesce(x.has_baseline, false);
    END IF;
    IF limits ? 'no_due_date' AND NOT c.is_due AND kra_internal.objective_due(objective) IS NULL THEN
        RETURN NEXT kra_internal.fault_of('no_due_date', k, CASE WHEN objective IS NULL THEN 'no target of it says by when, and it serves no objective that would'
            ELSE format('neither a target of it nor the objective %s says by when', (SELECT b.name FROM kra.objectives b WHERE b.id = objective)) END);
    END IF;

    -- its data
    -- which periods have any: asked period by period, since a company has thousands of rows in each
    starts := ARRAY(
        SELECT p.at
        FROM (SELECT kra_internal.grid_shift(k.grid, kra_internal.grid_start(k.grid, r.first_start), i) AS at
              FROM kra_internal.data_range(faults_of_kpi.as_of) r
              CROSS JOIN LATERAL generate_series(0, (r.last_start - r.first_start) / (ARRAY[1, 7, 28, 90, 181, 364])[kra_internal.grain_rank(k.grid) + 1] + 1) i) p
        WHERE p.at <= faults_of_kpi.as_of AND EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = p.at AND m.kpi_id = k.id)
        ORDER BY p.at);
    last_start := starts[cardinality(starts)];
    IF limits ? 'no_source' AND k.source_relation IS NULL THEN
        IF last_start IS NOT NULL THEN
            RETURN NEXT kra_internal.fault_of('no_source', k, 'is entered by hand: no relation is its source', NULL, NULL, 'info');
        ELSIF sees_all THEN
            RETURN NEXT kra_internal.fault_of('no_source', k, 'has no source, and was never measured');
        END IF;
    END IF;
    IF limits ? 'no_context' AND NOT c.has_baseline AND (sees_all OR cardinality(starts) > 0)
       AND (SELECT b.value FROM kra.benchmarks b WHERE b.kpi_id = k.id AND b.effective_from <= faults_of_kpi.as_of ORDER BY b.effective_from DESC LIMIT 1) IS NULL
       AND (cardinality(starts) < 2 OR NOT EXISTS (
           SELECT FROM kra.measurements a JOIN kra.measurements b ON b.kpi_id = a.kpi_id AND b.subject_id = a.subject_id AND b.period_start > a.period_start
           WHERE a.kpi_id = k.id AND b.period_start <= faults_of_kpi.as_of)) THEN
        RETURN NEXT kra_internal.fault_of('no_context', k, format('has no baseline, no benchmark, and no earlier value%s', to_be_seen));
    END IF;
    IF last_start IS NOT NULL THEN
        IF limits ? 'no_cadence' THEN
            day := kra_internal.last_period(k.grid, faults_of_kpi.as_of, faults_of_kpi.as_of);
            n := (SELECT count(*) FROM kra_internal.period_starts(k.grid, starts[1], day));
            SELECT count(*) AS filled INTO x FROM unnest(starts) s WHERE s <= day;
            IF n >= 3 AND x.filled < (limits->>'no_cadence')::float8 * n THEN
                RETURN NEXT kra_internal.fault_of('no_cadence', k, format('of the %s %ss since %s, %s %s a value%s', n, replace(k.cadence, '_', '-'),
                    to_char(starts[1], 'YYYY-MM-DD'), x.filled, CASE x.filled WHEN 1 THEN 'has' ELSE 'have' END, to_be_seen), NULL, x.filled::float8 / n);
            END IF;
        END IF;
        IF limits ? 'stale_data' THEN
            last_data := kra_internal.grid_end(k.grid, last_start);
            IF last_data > faults_of_kpi.as_of THEN   -- a period that still runs is known to its last observation
                SELECT coalesce(least(max(kra_internal.day_of(kra.last_at(m.actual))), faults_of_kpi.as_of), last_start) INTO last_data
                FROM kra.measurements m WHERE m.kpi_id = k.id AND m.period_start = last_start;
            END IF;
            IF faults_of_kpi.as_of - last_data > kra_internal.stale_after(k.cadence, k.stale_after_days) THEN
                RETURN NEXT kra_internal.fault_of('stale_data', k, format('the newest data%s end on %s, %s day%s ago; %s are allowed', to_be_seen, to_char(last_data, 'YYYY-MM-DD'),
                    faults_of_kpi.as_of - last_data, CASE WHEN faults_of_kpi.as_of - last_data > 1 THEN 's' END, kra_internal.stale_after(k.cadence, k.stale_after_days)), last_data + kra_internal.stale_after(k.cadence, k.stale_after_days) + 1);
            END IF;
        END IF;
    END IF;

    -- the same thing measured twice: said of the newer one, or of the one that is on a card
    IF limits ? 'silo' AND last_start IS NOT NULL THEN
        others := ARRAY(
            SELECT y.id FROM kra.kpis y
            WHERE y.id <> k.id AND y.state = 'active' AND y.grid = k.grid AND y.unit IS NOT DISTINCT FROM k.unit AND kra_internal.plain_name(y.name) = kra_internal.plain_name(k.name));
        trigrams := kra_internal.trigram_schema();
        IF trigrams IS NOT NULL THEN
            EXECUTE format('SELECT $1 || ARRAY(SELECT y.id FROM kra.kpis y WHERE y.id <> $2 AND y.id <> ALL ($1) AND y.state = ''active'' AND y.grid = $3
                                AND y.unit IS NOT DISTINCT FROM $4 AND kra_internal.name_marks(y.name) = kra_internal.name_marks($5) AND %I.similarity(y.name, $5) >= 0.8::real)', trigrams)
            INTO others USING others, k.id, k.grid, k.unit, k.name;
        END IF;
        parts := '{}';
        FOR o IN SELECT y.* FROM kra.kpis y WHERE y.id = ANY (others)
                 AND (y.id < k.id OR NOT EXISTS (SELECT FROM kra_internal.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = y.id)) ORDER BY y.id LOOP
            SELECT d.*, s.name, count(*) OVER () AS subjects INTO x
            FROM (
                SELECT DISTINCT ON (v.subject_id) v.*
                FROM (
                    SELECT a.subject_id, a.period_start, a.mine, a.other, abs(a.mine - a.other) / nullif(greatest(abs(a.mine), abs(a.other)), 0) AS difference
                    FROM (
                        SELECT m.subject_id, m.period_start, kra.value(m.actual, k.over_time) AS mine, kra.value(b.actual, o.over_time) AS other
                        FROM kra.measurements m
                        JOIN kra.measurements b ON b.kpi_id = o.id AND b.subject_id = m.subject_id AND b.period_start = m.period_start
                        WHERE m.kpi_id = k.id AND m.period_start BETWEEN kra_internal.grid_shift(k.grid, last_start, -5) AND last_start
                    ) a
                ) v
                WHERE v.difference > (limits->>'silo')::float8 + 1e-12
                ORDER BY v.subject_id, v.period_start DESC
            ) d
            JOIN kra.subjects s ON s.id = d.subject_id
            ORDER BY d.difference DESC, d.period_start DESC, s.key LIMIT 1;
            IF FOUND THEN
                greatest_difference := greatest(greatest_difference, x.difference);
                parts := parts || format('differs from %s (%s) for %s, such as %s: %s against %s in %s', o.name, o.key,
                    CASE x.subjects WHEN 1 THEN 'one subject' ELSE x.subjects || ' subjects' END, x.name, kra.value_text(x.mine, k.unit), kra.value_text(x.other, o.unit),
                    kra_internal.grid_label(k.grid, x.period_start));
            END IF;
        END LOOP;
        IF parts <> '{}' THEN
            RETURN NEXT kra_internal.fault_of('silo', k, array_to_string(parts, '; '), NULL, greatest_difference);
        END IF;
    END IF;

    -- does the activity do what it is there for?
    IF limits ? 'vanity_activity' AND k.kind = 'activity' AND last_start IS NOT NULL THEN
        FOR o IN
            SELECT y.* FROM kra.kpi_drives d JOIN kra.kpis y ON y.id = d.drives_kpi_id
            WHERE d.kpi_id = k.id ORDER BY y.key COLLATE "C"
        LOOP
            WITH calendar AS (SELECT CASE WHEN kra_internal.grain_rank(o.grid) > kra_internal.grain_rank(k.grid) THEN o.grid ELSE k.grid END AS grid),
            activity AS MATERIALIZED (
                SELECT s.* FROM calendar g, kra_internal.pooled_series(k.id, g.grid, kra_internal.grid_shift(g.grid, last_start, -119), faults_of_kpi.as_of) s
            ), outcome AS MATERIALIZED (
                SELECT s.* FROM calendar g, kra_internal.pooled_series(o.id, g.grid, kra_internal.grid_shift(g.grid, last_start, -119), faults_of_kpi.as_of) s
            )
            SELECT (kra.driver(a.actual, u.actual, NULL::integer, c.target, coalesce(
                        (SELECT l.target FROM kra_internal.role_lines(faults_of_kpi.as_of) l WHERE l.kpi_id = o.id AND l.target IS NOT NULL ORDER BY l.job_role_id LIMIT 1),
                        (SELECT t.target FROM kra.targets t WHERE t.kpi_id = o.id AND t.effective_from <= faults_of_kpi.as_of AND t.target IS NOT NULL ORDER BY t.subject_id, t.effective_from DESC LIMIT 1)),
                        NULL::double precision ORDER BY p.at)).*
            INTO x
            FROM calendar g
            CROSS JOIN LATERAL (SELECT least(min(y.period_start), min(z.period_start)) AS first_start, greatest(max(y.period_start), max(z.period_start)) AS final_start
                                FROM activity y FULL JOIN outcome z ON z.period_start = y.period_start) b
            CROSS JOIN LATERAL (SELECT kra_internal.grid_shift(g.grid, b.first_start, i) AS at FROM generate_series(0, 239) i WHERE kra_internal.grid_shift(g.grid, b.first_start, i) <= b.final_start) p
            LEFT JOIN activity a ON a.period_start = p.at
            LEFT JOIN outcome u ON u.period_start = p.at;
            IF x.verdict = 'no_evidence' AND x.correlation IS NOT NULL AND x.n >= (limits->>'vanity_activity')::float8 THEN
                RETURN NEXT kra_internal.fault_of('vanity_activity', k, format('is to drive %s, and there is %s', o.name, x.reason), NULL, x.n);
                EXIT;
            END IF;
        END LOOP;
    END IF;

    IF limits ? 'kpi_not_revisited' THEN
        SELECT max(y.day) INTO day
        FROM (
            SELECT k.state_since AS day UNION ALL SELECT k.revisited_on
            UNION ALL SELECT rk.effective_from FROM kra.result_area_kpis rk WHERE rk.kpi_id = k.id
            UNION ALL SELECT t.effective_from FROM kra.targets t WHERE t.kpi_id = k.id
            UNION ALL SELECT w.effective_from FROM kra.kpi_owners w WHERE w.kpi_id = k.id
            UNION ALL SELECT b.effective_from FROM kra.benchmarks b WHERE b.kpi_id = k.id
        ) y
        WHERE y.day <= faults_of_kpi.as_of;
        IF day + least(1e5, (limits->>'kpi_not_revisited')::float8) * interval '1 month' < faults_of_kpi.as_of THEN
            RETURN NEXT kra_internal.fault_of('kpi_not_revisited', k, format('nothing about it was set since %s, and nobody asked whether it is still right', to_char(day, 'YYYY-MM-DD')),
                (day + least(1e5, (limits->>'kpi_not_revisited')::float8) * interval '1 month')::date + 1, round((faults_of_kpi.as_of - day) / 30.436875, 1));
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.faults_of_kpi(integer, date, jsonb, boolean) IS 'what is wrong with a KPI on a date, by the rules with the given limits; with on_cards_only nothing but its state is looked at where it is not active or on no card. Of results only what the caller sees; who does not see the tree is not told whether an owner is gone or can move the KPI';

CREATE FUNCTION kra_internal.findings_of_kpi(kpi_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT * FROM kra_internal.faults_of_kpi(kpi_id, as_of, limits, true);
END;
COMMENT ON FUNCTION kra_internal.findings_of_kpi(integer, date, jsonb) IS 'what is wrong with a KPI on a date, by the rules with the given limits (see kra_internal.rule_limits)';
