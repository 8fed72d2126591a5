-- one company of which each of the roles ni_* sees a part, and none the part that is hidden. The
-- hidden part is one of two by the variables names (who they are, and what was set for them) and
-- results (what came of it); all else, ids included, is the same.
\set ON_ERROR_STOP on
SET client_min_messages = error;   -- the reviews are told to have actions
SET timezone = 'UTC';
SELECT :names = 2 AS other_names, :results = 2 AS other_results \gset
SELECT set_config('ni.names', :'names', false), set_config('ni.results', :'results', false) \g /dev/null

CREATE SCHEMA facts;
CREATE VIEW facts.leads AS SELECT 'p1m' AS subject, date '2025-05-05' AS at, 7::double precision AS value;
GRANT USAGE ON SCHEMA facts TO PUBLIC;
GRANT SELECT ON facts.leads TO PUBLIC;

-- Who is there: of each team two who stay, one who came from the hidden team in April (in), and one
-- who went there (out).
SELECT count(*) > 0 AS defined FROM kra.define(jsonb_build_object('effective_from', '2025-01-01',
    'subjects', '[{"key": "co", "name": "Company", "kind": "company"},
                  {"key": "th", "name": "Hidden team", "kind": "team", "parent": "co"}]'::jsonb
        || (SELECT jsonb_agg(jsonb_build_object('key', t, 'name', 'Team ' || t, 'kind', 'team', 'parent', 'co', 'login', 'ni_' || l))
            FROM (VALUES ('tr', 'reader'), ('ta', 'author_lead'), ('tm', 'manager')) v (t, l))
        || (SELECT jsonb_agg(jsonb_build_object('key', p || substr(t, 2), 'name', p || ' of ' || t, 'kind', 'person', 'role', 'rep',
                                                'parent', CASE p WHEN 'in' THEN 'th' ELSE t END))
            FROM unnest('{tr,ta,tm}'::text[]) t, unnest('{p1,p2,in,out}'::text[]) p)
        || '[{"key": "hp1", "name": "Hidden 1", "kind": "person", "parent": "th", "role": "rep", "login": "hidden_1"},
             {"key": "hp2", "name": "Hidden 2", "kind": "person", "parent": "th", "role": "rep"}]'::jsonb,
    'objectives', '[{"key": "grow", "name": "Grow", "subject": "th", "due_on": "2025-12-31",
                     "milestones": [{"key": "one", "name": "One", "owner": "hp1", "due_on": "2025-06-30"}]}]'::jsonb,
    'roles', '[{"key": "rep", "name": "Rep", "purpose": "sell", "kras": [{"name": "Revenue", "kpis": [
        {"key": "demos", "name": "Demos", "kind": "outcome", "over_time": "sum", "target": ">= 10", "owner": "hp1", "objective": "grow"},
        {"key": "wait", "name": "Wait", "kind": "activity", "over_time": "ratio", "over_subjects": "ratio", "target": "<= 0.5", "owner": "tm", "drives": "demos"},
        {"key": "calls", "name": "Calls", "kind": "activity", "target": ">= 60 threshold 40", "owner": "p1r", "drives": "demos"},
        {"key": "leads", "name": "Leads", "kind": "activity", "source": "facts.leads"}, {"key": "idea", "name": "Idea", "kind": "outcome", "state": "candidate"}]}]}]'::jsonb));
SELECT count(*) > 0 AS moved FROM kra.define(jsonb_build_object('effective_from', '2025-04-01', 'subjects',
    (SELECT jsonb_agg(jsonb_build_object('key', p || substr(t, 2), 'parent', CASE p WHEN 'in' THEN t ELSE 'th' END))
     FROM unnest('{tr,ta,tm}'::text[]) t, unnest('{in,out}'::text[]) p)));

CREATE TEMP TABLE hidden AS SELECT id, key FROM kra.subjects;
-- What was set before somebody came ends then; what still held would show.
SELECT count(kra.set_target('demos', key, '>= 11', '2025-04-01', 'negotiated')) AS ended FROM kra.subjects WHERE key ~ '^in';

-- What all see of whom they see: those in the teams from January to June.
CREATE TEMP TABLE seen AS
SELECT p || substr(t, 2) AS key, m::date AS month, n
FROM unnest('{tr,ta,tm}'::text[]) t, unnest('{p1,p2,in,out}'::text[]) p,
     generate_series(timestamp '2025-01-01', '2025-06-01', '1 month') WITH ORDINALITY m (m, n)
WHERE CASE p WHEN 'in' THEN n >= 4 WHEN 'out' THEN n < 4 ELSE true END;
CREATE TEMP TABLE unseen_key AS   -- and what nobody of them sees
SELECT p || substr(t, 2) AS key, m::date AS month, n
FROM unnest('{tr,ta,tm}'::text[]) t, unnest('{in,out}'::text[]) p,
     generate_series(timestamp '2025-01-01', '2025-06-01', '1 month') WITH ORDINALITY m (m, n)
WHERE CASE p WHEN 'in' THEN n < 4 ELSE n >= 4 END
UNION ALL SELECT h, m::date, n FROM unnest('{hp1,hp2,th,co}'::text[]) h, generate_series(timestamp '2025-01-01', '2025-06-01', '1 month') WITH ORDINALITY m (m, n);
CREATE TEMP VIEW unseen AS   -- who is hidden may have another key by then
SELECT b.key, u.month, u.n, u.key AS first_key FROM (SELECT k.*, h.id FROM unseen_key k JOIN hidden h USING (key)) u JOIN kra.subjects b ON b.id = u.id;

