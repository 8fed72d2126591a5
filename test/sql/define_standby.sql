-- What a document would change is said where nothing can be written: the same rows as where it is tried.
\set VERBOSITY terse
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
RESET client_min_messages;
CREATE TEMP TABLE documents (n integer, document jsonb);
CREATE TEMP TABLE tried (n integer, operation text, object text, row_key text, before jsonb, after jsonb);
INSERT INTO documents VALUES
(1, '{"effective_from": "2026-01-01", "settings": {"week_start": 7},
  "subjects": [{"key": "co", "name": "Co", "kind": "company"}, {"key": "ann", "name": "Ann", "kind": "person", "parent": "co", "role": "rep"}],
  "objectives": [{"key": "grow", "name": "Grow", "subject": "co", "milestones": [{"key": "m", "name": "M", "owner": "ann"}]}, {"key": "sell", "name": "Sell", "parent": "grow"}],
  "kpis": [{"key": "calls", "name": "Calls", "kind": "activity", "drives": ["sales", "mood"], "owner": "ann"}, {"key": "mood", "name": "Mood", "kind": "outcome", "objective": "grow"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Growth", "kpis": [{"key": "sales", "name": "Sales", "kind": "outcome", "weight": 2, "target": ">= 5"}, {"key": "calls"}]}]}],
  "targets": [{"kpi": "sales", "subject": "ann", "target": ">= 7"}], "benchmarks": [{"kpi": "sales", "value": 9, "source": "trade"}]}'),
(2, '{"effective_from": "2026-03-01", "settings": {"week_start": null, "sees_all_role": "boss"},
  "subjects": [{"key": "ann", "name": "Anne", "is_active": false}, {"key": "bob", "name": "Bob", "kind": "person", "parent": "co", "role": "lead"}, {"key": "co"}],
  "objectives": [{"key": "sell", "parent": null}, {"key": "new", "name": "New", "parent": "sell"}],
  "kpis": [{"key": "calls", "drives": "sales", "owner": "bob"}, {"key": "mood", "objective": "new", "cadence": "week"}],
  "roles": [{"key": "lead", "name": "Lead", "kras": [{"name": "Team", "kpis": [{"key": "mood"}]}]}, {"key": "rep", "kras": [{"name": "Growth", "kpis": [{"key": "sales", "weight": 3}]}]}],
  "targets": [{"kpi": "sales", "subject": "ann", "target": null, "note": "left"}, {"kpi": "mood", "subject": "bob", "target": ">= 1"}],
  "benchmarks": [{"kpi": "sales", "value": 9}]}'),
(3, '{"effective_from": "2026-01-01", "subjects": [{"key": "ann", "parent": null}],
  "roles": [{"key": "rep", "kras": [{"name": "Growth", "scope": "north", "kpis": [{"key": "sales", "target": ">= 6", "provenance": "market"}, {"key": "calls", "is_active": false}]}]}],
  "kpis": [{"key": "calls", "drives": [], "owner": null}], "targets": [{"kpi": "sales", "subject": "ann", "target": ">= 7.0"}]}');

-- the first is tried where there is nothing, the others where the first is
INSERT INTO tried SELECT 1, d.* FROM documents, kra.define(document, true) d WHERE n = 1;
BEGIN TRANSACTION READ ONLY;
SELECT r.operation, r.object, r.row_key, t.n IS NULL AS not_tried
FROM documents o CROSS JOIN LATERAL kra.define(o.document, true) r LEFT JOIN tried t ON t.n = 1 AND (t.operation, t.object, t.row_key) = (r.operation, r.object, r.row_key) WHERE o.n = 1;
SELECT count(*) AS not_said FROM documents o, tried t WHERE o.n = 1 AND t.n = 1 AND (t.operation, t.object, t.row_key) NOT IN (SELECT operation, object, row_key FROM kra.define(o.document, true));
COMMIT;
SELECT count(*) > 20 AS made FROM documents, kra.define(document) d WHERE n = 1;
INSERT INTO tried SELECT n, d.* FROM documents, kra.define(document, true) d WHERE n > 1;
BEGIN TRANSACTION READ ONLY;
SELECT o.n, r.operation, r.object, r.row_key, t.n IS NULL AS not_tried, CASE WHEN r.object <> 'kpis' THEN r.before END AS before, CASE WHEN r.object <> 'kpis' THEN r.after END AS after
FROM documents o CROSS JOIN LATERAL kra.define(o.document, true) r LEFT JOIN tried t ON t.n = o.n AND (t.operation, t.object, t.row_key) = (r.operation, r.object, r.row_key) WHERE o.n > 1;
SELECT t.n, t.operation, t.object, t.row_key FROM documents o, tried t
WHERE o.n > 1 AND t.n = o.n AND (t.operation, t.object, t.row_key) NOT IN (SELECT operation, object, row_key FROM kra.define(o.document, true));
-- what stands there changes nothing
SELECT count(*) AS changes FROM documents, kra.define(document, true) WHERE n = 1;
SELECT count(*) AS changes FROM kra.define(kra.definition(NULL, '2026-08-01'), true);
-- faults are said as ever, and what writes is refused
SAVEPOINT s;
SELECT kra.define('{"kpis": [{"key": "calls", "drives": "none"}]}', true);
ROLLBACK TO s;
SELECT kra.define('{"kpis": []}');
ROLLBACK;
