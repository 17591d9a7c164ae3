"""What a person wants to know first: the result counted, grouped and put in order of what to mend.

Shared by the terminal summary and the documents, so that they cannot say different things.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checks.model import Confirmation, Finding, Severity, Status, Text
from reports.result import DutyResult, DutyStatus, Result
from reports.wording import Wording
from scanner.facts import OPERATOR, RunStatus

DUTY_ORDER = (
    DutyStatus.NONCONFORMING,
    DutyStatus.AT_RISK,
    DutyStatus.VERIFY_ON_SITE,
    DutyStatus.NO_PROBLEM_FOUND,
    DutyStatus.NOT_APPLICABLE,
)
"""Worst first; what must be looked at on site comes before what showed no problem."""

STATUS_ORDER = (
    Status.FAIL,
    Status.WARN,
    Status.INFO,
    Status.INCONCLUSIVE,
    Status.ERROR,
    Status.NOT_APPLICABLE,
    Status.PASS,
)
SEVERITY_ORDER = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)


def stands(finding: Finding) -> bool:
    """A deviation that nobody has refuted: what counts, and what must be mended."""
    return finding.status.deviates and finding.confirmation is not Confirmation.REFUTED


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """All findings of one rule that are shown together: one thing to do, at one or more places."""

    check: str
    findings: tuple[Finding, ...]
    """Worst first."""
    severity: Severity
    """Worst of those that stand; of all when none stands."""
    status: Status

    @property
    def first(self) -> Finding:
        """The finding whose texts head the group."""
        return self.findings[0]

    @property
    def title(self) -> Text:
        """The rule's title."""
        return self.first.title

    @property
    def open(self) -> int:
        """How many places are still to be mended."""
        return sum(stands(finding) for finding in self.findings)

    @property
    def carried(self) -> int:
        """How many of the places still to be mended are on third parties' edges."""
        return sum(stands(finding) and finding.hosting is not None for finding in self.findings)

    @property
    def places(self) -> int:
        """At how many places what heads the group was seen: those to mend, else those of its worst status."""
        return self.open or self.counts[self.status]

    @property
    def counts(self) -> Mapping[Status, int]:
        """Status -> number of findings, worst status first."""
        counted = Counter(finding.status for finding in self.findings)
        return {status: counted[status] for status in STATUS_ORDER if counted[status]}


def _weight(finding: Finding) -> tuple[bool, int, int]:
    return (not stands(finding), -finding.severity.rank, STATUS_ORDER.index(finding.status))


def group_by_rule(findings: Iterable[Finding]) -> tuple[RuleGroup, ...]:
    """Group ``findings`` by rule; the group to mend first comes first."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.check, []).append(finding)
    groups = []
    for check, members in by_rule.items():
        members.sort(key=lambda finding: (*_weight(finding), finding.subject))
        groups.append(
            RuleGroup(
                check=check, findings=tuple(members), severity=members[0].severity, status=members[0].status
            )
        )
    return tuple(sorted(groups, key=lambda group: (*_weight(group.first), -group.open, group.check)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """What was not checked for one reason, on however many subjects."""

    what: str
    name: str
    """Rule or probe, where there is one."""
    reason: str
    subjects: tuple[str, ...]
    messages: tuple[str, ...]
    """Different ones only."""
    rules: tuple[str, ...] = ()
    """The rules that wanted what a failed probe could not see: one entry for them all."""


_PROBE_FAILED = "probe_failed:"
BY_DESIGN = frozenset({"not_applicable", "not_selected", "no_such_service", "not_asked", "excluded"})
"""Reasons that are no failure: nothing was lost that the scan was asked for."""


def not_done(result: Result) -> tuple[NotDone, ...]:
    """All that did not run to its end, grouped by what and why. What two records tell is told once."""
    seen: set[tuple[str, str, str]] = set()
    grouped: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    waiting: dict[str, list[tuple[str, str]]] = {}
    entries = [(item.what, item.name, item.reason, item.subject, item.message) for item in result.not_checked]
    entries += [
        ("check", run.check, run.reason or run.status, run.subject, run.message or "")
        for run in result.checks
        if run.status is not RunStatus.COMPLETED
    ]
    for what, name, reason, subject, message in entries:
        if (what, name, subject) not in seen:
            seen.add((what, name, subject))
            if what == "check" and reason.startswith(_PROBE_FAILED):
                waiting.setdefault(reason, []).append((name, subject))
                continue
            grouped.setdefault((what, name, reason), []).append((subject, message))
    return tuple(
        NotDone(
            what=what,
            name=name,
            reason=reason,
            subjects=tuple(subject for subject, _ in members),
            messages=tuple(dict.fromkeys(message for _, message in members if message)),
        )
        for (what, name, reason), members in grouped.items()
    ) + tuple(
        NotDone(
            what="check",
            name="",
            reason=reason,
            subjects=tuple(dict.fromkeys(subject for _, subject in members)),
            messages=(),
            rules=tuple(sorted({name for name, _ in members})),
        )
        for reason, members in waiting.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A result's findings sorted into the parts of a report."""

    to_mend: tuple[RuleGroup, ...]
    """Rules with a deviation, refuted ones at the end."""
    notes: tuple[RuleGroup, ...]
    """``info``."""
    passes: tuple[RuleGroup, ...]
    unclear: tuple[RuleGroup, ...]
    """``inconclusive``, ``error`` and ``not_applicable``."""
    duties: tuple[DutyResult, ...]
    """Worst first, otherwise in the order of the law."""
    duty_counts: Mapping[DutyStatus, int]
    severities: Mapping[Severity, int]
    """Standing deviations by severity, worst first."""
    failed: int
    at_risk: int
    addresses: int
    services: int
    """Those that were asked."""
    unasked: int
    """Ports that are open, and were not asked what they are."""
    domains: int
    """Those on which a check came to a conclusion: facts alone may be nothing but errors."""
    handed_over: bool
    """Whether a check came to a conclusion on what the operator handed over for the object as a whole."""
    undone: tuple[NotDone, ...]
    """Wanted, and could not be done."""
    by_design: tuple[NotDone, ...]
    """Not applicable, not selected, excluded."""

    @property
    def examined(self) -> bool:
        """Anything was seen at all, from which something could be concluded."""
        return bool(self.services or self.domains or self.handed_over)

    @property
    def first_five(self) -> tuple[RuleGroup, ...]:
        """The five things to mend first."""
        return tuple(group for group in self.to_mend if group.open)[:5]

    @property
    def unchecked(self) -> int:
        """Rules on services, hosts and other things that were wanted and could not be checked.

        A failed probe counts once, not once more for each rule that waited for it.
        """
        return sum(len(entry.subjects) for entry in self.undone if not entry.rules)


