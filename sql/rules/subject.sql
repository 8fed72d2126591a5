-- Findings about subjects: their cards, targets, results, reviews and actions.
--
--   findings_of_subject   what a subject breaks as a whole: its card, objectives, reviews, actions
--   findings_of_target    what each line of its card breaks: the target, and the values against it
--
-- A rule is one block, headed by its name. Both walk over card_lines, which is read once a subject;
-- what costs more is computed when the cheap part of a rule holds.

-- The card.

CREATE TYPE kra_internal.card_line AS (
    job_role_id integer, result_area_id integer, kpi_id integer, kpi_key text, kpi_name text, kind kra.kpi_kind, timing text,
    unit text, over_time text, scale text, cadence text, grid kra_internal.grid, drives integer[], stale_after integer,
    weight double precision, is_derived boolean, is_group boolean, role_since date,
    target kra.kpi_target, target_from date, known_on date, has_own_target boolean, provenance text, touched_on date, is_acknowledged boolean,
    last_start date, actuals double precision[]
);
COMMENT ON TYPE kra_internal.card_line IS 'a KPI on the card of a subject as in force on a date, with its latest values';
COMMENT ON COLUMN kra_internal.card_line.job_role_id IS 'role whose card it is; NULL: the card is that of the members';
COMMENT ON COLUMN kra_internal.card_line.result_area_id IS 'KRA that it stands in; NULL: the card is that of the members';
COMMENT ON COLUMN kra_internal.card_line.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra_internal.card_line.kpi_key IS 'its key';
COMMENT ON COLUMN kra_internal.card_line.kpi_name IS 'its name';
COMMENT ON COLUMN kra_internal.card_line.kind IS 'outcome or activity';
COMMENT ON COLUMN kra_internal.card_line.timing IS 'leading or lagging';
COMMENT ON COLUMN kra_internal.card_line.unit IS 'unit of its values';
COMMENT ON COLUMN kra_internal.card_line.over_time IS 'how observations make a period';
COMMENT ON COLUMN kra_internal.card_line.scale IS 'how answers are scored; NULL: values are numbers';
COMMENT ON COLUMN kra_internal.card_line.cadence IS 'its shortest period';
COMMENT ON COLUMN kra_internal.card_line.grid IS 'how its periods are cut';
COMMENT ON COLUMN kra_internal.card_line.drives IS 'the outcomes that it is meant to move; empty: none';
COMMENT ON COLUMN kra_internal.card_line.stale_after IS 'days after which its data are stale';
COMMENT ON COLUMN kra_internal.card_line.weight IS 'weight on the card, of a group without a role that of all members together';
COMMENT ON COLUMN kra_internal.card_line.is_derived IS 'is the card that of the members?';
COMMENT ON COLUMN kra_internal.card_line.is_group IS 'has the subject, or had it ever, somebody below it?';
COMMENT ON COLUMN kra_internal.card_line.role_since IS 'first day in the role without a break';
COMMENT ON COLUMN kra_internal.card_line.target IS 'target of its own, else of its role; NULL: neither, but those of members may make one';
COMMENT ON COLUMN kra_internal.card_line.target_from IS 'first day of that target for the subject: periods that end on it or later are judged by it; NULL: only those of members can make one';
COMMENT ON COLUMN kra_internal.card_line.known_on IS 'day from which that target, as it is, can be known: target_from, or when it was changed in place since';
COMMENT ON COLUMN kra_internal.card_line.has_own_target IS 'does the subject have a row of its own in kra.targets?';
COMMENT ON COLUMN kra_internal.card_line.provenance IS 'where the target comes from';
COMMENT ON COLUMN kra_internal.card_line.touched_on IS 'latest day on which the target may have been changed: no period that begins on it or later saw it move';
COMMENT ON COLUMN kra_internal.card_line.is_acknowledged IS 'was the target acknowledged? false: only another one; NULL: none ever';
COMMENT ON COLUMN kra_internal.card_line.last_start IS 'first day of the last period of its cadence that is over and not after the last data of the catalogue; NULL: no data at all';
COMMENT ON COLUMN kra_internal.card_line.actuals IS 'values of the periods up to that one, the latest last; NULL for a period without data';

CREATE FUNCTION kra_internal.last_period(grid kra_internal.grid, as_of date, last_data date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT least(kra_internal.grid_shift(grid, kra_internal.grid_start(grid, as_of + 1), -1), kra_internal.grid_start(grid, last_data));
END;
COMMENT ON FUNCTION kra_internal.last_period(kra_internal.grid, date, date) IS 'start of the last period of a grid that is over on a day (the last day of a period included) and not after the last data of the catalogue (see kra_internal.data_range); NULL for NULL';

CREATE FUNCTION kra_internal.in_role_since(subject_id integer, as_of date) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT max(t.valid_from) FROM kra_internal.subject_timeline t
            WHERE t.subject_id = in_role_since.subject_id AND t.valid_from <= in_role_since.as_of
              AND NOT EXISTS (SELECT FROM kra_internal.subject_timeline before
                              WHERE before.subject_id = t.subject_id AND before.valid_until = t.valid_from AND before.job_role_id = t.job_role_id));
END $$;
COMMENT ON FUNCTION kra_internal.in_role_since(integer, date) IS 'first day on which a subject had the role that it has on a date, without a break; NULL: not known before';

CREATE FUNCTION kra_internal.target_known_on(target_from date, revised_at timestamptz, as_of date) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT greatest(target_from, CASE WHEN kra_internal.day_of(revised_at) <= as_of THEN kra_internal.day_of(revised_at) END);
END;
COMMENT ON FUNCTION kra_internal.target_known_on(date, timestamptz, date) IS 'day from which a target can be known, and acknowledged: its first, or when it was changed in place up to a date; NULL for a NULL first day that saw no change';

CREATE FUNCTION kra_internal.card_lines(subject_id integer, as_of date, periods integer DEFAULT 24) RETURNS SETOF kra_internal.card_line
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET plan_cache_mode = force_generic_plan SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    is_group boolean := kra_internal.has_members(card_lines.subject_id);
    last_data date := (SELECT r.last_start FROM kra_internal.data_range(card_lines.as_of) r);
    since date := kra_internal.in_role_since(card_lines.subject_id, card_lines.as_of);
    role_id integer;
    areas integer[];
