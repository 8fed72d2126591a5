-- 9 of 12: the catalogue. So far every query named its target and its formula. A company wants them
-- written down once: who is scored, on what, against which target, and from which day on. These are
-- tables of the schema kra; a document fills them, and collect brings the numbers.
--
-- In words that this part uses: a subject is who or what is scored; subjects form a tree. A role
-- carries key result areas (KRA), each with its KPIs. A measurement is the summary of one KPI, one
-- subject and one period.
\ir look.sql

\echo ' 8. The catalogue: subjects, roles, KPIs and targets, written down once'
\echo ' ----------------------------------------------------------------------'

-- Where the KPIs read. A source is any table or view with the columns subject, at and value; a
-- ratio has a weight, too: sum of values / sum of weights, at every level. No fact is copied.
CREATE VIEW kra_demo.source_within_4h AS
SELECT org_code AS subject, period AS at, 100.0 * (attendances - breaches) AS value, attendances AS weight
FROM kra_demo.ae;

CREATE VIEW kra_demo.source_winter_4h AS
SELECT * FROM kra_demo.source_within_4h WHERE extract(month FROM at) IN (12, 1, 2);

CREATE VIEW kra_demo.source_attendances AS
SELECT org_code AS subject, period AS at, attendances AS value
FROM kra_demo.ae;

-- The document, as it could stand in git: all that people decide. Everything in it holds from
-- effective_from on; a later document changes what comes after, and never the past.
CREATE TABLE kra_demo.document AS SELECT $json$
{
  "effective_from": "2016-04-01",
  "settings": {"fiscal_year_start_month": 4},
  "objectives": [
    {"key": "kra_demo_timely", "name": "Nobody waits longer than four hours in accident and emergency", "subject": "england"}
  ],
  "subjects": [
    {"key": "england", "name": "England", "kind": "company", "role": "kra_demo_england"},
    {"key": "majors", "name": "Organisations with a major department", "kind": "team", "parent": "england"},
    {"key": "small_units", "name": "Walk-in centres and other small units", "kind": "team", "parent": "england"}
  ],
  "kpis": [
    {"key": "within_4h", "name": "% within 4 hours", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio",
     "description": "Patients admitted, transferred or discharged within 4 hours of arrival, per 100 who came; all departments.",
     "objective": "kra_demo_timely", "source": "kra_demo.source_within_4h"},
    {"key": "winter_4h", "name": "% within 4 hours, Dec to Feb", "kind": "outcome", "unit": "%", "over_time": "ratio", "over_subjects": "ratio",
     "description": "The same for patients who came in December, January or February.", "cadence": "year",
     "objective": "kra_demo_timely", "source": "kra_demo.source_winter_4h"},
    {"key": "attendances", "name": "attendances", "kind": "activity", "timing": "leading", "value_format": "#,##0",
     "description": "Patients who came, to all departments. More is busier, and neither better nor worse.",
     "objective": "kra_demo_timely", "source": "kra_demo.source_attendances"}
  ],
  "roles": [
    {"key": "kra_demo_england", "name": "The country as a whole",
     "kras": [
       {"name": "Timely care", "perspective": "customer",
        "kpis": [{"key": "within_4h", "weight": 3, "target": ">= 95", "provenance": "imposed"},
                 {"key": "winter_4h", "weight": 1, "target": ">= 95", "provenance": "imposed"}]},
       {"name": "Throughput", "perspective": "process", "kpis": [{"key": "attendances", "weight": 1}]}
     ]},
    {"key": "kra_demo_provider", "name": "Provider of emergency care",
     "purpose": "Sees everybody who comes, without a long wait.",
     "kras": [
       {"name": "Timely care", "perspective": "customer",
        "kpis": [{"key": "within_4h", "weight": 3, "target": ">= 95", "provenance": "imposed"},
                 {"key": "winter_4h", "weight": 1, "target": ">= 95", "provenance": "imposed"}]},
       {"name": "Throughput", "perspective": "process", "kpis": [{"key": "attendances", "weight": 1}]}
     ]}
  ]
}
$json$::jsonb AS people;

-- What tables know already need not be typed: the organisations, and what they have done before.
-- The mark for attendances is a month's share of the year before: "as busy as before". Only who can
-- be compared with that year has one (part 3). The others have no target; that is said, not hidden.
CREATE VIEW kra_demo.organisations AS
SELECT a.org_code, min(a.period) AS first_month, max(a.period) AS last_month, m.org_code IS NOT NULL AS is_major
FROM kra_demo.ae a
LEFT JOIN kra_demo.major m USING (org_code)
GROUP BY a.org_code, m.org_code;

