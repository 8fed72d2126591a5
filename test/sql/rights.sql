-- rights: every object stands in kra_internal.rights() once, and what is granted is what stands there.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'
SET search_path = pg_catalog, pg_temp;

-- All objects, and the privileges that somebody but the owner has on them.
CREATE TEMP VIEW objects AS
SELECT 'schema ' || n.nspname AS object, 'schema' AS class, n.nspowner AS owner, n.nspacl AS acl, acldefault('n', n.nspowner) AS default_acl
FROM pg_namespace n WHERE n.nspname IN ('kra', 'kra_internal', 'kra_bi')
UNION ALL
SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.oid::regclass, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END,
       c.relowner, c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
FROM pg_class c WHERE c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND c.relkind NOT IN ('i', 'c', 't')
UNION ALL
SELECT 'function ' || p.oid::regprocedure, 'function', p.proowner, p.proacl, acldefault('f', p.proowner)
FROM pg_proc p WHERE p.pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace);
CREATE TEMP VIEW listed AS
SELECT CASE WHEN r.object ~ '^function ' THEN 'function ' || to_regprocedure(substr(r.object, 10))
            WHEN r.object ~ '^(table|sequence) ' THEN split_part(r.object, ' ', 1) || ' ' || to_regclass(split_part(r.object, ' ', 2))
            WHEN r.object ~ '^schema ' THEN 'schema ' || to_regnamespace(split_part(r.object, ' ', 2)) END AS object,
       r.object AS line, r.holders
FROM kra_internal.rights() r;
CREATE TEMP VIEW granted AS
SELECT o.object, o.class, a.grantee, a.privilege_type || '' AS privilege, a.is_grantable
FROM objects o, aclexplode(coalesce(o.acl, o.default_acl)) a WHERE a.grantee <> o.owner
UNION ALL
SELECT 'table ' || c.oid::regclass, 'table', a.grantee, a.privilege_type || ' (' || t.attname || ')', a.is_grantable
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
WHERE c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND a.grantee <> c.relowner;

-- once each, and nothing that does not exist
SELECT class, count(*) > 2 AS some FROM objects GROUP BY class ORDER BY class;
SELECT o.object AS not_listed FROM objects o WHERE NOT EXISTS (SELECT FROM listed l WHERE l.object = o.object) ORDER BY 1;
SELECT l.line AS unknown FROM listed l WHERE l.object IS NULL OR NOT EXISTS (SELECT FROM objects o WHERE o.object = l.object) ORDER BY 1;
SELECT l.object AS twice FROM listed l GROUP BY l.object HAVING count(*) > 1 ORDER BY 1;
-- holders are kinds, and privileges such as the class has
SELECT l.line, l.holders FROM listed l
WHERE EXISTS (SELECT FROM string_to_table(l.holders, ';') p, string_to_table(split_part(p, ':', 1), ',') h
              WHERE trim(h) !~ '^(reader|reviewer|target_setter|keeper|author|admin)( alone)?$|^(everybody|nobody)$');

-- Of PUBLIC: what stands there as everybody's, and of kra_internal only what types and operators need.
SELECT object, privilege FROM granted WHERE grantee = 0
EXCEPT
SELECT object, CASE WHEN object ~ '^schema' THEN 'USAGE' ELSE 'EXECUTE' END FROM listed WHERE holders ~ '^everybody';
SELECT object FROM listed WHERE holders ~ '^everybody' EXCEPT SELECT object FROM granted WHERE grantee = 0;
CREATE TEMP VIEW needed AS   -- by types, casts, operators and operator classes
SELECT unnest(ARRAY[t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typsubscript])::oid AS function
FROM pg_type t WHERE t.typnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
UNION SELECT castfunc FROM pg_cast
UNION SELECT unnest(ARRAY[oprcode, oprrest, oprjoin])::oid FROM pg_operator
UNION SELECT amproc FROM pg_amproc;
SELECT p.oid::regprocedure AS of_public FROM pg_proc p
WHERE p.pronamespace = 'kra_internal'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE') AND p.oid NOT IN (SELECT function FROM needed) ORDER BY 1;
SELECT p.oid::regprocedure AS not_of_public FROM pg_proc p
WHERE p.pronamespace = 'kra_internal'::regnamespace AND NOT has_function_privilege('public', p.oid, 'EXECUTE') AND p.oid IN (SELECT function FROM needed) ORDER BY 1;

