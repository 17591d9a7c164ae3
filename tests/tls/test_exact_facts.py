"""The TLS probe against real servers and scripted ones: the facts exactly, and never more than was seen."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from scanner.errors import TargetError
from scanner.facts import CertificateFacts, PublicKeyFacts, TlsFacts, WithoutNameFacts
from scanner.ledger import records
from scanner.probes.tls import PROBE
from scanner.tls import wire
from scanner.tls.primes import modp
from scanner.tls.suites import by_number, names
from scanner.transport import Limits
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.process import program
from tests.servers.tls import (
    Issued,
    Old,
    alert,
    drip,
    endless,
    free_port,
    issue,
    message,
    nginx,
    ocsp_answer,
    read_hello,
    record,
    rsa_key,
    s_server,
    says,
    scripted,
)

NAME = "www.example.cn"
GROUPS = ("x25519", "secp256r1", "x448", "secp521r1", "secp384r1")
"""All that OpenSSL 3 serves with TLS 1.2 unless told otherwise, in its order."""
FFDHE = ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")
RSA_SUITES = (0xC02F, 0x009C, 0x0005)


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("Test CA", ca=True)


@pytest.fixture(scope="module")
def leaf(authority: Issued) -> Issued:
    return issue(NAME, issuer=authority, key=rsa_key(), san=[NAME])


def look(scanner: Scanner, address: str, port: int, name: str | None = NAME) -> TlsFacts:
    """The probe's facts; its connections are within the bound, and all of them are closed."""
    try:
        facts = scanner.probe(PROBE, address, port, name=name, tls=True)
    finally:
        kinds = [entry["kind"] for entry in records(scanner.ledger_path)]
        assert 0 < kinds.count("open") == kinds.count("close") <= PROBE.max_connections
    assert isinstance(facts, TlsFacts)
    return facts


