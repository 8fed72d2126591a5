-- Who sees what. A database role sees the subjects whose login it is and all below them, for as
-- long as they are or were below; members of the role that the settings name see all. Views run
-- with the rights of who reads them, so these policies are all there is.
--
--   reader   reads what it may see, acknowledges its own targets, checks in, completes its own actions
--   author   reader; defines, sets targets, records; sees all definitions, but not all results
--   admin    author; sees all, collects, changes settings, grants
--
-- Definitions that are of no subject (roles, KRAs, KPIs, objectives, benchmarks, milestones, owners
-- of KPIs by their ids) are the same for all readers.

ALTER TABLE kra.subjects ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subjects FOR SELECT USING (kra.sees(id));
CREATE POLICY writes ON kra.subjects USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.placements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.placements FOR SELECT USING (kra.sees(subject_id, effective_from, effective_from));
CREATE POLICY writes ON kra.placements USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.subject_timeline ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subject_timeline FOR SELECT
    USING (kra.sees(subject_id, valid_from, valid_until - 1) OR (SELECT kra.is_author()));

ALTER TABLE kra.subject_ancestors ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.subject_ancestors FOR SELECT
    USING ((kra.sees(subject_id, valid_from, valid_until - 1) AND kra.sees(ancestor_id, valid_from, valid_until - 1)) OR (SELECT kra.is_author()));

-- What was set before a subject came to the viewer is his to see only if it still held then.
CREATE FUNCTION kra.sees_target(kpi_id integer, subject_id integer, effective_from date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT kra.sees(sees_target.subject_id, sees_target.effective_from, coalesce((
        SELECT min(t.effective_from) - 1 FROM kra.targets t
        WHERE t.kpi_id = sees_target.kpi_id AND t.subject_id = sees_target.subject_id AND t.effective_from > sees_target.effective_from
          AND coalesce(t.target OPERATOR(kra.<>) (   -- the same again ends nothing
              SELECT o.target FROM kra.targets o
              WHERE o.kpi_id = sees_target.kpi_id AND o.subject_id = sees_target.subject_id AND o.effective_from <= sees_target.effective_from
              ORDER BY o.effective_from DESC LIMIT 1), true)), 'infinity'));
END;
COMMENT ON FUNCTION kra.sees_target(integer, integer, date) IS 'did a target of that day still hold when the viewer came to see the subject? Security definer, since the next target that is another, which ends it, may be hidden; false for subjects that the viewer does not see';

ALTER TABLE kra.targets ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.targets FOR SELECT
    USING (kra.sees(subject_id, effective_from, effective_from)
           OR (kra.sees(subject_id, effective_from, 'infinity') AND kra.sees_target(kpi_id, subject_id, effective_from)));
CREATE POLICY writes ON kra.targets USING ((SELECT kra.is_author())) WITH CHECK ((SELECT kra.is_author()));

ALTER TABLE kra.acknowledgements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.acknowledgements FOR SELECT
    USING (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, (acknowledged_at AT TIME ZONE 'UTC')::date)
           OR (kra.sees(subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date, 'infinity')
               AND kra.sees_target(kpi_id, subject_id, (acknowledged_at AT TIME ZONE 'UTC')::date))
           OR (SELECT kra.is_author()));
CREATE POLICY acknowledges ON kra.acknowledgements FOR INSERT WITH CHECK (
    acknowledged_by = kra.viewer() AND acknowledged_at BETWEEN now() AND clock_timestamp() AND (
        EXISTS (SELECT FROM kra.subjects s WHERE s.id = subject_id AND s.login = kra.viewer())
        OR EXISTS (SELECT FROM kra.subjects s WHERE s.login = kra.viewer() AND s.id = (
            SELECT o.subject_id FROM kra.kpi_owners o WHERE o.kpi_id = acknowledgements.kpi_id AND o.effective_from <= (now() AT TIME ZONE 'UTC')::date
            ORDER BY o.effective_from DESC LIMIT 1))));

-- A measurement shows when the subject was the viewer's on one day of its period.
ALTER TABLE kra.measurements ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.measurements
    USING (kra.sees(subject_id, period_start, kra.grid_end(grid, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra.grid_end(grid, period_start)));

ALTER TABLE kra.check_ins ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.check_ins
    USING (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date))
    WITH CHECK (kra.sees(subject_id, (checked_at AT TIME ZONE 'UTC')::date, (checked_at AT TIME ZONE 'UTC')::date) AND checked_by = kra.viewer());

