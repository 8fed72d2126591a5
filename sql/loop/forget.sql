-- Forgetting a person: who they are goes, and what is said of them; the figures stay.
--
--   person_texts      where texts about people stand: the one list that forget goes by
--   person_terms      the names, keys and logins that a person has and had
--   person_pattern    a pattern of all of these, which spares other people's names
--   forget_words      a text without them
--   forget_json       a row of the log without them
--   forget            goes through the tables

CREATE FUNCTION kra_internal.person_texts()
RETURNS TABLE (table_name text, column_name text, whose text, blank text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.table_name, v.column_name, v.whose, v.blank
    FROM (VALUES
        -- words of whoever wrote them: names in them go
        ('kra.subjects', 'key', NULL, NULL),
        ('kra.subjects', 'name', NULL, NULL),
        ('kra.subjects', 'login', NULL, NULL),
        ('kra.job_roles', 'key', NULL, NULL),
        ('kra.job_roles', 'name', NULL, NULL),
        ('kra.job_roles', 'purpose', NULL, NULL),
        ('kra.job_roles', 'level', NULL, NULL),
        ('kra.move_consents', 'parent_key', NULL, NULL),
        ('kra.move_consents', 'consented_by', NULL, NULL),
        ('kra.move_consents', 'used_by', NULL, NULL),
        ('kra.objectives', 'key', NULL, NULL),
        ('kra.milestones', 'key', NULL, NULL),
        ('kra.kpis', 'key', NULL, NULL),
        ('kra.kpis', 'name', NULL, NULL),
        ('kra.kpis', 'description', NULL, NULL),
        ('kra.kpis', 'influenceable_by', NULL, NULL),
        ('kra.kpis', 'state_reason', NULL, NULL),
        ('kra.kpis', 'revisit_note', NULL, NULL),
        ('kra.result_areas', 'key', NULL, NULL),
        ('kra.result_areas', 'name', NULL, NULL),
        ('kra.result_areas', 'scope', NULL, NULL),
        ('kra.result_areas', 'description', NULL, NULL),
        ('kra.result_areas', 'revisit_note', NULL, NULL),
        ('kra.result_area_kpis', 'set_by', NULL, NULL),
        ('kra.targets', 'set_by', NULL, NULL),
        ('kra.acknowledgements', 'acknowledged_by', NULL, NULL),
        ('kra.benchmarks', 'source', NULL, NULL),
        ('kra.check_ins', 'checked_by', NULL, NULL),
        ('kra.reviews', 'closed_by', NULL, NULL),
        ('kra.reviews', 'card', NULL, NULL),
        ('kra.waivers', 'about', NULL, NULL),
        ('kra.waivers', 'author', NULL, NULL),
        ('kra_internal.notices', 'item', NULL, NULL),
        -- what is said of the person goes whole
        ('kra.objectives', 'name', 'subject_id', '(forgotten)'),
        ('kra.objectives', 'description', 'subject_id', NULL),
        ('kra.milestones', 'name', 'objective_id', '(forgotten)'),
        ('kra.targets', 'note', 'subject_id', NULL),
        ('kra.acknowledgements', 'comment', 'subject_id', '(forgotten)'),
        ('kra.acknowledgements', 'given_by', 'subject_id', '(forgotten)'),
        ('kra.check_ins', 'comment', 'subject_id', '(forgotten)'),
        ('kra.reviews', 'summary', 'subject_id', NULL),
        ('kra.actions', 'description', 'subject_id, owner_id', '(forgotten)'),
        ('kra.actions', 'outcome', 'subject_id, owner_id', NULL),
        ('kra.waivers', 'reason', 'subject_id', '(forgotten)')
    ) v (table_name, column_name, whose, blank);
END;
COMMENT ON FUNCTION kra_internal.person_texts() IS 'columns of texts in which people may be named; whose: columns of the row that say about whom it is (objective_id: whose objective), in which the text goes whole when it is about the person, with what it becomes (blank, NULL: nothing)';

CREATE FUNCTION kra_internal.knows_letters() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT getdatabaseencoding() IN ('UTF8', 'LATIN1')
           AND to_regcollation('pg_catalog."und-x-icu"') IS NOT NULL;
END;
COMMENT ON FUNCTION kra_internal.knows_letters() IS 'does the server have ICU, which knows upper and lower case of all letters, for this database?';

CREATE FUNCTION kra_internal.forget_words(_words text, _pattern text, _by text,
    _knows boolean)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    normal text := kra_internal.normal_key(_words);
    result text;
BEGIN
    IF _knows THEN
        result := regexp_replace(normal COLLATE pg_catalog."und-x-icu", _pattern, _by, 'gi');
    ELSE
        result := regexp_replace(normal, _pattern, _by, 'gi');
    END IF;
    RETURN CASE WHEN result = normal COLLATE "C" THEN _words ELSE result END;
END $$;
COMMENT ON FUNCTION kra_internal.forget_words(text, text, text, boolean) IS 'a text with everything that matches the pattern of a person (see kra_internal.person_pattern) replaced, in any case and in composed or decomposed letters; as it is where nothing matches';

CREATE FUNCTION kra_internal.person_terms(_subject_id integer, _also text[]) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        WITH known (term) AS (
            SELECT unnest(ARRAY[s.key, s.name, s.login])
            FROM kra.subjects s WHERE s.id = _subject_id
            UNION
            SELECT unnest(ARRAY[r->>'key', r->>'name', r->>'login'])
            FROM kra.definition_log l CROSS JOIN LATERAL unnest(ARRAY[l.before, l.after]) r
            WHERE l.table_name = 'subjects' AND r->>'id' = _subject_id::text
            UNION
            SELECT unnest(_also)
        )
        SELECT DISTINCT kra_internal.normal_key(btrim(k.term)) FROM known k
        -- what other people are called too, and single letters, would take other words along
        WHERE length(btrim(k.term)) > 1
          AND (SELECT count(*) FILTER (WHERE n.term IN (lower(o.key), n.name, lower(o.login))) = 0
                      AND count(*) FILTER (WHERE strpos(n.name, n.term) > 0) <= 100
               FROM kra.subjects o
               CROSS JOIN LATERAL (
                   SELECT lower(kra_internal.normal_key(btrim(k.term))) AS term,
                          lower(kra_internal.normal_key(o.name)) AS name
               ) n
               WHERE o.id <> _subject_id AND o.kind IN ('person', 'vendor')));
