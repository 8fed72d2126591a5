-- security: what is granted to whom, who sees what, and who may do what.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

-- Nothing of PUBLIC: no relation, no schema but that of values, no function that looks something up or is a trigger.
CREATE TEMP VIEW acls AS
SELECT 'schema' AS class, nspname::text AS object, false AS looks_up, a.* FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a WHERE nspname IN ('kra', 'kra_bi')
UNION ALL
SELECT 'relation', oid::regclass::text, true, a.* FROM pg_class, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a
WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind NOT IN ('i', 'c')
UNION ALL
SELECT 'column', attrelid::regclass || '.' || attname, true, a.* FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) a WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace)
UNION ALL
SELECT 'function', oid::regprocedure::text, provolatile <> 'i' OR prorettype = 'trigger'::regtype OR prosecdef, a.* FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace)
UNION ALL
SELECT 'type', oid::regtype::text, false, a.* FROM pg_type, aclexplode(typacl) a WHERE typnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace);
SELECT class, object, privilege_type FROM acls WHERE grantee = 0 AND (class <> 'function' OR looks_up) ORDER BY class, object;
SELECT class, count(DISTINCT object) > 5 AS looked_at FROM acls WHERE class IN ('relation', 'function') GROUP BY class ORDER BY class;
SELECT count(*) AS by_default FROM pg_default_acl;
-- every table is under row-level security, but for definitions that are of no subject
SELECT relname FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND relkind IN ('r', 'p') AND NOT relrowsecurity ORDER BY relname COLLATE "C";
-- every view runs with the rights of who reads it
SELECT count(*) > 7 AS views, count(*) FILTER (WHERE coalesce(reloptions @> '{security_invoker=true}', false)) = count(*) AS invoker FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind = 'v';
-- security definer: each with its search_path, and none that PUBLIC may call
SELECT count(*) > 5 AS definers, count(*) FILTER (WHERE coalesce(proconfig::text !~ 'search_path=pg_catalog, pg_temp', true)) AS without_path, count(*) FILTER (WHERE EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)) AS of_public
FROM pg_proc WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND prosecdef;
-- bodies are parsed, or have their search_path
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = prolang
WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND lanname IN ('sql', 'plpgsql') AND prosqlbody IS NULL AND coalesce(proconfig::text !~ 'search_path=pg_catalog, pg_temp', true) ORDER BY 1;
-- leakproof: none
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND proleakproof;

-- Grants: what each kind may do stands in rights.sql; here who may give them, and that nothing is left.
CREATE ROLE regress_kra_reader;
CREATE ROLE regress_kra_author;
CREATE ROLE regress_kra_admin NOSUPERUSER NOCREATEROLE NOCREATEDB;
CREATE TEMP TABLE acls_before AS SELECT * FROM acls;
SELECT kra.grant_reader('regress_kra_reader'), kra.grant_author('regress_kra_author'), kra.grant_admin('regress_kra_admin');
CREATE TEMP VIEW privileges AS SELECT rolname, class, object, string_agg(DISTINCT privilege_type, ', ' ORDER BY privilege_type) AS privileges FROM acls JOIN pg_roles r ON r.oid = grantee GROUP BY rolname, class, object;
-- again, nothing changes
CREATE TEMP TABLE given AS SELECT * FROM acls;
SELECT kra.grant_reader('regress_kra_reader'), kra.grant_author('regress_kra_author'), kra.grant_admin('regress_kra_admin');
(TABLE acls EXCEPT TABLE given) UNION ALL (TABLE given EXCEPT TABLE acls);

-- odd names, unknown ones, the owner
CREATE ROLE "regress_kra ""Odd"" O'Neil; DROP";
CREATE ROLE "regress_kra_PUBLIC";
SELECT kra.grant_author('regress_kra "Odd" O''Neil; DROP'), kra.grant_reader('regress_kra_PUBLIC');
SELECT rolname, count(*) > 20 AS granted FROM privileges WHERE rolname LIKE 'regress\_kra%Odd%' OR rolname LIKE '%PUBLIC' GROUP BY rolname ORDER BY rolname COLLATE "C";
SELECT kra.revoke_reader('regress_kra "Odd" O''Neil; DROP'), kra.revoke_reader('regress_kra_PUBLIC');
DROP ROLE "regress_kra ""Odd"" O'Neil; DROP", "regress_kra_PUBLIC";
SELECT kra.grant_reader('regress_kra_nobody');
SELECT kra.grant_reader('public');
SELECT kra.grant_reader('PUBLIC');
SELECT kra.grant_reader('');
SELECT kra.grant_reader(NULL);
SELECT kra.revoke_reader('regress_kra_nobody');
DO $$ BEGIN PERFORM kra.revoke_reader(current_user); EXCEPTION WHEN invalid_grant_operation THEN RAISE WARNING '%', replace(SQLERRM, quote_ident(current_user), '(owner)'); END $$;

