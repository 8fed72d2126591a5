#!/usr/bin/python3
"""The JSON Schema of documents and kra.define agree: on what members there are, on
which values they take, and on documents that are good and bad.

    test/documents/good/*.json      validate, and are accepted, as the examples in share are
    test/documents/bad/*.json       are refused with the message of NAME.err; the schema refuses
                                    them too, unless they are named in test/documents/database.txt,
                                    the list of faults that only the database can see

Bad documents meet a database with good/sales.json. Runs psql on the server that PGHOST and
PGPORT name, in a database of its own. Ends with the number of things compared.
"""
import json
import pathlib
import subprocess
import sys

import jsonschema

HERE = pathlib.Path(__file__).parent
DOCUMENTS = HERE / "documents"
SCHEMA = HERE.parent / "share" / "kra-definition.schema.json"
DATABASE = "kra_schema_test"

schema = json.loads(SCHEMA.read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
faults = []
compared = 0


def same(what, found, wanted):
    global compared
    compared += 1
    if found != wanted:
        faults.append(f"{what}:\n    found  {found!r}\n    wanted {wanted!r}")


def psql(sql, database=DATABASE):
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database], input=sql,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("psql: " + done.stderr)
    return done.stdout.splitlines()


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def deref(node):
    while "$ref" in node and "description" not in node:
        node = node_at(node["$ref"])
    return node


def node_at(ref):
    node = schema
    for step in ref.removeprefix("#/").split("/"):
        node = node[step]
    return node


# 1. Every object is closed, every member says what it is.
def walk(node, path):
    global compared
    if isinstance(node, dict):
        if node.get("type") == "object":
            compared += 1
            if node.get("additionalProperties") is not False:
                faults.append(f"{path} is open")
            for name, member in node["properties"].items():
                compared += 1
                if not deref(member).get("description"):
                    faults.append(f"{path}.{name} has no description")
        for name, child in node.items():
            walk(child, f"{path}/{name}")


walk(schema, "#")

psql(f"DROP DATABASE IF EXISTS {DATABASE}", "postgres")
psql(f"CREATE DATABASE {DATABASE}", "postgres")
psql("CREATE EXTENSION kra")
psql("""
CREATE FUNCTION fault(document jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kra.define(document);
    RAISE EXCEPTION 'accepted' USING ERRCODE = 'KRAOK';
EXCEPTION
    WHEN SQLSTATE 'KRAOK' THEN RETURN '';
    WHEN OTHERS THEN RETURN SQLERRM;
END $$;
CREATE FUNCTION fault_of_form(document jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kra_internal.document_check_form(document);
    RETURN '';
EXCEPTION WHEN OTHERS THEN RETURN SQLERRM;
END $$;
""")

# 2. The same members, kinds of values, choices, limits and needs.
FORMS = {"key": "string", "name": "string", "text": "string", "line": "string", "relation": "string", "short": "string", "choice": "enum", "integer": "integer", "number": "number", "share": "number",
         "boolean": "boolean", "date": "day", "target": "aim", "texts": "array", "phasing": "array", "list": "array", "object": "object",
         "objective": "string", "subject": "string", "role": "string", "kpi": "string", "kpis": "string"}
limits = {kind: int(psql(f"SELECT kra_internal.text_limit('{kind}')")[0]) for kind in ("short", "line", "note", "list")}
LONGEST = {form: limits[{"text": "note", "line": "line", "relation": "line"}.get(form, "short")] for form, kind in FORMS.items() if kind == "string"}
members = [json.loads(line) for line in psql("SELECT to_jsonb(m) FROM kra_internal.document_members() m ORDER BY m.n")]
parts = {}
for m in members:
    parts.setdefault(m["part"], {})[m["member"]] = m
for name, m in parts["kpi"].items():
    parts["card"].setdefault(name, m)
