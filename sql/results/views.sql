-- Views for BI tools: plain types, nothing left to compute, a comment on every column. Columns are
-- only ever appended. They run with the rights of who reads them (security_invoker), over tables
-- with row-level security.

CREATE SCHEMA kra_bi;
COMMENT ON SCHEMA kra_bi IS 'views of kra for BI tools';

CREATE VIEW kra_bi.kpi_results WITH (security_invoker = true) AS
SELECT * FROM kra.kpi_results(kra_internal.today());
COMMENT ON VIEW kra_bi.kpi_results IS 'a row per subject, KPI and period: what was aimed for and what came of it; key: subject_key, kpi_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.kpi_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kpi_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.kpi_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.kpi_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.kpi_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.kpi_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.kpi_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.kpi_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.kpi_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.kpi_results.kra_key IS 'key of the key result area; NULL: the KPI is on no card';
COMMENT ON COLUMN kra_bi.kpi_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.kpi_results.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.kpi_results.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.kpi_results.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.kpi_results.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.kpi_results.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.kpi_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.kpi_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.kpi_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.kpi_results.is_latest IS 'is it the latest period of its grain in which the KPI has data?';
COMMENT ON COLUMN kra_bi.kpi_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.kpi_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.kpi_results.is_on_card IS 'does the KPI stand on the subject''s card?';
COMMENT ON COLUMN kra_bi.kpi_results.is_derived IS 'does the line come from the cards of the members? (a group without a role)';
COMMENT ON COLUMN kra_bi.kpi_results.member_count IS 'how many members carry the KPI, where the line comes from them, else 1';
COMMENT ON COLUMN kra_bi.kpi_results.observed_member_count IS 'from how many subjects the actual comes';
COMMENT ON COLUMN kra_bi.kpi_results.actual_value IS 'what was observed; NULL: no data';
COMMENT ON COLUMN kra_bi.kpi_results.target_value IS 'what was aimed for; NULL for a range and without a target';
COMMENT ON COLUMN kra_bi.kpi_results.target_lower_value IS 'lower end: the target of at_least and exactly, or of a range';
COMMENT ON COLUMN kra_bi.kpi_results.target_upper_value IS 'upper end: the target of at_most and exactly, or of a range';
COMMENT ON COLUMN kra_bi.kpi_results.target_direction IS 'at_least (higher is better), at_most (lower is better), exactly or inside';
COMMENT ON COLUMN kra_bi.kpi_results.baseline_value IS 'where it started';
COMMENT ON COLUMN kra_bi.kpi_results.threshold_value IS 'red line: worse than this is off track';
COMMENT ON COLUMN kra_bi.kpi_results.stretch_value IS 'at or beyond this the target is exceeded';
COMMENT ON COLUMN kra_bi.kpi_results.target_since IS 'first day of the time in which the target is to be reached';
COMMENT ON COLUMN kra_bi.kpi_results.target_due IS 'last day by which the target is to be reached';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_pct IS 'actual against target as a fraction, against what was expected by now while the period runs: 1 is the target met; may be negative or above 1; NULL with a reason';
COMMENT ON COLUMN kra_bi.kpi_results.capped_attainment_pct IS 'attainment as scores take it, from 0 to 1.2; 1 or 0 for met or not where there is no scale';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_reason IS 'why the attainment is NULL: no_data, not_known_yet, no_target, mixed_targets or no_scale';
COMMENT ON COLUMN kra_bi.kpi_results.is_on_target IS 'is the full target met? NULL: not known, or not decided while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.kpi_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.kpi_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.kpi_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.kpi_results.expected_value IS 'value that the status compares with at the end of the period, or now: on the way to the target where it has dates';
COMMENT ON COLUMN kra_bi.kpi_results.previous_value IS 'actual of the period before; sums of days or weeks as for as many as this period has. What compares with it is NULL while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.change_value IS 'actual less that of the period before, in the unit (points for percentages)';
COMMENT ON COLUMN kra_bi.kpi_results.change_pct IS 'change as a fraction of the value before; NULL where that is 0';
COMMENT ON COLUMN kra_bi.kpi_results.change_text IS 'change in words: +5 pp for percentages, +12% for others';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_value IS 'what others reach';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_gap_value IS 'actual less benchmark';
COMMENT ON COLUMN kra_bi.kpi_results.benchmark_source IS 'where the benchmark comes from';
COMMENT ON COLUMN kra_bi.kpi_results.trend_direction IS 'rising, falling or no_trend: the straight line through the periods up to this one; NULL under 3 points, and while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.trend_meaning IS 'improving, worsening or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.kpi_results.trend_slope_value IS 'slope of that line per period, in the unit';
COMMENT ON COLUMN kra_bi.kpi_results.signal IS 'what the process limits say of this period, by the rules of kra.signal; none: noise';
COMMENT ON COLUMN kra_bi.kpi_results.signal_meaning IS 'improvement, concern or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.kpi_results.misses_count IS 'periods in a row, up to and with this one, that missed their targets, or, on the way to a target with dates, what was expected by then; at most the history_periods of the settings; NULL: not known';
COMMENT ON COLUMN kra_bi.kpi_results.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.kpi_results.freshness_day_count IS 'days from then to today';
COMMENT ON COLUMN kra_bi.kpi_results.is_stale IS 'are the data older than the KPI allows? NULL: there are none';
COMMENT ON COLUMN kra_bi.kpi_results.target_provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra_bi.kpi_results.is_target_moved IS 'was the target changed after the period began?';
COMMENT ON COLUMN kra_bi.kpi_results.acknowledged_by IS 'who has acknowledged the target';
COMMENT ON COLUMN kra_bi.kpi_results.acknowledged_at IS 'when';
COMMENT ON COLUMN kra_bi.kpi_results.actual_text IS 'actual with its unit';
COMMENT ON COLUMN kra_bi.kpi_results.target_text IS 'target with its unit';
COMMENT ON COLUMN kra_bi.kpi_results.attainment_text IS 'attainment as a percentage';
COMMENT ON COLUMN kra_bi.kpi_results.context IS 'the figure in its context, as a sentence';
COMMENT ON COLUMN kra_bi.kpi_results.sparkline_text IS 'the periods up to this one as blocks, lowest to highest; a dot where there is no value; at most the history_periods of the settings; NULL unless the database is in UTF8';
COMMENT ON COLUMN kra_bi.kpi_results.sparkline_uri IS 'the same as a picture: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.kpi_results.bullet_uri IS 'actual and target as a bullet graph: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.kpi_results.centre_value IS 'mean of the periods up to this one, the centre of the process; NULL while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.lower_limit_value IS 'lower natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.kpi_results.upper_limit_value IS 'upper natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.kpi_results.coverage_pct IS 'share of the parts (periods and members) in which the KPI was carried, and that have begun, with data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.kpi_results.observation_count IS 'number of observations';
COMMENT ON COLUMN kra_bi.kpi_results.progress_pct IS 'actual against the full target as a fraction, also while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.projected_value IS 'where a sum or count will end at its present pace; NULL: the period is over';
COMMENT ON COLUMN kra_bi.kpi_results.judged_value IS 'what the target is compared with: the actual of the parts that have a target; NULL: none has';
COMMENT ON COLUMN kra_bi.kpi_results.expected_lower_value IS 'lower end of what was expected by the end of the period, or by now';
COMMENT ON COLUMN kra_bi.kpi_results.expected_upper_value IS 'upper end of what was expected by the end of the period, or by now';
COMMENT ON COLUMN kra_bi.kpi_results.ytd_actual_value IS 'actual of the fiscal year up to the end of the period, or to now while it runs';
COMMENT ON COLUMN kra_bi.kpi_results.ytd_target_value IS 'what was expected of it: the targets of its parts that are judged, of one that runs the share of its days; NULL for ranges';
COMMENT ON COLUMN kra_bi.kpi_results.ytd_attainment_pct IS 'attainment of the year to date';
COMMENT ON COLUMN kra_bi.kpi_results.last_year_value IS 'actual of the same period a year before (of days the date, of weeks the number), of sums and counts up to the same day while the period runs, if a part ended on it; sums of days or weeks as for as many as this period has';
COMMENT ON COLUMN kra_bi.kpi_results.change_on_last_year_value IS 'actual less that of the same period a year before; NULL while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.change_on_last_year_pct IS 'the same as a fraction of that value; NULL where it is 0';
COMMENT ON COLUMN kra_bi.kpi_results.forecast_value IS 'height of the straight line through the history in the period to come, where it rises or falls (p at most 0.05); NULL while the period runs';
COMMENT ON COLUMN kra_bi.kpi_results.assurance IS 'can the process as it is meet the target? consistently_met, hit_or_miss or consistently_missed; NULL under 13 periods and while the period runs';

