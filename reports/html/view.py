"""What the templates put on paper, computed beforehand: templates hold layout and no decisions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.model import Finding, Status
from reports.digest import STATUS_ORDER, Digest, NotDone, RuleGroup, group_by_rule, stands
from reports.html.facts_view import Entry, fact_entries
from reports.result import Citation, CitationRole, DutyResult, DutyStatus, HostResult, Result, ServiceResult
from reports.summary import short_title
from reports.wording import Wording

ROWS_WITH_OPEN_EVIDENCE = 8
"""A rule found at more places than this gets one line per place, with the evidence folded."""
SERVICES_WITH_FACTS = 250
SERVICES_WITH_FACTS_ON_PAPER = 40
PLACES_ON_PAPER = 10
"""Places of a rule that the PDF tells in full; it names the further ones. Nobody reads thousands of like rows on paper."""
NAMED = 16
"""Places or subjects listed by name in a compact list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A rule's findings with where to jump to, and whether evidence is unfolded."""

    anchor: str
    rule: RuleGroup
    unfolded: bool
    duty_names: tuple[str, ...]
    search: str
    """What the filter searches, in lower case."""
    refuted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """A rule as it bears on a duty."""

    rule: RuleGroup
    anchor: str
    """Empty when it is in no section of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationGroup:
    """A duty's citations for one purpose."""

    heading: str
    citations: tuple[Citation, ...]
    in_force: bool
    quoted_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty with what bears on it."""

    duty: DutyResult
    anchor: str
    open: int
    """Deviations that stand."""
    passed: int
    bearing: tuple[Bearing, ...]
    articles: tuple[str, ...]
    """Of the duty itself, in short form, for the table."""
    citation_groups: tuple[CitationGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with its facts cut to size."""

    service: ServiceResult
    label: str
    problems: int
    facts: tuple[Entry, ...]
    detailed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain with its facts cut to size."""

    label: str
    problems: int
    facts: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Rules that were not run by design, for one reason."""

    reason: str
    rules: tuple[tuple[str, int], ...]
    """Rule and number of services; 0 where no service was concerned."""