BEGIN
    SELECT tl.job_role_id INTO role_id FROM kra_internal.subject_timeline tl
    WHERE tl.subject_id = card_lines.subject_id AND tl.valid_from <= card_lines.as_of AND tl.valid_until > card_lines.as_of;
    IF NOT FOUND OR role_id IS NULL AND NOT is_group THEN
        RETURN;
    END IF;
    areas := ARRAY(SELECT ra.id FROM kra.result_areas ra WHERE ra.job_role_id = role_id);
    RETURN QUERY
    SELECT role_id, l.result_area_id, l.kpi_id, l.key, l.name, l.kind, l.timing,
           l.unit, l.over_time, l.scale, l.cadence, l.grid, l.drives, l.stale_after,
           l.weight, role_id IS NULL, is_group, since,
           l.target, l.target_from, kra_internal.target_known_on(l.target_from, l.revised_at, card_lines.as_of), l.has_own_target, l.provenance, l.touched_on,
           (SELECT bool_or(a.target = l.target)
            FROM kra_internal.consents(l.kpi_id, card_lines.subject_id, card_lines.as_of) a),
           l.last_start,
           CASE WHEN l.last_start IS NULL THEN array_fill(NULL::double precision, ARRAY[card_lines.periods])
                WHEN is_group THEN ARRAY(
                    SELECT v.actual FROM generate_series(1 - card_lines.periods, 0) i
                    LEFT JOIN kra_internal.series(l.kpi_id, card_lines.subject_id, l.grid, kra_internal.grid_shift(l.grid, l.last_start, 1 - card_lines.periods),
                                         kra_internal.grid_end(l.grid, l.last_start)) v ON v.period_start = kra_internal.grid_shift(l.grid, l.last_start, i)
                    ORDER BY i)
                ELSE ARRAY(
                    SELECT (SELECT kra.value(m.actual, l.over_time) FROM kra.measurements m
                            WHERE m.kpi_id = l.kpi_id AND m.subject_id = card_lines.subject_id AND m.period_start = kra_internal.grid_shift(l.grid, l.last_start, i))
                    FROM generate_series(1 - card_lines.periods, 0) i) END
    FROM (
        SELECT c.result_area_id, c.area_position, c.kpi_position, k.id AS kpi_id, k.key, k.name, k.kind, k.timing,
               k.unit, k.over_time, k.scale, k.cadence, k.grid,
               ARRAY(SELECT d.drives_kpi_id FROM kra.kpi_drives d WHERE d.kpi_id = k.id ORDER BY 1) AS drives, kra_internal.stale_after(k.cadence, k.stale_after_days) AS stale_after, c.weight,
               CASE WHEN o.subject_id IS NOT NULL THEN o.target ELSE c.target END AS target,
               CASE WHEN o.subject_id IS NOT NULL THEN o.effective_from
                    WHEN c.target IS NOT NULL OR NOT is_group THEN greatest(c.effective_from, since) END AS target_from,
               o.subject_id IS NOT NULL AS has_own_target,
               CASE WHEN o.subject_id IS NOT NULL THEN o.revised_at ELSE c.revised_at END AS revised_at,
               CASE WHEN o.subject_id IS NOT NULL THEN o.provenance ELSE c.provenance END AS provenance,
               -- what was set late moved only if another one was known
               greatest(since, own.effective_from, of_role.effective_from, kra_internal.day_of(own.revised_at), kra_internal.day_of(of_role.revised_at),
                        CASE WHEN own.known + of_role.known > 1 THEN kra_internal.day_of(greatest(own.set_at, of_role.set_at)) END) AS touched_on,
               kra_internal.last_period(k.grid, card_lines.as_of, last_data) AS last_start
        FROM (
            SELECT ra.id AS result_area_id, ra.position AS area_position, rk.position AS kpi_position, rk.kpi_id, rk.weight, rk.target, rk.provenance, rk.effective_from, rk.revised_at
            FROM kra.result_areas ra
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card_lines.as_of AND rk.is_active
            WHERE ra.job_role_id = role_id
              AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                              AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card_lines.as_of)
            UNION ALL
            SELECT NULL, min(ra.position), min(rk.position), rk.kpi_id, sum(rk.weight * r.members), NULL, NULL, NULL, NULL
            FROM (
                SELECT tl.job_role_id, count(*) AS members
                FROM kra_internal.subject_ancestors c
                JOIN kra_internal.subject_timeline tl ON tl.subject_id = c.subject_id AND tl.job_role_id IS NOT NULL
                    AND tl.valid_from <= card_lines.as_of AND tl.valid_until > card_lines.as_of
                WHERE c.ancestor_id = card_lines.subject_id AND c.depth > 0 AND c.valid_from <= card_lines.as_of AND c.valid_until > card_lines.as_of
                  AND role_id IS NULL
                GROUP BY tl.job_role_id
            ) r
            JOIN kra.result_areas ra ON ra.job_role_id = r.job_role_id
            JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= card_lines.as_of AND rk.is_active
            WHERE NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                              AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= card_lines.as_of)
            GROUP BY rk.kpi_id
        ) c
        JOIN kra.kpis k ON k.id = c.kpi_id AND k.state <> 'candidate'
        LEFT JOIN LATERAL (
            SELECT t.* FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card_lines.subject_id AND t.effective_from <= card_lines.as_of
            ORDER BY t.effective_from DESC LIMIT 1
        ) o ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS known, max(t.effective_from) AS effective_from, max(t.set_at) AS set_at, max(t.revised_at) AS revised_at
            FROM kra.targets t
            WHERE t.kpi_id = k.id AND t.subject_id = card_lines.subject_id AND t.effective_from <= card_lines.as_of
        ) own
        CROSS JOIN LATERAL (
            SELECT count(*) AS known, max(t.effective_from) AS effective_from, max(t.set_at) AS set_at, max(t.revised_at) AS revised_at
            FROM kra.result_area_kpis t
            WHERE t.kpi_id = k.id AND t.result_area_id = ANY (areas) AND t.effective_from <= card_lines.as_of
        ) of_role
        OFFSET 0   -- each line once
    ) l
    ORDER BY l.area_position, l.kpi_position, l.key;
END $$;
COMMENT ON FUNCTION kra_internal.card_lines(integer, date, integer) IS 'the card of a subject as in force on a date, all KPIs in their own cadence, each with the values of its last periods (24): those of its role, else, for a group, those of its members; no row for who has no card. Errors: a date that is not finite';

CREATE FUNCTION kra_internal.asked_of(subject_id integer, line kra_internal.card_line, back integer) RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    period_start date := kra_internal.grid_shift(line.grid, line.last_start, -back);
    period_end date := kra_internal.grid_end(line.grid, period_start);
BEGIN
    RETURN CASE WHEN period_end >= line.target_from THEN line.target
                ELSE kra_internal.target_of(line.kpi_id, asked_of.subject_id, line.grid, period_start, period_end) END;
END $$;
COMMENT ON FUNCTION kra_internal.asked_of(integer, kra_internal.card_line, integer) IS 'target of a subject for a line of its card in a period so many back from the last, as it was then; NULL: none';

-- Words.

CREATE FUNCTION kra_internal.count_text(n double precision, noun text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT n || ' ' || noun || CASE WHEN n = 1 THEN '' ELSE 's' END;
END;
COMMENT ON FUNCTION kra_internal.count_text(double precision, text) IS 'a number of things: 1 day, 3 days; NULL for NULL';

CREATE FUNCTION kra_internal.cut_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN length(words) > 200 THEN left(words, 197) || '...' ELSE words END;
END;
COMMENT ON FUNCTION kra_internal.cut_text(text) IS 'a text of at most 200 characters, with three dots where something is missing; NULL for NULL';

CREATE FUNCTION kra_internal.focus_text(threshold double precision) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN threshold > 3 THEN '3 to ' ELSE 'at most ' END || threshold || ' keep focus';
END;
COMMENT ON FUNCTION kra_internal.focus_text(double precision) IS 'how many keep focus, where a threshold says how many at most; NULL for NULL';

CREATE FUNCTION kra_internal.fault_of(rule text, subject kra.subjects, message text, since date, evidence double precision) RETURNS kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'subject', kra_internal.about_key((subject).key), (subject).name, (subject).id, NULL, NULL, NULL, NULL, message, NULL, since, evidence)::kra_internal.fault;
END;
COMMENT ON FUNCTION kra_internal.fault_of(text, kra.subjects, text, date, double precision) IS 'a fault of a subject as a whole';

CREATE FUNCTION kra_internal.fault_of(rule text, subject kra.subjects, line kra_internal.card_line, severity text, message text, hint text, since date, evidence double precision) RETURNS kra_internal.fault
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(rule, 'target', kra_internal.about_key((subject).key, (line).kpi_key), (subject).name || ' / ' || (line).kpi_name, (subject).id,
               (line).job_role_id, (line).result_area_id, (line).kpi_id, severity, message, hint, since, evidence)::kra_internal.fault;
END;
COMMENT ON FUNCTION kra_internal.fault_of(text, kra.subjects, kra_internal.card_line, text, text, text, date, double precision) IS 'a fault of a subject with one of its KPIs';

-- Targets and the values against them.

-- Period by period, and not by a range: each is one look into the index, even where others are
-- measured and this KPI is not.
CREATE FUNCTION kra_internal.is_fresh(kpi_id integer, grid kra_internal.grid, as_of date, stale_after integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    at date := kra_internal.grid_start(is_fresh.grid, is_fresh.as_of);
BEGIN
    IF at IS NULL OR NOT isfinite(at) OR is_fresh.stale_after IS NULL THEN   -- it would never end
        RETURN NULL;
    END IF;
    LOOP
        IF kra_internal.grid_end(is_fresh.grid, at) <= is_fresh.as_of THEN   -- over: known to its end
            EXIT WHEN is_fresh.as_of - kra_internal.grid_end(is_fresh.grid, at) > is_fresh.stale_after;
            IF EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = at AND m.kpi_id = is_fresh.kpi_id) THEN
                RETURN true;
            END IF;
        ELSIF EXISTS (SELECT FROM kra.measurements m WHERE m.period_start = at AND m.kpi_id = is_fresh.kpi_id
                      AND is_fresh.as_of - coalesce(least(kra_internal.day_of(kra.last_at(m.actual)), is_fresh.as_of), m.period_start) <= is_fresh.stale_after) THEN
            RETURN true;
        END IF;
        at := kra_internal.grid_shift(is_fresh.grid, at, -1);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION kra_internal.is_fresh(integer, kra_internal.grid, date, integer) IS 'has anybody whom the caller sees data of a KPI that are not older on a date than so many days (see kra_internal.freshest)? NULL for NULL, and for a date that is not finite';

