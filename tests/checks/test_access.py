"""Rules on how far a stranger gets: each tells the same cases apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Severity, Status
from checks.registry import builtin
from checks.vantage import LOOPBACK_ONLY
from scanner.facts import ACCESS, AccessFacts, NmapServiceFacts, Said
from scanner.facts.access import MongodbFacts, MssqlFacts, OracleFacts, RdpFacts
from tests.checks.judging import LOOPBACK, PUBLIC, findings, outcomes, rule, service

RULES = {
    loaded.rule.id: kind
    for loaded in builtin()
    for kind in loaded.rule.needs
    if issubclass(kind, AccessFacts) and "tells" in loaded.rule.outcomes
}
OPEN = {rule_id: kind for rule_id, kind in RULES.items() if "usable" in rule(rule_id).outcomes}
"""Rules on services that can be seen to be usable without authentication."""


def seen(kind: type[AccessFacts], **values: object) -> AccessFacts:
    return kind(answers=True, request="GET /", reply="200", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule_id", RULES)
def test_the_cases_are_told_apart(rule_id: str) -> None:
    kind = RULES[rule_id]
    said = (Said("cluster", "main"),)
    cases = {
        "usable": (PUBLIC, seen(kind, access="open", said=said)),
        "usable_locally": (LOOPBACK, seen(kind, access="open")),
        "tells": (PUBLIC, seen(kind, access="authentication", said=said)),
        "authentication_required": (PUBLIC, seen(kind, access="authentication")),
        "reachable": (PUBLIC, seen(kind)),
        "turned_away": (PUBLIC, seen(kind, access="refused")),
        LOOPBACK_ONLY: (LOOPBACK, seen(kind, access="authentication", said=said)),
    }
    for wanted, (ip, facts) in cases.items():
        if wanted.startswith("usable") and rule_id not in OPEN:
            # What its probe never sees is not among its outcomes.
            assert wanted not in rule(rule_id).outcomes
            continue
        assert outcomes(rule_id, service(facts, ip=ip)) == [wanted]


@pytest.mark.parametrize("rule_id", OPEN)
def test_the_evidence_is_in_the_finding(rule_id: str) -> None:
    facts = seen(RULES[rule_id], access="open", said=(Said("cluster", "main"),), version="1.2", tls=True)
    (finding,) = findings(rule_id, service(facts))
    assert finding.status is Status.FAIL
    assert finding.severity.rank >= Severity.LOW.rank
    told = {item.fact.partition(".")[2]: item.value for item in finding.evidence}
    assert told == {
        "access": "open",
        "request": "GET /",
        "reply": "200",
        "said.cluster": "main",
        "version": "1.2",
        "tls": "True",
    }
    assert "GET /" in finding.detail.zh


def test_every_kind_of_facts_has_a_rule() -> None:
    assert set(ACCESS) == set(RULES.values())


def test_a_service_with_a_rule_of_its_own_is_not_told_twice() -> None:
    facts = seen(ACCESS[0], access="authentication")
    named = NmapServiceFacts(state="open", name="mongodb", confidence=10)
    assert outcomes("exposure/database-port-reachable", service(named)) == ["reachable"]
    assert outcomes("exposure/database-port-reachable", service(named, facts)) == []


def test_clear_text_is_told_from_tls() -> None:
    rule_id = "exposure/clear-text-access"
    wanted = MongodbFacts(answers=True, access="authentication", request="listDatabases", reply="code 13")
    assert outcomes(rule_id, service(wanted)) == ["clear_text"]
    assert outcomes(rule_id, service(replace(wanted, tls=True))) == ["encrypted"]
    assert outcomes(rule_id, service(wanted, ip=LOOPBACK)) == [LOOPBACK_ONLY]
    (finding,) = findings(rule_id, service(wanted))
    assert finding.status is Status.FAIL
    assert "listDatabases" in finding.detail.zh


@pytest.mark.parametrize(
    "facts",
    [
        MongodbFacts(answers=True, access="open"),
        MongodbFacts(answers=True),
        MssqlFacts(answers=True),
        OracleFacts(answers=True, access="authentication"),
    ],
)
def test_nothing_is_said_of_clear_text_that_was_not_seen(facts: AccessFacts) -> None:
    assert outcomes("exposure/clear-text-access", service(facts)) == []


@pytest.mark.parametrize(
    ("encryption", "wanted"),
    [
        ("login only", "clear_text"),
        ("not supported", "clear_text"),
        ("on", "encrypted"),
        ("required", "encrypted"),
    ],
)
def test_sql_server_is_judged_by_what_it_encrypts(encryption: str, wanted: str) -> None:
    facts = MssqlFacts(answers=True, encryption=encryption)
    assert outcomes("exposure/clear-text-access", service(facts)) == [wanted]


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (RdpFacts(nla_required=False, standard_security=True), "standard_security"),
        (RdpFacts(nla_required=False, standard_security=False), "without_nla"),
        (RdpFacts(nla_required=True, standard_security=False), "nla"),
        (RdpFacts(), "undecided"),
    ],
)
def test_remote_desktops_are_judged_by_what_they_grant_before_authentication(
    facts: RdpFacts, outcome: str
) -> None:
    assert outcomes("exposure/rdp-without-nla", service(facts)) == [outcome]
    local = outcome if outcome == "nla" else LOOPBACK_ONLY
    assert outcomes("exposure/rdp-without-nla", service(facts, ip=LOOPBACK)) == [local]
