"""The times of all lines of a block at once, by numpy: where the digits stand is known once the form is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NONE = np.int64(-(1 << 62))
"""In place of a time that is not there."""
BEHIND = 600
"""Seconds by which a line must lie before an earlier one to be out of order: requests are logged when they end."""
CHINA = timezone(timedelta(hours=8))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_OF = np.zeros(1 << 16, dtype=np.int64)
for _number, _name in enumerate(_MONTHS, start=1):
    # The second and third letter tell all twelve apart.
    _MONTH_OF[ord(_name[1]) << 8 | ord(_name[2])] = _number


@dataclass(frozen=True, slots=True)
class Form:
    """How a writer writes times: ``template`` with ``Y m b d H M S`` for digits (``b``: letters of a month) and ``z`` for a zone.

    It stands ``offset`` bytes behind the first ``after`` of the line (or that behind ``skip`` others), or behind its start.
    """

    name: str
    template: str
    after: bytes = b""
    offset: int = 0
    utc: bool = False
    """Times without a zone that are in UTC by the format's own definition."""
    skip: int = 0

    def places(self, letter: str) -> list[int]:
        """Where the digits of one part stand."""
        return [index for index, char in enumerate(self.template) if char == letter]


FORMS = (
    Form("clf", "dd/bbb/YYYY:HH:MM:SS zzzzz", b"["),
    Form("iso", "YYYY-mm-ddTHH:MM:SS"),
    Form("iso_space", "YYYY-mm-dd HH:MM:SS"),
    Form("syslog", "bbb dd HH:MM:SS"),
    Form("bind", "dd-bbb-YYYY HH:MM:SS"),
    Form("ctime", "www bbb dd HH:MM:SS YYYY"),
    Form("nginx_error", "YYYY/mm/dd HH:MM:SS"),
    Form("rfc5424", "YYYY-mm-ddTHH:MM:SS", b">1 "),
    Form("syslog_pri", "bbb dd HH:MM:SS", b">"),
    *(
        Form(f"json_{key.decode().strip('@').lower()}_{joint}", template, b'"' + key + b'":' + blank + b'"')
        for key in (b"@timestamp", b"time", b"timestamp", b"ts", b"datetime", b"date", b"time_iso8601", b"time_local")
        for blank in (b"", b" ")
        for joint, template in (("t", "YYYY-mm-ddTHH:MM:SS"), ("space", "YYYY-mm-dd HH:MM:SS"), ("clf", "dd/bbb/YYYY:HH:MM:SS zzzzz"))
    ),
)  # fmt: skip
_ZONE = re.compile(rb"(?:[.,]\d{1,9})?(Z|[+-]\d{2}:?\d{2})")


@dataclass(slots=True)
class Lines:
    """A block as numbers: where each line starts and ends, and its time in seconds since 1970, or :data:`NONE`."""

    data: bytes
    starts: Ints
    ends: Ints
    times: Ints
    zones: Ints | None
    """Minutes east of UTC where the form writes them in the same place in every line."""

    def text(self, index: int, most: int = 4096) -> bytes:
        """One line without its end, cut."""
        start, end = int(self.starts[index]), int(self.ends[index])
        return self.data[start : min(end, start + most)].rstrip(b"\r")


def bounds(data: bytes) -> tuple[NDArray[np.uint8], Ints, Ints]:
    """The block's bytes, and where its lines start and end."""
    array = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(array == 10).astype(np.int64)
    starts = np.empty_like(ends)
    if len(ends):
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
    return array, starts, ends


def anchors(array: NDArray[np.uint8], starts: Ints, ends: Ints, form: Form) -> Ints:
    """Where the time stands in each line; -1 where it cannot."""
    width = len(form.template)
    if not form.after:
        found = starts + form.offset
    else:
        needle = form.after
        places = np.flatnonzero(array[: len(array) - len(needle) + 1] == needle[0])
        for index, byte in enumerate(needle[1:], start=1):
            places = places[array[places + index] == byte]
        if not len(places):
            return np.full_like(starts, -1)
        nearest = np.searchsorted(places, starts) + form.skip
        first = places[np.minimum(nearest, len(places) - 1)].astype(np.int64)
        found = np.where((nearest < len(places)) & (first < ends), first + len(needle) + form.offset, -1)
    return np.where((found >= 0) & (found + width <= ends), found, -1)


