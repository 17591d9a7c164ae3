"""What identification asks, and on which ports it asks it first.

A question is a fixed, harmless beginning of its protocol. Adding a protocol means one entry in :data:`ASKED_FIRST` for
the ports where it usually lives; on any other port those of :data:`ANYWHERE` are asked last, and nmap's service detection is
left to find the rest.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from scanner.errors import TargetError
from scanner.facts import Endpoint
from scanner.probes import (
    Session,
    adb,
    ajp,
    amqp_wire,
    beanstalkd,
    cassandra,
    ethernet_ip,
    finger,
    gearman,
    iec104,
    java_rmi,
    jdwp,
    kafka_wire,
    modbus,
    mongodb_wire,
    mssql,
    nfs,
    opcua,
    oracle,
    r_wire,
    rpc_wire,
    rtsp,
    s7comm,
    sip_wire,
    small_wire,
    smb_wire,
    socks,
    stomp,
    x11,
    zookeeper,
)
from scanner.probes.mqtt_wire import CONNECT
from scanner.probes.signatures import Match
from scanner.starttls.ldap import ROOT_DSE
from scanner.starttls.postgresql import SSL_REQUEST
from scanner.starttls.rdp import connection_request
from scanner.starttls.xmpp import XMPP_SERVER_PORT, stream_header
from scanner.tls.identify import client_hello_for_identification, tlcp_hello_for_identification

WEB = frozenset({80, 443, 591, 4443, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9443, 10443})
"""Ports where what speaks inside TLS is a web server."""


def http_host(endpoint: Endpoint) -> str:
    """What an HTTP request names as its host."""
    return endpoint.host if endpoint.port in (80, 443) else f"{endpoint.host}:{endpoint.port}"


def http_message(session: Session, endpoint: Endpoint, method: str, path: str, body: bytes = b"") -> bytes:
    """One whole HTTP request, with a body in JSON where there is one; the server closes after its answer.

    Of version 1.0, to which no answer comes in chunks (RFC 9112 §7.1).
    """
    lines = [
        f"{method} {path} HTTP/1.0",
        f"Host: {http_host(endpoint)}",
        f"User-Agent: {session.user_agent}",
        "Accept: */*",
        "Connection: close",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii", errors="replace") + body


def _http_request(session: Session, endpoint: Endpoint) -> tuple[bytes, ...]:
    """``GET /`` in two parts.

    A server that answers line by line shows itself after the first. Redis takes a line that begins with ``Host:`` for an
    attack, drops its answer and writes a warning into its log; so that line comes last.
    """
    first = f"GET / HTTP/1.1\r\nUser-Agent: {session.user_agent}\r\nAccept: */*\r\n"
    rest = f"Connection: close\r\nHost: {http_host(endpoint)}\r\n\r\n"
    return first.encode("ascii", errors="replace"), rest.encode("ascii", errors="replace")


_VERSION_ID = 0x7A6A
VERSION_QUERY = (
    struct.pack("!6H", _VERSION_ID, 0, 1, 0, 0, 0) + b"\7version\4bind\0" + struct.pack("!2H", 16, 3)
)
"""To any DNS server: which software it is (``version.bind`` of class CH, type TXT; RFC 1035 §4.1). It is written out, since the
library for DNS is large and most scans meet no DNS server."""


def _is_dns(data: bytes) -> Match | None:
    if len(data) < 14 or struct.unpack("!H", data[:2])[0] > 4096:
        return None
    import dns.exception
    import dns.flags
    import dns.message

    try:
        reply = dns.message.from_wire(data[2 : 2 + struct.unpack("!H", data[:2])[0]], ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return Match("dns") if reply.id == _VERSION_ID and reply.flags & dns.flags.QR else None


def _is_postgresql(data: bytes) -> Match | None:
    # PostgreSQL: one byte, S or N, in answer to an SSLRequest; an ErrorResponse (E, length, fields) from very old ones.
    if data in (b"S", b"N"):
        return Match("postgresql")
    if (
        data[:1] == b"E"
        and len(data) > 9
        and struct.unpack("!I", data[1:5])[0] == len(data) - 1
        and data[-1:] == b"\0"
    ):
        return Match("postgresql")
    return None


def _only(form: bytes, protocol: str) -> Callable[[bytes], Match | None]:
    """Knows an answer by a form that is too short, or too plain, to be a sign of its protocol after any other question."""
    return _known_by(re.compile(form, re.DOTALL), protocol)


def _known_by(pattern: re.Pattern[bytes], protocol: str) -> Callable[[bytes], Match | None]:
    return lambda data: Match(protocol) if pattern.match(data) else None


_DRDA_NAMES = (
    ("Apache Derby", "Apache Derby"),
    ("QDB2", "IBM Db2"),
    ("QAS", "IBM Db2 for i"),
    ("DB2", "IBM Db2"),
)
"""How server class names (SRVCLSNM) begin, and whose they are."""


def _is_drda(data: bytes) -> Match | None:
    # A reply (DSS type 2) that holds EXCSATRD (0x1443); its texts are in EBCDIC (DDM: DSS, EXCSATRD, SRVCLSNM).
    if len(data) < 10 or data[2:4] != b"\xd0\x02" or data[8:10] != b"\x14\x43":
        return None
    at = data.find(b"\x11\x47", 10)
    size = struct.unpack_from("!H", data, at - 2)[0] if at > 0 else 0
    name = data[at + 2 : at - 2 + size].decode("cp500", errors="replace") if size > 4 else ""
    return Match("drda", next((known for begins, known in _DRDA_NAMES if name.startswith(begins)), None))


def _is_kafka(data: bytes) -> Match | None:
    try:
        kafka_wire.read_versions(data[4:], 1)
    except TargetError:
        return None
    return Match("kafka")


def _is_mssql(data: bytes) -> Match | None:
    # A PRELOGIN answers as one last packet, whose first option is the version ([MS-TDS] §2.2.6.5).
    whole = len(data) > 9 and struct.unpack_from("!H", data, 2)[0] == len(data)
    return Match("mssql") if data[:2] == b"\x04\x01" and whole and data[8] == 0 else None


def _is_oracle(data: bytes) -> Match | None:
    # Accept, refuse, redirect or resend, with its own length in front (Wireshark: packet-tns.c).
    whole = len(data) >= 8 and 8 <= struct.unpack_from("!H", data)[0] <= len(data)
    return Match("oracle") if whole and data[2:4] == b"\0\0" and data[4] in (2, 4, 5, 11) else None


def _is_x11(data: bytes) -> Match | None:
    # Failed or Success with the version, or Authenticate, and the length of what follows, which may be long (X11 §8).
    if len(data) < 8 or len(data) > (whole := 8 + 4 * int.from_bytes(data[6:8], "little")):
        return None
    if data[0] in (0, 1):
        return Match("x11") if data[2:6] == b"\x0b\0\0\0" else None
    return Match("x11") if data[0] == 2 and len(data) == whole else None


def _is_finger(data: bytes) -> Match | None:
    return Match("finger") if finger.ANSWER.search(data) else None


def _rpc_answer(data: bytes) -> bytes | None:
    """One whole RPC reply to ours over TCP, without its mark, or None."""
    whole = len(data) > 24 and int.from_bytes(data[:4], "big") == 0x80000000 | (len(data) - 4)
    try:
        rpc_wire.read_reply(data[4:])
    except TargetError:
        return None
    return data[4:] if whole else None


def _is_rpcbind(data: bytes) -> Match | None:
    reply = _rpc_answer(data)
    return Match("rpcbind") if reply is not None and rpc_wire.accepted(reply) == 0 else None


def _is_nfs(data: bytes) -> Match | None:
    reply = _rpc_answer(data)
    return Match("nfs") if reply is not None and rpc_wire.speaks(reply) is not None else None


def _no_more(data: bytes) -> Match | None:
    return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question, in one part or several, and how an answer that only this question brings is known."""

    name: str
    request: Callable[[Session, Endpoint], tuple[bytes, ...]]
    recognise: Callable[[bytes], Match | None] = _no_more


