-- The law of parts: how the periods of a KPI's cadence make a longer period, and members a group.
--
--   part (a member in a period of the cadence) → whole (aggregate: over time, then over members)
--       → judge (what a line says)

CREATE TYPE kra_internal.whole;

CREATE FUNCTION kra_internal.whole_in(cstring) RETURNS kra_internal.whole
    AS 'MODULE_PATHNAME', 'kra_whole_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_in(cstring) IS 'text input of whole';

CREATE FUNCTION kra_internal.whole_out(kra_internal.whole) RETURNS cstring
    AS 'MODULE_PATHNAME', 'kra_whole_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_out(kra_internal.whole) IS 'text output of whole';

CREATE FUNCTION kra_internal.whole_recv(internal) RETURNS kra_internal.whole
    AS 'MODULE_PATHNAME', 'kra_whole_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_recv(internal) IS 'binary input of whole';

CREATE FUNCTION kra_internal.whole_send(kra_internal.whole) RETURNS bytea
    AS 'MODULE_PATHNAME', 'kra_whole_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_send(kra_internal.whole) IS 'binary output of whole';

CREATE TYPE kra_internal.whole (
    INPUT = kra_internal.whole_in, OUTPUT = kra_internal.whole_out,
    RECEIVE = kra_internal.whole_recv, SEND = kra_internal.whole_send,
    INTERNALLENGTH = 424, ALIGNMENT = double
);
COMMENT ON TYPE kra_internal.whole IS 'parts of a KPI''s result, put together: what was observed, what of it is judged, and by which targets; see kra_internal.part';

CREATE FUNCTION kra_internal.part(
    over_time text, actual kra.kpi_actual, target kra.kpi_target, is_carried boolean,
    period_start date, period_end date, as_of date, known_until timestamptz)
    RETURNS kra_internal.whole
    AS 'MODULE_PATHNAME', 'kra_part' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.part(text, kra.kpi_actual, kra.kpi_target, boolean, date, date, date, timestamptz) IS 'one period of a KPI''s cadence of one subject, as a whole: its summary (NULL: no data; one of no observation is 0 for a sum or count), the target in force (NULL: none), whether the KPI is on its card, and as of which day; observations at known_until or later are not known yet. A period that begins after as_of is still to come: only its target counts';

CREATE FUNCTION kra_internal.whole_merge(kra_internal.whole, kra_internal.whole)
    RETURNS kra_internal.whole
    AS 'MODULE_PATHNAME', 'kra_whole_merge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.whole_merge(kra_internal.whole, kra_internal.whole) IS 'transition and combination of put_together';

CREATE AGGREGATE kra_internal.put_together(kra_internal.whole) (
    SFUNC = kra_internal.whole_merge, STYPE = kra_internal.whole,
    COMBINEFUNC = kra_internal.whole_merge, PARALLEL = SAFE
);
COMMENT ON AGGREGATE kra_internal.put_together(kra_internal.whole) IS 'the whole of parts, by the aggregation that they are made for; NULL for none';

CREATE FUNCTION kra_internal.member(
    whole kra_internal.whole, over_subjects text, place integer) RETURNS kra_internal.whole
    AS 'MODULE_PATHNAME', 'kra_whole_member' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.member(kra_internal.whole, text, integer) IS 'a member''s whole, on its way into that of a group: where members are put together as periods are, their parts are more parts; else the member counts by its value. place: of last values of the same day, the highest counts';

CREATE FUNCTION kra_internal.judge(
    whole kra_internal.whole, over_time text, runs boolean, share double precision,
    at_risk_from double precision,
    OUT actual double precision, OUT judged double precision, OUT target kra.kpi_target,
    OUT expected_lower double precision, OUT expected_upper double precision,
    OUT attainment double precision, OUT progress double precision,
    OUT projected double precision, OUT status kra.kpi_status, OUT is_on_target boolean,
    OUT coverage double precision, OUT reason text, OUT observations bigint)
    AS 'MODULE_PATHNAME', 'kra_judge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.judge(kra_internal.whole, text, boolean, double precision, double precision) IS 'what a line says: the actual of all parts with data, that of those judged, the target (the full one, while a sum runs), what was expected by now, attainment to date, progress against the full target, where it will end at this pace, status, whether the target is met (NULL while the period runs, unless decided), the share of what was due that has data and a target, and why there is no attainment: no_target, no_data, not_known_yet, mixed_targets, no_scale. runs: is the period not over? share: how much of it is, by days';

CREATE FUNCTION kra_internal.has_data(kra_internal.whole) RETURNS boolean
    AS 'MODULE_PATHNAME', 'kra_whole_has_data' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.has_data(kra_internal.whole) IS 'has any part data, known or not known yet?';

CREATE FUNCTION kra_internal.no_observation() RETURNS kra.kpi_actual
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT '{"count": 0, "sum": 0, "weight": 0, "min": null, "max": null, "first": null,
             "first_at": null, "last": null, "last_at": null}'::kra.kpi_actual;
END;
COMMENT ON FUNCTION kra_internal.no_observation() IS 'the summary of no observation: what absent is where it is zero';
