-- The catalogue: what a company aims for, who is scored on what, and what came of it.
-- Small ids with unique text keys; definitions change by new effective-dated rows: the one in
-- force on a date is the newest not after it. The script seeds nothing. How long texts may be is
-- said in texts.sql.

-- Numbers beyond these are no measurements; within them nothing that views compute can overflow.

CREATE FUNCTION kra_internal.is_sane(value double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT value IS NULL OR value = 0 OR abs(value) BETWEEN 1e-100 AND 1e100;
END;
COMMENT ON FUNCTION kra_internal.is_sane(double precision) IS 'is the value 0 or of a size from 1e-100 to 1e100? NULL is; NaN and infinities are not';

CREATE FUNCTION kra_internal.is_sane(target kra.kpi_target) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT target IS NULL OR (kra_internal.is_sane(kra.lower(target))
                              AND kra_internal.is_sane(kra.upper(target))
                              AND kra_internal.is_sane(kra.baseline(target))
                              AND kra_internal.is_sane(kra.threshold(target))
                              AND kra_internal.is_sane(kra.stretch(target))
                              AND kra_internal.is_sane(kra.scale(target)));
END;
COMMENT ON FUNCTION kra_internal.is_sane(kra.kpi_target) IS 'are all numbers of the target of a size that views can compute with? NULL is';

CREATE FUNCTION kra_internal.is_sane(actual kra.kpi_actual) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT actual IS NULL OR (kra_internal.is_sane(kra.value(actual, 'sum'))
                              AND kra_internal.is_sane(kra.value(actual, 'min'))
                              AND kra_internal.is_sane(kra.value(actual, 'max'))
                              AND (kra.weight(actual) = 0 OR kra.weight(actual) BETWEEN 1e-30
                                   AND 1e30));
END;
COMMENT ON FUNCTION kra_internal.is_sane(kra.kpi_actual) IS 'are sum, least and greatest, and the weight they are divided by (0 or from 1e-30 to 1e30), of a size that views can compute with? NULL is';

CREATE FUNCTION kra_internal.is_phasing(_weights double precision[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT _weights IS NULL OR (cardinality(_weights) BETWEEN 1 AND 400
        AND (SELECT bool_and(w >= 0 AND w <= 1e50) IS TRUE AND sum(w) > 0 FROM unnest(_weights) w)
        AND array_position(_weights, NULL) IS NULL);
END;
COMMENT ON FUNCTION kra_internal.is_phasing(double precision[]) IS 'are these 1 to 400 weights, none below 0 and one above? NULL is';

CREATE TABLE kra.settings (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    fiscal_year_start_month integer NOT NULL DEFAULT 1
        CHECK (fiscal_year_start_month BETWEEN 1 AND 12),
    week_start integer NOT NULL DEFAULT 1 CHECK (week_start BETWEEN 1 AND 7),
    calendar text NOT NULL DEFAULT 'months'
        CHECK (calendar IN ('months', '4-4-5', '4-5-4', '5-4-4')),
    time_zone text NOT NULL DEFAULT 'UTC'
        CHECK (time_zone <> '' AND kra_internal.is_short(time_zone)),
    min_coverage double precision NOT NULL DEFAULT 0.5 CHECK (min_coverage BETWEEN 0 AND 1),
    min_group_size integer NOT NULL DEFAULT 5 CHECK (min_group_size >= 1),
    sees_all_role text CHECK (sees_all_role <> '' AND kra_internal.is_short(sees_all_role)),
    show_groups_above boolean NOT NULL DEFAULT false,
    history_periods integer NOT NULL DEFAULT 24 CHECK (history_periods BETWEEN 2 AND 1000),
    review_cadence text NOT NULL DEFAULT 'month'
        CHECK (review_cadence IN ('week', 'month', 'quarter', 'half_year', 'year')),
    check_in_days integer NOT NULL DEFAULT 14 CHECK (check_in_days BETWEEN 1 AND 1000)
);
COMMENT ON TABLE kra.settings IS 'what a company sets for the whole catalogue: at most one row; without it the defaults hold';
COMMENT ON COLUMN kra.settings.id IS 'always 1';
COMMENT ON COLUMN kra.settings.fiscal_year_start_month IS 'first month of the year, 1 to 12 (default 1): quarters, half-years and years are cut by it';
COMMENT ON COLUMN kra.settings.week_start IS 'first day of the week, 1 Monday to 7 Sunday (default 1)';
COMMENT ON COLUMN kra.settings.calendar IS 'months of the calendar (months, the default), or 4-4-5, 4-5-4 or 5-4-4 weeks to the months of a quarter: then months, quarters, half-years and years are made of whole weeks, and the year begins with the week whose fourth day is its first in the fiscal year';
COMMENT ON COLUMN kra.settings.time_zone IS 'zone by whose midnights days are cut, such as Europe/Berlin (default UTC): what counts as today, and the day of a time';
COMMENT ON COLUMN kra.settings.min_coverage IS 'share of the weight that needs data for a scorecard to have a score (default 0.5)';
COMMENT ON COLUMN kra.settings.min_group_size IS 'fewest people in an aggregate that those who may not see its members are shown (default 5)';
COMMENT ON COLUMN kra.settings.sees_all_role IS 'database role whose members see all subjects (default none)';
COMMENT ON COLUMN kra.settings.show_groups_above IS 'do people see the results of the groups that they belong to, too? (default false)';
COMMENT ON COLUMN kra.settings.review_cadence IS 'how often a scorecard is reviewed: week, month, quarter, half_year or year (default month)';
COMMENT ON COLUMN kra.settings.check_in_days IS 'days between check-ins about those who miss a target (default 14)';
COMMENT ON COLUMN kra.settings.history_periods IS 'periods back that trend, signal and misses of a result look at, its own included (default 24)';

CREATE TABLE kra.job_roles (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    purpose text CHECK (btrim(purpose) <> '' AND kra_internal.is_line(purpose)),
    level text CHECK (btrim(level) <> '' AND kra_internal.is_short(level))
);
COMMENT ON TABLE kra.job_roles IS 'roles that carry a scorecard: of people, but of teams, projects and vendors too';
COMMENT ON COLUMN kra.job_roles.id IS 'id';
COMMENT ON COLUMN kra.job_roles.key IS 'unique key';
COMMENT ON COLUMN kra.job_roles.name IS 'name for people';
COMMENT ON COLUMN kra.job_roles.purpose IS 'why the role exists, in a sentence';
COMMENT ON COLUMN kra.job_roles.level IS 'grade or level';

CREATE TABLE kra.subjects (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    kind text NOT NULL CHECK (kind IN ('company', 'team', 'person', 'project', 'vendor')),
    login text CHECK (login <> '' AND kra_internal.is_short(login)),
    is_confirmed boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX subjects_key_key ON kra.subjects (key kra_internal.hidden_text_ops);
CREATE INDEX subjects_login_idx ON kra.subjects (login kra_internal.hidden_text_ops)
    WHERE login IS NOT NULL;
COMMENT ON TABLE kra.subjects IS 'who or what is scored';
COMMENT ON COLUMN kra.subjects.id IS 'id';
COMMENT ON COLUMN kra.subjects.key IS 'unique key: what source relations name in their column subject';
COMMENT ON COLUMN kra.subjects.name IS 'name for people';
COMMENT ON COLUMN kra.subjects.kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra.subjects.login IS 'database role that sees this subject and all below it; NULL: none';
COMMENT ON COLUMN kra.subjects.is_confirmed IS 'false: made by an author who does not see all, and not confirmed since by somebody who does: not counted where a group needs a number of people to be shown';

CREATE TABLE kra.placements (
    subject_id integer NOT NULL REFERENCES kra.subjects,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    parent_id integer REFERENCES kra.subjects CHECK (parent_id <> subject_id),
    job_role_id integer REFERENCES kra.job_roles,
    is_active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (subject_id, effective_from)
);
CREATE INDEX ON kra.placements (parent_id);
CREATE INDEX ON kra.placements (job_role_id);
COMMENT ON TABLE kra.placements IS 'where a subject stands in the tree and which role it has, from a date on';
COMMENT ON COLUMN kra.placements.subject_id IS 'the subject';
COMMENT ON COLUMN kra.placements.effective_from IS 'first day; until the next row of the subject';
COMMENT ON COLUMN kra.placements.parent_id IS 'the subject above it; NULL: none';
COMMENT ON COLUMN kra.placements.job_role_id IS 'its role, whose scorecard it carries; NULL: none, and a group has the scorecard of its members';
COMMENT ON COLUMN kra.placements.is_active IS 'false: it is gone from this day on';

CREATE TABLE kra.move_consents (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject_id integer NOT NULL REFERENCES kra.subjects ON DELETE CASCADE,
    parent_key text NOT NULL CHECK (parent_key <> '' AND kra_internal.is_short(parent_key)),
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    consented_by text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(consented_by)),
    consented_at timestamptz NOT NULL DEFAULT now(),
    used_by text CHECK (kra_internal.is_short(used_by)),
    used_at timestamptz,
    CHECK ((used_by IS NULL) = (used_at IS NULL))
);
CREATE INDEX ON kra.move_consents (subject_id);
COMMENT ON TABLE kra.move_consents IS 'who consents that an author places a subject, and with it all below it, where the author comes to see it';
COMMENT ON COLUMN kra.move_consents.id IS 'id';
COMMENT ON COLUMN kra.move_consents.subject_id IS 'the subject that is placed';
COMMENT ON COLUMN kra.move_consents.parent_key IS 'key of the subject below which it is placed; it need not be one that the consenter sees';
COMMENT ON COLUMN kra.move_consents.effective_from IS 'first day of the placement';
COMMENT ON COLUMN kra.move_consents.consented_by IS 'the database role that consented';
COMMENT ON COLUMN kra.move_consents.consented_at IS 'when';
COMMENT ON COLUMN kra.move_consents.used_by IS 'the database role that placed the subject; NULL: nobody yet. A consent is used once';
COMMENT ON COLUMN kra.move_consents.used_at IS 'when; NULL: not yet';

CREATE TABLE kra.objectives (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    description text CHECK (kra_internal.is_note(description)),
    subject_id integer REFERENCES kra.subjects,
    starts_on date CHECK (isfinite(starts_on)),
    due_on date CHECK (isfinite(due_on)),
    CHECK (starts_on <= due_on)
);
CREATE INDEX ON kra.objectives (subject_id);
COMMENT ON TABLE kra.objectives IS 'what the company or a team wants: a tree, by objective_parents';
COMMENT ON COLUMN kra.objectives.id IS 'id';
COMMENT ON COLUMN kra.objectives.key IS 'unique key';
COMMENT ON COLUMN kra.objectives.name IS 'name for people';
COMMENT ON COLUMN kra.objectives.description IS 'what it means';
COMMENT ON COLUMN kra.objectives.subject_id IS 'whose objective it is';
COMMENT ON COLUMN kra.objectives.starts_on IS 'first day';
COMMENT ON COLUMN kra.objectives.due_on IS 'last day';

-- What refers to rows of its own table stands in a table apart: a dump is loaded row by row, and
-- no row may have to wait for a later one.
CREATE TABLE kra.objective_parents (
    objective_id integer PRIMARY KEY REFERENCES kra.objectives ON DELETE CASCADE,
    parent_id integer NOT NULL REFERENCES kra.objectives CHECK (parent_id <> objective_id)
);
CREATE INDEX ON kra.objective_parents (parent_id);
COMMENT ON TABLE kra.objective_parents IS 'which objective serves which other one';
COMMENT ON COLUMN kra.objective_parents.objective_id IS 'the objective';
COMMENT ON COLUMN kra.objective_parents.parent_id IS 'the objective that it serves';

CREATE TABLE kra.kpis (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    description text CHECK (kra_internal.is_note(description)),
    kind kra.kpi_kind NOT NULL,
    timing text NOT NULL DEFAULT 'lagging' CHECK (timing IN ('leading', 'lagging')),
    unit text CHECK (kra_internal.is_short(unit)),
    value_format text CHECK (btrim(value_format) <> '' AND kra_internal.is_short(value_format)),
    over_time text NOT NULL DEFAULT 'sum'
        CHECK (over_time IN ('sum', 'mean', 'ratio', 'last', 'min', 'max', 'count')),
    over_subjects text NOT NULL DEFAULT 'sum'
        CHECK (over_subjects IN ('sum', 'mean', 'ratio', 'last', 'min', 'max', 'count')),
    cadence text NOT NULL DEFAULT 'month'
        CHECK (cadence IN ('day', 'week', 'month', 'quarter', 'half_year', 'year')),
    grid kra_internal.grid NOT NULL,
    objective_id integer REFERENCES kra.objectives,
    source_relation text CHECK (btrim(source_relation) <> ''
                                AND kra_internal.is_line(source_relation)),
    lookback integer NOT NULL DEFAULT 2 CHECK (lookback BETWEEN 1 AND 10000),
    stale_after_days integer CHECK (stale_after_days >= 0),
    at_risk_from double precision NOT NULL DEFAULT 0.9
        CHECK (at_risk_from > 0 AND at_risk_from <= 1),
    scale text CHECK (scale IN ('csat_top_two_box', 'csat_mean', 'nps', 'ordinal')),
    scale_labels text[] CHECK (cardinality(scale_labels) >= 2
                               AND kra_internal.is_list(scale_labels)),
    influenceable_by text[] CHECK (kra_internal.is_list(influenceable_by)),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('candidate', 'active', 'retired')),
    state_reason text CHECK (kra_internal.is_note(state_reason)),
    state_since date NOT NULL DEFAULT kra_internal.today() CHECK (isfinite(state_since)),
    revisited_on date CHECK (isfinite(revisited_on)),
    revisit_note text CHECK (kra_internal.is_note(revisit_note)),
    missing text NOT NULL DEFAULT 'unknown' CHECK (missing IN ('unknown', 'zero')),
    UNIQUE (id, grid),
    CHECK (kra_internal.grid_grain(grid) = cadence),
    CHECK ((over_time = over_subjects)
           OR (over_subjects IN ('sum', 'mean', 'min', 'max') AND over_time <> 'ratio')),
    CHECK ((scale = 'ordinal') = (scale_labels IS NOT NULL)
           AND (scale IS NOT NULL OR scale_labels IS NULL)),
    CHECK (scale IS NULL OR (over_time = 'ratio' AND over_subjects = 'ratio')),
    CHECK (missing = 'unknown' OR over_time IN ('sum', 'count'))
);
CREATE INDEX ON kra.kpis (objective_id);
COMMENT ON TABLE kra.kpis IS 'measures; a KPI when on a scorecard and tied to an objective';
COMMENT ON COLUMN kra.kpis.id IS 'id';
COMMENT ON COLUMN kra.kpis.key IS 'unique key';
COMMENT ON COLUMN kra.kpis.name IS 'name for people';
COMMENT ON COLUMN kra.kpis.description IS 'what is counted and what is not';
COMMENT ON COLUMN kra.kpis.kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra.kpis.timing IS 'leading or lagging';
COMMENT ON COLUMN kra.kpis.unit IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra.kpis.value_format IS 'number format for BI tools, such as #,##0 or 0.0; NULL: by the unit';
COMMENT ON COLUMN kra.kpis.over_time IS 'how observations and shorter periods make a period: sum, mean, ratio (sum of values / sum of weights), last, min, max or count';
COMMENT ON COLUMN kra.kpis.over_subjects IS 'how members make a group; the same as over_time, or sum, mean, min or max of their values';
COMMENT ON COLUMN kra.kpis.cadence IS 'its shortest period: day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra.kpis.grid IS 'how its periods are cut, by cadence and settings (see kra_internal.grid); filled by a trigger';
COMMENT ON COLUMN kra.kpis.objective_id IS 'the objective that it measures';
COMMENT ON COLUMN kra.kpis.source_relation IS 'table or view that collect reads, as schema.name: columns subject, at, value and perhaps weight; NULL: entered by hand';
COMMENT ON COLUMN kra.kpis.lookback IS 'periods back, the current one included, that collect reads again (default 2)';
COMMENT ON COLUMN kra.kpis.stale_after_days IS 'days without a newer observation after which its data are stale; NULL: by cadence (3, 10, 45, 135, 230, 400)';
COMMENT ON COLUMN kra.kpis.at_risk_from IS 'attainment from which a missed target is at risk, not off track, unless the target has a threshold: above 0, at most 1 (default 0.9)';
COMMENT ON COLUMN kra.kpis.scale IS 'how answers are scored: csat_top_two_box, csat_mean (1 to 5), nps (0 to 10), ordinal (scale_labels); NULL: values are numbers';
COMMENT ON COLUMN kra.kpis.scale_labels IS 'labels of an ordinal scale, worst first';
COMMENT ON COLUMN kra.kpis.influenceable_by IS 'keys of the subjects or job roles that can move it';
COMMENT ON COLUMN kra.kpis.state IS 'candidate (on no scorecard yet), active or retired';
COMMENT ON COLUMN kra.kpis.state_reason IS 'why it was promoted or retired';
COMMENT ON COLUMN kra.kpis.state_since IS 'since when it is a candidate, active or retired';
COMMENT ON COLUMN kra.kpis.revisited_on IS 'when somebody last asked whether it is still the right KPI; NULL: never since it was set';
COMMENT ON COLUMN kra.kpis.revisit_note IS 'what the answer was';
COMMENT ON COLUMN kra.kpis.missing IS 'what a period without data means that the source has reached: unknown (default), or zero, for sums and counts';

CREATE TABLE kra.kpi_drives (
    kpi_id integer NOT NULL REFERENCES kra.kpis ON DELETE CASCADE,
    drives_kpi_id integer NOT NULL REFERENCES kra.kpis CHECK (drives_kpi_id <> kpi_id),
    PRIMARY KEY (kpi_id, drives_kpi_id)
);
CREATE INDEX ON kra.kpi_drives (drives_kpi_id);
COMMENT ON TABLE kra.kpi_drives IS 'which outcomes a KPI is meant to move';
COMMENT ON COLUMN kra.kpi_drives.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.kpi_drives.drives_kpi_id IS 'an outcome that it is meant to move';

CREATE TABLE kra.kpi_owners (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    subject_id integer REFERENCES kra.subjects,
    PRIMARY KEY (kpi_id, effective_from)
);
CREATE INDEX ON kra.kpi_owners (subject_id);
COMMENT ON TABLE kra.kpi_owners IS 'who answers for a KPI, from a date on';
COMMENT ON COLUMN kra.kpi_owners.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.kpi_owners.effective_from IS 'first day; until the next row of the KPI';
COMMENT ON COLUMN kra.kpi_owners.subject_id IS 'the owner; NULL: nobody from this day on';

CREATE TABLE kra.result_areas (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    job_role_id integer NOT NULL REFERENCES kra.job_roles,
    key text NOT NULL CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    perspective text CHECK (perspective IN ('financial', 'customer', 'process', 'people')),
    scope text CHECK (btrim(scope) <> '' AND kra_internal.is_line(scope)),
    description text CHECK (kra_internal.is_note(description)),
    position integer NOT NULL DEFAULT 1,
    revisited_on date CHECK (isfinite(revisited_on)),
    revisit_note text CHECK (kra_internal.is_note(revisit_note)),
    UNIQUE (job_role_id, key),
    UNIQUE (job_role_id, name)
);
COMMENT ON TABLE kra.result_areas IS 'key result areas (KRA): the domains that a role owns';
COMMENT ON COLUMN kra.result_areas.id IS 'id';
COMMENT ON COLUMN kra.result_areas.job_role_id IS 'the role';
COMMENT ON COLUMN kra.result_areas.key IS 'key, unique in the role';
COMMENT ON COLUMN kra.result_areas.name IS 'name for people, unique in the role: a domain such as revenue growth, never a task';
COMMENT ON COLUMN kra.result_areas.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra.result_areas.scope IS 'how far it reaches: a region, a budget, a product';
COMMENT ON COLUMN kra.result_areas.description IS 'what it means';
COMMENT ON COLUMN kra.result_areas.position IS 'place in the order of the role';
COMMENT ON COLUMN kra.result_areas.revisited_on IS 'when somebody last asked whether it is still the right KRA; NULL: never since it was set';
COMMENT ON COLUMN kra.result_areas.revisit_note IS 'what the answer was';

CREATE TABLE kra.result_area_kpis (
    result_area_id integer NOT NULL REFERENCES kra.result_areas,
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    weight double precision NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1e50),
    target kra.kpi_target CHECK (kra_internal.is_sane(target)),
    provenance text CHECK (provenance IN ('history', 'benchmark', 'market', 'negotiated',
                                          'imposed')),
    is_active boolean NOT NULL DEFAULT true,
    position integer NOT NULL DEFAULT 1,
    set_by text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(set_by)),
    set_at timestamptz NOT NULL DEFAULT now(),
    revised_at timestamptz,
    target_grain text
        CHECK (target_grain IN ('day', 'week', 'month', 'quarter', 'half_year', 'year')),
    phasing double precision[] CHECK (kra_internal.is_phasing(phasing)),
    PRIMARY KEY (result_area_id, kpi_id, effective_from)
);
CREATE INDEX ON kra.result_area_kpis (kpi_id);
COMMENT ON TABLE kra.result_area_kpis IS 'which KPIs a KRA is judged by, with what weight and target, from a date on';
COMMENT ON COLUMN kra.result_area_kpis.result_area_id IS 'the KRA';
COMMENT ON COLUMN kra.result_area_kpis.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.result_area_kpis.effective_from IS 'first day; until the next row of the same KRA and KPI';
COMMENT ON COLUMN kra.result_area_kpis.weight IS 'weight on the scorecard, from 0 to 1e50; 0: shown, not scored. The weight of a KRA is the sum of its KPIs';
COMMENT ON COLUMN kra.result_area_kpis.target IS 'target of all who have the role, for a period of target_grain; one in kra.targets wins';
COMMENT ON COLUMN kra.result_area_kpis.provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra.result_area_kpis.is_active IS 'false: off the scorecard from this day on';
COMMENT ON COLUMN kra.result_area_kpis.position IS 'place in the order of the KRA';
COMMENT ON COLUMN kra.result_area_kpis.set_by IS 'who set it';
COMMENT ON COLUMN kra.result_area_kpis.set_at IS 'when the row was made';
COMMENT ON COLUMN kra.result_area_kpis.revised_at IS 'when the target of this row was last changed in place; NULL: never';
COMMENT ON COLUMN kra.result_area_kpis.target_grain IS 'the period that the target is for, shared out to those of the KPI''s cadence; NULL: the cadence';
COMMENT ON COLUMN kra.result_area_kpis.phasing IS 'how it is shared out: a weight for each of them, at least one above 0; NULL: all the same';