CREATE VIEW kra_bi.kra_results WITH (security_invoker = true) AS
SELECT * FROM kra.kra_results(kra_internal.today());
COMMENT ON VIEW kra_bi.kra_results IS 'a row per subject, key result area and period, with its score; key: subject_key, kra_name, period_grain, period_start';
COMMENT ON COLUMN kra_bi.kra_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kra_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.kra_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.kra_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.kra_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.kra_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.kra_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.kra_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.kra_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.kra_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.kra_results.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.kra_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.kra_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.kra_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.kra_results.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.kra_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.kra_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.kra_results.score_value IS 'weighted attainment, each capped to 0..1.2; 1: all targets met; NULL below the minimum coverage';
COMMENT ON COLUMN kra_bi.kra_results.score_text IS 'score and coverage in words';
COMMENT ON COLUMN kra_bi.kra_results.score_reason IS 'why there is no score; NULL: there is one';
COMMENT ON COLUMN kra_bi.kra_results.coverage_pct IS 'share of the weight that has both data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.kra_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.kra_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.kra_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.kra_results.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.kra_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.kra_results.kpi_count IS 'number of KPIs';

CREATE VIEW kra_bi.scorecards WITH (security_invoker = true) AS
SELECT * FROM kra.scorecards(kra_internal.today());
COMMENT ON VIEW kra_bi.scorecards IS 'a row per subject and period: the score with its coverage, and what stands behind it; key: subject_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.scorecards.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.scorecards.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.scorecards.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.scorecards.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.scorecards.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.scorecards.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.scorecards.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.scorecards.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.scorecards.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.scorecards.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.scorecards.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.scorecards.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.scorecards.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.scorecards.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.scorecards.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.scorecards.score_value IS 'weighted attainment, each capped to 0..1.2; 1: all targets met; NULL below the minimum coverage';
COMMENT ON COLUMN kra_bi.scorecards.score_text IS 'score and coverage in words';
COMMENT ON COLUMN kra_bi.scorecards.score_reason IS 'why there is no score; NULL: there is one';
COMMENT ON COLUMN kra_bi.scorecards.outcome_score_value IS 'score of the outcome KPIs';
COMMENT ON COLUMN kra_bi.scorecards.activity_score_value IS 'score of the activity KPIs';
COMMENT ON COLUMN kra_bi.scorecards.coverage_pct IS 'share of the weight that has both data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.scorecards.status IS 'no_target, no_data, off_track, at_risk or on_track: that of the score, at best at_risk by effort alone (status_reason)';
COMMENT ON COLUMN kra_bi.scorecards.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.scorecards.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.scorecards.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.scorecards.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.scorecards.kpi_count IS 'number of KPIs';
COMMENT ON COLUMN kra_bi.scorecards.exceeded_count IS 'KPIs with status exceeded';
COMMENT ON COLUMN kra_bi.scorecards.on_track_count IS 'KPIs with status on_track';
COMMENT ON COLUMN kra_bi.scorecards.at_risk_count IS 'KPIs with status at_risk';
COMMENT ON COLUMN kra_bi.scorecards.off_track_count IS 'KPIs with status off_track';
COMMENT ON COLUMN kra_bi.scorecards.no_data_count IS 'KPIs without data';
COMMENT ON COLUMN kra_bi.scorecards.no_target_count IS 'KPIs without a target';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_flag IS 'insufficient_data, no_outcome, busy_not_moving, both_behind, activity_heavy, no_leading, result_without_effort, outcome_behind or balanced';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_reason IS 'the same as a sentence';
COMMENT ON COLUMN kra_bi.scorecards.is_busy_not_moving IS 'is effort on target while results are not?';
COMMENT ON COLUMN kra_bi.scorecards.strong_areas IS 'key result areas that reach their targets, best first';
COMMENT ON COLUMN kra_bi.scorecards.weak_areas IS 'key result areas below 90 % of their targets, worst first';
COMMENT ON COLUMN kra_bi.scorecards.closed_on IS 'day on which the review of the period was closed; NULL: it was not';
COMMENT ON COLUMN kra_bi.scorecards.closed_score_value IS 'score of the card that was frozen then';
COMMENT ON COLUMN kra_bi.scorecards.closed_coverage_pct IS 'coverage of that card, as a fraction';
COMMENT ON COLUMN kra_bi.scorecards.status_reason IS 'why the status is at best at_risk although the score is on track: no outcome KPI, an outcome that is off track, or effort that does not move its outcome; NULL: the status is that of the score';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_activity_kpi IS 'key of the activity that the flag rests on, in the pair with the widest gap; NULL: it rests on totals';
COMMENT ON COLUMN kra_bi.scorecards.imbalance_outcome_kpi IS 'key of the outcome that this activity drives';

