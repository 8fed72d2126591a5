-- argument_limits: what is too long is refused before anything of it is read or shown, and an error shows 100 characters at most.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET search_path = kra, public, kra_internal;
\pset null '(null)'
SET client_min_messages = warning;

-- what a statement says, how much of it is the letter z, and how much there is
CREATE FUNCTION pg_temp.says(statement text, VARIADIC args text[] DEFAULT '{}') RETURNS TABLE (state text, said text, shown int, length int) LANGUAGE plpgsql AS $$
DECLARE
    d text;
    h text;
BEGIN
    EXECUTE statement USING args;
    state := 'ok';
    RETURN NEXT;
EXCEPTION WHEN others THEN
    GET STACKED DIAGNOSTICS state := RETURNED_SQLSTATE, said := MESSAGE_TEXT, d := PG_EXCEPTION_DETAIL, h := PG_EXCEPTION_HINT;
    shown := length(regexp_replace(said || d || h, '[^z]', '', 'g'));
    length := length(said || d || h);
    said := regexp_replace(left(said, 120), 'z{3,}', 'zz..', 'g');
    RETURN NEXT;
END $$;

-- At the limit and just past it; of z's in what is refused for its form, what an error shows.
CREATE TEMP TABLE calls (n serial, what text, bytes int, call text);   -- %s is the text as a literal
INSERT INTO calls (what, bytes, call) VALUES
    ('kpi_target', 1000, 'SELECT %s::kpi_target'), ('kpi_target', 1000, 'SELECT (''>= 1'' || right(%1$s, -4))::kpi_target'), ('kpi_target', 1000, 'SELECT (''>= 1 '' || right(%1$s, -5))::kpi_target'), ('kpi_target', 1000, 'SELECT (''[1,2]'' || right(%1$s, -5))::kpi_target'), ('kpi_target', 1000, 'SELECT (''>= 1 from '' || right(%1$s, -10))::kpi_target'), ('kpi_target', 1000, 'SELECT (''>= 1 by '' || right(%1$s, -8))::kpi_target'),
    ('jsonb', 1000, 'SELECT to_jsonb(%s::text)::kpi_target'), ('kpi_actual', 16384, 'SELECT %s::kpi_actual'), ('kpi_attainment', 16384, 'SELECT %s::kpi_attainment'), ('kpi_balance', 16384, 'SELECT %s::kpi_balance'), ('kpi_trend', 16384, 'SELECT %s::kpi_trend'), ('kpi_change', 16384, 'SELECT %s::kpi_change'), ('xmr', 16384, 'SELECT %s::xmr'), ('kpi_target_sum', 16384, 'SELECT %s::kpi_target_sum'), ('whole', 16384, 'SELECT %s::whole'),
    ('kpi_actual', 16384, 'SELECT (''{"'' || right(%1$s, -6) || ''": 1}'')::kpi_actual'), ('kpi_trend', 16384, 'SELECT (''{"'' || right(%1$s, -7) || ''": 1}'')::kpi_trend'), ('scorecard', 20971520, 'SELECT %s::scorecard'),
    ('value', 100, 'SELECT value(actual_agg(1, now()), %s)'), ('value', 100, 'SELECT value(trend_agg(1.0::float8, 1), %s)'), ('eta', 100, 'SELECT forecast(trend_agg(date ''2026-01-01'', 1), %s::text)'), ('forecast', 100, 'SELECT forecast(trend_agg(1::float8, 1), %s::text)'),
    ('xmr_agg', 100, 'SELECT xmr_agg(1, %s, true, NULL, NULL, NULL)'), ('segment', 10000, 'SELECT xmr_agg(1, NULL, NULL, NULL, NULL, NULL, %s)'), ('plateau', 100, 'SELECT plateau(1, ''>= 1'', 3, %s)'), ('last_signal', 100, 'SELECT last_signal(1, %s)'), ('signal', 100, 'SELECT signal(1.0::float8, %s) OVER ()'),
    ('context', 10000, 'SELECT context(1, ''>= 1'', 2, %s, NULL)'), ('context', 10000, 'SELECT context(1, ''>= 1'', 2, NULL, %s)'), ('grid', 100, 'SELECT grid(%s)'), ('grid_of_label', 100, 'SELECT grid_of_label(%s)'),
    ('bullet_svg', 10000, 'SELECT bullet_svg(1, ''>= 1'', label => %s)'), ('bullet_svg', 10000, 'SELECT bullet_svg(1, ''>= 1'', unit => %s)'), ('xmr_svg', 10000, 'SELECT xmr_svg(''{1,2}'', 1, 0, 2, labels => ARRAY[%s, NULL])'), ('xmr_svg', 10000, 'SELECT xmr_svg(''{1,2}'', 1, 0, 2, signals => ARRAY[%s, NULL])'),
    ('template', 100000, 'SELECT html(%s)'), ('template', 100000, 'SELECT markdown(%s)'), ('scorecard', 1000, 'SELECT scorecard(''k'', %s, ''outcome'', 1, NULL, 1)'), ('scorecard', 1000, 'SELECT scorecard(%s, ''k'', ''outcome'', 1, NULL, 1)'),
    ('scorecard', 1000, 'SELECT rollup(c) FROM (VALUES (scorecard(''k'', %1$s, ''outcome'', 1, NULL, 1)), (scorecard(''k'', %1$s, ''activity'', 1, NULL, 1))) v (c)'), ('scorecard', 1000, 'SELECT scorecard_agg(''k'', %s, ''outcome'', 1, NULL, 1) FROM generate_series(1, 2)');
