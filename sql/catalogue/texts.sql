-- Texts that people enter: how long they may be, which keys are the same, and how messages quote
-- them. The limits stand in kra_internal.text_limit alone; share/kra-definition.schema.json repeats
-- them for editors, and a test compares the two.

CREATE FUNCTION kra_internal.text_limit(_kind text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE _kind WHEN 'short' THEN 200 WHEN 'line' THEN 1000 WHEN 'note' THEN 10000
                      WHEN 'list' THEN 1000 WHEN 'quoted' THEN 200 WHEN 'document' THEN 67108864 END;
END;
COMMENT ON FUNCTION kra_internal.text_limit(text) IS 'how long texts may be, in characters: short (keys, names, logins, units, labels) 200, line (a sentence, a source) 1,000, note (comments, descriptions, summaries, reasons) 10,000; list: texts in a list, 1,000; quoted: what a message repeats of a text that it was given, 200; document: bytes of a document as jsonb, 64 MB. NULL for any other kind';

CREATE FUNCTION kra_internal.is_short(_words text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT length(_words) <= kra_internal.text_limit('short');
END;
COMMENT ON FUNCTION kra_internal.is_short(text) IS 'is the text short enough for a key, a name, a login, a unit or a label? NULL for NULL';

CREATE FUNCTION kra_internal.is_line(_words text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT length(_words) <= kra_internal.text_limit('line');
END;
COMMENT ON FUNCTION kra_internal.is_line(text) IS 'is the text short enough for a sentence or a source? NULL for NULL';

CREATE FUNCTION kra_internal.is_source_name(_source text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT _source ~ ('^' || p.gap || p.word || p.gap || '[.]' || p.gap || p.word || p.gap || '$')
    FROM (SELECT E'[ \t\n\r]*' AS gap,
                 E'("([^"]|"")+"|[^\\x01-\\x40\\x5b-\\x5e\\x60\\x7b-\\x7f]'
                 || E'[^\\x01-\\x23\\x25-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\x7f]*)' AS word) p;
END;
COMMENT ON FUNCTION kra_internal.is_source_name(text) IS 'is that written as schema.name, either in double quotes where it is no plain word? NULL for NULL';

CREATE FUNCTION kra_internal.is_note(_words text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT length(_words) <= kra_internal.text_limit('note');
END;
COMMENT ON FUNCTION kra_internal.is_note(text) IS 'is the text short enough for a comment, a description, a summary or a reason? NULL for NULL';

CREATE FUNCTION kra_internal.is_list(_words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT cardinality(_words) <= kra_internal.text_limit('list')
       AND array_position(_words, NULL) IS NULL
       AND (SELECT coalesce(bool_and(kra_internal.is_short(w.word)), true) FROM unnest(_words) w (word));
END;
COMMENT ON FUNCTION kra_internal.is_list(text[]) IS 'has the list no more texts than one may, none of them too long, and none NULL? NULL for NULL';

CREATE FUNCTION kra_internal.quoted(_words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(
        '"' || CASE WHEN length(_words) <= kra_internal.text_limit('quoted') THEN _words
                    ELSE left(_words, kra_internal.text_limit('quoted') - 3) || '...' END || '"',
        'NULL');
END;
COMMENT ON FUNCTION kra_internal.quoted(text) IS 'a text as a message repeats it: in double quotes, and cut, with three dots, where it is long; NULL, without quotes, for NULL';

CREATE FUNCTION kra_internal.check_length(_what text, _words text, _kind text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF length(_words) > kra_internal.text_limit(_kind) THEN
        RAISE EXCEPTION '% has % characters', _what, length(_words) USING ERRCODE = 'string_data_right_truncation',
            DETAIL = format('It may have at most %s.', kra_internal.text_limit(_kind));
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_length(text, text, text) IS 'refuses a text that is longer than its kind may be (see kra_internal.text_limit); what: how an error calls it';

CREATE FUNCTION kra_internal.check_size(_what text, _document jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_column_size(_document) > kra_internal.text_limit('document') THEN
        RAISE EXCEPTION '% has % bytes', _what, pg_column_size(_document) USING ERRCODE = 'program_limit_exceeded',
            DETAIL = format('It may have at most %s.', kra_internal.text_limit('document')),
            HINT = 'Give it in parts.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_size(text, jsonb) IS 'refuses a document that is larger than one may be (see kra_internal.text_limit); what: how an error calls it';

-- Keys are the same when people see the same: a letter and its accent are one character or two.

CREATE FUNCTION kra_internal.normal_key(_key text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_normal_key' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.normal_key(text) IS 'a key in Unicode normal form C, in which it is kept and compared; as it is where the database is not in UTF8; NULL for NULL';

CREATE FUNCTION kra_internal.keep_normal_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.key := kra_internal.normal_key(NEW.key);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.keep_normal_key() IS 'trigger: keys are kept in normal form (see kra_internal.normal_key)';