CREATE FUNCTION kra_internal.moved_text(subject_id integer, line kra_internal.card_line, period_start date, upto date, OUT message text, OUT since date)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    before kra.kpi_target := kra_internal.target_in_force(line.kpi_id, moved_text.subject_id, moved_text.period_start, moved_text.period_start);
    after kra.kpi_target := kra_internal.target_in_force(line.kpi_id, moved_text.subject_id, moved_text.period_start, moved_text.upto);
    r record;
BEGIN
    IF before IS NOT NULL AND (after IS NULL OR before <> after) THEN   -- another row took over
        moved_text.since := CASE WHEN line.target_from BETWEEN moved_text.period_start AND moved_text.upto THEN line.target_from END;
    ELSE
        -- the row in force, and the one that it was set over
        SELECT x.* INTO r FROM (
            SELECT 1 AS place, t.effective_from, t.target, t.set_at, t.revised_at FROM kra.targets t
            WHERE t.kpi_id = line.kpi_id AND t.subject_id = moved_text.subject_id AND t.effective_from <= moved_text.upto
            UNION ALL
            SELECT 2, t.effective_from, t.target, t.set_at, t.revised_at FROM kra.result_area_kpis t
            WHERE t.kpi_id = line.kpi_id AND t.result_area_id = line.result_area_id AND t.effective_from <= moved_text.upto
        ) x
        ORDER BY x.place, x.effective_from DESC LIMIT 1;
        IF kra_internal.day_of(r.revised_at) > moved_text.period_start THEN
            moved_text.since := kra_internal.day_of(r.revised_at);
            before := NULL;   -- what it was is in the log, which is not for all
        ELSE
            moved_text.since := kra_internal.day_of(r.set_at);
            SELECT x.target INTO before FROM (
                SELECT 1 AS place, t.effective_from, t.target, t.set_at FROM kra.targets t
                WHERE t.kpi_id = line.kpi_id AND t.subject_id = moved_text.subject_id AND t.effective_from <= moved_text.upto
                UNION ALL
                SELECT 2, t.effective_from, t.target, t.set_at FROM kra.result_area_kpis t
                WHERE t.kpi_id = line.kpi_id AND t.result_area_id = line.result_area_id AND t.effective_from <= moved_text.upto
            ) x
            WHERE x.set_at < r.set_at
            ORDER BY x.place, x.effective_from DESC LIMIT 1;
        END IF;
    END IF;
    moved_text.message := CASE
        WHEN after IS NULL THEN format('was taken away (it was %s)', kra.target_text(before, line.unit))
        WHEN before IS NULL THEN format('was changed in place, and is %s now', kra.target_text(after, line.unit))
        WHEN kra.target_text(before, line.unit) = kra.target_text(after, line.unit) THEN format('was changed from "%s" to "%s"', before, after)
        ELSE format('was changed from %s to %s', kra.target_text(before, line.unit), kra.target_text(after, line.unit)) END;
END $$;
COMMENT ON FUNCTION kra_internal.moved_text(integer, kra_internal.card_line, date, date) IS 'how the target of a subject was changed after a period began, in words, from what to what where it is known; and when';

