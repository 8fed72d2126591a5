#!/usr/bin/python3
"""Imports views of kra_bi into a spreadsheet of LibreOffice, which it starts, by LibreOffice's own
driver for PostgreSQL, and makes a pivot table. Called by libreoffice.sh.

    read_calc.py WHAT-IS-TO-BE-READ DIRECTORY-OF-ITS-OWN
"""
import datetime
import os
import pathlib
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sheet.DataPilotFieldOrientation import DATA, ROW
from com.sun.star.sheet.GeneralFunction import COUNT
from com.sun.star.table import CellRangeAddress
from com.sun.star.util import NumberFormat

from clients import Wanted

VIEWS = ("scorecards", "kpi_results")
w = Wanted()
own = pathlib.Path(sys.argv[2])
pipe = f"kra{os.getpid()}"


def properties(**values):
    return tuple(PropertyValue(n, 0, v, 0) for n, v in values.items())


def connected():
    """The office, once it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if office.poll() is not None:
                sys.exit(f"WRONG: LibreOffice ended with {office.returncode}: {(own / 'log').read_text()}")
            time.sleep(0.1)
    sys.exit("WRONG: LibreOffice does not listen")


def as_cell(value, saved):
    """A value as a cell holds it: a text, a number, or nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return float((value - datetime.date(1899, 12, 30)).days)
    if isinstance(value, str):
        return value.replace("\t", "") if saved else value   # Calc saves no tabs
    return float(value)


def check(document, saved):
    """What stands in the sheets of a document against what is to be read."""
    source = "saved" if saved else "imported"
    for view in VIEWS:
        sheet = document.Sheets.getByName(view)
        names = list(w.columns[view])
        count = len(w.rows[view])
        cells = sheet.getCellRangeByPosition(0, 0, len(names), count + 1).DataArray
        w.same(f"{source}: columns of {view}", list(cells[0]), names + [""])
        w.same(f"{source}: keys of {view}", sorted(r[0] for r in cells[1:-1]), sorted(w.rows[view]))
        w.same(f"{source}: below {view}", set(cells[-1]), {""})
        for c, name in enumerate(names):
            type_name = w.columns[view][name][0]
            if type_name == "timestamp with time zone":
                continue
            for r in range(1, count + 1):
                what = f"{source}: {view}, {cells[r][0]}, {name}"
                found, wanted = cells[r][c], as_cell(w.rows[view].get(cells[r][0], {}).get(name), saved)
                if isinstance(wanted, float) and isinstance(found, float):
                    w.near(what, found, wanted)
                else:
                    w.same(what, found, wanted)
                if type_name == "date" and found != "":
                    kind = document.NumberFormats.getByKey(sheet.getCellByPosition(c, r).NumberFormat).Type
                    w.same(what + " looks like a date", kind & NumberFormat.DATE, NumberFormat.DATE)
    # the pivot: a row per status
    sheet = document.Sheets.getByName("pivot")
    table = sheet.DataPilotTables.getByIndex(0)
    range_ = table.OutputRange
    cells = sheet.getCellRangeByPosition(range_.StartColumn, range_.StartRow, range_.EndColumn, range_.EndRow).DataArray
    found = [(r[0], int(r[1])) for r in cells if r[0] in {t[0] for t in w.totals}]
    w.same(f"{source}: pivot", sorted(found), sorted(t[:2] for t in w.totals))


office = subprocess.Popen(["soffice", "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard",
                           f"-env:UserInstallation={(own / 'profile').as_uri()}",
                           f"-env:UNO_SHARED_PACKAGES_CACHE={(own / 'shared').as_uri()}",   # root writes to that of the system else
                           f"--accept=pipe,name={pipe};urp"],
                          stdout=(own / "log").open("w"), stderr=subprocess.STDOUT)
try:
    context = connected()
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    # a data source: a file of Base that is registered by a name
    sources = context.ServiceManager.createInstanceWithContext("com.sun.star.sdb.DatabaseContext", context)
    source = sources.createInstance()
    source.URL = f"sdbc:postgresql:host={w.host} port={w.port} dbname={w.database}"
    source.User = w.login
    source.Password = w.password
    source.IsPasswordRequired = False
    file = (own / "kra.odb").as_uri()
    source.DatabaseDocument.storeAsURL(file, ())
    sources.registerDatabaseLocation("kra", file)

    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, properties(Hidden=True))
    sheets = document.Sheets
    for n, view in enumerate(VIEWS):
        sheets.insertNewByName(view, n)
        target = sheets.getByName(view).getCellRangeByPosition(0, 0, 0, 0)
        target.doImport(properties(DatabaseName="kra", SourceType=uno.Enum("com.sun.star.sheet.DataImportMode", "SQL"),
                                   SourceObject=f"SELECT * FROM kra_bi.{view}", IsNative=True))
    # how many results of each status
    sheets.insertNewByName("pivot", len(VIEWS))
    pivots = sheets.getByName("pivot").DataPilotTables
    pivot = pivots.createDataPilotDescriptor()
    view = "kpi_results"
    pivot.setSourceRange(CellRangeAddress(sheets.getByName(view).RangeAddress.Sheet, 0, 0, len(w.columns[view]) - 1, len(w.rows[view])))
    fields = pivot.DataPilotFields
    fields.getByName("status").Orientation = ROW
    data = fields.getByName("row_key")
    data.Orientation = DATA
    data.Function = COUNT
    pivots.insertNewByName("by status", sheets.getByName("pivot").getCellByPosition(0, 0).CellAddress, pivot)
    check(document, False)

    saved = (own / "kra.ods").as_uri()
    document.storeToURL(saved, properties(FilterName="calc8"))
    document.close(True)
    document = desktop.loadComponentFromURL(saved, "_blank", 0, properties(Hidden=True))
    check(document, True)
    document.close(True)
finally:
    try:
        desktop.terminate()
    except Exception:   # it goes while it answers
        pass
    try:
        office.wait(30)
    except subprocess.TimeoutExpired:
        office.kill()
w.end()