CREATE VIEW kra_bi.imbalances WITH (security_invoker = true) AS
SELECT * FROM kra.imbalances(kra_internal.today());
COMMENT ON VIEW kra_bi.imbalances IS 'a row per subject and period that has a card: are outcome and activity in step?; key: subject_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.imbalances.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.imbalances.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.imbalances.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.imbalances.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.imbalances.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.imbalances.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.imbalances.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.imbalances.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.imbalances.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.imbalances.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.imbalances.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.imbalances.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.imbalances.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_flag IS 'insufficient_data, no_outcome, busy_not_moving, both_behind, activity_heavy, no_leading, result_without_effort, outcome_behind or balanced';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_reason IS 'the same as a sentence';
COMMENT ON COLUMN kra_bi.imbalances.is_balanced IS 'is there no imbalance?';
COMMENT ON COLUMN kra_bi.imbalances.is_busy_not_moving IS 'is effort on target while results are not?';
COMMENT ON COLUMN kra_bi.imbalances.activity_share_pct IS 'share of activity KPIs in the weight, as a fraction';
COMMENT ON COLUMN kra_bi.imbalances.outcome_score_value IS 'score of the outcome KPIs';
COMMENT ON COLUMN kra_bi.imbalances.activity_score_value IS 'score of the activity KPIs';
COMMENT ON COLUMN kra_bi.imbalances.gap_value IS 'activity score less outcome score';
COMMENT ON COLUMN kra_bi.imbalances.outcome_kpi_count IS 'number of outcome KPIs';
COMMENT ON COLUMN kra_bi.imbalances.activity_kpi_count IS 'number of activity KPIs';
COMMENT ON COLUMN kra_bi.imbalances.outcome_coverage_pct IS 'coverage of the outcome KPIs, as a fraction; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.activity_coverage_pct IS 'coverage of the activity KPIs, as a fraction; NULL: none';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_activity_kpi IS 'key of the activity that the flag rests on, in the pair with the widest gap; NULL: it rests on totals';
COMMENT ON COLUMN kra_bi.imbalances.imbalance_outcome_kpi IS 'key of the outcome that this activity drives';

