-- What to type next.
\echo ' What to type next'
\echo ' -----------------'
\echo '  On a PostgreSQL server of your own (15 to 18, with its -dev package):'
\echo
\echo '      make && sudo make install                          build and install for the pg_config in the PATH'
\echo '      createdb kra_try'
\echo '      PGDATABASE=kra_try demo/demo.sh                    this demo once more, there to stay'
\echo '      psql kra_try'
\echo
\echo '  and in it:'
\echo
\echo '      SELECT kra.context(35, ''>= 40'', 30, ''%'', ''last month'');'
\echo '      SELECT * FROM kra.assess(35, ''>= 40 from 30'');'
\echo '      SELECT * FROM kra_demo.org_results WHERE org_code = ''RRK'';'
\echo '      SELECT * FROM kra_demo.busy_not_moving WHERE again ORDER BY busier DESC;'
\echo '      SELECT period_label, subject_name, score_text FROM kra_bi.scorecards WHERE period_grain = ''year'';'
\echo '      SELECT kra.definition(''kra_demo_provider'');        a role as a document again'
\echo
\echo '  When done (it removes the demo and what it defined, and refuses where there is anything else):'
\echo
\echo '      psql kra_try -f demo/remove.sql'
\echo
\echo '  With your own facts, it starts with CREATE EXTENSION kra; and the "Five-minute start" of README.md.'
\echo '  Every query of this demo is in demo/*.sql, with the reasons for it.'
\echo
