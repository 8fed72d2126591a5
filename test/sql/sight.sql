-- sight: what a reader writes is evaluated on no row that is hidden from them, in any column of any
-- table under row-level security; and neither plans nor statistics tell of such rows.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
SET jit = off;
SET DateStyle = 'ISO, YMD';
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

-- Everything is about others. A stranger reads and is nobody's login; a worker may also review, set
-- targets and record, of nobody; an author sees definitions.
CREATE ROLE regress_kra_stranger;
CREATE ROLE regress_kra_worker;
CREATE ROLE regress_kra_outsider;
SELECT kra.grant_reader('regress_kra_stranger'), kra.grant_author('regress_kra_outsider'),
       kra.grant_reviewer('regress_kra_worker'), kra.grant_target_setter('regress_kra_worker'), kra.grant_keeper('regress_kra_worker');
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
  "subjects": [{"key": "secretteam", "name": "secretteam", "kind": "team", "login": "secretlead"}, {"key": "secretkey", "name": "secretname", "kind": "person", "parent": "secretteam", "role": "rep", "login": "secretlogin"}],
  "objectives": [{"key": "grow", "name": "Grow"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Revenue", "kpis": [{"key": "demos", "name": "Demos", "kind": "outcome", "target": ">= 10", "objective": "grow"}]}]}]}');
INSERT INTO kra.subjects (key, name, kind, login) SELECT 'secretkey' || i, 'secretname', 'person', 'secretlogin' FROM generate_series(1, 60) i;
SELECT count(*) AS recorded FROM generate_series(1, 6) m, LATERAL kra.record('demos', 'secretkey', make_date(2025, m, 1), m) r;
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, provenance, note, set_by, set_at, revised_at, target_grain, phasing)
SELECT k.id, s.id, '2025-01-01', '>= 12', 'negotiated', 'secretnote', 'secretsetter', '2025-01-02', '2025-01-03', 'year', '{1,2}' FROM kra.kpis k, kra.subjects s;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, answer, counter_target, comment, given_by, given_on)
SELECT k.id, s.id, '2025-01-04', 'secretlogin', '>= 12', 'counter', '>= 11', 'secretcomment', 'secretgiver', '2025-01-03' FROM kra.kpis k, kra.subjects s;
INSERT INTO kra.check_ins (subject_id, kpi_id, objective_id, checked_at, checked_by, comment)
SELECT s.id, k.id, o.id, '2025-01-05', 'secretlogin', 'secretcomment' FROM kra.kpis k, kra.objectives o, kra.subjects s;
SET client_min_messages = error;
SELECT kra.close_review('secretkey', '2025-02', 'secretsummary') IS NOT NULL AS closed;
SET client_min_messages = warning;
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card, summary, closed_at, closed_by)
SELECT s.id, 'month', '2025-01-01', r.card, 'secretsummary', '2025-02-03', 'secretlead' FROM kra.subjects s, kra.reviews r;
INSERT INTO kra.actions (review_id, subject_id, kpi_id, description, owner_id, due_on, created_at, done_on, outcome)
SELECT r.id, r.subject_id, k.id, 'secretdescription', r.subject_id, '2025-03-01', '2025-02-03', '2025-02-04', 'secretoutcome' FROM kra.reviews r, kra.kpis k;
INSERT INTO kra.waivers (rule, about, subject_id, reason, author, ends_on)
SELECT 'secretrule', 'subject:' || s.key, s.id, 'secretreason', 'secretauthor', '2999-01-01' FROM kra.subjects s;
INSERT INTO kra.move_consents (subject_id, parent_key, effective_from, consented_by, used_by, used_at)
SELECT s.id, 'secretparent', '2025-01-01', 'secretlogin', 'secretauthor', now() FROM kra.subjects s;
UPDATE kra_internal.kept_lines SET projected = 777;   -- as of a period that runs
ANALYZE;

-- the tables and their columns, with a value that is hidden
CREATE TEMP TABLE hidden AS
SELECT c.oid::regclass::text AS rel, a.attname::text AS col, format_type(a.atttypid, NULL) AS type, a.attnotnull AS is_filled, NULL::text AS value
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND c.relrowsecurity AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege('regress_kra_stranger', c.oid, a.attnum, 'SELECT');
DO $$
DECLARE
    h record;
