-- what a role is answered: everything that is in every relation that it may read, and what every
-- function that it may call and that reads tables says, of those whom it sees and of those hidden.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE SCHEMA ni;
GRANT USAGE ON SCHEMA ni TO PUBLIC;

-- The arguments that a function is called with, by name and type: the first is what the others are
-- varied against.
CREATE TABLE ni.arguments (n serial, name text, type text, value text);
GRANT SELECT ON ni.arguments TO PUBLIC;

CREATE FUNCTION ni.fill(_team text) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
-- the next ids are the same everywhere
SELECT setval(oid::regclass, 10000) FROM pg_class WHERE relkind = 'S' AND relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace);
DELETE FROM ni.arguments;
INSERT INTO ni.arguments (name, type, value)
SELECT 'subject_id', 'integer', coalesce(s.id::text, 'NULL::integer')
FROM unnest(ARRAY['p1' || _team, 'in' || _team, 'out' || _team, 'p2' || CASE _team WHEN 'r' THEN 'a' ELSE 'r' END, 't' || _team]) WITH ORDINALITY k (key, n)
LEFT JOIN kra.subjects s USING (key) ORDER BY k.n;
-- hidden ones by their ids, since their keys are not the same: Company, Hidden team, Hidden 1
INSERT INTO ni.arguments (name, type, value)
SELECT 'subject_id', 'integer', v FROM unnest(ARRAY['1', '2', (SELECT max(id) + 1 FROM kra.subjects WHERE key ~ '^(p|in|out)')::text, '999999', 'NULL::integer']) v;
INSERT INTO ni.arguments (name, type, value)
SELECT n, 'integer', v FROM unnest('{owner_id,id}'::text[]) n, (SELECT value FROM ni.arguments WHERE name = 'subject_id' ORDER BY ni.arguments.n) x (v);
INSERT INTO ni.arguments (name, type, value)
SELECT n, 'text', v
FROM unnest('{subject,subject_key,owner,key,a,b,about,text_key}'::text[]) n,
     unnest(ARRAY['p1' || _team, 'in' || _team, 'out' || _team, 't' || _team, 'hp1', 'other 1', 'th', 'other team', 'co', 'hp3', 'nobody']) WITH ORDINALITY k (key, o),
     quote_literal(k.key) v ORDER BY n, k.o;
