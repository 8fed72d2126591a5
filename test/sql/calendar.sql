-- calendar: grids, their periods and labels, against date_trunc and to_char.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET search_path = kra, public, kra_internal;
\pset null '(null)'

-- the answer of a query, or the error that it ends in
CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    detail text;
    hint text;
BEGIN
    EXECUTE query INTO answer;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || SQLERRM || CASE WHEN detail <> '' THEN ' | ' || detail ELSE '' END || CASE WHEN hint <> '' THEN ' | ' || hint ELSE '' END;
END $$;

-- the numbers, which are stored
SELECT grid('day'), grid('week'), grid('week', 1, 7) AS sundays, grid('month'), grid('quarter'), grid('year');
SELECT m, grid('day', m), grid('week', m), grid('month', m), grid('quarter', m), grid('year', m) FROM generate_series(1, 12) m ORDER BY m;
SELECT string_agg(grid('week', week_start => w) || ' ' || grid('day', 1, w) || ' ' || grid('year', 1, w), ', ' ORDER BY w) FROM generate_series(1, 7) w;
-- all of them, with what SQL says of their length and where they start
CREATE TEMP TABLE grids AS
SELECT DISTINCT grid(cadence, m, w) AS grid, cadence, step, CASE cadence WHEN 'week' THEN w - 1 ELSE 0 END AS days,
    make_interval(months => CASE cadence WHEN 'quarter' THEN (m - 1) % 3 WHEN 'year' THEN m - 1 ELSE 0 END) AS months
FROM (VALUES ('day', interval '1 day'), ('week', '7 days'), ('month', '1 month'), ('quarter', '3 months'), ('year', '1 year')) v(cadence, step), generate_series(1, 12) m, generate_series(1, 7) w;
SELECT count(*) AS grids, count(DISTINCT grid) AS numbers, string_agg(DISTINCT grid_grain(grid), ' ') AS grains, count(*) FILTER (WHERE grid_grain(grid) <> cadence) AS wrong FROM grids;
CREATE FUNCTION pg_temp.start_of(g grids, d date) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN (date_trunc(g.cadence, d::timestamp - make_interval(days => g.days) - g.months) + make_interval(days => g.days) + g.months)::date;

-- five decades, every day: start, end, and which days start a period
CREATE TEMP TABLE days AS
SELECT g, g.grid, g.step, d, pg_temp.start_of(g, d) AS first FROM grids g, (SELECT date '1990-01-01' + i AS d FROM generate_series(0, 18261) i) s;
SELECT grid_grain(grid), count(*) AS days, count(DISTINCT (grid, first)) AS periods,
    count(*) FILTER (WHERE grid_start(grid, d) IS DISTINCT FROM first) AS starts_differ,
    count(*) FILTER (WHERE grid_end(grid, d) IS DISTINCT FROM (first + step)::date - 1) AS ends_differ,
    count(*) FILTER (WHERE is_grid_start(grid, d) IS DISTINCT FROM (d = first)) AS is_start_differs,
    count(*) FILTER (WHERE is_grid_start(grid, d)) AS starts
FROM days GROUP BY 1 ORDER BY 1;
-- shifts, from any day of a period, and back
SELECT n, count(*) AS shifts, count(*) FILTER (WHERE grid_shift(grid, d, n) IS DISTINCT FROM (first + n * step)::date) AS differ,
    count(*) FILTER (WHERE grid_shift(grid, grid_shift(grid, d, n), -n) IS DISTINCT FROM first) AS no_way_back
FROM days, unnest('{-1000,-13,-1,0,1,2,5,1000}'::int[]) n WHERE extract(day FROM d) IN (1, 15, 29, 31) GROUP BY n ORDER BY n;

-- from the first years on to the year 20000, every 397th day
SELECT min(d), max(d), count(*) AS days, count(*) FILTER (WHERE grid_start(grid, d) IS DISTINCT FROM first) AS starts_differ,
    count(*) FILTER (WHERE grid_end(grid, d) IS DISTINCT FROM (first + step)::date - 1) AS ends_differ,
    count(*) FILTER (WHERE is_grid_start(grid, d) IS DISTINCT FROM (d = first) OR NOT is_grid_start(grid, first)) AS is_start_differs
