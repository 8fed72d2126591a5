-- leaks: as a restricted reader and a restricted author, by every way that was thought of, nothing of anybody else.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
CREATE ROLE regress_kra_mallory LOGIN;
CREATE ROLE regress_kra_peer;
CREATE ROLE regress_kra_author;
CREATE ROLE regress_kra_admin;
CREATE ROLE regress_kra_pool IN ROLE regress_kra_mallory, regress_kra_peer;   -- a pool's login
SELECT kra.grant_reader('regress_kra_mallory'), kra.grant_reader('regress_kra_peer'), kra.grant_author('regress_kra_author'), kra.grant_admin('regress_kra_admin');

-- Everything of the hidden ones says hidden, or is a number with 777 in it.
SELECT count(*) > 0 AS defined FROM kra.define('{"effective_from": "2025-01-01",
  "subjects": [{"key": "co", "name": "Company", "kind": "company"}, {"key": "open", "name": "Open", "kind": "team", "parent": "co"},
    {"key": "me", "name": "Mallory", "kind": "person", "parent": "open", "role": "rep", "login": "regress_kra_mallory"},
    {"key": "peer", "name": "Peer", "kind": "person", "parent": "open", "role": "rep", "login": "regress_kra_peer"},
    {"key": "mine", "name": "Of the author", "kind": "person", "parent": "open", "role": "rep", "login": "regress_kra_author"},
    {"key": "hidden team", "name": "hidden team", "kind": "team", "parent": "co", "login": "hidden login"}, {"key": "hidden man", "name": "hidden man", "kind": "person", "parent": "hidden team", "role": "rep"}],
  "roles": [{"key": "rep", "name": "Rep", "kras": [{"name": "Revenue", "kpis": [{"key": "demos", "name": "Demos", "kind": "outcome", "target": ">= 10", "owner": "hidden man"}]}]}]}');
SELECT count(*) AS recorded FROM (VALUES ('me', '2025-03-01', 5), ('peer', '2025-03-01', 6), ('mine', '2025-03-01', 8), ('hidden man', '2025-03-01', 7770777), ('hidden man', '2025-02-01', 7771777)) v (s, d, n), LATERAL kra.record('demos', v.s, v.d::date, v.n) r;
SELECT kra.set_target('demos', 'hidden man', '>= 7772777', '2025-01-01', 'imposed', 'hidden note'), kra.close_review('hidden man', '2025-03', 'hidden summary') IS NOT NULL AS closed;
INSERT INTO kra.check_ins (subject_id, comment) SELECT id, 'hidden comment' FROM kra.subjects WHERE key = 'hidden man';
INSERT INTO kra.actions (subject_id, description, owner_id, due_on) SELECT id, 'hidden action', id, '2026-01-01' FROM kra.subjects WHERE key = 'hidden man';
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target, comment) SELECT k.id, s.id, '>= 7772777', 'hidden acknowledgement' FROM kra.kpis k, kra.subjects s WHERE s.key = 'hidden man';
ANALYZE kra.subjects, kra.targets, kra.measurements, kra.placements;
SELECT id AS hidden, (SELECT id FROM kra.subjects WHERE key = 'me') AS me, (SELECT id FROM kra.subjects WHERE key = 'hidden team') AS team, (SELECT id FROM kra.kpis) AS kpi FROM kra.subjects WHERE key = 'hidden man' \gset

-- What a role gets out of every relation, as text; relations without rights say so.
CREATE FUNCTION pg_temp.search_relations() RETURNS TABLE (rel text, lines bigint, leaks bigint) LANGUAGE plpgsql AS $$
DECLARE
    r regclass;
BEGIN
    FOR r IN SELECT oid FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind IN ('r', 'v') ORDER BY oid::regclass::text COLLATE "C" LOOP
        rel := r::text;
        lines := NULL;
        leaks := NULL;
        BEGIN
            EXECUTE format('SELECT count(*), count(*) FILTER (WHERE x::text ~ ''hidden|777'') FROM %s x', r) INTO lines, leaks;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT count(*) AS relations, count(*) FILTER (WHERE leaks > 0) AS with_hidden FROM pg_temp.search_relations();
SET ROLE regress_kra_mallory;
SELECT rel, least(lines, 100) AS lines, leaks FROM pg_temp.search_relations();
-- an author sees definitions, but no results: measurements, reviews, check-ins, actions
SET ROLE regress_kra_author;
SELECT * FROM pg_temp.search_relations() WHERE leaks <> 0 OR rel ~ 'measurements|reviews|check_ins|actions|results|scorecards';
RESET ROLE;

