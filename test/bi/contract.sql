-- What BI tools may rely on in kra_bi, held against the views of this database and all their
-- rows, as whoever runs it sees them. Prints a row for each breach, and how much was looked at.
-- Leaves temporary tables: contract_columns, and contract_rows_<view> with the rows.
SET client_min_messages = warning;
SET jit = off;
DROP TABLE IF EXISTS contract_list, contract_bounds, contract_columns, contract_breaches;
\ir columns.sql

CREATE TEMP TABLE contract_columns AS
SELECT v.relname::text AS view_name, a.attname::text AS column_name, a.attnum::integer AS n, format_type(a.atttypid, a.atttypmod) AS type,
       col_description(v.oid, a.attnum) AS description, NULL::bigint AS value_count
FROM pg_class v JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE v.relnamespace = 'kra_bi'::regnamespace;

CREATE TEMP TABLE contract_breaches (view_name text, column_name text, breach text);

-- what is there: views with the rights of who reads, and nothing else
INSERT INTO contract_breaches
SELECT relname, NULL, CASE WHEN relkind = 'v' THEN 'does not run with the rights of who reads it' ELSE 'is no view' END
FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace AND NOT (relkind = 'v' AND coalesce('security_invoker=true' = ANY (reloptions), false));
INSERT INTO contract_breaches
SELECT proname, NULL, 'is a function' FROM pg_proc WHERE pronamespace = 'kra_bi'::regnamespace
UNION ALL SELECT typname, NULL, 'is a type' FROM pg_type WHERE typnamespace = 'kra_bi'::regnamespace AND typtype <> 'c' AND typelem = 0;

-- the committed list: each column in its place, none gone, none beyond it
INSERT INTO contract_breaches
SELECT coalesce(c.view_name, l.view_name), coalesce(l.column_name, c.column_name),
       CASE WHEN c.view_name IS NULL AND NOT EXISTS (SELECT FROM contract_columns x WHERE x.view_name = l.view_name) THEN 'the view of the list is gone'
            WHEN c.view_name IS NULL THEN format('column %s of the list is gone', l.n)
            WHEN l.view_name IS NULL THEN 'stands not in the list: append it to columns.sql'
            WHEN c.column_name <> l.column_name THEN format('column %s of the list is %s now', l.n, c.column_name)
            ELSE format('of type %s in the list, now %s', l.type, c.type) END
FROM (SELECT v.view_name, split_part(e.entry, ' ', 1) AS column_name, replace(split_part(e.entry, ' ', 2), 'float8', 'double precision') AS type, e.n
      FROM contract_list v, unnest(string_to_array(v.columns, ', ')) WITH ORDINALITY e (entry, n)) l
FULL JOIN (SELECT view_name, column_name, replace(type, 'timestamp with time zone', 'timestamptz') AS type, row_number() OVER (PARTITION BY view_name ORDER BY n) AS n FROM contract_columns) c
     ON c.view_name = l.view_name AND c.n = l.n
WHERE (c.column_name, c.type) IS DISTINCT FROM (l.column_name, l.type);

-- types: plain; timestamptz for what happened when
INSERT INTO contract_breaches
SELECT view_name, column_name, 'is of type ' || type FROM contract_columns
WHERE type <> ALL ('{text,integer,double precision,date,boolean}') AND NOT (type = 'timestamp with time zone' AND column_name LIKE '%\_at');
-- names tell types: *_pct and *_value are fractions and measures, *_count counts, is_* yes or no
INSERT INTO contract_breaches
SELECT view_name, column_name, 'has another name than its type asks for: ' || type FROM contract_columns
WHERE type <> CASE WHEN column_name ~ '_(pct|value)$' THEN 'double precision' WHEN column_name ~ '_(count|code)$' THEN 'integer' WHEN column_name ~ '^(is|has)_' THEN 'boolean'
                   WHEN column_name ~ '_(start|end|date|on|since|due)$' THEN 'date' WHEN column_name ~ '_(key|name|text|label|reason|color|path|uri)$' THEN 'text' ELSE type END
   OR (type = 'double precision' AND column_name !~ '_(pct|value)$') OR (type = 'boolean' AND column_name !~ '^(is|has)_');
