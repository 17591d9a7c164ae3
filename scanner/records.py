"""What a scan records about itself: on whose word, from where, with what, and its footprint.

Pure data, shared by the scanner that writes it and the reports that print it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


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
class HostedRange:
    """Addresses of which the user says that a third party runs them (CDN, cloud load balancer ...)."""

    name: str
    """The third party, as the user writes it."""
    networks: tuple[str, ...]
    kind: str = "other"
    """``cdn``, ``waf``, ``load_balancer``, ``storage``, ``saas`` or ``other``."""


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
    protection_level: int | None = None
    """网络安全保护等级, 1 to 5, as the scope file states it."""
    provider_kinds: tuple[str, ...] = ()
    """Kinds of service that the object provides, by the keys of the duties' catalogue, as stated."""
    event: bool = False
    """The check serves a 重大网络安全保卫任务."""
    targets: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    scope_sha256: str = ""
    """Of the scope file, byte for byte."""
    hosted: tuple[HostedRange, ...] = ()
    """Stated to be run by third parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRecord:
    """A dated table that judgements rest on."""

    name: str
    """``lifecycle``: release lines of products and their ends. ``hosting``: how third parties that carry services show."""
    date: date
    """Of the table: what came out later it does not know."""
    sha256: str
    entries: int
    title: str = ""
    imported_by: str = ""
    """Empty for the table that ships with zijian."""
    imported: datetime | None = None
    old: bool = False
    """More than a year older than the scan."""
    fault: str = ""
    """Why an imported table could not be used, so that the one that ships judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """Another tool's file that was attached to the scan."""

    format: str
    file: str
    """Its name, without folders."""
    sha256: str
    tool: str
    version: str = ""
    ran: datetime | None = None
    """When the tool ran, by its own word."""
    imported_by: str
    imported: datetime
    taken: int
    """Entries that were taken in."""
    refused: int = 0
    """Entries about addresses outside the scan's scope: nothing of them was kept."""
    outside_window: int = 0
    """Entries taken in that were seen outside the time that the authorisation gives, by the tool's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolInfo:
    """Versions that made the result."""

    version: str
    nmap: str = ""
    python: str = ""
    openssl: str = ""
    rules: str = ""
    """Hash over the rule ids and their code: which rule set judged."""
    tables: tuple[TableRecord, ...] = ()
    """The dated tables that judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """From where the target was seen."""

    source_addresses: tuple[str, ...] = ()
    inside: bool | None = None
    """Whether the scan ran inside the object's network; None when not stated."""
    privileged: bool = False
    """Raw sockets were available (SYN and UDP scans)."""


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
class ClockStep:
    """The clock of the machine that scanned was set during the scan."""

    at: datetime
    """By the new time."""
    seconds: float
    """Negative when it was set back."""


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
    outsiders: tuple[str, ...] = ()
    """Hosts that were asked about a certificate, which may lie outside the scope: what for, and the address."""
    clock: tuple[ClockStep, ...] = ()
    """Each time that the scanning machine's clock was set: times before and after do not follow each other."""