CREATE FUNCTION kra_internal.diagnosis(subject kra.subjects, line kra_internal.card_line, lines kra_internal.card_line[], as_of date, history double precision[],
    first_miss date, last_data date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    asked kra.kpi_target := coalesce(line.target, kra_internal.asked_of(subject.id, line, 0));
    driver kra_internal.card_line;
    failing text;
    trend kra.kpi_trend;
    limits kra.xmr;
    arrival date;
    deadline date := kra.due_on(asked);
BEGIN
    -- data stale
    IF last_data IS NULL OR as_of - last_data > line.stale_after THEN
        RETURN format('Diagnosis: the data are stale%s. Change the plan: measure again first; old data can judge neither the work nor the target.',
                      coalesce(' (the newest are of ' || last_data || ')', ''));
    END IF;
    -- target moved
    IF line.touched_on > first_miss AND kra_internal.target_moved(line.kpi_id, subject.id, first_miss, as_of) THEN
        RETURN format('Diagnosis: the target moved meanwhile: it %s. Change the target: agree on one that stands still, and judge the work by that.',
                      (kra_internal.moved_text(subject.id, line, first_miss, as_of)).message);
    END IF;
    -- leading KPI failing
    FOREACH driver IN ARRAY lines LOOP
        IF line.kpi_id = ANY (driver.drives) AND driver.timing = 'leading'
           AND kra_internal.is_missed(driver.actuals[cardinality(driver.actuals)], kra_internal.asked_of(subject.id, driver, 0), kra_internal.grid_end(driver.grid, driver.last_start)) THEN
            failing := concat_ws(', ', failing, format('"%s" (%s)', driver.kpi_name, kra.context(driver.actuals[cardinality(driver.actuals)],
                                                       kra_internal.asked_of(subject.id, driver, 0), NULL, driver.unit, NULL)));
        END IF;
    END LOOP;
    IF failing IS NOT NULL THEN
        RETURN format('Diagnosis: what is to drive it misses its own target: %s. Change the plan: bring that on target first.', failing);
    END IF;
    -- outside what the process can do
    SELECT kra.xmr_agg(u.v ORDER BY u.i),
           kra.trend_agg(kra_internal.grid_shift(line.grid, line.last_start, (u.i - cardinality(history))::integer), u.v)
    INTO limits, trend FROM unnest(history) WITH ORDINALITY u (v, i);
    IF kra.assurance(limits, asked) = 'consistently_missed' THEN
        RETURN format('Diagnosis: the target lies outside what the process can do: as it is, it gives %s to %s. Change the target, or change the process itself: more effort at the same work will not reach it.',
                      kra.value_text(kra.lower_limit(limits), line.unit), kra.value_text(kra.upper_limit(limits), line.unit));
    END IF;
    -- improving but too slow
    IF kra.direction(trend) = (CASE kra.direction(asked) WHEN 'at_least' THEN 'rising' WHEN 'at_most' THEN 'falling' END) THEN
        arrival := (kra.eta(trend, asked) AT TIME ZONE 'UTC')::date;
        IF coalesce(arrival > coalesce(deadline, kra_internal.grid_end(line.grid, kra_internal.grid_shift(line.grid, line.last_start, cardinality(history)))), true) THEN
            RETURN format('Diagnosis: it improves, but too slowly: at this pace it is there %s%s. Change the target: move its date, or split it into steps; or change the plan, where the date stands.',
                          CASE WHEN arrival - as_of < 36500 THEN 'in ' || kra_internal.grid_label(line.grid, arrival) ELSE 'in more than a lifetime' END,
                          coalesce(', and it is due by ' || deadline, ''));
        END IF;
    END IF;
    IF arrival IS NOT NULL THEN
        RETURN format('Diagnosis: it improves, and at this pace it is there in %s. Keep to the plan, and say so; or change the target to what is to be reached on the way.',
                      kra_internal.grid_label(line.grid, arrival));
    END IF;
    RETURN 'Diagnosis: nothing in the data explains it. Change the plan: ask those who do the work what stands in the way, and agree on one action.';
END $$;
COMMENT ON FUNCTION kra_internal.diagnosis(kra.subjects, kra_internal.card_line, kra_internal.card_line[], date, double precision[], date, date) IS 'why a target is missed again and again, the first that holds of: data stale, target moved since the first miss, a leading KPI on the same card that drives it failing, target outside what the process can do, improving but too slow, unexplained; and what to change. history: the values of the periods of the setting history_periods; last_data: see kra_internal.freshest';

CREATE FUNCTION kra_internal.is_effort_without_result(subject_id integer, activity kra_internal.card_line, outcome kra_internal.card_line, back integer) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grid kra_internal.grid := CASE WHEN kra_internal.grain_rank(activity.grid) >= kra_internal.grain_rank(outcome.grid) THEN activity.grid ELSE outcome.grid END;
    period_start date := kra_internal.grid_shift(grid, CASE WHEN kra_internal.grain_rank(activity.grid) >= kra_internal.grain_rank(outcome.grid) THEN activity.last_start ELSE outcome.last_start END, -back);
    line kra_internal.card_line;
    hits boolean[];
BEGIN
    FOREACH line IN ARRAY ARRAY[activity, outcome] LOOP
        hits := hits || NOT CASE WHEN line.grid = grid
            THEN kra_internal.is_missed(line.actuals[cardinality(line.actuals) - back], kra_internal.asked_of(is_effort_without_result.subject_id, line, back), kra_internal.grid_end(grid, period_start))
            ELSE kra_internal.is_missed((kra_internal.actual_of(line.kpi_id, is_effort_without_result.subject_id, grid, period_start, kra_internal.grid_end(grid, period_start))).actual,
                         kra_internal.target_of(line.kpi_id, is_effort_without_result.subject_id, grid, period_start, kra_internal.grid_end(grid, period_start)), kra_internal.grid_end(grid, period_start)) END;
    END LOOP;
    RETURN hits[1] AND NOT hits[2];
END $$;
COMMENT ON FUNCTION kra_internal.is_effort_without_result(integer, kra_internal.card_line, kra_internal.card_line, integer) IS 'did an activity on a card meet its target while an outcome missed its own, in a period of the coarser of their cadences so many back from the last? NULL or false: no';

CREATE FUNCTION kra_internal.findings_of_target(subject kra.subjects, line kra_internal.card_line, lines kra_internal.card_line[], as_of date, limits jsonb, settings kra_internal.settings_in_force)
RETURNS SETOF kra_internal.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2 SET jit = off SET plan_cache_mode = force_generic_plan SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    n integer := cardinality(line.actuals);
    history double precision[] := line.actuals[n - settings.history_periods + 1:];
    known integer := cardinality(array_remove(history, NULL));
    target_text text := kra.target_text(line.target, line.unit);
    direction text := kra.direction(line.target);
    goal double precision := kra.target(line.target);
    level double precision := kra_internal.recent_level(history);   -- where it stands
    threshold double precision;
    number double precision;
    start double precision;
    day date;
    running date := kra_internal.grid_start(line.grid, as_of);
    words record;
    -- values against their targets
    asked kra.kpi_target;
    latest_asked kra.kpi_target;
    hit boolean;
    is_run boolean := true;       -- no target met so far
    is_far boolean := limits ? 'sandbagged_target';   -- all met by far so far
    run integer := 0;
    run_first integer;            -- periods back
    of_six integer := 0;
    six_first integer;
    miss_last integer;
    miss_asked kra.kpi_target;
    lowest double precision;
    walked integer := 0;
    last_data date;
    carried_since date;
    has_gap boolean := false;
    outcome kra_internal.card_line;
BEGIN
    -- no_target
    IF limits ? 'no_target' AND line.target IS NULL AND NOT line.is_derived
       AND (line.has_own_target OR NOT line.is_group OR kra_internal.target_of(line.kpi_id, subject.id, line.grid, running, as_of) IS NULL) THEN
        RETURN NEXT kra_internal.fault_of('no_target', subject, line, NULL, 'stands on the card without a target', NULL,
                                     coalesce(line.target_from, kra_internal.carried_since(line.kpi_id, subject.id, as_of)), NULL);
    END IF;

    IF line.target IS NOT NULL THEN
        IF line.is_acknowledged IS NOT TRUE AND (subject.kind = 'person' OR line.has_own_target) THEN
            -- imposed_target
            IF line.is_acknowledged IS NULL AND as_of - line.known_on > (limits->>'imposed_target')::double precision THEN
                RETURN NEXT kra_internal.fault_of('imposed_target', subject, line, CASE line.provenance WHEN 'imposed' THEN 'serious' END,
                    format('the target of %s %shas been in force for %s, and nobody has acknowledged it', target_text,
                           CASE line.provenance WHEN 'imposed' THEN 'was imposed; it ' ELSE '' END, kra_internal.count_text(as_of - line.known_on, 'day')),
                    NULL, line.known_on, as_of - line.known_on);
            -- changed_after_acknowledgement
            ELSIF limits ? 'changed_after_acknowledgement' AND NOT line.is_acknowledged THEN
                SELECT a.target, kra_internal.day_of(a.acknowledged_at) AS at INTO words FROM kra_internal.consents(line.kpi_id, subject.id, as_of) a
                ORDER BY a.acknowledged_at DESC LIMIT 1;
                RETURN NEXT kra_internal.fault_of('changed_after_acknowledgement', subject, line, CASE line.provenance WHEN 'imposed' THEN 'serious' END,
                    CASE WHEN kra.target_text(words.target, line.unit) = target_text
                         THEN format('"%s" is in force%s, but "%s" was acknowledged on %s', line.target, CASE line.provenance WHEN 'imposed' THEN ', imposed' ELSE '' END, words.target, words.at)
                         ELSE format('a target of %s is in force%s, but %s was acknowledged on %s', target_text, CASE line.provenance WHEN 'imposed' THEN ', imposed' ELSE '' END,
                                     kra.target_text(words.target, line.unit), words.at) END,
                    NULL, line.target_from, NULL);
            END IF;
        END IF;

        -- target_beyond_history
        IF limits ? 'target_beyond_history' AND direction IN ('at_least', 'at_most') AND known >= 6 AND NOT kra.met(level, line.target) THEN
            DECLARE
                ahead integer := 1;
                best double precision;
            BEGIN
                WHILE ahead < n AND kra_internal.grid_end(line.grid, kra_internal.grid_shift(line.grid, line.last_start, ahead)) < kra.due_on(line.target) LOOP
                    ahead := ahead + 1;
                END LOOP;
                best := kra_internal.best_improvement(history, ahead, direction);
                number := abs(goal - level);
                IF number - greatest(best, 0) > 1e-12 * greatest(abs(goal), abs(level)) AND best IS NOT NULL THEN
                    RETURN NEXT kra_internal.fault_of('target_beyond_history', subject, line, NULL,
                        format('asks to get from %s to %s in %s, a change of %s; %s', kra.value_text(level, line.unit), kra.value_text(goal, line.unit), kra_internal.count_text(ahead, line.cadence),
                               kra.value_text(number, NULL), CASE WHEN best > 0 THEN format('the best ever seen in that time is %s', kra.value_text(best, NULL)) ELSE 'it never improved in that time' END),
                        NULL, line.target_from, number);
                END IF;
            END;
        END IF;

        -- target_beyond_limits
        IF limits ? 'target_beyond_limits' THEN
            DECLARE
                lowest_possible double precision;
                highest_possible double precision;
                process kra.xmr;
                never_met boolean;
                is_said boolean := false;
            BEGIN
                IF line.scale IS NOT NULL OR btrim(line.unit) = '%' AND line.over_time IN ('ratio', 'mean', 'last', 'min', 'max') THEN
                    highest_possible := 100;
                    lowest_possible := CASE line.scale WHEN 'nps' THEN -100 ELSE 0 END;
                    number := greatest(kra.lower(line.target), kra.upper(line.target));
                    IF number <= 100 + 1e-10 THEN
                        number := least(kra.lower(line.target), kra.upper(line.target));
                    END IF;
                    -- a rate of growth, say, can be what a share cannot: if it was, it is none
                    IF number > 100 + 1e-10 AND (SELECT coalesce(max(u.v), 0) <= 100 FROM unnest(history) u (v))
                       OR number < lowest_possible - 1e-10 AND (SELECT coalesce(min(u.v), 0) >= lowest_possible FROM unnest(history) u (v)) THEN
                        -- a percentage may be one of growth: only answers on a scale cannot go beyond
                        RETURN NEXT kra_internal.fault_of('target_beyond_limits', subject, line, CASE WHEN line.scale IS NULL THEN 'warning' END,
                            format(CASE WHEN line.scale IS NULL THEN 'asks for %s; no value was ever %s than %s' ELSE 'asks for %s; it cannot be %s than %s' END, target_text, CASE WHEN number > 100 THEN 'more' ELSE 'less' END,
                                   kra.value_text(CASE WHEN number > 100 THEN highest_possible ELSE lowest_possible END, line.unit)),
                            NULL, line.target_from, number);
                        is_said := true;
                    END IF;
                END IF;
                IF NOT is_said AND known >= 13 AND NOT kra.met(level, line.target) THEN
                    SELECT kra.xmr_agg(u.v ORDER BY u.i), NOT coalesce(bool_or(kra.met(u.v, line.target)), false) INTO process, never_met
                    FROM unnest(history) WITH ORDINALITY u (v, i);
                    IF never_met AND kra.assurance(process, line.target) = 'consistently_missed' THEN
                        RETURN NEXT kra_internal.fault_of('target_beyond_limits', subject, line, 'warning',
                            format('asks for %s; the process as it is gives %s to %s, and none of %s met it', target_text,
                                   kra.value_text(kra.lower_limit(process), line.unit), kra.value_text(kra.upper_limit(process), line.unit), kra_internal.count_text(known, 'value')),
                            NULL, line.target_from, coalesce(goal, kra.lower(line.target)));
                    END IF;
                END IF;
            END;
        END IF;

        -- target_above_300_pct
        IF limits ? 'target_above_300_pct' THEN
            threshold := (limits->>'target_above_300_pct')::double precision;
            start := coalesce(kra.baseline(line.target), level);
            -- nothing at all, such as no accidents, is no multiple of anything
            IF start > 0 AND (direction = 'at_least' AND goal > start * threshold * (1 + 1e-12) OR direction = 'at_most' AND goal > 0 AND goal * threshold < start * (1 - 1e-12)) THEN
                number := CASE direction WHEN 'at_least' THEN goal / start ELSE start / goal END;
                RETURN NEXT kra_internal.fault_of('target_above_300_pct', subject, line, NULL,
                    format('asks to get from %s to %s: %s; %s is the most', kra.value_text(start, line.unit), kra.value_text(goal, line.unit),
                           'a factor of ' || round(number::numeric, 3)::double precision, threshold),
                    NULL, line.target_from, number);
            END IF;
        END IF;
    END IF;

    -- target_moved
    IF limits ? 'target_moved' AND line.touched_on > coalesce(line.last_start, running) THEN
        FOREACH day IN ARRAY ARRAY[running, line.last_start] LOOP
            IF day IS NOT NULL AND kra_internal.target_moved(line.kpi_id, subject.id, day, least(kra_internal.grid_end(line.grid, day), as_of)) THEN
                SELECT * INTO words FROM kra_internal.moved_text(subject.id, line, day, least(kra_internal.grid_end(line.grid, day), as_of));
                RETURN NEXT kra_internal.fault_of('target_moved', subject, line, NULL,
                    format('the target %s, after %s had begun', words.message, kra_internal.grid_label(line.grid, day)),
                    NULL, CASE WHEN words.since <= as_of THEN words.since END, NULL);
                EXIT;
            END IF;
        END LOOP;
    END IF;

    -- stale_subject
    IF line.actuals[n] IS NULL OR as_of - kra_internal.grid_end(line.grid, line.last_start) > line.stale_after THEN
        last_data := kra_internal.freshest(line.kpi_id, subject.id, as_of);
        -- not of who came, or came back, meanwhile; and not to who could not have seen data that are fresh enough
        day := greatest(last_data, kra_internal.carried_since(line.kpi_id, subject.id, as_of));
        IF limits ? 'stale_subject' AND NOT line.is_derived AND as_of - day > line.stale_after
           AND kra.sees(subject.id, as_of - line.stale_after, as_of - line.stale_after)
           AND kra_internal.is_fresh(line.kpi_id, line.grid, as_of, line.stale_after) THEN
            RETURN NEXT kra_internal.fault_of('stale_subject', subject, line, NULL,
                CASE WHEN last_data IS NULL THEN format('was never measured%s; others are, and data are stale after %s',
                                                        CASE WHEN NOT kra.sees(subject.id, day, day) THEN ' as far as you may see' ELSE '' END, kra_internal.count_text(line.stale_after, 'day'))
                     ELSE format('was last measured on %s, %s ago; others are measured, and data are stale after %s', last_data,
                                 kra_internal.count_text(as_of - last_data, 'day'), kra_internal.count_text(line.stale_after, 'day')) END,
                NULL, day + line.stale_after + 1, as_of - last_data);
        END IF;
    ELSE
        last_data := kra_internal.grid_end(line.grid, line.last_start);
    END IF;

    -- Values against the targets of their periods, the latest first, as far as a rule needs it. A
    -- period without data is neither met nor missed.
    threshold := (limits->>'consistently_missed')::double precision;
    WHILE walked < n AND (known > 0) AND (
              is_run OR walked < 6 AND (is_far OR of_six + 6 - walked >= 4)) LOOP
        -- targets of members are put together for each period anew: no further back than it takes
        EXIT WHEN line.target_from IS NULL AND walked >= greatest(6, threshold);
        IF line.actuals[n - walked] IS NULL THEN
            is_far := false;
            has_gap := true;
        ELSE
            asked := kra_internal.asked_of(subject.id, line, walked);
            hit := NOT kra_internal.is_missed(line.actuals[n - walked], asked, kra_internal.grid_end(line.grid, kra_internal.grid_shift(line.grid, line.last_start, -walked)));
            latest_asked := coalesce(latest_asked, asked);
            IF hit IS NULL THEN
                is_run := false;
                is_far := false;
            ELSIF hit THEN
                is_run := false;
                lowest := least(lowest, kra.attainment(line.actuals[n - walked], asked));
                is_far := is_far AND coalesce(kra.attainment(line.actuals[n - walked], asked) >= (limits->>'sandbagged_target')::double precision * (1 - 1e-12), false);
            ELSE
                is_far := false;
                IF has_gap AND NOT line.is_derived THEN   -- who came back starts anew
                    carried_since := coalesce(carried_since, kra_internal.carried_since(line.kpi_id, subject.id, as_of));
                    IF kra_internal.grid_end(line.grid, kra_internal.grid_shift(line.grid, line.last_start, -walked)) < carried_since THEN
                        is_run := false;
                        EXIT;
                    END IF;
                END IF;
                IF miss_last IS NULL THEN
                    miss_last := walked;
                    miss_asked := asked;
                END IF;
                IF is_run THEN
                    run := run + 1;
                    run_first := walked;
                END IF;
                IF walked < 6 THEN
                    of_six := of_six + 1;
                    six_first := walked;
                END IF;
            END IF;
        END IF;
        walked := walked + 1;
    END LOOP;

    -- sandbagged_target
    IF is_far AND walked >= 6 THEN
        RETURN NEXT kra_internal.fault_of('sandbagged_target', subject, line, NULL,
            format('the target was met in each of the last 6 %ss, with an attainment of at least %s', line.cadence, kra_internal.share_text(lowest)),
            NULL, kra_internal.grid_shift(line.grid, line.last_start, -5), lowest);
    END IF;

    -- consistently_missed
    IF limits ? 'consistently_missed' AND (run >= threshold AND run > 0 OR of_six >= 4)
       -- a group in which somebody has no data does not miss by its work
       AND NOT (line.is_group AND EXISTS (
           SELECT FROM kra_internal.card(subject.id, line.grid, line.last_start, kra_internal.grid_end(line.grid, line.last_start)) c
           WHERE c.kpi_id = line.kpi_id AND c.is_derived AND c.observed_members < c.card_members)) THEN
        day := kra_internal.grid_shift(line.grid, line.last_start, -CASE WHEN run >= threshold AND run > 0 THEN run_first ELSE six_first END);
        RETURN NEXT kra_internal.fault_of('consistently_missed', subject, line, NULL,
            format('missed its target in %s, the last time in %s: %s',
                   CASE WHEN run >= threshold AND run > 0
                        THEN CASE WHEN is_run AND (walked < n OR run_first = n - 1) THEN 'at least ' ELSE '' END || kra_internal.count_text(run, line.cadence) || CASE WHEN run > 1 THEN ' in a row' ELSE '' END
                        ELSE format('%s of the last 6 %ss', of_six, line.cadence) END,
                   kra_internal.grid_label(line.grid, kra_internal.grid_shift(line.grid, line.last_start, -miss_last)),
                   kra.context(line.actuals[n - miss_last], miss_asked, NULL, line.unit, NULL)),
            kra_internal.diagnosis(subject, line, lines, as_of, history, day, last_data),
            day, CASE WHEN run >= threshold AND run > 0 THEN run ELSE of_six END);
    END IF;

    -- plateau
    IF limits ? 'plateau' THEN
        DECLARE
            k integer := greatest(2, least(1000, (limits->>'plateau')::double precision));
            is_flat boolean;
            process kra.xmr;
            mean double precision;
            first_at integer;
        BEGIN
            asked := coalesce(line.target, latest_asked);
            IF asked IS NOT NULL AND cardinality(array_remove(line.actuals, NULL)) >= 3 * k THEN
                SELECT kra.plateau(u.v, asked, k ORDER BY u.i) INTO is_flat FROM unnest(line.actuals) WITH ORDINALITY u (v, i);
                IF is_flat THEN
                    SELECT kra.xmr_agg(x.v, NULL, NULL, NULL, NULL, k ORDER BY x.i), avg(x.v) FILTER (WHERE x.place <= 2 * k), (n - min(x.i) FILTER (WHERE x.place <= 2 * k))::integer,
                           count(*) FILTER (WHERE x.place <= 2 * k AND kra.met(x.v, asked))
                    INTO process, mean, first_at, number
                    FROM (SELECT u.v, u.i, row_number() OVER (ORDER BY u.i DESC) AS place FROM unnest(line.actuals) WITH ORDINALITY u (v, i) WHERE u.v IS NOT NULL) x
                    WHERE x.place <= 3 * k;
                    IF 4 * number <= 2 * k THEN   -- met now and then it is near enough
                        RETURN NEXT kra_internal.fault_of('plateau', subject, line, NULL,
                            format('the last %s values stay around %s (%s to %s), against a target of %s', 2 * k, kra.value_text(mean, line.unit),
                                   kra.value_text(kra.lower_limit(process), line.unit), kra.value_text(kra.upper_limit(process), line.unit), kra.target_text(asked, line.unit)),
                            NULL, kra_internal.grid_shift(line.grid, line.last_start, -first_at), 2 * k);
                    END IF;
                END IF;
            END IF;
        END;
    END IF;

    -- low_roi_activity
    IF limits ? 'low_roi_activity' AND line.kind = 'activity' AND line.drives <> '{}' THEN
        threshold := (limits->>'low_roi_activity')::double precision;
        FOREACH outcome IN ARRAY lines LOOP
            CONTINUE WHEN outcome.kpi_id <> ALL (line.drives) OR outcome.kind <> 'outcome';
            SELECT count(*), max(back) INTO number, walked FROM generate_series(0, 5) back
            WHERE kra_internal.is_effort_without_result(subject.id, line, outcome, back);
            IF number >= threshold AND number > 0 THEN
                RETURN NEXT kra_internal.fault_of('low_roi_activity', subject, line, NULL,
                    format('met its target in %s of the last 6 %ss while "%s", which it is to drive, missed its own', number,
                           CASE WHEN kra_internal.grain_rank(line.grid) >= kra_internal.grain_rank(outcome.grid) THEN replace(line.cadence, '_', '-')
                                ELSE replace(outcome.cadence, '_', '-') END, outcome.kpi_name),
                    NULL, CASE WHEN kra_internal.grain_rank(line.grid) >= kra_internal.grain_rank(outcome.grid) THEN kra_internal.grid_shift(line.grid, line.last_start, -walked)
                               ELSE kra_internal.grid_shift(outcome.grid, outcome.last_start, -walked) END, number);
                EXIT;
            END IF;
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.findings_of_target(kra.subjects, kra_internal.card_line, kra_internal.card_line[], date, jsonb, kra_internal.settings_in_force) IS 'what is wrong on a date with a line of a subject''s card, out of all its lines: with its target, and with its values against the target, by the rules with the given limits';

-- Subjects as a whole.

CREATE FUNCTION kra_internal.unit_targets(subject_id integer, as_of date) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    role_id integer;
BEGIN
    SELECT tl.job_role_id INTO role_id FROM kra_internal.subject_timeline tl
    WHERE tl.subject_id = unit_targets.subject_id AND tl.valid_from <= unit_targets.as_of AND tl.valid_until > unit_targets.as_of;
    IF role_id IS NULL THEN
        RETURN (SELECT array_agg(o.kpi_id || ' ' || o.target ORDER BY o.kpi_id)
                FROM (SELECT DISTINCT ON (t.kpi_id) t.kpi_id, t.target FROM kra.targets t
                      WHERE t.subject_id = unit_targets.subject_id AND t.effective_from <= unit_targets.as_of
                      ORDER BY t.kpi_id, t.effective_from DESC) o
                WHERE o.target IS NOT NULL);
    END IF;
    RETURN (SELECT CASE WHEN bool_and(l.target IS NOT NULL) THEN array_agg(l.kpi_id || ' ' || l.target ORDER BY l.kpi_id) END
            FROM (SELECT rk.kpi_id, CASE WHEN o.kpi_id IS NOT NULL THEN o.target ELSE rk.target END AS target
                  FROM kra.result_areas ra
                  JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.effective_from <= unit_targets.as_of AND rk.is_active
                  JOIN kra.kpis k ON k.id = rk.kpi_id AND k.state <> 'candidate'
                  LEFT JOIN LATERAL (SELECT t.kpi_id, t.target FROM kra.targets t
                                     WHERE t.kpi_id = rk.kpi_id AND t.subject_id = unit_targets.subject_id AND t.effective_from <= unit_targets.as_of
                                     ORDER BY t.effective_from DESC LIMIT 1) o ON true
                  WHERE ra.job_role_id = role_id
                    AND NOT EXISTS (SELECT FROM kra.result_area_kpis later WHERE later.result_area_id = rk.result_area_id
                                    AND later.kpi_id = rk.kpi_id AND later.effective_from > rk.effective_from AND later.effective_from <= unit_targets.as_of)) l);
END $$;
COMMENT ON FUNCTION kra_internal.unit_targets(integer, date) IS 'the KPIs of a unit with their targets as in force on a date, to be compared with those of another: of its role and of its own; NULL: none, or a KPI of its role without a target';

CREATE FUNCTION kra_internal.people_below(subject_id integer, as_of date) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT count(*) FROM kra_internal.subject_ancestors c
            JOIN kra.subjects s ON s.id = c.subject_id AND s.kind = 'person'
            WHERE c.ancestor_id = people_below.subject_id AND c.depth > 0 AND c.valid_from <= people_below.as_of AND c.valid_until > people_below.as_of);
