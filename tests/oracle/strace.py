#!/usr/bin/env python3
"""strace.py [--last] LOG: the calls that libc made for each observed process image, counted from a log of

    strace -f -i -y -e trace=mmap,munmap,mprotect,mremap,madvise,brk,execve,clone,clone3,fork,vfork -o LOG …

One line an image, in order of pid and time: pid, then name=count for each call that there was. A call is libc's when
the instruction that made it lies in libc.so.6: what ld.so and the library do by themselves is not. It counts from the
library's own first call of these on, for that is its constructor. A process that shares its parent's memory (vfork) has
no image of its own until it executes something: what it does is done to the parent's.
Calls still open at the end (killed threads) are told on stderr: they have no event. --last: only the last image of each
process, also when nothing was counted."""
import re
import sys

COUNTED = ("mmap", "munmap", "mprotect", "mremap", "madvise", "brk")
LINE = re.compile(r"^(\d+) +(?:\[([0-9a-f?]+)\] )?(.*)$")
CALL = re.compile(r"^(\w+)\((.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"\) += (-?\w+)")
FILE_MAPPED = re.compile(r"^\w+, (\d+), .*, \d+<([^>]*)>, ")


class Image:
    """one address space, from exec or fork to its end"""

    def __init__(self, parent=None):
        self.mapped = list(parent.mapped) if parent else []  # (begin, end, file), later ones on top
        self.is_begun = parent.is_begun if parent else False
        self.counts = dict.fromkeys(COUNTED, 0)

    def file_at(self, address):
        for begin, end, name in reversed(self.mapped):
            if begin <= address < end:
                return name.rsplit("/", 1)[-1]
        return ""  # the program itself or ld.so: the kernel maps those


class Log:
    def __init__(self, lines):
        self.lines = [m.groups() for m in map(LINE.match, lines) if m]
        self.family = {}  # tid of a child: tid of its parent, text of the call
        self.images = []  # (pid, Image), in order of their begin
        self.image = {}  # tid: Image that it runs in
        self.leader = {}  # tid: pid of its process
        self.open = {}  # tid: call that has not returned
        self.calls = []  # (Image, name, arguments, file with the instruction)
        self.read_families()
        for tid, ip, text in self.lines:
            self.read(int(tid), ip, text)

    def read_families(self):
        """who made whom is known before a child's first line: that may stand before its parent's clone returns"""
        begun = {}
        for tid, _, text in self.lines:
            call, resumed = CALL.match(text), RESUMED.match(text)
            if resumed:
                text = begun.pop(tid, "") + resumed[2]
                call = CALL.match(text)
            if not call or call[1] not in ("clone", "clone3", "fork", "vfork"):
                continue
            if text.endswith("<unfinished ...>"):
                begun[tid] = text.removesuffix("<unfinished ...>")
            elif (result := RESULT.search(text)) and int(result[1]) > 0:
                self.family[int(result[1])] = (int(tid), text)

    def meet(self, tid):
        if tid in self.image:
            return
        parent, text = self.family.get(tid, (None, ""))
        if parent is None:
            self.leader[tid], self.image[tid] = tid, Image()
            return
        self.meet(parent)
        shares = "CLONE_VM" in text or text.startswith("vfork")
        self.leader[tid] = self.leader[parent] if "CLONE_THREAD" in text else tid
        self.image[tid] = self.image[parent] if shares else Image(self.image[parent])
        if not shares:
            self.images.append((tid, self.image[tid]))

    def read(self, tid, ip, text):
        self.meet(tid)
        if text.startswith(("+++", "---")):
            return
        if resumed := RESUMED.match(text):
            if tid in self.open:
                name, arguments, ip = self.open.pop(tid)
                self.returned(tid, name, arguments + resumed[2], ip)
            return
        if not (call := CALL.match(text)):
            return
        name, rest = call[1], call[2]
        if rest.endswith("<unfinished ...>"):
            self.entered(tid, ip)
            self.open[tid] = (name, rest.removesuffix("<unfinished ...>"), ip)
        else:
            self.entered(tid, ip)
            self.returned(tid, name, rest, ip)

    def entered(self, tid, ip):
        image = self.image[tid]
        if not image.is_begun and image.file_at(int(ip, 16)).startswith("libexeunt"):
            image.is_begun = True

    def returned(self, tid, name, text, ip):
        image = self.image[tid]
        result = RESULT.search(text)
        if not result or result[1] == "?":
            return
        if name == "execve":
            if result[1] == "0":
                pid = self.leader[tid]
                self.image[pid] = self.image[tid] = Image()
                self.images.append((pid, self.image[pid]))
            return
        file = image.file_at(int(ip, 16))
        self.calls.append((image, name, text[: result.start()], file))
        if name not in COUNTED:
            return
        if image.is_begun and file == "libc.so.6":
            image.counts[name] += 1
        if name == "mmap" and result[1].startswith("0x") and (mapped := FILE_MAPPED.match(text)):
            begin = int(result[1], 16)
            image.mapped.append((begin, begin + int(mapped[1]), mapped[2]))

    def rows(self, only_last):
        images = [(pid, image) for pid, image in self.images if image.is_begun]
        if only_last:
            images = dict(images).items()
        for pid, image in sorted(images, key=lambda x: x[0]):  # stable: in order of time for one pid
            if only_last or any(image.counts.values()):
                yield " ".join([str(pid)] + [f"{name}={count}" for name, count in image.counts.items() if count])


def read(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        return Log(log)


def main():
    log = read(sys.argv[-1])
    for tid, (name, _, _) in log.open.items():
        if name in COUNTED:
            print(f"thread {tid}: {name} did not return", file=sys.stderr)
    for row in log.rows(sys.argv[1] == "--last"):
        print(row)


if __name__ == "__main__":
    main()
