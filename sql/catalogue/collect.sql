-- Where measurements come from: collect reads the warehouse, record takes what people enter.

CREATE FUNCTION kra_internal.kpi_named(key text) RETURNS kra.kpis LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
BEGIN
    SELECT * INTO k FROM kra.kpis WHERE key = kra_internal.normal_key(kpi_named.key);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % does not exist', kra_internal.quoted(kpi_named.key) USING ERRCODE = 'undefined_object';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra_internal.kpi_named(text) IS 'the KPI with this key; error when there is none';

-- The index over the keys answers only the owner of the tables.
CREATE FUNCTION kra_internal.id_of_subject(_key text) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.id FROM kra.subjects s
    WHERE s.key OPERATOR(kra_internal.===) kra_internal.normal_key(_key)
      AND (kra_internal.is_author() OR kra.sees(s.id));
END;
COMMENT ON FUNCTION kra_internal.id_of_subject(text) IS 'id of the subject with this key, if the viewer sees it or is an author; NULL: of none. Security definer, to find it by the index';

CREATE FUNCTION kra_internal.subject_named(key text) RETURNS kra.subjects
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects;
BEGIN
    SELECT * INTO s FROM kra.subjects WHERE id = kra_internal.id_of_subject(subject_named.key);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'subject % does not exist', kra_internal.quoted(subject_named.key) USING ERRCODE = 'undefined_object';
    END IF;
    RETURN s;
END $$;
COMMENT ON FUNCTION kra_internal.subject_named(text) IS 'the subject with this key; error when there is none';

-- Scales. Scores are per cent points, so that their mean is the figure that people know.

