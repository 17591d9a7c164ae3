"""Judge facts made by hand, or seen on a real server, by one rule."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from checks.model import Finding, Rule, Settings
from checks.runner import judge_one
from reports.law.resolver import thresholds
from scanner.facts import Endpoint, Facts, ProbeRun, RunStatus, ServiceFacts

SEEN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PUBLIC = "198.41.0.4"
"""A globally routable address to put into facts; nothing is ever sent to it."""
PRIVATE = "10.1.2.3"
LOOPBACK = "127.0.0.1"


def rule(rule_id: str) -> Rule:
    """The built-in rule called ``rule_id``."""
    family, _, name = rule_id.partition("/")
    module = importlib.import_module(f"checks.{family}.{name.replace('-', '_')}")
    found: Rule = module.RULE
    assert found.id == rule_id, "a rule's file is named after it"
    return found


def service(
    *facts: Facts, ip: str = PUBLIC, port: int = 1, second: tuple[Facts, ...] = (), **known: object
) -> ServiceFacts:
    """A service at ``ip`` of which ``facts`` were gathered, and ``second`` at a second look."""
    return _subject(Endpoint(ip=ip, port=port), ip, facts, second, known)


def domain(name: str, *facts: Facts, second: tuple[Facts, ...] = ()) -> ServiceFacts:
    """A domain of which ``facts`` were gathered."""
    return _subject(Endpoint.of_domain(name), name, facts, second, {})


def _subject(
    endpoint: Endpoint,
    target: str,
    facts: tuple[Facts, ...],
    second: tuple[Facts, ...],
    known: Mapping[str, object],
) -> ServiceFacts:
    def runs(gathered: tuple[Facts, ...], attempt: int) -> Mapping[str, ProbeRun]:
        return {
            kind.PROBE: ProbeRun(
                probe=kind.PROBE,
                endpoint=endpoint,
                attempt=attempt,
                status=RunStatus.COMPLETED,
                started=SEEN,
                finished=SEEN,
                facts=kind,
            )
            for kind in gathered
        }

    made = ServiceFacts(endpoint=endpoint, target=target, runs=runs(facts, 1), second=runs(second, 2))
    return replace(made, **known)  # type: ignore[arg-type]


def settings(at: datetime) -> Settings:
    """The settings of the day the facts were seen on, with the thresholds that the law data sets."""
    day = date(2026, 11, 20)
    return Settings(at=at, law_date=day, thresholds=thresholds(day))


def findings(rule_id: str, subject: ServiceFacts, **known: bool | datetime) -> list[Finding]:
    """What the rule finds, with what else is ``known`` put into the settings; a fault in the rule fails the test."""

    def informed(at: datetime) -> Settings:
        return replace(settings(at), **known)  # type: ignore[arg-type]

    made, run = judge_one(rule(rule_id), subject, informed)
    assert run is None or run.reason != "tool_fault", run
    for finding in made:
        for text in (finding.detail.zh, finding.detail.en):
            assert "{" not in text, "a place in the sentence was left open"
    return made


def outcomes(rule_id: str, subject: ServiceFacts, **known: bool | datetime) -> list[str]:
    """Names of the outcomes."""
    return [finding.outcome for finding in findings(rule_id, subject, **known)]


def every_outcome_is_tried(rule_ids: set[str], cases: list[tuple[str, str]]) -> None:
    """Fail unless ``cases`` (rule, outcome) hold every declared outcome of every rule in ``rule_ids``."""
    wanted = {(rule_id, name) for rule_id in rule_ids for name in rule(rule_id).outcomes}
    assert wanted == set(cases), wanted.symmetric_difference(cases)
