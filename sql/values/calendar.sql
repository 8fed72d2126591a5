-- Calendar: how time is cut into periods. A grid is a smallint: 1 days, 10 + first ISO weekday
-- weeks, 20 months, 30 + (first month - 1) % 3 quarters, 40 + first month years.

CREATE FUNCTION kra_internal.grid(cadence text, fiscal_year_start_month integer DEFAULT 1, week_start integer DEFAULT 1) RETURNS smallint
    AS 'MODULE_PATHNAME', 'kra_grid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid(text, integer, integer) IS 'how time is cut, as a number: the grid of a cadence (day, week, month, quarter or year), for fiscal years that start in a month (1 to 12) and weeks that start on an ISO weekday (1 Monday to 7); NULL for NULL; error for any other cadence, month or weekday';

CREATE FUNCTION kra_internal.grid_grain(grid smallint) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_grid_grain' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_grain(smallint) IS 'the cadence of a grid: day, week, month, quarter or year; NULL for NULL; error for an unknown grid';

CREATE FUNCTION kra_internal.grid_start(grid smallint, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_start(smallint, date) IS 'first day of the period that holds a day; NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.grid_end(grid smallint, at date) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_end' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_end(smallint, date) IS 'last day of the period that holds a day; NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.grid_shift(grid smallint, start date, periods integer) RETURNS date
    AS 'MODULE_PATHNAME', 'kra_grid_shift' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_shift(smallint, date, integer) IS 'first day of the period that comes so many periods after the one that holds a day (negative: before); NULL for NULL; error for an unknown grid, an infinite date, and a result that is no date';

CREATE FUNCTION kra_internal.is_grid_start(grid smallint, at date) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_is_grid_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.is_grid_start(smallint, date) IS 'does a period start on that day? For CHECK constraints: false for unknown grids and infinite dates, NULL for NULL, never an error';

CREATE FUNCTION kra_internal.grid_label(grid smallint, at date, fiscal_year_start_month integer DEFAULT 1) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_grid_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_label(smallint, date, integer) IS 'name of the period that holds a day: 2026-03-31, 2026-W07 (ISO year and week of its fourth day), 2025-12, 2025-Q4, 2025, or 2016/17-Q1 and 2016/17 where the fiscal year does not start in January; quarters count from the given month, a grid of years has its own; NULL for NULL; error for an unknown grid, an infinite date, a year outside 1 to 9999, and a month in which no quarter of the grid starts';

CREATE FUNCTION kra_internal.grid_of_label(label text, fiscal_year_start_month integer DEFAULT 1, week_start integer DEFAULT 1,
    OUT grid smallint, OUT period_start date)
    AS 'MODULE_PATHNAME', 'kra_grid_of_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.grid_of_label(text, integer, integer) IS 'grid and first day of the period that has this label, in the forms of grid_label; NULLs for NULL; error for anything else, also for a fiscal year of two calendar years where it starts in January, and of one where it does not';
