"""Servers that break on hellos which they ought to bear: told apart from servers that refuse what was offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scanner.errors import TargetError
from scanner.facts import TlsFacts
from scanner.ledger import records
from scanner.probes.tls import PROBE
from scanner.tls import wire
from scanner.tls.suites import suite_name
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.tls import (
    Asked,
    Intolerant,
    Issued,
    Old,
    fails,
    issue,
    nginx,
    read_hello,
    rsa_key,
    scripted,
)

NAME = "www.example.cn"
SUITES = (0xC02F, 0xC013, 0x009C, 0x002F, 0x000A)
OLD_SUITES = (0xC013, 0x002F, 0x000A)
TLS12 = {0x303: SUITES, 0x301: OLD_SUITES}
TLS10 = {0x301: OLD_SUITES}
FEW = {0, 10, 11, 13, 21, 43, 45, 51, 0xFF01}
"""Extensions of a small hello."""
KINDS = ("version", "extension", "unknown_value", "long_hello", "hello_256_511", "record_splitting")
"""What ``tls/intolerant-handshake`` tells of, in its order."""
MANNERS = ("alert:40", "alert:80", "alert:80:open", "closed", "reset", "timeout")
SHOWN = {
    "alert:40": "alert:handshake_failure",
    "alert:47": "alert:illegal_parameter",
    "alert:70": "alert:protocol_version",
    "alert:80": "alert:internal_error",
    "alert:80:open": "alert:internal_error",
}


@pytest.fixture(scope="module")
def leaf() -> Issued:
    return issue(NAME, key=rsa_key(), san=[NAME])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits in tenths of seconds, for servers that keep silent."""
    monkeypatch.setattr(wire, "LIMITS", replace(wire.LIMITS, connect=2, silence=0.4, life=3))


def look(scanner: Scanner, address: str, port: int, name: str | None = NAME) -> TlsFacts:
    facts = scanner.probe(PROBE, address, port, name=name, tls=True)
    assert isinstance(facts, TlsFacts)
    return facts


def opened(scanner: Scanner) -> int:
    return sum(entry["kind"] == "open" for entry in records(scanner.ledger_path))


@dataclass(frozen=True)
class Case:
    breaks_on: Callable[[Asked], bool]
    kinds: tuple[str, ...]
    versions: dict[int, tuple[int, ...]]
    open_versions: tuple[str, ...] = ()
    """Versions of which nothing can be told when the server does not refuse in so many words."""


