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

-- what a grid holds: what its periods and labels depend on, and no more
SELECT m, grid('day', m, 2), grid('week', m, 2), grid('month', m, 2), grid('quarter', m, 2), grid('half_year', m, 2), grid('year', m, 2) FROM unnest('{1,4,12}'::int[]) m ORDER BY m;
SELECT cadence, grid(cadence, 2, 7, '4-5-4') FROM unnest('{day,week,month,quarter,half_year,year}'::text[]) WITH ORDINALITY c (cadence, n) ORDER BY n;
CREATE TEMP TABLE every AS
SELECT cadence, n, m, w, c AS calendar, grid(cadence, m, w, c) AS grid
FROM unnest('{day,week,month,quarter,half_year,year}'::text[]) WITH ORDINALITY u (cadence, n), generate_series(1, 12) m, generate_series(1, 7) w, unnest('{months,4-4-5,4-5-4,5-4-4}'::text[]) c;
SELECT cadence, count(DISTINCT grid) AS grids, count(DISTINCT grid::text) AS texts, count(DISTINCT grid_send(grid)) AS binaries, min(grid_grain(grid)) AS grain, max(grain_rank(grid)) AS rank,
    count(*) FILTER (WHERE grid::text::grid <> grid) AS text_differs, (array_agg(grid ORDER BY grid))[1] AS first, (array_agg(grid ORDER BY grid DESC))[1] AS last
FROM every GROUP BY cadence ORDER BY min(n);
-- in binary, too
CREATE TEMP TABLE sent AS SELECT DISTINCT grid FROM every;
CREATE TEMP TABLE received (grid grid);
\copy sent TO 'results/calendar.bin' (FORMAT binary)
\copy received FROM 'results/calendar.bin' (FORMAT binary)
SELECT count(*) AS received, count(*) FILTER (WHERE s.grid IS NULL) AS others FROM received r LEFT JOIN sent s USING (grid);
SELECT grid_send('day'), grid_send('week from sunday'), grid_send('month'), grid_send('quarter from april'), grid_send('month 5-4-4 from february, weeks from sunday');
-- order and hash go by grain, and then by the rest; all ways of comparing agree
SELECT string_agg(grid::text, ', ' ORDER BY grid) FROM unnest('{year,month,day,week,half_year from april,half_year,quarter from december,quarter,month 4-4-5}'::grid[]) grid;
SELECT count(*) AS pairs, count(*) FILTER (WHERE (a.grid = b.grid) <> (a.grid::text = b.grid::text) OR (a.grid <> b.grid) = (a.grid = b.grid)) AS equal_differs,
    count(*) FILTER (WHERE a.n < b.n AND NOT (a.grid < b.grid AND a.grid <= b.grid AND b.grid > a.grid AND b.grid >= a.grid)) AS order_differs,
    count(*) FILTER (WHERE (grid_cmp(a.grid, b.grid) = 0) <> (a.grid = b.grid) OR (grid_hash(a.grid) = grid_hash(b.grid)) <> (a.grid = b.grid)
                        OR (grid_hash_extended(a.grid, 7) = grid_hash_extended(b.grid, 7)) <> (a.grid = b.grid)) AS hash_differs
FROM every a, every b WHERE a.m IN (1, 4) AND b.m IN (1, 4, 12) AND a.w IN (1, 7) AND b.w = 7;
-- what may be left out when it is written, and what is no grid
SELECT grid FROM unnest('{week,quarter,half_year,year,year from january,month 4-4-5,month 4-5-4 from march,"year 5-4-4, weeks from sunday"}'::grid[]) WITH ORDINALITY g (grid, n) ORDER BY n;
\pset format unaligned
\pset tuples_only on
SELECT written, regexp_replace(pg_temp.try(format('SELECT %L::kra_internal.grid', written)), '\| Write day.*', '| hint')
FROM unnest(ARRAY['', ' ', 'Month', 'months', 'month ', ' month', 'hour', 'day from monday', 'month from april', 'week from', 'week from april', 'week from Monday', 'quarter from monday', 'quarter  from april',
    'quarter from april ', 'year from', 'half-year', 'month 4-4', 'month 4-4-5 ', 'month 4-4-5 weeks from sunday', 'month 4-4-5, weeks from', 'month 4-4-5 from sunday', 'day 4-4-5', 'week 4-4-5', 'month months',
    'month, weeks from sunday', 'year from april, weeks from sunday', 'month 4-4-5 from february, weeks from sunday!', repeat('x', 1000)]) written;
