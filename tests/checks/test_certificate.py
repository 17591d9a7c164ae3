"""Certificate rules on facts alone: every declared outcome, one cause and one rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from checks.registry import builtin
from scanner.facts import CertificateFacts, Endpoint, PublicKeyFacts, ServiceFacts, TlsFacts
from tests.checks.judging import every_outcome_is_tried, outcomes, service

GOOD = CertificateFacts(
    sha256="00",
    subject="CN=www.example.cn",
    issuer="CN=Some CA",
    not_before=datetime(2026, 10, 1, tzinfo=UTC),
    not_after=datetime(2027, 3, 1, tzinfo=UTC),
    san=("www.example.cn",),
    key=PublicKeyFacts(type="RSA", bits=2048),
    signature_algorithm="sha256WithRSAEncryption",
    self_signed=False,
)
TRUSTED = {"mozilla": "ok", "system": "ok"}


def tls(leaf: CertificateFacts = GOOD, trust: dict[str, str] = TRUSTED, **more: object) -> TlsFacts:
    return replace(
        TlsFacts(protocols=("TLSv1.2",), certificates=(leaf,), trust=trust, hostname_match=True),
        **more,  # type: ignore[arg-type]
    )


def changed(**more: object) -> TlsFacts:
    return tls(replace(GOOD, **more))  # type: ignore[arg-type]


SELF = replace(GOOD, self_signed=True, issuer=GOOD.subject)
EXPIRED = changed(not_after=datetime(2026, 11, 1, tzinfo=UTC))

CASES: list[tuple[str, str, TlsFacts]] = [
    ("certificate/expired", "expired", EXPIRED),
    ("certificate/expired", "valid", tls()),
    ("certificate/not-yet-valid", "early", changed(not_before=datetime(2026, 12, 1, tzinfo=UTC))),
    ("certificate/not-yet-valid", "begun", tls()),
    ("certificate/expires-soon", "soon", changed(not_after=datetime(2026, 12, 1, tzinfo=UTC))),
    ("certificate/expires-soon", "enough", tls()),
    (
        "certificate/too-long-lived",
        "too_long",
        changed(not_before=datetime(2026, 10, 1, tzinfo=UTC), not_after=datetime(2027, 9, 1, tzinfo=UTC)),
    ),
    ("certificate/too-long-lived", "within", tls()),
    (
        "certificate/too-long-lived",
        "within",
        changed(not_before=datetime(2026, 1, 5, tzinfo=UTC), not_after=datetime(2027, 1, 20, tzinfo=UTC)),
    ),
    ("certificate/self-signed", "self_signed", tls(SELF, {"mozilla": "self_signed"})),
    ("certificate/self-signed", "issued", tls()),
    ("certificate/self-signed", "issued", tls(SELF, {"mozilla": "self_signed", "custom": "ok"})),
    ("certificate/self-signed", "undecided", changed(self_signed=None)),
    ("certificate/untrusted-chain", "untrusted", tls(trust={"mozilla": "unknown_issuer"})),
    ("certificate/untrusted-chain", "other_cause", tls(trust={"mozilla": "expired"})),
    ("certificate/untrusted-chain", "trusted", tls()),
    ("certificate/incomplete-chain", "incomplete", tls(trust={"mozilla": "incomplete_chain"})),
    ("certificate/incomplete-chain", "complete", tls()),
    ("certificate/name-mismatch", "mismatch", tls(hostname_match=False)),
    ("certificate/name-mismatch", "match", tls()),
    ("certificate/weak-rsa-key", "short", changed(key=PublicKeyFacts(type="RSA", bits=1024))),
    ("certificate/weak-rsa-key", "enough", tls()),
    ("certificate/weak-ec-key", "short", changed(key=PublicKeyFacts(type="EC", bits=192, curve="secp192r1"))),
    (
        "certificate/weak-ec-key",
        "enough",
        changed(key=PublicKeyFacts(type="EC", bits=256, curve="secp256r1")),
    ),
    ("certificate/weak-signature", "weak", changed(signature_algorithm="sha1WithRSAEncryption")),
    ("certificate/weak-signature", "strong", tls()),
    ("certificate/no-san", "missing", changed(san=())),
    ("certificate/no-san", "present", tls()),
    (
        "certificate/no-san",
        "undecided",
        changed(san=(), serial="01", error="subjectAltName: ValueError: bad"),
    ),
    ("certificate/revoked-staple", "revoked", tls(ocsp_status="revoked")),
    ("certificate/revoked-staple", "good", tls(ocsp_status="good")),
    ("certificate/revoked-staple", "unclear", tls(ocsp_status="invalid")),
    ("certificate/must-staple-missing", "missing", replace(changed(must_staple=True), ocsp_stapled=False)),
    ("certificate/must-staple-missing", "stapled", replace(changed(must_staple=True), ocsp_stapled=True)),
    ("certificate/must-staple-missing", "undecided", changed(must_staple=True)),
    ("certificate/wildcard", "wildcard", changed(san=("*.example.cn",))),
    ("certificate/wildcard", "exact", tls()),
    ("certificate/private-ca", "private", tls(trust={"mozilla": "unknown_issuer", "custom": "ok"})),
    ("certificate/private-ca", "public", tls()),
    ("certificate/private-ca", "neither", tls(trust={"mozilla": "unknown_issuer"})),
]


def asked_by_name(facts: TlsFacts) -> ServiceFacts:
    made = service(facts, tls=True)
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=1, name="www.example.cn"))


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: TlsFacts) -> None:
    assert outcomes(rule_id, asked_by_name(facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ids = {loaded.rule.id for loaded in builtin() if loaded.rule.family == "certificate"}
    every_outcome_is_tried(ids, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def deviations(facts: TlsFacts) -> set[str]:
    return {
        loaded.rule.id
        for loaded in builtin()
        if loaded.rule.family == "certificate"
        for name in outcomes(loaded.rule.id, asked_by_name(facts))
        if loaded.rule.outcomes[name].status.deviates
    }


def test_a_good_certificate_deviates_nowhere() -> None:
    assert deviations(tls()) == set()


def test_one_cause_is_told_by_one_rule() -> None:
    assert deviations(tls(SELF, {"mozilla": "self_signed"})) == {"certificate/self-signed"}
    assert deviations(replace(EXPIRED, trust={"mozilla": "expired"})) == {"certificate/expired"}
    assert deviations(tls(trust={"mozilla": "incomplete_chain"})) == {"certificate/incomplete-chain"}


def test_no_certificate_is_not_judged() -> None:
    assert deviations(TlsFacts(protocols=("TLSv1.3",))) == set()
    assert deviations(tls(CertificateFacts(sha256="00", error="unreadable"), {})) == set()