-- names: lower-case ASCII, no keyword
INSERT INTO contract_breaches
SELECT view_name, column_name, CASE WHEN name !~ '^[a-z][a-z0-9_]*$' THEN 'has a name that needs quotes' ELSE 'has the name of a keyword' END
FROM (SELECT view_name, column_name, column_name AS name FROM contract_columns UNION SELECT view_name, NULL, view_name FROM contract_columns) n
WHERE name !~ '^[a-z][a-z0-9_]*$' OR EXISTS (SELECT FROM pg_get_keywords() k WHERE k.word = name);

-- comments: of every view, with its key, and of every column
INSERT INTO contract_breaches
SELECT relname, NULL, CASE WHEN coalesce(btrim(obj_description(oid, 'pg_class')), '') = '' THEN 'has no comment' ELSE 'has a comment that states no key' END
FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace AND coalesce(obj_description(oid, 'pg_class'), '') !~ 'key: [a-z_]+(, [a-z_]+)*$';
INSERT INTO contract_breaches
SELECT view_name, column_name, 'has no comment' FROM contract_columns WHERE coalesce(btrim(description), '') = '';

-- bounds are stated of every fraction
INSERT INTO contract_breaches
SELECT DISTINCT ON (column_name) view_name, column_name, 'has no bounds: append them to columns.sql' FROM contract_columns
WHERE column_name LIKE '%\_pct' AND column_name NOT IN (SELECT column_name FROM contract_bounds) ORDER BY column_name, view_name;

-- the rows
DO $$
DECLARE
    v record;
    c record;
    values_there bigint;
    odd bigint;
    example text;
    duplicates bigint;
    missing bigint;
