-- What keeps the catalogue whole: settings in force, grids, the tree, and who wrote what.
-- A trigger function is nobody's to execute: on a table of one's own it would write the log, or the
-- tree, of all.

CREATE VIEW kra_internal.settings_in_force AS
SELECT coalesce((SELECT fiscal_year_start_month FROM kra.settings), 1) AS fiscal_year_start_month,
       coalesce((SELECT week_start FROM kra.settings), 1) AS week_start,
       coalesce((SELECT calendar FROM kra.settings), 'months') AS calendar,
       coalesce((SELECT time_zone FROM kra.settings), 'UTC') AS time_zone,
       coalesce((SELECT min_coverage FROM kra.settings), 0.5) AS min_coverage,
       coalesce((SELECT min_group_size FROM kra.settings), 5) AS min_group_size,
       (SELECT sees_all_role FROM kra.settings) AS sees_all_role,
       coalesce((SELECT show_groups_above FROM kra.settings), false) AS show_groups_above,
       coalesce((SELECT history_periods FROM kra.settings), 24) AS history_periods,
       coalesce((SELECT review_cadence FROM kra.settings), 'month') AS review_cadence,
       coalesce((SELECT check_in_days FROM kra.settings), 14) AS check_in_days;
ALTER VIEW kra_internal.settings_in_force SET (security_invoker = true);
COMMENT ON VIEW kra_internal.settings_in_force IS 'the settings, with the defaults for what is not set: one row';
COMMENT ON COLUMN kra_internal.settings_in_force.fiscal_year_start_month IS 'first month of the year, 1 to 12';
COMMENT ON COLUMN kra_internal.settings_in_force.week_start IS 'first day of the week, 1 Monday to 7 Sunday';
COMMENT ON COLUMN kra_internal.settings_in_force.calendar IS 'months, or so many weeks to the months of a quarter: 4-4-5, 4-5-4 or 5-4-4';
COMMENT ON COLUMN kra_internal.settings_in_force.time_zone IS 'zone by whose midnights days are cut';
COMMENT ON COLUMN kra_internal.settings_in_force.min_coverage IS 'share of the weight that needs data for a scorecard to have a score';
COMMENT ON COLUMN kra_internal.settings_in_force.min_group_size IS 'fewest people in an aggregate that those who may not see its members are shown';
COMMENT ON COLUMN kra_internal.settings_in_force.sees_all_role IS 'database role whose members see all subjects; NULL: none';
COMMENT ON COLUMN kra_internal.settings_in_force.show_groups_above IS 'do people see the results of the groups that they belong to, too?';
COMMENT ON COLUMN kra_internal.settings_in_force.history_periods IS 'periods back that trend, signal and misses of a result look at, its own included';
COMMENT ON COLUMN kra_internal.settings_in_force.review_cadence IS 'how often a scorecard is reviewed: week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_internal.settings_in_force.check_in_days IS 'days between check-ins about those who miss a target';

CREATE FUNCTION kra_internal.grid_in_force(cadence text) RETURNS kra_internal.grid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.grid(cadence, s.fiscal_year_start_month, s.week_start, s.calendar)
    FROM kra_internal.settings_in_force s;
END;
COMMENT ON FUNCTION kra_internal.grid_in_force(text) IS 'how periods of a cadence are cut under the settings in force';

-- A restore by pg_dump's own script or by pg_restore: both say check_function_bodies = off, and
-- run as the owner (row_security = off would not do: roles that read everything have it for good,
-- and --enable-row-security leaves it on). What a restore brings is not a change of a definition.
-- Nobody else can pass for one.
CREATE FUNCTION kra_internal.is_restoring() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT current_setting('check_function_bodies') = 'off'
       AND pg_has_role(kra.viewer(),
                       (SELECT relowner FROM pg_class WHERE oid = 'kra.definition_log'::regclass),
                       'USAGE');
END;
COMMENT ON FUNCTION kra_internal.is_restoring() IS 'is the script of a dump being run? (check_function_bodies is off, by the owner of the tables)';

-- Grids. A restore brings them along, and must not ask settings that it has not loaded yet.

CREATE FUNCTION kra_internal.kpis_fill_grid() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.grid IS NOT NULL AND kra_internal.is_restoring() THEN
        RETURN NEW;
    END IF;
    -- the months of a KPI would pass for days that all lie on a first
    IF TG_OP = 'UPDATE' AND NEW.cadence <> OLD.cadence
        AND EXISTS (SELECT FROM kra.measurements WHERE kpi_id = OLD.id) THEN
        RAISE EXCEPTION 'the cadence of KPI % cannot change: its measurements fill periods of a %',
            quote_ident(OLD.key), OLD.cadence
            USING ERRCODE = 'check_violation', SCHEMA = 'kra', TABLE = 'measurements',
            HINT = 'Remove the measurements of the KPI first, and collect them again, or define a '
                   'new KPI.';
    END IF;
    NEW.grid := kra_internal.grid_in_force(NEW.cadence);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.kpis_fill_grid() IS 'trigger: the grid of a KPI, by its cadence and the settings, whatever was given; refuses another cadence where there are measurements. Security definer, since it asks for the measurements of all';
