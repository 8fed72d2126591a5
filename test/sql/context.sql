-- context, change_text: a number with its context, for people.
\set VERBOSITY terse
SET timezone = 'UTC';
SET search_path = kra, public, kra_internal;
\pset null '(null)'
\pset format unaligned

SELECT context(35, '>= 40', 30, '%', 'last month');
SELECT context(actual => 35, target => '>= 40', previous => 30, unit => '%', previous_label => 'last month', show_change => true);

-- direction of the change; nothing is left unsaid that is there, nothing made up
SELECT context(35, '>= 40', 40, '%', 'last month') AS down, context(35, '>= 40', 35, '%', 'last month') AS unchanged,
       context(35, '>= 40', 30, '%') AS no_label, context(35, '>= 40', unit => '%') AS no_previous, context(35, '>= 40') AS bare;
SELECT context(NULL, '>= 40', 30, '%', 'last month') AS no_data, context(NULL, '>= 40') AS no_data_ever,
       context(35, NULL, 30, '%', 'last month') AS no_target, context(NULL, NULL) AS nothing, context(NULL, NULL, NULL, NULL, NULL, NULL) AS nulls,
       context(35, '>= 40', NULL, '%', 'last month') AS label_alone, context(35, '>= 40', 30, '', '') AS empty_texts;
SELECT context(0, '<= 4', 2) AS zero_is_a_number, context('-0', '>= 0', 0) AS no_minus_zero;

-- each kind of target
SELECT context(3, '<= 4', 5, ' days', 'last week') AS at_most, context(48, '= 50') AS exactly,
       context(57, '[45,55]', 60, '%') AS inside, context(5, '[5,5]') AS one_point,
       context(35, '>= 40 from 30 threshold 38 stretch 45 within 10 by 2027-03-31', 30, '%') AS parts_left_out;

-- units, before or after the number
SELECT unit, context(1234.5, '>= 2000', 1000, unit, 'in May', true)
FROM (VALUES (1, '%'), (2, ' %'), (3, '$'), (4, '€'), (5, '£'), (6, 'CHF '), (7, ' CHF'), (8, 'days'), (9, ' days'), (10, 'x'),
             (11, ' kg'), (12, '°C'), (13, '‰'), (14, 'US$'), (15, NULL)) v(id, unit) ORDER BY id;
SELECT unit, context(-5.5, '>= -2', 3, unit, NULL, true)
FROM (VALUES (1, '%'), (2, '$'), (3, 'CHF '), (4, ' days'), (5, 'days'), (6, 'x'), (7, NULL)) v(id, unit) ORDER BY id;
SELECT context(12.5, '>= 12.75', 12, '$') AS cents, context(12, '>= 13', 11, '$') AS whole,
       context(0.005, '<= 0.004', 0.003, '$') AS under_a_cent, context(12.34, '>= 12.3', 12.4, ' days') AS no_cents;

-- size: thousands, decimals, very large and very small
SELECT n::float8, context(n, NULL), context(-n, NULL, unit => '$') AS negative
FROM (VALUES (0), (1), (12), (999), (1000), (9999.99), (12345.678), (999999.999), (1234567.5), (1e12), (123456789012345), (1e15), (1e300),
             (0.5), (0.123456), (0.0456789), (0.000123456), (1e-9), (1e-12), (2.5), (2.345), (99.994), (99.996)) v(n);

-- rounding never makes a miss look like a hit
SELECT context(94.996, '>= 95', NULL, '%') AS miss, context(94.9999999, '>= 95', NULL, '%') AS near, context(95.004, '>= 95', NULL, '%') AS hit,
       context(4.001, '<= 4') AS miss_below, context(3.9996, '<= 4') AS hit_below, context(0.9996, '>= 1.0004') AS around_1,
       context(999.999, '>= 1000') AS thousands;
SELECT context(44.999, '[45,55]') AS below, context(55.001, '[45,55]') AS above, context(50.001, '= 50') AS beside, context(1e-7, '<= 0') AS above_0;
-- and where only rounding noise lies between, none is shown
SELECT context(0.1::float8 + 0.2::float8, '<= 0.3'), context(0.3, '>= 0.30000000000000004'),
       context(0.1::float8 + 0.2::float8, '<= 0.5', 0.3) AS unchanged;
