-- Locks by which changes wait for each other. They are rows that nobody but these functions can
-- reach: an advisory lock could be taken by anybody who may connect, and held.

CREATE TABLE kra_internal.locks (
    name text PRIMARY KEY,
    taken bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE kra_internal.locks IS 'a row for each thing of which one session at a time may change something: definitions, objectives, the tree, the lines of each KPI, and each KPI that was ever collected';
COMMENT ON COLUMN kra_internal.locks.name IS 'definitions, objectives, tree, lines of and the id of a KPI, or KPI and its id';
COMMENT ON COLUMN kra_internal.locks.taken IS 'how often it was taken';
INSERT INTO kra_internal.locks (name) VALUES ('definitions'), ('objectives'), ('tree');

CREATE FUNCTION kra_internal.take_lock(_name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean THEN   -- such as on a standby
        RETURN;
    END IF;
    -- a change of the row, since a transaction whose snapshot is older than the last change must fail:
    -- it would not see what it waited for
    UPDATE kra_internal.locks l SET taken = l.taken + 1 WHERE l.name = _name;
    IF NOT FOUND THEN
        INSERT INTO kra_internal.locks (name) VALUES (_name) ON CONFLICT DO NOTHING;
        UPDATE kra_internal.locks l SET taken = l.taken + 1 WHERE l.name = _name;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.take_lock(text) IS 'waits until no other session holds the lock of that name, and holds it to the end of the transaction, or until what took it is undone; fails to serialize where it was taken since the snapshot of a repeatable read; nothing where the transaction can change nothing. Security definer, since nobody may reach the locks but through the functions that name one';

CREATE FUNCTION kra_internal.lock_definitions() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kra_internal.take_lock('definitions');
END $$;
COMMENT ON FUNCTION kra_internal.lock_definitions() IS 'one document of definitions at a time; for authors';

CREATE FUNCTION kra_internal.lock_objectives() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kra_internal.take_lock('objectives');
END $$;
COMMENT ON FUNCTION kra_internal.lock_objectives() IS 'one change of the tree of objectives at a time; for authors';