CASES: dict[str, Case] = {
    "TLS 1.3 named": Case(lambda asked: 0x304 in asked.versions, ("version",), TLS12, ("TLSv1.3",)),
    "newer than itself": Case(
        lambda asked: asked.version > 0x301, ("version",), TLS10, ("TLSv1.1", "TLSv1.2", "TLSv1.3")
    ),
    "uncommon extension": Case(lambda asked: bool(asked.extensions.keys() - FEW), ("extension",), TLS12),
    "one extension": Case(lambda asked: 16 in asked.extensions, ("extension",), TLS12),
    "unknown extension": Case(lambda asked: 0x9A9A in asked.extensions, ("extension",), TLS12),
    "any extension": Case(lambda asked: bool(asked.extensions), ("extension",), TLS12, ("TLSv1.3",)),
    "any extension, newer than itself": Case(
        lambda asked: bool(asked.extensions) or asked.version > 0x301,
        ("extension", "version"),
        TLS10,
        ("TLSv1.1", "TLSv1.2", "TLSv1.3"),
    ),
    "unknown suite": Case(lambda asked: 0x8A8A in asked.suites, ("unknown_value",), TLS12),
    "rare groups": Case(lambda asked: 0x0001 in asked.groups, ("unknown_value",), TLS12),
    "many suites": Case(lambda asked: len(asked.suites) > 200, ("long_hello",), TLS12),
    "long hello": Case(lambda asked: asked.length > 1000, ("long_hello",), TLS12),
    "many suites and an extension": Case(
        lambda asked: len(asked.suites) > 150 or 5 in asked.extensions, ("long_hello", "extension"), TLS12
    ),
    "256 to 511 bytes": Case(lambda asked: 256 <= asked.length < 512, ("hello_256_511",), TLS12),
    "no name": Case(lambda asked: 0 not in asked.extensions, ("sni_required",), TLS12),
    "two records": Case(lambda asked: asked.records > 1, ("record_splitting",), TLS12),
    "no name, two records": Case(
        lambda asked: 0 not in asked.extensions or asked.records > 1,
        ("record_splitting", "sni_required"),
        TLS12,
    ),
}


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("case", CASES)
def test_intolerance(scanner: Scanner, address: str, leaf: Issued, case: str, manner: str) -> None:
    told = CASES[case]
    server = Old(suites=dict(told.versions), chain=[leaf.der], renegotiation=False)
    with scripted(address, Intolerant(server, told.breaks_on, manner)) as running:
        facts = look(scanner, address, running.port)
    assert facts.intolerance == dict.fromkeys(told.kinds, SHOWN.get(manner, manner))
    names = {0x301: "TLSv1.0", 0x303: "TLSv1.2"}
    assert facts.protocols == tuple(names[version] for version in sorted(told.versions))
    assert facts.ciphers == {
        names[version]: tuple(suite_name(suite) for suite in suites)
        for version, suites in told.versions.items()
    }, "all suites, in the server's order"
    assert facts.ciphers_complete == facts.protocols
    assert facts.server_preference is True
    assert facts.certificates
    judged = [*(kind for kind in KINDS if kind in told.kinds)] or ["tolerant"]
    assert outcomes("tls/intolerant-handshake", service(facts, tls=True)) == judged
    undecided = {"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"} - {*facts.protocols}
    undecided -= {*facts.refused_protocols}
    assert undecided <= {*told.open_versions}
    if manner == "timeout":
        assert undecided == {*told.open_versions}, "silence is no refusal"
    steps = {error.step for error in facts.errors} - {"without_name"}
    assert {f"protocol:{version}" for version in undecided} == steps


@pytest.mark.parametrize("manner", MANNERS)
def test_tls13_is_not_said_to_be_refused_where_its_hello_is_not_borne(
    scanner: Scanner, address: str, leaf: Issued, manner: str
) -> None:
    server = Old(suites=dict(TLS12), chain=[leaf.der])
    with scripted(address, Intolerant(server, lambda asked: 0x304 in asked.versions, manner)) as running:
        facts = look(scanner, address, running.port)
    # handshake_failure to a hello for TLS 1.3 alone is a refusal in so many words, whatever else the server cannot bear.
    assert ("TLSv1.3" in facts.refused_protocols) is (manner == "alert:40")


def test_what_is_borne_needs_one_connection(scanner: Scanner, address: str, leaf: Issued) -> None:
    with scripted(address, Old(suites={0x303: [0x009C]}, chain=[leaf.der])) as running:
        facts = look(scanner, address, running.port)
    assert facts.intolerance == {}
    assert facts.errors == ()
    purposes = [entry["purpose"] for entry in records(scanner.ledger_path) if entry["kind"] == "open"]
    assert sum("tolerance" in purpose for purpose in purposes) == 1


def test_passing_trouble_is_not_an_intolerance(scanner: Scanner, address: str, leaf: Issued) -> None:
    """The first hello fails, and all later ones are answered."""
    asked: list[Asked] = []

    def first_alone(hello: Asked) -> bool:
        asked.append(hello)
        return len(asked) == 1

    with scripted(
        address, Intolerant(Old(suites=dict(TLS12), chain=[leaf.der]), first_alone, "closed")
    ) as running:
        facts = look(scanner, address, running.port)
    assert facts.intolerance == {}
    assert [error.step for error in facts.errors] == ["hello:full"]
    assert outcomes("tls/intolerant-handshake", service(facts, tls=True)) == ["undecided"]
    assert facts.ciphers_complete == facts.protocols == ("TLSv1.0", "TLSv1.2")
    assert "TLSv1.3" in facts.refused_protocols


