"""No server, however it behaves, makes the probes of data stores and brokers hang, crash or claim anything."""

from __future__ import annotations

import importlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import ConnectError, ProtocolError, TargetError
from scanner.facts import AccessFacts
from scanner.probes import Probe, activemq_wire, amqp_wire, cassandra, kafka_wire, mongodb_wire, mssql
from tests.conftest import Scanner
from tests.services.footprint import footprint
from tests.services.hostile import ALL, PORT, saying, tcp_server

NAMES = (
    "activemq", "amqp", "beanstalkd", "cassandra", "etcd", "gearman", "kafka", "mongodb", "mssql", "nats", "oracle", "stomp", "zookeeper",
)  # fmt: skip


def probe(name: str) -> Probe:
    found: Probe = importlib.import_module(f"scanner.probes.{name}").PROBE
    return found


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits stay, but in tenths of seconds, so that a silent server costs the tests little."""
    for name in ("access", "http_access", "kafka", "mongodb"):
        module = importlib.import_module(f"scanner.probes.{name}")
        monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, connect=2, silence=0.3, life=1))
    monkeypatch.setattr("scanner.probes.conversation._LONGER", 0.3)


def run(scanner: Scanner, name: str, address: str) -> AccessFacts | None:
    """The facts, or None where the probe says that it saw nothing."""
    try:
        facts = scanner.probe(probe(name), address, PORT)
    except TargetError:
        return None
    assert isinstance(facts, AccessFacts)
    return facts


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("behaviour", ALL)
def test_misbehaviour(scanner: Scanner, name: str, behaviour: str) -> None:
    with tcp_server(ALL[behaviour]) as address:
        facts = run(scanner, name, address)
    cost = footprint(scanner)
    assert cost.opened == cost.closed <= probe(name).max_connections
    assert cost.received <= cost.opened * (128 * 1024 + 65536)
    assert facts is None or facts.access is None


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_port_is_an_error_and_no_fact(scanner: Scanner, address: str, name: str) -> None:
    with pytest.raises(ConnectError):
        scanner.probe(probe(name), address, PORT)


def op_msg(document: bytes, number: int = 1, *, length: int | None = None) -> bytes:
    size = 21 + len(document) if length is None else length
    return struct.pack("<iiii", size, 9, number, 2013) + bytes(5) + document


LIES = [
    ("mongodb", (op_msg(b"", length=2**31 - 1),)),
    ("mongodb", (op_msg(b"", length=-5),)),
    ("mongodb", (op_msg(struct.pack("<i", 9) + b"\x02ok\x00\0"),)),
    ("mongodb", (op_msg(struct.pack("<i", 16) + b"\x02ok\0" + struct.pack("<i", -1) + bytes(4)),)),
    ("mongodb", (op_msg(struct.pack("<i", 13) + b"\x10ok\0" + struct.pack("<i", 1) + b"\0", number=7),)),
    ("cassandra", (struct.pack("!BBhBi", 0x84, 0, 0, 6, 2**31 - 1),)),
    ("cassandra", (struct.pack("!BBhBi", 0x84, 0, 0, 6, 4) + b"\xff\xff\xff\xff",)),
    ("cassandra", (struct.pack("!BBhBi", 0x84, 0, 0, 2, 0),)),
    ("mssql", (b"\x04\x01\xff\xff\0\0\0\0",)),
    ("mssql", (b"\x04\x01\x00\x0e\0\0\0\0\x00\xff\xff\xff\xff\xff",)),
    ("oracle", (b"\xff\xff\0\0\x04\0\0\0",)),
    ("oracle", (b"\x00\x08\0\0\x0b\0\0\0", b"\x00\x08\0\0\x0b\0\0\0")),
    ("oracle", (b"\x00\x20\0\0\x04\0\0\0" + b"(VSNNUM=9999999999)".ljust(24),)),
    ("kafka", (struct.pack("!i", -1),)),
    ("kafka", (struct.pack("!iihi", 10, 1, 0, 2**31 - 1),)),
    ("kafka", (struct.pack("!iihi3h", 16, 1, 0, 1, 18, 0, 0), struct.pack("!ii", 4, 2))),
    ("activemq", (b"\xff\xff\xff\xff",)),
    ("activemq", (b"\0\0\0\x0d\x01ActiveMQ\0\0\0\x01", b"\0\0\0\x01\x1e" * 20)),
    ("activemq", (b"\0\0\0\x0d\x01ActiveMQ\0\0\0\x01", b"\0\0\0\x0a\x1e\0\0\0\0\0\0\0\0\x07")),
    ("amqp", (b"\x01\0\0\xff\xff\xff\xff",)),
    ("amqp", (b"\x01\0\0\0\0\0\x05\0\x0a\0\x0a\xce",)),
    ("amqp", (b"AMQP",)),
    ("nats", (b'INFO {"version":"2","tls_required":true}\r\n',)),
    ("nats", (b"INFO [1]\r\n",)),
    ("nats", (b"INFO " + b"[" * 9000 + b"\r\n",)),
    ("nats", (b'INFO {"version":"2"}\r\n', b"PING\r\n" * 40)),
    ("beanstalkd", (b"OK 99999\r\n---\nversion: 1\n",)),
    ("beanstalkd", (b"OK 4\r\n---\n",)),
    ("gearman", (b"OK 1.1\n", b"\n" * 400)),
    ("stomp", (b"CONNECTEDX\n\n\0",)),
    ("stomp", (b"ERROR\nmessage:too many connections\n\n\0",)),
    ("zookeeper", (b"Zookeeper version: \n",)),
    ("etcd", (b"HTTP/1.1 200 OK\r\n\r\n" + b'{"a":' * 5000,)),
    ("etcd", (b'HTTP/1.1 200 OK\r\n\r\n{"etcdserver":7}',)),
]


@pytest.mark.parametrize(("name", "parts"), LIES)
def test_lies_are_not_believed(scanner: Scanner, name: str, parts: tuple[bytes, ...]) -> None:
    with tcp_server(saying(*parts, listen_first=name not in ("nats", "activemq"))) as address:
        facts = run(scanner, name, address)
    assert facts is None or facts.access is None


def test_nested_documents_cost_nothing() -> None:
    depth = 4000
    inner = struct.pack("<i", 5) + b"\0"
    for _ in range(depth):
        inner = struct.pack("<i", len(inner) + 8) + b"\x04a\0" + inner + b"\0"
    assert mongodb_wire.read(inner) == {"a": 1}


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_readers_end_in_a_value_or_in_their_own_error(data: bytes) -> None:
    framed = struct.pack("<i", len(data) + 5) + data + b"\0"
    readers = (
        lambda: mongodb_wire.read(framed),
        lambda: mongodb_wire.read(data),
        lambda: mongodb_wire.body(2013, data),
        lambda: kafka_wire.read_versions(data, 1),
        lambda: kafka_wire.read_versions(struct.pack("!i", 1) + data, 1),
        lambda: kafka_wire.read_metadata(struct.pack("!i", 2) + data, 8, 2),
        lambda: kafka_wire.read_sasl_handshake(struct.pack("!i", 1) + data, 1),
        lambda: amqp_wire.read_start(10, data),
        lambda: amqp_wire.method(b"\0\x0a\0\x0a" + data + b"\xce"),
        lambda: amqp_wire.read_close(data),
        lambda: activemq_wire.read_version(data),
        lambda: activemq_wire.read_failure(data),
        lambda: cassandra._multimap(data),
        lambda: mssql._options(data),
    )
    for reader in readers:
        try:
            reader()
        except ProtocolError:
            continue