CREATE TABLE kra.targets (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    target kra.kpi_target CHECK (kra_internal.is_sane(target)),
    provenance text CHECK (provenance IN ('history', 'benchmark', 'market', 'negotiated',
                                          'imposed')),
    note text CHECK (kra_internal.is_note(note)),
    set_by text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(set_by)),
    set_at timestamptz NOT NULL DEFAULT now(),
    revised_at timestamptz,
    target_grain text
        CHECK (target_grain IN ('day', 'week', 'month', 'quarter', 'half_year', 'year')),
    phasing double precision[] CHECK (kra_internal.is_phasing(phasing)),
    PRIMARY KEY (kpi_id, subject_id, effective_from)
);
CREATE INDEX ON kra.targets (subject_id);
COMMENT ON TABLE kra.targets IS 'what a subject aims for with a KPI, from a date on; wins over the target of its role';
COMMENT ON COLUMN kra.targets.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.targets.subject_id IS 'the subject';
COMMENT ON COLUMN kra.targets.effective_from IS 'first day; until the next row of the same KPI and subject';
COMMENT ON COLUMN kra.targets.target IS 'the target, for a period of target_grain; NULL: none from this day on';
COMMENT ON COLUMN kra.targets.provenance IS 'where it comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra.targets.note IS 'the reasoning';
COMMENT ON COLUMN kra.targets.set_by IS 'who set it';
COMMENT ON COLUMN kra.targets.set_at IS 'when the row was made';
COMMENT ON COLUMN kra.targets.revised_at IS 'when the target of this row was last changed in place; NULL: never';
COMMENT ON COLUMN kra.targets.target_grain IS 'the period that the target is for, shared out to those of the KPI''s cadence; NULL: the cadence';
COMMENT ON COLUMN kra.targets.phasing IS 'how it is shared out: a weight for each of them, at least one above 0; NULL: all the same';

