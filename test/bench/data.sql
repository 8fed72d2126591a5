-- The tables to measure on: the same rows on every run.

CREATE EXTENSION IF NOT EXISTS kra;
DROP SCHEMA IF EXISTS kra_bench CASCADE;
CREATE SCHEMA kra_bench;

-- Uniform in [0, 1): a hash of the row number, so that nothing depends on the
-- version's random() or on the order in which rows are made.
CREATE FUNCTION kra_bench.noise(i bigint, seed bigint) RETURNS double precision
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(i, seed) & 4294967295) / 4294967296.0::double precision;

SET search_path = kra_bench;

-- A fact table of a warehouse: one row per observation, in order of arrival.
-- target_value and lower_is_better are what hand-written SQL reads; target says
-- the same as a kpi_target. They stand before it, so that the rival never has to
-- step over 64 bytes that only kra wants. One row in 50 has no actual yet, one
-- in 100 no target; half of the targets are "lower is better"; numbers have two
-- decimals; about half of the targets are met.
CREATE UNLOGGED TABLE fact (
    subject integer NOT NULL,
    team integer NOT NULL,
    at timestamptz NOT NULL,
    actual double precision,
    weight double precision NOT NULL,
    target_value double precision,
    lower_is_better boolean NOT NULL,
    kind kra.kpi_kind NOT NULL,
    target kra.kpi_target
);

INSERT INTO fact
SELECT 1 + floor(noise(i, 1) * (:rows / 10)), 1 + floor(noise(i, 2) * 200),
    timestamptz '2021-01-01 UTC' + i * interval '15 s',
    CASE WHEN noise(i, 3) >= 0.02 THEN floor(goal * (0.4 + 1.2 * noise(i, 4)) * 100) / 100 END,
    1 + floor(noise(i, 5) * 5),
    CASE WHEN has_target THEN goal END,
    lower_is_better,
    CASE WHEN noise(i, 6) < 0.4 THEN 'outcome' ELSE 'activity' END::kra.kpi_kind,
    CASE WHEN NOT has_target THEN NULL WHEN lower_is_better THEN kra.at_most(goal) ELSE kra.at_least(goal) END
FROM (
    SELECT i, (2000 + floor(noise(i, 7) * 10000)) / 100 AS goal, noise(i, 8) < 0.5 AS lower_is_better,
        noise(i, 9) >= 0.01 AS has_target
    FROM generate_series(1, :rows) i
    OFFSET 0
) made;
VACUUM (FREEZE, ANALYZE) fact;

-- A tenth of the rows, with a tenth of the subjects: as many rows per subject.
CREATE UNLOGGED TABLE tenth (LIKE fact);
INSERT INTO tenth
SELECT 1 + subject % (:rows / 100), team, at, actual, weight, target_value, lower_is_better, kind, target
FROM fact LIMIT :rows / 10;
VACUUM (FREEZE, ANALYZE) tenth;

-- Results per subject and KPI, five each: what scorecards are made of.
CREATE UNLOGGED TABLE result (
    subject integer NOT NULL,
    actual double precision,
    weight double precision NOT NULL,
    target_value double precision NOT NULL,
    lower_is_better boolean NOT NULL,
    kind kra.kpi_kind NOT NULL,
    target kra.kpi_target NOT NULL,
    kra text NOT NULL,
    kpi text NOT NULL
);

INSERT INTO result
SELECT subject, CASE WHEN noise(subject * 5 + k, 3) >= 0.02
        THEN floor(goal * (0.4 + 1.2 * noise(subject * 5 + k, 4)) * 100) / 100 END,
    weight, goal, lower_is_better, kind,
    CASE WHEN lower_is_better THEN kra.at_most(goal) ELSE kra.at_least(goal) END, kra, kpi
FROM generate_series(1, :rows / 10) subject,
    (VALUES
        (1, 'Revenue growth', 'Revenue closed', 'outcome'::kra.kpi_kind, 2.0::double precision, 50000.0::double precision, false),
        (2, 'Revenue growth', 'Demos held', 'activity', 1, 12, false),
        (3, 'Revenue growth', 'Demo quality', 'outcome', 1.5, 4.5, false),
        (4, 'Customer care', 'Hours to first reply', 'activity', 1, 8, true),
        (5, 'Customer care', 'Churn', 'outcome', 2.5, 3.5, true)
    ) kpis (k, kra, kpi, kind, weight, goal, lower_is_better)
ORDER BY subject, k;
CREATE UNIQUE INDEX ON result (subject, kpi);
VACUUM (FREEZE, ANALYZE) result;

-- Series of 50 points, with a step in each; and one long series. The points have
-- all their digits, for kra lets no noise decide, and plain SQL does: a point on
-- the centre ends a run, unless the mean is off by a last digit.
CREATE UNLOGGED TABLE points AS
SELECT (i / 50)::integer AS series, (i % 50)::integer AS at,
    noise(i, 21) * 100 + CASE WHEN i % 50 >= 38 THEN 40 ELSE 0 END AS value
FROM generate_series(0, :rows / 10 - 1) i;
CREATE UNLOGGED TABLE long AS
SELECT i::integer AS at, floor(noise(i, 22) * 1000) / 10 + i / 1000.0::float8 AS value FROM generate_series(1, 20000) i;
CREATE UNLOGGED TABLE longer AS
SELECT i::integer AS at, floor(noise(i, 23) * 1000) / 10 + i / 1000.0::float8 AS value FROM generate_series(1, 1000000) i;
VACUUM (FREEZE, ANALYZE) points, long, longer;
