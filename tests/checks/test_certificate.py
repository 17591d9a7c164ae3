"""Certificate rules on facts alone: every declared outcome, one cause and one rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from checks.model import Status
from checks.registry import LoadedRule, builtin, faults
from scanner.facts import (
    CertificateFacts,
    Endpoint,
    PublicKeyFacts,
    RevocationFacts,
    ServiceFacts,
    TlsFacts,
    WithoutNameFacts,
)
from tests.checks.judging import SEEN, every_outcome_is_tried, findings, outcomes, service

# The rules about TLCP's certificates are tried in test_tlcp.py.
RULES = [
    loaded
    for loaded in builtin()
    if loaded.rule.family == "certificate" and not loaded.rule.id.startswith("certificate/tlcp-")
]
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


SM2 = replace(
    GOOD, key=PublicKeyFacts(type="SM2", bits=256, curve="curveSM2"), signature_algorithm="sm2-with-SM3"
)
SELF = replace(GOOD, self_signed=True, issuer=GOOD.subject)
LAST_MONTH = datetime(2026, 10, 31, tzinfo=UTC)
EXPIRED = changed(not_after=LAST_MONTH)

BROKEN_NAMES = changed(san=(), serial="01", error="subjectAltName: ValueError: bad")
SHA1 = "sha1WithRSAEncryption"
EXTRA = replace(GOOD, subject="CN=Old CA", issuer="CN=Older CA", signature_algorithm=SHA1)
ROOT = replace(GOOD, subject="CN=Some CA", self_signed=True, signature_algorithm=SHA1)
SHORT_CA = replace(
    GOOD, subject="CN=Some CA", issuer="CN=Root", key=PublicKeyFacts(type="RSA", bits=1024, exponent=65537)
)
EC_LEAF = replace(GOOD, key=PublicKeyFacts(type="EC", bits=256, curve="secp256r1"))
UNREADABLE = tls(
    CertificateFacts(sha256="00", error="certificate: ValueError: bad"), {"mozilla": "unreadable"}
)

CASES: list[tuple[str, str, TlsFacts]] = [
    ("certificate/expired", "expired", EXPIRED),
    ("certificate/expired", "expired", tls(replace(SELF, not_after=LAST_MONTH), {"mozilla": "self_signed"})),
    ("certificate/expired", "undecided", changed(not_after=None)),
    ("certificate/expired", "valid", tls()),
    ("certificate/not-yet-valid", "early", changed(not_before=datetime(2026, 12, 1, tzinfo=UTC))),
    ("certificate/not-yet-valid", "undecided", changed(not_before=None)),
    ("certificate/not-yet-valid", "begun", tls()),
    ("certificate/expires-soon", "soon", changed(not_after=datetime(2026, 12, 1, tzinfo=UTC))),
    ("certificate/expires-soon", "over", EXPIRED),
    ("certificate/expires-soon", "over", changed(not_after=SEEN - timedelta(minutes=1))),
    ("certificate/expires-soon", "soon", changed(not_after=SEEN + timedelta(minutes=1))),
    ("certificate/expires-soon", "undecided", changed(not_after=None)),
    ("certificate/expires-soon", "enough", tls()),
    (
        "certificate/too-long-lived",
        "too_long",
        changed(not_before=datetime(2026, 10, 1, tzinfo=UTC), not_after=datetime(2027, 9, 1, tzinfo=UTC)),
    ),
    ("certificate/too-long-lived", "undecided", changed(not_before=None)),
    ("certificate/too-long-lived", "within", tls()),
    (
        "certificate/too-long-lived",
        "within",
        changed(not_before=datetime(2026, 1, 5, tzinfo=UTC), not_after=datetime(2027, 1, 20, tzinfo=UTC)),
    ),
    ("certificate/self-signed", "self_signed", tls(SELF, {"mozilla": "self_signed"})),
    ("certificate/self-signed", "issued", tls()),
    ("certificate/self-signed", "chosen", tls(SELF, {"mozilla": "self_signed", "custom": "ok"})),
    ("certificate/self-signed", "undecided", changed(self_signed=None)),
    ("certificate/untrusted-chain", "untrusted", tls(trust={"mozilla": "unknown_issuer"})),
    ("certificate/untrusted-chain", "other_cause", replace(EXPIRED, trust={"mozilla": "expired"})),
    ("certificate/untrusted-chain", "untrusted", tls(trust={"mozilla": "self_signed"})),
    ("certificate/untrusted-chain", "untrusted", tls(trust={"mozilla": "weak_signature"})),
    ("certificate/untrusted-chain", "undecided", UNREADABLE),
    ("certificate/untrusted-chain", "no_store", tls(SM2, {})),
    ("certificate/untrusted-chain", "beyond", tls(SM2, {"custom": "undecided:extension 2.5.29.30"})),
    ("certificate/untrusted-chain", "untrusted", tls(SM2, {"custom": "bad_signature"})),
    ("certificate/untrusted-chain", "trusted", tls(SM2, {"custom": "ok"})),
    ("certificate/untrusted-chain", "trusted", tls()),
    ("certificate/incomplete-chain", "incomplete", tls(trust={"mozilla": "incomplete_chain"})),
    ("certificate/incomplete-chain", "undecided", tls(trust={"mozilla": "unknown_issuer"})),
    (
        "certificate/incomplete-chain",
        "complete",
        tls(trust={"mozilla": "unknown_issuer"}, certificates=(GOOD, ROOT)),
    ),
    ("certificate/incomplete-chain", "complete", replace(EXPIRED, trust={"mozilla": "expired"})),
    ("certificate/incomplete-chain", "complete", tls()),
    ("certificate/name-mismatch", "mismatch", tls(hostname_match=False)),
    ("certificate/name-mismatch", "nameless", replace(changed(san=()), hostname_match=False)),
    ("certificate/name-mismatch", "undecided", replace(BROKEN_NAMES, hostname_match=False)),
    ("certificate/name-mismatch", "match", tls()),
    ("certificate/weak-rsa-key", "short", changed(key=PublicKeyFacts(type="RSA", bits=1024))),
    ("certificate/weak-rsa-key", "short", changed(key=PublicKeyFacts(type="DSA", bits=1024))),
    ("certificate/weak-rsa-key", "tiny", changed(key=PublicKeyFacts(type="RSA", bits=768))),
    ("certificate/weak-ec-key", "tiny", changed(key=PublicKeyFacts(type="EC", bits=112))),
    ("certificate/weak-signature", "broken", changed(signature_algorithm="md5WithRSAEncryption")),
    ("certificate/weak-rsa-key", "exponent", changed(key=PublicKeyFacts(type="RSA", bits=2048, exponent=1))),
    ("certificate/weak-rsa-key", "issuer_short", tls(certificates=(GOOD, SHORT_CA))),
    ("certificate/weak-rsa-key", "issuer_short", tls(certificates=(EC_LEAF, SHORT_CA))),
    ("certificate/weak-rsa-key", "enough", tls(certificates=(GOOD, replace(SHORT_CA, self_signed=True)))),
    ("certificate/weak-rsa-key", "undecided", changed(key=PublicKeyFacts(type="RSA"))),
    ("certificate/weak-rsa-key", "enough", tls()),
    ("certificate/weak-ec-key", "short", changed(key=PublicKeyFacts(type="EC", bits=192, curve="secp192r1"))),
    (
        "certificate/weak-ec-key",
        "explicit",
        changed(key=PublicKeyFacts(type="EC", bits=256, curve="explicit")),
    ),
    (
        "certificate/weak-ec-key",
        "issuer_short",
        tls(certificates=(EC_LEAF, replace(EC_LEAF, key=PublicKeyFacts(type="EC", bits=192)))),
    ),
    ("certificate/weak-ec-key", "undecided", changed(key=PublicKeyFacts(type="EC"))),
    (
        "certificate/weak-ec-key",
        "enough",
        changed(key=PublicKeyFacts(type="EC", bits=256, curve="secp256r1")),
    ),
    ("certificate/weak-signature", "weak", changed(signature_algorithm=SHA1)),
    (
        "certificate/weak-signature",
        "weak",
        tls(trust={"mozilla": "weak_signature"}, certificates=(GOOD, EXTRA)),
    ),
    ("certificate/weak-signature", "unused", tls(certificates=(GOOD, EXTRA))),
    ("certificate/weak-signature", "undecided", changed(signature_algorithm="")),
    ("certificate/weak-signature", "undecided", changed(signature_algorithm="1.2.3.4")),
    ("certificate/weak-signature", "undecided", changed(signature_algorithm=SHA1, self_signed=None)),
    ("certificate/weak-signature", "strong", tls()),
    ("certificate/weak-signature", "weak", changed(signature_algorithm="id-RSASSA-PSS (sha1, salt 20)")),
    (
        "certificate/weak-signature",
        "strong",
        changed(signature_algorithm="id-RSASSA-PSS (sha256, salt 32, MGF1 with sha1)"),
    ),
    ("certificate/weak-signature", "strong", tls(certificates=(GOOD, ROOT))),
    ("certificate/no-san", "missing", changed(san=())),
    ("certificate/no-san", "present", tls()),
    ("certificate/no-san", "fits_no_name", replace(changed(san=()), hostname_match=False)),
    ("certificate/no-san", "undecided", BROKEN_NAMES),
    ("certificate/revoked-staple", "revoked", tls(ocsp_status="revoked")),
    ("certificate/revoked-staple", "good", tls(ocsp_status="good")),
    (
        "certificate/revoked-staple",
        "revoked",
        tls(ocsp_stapled=False, revocation=RevocationFacts(status="revoked")),
    ),
    (
        "certificate/revoked-staple",
        "revoked",
        tls(ocsp_status="good", revocation=RevocationFacts(status="revoked")),
    ),
    (
        "certificate/revoked-staple",
        "good",
        tls(ocsp_status="invalid", revocation=RevocationFacts(status="good")),
    ),
    (
        "certificate/revoked-staple",
        "undecided",
        tls(ocsp_stapled=False, revocation=RevocationFacts(why="timeout: ca.example:80 did not answer")),
    ),
    ("certificate/revoked-staple", "unclear", tls(ocsp_status="invalid")),
    ("certificate/revoked-staple", "undecided", tls()),
    ("certificate/revoked-staple", "undecided", tls(ocsp_stapled=True)),
    ("certificate/must-staple-missing", "missing", replace(changed(must_staple=True), ocsp_stapled=False)),
    ("certificate/must-staple-missing", "stapled", replace(changed(must_staple=True), ocsp_stapled=True)),
    ("certificate/must-staple-missing", "undecided", changed(must_staple=True)),
    ("certificate/wildcard", "wildcard", changed(san=("*.example.cn",))),
    ("certificate/wildcard", "undecided", BROKEN_NAMES),
    ("certificate/wildcard", "undecided", changed(san_count=300)),
    ("certificate/wildcard", "wildcard", changed(san=("*.example.cn",), san_count=300)),
    ("certificate/wildcard", "exact", tls()),
    (
        "certificate/default-certificate",
        "other",
        tls(
            without_name=WithoutNameFacts(
                answer="other", certificate=replace(GOOD, san=("intranet.example.cn",))
            )
        ),
    ),
    ("certificate/default-certificate", "same", tls(without_name=WithoutNameFacts(answer="same"))),
    (
        "certificate/default-certificate",
        "refused",
        tls(without_name=WithoutNameFacts(answer="refused", refusal="alert:unrecognized_name")),
    ),
    ("certificate/default-certificate", "undecided", tls()),
    ("certificate/private-ca", "private", tls(trust={"mozilla": "unknown_issuer", "custom": "ok"})),
    ("certificate/private-ca", "public", tls()),
    ("certificate/private-ca", "neither", tls(trust={"mozilla": "unknown_issuer"})),
]


def asked_by_name(facts: TlsFacts) -> ServiceFacts:
    made = service(facts, tls=True)
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=1, name="www.example.cn"))


BY_ADDRESS = ("certificate/self-signed", "by_address")


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: TlsFacts) -> None:
    assert outcomes(rule_id, asked_by_name(facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ids = {loaded.rule.id for loaded in RULES}
    tried = [BY_ADDRESS, *((rule_id, outcome) for rule_id, outcome, _ in CASES)]
    every_outcome_is_tried(
        ids, [*tried, *((rule_id, "opportunistic") for rule_id, _ in BETWEEN_MAIL_SERVERS)]
    )


BETWEEN_MAIL_SERVERS = [
    ("certificate/self-signed", tls(SELF, {"mozilla": "self_signed"}, starttls="smtp")),
    ("certificate/untrusted-chain", tls(trust={"mozilla": "unknown_issuer"}, starttls="smtp")),
    ("certificate/name-mismatch", tls(hostname_match=False, starttls="smtp")),
]


@pytest.mark.parametrize(("rule_id", "facts"), BETWEEN_MAIL_SERVERS)
def test_between_mail_servers_nobody_checks_the_certificate(rule_id: str, facts: TlsFacts) -> None:
    seen = asked_by_name(facts)
    relay = replace(seen, endpoint=replace(seen.endpoint, port=25))
    assert outcomes(rule_id, relay) == ["opportunistic"]
    # On the submission port people log in.
    submission = replace(seen, endpoint=replace(seen.endpoint, port=587))
    (finding,) = findings(rule_id, submission)
    assert finding.status.deviates


def test_a_self_signed_certificate_by_bare_address_is_a_weakness() -> None:
    subject = service(tls(SELF, {"mozilla": "self_signed"}, hostname_match=None), tls=True)
    rule_id, outcome = BY_ADDRESS
    assert outcomes(rule_id, subject) == [outcome]


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_the_form_is_right(loaded: LoadedRule) -> None:
    assert faults(loaded.rule, loaded.page) == []


def test_what_was_not_determined_is_neither_good_nor_bad() -> None:
    blank = asked_by_name(TlsFacts(certificates=(CertificateFacts(sha256="00", san=("www.example.cn",)),)))
    said = {
        loaded.rule.id
        for loaded in RULES
        for name in outcomes(loaded.rule.id, blank)
        if loaded.rule.outcomes[name].status is not Status.INCONCLUSIVE
    }
    assert said == {"certificate/no-san", "certificate/wildcard"}


@pytest.mark.parametrize(
    ("rule_id", "facts"),
    [
        ("certificate/weak-signature", tls(replace(SELF, signature_algorithm=SHA1))),
        ("certificate/untrusted-chain", tls(SELF, {"mozilla": "self_signed"})),
        ("certificate/incomplete-chain", tls(SELF, {"mozilla": "self_signed"})),
        ("certificate/too-long-lived", tls(trust={"mozilla": "unknown_issuer", "custom": "ok"})),
        ("certificate/revoked-staple", tls(ocsp_stapled=False)),
        ("certificate/name-mismatch", tls(hostname_match=None)),
        ("certificate/private-ca", tls(trust={})),
    ],
)
def test_what_is_not_the_rules_concern(rule_id: str, facts: TlsFacts) -> None:
    assert outcomes(rule_id, asked_by_name(facts)) == []


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
    assert deviations(tls(SM2, {"custom": "ok"})) == set()
    assert deviations(tls(SM2, {})) == set()


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (tls(SELF, {"mozilla": "self_signed"}), "self-signed"),
        (tls(replace(SELF, signature_algorithm=SHA1), {"mozilla": "self_signed"}), "self-signed"),
        (replace(EXPIRED, trust={"mozilla": "expired"}), "expired"),
        (replace(EXPIRED, trust={"mozilla": "unknown_issuer", "custom": "expired"}), "expired"),
        (tls(trust={"mozilla": "incomplete_chain"}), "incomplete-chain"),
        (tls(trust={"mozilla": "unknown_issuer"}), "untrusted-chain"),
        (tls(trust={"mozilla": "self_signed"}), "untrusted-chain"),
        (tls(trust={"mozilla": "expired_in_chain"}), "untrusted-chain"),
        (tls(replace(GOOD, signature_algorithm=SHA1), {"mozilla": "weak_signature"}), "weak-signature"),
        (replace(changed(san=()), hostname_match=False), "no-san"),
        (tls(hostname_match=False), "name-mismatch"),
    ],
)
def test_one_cause_is_told_by_one_rule(facts: TlsFacts, cause: str) -> None:
    assert deviations(facts) == {f"certificate/{cause}"}


def test_thousands_of_names_make_no_long_sentence() -> None:
    facts = replace(changed(san=("a.example.cn",) * 200, san_count=9000), hostname_match=False)
    (finding,) = findings("certificate/name-mismatch", asked_by_name(facts))
    assert finding.detail.en.endswith("a.example.cn … (+8980), not www.example.cn.")


def test_no_certificate_is_not_judged() -> None:
    assert deviations(TlsFacts(protocols=("TLSv1.3",))) == set()
    assert deviations(tls(CertificateFacts(sha256="00", error="unreadable"), {})) == set()