CREATE FUNCTION kra.answer_score(scale text, scale_labels text[], answer text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE scale
        WHEN 'ordinal' THEN 100.0::float8 * (array_position(scale_labels, answer) - 1) / nullif(cardinality(scale_labels) - 1, 0)
        ELSE CASE scale || ' ' || regexp_replace(answer, E'\\.0+$', '')
            WHEN 'csat_top_two_box 1' THEN 0 WHEN 'csat_top_two_box 2' THEN 0 WHEN 'csat_top_two_box 3' THEN 0
            WHEN 'csat_top_two_box 4' THEN 100 WHEN 'csat_top_two_box 5' THEN 100
            WHEN 'csat_mean 1' THEN 0 WHEN 'csat_mean 2' THEN 25 WHEN 'csat_mean 3' THEN 50
            WHEN 'csat_mean 4' THEN 75 WHEN 'csat_mean 5' THEN 100
            WHEN 'nps 0' THEN -100 WHEN 'nps 1' THEN -100 WHEN 'nps 2' THEN -100 WHEN 'nps 3' THEN -100
            WHEN 'nps 4' THEN -100 WHEN 'nps 5' THEN -100 WHEN 'nps 6' THEN -100
            WHEN 'nps 7' THEN 0 WHEN 'nps 8' THEN 0 WHEN 'nps 9' THEN 100 WHEN 'nps 10' THEN 100
        END
    END;
END;
COMMENT ON FUNCTION kra.answer_score(text, text[], text) IS 'score of an answer in per cent points: csat_top_two_box (1 to 3: 0; 4, 5: 100), csat_mean (1 to 5: 0 to 100), nps (0 to 6: -100; 7, 8: 0; 9, 10: 100), ordinal (the first label 0, the last 100, the others evenly between); NULL for what is no answer of the scale';

-- Collecting.

-- What collect reads of a source, and what it makes of it: see src/collect.c.

CREATE TYPE kra_internal.collect_fact AS (
    subject text,
    period date,
    actual kra.kpi_actual,
    n bigint,
    fault text,
    another text
);
COMMENT ON TYPE kra_internal.collect_fact IS 'what a source relation says of one subject in one period: the summary of its rows and how many there are; period NULL: rows that cannot be used, and two examples of them';
COMMENT ON COLUMN kra_internal.collect_fact.subject IS 'key of the subject, as the source has it';
COMMENT ON COLUMN kra_internal.collect_fact.period IS 'first day of the period; NULL: of no period';
COMMENT ON COLUMN kra_internal.collect_fact.actual IS 'summary of the values';
COMMENT ON COLUMN kra_internal.collect_fact.n IS 'number of rows';
COMMENT ON COLUMN kra_internal.collect_fact.fault IS 'a row that cannot be used, in words';
COMMENT ON COLUMN kra_internal.collect_fact.another IS 'another one';

CREATE FUNCTION kra_internal.collect_from(_kpi_id integer, _since date, _full boolean) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN _full THEN NULL
               WHEN _since IS NOT NULL THEN kra_internal.grid_start(k.grid, _since)
               WHEN EXISTS (SELECT FROM kra.measurements m
                            WHERE m.kpi_id = k.id AND m.source = k.source_relation)
                   THEN kra_internal.grid_shift(k.grid, kra_internal.today(), 1 - k.lookback)
           END
    FROM kra.kpis k
    WHERE k.id = _kpi_id;
END;
COMMENT ON FUNCTION kra_internal.collect_from(integer, date, boolean) IS 'first day of which collect reads a KPI''s source: of the period of since, else of the lookback; NULL: all, with full and where nothing of this source was collected yet';

CREATE FUNCTION kra_internal.collect_relation(_source text) RETURNS regclass
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parts text[];
    relation regclass;
    found_class record;
BEGIN
    BEGIN
        parts := parse_ident(_source);
    EXCEPTION WHEN invalid_parameter_value THEN
        parts := '{}';
    END;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION 'source relation % must be written as schema.name', quote_literal(_source)
            USING ERRCODE = 'invalid_name';
    END IF;
    relation := to_regclass(format('%I.%I', parts[1], parts[2]));
    IF relation IS NULL THEN
        RAISE EXCEPTION 'source relation % does not exist', _source
            USING ERRCODE = 'undefined_table';
    END IF;
    SELECT c.relkind, c.relpersistence INTO found_class FROM pg_class c WHERE c.oid = relation;
    IF found_class.relkind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE EXCEPTION 'source relation % is no table or view', _source
            USING ERRCODE = 'wrong_object_type';
    ELSIF found_class.relpersistence = 't' THEN   -- each session would have one of its own
        RAISE EXCEPTION 'source relation % is temporary', _source
            USING ERRCODE = 'wrong_object_type';
    END IF;
    RETURN relation;
END $$;
COMMENT ON FUNCTION kra_internal.collect_relation(text) IS 'the relation that a KPI is collected from, by its name; error for what is none';

CREATE FUNCTION kra_internal.collect_columns(_kpi kra.kpis, _relation regclass,
    OUT subject regtype, OUT at regtype, OUT value regtype, OUT weight regtype)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
    missing text;
BEGIN
    SELECT max(t.base) FILTER (WHERE a.attname = 'subject'),
           max(t.base) FILTER (WHERE a.attname = 'at'),
           max(t.base) FILTER (WHERE a.attname = 'value'),
           max(t.base) FILTER (WHERE a.attname = 'weight')
    INTO subject, at, value, weight
    FROM pg_attribute a
    CROSS JOIN LATERAL (
        WITH RECURSIVE base (oid, typtype, typbasetype) AS (
            SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = a.atttypid
            UNION ALL
            SELECT t.oid, t.typtype, t.typbasetype
            FROM base b
            JOIN pg_type t ON t.oid = b.typbasetype
            WHERE b.typtype = 'd'
        )
        SELECT b.oid AS base FROM base b WHERE b.typtype <> 'd'
    ) t
    WHERE a.attrelid = _relation AND a.attnum > 0 AND NOT a.attisdropped;
    missing := concat_ws(' or ', CASE WHEN subject IS NULL THEN 'subject' END,
                         CASE WHEN at IS NULL THEN 'at' END,
                         CASE WHEN value IS NULL THEN 'value' END);
    IF missing <> '' THEN
        RAISE EXCEPTION 'source relation % has no column %', _kpi.source_relation, missing
            USING ERRCODE = 'undefined_column',
                  HINT = 'It needs the columns subject, at and value, and may have weight. '
                         'A view can give them these names.';
    ELSIF at NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION 'column at of source relation % must be a date or timestamp, not %',
            _kpi.source_relation, at USING ERRCODE = 'datatype_mismatch';
    ELSIF value <> ALL (numbers)
        AND (_kpi.scale IS NULL
             OR value NOT IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)) THEN
        RAISE EXCEPTION 'column value of source relation % must be a number, not %',
            _kpi.source_relation, value USING ERRCODE = 'datatype_mismatch';
    ELSIF weight <> ALL (numbers) THEN
        RAISE EXCEPTION 'column weight of source relation % must be a number, not %',
            _kpi.source_relation, weight USING ERRCODE = 'datatype_mismatch';
    ELSIF _kpi.over_time = 'ratio' AND _kpi.scale IS NULL AND weight IS NULL THEN
        RAISE EXCEPTION 'source relation % of a ratio has no column weight', _kpi.source_relation
            USING ERRCODE = 'undefined_column',
                  HINT = 'The value is the numerator, the weight is the denominator.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.collect_columns(kra.kpis, regclass) IS 'types of the columns that a KPI is collected from, those under a domain; weight NULL: there is none. Error where they do not do';

