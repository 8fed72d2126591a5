-- What kra is compared with: schema kra_flat, where tables of plain columns bear the names of the
-- views and their columns, as if somebody had copied the results once. Copying kra's own results
-- takes as long as kra does, so they are made from the measurements by plain GROUP BY: keys,
-- periods, values, targets, attainment, status and counts are each row's own; all other columns are
-- those of one person's row of the view, so that rows are as wide as a copy's. Pictures (_uri) are
-- left out: nobody keeps them in a table, and a flat table is the faster for it.
-- And schema kra_asked: the views, asked for the subjects that the restricted reader sees.
-- Variables: last, daily, cap.
SET client_min_messages = warning;
SET search_path = kra_bench, public;
-- Building them is not measured.
SET work_mem = '512MB';
SET jit = off;
CREATE SCHEMA kra_flat;
CREATE SCHEMA kra_asked;

-- The measurements of people and, added up, of their teams and the company, in all longer periods.
CREATE TEMPORARY TABLE own AS
SELECT s.key AS subject_key, t.key AS team_key, m.kpi_id, m.period_start, m.actual
FROM kra.measurements m
JOIN kra.subjects s ON s.id = m.subject_id
JOIN kra.placements p ON p.subject_id = s.id
JOIN kra.subjects t ON t.id = p.parent_id;
ANALYZE own;

CREATE TEMPORARY TABLE grain (
    place integer, grain text, months integer, span interval, label text);
INSERT INTO grain VALUES
    (1, 'day', NULL, '1 day', 'YYYY-MM-DD'),
    (2, 'week', NULL, '1 week', 'IYYY-"W"IW'),
    (3, 'month', 1, '1 month', 'YYYY-MM'),
    (4, 'quarter', 3, '3 months', 'YYYY-"Q"Q'),
    (5, 'half_year', 6, '6 months', 'YYYY-"from"MM'),
    (6, 'year', 12, '1 year', 'YYYY');

CREATE TEMPORARY TABLE added AS
SELECT o.subject_key, o.team_key AS parent_key, 'person' AS subject_kind, o.kpi_id, g.grain,
       CASE WHEN g.months IS NULL THEN date_trunc(g.grain, o.period_start)::date
            ELSE make_date(extract(year FROM o.period_start)::integer,
                           1 + (extract(month FROM o.period_start)::integer - 1)
                               / g.months * g.months, 1) END AS period_start,
       kra.rollup(o.actual) AS actual, count(*) AS parts, 1 AS members
FROM own o
JOIN kra.kpis k ON k.id = o.kpi_id
JOIN grain g ON g.place >= CASE k.cadence WHEN 'day' THEN 1 ELSE 3 END
GROUP BY 1, 2, 4, 5, 6;
ANALYZE added;
INSERT INTO added
SELECT o.parent_key, 'company', 'team', o.kpi_id, o.grain, o.period_start, kra.rollup(o.actual),
       sum(o.parts), count(*)
FROM added o
GROUP BY 1, 4, 5, 6;
INSERT INTO added
SELECT 'company', NULL, 'company', o.kpi_id, o.grain, o.period_start, kra.rollup(o.actual),
       sum(o.parts), sum(o.members)
FROM added o
WHERE o.subject_kind = 'team'
GROUP BY 4, 5, 6;

