"""Databases and brokers that no package has: replays of their documented exchanges, open and closed.

The bytes were put together by the specifications named beside them; BSON was written by MongoDB's own library (pymongo).
"""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path

import pytest

from scanner.facts import IdentifyFacts, NmapServiceFacts
from scanner.facts.access import MssqlFacts
from scanner.probes import amqp, cassandra, identify, kafka, mongodb, mssql, oracle
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.derby import derby_server
from tests.services.asking import asked, fails
from tests.services.hostile import Behaviour, saying, tcp_server


def exchange(*replies: bytes, hold: bool = True) -> Behaviour:
    """Answers one after another, each to something said."""
    return saying(*replies, listen_first=True, hold=hold)


# ------------------------------------------------------------------ MongoDB

# What mongod 7.0 says to hello, buildInfo (shortened) and listDatabases (MongoDB: command reference; error code 13).
HELLO = bytes.fromhex(
    "2e0100000868656c6c6f4f6b00010869735772697461626c655072696d617279000103746f706f6c6f677956657273696f6e002d"
    "0000000770726f63657373496400507f1f77bcf86cd79943901112636f756e74657200000000000000000000106d617842736f6e"
    "4f626a65637453697a650000000001106d61784d65737361676553697a65427974657300006cdc02106d61785772697465426174"
    "636853697a6500a0860100096c6f63616c54696d650000a8da769b010000106c6f676963616c53657373696f6e54696d656f7574"
    "4d696e75746573001e00000010636f6e6e656374696f6e49640005000000106d696e5769726556657273696f6e0000000000106d"
    "61785769726556657273696f6e001500000008726561644f6e6c790000016f6b00000000000000f03f00"
)
BUILD_INFO = bytes.fromhex(
    "dc0000000276657273696f6e0007000000372e302e3134000267697456657273696f6e0029000000636535396366633661336335"
    "6535633036376463613064333036393765646436386434663531383800046d6f64756c657300050000000002616c6c6f6361746f"
    "72000900000074636d616c6c6f63000476657273696f6e4172726179002100000010300007000000103100000000001032000e00"
    "00001033000000000000106269747300400000000864656275670000106d617842736f6e4f626a65637453697a65000000000101"
    "6f6b00000000000000f03f00"
)
DATABASES = bytes.fromhex(
    "3900000004646174616261736573001d00000003300015000000026e616d65000600000061646d696e000000016f6b0000000000"
    "0000f03f00"
)
UNAUTHORIZED = bytes.fromhex(
    "70000000016f6b000000000000000000026572726d7367002e000000436f6d6d616e64206c697374446174616261736573207265"
    "7175697265732061757468656e7469636174696f6e0010636f6465000d00000002636f64654e616d65000d000000556e61757468"
    "6f72697a65640000"
)


def op_msg(number: int, document: bytes) -> bytes:
    """An OP_MSG in answer to request ``number`` (MongoDB wire protocol)."""
    body = struct.pack("<IB", 0, 0) + document
    return struct.pack("<iiii", 16 + len(body), 100 + number, number, 2013) + body


def mongod(listed: bytes) -> Behaviour:
    return exchange(op_msg(1, HELLO), op_msg(2, BUILD_INFO), op_msg(3, listed))


def test_mongodb_that_lists_databases_for_everyone(scanner: Scanner) -> None:
    with tcp_server(mongod(DATABASES), 27017) as address:
        facts = asked(scanner, mongodb.PROBE, address, 27017)
    assert facts.access == "open"
    assert facts.version == "7.0.14"
    assert facts.reply == "ok: 1, databases: 1"
    assert fails(facts, "exposure/mongodb")


def test_mongodb_that_wants_a_login(scanner: Scanner) -> None:
    with tcp_server(mongod(UNAUTHORIZED), 27017) as address:
        facts = asked(scanner, mongodb.PROBE, address, 27017)
    assert facts.access == "authentication"
    assert facts.told("version") == "7.0.14"
    assert facts.in_clear is True
    assert outcomes("exposure/mongodb", service(facts)) == ["tells"]


def op_reply(number: int, document: bytes) -> bytes:
    """An OP_REPLY (MongoDB wire protocol: legacy opcodes)."""
    body = struct.pack("<iqii", 8, 0, 0, 1) + document
    return struct.pack("<iiii", 16 + len(body), 100 + number, number, 1) + body


NATIVE = b"HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 85\r\n\r\nIt looks like you are "
NATIVE += b"trying to access MongoDB over HTTP on the native driver port.\r\n"


