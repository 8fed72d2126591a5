-- Calendar: how time is cut into periods (src/calendar.c, src/grid.c).

CREATE TYPE kra_internal.grid;

CREATE FUNCTION kra_internal.grid_in(cstring) RETURNS kra_internal.grid
    AS 'MODULE_PATHNAME', 'kra_grid_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_in(cstring) IS 'text input of grid';

CREATE FUNCTION kra_internal.grid_out(kra_internal.grid) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_grid_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_out(kra_internal.grid) IS 'text output of grid';

CREATE FUNCTION kra_internal.grid_recv(internal) RETURNS kra_internal.grid
    AS 'MODULE_PATHNAME', 'kra_grid_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_recv(internal) IS 'binary input of grid';

CREATE FUNCTION kra_internal.grid_send(kra_internal.grid) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_grid_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_send(kra_internal.grid) IS 'binary output of grid';

CREATE TYPE kra_internal.grid (
    INPUT = kra_internal.grid_in, OUTPUT = kra_internal.grid_out,
    RECEIVE = kra_internal.grid_recv, SEND = kra_internal.grid_send,
    INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4
);
COMMENT ON TYPE kra_internal.grid IS 'how time is cut into periods: day, week from monday, month, quarter from april, half_year from april, year from april, month 4-4-5 from february, weeks from sunday; in order from the finest to the coarsest';

-- Grids are numbers, and compared as such.