-- over many misses: the two numbers never read the same
SELECT count(*) AS misses, count(*) FILTER (WHERE split_part(c, ' vs. target of ', 1) = split_part(c, ' vs. target of ', 2)) AS look_like_hits,
       count(*) FILTER (WHERE replace(split_part(c, ' vs. target of ', 1), ',', '')::numeric
                              >= replace(split_part(c, ' vs. target of ', 2), ',', '')::numeric) AS read_as_hits
FROM unnest('{0.001,0.0996,0.5,0.996,1,1.004,9.995,40,99.99,1000,123456.78}'::float8[]) t,
     unnest('{1e-10,1e-8,1e-6,0.0001,0.0004,0.0006,0.004,0.006,0.1}'::float8[]) off,
     LATERAL context(t * (1 - off), at_least(t)) c;

-- change: points for percentages, percent for the rest, units from 0
SELECT context(35, '>= 40', 30, '%', 'last month', true) AS points, context(120, '>= 100', 100, '$', NULL, true) AS percent,
       context(5, '>= 4', 0, ' days', NULL, true) AS from_0, context(0, '<= 4', 5, NULL, NULL, true) AS to_0,
       context(30, '>= 40', 30, '%', NULL, true) AS none;
SELECT change_text(35, 30, '%') AS up, change_text(30, 35, '%') AS down, change_text(35, 30, ' %') AS spaced, change_text(-2, 3, '%') AS across_0,
       change_text(35.25, 35, '%') AS part;
SELECT change_text(112, 100) AS up, change_text(88, 100, '$') AS down, change_text(300, 100, ' days') AS threefold, change_text(1, 3) AS third,
       change_text(-5, -10) AS up_negative, change_text(-15, -10) AS down_negative, change_text(5, -10) AS across_0;
SELECT change_text(5, 0) AS from_0, change_text(5, 0, '$') AS from_0_unit, change_text(-5, 0, ' days') AS down_from_0, change_text(0, 5) AS to_0,
       change_text(0, 0) AS "0", change_text(7, 7, '%') AS equal, change_text(0.1::float8 + 0.2::float8, 0.3) AS noise,
       change_text(100.001, 100) AS small;
SELECT change_text(NULL, 30), change_text(35, NULL), change_text(NULL, NULL, '%'), change_text(35, 30, NULL);

-- what is not a number is refused, and named
SELECT context('NaN', '>= 40');
SELECT context('Infinity', NULL);
SELECT context(35, '>= 40', 'NaN', '%');
SELECT context(NULL, '>= 40', '-Infinity');
SELECT change_text('NaN', 30);
SELECT change_text(35, 'Infinity');

-- the settings of a session do not change it
SET extra_float_digits = -15;
SELECT context(12345.675, '>= 0.1', 0.30000000000000004, '$', 'in May', true);
RESET extra_float_digits;

-- Two numbers that differ never look the same; two that are the same but for noise do.
SELECT kra.context(30.001, '>= 40', 30, '%'), kra.context(1.005, '>= 1.0050000000000001'), kra.context(0.1 + 0.2, '<= 0.3', 0.30000000000000004);
SELECT kra_internal.change_text(1e308, -1e308, '%');

-- No text says more than the number: never 0, 90, 100 or -100 % when it is not; noise is no difference.
SELECT share, kra.percent_text(share), kra.percent_text(share, 0) AS whole
FROM unnest('{0,0.00004,-0.00004,1e-11,1e-13,0.004,0.123456,0.8996,0.89999,0.9,0.90000000000001,0.994,0.996,0.9996,0.99999,0.9999999999999,1,1.0000000000001,1.004,1.2,-0.996,-0.9999,-1,-1.00004,1e14,-1e308}'::float8[]) share;
SELECT kra.percent_text(NULL), kra.percent_text(0.5, NULL);
SELECT kra.percent_text('NaN');
SELECT kra.percent_text(1, -1);
SELECT kra.percent_text(1, 11);
SELECT kra_internal.change_text(60, 1000000), kra_internal.change_text(1, 1000000000), kra_internal.change_text(0, 1000000), kra_internal.change_text(1000001, 1000000), kra_internal.change_text(199999.99, 100000);
SELECT kra.context(60, '>= 100', 1000000, '$', 'last year', true);
SELECT kra.value_text(99.996, '%'), kra.value_text(99.996, '%', '>= 100'), kra.value_text(100, '%', '>= 100'), kra.value_text(100 - 1e-11, '%', '>= 100'),
       kra.value_text(55.001, NULL, '[45,55]'), kra.value_text(44.9999, NULL, '[45,55]'), kra.value_text(NULL, '%', '>= 100'), kra.value_text(4.0004, ' days', '<= 4');
