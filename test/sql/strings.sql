-- strings: with standard_conforming_strings = off nothing warns, and nothing answers otherwise.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = error;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
SET client_min_messages = notice;
SET standard_conforming_strings = off;
SET escape_string_warning = on;
CREATE EXTENSION kra;

-- every body that is kept as text, read anew: a backslash in a plain literal would warn
DO $$
DECLARE
    f record;
BEGIN
    SET LOCAL client_min_messages = warning;
    FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND lanname <> 'c' AND lanname <> 'internal' AND prokind = 'f' AND prosqlbody IS NULL ORDER BY p.oid::regprocedure::text COLLATE "C" LOOP
        BEGIN
            EXECUTE pg_get_functiondef(f.oid);
        EXCEPTION WHEN others THEN
            RAISE WARNING '% %', f.oid::regprocedure, sqlerrm;
        END;
    END LOOP;
END $$;

-- what is full of odd characters, defined, measured and shown: the same with either setting
SELECT count(*) > 0 AS defined FROM kra.define(json_build_object('effective_from', '2025-01-01',
  'subjects', json_build_array(json_build_object('key', 'co', 'name', 'Co ' || chr(92) || ' "x" / ''y''', 'kind', 'company'), json_build_object('key', 'con.1', 'name', 'A' || chr(92) || 'm', 'kind', 'person', 'parent', 'co', 'role', 'rep')),
  'roles', json_build_array(json_build_object('key', 'rep', 'name', 'Rep', 'kras', json_build_array(json_build_object('name', 'Close by end of 2025' || chr(92) || 'M', 'kpis', json_build_array(
    json_build_object('key', 'a / "b" ' || chr(92), 'name', 'Sign 12 by 3. May 2025  in Q3', 'kind', 'outcome', 'target', '>= 10', 'owner', 'con.1'),
    json_build_object('key', 'csat', 'name', 'Satisfaction', 'kind', 'outcome', 'unit', ' out of 10', 'target', '>= 9')))))))::jsonb);
SELECT count(*) AS recorded FROM generate_series(1, 6) m, LATERAL kra.record('csat', 'con.1', make_date(2025, m, 1), m) r;
CREATE TEMP TABLE said (setting text, what text, said text);
CREATE FUNCTION pg_temp.say() RETURNS void LANGUAGE sql AS $$
    INSERT INTO said
    SELECT current_setting('standard_conforming_strings'), * FROM (
        SELECT 'findings', string_agg(f::text, ' ' ORDER BY f::text COLLATE "C") FROM kra_bi.findings f UNION ALL
        SELECT 'report', kra.report('con.1', '2025-06', '2025-06-30') UNION ALL
        SELECT 'dashboard', kra.dashboard('2025-06', '2025-06-30') UNION ALL
        SELECT 'agenda', string_agg(a::text, ' ') FROM kra.review_agenda('con.1', '2025-06', '2025-06-30') a UNION ALL
        SELECT 'definition', kra.definition('rep')::text UNION ALL
        SELECT 'answer', kra.answer_score('csat_mean', NULL, '4.0')::text) v
$$;
SELECT pg_temp.say();
SET standard_conforming_strings = on;
SELECT pg_temp.say();
SELECT what, count(DISTINCT said) = 1 AND count(*) = 2 AS same, min(length(said)) > 0 AS something FROM said GROUP BY what ORDER BY what COLLATE "C";
