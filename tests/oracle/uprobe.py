#!/usr/bin/env python3
"""uprobe.py [--start] FILE COMMAND...: runs COMMAND; how often it and its children entered libc's __lll_lock_wait_private is
written to FILE, as a kernel uprobe counts it.

The probe lies behind the five bytes at the function's start that the library moves: the way in leads over it, moved or
not. It is on a copy of libc that only COMMAND uses, so that all of the machine can be counted: a perf event of COMMAND's
own misses hits as soon as threads end, for the kernel takes the probe away when the thread that an inherited event was
made for is gone. --start: on the first byte instead, where the library must leave it alone. Exit status: COMMAND's; 77 and
a reason on stderr where there can be no such probe."""
import contextlib
import ctypes
import os
import platform
import re
import shutil
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


def offset_of_probe(path, is_start):
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
    return address + (0 if is_start else len(START))


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


def remove_stale():
    """probes of a process that was killed; the kernel keeps them"""
    with tracefs() as folder, open(folder + "/uprobe_events", encoding="ascii") as file:
        found = re.findall(r"p:(exeunt_(\d+)/wait) ", file.read())
    for name, pid in found:
        if not os.path.exists(f"/proc/{pid}"):
            change_probes(f"-:{name}")


@contextlib.contextmanager
def probe(path, offset):
    """number of the tracepoint"""
    remove_stale()
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


def open_counter(tracepoint, cpu):
    # type, size, config, period, sample_type, read_format, flags
    attributes = struct.pack("IIQQQQQ", PERF_TYPE_TRACEPOINT, 64, tracepoint, 0, 0, 0, 0).ljust(64, b"\0")
    fd = CALL.syscall(SYS_PERF_EVENT_OPEN, attributes, -1, cpu, -1, 8)  # closed by exec
    if fd < 0:
        skip(f"no perf events here: {os.strerror(ctypes.get_errno())}")
    return fd


def cpus():
    with open("/sys/devices/system/cpu/online", encoding="ascii") as file:
        for part in file.read().strip().split(","):
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)


def main():
    if platform.machine() != "x86_64":
        skip("written for x86-64")
    is_start = sys.argv[1] == "--start"
    count_file, *command = sys.argv[2 if is_start else 1 :]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(libc(), folder)
        with probe(copy, offset_of_probe(copy, is_start)) as tracepoint:
            counters = []
            try:
                for cpu in cpus():
                    counters.append(open_counter(tracepoint, cpu))
                status = subprocess.run(command, env=os.environ | {"LD_LIBRARY_PATH": folder}, check=False).returncode
                count = sum(struct.unpack("Q", os.read(counter, 8))[0] for counter in counters)
            finally:
                for counter in counters:
                    os.close(counter)  # a probe in use cannot be removed
    with open(count_file, "w", encoding="ascii") as file:
        print(count, file=file)
    sys.exit(status if status >= 0 else 128 - status)


main()
