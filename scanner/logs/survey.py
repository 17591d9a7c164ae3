"""One pass over one log file: its times by day and hour, what is odd in their order, and the lines that may be ours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import numpy as np

from scanner.facts.logs import LogFileFacts, LogSign
from scanner.logs.custom import Custom
from scanner.logs.duplicates import Duplicates
from scanner.logs.journal import Journal
from scanner.logs.shapes import Shapes
from scanner.logs.sources import Source, chain
from scanner.logs.times import (
    BEHIND,
    NONE,
    Form,
    Ints,
    Lines,
    bounds,
    decode,
    minutes,
    recognise,
    shown_moment,
    shown_zone,
    zone_behind,
)

_SAMPLE = 256 << 10
_MOST_LINES = 50_000
"""Lines kept of one file that may be ours."""
_MOST_SIGNS = 20
_BLOCK_LINES = 5
"""So many such lines in a row: a single long request is none."""

_KINDS: tuple[tuple[str, bytes], ...] = (
    ("haproxy", rb"haproxy\[\d+\]:"),
    ("sshd", rb"sshd(?:-session)?\[\d+\]:"),
    ("postfix", rb"postfix/[\w/-]+\[\d+\]:"),
    ("dovecot", rb"\bdovecot(?:\[\d+\])?:|\b(?:imap|pop3)-login: "),
    ("vsftpd", rb"\[pid \d+\] (?:\[[^\]]*\] )?(?:CONNECT|OK|FAIL|FTP)"),
    ("bind", rb"client (?:@0x[0-9a-f]+ )?[0-9a-fA-F.:]+#\d+"),
    ("combined", rb'\] "(?:[A-Z]+ |-|\\x|[^"]{0,20})[^"]*" \d{3} (?:\d+|-)'),
    ("iis", rb"^#Fields: .*\bcs-method\b"),
    ("json", rb'^\{.*"'),
    ("syslog", rb"^(?:<\d+>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\dT)[\d:.+Z-]+ \S+ \S"),
)
_MAY_BE_CUSTOM = frozenset({"", "combined", "json", "syslog"})
PROTOCOLS: Mapping[str, frozenset[str]] = {
    "combined": frozenset({"http"}),
    "custom": frozenset({"http"}),
    "iis": frozenset({"http"}),
    "haproxy": frozenset({"http"}),
    "json": frozenset({"http", "ssh", "ftp", "smtp", "mail", "dns"}),
    "sshd": frozenset({"ssh"}),
    "postfix": frozenset({"smtp", "mail"}),
    "dovecot": frozenset({"mail"}),
    "vsftpd": frozenset({"ftp"}),
    "bind": frozenset({"dns"}),
    # OpenSSH for Windows writes there; what we leave elsewhere makes no event.
    "evtx": frozenset({"ssh"}),
    "syslog": frozenset({"http", "ssh", "ftp", "smtp", "mail", "dns"}),
    "journald": frozenset({"http", "ssh", "ftp", "smtp", "mail", "dns"}),
}
"""Format -> kinds of connections that such a file may show."""
_FIELDS: Mapping[str, Mapping[str, bytes]] = {
    "combined": {"source_address": rb"^[0-9a-fA-F.:]{3,45} ", "account": rb"^\S+ \S+ (?!- \[)\S+ \[", "action": rb'"[A-Z]+ \S'},
    "": {
        "source_address": rb"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}\b",
        "source_port": rb"\bport[ =]\d+|\d#\d+\b|(?:\d{1,3}\.){3}\d{1,3}:\d{2,5}\b|\"remote_port\"",
        "account": rb"\buser[ =:<\"]|\[pid \d+\] \[[^\]]+\]|\b(?:sasl_username|login|account)[=:\"]|\buser\b",
        "action": rb": \S|\"(?:request|method|uri|action|msg|message)\"| (?:GET|POST|HEAD) ",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that bears our mark or our address."""

    file: str
    number: int
    time: int | None
    """Seconds since 1970."""
    text: bytes


@dataclass(slots=True)
class Wanted:
    """What to look for: strings that are ours alone, and addresses that are ours at the time of the scan."""

    marks: Sequence[bytes]
    addresses: Sequence[bytes]
    start: int
    end: int
    """Between these, in seconds since 1970, lines with our address are kept: clocks and zones may be off by a day."""


@dataclass(slots=True)
class Survey:
    """What one pass found."""

    facts: LogFileFacts
    hours: Counter[int] = field(default_factory=Counter)
    """Hour since 1970 -> entries."""
    candidates: list[Candidate] = field(default_factory=list)
    signs: list[LogSign] = field(default_factory=list)
    fields: frozenset[str] = frozenset()
    zone_assumed: bool = False