SELECT what, bytes, at_limit.state, at_limit.said, at_limit.shown, past.state, past.said, past.shown
FROM calls, LATERAL pg_temp.says(format(replace(call, '%s', '%1$s'), format('repeat(''z'', %s)', bytes))) at_limit, LATERAL pg_temp.says(format(replace(call, '%s', '%1$s'), format('repeat(''z'', %s)', bytes + 1))) past ORDER BY n;
-- letters of several bytes are not cut in two
SELECT state, left(said, 60) AS said, length(said) AS length FROM pg_temp.says('SELECT (''x'' || repeat(''é'', 400))::kpi_target');
SELECT state, left(said, 60) AS said, length(said) AS length FROM pg_temp.says('SELECT value(actual_agg(1, now()), repeat(''é'', 50))');
SELECT state, left(said, 60) AS said FROM pg_temp.says('SELECT value(actual_agg(1, now()), repeat(''é'', 51))');
-- jsonb and binary forms
SELECT what, state, said, shown FROM unnest('{kpi_target,kpi_actual,kpi_attainment,kpi_balance,kpi_trend,kpi_change,xmr}'::text[]) what, LATERAL pg_temp.says(format('SELECT jsonb_build_object(''a'', repeat(''z'', 20000))::%s', what));
SELECT state, said, shown FROM pg_temp.says('SELECT jsonb_agg(repeat(''z'', 1000000))::scorecard FROM generate_series(1, 25)');
-- cards: so many bytes, and what there is reads back from its text
SELECT length(c::text) AS text, c::text::scorecard = c AS same, c::jsonb::scorecard = c AS same_jsonb FROM (SELECT scorecard_agg('k', i || repeat(chr(1), 990), 'outcome', i, '>= 1', 1) AS c FROM generate_series(1, 2000) i) s;
SELECT state, said FROM pg_temp.says('SELECT scorecard_agg(''k'', i || repeat(''z'', 990), ''outcome'', i, ''>= 1'', 1) FROM generate_series(1, 2200) i');
SELECT state, said FROM pg_temp.says('SELECT rollup(c) FROM (SELECT scorecard_agg(''k'', i || repeat(''z'', 990), ''outcome'', i, ''>= 1'', 1) AS c FROM generate_series(1, 3000) i GROUP BY i % 2) s');
SELECT state, said FROM pg_temp.says('SELECT (''['' || repeat(''1,'', 250000) || ''1]'')::scorecard');
SELECT state, said FROM pg_temp.says('SELECT (''['' || repeat(''1,'', 249999) || ''1]'')::scorecard');
SELECT state, said FROM pg_temp.says('SELECT (''[{'' || repeat(''"a": [],'', 200000) || ''"a": [1]}]'')::scorecard');
-- what a template is filled with
SELECT state, said FROM pg_temp.says('SELECT length(html(''%h%h'', repeat(''z'', 17000000), repeat(''z'', 17000000)))');
SELECT state, said FROM pg_temp.says('SELECT length(data_uri(repeat(''z'', 16777217)))');

