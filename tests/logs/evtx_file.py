"""Writes Windows event logs by the published format ([MS-EVEN6] §2.2.12 for BinXml), as the Event Log service lays them out:
records in chunks of 64 KiB, each an instance of a template that stands in the chunk once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

CHUNK = 65536
_DATA = 512
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_STRING, _UINT16, _UINT32, _UINT64, _FILETIME = 0x01, 0x06, 0x08, 0x0A, 0x11


@dataclass(frozen=True)
class Event:
    """One event: ``data`` are the names and values of its EventData, in order."""

    id: int
    at: datetime
    number: int
    data: Mapping[str, str] = field(default_factory=dict)
    channel: str = "Security"
    computer: str = "web1"
    provider: str = "Microsoft-Windows-Security-Auditing"


def evtx(events: Sequence[Event], per_chunk: int = 40) -> bytes:
    """A whole file."""
    groups = [events[start : start + per_chunk] for start in range(0, len(events), per_chunk)]
    chunks = [_chunk(group) for group in groups]
    last = events[-1].number if events else 0
    head = struct.pack(
        "<8sQQQIHHHH", b"ElfFile\0", 0, max(len(chunks) - 1, 0), last + 1, 128, 1, 3, 4096, len(chunks)
    )
    head = head.ljust(120, b"\0")
    head += struct.pack("<II", 0, zlib.crc32(head))
    return head.ljust(4096, b"\0") + b"".join(chunks)


def _chunk(events: Sequence[Event]) -> bytes:
    body = bytearray()
    templates: dict[tuple[str, ...], int] = {}
    last_at = 0
    for event in events:
        last_at = _DATA + len(body)
        body += _record(event, last_at, templates)
    return chunk_of(bytes(body), events[0].number, events[-1].number, last_at)


def chunk_of(body: bytes, first: int, last: int, last_at: int) -> bytes:
    """A chunk around records."""
    assert len(body) <= CHUNK - _DATA
    head = struct.pack(
        "<8sQQQQIIII",
        b"ElfChnk\0",
        first,
        last,
        first,
        last,
        128,
        last_at,
        _DATA + len(body),
        zlib.crc32(body),
    ).ljust(120, b"\0")
    tables = bytes(_DATA - 128)
    head += struct.pack("<II", 0, zlib.crc32(head + tables))
    return (head + tables + body).ljust(CHUNK, b"\0")


def record_of(xml: bytes, number: int, at: datetime) -> bytes:
    """A record around BinXml."""
    size = 24 + len(xml) + 4
    return struct.pack("<IIQQ", 0x2A2A, size, number, _filetime(at)) + xml + struct.pack("<I", size)


def _filetime(at: datetime) -> int:
    return round((at - _EPOCH).total_seconds() * 10_000_000)


def _record(event: Event, at: int, templates: dict[tuple[str, ...], int]) -> bytes:
    names = tuple(event.data)
    values = [
        (_UINT16, struct.pack("<H", event.id)), (_FILETIME, struct.pack("<Q", _filetime(event.at))),
        (_UINT64, struct.pack("<Q", event.number)), (_STRING, event.channel.encode("utf-16-le")),
        (_STRING, event.computer.encode("utf-16-le")),
        *((_STRING, value.encode("utf-16-le")) for value in event.data.values()),
    ]  # fmt: skip
    key = (event.provider, *names)
    known = templates.get(key)
    xml = bytearray(b"\x0f\x01\x01\x00")
    start = at + 24 + len(xml) + 10
    xml += struct.pack("<BBII", 0x0C, 1, zlib.crc32(repr(key).encode()), known or start)
    if known is None:
        templates[key] = start
        definition = _template(event.provider, names, start + 24)
        xml += struct.pack("<I16sI", 0, bytes(16), len(definition)) + definition
    xml += struct.pack("<I", len(values))
    xml += b"".join(struct.pack("<HBB", len(value), kind, 0) for kind, value in values)
    xml += b"".join(value for _, value in values)
    return record_of(bytes(xml), event.number, event.at)


def _template(provider: str, names: Iterable[str], at: int) -> bytes:
    out = _Writer(at)
    out.raw(b"\x0f\x01\x01\x00")

    def data() -> None:
        for index, name in enumerate(names):
            out.element("Data", lambda index=index: out.substitution(5 + index, _STRING), {"Name": name})

    def system() -> None:
        out.element("Provider", None, {"Name": provider})
        out.element("EventID", lambda: out.substitution(0, _UINT16))
        out.element("TimeCreated", None, {"SystemTime": (1, _FILETIME)})
        out.element("EventRecordID", lambda: out.substitution(2, _UINT64))
        out.element("Channel", lambda: out.substitution(3, _STRING))
        out.element("Computer", lambda: out.substitution(4, _STRING))

    def event() -> None:
        out.element("System", system)
        out.element("EventData", data)

    out.element("Event", event, {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"})
    out.raw(b"\0")
    return bytes(out.data)


class _Writer:
    """BinXml that begins at an offset of its chunk: names are told by where they stand."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.data = bytearray()

    def raw(self, piece: bytes) -> None:
        self.data += piece

    def _name(self, name: str) -> None:
        self.raw(struct.pack("<I", self._at + len(self.data) + 4))
        number = 0
        for char in name:
            number = (number * 65599 + ord(char)) & 0xFFFFFFFF
        self.raw(struct.pack("<IHH", 0, number & 0xFFFF, len(name)) + name.encode("utf-16-le") + b"\0\0")

    def substitution(self, index: int, kind: int) -> None:
        self.raw(struct.pack("<BHB", 0x0D, index, kind))

    def element(self, name, content, attributes=None) -> None:  # type: ignore[no-untyped-def]
        """An element with attributes (a text, or the number and kind of a substitution)."""
        attributes = attributes or {}
        self.raw(struct.pack("<BH", 0x41 if attributes else 0x01, 0xFFFF))
        size_at = len(self.data)
        self.raw(b"\0\0\0\0")
        self._name(name)
        if attributes:
            list_at = len(self.data)
            self.raw(b"\0\0\0\0")
            for left, (key, value) in zip(
                range(len(attributes) - 1, -1, -1), attributes.items(), strict=True
            ):
                self.raw(b"\x46" if left else b"\x06")
                self._name(key)
                if isinstance(value, str):
                    self.raw(struct.pack("<BBH", 0x05, 0x01, len(value)) + value.encode("utf-16-le"))
                else:
                    self.substitution(*value)
            self.data[list_at : list_at + 4] = struct.pack("<I", len(self.data) - list_at - 4)
        if content is None:
            self.raw(b"\x03")
        else:
            self.raw(b"\x02")
            content()
            self.raw(b"\x04")
        self.data[size_at : size_at + 4] = struct.pack("<I", len(self.data) - size_at - 4)
