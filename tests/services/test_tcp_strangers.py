"""File sharing, Java's own protocols, proxies, controllers and services of old over TCP: real servers where there are some, and
replays of the specifications' own layouts where none can be had (ADB, S7, IEC 104, EtherNet/IP, OPC UA)."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import TargetError
from scanner.facts import AccessFacts
from scanner.facts.access import RpcbindFacts, SmbFacts
from scanner.probes import (
    Probe,
    adb,
    ajp,
    ethernet_ip,
    finger,
    iec104,
    java_rmi,
    jdwp,
    modbus,
    nfs,
    opcua,
    r_services,
    rpc_wire,
    rpcbind,
    s7comm,
    sip_tcp,
    small_services_tcp,
    smb,
    smb_wire,
    socks,
)
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers import files, industrial, java, old, proxies, udp
from tests.servers.process import short_folder
from tests.services.asking import asked
from tests.services.footprint import footprint
from tests.services.hostile import Behaviour, saying, tcp_server

pytestmark = pytest.mark.server
Server = Callable[[Path], AbstractContextManager[str]]


def rule_of(probe: Probe) -> str:
    return f"exposure/{probe.name.replace('_', '-')}"


REAL: list[tuple[Probe, int, Server, str, str]] = [
    (ajp.PROBE, 8009, java.ajp_connector, "usable", "open"),
    (ajp.PROBE, 8009, lambda folder: java.ajp_connector(folder, "a-secret"), "authentication_required", "authentication"),
    (jdwp.PROBE, 5005, java.debugged, "usable", "open"),
    (java_rmi.PROBE, 1099, java.jmx, "usable", "open"),
    (finger.PROBE, 79, lambda folder: old.inetd(folder, "finger"), "reachable", ""),
    (small_services_tcp.PROBE, 7, lambda folder: old.inetd(folder, "echo"), "tells", ""),
    (small_services_tcp.PROBE, 13, lambda folder: old.inetd(folder, "daytime"), "tells", ""),
    (small_services_tcp.PROBE, 19, lambda folder: old.inetd(folder, "chargen"), "tells", ""),
    (socks.PROBE, 1080, lambda folder: proxies.microsocks(folder, password=False), "usable", "open"),
    (socks.PROBE, 1080, lambda folder: proxies.microsocks(folder, password=True), "authentication_required", "authentication"),
    (sip_tcp.PROBE, 5060, lambda folder: udp.kamailio_server(folder, 'sl_send_reply("200", "OK")', tcp=True), "tells", ""),
    (modbus.PROBE, 502, industrial.modbus_server, "usable", "open"),
    (smb.PROBE, 445, files.smbd_server, "usable", "open"),
    (smb.PROBE, 445, lambda folder: files.smbd_server(folder, "restrict anonymous = 2\n"), "tells", "authentication"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("probe", "port", "server", "outcome", "access"),
    REAL,
    ids=[f"{probe.name}-{outcome}" for probe, _, _, outcome, _ in REAL],
)
def test_a_real_server(
    scanner: Scanner, probe: Probe, port: int, server: Server, outcome: str, access: str
) -> None:
    with short_folder() as folder, server(folder) as address:
        facts = asked(scanner, probe, address, port)
    assert (facts.access or "") == access
    assert outcomes(rule_of(probe), service(facts)) == [outcome]


def test_what_smb_was_agreed_on(scanner: Scanner) -> None:
    with short_folder() as folder, files.smbd_server(folder) as address:
        facts = asked(scanner, smb.PROBE, address, 445)
    assert isinstance(facts, SmbFacts)
    assert (facts.dialect, facts.smb1, facts.anonymous_session) == ("3.1.1", False, True)
    assert "papers" in (facts.told("shares") or "")
    assert outcomes("exposure/smb1", service(facts)) == ["refused"]
    assert outcomes("exposure/smb-signing", service(facts)) == ["optional"]


def test_smb_of_long_ago(scanner: Scanner) -> None:
    options = "server min protocol = NT1\nserver max protocol = NT1\n"
    with short_folder() as folder, files.smbd_server(folder, options) as address:
        facts = asked(scanner, smb.PROBE, address, 445)
    assert isinstance(facts, SmbFacts)
    assert (facts.dialect, facts.smb1) == (None, True)
    assert outcomes("exposure/smb1", service(facts)) == ["spoken"]
    assert outcomes("exposure/smb-signing", service(facts)) == ["not_negotiated"]


def test_smb_that_requires_signatures_on_the_port_of_netbios(scanner: Scanner) -> None:
    with (
        short_folder() as folder,
        files.smbd_server(folder, "server signing = mandatory\n", port=139) as address,
    ):
        facts = asked(scanner, smb.PROBE, address, 139)
    assert isinstance(facts, SmbFacts)
    assert facts.signing_required is True
    assert outcomes("exposure/smb-signing", service(facts)) == ["required"]


@udp.needs_namespace
@pytest.mark.parametrize(
    ("access", "outcome"),
    [
        ("Access_Type = RO;", "to_all"),
        ("CLIENT { Clients = 127.0.0.1; Access_Type = RO; }", "listed"),
    ],
)
def test_nfs(scanner: Scanner, access: str, outcome: str) -> None:
    with short_folder() as folder, files.nfs_server(folder, access) as address:
        mapped = asked(scanner, rpcbind.PROBE, address, 111)
        facts = asked(scanner, nfs.PROBE, address, 2049)
    assert isinstance(mapped, RpcbindFacts)
    assert mapped.told("programs") == "mountd, nfs, rpcbind"
    assert outcomes("exposure/rpcbind", service(mapped)) == ["tells"]
    assert outcomes("exposure/nfs-exports", service(mapped)) == [outcome]
    assert facts.told("versions") == "3 - 4"
    assert outcomes("exposure/nfs", service(facts)) == ["tells"]


# ------------------------------------------------------------------ replays


def _cnxn(banner: bytes) -> bytes:
    return adb._message(b"CNXN", 0x01000000, 4096, banner)


_SZL = bytes.fromhex("0300003d 02f080 32070000000000 0c0020 000112081284 01010000 0000".replace(" ", ""))
_RECORDS = (
    b"\xff\x09\x00\x1c"
    + bytes.fromhex("00110001 001c 0001 0001")
    + b"6ES7 315-2EH14-0AB0 ".ljust(20)
    + bytes(6)
)
_S7_READ = struct.pack("!BBH", 3, 0, 4 + 3 + 22 + len(_RECORDS)) + bytes.fromhex("02f080") + (
    b"\x32\x07\0\0\0\0" + struct.pack("!HH", 12, len(_RECORDS)) + bytes(12) + _RECORDS
)  # fmt: skip
_IDENTITY = (
    struct.pack("<HHHH", 1, 0x0C, 40 + 12, 1)
    + bytes(16)
    + struct.pack("<HHHBBHIB", 1, 14, 55, 20, 11, 96, 7, 12)
    + b"1756-L61/B L"
    + b"\x03"
)
_ENIP = struct.pack("<2H2I8sI", 0x63, len(_IDENTITY), 0, 0, b"zijian\0\0", 0) + _IDENTITY
_MODBUS = b"\x2b\x0e\x01\x81\0\0\x03" + b"\0\x09Schneider" + b"\1\x07BMX P34" + b"\2\x04v2.8"

REPLAYS: list[tuple[Probe, int, Behaviour, str, str]] = [
    (adb.PROBE, 5555, saying(_cnxn(b"device::ro.product.name=x;ro.product.model=Box 9;\0"), listen_first=True), "usable", "Box 9"),
    (adb.PROBE, 5555, saying(adb._message(b"AUTH", 1, 0, bytes(20)), listen_first=True), "authentication_required", ""),
    (iec104.PROBE, 2404, saying(iec104.CONFIRMED, listen_first=True), "reachable", ""),
    (ethernet_ip.PROBE, 44818, saying(_ENIP, listen_first=True), "usable", "1756-L61/B L"),
    (opcua.PROBE, 4840, saying(b"ACKF" + struct.pack("<6I", 28, 0, 8192, 8192, 0, 0), listen_first=True), "reachable", ""),
    (modbus.PROBE, 502, saying(struct.pack("!HHHB", 0x7A69, 0, 1 + len(_MODBUS), 0xFF) + _MODBUS, listen_first=True), "usable", "Schneider"),
    (modbus.PROBE, 502, saying(struct.pack("!HHHBBB", 0x7A69, 0, 3, 0xFF, 0xAB, 1), listen_first=True), "reachable", ""),
    (
        s7comm.PROBE, 102,
        saying(bytes.fromhex("0300001611d00001000100c0010ac1020100c2020102"), bytes.fromhex("0300001b02f080320300000000000800000000f0000001000100f0"), _S7_READ, listen_first=True),
        "usable", "6ES7 315-2EH14-0AB0",
    ),
    (r_services.PROBE, 513, saying(b"\0Password: ", listen_first=True), "tells", "assword"),
    (r_services.PROBE, 514, saying(b"\1Permission denied.\n", listen_first=True), "turned_away", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("probe", "port", "behaviour", "outcome", "told"),
    REPLAYS,
    ids=[f"{probe.name}-{outcome}" for probe, _, _, outcome, _ in REPLAYS],
)
def test_a_replay(
    scanner: Scanner, probe: Probe, port: int, behaviour: Behaviour, outcome: str, told: str
) -> None:
    with tcp_server(behaviour, port) as address:
        facts = asked(scanner, probe, address, port)
    assert outcomes(rule_of(probe), service(facts)) == [outcome]
    assert told in " ".join(said.value for said in facts.said)


ALL = [
    adb.PROBE, ajp.PROBE, ethernet_ip.PROBE, finger.PROBE, iec104.PROBE, java_rmi.PROBE, jdwp.PROBE, modbus.PROBE, nfs.PROBE,
    opcua.PROBE, r_services.PROBE, rpcbind.PROBE, s7comm.PROBE, sip_tcp.PROBE, smb.PROBE, socks.PROBE,
]  # fmt: skip
LIES = (b"", b"\0" * 300, b"\xff" * 300, b"HTTP/1.1 200 OK\r\n\r\n", b"AB\x00\x01\x09" * 30, b"\x05\x00" * 20)


@pytest.mark.parametrize("said", LIES)
@pytest.mark.parametrize("probe", ALL, ids=lambda probe: probe.name)
def test_a_server_that_is_something_else_is_never_open(scanner: Scanner, probe: Probe, said: bytes) -> None:
    with tcp_server(saying(said, said, hold=False), 7000) as address:
        try:
            facts = scanner.probe(probe, address, 7000)
        except TargetError:
            return
    assert isinstance(facts, AccessFacts)
    assert facts.access != "open"
    assert footprint(scanner).received < 64 * 1024


READERS: tuple[Callable[[bytes], object], ...] = (
    lambda data: smb_wire.read_shares(b"\x05\x00\x02" + data + bytes(4)),
    smb_wire.read_negotiated,
    lambda data: smb_wire.transceived(smb_wire.Reply(0, 1, 1, data)),
    smb_wire.chose_smb1,
    rpc_wire.read_programs,
    rpc_wire.read_exports,
    rpc_wire.speaks,
    s7comm.read_module,
    ethernet_ip.read_identity,
    lambda data: modbus.read_objects(data + bytes(6)),
)


@pytest.mark.parametrize("reader", READERS)
@given(
    data=st.binary(max_size=400),
    begins=st.sampled_from((b"", b"zijn\0\0\0\1", b"\xfeSMB\x40\0", b"\0\0\0\1", b"\x32\x07")),
)
def test_readers_are_total(reader: Callable[[bytes], object], data: bytes, begins: bytes) -> None:
    with contextlib.suppress(TargetError):
        reader(begins + data)