-- Each kind has what stands there, no more and no less.
CREATE TEMP VIEW expected AS
SELECT k.kind, l.object, trim(v.privilege) AS privilege
FROM listed l
CROSS JOIN LATERAL string_to_table(l.holders, ';') p
CROSS JOIN LATERAL (SELECT trim(split_part(p, ':', 1)) AS kinds, CASE WHEN p ~ ':' THEN trim(split_part(p, ':', 2)) ELSE 'EXECUTE' END AS privileges) s
CROSS JOIN LATERAL regexp_split_to_table(s.privileges, ',(?![^(]*\))') v (privilege)
CROSS JOIN unnest('{reader,reviewer,target_setter,keeper,author,admin}'::text[]) k (kind)
WHERE s.kinds NOT IN ('everybody', 'nobody')
  AND CASE WHEN s.kinds ~ ' alone$' THEN s.kinds = k.kind || ' alone'
           ELSE string_to_array(s.kinds, ', ') && ARRAY['reader', k.kind] OR k.kind = 'admin' END;
CREATE TEMP VIEW one_column AS   -- INSERT (a, b) is a grant of each
SELECT e.kind, e.object, CASE WHEN e.privilege ~ '\(' THEN split_part(e.privilege, ' ', 1) || ' (' || trim(c) || ')' ELSE e.privilege END AS privilege
FROM expected e CROSS JOIN LATERAL string_to_table(CASE WHEN e.privilege ~ '\(' THEN substring(e.privilege FROM '\((.*)\)') ELSE 'x' END, ',') c;
CREATE ROLE regress_kra_kind;
CREATE FUNCTION pg_temp.differs(kinds text[]) RETURNS TABLE (object text, privilege text, is_granted boolean) LANGUAGE sql AS $$
    SELECT coalesce(e.object, g.object), coalesce(e.privilege, g.privilege), g.object IS NOT NULL
    FROM (SELECT DISTINCT o.object, o.privilege FROM one_column o WHERE o.kind = ANY (kinds)) e
    FULL JOIN (SELECT x.object, x.privilege FROM granted x WHERE x.grantee = 'regress_kra_kind'::regrole) g ON (g.object, g.privilege) = (e.object, e.privilege)
    WHERE e.object IS NULL OR g.object IS NULL ORDER BY 1, 2
