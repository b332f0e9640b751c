"""Symbols of the teardown rows of a report, looked up by module and offset in the symbol tables of other files.
usage: names.py MODULE=FILE... <report.json      (FILE is the module before it was stripped)"""
import json
import subprocess
import sys

tables = {}
for pair in sys.argv[1:]:
    module, path = pair.split("=", 1)
    tables[module] = {}
    for line in subprocess.run(["nm", "-C", path], capture_output=True, text=True, check=True).stdout.splitlines():
        address, kind, symbol = line.split(" ", 2) if line[0] != " " else ("", "", "")
        if kind and kind in "tTwW":
            tables[module][int(address, 16)] = symbol
for row in json.load(sys.stdin)["teardown"]:
    if row["kind"] in ("end", "main-end") or row.get("module") is None:
        continue
    offset = row["offset"]
    offset = int(offset, 0) if isinstance(offset, str) else offset
    module = row["module"].rsplit("/", 1)[-1]
    if offset in tables.get(module, {}):
        print(tables[module][offset])
