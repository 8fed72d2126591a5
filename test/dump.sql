-- What test/dump.sh dumps: a catalogue with a bit of everything, by an author, over some time.
\set ON_ERROR_STOP 1
\set QUIET 1
SET timezone = 'UTC';
SET client_min_messages = warning;

CREATE ROLE "kra dump ""reader""" LOGIN;
CREATE ROLE kra_dump_author LOGIN;
CREATE ROLE kra_dump_admin LOGIN;
CREATE ROLE kra_dump_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data;
CREATE ROLE kra_dump_owner LOGIN;
CREATE ROLE kra_dump_other LOGIN;
CREATE EXTENSION kra;
SELECT kra.grant_admin('kra_dump_admin');
SET SESSION AUTHORIZATION kra_dump_admin;
SELECT kra.grant_reader('kra dump "reader"');
RESET SESSION AUTHORIZATION;
SELECT kra.grant_author('kra_dump_author');
GRANT SELECT (rule, about) ON kra.waivers TO "kra dump ""reader""";
REVOKE EXECUTE ON FUNCTION kra.extension_version() FROM PUBLIC;

-- years from April, weeks from Sunday
SET SESSION AUTHORIZATION kra_dump_admin;
INSERT INTO kra.settings (min_group_size) VALUES (2);
UPDATE kra.settings SET fiscal_year_start_month = 4, week_start = 7;
INSERT INTO kra.rule_settings VALUES ('no_owner', false, NULL), ('silo', true, 0.1);

SET SESSION AUTHORIZATION kra_dump_author;
INSERT INTO kra.subjects (key, name, kind, login) VALUES
    ('co', 'The company', 'company', NULL), ('a', 'Team A', 'team', NULL), ('b', 'Team B', 'team', NULL),
    ('O''Brien "x"; --', E'O''Brien\n\\."', 'person', NULL), (E'tab\tnew\nline\\', E'\\N', 'person', NULL), ('Zürich–東京 🙂', 'ünïcode', 'person', NULL),
    ('\N', '\.', 'vendor', NULL), ('gone', 'who left', 'person', NULL);
SET SESSION AUTHORIZATION kra_dump_admin;
UPDATE kra.subjects SET login = 'kra dump "reader"' WHERE key = 'O''Brien "x"; --';
SET SESSION AUTHORIZATION kra_dump_author;
INSERT INTO kra.job_roles (key, name, purpose, level) VALUES ('rep', 'Sales rep', 'sell', '3'), ('lead', 'Lead "L"', E'lead\nothers', NULL);
INSERT INTO kra.objectives (key, name) VALUES ('child', 'Child');
INSERT INTO kra.objectives (key, name, description, subject_id, starts_on, due_on) VALUES ('parent', 'Parent', 'above', 1, '2024-04-01', '2027-03-31');
INSERT INTO kra.objective_parents VALUES (1, 2);
UPDATE kra.objectives SET name = 'The parent' WHERE key = 'parent';   -- lies behind its child now
INSERT INTO kra.kpis (key, name, kind, timing, unit, over_time, over_subjects, cadence, objective_id, state) VALUES
    ('calls', 'Calls', 'activity', 'leading', NULL, 'count', 'count', 'week', 1, 'active'),
    ('visits', 'Visits', 'activity', 'leading', NULL, 'sum', 'sum', 'week', 1, 'active'),
    ('sales', 'Sales', 'outcome', 'lagging', '$', 'sum', 'sum', 'month', 1, 'active'),
    ('margin', 'Margin', 'outcome', 'lagging', '%', 'ratio', 'ratio', 'quarter', 2, 'active'),
    ('people', 'Head "count"', 'outcome', 'lagging', NULL, 'last', 'sum', 'year', 2, 'active'),
    ('odd ''key"', 'not yet', 'outcome', 'lagging', NULL, 'mean', 'mean', 'month', NULL, 'candidate');
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, scale, scale_labels, influenceable_by, state, state_reason)
VALUES ('mood', 'Mood', 'outcome', 'ratio', 'ratio', 'ordinal', ARRAY['bad', E'"so, so"', E'{good}\\'], ARRAY['rep', 'O''Brien "x"; --'], 'active', E'it''s new');
INSERT INTO kra.kpi_drives SELECT k.id, o.id FROM kra.kpis k, kra.kpis o WHERE k.key IN ('calls', 'visits') AND o.key IN ('sales', 'margin');
UPDATE kra.kpis SET description = 'what is invoiced' WHERE key = 'sales';
INSERT INTO kra.kpi_owners SELECT id, '2024-01-01', 2 FROM kra.kpis;
INSERT INTO kra.kpi_owners VALUES (3, '2025-01-01', 4), (1, '2025-01-01', NULL);
INSERT INTO kra.result_areas (job_role_id, key, name, perspective, scope) VALUES (1, 'growth', 'Growth', 'financial', 'north'), (1, 'care', 'Customer "care"', 'customer', NULL), (2, 'team', 'Team', 'people', NULL);
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, provenance) VALUES
    (1, 3, '2024-01-01', 2, '>= 100 from 50 stretch 150', 'history'), (1, 4, '2024-01-01', 0.1, '>= 0.3', NULL), (1, 1, '2024-01-01', 0, '>= 3', 'imposed'),
    (2, 7, '2024-01-01', 1e-300, '>= 0.5', NULL), (3, 5, '2024-01-01', 1, '= 3', NULL), (3, 2, '2024-01-01', 1, '<= 9', NULL);
