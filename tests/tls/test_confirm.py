"""The second look: it comes to the same judgement in few connections, and to another where the server has changed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.model import Status
from checks.registry import builtin
from scanner.facts import Endpoint, ProbeRun, RunStatus, ServiceFacts, TlsFacts
from scanner.probes import tls
from scanner.tls.confirm import family
from scanner.tls.primes import modp
from tests.checks.judging import findings, outcomes
from tests.conftest import Scanner
from tests.servers.tls import Asked, Intolerant, Issued, Old, issue, nginx, rsa_key, s_server, scripted
from tests.services.footprint import footprint

NAME = "www.zijian.test"
PORT = 4433
RULES = [loaded.rule.id for loaded in builtin() if loaded.rule.family in ("tls", "certificate")]


@pytest.fixture(scope="module")
def leaf() -> Issued:
    return issue(NAME, key=rsa_key(), san=[NAME])


def look(scanner: Scanner, service: ServiceFacts) -> TlsFacts:
    async def job(session):  # type: ignore[no-untyped-def]
        return await tls.PROBE.run(session, service)

    facts = scanner.run(job)
    assert isinstance(facts, TlsFacts)
    return facts


def run(service: ServiceFacts, facts: TlsFacts, attempt: int) -> ProbeRun:
    now = datetime.now(UTC)
    return ProbeRun(
        probe="tls", endpoint=service.endpoint, attempt=attempt, status=RunStatus.COMPLETED, started=now, finished=now,
        facts=facts,
    )  # fmt: skip


def twice(scanner: Scanner, address: str, port: int) -> tuple[ServiceFacts, int, int]:
    """The service looked at twice, and the connections of each look."""
    service = ServiceFacts(endpoint=Endpoint(ip=address, port=port, name=NAME), target=address, tls=True)
    first = look(scanner, service)
    made = footprint(scanner).opened
    service = replace(service, runs={"tls": run(service, first, 1)})
    second = look(scanner, service)
    return replace(service, second={"tls": run(service, second, 2)}), made, footprint(scanner).opened - made


def deviating(service: ServiceFacts) -> set[tuple[str, str]]:
    return {
        (rule_id, finding.outcome)
        for rule_id in RULES
        for finding in findings(rule_id, service)
        if finding.status.deviates
    }


@contextmanager
def plain_nginx(folder: Path, address: str, leaf: Issued) -> Iterator[int]:
    certificate, key = leaf.write(folder, "server")
    with nginx(folder, address, PORT, f"ssl_certificate {certificate}; ssl_certificate_key {key};"):
        yield PORT


@contextmanager
def everything(folder: Path, address: str, leaf: Issued) -> Iterator[int]:
    certificate, key = leaf.write(folder, "server")
    options = ("-cert", str(certificate), "-key", str(key), "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    with s_server(folder, address, PORT, *options):
        yield PORT


WEAK = Old(
    suites={0x303: [0x0005, 0xC011, 0x000A, 0x0033], 0x300: [0x0003, 0x0005], 0x301: [0x0033, 0x0001]},
    deflate=True,
    renegotiation=False,
    prime=modp(1024),
    ssl2_kinds=[0x010080],
)


@contextmanager
def weak(folder: Path, address: str, leaf: Issued) -> Iterator[int]:
    with scripted(address, replace(WEAK, chain=[leaf.der])) as server:
        yield server.port


Start = Callable[[Path, str, Issued], AbstractContextManager[int]]


@pytest.mark.server
@pytest.mark.parametrize(("start", "most"), [(plain_nginx, 12), (everything, 60), (weak, 14)])
def test_the_same_server_is_judged_the_same(
    scanner: Scanner, tmp_path: Path, address: str, leaf: Issued, start: Start, most: int
) -> None:
    with start(tmp_path, address, leaf) as port:
        service, first, second = twice(scanner, address, port)
    alone = replace(service, second={})
    assert deviating(alone)
    assert deviating(service) == deviating(alone)
    assert second <= most < first


@pytest.mark.parametrize("late", [0xC02F, 0x009C, 0x0005])
def test_a_suite_that_is_put_last_is_no_order_the_second_time_either(
    scanner: Scanner, address: str, leaf: Issued, late: int
) -> None:
    server = Old(
        suites={0x303: [0xC02F, 0x009C, 0x002F, 0x0005]}, chain=[leaf.der], client_order=True, late=[late]
    )
    with scripted(address, server) as running:
        service, _, _ = twice(scanner, address, running.port)
    assert outcomes("tls/client-preferred-weak-order", replace(service, second={})) == ["client_chooses"]
    assert outcomes("tls/client-preferred-weak-order", service) == ["client_chooses"]


@pytest.mark.parametrize(
    ("breaks_on", "suites"),
    [
        (lambda asked: 0x304 in asked.versions, {0x303: [0xC02F]}),
        (lambda asked: asked.version > 0x301, {0x301: [0xC013]}),
    ],
)
def test_a_version_that_is_not_borne_is_asked_for_again(
    scanner: Scanner,
    address: str,
    leaf: Issued,
    breaks_on: Callable[[Asked], bool],
    suites: dict[int, list[int]],
) -> None:
    mended = False
    server = Old(suites=suites, chain=[leaf.der])  # type: ignore[arg-type]
    with scripted(
        address, Intolerant(server, lambda asked: not mended and breaks_on(asked), "closed")
    ) as running:
        service, _, _ = twice(scanner, address, running.port)
        assert outcomes("tls/intolerant-handshake", service) == ["version"]
        mended = True
        later = look(scanner, replace(service, second={}))
    assert later.intolerance == {}
    changed = replace(service, second={"tls": run(service, later, 2)})
    assert outcomes("tls/intolerant-handshake", changed) == ["differs"]


@pytest.mark.server
def test_what_has_changed_is_left_open(scanner: Scanner, address: str, leaf: Issued) -> None:
    """Another machine behind the same address answers the second time: it takes TLS 1.2 with one good suite alone."""
    good = Old(suites={0x303: [0xC02F]}, chain=[leaf.der], fallback=True)
    script = replace(WEAK, chain=[leaf.der])

    def whoever(sock: socket.socket) -> None:
        script(sock)

    with scripted(address, whoever) as server:
        service = ServiceFacts(
            endpoint=Endpoint(ip=address, port=server.port, name=NAME), target=address, tls=True
        )
        first = look(scanner, service)
        service = replace(service, runs={"tls": run(service, first, 1)})
        script = good
        second = look(scanner, service)
    changed = replace(service, second={"tls": run(service, second, 2)})
    before = {rule_id for rule_id, _ in deviating(service) if rule_id.startswith("tls/")}
    assert {"tls/legacy-protocol", "tls/rc4", "tls/export-cipher", "tls/compression", "tls/weak-dh"} <= before
    for rule_id in before:
        assert outcomes(rule_id, changed) == ["differs"], rule_id
        assert findings(rule_id, changed)[0].status is Status.INCONCLUSIVE


def test_a_server_that_is_gone_leaves_all_open(scanner: Scanner, address: str, leaf: Issued) -> None:
    with scripted(address, replace(WEAK, chain=[leaf.der])) as server:
        service = ServiceFacts(
            endpoint=Endpoint(ip=address, port=server.port, name=NAME), target=address, tls=True
        )
        first = look(scanner, service)
    service = replace(service, runs={"tls": run(service, first, 1)})
    with pytest.raises(Exception, match="refused"):
        look(scanner, service)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ("ECDHE_RSA", "AEAD")),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ("ECDHE_RSA", "AEAD")),
        ("TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", ("RSA", "CBC")),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", ("RSA", "3DES")),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", ("RSA_EXPORT", "RC4")),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", ("DH_anon", "CBC")),
    ],
)
def test_families(name: str, wanted: tuple[str, str]) -> None:
    assert family(name) == wanted
