-- Definitions as a document: what is applied, what is left alone, what is refused, and that it comes back as it went in.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
SET DateStyle = 'German, DMY';
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

\getenv dir PG_ABS_SRCDIR
\set file :dir '/documents/good/sales.json'
\set sales `cat :'file'`

-- what it would do, and that nothing of it stays
SELECT object, operation, count(*), min(row_key COLLATE "C") FROM kra.define(:'sales', dry_run => true) GROUP BY object, operation ORDER BY object COLLATE "C";
SELECT (SELECT count(*) FROM kra.definition_log) AS logged, (SELECT count(*) FROM kra.subjects) AS subjects, (SELECT count(*) FROM kra.kpis) AS kpis;
SELECT count(*) AS unsaid FROM kra.define(:'sales', NULL);
SELECT count(*) AS kpis FROM kra.kpis;

-- done: the same rows as were announced, each logged once
CREATE TEMP TABLE announced AS SELECT operation, object, row_key FROM kra.define(:'sales', dry_run => true);
CREATE TEMP TABLE done AS SELECT * FROM kra.define(:'sales');
SELECT count(*) AS done, (SELECT count(*) FROM announced) AS announced, (SELECT count(*) FROM kra.definition_log) AS logged,
       (SELECT count(*) FROM (TABLE announced EXCEPT SELECT operation, object, row_key FROM done) x) AS others,
       count(*) FILTER (WHERE before IS NOT NULL OR after IS NULL) AS without_after
FROM done;
SELECT operation, row_key, before, after->>'name' AS name FROM done WHERE object = 'kpis' ORDER BY row_key COLLATE "C";

-- what stands there
SELECT s.key, s.kind, s.login, p.effective_from::text, u.key AS parent, r.key AS role, p.is_active
FROM kra.subjects s JOIN kra.placements p ON p.subject_id = s.id LEFT JOIN kra.subjects u ON u.id = p.parent_id LEFT JOIN kra.job_roles r ON r.id = p.job_role_id ORDER BY s.key COLLATE "C";
SELECT r.key AS role, ra.position, ra.key, ra.name, rk.position, k.key AS kpi, rk.weight, rk.target, rk.provenance, rk.effective_from::text, rk.set_by = current_user AS set_by_me
FROM kra.result_area_kpis rk JOIN kra.result_areas ra ON ra.id = rk.result_area_id JOIN kra.job_roles r ON r.id = ra.job_role_id JOIN kra.kpis k ON k.id = rk.kpi_id
ORDER BY r.key COLLATE "C", ra.position, rk.position;
SELECT k.key, k.kind, k.timing, k.over_time, k.over_subjects, k.cadence, o.key AS objective, d.key AS drives, k.source_relation, k.lookback, k.scale, k.influenceable_by, k.state, w.key AS owner, kw.effective_from::text
FROM kra.kpis k LEFT JOIN kra.objectives o ON o.id = k.objective_id LEFT JOIN kra.kpi_drives kd ON kd.kpi_id = k.id LEFT JOIN kra.kpis d ON d.id = kd.drives_kpi_id
LEFT JOIN kra.kpi_owners kw ON kw.kpi_id = k.id LEFT JOIN kra.subjects w ON w.id = kw.subject_id ORDER BY k.key COLLATE "C";
SELECT k.key, s.key, t.effective_from::text, t.target, t.provenance, t.note FROM kra.targets t JOIN kra.kpis k ON k.id = t.kpi_id JOIN kra.subjects s ON s.id = t.subject_id
ORDER BY k.key COLLATE "C", s.key COLLATE "C", t.effective_from;
SELECT o.key, p.key AS parent, s.key AS subject, o.starts_on::text, o.due_on::text FROM kra.objectives o LEFT JOIN kra.objective_parents op ON op.objective_id = o.id LEFT JOIN kra.objectives p ON p.id = op.parent_id LEFT JOIN kra.subjects s ON s.id = o.subject_id ORDER BY 1;

-- applied again, or given back on any day, it changes nothing and logs nothing
SELECT count(*) AS again FROM kra.define(:'sales');
SELECT count(*) AS documents, coalesce(sum(changes), 0) AS changes
FROM (SELECT (SELECT count(*) FROM kra.define(kra.definition(role, as_of))) AS changes
      FROM (VALUES (NULL), ('account_executive'), ('demo_engineer'), ('sales_lead')) r (role),
           (VALUES (date '2025-12-31'), ('2026-01-01'), ('2026-02-28'), ('2026-03-01'), ('2026-07-01'), ('2030-01-01')) d (as_of)) x;
SELECT count(*) AS logged FROM kra.definition_log;

