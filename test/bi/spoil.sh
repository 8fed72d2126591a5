#!/bin/sh
# The contract of kra_bi (contract.sql) is broken by a view that is spoiled: each way once, in a
# database of its own, of the server of the environment. Prints what was not reported, or reported besides.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-spoil.XXXXXX")
trap 'rm -rf "$dir"; psql -XqAt -d postgres -c "DROP DATABASE IF EXISTS kra_spoil" -c "DROP ROLE IF EXISTS kra_bi_north" -c "DROP ROLE IF EXISTS kra_bi_south" 2>/dev/null' EXIT
unset PGOPTIONS PGTZ PGDATESTYLE PGDATABASE || :
export PGOPTIONS='-c client_min_messages=warning'
sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d kra_spoil "$@"; }

tried=0
wrong=0
# How it is spoiled, then the breaches that this is, a line each: view|column|breach
spoil() {
    tried=$((tried + 1))
    { echo 'BEGIN;'; echo "$1"; echo '\i test/bi/contract.sql'; echo 'ROLLBACK;'; } >"$dir/sql"
    sql -f "$dir/sql" >"$dir/out" 2>&1 || :
    sed '$d' "$dir/out" | sort >"$dir/found"   # less the line of counts
    printf '%s\n' "$2" | sed '/^$/d' | sort >"$dir/wanted"
    if ! cmp -s "$dir/found" "$dir/wanted"; then
        wrong=$((wrong + 1))
        printf 'WRONG: %s\n' "$1"
        diff "$dir/wanted" "$dir/found" | cut -c 1-200
    fi
}

psql -X -q -d postgres -v ON_ERROR_STOP=1 -c 'CREATE DATABASE kra_spoil TEMPLATE template0'
sql -v password=kra -f test/bi/data.sql
sql <<'END'
CREATE SCHEMA spoil;
-- puts a view beside, and makes it again with other columns: those of the original, each as
-- "changes" has it (NULL: left out), in the order of "places", and then "more"
CREATE PROCEDURE spoil.view(view name, changes jsonb DEFAULT '{}', first text[] DEFAULT '{}', more text DEFAULT NULL, of_rows text DEFAULT '') LANGUAGE plpgsql AS $$
DECLARE
    list text;
    c record;
BEGIN
    EXECUTE format('ALTER VIEW kra_bi.%I SET SCHEMA spoil', view);
    SELECT string_agg(CASE WHEN changes ? attname THEN changes->>attname ELSE quote_ident(attname) END, ', ' ORDER BY array_position(first, attname::text), attnum) INTO list
    FROM pg_attribute WHERE attrelid = format('spoil.%I', view)::regclass AND attnum > 0 AND (NOT changes ? attname OR changes->>attname IS NOT NULL);
    EXECUTE format('CREATE VIEW kra_bi.%I WITH (security_invoker = true) AS SELECT %2$s FROM spoil.%1$I %3$s', view, concat_ws(', ', list, more), of_rows);
    EXECUTE format('COMMENT ON VIEW kra_bi.%I IS %L', view, obj_description(format('spoil.%I', view)::regclass, 'pg_class'));
    FOR c IN SELECT n.attname, col_description(o.attrelid, o.attnum) AS description FROM pg_attribute o JOIN pg_attribute n USING (attname)
             WHERE o.attrelid = format('spoil.%I', view)::regclass AND n.attrelid = format('kra_bi.%I', view)::regclass AND o.attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN kra_bi.%I.%I IS %L', view, c.attname, c.description);
    END LOOP;
END $$;
END

# as it is, and made again as it was
spoil '' ''
[ "$(tail -n 1 "$dir/out" | tr '|' '\n' | grep -c '^[1-9][0-9]*$')" -eq 4 ] || { wrong=$((wrong + 1)); echo 'WRONG: nothing is looked at'; cat "$dir/out"; }
spoil "CALL spoil.view('scorecards');" ''

