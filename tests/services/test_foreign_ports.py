"""Real servers behind port forwards: what a service is shows in what it says, whatever the port's number promises."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from scanner.facts import IdentifyFacts
from scanner.probes import identify
from tests.checks.judging import findings
from tests.conftest import Scanner
from tests.servers.brokers import nats_server
from tests.servers.coordination import etcd_server, zookeeper_server
from tests.servers.databases import mariadb_server, postgres_server
from tests.servers.desktops import vnc_server
from tests.servers.directory import slapd_server, xrdp_server
from tests.servers.ftp import vsftpd_server
from tests.servers.mail import dovecot_server, postfix_server
from tests.servers.memcached import memcached_server
from tests.servers.mqtt import mosquitto_server
from tests.servers.process import loopback_address, program, running
from tests.servers.redis import redis_server
from tests.servers.rsync import rsync_daemon
from tests.servers.ssh import dropbear_server, ssh_server
from tests.servers.telnet import telnet_server
from tests.servers.tls import issue
from tests.servers.web import careful_site, nginx_site
from tests.services.footprint import footprint
from tests.services.test_two_words import RULE, both

pytestmark = pytest.mark.server

LEAF = issue("mail.zijian.test", san=["mail.zijian.test"])


@contextlib.contextmanager
def web(folder: Path) -> Iterator[str]:
    address = loopback_address()
    with nginx_site(folder, address, careful_site(folder), "server_tokens off;\n"):
        yield address


Start = Callable[[Path], AbstractContextManager[str]]
SERVERS: dict[str, tuple[Start, int, str, bool, tuple[int, ...]]] = {
    # Web, TLS and SSH on each other's ports, and on those of databases.
    "ssh": (lambda folder: ssh_server(folder, keys={"ed25519": None}), 22, "ssh", False, (80, 443, 8443, 6379, 3306, 53, 25, 23456)),
    "dropbear": (dropbear_server, 22, "ssh", False, (443, 9200)),
    "http": (web, 80, "http", False, (22, 443, 21, 25, 3306, 6379, 53, 23456)),
    "https": (web, 443, "http", True, (22, 80, 21, 3389, 5432, 23456)),
    # Data stores and others on ports that are not theirs.
    "redis": (redis_server, 6379, "redis", False, (22, 443, 8443, 3306)),
    "memcached": (memcached_server, 11211, "memcached", False, (80, 8080)),
    "mysql": (lambda _: mariadb_server(tls=False, let_in=True), 3306, "mysql", False, (80, 443, 13306)),
    "postgresql": (lambda _: postgres_server("host all all all reject\n", tls=False), 5432, "postgresql", False, (80, 443, 15432)),
    "mqtt": (lambda folder: mosquitto_server(folder, anonymous=True), 1883, "mqtt", False, (8883, 21883)),
    "etcd": (etcd_server, 2379, "http", False, (80, 8443)),
    "zookeeper": (zookeeper_server, 2181, "zookeeper", False, (2281, 22810)),
    "nats": (nats_server, 4222, "nats", False, (80, 443)),
    "rsync": (lambda folder: rsync_daemon(folder, "[www]\npath = {folder}\n"), 873, "rsync", False, (443, 8873)),
    "vnc": (vnc_server, 5900, "vnc", False, (443, 15900)),
    "ldap": (lambda folder: slapd_server(folder, None), 389, "ldap", False, (636, 3890)),
    "rdp": (lambda folder: xrdp_server(folder, LEAF), 3389, "rdp", False, (443, 33890)),
    "ftp": (lambda folder: vsftpd_server(folder, anonymous=False, tls=False), 21, "ftp", False, (80, 2121)),
    "telnet": (telnet_server, 23, "telnet", False, (80, 2323)),
    "smtp": (lambda _: postfix_server(LEAF), 25, "smtp", False, (80, 2525)),
    "imap": (lambda _: dovecot_server(LEAF), 143, "imap", False, (443, 10143)),
}  # fmt: skip


@contextlib.contextmanager
def forwarded(folder: Path, to: str, native: int, port: int) -> Iterator[str]:
    """A port forward, as a firewall has it."""
    address = loopback_address()
    command = [program("socat"), f"TCP-LISTEN:{port},bind={address},reuseaddr,fork", f"TCP:{to}:{native}"]
    with running(command, address=address, port=port, log=folder / f"forward-{port}.log"):
        yield address


@pytest.mark.parametrize("name", SERVERS)
def test_a_service_is_known_on_any_port(scanner: Scanner, tmp_path: Path, name: str) -> None:
    start, native, protocol, tls, ports = SERVERS[name]
    tmp_path.chmod(0o755)
    found, before = {}, 0
    with ExitStack() as stack:
        server = stack.enter_context(start(tmp_path))
        for port in ports:
            address = stack.enter_context(forwarded(tmp_path, server, native, port))
            facts = scanner.probe(identify.PROBE, address, port)
            assert isinstance(facts, IdentifyFacts)
            opened = footprint(scanner).opened
            assert opened - before <= identify.PROBE.max_connections
            before = opened
            found[port] = (facts.protocol, facts.tls)
    assert found == dict.fromkeys(ports, (protocol, tls))


def test_a_port_that_is_shared_by_two_servers_is_shown_with_both_words(
    scanner: Scanner, tmp_path: Path
) -> None:
    """sslh gives TLS to one server, and whoever keeps silent to another: nmap listens for longer than we do."""
    address, folders = loopback_address(), (tmp_path / "web", tmp_path / "ssh")
    for folder in folders:
        folder.mkdir()
    with web(folders[0]) as site, ssh_server(folders[1], keys={"ed25519": None}) as shell:
        command = [
            program("sslh"), "--foreground", f"--listen={address}:443", f"--ssh={shell}:22", f"--tls={site}:443",
            "--timeout=1", "--user=root", f"--pidfile={tmp_path}/pid",
        ]  # fmt: skip
        with running(command, address=address, port=443, log=tmp_path / "sslh.log"):
            time.sleep(0.2)
            (finding,) = findings(RULE, both(scanner, address, 443))
    assert "http (TLS)" in finding.detail.zh
    assert "ssh OpenSSH" in finding.detail.zh
    assert finding.evidence[0].value.startswith("http")