-- one role as a document: KPIs in full, in order, what is absent means the default
SELECT jsonb_pretty(kra.definition('demo_engineer', '2026-08-01'));
SELECT kra.definition('account_executive', '2026-01-01') #>> '{roles,0,kras,1,kpis,1,key}' AS second;
SELECT kra.definition('account_executive', '2025-12-31');
SELECT kra.definition('pilot', '2026-08-01');
SELECT jsonb_object_keys(kra.definition(NULL, '2026-08-01'));
SELECT kra.definition() = kra.definition(NULL, current_date) AS today, kra.definition(NULL, NULL) = kra.definition() AS unsaid;
SELECT kra.definition(NULL, '2026-06-30') #> '{targets,1}' AS june, kra.definition(NULL, '2026-07-01') #> '{targets,1}' AS july;

-- in an empty database it makes the same again, whatever has happened before
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-04-01", "settings": {"fiscal_year_start_month": 4, "min_coverage": 0.25, "sees_all_role": "boss"},
  "subjects": [{"key": "sam", "role": "demo_engineer"}, {"key": "ada", "is_active": false, "effective_from": "2026-05-01"}, {"key": "spare", "name": "Spare", "kind": "vendor", "is_active": false}],
  "roles": [{"key": "account_executive", "kras": [{"name": "Revenue growth", "kpis": [{"key": "revenue_closed", "weight": 4}, {"key": "demos_held", "weight": 0.1}]},
                                                   {"name": "Pipeline", "kpis": [{"key": "demo_quality"}]}]},
            {"key": "idle", "name": "Idle"}],
  "kpis": [{"key": "a", "name": "A", "kind": "outcome", "drives": "b"}, {"key": "b", "name": "B", "kind": "activity", "drives": "a", "over_time": "mean", "state": "retired", "influenceable_by": []}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "roles": [{"key": "account_executive", "kras": [{"name": "Revenue growth", "kpis": [{"key": "revenue_closed"}]},
                                                   {"name": "Pipeline", "kpis": [{"key": "demo_quality"}]}]}]}');
-- what was taken off after the last change of what is on says so, or it would be taken off then
CREATE FUNCTION pg_temp.entries(document jsonb) RETURNS TABLE (key text, weight text, target text, is_active text, effective_from text) LANGUAGE sql
AS $$ SELECT e->>'key', e->>'weight', e->>'target', e->>'is_active', e->>'effective_from' FROM jsonb_path_query(document, '$.roles[*].kras[*].kpis[*]') e $$;
SELECT kra.definition('account_executive', '2026-08-01')->>'effective_from' AS document, e.* FROM pg_temp.entries(kra.definition('account_executive', '2026-08-01')) e;
SELECT count(*) AS documents, coalesce(sum(changes), 0) AS changes
FROM (SELECT (SELECT count(*) FROM kra.define(kra.definition(role, as_of))) AS changes
      FROM (VALUES (NULL), ('account_executive'), ('demo_engineer'), ('sales_lead'), ('idle')) r (role),
           (VALUES (date '2025-12-31'), ('2026-01-01'), ('2026-03-31'), ('2026-04-01'), ('2026-05-31'), ('2026-06-01'), ('2030-01-01')) d (as_of)) x;
SELECT jsonb_object_agg(to_char(d, 'YYYY-MM-DD'), kra.definition(NULL, d)) AS documents FROM unnest(ARRAY[date '2026-01-01', '2026-03-01', '2026-04-01', '2026-05-31', '2026-08-01']) d
\gset
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CREATE FUNCTION pg_temp.rebuild(documents jsonb) RETURNS TABLE (day date, rows bigint, same boolean, changes bigint) LANGUAGE plpgsql AS $$
DECLARE
    document jsonb;
    each text;
BEGIN
    FOR each, document IN SELECT * FROM jsonb_each(documents) LOOP
        BEGIN
            day := to_date(each, 'YYYY-MM-DD');
            SELECT count(*) INTO rows FROM kra.define(document);
            same := kra.definition(NULL, day) = document;
            SELECT count(*) INTO changes FROM kra.define(kra.definition(NULL, day));
            RAISE EXCEPTION 'undo' USING ERRCODE = 'KRAOK';
        EXCEPTION WHEN SQLSTATE 'KRAOK' THEN
            RETURN NEXT;
        END;
    END LOOP;
END $$;
SELECT r.day, rows, same, changes FROM pg_temp.rebuild(:'documents') r ORDER BY r.day;

