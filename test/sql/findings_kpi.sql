-- Findings about KPIs, and smart: each rule where it fires, where it is silent, at its threshold and just past it.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
DROP EXTENSION IF EXISTS pg_trgm;
CREATE SCHEMA t;
SET search_path = t, public;
\pset null '-'

-- Sam and Ann sell in the north, Kim leads, Bob has left, Eve is yet to come; nobody is a partner.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2025-01-01",
  "objectives": [{"key": "grow", "name": "Grow", "due_on": "2025-12-31"}, {"key": "below", "name": "Grow in the north", "parent": "grow"}, {"key": "open", "name": "Be liked"}],
  "subjects": [
    {"key": "acme", "name": "Acme", "kind": "company"},
    {"key": "north", "name": "North", "kind": "team", "parent": "acme", "login": "regress_kra_kim"},
    {"key": "sam", "name": "Sam", "kind": "person", "parent": "north", "role": "seller", "login": "regress_kra_sam"},
    {"key": "ann", "name": "Ann", "kind": "person", "parent": "north", "role": "seller"},
    {"key": "kim", "name": "Kim", "kind": "person", "parent": "acme", "role": "lead"},
    {"key": "bob", "name": "Bob", "kind": "person", "parent": "acme"},
    {"key": "eve", "name": "Eve", "kind": "person", "parent": "acme", "effective_from": "2026-01-01"}],
  "roles": [{"key": "seller", "name": "Seller", "kras": [{"name": "Sales", "kpis": []}]}, {"key": "lead", "name": "Lead", "kras": [{"name": "Team", "kpis": []}]},
            {"key": "partner", "name": "Partner", "kras": [{"name": "Far", "kpis": []}]}]
}');
SELECT count(*) AS left_on FROM kra.define('{"effective_from": "2025-05-01", "subjects": [{"key": "bob", "is_active": false}]}');

-- A KPI that nothing is wrong with, but for what is said; on the cards of these roles from a day on.
CREATE PROCEDURE kpi(key text, other jsonb DEFAULT '{}', roles text DEFAULT 'seller', target text DEFAULT '>= 10 from 5', since date DEFAULT '2025-01-01') LANGUAGE sql AS $$
    INSERT INTO kra.kpis (key, name, description, kind, timing, unit, over_time, over_subjects, cadence, objective_id, source_relation, stale_after_days, scale,
                          influenceable_by, state, state_reason, state_since, revisited_on)
    SELECT kpi.key, p.name, p.description, p.kind, p.timing, p.unit, p.over_time, coalesce(p.over_subjects, p.over_time), p.cadence,
           (SELECT o.id FROM kra.objectives o WHERE o.key = coalesce(d.j->>'objective', '')),
           p.source_relation, p.stale_after_days, p.scale, p.influenceable_by, p.state, p.state_reason, p.state_since, p.revisited_on
    FROM (SELECT jsonb_build_object('name', kpi.key, 'description', 'What is counted.', 'kind', 'outcome', 'timing', 'lagging', 'unit', 'items', 'over_time', 'sum', 'cadence', 'month',
                                    'objective', 'grow', 'source_relation', 'dw.facts', 'state', 'active', 'state_since', '2025-01-01') || kpi.other AS j) d,
         jsonb_populate_record(NULL::kra.kpis, d.j) p;
    INSERT INTO kra.kpi_drives SELECT k.id, o.id FROM kra.kpis k, kra.kpis o WHERE k.key = kpi.key AND o.key = kpi.other->>'drives';
    INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, target)
    SELECT a.id, k.id, kpi.since, kpi.target::kra.kpi_target FROM kra.kpis k, kra.job_roles r JOIN kra.result_areas a ON a.job_role_id = r.id WHERE k.key = kpi.key AND r.key = ANY (string_to_array(roles, ' '));
    INSERT INTO kra.kpi_owners (kpi_id, effective_from, subject_id)
    SELECT k.id, '2025-01-01', s.id FROM kra.kpis k JOIN kra.subjects s ON s.key = coalesce(kpi.other->>'owner', 'kim') WHERE k.key = kpi.key;
$$;
-- Values from a period on, one after the other; NULL: none.
CREATE PROCEDURE measured(key text, subject text, first_start date, VARIADIC vals float8[]) LANGUAGE sql AS $$
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
    SELECT k.id, s.id, kra_internal.grid_shift(k.grid, first_start, v.n::int - 1), kra.actual_agg(v.value, kra_internal.grid_shift(k.grid, first_start, v.n::int - 1))
    FROM kra.kpis k, kra.subjects s, unnest(vals) WITH ORDINALITY v (value, n) WHERE k.key = measured.key AND s.key = measured.subject AND v.value IS NOT NULL
    GROUP BY k.id, k.grid, s.id, v.n;
