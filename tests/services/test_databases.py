"""MySQL (MariaDB) and PostgreSQL: real servers, with and without TLS, open and closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import Status
from scanner.errors import ProtocolError, Throttled
from scanner.facts import MysqlFacts, PostgresFacts
from scanner.probes import mysql, postgresql
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.databases import mariadb_server, postgres_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

server = pytest.mark.server


@pytest.fixture(scope="session")
def mariadb_plain() -> Iterator[str]:
    with mariadb_server(tls=False, let_in=True) as address:
        yield address


@pytest.fixture(scope="session")
def mariadb_good() -> Iterator[str]:
    with mariadb_server(tls=True, let_in=False) as address:
        yield address


@server
def test_mariadb_open_to_logins_without_tls(scanner: Scanner, mariadb_plain: str) -> None:
    facts = scanner.probe(mysql.PROBE, mariadb_plain, 3306)
    assert isinstance(facts, MysqlFacts)
    assert facts.version is not None
    assert "MariaDB" in facts.version
    assert not facts.version.startswith("5.5.5-")
    assert facts.tls_offered is False
    assert facts.auth_plugin == "mysql_native_password"
    assert footprint(scanner).opened == 1
    assert outcomes("exposure/mysql-reachable", service(facts, ip=mariadb_plain)) == ["loopback_only"]
    assert outcomes("exposure/mysql-reachable", service(facts)) == ["reachable"]
    assert outcomes("exposure/mysql-clear-text", service(facts)) == ["clear_text"]


@server
def test_mariadb_that_lets_no_account_in_from_here(scanner: Scanner, mariadb_good: str) -> None:
    facts = scanner.probe(mysql.PROBE, mariadb_good, 3306)
    assert isinstance(facts, MysqlFacts)
    assert facts.host_refused
    assert facts.tls_offered is None
    assert outcomes("exposure/mysql-reachable", service(facts)) == ["turned_away"]
    assert outcomes("exposure/mysql-clear-text", service(facts)) == ["undecided"]


@server
def test_mariadb_with_tls(scanner: Scanner) -> None:
    with mariadb_server(tls=True, let_in=True) as address:
        facts = scanner.probe(mysql.PROBE, address, 3306)
    assert isinstance(facts, MysqlFacts)
    assert facts.tls_offered is True
    assert outcomes("exposure/mysql-clear-text", service(facts)) == ["tls_offered"]


def test_mysql_without_a_connection_left_is_no_fact(scanner: Scanner) -> None:
    packet = b"\x17\x00\x00\x00\xff\x10\x04Too many connections"
    with tcp_server(saying(packet)) as address, pytest.raises(Throttled):
        scanner.probe(mysql.PROBE, address, PORT)


@given(st.binary(max_size=120))
def test_no_handshake_packet_breaks_its_reader(rest: bytes) -> None:
    try:
        facts = mysql._handshake(b"\x0a" + rest)
    except ProtocolError:
        return
    assert facts.version is not None


TRUST = "host all all 127.0.0.0/8 trust\n"
SCRAM = "host all all 127.0.0.0/8 scram-sha-256\n"
PASSWORD = "host all all 127.0.0.0/8 password\n"
ONLY_TLS = "hostssl all all 127.0.0.0/8 scram-sha-256\n"
CLEAR_TRUSTED = "hostnossl all all 127.0.0.0/8 trust\n" + ONLY_TLS
NOBODY = "local all all peer\n"


@server
@pytest.mark.parametrize(
    ("hba", "tls", "method", "trust", "reach", "clear", "most"),
    [
        pytest.param(TRUST, False, "trust", "trusted", "reachable", "clear_text", 1, id="trust"),
        pytest.param(SCRAM, True, "scram-sha-256", "asks", "reachable", "tls_offered", 2, id="scram"),
        pytest.param(
            PASSWORD, False, "password", "asks", "reachable", "password_in_clear", 1, id="clear password"
        ),
        pytest.param(
            CLEAR_TRUSTED, True, "trust", "trusted", "reachable", "tls_offered", 2, id="trust beside TLS"
        ),
        pytest.param(ONLY_TLS, True, "scram-sha-256", "asks", "reachable", "tls_offered", 2, id="TLS only"),
        pytest.param(NOBODY, True, "rejected", "turned_away", "turned_away", "tls_offered", 2, id="nobody"),
    ],
)
def test_postgresql(
    scanner: Scanner, hba: str, tls: bool, method: str, trust: str, reach: str, clear: str, most: int
) -> None:
    with postgres_server(hba, tls=tls) as address:
        facts = scanner.probe(postgresql.PROBE, address, 5432)
    assert isinstance(facts, PostgresFacts)
    assert facts.answers
    assert facts.tls_offered is tls
    assert facts.auth_method == method
    assert footprint(scanner).opened == most <= postgresql.PROBE.max_connections
    assert outcomes("exposure/postgresql-trust", service(facts)) == [trust]
    assert outcomes("exposure/postgresql-reachable", service(facts)) == [reach]
    assert outcomes("exposure/postgresql-clear-text", service(facts)) == [clear]


def test_postgresql_that_lets_a_real_user_in_tells_its_version(scanner: Scanner) -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    welcome = (
        message(b"R", bytes(4))
        + message(b"S", b"server_version\x0016.1\x00")
        + message(b"K", bytes(8))
        + message(b"Z", b"I")
    )
    with tcp_server(saying(b"N", welcome, listen_first=True)) as address:
        facts = scanner.probe(postgresql.PROBE, address, PORT)
    assert facts == PostgresFacts(answers=True, tls_offered=False, auth_method="trust", version="16.1")
    (finding,) = findings("exposure/postgresql-trust", service(facts))
    assert finding.status is Status.FAIL