-- history is not rewritten: a change without a date starts today
SELECT count(*) > 20 AS defined FROM kra.define(:'sales');
CREATE TEMP VIEW entries AS
SELECT r.key AS role, ra.key AS kra, k.key AS kpi, rk.effective_from, rk.weight, rk.target, rk.is_active, rk.position, rk.revised_at IS NOT NULL AS revised
FROM kra.result_area_kpis rk JOIN kra.result_areas ra ON ra.id = rk.result_area_id JOIN kra.job_roles r ON r.id = ra.job_role_id JOIN kra.kpis k ON k.id = rk.kpi_id;
SELECT object, operation, before, after->'weight' AS weight FROM kra.define('{"roles": [{"key": "sales_lead", "kras": [{"name": "Revenue growth", "kpis": [{"key": "revenue_closed", "weight": 5, "target": "<= 3"}]}]}]}')
ORDER BY row_key COLLATE "C";
SELECT kra, kpi, CASE effective_from WHEN current_date THEN 'today' ELSE effective_from::text END AS from_day, weight, target, is_active, revised FROM entries WHERE role = 'sales_lead' ORDER BY kra COLLATE "C", effective_from;
SELECT * FROM pg_temp.entries(kra.definition('sales_lead', '2026-02-01'));
-- again on the same day: in place, and the target says that it was revised
SELECT object, operation, before->'target' AS before, after->'target' AS after FROM kra.define('{"roles": [{"key": "sales_lead", "kras": [{"name": "Revenue growth", "kpis": [{"key": "revenue_closed", "target": "<= 4"}]}]}]}');
SELECT count(*) AS rows, count(*) FILTER (WHERE revised) AS revised FROM entries WHERE role = 'sales_lead';
-- back on the card it is new: weight 1, no target, at the end
SELECT object, operation, row_key LIKE '%demo_quality%' AS quality, after->'weight' AS weight, after->'target' AS target, after->'position' AS position
FROM kra.define(jsonb_build_object('effective_from', current_date + 30) || '{"roles": [{"key": "sales_lead", "kras": [{"name": "Revenue growth", "kpis": [{"key": "revenue_closed"}, {"key": "demo_quality"}]}]}]}');

-- taken off, and moved with weight and target, on the day that the entry names
SELECT object, operation, row_key, after->'is_active' AS is_active FROM kra.define('{"effective_from": "2026-10-01", "roles": [{"key": "account_executive", "kras": [
  {"name": "Pipeline", "kpis": [{"key": "demo_quality"}, {"key": "calls_made"}]}, {"name": "Revenue growth", "kpis": [{"key": "demos_held", "effective_from": "2026-11-01"}, {"key": "revenue_closed"}]}]}]}');
SELECT kra, kpi, effective_from::text, weight, target, is_active, position FROM entries WHERE role = 'account_executive' ORDER BY kpi COLLATE "C", effective_from, kra COLLATE "C";
SELECT to_char(d, 'YYYY-MM') AS month, string_agg(kra || '/' || kpi, ', ' ORDER BY kra COLLATE "C", position) AS card
FROM (VALUES (date '2026-09-30'), ('2026-10-31'), ('2026-11-30')) v (d)
CROSS JOIN LATERAL (SELECT DISTINCT ON (kra, kpi) * FROM entries e WHERE e.role = 'account_executive' AND e.effective_from <= d ORDER BY kra, kpi, effective_from DESC) e
WHERE is_active GROUP BY d ORDER BY d;
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-12-01", "roles": [{"key": "demo_engineer", "kras": [{"name": "Pipeline", "kpis": [{"key": "demos_held", "is_active": false}, {"key": "demo_quality"}]}]}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-12-01", "roles": [{"key": "demo_engineer", "kras": []}]}');
-- a role without kras keeps them; a new order moves as few as it must
SELECT object, operation, row_key FROM kra.define('{"roles": [{"key": "account_executive", "level": "3"}]}');
SELECT object, operation, row_key, before->'position' AS before, after->'position' AS after FROM kra.define('{"effective_from": "2026-11-01", "roles": [{"key": "account_executive", "kras": [{"name": "Revenue growth", "kpis": [{"key": "demos_held"}, {"key": "revenue_closed"}]},
  {"name": "Pipeline", "kpis": [{"key": "calls_made"}, {"key": "demo_quality"}]}]}]}');

