"""The rules about TLCP's certificates on facts alone: every declared outcome, one cause and one rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from checks.registry import builtin
from scanner.facts import CertificateFacts, Endpoint, PublicKeyFacts, ServiceFacts, TlsFacts
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, service

RULES = [loaded for loaded in builtin() if loaded.rule.id.startswith("certificate/tlcp-")]
SM2 = PublicKeyFacts(type="SM2", bits=256, curve="curveSM2")
SIGN = CertificateFacts(
    sha256="01",
    subject="CN=www.example.cn",
    issuer="CN=SM2 CA",
    serial="01",
    not_before=datetime(2026, 10, 1, tzinfo=UTC),
    not_after=datetime(2027, 10, 1, tzinfo=UTC),
    san=("www.example.cn",),
    key=SM2,
    signature_algorithm="sm2-with-SM3",
    is_ca=False,
    self_signed=False,
    key_usage=("digital_signature", "content_commitment"),
)
ENCRYPT = replace(
    SIGN, sha256="02", serial="02", key_usage=("key_encipherment", "data_encipherment", "key_agreement")
)
AUTHORITY = replace(SIGN, sha256="03", serial="03", is_ca=True, key_usage=("key_cert_sign", "crl_sign"))
RSA = PublicKeyFacts(type="RSA", bits=2048)
LAST_MONTH = datetime(2026, 10, 31, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 12, 31, tzinfo=UTC)
BROKEN = CertificateFacts(sha256="04", error="certificate: ValueError: bad")


def tlcp(*certificates: CertificateFacts, suite: str = "ECC_SM4_GCM_SM3", **more: object) -> TlsFacts:
    return replace(
        TlsFacts(
            protocols=("TLCP",),
            ciphers={"TLCP": (suite,)},
            ciphers_complete=("TLCP",),
            tlcp_certificates=certificates,
            tlcp_trust={"custom": "ok"},
            tlcp_hostname_match=True,
        ),
        **more,  # type: ignore[arg-type]
    )


GOOD = tlcp(SIGN, ENCRYPT, AUTHORITY)
PAIR, NAME = "certificate/tlcp-pair", "certificate/tlcp-name-mismatch"
VALIDITY, TRUST = "certificate/tlcp-validity", "certificate/tlcp-untrusted"
EXPIRED = tlcp(replace(SIGN, not_after=LAST_MONTH), ENCRYPT)

CASES: list[tuple[str, str, TlsFacts]] = [
    (PAIR, "proper", GOOD),
    (PAIR, "proper", tlcp(SIGN, AUTHORITY, ENCRYPT)),
    (PAIR, "proper", tlcp(replace(SIGN, key=RSA), replace(ENCRYPT, key=RSA), suite="RSA_SM4_GCM_SM3")),
    (PAIR, "single", tlcp(SIGN)),
    (PAIR, "single", tlcp(SIGN, AUTHORITY)),
    (PAIR, "twice", tlcp(SIGN, SIGN)),
    (PAIR, "swapped", tlcp(ENCRYPT, SIGN)),
    (PAIR, "wrong_usage", tlcp(SIGN, replace(SIGN, sha256="05"))),
    (PAIR, "wrong_usage", tlcp(replace(SIGN, key_usage=(*SIGN.key_usage, "key_agreement")), ENCRYPT)),
    (PAIR, "wrong_usage", tlcp(SIGN, replace(ENCRYPT, key_usage=("crl_sign",)))),
    (PAIR, "usage_missing", tlcp(SIGN, replace(ENCRYPT, key_usage=()))),
    (PAIR, "not_sm", tlcp(SIGN, replace(ENCRYPT, key=RSA))),
    (PAIR, "not_sm", tlcp(replace(SIGN, signature_algorithm="ecdsa-with-SHA256"), ENCRYPT)),
    (PAIR, "unseen", tlcp()),
    (PAIR, "undecided", tlcp(SIGN, BROKEN)),
    (PAIR, "undecided", tlcp(replace(SIGN, key_usage=(), error="keyUsage: ValueError: bad"), ENCRYPT)),
    (PAIR, "identities", tlcp(suite="IBC_SM4_GCM_SM3")),
    (VALIDITY, "expired", EXPIRED),
    (VALIDITY, "expired", tlcp(SIGN, AUTHORITY, replace(ENCRYPT, not_after=LAST_MONTH))),
    (VALIDITY, "early", tlcp(SIGN, replace(ENCRYPT, not_before=NEXT_MONTH))),
    (VALIDITY, "undecided", tlcp(SIGN, BROKEN)),
    (VALIDITY, "valid", GOOD),
    (VALIDITY, "valid", tlcp(SIGN, ENCRYPT, replace(AUTHORITY, not_after=LAST_MONTH))),
    (NAME, "mismatch", replace(GOOD, tlcp_hostname_match=False)),
    (NAME, "nameless", replace(tlcp(replace(SIGN, san=()), ENCRYPT), tlcp_hostname_match=None)),
    (NAME, "undecided", replace(tlcp(SIGN, BROKEN), tlcp_hostname_match=None)),
    (NAME, "match", GOOD),
    (TRUST, "untrusted", replace(GOOD, tlcp_trust={"custom": "unknown_issuer"})),
    (TRUST, "other_cause", replace(EXPIRED, tlcp_trust={"custom": "expired"})),
    (TRUST, "untrusted", replace(GOOD, tlcp_trust={"custom": "expired"})),
    (TRUST, "no_store", replace(GOOD, tlcp_trust={})),
    (TRUST, "undecided", replace(GOOD, tlcp_trust={"custom": "undecided:extension 2.5.29.30"})),
    (TRUST, "trusted", GOOD),
]


def asked_by_name(facts: TlsFacts) -> ServiceFacts:
    made = service(facts, tls=True)
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=1, name="www.example.cn"))


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: TlsFacts) -> None:
    assert outcomes(rule_id, asked_by_name(facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ids = {loaded.rule.id for loaded in RULES}
    assert ids == {PAIR, VALIDITY, NAME, TRUST}
    every_outcome_is_tried(ids, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def deviations(facts: TlsFacts) -> set[str]:
    return {
        loaded.rule.id
        for loaded in builtin()
        if loaded.rule.family in ("certificate", "tls")
        for name in outcomes(loaded.rule.id, asked_by_name(facts))
        if loaded.rule.outcomes[name].status.deviates
    }


def test_a_good_pair_deviates_nowhere() -> None:
    assert deviations(GOOD) == set()


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_one_cause_is_told_by_one_rule(rule_id: str, outcome: str, facts: TlsFacts) -> None:
    assert len(deviations(facts)) <= 1


def test_both_certificates_can_be_wrong_at_once() -> None:
    bad = tlcp(replace(SIGN, not_after=LAST_MONTH), replace(ENCRYPT, not_before=NEXT_MONTH))
    assert outcomes(VALIDITY, asked_by_name(bad)) == ["expired", "early"]
    worse = tlcp(replace(ENCRYPT, key=RSA), replace(SIGN, key=RSA))
    assert outcomes(PAIR, asked_by_name(worse)) == ["swapped", "not_sm"]


def test_the_sentence_tells_which_certificate() -> None:
    found = findings(VALIDITY, asked_by_name(EXPIRED))[0].detail
    assert found.zh == "TLCP 的签名证书已于 2026-10-31 过期。"
    assert found.en == "TLCP's signing certificate expired on 2026-10-31."


def test_a_service_without_tlcp_is_not_judged() -> None:
    tls = asked_by_name(TlsFacts(protocols=("TLSv1.3",)))
    assert [outcomes(loaded.rule.id, tls) for loaded in RULES] == [[]] * len(RULES)