-- who may not grant
SET ROLE regress_kra_author;
SELECT kra.grant_author('regress_kra_reader');
SELECT kra.grant_admin('regress_kra_author');
SELECT kra_internal.change_grants('regress_kra_author', 'admin', true);
SELECT kra.revoke_admin('regress_kra_admin');
RESET ROLE;
GRANT EXECUTE ON FUNCTION kra_internal.change_grants(name, text, boolean) TO regress_kra_author;   -- not even so
SET ROLE regress_kra_author;
SELECT kra_internal.change_grants('regress_kra_author', 'admin', true);
RESET ROLE;
-- an admin may, and takes back what another gave
CREATE ROLE regress_kra_second;
SET ROLE regress_kra_admin;
SELECT kra.grant_admin('regress_kra_second'), kra.grant_reader('regress_kra_author');
SET ROLE regress_kra_second;
SELECT kra.revoke_reader(r) FROM unnest('{regress_kra_author,regress_kra_reader,regress_kra_admin}'::name[]) r;
SET ROLE regress_kra_admin;
SELECT kra.grant_admin('regress_kra_admin');
SELECT count(*) FROM kra.subjects;
RESET ROLE;
SELECT kra.revoke_reader('regress_kra_second'), kra.revoke_reader('regress_kra_second');
-- nothing is left: the roles can go
(TABLE acls EXCEPT TABLE acls_before) UNION ALL (TABLE acls_before EXCEPT TABLE acls);
DROP ROLE regress_kra_second;
SELECT kra.grant_author('regress_kra_author'), kra.grant_admin('regress_kra_admin');

-- A company: Ann, Bob and Cy in team A, Dan and Eve in team B, Joe goes from A to B on 10 June, Kim leaves A on 20 May.
CREATE ROLE regress_kra_ann;
CREATE ROLE regress_kra_lead_a;
CREATE ROLE regress_kra_lead_b;
CREATE ROLE regress_kra_boss;
SELECT kra.grant_reader(r) FROM unnest('{regress_kra_ann,regress_kra_lead_a,regress_kra_lead_b,regress_kra_boss}'::name[]) r;
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company", "login": "regress_kra_boss"},
    {"key": "a", "name": "Team A", "kind": "team", "parent": "co", "login": "regress_kra_lead_a"}, {"key": "b", "name": "Team B", "kind": "team", "parent": "co", "login": "regress_kra_lead_b"},
    {"key": "ann", "name": "Ann", "kind": "person", "parent": "a", "role": "rep", "login": "regress_kra_ann"}, {"key": "bob", "name": "Bob", "kind": "person", "parent": "a", "role": "rep"},
    {"key": "cy", "name": "Cy", "kind": "person", "parent": "a", "role": "rep"}, {"key": "joe", "name": "Joe", "kind": "person", "parent": "a", "role": "rep"}, {"key": "kim", "name": "Kim", "kind": "person", "parent": "a", "role": "rep"},
    {"key": "dan", "name": "Dan", "kind": "person", "parent": "b", "role": "rep"}, {"key": "eve", "name": "Eve", "kind": "person", "parent": "b", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Revenue", "kpis": [
    {"key": "demos", "name": "Demos", "kind": "outcome", "over_time": "sum", "target": ">= 10"}, {"key": "wait", "name": "Wait", "kind": "activity", "over_time": "mean", "over_subjects": "mean", "target": "<= 20"},
    {"key": "best", "name": "Best", "kind": "outcome", "over_time": "max", "over_subjects": "max", "target": ">= 5"}]}]}]}');
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id, is_active)
SELECT s.id, d, p.id, r.id, p.id IS NOT NULL FROM (VALUES ('joe', date '2025-06-10', 'b'), ('kim', '2025-05-20', NULL)) v (s, d, p)
JOIN kra.subjects s ON s.key = v.s LEFT JOIN kra.subjects p ON p.key = v.p LEFT JOIN kra.job_roles r ON r.key = 'rep' AND v.p IS NOT NULL;
SELECT count(*) AS recorded FROM kra.subjects s CROSS JOIN kra.kpis k CROSS JOIN generate_series(0, 11) m,
    LATERAL kra.record(k.key, s.key, (date '2025-01-01' + make_interval(months => m))::date, (s.id * 7 + m * 3 + k.id) % 17 + 1) WHERE s.kind = 'person' AND (s.key <> 'kim' OR m < 5);