CREATE TRIGGER kpis_fill_grid BEFORE INSERT OR UPDATE OF cadence, grid ON kra.kpis
    FOR EACH ROW EXECUTE FUNCTION kra_internal.kpis_fill_grid();

-- A state is as old as its last change.
CREATE FUNCTION kra_internal.kpis_state_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.state_since := kra_internal.today();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.kpis_state_changed() IS 'trigger: a state that changes holds from today on, unless another day was given';
CREATE TRIGGER kpis_state_changed BEFORE UPDATE ON kra.kpis
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state_since = OLD.state_since)
        EXECUTE FUNCTION kra_internal.kpis_state_changed();

CREATE FUNCTION kra_internal.measurements_fill_grid() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT k.grid INTO NEW.grid FROM kra.kpis k WHERE k.id = NEW.kpi_id;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.measurements_fill_grid() IS 'trigger: the grid of a measurement, by its KPI';
CREATE TRIGGER measurements_fill_grid BEFORE INSERT ON kra.measurements
    FOR EACH ROW WHEN (NEW.grid IS NULL) EXECUTE FUNCTION kra_internal.measurements_fill_grid();

-- Ids are for ever: who could move a login to the id of a team, or an id to another KPI, would take
-- over all that was noted and measured under it.
CREATE FUNCTION kra_internal.keep_id() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the id of a row of kra.% never changes', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION kra_internal.keep_id() IS 'trigger: refuses another id';
CREATE TRIGGER keep_id BEFORE UPDATE OF id ON kra.subjects
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION kra_internal.keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE OF id ON kra.job_roles
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION kra_internal.keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE OF id ON kra.objectives
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION kra_internal.keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE OF id ON kra.kpis
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION kra_internal.keep_id();
CREATE TRIGGER keep_id BEFORE UPDATE OF id ON kra.result_areas
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION kra_internal.keep_id();

-- Keys, in the one form in which they are looked up.
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.subjects
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.job_roles
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.objectives
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.milestones
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.kpis
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();
CREATE TRIGGER keep_normal_key BEFORE INSERT OR UPDATE OF key ON kra.result_areas
    FOR EACH ROW EXECUTE FUNCTION kra_internal.keep_normal_key();

-- The zone is one of the server's. A restore brings what another server had.
CREATE FUNCTION kra_internal.settings_check_time_zone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    near text;
BEGIN
    IF NEW.time_zone = 'UTC' OR kra_internal.is_restoring()
       OR EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = NEW.time_zone) THEN
        RETURN NEW;
    END IF;
    SELECT min(z.name) INTO near FROM pg_timezone_names z
    WHERE lower(z.name) = lower(NEW.time_zone)
       OR lower(substr(z.name, position('/' IN z.name) + 1))
          = replace(lower(btrim(NEW.time_zone)), ' ', '_');
    RAISE EXCEPTION 'time zone "%" does not exist', NEW.time_zone
        USING ERRCODE = 'invalid_parameter_value',
              HINT = CASE WHEN near IS NULL THEN 'The view pg_timezone_names lists those that do.'
                          ELSE format('There is "%s".', near) END;
END $$;
COMMENT ON FUNCTION kra_internal.settings_check_time_zone() IS 'trigger: refuses a time zone that the server does not know by this name';
CREATE TRIGGER settings_check_time_zone BEFORE INSERT OR UPDATE OF time_zone ON kra.settings
    FOR EACH ROW EXECUTE FUNCTION kra_internal.settings_check_time_zone();

-- Settings cut the periods and the days: changing them changes the grids of KPIs, and is refused
-- where periods are already filled: by the check on measurements where they would begin on other
-- days, here where they would end on others.
CREATE FUNCTION kra_internal.settings_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kra_internal.is_restoring() THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM kra.kpis k
        CROSS JOIN LATERAL (SELECT kra_internal.grid_in_force(k.cadence) AS grid OFFSET 0) g
        JOIN kra.measurements m ON m.kpi_id = k.id
            AND kra_internal.grid_end(k.grid, m.period_start)
                <> kra_internal.grid_end(g.grid, m.period_start)
        WHERE k.grid <> g.grid) THEN
        RAISE check_violation;
    END IF;
    UPDATE kra.kpis SET grid = kra_internal.grid_in_force(cadence)
        WHERE grid <> kra_internal.grid_in_force(cadence);
    RETURN NULL;
EXCEPTION WHEN check_violation THEN
    RAISE EXCEPTION 'the calendar cannot change: measurements fill periods that are cut by it'
        USING ERRCODE = 'check_violation',
            HINT =
                'Remove the measurements of KPIs with that cadence first, and collect them again.';
END $$;
COMMENT ON FUNCTION kra_internal.settings_changed() IS 'trigger: KPIs follow the calendar of the settings; security definer, since the change reaches all KPIs';
CREATE TRIGGER settings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON kra.settings
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.settings_changed();