CREATE TABLE kra.acknowledgements (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    acknowledged_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_by text NOT NULL DEFAULT kra.viewer()
        CHECK (kra_internal.is_short(acknowledged_by)),
    target kra.kpi_target NOT NULL,
    answer text NOT NULL DEFAULT 'yes' CHECK (answer IN ('yes', 'no', 'counter')),
    counter_target kra.kpi_target CHECK (kra_internal.is_sane(counter_target)),
    comment text CHECK (kra_internal.is_note(comment)),
    given_by text CHECK (btrim(given_by) <> '' AND kra_internal.is_short(given_by)),
    given_on date CHECK (isfinite(given_on)),
    PRIMARY KEY (kpi_id, subject_id, acknowledged_at),
    CONSTRAINT acknowledgements_counter_check
        CHECK ((answer = 'counter') = (counter_target IS NOT NULL)),
    CONSTRAINT acknowledgements_reason_check
        CHECK (answer = 'yes' OR coalesce(btrim(comment), '') <> ''),
    CONSTRAINT acknowledgements_given_check
        CHECK ((given_by IS NULL) = (given_on IS NULL))
);
CREATE INDEX ON kra.acknowledgements (subject_id);
COMMENT ON TABLE kra.acknowledgements IS 'what somebody has answered to a target; a yes is consent, as long as that target is in force and no later answer takes it back';
COMMENT ON COLUMN kra.acknowledgements.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.acknowledgements.subject_id IS 'the subject whose target it is';
COMMENT ON COLUMN kra.acknowledgements.acknowledged_at IS 'when';
COMMENT ON COLUMN kra.acknowledgements.acknowledged_by IS 'by which database role';
COMMENT ON COLUMN kra.acknowledgements.target IS 'the target that it is the answer to';
COMMENT ON COLUMN kra.acknowledgements.answer IS 'yes, no or counter: another target is proposed. Only a yes is consent';
COMMENT ON COLUMN kra.acknowledgements.counter_target IS 'the target that is proposed instead; NULL: none';
COMMENT ON COLUMN kra.acknowledgements.comment IS 'what was said to it: the reason, of a no or a counter-proposal';
COMMENT ON COLUMN kra.acknowledgements.given_by IS 'who gave the answer on paper, where acknowledged_by only noted it; NULL: acknowledged_by gave it';
COMMENT ON COLUMN kra.acknowledgements.given_on IS 'when it was given on paper; NULL: it was not';

