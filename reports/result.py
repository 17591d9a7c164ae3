"""The result document, schema ``zijian/1``: the one object every report format is rendered from.

Keys are a published contract: additions only. Times are UTC. ``result.json`` is this object and nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from checks.model import CheckRun, Finding, Text

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
class Person:
    """An officer or a staff member of the commissioned company."""

    name: str
    number: str = ""
    """Police number, or another identifier."""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice given to the object, or the public announcement, before a remote check."""

    kind: str
    """``notice`` or ``announcement``."""
    number: str = ""
    issued: date | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRecord:
    """On whose word the scan was made, as recorded when it started."""

    mode: str
    """``self`` or ``police``."""
    authorized_by: str = ""
    """Who stated the right to test (self mode). Empty when only this machine's own addresses were scanned."""
    statement: str = ""
    object_name: str = ""
    object_credit_code: str = ""
    unit: str = ""
    """The organ that inspects (police mode)."""
    notice: Notice | None = None
    officers: tuple[Person, ...] = ()
    company: str = ""
    company_staff: tuple[Person, ...] = ()
    critical_infrastructure: bool = False
    cii_approval: str = ""
    """Reference of the approval or authorisation under State Council order 745 art. 31."""
    targets: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    scope_sha256: str = ""
    """Of the scope file, byte for byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolInfo:
    """Versions that made the result."""

    version: str
    nmap: str = ""
    python: str = ""
    openssl: str = ""
    rules: str = ""
    """Hash over the rule ids and their code: which rule set judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """From where the target was seen."""

    source_addresses: tuple[str, ...] = ()
    inside: bool | None = None
    """Whether the scan ran inside the object's network; None when not stated."""
    privileged: bool = False
    """Raw sockets were available (SYN and UDP scans)."""


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
    """``target``, ``host``, ``probe``, ``check``, ``discovery``."""
    subject: str
    name: str
    """Rule or probe, where there is one."""
    status: str
    reason: str
    """Kind: see :mod:`scanner.errors` and :class:`checks.model.CheckRun`."""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NmapRun:
    """One run of nmap, as recorded in the ledger."""

    command: str
    started: datetime
    finished: datetime | None
    packets_sent: int | None
    packets_received: int | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSummary:
    """The scan's footprint, counted from the ledger."""

    connections: int = 0
    nmap_runs: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    peak_rate: float = 0.0
    """Most connections begun in any one second, over all hosts."""
    refusals: int = 0
    """Times the guarded door said no."""
    head_hash: str = ""
    records: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    per_minute: Mapping[str, int] = field(default_factory=dict)
    """``YYYY-MM-DDTHH:MMZ`` -> connections begun in that minute."""
    nmap: tuple[NmapRun, ...] = ()


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