CREATE FUNCTION kra.last_day(period_grain text, period_start date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT (period_start + CASE period_grain WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
                                WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date - 1;
END;
COMMENT ON FUNCTION kra.last_day(text, date) IS 'last day of a period of a grain (day, week, month, quarter or year) by its first day; NULL for NULL';

ALTER TABLE kra.reviews ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.reviews
    USING (kra.sees(subject_id, period_start, kra.last_day(period_grain, period_start)))
    WITH CHECK (kra.sees(subject_id, period_start, kra.last_day(period_grain, period_start)) AND closed_by = kra.viewer());

-- Who is to do something sees what, whomever it is about.
ALTER TABLE kra.actions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.actions FOR SELECT
    USING (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
           OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
CREATE POLICY writes ON kra.actions
    USING ((SELECT kra.is_author())
           AND (kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)
                OR kra.sees(owner_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date)))
    WITH CHECK ((SELECT kra.is_author()) AND kra.sees(subject_id, (created_at AT TIME ZONE 'UTC')::date, (created_at AT TIME ZONE 'UTC')::date));
-- His own he completes himself, once; by the columns that are granted, he changes nothing else of it.
CREATE POLICY completes ON kra.actions FOR UPDATE
    USING (done_on IS NULL AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()))
    WITH CHECK (done_on BETWEEN created_at::date AND current_date AND EXISTS (SELECT FROM kra.subjects s WHERE s.id = owner_id AND s.login = kra.viewer()));

-- Of two policies one is enough: without this, who does an action could hang it on anybody.
CREATE FUNCTION kra.actions_check_subject() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees(NEW.subject_id, (NEW.created_at AT TIME ZONE 'UTC')::date, (NEW.created_at AT TIME ZONE 'UTC')::date) THEN
        RAISE EXCEPTION 'an action can be moved only to a subject that one sees' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.actions_check_subject() IS 'trigger: whom an action is about is changed only to a subject that the viewer saw when it was agreed';
REVOKE EXECUTE ON FUNCTION kra.actions_check_subject() FROM PUBLIC;
CREATE TRIGGER actions_check_subject BEFORE UPDATE ON kra.actions
    FOR EACH ROW WHEN (NEW.subject_id <> OLD.subject_id) EXECUTE FUNCTION kra.actions_check_subject();

-- A waiver of a finding about a subject is for those who see the subject.
ALTER TABLE kra.waivers ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.waivers USING (subject_id IS NULL OR kra.sees(subject_id))
    WITH CHECK ((subject_id IS NULL OR kra.sees(subject_id)) AND author = kra.viewer());

ALTER TABLE kra.definition_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON kra.definition_log FOR SELECT USING ((SELECT kra.is_author()));

-- An author who does not see all must not come to see more by what he defines: logins are set by
-- those who see all, and a place in the tree is refused that would show him results that he did not see.

CREATE FUNCTION kra.check_login() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say which login sees subject %', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.check_login() IS 'trigger: the logins of subjects are set by those who see all subjects';
CREATE TRIGGER check_login_of_new BEFORE INSERT ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS NOT NULL) EXECUTE FUNCTION kra.check_login();
CREATE TRIGGER check_login BEFORE UPDATE ON kra.subjects
    FOR EACH ROW WHEN (NEW.login IS DISTINCT FROM OLD.login) EXECUTE FUNCTION kra.check_login();

-- What is collected runs the code of its source with the rights of who collects: who chooses the
-- source is one who might collect himself.
CREATE FUNCTION kra.check_source() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may say what KPI % is collected from', quote_ident(NEW.key)
            USING ERRCODE = 'insufficient_privilege', HINT = 'An admin may (kra.grant_admin).';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra.check_source() IS 'trigger: the sources of KPIs are set by those who see all subjects, since collect runs what they are made of';
CREATE TRIGGER check_source_of_new BEFORE INSERT ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra.check_source();
CREATE TRIGGER check_source BEFORE UPDATE ON kra.kpis
    FOR EACH ROW WHEN (NEW.source_relation IS DISTINCT FROM OLD.source_relation AND NEW.source_relation IS NOT NULL) EXECUTE FUNCTION kra.check_source();

-- Grants. They are given by name, so that a dump brings them along, and always by the owner of the
-- tables, so that every admin can take back what another has given.