for part, wanted in parts.items():
    node = schema if part == "document" else schema["$defs"][part]
    same(f"members of {part}", sorted(node["properties"]), sorted(wanted))
    same(f"required members of {part}", sorted(node.get("required", [])), sorted(n for n, m in wanted.items() if m["is_required"]))
    for name, m in wanted.items():
        member = node["properties"].get(name)
        if member is None:
            continue
        while "$ref" in member:
            member = node_at(member["$ref"])
        kind = "enum" if "enum" in member else "any" if "anyOf" in member else member["type"]
        if kind == "any":
            kind = member["anyOf"][0]["$ref"].rsplit("/", 1)[1]
        elif isinstance(kind, list):
            kind = kind[0]
        same(f"{part}.{name}", kind, FORMS[m["form"]])
        if m["form"] == "choice":
            same(f"choices of {part}.{name}", [c for c in member["enum"] if c is not None], m["choices"])
        if FORMS[m["form"]] == "string":
            same(f"length of {part}.{name}", member.get("maxLength"), LONGEST[m["form"]])
        if m["form"] == "texts":
            same(f"length of {part}.{name}", (member["maxItems"], member["items"]["maxLength"]), (limits["list"], limits["short"]))
        if m["form"] == "phasing":
            same(f"limits of {part}.{name}", (float(member["items"]["minimum"]), float(member["items"]["maximum"])), (float(m["lowest"]), float(m["highest"])))
        if m["form"] in ("integer", "number"):
            same(f"limits of {part}.{name}", (float(member["minimum"]), float(member["maximum"])), (float(m["lowest"]), float(m["highest"])))
        if m["form"] == "share":
            same(f"limits of {part}.{name}", (member["exclusiveMinimum"], member["maximum"]), (0, 1))

# 3. The same values: each member of each part is given all kinds of values.
VALUES = [*(json.dumps("x" * n) for kind in ("short", "line", "note") for n in (limits[kind], limits[kind] + 1)),
          json.dumps("w." + "x" * (limits["line"] - 2)), json.dumps("w." + "x" * (limits["line"] - 1)),
          '"wh.sales"', r'"\" a.\"\"b\" .\tc$1"', '"\u00e4_.\u00fc1"', '"wh."', '".sales"', '"1.2"', '"a.b.c"', '"a-b.c"', r'"\"\".c"', '"a.b;c"', '"a.b c"',
          json.dumps(["x" * limits["short"]] * 2), json.dumps(["x" * (limits["short"] + 1)] * 2), json.dumps(["x"] * (limits["list"] + 1)), "null", '""', '" "', r'"\t\n"', '"x"', '"sum"', '"2026-01-31"', '"2026-02-30"', '"2026-2-3"', '"2026-01-31T00:00"', '"0000-01-01"', '"infinity"',
          '">= 5"', '"  [1,2]"', '"5"', '"NaN"', "0", "1", "5", "-1", "1.5", "4.0", "1e400", "-1e400", "2147483648", "10001", "true", "false",
          "[]", '["a"]', '["a","b"]', '["a",null]', "[1,2]", "[0,1.5]", "[0,0]", "[1,-1]", "[1e51]", "[1,[2]]", json.dumps([1] * 400), json.dumps([1] * 401), '[{"a":1}]', "{}", '{"a":1}', '{"direction":"at_least","target":5}',
          '{"direction":"inside","target":5}', '{"direction":"inside","lower":1,"upper":2}', '{"direction":"at_least","target":"5"}',
          '{"direction":"at_least","target":5,"due":"2026-12-31"}', '{"direction":"at_least","target":5,"due":5}', '{"direction":"up","target":5}']
BASES = {"document": ("%s", {}), "settings": ('{"settings":%s}', {}), "objective": ('{"objectives":[%s]}', {"key": '"o"'}),
         "milestone": ('{"objectives":[{"key":"o","milestones":[%s]}]}', {"key": '"m"'}),
         "subject": ('{"subjects":[%s]}', {"key": '"s"'}), "kpi": ('{"kpis":[%s]}', {"key": '"k"', "owner": '"s"'}), "role": ('{"roles":[%s]}', {"key": '"r"'}),
         "kra": ('{"roles":[{"key":"r","kras":[%s]}]}', {"key": '"a"', "name": '"A"'}),
         "card": ('{"roles":[{"key":"r","kras":[{"name":"A","kpis":[%s]}]}]}', {"key": '"k"', "owner": '"s"'}),
         "target": ('{"targets":[%s]}', {"kpi": '"k"', "subject": '"s"'}), "benchmark": ('{"benchmarks":[%s]}', {"kpi": '"k"'})}