CREATE FUNCTION kra_internal.grid_eq(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4eq';
COMMENT ON FUNCTION kra_internal.grid_eq(kra_internal.grid, kra_internal.grid) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.grid_ne(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4ne';
COMMENT ON FUNCTION kra_internal.grid_ne(kra_internal.grid, kra_internal.grid) IS 'implementation of <> operator';

CREATE FUNCTION kra_internal.grid_lt(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4lt';
COMMENT ON FUNCTION kra_internal.grid_lt(kra_internal.grid, kra_internal.grid) IS 'implementation of < operator';

CREATE FUNCTION kra_internal.grid_le(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4le';
COMMENT ON FUNCTION kra_internal.grid_le(kra_internal.grid, kra_internal.grid) IS 'implementation of <= operator';

CREATE FUNCTION kra_internal.grid_gt(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4gt';
COMMENT ON FUNCTION kra_internal.grid_gt(kra_internal.grid, kra_internal.grid) IS 'implementation of > operator';

CREATE FUNCTION kra_internal.grid_ge(kra_internal.grid, kra_internal.grid) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4ge';
COMMENT ON FUNCTION kra_internal.grid_ge(kra_internal.grid, kra_internal.grid) IS 'implementation of >= operator';

CREATE FUNCTION kra_internal.grid_cmp(kra_internal.grid, kra_internal.grid) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4cmp';
COMMENT ON FUNCTION kra_internal.grid_cmp(kra_internal.grid, kra_internal.grid) IS 'three-way comparison of grids';

CREATE FUNCTION kra_internal.grid_hash(kra_internal.grid) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4';
COMMENT ON FUNCTION kra_internal.grid_hash(kra_internal.grid) IS 'hash of a grid';

CREATE FUNCTION kra_internal.grid_hash_extended(kra_internal.grid, bigint) RETURNS bigint
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4extended';
COMMENT ON FUNCTION kra_internal.grid_hash_extended(kra_internal.grid, bigint) IS 'hash of a grid with a seed';

CREATE FUNCTION kra_internal.grid_eq_sel(internal, oid, internal, integer)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_grid_eq_sel' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_eq_sel(internal, oid, internal, integer) IS 'for the planner: share of the rows with a grid, given that their periods start together, as they do wherever grids are compared';
CREATE FUNCTION kra_internal.grid_eq_join_sel(internal, oid, internal, smallint, internal)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_grid_eq_sel' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_eq_join_sel(internal, oid, internal, smallint, internal) IS 'the same of joins';

CREATE OPERATOR pg_catalog.= (
    FUNCTION = kra_internal.grid_eq, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = kra_internal.grid_eq_sel, JOIN = kra_internal.grid_eq_join_sel, HASHES, MERGES);
COMMENT ON OPERATOR pg_catalog.= (kra_internal.grid, kra_internal.grid) IS 'the same periods, and labels?';

CREATE OPERATOR pg_catalog.<> (
    FUNCTION = kra_internal.grid_ne, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel);
COMMENT ON OPERATOR pg_catalog.<> (kra_internal.grid, kra_internal.grid) IS 'other periods, or labels?';

CREATE OPERATOR pg_catalog.< (
    FUNCTION = kra_internal.grid_lt, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel);
COMMENT ON OPERATOR pg_catalog.< (kra_internal.grid, kra_internal.grid) IS 'a finer grain, or of the same grain the lesser month, weekday and calendar?';

CREATE OPERATOR pg_catalog.<= (
    FUNCTION = kra_internal.grid_le, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel);
COMMENT ON OPERATOR pg_catalog.<= (kra_internal.grid, kra_internal.grid) IS 'as < or =';

CREATE OPERATOR pg_catalog.> (
    FUNCTION = kra_internal.grid_gt, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel);
COMMENT ON OPERATOR pg_catalog.> (kra_internal.grid, kra_internal.grid) IS 'a coarser grain, or of the same grain the greater month, weekday and calendar?';

CREATE OPERATOR pg_catalog.>= (
    FUNCTION = kra_internal.grid_ge, LEFTARG = kra_internal.grid, RIGHTARG = kra_internal.grid,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel);
COMMENT ON OPERATOR pg_catalog.>= (kra_internal.grid, kra_internal.grid) IS 'as > or =';

CREATE OPERATOR CLASS kra_internal.grid_ops DEFAULT FOR TYPE kra_internal.grid USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
    OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 kra_internal.grid_cmp(kra_internal.grid, kra_internal.grid),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS kra_internal.grid_ops USING btree IS 'from the finest to the coarsest grain';
CREATE OPERATOR CLASS kra_internal.grid_ops DEFAULT FOR TYPE kra_internal.grid USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.grid_hash(kra_internal.grid),
    FUNCTION 2 kra_internal.grid_hash_extended(kra_internal.grid, bigint);
COMMENT ON OPERATOR CLASS kra_internal.grid_ops USING hash IS 'grids by equality';

CREATE FUNCTION kra_internal.grid(cadence text, fiscal_year_start_month integer DEFAULT 1,
    week_start integer DEFAULT 1, calendar text DEFAULT 'months') RETURNS kra_internal.grid
    AS 'MODULE_PATHNAME', 'kra_grid_of_cadence' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid(text, integer, integer, text) IS 'how time is cut: the grid of a cadence (day, week, month, quarter, half_year or year), for fiscal years that start in a month (1 to 12), weeks that start on an ISO weekday (1 Monday to 7), and a calendar (months, or 4-4-5, 4-5-4 or 5-4-4 weeks to the months of a quarter); NULL for NULL; error for any other cadence, month, weekday or calendar';

CREATE FUNCTION kra_internal.grid_grain(grid kra_internal.grid) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_grain_of_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_grain(kra_internal.grid) IS 'the cadence of a grid: day, week, month, quarter, half_year or year; NULL for NULL';

CREATE FUNCTION kra_internal.grain_rank(grid kra_internal.grid) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_grain_rank' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grain_rank(kra_internal.grid) IS '0 for days, 1 weeks, 2 months, 3 quarters, 4 half-years, 5 years; NULL for NULL';

CREATE FUNCTION kra_internal.grid_start(grid kra_internal.grid, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_start_in_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_start(kra_internal.grid, date) IS 'first day of the period that holds a day; NULL for NULL; error for an infinite date, and a result that is no date';

-- The name of a time zone, as a type without a collation: postgres_fdw sends no function away that
-- has a collation from a constant.

CREATE TYPE kra_internal.zone;

CREATE FUNCTION kra_internal.zone_in(cstring) RETURNS kra_internal.zone
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
COMMENT ON FUNCTION kra_internal.zone_in(cstring) IS 'text input of zone';

CREATE FUNCTION kra_internal.zone_out(kra_internal.zone) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
COMMENT ON FUNCTION kra_internal.zone_out(kra_internal.zone) IS 'text output of zone';

CREATE FUNCTION kra_internal.zone_recv(internal) RETURNS kra_internal.zone
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textrecv';
COMMENT ON FUNCTION kra_internal.zone_recv(internal) IS 'binary input of zone';

CREATE FUNCTION kra_internal.zone_send(kra_internal.zone) RETURNS bytea
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textsend';
COMMENT ON FUNCTION kra_internal.zone_send(kra_internal.zone) IS 'binary output of zone';

CREATE TYPE kra_internal.zone (
    INPUT = kra_internal.zone_in, OUTPUT = kra_internal.zone_out,
    RECEIVE = kra_internal.zone_recv, SEND = kra_internal.zone_send,
    INTERNALLENGTH = VARIABLE, STORAGE = extended
);
COMMENT ON TYPE kra_internal.zone IS 'name of a time zone; who asks for a day in it hears whether there is one';

CREATE CAST (text AS kra_internal.zone) WITHOUT FUNCTION;
COMMENT ON CAST (text AS kra_internal.zone) IS 'the same text';

CREATE FUNCTION kra_internal.grid_start(grid kra_internal.grid, at timestamptz,
    zone kra_internal.zone)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_start_in_grid_and_zone' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_start(kra_internal.grid, timestamptz, kra_internal.zone) IS 'first day of the period that holds a time, whose day is that of a time zone; NULL for NULL; error for a zone that does not exist, an infinite time, and a result that is no date';

CREATE FUNCTION kra_internal.time_in_zone(_at timestamp, _zone kra_internal.zone)
    RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'kra_time_in_zone' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.time_in_zone(timestamp, kra_internal.zone) IS 'time at which the clocks of a time zone show that; NULL for NULL; error for a zone that does not exist, and a result that is no time';

CREATE FUNCTION kra_internal.grid_end(grid kra_internal.grid, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_end_in_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_end(kra_internal.grid, date) IS 'last day of the period that holds a day; NULL for NULL; error for an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.grid_shift(grid kra_internal.grid, start date, periods integer)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_shift_in_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_shift(kra_internal.grid, date, integer) IS 'first day of the period that comes so many periods after the one that holds a day (negative: before); NULL for NULL; error for an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.is_grid_start(grid kra_internal.grid, at date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_start_in_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.is_grid_start(kra_internal.grid, date) IS 'does a period start on that day? For CHECK constraints: false for infinite dates, NULL for NULL, never an error';

CREATE FUNCTION kra_internal.grid_label(grid kra_internal.grid, at date) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_label_in_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_label(kra_internal.grid, date) IS 'name of the period that holds a day: 2026-03-31, 2026-W07 (ISO year and week of its fourth day), 2025-12, 2025-Q4, 2025-H2, 2025; where the fiscal year does not start in January 2016/17-Q1, 2016/17-H1 and 2016/17; for months of a calendar of weeks 2016/17-P03; NULL for NULL; error for an infinite date, and a year outside 1 to 9999';

CREATE FUNCTION kra_internal.grid_of_label(label text, fiscal_year_start_month integer DEFAULT 1,
    week_start integer DEFAULT 1, calendar text DEFAULT 'months',
    OUT grid kra_internal.grid, OUT period_start date)
    AS 'MODULE_PATHNAME', 'kra_grid_and_start_of_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_of_label(text, integer, integer, text) IS 'grid and first day of the period that has this label, in the forms of grid_label; NULLs for NULL; error for anything else, also for a fiscal year of two calendar years where it starts in January, and of one where it does not';

-- Parts and wholes: a part belongs to the whole in which its fourth day lies, a day to that in
-- which it lies. Parts that fill their whole, as months do a quarter, lie in it altogether.

CREATE FUNCTION kra_internal.whole_start(
    whole kra_internal.grid, part kra_internal.grid, part_start date)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_whole_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_start(kra_internal.grid, kra_internal.grid, date) IS 'first day, as the grid of the whole counts it, of the whole to which a part belongs: a week to the month, quarter, half-year and year of its fourth day, all that fills its whole to the one in which it lies; NULL for NULL; error for a part longer than the whole, an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.first_part(
    whole kra_internal.grid, part kra_internal.grid, whole_start date)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_first_part' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.first_part(kra_internal.grid, kra_internal.grid, date) IS 'first day of the first part of the whole that holds a day: of its first week, which may begin before it or after it; NULL for NULL; errors as whole_start';

CREATE FUNCTION kra_internal.last_part_end(
    whole kra_internal.grid, part kra_internal.grid, whole_start date)
    RETURNS date
    AS 'MODULE_PATHNAME', 'kra_last_part_end' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.last_part_end(kra_internal.grid, kra_internal.grid, date) IS 'last day of the last part of the whole that holds a day; NULL for NULL; errors as whole_start';

CREATE FUNCTION kra_internal.parts_in(
    whole kra_internal.grid, part kra_internal.grid, whole_start date)
    RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_parts_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.parts_in(kra_internal.grid, kra_internal.grid, date) IS 'how many parts the whole has that holds a day: a month 4 or 5 weeks; NULL for NULL; errors as whole_start';
