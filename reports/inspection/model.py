"""An inspection as it is kept. Times carry their zone; nothing that was written is lost, since the store keeps a trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from scanner.intake import Kept

Answer = Literal["met", "not_met", "not_applicable"]
AnswerSource = Literal["scan", "documents", "on_site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """人民警察: name and 警号."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something in the object's past that Order 151 art. 9 asks for: incident, crime or penalty."""

    kind: Literal["incident", "crime", "penalty"]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedObject:
    """监督检查对象."""

    name: str
    credit_code: str = ""
    address: str = ""
    contact: str = ""
    responsible: str = ""
    service_since: date | None = None
    history: tuple[Event, ...] = ()
    inquired: bool = False
    """Whether its past was asked for at all: an empty history alone says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice to the object, or the public announcement, of a remote check."""

    kind: Literal["notice", "announcement"]
    number: str
    given: date
    not_before: datetime
    not_after: datetime
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """受委托的网络安全服务机构 and its staff who took part."""

    name: str
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAnswer:
    """The answer to one duty."""

    answer: Answer
    source: AnswerSource
    note: str
    by: str
    at: datetime
    attachments: tuple[Kept, ...] = ()
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the officer makes of one finding of a scan."""

    adopted: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFinding:
    """A deviation that a scan found, as it was when the scan was attached."""

    scan: str
    check: str
    title: str
    where: str
    severity: str
    status: str
    detail: str
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSite:
    """What the record of an on-site check must say."""

    credentials_shown: bool
    witness: str = ""
    traces: str = ""
    attachments: tuple[Kept, ...] = ()
    """Pictures, sound and files that were recorded on site."""
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The object's own words on the record, or that it refused to sign."""

    by: str
    text: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """责令限期整改."""

    issued: date
    deadline: date
    demands: str
    asked_early: date | None = None
    """When the object asked in writing for an early re-check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """复查."""

    done: date
    result: Literal["mended", "not_mended", "partly"]
    note: str = ""
    told: date | None = None
    """When the object was told of the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The result type, and why where it is not the proposed one."""

    type: str
    proposed: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One inspection of one object."""

    object: InspectedObject
    mode: Literal["remote", "on_site", "both"]
    opened: datetime
    opened_by: str
    number: str = ""
    provider_kinds: tuple[str, ...] = ()
    event: bool = False
    """It serves a 国家重大网络安全保卫任务 (Order 151 art. 12)."""
    task: str = ""
    """The 双随机 task that it was drawn in."""
    task_end: date | None = None
    officers: tuple[Officer, ...] = ()
    company: Company | None = None
    notice: Notice | None = None
    scans: tuple[str, ...] = ()
    findings: Mapping[str, ScanFinding] = field(default_factory=dict)
    """Key of the finding -> what was found."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    answers: Mapping[str, DutyAnswer] = field(default_factory=dict)
    on_site: OnSite | None = None
    circumstance: str = ""
    """What kept the check from being done as usual: a key of the section ``circumstance``."""
    ended: date | None = None
    """The day on which checking ended."""
    opinion: Opinion | None = None
    rectification: Rectification | None = None
    recheck: Recheck | None = None
    result: Chosen | None = None
    published: date | None = None
    closed: datetime | None = None

    @property
    def remote(self) -> bool:
        """Whether a remote check is part of it."""
        return self.mode in ("remote", "both")

    @property
    def at_the_place(self) -> bool:
        """Whether an on-site check is part of it."""
        return self.mode in ("on_site", "both")

    @property
    def adopted(self) -> list[str]:
        """Keys of the findings that an officer adopted."""
        return [key for key, decision in self.decisions.items() if decision.adopted]


def to_record(inspection: Inspection) -> dict[str, Any]:
    """What the store keeps."""
    record: dict[str, Any] = msgspec.to_builtins(inspection)
    return record


def from_record(record: Mapping[str, Any]) -> Inspection:
    """The inspection that :func:`to_record` wrote.

    :raises msgspec.ValidationError: it is none.
    """
    return msgspec.convert(record, Inspection)