FROM (SELECT g.grid, g.step, d, pg_temp.start_of(g, d) AS first FROM grids g, (SELECT date '4712-01-01 BC' + i * 397 AS d FROM generate_series(0, 22700) i) t) s;

-- leap years
SELECT d, grid_end(grid('month'), d) AS month, grid_end(grid('quarter', 3), d) AS quarter, grid_end(grid('year', 3), d) AS year, grid_shift(grid('month'), d, 12) AS year_on, grid_shift(grid('day'), d, 1) AS next_day
FROM unnest('{2024-02-29,2023-02-28,2000-02-29,1900-02-28,2100-02-01,0004-02-29,0001-02-01 BC}'::date[]) d;
-- the ends of what a date can be
SELECT grid_start(grid('day'), '4714-11-24 BC'), grid_end(grid('month'), '4714-11-24 BC'), grid_start(grid('week'), '4714-11-24 BC'), grid_end(grid('year'), '5874897-12-31'), grid_start(grid('year', 4), '5874897-12-31'), grid_shift(grid('day'), '4714-11-24 BC', 2147483493) AS last;
\pset format unaligned
SELECT query, pg_temp.try('SELECT ' || query) FROM unnest(ARRAY[
    'grid_start(grid(''month''), ''4714-11-24 BC'')', 'grid_start(grid(''year''), ''4714-11-24 BC'')', 'grid_start(grid(''week'', 1, 2), ''4714-11-24 BC'')', 'grid_end(grid(''year'', 4), ''5874897-12-31'')',
    'grid_end(grid(''year'', 12), ''5874897-12-31'')', 'grid_end(grid(''week'', 1, 3), ''5874897-12-31'')', 'grid_shift(grid(''day''), ''5874897-12-31'', 1)', 'grid_shift(grid(''day''), ''4714-11-24 BC'', -1)',
    'grid_shift(grid(''year''), ''2026-01-01'', 2147483647)', 'grid_shift(grid(''year''), ''2026-01-01'', -2147483648)', 'grid_shift(grid(''month''), ''2026-01-01'', 2147483647)', 'grid_shift(grid(''month''), ''2026-01-01'', -2147483648)',
    'grid_shift(grid(''week''), ''2026-01-01'', 2147483647)', 'grid_shift(grid(''week''), ''2026-01-01'', -2147483648)', 'is_grid_start(grid(''year''), ''4714-11-24 BC'')', 'is_grid_start(grid(''year''), ''5874897-12-31'')']) query;
\pset format aligned

-- labels
SELECT grid_label(grid('day'), '2026-03-31') AS day, grid_label(grid('week'), '2026-02-15') AS week, grid_label(grid('month'), '2025-12-31') AS month, grid_label(grid('quarter'), '2025-12-31') AS quarter, grid_label(grid('year'), '2025-12-31') AS year,
    grid_label(grid('quarter', 4), '2016-04-01', 4) AS fiscal_quarter, grid_label(grid('year', 4), '2017-03-31', 4) AS fiscal_year, grid_label(grid('year', 4), '2017-04-01') AS own_month, grid_label(grid('quarter', 4), '2017-03-31') AS calendar_quarter;
-- a week is that of its fourth day
SELECT d, string_agg(grid_label(grid('week', 1, w), d), ' ' ORDER BY w) AS mondays_to_sundays FROM unnest('{2019-12-30,2020-12-31,2021-01-01,2024-12-29,2024-12-31,2026-01-01,2026-12-31}'::date[]) d, generate_series(1, 7) w GROUP BY d ORDER BY d;
SELECT string_agg(grid_label(grid('quarter', m), '2026-01-01', m), ' ' ORDER BY m) AS quarters, string_agg(grid_label(grid('year', m), '2026-01-01', m), ' ' ORDER BY m) AS years FROM generate_series(1, 12) m;
SELECT grid_label(grid('year', 7), '1999-07-01') AS "1999", grid_label(grid('year', 7), '2000-06-30') AS "2000", grid_label(grid('year', 2), '9999-02-01') AS "9999", grid_label(grid('quarter', 4), '10000-03-31', 4) AS last_quarter, grid_label(grid('year', 2), '10000-01-31') AS last_year,
    grid_label(grid('day'), '0001-01-01') AS first_day, grid_label(grid('week', 1, 7), '0001-01-01') AS first_week, grid_label(grid('week'), '9999-12-31') AS last_week;