SELECT count(*) AS recorded FROM seen s, unnest('{demos,calls}'::text[]) k, LATERAL kra.record(k, s.key, s.month, 3 * s.n + length(k)) r;
SELECT count(*) AS recorded FROM seen s, LATERAL kra.record('wait', s.key, s.month, s.n, 9) r;
SELECT count(kra.set_target('demos', key, '>= 12', '2025-02-01', 'negotiated', 'note of ' || key)) AS targets FROM seen WHERE n = 2;
SELECT count(kra.close_review(key, to_char(month, 'YYYY-MM'), 'summary of ' || key)) AS reviews FROM seen WHERE n IN (1, 4, 5);
INSERT INTO kra.check_ins (subject_id, checked_at, comment)
SELECT b.id, s.month + 5, 'comment on ' || s.key FROM seen s JOIN kra.subjects b USING (key) WHERE n IN (2, 5);
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at)
SELECT b.id, 'action on ' || s.key, b.id, '2025-07-01', s.month + 6 FROM seen s JOIN kra.subjects b USING (key) WHERE n IN (2, 5);
-- about hidden ones, by those who are seen: whoever is to do it sees it
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at)
SELECT h.id, 'action of ' || b.key, b.id, '2025-07-01', '2025-05-01' FROM kra.subjects b, kra.subjects h WHERE b.key ~ '^p1' AND h.key = 'hp1';
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, comment)
SELECT k.id, b.id, s.month + 7, 'somebody', '>= 12', 'words of ' || s.key
FROM seen s JOIN kra.subjects b USING (key) CROSS JOIN kra.kpis k WHERE k.key = 'demos' AND n IN (2, 5);
INSERT INTO kra.waivers (rule, about, subject_id, reason, created_at, ends_on)
SELECT 'changed_after_acknowledgement', 'target:' || s.key || ' / demos', b.id, 'reason for ' || s.key, s.month, '2099-12-31' FROM seen s JOIN kra.subjects b USING (key) WHERE n = 5;

-- The hidden part: who they are, how many, and what was set for them.
SELECT count(kra.set_target('demos', key, ('>= ' || :names || '00')::kra.kpi_target, '2025-01-01', 'imposed', 'hidden note ' || :names)) AS hidden
FROM unseen WHERE n = 1 AND first_key ~ '^(h|in)';
SELECT count(kra.set_target('demos', key, ('>= ' || :names || '00')::kra.kpi_target, '2025-05-01', 'imposed', 'hidden note ' || :names)) AS hidden
FROM unseen WHERE n = 5 AND first_key ~ '^out' AND :names = 2;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, comment)
SELECT k.id, b.id, s.month + 7, 'hidden', '>= 12', 'hidden words ' || :names
FROM unseen s JOIN kra.subjects b USING (key) CROSS JOIN kra.kpis k WHERE k.key = 'demos' AND n IN (1, 3 + :names);
\if :other_names
UPDATE kra.subjects SET name = 'Another team', key = 'other team' WHERE key = 'th';
UPDATE kra.subjects SET name = 'Other 1', key = 'other 1', login = 'other_1' WHERE key = 'hp1';
UPDATE kra.subjects SET name = 'Other 2', key = 'other 2', kind = 'vendor' WHERE key = 'hp2';
UPDATE kra.subjects SET name = 'Another company', key = 'other co', login = 'other_co' WHERE key = 'co';
SELECT count(*) > 0 AS hidden FROM kra.define('{"effective_from": "2025-02-01", "subjects": [
    {"key": "more", "name": "More", "kind": "team", "parent": "other team"},
    {"key": "other 1", "parent": "more"},
    {"key": "hp3", "name": "Hidden 3", "kind": "person", "parent": "other team", "role": "rep", "login": "hidden_3"},
    {"key": "hp4", "name": "Hidden 4", "kind": "person", "parent": "other team", "role": "rep"}]}');
\endif
-- What came of it: last, since the log numbers what is shown and what is not as one.
SELECT count(*) AS hidden FROM unseen s, unnest('{demos,calls}'::text[]) k, LATERAL kra.record(k, s.key, s.month, :results * 1000 + s.n) r
WHERE :results = 1 OR s.n <> 2;
SELECT count(kra.close_review(key, to_char(month, 'YYYY-MM'), 'hidden summary ' || :results)) AS hidden FROM unseen WHERE n IN (1, 5, 3 + :results) AND first_key <> 'co';
SELECT count(kra.close_review(key, '2025', 'hidden year')) AS hidden FROM unseen WHERE first_key = 'hp1' AND n = 1 AND :results = 1;
INSERT INTO kra.check_ins (subject_id, checked_at, comment)
SELECT b.id, s.month + 5, 'hidden comment ' || :results FROM unseen s JOIN kra.subjects b USING (key) WHERE n % 2 = :results % 2;
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at, done_on)
SELECT b.id, 'hidden action ' || :results, b.id, '2025-07-01', s.month + 6, CASE :results WHEN 2 THEN date '2025-07-01' END
FROM unseen s JOIN kra.subjects b USING (key) WHERE n % 3 = :results % 3;
INSERT INTO kra.waivers (rule, about, subject_id, reason, created_at, ends_on)
SELECT 'changed_after_acknowledgement', 'target:' || s.key || ' / demos', b.id, 'hidden reason', s.month, '2099-12-31' FROM unseen s JOIN kra.subjects b USING (key) WHERE n = 1 + :results AND s.first_key ~ '^h';

INSERT INTO kra_internal.notices VALUES ('hidden ' || :names, '2025-06-01');