SELECT DISTINCT substring(pg_temp.try('SELECT ''x''::kra_internal.grid'), '\| (.*)$');
\pset tuples_only off
\pset format aligned

-- all of plain months, with what SQL says of their length and where they start
CREATE TEMP TABLE grids AS
SELECT DISTINCT grid(cadence, m, w) AS grid, cadence, step, CASE cadence WHEN 'week' THEN w - 1 ELSE 0 END AS days,
    make_interval(months => CASE cadence WHEN 'quarter' THEN m - 1 WHEN 'half_year' THEN m - 1 WHEN 'year' THEN m - 1 ELSE 0 END) AS months
FROM (VALUES ('day', interval '1 day'), ('week', '7 days'), ('month', '1 month'), ('quarter', '3 months'), ('half_year', '6 months'), ('year', '1 year')) v(cadence, step), generate_series(1, 12) m, generate_series(1, 7) w;
SELECT count(*) AS grids, count(DISTINCT grid) AS distinct_grids, string_agg(DISTINCT grid_grain(grid), ' ') AS grains, count(*) FILTER (WHERE grid_grain(grid) <> cadence) AS wrong FROM grids;
CREATE FUNCTION pg_temp.half_of(t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
    RETURN date_trunc('year', t) + CASE WHEN extract(month FROM t) > 6 THEN interval '6 months' ELSE interval '0' END;
CREATE FUNCTION pg_temp.start_of(g grids, d date) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN (CASE WHEN g.cadence = 'half_year' THEN pg_temp.half_of(d::timestamp - g.months) ELSE date_trunc(g.cadence, d::timestamp - make_interval(days => g.days) - g.months) END + make_interval(days => g.days) + g.months)::date;

-- two decades, every day: start, end, and which days start a period
CREATE TEMP TABLE days AS
SELECT g, g.grid, g.step, d, pg_temp.start_of(g, d) AS first FROM grids g, (SELECT date '1990-01-01' + i AS d FROM generate_series(0, 7304) i) s;
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

-- from the first years on to the year 20000, every 1397th day
SELECT min(d), max(d), count(*) AS days, count(*) FILTER (WHERE grid_start(grid, d) IS DISTINCT FROM first) AS starts_differ,
    count(*) FILTER (WHERE grid_end(grid, d) IS DISTINCT FROM (first + step)::date - 1) AS ends_differ,
    count(*) FILTER (WHERE is_grid_start(grid, d) IS DISTINCT FROM (d = first) OR NOT is_grid_start(grid, first)) AS is_start_differs
FROM (SELECT g.grid, g.step, d, pg_temp.start_of(g, d) AS first FROM grids g, (SELECT date '4712-01-01 BC' + i * 1397 AS d FROM generate_series(0, 6450) i) t) s;

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
SELECT grid_label(grid('day'), '2026-03-31') AS day, grid_label(grid('week'), '2026-02-15') AS week, grid_label(grid('month'), '2025-12-31') AS month, grid_label(grid('quarter'), '2025-12-31') AS quarter, grid_label(grid('half_year'), '2025-12-31') AS half_year, grid_label(grid('year'), '2025-12-31') AS year,
    grid_label(grid('quarter', 4), '2016-04-01') AS fiscal_quarter, grid_label(grid('half_year', 4), '2016-09-30') AS fiscal_half, grid_label(grid('year', 4), '2017-03-31') AS fiscal_year, grid_label(grid('quarter', 4), '2017-03-31') AS last_quarter;
-- a week is that of its fourth day
SELECT d, string_agg(grid_label(grid('week', 1, w), d), ' ' ORDER BY w) AS mondays_to_sundays FROM unnest('{2019-12-30,2020-12-31,2021-01-01,2024-12-29,2024-12-31,2026-01-01,2026-12-31}'::date[]) d, generate_series(1, 7) w GROUP BY d ORDER BY d;
SELECT string_agg(grid_label(grid('quarter', m), '2026-01-01'), ' ' ORDER BY m) AS quarters, string_agg(grid_label(grid('half_year', m), '2026-01-01'), ' ' ORDER BY m) AS half_years, string_agg(grid_label(grid('year', m), '2026-01-01'), ' ' ORDER BY m) AS years FROM generate_series(1, 12) m;
SELECT grid_label(grid('year', 7), '1999-07-01') AS "1999", grid_label(grid('year', 7), '2000-06-30') AS "2000", grid_label(grid('year', 2), '9999-02-01') AS "9999", grid_label(grid('quarter', 4), '10000-03-31') AS last_quarter, grid_label(grid('year', 2), '10000-01-31') AS last_year,
    grid_label(grid('day'), '0001-01-01') AS first_day, grid_label(grid('week', 1, 7), '0001-01-01') AS first_week, grid_label(grid('week'), '9999-12-31') AS last_week;

-- three decades, every day, every grid with every month: to_char says the same, and each label leads back
CREATE TEMP TABLE labels AS
SELECT cadence, m, w, d, grid(cadence, m, w) AS grid, grid_label(grid(cadence, m, w), d) AS label
FROM (SELECT date '1998-01-01' + i AS d FROM generate_series(0, 10956) i) s,
    (SELECT cadence, m, 1 AS w FROM unnest('{day,month,quarter,half_year,year}'::text[]) cadence, generate_series(1, 12) m WHERE m = 1 OR cadence IN ('quarter', 'half_year', 'year') UNION ALL SELECT 'week', 1, w FROM generate_series(1, 7) w) g;
SELECT cadence, count(*) AS labels, count(DISTINCT (grid, m, label)) AS periods, count(DISTINCT (grid, m, grid_start(grid, d))) AS starts,
    count(*) FILTER (WHERE label IS DISTINCT FROM CASE cadence
        WHEN 'day' THEN to_char(d, 'YYYY-MM-DD') WHEN 'week' THEN to_char(grid_start(grid, d) + 3, 'IYYY-"W"IW') WHEN 'month' THEN to_char(d, 'YYYY-MM')
        ELSE to_char(fiscal, 'YYYY') || CASE WHEN m > 1 THEN to_char(fiscal + interval '1 year', '/YY') ELSE '' END || CASE cadence WHEN 'quarter' THEN to_char(fiscal, '-"Q"Q') WHEN 'half_year' THEN '-H' || 1 + extract(month FROM fiscal)::int / 7 ELSE '' END END) AS differ,
    count(*) FILTER (WHERE grid_of_label(label, m, w) IS DISTINCT FROM (grid, grid_start(grid, d))) AS no_way_back
FROM labels, LATERAL (SELECT date_trunc('month', d::timestamp) - make_interval(months => m - 1) AS fiscal) f GROUP BY cadence ORDER BY cadence;
-- every year and week number: an error, or the label of its period
SELECT count(*) AS written, count(start) AS weeks, count(*) FILTER (WHERE grid_label(grid('week', 1, 3), start) <> label) AS others, string_agg(substr(label, 1, 4), ' ' ORDER BY label) FILTER (WHERE start IS NOT NULL AND label LIKE '%W53') AS with_53
FROM (SELECT label, substring(pg_temp.try(format('SELECT kra_internal.grid_of_label(%L, 1, 3)', label)), '^\("week from wednesday",(.*)\)$')::date AS start
    FROM (SELECT format('%s-W%s', y, lpad(n::text, 2, '0')) AS label FROM generate_series(1998, 2027) y, generate_series(0, 99) n) s) t;
SELECT grid_of_label('2026-W53'), grid_of_label('2024-02-29'), grid_of_label('2025-Q4'), grid_of_label('2016/17-Q4', 4), grid_of_label('2025-H2'), grid_of_label('2016/17-H2', 4), grid_of_label('1999/00', 10), grid_of_label('9999/00-Q4', 12), grid_of_label('0001-W01', 1, 7);

-- what is no label
\pset format unaligned
\pset tuples_only on
SELECT DISTINCT substring(pg_temp.try('SELECT kra_internal.grid_of_label(''no label'')'), '\| (.*)$');
SELECT label, m, regexp_replace(pg_temp.try(format('SELECT kra_internal.grid_of_label(%L, %s)', label, m)), '\| Write 2026.*', '| hint') FROM (VALUES
    ('2025-13', 1), ('2025-00', 1), ('2025-1', 1), ('2025-Q5', 1), ('2025-Q0', 1), ('2025-q4', 1), ('2025-Q44', 1), ('2025Q4', 1), ('2016/18', 4), ('2016/16', 4), ('2016/2017', 4), ('2016-17', 4), ('2016/17-Q5', 4), ('2016/17-04', 4), ('2016/17-W04', 4), ('2025-H0', 1), ('2025-H3', 1), ('2025-h1', 1), ('2025-H', 1), ('2025-H11', 1), ('2025/26-H1', 1), ('2025-H1', 4), ('2025-P01', 1), ('2025/26-P01', 4), ('2025/26-P1', 4), ('2016/', 4),
    ('2025/26', 1), ('2025/26-Q1', 1), ('2025', 4), ('2025-Q4', 4), ('2025-W54', 1), ('2025-W53', 1), ('2026-W00', 1), ('2026-w07', 1), ('2026-W7', 1), ('2026-W071', 1), ('2026-02-29', 1), ('2026-02-00', 1), ('2026-2-01', 1), ('2026-02-1', 1),
    ('2026-03-31 ', 1), (' 2026', 1), ('2026 ', 1), ('2026x', 1), ('2026-03-31T00:00', 1), ('0000', 1), ('0000-Q1', 1), ('0000-12-31', 1), ('10000', 1), ('+2025', 1), ('-2025', 1), ('202', 1), ('', 1), ('today', 1), ('2025-Q4' || chr(10), 1)) v(label, m);

-- other errors
SELECT query, pg_temp.try('SELECT ' || query) FROM unnest(ARRAY[
    'grid(''year'', 0)', 'grid(''year'', 13)', 'grid(''day'', -1)', 'grid(''week'', 1, 0)', 'grid(''week'', 1, 8)', 'grid(''year'', 1, 8)',
    'grid(''half_year'', 0)', 'grid(''month''::text, 1, 1, ''4-4-4'')', 'grid(''month''::text, 1, 1, '''')', 'grid(''hour''::text)', 'grid(''Month''::text)',
    'grid_start(grid(''day''), ''infinity'')', 'grid_end(grid(''month''), ''-infinity'')', 'grid_shift(grid(''year''), ''infinity'', 0)', 'grid_label(grid(''week''), ''infinity'')',
    'grid_of_label(''2026'', 0)', 'grid_of_label(''2026'', 1, 8)',
    'grid_label(grid(''day''), ''0001-12-31 BC'')', 'grid_label(grid(''year''), ''10000-01-01'')', 'grid_label(grid(''year'', 4), ''0001-03-31'')', 'grid_label(grid(''quarter'', 4), ''0001-03-31'')', 'grid_label(grid(''week''), ''10000-01-03'')', 'grid_label(grid(''month''), ''5874897-12-31'')', 'grid_label(grid(''day''), ''4714-11-24 BC'')', 'grid_label(grid(''week''), ''4714-11-24 BC'')']) query;
\pset tuples_only off
\pset format aligned

-- a CHECK constraint: never an error
SELECT count(*) AS asked, count(*) FILTER (WHERE is_grid_start(grid, d)) AS starts, count(*) FILTER (WHERE is_grid_start(grid, d) IS NULL) AS unknown FROM every, unnest('{-infinity,infinity}'::date[]) d;
-- NULL for NULL
SELECT grid(NULL::text), grid('day', NULL), grid('day', 1, 1, NULL), grid_grain(NULL), grain_rank(NULL), grid_start(NULL, '2026-01-01'), grid_start('day', now(), NULL), whole_start('year', NULL, '2026-01-01'), parts_in('year', 'week', NULL), grid_end(grid('day'), NULL), grid_shift(grid('day'), '2026-01-01', NULL), is_grid_start(grid('day'), NULL), grid_label(grid('day'), NULL), grid_of_label(NULL);

-- Retail calendars: the years of the National Retail Federation begin with the Sunday nearest to the first of February
SELECT y, grid_start(g, make_date(y, 7, 1)) AS first, grid_end(g, make_date(y, 7, 1)) AS last, parts_in(g, 'week from sunday', make_date(y, 7, 1)) AS weeks, grid_label(g, make_date(y, 7, 1)) AS label
FROM generate_series(2016, 2026) y, grid('year'::text, 2, 7, '4-5-4') g ORDER BY y;
-- a 53rd week is the last month's
SELECT calendar, string_agg(parts_in(grid('month'::text, 2, 7, calendar), 'week from sunday', at)::text, ' ' ORDER BY n) AS weeks, string_agg(grid_label(grid('month'::text, 2, 7, calendar), at), ' ' ORDER BY n) FILTER (WHERE n IN (1, 12)) AS labels
FROM unnest('{4-4-5,4-5-4,5-4-4}'::text[]) calendar, generate_series(1, 12) n, LATERAL (SELECT grid_shift(grid('month'::text, 2, 7, calendar), '2023-01-29', n - 1) AS at) a GROUP BY calendar ORDER BY calendar;
SELECT grid_label(grid(cadence, 2, 7, '4-5-4'), '2024-02-03') AS label, grid_start(grid(cadence, 2, 7, '4-5-4'), '2024-02-03'), grid_end(grid(cadence, 2, 7, '4-5-4'), '2024-02-03') FROM unnest('{day,week,month,quarter,half_year,year}'::text[]) WITH ORDINALITY c (cadence, n) ORDER BY n;
-- once more in SQL: weeks of twenty years, each in the fiscal year of its fourth day, and dealt out to months
CREATE TEMP TABLE weeks AS
SELECT m, w, calendar, year, at, n, CASE WHEN n > 52 THEN 12 ELSE (n - 1) / 13 * 3 + CASE WHEN (n - 1) % 13 < first_two[1] THEN 1 WHEN (n - 1) % 13 < first_two[2] THEN 2 ELSE 3 END END AS month
FROM (
    SELECT m, w, at, year, row_number() OVER (PARTITION BY m, w, year ORDER BY at)::int AS n
    FROM (SELECT m, w, at, extract(year FROM at + 3 - make_interval(months => m - 1))::int AS year FROM unnest('{1,2,12}'::int[]) m, generate_series(1, 7) w, LATERAL (SELECT date '2007-12-31' + w - 8 + 7 * i AS at FROM generate_series(0, 1200) i) a) s
) t, (VALUES ('4-4-5', '{4,8}'::int[]), ('4-5-4', '{4,9}'), ('5-4-4', '{5,9}')) c (calendar, first_two)
WHERE year BETWEEN 2009 AND 2029;
CREATE TEMP TABLE retail AS
SELECT grid(cadence, m, w, calendar) AS grid, cadence, min(at) AS first, max(at) + 6 AS last, count(*) AS weeks, lead(min(at)) OVER (PARTITION BY cadence, m, w, calendar ORDER BY min(at)) AS next,
    to_char(year, 'FM0000') || CASE WHEN m > 1 THEN '/' || to_char((year + 1) % 100, 'FM00') ELSE '' END || CASE cadence WHEN 'month' THEN '-P' || to_char(number, 'FM00') WHEN 'quarter' THEN '-Q' || number WHEN 'half_year' THEN '-H' || number ELSE '' END AS label,
    m, w, calendar
FROM weeks, (VALUES ('month', 1), ('quarter', 3), ('half_year', 6), ('year', 12)) g (cadence, months), LATERAL (SELECT (month - 1) / months + 1 AS number) x
GROUP BY cadence, m, w, calendar, year, number;
SELECT cadence, count(*) AS periods, min(weeks) AS min_weeks, max(weeks) AS max_weeks, count(*) FILTER (WHERE last <> next - 1) AS gaps,
    count(*) FILTER (WHERE (SELECT bool_or(grid_start(grid, d) <> first OR grid_end(grid, d) <> last OR is_grid_start(grid, d) <> (d = first) OR grid_label(grid, d) <> label) FROM unnest(ARRAY[first, first + 1, first + 17, last - 1, last]) d)) AS differ,
    count(*) FILTER (WHERE grid_shift(grid, last, 1) <> next OR grid_shift(grid, next, -1) <> first) AS shifts_differ,
    count(*) FILTER (WHERE grid_of_label(label, m, w, calendar) IS DISTINCT FROM (grid, first)) AS no_way_back
FROM retail GROUP BY cadence ORDER BY min(grain_rank(grid));
\pset format unaligned
\pset tuples_only on
SELECT label, regexp_replace(pg_temp.try(format('SELECT kra_internal.grid_of_label(%L, %s, 7, ''4-5-4'')', label, m)), '\| Write 2026.*', '| hint')
FROM (VALUES ('2025-03', 1), ('2025-P13', 1), ('2025-P00', 1), ('2025-P3', 1), ('2025-P03', 2), ('2025/26-P03', 1), ('2025/26-03', 2), ('2025/26-P03', 2), ('2025-P03', 1), ('2025/26-H2', 2), ('2025-W06', 2), ('2025-02-02', 2)) v (label, m);
\pset tuples_only off
\pset format aligned
-- at the ends of what a date can be
SELECT grid_start(grid('month'::text, 12, 7, '4-4-5'), '4713-12-31 BC'), grid_end(grid('year'::text, 2, 7, '4-4-5'), '5874897-01-20'), grid_start(grid('year'::text, 2, 7, '4-4-5'), '5874897-12-31'),
    pg_temp.try('SELECT kra_internal.grid_start(kra_internal.grid(''year''::text, 1, 7, ''4-4-5''), ''4714-11-24 BC'')') AS before, pg_temp.try('SELECT kra_internal.grid_end(kra_internal.grid(''year''::text, 2, 7, ''4-4-5''), ''5874897-12-31'')') AS after;

-- Parts and wholes: for every day of seven years, the part that holds it and the whole to which that belongs
CREATE TEMP TABLE pairs AS
SELECT DISTINCT w.grid AS whole, p.grid AS part, w.m, w.w, w.calendar FROM every w JOIN every p ON p.n <= w.n AND (p.m, p.w, p.calendar) = (w.m, w.w, w.calendar)
WHERE w.m IN (1, 2, 12) AND w.w IN (1, 4, 7) AND w.calendar IN ('months', '4-5-4');
CREATE TEMP TABLE belongs AS
SELECT whole, part, at, whole_start(whole, part, at) AS start
FROM (SELECT DISTINCT whole, part FROM pairs) p, LATERAL (SELECT DISTINCT grid_start(part, date '2021-12-20' + i) AS at FROM generate_series(0, 2557) i) a;
SELECT grid_grain(whole) AS whole, grid_grain(part) AS part, count(*) AS parts, count(DISTINCT (whole, start)) AS wholes,
    count(*) FILTER (WHERE start <> grid_start(whole, CASE WHEN grid_grain(part) = 'day' THEN at ELSE at + 3 END)) AS not_of_the_fourth_day,
    count(*) FILTER (WHERE at < first_part(whole, part, start) OR grid_end(part, at) > last_part_end(whole, part, start)) AS outside,
    count(*) FILTER (WHERE first_part(whole, part, start) <> grid_start(part, first_part(whole, part, start)) OR whole_start(whole, part, first_part(whole, part, start)) <> start) AS first_differs,
    count(*) FILTER (WHERE last_part_end(whole, part, start) + 1 <> first_part(whole, part, grid_shift(whole, start, 1))) AS no_partition
FROM belongs GROUP BY 1, 2, grain_rank(whole), grain_rank(part) ORDER BY grain_rank(whole), grain_rank(part);
-- as many as parts_in says, but where the series begins or ends
SELECT count(*) AS wholes, count(*) FILTER (WHERE n <> parts_in(whole, part, start)) AS differ, min(n) FILTER (WHERE whole = 'month' AND part = 'week from monday') AS least_weeks, max(n) FILTER (WHERE whole = 'month' AND part = 'week from monday') AS most_weeks
FROM (SELECT whole, part, start, count(*) AS n FROM belongs GROUP BY whole, part, start) s WHERE start BETWEEN '2023-01-31' AND '2027-01-01';
-- nested parts begin and end with their whole; weeks before or after it
SELECT count(*) FILTER (WHERE first_part(whole, part, start) <> start OR last_part_end(whole, part, start) <> grid_end(whole, start)) AS nested_differ
FROM belongs WHERE grid_grain(part) <> 'week' OR whole::text ~ 'weeks';
SELECT whole_start('month', 'week', '2026-11-30') AS month, whole_start('year', 'week', '2025-12-29') AS year, whole_start('year', 'week', '2026-12-28') AS same_year, first_part('month', 'week', '2026-12-15') AS first, last_part_end('month', 'week', '2026-12-15') AS last, parts_in('month', 'week', '2026-12-15') AS weeks,
    last_part_end('month', 'week', '2026-11-01') AS november_ends, first_part('year', 'week', '2026-01-01') AS year_begins, whole_start('month', 'week', '2026-12-02') AS any_day_of_it;
SELECT query, pg_temp.try('SELECT kra_internal.' || query) FROM unnest(ARRAY['whole_start(''week'', ''month'', ''2026-01-01'')', 'first_part(''day'', ''week'', ''2026-01-01'')', 'last_part_end(''half_year'', ''year'', ''2026-01-01'')', 'parts_in(''month'', ''quarter'', ''2026-01-01'')',
    'whole_start(''year'', ''week'', ''infinity'')', 'parts_in(''year'', ''week'', ''-infinity'')', 'first_part(''month'', ''week'', ''4714-11-24 BC'')', 'last_part_end(''year'', ''week'', ''5874897-12-31'')', 'whole_start(''week'', ''week from sunday'', ''4714-11-24 BC'')']) query;

-- The day of a time is that of a zone: at midnights, and where clocks change
SELECT at, zone, grid_start('day', at, zone::zone) AS day, grid_start('month', at, zone::zone) AS month, grid_start('day', at, zone::zone) = (at AT TIME ZONE zone)::date AS agrees
FROM (VALUES (timestamptz '2026-03-31 21:59:59Z', 'Europe/Berlin'), ('2026-03-31 22:00Z', 'Europe/Berlin'), ('2026-02-28 22:59:59Z', 'Europe/Berlin'), ('2026-02-28 23:00Z', 'Europe/Berlin'), ('2026-11-01 06:59:59Z', 'America/Los_Angeles'), ('2026-11-01 07:00Z', 'America/Los_Angeles'),
    ('2026-11-02 07:59:59Z', 'America/Los_Angeles'), ('2026-11-02 08:00Z', 'America/Los_Angeles'), ('2026-04-30 10:00Z', 'Pacific/Kiritimati'), ('2018-11-04 02:59:59Z', 'America/Sao_Paulo'), ('2018-11-04 03:00Z', 'America/Sao_Paulo'), ('1999-12-31 23:59:59.999999Z', 'UTC')) v (at, zone);
SELECT count(*) AS hours, count(*) FILTER (WHERE grid_start(grid, at, zone::zone) <> grid_start(grid, (at AT TIME ZONE zone)::date)) AS differ
FROM generate_series(timestamptz '2024-01-01 00:30Z', '2026-12-31', '5 hours') at, unnest('{UTC,Europe/Berlin,America/New_York,Asia/Kolkata,Pacific/Apia,Australia/Lord_Howe,America/St_Johns}'::text[]) zone, unnest('{day,week,month,year from april}'::grid[]) grid;
SELECT query, pg_temp.try('SELECT kra_internal.' || query) FROM unnest(ARRAY['grid_start(''day'', ''2026-01-01'', ''Europe/Berlin'')', 'grid_start(''day'', timestamptz ''2026-01-01 00:00Z'', ''Europe/Nowhere'')', 'grid_start(''day'', now(), '''')', 'grid_start(''day'', now(), repeat(''x'', 1000)::kra_internal.zone)',
    'grid_start(''day'', timestamptz ''infinity'', ''UTC'')', 'grid_start(''month'', timestamptz ''-infinity'', ''Europe/Berlin'')', 'grid_start(''month'', timestamptz ''4713-01-01 00:00 BC'', ''America/New_York'')', 'grid_start(''day'', timestamptz ''4714-11-24 00:00 BC'', ''America/New_York'')', 'grid_start(''year'', timestamptz ''294276-12-31 23:59Z'', ''Asia/Tokyo'')']) query;

-- the settings of a session change nothing
SET DateStyle = 'German';
SET TimeZone = 'Pacific/Kiritimati';
SELECT grid_label(grid('day'), '31.03.2026'), grid_of_label('2026-03-31'), grid_start(grid('week'), '31.03.2026');