CREATE VIEW kra_demo.marks AS
SELECT r.org_code AS subject, y.first_day AS effective_from, round((r.seen_before / 12)::numeric) AS monthly
FROM kra_demo.org_results r
JOIN kra_demo.years y USING (year)
JOIN kra_demo.comparable c USING (org_code)
WHERE c.class = 'steady' AND r.seen_before IS NOT NULL
UNION ALL
SELECT 'england', y.first_day, round((e.seen_before / 12)::numeric)
FROM kra_demo.england_results e
JOIN kra_demo.years y USING (year)
WHERE e.seen_before IS NOT NULL;

CREATE VIEW kra_demo.whole_document AS
SELECT people || jsonb_build_object(
    'subjects', people->'subjects' || (
        SELECT jsonb_agg(jsonb_build_object(
            'key', org_code, 'name', 'Organisation ' || org_code, 'kind', 'vendor', 'effective_from', first_month,
            'parent', CASE WHEN is_major THEN 'majors' ELSE 'small_units' END, 'role', 'kra_demo_provider') ORDER BY org_code)
        FROM kra_demo.organisations),
    'targets', (
        SELECT jsonb_agg(jsonb_build_object(
            'kpi', 'attendances', 'subject', subject, 'effective_from', effective_from, 'target', '>= ' || monthly,
            'provenance', 'history', 'note', 'monthly mean of the year before') ORDER BY subject, effective_from)
        FROM kra_demo.marks)) AS document
FROM kra_demo.document;

-- One call, all or nothing. dry_run would only say what it is going to do.
\echo
\echo ' kra.define(document): what the document made'
SELECT CASE d.object
           WHEN 'settings' THEN 'years start in April'
           WHEN 'objectives' THEN 'what all of it is for'
           WHEN 'subjects' THEN 'England, two groups, the organisations'
           WHEN 'placements' THEN 'who stands below whom, and since when'
           WHEN 'job_roles' THEN 'a role for England, one for organisations'
           WHEN 'result_areas' THEN 'KRAs of these roles'
           WHEN 'kpis' THEN 'two outcomes and one activity'
           WHEN 'result_area_kpis' THEN 'weight and common target of a KPI in a KRA'
           WHEN 'targets' THEN 'last year''s attendances as targets'
       END AS what, d.object AS "in table", count(*) AS rows, max(replace(d.row_key, 'kra_demo_', '')) AS "for instance"
FROM kra_demo.whole_document, kra.define(document) d
GROUP BY d.object
ORDER BY array_position('{settings,objectives,subjects,placements,job_roles,result_areas,kpis,result_area_kpis,targets}', d.object);

-- Time goes by: some organisations merged or closed. That is another document, in which nothing
-- stands but the change. The months before it keep the figures that they have.
\echo ' kra.define(document) again: nothing to do. A second document: who merged or closed, from the month after the last'
SELECT (SELECT count(*) FROM kra_demo.whole_document, kra.define(document)) AS "the same again",
       (SELECT count(*)
        FROM (SELECT jsonb_build_object('subjects', jsonb_agg(jsonb_build_object(
                         'key', org_code, 'is_active', false, 'effective_from', (last_month + interval '1 month')::date))) AS document
              FROM kra_demo.organisations WHERE last_month < '2019-03-01') m, kra.define(document)) AS "no longer there";

-- collect reads every source once, with the rights of the caller, and keeps one summary a KPI,
-- subject and period. A scheduler calls it every night; then it reads the latest periods alone.
\echo ' kra.collect(): from the facts to measurements'
SELECT kpi_key AS kpi, periods_read AS periods, rows_read AS "rows read", changed AS measurements, removed,
       unknown_count AS "unknown subjects", bad_values AS "bad values", coalesce(error, 'none') AS error
FROM kra.collect();

ANALYZE kra.subjects, kra.placements, kra_internal.subject_timeline, kra_internal.subject_ancestors, kra.targets, kra.measurements;
SELECT sum(changed) AS again FROM kra.collect("full" => true) \gset
\echo '  Once more from the first row: ' :again 'measurements differ. A source that fails is reported and stops no other.'
\echo