CREATE TEMPORARY TABLE line AS
WITH judged AS (
    SELECT a.*, k.key AS kpi_key, k.name AS kpi_name, c.weight, ra.name AS kra_name,
           kra.value(a.actual, k.over_time) AS actual_value,
           kra.target(c.target) * CASE WHEN k.over_time = 'sum' THEN a.parts ELSE 1 END
               AS target_value
    FROM added a
    JOIN kra.kpis k ON k.id = a.kpi_id
    JOIN kra.result_area_kpis c ON c.kpi_id = k.id
    JOIN kra.result_areas ra ON ra.id = c.result_area_id
), latest AS (
    SELECT a.kpi_id, a.grain, max(a.period_start) AS period_start
    FROM added a
    GROUP BY 1, 2
)
SELECT j.subject_key || '.' || j.kpi_key || '.' || j.grain || '.' || j.period_start AS row_key,
       j.subject_key, initcap(j.subject_key) AS subject_name, j.subject_kind, j.parent_key,
       initcap(j.parent_key) AS parent_name, j.kpi_key, j.kpi_name, j.kra_name,
       j.grain AS period_grain, j.period_start,
       (j.period_start + g.span - interval '1 day')::date AS period_end,
       to_char(j.period_start, g.label) AS period_label,
       j.period_start = l.period_start AS is_latest,
       j.weight AS weight_value, j.actual_value, j.target_value,
       j.actual_value / j.target_value AS attainment_pct,
       j.actual_value >= j.target_value AS is_on_target,
       CASE WHEN j.actual_value >= j.target_value THEN 1 ELSE 0 END AS on_target_count,
       CASE WHEN j.actual_value >= j.target_value THEN 'on_track'
            WHEN j.actual_value >= 0.9 * j.target_value THEN 'at_risk' ELSE 'off_track' END
           AS status,
       (ARRAY['improvement', 'concern'])[1 + (hashtext(j.subject_key) & 1)]
           AS signal_meaning
FROM judged j
JOIN grain g USING (grain)
JOIN latest l USING (kpi_id, grain);
ANALYZE line;

CREATE TEMPORARY TABLE area AS
SELECT l.subject_key || '.' || l.kra_name || '.' || l.period_grain || '.' || l.period_start
           AS row_key,
       l.subject_key, l.subject_name, l.subject_kind, l.parent_key, l.parent_name, l.kra_name,
       l.period_grain, l.period_start, l.period_end, l.period_label, l.is_latest,
       sum(l.weight_value) AS weight_value, count(*) AS kpi_count,
       sum(l.weight_value * greatest(0, least(1.2, l.attainment_pct))) / sum(l.weight_value)
           AS score_value
FROM line l
GROUP BY l.subject_key, l.subject_name, l.subject_kind, l.parent_key, l.parent_name, l.kra_name,
         l.period_grain, l.period_start, l.period_end, l.period_label, l.is_latest;

CREATE TEMPORARY TABLE card AS
SELECT a.subject_key || '.' || a.period_grain || '.' || a.period_start AS row_key,
       a.subject_key, a.subject_name, a.subject_kind, a.parent_key, a.parent_name,
       a.period_grain, a.period_start, a.period_end, a.period_label, a.is_latest,
       sum(a.weight_value * a.score_value) / sum(a.weight_value) AS score_value,
       sum(a.kpi_count) AS kpi_count,
       (ARRAY['balanced', 'busy_not_moving'])[1 + (hashtext(a.subject_key) & 1)] AS imbalance_flag
FROM area a
GROUP BY a.subject_key, a.subject_name, a.subject_kind, a.parent_key, a.parent_name,
         a.period_grain, a.period_start, a.period_end, a.period_label, a.is_latest;

-- Rows of the views, for their columns and for what only they have. A view that takes too long
-- leaves NULL there.
SET statement_timeout = :'cap';
CREATE TEMPORARY TABLE row_of_kpi_results AS SELECT * FROM kra_bi.kpi_results LIMIT 0;
CREATE TEMPORARY TABLE row_of_kra_results AS SELECT * FROM kra_bi.kra_results LIMIT 0;
CREATE TEMPORARY TABLE row_of_scorecards AS SELECT * FROM kra_bi.scorecards LIMIT 0;
CREATE TEMPORARY TABLE row_of_imbalances AS SELECT * FROM kra_bi.imbalances LIMIT 0;
INSERT INTO row_of_kpi_results
SELECT * FROM kra_bi.kpi_results
WHERE subject_key = 'person1' AND period_grain = 'month' AND period_start = :'last';
INSERT INTO row_of_kpi_results
SELECT * FROM kra_bi.kpi_results
WHERE subject_key = 'person_agent1' AND period_grain = 'year' AND period_start = :'daily';
INSERT INTO row_of_kra_results
SELECT * FROM kra_bi.kra_results
WHERE subject_key = 'person1' AND period_grain = 'month' AND period_start = :'last'
LIMIT 1;
INSERT INTO row_of_scorecards
SELECT * FROM kra_bi.scorecards
WHERE subject_key = 'person1' AND period_grain = 'month' AND period_start = :'last';
INSERT INTO row_of_imbalances
SELECT * FROM kra_bi.imbalances
WHERE subject_key = 'person1' AND period_grain = 'month' AND period_start = :'last';
RESET statement_timeout;

