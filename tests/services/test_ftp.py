"""FTP: real vsftpd and pyftpdlib servers."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from checks.model import Status
from scanner.errors import Throttled
from scanner.facts import FtpFacts, IdentifyFacts, StarttlsFacts, TlsFacts
from scanner.probes import ftp, identify, starttls, tls
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.cache import Unavailable
from tests.servers.ftp import proftpd_server, pyftpdlib_server, vsftpd_server
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


def test_a_greeting_whose_middle_lines_have_no_code(scanner: Scanner, tmp_path: Path) -> None:
    """RFC 959 §4.2: a longer reply has its code in the first and the last line alone; so pyftpdlib sends a long banner."""
    lines = (
        "Welcome to the archive of the county",
        "",
        "  331 users of 500 are here",
        "220-nine is no end of it",
    )
    with pyftpdlib_server(tmp_path, banner="\r\n".join(lines)) as address:
        facts = scanner.probe(ftp.PROBE, address, 21)
        clear = scanner.probe(starttls.PROBE, address, 21, protocol="ftp")
        inside = scanner.probe(tls.PROBE, address, 21, protocol="ftp")
    assert isinstance(facts, FtpFacts)
    assert facts.greeting == (
        "Welcome to the archive of the county /   331 users of 500 are here / nine is no end of it"
    )
    assert facts.auth_tls is True
    assert facts.anonymous is False
    assert isinstance(clear, StarttlsFacts)
    assert clear.errors == ()
    assert isinstance(inside, TlsFacts)
    assert inside.starttls == "ftp"
    assert inside.protocols == ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize(
    ("greeting", "read"),
    [
        (b"220-a\r\n220-b\r\n220 c\r\n", "a / b / c"),
        (b"220-a\r\nb\r\n221 c\r\n 220 d\r\n220\r\n", "a / b / 221 c /  220 d"),
        (b"220\r\n", ""),
    ],
)
def test_the_forms_of_a_greeting(scanner: Scanner, greeting: bytes, read: str) -> None:
    dialogue = (greeting, b"211-Features:\r\n AUTH TLS\r\n211 End\r\n", b"530 No\r\n")
    with tcp_server(saying(*dialogue)) as address:
        facts = scanner.probe(ftp.PROBE, address, PORT)
    assert isinstance(facts, FtpFacts)
    assert facts.greeting == read
    assert facts.auth_tls is True


def test_being_asked_to_wait_is_no_fact(scanner: Scanner) -> None:
    with tcp_server(saying(b"120 ready in 5 minutes\r\n")) as address, pytest.raises(Throttled):
        scanner.probe(ftp.PROBE, address, PORT)


@pytest.mark.parametrize(
    ("anonymous", "tls", "clear", "let_in"),
    [
        (True, False, "anonymous_in_clear", "let_in"),
        (False, False, "clear_text", "refused"),
        (False, True, "tls_offered", None),
    ],
)
def test_proftpd(scanner: Scanner, anonymous: bool, tls: bool, clear: str, let_in: str | None) -> None:
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(proftpd_server(anonymous=anonymous, tls=tls))
        except Unavailable as error:
            pytest.skip(str(error))
        named = scanner.probe(identify.PROBE, address, 21)
        facts = scanner.probe(ftp.PROBE, address, 21)
    assert isinstance(named, IdentifyFacts)
    assert (named.protocol, named.product) == ("ftp", "ProFTPD")
    assert isinstance(facts, FtpFacts)
    assert outcomes("exposure/ftp-clear-text", service(facts)) == [clear]
    # Where nothing goes without TLS, whether strangers are let in is not told in clear text.
    assert outcomes("exposure/ftp-anonymous", service(facts)) == [let_in or "undecided"]