def old_mongod(peer: socket.socket, stop: threading.Event) -> None:
    """A mongod before 3.6: it hangs up on OP_MSG, and answers OP_QUERY and HTTP."""
    while data := peer.recv(4096):
        if data.startswith(b"GET "):
            peer.sendall(NATIVE)
            return
        if len(data) < 16 or struct.unpack_from("<i", data, 12)[0] != 2004:
            return
        number = struct.unpack_from("<i", data, 4)[0]
        peer.sendall(op_reply(number, DATABASES if b"listDatabases" in data else BUILD_INFO))


def test_mongodb_before_op_msg_is_asked_in_its_own_way(scanner: Scanner) -> None:
    with tcp_server(old_mongod, 27017) as address:
        facts = asked(scanner, mongodb.PROBE, address, 27017)
    assert facts.access == "open"


# ------------------------------------------------------------------ Cassandra


def cql(opcode: int, body: bytes = b"") -> bytes:
    """A response of version 4 on stream 0 (native_protocol_v4.spec §2)."""
    return struct.pack("!BBhBi", 0x84, 0, 0, opcode, len(body)) + body


def text(*words: str) -> bytes:
    return b"".join(struct.pack("!H", len(word)) + word.encode() for word in words)


SUPPORTED = cql(
    0x06,
    b"\0\x03"
    + text("PROTOCOL_VERSIONS") + b"\0\x03" + text("3/v3", "4/v4", "5/v5")
    + text("COMPRESSION") + b"\0\x02" + text("snappy", "lz4")
    + text("CQL_VERSION") + b"\0\x01" + text("3.4.6"),
)  # fmt: skip
"""§4.2.4."""
READY = cql(0x02)
AUTHENTICATE = cql(0x03, text("org.apache.cassandra.auth.PasswordAuthenticator"))


def test_cassandra_that_lets_everyone_in(scanner: Scanner) -> None:
    with tcp_server(exchange(SUPPORTED, READY), 9042) as address:
        facts = asked(scanner, cassandra.PROBE, address, 9042)
    assert facts.access == "open"
    assert facts.told("CQL_VERSION") == "3.4.6"
    assert fails(facts, "exposure/cassandra")


def test_cassandra_that_wants_a_login(scanner: Scanner) -> None:
    with tcp_server(exchange(SUPPORTED, AUTHENTICATE), 9042) as address:
        facts = asked(scanner, cassandra.PROBE, address, 9042)
    assert facts.access == "authentication"
    assert "PasswordAuthenticator" in facts.reply
    assert not fails(facts, "exposure/cassandra")


def test_cassandra_of_an_older_protocol_is_not_judged(scanner: Scanner) -> None:
    error = cql(0x00, struct.pack("!i", 0x000A) + text("Invalid or unsupported protocol version"))
    with tcp_server(exchange(error), 9042) as address:
        facts = asked(scanner, cassandra.PROBE, address, 9042)
    assert facts.access is None
    assert outcomes("exposure/cassandra", service(facts)) == ["reachable"]


# ------------------------------------------------------------------ SQL Server


def prelogin(encryption: int) -> bytes:
    """A PRELOGIN response of version 16.0.1000 ([MS-TDS] §2.2.6.5, in the form of the example in §4.2)."""
    heads = bytes.fromhex("00001a0006 0100200001 0200210001 0300220000 0400220001 ff")
    body = heads + bytes.fromhex("100003e80000") + bytes([encryption, 0, 0])
    return struct.pack("!BBHHBB", 0x04, 0x01, 8 + len(body), 0, 1, 0) + body


@pytest.mark.parametrize(
    ("encryption", "said", "clear"),
    [(0, "login only", True), (1, "on", False), (2, "not supported", True), (3, "required", False)],
)
def test_sql_server_tells_version_and_encryption(
    scanner: Scanner, encryption: int, said: str, clear: bool
) -> None:
    with tcp_server(exchange(prelogin(encryption)), 1433) as address:
        facts = asked(scanner, mssql.PROBE, address, 1433)
    assert isinstance(facts, MssqlFacts)
    assert facts.access is None
    assert facts.version == "16.0.1000"
    assert facts.told("encryption") == said
    assert facts.in_clear is clear
    assert outcomes("exposure/mssql", service(facts)) == ["tells"]


# ------------------------------------------------------------------ Oracle


def tns(kind: int, body: bytes) -> bytes:
    """A TNS packet (Wireshark: packet-tns.c)."""
    return struct.pack("!HHBBH", 8 + len(body), 0, kind, 0, 0) + body


