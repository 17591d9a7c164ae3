"""Runs rules over facts: pure, total, and strict about what may be concluded.

A rule is judged only when every probe it needs completed; a deviation stands only when the second look agrees; a fault
in a rule becomes a result of its own and costs the other rules nothing.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checks.containment import BUILT_IN, RuleFault, contained, offline
from checks.model import (
    CheckRun,
    Confirmation,
    Declared,
    Evidence,
    Finding,
    NotApplicable,
    NotSeen,
    Outcome,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
    finding_key,
)
from scanner.facts import ProbeRun, RunStatus, ServiceFacts

EVIDENCE_LIMIT = 600
"""Characters kept of one evidence value."""

_DIFFERS = Declared(
    status=Status.INCONCLUSIVE,
    detail=Text(
        "第一次看到“{first}”，稍后复看未得到同样的结果（{second}），因此不下结论。请在现场或另择时间核实。",
        "The first look saw “{first}”; a second look a little later did not agree ({second}), so nothing is "
        "concluded. Verify on site or at another time.",
    ),
)
_TOOL_FAULT = Declared(
    status=Status.ERROR,
    detail=Text(
        "本项检查自身出错（zijian 的缺陷，不是目标的问题）：{fault}",
        "The check itself failed (a fault in zijian, not in the target): {fault}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Findings, and for every rule and subject whether it ran."""

    findings: tuple[Finding, ...]
    runs: tuple[CheckRun, ...]


def judge(
    rules: Sequence[Rule],
    services: Iterable[ServiceFacts],
    settings: Callable[[datetime], Settings],
    *,
    left_out: Sequence[Rule] = (),
    asked: Collection[str] | None = None,
) -> Judgement:
    """Judge every service by every rule. ``settings`` gives the settings for the moment the facts were seen.

    ``asked`` names the probes that were run, where not all were: a rule without facts is then told from one without a
    service to judge.
    """
    findings: list[Finding] = []
    runs: list[CheckRun] = [
        CheckRun(
            check=rule.id, subject="*", status=RunStatus.SKIPPED, reason="not_selected", duties=rule.duties
        )
        for rule in left_out
    ]
    met: set[str] = set()
    for service in services:
        for rule in rules:
            made, run = judge_one(rule, service, settings)
            if run is not None:
                runs.append(run)
                met.add(rule.id)
            findings.extend(made)

    def why_not(rule: Rule) -> str:
        unasked = asked is not None and any(kind.PROBE not in asked for kind in rule.needs)
        return "not_asked" if unasked else "no_such_service"

    runs += [
        CheckRun(
            check=rule.id, subject="*", status=RunStatus.SKIPPED, reason=why_not(rule), duties=rule.duties
        )
        for rule in rules
        if rule.id not in met
    ]
    return Judgement(findings=tuple(findings), runs=tuple(runs))


def judge_one(
    rule: Rule, service: ServiceFacts, settings: Callable[[datetime], Settings]
) -> tuple[list[Finding], CheckRun | None]:
    """Judge one service by one rule. The run is None when the service is none of the rule's concern."""

    def ran(status: RunStatus, reason: str | None = None, message: str | None = None) -> CheckRun:
        return CheckRun(
            check=rule.id,
            subject=service.endpoint.id,
            status=status,
            reason=reason,
            message=message,
            duties=rule.duties,
        )

    needed = [service.runs.get(kind.PROBE) for kind in rule.needs]
    if any(run is None for run in needed):
        return [], None
    gathered = [run for run in needed if run is not None]
    for run in gathered:
        if run.status is RunStatus.SKIPPED:
            # The target said that it has nothing of what the probe asks about, such as TLS on this port.
            return [], ran(RunStatus.SKIPPED, "not_applicable", run.message)
        if run.facts is None:
            return [], ran(RunStatus.FAILED, f"probe_failed:{run.reason}", run.message)
    gathered += _read(rule, service)
    if not gathered:
        return [], None
    seen = max(run.started for run in gathered)
    try:
        at = settings(seen)
        with offline() if rule.evaluate.__module__.startswith(BUILT_IN) else contained(rule.id):
            if not rule.applies(service):
                return [], ran(RunStatus.SKIPPED, "not_applicable")
            first = _outcomes(rule, service, at)
            agreed = _second_look(rule, service, at, first)
    except NotApplicable as why:
        return [], ran(RunStatus.SKIPPED, "not_applicable", str(why))
    except NotSeen as why:
        return [], ran(RunStatus.FAILED, f"probe_failed:{why.kind}", str(why))
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        trace = traceback.format_exc(limit=-4)[-1500:]
        finding = _finding(
            rule, service, Outcome("tool_fault", {"fault": fault}), _TOOL_FAULT, gathered, seen
        )
        return [finding], ran(RunStatus.FAILED, "tool_fault", trace)
    findings = [
        _finding(rule, service, outcome, declared, gathered, seen, looks=looks)
        for outcome, declared, looks in agreed
    ]
    return findings, ran(RunStatus.COMPLETED)


