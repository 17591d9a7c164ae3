"""Address records in CSV exports: address assignment, NAT mappings, accounts of public Wi-Fi; in one pass and flat memory.

Encodings (UTF-8, GB 18030, UTF-16 with its mark), separators and heads are found by themselves. Of people nothing is kept: who
used an address is compared by a keyed hash whose key ends with the process.
"""

from __future__ import annotations

import csv
import functools
import io
import ipaddress
import itertools
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from scanner.facts.records import OF_KIND, RecordFacts, RecordKind, RecordSign
from scanner.logs.record_columns import ALIASES, NEEDED, Columns, kind_of, placed, recognised
from scanner.logs.sources import Source

_HEAD_ROWS = 20
"""Exports may have a title and remarks above their heads."""
_MOST_KEPT = 200_000
"""Addresses (with ports) whose latest user is kept."""
_EXAMPLES = 5
_MOST_DAYS = 20_000
_SEPARATORS = (",", ";", "\t", "|")
_CHINA = 8 * 3600
"""Seconds that the time of China is ahead of UTC."""
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T\s]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?)?(?:[.,]\d+)?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?"
)
_PACKED_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})")
_TWO_DIGITS = {f"{number:02}": number for number in range(60)}
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100, in seconds: a number outside is no time."""


def moment(text: str, zone: int) -> int | None:
    """Seconds of the epoch of a written time, or of seconds or milliseconds; ``zone`` in minutes where none is written."""
    # Nearly every export writes its times in the first form; a million records have two million of them.
    if len(text) == 19 and text[13] == text[16] == ":" and text[10] in " T":
        day, hour = _midnight(text[:10]), _TWO_DIGITS.get(text[11:13], 24)
        minute, second = _TWO_DIGITS.get(text[14:16]), _TWO_DIGITS.get(text[17:])
        if day is not None and hour < 24 and minute is not None and second is not None:
            seconds = day + hour * 3600 + (minute - zone) * 60 + second
            return seconds if _EARLIEST <= seconds < _LATEST else None
    return _other_moment(text.strip(), zone)


@functools.lru_cache(maxsize=4096)
def _midnight(text: str) -> int | None:
    """Seconds of the epoch of ``2026-01-31`` or ``2026/01/31``, in UTC."""
    if (match := _DATE.fullmatch(text)) is None:
        return None
    try:
        return int(datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _other_moment(text: str, zone: int) -> int | None:
    if len(text) > 64:
        return None
    if text.isascii() and text.isdigit() and len(text) in (9, 10, 13):
        seconds = int(text) // (1000 if len(text) == 13 else 1)
        return seconds if _EARLIEST <= seconds < _LATEST else None
    match = _TIME.fullmatch(text) or _PACKED_TIME.fullmatch(text)
    if match is None:
        return None
    parts = [int(part or 0) for part in match.groups()[:6]]
    offset = match[7] if match.re is _TIME else None
    if offset and offset != "Z":
        digits = offset[1:].replace(":", "")
        zone = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if offset[0] == "-" else 1)
    elif offset:
        zone = 0
    try:
        seconds = int(datetime(*parts, tzinfo=UTC).timestamp()) - zone * 60  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    return seconds if _EARLIEST <= seconds < _LATEST else None


def _is_address(text: str) -> bool:
    if _IPV4.fullmatch(text):
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ports(block: str, start: str, end: str, port: str) -> tuple[int, int] | None:
    """First and last port of a record.

    :raises ValueError: they are none.
    """
    if block:
        parts = re.split(r"\s*[-~～至]\s*", block)
        if len(parts) > 2:
            raise ValueError(block)
        first, last = int(parts[0]), int(parts[-1])
    elif start or port:
        first = int(start or port)
        last = int(end) if start and end else first
    else:
        return None
    if not 0 <= first <= last <= 65535:
        raise ValueError(first, last)
    return first, last


class _Gathered:
    """What the files of one kind show so far."""

    def __init__(self, kind: RecordKind, zone: int) -> None:
        self.kind = kind
        self.zone = zone
        self.files: list[str] = []
        self.records = 0
        self.columns: dict[str, str] = {}
        self.absent: set[str] = set()
        self.lacking: Counter[str] = Counter()
        self.first: int | None = None
        self.last: int | None = None
        self.days: Counter[int] = Counter()
        self.signs: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self.troubles: list[str] = []
        self.bounded = False
        self._users: OrderedDict[int, tuple[int, int, str, int]] = OrderedDict()

    def sign(self, kind: str, place: str) -> None:
        self.signs[kind] += 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < _EXAMPLES:
            kept.append(place)

    def adder(self, columns: Columns, file: str) -> Callable[[list[str], int], None]:
        """What takes the records of ``file``: the row, and its number."""
        width = max(columns.values(), default=0) + 1
        # A column that is not there is the empty cell put behind the last.
        place = {name: columns.get(name, width) for name in ALIASES}
        if self.kind == "nat" and "private_address" not in columns:
            place["private_address"], place["address"] = place["address"], width
        needs = [(need, [place[name] for name in either]) for need, either in NEEDED[self.kind].items()]
        addresses = [
            at for name in ("address", "private_address", "public_address") if (at := place[name]) < width
        ]
        start_at, end_at, lifetime_at = place["start"], place["end"], place["lifetime"]
        ports_at = [place[name] for name in ("port_block", "port_start", "port_end", "public_port")]
        users = [(name, place[name]) for name in ("mac", "account", "phone") if place[name] < width]

        def add(row: list[str], number: int) -> None:
            self.records += 1
            cells = [cell.strip() for cell in row[:width]]
            cells += [""] * (width + 1 - len(cells))
            for need, places in needs:
                for at in places:
                    if cells[at]:
                        break
                else:
                    self.lacking[need] += 1
            start, end = self._times(cells[start_at], cells[end_at], cells[lifetime_at], file, number)
            for at in addresses:
                if cells[at] and not _is_address(cells[at]):
                    self.sign("bad_address", f"{file}:{number}")
                    break
            block, first, last, port = (cells[at] for at in ports_at)
            ports = None
            try:
                ports = _ports(block, first, last, port)
            except ValueError:
                self.sign("bad_port", f"{file}:{number}")
            if start is None or end is None:
                return
            if end < start:
                self.sign("end_before_start", f"{file}:{number}")
                return
            if self.kind == "nat":
                # One port may serve two users at once, by protocol and destination (port overloading, RFC 4787 §4.2.1); a block
                # may not.
                if ports is not None and (block or first):
                    public, private = cells[place["public_address"]], cells[place["private_address"]]
                    if public and private:
                        self._overlap(
                            hash((public, ports)), "private_address", private, start, end, file, number
                        )
                return
            for told_by, at in users:
                if cells[at]:
                    if address := cells[place["address"]]:
                        self._overlap(hash(address), told_by, cells[at], start, end, file, number)
                    return

        return add

    def _times(
        self, start_text: str, end_text: str, lifetime: str, file: str, number: int
    ) -> tuple[int | None, int | None]:
        start = moment(start_text, self.zone) if start_text else None
        end = moment(end_text, self.zone) if end_text else None
        # Kea writes when a lease ends and how long it holds, not when it began.
        if (
            not start_text
            and end is not None
            and lifetime.isascii()
            and lifetime.isdigit()
            and len(lifetime) < 11
        ):
            start = end - int(lifetime)
        elif (start_text and start is None) or (end_text and end is None):
            self.sign("unreadable_time", f"{file}:{number}")
        if start is not None:
            if self.first is None or start < self.first:
                self.first = start
            if self.last is None or start > self.last:
                self.last = start
            day = (start + _CHINA) // 86400
            if day in self.days or len(self.days) < _MOST_DAYS:
                self.days[day] += 1
        return start, end

    def _overlap(
        self, key: int, told_by: str, user: str, start: int, end: int, file: str, number: int
    ) -> None:
        """Whether another user had the same address (and ports) at the same time."""
        # Python's hash of a text is keyed anew in each process (SipHash, PEP 456).
        who = hash(user.lower())
        kept = self._users.pop(key, None)
        if start == end:  # Given back at once: what was kept of it has ended.
            return
        # An account and a MAC cannot be told to be two users.
        if kept is not None and kept[2] == told_by and kept[3] != who and start < kept[1] and end > kept[0]:
            self.sign("overlap", f"{file}:{number}")
        self._users[key] = (start, end, told_by, who)
        if len(self._users) > _MOST_KEPT:
            self._users.popitem(last=False)
            self.bounded = True

    def facts(self) -> RecordFacts:
        first_day = datetime(1970, 1, 1, tzinfo=UTC).date()
        return OF_KIND[self.kind](
            files=tuple(self.files),
            records=self.records,
            columns=dict(self.columns),
            absent=tuple(name for name in NEEDED[self.kind] if name in self.absent),
            lacking={name: self.lacking[name] for name in NEEDED[self.kind] if self.lacking[name]},
            first=_moment(self.first),
            last=_moment(self.last),
            days={(first_day + timedelta(days=day)).isoformat(): self.days[day] for day in sorted(self.days)},
            signs=tuple(
                RecordSign(kind=kind, records=number, examples=tuple(self.examples[kind]))  # type: ignore[arg-type]
                for kind, number in sorted(self.signs.items())
            ),
            overlap_bounded=self.bounded,
            troubles=tuple(self.troubles),
        )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    """The lines of blocks of whole lines; what is not UTF-8 is read as GB 18030 from there on."""
    encoding = "utf-8"
    for block in blocks:
        try:
            text = block.decode(encoding, "strict" if encoding == "utf-8" else "replace")
        except UnicodeDecodeError:
            encoding = "gb18030"
            text = block.decode(encoding, "replace")
        yield from io.StringIO(text, newline="")


def _rows(lines: Iterator[str], separator: str) -> Iterator[list[str] | None]:
    """Rows; None for one that is no CSV."""
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def gather(
    files: Iterable[tuple[Source, Iterator[bytes]]],
    zone: int,
    kind: RecordKind | None = None,
    mapping: Mapping[str, str] | None = None,
) -> tuple[tuple[RecordFacts, ...], tuple[str, ...]]:
    """What ``files`` show by kind, and the names of those whose columns were not recognised.

    ``zone`` is minutes east of UTC of times without one; ``kind`` and ``mapping`` (our name -> head or number) are stated by a
    person and hold for every file.

    :raises UsageError: a file does not have the columns of ``mapping``, or these make no record.
    """
    found: dict[RecordKind, _Gathered] = {}
    unknown = []
    for source, blocks in files:
        if not _file(source, blocks, zone, kind, mapping, found):
            unknown.append(source.name)
    return tuple(found[one].facts() for one in NEEDED if one in found), tuple(unknown)


def _file(
    source: Source, blocks: Iterator[bytes], zone: int, kind: RecordKind | None, mapping: Mapping[str, str] | None,
    found: dict[RecordKind, _Gathered],
) -> bool:  # fmt: skip
    lines = _lines(blocks)
    head = [line for _, line in zip(range(_HEAD_ROWS), lines, strict=False)]
    separator, above, columns = _columns(head, source.name, mapping)
    its = kind or kind_of(columns)
    if its is None:
        return False
    gathered = found.setdefault(its, _Gathered(its, zone))
    gathered.files.append(source.name)
    if mapping is not None:  # As it was stated: the first row may be somebody's.
        gathered.columns = dict(mapping)
    rows = _rows(itertools.chain(head, lines), separator)
    add = gathered.adder(columns, source.name)
    for number, row in enumerate(rows, 1):
        if row is None:
            gathered.sign("malformed", f"{source.name}:{number}")
        elif number == above:
            if not gathered.columns and mapping is None:
                gathered.columns = {name: row[at].strip() for name, at in columns.items()}
        elif number > above and any(row):
            add(row, number)
    has = set(columns)
    if its == "nat" and "private_address" not in has and "address" in has:
        has.add("private_address")
    gathered.absent |= {need for need, either in NEEDED[its].items() if not has.intersection(either)}
    gathered.troubles += [f"{source.name}: {trouble}" for trouble in source.troubles]
    return True


def _columns(
    head: Sequence[str], file: str, mapping: Mapping[str, str] | None
) -> tuple[str, int, dict[str, int]]:
    """The separator, the number of the row of heads (0: there is none), and the columns."""
    best: tuple[str, int, dict[str, int]] = (",", 0, {})
    widest = 0
    for separator in _SEPARATORS:
        rows = list(_rows(iter(head), separator))
        if mapping is not None:
            if rows and rows[0] and len(rows[0]) > widest:
                widest, best = len(rows[0]), (separator, 0, {})
            continue
        for number, row in enumerate(rows, 1):
            columns = recognised(row or [])
            if len(columns) > len(best[2]):
                best = separator, number, columns
    if mapping is None or not head:
        return best
    first = next(_rows(iter(head), best[0])) or []
    columns = placed(mapping, first, file)
    by_number = all(text.isdigit() for text in mapping.values())
    start = columns.get("start", columns.get("end", 0))
    headed = not by_number or moment(first[start], 0) is None
    return best[0], int(headed), columns