def decode(data: bytes, form: Form, newest: date, default_zone: int) -> Lines:
    """Read the times of a block.

    :param newest: the day that a time without a year is not after.
    :param default_zone: minutes east of UTC for times that carry no zone.
    """
    array, starts, ends = bounds(data)
    times = np.full_like(starts, NONE)
    at = anchors(array, starts, ends, form)
    rows = np.flatnonzero(at >= 0)
    zones: Ints | None = None
    if len(rows):
        base = at[rows]

        def part(letter: str) -> tuple[Ints, NDArray[np.bool_]]:
            total = np.zeros(len(rows), dtype=np.int64)
            good = np.ones(len(rows), dtype=bool)
            places = form.places(letter)
            for index, place in enumerate(places):
                digit = array[base + place].astype(np.int64) - 48
                if letter == "d" and index == 0:
                    # A day may be filled up with a blank.
                    digit = np.where(digit == -16, 0, digit)
                good &= (digit >= 0) & (digit <= 9)
                total = total * 10 + digit
            return total, good

        day, sound = part("d")
        hour, good = part("H")
        sound &= good
        minute, good = part("M")
        sound &= good
        second, good = part("S")
        sound &= good
        if letters := form.places("b"):
            pair = array[base + letters[1]].astype(np.int64) << 8 | array[base + letters[2]]
            month = _MONTH_OF[pair]
        else:
            month, good = part("m")
            sound &= good
        for place, char in enumerate(form.template):
            if char in "-/: T":
                sound &= array[base + place] == ord(char)
        sound &= (
            (month >= 1)
            & (month <= 12)
            & (day >= 1)
            & (day <= 31)
            & (hour < 24)
            & (minute < 60)
            & (second < 61)
        )
        if form.places("Y"):
            year, good = part("Y")
            sound &= good
        else:
            later = (month > newest.month) | ((month == newest.month) & (day > newest.day))
            year = np.where(later, newest.year - 1, newest.year)
        offset: Any = 0 if form.utc else default_zone
        if places := form.places("z"):
            sign = array[base + places[0]]
            digits = [array[base + place].astype(np.int64) - 48 for place in places[1:]]
            offset = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
            offset = np.where(sign == ord("-"), -offset, offset)
            sound &= ((sign == ord("+")) | (sign == ord("-"))) & (np.abs(offset) <= 14 * 60)
            zones = np.full_like(starts, NONE)
            zones[rows[sound]] = offset[sound]
        moments = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset * 60
        times[rows[sound]] = moments[sound]
    return Lines(data, starts, ends, times, zones)


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    shifted = np.where(month <= 2, year - 1, year)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    found: Ints = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return found


def recognise(sample: bytes, newest: date) -> tuple[Form, float] | None:
    """The form that most lines of the sample have, with the share of lines that have it; None when none fits three in ten."""
    best: tuple[Form, float] | None = None
    for form in FORMS:
        if form.after and form.after not in sample:
            continue
        lines = decode(sample, form, newest, 0)
        filled = lines.ends > lines.starts
        share = float(np.count_nonzero(lines.times[filled] != NONE)) / max(1, int(np.count_nonzero(filled)))
        if share > (best[1] if best else 0.3):
            best = form, share
    return best


def zone_behind(line: bytes, form: Form) -> str | None:
    """The zone written behind an ISO 8601 time, if one is."""
    if "z" in form.template or "Y" not in form.template:
        return None
    place = line.find(form.after)
    for _ in range(form.skip):
        place = line.find(form.after, place + 1)
    start = (place + len(form.after) if form.after else 0) + form.offset + len(form.template)
    found = _ZONE.match(line, start)
    return found[1].decode() if found else None


def minutes(zone: str) -> int:
    """Minutes east of UTC of ``Z``, ``+0800`` or ``+08:00``."""
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    total = int(digits[:2]) * 60 + int(digits[2:])
    return -total if zone[0] == "-" else total


def shown_zone(offset: int) -> str:
    """``+08:00``."""
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def shown_moment(seconds: int) -> str:
    """A time in China, to the second."""
    return f"{datetime.fromtimestamp(seconds, CHINA):%Y-%m-%d %H:%M:%S}"


def runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive integers in a sorted sequence."""
    found: list[tuple[int, int]] = []
    for value in values:
        if found and value == found[-1][1] + 1:
            found[-1] = found[-1][0], value
        else:
            found.append((value, value))
    return found


def day_after(moment: date) -> date:
    """The next day: clocks of logs may be ahead."""
    return moment + timedelta(days=1)
