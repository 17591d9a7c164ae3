"""Domains: real NSD servers hold zones of test names, well set up and badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scanner.errors import NotOffered, ResolveError
from scanner.facts import Endpoint, NameFacts, ServiceFacts, ZoneFacts
from scanner.probes import Probe
from scanner.probes.name import PROBE as NAME
from scanner.probes.zone import PROBE as ZONE
from tests.checks.judging import domain, outcomes
from tests.conftest import Scanner
from tests.servers.process import loopback_address, short_folder
from tests.servers.zones import nsd, signed, zone

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class World:
    """Two name servers that know all there is; the second one hands out its zones, and knows a newer state of one."""

    resolver: str
    open_server: str


def root(first: str, second: str, ds: dict[str, str]) -> str:
    lines = [
        "@ IN NS ns1.invalid.",
        f"ns1.invalid. IN A {first}",
        f"ns2.invalid. IN A {second}",
        *(f"{name}. IN NS ns1.invalid." for name in ds),
        *(f"{name}. IN DS {record}" for name, record in ds.items() if record),
        "gone.test. IN CNAME shop.herokuapp.com.",
        "left.test. IN CNAME old.invalid.",
        "alias.test. IN CNAME host.good.test.",
        "inner.test. IN A 10.1.2.3",
        'strict.test. IN CAA 0 issue "ca.example"',
        "www.strict.test. IN A 127.0.0.1",
        "herokuapp.com. IN NS ns1.invalid.",
    ]
    return zone("\n".join(lines) + "\n")


GOOD = zone(
    "@ IN NS ns1.invalid.\n@ IN NS ns2.invalid.\n@ IN A 203.0.113.80\nhost IN A 203.0.113.81\n", serial=5
)
STALE = GOOD.replace(" 5 3600", " 4 3600")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    first, second = loopback_address(), "127.219.7.3"
    good, good_ds = signed("good.test", GOOD)
    over, over_ds = signed("over.test", zone("@ IN NS ns1.invalid.\n"), ended=True)
    false, false_ds = signed("false.test", zone("@ IN NS ns1.invalid.\n"), tampered=True)
    island, _ = signed("island.test", zone("@ IN NS ns1.invalid.\n"))
    _, other_ds = signed("swapped.test", zone("@ IN NS ns1.invalid.\n"))
    swapped, _ = signed("swapped.test", zone("@ IN NS ns1.invalid.\n"))
    plain = zone("@ IN NS ns1.invalid.\n* IN A 203.0.113.9\n")
    zones = {
        "good.test": good, "over.test": over, "false.test": false, "island.test": island, "swapped.test": swapped,
        "plain.test": plain, "bare.test": zone("@ IN NS ns1.invalid.\n"),
        "given.test": zone("@ IN NS ns2.invalid.\nsecret IN A 203.0.113.7\n"),
    }  # fmt: skip
    ds = {
        "good.test": good_ds, "over.test": over_ds, "false.test": false_ds, "island.test": "", "swapped.test": other_ds,
        "plain.test": "", "bare.test": other_ds, "given.test": "", "lame.test": "",
    }  # fmt: skip
    here = {"": root(first, second, ds), "herokuapp.com": zone("@ IN NS ns1.invalid.\n"), **zones}
    here["lame.test"] = zone("@ IN NS ns1.invalid.\n@ IN NS ns2.invalid.\n")
    there = {"given.test": zones["given.test"], "good.test": STALE}
    with short_folder() as folder, nsd(folder, first, here), nsd(folder, second, there, transfer=True):
        yield World(first, second)


def look(scanner: Scanner, world: World, probe: Probe, name: str) -> NameFacts | ZoneFacts:
    subject = ServiceFacts(endpoint=Endpoint.of_domain(name), target=name)
    facts = scanner.run(
        lambda session: probe.run(replace(session, resolvers=((world.resolver, 53),)), subject)
    )
    assert isinstance(facts, (NameFacts, ZoneFacts))
    return facts


def judged(scanner: Scanner, world: World, probe: Probe, name: str, rule: str) -> list[str]:
    return outcomes(rule, domain(name, look(scanner, world, probe, name)))


@pytest.mark.parametrize(
    ("name", "rule", "wanted"),
    [
        ("good.test", "dns/zone-transfer", "open"),
        ("given.test", "dns/zone-transfer", "open"),
        ("plain.test", "dns/zone-transfer", "refused"),
        ("good.test", "dns/dnssec-missing", "signed"),
        ("plain.test", "dns/dnssec-missing", "unsigned"),
        ("island.test", "dns/dnssec-missing", "island"),
        ("good.test", "dns/dnssec-broken", "valid"),
        ("over.test", "dns/dnssec-broken", "over"),
        ("false.test", "dns/dnssec-broken", "invalid"),
        ("swapped.test", "dns/dnssec-broken", "invalid"),
        ("bare.test", "dns/dnssec-broken", "invalid"),
        ("good.test", "dns/ns-redundancy", "apart"),
        ("plain.test", "dns/ns-redundancy", "single"),
        ("good.test", "dns/lame-server", "serials_differ"),
        ("lame.test", "dns/lame-server", "lame"),
        ("plain.test", "dns/lame-server", "agree"),
        ("plain.test", "dns/wildcard", "wildcard"),
        ("good.test", "dns/wildcard", "none"),
    ],
)
def test_zone(scanner: Scanner, world: World, name: str, rule: str, wanted: str) -> None:
    assert judged(scanner, world, ZONE, name, rule) == [wanted]


@pytest.mark.parametrize(
    ("name", "rule", "wanted"),
    [
        ("gone.test", "dns/dangling-cname", "can_be_taken"),
        ("left.test", "dns/dangling-cname", "dangling"),
        ("alias.test", "dns/dangling-cname", "leads"),
        ("good.test", "dns/dangling-cname", "no_alias"),
        ("inner.test", "dns/private-address", "internal"),
        ("good.test", "dns/caa-missing", "none"),
        ("www.strict.test", "dns/caa-missing", "present"),
        ("www.strict.test", "dns/private-address", "loopback"),
    ],
)
def test_name(scanner: Scanner, world: World, name: str, rule: str, wanted: str) -> None:
    assert judged(scanner, world, NAME, name, rule) == [wanted]


def test_of_a_zone_that_is_given_away_its_records_are_not_kept(scanner: Scanner, world: World) -> None:
    facts = look(scanner, world, ZONE, "given.test")
    assert "secret" not in repr(facts)
    assert isinstance(facts, ZoneFacts)
    (server,) = facts.servers
    assert (server.asked, server.authoritative, server.transfer) == (world.open_server, True, "open")


def test_a_name_within_another_zone_is_no_zone(scanner: Scanner, world: World) -> None:
    with pytest.raises(NotOffered, match="not the top of a zone"):
        look(scanner, world, ZONE, "host.good.test")


def test_a_dns_server_that_does_not_answer_is_said(scanner: Scanner, world: World) -> None:
    with pytest.raises(ResolveError):
        look(scanner, replace(world, resolver="127.219.7.99"), NAME, "good.test")


def test_a_dns_server_that_refuses_is_no_answer(scanner: Scanner, world: World) -> None:
    with pytest.raises(ResolveError, match="REFUSED"):
        look(scanner, replace(world, resolver=world.open_server), NAME, "elsewhere.test")


def test_a_name_server_outside_the_scope_is_not_asked(scanner: Scanner, world: World, tmp_path: Path) -> None:
    from scanner.errors import PolicyRefusal
    from scanner.probes import Session

    async def job(session: Session) -> ZoneFacts:
        permit = session.door.authority.permit

        def narrow(ip: str, port: int, transport: str, at: object) -> None:
            if ip != world.resolver or transport == "tcp":
                raise PolicyRefusal(f"{ip} 在外", f"{ip} is outside", kind="out_of_scope")
            permit(ip, port, transport, at)  # type: ignore[arg-type]

        session.door.authority.permit = narrow  # type: ignore[method-assign]
        subject = ServiceFacts(endpoint=Endpoint.of_domain("given.test"), target="given.test")
        return await ZONE.run(replace(session, resolvers=((world.resolver, 53),)), subject)

    facts = scanner.run(job)
    assert [server.asked for server in facts.servers] == [None]
    assert outcomes("dns/zone-transfer", domain("given.test", facts)) == ["not_asked"]
    assert world.open_server not in scanner.ledger_path.read_text()
