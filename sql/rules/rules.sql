-- Rules of findings: what each means, and the thresholds in force. A rule is a row here and one
-- query in 97_findings_*.sql, under the function of what it looks at:
--
--   findings_of_subject   people and groups: their cards, targets, objectives, reviews and actions
--   findings_of_role      roles and their KRAs
--   findings_of_kpi       KPIs, whoever carries them
--
-- To add one: a row here, a query there, and a test that makes it fire, one that shows it silent and
-- one at its threshold.

CREATE FUNCTION kra_internal.built_in_rules()
RETURNS TABLE (rule text, family text, about_kind text, severity text, threshold double precision, threshold_meaning text, is_enabled boolean,
    smart text, meaning text, rationale text, hint text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 60
BEGIN ATOMIC
    SELECT r.rule, r.family, r.about_kind, r.severity, r.threshold::double precision, r.threshold_meaning, r.rule <> 'weights_not_whole', r.smart, r.meaning, r.rationale, r.hint
    FROM (VALUES
    -- focus
    ('too_few_kras', 'focus', 'role', 'warning', 3, 'fewest KRAs', NULL, 'the role has fewer KRAs than the threshold',
        'One or two domains seldom cover what a role is there for.', 'Name the domains that the role owns, and give each a KPI.'),
    ('too_many_kras', 'focus', 'role', 'warning', 5, 'most KRAs', NULL, 'the role has more KRAs than the threshold',
        'Who owns everything owns nothing: 3 to 5 domains keep focus.', 'Merge domains, or give some to another role.'),
    ('kra_without_kpi', 'focus', 'kra', 'warning', NULL, NULL, NULL, 'no KPI was ever put into the KRA',
        'A domain that nothing measures is a wish.', 'Give it 1 to 3 KPIs, or drop it.'),
    ('too_many_kpis_in_kra', 'focus', 'kra', 'warning', 3, 'most KPIs in a KRA', NULL, 'the KRA has more KPIs than the threshold',
        'More than three numbers for one domain hide which of them matters.', 'Keep the outcome and what drives it.'),
    ('too_many_kpis', 'focus', 'subject', 'warning', 5, 'most KPIs of a person', NULL, 'a person carries more KPIs than the threshold',
        'People carry 3 to 5 numbers in their heads; the rest is reporting.', 'Keep those that the person can move and the company needs.'),
    ('overloaded', 'focus', 'subject', 'serious', 10, 'KPIs of a person from which on it is serious', NULL, 'a person carries as many KPIs as the threshold, or more',
        'With ten KPIs, each is a tenth of the attention: a team that cut ten to three doubled its results.', 'Cut to 3 to 5: the outcomes, and one activity to steer by.'),
    ('too_many_kpis_in_group', 'focus', 'subject', 'warning', 8, 'most KPIs of a team or project', NULL, 'a team or project carries more KPIs than the threshold',
        'A team that watches everything steers by nothing.', 'Leave to single members what only they can move.'),
    ('too_few_objectives', 'focus', 'subject', 'warning', 3, 'fewest objectives at a time', NULL, 'who has objectives has fewer of its own at a time than the threshold',
        'A single objective bends everything towards it.', 'Add what must not suffer meanwhile.'),
    ('too_many_objectives', 'focus', 'subject', 'warning', 5, 'most objectives at a time', NULL, 'who has objectives has more of its own at a time than the threshold',
        'More than five priorities are none.', 'Put some off to the next period.'),
    ('too_many_primary_outcomes', 'focus', 'subject', 'warning', 2, 'most primary outcomes of a team', NULL, 'a team has more outcomes that drive no other KPI than the threshold',
        'Outcomes that do not lead to each other compete.', 'Say which outcome serves which (drives), or leave some to other teams.'),
    -- outcome over activity
    ('no_outcome', 'balance', 'role', 'serious', NULL, NULL, NULL, 'the card of the role has no outcome KPI with a weight',
        'Where effort is all that is measured, effort is all that one gets.', 'Add the result that the effort is for.'),
    ('activity_heavy', 'balance', 'role', 'warning', 0.5, 'greatest share of the weight on activity', NULL, 'activity has more of the weight than the threshold',
        'People do what counts; let results count for more.', 'Move weight to the outcomes.'),
    ('no_leading_kpi', 'balance', 'kpi', 'warning', 1, 'fewest leading KPIs that drive an outcome', NULL, 'an outcome on a card has fewer leading KPIs that drive it than the threshold',
        'A result comes too late to steer by.', 'Name the leading KPI that moves it (drives).'),
    ('too_many_leading_kpis', 'balance', 'kpi', 'warning', 2, 'most leading KPIs that drive an outcome', NULL, 'an outcome on a card has more leading KPIs that drive it than the threshold',
        'One or two levers are pulled; five are watched.', 'Keep the one or two that move it most (see kra.driver).'),
    ('leading_only', 'balance', 'role', 'warning', NULL, NULL, NULL, 'all KPIs of the card are leading',
        'Early signs without a result tell only that something is under way.', 'Add the lagging result.'),
    ('lagging_only', 'balance', 'role', 'warning', NULL, NULL, NULL, 'all KPIs of the card are lagging',
        'By the time a lagging KPI moves it is too late to act on it.', 'Add a leading KPI that drives it.'),
    ('quantity_without_quality', 'balance', 'kra', 'warning', NULL, NULL, NULL, 'the KRA counts an amount (sum or count) and has no KPI of quality (ratio, mean, last, or a scale) beside it; info where the amount is an outcome',
        'What is only counted grows in number and shrinks in worth.', 'Put a measure of quality beside it, such as a rate or a rating.'),
    ('busy_not_moving', 'balance', 'subject', 'serious', 2, 'periods in a row', NULL, 'activity at target and outcome not, for as many periods in a row as the threshold, or more',
        'Everyone looks busy and the numbers do not move: the activity is not what moves the result.', 'Ask what else drives the outcome, and change the activity rather than its amount.'),
    ('vanity_activity', 'balance', 'kpi', 'warning', 12, 'fewest periods to judge by', NULL, 'over as many periods as the threshold or more, nothing shows that the activity moves the outcome that it is to drive',
        'An activity that does not move its outcome is vanity.', 'Replace it, or drop it (see kra.driver).'),
    ('manual_activity', 'balance', 'role', 'warning', 0.5, 'greatest share of activities among what is entered by hand', NULL, 'of the KPIs of the card that are entered by hand, more are activities than the threshold allows',
        'People who type in their own effort lose time for work, and the numbers their worth.', 'Collect activity from the systems where it happens (source), or drop it.'),
    -- definition
    ('orphan_kpi', 'definition', 'kpi', 'warning', NULL, NULL, 'R', 'neither the KPI nor what it drives measures an objective',
        'A metric is a KPI only when it is tied to an objective.', 'Name its objective, or the KPI that it drives.'),
    ('no_owner', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'nobody owns the KPI',
        'What nobody answers for nobody moves.', 'Name an owner.'),
    ('owner_gone', 'definition', 'kpi', 'serious', NULL, NULL, 'A', 'the owner of the KPI is no longer active',
        'An owner who is gone answers for nothing.', 'Name another owner.'),
    ('no_description', 'definition', 'kpi', 'info', NULL, NULL, 'S', 'the KPI has no description',
        'Without it, everybody counts something else.', 'Say what is counted and what is not.'),
    ('no_unit', 'definition', 'kpi', 'info', NULL, NULL, 'S', 'the KPI has no unit',
        'A number without a unit is read as another one.', 'Name the unit as people write it: %, $, days, calls.'),
    ('no_target', 'definition', 'target', 'serious', NULL, NULL, 'S', 'a KPI on the card has no target',
        'Without a target nobody knows what good is.', 'Agree on a target with the owner (see kra.propose_target).'),
    ('no_due_date', 'definition', 'kpi', 'warning', NULL, NULL, 'T', 'neither the target nor the objective that the KPI serves has a date by which it is due',
        'A target without a deadline is for ever tomorrow.', 'Add "by" and a date to the target, or a date to the objective.'),
    ('no_context', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'the KPI has no baseline, no benchmark and no earlier value',
        'A number alone says neither good nor bad.', 'Add a baseline ("from"), or a benchmark.'),
    ('no_cadence', 'definition', 'kpi', 'warning', 0.5, 'least share of its periods with a value', 'T', 'of the periods since its first measurement, a smaller share than the threshold has a value',
        'A cadence that is not kept is none.', 'Measure at that cadence, or choose a longer one.'),
    ('no_source', 'definition', 'kpi', 'warning', NULL, NULL, 'M', 'the KPI has no source relation; info where it is entered by hand, a warning where it was never measured',
        'What has no source is not measured for long.', 'Bind it to a relation of the warehouse (source), or record it.'),
    ('silo', 'definition', 'kpi', 'serious', 0.01, 'greatest relative difference', 'M', 'two KPIs of the same name and unit differ by more than the threshold for the same subject and period',
        'Two figures for one thing, and the meeting is about which is right.', 'Keep one definition, retire the other.'),
    ('qualitative_without_scale', 'definition', 'kpi', 'warning', NULL, NULL, 'M', 'the KPI is an opinion by its name or unit, and has no scale',
        'An opinion without a scale is a mood of the day.', 'Give it a scale: csat_top_two_box, csat_mean, nps or ordinal.'),
    ('not_influenceable', 'definition', 'kpi', 'warning', NULL, NULL, 'A', 'neither its owner, nor a role that carries it, is among those who can move the KPI',
        'Who is judged by what he cannot move learns to explain, not to act.', 'Give it to those who can move it, or name what they can move.'),
    ('login_unknown', 'definition', 'subject', 'warning', NULL, NULL, NULL, 'the login of the subject is no database role, or no longer: shown to those who see all subjects',
        'A role that was renamed or dropped took its sight along, and whoever makes a role of the old name gets it.', 'Correct the login of the subject, or set it to null (kra.define).'),
    ('kra_is_task', 'definition', 'kra', 'warning', NULL, NULL, NULL, 'the name of the KRA starts with a verb or holds a date, or its KPIs are only ever done or not done',
        'A KRA is a domain, stable over years; a task ends.', 'Name the domain; make the task a milestone or an action.'),
    ('role_without_purpose', 'definition', 'role', 'warning', NULL, NULL, NULL, 'the role has no purpose',
        'Who cannot say why a role exists cannot say what it should reach.', 'Say in a sentence why the role exists.'),
    ('missing_perspective', 'definition', 'role', 'info', 4, 'fewest of the four perspectives', NULL, 'the KRAs of the role cover fewer perspectives (financial, customer, process, people) than the threshold',
        'What no perspective looks at is paid for later.', 'Ask whether the missing side is somebody else''s.'),
    ('weights_not_whole', 'definition', 'role', 'warning', 1, 'what the weights are to add up to', NULL, 'the weights of the card do not add up to the threshold; off unless a company turns it on',
        'Shares that do not add up are not the shares that people think.', 'Set the weights so that they add up.'),
    -- fit
    ('copied_kpis', 'fit', 'role', 'warning', 0.8, 'least share of KPIs in common (Jaccard)', NULL, 'the role has the KPIs of another role, by name, to the threshold or more',
        'A template that fits everybody was made for nobody.', 'Ask what this role alone is there for.'),
    ('copied_from_unit', 'fit', 'subject', 'warning', 2, 'least factor between the sizes', NULL, 'a unit carries the KPIs and the very targets of another that has a multiple of its people, to the threshold or more, and one of them adds up over people',
        'Targets of another unit at another scale ask for too much or too little.', 'Derive targets from its own history (see kra.propose_target).'),
    ('imposed_target', 'fit', 'target', 'warning', 14, 'days to acknowledge a target', 'A', 'a target in force for longer than the threshold was not acknowledged',
        'A target that its owner never took is somebody else''s.', 'Talk about it until the owner acknowledges it, or change it.'),
    ('changed_after_acknowledgement', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target in force is another than the one acknowledged',
        'Who agreed to 50 has not agreed to 80.', 'Ask the owner to acknowledge the new one.'),
    ('target_moved', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target was changed after the period began',
        'A target that moves with the result measures nothing.', 'Change targets from the next period on.'),
    ('target_beyond_history', 'fit', 'target', 'warning', NULL, NULL, 'A', 'the target asks for more change than was ever seen in the same time',
        'What never happened needs a reason why it should now.', 'Name what will be different, or aim within reach (see kra.propose_target).'),
    ('target_beyond_limits', 'fit', 'target', 'serious', NULL, NULL, 'A', 'the target lies beyond what answers on a scale can be, or, as a warning, beyond what a share can be, such as 105 %, or beyond the natural limits of the process',
        'A target out of reach is not aimed at.', 'Aim within the limits, or change the process first.'),
    ('target_above_300_pct', 'fit', 'target', 'serious', 3, 'greatest ratio of target to start', 'A', 'the target is more than the threshold times where it starts',
        'Targets of 300 % are met by accident or by tricks.', 'Split it into steps that can be planned.'),
    ('sandbagged_target', 'fit', 'target', 'info', 1.2, 'least attainment', 'A', 'the target was met in each of the last 6 periods, with an attainment of at least the threshold',
        'A target that is always met by far was set to be met.', 'Raise it together with its owner.'),
    -- life
    ('stale_data', 'life', 'kpi', 'warning', NULL, NULL, 'M', 'the newest data are older than the KPI allows',
        'A decision on old data is a decision about the past.', 'Find out why nothing comes any more.'),
    ('stale_subject', 'life', 'target', 'warning', NULL, NULL, 'M', 'the data of this subject, since the KPI came onto its card, are older than the KPI allows, while others'' are not',
        'Who is no longer measured drops out of the score.', 'Find out why nothing comes for this one.'),
    ('review_overdue', 'life', 'review', 'warning', 14, 'days after the end of the period', NULL, 'the review of the last period was not closed within the threshold after its end',
        'What is looked at once a year is not steered by.', 'Hold the review (see kra.review_agenda), and close it.'),
    ('kpi_not_revisited', 'life', 'kpi', 'info', 6, 'months', NULL, 'for longer than the threshold nothing about the KPI was set, and nobody asked whether it is still right',
        'A KPI outlives its reason quietly.', 'Ask whether it still serves its objective; kra.revisit says that you did.'),
    ('kra_not_revisited', 'life', 'kra', 'info', 12, 'months', NULL, 'for longer than the threshold nothing about the KRA was set, and nobody asked whether it is still right',
        'Domains shift with the strategy.', 'Ask whether the role still owns it; kra.revisit says that you did.'),
    ('kra_churn', 'life', 'role', 'warning', 1, 'most changes in a year', NULL, 'KRAs of the role were replaced or renamed more often within a year than the threshold',
        'A KRA is stable over years; what changes every quarter was a task.', 'Let the KRAs stand, and change KPIs and targets within them.'),
    ('candidate_undecided', 'life', 'kpi', 'info', 90, 'days', NULL, 'a candidate has waited for longer than the threshold',
        'Candidates that nobody decides on are measured for nothing.', 'Promote it (kra.promote), or retire it (kra.retire).'),
    ('retired_on_card', 'life', 'kpi', 'warning', NULL, NULL, NULL, 'a retired KPI still stands on a card',
        'A KPI that was given up still draws effort.', 'Take it off the card.'),
    ('action_overdue', 'life', 'action', 'warning', NULL, NULL, NULL, 'an action is past its day and not done',
        'An action that nobody follows up was talk.', 'Do it, drop it with a reason, or agree on another day.'),
    ('review_without_action', 'life', 'review', 'warning', NULL, NULL, NULL, 'the latest closed review led to no action; info where all targets were met',
        'A review that ends without an action ends nothing.', 'Agree on one action with an owner and a day.'),
    ('consistently_missed', 'life', 'target', 'serious', 3, 'misses in a row', NULL, 'the target was missed in as many periods in a row as the threshold, or in 4 of the last 6',
        'A target missed again and again is a wrong target or a wrong plan; waiting is neither.', 'Change the plan, or change the target.'),
    ('plateau', 'life', 'target', 'warning', 6, 'periods that the limits come from; twice as many follow', NULL, 'the target is not met, or in a quarter of the periods at most, and nothing moves: the values stay within their limits',
        'More of the same brings more of the same.', 'Change how the work is done; more effort will not move it.'),
    ('low_roi_activity', 'life', 'target', 'warning', 4, 'periods of the last 6', NULL, 'in as many of the last 6 periods as the threshold or more, the activity met its target and the outcome that it is to drive missed its own',
        'Effort that does not pay is taken from effort that would.', 'Spend it on what moves the outcome.')
    ) r (rule, family, about_kind, severity, threshold, threshold_meaning, smart, meaning, rationale, hint);
END;
COMMENT ON FUNCTION kra_internal.built_in_rules() IS 'the rules of findings as they are shipped: family (focus, balance, definition, fit, life), what they are about (subject, role, kra, kpi, target, review, action), severity (info, warning, serious), default threshold and what it means, whether they are on, the letter of SMART that they belong to, meaning, rationale and what to do';

CREATE FUNCTION kra_internal.rule_limits() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(r.rule, coalesce(s.threshold, r.threshold))
    FROM kra_internal.built_in_rules() r LEFT JOIN kra.rule_settings s ON s.rule = r.rule
    WHERE coalesce(s.is_enabled, r.is_enabled);
END;
COMMENT ON FUNCTION kra_internal.rule_limits() IS 'thresholds in force by rule, null where a rule has none; a rule that is off is not in it';

-- Inlined by the planner.
CREATE FUNCTION kra_internal.about_key(first text, second text DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN first ~ '(^| )/( |$)|"' THEN '"' || replace(replace(first, E'\\', E'\\\\'), '"', E'\\"') || '"' ELSE first END
        || coalesce(' / ' || CASE WHEN second ~ '(^| )/( |$)|"' THEN '"' || replace(replace(second, E'\\', E'\\\\'), '"', E'\\"') || '"' ELSE second END, '');
END;
COMMENT ON FUNCTION kra_internal.about_key(text, text) IS 'one or two keys, with a slash between, to name what a finding is about or what is due; one that holds a slash with spaces around it, or a quote, is quoted, so that no two pairs of keys make the same text';

-- What the functions of rules return: one row per rule and thing that it is about.
CREATE TYPE kra_internal.fault AS (
    rule text, about_kind text, about_key text, about_name text,
    subject_id integer, job_role_id integer, result_area_id integer, kpi_id integer,
    severity text, message text, hint text, since date, evidence double precision
);
COMMENT ON TYPE kra_internal.fault IS 'a rule that something breaks; severity and hint are NULL where those of the rule hold';
COMMENT ON COLUMN kra_internal.fault.rule IS 'the rule';
COMMENT ON COLUMN kra_internal.fault.about_kind IS 'subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra_internal.fault.about_key IS 'keys of what it is about (see kra_internal.about_key): stable, so that it can be waived';
COMMENT ON COLUMN kra_internal.fault.about_name IS 'its name for people';
COMMENT ON COLUMN kra_internal.fault.subject_id IS 'the subject; NULL: of none';
COMMENT ON COLUMN kra_internal.fault.job_role_id IS 'the role; NULL: of none';
COMMENT ON COLUMN kra_internal.fault.result_area_id IS 'the KRA; NULL: of none';
COMMENT ON COLUMN kra_internal.fault.kpi_id IS 'the KPI; NULL: of none';
COMMENT ON COLUMN kra_internal.fault.severity IS 'info, warning or serious, where it differs from that of the rule';
COMMENT ON COLUMN kra_internal.fault.message IS 'a sentence with the evidence';
COMMENT ON COLUMN kra_internal.fault.hint IS 'what to do, where it is more than the rule''s hint';
COMMENT ON COLUMN kra_internal.fault.since IS 'since when; NULL: not known';
COMMENT ON COLUMN kra_internal.fault.evidence IS 'the number that was held against the threshold';

CREATE FUNCTION kra_internal.rule_settings_check() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
BEGIN
    IF kra_internal.is_restoring() THEN
        RETURN NEW;   -- another version may have had other rules
    END IF;
    SELECT * INTO r FROM kra_internal.built_in_rules() b WHERE b.rule = NEW.rule;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no rule %', kra_internal.quoted(NEW.rule) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'kra_bi.rule_reference lists them.';
    ELSIF NEW.threshold IS NOT NULL AND r.threshold IS NULL THEN
        RAISE EXCEPTION 'rule % has no threshold', quote_ident(NEW.rule) USING ERRCODE = 'invalid_parameter_value',
            HINT = 'It can be turned off: is_enabled = false.';
    ELSIF NEW.threshold < 0 THEN
        RAISE EXCEPTION 'the threshold of rule % must not be negative', quote_ident(NEW.rule) USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION kra_internal.rule_settings_check() IS 'trigger: settings are of rules that there are, and thresholds of rules that have one';
CREATE TRIGGER rule_settings_check BEFORE INSERT OR UPDATE ON kra.rule_settings
    FOR EACH ROW EXECUTE FUNCTION kra_internal.rule_settings_check();