-- from one KRA to another on a day: sound together, not one by one
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, is_active)
VALUES (2, 1, '2025-06-01', 1, '>= 4', true), (1, 1, '2025-06-01', 0, NULL, false);
UPDATE kra.result_area_kpis SET target = '>= 110 from 50 stretch 150' WHERE kpi_id = 3;

-- moves, a leaver who comes back, and who was above whom: sound together, not one by one
INSERT INTO kra.placements VALUES (2, '2024-01-01', 1, 2, true), (3, '2024-01-01', 2, 2, true), (4, '2024-01-01', 2, 1, true), (5, '2024-01-01', 3, 1, true),
    (6, '2024-01-01', 3, 1, true), (7, '2024-01-01', 1, NULL, true), (8, '2024-01-01', 3, 1, true);
INSERT INTO kra.placements VALUES (2, '2026-02-01', 3, 2, true), (3, '2026-02-01', 1, 2, true);
INSERT INTO kra.placements VALUES (4, '2025-07-15', 3, 1, true), (8, '2025-03-10', NULL, NULL, false), (8, '2026-06-01', 2, 1, true);
UPDATE kra.placements SET effective_from = '2025-08-01' WHERE subject_id = 4 AND effective_from = '2025-07-15';
DELETE FROM kra.placements WHERE subject_id = 7;

INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, provenance, note) VALUES
    (3, 4, '2025-04-01', '>= 120', 'negotiated', E'it''s\n"fair"'), (3, 4, '2026-01-01', '>= 130 threshold 90', 'benchmark', NULL), (3, 5, '2025-04-01', NULL, NULL, 'none'),
    (4, 1, '2024-04-01', '[0.25,0.5]', 'market', NULL), (7, 6, '2025-01-01', '>= 0.6 from 0.2 by 2027-03-31 since 2025-04-01', NULL, NULL);
UPDATE kra.targets SET target = '>= 125' WHERE kpi_id = 3 AND effective_from = '2025-04-01' AND subject_id = 4;
INSERT INTO kra.benchmarks VALUES (3, '2024-01-01', 140, 'the "trade"'), (3, '2026-01-01', NULL, 'no longer known'), (4, '2024-01-01', 0.1 + 0.2, 'x');
INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on, completion, completed_on) VALUES (1, 'm1', 'First', 1, 4, '2026-01-31', 0.25, NULL), (1, 'm2', 'Second', 0.5, NULL, NULL, 1, '2025-12-31');
DELETE FROM kra.milestones WHERE key = 'm2';
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('stale', 'sales', 'it''s known', '2030-01-01');

RESET SESSION AUTHORIZATION;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, recorded_at, source)
SELECT k.id, s.id, kra_internal.grid_shift(k.grid, current_date, -n),
       (SELECT kra.actual_agg(hashint4(s.id * 1000 + n + i) / 7e8, kra_internal.grid_shift(k.grid, current_date, -n) + i) FROM generate_series(0, s.id % 3) i),
       now() - make_interval(days => n), CASE WHEN n % 2 = 0 THEN 'record' ELSE 'wh."odd rel"' END
FROM kra.kpis k, kra.subjects s, generate_series(0, 9) n
WHERE s.kind = 'person' AND k.state = 'active' AND (s.id + k.id + n) % 5 > 0
  AND n <= CASE k.cadence WHEN 'year' THEN 0 WHEN 'quarter' THEN 1 WHEN 'month' THEN 3 ELSE 9 END;
DELETE FROM kra.measurements WHERE kpi_id = 2 AND subject_id = 6;
SET SESSION AUTHORIZATION "kra dump ""reader""";
SELECT kra.acknowledge('sales', 'O''Brien "x"; --', E'mine\n') \g /dev/null
RESET SESSION AUTHORIZATION;
INSERT INTO kra.check_ins (subject_id, kpi_id, objective_id, comment) VALUES (4, 3, 1, E'well\\done'), (5, NULL, NULL, '🙂');
SELECT kra.close_review('O''Brien "x"; --', to_char(current_date - interval '2 months', 'YYYY-MM'), 'a "good" month') \g /dev/null
SELECT kra.close_review('co', to_char(current_date - interval '1 month', 'YYYY-MM')) \g /dev/null
INSERT INTO kra.actions (review_id, subject_id, kpi_id, description, owner_id, due_on, done_on, outcome) VALUES (1, 4, 3, 'call more', 4, '2026-12-31', NULL, NULL), (NULL, 5, NULL, 'rest', 4, '2026-01-31', '2026-02-01', 'rested');
SET SESSION AUTHORIZATION kra_dump_admin;
SELECT kra.notify_due() \g /dev/null
RESET SESSION AUTHORIZATION;
DELETE FROM kra.check_ins WHERE subject_id = 5;   -- a gap at the end of a sequence
INSERT INTO kra.subjects (key, name, kind) VALUES ('mistake', 'mistake', 'project');
DELETE FROM kra.subjects WHERE key = 'mistake';

-- what a company builds upon it
CREATE SCHEMA report;
CREATE TABLE report.goals (goal kra.kpi_target, kind kra.kpi_kind, card kra.scorecard, CHECK (goal <> '>= 0'::kra.kpi_target));
INSERT INTO report.goals SELECT '>= 1', 'outcome', card FROM kra.reviews;
CREATE INDEX ON report.goals (goal);
CREATE VIEW report.cards AS SELECT subject_key, period_label, score_value, kra.status(1, '>= 1') FROM kra_bi.scorecards;
CREATE MATERIALIZED VIEW report.results AS SELECT * FROM kra_bi.dim_subject;
GRANT SELECT ON report.cards TO "kra dump ""reader""";
GRANT USAGE, CREATE ON SCHEMA report TO "kra dump ""reader""";
