-- kpi_target: its text, binary and jsonb forms, what it refuses, parts, order.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = kra, public, kra_internal;
\pset null '(null)'

-- the answer of a query, or the error that it ends in
CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    detail text;
BEGIN
    EXECUTE query INTO answer;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || SQLERRM || CASE WHEN detail <> '' THEN ' | ' || detail ELSE '' END;
END $$;

-- bytes through the receive function: a binary COPY stream of one field
CREATE TEMP TABLE received (t kra.kpi_target);
CREATE FUNCTION pg_temp.from_binary(payload bytea) RETURNS kra.kpi_target LANGUAGE plpgsql AS $$
DECLARE
    stream bytea := '\x5047434f50590aff0d0a00'::bytea || int4send(0) || int4send(0)
        || int2send(1::int2) || int4send(length(payload)) || payload || int2send((-1)::int2);
    octal text;
    result kra.kpi_target;
BEGIN
    SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO octal
    FROM (SELECT i, get_byte(stream, i) AS b FROM generate_series(0, length(stream) - 1) i) s;
    DELETE FROM received;
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
    SELECT t INTO STRICT result FROM received;
    RETURN result;
END $$;

--
-- Good literals, and the canonical form that they are printed in
--
CREATE TEMP TABLE good (id int GENERATED ALWAYS AS IDENTITY, written text);
INSERT INTO good (written) VALUES
    ('>= 95'),
    ('<= 4'),
    ('= 50'),
    ('[45,55]'),
    ('>= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31'),
    ('<= 4 from 20 threshold 8 stretch 2 within 10 since 2026-04-01 by 2027-03-31'),
    ('= 50 from 70 threshold 60 within 5 since 2026-04-01 by 2027-03-31'),
    ('[45,55] from 20 threshold 40 within 10 since 2026-04-01 by 2027-03-31'),
    ('= 50 within 5'),
    -- any order, spacing and case
    ('>= 95 by 2027-03-31 since 2026-04-01 within 20 stretch 98 threshold 90 from 88'),
    ('>=95'),
    (E'  \t>=\n95   from   88 '),
    ('  [ 45 , 55 ]  within 10 '),
    ('>= 95 FROM 88 Threshold 90 BY 2027-03-31'),
    -- numbers
    ('>= 95.0'), ('>= +95'), ('>= .5'), ('>= 5.'), ('>= 1e3'), ('>= 1E-3'), ('<= -2.50'),
    ('>= 0.1'), ('>= 0.30000000000000004'), ('>= 123456789.125'),
    ('>= 1e15'), ('>= 1e23'), ('>= 0.0001'), ('>= 0.00001'),
    ('>= 1.7976931348623157e308'), ('>= -1.7976931348623157e308'), ('>= 5e-324'),
    ('[-1.7976931348623157e308,1.7976931348623157e308]'),
    ('>= 0'), ('>= -0'), ('= -0.0'), ('[-0,0]'), ('<= -0 from -0'),
    -- where a limit is still allowed: parts equal to the target, a range of one point
    ('>= 95 from 95 threshold 95 stretch 95'),
    ('<= 95 from 95 threshold 95 stretch 95'),
    ('= 95 from 95 threshold 95'),
    ('[45,45]'),
    ('[45,55] from 45 threshold 45'), ('[45,55] from 55 threshold 55'),
    ('[45,55] from 56 threshold 44'), ('= 50 from 40 threshold 60'),
    ('>= 95 within 5e-324'),
    ('>= 95 since 2026-04-01 by 2026-04-01'),
    ('>= 95 since 2026-04-01'), ('>= 95 by 2026-04-01'),
    ('>= 95 by 2024-02-29'), ('>= 95 since 0001-01-01 by 9999-12-31'),
    -- a limit beside the target by rounding noise alone is as good as on it
    ('>= 0.3 from 0.30000000000000004 threshold 0.30000000000000004'),
    ('<= 0.30000000000000004 from 0.3 threshold 0.3'),
    ('>= 0.30000000000000004 stretch 0.3'), ('<= 0.3 stretch 0.30000000000000004'),
    -- negative numbers
    ('>= -2 from -10 threshold -5 stretch 1'), ('<= -5 from 3 threshold -4 stretch -7'),
    ('[-5,-3] from -10 threshold -6');
