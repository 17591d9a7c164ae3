"""The words that reports use, in one file per language: ``strings_zh.toml`` and ``strings_en.toml``.

Texts of rules and duties come with the result; everything else that a person reads is here.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from checks.model import Finding, Text
from scanner.facts import OPERATOR

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

BEIJING = timezone(timedelta(hours=8))
"""China has one zone and no daylight saving time. Documents show it; data files keep UTC."""


class Wording:
    """All strings of one language. Calling it with a key returns the string with its places filled."""

    def __init__(self, lang: str) -> None:
        """Load the strings of ``lang``.

        :raises ValueError: a language that there is no file for.
        """
        if lang not in LANGUAGES:
            raise ValueError(f"no such report language: {lang}; there are {', '.join(LANGUAGES)}")
        self.lang: Language = "zh" if lang == "zh" else "en"
        self.strings = load(self.lang)

    def __call__(self, key: str, **values: object) -> str:
        """Return the string ``section.name``; with ``n=1``, its form for one where the language has one.

        :raises KeyError: no such string, or a place has no value. The tests look for both.
        """
        if values.get("n") == 1 and (singular := self.strings.get(f"{key}_one")) is not None:
            return singular.format_map(values)
        return self.strings[key].format_map(values)

    def word(self, section: str, value: str) -> str:
        """Return the word for a code such as ``fail`` or ``timeout``; a code that is not known stands for itself.

        Codes may carry a detail after a colon (``probe_failed:timeout``, ``alert:handshake_failure``).
        """
        known = self.strings.get(f"{section}.{value}")
        if known is not None:
            return known
        head, colon, rest = value.partition(":")
        if colon and (known := self.strings.get(f"{section}.{head}")) is not None:
            detail = self.word(section, rest)
            return self("format.with_detail", word=known, detail=detail)
        return value

    def knows(self, section: str, value: str) -> bool:
        """Whether there is a word for the code itself."""
        return f"{section}.{value}" in self.strings

    def pick(self, text: Text | None) -> str:
        """Return a text of the result in this language; in the other one where a plug-in left this one empty."""
        if text is None:
            return ""
        return (text.zh or text.en) if self.lang == "zh" else (text.en or text.zh)

    def place(self, finding: Finding) -> str:
        """Return where a finding was made, as a person writes it."""
        if finding.subject != OPERATOR:
            return finding.subject_label
        if finding.subject_label == OPERATOR:
            return self("operator.unnamed")
        return self("format.with_detail", word=finding.subject_label, detail=self("operator.whole"))

    def listing(self, items: Iterable[object]) -> str:
        """Join ``items`` as the language does: 、 or a comma."""
        return self.strings["format.list_separator"].join(str(item) for item in items)

    def number(self, value: int | float) -> str:
        """Return ``value`` with a thousands separator; at most one decimal."""
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")

    def size(self, octets: int) -> str:
        """Return a number of bytes with a unit of 1024."""
        value = float(octets)
        for unit in ("B", "KiB", "MiB", "GiB"):
            if abs(value) < 1024:
                return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
            value /= 1024
        return f"{value:,.1f} TiB"

    def moment(self, at: datetime | None, *, seconds: bool = True) -> str:
        """Return a time in Beijing time, without naming the zone: the report says it once."""
        if at is None:
            return self.strings["format.unknown"]
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")

    def until(self, start: datetime, end: datetime) -> str:
        """Return the end of a stretch of time to the minute, without the day when it is that of ``start``."""
        first, last = self.moment(start, seconds=False), self.moment(end, seconds=False)
        return last[11:] if first[:10] == last[:10] else last

    def day(self, day: date | None) -> str:
        """Return a date as the language writes it."""
        if day is None:
            return self.strings["format.unknown"]
        return self("format.day", year=day.year, month=day.month, day=day.day, iso=day.isoformat())

    def duration(self, started: datetime, finished: datetime | None) -> str:
        """Return the time between two moments in hours, minutes and seconds."""
        if finished is None:
            return self.strings["format.unknown"]
        seconds = max(0, round((finished - started).total_seconds()))
        hours, rest = divmod(seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        if hours:
            return self("format.hours", hours=hours, minutes=minutes, seconds=seconds)
        return self("format.minutes" if minutes else "format.seconds", minutes=minutes, seconds=seconds)

    def ranges(self, numbers: Iterable[int]) -> str:
        """Return numbers in order, runs shortened: ``31–34、160``."""
        runs: list[list[int]] = []
        for number in sorted(set(numbers)):
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return self.listing(str(a) if a == b else f"{a}–{b}" for a, b in runs)


@functools.cache
def load(lang: Language) -> Mapping[str, str]:
    """Return the strings of ``lang`` as ``section.name`` -> text."""
    path = Path(__file__).with_name(f"strings_{lang}.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, table in tables.items() for name, text in table.items()}