-- Every function that takes ids or keys, for the hidden man, the hidden team, and one that does not exist:
-- the same answer, or the same error.
CREATE FUNCTION pg_temp.ask(question text, subject text, id integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE replace(replace(format('SELECT string_agg(x::text, '';'') FROM (SELECT %s) x', question), '$key', quote_literal(subject)), '$id', id::text) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'UNDO0';   -- what it has changed
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
    RETURN answer;
WHEN OTHERS THEN
    RETURN replace(replace(SQLSTATE || ' ' || SQLERRM, '"' || subject || '"', '(key)'), subject, '(key)');
END $$;
CREATE TEMP TABLE questions (q text);
INSERT INTO questions VALUES
    ('kra_internal.subject_named($key)'), ('kra.scorecard_of($key, ''2025-03'')'), ('kra.scorecard_of($key, ''2025-03'', ''2025-03-20'', true)'), ('kra.propose_target(''demos'', $key)'), ('kra.acknowledge(''demos'', $key)'),
    ('kra.record(''demos'', $key, ''2025-03-01'', 1)'), ('kra.unrecord(''demos'', $key, ''2025-03-01'')'), ('kra.set_target(''demos'', $key, ''>= 1'')'), ('kra.close_review($key, ''2025-03'')'), ('kra.close_review($key, ''2025-04'')'),
    ('kra.define(jsonb_build_object(''subjects'', jsonb_build_array(jsonb_build_object(''key'', $key))), true)'), ('kra.collect(''demos'')'),
    ('kra.sees($id)'), ('kra.sees($id, ''-infinity'', ''infinity'')'), ('kra_internal.shows($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'), ('kra_internal.sees_target((SELECT min(id) FROM kra.kpis), $id, ''2020-01-01'')'),
    ('kra_internal.has_members($id)'), ('kra_internal.path_of($id, ''2025-03-01'', ''2025-03-31'')'), ('kra_internal.card($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'), ('kra_internal.period_card($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'),
    ('kra_internal.series((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-01-01'', ''2025-12-31'')'),
    ('kra_internal.actual_of((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'),
    ('kra_internal.target_in_force((SELECT min(id) FROM kra.kpis), $id, ''2025-03-01'', ''2025-03-31'')'),
    ('kra_internal.target_of((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'), ('kra_internal.target_moved((SELECT min(id) FROM kra.kpis), $id, ''2025-03-01'', ''2025-03-31'')'),
    ('kra_internal.acknowledgement((SELECT min(id) FROM kra.kpis), $id, ''2025-03-01'', ''2025-03-31'')'), ('kra_internal.history((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'', 12)'),
    ('kra_internal.freshest((SELECT min(id) FROM kra.kpis), $id, ''2025-12-31'')'), ('kra_internal.latest_start((SELECT min(id) FROM kra.kpis), ''2025-12-31'')'),
    ('kra_internal.freshest((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-12-31'')'), ('kra_internal.card_at($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-12-31'')'), ('kra_internal.has_card($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-12-31'')'), ('(SELECT count(*) FROM kra_internal.card_rows(''2025-12-31'') WHERE subject_id = $id)'), ('(SELECT string_agg(o::text, '';'') FROM kra_internal.levels_of($id, ''2025-03-31'') o)'), ('(SELECT o FROM kra_internal.place_of($id, ''2025-03-01'', ''2025-03-31'') o)'),
    ('(SELECT o FROM kra_internal.provenance_of((SELECT min(id) FROM kra.kpis), $id, NULL, ''2025-03-31'') o)'), ('(SELECT o FROM kra_internal.may_have_moved((SELECT min(id) FROM kra.kpis), $id, ''2025-03-01'', ''2025-03-31'') o)'), ('kra_internal.line_history((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-04-01'', NULL, NULL, NULL, 24, ''2025-12-31'')'), ('kra_internal.to_date((SELECT min(id) FROM kra.kpis), $id, kra_internal.grid_in_force(''year''), ''2025-01-01'', ''2025-12-31'', ''2025-12-31'')'), ('(SELECT o FROM kra_internal.same_days((SELECT min(id) FROM kra.kpis), $id, kra_internal.grid_in_force(''year''), ''2026-01-01'', ''2026-12-31'') o)'), ('(SELECT string_agg(l::text, '';'') FROM kra_internal.lines_to_date(''2025-12-31'', kra_internal.grid_in_force(''year''), ''2025-01-01'', ''2025-06-30'', ARRAY[$id]) l)'),
    ('kra_internal.sight()'), ('kra_internal.rebuild_tree(ARRAY[$id])'), ('kra_internal.put_measurement(NULL, NULL, NULL, NULL, NULL)'), ('kra_internal.data_range(''2025-12-31'')'), ('(SELECT count(*) FROM kra.kpi_results(''2025-12-31'') WHERE subject_key = $key)'),
    ('(SELECT count(*) FROM kra_internal.kpi_results_above(''2025-12-31''))'), ('(SELECT count(*) FROM kra.scorecards(''2025-12-31'') WHERE subject_key = $key)'), ('(SELECT count(*) FROM kra.kra_results(''2025-12-31'') WHERE subject_key = $key)'), ('(SELECT count(*) FROM kra.imbalances(''2025-12-31'') WHERE subject_key = $key)'), ('(SELECT count(*) FROM kra_internal.periods(''2025-12-31''))'),
    ('kra_internal.collect_kpi((SELECT min(id) FROM kra.kpis), NULL, true)'), ('kra_internal.collect_begins((SELECT min(id) FROM kra.kpis))'), ('kra_internal.collect_columns(''pg_class''::regclass)'), ('kra_internal.document_placements(''{}'', ''2025-01-01'')'), ('kra_internal.document_card_rows(''{}'', ''2025-01-01'')'), ('(SELECT kra.definition()::text ~ ''hidden|777'')'), ('(SELECT kra.definition(''rep'')::text ~ ''hidden|777'')'), ('kra_internal.findings_of_subject($id, ''2025-12-31'', kra_internal.rule_limits())'), ('(SELECT string_agg(f::text, '';'') FROM kra_internal.findings_of_role(1, ''2025-12-31'', kra_internal.rule_limits()) f)'),
    ('(SELECT string_agg(f::text, '';'') FROM kra_internal.findings_of_kpi((SELECT min(id) FROM kra.kpis), ''2025-12-31'', kra_internal.rule_limits()) f)'), ('(SELECT string_agg(f::text, '';'') FROM kra.findings(as_of => ''2025-12-31'') f WHERE subject_key = $key)'), ('kra.waive(''review_overdue:review:'' || $key || '' / 2025-03'', ''x'', ''2999-12-31'')'),
    ('kra.report($key, ''2025-03'', ''2025-12-31'')'), ('kra.report_markdown($key, ''2025-03'', ''2025-12-31'')'), ('(SELECT kra.dashboard(''2025-03'', as_of => ''2025-12-31'') ~ ''hidden [a-z]|777'')'), ('kra_internal.page_period($id, NULL, ''2025-12-31'')'),
    ('kra_internal.report_kras($id, $key, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'', ''2025-12-31'')'), ('(SELECT kra_internal.kpi_pictures((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'', false, 1, NULL, NULL, NULL, true) ~ ''hidden|777'')'),
    ('(SELECT count(*) FROM kra_internal.findings_around($id, NULL, NULL, ''2025-12-31''))'), ('kra_internal.report_findings($id, NULL, NULL, ''2025-12-31'')'), ('kra_internal.report_actions($id, ''2025-03-01'', ''2025-12-31'', ''2025-12-31'')'), ('kra_internal.report_check_ins($id, ''2020-01-01'', ''2099-12-31'', ''2099-12-31'')'),
    ('kra_internal.report_review($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2099-12-31'', NULL)'), ('kra_internal.report_objectives($id, ''2025-03-01'', ''2025-03-31'', ''2025-12-31'')'), ('kra_internal.report_members($id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'', ''2025-12-31'', NULL)'),
    ('kra_internal.due_table($key, ''2025-12-31'')'), ('(SELECT kra_internal.dashboard_due(''2025-12-31'') ~ ''hidden [a-z]|777'')'),
    ('kra_internal.role_lines(''2025-12-31'')'), ('kra_internal.objective_reached((SELECT min(id) FROM kra.kpis))'), ('(SELECT string_agg(f::text, '';'') FROM kra_internal.faults_of_kpi((SELECT min(id) FROM kra.kpis), ''2025-12-31'', kra_internal.rule_limits(), true) f)'), ('kra_internal.pooled_series((SELECT min(id) FROM kra.kpis), ''month''::kra_internal.grid, ''2025-01-01'', ''2025-12-31'')'), ('(SELECT string_agg(s::text, '';'') FROM kra.smart(''demos'', ''2025-12-31'') s)'), ('kra_internal.in_role_since($id, ''2025-12-31'')'), ('(SELECT count(*) FROM kra_internal.card_lines($id, ''2025-12-31''))'), ('kra_internal.is_fresh((SELECT min(id) FROM kra.kpis), ''month''::kra_internal.grid, ''2025-04-10'', 45)'), ('kra_internal.unit_targets($id, ''2025-12-31'')'), ('kra_internal.people_below($id, ''2025-12-31'')'), ('kra_internal.carried_since((SELECT min(id) FROM kra.kpis), $id, ''2025-12-31'')'), ('kra_internal.is_review_owed($id, ''month''::kra_internal.grid, ''2025-11-01'', ''2025-12-31'', ''2025-12-31'')'), ('kra_internal.due_of_subject($id, ''2025-12-31'', 14, kra_internal.rule_limits(), ''2025-12-31'')'), ('(SELECT string_agg(d::text, '';'') FROM kra.due(as_of => ''2025-12-31'') d WHERE subject_key = $key OR owner_key = $key)'), ('kra.notify_due(as_of => ''2025-12-31'')'),
    ('kra_internal.kpi_document((SELECT min(id) FROM kra.kpis), ''2025-12-31'', ''2025-01-01'')');
-- the loop
INSERT INTO questions VALUES
    ('kra_internal.review_actions(''[]'')'), ('kra_internal.subject_seen($key)'), ('kra.check_in($key, ''x'')'), ('kra.add_action($key, ''x'', ''me'', ''2030-01-01'')'), ('kra.add_action(''mine'', ''x'', $key, ''2030-01-01'') > 0'), ('kra_internal.check_acts(kra_internal.subject_named($key))'),
    ('kra.close_review($key, ''2025-02'', NULL, ''[{}]'')'), ('kra.review_agenda($key, ''2025-03'', ''2025-04-30'')'), ('kra.compare_reviews($key, ''2025-03'')'), ('kra.compare_reviews($key, ''2025-03'', ''2025-02'')'), ('kra.track_record($key, ''2025-12-31'')'),
    ('kra_internal.spark((SELECT min(id) FROM kra.kpis), $id, ''month''::kra_internal.grid, ''2025-03-01'', ''2025-03-31'')'), ('(SELECT count(*) FROM kra_internal.findings_about($id, ''2025-12-31'', 1, ''{1}'') f WHERE f::text ~ ''hidden|777'')'),
    ('(SELECT count(*) FROM kra.objective_results(''2025-12-31''))'), ('kra_internal.objective_progress(1, ''2025-12-31'')'), ('(SELECT string_agg(r::text, '';'') FROM kra.kpi_register(''2025-12-31'') r)'),
    ('kra_internal.role_scope(1, ''2025-12-31'')'), ('(SELECT count(*) FROM kra.role_scope_diff(''rep'', ''rep'', ''2025-12-31'') r WHERE r::text ~ ''hidden|777'')'),
    ('kra.consent_to_move($key, ''mine'', ''2025-12-31'')'), ('kra.note_acknowledgement(''demos'', $key, ''yes'', ''paper'', ''2025-12-31'')'), ('kra.forget($key)'), ('kra_internal.last_week(''2025-12-31'')'), ('kra_internal.target_known_on(''2025-01-01'', NULL, ''2025-12-31'')');
-- every function that takes such an argument, or an as_of, is asked
SELECT p.oid::regprocedure AS not_asked FROM pg_proc p WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND provolatile <> 'i' AND prorettype <> 'trigger'::regtype
  AND proargnames && '{subject_id,subject,kpi_id,as_of}' AND NOT EXISTS (SELECT FROM unnest(proargtypes) a JOIN pg_type t ON t.oid = a WHERE typtype = 'c')   -- who gives a row has it
  AND NOT EXISTS (SELECT FROM questions WHERE strpos(q, pronamespace::regnamespace || '.' || proname || '(') > 0) ORDER BY 1;
GRANT SELECT ON questions TO PUBLIC;
SET ROLE regress_kra_mallory;
SELECT count(*) AS asked, count(*) FILTER (WHERE h IS DISTINCT FROM n OR t IS DISTINCT FROM n) AS differ, count(*) FILTER (WHERE concat(h, t) ~ 'hidden|777') AS leaks
FROM questions, LATERAL (SELECT pg_temp.ask(q, 'hidden man', :hidden) AS h, pg_temp.ask(q, 'hidden team', :team) AS t, pg_temp.ask(q, 'nobody', 999999) AS n) a;
SELECT q, pg_temp.ask(q, 'hidden man', :hidden) AS answer FROM questions ORDER BY ctid;
SET ROLE regress_kra_author;
-- the author: where a key that is hidden and one that is missing differ, and what he is told
SELECT left(q, 60) AS q, left(regexp_replace(h, '\d{4}-\d\d-\d\d \d\d:\S+', '(time)'), 150) AS hidden, left(n, 60) AS missing FROM questions, LATERAL (SELECT pg_temp.ask(q, 'hidden man', :hidden) AS h, pg_temp.ask(q, 'nobody', 999999) AS n) a WHERE h IS DISTINCT FROM n;
RESET ROLE;

-- Functions of his own in a WHERE: they are shown only what is his. Cheap ones, operators, casts, and in a join.
GRANT CREATE ON DATABASE :DBNAME TO regress_kra_mallory, regress_kra_author;
SET ROLE regress_kra_mallory;
CREATE SCHEMA regress_kra_evil;
CREATE FUNCTION regress_kra_evil.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN IF $1 ~ 'hidden|777' THEN RAISE WARNING 'told %', $1; END IF; RETURN true; END $$;
CREATE FUNCTION regress_kra_evil.tell_op(text, text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN PERFORM regress_kra_evil.tell($1); RETURN true; END $$;
CREATE OPERATOR regress_kra_evil.<<< (FUNCTION = regress_kra_evil.tell_op, LEFTARG = text, RIGHTARG = text);
CREATE TYPE regress_kra_evil.ear AS (heard text);
CREATE FUNCTION regress_kra_evil.hear(kra.kpi_target) RETURNS regress_kra_evil.ear LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN PERFORM regress_kra_evil.tell($1::text); RETURN ROW($1::text); END $$;
CREATE FUNCTION regress_kra_evil.tell_all() RETURNS TABLE (rel text, told bigint) LANGUAGE plpgsql AS $$
DECLARE
    r regclass;
BEGIN
    FOR r IN SELECT oid FROM pg_class WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind IN ('r', 'v') AND has_table_privilege(oid, 'SELECT') ORDER BY oid::regclass::text COLLATE "C" LOOP
        rel := r::text;
        EXECUTE format('SELECT count(*) FROM %s x WHERE regress_kra_evil.tell(x::text) AND x::text OPERATOR(regress_kra_evil.<<<) ''''', r) INTO told;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT count(*) AS relations, sum(told) > 0 AS told_of_mine FROM regress_kra_evil.tell_all();
SELECT count(*) FROM kra.targets WHERE (regress_kra_evil.hear(target)).heard IS NOT NULL;
SELECT count(*) FROM kra.measurements m JOIN kra.subjects s ON regress_kra_evil.tell(s.name) AND regress_kra_evil.tell(m.actual::text) AND s.id = m.subject_id;
SET enable_seqscan = off;
SELECT count(*) FROM kra.measurements WHERE subject_id = :hidden AND regress_kra_evil.tell(actual::text);
SELECT count(*) FROM kra_bi.kpi_results WHERE subject_key = 'hidden man' AND regress_kra_evil.tell(context);
RESET enable_seqscan;
-- statistics, copies, samples, row locks, row types
SELECT count(*) FROM pg_stats WHERE schemaname = 'kra' AND tablename IN ('subjects', 'targets', 'measurements', 'placements');
SELECT count(*) FROM pg_stats WHERE schemaname IN ('kra', 'kra_bi') AND concat(most_common_vals, histogram_bounds) ~ 'hidden|777';
COPY kra.subjects (key, name) TO STDOUT;
COPY (SELECT subject_key, actual_value FROM kra_bi.kpi_results WHERE period_grain = 'month' ORDER BY subject_key, period_start) TO STDOUT;
SELECT count(*) FROM kra.measurements TABLESAMPLE SYSTEM (100);
SELECT count(*) FROM kra.measurements WHERE ctid = ANY (ARRAY(SELECT format('(0,%s)', i)::tid FROM generate_series(1, 20) i));
SELECT key FROM kra.subjects FOR SHARE;
SELECT key FROM kra.subjects WHERE id = :hidden;
SELECT * FROM kra_internal.subject_ancestors WHERE ancestor_id = :team OR subject_id = :team;
-- EXPLAIN of his functions: they are called for his rows alone. That the server says how many rows it passed over (see README) is left out here.
CREATE FUNCTION regress_kra_evil.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
        IF line ~ 'hidden|777|actual rows' THEN RETURN NEXT regexp_replace(line, '.*(actual rows=\d+).*', '\1'); END IF;
    END LOOP;
END $$;
SELECT * FROM regress_kra_evil.explain('SELECT FROM kra.subjects WHERE regress_kra_evil.tell(name)');
SELECT * FROM regress_kra_evil.explain('SELECT FROM kra.measurements WHERE regress_kra_evil.tell(actual::text)');
-- writes: no error tells whether a hidden row is there
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target) VALUES (:kpi, :hidden, '>= 1');
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target) VALUES (:kpi, 999999, '>= 1');
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target, acknowledged_by) VALUES (:kpi, :me, '>= 1', 'regress_kra_peer');
INSERT INTO kra.acknowledgements (kpi_id, subject_id, target, acknowledged_at) VALUES (:kpi, :me, '>= 1', '2020-01-01');
INSERT INTO kra.check_ins (subject_id, comment) VALUES (:hidden, 'x');
INSERT INTO kra.check_ins (subject_id, comment) VALUES (999999, 'x');
INSERT INTO kra.check_ins (subject_id, comment) VALUES (:me, 'well') RETURNING checked_by;
WITH d AS (UPDATE kra.actions SET outcome = 'x' RETURNING description) SELECT count(*) FROM d;
INSERT INTO kra.subjects (key, name, kind) VALUES ('hidden man', 'x', 'person');
UPDATE kra.subjects SET name = name;
DELETE FROM kra.measurements;
TRUNCATE kra.measurements;
SELECT nextval('kra.subjects_id_seq');
SELECT last_value FROM kra.subjects_id_seq;
CREATE TABLE regress_kra_evil.probe (id integer REFERENCES kra.subjects);
-- triggers of kra on a table of his own: they would write the log and the tree
CREATE TABLE regress_kra_evil.targets (id integer, key text);
CREATE TRIGGER forge AFTER INSERT ON regress_kra_evil.targets FOR EACH ROW EXECUTE FUNCTION kra_internal.log_change();
CREATE TRIGGER forge AFTER INSERT ON regress_kra_evil.targets REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.subjects_added();
CREATE TRIGGER forge AFTER TRUNCATE ON regress_kra_evil.targets FOR EACH STATEMENT EXECUTE FUNCTION kra_internal.truncate_tree();
RESET ROLE;
SET ROLE regress_kra_author;
CREATE TEMP TABLE one AS SELECT kra.actual_agg(1, '2025-03-01'::timestamptz) AS actual;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT :kpi, :hidden, '2025-03-01', actual FROM one;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT :kpi, :hidden, '2025-05-01', actual FROM one;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT :kpi, 999999, '2025-05-01', actual FROM one;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT :kpi, :hidden, '2025-03-01', actual FROM one ON CONFLICT DO NOTHING;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT :kpi, :hidden, '2025-03-01', actual FROM one ON CONFLICT (kpi_id, subject_id, period_start) DO UPDATE SET actual = excluded.actual RETURNING actual;
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card) SELECT :hidden, 'month', '2025-03-01', kra.scorecard_of('mine', '2025-03');
INSERT INTO kra.reviews (subject_id, period_grain, period_start, card) SELECT :hidden, 'month', '2025-04-01', kra.scorecard_of('mine', '2025-03');
WITH d AS (DELETE FROM kra.reviews RETURNING *) SELECT count(*) FROM d;
WITH d AS (DELETE FROM kra.measurements WHERE subject_id = :hidden RETURNING actual) SELECT count(*) FROM d;
WITH d AS (UPDATE kra.check_ins SET comment = comment RETURNING comment) SELECT count(*) FROM d;
RESET ROLE;
SELECT count(*) AS unharmed FROM kra.measurements WHERE subject_id = :hidden;

-- Who asks: prepared statements, cursors, one string of several statements, a role set within a statement.
SET SESSION AUTHORIZATION regress_kra_pool;
SET ROLE regress_kra_mallory;
PREPARE mine AS SELECT current_user, string_agg(key, ' ') AS keys FROM kra.subjects;
EXECUTE mine;
EXECUTE mine; EXECUTE mine; EXECUTE mine; EXECUTE mine; EXECUTE mine;
SET ROLE regress_kra_peer;
EXECUTE mine;
SET ROLE regress_kra_pool;
EXECUTE mine;
SET ROLE regress_kra_mallory \; SELECT string_agg(key, ' ') AS mallory FROM kra.subjects \; SET ROLE regress_kra_peer \; SELECT string_agg(key, ' ') AS peer FROM kra.subjects \; SET ROLE regress_kra_mallory \; EXECUTE mine;
SELECT set_config('role', 'regress_kra_peer', false), kra.viewer(), kra.sees(:me);
RESET ROLE;
BEGIN;
SET LOCAL ROLE regress_kra_mallory;
DECLARE c CURSOR FOR SELECT s.key, kra.viewer() FROM generate_series(1, 2) i, kra.subjects s ORDER BY i;
FETCH 1 FROM c;
SET LOCAL ROLE regress_kra_peer;
FETCH 1 FROM c;
COMMIT;
SET ROLE regress_kra_mallory;
SET ROLE regress_kra_admin;
SELECT set_config('role', 'regress_kra_admin', false);
RESET SESSION AUTHORIZATION;

-- A change holds from the next command on: in one string, a block, a procedure, after a rollback, for memberships.
GRANT regress_kra_mallory TO regress_kra_admin;
SET SESSION AUTHORIZATION regress_kra_admin;
DO $$
DECLARE
    n text;
BEGIN
    CREATE TEMP TABLE heard (step text, keys text);
    GRANT INSERT ON heard TO regress_kra_mallory;
    SET LOCAL ROLE regress_kra_mallory;
    INSERT INTO heard SELECT 'before', string_agg(key, ' ') FROM kra.subjects;
    RESET ROLE;
    UPDATE kra.subjects SET login = NULL WHERE key = 'me';
    SET LOCAL ROLE regress_kra_mallory;
    INSERT INTO heard SELECT 'taken', string_agg(key, ' ') FROM kra.subjects;
    RESET ROLE;
    BEGIN
        UPDATE kra.subjects SET login = 'regress_kra_mallory' WHERE key = 'hidden man';
        SET LOCAL ROLE regress_kra_mallory;
        SELECT string_agg(key, ' ') INTO n FROM kra.subjects;
        RAISE WARNING 'given: %', n;
        RAISE EXCEPTION 'back';
    EXCEPTION WHEN raise_exception THEN
        NULL;
    END;
    SET LOCAL ROLE regress_kra_mallory;
    SELECT string_agg(key, ' ') INTO n FROM kra.subjects;
    RESET ROLE;
    INSERT INTO heard VALUES ('rolled back', n);
    UPDATE kra.subjects SET login = 'regress_kra_mallory' WHERE key = 'me';
END $$;
RESET ROLE;
SELECT * FROM heard;
DROP TABLE heard;
RESET SESSION AUTHORIZATION;
REVOKE regress_kra_mallory FROM regress_kra_admin;
CREATE ROLE regress_kra_hr;
GRANT regress_kra_hr TO regress_kra_mallory;
INSERT INTO kra.settings (sees_all_role) VALUES ('regress_kra_hr') \; SET ROLE regress_kra_mallory \; SELECT count(*) AS member FROM kra.subjects \; RESET ROLE \; REVOKE regress_kra_hr FROM regress_kra_mallory \; SET ROLE regress_kra_mallory \; SELECT count(*) AS no_longer FROM kra.subjects \; RESET ROLE \; GRANT regress_kra_hr TO regress_kra_mallory \; DELETE FROM kra.settings \; SET ROLE regress_kra_mallory \; SELECT count(*) AS not_named FROM kra.subjects \; RESET ROLE;
REVOKE regress_kra_hr FROM regress_kra_mallory;
CREATE PROCEDURE pg_temp.moves() LANGUAGE plpgsql AS $$
DECLARE
    n text;
BEGIN
    SET ROLE regress_kra_mallory;
    SELECT string_agg(key, ' ') INTO n FROM kra.subjects;
    RAISE WARNING 'before: %', n;
    RESET ROLE;
    UPDATE kra.placements SET parent_id = (SELECT id FROM kra.subjects WHERE key = 'me') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'peer');
    COMMIT;
    SET ROLE regress_kra_mallory;
    SELECT string_agg(key, ' ' ORDER BY key) INTO n FROM kra.subjects;
    RAISE WARNING 'after: %', n;
    RESET ROLE;
    UPDATE kra.placements SET parent_id = (SELECT id FROM kra.subjects WHERE key = 'open') WHERE subject_id = (SELECT id FROM kra.subjects WHERE key = 'peer');
    COMMIT;
    SET ROLE regress_kra_mallory;
    SELECT string_agg(key, ' ' ORDER BY key) INTO n FROM kra.subjects;
    RAISE WARNING 'moved back: %', n;
    RESET ROLE;
END $$;
CALL pg_temp.moves();

-- SECURITY DEFINER functions of others, and where the server works for the owner of a table: both must see it.
SET ROLE regress_kra_mallory;
CREATE FUNCTION regress_kra_evil.borrowed() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT CASE WHEN kra.viewer() LIKE 'regress%' THEN kra.viewer() ELSE 'superuser' END || ' sees ' || coalesce(string_agg(key, ' '), 'nothing') FROM kra.subjects $$;
GRANT USAGE ON SCHEMA regress_kra_evil TO PUBLIC;
CREATE MATERIALIZED VIEW regress_kra_evil.copy AS SELECT key FROM kra.subjects;
CREATE TABLE regress_kra_evil.bait (heard text);
CREATE TABLE regress_kra_evil.line (id integer);
INSERT INTO regress_kra_evil.line VALUES (1);
CREATE FUNCTION regress_kra_evil.listen() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO regress_kra_evil.bait SELECT kra.viewer() || ' hears ' || coalesce(string_agg(s.key || coalesce(' ' || kra.value(m.actual, 'sum'), ''), ', ' ORDER BY s.key), 'nothing') FROM kra.subjects s LEFT JOIN kra.measurements m ON m.subject_id = s.id;
END $$;
CREATE FUNCTION regress_kra_evil.lure(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM regress_kra_evil.listen(); RETURN $1; END $$;
CREATE INDEX ON regress_kra_evil.line (regress_kra_evil.lure(id));
RESET ROLE;
-- a superuser's session
SELECT regress_kra_evil.borrowed();
REFRESH MATERIALIZED VIEW regress_kra_evil.copy;
SELECT key FROM regress_kra_evil.copy;
REINDEX TABLE regress_kra_evil.line;
ANALYZE regress_kra_evil.line;
SELECT count(*) > 1 AS listened, string_agg(DISTINCT heard, '; ') AS heard FROM regress_kra_evil.bait;
-- a peer's: neither shows the other more
SET ROLE regress_kra_peer;
SELECT regress_kra_evil.borrowed();
RESET ROLE;
-- a view of the admin's, and a function of his: what the caller may see
SET ROLE regress_kra_admin;
CREATE TEMP VIEW lent AS SELECT key FROM kra.subjects;
CREATE FUNCTION pg_temp.lent() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM kra.measurements';
GRANT SELECT ON lent TO PUBLIC;
SET ROLE regress_kra_mallory;
SELECT key, pg_temp.lent() FROM lent;
RESET ROLE;

-- Names of his own, first on the path: of functions, operators, types, tables, also temporary. Nothing changes, for him or for an admin with that path.
CREATE TEMP TABLE before AS SELECT to_jsonb(r) AS line FROM kra_bi.kpi_results r UNION ALL SELECT to_jsonb(r) FROM kra.kpi_results('2025-05-15') r UNION ALL SELECT to_jsonb(r) FROM kra.scorecards('2025-05-15') r UNION ALL SELECT to_jsonb(r) FROM kra_bi.scorecards r UNION ALL SELECT to_jsonb(r) FROM kra_bi.imbalances r UNION ALL SELECT to_jsonb(r) FROM kra_bi.dim_subject r
    UNION ALL SELECT to_jsonb(r) FROM kra_bi.dim_kpi r UNION ALL SELECT to_jsonb(r) FROM kra_bi.dim_period r UNION ALL SELECT to_jsonb(r) FROM kra_bi.kra_results r UNION ALL SELECT kra.definition() UNION ALL SELECT to_jsonb(kra.propose_target('demos', 'me', '2025-06-01')) UNION ALL SELECT to_jsonb(kra.scorecard_of('me', '2025-03')::text);
SET ROLE regress_kra_mallory;
CREATE FUNCTION regress_kra_evil.trap(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped in %', $1; END $$;
DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY string_to_array('now();round(numeric);round(double precision);format(text,text);quote_ident(text);current_setting(text);set_config(text,text,boolean);to_jsonb(anyelement);lower(text);isfinite(date);array_position(anycompatiblearray,anycompatible);pg_has_role(name,oid,text);has_table_privilege(name,text,text);concat_ws(text,text,text);jsonb_build_object(text,text);clock_timestamp();date_part(text,timestamp);generate_series(integer,integer);unnest(anyarray);cardinality(anyarray);to_regclass(text);parse_ident(text);format_type(oid,integer);obj_description(oid,name);kpi_named(text);sees(integer);viewer();sees_all();value(kra.kpi_actual,text)', ';') LOOP
        EXECUTE format('CREATE FUNCTION regress_kra_evil.%s RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM regress_kra_evil.trap(%L); END $f$', f, CASE WHEN f ~ 'any' THEN 'integer' ELSE 'text' END, f);
    END LOOP;
END $$;
DO $$
DECLARE
    o text;
    t text;
BEGIN
    FOREACH t IN ARRAY '{integer,kra_internal.grid,date,text,name,oid,boolean,"double precision",numeric,jsonb,timestamptz,kra.kpi_target,kra.kpi_actual,kra.kpi_status,"\"char\""}'::text[] LOOP
        EXECUTE format('CREATE FUNCTION regress_kra_evil.trap_op(%1$s, %1$s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM regress_kra_evil.trap(''an operator''); END $f$', t);
        FOREACH o IN ARRAY '{=,<>,<,<=,>,>=,||,+,-,*,/,@>,->,->>,?,~}'::text[] LOOP
            EXECUTE format('CREATE OPERATOR regress_kra_evil.%s (FUNCTION = regress_kra_evil.trap_op, LEFTARG = %s, RIGHTARG = %s)', o, t, t);
        END LOOP;
    END LOOP;
END $$;
CREATE AGGREGATE regress_kra_evil.sum(double precision) (SFUNC = float8pl, STYPE = float8, INITCOND = '777');
CREATE AGGREGATE regress_kra_evil.count(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '777');
CREATE AGGREGATE regress_kra_evil.max(date) (SFUNC = date_smaller, STYPE = date);
CREATE DOMAIN regress_kra_evil.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN regress_kra_evil.date AS pg_catalog.date CHECK (false);
CREATE DOMAIN regress_kra_evil.kpi_target AS pg_catalog.text;
CREATE TABLE regress_kra_evil.subjects AS SELECT * FROM kra.subjects;
CREATE TABLE regress_kra_evil.settings AS SELECT 'regress_kra_mallory' AS sees_all_role;
CREATE TABLE regress_kra_evil.pg_roles AS SELECT * FROM pg_catalog.pg_roles;
CREATE TABLE regress_kra_evil.pg_class AS SELECT oid, relname FROM pg_catalog.pg_class;
RESET ROLE;
CREATE FUNCTION pg_temp.same() RETURNS TABLE (lines bigint, differ bigint) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT count(*), count(*) FILTER (WHERE n IS NULL OR n.line IS DISTINCT FROM b.line) FROM pg_temp.before b FULL JOIN pg_temp.after n ON n.line = b.line;
END $$;
CREATE FUNCTION pg_temp.again() RETURNS void LANGUAGE plpgsql AS $$   -- with the path of who calls
BEGIN
    EXECUTE 'CREATE TEMP TABLE after AS SELECT pg_catalog.to_jsonb(r) AS line FROM kra_bi.kpi_results r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra.kpi_results(''2025-05-15'') r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra.scorecards(''2025-05-15'') r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.scorecards r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.imbalances r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.dim_subject r
        UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.dim_kpi r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.dim_period r UNION ALL SELECT pg_catalog.to_jsonb(r) FROM kra_bi.kra_results r UNION ALL SELECT kra.definition() UNION ALL SELECT pg_catalog.to_jsonb(kra.propose_target(''demos'', ''me'', ''2025-06-01'')) UNION ALL SELECT pg_catalog.to_jsonb(kra.scorecard_of(''me'', ''2025-03'')::pg_catalog.text)';
END $$;
CREATE TABLE regress_kra_evil.facts AS SELECT 'me' AS subject, date '2025-04-01' AS at, 3 AS value;
GRANT ALL ON SCHEMA regress_kra_evil TO regress_kra_admin;
GRANT ALL ON ALL TABLES IN SCHEMA regress_kra_evil TO regress_kra_admin;
SET search_path = regress_kra_evil, pg_temp, pg_catalog;
SELECT 1::pg_catalog.int4 = 1::pg_catalog.int4 AS the_trap_works;
SELECT now();
SELECT pg_temp.again();
SELECT * FROM pg_temp.same();
DROP TABLE pg_temp.after;
SET ROLE regress_kra_admin;
SELECT kra.viewer(), kra.sees_all(), kra_internal.is_author();
SELECT pg_catalog.count(x) FROM kra.define('{"effective_from": "2025-04-01", "subjects": [{"key": "next", "name": "Next", "kind": "person", "parent": "open", "role": "rep", "login": "x"}], "objectives": [{"key": "grow", "name": "Grow"}], "kpis": [{"key": "facts", "name": "Facts", "kind": "activity", "unit": "%", "source": "regress_kra_evil.facts", "objective": "grow", "owner": "me"}, {"key": "nps", "name": "NPS", "kind": "outcome", "scale": "nps", "over_time": "ratio"}]}') x;
SELECT kra.set_target('facts', 'me', '>= 2', '2025-04-01'), kra.set_target('facts', 'me', '>= 4', '2025-04-01');
SELECT kpi_key, changed, error FROM kra.collect();
SELECT recorded_value FROM kra.record('demos', 'me', '2025-04-01', 4);
SELECT recorded_value FROM kra.record('nps', 'me', '2025-04-01', ARRAY[9, 10, 3]);
SELECT removed_value FROM kra.unrecord('demos', 'me', '2025-04-01');
SELECT kra.close_review('me', '2025-03') IS NOT NULL AS closed;
SELECT pg_catalog.count(p.reason), pg_catalog.count(kra.definition('rep')) FROM kra.propose_target('demos', 'me', '2025-06-01') p;
INSERT INTO kra.settings (min_group_size, show_groups_above) VALUES (2, true);
UPDATE kra.settings SET history_periods = 12;
SELECT kra.grant_reader('regress_kra_hr'), kra.revoke_reader('regress_kra_hr');
SET ROLE regress_kra_mallory;
SELECT kra.acknowledge('demos', 'me', 'yes');
SELECT kra.viewer(), kra.sees_all();
SELECT pg_catalog.count(key) FROM kra.subjects;
SELECT pg_catalog.count(subject_key) FROM kra_bi.kpi_results;
SELECT pg_catalog.count(subject_key) FROM kra_bi.group_results;
RESET ROLE;
RESET search_path;

-- A source relation runs with the rights of who collects, and no others: what is in it cannot come to the owner's.
SET ROLE regress_kra_mallory;
CREATE FUNCTION regress_kra_evil.whoami(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'runs as %', current_user; RETURN $1; END $$;
CREATE VIEW regress_kra_evil.source AS SELECT 'me' AS subject, date '2025-05-01' AS at, regress_kra_evil.whoami(4) AS value;
GRANT SELECT ON regress_kra_evil.source TO regress_kra_admin;
RESET ROLE;
UPDATE kra.kpis SET source_relation = 'regress_kra_evil.source' WHERE key = 'facts';
SET ROLE regress_kra_admin;
SELECT kpi_key, changed, error FROM kra.collect('facts', "full" => true);
RESET ROLE;

DROP SCHEMA regress_kra_evil CASCADE;
DROP EXTENSION kra CASCADE;
DROP OWNED BY regress_kra_mallory, regress_kra_author, regress_kra_admin;
DROP ROLE regress_kra_mallory, regress_kra_peer, regress_kra_author, regress_kra_admin, regress_kra_pool, regress_kra_hr;
CREATE EXTENSION kra;
