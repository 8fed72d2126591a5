#!/usr/bin/python3
"""Reads kra_bi by ODBC (psqlodbc, unixODBC, pyodbc), with no data source configured. Called by drivers.sh."""
import datetime

import pyodbc

from clients import Wanted

w = Wanted()
# BoolsAsChar: booleans as booleans; else they come as the texts 0 and 1
options = {"DRIVER": "{PostgreSQL Unicode}", "SERVERNAME": w.host, "PORT": w.port, "DATABASE": w.database,
           "UID": w.login, "PWD": "{" + w.password.replace("}", "}}") + "}", "BOOLSASCHAR": "0"}
db = pyodbc.connect(";".join(f"{k}={v}" for k, v in options.items()), autocommit=True)
cursor = db.cursor()

# the list of views, and their columns with types; comments come from the dictionary
w.same("views", sorted(t.table_name for t in cursor.tables(schema="kra_bi", tableType="VIEW")), sorted(w.views))
TYPES = {"text": pyodbc.SQL_WLONGVARCHAR, "integer": pyodbc.SQL_INTEGER, "double precision": pyodbc.SQL_FLOAT,
         "date": pyodbc.SQL_TYPE_DATE, "boolean": pyodbc.SQL_BIT, "timestamp with time zone": pyodbc.SQL_TYPE_TIMESTAMP}
for view in w.views:
    w.same(f"types of {view}", [(c.column_name, c.data_type) for c in cursor.columns(schema="kra_bi", table=view)],
           [(name, TYPES[t]) for name, (t, _) in w.columns[view].items()])
    found = cursor.execute("SELECT column_name, description FROM kra_bi.data_dictionary WHERE view_name = ? ORDER BY column_position NULLS FIRST", view).fetchall()
    w.same(f"comments of {view}", [tuple(r) for r in found], [(None, w.views[view])] + [(name, c) for name, (_, c) in w.columns[view].items()])

# every row; a time stamp comes without its zone, in that of the session
cursor.execute("SET timezone = 'UTC'")
for view in w.views:
    rows = cursor.execute(f"SELECT * FROM kra_bi.{view}").fetchall()
    w.same_rows(view, [d[0] for d in cursor.description],
                [[v.replace(tzinfo=datetime.timezone.utc) if isinstance(v, datetime.datetime) else v for v in r] for r in rows])

# bound parameters, of each text and date
for view, column, value, count in w.filters(("text", "date")):
    w.same(f"{view}, {column} = {value!r}", cursor.execute(f"SELECT count(*) FROM kra_bi.{view} WHERE {column} = ?", value).fetchval(), count)

# sums and averages
found = cursor.execute("SELECT status, count(*), sum(on_target_count), avg(attainment_pct) FROM kra_bi.kpi_results GROUP BY status ORDER BY status").fetchall()
w.same("totals", [(r[0], int(r[1]), int(r[2])) for r in found], [t[:3] for t in w.totals])
for row, total in zip(found, w.totals):
    w.near(f"average of {row[0]}", row[3], total[3])

# no more than row-level security shows
for table, count in w.base.items():
    w.same(f"rows of {table}", cursor.execute(f"SELECT count(*) FROM kra.{table}").fetchval(), count)
w.end()
