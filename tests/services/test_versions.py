"""What real servers show of their versions, and how that stands: a kept distribution's packages are nobody's fault."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from checks.lifecycle.seen import seen
from checks.lifecycle.table import shipped
from scanner.facts import Facts, NmapServiceFacts
from scanner.probes import Probe, activemq, amqp, etcd, ftp, http, identify, mysql, redis, ssh, zookeeper
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.brokers import activemq_server, rabbitmq_server
from tests.servers.coordination import etcd_server, zookeeper_server
from tests.servers.databases import mariadb_server
from tests.servers.ftp import vsftpd_server
from tests.servers.process import loopback_address
from tests.servers.redis import redis_server
from tests.servers.ssh import ssh_server
from tests.servers.web import apache, careful_site, nginx_site

pytestmark = pytest.mark.server

Start = Callable[[Path], AbstractContextManager[str]]

LIFE, OUTDATED = "exposure/end-of-life", "exposure/outdated-version"
NMAP = NmapServiceFacts(state="open")


def shown(*facts: Facts) -> set[str]:
    return {one.product for one in seen(service(*facts), shipped())}


def accused(*facts: Facts) -> set[str]:
    """Deviations of both rules."""
    subject = service(NMAP, *facts)
    return {
        f"{rule}:{finding.outcome}"
        for rule in (LIFE, OUTDATED)
        for finding in findings(rule, subject)
        if finding.status.deviates
    }


def test_openssh_of_the_distribution(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
        named = scanner.probe(identify.PROBE, address, 22)
    assert shown(facts) == shown(named) == {"openssh"}
    assert accused(facts, named) == set()
    (one,) = seen(service(facts, named), shipped())
    assert one.mark is not None, "Debian and Ubuntu put their mark behind the version"


def test_redis_of_the_distribution(scanner: Scanner, tmp_path: Path) -> None:
    with redis_server(tmp_path) as address:
        facts = scanner.probe(redis.PROBE, address, 6379)
    assert shown(facts) == {"redis"}
    assert accused(facts) == set()
    # The number is plain, and its makers ended the line: it suggests, since a distribution that is kept ships it.
    assert outcomes(LIFE, service(NMAP, facts)) == ["suggests"]


def test_mariadb_of_the_distribution(scanner: Scanner) -> None:
    with mariadb_server(tls=False, let_in=True) as address:
        facts = scanner.probe(mysql.PROBE, address, 3306)
    assert shown(facts) == {"mariadb"}
    assert outcomes(LIFE, service(NMAP, facts)) == ["supported"]
    assert accused(facts) == set()


BROKERS: list[tuple[str, Start, Probe, int]] = [
    ("rabbitmq", lambda _: rabbitmq_server(), amqp.PROBE, 5672),
    ("activemq", lambda _: activemq_server(anonymous=False), activemq.PROBE, 61616),
    ("zookeeper", zookeeper_server, zookeeper.PROBE, 2181),
    ("etcd", etcd_server, etcd.PROBE, 2379),
]


@pytest.mark.parametrize(("product", "start", "probe", "port"), BROKERS, ids=[case[0] for case in BROKERS])
def test_brokers_and_stores_of_the_distribution(
    scanner: Scanner, tmp_path: Path, product: str, start: Start, probe: Probe, port: int
) -> None:
    with start(tmp_path) as address:
        facts = scanner.probe(probe, address, port)
    assert shown(facts) == {product}
    assert accused(facts) == set()


def test_vsftpd_of_the_distribution(scanner: Scanner, tmp_path: Path) -> None:
    with vsftpd_server(tmp_path, anonymous=False, tls=False) as address:
        facts = scanner.probe(ftp.PROBE, address, 21)
    assert shown(facts) == {"vsftpd"}
    assert accused(facts) == set()


def test_apache_of_the_distribution(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    site = careful_site(tmp_path)
    with apache(tmp_path, address, f"ServerTokens OS\nDocumentRoot {site}"):
        facts = scanner.probe(http.PROBE, address, 80, protocol="http")
    assert shown(facts) == {"httpd"}
    assert outcomes(LIFE, service(NMAP, facts)) == ["supported"]
    assert accused(facts) == set()


def test_nginx_that_tells_of_an_old_php_behind_it(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    site = careful_site(tmp_path)
    # No PHP that old can be had: nginx sends the header that PHP 5.6 sends.
    told = 'add_header X-Powered-By "PHP/5.6.40" always;\nserver_tokens on;\n'
    with nginx_site(tmp_path, address, site, told):
        facts = scanner.probe(http.PROBE, address, 443, protocol="http", tls=True)
    assert shown(facts) == {"nginx", "php"}
    subject = service(NMAP, facts)
    assert set(outcomes(LIFE, subject)) == {"ended", "suggests"}
    ended = next(finding for finding in findings(LIFE, subject) if finding.outcome == "ended")
    assert "PHP 5.6.40" in ended.detail.zh
    assert "nginx" not in ended.detail.zh


def test_servers_that_keep_their_versions_to_themselves(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), "server_tokens off;\n"):
        facts = scanner.probe(http.PROBE, address, 443, protocol="http", tls=True)
    assert shown(facts) == set()
    assert outcomes(LIFE, service(NMAP, facts)) == []
