"""The TLS probe's tables and bounds: what each server is set to is what is said, whose order counts, and how it all ends.

Single facts and servers that speak no TLS are in ``test_exact_facts.py``.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from scanner.errors import TargetError
from scanner.facts import TlsFacts
from scanner.probes.tls import PROBE, TlsProbe
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.tls import (
    Issued,
    Old,
    alert,
    ec_key,
    endless,
    issue,
    message,
    nginx,
    read_hello,
    record,
    rsa_key,
    s_server,
    says,
    scripted,
)

ROOT = issue("Test Root", ca=True)
RSA = issue("www.example.cn", issuer=ROOT, key=rsa_key(), san=["www.example.cn"])
EC = issue("www.example.cn", issuer=ROOT, key=ec_key(), san=["www.example.cn"])
OLD = issue("old.example.cn", key=rsa_key(1024), san=["old.example.cn"])
OPENSSL_GROUPS = ("x25519", "secp256r1", "x448", "secp521r1", "secp384r1")


def connections(scanner: Scanner) -> list[str]:
    """Purposes of the connections in the ledger."""
    lines = map(json.loads, scanner.ledger_path.read_text().splitlines())
    return [line["purpose"] for line in lines if line.get("purpose") and "local" not in line]


def look(scanner: Scanner, address: str, port: int, name: str | None = None) -> TlsFacts:
    facts = scanner.probe(PROBE, address, port, name=name, tls=True)
    assert isinstance(facts, TlsFacts)
    assert len(connections(scanner)) <= PROBE.max_connections
    return facts


def files(folder: Path, issued: Issued = RSA, *chain: Issued) -> tuple[str, str]:
    certificate, key = issued.write(folder, "server", *chain)
    return str(certificate), str(key)


# --------------------------------------------------------------------------- nginx


@pytest.fixture
def nginx_settings(tmp_path: Path) -> Callable[[str], str]:
    certificate, key = files(tmp_path)
    return lambda more: f"    ssl_certificate {certificate};\n    ssl_certificate_key {key};\n    {more}\n"


@pytest.mark.server
def test_nginx_with_its_own_defaults_takes_few_connections(
    scanner: Scanner, tmp_path: Path, address: str, nginx_settings: Callable[[str], str]
) -> None:
    with nginx(tmp_path, address, 8443, nginx_settings("ssl_protocols TLSv1.2 TLSv1.3;")):
        facts = look(scanner, address, 8443)
    assert facts.server_preference is False
    assert len(facts.ciphers["TLSv1.2"]) > 20
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in facts.ciphers["TLSv1.2"]
    assert facts.groups[:5] == OPENSSL_GROUPS
    assert facts.hostname_match is None
    # One for TLCP, and one for what was passed over when the rest of the suites was asked for in two parts.
    assert len(connections(scanner)) <= 41


# --------------------------------------------------------------------------- openssl s_server: a table

CASES = [
    pytest.param(
        ("-tls1", "-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-serverpref"),
        {"TLSv1.0": ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA")},
        {"server_preference": True, "groups": (), "groups_complete": True},
        id="tls1.0",
    ),
    pytest.param(
        ("-tls1_1", "-cipher", "ECDHE-RSA-AES256-SHA:aNULL:!DHE:!CAMELLIA:!ADH:@SECLEVEL=0", "-serverpref"),
        {"TLSv1.1": None},
        {"compression": False},
        id="tls1.1 with anonymous suites",
    ),
    pytest.param(
        ("-tls1_2", "-cipher", "NULL-SHA256:AES128-SHA:@SECLEVEL=0", "-serverpref"),
        {"TLSv1.2": ("TLS_RSA_WITH_NULL_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA")},
        {"ems": True},
        id="tls1.2 with no encryption",
    ),
    pytest.param(
        ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-groups", "P-384:X25519"),
        {"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)},
        {"server_preference": None, "groups_complete": True},
        id="one suite, two groups",
    ),
    pytest.param(
        ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-groups", "sect163k1"),
        {"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)},
        {"groups": ("sect163k1",), "groups_complete": True},
        id="a small curve",
    ),
    pytest.param(
        ("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256", "-serverpref"),
        {"TLSv1.3": ("TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_SHA256")},
        {"server_preference": True, "early_data": False},
        id="tls1.3 with CCM",
    ),
    pytest.param(
        ("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384", "-groups", "X448"),
        {"TLSv1.3": ("TLS_AES_256_GCM_SHA384",)},
        {"groups": ("x448",), "groups_complete": True},
        id="tls1.3 with a group that needs a retry",
    ),
    pytest.param(
        ("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "-groups", "ffdhe3072", "-early_data"),
        {"TLSv1.3": ("TLS_CHACHA20_POLY1305_SHA256",)},
        {"groups": ("ffdhe3072",), "early_data": True, "session_tickets": True},
        id="tls1.3 with a finite field and early data",
    ),
    pytest.param(
        ("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-no_ticket"),
        {"TLSv1.2": ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",)},
        {"session_tickets": False, "dh_bits": 2048, "dh_known_prime": "RFC 3526 group 14"},
        id="Diffie-Hellman",
    ),
]  # fmt: skip


@pytest.mark.server
@pytest.mark.parametrize(("options", "ciphers", "more"), CASES)
def test_s_server_says_what_it_is_set_to(
    scanner: Scanner,
    tmp_path: Path,
    address: str,
    options: tuple[str, ...],
    ciphers: dict[str, tuple[str, ...] | None],
    more: dict[str, object],
) -> None:
    certificate, key = files(tmp_path)
    with s_server(tmp_path, address, 4433, "-cert", certificate, "-key", key, *options):
        facts = look(scanner, address, 4433)
    assert facts.protocols == tuple(ciphers)
    assert facts.ciphers_complete == tuple(ciphers)
    assert set(facts.protocols) | set(facts.refused_protocols) == {
        "SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLCP",
    }  # fmt: skip
    for protocol, suites in ciphers.items():
        if suites is not None:
            assert facts.ciphers[protocol] == suites
    for name, value in more.items():
        assert getattr(facts, name) == value, name
    assert facts.certificates[0].subject == "CN=www.example.cn"


@pytest.mark.server
def test_two_groups_are_found_with_one_suite(scanner: Scanner, tmp_path: Path, address: str) -> None:
    certificate, key = files(tmp_path)
    options = ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-groups", "P-384:X25519")
    with s_server(tmp_path, address, 4433, "-cert", certificate, "-key", key, *options):
        assert set(look(scanner, address, 4433).groups) == {"secp384r1", "x25519"}


@pytest.mark.server
def test_all_that_openssl_has(scanner: Scanner, tmp_path: Path, address: str) -> None:
    certificate, key = files(tmp_path, EC)
    options = ("-cipher", "ALL:eNULL:@SECLEVEL=0", "-serverpref")
    with s_server(tmp_path, address, 4433, "-cert", certificate, "-key", key, *options):
        facts = look(scanner, address, 4433)
    assert facts.protocols == ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    assert facts.ciphers_complete == facts.protocols
    assert "TLS_ECDH_anon_WITH_NULL_SHA" in facts.ciphers["TLSv1.0"]
    assert facts.ciphers["TLSv1.2"][0] == "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    subject = service(facts, tls=True)
    assert outcomes("tls/null-cipher", subject) == ["offered"]
    assert outcomes("tls/anonymous-cipher", subject) == ["offered"]
    assert outcomes("tls/legacy-protocol", subject) == ["old_tls_offered"]


# --------------------------------------------------------------------------- what OpenSSL 3 cannot serve


@pytest.fixture
def serve(address: str) -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Serve a script; gives its port."""
    open_servers: list[AbstractContextManager[object]] = []

    def start(script: Callable[[socket.socket], None]) -> int:
        server = scripted(address, script)
        open_servers.append(server)
        return server.__enter__().port

    yield start
    for server in open_servers:
        server.__exit__(None, None, None)


Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.mark.parametrize("client_order", [True, False])
@pytest.mark.parametrize("count", [2, 3, 6])
def test_whose_order_counts(
    scanner: Scanner, address: str, serve: Serve, client_order: bool, count: int
) -> None:
    own = [0x009C, 0xC02F, 0x0005, 0xC013, 0x002F, 0xC030][:count]
    facts = look(
        scanner, address, serve(Old(suites={0x0303: own}, client_order=client_order, chain=[OLD.der]))
    )
    assert facts.server_preference is not client_order
    assert len(facts.ciphers["TLSv1.2"]) == count
    if not client_order:
        assert facts.ciphers["TLSv1.2"][0] == "TLS_RSA_WITH_AES_128_GCM_SHA256"
    weak = outcomes("tls/client-preferred-weak-order", service(facts, tls=True))
    assert weak == (["client_chooses"] if client_order else ["good"])


