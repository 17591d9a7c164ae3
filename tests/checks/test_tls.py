"""TLS rules on facts alone: every declared outcome, and that what was not determined is not judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Status
from checks.registry import LoadedRule, builtin, faults
from checks.tls.suites import has_forward_secrecy
from scanner.facts import Endpoint, ProbeError, StarttlsFacts, TlsFacts
from tests.checks.judging import LOOPBACK, PUBLIC, every_outcome_is_tried, outcomes, service

RULES = [loaded for loaded in builtin() if loaded.rule.family == "tls"]
ALL = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLCP")
GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
CBC = "TLS_RSA_WITH_AES_128_CBC_SHA"
DHE = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
RC4 = "TLS_RSA_WITH_RC4_128_SHA"
TRIPLE_DES = "TLS_RSA_WITH_3DES_EDE_CBC_SHA"


def facts(*protocols: str, suites: tuple[str, ...] = (GCM,), **more: object) -> TlsFacts:
    refused = tuple(version for version in ALL if version not in protocols)
    ciphers = dict.fromkeys(protocols, suites) if suites else {}
    return replace(
        TlsFacts(
            protocols=protocols,
            refused_protocols=refused,
            ciphers=ciphers,
            ciphers_complete=protocols if suites else (),
            groups=("x25519", "secp256r1"),
            groups_complete=True,
        ),
        **more,  # type: ignore[arg-type]
    )


MODERN = facts("TLSv1.2", "TLSv1.3")
UNREAD = facts("TLSv1.2", suites=())
UNSURE = replace(facts("TLSv1.2"), refused_protocols=())
TLCP = facts("TLCP", suites=("ECC_SM4_CBC_SM3",))

CASES: list[tuple[str, str, TlsFacts]] = [
    ("tls/legacy-protocol", "ssl_offered", facts("SSLv3", "TLSv1.2")),
    ("tls/legacy-protocol", "old_tls_offered", facts("TLSv1.0", "TLSv1.2")),
    ("tls/legacy-protocol", "undecided", UNSURE),
    ("tls/legacy-protocol", "only_modern", MODERN),
    ("tls/no-tls12", "missing", facts("TLSv1.0")),
    ("tls/no-tls12", "undecided", replace(facts("TLSv1.0"), refused_protocols=())),
    ("tls/no-tls12", "accepted", facts("TLSv1.3")),
    ("tls/no-tls13", "missing", facts("TLSv1.2")),
    ("tls/no-tls13", "undecided", UNSURE),
    ("tls/no-tls13", "intolerant", replace(UNSURE, intolerance={"version": "closed"})),
    ("tls/no-tls13", "undecided", replace(UNSURE, intolerance={"sni_required": "closed"})),
    ("tls/no-tls13", "missing", facts("TLSv1.2", intolerance={"version": "alert:protocol_version"})),
    ("tls/no-tls13", "accepted", MODERN),
    *(
        ("tls/intolerant-handshake", what, facts("TLSv1.2", intolerance={what: "closed"}))
        for what in (
            "version",
            "extension",
            "unknown_value",
            "long_hello",
            "hello_256_511",
            "record_splitting",
        )
    ),
    ("tls/intolerant-handshake", "undecided", MODERN),
    ("tls/intolerant-handshake", "tolerant", replace(MODERN, tolerance_asked=True)),
    (
        "tls/intolerant-handshake",
        "tolerant",
        facts("TLSv1.2", tolerance_asked=True, intolerance={"sni_required": "closed"}),
    ),
    *(
        (
            "tls/intolerant-handshake",
            "undecided",
            facts("TLSv1.2", tolerance_asked=True, errors=(ProbeError(step=step, kind=kind, message=""),)),
        )
        for step, kind in (
            ("tolerance", "timeout"),
            ("tolerance:extension", "closed"),
            ("hello:full", "reset"),
            ("tls", "budget"),
            ("ciphers:TLSv1.2", "spared"),
        )
    ),
    ("tls/cbc-only", "cbc_only", facts("TLSv1.2", suites=(CBC,))),
    ("tls/cbc-only", "aead", MODERN),
    ("tls/cbc-only", "undecided", UNREAD),
    ("tls/cbc-only", "told_elsewhere", facts("TLSv1.2", suites=(RC4,))),
    ("tls/no-forward-secrecy", "only", facts("TLSv1.2", suites=(CBC,))),
    ("tls/no-forward-secrecy", "some", facts("TLSv1.2", suites=(GCM, CBC))),
    ("tls/no-forward-secrecy", "some", facts("TLSv1.2", suites=(CBC,), ciphers_complete=())),
    ("tls/no-forward-secrecy", "undecided", UNREAD),
    ("tls/no-forward-secrecy", "told_elsewhere", facts("TLSv1.2", suites=(GCM, TRIPLE_DES))),
    ("tls/no-forward-secrecy", "told_elsewhere", facts("TLSv1.2", suites=(TRIPLE_DES,))),
    ("tls/no-forward-secrecy", "all", facts("TLSv1.2")),
    ("tls/no-forward-secrecy", "all", facts("TLSv1.3", suites=("TLS_AES_128_GCM_SHA256",))),
    ("tls/weak-dh", "tiny", facts("TLSv1.2", dh_bits=768)),
    ("tls/weak-dh", "small", facts("TLSv1.2", dh_bits=1024)),
    (
        "tls/weak-dh",
        "shared_prime",
        facts("TLSv1.2", dh_bits=1024, dh_known_prime="nginx before 1.11 1024-bit"),
    ),
    ("tls/weak-dh", "strong", facts("TLSv1.2", dh_bits=2048, dh_known_prime="RFC 7919 ffdhe2048")),
    ("tls/weak-dh", "undecided", facts("TLSv1.2", suites=(GCM, DHE))),
    ("tls/weak-dh", "undecided", UNREAD),
    ("tls/weak-group", "small", facts("TLSv1.2", groups=("secp256r1", "sect163k1"))),
    ("tls/weak-group", "small", facts("TLSv1.2", groups=("secp192r1",), groups_complete=False)),
    ("tls/weak-group", "explicit", facts("TLSv1.2", groups=("arbitrary_explicit_prime_curves",))),
    (
        "tls/weak-group",
        "strong",
        facts("TLSv1.3", groups=("x25519", "X25519MLKEM768", "ffdhe2048", "curveSM2")),
    ),
    ("tls/weak-group", "undecided", facts("TLSv1.2", groups_complete=False)),
    ("tls/cbc-only", "undecided", facts("TLSv1.2", suites=(CBC,), ciphers_complete=())),
    ("tls/weak-dh", "strong", facts("TLSv1.2", dh_bits=2048)),
    ("tls/compression", "weak", facts("TLSv1.2", compression=True)),
    ("tls/compression", "good", facts("TLSv1.2", compression=False)),
    ("tls/compression", "undecided", facts("TLSv1.2")),
    ("tls/insecure-renegotiation", "weak", facts("TLSv1.2", secure_renegotiation=False)),
    ("tls/insecure-renegotiation", "good", facts("TLSv1.2", secure_renegotiation=True)),
    ("tls/insecure-renegotiation", "undecided", facts("TLSv1.2")),
    ("tls/heartbeat-offered", "offered", facts("TLSv1.2", heartbeat=True)),
    ("tls/heartbeat-offered", "absent", facts("TLSv1.2", heartbeat=False)),
    ("tls/heartbeat-offered", "undecided", facts("TLSv1.2")),
    ("tls/no-fallback-scsv", "weak", facts("TLSv1.0", "TLSv1.2", fallback_scsv=False)),
    ("tls/no-fallback-scsv", "good", facts("TLSv1.0", "TLSv1.2", fallback_scsv=True)),
    ("tls/no-fallback-scsv", "undecided", facts("TLSv1.0", "TLSv1.2")),
    ("tls/sm-suites", "offered", facts("TLSv1.3", suites=("TLS_SM4_GCM_SM3",))),
    ("tls/sm-suites", "offered", TLCP),
    ("tls/sm-suites", "not_offered", MODERN),
    ("tls/sm-suites", "not_offered", facts("TLSv1.2")),
    ("tls/sm-suites", "undecided", facts("TLSv1.3", ciphers_complete=())),
    ("tls/sm-suites", "undecided", replace(MODERN, refused_protocols=ALL[:4])),
    (
        "tls/client-preferred-weak-order",
        "client_chooses",
        facts("TLSv1.2", suites=(GCM, CBC), server_preference=False),
    ),
    ("tls/client-preferred-weak-order", "undecided", facts("TLSv1.2", suites=(GCM, CBC))),
    ("tls/client-preferred-weak-order", "good", facts("TLSv1.2", suites=(GCM, CBC), server_preference=True)),
    ("tls/client-preferred-weak-order", "good", facts("TLSv1.2", server_preference=False)),
    (
        "tls/client-preferred-weak-order",
        "undecided",
        facts("TLSv1.2", server_preference=False, ciphers_complete=()),
    ),
]
for _rule, _bad in (
    ("tls/null-cipher", "TLS_RSA_WITH_NULL_SHA256"),
    ("tls/anonymous-cipher", "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    ("tls/export-cipher", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"),
    ("tls/des-cipher", "TLS_RSA_WITH_DES_CBC_SHA"),
    ("tls/rc4", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
    ("tls/block-cipher-64-bit", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
):
    CASES += [
        (_rule, "offered", facts("TLSv1.2", suites=(GCM, _bad))),
        (_rule, "none", MODERN),
        (_rule, "undecided", UNREAD),
    ]


@pytest.mark.parametrize(("rule_id", "outcome", "subject"), CASES)
def test_outcome(rule_id: str, outcome: str, subject: TlsFacts) -> None:
    assert outcomes(rule_id, service(subject, tls=True)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ids = {loaded.rule.id for loaded in builtin() if loaded.rule.family == "tls"}
    tried = [(rule_id, outcome) for rule_id, outcome, _ in CASES]
    tried += [(rule_id, outcome) for rule_id, outcome, *_ in STARTTLS_CASES]
    every_outcome_is_tried(ids, [DUE, *tried, ("tls/anonymous-cipher", "opportunistic")])


STARTTLS_CASES = [
    ("tls/starttls-missing", "logins_in_clear", PUBLIC, StarttlsFacts(protocol="imap", offered=False, logins=("USER",))),
    ("tls/starttls-missing", "missing", PUBLIC, StarttlsFacts(protocol="smtp", offered=False, logins=())),
    ("tls/starttls-missing", "missing", PUBLIC, StarttlsFacts(protocol="ldap", offered=False)),
    ("tls/starttls-missing", "rdp_without_tls", PUBLIC, StarttlsFacts(protocol="rdp", offered=False)),
    ("tls/starttls-missing", "offered", PUBLIC, StarttlsFacts(protocol="smtp", offered=True)),
    ("tls/starttls-missing", "undecided", PUBLIC, StarttlsFacts(protocol="smtp", announced=True)),
    ("tls/starttls-missing", "loopback_only", LOOPBACK, StarttlsFacts(protocol="smtp", offered=False, logins=())),
    (
        "tls/starttls-strippable", "passwords_in_clear", PUBLIC,
        StarttlsFacts(protocol="smtp", offered=True, logins=("PLAIN", "CRAM-MD5")),
    ),
    (
        "tls/starttls-strippable", "hashed_in_clear", PUBLIC,
        StarttlsFacts(protocol="imap", offered=True, logins=("SCRAM-SHA-256",)),
    ),
    ("tls/starttls-strippable", "after_tls", PUBLIC, StarttlsFacts(protocol="pop3", offered=True, logins=())),
    (
        "tls/starttls-strippable", "after_tls", PUBLIC,
        StarttlsFacts(protocol="xmpp-client", offered=True, required=True, logins=("PLAIN",)),
    ),
    ("tls/starttls-strippable", "undecided", PUBLIC, StarttlsFacts(protocol="pop3", offered=True)),
    ("tls/starttls-strippable", "loopback_only", LOOPBACK, StarttlsFacts(protocol="imap", offered=True, logins=("USER",))),
]  # fmt: skip


def test_all_that_is_not_borne_is_told() -> None:
    seen = facts("TLSv1.0", intolerance={"extension": "closed", "version": "alert:internal_error"})
    assert outcomes("tls/intolerant-handshake", service(seen, tls=True)) == ["version", "extension"]
    assert outcomes("tls/intolerant-handshake", service(facts("SSLv3"), tls=True)) == []


@pytest.mark.parametrize(("rule_id", "outcome", "ip", "seen"), STARTTLS_CASES)
def test_starttls(rule_id: str, outcome: str, ip: str, seen: StarttlsFacts) -> None:
    assert outcomes(rule_id, service(seen, ip=ip)) == [outcome]


@pytest.mark.parametrize(
    "seen",
    [
        StarttlsFacts(protocol="imap", offered=False, logins=("USER",)),
        StarttlsFacts(protocol="ldap", offered=True),
        StarttlsFacts(protocol="rdp", offered=True),
    ],
)
def test_only_what_offers_tls_can_be_stripped_of_it(seen: StarttlsFacts) -> None:
    assert outcomes("tls/starttls-strippable", service(seen)) == []


def test_between_mail_servers_anonymous_suites_take_nothing_away() -> None:
    seen = facts("TLSv1.2", suites=(GCM, "TLS_DH_anon_WITH_AES_128_CBC_SHA"), starttls="smtp")
    relay = service(seen, port=25)
    assert outcomes("tls/anonymous-cipher", relay) == ["opportunistic"]
    submission = replace(relay, endpoint=Endpoint(ip=PUBLIC, port=587))
    assert outcomes("tls/anonymous-cipher", submission) == ["offered"]


@pytest.mark.parametrize(
    "rule_id",
    [
        "tls/weak-dh",
        "tls/compression",
        "tls/insecure-renegotiation",
        "tls/cbc-only",
        "tls/no-fallback-scsv",
        "tls/heartbeat-offered",
        "tls/client-preferred-weak-order",
    ],
)
def test_tls13_alone_has_none_of_these(rule_id: str) -> None:
    assert outcomes(rule_id, service(facts("TLSv1.3"), tls=True)) == []


@pytest.mark.parametrize(
    ("suite", "rule_id"),
    [
        ("TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", "tls/anonymous-cipher"),
        ("TLS_ECDH_anon_WITH_NULL_SHA", "tls/null-cipher"),
        ("TLS_ECDH_anon_WITH_RC4_128_SHA", "tls/anonymous-cipher"),
        ("TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", "tls/export-cipher"),
        ("TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA", "tls/export-cipher"),
        ("TLS_RSA_WITH_DES_CBC_SHA", "tls/des-cipher"),
        ("SSL_CK_DES_64_CBC_WITH_MD5", "tls/des-cipher"),
        ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "tls/block-cipher-64-bit"),
        ("SSL_CK_RC4_128_EXPORT40_WITH_MD5", "tls/export-cipher"),
        ("SSL_CK_RC4_128_WITH_MD5", "tls/rc4"),
        ("TLS_KRB5_WITH_3DES_EDE_CBC_MD5", "tls/block-cipher-64-bit"),
        ("TLS_SHA256_SHA256", "tls/null-cipher"),
    ],
)
def test_a_bad_suite_is_told_by_one_rule(suite: str, rule_id: str) -> None:
    subject = service(facts("TLSv1.2", suites=(GCM, suite), server_preference=True), tls=True)
    told = {
        loaded.rule.id
        for loaded in builtin()
        if loaded.rule.family == "tls"
        for name in outcomes(loaded.rule.id, subject)
        if loaded.rule.outcomes[name].status.deviates
    }
    assert told == {rule_id}


def test_forward_secrecy_by_name_and_protocol() -> None:
    assert has_forward_secrecy("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLSv1.2")
    assert has_forward_secrecy("TLS_SM4_GCM_SM3", "TLSv1.3")
    assert not has_forward_secrecy("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "TLSv1.2")
    assert not has_forward_secrecy("TLS_DH_RSA_WITH_AES_128_CBC_SHA", "TLSv1.2")


def test_a_list_cut_short_forbids_a_pass() -> None:
    cut = facts("TLSv1.2", "TLSv1.3", ciphers_complete=("TLSv1.3",))
    for rule_id in ("tls/rc4", "tls/null-cipher", "tls/no-forward-secrecy"):
        assert outcomes(rule_id, service(cut, tls=True)) == ["undecided"]


def test_a_service_of_tlcp_alone_does_not_lack_tls() -> None:
    alone = replace(TLCP, groups=())
    judged = {loaded.rule.id: outcomes(loaded.rule.id, service(alone, tls=True)) for loaded in RULES}
    assert {rule_id: names for rule_id, names in judged.items() if names} == {
        "tls/legacy-protocol": ["only_modern"],
        "tls/sm-suites": ["offered"],
    }


def test_the_suites_of_tlcp_are_not_judged_as_those_of_tls() -> None:
    both = facts(
        "TLSv1.3",
        "TLCP",
        ciphers={"TLSv1.3": ("TLS_AES_128_GCM_SHA256",), "TLCP": ("ECC_SM4_CBC_SM3",)},
        ciphers_complete=("TLSv1.3",),
    )
    assert outcomes("tls/no-forward-secrecy", service(both, tls=True)) == ["all"]
    assert outcomes("tls/null-cipher", service(both, tls=True)) == ["none"]


DUE = ("tls/sm-suites", "missing_where_due")


def test_where_commercial_cryptography_is_due_its_absence_is_a_risk() -> None:
    rule_id, outcome = DUE
    assert outcomes(rule_id, service(MODERN, tls=True), commercial_cryptography_due=True) == [outcome]
    assert outcomes(rule_id, service(TLCP, tls=True), commercial_cryptography_due=True) == ["offered"]
    unsure = replace(MODERN, refused_protocols=())
    assert outcomes(rule_id, service(unsure, tls=True), commercial_cryptography_due=True) == ["undecided"]


def test_nothing_determined_is_neither_good_nor_bad() -> None:
    blank = service(TlsFacts(protocols=("TLSv1.2",)), tls=True)
    passed = {
        loaded.rule.id: name
        for loaded in RULES
        for name in outcomes(loaded.rule.id, blank)
        if loaded.rule.outcomes[name].status is not Status.INCONCLUSIVE
    }
    assert passed == {"tls/no-tls12": "accepted"}


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_the_form_is_right(loaded: LoadedRule) -> None:
    assert faults(loaded.rule, loaded.page) == []


def test_anonymous_suites_alone_say_nothing_of_the_servers_group() -> None:
    seen = facts("TLSv1.2", suites=(GCM, "TLS_DH_anon_WITH_AES_128_CBC_SHA"))
    assert outcomes("tls/weak-dh", service(seen, tls=True)) == []


def test_triple_des_is_not_single_des() -> None:
    subject = service(facts("TLSv1.2", suites=(GCM, "TLS_RSA_WITH_3DES_EDE_CBC_SHA")), tls=True)
    assert outcomes("tls/des-cipher", subject) == ["none"]


def test_a_modern_server_deviates_nowhere() -> None:
    good = facts(
        "TLSv1.2",
        "TLSv1.3",
        server_preference=True,
        compression=False,
        secure_renegotiation=True,
        fallback_scsv=True,
        heartbeat=False,
    )
    for loaded in builtin():
        if loaded.rule.family == "tls":
            names = outcomes(loaded.rule.id, service(good, tls=True))
            assert not any(loaded.rule.outcomes[name].status.deviates for name in names), loaded.rule.id
