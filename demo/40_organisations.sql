-- 4 of 12: organisations, year by year, against the standard.
\ir look.sql

\echo ' 3. Organisations against the standard'
\echo ' -------------------------------------'

-- attainment_agg sums up how many actuals stand against a target: how many at each status, which
-- share hit it, and for which share there was anything to judge. Where an organisation stands in
-- a year needs no past to compare with, so all 140 are counted, breaks and all.
\echo
\echo ' Organisations with a major department: how many are where, against >= 95'
SELECT year,
       kra.num_kpis(s) AS organisations,
       kra.count_of(s, 'on_track') AS on_track,
       kra.count_of(s, 'at_risk') AS at_risk,
       kra.count_of(s, 'off_track') AS off_track,
       kra.count_of(s, 'no_data') AS no_data,
       round(100 * kra.coverage(s)::numeric, 1) || ' %' AS "with data",
       round(100 * kra.hit_rate(s)::numeric, 1) || ' %' AS "of these on target"
FROM (SELECT year, kra.attainment_agg(pct, '>= 95') AS s FROM kra_demo.org_results GROUP BY year) t
ORDER BY year;

-- A change between years is for the steady ones alone: RRK and RTG grew by taking another
-- organisation over, so neither the growth nor the fall that came with it is theirs.
\echo ' The ten steady ones that saw the most patients in 2018/19'
SELECT r.org_code AS org, to_char(seen, '999,999') AS attendances,
       kra_internal.change_text(seen, seen_before) AS change,
       round(a.attainment::numeric, 3) AS attained, a.status,
       kra.context(pct, '>= 95', pct_before, '%', 'in ' || year_before) AS context
FROM kra_demo.org_results r
JOIN kra_demo.comparable c USING (org_code)
CROSS JOIN kra.assess(pct, '>= 95') a
WHERE year = '2018/19' AND class = 'steady'
ORDER BY seen DESC
LIMIT 10;

SELECT count(*) - 10 AS rest FROM kra_demo.comparable WHERE class = 'steady' \gset
\echo '  ... and' :rest 'more. All organisations and years: SELECT * FROM kra_demo.org_results.'
\echo