REFUSED = b"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=1189)(ERROR_STACK=(ERROR=(CODE=1189)(EMFI=4))))"
"""TNS-01189 (Oracle: database error messages); 0x13000000 is 19.0.0.0.0."""
REFUSE = tns(4, struct.pack("!BBH", 34, 0, len(REFUSED)) + REFUSED)
ACCEPT = tns(2, bytes.fromhex("0136000008007fff000100b700200000"))
BANNER = tns(
    6, b"\0\0" + b"TNSLSNR for Linux: Version 11.2.0.2.0 - Production\n\tTNS for Linux: Version 11.2.0.2.0"
)


def test_an_oracle_listener_that_refuses(scanner: Scanner) -> None:
    with tcp_server(exchange(REFUSE), 1521) as address:
        facts = asked(scanner, oracle.PROBE, address, 1521)
    assert facts.access == "authentication"
    assert facts.version == "19.0.0.0.0"
    assert outcomes("exposure/oracle", service(facts)) == ["tells"]


def test_an_oracle_listener_that_tells_its_banner(scanner: Scanner) -> None:
    with tcp_server(exchange(ACCEPT + BANNER), 1521) as address:
        facts = asked(scanner, oracle.PROBE, address, 1521)
    assert facts.access is None
    assert facts.version == "11.2.0.2.0"


def test_an_oracle_listener_that_wants_the_packet_again(scanner: Scanner) -> None:
    with tcp_server(exchange(tns(11, b""), REFUSE), 1521) as address:
        facts = asked(scanner, oracle.PROBE, address, 1521)
    assert facts.access == "authentication"


@pytest.mark.parametrize(
    ("number", "version"),
    [(318767104, "19.0.0.0.0"), (186647552, "11.2.0.4.0"), (301989888, "18.0.0.0.0"), (0, None)],
)
def test_oracle_numbers_its_versions_in_two_ways(number: int, version: str | None) -> None:
    assert oracle._release(number) == version


# ------------------------------------------------------------------ AMQP


def method(number: int, arguments: bytes) -> bytes:
    """A method frame of the class connection (AMQP 0-9-1 §2.3.5)."""
    payload = struct.pack("!HH", 10, number) + arguments
    return struct.pack("!BHI", 1, 0, len(payload)) + payload + b"\xce"