SELECT kra.set_target('demos', 'joe', '>= 1', '2024-01-01'), kra.set_target('demos', 'joe', '>= 2', '2025-03-01'), kra.set_target('demos', 'joe', '>= 3', '2025-08-01');
SELECT kra.close_review('joe', '2025-02') IS NOT NULL AS feb, kra.close_review('joe', '2025-07') IS NOT NULL AS jul, kra.close_review('a', '2025-03') IS NOT NULL AS team;

-- what they see of each table
CREATE FUNCTION pg_temp.seen() RETURNS TABLE (rel text, subjects text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT 'subjects', string_agg(key, ' ' ORDER BY key) FROM kra.subjects;
    RETURN QUERY SELECT 'subject_timeline', string_agg(s.key || ' ' || t.valid_from || '..' || t.valid_until, ', ' ORDER BY s.key, t.valid_from) FROM kra_internal.subject_timeline t JOIN kra.subjects s ON s.id = subject_id WHERE s.key IN ('joe', 'kim');
    RETURN QUERY SELECT 'subject_ancestors', string_agg(s.key || '<' || p.key, ' ' ORDER BY s.key, depth, p.key) FROM kra_internal.subject_ancestors JOIN kra.subjects s ON s.id = subject_id JOIN kra.subjects p ON p.id = ancestor_id WHERE depth > 0;
    RETURN QUERY SELECT 'targets', string_agg(s.key || ' ' || t.target::text, ', ' ORDER BY s.key, effective_from) FROM kra.targets t LEFT JOIN kra.subjects s ON s.id = subject_id;
    RETURN QUERY SELECT 'measurements', string_agg(key || ' ' || n || ' ' || first || '..' || last, ', ' ORDER BY key)
        FROM (SELECT s.key, count(*) AS n, to_char(min(period_start), 'MM') AS first, to_char(max(period_start), 'MM') AS last FROM kra.measurements m LEFT JOIN kra.subjects s ON s.id = m.subject_id GROUP BY s.key) x;
    RETURN QUERY SELECT 'reviews', string_agg(s.key || ' ' || r.period_start, ', ' ORDER BY s.key, period_start) FROM kra.reviews r LEFT JOIN kra.subjects s ON s.id = subject_id;
    RETURN QUERY SELECT 'kpi_results', string_agg(subject_key || ' ' || n || ' ' || first || '..' || last, ', ' ORDER BY subject_key)
        FROM (SELECT subject_key, count(*) AS n, to_char(min(period_start), 'MM') AS first, to_char(max(period_start), 'MM') AS last FROM kra_bi.kpi_results WHERE period_grain = 'month' GROUP BY subject_key) x;
    RETURN QUERY SELECT 'scorecards', string_agg(subject_key || ' ' || n, ', ' ORDER BY subject_key) FROM (SELECT subject_key, count(*) AS n FROM kra_bi.scorecards WHERE period_grain = 'month' GROUP BY subject_key) x;
END $$;
SET ROLE regress_kra_ann;
SELECT * FROM pg_temp.seen();
SET ROLE regress_kra_lead_a;
SELECT * FROM pg_temp.seen();
SET ROLE regress_kra_lead_b;
SELECT * FROM pg_temp.seen();
SET ROLE regress_kra_author;
SELECT * FROM pg_temp.seen();
SELECT count(*) > 10 AS log FROM kra.definition_log;
RESET ROLE;

-- what they see is what the owner sees, in every column but the path and the parent, as of any day;
-- but what Joe did in the one team does not show in his history in the other
CREATE TEMP TABLE days AS SELECT unnest('{2025-02-10,2025-06-05,2025-06-09,2025-06-10,2025-07-31,2026-02-01}'::date[]) AS day;
CREATE TEMP TABLE truth AS
SELECT day, 'kpi_results' AS rel, r.row_key, r.subject_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] AS line FROM days, kra.kpi_results(day) r UNION ALL
SELECT day, 'kra_results', r.row_key, r.subject_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.kra_results(day) r UNION ALL
SELECT day, 'scorecards', r.row_key, r.subject_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.scorecards(day) r UNION ALL
SELECT day, 'imbalances', r.row_key, r.subject_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.imbalances(day) r;
CREATE FUNCTION pg_temp.compare(expected text[]) RETURNS TABLE (rel text, compared bigint, invented bigint, missing bigint, differs text) LANGUAGE sql AS $$
    WITH mine AS (
        SELECT day, 'kpi_results' AS rel, r.row_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] AS line FROM days, kra.kpi_results(day) r UNION ALL
        SELECT day, 'kra_results', r.row_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.kra_results(day) r UNION ALL
        SELECT day, 'scorecards', r.row_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.scorecards(day) r UNION ALL
        SELECT day, 'imbalances', r.row_key, to_jsonb(r) - '{subject_path,parent_key,parent_name}'::text[] FROM days, kra.imbalances(day) r
    )
    SELECT x.rel, count(m.line), (SELECT count(*) FROM mine o WHERE o.rel = x.rel) - count(m.line), count(*) FILTER (WHERE m.line IS NULL AND t.subject_key = ANY (expected)),
           (SELECT string_agg(DISTINCT tt.subject_key || ' ' || c.key, ', ' ORDER BY tt.subject_key || ' ' || c.key) FROM truth tt JOIN mine mm USING (day, rel, row_key), jsonb_each(mm.line) c WHERE mm.rel = x.rel AND c.value IS DISTINCT FROM tt.line->c.key)
    FROM (SELECT DISTINCT rel FROM truth) x JOIN truth t USING (rel) LEFT JOIN mine m USING (day, rel, row_key) GROUP BY x.rel ORDER BY x.rel