-- three decades, every day, every grid with every month: to_char says the same, and each label leads back
CREATE TEMP TABLE labels AS
SELECT cadence, m, w, d, grid(cadence, m, w) AS grid, grid_label(grid(cadence, m, w), d, m) AS label
FROM (SELECT date '1998-01-01' + i AS d FROM generate_series(0, 10956) i) s,
    (SELECT cadence, m, 1 AS w FROM unnest('{day,month,quarter,year}'::text[]) cadence, generate_series(1, 12) m WHERE m = 1 OR cadence IN ('quarter', 'year') UNION ALL SELECT 'week', 1, w FROM generate_series(1, 7) w) g;
SELECT cadence, count(*) AS labels, count(DISTINCT (grid, m, label)) AS periods, count(DISTINCT (grid, m, grid_start(grid, d))) AS starts,
    count(*) FILTER (WHERE label IS DISTINCT FROM CASE cadence
        WHEN 'day' THEN to_char(d, 'YYYY-MM-DD') WHEN 'week' THEN to_char(grid_start(grid, d) + 3, 'IYYY-"W"IW') WHEN 'month' THEN to_char(d, 'YYYY-MM')
        ELSE to_char(fiscal, 'YYYY') || CASE WHEN m > 1 THEN to_char(fiscal + interval '1 year', '/YY') ELSE '' END || CASE cadence WHEN 'quarter' THEN to_char(fiscal, '-"Q"Q') ELSE '' END END) AS differ,
    count(*) FILTER (WHERE grid_of_label(label, m, w) IS DISTINCT FROM (grid, grid_start(grid, d))) AS no_way_back
FROM labels, LATERAL (SELECT date_trunc('month', d::timestamp) - make_interval(months => m - 1) AS fiscal) f GROUP BY cadence ORDER BY cadence;
-- every year and week number: an error, or the label of its period
SELECT count(*) AS written, count(start) AS weeks, count(*) FILTER (WHERE grid_label(grid('week', 1, 3), start) <> label) AS others, string_agg(substr(label, 1, 4), ' ' ORDER BY label) FILTER (WHERE start IS NOT NULL AND label LIKE '%W53') AS with_53
FROM (SELECT label, substring(pg_temp.try(format('SELECT kra_internal.grid_of_label(%L, 1, 3)', label)), '^\(13,(.*)\)$')::date AS start
    FROM (SELECT format('%s-W%s', y, lpad(n::text, 2, '0')) AS label FROM generate_series(1998, 2027) y, generate_series(0, 99) n) s) t;
SELECT grid_of_label('2026-W53'), grid_of_label('2024-02-29'), grid_of_label('2025-Q4'), grid_of_label('2016/17-Q4', 4), grid_of_label('1999/00', 10), grid_of_label('9999/00-Q4', 12), grid_of_label('0001-W01', 1, 7);

-- what is no label
\pset format unaligned
\pset tuples_only on
SELECT DISTINCT substring(pg_temp.try('SELECT kra_internal.grid_of_label(''no label'')'), '\| (.*)$');
SELECT label, m, regexp_replace(pg_temp.try(format('SELECT kra_internal.grid_of_label(%L, %s)', label, m)), '\| Write 2026.*', '| hint') FROM (VALUES
    ('2025-13', 1), ('2025-00', 1), ('2025-1', 1), ('2025-Q5', 1), ('2025-Q0', 1), ('2025-q4', 1), ('2025-Q44', 1), ('2025Q4', 1), ('2016/18', 4), ('2016/16', 4), ('2016/2017', 4), ('2016-17', 4), ('2016/17-Q5', 4), ('2016/17-04', 4), ('2016/17-W04', 4), ('2016/', 4),
    ('2025/26', 1), ('2025/26-Q1', 1), ('2025', 4), ('2025-Q4', 4), ('2025-W54', 1), ('2025-W53', 1), ('2026-W00', 1), ('2026-w07', 1), ('2026-W7', 1), ('2026-W071', 1), ('2026-02-29', 1), ('2026-02-00', 1), ('2026-2-01', 1), ('2026-02-1', 1),
    ('2026-03-31 ', 1), (' 2026', 1), ('2026 ', 1), ('2026x', 1), ('2026-03-31T00:00', 1), ('0000', 1), ('0000-Q1', 1), ('0000-12-31', 1), ('10000', 1), ('+2025', 1), ('-2025', 1), ('202', 1), ('', 1), ('today', 1), ('2025-Q4' || chr(10), 1)) v(label, m);