END $$;
COMMENT ON FUNCTION kra_internal.person_terms(integer, text[]) IS 'names, keys and logins that a person has and had, by the log, and other spellings; without those of one letter, those that another person bears, too, and those that stand in the names of more than 100 others';

CREATE FUNCTION kra_internal.pattern_of(_term text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- white space of any kind and length is one
    SELECT regexp_replace(regexp_replace(_term, E'([][\\\\.^$|(){}*+?/-])', E'\\\\\\1', 'g'),
                          E'\\s+', '[[:space:]]+', 'g');
END;
COMMENT ON FUNCTION kra_internal.pattern_of(text) IS 'a regular expression that matches a text, with any white space between its words';

CREATE FUNCTION kra_internal.person_pattern(_subject_id integer, _terms text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    term text;
    before_it text;
    after_it text;
    o record;
    parts text[] := '{}';
    cases text[];
BEGIN
    FOREACH term IN ARRAY _terms LOOP
        before_it := '(?<![[:alnum:]])';
        after_it := '(?![[:alnum:]])';
        -- a longer name of another person that holds this one stays
        FOR o IN
            SELECT DISTINCT left(w.word, p.at - 1) AS head,
                   substr(w.word, p.at + length(term)) AS tail
            FROM kra.subjects s
            CROSS JOIN LATERAL unnest(
                ARRAY[s.key, kra_internal.normal_key(s.name), s.login]) w (word)
            CROSS JOIN LATERAL (SELECT strpos(lower(w.word), lower(term)) AS at) p
            WHERE s.id <> _subject_id AND s.kind IN ('person', 'vendor') AND p.at > 0
        LOOP
            CONTINUE WHEN o.head ~ '[[:alnum:]]$' OR o.tail ~ '^[[:alnum:]]';
            IF o.tail <> '' THEN
                after_it := after_it || '(?!' || kra_internal.pattern_of(o.tail) || ')';
            END IF;
            IF o.head <> '' THEN
                before_it := '(?<!' || kra_internal.pattern_of(o.head) || ')' || before_it;
            END IF;
        END LOOP;
        cases := ARRAY[term, upper(term), lower(term), initcap(term)];
        IF kra_internal.knows_letters() THEN
            cases := cases || ARRAY[upper(term COLLATE pg_catalog."und-x-icu"),
                                    lower(term COLLATE pg_catalog."und-x-icu")];
        END IF;
        -- as it stands in a JSON string, in a list of keys, and in SQL
        parts := parts || ARRAY(
            SELECT DISTINCT before_it || kra_internal.pattern_of(f.form) || after_it
            FROM unnest(cases) c (form)
            CROSS JOIN LATERAL unnest(ARRAY[
                c.form, replace(replace(c.form, E'\\', E'\\\\'), '"', E'\\"'),
                replace(c.form, '''', ''''''),
                nullif(kra_internal.about_key(c.form), c.form)
            ]) f (form)
            WHERE f.form IS NOT NULL);
    END LOOP;
    RETURN array_to_string(parts, '|');
END $$;
COMMENT ON FUNCTION kra_internal.person_pattern(integer, text[]) IS 'a regular expression that matches any of these names, keys and logins of a person as whole words, but not within a longer one of another person; NULL for none';

CREATE FUNCTION kra_internal.forget_card(_card text, _pattern text, _by text, _knows boolean)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(e.entry || jsonb_build_object(
                        'kra', kra_internal.forget_words(e.entry->>'kra', _pattern, _by, _knows),
                        'kpi', kra_internal.forget_words(e.entry->>'kpi', _pattern, _by, _knows))
                        ORDER BY e.n), '[]')::text
    FROM jsonb_array_elements(_card::jsonb) WITH ORDINALITY e (entry, n);
END;
COMMENT ON FUNCTION kra_internal.forget_card(text, text, text, boolean) IS 'a scorecard, as text, without the names of a person in its KRAs and KPIs; its figures stay';

CREATE FUNCTION kra_internal.forget_json(_row jsonb, _table_name text, _is_about boolean,
    _pattern text, _by text, _knows boolean)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(e.key, CASE
        WHEN jsonb_typeof(e.value) NOT IN ('string', 'array') THEN e.value
        WHEN _is_about AND t.whose IS NOT NULL THEN coalesce(to_jsonb(t.blank), 'null')
        WHEN _is_about AND _table_name = 'subjects' AND e.key IN ('key', 'name', 'login') THEN
            to_jsonb(_by)
        WHEN t.column_name IS NULL AND _table_name <> 'forgotten' THEN e.value
        WHEN e.key = 'card' AND jsonb_typeof(e.value) = 'string' THEN
            to_jsonb(kra_internal.forget_card(e.value #>> '{}', _pattern, _by, _knows)
                     ::kra.scorecard::text)
        WHEN e.key = 'card' THEN
            kra_internal.forget_card(e.value::text, _pattern, _by, _knows)::jsonb
        WHEN jsonb_typeof(e.value) = 'string' THEN
            to_jsonb(kra_internal.forget_words(e.value #>> '{}', _pattern, _by, _knows))
        ELSE (
            SELECT coalesce(
                jsonb_agg(kra_internal.forget_words(w.word, _pattern, _by, _knows) ORDER BY w.n),
                '[]')
            FROM jsonb_array_elements_text(e.value) WITH ORDINALITY w (word, n))
        END)
    FROM jsonb_each(_row) e
    LEFT JOIN kra_internal.person_texts() t
        ON t.table_name = 'kra.' || _table_name AND t.column_name = e.key;
END;
COMMENT ON FUNCTION kra_internal.forget_json(jsonb, text, boolean, text, text, boolean) IS 'a row of a table as the log has it, without the names of a person, and, where it is about the person, without what is said of them; NULL for NULL';

CREATE FUNCTION kra_internal.is_about(_row jsonb, _table_name text, _subject_id integer,
    _objective_ids integer[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(CASE
        WHEN _table_name = 'subjects' THEN _row->>'id' = _subject_id::text
        WHEN _table_name = 'milestones' THEN (_row->>'objective_id')::integer = ANY (_objective_ids)
        WHEN _table_name = 'actions' THEN
            _subject_id::text IN (_row->>'subject_id', _row->>'owner_id')
        ELSE _row->>'subject_id' = _subject_id::text
    END, false);
END;
COMMENT ON FUNCTION kra_internal.is_about(jsonb, text, integer, integer[]) IS 'is a row of a table, as the log has it, about a person, whose objectives these are?';

CREATE FUNCTION kra_internal.forget_in_tables(_subject_id integer, _objective_ids integer[],
    _pattern text, _by text)
RETURNS TABLE (table_name text, column_name text, row_count bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    t record;
    about text;
    put text;
    knows boolean := kra_internal.knows_letters();
BEGIN
    FOR t IN
        SELECT x.table_name, x.column_name, x.whose, x.blank, a.atttypid::regtype::text AS type
        FROM kra_internal.person_texts() x
        JOIN pg_attribute a ON a.attrelid = x.table_name::regclass AND a.attname = x.column_name
        WHERE x.table_name <> 'kra_internal.notices'
        ORDER BY x.whose NULLS LAST, x.table_name, x.column_name
    LOOP
        about := coalesce(
            (SELECT string_agg(CASE w WHEN 'objective_id' THEN 'x.objective_id = ANY ($4)'
                                      ELSE format('x.%I = $1', w) END, ' OR ')
             FROM string_to_table(t.whose, ', ') w), 'false');
        put := CASE t.type
            WHEN 'text[]' THEN
                'ARRAY(SELECT kra_internal.forget_words(w.word, $2, $3, $5)
                       FROM unnest(x.%2$I) WITH ORDINALITY w (word, n) ORDER BY w.n)'
            WHEN 'kra.scorecard' THEN
                'kra_internal.forget_card(x.%2$I::text, $2, $3, $5)::kra.scorecard'
            ELSE 'kra_internal.forget_words(x.%2$I, $2, $3, $5)' END;
        IF t.column_name = 'login' THEN   -- a login under the new key would be anybody's to make
            put := 'CASE WHEN ' || put || ' = x.%2$I THEN x.%2$I END';
        END IF;
        EXECUTE format('
            UPDATE %1$s y SET %2$I = n.put
            FROM (SELECT x.ctid AS place, x.%2$I AS old,
                         CASE WHEN ' || about || ' THEN %3$L ELSE ' || put || ' END AS put
                  FROM %1$s x
                  WHERE x.%2$I IS NOT NULL' || CASE t.table_name WHEN 'kra.subjects' THEN
                        ' AND x.kind NOT IN (''person'', ''vendor'')' ELSE '' END || ') n
            WHERE y.ctid = n.place AND n.put::text IS DISTINCT FROM n.old::text', t.table_name,
            t.column_name, t.blank)
        USING _subject_id, _pattern, _by, _objective_ids, knows;
        GET DIAGNOSTICS row_count = ROW_COUNT;
        IF row_count > 0 THEN
            table_name := t.table_name;
            column_name := t.column_name;
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.forget_in_tables(integer, integer[], text, text) IS 'takes the names of a person, and what is said of them, out of the tables but the log; how many rows changed, by column';

CREATE FUNCTION kra_internal.forget_in_log(_subject_id integer, _objective_ids integer[],
    _pattern text, _by text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    knows boolean := kra_internal.knows_letters();
    n bigint;
BEGIN
    UPDATE kra.definition_log l
    SET (changed_by, row_key, before, after) = (w.changed_by, w.row_key, w.before, w.after)
    FROM (
        SELECT x.id,
               kra_internal.forget_words(x.changed_by, _pattern, _by, knows) AS changed_by,
               kra_internal.forget_words(x.row_key, _pattern, _by, knows) AS row_key,
               kra_internal.forget_json(x.before, a.table_name, a.is_about, _pattern, _by, knows)
                   AS before,
               kra_internal.forget_json(x.after, a.table_name, a.is_about, _pattern, _by, knows)
                   AS after
        FROM kra.definition_log x
        CROSS JOIN LATERAL (
            SELECT CASE x.operation WHEN 'load' THEN 'forgotten'
                                    ELSE x.table_name END AS table_name,
                   kra_internal.is_about(x.before, x.table_name, _subject_id, _objective_ids)
                   OR kra_internal.is_about(x.after, x.table_name, _subject_id, _objective_ids)
                       AS is_about
        ) a
    ) w
    WHERE l.id = w.id
      AND (l.changed_by, l.row_key, l.before, l.after)
          IS DISTINCT FROM (w.changed_by, w.row_key, w.before, w.after);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION kra_internal.forget_in_log(integer, integer[], text, text) IS 'takes the names of a person, and what was said of them, out of the log; how many rows changed';

CREATE FUNCTION kra_internal.switch_triggers(_triggers jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
BEGIN
    IF _triggers IS NULL THEN
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'relation', g.tgrelid::regclass::text, 'name', g.tgname,
                   'state', g.tgenabled)), '[]')
        INTO _triggers
        FROM pg_trigger g
        JOIN pg_class c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
          AND c.relnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
          AND c.oid <> 'kra_internal.line_work'::regclass;   -- it may have one that waits
        FOR t IN SELECT * FROM jsonb_to_recordset(_triggers) x (relation text, name text) LOOP
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', t.relation, t.name);
        END LOOP;
    ELSE
        FOR t IN
            SELECT * FROM jsonb_to_recordset(_triggers) x (relation text, name text, state text)
        LOOP
            EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', t.relation,
                           CASE t.state WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END, t.name);
        END LOOP;
    END IF;
    RETURN _triggers;
END $$;
COMMENT ON FUNCTION kra_internal.switch_triggers(jsonb) IS 'NULL: turns the triggers of all tables off for this transaction, and says which were on and how; what it said: turns these on again. For kra.forget alone: what it takes away must not come into the log, which it may change, and nobody else';

CREATE FUNCTION kra_internal.forget_login(_subject_id integer, _login text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kra.subjects s
                   WHERE s.id <> _subject_id AND s.login = _login
                     AND s.kind IN ('person', 'vendor'))
       AND EXISTS (SELECT FROM kra.role_grants g WHERE g.db_role = _login) THEN
        PERFORM kra_internal.change_grants(_login::name, 'reader', false);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.forget_login(integer, text) IS 'takes back what the login of a person was granted, unless it is that of another person, too: a dump names who has grants';

CREATE FUNCTION kra_internal.change_count(_table_name text, _column_name text, _row_count bigint)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object('table_name', _table_name, 'column_name', _column_name,
                              'row_count', _row_count);
END;
COMMENT ON FUNCTION kra_internal.change_count(text, text, bigint) IS 'how many rows of a column kra.forget changed, as it keeps that until its end';

CREATE FUNCTION kra_internal.renew_statistics(_changes jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t regclass;
BEGIN
    FOR t IN
        SELECT DISTINCT (c->>'table_name')::regclass FROM jsonb_array_elements(_changes) c
        WHERE c->>'table_name' <> 'kra.measurements'
    LOOP
        EXECUTE format('ANALYZE %s', t);
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.renew_statistics(jsonb) IS 'the statistics of tables that changed hold values of their columns: they are made anew';

CREATE FUNCTION kra.forget(subject text, also text[] DEFAULT '{}', dry_run boolean DEFAULT false)
RETURNS TABLE (table_name text, column_name text, row_count bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' SET jit = off
SET lock_timeout = '10s' AS $$   -- others wait for it while it waits
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_named(forget.subject);
    new_key text;
    objectives integer[];
    renamed integer[];
    terms text[];
    pattern text;
    knows boolean := kra_internal.knows_letters();
    triggers jsonb;
    changes jsonb := '[]';
    n bigint;
BEGIN
    IF s.kind NOT IN ('person', 'vendor') THEN
        RAISE EXCEPTION 'subject % is a %, and no person', kra_internal.quoted(s.key), s.kind
            USING ERRCODE = 'wrong_object_type';
    ELSIF s.key = 'forgotten-' || s.id THEN
        RAISE EXCEPTION 'subject % is forgotten already', kra_internal.quoted(s.key)
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM kra_internal.check_length('also', w, 'short') FROM unnest(also) w;
    BEGIN
        PERFORM kra_internal.lock_definitions();
        new_key := 'forgotten-' || s.id;
        objectives := ARRAY(SELECT o.id FROM kra.objectives o WHERE o.subject_id = s.id);
        terms := kra_internal.person_terms(s.id, also);
        pattern := coalesce(nullif(kra_internal.person_pattern(s.id, terms), ''), '(?!)');
        renamed := s.id || ARRAY(   -- groups that are called after the person
            SELECT x.id FROM kra.subjects x
            WHERE x.kind NOT IN ('person', 'vendor')
              AND kra_internal.forget_words(x.key, pattern, '', knows) <> x.key);
        triggers := kra_internal.switch_triggers(NULL);

        SELECT changes || coalesce(jsonb_agg(to_jsonb(c)), '[]') INTO changes
        FROM kra_internal.forget_in_tables(s.id, objectives, pattern, new_key) c;
        -- facts come under the old key, if at all: what was collected must not go with it
        UPDATE kra.measurements m SET source = 'record'
        WHERE m.subject_id = ANY (renamed) AND m.source <> 'record';
        GET DIAGNOSTICS n = ROW_COUNT;
        changes := changes || kra_internal.change_count('kra.measurements', 'source', n);
        UPDATE kra.subjects x SET (key, name, login) = (new_key, 'Forgotten person ' || s.id, NULL)
        WHERE x.id = s.id;
        changes := changes || kra_internal.change_count('kra.subjects', 'key, name, login', 1);
        DELETE FROM kra_internal.notices i
        WHERE kra_internal.forget_words(i.item, pattern, new_key, knows) <> i.item;
        GET DIAGNOSTICS n = ROW_COUNT;
        changes := changes || kra_internal.change_count('kra_internal.notices', 'item', n);
        n := kra_internal.forget_in_log(s.id, objectives, pattern, new_key);
        changes := changes
            || kra_internal.change_count('kra.definition_log',
                                         'changed_by, row_key, before, after', n);
        INSERT INTO kra.definition_log
            (changed_at, changed_by, table_name, row_key, operation, after)
        VALUES (now(), kra.viewer(), 'subjects', new_key, 'forget',
                jsonb_build_object('id', s.id, 'key', new_key));

        PERFORM kra_internal.switch_triggers(triggers);
        PERFORM kra_internal.forget_login(s.id, s.login);
        PERFORM kra_internal.renew_statistics(changes);
        IF dry_run IS DISTINCT FROM false THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'KRADR';
        END IF;
        PERFORM kra_internal.change_lines(NULL,   -- where equals go by keys, or names of KRAs
            CASE WHEN NOT jsonb_path_exists(changes, '$[*] ? (@.table_name == "kra.result_areas" &&
                                                             @.column_name == "name")')
                 THEN renamed END, '-infinity');
    EXCEPTION WHEN SQLSTATE 'KRADR' THEN
        NULL;
    END;
    RETURN QUERY
    SELECT c.table_name, c.column_name, c.row_count
    FROM jsonb_to_recordset(changes) c (table_name text, column_name text, row_count bigint)
    WHERE c.row_count > 0
    ORDER BY c.table_name, c.column_name;
END $$;
COMMENT ON FUNCTION kra.forget(text, text[], boolean) IS 'forgets a person or vendor (their key): key, name and login become forgotten-N, and everything that is said of them goes, in the log and in frozen cards, too; where others are written about, their key, name, login, and those that they had before, are replaced as whole words, in any case, and so are other spellings (also). Names that another person bears are left. Their login loses its grants. All figures stay, so that the groups above keep their results; what was collected counts as entered by hand from then on, since facts under the old key are unknown. It cannot be undone; dry_run: only says which columns of how many rows would change. For admins; it waits for changes of others that are not committed, at most 10 seconds a table. What it does not reach: the facts and sources themselves, other tables, materialized views and exports, backups, standbys that are behind, logs of the server and of the archive, and old row versions until VACUUM FULL. Error for an unknown subject, for a group, and for who is forgotten already';