CREATE PROCEDURE make_flat(_view text, _source text, _on text) LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(CASE WHEN s.attname IS NOT NULL THEN format('s.%I', a.attname)
                           WHEN a.attname LIKE '%\_uri' THEN 'NULL'
                           ELSE format('t.%I', a.attname) END
                      || format('::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname),
                      ', ' ORDER BY a.attnum)
    INTO columns
    FROM pg_attribute a
    LEFT JOIN pg_attribute s ON s.attrelid = _source::regclass AND s.attname = a.attname
    WHERE a.attrelid = format('kra_bi.%I', _view)::regclass AND a.attnum > 0;
    EXECUTE format('CREATE TABLE kra_flat.%1$I AS '
                   'SELECT %2$s FROM %3$s s LEFT JOIN row_of_%1$s t ON %4$s',
                   _view, columns, _source, _on);
END $$;
CALL make_flat('kpi_results', 'line', 't.kpi_key = s.kpi_key');
CALL make_flat('kra_results', 'area', 'true');
CALL make_flat('scorecards', 'card', 'true');
CALL make_flat('imbalances', 'card', 'true');

-- Of the rest a copy as it is, unless that takes too long.
SET statement_timeout = :'cap';
CREATE TABLE kra_flat.dim_subject AS TABLE kra_bi.dim_subject;
CREATE TABLE kra_flat.dim_period AS TABLE kra_bi.dim_period;
CREATE TABLE kra_flat.group_results AS TABLE kra_bi.group_results;
CREATE TABLE kra_flat.findings AS TABLE kra_bi.findings;
CREATE TABLE kra_flat.due AS TABLE kra_bi.due;
RESET statement_timeout;

-- As somebody would index it who has these queries.
CREATE INDEX ON kra_flat.kpi_results (period_grain, period_start);
CREATE INDEX ON kra_flat.kpi_results (subject_key, period_start);
CREATE INDEX ON kra_flat.kra_results (period_grain, period_start);
CREATE INDEX ON kra_flat.scorecards (period_grain, period_start);
CREATE INDEX ON kra_flat.scorecards (period_start);
CREATE INDEX ON kra_flat.scorecards (subject_key, period_start);
CREATE INDEX ON kra_flat.imbalances (period_grain, period_start);

-- The owner asks for the restricted reader's subjects, as a filter list of a BI tool would.
CREATE PROCEDURE make_asked() LANGUAGE plpgsql AS $$
DECLARE
    view_name name;
    asked text[] := ARRAY(SELECT s.key
                          FROM kra.subjects s
                          LEFT JOIN kra.placements p ON p.subject_id = s.id
                          LEFT JOIN kra.subjects t ON t.id = p.parent_id
                          WHERE 'kra_bench_manager' IN (s.login, t.login));
BEGIN
    FOR view_name IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'kra_bi'::regnamespace AND c.relkind = 'v'
    LOOP
        EXECUTE format('CREATE VIEW kra_asked.%1$I WITH (security_invoker = true) AS '
                       'SELECT * FROM kra_bi.%1$I', view_name)
             || CASE WHEN EXISTS (SELECT FROM pg_attribute a
                                  WHERE a.attrelid = format('kra_bi.%I', view_name)::regclass
                                    AND a.attname = 'subject_key')
                     THEN format(' WHERE subject_key = ANY (%L::text[])', asked)
                     ELSE '' END;
    END LOOP;
END $$;
CALL make_asked();
VACUUM ANALYZE kra_flat.kpi_results, kra_flat.kra_results, kra_flat.scorecards,
    kra_flat.imbalances;