def test_a_server_order_that_mixes_key_exchanges_is_kept(
    scanner: Scanner, address: str, serve: Serve
) -> None:
    own = [0xC013, 0x009C, 0xC02F, 0x002F, 0xC030, 0x0005]
    facts = look(scanner, address, serve(Old(suites={0x0303: own}, chain=[OLD.der], group=24)))
    assert facts.ciphers["TLSv1.2"] == (
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_RSA_WITH_RC4_128_SHA",
    )
    assert facts.groups == ("secp384r1",)
    assert facts.groups_complete


def test_many_small_fragments_and_a_warning(scanner: Scanner, address: str, serve: Serve) -> None:
    script = Old(suites={0x0303: [0xC02F]}, chain=[OLD.der], split=5, warning=112, asks_certificate=True)
    facts = look(scanner, address, serve(script))
    assert facts.certificates[0].subject == "CN=old.example.cn"
    assert facts.client_auth is True


def test_a_server_that_takes_one_group_whatever_is_offered(
    scanner: Scanner, address: str, serve: Serve
) -> None:
    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        if asked.version != 0x0303 or 0xC02F not in asked.suites:
            sock.sendall(alert(40))
            return
        hello = message(2, b"\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00")
        exchange = message(12, b"\x03\x00\x17\x41" + bytes(73))
        sock.sendall(record(22, 0x0303, hello + message(11, b"\x00\x00\x00") + exchange + message(14, b"")))

    facts = look(scanner, address, serve(script))
    assert facts.groups == ("secp256r1",)
    assert facts.groups_complete is True, "every group was asked for, and none but this one is ever taken"
    assert facts.ciphers_complete == ("TLSv1.2",)
    assert facts.certificates == ()