def survey(
    source: Source,
    blocks: Iterator[bytes],
    wanted: Wanted,
    newest: date,
    zone: int,
    custom: Custom | None = None,
) -> Survey:
    """Read a file once.

    :param zone: minutes east of UTC for times that carry no zone.
    :param custom: a format of the operator's own, for the files of web servers that it fits.
    """
    first = next(blocks, b"")
    journal = None
    if b"\n__REALTIME_TIMESTAMP=" in first[:_SAMPLE] or first.startswith(b"__CURSOR="):
        journal = Journal(source)
        blocks = journal.lines(chain(first, blocks))
        first = next(blocks, b"")
    sample = first[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or first
    known = recognise(sample, newest)
    kind = "journald" if journal else source.format or _kind(sample)
    form = known[0] if known else None
    own = custom if custom and kind in _MAY_BE_CUSTOM and custom.fits(sample, newest) else None
    if own:
        form, kind = own.form, "custom"
    pass_ = _Pass(source, wanted, newest, zone, form, kind)
    for block in chain(first, blocks):
        pass_.take(block)
    found = pass_.finish(sample)
    if journal is not None:
        source.signs += journal.signs()
    found.signs += source.signs[:_MOST_SIGNS]
    return replace(found, fields=own.fields) if own else found


def _kind(sample: bytes) -> str:
    lines = [line for line in sample.split(b"\n")[:400] if line.strip()]
    for name, pattern in _KINDS:
        met = sum(re.search(pattern, line) is not None for line in lines)
        if met and (name == "iis" or met * (2 if name in ("combined", "json") else 20) >= len(lines)):
            return name
    return ""


class _Pass:
    def __init__(
        self, source: Source, wanted: Wanted, newest: date, zone: int, form: Form | None, kind: str
    ) -> None:
        self._source, self._wanted, self._newest, self._zone = source, wanted, newest, zone
        # IIS writes UTC (W3C Extended Log File Format: times are GMT).
        self._form = (
            Form(form.name, form.template, form.after, form.offset, utc=True)
            if form and kind == "iis"
            else form
        )
        self._kind = kind
        self._zones: dict[int, None] = {}
        self._assumed = False
        self._lines = self._unrecognised = 0
        self._hours: Counter[int] = Counter()
        self._candidates: list[Candidate] = []
        self._signs: list[LogSign] = []
        self._low: int | None = None
        self._high: int | None = None
        self._order = _Order(source.name)
        self._duplicates = Duplicates(source.name)
        self._shapes = Shapes(source.name) if kind == "combined" else None

    def take(self, data: bytes) -> None:
        if b"\0" in data:
            self._source.note("nul_bytes")
        if self._form is None:
            self._take_unknown(data)
            return
        zone = self._zone
        if "z" not in self._form.template and not self._form.utc:
            written = self._zone_of(data)
            if written is None:
                self._assumed = True
            else:
                zone = written
        lines = decode(data, self._form, self._newest, zone)
        filled = lines.ends > lines.starts
        good = lines.times != NONE
        if self._kind == "iis":
            comment = np.frombuffer(data, dtype=np.uint8)[np.minimum(lines.starts, len(data) - 1)] == ord("#")
            filled &= ~comment
        self._unrecognised += int(np.count_nonzero(filled & ~good))
        times = lines.times[good]
        if len(times):
            low, high = int(times.min()), int(times.max())
            self._low = low if self._low is None else min(low, self._low)
            self._high = high if self._high is None else max(high, self._high)
            hours, counts = np.unique(times // 3600, return_counts=True)
            self._hours.update(dict(zip(hours.tolist(), counts.tolist(), strict=True)))
            self._order.take(times, np.flatnonzero(good) + self._lines + 1)
        self._note_zones(lines)
        self._duplicates.take(lines, self._lines + 1)
        if self._shapes is not None:
            self._shapes.take(lines, self._lines + 1)
        self._look(lines)
        self._lines += len(lines.starts)

    def _take_unknown(self, data: bytes) -> None:
        _, starts, ends = bounds(data)
        lines = Lines(data, starts, ends, np.full_like(starts, NONE), None)
        self._look(lines)
        self._lines += len(lines.starts)
        self._unrecognised += len(lines.starts)

    def _zone_of(self, data: bytes) -> int | None:
        assert self._form is not None
        end = -1
        for _ in range(50):
            start, end = end + 1, data.find(b"\n", end + 1)
            if end < 0:
                return None
            if zone := zone_behind(data[start:end], self._form):
                offset = minutes(zone)
                self._zones.setdefault(offset)
                return offset
        return None

    def _note_zones(self, lines: Lines) -> None:
        if lines.zones is None:
            return
        offsets, places = np.unique(lines.zones, return_index=True)
        for place, offset in sorted(zip(places.tolist(), offsets.tolist(), strict=True)):
            if offset == NONE:
                continue
            if self._zones and offset not in self._zones and len(self._signs) < _MOST_SIGNS:
                before = shown_zone(next(reversed(self._zones)))
                self._signs.append(
                    LogSign(
                        kind="zone_change", file=self._source.name, line=self._lines + place + 1,
                        lines=int(np.count_nonzero(lines.zones == offset)), detail=f"{before} → {shown_zone(offset)}",
                    )
                )  # fmt: skip
            self._zones.setdefault(offset)

    def _look(self, lines: Lines) -> None:
        data, wanted = lines.data, self._wanted
        found: dict[int, None] = {}
        for mark in wanted.marks:
            self._find(lines, mark, found)
        near = lines.times[(lines.times >= wanted.start) & (lines.times <= wanted.end)]
        if len(near) or (self._form is None and data):
            for address in wanted.addresses:
                self._find(lines, address, found, near_only=self._form is not None)
        for index in sorted(found):
            if len(self._candidates) >= _MOST_LINES:
                break
            time = int(lines.times[index])
            moment = None if time == NONE else time
            self._candidates.append(
                Candidate(self._source.name, self._lines + index + 1, moment, lines.text(index))
            )

    def _find(self, lines: Lines, needle: bytes, found: dict[int, None], *, near_only: bool = False) -> None:
        at = lines.data.find(needle)
        while at >= 0 and len(found) < _MOST_LINES:
            index = int(np.searchsorted(lines.ends, at))
            if index >= len(lines.ends):
                return
            time = int(lines.times[index])
            if not near_only or self._wanted.start <= time <= self._wanted.end:
                found.setdefault(index)
            at = lines.data.find(needle, int(lines.ends[index]))

    def finish(self, sample: bytes) -> Survey:
        signs = [*self._signs, *self._order.finish(), *self._duplicates.signs]
        if self._shapes is not None:
            signs += self._shapes.signs()
        facts = LogFileFacts(
            name=self._source.name,
            format=self._kind,
            lines=self._lines,
            octets=self._source.octets,
            unrecognised=self._unrecognised,
            first=_moment(self._low),
            last=_moment(self._high),
            zones=tuple(map(shown_zone, self._zones)),
            modified=self._source.modified,
            troubles=tuple(self._source.troubles),
        )
        return Survey(
            facts, self._hours, self._candidates, signs[:_MOST_SIGNS], self._fields(sample), self._assumed
        )

    def _fields(self, sample: bytes) -> frozenset[str]:
        lines = [line for line in sample.split(b"\n")[:400] if line.strip()]
        patterns = {**_FIELDS[""], **_FIELDS.get(self._kind, {})}
        if self._kind == "combined":
            del patterns["source_port"]
        # An account stands where somebody logged in; the other fields in most lines.
        least = {"account": 1, "source_address": max(1, len(lines) // 10)}
        found = {
            name
            for name, pattern in patterns.items()
            if sum(re.search(pattern, line) is not None for line in lines) >= least.get(name, 1)
        }
        return frozenset(found | ({"time"} if self._form is not None else set()))


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class _Order:
    """Finds blocks of lines that lie before the lines above them."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._newest: int | None = None
        self._begun: int | None = None
        self._begun_at = 0
        self._count = 0
        self._latest = 0
        self._from = 0
        self._signs: list[LogSign] = []

    def take(self, times: Ints, numbers: Ints) -> None:
        newest = np.maximum.accumulate(times)
        if self._newest is not None:
            newest = np.maximum(newest, self._newest)
        behind = times < newest - BEHIND
        if self._begun is None and not behind.any():
            self._newest = int(newest[-1])
            return
        edges = np.flatnonzero(np.diff(np.concatenate(([self._begun is not None], behind)).astype(np.int8)))
        position = 0
        for edge in (*edges.tolist(), len(times)):
            if self._begun is not None:
                self._count += edge - position
                if edge > position:
                    self._latest = int(times[edge - 1])
            if edge == len(times):
                break
            if self._begun is None:
                self._begun, self._count = int(numbers[edge]), 0
                self._begun_at = int(newest[edge])
                self._from = int(times[edge])
            else:
                self._end(int(times[edge]))
            position = edge
        self._newest = int(newest[-1])

    def _end(self, then: int | None) -> None:
        """A block is over; ``then`` is the time of the line behind it, None at the end of the file."""
        if self._count >= _BLOCK_LINES and self._begun is not None and len(self._signs) < _MOST_SIGNS:
            # Times that run on until they catch up are a clock that was set back, or files put together.
            jumped = then is not None and then - self._latest > BEHIND
            detail = f"{shown_moment(self._begun_at)} → {shown_moment(self._from)}"
            if then is not None:
                detail += f" … {shown_moment(self._latest)} → {shown_moment(then)}"
            self._signs.append(
                LogSign(
                    kind="out_of_order" if jumped else "clock_set_back", file=self._file, line=self._begun,
                    lines=self._count, detail=detail,
                )
            )  # fmt: skip
        self._begun = None

    def finish(self) -> list[LogSign]:
        if self._begun is not None:
            self._end(None)
        return self._signs
