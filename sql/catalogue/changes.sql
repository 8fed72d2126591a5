-- What a document would change, asked of the tables without writing: for a server that cannot write
-- (a hot standby, a read-only transaction), where kra.define cannot try it out. What stands there
-- and what would are said by the members of documents, keys and not ids; places in the order of a card
-- are left out, and what several entries from different days on do together is not worked out.

CREATE FUNCTION kra_internal.document_part(_item jsonb, _members text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(_item) e
           WHERE e.key = ANY (_members);
END;
COMMENT ON FUNCTION kra_internal.document_part(jsonb, text[]) IS 'these members of an object, as far as it has them';

CREATE FUNCTION kra_internal.document_changes_of_things(_document jsonb)
RETURNS TABLE (n integer, place bigint[], object text, row_key text, before jsonb, after jsonb,
               is_new boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 1, i.place, 'settings', 'settings', to_jsonb(f),
           jsonb_build_object('fiscal_year_start_month', 1, 'week_start', 1, 'calendar',
                              'months', 'time_zone', 'UTC', 'min_coverage', 0.5,
                              'min_group_size', 5,
                              'show_groups_above', false, 'history_periods', 24, 'review_cadence',
                              'month', 'check_in_days', 14)
           || to_jsonb(f)
           || (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(i.item) e
                              WHERE e.value <> 'null' OR e.key = 'sees_all_role'),
           NOT EXISTS (SELECT FROM kra.settings)
    FROM kra_internal.document_items(_document) i
    CROSS JOIN kra_internal.settings_in_force f
    WHERE i.part = 'settings'
    UNION ALL
    SELECT 2, i.place, 'subjects', i.item->>'key', to_jsonb(s),
           kra_internal.document_part(i.item, '{key,name,kind,login}'), s.id IS NULL
    FROM kra_internal.document_items(_document) i
    LEFT JOIN kra.subjects s ON s.key = i.item->>'key'
    WHERE i.part = 'subject'
    UNION ALL
    SELECT 3, i.place, 'job_roles', i.item->>'key', to_jsonb(r),
           kra_internal.document_part(i.item, '{key,name,purpose,level}'), r.id IS NULL
    FROM kra_internal.document_items(_document) i
    LEFT JOIN kra.job_roles r ON r.key = i.item->>'key'
    WHERE i.part = 'role'
    UNION ALL
    SELECT 5, i.place, 'objectives', i.item->>'key',
           to_jsonb(o) || jsonb_build_object('subject', s.key),
           kra_internal.document_part(i.item, '{key,name,description,subject,starts_on,due_on}'),
           o.id IS NULL
    FROM kra_internal.document_items(_document) i
    LEFT JOIN kra.objectives o ON o.key = i.item->>'key'
    LEFT JOIN kra.subjects s ON s.id = o.subject_id
    WHERE i.part = 'objective'
    UNION ALL
    SELECT 6, i.place, 'objective_parents', i.item->>'key',
           CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('parent', p.key) END,
           CASE WHEN i.item->>'parent' IS NOT NULL THEN jsonb_build_object('parent',
               i.item->'parent') END, p.id IS NULL
    FROM kra_internal.document_items(_document) i
    LEFT JOIN kra.objectives o ON o.key = i.item->>'key'
    LEFT JOIN kra.objective_parents op ON op.objective_id = o.id
    LEFT JOIN kra.objectives p ON p.id = op.parent_id
    WHERE i.part = 'objective' AND i.item ? 'parent'
    UNION ALL
    SELECT 7, m.place, 'milestones', concat_ws(' / ', m.objective_key, m.key), to_jsonb(x),
           jsonb_build_object('key', m.key, 'name', m.name, 'weight', m.weight, 'owner_id',
                              m.owner_id, 'due_on', m.due_on,
                              'completion', m.completion, 'completed_on', m.completed_on),
                              m.id IS NULL
    FROM kra_internal.document_milestone_rows(_document) m LEFT JOIN kra.milestones x ON x.id = m.id
    UNION ALL
    SELECT 11, a.place, 'result_areas', concat_ws(' / ', a.role_key, a.key), to_jsonb(x),
           jsonb_build_object('key', a.key)
           || kra_internal.document_part(a.item, '{name,perspective,scope,description}'),
           a.result_area_id IS NULL
    FROM kra_internal.document_kras(_document) a
    LEFT JOIN kra.result_areas x ON x.id = a.result_area_id;
END;
COMMENT ON FUNCTION kra_internal.document_changes_of_things(jsonb) IS 'settings, subjects, roles, objectives, milestones and KRAs of a document, as they stand and as it says';

CREATE FUNCTION kra_internal.document_changes_of_kpis(_document jsonb, _since date)
RETURNS TABLE (n integer, place bigint[], object text, row_key text, before jsonb, after jsonb,
               is_new boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 8, k.place, 'kpis', k.key, to_jsonb(x) || jsonb_build_object('objective', o.key),
           to_jsonb(k) - '{path,place,id,objective_id}'::text[]
           || kra_internal.document_part(d.item, '{objective}'), k.id IS NULL
    FROM kra_internal.document_kpi_rows(_document) k
    JOIN kra_internal.document_kpis(_document) d ON d.path = k.path
    LEFT JOIN kra.kpis x ON x.id = k.id LEFT JOIN kra.objectives o ON o.id = x.objective_id
    UNION ALL
    SELECT 9, coalesce(w.place, t.place), 'kpi_drives',
           concat_ws(' / ', coalesce(w.kpi_key, t.kpi_key), coalesce(w.drives_key, t.drives_key)),
           CASE WHEN t.kpi_key IS NOT NULL THEN jsonb_build_object('drives', t.drives_key) END,
           CASE WHEN w.kpi_key IS NOT NULL THEN jsonb_build_object('drives', w.drives_key) END,
           t.kpi_key IS NULL
    FROM (SELECT * FROM kra_internal.document_drives(_document)) w
    FULL JOIN (
        SELECT DISTINCT i.key AS kpi_key, o.key AS drives_key,
               min(i.place) OVER (PARTITION BY i.key) AS place
        FROM kra_internal.document_kpis(_document) i
        JOIN kra.kpis k ON k.key = i.key
        JOIN kra.kpi_drives d ON d.kpi_id = k.id
        JOIN kra.kpis o ON o.id = d.drives_kpi_id
        WHERE i.item ? 'drives'
    ) t ON t.kpi_key = w.kpi_key AND t.drives_key = w.drives_key
    UNION ALL
    SELECT 10, i.place, 'kpi_owners', concat_ws(' / ', i.key, d.day),
           CASE WHEN x.kpi_id IS NOT NULL THEN jsonb_build_object('owner', s.key) END,
           jsonb_build_object('owner', i.item->'owner'), x.effective_from IS DISTINCT FROM d.day
    FROM (SELECT DISTINCT ON (k.key) * FROM kra_internal.document_kpis(_document) k ORDER BY k.key,
          k.place) i
    CROSS JOIN LATERAL (SELECT coalesce((i.item->>'owner_from')::date, _since) AS day) d
    LEFT JOIN kra.kpis k ON k.key = i.key
    LEFT JOIN LATERAL (SELECT * FROM kra.kpi_owners y WHERE y.kpi_id = k.id
                       AND y.effective_from <= d.day ORDER BY y.effective_from DESC LIMIT 1) x
                       ON true
    LEFT JOIN kra.subjects s ON s.id = x.subject_id
    WHERE i.item ? 'owner' AND (x.kpi_id IS NOT NULL OR i.item->>'owner' IS NOT NULL)
    UNION ALL
    SELECT 14, i.place, 'benchmarks', concat_ws(' / ', i.item->>'kpi', d.day), to_jsonb(x),
           kra_internal.document_part(i.item, '{value,source}'),
           x.effective_from IS DISTINCT FROM d.day
    FROM kra_internal.document_items(_document) i
    CROSS JOIN LATERAL (SELECT coalesce((i.item->>'effective_from')::date, _since) AS day) d
    LEFT JOIN kra.kpis k ON k.key = i.item->>'kpi'
    LEFT JOIN LATERAL (SELECT * FROM kra.benchmarks y WHERE y.kpi_id = k.id
                       AND y.effective_from <= d.day ORDER BY y.effective_from DESC LIMIT 1) x
                       ON true
    WHERE i.part = 'benchmark';
END;
COMMENT ON FUNCTION kra_internal.document_changes_of_kpis(jsonb, date) IS 'KPIs of a document, with what they drive, their owners and benchmarks, as they stand and as it says';

CREATE FUNCTION kra_internal.document_changes_of_people(_document jsonb, _since date)
RETURNS TABLE (n integer, place bigint[], object text, row_key text, before jsonb, after jsonb,
               is_new boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 4, i.place, 'placements', concat_ws(' / ', i.item->>'key', d.day),
           CASE WHEN x.subject_id IS NOT NULL THEN jsonb_build_object('parent', p.key, 'role',
               r.key, 'is_active', x.is_active)
                WHEN y.has_any
                AND NOT i.item ?| '{parent,role,is_active}' THEN '{"is_active": true}' END,
           '{"is_active": true}' || CASE
           WHEN x.subject_id IS NOT NULL THEN jsonb_build_object('is_active', x.is_active)
           ELSE '{}' END
           || kra_internal.document_part(jsonb_strip_nulls(i.item), '{is_active}')
           || kra_internal.document_part(i.item, '{parent,role}'),
           x.effective_from IS DISTINCT FROM d.day
    FROM kra_internal.document_items(_document) i
    CROSS JOIN LATERAL (SELECT coalesce((i.item->>'effective_from')::date, _since) AS day) d
    LEFT JOIN kra.subjects s ON s.key = i.item->>'key'
    LEFT JOIN LATERAL (SELECT * FROM kra.placements y WHERE y.subject_id = s.id
                       AND y.effective_from <= d.day ORDER BY y.effective_from DESC LIMIT 1) x
                       ON true
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM kra.placements z
                                       WHERE z.subject_id = s.id) AS has_any) y
    LEFT JOIN kra.subjects p ON p.id = x.parent_id LEFT JOIN kra.job_roles r ON r.id = x.job_role_id
    WHERE i.part = 'subject'
    UNION ALL
    SELECT 12, c.place, 'result_area_kpis',
           concat_ws(' / ', c.role_key, c.kra_key, c.kpi_key, c.effective_from),
           to_jsonb(x) || jsonb_build_object('target', x.target::text),
           jsonb_build_object('is_active', c.is_active)
           || kra_internal.document_part(c.item, '{provenance}')
           || CASE WHEN c.item ?| '{target_grain,phasing}' OR x.target_grain IS NOT NULL
                   THEN jsonb_build_object('target_grain', a.target_grain, 'phasing', a.phasing)
                   ELSE '{}' END
           || CASE WHEN c.item ? 'weight' THEN jsonb_build_object('weight',
               coalesce(nullif(c.item->'weight', 'null'), '1')) ELSE '{}' END
           || CASE WHEN c.item ? 'target' THEN jsonb_build_object('target',
               nullif(c.item->'target', 'null')::kra.kpi_target::text) ELSE '{}' END,
           x.effective_from IS DISTINCT FROM c.effective_from
    FROM kra_internal.document_cards(_document, _since) c
    LEFT JOIN kra.kpis k ON k.key = c.kpi_key
    LEFT JOIN LATERAL (SELECT * FROM kra.result_area_kpis y
                       WHERE y.result_area_id = c.result_area_id AND y.kpi_id = k.id
                           AND y.effective_from <= c.effective_from
                       ORDER BY y.effective_from DESC LIMIT 1) x ON true
    CROSS JOIN LATERAL kra_internal.document_aim(c.item, x.target, x.target_grain, x.phasing) a
    UNION ALL
    -- what is no longer listed is taken off
    SELECT 12, w.place, 'result_area_kpis',
           concat_ws(' / ', r.key, a.key, k.key, w.effective_from), '{"is_active": true}',
           '{"is_active": false}',
           NOT EXISTS (SELECT FROM kra.result_area_kpis y WHERE y.result_area_id = w.result_area_id
                       AND y.kpi_id = w.kpi_id AND y.effective_from = w.effective_from)
    FROM kra_internal.document_card_rows(_document, _since) w
    JOIN kra.result_areas a ON a.id = w.result_area_id
    JOIN kra.job_roles r ON r.id = a.job_role_id
    JOIN kra.kpis k ON k.id = w.kpi_id
    WHERE NOT w.is_active
        AND NOT EXISTS (SELECT FROM kra_internal.document_cards(_document, _since) c
                        WHERE c.result_area_id = w.result_area_id AND c.kpi_key = k.key)
    UNION ALL
    SELECT 13, i.place, 'targets', concat_ws(' / ', i.item->>'kpi', i.item->>'subject', d.day),
           to_jsonb(x) || jsonb_build_object('target', x.target::text),
           kra_internal.document_part(i.item, '{provenance,note}')
           || CASE WHEN i.item ?| '{target_grain,phasing}' OR x.target_grain IS NOT NULL
                   THEN jsonb_build_object('target_grain', a.target_grain, 'phasing', a.phasing)
                   ELSE '{}' END
           || CASE WHEN i.item ? 'target' THEN jsonb_build_object('target',
               nullif(i.item->'target', 'null')::kra.kpi_target::text) ELSE '{}' END,
           x.effective_from IS DISTINCT FROM d.day
    FROM kra_internal.document_items(_document) i
    CROSS JOIN LATERAL (SELECT coalesce((i.item->>'effective_from')::date, _since) AS day) d
    LEFT JOIN kra.kpis k ON k.key = i.item->>'kpi'
    LEFT JOIN kra.subjects s ON s.key = i.item->>'subject'
    LEFT JOIN LATERAL (SELECT * FROM kra.targets y WHERE y.kpi_id = k.id AND y.subject_id = s.id
                       AND y.effective_from <= d.day
                       ORDER BY y.effective_from DESC LIMIT 1) x ON true
    CROSS JOIN LATERAL kra_internal.document_aim(i.item, x.target, x.target_grain, x.phasing) a
    WHERE i.part = 'target';
END;
COMMENT ON FUNCTION kra_internal.document_changes_of_people(jsonb, date) IS 'places of the subjects of a document, cards of its roles, and targets, as they stand and as it says';

CREATE FUNCTION kra_internal.document_changes(_document jsonb, _since date)
RETURNS TABLE (operation text, object text, row_key text, before jsonb, after jsonb)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN c.after IS NULL THEN 'delete' WHEN c.is_new THEN 'insert' ELSE 'update' END,
           c.object, c.row_key,
           (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(c.before) e
            WHERE coalesce(c.after, c.before) ? e.key), c.after
    FROM (
        SELECT * FROM kra_internal.document_changes_of_things(_document)
        UNION ALL SELECT * FROM kra_internal.document_changes_of_kpis(_document, _since)
        UNION ALL SELECT * FROM kra_internal.document_changes_of_people(_document, _since)
    ) c
    WHERE (c.before IS NULL) <> (c.after IS NULL) OR c.before || c.after <> c.before
    ORDER BY c.n, c.place, c.row_key COLLATE "C";
END;
COMMENT ON FUNCTION kra_internal.document_changes(jsonb, date) IS 'what a document would change from a day on, as far as reading tells';
