"""How far a stranger gets over UDP: real servers, open and closed, and replays where no real one can be had."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest

from checks.model import Status
from scanner.errors import TargetError
from scanner.facts import NtpFacts
from scanner.facts.datagrams import MemcachedUdpFacts, SnmpFacts, TftpFacts
from scanner.probes import Probe, memcached_udp, ntp, snmp, tftp
from scanner.probes.ntp_wire import CLIENT, MONLIST, READVAR
from tests.checks.judging import LOOPBACK, PUBLIC, findings, outcomes, service
from tests.conftest import Scanner
from tests.servers import udp as servers
from tests.servers.cache import Unavailable
from tests.servers.process import short_folder
from tests.services.footprint import footprint
from tests.services.hostile import PORT, udp_server

pytestmark = pytest.mark.server
PROBES = {probe.PROBE.name: probe.PROBE for probe in (memcached_udp, ntp, snmp, tftp)}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is silence after tenths of seconds too."""
    monkeypatch.setattr("scanner.probes.datagram.WAITS", (0.4, 0.4))


def test_an_agent_that_public_may_read(scanner: Scanner, tmp_path: Path) -> None:
    with servers.snmpd_server(tmp_path, "rocommunity public\nsysDescr a tester's agent") as address:
        facts = scanner.probe(snmp.PROBE, address, 161, transport="udp")
    assert isinstance(facts, SnmpFacts)
    assert facts.access == "open"
    assert facts.told("sysDescr") == "a tester's agent"
    assert "enterprise 8072" in (facts.told("SNMPv3 engine") or "")
    assert outcomes("exposure/snmp", service(facts, ip=address)) == ["usable_locally"]
    (finding,) = findings("exposure/snmp", service(facts))
    assert finding.status is Status.FAIL
    assert footprint(scanner).opened == 1


def test_an_agent_that_wants_a_user(scanner: Scanner, tmp_path: Path) -> None:
    settings = "createUser tester SHA not-guessed-by-anyone\nrouser tester authPriv"
    with servers.snmpd_server(tmp_path, settings) as address:
        facts = scanner.probe(snmp.PROBE, address, 161, transport="udp")
    assert isinstance(facts, SnmpFacts)
    assert facts.access == "authentication"
    assert outcomes("exposure/snmp", service(facts, ip=address)) == ["loopback_only"]


def test_tftpd_looks_for_strangers(scanner: Scanner) -> None:
    with short_folder() as folder, servers.tftpd_server(folder) as address:
        facts = scanner.probe(tftp.PROBE, address, 69, transport="udp")
    assert isinstance(facts, TftpFacts)
    assert facts.access == "open"
    assert "ERROR 1" in facts.reply
    assert outcomes("exposure/tftp", service(facts)) == ["usable"]


def test_memcached_over_udp(scanner: Scanner, tmp_path: Path) -> None:
    with servers.memcached_udp_server(tmp_path) as address:
        facts = scanner.probe(memcached_udp.PROBE, address, 11211, transport="udp")
    assert isinstance(facts, MemcachedUdpFacts)
    assert facts.access == "open"
    assert facts.version
    assert outcomes("exposure/memcached-udp", service(facts)) == ["usable"]


@servers.needs_namespace
def test_ntpsec_that_tells_strangers_the_time_alone(scanner: Scanner) -> None:
    with short_folder() as folder, servers.ntpd_server(folder, "nomodify noquery") as address:
        facts = scanner.probe(ntp.PROBE, address, 123, transport="udp")
    assert isinstance(facts, NtpFacts)
    assert facts.answers
    assert (facts.control, facts.monlist) == ("silent", "silent")
    assert outcomes("exposure/ntp", service(facts, ip=PUBLIC)) == ["time_only"]
    assert outcomes("exposure/ntp", service(facts, ip=LOOPBACK)) == ["loopback_only"]


def test_chrony_knows_neither_of_the_two_old_questions(scanner: Scanner) -> None:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        try:
            address = stack.enter_context(servers.chronyd_server(folder))
        except Unavailable as error:
            pytest.skip(str(error))
        facts = scanner.probe(ntp.PROBE, address, 123, transport="udp")
    assert isinstance(facts, NtpFacts)
    assert (facts.answers, facts.stratum) == (True, 8)
    assert (facts.control, facts.monlist) == ("silent", "silent")
    assert outcomes("exposure/ntp", service(facts, ip=PUBLIC)) == ["time_only"]


def test_control_queries_replayed(scanner: Scanner) -> None:
    """The answer to READVAR by RFC 9327 §2; the ntpsec of the tests was not brought to give one to us."""
    variables = b'version="ntpd 4.2.8p15", processor="x86_64", system="Linux/6.1"'

    def answer(data: bytes) -> list[bytes]:
        if data == CLIENT:
            return [bytes((0x24, 2)) + bytes(22) + data[40:48] + bytes(16)]
        if data == READVAR:
            return [struct.pack("!BBHHHHH", 0x16, 0x82, 0x7A6A, 0, 0, 0, len(variables)) + variables]
        return []

    with udp_server(answer) as address:
        facts = scanner.probe(ntp.PROBE, address, PORT, transport="udp")
    assert isinstance(facts, NtpFacts)
    assert (facts.control, facts.monlist) == ("answered", "silent")
    assert facts.said[0].value == "ntpd 4.2.8p15"
    assert outcomes("exposure/ntp", service(facts)) == ["control"]


@pytest.mark.parametrize(
    ("items", "heard", "outcome"), [(6, "answered", "monlist"), (0, "refused", "time_only")]
)
def test_monlist_replayed(scanner: Scanner, items: int, heard: str, outcome: str) -> None:
    """ntpd before 4.2.7p26 is in no distribution any more: its answer by ntp_request.h, 72 bytes for each client."""

    def answer(data: bytes) -> list[bytes]:
        if data == CLIENT:
            return [bytes((0x24, 2)) + bytes(22) + data[40:48] + bytes(16)]
        if data == MONLIST:
            return [struct.pack("!BBBBHH", 0x97, 0, 3, 42, items or 4 << 12, 72) + bytes(72 * items)]
        return []

    with udp_server(answer) as address:
        facts = scanner.probe(ntp.PROBE, address, PORT, transport="udp")
    assert isinstance(facts, NtpFacts)
    assert facts.monlist == heard
    assert outcomes("exposure/ntp", service(facts)) == [outcome]


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([], id="nothing"),
        pytest.param([b"", bytes(8), bytes(48), b"\x30\x84\xff\xff\xff\xff"], id="cut"),
        pytest.param([b"\xff" * 1400] * 30, id="a flood"),
        pytest.param([bytes(range(256)) * 250] * 3, id="too much"),
    ],
)
def test_what_is_no_answer_is_an_error(scanner: Scanner, name: str, answer: list[bytes]) -> None:
    probe: Probe = PROBES[name]
    with udp_server(lambda data: answer) as address, pytest.raises(TargetError):
        scanner.probe(probe, address, PORT, transport="udp")
    assert footprint(scanner).opened == 1
