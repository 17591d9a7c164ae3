"""Over UDP: only an answer in the protocol's own form makes a service."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from scanner.errors import NotOffered
from scanner.facts import IdentifyFacts
from scanner.ports import RISKY_UDP
from scanner.probes import identify, udp_questions
from tests.conftest import Scanner
from tests.servers import udp as servers
from tests.servers.process import loopback_address, short_folder
from tests.services.footprint import footprint
from tests.services.hostile import udp_server

pytestmark = pytest.mark.server

Server = Callable[[Path], AbstractContextManager[str]]
SERVERS: dict[str, tuple[int, Server]] = {
    "snmp": (161, lambda folder: servers.snmpd_server(folder, "createUser tester SHA not-guessed-by-anyone")),
    "tftp": (69, servers.tftpd_server),
    "memcached": (11211, servers.memcached_udp_server),
    "coap": (5683, servers.coap_server),
    "sip": (5060, lambda folder: servers.kamailio_server(folder, 'sl_send_reply("200", "OK")')),
    "ipmi": (623, lambda folder: servers.ipmi_server(folder, types="md5", user='"admin" "not-guessed"')),
}
INSIDE: dict[str, tuple[int, Server]] = {
    "ntp": (123, lambda folder: servers.ntpd_server(folder, "nomodify noquery")),
    "mdns": (5353, servers.avahi_server),
    "rpcbind": (111, servers.rpcbind_server),
    "ssdp": (1900, servers.minissdpd_server),
}


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is silence after tenths of seconds too."""
    monkeypatch.setattr("scanner.probes.datagram.WAITS", (0.2, 0.2))


def identified(scanner: Scanner, address: str, port: int) -> IdentifyFacts:
    facts = scanner.probe(identify.PROBE, address, port, transport="udp")
    assert isinstance(facts, IdentifyFacts)
    cost = footprint(scanner)
    assert cost.opened == 1
    assert cost.sent <= 1200
    return facts


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_server_is_known_by_its_answer(scanner: Scanner, protocol: str) -> None:
    port, server = SERVERS[protocol]
    with short_folder() as folder, server(folder) as address:
        facts = identified(scanner, address, port)
    assert (facts.protocol, facts.by) == (protocol, "protocol")


@servers.needs_namespace
@pytest.mark.parametrize("protocol", INSIDE)
def test_a_server_of_a_namespace_is_known_by_its_answer(scanner: Scanner, protocol: str) -> None:
    port, server = INSIDE[protocol]
    with short_folder() as folder, server(folder) as address:
        facts = identified(scanner, address, port)
    assert (facts.protocol, facts.by) == (protocol, "protocol")


@pytest.mark.parametrize("port", sorted(RISKY_UDP))
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda data: [], id="nothing"),
        pytest.param(lambda data: [bytes(len(data))], id="zeros"),
        pytest.param(lambda data: [b"\xff" * 1400] * 20, id="a flood"),
        pytest.param(lambda data: [bytes(range(256)) * 200], id="a big one"),
        pytest.param(lambda data: [data], id="the question"),
        pytest.param(lambda data: [b"", b"\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80"], id="cut"),
    ],
)
def test_what_is_no_answer_makes_no_service(
    scanner: Scanner, patience: None, port: int, answer: Callable[[bytes], list[bytes]]
) -> None:
    asked: list[bytes] = []

    def note(data: bytes) -> list[bytes]:
        asked.append(data)
        return answer(data)

    with udp_server(note, port) as address:
        facts = scanner.probe(identify.PROBE, address, port, transport="udp")
    assert isinstance(facts, IdentifyFacts)
    assert len(asked) <= 2
    if RISKY_UDP[port] != "echo" or answer(b"x") != [b"x"]:
        assert (facts.protocol, facts.by) == (None, "none")


def test_the_question_that_comes_back_is_an_echo(scanner: Scanner) -> None:
    with udp_server(lambda data: [data], 7) as address:
        assert identified(scanner, address, 7).protocol == "echo"


def test_a_port_that_says_it_is_closed_is_left_out(scanner: Scanner) -> None:
    with pytest.raises(NotOffered):
        scanner.probe(identify.PROBE, loopback_address(), 161, transport="udp")


def test_every_risky_port_has_its_question() -> None:
    assert {
        port: name for one in udp_questions.QUESTIONS for port in one.ports for name in [one.protocol]
    } == (RISKY_UDP)


def test_an_answer_from_another_port_counts_only_where_the_protocol_has_it_so(
    scanner: Scanner, patience: None
) -> None:
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(
            udp_server(lambda data: [b"\x00\x05\x00\x01gone\0"], 69, from_port=4069)
        )
        assert identified(scanner, address, 69).protocol == "tftp"