SELECT written, written::kpi_target FROM good ORDER BY id;

-- every form reads back as the same target
SELECT count(*) AS targets,
       count(*) FILTER (WHERE t::text::kpi_target = t AND t::text::kpi_target::text = t::text) AS by_text,
       count(*) FILTER (WHERE t::jsonb::kpi_target = t AND t::jsonb::kpi_target::text = t::text) AS by_jsonb,
       count(*) FILTER (WHERE to_jsonb(t::text)::kpi_target = t) AS by_jsonb_string,
       count(*) FILTER (WHERE pg_temp.from_binary(kpi_target_send(t)) = t) AS by_binary,
       count(*) FILTER (WHERE pg_temp.from_binary(kpi_target_send(t))::text = t::text) AS by_binary_text
FROM (SELECT written::kpi_target AS t FROM good) s;

-- the settings of a session change neither what is printed nor what is read
CREATE TEMP TABLE seen (settings text, printed text, reread bigint);
DO $$
DECLARE
    s record;
BEGIN
    FOR s IN
        SELECT * FROM (VALUES
            ('extra_float_digits', '0'), ('extra_float_digits', '-15'), ('extra_float_digits', '3'),
            ('DateStyle', 'German'), ('DateStyle', 'SQL, MDY'), ('DateStyle', 'SQL, DMY'),
            ('DateStyle', 'Postgres, MDY'), ('DateStyle', 'ISO, YMD'),
            ('TimeZone', 'Pacific/Kiritimati'), ('TimeZone', 'America/Los_Angeles'),
            ('lc_numeric', 'de_DE.UTF-8'), ('lc_numeric', 'C')) v(name, value)
    LOOP
        BEGIN
            PERFORM set_config(s.name, s.value, true);
        EXCEPTION WHEN invalid_parameter_value THEN
            NULL;               -- a locale that this machine does not have
        END;
        INSERT INTO seen
        SELECT s.name || ' ' || s.value,
               string_agg(written::kpi_target::text || (written::kpi_target::jsonb)::text, ' ' ORDER BY id),
               count(*) FILTER (WHERE written::kpi_target::text::kpi_target = written::kpi_target
                                AND written::kpi_target::jsonb::kpi_target = written::kpi_target)
        FROM good;
        PERFORM set_config('extra_float_digits', '1', true), set_config('DateStyle', 'ISO, MDY', true),
                set_config('TimeZone', 'UTC', true);
    END LOOP;
END $$;
SELECT count(*) AS settings, count(DISTINCT printed) AS printed_forms,
       bool_and(reread = (SELECT count(*) FROM good)) AS all_read_back
FROM seen;
SET extra_float_digits = -15;
SET DateStyle = 'German';
SELECT '>= 0.1 from 0.01 since 2026-04-01 by 2027-03-31'::kpi_target;
SELECT '>= 0.1 from 0.01 since 2026-04-01 by 2027-03-31'::kpi_target::jsonb;
SELECT at_least(0.30000000000000004, due => '31.12.2026');
RESET extra_float_digits;
SET DateStyle = 'ISO, MDY';