-- Of every function in C that takes a text, a jsonb or an array of texts: with 300,000 z's as each
-- of them in turn, and common values as the others, no error shows more than 100 of them.
CREATE TEMP TABLE common (type regtype, literal text);
INSERT INTO common VALUES ('float8', '0.5::float8'), ('int', '100'), ('smallint', '3::smallint'), ('bigint', '1::bigint'), ('boolean', 'true'), ('date', $$date '2026-01-01'$$), ('timestamptz', $$timestamptz '2026-01-01 00:00Z'$$), ('text', $$'leading'::text$$), ('text[]', $$'{a}'::text[]$$), ('float8[]', $$'{1}'::float8[]$$),
    ('interval', $$interval '1 day'$$), ('jsonb', $$'{}'::jsonb$$), ('kpi_target', $$'>= 1'::kpi_target$$), ('kpi_kind', $$'outcome'::kpi_kind$$), ('kpi_status', $$'on_track'::kpi_status$$), ('cstring', $$'a'::cstring$$), ('whole', $$part('sum', NULL, NULL, true, '2026-01-01', '2026-01-31', '2026-01-31', '2026-02-01')$$), ('grid', $$'month'::grid$$), ('zone', $$'UTC'::zone$$),
    ('kpi_actual', 'actual_final(actual_accum((SELECT agginitval FROM pg_aggregate WHERE aggfnoid = $$actual_agg(float8,date)$$::regprocedure)::kpi_actual, 1, date $$2026-01-01$$))'), ('kpi_trend', '(SELECT trend_agg(i::float8, i) FROM generate_series(1, 3) i)'), ('kpi_balance', $$(SELECT balance_agg('outcome', 1, '>= 1'))$$), ('scorecard', $$scorecard('k', 'p', 'outcome', 1, '>= 1', 1)$$), ('xmr', '(SELECT xmr_agg(i) FROM generate_series(1, 3) i)');
CREATE TEMP TABLE large (function regprocedure, k int, state text, said text, shown int, length int);
INSERT INTO large
SELECT p.oid::regprocedure, k, s.* FROM pg_proc p JOIN pg_language l ON l.oid = prolang, generate_subscripts(proargtypes, 1) k, LATERAL (
    SELECT string_agg(CASE WHEN provariadic <> 0 AND a.n = pronargs THEN 'VARIADIC ' ELSE '' END || CASE WHEN a.n - 1 <> k THEN c.literal WHEN a.type = 'text[]'::regtype THEN $q$ARRAY[repeat('z', 300000)]$q$ WHEN a.type = 'jsonb'::regtype THEN $q$jsonb_build_object('kpi', repeat('z', 300000))$q$ WHEN a.type = 'cstring'::regtype THEN $q$textout(repeat('z', 300000))$q$ ELSE $q$repeat('z', 300000)$q$ END, ', ' ORDER BY a.n) AS args, bool_and(c.type IS NOT NULL) AS known
    FROM unnest(proargtypes::oid[]) WITH ORDINALITY a (type, n) LEFT JOIN common c ON c.type = a.type) v,
    LATERAL pg_temp.says(CASE WHEN known THEN format('SELECT %s.%I(%s)', pronamespace::regnamespace, proname, args) ELSE 'SELECT unknown' END) s
WHERE pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND lanname = 'c' AND prokind = 'f' AND NOT 'internal'::regtype = ANY (proargtypes::oid[]) AND proargtypes[k] IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'cstring'::regtype);
SELECT count(*) > 40 AS calls, count(*) FILTER (WHERE state = '54000') > 30 AS refused, count(*) FILTER (WHERE shown > 100 OR length > 1000) AS echoes FROM large;
-- what refuses otherwise
SELECT function, k, state, said FROM large WHERE state NOT IN ('54000', 'ok') ORDER BY function::text COLLATE "C", k;
