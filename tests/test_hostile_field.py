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

from tests.servers.process import loopback_address
from tests.servers.programs import hostile_field
from tests.servers.redis import redis_server
from tests.test_scan import Zijian

_PORTS = "21,22,25,110,2222,3306,6379,8000,8008,8080,8081,8088,20000-20999"
_BUDGET_SECONDS = 420
"""Far above what the scan takes: it is there so that a scan that never ends fails the test."""
_MEMORY_KIB = 300 * 1024

pytestmark = pytest.mark.server


@contextlib.contextmanager
def field(addresses: dict[str, str]) -> Iterator[None]:
    """The servers of :mod:`tests.servers.programs.hostile_field`, one address for each kind."""
    command = [sys.executable, hostile_field.__file__, json.dumps(addresses)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
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
        stack.enter_context(field(addresses))
        process = zijian.start(
            "scan",
            *addresses.values(),
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


def test_hostile_banners_stand_in_no_page_as_markup(scanned: Field) -> None:
    zijian = scanned.zijian
    page = (zijian.folder / "out" / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert not {"\x1b", "\x00", "\x07", "\u202e"} & set(page)


def test_memory_stays_bounded(scanned: Field) -> None:
    assert 0 < scanned.peak_kib < _MEMORY_KIB
