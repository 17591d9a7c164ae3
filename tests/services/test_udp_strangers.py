"""Services for local networks that answer strangers over UDP: real servers, and replays of the standards' own layouts where none
can be had (CLDAP, BACnet)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from scanner.errors import TargetError
from scanner.facts import AccessFacts, IdentifyFacts, ServiceFacts
from scanner.facts.base import Endpoint
from scanner.probes import (
    Probe,
    bacnet,
    cldap,
    coap,
    ipmi,
    mdns,
    netbios_ns,
    rpcbind_udp,
    sip,
    small_services,
    ssdp,
)
from scanner.probes.datagram import DatagramProbe
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers import udp as servers
from tests.servers.process import short_folder
from tests.services.footprint import footprint
from tests.services.hostile import udp_server

pytestmark = pytest.mark.server
ALL = (bacnet, cldap, coap, ipmi, mdns, netbios_ns, rpcbind_udp, sip, small_services, ssdp)
PORTS = {
    "bacnet": 47808, "cldap": 389, "coap": 5683, "ipmi": 623, "mdns": 5353, "netbios_ns": 137, "rpcbind_udp": 111,
    "sip": 5060, "small_services": 19, "ssdp": 1900,
}  # fmt: skip
Server = Callable[[Path], AbstractContextManager[str]]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is silence after tenths of seconds too."""
    monkeypatch.setattr("scanner.probes.datagram.WAITS", (0.4, 0.4))


def ask(scanner: Scanner, probe: Probe, address: str) -> AccessFacts:
    facts = scanner.probe(probe, address, PORTS[probe.name], transport="udp")
    assert isinstance(facts, AccessFacts)
    assert facts.answers
    assert footprint(scanner).opened == 1
    return facts


CASES: list[tuple[Probe, Server, str, str]] = [
    (coap.PROBE, servers.coap_server, "usable", "open"),
    (
        sip.PROBE,
        lambda folder: servers.kamailio_server(folder, 'sl_send_reply("200", "OK")'),
        "tells",
        "",
    ),
    (
        sip.PROBE,
        lambda folder: servers.kamailio_server(folder, 'sl_send_reply("403", "Forbidden")'),
        "turned_away",
        "refused",
    ),
    (
        ipmi.PROBE,
        lambda folder: servers.ipmi_server(folder, types="none md5", user='"admin" "not-guessed"'),
        "usable",
        "open",
    ),
    (
        ipmi.PROBE,
        lambda folder: servers.ipmi_server(folder, types="md5", user='"admin" "not-guessed"'),
        "tells",
        "authentication",
    ),
]
INSIDE: list[tuple[Probe, Server, str, str]] = [
    (mdns.PROBE, servers.avahi_server, "tells", ""),
    (netbios_ns.PROBE, servers.nmbd_server, "tells", ""),
    (rpcbind_udp.PROBE, servers.rpcbind_server, "reachable", ""),
    (ssdp.PROBE, servers.minissdpd_server, "tells", ""),
]


def judged(scanner: Scanner, probe: Probe, server: Server, outcome: str, access: str) -> AccessFacts:
    with short_folder() as folder, server(folder) as address:
        facts = ask(scanner, probe, address)
    assert (facts.access or "") == access
    rule = f"exposure/{probe.name.replace('_', '-')}"
    assert outcomes(rule, service(facts)) == [outcome]
    return facts


@pytest.mark.parametrize(("probe", "server", "outcome", "access"), CASES)
def test_a_real_server(scanner: Scanner, probe: Probe, server: Server, outcome: str, access: str) -> None:
    judged(scanner, probe, server, outcome, access)


