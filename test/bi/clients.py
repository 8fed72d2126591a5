"""What the checks of clients in Python share: the files that clients.sh writes, and counting."""
import datetime
import os
import pathlib
import re
import sys

ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def copied(path):
    """The rows of a file that COPY wrote; None is NULL."""
    def field(text):
        if text == r"\N":
            return None
        return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text)
    return [[field(f) for f in line.split("\t")] for line in path.read_bytes().decode().split("\n")[:-1]]


def typed(text, type_name):
    """The value of a cell, as a client in Python is to give it."""
    if text is None:
        return None
    if type_name == "double precision":
        return float(text)
    if type_name == "integer":
        return int(text)
    if type_name == "boolean":
        return {"true": True, "false": False}[text]
    if type_name == "date":
        return datetime.date.fromisoformat(text)
    if type_name == "timestamp with time zone":
        return datetime.datetime.fromisoformat(text)
    return text


class Wanted:
    """What a reader is to read: the directory is the first argument."""

    def __init__(self):
        self.dir = pathlib.Path(sys.argv[1])
        self.login = (self.dir / "login").read_text().strip()
        self.password = os.environ["KRA_BI_PASSWORD"]
        self.host, self.port, self.database = (os.environ[n] for n in ("PGHOST", "PGPORT", "PGDATABASE"))
        self.views = {}      # view -> its comment
        self.columns = {}    # view -> {column: (type, comment)}, in their order
        for view, number, column, type_name, comment in copied(self.dir / "columns"):
            if number == "0":
                self.views[view] = comment
                self.columns[view] = {}
            else:
                self.columns[view][column] = (type_name, comment)
        self.rows = {view: {} for view in self.views}    # view -> row_key -> {column: value}
        for view, key, column, value in copied(self.dir / "cells"):
            self.rows[view].setdefault(key, {})[column] = typed(value, self.columns[view][column][0])
        self.totals = [(s, int(n), int(met), a and float(a)) for s, n, met, a in copied(self.dir / "totals")]
        self.base = {table: int(rows) for table, rows in copied(self.dir / "base")}
        self.hidden = [name for name, in copied(self.dir / "hidden")]
        self.compared = 0
        self.faults = []

    def same(self, what, found, wanted):
        self.compared += 1
        if type(found) is not type(wanted) or found != wanted:
            self.faults.append(f"{what}: found {found!r:.300}, wanted {wanted!r:.300}")

    def near(self, what, found, wanted):
        self.compared += 1
        if found is None or wanted is None:
            good = found is wanted
        else:
            good = abs(found - wanted) <= 1e-12 * max(abs(found), abs(wanted))
        if not good:
            self.faults.append(f"{what}: found {found!r}, wanted {wanted!r}")

    def same_rows(self, view, names, rows):
        """rows: sequences of values in the order of names."""
        self.same(f"{view}: columns", list(names), list(self.columns[view]))
        at = list(names).index("row_key")
        self.same(f"{view}: keys", sorted(r[at] for r in rows), sorted(self.rows[view]))
        for row in rows:
            for name, value in zip(names, row):
                self.same(f"{view}, {row[at]}, {name}", value, self.rows[view].get(row[at], {}).get(name))
                if isinstance(value, str) and value in self.hidden:
                    self.faults.append(f"{view}, {row[at]}, {name}: shows {value!r}")

    def filters(self, types):
        """Of each column of these types: view, column, a value, and how many rows have it."""
        for view, columns in self.columns.items() if (self.dir / "filters").exists() else ():
            for column, (type_name, _) in columns.items():
                if type_name in types:
                    values = [row[column] for row in self.rows[view].values() if row[column] is not None]
                    value = min(values, default={"date": datetime.date(2026, 1, 31)}.get(type_name, "none's"))
                    yield view, column, value, values.count(value)

    def end(self):
        """Says how it went; to be the last thing done."""
        for fault in self.faults[:20]:
            print("WRONG:", fault)
        print(f"{self.compared} compared, {len(self.faults)} wrong")
        sys.exit(1 if self.faults or self.compared < 1000 else 0)
