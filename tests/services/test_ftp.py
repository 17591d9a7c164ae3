"""FTP: real vsftpd servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.model import Status
from scanner.errors import Throttled
from scanner.facts import FtpFacts
from scanner.probes import ftp
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.ftp import vsftpd_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

pytestmark = pytest.mark.server


def test_anonymous_and_in_clear(scanner: Scanner, tmp_path: Path) -> None:
    with vsftpd_server(tmp_path, anonymous=True, tls=False) as address:
        facts = scanner.probe(ftp.PROBE, address, 21)
    assert isinstance(facts, FtpFacts)
    assert facts.anonymous is True
    assert facts.auth_tls is False
    assert "vsFTPd" in facts.greeting
    assert "SIZE" in facts.features
    assert footprint(scanner).opened == 1
    assert outcomes("exposure/ftp-anonymous", service(facts, ip=address)) == ["let_in_locally"]
    (finding,) = findings("exposure/ftp-anonymous", service(facts))
    assert finding.status is Status.WARN
    assert outcomes("exposure/ftp-clear-text", service(facts)) == ["anonymous_in_clear"]


def test_logins_in_clear(scanner: Scanner, tmp_path: Path) -> None:
    with vsftpd_server(tmp_path, anonymous=False, tls=False) as address:
        facts = scanner.probe(ftp.PROBE, address, 21)
    assert isinstance(facts, FtpFacts)
    assert facts.anonymous is False
    (finding,) = findings("exposure/ftp-clear-text", service(facts))
    assert finding.status is Status.FAIL


def test_a_good_server_deviates_nowhere(scanner: Scanner, tmp_path: Path) -> None:
    with vsftpd_server(tmp_path, anonymous=False, tls=True, force_tls=True) as address:
        facts = scanner.probe(ftp.PROBE, address, 21)
    assert isinstance(facts, FtpFacts)
    assert facts.auth_tls is True
    for rule_id in ("exposure/ftp-anonymous", "exposure/ftp-clear-text"):
        assert [finding.status for finding in findings(rule_id, service(facts))] == [Status.PASS]


def test_where_features_are_shown_after_login_only(scanner: Scanner) -> None:
    dialogue = (
        b"220 ready\r\n", b"530 Please login with USER and PASS.\r\n", b"331 Password\r\n", b"530 No\r\n",
        b"234 Proceed\r\n", b"",
    )  # fmt: skip
    with tcp_server(saying(*dialogue, hold=False)) as address:
        facts = scanner.probe(ftp.PROBE, address, PORT)
    assert isinstance(facts, FtpFacts)
    assert facts.auth_tls is True
    assert facts.anonymous is False


def test_where_clear_text_is_refused_nothing_is_said_of_anonymous(scanner: Scanner) -> None:
    dialogue = (
        b"220 ready\r\n", b"500 What?\r\n", b"530 Non-anonymous sessions must use encryption.\r\n", b"221 Bye\r\n",
    )  # fmt: skip
    with tcp_server(saying(*dialogue)) as address:
        facts = scanner.probe(ftp.PROBE, address, PORT)
    assert isinstance(facts, FtpFacts)
    assert facts.anonymous is None
    assert facts.auth_tls is True


def test_being_turned_away_is_no_fact(scanner: Scanner) -> None:
    with tcp_server(saying(b"421 Too many connections\r\n")) as address, pytest.raises(Throttled):
        scanner.probe(ftp.PROBE, address, PORT)