--
-- Malformed literals
--
\pset format unaligned
SELECT literal, pg_temp.try(format('SELECT %L::kra.kpi_target', literal)) AS answer
FROM (VALUES
    (1, ''), (2, '   '), (3, '95'), (4, '> 95'), (5, '< 95'), (6, '== 95'), (7, '=> 95'), (8, '> = 95'),
    (9, '>='), (10, '>= '), (11, '>= abc'), (12, '>= 95%'), (13, '>= 1,000'), (14, '>= 95 96'),
    (15, '>= 95x'), (16, '>= 95from 88'), (17, '>= 9 5'), (18, '>= --5'), (19, '>= 1e'),
    (20, '[45'), (21, '[45,'), (22, '[45,55'), (23, '[45 55]'), (24, '[45,55,65]'), (25, '[,55]'),
    (26, '[45,]'), (27, '[]'), (28, '(45,55)'), (29, '[45,55)'), (30, '[45,55]x'), (31, '[45,55]within 5'),
    (32, '>= [45,55]'),
    (33, '>= 95 until 2027-03-31'), (34, '>= 95 fromage 88'), (35, '>= 95 fro 88'), (36, '>= 95 baseline 88'),
    (37, '>= 95 from'), (38, '>= 95 from '), (39, '>= 95 from88'), (40, '>= 95 from abc'), (41, '>= 95 from threshold 90'),
    (42, '>= 95; from 88'), (43, '>= 95 from 88,'), (44, '>= 95 from 88 .'),
    (45, '>= 95 from 88 from 88'), (46, '>= 95 threshold 90 threshold 90'), (47, '>= 95 stretch 98 stretch 99'),
    (48, '>= 95 within 5 WITHIN 5'), (49, '>= 95 since 2026-04-01 since 2026-04-01'),
    (50, '>= 95 by 2026-04-01 by 2026-04-02'),
    (51, '>= 95 by'), (52, '>= 95 by tomorrow'), (53, '>= 95 by infinity'), (54, '>= 95 by 2026-02-30'),
    (55, '>= 95 by 2025-02-29'), (56, '>= 95 by 2026-13-01'), (57, '>= 95 by 2026-00-10'), (58, '>= 95 by 2026-04-00'),
    (59, '>= 95 by 2026-4-1'), (60, '>= 95 by 26-04-01'), (61, '>= 95 by 01.04.2026'), (62, '>= 95 by 04/01/2026'),
    (63, '>= 95 by 20260401'), (64, '>= 95 by 2026-04-01T00:00'), (65, '>= 95 by 2026-04-01x'),
    (66, '>= 95 since 2026-04-01 00:00'), (67, '>= 95 by 0000-01-01'), (68, '>= 95 by 10000-01-01'),
    (69, '>= 95 by -2026-04-01'), (70, '>= 95 since 2026-02-30'),
    (71, '>= 1e400'), (72, '>= 95 from -1e400'), (73, '[1e400,2]'),
    (74, '>= NaN'), (75, '>= Infinity'), (76, '<= -inf'), (77, '[NaN,5]'), (78, '[5,NaN]'), (79, '[-Infinity,5]'),
    (80, '>= 95 from nan'), (81, 'null'), (82, '{"direction": "at_least", "target": 95}')
) v(id, literal)
ORDER BY id;
\pset format aligned

--
-- Values that are refused, through all four ways in
--
CREATE TEMP TABLE refused (
    id int GENERATED ALWAYS AS IDENTITY, what text, direction text, lower float8, upper float8,
    baseline float8, threshold float8, stretch float8, scale float8, since date, due date);