CREATE VIEW kra_bi.group_results WITH (security_invoker = true) AS
SELECT * FROM kra_internal.kpi_results_above(kra_internal.today());
COMMENT ON VIEW kra_bi.group_results IS 'latest results of the groups that the reader''s own subjects belong to, where the settings show them (show_groups_above) and enough people are in them; columns as in kpi_results, without history; key: subject_key, kpi_key, period_grain, period_start';
COMMENT ON COLUMN kra_bi.group_results.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.group_results.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.group_results.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.group_results.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.group_results.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.group_results.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.group_results.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.group_results.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.group_results.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.group_results.kra_key IS 'key of the key result area; NULL: the KPI is on no card';
COMMENT ON COLUMN kra_bi.group_results.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.group_results.perspective IS 'financial, customer, process or people';
COMMENT ON COLUMN kra_bi.group_results.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.group_results.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.group_results.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.group_results.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.group_results.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.group_results.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.group_results.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.group_results.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.group_results.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.group_results.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.group_results.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.group_results.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.group_results.weight_value IS 'weight of the KPI on the card; 0: shown, not scored';
COMMENT ON COLUMN kra_bi.group_results.is_on_card IS 'does the KPI stand on the subject''s card?';
COMMENT ON COLUMN kra_bi.group_results.is_derived IS 'does the line come from the cards of the members? (a group without a role)';
COMMENT ON COLUMN kra_bi.group_results.member_count IS 'how many members carry the KPI, where the line comes from them, else 1';
COMMENT ON COLUMN kra_bi.group_results.observed_member_count IS 'from how many subjects the actual comes';
COMMENT ON COLUMN kra_bi.group_results.actual_value IS 'what was observed; NULL: no data';
COMMENT ON COLUMN kra_bi.group_results.target_value IS 'what was aimed for; NULL for a range and without a target';
COMMENT ON COLUMN kra_bi.group_results.target_lower_value IS 'lower end: the target of at_least and exactly, or of a range';
COMMENT ON COLUMN kra_bi.group_results.target_upper_value IS 'upper end: the target of at_most and exactly, or of a range';
COMMENT ON COLUMN kra_bi.group_results.target_direction IS 'at_least (higher is better), at_most (lower is better), exactly or inside';
COMMENT ON COLUMN kra_bi.group_results.baseline_value IS 'where it started';
COMMENT ON COLUMN kra_bi.group_results.threshold_value IS 'red line: worse than this is off track';
COMMENT ON COLUMN kra_bi.group_results.stretch_value IS 'at or beyond this the target is exceeded';
COMMENT ON COLUMN kra_bi.group_results.target_since IS 'first day of the time in which the target is to be reached';
COMMENT ON COLUMN kra_bi.group_results.target_due IS 'last day by which the target is to be reached';
COMMENT ON COLUMN kra_bi.group_results.attainment_pct IS 'actual against target as a fraction: 1 is the target met; may be negative or above 1; NULL with a reason';
COMMENT ON COLUMN kra_bi.group_results.capped_attainment_pct IS 'attainment as scores take it, from 0 to 1.2; 1 or 0 for met or not where there is no scale';
COMMENT ON COLUMN kra_bi.group_results.attainment_reason IS 'why the attainment is NULL: no_data, no_target or no_scale';
COMMENT ON COLUMN kra_bi.group_results.is_on_target IS 'is the target met? NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.on_target_count IS '1 if the target is met, else 0; sums everywhere';
COMMENT ON COLUMN kra_bi.group_results.status IS 'no_target, no_data, off_track, at_risk, on_track or exceeded';
COMMENT ON COLUMN kra_bi.group_results.status_code IS '-1 off track, 0 at risk, 1 on track or exceeded; NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.status_color IS 'colour of the status, #rrggbb';
COMMENT ON COLUMN kra_bi.group_results.expected_value IS 'value that the status compares with at the end of the period, or now: on the way to the target where it has dates';
COMMENT ON COLUMN kra_bi.group_results.previous_value IS 'actual of the period before; sums of days or weeks as for as many as this period has. What compares with it is NULL while the period runs';
COMMENT ON COLUMN kra_bi.group_results.change_value IS 'actual less that of the period before, in the unit (points for percentages)';
COMMENT ON COLUMN kra_bi.group_results.change_pct IS 'change as a fraction of the value before; NULL where that is 0';
COMMENT ON COLUMN kra_bi.group_results.change_text IS 'change in words: +5 pp for percentages, +12% for others';
COMMENT ON COLUMN kra_bi.group_results.benchmark_value IS 'what others reach';
COMMENT ON COLUMN kra_bi.group_results.benchmark_gap_value IS 'actual less benchmark';
COMMENT ON COLUMN kra_bi.group_results.benchmark_source IS 'where the benchmark comes from';
COMMENT ON COLUMN kra_bi.group_results.trend_direction IS 'rising, falling or no_trend: the straight line through the periods up to this one; NULL under 3 points, and while the period runs';
COMMENT ON COLUMN kra_bi.group_results.trend_meaning IS 'improving, worsening or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.group_results.trend_slope_value IS 'slope of that line per period, in the unit';
COMMENT ON COLUMN kra_bi.group_results.signal IS 'what the process limits say of this period, by the rules of kra.signal; none: noise';
COMMENT ON COLUMN kra_bi.group_results.signal_meaning IS 'improvement, concern or neutral, by the direction of the target';
COMMENT ON COLUMN kra_bi.group_results.misses_count IS 'periods in a row, up to and with this one, that missed their targets, or, on the way to a target with dates, what was expected by then; at most the history_periods of the settings; NULL: not known';
COMMENT ON COLUMN kra_bi.group_results.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.group_results.freshness_day_count IS 'days from then to today';
COMMENT ON COLUMN kra_bi.group_results.is_stale IS 'are the data older than the KPI allows? NULL: there are none';
COMMENT ON COLUMN kra_bi.group_results.target_provenance IS 'where the target comes from: history, benchmark, market, negotiated or imposed';
COMMENT ON COLUMN kra_bi.group_results.is_target_moved IS 'was the target changed after the period began?';
COMMENT ON COLUMN kra_bi.group_results.acknowledged_by IS 'who has acknowledged the target';
COMMENT ON COLUMN kra_bi.group_results.acknowledged_at IS 'when';
COMMENT ON COLUMN kra_bi.group_results.actual_text IS 'actual with its unit';
COMMENT ON COLUMN kra_bi.group_results.target_text IS 'target with its unit';
COMMENT ON COLUMN kra_bi.group_results.attainment_text IS 'attainment as a percentage';
COMMENT ON COLUMN kra_bi.group_results.context IS 'the figure in its context, as a sentence';
COMMENT ON COLUMN kra_bi.group_results.sparkline_text IS 'the periods up to this one as blocks, lowest to highest; a dot where there is no value; at most the history_periods of the settings; NULL unless the database is in UTF8';
COMMENT ON COLUMN kra_bi.group_results.sparkline_uri IS 'the same as a picture: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.group_results.bullet_uri IS 'actual and target as a bullet graph: an SVG as a data: address, for an image column';
COMMENT ON COLUMN kra_bi.group_results.centre_value IS 'mean of the periods up to this one, the centre of the process; NULL while the period runs';
COMMENT ON COLUMN kra_bi.group_results.lower_limit_value IS 'lower natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.group_results.upper_limit_value IS 'upper natural process limit of these periods; NULL under 2 values';
COMMENT ON COLUMN kra_bi.group_results.coverage_pct IS 'share of the parts (periods and members) in which the KPI was carried, and that have begun, with data and a target, as a fraction';
COMMENT ON COLUMN kra_bi.group_results.observation_count IS 'number of observations';
COMMENT ON COLUMN kra_bi.group_results.progress_pct IS 'actual against the full target as a fraction, also while the period runs';
COMMENT ON COLUMN kra_bi.group_results.projected_value IS 'where a sum or count will end at its present pace; NULL: the period is over';
COMMENT ON COLUMN kra_bi.group_results.judged_value IS 'what the target is compared with: the actual of the parts that have a target; NULL: none has';
COMMENT ON COLUMN kra_bi.group_results.expected_lower_value IS 'lower end of what was expected by the end of the period, or by now';
COMMENT ON COLUMN kra_bi.group_results.expected_upper_value IS 'upper end of what was expected by the end of the period, or by now';
COMMENT ON COLUMN kra_bi.group_results.ytd_actual_value IS 'actual of the fiscal year up to the end of the period, or to now while it runs';
COMMENT ON COLUMN kra_bi.group_results.ytd_target_value IS 'what was expected of it: the targets of its parts that are judged, of one that runs the share of its days; NULL for ranges';
COMMENT ON COLUMN kra_bi.group_results.ytd_attainment_pct IS 'attainment of the year to date';
COMMENT ON COLUMN kra_bi.group_results.last_year_value IS 'actual of the same period a year before (of days the date, of weeks the number), of sums and counts up to the same day while the period runs, if a part ended on it; sums of days or weeks as for as many as this period has';
COMMENT ON COLUMN kra_bi.group_results.change_on_last_year_value IS 'actual less that of the same period a year before; NULL while the period runs';
COMMENT ON COLUMN kra_bi.group_results.change_on_last_year_pct IS 'the same as a fraction of that value; NULL where it is 0';
COMMENT ON COLUMN kra_bi.group_results.forecast_value IS 'height of the straight line through the history in the period to come, where it rises or falls (p at most 0.05); NULL while the period runs';
COMMENT ON COLUMN kra_bi.group_results.assurance IS 'can the process as it is meet the target? consistently_met, hit_or_miss or consistently_missed; NULL under 13 periods and while the period runs';

