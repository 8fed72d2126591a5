-- The log: who changed what, and when. Every change of a definition; every change or removal of
-- what people have noted or measured, and every review. Nobody writes it but these triggers, which
-- fire whatever session_replication_role says.

CREATE FUNCTION kra_internal.is_collecting() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_collecting' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION kra_internal.is_collecting() IS 'does kra.collect write measurements just now? What it writes is no change by hand';

CREATE FUNCTION kra_internal.is_applying() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_applying' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION kra_internal.is_applying() IS 'is this a worker of logical replication? What it writes is in the log of where it comes from';

CREATE FUNCTION kra_internal.session_id() RETURNS text
    AS 'MODULE_PATHNAME', 'kra_session_id' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION kra_internal.session_id() IS 'start and process of the session, as %c of log_line_prefix';

CREATE FUNCTION kra_internal.definition_key(_table_name text, _row jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE _table_name
        WHEN 'settings' THEN 'settings'
        WHEN 'rule_settings' THEN _row->>'rule'
        WHEN 'waivers' THEN concat_ws(' / ', _row->>'rule', _row->>'about')
        WHEN 'placements' THEN concat_ws(' / ', n.subject, n.from_day)
        WHEN 'kpi_owners' THEN concat_ws(' / ', n.kpi, n.from_day)
        WHEN 'benchmarks' THEN concat_ws(' / ', n.kpi, n.from_day)
        WHEN 'targets' THEN concat_ws(' / ', n.kpi, n.subject, n.from_day)
        WHEN 'measurements' THEN concat_ws(' / ', n.kpi, n.subject, _row->>'period_start')
        WHEN 'acknowledgements' THEN concat_ws(' / ', n.kpi, n.subject, _row->>'acknowledged_at')
        WHEN 'reviews' THEN concat_ws(' / ', n.subject, _row->>'period_grain', _row->>'period_start')
        WHEN 'check_ins' THEN concat_ws(' / ', n.subject, '#' || (_row->>'id'))
        WHEN 'actions' THEN concat_ws(' / ', n.subject, '#' || (_row->>'id'))
        WHEN 'kpi_drives' THEN concat_ws(' / ', n.kpi, coalesce(
            (SELECT k.key FROM kra.kpis k WHERE k.id = (_row->>'drives_kpi_id')::integer),
            '#' || (_row->>'drives_kpi_id')))
        WHEN 'objective_parents' THEN coalesce(
            (SELECT o.key FROM kra.objectives o WHERE o.id = (_row->>'objective_id')::integer),
            '#' || (_row->>'objective_id'))
        WHEN 'result_areas' THEN concat_ws(' / ', coalesce(
            (SELECT r.key FROM kra.job_roles r WHERE r.id = (_row->>'job_role_id')::integer),
            '#' || (_row->>'job_role_id')), _row->>'key')
        WHEN 'milestones' THEN concat_ws(' / ', coalesce(
            (SELECT o.key FROM kra.objectives o WHERE o.id = (_row->>'objective_id')::integer),
            '#' || (_row->>'objective_id')), _row->>'key')
        WHEN 'result_area_kpis' THEN concat_ws(' / ', coalesce(
            (SELECT concat_ws(' / ', r.key, a.key)
             FROM kra.result_areas a JOIN kra.job_roles r ON r.id = a.job_role_id
             WHERE a.id = (_row->>'result_area_id')::integer),
            '#' || (_row->>'result_area_id')), n.kpi, n.from_day)
        ELSE _row->>'key'
    END
    FROM (
        SELECT coalesce((SELECT s.key FROM kra.subjects s
                         WHERE s.id = (_row->>'subject_id')::integer),
                        '#' || (_row->>'subject_id')) AS subject,
               coalesce((SELECT k.key FROM kra.kpis k WHERE k.id = (_row->>'kpi_id')::integer),
                        '#' || (_row->>'kpi_id')) AS kpi,
               _row->>'effective_from' AS from_day
    ) n;
END;
COMMENT ON FUNCTION kra_internal.definition_key(text, jsonb) IS 'row_key of a row in the log: its keys and first day, joined by slashes; #id stands for what has no key, or has gone with it';

CREATE FUNCTION kra_internal.is_result_table(_table_name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN _table_name IN ('acknowledgements', 'actions', 'check_ins', 'measurements', 'reviews', 'waivers');
COMMENT ON FUNCTION kra_internal.is_result_table(text) IS 'does a table hold what was noted or measured about subjects, and no definitions?';

-- A restored dump and a subscription bring the log of their rows along, with its ids: what they
-- load is logged once a table and session, with an id of its own kind, so that neither stands in
-- the way of the other.
CREATE FUNCTION kra_internal.log_load(_table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM kra.definition_log l
               WHERE l.table_name = _table_name
                 AND l.row_key OPERATOR(kra_internal.===) kra_internal.session_id()
                 AND l.operation = 'load') THEN
        RETURN;
    END IF;
    LOOP
        INSERT INTO kra.definition_log
            (id, changed_at, changed_by, table_name, row_key, operation, after, is_result)
        VALUES (-(extract(epoch FROM clock_timestamp()) * 1000000)::bigint, now(), kra.viewer(),
                _table_name, kra_internal.session_id(), 'load',
                jsonb_build_object('by', CASE WHEN kra_internal.is_applying() THEN 'replication'
                                              ELSE 'dump' END,
                                   'application', current_setting('application_name')),
                kra_internal.is_result_table(_table_name))
        ON CONFLICT (id) DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.log_load(text) IS 'notes in the log, once a session, that rows of a table were loaded from a dump or by logical replication';

CREATE FUNCTION kra_internal.log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_row jsonb;
    new_row jsonb;
BEGIN
    IF kra_internal.is_applying() OR (TG_OP = 'INSERT' AND kra_internal.is_restoring()) THEN
        PERFORM kra_internal.log_load(TG_TABLE_NAME);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW);
    END IF;
    IF old_row = new_row THEN
        RETURN NULL;
    END IF;
    INSERT INTO kra.definition_log
        (changed_at, changed_by, table_name, row_key, operation, before, after, is_result)
    VALUES (now(), kra.viewer(), TG_TABLE_NAME,
            kra_internal.definition_key(TG_TABLE_NAME, coalesce(new_row, old_row)),
            lower(TG_OP), old_row, new_row, kra_internal.is_result_table(TG_TABLE_NAME));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.log_change() IS 'trigger: writes a change to definition_log; security definer, since nobody may write the log';

CREATE FUNCTION kra_internal.log_loaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kra_internal.log_load(TG_TABLE_NAME);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.log_loaded() IS 'trigger: writes to definition_log that rows were loaded, of a table whose new rows are not logged; security definer, since nobody may write the log';

CREATE FUNCTION kra_internal.log_truncation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO kra.definition_log
             (changed_at, changed_by, table_name, row_key, operation, before, is_result)
         SELECT now(), kra.viewer(), %1$L, kra_internal.definition_key(%1$L, r), ''delete'', r,
                kra_internal.is_result_table(%1$L)
         FROM (SELECT to_jsonb(t) AS r FROM kra.%1$I t) t', TG_TABLE_NAME);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION kra_internal.log_truncation() IS 'trigger: writes all rows to definition_log before they go at once; security definer, since nobody may write the log';

CREATE FUNCTION kra_internal.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
COMMENT ON FUNCTION kra_internal.refuse_change() IS 'trigger: refuses to change or remove rows';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON kra.definition_log
    FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.refuse_change();
ALTER TABLE kra.definition_log ENABLE ALWAYS TRIGGER refuse_change;

-- Which tables, and which of their changes.
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT v.name, v.events, v.unless
        FROM (VALUES
            ('settings', 'INSERT OR UPDATE OR DELETE', ''),
            ('job_roles', 'INSERT OR UPDATE OR DELETE', ''),
            ('subjects', 'INSERT OR UPDATE OR DELETE', ''),
            ('placements', 'INSERT OR UPDATE OR DELETE', ''),
            ('objectives', 'INSERT OR UPDATE OR DELETE', ''),
            ('milestones', 'INSERT OR UPDATE OR DELETE', ''),
            ('kpis', 'INSERT OR UPDATE OR DELETE', ''),
            ('kpi_drives', 'INSERT OR UPDATE OR DELETE', ''),
            ('kpi_owners', 'INSERT OR UPDATE OR DELETE', ''),
            ('objective_parents', 'INSERT OR UPDATE OR DELETE', ''),
            ('result_areas', 'INSERT OR UPDATE OR DELETE', ''),
            ('result_area_kpis', 'INSERT OR UPDATE OR DELETE', ''),
            ('targets', 'INSERT OR UPDATE OR DELETE', ''),
            ('benchmarks', 'INSERT OR UPDATE OR DELETE', ''),
            ('rule_settings', 'INSERT OR UPDATE OR DELETE', ''),
            ('reviews', 'INSERT OR UPDATE OR DELETE', ''),
            ('acknowledgements', 'UPDATE OR DELETE', ''),
            ('check_ins', 'UPDATE OR DELETE', ''),
            ('actions', 'UPDATE OR DELETE', ''),
            ('waivers', 'UPDATE OR DELETE', ''),
            ('measurements', 'UPDATE OR DELETE', 'WHEN (NOT kra_internal.is_collecting())')
        ) v (name, events, unless)
    LOOP
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER log_change AFTER %2$s ON kra.%1$I FOR EACH ROW %3$s
                 EXECUTE FUNCTION kra_internal.log_change();
             CREATE TRIGGER log_truncation BEFORE TRUNCATE ON kra.%1$I
                 FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.log_truncation();
             ALTER TABLE kra.%1$I ENABLE ALWAYS TRIGGER log_change;
             ALTER TABLE kra.%1$I ENABLE ALWAYS TRIGGER log_truncation;',
            t.name, t.events, t.unless);
        IF t.events !~ 'INSERT' THEN
            EXECUTE pg_catalog.format(
                'CREATE TRIGGER log_restored AFTER INSERT ON kra.%1$I
                     FOR EACH STATEMENT WHEN (kra_internal.is_restoring())
                     EXECUTE FUNCTION kra_internal.log_loaded();
                 CREATE TRIGGER log_applied AFTER INSERT ON kra.%1$I
                     FOR EACH ROW WHEN (kra_internal.is_applying())
                     EXECUTE FUNCTION kra_internal.log_loaded();
                 ALTER TABLE kra.%1$I ENABLE ALWAYS TRIGGER log_restored;
                 ALTER TABLE kra.%1$I ENABLE ALWAYS TRIGGER log_applied;', t.name);
        END IF;
    END LOOP;
END $$;
