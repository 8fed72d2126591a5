-- time_and_tree: periods, people who move, targets that change: cases worked out by hand.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

CREATE SCHEMA tat;
CREATE FUNCTION tat.subject(k text) RETURNS int LANGUAGE sql STABLE AS $$ SELECT id FROM kra.subjects WHERE key = k $$;
CREATE FUNCTION tat.kpi(k text) RETURNS int LANGUAGE sql STABLE AS $$ SELECT id FROM kra.kpis WHERE key = k $$;
CREATE FUNCTION tat.role(k text) RETURNS int LANGUAGE sql STABLE AS $$ SELECT id FROM kra.job_roles WHERE key = k $$;
CREATE FUNCTION tat.area(r text, k text) RETURNS int LANGUAGE sql STABLE AS $$ SELECT id FROM kra.result_areas WHERE key = k AND job_role_id = tat.role(r) $$;
-- one observation a period from a first one on; NULL: none; 'a/b' is a with weight b
CREATE FUNCTION tat.measure(kpi text, subject text, first_start date, list text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
    SELECT tat.kpi(kpi), tat.subject(subject), at, kra.actual_agg(split_part(v, '/', 1)::float8, at, coalesce(nullif(split_part(v, '/', 2), ''), '1')::float8)
    FROM unnest(list) WITH ORDINALITY u(v, n), LATERAL (SELECT (first_start + make_interval(months => (n - 1)::int))::date AS at) p
    WHERE v IS NOT NULL GROUP BY at $$;
-- what is asked for was set before anything began
CREATE FUNCTION tat.ask(r text, a text, k text, w float8, target text, since date DEFAULT '2020-01-01') RETURNS void LANGUAGE sql AS $$
    INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, set_at) VALUES (tat.area(r, a), tat.kpi(k), since, w, target::kra.kpi_target, since) $$;

INSERT INTO kra.job_roles (key, name) VALUES ('rep', 'Sales rep'), ('lead', 'Lead'), ('office', 'Office');
INSERT INTO kra.result_areas (job_role_id, key, name) VALUES (tat.role('rep'), 'growth', 'Growth'), (tat.role('rep'), 'care', 'Care'), (tat.role('lead'), 'care', 'Care'), (tat.role('office'), 'size', 'Size');
INSERT INTO kra.subjects (key, name, kind) SELECT k, initcap(k), t FROM (VALUES ('acme', 'company'), ('north', 'team'), ('south', 'team'), ('ann', 'person'), ('bob', 'person'), ('cid', 'person'), ('o1', 'team'), ('o2', 'team')) v(k, t);
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id, is_active) SELECT tat.subject(k), f, tat.subject(p), tat.role(r), a FROM (VALUES
    ('acme', date '2020-01-01', NULL, NULL, true), ('north', '2020-01-01', 'acme', NULL, true), ('south', '2020-01-01', 'acme', NULL, true),
    ('ann', '2020-01-01', 'north', 'rep', true), ('ann', '2025-02-15', 'south', 'rep', true),
    ('bob', '2020-01-01', 'north', 'rep', true), ('bob', '2025-04-11', 'north', 'rep', false), ('bob', '2025-06-01', 'south', 'rep', true),
    ('cid', '2020-01-01', 'south', 'rep', true), ('cid', '2025-05-20', 'south', 'lead', true),
    ('o1', '2020-01-01', 'north', 'office', true), ('o2', '2020-01-01', 'north', 'office', true), ('o2', '2025-05-01', 'south', 'office', true)) v(k, f, p, r, a);
INSERT INTO kra.kpis (key, name, kind, over_time, over_subjects, unit) VALUES ('demos', 'Demos', 'activity', 'sum', 'sum', NULL), ('share', 'Share', 'outcome', 'ratio', 'ratio', NULL),
    ('wait', 'Wait', 'outcome', 'mean', 'mean', 'days'), ('heads', 'Heads', 'outcome', 'last', 'sum', NULL), ('extra', 'Extra', 'outcome', 'sum', 'sum', NULL);