-- people move, leave and come back; swapped places are no loop
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-05-01", "subjects": [{"key": "south", "name": "Sales South", "kind": "team", "parent": "acme"}, {"key": "sam", "parent": "south"}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "sam", "is_active": false}, {"key": "south", "parent": "north"}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "sam", "is_active": null}, {"key": "south", "parent": "acme"}, {"key": "north", "parent": "south"}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "south", "parent": "north"}, {"key": "north", "parent": "acme"}]}');
SELECT s.key, p.effective_from::text, u.key AS parent, r.key AS role, p.is_active FROM kra.subjects s JOIN kra.placements p ON p.subject_id = s.id LEFT JOIN kra.subjects u ON u.id = p.parent_id LEFT JOIN kra.job_roles r ON r.id = p.job_role_id
WHERE s.key IN ('sam', 'south', 'north') ORDER BY s.key COLLATE "C", p.effective_from;
SELECT kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "ada", "parent": "north"}, {"key": "acme", "parent": "sam"}]}');
SELECT kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "x", "name": "X", "kind": "team", "parent": "y"}, {"key": "y", "name": "Y", "kind": "team", "parent": "x"}]}');
-- a subject without a placement is left without, unless it is placed
INSERT INTO kra.subjects (key, name, kind) VALUES ('old', 'Old', 'team');
INSERT INTO kra.placements (subject_id, effective_from) SELECT id, '2027-01-01' FROM kra.subjects WHERE key = 'old';
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "old", "name": "Older"}]}');
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-06-01", "subjects": [{"key": "old", "parent": "acme"}]}');

-- settings: only what is set differently, and the calendar only while it is free
SELECT kra.definition(NULL, '2026-08-01') ? 'settings' AS settings;
SELECT object, operation, row_key, before->'week_start' AS before, after->'week_start' AS after FROM kra.define('{"settings": {"week_start": 7, "min_coverage": 0.5}}') ORDER BY row_key;
SELECT kra.definition(NULL, '2026-08-01')->'settings' AS settings;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, '2026-01-04', kra.actual_agg(1, '2026-01-05') FROM kra.kpis k, kra.subjects s WHERE k.key = 'calls_made' AND s.key = 'sam' GROUP BY k.id, s.id;
SELECT kra.define('{"settings": {"week_start": null}}');
SELECT kra.define('{"kpis": [{"key": "win_rate", "unit": "pp"}, {"key": "calls_made", "cadence": "month"}]}');
SELECT key, unit, cadence FROM kra.kpis WHERE key IN ('win_rate', 'calls_made') ORDER BY key COLLATE "C";

-- an explicit NULL resets, an absent member stays
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-09-01", "kpis": [{"key": "revenue_closed", "unit": null, "owner": null, "timing": "leading"}], "targets": [{"kpi": "revenue_closed", "subject": "ada", "provenance": null}],
  "objectives": [{"key": "trusted", "parent": null}]}');
SELECT k.unit, k.timing, k.value_format, (SELECT count(*) FROM kra.kpi_owners o WHERE o.kpi_id = k.id) AS owners FROM kra.kpis k WHERE key = 'revenue_closed';
SELECT effective_from::text, target, provenance, note FROM kra.targets ORDER BY kpi_id, effective_from;

