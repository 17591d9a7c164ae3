"""Windows event logs (EVTX, [MS-EVEN6]) as lines, a chunk of 64 KiB at a time: memory does not grow with the file.

A line is ``TIME COMPUTER CHANNEL[EVENT]: WHAT name=value ...``. Of a logon (4624, 4625) the names are ``account``, ``source_address``
and ``port``, as in other logs. The chunks are read by pyevtx-rs; each is a log of its own, so that a damaged one costs its own events.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec
from evtx import PyEvtxParser

from scanner.facts.logs import LogSign
from scanner.logs.sources import Source

MAGIC = b"ElfFile\0"
_CHUNK_MAGIC = b"ElfChnk\0"
_CHUNK = 65536
_MOST_TEXT = 16 << 20
"""Bytes that the events of one chunk may unfold to: a template may repeat a value thousands of times."""
_MOST_LINE = 8192
_MOST_SIGNS = 20
_NEARLY_ALL = 0.99
"""Share of numbers that follow the one before, from which a log is taken for whole: a filtered export lacks numbers by right."""
_WHAT = {
    4624: "logon succeeded",
    4625: "logon failed",
    4634: "logoff",
    4647: "logoff",
    1102: "audit log cleared",
    104: "log cleared",
}
"""Microsoft, "Security auditing events": what the events say that are told in words."""
_LOGONS = frozenset({4624, 4625, 4634, 4647})
_CLEARED = frozenset({("Security", 1102), ("System", 104)})
_NAMES = {"TargetUserName": "account", "IpAddress": "source_address", "IpPort": "port"}
_HEAD = struct.pack("<8sQQQIHHHH", MAGIC, 0, 0, 1, 128, 1, 3, 4096, 1).ljust(120, b"\0")
_FILE_HEAD = (_HEAD + struct.pack("<II", 0, zlib.crc32(_HEAD))).ljust(4096, b"\0")
"""The head of a file of one chunk."""


def lines(pieces: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """The events of a file as blocks of lines; what is odd about their numbers goes to ``source.signs`` at the end."""
    numbers = _Numbers(source)
    rest = bytearray()
    head = True
    for piece in pieces:
        rest += piece
        if head:
            if len(rest) < 4096:
                continue
            # The size of the file's head stands in it; every Windows writes 4096.
            del rest[: max(128, min(4096, int.from_bytes(rest[40:42], "little")))]
            head = False
        whole = len(rest) // _CHUNK * _CHUNK
        for start in range(0, whole, _CHUNK):
            block = _chunk(bytes(rest[start : start + _CHUNK]), source, numbers)
            if block is None:
                source.note("too_large")
                return
            if block:
                yield block
        del rest[:whole]
    if head or rest.startswith(_CHUNK_MAGIC):
        source.note("truncated")
    elif rest.strip(b"\0"):
        source.note("damaged")
    source.signs += numbers.signs()


def _chunk(chunk: bytes, source: Source, numbers: _Numbers) -> bytes | None:
    """The lines of one chunk; None where it unfolds without measure."""
    if not chunk.startswith(_CHUNK_MAGIC):
        # What lies behind the last chunk is room that the log keeps.
        if chunk.strip(b"\0"):
            source.note("damaged")
        return b""
    found: list[bytes] = []
    octets = 0
    with warnings.catch_warnings(record=True) as troubles:
        warnings.simplefilter("always")
        try:
            parser = PyEvtxParser(io.BytesIO(_FILE_HEAD + chunk), number_of_threads=1, skip_errors=True)
            for record in cast(Iterable[Mapping[str, str]], parser.records_json()):
                octets += len(record["data"])
                if octets > _MOST_TEXT:
                    return None
                line = _line(record["data"], record["timestamp"], numbers)
                if line:
                    found.append(line)
                else:
                    source.note("damaged")
        except (RuntimeError, ValueError, OSError):
            source.note("damaged")
    if troubles:
        source.note("damaged")
    return b"".join(found)


def _line(data: str, written: str, numbers: _Numbers) -> bytes:
    """One event; empty where it is none."""
    try:
        event = msgspec.json.decode(data)["Event"]
        system = event["System"]
        number, channel = int(system["EventRecordID"]), str(system.get("Channel") or "-")
        identity = system["EventID"]
        # Older logs carry qualifiers beside it.
        kind = int(identity["#text"] if isinstance(identity, Mapping) else identity)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return b""
    numbers.take(number, (channel, kind))
    said = event.get("EventData") or event.get("UserData") or {}
    parts = [f"{name}={value}" for name, value in _said(said, kind)]
    what = _WHAT.get(kind, "event")
    moment = written.removesuffix(" UTC")
    computer = str(system.get("Computer") or "-")
    text = f"{moment} {computer} {channel.replace(' ', '_')}[{kind}]: {what} {' '.join(parts)}"
    return " ".join(text.split()).encode("utf-8", "replace")[:_MOST_LINE] + b"\n"


def _said(said: Any, kind: int) -> Iterator[tuple[str, str]]:
    """Names and values of an event; values within values are not looked into."""
    if not isinstance(said, Mapping):
        return
    for name, value in said.items():
        if name == "#attributes" or isinstance(value, (Mapping, list)) or value is None or value == "":
            continue
        yield str(_NAMES.get(name, name) if kind in _LOGONS else name), str(value)


class _Numbers:
    """The events' numbers, which follow one another in a log that is whole."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._events = self._steps = self._followed = 0
        self._number: int | None = None
        self._holes: list[tuple[int, int, int]] = []
        self._cleared: list[tuple[int, str]] = []

    def take(self, number: int, event: tuple[str, int]) -> None:
        self._events += 1
        before, self._number = self._number, number
        if event in _CLEARED and len(self._cleared) < _MOST_SIGNS:
            self._cleared.append((self._events, f"{event[0]} {event[1]}"))
        if before is None:
            return
        self._steps += 1
        if number == before + 1:
            self._followed += 1
        elif number > before and len(self._holes) < _MOST_SIGNS:
            self._holes.append((self._events, before + 1, number - 1))

    def signs(self) -> list[LogSign]:
        found = [
            LogSign(kind="cleared", file=self._source.name, line=line, lines=1, detail=detail)
            for line, detail in self._cleared
        ]
        if self._followed >= _NEARLY_ALL * self._steps:
            found += [
                LogSign(
                    kind="sequence_hole", file=self._source.name, line=line, lines=0,
                    detail=f"{first}" if first == last else f"{first}–{last}",
                )
                for line, first, last in self._holes
            ]  # fmt: skip
        return found
