#!/bin/sh
# From 0.1.0 to the version of this tree: a database of the old version is filled, upgraded by
# share/upgrade, and holds then what it held, and is what a fresh install makes. What is in the way is
# said, and nothing has changed then. The library serves the frozen script, too.
# Runs against the server of the environment (kra_with_server); prints what is wrong.
set -eu
cd "$(dirname "$0")/.."
PG_CONFIG=${PG_CONFIG:-pg_config}
bin=$("$PG_CONFIG" --bindir)
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-upgrade.XXXXXX")
unset PGOPTIONS PGDATABASE || :

bad=0
done=0
wrong() { bad=$((bad + 1)); printf 'WRONG: %s\n' "$*"; }
sql() { db=$1; shift; "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$db" "$@"; }
same() {   # what, file, file
    done=$((done + 1))
    cmp -s "$2" "$3" || { wrong "$1:"; diff "$2" "$3" | head -n 20; }
}

# One version stands in the control file, and the library carries it.
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" kra.control)
done=$((done + 1))
grep -q "^module_pathname = '\$libdir/kra-$version'\$" kra.control || wrong "module_pathname is not of version $version"

# The frozen script is not installed: here it is, served by the library of now.
stage=$KRA_TEMP/stage$("$PG_CONFIG" --sharedir)/extension
library=$KRA_TEMP/stage$("$PG_CONFIG" --pkglibdir)/kra-$version.so
cp sql/kra--0.1.0.sql "$stage"
echo "module_pathname = '\$libdir/kra-$version'" >"$stage/kra--0.1.0.control"
trap 'rm -rf "$dir" "$stage"/kra--0.1.0.sql "$stage"/kra--0.1.0.control' EXIT

# No C symbol of an old version is gone.
sed -n "s/.*'MODULE_PATHNAME', '\([a-z_0-9]*\)'.*/\1/p" sql/kra--0.1.0.sql | sort -u >"$dir/old"
grep -aoE 'pg_finfo_kra_[a-z_0-9]+' "$library" | sed 's/^pg_finfo_//' | sort -u >"$dir/new"
done=$((done + 1))
[ "$(wc -l <"$dir/old")" -gt 200 ] || wrong "the symbols of 0.1.0 are not found"
gone=$(comm -23 "$dir/old" "$dir/new" | tr '\n' ' ')
[ -z "$gone" ] || wrong "symbols of 0.1.0 are gone: $gone"

sql postgres -c 'CREATE ROLE kra_up_reader LOGIN' -c 'CREATE ROLE "kra up author" LOGIN' -c 'CREATE ROLE kra_up_admin LOGIN'
"$bin/createdb" -T template0 -E UTF8 kra_up
sql kra_up >"$dir/out" 2>&1 <<'END' || { wrong "the old version cannot be filled"; tail -n 3 "$dir/out"; exit 1; }
\set good `cat share/examples/good-company.json`
\set bad `cat share/examples/bad-company.json`
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE EXTENSION kra VERSION '0.1.0';
SELECT kra.grant_reader('kra_up_reader'), kra.grant_author('kra up author'), kra.grant_admin('kra_up_admin');
SELECT count(*) FROM kra.define(:'good');
INSERT INTO kra.objectives (key, name) VALUES ('up', 'Up'), ('down', 'Down');
UPDATE kra.objectives SET parent_id = (SELECT id FROM kra.objectives WHERE key = 'down') WHERE key = 'up';
INSERT INTO kra.subjects (key, name, kind, login) VALUES ('zoë', 'Zoë', 'person', 'kra_up_reader');
INSERT INTO kra.settings DEFAULT VALUES ON CONFLICT DO NOTHING;
INSERT INTO kra.rule_settings VALUES ('silo', true, 0.1);
INSERT INTO kra.measurements (kpi_id, subject_id, period_start, actual, recorded_at, source)
SELECT k.id, s.id, kra.grid_shift(k.grid, '2026-06-15', -n),
       (SELECT kra.actual_agg(hashint4(s.id * 1000 + n + i) / 7e8, kra.grid_shift(k.grid, '2026-06-15', -n) + i) FROM generate_series(0, s.id % 3) i),
       '2026-07-01 12:00+00', 'record'
