-- Who asks.

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

CREATE FUNCTION kra_internal.shows(subject_id integer, grid smallint, period_start date, upto date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_shows' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.shows(integer, smallint, date, date) IS 'is the subject one of the viewer''s, or below one, in the period? Who moves within it counts where he was last; a quarter or year counts when all of its months do. True in functions of the owner of the tables; NULL for NULL';

CREATE FUNCTION kra_internal.is_author() RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_author' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.is_author() IS 'may the viewer define things (see grant_author)? Then he sees all definitions';