-- Dimensions are one relation each, so that a star join is free in its order.
CREATE VIEW kra_bi.dim_subject WITH (security_invoker = true) AS
SELECT s.key AS row_key, s.key AS subject_key, s.name AS subject_name, s.kind AS subject_kind,
       (SELECT o.path FROM kra_internal.path_of(s.id, kra_internal.today(),
                                                kra_internal.today()) o) AS subject_path,
       (SELECT o.parent_key FROM kra_internal.place_of(s.id, kra_internal.today(),
                                              kra_internal.today()) o) AS parent_key,
       (SELECT o.parent_name FROM kra_internal.place_of(s.id, kra_internal.today(),
                                              kra_internal.today()) o) AS parent_name,
       (SELECT o.job_role_key FROM kra_internal.place_of(s.id, kra_internal.today(),
                                              kra_internal.today()) o) AS job_role_key,
       (SELECT o.job_role_name FROM kra_internal.place_of(s.id, kra_internal.today(),
                                              kra_internal.today()) o) AS job_role_name,
       (SELECT o.name FROM kra_internal.levels_of(s.id, kra_internal.today()) o LIMIT 1)
           AS level_1_name,
       (SELECT o.name FROM kra_internal.levels_of(s.id, kra_internal.today()) o OFFSET 1 LIMIT 1)
           AS level_2_name,
       (SELECT o.name FROM kra_internal.levels_of(s.id, kra_internal.today()) o OFFSET 2 LIMIT 1)
           AS level_3_name,
       (SELECT o.name FROM kra_internal.levels_of(s.id, kra_internal.today()) o OFFSET 3 LIMIT 1)
           AS level_4_name,
       (SELECT o.name FROM kra_internal.levels_of(s.id, kra_internal.today()) o OFFSET 4 LIMIT 1)
           AS level_5_name,
       (SELECT greatest(count(*) - 1, 0)::integer
        FROM kra_internal.levels_of(s.id, kra_internal.today()) o) AS tree_depth,
       EXISTS (SELECT FROM kra_internal.subject_timeline t
               WHERE t.subject_id = s.id AND t.valid_from <= kra_internal.today()
                 AND t.valid_until > kra_internal.today())
           OR NOT EXISTS (SELECT FROM kra.placements x WHERE x.subject_id = s.id) AS is_active,
       kra_internal.has_members(s.id) AS is_group, s.login IS NOT NULL AS has_login
FROM kra.subjects s;
COMMENT ON VIEW kra_bi.dim_subject IS 'subjects as they are today; key: subject_key';
COMMENT ON COLUMN kra_bi.dim_subject.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_subject.subject_key IS 'key of the subject';
COMMENT ON COLUMN kra_bi.dim_subject.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.dim_subject.subject_kind IS 'company, team, person, project or vendor';
COMMENT ON COLUMN kra_bi.dim_subject.subject_path IS 'names from the top of the tree down to the subject in the period, as far as the reader may see them';
COMMENT ON COLUMN kra_bi.dim_subject.parent_key IS 'key of the subject above it today; NULL: none';
COMMENT ON COLUMN kra_bi.dim_subject.parent_name IS 'name of the subject above it';
COMMENT ON COLUMN kra_bi.dim_subject.job_role_key IS 'key of the role that the subject had in the period; NULL: none';
COMMENT ON COLUMN kra_bi.dim_subject.job_role_name IS 'name of that role';
COMMENT ON COLUMN kra_bi.dim_subject.level_1_name IS 'name at the top of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_2_name IS 'name at the second level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_3_name IS 'name at the third level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_4_name IS 'name at the fourth level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.level_5_name IS 'name at the fifth level of the path';
COMMENT ON COLUMN kra_bi.dim_subject.tree_depth IS 'steps from the top of the tree';
COMMENT ON COLUMN kra_bi.dim_subject.is_active IS 'is it active today?';
COMMENT ON COLUMN kra_bi.dim_subject.is_group IS 'is or was somebody below it?';
COMMENT ON COLUMN kra_bi.dim_subject.has_login IS 'does a database role see it as its own?';

