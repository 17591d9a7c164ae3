"""Identification: real servers on their own ports and on others', and the first bytes of many more."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import ConnectError
from scanner.facts import IdentifyFacts
from scanner.probes import identify, signatures
from tests.conftest import Scanner
from tests.servers.databases import mariadb_server, postgres_server
from tests.servers.directory import prosody_server, slapd_server, xrdp_server
from tests.servers.ftp import vsftpd_server
from tests.servers.mail import dovecot_server, postfix_server
from tests.servers.memcached import memcached_server
from tests.servers.process import loopback_address
from tests.servers.redis import redis_server
from tests.servers.ssh import ssh_server
from tests.servers.telnet import telnet_server
from tests.servers.tls import issue
from tests.services.footprint import footprint
from tests.services.hostile import PORT, Behaviour, saying, tcp_server

server = pytest.mark.server


def run(scanner: Scanner, address: str, port: int) -> IdentifyFacts:
    facts = scanner.probe(identify.PROBE, address, port)
    assert isinstance(facts, IdentifyFacts)
    assert footprint(scanner).opened <= identify.PROBE.max_connections
    return facts


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def web_server(folder: Path, port: int, *, tls: bool) -> Iterator[str]:
    address = loopback_address()
    web = _QuietServer((address, port), _Quiet)
    if tls:
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-keyout", str(key), "-out", str(certificate),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        web.socket = context.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


Start = Callable[[Path, int], AbstractContextManager[str]]

REAL: list[tuple[str, Start, tuple[int, ...], str, bool]] = [
    ("redis", lambda folder, port: redis_server(folder, port=port), (6379, 7777, 443, 80, 5432), "redis", False),
    ("redis with a password", lambda folder, port: redis_server(folder, password="x", port=port), (6379, 7777), "redis", False),
    ("redis inside TLS", lambda folder, port: redis_server(folder, tls=True, port=port), (6380, 7777), "redis", True),
    ("memcached", lambda folder, port: memcached_server(folder, port=port), (11211, 7777), "memcached", False),
    ("memcached with users", lambda folder, port: memcached_server(folder, password="x", port=port), (11211, 7777), "memcached", False),
    ("http", lambda folder, port: web_server(folder, port, tls=False), (80, 7777, 443, 22, 6379, 53), "http", False),
    ("https", lambda folder, port: web_server(folder, port, tls=True), (443, 7777, 80, 5432), "http", True),
]  # fmt: skip


@server
@pytest.mark.parametrize(
    ("start", "port", "protocol", "tls"),
    [
        pytest.param(start, port, protocol, tls, id=f"{name} on {port}")
        for name, start, ports, protocol, tls in REAL
        for port in ports
    ],
)
def test_the_protocol_is_found_on_any_port(
    scanner: Scanner, tmp_path: Path, start: Start, port: int, protocol: str, tls: bool
) -> None:
    with start(tmp_path, port) as address:
        facts = run(scanner, address, port)
    assert (facts.protocol, facts.tls) == (protocol, tls)
    assert facts.by == ("http" if protocol == "http" else "protocol")


@server
def test_mail_servers_greet(scanner: Scanner) -> None:
    leaf = issue("mail.zijian.test", san=["mail.zijian.test"])
    with postfix_server(leaf) as address:
        facts = run(scanner, address, 25)
    assert (facts.protocol, facts.product) == ("smtp", "Postfix")
    with dovecot_server(leaf) as address:
        for port, protocol in ((143, "imap"), (110, "pop3"), (4190, "sieve")):
            facts = scanner.probe(identify.PROBE, address, port)
            assert isinstance(facts, IdentifyFacts)
            assert (facts.protocol, facts.by, facts.product) == (protocol, "greeting", "Dovecot")


@server
def test_servers_that_wait_for_their_own_protocol(scanner: Scanner, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    leaf = issue("mail.zijian.test", san=["mail.zijian.test"])
    with slapd_server(tmp_path, leaf) as address:
        ldap = run(scanner, address, 389)
    assert (ldap.protocol, footprint(scanner).opened) == ("ldap", 1)
    with xrdp_server(tmp_path, leaf) as address:
        rdp = run(scanner, address, 3389)
    assert (rdp.protocol, footprint(scanner).opened) == ("rdp", 2)
    # A domain that is not served is refused, and the refusal shows what speaks.
    with prosody_server("mail.zijian.test", leaf, required=True) as address:
        for port in (5222, 5269):
            facts = scanner.probe(identify.PROBE, address, port)
            assert isinstance(facts, IdentifyFacts)
            assert (facts.protocol, facts.tls) == ("xmpp", False)


@server
def test_servers_that_greet(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}) as address:
        facts = run(scanner, address, 22)
    assert (facts.protocol, facts.by, facts.product) == ("ssh", "greeting", "OpenSSH")
    assert facts.version
    with vsftpd_server(tmp_path, anonymous=False, tls=False) as address:
        facts = run(scanner, address, 21)
    assert (facts.protocol, facts.product) == ("ftp", "vsFTPd")
    with telnet_server(tmp_path) as address:
        facts = run(scanner, address, 23)
    assert facts.protocol == "telnet"


@server
def test_databases(scanner: Scanner) -> None:
    with mariadb_server(tls=False, let_in=False) as address:
        facts = run(scanner, address, 3306)
    assert (facts.protocol, facts.by) == ("mysql", "greeting")
    with postgres_server("local all all peer\n", tls=True) as address:
        facts = run(scanner, address, 5432)
    assert (facts.protocol, facts.by) == ("postgresql", "protocol")


GREETINGS = [
    (b"220 mx.example.net ESMTP Postfix (Debian)\r\n", "smtp", "Postfix"),
    (b"220-mx.example.net ESMTP Exim 4.96 Mon\r\n", "smtp", "Exim"),
    (b"220 ftp.example.net ESMTP ready\r\n", "smtp", None),
    (b"220 smtp.example.net FTP server ready\r\n", "ftp", None),
    (b"220 ProFTPD 1.3.8 Server ready\r\n", "ftp", "ProFTPD"),
    (b"220---------- Welcome to Pure-FTPd [privsep] ----------\r\n", "ftp", "Pure-FTPd"),
    (b"554 5.7.1 no ESMTP service here\r\n", "smtp", None),
    (b"+OK Dovecot ready.\r\n", "pop3", "Dovecot"),
    (b"+OK\r\n", "pop3", None),
    (b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "imap", "Dovecot"),
    (b"* BYE too many connections\r\n", "imap", None),
    (b"RFB 003.008\n", "vnc", None),
    (b"@RSYNCD: 31.0 sha512 sha256\n", "rsync", None),
    (b"\xff\xfd\x18\xff\xfd\x20", "telnet", None),
    (b"\r\nRouter login: ", "telnet", None),
    (b"please wait\r\nSSH-2.0-dropbear_2022.83\r\n", "ssh", "dropbear"),
    (b"SSH-2.0--\r\n", "ssh", None),
    (b"SSH-1.99-Cisco-1.25\n", "ssh", "Cisco"),
    (b'INFO {"server_id":"N","version":"2.10.1","go":"go1.21"}\r\n', "nats", None),
    (b"200 news.example.net InterNetNews NNRP server ready\r\n", "nntp", None),
    (b"J\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00" + bytes(60), "mysql", None),
    (b"-DENIED Redis is running in protected mode\r\n", "redis", None),
    (b"\x00\x00\x01\x8d\x01ActiveMQ\x00\x00\x00\x0c", "activemq", None),
]


@pytest.mark.parametrize(("greeting", "protocol", "product"), GREETINGS)
def test_greeting(greeting: bytes, protocol: str, product: str | None) -> None:
    match = signatures.greeting(greeting)
    assert match is not None
    assert (match.protocol, match.product) == (protocol, product)


@pytest.mark.parametrize(
    "greeting",
    [b"220 ready\r\n", b"hello\r\n", b"\x00\x00\x00\x00", b"HTTP/1.1 200 OK\r\n", b"421 busy\r\n", b""],
)
def test_what_could_be_anything_is_not_named(greeting: bytes) -> None:
    assert signatures.greeting(greeting) is None


def test_a_bare_220_is_told_apart_by_one_noop(scanner: Scanner) -> None:
    for reply, protocol in ((b"250 OK\r\n", "smtp"), (b"530 Please login\r\n", "ftp"), (b"500 ?\r\n", None)):
        with tcp_server(saying(b"220 ready\r\n", reply)) as address:
            facts = run(scanner, address, PORT)
        assert facts.protocol == protocol


def _http(head: str, body: str = "") -> bytes:
    return f"HTTP/1.1 {head}\r\n\r\n{body}".encode()


HTTP_ANSWERS = [
    (_http("200 OK\r\nServer: nginx/1.22.1"), "nginx", "1.22.1"),
    (_http("200 OK\r\nServer: Apache"), "Apache", None),
    (_http("200 OK", "Server: fake/1.0"), None, None),
    (
        _http("200 OK\r\nX-elastic-product: Elasticsearch", '{"version":{"number":"8.11.1"},"tagline":"You Know, for Search"}'),
        "Elasticsearch", "8.11.1",
    ),
    (_http("401 Unauthorized\r\nX-elastic-product: Elasticsearch"), "Elasticsearch", None),
    (_http("200 OK", '{"version" : { "distribution" : "opensearch", "number" : "2.11.0" }}'), "OpenSearch", "2.11.0"),
    (_http("200 OK\r\nServer: CouchDB/3.3.2 (Erlang OTP/24)"), "CouchDB", "3.3.2"),
    (_http("404 Not Found\r\nServer: Docker/24.0.7 (linux)", '{"message":"page not found"}'), "Docker", "24.0.7"),
    (_http("403 Forbidden", '{"kind":"Status","apiVersion":"v1","metadata":{}}'), "Kubernetes API", None),
    (_http("404 Not Found\r\nX-Influxdb-Version: v2.7.4"), "InfluxDB", "2.7.4"),
    (_http("403 Forbidden\r\nX-Jenkins: 2.426"), "Jenkins", "2.426"),
    (_http('401 Unauthorized\r\nWWW-Authenticate: basic realm="ActiveMQRealm"'), "ActiveMQ console", None),
    (_http("200 OK", "<!doctype html><title>Kubernetes Dashboard</title>"), "Kubernetes dashboard", None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "product", "version"), HTTP_ANSWERS)
def test_http_products(data: bytes, product: str | None, version: str | None) -> None:
    match = signatures.answer(data)
    assert match is not None
    assert (match.protocol, match.product, match.version) == ("http", product, version)


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n", "mongodb"),
        (b"AMQP\x00\x00\x09\x01", "amqp"),
        (b"-ERR unknown command 'GET'\r\n", "redis"),
        (b"ERROR\r\nERROR\r\nVERSION 1.6.18\r\n", "memcached"),
        (b"RTSP/1.0 400 Bad Request\r\n", "rtsp"),
        (b'@PJL INFO ID\r\n"HP LaserJet"\r\n', "jetdirect"),
    ],
)  # fmt: skip
def test_other_answers(data: bytes, protocol: str) -> None:
    match = signatures.answer(data)
    assert match is not None
    assert match.protocol == protocol


@pytest.mark.parametrize(
    "body",
    [
        "<html><title>400 The plain HTTP request was sent to HTTPS port</title>",
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
        "Client sent an HTTP request to an HTTPS server.\n",
        "This combination of host and port requires TLS.\r\n",
    ],
)
def test_a_complaint_about_plain_http_means_tls(body: str) -> None:
    match = signatures.answer(_http("400 Bad Request\r\nServer: x", body))
    assert match is not None
    assert match.tls


def test_a_page_that_speaks_of_tls_is_no_complaint() -> None:
    match = signatures.answer(_http("200 OK", "The plain HTTP request was sent to HTTPS port: what it means"))
    assert match is not None
    assert not match.tls


@given(st.binary(max_size=600))
def test_no_bytes_break_the_table(data: bytes) -> None:
    signatures.greeting(data)
    signatures.answer(data)


@given(st.text(alphabet="20 -\r\nFTPSMlogin:", max_size=8000))
def test_near_misses_do_not_break_the_table(text: str) -> None:
    signatures.greeting(text.encode())
    signatures.answer(text.encode())


def test_nothing_is_sent_to_a_printer_but_its_own_question(scanner: Scanner) -> None:
    heard: list[bytes] = []

    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        while data := peer.recv(4096):
            heard.append(data)

    with tcp_server(behave, 9100) as address:
        facts = run(scanner, address, 9100)
    assert facts.protocol is None
    assert b"".join(heard) == b"\x1b%-12345X@PJL INFO ID\r\n\x1b%-12345X\r\n"


@pytest.mark.parametrize(("port", "most"), [(502, 3), (44818, 3), (23456, identify.PROBE.max_connections)])
def test_controllers_are_not_asked_in_protocols_that_may_be_anywhere(
    scanner: Scanner, port: int, most: int
) -> None:
    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        while peer.recv(4096):
            pass

    with tcp_server(behave, port) as address:
        facts = scanner.probe(identify.PROBE, address, port)
    assert facts == IdentifyFacts()
    assert footprint(scanner).opened <= most


def test_an_exporter_on_a_printer_port_is_known_by_its_complaint(scanner: Scanner) -> None:
    behaviour: Behaviour = saying(_http("400 Bad Request"), listen_first=True, hold=False)
    with tcp_server(behaviour, 9100) as address:
        facts = run(scanner, address, 9100)
    assert facts.protocol == "http"


def test_dns_over_tcp(scanner: Scanner) -> None:
    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        data = peer.recv(4096)
        wire = dns.message.make_response(dns.message.from_wire(data[2:])).to_wire()
        peer.sendall(len(wire).to_bytes(2, "big") + wire)
        stop.wait(10)

    with tcp_server(behave, 53) as address:
        facts = run(scanner, address, 53)
    assert (facts.protocol, facts.by) == ("dns", "protocol")


def test_tls_that_cannot_be_finished_is_tls_all_the_same(scanner: Scanner) -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x28"
    with tcp_server(saying(alert, listen_first=True, hold=False)) as address:
        facts = run(scanner, address, PORT)
    assert facts == IdentifyFacts(tls=True, by="tls_hello")


def test_a_silent_port_is_named_by_nobody(scanner: Scanner) -> None:
    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        while peer.recv(4096):
            pass

    with tcp_server(behave) as address:
        facts = run(scanner, address, PORT)
    assert facts == IdentifyFacts()
    # Listening and silence are answers, so the ledger shows no failure.
    assert set(footprint(scanner).outcomes) == {"ok"}


def test_no_connection_at_all_is_an_error(scanner: Scanner, address: str) -> None:
    with pytest.raises(ConnectError):
        run(scanner, address, PORT)
