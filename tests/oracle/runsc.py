#!/usr/bin/env python3
"""runsc.py SENTRY_LOG STRACE_LOG: the calls that libc made under gVisor, between the marks that a growing program (grow.h)
lays, from the log of `runsc --debug --strace`: a line as strace.py prints it.

That log does not say which instruction made a call. What the library does by itself is told apart by its form: call,
length, protection and flags, as STRACE_LOG of the same program outside shows them with their instructions."""
import collections
import re
import sys

sys.dont_write_bytecode = True
import strace

LINE = re.compile(r"\[ *(\d+): *\d+\] \S+ X (\w+)\((.*)\) = \S+ \(0x[0-9a-f]+\)")
PROTECTIONS = {"PROT_NONE": 0, "PROT_READ": 1, "PROT_WRITE": 2, "PROT_EXEC": 4}


def number(word):
    return int(word, 0) if re.fullmatch(r"0x[0-9a-f]+|\d+", word) else None


def protection(word):
    if number(word) is not None:
        return number(word)
    return sum(PROTECTIONS[part] for part in word.split("|"))


def form(name, arguments):
    """what two logs of the same call have in common"""
    words = [word.strip() for word in arguments.split(",")]
    if name == "mmap":
        return name, number(words[1]), protection(words[2]), frozenset(words[3].split("|"))
    if name == "mprotect":
        return name, number(words[1]), protection(words[2])
    if name in ("munmap", "madvise"):
        return name, number(words[1])
    return (name,)


class Marks:
    """whether a process is between its marks"""

    def __init__(self):
        self.inside = set()

    def see(self, who, name, arguments):
        """true for a call between them"""
        if name == "write" and '"grow: ' in arguments:
            (self.inside.add if '"grow: begin"' in arguments else self.inside.discard)(who)
            return False
        return who in self.inside and name in strace.COUNTED


def forms_outside(log):
    """forms of the library's own calls, and of libc's"""
    own, libc, marks = set(), set(), Marks()
    for image, name, arguments, file in log.calls:
        if marks.see(image, name, arguments):
            (own if file.startswith("libexeunt") else libc).add(form(name, arguments))
    return own, libc


def main():
    own, libc = forms_outside(strace.read(sys.argv[2]))
    counts, marks = collections.defaultdict(collections.Counter), Marks()
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        for line in log:
            if not (call := LINE.search(line)):
                continue
            pid, name, arguments = int(call[1]), call[2], call[3]
            if not marks.see(pid, name, arguments):
                continue
            its_form = form(name, arguments)
            if its_form in own and its_form in libc:
                sys.exit(f"{name}({arguments}) may be the library's or libc's")
            if its_form not in own:
                counts[pid][name] += 1
    for pid, of_pid in sorted(counts.items()):
        print(" ".join([str(pid)] + [f"{name}={of_pid[name]}" for name in strace.COUNTED if of_pid[name]]))


main()
