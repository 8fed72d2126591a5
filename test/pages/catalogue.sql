-- A catalogue for the pages: a company of 200 subjects, most of them as people are, some with names
-- that try to be more than names, and some with nothing, one or forty KPIs. 36 months up to
-- 2025-12. The same on every run.
\set ON_ERROR_STOP 1
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION kra;
CREATE SCHEMA pages;

CREATE FUNCTION pages.noise(VARIADIC text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(array_to_string($1, '/', '-')), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

-- Names that try to be more: n is their place below.
CREATE TABLE pages.hostile (n int PRIMARY KEY, name text);
INSERT INTO pages.hostile VALUES
    (1, '<script>window.__pwned=1;alert(1)</script>'),
    (2, '"><img src=x onerror="window.__pwned=1;alert(1)">'),
    (3, '''><svg onload=alert(1)>'),
    (4, '</title></style></script><script>window.__pwned=1;alert(1)</script>'),
    (5, '&amp; &lt;b&gt; &#60;script&#62; & already escaped'),
    (6, 'javascript:alert(1)'),
    (7, U&'\0645\0628\064A\0639\0627\062A (2026) \0634\0631\0643\0629'),
    (8, U&'\202Eright to left\202C \2066and back\2069 \2069\2069 open'),
    (9, repeat(U&'\6771\4EAC Long ', 25)),
    (10, repeat('W', 200)),
    (11, E'tab\there\nline\rreturn\x01\x08\x0b\x1f\x7f' || U&'\0085\FFFE\FDD0 end'),
    (12, '<!-- --><!DOCTYPE x [<!ENTITY y "z">]>]]>'),
    (13, '%s %h %% {{7*7}} ${7*7}'),
    (14, U&'\+01F680 \+01F468\200D\+01F4BB Caf\00E9'),
    (15, '" autofocus tabindex=1 onfocus="window.__pwned=1'),
    (16, '*bold* _it_ [a](http://b.example) `c` @here #1 | http://d.example <http://e.example>');

INSERT INTO kra.settings (history_periods) VALUES (36);
SELECT count(*) AS defined FROM kra.define(jsonb_build_object(
    'effective_from', '2022-12-01',
    'objectives', '[{"key": "grow", "name": "Grow in the mid market", "description": "New customers of 50 to 500 people.", "due_on": "2026-06-30"},
                    {"key": "late", "name": "Answer within a day", "parent": "grow", "due_on": "2025-10-31"}]'::jsonb,
    'roles', '[
        {"key": "ae", "name": "Account executive", "level": "Senior", "purpose": "Wins customers who stay, in the mid market of the north.", "kras": [
            {"name": "Revenue growth", "perspective": "financial", "kpis": [
                {"key": "revenue", "name": "Revenue closed", "description": "Contracts signed, without renewals.", "kind": "outcome", "unit": "$", "weight": 3, "target": ">= 60000 from 40000 stretch 75000", "objective": "grow", "provenance": "negotiated"},
                {"key": "win_rate", "name": "Win rate", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio", "weight": 1, "target": ">= 22 threshold 18", "objective": "grow"}]},
            {"name": "Customer care", "perspective": "customer", "kpis": [
                {"key": "answer", "name": "Time to answer", "kind": "outcome", "unit": " days", "over_time": "mean", "over_subjects": "mean", "weight": 2, "target": "<= 2 threshold 3", "objective": "late"},
                {"key": "quality", "name": "Demo quality", "kind": "outcome", "timing": "leading", "over_time": "mean", "over_subjects": "mean", "weight": 2, "target": ">= 4 threshold 3.8"}]},
            {"name": "Prospecting", "perspective": "process", "kpis": [
                {"key": "calls", "name": "Calls made", "kind": "activity", "timing": "leading", "weight": 1, "target": ">= 400"}]}]},
        {"key": "one", "name": "Role of one KPI", "kras": [{"name": "All of it", "kpis": [{"key": "single", "name": "Single KPI", "kind": "outcome", "target": ">= 10"}]}]},
        {"key": "none", "name": "Role of no KPI", "purpose": "Nothing yet."},
        {"key": "bare", "name": "Role without targets", "kras": [{"name": "Bare", "kpis": [{"key": "bare", "name": "No target here", "kind": "outcome"}]}]}]'::jsonb
        || (SELECT jsonb_agg(r) FROM (
            SELECT jsonb_build_object('key', 'forty', 'name', 'Role of forty KPIs', 'kras', (
                SELECT jsonb_agg(jsonb_build_object('name', 'Area ' || a, 'kpis', (
                    SELECT jsonb_agg(jsonb_build_object('key', format('many%s', 5 * (a - 1) + i), 'name', format('KPI %s of many', 5 * (a - 1) + i),
                                                        'kind', CASE WHEN i = 5 THEN 'activity' ELSE 'outcome' END, 'target', '>= 50')) FROM generate_series(1, 5) i))) FROM generate_series(1, 8) a)) AS r
            UNION ALL
            SELECT jsonb_build_object('key', 'hostile', 'name', h1.name, 'purpose', h2.name, 'level', h3.name, 'kras', (
                SELECT jsonb_agg(jsonb_build_object('name', h.name, 'kpis', jsonb_build_array(jsonb_build_object(
                    'key', h.name, 'name', h.name, 'description', h.name, 'unit', left(h.name, 60), 'kind', 'outcome', 'target', '>= 50'))) ORDER BY h.n) FROM pages.hostile h))
            FROM pages.hostile h1, pages.hostile h2, pages.hostile h3 WHERE h1.n = 1 AND h2.n = 2 AND h3.n = 4) x),
    'subjects', (SELECT jsonb_agg(s) FROM (
        SELECT jsonb_build_object('key', 'acme', 'name', 'Acme', 'kind', 'company') AS s
        UNION ALL SELECT jsonb_build_object('key', 'odd', 'name', 'Odd ones', 'kind', 'company')
        UNION ALL SELECT jsonb_build_object('key', 'team' || i, 'name', 'Team ' || (ARRAY['North', 'South', 'East', 'West', 'Centre'])[i], 'kind', 'team', 'parent', 'acme') FROM generate_series(1, 5) i
        UNION ALL SELECT jsonb_build_object('key', 'sam', 'name', 'Sam Ito', 'kind', 'person', 'parent', 'team1', 'role', 'ae')
        UNION ALL SELECT jsonb_build_object('key', 'one', 'name', 'One KPI', 'kind', 'project', 'parent', 'acme', 'role', 'one')
        UNION ALL SELECT jsonb_build_object('key', 'none', 'name', 'No KPI', 'kind', 'vendor', 'parent', 'acme', 'role', 'none')
        UNION ALL SELECT jsonb_build_object('key', 'alone', 'name', 'No role', 'kind', 'person', 'parent', 'odd')
        UNION ALL SELECT jsonb_build_object('key', 'bare', 'name', 'No target', 'kind', 'project', 'parent', 'acme', 'role', 'bare')
        UNION ALL SELECT jsonb_build_object('key', 'empty', 'name', 'No data', 'kind', 'person', 'parent', 'acme', 'role', 'ae')
        UNION ALL SELECT jsonb_build_object('key', 'forty', 'name', 'Forty KPIs', 'kind', 'person', 'parent', 'odd', 'role', 'forty')
        UNION ALL SELECT jsonb_build_object('key', h.name, 'name', h.name, 'kind', 'person', 'parent', 'odd', 'role', 'hostile') FROM pages.hostile h
        UNION ALL SELECT jsonb_build_object('key', 'person' || i, 'name', (ARRAY['Ada', 'Ben', 'Chloe', 'Dev', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines', 'Jun'])[1 + i % 10] || ' '
            || (ARRAY['Adler', 'Bauer', 'Costa', 'Diaz', 'Eze', 'Fox', 'Gupta', 'Horn', 'Ivanova', 'Jones', 'Kim', 'Lund', 'Moreau', 'Novak', 'Okafor', 'Park', 'Quist'])[1 + i % 17],
            'kind', 'person', 'parent', 'team' || 1 + i % 5, 'role', 'ae') FROM generate_series(1, 171) i) x)));
UPDATE kra.objectives SET subject_id = (SELECT id FROM kra.subjects WHERE key = 'sam');

INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, m::date,
       CASE k.key WHEN 'win_rate' THEN kra.actual_agg(100 * round(6 * v.x), m::date, 14)
                  WHEN 'quality' THEN kra.actual_agg(round((3.5 + v.x)::numeric, 1)::float8, m::date)
                  WHEN 'answer' THEN kra.actual_agg(round((1.2 + 2.2 * v.x)::numeric, 1)::float8, m::date)
                  WHEN 'revenue' THEN kra.actual_agg(round(60000 * (0.6 + 0.6 * v.x + 0.005 * n)), m::date)
                  WHEN 'calls' THEN kra.actual_agg(round(400 * (0.85 + 0.4 * v.x)), m::date)
                  ELSE kra.actual_agg(round(30 + 40 * v.x), m::date) END
FROM kra.subjects s
JOIN kra.placements p ON p.subject_id = s.id
JOIN kra.result_areas ra ON ra.job_role_id = p.job_role_id
JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id
JOIN kra.kpis k ON k.id = rk.kpi_id
CROSS JOIN generate_series(0, 35) n
CROSS JOIN LATERAL (SELECT date '2023-01-01' + n * interval '1 month' AS m) t
CROSS JOIN LATERAL (SELECT pages.noise(s.key, k.key, n::text) AS x) v
WHERE s.key <> 'empty' AND NOT (s.key = 'one' AND n < 30)
  AND NOT (pages.noise('gap', s.key, k.key, n::text) < 0.04 AND n < 34) AND NOT (s.key = 'person7' AND k.key = 'quality' AND n > 31)
GROUP BY k.id, k.key, s.id, m, n, v.x;

INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on, completion, completed_on)
SELECT o.id, v.key, v.name, v.weight, s.id, v.due_on, v.completion, v.completed_on
FROM (VALUES ('grow', 'list', 'List of 300 companies', 1, date '2025-08-31', 1.0, date '2025-08-20'), ('grow', 'pilot', 'Ten pilots under way', 2, '2025-12-15', 0.6, NULL),
             ('grow', 'price', 'Price list for the mid market', 1, '2026-02-28', 0, NULL), ('late', 'rota', '<b>Rota</b> for the front desk', 1, '2025-09-30', 1.0, '2025-10-02')) v (objective, key, name, weight, due_on, completion, completed_on)
JOIN kra.objectives o ON o.key = v.objective CROSS JOIN kra.subjects s WHERE s.key = 'sam';
INSERT INTO kra.actions (subject_id, kpi_id, description, owner_id, due_on, created_at, done_on, outcome)
SELECT s.id, (SELECT id FROM kra.kpis WHERE key = 'answer'), h.name, s.id, date '2025-11-20' + h.n * 5, '2025-11-03', CASE WHEN h.n % 4 = 0 THEN date '2025-12-10' END, CASE WHEN h.n % 4 = 0 THEN h.name END
FROM pages.hostile h CROSS JOIN kra.subjects s WHERE s.key IN (SELECT name FROM pages.hostile WHERE n = 1) OR (s.key = 'sam' AND h.n IN (5, 7, 14));
UPDATE kra.actions SET description = 'Call the ten customers who waited longest' WHERE description LIKE '&amp;%' AND subject_id = (SELECT id FROM kra.subjects WHERE key = 'sam');
INSERT INTO kra.check_ins (subject_id, kpi_id, checked_at, comment)
SELECT s.id, (SELECT id FROM kra.kpis WHERE key = 'answer'), timestamptz '2025-12-01 12:00+00' + h.n * interval '1 day', h.name
FROM pages.hostile h CROSS JOIN kra.subjects s WHERE s.key IN (SELECT name FROM pages.hostile WHERE n = 1);
INSERT INTO kra.check_ins (subject_id, kpi_id, checked_at, comment)
SELECT s.id, (SELECT id FROM kra.kpis WHERE key = 'answer'), '2025-12-09', E'Two of the slow ones were on leave.\nThe rota starts on Monday.' FROM kra.subjects s WHERE s.key = 'sam';
SELECT kra.close_review('sam', '2025-11', E'Good month; answers are still slow.\nAgreed on a rota.') IS NOT NULL AND kra.close_review('sam', '2025-12', E'Revenue is on its way.\nAnswers hold.') IS NOT NULL AS closed;
SELECT kra.close_review(name, '2025-12', name) IS NOT NULL AS closed FROM pages.hostile WHERE n IN (1, 2);
UPDATE kra.reviews SET closed_at = '2026-01-05 12:00+00';
-- what came in after the review
UPDATE kra.measurements SET actual = (SELECT kra.actual_agg(2.6, date '2025-12-31'))
WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'answer') AND subject_id = (SELECT id FROM kra.subjects WHERE key = 'sam') AND period_start = '2025-12-01';
ANALYZE;
