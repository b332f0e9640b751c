#!/usr/bin/env python3
"""events.py [--main] calls|classes|waits TRACE: what babeltrace2, which we did not write, reads of growth in TRACE.

calls    each process image's events growth by call: a line as strace.py prints it
classes  the same by class
waits    events wait that libc's own lock was waited for in, all processes
--main   only what happened between main's begin and its end"""
import argparse
import collections
import re
import subprocess
import sys

CALLS = ("mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "sbrk")
EVENT = re.compile(r"^\[.*?\] \(.*?\) (\w+): \{ image = (\d+), pid = (\d+), ")
GROWTH = re.compile(r' call = \( "([\w-]+)" .*? class = \( "([\w-]+)" ')
WAIT = re.compile(r' kind = \( "([\w-]+)" ')


def rows(images, names):
    for (pid, _), counts in sorted(images.items()):
        if counts:
            yield " ".join([str(pid)] + [f"{name}={counts[name]}" for name in names(counts) if counts[name]])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--main", action="store_true")
    arguments.add_argument("what", choices=("calls", "classes", "waits"))
    arguments.add_argument("trace")
    arguments = arguments.parse_args()
    images, waits, in_main = collections.defaultdict(collections.Counter), 0, set()
    read = subprocess.Popen(["babeltrace2", arguments.trace], stdout=subprocess.PIPE, text=True)
    for line in read.stdout:
        event = EVENT.match(line)
        if not event:
            continue
        name, image = event[1], (int(event[3]), int(event[2]))
        if name == "main_begin":
            in_main.add(image)
        elif name == "main_end":
            in_main.discard(image)
        elif arguments.main and image not in in_main:
            continue
        elif name == "growth":
            call, group = GROWTH.search(line, event.end()).groups()
            images[image][group if arguments.what == "classes" else call] += 1
        elif name == "wait":
            waits += WAIT.search(line, event.end())[1] in ("arena", "libc")
    if read.wait() != 0:
        sys.exit("babeltrace2 failed")
    if arguments.what == "waits":
        print(waits)
    else:
        print("\n".join(rows(images, sorted if arguments.what == "classes" else lambda _: CALLS)))


main()
