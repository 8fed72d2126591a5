-- 12 of 12: what is wrong with how performance is measured, and pages for people. The rules look at
-- the definitions as much as at the numbers: the four-hour standard of the demo is imposed, nobody
-- is named as its owner, and it has no date by which it is due. All of it as of 30 April 2019.
--
-- The pages go to the directory that the variable out names. They are whole: one file each, no
-- script, nothing fetched; a browser opens them from the disk.
\ir look.sql

\echo ' 11. Findings, and pages for people'
\echo ' ----------------------------------'
\echo
\echo ' kra.findings(as_of => ''2019-04-30''): what the rules say, by rule'
CREATE TABLE kra_demo.findings AS SELECT * FROM kra.findings(as_of => '2019-04-30');
SELECT rule_id AS rule, severity, count(*) AS findings, (array_agg(about_name || ': ' || message ORDER BY length(message), row_key))[1] AS "for instance"
FROM kra_demo.findings
WHERE severity <> 'info'
GROUP BY rule_id, severity, severity_code
ORDER BY severity_code DESC, count(*) DESC, rule_id;

\echo ' The same for England alone, and what to do'
\echo
\pset format unaligned
\pset tuples_only on
SELECT format(E'  %s: %s: %s.\n     %s\n', severity, about_name, message, hint)
FROM kra_demo.findings
WHERE subject_key = 'england'
ORDER BY severity_code DESC, row_key
LIMIT 5;

SELECT subject_key AS org, subject_name AS org_name
FROM kra_bi.imbalances
WHERE is_busy_not_moving AND subject_kind = 'vendor' AND period_label = '2018/19'
ORDER BY gap_value DESC, subject_key LIMIT 1 \gset
SELECT :'out' || '/dashboard.html' AS dashboard_path, :'out' || '/reports.sql' AS script_path,
       :'out' || '/report-' || kra.report_file('england') || '.html' AS england_path,
       :'out' || '/report-' || kra.report_file(:'org') || '.html' AS org_path \gset

-- The dashboard, and what it links to: a report of each that has a card in that year. psql writes
-- the statements, and runs them.
\pset null ''
\o :dashboard_path
SELECT kra.dashboard('2018/19', as_of => '2019-04-30');
\o :script_path
SELECT format(E'\\o %L\nSELECT kra.report(%L, ''2018/19'', as_of => ''2019-04-30'');',
              :'out' || '/report-' || kra.report_file(subject_key) || '.html', subject_key)
FROM kra_bi.scorecards
WHERE period_label = '2018/19';
\o
\i :script_path
\o
\pset tuples_only off
\pset format wrapped
\pset null '-'
SELECT count(*) AS pages FROM kra_bi.scorecards WHERE period_label = '2018/19' \gset
\echo ' Pages for a browser: the dashboard, which links to' :pages 'reports, two of which are'
\echo
\echo '     ' :dashboard_path
\echo '     ' :england_path '   England'
\echo '     ' :org_path '   ' :org_name
\echo