END $$;
COMMENT ON FUNCTION kra_internal.people_below(integer, date) IS 'how many people stand below a subject on a date';

CREATE FUNCTION kra_internal.is_review_owed(subject_id integer, grid kra_internal.grid, period_start date, as_of date, last_data date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    period_end date := kra_internal.grid_end(is_review_owed.grid, is_review_owed.period_start);
BEGIN
    RETURN coalesce(is_review_owed.period_start <= is_review_owed.last_data, false)
       AND kra.sees(is_review_owed.subject_id, is_review_owed.period_start, period_end)   -- else its review is hidden, too
       AND NOT EXISTS (   -- one of a longer or shorter period that ends on the same day will do
           SELECT FROM kra.reviews r
           WHERE r.subject_id = is_review_owed.subject_id AND kra_internal.last_day(r.period_grain, r.period_start) = period_end
             AND kra_internal.day_of(r.closed_at) <= is_review_owed.as_of)
       AND EXISTS (SELECT FROM kra_internal.subject_timeline tl WHERE tl.subject_id = is_review_owed.subject_id AND tl.job_role_id IS NOT NULL
                   AND tl.valid_from <= is_review_owed.period_start)
       AND EXISTS (   -- a card that can be closed
           SELECT FROM kra_internal.subject_timeline tl
           JOIN kra_internal.role_lines(period_end) l ON l.job_role_id = tl.job_role_id
           JOIN kra.kpis k ON k.id = l.kpi_id AND kra_internal.grain_rank(k.grid) <= kra_internal.grain_rank(is_review_owed.grid) AND k.state <> 'candidate'
           WHERE tl.subject_id = is_review_owed.subject_id
             AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, is_review_owed.period_start, period_end));
