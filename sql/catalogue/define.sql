-- Definitions as a document: define(document) and definition(job_role).
--
--   document_members   what a document may hold: the one list that checks, errors and tests go by
--   document_items     its objects, each with its path
--   document_check     refuses a document that is faulty, by the path of its first fault
--   define             writes what differs; triggers log it
--   definition         reads it back
--
-- Everything runs with the caller's rights. Documents are read set by set, not item by item: they
-- may bring a whole company. The planner takes every list for long, so jit is off: compiling costs
-- seconds, and the work milliseconds.

CREATE FUNCTION kra_internal.document_members()
RETURNS TABLE (part text, n integer, member text, form text, choices text[], lowest numeric,
               highest numeric, is_required boolean, is_needed boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT m.part, row_number() OVER ()::integer, m.member, m.form, m.choices::text[],
           m.lowest::numeric, m.highest::numeric,
           coalesce(m.need = 'always', false), coalesce(m.need = 'new', false)
    FROM (VALUES
        ('document', '$schema', 'text', NULL, NULL, NULL, NULL),
        ('document', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('document', 'settings', 'object', NULL, NULL, NULL, NULL),
        ('document', 'objectives', 'list', NULL, NULL, NULL, NULL),
        ('document', 'subjects', 'list', NULL, NULL, NULL, NULL),
        ('document', 'kpis', 'list', NULL, NULL, NULL, NULL),
        ('document', 'roles', 'list', NULL, NULL, NULL, NULL),
        ('document', 'targets', 'list', NULL, NULL, NULL, NULL),
        ('document', 'benchmarks', 'list', NULL, NULL, NULL, NULL),
        ('settings', 'fiscal_year_start_month', 'integer', NULL, 1, 12, NULL),
        ('settings', 'week_start', 'integer', NULL, 1, 7, NULL),
        ('settings', 'calendar', 'choice', '{months,4-4-5,4-5-4,5-4-4}', NULL, NULL, NULL),
        ('settings', 'time_zone', 'key', NULL, NULL, NULL, NULL),
        ('settings', 'min_coverage', 'number', NULL, 0, 1, NULL),
        ('settings', 'min_group_size', 'integer', NULL, 1, 2147483647, NULL),
        ('settings', 'sees_all_role', 'key', NULL, NULL, NULL, NULL),
        ('settings', 'show_groups_above', 'boolean', NULL, NULL, NULL, NULL),
        ('settings', 'history_periods', 'integer', NULL, 2, 1000, NULL),
        ('settings', 'review_cadence', 'choice', '{week,month,quarter,half_year,year}', NULL, NULL,
         NULL),
        ('settings', 'check_in_days', 'integer', NULL, 1, 1000, NULL),
        ('objective', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('objective', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('objective', 'description', 'text', NULL, NULL, NULL, NULL),
        ('objective', 'parent', 'objective', NULL, NULL, NULL, NULL),
        ('objective', 'subject', 'subject', NULL, NULL, NULL, NULL),
        ('objective', 'starts_on', 'date', NULL, NULL, NULL, NULL),
        ('objective', 'due_on', 'date', NULL, NULL, NULL, NULL),
        ('objective', 'milestones', 'list', NULL, NULL, NULL, NULL),
        ('milestone', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('milestone', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('milestone', 'weight', 'number', NULL, 0, 1.7976931348623157e308, NULL),
        ('milestone', 'owner', 'subject', NULL, NULL, NULL, NULL),
        ('milestone', 'due_on', 'date', NULL, NULL, NULL, NULL),
        ('milestone', 'completion', 'number', NULL, 0, 1, NULL),
        ('milestone', 'completed_on', 'date', NULL, NULL, NULL, NULL),
        ('subject', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('subject', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('subject', 'kind', 'choice', '{company,team,person,project,vendor}', NULL, NULL, 'new'),
        ('subject', 'login', 'key', NULL, NULL, NULL, NULL),
        ('subject', 'parent', 'subject', NULL, NULL, NULL, NULL),
        ('subject', 'role', 'role', NULL, NULL, NULL, NULL),
        ('subject', 'is_active', 'boolean', NULL, NULL, NULL, NULL),
        ('subject', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('kpi', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('kpi', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('kpi', 'description', 'text', NULL, NULL, NULL, NULL),
        ('kpi', 'kind', 'choice', '{outcome,activity}', NULL, NULL, 'new'),
        ('kpi', 'timing', 'choice', '{leading,lagging}', NULL, NULL, NULL),
        ('kpi', 'unit', 'short', NULL, NULL, NULL, NULL),
        ('kpi', 'value_format', 'name', NULL, NULL, NULL, NULL),
        ('kpi', 'over_time', 'choice', '{sum,mean,ratio,last,min,max,count}', NULL, NULL, NULL),
        ('kpi', 'over_subjects', 'choice', '{sum,mean,ratio,last,min,max,count}', NULL, NULL, NULL),
        ('kpi', 'cadence', 'choice', '{day,week,month,quarter,half_year,year}', NULL, NULL, NULL),
        ('kpi', 'objective', 'objective', NULL, NULL, NULL, NULL),
        ('kpi', 'drives', 'kpis', NULL, NULL, NULL, NULL),
        ('kpi', 'source', 'relation', NULL, NULL, NULL, NULL),
        ('kpi', 'lookback', 'integer', NULL, 1, 10000, NULL),
        ('kpi', 'stale_after_days', 'integer', NULL, 0, 2147483647, NULL),
        ('kpi', 'at_risk_from', 'share', NULL, NULL, NULL, NULL),
        ('kpi', 'missing', 'choice', '{unknown,zero}', NULL, NULL, NULL),
        ('kpi', 'scale', 'choice', '{csat_top_two_box,csat_mean,nps,ordinal}', NULL, NULL, NULL),
        ('kpi', 'scale_labels', 'texts', NULL, 2, NULL, NULL),
        ('kpi', 'influenceable_by', 'texts', NULL, 0, NULL, NULL),
        ('kpi', 'state', 'choice', '{candidate,active,retired}', NULL, NULL, NULL),
        ('kpi', 'state_reason', 'text', NULL, NULL, NULL, NULL),
        ('kpi', 'owner', 'subject', NULL, NULL, NULL, NULL),
        ('kpi', 'owner_from', 'date', NULL, NULL, NULL, NULL),
        ('role', 'key', 'key', NULL, NULL, NULL, 'always'),
        ('role', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('role', 'purpose', 'line', NULL, NULL, NULL, NULL),
        ('role', 'level', 'name', NULL, NULL, NULL, NULL),
        ('role', 'kras', 'list', NULL, NULL, NULL, NULL),
        ('kra', 'key', 'key', NULL, NULL, NULL, NULL),
        ('kra', 'name', 'name', NULL, NULL, NULL, 'new'),
        ('kra', 'perspective', 'choice', '{financial,customer,process,people}', NULL, NULL, NULL),
        ('kra', 'scope', 'line', NULL, NULL, NULL, NULL),
        ('kra', 'description', 'text', NULL, NULL, NULL, NULL),
        ('kra', 'kpis', 'list', NULL, NULL, NULL, NULL),
        ('target', 'kpi', 'kpi', NULL, NULL, NULL, 'always'),
        ('target', 'subject', 'subject', NULL, NULL, NULL, 'always'),
        ('target', 'target', 'target', NULL, NULL, NULL, 'new'),
        ('target', 'target_grain', 'choice', '{day,week,month,quarter,half_year,year}', NULL, NULL,
         NULL),
        ('target', 'phasing', 'phasing', NULL, 0, 1e50, NULL),
        ('target', 'provenance', 'choice', '{history,benchmark,market,negotiated,imposed}', NULL,
         NULL, NULL),
        ('target', 'note', 'text', NULL, NULL, NULL, NULL),
        ('target', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        ('benchmark', 'kpi', 'kpi', NULL, NULL, NULL, 'always'),
        ('benchmark', 'value', 'number', NULL, -1.7976931348623157e308, 1.7976931348623157e308,
         'new'),
        ('benchmark', 'source', 'line', NULL, NULL, NULL, 'new'),
        ('benchmark', 'effective_from', 'date', NULL, NULL, NULL, NULL),
        -- a KPI of a KRA takes these beside the members of kpi
        ('card', 'weight', 'number', NULL, 0, 1e50, NULL),
        ('card', 'target', 'target', NULL, NULL, NULL, NULL),
        ('card', 'target_grain', 'choice', '{day,week,month,quarter,half_year,year}', NULL, NULL,
         NULL),
        ('card', 'phasing', 'phasing', NULL, 0, 1e50, NULL),
        ('card', 'provenance', 'choice', '{history,benchmark,market,negotiated,imposed}', NULL,
         NULL, NULL),
        ('card', 'is_active', 'boolean', NULL, NULL, NULL, NULL),
        ('card', 'effective_from', 'date', NULL, NULL, NULL, NULL)
    ) m (part, member, form, choices, lowest, highest, need);
END;
COMMENT ON FUNCTION kra_internal.document_members() IS 'members that a document of definitions may hold, by part (document, settings, objective, milestone, subject, kpi, role, kra, target, benchmark; card: what a KPI of a KRA takes beside those of kpi); is_required: always, is_needed: where the thing is new';

CREATE FUNCTION kra_internal.document_member(_member text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN length(_member) > 40 THEN to_jsonb(left(_member, 37) || '...')::text
                WHEN _member ~ '^[$a-z_]+$' THEN _member ELSE to_jsonb(_member)::text END;
END;
COMMENT ON FUNCTION kra_internal.document_member(text) IS 'a member as the path of a fault names it: quoted unless it is a plain word, and cut where it is long';

CREATE FUNCTION kra_internal.document_list(holder jsonb, member text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof(holder) = 'object' AND jsonb_typeof(holder->member) = 'array'
        THEN holder->member ELSE '[]' END;
END;
COMMENT ON FUNCTION kra_internal.document_list(jsonb, text) IS 'a list of a document; empty where there is none';

CREATE FUNCTION kra_internal.document_items(document jsonb)
RETURNS TABLE (part text, path text, place bigint[], item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'document', '', '{}'::bigint[], document
    UNION ALL
    SELECT 'settings', 'settings', '{1}', document->'settings'
        WHERE jsonb_typeof(document) = 'object' AND document ? 'settings'
    UNION ALL
    SELECT 'objective', format('objectives[%s]', n - 1), ARRAY[2, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'objectives'))
            WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'milestone', format('objectives[%s].milestones[%s]', o.n - 1, m.n - 1),
           ARRAY[2, o.n, m.n], m.e
    FROM jsonb_array_elements(kra_internal.document_list(document, 'objectives'))
        WITH ORDINALITY o (e, n),
         jsonb_array_elements(kra_internal.document_list(o.e, 'milestones'))
             WITH ORDINALITY m (e, n)
    UNION ALL
    SELECT 'subject', format('subjects[%s]', n - 1), ARRAY[3, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'subjects'))
            WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'kpi', format('kpis[%s]', n - 1), ARRAY[4, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'kpis'))
            WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'role', format('roles[%s]', n - 1), ARRAY[5, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'roles'))
            WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'kra', format('roles[%s].kras[%s]', r.n - 1, a.n - 1), ARRAY[5, r.n, a.n], a.e
    FROM jsonb_array_elements(kra_internal.document_list(document, 'roles'))
        WITH ORDINALITY r (e, n),
         jsonb_array_elements(kra_internal.document_list(r.e, 'kras')) WITH ORDINALITY a (e, n)
    UNION ALL
    SELECT 'card', format('roles[%s].kras[%s].kpis[%s]', r.n - 1, a.n - 1, k.n - 1),
           ARRAY[5, r.n, a.n, k.n], k.e
    FROM jsonb_array_elements(kra_internal.document_list(document, 'roles'))
        WITH ORDINALITY r (e, n),
         jsonb_array_elements(kra_internal.document_list(r.e, 'kras')) WITH ORDINALITY a (e, n),
         jsonb_array_elements(kra_internal.document_list(a.e, 'kpis')) WITH ORDINALITY k (e, n)
    UNION ALL
    SELECT 'target', format('targets[%s]', n - 1), ARRAY[6, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'targets'))
            WITH ORDINALITY l (e, n)
    UNION ALL
    SELECT 'benchmark', format('benchmarks[%s]', n - 1), ARRAY[7, n], e
        FROM jsonb_array_elements(kra_internal.document_list(document, 'benchmarks'))
            WITH ORDINALITY l (e, n);
END;
COMMENT ON FUNCTION kra_internal.document_items(jsonb) IS 'objects of a document, each with its part, its path and its place in the order';

-- Keys in a document are in whatever form an editor left them; sources and logins name what is
-- outside, where nothing is normalised.
CREATE FUNCTION kra_internal.normal_document(_document jsonb, _is_key boolean DEFAULT false)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    names constant text[]
        := '{key,name,parent,subject,role,kpi,objective,drives,owner,influenceable_by}';
BEGIN
    IF _document::text = kra_internal.normal_key(_document::text) THEN
        RETURN _document;
    END IF;
    RETURN CASE jsonb_typeof(_document)
        WHEN 'object' THEN (
            SELECT jsonb_object_agg(e.key,
                                    kra_internal.normal_document(e.value, e.key = ANY (names)))
            FROM jsonb_each(_document) e)
        WHEN 'array' THEN (
            SELECT jsonb_agg(kra_internal.normal_document(e.item, _is_key) ORDER BY e.n)
            FROM jsonb_array_elements(_document) WITH ORDINALITY e (item, n))
        WHEN 'string' THEN CASE WHEN _is_key
            THEN to_jsonb(kra_internal.normal_key(_document #>> '{}'))
                                ELSE _document END
        ELSE _document END;
END $$;
COMMENT ON FUNCTION kra_internal.normal_document(jsonb, boolean) IS 'a document with its keys and names in normal form (see kra_internal.normal_key)';

CREATE FUNCTION kra_internal.document_target_fault(value jsonb, OUT fault text, OUT errcode text,
                                                   OUT detail text, OUT hint text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF jsonb_typeof(value) NOT IN ('string', 'object') THEN
        fault := format('expected a target, found %s', CASE jsonb_typeof(value) WHEN 'array'
                        THEN 'an array' ELSE 'a ' || jsonb_typeof(value) END);
        errcode := '22023';
        RETURN;
    END IF;
    PERFORM value::kra.kpi_target;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS fault = MESSAGE_TEXT, errcode = RETURNED_SQLSTATE,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
COMMENT ON FUNCTION kra_internal.document_target_fault(jsonb) IS 'what is wrong with a target of a document; NULLs: nothing';

CREATE FUNCTION kra_internal.document_value_fault(form text, choices text[], lowest numeric,
                                                  highest numeric, value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE form
        WHEN 'object' THEN CASE WHEN t.found <> 'object'
            THEN 'expected an object, found ' || w.a_value END
        WHEN 'list' THEN CASE WHEN t.found <> 'array'
            THEN 'expected an array, found ' || w.a_value END
        WHEN 'boolean' THEN CASE WHEN t.found <> 'boolean'
            THEN 'expected true or false, found ' || w.a_value END
        WHEN 'number' THEN
            CASE WHEN t.found <> 'number' THEN 'expected a number, found ' || w.a_value
                 WHEN value::numeric NOT BETWEEN lowest AND highest
                     OR abs(value::numeric) BETWEEN 1e-1000 AND 1e-307 THEN
                     CASE WHEN highest < 1e9 THEN
                         format('%s is out of range (%s to %s)', w.a_number, lowest, highest)
                          WHEN value::numeric < lowest AND lowest = 0
                              THEN format('%s is negative', w.a_number)
                          ELSE format('%s is out of range', w.a_number) END
            END
        WHEN 'share' THEN
            CASE WHEN t.found <> 'number' THEN 'expected a number, found ' || w.a_value
                 WHEN value::numeric NOT BETWEEN 1e-300 AND 1
                     THEN format('%s is out of range (above 0, at most 1)', w.a_number)
            END
        WHEN 'integer' THEN
            CASE WHEN t.found <> 'number' THEN 'expected an integer, found ' || w.a_value
                 WHEN value::numeric <> trunc(value::numeric)
                     THEN format('expected an integer, found %s', w.a_number)
                 WHEN value::numeric NOT BETWEEN lowest AND highest
                     THEN format('%s is out of range (%s to %s)', w.a_number, lowest, highest)
            END
        WHEN 'phasing' THEN
            CASE WHEN t.found <> 'array' THEN 'expected an array of numbers, found ' || w.a_value
                 WHEN jsonb_path_exists(value, 'strict $[*] ? (@.type() != "number")')
                      THEN 'expected an array of numbers'
                 WHEN jsonb_array_length(value) NOT BETWEEN 1 AND 400
                      THEN format('expected 1 to 400 numbers, found %s', jsonb_array_length(value))
                 WHEN jsonb_path_exists(value, '$[*] ? (@ < 0)') THEN 'a part is negative'
                 WHEN jsonb_path_exists(value, '$[*] ? (@ > 1e50 || @ > 0 && @ < 1e-300)')
                      THEN 'a part is out of range'
                 WHEN NOT jsonb_path_exists(value, '$[*] ? (@ > 0)') THEN 'no part is above 0'
            END
        WHEN 'texts' THEN
            CASE WHEN t.found <> 'array' THEN 'expected an array of strings, found ' || w.a_value
                 WHEN jsonb_path_exists(value, '$[*] ? (@.type() != "string")')
                     THEN 'expected an array of strings'
                 WHEN jsonb_array_length(value) < lowest
                     THEN format('expected at least %s strings, found %s', lowest,
                                 jsonb_array_length(value))
                 WHEN jsonb_array_length(value) > kra_internal.text_limit('list')
                     THEN format('expected at most %s strings, found %s',
                                 kra_internal.text_limit('list'), jsonb_array_length(value))
                 WHEN NOT kra_internal.is_list(
                          ARRAY(SELECT e FROM jsonb_array_elements_text(value) e))
                     THEN format('has a string of more than %s characters',
                                 kra_internal.text_limit('short'))
            END
        WHEN 'kpis' THEN
            CASE WHEN t.found NOT IN ('string', 'array')
                THEN 'expected a string or an array of strings, found ' || w.a_value
                 WHEN jsonb_path_exists(value, '$[*] ? (@.type() != "string")')
                     THEN 'expected an array of strings'
                 WHEN value @> '""' THEN 'must not be empty'
                 WHEN t.found = 'string' AND length(t.said) > f.longest
                     THEN format('has %s characters; at most %s are allowed', length(t.said),
                                 f.longest)
                 WHEN t.found = 'array' AND jsonb_array_length(value) >
                     kra_internal.text_limit('list')
                         THEN format('expected at most %s strings, found %s',
                                     kra_internal.text_limit('list'), jsonb_array_length(value))
                 WHEN t.found = 'array' AND NOT kra_internal.is_list(ARRAY(SELECT e
                     FROM jsonb_array_elements_text(value) e))
                         THEN format('has a string of more than %s characters', f.longest)
                 WHEN t.found = 'array' AND jsonb_array_length(value)
                      > (SELECT count(DISTINCT e) FROM jsonb_array_elements(value) e)
                          THEN 'names a KPI twice'
            END
        ELSE
            CASE WHEN t.found <> 'string' THEN CASE form WHEN 'date'
                THEN 'expected a date such as "2026-01-31", found '
                    ELSE 'expected a string, found ' END || w.a_value
                 WHEN length(t.said) > f.longest
                     THEN format('has %s characters; at most %s are allowed', length(t.said),
                                 f.longest)
                 WHEN form IN ('text', 'short') THEN NULL
                 WHEN form IN ('name', 'line', 'note') THEN CASE WHEN btrim(t.said, E' \t\n\r') = ''
                     THEN 'must not be blank' END
                 WHEN form = 'relation' THEN
                     CASE WHEN btrim(t.said, E' \t\n\r') = '' THEN 'must not be blank'
                          WHEN NOT kra_internal.is_source_name(t.said)
                               THEN format('source relation %L must be written as schema.name',
                                           left(t.said, 80)) END
                 WHEN form = 'choice' THEN CASE WHEN t.said <> ALL (choices)
                     THEN format('%s is none of %s', left(value::text, 80),
                                 array_to_string(choices, ', ')) END
                 WHEN form = 'date' THEN
                     CASE WHEN t.said !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                         OR t.said ~ '^0000'
                               THEN format('invalid date: %s', left(value::text, 80))
                          WHEN right(t.said, 2)::integer > extract(day
                              FROM make_date(left(t.said, 4)::integer,
                                             substr(t.said, 6, 2)::integer,
                                             1) + interval '1 month' - interval '1 day')
                               THEN format('there is no such day: %s', value)
                     END
                 WHEN t.said = '' THEN 'must not be empty'       -- keys, and references by them
            END
        END
    FROM (SELECT jsonb_typeof(value) AS found, value #>> '{}' AS said) t,
         LATERAL (SELECT kra_internal.text_limit(CASE WHEN form IN ('text', 'note') THEN 'note'
                                                 WHEN form IN ('line', 'relation') THEN 'line'
                                                     WHEN form NOT IN ('choice', 'date')
                                                         THEN 'short' END) AS longest) f,
         LATERAL (SELECT CASE WHEN t.found IN ('object', 'array') THEN 'an ' || t.found
                  WHEN t.found = 'null' THEN 'null' ELSE 'a ' || t.found END AS a_value,
                        CASE WHEN length(t.said) <= 40 THEN t.said
                            ELSE 'the number' END AS a_number) w;
END;
COMMENT ON FUNCTION kra_internal.document_value_fault(text, text[], numeric, numeric, jsonb) IS 'what is wrong with a value of a document, by its form; NULL: nothing';

CREATE FUNCTION kra_internal.document_refuse(path text, fault text, errcode text,
                                             detail text DEFAULT NULL, hint text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    fault := concat_ws(': ', nullif(path, ''), fault);
    CASE
        WHEN detail <> '' AND hint <> '' THEN RAISE EXCEPTION '%', fault
            USING ERRCODE = errcode, DETAIL = detail, HINT = hint;
        WHEN detail <> '' THEN RAISE EXCEPTION '%', fault USING ERRCODE = errcode, DETAIL = detail;
        WHEN hint <> '' THEN RAISE EXCEPTION '%', fault USING ERRCODE = errcode, HINT = hint;
        ELSE RAISE EXCEPTION '%', fault USING ERRCODE = errcode;
    END CASE;
END $$;
COMMENT ON FUNCTION kra_internal.document_refuse(text, text, text, text, text) IS 'raises the fault of a document, led by its path';

-- What a document says, with keys filled in. Dates: the item's own, else the document's, else
-- today.

CREATE FUNCTION kra_internal.document_date(document jsonb) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((document->>'effective_from')::date, kra_internal.today());
END;
COMMENT ON FUNCTION kra_internal.document_date(jsonb) IS 'day from which a document holds: its effective_from, else today';

CREATE FUNCTION kra_internal.document_kpis(document jsonb)
RETURNS TABLE (key text, path text, place bigint[], item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.item->>'key', i.path, i.place, i.definition
    FROM (SELECT i.*, i.item - '{weight,target,target_grain,phasing,provenance,is_active,'
                               'effective_from}'::text[] AS definition
          FROM kra_internal.document_items(document) i
              WHERE i.part IN ('kpi', 'card') AND jsonb_typeof(i.item) = 'object') i
    WHERE i.part = 'kpi' OR i.definition - 'key' <> '{}';
END;
COMMENT ON FUNCTION kra_internal.document_kpis(jsonb) IS 'KPIs that a document defines, in kpis or in a KRA; a KPI may come more than once';

CREATE FUNCTION kra_internal.document_kras(document jsonb)
RETURNS TABLE (role_key text, key text, result_area_id integer, path text, place bigint[],
               item jsonb)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.item->>'key', coalesce(a.item->>'key', ra.key, a.item->>'name'), ra.id, a.path,
           a.place, a.item
    FROM kra_internal.document_items(document) r
    JOIN kra_internal.document_items(document) a ON a.part = 'kra' AND a.place[2] = r.place[2]
    LEFT JOIN kra.job_roles jr ON jr.key = r.item->>'key'
    LEFT JOIN kra.result_areas ra ON ra.job_role_id = jr.id
        AND CASE WHEN a.item->>'key' IS NOT NULL THEN ra.key = a.item->>'key'
            ELSE ra.name = a.item->>'name' END
    WHERE r.part = 'role';
END;
COMMENT ON FUNCTION kra_internal.document_kras(jsonb) IS 'KRAs of a document; one without a key is the one of that name in its role, else its name is its key';

CREATE FUNCTION kra_internal.document_cards(document jsonb, since date)
RETURNS TABLE (role_key text, kra_key text, result_area_id integer, kpi_key text,
               effective_from date, is_active boolean, path text, place bigint[], item jsonb)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.role_key, a.key, a.result_area_id, k.item->>'key',
           coalesce((k.item->>'effective_from')::date, since),
           coalesce((k.item->>'is_active')::boolean, true), k.path, k.place, k.item
    FROM kra_internal.document_kras(document) a
    JOIN kra_internal.document_items(document) k ON k.part = 'card' AND k.place[2] = a.place[2]
        AND k.place[3] = a.place[3];
END;
COMMENT ON FUNCTION kra_internal.document_cards(jsonb, date) IS 'KPIs on the cards of the roles of a document';

CREATE FUNCTION kra_internal.document_kpi_rows(document jsonb)
RETURNS TABLE (path text, place bigint[], id integer, key text, name text, description text,
               kind text, timing text, unit text, value_format text,
               over_time text, over_subjects text, cadence text, objective_id integer,
               source_relation text,
               lookback integer, stale_after_days integer, at_risk_from double precision,
               missing text, scale text, scale_labels text[], influenceable_by text[], state text,
               state_reason text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.path, d.place, k.id, d.key,
           CASE WHEN d.item ? 'name' THEN d.item->>'name' ELSE k.name END,
           CASE WHEN d.item ? 'description' THEN d.item->>'description' ELSE k.description END,
           CASE WHEN d.item ? 'kind' THEN d.item->>'kind' ELSE k.kind::text END,
           coalesce(CASE WHEN d.item ? 'timing' THEN d.item->>'timing' ELSE k.timing END,
                    'lagging'),
           CASE WHEN d.item ? 'unit' THEN d.item->>'unit' ELSE k.unit END,
           CASE WHEN d.item ? 'value_format' THEN d.item->>'value_format' ELSE k.value_format END,
           o.over_time,
           coalesce(CASE WHEN d.item ? 'over_subjects' THEN d.item->>'over_subjects'
                    ELSE k.over_subjects END,
                    CASE WHEN o.over_time IN ('sum', 'last', 'count') THEN 'sum'
                        ELSE o.over_time END),
           coalesce(CASE WHEN d.item ? 'cadence' THEN d.item->>'cadence' ELSE k.cadence END,
                    'month'),
           CASE WHEN d.item ? 'objective'
               THEN (SELECT j.id FROM kra.objectives j WHERE j.key = d.item->>'objective')
                   ELSE k.objective_id END,
           CASE WHEN d.item ? 'source' THEN d.item->>'source' ELSE k.source_relation END,
           coalesce(CASE WHEN d.item ? 'lookback' THEN (d.item->>'lookback')::numeric::integer
                    ELSE k.lookback END, 2),
           CASE WHEN d.item ? 'stale_after_days'
               THEN (d.item->>'stale_after_days')::numeric::integer ELSE k.stale_after_days END,
           coalesce(CASE WHEN d.item ? 'at_risk_from'
                    THEN (d.item->>'at_risk_from')::double precision ELSE k.at_risk_from END, 0.9),
           coalesce(CASE WHEN d.item ? 'missing' THEN d.item->>'missing' ELSE k.missing END,
                    'unknown'),
           CASE WHEN d.item ? 'scale' THEN d.item->>'scale' ELSE k.scale END,
           CASE WHEN NOT d.item ? 'scale_labels' THEN k.scale_labels
                WHEN d.item->'scale_labels' <> 'null'
                    THEN ARRAY(SELECT e FROM jsonb_array_elements_text(d.item->'scale_labels')
                               WITH ORDINALITY l (e, n) ORDER BY n) END,
           CASE WHEN NOT d.item ? 'influenceable_by' THEN k.influenceable_by
                WHEN d.item->'influenceable_by' <> 'null'
                    THEN ARRAY(SELECT e FROM jsonb_array_elements_text(d.item->'influenceable_by')
                               WITH ORDINALITY l (e, n) ORDER BY n) END,
           coalesce(CASE WHEN d.item ? 'state' THEN d.item->>'state' ELSE k.state END, 'active'),
           CASE WHEN d.item ? 'state_reason' THEN d.item->>'state_reason' ELSE k.state_reason END
    FROM (SELECT DISTINCT ON (key) * FROM kra_internal.document_kpis(document)
          ORDER BY key, place) d
    LEFT JOIN kra.kpis k ON k.key = d.key
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN d.item ? 'over_time' THEN d.item->>'over_time'
                        ELSE k.over_time END,
                        CASE WHEN d.item->>'scale' IS NULL THEN 'sum' ELSE 'ratio' END) AS over_time
    ) o;
END;
COMMENT ON FUNCTION kra_internal.document_kpi_rows(jsonb) IS 'KPIs of a document as rows of kpis, over what stands there now; id is NULL for a new one';

CREATE FUNCTION kra_internal.document_drives(_document jsonb)
RETURNS TABLE (kpi_key text, drives_key text, path text, place bigint[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.key, e.key, d.path || '.drives' || CASE WHEN d.is_list THEN format('[%s]', e.n - 1)
        ELSE '' END, d.place
    FROM (
        SELECT DISTINCT ON (k.key) k.key, k.path, k.place, k.item->'drives' AS drives,
               jsonb_typeof(k.item->'drives') = 'array' AS is_list
        FROM kra_internal.document_kpis(_document) k
        ORDER BY k.key, k.place
    ) d
    CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE WHEN d.is_list THEN d.drives WHEN jsonb_typeof(d.drives) = 'string'
            THEN jsonb_build_array(d.drives)
             ELSE '[]' END) WITH ORDINALITY e (key, n);
END;
COMMENT ON FUNCTION kra_internal.document_drives(jsonb) IS 'which KPIs the KPIs of a document drive, with the path of the reference';

-- What is complete has a day, and what is not has none: who says the one says the other.
CREATE FUNCTION kra_internal.document_milestone_rows(document jsonb)
RETURNS TABLE (objective_key text, objective_id integer, id integer, key text, name text,
               weight double precision, owner_id integer, due_on date,
               completion double precision, completed_on date, path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.item->>'key', x.id, m.id, i.item->>'key',
           CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE m.name END,
           coalesce(CASE WHEN i.item ? 'weight' THEN (i.item->>'weight')::double precision
                    ELSE m.weight END, 1),
           CASE WHEN i.item ? 'owner'
               THEN (SELECT s.id FROM kra.subjects s WHERE s.key = i.item->>'owner')
                   ELSE m.owner_id END,
           CASE WHEN i.item ? 'due_on' THEN (i.item->>'due_on')::date ELSE m.due_on END,
           coalesce(c.said, CASE WHEN c.on_day IS NOT NULL THEN 1 WHEN m.completion < 1
                    AND NOT c.is_reset THEN m.completion ELSE 0 END),
           c.on_day, i.path, i.place
    FROM kra_internal.document_items(document) o
    JOIN kra_internal.document_items(document) i ON i.part = 'milestone' AND i.place[2] = o.place[2]
    LEFT JOIN kra.objectives x ON x.key = o.item->>'key'
    LEFT JOIN kra.milestones m ON m.objective_id = x.id AND m.key = i.item->>'key'
    CROSS JOIN LATERAL (
        SELECT d.said, i.item ? 'completion' AND i.item->>'completion' IS NULL AS is_reset,
               CASE WHEN i.item ? 'completed_on' THEN (i.item->>'completed_on')::date
                    WHEN i.item ? 'completion' AND d.said IS DISTINCT FROM 1 THEN NULL
                    ELSE m.completed_on END AS on_day
        FROM (SELECT (i.item->>'completion')::double precision AS said) d
    ) c
    WHERE o.part = 'objective';
END;
COMMENT ON FUNCTION kra_internal.document_milestone_rows(jsonb) IS 'milestones of a document as rows of milestones, over what stands there now; id is NULL for a new one';

CREATE FUNCTION kra_internal.document_placements(document jsonb, since date)
RETURNS TABLE (subject_id integer, effective_from date, parent_id integer, job_role_id integer,
               is_active boolean, path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT w.subject_id, w.effective_from, w.parent_id, w.job_role_id, w.is_active, w.path, w.place
    FROM (
        SELECT s.id AS subject_id, d.effective_from, i.path, i.place,
               CASE WHEN i.item ? 'parent'
                   THEN (SELECT j.id FROM kra.subjects j WHERE j.key = i.item->>'parent')
                       ELSE p.parent_id END AS parent_id,
               CASE WHEN i.item ? 'role'
                   THEN (SELECT j.id FROM kra.job_roles j WHERE j.key = i.item->>'role')
                       ELSE p.job_role_id END AS job_role_id,
               CASE WHEN i.item ? 'is_active' THEN coalesce((i.item->>'is_active')::boolean, true)
                    WHEN p.subject_id IS NOT NULL THEN p.is_active
                    ELSE i.item ? 'parent' OR i.item ? 'role'
                        OR NOT EXISTS (SELECT FROM kra.placements x
                                       WHERE x.subject_id = s.id) END AS is_active,
               p.parent_id AS old_parent_id, p.job_role_id AS old_job_role_id,
               coalesce(p.is_active, false) AS was_active
        FROM kra_internal.document_items(document) i
        CROSS JOIN LATERAL (SELECT coalesce((i.item->>'effective_from')::date,
                                            since) AS effective_from) d
        JOIN kra.subjects s ON s.key = i.item->>'key'
        LEFT JOIN LATERAL (
            SELECT * FROM kra.placements x
                WHERE x.subject_id = s.id AND x.effective_from <= d.effective_from
                    ORDER BY x.effective_from DESC LIMIT 1
        ) p ON true
        WHERE i.part = 'subject'
    ) w
    WHERE (w.parent_id, w.job_role_id, w.is_active) IS DISTINCT FROM (w.old_parent_id,
        w.old_job_role_id, w.was_active);
END;
COMMENT ON FUNCTION kra_internal.document_placements(jsonb, date) IS 'rows that placements lacks for the subjects of a document; one without any placement is placed';

CREATE FUNCTION kra_internal.document_card_rows(document jsonb, since date)
RETURNS TABLE (result_area_id integer, kpi_id integer, effective_from date, weight double precision,
               target kra.kpi_target, target_grain text, phasing double precision[],
               provenance text, is_active boolean, "position" integer, path text, place bigint[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS MATERIALIZED (
        SELECT c.*, k.id AS kpi_id, jr.id AS job_role_id, row_number() OVER w AS n,
               lag(c.kpi_key) OVER w AS key_before
        FROM kra_internal.document_cards(document, since) c
        JOIN kra.kpis k ON k.key = c.kpi_key
        JOIN kra.job_roles jr ON jr.key = c.role_key
        WINDOW w AS (PARTITION BY c.result_area_id ORDER BY c.is_active DESC, c.place)
    ), found AS (
        SELECT l.*, x.kpi_id IS NOT NULL AS is_there, x.is_active AS was_active,
               x.weight AS old_weight,
               x.target AS old_target, old.target_grain AS old_target_grain,
               old.phasing AS old_phasing, x.provenance AS old_provenance,
               x.position AS old_position,
               CASE WHEN l.item ? 'weight' THEN coalesce((l.item->>'weight')::double precision, 1)
                   WHEN o.holds THEN x.weight ELSE coalesce(y.weight, 1) END AS weight,
               a.target, a.target_grain, a.phasing,
               CASE WHEN l.item ? 'provenance' THEN l.item->>'provenance' WHEN o.holds
                   THEN x.provenance ELSE y.provenance END AS provenance,
               CASE WHEN o.holds THEN x.position END AS held_position,
               CASE WHEN o.holds AND l.key_before COLLATE "C" < l.kpi_key THEN 0 ELSE 1 END AS step
        FROM listed l
        LEFT JOIN LATERAL (
            SELECT * FROM kra.result_area_kpis x
                WHERE x.result_area_id = l.result_area_id AND x.kpi_id = l.kpi_id
                  AND x.effective_from <= l.effective_from
            ORDER BY x.effective_from DESC LIMIT 1
        ) x ON true
        CROSS JOIN LATERAL (SELECT x.is_active
                            OR (NOT l.is_active AND x.kpi_id IS NOT NULL) AS holds) o
        CROSS JOIN LATERAL kra_internal.document_aim('{}', x.target, x.target_grain, x.phasing) old
        -- a KPI that comes from another KRA of the role brings its weight and target along
        LEFT JOIN LATERAL (
            SELECT y.weight, y.target, y.target_grain, y.phasing, y.provenance
                FROM kra_internal.role_kpis y
            WHERE y.job_role_id = l.job_role_id AND y.kpi_id = l.kpi_id
              AND y.result_area_id <> l.result_area_id
              AND y.is_active AND y.effective_from <= l.effective_from
              AND y.effective_until > l.effective_from
            LIMIT 1
        ) y ON l.is_active AND o.holds IS NOT TRUE
        CROSS JOIN LATERAL kra_internal.document_aim(l.item,
            CASE WHEN o.holds THEN x.target ELSE y.target END,
            CASE WHEN o.holds THEN x.target_grain ELSE y.target_grain END,
            CASE WHEN o.holds THEN x.phasing ELSE y.phasing END) a
    ), merged AS (
        -- what stands in order keeps its place; equal places are in the order of the keys:
        -- p(i) = greatest(held(i), p(i - 1) + step(i)), and that is steps(i) + max(held(j) -
        -- steps(j))
        SELECT f.*, CASE WHEN NOT f.is_active THEN coalesce(f.old_position, 1)
                         ELSE (f.steps + greatest(0,
                                                  max(f.held_position - f.steps) OVER
                                                      (PARTITION BY f.result_area_id
                                                       ORDER BY f.n)))::integer END AS position
        FROM (SELECT f.*, sum(f.step) OVER (PARTITION BY f.result_area_id ORDER BY f.n) AS steps
              FROM found f) f
    )
    SELECT m.result_area_id, m.kpi_id, m.effective_from, m.weight, m.target, m.target_grain,
           m.phasing, m.provenance, m.is_active, m.position, m.path, m.place
    FROM merged m
    WHERE NOT m.is_there
       OR (m.weight, m.target::text, m.target_grain, m.phasing, m.provenance, m.is_active,
           m.position)
          IS DISTINCT FROM (m.old_weight, m.old_target::text, m.old_target_grain, m.old_phasing,
                            m.old_provenance, m.was_active, m.old_position)
    UNION ALL
    -- not listed: off the card, or over to another KRA on the day on which it comes to that one
    SELECT x.result_area_id, x.kpi_id, d.effective_from, x.weight, x.target, x.target_grain,
           x.phasing, x.provenance, false, x.position, coalesce(d.path, r.path),
           coalesce(d.place, r.place)
    FROM kra_internal.document_items(document) r
    JOIN kra.job_roles jr ON jr.key = r.item->>'key'
    JOIN kra.result_areas ra ON ra.job_role_id = jr.id
    JOIN (SELECT DISTINCT y.result_area_id, y.kpi_id FROM kra.result_area_kpis y) e
        ON e.result_area_id = ra.id
    CROSS JOIN LATERAL (
        SELECT coalesce(min(l.effective_from), since) AS effective_from, min(l.path) AS path,
               min(l.place) AS place
        FROM listed l WHERE l.role_key = r.item->>'key' AND l.kpi_id = e.kpi_id AND l.is_active
    ) d
    CROSS JOIN LATERAL (
        SELECT * FROM kra.result_area_kpis y
            WHERE y.result_area_id = e.result_area_id AND y.kpi_id = e.kpi_id
              AND y.effective_from <= d.effective_from
        ORDER BY y.effective_from DESC LIMIT 1
    ) x
    WHERE r.part = 'role' AND r.item ? 'kras' AND x.is_active
      AND NOT EXISTS (SELECT FROM listed l
                      WHERE l.result_area_id = e.result_area_id AND l.kpi_id = e.kpi_id);
END;
COMMENT ON FUNCTION kra_internal.document_card_rows(jsonb, date) IS 'rows that result_area_kpis lacks for the roles of a document: what it lists, and what it leaves out, taken off';

-- The first fault of a document, in the order of the document: of form, which the JSON Schema in
-- share/kra-definition.schema.json shows too, then of what it says.

CREATE FUNCTION kra_internal.document_check_form(document jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    f record;
BEGIN
    IF document IS NULL OR jsonb_typeof(document) <> 'object' THEN
        PERFORM kra_internal.document_refuse('', 'a document of definitions must be a JSON object',
                                             '22023');
    END IF;
    PERFORM kra_internal.check_size('a document of definitions', document);

    SELECT * INTO f FROM (
        SELECT i.place, 0 AS n, i.path,
               kra_internal.document_value_fault('object', NULL, NULL, NULL, i.item) AS fault,
               '22023' AS errcode, NULL AS detail, NULL AS hint
        FROM kra_internal.document_items(document) i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT i.place, coalesce(m.n, 1000),
               concat_ws('.', nullif(i.path, ''), kra_internal.document_member(e.key)),
               coalesce(t.fault, v.fault),
               coalesce(t.errcode, CASE WHEN e.value = 'null' THEN '23502'
                                        WHEN m.form = 'date' AND jsonb_typeof(e.value) = 'string'
                                            THEN '22007'
                                        WHEN m.form IN ('number', 'integer', 'share')
                                            AND jsonb_typeof(e.value) = 'number' THEN '22003'
                                        ELSE '22023' END),
               t.detail,
               CASE WHEN m.n IS NOT NULL THEN t.hint
                   ELSE format('Members are %s.',
                               (SELECT string_agg(x.member, ', ' ORDER BY x.part DESC, x.n)
                                FROM kra_internal.document_members() x
                                                                     WHERE x.part = i.part
                                                                       OR (i.part = 'card'
                                                                           AND x.part = 'kpi'))) END
        FROM kra_internal.document_items(document) i
        CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item
                                      ELSE '{}' END) e
        LEFT JOIN kra_internal.document_members() m ON m.member = e.key
            AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        LEFT JOIN LATERAL kra_internal.document_target_fault(e.value) t ON m.form = 'target'
            AND e.value <> 'null'
        CROSS JOIN LATERAL (
            SELECT CASE WHEN m.n IS NULL THEN 'unknown member'
                        WHEN m.form = 'target' THEN NULL
                        WHEN e.value = 'null' AND (m.is_required OR m.is_needed)
                            AND m.form <> 'number' THEN 'must not be null'
                        WHEN e.value = 'null' AND m.form NOT IN ('list', 'object') THEN NULL
                        ELSE kra_internal.document_value_fault(m.form, m.choices, m.lowest,
                            m.highest, e.value) END AS fault
        ) v
        WHERE coalesce(t.fault, v.fault) IS NOT NULL
        UNION ALL
        SELECT i.place, m.n, concat_ws('.', nullif(i.path, ''), m.member), 'missing', '23502', NULL,
               NULL
        FROM kra_internal.document_items(document) i
        JOIN kra_internal.document_members() m ON m.is_required
            AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        WHERE jsonb_typeof(i.item) = 'object' AND NOT i.item ? m.member
        UNION ALL
        SELECT i.place, 900, i.path || '.owner_from', 'a date without an owner', '22023', NULL, NULL
        FROM kra_internal.document_items(document) i
        WHERE i.part IN ('kpi', 'card') AND jsonb_typeof(i.item) = 'object'
          AND i.item ? 'owner_from' AND NOT i.item ? 'owner'
        UNION ALL
        SELECT i.place, 900, i.path || '.name', 'missing', '23502', NULL,
               'A KRA needs a key or a name.'
        FROM kra_internal.document_items(document) i
        WHERE i.part = 'kra' AND jsonb_typeof(i.item) = 'object' AND i.item->>'key' IS NULL
          AND NOT i.item ? 'name'
    ) f ORDER BY place, n LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path, f.fault, f.errcode, f.detail, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.document_check_form(jsonb) IS 'refuses a document of definitions whose form is faulty: unknown members, wrong types, values out of range. The message starts with the path of the first fault';

CREATE FUNCTION kra_internal.document_check_sources(_document jsonb) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f record;
BEGIN
    SELECT k.path, s.fault, s.errcode, s.hint INTO f
    FROM kra_internal.document_kpi_rows(_document) k
    LEFT JOIN kra.kpis o ON o.id = k.id
    CROSS JOIN LATERAL kra_internal.source_fault(k.source_relation, k.over_time, k.scale) s
    WHERE k.source_relation IS NOT NULL
      AND (k.source_relation, k.over_time, k.scale)
          IS DISTINCT FROM (o.source_relation, o.over_time, o.scale)
      AND s.fault IS NOT NULL AND s.errcode <> '42P01'   -- it may come later
    ORDER BY k.place LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path || '.source', f.fault, f.errcode, NULL, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.document_check_sources(jsonb) IS 'refuses a document in which a KPI gets a source that is there and lacks what collect reads';

CREATE FUNCTION kra_internal.document_check(document jsonb) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    f record;
    since date;
BEGIN
    PERFORM kra_internal.document_check_form(document);
    since := kra_internal.document_date(document);

    -- said twice
    SELECT * INTO f FROM (
        SELECT i.place, i.path || '.key' AS path,
               format('duplicate %s %s', CASE i.part WHEN 'kpi' THEN 'KPI' ELSE i.part END,
                      i.item->'key') AS fault, '23505' AS errcode, NULL AS hint,
               row_number() OVER (PARTITION BY i.part, i.item->>'key' ORDER BY i.place) AS n
        FROM kra_internal.document_items(document) i
            WHERE i.part IN ('objective', 'subject', 'kpi', 'role')
        UNION ALL
        SELECT i.place, i.path || '.key', format('duplicate milestone %s', i.item->'key'), '23505',
               NULL,
               row_number() OVER (PARTITION BY i.place[2], i.item->>'key' ORDER BY i.place)
        FROM kra_internal.document_items(document) i WHERE i.part = 'milestone'
        UNION ALL
        SELECT a.place, a.path || CASE WHEN a.item->>'key' IS NULL THEN '.name' ELSE '.key' END,
               format('duplicate KRA %s', to_jsonb(a.key)), '23505', NULL,
               row_number() OVER (PARTITION BY a.place[2], a.key ORDER BY a.place)
        FROM kra_internal.document_kras(document) a
        UNION ALL
        SELECT a.place, a.path || '.name', format('duplicate KRA %s', a.item->'name'), '23505',
               NULL,
               row_number() OVER (PARTITION BY a.place[2], a.item->>'name' ORDER BY a.place)
        FROM kra_internal.document_kras(document) a WHERE a.item ? 'name'
        UNION ALL
        SELECT c.place, c.path || '.key', format('KPI %s stands twice in its KRA', c.item->'key'),
               '23505', NULL,
               row_number() OVER (PARTITION BY c.place[2:3], c.kpi_key ORDER BY c.place)
        FROM kra_internal.document_cards(document, since) c
        UNION ALL
        SELECT c.place, c.path || '.key',
               format('KPI %s stands in two KRAs of the role', c.item->'key'), '23505',
               'A scorecard names a KPI once.',
               row_number() OVER (PARTITION BY c.place[2], c.kpi_key ORDER BY c.place)
        FROM kra_internal.document_cards(document, since) c WHERE c.is_active
        UNION ALL
        SELECT i.place, i.path, format('duplicate target of %s for KPI %s from that day on',
                                       i.item->'subject', i.item->'kpi'), '23505', NULL,
               row_number() OVER (PARTITION BY i.item->>'kpi', i.item->>'subject',
                                  coalesce((i.item->>'effective_from')::date, since)
                                      ORDER BY i.place)
        FROM kra_internal.document_items(document) i WHERE i.part = 'target'
        UNION ALL
        SELECT i.place, i.path, format('duplicate benchmark of KPI %s from that day on',
                                       i.item->'kpi'), '23505', NULL,
               row_number() OVER (PARTITION BY i.item->>'kpi',
                                  coalesce((i.item->>'effective_from')::date, since)
                                      ORDER BY i.place)
        FROM kra_internal.document_items(document) i WHERE i.part = 'benchmark'
        UNION ALL
        SELECT d.place, d.path, format('KPI %s is defined differently at %s', to_jsonb(d.key),
                                       d.first_path), '23505',
                                       'Define it once, and name its key alone elsewhere.',
               CASE WHEN d.item <> d.first_item THEN 2 END
        FROM (SELECT *, first_value(k.item) OVER w AS first_item,
              first_value(k.path) OVER w AS first_path
              FROM kra_internal.document_kpis(document) k WINDOW w AS (PARTITION BY k.key
                  ORDER BY k.place)) d
    ) f WHERE n > 1 ORDER BY place LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path, f.fault, f.errcode, NULL, f.hint);
    END IF;

    -- what it refers to must be there, and what is new must be complete
    SELECT * INTO f FROM (
        SELECT r.place, r.n, r.path,
               format('unknown %s %s', CASE r.form WHEN 'kpi' THEN 'KPI' ELSE r.form END,
                      to_jsonb(r.key)) AS fault, '23503' AS errcode
        FROM (
            SELECT i.place, m.n, i.path || '.' || m.member AS path, m.form, i.item->>m.member AS key
            FROM kra_internal.document_items(document) i
            JOIN kra_internal.document_members() m
                ON m.form IN ('objective', 'subject', 'role', 'kpi')
                    AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
            WHERE i.item->>m.member IS NOT NULL
            UNION ALL
            SELECT d.place, 10, d.path, 'kpi', d.drives_key
                FROM kra_internal.document_drives(document) d
            UNION ALL
            SELECT i.place, 0, i.path || '.key', 'kpi', i.item->>'key'
                FROM kra_internal.document_items(document) i WHERE i.part = 'card'
        ) r
        WHERE (r.form, r.key) NOT IN (
            SELECT i.part, i.item->>'key' FROM kra_internal.document_items(document) i
                WHERE i.part IN ('objective', 'subject', 'role')
            UNION ALL SELECT 'kpi', key FROM kra_internal.document_kpis(document)
            UNION ALL SELECT 'objective', key FROM kra.objectives
            UNION ALL SELECT 'subject', key FROM kra.subjects
            UNION ALL SELECT 'role', key FROM kra.job_roles
            UNION ALL SELECT 'kpi', key FROM kra.kpis)
        UNION ALL
        SELECT i.place, m.n, i.path || '.' || m.member,
               format('missing for the new %s %s', CASE i.part WHEN 'card' THEN 'KPI' WHEN 'kpi'
                      THEN 'KPI' ELSE i.part END, i.item->'key'), '23502'
        FROM kra_internal.document_items(document) i
        JOIN kra_internal.document_members() m ON m.is_needed
            AND (m.part = i.part OR (i.part = 'card' AND m.part = 'kpi'))
        WHERE i.part IN ('objective', 'subject', 'role', 'kpi', 'card') AND NOT i.item ? m.member
          AND (i.part <> 'card'
               OR i.item - '{key,weight,target,target_grain,phasing,provenance,is_active,'
                           'effective_from}'::text[] <> '{}')
          AND (CASE i.part WHEN 'card' THEN 'kpi' ELSE i.part END, i.item->>'key') NOT IN (
            SELECT 'objective', key FROM kra.objectives
            UNION ALL SELECT 'subject', key FROM kra.subjects
            UNION ALL SELECT 'role', key FROM kra.job_roles
            UNION ALL SELECT 'kpi', key FROM kra.kpis)
        UNION ALL
        SELECT m.place, 1, m.path || '.name',
               format('missing for the new milestone %s', to_jsonb(m.key)), '23502'
        FROM kra_internal.document_milestone_rows(document) m WHERE m.name IS NULL
        UNION ALL
        SELECT a.place, 1, a.path || '.name', format('missing for the new KRA %s', to_jsonb(a.key)),
               '23502'
        FROM kra_internal.document_kras(document) a
            WHERE a.result_area_id IS NULL AND NOT a.item ? 'name'
        UNION ALL
        SELECT a.place, 1, a.path || '.name',
               format('the role has another KRA of that name, with the key %s', to_jsonb(ra.key)),
               '23505'
        FROM kra_internal.document_kras(document) a
        JOIN kra.job_roles jr ON jr.key = a.role_key
        JOIN kra.result_areas ra ON ra.job_role_id = jr.id AND ra.name = a.item->>'name'
            AND ra.id IS DISTINCT FROM a.result_area_id
        UNION ALL
        SELECT i.place, m.n, i.path || '.' || m.member, format('missing for the new %s', i.part),
               '23502'
        FROM (SELECT i.part, i.path, i.place, i.item,
              coalesce((i.item->>'effective_from')::date, since) AS effective_from,
                     row_number() OVER (PARTITION BY i.part, i.item->>'kpi', i.item->>'subject'
                                        ORDER BY coalesce((i.item->>'effective_from')::date,
                                            since)) AS turn
              FROM kra_internal.document_items(document) i
                  WHERE i.part IN ('target', 'benchmark')) i
        JOIN kra_internal.document_members() m ON m.part = i.part AND m.is_needed
        WHERE NOT i.item ? m.member AND i.turn = 1
          AND CASE i.part
              WHEN 'target' THEN NOT EXISTS (
                SELECT FROM kra.targets t
                WHERE t.kpi_id = (SELECT k.id FROM kra.kpis k WHERE k.key = i.item->>'kpi')
                  AND t.subject_id = (SELECT s.id FROM kra.subjects s
                                      WHERE s.key = i.item->>'subject')
                  AND t.effective_from <= i.effective_from)
              ELSE NOT EXISTS (
                SELECT FROM kra.benchmarks b
                WHERE b.kpi_id = (SELECT k.id FROM kra.kpis k WHERE k.key = i.item->>'kpi')
                  AND b.effective_from <= i.effective_from) END
    ) f ORDER BY place, n LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path, f.fault, f.errcode);
    END IF;

    -- what does not go together
    SELECT * INTO f FROM (
        SELECT i.place, i.path || '.' || m.member AS path,
               CASE i.part WHEN 'objective' THEN 'an objective cannot serve itself'
                   ELSE 'a subject cannot be below itself' END AS fault,
               NULL AS hint
        FROM kra_internal.document_items(document) i
        JOIN (VALUES ('objective', 'parent'), ('subject', 'parent')) m (part, member)
            ON m.part = i.part
        WHERE i.item->>m.member = i.item->>'key'
        UNION ALL
        SELECT d.place, d.path, 'a KPI cannot drive itself', NULL
        FROM kra_internal.document_drives(document) d WHERE d.drives_key = d.kpi_key
        UNION ALL
        SELECT i.place, i.path || '.due_on', format('%s is before %s', d.due_on, d.starts_on), NULL
        FROM kra_internal.document_items(document) i
        LEFT JOIN kra.objectives o ON o.key = i.item->>'key'
        CROSS JOIN LATERAL (SELECT CASE WHEN i.item ? 'starts_on' THEN i.item->>'starts_on'
                            ELSE to_char(o.starts_on, 'YYYY-MM-DD') END::date AS starts_on,
                                   CASE WHEN i.item ? 'due_on' THEN i.item->>'due_on'
                                       ELSE to_char(o.due_on, 'YYYY-MM-DD') END::date AS due_on) d
        WHERE i.part = 'objective' AND d.starts_on > d.due_on
        UNION ALL
        SELECT m.place, m.path || '.completed_on', CASE WHEN m.completion = 1
            THEN 'missing for a completion of 1' ELSE 'a day, and a completion of less than 1' END,
                NULL
        FROM kra_internal.document_milestone_rows(document) m
        WHERE (m.completion = 1) <> (m.completed_on IS NOT NULL)
        UNION ALL
        SELECT k.place, k.path || c.member, c.fault, c.hint
        FROM kra_internal.document_kpi_rows(document) k
        CROSS JOIN LATERAL (
            SELECT '.scale' AS member,
                   'a scale needs over_time and over_subjects to be ratio' AS fault, NULL AS hint
                       WHERE k.scale IS NOT NULL
                         AND (k.over_time <> 'ratio' OR k.over_subjects <> 'ratio')
            UNION ALL
            SELECT '.over_subjects', format('%s over subjects does not go with %s over time',
                                            k.over_subjects, k.over_time),
                                            'It is the same, or sum, mean, min or max where '
                                            'over_time is not ratio.'
            WHERE k.over_time <> k.over_subjects
              AND (k.over_time = 'ratio' OR k.over_subjects NOT IN ('sum', 'mean', 'min', 'max'))
            UNION ALL
            SELECT '.missing', 'zero needs over_time to be sum or count',
                   'Only sums and counts are 0 where nothing was observed.'
            WHERE k.missing = 'zero' AND k.over_time NOT IN ('sum', 'count')
            UNION ALL
            SELECT '.scale_labels', 'missing for an ordinal scale', NULL
                WHERE k.scale = 'ordinal' AND k.scale_labels IS NULL
            UNION ALL
            SELECT '.scale_labels', 'only an ordinal scale has labels', NULL
                WHERE k.scale_labels IS NOT NULL AND k.scale IS DISTINCT FROM 'ordinal'
            UNION ALL
            SELECT '.influenceable_by', format('neither a subject nor a role: %s', to_jsonb(w.key)),
                   NULL
            FROM unnest(k.influenceable_by) WITH ORDINALITY w (key, n)
            WHERE k.influenceable_by IS DISTINCT FROM (SELECT o.influenceable_by FROM kra.kpis o
                                                       WHERE o.id = k.id)
              AND NOT EXISTS (SELECT FROM kra.subjects s WHERE s.key = w.key)
              AND NOT EXISTS (SELECT FROM kra.job_roles s WHERE s.key = w.key)
              AND w.key NOT IN (SELECT i.item->>'key' FROM kra_internal.document_items(document) i
                                WHERE i.part IN ('subject', 'role'))
        ) c
        UNION ALL
        (WITH RECURSIVE edges (key, parent, path, place) AS MATERIALIZED (
            SELECT i.item->>'key', i.item->>'parent', i.path, i.place
                FROM kra_internal.document_items(document) i
                    WHERE i.part = 'objective' AND i.item ? 'parent'
            UNION ALL
            SELECT o.key, p.key, NULL, NULL
            FROM kra.objective_parents op
            JOIN kra.objectives o ON o.id = op.objective_id
            JOIN kra.objectives p ON p.id = op.parent_id
            WHERE o.key NOT IN (SELECT i.item->>'key' FROM kra_internal.document_items(document) i
                                WHERE i.part = 'objective' AND i.item ? 'parent')
        ), up (start, path, place, parent) AS (
            SELECT e.key, e.path, e.place, e.parent FROM edges e
                WHERE e.path IS NOT NULL AND e.parent <> e.key
            UNION
            SELECT u.start, u.path, u.place, e.parent FROM up u JOIN edges e ON e.key = u.parent
                WHERE u.parent <> u.start
        )
        SELECT u.place, u.path || '.parent', 'an objective cannot serve itself',
               'It comes round over those that it serves.' FROM up u WHERE u.parent = u.start)
    ) f ORDER BY place LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(f.path, f.fault, '23514', NULL, f.hint);
    END IF;
    PERFORM kra_internal.document_check_sources(document);
END $$;
COMMENT ON FUNCTION kra_internal.document_check(jsonb) IS 'refuses a document of definitions that is faulty: the message starts with the path of the first fault';

CREATE FUNCTION kra.define(document jsonb, dry_run boolean DEFAULT false)
RETURNS TABLE (operation text, object text, row_key text, before jsonb, after jsonb)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off
    SET datestyle = 'ISO, YMD' AS $$
#variable_conflict use_column
DECLARE
    section text;       -- path for errors of the tables; NULL: the error has its path
    logged bigint;
    changes kra.definition_log[];
    since date;
    holds boolean;
    r record;
    last_role integer;
    last_position integer;
    last_key text;
    message text;
    state text;
    detail text;
    hint text;
BEGIN
    IF dry_run IS DISTINCT FROM false AND current_setting('transaction_read_only')::boolean THEN
        PERFORM kra_internal.check_size('a document of definitions', document);
        document := kra_internal.normal_document(document);
        PERFORM kra_internal.document_check(document);
        RETURN QUERY SELECT * FROM kra_internal.document_changes(document,
            kra_internal.document_date(document));
        RETURN;
    END IF;
    BEGIN
        -- one document at a time; a dry run gives the lock back when it is undone
        PERFORM kra_internal.lock_definitions();
        holds := kra_internal.hold_lines();
        IF jsonb_typeof(document) = 'object' THEN
            -- out of a table, it would be unpacked for every use
            document := document || '{}';
            PERFORM kra_internal.check_size('a document of definitions', document);
            document := kra_internal.normal_document(document);
        END IF;
        PERFORM kra_internal.document_check(document);
        since := kra_internal.document_date(document);
        SELECT coalesce(max(l.id), 0) INTO logged FROM kra.definition_log l;

        section := 'settings';
        IF document ? 'settings' THEN
            SELECT w.* INTO r
            FROM kra_internal.settings_in_force f
            CROSS JOIN LATERAL (
                SELECT CASE WHEN d ? 'fiscal_year_start_month'
                    THEN coalesce((d->>'fiscal_year_start_month')::numeric::integer, 1)
                        ELSE f.fiscal_year_start_month END AS fiscal_year_start_month,
                       CASE WHEN d ? 'week_start'
                           THEN coalesce((d->>'week_start')::numeric::integer, 1)
                               ELSE f.week_start END AS week_start,
                       CASE WHEN d ? 'calendar' THEN coalesce(d->>'calendar', 'months')
                           ELSE f.calendar END AS calendar,
                       CASE WHEN d ? 'time_zone' THEN coalesce(d->>'time_zone', 'UTC')
                           ELSE f.time_zone END AS time_zone,
                       CASE WHEN d ? 'min_coverage'
                           THEN coalesce((d->>'min_coverage')::double precision, 0.5)
                               ELSE f.min_coverage END AS min_coverage,
                       CASE WHEN d ? 'min_group_size'
                           THEN coalesce((d->>'min_group_size')::numeric::integer, 5)
                               ELSE f.min_group_size END AS min_group_size,
                       CASE WHEN d ? 'sees_all_role' THEN d->>'sees_all_role'
                           ELSE f.sees_all_role END AS sees_all_role,
                       CASE WHEN d ? 'show_groups_above'
                           THEN coalesce((d->>'show_groups_above')::boolean, false)
                               ELSE f.show_groups_above END AS show_groups_above,
                       CASE WHEN d ? 'history_periods'
                           THEN coalesce((d->>'history_periods')::numeric::integer, 24)
                               ELSE f.history_periods END AS history_periods,
                       CASE WHEN d ? 'review_cadence' THEN coalesce(d->>'review_cadence', 'month')
                           ELSE f.review_cadence END AS review_cadence,
                       CASE WHEN d ? 'check_in_days'
                           THEN coalesce((d->>'check_in_days')::numeric::integer, 14)
                               ELSE f.check_in_days END AS check_in_days
                FROM (SELECT document->'settings') x (d)
            ) w
            WHERE w IS DISTINCT FROM (f.fiscal_year_start_month, f.week_start, f.calendar,
                                      f.time_zone, f.min_coverage, f.min_group_size,
                                      f.sees_all_role, f.show_groups_above, f.history_periods,
                                      f.review_cadence, f.check_in_days);
            IF FOUND THEN
                BEGIN
                    INSERT INTO kra.settings (fiscal_year_start_month, week_start, calendar,
                        time_zone, min_coverage, min_group_size, sees_all_role, show_groups_above,
                        history_periods, review_cadence, check_in_days)
                    VALUES (r.fiscal_year_start_month, r.week_start, r.calendar, r.time_zone,
                            r.min_coverage, r.min_group_size, r.sees_all_role, r.show_groups_above,
                            r.history_periods, r.review_cadence, r.check_in_days)
                    ON CONFLICT (id) DO UPDATE
                    SET (fiscal_year_start_month, week_start, calendar, time_zone, min_coverage,
                         min_group_size, sees_all_role, show_groups_above, history_periods,
                         review_cadence, check_in_days)
                        = (excluded.fiscal_year_start_month, excluded.week_start,
                           excluded.calendar, excluded.time_zone, excluded.min_coverage,
                           excluded.min_group_size, excluded.sees_all_role,
                           excluded.show_groups_above, excluded.history_periods,
                           excluded.review_cadence, excluded.check_in_days);
                EXCEPTION WHEN invalid_parameter_value THEN
                    section := 'settings.time_zone';
                    RAISE;
                END;
            END IF;
        END IF;

        section := 'subjects';
        UPDATE kra.subjects s
        SET (name, kind, login) = (w.name, w.kind, w.login)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name,
                   CASE WHEN i.item ? 'kind' THEN i.item->>'kind' ELSE x.kind END AS kind,
                   CASE WHEN i.item ? 'login' THEN i.item->>'login' ELSE x.login END AS login
            FROM kra_internal.document_items(document) i
                JOIN kra.subjects x ON x.key = i.item->>'key' WHERE i.part = 'subject'
        ) w
        WHERE s.id = w.id AND (s.name, s.kind, s.login) IS DISTINCT FROM (w.name, w.kind, w.login);
        INSERT INTO kra.subjects (key, name, kind, login)
        SELECT i.item->>'key', i.item->>'name', i.item->>'kind', i.item->>'login'
        FROM kra_internal.document_items(document) i
        WHERE i.part = 'subject' AND i.item->>'key' NOT IN (SELECT key FROM kra.subjects)
        ORDER BY i.place;

        section := 'roles';
        UPDATE kra.job_roles j
        SET (name, purpose, level) = (w.name, w.purpose, w.level)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name,
                   CASE WHEN i.item ? 'purpose' THEN i.item->>'purpose'
                       ELSE x.purpose END AS purpose,
                   CASE WHEN i.item ? 'level' THEN i.item->>'level' ELSE x.level END AS level
            FROM kra_internal.document_items(document) i
                JOIN kra.job_roles x ON x.key = i.item->>'key' WHERE i.part = 'role'
        ) w
        WHERE j.id = w.id AND (j.name, j.purpose, j.level)
            IS DISTINCT FROM (w.name, w.purpose, w.level);
        INSERT INTO kra.job_roles (key, name, purpose, level)
        SELECT i.item->>'key', i.item->>'name', i.item->>'purpose', i.item->>'level'
        FROM kra_internal.document_items(document) i
        WHERE i.part = 'role' AND i.item->>'key' NOT IN (SELECT key FROM kra.job_roles)
        ORDER BY i.place;

        -- in one statement, so that the tree is built once; the tree says where it loops, not in
        -- which item
        section := 'subjects';
        BEGIN
            INSERT INTO kra.placements AS p (subject_id, effective_from, parent_id, job_role_id,
                                             is_active)
            SELECT w.subject_id, w.effective_from, w.parent_id, w.job_role_id, w.is_active
                FROM kra_internal.document_placements(document, since) w ORDER BY w.place
            ON CONFLICT (subject_id, effective_from) DO UPDATE
                SET (parent_id, job_role_id, is_active) = (excluded.parent_id, excluded.job_role_id,
                    excluded.is_active);
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
            WITH RECURSIVE changed AS MATERIALIZED (
                SELECT * FROM kra_internal.document_placements(document, since)
            ), spans AS MATERIALIZED (
                SELECT subject_id, parent_id, is_active, effective_from,
                       coalesce(lead(effective_from) OVER (PARTITION BY subject_id
                           ORDER BY effective_from), 'infinity') AS effective_until
                FROM (
                    SELECT subject_id, effective_from, parent_id, is_active FROM changed
                    UNION ALL
                    SELECT p.subject_id, p.effective_from, p.parent_id, p.is_active
                        FROM kra.placements p
                    WHERE (p.subject_id, p.effective_from) NOT IN (SELECT subject_id, effective_from
                        FROM changed)
                ) p
            ), up (path, place, start, parent_id, effective_from, effective_until) AS (
                SELECT c.path, c.place, c.subject_id, s.parent_id, s.effective_from,
                       s.effective_until
                FROM changed c JOIN spans s ON s.subject_id = c.subject_id
                    AND s.effective_from = c.effective_from WHERE s.is_active
                UNION
                SELECT u.path, u.place, u.start, s.parent_id,
                       greatest(u.effective_from, s.effective_from),
                       least(u.effective_until, s.effective_until)
                FROM up u JOIN spans s ON s.subject_id = u.parent_id AND s.is_active
                    AND s.effective_from < u.effective_until
                    AND u.effective_from < s.effective_until
                WHERE u.parent_id <> u.start
            )
            SELECT u.path || '.parent' INTO section FROM up u WHERE u.parent_id = u.start
                ORDER BY u.place LIMIT 1;
            RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation';
        END;

        section := 'objectives';
        INSERT INTO kra.objectives (key, name, description, subject_id, starts_on, due_on)
        SELECT i.item->>'key', i.item->>'name', i.item->>'description', s.id,
               (i.item->>'starts_on')::date, (i.item->>'due_on')::date
        FROM kra_internal.document_items(document) i
        LEFT JOIN kra.subjects s ON s.key = i.item->>'subject'
        WHERE i.part = 'objective' AND i.item->>'key' NOT IN (SELECT key FROM kra.objectives)
        ORDER BY i.place;
        UPDATE kra.objectives o
        SET (name, description, subject_id, starts_on, due_on) = (w.name, w.description,
            w.subject_id, w.starts_on, w.due_on)
        FROM (
            SELECT x.id, CASE WHEN i.item ? 'name' THEN i.item->>'name' ELSE x.name END AS name,
                   CASE WHEN i.item ? 'description' THEN i.item->>'description'
                       ELSE x.description END AS description,
                   CASE WHEN i.item ? 'subject' THEN s.id ELSE x.subject_id END AS subject_id,
                   CASE WHEN i.item ? 'starts_on' THEN (i.item->>'starts_on')::date
                       ELSE x.starts_on END AS starts_on,
                   CASE WHEN i.item ? 'due_on' THEN (i.item->>'due_on')::date
                       ELSE x.due_on END AS due_on
            FROM kra_internal.document_items(document) i
            JOIN kra.objectives x ON x.key = i.item->>'key'
            LEFT JOIN kra.subjects s ON s.key = i.item->>'subject'
            WHERE i.part = 'objective'
        ) w
        WHERE o.id = w.id AND (o.name, o.description, o.subject_id, o.starts_on, o.due_on)
            IS DISTINCT FROM (w.name, w.description, w.subject_id, w.starts_on, w.due_on);
        -- first what goes, so that what comes closes no ring with it
        DELETE FROM kra.objective_parents p
        USING kra_internal.document_items(document) i, kra.objectives o
        WHERE i.part = 'objective' AND i.item ? 'parent' AND o.key = i.item->>'key'
          AND p.objective_id = o.id
          AND p.parent_id IS DISTINCT FROM (SELECT x.id FROM kra.objectives x
                                            WHERE x.key = i.item->>'parent');
        INSERT INTO kra.objective_parents (objective_id, parent_id)
        SELECT o.id, p.id
        FROM kra_internal.document_items(document) i
        JOIN kra.objectives o ON o.key = i.item->>'key'
        JOIN kra.objectives p ON p.key = i.item->>'parent'
        WHERE i.part = 'objective' ORDER BY i.place
        ON CONFLICT DO NOTHING;

        INSERT INTO kra.milestones (objective_id, key, name, weight, owner_id, due_on, completion,
                                    completed_on)
        SELECT w.objective_id, w.key, w.name, w.weight, w.owner_id, w.due_on, w.completion,
               w.completed_on
        FROM kra_internal.document_milestone_rows(document) w WHERE w.id IS NULL ORDER BY w.place;
        UPDATE kra.milestones m
        SET (name, weight, owner_id, due_on, completion, completed_on) = (w.name, w.weight,
            w.owner_id, w.due_on, w.completion, w.completed_on)
        FROM kra_internal.document_milestone_rows(document) w
        WHERE m.id = w.id AND (m.name, m.weight, m.owner_id, m.due_on, m.completion, m.completed_on)
            IS DISTINCT FROM (w.name, w.weight, w.owner_id, w.due_on, w.completion, w.completed_on);

        section := 'kpis';
        INSERT INTO kra.kpis (key, name, description, kind, timing, unit, value_format, over_time,
                              over_subjects, cadence, grid, objective_id,
                              source_relation, lookback, stale_after_days, at_risk_from, missing,
                              scale, scale_labels, influenceable_by, state, state_reason,
                              state_since)
        SELECT k.key, k.name, k.description, k.kind::kra.kpi_kind, k.timing, k.unit, k.value_format,
               k.over_time, k.over_subjects, k.cadence, NULL, k.objective_id,
               k.source_relation, k.lookback, k.stale_after_days, k.at_risk_from, k.missing,
               k.scale, k.scale_labels, k.influenceable_by, k.state, k.state_reason, since
        FROM kra_internal.document_kpi_rows(document) k
        WHERE k.id IS NULL
        ORDER BY k.place;
        FOR r IN
            SELECT k.*, x.cadence AS old_cadence, x.state AS old_state, x.state_since
            FROM kra_internal.document_kpi_rows(document) k JOIN kra.kpis x ON x.id = k.id
            WHERE (k.name, k.description, k.kind, k.timing, k.unit, k.value_format, k.over_time,
                   k.over_subjects, k.cadence, k.objective_id,
                   k.source_relation, k.lookback, k.stale_after_days, k.at_risk_from, k.missing,
                   k.scale, k.scale_labels, k.influenceable_by, k.state, k.state_reason)
                IS DISTINCT FROM (x.name, x.description, x.kind::text, x.timing, x.unit,
                                  x.value_format, x.over_time, x.over_subjects, x.cadence,
                                  x.objective_id,
                   x.source_relation, x.lookback, x.stale_after_days, x.at_risk_from, x.missing,
                   x.scale, x.scale_labels, x.influenceable_by, x.state, x.state_reason)
            ORDER BY k.place
        LOOP
            section := r.path || CASE WHEN r.cadence <> r.old_cadence THEN '.cadence' ELSE '' END;
            BEGIN
                UPDATE kra.kpis k
                SET (name, description, kind, timing, unit, value_format, over_time, over_subjects,
                     cadence, objective_id,
                     source_relation, lookback, stale_after_days, at_risk_from, missing, scale,
                     scale_labels, influenceable_by, state, state_reason, state_since)
                    = (r.name, r.description, r.kind::kra.kpi_kind, r.timing, r.unit,
                       r.value_format, r.over_time, r.over_subjects, r.cadence, r.objective_id,
                     r.source_relation, r.lookback, r.stale_after_days, r.at_risk_from, r.missing,
                     r.scale, r.scale_labels, r.influenceable_by, r.state, r.state_reason,
                     CASE WHEN r.state <> r.old_state THEN since ELSE r.state_since END)
                WHERE k.id = r.id;
                -- that very day was there before: the trigger took it for not given
                IF r.state <> r.old_state THEN
                    UPDATE kra.kpis k SET state_since = since
                        WHERE k.id = r.id AND k.state_since <> since;
                END IF;
            EXCEPTION WHEN check_violation THEN
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = TABLE_NAME;
                IF r.cadence <> r.old_cadence AND detail = 'measurements' THEN
                    RAISE EXCEPTION 'measurements fill periods of a %', r.old_cadence
                        USING ERRCODE = 'check_violation',
                            HINT = 'Remove the measurements of the KPI first, and collect them '
                                   'again, or define a new KPI.';
                END IF;
                RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation';
            END;
        END LOOP;

        section := 'kpis';
        DELETE FROM kra.kpi_drives x
        USING kra_internal.document_kpis(document) i, kra.kpis k
        WHERE i.item ? 'drives' AND k.key = i.key AND x.kpi_id = k.id
          AND NOT EXISTS (SELECT FROM kra_internal.document_drives(document) d
                          JOIN kra.kpis o ON o.key = d.drives_key
                          WHERE d.kpi_key = i.key AND o.id = x.drives_kpi_id);
        INSERT INTO kra.kpi_drives (kpi_id, drives_kpi_id)
        SELECT k.id, o.id
        FROM kra_internal.document_drives(document) d
        JOIN kra.kpis k ON k.key = d.kpi_key
        JOIN kra.kpis o ON o.key = d.drives_key
        ORDER BY d.place, d.path
        ON CONFLICT DO NOTHING;
        INSERT INTO kra.kpi_owners AS o (kpi_id, effective_from, subject_id)
        SELECT k.id, d.effective_from, s.id
        FROM (SELECT DISTINCT ON (key) * FROM kra_internal.document_kpis(document)
              ORDER BY key, place) i
        JOIN kra.kpis k ON k.key = i.key
        LEFT JOIN kra.subjects s ON s.key = i.item->>'owner'
        CROSS JOIN LATERAL (SELECT coalesce((i.item->>'owner_from')::date, since) AS effective_from)
            d
        WHERE i.item ? 'owner' AND s.id IS DISTINCT FROM (SELECT x.subject_id FROM kra.kpi_owners x
            WHERE x.kpi_id = k.id AND x.effective_from <= d.effective_from
                                                          ORDER BY x.effective_from DESC LIMIT 1)
        ORDER BY i.place
        ON CONFLICT (kpi_id, effective_from) DO UPDATE SET subject_id = excluded.subject_id;

        -- KRAs: what stands in order keeps its place; equal places are in the order of the keys
        FOR r IN
            SELECT a.*, jr.id AS job_role_id, x.position AS old_position
            FROM kra_internal.document_kras(document) a
            JOIN kra.job_roles jr ON jr.key = a.role_key
            LEFT JOIN kra.result_areas x ON x.id = a.result_area_id
            ORDER BY a.place
        LOOP
            section := r.path;
            IF r.job_role_id IS DISTINCT FROM last_role THEN
                last_role := r.job_role_id;
                last_position := 0;
                last_key := NULL;
            END IF;
            last_position := greatest(r.old_position,
                                      last_position + CASE WHEN r.old_position IS NOT NULL
                                          AND last_key COLLATE "C" < r.key THEN 0 ELSE 1 END);
            last_key := r.key;
            IF r.result_area_id IS NULL THEN
                INSERT INTO kra.result_areas (job_role_id, key, name, perspective, scope,
                                              description, position)
                VALUES (r.job_role_id, r.key, r.item->>'name', r.item->>'perspective',
                        r.item->>'scope', r.item->>'description', last_position);
            ELSE
                UPDATE kra.result_areas a
                SET (name, perspective, scope, description, position) = (w.name, w.perspective,
                    w.scope, w.description, last_position)
                FROM (
                    SELECT x.id, CASE WHEN r.item ? 'name' THEN r.item->>'name'
                        ELSE x.name END AS name,
                           CASE WHEN r.item ? 'perspective' THEN r.item->>'perspective'
                               ELSE x.perspective END AS perspective,
                           CASE WHEN r.item ? 'scope' THEN r.item->>'scope'
                               ELSE x.scope END AS scope,
                           CASE WHEN r.item ? 'description' THEN r.item->>'description'
                               ELSE x.description END AS description
                    FROM kra.result_areas x WHERE x.id = r.result_area_id
                ) w
                WHERE a.id = w.id AND (a.name, a.perspective, a.scope, a.description,
                                       a.position) IS DISTINCT FROM (w.name, w.perspective, w.scope,
                                           w.description, last_position);
            END IF;
        END LOOP;

        -- in one statement, so that a KPI can move from one KRA to another
        section := 'roles';
        BEGIN
            INSERT INTO kra.result_area_kpis AS a
                (result_area_id, kpi_id, effective_from, weight, target, target_grain, phasing,
                 provenance, is_active, position)
            SELECT w.result_area_id, w.kpi_id, w.effective_from, w.weight, w.target,
                   w.target_grain, w.phasing, w.provenance, w.is_active, w.position
            FROM kra_internal.document_card_rows(document, since) w
            ORDER BY w.place
            ON CONFLICT (result_area_id, kpi_id, effective_from) DO UPDATE
                SET (weight, target, target_grain, phasing, provenance, is_active, position, set_by)
                    = (excluded.weight, excluded.target, excluded.target_grain, excluded.phasing,
                       excluded.provenance, excluded.is_active, excluded.position,
                       CASE WHEN (excluded.target::text, excluded.target_grain, excluded.phasing)
                                 IS DISTINCT FROM (a.target::text, a.target_grain, a.phasing)
                            THEN excluded.set_by ELSE a.set_by END);
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            SELECT w.path INTO section FROM kra_internal.document_card_rows(document, since) w
            JOIN kra.result_areas ra ON ra.id = w.result_area_id
            JOIN kra_internal.role_kpis o ON o.job_role_id = ra.job_role_id AND o.kpi_id = w.kpi_id
                AND o.result_area_id <> w.result_area_id AND o.is_active
                AND o.effective_until > w.effective_from
            WHERE w.is_active ORDER BY w.place LIMIT 1;
            RAISE EXCEPTION '%', message
                USING ERRCODE = 'check_violation', HINT = coalesce(hint, '');
        END;

        -- targets and benchmarks: one after the other, where a document states several from
        -- different days on
        section := 'targets';
        FOR this_turn IN 1..coalesce((SELECT max(c)
                                      FROM (SELECT count(*) AS c
                                            FROM kra_internal.document_items(document) i
                                                WHERE i.part = 'target' GROUP BY i.item->>'kpi',
                                                    i.item->>'subject') c), 0) LOOP
            INSERT INTO kra.targets AS t
                (kpi_id, subject_id, effective_from, target, target_grain, phasing, provenance,
                 note)
            SELECT w.kpi_id, w.subject_id, w.effective_from, w.target, w.target_grain, w.phasing,
                   w.provenance, w.note
            FROM (
                SELECT k.id AS kpi_id, s.id AS subject_id, i.effective_from, i.place,
                       x.kpi_id IS NOT NULL AS is_there, x.target AS old_target,
                       old.target_grain AS old_target_grain, old.phasing AS old_phasing,
                       x.provenance AS old_provenance, x.note AS old_note,
                       a.target, a.target_grain, a.phasing,
                       CASE WHEN i.item ? 'provenance' THEN i.item->>'provenance'
                           ELSE x.provenance END AS provenance,
                       CASE WHEN i.item ? 'note' THEN i.item->>'note' ELSE x.note END AS note
                FROM (SELECT d.*, row_number() OVER (PARTITION BY d.item->>'kpi', d.item->>'subject'
                                                     ORDER BY d.effective_from) AS turn
                      FROM (SELECT i.*, coalesce((i.item->>'effective_from')::date,
                                                 since) AS effective_from FROM
                                                     kra_internal.document_items(document) i
                                                         WHERE i.part = 'target') d) i
                JOIN kra.kpis k ON k.key = i.item->>'kpi'
                JOIN kra.subjects s ON s.key = i.item->>'subject'
                LEFT JOIN LATERAL (
                    SELECT * FROM kra.targets x
                        WHERE x.kpi_id = k.id AND x.subject_id = s.id
                          AND x.effective_from <= i.effective_from
                              ORDER BY x.effective_from DESC LIMIT 1
                ) x ON true
                CROSS JOIN LATERAL
                    kra_internal.document_aim('{}', x.target, x.target_grain, x.phasing) old
                CROSS JOIN LATERAL
                    kra_internal.document_aim(i.item, x.target, x.target_grain, x.phasing) a
                WHERE i.turn = this_turn
            ) w
            WHERE NOT w.is_there
               OR (w.target::text, w.target_grain, w.phasing, w.provenance, w.note)
                  IS DISTINCT FROM (w.old_target::text, w.old_target_grain, w.old_phasing,
                                    w.old_provenance, w.old_note)
            ORDER BY w.place
            ON CONFLICT (kpi_id, subject_id, effective_from) DO UPDATE
                SET (target, target_grain, phasing, provenance, note, set_by)
                    = (excluded.target, excluded.target_grain, excluded.phasing,
                       excluded.provenance, excluded.note,
                       CASE WHEN (excluded.target::text, excluded.target_grain, excluded.phasing)
                                 IS DISTINCT FROM (t.target::text, t.target_grain, t.phasing)
                            THEN excluded.set_by ELSE t.set_by END);
        END LOOP;
        section := 'benchmarks';
        FOR this_turn IN 1..coalesce((SELECT max(c)
                                      FROM (SELECT count(*) AS c
                                            FROM kra_internal.document_items(document) i
                                                WHERE i.part = 'benchmark'
                                                    GROUP BY i.item->>'kpi') c), 0) LOOP
            INSERT INTO kra.benchmarks (kpi_id, effective_from, value, source)
            SELECT w.kpi_id, w.effective_from, w.value, w.source
            FROM (
                SELECT k.id AS kpi_id, i.effective_from, i.place, x.kpi_id IS NOT NULL AS is_there,
                       x.value AS old_value, x.source AS old_source,
                       CASE WHEN i.item ? 'value' THEN (i.item->>'value')::double precision
                           ELSE x.value END AS value,
                       CASE WHEN i.item ? 'source' THEN i.item->>'source'
                           ELSE x.source END AS source
                FROM (SELECT d.*, row_number() OVER (PARTITION BY d.item->>'kpi'
                                                     ORDER BY d.effective_from) AS turn
                      FROM (SELECT i.*, coalesce((i.item->>'effective_from')::date,
                                                 since) AS effective_from FROM
                                                     kra_internal.document_items(document) i
                                                         WHERE i.part = 'benchmark') d) i
                JOIN kra.kpis k ON k.key = i.item->>'kpi'
                LEFT JOIN LATERAL (
                    SELECT * FROM kra.benchmarks x
                        WHERE x.kpi_id = k.id AND x.effective_from <= i.effective_from
                            ORDER BY x.effective_from DESC LIMIT 1
                ) x ON true
                WHERE i.turn = this_turn
            ) w
            WHERE NOT w.is_there OR (w.value, w.source) IS DISTINCT FROM (w.old_value, w.old_source)
            ORDER BY w.place
            ON CONFLICT (kpi_id, effective_from) DO UPDATE
                SET (value, source) = (excluded.value, excluded.source);
        END LOOP;

        section := NULL;
        PERFORM kra_internal.document_check_periods(document, since);

        -- what the triggers logged: newer than before, and by this transaction
        SELECT array_agg(l ORDER BY l.id) INTO changes FROM kra.definition_log l
            WHERE l.id > logged AND l.changed_at = now();
        IF dry_run IS DISTINCT FROM false THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'KRADR';
        END IF;
        IF holds THEN
            PERFORM kra_internal.release_lines();
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'KRADR' THEN
            NULL;
        WHEN OTHERS THEN
            IF section IS NULL THEN
                RAISE;
            END IF;
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE,
                detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            PERFORM kra_internal.document_refuse(section, message, state, detail, hint);
    END;

    RETURN QUERY SELECT c.operation, c.table_name, c.row_key, c.before, c.after
        FROM unnest(changes) c;
END $$;
COMMENT ON FUNCTION kra.define(jsonb, boolean) IS 'applies a document of definitions (settings, objectives, subjects, kpis, roles, targets, benchmarks), all or nothing, and returns a row for each definition that it inserted or updated: none when nothing changed. dry_run: only says what it would do; where nothing can be written (a hot standby, a read-only transaction) by keys instead of ids, and without what only writing finds out. What is absent is left, NULL resets; what is dated changes from effective_from (default: today) on, and the past stays. KRAs and KPIs that a role no longer lists are taken off; a KPI that moves to another KRA keeps its weight and target. A target that is taken away, or is for another target_grain, leaves its phasing behind. The message of an error starts with the path of the fault';

-- What is said by being absent is left out, so that a document shows what somebody has decided.
CREATE FUNCTION kra_internal.kpi_document(kpi_id integer, as_of date, since date) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'key', k.key, 'name', k.name, 'description', k.description, 'kind', k.kind::text, 'timing',
        nullif(k.timing, 'lagging'),
        'unit', k.unit, 'value_format', k.value_format,
        'over_time', nullif(k.over_time, CASE WHEN k.scale IS NULL THEN 'sum' ELSE 'ratio' END),
        'over_subjects', nullif(k.over_subjects, CASE WHEN k.over_time IN ('sum', 'last', 'count')
                                THEN 'sum' ELSE k.over_time END),
        'cadence', nullif(k.cadence, 'month'), 'objective', o.key,
        'drives', (
            SELECT CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN to_jsonb(min(x.key))
                                 ELSE jsonb_agg(x.key ORDER BY x.key COLLATE "C") END
            FROM kra.kpi_drives d JOIN kra.kpis x ON x.id = d.drives_kpi_id WHERE d.kpi_id = k.id),
        'source', k.source_relation, 'lookback', nullif(k.lookback, 2),
        'stale_after_days', k.stale_after_days, 'at_risk_from', nullif(k.at_risk_from, 0.9),
        'missing', nullif(k.missing, 'unknown'),
        'scale', k.scale, 'scale_labels', to_jsonb(k.scale_labels), 'influenceable_by',
        to_jsonb(k.influenceable_by),
        'state', nullif(k.state, 'active'), 'state_reason', k.state_reason,
        'owner', w.key, 'owner_from', CASE WHEN w.key IS NOT NULL
            THEN nullif(w.effective_from, since) END))
    FROM kra.kpis k
    LEFT JOIN kra.objectives o ON o.id = k.objective_id
    LEFT JOIN LATERAL (
        SELECT x.effective_from, s.key FROM kra.kpi_owners x
            LEFT JOIN kra.subjects s ON s.id = x.subject_id
        WHERE x.kpi_id = k.id AND x.effective_from <= as_of ORDER BY x.effective_from DESC LIMIT 1
    ) w ON true
    WHERE k.id = kpi_document.kpi_id;
END;
COMMENT ON FUNCTION kra_internal.kpi_document(integer, date, date) IS 'definition of a KPI on a date, for a document that holds from since on';

CREATE FUNCTION kra.definition(job_role text DEFAULT NULL, as_of date DEFAULT kra_internal.today())
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1 SET jit = off AS $$
DECLARE
    role_id integer;
    since date;
    roles jsonb;
BEGIN
    as_of := coalesce(as_of, kra_internal.today());
    IF job_role IS NOT NULL THEN
        SELECT j.id INTO role_id FROM kra.job_roles j
            WHERE j.key = kra_internal.normal_key(job_role);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'role % does not exist', kra_internal.quoted(job_role)
                USING ERRCODE = 'undefined_object';
        END IF;
    END IF;

    -- the day of the newest entry on a card; what began on another day says so itself
    SELECT max(c.effective_from) INTO since
    FROM kra_internal.role_kpis c
    WHERE c.is_active AND c.effective_from <= as_of AND c.effective_until > as_of
      AND c.job_role_id = coalesce(role_id, c.job_role_id);
    IF since IS NULL AND role_id IS NULL THEN
        SELECT max(d.effective_from) INTO since
        FROM (SELECT p.effective_from FROM kra.placements p UNION ALL SELECT t.effective_from
              FROM kra.targets t
              UNION ALL SELECT b.effective_from FROM kra.benchmarks b UNION ALL
                  SELECT o.effective_from FROM kra.kpi_owners o WHERE o.subject_id IS NOT NULL) d
        WHERE d.effective_from <= as_of;
    END IF;

    -- where nothing is dated yet, that holds on the day of asking, and says nothing of later ones
    since := coalesce(since, as_of);

    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', r.key, 'name', r.name, 'purpose',
        r.purpose, 'level', r.level, 'kras', a.kras)) ORDER BY r.key COLLATE "C")
    INTO roles
    FROM kra.job_roles r
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', nullif(ra.key, ra.name),
            'name', ra.name, 'perspective', ra.perspective, 'scope', ra.scope,
                                                              'description', ra.description, 'kpis',
                                                              c.kpis)) ORDER BY ra.position,
                                                              ra.key COLLATE "C") AS kras
        FROM kra.result_areas ra
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(
                       CASE WHEN role_id IS NULL THEN jsonb_build_object('key', k.key)
                           ELSE kra_internal.kpi_document(k.id, as_of, since) END
                       || CASE WHEN c.is_active THEN
                              jsonb_strip_nulls(jsonb_build_object(
                                  'weight', c.weight, 'target', c.target::text,
                                  'target_grain', a.target_grain, 'phasing', to_jsonb(a.phasing),
                                  'provenance', c.provenance,
                                  'effective_from', nullif(c.effective_from, since)))
                          -- taken off after that day: a document that left it out would take it off
                          -- on that day
                          ELSE jsonb_build_object('is_active', false, 'effective_from',
                                                  c.effective_from) END
                       ORDER BY c.is_active DESC, CASE WHEN c.is_active THEN c.position END,
                           k.key COLLATE "C") AS kpis
            FROM (
                SELECT DISTINCT ON (x.kpi_id) x.* FROM kra.result_area_kpis x
                WHERE x.result_area_id = ra.id AND x.effective_from <= as_of
                    ORDER BY x.kpi_id, x.effective_from DESC
            ) c
            JOIN kra.kpis k ON k.id = c.kpi_id
            CROSS JOIN LATERAL
                kra_internal.document_aim('{}', c.target, c.target_grain, c.phasing) a
            WHERE c.is_active OR c.effective_from > since
        ) c
        WHERE ra.job_role_id = r.id AND c.kpis IS NOT NULL
    ) a
    WHERE r.id = coalesce(role_id, r.id);

    IF role_id IS NOT NULL THEN
        RETURN jsonb_build_object('effective_from', since, 'roles', roles);
    END IF;

    RETURN jsonb_build_object('effective_from', since)
        || coalesce((
            SELECT jsonb_build_object('settings', s.set)
            FROM (SELECT jsonb_strip_nulls(jsonb_build_object(
                      'fiscal_year_start_month', nullif(s.fiscal_year_start_month, 1), 'week_start',
                      nullif(s.week_start, 1),
                      'calendar', nullif(s.calendar, 'months'), 'time_zone',
                      nullif(s.time_zone, 'UTC'), 'min_coverage', nullif(s.min_coverage, 0.5),
                      'min_group_size', nullif(s.min_group_size, 5), 'sees_all_role',
                      s.sees_all_role, 'show_groups_above', nullif(s.show_groups_above, false),
                      'history_periods', nullif(s.history_periods, 24), 'review_cadence',
                      nullif(s.review_cadence, 'month'), 'check_in_days',
                      nullif(s.check_in_days, 14))) AS set FROM kra.settings s) s
            WHERE s.set <> '{}'), '{}')
        || coalesce((
            SELECT jsonb_build_object('objectives',
                                      jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', o.key,
                                          'name', o.name, 'description', o.description,
                'parent', p.key, 'subject', s.key, 'starts_on', o.starts_on, 'due_on', o.due_on,
                'milestones', m.milestones)) ORDER BY o.key COLLATE "C"))
            FROM kra.objectives o LEFT JOIN kra.objective_parents op ON op.objective_id = o.id
                LEFT JOIN kra.objectives p ON p.id = op.parent_id
                    LEFT JOIN kra.subjects s ON s.id = o.subject_id
            LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('key', m.key, 'name', m.name, 'weight',
                                                    nullif(m.weight, 1), 'owner', w.key, 'due_on',
                                                    m.due_on,
                                                    'completion', CASE WHEN m.completion < 1
                                                        THEN nullif(m.completion, 0) END,
                                                            'completed_on', m.completed_on)
                                 ORDER BY m.key COLLATE "C") AS milestones
                FROM kra.milestones m LEFT JOIN kra.subjects w ON w.id = m.owner_id
                    WHERE m.objective_id = o.id
            ) m ON true
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('subjects',
                                      jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', s.key,
                                          'name', s.name, 'kind', s.kind, 'login', s.login,
                'parent', p.key, 'role', r.key, 'is_active', CASE WHEN c.is_active IS NOT TRUE
                    THEN false END, 'effective_from', nullif(c.effective_from, since)))
                        ORDER BY s.key COLLATE "C"))
            FROM kra.subjects s
            LEFT JOIN (SELECT DISTINCT ON (x.subject_id) x.* FROM kra.placements x
                       WHERE x.effective_from <= as_of
                           ORDER BY x.subject_id, x.effective_from DESC) c ON c.subject_id = s.id
            LEFT JOIN kra.subjects p ON p.id = c.parent_id
            LEFT JOIN kra.job_roles r ON r.id = c.job_role_id
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('kpis',
                                      jsonb_agg(kra_internal.kpi_document(k.id, as_of, since)
                                                ORDER BY k.key COLLATE "C"))
            FROM kra.kpis k HAVING count(*) > 0), '{}')
        || jsonb_strip_nulls(jsonb_build_object('roles', roles))
        || coalesce((
            SELECT jsonb_build_object('targets',
                                      jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kpi', k.key,
                                          'subject', s.key,
                'target_grain', a.target_grain, 'phasing', to_jsonb(a.phasing), 'provenance',
                t.provenance, 'note', t.note,
                'effective_from', nullif(t.effective_from, since)))
                    || jsonb_build_object('target', t.target::text)
                        ORDER BY k.key COLLATE "C", s.key COLLATE "C"))
            FROM (SELECT DISTINCT ON (x.kpi_id, x.subject_id) x.* FROM kra.targets x
                  WHERE x.effective_from <= as_of
                      ORDER BY x.kpi_id, x.subject_id, x.effective_from DESC) t
            JOIN kra.kpis k ON k.id = t.kpi_id
            JOIN kra.subjects s ON s.id = t.subject_id
            CROSS JOIN LATERAL
                kra_internal.document_aim('{}', t.target, t.target_grain, t.phasing) a
            HAVING count(*) > 0), '{}')
        || coalesce((
            SELECT jsonb_build_object('benchmarks',
                                      jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kpi', k.key,
                                          'source', b.source, 'effective_from',
                                          nullif(b.effective_from, since)))
                || jsonb_build_object('value', b.value) ORDER BY k.key COLLATE "C"))
            FROM (SELECT DISTINCT ON (x.kpi_id) x.* FROM kra.benchmarks x
                  WHERE x.effective_from <= as_of ORDER BY x.kpi_id, x.effective_from DESC) b
            JOIN kra.kpis k ON k.id = b.kpi_id
            HAVING count(*) > 0), '{}');
END $$;
COMMENT ON FUNCTION kra.definition(text, date) IS 'document of what is in force on a date (default: today), for kra.define: of one role, with its KPIs in full; NULL: of the whole catalogue, as far as the caller sees it. Applied where it came from, it changes nothing; error for an unknown role';
