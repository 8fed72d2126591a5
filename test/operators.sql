-- What test/operators.sh dumps: everything in which an operator is called without being named, or is
-- found by the search_path, over every type of kra that has one.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION kra;
CREATE SCHEMA uses;

-- types with equality, with hash, with an order
CREATE VIEW uses.types AS
SELECT t.oid::regtype::text AS name, t.typname::text AS short,
       EXISTS (SELECT FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod WHERE o.opcintype = t.oid AND o.opcdefault AND a.amname = 'hash') AS hashes,
       EXISTS (SELECT FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod WHERE o.opcintype = t.oid AND o.opcdefault AND a.amname = 'btree') AS sorts
FROM pg_type t
WHERE t.typnamespace = 'kra'::regnamespace AND t.typtype = 'b' AND t.typelem = 0
  AND EXISTS (SELECT FROM pg_operator o WHERE o.oprname = '=' AND o.oprleft = t.oid AND o.oprright = t.oid)
UNION ALL
SELECT t.oid::regtype::text, t.typname, true, true FROM pg_type t WHERE t.typnamespace = 'kra'::regnamespace AND t.typtype = 'e';

SELECT format('
CREATE TABLE uses.%2$s (n integer PRIMARY KEY, a %1$s, b %1$s, same boolean GENERATED ALWAYS AS (a = b) STORED, CHECK (a <> b OR a IS NOT DISTINCT FROM b));
CREATE TABLE uses.%2$s_other (a %1$s, note text);
CREATE VIEW uses.%2$s_view AS
SELECT nullif(x.a, x.b) AS either, CASE x.a WHEN x.b THEN 1 ELSE 0 END AS chosen, x.a IN (x.b, x.a) AS among, x.a NOT IN (SELECT o.b FROM uses.%2$s o) AS apart,
       x.a IS DISTINCT FROM x.b AS differs, x.a = ANY (ARRAY[x.b]) AS any_of, j.note
FROM uses.%2$s x LEFT JOIN uses.%2$s_other j USING (a);
CREATE FUNCTION uses.%2$s_changed() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN INSERT INTO uses.%2$s_other VALUES (NEW.a, ''''changed''''); RETURN NULL; END'';
CREATE TRIGGER changed AFTER UPDATE ON uses.%2$s FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM NEW.a) EXECUTE FUNCTION uses.%2$s_changed();
CREATE RULE changed AS ON UPDATE TO uses.%2$s WHERE OLD.b <> NEW.b DO ALSO INSERT INTO uses.%2$s_other VALUES (NEW.b, ''by rule'');
CREATE POLICY same ON uses.%2$s USING (a IS NOT DISTINCT FROM b) WITH CHECK (nullif(a, b) IS NULL);
ALTER TABLE uses.%2$s ENABLE ROW LEVEL SECURITY;', name, short) FROM uses.types ORDER BY name \gexec
SELECT format('
CREATE INDEX ON uses.%2$s USING hash (a);
ALTER TABLE uses.%2$s_other ADD EXCLUDE USING hash (a WITH =);
CREATE VIEW uses.%2$s_groups AS SELECT a, count(DISTINCT note) AS n FROM uses.%2$s_other GROUP BY a UNION SELECT a, n FROM uses.%2$s;', name, short) FROM uses.types WHERE hashes ORDER BY name \gexec
SELECT format('
CREATE UNIQUE INDEX ON uses.%2$s (a) WHERE a <> b;
ALTER TABLE uses.%2$s ADD UNIQUE (b, n);
CREATE VIEW uses.%2$s_order AS SELECT DISTINCT ON (a) a, b, (a, n) < (b, n) AS before, rank() OVER (PARTITION BY b ORDER BY a DESC) AS r FROM uses.%2$s ORDER BY a, b DESC;
CREATE MATERIALIZED VIEW uses.%2$s_kept AS SELECT * FROM uses.%2$s_order;
CREATE TABLE uses.%2$s_parts (a %1$s, n integer) PARTITION BY LIST (a);', name, short) FROM uses.types WHERE sorts ORDER BY name \gexec

-- values of each type
INSERT INTO uses.kpi_target VALUES (1, '>= 1', '>= 1.0'), (2, '<= 2', '>= 2'), (3, NULL, NULL), (4, '[1,2]', '[1,2]');
INSERT INTO uses.kpi_kind VALUES (1, 'outcome', 'outcome'), (2, 'activity', 'outcome');
INSERT INTO uses.kpi_status VALUES (1, 'on_track', 'on_track'), (2, 'exceeded', 'no_data');
INSERT INTO uses.kpi_actual SELECT 1, kra.actual_agg(1, '2026-01-01'::date), kra.actual_agg(1, '2026-01-01'::date);
INSERT INTO uses.kpi_attainment SELECT 1, kra.attainment_agg(1, '>= 1'), kra.attainment_agg(1, '>= 1');
INSERT INTO uses.kpi_balance SELECT 1, kra.balance_agg('outcome', 1, '>= 1'), kra.balance_agg('outcome', 1, '>= 1');
INSERT INTO uses.kpi_trend SELECT 1, kra.trend_agg(i, i), kra.trend_agg(i, i) FROM generate_series(1, 5) i;
UPDATE uses.kpi_target SET a = '>= 9', b = '>= 8' WHERE n = 2;
