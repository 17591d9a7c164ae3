"""Finds the few lines of an access log that another writer may have made: whole lines, of another shape than nearly all.

A server writes every line by one format. A line with other fields, or that ends in CR LF among lines that end in LF, was written by
something else: another virtual host with a format of its own, a tool that passes logs on, or a hand. It is told, and no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from scanner.facts.logs import LogSign
from scanner.logs.times import NONE, Lines

_LEAST_LINES = 1000
_MOST_SHARE = 0.001
"""Of all lines that one strange shape has."""
_USUAL = 0.99
"""Share of the lines that the usual shape has."""
_MOST_SHAPES = 64
_MOST_SIGNS = 5
_WHOLE = re.compile(
    rb'\S+ \S+ [^"\[]{1,80} \[[^\]]{20,40}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)(?: (?:"(?:[^"\\]|\\.)*"|[^\s"]+))*\s*'
)
"""A line of Common Log Format, with any fields behind it. Lines that were cut or run into one another are none."""


@dataclass(slots=True)
class _Shape:
    lines: int
    first: int
    whole: bool


class Shapes:
    """Takes a file's blocks one after the other."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._shapes: dict[int, _Shape] = {}
        self._lines = 0
        self._usual: int | None = None
        """Quotes in a line of the most frequent shape; None where that one ends in CR LF."""

    def take(self, lines: Lines, first: int) -> None:
        """Take a block whose first line is number ``first`` of the file."""
        good = np.flatnonzero((lines.times != NONE) & (lines.ends > lines.starts))
        if not len(good):
            return
        self._lines += len(good)
        array = np.frombuffer(lines.data, dtype=np.uint8)
        usual = self._usual
        if (
            usual is not None
            and len(good) == len(lines.starts)
            and np.count_nonzero(array == ord('"')) == usual * len(good)
            and b"\r" not in lines.data
            and b"\\" not in lines.data
        ):
            # As many quotes as lines of the usual shape have: what has fewer would need another that has as many more.
            self._shapes[usual * 2].lines += len(good)
            return
        quotes = np.flatnonzero(array == ord('"'))
        # Apache writes a quote within a field as \"; nginx as \x22.
        quotes = quotes[array[np.maximum(quotes - 1, 0)] != ord("\\")]
        starts, ends = lines.starts[good], lines.ends[good]
        count = np.searchsorted(quotes, ends) - np.searchsorted(quotes, starts)
        returned = array[ends - 1] == ord("\r")
        shapes = np.minimum(count, 1000) * 2 + returned
        kinds, places, numbers = np.unique(shapes, return_index=True, return_counts=True)
        for kind, place, number in zip(kinds.tolist(), places.tolist(), numbers.tolist(), strict=True):
            known = self._shapes.get(kind)
            if known is not None:
                known.lines += number
            elif len(self._shapes) < _MOST_SHAPES:
                index = int(good[place])
                text = lines.data[int(lines.starts[index]) : int(lines.ends[index])]
                whole = len(text) < 65536 and _WHOLE.fullmatch(text) is not None
                self._shapes[kind] = _Shape(number, first + index, whole)
        most = max(self._shapes, key=lambda kind: self._shapes[kind].lines)
        self._usual = most // 2 if most % 2 == 0 else None

    def signs(self) -> list[LogSign]:
        """The strange shapes, after the whole file was taken."""
        usual = max((shape.lines for shape in self._shapes.values()), default=0)
        if self._lines < _LEAST_LINES or usual < _USUAL * self._lines:
            return []
        strange = [
            (shape, "CR LF" if kind % 2 else f'{kind // 2} "')
            for kind, shape in sorted(self._shapes.items(), key=lambda one: one[1].first)
            if shape.whole and shape.lines <= max(1, _MOST_SHARE * self._lines)
        ]
        return [
            LogSign(kind="foreign_shape", file=self._file, line=shape.first, lines=shape.lines, detail=detail)
            for shape, detail in strange[:_MOST_SIGNS]
        ]
