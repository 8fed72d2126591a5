"""pgspot over scripts: a line per finding, and the number of statements that were read.

pgspot (0.9) knows neither functions whose body is SQL (BEGIN ATOMIC, RETURN) nor some of what
PL/pgSQL allows, and stops where it meets one. This runs its checks a statement at a time and
fills these gaps; what cannot be read is a finding, too.

    spot.py SCRIPT...     ends with 1 if there is a finding
"""

import re
import sys
from argparse import Namespace

from pglast import ast, parse_plpgsql, parse_sql
from pglast.parser import ParseError
from pgspot import visitors
from pgspot.formatters import format_function, raw_sql
from pgspot.state import Counter, State


def visit_sql(state, sql, toplevel=False):
    """As pgspot's; PL/pgSQL hands over expressions, too, without saying so."""
    try:
        parsed = parse_sql(sql)
    except ParseError:
        parsed = parse_sql("SELECT " + sql)
    for statement in parsed:
        visitors.SQLVisitor(state)(statement)


def readable(function, name):
    """A body that libpg_query can read: it knows no variable that is qualified by the name of
    its function, and no field of a variable of a composite type as what is assigned to."""
    function = re.sub(rf"(?m)^( +){name}\.(\w+ *:=)", r"\1\2", function)
    function = re.sub(r"(?m)^( +\w+)\.\w+(?= *:=)", r"\1", function)
    return re.sub(r"(?<!INSERT )\bINTO (?:\w+,\s*)*\w+\.[\w.]+(?:,\s*[\w.]+)*", "", function)


def visit_plpgsql(state, node):
    name = node.funcname[-1].sval if isinstance(node, ast.CreateFunctionStmt) else "-"
    visitor = visitors.PLPGSQLVisitor(state)
    for item in parse_plpgsql(readable(raw_sql(node), name)):
        visitor(item)


class Visitor(visitors.SQLVisitor):
    def visit_CreateFunctionStmt(self, ancestors, node):
        options = {option.defname for option in node.options}
        if "as" in options:
            super().visit_CreateFunctionStmt(ancestors, node)
        # Otherwise the body is a part of the statement: it is read below it under the path of the
        # script, as the server does, and no path of a caller changes it. Calls of functions with
        # a body of text are the business of those functions.
        elif node.replace:
            self.state.warn("PS002", format_function(node))


def main(paths):
    visitors.visit_sql = visit_sql
    visitors.visit_plpgsql = visit_plpgsql
    findings = statements = 0
    for path in paths:
        with open(path, encoding="utf8") as file:
            sql = re.sub(r"(?m)^\\", "-- \\\\", file.read().replace("MODULE_PATHNAME", "kra"))
        counter = Counter(
            Namespace(ignore=[], plpgsql=True, summary_only=False, sql_fn=[], ignore_lang=[],
                      proc_without_search_path=[])
        )
        counter.sql = sql
        state = State(counter)
        for statement in parse_sql(sql):
            counter.stmt_location = statement.stmt_location
            statements += 1
            try:
                Visitor(state)(statement)
            except Exception as error:  # pylint: disable=broad-except
                state.unknown(f"not read: {error} at line {counter.line_number()}")
        findings += counter.errors + counter.warnings + counter.unknowns
    print(f"{statements} statements read, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