$$;
-- What a rule says of the KPIs whose keys begin so.
CREATE FUNCTION said(rule text, prefix text, as_of date DEFAULT '2025-06-30', threshold float8 DEFAULT NULL)
RETURNS TABLE (about text, severity text, message text, since text, evidence numeric) LANGUAGE sql STABLE AS $$
    SELECT f.about_key, f.severity, f.message, f.since::text, round(f.evidence::numeric, 6)::float8::numeric
    FROM kra.kpis k
    CROSS JOIN LATERAL kra_internal.findings_of_kpi(k.id, said.as_of, kra_internal.rule_limits() || CASE WHEN threshold IS NULL THEN '{}' ELSE jsonb_build_object(said.rule, threshold) END) f
    WHERE starts_with(k.key, prefix) AND f.rule = said.rule ORDER BY f.about_key COLLATE "C";
$$;

-- A KPI that nothing is wrong with
CALL kpi('fine');
CALL kpi('fine_lever', '{"kind": "activity", "timing": "leading", "drives": "fine", "objective": null}');
CALL measured('fine', 'sam', '2025-01-01', 5, 6, 7, 8, 9, 10);
CALL measured('fine_lever', 'sam', '2025-01-01', 5, 6, 7, 8, 9, 10);
SELECT k.key, f.rule, f.message FROM kra.kpis k, kra_internal.findings_of_kpi(k.id, '2025-06-30', kra_internal.rule_limits()) f;

-- no_leading_kpi, too_many_leading_kpis: 1 or 2 that are leading, active and on a card
CALL kpi('l0');
CALL kpi('l0_activity', '{"kind": "activity"}');
CALL kpi('l0_on_the_way', '{"timing": "leading", "drives": "l0_activity"}');
CALL kpi('l0_leads_nowhere', '{"timing": "leading"}');
CALL kpi('l0_off_card', '{"timing": "leading", "drives": "l0"}', roles => '');
CALL kpi('l0_retired', '{"timing": "leading", "drives": "l0", "state": "retired"}');
CALL kpi('l0_lags', '{"timing": "lagging", "drives": "l0", "kind": "activity"}');
CALL kpi('l1');
CALL kpi('l2');
CALL kpi('l3');
CALL kpi('m1', '{"timing": "leading", "drives": "l1", "kind": "activity"}');
CALL kpi('m2a', '{"timing": "leading", "drives": "l2", "kind": "activity"}');
CALL kpi('m2b', '{"timing": "leading", "drives": "l2", "kind": "activity"}');
CALL kpi('m3a', '{"timing": "leading", "drives": "l3", "kind": "activity"}');
CALL kpi('m3b', '{"timing": "leading", "drives": "l3", "kind": "outcome"}');
CALL kpi('m3c', '{"timing": "leading", "drives": "l3", "kind": "activity"}', roles => 'partner');
SELECT * FROM said('no_leading_kpi', 'l');
SELECT * FROM said('too_many_leading_kpis', 'l');
SELECT * FROM said('no_leading_kpi', 'l1', threshold => 2) UNION ALL SELECT * FROM said('too_many_leading_kpis', 'l2', threshold => 1);

-- orphan_kpi: an objective of its own, or of what it drives, or of what that drives; rings end
CALL kpi('o_none', '{"objective": null}');
CALL kpi('o_far', '{"objective": null, "drives": "fine_lever"}');
CALL kpi('o_chain', '{"objective": null, "drives": "o_none"}');
CALL kpi('o_ring1', '{"objective": null}');
CALL kpi('o_ring2', '{"objective": null, "drives": "o_ring1"}');
CALL kpi('o_ring3', '{"objective": null, "drives": "o_ring2"}');
INSERT INTO kra.kpi_drives SELECT a.id, b.id FROM kra.kpis a, kra.kpis b WHERE a.key = 'o_ring1' AND b.key = 'o_ring3';
-- of several that it drives, the nearest that measures one counts; then the first by its key
CALL kpi('o_two', '{"objective": null, "drives": "o_ring1"}');
INSERT INTO kra.kpi_drives SELECT a.id, b.id FROM kra.kpis a, kra.kpis b WHERE a.key = 'o_two' AND b.key IN ('o_chain', 'o_far');
SELECT * FROM said('orphan_kpi', 'o_') UNION ALL SELECT * FROM said('orphan_kpi', 'fine');
SELECT k.key, o.key AS reaches, r.by_way_of FROM kra.kpis k CROSS JOIN LATERAL kra_internal.objective_reached(k.id) r LEFT JOIN kra.objectives o ON o.id = r.objective_id WHERE k.key ~ '^(o_|fine)' ORDER BY k.key COLLATE "C";

