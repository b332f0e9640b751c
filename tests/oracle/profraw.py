#!/usr/bin/env python3
"""profraw.py A B: how two raw profiles of LLVM (versions 8 to 10) differ, field by field; exit 1 when it matters.

What does not: where sections that are not there are said to lie, and padding behind counters of one byte."""
import struct
import sys

HEADERS = {8: ("ids", "data", "pad_before", "counters", "pad_after", "names", "counters_delta", "names_delta", "last_kind")}
HEADERS[9] = ("ids", "data", "pad_before", "counters", "pad_after", "bitmap", "bitmap_pad", "names", "counters_delta",
              "bitmap_delta", "names_delta", "last_kind")
HEADERS[10] = HEADERS[9][:-1] + ("vtables", "vtable_names", "last_kind")
RECORD_BYTES = {8: 48, 9: 64, 10: 64}


class Elf:
    """section headers of a 64-bit little-endian file"""

    def __init__(self, data):
        at, = struct.unpack_from("<Q", data, 40)
        size, count, names = struct.unpack_from("<HHH", data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", data, at + i * size) for i in range(count)]
        base = heads[names][4] if heads else 0
        self.sections = {data[base + head[0]:data.index(b"\0", base + head[0])].decode(): head for head in heads}

    def section_bytes(self, name):
        return self.sections[name][5] if name in self.sections else 0


def parts(data):
    """the first profile of a file: names of parts and their bytes"""
    magic, version = struct.unpack_from("<QQ", data)
    if magic != 0xff6c70726f667281:
        raise SystemExit("profraw.py: no raw profile")
    names = HEADERS[version & 0xffffff]
    head = dict(zip(names, struct.unpack_from(f"<{len(names)}Q", data, 16)))
    counter = 1 if version >> 60 & 1 else 8
    out, at = {"version": version, **head}, 16 + 8 * len(names)
    for name, size, pad in (("id bytes", head["ids"], 0), ("record bytes", head["data"] * RECORD_BYTES[version & 0xffffff], 0),
                            ("counter bytes", head["pad_before"] + head["counters"] * counter, head["pad_after"]),
                            ("bitmap bytes", head.get("bitmap", 0), head.get("bitmap_pad", 0)),
                            ("name bytes", head["names"], -head["names"] % 8),
                            ("vtable bytes", head.get("vtables", 0) * 24, 0),
                            ("vtable name bytes", head.get("vtable_names", 0), -head.get("vtable_names", 0) % 8)):
        out[name] = data[at:at + size]
        at += size + pad
    out["value data"] = data[at:]
    if counter == 1:
        del out["pad_after"]
    if not head.get("bitmap"):
        out.pop("bitmap_delta", None)
    return out


def main():
    one, other = (parts(open(path, "rb").read()) for path in sys.argv[1:3])
    differing = [name for name in one if one[name] != other.get(name)]
    for name in differing:
        print(f"{name}: {one[name]!r:.200} and {other.get(name)!r:.200}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
