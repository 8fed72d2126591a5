-- targets: set, acknowledged, and proposed out of what there was.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

INSERT INTO kra.subjects (key, name, kind, login) VALUES ('team', 'Team', 'team', NULL), ('sam', 'Sam', 'person', 'regress_kra_sam'), ('ann', 'Ann', 'person', 'regress_kra_ann');
INSERT INTO kra.placements (subject_id, effective_from, parent_id) SELECT s.id, '2020-01-01', t.id FROM kra.subjects s LEFT JOIN kra.subjects t ON t.key = 'team' AND s.key <> 'team';
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence, scale) SELECT k, k, 'outcome', o, o, c, s FROM (VALUES
    ('demos', 'sum', 'month', NULL), ('wait', 'mean', 'month', NULL), ('share', 'ratio', 'quarter', NULL), ('nps', 'ratio', 'month', 'nps')) v(k, o, c, s);

-- set, again, said otherwise, moved in place, ended
SELECT kra.set_target('demos', 'sam', '>= 12 from 4', '2026-01-01');
SELECT kra.set_target('demos', 'sam', '>= 12 from 4', '2026-01-01');
SELECT kra.set_target('demos', 'sam', '>= 12 from 4', '2026-02-01') AS in_force_already;
SELECT kra.set_target('demos', 'sam', '>= 12 from 4', '2026-01-01', 'negotiated', 'what the team of 2025 did');
SELECT kra.set_target('demos', 'sam', '>= 12 from 4', '2026-03-01') AS nothing_new, kra.set_target('demos', 'sam', '>= 12 from 4', '2026-03-01', 'negotiated') AS nothing_either;
SELECT kra.set_target('demos', 'sam', '>= 14 from 4', '2026-04-01', 'imposed');
SELECT kra.set_target('demos', 'sam', '>= 15 from 4', '2026-04-01');
SELECT kra.set_target('demos', 'sam', NULL, '2026-07-01'), kra.set_target('demos', 'sam', NULL, '2026-08-01') AS again;
SELECT kra.set_target('demos', 'sam', '>= 1', '2025-12-01') AS before_all;
SELECT effective_from, target, provenance, note, set_by = current_user AS by_me, revised_at IS NOT NULL AS moved FROM kra.targets ORDER BY 1;
SELECT count(*) AS logged FROM kra.definition_log WHERE table_name = 'targets';
SELECT kra.set_target('demos', 'ann', '>= 3');
SELECT effective_from = current_date AS from_today FROM kra.targets t JOIN kra.subjects s ON s.id = subject_id WHERE s.key = 'ann';
-- refused
SELECT kra.set_target('nothing', 'sam', '>= 1');
SELECT kra.set_target('demos', 'nobody', '>= 1');
SELECT kra.set_target('demos', 'sam', '>= 1', NULL);
SELECT kra.set_target('demos', 'sam', '>= 1', 'infinity');
SELECT kra.set_target('demos', 'sam', '>= 1', '2026-01-01', 'guessed');
SELECT kra.set_target('demos', 'sam', '12', '2026-01-01');

-- acknowledged by the subject, or by the owner of the KPI, and by nobody else
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_ann;
CREATE ROLE regress_kra_boss;
GRANT regress_kra_sam TO regress_kra_boss;
SELECT kra.grant_reader(r) FROM unnest('{regress_kra_sam,regress_kra_ann,regress_kra_boss}'::name[]) r;
SELECT kra.set_target('wait', 'sam', '<= 20', '2020-01-01');
CREATE ROLE regress_kra_super SUPERUSER;
SET ROLE regress_kra_super;
SELECT kra.acknowledge('wait', 'sam');
RESET ROLE;
DROP ROLE regress_kra_super;
SET ROLE regress_kra_ann;
SELECT kra.acknowledge('wait', 'sam', 'whom I do not see');
RESET ROLE;
CREATE ROLE regress_kra_all;
GRANT regress_kra_all TO regress_kra_ann, regress_kra_boss;
INSERT INTO kra.settings (sees_all_role) VALUES ('regress_kra_all');
SET ROLE regress_kra_boss;
SELECT kra.acknowledge('wait', 'sam');
SET ROLE regress_kra_ann;
SELECT kra.acknowledge('wait', 'sam', 'not mine');
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('wait', 'sam', 'that can be done');
SELECT kra.acknowledge('wait', 'sam', 'said again');
SELECT kra.acknowledge('share', 'sam');
RESET ROLE;
INSERT INTO kra.kpi_owners SELECT k.id, '2020-01-01', s.id FROM kra.kpis k, kra.subjects s WHERE k.key = 'wait' AND s.key = 'ann';
SET ROLE regress_kra_ann;
SELECT kra.acknowledge('wait', 'sam', 'as the owner');
RESET ROLE;
INSERT INTO kra.kpi_owners SELECT id, '2021-01-01', NULL FROM kra.kpis WHERE key = 'wait';
SELECT kra.set_target('wait', 'sam', '<= 18', '2021-01-01');
SET ROLE regress_kra_ann;
SELECT kra.acknowledge('wait', 'sam', 'no longer the owner');
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('wait', 'sam', 'the new one, too');
RESET ROLE;
SELECT acknowledged_by, target, comment FROM kra.acknowledgements ORDER BY acknowledged_at;
SELECT kra.set_target('wait', 'sam', NULL, '2022-01-01');
SET ROLE regress_kra_sam;
SELECT kra.acknowledge('wait', 'sam');
RESET ROLE;
DROP OWNED BY regress_kra_sam, regress_kra_ann, regress_kra_boss;
DROP ROLE regress_kra_sam, regress_kra_ann, regress_kra_boss, regress_kra_all;