SELECT tat.ask('rep', 'growth', 'demos', 2, '>= 10'), tat.ask('rep', 'growth', 'share', 1, '>= 0.5'), tat.ask('rep', 'care', 'wait', 1, '<= 4 from 8'), tat.ask('lead', 'care', 'wait', 3, '<= 3 from 8'), tat.ask('office', 'size', 'heads', 1, '>= 10');
SELECT tat.measure('demos', 'ann', '2025-01-01', '{10,12,14,9,8,10}'), tat.measure('demos', 'bob', '2025-01-01', '{5,5,5,4,NULL,6}'), tat.measure('demos', 'cid', '2025-01-01', '{1,2,3,4,NULL,NULL}'),
    tat.measure('share', 'ann', '2025-01-01', '{1/10,9/10,0/0,5/10,5/10,5/10}'), tat.measure('share', 'bob', '2025-01-01', '{30/50,30/50,30/50,1/1,NULL,1/2}'), tat.measure('share', 'cid', '2025-01-01', '{0/40,NULL,3/3}'),
    tat.measure('wait', 'ann', '2025-01-01', '{2,4,6}'), tat.measure('wait', 'cid', '2025-01-01', '{8,8,8,6,5,4}'),
    tat.measure('heads', 'o1', '2025-01-01', '{10,12,11,11,11,11}'), tat.measure('heads', 'o2', '2025-01-01', '{5,6,7,8,9,9}');

CREATE FUNCTION tat.show(kpi text, as_of date) RETURNS TABLE (subject text, m01 text, m02 text, m03 text, m04 text, m05 text, m06 text, q1 text, q2 text, y text) LANGUAGE sql STABLE AS $$
    SELECT subject_key, max(v) FILTER (WHERE period_label = '2025-01'), max(v) FILTER (WHERE period_label = '2025-02'), max(v) FILTER (WHERE period_label = '2025-03'),
           max(v) FILTER (WHERE period_label = '2025-04'), max(v) FILTER (WHERE period_label = '2025-05'), max(v) FILTER (WHERE period_label = '2025-06'),
           max(v) FILTER (WHERE period_label = '2025-Q1'), max(v) FILTER (WHERE period_label = '2025-Q2'), max(v) FILTER (WHERE period_label = '2025')
    FROM (SELECT r.*, coalesce(round(actual_value::numeric, 4)::float8::text, '-') || coalesce(' / ' || round(target_value::numeric, 4)::float8, ' / -') || CASE WHEN is_on_card THEN '' ELSE ' off' END AS v FROM kra.kpi_results(as_of) r WHERE kpi_key = kpi) r
    GROUP BY subject_key ORDER BY min(tat.subject(subject_key)) $$;

-- ann moves on 15 February: in that month she counts in the south, before in the north, in months, quarters and years.
-- bob leaves on 11 April and counts in the north once more, in May nowhere, in June in the south.
-- cid is a lead from 20 May: demos are no longer his; what he has of them in April is shown, not scored.
SELECT * FROM tat.show('demos', '2025-06-30');
-- as it was known before she moved
SELECT * FROM tat.show('demos', '2025-02-14') WHERE subject IN ('north', 'south');
SELECT * FROM tat.show('demos', '2025-02-15') WHERE subject IN ('north', 'south');
-- a ratio is the sum of what is above over the sum of what is below, at every level; with nothing below there is none
SELECT * FROM tat.show('share', '2025-06-30');
-- a mean counts observations; the lead's target is in force at the end of May and of the quarter
SELECT * FROM tat.show('wait', '2025-06-30');
-- headcount: the last over time, the sum over subjects; o2 goes to the south in May
SELECT * FROM tat.show('heads', '2025-06-30');
SELECT subject_key, period_label, subject_path, job_role_key FROM kra.kpi_results('2025-06-30')
WHERE kpi_key = 'demos' AND subject_key IN ('ann', 'bob', 'cid') AND period_label IN ('2025-01', '2025-02', '2025-04', '2025-06', '2025-Q1', '2025-Q2', '2025') ORDER BY subject_key, period_start, period_grain;