-- faults: where, what, with which state; nothing is applied
CREATE FUNCTION pg_temp.fault(document jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kra.define(document);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT count(*) AS logged FROM kra.definition_log
\gset
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY[NULL, 'null', '[]', '5', '{"colour": 1}', '{"Colour me": 1}', '{"effective_from": "2027-02-29"}', '{"effective_from": "-infinity"}', '{"effective_from": 20260101}', '{"effective_from": "01.02.2026"}',
  '{"settings": []}', '{"settings": {"week": 1}}', '{"settings": {"week_start": 8}}', '{"settings": {"min_coverage": 1.1}}', '{"settings": {"show_groups_above": "yes"}}', '{"settings": {"history_periods": 1e400}}',
  '{"subjects": {}}', '{"subjects": ["x"]}', '{"subjects": [{"name": "X"}]}', '{"subjects": [{"key": 5}]}', '{"subjects": [{"key": "sam"}, {"key": "x", "name": " \t ", "kind": "team"}]}', '{"subjects": [{"key": "x", "name": "X", "kind": "robot"}]}',
  '{"kpis": [{"key": "x", "name": "X", "kind": "outcome", "lookback": 0}]}', '{"kpis": [{"key": "x", "at_risk_from": 0}]}', '{"kpis": [{"key": "x", "at_risk_from": 1.01}]}', '{"kpis": [{"key": "x", "at_risk_from": "0.9"}]}', '{"kpis": [{"key": "x", "weight": 1}]}', '{"kpis": [{"key": "x", "scale_labels": ["a", null]}]}', '{"kpis": [{"key": "x", "owner_from": "2026-01-01"}]}',
  '{"roles": [{"key": "x", "name": "X", "kras": null}]}', '{"roles": [{"key": "x", "name": "X", "kras": [{}]}]}',
  '{"roles": [{"key": "x", "name": "X", "kras": [{"name": "A"}, {"name": "B"}, {"name": "C", "kpis": [{"key": "demos_held"}, {"key": "calls_made", "target": ">= ninety"}]}]}]}',
  '{"roles": [{"key": "x", "name": "X", "kras": [{"name": "A", "kpis": [{"key": "demos_held", "weight": -0.5}]}]}]}', '{"roles": [{"key": "x", "name": "X", "kras": [{"name": "A", "kpis": [{"key": "demos_held", "weight": "1e400"}]}]}]}',
  '{"roles": [{"key": "x", "name": "X", "kras": [{"name": "A", "kpis": [{"key": "demos_held", "weight": 1e400}]}]}]}', '{"roles": [{"key": "x", "name": "X", "kras": [{"name": "A", "kpis": [{"key": "demos_held", "weight": 1e-400}]}]}]}',
  '{"targets": [{"kpi": "demos_held", "subject": "sam", "target": 5}]}', '{"targets": [{"kpi": "demos_held", "subject": "sam", "target": ">= 5 threshold 9"}]}', '{"targets": [{"kpi": "demos_held", "subject": "sam", "target": {"direction": "up"}}]}',
  '{"benchmarks": [{"kpi": "demos_held", "value": 1e309, "source": "X"}]}', '{"benchmarks": [{"kpi": "demos_held", "value": 5, "source": null}]}']) WITH ORDINALITY v (d, n) ORDER BY n;
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY['{"subjects": [{"key": "sam"}, {"key": "kim"}, {"key": "sam"}]}', '{"objectives": [{"key": "grow"}, {"key": "grow"}]}', '{"kpis": [{"key": "win_rate"}, {"key": "win_rate"}]}',
  '{"roles": [{"key": "sales_lead"}, {"key": "sales_lead"}]}', '{"roles": [{"key": "sales_lead", "kras": [{"key": "A", "name": "X"}, {"key": "B", "name": "X"}]}]}',
  '{"roles": [{"key": "sales_lead", "kras": [{"key": "pipeline"}, {"name": "Health of the pipeline"}]}]}', '{"roles": [{"key": "sales_lead", "kras": [{"key": "new", "name": "Health of the pipeline"}]}]}',
  '{"roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "win_rate"}, {"key": "win_rate", "is_active": false}]}]}]}', '{"roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "win_rate"}]}, {"name": "B", "kpis": [{"key": "win_rate"}]}]}]}',
  '{"effective_from": "2026-05-01", "benchmarks": [{"kpi": "win_rate", "value": 5, "source": "A"}, {"kpi": "win_rate", "value": 6, "source": "A", "effective_from": "2026-05-01"}]}',
  '{"kpis": [{"key": "win_rate", "unit": "%"}], "roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "win_rate", "unit": "pp"}]}]}]}',
  '{"roles": [{"key": "account_executive", "kras": [{"name": "Pipeline", "kpis": [{"key": "revenue_closed", "effective_from": "2025-01-01"}]}]}]}']) WITH ORDINALITY v (d, n) ORDER BY n;
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY['{"subjects": [{"key": "sam", "parent": "west"}]}', '{"subjects": [{"key": "sam", "role": "pilot"}]}', '{"objectives": [{"key": "grow", "parent": "x\"y"}]}', '{"kpis": [{"key": "win_rate", "drives": "x"}]}',
  '{"roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "x", "weight": 1}]}]}]}', '{"targets": [{"kpi": "win_rate", "subject": "sam", "target": null}, {"kpi": "win_rate", "subject": "x", "target": null}]}', '{"kpis": [{"key": "win_rate", "influenceable_by": ["sam", "pilot"]}]}',
  '{"subjects": [{"key": "x", "name": "X"}]}', '{"kpis": [{"key": "x", "kind": "outcome"}]}', '{"objectives": [{"key": "x"}]}', '{"roles": [{"key": "x"}]}', '{"roles": [{"key": "sales_lead", "kras": [{"key": "A"}]}]}', '{"targets": [{"kpi": "win_rate", "subject": "sam"}]}', '{"benchmarks": [{"kpi": "win_rate", "value": 1}]}',
  '{"subjects": [{"key": "sam", "parent": "sam"}]}', '{"objectives": [{"key": "a", "name": "A", "parent": "b"}, {"key": "b", "name": "B", "parent": "c"}, {"key": "c", "name": "C", "parent": "b"}]}', '{"kpis": [{"key": "win_rate", "drives": "win_rate"}]}', '{"objectives": [{"key": "grow", "due_on": "2025-12-31"}]}',
  '{"kpis": [{"key": "win_rate", "over_subjects": "sum"}]}', '{"kpis": [{"key": "win_rate", "scale": "ordinal"}]}', '{"kpis": [{"key": "win_rate", "scale": "nps", "over_time": "sum", "over_subjects": "sum"}]}', '{"kpis": [{"key": "win_rate", "scale_labels": ["a", "b"]}]}']) WITH ORDINALITY v (d, n) ORDER BY n;
