"""A field of hostile servers, scanned as a whole beside honest ones: it ends, in bounded memory, and each is named."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scanner.ledger import records
from tests.servers.process import loopback_address
from tests.servers.programs import hostile_field, lying_dns
from tests.servers.redis import redis_server
from tests.test_scan import ROOT, Zijian

_PORTS = "21,22,25,53,110,443,2222,3306,4443,6379,8000,8008,8080,8081,8088,8443,8888,9443,20000-20999"
_BUDGET_SECONDS = 420
"""Far above what the scan takes: it is there so that a scan that never ends fails the test."""
_MEMORY_KIB = 300 * 1024

pytestmark = pytest.mark.server


@contextlib.contextmanager
def field(addresses: dict[str, str]) -> Iterator[None]:
    """The servers of :mod:`tests.servers.programs.hostile_field`, one address for each kind."""
    with said_ready(hostile_field.__name__, addresses):
        yield


@contextlib.contextmanager
def said_ready(module: str, stated: dict[str, str]) -> Iterator[None]:
    """A program of the tests while the block lasts."""
    command = [sys.executable, "-m", module, json.dumps(stated)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.kill()


class Field(NamedTuple):
    """What is known after the scan."""

    zijian: Zijian
    addresses: dict[str, str]
    peak_kib: int
    """Most memory that the scan held."""


def peak_of(process: subprocess.Popen[str]) -> int:
    """Wait for the process to end; its peak in KiB.

    Not by getrusage(2): what the parent held when it started the process counts there.
    """
    end, peak, status = time.monotonic() + _BUDGET_SECONDS, 0, Path(f"/proc/{process.pid}/status")
    while time.monotonic() < end:
        if found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text()):
            peak = int(found[1])
        if process.poll() is not None:
            return peak
        time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the scan was not done after {_BUDGET_SECONDS} s")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Field:
    """One scan of the whole field and of an open redis that stands beside the tarpit, on its very address."""
    zijian = Zijian(tmp_path_factory.mktemp("field"))
    with contextlib.ExitStack() as stack:
        honest = stack.enter_context(redis_server(zijian.folder, options=("--protected-mode", "no")))
        addresses = {kind: loopback_address() for kind in hostile_field.KINDS if kind != "tarpit"}
        addresses["tarpit"] = honest
        # The streams without end leave little time to whoever shares their process.
        for kinds in ({"certificates"}, addresses.keys() - {"certificates"}):
            stack.enter_context(field({kind: addresses[kind] for kind in kinds}))
        addresses["dns"] = loopback_address()
        stated = {"address": addresses["dns"], "honest": addresses["dns"]}
        stack.enter_context(said_ready(lying_dns.__name__, stated))
        # One of them in the dress of IPv6 (RFC 4291 §2.5.5.2): the report knows it by the address that it is.
        targets = [
            f"::ffff:{addresses[kind]}" if kind == "banners" else addresses[kind] for kind in addresses
        ]
        targets += [f"{lie}.{lying_dns.DOMAIN}" for lie in lying_dns.LIES]
        scope = zijian.folder / "scope.toml"
        scope.write_text(
            f'mode = "self"\nauthorized_by = "张三"\n[scope]\ntargets = {json.dumps(targets)}\n'
            'addresses = ["127.0.0.0/8"]\n'
        )
        process = zijian.start(
            "scan",
            "--scope",
            str(scope),
            "--dns-server",
            addresses["dns"],
            "--ports",
            _PORTS,
            "--profile",
            "quick",
            "-q",
            "--lang",
            "en",
            "-o",
            "out",
        )
        peak = peak_of(process)
    return Field(zijian, addresses, peak)


def services(zijian: Zijian, address: str) -> dict[int, dict[str, Any]]:
    return {entry["port"]: entry for entry in zijian.result()["services"] if entry["ip"] == address}  # type: ignore[attr-defined]


def not_checked(zijian: Zijian, address: str) -> dict[tuple[str, str], str]:
    """What could not be checked on an address: (subject, reason), and the message."""
    return {
        (entry["subject"], entry["reason"]): entry["message"]
        for entry in zijian.result()["not_checked"]  # type: ignore[attr-defined]
        if entry["subject"].startswith(address)
    }


def test_the_tarpit_is_named_and_not_asked_to_the_end(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    told = not_checked(zijian, addresses["tarpit"])
    message = told[addresses["tarpit"], "many_silent"]
    assert "said nothing to any question, as a tarpit does" in message
    assert "20999" in message
    found = services(zijian, addresses["tarpit"])
    assert len([port for port in found if port in hostile_field.TARPIT]) == len(hostile_field.TARPIT)
    assert {found[port]["name"] for port in hostile_field.TARPIT} == {None}


def test_ports_of_the_tarpit_that_were_not_asked_do_not_count_as_examined(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    found = services(zijian, addresses["tarpit"])
    unasked = {port for port, entry in found.items() if not entry["asked"]}
    assert len(unasked) > 900
    assert 6379 not in unasked
    assert {port for port, entry in found.items() if "identify" not in entry["facts"]} == unasked
    page = (zijian.folder / "out" / "report.html").read_text()
    everything = len(zijian.result()["services"])  # type: ignore[attr-defined]
    assert f"{everything - len(unasked)} services on" in page
    assert f"{len(unasked)} further ports are open and were not asked" in page


def test_the_honest_server_in_the_tarpit_is_wholly_reported(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    assert services(zijian, addresses["tarpit"])[6379]["name"] == "redis"
    found = [
        entry["status"]
        for entry in zijian.result()["findings"]  # type: ignore[attr-defined]
        if entry["check"] == "exposure/redis-unauthenticated"
        and entry["service"] == f"{addresses['tarpit']}:6379/tcp"
    ]
    assert found == ["fail"]


def test_nothing_false_is_said_of_streams_and_resets(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    found = services(zijian, addresses["streams"])
    assert set(found) == set(hostile_field.KINDS["streams"])
    # nmap takes a stream of "A" for EchoLink, which is its word; ours is that nothing was recognised.
    assert {entry["facts"].get("identify", {}).get("protocol") for entry in found.values()} == {None}
    assert not [
        entry
        for entry in zijian.result()["findings"]  # type: ignore[attr-defined]
        if str(entry["service"]).startswith(addresses["streams"] + ":") and entry["status"] == "fail"
    ]


def test_web_bombs_are_named_with_what_they_did(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    told = not_checked(zijian, addresses["web"])
    for port in (8081, 8088):
        assert any(subject == f"{addresses['web']}:{port}/tcp" for subject, _ in told), told
    assert {services(zijian, addresses["web"])[port]["name"] for port in hostile_field.KINDS["web"]} == {
        "http"
    }


def test_certificates_of_megabytes_are_named_and_judged_by_no_rule(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    found = services(zijian, addresses["certificates"])
    told = not_checked(zijian, addresses["certificates"])
    for port in (443, 8443):
        subject = f"{addresses['certificates']}:{port}/tcp"
        assert re.search(r"handshake message of 52\d{5} bytes", told[subject, "too_large"])
        assert found[port]["facts"]["tls"]["protocols"] == ["TLSv1.2"]
        runs = {
            (run["status"], run["reason"])
            for run in zijian.result()["checks"]  # type: ignore[attr-defined]
            if run["subject"] == subject and run["check"] == "certificate/expired"
        }
        assert runs == {("failed", "probe_failed:too_large")}
    assert (f"{addresses['certificates']}:4443/tcp", "timeout") in told
    # As long as is read: judged, and its names are counted without being listed one by one.
    (certificate,) = found[9443]["facts"]["tls"]["certificates"]
    assert certificate["subject"] == "CN=hostile.test"


def test_each_lie_of_the_dns_server_is_named(scanned: Field) -> None:
    zijian, _, _ = scanned
    told = {
        entry["subject"].removesuffix(f".{lying_dns.DOMAIN}"): entry["message"]
        for entry in zijian.result()["not_checked"]  # type: ignore[attr-defined]
        if entry["what"] == "target" and entry["reason"] != "out_of_scope"
    }
    said = {
        "another": "answered for another name",
        "loop": "broken chain of names",
        "endless": "broken chain of names",
        "wrong-id": "an answer to another question",
        "cut": "a cut answer over TCP too",
        "pointer": "not a DNS message",
        "longest": "not a DNS message",
        "many": "stands for 2000 addresses; only the first 64 were taken",
        "drip": "did not answer",
    }
    assert told.keys() == said.keys()
    for lie, words in said.items():
        assert words in told[lie], lie


def test_what_dns_says_later_leads_nowhere(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    refused = {
        (entry["name"], entry["subject"])
        for entry in zijian.result()["not_checked"]  # type: ignore[attr-defined]
        if entry["reason"] == "out_of_scope"
    }
    assert {name for name, _ in refused} == {"changing.lie.test", "many.lie.test"}
    contacted = {
        record["remote"].rpartition(":")[0] for record in records(zijian.ledger()) if record["kind"] == "open"
    }
    assert contacted == set(addresses.values())


def test_nothing_is_concluded_from_a_cut_answer(scanned: Field) -> None:
    zijian, _, _ = scanned
    concluded = {
        (entry["check"], entry["status"])
        for entry in zijian.result()["findings"]  # type: ignore[attr-defined]
        if entry["service"] == "domain:cut.lie.test" and entry["status"] != "inconclusive"
    }
    assert concluded == set()


def test_an_address_in_the_dress_of_ipv6_is_the_address_that_it_is(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    hosts = {host["ip"]: host for host in zijian.result()["hosts"]}  # type: ignore[attr-defined]
    assert hosts[addresses["banners"]]["target"] == f"::ffff:{addresses['banners']}"
    assert not [ip for ip in hosts if ":" in ip]
    # The name that DNS led there by such an address stands beside the honest one.
    assert {"honest.lie.test", "mapped.lie.test"} == set(hosts[addresses["dns"]]["names"])


@pytest.mark.parametrize("target", ["fe80::1%lo", "[fe80::1%25lo]:80", "::ffff:0.0.0.0", "ff02::1", "::"])
def test_addresses_of_ipv6_that_are_no_host_are_refused_in_one_sentence(tmp_path: Path, target: str) -> None:
    done = Zijian(tmp_path)("scan", target, "--authorized-by", "张三", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert repr(target) in done.stderr
    assert ("with a zone" in done.stderr) == ("%" in target)


def test_an_answer_that_changes_is_concluded_from_by_nobody(scanned: Field) -> None:
    zijian, addresses, _ = scanned
    found = [
        (entry["outcome"], entry["status"])
        for entry in zijian.result()["findings"]  # type: ignore[attr-defined]
        if entry["check"] == "web/git-exposed" and entry["service"] == f"{addresses['web']}:8888/tcp"
    ]
    assert found == [("differs", "inconclusive")]


def test_hostile_banners_stand_in_no_page_as_markup(scanned: Field) -> None:
    zijian = scanned.zijian
    page = (zijian.folder / "out" / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert not {"\x1b", "\x00", "\x07", "\u202e"} & set(page)


def test_memory_stays_bounded(scanned: Field) -> None:
    assert 0 < scanned.peak_kib < _MEMORY_KIB