-- A team's own measurement stands for all in it, further up too, for that month alone; its own target as well.
SELECT tat.measure('demos', 'north', '2025-03-01', '{100}');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_at) VALUES (tat.kpi('demos'), tat.subject('south'), '2025-04-01', '>= 50', '2025-01-01'), (tat.kpi('demos'), tat.subject('south'), '2025-06-01', NULL, '2025-01-01');
SELECT * FROM tat.show('demos', '2025-06-30') WHERE subject IN ('acme', 'north', 'south');
-- it has data of all who carry the KPI
SELECT subject_key, period_label, weight_value, member_count, observed_member_count FROM kra.kpi_results('2025-06-30') WHERE kpi_key = 'demos' AND subject_key IN ('acme', 'north') AND period_label IN ('2025-01', '2025-03') ORDER BY 1, 2;
SELECT subject_key, period_label, score_value, score_text, score_reason, coverage_pct FROM kra.scorecards('2025-06-30') WHERE subject_key IN ('acme', 'north') AND period_label = '2025-03' ORDER BY 1;
DELETE FROM kra.measurements WHERE subject_id = tat.subject('north');
DELETE FROM kra.targets;

-- Changing a target today, or a weight, or who has what role, changes nothing of what is over.
CREATE TABLE tat.before AS SELECT 'kpi' AS of, row_key, to_jsonb(r) AS r FROM kra.kpi_results('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'card', row_key, to_jsonb(r) FROM kra.scorecards('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'kra', row_key, to_jsonb(r) FROM kra.kra_results('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'imbalance', row_key, to_jsonb(r) FROM kra.imbalances('2025-07-15') r WHERE period_end <= '2025-06-30';
SELECT tat.ask('rep', 'growth', 'demos', 5, '>= 1', '2025-07-15'), tat.ask('rep', 'growth', 'extra', 5, '>= 1', '2025-07-15');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) SELECT k.id, s.id, '2025-07-15', '>= 1' FROM kra.kpis k, kra.subjects s WHERE k.key <> 'wait';
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, is_active) VALUES (tat.area('rep', 'care'), tat.kpi('wait'), '2025-07-15', false);
INSERT INTO kra.placements (subject_id, effective_from, parent_id, job_role_id) VALUES (tat.subject('ann'), '2025-07-15', tat.subject('north'), tat.role('lead')), (tat.subject('south'), '2025-07-15', tat.subject('north'), tat.role('office'));
INSERT INTO kra.benchmarks (kpi_id, effective_from, value, source) VALUES (tat.kpi('demos'), '2025-07-15', 12, 'a survey');
CREATE TABLE tat.after AS SELECT 'kpi' AS of, row_key, to_jsonb(r) AS r FROM kra.kpi_results('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'card', row_key, to_jsonb(r) FROM kra.scorecards('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'kra', row_key, to_jsonb(r) FROM kra.kra_results('2025-07-15') r WHERE period_end <= '2025-06-30'
UNION ALL SELECT 'imbalance', row_key, to_jsonb(r) FROM kra.imbalances('2025-07-15') r WHERE period_end <= '2025-06-30';
SELECT b.of, count(*) AS past_rows, count(*) FILTER (WHERE a.r IS DISTINCT FROM b.r) AS changed FROM tat.before b FULL JOIN tat.after a USING (of, row_key) GROUP BY 1 ORDER BY 1;
SELECT b.of, row_key, c.key, c.value, a.r->c.key FROM tat.before b FULL JOIN tat.after a USING (of, row_key) CROSS JOIN LATERAL jsonb_each(b.r) c WHERE c.value IS DISTINCT FROM a.r->c.key ORDER BY 1, 2, 3 LIMIT 10;
-- but the year that is running has them
SELECT subject_key, target_text, status, is_target_moved FROM kra.kpi_results('2025-07-15') WHERE period_label = '2025' AND kpi_key = 'wait' ORDER BY 1;
DELETE FROM kra.targets;
DELETE FROM kra.result_area_kpis WHERE effective_from = '2025-07-15';
DELETE FROM kra.placements WHERE effective_from = '2025-07-15';
DELETE FROM kra.benchmarks;

-- What is missing is no_data and lowers the coverage; below the least coverage there is no score, and it says so.
SELECT period_label, score_value, score_text, score_reason, coverage_pct, status, no_data_count FROM kra.scorecards('2025-06-30') WHERE subject_key = 'ann' AND period_grain = 'month' ORDER BY 1;
SELECT kpi_key, status, attainment_pct, attainment_reason, capped_attainment_pct FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND period_label = '2025-05' ORDER BY 1;
DELETE FROM kra.measurements WHERE subject_id = tat.subject('ann') AND kpi_id = tat.kpi('demos') AND period_start = '2025-05-01';
SELECT score_value, score_text, score_reason, coverage_pct, status, status_code, is_on_target, on_target_count, no_data_count FROM kra.scorecards('2025-06-30') WHERE subject_key = 'ann' AND period_label = '2025-05';
SELECT kra_name, score_value, score_text, score_reason, coverage_pct, status FROM kra.kra_results('2025-06-30') WHERE subject_key = 'ann' AND period_label = '2025-05' ORDER BY 1;
INSERT INTO kra.settings (min_coverage) VALUES (0.25);
SELECT score_value, score_text, score_reason, coverage_pct FROM kra.scorecards('2025-06-30') WHERE subject_key = 'ann' AND period_label = '2025-05';
DELETE FROM kra.settings;
-- nothing at all
SELECT period_label, score_value, score_text, score_reason, coverage_pct, status FROM kra.scorecards('2025-06-30') WHERE subject_key = 'bob' AND period_grain = 'month' ORDER BY 1;

-- On no card: shown, not scored. A candidate is not on a card either, whatever the role says.
SELECT tat.measure('extra', 'ann', '2025-05-01', '{7}');
UPDATE kra.kpis SET state = 'candidate' WHERE key = 'wait';
SELECT kpi_key, actual_value, weight_value, is_on_card, kra_name, status FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND period_label IN ('2025-01', '2025-05') ORDER BY period_start, 1;
SELECT kpi_count FROM kra.scorecards('2025-06-30') WHERE subject_key = 'ann' AND period_label = '2025-01';
UPDATE kra.kpis SET state = 'active' WHERE key = 'wait';

-- Moved targets. What was set in time is not moved; what replaces it within the period, in place, or with a date in the past, is.
CREATE FUNCTION tat.moved() RETURNS TABLE (months text) LANGUAGE sql STABLE AS $$
    SELECT string_agg(period_label || ' ' || target_text || CASE WHEN is_target_moved THEN ' moved' ELSE '' END, ', ' ORDER BY period_start) FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND kpi_key = 'demos' AND period_grain = 'month' $$;
SELECT * FROM tat.moved();
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_at) VALUES (tat.kpi('demos'), tat.subject('ann'), '2025-02-01', '>= 11', '2025-01-20'), (tat.kpi('demos'), tat.subject('ann'), '2025-03-10', '>= 8', '2025-03-09');
SELECT * FROM tat.moved();
SELECT period_label, is_target_moved FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND kpi_key = 'demos' AND period_grain <> 'month' ORDER BY 1;
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, set_at) VALUES (tat.kpi('demos'), tat.subject('ann'), '2025-05-01', '>= 5', '2025-06-25');
SELECT * FROM tat.moved();
UPDATE kra.targets SET note = 'the same', provenance = 'imposed' WHERE effective_from = '2025-05-01';
UPDATE kra.targets SET target = '>= 6' WHERE effective_from = '2025-02-01';
SELECT * FROM tat.moved();
DELETE FROM kra.targets;
-- the role's, too: replaced within a month, set back
SELECT tat.ask('rep', 'growth', 'demos', 2, '>= 9', '2025-02-10');
INSERT INTO kra.result_area_kpis (result_area_id, kpi_id, effective_from, weight, target, set_at) VALUES (tat.area('rep', 'growth'), tat.kpi('demos'), '2025-04-01', 2, '>= 7', '2025-05-03');
SELECT * FROM tat.moved();
DELETE FROM kra.result_area_kpis WHERE effective_from IN ('2025-02-10', '2025-04-01');
-- a role that changes within the month brings another target: moved
SELECT period_label, target_text, is_target_moved FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'cid' AND kpi_key = 'wait' AND period_grain = 'month' AND period_start >= '2025-04-01' ORDER BY 1;

