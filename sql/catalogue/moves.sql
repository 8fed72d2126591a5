-- Consent of those who see a subject that an author places where the author comes to see it.

CREATE FUNCTION kra.consent_to_move(subject text, parent text, effective_from date) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects := kra_internal.subject_named(consent_to_move.subject);
    result integer;
BEGIN
    IF consent_to_move.parent IS NULL OR consent_to_move.parent = '' THEN
        RAISE EXCEPTION 'parent must not be %',
            CASE WHEN consent_to_move.parent IS NULL THEN 'null' ELSE 'empty' END
            USING ERRCODE = CASE WHEN consent_to_move.parent IS NULL
                                 THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END;
    END IF;
    PERFORM kra_internal.check_day('effective_from', consent_to_move.effective_from);
    IF NOT kra_internal.may_consent(s.id) THEN
        RAISE EXCEPTION 'role "%" may not consent to a move of subject "%"', kra.viewer(), s.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Those may who see the subject today by their login: its own, '
                         'and that of a subject above it.';
    END IF;
    INSERT INTO kra.move_consents AS c (subject_id, parent_key, effective_from)
    VALUES (s.id, kra_internal.normal_key(consent_to_move.parent), consent_to_move.effective_from)
    RETURNING c.id INTO result;
    RETURN result;
END $$;
COMMENT ON FUNCTION kra.consent_to_move(text, text, date) IS 'consents that an author places a subject (its key) below another from a day on, though the author comes to see it by that, and all that is below it; returns the id of the consent. It is used once, by whoever makes that placement. For those who see the subject today by a login, and have seen it on all days so far that the move shows; whether there is such a parent is not told';
