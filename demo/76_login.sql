-- 11 of 12: who sees what. A database role sees the subject whose login it is, and all below it;
-- row-level security sees to that, for every view, table and function. Here one organisation logs
-- in. (SET ROLE asks the same policies as a login of its own would.)
--
-- All of it happens in one transaction that is rolled back: no role, no grant and no login is left.
\ir look.sql

\echo ' 10. Who sees what: one organisation logs in'
\echo ' -------------------------------------------'
\echo

SELECT rolsuper AS can_make_roles FROM pg_roles WHERE rolname = current_user \gset
\if :can_make_roles

SELECT subject_key AS org, subject_name AS org_name
FROM kra_bi.imbalances
WHERE is_busy_not_moving AND subject_kind = 'vendor' AND period_label = '2018/19'
ORDER BY gap_value DESC, subject_key LIMIT 1 \gset
SELECT CASE WHEN to_regrole(name) IS NULL THEN name ELSE name || '_' || pg_backend_pid() END AS login
FROM (SELECT 'kra_demo_' || lower(:'org') AS name) n \gset
SELECT 'kra_demo.ae'::regclass::oid AS facts \gset

-- What the owner of the catalogue sees, to compare with.
SELECT (SELECT count(*) FROM kra_bi.dim_subject) AS all_subjects,
       (SELECT count(*) FROM kra_bi.scorecards WHERE period_label = '2018/19') AS all_cards,
       (SELECT count(*) FROM kra_bi.kpi_results WHERE period_label = '2018/19') AS all_results,
       (SELECT count(*) FROM kra.measurements) AS all_measurements,
       (SELECT count(*) FROM kra.targets) AS all_targets \gset

BEGIN;
CREATE ROLE :"login";
SELECT kra.grant_reader(:'login') \g /dev/null
SELECT count(*) FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(
    jsonb_build_object('key', :'org', 'login', :'login')))) \g /dev/null
\echo '  CREATE ROLE' :login'; SELECT kra.grant_reader(''':login''');'
\echo '  SELECT * FROM kra.define(''{"subjects": [{"key": "':org'", "login": "':login'"}]}'');'
\echo

SET LOCAL ROLE :"login";
\echo ' Rows that the owner of the catalogue sees, and' :login 'does'
SELECT what, owner, mine AS login, others AS "not its own"
FROM (
    SELECT 1, 'subjects (kra_bi.dim_subject)', :all_subjects, count(*), count(*) FILTER (WHERE subject_key <> :'org') FROM kra_bi.dim_subject
    UNION ALL
    SELECT 2, 'scorecards of 2018/19', :all_cards, count(*), count(*) FILTER (WHERE subject_key <> :'org')
    FROM kra_bi.scorecards WHERE period_label = '2018/19'
    UNION ALL
    SELECT 3, 'results of 2018/19', :all_results, count(*), count(*) FILTER (WHERE subject_key <> :'org')
    FROM kra_bi.kpi_results WHERE period_label = '2018/19'
    UNION ALL
    SELECT 4, 'measurements (the table itself)', :all_measurements, count(*), count(*) FILTER (WHERE s.key IS DISTINCT FROM :'org')
    FROM kra.measurements m LEFT JOIN kra.subjects s ON s.id = m.subject_id
    UNION ALL
    SELECT 5, 'targets of single subjects', :all_targets, count(*), count(*) FILTER (WHERE s.key IS DISTINCT FROM :'org')
    FROM kra.targets t LEFT JOIN kra.subjects s ON s.id = t.subject_id
) v (n, what, owner, mine, others)
ORDER BY n;

\echo ' Its own card reads as before'
SELECT subject_path AS subject, period_label AS year, score_text AS score, status FROM kra_bi.scorecards WHERE period_grain = 'year' ORDER BY period_start;

SELECT CASE WHEN has_table_privilege(:facts, 'SELECT') THEN 'open' ELSE 'closed' END AS door \gset
RESET ROLE;
ROLLBACK;
\echo '  The facts themselves stay' :door 'to it. The transaction is rolled back: the role is gone, and so is its login.'
\else
\echo '  Left out: it makes a role and takes it back, and needs a superuser for that.'
\endif
\echo
