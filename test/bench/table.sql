-- The table of the catalogue: timing beside bounds.tsv (temporary table bound).
\pset border 1
\pset footer off
\pset null ''
CREATE TEMPORARY TABLE median AS
SELECT t.line, t.side,
       CASE WHEN count(t.message) = 0   -- what failed once has no time
            THEN coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.cpu)
                              FILTER (WHERE t.round > 0),
                          max(t.cpu))   -- too slow for more than the first round
       END AS cpu,
       max(t.row_count) AS row_count,
       max(t.message) AS message, max(t.sqlstate) AS sqlstate
FROM kra_bench.timing t
GROUP BY t.line, t.side;

CREATE TEMPORARY TABLE shown AS
SELECT b.place, 1 AS part, b.line, b.unit, b.what,
       nullif(b.bound, '-')::double precision AS bound, b.against <> '-' AS is_ratio,
       'kra' AS side, coalesce(nullif(b.against, '-'), 'flat') AS rival
FROM (SELECT *, row_number() OVER () AS place FROM bound) b
WHERE b.line <> 'restricted'
UNION ALL
SELECT o.place, 2, o.line, o.unit, r.what, r.bound::double precision, true, 'restricted', r.against
FROM (SELECT *, row_number() OVER () AS place FROM bound) o
JOIN bound r ON r.line = 'restricted'
JOIN median m ON m.line = o.line AND m.side = 'restricted'
WHERE o.line <> 'dashboard';

CREATE TEMPORARY TABLE result AS
SELECT s.*, k.cpu, k.message, k.sqlstate, k.row_count,
       r.cpu AS rival_cpu, r.message AS rival_message, r.row_count AS rival_count,
       k.cpu / nullif(r.cpu, 0) AS ratio,
       CASE WHEN s.is_ratio THEN k.cpu / nullif(r.cpu, 0) ELSE k.cpu END AS judged
FROM shown s
JOIN median k ON k.line = s.line AND k.side = s.side
LEFT JOIN median r ON r.line = s.line AND r.side = s.rival;

CREATE FUNCTION pg_temp.figure(x double precision) RETURNS text LANGUAGE sql IMMUTABLE
RETURN to_char(x, CASE WHEN x < 10 THEN 'FM0.0000' WHEN x < 100 THEN 'FM90.00'
                       ELSE 'FM99999990.0' END);

SELECT CASE WHEN part = 2 THEN line || ' restricted' ELSE line END AS line, what,
       CASE WHEN sqlstate = '57014' THEN '> ' || rtrim(:'cap', 's')
            ELSE pg_temp.figure(cpu) END AS kra,
       CASE WHEN rival_cpu IS NOT NULL THEN rival END AS against,
       pg_temp.figure(rival_cpu) AS its, to_char(ratio, 'FM999990.00') AS ratio,
       CASE WHEN is_ratio THEN bound || ' x' ELSE bound || ' ' || unit END AS bound,
       CASE WHEN bound IS NULL THEN ''
            WHEN message IS NOT NULL THEN 'OVER'
            WHEN judged IS NULL THEN ''
            WHEN judged <= bound THEN 'ok' ELSE 'OVER' END AS verdict,
       row_count AS rows,
       CASE WHEN sqlstate IS DISTINCT FROM '57014' AND message IS NOT NULL
            THEN left(message, 60)
            WHEN rival_message IS NOT NULL THEN rival || ': ' || left(rival_message, 50)
            WHEN rival IN ('flat', 'asked') AND rival_count <> row_count
            THEN rival || ' has ' || rival_count || ' rows'
       END AS note
FROM result
ORDER BY part, place;

SELECT count(*) FILTER (WHERE judged <= bound) AS "lines within their bounds",
       count(*) AS "of those with a bound"
FROM result
WHERE bound IS NOT NULL;