@servers.needs_namespace
@pytest.mark.parametrize(("probe", "server", "outcome", "access"), INSIDE)
def test_a_real_server_in_a_namespace(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, probe: Probe, server: Server, outcome: str, access: str
) -> None:
    # Avahi listens a while before it answers (RFC 6762 §8.1).
    monkeypatch.setattr("scanner.probes.datagram.WAITS", (1.5, 2.5))
    facts = judged(scanner, probe, server, outcome, access)
    if probe is netbios_ns.PROBE:
        assert facts.told("workgroup") == "TESTERS"
        # The host's own name is counted, not kept.
        assert "TESTER," not in repr(facts)


def cldap_entry(data: bytes) -> list[bytes]:
    """SearchResultEntry with defaultNamingContext, then SearchResultDone (RFC 4511 §4.5.2)."""
    message_id = data[4] if data[1] < 0x80 else data[6]

    def tlv(tag: int, body: bytes) -> bytes:
        return bytes((tag, len(body))) + body

    attribute = tlv(0x30, tlv(0x04, b"defaultNamingContext") + tlv(0x31, tlv(0x04, b"DC=corp,DC=test")))
    entry = tlv(0x64, tlv(0x04, b"") + tlv(0x30, attribute))
    done = tlv(0x65, tlv(0x0A, b"\0") + tlv(0x04, b"") + tlv(0x04, b""))
    number = tlv(0x02, bytes((message_id,)))
    return [tlv(0x30, number + entry) + tlv(0x30, number + done)]


def test_a_replay_of_cldap(scanner: Scanner) -> None:
    with udp_server(cldap_entry, PORTS["cldap"]) as address:
        facts = ask(scanner, cldap.PROBE, address)
    assert facts.told("defaultnamingcontext") == "DC=corp,DC=test"
    assert outcomes("exposure/cldap", service(facts)) == ["tells"]


def i_am(data: bytes) -> list[bytes]:
    """An I-Am (ASHRAE 135, clause 16.10.2) of device 1234."""
    apdu = b"\x10\x00\xc4" + struct.pack("!I", 8 << 22 | 1234) + b"\x22\x04\x00\x91\x03\x21\x0f"
    npdu = b"\x01\x00" + apdu
    return [b"\x81\x0a" + struct.pack("!H", 4 + len(npdu)) + npdu]


def test_a_replay_of_bacnet(scanner: Scanner) -> None:
    with udp_server(i_am, PORTS["bacnet"]) as address:
        facts = ask(scanner, bacnet.PROBE, address)
    assert "1234" in (facts.told("device") or "")
    assert outcomes("exposure/bacnet", service(facts)) == ["usable"]


def test_a_character_generator_by_the_standard(scanner: Scanner) -> None:
    line = bytes(32 + number % 95 for number in range(72)) + b"\r\n"
    with udp_server(lambda data: [line * 6], PORTS["small_services"]) as address:
        facts = ask(scanner, small_services.PROBE, address)
    assert facts.told("service") == "chargen"
    assert facts.told("amplification") == "74.0"
    assert outcomes("exposure/small-services", service(facts)) == ["tells"]


@pytest.mark.parametrize("probe", [module.PROBE for module in ALL])
@pytest.mark.parametrize(
    "answer", [[], [b"\xff" * 1400] * 20, [b"\0" * 12]], ids=["silence", "flood", "zeros"]
)
def test_what_is_no_answer_is_no_fact(scanner: Scanner, probe: Probe, answer: list[bytes]) -> None:
    with udp_server(lambda data: answer, PORTS[probe.name]) as address, pytest.raises(TargetError):
        scanner.probe(probe, address, PORTS[probe.name], transport="udp")


@pytest.mark.parametrize("probe", [module.PROBE for module in ALL])
def test_only_what_answered_in_the_protocol_is_asked(probe: DatagramProbe) -> None:
    endpoint = Endpoint(ip="127.0.0.1", port=PORTS[probe.name], transport="udp")
    plain = ServiceFacts(endpoint=endpoint, target="127.0.0.1")
    assert not probe.applies(plain)
    assert probe.protocols
    assert IdentifyFacts.PROBE not in plain.runs
