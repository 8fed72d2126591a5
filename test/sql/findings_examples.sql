-- The examples that are shipped, each with two years of data: the good company has nothing to find above info, the bad one breaks every rule.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
DROP EXTENSION IF EXISTS pg_trgm;
CREATE SCHEMA t;
SET search_path = t, public;
\pset null '-'
\getenv dir PG_ABS_SRCDIR
\set file :dir '/../share/examples/good-company.json'
\set good `cat :'file'`
\set file :dir '/../share/examples/bad-company.json'
\set bad `cat :'file'`

-- Chance, the same on every machine: from 0 to 1.
CREATE FUNCTION rnd(VARIADIC text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(array_to_string($1, '/')), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
-- Months of 2024 and 2025, by their number.
CREATE VIEW months AS SELECT i, (timestamp '2024-01-01' + i * interval '1 month')::date AS at FROM generate_series(0, 23) i;
CREATE PROCEDURE put(kpi text, subject text, at date, value float8) LANGUAGE sql AS $$
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, source)
    SELECT k.id, s.id, put.at, CASE WHEN k.over_time = 'ratio' THEN kra.actual_agg(put.value * 50, put.at, 50) ELSE kra.actual_agg(put.value, put.at) END, coalesce(k.source_relation, 'record')
    FROM kra.kpis k, kra.subjects s WHERE k.key = put.kpi AND s.key = put.subject
    GROUP BY k.id, s.id;
$$;
CREATE PROCEDURE acknowledged(at timestamptz) LANGUAGE sql AS $$
    INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target)
    SELECT l.kpi_id, s.id, acknowledged.at, s.key, kra_internal.target_in_force(l.kpi_id, s.id, acknowledged.at::date, acknowledged.at::date)
    FROM kra.subjects s JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id JOIN kra_internal.role_lines(acknowledged.at::date) l ON l.job_role_id = tl.job_role_id;
$$;

-- The good company. What it does carries over to what comes of it; months differ, and it grows a little.
SELECT object, count(*) FROM kra.define(:'good') GROUP BY object ORDER BY object COLLATE "C";
DO $$
DECLARE
    m record;
    p record;
    effort float8;
    chance float8;
BEGIN
    FOR m IN SELECT * FROM months LOOP
        FOR p IN SELECT s.key, r.key AS role FROM kra.subjects s JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id JOIN kra.job_roles r ON r.id = tl.job_role_id ORDER BY s.key LOOP
            effort := rnd('effort', p.role, m.i::text);
            chance := rnd('chance', p.key, m.i::text);
            IF p.role = 'seller' THEN
                CALL put('training_kept', p.key, m.at, 88 + 9 * effort + chance);
                CALL put('ride_rating', p.key, m.at, 74 + 5 * effort + chance);
                CALL put('repeat_rate', p.key, m.at, 38.6 + 3 * effort + 0.03 * m.i + 0.8 * chance);
                CALL put('discount', p.key, m.at, 6.2 - 1.2 * effort - 0.5 * chance);
                CALL put('revenue', p.key, m.at, 19300 + 1500 * effort + 20 * m.i + 300 * chance);
            ELSE
                CALL put('skills_fresh', p.key, m.at, 78 + 9 * effort + chance);
                CALL put('on_time', p.key, m.at, 89 + 5 * effort + chance);
                CALL put('diagnosis_first', p.key, m.at, 83 + 9 * effort + chance);
                CALL put('first_time_right', p.key, m.at, 92.3 + 3 * effort + chance);
                CALL put('billed_hours', p.key, m.at, 71 + 4 * effort + 0.1 * m.i + chance);
            END IF;
        END LOOP;
    END LOOP;