-- sources: what is there must have what collect reads; what is not may come
CREATE SCHEMA wh;
CREATE DOMAIN wh.day AS date;
CREATE TABLE wh.good (subject text, at wh.day, value numeric, weight real);
CREATE TABLE wh.bare (subject text, at timestamptz, value integer);
CREATE TABLE wh.summaries (subject text, at date, value kra.kpi_actual);
CREATE TABLE wh.words (subject text, at date, value text);
CREATE TABLE wh.dateless (subject text, value integer, weight boolean);
CREATE TABLE wh.heavy (subject text, at date, value integer, weight boolean);
CREATE TABLE wh.times (subject text, at time, value integer);
CREATE SEQUENCE wh.number;
CREATE TEMP TABLE passing (subject text, at date, value integer);
SELECT replace(d->>'source', t.name, 'pg_temp') AS source, replace(pg_temp.fault(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'sourced' || n, 'name', 'Sourced', 'kind', 'outcome') || d))), t.name, 'pg_temp') AS fault
FROM (SELECT nspname AS name FROM pg_namespace WHERE oid = pg_my_temp_schema()) t,
  unnest(ARRAY['{"source": "wh.good"}', '{"source": "wh.good", "over_time": "ratio"}', '{"source": "wh.bare"}', '{"source": "wh.bare", "over_time": "ratio"}', '{"source": "wh.summaries", "over_time": "ratio"}',
  '{"source": "wh.bare", "scale": "nps"}', '{"source": "wh.words", "scale": "nps"}', '{"source": "wh.words"}', '{"source": "wh.dateless"}', '{"source": "wh.heavy"}', '{"source": "wh.times"}', '{"source": "wh.number"}',
  '{"source": "WH.Good"}', '{"source": "wh.\"Good\""}', '{"source": "nowhere.yet"}', '{"source": "good"}', '{"source": "a.b.c"}', '{"source": "wh."}', '{"source": "(SELECT 1)"}', '{"source": " "}',
  format('{"source": "%s.passing"}', t.name)]::jsonb[]) WITH ORDINALITY s (d, n) ORDER BY n;
-- one that has changed since is collect's concern, until it is defined anew
ALTER TABLE wh.good DROP weight;
SELECT pg_temp.fault('{"kpis": [{"key": "sourced2", "unit": "%", "source": "wh.good"}]}'), pg_temp.fault('{"kpis": [{"key": "sourced2", "source": "WH.good"}]}');
SELECT pg_temp.fault('{"roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "sourced2", "source": "wh.bare"}]}]}]}');
DELETE FROM kra.kpis WHERE key LIKE 'sourced%';
DROP SCHEMA wh CASCADE;
DROP TABLE passing;
SELECT count(*) AS logged FROM kra.definition_log
\gset
-- the first fault of several, though much before it is good
SELECT pg_temp.fault('{"kpis": [{"key": "fine", "name": "Fine", "kind": "outcome"}], "roles": [{"key": "sales_lead", "kras": [{"name": "A", "kpis": [{"key": "fine", "weight": -1}]}]}], "targets": [{"kpi": "none", "subject": 5}]}');
SELECT count(*) - :logged AS logged_by_faults FROM kra.definition_log;
-- the table's own errors have a path, too
BEGIN;
ALTER TABLE kra.benchmarks ADD CHECK (value < 100);
SELECT pg_temp.fault('{"kpis": [{"key": "fine", "name": "Fine", "kind": "outcome"}], "benchmarks": [{"kpi": "fine", "value": 100, "source": "A"}]}');
SELECT count(*) AS fine FROM kra.kpis WHERE key = 'fine';
ROLLBACK;
-- nobody without rights; an author defines all but the settings; a reader reads what is his, and changes nothing
CREATE ROLE regress_define_nobody;
CREATE ROLE regress_define_author;
CREATE ROLE regress_define_lee;
SELECT kra.grant_author('regress_define_author'), kra.grant_reader('regress_define_lee');
SELECT count(*) AS renamed FROM kra.define('{"subjects": [{"key": "lee", "login": "regress_define_lee"}]}');
SET ROLE regress_define_nobody;
SELECT kra.define('{"subjects": [{"key": "x", "name": "X", "kind": "team"}]}');
SELECT kra.definition();
SET ROLE regress_define_author;
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-01-01", "subjects": [{"key": "jo", "name": "Jo", "kind": "person", "parent": "north", "role": "sales_lead"}],
  "targets": [{"kpi": "win_rate", "subject": "jo", "target": ">= 40"}], "kpis": [{"key": "win_rate", "owner": "jo"}]}');