$$;
GRANT SELECT ON truth, days TO PUBLIC;
SET ROLE regress_kra_boss;
SELECT * FROM pg_temp.compare('{co,a,b,ann,bob,cy,joe,kim,dan,eve}');
SET ROLE regress_kra_lead_a;
SELECT * FROM pg_temp.compare('{a,ann,bob,cy,kim}');
SET ROLE regress_kra_lead_b;
SELECT * FROM pg_temp.compare('{b,dan,eve}');
SET ROLE regress_kra_ann;
SELECT * FROM pg_temp.compare('{ann}');
SET ROLE regress_kra_author;
SELECT * FROM pg_temp.compare('{}');
RESET ROLE;

-- Who is of every kind but admin writes about those below them. Here they lead team B.
SELECT kra.grant_reviewer('regress_kra_author'), kra.grant_keeper('regress_kra_author');
UPDATE kra.subjects SET login = 'regress_kra_author' WHERE key = 'b';
SET ROLE regress_kra_author;
SELECT period_label, recorded_value FROM kra.record('demos', 'dan', '2025-12-01', 4);
SELECT kra.record('demos', 'ann', '2025-12-01', 4);
SELECT kra.record('demos', 'joe', '2025-05-01', 4);
SELECT kra.unrecord('demos', 'ann', '2025-12-01');
UPDATE kra.measurements SET recorded_at = now() WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'ann');
DELETE FROM kra.measurements WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'ann');
UPDATE kra.measurements SET subject_id = (SELECT id FROM kra.subjects WHERE key = 'ann') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'dan');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, '2025-12-01', kra.actual_agg(1, now()) FROM kra.kpis k, kra.subjects s WHERE k.key = 'demos' AND s.key = 'ann' GROUP BY 1, 2
ON CONFLICT DO NOTHING;
SELECT kra.close_review('ann', '2025-11');
SELECT kra.scorecard_of('a', '2025-11');
SELECT kra.close_review('dan', '2025-11') IS NOT NULL AS closed;
SELECT kra.close_review('dan', '2025-10', NULL, '[{"description": "call", "owner": "ann", "due_on": "2026-01-01"}]') IS NOT NULL AS with_an_owner_whom_he_does_not_see;
SELECT kra.close_review('joe', '2025-05', NULL, '[{"description": "call", "owner": "dan", "due_on": "2026-01-01"}]');
SELECT kra.check_in('dan', 'well') > 0 AS dan;
SELECT kra.check_in('ann', 'well');
SELECT kra.add_action('dan', 'call', 'eve', '2026-01-01') > 0 AS dan;
SELECT kra.add_action('ann', 'call', 'dan', '2026-01-01');
SELECT kra.complete_action(id) FROM kra.actions WHERE description = 'call' AND owner_id = (SELECT id FROM kra.subjects WHERE key = 'eve');
SELECT kra.review_agenda('ann', '2025-11'), kra.track_record('ann');
SELECT count(*) AS agenda FROM kra.review_agenda('dan', '2025-11', '2025-12-31');
UPDATE kra.reviews SET summary = 'better';
INSERT INTO kra.check_ins (subject_id, comment) SELECT id, 'well' FROM kra.subjects WHERE key IN ('dan');
INSERT INTO kra.check_ins (subject_id, comment) SELECT id, 'well' FROM kra.subjects WHERE key IN ('ann');
INSERT INTO kra.check_ins (subject_id, comment, checked_by) SELECT id, 'well', 'regress_kra_boss' FROM kra.subjects WHERE key IN ('dan');
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT a.id, 'call', d.id, '2026-01-01' FROM kra.subjects a, kra.subjects d WHERE a.key = 'ann' AND d.key = 'dan';
-- nor can he hang what he does himself on somebody whom he does not see
SELECT kra.add_action('dan', 'call back', 'b', '2026-01-01') > 0 AS own;
UPDATE kra.actions SET (subject_id, done_on) = ((SELECT id FROM kra.subjects WHERE key = 'ann'), current_date) WHERE description = 'call back';
UPDATE kra.actions SET subject_id = (SELECT id FROM kra.subjects WHERE key = 'eve') WHERE description = 'call back';
SELECT kra.set_target('demos', 'ann', '>= 12', '2026-01-01') AS sets_targets_of_all;
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "new", "name": "New", "kind": "person", "parent": "b", "role": "rep"}], "kpis": [{"key": "fresh", "name": "Fresh", "kind": "activity"}]}');
SELECT kra.collect();
DELETE FROM kra.subjects WHERE key = 'new';
UPDATE kra.settings SET min_coverage = 0;
INSERT INTO kra.settings (sees_all_role) VALUES ('regress_kra_author');
-- they cannot make themselves see more: by a login, by a place in the tree, now or to come, by moving one away later or by taking a move back
UPDATE kra.subjects SET login = 'regress_kra_author' WHERE key = 'co';
INSERT INTO kra.subjects (key, name, kind, login) VALUES ('mole', 'Mole', 'person', 'regress_kra_author');
SELECT * FROM kra.define('{"subjects": [{"key": "co", "login": "regress_kra_author"}]}');
INSERT INTO kra.placements (subject_id, effective_from, parent_id) SELECT a.id, '2025-09-01', b.id FROM kra.subjects a, kra.subjects b WHERE a.key = 'ann' AND b.key = 'b';
SELECT * FROM kra.define('{"effective_from": "2025-12-31", "subjects": [{"key": "ann", "parent": "b"}]}');
UPDATE kra.placements SET parent_id = (SELECT id FROM kra.subjects WHERE key = 'b') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'ann');
UPDATE kra.placements SET effective_from = '2025-05-01' WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'joe') AND effective_from = '2025-06-10';
DELETE FROM kra.placements WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'joe') AND effective_from = '2025-01-01';
UPDATE kra.placements SET parent_id = (SELECT id FROM kra.subjects WHERE key = 'dan') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'a');
INSERT INTO kra.placements (subject_id, effective_from, parent_id) SELECT a.id, '2099-01-01', b.id FROM kra.subjects a, kra.subjects b WHERE a.key = 'ann' AND b.key = 'b';
-- but what shows them nothing new, they can
UPDATE kra.placements SET effective_from = '2025-06-11' WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'joe') AND effective_from = '2025-06-10';
RESET ROLE;
SELECT changed_by, table_name, row_key, operation FROM kra.definition_log WHERE changed_by = 'regress_kra_author' ORDER BY id;