END $$;
-- targets are agreed on, quarters reviewed, actions done, definitions asked about once a year
CALL acknowledged('2024-01-10');
SELECT p.key, kra.num_kpis(kra.close_review(p.key, '2025-Q3', 'As planned.', jsonb_build_array(jsonb_build_object('description', 'Go through the month with the weakest result', 'owner', p.key, 'due_on', '2025-11-30')))) AS kpis
FROM (SELECT s.key FROM kra.subjects s JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id AND tl.job_role_id IS NOT NULL ORDER BY s.key OFFSET 0) p;
UPDATE kra.reviews SET closed_at = '2025-10-08';
UPDATE kra.actions SET created_at = '2025-10-08', done_on = '2025-11-20', outcome = 'One more afternoon a month for the paperwork.';
UPDATE kra.kpis SET revisited_on = '2025-09-15';
UPDATE kra.result_areas SET revisited_on = '2025-09-15';
SELECT count(*) AS measurements, (SELECT count(*) FROM kra.acknowledgements) AS acknowledgements FROM kra.measurements;
SELECT subject_key, round(score_value::numeric, 2) AS score, round(coverage_pct::numeric, 2) AS coverage, status, imbalance_flag FROM kra.scorecards('2025-12-31') WHERE period_grain = 'month' AND is_latest ORDER BY 1;
-- what there is to find
SELECT severity, rule_id, about_key, message FROM kra.findings(as_of => '2025-12-31') ORDER BY severity_code DESC, rule_id COLLATE "C", about_key COLLATE "C";
SELECT count(*) AS above_info FROM kra.findings(as_of => '2025-12-31') WHERE severity_code > 0;
SELECT k.key, s.place, s.criterion, s.is_met, s.reason FROM kra.kpis k CROSS JOIN LATERAL kra.smart(k.key, '2025-12-31') s WHERE k.key IN ('revenue', 'diagnosis_first') OR NOT s.is_met ORDER BY 1, 2;
SELECT count(*) AS kpis, count(*) FILTER (WHERE is_smart) AS smart FROM (SELECT bool_and(s.is_met) AS is_smart FROM kra.kpis k CROSS JOIN LATERAL kra.smart(k.key, '2025-12-31') s GROUP BY k.id) x;

-- The bad company.
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
CREATE OR REPLACE PROCEDURE put(kpi text, subject text, at date, value float8) LANGUAGE sql AS $$
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, put.at, kra.actual_agg(put.value, put.at) FROM kra.kpis k, kra.subjects s WHERE k.key = put.kpi AND s.key = put.subject GROUP BY k.id, s.id;
$$;
SELECT object, count(*) FROM kra.define(:'bad') GROUP BY object ORDER BY object COLLATE "C";
DO $$
DECLARE
    m record;
    p text;
    k text;
BEGIN
    FOR m IN SELECT * FROM months LOOP
        -- messages and messages: some lists end, some are kept now and then, and one forgets his
        FOREACH p IN ARRAY '{ivy,joe,kai}'::text[] LOOP
            FOREACH k IN ARRAY '{emails,calls,chats,texts,posts,comments,invites,reminders,letters,faxes}'::text[] LOOP
                CONTINUE WHEN k = 'texts' AND m.i > 14 OR k = 'letters' AND m.i NOT IN (0, 9, 23) OR k = 'chats' AND p = 'kai' AND m.i > 16;
                CALL put(k, p, m.at, round(100 + 20 * rnd(p, k, m.i::text)));
            END LOOP;
        END LOOP;
        -- dials above target, revenue where it always was, and another revenue beside it
        CALL put('revenue', 'lia', m.at, round(50 + 8 * rnd('revenue', 'lia', m.i::text)));
        CALL put('revenue', 'moe', m.at, round(50 + 8 * rnd('revenue', 'moe', m.i::text)));
        CALL put('revenue_too', 'lia', m.at, round(70 + 8 * rnd('revenue_too', 'lia', m.i::text)));
        CALL put('revenue_too', 'ned', m.at, round(70 + 8 * rnd('revenue_too', 'ned', m.i::text)));
        CALL put('dials', 'lia', m.at, round(55 + 10 * rnd('dials', 'lia', m.i::text)));
        CALL put('dials', 'moe', m.at, round(55 + 10 * rnd('dials', 'moe', m.i::text)));
        CALL put('coffee', 'lia', m.at, 5);
        CALL put('share_of_market', 'ned', m.at, round(2 + 3 * rnd('share', m.i::text)));
        CALL put('oil_price', 'ned', m.at, round(60 + 20 * rnd('oil', m.i::text)));
        CALL put('happiness', 'ned', m.at, round(5 + 2 * rnd('happy', m.i::text)));
        CALL put('prizes', 'ned', m.at, (m.i % 5 = 0)::int);
    END LOOP;
