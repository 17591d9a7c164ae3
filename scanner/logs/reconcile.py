"""Our connections against the lines of the logs: which are there, when by the log's clock, and under whose address."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from statistics import median, quantiles
from typing import Literal

import chinese_calendar

from scanner.challenge import Trace
from scanner.facts.logs import EarlierMark, LogFacts, LogGap, LogSign
from scanner.logs.survey import PROTOCOLS, Candidate, Survey
from scanner.logs.times import CHINA, runs
from scanner.logs.touched import touched
from scanner.privacy import masked
from scanner.text import printable

_NEAR = 3
"""Seconds about a connection within which a line without mark or port counts as its own."""
_QUARTER = 900
_ZONE_TOLERANCE = 120
_MOST_SHOWN = 20
_MOST_EVIDENCE = 8
_MOST_PAIRS = 2000
_PORT = re.compile(rb"(?:port[ =:\"]+|[:#])(\d{4,5})\b")
_ADDRESS = re.compile(rb"(?<![\w.:])[0-9A-Fa-f:]*[.:][0-9A-Fa-f.:]*(?![\w.:])")
"""What may be an address: digits with points or colons, and nothing of a word about them."""
_LEAST_EXPECTED = 20
"""Entries that the same hours usually have, from which a silence calls for an explanation."""
_LEAST_DAYS = 14
_LONGEST_HOLIDAY = 9
"""Days of the longest public holiday so far (Spring Festival of 2026)."""
_RARE = 0.01
"""How often chance may make a silence in the whole of a log, at most."""


def reconcile(
    protocol: str,
    traces: Sequence[Trace],
    nonces: Sequence[str],
    surveys: Sequence[Survey],
    earlier: Mapping[str, tuple[Sequence[str], datetime]],
) -> LogFacts:
    """Facts on one service.

    :param traces: of this scan, on this service.
    :param surveys: of all files that were handed over.
    :param earlier: earlier scan -> its nonces, and when it ran.
    """
    ours = [
        survey
        for survey in surveys
        if protocol in PROTOCOLS.get(survey.facts.format, frozenset()) or _bears(survey, nonces)
    ]
    lines = [candidate for survey in ours for candidate in survey.candidates]
    matches = _Matches(traces, nonces, lines)
    firsts = [survey.facts.first for survey in ours if survey.facts.first]
    lasts = [survey.facts.last for survey in ours if survey.facts.last]
    shift = timedelta(seconds=matches.shift or 0)
    hours: Counter[int] = Counter()
    for survey in ours:
        hours.update(survey.hours)
    first, last = min(firsts, default=None), max(lasts, default=None)
    covers = None
    if first and last and traces:
        covers = (
            first - shift <= traces[0].opened and traces[-1].closed - timedelta(minutes=5) <= last - shift
        )
    differences = matches.differences()
    assumed = any(survey.zone_assumed for survey in ours)
    off = _whole_quarters(median(differences)) if differences else 0
    if off:
        differences = [difference - off for difference in differences]
    file_times, changed = (
        touched((survey.facts for survey in ours), traces[0].opened, shift) if traces else (None, ())
    )
    return LogFacts(
        protocol=protocol,
        files=tuple(survey.facts for survey in ours),
        expected=len(traces),
        found=len(matches.found),
        matched_by=tuple(sorted({by for by, _ in matches.found.values()})),
        missing=tuple(
            f"{trace.seq} {trace.opened:%Y-%m-%dT%H:%M:%SZ}"
            for trace in traces
            if trace.seq not in matches.found
        )[:_MOST_SHOWN],
        evidence=tuple(_shown(line) for line in matches.lines()[:_MOST_EVIDENCE]),
        covers_scan=covers,
        source=matches.source[0],
        source_seen=matches.source[1],
        skew_median=round(median(differences), 3) if differences else None,
        skew_p95=round(_p95(differences), 3) if differences else None,
        skew_drift=round(differences[-1] - differences[0], 3) if len(differences) > 1 else None,
        zone_written=None if not ours else not assumed,
        zone_shift=off // 60,
        fields=tuple(sorted(frozenset().union(*(survey.fields for survey in ours)))),
        first=first,
        last=last,
        days=_days(hours),
        gaps=tuple(_gaps(hours)),
        signs=(*(sign for survey in ours for sign in survey.signs), *_holes(ours), *changed),
        file_times=file_times,
        earlier=tuple(_earlier(earlier, lines)),
    )


def _bears(survey: Survey, nonces: Sequence[str]) -> bool:
    return any(nonce.encode() in candidate.text for candidate in survey.candidates for nonce in nonces)


def _shown(line: Candidate) -> str:
    return f"{printable(line.file, 120)}:{line.number}: {masked(printable(line.text, 300))}"


class _Matches:
    def __init__(self, traces: Sequence[Trace], nonces: Sequence[str], lines: Sequence[Candidate]) -> None:
        self._traces = traces
        self.found: dict[int, tuple[str, Candidate]] = {}
        self._marked = [line for line in lines if any(nonce.encode() in line.text for nonce in nonces)]
        self._by_mark()
        self._by_port(lines)
        self.shift = self._shift(lines)
        self._by_time(lines)

    def _by_mark(self) -> None:
        """A mark stands in one connection of each service; a log that several share has one line for each."""
        left = list(self._marked)
        for trace in self._traces:
            bearing = [line for line in left if trace.mark and trace.mark.encode() in line.text]
            if not bearing:
                continue
            line = min(bearing, key=lambda one, trace=trace: _distance(trace, one.time))  # type: ignore[misc]
            left.remove(line)
            self.found[trace.seq] = "mark", line

    def _by_port(self, lines: Sequence[Candidate]) -> None:
        wanted = {trace.source_port: trace for trace in self._traces}
        for line in lines:
            for port in _PORT.findall(line.text):
                trace = wanted.get(int(port))
                if trace is None or trace.seq in self.found or trace.source_ip.encode() not in line.text:
                    continue
                # The same port may have been another's on another day.
                if line.time is None or abs(_distance(trace, line.time)) <= 26 * 3600:
                    self.found[trace.seq] = "port", line

    def _shift(self, lines: Sequence[Candidate]) -> float | None:
        """Seconds that the log is ahead: by what bears mark or port, else by the difference that most lines agree on."""
        if known := self.differences():
            return median(known)
        moments = sorted({line.time for line in lines if line.time is not None})[:_MOST_PAIRS]
        differences: Counter[int] = Counter()
        for trace in self._traces[:_MOST_PAIRS]:
            opened = int(trace.opened.timestamp())
            differences.update({round((moment - opened) / 2) * 2 for moment in moments})
        if not differences:
            return None
        most = max(differences.values())
        if most < min(2, len(self._traces)):
            return None
        return float(min((one for one, count in differences.items() if count == most), key=_plausible))

    def _by_time(self, lines: Sequence[Candidate]) -> None:
        if self.shift is None:
            return
        used = {(line.file, line.number) for _, line in self.found.values()}
        timed = [line for line in lines if line.time is not None and (line.file, line.number) not in used]
        for trace in self._traces:
            if trace.seq in self.found:
                continue
            start = trace.opened.timestamp() + self.shift - _NEAR
            end = trace.closed.timestamp() + self.shift + _NEAR
            address = trace.source_ip.encode()
            for line in timed:
                if line.time is not None and start <= line.time <= end and address in line.text:
                    self.found[trace.seq] = "time", line
                    break

    def differences(self) -> list[float]:
        """Log's time less ours, in the order of our connections; where the line may stand for a span, the nearest moment of it."""
        known = {trace.seq: trace for trace in self._traces}
        return [
            float(_distance(known[seq], line.time))
            for seq, (by, line) in sorted(self.found.items())
            if by != "time" and line.time is not None
        ]

    def lines(self) -> list[Candidate]:
        """The lines that show our connections, marked ones first."""
        order = {"mark": 0, "port": 1, "time": 2}
        return [line for _, line in sorted(self.found.values(), key=lambda found: order[found[0]])]

    @property
    def source(self) -> tuple[Literal["ours", "other", "none"] | None, str]:
        """Whose address the lines have that bear our mark, and the other's."""
        lines = self._marked or [line for by, line in self.found.values() if by != "time"]
        if not lines or not self._traces:
            return None, ""
        address = self._traces[0].source_ip.encode()
        if any(address in line.text for line in lines):
            return "ours", ""
        seen = next((found for line in lines for found in _addresses(line.text)), None)
        return ("other", seen) if seen else ("none", "")