-- other errors
SELECT query, pg_temp.try('SELECT ' || query) FROM unnest(ARRAY[
    'grid(''hour'')', 'grid(''Month'')', 'grid(''months'')', 'grid('''')', 'grid(''year'', 0)', 'grid(''year'', 13)', 'grid(''day'', -1)', 'grid(''week'', 1, 0)', 'grid(''week'', 1, 8)', 'grid(''year'', 1, 8)',
    'grid_grain(0::int2)', 'grid_start(0::int2, ''2026-01-01'')', 'grid_end(18::int2, ''2026-01-01'')', 'grid_shift(-1::int2, ''2026-01-01'', 0)', 'grid_label(40::int2, ''2026-01-01'')',
    'grid_start(grid(''day''), ''infinity'')', 'grid_end(grid(''month''), ''-infinity'')', 'grid_shift(grid(''year''), ''infinity'', 0)', 'grid_label(grid(''week''), ''infinity'')',
    'grid_label(grid(''quarter'', 2), ''2026-01-01'')', 'grid_label(grid(''quarter''), ''2026-01-01'', 0)', 'grid_label(grid(''day''), ''2026-01-01'', 13)', 'grid_of_label(''2026'', 0)', 'grid_of_label(''2026'', 1, 8)',
    'grid_label(grid(''day''), ''0001-12-31 BC'')', 'grid_label(grid(''year''), ''10000-01-01'')', 'grid_label(grid(''year'', 4), ''0001-03-31'')', 'grid_label(grid(''quarter'', 4), ''0001-03-31'', 4)', 'grid_label(grid(''week''), ''10000-01-03'')', 'grid_label(grid(''month''), ''5874897-12-31'')', 'grid_label(grid(''day''), ''4714-11-24 BC'')', 'grid_label(grid(''week''), ''4714-11-24 BC'')']) query;
\pset tuples_only off
\pset format aligned
SELECT count(*) AS numbers, count(*) FILTER (WHERE pg_temp.try(format('SELECT kra_internal.grid_grain(%s::int2)', n)) LIKE '22023 %') AS unknown FROM generate_series(-10, 400) n;

-- a CHECK constraint: never an error
SELECT count(*) AS asked, count(*) FILTER (WHERE is_grid_start(n::int2, d)) AS starts, count(*) FILTER (WHERE is_grid_start(n::int2, d) IS NULL) AS unknown FROM generate_series(-32768, 32767, 5) n, unnest('{-infinity,infinity}'::date[]) d;
SELECT string_agg(n::text, ' ' ORDER BY n) AS grids_of_a_monday_the_first FROM generate_series(-32768, 32767) n WHERE is_grid_start(n::int2, '2024-01-01');
-- NULL for NULL
SELECT grid(NULL), grid('day', NULL), grid_grain(NULL), grid_start(NULL, '2026-01-01'), grid_end(grid('day'), NULL), grid_shift(grid('day'), '2026-01-01', NULL), is_grid_start(grid('day'), NULL), grid_label(grid('day'), NULL), grid_of_label(NULL);

-- the settings of a session change nothing
SET DateStyle = 'German';
SET TimeZone = 'Pacific/Kiritimati';
SELECT grid_label(grid('day'), '31.03.2026'), grid_of_label('2026-03-31'), grid_start(grid('week'), '31.03.2026');
