-- Where measurements come from: collect reads the warehouse, record takes what people enter.

CREATE FUNCTION kra_internal.kpi_named(key text) RETURNS kra.kpis
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis;
BEGIN
    SELECT * INTO k FROM kra.kpis WHERE key = kra_internal.normal_key(kpi_named.key);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % does not exist', kra_internal.quoted(kpi_named.key)
            USING ERRCODE = 'undefined_object';
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
        RAISE EXCEPTION 'subject % does not exist', kra_internal.quoted(subject_named.key)
            USING ERRCODE = 'undefined_object';
    END IF;
    RETURN s;
END $$;
COMMENT ON FUNCTION kra_internal.subject_named(text) IS 'the subject with this key; error when there is none';

-- Scales. Scores are per cent points, so that their mean is the figure that people know.

CREATE FUNCTION kra.answer_score(scale text, scale_labels text[], answer text)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE scale
        WHEN 'ordinal' THEN 100.0::float8 * (array_position(scale_labels, answer) - 1) /
            nullif(cardinality(scale_labels) - 1, 0)
        ELSE CASE scale || ' ' || regexp_replace(answer, E'\\.0+$', '')
            WHEN 'csat_top_two_box 1' THEN 0 WHEN 'csat_top_two_box 2' THEN 0
            WHEN 'csat_top_two_box 3' THEN 0
            WHEN 'csat_top_two_box 4' THEN 100 WHEN 'csat_top_two_box 5' THEN 100
            WHEN 'csat_mean 1' THEN 0 WHEN 'csat_mean 2' THEN 25 WHEN 'csat_mean 3' THEN 50
            WHEN 'csat_mean 4' THEN 75 WHEN 'csat_mean 5' THEN 100
            WHEN 'nps 0' THEN -100 WHEN 'nps 1' THEN -100 WHEN 'nps 2' THEN -100
            WHEN 'nps 3' THEN -100 WHEN 'nps 4' THEN -100 WHEN 'nps 5' THEN -100
            WHEN 'nps 6' THEN -100
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
    n bigint
);
COMMENT ON TYPE kra_internal.collect_fact IS 'what a source relation says of one subject in one period; period NULL: of rows without a day that counts';
COMMENT ON COLUMN kra_internal.collect_fact.subject IS 'key of the subject, as the source has it';
COMMENT ON COLUMN kra_internal.collect_fact.period IS 'first day of the period; NULL: of no period';
COMMENT ON COLUMN kra_internal.collect_fact.actual IS 'summary of the values that can be used; NULL: there are none';
COMMENT ON COLUMN kra_internal.collect_fact.n IS 'number of observations, with those that cannot be used';

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

-- Where a source is, and what is wrong with it: for define, which refuses it, and for collect,
-- which may meet another. Found in the catalogues of the server, for which nobody needs a right.