-- no_owner, owner_gone: on the day; who is yet to come is not gone
CALL kpi('w_nobody', '{"owner": "-"}');
CALL kpi('w_bob', '{"owner": "bob"}');
CALL kpi('w_eve', '{"owner": "eve"}');
CALL kpi('w_until', '{"owner": "kim"}');
INSERT INTO kra.kpi_owners SELECT id, '2025-06-30', NULL FROM kra.kpis WHERE key = 'w_until';
SELECT * FROM said('no_owner', 'w_');
SELECT * FROM said('owner_gone', 'w_');
SELECT * FROM said('no_owner', 'w_', '2025-06-29') UNION ALL SELECT * FROM said('owner_gone', 'w_', '2025-05-01');
SELECT count(*) AS before_he_left FROM said('owner_gone', 'w_', '2025-04-30');

-- no_description, no_unit
CALL kpi('d_none', '{"description": null, "unit": null}');
CALL kpi('d_blank', '{"description": "  ", "unit": " "}');
CALL kpi('d_some');
SELECT 'description', * FROM said('no_description', 'd_') UNION ALL SELECT 'unit', * FROM said('no_unit', 'd_') ORDER BY 1, 2;

-- no_due_date: of a target in force, of the objective, or of one above it
CALL kpi('y_none', '{"objective": null}');
CALL kpi('y_open', '{"objective": "open"}');
CALL kpi('y_above', '{"objective": "below"}');
CALL kpi('y_driven', '{"objective": null, "drives": "y_above"}');
CALL kpi('y_target', '{"objective": "open"}', target => '>= 10 by 2025-12-31');
CALL kpi('y_own', '{"objective": "open"}');
CALL kpi('y_ended', '{"objective": "open"}', target => NULL);
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target)
SELECT k.id, s.id, v.at::date, v.target::kra.kpi_target FROM (VALUES ('y_own', '2025-01-01', '>= 10 by 2025-12-31'), ('y_ended', '2025-01-01', '>= 10 by 2025-12-31'), ('y_ended', '2025-06-30', NULL)) v (key, at, target)
JOIN kra.kpis k ON k.key = v.key JOIN kra.subjects s ON s.key = 'ann';
SELECT * FROM said('no_due_date', 'y_');
SELECT count(*) AS with_one_that_ends FROM said('no_due_date', 'y_ended', '2025-06-29');

-- no_context: a baseline, a benchmark, or two values of one subject
CALL kpi('x_none', target => '>= 10');
CALL kpi('x_from', target => '>= 10 from 4');
CALL kpi('x_own', target => '>= 10');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2025-01-01', '>= 10 from 4' FROM kra.kpis k, kra.subjects s WHERE k.key = 'x_own' AND s.key = 'sam';
CALL kpi('x_mark', target => '>= 10');
CALL kpi('x_mark_ended', target => '>= 10');
INSERT INTO kra.benchmarks SELECT k.id, v.at::date, v.value, 'A survey.' FROM (VALUES ('x_mark', '2025-01-01', 12), ('x_mark_ended', '2025-01-01', 12), ('x_mark_ended', '2025-06-30', NULL)) v (key, at, value) JOIN kra.kpis k ON k.key = v.key;
CALL kpi('x_two', target => '>= 10');
CALL measured('x_two', 'sam', '2025-05-01', 3, 4);
CALL kpi('x_two_others', target => '>= 10');
CALL measured('x_two_others', 'sam', '2025-05-01', 3);
CALL measured('x_two_others', 'ann', '2025-06-01', 3);
SELECT * FROM said('no_context', 'x_');
SELECT about FROM said('no_context', 'x_', '2025-05-31');

-- no_cadence: half of the periods that are over, of at least 3
CALL kpi('c_two');
CALL measured('c_two', 'sam', '2025-01-01', 1, NULL, 3);
CALL kpi('c_half');
CALL measured('c_half', 'sam', '2025-01-01', 1, NULL);
CALL measured('c_half', 'ann', '2025-03-01', 1, NULL, NULL, 3);
CALL kpi('c_quarters', '{"cadence": "quarter"}');
CALL measured('c_quarters', 'sam', '2024-01-01', 1, NULL, NULL, NULL, 4);
CALL kpi('c_days', '{"cadence": "day"}');
CALL measured('c_days', 'sam', '2025-06-28', 1);
SELECT * FROM said('no_cadence', 'c_', '2025-02-27');
SELECT * FROM said('no_cadence', 'c_', '2025-04-30');
SELECT v.day, count(s.about) AS said FROM (VALUES (date '2025-02-28'), ('2025-03-31')) v (day) LEFT JOIN LATERAL said('no_cadence', 'c_two', v.day, threshold => 0.9) s ON true GROUP BY 1 ORDER BY 1;
SELECT * FROM said('no_cadence', 'c_', '2025-05-31');
SELECT * FROM said('no_cadence', 'c_', '2025-06-29');
SELECT * FROM said('no_cadence', 'c_', '2025-06-30');