CREATE TABLE kra.benchmarks (
    kpi_id integer NOT NULL REFERENCES kra.kpis,
    effective_from date NOT NULL CHECK (isfinite(effective_from)),
    value double precision CHECK (kra_internal.is_sane(value)),
    source text NOT NULL CHECK (btrim(source) <> '' AND kra_internal.is_line(source)),
    PRIMARY KEY (kpi_id, effective_from)
);
COMMENT ON TABLE kra.benchmarks IS 'what others reach, from a date on';
COMMENT ON COLUMN kra.benchmarks.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.benchmarks.effective_from IS 'first day; until the next row of the KPI';
COMMENT ON COLUMN kra.benchmarks.value IS 'the value, for a period of the KPI''s cadence; NULL: none from this day on';
COMMENT ON COLUMN kra.benchmarks.source IS 'where the figure comes from';

CREATE TABLE kra.measurements (
    kpi_id integer NOT NULL,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    period_start date NOT NULL,
    grid kra_internal.grid NOT NULL,
    actual kra.kpi_actual NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    source text NOT NULL DEFAULT 'record' CHECK (source <> '' AND kra_internal.is_line(source)),
    PRIMARY KEY (kpi_id, subject_id, period_start),
    FOREIGN KEY (kpi_id, grid) REFERENCES kra.kpis (id, grid) ON UPDATE CASCADE,
    CONSTRAINT measurements_period_start_check
        CHECK (kra_internal.is_grid_start(grid, period_start)),
    CONSTRAINT measurements_actual_check
        CHECK (kra.value(actual, 'count') > 0 AND kra_internal.is_sane(actual))
);
CREATE INDEX ON kra.measurements (subject_id, period_start);
CREATE INDEX ON kra.measurements (period_start, kpi_id);
COMMENT ON TABLE kra.measurements IS 'what was observed: a row per KPI, subject and period of the KPI''s cadence';
COMMENT ON COLUMN kra.measurements.kpi_id IS 'the KPI';
COMMENT ON COLUMN kra.measurements.subject_id IS 'the subject';
COMMENT ON COLUMN kra.measurements.period_start IS 'first day of the period';
COMMENT ON COLUMN kra.measurements.grid IS 'how the periods of the KPI are cut; filled when not given';
COMMENT ON COLUMN kra.measurements.actual IS 'summary of the observations';
COMMENT ON COLUMN kra.measurements.recorded_at IS 'when it was last changed';
COMMENT ON COLUMN kra.measurements.source IS 'the source relation, or record for what was entered by hand';