CREATE FUNCTION kra_internal.collect_columns(_relation oid,
    OUT subject regtype, OUT at regtype, OUT value regtype, OUT weight regtype,
    OUT is_bytewise boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT max(t.base) FILTER (WHERE a.attname = 'subject'),
           max(t.base) FILTER (WHERE a.attname = 'at'),
           max(t.base) FILTER (WHERE a.attname = 'value'),
           max(t.base) FILTER (WHERE a.attname = 'weight'),
           bool_and(c.collisdeterministic) FILTER (WHERE a.attname = 'subject')
    FROM pg_attribute a
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
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
END;
COMMENT ON FUNCTION kra_internal.collect_columns(oid) IS 'types of the columns of a source that collect reads, those under a domain, and whether the collation of subject tells keys apart by their bytes; NULL: there is no such column, or it has no collation';

CREATE FUNCTION kra_internal.columns_fault(_source text, _relation oid, _over_time text,
    _scale text, OUT fault text, OUT errcode text, OUT hint text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
    texts constant regtype[] := '{text,character varying,character}';
    c record;
    missing text;
BEGIN
    SELECT * INTO c FROM kra_internal.collect_columns(_relation);
    missing := concat_ws(' or ', CASE WHEN c.subject IS NULL THEN 'subject' END,
                         CASE WHEN c.at IS NULL THEN 'at' END,
                         CASE WHEN c.value IS NULL THEN 'value' END);
    errcode := '42804';
    IF missing <> '' THEN
        fault := format('source relation %s has no column %s', _source, missing);
        errcode := '42703';
        hint := 'It needs the columns subject, at and value, and may have weight. '
                'A view can give them these names.';
    ELSIF c.at NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        fault := format('column at of source relation %s must be a date or timestamp, not %s',
                        _source, c.at);
    ELSIF c.value = 'kra.kpi_actual'::regtype THEN
        NULL;   -- a summary has its weights within
    ELSIF c.value <> ALL (numbers) AND (_scale IS NULL OR c.value <> ALL (texts)) THEN
        fault := format('column value of source relation %s must be a number, not %s',
                        _source, c.value);
        hint := 'It may also be a kra.kpi_actual, the summary of a period.';
    ELSIF c.weight <> ALL (numbers) THEN
        fault := format('column weight of source relation %s must be a number, not %s',
                        _source, c.weight);
    ELSIF _over_time = 'ratio' AND _scale IS NULL AND c.weight IS NULL THEN
        fault := format('source relation %s of a ratio has no column weight', _source);
        errcode := '42703';
        hint := 'The value is the numerator, the weight is the denominator.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.columns_fault(text, oid, text, text) IS 'what is wrong with the columns of a source for a KPI of an aggregation and a scale; NULLs: nothing';

CREATE FUNCTION kra_internal.source_fault(_source text, _over_time text, _scale text,
    OUT relation regclass, OUT fault text, OUT errcode text, OUT hint text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parts text[];
    c record;
BEGIN
    IF NOT kra_internal.is_source_name(_source) THEN
        fault := format('source relation %L must be written as schema.name', _source);
        errcode := '42602';
        RETURN;
    END IF;
    parts := parse_ident(_source);
    SELECT x.oid, x.relkind, x.relpersistence INTO c
    FROM pg_class x
    JOIN pg_namespace n ON n.oid = x.relnamespace
    WHERE n.nspname = left(parts[1], 63) AND x.relname = left(parts[2], 63);
    IF NOT FOUND THEN
        fault := format('source relation %s does not exist', _source);
        errcode := '42P01';
    ELSIF c.relkind NOT IN ('r', 'p', 'v', 'm', 'f') THEN
        fault := format('source relation %s is no table or view', _source);
        errcode := '42809';
    ELSIF c.relpersistence = 't' THEN   -- each session would have one of its own
        fault := format('source relation %s is temporary', _source);
        errcode := '42809';
    ELSE
        relation := c.oid;
        SELECT f.fault, f.errcode, f.hint INTO fault, errcode, hint
        FROM kra_internal.columns_fault(_source, relation, _over_time, _scale) f;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.source_fault(text, text, text) IS 'the relation that a KPI of an aggregation and a scale is collected from, by its name; or what is wrong with it, also where there is none (42P01)';

-- The queries that collect runs on a source. They are written for whatever is behind it: what
-- postgres_fdw can send away, where kra is among the extensions of the server, is immutable and
-- compares no text that is a constant.

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
        is_good := ' AND ' || value || ' IS NOT NULL';
    ELSIF _value = 'numeric'::regtype THEN
        is_good := ' AND s.value > -1.7e308 AND s.value < 1.7e308';
    ELSIF _value IN ('real'::regtype, 'double precision'::regtype) THEN
        is_good := ' AND s.value > ''-infinity'' AND s.value < ''infinity''';
    END IF;
    IF _weight IS NOT NULL THEN
        is_good := is_good || ' AND s.weight >= 0 AND s.weight < '
            || CASE WHEN _weight = 'numeric'::regtype THEN '1.7e308'
                    ELSE '''infinity''::pg_catalog.float8' END;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.collect_values(kra.kpis, regtype, regtype) IS 'of the query of facts: the value of a row as float8, and what makes it one that counts, by the types of value and weight';

CREATE FUNCTION kra_internal.collect_times(_at regtype, _grid kra_internal.grid, _zone text,
    OUT period text, OUT day text, OUT moment text, OUT lower_bound text, OUT upper_bound text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    zone constant text := format('%L::kra_internal.zone', _zone);
BEGIN
    IF _at = 'timestamptz'::regtype THEN
        day := format('kra_internal.grid_start(''day''::kra_internal.grid, s.at, %s)', zone);
        period := format('kra_internal.grid_start(%L::kra_internal.grid, s.at, %s)', _grid, zone);
    ELSE
        day := CASE _at WHEN 'date'::regtype THEN 's.at' ELSE 's.at::pg_catalog.date' END;
        period := format('kra_internal.grid_start(%L::kra_internal.grid, %s)', _grid, day);
    END IF;
    -- a date is a midnight, and in UTC without further ado
    moment := CASE WHEN _at = 'timestamptz'::regtype OR (_at = 'date'::regtype AND _zone = 'UTC')
                   THEN 's.at'
                   ELSE format('kra_internal.time_in_zone(s.at::pg_catalog.timestamp, %s)', zone)
              END;
    -- of the column's own type, so that indexes, partitions and foreign servers can use it
    lower_bound := CASE WHEN _at = 'date'::regtype THEN '$1'
                        WHEN _at = 'timestamp'::regtype THEN '$2'
                        WHEN _zone = 'UTC' THEN '$3'
                        ELSE format('kra_internal.time_in_zone($2, %s)', zone) END;
    upper_bound := CASE WHEN _at = 'date'::regtype THEN '$4'
                        WHEN _at = 'timestamp'::regtype THEN '$5'
                        WHEN _zone = 'UTC' THEN '$6'
                        ELSE format('kra_internal.time_in_zone($5, %s)', zone) END;
END $$;
COMMENT ON FUNCTION kra_internal.collect_times(regtype, kra_internal.grid, text) IS 'of the queries of a source, by the type of at and the time zone: the first day of the period of a row, its day, its time, and the parameters that are the day from which rows are read, and the one before which they are, as at has it';

CREATE FUNCTION kra_internal.collect_query(_kpi_id integer, _read_from date,
    OUT facts text, OUT faults text, OUT older text, OUT again text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis;
    source record;
    c record;
    v record;
    t record;
    subject text := 's.subject';
    is_dated text;
    is_good text;
    is_summary boolean;
    rows text;
    weight text := '';
BEGIN
    SELECT * INTO k FROM kra.kpis x WHERE x.id = _kpi_id;
    IF k.source_relation IS NULL THEN
        RAISE EXCEPTION 'KPI % has no source relation', quote_ident(k.key)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Enter its values with kra.record, or bind it to a relation.';
    END IF;
    SELECT * INTO source
    FROM kra_internal.source_fault(k.source_relation, k.over_time, k.scale);
    IF source.fault IS NOT NULL THEN
        RAISE EXCEPTION '%', source.fault USING ERRCODE = source.errcode,
            HINT = coalesce(source.hint, '');
    END IF;
    SELECT * INTO c FROM kra_internal.collect_columns(source.relation);
    is_summary := c.value = 'kra.kpi_actual'::regtype;
    SELECT x.* INTO t
    FROM kra_internal.settings_in_force s
    CROSS JOIN LATERAL kra_internal.collect_times(c.at, k.grid, s.time_zone) x;
    -- keys are compared in normal form and bytewise, but integers are grouped as they come
    IF c.subject NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
                         'uuid'::regtype) THEN
        subject := 'kra_internal.normal_key(s.subject::pg_catalog.text)'
            || CASE WHEN NOT c.is_bytewise THEN ' COLLATE pg_catalog."C"' ELSE '' END;
    END IF;
    is_dated := format('s.at >= %L AND s.at < %L', '1900-01-01',
                       to_char(kra_internal.today() + 3653, 'YYYY-MM-DD'));
    is_good := 's.subject IS NOT NULL';
    rows := format('FROM %s s WHERE s.value IS NOT NULL', source.relation::regclass)
        || CASE WHEN _read_from IS NULL THEN '' ELSE ' AND s.at >= ' || t.lower_bound END;
    IF is_summary THEN
        facts := 'kra.rollup(s.value)';
    ELSE
        SELECT * INTO v FROM kra_internal.collect_values(k, c.value, c.weight);
        is_good := is_good || v.is_good;
        facts := format('kra.actual_agg(%s, %s%s)', v.value, t.moment,
                        CASE WHEN c.weight IS NOT NULL THEN ', s.weight::pg_catalog.float8' END);
        IF c.weight IS NOT NULL THEN
            weight := $part$,
                   'weight ' || coalesce(left(s.weight::pg_catalog.text, 40), 'missing')$part$;
        END IF;
    END IF;
    -- grouped by nothing but the subject and the period: of how many groups any other condition
    -- makes the planner knows nothing
    facts := format('SELECT f.subject::pg_catalog.text, f.period, f.actual, %s
FROM (
SELECT %s AS subject, CASE WHEN %s THEN %s END AS period,
       %s FILTER (WHERE %s AND CASE WHEN %3$s THEN %4$s END IS NOT NULL) AS actual, ',
        CASE WHEN is_summary THEN $part$coalesce(kra.value(f.n, 'count'), 0)::pg_catalog.int8$part$
             ELSE 'f.n' END,
        subject, is_dated, t.period, facts, is_good)
        || CASE WHEN is_summary THEN facts ELSE 'count(*)' END || E' AS n\n' || rows;
    again := facts || ' AND s.at < ' || t.upper_bound || E'\nGROUP BY 1, 2) f';
    facts := facts || E'\nGROUP BY 1, 2) f';
    faults := format($query$SELECT ARRAY(SELECT DISTINCT
    left(concat_ws(', ', coalesce(%s::pg_catalog.text, 'no subject'),
                   CASE WHEN isfinite(s.at) THEN to_char(%s, 'YYYY-MM-DD')
                        ELSE coalesce(s.at::pg_catalog.text, 'no time') END,
                   'value ' || left(s.value::pg_catalog.text, 40)%s), 200) COLLATE pg_catalog."C"
%s AND (%s) IS NOT TRUE
ORDER BY 1 LIMIT 5)$query$, subject, t.day, weight, rows, is_dated || ' AND ' || is_good);
    older := format('SELECT %s::pg_catalog.text, min(%s), NULL::kra.kpi_actual, count(*)
FROM %s s
WHERE s.subject IS NOT NULL AND s.at >= %L AND s.at < %s
GROUP BY %1$s', subject, t.day, source.relation::regclass, '1900-01-01', t.lower_bound);
END $$;
COMMENT ON FUNCTION kra_internal.collect_query(integer, date) IS 'queries of the source relation of a KPI. facts: what it says, as rows of kra_internal.collect_fact, from a day on, which is parameter $1 as a date, $2 as a timestamp, $3 as a timestamptz; NULL: all. faults: up to five of its rows that cannot be used, in words. older: subjects with rows before a day, which is those parameters, their first day and how many, as rows of kra_internal.collect_fact, too. again: the facts from that day to another, which is parameters $4 to $6';

-- What collect warns of.

CREATE FUNCTION kra_internal.collect_begins(_kpi_id integer)
RETURNS TABLE (subject_id integer, day date, by_card boolean, was_today boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (b.subject_id) b.subject_id, b.day, b.by_card,
           b.day = kra_internal.day_of(b.set_at)
    FROM (
        SELECT t.subject_id, greatest(t.valid_from, rk.effective_from) AS day, true AS by_card,
               rk.set_at
        FROM kra_internal.subject_timeline t
        JOIN kra.result_areas ra ON ra.job_role_id = t.job_role_id
        JOIN kra.result_area_kpis rk ON rk.result_area_id = ra.id AND rk.kpi_id = _kpi_id
        JOIN kra_internal.role_kpis r ON r.result_area_id = ra.id AND r.kpi_id = _kpi_id
            AND r.effective_from = rk.effective_from AND t.valid_from < r.effective_until
        WHERE rk.is_active AND rk.effective_from < t.valid_until
        UNION ALL
        SELECT t.subject_id, t.effective_from, false, t.set_at
        FROM kra.targets t
        WHERE t.kpi_id = _kpi_id AND t.target IS NOT NULL
    ) b
    ORDER BY b.subject_id, b.day, b.by_card DESC;
END;
COMMENT ON FUNCTION kra_internal.collect_begins(integer) IS 'the first day on which each subject has a KPI on its card or a target of its own for it, by which of the two, and whether that is the day on which it was defined';

CREATE FUNCTION kra_internal.collect_early(_kpi_id integer, _subject_id integer,
    _subjects integer, _rows bigint, _first_period date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s before the first %s of %s%s',
                  CASE _rows WHEN 1 THEN 'a row lies' ELSE _rows || ' rows lie' END,
                  CASE WHEN b.by_card THEN 'card' ELSE 'target' END,
                  CASE WHEN v.is_seen THEN format('"%s", which begins on %s', s.key,
                                                  to_char(b.day, 'YYYY-MM-DD'))
                           || CASE WHEN _subjects > 1 THEN format(', and of %s more', _subjects - 1)
                                   ELSE '' END
                       WHEN _subjects = 1 THEN 'a subject'
                       ELSE _subjects || ' subjects' END,
                  CASE WHEN b.was_today
                           THEN '; it was defined on that day, perhaps without an effective_from: '
                                'define it again from '
                                || to_char(_first_period, 'YYYY-MM-DD') || ' on'
                       ELSE '' END)
    FROM kra_internal.collect_begins(_kpi_id) b
    JOIN kra.subjects s ON s.id = b.subject_id
    CROSS JOIN LATERAL (SELECT kra_internal.is_author() OR kra.sees(s.id) AS is_seen) v
    WHERE b.subject_id = _subject_id;
END;
COMMENT ON FUNCTION kra_internal.collect_early(integer, integer, integer, bigint, date) IS 'says that so many rows of so many subjects, a subject among them, lie before their first card or target, and why that may be; the subject is named to those who see it';

CREATE FUNCTION kra_internal.collect_never_read(_rows bigint, _first_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s never read, from %s on: collect with full, or since that day',
                  CASE _rows WHEN 1 THEN 'a row was' ELSE _rows || ' rows were' END,
                  to_char(_first_day, 'YYYY-MM-DD'))
    WHERE _rows > 0;
END;
COMMENT ON FUNCTION kra_internal.collect_never_read(bigint, date) IS 'says that so many rows, from a day on, are older than all that was ever collected; NULL for none';

CREATE FUNCTION kra_internal.collect_ahead(_last_day date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('rows lie in the future, the last on %s: they count from their day on',
                  to_char(_last_day, 'YYYY-MM-DD'))
    WHERE _last_day > kra_internal.today();
END;
COMMENT ON FUNCTION kra_internal.collect_ahead(date) IS 'says that rows lie after today, up to a day; NULL where they do not';

-- Rows that came late, or were corrected, in periods that are no longer read: some of these are
-- read once more, and compared.

CREATE FUNCTION kra_internal.collect_check_days(_kpi_id integer, _read_from date,
    OUT first_day date, OUT until_day date, OUT grain integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most constant integer := 50000;   -- observations a day
    chance constant bigint := pg_catalog.hashint4(kra_internal.today() - date '2000-01-01')::bigint
                              + 2147483648;
    grid kra_internal.grid;
    starts date[];
    n double precision;
    size integer;
    slices integer;
    slice integer;
BEGIN
    SELECT k.grid, kra_internal.grain_rank(k.grid) INTO grid, grain
    FROM kra.kpis k WHERE k.id = _kpi_id;
    SELECT array_agg(p.at ORDER BY p.at DESC) INTO starts
    FROM (SELECT min(m.period_start) AS first, max(m.period_start) AS last
          FROM kra.measurements m
          WHERE m.kpi_id = _kpi_id AND m.source <> 'record' AND m.period_start < _read_from) m
    CROSS JOIN LATERAL kra_internal.period_starts(grid, m.first, m.last) p (at);
    IF starts IS NULL THEN
        RETURN;
    END IF;
    n := (SELECT sum(kra.value(m.actual, 'count'))
          FROM kra.measurements m WHERE m.kpi_id = _kpi_id AND m.period_start = starts[1]);
    IF chance % ceil(n / most)::bigint <> 0 THEN
        RETURN;
    END IF;
    size := least(cardinality(starts), greatest(1, floor(most / n)));
    slices := ceil(cardinality(starts)::float8 / size);
    slice := chance / 64 % (2 * slices);
    IF slice >= slices THEN
        slice := 0;
    END IF;
    first_day := starts[least(cardinality(starts), (slice + 1) * size)];
    until_day := kra_internal.grid_shift(grid, starts[slice * size + 1], 1);
END $$;
COMMENT ON FUNCTION kra_internal.collect_check_days(integer, date) IS 'which of the periods of a KPI that were collected and begin before a day are compared with the source today, and the rank of their grain; NULL: none. All, where they have 50,000 observations at most; else so many that they have as many; and where one period has more, one, on so many days that it is as many a day. On every other day these are the last, else any';

CREATE FUNCTION kra_internal.collect_late(_differing bigint, _first_period date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s from the source now: collect since %s',
                  CASE _differing WHEN 1 THEN 'a value of a period that is no longer read differs'
                      ELSE _differing || ' values of periods that are no longer read differ' END,
                  to_char(_first_period, 'YYYY-MM-DD'))
    WHERE _differing > 0;
END;
COMMENT ON FUNCTION kra_internal.collect_late(bigint, date) IS 'says that so many measurements of periods before those that are read are not what the source says now, the first of the period that begins on a day; NULL for none';

CREATE FUNCTION kra_internal.collect_check(_kpi_id integer, _read_from date) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_collect_check' LANGUAGE C VOLATILE STRICT
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC';
COMMENT ON FUNCTION kra_internal.collect_check(integer, date) IS 'compares some older periods of a KPI, which begin before a day, with its source, and says what differs; NULL: nothing. The source is read with the rights of the caller';

CREATE FUNCTION kra_internal.collect_kpi(_kpi_id integer, _since date, _full boolean,
    OUT read_from date, OUT periods_read integer, OUT changed integer, OUT removed integer,
    OUT rows_read bigint, OUT unknown_count integer, OUT unknown_subjects text[],
    OUT bad_values bigint, OUT bad_examples text[], OUT future_periods integer,
    OUT warnings text[])
    AS 'MODULE_PATHNAME', 'kra_collect_kpi' LANGUAGE C VOLATILE
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC';
COMMENT ON FUNCTION kra_internal.collect_kpi(integer, date, boolean) IS 'collect of one KPI, whose errors end it; see kra.collect. The source is read with the rights of the caller; the measurements are written with those of the owner of the tables';

CREATE FUNCTION kra_internal.collect_late_rows(_kpi_id integer, _read_from date) RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN array_remove(ARRAY[kra_internal.collect_check(_kpi_id, _read_from)], NULL);
EXCEPTION
    WHEN serialization_failure THEN
        RAISE;
    WHEN OTHERS THEN
        RETURN ARRAY['rows that are no longer read could not be compared: ' || SQLERRM];
END $$;
COMMENT ON FUNCTION kra_internal.collect_late_rows(integer, date) IS 'the warning of collect_check, or why there can be none: a collect does not fail for it';

CREATE FUNCTION kra_internal.collect_wanted(_kpi text) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis;
BEGIN
    IF _kpi IS NULL THEN
        RETURN ARRAY(SELECT x.id FROM kra.kpis x
                     WHERE x.source_relation IS NOT NULL AND x.state = 'active' ORDER BY x.id);
    END IF;
    k := kra_internal.kpi_named(_kpi);
    IF k.source_relation IS NULL THEN
        RAISE EXCEPTION 'KPI % has no source relation', quote_ident(_kpi)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'Enter its values with kra.record, or bind it to a relation.';
    END IF;
    RETURN ARRAY[k.id];
END $$;
COMMENT ON FUNCTION kra_internal.collect_wanted(text) IS 'the KPIs that collect reads when it is asked for one, or for NULL, which are all that are active and have a source';

CREATE FUNCTION kra.collect(kpi text DEFAULT NULL, since date DEFAULT NULL,
    "full" boolean DEFAULT false)
RETURNS TABLE (kpi_key text, read_from date, periods_read integer, changed integer,
    removed integer, rows_read bigint, duration_ms double precision, unknown_count integer,
    unknown_subjects text[], bad_values bigint, bad_examples text[], future_periods integer,
    error text, warnings text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted integer[];
    k record;
    done integer := 0;
    began timestamptz;
    said timestamptz := clock_timestamp();
    is_held boolean;
BEGIN
    IF NOT isfinite(collect.since) THEN
        RAISE EXCEPTION 'since must be a finite date' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    wanted := kra_internal.collect_wanted(collect.kpi);
    is_held := kra_internal.hold_lines();
    FOR k IN SELECT id, key FROM kra.kpis WHERE id = ANY (wanted) ORDER BY id LOOP
        began := clock_timestamp();
        error := NULL;
        BEGIN
            SELECT c.read_from, c.periods_read, c.changed, c.removed, c.rows_read, c.unknown_count,
                   c.unknown_subjects, c.bad_values, c.bad_examples, c.future_periods, c.warnings
            INTO read_from, periods_read, changed, removed, rows_read, unknown_count,
                 unknown_subjects, bad_values, bad_examples, future_periods, warnings
            FROM kra_internal.collect_kpi(k.id, collect.since, coalesce(collect."full", false)) c;
            warnings := warnings || kra_internal.collect_late_rows(k.id, read_from);
        EXCEPTION
            WHEN serialization_failure THEN
                RAISE;   -- the whole transaction has to be tried again
            WHEN OTHERS THEN
                SELECT NULL, 0, 0, 0, 0, 0, '{}', 0, '{}', 0, '{}'
                INTO read_from, periods_read, changed, removed, rows_read, unknown_count,
                     unknown_subjects, bad_values, bad_examples, future_periods, warnings;
                error := SQLERRM;
        END;
        kpi_key := k.key;
        duration_ms := extract(epoch FROM clock_timestamp() - began) * 1000;
        RETURN NEXT;
        done := done + 1;
        IF done < cardinality(wanted) AND clock_timestamp() > said + interval '2 seconds' THEN
            said := clock_timestamp();
            RAISE NOTICE 'collect: % of % KPIs, % changed and % removed in the last, %',
                done, cardinality(wanted), changed, removed, quote_ident(kpi_key);
        END IF;
    END LOOP;
    IF is_held THEN
        PERFORM kra_internal.release_lines();
        PERFORM kra.refresh();
    END IF;
END $$;
COMMENT ON FUNCTION kra.collect(text, date, boolean) IS 'reads the source relations of all active KPIs, or of one, and brings the measurements in line with them: a row per KPI, with what was read and what changed, or its error, which stops no other KPI. Read are the periods of the KPI''s lookback up to today; from the period of since on; or everything: with full, and when nothing of this source was collected before. Measurements in these periods that no longer come are removed, unless they were entered by hand. Times are cut into days by the time zone of the settings, in which dates and timestamps without a zone are, too. Days from 1900 to ten years ahead count; rows with another day or none, without a subject, with a value or weight that is not finite, or a weight that is NULL or negative are bad_values; rows without a value are no observation. Sources are read with the rights of the caller, a keeper, who need not see the subjects; error for an unknown KPI, and one without a source. Periods that begin after today are collected, and counted in future_periods. A value may be a kra.kpi_actual, a summary of observations. warnings: rows before the first card or target of their subjects, rows of subjects that are older than all that was ever collected, values of older periods that differ from the source (of about 50,000 observations, others from day to day; see kra_internal.collect_check_days), rows after today';

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
                  HINT = 'Change the facts there, and call kra.collect; an admin may change it '
                         'here.';
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.check_records(kra.kpis, kra.subjects, date) IS 'refuses values by hand for a subject and period that the viewer may not record, and, but of an admin, in place of what was collected';

CREATE FUNCTION kra_internal.put_measurement(kpi kra.kpis, subject kra.subjects, at date,
                                             actual kra.kpi_actual, add boolean,
    OUT period_label text, OUT period_start date, OUT value double precision, OUT n bigint,
        OUT previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    old record;
    put kra.kpi_actual := actual;
BEGIN
    period_start := kra_internal.grid_start(put_measurement.kpi.grid, put_measurement.at);
    PERFORM kra_internal.check_records(put_measurement.kpi, put_measurement.subject,
                                       put_measurement.period_start);
    FOR i IN 1..5 LOOP
        INSERT INTO kra.measurements (kpi_id, subject_id, period_start, grid, actual, recorded_at,
                                      source)
        VALUES (put_measurement.kpi.id, put_measurement.subject.id, put_measurement.period_start,
                put_measurement.kpi.grid, put_measurement.actual, now(), 'record')
        ON CONFLICT (kpi_id, subject_id, period_start) DO NOTHING;
        EXIT WHEN FOUND;
        SELECT m.actual INTO old FROM kra.measurements m
        WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id
          AND m.period_start = put_measurement.period_start
        FOR UPDATE;
        IF FOUND THEN
            IF put_measurement.add THEN
                SELECT kra.rollup(s) INTO put
                    FROM unnest(ARRAY[old.actual, put_measurement.actual]) s;
            END IF;
            UPDATE kra.measurements m SET actual = put, recorded_at = now(), source = 'record'
            WHERE m.kpi_id = put_measurement.kpi.id AND m.subject_id = put_measurement.subject.id
              AND m.period_start = put_measurement.period_start;
            previous_value := kra.value(old.actual, put_measurement.kpi.over_time);
            EXIT;
        END IF;
        -- it went in between: from the start
        IF i = 5 THEN
            RAISE EXCEPTION 'permission denied to record for subject "%"',
                put_measurement.subject.key
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'Keepers may (kra.grant_keeper), for the subjects that they see.';
        END IF;
    END LOOP;
    period_label := kra_internal.grid_label(put_measurement.kpi.grid, put_measurement.period_start);
    value := kra.value(put, put_measurement.kpi.over_time);
    n := kra.value(put, 'count');
END $$;
COMMENT ON FUNCTION kra_internal.put_measurement(kra.kpis, kra.subjects, date, kra.kpi_actual, boolean) IS 'writes a hand-entered summary, or merges it into what is there; what kra.record ends in, without its checks';

CREATE FUNCTION kra_internal.recordable(kpi text, at date) RETURNS kra.kpis
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.kpi_named(kpi);
BEGIN
    IF k.state <> 'active' THEN
        RAISE EXCEPTION 'KPI % is %', quote_ident(k.key),
            CASE k.state WHEN 'candidate' THEN 'a candidate' ELSE k.state END
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Only active KPIs are measured.';
    END IF;
    IF k.source_relation IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is collected from %', quote_ident(k.key), k.source_relation
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Change the facts there, and call kra.collect.';
    END IF;
    IF at IS NULL THEN
        RAISE EXCEPTION 'at must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF at < date '1900-01-01' OR at >= kra_internal.today() + 3653 THEN
        RAISE EXCEPTION 'at must lie between 1900-01-01 and ten years from today, not on %',
            CASE WHEN isfinite(at) THEN to_char(at, 'YYYY-MM-DD') ELSE at::text END
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN k;
END $$;
COMMENT ON FUNCTION kra_internal.recordable(text, date) IS 'the KPI with this key, when values can be entered for that day; else an error that says why not';

CREATE FUNCTION kra.record(kpi text, subject text, at date, value double precision,
                           weight double precision DEFAULT NULL, add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint,
               previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.recordable(kpi, at);
    s kra.subjects := kra_internal.subject_named(subject);
    actual kra.kpi_actual;
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'value must not be NULL'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'kra.unrecord takes a value back.';
    END IF;
    IF k.scale IS NOT NULL THEN
        IF weight IS NOT NULL THEN
            RAISE EXCEPTION 'an answer has no weight' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN QUERY SELECT r.* FROM kra.record(record.kpi, record.subject, record.at,
                                                answers => ARRAY[record.value],
                                                add => record.add) r;
        RETURN;
    END IF;
    IF NOT (value > '-infinity' AND value < 'infinity') THEN
        RAISE EXCEPTION 'value must be finite, not %', value
            USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    IF k.over_time = 'ratio' THEN
        IF weight IS NULL THEN
            RAISE EXCEPTION 'KPI % is a ratio and needs a weight', quote_ident(k.key)
                USING ERRCODE = 'null_value_not_allowed',
                HINT = 'The value is the numerator, the weight is the denominator.';
        ELSIF NOT (weight >= 0 AND weight < 'infinity') THEN
            RAISE EXCEPTION 'weight must be finite and not negative, not %', weight
                USING ERRCODE = 'numeric_value_out_of_range';
        END IF;
    ELSIF weight IS NOT NULL THEN
        RAISE EXCEPTION 'KPI % is no ratio and takes no weight', quote_ident(k.key)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF k.over_time = 'count' AND value <> 1 THEN
        RAISE EXCEPTION 'KPI % counts observations: % would count as 1', quote_ident(k.key), value
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Record 1 for each observation with add => true, or define the KPI with '
                   'over_time sum.';
    END IF;
    SELECT kra.actual_agg(record.value, kra_internal.day_begins(record.at),
                          coalesce(record.weight, 1)) INTO actual;
    RETURN QUERY SELECT r.* FROM kra_internal.put_measurement(k, s, record.at, actual,
        coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, double precision, double precision, boolean) IS 'enters a value by hand, in place of what the KPI''s period that holds the day had, or with add as one more observation. Ratios need a weight, their denominator; others take none. For a KPI with a scale the value is one answer. Gives the period, its value and number of observations, and the value before (NULL: none). Error for a KPI that is collected or not active, an unknown KPI or subject, and what is NULL or not finite';

CREATE FUNCTION kra.record(kpi text, subject text, at date, answers anyarray,
                           add boolean DEFAULT false)
RETURNS TABLE (period_label text, period_start date, recorded_value double precision, n bigint,
               previous_value double precision)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k kra.kpis := kra_internal.recordable(kpi, at);
    s kra.subjects := kra_internal.subject_named(subject);
    actual kra.kpi_actual;
    wrong text;
BEGIN
    IF k.scale IS NULL THEN
        RAISE EXCEPTION 'KPI % has no scale to score answers by', quote_ident(k.key)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Record a value.';
    END IF;
    IF coalesce(cardinality(answers), 0) = 0 THEN
        RAISE EXCEPTION 'there must be at least one answer'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(quote_literal(left(a.answer, 100)), 'NULL') INTO wrong
    FROM unnest(record.answers::text[]) WITH ORDINALITY a (answer, i)
    WHERE kra.answer_score(k.scale, k.scale_labels, a.answer) IS NULL
    ORDER BY a.i LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'KPI % has no answer %', quote_ident(k.key), wrong
            USING ERRCODE = 'invalid_parameter_value',
            HINT = CASE k.scale WHEN 'nps' THEN 'Answers are whole numbers from 0 to 10.'
                WHEN 'ordinal' THEN format('Answers are %s.',
                                           (SELECT string_agg(quote_literal(l.label), ', '
                                               ORDER BY l.i) FROM unnest(k.scale_labels)
                                                   WITH ORDINALITY l (label, i)))
                ELSE 'Answers are whole numbers from 1 to 5.' END;
    END IF;
    SELECT kra.actual_agg(kra.answer_score(k.scale, k.scale_labels, a.answer),
                          kra_internal.day_begins(record.at), 1::float8) INTO actual
    FROM unnest(record.answers::text[]) a (answer);
    RETURN QUERY SELECT r.* FROM kra_internal.put_measurement(k, s, record.at, actual,
        coalesce(record.add, false)) r;
END $$;
COMMENT ON FUNCTION kra.record(text, text, date, anyarray, boolean) IS 'enters answers to a survey: numbers, or labels of an ordinal scale. They are scored by the KPI''s scale (see kra.answer_score); the value is the mean score, n the number of answers. The rest is as for a value; error for what is no answer of the scale, also NULL, and for no answer at all';

CREATE FUNCTION kra.unrecord(kpi text, subject text, at date)
RETURNS TABLE (period_label text, period_start date, removed_value double precision, n bigint,
               recorded_at timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k kra.kpis := kra_internal.kpi_named(unrecord.kpi);
    s kra.subjects := kra_internal.subject_named(unrecord.subject);
    m record;
BEGIN
    PERFORM kra_internal.check_records(k, s, kra_internal.grid_start(k.grid, unrecord.at));
    SELECT x.period_start, x.actual, x.recorded_at, x.source INTO m FROM kra.measurements x
    WHERE x.kpi_id = k.id AND x.subject_id = s.id
      AND x.period_start = kra_internal.grid_start(k.grid, unrecord.at) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'KPI % has no value of subject % in that period', quote_ident(k.key),
            quote_ident(s.key) USING ERRCODE = 'no_data_found';
    END IF;
    DELETE FROM kra.measurements x
        WHERE x.kpi_id = k.id AND x.subject_id = s.id AND x.period_start = m.period_start;
    SELECT kra_internal.grid_label(k.grid, m.period_start), m.period_start,
           kra.value(m.actual, k.over_time), kra.value(m.actual, 'count')::bigint, m.recorded_at
    INTO period_label, period_start, removed_value, n, recorded_at;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION kra.unrecord(text, text, date) IS 'takes back what was entered by hand for the KPI''s period that holds the day, and says what it was; error when there is nothing, and for what was collected, which only an admin takes back. For keepers, of the subjects that they see';