def safe_link(url: str) -> str:
    """Return ``url`` when it is a plain http(s) address that may become a link, else an empty string."""
    if not 8 <= len(url) <= 2000 or not url.isprintable() or any(char in " \"'<>\\^`{|}" for char in url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else ""


class Anchors:
    """Names for places in the document, each given once, made of letters that are safe in any attribute."""

    def __init__(self) -> None:
        """Start with no name taken."""
        self._taken: set[str] = set()

    def give(self, prefix: str, name: str) -> str:
        """Return an anchor that no one else has."""
        base = f"{prefix}-{re.sub(r'[^a-z0-9]+', '-', name.lower())[:60].strip('-') or 'x'}"
        anchor, number = base, 1
        while anchor in self._taken:
            number += 1
            anchor = f"{base}-{number}"
        self._taken.add(anchor)
        return anchor


def groups(
    rules: Iterable[RuleGroup], prefix: str, anchors: Anchors, duties: Mapping[str, str], words: Wording
) -> tuple[Group, ...]:
    """Prepare rule groups for the findings section."""
    return tuple(
        Group(
            anchor=anchors.give(prefix, rule.check),
            rule=rule,
            unfolded=len(rule.findings) <= ROWS_WITH_OPEN_EVIDENCE,
            duty_names=tuple(duties.get(key, key) for key in rule.first.duties),
            search=" ".join((words.pick(rule.title), rule.check, words.pick(rule.first.remediation)))[
                :2000
            ].lower(),
            refuted=sum(finding.status.deviates and not stands(finding) for finding in rule.findings),
        )
        for rule in rules
    )


def finding_anchor(finding: Finding) -> str:
    """Return the anchor of a finding: its key, which does not move; empty if the key is not one of ours."""
    return f"f-{finding.key}" if re.fullmatch(r"[0-9a-f]{16}", finding.key) else ""


def duties(
    result: Result, counted: Digest, anchors: Anchors, where: Mapping[str, str], words: Wording
) -> tuple[Duty, ...]:
    """Prepare the duties, worst first; ``where`` leads from a rule to its anchor among the findings."""
    by_key = {finding.key: finding for finding in result.findings}
    prepared = []
    for duty in counted.duties:
        found = [by_key[key] for key in dict.fromkeys(duty.findings) if key in by_key]
        told = (finding for finding in found if finding.status is not Status.PASS)
        articles = (
            words("law.short_citation", instrument=short_title(item.instrument), article=item.article)
            for item in duty.citations
            if item.role is CitationRole.DUTY and item.in_force
        )
        prepared.append(
            Duty(
                duty=duty,
                anchor=anchors.give("duty", duty.key),
                open=sum(stands(finding) for finding in found),
                passed=sum(finding.status is Status.PASS for finding in found),
                bearing=tuple(
                    Bearing(rule=rule, anchor=where.get(rule.check, "")) for rule in group_by_rule(told)
                ),
                articles=tuple(dict.fromkeys(articles)),
                citation_groups=tuple(_citation_groups(duty, words)),
            )
        )
    return tuple(prepared)


def _citation_groups(duty: DutyResult, words: Wording) -> Iterable[CitationGroup]:
    for role in CitationRole:
        members = tuple(item for item in duty.citations if item.role is role and item.in_force)
        if members:
            yield CitationGroup(
                heading=words.word("role", role),
                citations=members,
                in_force=True,
                quoted_here=role is CitationRole.DUTY,
            )
    former = tuple(item for item in duty.citations if not item.in_force)
    if former:
        yield CitationGroup(
            heading=words("duty_details.former_basis"), citations=former, in_force=False, quoted_here=False
        )


def quoted_below(prepared: Iterable[Duty]) -> tuple[Citation, ...]:
    """Return the articles whose text is printed once, after the duties: all but the duties' own."""
    found: dict[tuple[str, str, str], Citation] = {}
    for duty in prepared:
        if duty.duty.status is DutyStatus.NOT_APPLICABLE:
            continue
        for group in duty.citation_groups:
            for item in group.citations:
                if item.text is not None and not group.quoted_here:
                    found.setdefault((item.instrument_key, item.version, item.article), item)
    return tuple(found.values())


def services(result: Result, words: Wording, most: int) -> tuple[Service, ...]:
    """Prepare the services, in the order of the result; the facts of ``most`` of them, those with problems before others."""
    problems = Counter(finding.subject for finding in result.findings if stands(finding))
    ranked = sorted(range(len(result.services)), key=lambda number: not problems[result.services[number].id])
    detailed = set(ranked[:most])
    return tuple(
        Service(
            service=service,
            label=place(service),
            problems=problems[service.id],
            facts=fact_entries(service.facts, words) if number in detailed else (),
            detailed=number in detailed,
        )
        for number, service in enumerate(result.services)
    )


def domains(result: Result, words: Wording) -> tuple[Domain, ...]:
    """Prepare the domains, in the order of the result."""
    problems = Counter(finding.subject for finding in result.findings if stands(finding))
    return tuple(
        Domain(label=domain.name, problems=problems[domain.id], facts=fact_entries(domain.facts, words))
        for domain in result.domains[:SERVICES_WITH_FACTS]
    )


def operator(result: Result, words: Wording) -> Domain | None:
    """Prepare the operator, where something was handed over for the object as a whole; its label is empty without a name."""
    if result.operator is None:
        return None
    count = sum(stands(finding) for finding in result.findings if finding.subject == result.operator.id)
    return Domain(
        label=result.operator.name, problems=count, facts=fact_entries(result.operator.facts, words)
    )


def place(service: ServiceResult) -> str:
    """Return host and port, as a person writes them."""
    host = service.host or service.ip
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{service.port}" + ("/udp" if service.transport == "udp" else "")


def encryption(service: ServiceResult, words: Wording) -> str:
    """Return whether it speaks TLS, where it was asked."""
    return words(
        "services.tls" if service.tls else "services.plain" if service.asked else "services.not_asked"
    )


def skipped_by_design(entries: Iterable[NotDone], words: Wording) -> tuple[Skipped, ...]:
    """Prepare what was not run by design: per reason, rules with the number of services concerned."""
    by_reason: dict[str, list[tuple[str, int]]] = {}
    for entry in entries:
        if entry.what != "check":
            continue
        concerned = sum(subject != "*" for subject in entry.subjects)
        by_reason.setdefault(entry.reason, []).append((entry.name, concerned))
    return tuple(
        Skipped(reason=words.word("reason", reason), rules=tuple(sorted(rules)))
        for reason, rules in by_reason.items()
    )


def reason(entry: NotDone, words: Wording) -> str:
    """Return why something was not done, in words. The same code may mean another thing for a host than for a name."""
    special = f"{entry.what}_{entry.reason}"
    if words.knows("reason", special):
        return words.word("reason", special)
    return words.word("reason", entry.reason) or words("format.unknown")


def host_state(host: HostResult, words: Wording) -> str:
    """Return whether a host answered, in words."""
    return (
        words("services.unknown")
        if host.up is None
        else words("services.up")
        if host.up
        else words("services.down")
    )


def places(findings: Iterable[Finding], words: Wording) -> tuple[str, ...]:
    """Return the places of ``findings`` as labels, each once."""
    return tuple(dict.fromkeys(words.place(finding) for finding in findings))


def details(findings: Iterable[Finding], words: Wording) -> tuple[str, ...]:
    """Return what was seen, in the rule's own sentences, each once; the rule's title where it has no sentence."""
    return tuple(
        dict.fromkeys(words.pick(finding.detail) or words.pick(finding.title) for finding in findings)
    )


def status_icon(status: str) -> str:
    """Return the name of the picture that stands beside a status word, for findings and duties alike."""
    return {
        "fail": "cross",
        "nonconforming": "cross",
        "warn": "warn",
        "at_risk": "warn",
        "pass": "tick",
        "no_problem_found": "tick",
        "info": "info",
        "inconclusive": "question",
        "verify_on_site": "person",
        "error": "fault",
        "refuted": "dash",
    }.get(status, "dash")


def statuses_present(rules: Iterable[RuleGroup]) -> tuple[Status, ...]:
    """Return the statuses that occur, worst first: what the filter offers."""
    present = {finding.status for rule in rules for finding in rule.findings}
    return tuple(status for status in STATUS_ORDER if status in present)