-- An admin does everything but install, and does not touch the log.
SET ROLE regress_kra_admin;
SELECT kra.sees_all(), kra_internal.is_author(), count(*) AS measurements FROM kra.measurements;
INSERT INTO kra.settings (min_group_size) VALUES (3);
UPDATE kra.settings SET history_periods = 12;
INSERT INTO kra.rule_settings (rule, is_enabled) VALUES ('too_many_kpis', false);
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "mole", "name": "Mole", "kind": "person", "parent": "b", "login": "regress_kra_boss"}]}');
SELECT jsonb_array_length(kra.definition('rep')->'roles') AS roles;
SELECT kra.set_target('demos', 'a', '>= 40', '2026-01-01');
SELECT recorded_value FROM kra.record('demos', 'ann', '2025-12-01', 11);
SELECT kra.close_review('ann', '2025-12') IS NOT NULL AS closed;
UPDATE kra.reviews SET summary = 'good' WHERE period_start = '2025-12-01';
RESET ROLE;
CREATE SCHEMA regress_kra_facts;
CREATE TABLE regress_kra_facts.calls AS SELECT 'ann' AS subject, date '2025-12-01' + i AS at, 1 AS value FROM generate_series(0, 9) i;
GRANT USAGE ON SCHEMA regress_kra_facts TO regress_kra_admin;
GRANT SELECT ON regress_kra_facts.calls TO regress_kra_admin;
SET ROLE regress_kra_admin;
SELECT count(*) FROM kra.define('{"kpis": [{"key": "calls", "name": "Calls", "kind": "activity", "source": "regress_kra_facts.calls"}]}');
SELECT kpi_key, changed, removed, rows_read, error FROM kra.collect('calls', "full" => true);
SELECT kpi_key, changed, removed, rows_read, error FROM kra.collect(since => '2025-12-01');
DELETE FROM kra.measurements WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'calls');
DELETE FROM kra.kpis WHERE key = 'fresh';
SELECT count(*) > 20 AS log FROM kra.definition_log;
INSERT INTO kra.definition_log (changed_at, changed_by, table_name, row_key, operation) VALUES (now(), 'x', 'x', 'x', 'insert');
UPDATE kra.definition_log SET changed_by = 'x';
DELETE FROM kra.definition_log;
TRUNCATE kra.definition_log;
ALTER TABLE kra.definition_log DISABLE TRIGGER ALL;
SET row_security = off;   -- is no restore
SET check_function_bodies = off;
UPDATE kra.settings SET history_periods = 13;
RESET row_security;
RESET check_function_bodies;
SELECT changed_by, after->>'history_periods' AS history_periods FROM kra.definition_log WHERE table_name = 'settings' ORDER BY id DESC LIMIT 1;
ALTER EXTENSION kra UPDATE;
DROP EXTENSION kra;
RESET ROLE;
UPDATE kra.definition_log SET changed_by = 'x';   -- nor does the owner, unasked
GRANT CREATE ON DATABASE :DBNAME TO regress_kra_admin;
BEGIN;
DROP EXTENSION kra CASCADE;
SET LOCAL ROLE regress_kra_admin;
CREATE EXTENSION kra;
ROLLBACK;
REVOKE CREATE ON DATABASE :DBNAME FROM regress_kra_admin;

