"""Open HTTP proxies and media servers: real squid and tinyproxy, open and closed; RTSP by replay (RFC 2326 §10, §14)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from scanner.errors import NotOffered
from scanner.probes import http_proxy, rtsp
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers import proxies
from tests.servers.process import loopback_address, short_folder
from tests.servers.web import careful_site, nginx_site
from tests.services.asking import asked, fails
from tests.services.hostile import saying, tcp_server

pytestmark = pytest.mark.server
Server = Callable[[Path], AbstractContextManager[str]]


@pytest.mark.parametrize(
    ("server", "port", "access", "outcome"),
    [
        (lambda folder: proxies.squid(folder, "http_access allow all"), 3128, "open", "usable"),
        (lambda folder: proxies.squid(folder, "acl here src 192.0.2.0/24\nhttp_access allow here\nhttp_access deny all"), 3128, "refused", "turned_away"),
        (
            lambda folder: proxies.squid(
                folder, "auth_param basic program /usr/lib/squid/basic_fake_auth\nacl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all"
            ),
            3128, "authentication", "tells",
        ),
        (lambda folder: proxies.tinyproxy(folder, ""), 8888, "open", "usable"),
        (lambda folder: proxies.tinyproxy(folder, "Allow 192.0.2.0/24"), 8888, "refused", "turned_away"),
        (lambda folder: proxies.tinyproxy(folder, "BasicAuth tester not-guessed"), 8888, "authentication", "tells"),
    ],
)  # fmt: skip
def test_a_real_proxy(scanner: Scanner, server: Server, port: int, access: str, outcome: str) -> None:
    with short_folder() as folder, server(folder) as address:
        facts = asked(scanner, http_proxy.PROBE, address, port)
    assert facts.access == access
    assert outcomes("exposure/http-proxy", service(facts)) == [outcome]
    assert fails(facts, "exposure/http-proxy") == (access == "open")


def test_a_web_server_on_a_proxys_port_is_none(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), ""):
        known = service(ip=address, port=80, protocol="http", product="squid")
        facts = scanner.run(lambda session: http_proxy.PROBE.run(session, known))
    assert facts.access is None


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"502 Bad Gateway"])
def test_what_answers_everything_alike_is_none(scanner: Scanner, status: bytes) -> None:
    with tcp_server(
        saying(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n", listen_first=True), 8889
    ) as address:
        known = service(ip=address, port=8889, protocol="http", product="")
        with pytest.raises(NotOffered):
            scanner.run(lambda session: http_proxy.PROBE.run(session, known))


SDP = (
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Media Presentation\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\n"
)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (
            b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://x/\r\nContent-Type: application/sdp\r\n\r\n"
            + SDP,
            "usable",
        ),
        (
            b'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="IP Camera(C1234)", nonce="x"\r\n\r\n',
            "tells",
        ),
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n\r\n", "reachable"),
    ],
)
def test_rtsp(scanner: Scanner, reply: bytes, outcome: str) -> None:
    with tcp_server(saying(reply, listen_first=True), 554) as address:
        facts = asked(scanner, rtsp.PROBE, address, 554)
    assert outcomes("exposure/rtsp", service(facts)) == [outcome]
