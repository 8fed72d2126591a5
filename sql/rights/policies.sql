-- Who sees what. A database role sees the subjects whose login it is and all below them, for as
-- long as they are or were below; members of the role that the settings name see all. Views run
-- with the rights of who reads them, so these policies are all there is.
--
-- What each kind of role may do stands in rights.sql.
--
-- Definitions that are of no subject (roles, KRAs, KPIs, objectives, benchmarks, milestones, owners
-- of KPIs by their ids) are the same for all readers.

ALTER TABLE kra.subjects ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subjects FOR SELECT USING (kra.sees(id));
CREATE POLICY writes ON kra.subjects USING ((SELECT kra_internal.is_author())) WITH CHECK ((SELECT kra_internal.is_author()));

ALTER TABLE kra.placements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.placements FOR SELECT USING (kra.sees(subject_id, effective_from, effective_from));
CREATE POLICY writes ON kra.placements USING ((SELECT kra_internal.is_author())) WITH CHECK ((SELECT kra_internal.is_author()));

ALTER TABLE kra_internal.subject_timeline ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra_internal.subject_timeline FOR SELECT
    USING (kra.sees(subject_id, valid_from, valid_until - 1) OR (SELECT kra_internal.is_author()));

ALTER TABLE kra_internal.subject_ancestors ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra_internal.subject_ancestors FOR SELECT
    USING ((kra.sees(subject_id, valid_from, valid_until - 1) AND kra.sees(ancestor_id, valid_from, valid_until - 1)) OR (SELECT kra_internal.is_author()));

-- What was set before a subject came to the viewer is his to see only if it still held then.
CREATE FUNCTION kra_internal.sees_target(kpi_id integer, subject_id integer, effective_from date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT kra.sees(sees_target.subject_id, sees_target.effective_from, coalesce((
        SELECT min(t.effective_from) - 1 FROM kra.targets t
        WHERE t.kpi_id = sees_target.kpi_id AND t.subject_id = sees_target.subject_id AND t.effective_from > sees_target.effective_from
          AND coalesce(t.target <> (   -- the same again ends nothing
              SELECT o.target FROM kra.targets o
              WHERE o.kpi_id = sees_target.kpi_id AND o.subject_id = sees_target.subject_id AND o.effective_from <= sees_target.effective_from
              ORDER BY o.effective_from DESC LIMIT 1), true)), 'infinity'));
END;
COMMENT ON FUNCTION kra_internal.sees_target(integer, integer, date) IS 'did a target of that day still hold when the viewer came to see the subject? Security definer, since the next target that is another, which ends it, may be hidden; false for subjects that the viewer does not see';

ALTER TABLE kra.targets ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.targets FOR SELECT
    USING (kra.sees(subject_id, effective_from, effective_from)
           OR (kra.sees(subject_id, effective_from, 'infinity') AND kra_internal.sees_target(kpi_id, subject_id, effective_from)));
CREATE POLICY writes ON kra.targets USING ((SELECT kra_internal.is_author())) WITH CHECK ((SELECT kra_internal.is_author()));

ALTER TABLE kra.acknowledgements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.acknowledgements FOR SELECT
    USING (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, (acknowledged_at AT TIME ZONE 'UTC')::date)
           OR (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, 'infinity')
               AND kra_internal.sees_target(kpi_id, subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date))
           OR (SELECT kra_internal.is_author()));
CREATE POLICY acknowledges ON kra.acknowledgements FOR INSERT WITH CHECK (
    acknowledged_by = kra.viewer() AND acknowledged_at BETWEEN now() AND clock_timestamp() AND (
        EXISTS (SELECT FROM kra.subjects s WHERE s.id = subject_id AND s.login = kra.viewer())
        OR EXISTS (SELECT FROM kra.subjects s WHERE s.login = kra.viewer() AND s.id = (
            SELECT o.subject_id FROM kra.kpi_owners o WHERE o.kpi_id = acknowledgements.kpi_id AND o.effective_from <= (now() AT TIME ZONE 'UTC')::date
            ORDER BY o.effective_from DESC LIMIT 1))));

-- A measurement shows when the subject was the viewer's on one day of its period.
ALTER TABLE kra.measurements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.measurements
    USING (kra.sees(subject_id, period_start, kra_internal.grid_end(grid, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra_internal.grid_end(grid, period_start)));

ALTER TABLE kra.check_ins ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.check_ins
    USING (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date))
    WITH CHECK (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date) AND checked_by = kra.viewer());

CREATE FUNCTION kra_internal.last_day(period_grain text, period_start date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT (period_start + CASE period_grain WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
                                WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date - 1;
END;
COMMENT ON FUNCTION kra_internal.last_day(text, date) IS 'last day of a period of a grain (day, week, month, quarter or year) by its first day; NULL for NULL';

ALTER TABLE kra.reviews ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.reviews
    USING (kra.sees(subject_id, period_start, kra_internal.last_day(period_grain, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra_internal.last_day(period_grain, period_start)) AND closed_by = kra.viewer());

-- Who is to do something sees what, whomever it is about.
ALTER TABLE kra.actions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.actions FOR SELECT
    USING (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
           OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
CREATE POLICY writes ON kra.actions
    USING ((SELECT kra_internal.is_author())
           AND (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
                OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)))
    WITH CHECK ((SELECT kra_internal.is_author()) AND kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
-- His own he completes himself, once; by the columns that are granted, he changes nothing else of it.
CREATE POLICY completes ON kra.actions FOR UPDATE
    USING (done_on IS NULL AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()))
    WITH CHECK (done_on BETWEEN created_at::date AND current_date AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()));

-- Of two policies one is enough: without this, who does an action could hang it on anybody.
CREATE FUNCTION kra_internal.actions_check_subject() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees(NEW.subject_id, (NEW.created_at AT TIME ZONE 'UTC')::date, (NEW.created_at AT TIME ZONE 'UTC')::date) THEN
        RAISE EXCEPTION 'an action can be moved only to a subject that one sees' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.actions_check_subject() IS 'trigger: whom an action is about is changed only to a subject that the viewer saw when it was agreed';
CREATE TRIGGER actions_check_subject BEFORE UPDATE ON kra.actions
    FOR EACH ROW WHEN (NEW.subject_id <> OLD.subject_id) EXECUTE FUNCTION kra_internal.actions_check_subject();

-- A waiver of a finding about a subject is for those who see the subject.
ALTER TABLE kra.waivers ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.waivers USING (subject_id IS NULL OR kra.sees(subject_id))
    WITH CHECK ((subject_id IS NULL OR kra.sees(subject_id)) AND author = kra.viewer());

ALTER TABLE kra.definition_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.definition_log FOR SELECT USING ((SELECT kra_internal.is_author()));

-- An author who does not see all must not come to see more by what he defines: logins are set by
-- those who see all, and a place in the tree is refused that would show him results that he did not see.

CREATE FUNCTION kra_internal.check_login() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
-- source is one who might collect himself.
CREATE FUNCTION kra_internal.check_source() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
