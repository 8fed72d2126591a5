-- Who may do what: a line an object. Every function, table, view and sequence stands here once,
-- with the kinds of role that may use it; of a function that is EXECUTE. Every kind is a reader,
-- an admin is of every kind, everybody is PUBLIC, and nobody the owner alone. What is for some
-- belongs to the owner of the extension (owner.sql), so that all grants are of one hand.

CREATE FUNCTION kra_internal.reader() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.reader() IS 'who may call this function is a reader (see kra.grant_reader)';

CREATE FUNCTION kra_internal.reviewer() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.reviewer() IS 'who may call this function is a reviewer (see kra.grant_reviewer)';

CREATE FUNCTION kra_internal.target_setter() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.target_setter() IS 'who may call this function is a target setter (see kra.grant_target_setter)';

CREATE FUNCTION kra_internal.keeper() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.keeper() IS 'who may call this function is a keeper (see kra.grant_keeper)';

CREATE FUNCTION kra_internal.author() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.author() IS 'who may call this function is an author (see kra.grant_author)';

CREATE FUNCTION kra_internal.admin() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION kra_internal.admin() IS 'who may call this function is an admin (see kra.grant_admin)';

CREATE FUNCTION kra_internal.rights() RETURNS TABLE (object text, holders text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.object, r.holders
    FROM (
        VALUES
        -- schemas, tables, views and sequences
        ('schema kra', 'everybody: USAGE'),
        ('schema kra_internal', 'everybody: USAGE'),
        ('schema kra_bi', 'everybody: USAGE'),
        ('table kra.settings', 'reader: SELECT; admin: INSERT, UPDATE, DELETE'),
        ('table kra.job_roles', 'reader: SELECT; author: INSERT, UPDATE; admin: DELETE'),
        ('table kra.subjects', 'reader: SELECT; author: INSERT, UPDATE; admin: DELETE'),
        ('table kra.placements', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.move_consents',
            'reader: SELECT, INSERT (subject_id, parent_key, effective_from)'),
        ('table kra.objectives', 'reader: SELECT; author: INSERT, UPDATE; admin: DELETE'),
        ('table kra.kpis', 'reader: SELECT; author: INSERT, UPDATE; admin: DELETE'),
        ('table kra.objective_parents', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.kpi_drives', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.kpi_owners', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.result_areas', 'reader: SELECT; author: INSERT, UPDATE; admin: DELETE'),
        ('table kra.result_area_kpis', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.targets', 'reader: SELECT; target_setter, author: INSERT, UPDATE, DELETE'),
        ('table kra.acknowledgements', 'reader: SELECT, INSERT'),
        ('table kra.benchmarks', 'reader: SELECT; author: INSERT, UPDATE, DELETE'),
        ('table kra.measurements', 'reader: SELECT; keeper: INSERT, UPDATE, DELETE'),
        ('table kra.milestones', 'reader: SELECT; author, reviewer: INSERT, UPDATE, DELETE'),
        ('table kra.check_ins',
            'reader: SELECT, INSERT (subject_id, kpi_id, objective_id, comment); '
            'admin: INSERT, UPDATE, DELETE'),
        ('table kra.reviews', 'reader: SELECT; reviewer: INSERT; admin: INSERT, UPDATE, DELETE'),
        ('table kra.actions',
            'reader: SELECT, UPDATE (done_on, outcome); reviewer: INSERT, UPDATE, DELETE'),
        ('table kra.rule_settings', 'reader: SELECT; admin: INSERT, UPDATE, DELETE'),
        ('table kra.waivers', 'reader: SELECT; author, reviewer: INSERT, UPDATE, DELETE'),
        ('table kra.definition_log', 'author: SELECT'),
        ('table kra_internal.notices', 'admin: SELECT, INSERT, UPDATE, DELETE'),
        ('table kra_internal.locks', 'nobody'),
        ('table kra_internal.kept_lines', 'reader: SELECT'),
        ('table kra_internal.kept_days', 'reader: SELECT'),
        ('table kra_internal.line_work', 'nobody'),
        ('table kra_internal.subject_timeline', 'reader: SELECT'),
        ('table kra_internal.subject_ancestors', 'reader: SELECT'),
        ('table kra_internal.settings_in_force', 'reader: SELECT'),
        ('table kra_internal.role_kpis', 'reader: SELECT'),
        ('table kra_internal.target_spans', 'reader: SELECT'),
        ('table kra.role_grants', 'reader: SELECT'),
        ('table kra_bi.kpi_results', 'reader: SELECT'),
        ('table kra_bi.kra_results', 'reader: SELECT'),
        ('table kra_bi.scorecards', 'reader: SELECT'),
        ('table kra_bi.imbalances', 'reader: SELECT'),
        ('table kra_bi.group_results', 'reader: SELECT'),
        ('table kra_bi.dim_subject', 'reader: SELECT'),
        ('table kra_bi.dim_kpi', 'reader: SELECT'),
        ('table kra_bi.dim_period', 'reader: SELECT'),
        ('table kra_bi.findings', 'reader: SELECT'),
        ('table kra_bi.due', 'reader: SELECT'),
        ('table kra_bi.rule_reference', 'reader: SELECT'),
        ('table kra_bi.objectives', 'reader: SELECT'),
        ('table kra_bi.kpi_register', 'reader: SELECT'),
        ('table kra_bi.data_dictionary', 'reader: SELECT'),
        ('sequence kra.job_roles_id_seq', 'admin: SELECT'),
        ('sequence kra.subjects_id_seq', 'admin: SELECT'),
        ('sequence kra.move_consents_id_seq', 'admin: SELECT'),
        ('sequence kra.objectives_id_seq', 'admin: SELECT'),
        ('sequence kra.kpis_id_seq', 'admin: SELECT'),
        ('sequence kra.result_areas_id_seq', 'admin: SELECT'),
        ('sequence kra.milestones_id_seq', 'admin: SELECT'),
        ('sequence kra.check_ins_id_seq', 'admin: SELECT'),
        ('sequence kra.reviews_id_seq', 'admin: SELECT'),
        ('sequence kra.actions_id_seq', 'admin: SELECT'),
        ('sequence kra.waivers_id_seq', 'admin: SELECT'),
        ('sequence kra.definition_log_id_seq', 'admin: SELECT'),
        -- what people call
        ('function kra.grant_reviewer(name)', 'admin'),
        ('function kra.grant_target_setter(name)', 'admin'),
        ('function kra.grant_keeper(name)', 'admin'),
        ('function kra.percent_text(float8,integer)', 'everybody'),
        ('function kra.revoke_reviewer(name)', 'admin'),
        ('function kra.revoke_target_setter(name)', 'admin'),
        ('function kra.revoke_keeper(name)', 'admin'),
        ('function kra.acknowledge(text,text,text,text,kra.kpi_target,date)', 'reader'),
        ('function kra.actual_agg(float8,date)', 'everybody'),
        ('function kra.actual_agg(float8,date,float8)', 'everybody'),
        ('function kra.actual_agg(float8,timestamptz)', 'everybody'),
        ('function kra.actual_agg(float8,timestamptz,float8)', 'everybody'),
        ('function kra.add_action(text,text,text,date,text,text)', 'reviewer'),
        ('function kra.after(kra.kpi_change)', 'everybody'),
        ('function kra.answer_score(text,text[],text)', 'everybody'),
        ('function kra.assess(float8,kra.kpi_target,date,float8)', 'everybody'),
        ('function kra.assurance(kra.xmr,kra.kpi_target,integer)', 'everybody'),
        ('function kra.at_least(float8,float8,float8,float8,float8,date,date)', 'everybody'),
        ('function kra.at_most(float8,float8,float8,float8,float8,date,date)', 'everybody'),
        ('function kra.attainment(float8,kra.kpi_target)', 'everybody'),
        ('function kra.attainment_agg(float8,kra.kpi_target)', 'everybody'),
        ('function kra.attainment_agg(float8,kra.kpi_target,float8)', 'everybody'),
        ('function kra.attainment_of(kra.kpi_balance,kra.kpi_kind)', 'everybody'),
        ('function kra.balance(kra.scorecard)', 'everybody'),
        ('function kra.balance_agg(kra.kpi_kind,float8,kra.kpi_target)', 'everybody'),
        ('function kra.balance_agg(kra.kpi_kind,float8,kra.kpi_target,float8)', 'everybody'),
        ('function kra.balance_agg(kra.kpi_kind,float8,kra.kpi_target,float8,text)', 'everybody'),
        ('function kra.baseline(kra.kpi_target)', 'everybody'),
        ('function kra.before(kra.kpi_change)', 'everybody'),
        ('function kra.bullet_svg(float8,kra.kpi_target,text,text,integer,integer)', 'everybody'),
        ('function kra.card_findings(kra.scorecard,integer,integer,integer,integer,integer,float8)',
            'everybody'),
        ('function kra.card_status(kra.scorecard,float8,boolean)', 'everybody'),
        ('function kra.centre(kra.xmr)', 'everybody'),
        ('function kra.change_agg(float8,date,date)', 'everybody'),
        ('function kra.change_agg(float8,date,date,kra.kpi_target)', 'everybody'),
        ('function kra.change_agg(float8,float8,float8)', 'everybody'),
        ('function kra.change_agg(float8,float8,float8,kra.kpi_target)', 'everybody'),
        ('function kra.change_agg(float8,timestamptz,timestamptz)', 'everybody'),
        ('function kra.change_agg(float8,timestamptz,timestamptz,kra.kpi_target)', 'everybody'),
        ('function kra.change_effect(float8,date,date)', 'everybody'),
        ('function kra.change_effect(float8,date,date,kra.kpi_target)', 'everybody'),
        ('function kra.change_effect(float8,float8,float8)', 'everybody'),
        ('function kra.change_effect(float8,float8,float8,kra.kpi_target)', 'everybody'),
        ('function kra.change_effect(float8,timestamptz,timestamptz)', 'everybody'),
        ('function kra.change_effect(float8,timestamptz,timestamptz,kra.kpi_target)', 'everybody'),
        ('function kra.change_effect(kra.kpi_change)', 'everybody'),
        ('function kra.check_in(text,text,text,text)', 'reader'),
        ('function kra.close_review(text,text,text,jsonb)', 'reviewer'),
        ('function kra.collect(text,date,boolean)', 'keeper'),
        ('function kra.compare_reviews(text,text,text)', 'reader'),
        ('function kra.complete_action(integer,text,date)', 'reader'),
        ('function kra.complete_milestone(text,text,date,float8)', 'author, reviewer'),
        ('function kra.consent_to_move(text,text,date)', 'reader'),
        ('function kra.context(float8,kra.kpi_target,float8,text,text,boolean)', 'everybody'),
        ('function kra.count_of(kra.kpi_attainment,kra.kpi_status)', 'everybody'),
        ('function kra.coverage(kra.kpi_attainment)', 'everybody'),
        ('function kra.coverage(kra.scorecard,kra.kpi_kind)', 'everybody'),
        ('function kra.dashboard(text,date,text)', 'reader'),
        ('function kra.data_uri(text)', 'everybody'),
        ('function kra.define(jsonb,boolean)', 'author'),
        ('function kra.definition(text,date)', 'reader'),
        ('function kra.diff(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra.direction(kra.kpi_target)', 'everybody'),
        ('function kra.direction(kra.kpi_trend,float8)', 'everybody'),
        ('function kra.driver(float8,float8)', 'everybody'),
        ('function kra.driver(float8,float8,integer)', 'everybody'),
        ('function kra.driver(float8,float8,integer,kra.kpi_target,kra.kpi_target,float8)',
            'everybody'),
        ('function kra.driver(float8,float8,kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra.dropped_ranges(kra.xmr)', 'everybody'),
        ('function kra.due(date,integer)', 'reader'),
        ('function kra.due_on(kra.kpi_target)', 'everybody'),
        ('function kra.entries(kra.scorecard)', 'everybody'),
        ('function kra.eta(kra.kpi_trend,kra.kpi_target)', 'everybody'),
        ('function kra.eta_float8(kra.kpi_trend,kra.kpi_target)', 'everybody'),
        ('function kra.exactly(float8,float8,float8,float8,float8,date,date)', 'everybody'),
        ('function kra.expected(kra.kpi_target,date)', 'everybody'),
        ('function kra.extension_version()', 'everybody'),
        ('function kra.findings(date)', 'reader'),
        ('function kra.first_at(kra.kpi_actual)', 'everybody'),
        ('function kra.first_at(kra.kpi_trend)', 'everybody'),
        ('function kra.forecast(kra.kpi_trend,date,float8)', 'everybody'),
        ('function kra.forecast(kra.kpi_trend,float8,float8)', 'everybody'),
        ('function kra.forecast(kra.kpi_trend,text,float8)', 'everybody'),
        ('function kra.forecast(kra.kpi_trend,timestamptz,float8)', 'everybody'),
        ('function kra.forget(text,text[],boolean)', 'admin'),
        ('function kra.grant_admin(name)', 'admin'),
        ('function kra.grant_author(name)', 'admin'),
        ('function kra.grant_reader(name)', 'admin'),
        ('function kra.hit_rate(kra.kpi_attainment)', 'everybody'),
        ('function kra.imbalance(kra.kpi_balance,float8,float8,float8,float8,float8)', 'everybody'),
        ('function kra.imbalance(kra.scorecard,float8,float8,float8,float8,float8)', 'everybody'),
        ('function kra.imbalances(date)', 'reader'),
        ('function kra.inside(float8,float8,float8,float8,float8,float8,date,date)', 'everybody'),
        ('function kra.intercept(kra.kpi_trend)', 'everybody'),
        ('function kra.kpi_register(date)', 'reader'),
        ('function kra.kpi_results(date)', 'reader'),
        ('function kra.kra_results(date)', 'reader'),
        ('function kra.kra_scores(kra.scorecard,float8)', 'everybody'),
        ('function kra.last_at(kra.kpi_actual)', 'everybody'),
        ('function kra.last_at(kra.kpi_trend)', 'everybody'),
        ('function kra.last_signal(float8)', 'everybody'),
        ('function kra.last_signal(float8,text)', 'everybody'),
        ('function kra.lower(kra.kpi_target)', 'everybody'),
        ('function kra.lower_limit(kra.xmr)', 'everybody'),
        ('function kra.mann_kendall(float8)', 'everybody'),
        ('function kra.mann_kendall(float8,float8)', 'everybody'),
        ('function kra.max(kra.kpi_target)', 'everybody'),
        ('function kra.max_attainment(kra.kpi_attainment)', 'everybody'),
        ('function kra.met(float8,kra.kpi_target)', 'everybody'),
        ('function kra.min(kra.kpi_target)', 'everybody'),
        ('function kra.min_attainment(kra.kpi_attainment)', 'everybody'),
        ('function kra.misses_in_a_row(boolean)', 'everybody'),
        ('function kra.modified_mann_kendall(float8)', 'everybody'),
        ('function kra.modified_mann_kendall(float8,float8)', 'everybody'),
        ('function kra.modified_mann_kendall(float8,float8,integer)', 'everybody'),
        ('function kra.moving_range(kra.xmr)', 'everybody'),
        ('function kra.note_acknowledgement(text,text,text,text,date,text,kra.kpi_target,date)',
            'reviewer, target_setter'),
        ('function kra.notify_due(text,date,boolean)', 'admin'),
        ('function kra.num_kpis(kra.kpi_attainment)', 'everybody'),
        ('function kra.num_kpis(kra.scorecard)', 'everybody'),
        ('function kra.num_points(kra.xmr)', 'everybody'),
        ('function kra.num_ranges(kra.xmr)', 'everybody'),
        ('function kra.objective_results(date)', 'reader'),
        ('function kra.p_value(kra.kpi_trend)', 'everybody'),
        ('function kra.plateau(float8,kra.kpi_target,integer)', 'everybody'),
        ('function kra.plateau(float8,kra.kpi_target,integer,text)', 'everybody'),
        ('function kra.probability(kra.kpi_trend,kra.kpi_target,date)', 'everybody'),
        ('function kra.probability(kra.kpi_trend,kra.kpi_target,float8)', 'everybody'),
        ('function kra.probability(kra.kpi_trend,kra.kpi_target,text)', 'everybody'),
        ('function kra.probability(kra.kpi_trend,kra.kpi_target,timestamptz)', 'everybody'),
        ('function kra.promote(text,text)', 'author'),
        ('function kra.propose_target(text,text,date,integer,text,integer)', 'reader'),
        ('function kra.r2(kra.kpi_trend)', 'everybody'),
        ('function kra.raw_score(kra.kpi_attainment,float8)', 'everybody'),
        ('function kra.record(text,text,date,anyarray,boolean)', 'keeper'),
        ('function kra.record(text,text,date,float8,float8,boolean)', 'keeper'),
        ('function kra.refresh()', 'keeper, admin'),
        ('function kra.report(text,text,date,text)', 'reader'),
        ('function kra.report_markdown(text,text,date)', 'reader'),
        ('function kra.retire(text,text)', 'author'),
        ('function kra.review_agenda(text,text,date)', 'reader'),
        ('function kra.revisit(text,text)', 'author'),
        ('function kra.revisit(text,text,text)', 'author'),
        ('function kra.revoke_admin(name)', 'admin'),
        ('function kra.revoke_author(name)', 'admin'),
        ('function kra.revoke_reader(name)', 'admin'),
        ('function kra.role_scope_diff(text,text,date)', 'reader'),
        ('function kra.rollup(kra.kpi_actual)', 'everybody'),
        ('function kra.rollup(kra.kpi_attainment)', 'everybody'),
        ('function kra.rollup(kra.kpi_balance)', 'everybody'),
        ('function kra.rollup(kra.kpi_change)', 'everybody'),
        ('function kra.rollup(kra.kpi_trend)', 'everybody'),
        ('function kra.rollup(kra.scorecard)', 'everybody'),
        ('function kra.scale(kra.kpi_target)', 'everybody'),
        ('function kra.score(kra.kpi_attainment,float8)', 'everybody'),
        ('function kra.score(kra.scorecard,kra.kpi_kind,float8,float8)', 'everybody'),
        ('function kra.scorecard(text,text,kra.kpi_kind,float8,kra.kpi_target,float8,text,text[],'
            'float8,kra.kpi_status,float8)',
            'everybody'),
        ('function kra.scorecard_agg(text,text,kra.kpi_kind,float8,kra.kpi_target,float8)',
            'everybody'),
        ('function kra.scorecard_agg(text,text,kra.kpi_kind,float8,kra.kpi_target,float8,text,'
            'text[])',
            'everybody'),
        ('function kra.scorecard_agg(text,text,kra.kpi_kind,float8,kra.kpi_target,float8,text,'
            'text[],float8,kra.kpi_status,float8)',
            'everybody'),
        ('function kra.scorecard_of(text,text,date,boolean)', 'reader'),
        ('function kra.scorecards(date)', 'reader'),
        ('function kra.seasonal_mann_kendall(float8,integer)', 'everybody'),
        ('function kra.seasonal_mann_kendall(float8,integer,float8)', 'everybody'),
        ('function kra.sees(integer)', 'reader'),
        ('function kra.sees(integer,date,date)', 'reader'),
        ('function kra.sees_all()', 'reader'),
        ('function kra.set_milestone(text,text,text,float8,text,date)', 'author, reviewer'),
        ('function kra.set_target(text,text,kra.kpi_target,date,text,text,text,float8[])',
            'target_setter, author'),
        ('function kra.sigma(kra.xmr)', 'everybody'),
        ('function kra.signal(float8,text,text,text,boolean,float8,float8,integer)', 'everybody'),
        ('function kra.signal_meaning(kra.kpi_signal,kra.kpi_target)', 'everybody'),
        ('function kra.since(kra.kpi_target)', 'everybody'),
        ('function kra.slope(kra.kpi_trend)', 'everybody'),
        ('function kra.slope(kra.kpi_trend,interval)', 'everybody'),
        ('function kra.slope_stderr(kra.kpi_trend)', 'everybody'),
        ('function kra.smart(text,date)', 'reader'),
        ('function kra.sparkline(float8[])', 'everybody'),
        ('function kra.sparkline_svg(float8[],text,integer,integer,kra.kpi_target)', 'everybody'),
        ('function kra.status(float8,kra.kpi_target,date,float8)', 'everybody'),
        ('function kra.status(kra.scorecard)', 'everybody'),
        ('function kra.status_code(float8,kra.kpi_target,date,float8)', 'everybody'),
        ('function kra.status_code(kra.kpi_status)', 'everybody'),
        ('function kra.status_color(kra.kpi_status)', 'everybody'),
        ('function kra.status_reason(kra.scorecard,float8,boolean)', 'everybody'),
        ('function kra.stretch(kra.kpi_target)', 'everybody'),
        ('function kra.sum(kra.kpi_target)', 'everybody'),
        ('function kra.target(kra.kpi_target)', 'everybody'),
        ('function kra.target_text(kra.kpi_target,text)', 'everybody'),
        ('function kra.target_times(kra.kpi_target,float8)', 'everybody'),
        ('function kra.theil_sen(date,float8)', 'everybody'),
        ('function kra.theil_sen(date,float8,float8)', 'everybody'),
        ('function kra.theil_sen(float8,float8)', 'everybody'),
        ('function kra.theil_sen(float8,float8,float8)', 'everybody'),
        ('function kra.theil_sen(timestamptz,float8)', 'everybody'),
        ('function kra.theil_sen(timestamptz,float8,float8)', 'everybody'),
        ('function kra.threshold(kra.kpi_target)', 'everybody'),
        ('function kra.total(kra.kpi_balance)', 'everybody'),
        ('function kra.track_record(text,date)', 'reader'),
        ('function kra.trend_agg(date,float8)', 'everybody'),
        ('function kra.trend_agg(float8,float8)', 'everybody'),
        ('function kra.trend_agg(timestamptz,float8)', 'everybody'),
        ('function kra.unrecord(text,text,date)', 'keeper'),
        ('function kra.unwaive(text)', 'author, reviewer'),
        ('function kra.upper(kra.kpi_target)', 'everybody'),
        ('function kra.upper_limit(kra.xmr)', 'everybody'),
        ('function kra.value(kra.kpi_actual,text)', 'everybody'),
        ('function kra.value(kra.kpi_trend,text)', 'everybody'),
        ('function kra.value_text(float8,text,kra.kpi_target)', 'everybody'),
        ('function kra.viewer()', 'reader'),
        ('function kra.waive(text,text,date)', 'author, reviewer'),
        ('function kra.weight(kra.kpi_actual)', 'everybody'),
        ('function kra.xmr_agg(float8)', 'everybody'),
        ('function kra.xmr_agg(float8,text,boolean,float8,float8,integer)', 'everybody'),
        ('function kra.xmr_agg(float8,text,boolean,float8,float8,integer,text)', 'everybody'),
        ('function kra.xmr_limits(float8,text,text,boolean,float8,float8,integer)', 'everybody'),
        ('function kra.xmr_steps_svg(float8[],float8[],float8[],float8[],text[],text[],text[],'
            'text,kra.kpi_target,integer,integer)',
            'everybody'),
        ('function kra.xmr_svg(float8[],float8,float8,float8,text[],text[],text[],text,'
            'kra.kpi_target,integer,integer)',
            'everybody'),
        -- what types and operators are made of
        ('function kra_internal.counts_in(date,date,date,date,date)', 'reader'),
        ('function kra_internal.jsonb_to_kpi_actual(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_kpi_attainment(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_kpi_balance(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_kpi_change(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_kpi_target(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_kpi_trend(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_scorecard(jsonb)', 'everybody'),
        ('function kra_internal.jsonb_to_xmr(jsonb)', 'everybody'),
        ('function kra_internal.kpi_actual_cmp(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_eq(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_ge(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_gt(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_hash(kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_hash_extended(kra.kpi_actual,bigint)', 'everybody'),
        ('function kra_internal.kpi_actual_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_actual_le(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_lt(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_ne(kra.kpi_actual,kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_out(kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_actual_send(kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_actual_to_jsonb(kra.kpi_actual)', 'everybody'),
        ('function kra_internal.kpi_attainment_eq(kra.kpi_attainment,kra.kpi_attainment)',
            'everybody'),
        ('function kra_internal.kpi_attainment_hash(kra.kpi_attainment)', 'everybody'),
        ('function kra_internal.kpi_attainment_hash_extended(kra.kpi_attainment,bigint)',
            'everybody'),
        ('function kra_internal.kpi_attainment_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_attainment_ne(kra.kpi_attainment,kra.kpi_attainment)',
            'everybody'),
        ('function kra_internal.kpi_attainment_out(kra.kpi_attainment)', 'everybody'),
        ('function kra_internal.kpi_attainment_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_attainment_send(kra.kpi_attainment)', 'everybody'),
        ('function kra_internal.kpi_attainment_to_jsonb(kra.kpi_attainment)', 'everybody'),
        ('function kra_internal.kpi_balance_eq(kra.kpi_balance,kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_balance_hash(kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_balance_hash_extended(kra.kpi_balance,bigint)', 'everybody'),
        ('function kra_internal.kpi_balance_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_balance_ne(kra.kpi_balance,kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_balance_out(kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_balance_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_balance_send(kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_balance_to_jsonb(kra.kpi_balance)', 'everybody'),
        ('function kra_internal.kpi_change_eq(kra.kpi_change,kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_change_hash(kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_change_hash_extended(kra.kpi_change,bigint)', 'everybody'),
        ('function kra_internal.kpi_change_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_change_ne(kra.kpi_change,kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_change_out(kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_change_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_change_send(kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_change_to_jsonb(kra.kpi_change)', 'everybody'),
        ('function kra_internal.kpi_target_cmp(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_eq(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_ge(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_gt(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_hash(kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_hash_extended(kra.kpi_target,bigint)', 'everybody'),
        ('function kra_internal.kpi_target_in(cstring)', 'everybody'),
        ('function kra_internal.grid_cmp(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_eq(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_eq_join_sel(internal,oid,internal,smallint,internal)', 'everybody'),
        ('function kra_internal.grid_eq_sel(internal,oid,internal,integer)', 'everybody'),
        ('function kra_internal.grid_ge(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_gt(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_hash(kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_hash_extended(kra_internal.grid,bigint)', 'everybody'),
        ('function kra_internal.grid_in(cstring)', 'everybody'),
        ('function kra_internal.grid_le(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_lt(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_ne(kra_internal.grid,kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_out(kra_internal.grid)', 'everybody'),
        ('function kra_internal.grid_recv(internal)', 'everybody'),
        ('function kra_internal.grid_send(kra_internal.grid)', 'everybody'),
        ('function kra_internal.zone_in(cstring)', 'everybody'),
        ('function kra_internal.zone_out(kra_internal.zone)', 'everybody'),
        ('function kra_internal.zone_recv(internal)', 'everybody'),
        ('function kra_internal.zone_send(kra_internal.zone)', 'everybody'),
        ('function kra_internal.kpi_target_le(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_lt(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_ne(kra.kpi_target,kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_out(kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_target_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_target_send(kra.kpi_target)', 'everybody'),
        ('function kra_internal.whole_in(cstring)', 'everybody'),
        ('function kra_internal.whole_out(kra_internal.whole)', 'everybody'),
        ('function kra_internal.whole_recv(internal)', 'everybody'),
        ('function kra_internal.whole_send(kra_internal.whole)', 'everybody'),
        ('function kra_internal.kpi_target_sum_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_target_sum_out(kra_internal.kpi_target_sum)', 'everybody'),
        ('function kra_internal.kpi_target_sum_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_target_sum_send(kra_internal.kpi_target_sum)', 'everybody'),
        ('function kra_internal.kpi_target_to_jsonb(kra.kpi_target)', 'everybody'),
        ('function kra_internal.kpi_trend_eq(kra.kpi_trend,kra.kpi_trend)', 'everybody'),
        ('function kra_internal.kpi_trend_hash(kra.kpi_trend)', 'everybody'),
        ('function kra_internal.kpi_trend_hash_extended(kra.kpi_trend,bigint)', 'everybody'),
        ('function kra_internal.kpi_trend_in(cstring)', 'everybody'),
        ('function kra_internal.kpi_trend_ne(kra.kpi_trend,kra.kpi_trend)', 'everybody'),
        ('function kra_internal.kpi_trend_out(kra.kpi_trend)', 'everybody'),
        ('function kra_internal.kpi_trend_recv(internal)', 'everybody'),
        ('function kra_internal.kpi_trend_send(kra.kpi_trend)', 'everybody'),
        ('function kra_internal.kpi_trend_to_jsonb(kra.kpi_trend)', 'everybody'),
        ('function kra_internal.scorecard_cmp(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_concat(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_eq(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_ge(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_get(kra.scorecard,text)', 'everybody'),
        ('function kra_internal.scorecard_gt(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_hash(kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_hash_extended(kra.scorecard,bigint)', 'everybody'),
        ('function kra_internal.scorecard_in(cstring)', 'everybody'),
        ('function kra_internal.scorecard_le(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_lt(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_ne(kra.scorecard,kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_out(kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_recv(internal)', 'everybody'),
        ('function kra_internal.scorecard_remove(kra.scorecard,text)', 'everybody'),
        ('function kra_internal.scorecard_send(kra.scorecard)', 'everybody'),
        ('function kra_internal.scorecard_to_jsonb(kra.scorecard)', 'everybody'),
        ('function kra_internal.xmr_eq(kra.xmr,kra.xmr)', 'everybody'),
        ('function kra_internal.xmr_hash(kra.xmr)', 'everybody'),
        ('function kra_internal.xmr_hash_extended(kra.xmr,bigint)', 'everybody'),
        ('function kra_internal.xmr_in(cstring)', 'everybody'),
        ('function kra_internal.xmr_ne(kra.xmr,kra.xmr)', 'everybody'),
        ('function kra_internal.xmr_out(kra.xmr)', 'everybody'),
        ('function kra_internal.xmr_recv(internal)', 'everybody'),
        ('function kra_internal.xmr_send(kra.xmr)', 'everybody'),
        ('function kra_internal.xmr_to_jsonb(kra.xmr)', 'everybody'),
        -- who was granted a kind is who may call the function of its name
        ('function kra_internal.reader()', 'reader alone'),
        ('function kra_internal.reviewer()', 'reviewer alone'),
        ('function kra_internal.target_setter()', 'target_setter alone'),
        ('function kra_internal.keeper()', 'keeper alone'),
        ('function kra_internal.author()', 'author alone'),
        ('function kra_internal.admin()', 'admin alone'),
        -- all else
        ('function kra_internal.check_sight(integer[],kra_internal.subject_days[],kra_internal.subject_days[],integer[])',
            'nobody'),
        ('function kra_internal.completes(integer,timestamptz,date)', 'reader'),
        ('function kra_internal.days_seen(text[])', 'nobody'),
        ('function kra_internal.id_of_subject(text)', 'reader'),
        ('function kra_internal.is_unknown(integer)', 'nobody'),
        ('function kra_internal.is_viewer(text)', 'reader'),
        ('function kra_internal.logins_of_viewer()', 'nobody'),
        ('function kra_internal.may_acknowledge(integer,integer)', 'reader'),
        ('function kra_internal.may_act(integer,timestamptz)', 'reader'),
        ('function kra_internal.may_answer(integer,integer,text)', 'reader'),
        ('function kra_internal.may_complete(integer,date)', 'reader'),
        ('function kra_internal.may_consent(integer)', 'reader'),
        ('function kra_internal.may_note(integer)', 'reader'),
        ('function kra_internal.may_record(integer,kra_internal.grid,date,text)', 'reader'),
        ('function kra_internal.may_review(integer,text,date)', 'reader'),
        ('function kra_internal.may_set_target(integer,date)', 'reader'),
        ('function kra_internal.may_waive(integer)', 'reader'),
        ('function kra_internal.oversees_at(integer,timestamptz)', 'reader'),
        ('function kra_internal.policy_support(internal)', 'nobody'),
        ('function kra_internal.rights()', 'reader'),
        ('function kra_internal.grants_of_kinds(text[])', 'nobody'),
        ('function kra_internal.granted_objects(name)', 'nobody'),
        ('function kra_internal.kinds_of(name)', 'nobody'),
        ('function kra_internal.renew_grants()', 'nobody'),
        ('function kra_internal.change_grants(name,text,boolean)', 'admin'),
        ('function kra_internal.about_key(text,text)', 'reader'),
        ('function kra_internal.acknowledgement(integer,integer,date,date)', 'reader'),
        ('function kra_internal.actions_check_links()', 'nobody'),
        ('function kra_internal.actions_check_subject()', 'nobody'),
        ('function kra_internal.measurements_check_source()', 'nobody'),
        ('function kra_internal.actual_accum(kra.kpi_actual,float8,date)', 'nobody'),
        ('function kra_internal.actual_accum(kra.kpi_actual,float8,date,float8)', 'nobody'),
        ('function kra_internal.actual_accum(kra.kpi_actual,float8,timestamptz)', 'nobody'),
        ('function kra_internal.actual_accum(kra.kpi_actual,float8,timestamptz,float8)', 'nobody'),
        ('function kra_internal.actual_combine(kra.kpi_actual,kra.kpi_actual)', 'nobody'),
        ('function kra_internal.actual_final(kra.kpi_actual)', 'nobody'),
        ('function kra_internal.actual_of(integer,integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.area_lists(kra.scorecard)', 'reader'),
        ('function kra_internal.asked_of(integer,kra_internal.card_line,integer)', 'reader'),
        ('function kra_internal.attainment_accum(kra.kpi_attainment,float8,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.attainment_accum(kra.kpi_attainment,float8,kra.kpi_target,float8)',
            'nobody'),
        ('function kra_internal.attainment_combine(kra.kpi_attainment,kra.kpi_attainment)',
            'nobody'),
        ('function kra_internal.attainment_final(kra.kpi_attainment)', 'nobody'),
        ('function kra_internal.balance_accum(kra.kpi_balance,kra.kpi_kind,float8,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.balance_accum(kra.kpi_balance,kra.kpi_kind,float8,'
            'kra.kpi_target,float8)',
            'nobody'),
        ('function kra_internal.balance_accum(kra.kpi_balance,kra.kpi_kind,float8,'
            'kra.kpi_target,float8,text)',
            'nobody'),
        ('function kra_internal.balance_combine(kra.kpi_balance,kra.kpi_balance)', 'nobody'),
        ('function kra_internal.balance_final(kra.kpi_balance)', 'nobody'),
        ('function kra_internal.best_improvement(float8[],integer,text)', 'reader'),
        ('function kra_internal.built_in_rules()', 'reader'),
        ('function kra_internal.card(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.card_lines(integer,date,integer)', 'reader'),
        ('function kra_internal.card_row_html(text,text,text,float8,text,float8,integer,'
            'integer,text,text,bigint)',
            'reader'),
        ('function kra_internal.cards(date,integer,kra_internal.grid,date,integer[],date)',
            'reader'),
        ('function kra_internal.carried_since(integer,integer,date)', 'reader'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,date,date)', 'nobody'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,date,date,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,float8,float8)', 'nobody'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,float8,float8,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,timestamptz,timestamptz)',
            'nobody'),
        ('function kra_internal.change_accum(kra.kpi_change,float8,timestamptz,timestamptz,'
            'kra.kpi_target)',
            'nobody'),
        ('function kra_internal.change_combine(kra.kpi_change,kra.kpi_change)', 'nobody'),
        ('function kra_internal.change_count(text,text,bigint)', 'nobody'),
        ('function kra_internal.change_final(kra.kpi_change)', 'nobody'),
        ('function kra_internal.change_lines(integer[],integer[],date,date)', 'nobody'),
        ('function kra_internal.change_measured(integer[],integer[],date,date)', 'nobody'),
        ('function kra_internal.change_text(float8,float8,text)', 'reader'),
        ('function kra_internal.changed_rows(text)', 'nobody'),
        ('function kra_internal.check_acts(kra.subjects)', 'reader'),
        ('function kra_internal.check_answer(text,text,kra.kpi_target,kra.kpi_target)', 'reader'),
        ('function kra_internal.check_day(text,date)', 'reader'),
        ('function kra_internal.check_length(text,text,text)', 'reader'),
        ('function kra_internal.check_loaded()', 'nobody'),
        ('function kra_internal.check_login()', 'nobody'),
        ('function kra_internal.check_period(kra.kpis,kra.kpi_target,text,float8[])', 'reader'),
        ('function kra_internal.check_records(kra.kpis,kra.subjects,date)', 'keeper'),
        ('function kra_internal.check_sets_target(integer,date)', 'reader'),
        ('function kra_internal.check_size(text,jsonb)', 'reader'),
        ('function kra_internal.check_source()', 'nobody'),
        ('function kra_internal.check_words(text,text,text)', 'reader'),
        ('function kra_internal.checked_link(text)', 'reader'),
        ('function kra_internal.collect_ahead(date)', 'nobody'),
        ('function kra_internal.collect_begins(integer)', 'nobody'),
        ('function kra_internal.collect_check(integer,date)', 'keeper'),
        ('function kra_internal.collect_check_days(integer,date)', 'nobody'),
        ('function kra_internal.collect_columns(oid)', 'reader'),
        ('function kra_internal.collect_early(integer,integer,integer,bigint,date)', 'nobody'),
        ('function kra_internal.collect_from(integer,date,boolean)', 'nobody'),
        ('function kra_internal.collect_kpi(integer,date,boolean)', 'keeper'),
        ('function kra_internal.collect_late(bigint,date)', 'nobody'),
        ('function kra_internal.collect_late_rows(integer,date)', 'keeper'),
        ('function kra_internal.collect_never_read(bigint,date)', 'nobody'),
        ('function kra_internal.collect_query(integer,date)', 'keeper'),
        ('function kra_internal.collect_times(regtype,kra_internal.grid,text)', 'keeper'),
        ('function kra_internal.collect_values(kra.kpis,regtype,regtype)', 'keeper'),
        ('function kra_internal.collect_wanted(text)', 'keeper'),
        ('function kra_internal.columns_fault(text,oid,text,text)', 'reader'),
        ('function kra_internal.consents(integer,integer,date)', 'reader'),
        ('function kra_internal.count_text(float8,text)', 'reader'),
        ('function kra_internal.cut_text(text)', 'reader'),
        ('function kra_internal.dashboard_due(date)', 'reader'),
        ('function kra_internal.data_range(date)', 'reader'),
        ('function kra_internal.day_begins(date)', 'reader'),
        ('function kra_internal.day_of(timestamptz)', 'reader'),
        ('function kra_internal.day_text(date)', 'reader'),
        ('function kra_internal.definition_key(text,jsonb)', 'reader'),
        ('function kra_internal.diagnosis(kra.subjects,kra_internal.card_line,'
            'kra_internal.card_line[],date,float8[],date,date)',
            'reader'),
        ('function kra_internal.document_aim(jsonb,kra.kpi_target,text,float8[])', 'reader'),
        ('function kra_internal.document_card_rows(jsonb,date)', 'reader'),
        ('function kra_internal.document_cards(jsonb,date)', 'reader'),
        ('function kra_internal.document_changes(jsonb,date)', 'reader'),
        ('function kra_internal.document_changes_of_kpis(jsonb,date)', 'reader'),
        ('function kra_internal.document_changes_of_people(jsonb,date)', 'reader'),
        ('function kra_internal.document_changes_of_things(jsonb)', 'reader'),
        ('function kra_internal.document_check(jsonb)', 'reader'),
        ('function kra_internal.document_part(jsonb,text[])', 'reader'),
        ('function kra_internal.document_drives(jsonb)', 'reader'),
        ('function kra_internal.document_check_form(jsonb)', 'reader'),
        ('function kra_internal.document_check_periods(jsonb,date)', 'reader'),
        ('function kra_internal.document_check_sources(jsonb)', 'reader'),
        ('function kra_internal.document_date(jsonb)', 'reader'),
        ('function kra_internal.document_items(jsonb)', 'reader'),
        ('function kra_internal.document_kpi_rows(jsonb)', 'reader'),
        ('function kra_internal.document_kpis(jsonb)', 'reader'),
        ('function kra_internal.document_kras(jsonb)', 'reader'),
        ('function kra_internal.document_list(jsonb,text)', 'reader'),
        ('function kra_internal.document_member(text)', 'reader'),
        ('function kra_internal.document_members()', 'reader'),
        ('function kra_internal.document_milestone_rows(jsonb)', 'reader'),
        ('function kra_internal.document_placements(jsonb,date)', 'reader'),
        ('function kra_internal.document_refuse(text,text,text,text,text)', 'reader'),
        ('function kra_internal.document_target_fault(jsonb)', 'reader'),
        ('function kra_internal.document_value_fault(text,text[],numeric,numeric,jsonb)', 'reader'),
        ('function kra_internal.driven_by(integer)', 'reader'),
        ('function kra_internal.driver_accum(internal,float8,float8)', 'nobody'),
        ('function kra_internal.driver_accum(internal,float8,float8,integer)', 'nobody'),
        ('function kra_internal.driver_accum(internal,float8,float8,integer,kra.kpi_target,'
            'kra.kpi_target,float8)',
            'nobody'),
        ('function kra_internal.driver_accum(internal,float8,float8,kra.kpi_target,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.driver_final(internal)', 'nobody'),
        ('function kra_internal.due_of_subject(integer,date,integer,jsonb,date)', 'reader'),
        ('function kra_internal.due_table(text,date)', 'reader'),
        ('function kra_internal.enumerated(text[],integer)', 'reader'),
        ('function kra_internal.fault_of(text,kra.job_roles,kra.result_areas,text,date,float8,'
            'text)',
            'reader'),
        ('function kra_internal.fault_of(text,kra.job_roles,text,date,float8)', 'reader'),
        ('function kra_internal.fault_of(text,kra.kpis,text,date,float8,text)', 'reader'),
        ('function kra_internal.fault_of(text,kra.subjects,kra_internal.card_line,text,text,'
            'text,date,float8)',
            'reader'),
        ('function kra_internal.fault_of(text,kra.subjects,text,date,float8)', 'reader'),
        ('function kra_internal.faults_of_kpi(integer,date,jsonb,boolean)', 'reader'),
        ('function kra_internal.finding_html(text,text,text,boolean,text,text,date)', 'reader'),
        ('function kra_internal.finding_line(text,text,text,date)', 'reader'),
        ('function kra_internal.findings_about(integer,date,integer,integer[])', 'reader'),
        ('function kra_internal.findings_around(integer,integer,integer[],date)', 'reader'),
        ('function kra_internal.findings_of_kpi(integer,date,jsonb)', 'reader'),
        ('function kra_internal.findings_of_role(integer,date,jsonb)', 'reader'),
        ('function kra_internal.findings_of_subject(integer,date,jsonb)', 'reader'),
        ('function kra_internal.findings_of_target(kra.subjects,kra_internal.card_line,'
            'kra_internal.card_line[],date,jsonb,kra_internal.settings_in_force)',
            'reader'),
        ('function kra_internal.focus_text(float8)', 'reader'),
        ('function kra_internal.forget_card(text,text,text,boolean)', 'nobody'),
        ('function kra_internal.forget_in_log(integer,integer[],text,text)', 'nobody'),
        ('function kra_internal.forget_in_tables(integer,integer[],text,text)', 'nobody'),
        ('function kra_internal.forget_json(jsonb,text,boolean,text,text,boolean)', 'nobody'),
        ('function kra_internal.forget_login(integer,text)', 'nobody'),
        ('function kra_internal.has_flag(kra_internal.grid)', 'reader'),
        ('function kra_internal.has_half_years()', 'reader'),
        ('function kra_internal.hold_lines()', 'author, keeper'),
        ('function kra_internal.holders_of(integer[])', 'nobody'),
        ('function kra_internal.keep_lines(integer[],integer[],date,date)', 'nobody'),
        ('function kra_internal.kept_before(date)', 'reader'),
        ('function kra_internal.kpi_owner(integer,date)', 'reader'),
        ('function kra_internal.kpis_keep()', 'nobody'),
        ('function kra_internal.line_history(integer,integer,kra_internal.grid,date,float8,'
            'kra.kpi_status,kra_internal.grid,integer,date)',
            'reader'),
        ('function kra_internal.lines_due(integer[],integer[],date,date,date)', 'nobody'),
        ('function kra_internal.lines_held()', 'nobody'),
        ('function kra_internal.lines_to_keep(date,date,date,integer[],integer[])', 'reader'),
        ('function kra_internal.live_from(date,date,date)', 'reader'),
        ('function kra_internal.lock_lines(integer[])', 'nobody'),
        ('function kra_internal.measurements_keep()', 'nobody'),
        ('function kra_internal.period_lines(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.placements_keep()', 'nobody'),
        ('function kra_internal.provenance_of(integer,integer,integer,date)', 'reader'),
        ('function kra_internal.release_lines()', 'author, keeper'),
        ('function kra_internal.renew_statistics(jsonb)', 'nobody'),
        ('function kra_internal.forget_words(text,text,text,boolean)', 'nobody'),
        ('function kra_internal.first_part(kra_internal.grid,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.freshest(integer,integer,date)', 'reader'),
        ('function kra_internal.score_reason(float8,float8)', 'reader'),
        ('function kra_internal.may_have_moved(integer,integer,date,date)', 'reader'),
        ('function kra_internal.latest_start(integer,date)', 'reader'),
        ('function kra_internal.levels_of(integer,date)', 'reader'),
        ('function kra_internal.lines_to_date(date,kra_internal.grid,date,date,integer[],integer[])',
            'reader'),
        ('function kra_internal.capped(float8,kra.kpi_status)', 'reader'),
        ('function kra_internal.change_share(float8,float8)', 'reader'),
        ('function kra_internal.targets_known(integer,integer,date,date)', 'reader'),
        ('function kra_internal.trend_meaning(text,kra.kpi_target)', 'reader'),
        ('function kra_internal.line_beside(integer,integer,kra_internal.grid,date,date,date,float8,'
            'kra.kpi_status,integer,kra_internal.grid,text,date,kra_internal.grid,date,integer,date)',
            'reader'),
        ('function kra_internal.place_of(integer,date,date)', 'reader'),
        ('function kra_internal.same_days(integer,integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.to_date(integer,integer,kra_internal.grid,date,date,date)', 'reader'),
        ('function kra_internal.card_rows(date)', 'reader'),
        ('function kra_internal.has_card(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.card_at(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.freshest(integer,integer,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.year_before(kra_internal.grid,date)', 'reader'),
        ('function kra_internal.grain_rank(kra_internal.grid)', 'reader'),
        ('function kra_internal.grid(text,integer,integer,text)', 'reader'),
        ('function kra_internal.grid_end(kra_internal.grid,date)', 'reader'),
        ('function kra_internal.grid_grain(kra_internal.grid)', 'reader'),
        ('function kra_internal.grid_in_force(text)', 'reader'),
        ('function kra_internal.grid_label(kra_internal.grid,date)', 'reader'),
        ('function kra_internal.grid_of_label(text,integer,integer,text)', 'reader'),
        ('function kra_internal.grid_shift(kra_internal.grid,date,integer)', 'reader'),
        ('function kra_internal.grid_start(kra_internal.grid,date)', 'reader'),
        ('function kra_internal.grid_start(kra_internal.grid,timestamptz,kra_internal.zone)',
            'reader'),
        ('function kra_internal.has_members(integer)', 'reader'),
        ('function kra_internal.history(integer,integer,kra_internal.grid,date,date,integer)',
            'reader'),
        ('function kra_internal.html(text)', 'reader'),
        ('function kra_internal.html(text,text[])', 'reader'),
        ('function kra_internal.imbalance_words(text)', 'reader'),
        ('function kra_internal.in_role_since(integer,date)', 'reader'),
        ('function kra_internal.is_about(jsonb,text,integer,integer[])', 'nobody'),
        ('function kra_internal.is_admin()', 'reader'),
        ('function kra_internal.is_applying()', 'reader'),
        ('function kra_internal.is_author()', 'reader'),
        ('function kra_internal.is_collecting()', 'reader'),
        ('function kra_internal.is_effort_without_result(integer,kra_internal.card_line,'
            'kra_internal.card_line,integer)',
            'reader'),
        ('function kra_internal.is_fresh(integer,kra_internal.grid,date,integer)', 'reader'),
        ('function kra_internal.is_grid_start(kra_internal.grid,date)', 'reader'),
        ('function kra_internal.is_keeper()', 'reader'),
        ('function kra_internal.is_line(text)', 'reader'),
        ('function kra_internal.is_list(text[])', 'reader'),
        ('function kra_internal.is_missed(float8,kra.kpi_target,date)', 'reader'),
        ('function kra_internal.is_note(text)', 'reader'),
        ('function kra_internal.is_owner()', 'reader'),
        ('function kra_internal.is_phasing(float8[])', 'reader'),
        ('function kra_internal.is_restoring()', 'reader'),
        ('function kra_internal.judge(kra_internal.whole,text,boolean,float8,float8)', 'nobody'),
        ('function kra_internal.lines(date,date,date,integer[],integer[])', 'reader'),
        ('function kra_internal.member(kra_internal.whole,text,integer)', 'nobody'),
        ('function kra_internal.no_observation()', 'nobody'),
        ('function kra_internal.part(text,kra.kpi_actual,kra.kpi_target,boolean,date,date,date,'
            'timestamptz)',
            'nobody'),
        ('function kra_internal.put_together(kra_internal.whole)', 'nobody'),
        ('function kra_internal.result_areas_keep()', 'nobody'),
        ('function kra_internal.result_lines(date,integer[],date,date)', 'reader'),
        ('function kra_internal.role_kpis_keep()', 'nobody'),
        ('function kra_internal.settings_keep()', 'nobody'),
        ('function kra_internal.share_known(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.shows_line(integer,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.subjects_keep()', 'nobody'),
        ('function kra_internal.targets_keep()', 'nobody'),
        ('function kra_internal.uneven_parts(kra_internal.grid,kra_internal.grid,text)', 'reader'),
        ('function kra_internal.whole_merge(kra_internal.whole,kra_internal.whole)', 'nobody'),
        ('function kra_internal.has_data(kra_internal.whole)', 'nobody'),
        ('function kra_internal.is_result_table(text)', 'nobody'),
        ('function kra_internal.is_review_owed(integer,kra_internal.grid,date,date,date)',
            'reader'),
        ('function kra_internal.is_reviewer()', 'reader'),
        ('function kra_internal.is_sane(float8)', 'reader'),
        ('function kra_internal.is_sane(kra.kpi_actual)', 'reader'),
        ('function kra_internal.is_sane(kra.kpi_target)', 'reader'),
        ('function kra_internal.is_short(text)', 'reader'),
        ('function kra_internal.is_source_name(text)', 'reader'),
        ('function kra_internal.is_spoken_for(kra.measurements,integer[],date,date,date)',
            'reader'),
        ('function kra_internal.is_target_setter()', 'reader'),
        ('function kra_internal.job_role_named(text)', 'reader'),
        ('function kra_internal.keep_id()', 'nobody'),
        ('function kra_internal.keep_normal_key()', 'nobody'),
        ('function kra_internal.knows_letters()', 'nobody'),
        ('function kra_internal.kpi_document(integer,date,date)', 'reader'),
        ('function kra_internal.kpi_named(text)', 'reader'),
        ('function kra_internal.kpi_pictures(integer,integer,kra_internal.grid,date,date,'
            'boolean,float8,'
            'kra.kpi_target,text,text,boolean)',
            'reader'),
        ('function kra_internal.kpi_results_above(date)', 'reader'),
        ('function kra_internal.kpis_fill_grid()', 'nobody'),
        ('function kra_internal.last_day(text,date)', 'reader'),
        ('function kra_internal.last_part_end(kra_internal.grid,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.kpis_state_changed()', 'nobody'),
        ('function kra_internal.kra_changes(integer,date,date)', 'reader'),
        ('function kra_internal.kra_renamings(integer,date,date)', 'reader'),
        ('function kra_internal.last_answers(integer,integer,date)', 'reader'),
        ('function kra_internal.last_period(kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.last_week(date)', 'reader'),
        ('function kra_internal.last_signal_accum(internal,float8)', 'nobody'),
        ('function kra_internal.last_signal_accum(internal,float8,text)', 'nobody'),
        ('function kra_internal.last_signal_final(internal)', 'nobody'),
        ('function kra_internal.likeness(name,text,text)', 'reader'),
        ('function kra_internal.lock_definitions()', 'author'),
        ('function kra_internal.lock_objectives()', 'author'),
        ('function kra_internal.log_change()', 'nobody'),
        ('function kra_internal.log_load(text)', 'nobody'),
        ('function kra_internal.log_loaded()', 'nobody'),
        ('function kra_internal.log_truncation()', 'nobody'),
        ('function kra_internal.mann_kendall_accum(internal,float8)', 'nobody'),
        ('function kra_internal.mann_kendall_accum(internal,float8,float8)', 'nobody'),
        ('function kra_internal.mann_kendall_accum(internal,float8,float8,integer)', 'nobody'),
        ('function kra_internal.mann_kendall_final(internal)', 'nobody'),
        ('function kra_internal.markdown(text)', 'reader'),
        ('function kra_internal.markdown(text,text[])', 'reader'),
        ('function kra_internal.measurements_fill_grid()', 'nobody'),
        ('function kra_internal.milestones_check()', 'nobody'),
        ('function kra_internal.misses_accum(integer,boolean)', 'nobody'),
        ('function kra_internal.modified_mann_kendall_final(internal)', 'nobody'),
        ('function kra_internal.moved_text(integer,kra_internal.card_line,date,date)', 'reader'),
        ('function kra_internal.name_html(text,text,text)', 'reader'),
        ('function kra_internal.name_marks(text)', 'reader'),
        ('function kra_internal.normal_document(jsonb,boolean)', 'reader'),
        ('function kra_internal.normal_key(text)', 'reader'),
        ('function kra_internal.number_of(bigint,text,text)', 'reader'),
        ('function kra_internal.objective_due(integer)', 'reader'),
        ('function kra_internal.objective_named(text)', 'reader'),
        ('function kra_internal.objective_progress(integer,date)', 'reader'),
        ('function kra_internal.objective_reached(integer)', 'reader'),
        ('function kra_internal.objectives_below(integer)', 'reader'),
        ('function kra_internal.objectives_check_loop()', 'nobody'),
        ('function kra_internal.one_line(text)', 'reader'),
        ('function kra_internal.overdue_html(date,date)', 'reader'),
        ('function kra_internal.oversees(integer,date,date)', 'reader'),
        ('function kra_internal.page(text,text,text,text)', 'reader'),
        ('function kra_internal.page_day(date)', 'reader'),
        ('function kra_internal.page_period(integer,text,date)', 'reader'),
        ('function kra_internal.page_rest(bigint,bigint)', 'reader'),
        ('function kra_internal.page_section(text,text,text)', 'reader'),
        ('function kra_internal.page_style()', 'reader'),
        ('function kra_internal.page_table(text,text[],text,boolean)', 'reader'),
        ('function kra_internal.page_text(text)', 'reader'),
        ('function kra_internal.path_above(text,text)', 'reader'),
        ('function kra_internal.path_of(integer,date,date)', 'reader'),
        ('function kra_internal.pattern_of(text)', 'nobody'),
        ('function kra_internal.people_below(integer,date)', 'reader'),
        ('function kra_internal.percent_encoded(text)', 'reader'),
        ('function kra_internal.period_card(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.part_counts(kra_internal.grid,kra_internal.grid)', 'reader'),
        ('function kra_internal.parts_in(kra_internal.grid,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.period_fault(kra_internal.grid,text,kra.kpi_target,text,float8[])',
            'reader'),
        ('function kra_internal.period_starts(kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.period_named(text)', 'reader'),
        ('function kra_internal.periods(date)', 'reader'),
        ('function kra_internal.person_pattern(integer,text[])', 'nobody'),
        ('function kra_internal.person_terms(integer,text[])', 'nobody'),
        ('function kra_internal.person_texts()', 'nobody'),
        ('function kra_internal.placements_changed()', 'nobody'),
        ('function kra_internal.plain_name(text)', 'reader'),
        ('function kra_internal.plateau_accum(internal,float8,kra.kpi_target,integer)', 'nobody'),
        ('function kra_internal.plateau_accum(internal,float8,kra.kpi_target,integer,text)',
            'nobody'),
        ('function kra_internal.plateau_final(internal)', 'nobody'),
        ('function kra_internal.pooled_series(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.put_measurement(kra.kpis,kra.subjects,date,kra.kpi_actual,boolean)',
            'keeper'),
        ('function kra_internal.quoted(text)', 'reader'),
        ('function kra_internal.rebuild_tree(integer[])', 'nobody'),
        ('function kra_internal.recent_level(float8[])', 'reader'),
        ('function kra_internal.recordable(text,date)', 'reader'),
        ('function kra_internal.refusal(integer,integer,kra.kpi_target,date)', 'reader'),
        ('function kra_internal.refusal_text(kra.acknowledgements,text)', 'reader'),
        ('function kra_internal.refuse_change()', 'nobody'),
        ('function kra_internal.report_actions(integer,date,date,date)', 'reader'),
        ('function kra_internal.report_check_ins(integer,date,date,date)', 'reader'),
        ('function kra.report_file(text)', 'reader'),
        ('function kra_internal.report_findings(integer,integer,integer[],date)', 'reader'),
        ('function kra_internal.report_kras(integer,text,kra_internal.grid,date,date,date)',
            'reader'),
        ('function kra_internal.report_members(integer,kra_internal.grid,date,date,date,text)',
            'reader'),
        ('function kra_internal.report_objectives(integer,date,date,date)', 'reader'),
        ('function kra_internal.report_review(integer,kra_internal.grid,date,date,kra.scorecard)',
            'reader'),
        ('function kra_internal.result_area_kpis_check()', 'nobody'),
        ('function kra_internal.review_actions(jsonb)', 'reader'),
        ('function kra_internal.reviews_freeze()', 'nobody'),
        ('function kra_internal.role_lines(date)', 'reader'),
        ('function kra_internal.role_scope(integer,date)', 'reader'),
        ('function kra_internal.rule_limits()', 'reader'),
        ('function kra_internal.rule_settings_check()', 'nobody'),
        ('function kra_internal.same_text(text,text)', 'everybody'),
        ('function kra_internal.score_html(text,text)', 'reader'),
        ('function kra_internal.score_text(float8,float8)', 'reader'),
        ('function kra_internal.score_text(kra.scorecard)', 'reader'),
        ('function kra_internal.scorecard_accum(kra.scorecard,text,text,kra.kpi_kind,float8,'
            'kra.kpi_target,float8)',
            'nobody'),
        ('function kra_internal.scorecard_accum(kra.scorecard,text,text,kra.kpi_kind,float8,'
            'kra.kpi_target,float8,text,text[])',
            'nobody'),
        ('function kra_internal.scorecard_accum(kra.scorecard,text,text,kra.kpi_kind,float8,'
            'kra.kpi_target,float8,text,text[],float8,kra.kpi_status,float8)',
            'nobody'),
        ('function kra_internal.scorecard_combine(kra.scorecard,kra.scorecard)', 'nobody'),
        ('function kra_internal.scorecard_final(kra.scorecard)', 'nobody'),
        ('function kra_internal.scorecard_rollup(kra.scorecard,kra.scorecard)', 'nobody'),
        ('function kra_internal.seasonal_mann_kendall_accum(internal,float8,integer)', 'nobody'),
        ('function kra_internal.seasonal_mann_kendall_accum(internal,float8,integer,float8)',
            'nobody'),
        ('function kra_internal.seasonal_mann_kendall_final(internal)', 'nobody'),
        ('function kra_internal.sees_any_row(integer)', 'reader'),
        ('function kra_internal.sees_logged(boolean)', 'reader'),
        ('function kra_internal.sees_row(integer)', 'reader'),
        ('function kra_internal.sees_row_at(integer,timestamptz)', 'reader'),
        ('function kra_internal.sees_row_between(integer,date,date)', 'reader'),
        ('function kra_internal.sees_row_of_grain(integer,text,date)', 'reader'),
        ('function kra_internal.sees_row_of_grid(integer,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.sees_row_on(integer,date)', 'reader'),
        ('function kra_internal.sees_target(integer,integer,date)', 'reader'),
        ('function kra_internal.sees_target_at(integer,integer,timestamptz)', 'reader'),
        ('function kra_internal.series(integer,integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.session_is_author()', 'reader'),
        ('function kra_internal.session_sees_all()', 'reader'),
        ('function kra_internal.session_id()', 'reader'),
        ('function kra_internal.settings_changed()', 'nobody'),
        ('function kra_internal.settings_check_time_zone()', 'nobody'),
        ('function kra_internal.settings_keep_time_zone()', 'nobody'),
        ('function kra_internal.share_text(float8)', 'reader'),
        ('function kra_internal.shows(integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.signal_text(text)', 'reader'),
        ('function kra_internal.signs(text,timestamptz)', 'reader'),
        ('function kra_internal.source_fault(text,text,text)', 'reader'),
        ('function kra_internal.spark(integer,integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.stale_after(text,integer)', 'reader'),
        ('function kra_internal.stamp()', 'nobody'),
        ('function kra_internal.status_html(text)', 'reader'),
        ('function kra_internal.subject_named(text)', 'reader'),
        ('function kra_internal.subject_seen(text)', 'reader'),
        ('function kra_internal.subjects_added()', 'nobody'),
        ('function kra_internal.switch_triggers(jsonb)', 'nobody'),
        ('function kra_internal.take_lock(text)', 'nobody'),
        ('function kra_internal.subjects_confirm()', 'nobody'),
        ('function kra_internal.target_add(kra.kpi_target,kra.kpi_target)', 'reader'),
        ('function kra_internal.target_sum_accum(kra_internal.kpi_target_sum,kra.kpi_target)',
            'nobody'),
        ('function kra_internal.target_sum_combine(kra_internal.kpi_target_sum,'
            'kra_internal.kpi_target_sum)',
            'nobody'),
        ('function kra_internal.target_sum_final(kra_internal.kpi_target_sum)', 'nobody'),
        ('function kra_internal.target_in_force(integer,integer,date,date)', 'reader'),
        ('function kra_internal.target_known_on(date,timestamptz,date)', 'reader'),
        ('function kra_internal.target_larger(kra.kpi_target,kra.kpi_target)', 'nobody'),
        ('function kra_internal.target_moved(integer,integer,date,date)', 'reader'),
        ('function kra_internal.target_to_answer(kra.kpis,kra.subjects,date)', 'reader'),
        ('function kra_internal.target_of(integer,integer,kra_internal.grid,date,date)', 'reader'),
        ('function kra_internal.target_revised()', 'nobody'),
        ('function kra_internal.target_set()', 'nobody'),
        ('function kra_internal.target_smaller(kra.kpi_target,kra.kpi_target)', 'nobody'),
        ('function kra_internal.task_in_name(text)', 'reader'),
        ('function kra_internal.text_limit(text)', 'reader'),
        ('function kra_internal.theil_sen_accum(internal,date,float8)', 'nobody'),
        ('function kra_internal.theil_sen_accum(internal,date,float8,float8)', 'nobody'),
        ('function kra_internal.theil_sen_accum(internal,float8,float8)', 'nobody'),
        ('function kra_internal.theil_sen_accum(internal,float8,float8,float8)', 'nobody'),
        ('function kra_internal.theil_sen_accum(internal,timestamptz,float8)', 'nobody'),
        ('function kra_internal.theil_sen_accum(internal,timestamptz,float8,float8)', 'nobody'),
        ('function kra_internal.theil_sen_final(internal)', 'nobody'),
        ('function kra_internal.time_in_zone(timestamp,kra_internal.zone)', 'reader'),
        ('function kra_internal.today()', 'reader'),
        ('function kra_internal.trend_accum(kra.kpi_trend,date,float8)', 'nobody'),
        ('function kra_internal.trend_accum(kra.kpi_trend,float8,float8)', 'nobody'),
        ('function kra_internal.trend_accum(kra.kpi_trend,timestamptz,float8)', 'nobody'),
        ('function kra_internal.trend_combine(kra.kpi_trend,kra.kpi_trend)', 'nobody'),
        ('function kra_internal.trend_final(kra.kpi_trend)', 'nobody'),
        ('function kra_internal.trend_words(text,text,float8,text,text)', 'reader'),
        ('function kra_internal.trigram_schema()', 'reader'),
        ('function kra_internal.truncate_tree()', 'nobody'),
        ('function kra_internal.unit_targets(integer,date)', 'reader'),
        ('function kra_internal.whole_start(kra_internal.grid,kra_internal.grid,date)', 'reader'),
        ('function kra_internal.with_gaps(kra_internal.grid,date[],float8[])', 'reader'),
        ('function kra_internal.with_kpi_names(text)', 'reader'),
        ('function kra_internal.write_lines(date,date,date,integer[],integer[])', 'nobody'),
        ('function kra_internal.xmr_accum(internal,float8)', 'nobody'),
        ('function kra_internal.xmr_accum(internal,float8,text,boolean,float8,float8,integer)',
            'nobody'),
        ('function kra_internal.xmr_accum(internal,float8,text,boolean,float8,float8,integer,text)',
            'nobody'),
        ('function kra_internal.xmr_final(internal)', 'nobody')
    ) r (object, holders);
END;
COMMENT ON FUNCTION kra_internal.rights() IS 'who may use what: a row per object, with the kinds of role that may, and their privileges where they are not EXECUTE';

CREATE FUNCTION kra_internal.grants_of_kinds(_kinds text[])
RETURNS TABLE (privileges text, objects text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH part AS (
        SELECT r.object, trim(split_part(p.part, ':', 1)) AS kinds,
               CASE WHEN p.part ~ ':' THEN trim(split_part(p.part, ':', 2)) ELSE 'EXECUTE' END
                   AS privileges
        FROM kra_internal.rights() r
        CROSS JOIN LATERAL string_to_table(r.holders, ';') p (part)
    )
    SELECT p.privileges,
           split_part(p.object, ' ', 1) || ' '
               || string_agg(substr(p.object, strpos(p.object, ' ') + 1), ', ' ORDER BY p.object)
    FROM part p
    WHERE CASE
              WHEN p.kinds ~ ' alone$' THEN replace(p.kinds, ' alone', '') = ANY (_kinds)
              WHEN p.kinds IN ('nobody', 'everybody') THEN false
              ELSE string_to_array(p.kinds, ', ') && (_kinds || '{reader}'::text[])
                   OR 'admin' = ANY (_kinds)
          END
    GROUP BY p.privileges, split_part(p.object, ' ', 1);
END;
COMMENT ON FUNCTION kra_internal.grants_of_kinds(text[]) IS 'what roles of these kinds are granted: privileges and objects as GRANT takes them';

-- Grants are given by name, so that a dump brings them along, and always by the owner of the
-- tables, so that every admin can take back what another has given.

CREATE VIEW kra.role_grants WITH (security_invoker = true) AS
SELECT g.rolname::text AS db_role, p.proname::text AS kind
FROM pg_catalog.pg_proc p
CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a
JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
WHERE p.pronamespace = 'kra_internal'::pg_catalog.regnamespace AND a.grantee <> p.proowner
  AND p.proname IN ('reader', 'reviewer', 'target_setter', 'keeper', 'author', 'admin');
COMMENT ON VIEW kra.role_grants IS 'who has been granted what: a row per database role and kind (reader, reviewer, target_setter, keeper, author, admin); every kind may read, and an admin may what every kind may. The owner of the tables and superusers may do everything, and stand here only if it was granted';
COMMENT ON COLUMN kra.role_grants.db_role IS 'the database role';
COMMENT ON COLUMN kra.role_grants.kind IS 'reader, reviewer, target_setter, keeper, author or admin';

CREATE FUNCTION kra_internal.kinds_of(_db_role name) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(array_agg(g.kind ORDER BY g.kind), '{}')
    FROM kra.role_grants g
    WHERE g.db_role = _db_role;
END;
COMMENT ON FUNCTION kra_internal.kinds_of(name) IS 'the kinds that a database role was granted itself';

CREATE FUNCTION kra_internal.granted_objects(_db_role name) RETURNS TABLE (object text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH o AS (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass AS object,
               c.relnamespace AS schema, c.relacl AS acl
        FROM pg_class c
        WHERE c.relkind IN ('r', 'v', 'S')
        UNION ALL
        SELECT 'TABLE ' || a.attrelid::regclass, c.relnamespace, a.attacl
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        UNION ALL
        SELECT 'ROUTINE ' || p.oid::regprocedure, p.pronamespace, p.proacl
        FROM pg_proc p
    )
    SELECT DISTINCT o.object
    FROM o
    CROSS JOIN LATERAL aclexplode(o.acl) g
    JOIN pg_roles r ON r.oid = g.grantee AND r.rolname = _db_role
    WHERE o.schema IN ('kra'::regnamespace, 'kra_internal'::regnamespace, 'kra_bi'::regnamespace);
END;
COMMENT ON FUNCTION kra_internal.granted_objects(name) IS 'tables, sequences and functions on which a database role was granted anything, as REVOKE takes them';

CREATE FUNCTION kra_internal.change_grants(_db_role name, _kind text, _gives boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kinds text[];
    g record;
BEGIN
    IF has_function_privilege(kra.viewer(), 'kra_internal.admin()', 'EXECUTE') IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to grant rights on kra'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'The owner of the tables and admins (kra.grant_admin) may.';
    ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = _db_role) OR _db_role IS NULL THEN
        RAISE EXCEPTION 'role "%" does not exist', coalesce(_db_role, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'CREATE ROLE makes one.';
    ELSIF EXISTS (SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
                  WHERE c.oid = 'kra.settings'::regclass AND r.rolname = _db_role) THEN
        RAISE EXCEPTION 'role "%" owns the tables of kra', _db_role
            USING ERRCODE = 'invalid_grant_operation',
                  HINT = 'The owner may do everything, and can be given and denied nothing.';
    END IF;
    -- one at a time: two would change the same rows of the system catalogue
    LOCK TABLE kra.settings IN SHARE UPDATE EXCLUSIVE MODE;
    kinds := kra_internal.kinds_of(_db_role);
    IF _gives THEN
        kinds := kinds || _kind;
    ELSIF _kind = 'reader' THEN
        kinds := '{}';
    ELSE
        kinds := array_remove(kinds, _kind);
    END IF;
    FOR g IN SELECT * FROM kra_internal.granted_objects(_db_role) LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I CASCADE', g.object, _db_role);
    END LOOP;
    IF kinds <> '{}' THEN
        FOR g IN SELECT * FROM kra_internal.grants_of_kinds(kinds) LOOP
            EXECUTE format('GRANT %s ON %s TO %I', g.privileges, g.objects, _db_role);
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.change_grants(name, text, boolean) IS 'gives a database role the grants of a kind, or takes them back but for what its other kinds need; without reader it has nothing. Security definer, so that all grants are of one hand; only for the owner of the tables and admins';

CREATE FUNCTION kra_internal.renew_grants() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
    g record;
BEGIN
    FOR r IN
        SELECT s.db_role, array_agg(s.kind) AS kinds FROM kra.role_grants s GROUP BY s.db_role
    LOOP
        FOR g IN SELECT * FROM kra_internal.grants_of_kinds(r.kinds) LOOP
            EXECUTE format('GRANT %s ON %s TO %I', g.privileges, g.objects, r.db_role);
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra_internal.renew_grants() IS 'gives those who have a kind what that kind has got since: for the end of an upgrade script';

CREATE FUNCTION kra.grant_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'reader', true);
END;
COMMENT ON FUNCTION kra.grant_reader(name) IS 'lets a database role read the views: the subjects whose login it is, and all below them; answer for its own targets, check in on the subjects that it sees, and complete its own actions. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_reader(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'reader', false);
END;
COMMENT ON FUNCTION kra.revoke_reader(name) IS 'takes back all that a database role was granted on kra. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_reviewer(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'reviewer', true);
END;
COMMENT ON FUNCTION kra.grant_reviewer(name) IS 'lets a database role besides what a reader may, close the reviews of the subjects below its own and note actions and milestones. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_reviewer(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'reviewer', false);
END;
COMMENT ON FUNCTION kra.revoke_reviewer(name) IS 'takes back what grant_reviewer gave a database role; what it was granted besides, it keeps. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_target_setter(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'target_setter', true);
END;
COMMENT ON FUNCTION kra.grant_target_setter(name) IS 'lets a database role besides what a reader may, set the targets of the subjects below its own, never those of its own. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_target_setter(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'target_setter', false);
END;
COMMENT ON FUNCTION kra.revoke_target_setter(name) IS 'takes back what grant_target_setter gave a database role; what it was granted besides, it keeps. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_keeper(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'keeper', true);
END;
COMMENT ON FUNCTION kra.grant_keeper(name) IS 'lets a database role besides what a reader may, collect measurements, and record them for the subjects that it sees. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_keeper(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'keeper', false);
END;
COMMENT ON FUNCTION kra.revoke_keeper(name) IS 'takes back what grant_keeper gave a database role; what it was granted besides, it keeps. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'author', true);
END;
COMMENT ON FUNCTION kra.grant_author(name) IS 'lets a database role besides what a reader may, define roles, KRAs, KPIs, subjects and targets, and see all definitions. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_author(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'author', false);
END;
COMMENT ON FUNCTION kra.revoke_author(name) IS 'takes back what grant_author gave a database role; what it was granted besides, it keeps. The caller owns the tables or is an admin';

CREATE FUNCTION kra.grant_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'admin', true);
END;
COMMENT ON FUNCTION kra.grant_admin(name) IS 'lets a database role see everything, do everything but change the log, and grant the same to others. Given twice it does no harm. The caller owns the tables or is an admin';

CREATE FUNCTION kra.revoke_admin(db_role name) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT kra_internal.change_grants(db_role, 'admin', false);
END;
COMMENT ON FUNCTION kra.revoke_admin(name) IS 'takes back what grant_admin gave a database role; what it was granted besides, it keeps. The caller owns the tables or is an admin';