INSERT INTO ni.arguments (name, type, value) SELECT 'key', 'text', quote_literal(v) FROM unnest('{demos,rep,grow,one}'::text[]) v;
INSERT INTO ni.arguments (name, type, value)
SELECT a.name, a.type, v FROM (VALUES
    ('kpi_id', 'integer', '1;3;4;999999;NULL::integer'), ('objective_id', 'integer', '1;NULL::integer'), ('job_role_id', 'integer', '1;NULL::integer'),
    ('back', 'integer', '1;3'), ('periods', 'integer', '12'), ('ahead', 'integer', '14;1000'), ('stale_after', 'integer', '45'), ('fiscal_year_start_month', 'integer', '1'),
    ('grid', 'kra_internal.grid', '''month''::kra_internal.grid;kra_internal.grid_in_force(''year'')'),
    ('cadence', 'kra_internal.grid', '''month''::kra_internal.grid'), ('year_grid', 'kra_internal.grid', 'kra_internal.grid_in_force(''year'')'),
    ('as_of', 'date', '''2025-06-30'';''2025-03-31'';NULL::date'), ('upto', 'date', '''2025-05-31'';''2025-03-31'';''2025-12-31'''), ('to_day', 'date', '''2025-06-30'';''infinity'''),
    ('period_end', 'date', '''2025-06-30'''), ('last_data', 'date', '''2025-06-30'';NULL::date'), ('day', 'date', '''2025-05-31'';''2025-02-28'''), ('valid_until', 'date', '''2025-07-01'';''infinity'''),
    ('after_day', 'date', '''2025-01-01'''), ('due_on', 'date', '''2099-01-01'''), ('ends_on', 'date', '''2999-12-31'''), ('done_on', 'date', 'NULL::date'),
    ('', 'date', '''2025-05-01'';''2025-01-01'';''-infinity'''), ('', 'timestamp with time zone', '''2025-05-10 12:00+00'';''2025-02-10 12:00+00'''), ('', 'interval', '''1 month'''),
    ('period', 'text', '''2025-05'';''2025'';NULL::text'), ('label', 'text', '''2025-05'';''2025'''), ('previous', 'text', '''2025-04'';NULL::text'), ('period_grain', 'text', '''month'';''year'''),
    ('cadence', 'text', '''month'''), ('target_grain', 'text', 'NULL::text;''quarter'''), ('phasing', 'double precision[]', 'NULL::double precision[];''{1,2,3}'''),
    ('kpi', 'text', '''demos'';''wait'';''idea'';''nothing'';NULL::text'), ('objective', 'text', '''grow'';NULL::text'), ('job_role', 'text', '''rep'';NULL::text'),
    ('role_a', 'text', '''rep'''), ('role_b', 'text', '''rep'''), ('kra', 'text', '''revenue'''), ('over_time', 'text', '''sum'';''ratio'''), ('over_subjects', 'text', '''sum'';''mean'''),
    ('link', 'text', 'NULL::text'), ('channel', 'text', '''kra_due'''), ('direction', 'text', '''at least'''), ('table_name', 'text', '''subjects'';''targets'''), ('rule', 'text', '''changed_after_acknowledgement'''),
    ('provenance', 'text', '''negotiated'''), ('kind', 'text', '''person'''), ('', 'text', '''word'''), ('', 'boolean', 'true;false'), ('', 'double precision', '0.5'), ('', 'integer', '1;2'), ('', 'bigint', '1'),
    ('kinds', 'text[]', '''{reader}'''), ('', 'text[]', '''{demos}'''), ('', 'date[]', '''{2025-04-01,2025-05-01}'''), ('', 'double precision[]', '''{5,6}'''), ('', 'anyarray', '''{5,6}''::float8[]'),
    ('kpi_ids', 'integer[]', '''{1,2,3}'''), ('kpis', 'integer[]', 'NULL::integer[];''{1,2,3}'''), ('subjects', 'integer[]', 'NULL::integer[]'), ('', 'jsonb[]', '''{}'''), ('limits', 'jsonb', 'kra_internal.rule_limits()'), ('', 'jsonb', '''{}'''), ('trigram_schema', 'name', 'NULL::name'), ('', 'name', 'current_user;''ni_reader'''), ('answer', 'text', '''yes'';''counter'''), ('source', 'text', '''facts.leads'''),
    ('relation', 'oid', '''pg_class''::regclass::oid'), ('status', 'kra.kpi_status', 'NULL::kra.kpi_status;''at_risk'''), ('parts_of', 'kra_internal.grid', 'NULL::kra_internal.grid;''week from monday'''),
    ('counter_target', 'kra.kpi_target', 'NULL::kra.kpi_target;''>= 10'''), ('', 'kra.kpi_target', '''>= 10'''), ('', 'kra.kpi_actual', '(SELECT kra.actual_agg(5::float8,date ''2025-05-01''))'), ('', 'kra.kpi_kind', '''outcome'''), ('', 'kra.xmr', 'NULL::kra.xmr'), ('', 'regclass', '''pg_class'''), ('', 'regtype', '''text'''), ('placed', 'integer[]', '''{6,9}'''), ('consents', 'integer[]', '''{6}''')) a (name, type, value), string_to_table(a.value, ';') v;
INSERT INTO ni.arguments (name, type, value)
SELECT l.name, 'integer[]', format('ARRAY[%s]', string_agg(x.value, ', ' ORDER BY x.n)) FROM unnest('{own_groups,changed,subject_ids,subjects}'::text[]) l (name), ni.arguments x WHERE x.name = 'subject_id' AND x.value ~ '^\d+$' GROUP BY 1;
INSERT INTO ni.arguments (name, type, value)
SELECT '', 'kra.scorecard', v FROM (VALUES (1, format('kra.scorecard_of(%L, ''2025-05'')', 'p1' || _team)), (2, 'NULL::kra.scorecard')) x (n, v) ORDER BY x.n;
INSERT INTO ni.arguments (name, type, value)   -- what a finding is about, a document, what was agreed
SELECT 'finding', 'text', format('%L', 'changed_after_acknowledgement:target:' || trim(value, '''') || ' / demos') FROM ni.arguments x WHERE name = 'subject' ORDER BY x.n;
INSERT INTO ni.arguments (name, type, value)
SELECT 'document', 'jsonb', format('jsonb_build_object(''effective_from'', ''2025-06-01'', ''subjects'', jsonb_build_array(jsonb_build_object(''key'', %s, %s)))', value, more)
FROM ni.arguments x, unnest(ARRAY[format('''parent'', ''t%s''', _team), '''name'', ''New''']) WITH ORDINALITY m (more, o)
WHERE x.name = 'subject' AND (m.o = 1 OR x.value ~ '^''(in|hp)') ORDER BY m.o, x.n;
INSERT INTO ni.arguments (name, type, value)
SELECT 'actions', 'jsonb', format('jsonb_build_array(jsonb_build_object(''description'', ''do'', ''owner'', %s, ''due_on'', ''2099-01-01'', ''kpi'', ''demos''))', value) FROM ni.arguments x WHERE name = 'subject' ORDER BY x.n;
-- rows that are made up: of whom they say
INSERT INTO ni.arguments (name, type, value)
SELECT '', format_type(t.oid, NULL), format('jsonb_populate_record(NULL::%s, jsonb_build_object(''id'', %s, ''subject_id'', %s, ''kpi_id'', 1, ''owner_id'', %s, ''key'', ''x'', ''name'', ''x'', ''kind'', ''person'', ''job_role_id'', 1, ''grid'', 20,
    ''period_start'', ''2025-05-01'', ''last_start'', ''2025-05-01'', ''upto'', ''2025-05-31'', ''over_time'', ''sum'', ''over_subjects'', ''sum'', ''cadence'', ''month'', ''weight'', 1, ''target'', ''>= 10'',
    ''history_periods'', 24, ''fiscal_year_start_month'', 1, ''week_start'', 1, ''review_cadence'', ''month'', ''check_in_days'', 14))', format_type(t.oid, NULL), a.id, a.value, a.value)
FROM pg_type t, LATERAL (SELECT x.n, x.value, CASE WHEN t.typname ~ 'subject' THEN x.value ELSE '1' END AS id FROM ni.arguments x WHERE name = 'subject_id') a
WHERE t.typtype = 'c' AND t.typnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) ORDER BY t.oid, a.n;
INSERT INTO ni.arguments (name, type, value)
SELECT '', type || '[]', format('ARRAY[%s]', string_agg(value, ', ' ORDER BY x.n)) FROM ni.arguments x WHERE value ~ 'populate_record' GROUP BY type;
$$;

CREATE FUNCTION ni.values_of(_name text, _type text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(x.value ORDER BY x.n) FROM ni.arguments x
    WHERE x.type = _type AND x.name = (SELECT y.name FROM ni.arguments y WHERE y.type = _type AND y.name IN (ltrim(_name, '_'), '') ORDER BY y.name DESC LIMIT 1)
$$;

-- What is called, and what is not, with the reason.
CREATE VIEW ni.functions AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.pronargs, p.pronargdefaults, p.proargtypes::oid[] AS types,
       coalesce(p.proargnames, array_fill(''::text, ARRAY[p.pronargs::integer])) AS names,
       CASE WHEN p.prorettype = 'trigger'::regtype THEN 'only as a trigger'
            WHEN 'internal'::regtype = ANY (p.proargtypes) THEN 'only by the server'
            WHEN p.prokind <> 'f' THEN 'an aggregate of what it is given'
            WHEN p.provolatile = 'i' THEN 'immutable: of its arguments alone' END AS reason
FROM pg_proc p WHERE p.pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace);
GRANT SELECT ON ni.functions TO PUBLIC;

-- The calls: all defaults left out, each argument varied against the first values of the others, and
-- the first two of what is varied together.
CREATE FUNCTION ni.calls(_function ni.functions) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    firsts text[] := '{}';
    these text[];
    n integer := _function.pronargs;
    f text := (SELECT format('%I.%I', pronamespace::regnamespace, proname) FROM pg_proc WHERE oid = _function.oid);
BEGIN
    IF _function.reason IS NOT NULL THEN
        RETURN;
    END IF;
    FOR i IN 1 .. n LOOP
        these := ni.values_of(_function.names[i], format_type(_function.types[i - 1], NULL));   -- oidvector counts from 0
        IF these IS NULL THEN
            RAISE EXCEPTION 'no argument for % % of %', _function.names[i], format_type(_function.types[i - 1], NULL), _function.name;
        END IF;
        firsts := firsts || these[1];
    END LOOP;
    RETURN NEXT format('%s(%s)', f, array_to_string(firsts, ', '));
    IF _function.pronargdefaults > 0 THEN
        RETURN NEXT format('%s(%s)', f, array_to_string(firsts[:n - _function.pronargdefaults], ', '));
    END IF;
    FOR i IN 1 .. n LOOP
        these := ni.values_of(_function.names[i], format_type(_function.types[i - 1], NULL));
        FOR j IN 2 .. cardinality(these) LOOP
            RETURN NEXT format('%s(%s)', f, array_to_string(firsts[:i - 1] || these[j] || firsts[i + 1:], ', '));
        END LOOP;
    END LOOP;
END $$;

-- One call, and what it says; what it changes is undone.
CREATE FUNCTION ni.ask(_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    code text;
    message text;
    detail text;
    hint text;
    key text;
BEGIN
    EXECUTE format('SELECT count(*) || '' rows: '' || coalesce(string_agg(x::text, E''\n''%s), ''NULL'') FROM %s x',
        -- the views have no order
        CASE WHEN _call ~ '^kra\.(kpi_results|scorecards|kra_results|imbalances)\(|^kra_internal\.(result_lines|lines|lines_to_date|lines_to_keep|card_rows|series|kpi_results_above)\(' THEN ' ORDER BY x::text' ELSE '' END, _call) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'UNDO0';
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
    RETURN CASE WHEN length(answer) > 3000 THEN md5(answer) || ' ' || left(answer, 500) ELSE answer END;
WHEN query_canceled THEN
    RETURN 'TOO SLOW';
WHEN others THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, key = CONSTRAINT_NAME;
    RETURN concat_ws(' | ', 'ERROR ' || code, message, detail, hint, key);
END $$;

-- What is in the relations.
CREATE FUNCTION ni.relations(_only text DEFAULT '') RETURNS TABLE (kind text, asked text, answer text) LANGUAGE plpgsql AS $$
DECLARE
    r record;
    columns text;
BEGIN
    FOR r IN
        SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c
        WHERE relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace) AND relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
          AND c.oid::regclass::text ~ _only ORDER BY c.oid::regclass::text COLLATE "C"
    LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
        WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'SELECT');
        kind := 'relation';
        asked := r.name || coalesce('(' || columns || ')', '');
        IF columns IS NULL THEN
            answer := 'no right';
            RETURN NEXT;
        ELSE
            answer := 'rows';
            RETURN NEXT;
            RETURN QUERY EXECUTE format('SELECT ''row'', %L, x::text FROM (SELECT %s FROM %s) x ORDER BY 3', r.name, columns, r.name);
        END IF;
    END LOOP;
END $$;

-- What cannot be called for want of an argument: add one to ni.fill.
CREATE VIEW ni.missing AS
SELECT f.name, f.names[a.n] AS argument, format_type(a.type, NULL) AS type
FROM ni.functions f, unnest(f.types) WITH ORDINALITY a (type, n)
WHERE f.reason IS NULL AND ni.values_of(f.names[a.n], format_type(a.type, NULL)) IS NULL
  AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname ~ '^ni_' AND has_function_privilege(r.oid, f.oid, 'EXECUTE'));