-- Acknowledged: as long as that target is in force.
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, provenance) VALUES (tat.kpi('demos'), tat.subject('ann'), '2025-03-01', '>= 11', 'negotiated'), (tat.kpi('demos'), tat.subject('ann'), '2025-05-01', '>= 12', NULL);
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target) VALUES (tat.kpi('demos'), tat.subject('ann'), '2025-03-02', 'ann', '>= 11'), (tat.kpi('demos'), tat.subject('ann'), '2025-03-09', 'her boss', '>= 11');
SELECT period_label, target_text, target_provenance, acknowledged_by, acknowledged_at FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND kpi_key = 'demos' AND period_grain = 'month' ORDER BY 1;
DELETE FROM kra.targets;
DELETE FROM kra.acknowledgements;

-- Stale: a month's data are known to its end, and stale 45 days later; in the month that runs, to the last observation.
SELECT as_of, last_data_date, freshness_day_count, is_stale FROM unnest('{2025-06-01,2025-06-29,2025-06-30,2025-08-14,2025-08-15}'::date[]) as_of, LATERAL (SELECT * FROM kra.kpi_results(as_of) WHERE subject_key = 'acme' AND kpi_key = 'wait' AND period_label = '2025-01') r ORDER BY 1;
UPDATE kra.kpis SET stale_after_days = 100 WHERE key = 'wait';
SELECT subject_key, last_data_date, freshness_day_count, is_stale FROM kra.kpi_results('2025-08-15') WHERE kpi_key = 'wait' AND period_label = '2025-01' ORDER BY 1;
UPDATE kra.kpis SET stale_after_days = NULL;