CREATE FUNCTION kra_internal.settings_keep_time_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_zone constant text := CASE TG_OP WHEN 'INSERT' THEN 'UTC'
        WHEN 'TRUNCATE' THEN (SELECT s.time_zone FROM kra.settings s) ELSE OLD.time_zone END;
    new_zone constant text := CASE WHEN TG_OP IN ('DELETE', 'TRUNCATE') THEN 'UTC'
        ELSE NEW.time_zone END;
BEGIN
    IF old_zone <> new_zone AND NOT kra_internal.is_restoring()
       AND EXISTS (SELECT FROM kra.measurements) THEN
        RAISE EXCEPTION 'the time zone cannot change: measurements were cut into days by it'
            USING ERRCODE = 'check_violation',
                  HINT = 'Remove the measurements first, and collect them again.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.settings_keep_time_zone() IS 'trigger: refuses another time zone while there are measurements; security definer, since it asks for those of all';
CREATE TRIGGER settings_keep_time_zone AFTER INSERT OR UPDATE OR DELETE ON kra.settings
    FOR EACH ROW EXECUTE FUNCTION kra_internal.settings_keep_time_zone();
CREATE TRIGGER settings_keep_time_zone_too BEFORE TRUNCATE ON kra.settings
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.settings_keep_time_zone();

-- The tree.

CREATE FUNCTION kra_internal.rebuild_tree(changed integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET datestyle = 'ISO, YMD'
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    affected integer[];
    looping text;
    ring integer[];
BEGIN
    -- one at a time: two changes that are sound alone may make a loop together
    PERFORM kra_internal.take_lock('tree');

    SELECT array_agg(DISTINCT subject_id) INTO affected
    FROM kra_internal.subject_ancestors WHERE ancestor_id = ANY (changed);

    DELETE FROM kra_internal.subject_timeline WHERE subject_id = ANY (changed);
    INSERT INTO kra_internal.subject_timeline (subject_id, valid_from, valid_until, resumes_on,
                                               parent_id, job_role_id)
    SELECT subject_id, effective_from, valid_until, resumes_on, parent_id, job_role_id
    FROM (
        SELECT p.*, coalesce(lead(effective_from) OVER w, 'infinity') AS valid_until,
               coalesce(min(effective_from) FILTER (WHERE is_active)
                        OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
                            'infinity') AS resumes_on
        FROM kra.placements p
        WHERE subject_id = ANY (changed)
        WINDOW w AS (PARTITION BY subject_id ORDER BY effective_from)
    ) p
    WHERE is_active;

    WITH RECURSIVE below AS (
        SELECT id FROM unnest(changed || affected) id
        UNION
        SELECT t.subject_id FROM below b JOIN kra_internal.subject_timeline t ON t.parent_id = b.id
    )
    SELECT array_agg(b.id) INTO affected FROM below b JOIN kra.subjects s ON s.id = b.id;

    DELETE FROM kra_internal.subject_ancestors WHERE subject_id = ANY (affected);
    WITH RECURSIVE up (subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on,
                       path) AS (
        SELECT t.subject_id, t.parent_id, 1, t.valid_from, t.valid_until, t.resumes_on,
               ARRAY[t.subject_id, t.parent_id]
        FROM kra_internal.subject_timeline t
        WHERE t.subject_id = ANY (affected) AND t.parent_id IS NOT NULL
        UNION ALL
        SELECT u.subject_id, t.parent_id, u.depth + 1, greatest(u.valid_from, t.valid_from),
               least(u.valid_until, t.valid_until),
               -- what comes back while the subject is there, else its own next
               CASE WHEN t.resumes_on < u.valid_until THEN t.resumes_on ELSE u.resumes_on END,
               u.path || t.parent_id
        FROM up u
        JOIN kra_internal.subject_timeline t ON t.subject_id = u.ancestor_id
            AND t.parent_id IS NOT NULL
            AND t.valid_from < u.valid_until AND u.valid_from < t.valid_until
        WHERE array_position(u.path, u.ancestor_id) = u.depth + 1   -- else it has come round
    ), filled AS (
        INSERT INTO kra_internal.subject_ancestors (subject_id, ancestor_id, depth, valid_from,
                                                    valid_until, resumes_on)
        SELECT subject_id, ancestor_id, depth, valid_from, valid_until, resumes_on
        FROM up WHERE array_position(path, ancestor_id) = depth + 1
        UNION ALL
        SELECT id, id, 0, '-infinity', 'infinity', 'infinity' FROM unnest(affected) id
    )
    SELECT format('%s, from %s on', string_agg(quote_ident(s.key), ' below ' ORDER BY p.n),
                  u.valid_from), array_agg(s.id) INTO looping, ring
    FROM (SELECT * FROM up WHERE array_position(path, ancestor_id) <= depth
          ORDER BY depth, valid_from, path LIMIT 1) u
    CROSS JOIN LATERAL unnest(u.path[array_position(u.path, u.ancestor_id):])
        WITH ORDINALITY p (id, n)
    JOIN kra.subjects s ON s.id = p.id
    GROUP BY u.valid_from;
    -- what is no loop together may be one, row by row
    IF looping IS NOT NULL AND NOT kra_internal.is_restoring() THEN
        -- a statement that inserts and updates comes here twice, and half of the ring may be of
        -- before it
        IF NOT ring <@ changed THEN
            PERFORM kra_internal.rebuild_tree(changed || ring);
            RETURN;
        END IF;
        RAISE EXCEPTION 'a subject cannot be below itself: %', looping
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.rebuild_tree(integer[]) IS 'derives subject_timeline and subject_ancestors of these subjects and all below them from placements; error for a loop. Security definer, since nobody may write these tables';

-- An author who does not see all must not come to see more by moving people about.

CREATE TYPE kra_internal.subject_days AS (subject_id integer, login text, days datemultirange);
COMMENT ON TYPE kra_internal.subject_days IS 'days on which a login sees a subject; login NULL: all that one may become';

CREATE FUNCTION kra_internal.days_seen(_logins text[]) RETURNS SETOF kra_internal.subject_days
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT c.subject_id, s.login,
           range_agg(daterange(
               CASE WHEN EXISTS (SELECT FROM kra_internal.subject_timeline t
                                 WHERE t.subject_id = c.subject_id AND t.valid_from < c.valid_from)
                    THEN c.valid_from ELSE '-infinity' END, c.valid_until))
    FROM kra.subjects s
    JOIN kra_internal.subject_ancestors c ON c.ancestor_id = s.id
    WHERE s.login = ANY (_logins)
    GROUP BY c.subject_id, s.login;
END;
COMMENT ON FUNCTION kra_internal.days_seen(text[]) IS 'the days on which logins see subjects, as kra.sees takes them: a row per subject and login. Security definer, for the trigger of placements';

CREATE FUNCTION kra_internal.logins_of_viewer() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT s.login), '{}')
    FROM kra.subjects s
    JOIN pg_roles r ON r.rolname = s.login
    WHERE pg_has_role(kra.viewer(), r.oid, 'MEMBER')
       OR (NOT kra_internal.session_sees_all() AND pg_has_role(session_user, r.oid, 'MEMBER'));
