-- Who asks.

CREATE FUNCTION kra_internal.policy_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'kra_policy_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.policy_support(internal) IS 'support function of what policies call: it costs nothing, so that it comes before every condition of a query';

CREATE FUNCTION kra.viewer() RETURNS name
    AS 'MODULE_PATHNAME', 'kra_viewer' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.viewer() IS 'who logged in, or the role that was set; not the owner of a security definer function that is running. Where the server works for the owner of a table (REFRESH MATERIALIZED VIEW, the expressions of an index), that owner; NULL in a security definer function there';

CREATE FUNCTION kra.sees_all() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_all' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees_all() IS 'does the viewer see all subjects? The owner of the tables, roles with BYPASSRLS, who may change the settings, and members of the role that the settings name';

CREATE FUNCTION kra.sees(subject_id integer) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees(integer) IS 'does the viewer see the subject: is, or was, it one of his or below one? In a security definer function its owner must see it, too. NULL for NULL';

CREATE FUNCTION kra.sees(subject_id integer, from_day date, to_day date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_sees_on' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.sees(integer, date, date) IS 'was the subject one of the viewer''s, or below one, on one of these days? NULL for NULL';

CREATE FUNCTION kra_internal.shows(subject_id integer, grid kra_internal.grid, period_start date,
                                   upto date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_shows_period' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.shows(integer, kra_internal.grid, date, date) IS 'is the subject one of the viewer''s, or below one, in the period? Who moves within it counts where he was last; a longer period than a month counts when all of its months do. True in functions of the owner of the tables; NULL for NULL';

CREATE FUNCTION kra_internal.session_sees_all() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_session_sees_all' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.session_sees_all() IS 'does the one who logged in see all subjects, whatever role was set since?';

CREATE FUNCTION kra_internal.session_is_author() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_session_is_author' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.session_is_author() IS 'is the one who logged in an author who does not see all subjects, whatever role was set since?';

-- Of which kind is the viewer? See rights.sql.

CREATE FUNCTION kra_internal.is_reviewer() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_reviewer' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_reviewer() IS 'is the viewer a reviewer (see kra.grant_reviewer)? In a security definer function its owner must be one, too; who has the rights of the owner of the tables is of every kind';

CREATE FUNCTION kra_internal.is_target_setter() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_target_setter' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_target_setter() IS 'is the viewer a target setter (see kra.grant_target_setter)? As is_reviewer';

CREATE FUNCTION kra_internal.is_keeper() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_keeper' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_keeper() IS 'is the viewer a keeper (see kra.grant_keeper)? As is_reviewer';

CREATE FUNCTION kra_internal.is_author() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_author' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_author() IS 'is the viewer an author (see kra.grant_author), who sees all definitions? As is_reviewer';

CREATE FUNCTION kra_internal.is_admin() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_admin' LANGUAGE C STABLE PARALLEL SAFE
    SUPPORT kra_internal.policy_support;
COMMENT ON FUNCTION kra_internal.is_admin() IS 'is the viewer an admin (see kra.grant_admin)? As is_reviewer';

CREATE FUNCTION kra_internal.oversees(_subject_id integer, _from_day date, _to_day date)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_oversees' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.oversees(integer, date, date) IS 'does the viewer see the subject on one of these days as one below its own, or see all? Of the subject whose login the viewer is only an admin does. NULL for NULL';

-- Days of what happens in the catalogue are those of the company's time zone (a setting), whatever
-- that of the session is.

CREATE FUNCTION kra_internal.today() RETURNS date
    AS 'MODULE_PATHNAME', 'kra_today' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.today() IS 'today, in the time zone of the settings';

CREATE FUNCTION kra_internal.day_of(at timestamptz) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_day_of' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.day_of(timestamptz) IS 'day of a time, in the time zone of the settings; infinite for an infinite time; NULL for NULL';

CREATE FUNCTION kra_internal.day_begins(day date) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_day_begins' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.day_begins(date) IS 'when a day begins, in the time zone of the settings; infinite for an infinite day; NULL for NULL';

-- An index over what tells of a person must not answer a condition of a reader: how many rows it
-- gave and the policy removed is shown by EXPLAIN ANALYZE. By this class an index answers only
-- ===, which is not leakproof, so it comes after the policies, or is asked by the owner of the
-- tables.

CREATE FUNCTION kra_internal.same_text(_a text, _b text) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'texteq';
COMMENT ON FUNCTION kra_internal.same_text(text, text) IS 'are both texts the same? As =, but not leakproof. NULL for NULL';
CREATE OPERATOR kra_internal.=== (
    FUNCTION = kra_internal.same_text, LEFTARG = text, RIGHTARG = text,
    COMMUTATOR = OPERATOR(kra_internal.===), RESTRICT = eqsel, JOIN = eqjoinsel);
COMMENT ON OPERATOR kra_internal.=== (text, text) IS 'are both texts the same? As =, but not leakproof';
CREATE OPERATOR CLASS kra_internal.hidden_text_ops FOR TYPE text USING btree AS
    OPERATOR 3 kra_internal.=== (text, text),
    FUNCTION 1 pg_catalog.bttextcmp(text, text);
COMMENT ON OPERATOR CLASS kra_internal.hidden_text_ops USING btree IS 'of indexes over texts that are hidden from readers';
