-- scorecard: one subject's KPIs in one period, as a value.

CREATE TYPE kra.scorecard;

CREATE FUNCTION kra_internal.scorecard_in(cstring) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_in(cstring) IS 'text input of scorecard';

CREATE FUNCTION kra_internal.scorecard_out(kra.scorecard) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_scorecard_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_out(kra.scorecard) IS 'text output of scorecard';

CREATE FUNCTION kra_internal.scorecard_recv(internal) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_recv(internal) IS 'binary input of scorecard';

CREATE FUNCTION kra_internal.scorecard_send(kra.scorecard) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_scorecard_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_send(kra.scorecard) IS 'binary output of scorecard';

CREATE TYPE kra.scorecard (
    INPUT = kra_internal.scorecard_in, OUTPUT = kra_internal.scorecard_out,
        RECEIVE = kra_internal.scorecard_recv, SEND = kra_internal.scorecard_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE kra.scorecard IS 'entries of KRA, KPI, kind, weight, target and actual, each KPI once, and, where they say so, timing, the KPIs that they drive, and what they were judged to be; a JSON array in text';

CREATE FUNCTION kra_internal.scorecard_to_jsonb(kra.scorecard) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'kra_scorecard_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_to_jsonb(kra.scorecard) IS 'scorecard as jsonb';

CREATE FUNCTION kra_internal.jsonb_to_scorecard(jsonb) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_jsonb_to_scorecard' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.jsonb_to_scorecard(jsonb) IS 'scorecard out of jsonb; error for what its text form would refuse';

CREATE CAST (kra.scorecard AS jsonb) WITH FUNCTION kra_internal.scorecard_to_jsonb(kra.scorecard);
CREATE CAST (jsonb AS kra.scorecard) WITH FUNCTION kra_internal.jsonb_to_scorecard(jsonb);
COMMENT ON CAST (kra.scorecard AS jsonb) IS 'scorecard as jsonb';
COMMENT ON CAST (jsonb AS kra.scorecard) IS 'scorecard out of jsonb';

CREATE FUNCTION kra.scorecard(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision DEFAULT 1, timing text DEFAULT NULL,
    drives text[] DEFAULT NULL, attainment double precision DEFAULT NULL,
    status kra.kpi_status DEFAULT NULL, coverage double precision DEFAULT NULL)
RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_more' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.scorecard(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision, text, text[], double precision, kra.kpi_status, double precision) IS 'a card of one entry; kra, kpi, kind and weight must not be NULL. timing: leading or lagging; drives: the KPIs that it drives; attainment and status: as it was judged, in place of what actual and target would give (a status with no attainment: there is no scale; an attainment with no status: that of a score); coverage: share of its weight that has data, 0 to 1, by default all of it; without a verdict none has';

CREATE FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind,
                                             double precision, kra.kpi_target, double precision)
RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'transition function of scorecard_agg';

CREATE FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind,
                                             double precision,
    kra.kpi_target, double precision, text, text[]) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_accum_more' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision, text, text[]) IS 'transition function of scorecard_agg with timing and drives';

CREATE FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind,
                                             double precision,
    kra.kpi_target, double precision, text, text[], double precision, kra.kpi_status,
    double precision) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_accum_more' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_accum(kra.scorecard, text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision, text, text[], double precision, kra.kpi_status, double precision) IS 'transition function of scorecard_agg with what was judged';

