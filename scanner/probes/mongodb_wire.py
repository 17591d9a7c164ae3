"""MongoDB's OP_MSG, OP_QUERY before it, and as much of BSON as its short answers need.

Sources: MongoDB wire protocol (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/) and BSON
specification 1.1 (https://bsonspec.org/spec.html). Documents inside documents are stepped over, never entered, so that no
nesting costs anything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from scanner.errors import ProtocolError

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
LONGEST = 48 * 1024
"""Bytes of an answer that are taken; a server's own limit is 48 million."""

_DOUBLE, _STRING, _DOCUMENT, _ARRAY, _BINARY, _BOOLEAN, _REGEX, _INT32, _INT64 = (
    0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0B, 0x10, 0x12,
)  # fmt: skip
_FIXED = {
    _DOUBLE: 8, 0x06: 0, 0x07: 12, _BOOLEAN: 1, 0x09: 8, 0x0A: 0, _INT32: 4, 0x11: 8, _INT64: 8, 0x13: 16, 0x7F: 0, 0xFF: 0,
}  # fmt: skip
"""Kinds of one size."""
_COUNTED = {_STRING: 0, 0x0D: 0, 0x0E: 0, _BINARY: 1}
"""Kinds that begin with a count of bytes, and the bytes that it leaves out."""


def command(number: int, body: bytes) -> bytes:
    """An OP_MSG with one body section; ``number`` is the request's own."""
    payload = struct.pack("<IB", 0, 0) + body
    return struct.pack("<iiii", 16 + len(payload), number, 0, OP_MSG) + payload


def query(number: int, body: bytes) -> bytes:
    """The same as an OP_QUERY on ``admin.$cmd``, which servers before 3.6 know alone."""
    payload = struct.pack("<i", 0) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1) + body
    return struct.pack("<iiii", 16 + len(payload), number, 0, OP_QUERY) + payload


def _document(*elements: bytes) -> bytes:
    inner = b"".join(elements)
    return struct.pack("<i", len(inner) + 5) + inner + b"\0"


def _one(name: bytes) -> bytes:
    return b"\x10" + name + b"\0" + struct.pack("<i", 1)


def _text(name: bytes, value: bytes) -> bytes:
    return b"\x02" + name + b"\0" + struct.pack("<i", len(value) + 1) + value + b"\0"


_ADMIN = _text(b"$db", b"admin")
HELLO = _document(_one(b"hello"), _ADMIN)
BUILD_INFO = _document(_one(b"buildInfo"), _ADMIN)
_ONE_NAME = (
    _one(b"listDatabases"),
    b"\x08nameOnly\0\x01",
    b"\x03filter\0" + _document(_text(b"name", b"admin")),
)
LIST_DATABASES = _document(*_ONE_NAME, _ADMIN)
"""Asks for the name of one database that every server has: the proof, and nobody's data."""


OLD_BUILD_INFO = _document(_one(b"buildInfo"))
OLD_LIST_DATABASES = _document(*_ONE_NAME)


def elements(document: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Name, kind and bytes of each element of a document, in order.

    :raises ProtocolError: no whole document.
    """
    if len(document) < 5:
        raise ProtocolError("a BSON document is cut short", kind="protocol")
    (size,) = struct.unpack_from("<i", document)
    end = size - 1
    if not 5 <= size <= len(document) or document[end]:
        raise ProtocolError("a BSON document does not end where it says", kind="protocol")
    at = 4
    while at < end:
        kind = document[at]
        start = document.find(b"\0", at + 1, end) + 1
        if not start:
            raise ProtocolError("a BSON name does not end", kind="protocol")
        after = start + _size(kind, document, start, end)
        if after > end:
            raise ProtocolError("a BSON value runs past its document", kind="protocol")
        yield document[at + 1 : start - 1].decode("utf-8", errors="replace"), kind, document[start:after]
        at = after


def _size(kind: int, document: bytes, start: int, end: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == _REGEX:
        second = document.find(b"\0", start, end) + 1
        last = document.find(b"\0", second, end) + 1 if second else 0
        if last:
            return last - start
    elif (kind in _COUNTED or kind in (_DOCUMENT, _ARRAY)) and start + 4 <= end:
        (count,) = struct.unpack_from("<i", document, start)
        if kind in _COUNTED and count >= 0:
            return 4 + _COUNTED[kind] + int(count)
        if kind in (_DOCUMENT, _ARRAY) and count >= 5:
            return int(count)
    raise ProtocolError(f"no BSON value of kind {kind:#04x}", kind="protocol")


def read(document: bytes) -> dict[str, str | float | int]:
    """Numbers, truths and texts of a document by name; of an array its number of elements; other kinds are left out.

    :raises ProtocolError: no whole document.
    """
    found: dict[str, str | float | int] = {}
    for name, kind, data in elements(document):
        if kind == _DOUBLE:
            found[name] = struct.unpack("<d", data)[0]
        elif kind == _INT32:
            found[name] = struct.unpack("<i", data)[0]
        elif kind == _INT64:
            found[name] = struct.unpack("<q", data)[0]
        elif kind == _BOOLEAN:
            found[name] = int(data[0])
        elif kind == _STRING:
            found[name] = data[4:-1].decode("utf-8", errors="replace")
        elif kind == _ARRAY:
            found[name] = sum(1 for _ in elements(data))
    return found


def body(opcode: int, message: bytes) -> bytes:
    """The first document of what follows the header of an OP_MSG or OP_REPLY.

    :raises ProtocolError: there is none.
    """
    if opcode == OP_MSG and len(message) >= 10 and message[4] == 0:
        return message[5:]
    if opcode == OP_REPLY and len(message) >= 25:
        return message[20:]
    raise ProtocolError(f"a MongoDB answer of opcode {opcode} without a document", kind="protocol")
