-- Kept results follow the day: by refresh, by what is changed and told; who may, and who waits.
SET timezone = 'UTC';
SET client_min_messages = warning;
\set VERBOSITY terse
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
SELECT kra.refresh() IS NULL AS nothing_measured;

SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2024-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company"},
               {"key": "p", "name": "P", "kind": "person", "parent": "co", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Sales", "kpis": [
    {"key": "calls", "name": "Calls", "kind": "activity", "cadence": "day", "target": ">= 10"}]}]}]}');
SELECT count(*) AS recorded FROM generate_series(0, 40) n,
    kra.record('calls', 'p', kra_internal.today() - n, 10) r;

CREATE FUNCTION pg_temp.days_go_by(_days integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM kra_internal.kept_lines l WHERE l.first_day > kra_internal.today() - _days;
    UPDATE kra_internal.kept_lines l SET (is_final, actual) = (false, -1)
    WHERE l.last_day >= kra_internal.today() - _days;
    UPDATE kra_internal.kept_days d SET (as_of, since) = (d.as_of - _days, d.since - _days);
$$;
CREATE FUNCTION pg_temp.differ() RETURNS bigint LANGUAGE sql AS $$
    WITH anew AS MATERIALIZED (
        SELECT l.* FROM (SELECT min(m.period_start) AS first_day FROM kra.measurements m) d
        CROSS JOIN LATERAL kra_internal.lines_to_keep(kra_internal.today(), d.first_day,
                                                      kra_internal.today(), NULL, NULL) l
    )
    SELECT (SELECT count(*) FROM (TABLE anew EXCEPT TABLE kra_internal.kept_lines) x)
         + (SELECT count(*) FROM (TABLE kra_internal.kept_lines EXCEPT TABLE anew) x)
$$;
CREATE TEMP TABLE shown AS
SELECT r.subject_key, r.period_label, r.actual_value, r.status, r.previous_value, r.misses_count
FROM kra_bi.kpi_results r;

-- what is read is right while it is not kept; refresh keeps it, and says of which day
SELECT pg_temp.days_go_by(3);
SELECT pg_temp.differ() > 0 AS behind,
       (SELECT count(*) FROM (SELECT subject_key, period_label, actual_value, status,
                                     previous_value, misses_count
                              FROM kra_bi.kpi_results EXCEPT TABLE shown) x) AS shown_otherwise;
SELECT kra.refresh() = kra_internal.today() AS of_today, pg_temp.differ() AS differ;
-- nothing is to be done: nobody is waited for
SELECT sum(l.taken) AS taken FROM kra_internal.locks l WHERE l.name ~ '^lines of' \gset
SELECT kra.refresh() = kra_internal.today() AS of_today;
SELECT sum(l.taken) - :taken AS taken FROM kra_internal.locks l WHERE l.name ~ '^lines of';

-- so do a change and notify_due
SELECT pg_temp.days_go_by(3);
SELECT count(*) FROM kra.record('calls', 'p', kra_internal.today(), 11);
SELECT pg_temp.differ() AS differ;
SELECT pg_temp.days_go_by(3);
SELECT kra.notify_due() IS NOT NULL AS told, pg_temp.differ() AS differ;

-- a document whose lines are made at its end; a dry run makes none
SELECT sum(l.taken) AS taken FROM kra_internal.locks l WHERE l.name ~ '^lines of' \gset
SELECT count(*) > 0 AS said FROM kra.define('{"effective_from": "2024-01-01",
  "kpis": [{"key": "calls", "at_risk_from": 0.8}],
  "targets": [{"kpi": "calls", "subject": "p", "target": ">= 20"}],
  "subjects": [{"key": "q", "name": "Q", "kind": "person", "parent": "co", "role": "rep"}]}', true);
SELECT pg_temp.differ() AS differ, sum(l.taken) - :taken AS taken
FROM kra_internal.locks l WHERE l.name ~ '^lines of';
SELECT count(*) > 0 AS done FROM kra.define('{"effective_from": "2024-01-01",
  "kpis": [{"key": "calls", "at_risk_from": 0.8}],
  "targets": [{"kpi": "calls", "subject": "p", "target": ">= 20"}],
  "subjects": [{"key": "q", "name": "Q", "kind": "person", "parent": "co", "role": "rep"}]}');
SELECT pg_temp.differ() AS differ, sum(l.taken) - :taken AS taken
FROM kra_internal.locks l WHERE l.name ~ '^lines of';
-- what waits is no obstacle to what comes in the same transaction
BEGIN;
SELECT count(*) > 0 AS done FROM kra.define('{"effective_from": "2024-01-01",
  "targets": [{"kpi": "calls", "subject": "q", "target": ">= 2"}]}');
SELECT kra_internal.hold_lines() AS holds, kra_internal.hold_lines() AS twice;
SELECT count(*) > 0 AS done FROM kra.define('{"effective_from": "2024-01-01",
  "targets": [{"kpi": "calls", "subject": "q", "target": ">= 3"}]}');
SELECT pg_temp.differ() > 0 AS held;
SELECT count(*) > 0 AS forgotten FROM kra.forget('q');
COMMIT;
SELECT pg_temp.differ() AS differ, (SELECT count(*) FROM kra_internal.line_work) AS left_over;

-- keepers and admins may
CREATE ROLE regress_kra_keeper;
CREATE ROLE regress_kra_author;
SELECT kra.grant_keeper('regress_kra_keeper'), kra.grant_author('regress_kra_author');
SET ROLE regress_kra_keeper;
SELECT kra.refresh() IS NOT NULL AS kept;
SET ROLE regress_kra_author;
SELECT kra.refresh();
RESET ROLE;
BEGIN READ ONLY;
SELECT kra.refresh() IS NOT NULL AS nothing_to_do;
COMMIT;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
DROP ROLE regress_kra_keeper, regress_kra_author;
