"""ZooKeeper and etcd: real servers, open and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import TargetError
from scanner.facts import IdentifyFacts
from scanner.probes import etcd, identify, zookeeper
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.coordination import etcd_server, zookeeper_server
from tests.servers.tls import Issued, issue
from tests.services.asking import asked, fails
from tests.services.hostile import saying, tcp_server

pytestmark = pytest.mark.server


def test_zookeeper_tells_of_itself(scanner: Scanner, tmp_path: Path) -> None:
    with zookeeper_server(tmp_path) as address:
        facts = asked(scanner, zookeeper.PROBE, address, 2181)
    assert facts.access is None
    assert facts.told("mode") == "standalone"
    assert (facts.version or "").startswith("3.")
    assert outcomes("exposure/zookeeper", service(facts)) == ["tells"]
    assert outcomes("exposure/zookeeper", service(facts, ip=address)) == ["loopback_only"]


def test_zookeeper_that_answers_nothing_yet(scanner: Scanner) -> None:
    """A replay: what ZooKeeper says while it has no quorum (NIOServerCnxn: ZK_NOT_SERVING)."""
    reply = b"This ZooKeeper instance is not currently serving requests\n"
    with tcp_server(saying(reply, listen_first=True, hold=False), port=2181) as address:
        facts = asked(scanner, zookeeper.PROBE, address, 2181)
    assert facts.access is None
    assert not facts.said
    assert outcomes("exposure/zookeeper", service(facts)) == ["reachable"]


def test_etcd_as_it_comes(scanner: Scanner, tmp_path: Path) -> None:
    with etcd_server(tmp_path) as address:
        facts = asked(scanner, etcd.PROBE, address, 2379)
    assert facts.access == "open"
    assert facts.reply == "200, count 0"
    assert (facts.version or "").startswith("3.")
    assert fails(facts, "exposure/etcd")


def test_etcd_with_users(scanner: Scanner, tmp_path: Path) -> None:
    with etcd_server(tmp_path, users=True) as address:
        facts = asked(scanner, etcd.PROBE, address, 2379)
    assert facts.access == "authentication"
    assert facts.in_clear is True
    assert not fails(facts, "exposure/etcd")


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("zijian test authority", ca=True)


def options(folder: Path, authority: Issued, *, clients: bool) -> tuple[str, ...]:
    """etcd's options for TLS, with or without a wish for client certificates."""
    leaf = issue("etcd.test", issuer=authority, san=["etcd.test"])
    chain, key = leaf.write(folder, "leaf", authority)
    trusted, _ = authority.write(folder, "authority")
    wish = ("--client-cert-auth", f"--trusted-ca-file={trusted}") if clients else ()
    return (f"--cert-file={chain}", f"--key-file={key}", *wish)


def test_etcd_inside_tls_lets_anyone_in(scanner: Scanner, tmp_path: Path, authority: Issued) -> None:
    with etcd_server(tmp_path, tls=options(tmp_path, authority, clients=False)) as address:
        facts = asked(scanner, etcd.PROBE, address, 2379)
    assert facts.tls
    assert facts.access == "open"


def test_etcd_that_wants_client_certificates_says_nothing(
    scanner: Scanner, tmp_path: Path, authority: Issued
) -> None:
    with etcd_server(tmp_path, tls=options(tmp_path, authority, clients=True)) as address:
        named = scanner.probe(identify.PROBE, address, 2379)
        with pytest.raises(TargetError):
            scanner.probe(etcd.PROBE, address, 2379, tls=True)
    assert isinstance(named, IdentifyFacts)
    assert named.tls
    assert named.product is None
