"""Domains as a whole command sees them: what DNS says is judged, kept, reported, and told again without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.process import loopback_address, short_folder
from tests.servers.zones import nsd, signed, zone
from tests.test_scan import Zijian, deviations

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class World:
    """The DNS server to ask, and the domains' own, which gives one of its zones away."""

    resolver: str
    server: str


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    resolver, server = loopback_address(), "127.219.8.3"
    good, ds = signed(
        "good.test",
        zone(
            '@ IN NS ns1.invalid.\n@ IN NS ns2.invalid.\n@ IN CAA 0 issue "ca.example"\n'
            f"@ IN A {resolver}\nwww IN A {resolver}\n"
        ),
    )
    bad = zone(f"@ IN NS ns2.invalid.\n@ IN A {server}\nwww IN A {server}\nsecret IN A 203.0.113.7\n")
    root = zone(
        f"@ IN NS ns1.invalid.\nns1.invalid. IN A {resolver}\nns2.invalid. IN A {server}\n"
        f"good.test. IN NS ns1.invalid.\ngood.test. IN DS {ds}\nbad.test. IN NS ns2.invalid.\n"
    )
    quiet = "hide-version: yes"
    with (
        short_folder() as folder,
        nsd(folder, resolver, {"": root, "good.test": good, "bad.test": bad}, options=quiet),
        nsd(folder, server, {"good.test": good, "bad.test": bad}, transfer=True, options=quiet),
    ):
        yield World(resolver, server)


def scan(zijian: Zijian, world: World, target: str) -> dict[str, object]:
    done = zijian(
        "scan", target, "--authorized-by", "张三", "--checks", "dns", "--dns-server", world.resolver, "--ports", "53", "-o", "out", "-q",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return zijian.result()


def test_a_domain_in_good_order_has_no_finding(zijian: Zijian, world: World) -> None:
    result = scan(zijian, world, "www.good.test")
    assert deviations(result) == set()
    domains = {domain["name"]: domain["facts"] for domain in result["domains"]}  # type: ignore[attr-defined]
    assert set(domains) == {"www.good.test", "good.test"}
    assert domains["good.test"]["zone"]["signature"] == "valid"
    # A name within a zone is no zone, and is not judged as one.
    assert "zone" not in domains["www.good.test"]


def test_a_careless_domain(zijian: Zijian, world: World) -> None:
    result = scan(zijian, world, "www.bad.test")
    assert deviations(result) == {("dns/zone-transfer", "open"), ("dns/ns-redundancy", "single")}
    found = next(item for item in result["findings"] if item["check"] == "dns/zone-transfer")  # type: ignore[attr-defined]
    assert (found["service"], found["looks"]) == ("domain:bad.test", 2)
    page = (zijian.folder / "out" / "report.html").read_text()
    assert "bad.test" in page
    assert "secret" not in page + (zijian.folder / "out" / "result.json").read_text()
    again = zijian("assess", "latest", "-o", "again")
    assert again.returncode == 0, again.stderr
    assert deviations(zijian.result("again")) == deviations(result)
    assert zijian("ledger", "verify", "latest").returncode == 0