-- proposed
\x
\pset format unaligned
SELECT count(*) AS recorded FROM generate_series(0, 11) i, LATERAL kra.record('demos', 'sam', (date '2025-01-01' + make_interval(months => i))::date, 30 + i * 0.4 + (ARRAY[0, 1.5, -1, 0.7])[1 + i % 4]);
-- rising, and it should; falling, and it should not; the month that is not over does not count
SELECT * FROM kra.propose_target('demos', 'sam', '2025-12-31');
SELECT kra.propose_target('demos', 'sam', '2025-12-31') IS NOT DISTINCT FROM kra.propose_target('demos', 'sam', '2026-01-30') AS same_within_january;
SELECT * FROM kra.propose_target('demos', 'sam', '2025-12-31', direction => 'at_most');
SELECT * FROM kra.propose_target('demos', 'sam', '2025-12-30', periods => 6, ahead => 1);
-- the parts of it, by plain SQL
WITH m AS (SELECT row_number() OVER (ORDER BY period_start) AS i, kra.value(actual, 'sum') AS v FROM kra.measurements JOIN kra.kpis k ON k.id = kpi_id WHERE k.key = 'demos'),
    p AS (SELECT * FROM kra.propose_target('demos', 'sam', '2025-12-31', ahead => 4))
SELECT abs(trend_slope - (SELECT regr_slope(v, i) FROM m)) < 1e-12 AS slope, abs(best_improvement - (SELECT max(a.v - b.v) FROM m a JOIN m b ON a.i = b.i + 4)) < 1e-12 AS improvement,
    baseline = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM m WHERE i > 9) AS baseline, last_value = (SELECT v FROM m WHERE i = 12) AS last_value,
    abs(natural_upper - (SELECT avg(v) FROM m) - 2.66 * (SELECT avg(d) FROM (SELECT abs(v - lag(v) OVER (ORDER BY i)) AS d FROM m) x)) < 1e-12 AS upper FROM p;
-- a team, out of its members
SELECT count(*) FROM generate_series(0, 11) i, LATERAL kra.record('demos', 'ann', (date '2025-01-01' + make_interval(months => i))::date, 70 - (i * 7) % 5);
SELECT * FROM kra.propose_target('demos', 'team', '2025-12-31', direction => 'at_least');
-- a share stops at 1, a score at 100, a wait at 0
SELECT count(*) FROM generate_series(0, 7) i, LATERAL kra.record('share', 'sam', (date '2024-01-01' + make_interval(months => 3 * i))::date, 80 + 2.7 * i, 100) s, LATERAL kra.record('nps', 'sam', (date '2025-01-01' + make_interval(months => i))::date, answers => ARRAY[10, 9, 9, 9, CASE WHEN i % 2 = 0 THEN 3 ELSE 9 END]) n, LATERAL kra.record('wait', 'sam', (date '2025-01-01' + make_interval(months => i))::date, 16 - 2.1 * i) w;
SELECT target, reason FROM kra.propose_target('share', 'sam', '2025-12-31', direction => 'at_least');
SELECT target, reason FROM kra.propose_target('nps', 'sam', '2025-08-31', direction => 'at_least');
SELECT target, reason FROM kra.propose_target('wait', 'sam', '2025-08-31', direction => 'at_most');
-- gaps are no zeros; too little history; none that improves; nothing that moves
DELETE FROM kra.measurements WHERE period_start IN ('2025-03-01', '2025-07-01', '2025-12-01');
SELECT target, baseline, last_value, periods_used, best_improvement, reason FROM kra.propose_target('demos', 'sam', '2025-12-31');
SELECT * FROM kra.propose_target('demos', 'sam', '2025-04-30', direction => 'at_least');
SELECT target, reason FROM kra.propose_target('wait', 'sam', '2025-08-31', direction => 'at_least');
SELECT count(*) FROM generate_series(0, 7) i, LATERAL kra.record('wait', 'ann', (date '2025-01-01' + make_interval(months => i))::date, 0.1);
SELECT * FROM kra.propose_target('wait', 'ann', '2025-08-31', direction => 'at_least');
SELECT * FROM kra.propose_target('wait', 'ann', '2030-08-31', direction => 'at_least');
-- refused
SELECT * FROM kra.propose_target('nothing', 'sam');
SELECT * FROM kra.propose_target('demos', 'nobody');
SELECT * FROM kra.propose_target('share', 'ann');
SELECT * FROM kra.propose_target('share', 'ann', direction => 'up');
SELECT * FROM kra.propose_target('demos', 'sam', periods => 1);
SELECT * FROM kra.propose_target('demos', 'sam', ahead => 0);
SELECT * FROM kra.propose_target('demos', 'sam', as_of => NULL);
SELECT kra.set_target('demos', 'sam', '[3,5]', '2020-01-01');
SELECT * FROM kra.propose_target('demos', 'sam', '2020-01-01');
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