BEGIN
    FOR v IN SELECT relname::text AS name, 'contract_rows_' || relname AS copy, string_to_array(substring(obj_description(oid, 'pg_class') FROM 'key: ([a-z_]+(, [a-z_]+)*)$'), ', ') AS key
             FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace ORDER BY 1 LOOP
        BEGIN
            EXECUTE format('DROP TABLE IF EXISTS pg_temp.%I', v.copy);
            EXECUTE format('CREATE TEMP TABLE %I AS SELECT * FROM kra_bi.%I', v.copy, v.name);
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO contract_breaches VALUES (v.name, NULL, 'cannot be read: ' || sqlerrm);
            CONTINUE;
        END;
        -- every value: neither NaN nor infinite, and within its bounds
        FOR c IN SELECT x.n, x.column_name, x.type ~ '^(double|real|integer|bigint|smallint|numeric)' AS is_number, x.type ~ '^(date|timestamp)' AS is_time, b.low, b.high
                 FROM contract_columns x
                 LEFT JOIN contract_bounds b ON b.column_name = x.view_name || '.' || x.column_name
                      OR b.column_name = x.column_name AND x.view_name || '.' || x.column_name NOT IN (SELECT column_name FROM contract_bounds)
                      OR b.column_name = '*_count' AND x.column_name LIKE '%\_count' AND x.column_name NOT IN (SELECT column_name FROM contract_bounds)
                 WHERE x.view_name = v.name LOOP
            EXECUTE format('SELECT count(%1$I) FROM pg_temp.%2$I', c.column_name, v.copy) INTO values_there;
            UPDATE contract_columns SET value_count = values_there WHERE view_name = v.name AND n = c.n;
            CONTINUE WHEN NOT (c.is_number OR c.is_time);
            EXECUTE format('SELECT count(*) FROM pg_temp.%2$I WHERE %1$I::text IN (''NaN'', ''Infinity'', ''-Infinity'', ''infinity'', ''-infinity'')', c.column_name, v.copy) INTO odd;
            INSERT INTO contract_breaches SELECT v.name, c.column_name, format('%s of %s values NaN or infinite', odd, values_there) WHERE odd > 0;
            CONTINUE WHEN odd > 0 OR NOT c.is_number OR c.low IS NULL AND c.high IS NULL;
            EXECUTE format('SELECT count(*), min(%1$I::text) FROM pg_temp.%2$I WHERE %1$I < %3$L OR %1$I > %4$L', c.column_name, v.copy, c.low, c.high) INTO odd, example;
            INSERT INTO contract_breaches
            SELECT v.name, c.column_name, format('%s of %s values outside %s to %s: %s', odd, values_there, coalesce(c.low::text, 'any'), coalesce(c.high::text, 'any'), example) WHERE odd > 0;
        END LOOP;
        -- row_key: first, there, unique; and unique is the key that the comment states
        IF NOT EXISTS (SELECT FROM contract_columns WHERE view_name = v.name AND column_name = 'row_key' AND type = 'text' AND n = 1) THEN
            INSERT INTO contract_breaches VALUES (v.name, 'row_key', 'is not the first column, of type text');
        ELSE
            EXECUTE format('SELECT count(row_key) - count(DISTINCT row_key), count(*) FILTER (WHERE row_key IS NULL OR row_key = '''') FROM pg_temp.%I', v.copy) INTO duplicates, missing;
            INSERT INTO contract_breaches SELECT v.name, 'row_key', format('%s rows have the key of another', duplicates) WHERE duplicates > 0;
            INSERT INTO contract_breaches SELECT v.name, 'row_key', format('%s rows have no key', missing) WHERE missing > 0;
        END IF;
        IF EXISTS (SELECT FROM unnest(v.key) k WHERE k NOT IN (SELECT column_name FROM contract_columns WHERE view_name = v.name)) THEN
            INSERT INTO contract_breaches VALUES (v.name, NULL, 'has not the key of its comment: ' || array_to_string(v.key, ', '));
        ELSIF v.key IS NOT NULL THEN
            EXECUTE format('SELECT count(*) - count(DISTINCT ROW(%s)) FROM pg_temp.%I', (SELECT string_agg(format('%I', k), ', ') FROM unnest(v.key) k), v.copy) INTO duplicates;
            INSERT INTO contract_breaches SELECT v.name, NULL, format('%s rows have the same %s as another', duplicates, array_to_string(v.key, ', ')) WHERE duplicates > 0;
        END IF;
    END LOOP;
END $$;

-- the dictionary has it all, and nothing else
INSERT INTO contract_breaches
SELECT coalesce(c.view_name, d.view_name), coalesce(c.column_name, d.column_name),
       CASE WHEN d.view_name IS NULL THEN 'is not in the dictionary' WHEN c.view_name IS NULL THEN 'is in the dictionary alone' ELSE 'is otherwise in the dictionary' END
FROM (SELECT view_name, column_name, n, type, description FROM contract_columns
      UNION ALL SELECT relname, NULL, NULL, NULL, obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace) c
FULL JOIN (SELECT r->>'view_name' AS view_name, r->>'column_name' AS column_name, (r->>'column_position')::integer AS n, r->>'data_type' AS type, r->>'description' AS description
           FROM (SELECT to_jsonb(t) AS r FROM contract_rows_data_dictionary t) t) d
     ON d.view_name = c.view_name AND coalesce(d.column_name, '') = coalesce(c.column_name, '')
WHERE d.view_name IS NULL OR c.view_name IS NULL OR (c.n, c.type, c.description) IS DISTINCT FROM (d.n, d.type, d.description);

SELECT view_name, column_name, breach FROM contract_breaches ORDER BY view_name COLLATE "C", column_name COLLATE "C", breach COLLATE "C";
SELECT (SELECT count(DISTINCT view_name) FROM contract_columns) AS views, count(*) AS columns, count(*) FILTER (WHERE value_count > 0) AS columns_with_values,
       (SELECT count(*) FROM contract_columns WHERE column_name IN (SELECT column_name FROM contract_bounds) OR column_name LIKE '%\_count') AS columns_with_bounds
FROM contract_columns;