def _addresses(text: bytes) -> Iterable[str]:
    """IP addresses in a line, in its order; one with a port behind it counts without the port."""
    for match in _ADDRESS.finditer(text):
        written = match[0].decode().rstrip(".")
        for candidate in (written, written.rpartition(":")[0]):
            with suppress(ValueError):
                if not ipaddress.ip_address(candidate).is_unspecified:
                    yield candidate
                break


def _distance(trace: Trace, time: int | None) -> float:
    """Seconds from the span in which a log may have written of a connection; 0 within it."""
    if time is None:
        return 0.0
    start = (trace.asked or trace.opened).timestamp()
    end = trace.closed.timestamp()
    # Most logs have whole seconds, cut off.
    if time + 1 > start and time <= end:
        return 0.0
    return time - end if time > end else time + 0.5 - start


def _plausible(difference: int) -> tuple[int, int]:
    nearest = abs(difference - round(difference / _QUARTER) * _QUARTER)
    return (
        0 if abs(difference) < _ZONE_TOLERANCE else 1 if nearest < _ZONE_TOLERANCE else 2,
        abs(difference),
    )


def _whole_quarters(difference: float) -> int:
    """Seconds of a shift that is a zone's: whole quarters of an hour (all zones are), of half an hour at least."""
    near = round(difference / _QUARTER) * _QUARTER
    return near if abs(near) >= 2 * _QUARTER and abs(difference - near) <= _ZONE_TOLERANCE else 0


