-- sparkline, sparkline_svg, bullet_svg, xmr_svg, data_uri: small pictures out of plain values.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
SET search_path = kra, public, kra_internal;
\pset null '(null)'
\pset format unaligned

-- Is it a whole XML document? Servers without libxml say so of whatever ends as one.
CREATE FUNCTION pg_temp.is_xml(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
    RETURN svg ~ '^<svg xmlns="http://www.w3.org/2000/svg" .*</svg>$' AND svg !~ '[\x01-\x1f]' AND svg !~ '&(?!(amp|lt|gt|quot|#39|#x[0-9a-f]+);)';
END $$;
-- The elements after the text alternative, one a line.
CREATE FUNCTION pg_temp.drawn(svg text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT e FROM string_to_table(regexp_replace(svg, '<(text|path|rect|circle) ', E'\n\\&', 'g'), E'\n') WITH ORDINALITY t(e, i) WHERE i > 1 ORDER BY i;
$$;
-- The text alternative.
CREATE FUNCTION pg_temp.says(svg text) RETURNS text LANGUAGE sql AS $$
    SELECT substring(svg FROM '<title>(.*?)</title>') || coalesce(' | ' || substring(svg FROM '</title><desc>(.*?)</desc>'), '');
$$;

-- sparkline: eight blocks, lowest to highest
SELECT sparkline('{1,2,3,4,5,6,7,8}'), sparkline('{8,7,6,5,4,3,2,1}'), sparkline('{1,5,22,13,5}'), sparkline('{-3,0,3}');
-- NULL is a gap, never a low value; the same values are flat; nothing is nothing
SELECT sparkline('{1,NULL,8}'), sparkline('{NULL,1,8,NULL}'), sparkline('{NULL,NULL}'), sparkline('{5,5,5}'), sparkline('{0}'), sparkline('{5,NULL,5}');
SELECT sparkline('{}') = '' AS empty, sparkline(NULL) IS NULL AS "null";
-- noise makes no step, whatever the numbers: the thirds of 0.3, and what differs by noise alone
SELECT sparkline(ARRAY[0.1::float8 + 0.2::float8, 0.3]), sparkline(ARRAY[0, 0.1, 0.2, 0.1::float8 + 0.2::float8, 0.4, 0.5, 0.6, 0.7, 0.8]), sparkline('{0,-0}');
-- the largest and the smallest numbers
SELECT sparkline('{-1.7e308,0,1.7e308}'), sparkline('{5e-324,0}'), sparkline('{1e15,1000000000000001}');
-- the same by an independent formula, over 5000 values
SELECT count(*) AS differ FROM (SELECT array_agg(v ORDER BY i) AS a, min(v) AS lo, max(v) AS hi FROM (SELECT i, (i::bigint * 7919 % 5003)::float8 AS v FROM generate_series(1, 5000) i) s) t,
    unnest(a) WITH ORDINALITY u(v, i) WHERE substr(sparkline(a), i::int, 1) <> chr(x'2580'::int + least(width_bucket(v, lo, hi, 8), 8));
SELECT length(sparkline(array_agg(i))) FROM generate_series(1, 10000) i;
-- lower bounds other than 1 are no matter
SELECT sparkline('[5:7]={1,2,3}');
-- refused: what is no number, two dimensions, too many
SELECT sparkline('{1,NaN}');
SELECT sparkline('{1,Infinity}');
SELECT sparkline('{-Infinity}');
SELECT sparkline('{{1,2},{3,4}}');
SELECT sparkline(array_agg(i)) FROM generate_series(1, 10001) i;

-- sparkline_svg: as it is, once in full
SELECT sparkline_svg('{3,5,4,6}', 'Demos held');
SELECT pg_temp.is_xml(sparkline_svg('{3,5,4,6}', 'Demos held')), sparkline_svg(NULL) IS NULL AS "null", length(sparkline_svg('{3,5,4,6}')) < 600 AS small;
SELECT pg_temp.drawn(sparkline_svg('{3,5,4,6}', target => '>= 8'));
SELECT pg_temp.drawn(sparkline_svg('{3,5,4,6}', target => '[4,5]'));
-- a gap breaks the line; a point between two gaps is drawn; the last known one is hollow
SELECT pg_temp.drawn(sparkline_svg('{1,2,NULL,4,NULL,6,7,NULL}', width => 72, height => 20));
-- flat in the middle; one point; none
SELECT pg_temp.drawn(sparkline_svg('{5,5}'));
SELECT pg_temp.drawn(sparkline_svg('{5}'));
SELECT pg_temp.drawn(sparkline_svg('{NULL}'));
SELECT sparkline_svg('{}') = sparkline_svg('{}', NULL, 120, 24, NULL), pg_temp.drawn(sparkline_svg('{}'));
-- noise is flat
SELECT pg_temp.drawn(sparkline_svg(ARRAY[0.1::float8 + 0.2::float8, 0.3]));
-- what it says to those who do not see it
SELECT pg_temp.says(sparkline_svg(v, l, target => t)) FROM (VALUES
    ('{3,5,4,6}'::float8[], 'Demos', '>= 8'::kpi_target), ('{3,5,4,6}', NULL, NULL), ('{3,NULL,6,NULL}', 'Demos', '<= 4'),
    ('{5}', '', '= 5'), ('{NULL,NULL}', 'Demos', '>= 8'), ('{}', NULL, NULL), ('{1234567.891,1234567.892}', 'near', '[1,2]')) x(v, l, t);
-- ten thousand points are no more than the pixels show: the first, lowest, highest and last of each
SELECT length(sparkline_svg(array_agg(sin(i / 300.0) + i % 7 * 0.1 ORDER BY i))) BETWEEN 4000 AND 20000 AS bounded FROM generate_series(1, 10000) i;
SELECT pg_temp.drawn(sparkline_svg(array_agg(CASE i WHEN 5000 THEN 9 WHEN 5001 THEN -9 ELSE 0 END ORDER BY i), width => 8, height => 20)) FROM generate_series(1, 10000) i;

-- bullet_svg: as it is, once in full
SELECT bullet_svg(93.1, '>= 95 from 88 threshold 90 stretch 98', 'Seen within 4 hours', '%');
SELECT pg_temp.is_xml(bullet_svg(93.1, '>= 95 from 88 threshold 90 stretch 98', 'Seen within 4 hours', '%')), bullet_svg(NULL, NULL) IS NOT NULL AS never_null;
-- higher is better: dark, middle, light; lower is better: light, middle, dark
SELECT pg_temp.drawn(bullet_svg(35, '>= 40', width => 118, height => 18));
SELECT pg_temp.drawn(bullet_svg(3, '<= 4 threshold 6', width => 118, height => 18));
-- a range and an exact target: on both sides
SELECT pg_temp.drawn(bullet_svg(57, '[45,55] within 10', width => 118, height => 18));
SELECT pg_temp.drawn(bullet_svg(50, '= 50 threshold 40', width => 118, height => 18));
-- beyond the scale, on either side: an arrow, and no number is lost
SELECT pg_temp.drawn(bullet_svg(70, '>= 40', 'Demos', ' a week', 118, 18));
SELECT pg_temp.drawn(bullet_svg(10, '>= 40 from 30', 'Demos', ' a week', 118, 18));
-- without data: an empty bar that says so, with and without a label; without a target; without a scale
SELECT pg_temp.drawn(bullet_svg(NULL, '>= 40', width => 118, height => 18));
SELECT pg_temp.drawn(bullet_svg(NULL, '>= 40', 'Demos', width => 118));
SELECT pg_temp.drawn(bullet_svg(35, NULL, width => 118, height => 18));
SELECT pg_temp.drawn(bullet_svg(3, '<= 0', width => 118, height => 18));
-- the scale comes from the target: the same for every actual
SELECT DISTINCT e COLLATE "C" AS element FROM unnest('{0,3,5,8,19,1000,-1000,NULL}'::float8[]) a, pg_temp.drawn(bullet_svg(a, '<= 5 from 20 threshold 8 stretch 3', width => 200, height => 40)) e WHERE e ~ '^<text.*[0-9]</text>|ededed|d6d6d6|bdbdbd' ORDER BY 1;
-- the ranges are those of status(): compared at each pixel of a wide picture
WITH target(t) AS (VALUES ('>= 40'::kpi_target), ('<= 4'), ('>= 95 from 88 threshold 90 stretch 98'), ('<= 5 from 20 threshold 8 stretch 3'), ('[45,55] within 10'), ('= 50 threshold 40'), ('>= -2'), ('[0,10] from 30 threshold 14')),
shade AS (SELECT t, m[1]::float8 AS x, m[2]::float8 AS w, m[3] AS fill FROM target, regexp_matches(bullet_svg(NULL, t, width => 1018, height => 20), '<rect x="([0-9.]+)" y="2" width="([0-9.]+)" height="16" fill="(#[a-f0-9]+)"', 'g') m),
ticks AS (SELECT t, (array_agg(m[1]::float8 ORDER BY m[1]::float8)) AS x, array_agg(m[2]::float8 ORDER BY m[1]::float8) AS v FROM target, regexp_matches(bullet_svg(NULL, t, width => 1018, height => 40), '<text x="([0-9.]+)"[^>]*>([-0-9.]+)<', 'g') m GROUP BY t)
SELECT t, count(*) AS places, count(*) FILTER (WHERE fill <> CASE status(value, t) WHEN 'off_track' THEN '#bdbdbd' WHEN 'at_risk' THEN '#d6d6d6' ELSE '#ededed' END) AS differ, count(DISTINCT fill) AS shades
FROM (SELECT t, s.fill, v[1] + (9.25 + p - k.x[1]) / (k.x[cardinality(k.x)] - k.x[1]) * (v[cardinality(v)] - v[1]) AS value
    FROM shade s JOIN ticks k USING (t), generate_series(0, 999) p WHERE 9.25 + p > s.x + 0.01 AND 9.25 + p < s.x + s.w - 0.01) q GROUP BY t ORDER BY t::text COLLATE "C";
SELECT pg_temp.says(bullet_svg(a, t, l, u)) FROM (VALUES (35::float8, '>= 40 by 2027-03-31'::kpi_target, 'Demos', NULL), (3, '<= 4', NULL, ' days'), (NULL, '<= 4', 'Days', ' days'),
    (35, NULL, 'Demos', '$'), (NULL, NULL, NULL, NULL), (39.9999, '>= 40', 'near', '%')) x(a, t, l, u);
-- the largest and the smallest numbers
SELECT a, t, pg_temp.is_xml(b), b !~* 'nan|inf"|infinity' AS finite FROM (VALUES (1e308::float8, '>= 1e308 from -1e308'::kpi_target), (-1.7e308, '<= 5'), (1.7e308, NULL), (5e-324, '>= 5e-324'), (5e-324, '<= 0'), (1e300, '[-1.7e308,1.7e308] within 1e-300'),
    (1, '= 1e15 within 1'), (0, '>= 0'), (1, '<= -1e308 stretch -1.7e308')) x(a, t), LATERAL (SELECT bullet_svg(a, t, 'x', 'y')) y(b);

-- xmr_svg: as it is, once in full
SELECT xmr_svg('{12,11,14,30,13}', 13, 8, 18, '{none,none,none,high,NULL}', '{NULL,NULL,NULL,concern,NULL}', '{Jan,Feb,Mar,Apr,May}', 'Days to answer', '<= 10');
-- each signal has its shape; each meaning its colour and filling
SELECT e FROM pg_temp.drawn(xmr_svg('{1,2,3,4,5,6}', 3.5, 0, 7, '{none,high,low,run,trend,near}')) e WHERE e ~ '<title>';
SELECT e FROM pg_temp.drawn(xmr_svg('{1,2,3}', 2, 0, 4, '{high,high,high}', '{improvement,concern,neutral}')) e WHERE e ~ '<title>|r="1';
-- a gap breaks the line, and is no signal; limits that are not there are not drawn; a constant series
SELECT pg_temp.drawn(xmr_svg('{1,NULL,3}', NULL, NULL, NULL, '{none,high,none}', width => 116, height => 40));
SELECT pg_temp.drawn(xmr_svg('{5,5,5}', 5, 5, 5, width => 200, height => 40));
SELECT pg_temp.drawn(xmr_svg('{}', NULL, NULL, NULL, '{}', '{}', '{}', width => 116, height => 40));
SELECT xmr_svg(NULL, 1, 0, 2) IS NULL AS "null";
-- limits that step: a level line a segment, the latest numbers beside it; none where they are NULL; one segment is the plain chart
SELECT pg_temp.drawn(xmr_steps_svg('{1,2,1,7,8,7}', '{1.5,1.5,1.5,7.5,7.5,7.5}', '{0,0,0,6,6,6}', '{3,3,3,9,9,9}', width => 200, height => 40));
SELECT e FROM pg_temp.drawn(xmr_steps_svg('{1,2,1,7,8,7}', '{NULL,NULL,1.5,7.5,7.5,NULL}', NULL, NULL, width => 200, height => 40)) e WHERE e ~ 'M[^"]*H|^<text';
SELECT xmr_steps_svg('{1,2}', '{1,1}', '{0,0}', '{2,2}', '{none,high}', NULL, '{a,b}', 't', '<= 2') = xmr_svg('{1,2}', 1, 0, 2, '{none,high}', NULL, '{a,b}', 't', '<= 2') AS same, xmr_steps_svg(NULL, '{1}', '{1}', '{1}') IS NULL AS "null",
    xmr_steps_svg('{1,2}', NULL, NULL, NULL) = xmr_svg('{1,2}', NULL, NULL, NULL) AS without;
SELECT pg_temp.says(xmr_steps_svg('{1,2,1,7,8,7}', '{1.5,1.5,1.5,7.5,7.5,7.5}', '{0,0,0,6,6,6}', '{3,3,3,9,9,9}', title => 'Days'));
SELECT xmr_steps_svg('{1,2}', '{1}', '{0,0}', '{2,2}');
SELECT xmr_steps_svg('{1,2}', '{1,1}', '{0,3}', '{2,2}');
SELECT xmr_steps_svg('{1,2}', '{1,NaN}', '{0,3}', '{2,2}');
-- numbers at lines that lie close together are moved apart
SELECT e FROM pg_temp.drawn(xmr_svg('{1,100}', 50, 49, 51, target => '[50.5,51.5]')) e WHERE e ~ '^<text';
SELECT pg_temp.says(x) FROM (VALUES (xmr_svg('{12,11,14,30,13}', 13, 8, 18, '{none,none,run,high,NULL}', '{NULL,NULL,improvement,concern,NULL}', NULL, 'Days', '<= 10')),
    (xmr_svg('{12,NULL,14,NULL}', 13, 8, 18, '{none,none,none,none}')), (xmr_svg('{1}', NULL, NULL, NULL)), (xmr_svg('{}', NULL, NULL, NULL, title => 'Days'))) v(x);
SELECT length(xmr_svg(array_agg(i % 100 ORDER BY i), 50, 0, 99)) < 100000 AS bounded FROM generate_series(1, 10000) i;
-- refused
SELECT xmr_svg('{1,2}', 1, 3, 2);
SELECT xmr_svg('{1,2}', 'NaN', 1, 2);
SELECT xmr_svg('{1,2}', 1, '-Infinity', 2);
SELECT xmr_svg('{1,2}', 1, 0, 2, '{high}');
SELECT xmr_svg('{1,2}', 1, 0, 2, '{high,<b>}');
SELECT xmr_svg('{1,2}', 1, 0, 2, '{high,low}', '{good,bad}');
SELECT xmr_svg('{1,2}', 1, 0, 2, labels => '{{a,b}}');
SELECT xmr_svg(array_agg(i), 1, 0, 2) FROM generate_series(1, 10001) i;

-- sizes: nothing, less, too little, too much, unknown
SELECT sparkline_svg('{1}', width => 0);
SELECT sparkline_svg('{1}', height => -24);
SELECT sparkline_svg('{1}', width => 4097);
SELECT sparkline_svg('{1}', width => NULL);
SELECT bullet_svg(1, NULL, width => 39);
SELECT bullet_svg(1, NULL, height => 2147483647);
SELECT xmr_svg('{1}', 1, 1, 1, width => -2147483648);
SELECT xmr_svg('{1}', 1, 1, 1, height => 39);
SELECT sparkline_svg('{1,NaN}');
SELECT sparkline_svg('{{1},{2}}');
SELECT bullet_svg('Infinity', '>= 1');
-- the least and the most are pictures
SELECT bool_and(pg_temp.is_xml(x)) FROM (VALUES (sparkline_svg('{1,2}', 'x', 8, 8, '>= 1')), (sparkline_svg('{1,2}', 'x', 4096, 4096, '>= 1')), (bullet_svg(1, '>= 2 from 0', 'x', 'y', 40, 12)), (bullet_svg(1, '>= 2 from 0', 'x', 'y', 4096, 4096)),
    (xmr_svg('{1,2}', 1, 0, 2, '{high,low}', NULL, '{a,b}', 'x', '>= 1', 80, 40)), (xmr_svg('{1,2}', 1, 0, 2, '{high,low}', NULL, '{a,b}', 'x', '>= 1', 4096, 4096))) v(x);

-- hostile texts, in every place that takes a text: whole XML that says what was given, and nothing that runs
CREATE TEMP TABLE hostile (n int, t text);
INSERT INTO hostile VALUES (1, '<script>alert(1)</script>'), (2, '"><img src=x onerror="alert(1)">'), (3, ']]></title></svg><script>alert(1)</script>'), (4, '--><!-- a & b &amp; &#60; &bogus;'),
    (5, E'tab\tline\nreturn\r.'), (6, E'\x01\x08\x0b\x0c\x1b\x1f\x7f'), (7, U&'\FFFE\FFFF\FFFD'), (8, repeat('W', 10000)), (9, U&'\0645\0628\064A\0639\0627\062A (2026)'),
    (10, U&'\202Eright\202C\2066to\2069left\2068'), (11, U&'\+01F680\+01F468\200D\+01F4BB'), (12, repeat(U&'e\0301', 500)), (13, ''), (14, ' '), (15, '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;'), (16, '%s%n\0'' OR 1=1;');
CREATE TEMP VIEW attack AS
SELECT n, t, kind, svg FROM hostile, LATERAL (VALUES ('sparkline', sparkline_svg('{1,2}', t)), ('bullet', bullet_svg(1, '>= 2', t, t)), ('bullet, low', bullet_svg(NULL, NULL, t, t, 120, 16)), ('xmr', xmr_svg('{1,2}', 1, 0, 1.5, '{none,high}', NULL, ARRAY[t, t], t)),
    ('xmr, low', xmr_steps_svg('{1,2}', '{1,1}', '{0,0}', '{2,1.5}', '{none,near}', '{NULL,neutral}', ARRAY[t, t], t, NULL, 100, 60))) v(kind, svg);
SELECT count(*) AS pictures, count(*) FILTER (WHERE NOT pg_temp.is_xml(svg)) AS broken, count(*) FILTER (WHERE svg ~* '<(script|img|!|\?)|<[^>]*\son') AS dangerous,
    count(*) FILTER (WHERE controls <> 0) AS controls, max(length(svg)) < 6000 AS bounded
FROM (SELECT *, (SELECT count(*) FROM regexp_matches(svg, '[\x01-\x1f\x7f]', 'g')) AS controls FROM attack) a;
-- only our own elements
SELECT DISTINCT e[1] COLLATE "C" AS element FROM attack, regexp_matches(svg, '<([a-z]+)', 'g') e ORDER BY 1;
SELECT n, left(pg_temp.says(svg), 300) FROM attack WHERE kind = 'sparkline' AND n NOT IN (8, 12) ORDER BY n;
SELECT n, length(substring(svg FROM '<title>(.*): ')) FROM attack WHERE kind = 'sparkline' AND n IN (8, 12) ORDER BY n;
-- the visible label is cut to its room, wide characters counted twice
SELECT substring(bullet_svg(1, '>= 2', l) FROM '<text[^>]*>([^<]*)</text>') FROM (VALUES ('Short'), (repeat('W', 10000)), (repeat(U&'\65E5', 40)), (U&'\0645\0628\064A\0639\0627\062A')) v(l);

-- data_uri: UTF-8 in base64, on one line
SELECT data_uri('<svg/>'), data_uri(''), data_uri(NULL);
SELECT convert_from(decode(substr(data_uri(s), 27), 'base64'), 'UTF8') = s AS same, data_uri(s) ~ '^data:image/svg\+xml;base64,[A-Za-z0-9+/]+=*$' AS plain, length(data_uri(s)) < 32766 AS fits_power_bi
FROM (VALUES (bullet_svg(1, '>= 2', U&'\+01F680 \0645\0628\064A\0639\0627\062A')), (sparkline_svg('{1,2}')), (xmr_svg((SELECT array_agg(i % 20) FROM generate_series(1, 60) i), 10, 0, 20, title => 'Days'))) v(s);

-- the settings of a session do not change a picture
CREATE TEMP TABLE before AS SELECT bullet_svg(1234.5, '>= 1500', 'x', '%') || sparkline_svg('{1.5,2.25,1000.125}') || xmr_svg('{1.5,2.25,1000.125}', 1.5, 0.25, 2) AS svg;
SET extra_float_digits = -15;
SET bytea_output = 'escape';
SET xmloption = content;
SELECT svg = bullet_svg(1234.5, '>= 1500', 'x', '%') || sparkline_svg('{1.5,2.25,1000.125}') || xmr_svg('{1.5,2.25,1000.125}', 1.5, 0.25, 2) AS same FROM before;
RESET extra_float_digits;

-- a database in another encoding: SVG as ever, in UTF-8 once it is an address; no blocks
SELECT current_database() AS here \gset
DROP DATABASE IF EXISTS kra_regression_latin1;
CREATE DATABASE kra_regression_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0;
\c kra_regression_latin1
\set VERBOSITY terse
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION kra;
SELECT kra.sparkline('{1,2}');
SELECT substring(convert_from(decode(substr(kra.data_uri(kra.sparkline_svg('{1,2}', E'Stra\u00dfe\x01')), 27), 'base64'), 'UTF8') FROM '<title>.*</title>');
SELECT convert_from(decode(substr(kra.data_uri(E'\u00e9'), 27), 'base64'), 'LATIN1') = convert_from('\xc383c2a9', 'UTF8') AS utf8;
SELECT kra.bullet_svg(1, '>= 2', repeat(E'\u00e9', 10000), E'\u00e9') ~ '^<svg [ -~\u00e9]*</svg>$' AS whole;
\c :here
DROP DATABASE kra_regression_latin1;
