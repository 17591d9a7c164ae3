"""The language rules are written in: a rule, its outcomes, and the findings they become.

Three questions are kept apart and never merged into one word: *did it run* (:class:`CheckRun`), *what was seen*
(:class:`Status`), *how sure and confirmed by whom* (:class:`Basis`, :class:`Confirmation`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts import Facts, RunStatus, ServiceFacts

if TYPE_CHECKING:
    from checks.lifecycle.table import Table


class Severity(StrEnum):
    """How much harm the state allows; the written rubric is in ``docs/severity.md``."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}[self.value]


class Status(StrEnum):
    """What was seen.

    ``fail``: the state itself contradicts what the duty asks for, and was shown by the service's own answer.
    ``warn``: a weakness or risk; the duty may still be met by other measures.
    ``info``: worth knowing, no judgement. ``inconclusive``: looked, but could not tell.
    """

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    WARN = "warn"
    INFO = "info"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"

    @property
    def deviates(self) -> bool:
        """A deviation is looked at a second time before it is reported."""
        return self in (Status.FAIL, Status.WARN)


class Basis(StrEnum):
    """What a finding rests on, strongest first."""

    HANDSHAKE = "handshake"
    PROTOCOL_REPLY = "protocol_reply"
    HTTP = "http"
    DNS = "dns"
    BANNER = "banner"
    INFERRED = "inferred"
    OPERATOR_FILE = "operator_file"
    OTHER_TOOL = "other_tool"
    STATEMENT = "statement"


class Confirmation(StrEnum):
    """Who confirmed a finding. A remote scan alone leaves it unverified."""

    UNVERIFIED = "unverified"
    CONFIRMED_ON_SITE = "confirmed_on_site"
    REFUTED = "refuted"


class Impact(StrEnum):
    """What the rule's facts cost the target."""

    PASSIVE = "passive"
    ONE_READ = "one_read"


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    def fill(self, values: Mapping[str, str]) -> Text:
        """Put ``values`` into the ``{name}`` places of both languages.

        :raises KeyError: a place has no value.
        """
        return Text(self.zh.format_map(values), self.en.format_map(values))


@dataclass(frozen=True, slots=True)
class Reference:
    """A standard, RFC section or manual the rule rests on."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One outcome a rule may yield. ``severity`` is info unless the outcome deviates."""

    status: Status
    detail: Text
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact and the value it had, such as ``tls.protocols`` and ``TLSv1.0, TLSv1.2``."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``evaluate`` yields: the name of a declared outcome, and what to put into its sentence."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a judgement depends on beside the facts.

    ``at`` is when the facts were seen (so that a certificate is judged at the time of the scan, not of the reading);
    ``law_date`` decides the law cited; ``thresholds`` come from the law's mapping data, not from code.
    """

    at: datetime
    law_date: date
    thresholds: Mapping[str, int] = field(default_factory=dict)
    commercial_cryptography_due: bool = False
    """The object is known to be of protection level three or above, or critical information infrastructure."""
    lifecycle: Table | None = None
    """Table of products' lives to judge by; None for the one that ships."""

    def threshold(self, key: str) -> int:
        """The number set for ``key`` in ``reports/law/data/thresholds.toml``.

        :raises KeyError: no such threshold; the registry tests catch it.
        """
        return self.thresholds[key]


Evaluate = Callable[[ServiceFacts, Settings], Iterable[Outcome]]
Applies = Callable[[ServiceFacts], bool]


class NotApplicable(Exception):
    """Raised by a rule's ``applies`` or ``evaluate``: it has no say on this service; the message is the reason, for the record."""


class NotSeen(Exception):
    """Raised by a rule's ``applies`` or ``evaluate``: what it judges is there, and the probe could not read it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        """Kind of the error that kept the probe from it: see :mod:`scanner.errors`."""


def _always(_: ServiceFacts) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One check. One file holds one rule; the file's docstring is its documentation page."""

    id: str
    """``family/name``, never reused."""
    title: Text
    rationale: Text
    remediation: Text
    severity: Severity
    """Of its worst outcome."""
    duties: tuple[str, ...]
    """Stable duty keys; see ``docs/duties.md``."""
    needs: tuple[type[Facts], ...]
    """Facts that must have been gathered; otherwise the rule is not run, and that is said."""
    basis: Basis
    outcomes: Mapping[str, Declared]
    evaluate: Evaluate
    reads: tuple[type[Facts], ...] = ()
    """Further facts that it looks at where there are any; they are gathered for it. A rule that needs none in particular runs
    wherever one of these is there."""
    applies: Applies = _always
    """Further condition; false, or :class:`NotApplicable`, ends as not applicable, and is listed under skipped."""
    impact: Impact = Impact.PASSIVE
    references: tuple[Reference, ...] = ()
    since: str = "0.1"

    @property
    def family(self) -> str:
        """The part before the slash."""
        return self.id.partition("/")[0]

    @property
    def worst(self) -> Status:
        """The worst status the rule can ever give, from its declared outcomes."""
        order = [Status.FAIL, Status.WARN, Status.INCONCLUSIVE, Status.INFO, Status.PASS]
        declared = {outcome.status for outcome in self.outcomes.values()}
        return next((status for status in order if status in declared), Status.INFO)


class HostingKind(StrEnum):
    """What a third party does for a service."""

    CDN = "cdn"
    WAF = "waf"
    LOAD_BALANCER = "load_balancer"
    STORAGE = "storage"
    SAAS = "saas"
    OTHER = "other"


class HostingSign(StrEnum):
    """What shows a third party, strongest first: the user's own statement, the name's CNAME chain, the answer's headers."""

    RANGE = "range"
    CNAME = "cname"
    HEADER = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """The third party on whose edge a service was seen."""

    by: HostingSign
    provider: Text
    kind: HostingKind
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's outcome on one subject, ready for a report. Prose is not part of its identity."""

    key: str
    check: str
    outcome: str
    subject: str
    """The endpoint's id."""
    subject_label: str
    target: str
    status: Status
    basis: Basis
    confirmation: Confirmation = Confirmation.UNVERIFIED
    severity: Severity
    title: Text
    detail: Text
    rationale: Text
    remediation: Text
    evidence: tuple[Evidence, ...] = ()
    duties: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    seen: datetime | None = None
    """When the facts it rests on were gathered (UTC)."""
    looks: int = 1
    """2 when a second look agreed, or disagreed and made it inconclusive."""
    ledger: tuple[int, ...] = ()
    """Connections that gave the facts."""
    hosting: Hosting | None = None
    """Seen on a third party's edge, not on the operator's own machine; None where nothing shows one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """Whether a rule ran on a subject. Anything but completed is listed in the report with its reason."""

    check: str
    subject: str
    status: RunStatus
    reason: str | None = None
    """``not_applicable``, ``not_selected``, ``no_such_service``, ``not_asked``, ``probe_failed:<kind>``, ``tool_fault``."""
    message: str | None = None
    duties: tuple[str, ...] = ()
    """Duties of the rule, so that what was not examined is known by duty too."""


def finding_key(check: str, subject: str, outcome: str) -> str:
    """Identity of a finding: 16 hex digits of SHA-256 over rule, endpoint and outcome only.

    It holds across scans, languages and versions: ``diff``, adoption by officers and re-inspection rest on it.
    """
    return hashlib.sha256(f"{check}\n{subject}\n{outcome}".encode()).hexdigest()[:16]
