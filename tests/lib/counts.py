#!/usr/bin/env python3
"""counts: compares the counts of a trace with those of libcount_dso.so, process by process, function by function.
usage: tests/lib/counts.py EXEUNT TRACE COUNT_DIR [FEWEST]    says what differs, else how many processes and calls agree;
fails when fewer than FEWEST processes were compared"""
import json
import os
import re
import struct
import subprocess
import sys

exeunt, trace, folder = sys.argv[1:4]
fewest = int(sys.argv[4]) if len(sys.argv) > 4 else 1
table = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../schema/heap.def")
names = re.findall(r'^HEAP\(.*"(.*)"\)$', open(table).read(), re.M)
bad, calls = 0, 0
pids = sorted(os.listdir(folder), key=int)
for pid in pids:
    raw = open(os.path.join(folder, pid), "rb").read()
    own = dict(zip(names, struct.unpack("%dQ" % (len(raw) // 8), raw)))
    assert len(own) == len(names) == len(raw) // 8, "the two tables differ"
    out = subprocess.run([exeunt, "report", "--json", "--pid", pid, trace], capture_output=True, text=True)
    heap = json.loads(out.stdout)["heap"] if out.returncode == 0 else None
    seen = heap["calls"] if heap else {}
    for name in names:
        if seen.get(name, 0) != own[name]:
            print(f"{pid}: {name}: exeunt {seen.get(name, 0)}, independent {own[name]}")
            bad = 1
    by_thread = {}
    for thread in heap["threads"] if heap else []:
        for name, count in thread["calls"].items():
            by_thread[name] = by_thread.get(name, 0) + count
    if by_thread != seen:
        print(f"{pid}: threads do not add up: {by_thread} {seen}")
        bad = 1
    calls += sum(own.values())
print(f"{len(pids)} processes, {calls} calls")
if len(pids) < fewest or not calls:
    print(f"fewer than {fewest} processes were counted")
    bad = 1
sys.exit(bad)