CREATE TABLE kra.milestones (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    objective_id integer NOT NULL REFERENCES kra.objectives,
    key text NOT NULL CHECK (key <> '' AND kra_internal.is_short(key)),
    name text NOT NULL CHECK (btrim(name) <> '' AND kra_internal.is_short(name)),
    weight double precision NOT NULL DEFAULT 1 CHECK (weight >= 0 AND weight < 'infinity'),
    owner_id integer REFERENCES kra.subjects,
    due_on date CHECK (isfinite(due_on)),
    completion double precision NOT NULL DEFAULT 0 CHECK (completion BETWEEN 0 AND 1),
    completed_on date CHECK (isfinite(completed_on)),
    UNIQUE (objective_id, key),
    CHECK ((completion = 1) = (completed_on IS NOT NULL))
);
CREATE INDEX ON kra.milestones (owner_id);
COMMENT ON TABLE kra.milestones IS 'steps towards an objective';
COMMENT ON COLUMN kra.milestones.id IS 'id';
COMMENT ON COLUMN kra.milestones.objective_id IS 'the objective';
COMMENT ON COLUMN kra.milestones.key IS 'key, unique in the objective';
COMMENT ON COLUMN kra.milestones.name IS 'name for people';
COMMENT ON COLUMN kra.milestones.weight IS 'share in the objective''s progress, finite and not negative';
COMMENT ON COLUMN kra.milestones.owner_id IS 'who answers for it';
COMMENT ON COLUMN kra.milestones.due_on IS 'last day';
COMMENT ON COLUMN kra.milestones.completion IS 'how much of it is done, from 0 to 1';
COMMENT ON COLUMN kra.milestones.completed_on IS 'when it was reached; NULL: not yet';

