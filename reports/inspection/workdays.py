"""Working days by the State Council's calendar: holidays, and the Saturdays and Sundays that are worked instead.

chinesecalendar knows the years that were announced when it was made. A year that the State Council announces later is added as
a file, offline; for a year that is not known, Monday to Friday are counted, and that is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

from scanner.said import Told, zh

_SATURDAY = 5


class CalendarError(Told, ValueError):
    """A file of a year is none; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Year:
    """What one year's announcement says: days off, and weekend days that are worked."""

    year: int
    source: str
    off: frozenset[date]
    worked: frozenset[date]


@dataclass(slots=True)
class Calendar:
    """Counts working days, and remembers the years it had to guess."""

    own: Mapping[int, Year] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)

    def is_workday(self, day: date) -> bool:
        """Whether work is done on ``day``."""
        if (year := self.own.get(day.year)) is not None:
            return day in year.worked or (day.weekday() < _SATURDAY and day not in year.off)
        try:
            known: bool = chinese_calendar.is_workday(day)
        except NotImplementedError:
            self.unknown.add(day.year)
            return day.weekday() < _SATURDAY
        return known

    def after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``, which itself does not count."""
        while number > 0:
            day += timedelta(days=1)
            number -= self.is_workday(day)
        return day


def read_year(data: bytes, name: str) -> Year:
    """A year's file: ``year``, ``source``, and the lists ``off`` and ``worked`` of dates.

    :raises CalendarError: it is not of that form, or its dates cannot be.
    """
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalendarError(f"{name} 不是 TOML 格式：{zh(error)}", f"{name} is no TOML: {error}") from error
    year, source = table.get("year"), table.get("source")
    if (
        not isinstance(year, int)
        or not 2000 <= year <= 2200
        or not isinstance(source, str)
        or not source.strip()
    ):
        raise CalendarError(
            f'{name} 应当写明 year = 2027 和 source = "国办发明电〔…〕…号"',
            f'{name} needs year = 2027 and source = "国办发明电〔…〕…号"',
        )
    off = _dates(table.get("off"), "off", year, name)
    worked = _dates(table.get("worked"), "worked", year, name)
    if unworked := [day for day in worked if day.weekday() < _SATURDAY]:
        raise CalendarError(
            f"{name}：worked 中的 {unworked[0]} 不是周六或者周日",
            f"{name}: worked: {unworked[0]} is no Saturday or Sunday",
        )
    if both := off & worked:
        raise CalendarError(
            f"{name}：{min(both)} 既放假又上班", f"{name}: {min(both)} is both off and worked"
        )
    if len(off) < 11:
        # 全国年节及纪念日放假办法 gives eleven days and more.
        raise CalendarError(
            f"{name}：off 只有 {len(off)} 天，少于任何一年的放假天数",
            f"{name}: off has {len(off)} days, which is fewer than any year has",
        )
    return Year(year, source.strip(), off, worked)


def _dates(value: object, key: str, year: int, name: str) -> frozenset[date]:
    if not isinstance(value, list) or not all(type(one) is date for one in value):
        raise CalendarError(
            f"{name}：{key} 应为日期的列表，如 2027-01-01",
            f"{name}: {key} must be a list of dates such as 2027-01-01",
        )
    if wrong := [one for one in value if one.year != year]:
        raise CalendarError(
            f"{name}：{key} 中的 {wrong[0]} 不在 {year} 年", f"{name}: {key}: {wrong[0]} is not in {year}"
        )
    return frozenset(value)


def load(folder: Path) -> Calendar:
    """The calendar with the years that the unit added.

    :raises CalendarError: a file there is none.
    """
    years = [read_year(path.read_bytes(), path.name) for path in sorted(_files(folder))]
    return Calendar({year.year: year for year in years})


def _files(folder: Path) -> Iterable[Path]:
    return folder.glob("*.toml") if folder.is_dir() else ()
