"""Redis and memcached: real servers, open and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.model import Status
from scanner.facts import IdentifyFacts, MemcachedFacts, RedisFacts
from scanner.probes import identify, memcached, redis
from tests.checks.judging import PUBLIC, findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.memcached import memcached_server
from tests.servers.redis import redis_server, sentinel_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

pytestmark = pytest.mark.server

DENIED = (
    b"-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    b"default user. In this mode connections are only accepted from the loopback interface.\r\n"
)
"""What Redis 7 says to a stranger in protected mode. A real one cannot be made to say it to a loopback client."""


def test_redis_without_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with redis_server(tmp_path, options=("--protected-mode", "no")) as address:
        facts = scanner.probe(redis.PROBE, address, 6379)
    assert isinstance(facts, RedisFacts)
    assert facts.auth_required is False
    assert facts.version is not None
    assert facts.version[0].isdigit()
    assert not facts.errors
    assert footprint(scanner).opened == 1
    assert outcomes("exposure/redis-unauthenticated", service(facts, ip=address)) == ["usable_locally"]
    (finding,) = findings("exposure/redis-unauthenticated", service(facts, ip=PUBLIC))
    assert finding.status is Status.FAIL
    assert facts.version in finding.detail.zh


def test_redis_with_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with redis_server(tmp_path, password="not-guessed-by-anyone") as address:
        facts = scanner.probe(redis.PROBE, address, 6379)
    assert facts == RedisFacts(answers=True, auth_required=True)
    (finding,) = findings("exposure/redis-unauthenticated", service(facts))
    assert finding.status is Status.PASS
    assert outcomes("exposure/redis-reachable", service(facts, ip=PUBLIC)) == ["reachable"]
    assert outcomes("exposure/redis-reachable", service(facts, ip=address)) == ["loopback_only"]


def test_redis_inside_tls(scanner: Scanner, tmp_path: Path) -> None:
    with redis_server(tmp_path, tls=True, port=6380) as address:
        facts = scanner.probe(redis.PROBE, address, 6380, tls=True)
    assert isinstance(facts, RedisFacts)
    assert facts.tls
    assert facts.auth_required is False
    assert facts.version


@pytest.mark.parametrize(
    ("password", "outcome"), [(None, "usable"), ("not-guessed-by-anyone", "password_required")]
)
def test_redis_sentinel_is_asked_as_redis_is(
    scanner: Scanner, tmp_path: Path, password: str | None, outcome: str
) -> None:
    with sentinel_server(tmp_path, password=password) as address:
        named = scanner.probe(identify.PROBE, address, 26379)
        facts = scanner.probe(redis.PROBE, address, 26379)
    assert isinstance(named, IdentifyFacts)
    assert named.protocol == "redis"
    assert outcomes("exposure/redis-unauthenticated", service(facts)) == [outcome]


def test_redis_in_protected_mode(scanner: Scanner) -> None:
    with tcp_server(saying(DENIED, hold=False)) as address:
        facts = scanner.probe(redis.PROBE, address, PORT)
    assert facts == RedisFacts(answers=True, protected_mode=True)
    assert outcomes("exposure/redis-unauthenticated", service(facts)) == ["protected_mode"]


@pytest.mark.parametrize(
    ("reply", "auth_required"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", False),
        (b"-NOPERM this user has no permissions to run the 'ping' command\r\n", False),
        (b"-ERR operation not permitted\r\n", True),
        (b"-ERR something else\r\n", None),
    ],
)
def test_other_answers_to_ping(scanner: Scanner, reply: bytes, auth_required: bool | None) -> None:
    with tcp_server(saying(reply, listen_first=True)) as address:
        facts = scanner.probe(redis.PROBE, address, PORT)
    assert isinstance(facts, RedisFacts)
    assert facts.auth_required is auth_required


def test_memcached_without_authentication(scanner: Scanner, tmp_path: Path) -> None:
    with memcached_server(tmp_path) as address:
        facts = scanner.probe(memcached.PROBE, address, 11211)
    assert isinstance(facts, MemcachedFacts)
    assert facts.auth_required is False
    assert facts.version
    assert footprint(scanner).opened == 1
    assert outcomes("exposure/memcached-unauthenticated", service(facts, ip=address)) == ["usable_locally"]
    (finding,) = findings("exposure/memcached-unauthenticated", service(facts))
    assert finding.status is Status.FAIL
    assert outcomes("exposure/memcached-reachable", service(facts)) == ["reachable"]
    assert outcomes("exposure/memcached-reachable", service(facts, ip=address)) == ["loopback_only"]


def test_memcached_with_authentication(scanner: Scanner, tmp_path: Path) -> None:
    with memcached_server(tmp_path, password="not-guessed-by-anyone") as address:
        facts = scanner.probe(memcached.PROBE, address, 11211)
    assert facts == MemcachedFacts(answers=True, auth_required=True)
    (finding,) = findings("exposure/memcached-unauthenticated", service(facts))
    assert finding.status is Status.PASS


@pytest.mark.parametrize(("status", "auth_required"), [(0x20, True), (0, False), (0x81, None)])
def test_memcached_that_takes_the_binary_protocol_only(
    scanner: Scanner, status: int, auth_required: bool | None
) -> None:
    """A server with SASL closes a text connection and answers a binary no-op; SASL itself needs a password base."""

    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        if peer.recv(100)[:1] == b"\x80":
            peer.sendall(b"\x81\x0a\x00\x00\x00\x00" + status.to_bytes(2, "big") + bytes(16))

    with tcp_server(behave) as address:
        facts = scanner.probe(memcached.PROBE, address, PORT)
    assert isinstance(facts, MemcachedFacts)
    assert facts.answers
    assert facts.auth_required is auth_required
    assert footprint(scanner).opened == 2