-- no_source: a warning where nothing was ever measured, info where it is entered by hand
CALL kpi('s_bound');
CALL kpi('s_never', '{"source_relation": null}');
CALL kpi('s_hand', '{"source_relation": null}');
CALL measured('s_hand', 'sam', '2025-06-01', 1);
SELECT * FROM said('no_source', 's_');
SELECT * FROM said('no_source', 's_', '2025-05-31');

-- stale_data: 45 days after the end of a month, or as the KPI says; a period that runs is known to its last value; what was never measured is silent
CALL kpi('z_month');
CALL measured('z_month', 'sam', '2025-01-01', 1, 1);
CALL measured('z_month', 'ann', '2025-01-01', 1);
CALL kpi('z_strict', '{"stale_after_days": 0}');
CALL measured('z_strict', 'sam', '2025-03-01', 1);
CALL kpi('z_year', '{"cadence": "year", "stale_after_days": 30}');
CALL measured('z_year', 'sam', '2025-01-01', 1);
CALL kpi('z_never');
SELECT * FROM said('stale_data', 'z_', '2025-01-31');
SELECT * FROM said('stale_data', 'z_', '2025-02-01');
SELECT * FROM said('stale_data', 'z_', '2025-03-31');
SELECT * FROM said('stale_data', 'z_', '2025-04-01');
SELECT * FROM said('stale_data', 'z_month', '2025-04-14');
SELECT * FROM said('stale_data', 'z_month', '2025-04-15');

-- qualitative_without_scale: by its name or unit, entered by hand, and no amount
CALL kpi('q_name', '{"source_relation": null, "over_time": "mean", "unit": "%", "name": "Demo Quality"}');
CALL kpi('q_ppm', '{"source_relation": null, "over_time": "mean", "unit": "ppm", "name": "Water quality"}');
CALL kpi('q_unit', '{"source_relation": null, "over_time": "last", "unit": "points"}');
CALL kpi('q_of_five', '{"source_relation": null, "over_time": "mean", "unit": "1 to 5"}');
CALL kpi('q_source', '{"over_time": "mean", "name": "Demo quality"}');
CALL kpi('q_scale', '{"source_relation": null, "over_time": "ratio", "scale": "csat_mean", "name": "Demo quality"}');
CALL kpi('q_amount', '{"source_relation": null, "over_time": "sum", "name": "Feedback given"}');
CALL kpi('q_points', '{"source_relation": null, "over_time": "last", "unit": "percentage points"}');
CALL kpi('q_other', '{"source_relation": null, "over_time": "mean", "name": "Equality of pay"}');
SELECT * FROM said('qualitative_without_scale', 'q_');

-- not_influenceable: the owner, those above it, its role; roles by their key, or by somebody who holds them
CALL kpi('i_unsaid');
CALL kpi('i_owner', '{"influenceable_by": ["kim"]}', roles => 'lead');
CALL kpi('i_above', '{"influenceable_by": ["acme"]}');
CALL kpi('i_role', '{"influenceable_by": ["lead"]}', roles => 'lead');
CALL kpi('i_not_owner', '{"influenceable_by": ["north"]}');
CALL kpi('i_not_role', '{"influenceable_by": ["kim"]}');
CALL kpi('i_holder', '{"influenceable_by": ["sam", "kim"]}');
CALL kpi('i_neither', '{"influenceable_by": ["bob", "eve", "gone", "other"]}', roles => 'seller lead');
CALL kpi('i_nobody', '{"influenceable_by": []}', roles => 'seller');
CALL kpi('i_unheld', '{"influenceable_by": ["kim"]}', roles => 'partner');
CALL kpi('i_unowned', '{"influenceable_by": ["seller"], "owner": "-"}');
SELECT * FROM said('not_influenceable', 'i_');

-- kpi_not_revisited: 6 months after the newest of all that is set
CALL kpi('r_old');
CALL kpi('r_card', since => '2025-03-01');
CALL kpi('r_asked', '{"revisited_on": "2025-03-01"}');
CALL kpi('r_state', '{"state_since": "2025-03-01"}');
CALL kpi('r_target');
CALL kpi('r_owner');
CALL kpi('r_mark');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2025-03-01', '>= 11' FROM kra.kpis k, kra.subjects s WHERE k.key = 'r_target' AND s.key = 'sam';
INSERT INTO kra.kpi_owners SELECT k.id, '2025-03-01', s.id FROM kra.kpis k, kra.subjects s WHERE k.key = 'r_owner' AND s.key = 'sam';
INSERT INTO kra.benchmarks SELECT k.id, '2025-03-01', 1, 'A survey.' FROM kra.kpis k WHERE k.key = 'r_mark';
SELECT * FROM said('kpi_not_revisited', 'r_', '2025-07-01');
SELECT * FROM said('kpi_not_revisited', 'r_', '2025-07-02');
SELECT count(*) AS still FROM said('kpi_not_revisited', 'r_', '2025-09-01');
SELECT * FROM said('kpi_not_revisited', 'r_', '2025-09-02');

