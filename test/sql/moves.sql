-- moves: an author who does not see all does not come to see more by moving people about, and is
-- told nothing by the groups above.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
CREATE ROLE regress_kra_author;    -- author, and the login of team c
CREATE ROLE regress_kra_pair;      -- an author without a team, who may become regress_kra_author
CREATE ROLE regress_kra_lead;      -- login of team a
CREATE ROLE regress_kra_ann;       -- login of person ann, in a
CREATE ROLE regress_kra_admin;
GRANT regress_kra_author TO regress_kra_pair;
SELECT kra.grant_author('regress_kra_author'), kra.grant_author('regress_kra_pair'), kra.grant_reader('regress_kra_lead'), kra.grant_reader('regress_kra_ann'), kra.grant_admin('regress_kra_admin');
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01", "subjects": [
  {"key": "co", "name": "Company", "kind": "company"}, {"key": "a", "name": "A", "kind": "team", "parent": "co", "login": "regress_kra_lead"},
  {"key": "b", "name": "B", "kind": "team", "parent": "co"}, {"key": "c", "name": "C", "kind": "team", "parent": "co", "login": "regress_kra_author"},
  {"key": "ann", "name": "Ann", "kind": "person", "parent": "a", "role": "rep", "login": "regress_kra_ann"}, {"key": "bob", "name": "Bob", "kind": "person", "parent": "a", "role": "rep"},
  {"key": "cat", "name": "Cat", "kind": "person", "parent": "a", "role": "rep"}, {"key": "dan", "name": "Dan", "kind": "person", "parent": "b", "role": "rep"},
  {"key": "own", "name": "Own", "kind": "person", "parent": "c", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Revenue", "kpis": [{"key": "demos", "name": "Demos", "kind": "outcome", "target": ">= 10"}]}]}]}');
CREATE FUNCTION pg_temp.put(subject text, day date, parent text, active boolean DEFAULT true) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kra.placements (subject_id, effective_from, parent_id, is_active) SELECT s.id, day, p.id, active FROM kra.subjects s LEFT JOIN kra.subjects p ON p.key = parent WHERE s.key = subject $$;
CREATE FUNCTION pg_temp.id(subject text) RETURNS integer LANGUAGE sql AS $$ SELECT id FROM kra.subjects WHERE key = subject $$;

SET ROLE regress_kra_author;
-- nobody has any data yet: what comes would show
SELECT pg_temp.put('ann', '2025-06-01', 'c');
SELECT pg_temp.put('ann', '2020-06-01', 'c');    -- backdated
SELECT pg_temp.put('ann', '2999-06-01', 'c');    -- to come
SELECT pg_temp.put('ann', '2025-06-01', 'own');  -- deeper
SELECT pg_temp.put('a', '2025-06-01', 'c');      -- a whole group
SELECT pg_temp.put('co', '2025-06-01', 'c');     -- nor a loop
UPDATE kra.placements SET parent_id = pg_temp.id('c') WHERE subject_id = pg_temp.id('dan');
UPDATE kra.placements SET parent_id = pg_temp.id('c') WHERE subject_id IN (pg_temp.id('own'), pg_temp.id('dan'));
INSERT INTO kra.placements (subject_id, effective_from, parent_id) VALUES (pg_temp.id('dan'), '2025-01-01', pg_temp.id('c')) ON CONFLICT (subject_id, effective_from) DO UPDATE SET parent_id = excluded.parent_id;
MERGE INTO kra.placements p USING (SELECT pg_temp.id('dan') AS id, pg_temp.id('c') AS c) n ON p.subject_id = n.id WHEN MATCHED THEN UPDATE SET parent_id = n.c;
SELECT count(*) FROM kra.define('{"effective_from": "2025-06-01", "subjects": [{"key": "dan", "parent": "c"}]}');
SELECT count(*) FROM kra.define('{"effective_from": "2025-06-01", "subjects": [{"key": "dan", "parent": "c"}]}', true);
-- in two steps, by way of nowhere
BEGIN;
DELETE FROM kra.placements WHERE subject_id = pg_temp.id('dan');
SELECT pg_temp.put('dan', '2025-06-01', 'c');
ROLLBACK;
-- who has left comes back, and a span grows
BEGIN;
SELECT pg_temp.put('own', '2025-06-01', NULL, false);
SELECT pg_temp.put('own', '2025-09-01', 'c');
ROLLBACK;
BEGIN;
SELECT pg_temp.put('own', '2025-06-01', 'b');
DELETE FROM kra.placements WHERE subject_id = pg_temp.id('own') AND effective_from = '2025-06-01';
ROLLBACK;
-- others may be moved to others, one's own away, and who is new is one's own to place
BEGIN;
SELECT pg_temp.put('dan', '2025-06-01', 'a'), pg_temp.put('own', '2025-06-01', 'b');
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-06-01", "subjects": [{"key": "new", "name": "New", "kind": "person", "parent": "c"}]}');
SELECT s.key, s.is_confirmed, kra.sees(s.id) FROM kra.subjects s WHERE key IN ('new', 'ann', 'dan') ORDER BY key COLLATE "C";
ROLLBACK;
-- not by a role that one may become
SET SESSION AUTHORIZATION regress_kra_pair;
SELECT pg_temp.put('dan', '2025-06-01', 'c');
SET ROLE regress_kra_author;
SELECT pg_temp.put('dan', '2025-06-01', 'c');
RESET SESSION AUTHORIZATION;
SET ROLE regress_kra_admin;
BEGIN;
SELECT pg_temp.put('dan', '2025-06-01', 'c');
ROLLBACK;
RESET ROLE;

-- Consent of somebody who sees the subject, once, for that move.
SET ROLE regress_kra_author;
SELECT kra.consent_to_move('ann', 'c', '2025-06-01');   -- not one's own
SET ROLE regress_kra_lead;
SELECT kra.consent_to_move('dan', 'c', '2025-06-01');
SELECT kra.consent_to_move('ann', NULL, '2025-06-01');
SELECT kra.consent_to_move('ann', 'c', 'infinity');
INSERT INTO kra.move_consents (subject_id, parent_key, effective_from) VALUES (1, 'c', '2025-06-01');
SELECT kra.consent_to_move('bob', 'c', '2025-06-01') IS NOT NULL AS consented, kra.consent_to_move('bob', 'no such', '2025-06-01') IS NOT NULL AS too;
SET ROLE regress_kra_ann;
SELECT kra.consent_to_move('ann', 'c', '2025-06-01') IS NOT NULL AS consented;
SELECT count(*) AS consents_seen FROM kra.move_consents;
SET ROLE regress_kra_author;
SELECT pg_temp.put('ann', '2025-05-31', 'c');
SELECT pg_temp.put('cat', '2025-06-01', 'c');
SELECT pg_temp.put('ann', '2025-06-01', 'c'), pg_temp.put('bob', '2025-06-01', 'c');
SELECT s.key, c.parent_key, c.consented_by, c.used_by, c.used_at IS NOT NULL AS used FROM kra.move_consents c JOIN kra.subjects s ON s.id = c.subject_id ORDER BY 1, 2;
SELECT key, kra.sees(id, '2025-05-31', '2025-05-31') AS before, kra.sees(id, '2025-06-01', '2025-06-01') AS after FROM kra.subjects WHERE key IN ('ann', 'bob') ORDER BY key;
DELETE FROM kra.placements WHERE subject_id = pg_temp.id('ann') AND effective_from = '2025-06-01';
SELECT pg_temp.put('ann', '2025-06-01', 'c');
UPDATE kra.move_consents SET used_by = NULL, used_at = NULL;
RESET ROLE;
-- for a group by whom it is below, and not by who sees only a part of the days
SELECT pg_temp.put('a', '2025-03-01', 'b');
UPDATE kra.subjects SET login = 'regress_kra_ann' WHERE key = 'b';
SET ROLE regress_kra_ann;
SELECT kra.consent_to_move('a', 'c', '2025-02-01') IS NOT NULL AS consented, kra.consent_to_move('a', 'c', '2025-04-01') IS NOT NULL AS too;
SET ROLE regress_kra_author;
SELECT pg_temp.put('a', '2025-02-01', 'c');
SELECT pg_temp.put('a', '2025-04-01', 'c');
RESET ROLE;

-- Groups above: by the number of persons, none of them made up, and today is a day in UTC.
INSERT INTO kra.settings (show_groups_above, min_group_size) VALUES (true, 3);
CREATE ROLE regress_kra_eve;
SELECT kra.grant_reader('regress_kra_eve');
SELECT count(*) > 0 AS defined FROM kra.define(jsonb_build_object('effective_from', kra_internal.today() - 100, 'subjects', '[{"key": "g", "name": "G", "kind": "team"}, {"key": "eve", "name": "Eve", "kind": "person", "parent": "g", "role": "rep", "login": "regress_kra_eve"},
    {"key": "fay", "name": "Fay", "kind": "person", "parent": "g", "role": "rep"}, {"key": "gus", "name": "Gus", "kind": "person", "parent": "g", "role": "rep"}, {"key": "robot", "name": "Robot", "kind": "project", "parent": "g", "role": "rep"}]'::jsonb));
SET ROLE regress_kra_author;
SELECT count(*) > 0 AS defined FROM kra.define(jsonb_build_object('effective_from', kra_internal.today() - 100, 'subjects', '[{"key": "dummy", "name": "Dummy", "kind": "person", "parent": "g", "role": "rep"}]'::jsonb));
UPDATE kra.subjects SET is_confirmed = true WHERE key = 'dummy' RETURNING is_confirmed;
UPDATE kra.subjects SET kind = 'person' WHERE key = 'robot' RETURNING is_confirmed;
RESET ROLE;
SELECT count(*) AS recorded FROM (VALUES ('eve', 1), ('fay', 2), ('gus', 4), ('robot', 8), ('dummy', 16)) v (s, n), LATERAL kra.record('demos', v.s, kra_internal.today(), n) r;
CREATE FUNCTION pg_temp.above() RETURNS TABLE (subject text, members integer, value float8) LANGUAGE sql AS $$ SELECT subject_key, observed_member_count, actual_value FROM kra_bi.group_results $$;
SET ROLE regress_kra_eve;
SELECT * FROM pg_temp.above();   -- two persons besides
RESET ROLE;
UPDATE kra.subjects SET is_confirmed = true WHERE key = 'dummy' RETURNING is_confirmed;
SET ROLE regress_kra_eve;
SELECT * FROM pg_temp.above();
SET timezone = 'XXX+167';
SELECT * FROM pg_temp.above();
SELECT count(*) AS of_another_day FROM kra_internal.kpi_results_above(current_date);
SET timezone = 'XXX-167';
SELECT * FROM pg_temp.above();
SELECT count(*) AS of_another_day FROM kra_internal.kpi_results_above(current_date);
SET timezone = 'UTC';
RESET ROLE;
-- an author is shown none: whom they move would be what a group gains and loses
SELECT kra.grant_author('regress_kra_eve');
SET ROLE regress_kra_eve;
SELECT * FROM pg_temp.above();
RESET ROLE;
SELECT kra.revoke_author('regress_kra_eve');
SET ROLE regress_kra_eve;
SELECT * FROM pg_temp.above();
RESET ROLE;

DROP EXTENSION kra CASCADE;
DROP ROLE regress_kra_author, regress_kra_pair, regress_kra_lead, regress_kra_ann, regress_kra_admin, regress_kra_eve;
CREATE EXTENSION kra;
