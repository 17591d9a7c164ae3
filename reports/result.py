"""The result document, schema ``zijian/1``: the one object every report format is rendered from.

Keys are a published contract: additions only. Times are UTC. ``result.json`` is this object and nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from checks.identification import Disagreement
from checks.model import CheckRun, Finding, Hosting, Text
from scanner.facts import OPERATOR
from scanner.records import (
    AuthorizationRecord,
    ImportRecord,
    LedgerSummary,
    NmapRun,
    Notice,
    Person,
    ToolInfo,
    Vantage,
)

__all__ = [
    "SCHEMA",
    "AuthorizationRecord",
    "Citation",
    "CitationRole",
    "DomainResult",
    "DutyResult",
    "DutyStatus",
    "HostResult",
    "ImportRecord",
    "LedgerSummary",
    "NmapRun",
    "NotChecked",
    "Notice",
    "OperatorResult",
    "Person",
    "Result",
    "ScanInfo",
    "ServiceResult",
    "ToolInfo",
    "Vantage",
]

SCHEMA = "zijian/1"


class DutyStatus(StrEnum):
    """How a duty ends. No scan alone makes a duty conforming, and no scan says 违法."""

    NONCONFORMING = "nonconforming"
    AT_RISK = "at_risk"
    NO_PROBLEM_FOUND = "no_problem_found"
    VERIFY_ON_SITE = "verify_on_site"
    NOT_APPLICABLE = "not_applicable"


class CitationRole(StrEnum):
    """What an article is cited for."""

    DUTY = "duty"
    INSPECTION = "inspection"
    PENALTY = "penalty"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanInfo:
    """Identity and circumstances of the scan."""

    id: str
    mode: str
    started: datetime
    finished: datetime | None
    law_date: date
    profile: str
    authorization: AuthorizationRecord
    tool: ToolInfo
    vantage: Vantage
    status: str
    """``completed``, ``interrupted``, ``partial``."""
    status_reason: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostResult:
    """One address examined, under the target that named it."""

    target: str
    ip: str
    names: tuple[str, ...] = ()
    up: bool | None = None
    ports_open: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResult:
    """One service and all facts recorded of it, by probe."""

    id: str
    host: str
    ip: str
    port: int
    transport: str
    name: str | None
    product: str | None
    version: str | None
    tls: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    disagreement: Disagreement | None = None
    """Our word and nmap's on what this is, where they differ."""
    hosting: Hosting | None = None
    """The third party on whose edge it was seen; None where nothing shows one."""
    asked: bool = True
    """False where the port is known to be open and nothing more: what is there was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainResult:
    """A name in DNS that the targets name, and all facts recorded of it, by probe. Not a service: findings on it bear its id."""

    id: str
    """``domain:name``."""
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorResult:
    """The object as a whole, and all facts from what its operator handed over. Findings on it bear its id."""

    id: str = OPERATOR
    name: str
    """As the authorisation names the object; empty where it does not."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """An article of an instrument in force on the law date."""

    instrument: str
    """Full Chinese title."""
    instrument_key: str
    version: str
    article: str
    """As the law writes it: 第二十三条第（三）项; empty when only the instrument can be named."""
    role: CitationRole
    text: str | None
    """The article's words; None unless seen in a source."""
    verified: bool
    source: str = ""
    former: str = ""
    """Number before renumbering, such as 原第二十一条第（三）项, where it helps."""
    note: Text | None = None
    """Why there is no article or no text, in plain words."""
    in_force: bool = True
    """False for 原依据: a provision repealed before the law date, shown for continuity and not as law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyResult:
    """One duty: its status, what led to it, and the law it rests on."""

    key: str
    name: Text
    status: DutyStatus
    reason: Text
    """One sentence: why this status and no other."""
    findings: tuple[str, ...] = ()
    """Keys of the findings that bear on it, deviations first."""
    citations: tuple[Citation, ...] = ()
    verification: Text | None = None
    """How the duty can be verified: remotely, from documents, on site."""
    questions: tuple[Text, ...] = ()
    """What an officer asks on site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """Something that was skipped, refused or could not be completed, and why."""

    what: str
    """``target``, ``host``, ``port``, ``probe``, ``check``, ``discovery``."""
    subject: str
    name: str
    """Rule or probe, where there is one."""
    status: str
    reason: str
    """Kind: see :mod:`scanner.errors` and :class:`checks.model.CheckRun`."""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Schema ``zijian/1``."""

    schema: str
    scan: ScanInfo
    hosts: tuple[HostResult, ...]
    services: tuple[ServiceResult, ...]
    findings: tuple[Finding, ...]
    duties: tuple[DutyResult, ...]
    ledger: LedgerSummary
    checks: tuple[CheckRun, ...] = ()
    """Every rule on every subject: did it run."""
    not_checked: tuple[NotChecked, ...] = ()
    domains: tuple[DomainResult, ...] = ()
    imports: tuple[ImportRecord, ...] = ()
    """Files of other tools whose findings are among these, marked by the basis ``other_tool``."""
    operator: OperatorResult | None = None
    """None where nothing was handed over that belongs to no single service."""