BEGIN
    FOR h IN SELECT * FROM hidden LOOP
        EXECUTE format('UPDATE hidden SET value = (SELECT min(%I::text) FROM %s) WHERE rel = $1 AND col = $2', h.col, h.rel) USING h.rel, h.col;
    END LOOP;
END $$;
GRANT SELECT ON hidden TO PUBLIC;
SELECT rel, count(*) > 3 AS has_columns, string_agg(col, ', ') FILTER (WHERE value IS NULL) AS without_value FROM hidden GROUP BY rel ORDER BY rel COLLATE "C";

-- Policies are calls of C functions on plain columns, and cost nothing.
SELECT p.polrelid::regclass AS rel, p.polname, x.expression
FROM pg_policy p
CROSS JOIN LATERAL (VALUES (pg_get_expr(p.polqual, p.polrelid)), (pg_get_expr(p.polwithcheck, p.polrelid))) x (expression)
WHERE regexp_replace(x.expression, '(kra_internal\.[a-z_]+\(([a-z_]+(, [a-z_]+)*)?\)|\mOR\M|\mAND\M|[() ])', '', 'g') <> '';
SELECT DISTINCT f.oid::regprocedure AS costs_something
FROM pg_policy p
JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc f ON f.oid = d.refobjid JOIN pg_language l ON l.oid = f.prolang
WHERE l.lanname <> 'c' OR f.prosupport <> 'kra_internal.policy_support'::regproc ORDER BY 1;

-- Whoever is asked for a value has been reached.
CREATE FUNCTION pg_temp.seen(anyelement) RETURNS anyelement LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'LEAK1', MESSAGE = 'reached'; END $$;

