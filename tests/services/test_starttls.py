"""From clear text into TLS: real servers of each protocol, and scripted ones for what those do not do."""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from scanner.ber import read_element
from scanner.errors import NotOffered, ProtocolError, TargetError, Throttled
from scanner.facts import StarttlsFacts, TlsFacts
from scanner.probes import starttls, tls
from scanner.transport import Limits
from tests.conftest import Scanner
from tests.servers.databases import mariadb_server, postgres_server
from tests.servers.directory import prosody_server, slapd_server, xrdp_server
from tests.servers.ftp import vsftpd_server
from tests.servers.mail import dovecot_server, postfix_server
from tests.servers.process import loopback_address
from tests.servers.tls import Issued, issue, s_server
from tests.services.footprint import footprint
from tests.services.hostile import ALL, PORT, Behaviour, saying, tcp_server

NAME = "mail.zijian.test"
server = pytest.mark.server


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("zijian test authority", ca=True)


@pytest.fixture(scope="module")
def leaf(authority: Issued) -> Issued:
    return issue(NAME, issuer=authority, san=[NAME])


def look(scanner: Scanner, address: str, port: int, protocol: str) -> StarttlsFacts:
    facts = scanner.probe(starttls.PROBE, address, port, name=NAME, protocol=protocol)
    assert isinstance(facts, StarttlsFacts)
    return facts


def survey(scanner: Scanner, address: str, port: int, protocol: str) -> TlsFacts:
    facts = scanner.probe(tls.PROBE, address, port, name=NAME, protocol=protocol)
    assert isinstance(facts, TlsFacts)
    return facts


Start = Callable[[Path, Issued, Issued], AbstractContextManager[str]]

SERVERS: dict[str, tuple[str, int, Start]] = {
    "smtp": ("smtp", 25, lambda _, leaf, authority: postfix_server(leaf, authority)),
    "imap": ("imap", 143, lambda _, leaf, authority: dovecot_server(leaf, authority)),
    "pop3": ("pop3", 110, lambda _, leaf, authority: dovecot_server(leaf, authority)),
    "sieve": ("sieve", 4190, lambda _, leaf, authority: dovecot_server(leaf, authority)),
    "ldap": ("ldap", 389, slapd_server),
    "xmpp-client": ("xmpp", 5222, lambda _, leaf, authority: prosody_server(NAME, leaf, authority, required=True)),
    "xmpp-server": ("xmpp", 5269, lambda _, leaf, authority: prosody_server(NAME, leaf, authority, required=False)),
    "rdp": ("rdp", 3389, xrdp_server),
    "ftp": ("ftp", 21, lambda folder, *_: vsftpd_server(folder, anonymous=False, tls=True)),
    "postgresql": ("postgresql", 5432, lambda *_: postgres_server("host all all all reject\n", tls=True)),
    "mysql": ("mysql", 3306, lambda *_: mariadb_server(tls=True, let_in=True)),
}  # fmt: skip
OWN_CERTIFICATE = ("ftp", "postgresql", "mysql")
"""Servers that make a certificate of their own."""