-- candidate_undecided: 90 days; retired_on_card
CALL kpi('e_candidate', '{"state": "candidate"}', roles => '');
SELECT * FROM said('candidate_undecided', 'e_', '2025-04-01');
SELECT * FROM said('candidate_undecided', 'e_', '2025-04-02');
SELECT f.rule FROM kra.kpis k, kra_internal.findings_of_kpi(k.id, '2025-06-30', kra_internal.rule_limits()) f WHERE k.key = 'e_candidate';
CALL kpi('f_retired', '{"state": "retired", "state_since": "2025-05-01", "state_reason": "Measures nothing."}', roles => 'seller lead');
CALL kpi('f_off', '{"state": "retired"}', roles => '');
SELECT * FROM said('retired_on_card', 'f_');
SELECT (SELECT count(*) FROM said('retired_on_card', 'f_', '2025-05-01')) AS that_day, (SELECT count(*) FROM said('retired_on_card', 'f_', '2025-04-30')) AS before;
SELECT f.rule FROM kra.kpis k, kra_internal.findings_of_kpi(k.id, '2025-12-31', kra_internal.rule_limits()) f WHERE k.key ~ '^f_';
UPDATE kra.result_area_kpis rk SET is_active = false FROM kra.kpis k WHERE k.id = kpi_id AND k.key = 'f_retired';
SELECT count(*) AS taken_off FROM said('retired_on_card', 'f_');
-- on no card, an active KPI has nothing
CALL kpi('g_uncarded', '{"objective": null, "description": null, "owner": "-"}', roles => '');
SELECT count(*) AS uncarded FROM kra.kpis k, kra_internal.findings_of_kpi(k.id, '2025-06-30', kra_internal.rule_limits()) f WHERE k.key = 'g_uncarded';

-- silo: the same name, unit and subject, and another value by more than 1 %, within 6 periods
CALL kpi('n01', '{"name": "Deals won"}');
CALL kpi('n02', '{"name": "Deals Won!"}');
CALL kpi('n03', '{"name": "deals won", "unit": "$"}');
CALL kpi('n04', '{"name": "deals won", "unit": "$", "cadence": "quarter"}');
CALL kpi('n05', '{"name": "deals won", "unit": null}');
CALL kpi('n06', '{"name": "deals-won", "unit": null}');
CALL kpi('n07', '{"name": "deals won", "unit": "k", "state": "candidate"}', roles => '');
CALL kpi('n08', '{"name": "deals won", "unit": "k"}');
CALL kpi('n09', '{"name": "deals won", "unit": "old"}');
CALL kpi('n10', '{"name": "deals won", "unit": "old"}');
CALL kpi('n11', '{"name": "deals won", "unit": "zero"}');
CALL kpi('n12', '{"name": "deals won", "unit": "zero"}');
CALL kpi('n13', '{"name": "deals won", "unit": "uncarded"}');
CALL kpi('n14', '{"name": "deals won", "unit": "uncarded"}', roles => '');
CALL kpi('n15', '{"name": "Revenue from customers", "unit": "like"}');
CALL kpi('n16', '{"name": "Revenues from customers", "unit": "like"}');
CALL measured('n01', 'sam', '2025-05-01', 100, 100);
CALL measured('n01', 'ann', '2025-05-01', 100);
CALL measured('n02', 'sam', '2025-05-01', 99, 101);
CALL measured('n02', 'ann', '2025-05-01', 98.9);
CALL measured('n03', 'sam', '2025-05-01', 7);
CALL measured('n04', 'sam', '2025-04-01', 8);
CALL measured('n05', 'sam', '2025-05-01', 10, 20);
CALL measured('n05', 'ann', '2025-05-01', 10, 20);
CALL measured('n06', 'sam', '2025-05-01', 11, 30);
CALL measured('n06', 'ann', '2025-05-01', 10, 19);
CALL measured('n07', 'sam', '2025-05-01', 1);
CALL measured('n08', 'sam', '2025-05-01', 2);
CALL measured('n09', 'sam', '2024-12-01', 1, 2, 3, 4, 5, 6, 7);
CALL measured('n10', 'sam', '2024-12-01', 9, 2, 3, 4, 5, 6, 7);
CALL measured('n11', 'sam', '2025-05-01', 0, 0);
CALL measured('n12', 'sam', '2025-05-01', 0, 0);
CALL measured('n13', 'sam', '2025-05-01', 1);
CALL measured('n14', 'sam', '2025-05-01', -1);
CALL measured('n15', 'sam', '2025-05-01', 1);
CALL measured('n16', 'sam', '2025-05-01', 2);
SELECT * FROM said('silo', 'n');
SELECT * FROM said('silo', 'n02', threshold => 0.011);
SELECT about FROM said('silo', 'n', '2025-05-31');
CREATE EXTENSION pg_trgm;
SELECT round(similarity('Revenue from customers', 'Revenues from customers')::numeric, 2) AS alike;
SELECT * FROM said('silo', 'n15') UNION ALL SELECT * FROM said('silo', 'n16');
UPDATE kra.kpis SET name = 'Revenue of customers' WHERE key = 'n16';
SELECT similarity('Revenue from customers', 'Revenue of customers') >= 0.8 AS alike, (SELECT count(*) FROM said('silo', 'n16')) AS said;
-- names that a number, a letter or a sign tells apart are not the same
CREATE TEMP VIEW same_names AS
SELECT v.a, v.b, kra_internal.plain_name(v.a) = kra_internal.plain_name(v.b) AS plain, kra_internal.name_marks(v.a) = kra_internal.name_marks(v.b) AS marks, similarity(v.a, v.b) >= 0.8 AS alike
FROM (VALUES ('Tickets < 24 h', 'Tickets > 24 h'), ('Defects C++', 'Defects C#'), ('Response within 1.5 h', 'Response within 15 h'), ('Accidents in the plant 1', 'Accidents in the plant 2'),
             ('Revenue of product line A', 'Revenue of product line B'), ('Revenue from customers, EU', 'Revenue from customers, US'), ('Deals won', 'deals - Won!'), ('No-shows', 'No shows')) v (a, b);