FROM kra.kpis k, kra.subjects s, generate_series(0, 5) n WHERE s.kind = 'person' AND (s.id + k.id + n) % 4 > 0;
INSERT INTO kra.targets (kpi_id, subject_id, effective_from, target, provenance, note)
SELECT k.id, s.id, '2026-02-01', '>= 7.25 from 1.1 threshold 3.3 stretch 0.1e2', 'negotiated', E'it''s\n"fair"'
FROM kra.kpis k, kra.subjects s WHERE s.key = 'zoë' ON CONFLICT DO NOTHING;
INSERT INTO kra.benchmarks SELECT id, '2024-02-29', 0.1 + 0.2, 'x' FROM kra.kpis ON CONFLICT DO NOTHING;
INSERT INTO kra.acknowledgements (kpi_id, subject_id, acknowledged_at, acknowledged_by, target, comment)
SELECT kpi_id, subject_id, '2026-03-01 08:00+00', 'kra_up_reader', target, 'mine' FROM kra.targets WHERE note ~ 'fair';
INSERT INTO kra.check_ins (subject_id, kpi_id, objective_id, comment) SELECT id, 1, 1, E'well\\done 🙂' FROM kra.subjects WHERE kind = 'person';
SELECT kra.close_review(s.key, '2026-05', 'a "good" month') FROM kra.subjects s JOIN kra.placements p ON p.subject_id = s.id WHERE s.kind = 'person' AND p.job_role_id IS NOT NULL;
INSERT INTO kra.actions (review_id, subject_id, kpi_id, description, owner_id, due_on, done_on, outcome)
SELECT id, subject_id, 1, 'call more', subject_id, '2026-12-31', '2026-11-01', 'more' FROM kra.reviews;
INSERT INTO kra.milestones (objective_id, key, name, owner_id, completion) SELECT id, 'm1', 'First', 1, 0.25 FROM kra.objectives ON CONFLICT DO NOTHING;
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('stale', 'sales', 'it''s known', '2030-01-01');
SELECT kra.notify_due();
DELETE FROM kra.check_ins WHERE id = (SELECT max(id) FROM kra.check_ins);   -- a gap at the end of a sequence
END
empty=$(sql kra_up -c "SELECT format('SELECT %L WHERE NOT EXISTS (SELECT FROM %s)', relname, oid::regclass) FROM pg_class WHERE relnamespace = 'kra'::regnamespace AND relkind = 'r'" | sed 's/$/;/' | sql kra_up -f -)
[ -z "$empty" ] || wrong "nothing to lose in $empty"

# Rows by the columns of the old version, values as text; what moved is asked for where it is.
cat >"$dir/rows.sql" <<'END'
SET timezone = 'UTC';
SET search_path = pg_catalog;
CREATE TEMP TABLE cols AS
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace::regnamespace::text IN ('kra', 'kra_internal') AND c.relkind = 'r' AND c.relname NOT LIKE 'subject\_%'
  AND c.relname !~ '^(kept|line)_'
  AND (c.relname, a.attname) NOT IN (('kpis', 'drives_kpi_id'), ('objectives', 'parent_id'), ('subjects', 'is_confirmed'), ('definition_log', 'is_result'),
      ('acknowledgements', 'answer'), ('acknowledgements', 'counter_target'), ('acknowledgements', 'given_by'), ('acknowledgements', 'given_on'),
      ('kpis', 'grid'), ('measurements', 'grid'), ('settings', 'calendar'), ('settings', 'time_zone'), ('kpis', 'at_risk_from'), ('kpis', 'missing'),
      ('result_area_kpis', 'target_grain'), ('result_area_kpis', 'phasing'), ('targets', 'target_grain'), ('targets', 'phasing'))
  AND c.relname NOT IN ('kpi_drives', 'objective_parents', 'locks', 'move_consents');
SELECT format('SELECT %L, x::text FROM (SELECT %s FROM %s t %s) x ORDER BY x::text COLLATE "C"', c.relname, string_agg(format('t.%I::text', c.attname), ', ' ORDER BY c.attname),
              (SELECT oid::regclass FROM pg_class p WHERE p.relname = c.relname AND relnamespace::regnamespace::text IN ('kra', 'kra_internal') AND relkind = 'r'),
              CASE c.relname WHEN 'definition_log' THEN 'WHERE operation <> ''load''' ELSE '' END)
