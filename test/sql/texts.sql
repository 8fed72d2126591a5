-- Texts that people enter: as long as they may be and a character longer, by every way in; what
-- messages repeat of what they were given; and keys that look the same.
\set VERBOSITY terse
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;

-- every text column has a limit, or is one of a few words, or is written by triggers alone
SELECT c.oid::regclass AS without_limit, a.attname
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid IN ('text'::regtype, 'text[]'::regtype)
WHERE c.relkind = 'r' AND c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype = 'c' AND a.attnum = ANY (x.conkey)
                  AND pg_get_constraintdef(x.oid) ~ 'is_(short|line|note|list)|= ANY \(ARRAY\[')
ORDER BY 1, 2;

-- every text is one in which people may be named, and kra.forget goes by, or one of these
SELECT c.oid::regclass AS names_nobody, string_agg(a.attname, ' ' ORDER BY a.attname COLLATE "C") AS columns
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'kra.scorecard'::regtype)
WHERE c.relkind = 'r' AND c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
  AND c.oid <> 'kra.definition_log'::regclass
  AND NOT EXISTS (SELECT FROM kra_internal.person_texts() p WHERE p.table_name::regclass = c.oid AND p.column_name = a.attname)
  AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype = 'c' AND a.attnum = ANY (x.conkey)
                  AND pg_get_constraintdef(x.oid) ~ '= ANY \(ARRAY\[')
GROUP BY c.oid ORDER BY 1;
-- and one that is about the subject of its row goes whole, unless it is a role or a key
SELECT p.table_name, p.column_name FROM kra_internal.person_texts() p
WHERE p.whose IS NULL AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.table_name::regclass AND a.attname = 'subject_id') ORDER BY 1, 2;

-- a document, at the limit and past it
SELECT count(*) AS defined FROM kra.define(jsonb_build_object('effective_from', '2026-01-01',
    'objectives', jsonb_build_array(jsonb_build_object('key', repeat('o', 200), 'name', repeat('O', 200), 'description', repeat('d', 10000),
        'milestones', jsonb_build_array(jsonb_build_object('key', repeat('m', 200), 'name', repeat('M', 200))))),
    'subjects', jsonb_build_array(jsonb_build_object('key', 'sam', 'name', repeat('S', 200), 'kind', 'person', 'role', 'rep')),
    'kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'name', repeat('D', 200), 'kind', 'activity', 'unit', repeat('u', 200), 'description', repeat('d', 10000),
        'influenceable_by', jsonb_build_array('sam'))),
    'roles', jsonb_build_array(jsonb_build_object('key', 'rep', 'name', 'Rep', 'purpose', repeat('p', 1000), 'level', repeat('l', 200),
        'kras', jsonb_build_array(jsonb_build_object('name', repeat('K', 200), 'scope', repeat('s', 1000), 'kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'target', '>= 5'))))))));
SELECT * FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', repeat('s', 201)))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'unit', repeat('u', 201)))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'source', repeat('u', 1001)))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'description', repeat('u', 10001)))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'influenceable_by', (SELECT jsonb_agg('s' || i) FROM generate_series(1, 1001) i)))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', 'influenceable_by', jsonb_build_array(repeat('s', 201))))));
SELECT * FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'demos', repeat('x', 1000000), 1))));
SELECT * FROM kra.define(jsonb_build_object('targets', jsonb_build_array(jsonb_build_object('kpi', 'demos', 'subject', 'sam', 'target', '>= 6', 'note', repeat('n', 10001)))));
SELECT * FROM kra.define(jsonb_build_object('$schema', repeat('x', 67108864)));

-- functions
SELECT kra.check_in('sam', repeat('c', 10000)) > 0 AS noted;
SELECT kra.check_in('sam', repeat('c', 10001));
SELECT kra.add_action('sam', repeat('d', 10000), 'sam', '2026-12-31') > 0 AS added;
SELECT kra.add_action('sam', repeat('d', 10001), 'sam', '2026-12-31');
SELECT kra.complete_action(1, repeat('o', 10001));
SELECT kra.set_milestone(repeat('o', 200), 'n', repeat('N', 201));
SELECT kra.retire('demos', repeat('r', 10001));
SELECT kra.revisit('demos', repeat('r', 10001));
SELECT kra.revisit('rep', repeat('K', 200), repeat('r', 10001));
SELECT kra.set_target('demos', 'sam', '>= 6', '2026-02-01', note => repeat('n', 10001));
SELECT kra.record('demos', 'sam', '2026-01-05', 3) IS NOT NULL AS recorded;
SELECT kra.close_review('sam', '2026-01', repeat('s', 10001));
SELECT kra.close_review('sam', '2026-01', repeat('s', 10000), jsonb_build_array(jsonb_build_object('description', repeat('d', 10001), 'owner', 'sam', 'due_on', '2026-03-01')));
INSERT INTO kra.check_ins (subject_id, comment) VALUES (1, repeat('c', 10001));
UPDATE kra.subjects SET login = repeat('l', 201);
UPDATE kra.kpis SET scale_labels = ARRAY[repeat('l', 201), 'b'], scale = 'ordinal', over_time = 'ratio', over_subjects = 'ratio';