def long(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


PROPERTIES = b"".join(
    bytes([len(name)]) + name + b"S" + long(value)
    for name, value in ((b"product", b"RabbitMQ"), (b"version", b"4.1.0"))
)
CAPABILITIES = b"\x0ccapabilitiesF" + long(b"\x12publisher_confirmst\x01") + PROPERTIES
START = method(10, b"\0\x09" + long(CAPABILITIES) + long(b"ANONYMOUS PLAIN AMQPLAIN") + long(b"en_US"))
"""connection.start as RabbitMQ 4 sends it, whose list of mechanisms begins with ANONYMOUS."""
TUNE = method(30, bytes.fromhex("07ff00020000003c"))
CLOSE = method(50, struct.pack("!HB", 403, 14) + b"ACCESS_REFUSED" + bytes(4))


@pytest.mark.parametrize(("answer", "access"), [(TUNE, "open"), (CLOSE, "authentication")])
def test_a_broker_that_offers_anonymous_login(scanner: Scanner, answer: bytes, access: str) -> None:
    with tcp_server(exchange(START, answer), 5672) as address:
        facts = asked(scanner, amqp.PROBE, address, 5672)
    assert facts.access == access
    assert facts.version == "4.1.0"
    assert fails(facts, "exposure/amqp") is (access == "open")


def test_amqp_1_0_is_told_of_and_not_judged(scanner: Scanner) -> None:
    with tcp_server(exchange(b"AMQP\x03\x01\x00\x00"), 5672) as address:
        facts = asked(scanner, amqp.PROBE, address, 5672)
    assert facts.access is None
    assert facts.told("protocol") == "AMQP 1.0.0"


# ------------------------------------------------------------------ Kafka


def kafka_answer(number: int, body: bytes) -> bytes:
    return struct.pack("!ii", 4 + len(body), number) + body


VERSIONS = kafka_answer(1, struct.pack("!hi", 0, 3) + struct.pack("!9h", 3, 0, 12, 17, 0, 1, 18, 0, 4))
"""ApiVersions v0 with Metadata, SaslHandshake and ApiVersions (Kafka protocol guide)."""


def kafka_metadata(operations: int) -> bytes:
    """Metadata v8 of one broker, without topics; the cluster's operations last (KIP-430)."""
    broker = struct.pack("!i", 1) + text("kafka.test") + struct.pack("!ih", 9092, -1)
    body = (
        struct.pack("!ii", 0, 1)
        + broker
        + text("5L6g3nShT-eMCtK--X86sw")
        + struct.pack("!iii", 1, 0, operations)
    )
    return kafka_answer(2, body)


@pytest.mark.parametrize(
    ("operations", "access"), [(8096, "open"), (0, None), (-2147483648, None)]
)  # fmt: skip
def test_kafka_says_what_a_stranger_may_do(scanner: Scanner, operations: int, access: str | None) -> None:
    with tcp_server(exchange(VERSIONS, kafka_metadata(operations)), 9092) as address:
        facts = asked(scanner, kafka.PROBE, address, 9092)
    assert facts.access == access
    assert facts.told("cluster") == "5L6g3nShT-eMCtK--X86sw"
    assert fails(facts, "exposure/kafka") is (access == "open")


# ------------------------------------------------------------------ known by name alone

NAMED: dict[str, tuple[int, bytes, str]] = {
    # Bolt: handshake specification; Neo4j 5 chooses 4.4 of the versions that are offered.
    "bolt": (7687, b"\0\0\x04\x04", "exposure/database-port-reachable"),
    # As ClickHouse 18.16.1 answered an HTTP request on its port for clients.
    "clickhouse": (
        9000,
        b"HTTP/1.0 400 Bad Request\r\n\r\nPort 9000 is for clickhouse-client program.\r\nYou must use port 8123 for HTTP.\r\n",
        "exposure/database-port-reachable",
    ),
    # As Firebird 3.0.11 answered: op_reject.
    "firebird": (3050, b"\0\0\0\x04", "exposure/database-port-reachable"),
    # MySQL X protocol: Capabilities {tls: true, authentication.mechanisms: [...]} begins so (mysqlx_connection.proto).
    "mysqlx": (
        33060,
        bytes.fromhex("12000000020a0f0a03746c731208080112040807400100"),
        "exposure/database-port-reachable",
    ),
    "rethinkdb": (
        28015,
        b'{"max_protocol_version":0,"min_protocol_version":0,"server_version":"2.4.1","success":true}\0',
        "exposure/database-port-reachable",
    ),
    "hadoop-ipc": (
        8020,
        b"HTTP/1.1 404 Not Found\r\nContent-type: text/plain\r\n\r\nIt looks like you are making an HTTP request to a "
        b"Hadoop IPC port. This is not the correct port for the web interface on this daemon.\r\n",
        "exposure/management-port-reachable",
    ),
}


@pytest.mark.parametrize("protocol", NAMED)
def test_services_that_are_named_and_asked_no_further(scanner: Scanner, protocol: str) -> None:
    port, reply, rule_id = NAMED[protocol]
    with tcp_server(exchange(reply, hold=False), port) as address:
        named = scanner.probe(identify.PROBE, address, port)
    assert isinstance(named, IdentifyFacts)
    assert named.protocol == protocol
    seen = service(NmapServiceFacts(state="open"), protocol=named.protocol)
    assert outcomes(rule_id, seen) == ["reachable"]


@pytest.mark.server
def test_derby_is_named_by_its_exchange_of_attributes(scanner: Scanner, tmp_path: Path) -> None:
    with derby_server(tmp_path) as address:
        named = scanner.probe(identify.PROBE, address, 1527)
    assert isinstance(named, IdentifyFacts)
    assert named.protocol == "drda"
    assert named.product == "Apache Derby"


def test_db2_is_named_by_its_exchange_of_attributes(scanner: Scanner) -> None:
    """A replay: EXCSATRD with the class name of Db2 on Linux, in EBCDIC (DDM: EXCSATRD, SRVCLSNM)."""
    name = "QDB2/LINUXX8664".encode("cp500")
    parameter = struct.pack("!HH", 4 + len(name), 0x1147) + name
    reply = struct.pack("!HH", 4 + len(parameter), 0x1443) + parameter
    with tcp_server(exchange(struct.pack("!HBBH", 6 + len(reply), 0xD0, 2, 1) + reply), 50000) as address:
        named = scanner.probe(identify.PROBE, address, 50000)
    assert isinstance(named, IdentifyFacts)
    assert (named.protocol, named.product) == ("drda", "IBM Db2")
