-- What the checks of clients read: two teams, each with a reader who may log in, names that try
-- quoting and encoding, and values of every sort: none, zero, negative, large, ranges, no target.
-- The readers' password comes as a variable of psql.
\set ON_ERROR_STOP 1
\set QUIET 1
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION kra;
CREATE ROLE kra_bi_north LOGIN PASSWORD :'password';
CREATE ROLE kra_bi_south LOGIN PASSWORD :'password';
SELECT kra.grant_reader(r) FROM unnest('{kra_bi_north,kra_bi_south}'::name[]) r \g /dev/null
INSERT INTO kra.settings (fiscal_year_start_month, show_groups_above, min_group_size) VALUES (4, true, 1);

SELECT count(*) FROM kra.define($doc${
  "effective_from": "2025-01-01",
  "subjects": [
    {"key": "co", "name": "Çompany \"X\" / Y", "kind": "company"},
    {"key": "north", "name": "North", "kind": "team", "parent": "co", "role": "lead", "login": "kra_bi_north"},
    {"key": "south", "name": "South", "kind": "team", "parent": "co", "role": "lead", "login": "kra_bi_south"},
    {"key": "n'1", "name": "Anne-Marie O'Neill; DROP TABLE \"x\"; --", "kind": "person", "parent": "north", "role": "seller"},
    {"key": "n 2", "name": "李 小龙 🙂", "kind": "person", "parent": "north", "role": "seller"},
    {"key": "s\\1", "name": "מרים עוז", "kind": "person", "parent": "south", "role": "seller"},
    {"key": "s%_2", "name": "tab\there, {curly} ?", "kind": "person", "parent": "south", "role": "seller"}
  ],
  "objectives": [
    {"key": "grow", "name": "Grow", "subject": "co", "starts_on": "2026-01-01", "due_on": "2026-12-31"},
    {"key": "sell", "name": "Sell in the north", "parent": "grow", "subject": "north", "starts_on": "2026-01-01", "due_on": "2026-12-31"},
    {"key": "care", "name": "Care in the south", "parent": "grow", "subject": "south"}
  ],
  "roles": [
    {"key": "seller", "name": "Seller", "kras": [
      {"name": "Revenue", "perspective": "financial", "kpis": [
        {"key": "revenue", "name": "Revenue closed", "description": "Signed.", "kind": "outcome", "unit": "$", "value_format": "$#,##0", "objective": "sell", "owner": "north", "weight": 3, "target": ">= 30000 from 10000 threshold 20000 stretch 40000", "provenance": "history"},
        {"key": "margin", "name": "Margin", "kind": "outcome", "unit": "%", "over_time": "mean", "weight": 2, "target": "[10,20] within 5"},
        {"key": "debt", "name": "Overdue", "kind": "outcome", "over_time": "last", "weight": 1, "target": "<= 0"}]},
      {"name": "Effort", "perspective": "process", "kpis": [
        {"key": "calls", "name": "Calls 100% \"made\"", "kind": "activity", "drives": "revenue", "weight": 1, "target": ">= 400 from 100 since 2026-01-01 by 2026-12-31"},
        {"key": "visits", "name": "Visits", "kind": "activity", "weight": 0.1, "target": null}]}]},
    {"key": "lead", "name": "Lead", "kras": [
      {"name": "Team", "perspective": "people", "kpis": [
        {"key": "leavers", "name": "Leavers", "kind": "outcome", "cadence": "quarter", "weight": 1, "target": "<= 1"}]}]}
  ],
  "targets": [{"kpi": "revenue", "subject": "n 2", "target": ">= 15000", "provenance": "negotiated", "effective_from": "2026-02-15"}],
  "benchmarks": [{"kpi": "margin", "value": 14.5, "source": "The trade's \"yearbook\""}]
}$doc$) \g /dev/null
-- longer than a driver's first buffer
UPDATE kra.kpis SET description = repeat('Ünïcode, "quoted". ', 500) WHERE key = 'visits';

SELECT kra.record(kpi, s.key, (date '2025-10-15' + make_interval(months => month))::date, value::float8)
FROM (VALUES ('n''1', 1), ('n 2', 2), ('s\1', 3), ('s%_2', 4)) s (key, n), generate_series(0, 5) month,
     LATERAL (VALUES ('revenue', 12345.67 * s.n + 1000 * month), ('margin', s.n * 7.25 - 8 * (month % 2)), ('debt', CASE month % 3 WHEN 0 THEN 0 WHEN 1 THEN 1e15 ELSE -0.1 END),
                     ('calls', 380 + 10 * s.n + month), ('visits', 3 * s.n)) v (kpi, value)
WHERE (s.n + month) % 4 > 0 AND (kpi <> 'visits' OR month = 2) \g /dev/null
SELECT kra.record('leavers', team, (date '2025-11-15' + make_interval(months => 3 * q))::date, q) FROM unnest('{north,south}'::text[]) team, generate_series(0, 1) q \g /dev/null

SELECT kra.close_review('n''1', '2026-01', 'Well done.'), kra.close_review('s\1', '2026-01') \g /dev/null
INSERT INTO kra.milestones (objective_id, key, name, weight, due_on, completed_on, completion)
SELECT id, 'm' || n, 'Milestone ' || n, 1, date '2026-03-31' + n, CASE WHEN n = 1 THEN date '2026-03-30' END, (n = 1)::int FROM kra.objectives, generate_series(1, 2) n;
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT id, 'Call ' || name, id, '2026-04-30' FROM kra.subjects WHERE kind = 'person';
SELECT kra.waive(row_key, 'We know.', '2099-12-31') FROM (SELECT row_key FROM kra_bi.findings WHERE subject_key IS NULL ORDER BY row_key COLLATE "C" LIMIT 1) f \g /dev/null
SET SESSION AUTHORIZATION kra_bi_north;
SELECT kra.acknowledge('leavers', 'north', 'We can.') \g /dev/null
RESET SESSION AUTHORIZATION;
ANALYZE;
