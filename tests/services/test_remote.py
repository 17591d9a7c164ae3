"""rsync, VNC, X11, RDP and LDAP: real servers, open and closed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from scanner.errors import TargetError
from scanner.facts.access import LdapFacts, RdpFacts, RsyncFacts, VncFacts, X11Facts
from scanner.probes import ldap, rdp, rsync, vnc, x11
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.desktops import vnc_server, x11_server, x11vnc_server
from tests.servers.directory import one_entry, slapd_server, xrdp_server
from tests.servers.rsync import rsync_daemon
from tests.servers.tls import issue
from tests.services.asking import asked, fails
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

pytestmark = pytest.mark.server

OPEN = "[www]\npath = {folder}\ncomment = web pages\n"
CLOSED = "[www]\npath = {folder}\nauth users = tester\nsecrets file = {secrets}\nread only = yes\n"


def test_rsync_with_an_open_module(scanner: Scanner, tmp_path: Path) -> None:
    with rsync_daemon(tmp_path, CLOSED.replace("www", "first") + OPEN) as address:
        facts = asked(scanner, rsync.PROBE, address, 873)
        log = (tmp_path / "rsync.log").read_text()
    assert facts.access == "open"
    assert facts.request == "module www"
    assert facts.told("modules") == "2"
    assert fails(facts, "exposure/rsync")
    assert "secret.txt" not in log
    assert footprint(scanner).received < 2000


def test_rsync_with_passwords(scanner: Scanner, tmp_path: Path) -> None:
    with rsync_daemon(tmp_path, CLOSED) as address:
        facts = asked(scanner, rsync.PROBE, address, 873)
    assert facts.access == "authentication"
    assert facts.reply == "@RSYNCD: AUTHREQD"
    assert not fails(facts, "exposure/rsync")


def test_rsync_for_other_hosts(scanner: Scanner, tmp_path: Path) -> None:
    with rsync_daemon(tmp_path, OPEN + "hosts allow = 192.0.2.1\n") as address:
        facts = asked(scanner, rsync.PROBE, address, 873)
    assert facts.access == "refused"
    assert outcomes("exposure/rsync", service(facts)) == ["turned_away"]


def test_rsync_that_lists_nothing(scanner: Scanner, tmp_path: Path) -> None:
    with rsync_daemon(tmp_path, OPEN + "list = no\n", general="motd file = /etc/hostname") as address:
        facts = asked(scanner, rsync.PROBE, address, 873)
    assert facts.access is None
    assert facts.told("modules") == "0"
    assert not fails(facts, "exposure/rsync")


@pytest.mark.parametrize(
    "lines",
    [
        b"@RSYNCD: 31.0\n" + b"name\tcomment\n" * 500,
        b"@RSYNCD: 31.0\n" + b"a\tb\n@RSYNCD: EXIT\n" * 3,
        b"@RSYNCD: 31.0\n" + b"\xff\t\n@RSYNCD: OK\n",
    ],
)
def test_rsync_that_lies_is_never_open(scanner: Scanner, lines: bytes) -> None:
    with tcp_server(saying(lines, hold=False)) as address:
        try:
            facts = scanner.probe(rsync.PROBE, address, PORT)
        except TargetError:
            return
    assert isinstance(facts, RsyncFacts)
    assert facts.access != "open"


# ------------------------------------------------------------------ desktops


def test_vnc_without_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with vnc_server(tmp_path, security="None") as address:
        facts = asked(scanner, vnc.PROBE, address, 5900)
    assert facts.access == "open"
    assert facts.reply == "SecurityResult: OK"
    assert fails(facts, "exposure/vnc")


def test_vnc_with_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with vnc_server(tmp_path) as address:
        facts = asked(scanner, vnc.PROBE, address, 5900)
    assert isinstance(facts, VncFacts)
    assert facts.access == "authentication"
    assert facts.in_clear is True
    assert facts.told("security types") == "VNC Authentication"
    assert not fails(facts, "exposure/vnc")


def test_vnc_inside_tls(scanner: Scanner, tmp_path: Path) -> None:
    with vnc_server(tmp_path, security="TLSVnc") as address:
        facts = asked(scanner, vnc.PROBE, address, 5900)
    assert facts.access == "authentication"
    assert facts.in_clear is False


@pytest.mark.parametrize("password", [False, True])
def test_x11vnc(scanner: Scanner, tmp_path: Path, password: bool) -> None:
    with x11vnc_server(tmp_path, password=password) as address:
        facts = asked(scanner, vnc.PROBE, address, 5900)
    assert facts.access == ("authentication" if password else "open")
    assert fails(facts, "exposure/vnc") is not password


@pytest.mark.parametrize(
    ("after", "access"),
    [
        (b"\x01\x02", "authentication"),
        (b"\x01\x01" + bytes(4), "open"),
        (b"\x01\x01" + b"\0\0\0\1\0\0\0\4busy", "refused"),
        (b"\x01\x01", None),
        (b"\x00\0\0\0\x04full", "refused"),
    ],
)
def test_vnc_answers(scanner: Scanner, after: bytes, access: str | None) -> None:
    """RFC 6143 §7.1.2, §7.1.3, replayed."""
    with tcp_server(saying(b"RFB 003.008\n" + after)) as address:
        facts = scanner.probe(vnc.PROBE, address, PORT)
    assert isinstance(facts, VncFacts)
    assert facts.access == access


def test_x11_open_to_all(scanner: Scanner, tmp_path: Path) -> None:
    with x11_server(tmp_path, open_to_all=True) as (address, port):
        facts = asked(scanner, x11.PROBE, address, port)
    assert facts.access == "open"
    assert fails(facts, "exposure/x11")


def test_x11_with_a_cookie(scanner: Scanner, tmp_path: Path) -> None:
    with x11_server(tmp_path, open_to_all=False) as (address, port):
        facts = asked(scanner, x11.PROBE, address, port)
    assert isinstance(facts, X11Facts)
    assert facts.access == "authentication"
    assert "uthorization" in facts.reply
    assert not fails(facts, "exposure/x11")


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        (0, b"Authorization required, but no authorization protocol specified\n", "authentication_required"),
        (0, b"Maximum number of clients reached", "turned_away"),
        (2, b"", "authentication_required"),
    ],
)
def test_x11_that_lets_nobody_in(scanner: Scanner, status: int, reason: bytes, outcome: str) -> None:
    """X Window System Protocol §8, replayed, with reasons of X.Org's server."""
    words = -(-len(reason) // 4)
    reply = struct.pack("<BBHHH", status, len(reason), 11, 0, words) + reason.ljust(words * 4, b"\0")
    with tcp_server(saying(reply, listen_first=True), 6001) as address:
        facts = scanner.probe(x11.PROBE, address, 6001)
    assert isinstance(facts, X11Facts)
    assert outcomes("exposure/x11", service(facts)) == [outcome]


@pytest.mark.parametrize(("security", "outcome"), [("tls", "without_nla"), ("rdp", "standard_security")])
def test_rdp_without_nla(scanner: Scanner, tmp_path: Path, security: str, outcome: str) -> None:
    with xrdp_server(tmp_path, issue("rdp.test"), security=security) as address:
        facts = asked(scanner, rdp.PROBE, address, 3389)
    assert isinstance(facts, RdpFacts)
    assert facts.nla_required is False
    assert outcomes("exposure/rdp-without-nla", service(facts)) == [outcome]
    assert outcomes("exposure/rdp", service(facts)) == ["tells"]


@pytest.mark.parametrize(
    ("confirm", "outcome"),
    [
        (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x05\0\0\0", "nla"),
        (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x03\0\0\0", "undecided"),
        (b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0", "standard_security"),
    ],
)
def test_rdp_as_windows_answers(scanner: Scanner, confirm: bytes, outcome: str) -> None:
    """[MS-RDPBCGR] §2.2.1.2, replayed: HYBRID_REQUIRED_BY_SERVER, SSL_CERT_NOT_ON_SERVER, no negotiation at all."""
    with tcp_server(saying(confirm, listen_first=True)) as address:
        facts = scanner.probe(rdp.PROBE, address, PORT)
    assert isinstance(facts, RdpFacts)
    assert outcomes("exposure/rdp-without-nla", service(facts)) == [outcome]


# ------------------------------------------------------------------ LDAP


def test_ldap_that_anyone_may_search(scanner: Scanner, tmp_path: Path) -> None:
    with slapd_server(tmp_path, None, extra=one_entry(tmp_path, "access to * by * read")) as address:
        facts = asked(scanner, ldap.PROBE, address, 389)
    assert isinstance(facts, LdapFacts)
    assert facts.access == "open"
    assert facts.reply == "1 entries, result 0"
    assert fails(facts, "exposure/ldap")


@pytest.mark.parametrize(
    ("extra", "access"),
    [("require authc", "authentication"), ("access to * by users read by * none", None)],
)
def test_ldap_that_wants_a_bind(scanner: Scanner, tmp_path: Path, extra: str, access: str | None) -> None:
    with slapd_server(tmp_path, None, extra=one_entry(tmp_path, extra)) as address:
        facts = asked(scanner, ldap.PROBE, address, 389)
    assert facts.access == access
    assert not fails(facts, "exposure/ldap")
