"""Whole scans of UDP ports: what answers is a service, what keeps silent is none, with raw sockets and without."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.servers import udp as servers
from tests.servers.process import short_folder
from tests.services.hostile import udp_server
from tests.test_scan import Zijian, zijian

__all__ = ["zijian"]
pytestmark = [pytest.mark.server, pytest.mark.skipif(os.geteuid() != 0, reason="UDP scans need raw sockets")]
PORTS = "U:69,U:137,U:161,U:9999,U:30000-30200"


@pytest.fixture
def host() -> Iterator[str]:
    """tftpd-hpa, which answers from another port; two ports that never answer."""
    with short_folder() as folder, servers.tftpd_server(folder) as address, contextlib.ExitStack() as stack:
        for port in (137, 9999):
            stack.enter_context(udp_server(lambda data: [], port, address=address))
        yield address


def scanned(zijian: Zijian, address: str, *prefix: str) -> dict[str, dict[str, str]]:
    command = [*prefix, *zijian.command("scan", address, "--ports", PORTS, "-q", "-o", "out")]
    done = subprocess.run(
        command, env=zijian.environment, cwd=zijian.folder, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result = zijian.result()
    services = [(service["port"], service["name"]) for service in result["services"]]  # type: ignore[attr-defined]
    assert services == [(69, "tftp")]
    (seen,) = result["hosts"]  # type: ignore[misc]
    assert (seen["up"], seen["ports_open"]) == (True, ["69/udp"])
    told = {entry["reason"]: entry for entry in result["not_checked"] if entry["what"] == "discovery"}  # type: ignore[attr-defined]
    assert "UDP ports 137 gave no answer" in told["udp_silent"]["message"]
    assert told["udp_silent"]["status"] == "inconclusive"
    return told


def test_with_raw_sockets(zijian: Zijian, host: str) -> None:
    assert set(scanned(zijian, host)) == {"udp_silent"}
    again = zijian("scan", "--resume", "latest", "-q", "-o", "out")
    assert again.returncode in (0, 2), again.stderr


def test_without_raw_sockets_the_same_ports_are_asked(zijian: Zijian, host: str) -> None:
    told = scanned(zijian, host, "setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    message = told["no_permission"]["message"]
    assert "UDP ports 69,137,161 were only asked" in message
    assert "UDP ports 9999,30000-30200 need raw sockets (root); they were not looked at" in message


def test_an_answer_that_is_not_the_protocols_leaves_nmaps_word(zijian: Zijian) -> None:
    with udp_server(lambda data: [b"what?"], 161) as address:
        assert zijian("scan", address, "--ports", "U:161", "-q", "-o", "out").returncode == 0
    (service,) = zijian.result()["services"]  # type: ignore[misc]
    assert service["name"] == "snmp"
    assert service["facts"]["identify"]["protocol"] is None