INSERT INTO refused (what, direction, lower, upper, baseline, threshold, stretch, scale, since, due) VALUES
    ('NaN target', 'at_least', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('NaN target', 'at_most', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('NaN target', 'exactly', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('infinite target', 'at_least', 'Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('infinite target', 'at_most', '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('infinite target', 'exactly', 'Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('NaN lower end', 'inside', 'NaN', 55, NULL, NULL, NULL, NULL, NULL, NULL),
    ('NaN upper end', 'inside', 45, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL),
    ('infinite lower end', 'inside', '-Infinity', 55, NULL, NULL, NULL, NULL, NULL, NULL),
    ('infinite upper end', 'inside', 45, 'Infinity', NULL, NULL, NULL, NULL, NULL, NULL),
    ('NaN baseline', 'at_least', 95, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL),
    ('infinite baseline', 'at_least', 95, NULL, '-Infinity', NULL, NULL, NULL, NULL, NULL),
    ('NaN threshold', 'at_least', 95, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL),
    ('infinite threshold', 'at_least', 95, NULL, NULL, '-Infinity', NULL, NULL, NULL, NULL),
    ('NaN stretch', 'at_least', 95, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL),
    ('infinite stretch', 'at_least', 95, NULL, NULL, NULL, 'Infinity', NULL, NULL, NULL),
    ('NaN scale', 'at_least', 95, NULL, NULL, NULL, NULL, 'NaN', NULL, NULL),
    ('infinite scale', 'at_least', 95, NULL, NULL, NULL, NULL, 'Infinity', NULL, NULL),
    ('L > U', 'inside', 55, 45, NULL, NULL, NULL, NULL, NULL, NULL),
    ('L > U', 'inside', 45, 44.999999, NULL, NULL, NULL, NULL, NULL, NULL),
    ('L > U', 'inside', -3, -5, NULL, NULL, NULL, NULL, NULL, NULL),
    ('baseline above', 'at_least', 95, NULL, 95.000001, NULL, NULL, NULL, NULL, NULL),
    ('baseline above, negative', 'at_least', -5, NULL, -4, NULL, NULL, NULL, NULL, NULL),
    ('baseline above, zero', 'at_least', 0, NULL, 1e-9, NULL, NULL, NULL, NULL, NULL),
    ('baseline below', 'at_most', 4, NULL, 3.999999, NULL, NULL, NULL, NULL, NULL),
    ('baseline below, negative', 'at_most', -5, NULL, -6, NULL, NULL, NULL, NULL, NULL),
    ('baseline below, zero', 'at_most', 0, NULL, -1e-9, NULL, NULL, NULL, NULL, NULL),
    ('baseline inside', 'inside', 45, 55, 50, NULL, NULL, NULL, NULL, NULL),
    ('baseline inside', 'inside', 45, 55, 45.000001, NULL, NULL, NULL, NULL, NULL),
    ('baseline inside', 'inside', 45, 55, 54.999999, NULL, NULL, NULL, NULL, NULL),
    ('threshold better', 'at_least', 95, NULL, NULL, 95.000001, NULL, NULL, NULL, NULL),
    ('threshold better, negative', 'at_least', -5, NULL, NULL, -4, NULL, NULL, NULL, NULL),
    ('threshold better', 'at_most', 4, NULL, NULL, 3.999999, NULL, NULL, NULL, NULL),
    ('threshold better, negative', 'at_most', -5, NULL, NULL, -6, NULL, NULL, NULL, NULL),
    ('threshold inside', 'inside', 45, 55, NULL, 50, NULL, NULL, NULL, NULL),
    ('threshold inside', 'inside', 45, 55, NULL, 45.000001, NULL, NULL, NULL, NULL),
    ('stretch worse', 'at_least', 95, NULL, NULL, NULL, 94.999999, NULL, NULL, NULL),
    ('stretch worse, negative', 'at_least', -5, NULL, NULL, NULL, -6, NULL, NULL, NULL),
    ('stretch worse', 'at_most', 4, NULL, NULL, NULL, 4.000001, NULL, NULL, NULL),
    ('stretch worse, negative', 'at_most', -5, NULL, NULL, NULL, -4, NULL, NULL, NULL),
    ('stretch', 'exactly', 50, NULL, NULL, NULL, 51, NULL, NULL, NULL),
    ('stretch', 'exactly', 50, NULL, NULL, NULL, 50, NULL, NULL, NULL),
    ('stretch', 'inside', 45, 55, NULL, NULL, 50, NULL, NULL, NULL),
    ('within 0', 'at_least', 95, NULL, NULL, NULL, NULL, 0, NULL, NULL),
    ('within -0', 'at_most', 95, NULL, NULL, NULL, NULL, '-0', NULL, NULL),
    ('within below 0', 'exactly', 95, NULL, NULL, NULL, NULL, -5, NULL, NULL),
    ('within 0', 'inside', 45, 55, NULL, NULL, NULL, 0, NULL, NULL),
    ('since > by', 'at_least', 95, NULL, NULL, NULL, NULL, NULL, '2026-04-02', '2026-04-01'),
    ('since > by', 'inside', 45, 55, NULL, NULL, NULL, NULL, '2027-01-01', '2026-12-31'),
    ('infinite date', 'at_least', 95, NULL, NULL, NULL, NULL, NULL, '-infinity', NULL),
    ('infinite date', 'at_least', 95, NULL, NULL, NULL, NULL, NULL, NULL, 'infinity'),
    ('year 10000', 'at_least', 95, NULL, NULL, NULL, NULL, NULL, NULL, '10000-01-01'),
    ('before year 1', 'at_least', 95, NULL, NULL, NULL, NULL, NULL, '0001-12-31 BC', NULL);

CREATE TEMP TABLE answers AS
SELECT r.id, r.what, way.name AS way, way.place,
       CASE direction WHEN 'at_least' THEN '>= ' || lower WHEN 'at_most' THEN '<= ' || lower
            WHEN 'exactly' THEN '= ' || lower ELSE format('[%s,%s]', lower, upper) END
       || coalesce(' from ' || baseline, '') || coalesce(' threshold ' || threshold, '')
       || coalesce(' stretch ' || stretch, '') || coalesce(' within ' || scale, '')
       || coalesce(' since ' || since, '') || coalesce(' by ' || due, '') AS written,
       NULL::text AS answer
FROM refused r, (VALUES (1, 'text'), (2, 'jsonb'), (3, 'constructor'), (4, 'binary')) way(place, name);

UPDATE answers SET answer = pg_temp.try(format('SELECT %L::kra.kpi_target', written)) WHERE way = 'text';

UPDATE answers a SET answer = pg_temp.try(format('SELECT %L::jsonb::kra.kpi_target',
    jsonb_strip_nulls(jsonb_build_object(
        'direction', direction, 'target', CASE WHEN direction <> 'inside' THEN lower END,
        'lower', CASE WHEN direction = 'inside' THEN lower END, 'upper', upper, 'baseline', baseline,
        'threshold', threshold, 'stretch', stretch, 'scale', scale, 'since', since, 'due', due))))
FROM refused r WHERE a.id = r.id AND way = 'jsonb';

UPDATE answers a SET answer = pg_temp.try(format('SELECT kra.%I(%L%s, %L, %L, %L, %L, %L, %L)',
    direction, lower, CASE WHEN direction = 'inside' THEN ', ' || quote_literal(upper) ELSE '' END,
    baseline, threshold, stretch, scale, since, due))
FROM refused r WHERE a.id = r.id AND way = 'constructor';

UPDATE answers a SET answer = pg_temp.try(format('SELECT pg_temp.from_binary(%L)',
    '\x01'::bytea
    || substr(int2send(array_position(ARRAY['at_least', 'at_most', 'exactly', 'inside'], direction)::int2), 2)
    || int2send(((baseline IS NOT NULL)::int + (threshold IS NOT NULL)::int * 2 + (stretch IS NOT NULL)::int * 4
                 + (scale IS NOT NULL)::int * 8 + (since IS NOT NULL)::int * 16 + (due IS NOT NULL)::int * 32)::int2)
    || float8send(lower) || float8send(coalesce(upper, lower))
    || coalesce(float8send(baseline), '') || coalesce(float8send(threshold), '')
    || coalesce(float8send(stretch), '') || coalesce(float8send(scale), '')
    || coalesce(date_send(since), '') || coalesce(date_send(due), '')))
FROM refused r WHERE a.id = r.id AND way = 'binary';

-- four ways each, grouped by what they say
\pset format unaligned
SELECT what, written, string_agg(way, ' ' ORDER BY place) AS ways, answer
FROM answers
GROUP BY id, what, written, answer
ORDER BY id, min(place);
\pset format aligned

--
-- jsonb
--
SELECT written::kpi_target::jsonb FROM good WHERE id <= 9 ORDER BY id;
SELECT '{"target": 95, "direction": "at_least"}'::jsonb::kpi_target,
       '{"direction": "at_most", "target": 4, "baseline": null, "due": "2027-03-31"}'::jsonb::kpi_target,
       '{"direction": "inside", "lower": 45, "upper": 55, "scale": 10}'::jsonb::kpi_target,
       '">= 95 from 88"'::jsonb::kpi_target,
       NULL::jsonb::kpi_target, NULL::kpi_target::jsonb;
\pset format unaligned
SELECT doc, pg_temp.try(format('SELECT %L::jsonb::kra.kpi_target', doc)) AS answer
FROM (VALUES
    (1, 'null'), (2, '95'), (3, 'true'), (4, '[]'), (5, '[">= 95"]'), (6, '{}'), (7, '""'), (8, '"95"'),
    (9, '{"target": 95}'), (10, '{"direction": "at_least"}'), (11, '{"direction": null, "target": 95}'),
    (12, '{"direction": ">=", "target": 95}'), (13, '{"direction": "AT_LEAST", "target": 95}'),
    (14, '{"direction": 1, "target": 95}'),
    (15, '{"direction": "at_least", "target": null}'), (16, '{"direction": "at_least", "target": "95"}'),
    (17, '{"direction": "at_least", "target": [95]}'), (18, '{"direction": "at_least", "target": {"a": 1}}'),
    (19, '{"direction": "at_least", "lower": 95}'), (20, '{"direction": "at_least", "target": 95, "upper": 99}'),
    (21, '{"direction": "inside", "target": 95}'), (22, '{"direction": "inside", "lower": 45}'),
    (23, '{"direction": "inside", "lower": 45, "upper": 55, "target": 50}'),
    (24, '{"direction": "at_least", "target": 95, "from": 88}'),
    (25, '{"direction": "at_least", "target": 95, "Baseline": 88}'),
    (26, '{"direction": "at_least", "target": 95, "baseline": "88"}'),
    (27, '{"direction": "at_least", "target": 95, "scale": true}'),
    (28, '{"direction": "at_least", "target": 95, "due": 20270331}'),
    (29, '{"direction": "at_least", "target": 95, "due": "2026-02-30"}'),
    (30, '{"direction": "at_least", "target": 95, "due": "31.03.2027"}'),
    (31, '{"direction": "at_least", "target": 95, "since": ""}'),
    (32, '{"direction": "at_least", "target": 95, "since": "today"}'),
    (33, '{"direction": "at_least", "target": 95, "baseline": 88, "threshold": 96}'),
    (34, '">= 95 from 96"')
) v(id, doc)
ORDER BY id;
\pset format aligned

--
-- Constructors and accessors
--
SELECT at_least(95), at_most(4), exactly(50), inside(45, 55);
SELECT at_least(95, 88, 90, 98, 20, '2026-04-01', '2027-03-31');
SELECT at_most(4, 20, 8, 2, 10, '2026-04-01', '2027-03-31');
SELECT exactly(50, 70, 60, NULL, 5, '2026-04-01', '2027-03-31');
SELECT inside(45, 55, 20, 40, NULL, 10, '2026-04-01', '2027-03-31');
SELECT at_least(target => 95, baseline => 88, threshold => 90, stretch => 98, scale => 20,
                since => '2026-04-01', due => '2027-03-31')
       = '>= 95 from 88 threshold 90 stretch 98 within 20 since 2026-04-01 by 2027-03-31'::kpi_target AS same;
SELECT at_most(due => '2027-03-31', target => 4), exactly(50, scale => 5),
       inside(lower => 45, upper => 55, scale => 10), at_least(numeric '0.1', threshold => 0::int);
-- no target: NULL; a part that is NULL: absent; half a range: an error
SELECT at_least(NULL), at_most(NULL, 20), exactly(NULL, scale => 5), inside(NULL, NULL, due => '2027-03-31');
SELECT at_least(95, NULL, NULL, NULL, NULL, NULL, NULL), at_most(4, baseline => NULL, threshold => 8);
SELECT inside(45, NULL);
SELECT inside(NULL, 55);
SELECT at_least(NULL, 'NaN');

\pset format unaligned
SELECT t, direction(t), target(t), lower(t), upper(t), baseline(t), threshold(t), stretch(t), scale(t), since(t), due_on(t)
FROM (SELECT id, written::kpi_target AS t FROM good WHERE id <= 8) s ORDER BY id;
\pset format aligned
SELECT direction(NULL::kpi_target), target(NULL::kpi_target), lower(NULL::kpi_target), due_on(NULL::kpi_target);
-- 0 is a part that is there
SELECT baseline('>= 5 from 0'), threshold('>= 5 threshold 0'), stretch('>= -5 stretch 0'), since('>= 5 since 2000-01-01');

--
-- Binary form
--
SELECT written, kpi_target_send(written::kpi_target) FROM good WHERE id IN (1, 2, 4, 5) ORDER BY id;
SELECT kpi_target_send('>= -0') = kpi_target_send('>= 0') AS no_negative_zero;
SELECT what, pg_temp.try(format('SELECT pg_temp.from_binary(%L)', payload::bytea)) AS answer
FROM (VALUES
    (1, 'as sent', '\x010100004057c000000000004057c00000000000'),
    (2, 'version 0', '\x000100004057c000000000004057c00000000000'),
    (3, 'version 2', '\x020100004057c000000000004057c00000000000'),
    (4, 'direction 0', '\x010000004057c000000000004057c00000000000'),
    (5, 'direction 5', '\x010500004057c000000000004057c00000000000'),
    (6, 'unknown part', '\x010100404057c000000000004057c00000000000'),
    (7, 'two ends for ">="', '\x010100004057c000000000004058c00000000000'),
    (8, '-0 as target', '\x0101000080000000000000008000000000000000')
) v(id, what, payload)
ORDER BY id;
-- a message that is cut short, at every byte: an error each time
SELECT count(*) AS lengths, count(*) FILTER (WHERE pg_temp.try(format('SELECT pg_temp.from_binary(%L)',
           substr(whole, 1, n))) ~ '^(08P01|22P03) ') AS refused
FROM (SELECT kpi_target_send('>= 95 from 88 by 2027-03-31')) s(whole),
     generate_series(0, length(whole) - 1) n;
SELECT pg_temp.try(format('SELECT pg_temp.from_binary(%L)', kpi_target_send('>= 95') || '\x00'::bytea)) ~ '^22P03 '
       AS byte_too_many_refused;

--
-- Comparison, order, indexes
--
CREATE TEMP TABLE targets AS SELECT id, written::kpi_target AS t FROM good;
INSERT INTO targets (id, t) VALUES (101, NULL);
SELECT t FROM targets WHERE id <= 9 OR id IN (32, 33, 34) OR t IS NULL ORDER BY t, id;
SELECT t FROM targets WHERE id <= 4 ORDER BY t DESC;

SELECT a, b, a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, kpi_target_cmp(a, b) AS cmp
FROM (VALUES
    ('>= 95', '>= 95'), ('>= -0', '>= 0'), ('>= 0', '>= -0'), ('>= 95.0', '>= 9.5e1'), ('>= 94', '>= 95'), ('>= 96', '>= 95'),
    ('>= 95', '<= 95'), ('= 95', '[95,95]'), ('[45,55]', '[45,56]'), ('[44,55]', '[45,55]'),
    ('>= 95', '>= 95 from 88'), ('>= 95 from 87', '>= 95 from 88'), ('>= 95 from 95', '>= 95'),
    ('>= 95 threshold 0', '>= 95'), ('>= 95 threshold 90', '>= 95 threshold 91'), ('>= 95 stretch 98', '>= 95 stretch 99'),
    ('>= 95 within 5', '>= 95 within 6'), ('>= 95 since 2026-04-01', '>= 95 since 2026-04-02'),
    ('>= 95 by 2026-04-01', '>= 95 by 2026-04-02'), ('>= 95 by 2026-04-02', '>= 95 since 2026-04-02'),
    ('>= 0.3', '>= 0.30000000000000004')
) v(x, y), LATERAL (SELECT x::kpi_target AS a, y::kpi_target AS b) s;

-- a total order over all pairs and triples, and a hash that agrees with equality
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE sign(kpi_target_cmp(a.t, b.t)) <> -sign(kpi_target_cmp(b.t, a.t))) AS not_antisymmetric,
       count(*) FILTER (WHERE (a.t = b.t) <> (kpi_target_cmp(a.t, b.t) = 0) OR (a.t = b.t) = (a.t <> b.t)
                        OR (a.t < b.t) <> (kpi_target_cmp(a.t, b.t) < 0) OR (a.t <= b.t) = (a.t > b.t)
                        OR (a.t >= b.t) = (a.t < b.t)) AS operators_disagree,
       count(*) FILTER (WHERE (a.t = b.t) <> (a.t::text = b.t::text)) AS text_disagrees,
       count(*) FILTER (WHERE a.t = b.t AND (kpi_target_hash(a.t) <> kpi_target_hash(b.t)
                        OR kpi_target_hash_extended(a.t, 7) <> kpi_target_hash_extended(b.t, 7))) AS hash_disagrees,
       count(*) FILTER (WHERE a.t <> b.t AND kpi_target_hash_extended(a.t, 0) = kpi_target_hash_extended(b.t, 0)) AS collisions
FROM targets a, targets b WHERE a.t IS NOT NULL AND b.t IS NOT NULL;
SELECT count(*) AS not_transitive
FROM targets a, targets b, targets c WHERE a.t <= b.t AND b.t <= c.t AND NOT a.t <= c.t;
SELECT kpi_target_hash_extended('>= 95', 0) <> kpi_target_hash_extended('>= 95', 1) AS seed_counts,
       kpi_target_hash('>= 95') = (kpi_target_hash_extended('>= 95', 0) & 4294967295)::bit(32)::int AS low_half_agrees;

SELECT amname, opcname, amvalidate(c.oid)
FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod
WHERE opcintype = 'kra.kpi_target'::regtype ORDER BY amname;

-- -0 and 0 are one group
SELECT DISTINCT t FROM (VALUES (at_least('-0')), (at_least(0)), ('>= -0'), ('>= 0')) v(t);
SELECT t, count(*) FROM (VALUES (exactly('-0')), (exactly(0)), ('= 1')) v(t) GROUP BY t ORDER BY t;

CREATE TEMP TABLE many AS
SELECT i, CASE i % 3 WHEN 0 THEN at_least(i % 500) WHEN 1 THEN at_most(i % 500) ELSE inside(i % 500, 1000) END AS t
FROM generate_series(1, 3000) i;
CREATE INDEX many_btree ON many (t);
CREATE INDEX many_hash ON many USING hash (t);
ANALYZE many;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT i FROM many WHERE t < '>= 3' ORDER BY t;
SELECT t, count(*) FROM many WHERE t < '>= 3' GROUP BY t ORDER BY t;
SELECT count(*) FROM many WHERE t = '<= 7';
DROP INDEX many_btree;
EXPLAIN (COSTS OFF) SELECT i FROM many WHERE t = '<= 7';
SELECT count(*) FROM many WHERE t = '<= 7';
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT count(*) FROM many WHERE i % 3 = 1 AND i % 500 = 7;

SET enable_nestloop = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many a JOIN many b ON a.t = b.t;
SELECT count(*) FROM many a JOIN many b ON a.t = b.t;
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT count(*) FROM many a JOIN many b ON a.t = b.t;
RESET enable_hashjoin;
RESET enable_nestloop;

SET enable_sort = off;
SELECT count(*) AS groups, sum(n) AS rows FROM (SELECT t, count(*) AS n FROM many GROUP BY t) s;
SET enable_sort = on;
SET enable_hashagg = off;
SELECT count(*) AS groups, sum(n) AS rows FROM (SELECT t, count(*) AS n FROM many GROUP BY t) s;
RESET enable_sort;
RESET enable_hashagg;

CREATE TEMP TABLE one_each (t kra.kpi_target PRIMARY KEY);
INSERT INTO one_each VALUES ('>= 0');
INSERT INTO one_each VALUES ('>= -0') ON CONFLICT DO NOTHING;
INSERT INTO one_each VALUES ('>= 0 from 0');
SELECT t FROM one_each ORDER BY t;
SELECT typlen, typbyval, typalign FROM pg_type WHERE oid = 'kra.kpi_target'::regtype;
