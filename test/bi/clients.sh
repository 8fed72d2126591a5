# Sourced by the checks of clients, from the root of the checkout: a database with the data of
# data.sql, and in $dir, for each reader (north, south), a directory of what is to be read, each
# file as COPY writes it. It is made with SQL, as a superuser who takes the role of the reader.
#   cells      view, row_key, column, value       every value of every view
#   columns    view, number, column, type, comment; number 0: the view
#   totals     status, rows, targets met, average attainment     of kpi_results
#   base       table, rows                        of the tables that row-level security guards
#   hidden     names and keys of subjects that the reader must not see
#   login      the reader
#   filters    there for the one reader as whom to filter by each column
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/kra-bi.XXXXXX")
kra_bi_clean() {
    status=$?
    trap - EXIT
    psql -XqAt -d postgres -c 'DROP DATABASE IF EXISTS kra_bi_clients WITH (FORCE)' -c 'DROP ROLE IF EXISTS kra_bi_north' -c 'DROP ROLE IF EXISTS kra_bi_south' 2>/dev/null || :
    rm -rf "$dir"
    exit "$status"
}
trap kra_bi_clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# what a session of the caller's would change
unset PGOPTIONS PGTZ PGDATESTYLE PGCLIENTENCODING || :
export PGDATABASE=kra_bi_clients
KRA_BI_PASSWORD="k'\"r a;{1}$$"
export KRA_BI_PASSWORD

kra_bi_sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
kra_bi_sql -d postgres -c 'CREATE DATABASE kra_bi_clients TEMPLATE template0 ENCODING UTF8'
kra_bi_sql -v password="$KRA_BI_PASSWORD" -f test/bi/data.sql

# All values of these views, as COPY (...) TO STDOUT; the condition is one on the alias v.
kra_bi_cells() {   # where, views
    where=$1
    shift
    for view in "$@"; do
        echo "COPY (SELECT '$view', v.row_key, c.key, c.value FROM kra_bi.$view v, jsonb_each_text(to_jsonb(v)) c WHERE $where ORDER BY v.row_key COLLATE \"C\", c.key COLLATE \"C\") TO STDOUT;"
    done
}
kra_bi_views=$(kra_bi_sql -c "SELECT relname FROM pg_class WHERE relnamespace = 'kra_bi'::regnamespace ORDER BY relname COLLATE \"C\"")
for reader in north south; do
    mkdir "$dir/$reader"
    echo "kra_bi_$reader" >"$dir/$reader/login"
    # the reader's subjects, by the table of placements and no function of kra
    kra_bi_sql >"$dir/tree" <<END
WITH RECURSIVE tree (id) AS (
    SELECT id FROM kra.subjects WHERE login = 'kra_bi_$reader'
    UNION SELECT p.subject_id FROM tree t JOIN kra.placements p ON p.parent_id = t.id
) SELECT string_agg(id::text, ',') FROM tree
END
    tree=$(cat "$dir/tree")
    # shellcheck disable=SC2086
    { echo "SET timezone = 'UTC'; SET ROLE kra_bi_$reader;"; kra_bi_cells true $kra_bi_views; } | kra_bi_sql >"$dir/$reader/cells"
    kra_bi_sql >"$dir/$reader/columns" <<END
COPY (SELECT c.relname, coalesce(a.attnum, 0), a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class'))
      FROM pg_class c LEFT JOIN (SELECT attrelid, attnum, attname, atttypid, atttypmod FROM pg_attribute WHERE attnum > 0 UNION ALL SELECT oid, NULL, NULL, NULL, NULL FROM pg_class) a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'kra_bi'::regnamespace ORDER BY 1, 2) TO STDOUT
END
    kra_bi_sql >"$dir/$reader/totals" <<END
COPY (SELECT status, count(*), sum(on_target_count), avg(attainment_pct) FROM kra_bi.kpi_results v JOIN kra.subjects s ON s.key = v.subject_key WHERE s.id IN ($tree) GROUP BY 1 ORDER BY 1) TO STDOUT
END
    for table in measurements targets placements reviews actions check_ins; do
        kra_bi_sql -c "COPY (SELECT '$table', count(*) FROM kra.$table WHERE subject_id IN ($tree)) TO STDOUT"
    done >"$dir/$reader/base"
    kra_bi_sql >>"$dir/$reader/base" -c "COPY (SELECT 'subjects', count(*) FROM kra.subjects WHERE id IN ($tree)) TO STDOUT"
    kra_bi_sql >"$dir/$reader/hidden" -c "COPY (SELECT unnest(ARRAY[key, name]) FROM kra.subjects WHERE id NOT IN ($tree) AND kind <> 'company') TO STDOUT"
    # what psql reads as the reader is what the owner reads of the reader's subjects: all of it, but
    # for the names above them
    facts='kpi_results kra_results scorecards imbalances'
    # shellcheck disable=SC2086
    { echo "SET timezone = 'UTC';"; kra_bi_cells "v.subject_key IN (SELECT key FROM kra.subjects WHERE id IN ($tree)) AND c.key NOT IN ('subject_path', 'parent_key', 'parent_name')" $facts; } |
        kra_bi_sql | sort >"$dir/owner"
    awk -F '\t' -v facts=" $facts " 'index(facts, " " $1 " ") && $3 !~ /^(subject_path|parent_key|parent_name)$/' "$dir/$reader/cells" | sort >"$dir/reader"
    if [ ! -s "$dir/owner" ] || ! cmp -s "$dir/owner" "$dir/reader"; then
        echo "WRONG: $reader sees something else than the owner of the same subjects"
        diff "$dir/owner" "$dir/reader" | head -n 20 | cut -c 1-200
        exit 1
    fi
done
: >"$dir/north/filters"