-- Benchmarks: the one in force, ended by NULL; of a sum only for the periods of its cadence.
INSERT INTO kra.benchmarks (kpi_id, effective_from, value, source) SELECT tat.kpi(k), f, v, 'survey ' || f FROM (VALUES ('demos', date '2025-02-20', 11), ('demos', '2025-04-01', 9), ('demos', '2025-06-01', NULL), ('wait', '2025-01-01', 5)) b(k, f, v);
SELECT kpi_key, period_label, actual_value, benchmark_value, benchmark_gap_value, benchmark_source FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'ann' AND (kpi_key = 'demos' OR (kpi_key = 'wait' AND period_label = '2025-Q1')) ORDER BY 1, period_grain, period_start;

-- Misses in a row, each against the target of its own month.
SELECT tat.measure('extra', 'bob', '2024-07-01', '{12,8,9,11,9,NULL,8,13,12,12,5}');
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target) VALUES (tat.kpi('extra'), tat.subject('bob'), '2024-01-01', '>= 10'), (tat.kpi('extra'), tat.subject('bob'), '2024-10-01', '>= 12'), (tat.kpi('extra'), tat.subject('bob'), '2025-04-01', '>= 13');
SELECT period_label, actual_value, target_value, is_on_target, misses_count FROM kra.kpi_results('2025-06-30') WHERE subject_key = 'bob' AND kpi_key = 'extra' AND period_grain IN ('month', 'quarter') AND period_start >= '2024-07-01' ORDER BY period_grain, period_start;

-- The value before, and the change: points for percentages, percent for others; no value before, no change.
UPDATE kra.kpis SET unit = '%' WHERE key = 'wait';
SELECT kpi_key, period_label, actual_value, previous_value, change_value, round(change_pct::numeric, 4) AS change_pct, change_text, context FROM kra.kpi_results('2025-06-30')
WHERE (subject_key, kpi_key) IN (('ann', 'wait'), ('bob', 'extra'), ('cid', 'share')) AND period_grain IN ('month', 'quarter') AND actual_value IS NOT NULL ORDER BY 1, period_grain, period_start;
UPDATE kra.kpis SET unit = 'days' WHERE key = 'wait';

-- Trend and signal are those of the values that the view shows, at every level.
SELECT tat.measure('demos', s, '2022-01-01', ARRAY(SELECT (10 + i * n / 9 % 7 + CASE WHEN i BETWEEN 20 AND 24 THEN 9 ELSE 0 END)::text FROM generate_series(1, 36) i)) FROM unnest('{ann,bob,cid}'::text[]) WITH ORDINALITY u(s, n);
CREATE TABLE tat.series AS SELECT * FROM kra.kpi_results('2025-06-30') WHERE actual_value IS NOT NULL;
SELECT period_grain, count(*) AS compared, count(*) FILTER (WHERE r.trend_direction IS NOT NULL) AS with_trend, count(*) FILTER (WHERE r.signal <> 'none') AS with_signal,
    count(*) FILTER (WHERE (r.trend_direction, r.signal) IS DISTINCT FROM (kra.direction(x.trend), x.signal) OR abs(coalesce(r.trend_slope_value, 0) - coalesce(x.slope, 0)) > 1e-9 OR (r.trend_slope_value IS NULL) <> (x.slope IS NULL)) AS disagree,
    count(*) FILTER (WHERE r.previous_value IS DISTINCT FROM (SELECT p.actual_value FROM tat.series p WHERE (p.subject_key, p.kpi_key, p.period_grain, p.period_end) = (r.subject_key, r.kpi_key, r.period_grain, r.period_start - 1))) AS previous_disagree,
    count(*) FILTER (WHERE r.signal_meaning IS DISTINCT FROM kra.signal_meaning(x.signal::kra.kpi_signal, x.target)) AS meaning_disagrees