CREATE FUNCTION kra_internal.scorecard_combine(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_combine(kra.scorecard, kra.scorecard) IS 'joins two cards; a KPI on both is an error';

CREATE FUNCTION kra_internal.scorecard_final(kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_final(kra.scorecard) IS 'final function of scorecard_agg: NULL for no entry';

CREATE AGGREGATE kra.scorecard_agg(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision) (
    SFUNC = kra_internal.scorecard_accum, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra_internal.scorecard_combine, FINALFUNC = kra_internal.scorecard_final,
        FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.scorecard_agg(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision) IS 'a card out of its entries; a KPI that appears twice is an error, and so is a NULL but for actual and target';

CREATE AGGREGATE kra.scorecard_agg(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision, timing text, drives text[]) (
    SFUNC = kra_internal.scorecard_accum, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra_internal.scorecard_combine, FINALFUNC = kra_internal.scorecard_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512, PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.scorecard_agg(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision, text, text[]) IS 'the same with the timing of each KPI (leading, lagging) and the KPIs that it drives; NULL: not known, none';

CREATE AGGREGATE kra.scorecard_agg(kra text, kpi text, kind kra.kpi_kind, actual double precision,
    target kra.kpi_target, weight double precision, timing text, drives text[],
    attainment double precision, status kra.kpi_status, coverage double precision) (
    SFUNC = kra_internal.scorecard_accum, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra_internal.scorecard_combine, FINALFUNC = kra_internal.scorecard_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512, PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.scorecard_agg(text, text, kra.kpi_kind, double precision, kra.kpi_target, double precision, text, text[], double precision, kra.kpi_status, double precision) IS 'the same with what each KPI was judged to be: attainment, status and coverage as kra.scorecard() takes them; NULL: by actual and target';

CREATE FUNCTION kra_internal.scorecard_rollup(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_rollup' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_rollup(kra.scorecard, kra.scorecard) IS 'merges two cards by weight, as rollup does';

CREATE AGGREGATE kra.rollup(card kra.scorecard) (
    SFUNC = kra_internal.scorecard_rollup, STYPE = kra.scorecard, INITCOND = '[]',
    COMBINEFUNC = kra_internal.scorecard_rollup, FINALFUNC = kra_internal.scorecard_final,
        FINALFUNC_MODIFY = READ_ONLY, SSPACE = 512,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra.rollup(kra.scorecard) IS 'a team card out of its members: weights are added, actuals and targets are means by weight; members without data lower the coverage; NULLs are left out';

CREATE TYPE kra.scorecard_entry AS (
    kra text, kpi text, kind kra.kpi_kind, weight double precision,
    target kra.kpi_target, actual double precision, attainment double precision,
    met boolean, status kra.kpi_status, reason text, coverage double precision, members integer,
    timing text, drives text[]
);
COMMENT ON TYPE kra.scorecard_entry IS 'one entry of a scorecard, assessed, or as it was judged; coverage is the share of its weight with data, members is how many cards were rolled up in it; timing is leading, lagging or NULL, drives are the KPIs that it drives, NULL for none';

CREATE FUNCTION kra.entries(card kra.scorecard) RETURNS SETOF kra.scorecard_entry
    AS 'MODULE_PATHNAME', 'kra_scorecard_entries' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION kra.entries(kra.scorecard) IS 'the entries of a card, by KRA and KPI, with attainment, status and reason';

CREATE FUNCTION kra_internal.scorecard_get(card kra.scorecard, kpi text) RETURNS kra.scorecard_entry
    AS 'MODULE_PATHNAME', 'kra_scorecard_get' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_get(kra.scorecard, text) IS 'one entry of a card, assessed; NULL if the card has no such KPI';

CREATE OPERATOR pg_catalog.-> (LEFTARG = kra.scorecard, RIGHTARG = text,
                               FUNCTION = kra_internal.scorecard_get);
COMMENT ON OPERATOR pg_catalog.-> (kra.scorecard, text) IS 'one entry of a card by its KPI; NULL if there is none';

CREATE FUNCTION kra_internal.scorecard_concat(kra.scorecard, kra.scorecard) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_concat' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_concat(kra.scorecard, kra.scorecard) IS 'the entries of both cards; of a KPI on both, that of the second';

CREATE OPERATOR pg_catalog.|| (LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
                               FUNCTION = kra_internal.scorecard_concat);
COMMENT ON OPERATOR pg_catalog.|| (kra.scorecard, kra.scorecard) IS 'adds entries, or replaces those of the same KPI';

CREATE FUNCTION kra_internal.scorecard_remove(card kra.scorecard, kpi text) RETURNS kra.scorecard
    AS 'MODULE_PATHNAME', 'kra_scorecard_remove' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_remove(kra.scorecard, text) IS 'the card without that KPI';

CREATE OPERATOR pg_catalog.- (LEFTARG = kra.scorecard, RIGHTARG = text,
                              FUNCTION = kra_internal.scorecard_remove);
COMMENT ON OPERATOR pg_catalog.- (kra.scorecard, text) IS 'the card without that KPI';

CREATE FUNCTION kra.score(card kra.scorecard, kind kra.kpi_kind DEFAULT NULL,
    cap double precision DEFAULT 1.2, min_coverage double precision DEFAULT 0)
RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_scorecard_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.score(kra.scorecard, kra.kpi_kind, double precision, double precision) IS 'weighted mean of attainments capped to [0, cap], of one kind or (NULL) of both, an entry with data by its whole weight, whatever its coverage; NULL without data, or when less than min_coverage of the weight has data';

CREATE FUNCTION kra.coverage(card kra.scorecard, kind kra.kpi_kind DEFAULT NULL)
RETURNS double precision
    AS 'MODULE_PATHNAME', 'kra_scorecard_coverage' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.coverage(kra.scorecard, kra.kpi_kind) IS 'share of the weight that has both actual and target; NULL without weight';

CREATE FUNCTION kra.status(card kra.scorecard) RETURNS kra.kpi_status
    AS 'MODULE_PATHNAME', 'kra_scorecard_status' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.status(kra.scorecard) IS 'status of a card: that of its score (on_track from 1, at_risk from 0.9, else off_track; no_data or no_target without one), but at best at_risk while the card has no outcome KPI, while an outcome on it is off track, and while its flag is busy_not_moving';

-- Not a form of status(): with two or three unknown arguments, no call would say which is meant.
CREATE FUNCTION kra.card_status(card kra.scorecard, min_coverage double precision DEFAULT 0,
    use_imbalance boolean DEFAULT true) RETURNS kra.kpi_status
    AS 'MODULE_PATHNAME', 'kra_scorecard_status_limited' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.card_status(kra.scorecard, double precision, boolean) IS 'status of a card, as status() says it; no_data when less than min_coverage of the weight has data; without use_imbalance, the flag busy_not_moving sets no limit; NULL for NULL';

CREATE FUNCTION kra.status_reason(card kra.scorecard, min_coverage double precision DEFAULT 0,
    use_imbalance boolean DEFAULT true) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_scorecard_status_reason' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.status_reason(kra.scorecard, double precision, boolean) IS 'why the status of a card is at best at_risk although its score is on track, as a sentence; NULL where the status is that of the score';

CREATE FUNCTION kra.num_kpis(card kra.scorecard) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_scorecard_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.num_kpis(kra.scorecard) IS 'number of KPIs on the card';

CREATE FUNCTION kra.kra_scores(card kra.scorecard, cap double precision DEFAULT 1.2,
    OUT kra text, OUT weight double precision, OUT score double precision,
    OUT coverage double precision, OUT status kra.kpi_status, OUT num_kpis integer)
RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_kra_scores' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION kra.kra_scores(kra.scorecard, double precision) IS 'score, coverage and status of each KRA of a card';

CREATE FUNCTION kra.balance(card kra.scorecard) RETURNS kra.kpi_balance
    AS 'MODULE_PATHNAME', 'kra_scorecard_balance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra.balance(kra.scorecard) IS 'outcome and activity of a card; NULL for an empty card';

CREATE FUNCTION kra.imbalance(card kra.scorecard, busy_min double precision DEFAULT 0.9,
                              moving_min double precision DEFAULT 0.9,
    gap_min double precision DEFAULT 0.1, activity_share_max double precision DEFAULT 0.5,
    result_min double precision DEFAULT 0.9,
    OUT flag text, OUT activity_share double precision,
    OUT outcome_attainment double precision, OUT activity_attainment double precision,
    OUT gap double precision, OUT outcome_count bigint, OUT activity_count bigint,
    OUT coverage double precision, OUT reason text, OUT activity_kpi text, OUT outcome_kpi text)
    AS 'MODULE_PATHNAME', 'kra_scorecard_imbalance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra.imbalance(kra.scorecard, double precision, double precision, double precision, double precision, double precision) IS 'outcome and activity out of step: flag (insufficient_data, no_outcome, busy_not_moving, both_behind, activity_heavy, no_leading, result_without_effort, outcome_behind, balanced), shares, scores, the reason as a sentence, and the pair that busy_not_moving rests on: an activity and the outcome that it drives, the widest of all, NULL where it rests on totals; NULL without a KPI';

CREATE FUNCTION kra.card_findings(card kra.scorecard, max_kpis integer DEFAULT 5,
                                  serious_kpis integer DEFAULT 10,
    max_kpis_per_kra integer DEFAULT 3, min_kras integer DEFAULT 3, max_kras integer DEFAULT 5,
    activity_share_max double precision DEFAULT 0.5,
    OUT rule text, OUT severity text, OUT kra text, OUT kpi text, OUT message text, OUT hint text)
RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_findings' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION kra.card_findings(kra.scorecard, integer, integer, integer, integer, integer, double precision) IS 'what is wrong with how the card is built: rule, severity (info, warning, serious), KRA and KPI if it is about one, message with its evidence, hint what to do';

CREATE FUNCTION kra.diff(before kra.scorecard, after kra.scorecard,
    OUT kra text, OUT kpi text, OUT change text, OUT before_value text, OUT after_value text)
RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'kra_scorecard_diff' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION kra.diff(kra.scorecard, kra.scorecard) IS 'what changed between two cards: added, removed, kra_changed, kind_changed, weight_moved, target_moved, actual_changed, attainment_changed, members_changed; and where a card says so timing_changed, drives_changed, status_changed, coverage_changed';

CREATE FUNCTION kra_internal.scorecard_eq(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_eq(kra.scorecard, kra.scorecard) IS 'implementation of = operator';

CREATE FUNCTION kra_internal.scorecard_ne(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_ne(kra.scorecard, kra.scorecard) IS 'implementation of <> operator';

CREATE FUNCTION kra_internal.scorecard_lt(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_lt(kra.scorecard, kra.scorecard) IS 'implementation of < operator';

CREATE FUNCTION kra_internal.scorecard_le(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_le(kra.scorecard, kra.scorecard) IS 'implementation of <= operator';

CREATE FUNCTION kra_internal.scorecard_gt(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_gt(kra.scorecard, kra.scorecard) IS 'implementation of > operator';

CREATE FUNCTION kra_internal.scorecard_ge(kra.scorecard, kra.scorecard) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_scorecard_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_ge(kra.scorecard, kra.scorecard) IS 'implementation of >= operator';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (kra.scorecard, kra.scorecard) IS 'the same card, entry for entry';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (kra.scorecard, kra.scorecard) IS 'different cards';

CREATE OPERATOR pg_catalog.< (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (kra.scorecard, kra.scorecard) IS 'in the sort order of cards: by their entries, one after the other; says nothing of which is better';

CREATE OPERATOR pg_catalog.<= (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (kra.scorecard, kra.scorecard) IS 'in the sort order of cards: by their entries, one after the other; says nothing of which is better';

CREATE OPERATOR pg_catalog.> (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (kra.scorecard, kra.scorecard) IS 'in the sort order of cards: by their entries, one after the other; says nothing of which is better';

CREATE OPERATOR pg_catalog.>= (
    LEFTARG = kra.scorecard, RIGHTARG = kra.scorecard,
    FUNCTION = kra_internal.scorecard_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (kra.scorecard, kra.scorecard) IS 'in the sort order of cards: by their entries, one after the other; says nothing of which is better';

CREATE FUNCTION kra_internal.scorecard_cmp(kra.scorecard, kra.scorecard) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_scorecard_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_cmp(kra.scorecard, kra.scorecard) IS 'btree comparison of cards';

CREATE FUNCTION kra_internal.scorecard_hash(kra.scorecard) RETURNS integer
    AS 'MODULE_PATHNAME', 'kra_scorecard_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_hash(kra.scorecard) IS 'hash of a card';

CREATE FUNCTION kra_internal.scorecard_hash_extended(kra.scorecard, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'kra_scorecard_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.scorecard_hash_extended(kra.scorecard, bigint) IS 'hash of a card, with a seed';

CREATE OPERATOR CLASS kra_internal.scorecard_ops DEFAULT FOR TYPE kra.scorecard USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
    OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 kra_internal.scorecard_cmp(kra.scorecard, kra.scorecard);

CREATE OPERATOR CLASS kra_internal.scorecard_ops DEFAULT FOR TYPE kra.scorecard USING hash AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 kra_internal.scorecard_hash(kra.scorecard),
    FUNCTION 2 kra_internal.scorecard_hash_extended(kra.scorecard, bigint);