CREATE TABLE kra.check_ins (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    kpi_id integer REFERENCES kra.kpis,
    objective_id integer REFERENCES kra.objectives,
    checked_at timestamptz NOT NULL DEFAULT now(),
    checked_by text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(checked_by)),
    comment text NOT NULL CHECK (btrim(comment) <> '' AND kra_internal.is_note(comment))
);
CREATE INDEX ON kra.check_ins (subject_id);
COMMENT ON TABLE kra.check_ins IS 'short notes between reviews';
COMMENT ON COLUMN kra.check_ins.id IS 'id';
COMMENT ON COLUMN kra.check_ins.subject_id IS 'about whom';
COMMENT ON COLUMN kra.check_ins.kpi_id IS 'about which KPI; NULL: all';
COMMENT ON COLUMN kra.check_ins.objective_id IS 'about which objective; NULL: none';
COMMENT ON COLUMN kra.check_ins.checked_at IS 'when';
COMMENT ON COLUMN kra.check_ins.checked_by IS 'by which database role';
COMMENT ON COLUMN kra.check_ins.comment IS 'what was said';

CREATE TABLE kra.reviews (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    period_grain text NOT NULL
        CHECK (period_grain IN ('day', 'week', 'month', 'quarter', 'half_year', 'year')),
    period_start date NOT NULL CHECK (isfinite(period_start)),
    card kra.scorecard NOT NULL,
    summary text CHECK (kra_internal.is_note(summary)),
    closed_at timestamptz NOT NULL DEFAULT now(),
    closed_by text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(closed_by)),
    UNIQUE (subject_id, period_grain, period_start)
);
COMMENT ON TABLE kra.reviews IS 'closed reviews, with the scorecard as it was';
COMMENT ON COLUMN kra.reviews.id IS 'id';
COMMENT ON COLUMN kra.reviews.subject_id IS 'whose review';
COMMENT ON COLUMN kra.reviews.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra.reviews.period_start IS 'first day of the period';
COMMENT ON COLUMN kra.reviews.card IS 'the scorecard, frozen';
COMMENT ON COLUMN kra.reviews.summary IS 'what was concluded';
COMMENT ON COLUMN kra.reviews.closed_at IS 'when';
COMMENT ON COLUMN kra.reviews.closed_by IS 'by which database role';

