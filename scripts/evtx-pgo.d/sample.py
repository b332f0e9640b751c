#!/usr/bin/env python3
"""Writes a Windows event log of made-up events, so that the project needs to carry nobody's: sample.py EVENTS FILE

The same bytes for the same number. Three kinds of event in turn, and between them the types of value that real logs use.
"""
import struct
import sys
import uuid
import zlib

CHUNK = 65536
FIRST_RECORD = 512
STRING, U8, U16, U32, U64, BINARY, GUID, FILETIME, SID, HEX64, XML = 1, 4, 6, 8, 10, 14, 15, 17, 19, 21, 33


def text(s):
    return s.encode("utf-16-le")


def name_hash(s):
    value = 0
    for c in s:
        value = (value * 65599 + ord(c)) & 0xFFFFFFFF
    return value & 0xFFFF


class Chunk:
    def __init__(self, first):
        self.data, self.first, self.count, self.templates, self.last = bytearray(CHUNK), first, 0, {}, 0
        self.at = FIRST_RECORD

    # a template's elements, as bytes that begin at offset `at` of the chunk: names are told by where they lie in it
    def name(self, at, s):
        return struct.pack("<IIHH", at + 4, 0, name_hash(s), len(s)) + text(s) + b"\0\0"

    def element(self, at, node):
        tag, attributes, content = node
        out = bytearray(struct.pack("<BHI", 0x41 if attributes else 0x01, 0xFFFF, 0))
        out += self.name(at + len(out), tag)
        if attributes:
            size_at = len(out)
            out += b"\0\0\0\0"
            for i, (key, value) in enumerate(attributes):
                out.append(0x46 if i + 1 < len(attributes) else 0x06)
                out += self.name(at + len(out), key)
                out += self.value(value)
            struct.pack_into("<I", out, size_at, len(out) - size_at - 4)
        if content is None:
            out.append(0x03)
        else:
            out.append(0x02)
            for part in content if isinstance(content, list) else [content]:
                out += self.element(at + len(out), part) if len(part) == 3 else self.value(part)
            out.append(0x04)
        struct.pack_into("<I", out, 3, len(out) - 7)
        return bytes(out)

    @staticmethod
    def value(v):
        if v[0] == "text":
            return struct.pack("<BBH", 0x05, STRING, len(v[1])) + text(v[1])
        return struct.pack("<BHB", 0x0E, v[0], v[1])  # an optional substitution: its number, its type

    # an instance of the template: with its definition where it is the chunk's first
    def instance(self, at, kind, values):
        key, tree = kind
        out = bytearray(b"\x0f\x01\x01\x00\x0c\x01")
        guid = uuid.uuid5(uuid.NAMESPACE_OID, "exeunt sample " + key)
        out += struct.pack("<I", guid.fields[0])
        definition = self.templates.get(key, at + len(out) + 4)
        out += struct.pack("<I", definition)
        if key not in self.templates:
            self.templates[key] = definition
            body = b"\x0f\x01\x01\x00" + self.element(definition + 28, tree) + b"\x00"
            out += struct.pack("<I", 0) + guid.bytes_le + struct.pack("<I", len(body)) + body
        data = []
        sizes = [v if isinstance(v[1], bytes) else (v[0], b"") for v in values]
        at += len(out) + 4 + 4 * len(values)
        for (type_, plain), v in zip(sizes, values):
            if not isinstance(v[1], bytes):  # a template inside: it has to know where it lies
                plain = self.instance(at, *v[1]) + b"\x00"
            data.append((type_, plain))
            at += len(plain)
        out += struct.pack("<I", len(data))
        for type_, plain in data:
            out += struct.pack("<HBB", len(plain), type_, 0)
        return bytes(out) + b"".join(plain for _, plain in data)

    def add(self, number, time, kind, values):
        """False when the chunk is full, and then it is as it was."""
        before = dict(self.templates)
        body = self.instance(self.at + 24, kind, values) + b"\x00"
        size = 24 + len(body) + 4
        if self.at + size > CHUNK:
            self.templates = before
            return False
        head = struct.pack("<4sIQQ", b"**\0\0", size, number, time)
        self.data[self.at : self.at + size] = head + body + struct.pack("<I", size)
        self.last, self.at, self.count = self.at, self.at + size, self.count + 1
        return True

    def bytes(self):
        last = self.first + self.count - 1
        crc = zlib.crc32(self.data[FIRST_RECORD : self.at])
        struct.pack_into("<8sQQQQIIII", self.data, 0, b"ElfChnk\0", self.first, last, self.first, last, 128,
                         self.last, self.at, crc)
        struct.pack_into("<I", self.data, 124, zlib.crc32(self.data[:120] + self.data[128:512]))
        return bytes(self.data)


