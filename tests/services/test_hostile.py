"""No server, however it behaves, hangs or crashes a probe, makes it exceed its connections, or makes it claim anything."""

from __future__ import annotations

import importlib
import struct
from dataclasses import replace

import dns.message
import pytest

from scanner.errors import ConnectError, TargetError
from scanner.facts import (
    DnsFacts,
    Facts,
    FtpFacts,
    IdentifyFacts,
    MemcachedFacts,
    MysqlFacts,
    PostgresFacts,
    RedisFacts,
    SshFacts,
    TelnetFacts,
)
from scanner.probes import Probe
from tests.conftest import Scanner
from tests.services.footprint import footprint
from tests.services.hostile import ALL, PORT, saying, tcp_server, udp_server

NAMES = ("identify", "redis", "memcached", "ftp", "mysql", "postgresql", "ssh", "dns", "telnet")
MODULES = {name: importlib.import_module(f"scanner.probes.{name}") for name in NAMES}


def probe(name: str) -> Probe:
    found: Probe = MODULES[name].PROBE
    return found


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits stay, but in tenths of seconds, so that a silent server costs the tests little."""
    for module in MODULES.values():
        monkeypatch.setattr(module, "_LIMITS", replace(module._LIMITS, connect=2, silence=0.5, life=1.5))
    monkeypatch.setattr(MODULES["identify"], "_ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(MODULES["identify"], "_listening", lambda port: 0.3)
    monkeypatch.setattr("scanner.probes.conversation._LONGER", 0.5)


def claims_nothing(facts: Facts) -> bool:
    """Whether the facts state nothing that would be judged."""
    match facts:
        case IdentifyFacts():
            return not facts.tls and facts.protocol in (None, "ftp")
        case RedisFacts() | MemcachedFacts():
            return not facts.answers and facts.auth_required is None
        case FtpFacts():
            return facts.anonymous is None and facts.auth_tls is None
        case MysqlFacts():
            return facts.version is None and facts.tls_offered is None
        case PostgresFacts():
            return facts.auth_method is None
        case SshFacts():
            return not facts.kex and not facts.host_keys
        case DnsFacts():
            return facts.recursive_answer is None
        case TelnetFacts():
            return not facts.login_prompt
    return False


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("behaviour", ALL)
def test_misbehaviour(scanner: Scanner, name: str, behaviour: str) -> None:
    with tcp_server(ALL[behaviour]) as address:
        try:
            facts = scanner.probe(probe(name), address, PORT)
        except TargetError:
            facts = None
    cost = footprint(scanner)
    assert cost.opened == cost.closed <= probe(name).max_connections
    # The cap is 256 KiB at most for one connection, and one more read may be under way when it is passed.
    assert cost.received <= cost.opened * (256 * 1024 + 65536)
    assert facts is None or claims_nothing(facts)


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_port_is_an_error_and_no_fact(scanner: Scanner, address: str, name: str) -> None:
    with pytest.raises(ConnectError):
        scanner.probe(probe(name), address, PORT)


LIES = [
    ("redis", (b"+PONG\r\n", b"$999999\r\nredis_version:7")),
    ("redis", (b"+PONG\r\n", b"$-1\r\n")),
    ("redis", (b"+PONG\r\n", b"$99999999999999999999\r\n")),
    ("redis", (b"+PONG\r\n", b"*99999\r\n")),
    ("memcached", (b"VERSION " + b"9" * 9000,)),
    ("mysql", (b"\xff\xff\xff\x00\x0a8.0",)),
    ("mysql", (b"\x00\x00\x00\x00",)),
    ("mysql", (b"\x05\x00\x00\x00\x0a8.0\x00",)),
    ("mysql", (b"\x01\x00\x00\x00\xff",)),
    ("postgresql", (b"N", b"R\xff\xff\xff\xff\x00\x00\x00\x00")),
    ("postgresql", (b"N", b"R\x00\x00\x00\x03")),
    ("postgresql", (b"N", b"R\x00\x00\x00\x04")),
    ("postgresql", (b"N", b"E\x00\x00\x3f\xff" + b"A" * 100)),
    ("postgresql", (b"S" * 5000,)),
    ("ssh", (b"SSH-2.0-x\r\n", b"\xff\xff\xff\xff\x04")),
    ("ssh", (b"SSH-2.0-x\r\n", b"\x00\x00\x00\x10\xff" + bytes(40))),
    ("ssh", (b"SSH-2.0-x\r\n", struct.pack("!IB", 32, 4) + b"\x14" + bytes(16) + b"\xff" * 14)),
    ("ssh", (b"line before\r\n" * 60 + b"SSH-2.0-x\r\n",)),
    ("ssh", (b"SSH-2.0-x\r\n", struct.pack("!IB", 12, 6) + b"\x02" + bytes(10)) * 1),
    ("dns", (b"\xff\xff" + bytes(20),)),
    ("dns", (b"\x00\x00",)),
    ("dns", (b"\x00\x10" + bytes(16),)),
    ("ftp", (b"220-", b"never ends")),
    ("ftp", (b"220 hello\r\n", b"211-Features:\r\n" + b" X\r\n" * 500)),
    ("telnet", (b"\xff\xfd\x01" * 9000,)),
    ("telnet", (b"\xff\xfa\x18" + b"x" * 9000,)),
    ("identify", (b"\x16\x03\x01",)),
]


@pytest.mark.parametrize(("name", "parts"), LIES)
def test_lying_lengths(scanner: Scanner, name: str, parts: tuple[bytes, ...]) -> None:
    spoken_to_first = name in ("redis", "memcached", "postgresql", "dns", "identify")
    with tcp_server(saying(*parts, listen_first=spoken_to_first)) as address:
        try:
            facts = scanner.probe(probe(name), address, PORT)
        except TargetError:
            facts = None
    cost = footprint(scanner)
    assert cost.opened == cost.closed <= probe(name).max_connections
    if isinstance(facts, RedisFacts):
        # PING was answered, and that stands; the lie costs no more than the version.
        assert facts.auth_required is False
        assert facts.version is None
        assert facts.errors
    elif isinstance(facts, MysqlFacts | SshFacts):
        assert facts.errors
    elif isinstance(facts, FtpFacts | PostgresFacts):
        assert facts.errors
        assert claims_nothing(facts)
    elif isinstance(facts, TelnetFacts):
        assert not facts.login_prompt


def test_a_wall_of_options_is_left_alone(scanner: Scanner) -> None:
    with tcp_server(saying(b"\xff\xfd\x01" * 9000)) as address:
        facts = scanner.probe(probe("telnet"), address, PORT)
    assert isinstance(facts, TelnetFacts)
    assert facts.negotiates
    # Each of the options received in the first reads may be declined once; nothing grows beyond what was received.
    assert footprint(scanner).sent <= 9000 * 3


def test_datagrams_that_are_no_answer_are_passed_over(scanner: Scanner) -> None:
    def answer(data: bytes) -> list[bytes]:
        good = dns.message.make_response(dns.message.from_wire(data))
        good.set_rcode(5)
        stranger = dns.message.make_response(dns.message.from_wire(data))
        stranger.id ^= 1
        return [b"", b"\x00" * 12, stranger.to_wire(), data, good.to_wire()]

    with udp_server(answer) as address:
        facts = scanner.probe(probe("dns"), address, PORT, transport="udp")
    assert isinstance(facts, DnsFacts)
    assert facts.rcode == "REFUSED"
    assert facts.recursive_answer is False
    assert not facts.errors


def test_a_flood_of_datagrams_is_an_error(scanner: Scanner) -> None:
    with udp_server(lambda data: [bytes(12)] * 40) as address, pytest.raises(TargetError):
        scanner.probe(probe("dns"), address, PORT, transport="udp")
    assert footprint(scanner).opened <= probe("dns").max_connections


def test_a_name_pointer_that_loops_is_no_answer(scanner: Scanner) -> None:
    def answer(data: bytes) -> list[bytes]:
        return [data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01\xc0\x0c"]

    with udp_server(answer) as address, pytest.raises(TargetError):
        scanner.probe(probe("dns"), address, PORT, transport="udp")


def test_hostile_text_is_made_harmless(scanner: Scanner) -> None:
    with tcp_server(saying(b"220 \x1b[2J\xe2\x80\xae<script>\xff FTP\r\n")) as address:
        facts = scanner.probe(probe("identify"), address, PORT)
    assert isinstance(facts, IdentifyFacts)
    assert facts.protocol == "ftp"
    assert "\x1b" not in facts.banner
    assert "\u202e" not in facts.banner