def opened(scanner: Scanner) -> int:
    return sum(entry["kind"] == "open" for entry in records(scanner.ledger_path))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits in tenths of seconds, for servers that keep silent."""
    limits = replace(wire.LIMITS, connect=2, silence=0.4, life=1.5)
    monkeypatch.setattr(wire, "LIMITS", limits)


def openssl_suites(option: str) -> set[str]:
    """What this machine's OpenSSL serves with an RSA certificate and its security level off, by its own word."""
    command = [program("openssl"), "ciphers", "-s", option, "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0] for line in lines if {"Au=RSA", "Au=None", "Au=any"} & set(line.split())}


# --------------------------------------------------------------------------- real servers


@pytest.mark.server
def test_nginx(scanner: Scanner, address: str, tmp_path: Path, authority: Issued, leaf: Issued) -> None:
    certificate, key = leaf.write(tmp_path, "leaf", authority)
    scanner.ca_file = tmp_path / "ca.pem"
    scanner.ca_file.write_bytes(authority.pem)
    settings = (
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
        "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA;"
        "ssl_prefer_server_ciphers on; ssl_ecdh_curve secp384r1:X25519;"
    )
    with nginx(tmp_path, address, 443, settings):
        facts = look(scanner, address, 443)
    # OpenSSL takes a group that it already has a key share for: the order of groups tells nothing of the server.
    assert replace(facts, groups=tuple(sorted(facts.groups))) == TlsFacts(
        protocols=("TLSv1.2", "TLSv1.3"),
        refused_protocols=("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLCP"),
        ciphers={
            "TLSv1.2": (
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_RSA_WITH_AES_128_CBC_SHA",
            ),
            "TLSv1.3": (
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256",
                "TLS_AES_128_GCM_SHA256",
            ),
        },
        ciphers_complete=("TLSv1.2", "TLSv1.3"),
        server_preference=True,
        groups=("secp384r1", "x25519"),
        groups_complete=True,
        compression=False,
        secure_renegotiation=True,
        fallback_scsv=True,
        session_tickets=True,
        early_data=False,
        ems=True,
        heartbeat=False,
        alpn=("h2", "http/1.1", "http/1.0"),
        ocsp_stapled=False,
        scts={"certificate": 0, "tls": 0},
        tolerance_asked=True,
        client_auth=False,
        certificates=facts.certificates,
        without_name=WithoutNameFacts(answer="same"),
        trust={"mozilla": "unknown_issuer", "custom": "ok"} | _system("unknown_issuer"),
        hostname_match=True,
    )
    assert opened(scanner) <= 40
    first, second = facts.certificates
    assert first == CertificateFacts(
        sha256=first.sha256,
        version=3,
        subject=f"CN={NAME}",
        issuer="CN=Test CA",
        serial=f"{leaf.certificate.serial_number:02X}",
        not_before=leaf.certificate.not_valid_before_utc,
        not_after=leaf.certificate.not_valid_after_utc,
        san=(NAME,),
        san_count=1,
        key=PublicKeyFacts(type="RSA", bits=2048, exponent=65537),
        signature_algorithm="ecdsa-with-SHA256",
        is_ca=False,
        self_signed=False,
        sct=0,
        pem=leaf.pem.decode(),
    )
    assert (second.subject, second.is_ca, second.self_signed) == ("CN=Test CA", True, True)
    assert second.key == PublicKeyFacts(type="EC", bits=256, curve="secp256r1")


def _system(reason: str) -> dict[str, str]:
    return {"system": reason} if Path("/etc/ssl/certs/ca-certificates.crt").is_file() else {}


@pytest.mark.server
@pytest.mark.parametrize(
    ("option", "version"), [("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2")]
)
def test_everything_openssl_has(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, option: str, version: str
) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    options = (
        "-cert",
        str(certificate),
        "-key",
        str(key),
        option,
        "-cipher",
        "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
    )
    with s_server(tmp_path, address, 4433, *options):
        facts = look(scanner, address, 4433)
    versions = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLCP")
    assert facts.errors == ()
    assert facts.protocols == facts.ciphers_complete == (version,)
    assert facts.refused_protocols == tuple(other for other in versions if other != version)
    assert set(facts.ciphers[version]) == openssl_suites(option)
    assert facts.server_preference is False
    numbers = {name: number for number, name in names().items()}
    listed = [numbers[name] for name in facts.ciphers[version]]
    assert tuple(listed) == by_number(listed), "a server without an order of its own is listed by number"
    assert sorted(facts.groups[:5]) == sorted(GROUPS)
    assert facts.groups_complete
    # For anonymous suites OpenSSL takes 1024 bits, whatever the key: they are judged for being anonymous.
    assert (facts.dh_bits, facts.dh_known_prime) == (2048, "RFC 3526 group 14")
    assert facts.compression is False
    assert facts.secure_renegotiation is True
    assert facts.session_tickets is True
    assert facts.ems is True
    assert facts.client_auth is False
    assert facts.fallback_scsv is None, "one version alone has nothing to fall back to"
    assert facts.early_data is None
    assert [item.subject for item in facts.certificates] == [f"CN={NAME}"]
    assert facts.hostname_match is True


@pytest.mark.server
def test_tls13_alone(scanner: Scanner, address: str, tmp_path: Path, authority: Issued, leaf: Issued) -> None:
    """The certificates are encrypted there, and are read all the same."""
    certificate, key = leaf.write(tmp_path, "leaf")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(authority.pem)
    options = (
        "-cert",
        str(certificate),
        "-cert_chain",
        str(chain),
        "-key",
        str(key),
        "-tls1_3",
        "-early_data",
    )
    with s_server(tmp_path, address, 4433, *options):
        facts = look(scanner, address, 4433)
    assert facts.errors == ()
    assert facts.protocols == facts.ciphers_complete == ("TLSv1.3",)
    assert facts.refused_protocols == ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLCP")
    assert facts.ciphers["TLSv1.3"] == (
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
    )
    assert facts.server_preference is False
    assert set(facts.groups) == {*GROUPS, *FFDHE}
    assert facts.groups_complete
    assert facts.compression is False
    assert (facts.session_tickets, facts.early_data) == (True, True)
    assert facts.secure_renegotiation is None
    assert facts.ems is None
    assert [item.subject for item in facts.certificates] == [f"CN={NAME}", "CN=Test CA"]
    assert facts.certificates[0].sha256 == _digest(leaf)


def _digest(issued: Issued) -> str:
    return hashlib.sha256(issued.der).hexdigest()


@pytest.mark.server
@pytest.mark.parametrize("group", ["P-521", "X448", "ffdhe3072"])
def test_tls13_with_a_group_that_needs_a_retry(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, group: str
) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    options = ("-cert", str(certificate), "-key", str(key), "-tls1_3", "-groups", group)
    with s_server(tmp_path, address, 4433, *options):
        facts = look(scanner, address, 4433)
    assert facts.errors == ()
    assert facts.groups == ({"P-521": "secp521r1", "X448": "x448"}.get(group, group),)
    assert [item.sha256 for item in facts.certificates] == [_digest(leaf)]


@pytest.mark.server
@pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("verify", ["-verify", "-Verify"])
def test_client_certificate_asked(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, option: str, verify: str
) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    options = ("-cert", str(certificate), "-key", str(key), option, verify, "1")
    with s_server(tmp_path, address, 4433, *options):
        facts = look(scanner, address, 4433)
    assert facts.client_auth is True
    assert facts.errors == ()
    assert [item.sha256 for item in facts.certificates] == [_digest(leaf)]


@pytest.mark.server
@pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize(
    ("status", "days", "told"),
    [
        (ocsp.OCSPCertStatus.GOOD, 7, "good"),
        (ocsp.OCSPCertStatus.REVOKED, 7, "revoked"),
        (ocsp.OCSPCertStatus.GOOD, -7, "invalid"),
    ],
)
def test_staple(
    scanner: Scanner,
    address: str,
    tmp_path: Path,
    authority: Issued,
    leaf: Issued,
    option: str,
    status: ocsp.OCSPCertStatus,
    days: int,
    told: str,
) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    chain, answer = tmp_path / "chain.pem", tmp_path / "answer.der"
    chain.write_bytes(authority.pem)
    answer.write_bytes(ocsp_answer(leaf, authority, status, days=days))
    options = ("-cert", str(certificate), "-cert_chain", str(chain), "-key", str(key), option)
    with s_server(tmp_path, address, 4433, *options, "-status_file", str(answer)):
        facts = look(scanner, address, 4433)
    assert (facts.ocsp_stapled, facts.ocsp_status) == (True, told)


@pytest.mark.server
@pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
def test_timestamps_by_extension(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, option: str
) -> None:
    """The hello asks for them; a server sends them in its ServerHello, or beside its certificate in TLS 1.3."""
    certificate, key = leaf.write(tmp_path, "leaf")
    scts = struct.pack("!HH", 14, 5) + b"first" + struct.pack("!H", 5) + b"other"
    # client_hello, tls1_2_server_hello and tls1_3_certificate: SSL_CTX_add_custom_ext(3).
    info = struct.pack("!IHH", 0x0080 | 0x0100 | 0x1000, 18, len(scts)) + scts
    path = tmp_path / "info.pem"
    path.write_text(
        ssl.DER_cert_to_PEM_cert(info).replace("CERTIFICATE", "SERVERINFOV2 FOR ZIJIAN"), encoding="ascii"
    )
    options = ("-cert", str(certificate), "-key", str(key), option, "-serverinfo", str(path))
    with s_server(tmp_path, address, 4433, *options):
        facts = look(scanner, address, 4433)
    assert facts.scts == {"certificate": 0, "tls": 2}
    assert facts.errors == ()


@pytest.mark.server
@pytest.mark.parametrize("own", [True, False])
def test_preference(scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, own: bool) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    options = ["-cert", str(certificate), "-key", str(key), "-tls1_2", "-dhparam", str(_dhparam(tmp_path))]
    options += ["-cipher", "AES128-SHA256:DHE-RSA-AES256-SHA256:ECDHE-RSA-AES256-GCM-SHA384"]
    with s_server(tmp_path, address, 4433, *options, *(["-serverpref"] if own else [])):
        facts = look(scanner, address, 4433)
    ordered = (
        "TLS_RSA_WITH_AES_128_CBC_SHA256",
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    )
    assert facts.server_preference is own
    assert facts.ciphers["TLSv1.2"] == ordered
    assert (facts.dh_bits, facts.dh_known_prime) == (2048, "RFC 3526 group 14")
    assert facts.groups_complete


def _dhparam(folder: Path) -> Path:
    """PKCS #3 parameters of RFC 3526 group 14."""
    prime = modp(2048).to_bytes(257, "big")
    body = b"\x02\x82" + struct.pack("!H", len(prime)) + prime + b"\x02\x01\x02"
    path = folder / "dh.pem"
    path.write_text(
        ssl.DER_cert_to_PEM_cert(b"\x30\x82" + struct.pack("!H", len(body)) + body).replace(
            "CERTIFICATE", "DH PARAMETERS"
        )
    )
    return path


@pytest.mark.server
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_certificate_by_name(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, version: str
) -> None:
    """Virtual hosts: the name that was asked for decides which certificate is shown, and none is asked for too."""
    other = issue("other.example.cn", san=["other.example.cn"], key=rsa_key())
    options: list[str] = [version]
    for short, issued in (("", other), ("2", leaf)):
        certificate, key = issued.write(tmp_path, f"leaf{short}")
        options += [f"-cert{short}", str(certificate), f"-key{short}", str(key)]
    with s_server(tmp_path, address, 4433, *options, "-servername", NAME):
        named = look(scanner, address, 4433)
        same = look(scanner, address, 4433, name="other.example.cn")
        plain = look(scanner, address, 4433, name=None)
    assert named.certificates[0].sha256 == _digest(leaf)
    assert named.without_name is not None
    assert named.without_name.answer == "other"
    assert named.without_name.certificate == plain.certificates[0]
    assert same.without_name == WithoutNameFacts(answer="same")
    assert plain.certificates[0].sha256 == _digest(other)
    assert plain.without_name is None
    assert plain.hostname_match is None


@pytest.mark.server
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_server_that_wants_a_name(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, version: str
) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    settings = (
        f"ssl_reject_handshake on; ssl_protocols {version}; }}\n"
        f"server {{ listen {address}:443 ssl; server_name {NAME}; ssl_protocols {version};"
        f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    )
    with nginx(tmp_path, address, 443, settings):
        facts = look(scanner, address, 443)
    assert facts.certificates[0].sha256 == _digest(leaf)
    assert facts.without_name == WithoutNameFacts(answer="refused", refusal="alert:unrecognized_name")


@pytest.mark.parametrize("always", [True, False])
def test_a_close_without_a_name_counts_when_it_comes_again(
    scanner: Scanner, address: str, leaf: Issued, always: bool
) -> None:
    speak, closed = Old(suites={0x303: [0x009C]}, chain=[leaf.der]), []

    def serve(sock: socket.socket) -> None:
        peeked = sock.recv(65536, socket.MSG_PEEK)
        unnamed = peeked[:1] == b"\x16" and NAME.encode() not in peeked and b"\x00\x2b" in peeked
        if unnamed and (always or not closed):
            closed.append(True)
            sock.recv(65536)
            return
        speak(sock)

    with scripted(address, serve) as server:
        facts = look(scanner, address, server.port)
    refused = WithoutNameFacts(answer="refused", refusal="closed")
    assert facts.without_name == (refused if always else WithoutNameFacts(answer="same"))


@pytest.mark.server
@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("ok", "ok"),
        ("self_signed", "self_signed"),
        ("expired", "expired"),
        ("not_yet_valid", "not_yet_valid"),
        ("unknown", "unknown_issuer"),
        ("purpose", "wrong_purpose"),
    ],
)
def test_trust(
    scanner: Scanner, address: str, tmp_path: Path, authority: Issued, case: str, reason: str
) -> None:
    now = datetime.now(UTC)
    made: dict[str, Callable[[], Issued]] = {
        "ok": lambda: issue(NAME, issuer=authority, san=[NAME]),
        "self_signed": lambda: issue(NAME, san=[NAME]),
        "expired": lambda: issue(NAME, issuer=authority, not_before=now - timedelta(days=100), days=90),
        "not_yet_valid": lambda: issue(NAME, issuer=authority, not_before=now + timedelta(days=1)),
        "unknown": lambda: issue(NAME, issuer=issue("Stranger", ca=True)),
        "purpose": lambda: issue(NAME, issuer=authority, purposes=[ExtendedKeyUsageOID.CLIENT_AUTH]),
    }
    certificate, key = made[case]().write(tmp_path, "leaf")
    scanner.ca_file = tmp_path / "ca.pem"
    scanner.ca_file.write_bytes(authority.pem)
    with s_server(tmp_path, address, 4433, "-cert", str(certificate), "-key", str(key), "-tls1_3"):
        facts = look(scanner, address, 4433)
    assert facts.trust["custom"] == reason
    assert facts.trust["mozilla"] != "ok"