CREATE VIEW kra_bi.dim_kpi WITH (security_invoker = true) AS
SELECT k.key AS row_key, k.key AS kpi_key, k.name AS kpi_name, k.description,
       k.kind::text AS kpi_kind, k.timing AS kpi_timing, k.unit AS unit_label,
       coalesce(k.value_format,
                CASE WHEN btrim(k.unit) = '%' THEN '0.0"%"' ELSE '#,##0.##' END) AS value_format,
       k.over_time, k.over_subjects, k.cadence,
       (SELECT o.key FROM kra.objectives o WHERE o.id = k.objective_id) AS objective_key,
       (SELECT o.name FROM kra.objectives o WHERE o.id = k.objective_id) AS objective_name,
       (WITH RECURSIVE up (id, name, n) AS (
            SELECT a.id, a.name, 1 FROM kra.objectives a WHERE a.id = k.objective_id
            UNION ALL
            SELECT a.id, a.name, up.n + 1
            FROM up
            JOIN kra.objective_parents b ON b.objective_id = up.id
            JOIN kra.objectives a ON a.id = b.parent_id
        )
        SELECT string_agg(up.name, ' / ' ORDER BY up.n DESC) FROM up) AS objective_path,
       (SELECT w.key FROM kra_internal.kpi_owner(k.id, kra_internal.today()) w) AS owner_key,
       (SELECT w.name FROM kra_internal.kpi_owner(k.id, kra_internal.today()) w) AS owner_name,
       (SELECT string_agg(x.key, ', ' ORDER BY x.key COLLATE "C")
        FROM kra.kpi_drives y JOIN kra.kpis x ON x.id = y.drives_kpi_id
        WHERE y.kpi_id = k.id) AS drives_kpi_key,
       (SELECT string_agg(x.name, ', ' ORDER BY x.key COLLATE "C")
        FROM kra.kpi_drives y JOIN kra.kpis x ON x.id = y.drives_kpi_id
        WHERE y.kpi_id = k.id) AS drives_kpi_name,
       k.source_relation, k.scale AS answer_scale, k.state,
       kra_internal.stale_after(k.cadence, k.stale_after_days) AS stale_after_day_count
FROM kra.kpis k;
COMMENT ON VIEW kra_bi.dim_kpi IS 'KPIs as they are defined today; key: kpi_key';
COMMENT ON COLUMN kra_bi.dim_kpi.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.dim_kpi.description IS 'what is counted';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.dim_kpi.kpi_timing IS 'leading or lagging';
COMMENT ON COLUMN kra_bi.dim_kpi.unit_label IS 'unit of the values as people write it, such as %, $ or days';
COMMENT ON COLUMN kra_bi.dim_kpi.value_format IS 'number format for the values';
COMMENT ON COLUMN kra_bi.dim_kpi.over_time IS 'how shorter periods make longer ones: sum, mean, ratio, last, min, max or count';
COMMENT ON COLUMN kra_bi.dim_kpi.over_subjects IS 'how members make a group';
COMMENT ON COLUMN kra_bi.dim_kpi.cadence IS 'its shortest period';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_key IS 'key of the objective';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.dim_kpi.objective_path IS 'names of the objectives from the top down to it';
COMMENT ON COLUMN kra_bi.dim_kpi.owner_key IS 'key of the owner today';
COMMENT ON COLUMN kra_bi.dim_kpi.owner_name IS 'name of the owner today';
COMMENT ON COLUMN kra_bi.dim_kpi.drives_kpi_key IS 'key of the outcome that it is meant to move; of several all, with commas between';
COMMENT ON COLUMN kra_bi.dim_kpi.drives_kpi_name IS 'name of that outcome, or names';
COMMENT ON COLUMN kra_bi.dim_kpi.source_relation IS 'relation that it is collected from; NULL: entered by hand';
COMMENT ON COLUMN kra_bi.dim_kpi.answer_scale IS 'how answers are scored: csat_top_two_box, csat_mean, nps or ordinal; NULL: values are numbers';
COMMENT ON COLUMN kra_bi.dim_kpi.state IS 'candidate, active or retired';
COMMENT ON COLUMN kra_bi.dim_kpi.stale_after_day_count IS 'days after which its data are stale';

CREATE VIEW kra_bi.dim_period WITH (security_invoker = true) AS
SELECT p.period_grain || '.' || to_char(p.period_start, 'YYYY-MM-DD') AS row_key, p.period_grain, p.period_label, p.period_start, p.period_end, p.is_latest,
       p.period_end <= kra_internal.today() AS is_complete,
       kra_internal.grid_label(x.year, kra_internal.whole_start(x.year, p.grid, p.period_start))
           AS fiscal_year_label,
       CASE WHEN p.period_grain NOT IN ('half_year', 'year')
            THEN kra_internal.grid_label(x.quarter, kra_internal.whole_start(x.quarter, p.grid, p.period_start)) END
           AS fiscal_quarter_label,
       CASE WHEN p.period_grain NOT IN ('quarter', 'half_year', 'year') THEN extract(month FROM p.period_start)::integer END AS month_number,
       p.period_end - p.period_start + 1 AS day_count,
       (rank() OVER (PARTITION BY p.period_grain ORDER BY p.period_start DESC))::integer AS period_rank
FROM kra_internal.periods(kra_internal.today()) p
CROSS JOIN (SELECT kra_internal.grid_in_force('quarter') AS quarter,
                   kra_internal.grid_in_force('year') AS year) x;
COMMENT ON VIEW kra_bi.dim_period IS 'periods that have data; key: period_grain, period_start';
COMMENT ON COLUMN kra_bi.dim_period.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.dim_period.period_grain IS 'day, week, month, quarter, half_year or year';
COMMENT ON COLUMN kra_bi.dim_period.period_label IS 'name of the period: 2025-12, 2025-Q4, 2025-H2, 2025, 2025-W07, 2025-12-31; 2016/17, 2016/17-H1 and 2016/17-Q1 for fiscal years that do not start in January; 2016/17-P03 for the months of a calendar of weeks';
COMMENT ON COLUMN kra_bi.dim_period.period_start IS 'first day of the period';
COMMENT ON COLUMN kra_bi.dim_period.period_end IS 'last day of the period';
COMMENT ON COLUMN kra_bi.dim_period.is_latest IS 'is it the latest period of its grain that has any data?';
COMMENT ON COLUMN kra_bi.dim_period.is_complete IS 'is the period over?';
COMMENT ON COLUMN kra_bi.dim_period.fiscal_year_label IS 'fiscal year; of a week that of its fourth day';
COMMENT ON COLUMN kra_bi.dim_period.fiscal_quarter_label IS 'fiscal quarter; of a week that of its fourth day; NULL for half-years and years';
COMMENT ON COLUMN kra_bi.dim_period.month_number IS 'month of the first day, 1 to 12; NULL for quarters, half-years and years';
COMMENT ON COLUMN kra_bi.dim_period.day_count IS 'days in the period';
COMMENT ON COLUMN kra_bi.dim_period.period_rank IS '1 for the latest period of the grain, 2 for the one before, and so on';

