-- Missing data never help: not where much is wanted, and not where little is. Numbers that no view could compute with are refused.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

SELECT count(*) AS defined FROM kra.define('{"effective_from": "2026-01-01",
    "subjects": [{"key": "team", "name": "Team", "kind": "team"}, {"key": "ann", "name": "Ann", "kind": "person", "parent": "team", "role": "maker"}, {"key": "bob", "name": "Bob", "kind": "person", "parent": "team", "role": "maker"}],
    "roles": [{"key": "maker", "name": "Maker", "kras": [{"name": "Making", "kpis": [
        {"key": "defects", "name": "defects", "kind": "outcome", "target": "<= 4"}, {"key": "pieces", "name": "pieces made", "kind": "outcome", "target": ">= 10"}]}]}]}');
-- Ann: defects in January and February, Bob: in January and March; pieces as many as asked, in the same months
SELECT count(*) AS recorded
FROM (VALUES ('ann', date '2026-01-05', 4), ('ann', '2026-02-05', 4), ('bob', '2026-01-05', 4), ('bob', '2026-03-05', 3)) r (s, d, v),
     LATERAL kra.record('defects', s, d, v) defects, LATERAL kra.record('pieces', s, d, 10) pieces;

-- only months and members with data are judged, of defects and of pieces; the coverage says how much that is
SELECT subject_key, kpi_key, period_label, actual_value, target_text, round(attainment_pct::numeric, 3) AS attainment, status, observed_member_count AS observed, round(coverage_pct::numeric, 3) AS coverage
FROM kra.kpi_results('2026-03-31') WHERE period_grain <> 'year' ORDER BY kpi_key, subject_key, period_grain DESC, period_start;
-- when nobody has data, the target stands
SELECT kpi_key, target_text, status FROM kra.kpi_results('2026-03-31') WHERE subject_key = 'ann' AND period_label = '2026-03' ORDER BY kpi_key;
-- a figure less takes its room along
DELETE FROM kra.measurements WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'bob') AND period_start = '2026-01-01';
SELECT subject_key, kpi_key, actual_value, target_text, round(attainment_pct::numeric, 3) AS attainment FROM kra.kpi_results('2026-03-31') WHERE period_label = '2026-Q1' ORDER BY kpi_key, subject_key;

-- a running sum is held against nothing
SELECT kpi_key, is_complete, previous_value, change_text, trend_direction, signal, misses_count, context FROM kra.kpi_results('2026-02-10') WHERE subject_key = 'ann' AND period_label = '2026-02' ORDER BY kpi_key;

-- beyond what can be computed with
SELECT kra.record('defects', 'ann', '2026-03-05', 1e101);
SELECT kra.record('defects', 'ann', '2026-03-05', 1e-101);
SELECT kra.set_target('defects', 'ann', '<= 1e101');
SELECT kra.set_target('defects', 'ann', '>= 1 within 1e-101');
INSERT INTO kra.benchmarks SELECT id, '2026-01-01', 'Infinity', 'nowhere' FROM kra.kpis WHERE key = 'defects';
INSERT INTO kra.benchmarks SELECT id, '2026-01-01', 'NaN', 'nowhere' FROM kra.kpis WHERE key = 'defects';
SELECT kra_internal.is_sane(0), kra_internal.is_sane(-1e100), kra_internal.is_sane(1e-100), kra_internal.is_sane('NaN'::float8), kra_internal.is_sane('-Infinity'::float8), kra_internal.is_sane(NULL::float8);
-- the greatest and the least that are let in break no view
SELECT kra.record('defects', 'ann', '2026-03-05', 1e100), kra.record('pieces', 'ann', '2026-03-05', -1e-100), kra.set_target('defects', 'ann', '>= 1e-100', '2026-01-01');
SELECT count(*) > 0 AS rows, bool_and(attainment_pct < 'Infinity') AS finite FROM kra.kpi_results('2026-03-31');
SELECT count(*) > 0 AS rows, bool_and(score_value BETWEEN 0 AND 1.2) AS scored FROM kra.scorecards('2026-03-31') WHERE score_value IS NOT NULL;

-- what is not known yet is no latest data, and a running sum without a target is projected by days
INSERT INTO kra.kpis (key, name, kind) VALUES ('untargeted', 'Untargeted', 'outcome');
SELECT count(*) AS recorded FROM (VALUES (date '2026-01-05', 8), ('2026-02-05', 10)) v (d, n), LATERAL kra.record('untargeted', 'ann', v.d, v.n) r;
SELECT period_label, actual_value, projected_value, is_latest, attainment_reason FROM kra.kpi_results('2026-02-14') WHERE kpi_key = 'untargeted' AND subject_key = 'ann' AND period_grain = 'month' ORDER BY 1;
SELECT kra.record('untargeted', 'ann', '2026-02-20', 1, add => true) IS NOT NULL AS recorded;
SELECT period_label, actual_value, projected_value, is_latest, attainment_reason FROM kra.kpi_results('2026-02-14') WHERE kpi_key = 'untargeted' AND subject_key = 'ann' AND period_grain = 'month' ORDER BY 1;
