"""Every rule on TLS and certificates, on servers: set badly it says so, and a well-set nginx deviates nowhere.

nginx and OpenSSL serve what they still can; what no library of today serves comes from the scripted server.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from checks.registry import builtin
from scanner.facts import Endpoint, ServiceFacts, StarttlsFacts, TlsFacts
from scanner.probes import starttls
from scanner.probes.tls import PROBE
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.mail import dovecot_server
from tests.servers.process import program
from tests.servers.tls import Issued, Old, ec_key, issue, nginx, rsa_key, s_server, scripted

pytestmark = pytest.mark.server

NAME = "www.example.cn"
NOW = datetime.now(UTC)
ROOT = issue("Root", ca=True, key=rsa_key(), days=3650)
MIDDLE = issue("Middle", issuer=ROOT, ca=True, days=1800)
MODERN = (
    "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off; ssl_ciphers "
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;"
)
"""Mozilla's intermediate profile, its newer half."""


def judged(facts: TlsFacts) -> ServiceFacts:
    made = service(facts, tls=True)
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=443, name=NAME))


def look(scanner: Scanner, address: str, port: int) -> ServiceFacts:
    facts = scanner.probe(PROBE, address, port, name=NAME, tls=True)
    assert isinstance(facts, TlsFacts)
    return judged(facts)


def deviating(subject: ServiceFacts) -> set[str]:
    rules = [loaded.rule.id for loaded in builtin() if loaded.rule.family in ("tls", "certificate")]
    return {one.check for rule in rules for one in findings(rule, subject, at=NOW) if one.status.deviates}


def leaf(**options: object) -> Issued:
    return issue(NAME, **{"issuer": ROOT, "san": [NAME], **options})  # type: ignore[arg-type]


CERTIFICATES: list[tuple[str, str, Callable[[], Sequence[Issued]]]] = [
    ("certificate/expired", "expired", lambda: [leaf(not_before=NOW - timedelta(days=100))]),
    ("certificate/not-yet-valid", "early", lambda: [leaf(not_before=NOW + timedelta(days=9))]),
    ("certificate/expires-soon", "soon", lambda: [leaf(not_before=NOW - timedelta(days=80))]),
    ("certificate/too-long-lived", "too_long", lambda: [leaf(days=900)]),
    ("certificate/self-signed", "self_signed", lambda: [leaf(issuer=None)]),
    ("certificate/untrusted-chain", "untrusted", lambda: [leaf(issuer=issue("Else", ca=True))]),
    ("certificate/incomplete-chain", "incomplete", lambda: [leaf(issuer=MIDDLE, aia=True)]),
    ("certificate/name-mismatch", "mismatch", lambda: [leaf(san=["other.example.cn"])]),
    ("certificate/no-san", "fits_no_name", lambda: [leaf(san=())]),
    ("certificate/weak-rsa-key", "short", lambda: [leaf(key=rsa_key(1024))]),
    ("certificate/weak-ec-key", "short", lambda: [leaf(key=ec_key(ec.SECP192R1()))]),
    ("certificate/weak-signature", "weak", lambda: [leaf(sha1=True)]),
    ("certificate/must-staple-missing", "missing", lambda: [leaf(must_staple=True)]),
    ("certificate/wildcard", "wildcard", lambda: [leaf(san=["*.example.cn"])]),
    ("certificate/private-ca", "private", lambda: [leaf()]),
]


@pytest.mark.parametrize(("rule", "outcome", "chain"), CERTIFICATES, ids=[case[0] for case in CERTIFICATES])
def test_certificates(
    scanner: Scanner, tmp_path: Path, address: str, rule: str, outcome: str, chain: Callable[[], Sequence[Issued]]
) -> None:  # fmt: skip
    scanner.ca_file = tmp_path / "ca.pem"
    scanner.ca_file.write_bytes(ROOT.pem)
    sent = chain()
    certificate, key = sent[0].write(tmp_path, "leaf", *sent[1:])
    settings = (
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2;"
        "ssl_ciphers ECDHE+AESGCM:@SECLEVEL=0; ssl_ecdh_curve P-256:P-192:X25519;"
    )
    with nginx(tmp_path, address, 443, settings):
        subject = look(scanner, address, 443)
    if rule == "certificate/too-long-lived":
        # It holds for public authorities alone, and none of them signs for a test.
        subject = judged(replace(subject.need(TlsFacts), trust={"mozilla": "ok"}))
    assert outcomes(rule, subject, at=NOW) == [outcome]


def test_a_well_set_nginx_deviates_nowhere(scanner: Scanner, tmp_path: Path, address: str) -> None:
    scanner.ca_file = tmp_path / "ca.pem"
    scanner.ca_file.write_bytes(ROOT.pem)
    certificate, key = leaf(issuer=MIDDLE).write(tmp_path, "leaf", MIDDLE)
    settings = f"ssl_certificate {certificate}; ssl_certificate_key {key}; {MODERN}"
    with nginx(tmp_path, address, 443, settings):
        subject = look(scanner, address, 443)
    assert deviating(subject) == set()
    for rule, outcome in (
        ("certificate/default-certificate", "same"),
        ("tls/no-tls13", "accepted"),
        ("tls/sm-suites", "not_offered"),
    ):
        assert outcomes(rule, subject, at=NOW) == [outcome]