CREATE VIEW kra_bi.findings WITH (security_invoker = true) AS
SELECT * FROM kra.findings(kra_internal.today());
COMMENT ON VIEW kra_bi.findings IS 'a row per rule that something breaks today: what is wrong with how performance is measured, and what to do; key: rule_id, about_kind, about_key';
COMMENT ON COLUMN kra_bi.findings.row_key IS 'unique key of the row, which kra.waive takes';
COMMENT ON COLUMN kra_bi.findings.rule_id IS 'the rule; see rule_reference';
COMMENT ON COLUMN kra_bi.findings.rule_family IS 'focus, balance (outcome over activity), definition, fit or life';
COMMENT ON COLUMN kra_bi.findings.severity IS 'info, warning or serious';
COMMENT ON COLUMN kra_bi.findings.severity_code IS '0 info, 1 warning, 2 serious';
COMMENT ON COLUMN kra_bi.findings.about_kind IS 'what it is about: subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra_bi.findings.about_key IS 'keys of what it is about, with a slash between; one that could be taken for two is quoted';
COMMENT ON COLUMN kra_bi.findings.about_name IS 'name of what it is about';
COMMENT ON COLUMN kra_bi.findings.subject_key IS 'key of the subject; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.findings.job_role_key IS 'key of the role; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.job_role_name IS 'name of the role';
COMMENT ON COLUMN kra_bi.findings.kra_key IS 'key of the key result area; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.kra_name IS 'name of the key result area';
COMMENT ON COLUMN kra_bi.findings.kpi_key IS 'key of the KPI; NULL: of none';
COMMENT ON COLUMN kra_bi.findings.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.findings.message IS 'what is wrong, with the evidence';
COMMENT ON COLUMN kra_bi.findings.hint IS 'what to do';
COMMENT ON COLUMN kra_bi.findings.since_date IS 'since when; NULL: not known';
COMMENT ON COLUMN kra_bi.findings.evidence_value IS 'number that was held against the threshold; NULL: the rule has none';
COMMENT ON COLUMN kra_bi.findings.threshold_value IS 'threshold in force; NULL: the rule has none';
COMMENT ON COLUMN kra_bi.findings.is_waived IS 'has somebody silenced it for a time?';
COMMENT ON COLUMN kra_bi.findings.waiver_reason IS 'why it is silenced';
COMMENT ON COLUMN kra_bi.findings.waiver_author IS 'who silenced it';
COMMENT ON COLUMN kra_bi.findings.waived_until IS 'last day on which it is silenced';

CREATE VIEW kra_bi.due WITH (security_invoker = true) AS
SELECT * FROM kra.due(kra_internal.today(), 14);
COMMENT ON VIEW kra_bi.due IS 'a row per thing that is overdue, or due within the next 14 days: what is to be done, by whom, until when; key: row_key';
COMMENT ON COLUMN kra_bi.due.row_key IS 'unique key of the row, the same every day';
COMMENT ON COLUMN kra_bi.due.due_kind IS 'measurement, check_in, acknowledgement, review, milestone or action';
COMMENT ON COLUMN kra_bi.due.subject_key IS 'key of the subject that it is about; of a milestone its owner, else the subject of the objective; NULL: of none, or not for the viewer to see';
COMMENT ON COLUMN kra_bi.due.subject_name IS 'name of the subject';
COMMENT ON COLUMN kra_bi.due.owner_key IS 'key of who has to act: the subject itself, the one above it for a review, the owner of a milestone or action; NULL: nobody, or not for the viewer to see';
COMMENT ON COLUMN kra_bi.due.owner_name IS 'name of who has to act';
COMMENT ON COLUMN kra_bi.due.owner_login IS 'database role of who has to act; NULL: none';
COMMENT ON COLUMN kra_bi.due.kpi_key IS 'key of the KPI; of a check-in that with the greatest weight; NULL: of none';
COMMENT ON COLUMN kra_bi.due.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.due.objective_key IS 'key of the objective, of a milestone or of the KPI; NULL: of none';
COMMENT ON COLUMN kra_bi.due.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.due.what_text IS 'what is to be done, in a sentence';
COMMENT ON COLUMN kra_bi.due.due_date IS 'last day';
COMMENT ON COLUMN kra_bi.due.is_overdue IS 'is that day past?';
COMMENT ON COLUMN kra_bi.due.overdue_day_count IS 'days since that day; 0 if it is not past';
COMMENT ON COLUMN kra_bi.due.period_label IS 'period of a measurement, check-in or review; NULL: of none';

CREATE VIEW kra_bi.rule_reference WITH (security_invoker = true) AS
SELECT r.rule AS row_key, r.rule AS rule_id, r.family AS rule_family, r.about_kind, r.severity, r.meaning, r.rationale, r.hint,
       r.threshold AS default_threshold_value, coalesce(s.threshold, r.threshold) AS threshold_value, r.threshold_meaning,
       coalesce(s.is_enabled, r.is_enabled) AS is_enabled,
       s.rule IS NOT NULL AND (s.is_enabled <> r.is_enabled OR coalesce(s.threshold <> r.threshold, false)) AS is_changed
FROM kra_internal.built_in_rules() r
LEFT JOIN kra.rule_settings s ON s.rule = r.rule;
COMMENT ON VIEW kra_bi.rule_reference IS 'every rule of findings, with its meaning, threshold and rationale; a company changes threshold and is_enabled in kra.rule_settings; key: rule_id';
COMMENT ON COLUMN kra_bi.rule_reference.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.rule_reference.rule_id IS 'the rule';
COMMENT ON COLUMN kra_bi.rule_reference.rule_family IS 'focus, balance (outcome over activity), definition, fit or life';
COMMENT ON COLUMN kra_bi.rule_reference.about_kind IS 'what its findings are about: subject, role, kra, kpi, target, review or action';
COMMENT ON COLUMN kra_bi.rule_reference.severity IS 'severity of its findings, where they do not say another: info, warning or serious';
COMMENT ON COLUMN kra_bi.rule_reference.meaning IS 'what makes it fire';
COMMENT ON COLUMN kra_bi.rule_reference.rationale IS 'why that is bad';
COMMENT ON COLUMN kra_bi.rule_reference.hint IS 'what to do';
COMMENT ON COLUMN kra_bi.rule_reference.default_threshold_value IS 'threshold as shipped; NULL: it has none';
COMMENT ON COLUMN kra_bi.rule_reference.threshold_value IS 'threshold in force';
COMMENT ON COLUMN kra_bi.rule_reference.threshold_meaning IS 'what the threshold is';
COMMENT ON COLUMN kra_bi.rule_reference.is_enabled IS 'is the rule on?';
COMMENT ON COLUMN kra_bi.rule_reference.is_changed IS 'has the company changed it?';

