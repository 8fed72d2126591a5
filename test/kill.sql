-- what test/kill.sh works on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION kra;
CREATE SCHEMA facts;
CREATE TABLE facts.sales (subject text, at date, value double precision);
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2020-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company"},
               {"key": "p", "name": "P", "kind": "person", "parent": "co", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Revenue", "kpis": [
    {"key": "daily", "name": "Daily", "kind": "activity", "cadence": "day", "target": ">= 1"},
    {"key": "sales", "name": "Sales", "kind": "outcome", "target": ">= 1", "source": "facts.sales"}]}]}]}');

-- What is there in halves, or is lost of what was acknowledged: a line each. The numbers of what was
-- acknowledged stand in kill.acknowledged, by kind.
CREATE SCHEMA kill;
CREATE TABLE kill.acknowledged (kind text, n integer);
CREATE FUNCTION kill.state(_kind text, _n integer) RETURNS text LANGUAGE sql AS $$
    SELECT CASE _kind
        WHEN 'record' THEN (
            SELECT CASE count(*) WHEN 0 THEN 'nothing' ELSE 'all' END
            FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id
            WHERE k.key = 'daily' AND m.period_start = date '2020-01-01' + _n
              AND kra.value(m.actual, 'sum') = _n)
        WHEN 'check_in' THEN (
            SELECT CASE count(*) WHEN 0 THEN 'nothing' WHEN 1 THEN 'all' ELSE 'twice' END
            FROM kra.check_ins WHERE comment = 'comment ' || _n)
        WHEN 'review' THEN (
            SELECT CASE WHEN count(r.id) = 0 AND count(a.id) = 0 THEN 'nothing'
                        WHEN count(DISTINCT r.id) = 1 AND count(a.id) = 2 THEN 'all' ELSE 'half' END
            FROM (SELECT * FROM kra.reviews WHERE summary = 'summary ' || _n) r
            FULL JOIN (SELECT * FROM kra.actions WHERE description ~ ('^action ' || _n || '[ab]$')) a
                ON a.review_id = r.id)
        WHEN 'define' THEN (
            SELECT CASE parts WHEN 0 THEN 'nothing' WHEN 9 THEN 'all' ELSE parts || ' of 9 parts' END
            FROM (SELECT (SELECT count(*) FROM kra.subjects WHERE key = 's' || _n)
                       + (SELECT count(*) FROM kra.job_roles WHERE key = 'r' || _n)
                       + (SELECT count(*) FROM kra.kpis WHERE key IN ('a' || _n, 'b' || _n))
                       + (SELECT count(*) FROM kra.placements p JOIN kra.subjects s ON s.id = p.subject_id WHERE s.key = 's' || _n)
                       + (SELECT count(*) FROM kra.targets t JOIN kra.subjects s ON s.id = t.subject_id WHERE s.key = 's' || _n)
                       + (SELECT count(*) FROM kra_internal.subject_timeline t JOIN kra.subjects s ON s.id = t.subject_id WHERE s.key = 's' || _n)
                       + (SELECT count(*) FROM kra_internal.subject_ancestors t JOIN kra.subjects s ON s.id = t.subject_id WHERE s.key = 's' || _n) AS parts) x)
        WHEN 'forget' THEN (   -- the name is in the subject, in a check-in and in the log
            SELECT CASE WHEN gone THEN CASE mentions WHEN 0 THEN 'all' ELSE mentions || ' mentions left' END
                        WHEN mentions > 0 THEN 'nothing' ELSE 'half' END
            FROM (SELECT NOT EXISTS (SELECT FROM kra.subjects WHERE name = 'Forgotten ' || _n) AS gone,
                         (SELECT count(*) FROM kra.check_ins WHERE comment ~ ('Forgotten ' || _n || '$'))
                       + (SELECT count(*) FROM kra.definition_log WHERE concat(before, after) ~ ('Forgotten ' || _n || '"')) AS mentions) x)
        END
$$;
CREATE FUNCTION kill.wrongs() RETURNS SETOF text LANGUAGE sql AS $$
    -- lost
    SELECT format('acknowledged, but %s: %s %s', kill.state(kind, n), kind, n) FROM kill.acknowledged
    WHERE kind <> 'collect' AND kill.state(kind, n) <> 'all'
    UNION ALL   -- half, of what was begun
    SELECT format('%s: %s %s', kill.state(kind, n), kind, n)
    FROM unnest('{check_in,review,define}'::text[]) kind,
         generate_series(1, (SELECT coalesce(max(n), 0) + 20 FROM kill.acknowledged)) n
    WHERE kill.state(kind, n) NOT IN ('all', 'nothing')
    UNION ALL
    SELECT format('%s: forget %s', kill.state('forget', n), n)
    FROM generate_series(1, (SELECT coalesce(max(n), 0) + 20 FROM kill.acknowledged WHERE kind = 'forget')) n
    WHERE kill.state('forget', n) NOT IN ('all', 'nothing')
    UNION ALL   -- what was collected is what the facts say
    SELECT 'collected is not what the facts say: ' || coalesce(f.month, m.period_start)
    FROM (SELECT date_trunc('month', at)::date AS month, sum(value) AS value FROM facts.sales GROUP BY 1) f
    FULL JOIN (SELECT period_start, kra.value(actual, 'sum') AS value FROM kra.measurements m
               JOIN kra.kpis k ON k.id = m.kpi_id WHERE k.key = 'sales') m ON m.period_start = f.month
    WHERE f.value IS DISTINCT FROM m.value;
$$;
