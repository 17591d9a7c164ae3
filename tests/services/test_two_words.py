"""What real servers are called by us and by the real nmap, on ports that are not theirs."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from scanner.discovery import Discovery
from scanner.facts import NmapServiceFacts, ServiceFacts
from scanner.nmap_process import nmap_worker
from scanner.probes import Session, identify
from scanner.transport import can_send_raw
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.process import loopback_address
from tests.servers.redis import redis_server
from tests.servers.ssh import ssh_server
from tests.servers.web import careful_site, nginx_site
from tests.services.hostile import PORT, tcp_server

pytestmark = pytest.mark.server

RULE = "exposure/identification-disagrees"


def versions(scanner: Scanner, address: str, port: int) -> NmapServiceFacts:
    """nmap's service detection, as a scan runs it."""

    async def ask(session: Session) -> NmapServiceFacts:
        with nmap_worker() as worker:
            async with Discovery(session.door, worker, privileged=can_send_raw()) as discovery:
                answer = await discovery.versions(address, [port], rate=1000)
        (host,) = answer.hosts
        return next(found.facts for found in host.ports if found.port == port)

    return scanner.run(ask)


def both(scanner: Scanner, address: str, port: int) -> ServiceFacts:
    return service(scanner.probe(identify.PROBE, address, port), versions(scanner, address, port))


def test_servers_on_foreign_ports_are_named_alike(scanner: Scanner, tmp_path: Path) -> None:
    with redis_server(tmp_path, port=8081) as address:
        assert outcomes(RULE, both(scanner, address, 8081)) == []
    with ssh_server(tmp_path, keys={"ed25519": None}) as address:
        assert outcomes(RULE, both(scanner, address, 22)) == []
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), "server_tokens off;\n"):
        assert outcomes(RULE, both(scanner, address, 443)) == []


def test_a_port_that_changes_its_greeting_is_shown_with_both_words(scanner: Scanner) -> None:
    ftp = threading.Event()

    def two_faced(peer: socket.socket, stop: threading.Event) -> None:
        with contextlib.suppress(OSError):
            peer.sendall(
                b"220 ProFTPD 1.3.5 Server (Debian)\r\n"
                if ftp.is_set()
                else b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
            )
            peer.recv(1000)

    with tcp_server(two_faced) as address:
        ours = scanner.probe(identify.PROBE, address, PORT)
        ftp.set()
        theirs = versions(scanner, address, PORT)
    (finding,) = findings(RULE, service(ours, theirs))
    assert "ssh OpenSSH 9.2p1" in finding.detail.zh
    assert "ftp ProFTPD" in finding.detail.zh