def _p95(values: Sequence[float]) -> float:
    absolute = sorted(abs(value) for value in values)
    return absolute[0] if len(absolute) == 1 else quantiles(absolute, n=20, method="inclusive")[-1]


def _days(hours: Mapping[int, int]) -> dict[str, int]:
    days: Counter[str] = Counter()
    for hour, count in hours.items():
        days[datetime.fromtimestamp(hour * 3600, CHINA).date().isoformat()] += count
    return dict(sorted(days.items()))


def _gaps(hours: Mapping[int, int]) -> Iterable[LogGap]:
    """Silences in which the same hour usually has entries: both on the days about it and on that weekday in the weeks about it.

    Medians, so that bursts do not count; near by, so that a service that grew is not held against its own later traffic. And
    where single hours are silent now and then, a silence must be longer than chance makes them. A public holiday is held
    against the other days of the same holiday as well: an office that is shut for the Spring Festival lost no log.
    """
    if not hours:
        return
    low, high = min(hours), max(hours)
    if high - low < _LEAST_DAYS * 24 or high - low > 24 * 3660:
        return

    def usual(hour: int) -> float:
        views = ([24 * day for day in (-3, -2, -1, 1, 2, 3)], [168 * week for week in (-2, -1, 1, 2)])
        counts = [
            [hours.get(hour + step, 0) for step in view if low <= hour + step <= high] for view in views
        ]
        least = min(median(view) if view else 0.0 for view in counts)
        return _at_holiday(least, hours, hour, low, high)

    busy = {hour for hour in range(low, high + 1) if usual(hour) >= 1}
    for first, last in runs([hour for hour in range(low, high + 1) if not hours.get(hour)]):
        silent = range(first, last + 1)
        # Where a silence lasts for days, the days about it are silent too: those about the whole of it count.
        expected = sum(map(usual, silent)) if len(silent) <= 24 else _about(hours, silent, low, high)
        if expected < _LEAST_EXPECTED or len(silent) < 2:
            continue
        others = sum(not hours.get(hour) for hour in busy) - sum(hour in busy for hour in silent)
        by_chance = len(busy) * ((others + 0.5) / max(1, len(busy))) ** len(silent)
        if by_chance < _RARE:
            yield LogGap(
                start=datetime.fromtimestamp(first * 3600, UTC),
                end=datetime.fromtimestamp((last + 1) * 3600, UTC),
                expected=round(expected),
            )


def _about(hours: Mapping[int, int], silent: Sequence[int], low: int, high: int) -> float:
    """What the same hours of the weeks before and after a long silence have, by the median."""
    total = 0.0
    gone = set(silent)
    for hour in silent:
        steps = [168 * week for week in range(-4, 5) if week]
        views = [
            hours.get(hour + step, 0)
            for step in steps
            if low <= hour + step <= high and hour + step not in gone
        ]
        total += _at_holiday(median(views) if views else 0.0, hours, hour, low, high)
    return total


def _at_holiday(usual: float, hours: Mapping[int, int], hour: int, low: int, high: int) -> float:
    """``usual``, and on a holiday no more than the same hour of its other days has, by the median; 0 where the log has none."""
    name = _holiday(hour)
    if not name:
        return usual
    counts = [
        hours.get(other, 0)
        for other in (hour + 24 * day for day in range(-_LONGEST_HOLIDAY, _LONGEST_HOLIDAY + 1) if day)
        if low <= other <= high and _holiday(other) == name
    ]
    return min(usual, median(counts) if counts else 0.0)


def _holiday(hour: int) -> str:
    return _holiday_of(datetime.fromtimestamp(hour * 3600, CHINA).date())


@cache
def _holiday_of(day: date) -> str:
    """The public holiday that a day off belongs to, as the State Council announced it; empty on other days and in years not known."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return name or "" if off else ""


_NUMBERED = re.compile(r"(.*\.)(\d{1,4})((?:\.(?:gz|bz2|xz|zst))?)")


def _holes(surveys: Iterable[Survey]) -> Iterable[LogSign]:
    """Numbers that are missing among rotated files, such as ``access.log.2`` beside ``.1`` and ``.3.gz``."""
    numbers: dict[str, set[int]] = {}
    for survey in surveys:
        if found := _NUMBERED.fullmatch(survey.facts.name):
            numbers.setdefault(found[1], set()).add(int(found[2]))
    for stem, present in numbers.items():
        missing = sorted(set(range(min(present), max(present))) - present)
        if missing and len(present) > len(missing):
            shown = ", ".join(map(str, missing[:20]))
            yield LogSign(kind="rotation_hole", file=f"{stem}*", line=0, lines=0, detail=shown)


def _earlier(
    earlier: Mapping[str, tuple[Sequence[str], datetime]], lines: Sequence[Candidate]
) -> Iterable[EarlierMark]:
    for scan, (nonces, ran) in earlier.items():
        bearing = [
            line
            for line in lines
            if any(nonce.encode() in line.text for nonce in nonces)
            and line.time is not None
            and abs(line.time - ran.timestamp()) <= 26 * 3600
        ]
        if bearing:
            yield EarlierMark(scan=scan, at=ran, lines=len(bearing))
