"""DNS: real BIND servers that know no network but one another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import pytest

from checks.model import Status
from scanner.facts import DnsFacts
from scanner.probes import dns as probe
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.dns import ADDRESS, everything_server, resolver, unbound
from tests.services.footprint import footprint
from tests.services.hostile import PORT, udp_server

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("named")


@pytest.fixture(scope="session")
def authoritative(folder: Path) -> Iterator[int]:
    with everything_server(folder) as port:
        yield port


@pytest.fixture(scope="session")
def open_resolver(folder: Path, authoritative: int) -> Iterator[int]:
    with resolver(folder, authoritative, open_to_all=True) as port:
        yield port


@pytest.fixture(scope="session")
def closed_resolver(folder: Path, authoritative: int) -> Iterator[int]:
    with resolver(folder, authoritative, open_to_all=False, version="none") as port:
        yield port


def ask(scanner: Scanner, port: int, transport: str) -> DnsFacts:
    facts = scanner.probe(probe.PROBE, ADDRESS, port, transport=transport)
    assert isinstance(facts, DnsFacts)
    assert facts.answers
    assert footprint(scanner).opened == 1
    return facts


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_an_open_resolver(scanner: Scanner, open_resolver: int, transport: str) -> None:
    facts = ask(scanner, open_resolver, transport)
    assert facts.recursion_available is True
    assert facts.recursive_answer is True
    assert facts.version_bind is not None
    (finding,) = findings("dns/open-recursion", service(facts))
    assert finding.status is Status.WARN
    assert outcomes("dns/open-recursion", service(facts, ip=ADDRESS)) == ["own_machine"]
    assert outcomes("dns/version-disclosure", service(facts)) == ["shown"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_good_resolver_deviates_nowhere(scanner: Scanner, closed_resolver: int, transport: str) -> None:
    facts = ask(scanner, closed_resolver, transport)
    assert facts.rcode == "REFUSED"
    assert facts.recursive_answer is False
    for rule_id in ("dns/open-recursion", "dns/version-disclosure"):
        assert [finding.status for finding in findings(rule_id, service(facts))] == [Status.PASS]


@pytest.mark.parametrize("open_to_all", [True, False])
def test_unbound(scanner: Scanner, folder: Path, authoritative: int, open_to_all: bool) -> None:
    with unbound(folder, authoritative, open_to_all=open_to_all) as port:
        facts = ask(scanner, port, "udp")
    assert facts.recursive_answer is open_to_all
    (finding,) = findings("dns/open-recursion", service(facts))
    assert finding.status is (Status.WARN if open_to_all else Status.PASS)
    assert outcomes("dns/version-disclosure", service(facts)) == (["shown"] if open_to_all else ["hidden"])


def test_an_authoritative_server_does_not_recurse(scanner: Scanner, authoritative: int) -> None:
    facts = ask(scanner, authoritative, "udp")
    assert facts.recursion_available is False
    assert facts.recursive_answer is False


def test_a_resolver_without_a_way_out_is_neither_open_nor_closed(scanner: Scanner, folder: Path) -> None:
    with resolver(folder, 1, open_to_all=True) as port:
        facts = ask(scanner, port, "udp")
    assert facts.recursion_available is True
    assert facts.recursive_answer is None
    assert facts.rcode == "SERVFAIL"
    assert outcomes("dns/open-recursion", service(facts)) == ["undecided"]


def _reply(data: bytes, flags: int, *, address: bool) -> bytes:
    query = dns.message.from_wire(data)
    reply = dns.message.make_response(query)
    reply.flags |= flags
    name = query.question[0].name
    if address and query.question[0].rdclass == 1 and str(name) == "example.com.":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1"))
    return reply.to_wire()


@pytest.mark.parametrize(
    ("flags", "address", "resolved"),
    [
        pytest.param(dns.flags.RA, True, True, id="resolved"),
        pytest.param(dns.flags.RA | dns.flags.AA, True, None, id="on its own authority"),
        pytest.param(dns.flags.RA, False, None, id="nothing in the answer"),
        pytest.param(0, True, False, id="no recursion offered"),
    ],
)
def test_what_counts_as_recursion(scanner: Scanner, flags: int, address: bool, resolved: bool | None) -> None:
    asked: list[str] = []

    def answer(data: bytes) -> list[bytes]:
        asked.append(str(dns.message.from_wire(data).question[0].name))
        return [_reply(data, flags, address=address)]

    with udp_server(answer) as ip:
        facts = scanner.probe(probe.PROBE, ip, PORT, transport="udp")
    assert isinstance(facts, DnsFacts)
    assert facts.recursive_answer is resolved
    # A server that offers no recursion is not made to ask anyone.
    assert ("example.com." in asked) is bool(flags & dns.flags.RA)