SELECT kra.define('{"settings": {"week_start": 1}}');
SELECT object, operation, row_key FROM kra.define(kra.definition(NULL, '2026-08-01'));
SET ROLE regress_define_lee;
SELECT s->>'key' AS subject, s->>'parent' AS parent FROM jsonb_array_elements(kra.definition(NULL, '2026-08-01')->'subjects') s;
SELECT t->>'subject' AS subject, count(*) FROM jsonb_array_elements(kra.definition(NULL, '2026-08-01')->'targets') t GROUP BY 1;
SELECT k->>'key' AS kpi, k->>'owner' AS owner FROM jsonb_array_elements(kra.definition(NULL, '2026-08-01')->'kpis') k WHERE k ? 'owner' OR k->>'key' IN ('win_rate', 'demo_quality');
SELECT count(*) AS entries FROM pg_temp.entries(kra.definition('demo_engineer', '2026-08-01'));
SELECT kra.define('{"kpis": [{"key": "win_rate", "unit": "x"}]}');
RESET ROLE;
SELECT kra.revoke_author('regress_define_author'), kra.revoke_reader('regress_define_lee');
DROP ROLE regress_define_nobody, regress_define_author, regress_define_lee;

-- documents without a plan, of any days: after each, what is in force on any day comes back without a change
BEGIN;
CREATE FUNCTION pg_temp.dice(n integer, seed integer, what text) RETURNS integer LANGUAGE sql AS $$ SELECT abs(hashtextextended(what, seed)) % n $$;
CREATE FUNCTION pg_temp.any_document(seed integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('effective_from', date '2026-01-01' + seed - pg_temp.dice(5, seed, 'day') / 4,
        'kpis', (SELECT jsonb_agg(jsonb_build_object('key', 'q' || k, 'name', 'Q', 'kind', 'outcome')) FROM generate_series(1, 5) k),
        'subjects', (SELECT jsonb_agg(jsonb_build_object('key', 'p' || p, 'name', 'P', 'kind', 'team', 'is_active', pg_temp.dice(3, seed, 'active' || p) > 0)
                                      || CASE WHEN p > 1 THEN jsonb_build_object('parent', 'p' || 1 + pg_temp.dice(p - 1, seed, 'parent' || p)) ELSE '{}' END) FROM generate_series(1, 4) p),
        'roles', jsonb_build_array(jsonb_build_object('key', 'any', 'name', 'Any', 'kras', (
            SELECT jsonb_agg(jsonb_build_object('name', 'A' || a, 'kpis', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('key', 'q' || k, 'weight', pg_temp.dice(2, seed, 'weight' || k))
                                          || CASE WHEN pg_temp.dice(4, seed, 'own' || k) = 0 THEN jsonb_build_object('effective_from', date '2026-01-01' + seed + pg_temp.dice(2, seed, 'day' || k)) ELSE '{}' END
                                          ORDER BY pg_temp.dice(100, seed, 'place' || k)), '[]')
                FROM generate_series(1, 5) k WHERE pg_temp.dice(4, seed, 'kra' || k) = a)) ORDER BY pg_temp.dice(100, seed, 'order' || a))
            FROM generate_series(1, 3) a))))
$$;
CREATE FUNCTION pg_temp.any_documents(n integer, OUT applied integer, OUT refused integer, OUT rows bigint, OUT asked bigint, OUT changed bigint) LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    applied := 0; refused := 0; rows := 0; asked := 0; changed := 0;
    FOR i IN 1..n LOOP
        BEGIN
            SELECT count(*) INTO found FROM kra.define(pg_temp.any_document(i));
            rows := rows + found;
            applied := applied + 1;
        EXCEPTION WHEN check_violation THEN     -- in two KRAs at once on a later day, or a loop
            refused := refused + 1;
        END;
        SELECT asked + count(*), changed + sum(c) INTO asked, changed
        FROM (SELECT (SELECT count(*) FROM kra.define(kra.definition(CASE WHEN d % 4 > 0 THEN 'any' END, date '2025-12-31' + d))) AS c FROM generate_series(i % 5, 27, 5) d) x;
    END LOOP;
END $$;
SELECT applied, refused, rows > 100 AS many_rows, asked, changed FROM pg_temp.any_documents(24);
ROLLBACK;

