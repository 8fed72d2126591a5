-- ids: who may change what a row says cannot change which row it is.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
CREATE ROLE regress_kra_lead;
SELECT kra.grant_author('regress_kra_lead');
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company"},
    {"key": "hidden", "name": "Hidden", "kind": "team", "parent": "co"}, {"key": "mine", "name": "Mine", "kind": "team", "parent": "co", "login": "regress_kra_lead"},
    {"key": "p", "name": "P", "kind": "person", "parent": "hidden", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Area", "kpis": [{"key": "demos", "name": "Demos", "kind": "outcome", "target": ">= 10"}]}]}]}');
SELECT count(*) FROM kra.record('demos', 'p', '2025-03-01', 5);
SELECT id AS hidden, (SELECT id FROM kra.subjects WHERE key = 'mine') AS mine, (SELECT id FROM kra.kpis) AS kpi FROM kra.subjects WHERE key = 'hidden' \gset
SET ROLE regress_kra_lead;
-- their login moves to the id of the hidden team, whose id was freed, and another row takes theirs: all in one statement
WITH a AS (UPDATE kra.subjects SET id = 900 WHERE id = :hidden RETURNING 1),
     b AS (UPDATE kra.subjects SET id = :hidden WHERE id = :mine AND (SELECT count(*) FROM a) = 1 RETURNING 1)
INSERT INTO kra.subjects (id, key, name, kind) SELECT :mine, 'other', 'Other', 'team' WHERE (SELECT count(*) FROM b) = 1;
-- what was measured goes to another KPI
WITH a AS (UPDATE kra.kpis SET id = 900 WHERE id = :kpi RETURNING grid)
INSERT INTO kra.kpis (id, key, name, kind, grid) SELECT :kpi, 'easy', 'Easy', 'outcome', grid FROM a;
UPDATE kra.job_roles SET id = id + 1;
UPDATE kra.objectives SET id = id;
UPDATE kra.result_areas SET id = id + 1;
UPDATE kra.subjects SET id = id, name = 'My team' WHERE key = 'mine' RETURNING name;
SELECT count(*) FROM kra.measurements;
RESET ROLE;
SELECT kra.revoke_reader('regress_kra_lead');
DROP ROLE regress_kra_lead;