$$;
CREATE FUNCTION pg_temp.try(kind text) RETURNS TABLE (given text, granted bigint, differ bigint, left_over bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT kra.grant_%s(%L)', kind, 'regress_kra_kind');
    given := (SELECT string_agg(g.kind, ' ' ORDER BY g.kind) FROM kra.role_grants g WHERE g.db_role = 'regress_kra_kind');
    granted := (SELECT least(count(*), 100) FROM pg_temp.granted WHERE grantee = 'regress_kra_kind'::regrole);
    differ := (SELECT count(*) FROM pg_temp.differs(ARRAY[kind]));
    PERFORM kra.revoke_reader('regress_kra_kind');
    left_over := (SELECT count(*) FROM pg_temp.granted WHERE grantee = 'regress_kra_kind'::regrole);
    RETURN NEXT;
END $$;
SELECT t.* FROM unnest('{reader,reviewer,target_setter,keeper,author,admin}'::text[]) WITH ORDINALITY k (kind, n), LATERAL pg_temp.try(k.kind) t ORDER BY k.n;
SELECT bool_or(is_grantable) AS grantable FROM granted;

-- Kinds combine, and one is taken back without the others.
SELECT kra.grant_keeper('regress_kra_kind'), kra.grant_reviewer('regress_kra_kind');
SELECT * FROM pg_temp.differs('{keeper,reviewer}');
SELECT kra.revoke_keeper('regress_kra_kind');
SELECT * FROM pg_temp.differs('{reviewer}');
SELECT kra.revoke_keeper('regress_kra_kind'), kra.grant_target_setter('regress_kra_kind'), kra.grant_author('regress_kra_kind'), kra.revoke_reviewer('regress_kra_kind');
SELECT * FROM pg_temp.differs('{author,target_setter}');
SELECT string_agg(kind, ' ' ORDER BY kind) AS kinds FROM kra.role_grants WHERE db_role = 'regress_kra_kind' AND kind <> 'reader';
-- given in one order or another, the same
CREATE TEMP TABLE given AS SELECT object, privilege FROM granted WHERE grantee = 'regress_kra_kind'::regrole;
SELECT kra.revoke_reader('regress_kra_kind'), kra.grant_author('regress_kra_kind'), kra.grant_target_setter('regress_kra_kind');
(TABLE given EXCEPT SELECT object, privilege FROM granted WHERE grantee = 'regress_kra_kind'::regrole) UNION ALL (SELECT object, privilege FROM granted WHERE grantee = 'regress_kra_kind'::regrole EXCEPT TABLE given);

-- What a later version adds reaches those who have the kind.
SELECT kra.revoke_reader('regress_kra_kind'), kra.grant_keeper('regress_kra_kind');
REVOKE ALL ON FUNCTION kra.collect(text, date, boolean), kra.due(date, integer) FROM regress_kra_kind;
REVOKE ALL ON kra.measurements, kra_bi.due FROM regress_kra_kind;
SELECT count(*) AS missing FROM pg_temp.differs('{keeper}');
SELECT kra_internal.renew_grants();
SELECT * FROM pg_temp.differs('{keeper}');

-- The markers are the truth: a renamed role keeps its kinds, and a member has them.
ALTER ROLE regress_kra_kind RENAME TO regress_kra_renamed;
SELECT string_agg(kind, ' ' ORDER BY kind) AS kinds FROM kra.role_grants WHERE db_role = 'regress_kra_renamed';
CREATE ROLE regress_kra_member IN ROLE regress_kra_renamed;
CREATE ROLE regress_kra_apart NOINHERIT IN ROLE regress_kra_renamed;
SET ROLE regress_kra_member;
SELECT kra_internal.is_keeper() AS keeper, kra_internal.is_author() AS author, count(*) FROM kra.subjects;
SET ROLE regress_kra_apart;
SELECT count(*) FROM kra.subjects;
RESET ROLE;
ALTER ROLE regress_kra_renamed RENAME TO regress_kra_kind;
SELECT kra.revoke_keeper('regress_kra_kind'), kra.revoke_reader('regress_kra_kind');
SELECT count(*) AS left_over FROM granted WHERE grantee = 'regress_kra_kind'::regrole;
DROP ROLE regress_kra_member, regress_kra_apart;

-- Values are everybody's: a role that was granted nothing.
GRANT SELECT ON granted TO regress_kra_kind;
RESET search_path;
SET ROLE regress_kra_kind;
SELECT '>= 1'::kra.kpi_target = '>= 1.0' AS eq, '>= 1'::kra.kpi_target < '>= 2' AS lt, kra.at_least(3) AS built, kra.lower('[1,2]'::kra.kpi_target), kra.attainment(1, '>= 2'), kra.status(1, '>= 2', '2026-01-01'::date);
SELECT count(DISTINCT t) AS targets, kra.min(t), kra.max(t), kra.sum(t) FROM (VALUES ('>= 1'::kra.kpi_target), ('>= 1.0'), ('>= 2')) v (t);
SELECT t, count(*) FROM (VALUES ('>= 1'::kra.kpi_target), ('>= 1.0'), ('>= 2')) v (t) GROUP BY t ORDER BY t;
SELECT kra.value(kra.actual_agg(v, d), 'sum') AS actual, (kra.actual_agg(v, d))::jsonb IS NOT NULL AS json, (kra.actual_agg(v, d))::text::kra.kpi_actual = kra.actual_agg(v, d) AS again
FROM (VALUES (1.0::float8, date '2026-01-01'), (2, '2026-01-02')) x (v, d);
SELECT round(kra.score(kra.attainment_agg(v, '>= 2'))::numeric, 3) AS score, kra.imbalance(kra.balance_agg('outcome', v, '>= 2')) IS NOT NULL AS balance, kra.direction(kra.trend_agg(v, v)) AS trend FROM generate_series(1, 5) v;
SELECT kra.score(kra.scorecard_agg('a', 'k', 'outcome', v, '>= 2', 1)) IS NOT NULL AS card, kra.num_points(kra.xmr_agg(v)) AS points, (kra.mann_kendall(v)) IS NOT NULL AS kendall FROM generate_series(2, 2) v;
SELECT count(DISTINCT s) AS summaries FROM (SELECT kra.actual_agg(v, date '2026-01-01') AS s FROM generate_series(1, 3) v GROUP BY v % 2) x;
SELECT kra.value_text(1234.5, '$') AS said, kra.answer_score('nps', NULL, '9') AS score, kra.sparkline(ARRAY[1, 2, 3]) IS NOT NULL AS spark, kra.extension_version() IS NOT NULL AS version;
-- and nothing else is theirs
SELECT kra.viewer();
SELECT count(*) FROM kra.subjects;
SELECT kra_internal.is_author();
SELECT * FROM kra.due();
RESET ROLE;

DROP VIEW one_column, expected, needed, listed;
DROP TABLE given;
REVOKE ALL ON granted FROM regress_kra_kind;
DROP ROLE regress_kra_kind;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