same("parts that are tried", sorted(BASES), sorted(parts))
probes = []
for part, (around, base) in BASES.items():
    probes += [around % value for value in VALUES if part != "document" or not value.startswith("{")]
    for name in [*parts[part], "colour"]:
        for value in [*VALUES, *(json.dumps(c) for c in parts[part].get(name, {}).get("choices") or [])]:
            item = {**base, name: value}
            probes.append(around % ("{" + ",".join(f"{json.dumps(n)}:{v}" for n, v in item.items()) + "}"))
        item = {n: v for n, v in base.items() if n != name}
        probes.append(around % ("{" + ",".join(f"{json.dumps(n)}:{v}" for n, v in item.items()) + "}"))
said = psql("SELECT replace(fault_of_form(d::jsonb), E'\\n', ' ') FROM (VALUES " + ",".join(f"({n},{literal(p)})" for n, p in enumerate(probes)) + ") v (n, d) ORDER BY n")
same("answers to probes", len(said), len(probes))
accepted = 0
for probe, fault in zip(probes, said):
    compared += 1
    good = validator.is_valid(json.loads(probe))
    accepted += good
    # what only the parser of targets sees
    if good and fault and "invalid input syntax for type kpi_target" in fault:
        continue
    if good != (fault == ""):
        faults.append(f"{probe}: the schema says {'good' if good else 'bad'}, define says {fault or 'good'}")
for name in [f"{part}.{name}" for part in parts for name in parts[part]]:
    part, name = name.split(".")
    around, base = BASES[part]
    compared += 1
    if not any(f'"{name}":' in p and f == "" for p, f in zip(probes, said)):
        faults.append(f"no value of {part}.{name} was accepted")

# 4. Good and bad documents.
sales = (DOCUMENTS / "good" / "sales.json").read_text()
good = sorted((DOCUMENTS / "good").glob("*.json")) + sorted((HERE.parent / "share" / "examples").glob("*.json"))
bad = sorted((DOCUMENTS / "bad").glob("*.json"))
only_database = set((DOCUMENTS / "database.txt").read_text().split())
if len(good) < 6 or len(bad) < 30:
    faults.append(f"only {len(good)} good and {len(bad)} bad documents")
same("first document", psql(f"SELECT count(*) > 20 FROM kra.define({literal(sales)})"), ["t"])
logged = psql("SELECT count(*) FROM kra.definition_log")
for path in good:
    text = path.read_text()
    same(f"{path.name} by the schema", [e.message for e in validator.iter_errors(json.loads(text))], [])
    same(f"{path.name} by define", psql(f"SELECT fault({literal(text)})"), [""])
for path in bad:
    text = path.read_text()
    same(f"{path.name} by the schema", validator.is_valid(json.loads(text)), path.stem in only_database)
    same(f"{path.name} by define", psql(f"SELECT fault({literal(text)})"), path.with_suffix(".err").read_text().splitlines())
same("names in database.txt without a document", sorted(only_database - {p.stem for p in bad}), [])
same("rows logged by documents that were refused or undone", psql("SELECT count(*) FROM kra.definition_log"), logged)
document = psql("SELECT kra.definition(NULL, '2026-08-01')")[0]
same("what definition gives, by the schema", [e.message for e in validator.iter_errors(json.loads(document))], [])
for role in psql("SELECT key FROM kra.job_roles ORDER BY key"):
    document = psql(f"SELECT kra.definition({literal(role)}, '2026-08-01')")[0]
    same(f"what definition gives of {role}, by the schema", [e.message for e in validator.iter_errors(json.loads(document))], [])
psql(f"DROP DATABASE {DATABASE}", "postgres")

for fault in faults[:40]:
    print(fault)
print(f"{len(members)} members, {len(probes)} values ({accepted} good), {len(good)} good and {len(bad)} bad documents: "
      f"{compared} comparisons, {len(faults)} disagreements")
sys.exit(1 if faults else 0)