END $$;
COMMENT ON FUNCTION kra_internal.is_review_owed(integer, kra_internal.grid, date, date, date) IS 'is the review of a period that is over still to be closed on a date? Only of who had a role when it began, and a card of that role in it, where the caller saw the subject then, and there are data of the catalogue (last_data: see kra_internal.data_range)';

CREATE FUNCTION kra_internal.findings_of_subject(subject_id integer, as_of date, limits jsonb) RETURNS SETOF kra_internal.fault
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET jit = off SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    subject kra.subjects;
    settings kra_internal.settings_in_force;
    place kra_internal.subject_timeline;
    lines kra_internal.card_line[];
    line kra_internal.card_line;
    last_data date := (SELECT r.last_start FROM kra_internal.data_range(findings_of_subject.as_of) r);
    kpis integer;            -- on its card; NULL where the card is that of groups below
    threshold double precision;
    number double precision;
    day date;
    grid kra_internal.grid;
    run integer;
    blank integer;
    first_day date;
    people_here integer;
    targets_here text[];
    words text;
    r record;
BEGIN
    SELECT * INTO subject FROM kra.subjects s WHERE s.id = findings_of_subject.subject_id;
    SELECT * INTO place FROM kra_internal.subject_timeline tl
    WHERE tl.subject_id = findings_of_subject.subject_id AND tl.valid_from <= findings_of_subject.as_of AND tl.valid_until > findings_of_subject.as_of;
    IF place.subject_id IS NULL
       OR NOT kra.sees(subject.id, findings_of_subject.as_of, findings_of_subject.as_of) THEN   -- who saw it only before would miss what came since
        RETURN;
    END IF;
    SELECT * INTO settings FROM kra_internal.settings_in_force;
    lines := ARRAY(SELECT l FROM kra_internal.card_lines(subject.id, findings_of_subject.as_of,
        least(1000, greatest(settings.history_periods, 6, (limits->>'consistently_missed')::double precision, 3 * (limits->>'plateau')::double precision))::integer) l);
    kpis := CASE WHEN place.job_role_id IS NOT NULL
                   OR NOT EXISTS (SELECT FROM kra_internal.subject_ancestors c WHERE c.ancestor_id = subject.id AND c.depth > 1
                                  AND c.valid_from <= findings_of_subject.as_of AND c.valid_until > findings_of_subject.as_of) THEN cardinality(lines) END;

    -- What its targets and values break, line by line.
    FOREACH line IN ARRAY lines LOOP
        RETURN QUERY SELECT * FROM kra_internal.findings_of_target(subject, line, lines, findings_of_subject.as_of, limits, settings);
    END LOOP;

    -- overloaded
    IF subject.kind = 'person' AND kpis >= (limits->>'overloaded')::double precision THEN
        RETURN NEXT kra_internal.fault_of('overloaded', subject,
            format('carries %s; %s', kra_internal.count_text(kpis, 'KPI'), kra_internal.focus_text(coalesce((limits->>'too_many_kpis')::double precision, 5))),
            (SELECT (array_agg(o.day ORDER BY o.day))[ceil((limits->>'overloaded')::double precision)]
             FROM (SELECT kra_internal.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    -- too_many_kpis
    ELSIF subject.kind = 'person' AND kpis > (limits->>'too_many_kpis')::double precision THEN
        RETURN NEXT kra_internal.fault_of('too_many_kpis', subject,
            format('carries %s; %s', kra_internal.count_text(kpis, 'KPI'), kra_internal.focus_text((limits->>'too_many_kpis')::double precision)),
            (SELECT (array_agg(o.day ORDER BY o.day))[floor((limits->>'too_many_kpis')::double precision) + 1]
             FROM (SELECT kra_internal.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    END IF;

    -- too_many_kpis_in_group
    IF subject.kind IN ('team', 'project') AND kpis > (limits->>'too_many_kpis_in_group')::double precision THEN
        RETURN NEXT kra_internal.fault_of('too_many_kpis_in_group', subject,
            format('carries %s; a group steers by %s at most', kra_internal.count_text(kpis, 'KPI'), limits->>'too_many_kpis_in_group'),
            (SELECT (array_agg(o.day ORDER BY o.day))[floor((limits->>'too_many_kpis_in_group')::double precision) + 1]
             FROM (SELECT kra_internal.carried_since(l.kpi_id, subject.id, findings_of_subject.as_of) AS day FROM unnest(lines) l) o), kpis);
    END IF;

    -- login_unknown
    IF limits ? 'login_unknown' AND subject.login IS NOT NULL AND kra.sees_all()
       AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = subject.login) THEN
        RETURN NEXT kra_internal.fault_of('login_unknown', subject,
            format('has the login %s, which is no database role', kra_internal.quoted(subject.login)),
            NULL, NULL);
    END IF;

    -- too_few_objectives, too_many_objectives: those that serve none of its own. The company at the
    -- top has those that are of nobody.
    IF limits ?| '{too_few_objectives,too_many_objectives}' THEN
        SELECT count(*) AS n, count(*) FILTER (WHERE b.id IS NULL) AS own, array_agg(o.starts_on ORDER BY o.starts_on NULLS FIRST) FILTER (WHERE b.id IS NULL) AS starts,
               string_agg(o.name, ', ' ORDER BY o.starts_on NULLS FIRST, o.key) FILTER (WHERE b.id IS NULL) AS names
        INTO r
        FROM kra.objectives o
        LEFT JOIN kra.objective_parents op ON op.objective_id = o.id
        LEFT JOIN kra.objectives b ON b.id = op.parent_id
            AND (b.subject_id = subject.id OR b.subject_id IS NULL AND subject.kind = 'company' AND place.parent_id IS NULL)
            AND coalesce(b.starts_on <= findings_of_subject.as_of, true) AND coalesce(b.due_on >= findings_of_subject.as_of, true)
        WHERE (o.subject_id = subject.id OR o.subject_id IS NULL AND subject.kind = 'company' AND place.parent_id IS NULL)
          AND coalesce(o.starts_on <= findings_of_subject.as_of, true) AND coalesce(o.due_on >= findings_of_subject.as_of, true);
        IF r.n > 0 AND r.own < (limits->>'too_few_objectives')::double precision THEN
            RETURN NEXT kra_internal.fault_of('too_few_objectives', subject, format('has %s (%s); at least %s keep balance', kra_internal.count_text(r.own, 'objective'), r.names, limits->>'too_few_objectives'), NULL, r.own);
        ELSIF r.own > (limits->>'too_many_objectives')::double precision THEN
            RETURN NEXT kra_internal.fault_of('too_many_objectives', subject,
                format('has %s at a time; %s', kra_internal.count_text(r.own, 'objective'), kra_internal.focus_text((limits->>'too_many_objectives')::double precision)),
                r.starts[floor((limits->>'too_many_objectives')::double precision)::integer + 1], r.own);
        END IF;
    END IF;

    -- too_many_primary_outcomes
    IF limits ? 'too_many_primary_outcomes' AND subject.kind = 'team' AND kpis IS NOT NULL THEN
        SELECT count(*) AS n, string_agg(l.kpi_name, ', ' ORDER BY l.kpi_name, l.kpi_key) AS names INTO r
        FROM unnest(lines) l WHERE l.kind = 'outcome' AND l.weight > 0 AND l.drives = '{}';
        IF r.n > (limits->>'too_many_primary_outcomes')::double precision THEN
            RETURN NEXT kra_internal.fault_of('too_many_primary_outcomes', subject,
                format('has %s that lead%s to no other (%s); more than %s compete', kra_internal.count_text(r.n, 'outcome'), CASE r.n WHEN 1 THEN 's' ELSE '' END, r.names, limits->>'too_many_primary_outcomes'), NULL, r.n);
        END IF;
    END IF;

    -- busy_not_moving: a period in which a side has no data is neither here nor there. Cards of
    -- members are put together for each period anew: no further back than it takes.
    IF limits ? 'busy_not_moving' AND last_data IS NOT NULL
       AND EXISTS (SELECT FROM unnest(lines) l WHERE l.kind = 'outcome' AND l.weight > 0) AND EXISTS (SELECT FROM unnest(lines) l WHERE l.kind = 'activity' AND l.weight > 0) THEN
        threshold := greatest(1, (limits->>'busy_not_moving')::double precision);
        grid := (SELECT l.grid FROM unnest(lines) l ORDER BY l.grid DESC LIMIT 1);
        day := kra_internal.last_period(grid, findings_of_subject.as_of, last_data);
        run := 0;
        blank := 0;
        LOOP
            SELECT i.flag, i.reason INTO r
            FROM kra.imbalance((kra_internal.period_card(subject.id, grid, day, kra_internal.grid_end(grid, day))).card) i;
            IF r.flag = 'busy_not_moving' THEN
                run := run + 1;
                first_day := day;
                IF run = 1 THEN
                    words := kra_internal.with_kpi_names(substr(r.reason, length('busy, but not moving: ') + 1));
                END IF;
            ELSIF r.flag = 'insufficient_data' THEN
                blank := blank + 1;
            ELSE
                EXIT;
            END IF;
            EXIT WHEN blank > 6 OR run >= threshold AND (lines[1].is_derived OR run + blank >= settings.history_periods);
            day := kra_internal.grid_shift(grid, day, -1);
        END LOOP;
        IF run >= threshold THEN
            RETURN NEXT kra_internal.fault_of('busy_not_moving', subject,
                format('busy, but not moving, for %s%s; in the last, %s', CASE WHEN r.flag = 'busy_not_moving' THEN 'at least ' ELSE '' END,
                       kra_internal.count_text(run, kra_internal.grid_grain(grid)) || CASE WHEN run > 1 THEN ' in a row' ELSE '' END, words), first_day, run);
        END IF;
    END IF;

    -- copied_from_unit: said of the later of two
    IF limits ? 'copied_from_unit' AND subject.kind <> 'person' THEN
        threshold := (limits->>'copied_from_unit')::double precision;
        targets_here := kra_internal.unit_targets(subject.id, findings_of_subject.as_of);
        IF cardinality(targets_here) >= 2
           AND EXISTS (SELECT FROM unnest(targets_here) t (text) JOIN kra.kpis k ON k.id = split_part(t.text, ' ', 1)::integer
                       WHERE k.over_subjects IN ('sum', 'count')) THEN   -- a rate of 95 % fits any size
            people_here := greatest(kra_internal.people_below(subject.id, findings_of_subject.as_of), 1);
            SELECT o.name, p.people, greatest(people_here, p.people)::double precision / least(people_here, p.people) AS factor INTO r
            FROM kra.subjects o
            JOIN kra_internal.subject_timeline tl ON tl.subject_id = o.id AND tl.valid_from <= findings_of_subject.as_of AND tl.valid_until > findings_of_subject.as_of
            CROSS JOIN LATERAL (SELECT greatest(kra_internal.people_below(o.id, findings_of_subject.as_of), 1) AS people OFFSET 0) p
            WHERE o.id < subject.id AND o.kind <> 'person'
              AND greatest(people_here, p.people) >= threshold * least(people_here, p.people) * (1 - 1e-12)
              AND kra_internal.unit_targets(o.id, findings_of_subject.as_of) = targets_here
            ORDER BY factor DESC, o.id LIMIT 1;
            IF FOUND THEN
                RETURN NEXT kra_internal.fault_of('copied_from_unit', subject,
                    format('has the %s KPIs of %s with the very same targets, for %s instead of %s: a factor of %s', cardinality(targets_here), r.name, CASE people_here WHEN 1 THEN '1 person' ELSE people_here || ' people' END, r.people, kra.value_text(r.factor, NULL)),
                    NULL, r.factor);
            END IF;
        END IF;
    END IF;

    -- review_overdue
    IF limits ? 'review_overdue' AND place.job_role_id IS NOT NULL THEN
        threshold := floor(least((limits->>'review_overdue')::double precision, 100000));
        grid := kra_internal.grid_in_force(settings.review_cadence);
        day := kra_internal.grid_shift(grid, kra_internal.grid_start(grid, findings_of_subject.as_of - threshold::integer), -1);   -- the last that ended more than that before
        IF kra_internal.is_review_owed(subject.id, grid, day, findings_of_subject.as_of, last_data) THEN
            number := findings_of_subject.as_of - kra_internal.grid_end(grid, day);
            words := kra_internal.grid_label(grid, day);
            RETURN NEXT ROW('review_overdue', 'review', kra_internal.about_key(subject.key, words), subject.name || ' / ' || words, subject.id, place.job_role_id, NULL, NULL, NULL,
                format('the review of %s is not closed, %s after its end', words, kra_internal.count_text(number, 'day')),
                NULL, kra_internal.grid_end(grid, day) + threshold::integer + 1, number)::kra_internal.fault;
        END IF;
    END IF;

    -- review_without_action: of the latest; no more than a hint where nothing was missed
    IF limits ? 'review_without_action' THEN
        SELECT v.* INTO r FROM kra.reviews v
        WHERE v.subject_id = subject.id AND kra_internal.day_of(v.closed_at) <= findings_of_subject.as_of
        ORDER BY kra_internal.last_day(v.period_grain, v.period_start) DESC, v.period_start, v.id DESC LIMIT 1;
        IF FOUND AND NOT EXISTS (SELECT FROM kra.actions a WHERE a.review_id = r.id AND kra_internal.day_of(a.created_at) <= findings_of_subject.as_of) THEN
            SELECT count(*) FILTER (WHERE kra_internal.is_missed(e.actual, e.target, kra_internal.last_day(r.period_grain, r.period_start))) INTO number FROM kra.entries(r.card) e;
            words := kra_internal.grid_label(kra_internal.grid_in_force(r.period_grain), r.period_start);
            RETURN NEXT ROW('review_without_action', 'review', kra_internal.about_key(subject.key, words), subject.name || ' / ' || words, subject.id, place.job_role_id, NULL, NULL,
                CASE number WHEN 0 THEN 'info' END,
                format('the review of %s was closed without an action; %s', words, CASE number WHEN 0 THEN 'no target was missed' ELSE kra_internal.count_text(number, 'target') || CASE number WHEN 1 THEN ' was missed' ELSE ' were missed' END END),
                NULL, kra_internal.day_of(r.closed_at), number)::kra_internal.fault;
        END IF;
    END IF;

    -- action_overdue
    IF limits ? 'action_overdue' THEN
        RETURN QUERY
        SELECT 'action_overdue', 'action', kra_internal.about_key(subject.key, a.id::text), subject.name || ' / ' || kra_internal.cut_text(a.description), subject.id, NULL::integer, NULL::integer, a.kpi_id, NULL::text,
               format('"%s"%s was due on %s, %s ago', kra_internal.cut_text(a.description), coalesce(' by ' || nullif(o.name, subject.name), ''), a.due_on, kra_internal.count_text(findings_of_subject.as_of - a.due_on, 'day')),
               NULL::text, a.due_on + 1, (findings_of_subject.as_of - a.due_on)::double precision
        FROM kra.actions a
        LEFT JOIN kra.subjects o ON o.id = a.owner_id
        WHERE a.subject_id = subject.id AND a.due_on < findings_of_subject.as_of
          AND (a.done_on IS NULL OR a.done_on > findings_of_subject.as_of) AND kra_internal.day_of(a.created_at) <= findings_of_subject.as_of
        ORDER BY a.due_on, a.id;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.findings_of_subject(integer, date, jsonb) IS 'what is wrong with a subject, its targets, results, reviews and actions on a date, by the rules with the given limits (see kra_internal.rule_limits); nothing of one that is not active then, or that the caller did not see that day';