END;
COMMENT ON FUNCTION kra_internal.logins_of_viewer() IS 'logins of subjects that the viewer is, or could become: those that it or the one who logged in is a member of, unless that one sees all anyhow. Security definer, for the trigger of placements';

CREATE FUNCTION kra_internal.is_unknown(_subject_id integer) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT NOT EXISTS (SELECT FROM kra.subjects WHERE id = _subject_id AND login IS NOT NULL)
       AND NOT EXISTS (SELECT FROM kra.measurements WHERE subject_id = _subject_id)
       AND NOT EXISTS (SELECT FROM kra.reviews WHERE subject_id = _subject_id)
       AND NOT EXISTS (SELECT FROM kra.check_ins WHERE subject_id = _subject_id)
       AND NOT EXISTS (SELECT FROM kra.actions WHERE _subject_id IN (subject_id, owner_id))
       AND NOT EXISTS (SELECT FROM kra.acknowledgements WHERE subject_id = _subject_id)
       AND NOT EXISTS (SELECT FROM kra.definition_log l
                       WHERE l.table_name = 'placements'
                         AND l.before->>'subject_id' = _subject_id::text);
END;
COMMENT ON FUNCTION kra_internal.is_unknown(integer) IS 'is there nothing yet that somebody could have seen of the subject? It has no login and no data, and no place was ever taken from it. Security definer, for the trigger of placements';