def system(kind, fields):
    """The tree of one kind of event; what differs between events is a substitution, by number."""
    data = [("Data", [("Name", ("text", name))], [(n, type_)]) for n, (name, type_) in enumerate(fields, 10)]
    return (kind, ("Event", [("xmlns", ("text", "http://schemas.microsoft.com/win/2004/08/events/event"))], [
        ("System", [], [
            ("Provider", [("Name", (0, STRING)), ("Guid", (1, GUID))], None),
            ("EventID", [], [(2, U16)]),
            ("Level", [], [(3, U8)]),
            ("Keywords", [], [(4, HEX64)]),
            ("TimeCreated", [("SystemTime", (5, FILETIME))], None),
            ("EventRecordID", [], [(6, U64)]),
            ("Execution", [("ProcessID", (7, U32)), ("ThreadID", (8, U32))], None),
            ("Channel", [], ("text", "Exeunt/" + kind)),
            ("Computer", [], ("text", "sample")),
            ("Security", [("UserID", (9, SID))], None),
        ]),
        ("EventData", [], data) if data else ("UserData", [], [(10, XML)]),
    ]))


LOGON = system("Logon", [("User", STRING), ("Session", GUID), ("Source", STRING), ("Port", U16), ("Token", BINARY)])
SERVICE = system("Service", [("Name", STRING), ("State", STRING), ("Started", FILETIME), ("Bytes", U64)])
DETAIL = ("Detail", ("Detail", [], [("Reason", [], [(0, STRING)]), ("Code", [], [(1, U32)])]))
NESTED = system("Nested", [])
SYSTEM_SID = bytes([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0])


def event(number):
    time = 132000000000000000 + number * 1234567
    guid = uuid.uuid5(uuid.NAMESPACE_OID, str(number % 17)).bytes_le
    values = [
        (STRING, text("Exeunt-Sample")),
        (GUID, guid),
        (U16, struct.pack("<H", 4624 + number % 3)),
        (U8, bytes([number % 5])),
        (HEX64, struct.pack("<Q", 0x8020000000000000)),
        (FILETIME, struct.pack("<Q", time)),
        (U64, struct.pack("<Q", number)),
        (U32, struct.pack("<I", 600 + number % 50)),
        (U32, struct.pack("<I", 4000 + number % 7)),
        (SID, SYSTEM_SID),
    ]
    if number % 3 == 0:
        return time, LOGON, values + [
            (STRING, text("user%d & <co> \u00e9\u4e16" % (number % 40))),
            (GUID, guid),
            (STRING, text("192.0.2.%d" % (number % 250))),
            (U16, struct.pack("<H", 1024 + number % 60000)),
            (BINARY, bytes(range(number % 16))),
        ]
    if number % 3 == 1:
        return time, SERVICE, values + [
            (STRING, text("Service %d" % (number % 90))),
            (STRING, text("running" if number % 2 else "stopped")),
            (FILETIME, struct.pack("<Q", time - 10**9)),
            (U64, struct.pack("<Q", number * 4096)),
        ]
    detail = [(STRING, text('"why" of %d' % number)), (U32, struct.pack("<I", number))]
    return time, NESTED, values + [(XML, (DETAIL, detail))]


def main(events, path):
    chunks = [Chunk(1)]
    for number in range(1, events + 1):
        if not chunks[-1].add(number, *event(number)):
            chunks.append(Chunk(number))
            assert chunks[-1].add(number, *event(number))
    header = bytearray(4096)
    struct.pack_into("<8sQQQIHHHH", header, 0, b"ElfFile\0", 0, len(chunks) - 1, events + 1, 128, 1, 3, 4096,
                     len(chunks))
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    with open(path, "wb") as out:
        out.write(header)
        for chunk in chunks:
            out.write(chunk.bytes())


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit() or int(sys.argv[1]) == 0:
        sys.exit("usage: sample.py EVENTS FILE")
    main(int(sys.argv[1]), sys.argv[2])
