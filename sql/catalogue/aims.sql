-- What period a target is for: its target_grain, the KPI's cadence where nothing is said, and the
-- phasing by which the number of a longer period is shared out to its parts.

-- 28 years have every beginning and length that a year can have, and no month is shorter than 28
-- days: so many days on from day to day, none is missed.
CREATE FUNCTION kra_internal.part_counts(_whole kra_internal.grid, _part kra_internal.grid)
RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(DISTINCT p.n ORDER BY p.n)
    FROM (SELECT kra_internal.parts_in(_whole, _part, date '2000-01-15' + 28 * i) AS n
          FROM generate_series(0, 366) i) p;
END;
COMMENT ON FUNCTION kra_internal.part_counts(kra_internal.grid, kra_internal.grid) IS 'how many parts a whole can have: 12 months a year, 52 or 53 weeks; ascending; error for a part longer than the whole';

CREATE FUNCTION kra_internal.period_fault(_grid kra_internal.grid, _over_time text,
    _target kra.kpi_target, _target_grain text, _phasing double precision[],
    OUT member text, OUT fault text, OUT hint text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whole constant kra_internal.grid := kra_internal.grid_in_force(_target_grain);
    n constant integer := cardinality(_phasing);
    counts text[];
BEGIN
    member := CASE WHEN _target_grain IS NULL THEN 'phasing' ELSE 'target_grain' END;
    IF _target_grain IS NULL AND _phasing IS NULL THEN
        member := NULL;
    ELSIF _target IS NULL THEN
        fault := 'there is no target for it';
    ELSIF _target_grain IS NULL THEN
        fault := 'needs a target_grain';
        hint := 'It says how the target of a longer period is shared out.';
    ELSIF kra_internal.grain_rank(whole) < kra_internal.grain_rank(_grid) THEN
        fault := format('a %s is shorter than a %s, the cadence of the KPI',
                        replace(_target_grain, '_', '-'),
                        replace(kra_internal.grid_grain(_grid), '_', '-'));
    ELSIF _phasing IS NOT NULL THEN
        member := 'phasing';
        IF _over_time NOT IN ('sum', 'count') THEN
            fault := 'only the target of a sum or count is shared out';
            hint := 'Of another KPI the same number holds for each part.';
        ELSIF n <> kra_internal.parts_in(whole, _grid, '2001-01-15') THEN
            counts := kra_internal.part_counts(whole, _grid);
            IF n::text <> ALL (counts) THEN
                fault := format('has %s %s, but a %s has %s', n,
                    CASE n WHEN 1 THEN 'part' ELSE 'parts' END, replace(_target_grain, '_', '-'),
                    concat_ws(' or ',
                              nullif(array_to_string(counts[:cardinality(counts) - 1], ', '), ''),
                              counts[cardinality(counts)] || ' '
                              || replace(kra_internal.grid_grain(_grid), '_', '-')
                              || CASE WHEN counts = '{1}' THEN '' ELSE 's' END));
            END IF;
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.period_fault(kra_internal.grid, text, kra.kpi_target, text, double precision[]) IS 'what is wrong with the period that a target of a KPI (its grid and over_time) is said to be for, and with how it is shared out, and of which of the two; NULLs: nothing. The parts are counted by the calendar in force';

-- What is left out stays. A target that goes takes its period along, and another period is shared
-- out anew.
CREATE FUNCTION kra_internal.document_aim(_item jsonb, _target kra.kpi_target, _target_grain text,
    _phasing double precision[])
RETURNS TABLE (target kra.kpi_target, target_grain text, phasing double precision[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT t.target, g.target_grain,
           CASE WHEN _item->'phasing' <> 'null' THEN ARRAY(
                    SELECT e.part::double precision
                    FROM jsonb_array_elements_text(_item->'phasing') WITH ORDINALITY e (part, n)
                    ORDER BY e.n)
                WHEN NOT _item ? 'phasing' AND g.target_grain = _target_grain THEN _phasing END
    FROM (SELECT CASE WHEN _item ? 'target' THEN nullif(_item->'target', 'null')::kra.kpi_target
                      ELSE _target END AS target) t
    CROSS JOIN LATERAL (
        SELECT CASE WHEN _item ? 'target_grain' THEN _item->>'target_grain'
                    WHEN t.target IS NOT NULL THEN _target_grain END AS target_grain
    ) g;
END;
COMMENT ON FUNCTION kra_internal.document_aim(jsonb, kra.kpi_target, text, double precision[]) IS 'target, target_grain and phasing of an item of a document, over those that were in force';

CREATE FUNCTION kra_internal.document_check_periods(_document jsonb, _since date) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    f record;
BEGIN
    SELECT c.path, p.* INTO f
    FROM (
        SELECT i.place, i.path, NULL AS owner, x.kpi_id, x.target, x.target_grain, x.phasing
        FROM kra_internal.document_cards(_document, _since) i
        JOIN kra.kpis k ON k.key = i.kpi_key
        JOIN kra_internal.role_kpis x ON x.result_area_id = i.result_area_id AND x.kpi_id = k.id
            AND x.effective_from <= i.effective_from AND i.effective_from < x.effective_until
        UNION ALL
        SELECT i.place, i.path, NULL, x.kpi_id, x.target, x.target_grain, x.phasing
        FROM kra_internal.document_items(_document) i
        JOIN kra.kpis k ON k.key = i.item->>'kpi'
        JOIN kra.subjects s ON s.key = i.item->>'subject'
        CROSS JOIN LATERAL (
            SELECT coalesce((i.item->>'effective_from')::date, _since) AS day
        ) d
        JOIN kra_internal.target_spans x ON x.subject_id = s.id AND x.kpi_id = k.id
            AND x.effective_from <= d.day AND d.day < x.effective_until
        WHERE i.part = 'target'
        UNION ALL
        -- another cadence or over_time, under targets that were there
        SELECT i.place,
               i.path || CASE WHEN i.item ? 'cadence' THEN '.cadence' ELSE '.over_time' END,
               x.owner, x.kpi_id, x.target, x.target_grain, x.phasing
        FROM kra_internal.document_kpis(_document) i
        JOIN kra.kpis k ON k.key = i.key
        JOIN (
            SELECT format('role "%s"', r.key) AS owner, c.kpi_id, c.effective_until, c.target,
                   c.target_grain, c.phasing
            FROM kra_internal.role_kpis c JOIN kra.job_roles r ON r.id = c.job_role_id
            WHERE c.is_active
            UNION ALL
            SELECT format('subject "%s"', s.key), t.kpi_id, t.effective_until, t.target,
                   t.target_grain, t.phasing
            FROM kra_internal.target_spans t JOIN kra.subjects s ON s.id = t.subject_id
        ) x ON x.kpi_id = k.id AND x.effective_until > _since
        WHERE i.item ? 'cadence' OR i.item ? 'over_time'
    ) c
    JOIN kra.kpis k ON k.id = c.kpi_id
    CROSS JOIN LATERAL kra_internal.period_fault(k.grid, k.over_time, c.target, c.target_grain,
                                                 c.phasing) w
    CROSS JOIN LATERAL (
        SELECT w.hint, CASE WHEN c.owner IS NULL THEN w.member END AS member,
               concat_ws(': ', 'does not go with the target of ' || c.owner, w.fault) AS fault
    ) p
    WHERE (c.target_grain IS NOT NULL OR c.phasing IS NOT NULL) AND w.fault IS NOT NULL
    ORDER BY c.owner NULLS FIRST, c.place LIMIT 1;
    IF FOUND THEN
        PERFORM kra_internal.document_refuse(concat_ws('.', f.path, f.member), f.fault, '23514',
                                             NULL, f.hint);
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.document_check_periods(jsonb, date) IS 'refuses a document, which is written already, by which a target is for no period that its KPI can have';