# --------------------------------------------------------------------------- servers that no library serves any more


def test_ssl3_and_its_suites(scanner: Scanner, address: str, leaf: Issued) -> None:
    script = Old(suites={0x300: [0x0005, 0x0004, 0x0003]}, chain=[leaf.der], refusal=alert(40, version=0x300))
    with scripted(address, script) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == facts.ciphers_complete == ("SSLv3",)
    assert facts.refused_protocols == ("SSLv2", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLCP")
    assert facts.ciphers["SSLv3"] == (
        "TLS_RSA_WITH_RC4_128_SHA",
        "TLS_RSA_WITH_RC4_128_MD5",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
    )
    assert facts.server_preference is True
    assert [item.sha256 for item in facts.certificates] == [_digest(leaf)]
    judged = {
        rule: outcomes(f"tls/{rule}", service(facts, tls=True))
        for rule in ("export-cipher", "rc4", "no-tls12")
    }
    assert judged == {"export-cipher": ["offered"], "rc4": ["offered"], "no-tls12": ["missing"]}


def test_ssl2_alone(scanner: Scanner, address: str, leaf: Issued) -> None:
    with scripted(address, Old(suites={}, ssl2_kinds=[0x010080, 0x020080], chain=[leaf.der])) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == ("SSLv2",)
    assert facts.ciphers == {"SSLv2": ("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_RC4_128_EXPORT40_WITH_MD5")}
    assert [item.sha256 for item in facts.certificates] == [_digest(leaf)]


def test_weak_habits(scanner: Scanner, address: str, leaf: Issued) -> None:
    """DEFLATE, no secure renegotiation, no fallback signal, a DH prime of 1024 bits, and messages in small pieces."""
    script = Old(
        suites={0x302: [0x0033, 0x000A], 0x301: [0x0033]},
        chain=[leaf.der],
        deflate=True,
        renegotiation=False,
        prime=modp(1024),
        split=7,
    )
    with scripted(address, script) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == ("TLSv1.0", "TLSv1.1")
    assert facts.compression is True
    assert facts.secure_renegotiation is False
    assert facts.fallback_scsv is False
    assert facts.ems is False
    assert facts.session_tickets is False
    assert (facts.dh_bits, facts.dh_known_prime) == (1024, "RFC 2409 group 2")
    assert facts.ciphers["TLSv1.1"] == ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
    rules = ("compression", "weak-dh", "insecure-renegotiation", "no-fallback-scsv")
    judged = [outcomes(f"tls/{rule}", service(facts, tls=True)) for rule in rules]
    assert judged == [["weak"], ["shared_prime"], ["weak"], ["weak"]]


@pytest.mark.parametrize("hangs_up", [False, True])
def test_fallback_signal_known(scanner: Scanner, address: str, leaf: Issued, hangs_up: bool) -> None:
    script = Old(
        suites={0x303: [0xC02F, 0x000A], 0x301: [0xC013, 0x000A]},
        chain=[leaf.der],
        fallback=True,
        hangs_up_on_fallback=hangs_up,
        heartbeat=hangs_up,
    )
    with scripted(address, script) as server:
        facts = look(scanner, address, server.port)
    assert facts.fallback_scsv is True
    assert facts.heartbeat is hangs_up
    assert facts.groups == ("secp256r1",)
    assert facts.groups_complete


def test_server_that_closes_instead_of_refusing(scanner: Scanner, address: str, leaf: Issued) -> None:
    """Closing counts as a refusal only since the same server answers other hellos."""
    with scripted(address, Old(suites={0x303: RSA_SUITES}, chain=[leaf.der], refusal=b"")) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == facts.ciphers_complete == ("TLSv1.2",)
    assert facts.refused_protocols == ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.3", "TLCP")
    assert len(facts.ciphers["TLSv1.2"]) == len(RSA_SUITES)


@pytest.mark.usefixtures("impatient")
def test_server_that_chokes_on_long_hellos(scanner: Scanner, address: str, leaf: Issued) -> None:
    with scripted(address, Old(suites={0x303: RSA_SUITES}, chain=[leaf.der], most_hello=60)) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == ("TLSv1.2",)
    assert len(facts.ciphers["TLSv1.2"]) == len(RSA_SUITES)
    assert facts.intolerance == {"long_hello": "timeout"}
    # A hello for TLS 1.3 alone is short: the server answers that one, with an alert.
    assert "TLSv1.3" in facts.refused_protocols


def mute_to(*versions: int) -> Callable[[socket.socket], None]:
    """TLS 1.2 with one suite; silent to hellos whose best version is one of ``versions``, and to SSL 2.0."""
    speak = Old(suites={0x303: [0x009C]})

    def serve(sock: socket.socket) -> None:
        peeked = sock.recv(4096, socket.MSG_PEEK)
        if peeked[:1] != b"\x16" or (
            b"\x00\x2b\x00\x03\x02\x03\x04" not in peeked and struct.unpack("!H", peeked[9:11])[0] in versions
        ):
            sock.recv(65536)
            sock.recv(1)
            return
        speak(sock)

    return serve


@pytest.mark.usefixtures("impatient")
def test_silence_is_neither_yes_nor_no(scanner: Scanner, address: str) -> None:
    with scripted(address, mute_to(0x301, 0x302)) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == ("TLSv1.2",)
    undetermined = {"SSLv2", "TLSv1.0", "TLSv1.1"}
    assert not undetermined & set(facts.refused_protocols)
    assert {f"protocol:{version}" for version in undetermined} <= {error.step for error in facts.errors}
    assert {error.kind for error in facts.errors} == {"timeout"}
    assert outcomes("tls/legacy-protocol", service(facts, tls=True)) == ["undecided"]


# --------------------------------------------------------------------------- servers that speak no TLS at all


def reset(sock: socket.socket) -> None:
    read_hello(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


HELLO_START = record(22, 0x303, message(2, b"\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00"))
NOT_TLS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "silent": (says(b"", hold=True), "timeout"),
    "closes": (says(b""), "closed"),
    "reset": (reset, "reset"),
    "http": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not_tls"),
    "garbage": (says(bytes(range(256)) * 8), "not_tls"),
    "endless garbage": (endless(b"\xaa" * 4096), "not_tls"),
    "endless warnings": (endless(alert(112, level=1) * 100), "alert:unrecognized_name"),
    "endless empty records": (endless(record(22, 0x303, b"") * 100), "malformed"),
    "alerts": (says(alert(40)), "alert:handshake_failure"),
    "no such name": (says(alert(112)), "alert:unrecognized_name"),
    "endless warnings of another kind": (endless(alert(100, level=1)), "alert:no_renegotiation"),
    "a version of its own": (
        says(record(22, 0x303, message(2, b"\x07\x07" + bytes(32) + b"\x00\xc0\x2f\x00"))),
        "malformed",
    ),
    "cut": (says(HELLO_START[:20]), "closed"),
    "truncated hello": (says(record(22, 0x303, message(2, bytes(10)))), "malformed"),
    "huge message": (says(record(22, 0x303, b"\x02\xff\xff\xff" + bytes(1000))), "too_large"),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("case", NOT_TLS)
def test_nothing_seen_is_an_error(scanner: Scanner, address: str, case: str) -> None:
    script, kind = NOT_TLS[case]
    with scripted(address, script) as server, pytest.raises(TargetError) as caught:
        look(scanner, address, server.port)
    assert caught.value.kind == kind
    assert opened(scanner) <= 8


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "tail", [b"", b"\xff" * 5000, record(22, 0x303, b"\x0b\xff\xff\xff"), alert(80), record(23, 0x303, b"x")]
)
def test_broken_after_the_hello(scanner: Scanner, address: str, tail: bytes) -> None:
    """Whatever follows, and though the same suite is always chosen: an end, and no certificate made up."""
    with scripted(address, says(HELLO_START + tail)) as server:
        facts = look(scanner, address, server.port)
    assert facts.certificates == ()
    assert facts.trust == {}
    assert facts.hostname_match is None
    assert facts.errors
    assert "TLSv1.3" not in facts.protocols


@pytest.mark.usefixtures("impatient")
def test_endless_certificates(scanner: Scanner, address: str) -> None:
    def serve(sock: socket.socket) -> None:
        read_hello(sock)
        sock.sendall(HELLO_START)
        while True:
            sock.sendall(record(22, 0x303, message(11, b"\x00\x00\x00") * 1000))

    with scripted(address, serve) as server:
        facts = look(scanner, address, server.port)
    assert facts.certificates == ()
    received = [entry["received"] for entry in records(scanner.ledger_path) if entry["kind"] == "close"]
    # One read may pass the cap before it is noticed.
    assert max(received) <= wire.LIMITS.received + 65536


def test_a_hello_that_drips(scanner: Scanner, address: str) -> None:
    scanner.limits = Limits(connect=2, silence=1, life=0.5)
    with scripted(address, drip(HELLO_START, 0.1)) as server, pytest.raises(TargetError) as caught:
        look(scanner, address, server.port)
    assert caught.value.kind == "timeout"


def test_certificates_that_drip(scanner: Scanner, address: str) -> None:
    """A chain at ten bytes a second costs each connection its life and no more; what the hello said stays."""
    scanner.limits = Limits(connect=2, silence=1, life=0.5)

    def serve(sock: socket.socket) -> None:
        read_hello(sock)
        sock.sendall(HELLO_START)
        for byte in record(22, 0x303, message(11, bytes(3)) * 10):
            sock.sendall(bytes((byte,)))
            time.sleep(0.1)

    with scripted(address, serve) as server:
        facts = look(scanner, address, server.port)
    assert facts.protocols == ("TLSv1.2",)
    assert facts.certificates == ()
    assert "timeout" in {error.kind for error in facts.errors}


def test_nothing_listens(scanner: Scanner, address: str) -> None:
    with pytest.raises(TargetError) as caught:
        look(scanner, address, free_port(address))
    assert caught.value.kind == "refused"
    assert opened(scanner) == 1


def test_unreadable_certificate_is_a_fact(scanner: Scanner, address: str) -> None:
    with scripted(address, Old(suites={0x303: [0x009C]}, chain=[b"\x30\x03\x02\x01\x01"])) as server:
        facts = look(scanner, address, server.port)
    (certificate,) = facts.certificates
    assert certificate.error
    assert set(facts.trust.values()) == {"unreadable"}
    assert facts.hostname_match is None
