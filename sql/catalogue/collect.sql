-- Where measurements come from: collect reads the warehouse, record takes what people enter.

CREATE FUNCTION kra_internal.kpi_named(key text) RETURNS kra.kpis LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
BEGIN
    SELECT * INTO k FROM kra.kpis WHERE key = kpi_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % does not exist', coalesce(quote_ident(kpi_named.key), 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra_internal.kpi_named(text) IS 'the KPI with this key; error when there is none';

CREATE FUNCTION kra_internal.subject_named(key text) RETURNS kra.subjects LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s kra.subjects;
BEGIN
    SELECT * INTO s FROM kra.subjects WHERE key = subject_named.key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'subject % does not exist', coalesce(quote_ident(subject_named.key), 'NULL') USING ERRCODE = 'undefined_object';
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

CREATE FUNCTION kra_internal.collect_kpi(kpi_id integer, since date, "full" boolean,
    OUT read_from date, OUT periods_read integer, OUT changed integer, OUT removed integer, OUT rows_read bigint,
    OUT unknown_count integer, OUT unknown_subjects text[], OUT bad_values bigint, OUT bad_examples text[], OUT future_periods integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
    parts text[];
    relation regclass;
    relation_kind "char";
    missing text;
    subject_type regtype;
    at_type regtype;
    value_type regtype;
    weight_type regtype;
    numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
    subject_expr text := 's.subject';
    value_expr text := 's.value::pg_catalog.float8';
    weight_expr text := 's.weight::pg_catalog.float8';
    value_good text := '';
    weight_good text := '';
    weight_arg text := '';
    weight_text text := '';
    old_work_mem text := current_setting('work_mem');
BEGIN
    IF NOT kra.sees_all() THEN   -- what is hidden would look as if it had vanished
        RAISE EXCEPTION 'only those who see all subjects may collect' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- one collect of a KPI at a time, whatever else is read after it
    PERFORM kra_internal.lock_kpi(collect_kpi.kpi_id);
    SELECT * INTO k FROM kra.kpis WHERE id = collect_kpi.kpi_id;
    IF k.source_relation IS NULL THEN
        RAISE EXCEPTION 'KPI % has no source relation', quote_ident(k.key) USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Enter its values with kra.record, or bind it to a relation.';
    END IF;

    BEGIN
        parts := parse_ident(k.source_relation);
    EXCEPTION WHEN invalid_parameter_value THEN
        parts := '{}';
    END;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION 'source relation % must be written as schema.name', quote_literal(k.source_relation) USING ERRCODE = 'invalid_name';
    END IF;
    relation := to_regclass(format('%I.%I', parts[1], parts[2]));
    IF relation IS NULL THEN
        RAISE EXCEPTION 'source relation % does not exist', k.source_relation USING ERRCODE = 'undefined_table';
    END IF;
    SELECT relkind INTO relation_kind FROM pg_class WHERE oid = relation;
    IF relation_kind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        RAISE EXCEPTION 'source relation % is no table or view', k.source_relation USING ERRCODE = 'wrong_object_type';
    END IF;

    SELECT max(t.base) FILTER (WHERE a.attname = 'subject'), max(t.base) FILTER (WHERE a.attname = 'at'),
           max(t.base) FILTER (WHERE a.attname = 'value'), max(t.base) FILTER (WHERE a.attname = 'weight')
    INTO subject_type, at_type, value_type, weight_type
    FROM pg_attribute a
    CROSS JOIN LATERAL (
        WITH RECURSIVE base (oid, typtype, typbasetype) AS (
            SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = a.atttypid
            UNION ALL
            SELECT t.oid, t.typtype, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
        )
        SELECT oid AS base FROM base WHERE typtype <> 'd'
    ) t
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
    missing := concat_ws(' or ', CASE WHEN subject_type IS NULL THEN 'subject' END, CASE WHEN at_type IS NULL THEN 'at' END, CASE WHEN value_type IS NULL THEN 'value' END);
    IF missing <> '' THEN
        RAISE EXCEPTION 'source relation % has no column %', k.source_relation, missing USING ERRCODE = 'undefined_column',
            HINT = 'It needs the columns subject, at and value, and may have weight. A view can give them these names.';
    END IF;
    IF at_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION 'column at of source relation % must be a date or timestamp, not %', k.source_relation, at_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF value_type <> ALL (numbers) AND (k.scale IS NULL OR value_type NOT IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)) THEN
        RAISE EXCEPTION 'column value of source relation % must be a number, not %', k.source_relation, value_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF weight_type <> ALL (numbers) THEN
        RAISE EXCEPTION 'column weight of source relation % must be a number, not %', k.source_relation, weight_type USING ERRCODE = 'datatype_mismatch';
    END IF;
    IF k.over_time = 'ratio' AND k.scale IS NULL AND weight_type IS NULL THEN
        RAISE EXCEPTION 'source relation % of a ratio has no column weight', k.source_relation USING ERRCODE = 'undefined_column',
            HINT = 'The value is the numerator, the weight is the denominator.';
    END IF;

    -- what is read
    IF collect_kpi."full" THEN
        read_from := NULL;
    ELSIF collect_kpi.since IS NOT NULL THEN
        read_from := kra_internal.grid_start(k.grid, collect_kpi.since);
    ELSIF EXISTS (SELECT FROM kra.measurements m WHERE m.kpi_id = k.id AND m.source = k.source_relation) THEN
        read_from := kra_internal.grid_shift(k.grid, current_date, 1 - k.lookback);
    END IF;

    -- how: keys are compared bytewise and as text, but integers are grouped as they come
    IF subject_type NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype) THEN
        subject_expr := 's.subject::pg_catalog.text COLLATE pg_catalog."C"';
    END IF;
    IF k.scale IS NOT NULL THEN
        value_expr := format('kra.answer_score(%L, %L::pg_catalog.text[], %s::pg_catalog.text)', k.scale, k.scale_labels,
                             CASE WHEN value_type = ANY (numbers) THEN value_expr ELSE 's.value' END);
        IF weight_type IS NOT NULL THEN
            value_expr := value_expr || ' * s.weight::pg_catalog.float8';   -- what a ratio divides by
        END IF;
        value_good := ' AND s.value_read IS NOT NULL';
    ELSIF value_type = 'numeric'::regtype THEN
        value_good := ' AND s.value > -1.7e308 AND s.value < 1.7e308';
    ELSIF value_type IN ('real'::regtype, 'double precision'::regtype) THEN
        value_good := ' AND s.value_read > ''-infinity'' AND s.value_read < ''infinity''';
    END IF;
    IF weight_type IS NOT NULL THEN
        weight_arg := ', s.weight_read';
        weight_text := ', s.weight';
        weight_good := format(' AND s.weight >= 0 AND s.weight < %s', CASE WHEN weight_type = 'numeric'::regtype THEN '1.7e308' ELSE '''infinity''::pg_catalog.float8' END);
    ELSE
        weight_expr := 'NULL::pg_catalog.float8';
    END IF;

    -- groups in memory cost a fraction of groups on disk
    IF pg_size_bytes(old_work_mem) < 256 * 1024 * 1024 THEN
        PERFORM set_config('work_mem', '256MB', true);
    END IF;
    EXECUTE format($query$
WITH facts AS MATERIALIZED (
    SELECT s.subject, s.period, kra.actual_agg(s.value_read, s.at_read%1$s) FILTER (WHERE s.period IS NOT NULL) AS actual, count(*) AS n,
           min(s.fault) FILTER (WHERE s.period IS NULL) AS fault, max(s.fault) FILTER (WHERE s.period IS NULL) AS another
    FROM (
        SELECT s.*,
               left(concat_ws(', ', coalesce(s.subject::pg_catalog.text, 'no subject'),
                              CASE WHEN isfinite(s.at) THEN to_char(s.at, 'YYYY-MM-DD') ELSE coalesce(s.at::pg_catalog.text, 'no time') END,
                              'value ' || left(s.value::pg_catalog.text, 40)%2$s), 200) COLLATE pg_catalog."C" AS fault,
               CASE WHEN s.subject IS NOT NULL AND s.at >= %3$L AND s.at < %4$L%5$s%6$s
                    THEN kra_internal.grid_start(%7$L::pg_catalog.int2, s.at::pg_catalog.date) END AS period
        FROM (
            SELECT %8$s AS subject, s.at, s.at::pg_catalog.%9$s AS at_read, s.value, %10$s AS value_read%11$s, %12$s AS weight_read
            FROM (SELECT s.subject, s.at, s.value%11$s FROM %13$s s) s
            WHERE s.value IS NOT NULL%14$s
        ) s
    ) s
    GROUP BY s.subject, s.period
), keyed AS MATERIALIZED (
    SELECT t.id, f.subject::pg_catalog.text AS subject, f.period, f.actual, f.n, f.fault, f.another
    FROM facts f
    LEFT JOIN kra.subjects t ON t.key = f.subject::pg_catalog.text COLLATE pg_catalog."default"
), differences AS MATERIALIZED (
    -- a full join is never a nested loop, however wrong the planner is about how many there are
    SELECT w.id, w.period, w.actual, CASE WHEN w.id IS NULL THEN o.ctid END AS gone
    FROM (SELECT f.id, f.period, f.actual FROM keyed f WHERE f.id IS NOT NULL AND f.period IS NOT NULL) w
    FULL JOIN (SELECT m.ctid, m.subject_id, m.period_start, m.actual, m.source FROM kra.measurements m WHERE m.kpi_id = $2 AND m.period_start >= $3) o
        ON o.subject_id = w.id AND o.period_start = w.period
    WHERE CASE WHEN w.id IS NULL THEN o.source <> 'record'
               WHEN o.subject_id IS NULL OR o.source <> $5 THEN true
               -- a sum may differ in the digits that a float8 does not show, by the order of its terms
               ELSE o.actual <> w.actual
                    AND (kra.value(o.actual, 'count'), kra.value(o.actual, 'sum'), kra.weight(o.actual), kra.value(o.actual, 'min'), kra.value(o.actual, 'max'),
                         kra.value(o.actual, 'first'), kra.value(o.actual, 'last'), kra.first_at(o.actual), kra.last_at(o.actual))
                        IS DISTINCT FROM
                        (kra.value(w.actual, 'count'), kra.value(w.actual, 'sum'), kra.weight(w.actual), kra.value(w.actual, 'min'), kra.value(w.actual, 'max'),
                         kra.value(w.actual, 'first'), kra.value(w.actual, 'last'), kra.first_at(w.actual), kra.last_at(w.actual))
          END
), removed AS (
    DELETE FROM kra.measurements m
    WHERE m.ctid = ANY (ARRAY(SELECT d.gone FROM differences d WHERE d.id IS NULL))
    RETURNING 1
), written AS (
    INSERT INTO kra.measurements AS m (kpi_id, subject_id, period_start, grid, actual, recorded_at, source)
    SELECT $2, d.id, d.period, $4, d.actual, now(), $5
    FROM differences d
    WHERE d.id IS NOT NULL
    ORDER BY d.id, d.period
    ON CONFLICT (kpi_id, subject_id, period_start)
    DO UPDATE SET actual = excluded.actual, recorded_at = excluded.recorded_at, source = excluded.source
    RETURNING 1
), unknown AS (
    SELECT DISTINCT w.subject FROM keyed w WHERE w.id IS NULL AND w.period IS NOT NULL
)
SELECT count(DISTINCT w.period), (SELECT count(*) FROM written), (SELECT count(*) FROM removed), coalesce(sum(w.n), 0),
       (SELECT count(*) FROM unknown), ARRAY(SELECT u.subject FROM unknown u ORDER BY u.subject COLLATE pg_catalog."C" LIMIT 20),
       coalesce(sum(w.n) FILTER (WHERE w.period IS NULL), 0),
       ARRAY(SELECT DISTINCT e.fault FROM keyed b, unnest(ARRAY[b.fault, b.another]) e (fault) WHERE b.period IS NULL ORDER BY e.fault LIMIT 5),
       count(DISTINCT w.period) FILTER (WHERE w.period > current_date)
FROM keyed w
$query$,
        weight_arg,
        CASE WHEN weight_type IS NOT NULL THEN $part$, 'weight ' || coalesce(left(s.weight::pg_catalog.text, 40), 'missing')$part$ ELSE '' END,
        '1900-01-01', (current_date + 3653)::text, weight_good, value_good, k.grid,
        subject_expr, CASE at_type WHEN 'date'::regtype THEN 'date' ELSE 'timestamptz' END,
        value_expr, weight_text, weight_expr, relation,
        -- of the column's own type, so that indexes, partitions and foreign servers can use it
        CASE WHEN read_from IS NULL THEN '' WHEN at_type = 'date'::regtype THEN ' AND s.at >= $1' WHEN at_type = 'timestamp'::regtype THEN ' AND s.at >= $6' ELSE ' AND s.at >= $7' END)
    INTO periods_read, changed, removed, rows_read, unknown_count, unknown_subjects, bad_values, bad_examples, future_periods
    USING read_from, k.id, coalesce(read_from, '-infinity'), k.grid, k.source_relation, read_from::timestamp, read_from::timestamptz;
    PERFORM set_config('work_mem', old_work_mem, true);
END $$;
COMMENT ON FUNCTION kra_internal.collect_kpi(integer, date, boolean) IS 'collect of one KPI, whose errors end it; see kra.collect';

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
    -- hidden subjects would look unknown, and their measurements missing
    IF NOT kra.sees_all() THEN
        RAISE EXCEPTION 'only those who see all subjects may collect' USING ERRCODE = 'insufficient_privilege',
            HINT = 'An admin does (kra.grant_admin), and members of the role that the settings name.';
    END IF;
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
            SELECT * INTO report FROM kra_internal.collect_kpi(k.id, collect.since, collect."full");
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
COMMENT ON FUNCTION kra.collect(text, date, boolean) IS 'reads the source relations of all active KPIs, or of one, and brings the measurements in line with them: a row per KPI, with what was read and what changed, or its error, which stops no other KPI. Read are the periods of the KPI''s lookback up to today; from the period of since on; or everything: with full, and when nothing of this source was collected before. Measurements in these periods that no longer come are removed, unless they were entered by hand. Times are cut into days in UTC. Days from 1900 to ten years ahead count; rows with another day or none, without a subject, with a value or weight that is not finite, or a weight that is NULL or negative are bad_values; rows without a value are no observation. Runs with the rights of the caller, who must see all subjects; error for an unknown KPI, and one without a source. Periods that begin after today are collected, and counted in future_periods';

-- Recording.

CREATE FUNCTION kra_internal.put_measurement(kpi kra.kpis, subject kra.subjects, at date, actual kra.kpi_actual, add boolean,
    OUT period_label text, OUT period_start date, OUT value double precision, OUT n bigint, OUT previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    old record;
    put kra.kpi_actual := actual;
BEGIN
    period_start := kra_internal.grid_start(put_measurement.kpi.grid, put_measurement.at);
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
            RAISE EXCEPTION 'role % may not change the measurement of KPI % and subject %', quote_ident(kra.viewer()), quote_ident(put_measurement.kpi.key), quote_ident(put_measurement.subject.key)
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    SELECT kra_internal.grid_label(put_measurement.kpi.grid, put_measurement.period_start, s.fiscal_year_start_month) INTO period_label FROM kra_internal.settings_in_force s;
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
    IF at < date '1900-01-01' OR at >= (now() AT TIME ZONE 'UTC')::date + 3653 THEN
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
    SELECT kra.actual_agg(record.value, record.at, coalesce(record.weight, 1)) INTO actual;
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
    SELECT kra.actual_agg(kra.answer_score(k.scale, k.scale_labels, a.answer), record.at, 1::float8) INTO actual
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
    SELECT x.period_start, x.actual, x.recorded_at, x.source INTO m FROM kra.measurements x
    WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = kra_internal.grid_start(k.grid, unrecord.at) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % has no value of subject % in that period', quote_ident(k.key), quote_ident(s.key) USING ERRCODE = 'no_data_found';
    ELSIF m.source <> 'record' THEN
        RAISE EXCEPTION 'the value was collected from %', m.source USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Change the facts there, and call kra.collect.';
    END IF;
    DELETE FROM kra.measurements x WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = m.period_start;
    SELECT kra_internal.grid_label(k.grid, m.period_start, f.fiscal_year_start_month), m.period_start, kra.value(m.actual, k.over_time), kra.value(m.actual, 'count')::bigint, m.recorded_at
    INTO period_label, period_start, removed_value, n, recorded_at FROM kra_internal.settings_in_force f;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.unrecord(text, text, date) IS 'takes back what was entered by hand for the KPI''s period that holds the day, and says what it was; error when there is nothing, and for what was collected';
