-- contract: what BI tools may rely on holds in an empty catalogue, and in one of hostile names, numbers and dates.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
SET jit = off;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'
\getenv tests PG_ABS_SRCDIR
\set contract :tests '/bi/contract.sql'

-- an empty catalogue: rules, the dictionary, and nothing else
\set ECHO none
\i :contract
\set ECHO all
SELECT DISTINCT view_name FROM contract_columns WHERE value_count > 0 ORDER BY 1;

-- names of every sort, keys that hold what joins keys, numbers and dates at the ends of what tables take
INSERT INTO kra.subjects (key, name, kind) VALUES ('top', 'Top', 'company');
INSERT INTO kra.placements (subject_id, effective_from) VALUES (1, '2020-01-01');
INSERT INTO kra.objectives (key, name) VALUES ('first', 'First');
INSERT INTO kra.job_roles (key, name) VALUES ('x / y', E'r\x01\x1f\x7f'), ('x', 'NULL');
INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (1, 'z', '%s {0} $1 \x \N'), (2, 'z / y', repeat('Ü', 200));
INSERT INTO kra.subjects (key, name, kind) VALUES
    ('a', E'\u202Eright to left\u202C \u200F', 'person'), ('a / b', E'tab\t, line\n, return\r, bell\x07', 'person'), ('a.1', repeat('名', 200), 'person'), ('a.1.month.2025-03-01', '"; DROP TABLE kra.kpis; --', 'person'),
    (E'\\', '''', 'person'), (repeat('k', 200), '<script>alert(1)</script>', 'person'), ('NaN', 'Infinity', 'person'), (' ', 'e' || repeat(E'\u0301', 40), 'person');
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) SELECT id, '2020-01-01', 1, 1 + id % 2 FROM kra.subjects WHERE id > 1;
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, unit, cadence) VALUES
    ('b / c', '=cmd|''/c calc''!A1', 'outcome', 'sum', 'sum', E'"\n', 'month'), ('c / c', E'\x1B[31mred', 'activity', 'mean', 'mean', repeat('u', 200), 'month'),
    ('1.month', E'\uFEFFbom \uFFFE', 'outcome', 'ratio', 'ratio', '%', 'quarter'), ('k' || repeat('.', 199), repeat('"', 200), 'activity', 'last', 'sum', '', 'month');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target)
SELECT a.id, k.id, '2020-01-01', (ARRAY[1e50, 5e-324, 0, 1])[1 + k.id % 4], (ARRAY['>= 1e100 from -1e100', '<= 1e-100', '[-1e100,1e100]', '>= 1 within 1e-100'])[1 + (k.id + a.id) % 4]::kra.kpi_target
FROM kra.kpis k, kra.result_areas a;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, kra_internal.grid_shift(k.grid, '2025-03-31', -n), kra.actual_agg((ARRAY[1e100, -1e100, 1e-100, 0, -1e-100, 1])[1 + (s.id + k.id + n) % 6], '2025-01-01', CASE k.over_time WHEN 'ratio' THEN (ARRAY[1e-30, 0, 1e30])[1 + (s.id + n) % 3] ELSE 1 END)
FROM kra.kpis k, kra.subjects s, generate_series(0, 3) n WHERE s.id > 1 GROUP BY k.id, s.id, n;
INSERT INTO kra.benchmarks VALUES (2, '2020-01-01', -1e100, E'\x01');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) VALUES (2, 3, '2020-01-01', '>= 0.1 from -1e100 since 0001-01-01 by 9999-12-31');
INSERT INTO kra.objectives (key, name, subject_id, starts_on, due_on) VALUES (repeat('o', 200), E'\x01', 2, '0044-03-15 BC', '5874897-12-31'), ('o / p', 'NaN', 3, '5874897-12-31', '5874897-12-31');
INSERT INTO kra.objective_parents VALUES (2, 1), (3, 2);
INSERT INTO kra.milestones (objective_id, key, name, weight, due_on, completion) VALUES (2, 'm', E'\x7f', 1e308, '4713-01-01 BC', 5e-324), (2, 'n', 'n', 1e308, '5874897-12-31', 0.5), (3, 'm', 'm', 0, NULL, 0.5);
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) VALUES (2, E'\x01', 3, '5874897-12-31'), (3, E'\u202E', 2, '4713-01-01 BC');
\set ECHO none
\i :contract
\set ECHO all
SELECT view_name, count(*) FILTER (WHERE value_count > 0) > 0 AS has_rows FROM contract_columns GROUP BY 1 ORDER BY 1;
-- what no view can show is refused by the tables
UPDATE kra.result_area_kpis SET weight = 1.1e50;
UPDATE kra.result_area_kpis SET weight = 'NaN';
UPDATE kra.benchmarks SET value = 'NaN';
UPDATE kra.targets SET effective_from = 'infinity';
UPDATE kra.objectives SET due_on = 'infinity';
UPDATE kra.measurements SET actual = (SELECT kra.actual_agg(1, '2025-01-01', 0.9e-30) FROM (SELECT) one);
SELECT kra.actual_agg('NaN', '2025-01-01');
SELECT kra.actual_agg(1, 'infinity');
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
