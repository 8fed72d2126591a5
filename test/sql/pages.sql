-- pages: html and markdown, file names and links, report, dashboard, report_markdown.
\set VERBOSITY terse
SET timezone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
SET jit = off;
DROP EXTENSION kra CASCADE;   -- with what other tests have entered
CREATE EXTENSION kra;
\pset null '(null)'

-- What a page says: without its style, a picture by its title, a line for a paragraph or a row.
CREATE FUNCTION pg_temp.said(page text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT btrim(regexp_replace(line, '\s+', ' ', 'g'))
    FROM regexp_replace(page, '<style>.*</style>', '') a(t), regexp_replace(a.t, '<svg[^>]*?><title>(.*?)</title>.*?</svg>', ' [\1] ', 'g') b(t),
        regexp_replace(b.t, '</t[hd]><t[hd][^>]*>', ' | ', 'g') c(t), regexp_replace(c.t, '<br>', ', ', 'g') d(t), regexp_replace(d.t, '</?(bdi|b|span|a|strong|th|td)( [^>]*)?>', '', 'g') e(t),
        regexp_split_to_table(e.t, '<[^>]*>|\n') line
    WHERE line ~ '\S' $$;
CREATE ROLE kra_test_pat LOGIN;
CREATE ROLE kra_test_lee LOGIN;
CREATE ROLE kra_test_author;
SELECT kra.grant_reader('kra_test_pat'), kra.grant_reader('kra_test_lee'), kra.grant_author('kra_test_author');

-- html: text is escaped, for elements and for attributes in double quotes
SELECT kra_internal.html('<a title="%s">%s</a>', '"><img src=x onerror=alert(1)>', '<script>alert(''1'')</script> & &amp;');
SELECT kra_internal.html('%h|%s|%%|%s', '<b>%s</b>', NULL, '100%'), kra_internal.html('<br>%%'), kra_internal.html(NULL) IS NULL AS "null", kra_internal.html(NULL, 'a') IS NULL AS null_too, kra_internal.html('') = '' AS empty;
SELECT kra_internal.html('%s-%s', VARIADIC ARRAY['a', 'b']), kra_internal.html('x', VARIADIC '{}'), kra_internal.html('x', VARIADIC NULL);
-- what HTML forbids, line ends, controls of direction; what is left alone
SELECT n, kra_internal.html('%s', t) = v AS right FROM (VALUES
    (1, E'a\x01\x08\x0b\x0c\x1f\x7fz', U&'a\FFFD\FFFD\FFFD\FFFD\FFFD\FFFDz'), (2, U&'\0080\0085\009F\00A0', U&'\FFFD\FFFD\FFFD\00A0'),
    (3, U&'\FDD0\FDEF\FDCF\FDF0\FFFE\FFFF\FFFD', U&'\FFFD\FFFD\FDCF\FDF0\FFFD\FFFD\FFFD'), (4, U&'\+01FFFE\+10FFFF\+01FFFD', U&'\FFFD\FFFD\+01FFFD'),
    (5, E'a\tb\nc\r\nd\re', E'a\tb\nc\nd\ne'), (6, U&'\202Aa\202B\202C\202D\202Eb\2066\2067\2068\2069c', 'abc'), (7, U&'\200E\200F\200B\0645', U&'\200E\200F\200B\0645'), (8, repeat('<', 100000), repeat('&lt;', 100000))) x(n, t, v) ORDER BY n;
SELECT kra_internal.html('%s');
SELECT kra_internal.html('%s %s', 'a');
SELECT kra_internal.html('%s', 'a', 'b');
SELECT kra_internal.html('none', 'a');
SELECT kra_internal.html('%d', 'a');
SELECT kra_internal.html(U&'%\00E9', 'a');
SELECT kra_internal.html('50%', 'a');

-- markdown: one line that shows as it is; no link, mention, emphasis or markup
\pset format unaligned
SELECT kra_internal.markdown('**%s** %h %%', E'  *a* _b_ `c`\t[d](http://e.example)\n<f> | ~g~ \\ ', '**h**'), kra_internal.markdown('a%%'), kra_internal.markdown(NULL) IS NULL AS "null";
SELECT n, kra_internal.markdown('%s', t) = v AS right, kra_internal.markdown('%s', t) FROM (VALUES
    (1, '@here #12 &amp;', U&'\\@\200Bhere \\#\200B12 \\&amp;'), (2, 'see http://a.example, www.b.example', U&'see http\\:\200B//a\\.\200Bexample, www\\.\200Bb\\.\200Bexample'),
    (3, '$80 at 3.5%, 1.000; e.g. 10:30', U&'$80 at 3.5%, 1.000; e\\.\200Bg. 10:30'), (4, '$x$', '\$x\$'), (5, '   ', '')) x(n, t, v) ORDER BY n;
\pset format aligned
SELECT kra_internal.markdown('%s');

-- files: plain keys as they are; others unlike any plain one, and unlike each other
SELECT key, kra.report_file(key) FROM (VALUES ('sam'), ('a.b-c_9'), ('Sam'), ('SAM'), ('a/b'), ('a b'), ('a  b'), ('../etc/passwd'), ('.'), ('-x'), ('x.'), ('con'), ('com1.x'), ('%s'), ('sam~1'), (U&'\0645\0628'), (repeat('x', 64)), (repeat('x', 65))) v(key);
SELECT count(*), count(DISTINCT lower(kra.report_file(k))) AS files, bool_and(kra.report_file(k) ~ '^[a-z0-9~][a-z0-9~._-]*$' AND length(kra.report_file(k)) <= 64) AS safe
FROM (SELECT chr(i) || chr(j) AS k FROM generate_series(32, 126) i, generate_series(32, 400, 3) j) x;
SELECT kra.report_file(NULL) AS "null", kra_internal.percent_encoded(U&'a b/%~\00E9') AS encoded;
-- links
SELECT kra_internal.name_html('<b>', 'a b', link) FROM (VALUES ('report-%s.html'), ('#%s'), ('/rpc/report?subject=%k'), ('https://kra.example/%s'), (NULL)) v(link);
SELECT kra_internal.checked_link('index.html');
SELECT kra_internal.checked_link('javascript:alert(1)//%s');
SELECT kra_internal.checked_link('java script:%s');
SELECT kra_internal.checked_link(E'java\tscript:%s');
SELECT kra_internal.checked_link('data:text/html,%s');
SELECT kra_internal.checked_link('%s-%d');
SELECT kra_internal.checked_link('%s%');

-- Words.
SELECT kra_internal.trend_words('rising', 'worsening', 1.5, ' days', 'month'), kra_internal.trend_words('falling', 'improving', -0.25, '%', 'week'), kra_internal.trend_words('no_trend', 'neutral', 1, NULL, 'month'), kra_internal.trend_words(NULL, NULL, NULL, NULL, 'month');
SELECT s AS without_words FROM unnest(enum_range(NULL::kra.kpi_signal)) s WHERE kra_internal.signal_text(s::text) IS NULL;
SELECT kra_internal.path_above('A / B / C', 'C'), kra_internal.path_above('A / B', 'A / B'), kra_internal.path_above('C', 'C'), kra_internal.path_above(NULL, 'C');

-- Nothing there at all: a page all the same.
SET ROLE kra_test_pat;
SELECT pg_temp.said(kra.dashboard(as_of => '2026-01-10'));
RESET ROLE;
SELECT count(*) FROM kra.define('{"subjects": [{"key": "new", "name": "New one", "kind": "person"}]}');
SELECT pg_temp.said(kra.report('new', as_of => '2026-01-10'));
SELECT kra.report_markdown('new', as_of => '2026-01-10');

-- A small company.
SELECT count(*) > 10 AS defined FROM kra.define('{
  "effective_from": "2024-12-01",
  "settings": {"history_periods": 12},
  "objectives": [{"key": "grow", "name": "Grow <fast>", "subject": "pat", "starts_on": "2025-01-01", "due_on": "2026-06-30",
                  "milestones": [{"key": "a", "name": "First", "due_on": "2025-06-30", "completed_on": "2025-06-01"}, {"key": "b", "name": "Second", "owner": "pat", "due_on": "2025-12-31"}]}],
  "roles": [{"key": "seller", "name": "Seller & more", "level": "II", "purpose": "Sells what people need.", "kras": [
      {"name": "Revenue", "perspective": "financial", "kpis": [
         {"key": "revenue", "name": "Revenue closed", "kind": "outcome", "unit": "$", "weight": 3, "target": ">= 100 from 50", "objective": "grow"},
         {"key": "margin", "name": "Margin", "kind": "outcome", "unit": "%", "over_time": "last", "over_subjects": "mean", "weight": 1, "target": ">= 30 threshold 25"}]},
      {"name": "Calls", "perspective": "process", "kpis": [{"key": "calls", "name": "Calls <b>made</b>", "kind": "activity", "timing": "leading", "weight": 1, "target": ">= 10"}]}]},
    {"key": "plan", "name": "Planner", "kras": [{"name": "Plan", "kpis": [{"key": "plan", "name": "Plan kept", "kind": "outcome", "cadence": "quarter", "target": ">= 1"}]}]}],
  "subjects": [{"key": "co", "name": "Company", "kind": "company"},
    {"key": "team", "name": "Team", "kind": "team", "parent": "co"},
    {"key": "pat", "name": "Pat", "kind": "person", "parent": "team", "role": "seller", "login": "kra_test_pat"},
    {"key": "lee", "name": "Lee \"L\" Ng", "kind": "person", "parent": "team", "role": "seller", "login": "kra_test_lee"},
    {"key": "kim", "name": "Kim", "kind": "person", "parent": "co", "role": "plan"},
    {"key": "odd/one", "name": "<i>Odd</i>", "kind": "vendor", "parent": "co", "role": "seller"}]
}');
INSERT INTO kra.rule_settings (rule, is_enabled) SELECT rule, false FROM kra_internal.built_in_rules() WHERE rule NOT IN ('no_owner', 'consistently_missed', 'busy_not_moving', 'action_overdue', 'role_without_purpose');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
SELECT k.id, s.id, m::date, kra.actual_agg(CASE k.key WHEN 'revenue' THEN CASE s.key WHEN 'pat' THEN 60 + 2 * n ELSE 110 END WHEN 'margin' THEN 28 ELSE 12 END, m::date)
FROM kra.kpis k, kra.subjects s, generate_series(0, 11) n, LATERAL (SELECT date '2025-01-01' + n * interval '1 month' AS m) t
WHERE k.key IN ('revenue', 'margin', 'calls') AND s.key IN ('pat', 'lee') AND NOT (k.key = 'margin' AND s.key = 'pat' AND n > 8)
GROUP BY k.id, k.key, s.id, s.key, m, n ORDER BY s.id, k.id, m;
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, '2025-10-01', kra.actual_agg(1, date '2025-12-30') FROM kra.kpis k, kra.subjects s WHERE k.key = 'plan' AND s.key = 'kim' GROUP BY 1, 2;
INSERT INTO kra.check_ins (subject_id, kpi_id, checked_at, comment) SELECT s.id, k.id, '2025-12-09 10:00+00', E'Slow <month>.\nBetter in January.' FROM kra.subjects s, kra.kpis k WHERE s.key = 'pat' AND k.key = 'revenue';
INSERT INTO kra.check_ins (subject_id, checked_at, comment) SELECT s.id, v.at, 'outside' FROM kra.subjects s, (VALUES (timestamptz '2025-11-30 23:59+00'), ('2026-01-01 00:00+00')) v(at) WHERE s.key = 'pat';
INSERT INTO kra.actions (subject_id, kpi_id, description, owner_id, due_on, created_at, done_on, outcome)
SELECT s.id, k.id, v.description, s.id, v.due_on, '2025-11-05 00:00+00', v.done_on, v.outcome
FROM kra.subjects s, kra.kpis k, (VALUES ('Call the ten largest', date '2025-12-20', NULL::date, NULL), ('Set prices', '2026-02-01', NULL, NULL), ('Done in time', '2025-12-31', '2025-12-15', 'Two came back.'), ('Done before', '2025-11-20', '2025-11-18', NULL)) v(description, due_on, done_on, outcome)
WHERE s.key = 'pat' AND k.key = 'revenue';
SET client_min_messages = error;
SELECT kra.close_review('pat', '2025-12', E'Not there yet,\nbut <on the way>.') IS NOT NULL AS closed;
SET client_min_messages = warning;
UPDATE kra.reviews SET closed_by = 'chair', closed_at = '2026-01-05 12:00+00';
UPDATE kra.check_ins SET checked_by = 'pat';
UPDATE kra.measurements SET actual = (SELECT kra.actual_agg(90, date '2025-12-15'))
WHERE kpi_id = (SELECT id FROM kra.kpis WHERE key = 'revenue') AND subject_id = (SELECT id FROM kra.subjects WHERE key = 'pat') AND period_start = '2025-12-01';
INSERT INTO kra.waivers (rule, about, subject_id, reason, author, ends_on)
SELECT f.rule_id, f.about_kind || ':' || f.about_key, s.id, 'Known <and> planned.', 'chair', '2026-06-30'
FROM kra.findings(as_of => '2026-01-10') f JOIN kra.subjects s ON s.key = f.subject_key WHERE f.rule_id = 'consistently_missed' AND f.subject_key = 'pat' ORDER BY f.about_key LIMIT 1;

-- the whole report
SELECT pg_temp.said(kra.report('pat', as_of => '2026-01-10'));
-- the review is of later days
SELECT count(*) FILTER (WHERE l = 'Review') AS before, (SELECT count(*) FROM pg_temp.said(kra.report('pat', '2025-12', '2026-01-05')) l WHERE l ~ '^Closed on') AS on_that_day FROM pg_temp.said(kra.report('pat', '2025-12', '2026-01-04')) l;
-- a group: the card of its members, who are listed and linked
SELECT l FROM pg_temp.said(kra.report('team', '2025-12', '2026-01-10')) l WHERE l ~ '^(Team|Has no|103|\[|Revenue closed|out of)|\||members';
SELECT m[1] AS link FROM regexp_matches(kra.report('co', '2025-Q4', '2026-01-10', '#%s'), '<a href="([^"]*)"><bdi>', 'g') m;
-- no data, no card, not begun
SELECT l FROM pg_temp.said(kra.report('odd/one', '2025-12', '2026-01-10')) l WHERE l ~ 'core|no data' LIMIT 6;
SELECT x.subject, x.period, l FROM (VALUES ('new', '2025-12'), ('team', '2025-12'), ('kim', '2025-12'), ('pat', '2030-01'), ('pat', '2020-01')) x(subject, period), pg_temp.said(kra.report(x.subject, x.period, '2026-01-10')) l
WHERE l ~ 'role|begun|measured|scorecard|on target:' ORDER BY 1, 2, 3;
-- the latest complete period; of a coarser grain where there is no card in it; the running one while there is no other
SELECT s.key, d.as_of, p.period_label FROM kra.subjects s, (VALUES (date '2026-01-10'), ('2025-12-31'), ('2025-12-30'), ('2025-01-15')) d(as_of), kra_internal.page_period(s.id, NULL, d.as_of) p WHERE s.key IN ('pat', 'kim', 'odd/one', 'new') ORDER BY 1, 2;
SELECT period_grain, period_start, period_end, upto, period_label FROM kra_internal.page_period(NULL, '2025-Q4', '2025-11-05');
-- a running period says so, and its sum is held against no other
SELECT l FROM pg_temp.said(kra.report('pat', '2025-12', '2025-12-20')) l WHERE l ~ 'runs until|^\[|trend|ising|vs. target';

-- the dashboard
SET ROLE kra_test_pat;
SELECT pg_temp.said(kra.dashboard('2025-12', as_of => '2026-01-10'));
RESET ROLE;
SELECT l FROM pg_temp.said(kra.dashboard('2025-12', '2026-01-10', '#%s')) l WHERE l ~ '^(\d+ |(Company|Team|Pat|Lee|&lt;|Kim).*\|)';
SELECT DISTINCT m[1] COLLATE "C" AS link FROM regexp_matches(kra.dashboard('2025-12', '2026-01-10', '/rpc/report?subject=%k'), '<a href="(/[^"]*)"', 'g') m ORDER BY 1;
SELECT kra.dashboard('2025-12', '2026-01-10', NULL) !~ '<a href="[^#]' AS no_links;

-- for chat and mail
SELECT kra.report_markdown('pat', as_of => '2026-01-10');
SELECT left(kra.report_markdown('odd/one', '2025-12', '2026-01-10'), 100);

-- who sees what
SET ROLE kra_test_lee;
SELECT count(*) > 10 AS own FROM pg_temp.said(kra.report('lee', '2025-12', '2026-01-10'));
SELECT kra.report('pat');
SELECT kra.report_markdown('pat');
SELECT kra.report('nobody');
SELECT kra.dashboard('2025-12', as_of => '2026-01-10') ~ 'Pat' AS sees_another;
SET ROLE kra_test_author;
SELECT kra.report('pat');
SELECT kra.report_markdown('pat');
RESET ROLE;
-- errors
SELECT kra.report(NULL);
SELECT kra.report('pat', 'yesterday');
SELECT kra.report('pat', '2025-12', NULL);
SELECT kra.report('pat', '2025-12', 'infinity');
SELECT kra.report('pat', link => 'javascript:alert(%s)');
SELECT kra.dashboard('2025-13');
SELECT kra.dashboard(link => 'no place');
SELECT kra.dashboard(as_of => NULL);
SELECT kra.report_markdown('pat', as_of => '-infinity');

-- pages only read, whatever the settings are
BEGIN READ ONLY;
SELECT md5(kra.report('pat', '2025-12', '2026-01-10')) AS page, md5(kra.dashboard('2025-12', as_of => '2026-01-10')) AS dashboard \gset
SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL extra_float_digits = -10; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL search_path = ''; SET LOCAL standard_conforming_strings = off;
SELECT pg_catalog.md5(kra.report('pat', '2025-12', '2026-01-10')) = :'page' AS same, pg_catalog.md5(kra.dashboard('2025-12', as_of => '2026-01-10')) = :'dashboard' AS same_dashboard;
COMMIT;

-- names that try to be more, in every place that takes one
CREATE TABLE hostile (n int, t text);
INSERT INTO hostile VALUES (1, '<script>alert(1)</script>'), (2, '"><img src=x onerror="alert(1)">'), (3, '''><svg onload=alert(1)>'), (4, '</title></style><script>alert(1)</script>'), (5, '&amp;<!-- -->]]>'), (6, E'a\x01\x1b[31m\x7f'),
    (7, U&'\202E\2066\2069\0645\0628'), (8, repeat(U&'\6771', 196)), (9, '%s%h%%'), (10, '" autofocus onfocus="alert(1)');
DO $$
BEGIN
    PERFORM kra.define(jsonb_build_object('effective_from', '2024-12-01',
        'roles', (SELECT jsonb_agg(jsonb_build_object('key', 'role' || t, 'name', t, 'purpose', t, 'level', t, 'kras', jsonb_build_array(jsonb_build_object('name', t, 'description', t, 'scope', t,
                  'kpis', jsonb_build_array(jsonb_build_object('key', 'k' || t, 'name', t, 'description', t, 'unit', t, 'kind', 'outcome', 'target', '>= 1', 'owner', 's' || t, 'objective', 'o' || t)))))) FROM hostile),
        'objectives', (SELECT jsonb_agg(jsonb_build_object('key', 'o' || t, 'name', t, 'description', t, 'subject', 's' || t, 'due_on', '2026-01-01', 'milestones', jsonb_build_array(jsonb_build_object('key', 'm', 'name', t, 'owner', 's' || t, 'due_on', '2025-12-31')))) FROM hostile),
        'subjects', (SELECT jsonb_agg(jsonb_build_object('key', 's' || t, 'name', t, 'kind', 'person', 'parent', 'team', 'role', 'role' || t)) FROM hostile)));
    INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual)
    SELECT k.id, s.id, '2025-12-01', kra.actual_agg(0.5, date '2025-12-01') FROM hostile h JOIN kra.kpis k ON k.key = 'k' || h.t JOIN kra.subjects s ON s.key = 's' || h.t GROUP BY 1, 2;
    INSERT INTO kra.benchmarks (kpi_id, effective_from, value, source) SELECT k.id, '2024-12-01', 2, h.t FROM hostile h JOIN kra.kpis k ON k.key = 'k' || h.t;
    INSERT INTO kra.check_ins (subject_id, kpi_id, checked_at, checked_by, comment) SELECT s.id, k.id, '2025-12-05', current_user, h.t FROM hostile h JOIN kra.kpis k ON k.key = 'k' || h.t JOIN kra.subjects s ON s.key = 's' || h.t;
    INSERT INTO kra.actions (subject_id, kpi_id, description, owner_id, due_on, created_at, done_on, outcome)
    SELECT s.id, k.id, h.t, s.id, '2025-12-20', '2025-12-01', CASE WHEN h.n % 2 = 0 THEN date '2025-12-22' END, h.t FROM hostile h JOIN kra.kpis k ON k.key = 'k' || h.t JOIN kra.subjects s ON s.key = 's' || h.t;
    SET LOCAL client_min_messages = error;
    PERFORM kra.close_review('s' || t, '2025-12', t) FROM hostile;
    UPDATE kra.reviews SET closed_at = '2026-01-05 12:00+00';
    UPDATE kra.rule_settings SET is_enabled = true;
END $$;
CREATE TEMP VIEW hostile_pages AS
SELECT n, t, kra.report('s' || t, '2025-12', '2026-01-10')::text AS page FROM hostile UNION ALL SELECT 0, '', kra.dashboard('2025-12', as_of => '2026-01-10') UNION ALL SELECT 0, '', kra.report('team', '2025-12', '2026-01-10');
SELECT count(*) AS pages, count(*) FILTER (WHERE page ~* '<(script|img|!--)|<[^>"]*("[^"]*"[^>"]*)*\son[a-z]+=') AS dangerous,
    count(*) FILTER (WHERE page ~ U&'[\0001-\0008\000B-\001F\007F-\009F\202A-\202E\2066-\2069\FFFE\FFFF]') AS controls, max(length(page)) < 300000 AS bounded FROM hostile_pages;
-- only our own elements
SELECT string_agg(e, ' ' ORDER BY e) AS elements FROM (SELECT DISTINCT lower(e[1]) COLLATE "C" AS e FROM hostile_pages, regexp_matches(page, '<([a-zA-Z!][a-zA-Z0-9-]*)', 'g') e) x;
-- each is opened as often as it is closed
SELECT e AS unbalanced FROM unnest('{html,head,style,title,body,header,main,nav,section,article,div,ul,li,p,h1,h2,h3,bdi,b,span,a,table,caption,thead,tbody,tr,th,td,footer,svg,desc,strong}'::text[]) e, hostile_pages
WHERE (SELECT count(*) FROM regexp_matches(page, '<' || e || '[ >]', 'g')) <> (SELECT count(*) FROM regexp_matches(page, '</' || e || '>', 'g'));
SELECT count(*) AS ids, count(*) FILTER (WHERE copies > 1) AS twice FROM (SELECT count(*) AS copies FROM (SELECT n, t, md5(page) AS p, (regexp_matches(page, ' id="([^"]*)"', 'g'))[1] AS id FROM hostile_pages) x GROUP BY p, id) y;
-- Markdown: every sign that means something is escaped
SELECT n, kra.report_markdown('s' || t, '2025-12', '2026-01-10') ~ '(^|[^\\])[<>`|@#]' AS bare FROM hostile ORDER BY n;

-- in another encoding there is no sparkline, and all the rest
SELECT current_database() AS here \gset
DROP DATABASE IF EXISTS kra_regression_latin1;
CREATE DATABASE kra_regression_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0;
\c kra_regression_latin1
\set VERBOSITY terse
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION kra;
SELECT count(*) > 1 AS defined FROM kra.define(E'{"effective_from": "2025-01-01", "subjects": [{"key": "\u00e9", "name": "Ren\u00e9 \\u0001", "kind": "person", "role": "r"}], "roles": [{"key": "r", "name": "R", "kras": [{"name": "K", "kpis": [{"key": "k", "name": "k", "kind": "outcome", "target": ">= 1"}]}]}]}');
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual) SELECT k.id, s.id, m, kra.actual_agg(2, m) FROM kra.kpis k, kra.subjects s, unnest('{2025-01-01,2025-02-01}'::date[]) m GROUP BY 1, 2, 3;
SELECT kra.report(E'\u00e9', '2025-02', '2025-03-01') ~ E'<h1><bdi>Ren\u00e9 \\?</bdi></h1>' AS said, kra.report_file(E'\u00e9');
SELECT substring(kra.report_markdown(E'\u00e9', '2025-02', '2025-03-01') FROM '- k[^\n]*') AS line;
\c :here
DROP DATABASE kra_regression_latin1;
DROP TABLE hostile CASCADE;
DROP EXTENSION kra CASCADE;
DROP ROLE kra_test_pat, kra_test_lee, kra_test_author;
CREATE EXTENSION kra;