CREATE FUNCTION kra_internal.collect_values(_kpi kra.kpis, _value regtype, _weight regtype,
    OUT value text, OUT is_good text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    value := 's.value::pg_catalog.float8';
    is_good := '';
    IF _kpi.scale IS NOT NULL THEN
        value := format('kra.answer_score(%L, %L::pg_catalog.text[], %s::pg_catalog.text)',
                        _kpi.scale, _kpi.scale_labels,
                        CASE WHEN _value IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
                             THEN 's.value' ELSE value END);
        IF _weight IS NOT NULL THEN
            value := value || ' * s.weight::pg_catalog.float8';   -- what a ratio divides by
        END IF;
        is_good := ' AND s.value_read IS NOT NULL';
    ELSIF _value = 'numeric'::regtype THEN
        is_good := ' AND s.value > -1.7e308 AND s.value < 1.7e308';
    ELSIF _value IN ('real'::regtype, 'double precision'::regtype) THEN
        is_good := ' AND s.value_read > ''-infinity'' AND s.value_read < ''infinity''';
    END IF;
    IF _weight IS NOT NULL THEN
        is_good := is_good || ' AND s.weight >= 0 AND s.weight < '
            || CASE WHEN _weight = 'numeric'::regtype THEN '1.7e308'
                    ELSE '''infinity''::pg_catalog.float8' END;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.collect_values(kra.kpis, regtype, regtype) IS 'of the query of facts: the value of a row as float8, and what makes it one that counts, by the types of value and weight';

CREATE FUNCTION kra_internal.collect_query(_kpi_id integer, _read_from date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis;
    relation regclass;
    types record;
    v record;
    zone constant text := (SELECT s.time_zone FROM kra_internal.settings_in_force s);
BEGIN
    SELECT * INTO k FROM kra.kpis x WHERE x.id = _kpi_id;
    IF k.source_relation IS NULL THEN
        RAISE EXCEPTION 'KPI % has no source relation', quote_ident(k.key)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Enter its values with kra.record, or bind it to a relation.';
    END IF;
    relation := kra_internal.collect_relation(k.source_relation);
    SELECT * INTO types FROM kra_internal.collect_columns(k, relation);
    SELECT * INTO v FROM kra_internal.collect_values(k, types.value, types.weight);
    RETURN format($query$
SELECT s.subject::pg_catalog.text, s.period,
       kra.actual_agg(s.value_read, s.at_read%1$s) FILTER (WHERE s.period IS NOT NULL),
       count(*),
       min(s.fault) FILTER (WHERE s.period IS NULL), max(s.fault) FILTER (WHERE s.period IS NULL)
FROM (
    SELECT s.*,
           left(concat_ws(', ', coalesce(s.subject::pg_catalog.text, 'no subject'),
                          CASE WHEN isfinite(s.at) THEN to_char(s.at_day, 'YYYY-MM-DD')
                               ELSE coalesce(s.at::pg_catalog.text, 'no time') END,
                          'value ' || left(s.value::pg_catalog.text, 40)%2$s), 200)
               COLLATE pg_catalog."C" AS fault,
           CASE WHEN s.subject IS NOT NULL AND s.at >= '1900-01-01' AND s.at < %3$L%4$s
                THEN kra_internal.grid_start(%5$L::kra_internal.grid, s.at_day) END AS period
    FROM (
        SELECT %6$s AS subject, s.at, %7$s AS at_read, %8$s AS at_day, s.value,
               %9$s AS value_read%10$s, %11$s AS weight_read
        FROM (SELECT s.subject, s.at, s.value%10$s FROM %12$s s) s
        WHERE s.value IS NOT NULL%13$s
    ) s
) s
GROUP BY s.subject, s.period
$query$,
        CASE WHEN types.weight IS NOT NULL THEN ', s.weight_read' END,
        CASE WHEN types.weight IS NOT NULL THEN
            $part$, 'weight ' || coalesce(left(s.weight::pg_catalog.text, 40), 'missing')$part$ END,
        to_char(kra_internal.today() + 3653, 'YYYY-MM-DD'), v.is_good, k.grid,
        -- keys are compared bytewise, in normal form and as text, but integers are grouped as they come
        CASE WHEN types.subject IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
                                    'uuid'::regtype)
             THEN 's.subject'
             ELSE 'kra_internal.normal_key(s.subject::pg_catalog.text) COLLATE pg_catalog."C"' END,
        -- a date is a midnight, and in UTC without further ado
        CASE WHEN types.at = 'timestamp'::regtype THEN format('s.at AT TIME ZONE %L', zone)
             WHEN types.at = 'date'::regtype AND zone <> 'UTC'
                 THEN format('s.at::pg_catalog.timestamp AT TIME ZONE %L', zone)
             ELSE 's.at' END,
        CASE types.at WHEN 'timestamptz'::regtype THEN
            format('(s.at AT TIME ZONE %L)::pg_catalog.date', zone) ELSE 's.at::pg_catalog.date' END,
        v.value, CASE WHEN types.weight IS NOT NULL THEN ', s.weight' END,
        CASE WHEN types.weight IS NOT NULL THEN 's.weight::pg_catalog.float8'
             ELSE 'NULL::pg_catalog.float8' END,
        relation,
        -- of the column's own type, so that indexes, partitions and foreign servers can use it
        CASE WHEN _read_from IS NOT NULL THEN
            ' AND s.at >= ' || CASE WHEN types.at = 'date'::regtype THEN '$1'
                                    WHEN types.at = 'timestamp'::regtype THEN '$2'
                                    WHEN zone = 'UTC' THEN '$3'
                                    ELSE format('($2 AT TIME ZONE %L)', zone) END END);
END $$;
COMMENT ON FUNCTION kra_internal.collect_query(integer, date) IS 'the query that reads the facts of a KPI out of its source relation, as rows of kra_internal.collect_fact; from a day on, which is its parameter $1 as a date, $2 as a timestamp, $3 as a timestamptz; NULL: all';

CREATE FUNCTION kra_internal.collect_kpi(_kpi_id integer, _since date, _full boolean,
    OUT read_from date, OUT periods_read integer, OUT changed integer, OUT removed integer,
    OUT rows_read bigint, OUT unknown_count integer, OUT unknown_subjects text[],
    OUT bad_values bigint, OUT bad_examples text[], OUT future_periods integer)
    AS 'MODULE_PATHNAME', 'kra_collect_kpi' LANGUAGE C VOLATILE
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC';
COMMENT ON FUNCTION kra_internal.collect_kpi(integer, date, boolean) IS 'collect of one KPI, whose errors end it; see kra.collect. The source is read with the rights of the caller; the measurements are written with those of the owner of the tables';

CREATE FUNCTION kra.collect(kpi text DEFAULT NULL, since date DEFAULT NULL, "full" boolean DEFAULT false)
RETURNS TABLE (kpi_key text, read_from date, periods_read integer, changed integer, removed integer, rows_read bigint, duration_ms double precision,
    unknown_count integer, unknown_subjects text[], bad_values bigint, bad_examples text[], future_periods integer, error text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted integer[];
    k record;
    done integer := 0;
    began timestamptz;
    said timestamptz := clock_timestamp();
    report record;
BEGIN
    IF NOT isfinite(collect.since) THEN
        RAISE EXCEPTION 'since must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    IF collect.kpi IS NOT NULL THEN
        k := kra_internal.kpi_named(collect.kpi);
        IF k.source_relation IS NULL THEN
            RAISE EXCEPTION 'KPI % has no source relation', quote_ident(collect.kpi) USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Enter its values with kra.record, or bind it to a relation.';
        END IF;
        wanted := ARRAY[k.id];
    ELSE
        wanted := ARRAY(SELECT id FROM kra.kpis WHERE source_relation IS NOT NULL AND state = 'active' ORDER BY id);
    END IF;

    FOR k IN SELECT id, key FROM kra.kpis WHERE id = ANY (wanted) ORDER BY id LOOP
        began := clock_timestamp();
        error := NULL;
        BEGIN
            SELECT * INTO report FROM kra_internal.collect_kpi(k.id, collect.since, coalesce(collect."full", false));
        EXCEPTION
            WHEN serialization_failure THEN
                RAISE;   -- the whole transaction has to be tried again
            WHEN OTHERS THEN
                report := NULL;
                error := SQLERRM;
        END;
        kpi_key := k.key;
        IF error IS NULL THEN
            read_from := report.read_from;
            periods_read := report.periods_read;
            changed := report.changed;
            removed := report.removed;
            rows_read := report.rows_read;
            unknown_count := report.unknown_count;
            unknown_subjects := report.unknown_subjects;
            bad_values := report.bad_values;
            bad_examples := report.bad_examples;
            future_periods := report.future_periods;
        ELSE
            read_from := NULL;
            periods_read := 0;
            changed := 0;
            removed := 0;
            rows_read := 0;
            unknown_count := 0;
            unknown_subjects := '{}';
            bad_values := 0;
            bad_examples := '{}';
            future_periods := 0;
        END IF;
        duration_ms := extract(epoch FROM clock_timestamp() - began) * 1000;
        RETURN NEXT;
        done := done + 1;
        IF done < cardinality(wanted) AND clock_timestamp() > said + interval '2 seconds' THEN
            said := clock_timestamp();
            RAISE NOTICE 'collect: % of % KPIs, % changed and % removed in the last, %', done, cardinality(wanted), changed, removed, quote_ident(kpi_key);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION kra.collect(text, date, boolean) IS 'reads the source relations of all active KPIs, or of one, and brings the measurements in line with them: a row per KPI, with what was read and what changed, or its error, which stops no other KPI. Read are the periods of the KPI''s lookback up to today; from the period of since on; or everything: with full, and when nothing of this source was collected before. Measurements in these periods that no longer come are removed, unless they were entered by hand. Times are cut into days by the time zone of the settings, in which dates and timestamps without a zone are, too. Days from 1900 to ten years ahead count; rows with another day or none, without a subject, with a value or weight that is not finite, or a weight that is NULL or negative are bad_values; rows without a value are no observation. Sources are read with the rights of the caller, a keeper, who need not see the subjects; error for an unknown KPI, and one without a source. Periods that begin after today are collected, and counted in future_periods';

-- Recording.

CREATE FUNCTION kra_internal.check_records(_kpi kra.kpis, _subject kra.subjects, _period_start date)
RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    collected_from text;
BEGIN
    IF _period_start IS NOT NULL
       AND kra_internal.may_record(_subject.id, _kpi.grid, _period_start, 'record') IS NOT TRUE THEN
        RAISE EXCEPTION 'permission denied to record for subject "%"', _subject.key
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Keepers may (kra.grant_keeper), for the subjects that they see.';
    ELSIF kra_internal.is_admin() THEN
        RETURN;
    END IF;
    SELECT m.source INTO collected_from FROM kra.measurements m
    WHERE m.kpi_id = _kpi.id AND m.subject_id = _subject.id AND m.period_start = _period_start
      AND m.source <> 'record';
    IF FOUND THEN
        RAISE EXCEPTION 'the value was collected from %', collected_from
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Change the facts there, and call kra.collect; an admin may change it here.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_records(kra.kpis, kra.subjects, date) IS 'refuses values by hand for a subject and period that the viewer may not record, and, but of an admin, in place of what was collected';

CREATE FUNCTION kra_internal.put_measurement(kpi kra.kpis, subject kra.subjects, at date, actual kra.kpi_actual, add boolean,
    OUT period_label text, OUT period_start date, OUT value double precision, OUT n bigint, OUT previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    old record;
    put kra.kpi_actual := actual;
BEGIN
    period_start := kra_internal.grid_start(put_measurement.kpi.grid, put_measurement.at);
    PERFORM kra_internal.check_records(put_measurement.kpi, put_measurement.subject, put_measurement.period_start);
    FOR i IN 1..5 LOOP
        INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, recorded_at, source)
        VALUES (put_measurement.kpi.id, put_measurement.subject.id, put_measurement.period_start, put_measurement.kpi.grid, put_measurement.actual, now(), 'record')
        ON CONFLICT (kpi_id, subject_id, period_start) DO NOTHING;
        EXIT WHEN FOUND;
        SELECT m.actual INTO old FROM kra.measurements m
        WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id AND m.period_start = put_measurement.period_start
        FOR UPDATE;
        IF FOUND THEN
            IF put_measurement.add THEN
                SELECT kra.rollup(s) INTO put FROM unnest(ARRAY[old.actual, put_measurement.actual]) s;
            END IF;
            UPDATE kra.measurements m SET actual = put, recorded_at = now(), source = 'record'
            WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id AND m.period_start = put_measurement.period_start;
            previous_value := kra.value(old.actual, put_measurement.kpi.over_time);
            EXIT;
        END IF;
        -- it went in between: from the start
        IF i = 5 THEN
            RAISE EXCEPTION 'permission denied to record for subject "%"', put_measurement.subject.key
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'Keepers may (kra.grant_keeper), for the subjects that they see.';
        END IF;
    END LOOP;
    period_label := kra_internal.grid_label(put_measurement.kpi.grid, put_measurement.period_start);
    value := kra.value(put, put_measurement.kpi.over_time);
    n := kra.value(put, 'count');
END $$;
COMMENT ON FUNCTION kra_internal.put_measurement(kra.kpis, kra.subjects, date, kra.kpi_actual, boolean) IS 'writes a hand-entered summary, or merges it into what is there; what kra.record ends in, without its checks';

CREATE FUNCTION kra_internal.recordable(kpi text, at date) RETURNS kra.kpis LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.kpi_named(kpi);
BEGIN
    IF k.state <> 'active' THEN
        RAISE EXCEPTION 'KPI % is %', quote_ident(k.key), CASE k.state WHEN 'candidate' THEN 'a candidate' ELSE k.state END
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only active KPIs are measured.';
    END IF;
    IF k.source_relation IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is collected from %', quote_ident(k.key), k.source_relation
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Change the facts there, and call kra.collect.';
    END IF;
    IF at IS NULL THEN
        RAISE EXCEPTION 'at must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF at < date '1900-01-01' OR at >= kra_internal.today() + 3653 THEN
        RAISE EXCEPTION 'at must lie between 1900-01-01 and ten years from today, not on %', CASE WHEN isfinite(at) THEN to_char(at, 'YYYY-MM-DD') ELSE at::text END
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra_internal.recordable(text, date) IS 'the KPI with this key, when values can be entered for that day; else an error that says why not';

CREATE FUNCTION kra.record(kpi text, subject text, at date, value double precision, weight double precision DEFAULT NULL, add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint, previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.recordable(kpi, at);
    s kra.subjects := kra_internal.subject_named(subject);
    actual kra.kpi_actual;
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'value must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'kra.unrecord takes a value back.';
    END IF;
    IF k.scale IS NOT NULL THEN
        IF weight IS NOT NULL THEN
            RAISE EXCEPTION 'an answer has no weight' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN QUERY SELECT r.* FROM kra.record(record.kpi, record.subject, record.at, answers => ARRAY[record.value], add => record.add) r;
        RETURN;
    END IF;
    IF NOT (value > '-infinity' AND value < 'infinity') THEN
        RAISE EXCEPTION 'value must be finite, not %', value USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    IF k.over_time = 'ratio' THEN
        IF weight IS NULL THEN
            RAISE EXCEPTION 'KPI % is a ratio and needs a weight', quote_ident(k.key) USING ERRCODE = 'null_value_not_allowed',
                HINT = 'The value is the numerator, the weight is the denominator.';
        ELSIF NOT (weight >= 0 AND weight < 'infinity') THEN
            RAISE EXCEPTION 'weight must be finite and not negative, not %', weight USING ERRCODE = 'numeric_value_out_of_range';
        END IF;
    ELSIF weight IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is no ratio and takes no weight', quote_ident(k.key) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF k.over_time = 'count' AND value <> 1 THEN
        RAISE EXCEPTION 'KPI % counts observations: % would count as 1', quote_ident(k.key), value USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Record 1 for each observation with add => true, or define the KPI with over_time sum.';
    END IF;
    SELECT kra.actual_agg(record.value, kra_internal.day_begins(record.at), coalesce(record.weight, 1)) INTO actual;
    RETURN QUERY SELECT r.* FROM kra_internal.put_measurement(k, s, record.at, actual, coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, double precision, double precision, boolean) IS 'enters a value by hand, in place of what the KPI''s period that holds the day had, or with add as one more observation. Ratios need a weight, their denominator; others take none. For a KPI with a scale the value is one answer. Gives the period, its value and number of observations, and the value before (NULL: none). Error for a KPI that is collected or not active, an unknown KPI or subject, and what is NULL or not finite';

CREATE FUNCTION kra.record(kpi text, subject text, at date, answers anyarray, add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint, previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.recordable(kpi, at);
    s kra.subjects := kra_internal.subject_named(subject);
    actual kra.kpi_actual;
    wrong text;
BEGIN
    IF k.scale IS NULL THEN
        RAISE EXCEPTION 'KPI % has no scale to score answers by', quote_ident(k.key) USING ERRCODE = 'invalid_parameter_value', HINT = 'Record a value.';
    END IF;
    IF coalesce(cardinality(answers), 0) = 0 THEN
        RAISE EXCEPTION 'there must be at least one answer' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(quote_literal(left(a.answer, 100)), 'NULL') INTO wrong
    FROM unnest(record.answers::text[]) WITH ORDINALITY a (answer, i)
    WHERE kra.answer_score(k.scale, k.scale_labels, a.answer) IS NULL
    ORDER BY a.i LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'KPI % has no answer %', quote_ident(k.key), wrong USING ERRCODE = 'invalid_parameter_value',
            HINT = CASE k.scale WHEN 'nps' THEN 'Answers are whole numbers from 0 to 10.'
                WHEN 'ordinal' THEN format('Answers are %s.', (SELECT string_agg(quote_literal(l.label), ', ' ORDER BY l.i) FROM unnest(k.scale_labels) WITH ORDINALITY l (label, i)))
                ELSE 'Answers are whole numbers from 1 to 5.' END;
    END IF;
    SELECT kra.actual_agg(kra.answer_score(k.scale, k.scale_labels, a.answer),
                          kra_internal.day_begins(record.at), 1::float8) INTO actual
    FROM unnest(record.answers::text[]) a (answer);
    RETURN QUERY SELECT r.* FROM kra_internal.put_measurement(k, s, record.at, actual, coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, anyarray, boolean) IS 'enters answers to a survey: numbers, or labels of an ordinal scale. They are scored by the KPI''s scale (see kra.answer_score); the value is the mean score, n the number of answers. The rest is as for a value; error for what is no answer of the scale, also NULL, and for no answer at all';

CREATE FUNCTION kra.unrecord(kpi text, subject text, at date)
RETURNS TABLE (period_label text, period_start date, removed_value double precision, n bigint, recorded_at timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(unrecord.kpi);
    s kra.subjects := kra_internal.subject_named(unrecord.subject);
    m record;
BEGIN
    PERFORM kra_internal.check_records(k, s, kra_internal.grid_start(k.grid, unrecord.at));
    SELECT x.period_start, x.actual, x.recorded_at, x.source INTO m FROM kra.measurements x
    WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = kra_internal.grid_start(k.grid, unrecord.at) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % has no value of subject % in that period', quote_ident(k.key), quote_ident(s.key) USING ERRCODE = 'no_data_found';
    END IF;
    DELETE FROM kra.measurements x WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = m.period_start;
    SELECT kra_internal.grid_label(k.grid, m.period_start), m.period_start, kra.value(m.actual, k.over_time), kra.value(m.actual, 'count')::bigint, m.recorded_at
    INTO period_label, period_start, removed_value, n, recorded_at;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.unrecord(text, text, date) IS 'takes back what was entered by hand for the KPI''s period that holds the day, and says what it was; error when there is nothing, and for what was collected, which only an admin takes back. For keepers, of the subjects that they see';