# --------------------------------------------------------------------------- hostile

HELLO = record(22, 0x0303, message(2, b"\x03\x03" + bytes(32) + b"\x00\x00\x9c\x00"))


@pytest.mark.parametrize(
    "script", [endless(HELLO), says(HELLO + record(22, 0x0303, message(11, b"\xff\xff\xff")))]
)
def test_a_server_that_always_says_the_same(
    scanner: Scanner, address: str, serve: Serve, script: Callable[[socket.socket], None]
) -> None:
    facts = look(scanner, address, serve(script))
    assert facts.protocols == ("TLSv1.2",)
    assert facts.ciphers_complete == ()
    assert "malformed" in {error.kind for error in facts.errors}


def test_a_server_that_takes_everything_ends_with_the_budget(
    scanner: Scanner, address: str, serve: Serve
) -> None:
    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        hello = (
            asked.version.to_bytes(2, "big")
            + bytes(32)
            + b"\x00"
            + asked.suites[0].to_bytes(2, "big")
            + b"\x00"
        )
        sock.sendall(record(22, asked.version, message(2, hello) + message(14, b"")))

    probe = TlsProbe(max_connections=30)
    facts = scanner.probe(probe, address, serve(script), tls=True)
    assert isinstance(facts, TlsFacts)
    assert len(connections(scanner)) == 30
    assert facts.ciphers_complete == ()
    assert "budget" in {error.kind for error in facts.errors}


def test_time_is_a_budget_too(scanner: Scanner, address: str, serve: Serve) -> None:
    good = Old(suites={0x0303: [0xC02F, 0x009C, 0x0005]}, chain=[OLD.der])
    with pytest.raises(TargetError) as caught:
        scanner.probe(TlsProbe(seconds=0), address, serve(good), tls=True)
    assert caught.value.kind == "budget"


def test_the_ledger_counts_as_the_server_does(scanner: Scanner, address: str) -> None:
    with scripted(address, Old(suites={0x0303: [0xC02F, 0x009C]}, chain=[OLD.der])) as server:
        look(scanner, address, server.port)
        assert server.connections == len(connections(scanner))
    assert all(purpose.startswith("tls: ") for purpose in connections(scanner))


def test_it_applies_to_tls_over_tcp() -> None:
    assert PROBE.applies(service(tls=True))
    assert not PROBE.applies(service(tls=False))