FROM cols c GROUP BY c.relname ORDER BY c.relname COLLATE "C" \gexec
SELECT format('SELECT %L, last_value, is_called FROM %s', relname, oid::regclass) FROM pg_class
WHERE relnamespace = 'kra'::regnamespace AND relkind = 'S' AND relname !~ '^move_consents' ORDER BY relname COLLATE "C" \gexec
END
sql kra_up -f "$dir/rows.sql" >"$dir/rows.before"
sql kra_up >>"$dir/rows.before" <<'END'
SELECT 'drives', id, drives_kpi_id FROM kra.kpis WHERE drives_kpi_id IS NOT NULL ORDER BY 2;
SELECT 'parent', id, parent_id FROM kra.objectives WHERE parent_id IS NOT NULL ORDER BY 2;
END

# ALTER EXTENSION says what to do.
done=$((done + 1))
if sql kra_up -c 'ALTER EXTENSION kra UPDATE' >"$dir/out" 2>&1; then wrong "ALTER EXTENSION updates after all"; fi
grep -q 'HINT:.*kra-0.1.0-to-0.2.0.sql' "$dir/out" || { wrong "ALTER EXTENSION says not what to do:"; cat "$dir/out"; }
# What is in the way is said, and nothing has changed.
upgrade() { "$bin/psql" -X -d kra_up -f share/upgrade/kra-0.1.0-to-0.2.0.sql >"$dir/out" 2>&1; }
sql kra_up -c 'CREATE TABLE public.goals (goal kra.kpi_target)' -c "INSERT INTO public.goals VALUES ('>= 5')" -c 'CREATE VIEW public.cards AS SELECT * FROM kra_bi.dim_kpi'
done=$((done + 1))
if upgrade; then wrong "it upgrades over objects of others"; fi
grep -q 'HINT:.*TYPE text' "$dir/out" && grep -q 'column goal of table public.goals' "$dir/out" || { wrong "no word on what is in the way:"; cat "$dir/out"; }
[ "$(sql kra_up -c "SELECT extversion FROM pg_extension WHERE extname = 'kra'")" = 0.1.0 ] || wrong "something has changed"
sql kra_up -c 'DROP VIEW public.cards' -c 'ALTER TABLE public.goals ALTER goal TYPE text'

upgrade || { wrong "it does not upgrade"; cat "$dir/out"; exit 1; }
sql kra_up -f "$dir/rows.sql" >"$dir/rows.after"
sql kra_up >>"$dir/rows.after" <<'END'
SELECT 'drives', kpi_id, drives_kpi_id FROM kra.kpi_drives ORDER BY 2;
SELECT 'parent', objective_id, parent_id FROM kra.objective_parents ORDER BY 2;
END
same "rows before and after" "$dir/rows.before" "$dir/rows.after"
[ "$(wc -l <"$dir/rows.before")" -gt 200 ] || wrong "few rows were compared"
sql kra_up -c 'ALTER TABLE public.goals ALTER goal TYPE kra.kpi_target USING goal::kra.kpi_target' -c "SELECT kra.grant_reader('kra_up_reader')" >"$dir/out"
sql kra_up -c 'SELECT db_role, kind FROM kra.role_grants ORDER BY 1, 2' >"$dir/a"
cat >"$dir/b" <<'END'
kra up author|author
kra up author|keeper
kra up author|reviewer
kra_up_admin|admin
kra_up_reader|reader
END
same "who was granted what" "$dir/b" "$dir/a"
# The lines are kept, as they are made from nothing.
sql kra_up >"$dir/a" <<'END'
SELECT count(*) > 0 FROM kra_internal.kept_lines;
SELECT d.as_of = kra_internal.today() FROM kra_internal.kept_days d;
CREATE TEMP TABLE lines AS TABLE kra_internal.kept_lines;
DELETE FROM kra_internal.kept_lines;
DELETE FROM kra_internal.kept_days;
SELECT kra.refresh() \g /dev/null
SELECT count(*) FROM ((TABLE lines EXCEPT TABLE kra_internal.kept_lines)
                      UNION ALL (TABLE kra_internal.kept_lines EXCEPT TABLE lines)) x;