-- Conditions on a column: those that cost nothing, and those of operators, leakproof or not.
CREATE FUNCTION pg_temp.conditions(col text, type text, is_filled boolean, value text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format(c, col, type, value) FROM unnest(ARRAY[
        '%1$s = ANY (''{}''::%2$s[]) OR (SELECT pg_temp.seen(true))',
        'CASE WHEN %1$s = ANY (''{}''::%2$s[]) THEN true ELSE (SELECT pg_temp.seen(true)) END',
        '%1$s >= (SELECT pg_temp.seen(NULL::%2$s))',
        '%1$s = (SELECT pg_temp.seen(NULL::%2$s))',
        '%1$s >= ANY (ARRAY[(SELECT pg_temp.seen(NULL::%2$s))])',
        '%1$s = %3$L::%2$s AND %1$s >= ANY (ARRAY[(SELECT pg_temp.seen(NULL::%2$s))])',
        '%1$s <> ALL (ARRAY[(SELECT pg_temp.seen(NULL::%2$s))])',
        '%1$s = %3$L::%2$s OR (SELECT pg_temp.seen(true))',
        '%1$s::text LIKE (SELECT pg_temp.seen(''''::text))']) c
    UNION ALL
    SELECT format(c, col) FROM unnest(ARRAY['%1$s IS NULL OR (SELECT pg_temp.seen(true))', '%1$s IS NOT NULL AND (%1$s IS NULL OR (SELECT pg_temp.seen(true)))']) c WHERE NOT is_filled
    UNION ALL
    SELECT format(c, col) FROM unnest(ARRAY['%1$s OR (SELECT pg_temp.seen(true))', '(%1$s IS TRUE) = (SELECT pg_temp.seen(true))', '%1$s IS NOT TRUE OR (SELECT pg_temp.seen(true))']) c WHERE type = 'boolean' $$;

-- Runs a query with all conditions on all columns: what was reached. No operator of a type: no oracle.
CREATE FUNCTION pg_temp.reached(query text, privilege text DEFAULT 'SELECT') RETURNS TABLE (rel text, col text, condition text) LANGUAGE plpgsql AS $$
DECLARE
    tried integer := 0;
BEGIN
    FOR rel, col, condition IN
        SELECT h.rel, h.col, c.condition FROM hidden h CROSS JOIN LATERAL pg_temp.conditions(quote_ident(h.col), h.type, h.is_filled, h.value) c (condition)
        WHERE has_table_privilege(h.rel, privilege) OR (privilege = 'UPDATE' AND has_any_column_privilege(h.rel, 'UPDATE'))
        UNION ALL
        SELECT h.rel, v.col, c.condition FROM (SELECT DISTINCT x.rel FROM hidden x) h
        CROSS JOIN (VALUES ('xmin', 'xid', '1'), ('tableoid', 'oid', '1')) v (col, type, value)
        CROSS JOIN LATERAL pg_temp.conditions(v.col, v.type, true, v.value) c (condition)
        WHERE has_table_privilege(h.rel, privilege) OR (privilege = 'UPDATE' AND has_any_column_privilege(h.rel, 'UPDATE'))
    LOOP
        BEGIN
            EXECUTE format(query, rel, condition);
            tried := tried + 1;
        EXCEPTION
            WHEN SQLSTATE 'LEAK1' THEN RETURN NEXT;
            WHEN undefined_function OR feature_not_supported OR indeterminate_datatype THEN NULL;
        END;
    END LOOP;
    rel := CASE WHEN tried > 8 THEN 'tried' ELSE 'nothing to try' END;
    col := NULL;
    condition := NULL;
    RETURN NEXT;
END $$;
-- the oracle works, where nothing is hidden
SELECT count(*) > 400 AS reached, count(DISTINCT rel) - 1 = (SELECT count(DISTINCT rel) FROM hidden) AS all_tables FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s');

SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
SET ROLE regress_kra_stranger;
SELECT * FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s');
SELECT * FROM pg_temp.reached('SELECT count(*) FROM (SELECT 1 AS one) y LEFT JOIN %s x ON %s');
SELECT * FROM pg_temp.reached('UPDATE %s SET outcome = outcome WHERE %s', 'UPDATE');
SELECT * FROM pg_temp.reached('SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s FOR UPDATE) x', 'UPDATE');
SET cpu_operator_cost = 0;
SELECT * FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s');
SET cpu_operator_cost = 1000;
SELECT * FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s');
RESET cpu_operator_cost;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s') WHERE rel <> 'tried';
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET ROLE;
-- those who may write something see no more by it
SET ROLE regress_kra_worker;
SELECT * FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s');
SELECT * FROM pg_temp.reached('DELETE FROM %s WHERE %s', 'DELETE');
SELECT * FROM pg_temp.reached('UPDATE %s SET subject_id = subject_id WHERE %s', 'UPDATE');
SELECT * FROM pg_temp.reached('SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s FOR UPDATE) x', 'UPDATE');
-- an author is shown definitions, and what is hidden from other readers besides is hidden from them
SET ROLE regress_kra_outsider;
SELECT rel, count(*) > 20 AS reached FROM pg_temp.reached('SELECT count(*) FROM %s WHERE %s') GROUP BY rel ORDER BY rel COLLATE "C";
RESET ROLE;
RESET enable_indexscan;
RESET enable_bitmapscan;
RESET enable_indexonlyscan;

-- An index answers what costs nothing only after the policy, too.
SET enable_seqscan = off;
SET ROLE regress_kra_stranger;
SELECT * FROM pg_temp.reached('SELECT count(*) FROM %s x WHERE (%s)') WHERE condition !~ '(>=|[^ ]+ =|<> ALL|LIKE) .?(ANY )?.?(ARRAY\[)?\(SELECT';
RESET ROLE;
RESET enable_seqscan;

-- Views: no column that shows one of the secrets.
CREATE TEMP TABLE shown AS
SELECT c.oid::regclass::text AS rel FROM pg_class c
WHERE c.relkind = 'v' AND c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace);
CREATE FUNCTION pg_temp.secret_columns() RETURNS TABLE (rel text, col text) LANGUAGE plpgsql AS $$
BEGIN
    FOR rel IN SELECT s.rel FROM shown s LOOP
        FOR col IN EXECUTE format('SELECT DISTINCT e.key FROM %s v, jsonb_each_text(to_jsonb(v)) e WHERE e.value ~ %L', rel, '^secret') LOOP
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$;
CREATE TEMP TABLE secret_columns AS SELECT * FROM pg_temp.secret_columns();
GRANT SELECT ON shown, secret_columns TO PUBLIC;
SELECT rel, count(*) > 0 AS has_secrets FROM secret_columns GROUP BY rel ORDER BY rel COLLATE "C";
CREATE FUNCTION pg_temp.told(of text DEFAULT NULL) RETURNS TABLE (rel text, col text, told text) LANGUAGE plpgsql AS $$
DECLARE
    answers text[];
BEGIN
    FOR rel, col IN SELECT s.rel, s.col FROM secret_columns s WHERE s.rel = coalesce(of, s.rel) LOOP
        FOREACH told IN ARRAY ARRAY['%2$I >= %3$L AND %2$I <= %4$L AND %2$I >= ANY (ARRAY[(SELECT pg_temp.seen(''''::text))])', '(%2$I IS NULL OR %2$I >= %3$L) AND (%2$I <= %4$L AND %2$I >= (SELECT pg_temp.seen(''''::text)))'] LOOP
            answers := '{}';
            FOR i IN 0..1 LOOP   -- where the secrets are, and where nothing is
                BEGIN
                    EXECUTE format('SELECT count(*) FROM %1$s WHERE ' || told, rel, col, CASE i WHEN 0 THEN 'secret' ELSE 'zzz' END, CASE i WHEN 0 THEN 'secret~' ELSE 'zzz~' END);
                    answers := answers || 'not reached'::text;
                EXCEPTION WHEN SQLSTATE 'LEAK1' THEN answers := answers || 'reached'::text;
                END;
            END LOOP;
            IF answers[1] <> answers[2] THEN
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;
END $$;
SELECT count(*) > 0 AS told FROM pg_temp.told('kra_bi.dim_subject');
SET ROLE regress_kra_stranger;
SELECT pg_temp.secret_columns();
SELECT * FROM pg_temp.told();
RESET ROLE;

-- EXPLAIN, with and without ANALYZE, says the same of a value that is there and of one that is not:
-- of all columns but ids, grids and days, whose statistics and indexes plans need.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
CREATE FUNCTION pg_temp.explained() RETURNS TABLE (rel text, col text, type text) LANGUAGE plpgsql AS $$
DECLARE
    h record;
    other text;
    how text;
    condition text;
BEGIN
    FOR h IN SELECT * FROM hidden x WHERE x.type NOT IN ('integer', 'smallint', 'date') LOOP
        FOREACH how IN ARRAY '{EXPLAIN,"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)"}'::text[] LOOP
            FOREACH condition IN ARRAY '{%1$I = %2$L,%1$I >= %2$L AND %1$I <= %2$L,%1$I IN (%2$L)}'::text[] LOOP
                other := CASE h.type WHEN 'text' THEN 'absent' WHEN 'date' THEN '2999-01-01' WHEN 'timestamp with time zone' THEN '2999-01-01 00:00:00+00' WHEN 'integer' THEN '123456789' WHEN 'smallint' THEN '12345'
                                WHEN 'kra.kpi_target' THEN '>= 99' ELSE NULL END;
                CONTINUE WHEN other IS NULL OR (h.type = 'kra.kpi_target' AND condition ~ '>=');
                IF replace(pg_temp.plan(format('%s SELECT FROM %s WHERE ' || format(condition, h.col, h.value), how, h.rel)), quote_literal(h.value), '?')
                    <> replace(pg_temp.plan(format('%s SELECT FROM %s WHERE ' || format(condition, h.col, other), how, h.rel)), quote_literal(other), '?') THEN
                    rel := h.rel;
                    col := h.col;
                    type := h.type;
                    RETURN NEXT;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;
SET ROLE regress_kra_stranger;
SELECT DISTINCT rel, col, type FROM pg_temp.explained() ORDER BY rel, col;
-- (by the index of their key, the grain of a review and the time of an answer, too)
SET enable_seqscan = off;
SELECT DISTINCT rel, col, type FROM pg_temp.explained() ORDER BY rel, col;
RESET enable_seqscan;
RESET ROLE;
-- what has statistics
SELECT h.rel, string_agg(h.col, ', ' ORDER BY h.col COLLATE "C") AS with_statistics
FROM hidden h JOIN pg_attribute a ON a.attrelid = h.rel::regclass AND a.attname = h.col WHERE a.attstattarget IS DISTINCT FROM 0 GROUP BY h.rel ORDER BY h.rel COLLATE "C";

DROP EXTENSION kra CASCADE;
DROP ROLE regress_kra_stranger, regress_kra_worker, regress_kra_outsider;
CREATE EXTENSION kra;