CREATE FUNCTION kra_internal.check_sight(
    _placed integer[], _before kra_internal.subject_days[],
    _consenters kra_internal.subject_days[], _consents integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shown text;
    used integer[];
BEGIN
    WITH more AS (
        SELECT n.subject_id, n.days - coalesce(o.days, '{}') AS days
        FROM (SELECT d.subject_id, range_agg(d.days) AS days
              FROM kra_internal.days_seen(kra_internal.logins_of_viewer()) d
                  GROUP BY d.subject_id) n
        LEFT JOIN (SELECT d.subject_id, range_agg(d.days) AS days
                   FROM unnest(_before) d GROUP BY d.subject_id) o ON o.subject_id = n.subject_id
        WHERE NOT n.days <@ coalesce(o.days, '{}')
    ), new_days AS (
        SELECT m.subject_id, m.days,
               m.days * datemultirange(daterange('-infinity', kra_internal.today() + 1)) AS past
        FROM more m
        -- what an author has just made is theirs to see
        WHERE m.subject_id IN (SELECT unnest(_placed))
           OR NOT kra_internal.is_unknown(m.subject_id)
    ), allowed AS (
        SELECT n.subject_id, min(c.id) AS consent_id
        FROM new_days n
        JOIN kra.move_consents c ON c.id = ANY (_consents)
        JOIN unnest(_consenters) w ON w.login = c.consented_by AND w.subject_id = n.subject_id
            AND w.days @> n.past AND (n.days = n.past OR w.days @> kra_internal.today())
        WHERE n.subject_id = c.subject_id
           OR EXISTS (SELECT FROM kra_internal.subject_ancestors a
                      WHERE a.subject_id = n.subject_id AND a.ancestor_id = c.subject_id)
        GROUP BY n.subject_id
    )
    SELECT (SELECT min(s.key COLLATE "C") FROM new_days n JOIN kra.subjects s ON s.id = n.subject_id
            WHERE n.subject_id NOT IN (SELECT a.subject_id FROM allowed a)),
           (SELECT array_agg(DISTINCT a.consent_id) FROM allowed a)
    INTO shown, used;
    IF shown IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may not change the tree so that it comes to see subject "%"',
            kra.viewer(), shown
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Those may who see all subjects, or somebody who sees the subject '
                         'consents first (kra.consent_to_move).';
    END IF;
    UPDATE kra.move_consents SET (used_by, used_at) = (kra.viewer(), now()) WHERE id = ANY (used);
END $$;
COMMENT ON FUNCTION kra_internal.check_sight(integer[], kra_internal.subject_days[], kra_internal.subject_days[], integer[]) IS 'refuses a change of places that shows the viewer a subject on more days than before, unless it was never placed and nothing is known of it, or a consenter, who saw it on all these days so far, has consented. placed: those that had a place before; before, consenters: what the viewer and the consenters saw then; consents: those that fit the change. Security definer, since nobody may write the consents';

CREATE FUNCTION kra_internal.placements_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed integer[];
    placed integer[];
    consents integer[] := '{}';
    before kra_internal.subject_days[];
    consenters kra_internal.subject_days[];
    mine text[] := kra_internal.logins_of_viewer();
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT subject_id) INTO changed FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT subject_id) INTO changed FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT subject_id) INTO changed
        FROM (SELECT subject_id FROM new_rows UNION ALL SELECT subject_id FROM old_rows) r;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    ELSIF kra.viewer() IS NULL THEN   -- an index or a materialized view runs somebody's function
        RAISE EXCEPTION 'the tree cannot change while nobody can tell who changes it'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF kra.sees_all() THEN
        PERFORM kra_internal.rebuild_tree(changed);
        RETURN NULL;
    END IF;
    PERFORM kra_internal.take_lock('tree');
    -- the tree is still that of before
    before := ARRAY(SELECT d FROM kra_internal.days_seen(mine) d);
    placed := ARRAY(SELECT DISTINCT t.subject_id FROM kra_internal.subject_timeline t);
    IF TG_OP <> 'DELETE' THEN
        consents := ARRAY(
            SELECT c.id FROM kra.move_consents c
            JOIN kra.subjects p ON p.key = c.parent_key
            JOIN new_rows n ON n.subject_id = c.subject_id AND n.parent_id = p.id
                AND n.effective_from = c.effective_from
            WHERE c.used_at IS NULL AND c.consented_by <> ALL (mine)
              AND c.consented_by NOT IN (kra.viewer(), session_user)
            ORDER BY c.id FOR UPDATE OF c);
    END IF;
    consenters := ARRAY(
        SELECT d FROM kra_internal.days_seen(ARRAY(
            SELECT c.consented_by FROM kra.move_consents c WHERE c.id = ANY (consents))) d);
    PERFORM kra_internal.rebuild_tree(changed);
    PERFORM kra_internal.check_sight(placed, before, consenters, consents);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.placements_changed() IS 'trigger: the tree follows the placements, but shows nobody who does not see all subjects more than before, unless somebody who sees the subject has consented; security definer, since nobody may write the derived tables';
CREATE TRIGGER placements_inserted AFTER INSERT ON kra.placements REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.placements_changed();
CREATE TRIGGER placements_updated AFTER UPDATE
    ON kra.placements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.placements_changed();
CREATE TRIGGER placements_deleted AFTER DELETE ON kra.placements REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.placements_changed();

CREATE FUNCTION kra_internal.subjects_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO kra_internal.subject_ancestors (subject_id, ancestor_id, depth, valid_from,
                                                valid_until, resumes_on)
    SELECT id, id, 0, '-infinity', 'infinity', 'infinity' FROM new_rows;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.subjects_added() IS 'trigger: every subject is in the tree; security definer, since nobody may write the derived tables';
CREATE TRIGGER subjects_added AFTER INSERT ON kra.subjects REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.subjects_added();

-- Whom an author makes up must not fill a group up to the number from which on it is shown.
CREATE FUNCTION kra_internal.subjects_confirm() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kra.sees_all() THEN
        NEW.is_confirmed := TG_OP = 'UPDATE' AND OLD.is_confirmed AND NEW.kind = OLD.kind;
    ELSIF TG_OP = 'UPDATE' AND NEW.login IS NOT NULL AND NEW.login IS DISTINCT FROM OLD.login THEN
        NEW.is_confirmed := true;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.subjects_confirm() IS 'trigger: a subject is confirmed by those who see all, by making it, by UPDATE or by giving it a login; what others make, or make of another kind, is not';
CREATE TRIGGER subjects_confirm BEFORE INSERT OR UPDATE ON kra.subjects
    FOR EACH ROW EXECUTE FUNCTION kra_internal.subjects_confirm();