SELECT * FROM same_names;
DROP VIEW same_names;
UPDATE kra.kpis SET name = 'Revenue of product line ' || CASE key WHEN 'n15' THEN 'A' ELSE 'B' END WHERE key IN ('n15', 'n16');
SELECT count(*) AS said FROM said('silo', 'n15') UNION ALL SELECT count(*) FROM said('silo', 'n16');
DROP EXTENSION pg_trgm;

-- vanity_activity: 12 pairs or more, and nothing to show for it
CALL kpi('v_out', target => '>= 10');
CALL kpi('v_vain', '{"kind": "activity", "timing": "leading", "drives": "v_out"}');
CALL kpi('v_drives', '{"kind": "activity", "timing": "leading", "drives": "v_out"}');
CALL kpi('v_constant', '{"kind": "activity", "timing": "leading", "drives": "v_out"}');
CALL kpi('v_short', '{"kind": "activity", "timing": "leading", "drives": "v_out"}');
CALL kpi('v_outcome', '{"timing": "leading", "drives": "v_out"}');
CALL kpi('v_idle', '{"kind": "activity", "timing": "leading"}');
CALL measured('v_out', 'sam', '2025-01-01', 3, 8, 1, 9, 4, 2, 7, 5, 6, 1, 8, 3);
CALL measured('v_out', 'ann', '2025-01-01', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
CALL measured('v_vain', 'sam', '2025-01-01', 5, 1, 5, 1, 9, 5, 5, 1, 9, 1, 5, 9);
CALL measured('v_vain', 'ann', '2025-01-01', 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2);
CALL measured('v_drives', 'sam', '2025-01-01', 30, 80, 10, 90, 40, 20, 70, 50, 60, 10, 80, 30);
CALL measured('v_constant', 'sam', '2025-01-01', 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
CALL measured('v_short', 'sam', '2025-02-01', 1, 5, 1, 9, 5, 5, 1, 9, 1, 5, 9);
CALL measured('v_outcome', 'sam', '2025-01-01', 5, 1, 5, 1, 9, 5, 5, 1, 9, 1, 5, 9);
CALL measured('v_idle', 'sam', '2025-01-01', 5, 1, 5, 1, 9, 5, 5, 1, 9, 1, 5, 9);
SELECT * FROM said('vanity_activity', 'v_', '2025-12-31');
SELECT count(*) AS at_13 FROM said('vanity_activity', 'v_', '2025-12-31', threshold => 13);
SELECT count(*) AS before_the_last_is_over FROM said('vanity_activity', 'v_', '2025-12-30');

-- what it goes by: the sum, mean, ... of all, as the company's own series has it; also with groups that are measured themselves, of weeks in months, and of what a reader sees
CREATE TABLE ways AS
SELECT o AS over_time, s AS over_subjects, 'p' || row_number() OVER () AS key FROM unnest('{sum,mean,ratio,last,min,max,count}'::text[]) o, unnest('{sum,mean,ratio,last,min,max,count}'::text[]) s
WHERE o = s OR (o <> 'ratio' AND s IN ('sum', 'mean', 'min', 'max'));
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, cadence) SELECT w.key || c, w.key || c, 'outcome', w.over_time, w.over_subjects, c FROM ways w, unnest('{week,month}'::text[]) c;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, kra_internal.grid_start(k.grid, d::date), kra.actual_agg((abs(hashint8(k.id * 1000 + s.id * 17 + extract(doy FROM d)::int)) % 100)::float8, d, 1 + s.id::float8)
FROM kra.kpis k JOIN ways w ON starts_with(k.key, w.key) AND k.key IN (w.key || 'week', w.key || 'month'), kra.subjects s, generate_series(timestamp '2025-01-06', '2025-06-29', interval '1 day') d
WHERE s.key IN ('sam', 'ann', 'kim') OR (s.key = 'north' AND extract(month FROM d) IN (2, 5) AND k.id % 2 = 0)
GROUP BY k.id, s.id, kra_internal.grid_start(k.grid, d::date);
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target)   -- a last value counts for those who carry the KPI
SELECT k.id, s.id, '2025-01-01', '>= 1' FROM kra.kpis k JOIN ways w ON w.over_time = 'last' AND k.key IN (w.key || 'week', w.key || 'month'), kra.subjects s WHERE s.key IN ('sam', 'ann', 'kim', 'north');
SELECT count(*) AS compared, count(*) FILTER (WHERE a.actual IS NULL OR b.actual IS NULL OR abs(a.actual - b.actual) > 1e-9 * abs(a.actual)) AS different
FROM kra.kpis k CROSS JOIN unnest('{week,month,quarter}'::kra_internal.grid[]) g (grid) CROSS JOIN (SELECT id FROM kra.subjects WHERE key = 'acme') s
CROSS JOIN LATERAL (SELECT coalesce(a.period_start, b.period_start), a.actual, b.actual
    FROM (SELECT * FROM kra_internal.series(k.id, s.id, g.grid, '2025-01-01', '2025-06-30') x WHERE kra_internal.last_part_end(g.grid, k.grid, x.period_start) <= '2025-06-30') a
    FULL JOIN kra_internal.pooled_series(k.id, g.grid, '2025-01-01', '2025-06-30') b ON b.period_start = a.period_start) c (period_start, a, b)