def test_another_certificate_without_a_name(scanner: Scanner, tmp_path: Path, address: str) -> None:
    own, other = leaf().write(tmp_path, "own"), issue("inner.example.cn", san=["inner.example.cn"]).write(tmp_path, "other")  # fmt: skip
    settings = (
        f"ssl_certificate {other[0]}; ssl_certificate_key {other[1]}; }} server {{ listen {address}:443 ssl;"
        f"server_name {NAME}; ssl_certificate {own[0]}; ssl_certificate_key {own[1]};"
    )
    with nginx(tmp_path, address, 443, settings):
        subject = look(scanner, address, 443)
    (finding,) = findings("certificate/default-certificate", subject, at=NOW)
    assert finding.outcome == "other"
    assert "inner.example.cn" in finding.detail.zh


OPENSSL: list[tuple[str, str, str]] = [
    ("tls/legacy-protocol", "old_tls_offered", "-tls1 -cipher ALL:@SECLEVEL=0"),
    ("tls/no-tls12", "missing", "-tls1_1 -cipher ALL:@SECLEVEL=0"),
    ("tls/no-tls13", "missing", "-tls1_2"),
    ("tls/null-cipher", "offered", "-tls1_2 -cipher NULL-SHA256:AES128-SHA:@SECLEVEL=0"),
    ("tls/anonymous-cipher", "offered", "-tls1_2 -cipher AECDH-AES128-SHA:AES128-SHA:@SECLEVEL=0"),
    ("tls/cbc-only", "cbc_only", "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256"),
    ("tls/no-forward-secrecy", "only", "-tls1_2 -cipher AES128-GCM-SHA256"),
    ("tls/weak-dh", "small", "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -dhparam {folder}/dh.pem"),
    ("tls/weak-group", "small", "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -groups sect163k1"),
    ("tls/client-preferred-weak-order", "client_chooses", "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA"),
]  # fmt: skip
_GROUP_5 = "genpkey -genparam -algorithm DH -pkeyopt group:modp_1536"


@pytest.mark.parametrize(("rule", "outcome", "options"), OPENSSL, ids=[case[0] for case in OPENSSL])
def test_what_openssl_still_serves(
    scanner: Scanner, tmp_path: Path, address: str, rule: str, outcome: str, options: str
) -> None:
    certificate, key = leaf(key=rsa_key()).write(tmp_path, "leaf")
    if "dhparam" in options:
        subprocess.run([program("openssl"), *_GROUP_5.split(), "-out", str(tmp_path / "dh.pem")], check=True)
    told = options.format(folder=tmp_path).split()
    with s_server(tmp_path, address, 4433, "-cert", str(certificate), "-key", str(key), *told):
        subject = look(scanner, address, 4433)
    assert outcomes(rule, subject, at=NOW) == [outcome]


SCRIPTED: list[tuple[str, str, Old]] = [
    ("tls/legacy-protocol", "ssl_offered", Old(suites={0x300: [0x0035]})),
    ("tls/export-cipher", "offered", Old(suites={0x301: [0x0035, 0x0003]})),
    ("tls/des-cipher", "offered", Old(suites={0x301: [0x0035, 0x0009]})),
    ("tls/rc4", "offered", Old(suites={0x303: [0xC02F, 0x0005]})),
    ("tls/block-cipher-64-bit", "offered", Old(suites={0x303: [0xC02F, 0x000A]})),
    ("tls/compression", "weak", Old(suites={0x303: [0xC02F]}, deflate=True)),
    ("tls/insecure-renegotiation", "weak", Old(suites={0x303: [0xC02F]}, renegotiation=False)),
    ("tls/no-fallback-scsv", "weak", Old(suites={0x303: [0xC02F], 0x302: [0x002F]})),
    ("tls/heartbeat-offered", "offered", Old(suites={0x303: [0xC02F]}, heartbeat=True)),
    ("tls/intolerant-handshake", "long_hello", Old(suites={0x303: [0xC02F]}, most_hello=64)),
]


@pytest.mark.parametrize(("rule", "outcome", "script"), SCRIPTED, ids=[case[0] for case in SCRIPTED])
def test_what_no_library_serves_any_more(
    scanner: Scanner, address: str, rule: str, outcome: str, script: Old
) -> None:
    """A scripted exchange (RFC 5246 and its forerunners) up to ServerHelloDone."""
    with scripted(address, replace(script, chain=[leaf(key=rsa_key()).der])) as server:
        subject = look(scanner, address, server.port)
    assert outcomes(rule, subject, at=NOW) == [outcome]


@pytest.mark.parametrize(
    ("settings", "missing", "strippable"),
    [
        ({"ssl": "no", "disable_plaintext_auth": "no"}, ["logins_in_clear"], []),
        ({"ssl": "yes", "disable_plaintext_auth": "no"}, ["offered"], ["passwords_in_clear"]),
        ({"ssl": "required", "disable_plaintext_auth": "yes"}, ["offered"], ["after_tls"]),
    ],
)
def test_dovecot_and_starttls(
    scanner: Scanner, settings: dict[str, str], missing: list[str], strippable: list[str]
) -> None:
    with dovecot_server(leaf(), **settings) as address:
        facts = scanner.probe(starttls.PROBE, address, 143, protocol="imap")
    assert isinstance(facts, StarttlsFacts)
    assert outcomes("tls/starttls-missing", service(facts)) == missing
    assert outcomes("tls/starttls-strippable", service(facts)) == strippable
