"""Two results of one object held against each other, for a re-inspection: fixed, new, remaining, not re-checked.

Nothing counts as fixed because it is no longer there: it was looked at again and seen mended, or the port was scanned again and
is closed. Nothing counts as new because it was not looked for before. Findings are matched by rule and place; the key, which holds
the outcome too, tells whether a remaining one changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from checks.model import CheckRun, Finding, Status, Text
from reports.digest import stands
from reports.other_tools.findings import PREFIX as OTHER_TOOL
from reports.result import HostResult, Result
from scanner.errors import UsageError
from scanner.facts import OPERATOR, RunStatus
from scanner.ports import RISKY_TCP, parse_ports


class Fate(StrEnum):
    """What became of a deviation between the two."""

    FIXED = "fixed"
    NEW = "new"
    REMAINING = "remaining"
    NOT_RECHECKED = "not_rechecked"
    NEWLY_EXAMINED = "newly_examined"
    """It deviates in the later result, and the earlier one did not look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One deviation and what became of it."""

    fate: Fate
    finding: Finding
    """The later one, except of what is fixed or was not re-checked."""
    reason: str
    """Why this fate: a key of the section ``compared``, or a kind of :mod:`scanner.errors`."""
    now: Text | None = None
    """What the later result says in its place, where it says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All deviations of both, worst first within each fate; and what makes the two hard to compare."""

    old: Result
    new: Result
    lines: tuple[Compared, ...]
    cautions: tuple[str, ...] = ()
    """Keys of the section ``caution``."""

    def of(self, fate: Fate) -> tuple[Compared, ...]:
        """Those with this fate."""
        return tuple(line for line in self.lines if line.fate is fate)


_Place = tuple[str, str]
"""Rule and subject."""
_NAMED_PORT = re.compile(r"^(?:[^:]+|\[[^]]+\]|\w+://[^/]+):(\d{1,5})(?:/|$)")


def compare(old: Result, new: Result, *, judged_again: bool = False) -> Comparison:
    """Hold ``new`` against ``old``. ``judged_again``: ``old`` was made of its stored facts by the rules of today."""
    before, after = _deviations(old), _deviations(new)
    later, earlier = _Looked(new, old), _Looked(old, new)
    lines = [_of_old(place, finding, after, later) for place, finding in before.items()]
    lines += [_of_new(place, finding, earlier) for place, finding in after.items() if place not in before]
    order = list(Fate)
    lines.sort(
        key=lambda line: (
            order.index(line.fate),
            -line.finding.severity.rank,
            line.finding.check,
            line.finding.subject,
        )
    )
    return Comparison(
        old=old,
        new=new,
        lines=tuple(lines),
        cautions=(
            *(("judged_again",) if judged_again and _same_rules(old, new) else ()),
            *_cautions(old, new),
        ),
    )


def _deviations(result: Result) -> dict[_Place, Finding]:
    """The worst standing deviation at each place."""
    found: dict[_Place, Finding] = {}
    for finding in result.findings:
        place = finding.check, finding.subject
        if stands(finding) and (place not in found or finding.severity.rank > found[place].severity.rank):
            found[place] = finding
    return found


def _of_old(place: _Place, finding: Finding, after: Mapping[_Place, Finding], later: _Looked) -> Compared:
    if remaining := after.get(place):
        reason = "same" if remaining.key == finding.key else "changed"
        return Compared(fate=Fate.REMAINING, finding=remaining, reason=reason, now=remaining.detail)
    seen, reason, now = later.at(place)
    fate = Fate.FIXED if seen else Fate.NOT_RECHECKED
    return Compared(fate=fate, finding=finding, reason=reason, now=now)


def _of_new(place: _Place, finding: Finding, earlier: _Looked) -> Compared:
    seen, reason, _ = earlier.at(place)
    fate = Fate.NEW if seen else Fate.NEWLY_EXAMINED
    return Compared(fate=fate, finding=finding, reason=reason, now=finding.detail)


class _Looked:
    """What one result says of a place where it has no deviation: whether it looked, and what it saw."""

    def __init__(self, result: Result, other: Result) -> None:
        self._result = result
        self._rules = {run.check for run in result.checks} | {finding.check for finding in result.findings}
        self._runs = {(run.check, run.subject): run for run in result.checks}
        self._findings: dict[_Place, list[Finding]] = {}
        for finding in result.findings:
            self._findings.setdefault((finding.check, finding.subject), []).append(finding)
        self._subjects = {one.id for one in result.services} | {one.id for one in result.domains}
        if result.operator is not None:
            self._subjects.add(result.operator.id)
        self._hosts = {host.ip: host for host in result.hosts}
        self._same_ports = _port_choice(result) == _port_choice(other)

    def at(self, place: _Place) -> tuple[bool, str, Text | None]:
        """Whether it looked, why that is so, and what it saw."""
        check, subject = place
        if check.startswith(OTHER_TOOL):
            return (*self._of_other_tool(place), None) if place not in self._findings else self._told(place)
        if subject not in self._subjects:
            return (*self._without_subject(subject), None)
        return self._told(place)

    def _of_other_tool(self, place: _Place) -> tuple[bool, str]:
        """Silence of a file says nothing: what the other tool looked at is not known. Only a port that we saw closed does."""
        _, subject = place
        _, transport, port = _endpoint(subject)
        # The other tool may have seen a port that neither scan scanned: having scanned alike is not enough here.
        if subject not in self._subjects and transport == "tcp" and port and _scans(self._result, port):
            closed, reason = self._without_subject(subject)
            if closed:
                return True, reason
        return False, "other_tool"

    def _told(self, place: _Place) -> tuple[bool, str, Text | None]:
        check, _ = place
        found = self._findings.get(place, [])
        told = next(
            (one for one in found if one.status in (Status.PASS, Status.INFO, Status.NOT_APPLICABLE)), None
        )
        if told is not None:
            return True, "seen_mended", told.detail
        if refuted := next((one for one in found if one.status.deviates), None):
            return True, "refuted", refuted.detail
        if found:
            return False, "could_not_tell", found[0].detail
        run = self._runs.get(place)
        if run is None:
            return False, self._why_no_run(check), None
        return (*_of_run(run), None)

    def _why_no_run(self, check: str) -> str:
        if check not in self._rules:
            return "rule_unknown"
        everywhere = self._runs.get((check, "*"))
        if everywhere is not None and everywhere.reason in ("not_selected", "not_asked"):
            return everywhere.reason
        return "facts_missing"

    def _without_subject(self, subject: str) -> tuple[bool, str]:
        if subject.startswith("domain:"):
            return False, "domain_not_in_scope"
        if subject == OPERATOR:
            return False, "not_handed_over"
        ip, transport, port = _endpoint(subject)
        host = self._hosts.get(ip)
        if host is None:
            return False, "host_not_in_scope"
        if self._result.scan.status != "completed":
            return False, "scan_cut_short"
        if transport != "tcp":
            # An UDP port that keeps silent may be closed, filtered, or think nothing of us.
            return False, "udp_silent"
        return self._closed(host, port)

    def _closed(self, host: HostResult, port: int) -> tuple[bool, str]:
        if host.up is not True:
            return False, "host_no_answer" if host.up is False else "all_filtered"
        if any(one.partition("/")[0] == str(port) for one in host.ports_open):
            # Open, and without facts: it was left out by name or by number of names.
            return False, "name_not_asked"
        named = _NAMED_PORT.search(host.target)
        # Of a target that names its port, that port alone was scanned.
        scanned = int(named[1]) == port if named else self._same_ports or _scans(self._result, port)
        return (True, "port_closed") if scanned else (False, "port_not_scanned")


def _of_run(run: CheckRun) -> tuple[bool, str]:
    if run.status is RunStatus.COMPLETED or run.reason == "not_applicable":
        return True, "no_longer_concerned"
    return False, run.reason or run.status.value


def _endpoint(subject: str) -> tuple[str, str, int]:
    """Address, transport and port of a service's id (:attr:`scanner.facts.Endpoint.id`)."""
    rest, _, transport = subject.rpartition("@")[2].rpartition("/")
    ip, _, port = rest.rpartition(":")
    return ip.strip("[]"), transport, int(port) if port.isdecimal() else 0