@server
@pytest.mark.parametrize("dialect", SERVERS)
def test_the_survey_sees_what_openssl_gets(
    scanner: Scanner, tmp_path: Path, leaf: Issued, authority: Issued, dialect: str
) -> None:
    protocol, port, start = SERVERS[dialect]
    tmp_path.chmod(0o755)
    with start(tmp_path, leaf, authority) as address:
        facts = survey(scanner, address, port, protocol)
        # s_client does not speak RDP; xrdp.ini says what is accepted.
        accepted = (
            {"TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True}
            if dialect == "rdp"
            else s_client(dialect, address, port)
        )
    assert facts.starttls == dialect
    assert facts.certificates
    if dialect not in OWN_CERTIFICATE:
        assert facts.certificates[0].sha256 == leaf.certificate.fingerprint(hashes.SHA256()).hex()
        assert facts.hostname_match is True
    for version, works in accepted.items():
        assert (version in facts.protocols) is works, version
        assert (version in facts.refused_protocols) is not works, version
    if dialect == "mysql":
        # MariaDB counts handshakes that break off: versions and certificate must do.
        assert facts.ciphers_complete == ()
        assert {error.kind for error in facts.errors} == {"spared"}
        assert footprint(scanner).opened <= 10
    else:
        assert set(facts.ciphers_complete) == set(facts.protocols)
        assert facts.groups_complete


_S_CLIENT = {"xmpp-client": "xmpp", "postgresql": "postgres"}


def s_client(dialect: str, address: str, port: int) -> dict[str, bool]:
    """Which versions ``openssl s_client`` gets through."""
    found = {}
    for version, option in (("TLSv1.1", "-tls1_1"), ("TLSv1.2", "-tls1_2"), ("TLSv1.3", "-tls1_3")):
        command = [
            "openssl", "s_client", "-starttls", _S_CLIENT.get(dialect, dialect), "-connect", f"{address}:{port}",
            option, "-cipher", "ALL:@SECLEVEL=0", "-servername", NAME,
        ]  # fmt: skip
        if dialect.startswith("xmpp"):
            command += ["-xmpphost", NAME]
        made = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
        found[version] = b"Cipher is " in made.stdout and b"Cipher is (NONE)" not in made.stdout
    return found


@server
def test_smtp(scanner: Scanner, leaf: Issued) -> None:
    with postfix_server(leaf) as address:
        facts = look(scanner, address, 25, "smtp")
    assert (facts.announced, facts.offered, facts.logins, facts.errors) == (True, True, (), ())
    assert facts.greeting == "mail.zijian.test ESMTP Postfix"
    assert "STARTTLS" in facts.capabilities
    assert footprint(scanner).opened == 1


@server
@pytest.mark.parametrize("in_clear", [False, True])
def test_imap_pop3_and_sieve_say_which_logins_they_take_before_tls(
    scanner: Scanner, leaf: Issued, in_clear: bool
) -> None:
    wanted = {
        "imap": ("USER", "PLAIN", "LOGIN"),
        "pop3": ("USER", "PLAIN", "LOGIN"),
        "sieve": ("PLAIN", "LOGIN"),
    }
    settings = {
        "ssl": "yes" if in_clear else "required",
        "disable_plaintext_auth": "no" if in_clear else "yes",
    }
    with dovecot_server(leaf, **settings) as address:
        for port, protocol in ((143, "imap"), (110, "pop3"), (4190, "sieve")):
            facts = look(scanner, address, port, protocol)
            assert (facts.announced, facts.offered) == (True, True), protocol
            assert facts.logins == (wanted[protocol] if in_clear else ()), protocol


@server
@pytest.mark.parametrize("required", [True, False])
def test_xmpp_says_whether_tls_is_required(scanner: Scanner, leaf: Issued, required: bool) -> None:
    with prosody_server(NAME, leaf, required=required) as address:
        facts = look(scanner, address, 5222, "xmpp")
    assert (facts.announced, facts.offered, facts.required) == (True, True, required)
    assert bool(facts.logins) is not required


@server
def test_xmpp_of_a_domain_that_is_not_served_is_an_error(scanner: Scanner, leaf: Issued) -> None:
    with prosody_server(NAME, leaf, required=True) as address:
        for probe in (starttls.PROBE, tls.PROBE):
            with pytest.raises(ProtocolError, match="host-unknown"):
                scanner.probe(probe, address, 5222, protocol="xmpp")


@server
def test_ldap_lists_what_it_has(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    with slapd_server(tmp_path, leaf) as address:
        facts = look(scanner, address, 389, "ldap")
    assert (facts.announced, facts.offered, facts.logins) == (True, True, None)
    assert "1.3.6.1.4.1.1466.20037" in facts.capabilities


WITHOUT: dict[str, tuple[str, int, Start]] = {
    "smtp": ("smtp", 25, lambda *_: postfix_server(None)),
    "imap": ("imap", 143, lambda *_: dovecot_server(None)),
    "pop3": ("pop3", 110, lambda *_: dovecot_server(None)),
    "sieve": ("sieve", 4190, lambda *_: dovecot_server(None)),
    "ldap": ("ldap", 389, lambda folder, *_: slapd_server(folder, None)),
    "rdp": ("rdp", 3389, lambda folder, leaf, _: xrdp_server(folder, leaf, security="rdp")),
    "ftp": ("ftp", 21, lambda folder, *_: vsftpd_server(folder, anonymous=False, tls=False)),
    "postgresql": ("postgresql", 5432, lambda *_: postgres_server("host all all all reject\n", tls=False)),
    "mysql": ("mysql", 3306, lambda *_: mariadb_server(tls=False, let_in=True)),
}


@server
@pytest.mark.parametrize("dialect", WITHOUT)
def test_no_way_into_tls_is_an_answer(
    scanner: Scanner, tmp_path: Path, leaf: Issued, authority: Issued, dialect: str
) -> None:
    protocol, port, start = WITHOUT[dialect]
    tmp_path.chmod(0o755)
    with start(tmp_path, leaf, authority) as address:
        with pytest.raises(NotOffered):
            survey(scanner, address, port, protocol)
        assert footprint(scanner).opened == 1
        if dialect not in OWN_CERTIFICATE:
            assert look(scanner, address, port, protocol).offered is False


# ------------------------------------------------------------------ what the servers here do not do

NEWS = b"101 list\r\nVERSION 2\r\nSTARTTLS\r\nAUTHINFO USER SASL\r\nSASL PLAIN CRAM-MD5\r\n.\r\n"


@contextlib.contextmanager
def tls12_server(folder: Path, leaf: Issued) -> Iterator[tuple[str, int]]:
    address = loopback_address()
    certificate, key = leaf.write(folder, "inner")
    with s_server(folder, address, 4433, "-cert", str(certificate), "-key", str(key), "-tls1_2"):
        yield address, 4433


def leading(behind: tuple[str, int], *parts: bytes) -> Behaviour:
    """Say ``parts`` in turn, each but the first after something was heard, then lead on to the server behind."""

    def behave(peer: socket.socket, stop: threading.Event) -> None:
        for index, part in enumerate(parts):
            if index and not peer.recv(65536):
                return
            peer.sendall(part)
        with socket.create_connection(behind) as inner:
            while not stop.is_set():
                for one in select.select([peer, inner], [], [], 0.1)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (inner if one is peer else peer).sendall(data)

    return behave


@server
def test_nntp(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    with tcp_server(saying(b"200 news ready\r\n", NEWS, b"382 go on\r\n")) as address:
        facts = look(scanner, address, PORT, "nntp")
    assert (facts.announced, facts.offered, facts.logins) == (True, True, ("USER", "PLAIN", "CRAM-MD5"))
    with (
        tls12_server(tmp_path, leaf) as inner,
        tcp_server(leading(inner, b"200 news ready\r\n", b"382 go on\r\n")) as address,
    ):
        seen = survey(scanner, address, PORT, "nntp")
    assert (seen.starttls, seen.protocols) == ("nntp", ("TLSv1.2",))
    assert seen.certificates[0].sha256 == leaf.certificate.fingerprint(hashes.SHA256()).hex()


@server
def test_a_close_before_tls_is_no_refusal(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    """A mail server that has had enough of us after two connections has not refused a single version."""
    made = itertools.count()
    with tls12_server(tmp_path, leaf) as inner:
        through = leading(inner, b"220 mail\r\n", b"250 STARTTLS\r\n", b"220 go\r\n")

        def behave(peer: socket.socket, stop: threading.Event) -> None:
            if next(made) < 2:
                through(peer, stop)

        with tcp_server(behave) as address:
            facts = survey(scanner, address, PORT, "smtp")
    assert facts.protocols == ("TLSv1.2",)
    assert facts.refused_protocols == ()
    assert {error.kind for error in facts.errors} == {"starttls:closed"}


@pytest.mark.parametrize(
    ("protocol", "parts"),
    [
        ("smtp", (b"421 too many connections\r\n",)),
        ("smtp", (b"220 mail\r\n", b"421 later\r\n")),
        ("smtp", (b"220 mail\r\n", b"250 mail\r\n", b"454 not now\r\n")),
        ("imap", (b"* BYE too many\r\n",)),
        ("imap", (b"* OK\r\n", b"* BYE too many\r\n")),
        ("pop3", (b"-ERR busy\r\n",)),
        ("sieve", (b'BYE "later"\r\n',)),
        ("nntp", (b"400 later\r\n",)),
        ("ftp", (b"421 later\r\n",)),
        ("mysql", (b"\x0b\x00\x00\x00\xff\x10\x04Too many",)),
        ("ldap", (b"", b"0\x0c\x02\x01\x02x\x07\n\x01\x33\x04\x00\x04\x00")),
    ],
)
def test_turned_away_is_neither_yes_nor_no(scanner: Scanner, protocol: str, parts: tuple[bytes, ...]) -> None:
    with tcp_server(saying(*parts)) as address, pytest.raises(Throttled):
        survey(scanner, address, PORT, protocol)
    assert footprint(scanner).opened == 1


LIES = [
    ("ftp", (b"220-a\r\n" + b"b\r\n" * 500,)),
    ("ftp", (b"220-a\r\n221 b\r\n",)),
    ("ftp", (b"220 a\r\n", b"234-a\r\n" * 500)),
    ("smtp", (b"220 a\r\n", b"250-" + b"x" * 9000)),
    ("smtp", (b"220-a\r\n" * 500,)),
    ("smtp", (b"220 a\r\n", b"250-a\r\n251 b\r\n")),
    ("imap", (b"* OK\r\n", b"* CAPABILITY\r\n" * 500)),
    ("pop3", (b"+OK\r\n", b"+OK\r\n" + b"USER\r\n" * 500)),
    ("nntp", (b"200 a\r\n", b"101 list\r\n" + b"STARTTLS\r\n" * 500)),
    ("sieve", (b'"IMPLEMENTATION" "x"\r\n' * 500,)),
    ("ldap", (b"", b"0\x84\xff\xff\xff\xff\x02\x01\x01")),
    ("ldap", (b"", b"0\x80\x02\x01\x01")),
    ("ldap", (b"", b"0\x05\x02\x01\x01d\x7f")),
    ("ldap", (b"", b"0\x0a\x02\x01\x01d\x05\x04\x00\x30\x84\xff")),
    ("xmpp", (b"", b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>" + b"<a>" * 20000)),
    ("xmpp", (b"", b"<!DOCTYPE a [<!ENTITY a 'a'>]>" * 3000)),
    ("rdp", (b"", b"\x03\x00\xff\xff\x0e\xd0")),
    ("rdp", (b"", b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x00\x00\x00\x09\x00\x08\x00\x00\x00\x00\x00")),
]


@pytest.mark.parametrize(("protocol", "parts"), LIES)
def test_lies_claim_nothing(scanner: Scanner, protocol: str, parts: tuple[bytes, ...]) -> None:
    with tcp_server(saying(*parts, hold=False)) as address:
        with contextlib.suppress(TargetError):
            facts = look(scanner, address, PORT, protocol)
            assert facts.offered is None
            assert facts.errors
        with pytest.raises(TargetError):
            survey(scanner, address, PORT, protocol)
    cost = footprint(scanner)
    assert cost.opened == cost.closed


@pytest.mark.parametrize("protocol", ["smtp", "imap", "pop3", "ftp", "nntp", "sieve", "ldap", "xmpp", "rdp"])
@pytest.mark.parametrize("behaviour", ALL)
def test_misbehaviour(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, protocol: str, behaviour: str
) -> None:
    short = Limits(connect=2, silence=0.5, life=1.5, received=128 * 1024)
    monkeypatch.setattr(starttls, "_LIMITS", short)
    scanner.limits = short
    with tcp_server(ALL[behaviour]) as address:
        for probe in (starttls.PROBE, tls.PROBE):
            with pytest.raises(TargetError):
                scanner.probe(probe, address, PORT, protocol=protocol)
    cost = footprint(scanner)
    assert cost.opened == cost.closed == 2
    assert cost.received <= 2 * (128 * 1024 + 65536)


@given(st.binary(max_size=400))
def test_ldap_elements_are_read_or_refused(data: bytes) -> None:
    try:
        tag, content, end = read_element(data)
    except ProtocolError:
        return
    assert data[0] == tag
    assert content == data[end - len(content) : end]