CREATE FUNCTION kra_internal.truncate_tree() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM kra_internal.subject_timeline;
    DELETE FROM kra_internal.subject_ancestors WHERE depth > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.truncate_tree() IS 'trigger: the tree follows the placements; security definer, since nobody may write the derived tables';
CREATE TRIGGER placements_truncated AFTER TRUNCATE ON kra.placements
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.truncate_tree();

-- Objectives are a tree, too; it is not dated, so a walk up is enough.
CREATE FUNCTION kra_internal.objectives_check_loop() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- one at a time: two changes that are sound alone may make a loop together
    PERFORM kra_internal.lock_objectives();
    IF EXISTS (
        WITH RECURSIVE up (id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT p.parent_id FROM up JOIN kra.objective_parents p ON p.objective_id = up.id
        )
        SELECT FROM up WHERE id = NEW.objective_id
    ) THEN
        RAISE EXCEPTION 'an objective cannot serve itself: %',
            quote_ident((SELECT o.key FROM kra.objectives o WHERE o.id = NEW.objective_id))
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.objectives_check_loop() IS 'trigger: refuses loops of objectives';
CREATE CONSTRAINT TRIGGER objectives_check_loop AFTER INSERT OR UPDATE ON kra.objective_parents
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
        EXECUTE FUNCTION kra_internal.objectives_check_loop();

-- One KPI stands in one KRA of a role at a time: a scorecard names it once.
CREATE VIEW kra_internal.role_kpis AS
SELECT ra.job_role_id, ra.id AS result_area_id, rk.kpi_id, rk.effective_from,
       coalesce(lead(rk.effective_from) OVER (PARTITION BY rk.result_area_id, rk.kpi_id
                                              ORDER BY rk.effective_from),
                                                  'infinity') AS effective_until,
       rk.weight, rk.target, rk.provenance, rk.is_active, rk.target_grain, rk.phasing
FROM kra.result_area_kpis rk
JOIN kra.result_areas ra ON ra.id = rk.result_area_id;
ALTER VIEW kra_internal.role_kpis SET (security_invoker = true);
COMMENT ON VIEW kra_internal.role_kpis IS 'KPIs of roles, as spans of time: a row of result_area_kpis with the day on which the next one takes over';
COMMENT ON COLUMN kra_internal.role_kpis.job_role_id IS 'the role';
COMMENT ON COLUMN kra_internal.role_kpis.result_area_id IS 'the KRA';
COMMENT ON COLUMN kra_internal.role_kpis.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra_internal.role_kpis.effective_from IS 'first day';
COMMENT ON COLUMN kra_internal.role_kpis.effective_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra_internal.role_kpis.weight IS 'weight on the scorecard';
COMMENT ON COLUMN kra_internal.role_kpis.target IS 'target of all who have the role';
COMMENT ON COLUMN kra_internal.role_kpis.provenance IS 'where the target comes from';
COMMENT ON COLUMN kra_internal.role_kpis.is_active IS 'false: off the scorecard';
COMMENT ON COLUMN kra_internal.role_kpis.target_grain IS 'the period that the target is for; NULL: the KPI''s cadence';
COMMENT ON COLUMN kra_internal.role_kpis.phasing IS 'how it is shared out; NULL: equally';

CREATE FUNCTION kra_internal.result_area_kpis_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET datestyle = 'ISO, YMD'
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows jsonb[] := ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
                          CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END];
    areas integer[];
    kpis integer[];
    roles integer[];
    twice text;
BEGIN
    IF kra_internal.is_restoring() THEN   -- what is sound together need not be, row by row
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'result_areas' THEN
        areas := ARRAY[NEW.id];
        kpis := ARRAY(SELECT DISTINCT kpi_id FROM kra.result_area_kpis
                      WHERE result_area_id = NEW.id);
    ELSE
        areas := ARRAY(SELECT DISTINCT (r->>'result_area_id')::integer FROM unnest(rows) r
                       WHERE r IS NOT NULL);
        kpis := ARRAY(SELECT DISTINCT (r->>'kpi_id')::integer FROM unnest(rows) r
                      WHERE r IS NOT NULL);
    END IF;
    -- one at a time: two changes that are sound alone may not be together
    roles := ARRAY(SELECT DISTINCT job_role_id FROM kra.result_areas WHERE id = ANY (areas));
    PERFORM FROM kra.job_roles WHERE id = ANY (roles) ORDER BY id FOR NO KEY UPDATE;
    SELECT format('KPI %s stands in two KRAs of role %s on %s', quote_ident(k.key),
                  quote_ident(r.key), greatest(a.effective_from, b.effective_from))
    INTO twice
    FROM kra_internal.role_kpis a
    JOIN kra_internal.role_kpis b ON b.job_role_id = a.job_role_id AND b.kpi_id = a.kpi_id
        AND b.is_active AND b.result_area_id > a.result_area_id
        AND b.effective_from < a.effective_until AND a.effective_from < b.effective_until
    JOIN kra.kpis k ON k.id = a.kpi_id
    JOIN kra.job_roles r ON r.id = a.job_role_id
    WHERE a.job_role_id = ANY (roles) AND a.kpi_id = ANY (kpis) AND a.is_active
    ORDER BY k.key, r.key, greatest(a.effective_from, b.effective_from)
    LIMIT 1;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION '%', twice USING ERRCODE = 'check_violation',
            HINT = 'Take it off the one (is_active => false) on the day on which it comes to the '
                   'other.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.result_area_kpis_check() IS 'trigger: refuses a KPI in two KRAs of a role at the same time; security definer, since it locks the role';
