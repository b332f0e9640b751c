#!/usr/bin/env python3
"""uprobe.py FILE COMMAND...: runs COMMAND; how often it and its children entered libc's __lll_lock_wait_private is
written to FILE, as a kernel uprobe counts it.

The probe lies behind the five bytes at the function's start that the library moves: the way in leads over it, moved or
not. It is counted by a perf event of COMMAND's own, so that other programs do not matter, and removed at the end.
Exit status: COMMAND's; 77 and a reason on stderr where there can be no such probe."""
import contextlib
import ctypes
import os
import platform
import re
import signal
import struct
import subprocess
import sys
import tempfile

SYMBOL = "__lll_lock_wait_private"
START = bytes.fromhex("8b0783f802")  # mov (%rdi),%eax; cmp $2,%eax: five bytes, two instructions
TRACING = "/sys/kernel/tracing"
SYS_PERF_EVENT_OPEN = 298  # x86-64
PERF_TYPE_TRACEPOINT = 2
DISABLED, INHERIT, ENABLE_ON_EXEC = 1 << 0, 1 << 1, 1 << 12
CALL = ctypes.CDLL(None, use_errno=True)


def skip(reason):
    print(reason, file=sys.stderr)
    sys.exit(77)


def libc():
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        for line in maps:
            if line.rstrip().endswith("/libc.so.6"):
                return line.split()[-1]
    return skip("this python has no libc.so.6")


def offset_of_probe(path):
    """in the file; symbols and segments as readelf prints them"""
    symbols = subprocess.run(["readelf", "-W", "--dyn-syms", path], capture_output=True, text=True, check=True).stdout
    segments = subprocess.run(["readelf", "-W", "-l", path], capture_output=True, text=True, check=True).stdout
    found = re.search(rf": ([0-9a-f]+) .* {SYMBOL}@", symbols)
    if not found:
        skip(f"this libc does not export {SYMBOL}")
    address = int(found[1], 16)
    for segment in re.finditer(r"LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) ", segments):
        offset, begin, size = (int(x, 16) for x in segment.groups())
        if begin <= address < begin + size:
            address += offset - begin
            break
    with open(path, "rb") as file:
        file.seek(address)
        if file.read(len(START)) != START:
            skip(f"{SYMBOL} of this libc begins in another way")
    return address + len(START)


@contextlib.contextmanager
def tracefs():
    """its folder; mounted for the moment where nobody has mounted it"""
    if os.path.exists(TRACING + "/uprobe_events"):
        yield TRACING
        return
    folder = tempfile.mkdtemp()
    try:
        if CALL.mount(b"tracefs", folder.encode(), b"tracefs", 0, None) != 0:
            skip(f"no tracefs here: {os.strerror(ctypes.get_errno())}")
        try:
            yield folder
        finally:
            CALL.umount2(folder.encode(), 0)
    finally:
        os.rmdir(folder)


def change_probes(line):
    with tracefs() as folder:
        fd = os.open(folder + "/uprobe_events", os.O_WRONLY | os.O_APPEND)
        try:
            os.write(fd, line.encode() + b"\n")
        finally:
            os.close(fd)


@contextlib.contextmanager
def probe(path, offset):
    """number of the tracepoint"""
    group = f"exeunt_{os.getpid()}"
    try:
        change_probes(f"p:{group}/wait {path}:{offset:#x}")
    except OSError as error:
        skip(f"no uprobes here: {error}")
    try:
        with tracefs() as folder, open(f"{folder}/events/{group}/wait/id", encoding="ascii") as file:
            number = int(file.read())
        yield number
    finally:
        change_probes(f"-:{group}/wait")


def open_counter(pid, tracepoint):
    # type, size, config, period, sample_type, read_format, flags
    attributes = struct.pack("IIQQQQQ", PERF_TYPE_TRACEPOINT, 64, tracepoint, 0, 0, 0, DISABLED | INHERIT | ENABLE_ON_EXEC)
    fd = CALL.syscall(SYS_PERF_EVENT_OPEN, attributes.ljust(64, b"\0"), pid, -1, -1, 8)  # closed by exec
    if fd < 0:
        skip(f"no perf events here: {os.strerror(ctypes.get_errno())}")
    return fd


def start(command):
    """a child that waits for a byte before it becomes COMMAND"""
    wait, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        if not os.read(wait, 1):
            os._exit(77)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(error, file=sys.stderr)
        os._exit(127)
    os.close(wait)
    return child, go


def main():
    if platform.machine() != "x86_64":
        skip("written for x86-64")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    path = libc()
    with probe(path, offset_of_probe(path)) as tracepoint:
        child, go = start(sys.argv[2:])
        counter = open_counter(child, tracepoint)
        try:
            os.write(go, b"x")
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            count = struct.unpack("Q", os.read(counter, 8))[0]
        finally:
            os.close(counter)  # a probe in use cannot be removed
    with open(sys.argv[1], "w", encoding="ascii") as file:
        print(count, file=file)
    sys.exit(status if status >= 0 else 128 - status)


main()
