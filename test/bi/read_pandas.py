#!/usr/bin/python3
"""Reads kra_bi by SQLAlchemy, psycopg2 and pandas. Called by drivers.sh."""
import datetime

import pandas
import psycopg2
import sqlalchemy
from sqlalchemy import func, select

from clients import Wanted

w = Wanted()
url = sqlalchemy.engine.URL.create("postgresql+psycopg2", w.login, w.password, w.host, int(w.port), w.database)
engine = sqlalchemy.create_engine(url, connect_args={"options": "-c timezone=UTC"})

# the list of views, and their columns with types and comments
inspector = sqlalchemy.inspect(engine)
w.same("views", sorted(inspector.get_view_names("kra_bi")), sorted(w.views))
TYPES = {"text": "TEXT", "integer": "INTEGER", "double precision": "DOUBLE_PRECISION", "date": "DATE", "boolean": "BOOLEAN", "timestamp with time zone": "TIMESTAMP"}
tables = {}
for view in w.views:
    w.same(f"columns of {view}", [(c["name"], type(c["type"]).__name__, c["comment"]) for c in inspector.get_columns(view, schema="kra_bi")],
           [(name, TYPES[t], c) for name, (t, c) in w.columns[view].items()])
    w.same(f"comment of {view}", inspector.get_table_comment(view, schema="kra_bi")["text"], w.views[view])
    tables[view] = sqlalchemy.Table(view, sqlalchemy.MetaData(), schema="kra_bi", autoload_with=engine)

with engine.connect() as db:
    # every row, as Python has it
    for view, table in tables.items():
        result = db.execute(select(table))
        w.same_rows(view, list(result.keys()), [[v.astimezone(datetime.timezone.utc) if isinstance(v, datetime.datetime) else v for v in r] for r in result])

    # bound parameters, of each text and date
    for view, column, value, count in w.filters(("text", "date")):
        w.same(f"{view}, {column} = {value!r}", db.execute(select(func.count()).where(tables[view].c[column] == value)).scalar(), count)

    # sums and averages
    t = tables["kpi_results"]
    found = db.execute(select(t.c.status, func.count(), func.sum(t.c.on_target_count), func.avg(t.c.attainment_pct)).group_by(t.c.status).order_by(t.c.status)).all()
    w.same("totals", [tuple(r[:3]) for r in found], [total[:3] for total in w.totals])
    for row, total in zip(found, w.totals):
        w.near(f"average of {row[0]}", row[3], total[3])

    # no more than row-level security shows
    for table, count in w.base.items():
        w.same(f"rows of {table}", db.execute(sqlalchemy.text(f"SELECT count(*) FROM kra.{table}")).scalar(), count)

# data frames: floats and integers are numbers, days are days, and what is missing is missing
for view, columns in w.columns.items():
    days = [c for c, (t, _) in columns.items() if t == "date"]
    frame = pandas.read_sql_table(view, engine, schema="kra_bi", index_col="row_key", parse_dates=days)
    w.same(f"{view}: shape", frame.shape, (len(w.rows[view]), len(columns) - 1))
    for column, (type_name, _) in list(columns.items())[1:]:
        wanted = pandas.Series({key: row[column] for key, row in w.rows[view].items()}, dtype=object).reindex(frame.index)
        w.same(f"{view}, {column}: missing", frame[column].isna().tolist(), wanted.isna().tolist())
        there = frame[column].dropna()
        if len(there) and len(frame):
            kind = {"double precision": "f", "integer": "i" if len(there) == len(frame) else "f", "date": "M", "timestamp with time zone": "M",
                    "boolean": "b" if len(there) == len(frame) else "O", "text": "O"}[type_name]
            w.same(f"{view}, {column}: type", frame[column].dtype.kind, kind)
            if type_name == "date":
                there = there.dt.date
            w.same(f"{view}, {column}: values", there.tolist(), [type(f)(v) if type_name == "integer" else v for f, v in zip(there, wanted.dropna())])

frame = pandas.read_sql_query("SELECT * FROM kra_bi.kpi_results", engine)
groups = frame.groupby("status").agg(rows=("status", "size"), met=("on_target_count", "sum"), average=("attainment_pct", "mean"))
w.same("totals of a data frame", [(s, int(r.rows), int(r.met)) for s, r in groups.iterrows()], [t[:3] for t in w.totals])
for total in w.totals:
    w.near(f"average of {total[0]} in a data frame", None if pandas.isna(groups.average[total[0]]) else groups.average[total[0]], total[3])

# psycopg2 by itself
with psycopg2.connect(host=w.host, port=w.port, dbname=w.database, user=w.login, password=w.password) as db, db.cursor() as cursor:
    cursor.execute("SELECT * FROM kra_bi.scorecards WHERE period_grain = %s AND period_start >= %s", ("month", datetime.date(2026, 1, 1)))
    names = [d[0] for d in cursor.description]
    found = [dict(zip(names, r)) for r in cursor]
    wanted = [r for r in w.rows["scorecards"].values() if r["period_grain"] == "month" and r["period_start"] >= datetime.date(2026, 1, 1)]
    w.same("psycopg2", sorted(found, key=lambda r: r["row_key"]), sorted(wanted, key=lambda r: r["row_key"]))
w.end()