FROM tat.series r
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.is_complete THEN kra.trend_agg(s.period_start, s.actual_value) END AS trend,
           CASE WHEN r.is_complete THEN kra.last_signal(s.actual_value ORDER BY s.period_start)::text END AS signal,
           kra.slope(CASE WHEN r.is_complete THEN kra.trend_agg(s.period_start, s.actual_value) END, CASE r.period_grain WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN '3 months' ELSE '12 months' END) AS slope,
           CASE r.target_direction WHEN 'at_least' THEN kra.at_least(1) WHEN 'at_most' THEN kra.at_most(1) END AS target
    FROM tat.series s
    WHERE (s.subject_key, s.kpi_key, s.period_grain) = (r.subject_key, r.kpi_key, r.period_grain) AND s.period_start <= r.period_start
      AND s.period_start > r.period_start - CASE r.period_grain WHEN 'month' THEN interval '24 months' WHEN 'quarter' THEN '72 months' ELSE '288 months' END
) x
WHERE r.is_complete OR r.kpi_key NOT IN ('demos', 'extra')
GROUP BY 1 ORDER BY 1;
-- what still runs is not held against whole years, of any aggregation; the value before is shown
SELECT count(*) AS running, count(previous_value) > 0 AS with_previous, count(change_text) + count(change_value) + count(trend_direction) + count(signal) + count(signal_meaning) + count(lower_limit_value) AS held_against FROM tat.series WHERE NOT is_complete;
DELETE FROM kra.measurements WHERE period_start < '2024-01-01';

-- The card as a value is the card by hand; closing freezes it.
SELECT kra.scorecard_of('ann', '2025-01', '2025-06-30') = c.card AS by_hand, kra.score(c.card) FROM (
    SELECT kra.scorecard_agg(kra, kpi, kind::kra.kpi_kind, actual, target::kra.kpi_target, weight, 'lagging', NULL) AS card FROM (VALUES
        ('Growth', 'demos', 'activity', 10::float8, '>= 10', 2), ('Growth', 'share', 'outcome', 0.1, '>= 0.5', 1), ('Care', 'wait', 'outcome', 2, '<= 4 from 8', 1)) v(kra, kpi, kind, actual, target, weight)) c;
SELECT kra.scorecard_of('ann', '2025-01', '2025-06-30');
SELECT kra.scorecard_of('north', '2025-01', '2025-06-30');
SELECT kra.scorecard_of('bob', '2025-05', '2025-06-30') IS NULL AS none;
SELECT kra.close_review('ann', '2025-01', 'a slow start') = kra.scorecard_of('ann', '2025-01', '2025-06-30') AS closed_as_it_was;
UPDATE kra.measurements SET actual = kra_internal.actual_accum(actual, 90, '2025-01-09'::date) WHERE subject_id = tat.subject('ann') AND period_start = '2025-01-01' AND kpi_id = tat.kpi('demos');
UPDATE kra.result_area_kpis SET target = '>= 200' WHERE kpi_id = tat.kpi('demos');
SELECT s.live, kra.score(s.card), (s.card -> 'demos').actual, (s.card -> 'demos').target FROM (SELECT live, kra.scorecard_of('ann', '2025-01', current_date, live) AS card FROM unnest('{f,t}'::bool[]) live) s;
SELECT score_value, closed_score_value, closed_coverage_pct, closed_on = current_date AS closed_today FROM kra.scorecards() WHERE subject_key = 'ann' AND period_label = '2025-01';
SELECT count(closed_on) AS closed_then FROM kra.scorecards('2025-06-30');
SELECT kra.close_review('ann', '2025-01');
SELECT kra.close_review('bob', '2025-05');
SELECT kra.close_review('nobody', '2025-05');
SELECT kra.close_review('ann', '9998-01');