def _fixed(name: str, data: bytes, recognise: Callable[[bytes], Match | None] = _no_more) -> Exchange:
    return Exchange(name, lambda *_: (data,), recognise)


HTTP = Exchange("http request", _http_request)
HTTP_AT_ONCE = Exchange(
    "http request", lambda session, endpoint: (b"".join(_http_request(session, endpoint)),)
)
REDIS = _fixed("redis ping", b"PING\r\n")
MEMCACHED = _fixed("memcached version", b"version\r\n")
XMPP = Exchange(
    "xmpp stream",
    lambda _, endpoint: (
        stream_header(
            endpoint.name or endpoint.ip,
            "jabber:server" if endpoint.port == XMPP_SERVER_PORT else "jabber:client",
        ),
    ),
)
KEY_VALUE = _fixed("redis ping, memcached version", b"\r\nPING\r\nversion\r\n")
"""The empty line in front ends whatever another question has left unfinished."""
TLS = Exchange("tls hello", lambda *_: (client_hello_for_identification(),))
TLCP = Exchange("tlcp hello", lambda *_: (tlcp_hello_for_identification(),))
POSTGRESQL = _fixed("postgresql ssl request", SSL_REQUEST, _is_postgresql)
DNS = _fixed("dns query", struct.pack("!H", len(VERSION_QUERY)) + VERSION_QUERY, _is_dns)
LDAP = _fixed("ldap root dse", ROOT_DSE)
X11 = _fixed("x11 connection setup", x11.SETUP, _is_x11)
RDP = _fixed("rdp connection request", connection_request())
MQTT = _fixed("mqtt connect", CONNECT)
AMQP = _fixed("amqp header", amqp_wire.HEADER)
BEANSTALKD = _fixed("beanstalkd stats", beanstalkd.STATS)
BOLT = _fixed(
    "bolt versions",
    b"\x60\x60\xb0\x17" + bytes.fromhex("00040405 00000304 00000004 00000003"),
    _only(rb"\0[\0-\x0f][\0-\x0f][\1-\7]\Z", "bolt"),
)
"""Only the versions are agreed on; HELLO, which would carry credentials, is not sent (Bolt: handshake specification)."""
CASSANDRA = _fixed("cassandra options", cassandra.OPTIONS)
DRDA = _fixed("drda exchange of attributes", bytes.fromhex("000ad001000100041041"), _is_drda)
"""EXCSAT without a parameter, which comes before any user is named (The Open Group: DRDA Volume 3, DDM, EXCSAT)."""
ETCD = Exchange(
    "etcd version", lambda session, endpoint: (http_message(session, endpoint, "GET", "/version"),)
)
FIREBIRD = _fixed(
    "firebird connect",
    b"".join(number.to_bytes(4, "big") for number in (1, 19, 2, 1, 0, 1, 0, 10, 1, 0, 5, 2)),
    _only(rb"\0\0\0(?:\x04\Z|\x03\0\0.{10}|[\x5e\x62]\0\0.{10})", "firebird"),
)
"""op_connect to no database, for no user, in protocol 10 (Firebird: remote/protocol.h); accepted or rejected, no login follows."""
GEARMAN = _fixed("gearman version", gearman.VERSION, _only(rb"OK \d{1,3}\.[\w.+-]{1,32}\r?\n\Z", "gearman"))
KAFKA = _fixed("kafka ApiVersions", kafka_wire.VERSIONS, _is_kafka)
MONGODB = _fixed("mongodb hello", mongodb_wire.command(1, mongodb_wire.HELLO))
MSSQL = _fixed("mssql prelogin", mssql.PRELOGIN, _is_mssql)
MYSQLX = _fixed("mysqlx capabilities", b"\x01\0\0\0\x01")
"""CapabilitiesGet, which comes before authentication (MySQL internals: X protocol)."""
ORACLE = _fixed("oracle version", oracle.VERSION, _is_oracle)
RETHINKDB = _fixed("rethinkdb handshake", b"\xc3\xbd\xc2\x34")
"""V1_0's first four bytes; the server answers with its version before any user is named (RethinkDB: writing drivers)."""
STOMP = _fixed("stomp connect", stomp.CONNECT)
ZOOKEEPER = _fixed("zookeeper srvr", zookeeper.SRVR)
ADB = _fixed("adb connect", adb.CONNECT, _only(rb"(?:CNXN|AUTH|STLS).{16}[\xa7-\xbe]", "adb"))
AJP = _fixed("ajp ping", ajp.CPING, _only(re.escape(ajp.CPONG) + rb"\Z", "ajp13"))
ECHO = _fixed("echo", small_wire.QUESTION, _only(re.escape(small_wire.QUESTION) + rb"\Z", "echo"))
ETHERNET_IP = _fixed(
    "ethernet/ip identity", ethernet_ip.QUESTION, _only(rb"\x63\x00.{10}zijian\0\0", "ethernet-ip")
)
FINGER = _fixed("finger of nobody", finger.QUERY, _is_finger)
IEC104 = _fixed("iec104 test frame", iec104.TEST, _only(re.escape(iec104.CONFIRMED), "iec104"))
JAVA_RMI = _fixed("java rmi hello", java_rmi.HELLO, _known_by(java_rmi.ACKNOWLEDGED, "java-rmi"))
JDWP = _fixed("jdwp handshake", jdwp.HANDSHAKE, _only(re.escape(jdwp.HANDSHAKE), "jdwp"))
MODBUS = _fixed(
    "modbus device identification", modbus.QUESTION, _only(rb"\x7a\x69\0\0\0.\xff[\x2b\xab]", "modbus")
)
NFS = _fixed("nfs versions", rpc_wire.record(rpc_wire.call(rpc_wire.NFS, nfs.NO_VERSION, 0)), _is_nfs)
OPCUA = _fixed("opc ua hello", opcua.HELLO, _known_by(opcua.ANSWER, "opcua"))
REXEC, RLOGIN, RSH = (
    _fixed(f"{name} with empty names", r_wire.EMPTY, _known_by(r_wire.ANSWER, name))
    for name in ("exec", "login", "shell")
)
RPCBIND = _fixed("rpcbind null", rpc_wire.record(rpc_wire.NULL), _is_rpcbind)
S7COMM = _fixed("cotp connection", s7comm.CONNECT, _only(rb"\x03\0\0.\x11\xd0\0\x01", "s7comm"))
SIP = Exchange(
    "sip options",
    lambda session, endpoint: (
        sip_wire.options(
            endpoint.address, endpoint.port, session.scan_id, session.user_agent, transport="TCP"
        ),
    ),
)
RTSP = Exchange(
    "rtsp options", lambda session, endpoint: (rtsp.request(endpoint, "OPTIONS", 1, session.user_agent),)
)
SMB = _fixed("smb negotiate", smb_wire.ANY_VERSION, _only(rb"\0.{3}[\xfe\xff]SMB", "smb"))
NETBIOS = _fixed("netbios session", smb_wire.SESSION_REQUEST, _only(rb"[\x82\x83]\0\0[\0\1]", "smb"))
SOCKS = _fixed("socks methods", socks.METHODS, _only(rb"\x05[\x00\x02\xff]\Z", "socks"))
PRINTER = _fixed("printer id", b"\x1b%-12345X@PJL INFO ID\r\n\x1b%-12345X\r\n")