-- Those who see all: members of the role of the settings, though they may not write.
CREATE ROLE regress_kra_hr;
CREATE ROLE regress_kra_hr_member IN ROLE regress_kra_hr;
CREATE ROLE regress_kra_hr_apart NOINHERIT IN ROLE regress_kra_hr;
SELECT kra.grant_reader(r) FROM unnest('{regress_kra_hr_member,regress_kra_hr_apart}'::name[]) r;
UPDATE kra.settings SET sees_all_role = 'regress_kra_hr';
SET ROLE regress_kra_hr_member;
SELECT kra.sees_all(), count(DISTINCT subject_id) AS subjects FROM kra.measurements;
SELECT kra.record('demos', 'ann', '2025-12-01', 11);
SET ROLE regress_kra_hr_apart;
SELECT kra.sees_all(), count(*) AS measurements FROM kra.measurements;
RESET ROLE;
UPDATE kra.settings SET sees_all_role = 'regress_kra_gone';
SET ROLE regress_kra_hr_member;
SELECT kra.sees_all(), count(*) AS measurements FROM kra.measurements;
RESET ROLE;

-- Groups above: off by default; with 3 or more people besides one's own; never one member's value
UPDATE kra.settings SET sees_all_role = NULL, min_group_size = 3, show_groups_above = false;
UPDATE kra.subjects SET login = 'regress_kra_lead_b' WHERE key = 'b';
DELETE FROM kra.measurements;
SELECT count(*) FROM kra.subjects s CROSS JOIN kra.kpis k, LATERAL kra.record(k.key, s.key, current_date, 10 * s.id) WHERE k.key IN ('demos', 'wait', 'best') AND s.key IN ('ann', 'bob', 'cy', 'dan', 'eve');
SET ROLE regress_kra_ann;
SELECT count(*) FROM kra_bi.group_results;
RESET ROLE;
UPDATE kra.settings SET show_groups_above = true;
CREATE TEMP TABLE people AS SELECT s.key, 10.0 * s.id AS v, CASE WHEN s.key IN ('ann', 'bob', 'cy', 'joe') THEN 'a' ELSE 'b' END AS grp FROM kra.subjects s WHERE s.key IN ('ann', 'bob', 'cy', 'dan', 'eve');
GRANT SELECT ON people TO PUBLIC;
CREATE FUNCTION pg_temp.above() RETURNS TABLE (subject_key text, kpi_key text, period_grain text, people integer, is_right boolean, others text) LANGUAGE sql AS $$
    SELECT g.subject_key, g.kpi_key, g.period_grain, g.observed_member_count, g.actual_value = (SELECT CASE g.kpi_key WHEN 'wait' THEN avg(t.v) ELSE sum(t.v) END FROM people t WHERE t.grp = g.subject_key OR g.subject_key = 'co'), concat(g.subject_path, g.previous_value, g.trend_direction, g.signal, g.last_data_date)
    FROM kra_bi.group_results g ORDER BY 1, 2, 3