# types
spoil "CALL spoil.view('scorecards', '{\"status\": \"status::kra.kpi_status AS status\"}');" '
scorecards|status|is of type kra.kpi_status
scorecards|status|of type text in the list, now kra.kpi_status'
spoil "CALL spoil.view('kpi_results', '{\"weight_value\": \"weight_value::numeric AS weight_value\"}');" '
kpi_results|weight_value|has another name than its type asks for: numeric
kpi_results|weight_value|is of type numeric
kpi_results|weight_value|of type double precision in the list, now numeric'
spoil "CALL spoil.view('kpi_results', '{\"is_stale\": \"is_stale::integer AS is_stale\"}');" '
kpi_results|is_stale|has another name than its type asks for: integer
kpi_results|is_stale|of type boolean in the list, now integer'
# values
spoil "CALL spoil.view('kpi_results', '{\"attainment_pct\": \"CASE WHEN attainment_pct > 1 THEN ''NaN'' ELSE attainment_pct END AS attainment_pct\"}');" "
kpi_results|attainment_pct|$(sql -c "SELECT count(*) FILTER (WHERE attainment_pct > 1) || ' of ' || count(attainment_pct) FROM kra_bi.kpi_results") values NaN or infinite"
spoil "CALL spoil.view('scorecards', '{\"score_value\": \"-''infinity''::float8 AS score_value\"}');" "
scorecards|score_value|$(sql -c "SELECT count(*) || ' of ' || count(*) FROM kra_bi.scorecards") values NaN or infinite"
spoil "CALL spoil.view('due', '{\"due_date\": \"date ''infinity'' AS due_date\"}');" "
due|due_date|$(sql -c "SELECT count(*) || ' of ' || count(*) FROM kra_bi.due") values NaN or infinite"
spoil "CALL spoil.view('scorecards', '{\"coverage_pct\": \"100 * coverage_pct AS coverage_pct\"}');" "
scorecards|coverage_pct|$(sql -c "SELECT format('%s of %s values outside 0 to 1: %s', count(*) FILTER (WHERE coverage_pct > 0.01), count(coverage_pct), min((100 * coverage_pct)::text) FILTER (WHERE coverage_pct > 0.01)) FROM kra_bi.scorecards")"
spoil "CALL spoil.view('scorecards', '{\"kpi_count\": \"-1 AS kpi_count\"}');" "
scorecards|kpi_count|$(sql -c "SELECT count(*) || ' of ' || count(*) FROM kra_bi.scorecards") values outside 0 to any: -1"
spoil "CALL spoil.view('dim_kpi', '{\"description\": \"(1 / (length(description) - length(description)))::text AS description\"}');" '
dim_kpi||cannot be read: division by zero'
# keys
spoil "CALL spoil.view('dim_kpi', of_rows => 'UNION ALL SELECT * FROM spoil.dim_kpi');" "
dim_kpi|row_key|$(sql -c 'SELECT count(*) FROM kra_bi.dim_kpi') rows have the key of another
dim_kpi||$(sql -c 'SELECT count(*) FROM kra_bi.dim_kpi') rows have the same kpi_key as another"
spoil "CALL spoil.view('dim_kpi', '{\"row_key\": \"''x''::text AS row_key\"}');" "
dim_kpi|row_key|$(sql -c 'SELECT count(*) - 1 FROM kra_bi.dim_kpi') rows have the key of another"
spoil "CALL spoil.view('dim_kpi', '{\"row_key\": \"nullif(row_key, ''revenue'') AS row_key\"}');" '
dim_kpi|row_key|1 rows have no key'
# columns
spoil "CALL spoil.view('dim_period', '{\"day_count\": \"day_count AS days_count\"}'); COMMENT ON COLUMN kra_bi.dim_period.days_count IS 'days';" '
dim_period|day_count|column 11 of the list is days_count now'
spoil "CALL spoil.view('dim_period', first => '{row_key,period_grain,period_label,period_start,period_end,is_latest,is_complete,fiscal_quarter_label,fiscal_year_label}');" '
dim_period|fiscal_quarter_label|column 9 of the list is fiscal_year_label now
dim_period|fiscal_year_label|column 8 of the list is fiscal_quarter_label now'
spoil "CALL spoil.view('dim_period', '{\"period_rank\": null}');" '
dim_period|period_rank|column 12 of the list is gone'
spoil "CALL spoil.view('dim_period', more => '1 AS week_count'); COMMENT ON COLUMN kra_bi.dim_period.week_count IS 'weeks';" '
dim_period|week_count|stands not in the list: append it to columns.sql'
spoil "CALL spoil.view('dim_period', more => '0.1::float8 AS ready_pct'); COMMENT ON COLUMN kra_bi.dim_period.ready_pct IS 'ready';" '
dim_period|ready_pct|has no bounds: append them to columns.sql
dim_period|ready_pct|stands not in the list: append it to columns.sql'
spoil "ALTER VIEW kra_bi.dim_period RENAME COLUMN row_key TO \"rowKey\";" '
dim_period|rowKey|has a name that needs quotes
dim_period|row_key|column 1 of the list is rowKey now
dim_period|row_key|is not the first column, of type text'
spoil "ALTER VIEW kra_bi.dim_period RENAME COLUMN month_number TO month;" '
dim_period|month_number|column 10 of the list is month now
dim_period|month|has the name of a keyword'
# comments
spoil "COMMENT ON COLUMN kra_bi.scorecards.status IS NULL;" '
scorecards|status|has no comment'
spoil "COMMENT ON VIEW kra_bi.scorecards IS NULL;" '
scorecards||has no comment'
spoil "COMMENT ON VIEW kra_bi.scorecards IS 'a row per subject and period';" '
scorecards||has a comment that states no key'
spoil "COMMENT ON VIEW kra_bi.scorecards IS 'a row per subject and period; key: subject_key, month';" '
scorecards||has not the key of its comment: subject_key, month'
spoil "CALL spoil.view('data_dictionary', of_rows => 'WHERE row_key <> ''scorecards.status''');" '
scorecards|status|is not in the dictionary'
# views
spoil "ALTER VIEW kra_bi.scorecards SET (security_invoker = false);" '
scorecards||does not run with the rights of who reads it'
spoil "CREATE TABLE kra_bi.notes AS SELECT 'a'::text AS row_key; COMMENT ON TABLE kra_bi.notes IS 'notes; key: row_key'; COMMENT ON COLUMN kra_bi.notes.row_key IS 'key';" '
notes|row_key|is not in the dictionary
notes|row_key|stands not in the list: append it to columns.sql
notes||is no view
notes||is not in the dictionary'
spoil "ALTER VIEW kra_bi.imbalances RENAME TO steps;" "$(sql -c "SELECT x FROM (SELECT 'imbalances|' || column_name || '|the view of the list is gone' AS x FROM kra_bi.data_dictionary WHERE view_name = 'imbalances' AND column_name IS NOT NULL
    UNION ALL SELECT 'steps|' || column_name || '|stands not in the list: append it to columns.sql' FROM kra_bi.data_dictionary WHERE view_name = 'imbalances' AND column_name IS NOT NULL) x ORDER BY x COLLATE \"C\"")"

printf '%s ways to spoil a view tried, %s not as they should be\n' "$tried" "$wrong"
[ "$wrong" -eq 0 ]