def _read(rule: Rule, service: ServiceFacts) -> list[ProbeRun]:
    """Runs of what the rule only reads where it is there."""
    runs = (service.runs.get(kind.PROBE) for kind in rule.reads if kind not in rule.needs)
    return [run for run in runs if run is not None and run.facts is not None]


def _cited(told: Iterable[Outcome | Finding]) -> frozenset[str]:
    """Probes that the evidence names: the word before the first point of a fact."""
    return frozenset(item.fact.partition(".")[0] for one in told for item in one.evidence)


def _outcomes(rule: Rule, service: ServiceFacts, settings: Settings) -> list[tuple[Outcome, Declared]]:
    found: list[tuple[Outcome, Declared]] = []
    for outcome in rule.evaluate(service, settings):
        declared = rule.outcomes.get(outcome.name)
        if declared is None:
            raise RuleFault(f"{rule.id} yielded {outcome.name!r}, which it does not declare")
        found.append((outcome, declared))
    return found


def _second_look(
    rule: Rule, service: ServiceFacts, settings: Settings, first: list[tuple[Outcome, Declared]]
) -> list[tuple[Outcome, Declared, int]]:
    cited = _cited(outcome for outcome, declared in first if declared.status.deviates)
    repeated = [
        kind.PROBE
        for kind in (*rule.needs, *rule.reads)
        if kind.PROBE in service.second and (kind in rule.needs or kind.PROBE in cited)
    ]
    if not repeated or not any(declared.status.deviates for _, declared in first):
        return [(outcome, declared, 1) for outcome, declared in first]
    failed = [service.second[probe] for probe in repeated if service.second[probe].facts is None]
    again: set[str] = set()
    if failed:
        told = f"{failed[0].probe}: {failed[0].reason}"
    else:
        view = replace(service, runs={**service.runs, **{probe: service.second[probe] for probe in repeated}})
        try:
            again = {outcome.name for outcome, _ in _outcomes(rule, view, settings)}
            told = ", ".join(sorted(again)) or "-"
        except (NotApplicable, NotSeen) as why:
            told = str(why)
    agreed: list[tuple[Outcome, Declared, int]] = []
    for outcome, declared in first:
        if not declared.status.deviates or outcome.name in again:
            agreed.append((outcome, declared, 2))
        else:
            values = {"first": outcome.name, "second": told}
            agreed.append((Outcome("differs", values, outcome.evidence), _DIFFERS, 2))
    return agreed


def _finding(
    rule: Rule,
    service: ServiceFacts,
    outcome: Outcome,
    declared: Declared,
    runs: Sequence[ProbeRun],
    seen: datetime,
    *,
    looks: int = 1,
) -> Finding:
    subject = service.endpoint.id
    read = {kind.PROBE for kind in rule.reads if kind not in rule.needs} - _cited([outcome])
    runs = [run for run in runs if run.probe not in read]
    second = [service.second[run.probe] for run in runs if looks == 2 and run.probe in service.second]
    return Finding(
        key=finding_key(rule.id, subject, outcome.name),
        check=rule.id,
        outcome=outcome.name,
        subject=subject,
        subject_label=service.endpoint.label,
        target=service.target,
        status=declared.status,
        basis=rule.basis,
        confirmation=Confirmation.UNVERIFIED,
        severity=declared.severity,
        title=rule.title,
        detail=declared.detail.fill(_cut(outcome.values)),
        rationale=rule.rationale,
        remediation=rule.remediation,
        evidence=tuple(Evidence(item.fact, item.value[:EVIDENCE_LIMIT]) for item in outcome.evidence),
        duties=rule.duties,
        references=rule.references,
        seen=seen,
        looks=looks,
        ledger=tuple(seq for run in (*runs, *second) for seq in run.ledger),
    )


def _cut(values: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value if len(value) <= EVIDENCE_LIMIT else value[:EVIDENCE_LIMIT] + "…"
        for key, value in values.items()
    }


def deviating_probes(
    rules: Sequence[Rule], service: ServiceFacts, settings: Callable[[datetime], Settings]
) -> set[str]:
    """Probes whose facts led to a deviation on ``service``: those that a second look repeats."""
    found: set[str] = set()
    for rule in rules:
        findings, _ = judge_one(rule, service, settings)
        for finding in findings:
            if finding.status.deviates and finding.severity is not Severity.INFO:
                cited = _cited([finding])
                found.update(kind.PROBE for kind in rule.needs)
                found.update(kind.PROBE for kind in rule.reads if kind.PROBE in cited)
    return found


def facts_needed(rules: Iterable[Rule]) -> frozenset[str]:
    """Names of the probes whose facts these rules judge."""
    return frozenset(kind.PROBE for rule in rules for kind in (*rule.needs, *rule.reads))