END $$;
-- one target was taken, and replaced in the middle of the month; a review was held, and nothing agreed on; another agreed on what nobody did
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target) SELECT k.id, s.id, '2024-01-10', 'moe', '>= 40' FROM kra.kpis k, kra.subjects s WHERE k.key = 'dials' AND s.key = 'moe';
SELECT kra.num_kpis(kra.close_review('ivy', '2025-11', 'More messages.')) AS ivy;
SELECT kra.num_kpis(kra.close_review('joe', '2025-11', 'More messages.', '[{"description": "Send more messages", "owner": "joe", "due_on": "2025-12-20"}]')) AS joe;
UPDATE kra.reviews SET closed_at = '2025-12-05';
UPDATE kra.actions SET created_at = '2025-12-05';
INSERT INTO kra.rule_settings VALUES ('weights_not_whole', true);
UPDATE kra.subjects SET login = 'nobody any more' WHERE key = 'moe';
-- each rule that fires, how often, and one of its messages
SELECT rule_id, max(severity_code) AS worst, count(*), min(about_key || ': ' || message COLLATE "C") AS such_as FROM kra.findings(as_of => '2025-12-31') GROUP BY rule_id ORDER BY rule_id COLLATE "C";
-- it was written for all of them
SELECT (SELECT count(*) FROM kra_internal.built_in_rules()) AS rules, (SELECT count(DISTINCT rule_id) FROM kra.findings(as_of => '2025-12-31')) AS broken;
SELECT rule AS kept FROM kra_internal.built_in_rules() EXCEPT SELECT rule_id FROM kra.findings(as_of => '2025-12-31') ORDER BY 1;
-- ten KPIs of messages sent, copied across three roles, imposed, no owner, +300 %
SELECT severity, rule_id, about_key, message, hint FROM kra.findings(as_of => '2025-12-31')
WHERE about_key IN ('emails', 'ivy', 'mailer', 'ivy / emails', 'mailer / Send more messages') ORDER BY severity_code DESC, rule_id COLLATE "C", about_key COLLATE "C";
SELECT place, criterion, is_met, reason FROM kra.smart('emails', '2025-12-31');
SELECT count(*) AS kpis, count(*) FILTER (WHERE is_smart) AS smart FROM (SELECT bool_and(s.is_met) AS is_smart FROM kra.kpis k CROSS JOIN LATERAL kra.smart(k.key, '2025-12-31') s GROUP BY k.id) x;
-- in the same words whatever the settings say of dates
CREATE VIEW said AS
SELECT (SELECT string_agg(concat_ws('|', row_key, message, hint), E'\n' ORDER BY row_key COLLATE "C") FROM kra.findings(as_of => '2025-12-31')) AS findings,
       (SELECT string_agg(concat_ws('|', row_key, what_text, period_label), E'\n' ORDER BY row_key COLLATE "C") FROM kra.due(as_of => '2025-12-31')) AS due,
       (SELECT string_agg(concat_ws('|', row_key, context), E'\n' ORDER BY row_key COLLATE "C") FROM kra.kpi_results('2025-12-31')) AS results,
       (SELECT string_agg(reason, E'\n' ORDER BY k.key COLLATE "C", place) FROM kra.kpis k, kra.smart(k.key, '2025-12-31')) AS smart,
       kra.report('joe', '2025-11', '2025-12-31')::text AS page;
CREATE TABLE said_in_iso AS SELECT * FROM said;
SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'sql_standard';
SET lc_numeric = 'C';
SET extra_float_digits = 0;
SELECT i.findings = s.findings AS findings, i.due = s.due AS due, i.results = s.results AS results, i.smart = s.smart AS smart, i.page = s.page AS page, length(i.findings) > 10000 AS many FROM said s, said_in_iso i;
SET DateStyle = 'ISO, MDY';
RESET extra_float_digits;
DROP SCHEMA t CASCADE;