-- a whole company in one document
BEGIN;
CREATE TEMP TABLE big AS SELECT jsonb_build_object('effective_from', '2026-01-01',
  'targets', (SELECT jsonb_agg(jsonb_build_object('kpi', 'k' || k, 'subject', 's' || i, 'target', '>= ' || i)) FROM generate_series(1, 2000) i, generate_series(1, 5) k),
  'subjects', (SELECT jsonb_agg(jsonb_build_object('key', 's' || i, 'name', 'Subject ' || i, 'kind', 'person') || CASE WHEN i > 1 THEN jsonb_build_object('parent', 's' || (i + 8) / 10) ELSE '{}' END ORDER BY i DESC) FROM generate_series(1, 2000) i),
  'kpis', (SELECT jsonb_agg(jsonb_build_object('key', 'k' || k, 'name', 'KPI ' || k, 'kind', 'outcome')) FROM generate_series(1, 5) k)) AS document;
SELECT count(*) FROM big, kra.define(document);
SELECT count(*) FROM big, kra.define(document);
SELECT depth, count(*) FROM kra_internal.subject_ancestors a JOIN kra.subjects s ON s.id = a.subject_id WHERE s.key ~ '^s[0-9]+$' GROUP BY depth ORDER BY depth;
SELECT pg_temp.fault(jsonb_set(document, '{targets,9999,target}', '">= x"')) FROM big;
SELECT pg_temp.fault(jsonb_set(document, '{subjects,1999,parent}', '"s1999"')) FROM big;
ROLLBACK;
-- no weight that a card could not add up
SELECT count(*) FROM kra.define('{"roles": [{"key": "heavy", "name": "Heavy", "kras": [{"name": "A", "kpis": [{"key": "heavy", "name": "Heavy", "kind": "outcome", "weight": 1e51}]}]}]}', true);
SELECT count(*) AS heavy FROM kra.define('{"roles": [{"key": "heavy", "name": "Heavy", "kras": [{"name": "A", "kpis": [{"key": "heavy", "name": "Heavy", "kind": "outcome", "weight": 1e50}]}]}]}', true);

-- a KPI may drive several others: one is given back as it was written, more as a list
SELECT object, operation, row_key FROM kra.define('{"effective_from": "2026-01-01", "kpis": [{"key": "dr1", "name": "D1", "kind": "activity", "drives": ["dr3", "dr2"]}, {"key": "dr2", "name": "D2", "kind": "outcome", "drives": "dr3"}, {"key": "dr3", "name": "D3", "kind": "outcome"}]}');
SELECT k->>'key' AS kpi, k->'drives' AS drives FROM jsonb_array_elements(kra.definition(NULL, '2026-08-01')->'kpis') k WHERE k->>'key' ~ '^dr' ORDER BY 1;
SELECT object, operation, row_key FROM kra.define('{"kpis": [{"key": "dr1", "drives": ["dr2", "dr3"]}, {"key": "dr3"}]}');
SELECT object, operation, row_key FROM kra.define('{"kpis": [{"key": "dr1", "drives": "dr2"}, {"key": "dr2", "drives": null}]}');
SELECT object, operation, row_key FROM kra.define('{"kpis": [{"key": "dr1", "drives": []}]}');
SELECT pg_temp.fault(d::jsonb) FROM unnest(ARRAY['{"kpis": [{"key": "dr1", "drives": ["dr2", "x"]}]}', '{"kpis": [{"key": "dr1", "drives": ["dr1"]}]}', '{"kpis": [{"key": "dr1", "drives": ["dr2", "dr2"]}]}',
  '{"kpis": [{"key": "dr1", "drives": [""]}]}', '{"kpis": [{"key": "dr1", "drives": [1]}]}', '{"kpis": [{"key": "dr1", "drives": 1}]}']) d;

-- Where at risk begins: 0.9 unless it is said, and given back when it is; NULL takes it back.
SELECT operation, object FROM kra.define('{"effective_from": "2026-01-01", "kpis": [{"key": "uptime", "name": "Uptime", "kind": "outcome", "over_time": "mean", "at_risk_from": 0.999}]}');
SELECT at_risk_from, kra_internal.kpi_document(id, '2026-01-01', '2026-01-01')->'at_risk_from' AS given_back FROM kra.kpis WHERE key = 'uptime';
SELECT count(*) AS again FROM kra.define('{"effective_from": "2026-01-01", "kpis": [{"key": "uptime", "at_risk_from": 0.999}]}');
SELECT count(*) AS changed FROM kra.define('{"effective_from": "2026-01-01", "kpis": [{"key": "uptime", "at_risk_from": null}]}');
SELECT at_risk_from, kra_internal.kpi_document(id, '2026-01-01', '2026-01-01') ? 'at_risk_from' AS given_back FROM kra.kpis WHERE key = 'uptime';
UPDATE kra.kpis SET at_risk_from = 0 WHERE key = 'uptime';
UPDATE kra.kpis SET at_risk_from = 1.0001 WHERE key = 'uptime';
