-- Targets: set, taken as one's own, and proposed out of what there was.

CREATE FUNCTION kra_internal.check_period(_kpi kra.kpis, _target kra.kpi_target, _target_grain text,
    _phasing double precision[]) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f record;
BEGIN
    IF _target_grain NOT IN ('day', 'week', 'month', 'quarter', 'half_year', 'year') THEN
        RAISE EXCEPTION 'target_grain must be day, week, month, quarter, half_year or year, not %',
            kra_internal.quoted(_target_grain) USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT kra_internal.is_phasing(_phasing) THEN
        RAISE EXCEPTION 'phasing must be 1 to 400 numbers, none below 0 and one above'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO f FROM kra_internal.period_fault(_kpi.grid, _kpi.over_time, _target,
                                                   _target_grain, _phasing);
    IF f.fault IS NOT NULL THEN
        PERFORM kra_internal.document_refuse(f.member, f.fault, '23514', NULL, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_period(kra.kpis, kra.kpi_target, text, double precision[]) IS 'refuses a period that no target of the KPI can be for, and a phasing that does not go with it';

CREATE FUNCTION kra.set_target(kpi text, subject text, target kra.kpi_target,
    effective_from date DEFAULT kra_internal.today(), provenance text DEFAULT NULL,
    note text DEFAULT NULL, target_grain text DEFAULT NULL, phasing double precision[] DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(set_target.kpi);
    s kra.subjects := kra_internal.subject_named(set_target.subject);
    old kra.targets;
    new kra.targets;
    is_same boolean;
BEGIN
    PERFORM kra_internal.check_length('note', set_target.note, 'note');
    IF set_target.effective_from IS NULL OR NOT isfinite(set_target.effective_from) THEN
        RAISE EXCEPTION 'effective_from must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    PERFORM kra_internal.check_sets_target(s.id, set_target.effective_from);
    SELECT * INTO old FROM kra.targets t
    WHERE t.kpi_id = k.id AND t.subject_id = s.id AND t.effective_from <= set_target.effective_from
    ORDER BY t.effective_from DESC LIMIT 1;

    new.target := set_target.target;
    new.provenance := set_target.provenance;
    new.note := set_target.note;
    new.target_grain := set_target.target_grain;
    new.phasing := nullif(set_target.phasing, '{}');
    is_same := coalesce(old.target = new.target, old.target IS NULL AND new.target IS NULL);
    IF is_same THEN
        -- what is not said of the same target stays; of another one it is not known
        new.provenance := coalesce(new.provenance, old.provenance);
        new.note := coalesce(new.note, old.note);
        new.target_grain := coalesce(new.target_grain, old.target_grain);
        IF set_target.phasing IS NULL AND new.target_grain = old.target_grain THEN
            new.phasing := old.phasing;
        END IF;
    ELSIF new.target IS NOT NULL AND new.target_grain IS NULL AND old.target_grain IS NOT NULL THEN
        RAISE EXCEPTION 'target_grain is missing: the target in force is for a %',
            replace(old.target_grain, '_', '-')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Give target_grain => %L, or the period that the new one is for.',
                                old.target_grain);
    END IF;
    PERFORM kra_internal.check_period(k, new.target, new.target_grain, new.phasing);
    IF old.kpi_id IS NOT NULL AND is_same
       AND (old.provenance, old.note, old.target_grain, old.phasing)
           IS NOT DISTINCT FROM (new.provenance, new.note, new.target_grain, new.phasing) THEN
        RETURN false;
    END IF;
    INSERT INTO kra.targets AS t (kpi_id, subject_id, effective_from, target, provenance, note,
                                  target_grain, phasing)
    VALUES (k.id, s.id, set_target.effective_from, new.target, new.provenance, new.note,
            new.target_grain, new.phasing)
    ON CONFLICT (kpi_id, subject_id, effective_from)
    DO UPDATE SET target = excluded.target, provenance = excluded.provenance, note = excluded.note,
                  target_grain = excluded.target_grain, phasing = excluded.phasing,
                  set_by = excluded.set_by;
    RETURN true;
END $$;
COMMENT ON FUNCTION kra.set_target(text, text, kra.kpi_target, date, text, text, text, double precision[]) IS 'sets the target of a subject with a KPI from a day on, in place of its role''s; NULL: none from then on. provenance: history, benchmark, market, negotiated or imposed; note: the reasoning. target_grain: the period that the number is for, not shorter than the KPI''s cadence, which is the default; that of a sum or count is shared out to the parts of the period, by phasing, a number for each of them, where it is given, else equally. For authors, and for target setters, of the subjects below their own; nobody but an admin sets their own. False when that is in force already, and nothing is written; a provenance, note, target_grain or phasing of NULL leaves those of the same target, and an empty phasing makes its parts equal. Error for another number without a target_grain where the target in force has one';

-- Answers to targets. Only a yes is consent: one that nobody's later answer, nor a standing no of
-- somebody else, speaks against.

CREATE FUNCTION kra_internal.check_answer(_answer text, _comment text, _counter_target kra.kpi_target,
    _target kra.kpi_target)
RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF _answer IN ('yes', 'no', 'counter') IS NOT TRUE THEN
        RAISE EXCEPTION 'answer must be yes, no or counter'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'With counter goes another target, as counter_target.';
    ELSIF (_answer = 'counter') <> (_counter_target IS NOT NULL) THEN
        RAISE EXCEPTION 'a counter-proposal needs answer counter and a counter_target'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF _counter_target = _target THEN
        RAISE EXCEPTION 'the counter-proposal is the target itself'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF _answer <> 'yes' AND coalesce(btrim(_comment), '') = '' THEN
        RAISE EXCEPTION '% needs a reason',
            CASE _answer WHEN 'no' THEN 'a no' ELSE 'a counter-proposal' END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give it as comment.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_answer(text, text, kra.kpi_target, kra.kpi_target) IS 'refuses an answer to a target that is none, or is not complete';

CREATE FUNCTION kra_internal.target_to_answer(_kpi kra.kpis, _subject kra.subjects, _day date)
RETURNS kra.kpi_target
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    day constant date := coalesce(_day, kra_internal.today());
    target kra.kpi_target;
    later date;
BEGIN
    IF NOT isfinite(day) THEN
        RAISE EXCEPTION 'effective_from must be a finite date'
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    target := kra_internal.target_in_force(_kpi.id, _subject.id,
                                           kra_internal.grid_start(_kpi.grid, day), day);
    IF target IS NULL THEN
        SELECT min(t.effective_from) INTO later FROM kra.targets t
        WHERE t.kpi_id = _kpi.id AND t.subject_id = _subject.id AND t.effective_from > day
          AND t.target IS NOT NULL;
        RAISE EXCEPTION 'subject % has no target with KPI %', quote_ident(_subject.key),
            quote_ident(_kpi.key)
            USING ERRCODE = 'no_data_found',
                  HINT = coalesce('One starts on ' || to_char(later, 'YYYY-MM-DD')
                                      || ': give that day as effective_from.',
                                  'kra.set_target sets one.');
    END IF;
    RETURN target;
END $$;
COMMENT ON FUNCTION kra_internal.target_to_answer(kra.kpis, kra.subjects, date) IS 'the target of a subject that is in force on a day (NULL: today), which may be to come; error when there is none';

CREATE FUNCTION kra_internal.last_answers(_kpi_id integer, _subject_id integer, _as_of date)
RETURNS SETOF kra.acknowledgements LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    -- not DISTINCT ON: pg_upgrade makes functions before the operator classes that sort their types
    SELECT a.*
    FROM kra.acknowledgements a
    WHERE a.kpi_id = _kpi_id AND a.subject_id = _subject_id
      AND (_as_of IS NULL
           OR a.acknowledged_at < kra_internal.day_begins(_as_of + 1))
      AND NOT EXISTS (
          SELECT FROM kra.acknowledgements later
          WHERE later.kpi_id = _kpi_id AND later.subject_id = _subject_id
            AND (_as_of IS NULL
                 OR later.acknowledged_at < kra_internal.day_begins(_as_of + 1))
            AND later.target = a.target
            AND CASE WHEN later.given_by IS NULL THEN later.acknowledged_by END
                IS NOT DISTINCT FROM CASE WHEN a.given_by IS NULL THEN a.acknowledged_by END
            AND (coalesce(later.given_on, 'infinity'), later.acknowledged_at)
                > (coalesce(a.given_on, 'infinity'), a.acknowledged_at));
END;
COMMENT ON FUNCTION kra_internal.last_answers(integer, integer, date) IS 'the last answer of each who gave one (on paper: the subject) to each target of a subject with a KPI, up to a day; NULL: of all';

CREATE FUNCTION kra_internal.consents(_kpi_id integer, _subject_id integer, _as_of date)
RETURNS SETOF kra.acknowledgements LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    WITH answer AS (
        SELECT * FROM kra_internal.last_answers(_kpi_id, _subject_id, _as_of)
    )
    SELECT a.* FROM answer a
    WHERE a.answer = 'yes'
      AND NOT EXISTS (SELECT FROM answer r WHERE r.target = a.target AND r.answer <> 'yes');
END;
COMMENT ON FUNCTION kra_internal.consents(integer, integer, date) IS 'acknowledgements of a subject''s targets with a KPI that are consent: a last answer that is yes, to a target to which nobody''s last answer is another; up to a day; NULL: of all';

CREATE FUNCTION kra_internal.refusal(_kpi_id integer, _subject_id integer, _target kra.kpi_target,
    _as_of date) RETURNS kra.acknowledgements
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a FROM kra_internal.last_answers(_kpi_id, _subject_id, _as_of) a
    WHERE a.target = _target AND a.answer <> 'yes'
    ORDER BY a.acknowledged_at DESC
    LIMIT 1;
END;
COMMENT ON FUNCTION kra_internal.refusal(integer, integer, kra.kpi_target, date) IS 'the latest no or counter-proposal to a target that stands, up to a day; NULL: there is none';

CREATE FUNCTION kra.acknowledge(kpi text, subject text, comment text DEFAULT NULL,
    answer text DEFAULT 'yes', counter_target kra.kpi_target DEFAULT NULL,
    effective_from date DEFAULT NULL)
RETURNS kra.kpi_target
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(acknowledge.kpi);
    s kra.subjects := kra_internal.subject_named(acknowledge.subject);
    wanted kra.kpi_target;
    last_one kra.acknowledgements;
BEGIN
    IF kra_internal.may_acknowledge(k.id, s.id) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to acknowledge the target of subject "%" with KPI "%"',
            s.key, k.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'The login of the subject may, and that of the KPI''s owner who sees the '
                         'subject. kra.note_acknowledgement notes what was said on paper.';
    END IF;
    wanted := kra_internal.target_to_answer(k, s, acknowledge.effective_from);
    PERFORM kra_internal.check_answer(acknowledge.answer, acknowledge.comment,
                                      acknowledge.counter_target, wanted);
    SELECT a.* INTO last_one FROM kra.acknowledgements a
    WHERE a.kpi_id = k.id AND a.subject_id = s.id AND a.acknowledged_by = kra.viewer()
      AND a.given_by IS NULL AND a.target = wanted
    ORDER BY a.acknowledged_at DESC LIMIT 1;
    IF last_one.answer = acknowledge.answer
       AND (last_one.answer = 'yes'
            OR (last_one.comment, last_one.counter_target::text)
               IS NOT DISTINCT FROM (acknowledge.comment, acknowledge.counter_target::text)) THEN
        RETURN wanted;
    END IF;
    INSERT INTO kra.acknowledgements
        (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, answer, counter_target,
         comment)
    VALUES (k.id, s.id, clock_timestamp(), kra.viewer(), wanted, acknowledge.answer,
            acknowledge.counter_target, acknowledge.comment);
    RETURN wanted;
END $$;
COMMENT ON FUNCTION kra.acknowledge(text, text, text, text, kra.kpi_target, date) IS 'answers the target that is in force today, or on the day effective_from, which may be to come, and gives it back: yes (the default: it is taken as one''s own), no, or counter with another target, both with a reason as comment. Only yes is consent; the last answer counts. For the login of the subject, and that of the KPI''s owner who sees it; error for others, and where there is no target. The same again is no new answer';

CREATE FUNCTION kra.note_acknowledgement(kpi text, subject text, answer text, given_by text,
    given_on date, comment text DEFAULT NULL, counter_target kra.kpi_target DEFAULT NULL,
    effective_from date DEFAULT NULL)
RETURNS kra.kpi_target
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(note_acknowledgement.kpi);
    s kra.subjects := kra_internal.subject_named(note_acknowledgement.subject);
    wanted kra.kpi_target;
BEGIN
    IF kra_internal.may_note(s.id) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to note an acknowledgement of subject "%"', s.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Reviewers (kra.grant_reviewer) and target setters '
                         '(kra.grant_target_setter) may, for the subjects below their own.';
    END IF;
    PERFORM kra_internal.check_words('given_by', note_acknowledgement.given_by);
    PERFORM kra_internal.check_day('given_on', note_acknowledgement.given_on);
    IF note_acknowledgement.given_on > kra_internal.today() THEN
        RAISE EXCEPTION 'given_on must not be in the future'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    wanted := kra_internal.target_to_answer(k, s, note_acknowledgement.effective_from);
    PERFORM kra_internal.check_answer(note_acknowledgement.answer, note_acknowledgement.comment,
                                      note_acknowledgement.counter_target, wanted);
    IF EXISTS (SELECT FROM kra.acknowledgements a
               WHERE a.kpi_id = k.id AND a.subject_id = s.id AND a.target = wanted
                 AND a.given_by IS NULL AND a.acknowledged_by = s.login) THEN
        RAISE EXCEPTION 'subject "%" has answered that target with a login', s.key
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Then only kra.acknowledge by that login changes the answer.';
    END IF;
    INSERT INTO kra.acknowledgements
        (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, answer, counter_target,
         comment, given_by, given_on)
    VALUES (k.id, s.id, clock_timestamp(), kra.viewer(), wanted, note_acknowledgement.answer,
            note_acknowledgement.counter_target, note_acknowledgement.comment,
            note_acknowledgement.given_by, note_acknowledgement.given_on);
    RETURN wanted;
END $$;
COMMENT ON FUNCTION kra.note_acknowledgement(text, text, text, text, date, text, kra.kpi_target, date) IS 'notes what somebody (given_by) answered on paper, on a day (given_on), to a subject''s target: as kra.acknowledge, which needs a login, in its other arguments and in what it gives back. For reviewers and target setters, of the subjects below their own, never of their own; error for others, and where the subject has answered that target with a login';

CREATE FUNCTION kra_internal.recent_level(series double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_ones double precision[] := '{}';
BEGIN
    FOR i IN REVERSE coalesce(array_upper(series, 1), 0)..1 LOOP
        IF series[i] IS NOT NULL THEN
            last_ones := last_ones || series[i];
            EXIT WHEN cardinality(last_ones) = 3;
        END IF;
    END LOOP;
    RETURN CASE cardinality(last_ones)
        WHEN 3 THEN greatest(least(last_ones[1], last_ones[2]), least(greatest(last_ones[1], last_ones[2]), last_ones[3]))
        WHEN 2 THEN last_ones[1] + (last_ones[2] - last_ones[1]) / 2
        ELSE last_ones[1] END;
END $$;
COMMENT ON FUNCTION kra_internal.recent_level(double precision[]) IS 'where a series stands: the median of its last 3 values, since one alone may be chance; NULLs are left out; NULL without a value';

CREATE FUNCTION kra_internal.best_improvement(series double precision[], ahead integer, direction text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sign integer := CASE direction WHEN 'at_least' THEN 1 WHEN 'at_most' THEN -1 END;
    best double precision;
BEGIN
    FOR i IN 1 + ahead..cardinality(series) LOOP
        best := greatest(best, sign * (series[i] - series[i - ahead]));
    END LOOP;
    RETURN best;
END $$;
COMMENT ON FUNCTION kra_internal.best_improvement(double precision[], integer, text) IS 'greatest change for the better (direction at_least: up, at_most: down) over a number of periods ever seen in a series that has a NULL for each period without a value; below 0: it never improved; NULL: no two values that far apart';

CREATE FUNCTION kra.propose_target(kpi text, subject text, as_of date DEFAULT kra_internal.today(), periods integer DEFAULT NULL,
    direction text DEFAULT NULL, ahead integer DEFAULT 3)
RETURNS TABLE (target kra.kpi_target, baseline double precision, last_value double precision, trend_slope double precision, trend_direction text,
    best_improvement double precision, natural_lower double precision, natural_upper double precision, periods_used integer, reason text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(propose_target.kpi);
    s kra.subjects := kra_internal.subject_named(propose_target.subject);
    present kra.kpi_target;
    towards text := propose_target.direction;
    sign integer;
    last_start date;
    first_start date;
    lookback integer := coalesce(propose_target.periods, (SELECT history_periods FROM kra_internal.settings_in_force));
    starts date[];
    series double precision[];
    n integer;
    trend kra.kpi_trend;
    limits kra.xmr;
    forecast double precision;
    by_itself double precision;
    reach double precision;
    aim double precision;
    floor_value double precision;
    ceiling_value double precision;
    digits integer;
    average double precision;
    grain text;
BEGIN
    IF propose_target.as_of IS NULL OR NOT isfinite(propose_target.as_of) THEN
        RAISE EXCEPTION 'as_of must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    ELSIF lookback NOT BETWEEN 2 AND 1000 THEN
        RAISE EXCEPTION 'periods must be between 2 and 1000, not %', lookback USING ERRCODE = 'invalid_parameter_value';
    ELSIF coalesce(propose_target.ahead NOT BETWEEN 1 AND 1000, true) THEN
        RAISE EXCEPTION 'ahead must be between 1 and 1000, not %', coalesce(propose_target.ahead::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    present := kra_internal.target_in_force(k.id, s.id, kra_internal.grid_start(k.grid, propose_target.as_of), propose_target.as_of);
    towards := coalesce(towards, kra.direction(present));
    IF towards IS NULL THEN
        RAISE EXCEPTION 'subject % has no target with KPI % that says what is better', quote_ident(s.key), quote_ident(k.key)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give direction => ''at_least'' or ''at_most''.';
    ELSIF towards NOT IN ('at_least', 'at_most') THEN
        RAISE EXCEPTION 'a target can be proposed with direction at_least or at_most, not %', kra_internal.quoted(towards) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    sign := CASE towards WHEN 'at_least' THEN 1 ELSE -1 END;

    -- periods that are over: one that is not would look like a fall
    last_start := kra_internal.grid_start(k.grid, propose_target.as_of);
    IF kra_internal.grid_end(k.grid, last_start) > propose_target.as_of THEN
        last_start := kra_internal.grid_shift(k.grid, last_start, -1);
    END IF;
    first_start := kra_internal.grid_shift(k.grid, last_start, 1 - lookback);
    SELECT array_agg(p.at ORDER BY p.i), array_agg(v.actual ORDER BY p.i) INTO starts, series
    FROM (SELECT i, kra_internal.grid_shift(k.grid, first_start, i) AS at FROM generate_series(0, lookback - 1) i) p
    LEFT JOIN kra_internal.series(k.id, s.id, k.grid, first_start, kra_internal.grid_end(k.grid, last_start)) v ON v.period_start = p.at;

    grain := k.cadence;
    SELECT count(u.v), (array_agg(u.v ORDER BY u.i DESC) FILTER (WHERE u.v IS NOT NULL))[1], avg(u.v), kra.trend_agg(u.i::float8, u.v), min(u.v), max(u.v)
    INTO n, last_value, average, trend, floor_value, ceiling_value
    FROM unnest(series) WITH ORDINALITY u (v, i);
    baseline := kra_internal.recent_level(series);
    SELECT kra.xmr_agg(u.v ORDER BY u.i) INTO limits FROM unnest(series) WITH ORDINALITY u (v, i);
    periods_used := n;
    trend_slope := kra.slope(trend);
    trend_direction := kra.direction(trend);
    natural_lower := kra.lower_limit(limits);
    natural_upper := kra.upper_limit(limits);
    best_improvement := kra_internal.best_improvement(series, propose_target.ahead, towards);
    IF n < 4 THEN
        reason := format('%s of the last %s %ss have a value; at least 4 are needed, so no target is proposed', n, lookback, grain);
        RETURN NEXT;
        RETURN;
    END IF;

    digits := CASE WHEN best_improvement <> 0 THEN 1 - floor(log(abs(best_improvement)))::integer
                   WHEN ceiling_value > floor_value THEN 1 - floor(log(ceiling_value - floor_value))::integer
                   ELSE 6 END;
    digits := greatest(least(digits, 12), -12);
    reason := format('the last %s %ss with a value average %s, and the middle one of the last 3 is %s', n, grain,
                     round(average::numeric, digits)::float8, round(baseline::numeric, digits)::float8);
    -- no further than a share or a score can go, nor below 0 what never was
    IF k.scale IS NOT NULL THEN
        floor_value := CASE k.scale WHEN 'nps' THEN -100 ELSE 0 END;
        ceiling_value := 100;
    ELSE
        ceiling_value := CASE WHEN k.over_time = 'ratio' AND floor_value >= 0 AND ceiling_value <= 1 THEN 1 END;
        floor_value := CASE WHEN floor_value >= 0 THEN 0 END;
    END IF;
    by_itself := baseline;
    IF trend_direction IN ('rising', 'falling') THEN
        reason := reason || format('; it %s by %s a %s', CASE trend_direction WHEN 'rising' THEN 'rises' ELSE 'falls' END,
                                   round(abs(trend_slope)::numeric, greatest(digits + 1, 0))::float8, grain);
        IF sign * trend_slope > 0 THEN
            forecast := (kra.forecast(trend, (lookback + propose_target.ahead)::float8)).value;
            IF forecast <= floor_value OR forecast >= ceiling_value THEN
                reason := reason || format(', which cannot go on past %s', CASE sign WHEN 1 THEN ceiling_value ELSE floor_value END);
            ELSIF sign * (forecast - baseline) > 0 THEN
                by_itself := forecast;
                reason := reason || format(', which leads to %s in %s', round(forecast::numeric, digits)::float8,
                                           CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END);
            END IF;
        END IF;
    ELSE
        reason := reason || '; it has no trend';
    END IF;
    IF best_improvement > 0 THEN
        reach := greatest(least(baseline + sign * best_improvement, ceiling_value), floor_value);
        reason := reason || format('; the best improvement over %s was %s',
                                   CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END,
                                   round(best_improvement::numeric, digits)::float8);
    ELSE
        reason := reason || format('; over %s it has never improved', CASE propose_target.ahead WHEN 1 THEN 'one ' || grain ELSE propose_target.ahead || ' ' || grain || 's' END);
    END IF;

    -- half of the way between what comes by itself and what was done once
    IF reach IS NULL AND by_itself = baseline THEN
        reason := reason || ', so its own history gives no target: take a benchmark, or negotiate one';
        RETURN NEXT;
        RETURN;
    END IF;
    aim := CASE WHEN sign * (coalesce(reach, by_itself) - by_itself) > 0 THEN (by_itself + reach) / 2 ELSE by_itself END;
    aim := greatest(least(round(aim::numeric, digits)::float8, ceiling_value), floor_value);
    reach := greatest(least(round(reach::numeric, digits)::float8, ceiling_value), floor_value);
    baseline := round(baseline::numeric, greatest(digits + 1, 0))::float8;
    IF sign * (aim - baseline) <= 0 THEN
        reason := reason || ', so there is hardly anything to gain, and no target is proposed';
        RETURN NEXT;
        RETURN;
    END IF;
    IF sign * (reach - aim) <= 0 THEN
        reach := NULL;
    END IF;
    target := CASE towards
        WHEN 'at_least' THEN kra.at_least(aim, baseline => baseline, stretch => reach, since => kra_internal.grid_shift(k.grid, last_start, 1), due => kra_internal.grid_end(k.grid, kra_internal.grid_shift(k.grid, last_start, propose_target.ahead)))
        ELSE kra.at_most(aim, baseline => baseline, stretch => reach, since => kra_internal.grid_shift(k.grid, last_start, 1), due => kra_internal.grid_end(k.grid, kra_internal.grid_shift(k.grid, last_start, propose_target.ahead))) END;
    IF reach IS NULL THEN
        reason := reason || format(', so %s is where it goes by itself: a target to hold it to', aim);
    ELSE
        reason := reason || format(', so %s is within reach: half of the way from %s to %s, which would repeat the best and is the stretch', aim,
                                   round(by_itself::numeric, digits)::float8, reach);
    END IF;
    IF natural_lower IS NOT NULL AND trend_direction IS NOT DISTINCT FROM 'no_trend' AND sign * (aim - CASE towards WHEN 'at_least' THEN natural_upper ELSE natural_lower END) > 0 THEN
        reason := reason || format('; it lies beyond the natural limits (%s to %s), so the process has to change for it',
                                   round(natural_lower::numeric, digits)::float8, round(natural_upper::numeric, digits)::float8);
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.propose_target(text, text, date, integer, text, integer) IS 'a target out of a subject''s own history with a KPI, as of a day: of the last periods that are over (default: the setting history_periods). baseline: the median of the last 3 values, since one alone may be chance; trend_slope, per period, and trend_direction at 5 %; best_improvement over as many periods as the target is ahead (default 3); natural limits. The target lies half of the way between where it goes by itself (baseline, or the line of a trend that is good) and the baseline plus the best improvement, which is the stretch. direction, at_least or at_most, defaults to that of the present target; error without either. NULL where the history gives none: the reason says why, in words';
