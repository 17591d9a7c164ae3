"""Finds a run of lines that stands twice in a file, where the copy goes back in time by less than ten minutes.

A copy that lies further back is out of order already. Lines that come again by themselves, such as health checks, make no copy: at
least five of its lines must be ones that, apart from their time, stand nowhere else nearby.
"""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from scanner.facts.logs import LogSign
from scanner.logs.times import BEHIND, NONE, Ints, Lines, shown_moment

_RUN = 5
"""Lines of the shortest copy that is looked for."""
_RARE = 5
"""Lines of a copy that must stand only in it and in what it was copied from."""
_MOST_SIGNS = 20
_MOST_TRIED = 64
"""Runs of one file that are compared byte by byte without a copy being found, before the search is given up: in logs of nothing but
health checks every run looks like every other."""
_LONGEST = 20_000


class Duplicates:
    """Takes a file's blocks one after the other; a copy is found within a block, or in the block behind."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._before: _Part | None = None
        self._tried = 0
        self._latest: int | None = None
        self.signs: list[LogSign] = []

    def take(self, lines: Lines, first: int) -> None:
        """Take a block whose first line is number ``first`` of the file."""
        if self._tried >= _MOST_TRIED or len(self.signs) >= _MOST_SIGNS:
            self._before = None
            return
        part = _Part(lines, first)
        known = lines.times[lines.times != NONE]
        if len(known):
            back = bool((known[1:] < known[:-1]).any()) or (
                self._latest is not None and int(known[0]) < self._latest
            )
            self._latest = int(known[-1])
            # A copy makes the time go back where it begins: a block whose times never do has none.
            if back:
                self._search(part)
        self._before = part

    def _search(self, part: _Part) -> None:
        parts = [part] if self._before is None else [self._before, part]
        all_marks = np.concatenate([one.marks for one in parts])
        start = len(all_marks) - len(part.marks)
        if len(all_marks) < 2 * _RUN:
            return
        runs = all_marks[: len(all_marks) - _RUN + 1].copy()
        for step in range(1, _RUN):
            runs = runs * _PRIME + all_marks[step : len(all_marks) - _RUN + 1 + step]
        order = np.argsort(runs, kind="stable")
        same = np.flatnonzero(runs[order[1:]] == runs[order[:-1]])
        if not len(same):
            return
        times = np.concatenate([one.lines.times for one in parts])
        # A copy begins where the time goes back; of each such run the nearest equal one above it.
        begins = np.zeros(len(times), dtype=bool)
        begins[1:] = (times[1:] != NONE) & (times[1:] < times[:-1]) & (times[1:] >= times[:-1] - BEHIND)
        begins[:start] = False
        pairs = sorted((int(order[at + 1]), int(order[at])) for at in same[begins[order[same + 1]]])
        until = 0
        for copy, original in pairs:
            if copy < until or self._tried >= _MOST_TRIED or len(self.signs) >= _MOST_SIGNS:
                continue
            self._tried += 1
            length = self._compare(parts, original, copy)
            if length:
                until = copy + length

    def _compare(self, parts: list[_Part], original: int, copy: int) -> int:
        """How many lines were copied, which makes a sign; 0 for none."""
        length = 0
        texts: list[bytes] = []
        total = sum(len(one.lines.starts) for one in parts)
        while original + length < copy and copy + length < total and length < _LONGEST:
            text = _text(parts, copy + length)
            if text != _text(parts, original + length):
                break
            texts.append(text)
            length += 1
        times = [time for at in range(copy, copy + length) if (time := _time(parts, at)) != NONE]
        if length < _RUN or len(set(times)) < 2:
            return 0
        rare = 0
        for text in dict.fromkeys(texts):
            body = _body(text)
            count = sum(one.lines.data.count(body) for one in parts) if len(body) > 20 else 0
            rare += count == 2
            if rare >= _RARE:
                break
        if rare < _RARE:
            return 0
        number = _number(parts, copy)
        self._tried = 0
        self.signs.append(
            LogSign(
                kind="duplicated", file=self._file, line=number, lines=length,
                detail=f"= {_number(parts, original)}–{_number(parts, original + length - 1)}, {shown_moment(times[0])}",
            )
        )  # fmt: skip
        return length


_PRIME = np.int64(1_000_003)
_CLOCK = re.compile(rb"\d\d:\d\d:\d\d(?:[.,]\d+)?")


class _Part:
    """A block, and the number of its first line."""

    def __init__(self, lines: Lines, first: int) -> None:
        self.lines = lines
        self.first = first

    @cached_property
    def marks(self) -> Ints:
        """A number for each line, of its time, its length and eight bytes at three places: equal lines have equal numbers."""
        lines = self.lines
        array = np.frombuffer(lines.data, dtype=np.uint8)
        length = lines.ends - lines.starts
        marks = np.where(lines.times == NONE, 0, lines.times) * _PRIME + length
        if len(array) < 8:
            return marks
        eights = np.lib.stride_tricks.sliding_window_view(array, 8)
        # Of a line shorter than that, what stands behind it counts too: the bytes decide in the end.
        for share in (0, 1, 2):
            at = np.minimum(lines.starts + np.maximum(length - 8, 0) * share // 2, len(eights) - 1)
            marks = marks * _PRIME + eights[at].view(np.int64).ravel()
        return marks


def _place(parts: list[_Part], at: int) -> tuple[Lines, int, int]:
    for part in parts:
        if at < len(part.lines.starts):
            return part.lines, at, part.first
        at -= len(part.lines.starts)
    raise IndexError(at)


def _text(parts: list[_Part], at: int) -> bytes:
    lines, index, _ = _place(parts, at)
    return lines.data[int(lines.starts[index]) : int(lines.ends[index])]


def _time(parts: list[_Part], at: int) -> int:
    lines, index, _ = _place(parts, at)
    return int(lines.times[index])


def _number(parts: list[_Part], at: int) -> int:
    _, index, first = _place(parts, at)
    return first + index


def _body(text: bytes) -> bytes:
    """What a line says apart from its time: the longer part of what stands before and behind its clock."""
    clock = _CLOCK.search(text)
    if clock is None:
        return b""
    return max(text[: clock.start()].rpartition(b" ")[0], text[clock.end() :], key=len)