Turn = tuple[Exchange, ...]
"""Questions that may follow one another on one connection."""

TEXT: Turn = (HTTP, KEY_VALUE)
LAST: Turn = (POSTGRESQL, KEY_VALUE)
"""memcached hangs up on an HTTP request without a word, so it is asked once more, apart from HTTP."""

RAW_PRINTER = frozenset(range(9100, 9108))
"""Whatever is sent to a raw printer port may come out on paper: only a printer's own silent question is asked there."""

INDUSTRIAL = frozenset(
    {102, 502, 789, 1911, 1962, 2404, 4911, 5007, 5094, 9600, 18245, 20000, 20547, 34962, 44818}
)
"""Where controllers of machines live, some of which stumble over what is not meant for them: no further protocol is tried."""

ASKED_FIRST: tuple[tuple[frozenset[int], Turn], ...] = (
    (RAW_PRINTER, (PRINTER,)),
    (frozenset({7}), (ECHO,)),
    (frozenset({79}), (FINGER,)),
    (frozenset({102}), (S7COMM,)),
    (frozenset({111}), (RPCBIND,)),
    (frozenset({139}), (NETBIOS,)),
    (frozenset({445}), (SMB,)),
    (frozenset({502}), (MODBUS,)),
    (frozenset({554, 8554, 10554}), (RTSP,)),
    (frozenset({512}), (REXEC,)),
    (frozenset({513}), (RLOGIN,)),
    (frozenset({514}), (RSH,)),
    (frozenset({1080, 1081, 10808}), (SOCKS,)),
    (frozenset({1098, 1099, 9010, 9999, 10099}), (JAVA_RMI,)),
    (frozenset({2049}), (NFS,)),
    (frozenset({2404}), (IEC104,)),
    (frozenset({4840}), (OPCUA,)),
    (frozenset({5005, 8787}), (JDWP,)),
    (frozenset({5060, 5061}), (SIP,)),
    (frozenset({5555}), (ADB,)),
    (frozenset({8009}), (AJP,)),
    (frozenset({44818}), (ETHERNET_IP,)),
    (frozenset({53, 853}), (DNS,)),
    (frozenset({389, 636, 1389, 3268, 3269}), (LDAP,)),
    (frozenset({1433, 1434, 14330}), (MSSQL,)),
    (frozenset({446, 1527, 50000, 50001, 60000}), (DRDA,)),
    (frozenset({1521, 1522, 1526, 2483}), (ORACLE,)),
    (frozenset({1883, 8883}), (MQTT,)),
    (frozenset({2181, 2182, 2281}), (ZOOKEEPER,)),
    (frozenset({2379, 4001}), (ETCD,)),
    (frozenset({3050}), (FIREBIRD,)),
    (frozenset({3388, 3389, 3390}), (RDP,)),
    (frozenset({4730}), (GEARMAN,)),
    (frozenset({5222, XMPP_SERVER_PORT}), (XMPP,)),
    (frozenset({5432, 5433, 6432}), (POSTGRESQL,)),
    (frozenset({5671, 5672}), (AMQP,)),
    (frozenset(range(6000, 6064)), (X11,)),
    (frozenset({6379, 6380, 16379, 26379}), (REDIS, MEMCACHED)),
    (frozenset({7687}), (BOLT,)),
    (frozenset({9042, 9142}), (CASSANDRA,)),
    (frozenset({9092, 9093, 9094, 19092, 29092}), (KAFKA,)),
    (frozenset({11211}), (MEMCACHED, REDIS)),
    (frozenset({11300}), (BEANSTALKD,)),
    (frozenset({27017, 27018, 27019}), (MONGODB,)),
    (frozenset({28015}), (RETHINKDB,)),
    (frozenset({33060}), (MYSQLX,)),
    (frozenset({61612, 61613}), (STOMP,)),
)  # fmt: skip
"""Ports, and the questions of the protocol that usually waits for its client there, in clear text or inside TLS."""

ANYWHERE: tuple[Exchange, ...] = (
    POSTGRESQL,
    MONGODB,
    MSSQL,
    LDAP,
    MQTT,
    RDP,
    ORACLE,
    ZOOKEEPER,
    CASSANDRA,
    KAFKA,
)
"""What keeps silent, or hangs up, to any question but its own, and is worth finding on any port. nmap asks most of these on
their usual ports alone unless its intensity is raised."""


def asked_first(port: int) -> Turn | None:
    """The questions to put first on ``port``, or None where nothing is usual."""
    return next((turn for ports, turn in ASKED_FIRST if port in ports), None)