CREATE VIEW kra_bi.objectives WITH (security_invoker = true) AS
SELECT * FROM kra.objective_results(kra_internal.today());
COMMENT ON VIEW kra_bi.objectives IS 'a row per objective: how far it has come, by its milestones and those of the objectives that serve it; key: objective_key';
COMMENT ON COLUMN kra_bi.objectives.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.objectives.objective_key IS 'key of the objective';
COMMENT ON COLUMN kra_bi.objectives.objective_name IS 'name of the objective';
COMMENT ON COLUMN kra_bi.objectives.objective_path IS 'names of the objectives from the top down to it';
COMMENT ON COLUMN kra_bi.objectives.parent_key IS 'key of the objective that it serves; NULL: none';
COMMENT ON COLUMN kra_bi.objectives.subject_key IS 'key of the subject whose objective it is';
COMMENT ON COLUMN kra_bi.objectives.subject_name IS 'name of that subject';
COMMENT ON COLUMN kra_bi.objectives.starts_date IS 'first day';
COMMENT ON COLUMN kra_bi.objectives.due_date IS 'last day';
COMMENT ON COLUMN kra_bi.objectives.progress_pct IS 'how much is done as a fraction: the mean over the milestones, by their weights; NULL: there are none of any weight';
COMMENT ON COLUMN kra_bi.objectives.milestone_count IS 'number of milestones, with those of the objectives that serve it';
COMMENT ON COLUMN kra_bi.objectives.completed_milestone_count IS 'milestones that were reached';
COMMENT ON COLUMN kra_bi.objectives.overdue_milestone_count IS 'milestones past their day that were not reached';
COMMENT ON COLUMN kra_bi.objectives.kpi_count IS 'active KPIs that measure it, or an objective that serves it';
COMMENT ON COLUMN kra_bi.objectives.expected_pct IS 'how much of its time has passed as a fraction, from the first day to the last; NULL without both';
COMMENT ON COLUMN kra_bi.objectives.is_behind IS 'is less done than time has passed? NULL: not known';

CREATE VIEW kra_bi.kpi_register WITH (security_invoker = true) AS
SELECT * FROM kra.kpi_register(kra_internal.today());
COMMENT ON VIEW kra_bi.kpi_register IS 'a row per KPI: is it a candidate, active or retired, since when and why; key: kpi_key';
COMMENT ON COLUMN kra_bi.kpi_register.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_key IS 'key of the KPI';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_name IS 'name of the KPI';
COMMENT ON COLUMN kra_bi.kpi_register.kpi_kind IS 'outcome (a result) or activity (effort, process)';
COMMENT ON COLUMN kra_bi.kpi_register.state IS 'candidate, active or retired';
COMMENT ON COLUMN kra_bi.kpi_register.state_reason IS 'why';
COMMENT ON COLUMN kra_bi.kpi_register.state_date IS 'since when';
COMMENT ON COLUMN kra_bi.kpi_register.day_count IS 'days in that state';
COMMENT ON COLUMN kra_bi.kpi_register.owner_key IS 'key of the owner today; NULL: none, or not to be seen';
COMMENT ON COLUMN kra_bi.kpi_register.owner_name IS 'name of the owner';
COMMENT ON COLUMN kra_bi.kpi_register.card_count IS 'roles whose cards hold it';
COMMENT ON COLUMN kra_bi.kpi_register.first_data_date IS 'first day of the first period with data; NULL: there are none, or not to be seen';
COMMENT ON COLUMN kra_bi.kpi_register.last_data_date IS 'day up to which there are data';
COMMENT ON COLUMN kra_bi.kpi_register.revisited_date IS 'when somebody last asked whether it is still the right KPI; NULL: never since it was set';
COMMENT ON COLUMN kra_bi.kpi_register.revisit_note IS 'what the answer was';

CREATE VIEW kra_bi.data_dictionary WITH (security_invoker = true) AS
SELECT v.relname || coalesce('.' || a.attname, '') AS row_key, v.relname::text AS view_name, a.attname::text AS column_name,
       a.attnum::integer AS column_position, format_type(a.atttypid, a.atttypmod) AS data_type,
       CASE WHEN a.attnum IS NULL THEN obj_description(v.oid, 'pg_class') ELSE col_description(v.oid, a.attnum) END AS description
FROM pg_class v
JOIN (SELECT attrelid, attname, attnum, atttypid, atttypmod FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
      UNION ALL
      SELECT oid, NULL, NULL, NULL, NULL FROM pg_class) a ON a.attrelid = v.oid
WHERE v.relnamespace = 'kra_bi'::regnamespace AND v.relkind = 'v';
COMMENT ON VIEW kra_bi.data_dictionary IS 'every view and column of this schema, with its meaning; key: view_name, column_name';
COMMENT ON COLUMN kra_bi.data_dictionary.row_key IS 'unique key of the row';
COMMENT ON COLUMN kra_bi.data_dictionary.view_name IS 'view';
COMMENT ON COLUMN kra_bi.data_dictionary.column_name IS 'column; NULL: the view itself';
COMMENT ON COLUMN kra_bi.data_dictionary.column_position IS 'place of the column';
COMMENT ON COLUMN kra_bi.data_dictionary.data_type IS 'type of the column';
COMMENT ON COLUMN kra_bi.data_dictionary.description IS 'its meaning';