-- what a message repeats is cut: every function that takes a text, given a very long one
CREATE FUNCTION refusal(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE call;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN CASE WHEN length(message) + length(detail) + length(hint) > 1500 THEN 'LONG ' ELSE '' END || regexp_replace(left(message, 80), '(x)\1{9,}', 'xxx', 'g');
END $$;
\pset format unaligned
SELECT c.call, refusal(replace(c.call, '$', 'repeat(''x'', 5000000)')) FROM (VALUES
    ('SELECT kra.report($, ''2026'')'), ('SELECT kra.report(''sam'', $)'), ('SELECT kra.report_markdown($, ''2026'')'),
    ('SELECT kra.dashboard($)'), ('SELECT kra.dashboard(''2026'', link => $)'),
    ('SELECT kra.record($, ''sam'', ''2026-01-01'', 1)'), ('SELECT kra.record(''demos'', $, ''2026-01-01'', 1)'),
    ('SELECT kra.unrecord($, ''sam'', ''2026-01-01'')'), ('SELECT * FROM kra.collect($)'),
    ('SELECT kra.set_target($, ''sam'', NULL, ''2026-01-01'')'), ('SELECT kra.acknowledge($, ''sam'')'), ('SELECT kra.acknowledge(''demos'', $)'),
    ('SELECT kra.propose_target($, ''sam'')'), ('SELECT kra.propose_target(''demos'', ''sam'', direction => $)'),
    ('SELECT kra.check_in($, ''x'')'), ('SELECT kra.check_in(''sam'', ''x'', kpi => $)'), ('SELECT kra.check_in(''sam'', ''x'', objective => $)'),
    ('SELECT kra.add_action($, ''x'', ''sam'', ''2026-01-01'')'), ('SELECT kra.add_action(''sam'', ''x'', $, ''2026-01-01'')'),
    ('SELECT kra.add_action(''sam'', ''x'', ''sam'', ''2026-01-01'', period => $)'),
    ('SELECT kra.close_review($, ''2026'')'), ('SELECT kra.close_review(''sam'', $)'),
    ('SELECT kra.close_review(''sam'', ''2026-01'', actions => jsonb_build_array(jsonb_build_object($, 1)))'),
    ('SELECT kra.close_review(''sam'', ''2026-01'', actions => jsonb_build_array(jsonb_build_object(''description'', ''x'', ''due_on'', ''2026-01-01'', ''owner'', $)))'),
    ('SELECT kra.set_milestone($, ''m'')'), ('SELECT kra.set_milestone(repeat(''o'', 200), $)'), ('SELECT kra.complete_milestone(repeat(''o'', 200), $)'),
    ('SELECT kra.promote($, ''x'')'), ('SELECT kra.revisit(''rep'', $, NULL)'), ('SELECT kra.revisit($, ''x'', NULL)'),
    ('SELECT * FROM kra.review_agenda($, ''2026'')'), ('SELECT * FROM kra.compare_reviews(''sam'', $)'), ('SELECT * FROM kra.role_scope_diff($, ''rep'')'),
    ('SELECT * FROM kra.track_record($)'), ('SELECT kra.definition($)'), ('SELECT kra.scorecard_of($, ''2026'')'), ('SELECT kra.scorecard_of(''sam'', $)'),
    ('SELECT kra.waive($, ''x'', ''9999-12-31'')'), ('SELECT kra.waive(''stale_data:'' || $, ''x'', ''9999-12-31'')'),
    ('SELECT kra.waive(''stale_subject:target:'' || $, ''x'', ''9999-12-31'')'),
    ('INSERT INTO kra.rule_settings (rule) VALUES ($)'), ('SELECT kra.notify_due($)'),
    ('SELECT * FROM kra.define(jsonb_build_object(''roles'', jsonb_build_array(jsonb_build_object(''key'', ''rep'', ''kras'', jsonb_build_array(jsonb_build_object(''key'', $))))))'),
    ('SELECT * FROM kra.define(jsonb_build_object(''effective_from'', $))'), ('SELECT * FROM kra.define(jsonb_build_object(''settings'', jsonb_build_object(''review_cadence'', $)))'),
    ('SELECT * FROM kra.define(jsonb_build_object($, 1))')) c (call);
\pset format aligned
SELECT kra_internal.quoted(repeat('x', 200)) = '"' || repeat('x', 200) || '"' AS whole, length(kra_internal.quoted(repeat('x', 201))) AS cut, kra_internal.quoted(NULL) AS missing, kra_internal.quoted('a "b"') AS as_it_is;

-- a page stays small, whatever readers write
INSERT INTO kra.check_ins (subject_id, comment, checked_at) SELECT s.id, repeat('"', 10000), timestamptz '2026-01-10 UTC' + i * interval '1 hour' FROM generate_series(1, 200) i, kra.subjects s;
INSERT INTO kra.actions (subject_id, description, owner_id, due_on, created_at) SELECT s.id, repeat('"', 10000), s.id, '2026-02-01', '2026-01-10 UTC' FROM generate_series(1, 200) i, kra.subjects s;
SELECT length(p) BETWEEN 500000 AND 2000000 AS small, p ~ 'The latest 50 of 200' AS says_so FROM kra.report('sam', '2026-01', '2026-01-31') p;
SELECT length(kra.dashboard('2026-01', '2026-01-31')) < 200000 AS small, length(kra.report_markdown('sam', '2026-01', '2026-01-31')) < 20000 AS short;
DELETE FROM kra.check_ins;
DELETE FROM kra.actions;

-- keys that look the same are the same: a letter and its accent are one character (first) or two
SELECT U&'jos\00E9' AS one, U&'jose\0301' AS two \gset
SELECT :'one' <> :'two' AS other_bytes;
SELECT object, row_key = :'one' AS in_normal_form FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', :'two', 'name', 'J', 'kind', 'person', 'role', 'rep'))), true) WHERE object = 'subjects';
SELECT count(*) AS defined FROM kra.define(jsonb_build_object('effective_from', '2026-01-01', 'subjects', jsonb_build_array(jsonb_build_object('key', :'two', 'name', :'two', 'kind', 'person', 'role', :'one')),
    'roles', jsonb_build_array(jsonb_build_object('key', :'two', 'name', 'R', 'kras', jsonb_build_array(jsonb_build_object('name', :'two', 'kpis', jsonb_build_array(jsonb_build_object('key', :'one', 'target', '>= 5')))))),
    'kpis', jsonb_build_array(jsonb_build_object('key', :'two', 'name', 'K', 'kind', 'activity', 'influenceable_by', jsonb_build_array(:'two')))));
SELECT count(*) AS nothing_new FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', :'one')), 'kpis', jsonb_build_array(jsonb_build_object('key', :'one'))));
SELECT * FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', :'one'), jsonb_build_object('key', :'two'))));
INSERT INTO kra.subjects (key, name, kind) VALUES (:'two', 'another', 'person');
SELECT recorded_value FROM kra.record(:'one', :'two', '2026-01-05', 1);
SELECT recorded_value, previous_value FROM kra.record(:'two', :'one', '2026-01-05', 2);
SELECT kra.revisit(:'two', :'two', 'still right');
SELECT kra.close_review(:'two', '2026-01') IS NOT NULL AS closed;
SELECT key = :'one' AS kept FROM kra.subjects WHERE name = :'one';
CREATE TABLE facts (subject text, at date, value float8);
INSERT INTO facts VALUES (:'one', '2026-03-01', 1), (:'two', '2026-03-02', 2), (:'two', '2026-04-02', 4), (U&'jose\0302', '2026-04-02', 8);
SELECT count(*) AS defined FROM kra.define(jsonb_build_object('kpis', jsonb_build_array(jsonb_build_object('key', 'facts', 'name', 'F', 'kind', 'activity', 'source', 'public.facts'))));
SELECT changed, unknown_count, unknown_subjects = ARRAY[U&'jos\00EA'] AS one_unknown, error FROM kra.collect('facts');
SELECT m.period_start, kra.value(m.actual, 'sum') FROM kra.measurements m JOIN kra.kpis k ON k.id = m.kpi_id WHERE k.key = 'facts' ORDER BY 1;
-- what is outside is not normalised: a role or a relation is named by its bytes
SELECT after->>'login' = :'two' AS as_given FROM kra.define(jsonb_build_object('subjects', jsonb_build_array(jsonb_build_object('key', :'one', 'login', :'two'))), true);
DROP TABLE facts;
DROP FUNCTION refusal(text);