def _port_choice(result: Result) -> tuple[str, str]:
    return result.scan.profile, result.scan.options.get("ports", "")


def _scans(result: Result, port: int) -> bool:
    """Whether it is sure that this TCP port was scanned."""
    if chosen := result.scan.options.get("ports"):
        try:
            return port in parse_ports(chosen).tcp
        except UsageError:
            return False
    return result.scan.profile == "full" or port in RISKY_TCP


def _same_rules(old: Result, new: Result) -> bool:
    return old.scan.tool.rules == new.scan.tool.rules


def _cautions(old: Result, new: Result) -> Iterator[str]:
    if not _same_rules(old, new):
        yield "other_versions"
    if new.scan.started < old.scan.started:
        yield "reversed"
    if old.scan.authorization.object_name != new.scan.authorization.object_name:
        yield "other_object"
    if _port_choice(old) != _port_choice(new):
        yield "other_ports"
    if _choice(old) != _choice(new):
        yield "other_rules"
    if set(old.scan.vantage.source_addresses) != set(new.scan.vantage.source_addresses) or (
        old.scan.vantage.inside != new.scan.vantage.inside
    ):
        yield "other_vantage"
    if not _targets(old) <= _targets(new):
        yield "smaller_scope"
    if old.scan.status != "completed" or new.scan.status != "completed":
        yield "incomplete"


def _choice(result: Result) -> Iterable[str | None]:
    return [result.scan.options.get(name) for name in ("checks", "skip")]


def _targets(result: Result) -> set[str]:
    return {host.target for host in result.hosts} | {domain.name for domain in result.domains}