CREATE TABLE kra.actions (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    review_id integer REFERENCES kra.reviews,
    subject_id integer NOT NULL REFERENCES kra.subjects,
    kpi_id integer REFERENCES kra.kpis,
    description text NOT NULL
        CHECK (btrim(description) <> '' AND kra_internal.is_note(description)),
    owner_id integer NOT NULL REFERENCES kra.subjects,
    due_on date NOT NULL CHECK (isfinite(due_on)),
    created_at timestamptz NOT NULL DEFAULT now(),
    done_on date CHECK (isfinite(done_on)),
    outcome text CHECK (kra_internal.is_note(outcome))
);
CREATE INDEX ON kra.actions (subject_id);
CREATE INDEX ON kra.actions (owner_id);
CREATE INDEX ON kra.actions (review_id);
COMMENT ON TABLE kra.actions IS 'what somebody will do about it, until when';
COMMENT ON COLUMN kra.actions.id IS 'id';
COMMENT ON COLUMN kra.actions.review_id IS 'the review that it came of; NULL: none';
COMMENT ON COLUMN kra.actions.subject_id IS 'about whom';
COMMENT ON COLUMN kra.actions.kpi_id IS 'about which KPI; NULL: none';
COMMENT ON COLUMN kra.actions.description IS 'what will be done';
COMMENT ON COLUMN kra.actions.owner_id IS 'who does it';
COMMENT ON COLUMN kra.actions.due_on IS 'last day';
COMMENT ON COLUMN kra.actions.created_at IS 'when it was agreed';
COMMENT ON COLUMN kra.actions.done_on IS 'when it was done; NULL: not yet';
COMMENT ON COLUMN kra.actions.outcome IS 'what it brought';

CREATE TABLE kra.rule_settings (
    rule text PRIMARY KEY CHECK (rule <> '' AND kra_internal.is_short(rule)),
    is_enabled boolean NOT NULL DEFAULT true,
    threshold double precision CHECK (threshold > '-infinity' AND threshold < 'infinity')
);
COMMENT ON TABLE kra.rule_settings IS 'rules of findings that a company has changed';
COMMENT ON COLUMN kra.rule_settings.rule IS 'the rule, one of kra_bi.rule_reference';
COMMENT ON COLUMN kra.rule_settings.is_enabled IS 'false: it is off';
COMMENT ON COLUMN kra.rule_settings.threshold IS 'its threshold; NULL: the default';

CREATE TABLE kra.waivers (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    rule text NOT NULL CHECK (rule <> '' AND kra_internal.is_short(rule)),
    about text NOT NULL CHECK (about <> '' AND kra_internal.is_line(about)),
    subject_id integer REFERENCES kra.subjects,
    reason text NOT NULL CHECK (btrim(reason) <> '' AND kra_internal.is_note(reason)),
    author text NOT NULL DEFAULT kra.viewer() CHECK (kra_internal.is_short(author)),
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_on date NOT NULL CHECK (isfinite(ends_on)),
    CHECK ((subject_id IS NOT NULL) = (split_part(about, ':', 1) IN ('subject', 'target', 'review',
        'action')))
);
CREATE INDEX ON kra.waivers (subject_id);
COMMENT ON TABLE kra.waivers IS 'findings that somebody has silenced for a time';
COMMENT ON COLUMN kra.waivers.id IS 'id';
COMMENT ON COLUMN kra.waivers.rule IS 'the rule';
COMMENT ON COLUMN kra.waivers.about IS 'what the finding is about: about_kind and about_key of kra_bi.findings, with a colon between';
COMMENT ON COLUMN kra.waivers.subject_id IS 'the subject of the finding, who may see the waiver; NULL: of none';
COMMENT ON COLUMN kra.waivers.reason IS 'why';
COMMENT ON COLUMN kra.waivers.author IS 'who';
COMMENT ON COLUMN kra.waivers.created_at IS 'when';
COMMENT ON COLUMN kra.waivers.ends_on IS 'last day on which it holds';

CREATE TABLE kra_internal.notices (
    item text PRIMARY KEY CHECK (item <> ''),
    sent_on date NOT NULL CHECK (isfinite(sent_on))
);
COMMENT ON TABLE kra_internal.notices IS 'what notify_due has told, so that each item is told once a day';
COMMENT ON COLUMN kra_internal.notices.item IS 'row_key of the item in kra_bi.due';
COMMENT ON COLUMN kra_internal.notices.sent_on IS 'day on which it was last told';