CROSS JOIN LATERAL (SELECT c.a AS actual) a CROSS JOIN LATERAL (SELECT c.b AS actual) b
WHERE k.key ~ '^p[0-9]+(week|month)$' AND g.grid >= k.grid;

-- Who sees less is told of what he sees: nothing of owners, of who can move it, of what was never measured
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_boss;
SELECT kra.grant_reader('regress_kra_sam'), kra.grant_author('regress_kra_boss');
GRANT USAGE ON SCHEMA t TO regress_kra_sam, regress_kra_boss;
SET ROLE regress_kra_sam;
SELECT about, message FROM said('owner_gone', 'w_') UNION ALL SELECT about, message FROM said('not_influenceable', 'i_');
SELECT * FROM said('no_source', 's_');
SELECT about, message FROM said('no_context', 'x_');
SELECT about, message FROM said('no_cadence', 'c_') UNION ALL SELECT about, message FROM said('stale_data', 'z_', '2025-12-31');
SELECT about, message FROM said('silo', 'n');
SELECT about, evidence FROM said('vanity_activity', 'v_', '2025-12-31');
RESET ROLE;
SET ROLE regress_kra_boss;
SELECT (SELECT count(*) FROM said('owner_gone', 'w_')) AS gone, (SELECT count(*) FROM said('not_influenceable', 'i_')) AS not_theirs, (SELECT count(*) FROM said('silo', 'n')) AS silos, (SELECT count(*) FROM said('no_source', 's_')) AS no_source;
RESET ROLE;

-- all rules of KPIs have fired here, each with its own thing, once
SELECT count(DISTINCT f.rule) AS rules, count(*) - count(DISTINCT (f.rule, f.about_kind, f.about_key)) AS twice, count(*) FILTER (WHERE f.about_kind <> r.about_kind) AS of_another_kind,
       count(*) FILTER (WHERE (f.evidence IS NULL) <> (r.threshold IS NULL)) AS odd_evidence