-- What is taken away does not help: without a measurement, no card of a person in the month has more coverage, or has
-- reached a larger share of its weight (score x coverage); nor has any card in any period, where it is of a sum that
-- should be high. (What is left of a mean, a ratio or a maximum may be better than the whole.)
DELETE FROM kra.reviews;
DELETE FROM kra.measurements;
DELETE FROM kra.targets;
DELETE FROM kra.result_area_kpis WHERE kpi_id = tat.kpi('demos') AND result_area_id <> tat.area('rep', 'growth');
UPDATE kra.result_area_kpis SET target = '>= 10' WHERE kpi_id = tat.kpi('demos');
SELECT count(tat.measure(k, s, '2025-01-01', ARRAY(SELECT CASE WHEN (i * 7 + n * 5 + length(k)) % 6 > 0 THEN ((i * 5 + n * 11 + length(k)) % 17)::text || '/' || 1 + (i + n) % 5 END FROM generate_series(1, 6) i))) AS measured
FROM unnest('{demos,share,wait}'::text[]) k, unnest('{ann,bob,cid}'::text[]) WITH ORDINALITY u(s, n);
-- (what was measured while nothing was asked for leaves the sum without a target)
DELETE FROM kra.measurements WHERE (subject_id = tat.subject('bob') AND period_start = '2025-05-01') OR (subject_id = tat.subject('cid') AND period_start >= '2025-05-01' AND kpi_id <> tat.kpi('wait'));
CREATE FUNCTION tat.cards() RETURNS TABLE (row_key text, kind text, grain text, coverage float8, reached float8) LANGUAGE sql STABLE AS $$
    SELECT s.id || '.' || p.period_grain || '.' || p.period_start, s.kind, p.period_grain, coalesce(kra.coverage(c.card), 0), coalesce(kra.score(c.card) * kra.coverage(c.card), 0)
    FROM kra_internal.periods('2025-06-30') p CROSS JOIN kra.subjects s CROSS JOIN LATERAL kra_internal.period_card(s.id, p.grid, p.period_start, p.upto) c WHERE c.card IS NOT NULL $$;
CREATE TABLE tat.whole AS SELECT * FROM tat.cards();
CREATE TABLE tat.without (kpi text, row_key text, kind text, grain text, coverage float8, reached float8);
DO $$
DECLARE
    m record;
    kept tat.without[];
BEGIN
    FOR m IN SELECT row_number() OVER (ORDER BY k.key COLLATE "C", subject_id, period_start) AS n, k.key, x.kpi_id, subject_id, period_start FROM kra.measurements x JOIN kra.kpis k ON k.id = kpi_id LOOP
        CONTINUE WHEN m.n % 4 <> 1;
        BEGIN
            DELETE FROM kra.measurements x WHERE (x.kpi_id, x.subject_id, x.period_start) = (m.kpi_id, m.subject_id, m.period_start);
            SELECT array_agg(row(m.key, c.row_key, c.kind, c.grain, c.coverage, c.reached)::tat.without) INTO kept FROM tat.cards() c;
            RAISE EXCEPTION USING ERRCODE = 'P0999';
        EXCEPTION WHEN SQLSTATE 'P0999' THEN
            INSERT INTO tat.without SELECT * FROM unnest(kept);
        END;
    END LOOP;
END $$;
SELECT o.kpi, count(*) AS cards, count(*) FILTER (WHERE o.reached < w.reached - 1e-9) AS fell, count(*) FILTER (WHERE o.coverage > w.coverage + 1e-9) AS coverage_rose,
       count(*) FILTER (WHERE o.reached > w.reached + 1e-9 AND o.kind = 'person' AND o.grain = 'month') AS rose_for_a_person_in_a_month,
       count(*) FILTER (WHERE o.reached > w.reached + 1e-9 AND o.kpi = 'demos') AS sum_rose
FROM tat.without o JOIN tat.whole w USING (row_key) GROUP BY 1 ORDER BY 1;

DROP SCHEMA tat CASCADE;