def digest(result: Result) -> Digest:
    """Sort and count ``result``."""
    findings = result.findings
    standing = [finding for finding in findings if stands(finding)]
    severities = Counter(finding.severity for finding in standing)
    statuses = Counter(duty.status for duty in result.duties)
    unclear = (Status.INCONCLUSIVE, Status.ERROR, Status.NOT_APPLICABLE)
    concluded = {finding.subject for finding in findings if finding.status not in unclear}
    missing = not_done(result)
    asked = [service for service in result.services if service.asked]
    return Digest(
        to_mend=group_by_rule(finding for finding in findings if finding.status.deviates),
        notes=group_by_rule(finding for finding in findings if finding.status is Status.INFO),
        passes=group_by_rule(finding for finding in findings if finding.status is Status.PASS),
        unclear=group_by_rule(finding for finding in findings if finding.status in unclear),
        duties=tuple(sorted(result.duties, key=lambda duty: DUTY_ORDER.index(duty.status))),
        duty_counts={status: statuses[status] for status in DUTY_ORDER},
        severities={severity: severities[severity] for severity in SEVERITY_ORDER},
        failed=sum(finding.status is Status.FAIL for finding in standing),
        at_risk=sum(finding.status is Status.WARN for finding in standing),
        addresses=len({service.ip for service in asked}),
        services=len(asked),
        unasked=len({(one.ip, one.port) for one in result.services if not one.asked}),
        domains=sum(domain.id in concluded for domain in result.domains),
        handed_over=OPERATOR in concluded,
        undone=tuple(entry for entry in missing if entry.reason not in BY_DESIGN),
        by_design=tuple(entry for entry in missing if entry.reason in BY_DESIGN),
    )


_TARGETS = frozenset({"target", "host", "port"})
_NAMED = 3
"""So many of what was not reached are named in the headline."""


def headline(result: Result, words: Wording, counted: Digest | None = None) -> str:
    """The whole result in two or three sentences: what was seen, and what was not."""
    seen = counted or digest(result)
    parts = []
    if result.scan.status != "completed":
        reason = result.scan.status_reason or words.word("scan_status", result.scan.status)
        parts.append(words("headline.incomplete", reason=reason))
    if not seen.examined:
        parts.append(words("headline.nothing_seen"))
        if seen.unasked:
            parts.append(words("headline.unasked", n=seen.unasked))
        parts += [
            words(
                "headline.why",
                subjects=words.listing(entry.subjects[:_NAMED]),
                reason=words.word("reason", entry.reason),
            )
            for entry in seen.undone
            if entry.what in _TARGETS
        ][:_NAMED]
        return words("headline.joint").join(parts)
    # Domains first: after "services on 3 addresses", "and 1 domain" would read as if services stood on it.
    looked_at: list[str] = []
    if seen.domains:
        looked_at.append(words("headline.domains", n=seen.domains))
    if seen.services:
        looked_at.append(
            words(
                "headline.on_addresses",
                addresses=words("headline.addresses", n=seen.addresses),
                services=words("headline.services", n=seen.services),
            )
        )
    if seen.handed_over:
        looked_at.append(words("headline.handed_over"))
    places = words("headline.and").join(looked_at)
    if seen.failed or seen.at_risk:
        urgent = words.listing(
            words(
                "headline.severity",
                severity=words.word("severity", severity).lower(),
                n=seen.severities[severity],
            )
            for severity in (Severity.CRITICAL, Severity.HIGH)
            if seen.severities[severity]
        )
        parts.append(
            words(
                "headline.found_urgent" if urgent else "headline.found",
                places=places,
                failed=words("headline.failed", n=seen.failed),
                at_risk=words("headline.at_risk", n=seen.at_risk),
                urgent=urgent,
            )
        )
    else:
        parts.append(words("headline.found_nothing", places=places))
    if seen.unasked:
        parts.append(words("headline.unasked", n=seen.unasked))
    touched = seen.duty_counts[DutyStatus.NONCONFORMING] + seen.duty_counts[DutyStatus.AT_RISK]
    on_site = seen.duty_counts[DutyStatus.VERIFY_ON_SITE]
    if touched:
        parts.append(words("headline.duties_touched", n=touched))
    if on_site:
        parts.append(words("headline.duties_on_site", n=on_site))
    if seen.unchecked:
        parts.append(words("headline.unchecked", n=seen.unchecked))
    return words("headline.joint").join(parts)
