"""The numbers behind the report's pictures. Lengths and places are percentages, so that pictures fit any width."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checks.model import Severity
from reports.digest import Digest, stands
from reports.result import Result
from reports.wording import BEIJING, Wording

CERTIFICATES = 12
COLUMNS = 120
"""Most columns of the connections picture; longer scans join minutes."""
KINDS = 14
"""Most rows of the services picture; the rest is summed up in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a bar: where it starts and how long it is, in percent, and the class that colours it."""

    start: float
    length: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: its label, the words that say all it shows, the figure at its end, and its stretches."""

    label: str
    meaning: str
    figure: str
    segments: tuple[Segment, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Connections over time."""

    columns: tuple[Segment, ...]
    """``start`` from the left, ``length`` is the height."""
    width: float
    summary: str
    first: str
    last: str
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a calendar: its column (a week) and row (Monday first), and what kind of day it was."""

    week: int
    weekday: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days the log of one service, or one kind of address records, has entries of."""

    label: str
    summary: str
    days: tuple[Day, ...]
    weeks: int
    months: tuple[tuple[int, str], ...]
    """Week and name of each month's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """All pictures of a report; an empty one is left out."""

    severities: tuple[Bar, ...]
    services: tuple[Bar, ...]
    certificates: tuple[Bar, ...]
    today: float
    """Where the day of the scan stands in the certificates' picture, in percent."""
    span: tuple[str, str]
    """First and last day of that picture."""
    connections: Columns | None
    calendars: tuple[Calendar, ...]


def charts(result: Result, counted: Digest, words: Wording) -> Charts:
    """Compute all pictures of ``result``."""
    certificates, today, span = _certificates(result, words)
    return Charts(
        severities=tuple(_severities(counted, words)),
        services=tuple(_services(result, words)),
        certificates=certificates,
        today=today,
        span=span,
        connections=_connections(result, words),
        calendars=tuple(_calendars(result, words)),
    )


_CALENDAR_DAYS = 190
"""Six months and a little."""
_MOST_CALENDARS = 12


def _calendars(result: Result, words: Wording) -> Iterator[Calendar]:
    """A calendar for each service whose logs were handed over, and for each kind of address records."""
    looked = [
        (f"{service.host}:{service.port}", service.facts["logs"])
        for service in result.services
        if "logs" in service.facts
    ]
    if result.operator is not None:
        looked += [
            (words.word("record_kind", facts["kind"]), facts) for facts in result.operator.facts.values()
        ]
    for label, facts in looked[:_MOST_CALENDARS]:
        counts = facts["days"]
        last = (result.scan.finished or result.scan.started).astimezone(BEIJING).date()
        first = last - timedelta(days=_CALENDAR_DAYS)
        monday = first - timedelta(days=first.weekday())
        silent = {
            (datetime.fromisoformat(gap["start"]).astimezone(BEIJING) + timedelta(days=number)).date()
            for gap in facts.get("gaps", ())
            for number in range(
                (datetime.fromisoformat(gap["end"]) - datetime.fromisoformat(gap["start"])).days + 1
            )
        }
        days, months, covered = [], [], 0
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            week = (day - monday).days // 7
            here = bool(counts.get(day.isoformat()))
            covered += here
            kind = "fill-medium" if day in silent else "fill-quietly" if here else "track"
            days.append(Day(week=week, weekday=day.weekday(), kind=kind))
            if day.day == 1:
                months.append((week, f"{day:%Y-%m}"))
        yield Calendar(
            label=label,
            summary=words(
                "pictures.calendar_row",
                days=covered,
                whole=len(days),
                first=words.day(first),
                last=words.day(last),
            ),
            days=tuple(days),
            weeks=(last - monday).days // 7 + 1,
            months=tuple(months),
        )


def _share(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _severities(counted: Digest, words: Wording) -> Iterator[Bar]:
    most = max(counted.severities.values(), default=0)
    for severity, number in counted.severities.items():
        if severity is Severity.INFO and not number:
            continue
        label = words.word("severity", severity)
        yield Bar(
            label=label,
            meaning=words("headline.severity", severity=label, n=number),
            figure=words.number(number),
            segments=(Segment(start=0, length=_share(number, most), kind=severity.value),) if number else (),
            kind=severity.value,
        )


def _services(result: Result, words: Wording) -> Iterator[Bar]:
    exposed = {f.subject for f in result.findings if stands(f) and f.check.startswith("exposure/")}
    troubled = {f.subject for f in result.findings if stands(f)} - exposed
    kinds: dict[str, Counter[str]] = {}
    for service in result.services:
        if not service.asked:
            continue
        state = "exposed" if service.id in exposed else "other" if service.id in troubled else "clean"
        name = (service.name or words("format.unknown"))[:40] + (" + TLS" if service.tls else "")
        kinds.setdefault(name, Counter())[state] += 1
    order = sorted(
        kinds, key=lambda name: (-kinds[name]["exposed"], -kinds[name]["other"], -kinds[name].total(), name)
    )
    if len(order) > KINDS:
        rest: Counter[str] = Counter()
        for name in order[KINDS - 1 :]:
            rest += kinds.pop(name)
        label = words("pictures.services_rest", n=len(order) - KINDS + 1)
        order = [*order[: KINDS - 1], label]
        kinds[label] = rest
    most = max((counts.total() for counts in kinds.values()), default=0)
    for name in order:
        counts = kinds[name]
        start = 0.0
        segments = []
        for state in ("exposed", "other", "clean"):
            if length := _share(counts[state], most):
                segments.append(Segment(start=round(start, 2), length=length, kind=state))
                start += length
        yield Bar(
            label=name,
            meaning=words(
                "pictures.services_row",
                name=name,
                n=counts.total(),
                exposed=counts["exposed"],
                other=counts["other"],
                clean=counts["clean"],
            ),
            figure=words.number(counts.total()),
            segments=tuple(segments),
        )


def _moment(value: Any) -> datetime | None:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return at


def _own(facts: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The certificates of a service itself, and for those of TLCP the wording that says what they are for."""
    tls = facts.get("tls")
    for key, roles in (
        ("certificates", ("",)),
        ("tlcp_certificates", ("pictures.tlcp_signing", "pictures.tlcp_encryption")),
    ):
        chain = tls.get(key) if isinstance(tls, Mapping) else None
        sent = [one for one in chain if isinstance(one, Mapping)] if isinstance(chain, (list, tuple)) else []
        own = [one for place, one in enumerate(sent) if not place or one.get("is_ca") is not True]
        yield from zip(roles, own, strict=False)


def _leaves(result: Result, words: Wording) -> dict[str, tuple[str, datetime, datetime]]:
    found: dict[str, tuple[str, datetime, datetime]] = {}
    for service in result.services:
        for role, leaf in _own(service.facts):
            first, last = _moment(leaf.get("not_before")), _moment(leaf.get("not_after"))
            if first is None or last is None or last <= first:
                continue
            subject = str(leaf.get("subject") or service.host)[:80]
            label = words(role, subject=subject) if role else subject
            found[str(leaf.get("sha256") or f"{service.id} {role}")] = (label, first, last)
    return found


def _certificates(result: Result, words: Wording) -> tuple[tuple[Bar, ...], float, tuple[str, str]]:
    leaves = sorted(_leaves(result, words).values(), key=lambda leaf: leaf[2])[:CERTIFICATES]
    if not leaves:
        return (), 0.0, ("", "")
    now = (
        result.scan.started.astimezone(UTC)
        if result.scan.started.tzinfo
        else result.scan.started.replace(tzinfo=UTC)
    )
    # A certificate of the year 9999 must not press all others into one point: two years each way are enough.
    floor = max(min(now, *(first for _, first, _ in leaves)), now - timedelta(days=730))
    ceiling = min(max(now, *(last for _, _, last in leaves)), now + timedelta(days=730))
    whole = (ceiling - floor).total_seconds() or 1.0

    def place(at: datetime) -> float:
        return _share((min(max(at, floor), ceiling) - floor).total_seconds(), whole)

    bars = []
    for subject, first, last in leaves:
        days = int(abs((last - now).total_seconds()) // 86400)
        if last < now:
            kind, state = "expired", words("pictures.certificate_expired", n=days)
        elif first > now:
            days = math.ceil((first - now).total_seconds() / 86400)
            kind, state = "future", words("pictures.certificate_future", n=days)
        else:
            kind = "soon" if days < 30 else "valid"
            state = words("pictures.certificate_left", n=days)
        start = place(first)
        bars.append(
            Bar(
                label=subject,
                meaning=words(
                    "pictures.certificate_row",
                    subject=subject,
                    first=first.date().isoformat(),
                    last=last.date().isoformat(),
                    state=state,
                ),
                figure=state,
                segments=(Segment(start=start, length=max(round(place(last) - start, 2), 0.6), kind=kind),),
                kind=kind,
            )
        )
    return tuple(bars), place(now), (floor.date().isoformat(), ceiling.date().isoformat())


def _connections(result: Result, words: Wording) -> Columns | None:
    minutes: dict[datetime, int] = {}
    for minute, number in result.ledger.per_minute.items():
        if (at := _moment(minute)) is not None:
            minutes[at] = minutes.get(at, 0) + max(0, number)
    if not minutes:
        return None
    first, last = min(minutes), max(minutes)
    length = int((last - first).total_seconds() // 60) + 1
    joined = math.ceil(length / COLUMNS)
    binned: Counter[int] = Counter()
    for at, number in minutes.items():
        binned[int((at - first).total_seconds() // 60) // joined] += number
    count = math.ceil(length / joined)
    peak = max(binned.values())
    # A short scan leaves room at the right rather than filling the width with one fat column.
    slots = max(count, 12)
    width = 100 / slots
    summary = words(
        "pictures.connections_summary" if joined == 1 else "pictures.connections_binned",
        n=joined,
        peak=words.number(peak),
        rate=words.number(result.ledger.peak_rate),
    )
    return Columns(
        columns=tuple(
            Segment(
                start=round(number * width, 3),
                length=_share(total, peak),
                kind=words(
                    "pictures.connections_column",
                    at=words.moment(first + timedelta(minutes=number * joined), seconds=False)[-5:],
                    n=total,
                ),
            )
            for number, total in sorted(binned.items())
            if total
        ),
        width=round(width * 0.86, 3),
        summary=summary,
        first=words.moment(first, seconds=False),
        last=words.moment(first + timedelta(minutes=(slots - 1) * joined), seconds=False),
        peak=peak,
    )
