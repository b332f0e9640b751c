#!/usr/bin/env python3
"""watched.py FACTS SECONDS COMMAND...: runs COMMAND, no longer than SECONDS, and writes to FACTS how it ended, how long
it took, how much time of processors (of gVisor only what its processes were waited for, not all of it), and the largest
number of mappings that one process had that descends from it, in lines KEY=VALUE.

Under gVisor the memory of a program inside is mapped by a process outside, one for each address space, and these descend
from runsc: so this is what the host's vm.max_map_count is about, counted by the host. Standard input is empty, and the
output comes through a pipe: gVisor writes to a file at an offset of its own.
"""
import os
import resource
import signal
import subprocess
import sys
import threading
import time


def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += file.read().split()
    except OSError:
        pass
    return found


def descendants(pid):
    found = [str(pid)]
    for one in found:
        found += children(one)
    return found


def mappings(pid):
    try:
        with open(f"/proc/{pid}/maps", "rb", buffering=0) as file:
            count = 0
            while part := file.read(1 << 20):
                count += part.count(b"\n")
            return count
    except OSError:
        return 0


def main(facts, limit, command):
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)

    def copy():
        while part := os.read(process.stdout.fileno(), 1 << 16):
            os.write(1, part)

    def end(*_):
        os.killpg(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, lambda *_: (end(), sys.exit(143)))
    signal.signal(signal.SIGINT, lambda *_: (end(), sys.exit(130)))
    copier = threading.Thread(target=copy, daemon=True)
    copier.start()
    largest, status, seconds = 0, None, 0.0
    while status is None:
        before = time.monotonic()
        for pid in descendants(process.pid):
            largest = max(largest, mappings(pid))
        took = time.monotonic() - before
        if before - began > limit:
            end()
        try:
            # reading a long map takes a while, and takes it from the program where processors are few
            process.wait(timeout=max(0.05, 2 * took))
        except subprocess.TimeoutExpired:
            continue
        seconds = time.monotonic() - began
        status = process.returncode
    copier.join(timeout=10)
    if seconds > limit:
        status = 124
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(facts, "w") as out:
        print(f"status={status if status >= 0 else 128 - status}\nseconds={seconds:.2f}\noutside={largest}", file=out)
        print(f"processor={used.ru_utime + used.ru_stime:.2f}", file=out)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
