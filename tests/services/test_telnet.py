"""Telnet: a real telnetd, and the negotiation taken apart."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import Status
from scanner.facts import IdentifyFacts, TelnetFacts
from scanner.probes import identify, telnet
from scanner.probes.telnet import Terminal
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.telnet import telnet_server, telnets_server
from tests.servers.tls import issue
from tests.services.footprint import footprint


@pytest.mark.server
def test_a_real_server(scanner: Scanner, tmp_path: Path) -> None:
    with telnet_server(tmp_path) as address:
        facts = scanner.probe(telnet.PROBE, address, 23)
    assert isinstance(facts, TelnetFacts)
    assert facts.negotiates
    assert facts.login_prompt
    assert facts.prompt.endswith("login:")
    assert footprint(scanner).opened == 1
    assert outcomes("exposure/telnet-reachable", service(facts, ip=address)) == ["loopback_only"]
    (finding,) = findings("exposure/telnet-reachable", service(facts))
    assert finding.status is Status.FAIL


@pytest.mark.server
def test_a_real_server_inside_tls(scanner: Scanner, tmp_path: Path) -> None:
    leaf = issue("telnet.test", san=["telnet.test"])
    certificate = tmp_path / "both.pem"
    certificate.write_bytes(leaf.pem + leaf.key_pem)
    with telnets_server(tmp_path, certificate) as address:
        named = scanner.probe(identify.PROBE, address, 992)
        assert isinstance(named, IdentifyFacts)
        assert (named.protocol, named.tls) == ("telnet", True)
        facts = scanner.probe(telnet.PROBE, address, 992, protocol="telnet", tls=True)
    assert outcomes("exposure/telnet-reachable", service(facts, tls=True)) == ["inside_tls"]


def test_every_option_is_declined() -> None:
    terminal = Terminal()
    assert terminal.feed(b"\xff\xfd\x18\xff\xfb\x01hi\xff\xffx") == b"\xff\xfc\x18\xff\xfe\x01"
    assert bytes(terminal.text) == b"hi\xffx"


def test_refusals_are_not_answered() -> None:
    assert Terminal().feed(b"\xff\xfe\x18\xff\xfc\x01") == b""


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_it_does_not_matter_where_the_stream_is_cut(data: bytes, cuts: list[int]) -> None:
    whole, pieces = Terminal(), Terminal()
    answers = whole.feed(data)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert b"".join(pieces.feed(data[a:b]) for a, b in pairwise(edges)) == answers
    assert pieces.text == whole.text