CREATE FUNCTION kra.grants_of(kind text) RETURNS TABLE (privileges text, objects text) LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT g.privileges, g.objects
    FROM (
        VALUES
        ('reader', 'USAGE', 'SCHEMA kra, kra_bi'),
        ('reader', 'SELECT', 'ALL TABLES IN SCHEMA kra_bi'),
        ('reader', 'SELECT', 'TABLE kra.settings, kra.job_roles, kra.subjects, kra.placements, kra.objectives, kra.kpis, kra.kpi_owners, kra.result_areas, kra.result_area_kpis, kra.targets, kra.acknowledgements, kra.benchmarks, kra.measurements, kra.milestones, kra.check_ins, kra.reviews, kra.actions, kra.rule_settings, kra.waivers, kra.subject_timeline, kra.subject_ancestors, kra.settings_in_force, kra.role_kpis'),
        ('reader', 'INSERT', 'TABLE kra.acknowledgements'),
        ('reader', 'INSERT (subject_id, kpi_id, objective_id, comment)', 'TABLE kra.check_ins'),
        ('reader', 'UPDATE (done_on, outcome)', 'TABLE kra.actions'),
        ('author', 'SELECT', 'TABLE kra.definition_log'),
        ('author', 'INSERT, UPDATE', 'TABLE kra.job_roles, kra.subjects, kra.objectives, kra.kpis, kra.result_areas'),
        ('author', 'INSERT, UPDATE, DELETE', 'TABLE kra.placements, kra.kpi_owners, kra.result_area_kpis, kra.targets, kra.benchmarks, kra.milestones, kra.measurements, kra.check_ins, kra.actions, kra.waivers'),
        ('author', 'INSERT', 'TABLE kra.reviews'),
        ('admin', 'SELECT', 'ALL SEQUENCES IN SCHEMA kra'),
        ('admin', 'INSERT, UPDATE, DELETE', 'TABLE kra.settings, kra.rule_settings, kra.reviews, kra.notices'),
        ('admin', 'SELECT', 'TABLE kra.notices'),
        ('admin', 'DELETE', 'TABLE kra.job_roles, kra.subjects, kra.objectives, kra.kpis, kra.result_areas')
        UNION ALL
        -- functions that look nothing up are for all; those that read for readers; those that write for authors
        SELECT CASE WHEN p.proname ~ '^(grant|revoke)_' OR p.proname IN ('set_grants', 'notify_due') THEN 'admin'
                    WHEN p.provolatile = 'v' AND p.proname NOT IN ('acknowledge', 'check_in', 'complete_action') THEN 'author' ELSE 'reader' END,
               'EXECUTE', 'ROUTINE ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text COLLATE "C")
        FROM pg_proc p
        WHERE p.pronamespace = 'kra'::regnamespace AND p.provolatile <> 'i' AND p.prorettype <> 'trigger'::regtype AND p.proname NOT IN ('rebuild_tree', 'sight')
        GROUP BY 1
    ) g (kind, privileges, objects)
    WHERE grants_of.kind = 'admin' OR g.kind = 'reader' OR (g.kind = 'author' AND grants_of.kind = 'author');
END;
COMMENT ON FUNCTION kra.grants_of(text) IS 'what a reader, an author or an admin is granted';

CREATE FUNCTION kra.set_grants(db_role name, kind text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    g record;
BEGIN
    IF has_table_privilege(kra.viewer(), 'kra.settings', 'UPDATE') IS NOT TRUE THEN
        RAISE EXCEPTION 'only the owner of the tables and admins may grant' USING ERRCODE = 'insufficient_privilege',
            HINT = 'An admin is who was given kra.grant_admin.';
    ELSIF kind NOT IN ('reader', 'author', 'admin') THEN
        RAISE EXCEPTION 'there is no kind of grants %', quote_literal(kind) USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = db_role) THEN
        RAISE EXCEPTION 'there is no database role %', coalesce(quote_ident(db_role), 'NULL') USING ERRCODE = 'undefined_object',
            HINT = 'CREATE ROLE makes one.';
    ELSIF EXISTS (SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = 'kra.settings'::regclass AND r.rolname = db_role) THEN
        RAISE EXCEPTION 'database role % owns the tables', quote_ident(db_role) USING ERRCODE = 'invalid_grant_operation',
            HINT = 'The owner may do everything, and can be given and denied nothing.';
    END IF;
    -- one at a time: two would change the same rows of the system catalogue
    LOCK TABLE kra.settings IN SHARE UPDATE EXCLUSIVE MODE;
    IF kind IS NULL THEN
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA kra, kra_bi FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA kra FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA kra FROM %I CASCADE', db_role);
        EXECUTE format('REVOKE ALL ON SCHEMA kra, kra_bi FROM %I CASCADE', db_role);
    ELSE
        FOR g IN SELECT * FROM kra.grants_of(kind) LOOP
            EXECUTE format('GRANT %s ON %s TO %I', g.privileges, g.objects, db_role);
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION kra.set_grants(name, text) IS 'gives a database role the grants of a kind (reader, author or admin), or, for NULL, takes back all that it has on kra. Security definer, so that all grants are of one hand; only for the owner of the tables and admins';

CREATE FUNCTION kra.grant_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'reader');
END;
COMMENT ON FUNCTION kra.grant_reader(name) IS 'lets a database role read the views: the subjects whose login it is, and all below them; acknowledge its own targets, check in on the subjects that it sees, and complete its own actions. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'author');
END;
COMMENT ON FUNCTION kra.grant_author(name) IS 'lets a database role, besides what a reader may, define roles, KPIs, subjects and targets, see all definitions, and record for the subjects that it sees. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, 'admin');
END;
COMMENT ON FUNCTION kra.grant_admin(name) IS 'lets a database role see everything, change everything but the log, and grant the same to others. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_reader(name) IS 'takes back what grant_reader gave a database role, and what it was given besides: nothing is left. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_author(name) IS 'takes back what grant_author gave a database role, reading included: nothing is left. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra.set_grants(db_role, NULL);
END;
COMMENT ON FUNCTION kra.revoke_admin(name) IS 'takes back what grant_admin gave a database role, reading included: nothing is left. The caller owns the tables or is an admin';
