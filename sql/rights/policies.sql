-- Who sees what. A database role sees the subjects whose login it is and all below them, for as
-- long as they are or were below; members of the role that the settings name see all. Views run
-- with the rights of who reads them, so these policies are all there is.
--
-- Every policy is calls of C functions on plain columns, and nothing else: no operator, no cast, no
-- subquery. They cost nothing, so that nothing that a reader writes is evaluated on a row that is
-- hidden from them (see src/policies.c). A policy that lets a role change a row must be true only
-- of rows that the role sees, since a query's own conditions come between the two.
--
-- What each kind of role may do stands in rights.sql.
--
-- Definitions that are of no subject (roles, KRAs, KPIs, objectives, benchmarks, milestones, owners
-- of KPIs by their ids) are the same for all readers.

CREATE FUNCTION kra_internal.sees_row(_subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row(integer) IS 'does the viewer see the subject of a row at any time? NULL for NULL';

CREATE FUNCTION kra_internal.sees_any_row(_subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_any_row' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_any_row(integer) IS 'does the viewer see the subject of a row at any time, or is it of none (NULL)?';

CREATE FUNCTION kra_internal.sees_row_on(_subject_id integer, _day date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row_on' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row_on(integer, date) IS 'does the viewer see the subject of a row on its day? NULL for NULL';

CREATE FUNCTION kra_internal.sees_row_at(_subject_id integer, _at timestamptz) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row_at' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row_at(integer, timestamptz) IS 'does the viewer see the subject of a row on the day of its time? NULL for NULL';

CREATE FUNCTION kra_internal.sees_row_between(
    _subject_id integer, _valid_from date, _valid_until date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row_between' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row_between(integer, date, date) IS 'does the viewer see the subject of a row on a day of its span (valid_until is the day after it)? NULL for NULL';

CREATE FUNCTION kra_internal.sees_row_of_grid(
    _subject_id integer, _grid kra_internal.grid, _period_start date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row_of_grid' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row_of_grid(integer, kra_internal.grid, date) IS 'does the viewer see the subject of a row on a day of its period? False for an unknown grid, NULL for NULL';

CREATE FUNCTION kra_internal.shows_line(
    _subject_id integer, _grid kra_internal.grid, _period_start date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_shows_line' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.shows_line(integer, kra_internal.grid, date) IS 'is the subject one of the viewer''s, or below one, in the period of a line, up to today (see shows)? False for an unknown grid, NULL for NULL';

CREATE FUNCTION kra_internal.sees_row_of_grain(
    _subject_id integer, _period_grain text, _period_start date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_row_of_grain' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_row_of_grain(integer, text, date) IS 'does the viewer see the subject of a row on a day of its period, by its grain (day, week, month, quarter, half_year or year) and first day? False for another grain, NULL for NULL';

CREATE FUNCTION kra_internal.sees_target(_kpi_id integer, _subject_id integer, _effective_from date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_target' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_target(integer, integer, date) IS 'does the viewer see the subject on a day on which its own target of that first day holds, until the next that is another? NULL for NULL';

CREATE FUNCTION kra_internal.sees_target_at(_kpi_id integer, _subject_id integer, _at timestamptz)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_target_at' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_target_at(integer, integer, timestamptz) IS 'the same of the target that was in force on the day of a time. NULL for NULL';

CREATE FUNCTION kra_internal.oversees_at(_subject_id integer, _at timestamptz) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_oversees_at' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.oversees_at(integer, timestamptz) IS 'does the viewer oversee the subject on the day of a time (see oversees)? NULL for NULL';

CREATE FUNCTION kra_internal.is_viewer(_by text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_viewer' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_viewer(text) IS 'is it the name of the viewer? NULL for NULL';

CREATE FUNCTION kra_internal.signs(_by text, _at timestamptz) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_signs' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.signs(text, timestamptz) IS 'does a row say that the viewer makes it in this transaction? NULL for NULL';

CREATE FUNCTION kra_internal.may_set_target(_subject_id integer, _effective_from date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_set_target' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_set_target(integer, date) IS 'may the viewer write a target of the subject from that day on? An author may, and a target setter for those below: on that day, and today or later. Of the subject whose login the viewer is only an admin may. NULL for NULL';

CREATE FUNCTION kra_internal.may_record(
    _subject_id integer, _grid kra_internal.grid, _period_start date, _source text)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_record' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_record(integer, kra_internal.grid, date, text) IS 'may the viewer write a measurement? A keeper may who sees the subject in the period, if its source is record; an admin may. NULL for NULL';

CREATE FUNCTION kra_internal.may_review(_subject_id integer, _period_grain text, _period_start date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_review' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_review(integer, text, date) IS 'may the viewer close the review? A reviewer may who oversees the subject on a day of the period. NULL for NULL';

CREATE FUNCTION kra_internal.may_act(_subject_id integer, _created_at timestamptz) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_act' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_act(integer, timestamptz) IS 'may the viewer write an action about the subject? A reviewer may who oversees it on the day on which it is agreed. NULL for NULL';

CREATE FUNCTION kra_internal.may_complete(_owner_id integer, _done_on date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_complete' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_complete(integer, date) IS 'may the viewer complete the action as its owner? While it is not done';

CREATE FUNCTION kra_internal.completes(_owner_id integer, _created_at timestamptz, _done_on date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_completes' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.completes(integer, timestamptz, date) IS 'was the action completed by its owner, the viewer, on a day since it was agreed and not after today? NULL for NULL';

CREATE FUNCTION kra_internal.may_waive(_subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_waive' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_waive(integer) IS 'may the viewer waive a finding about the subject, or (NULL) about none? Authors and reviewers may who see it';

CREATE FUNCTION kra_internal.may_acknowledge(_kpi_id integer, _subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_acknowledge' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_acknowledge(integer, integer) IS 'may the viewer acknowledge the target? The login of the subject may, and that of the owner of the KPI who sees the subject today. NULL for NULL';

CREATE FUNCTION kra_internal.may_consent(_subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_consent' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_consent(integer) IS 'may the viewer consent to a move of the subject? Those may who see it today by their login. NULL for NULL';

CREATE FUNCTION kra_internal.may_note(_subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_note' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_note(integer) IS 'may the viewer note what the subject has answered on paper? Reviewers and target setters may who oversee it today, but nobody for themselves. NULL for NULL';

CREATE FUNCTION kra_internal.may_answer(_kpi_id integer, _subject_id integer, _given_by text)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_may_answer' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.may_answer(integer, integer, text) IS 'may the viewer write an answer to a target: their own (given_by NULL: may_acknowledge), or one that was given on paper (may_note)?';

CREATE FUNCTION kra_internal.sees_logged(_is_result boolean) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_logged' LANGUAGE C STABLE STRICT PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.sees_logged(boolean) IS 'does the viewer see a row of the log? Authors do who see all, and of definitions all authors. NULL for NULL';

ALTER TABLE kra.subjects ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subjects FOR SELECT USING (kra_internal.sees_row(id));
CREATE POLICY writes ON kra.subjects
    USING (kra_internal.is_author()) WITH CHECK (kra_internal.is_author());

ALTER TABLE kra.placements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.placements FOR SELECT
    USING (kra_internal.sees_row_on(subject_id, effective_from));
CREATE POLICY writes ON kra.placements
    USING (kra_internal.is_author()) WITH CHECK (kra_internal.is_author());

ALTER TABLE kra.move_consents ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.move_consents FOR SELECT
    USING (kra_internal.sees_row_at(subject_id, consented_at) OR kra_internal.is_author());
CREATE POLICY consents ON kra.move_consents FOR INSERT
    WITH CHECK (kra_internal.may_consent(subject_id)
                AND kra_internal.signs(consented_by, consented_at));
CREATE POLICY corrects ON kra.move_consents
    USING (kra_internal.is_admin()) WITH CHECK (kra_internal.is_admin());

ALTER TABLE kra_internal.subject_timeline ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra_internal.subject_timeline FOR SELECT
    USING (kra_internal.sees_row_between(subject_id, valid_from, valid_until)
           OR kra_internal.is_author());

ALTER TABLE kra_internal.subject_ancestors ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra_internal.subject_ancestors FOR SELECT
    USING (kra_internal.sees_row_between(subject_id, valid_from, valid_until)
           AND kra_internal.sees_row_between(ancestor_id, valid_from, valid_until)
           OR kra_internal.is_author());

ALTER TABLE kra_internal.kept_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra_internal.kept_lines FOR SELECT
    USING (kra_internal.shows_line(subject_id, grid, period_start));

-- Nobody but an admin sets the targets of the subject whose login they are.
ALTER TABLE kra.targets ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.targets FOR SELECT
    USING (kra_internal.sees_target(kpi_id, subject_id, effective_from)
           OR kra_internal.is_author());
CREATE POLICY writes ON kra.targets
    USING (kra_internal.may_set_target(subject_id, effective_from))
    WITH CHECK (kra_internal.may_set_target(subject_id, effective_from));

ALTER TABLE kra.acknowledgements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.acknowledgements FOR SELECT
    USING (kra_internal.sees_target_at(kpi_id, subject_id, acknowledged_at)
           OR kra_internal.is_author());
CREATE POLICY acknowledges ON kra.acknowledgements FOR INSERT
    WITH CHECK (kra_internal.signs(acknowledged_by, acknowledged_at)
                AND kra_internal.may_answer(kpi_id, subject_id, given_by));

-- A measurement shows when the subject was the viewer's on one day of its period.
ALTER TABLE kra.measurements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.measurements FOR SELECT
    USING (kra_internal.sees_row_of_grid(subject_id, grid, period_start));
CREATE POLICY records ON kra.measurements FOR INSERT
    WITH CHECK (kra_internal.may_record(subject_id, grid, period_start, source));
CREATE POLICY records_again ON kra.measurements FOR UPDATE
    USING (kra_internal.may_record(subject_id, grid, period_start, source))
    WITH CHECK (kra_internal.may_record(subject_id, grid, period_start, source));
CREATE POLICY unrecords ON kra.measurements FOR DELETE
    USING (kra_internal.may_record(subject_id, grid, period_start, source));

ALTER TABLE kra.check_ins ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.check_ins FOR SELECT
    USING (kra_internal.sees_row_at(subject_id, checked_at));
CREATE POLICY checks_in ON kra.check_ins FOR INSERT
    WITH CHECK (kra_internal.sees_row_at(subject_id, checked_at)
                AND kra_internal.signs(checked_by, checked_at));
CREATE POLICY corrects ON kra.check_ins
    USING (kra_internal.is_admin()) WITH CHECK (kra_internal.is_admin());

CREATE FUNCTION kra_internal.last_day(_period_grain text, _period_start date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_last_day_of_period' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.last_day(text, date) IS 'last day of a period of a grain (day, week, month, quarter, half_year or year) by its first day; of months of weeks, and what is made of them, by the settings of now; NULL for NULL, and for what has none';

ALTER TABLE kra.reviews ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.reviews FOR SELECT
    USING (kra_internal.sees_row_of_grain(subject_id, period_grain, period_start));
CREATE POLICY closes ON kra.reviews FOR INSERT
    WITH CHECK (kra_internal.may_review(subject_id, period_grain, period_start)
                AND kra_internal.signs(closed_by, closed_at));
CREATE POLICY corrects ON kra.reviews
    USING (kra_internal.is_admin()) WITH CHECK (kra_internal.is_admin());

-- Who is to do something sees what, whomever it is about.
ALTER TABLE kra.actions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.actions FOR SELECT
    USING (kra_internal.sees_row_at(subject_id, created_at)
           OR kra_internal.sees_row_at(owner_id, created_at));
CREATE POLICY writes ON kra.actions
    USING (kra_internal.may_act(subject_id, created_at))
    WITH CHECK (kra_internal.may_act(subject_id, created_at));
-- Their own people complete themselves, once; by the columns that are granted, they change nothing
-- else of it.
CREATE POLICY completes ON kra.actions FOR UPDATE
    USING (kra_internal.may_complete(owner_id, done_on))
    WITH CHECK (kra_internal.completes(owner_id, created_at, done_on));

-- Of two policies one is enough: without this, who does an action could hang it on anybody.
CREATE FUNCTION kra_internal.actions_check_subject() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees(NEW.subject_id, kra_internal.day_of(NEW.created_at), kra_internal.day_of(NEW.created_at)) THEN
        RAISE EXCEPTION 'an action can be moved only to a subject that one sees' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.actions_check_subject() IS 'trigger: whom an action is about is changed only to a subject that the viewer saw when it was agreed';
CREATE TRIGGER actions_check_subject BEFORE UPDATE ON kra.actions
    FOR EACH ROW WHEN (NEW.subject_id <> OLD.subject_id) EXECUTE FUNCTION kra_internal.actions_check_subject();

-- Nor on a review of somebody else, nor an owner whom one does not see: a foreign key would tell
-- which ids there are.
CREATE FUNCTION kra_internal.actions_check_links() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.review_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM kra.reviews r
                       WHERE r.id = NEW.review_id AND r.subject_id = NEW.subject_id) THEN
        RAISE EXCEPTION 'an action belongs to a review of its own subject'
            USING ERRCODE = 'foreign_key_violation';
    ELSIF NEW.owner_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM kra.subjects s WHERE s.id = NEW.owner_id) THEN
        RAISE EXCEPTION 'the owner of an action must be a subject that one sees'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.actions_check_links() IS 'trigger: the review of an action is one of its subject, and its owner a subject that the viewer sees; the same error for what is hidden and what there is not';
CREATE TRIGGER actions_check_links BEFORE INSERT OR UPDATE OF subject_id, review_id, owner_id
    ON kra.actions FOR EACH ROW WHEN (NOT kra_internal.is_owner())
    EXECUTE FUNCTION kra_internal.actions_check_links();

-- What a KPI is collected from is not mixed with what somebody enters.
CREATE FUNCTION kra_internal.measurements_check_source() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis;
BEGIN
    SELECT * INTO k FROM kra.kpis x WHERE x.id = NEW.kpi_id;
    IF k.source_relation IS NOT NULL AND NOT kra_internal.is_admin() THEN
        RAISE EXCEPTION 'KPI "%" is collected from %', k.key, k.source_relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.measurements_check_source() IS 'trigger: nobody but an admin enters values by hand of a KPI that is collected';
CREATE TRIGGER measurements_check_source BEFORE INSERT OR UPDATE ON kra.measurements
    FOR EACH ROW WHEN (NEW.source = 'record' AND NOT kra_internal.is_owner())
    EXECUTE FUNCTION kra_internal.measurements_check_source();

-- A waiver of a finding about a subject is for those who see the subject.
ALTER TABLE kra.waivers ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.waivers FOR SELECT USING (kra_internal.sees_any_row(subject_id));
CREATE POLICY writes ON kra.waivers
    USING (kra_internal.may_waive(subject_id))
    WITH CHECK (kra_internal.may_waive(subject_id) AND kra_internal.is_viewer(author));

ALTER TABLE kra.definition_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.definition_log FOR SELECT USING (kra_internal.sees_logged(is_result));

-- EXPLAIN shows what the planner expects, of hidden rows, too: it uses statistics for leakproof
-- operators, IS NULL and boolean columns without asking policies. So none are kept of what tells of
-- a person; plans need those of the ids, grids and days alone.
ALTER TABLE kra.subjects
    ALTER key SET STATISTICS 0, ALTER name SET STATISTICS 0, ALTER kind SET STATISTICS 0,
    ALTER login SET STATISTICS 0, ALTER is_confirmed SET STATISTICS 0;
ALTER TABLE kra.placements
    ALTER is_active SET STATISTICS 0;
ALTER TABLE kra.move_consents
    ALTER parent_key SET STATISTICS 0, ALTER consented_by SET STATISTICS 0,
    ALTER consented_at SET STATISTICS 0, ALTER used_by SET STATISTICS 0,
    ALTER used_at SET STATISTICS 0;
ALTER TABLE kra_internal.kept_lines
    ALTER result_area_id SET STATISTICS 0, ALTER last_on SET STATISTICS 0,
    ALTER member_count SET STATISTICS 0, ALTER observed_member_count SET STATISTICS 0,
    ALTER status SET STATISTICS 0, ALTER is_derived SET STATISTICS 0,
    ALTER is_on_target SET STATISTICS 0, ALTER is_plain SET STATISTICS 0,
    ALTER weight SET STATISTICS 0, ALTER actual SET STATISTICS 0, ALTER target SET STATISTICS 0,
    ALTER attainment SET STATISTICS 0, ALTER observations SET STATISTICS 0,
    ALTER judged SET STATISTICS 0, ALTER expected_lower SET STATISTICS 0,
    ALTER expected_upper SET STATISTICS 0, ALTER progress SET STATISTICS 0,
    ALTER projected SET STATISTICS 0, ALTER coverage SET STATISTICS 0,
    ALTER reason SET STATISTICS 0;
ALTER TABLE kra.targets
    ALTER target SET STATISTICS 0, ALTER provenance SET STATISTICS 0, ALTER note SET STATISTICS 0,
    ALTER set_by SET STATISTICS 0, ALTER set_at SET STATISTICS 0, ALTER revised_at SET STATISTICS 0,
    ALTER target_grain SET STATISTICS 0, ALTER phasing SET STATISTICS 0;
ALTER TABLE kra.acknowledgements
    ALTER acknowledged_at SET STATISTICS 0, ALTER acknowledged_by SET STATISTICS 0,
    ALTER target SET STATISTICS 0, ALTER answer SET STATISTICS 0,
    ALTER counter_target SET STATISTICS 0, ALTER given_by SET STATISTICS 0,
    ALTER given_on SET STATISTICS 0, ALTER comment SET STATISTICS 0;
ALTER TABLE kra.measurements
    ALTER actual SET STATISTICS 0, ALTER recorded_at SET STATISTICS 0,
    ALTER source SET STATISTICS 0;
ALTER TABLE kra.check_ins
    ALTER checked_at SET STATISTICS 0, ALTER checked_by SET STATISTICS 0,
    ALTER comment SET STATISTICS 0;
ALTER TABLE kra.reviews
    ALTER period_grain SET STATISTICS 0, ALTER card SET STATISTICS 0,
    ALTER summary SET STATISTICS 0, ALTER closed_at SET STATISTICS 0,
    ALTER closed_by SET STATISTICS 0;
ALTER TABLE kra.actions
    ALTER description SET STATISTICS 0, ALTER due_on SET STATISTICS 0,
    ALTER created_at SET STATISTICS 0, ALTER done_on SET STATISTICS 0,
    ALTER outcome SET STATISTICS 0;
ALTER TABLE kra.waivers
    ALTER rule SET STATISTICS 0, ALTER about SET STATISTICS 0, ALTER reason SET STATISTICS 0,
    ALTER author SET STATISTICS 0, ALTER created_at SET STATISTICS 0,
    ALTER ends_on SET STATISTICS 0;
ALTER TABLE kra.definition_log
    ALTER changed_at SET STATISTICS 0, ALTER changed_by SET STATISTICS 0,
    ALTER row_key SET STATISTICS 0, ALTER before SET STATISTICS 0, ALTER after SET STATISTICS 0;

-- An author who does not see all must not come to see more by what they define: logins are set by
-- those who see all. (A place in the tree that shows them more is refused by a trigger of placements.)

CREATE FUNCTION kra_internal.check_login() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say which login sees subject %', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.check_login() IS 'trigger: the logins of subjects are set by those who see all subjects';
CREATE TRIGGER check_login_of_new BEFORE INSERT ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS NOT NULL) EXECUTE FUNCTION kra_internal.check_login();
CREATE TRIGGER check_login BEFORE UPDATE ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS DISTINCT FROM OLD.login) EXECUTE FUNCTION kra_internal.check_login();

-- What is collected runs the code of its source with the rights of who collects: who chooses the
-- source is one who might collect, too.
CREATE FUNCTION kra_internal.check_source() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say what KPI % is collected from', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.check_source() IS 'trigger: the sources of KPIs are set by those who see all subjects, since collect runs what they are made of';
CREATE TRIGGER check_source_of_new BEFORE INSERT ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra_internal.check_source();
CREATE TRIGGER check_source BEFORE UPDATE ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS DISTINCT FROM OLD.source_relation AND NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra_internal.check_source();