def test_once_is_no_intolerance(scanner: Scanner, address: str, leaf: Issued) -> None:
    """A single thing that fails once, and then no more, stays open."""
    seen: list[Asked] = []

    def twice(hello: Asked) -> bool:
        if hello.records > 1:
            seen.append(hello)
        return hello.records > 1 and len(seen) < 3

    with scripted(address, Intolerant(Old(suites=dict(TLS12), chain=[leaf.der]), twice, "closed")) as running:
        facts = look(scanner, address, running.port)
    assert facts.intolerance == {}
    assert [error.step for error in facts.errors] == ["tolerance:record_splitting"]
    assert outcomes("tls/intolerant-handshake", service(facts, tls=True)) == ["undecided"]


def test_a_server_that_has_had_enough_is_not_blamed(scanner: Scanner, address: str, leaf: Issued) -> None:
    """It breaks on the first hello, answers the second, and closes on all that follow."""
    count = 0

    def most(hello: Asked) -> bool:
        nonlocal count
        count += 1
        return count != 2

    with scripted(address, Intolerant(Old(suites=dict(TLS12), chain=[leaf.der]), most, "closed")) as running:
        facts = look(scanner, address, running.port)
    assert facts.intolerance == {}
    assert facts.protocols == ("TLSv1.2",)
    assert facts.ciphers_complete == ()
    assert facts.refused_protocols == ("SSLv2",), "that alone was refused by an alert"
    assert {f"protocol:{version}" for version in ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.3")} <= {
        error.step for error in facts.errors
    }


@pytest.mark.parametrize("named", [True, False])
def test_unknown_name_is_told_at_once(scanner: Scanner, address: str, named: bool) -> None:
    """A server that knows not this name, or wants one, is not asked on and on, and nothing is said of its protocols."""

    def serve(sock: object) -> None:
        read_hello(sock)  # type: ignore[arg-type]
        fails("alert:112", sock)  # type: ignore[arg-type]

    with scripted(address, serve) as running, pytest.raises(TargetError) as caught:
        look(scanner, address, running.port, NAME if named else None)
    assert caught.value.kind == "alert:unrecognized_name"
    assert opened(scanner) == 1


@pytest.mark.server
def test_nginx_bears_everything(scanner: Scanner, address: str, tmp_path: Path, leaf: Issued) -> None:
    certificate, key = leaf.write(tmp_path, "leaf")
    with nginx(tmp_path, address, 443, f"ssl_certificate {certificate}; ssl_certificate_key {key};"):
        facts = look(scanner, address, 443)
    assert facts.intolerance == {}
    assert facts.errors == ()
    assert outcomes("tls/intolerant-handshake", service(facts, tls=True)) == ["tolerant"]


@pytest.mark.server
def test_nginx_that_wants_a_name(scanner: Scanner, address: str, tmp_path: Path, leaf: Issued) -> None:
    """ssl_reject_handshake of the default server, as its documentation recommends."""
    certificate, key = leaf.write(tmp_path, "leaf")
    settings = (
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_reject_handshake on; }"
        f" server {{ listen {address}:443 ssl; server_name {NAME}; ssl_protocols TLSv1.2 TLSv1.3;"
        f" ssl_certificate {certificate}; ssl_certificate_key {key};"
    )
    with nginx(tmp_path, address, 443, settings):
        facts = look(scanner, address, 443)
    assert facts.intolerance == {"sni_required": "alert:unrecognized_name"}
    assert facts.protocols == ("TLSv1.2", "TLSv1.3")


def test_a_refused_version_rules_out_no_other(scanner: Scanner, address: str, leaf: Issued) -> None:
    """GnuTLS with TLS 1.2 and 1.0 alone answers protocol_version to a hello for up to TLS 1.1."""
    server = Intolerant(
        Old(suites=dict(TLS12), chain=[leaf.der]), lambda asked: asked.version == 0x302, "alert:70"
    )
    with scripted(address, server) as running:
        facts = look(scanner, address, running.port)
    assert facts.protocols == ("TLSv1.0", "TLSv1.2")
    assert "TLSv1.1" in facts.refused_protocols
    assert facts.intolerance == {}