END
printf 't\nt\n0\n' >"$dir/b"
same "kept lines" "$dir/b" "$dir/a"
# A row is added and logged with the next numbers.
done=$((done + 1))
[ "$(sql kra_up -c "INSERT INTO kra.subjects (key, name, kind) VALUES ('next', 'Next', 'person')" \
    -c "SELECT row_key FROM kra.definition_log WHERE id = (SELECT max(id) FROM kra.definition_log)")" = next ] || wrong "it does not go on"

# As a fresh install: members, definitions, columns, comments, owners, rights.
"$bin/createdb" -T template0 -E UTF8 kra_up_fresh
sql kra_up_fresh -c 'CREATE EXTENSION kra'
sql kra_up -c "SELECT kra.revoke_admin('kra_up_admin'), kra.revoke_author('kra up author')" \
    -c "SELECT kra.revoke_reader(r) FROM unnest('{kra_up_admin,kra up author,kra_up_reader}'::name[]) r" -o "$dir/out"
cat >"$dir/objects.sql" <<'END'
SET search_path = pg_catalog;
WITH member AS (
    SELECT d.classid, d.objid, i.type || ' ' || i.identity AS name FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kra')
)
SELECT * FROM (
    SELECT name, 'comment', obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) AS said FROM member
    UNION ALL
    SELECT name, 'function', concat(CASE WHEN p.prokind IN ('f', 'w') THEN pg_get_functiondef(p.oid) ELSE pg_get_function_result(p.oid) END, p.proowner::regrole,
           (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(p.proacl) x)) FROM member JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
    UNION ALL
    SELECT name, 'relation', concat(c.relkind, c.relowner::regrole, c.relrowsecurity, c.reloptions::text, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END,
           nullif((SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) x), ''))
    FROM member JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass
    UNION ALL
    SELECT name, 'column ' || a.attnum || a.attname, concat(format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(f.adbin, f.adrelid), col_description(a.attrelid, a.attnum), a.attacl)
    FROM member JOIN pg_attribute a ON a.attrelid = objid AND classid = 'pg_class'::regclass AND a.attnum > 0
    LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    UNION ALL
    SELECT name, 'constraint ' || conname, pg_get_constraintdef(c.oid) FROM member JOIN pg_constraint c ON c.conrelid = objid AND classid = 'pg_class'::regclass
    UNION ALL
    SELECT name, 'trigger ' || tgname, concat(pg_get_triggerdef(t.oid), t.tgenabled) FROM member JOIN pg_trigger t ON t.tgrelid = objid AND NOT tgisinternal AND classid = 'pg_class'::regclass
    UNION ALL
    SELECT name, 'index', pg_get_indexdef(i.indexrelid) FROM member JOIN pg_index i ON i.indrelid = objid AND classid = 'pg_class'::regclass
    UNION ALL
    SELECT name, 'policy ' || polname, concat(polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM member JOIN pg_policy p ON p.polrelid = objid AND classid = 'pg_class'::regclass
    UNION ALL
    SELECT name, 'schema', concat(nspowner::regrole, nspacl) FROM member JOIN pg_namespace n ON n.oid = objid AND classid = 'pg_namespace'::regclass
    UNION ALL
    SELECT name, 'dumped', (array_position(extconfig, objid) > 0)::text FROM member, pg_extension WHERE extname = 'kra' AND classid = 'pg_class'::regclass
) x ORDER BY 1, 2, 3;
END
sql kra_up -f "$dir/objects.sql" >"$dir/a"
sql kra_up_fresh -f "$dir/objects.sql" >"$dir/b"
same "upgraded and fresh" "$dir/b" "$dir/a"
[ "$(wc -l <"$dir/b")" -gt 2000 ] || wrong "few objects were compared"

sql postgres -c 'DROP DATABASE kra_up' -c 'DROP DATABASE kra_up_fresh' -c 'DROP ROLE kra_up_reader, "kra up author", kra_up_admin'
printf '%s things compared, %s wrong\n' "$done" "$bad"
[ "$bad" -eq 0 ]
