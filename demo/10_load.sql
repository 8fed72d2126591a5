-- 1 of 12: the facts, as a warehouse has them. There is nothing of kra in this table, and kra
-- adds nothing to it: facts stay where they are.
--
-- demo/demo.sh runs all parts; by hand, start psql at the top of the source tree, where \copy
-- below finds the file, and \i them in the order of their numbers.
\ir look.sql

CREATE EXTENSION IF NOT EXISTS kra;

-- Facts and queries live in one schema, what part 9 defines in the catalogue of kra. remove.sql
-- takes back what an earlier run has left there, and stops where the catalogue holds anything else.
\ir remove.sql
CREATE SCHEMA kra_demo;

CREATE TABLE kra_demo.ae (
    period      date    NOT NULL,   -- first day of the month
    org_code    text    NOT NULL,   -- the provider organisation
    type        text    NOT NULL,   -- '1' major, '2' single specialty, 'other' minor injuries, walk-in
    attendances integer NOT NULL,   -- patients who came
    breaches    integer NOT NULL,   -- of those, who waited more than 4 hours
    admissions  integer NOT NULL,   -- of those, who were admitted as an emergency
    PRIMARY KEY (period, org_code, type)
);

\copy kra_demo.ae FROM 'demo/nhs_ae_attendances.csv' (FORMAT csv, HEADER)

ANALYZE kra_demo.ae;

-- Financial years, April to March. A calendar table is easier to read, and to check, than date
-- arithmetic repeated in every query.
CREATE TABLE kra_demo.years (
    year      text PRIMARY KEY,
    first_day date NOT NULL,
    last_day  date NOT NULL
);
INSERT INTO kra_demo.years VALUES
    ('2016/17', '2016-04-01', '2017-03-31'),
    ('2017/18', '2017-04-01', '2018-03-31'),
    ('2018/19', '2018-04-01', '2019-03-31');
ANALYZE kra_demo.years;

-- The facts with their year. in_time is the numerator of the KPI, attendances its denominator;
-- the factor 100 makes the ratio a percentage, in the unit in which people write the target.
CREATE VIEW kra_demo.facts AS
SELECT y.year, a.*, 100.0 * (a.attendances - a.breaches) AS in_time
FROM kra_demo.ae a
JOIN kra_demo.years y ON a.period BETWEEN y.first_day AND y.last_day;

-- The organisations of interest: those that had a major (type 1) department at some time.
-- Each counts whole, with all its types of department. The rest are small units (minor
-- injuries, walk-in, single specialty); they count in England's figures only.
CREATE VIEW kra_demo.major AS
SELECT org_code, count(DISTINCT period) AS months
FROM kra_demo.ae
GROUP BY org_code
HAVING bool_or(type = '1');

SELECT to_char(count(*), 'FM999,999') AS n_rows, count(DISTINCT org_code) AS n_orgs,
       count(DISTINCT period) AS n_months, to_char(sum(attendances), 'FM999,999,999') AS n_patients,
       (SELECT count(*) FROM kra_demo.major) AS n_major
FROM kra_demo.ae \gset

\echo
\echo '  kra, a demo on real data: accident and emergency departments in England'
\echo '  ======================================================================='
\echo
\echo '  Facts     ' :n_patients 'attendances in' :n_rows 'rows:' :n_orgs 'organisations,' :n_months 'months, April 2016 to March 2019.'
\echo '            ' :n_major 'organisations had a major (type 1) department; each is looked at whole.'
\echo '  Standard   95 % of patients are admitted, transferred or discharged within 4 hours of arrival.'
\echo '             The figure is a ratio of sums: patients in time / patients, over all departments.'
\echo '  Questions  Who meets the standard? Who moves towards it? Who is busier than ever and does not move?'
\echo '  Care       Attendances show how busy a place is. That is no virtue and no fault: patients come'
\echo '             because they need help. Nothing here says why a figure is what it is.'
\echo
\echo '  Contains public sector information licensed under the Open Government Licence v3.0. Source: NHS England.'
\echo