CREATE TABLE kra.definition_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    table_name text NOT NULL,
    row_key text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'load', 'forget')),
    before jsonb,
    after jsonb,
    is_result boolean NOT NULL DEFAULT false
);
CREATE INDEX ON kra.definition_log (table_name, row_key kra_internal.hidden_text_ops);
CREATE INDEX ON kra.definition_log (changed_at);
COMMENT ON TABLE kra.definition_log IS 'every change of a definition, every review, and every change or removal of a measurement by hand, a check-in, action, acknowledgement, review or waiver; append only, written by triggers';
COMMENT ON COLUMN kra.definition_log.id IS 'id, in the order of the changes; below 0: of a load';
COMMENT ON COLUMN kra.definition_log.changed_at IS 'when the transaction began';
COMMENT ON COLUMN kra.definition_log.changed_by IS 'the database role that made the change';
COMMENT ON COLUMN kra.definition_log.table_name IS 'table of the row';
COMMENT ON COLUMN kra.definition_log.row_key IS 'which row, by its keys; of a load, which session';
COMMENT ON COLUMN kra.definition_log.operation IS 'insert, update, delete, forget: a person was forgotten, and their older rows here lost their names and texts, or load: rows came out of a dump or by logical replication, which bring their own log along';
COMMENT ON COLUMN kra.definition_log.before IS 'the row before; NULL for an insert';
COMMENT ON COLUMN kra.definition_log.after IS 'the row after; NULL for a delete; of a load, by what it came';
COMMENT ON COLUMN kra.definition_log.is_result IS 'true: of what was noted or measured about a subject, and shown to those who see all; false: of a definition';

-- Derived from placements by triggers, and from nothing else: not dumped, rebuilt by a restore.

CREATE TABLE kra_internal.subject_timeline (
    subject_id integer NOT NULL REFERENCES kra.subjects ON DELETE CASCADE,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    resumes_on date NOT NULL,
    parent_id integer,
    job_role_id integer,
    PRIMARY KEY (subject_id, valid_from)
);
CREATE INDEX ON kra_internal.subject_timeline (parent_id);
CREATE INDEX ON kra_internal.subject_timeline (job_role_id);
COMMENT ON TABLE kra_internal.subject_timeline IS 'derived: placements in which a subject is active, as spans of time';
COMMENT ON COLUMN kra_internal.subject_timeline.subject_id IS 'the subject';
COMMENT ON COLUMN kra_internal.subject_timeline.valid_from IS 'first day';
COMMENT ON COLUMN kra_internal.subject_timeline.valid_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra_internal.subject_timeline.resumes_on IS 'first day of the next span; infinity: none. In a period that ends before it, this span counts';
COMMENT ON COLUMN kra_internal.subject_timeline.parent_id IS 'the subject above';
COMMENT ON COLUMN kra_internal.subject_timeline.job_role_id IS 'its role';

CREATE TABLE kra_internal.subject_ancestors (
    subject_id integer NOT NULL REFERENCES kra.subjects ON DELETE CASCADE,
    ancestor_id integer NOT NULL,
    depth integer NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    resumes_on date NOT NULL,
    PRIMARY KEY (subject_id, ancestor_id, valid_from)
);
CREATE INDEX ON kra_internal.subject_ancestors (ancestor_id, depth, subject_id);
COMMENT ON TABLE kra_internal.subject_ancestors IS 'derived: every subject with all subjects above it, and itself, as spans of time';
COMMENT ON COLUMN kra_internal.subject_ancestors.subject_id IS 'the subject';
COMMENT ON COLUMN kra_internal.subject_ancestors.ancestor_id IS 'a subject above it; itself at depth 0';
COMMENT ON COLUMN kra_internal.subject_ancestors.depth IS 'how many steps above';
COMMENT ON COLUMN kra_internal.subject_ancestors.valid_from IS 'first day';
COMMENT ON COLUMN kra_internal.subject_ancestors.valid_until IS 'the day after the last; infinity: none';
COMMENT ON COLUMN kra_internal.subject_ancestors.resumes_on IS 'first day on which the subject is next below somebody by a new span, of its own or of one between the two; infinity: none. In a period that ends before it, this span counts';

-- A dump holds what people entered.
SELECT pg_catalog.pg_extension_config_dump('kra.settings', '');
SELECT pg_catalog.pg_extension_config_dump('kra.job_roles', '');
SELECT pg_catalog.pg_extension_config_dump('kra.subjects', '');
SELECT pg_catalog.pg_extension_config_dump('kra.placements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.move_consents', '');
SELECT pg_catalog.pg_extension_config_dump('kra.objectives', '');
SELECT pg_catalog.pg_extension_config_dump('kra.objective_parents', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpis', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpi_drives', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpi_owners', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_areas', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_area_kpis', '');
SELECT pg_catalog.pg_extension_config_dump('kra.targets', '');
SELECT pg_catalog.pg_extension_config_dump('kra.acknowledgements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.benchmarks', '');
SELECT pg_catalog.pg_extension_config_dump('kra.measurements', '');
SELECT pg_catalog.pg_extension_config_dump('kra.milestones', '');
SELECT pg_catalog.pg_extension_config_dump('kra.check_ins', '');
SELECT pg_catalog.pg_extension_config_dump('kra.reviews', '');
SELECT pg_catalog.pg_extension_config_dump('kra.actions', '');
SELECT pg_catalog.pg_extension_config_dump('kra.rule_settings', '');
SELECT pg_catalog.pg_extension_config_dump('kra.waivers', '');
SELECT pg_catalog.pg_extension_config_dump('kra_internal.notices', '');
SELECT pg_catalog.pg_extension_config_dump('kra.definition_log', '');
SELECT pg_catalog.pg_extension_config_dump('kra.job_roles_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.subjects_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.move_consents_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.objectives_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.kpis_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.result_areas_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.milestones_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.check_ins_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.reviews_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.actions_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.waivers_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('kra.definition_log_id_seq', '');