CREATE CONSTRAINT TRIGGER result_area_kpis_check AFTER INSERT OR UPDATE
    OR DELETE ON kra.result_area_kpis
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
        EXECUTE FUNCTION kra_internal.result_area_kpis_check();
CREATE CONSTRAINT TRIGGER result_area_kpis_check AFTER UPDATE OF job_role_id ON kra.result_areas
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (NEW.job_role_id <> OLD.job_role_id)
        EXECUTE FUNCTION kra_internal.result_area_kpis_check();

-- A target says who set it and when, and when it was changed in place. Only the owner of the tables
-- may say something else: he brings history along.
CREATE FUNCTION kra_internal.check_sets_target(_subject_id integer, _effective_from date)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kra_internal.may_set_target(_subject_id, _effective_from) IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to set the target of subject "%"',
            (SELECT s.key FROM kra.subjects s WHERE s.id = _subject_id)
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Authors (kra.grant_author) may, and for the subjects below their own '
                         'target setters (kra.grant_target_setter); nobody sets their own targets.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_sets_target(integer, date) IS 'refuses a target of a subject that the viewer may not set';

CREATE FUNCTION kra_internal.target_set() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_has_role(kra.viewer(), (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'targets' THEN
        PERFORM kra_internal.check_sets_target(NEW.subject_id, NEW.effective_from);
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.set_by := kra.viewer();
        NEW.set_at := now();
        NEW.revised_at := NULL;
    ELSE
        NEW.set_by := CASE WHEN (OLD.target::text, OLD.target_grain, OLD.phasing)
                                IS DISTINCT FROM (NEW.target::text, NEW.target_grain, NEW.phasing)
                           THEN kra.viewer()::text ELSE OLD.set_by END;
        NEW.set_at := OLD.set_at;
        NEW.revised_at := OLD.revised_at;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.target_set() IS 'trigger: who set a target and when, whatever was given; the owner of the tables may give it';
CREATE FUNCTION kra_internal.target_revised() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.revised_at := now();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.target_revised() IS 'trigger: notes when a target was changed in place';
-- they fire in the order of their names
CREATE TRIGGER target_a_set BEFORE INSERT OR UPDATE ON kra.targets
    FOR EACH ROW EXECUTE FUNCTION kra_internal.target_set();
CREATE TRIGGER target_b_revised BEFORE UPDATE ON kra.targets
    FOR EACH ROW WHEN ((OLD.kpi_id, OLD.subject_id, OLD.effective_from) <> (NEW.kpi_id,
        NEW.subject_id, NEW.effective_from)
                       OR (OLD.target IS NULL) <> (NEW.target IS NULL) OR OLD.target <> NEW.target
                       OR (OLD.target_grain, OLD.phasing)
                          IS DISTINCT FROM (NEW.target_grain, NEW.phasing))
                              EXECUTE FUNCTION kra_internal.target_revised();
CREATE TRIGGER target_a_set BEFORE INSERT OR UPDATE ON kra.result_area_kpis
    FOR EACH ROW EXECUTE FUNCTION kra_internal.target_set();
CREATE TRIGGER target_b_revised BEFORE UPDATE ON kra.result_area_kpis
    FOR EACH ROW WHEN ((OLD.result_area_id, OLD.kpi_id, OLD.effective_from) <> (NEW.result_area_id,
        NEW.kpi_id, NEW.effective_from)
                       OR (OLD.target IS NULL) <> (NEW.target IS NULL) OR OLD.target <> NEW.target
                       OR (OLD.target_grain, OLD.phasing)
                          IS DISTINCT FROM (NEW.target_grain, NEW.phasing))
                              EXECUTE FUNCTION kra_internal.target_revised();

-- Who noted what, and when, is what it was: rows of others than the owner of the tables, who may
-- bring history along, say so themselves.

CREATE FUNCTION kra_internal.is_owner() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_owner' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION kra_internal.is_owner() IS 'has the current role the rights of the owner of the tables?';

CREATE FUNCTION kra_internal.stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'measurements' THEN
            NEW.recorded_at := now();
        WHEN 'check_ins' THEN
            NEW.checked_at := CASE TG_OP WHEN 'INSERT' THEN now() ELSE OLD.checked_at END;
            NEW.checked_by := CASE TG_OP WHEN 'INSERT' THEN kra.viewer() ELSE OLD.checked_by END;
        WHEN 'acknowledgements' THEN
            NEW.acknowledged_at := CASE TG_OP WHEN 'INSERT' THEN clock_timestamp()
                                              ELSE OLD.acknowledged_at END;
            NEW.acknowledged_by := CASE TG_OP WHEN 'INSERT' THEN kra.viewer()
                                              ELSE OLD.acknowledged_by END;
        WHEN 'actions' THEN
            NEW.created_at := CASE TG_OP WHEN 'INSERT' THEN now() ELSE OLD.created_at END;
        WHEN 'waivers' THEN
            NEW.created_at := CASE TG_OP WHEN 'INSERT' THEN now() ELSE OLD.created_at END;
            NEW.author := CASE TG_OP WHEN 'INSERT' THEN kra.viewer() ELSE OLD.author END;
    END CASE;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.stamp() IS 'trigger: by whom a row was made and when, whatever was given';
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON kra.measurements
    FOR EACH ROW WHEN (NEW.recorded_at <> now() AND NOT kra_internal.is_owner())
    EXECUTE FUNCTION kra_internal.stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON kra.check_ins
    FOR EACH ROW WHEN (NOT kra_internal.is_owner()) EXECUTE FUNCTION kra_internal.stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON kra.acknowledgements
    FOR EACH ROW WHEN (NOT kra_internal.is_owner()) EXECUTE FUNCTION kra_internal.stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON kra.actions
    FOR EACH ROW WHEN (NOT kra_internal.is_owner()) EXECUTE FUNCTION kra_internal.stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON kra.waivers
    FOR EACH ROW WHEN (NOT kra_internal.is_owner()) EXECUTE FUNCTION kra_internal.stamp();

-- A closed review is the card as it was, whoever writes the row.
CREATE FUNCTION kra_internal.reviews_freeze() RETURNS trigger
LANGUAGE plpgsql SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject_key text;
    grid kra_internal.grid;
    label text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.id, OLD.subject_id, OLD.period_grain, OLD.period_start, OLD.card, OLD.closed_at,
            OLD.closed_by)
            IS DISTINCT FROM (NEW.id, NEW.subject_id, NEW.period_grain, NEW.period_start, NEW.card,
                              NEW.closed_at, NEW.closed_by) THEN
            RAISE EXCEPTION 'of a closed review only the summary can change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    SELECT s.key INTO subject_key FROM kra.subjects s WHERE s.id = NEW.subject_id;
    grid := kra_internal.grid_in_force(NEW.period_grain);
    label := kra_internal.grid_label(grid, NEW.period_start);
    IF NOT kra_internal.is_grid_start(grid, NEW.period_start) THEN
        RAISE EXCEPTION 'no % starts on %', NEW.period_grain, NEW.period_start
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF NEW.period_start > kra_internal.today() THEN
        RAISE EXCEPTION 'the period % has not begun', label
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    NEW.card := kra.scorecard_of(subject_key, label, kra_internal.today(), true);
    IF NEW.card IS NULL THEN
        RAISE EXCEPTION 'subject % has no scorecard in %', quote_ident(subject_key), label
            USING ERRCODE = 'no_data_found',
                  HINT = 'It needs a role with KPIs in that period, or members who have one.';
    END IF;
    NEW.closed_at := now();
    NEW.closed_by := kra.viewer();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.reviews_freeze() IS 'trigger: the card of a review is that of now, and closed by the viewer, whatever was given; only the summary can change later. The owner of the tables may give a card, and change all';
CREATE TRIGGER reviews_freeze BEFORE INSERT ON kra.reviews
    FOR EACH ROW WHEN (NEW.card IS NULL OR NOT kra_internal.is_owner())
    EXECUTE FUNCTION kra_internal.reviews_freeze();
CREATE TRIGGER reviews_keep BEFORE UPDATE ON kra.reviews
    FOR EACH ROW WHEN (NOT kra_internal.is_owner()) EXECUTE FUNCTION kra_internal.reviews_freeze();

-- Milestones are of authors, and of reviewers for the subjects below their own.
CREATE FUNCTION kra_internal.milestones_check() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today constant date := kra_internal.today();
    m record;
BEGIN
    IF kra_internal.is_owner() OR kra_internal.is_author() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    FOR m IN
        SELECT x.objective_id, x.owner_id
        FROM (VALUES (OLD.objective_id, OLD.owner_id), (NEW.objective_id, NEW.owner_id))
            x (objective_id, owner_id)
        WHERE x.objective_id IS NOT NULL
    LOOP
        IF NOT kra_internal.is_reviewer()
           OR coalesce(kra_internal.oversees(coalesce(m.owner_id, (
                  SELECT o.subject_id FROM kra.objectives o WHERE o.id = m.objective_id)),
                  today, today), false) IS FALSE THEN
            RAISE EXCEPTION 'permission denied to change the milestones of objective "%"',
                (SELECT o.key FROM kra.objectives o WHERE o.id = m.objective_id)
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'Authors (kra.grant_author) may, and reviewers (kra.grant_reviewer) '
                             'where a subject below their own answers for it.';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
COMMENT ON FUNCTION kra_internal.milestones_check() IS 'trigger: a reviewer changes milestones only where a subject below their own owns them, or, where they have no owner, the objective';
CREATE TRIGGER milestones_check BEFORE INSERT OR UPDATE OR DELETE ON kra.milestones
    FOR EACH ROW EXECUTE FUNCTION kra_internal.milestones_check();