FROM kra.kpis o CROSS JOIN LATERAL kra_internal.findings_of_kpi(o.id, '2025-12-31', kra_internal.rule_limits()) f JOIN kra_internal.built_in_rules() r ON r.rule = f.rule;
SELECT r.rule AS never FROM kra_internal.built_in_rules() r WHERE r.about_kind = 'kpi'
AND r.rule NOT IN (SELECT f.rule FROM kra.kpis o CROSS JOIN (VALUES (date '2025-06-30'), ('2025-12-31')) v (d) CROSS JOIN LATERAL kra_internal.findings_of_kpi(o.id, v.d, kra_internal.rule_limits()) f);
-- whatever the thresholds are, and however early or late it is
SELECT v.threshold, v.day, count(*) > 0 AS some FROM (VALUES (0, date '2025-12-31'), (1e9, '2025-12-31'), (1, '1950-01-01'), (1, '9000-01-01')) v (threshold, day)
CROSS JOIN LATERAL (SELECT jsonb_object_agg(r.rule, CASE WHEN r.threshold IS NOT NULL THEN v.threshold END) AS limits FROM kra_internal.built_in_rules() r) l
CROSS JOIN kra.kpis o CROSS JOIN LATERAL kra_internal.findings_of_kpi(o.id, v.day, l.limits) f GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS off FROM kra.kpis o CROSS JOIN LATERAL kra_internal.findings_of_kpi(o.id, '2025-12-31', '{}') f;
SELECT count(*) AS none FROM kra_internal.findings_of_kpi(-1, '2025-12-31', kra_internal.rule_limits()) f;

-- smart: five answers, of the KPI and of the targets of those who carry it
CALL measured('fine', 'ann', '2025-01-01', 5, 6, 7, 8, 9, 10);
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, target) SELECT k.id, s.id, '2025-01-02', '>= 10 from 5' FROM kra.kpis k, kra.subjects s WHERE k.key = 'fine' AND s.key IN ('sam', 'ann');
SELECT * FROM kra.smart('fine', '2025-06-30');
SELECT * FROM kra.smart('fine_lever', '2025-06-30');
CALL kpi('dull', '{"objective": null, "description": null, "unit": null, "owner": "-", "source_relation": null, "over_time": "mean", "name": "Satisfaction"}', target => NULL);
SELECT * FROM kra.smart('dull', '2025-06-30');
CALL measured('s_hand', 'ann', '2025-06-01', 1);
SELECT * FROM kra.smart('s_hand', '2025-06-30') WHERE place = 2;
SELECT * FROM kra.smart('e_candidate', '2025-06-30');
SELECT place, is_met FROM kra.smart('g_uncarded', '2025-06-30');
SELECT * FROM kra.smart('nothing', '2025-06-30');
SELECT * FROM kra.smart('fine', NULL);
SELECT * FROM kra.smart('fine', 'infinity');
-- what is off is no reason
INSERT INTO kra.rule_settings (rule, is_enabled) VALUES ('no_owner', false), ('no_context', false), ('no_unit', false), ('no_description', false), ('no_target', false);
SELECT place, is_met, reason FROM kra.smart('dull', '2025-06-30') WHERE place IN (1, 3);
DELETE FROM kra.rule_settings;

-- of many, the targets of 50
INSERT INTO kra.subjects (key, name, kind) SELECT 'p' || to_char(i, 'FM00'), 'Partner ' || i, 'person' FROM generate_series(1, 50) i;
INSERT INTO kra.placements (subject_id, effective_from, job_role_id) SELECT s.id, '2025-01-01', r.id FROM kra.subjects s, kra.job_roles r WHERE s.key ~ '^p[0-9]' AND r.key = 'partner';
CALL kpi('of_partners', roles => 'partner');
SELECT place, reason FROM kra.smart('of_partners', '2025-06-30') WHERE place IN (1, 3);
INSERT INTO kra.subjects (key, name, kind) VALUES ('p51', 'Partner 51', 'person');
INSERT INTO kra.placements (subject_id, effective_from, job_role_id) SELECT s.id, '2025-01-01', r.id FROM kra.subjects s, kra.job_roles r WHERE s.key = 'p51' AND r.key = 'partner';
SELECT place, reason FROM kra.smart('of_partners', '2025-06-30') WHERE place IN (1, 3);
SET ROLE regress_kra_sam;
SELECT place, is_met, reason FROM kra.smart('fine', '2025-06-30') WHERE place IN (1, 3);
RESET ROLE;

SELECT kra.revoke_reader('regress_kra_sam'), kra.revoke_author('regress_kra_boss');
REVOKE ALL ON SCHEMA t FROM regress_kra_sam, regress_kra_boss;
DROP ROLE regress_kra_sam;
DROP ROLE regress_kra_boss;
DROP SCHEMA t CASCADE;
