"""systemd's journal in its export format, as lines of syslog (https://systemd.io/JOURNAL_EXPORT_FORMATS/).

Each entry carries a cursor: the identity of its sequence, its number in it, and the XOR of the hashes of its fields
(https://systemd.io/JOURNAL_FILE_FORMAT/). A number that is missing, one that goes back, and an entry that is no longer what its hash
says are told. An export of one unit lacks the others' numbers by right: only where nearly every number is there is a missing one told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from typing import Literal

from scanner.facts.logs import LogSign
from scanner.logs.lookup3 import hashes
from scanner.logs.sources import Source

_MOST_ENTRY = 4 << 20
_MOST_SIGNS = 20
_NEARLY_ALL = 0.99
"""Share of numbers that follow the one before, from which an export is taken for whole; it must have several units besides, since
one of them may write nearly everything."""
_LEAST_UNITS = 3
"""``journalctl -u`` exports a unit, and what systemd says of it."""
_CURSOR = re.compile(
    rb"s=([0-9a-f]{32});i=([0-9a-f]{1,16});b=[0-9a-f]{32};m=[0-9a-f]+;t=[0-9a-f]+;x=([0-9a-f]{1,16})"
)
_MOST_HASHED = 1 << 16
"""Bytes of one field; a longer one is not hashed, nor is its entry."""
_MOST_PAIRED = 200
_AT_ONCE = 1 << 16
"""Fields that are hashed together at most."""
_BYTES_AT_ONCE = 8 << 20
"""Their bytes."""


class Journal:
    """The entries of one export as lines, and what is odd about them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._entries = 0
        self._sequence = b""
        self._number: int | None = None
        self._followed = self._steps = 0
        self._holes: list[tuple[int, int, int]] = []
        self._back: list[tuple[int, int, int]] = []
        self._went_back = 0
        self._units: set[bytes] = set()
        self._places: dict[bytes, int] = {}
        self._owned: list[tuple[int, list[int]]] = []
        self._bytes = 0
        self._stated: dict[int, int] = {}
        self._hashed = self._false = 0
        self._first_false: list[int] = []

    def lines(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Each entry as one line ``TIME HOST NAME[PID]: MESSAGE``, with the time of its receipt in UTC."""
        entry: list[tuple[bytes, bytes]] = []
        rest = b""
        for block in blocks:
            rest, at = rest + block, 0
            out: list[bytes] = []
            while (end := rest.find(b"\n", at)) >= 0:
                if end == at:
                    if entry:
                        out.append(self._line(entry))
                        entry = []
                    at = end + 1
                    continue
                name, equals, value = rest[at:end].partition(b"=")
                after = end + 1
                if not equals:
                    # A field with binary content: its length in eight bytes, little-endian, and then a line's end.
                    size = int.from_bytes(rest[after : after + 8], "little")
                    if size > _MOST_ENTRY:
                        self._source.note("damaged")
                        at = after
                        continue
                    if len(rest) < after + 8 + size + 1:
                        break
                    value, after = rest[after + 8 : after + 8 + size], after + 8 + size + 1
                entry.append((name, value))
                at = after
            rest = rest[at:]
            if out:
                yield b"".join(out)
            if len(rest) > 4 * _MOST_ENTRY or len(entry) > _MOST_ENTRY // 64:
                self._source.note("damaged")
                rest, entry = b"", []
        if entry:
            yield self._line(entry)

    def _line(self, fields: list[tuple[bytes, bytes]]) -> bytes:
        self._entries += 1
        entry = dict(fields)
        if len(self._units) < _LEAST_UNITS:
            self._units.add(entry.get(b"_SYSTEMD_UNIT", b""))
        self._take_cursor(entry, fields)
        stamp = entry.get(b"__REALTIME_TIMESTAMP", b"")
        seconds = int(stamp) / 1e6 if stamp.isdigit() and len(stamp) < 18 else 0.0
        moment = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}Z".encode()
        name = entry.get(b"SYSLOG_IDENTIFIER", b"-")
        pid = entry.get(b"_PID", entry.get(b"SYSLOG_PID", b"0"))
        message = entry.get(b"MESSAGE", b"").replace(b"\n", b" ")
        host = entry.get(b"_HOSTNAME", b"-")
        return moment + b" " + host + b" " + name + b"[" + pid + b"]: " + message + b"\n"

    def _take_cursor(self, entry: dict[bytes, bytes], fields: list[tuple[bytes, bytes]]) -> None:
        cursor = _CURSOR.fullmatch(entry.get(b"__CURSOR", b""))
        if cursor is None:
            number = entry.get(b"__SEQNUM", b"")
            if number.isdigit() and len(number) < 20:
                self._take_number(entry.get(b"__SEQNUM_ID", b""), int(number))
            return
        self._take_number(cursor[1], int(cursor[2], 16))
        # Fields that begin with two underscores are made for the export and are in no journal.
        held = [name + b"=" + value for name, value in fields if not name.startswith(b"__")]
        if any(len(value) > _MOST_HASHED for value in held):
            return
        self._stated[self._entries] = int(cursor[3], 16)
        # Most values come again and again.
        self._owned.append(
            (self._entries, [self._places.setdefault(value, len(self._places)) for value in held])
        )
        self._bytes += sum(map(len, held))
        if len(self._places) >= _AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            self._hash()

    def _take_number(self, sequence: bytes, number: int) -> None:
        if sequence != self._sequence:
            # Another machine's journal, or one that was begun anew: its numbers are its own.
            self._sequence, self._number = sequence, number
            return
        before, self._number = self._number, number
        if before is None:
            return
        self._steps += 1
        if number == before + 1:
            self._followed += 1
        elif number <= before:
            self._went_back += 1
            if len(self._back) < _MOST_SIGNS:
                self._back.append((self._entries, before, number))
        elif len(self._holes) < _MOST_SIGNS:
            self._holes.append((self._entries, before + 1, number - 1))

    def _hash(self) -> None:
        """Compare what was gathered with what the cursors say."""
        made = hashes(list(self._places)).tolist()
        for owner, places in self._owned:
            self._hashed += 1
            own = {made[place] for place in places}
            if not _explained(reduce(xor, (made[place] for place in places), self._stated[owner]), own):
                self._false += 1
                if len(self._first_false) < _MOST_SIGNS:
                    self._first_false.append(owner)
        self._places, self._owned, self._stated, self._bytes = {}, [], {}, 0

    def signs(self) -> list[LogSign]:
        """What calls for an explanation; after all lines were taken."""
        self._hash()
        found = []
        if self._followed >= _NEARLY_ALL * self._steps and len(self._units) >= _LEAST_UNITS:
            found += [
                self._sign("sequence_hole", line, 0, f"{first}" if first == last else f"{first}–{last}")
                for line, first, last in self._holes
            ]
        if self._went_back <= (1 - _NEARLY_ALL) * self._steps:
            found += [
                self._sign("sequence_back", line, 0, f"{before} → {number}")
                for line, before, number in self._back
            ]
        # Where most do not agree, fields were left out when it was exported (--output-fields), or it is another writer's.
        if self._false * 2 < self._hashed:
            found += [self._sign("hash_mismatch", line, 1, "__CURSOR x=") for line in self._first_false]
        return found

    def _sign(
        self,
        kind: Literal["sequence_hole", "sequence_back", "hash_mismatch"],
        line: int,
        lines: int,
        detail: str,
    ) -> LogSign:
        return LogSign(kind=kind, file=self._source.name, line=line, lines=lines, detail=detail)


def _explained(difference: int, own: set[int]) -> bool:
    """Whether what the fields' hashes and the stated one differ by is nothing, or fields that were sent twice.

    Of a field that an entry was given twice, systemd keeps and exports one, but its hash went in twice, and so cancelled itself.
    """
    if not difference or difference in own:
        return True
    return len(own) <= _MOST_PAIRED and any(difference ^ one in own for one in own)
