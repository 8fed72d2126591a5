-- What would break the cards of others, or run with the rights of others, is refused where it is defined.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

-- a scorecard holds the longest names there are: 200 characters of 4 bytes
SELECT count(*) AS defined FROM kra.define(jsonb_build_object('effective_from', '2026-01-01', 'roles', jsonb_build_array(jsonb_build_object('key', 'r', 'name', 'R', 'kras', jsonb_build_array(
    jsonb_build_object('name', repeat(U&'\+01F680', 200), 'kpis', jsonb_build_array(jsonb_build_object('key', repeat(U&'\+01F681', 200), 'name', 'k', 'kind', 'outcome', 'target', '>= 1'))))))));
INSERT INTO kra.result_areas (job_role_id, key, name) SELECT id, 'x', repeat(U&'\+01F680', 201) FROM kra.job_roles;
INSERT INTO kra.kpis (key, name, kind) VALUES (repeat(U&'\+01F681', 201), 'k', 'outcome');
SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "a", "name": "A", "kind": "person", "role": "r"}]}');
SELECT value FROM kra.record(repeat(U&'\+01F681', 200), 'a', '2026-01-05', 1) r (label, start, value);
SELECT (SELECT count(*) FROM kra.scorecards('2026-01-31')) AS cards, (SELECT count(*) FROM kra.kra_results('2026-01-31')) AS areas, (SELECT count(*) FROM kra.imbalances('2026-01-31')) AS imbalances;

-- collect runs what a source is made of: an author does not choose it
CREATE ROLE regress_kra_limits_author;
CREATE ROLE regress_kra_limits_admin;
SELECT kra.grant_author('regress_kra_limits_author'), kra.grant_admin('regress_kra_limits_admin');
SET ROLE regress_kra_limits_author;
SELECT count(*) AS defined FROM kra.define('{"kpis": [{"key": "own", "name": "own", "kind": "activity"}]}');
SELECT count(*) AS defined FROM kra.define('{"kpis": [{"key": "own", "source": "mine.w"}]}');
INSERT INTO kra.kpis (key, name, kind, source_relation) VALUES ('other', 'other', 'activity', 'mine.w');
SET ROLE regress_kra_limits_admin;
SELECT count(*) AS defined FROM kra.define('{"kpis": [{"key": "own", "source": "mine.w"}]}');
SET ROLE regress_kra_limits_author;
UPDATE kra.kpis SET source_relation = 'mine.v' WHERE key = 'own';
UPDATE kra.kpis SET source_relation = NULL, name = 'by hand' WHERE key = 'own';
RESET ROLE;
SELECT key, name, source_relation FROM kra.kpis WHERE key = 'own';
DROP OWNED BY regress_kra_limits_author, regress_kra_limits_admin;
DROP ROLE regress_kra_limits_author, regress_kra_limits_admin;