$$;
SET ROLE regress_kra_ann;
-- team A has 2 besides Ann: not shown; the company has 4: shown
SELECT * FROM pg_temp.above();
SELECT count(*) AS members FROM kra.subjects;
SELECT count(*) AS as_of_yesterday FROM kra_internal.kpi_results_above(current_date - 1);
RESET ROLE;
-- a third in team A: shown; the company then differs from it by 2 people: no longer shown
UPDATE kra.placements SET parent_id = (SELECT id FROM kra.subjects WHERE key = 'a') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'joe');
SELECT count(*) FROM kra.kpis k, LATERAL kra.record(k.key, 'joe', current_date, 7) WHERE k.key IN ('demos', 'wait', 'best');
INSERT INTO people VALUES ('joe', 7, 'a');
SET ROLE regress_kra_ann;
SELECT * FROM pg_temp.above();
RESET ROLE;
-- a third in team B: both
UPDATE kra.placements SET is_active = true, parent_id = (SELECT id FROM kra.subjects WHERE key = 'b') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'kim');
SELECT count(*) FROM kra.kpis k, LATERAL kra.record(k.key, 'kim', current_date, 8) WHERE k.key IN ('demos', 'wait', 'best');
INSERT INTO people VALUES ('kim', 8, 'b');
SET ROLE regress_kra_ann;
SELECT * FROM pg_temp.above();
SET ROLE regress_kra_lead_b;
SELECT * FROM pg_temp.above();
RESET ROLE;
-- one who leads both teams knows all but one: nothing
UPDATE kra.subjects SET login = 'regress_kra_lead_b' WHERE key = 'a';
SELECT count(*) FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "lone", "name": "Lone", "kind": "person", "parent": "co", "role": "rep"}]}'), kra.record('demos', 'lone', current_date, 3);
SET ROLE regress_kra_lead_b;
SELECT * FROM pg_temp.above();
RESET ROLE;

-- Dropped with its roles' grants, and the roles can go.
DROP SCHEMA regress_kra_facts CASCADE;
DROP EXTENSION kra CASCADE;
SELECT count(*) AS schemas FROM pg_namespace WHERE nspname LIKE 'kra%';
SELECT count(*) AS dependencies FROM pg_shdepend JOIN pg_roles r ON r.oid = refobjid WHERE rolname LIKE 'regress\_kra\_%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database());
DROP ROLE regress_kra_reader, regress_kra_author, regress_kra_admin, regress_kra_ann, regress_kra_lead_a, regress_kra_lead_b, regress_kra_boss, regress_kra_hr, regress_kra_hr_member, regress_kra_hr_apart;
CREATE EXTENSION kra;
