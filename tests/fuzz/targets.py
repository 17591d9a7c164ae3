"""What is fuzzed: each target takes bytes as a hostile server would send them, and holds the reader to its promise.

Whatever the bytes, they end in a value or in the errors that the reader declares; any other exception is a finding. The
same targets are run by hypothesis and over the stored corpus (``tests/tls/test_fuzz.py``), and by atheris (``run.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from scanner.errors import PeerClosed, ProtocolError, TargetError, TlsError, TooLarge
from scanner.facts import tlcp_pair
from scanner.plain_http import _whole, read_reply, url_parts
from scanner.probes.mta_sts import read_policy
from scanner.starttls import _DIALECTS
from scanner.starttls.dialect import Introduction
from scanner.tls import numbers as n
from scanner.tls.certificates import Certificate, read_certificate
from scanner.tls.crl import read_crl
from scanner.tls.flight import Flight, Until
from scanner.tls.hello import ClientHello
from scanner.tls.identify import looks_like_tls
from scanner.tls.keyschedule import KeyPairs
from scanner.tls.messages import (
    read_alpn,
    read_certificate_status,
    read_certificates,
    read_certificates_tls13,
    read_encrypted_extensions,
    read_extensions,
    read_key_exchange,
    read_server_hello,
    read_ssl2,
    read_ticket_early_data,
)
from scanner.tls.naming import hostname_match
from scanner.tls.sct import count_scts
from scanner.tls.staple import read_staple, staple_scts
from scanner.tls.suites import suites_for
from scanner.tls.tlsa import Association, holds
from scanner.tls.trust import judge, judge_pair
from scanner.transport import Limits, StopSignal, Stream, _Account

CORPUS = Path(__file__).parent / "corpus"

READERS: tuple[Callable[[bytes], object], ...] = (
    read_server_hello,
    read_alpn,
    read_certificates,
    read_certificates_tls13,
    read_certificate_status,
    read_encrypted_extensions,
    read_ticket_early_data,
    read_ssl2,
    count_scts,
    looks_like_tls,
    lambda data: read_extensions(data, "extensions"),
    lambda data: read_key_exchange(data, 0xC02F),
    lambda data: read_key_exchange(data, 0x009E),
    lambda data: read_key_exchange(data, 0xC037),
    lambda data: read_key_exchange(data, 0x00AA),
)
_KINDS = ("malformed", "not_tls", "not_ssl2", "too_large", "alert:")
_HELLOS = (
    ClientHello(version=n.TLS12, suites=(0xC02F, 0x009E, 0x009C), groups=(29, 23)),
    ClientHello(version=n.TLS12, versions=(n.TLS13,), suites=(0x1301,), groups=(29,), key_shares={29: bytes(32)}),
)  # fmt: skip


def message(data: bytes) -> None:
    """One of the readers of handshake messages, by the first byte."""
    if not data:
        return
    try:
        READERS[data[0] % len(READERS)](data[1:])
    except TlsError as error:
        assert error.kind.startswith(_KINDS), error.kind


def flight(data: bytes) -> None:
    """A server's first flight. The first two bytes say what is wanted of it, and in pieces of which size it comes."""
    if len(data) < 2:
        return
    hello = _HELLOS[data[0] & 1]
    made = Flight(hello, Until((data[0] >> 1) & 3), KeyPairs() if data[0] & 8 else None)
    size = data[1] or len(data)
    try:
        for place in range(2, len(data), size):
            if made.done:
                break
            made.feed(data[place : place + size])
    except TlsError as error:
        assert error.kind.startswith(_KINDS), error.kind
        assert made.seen.hello is None
    except PeerClosed:
        assert made.seen.hello is None


_TLCP = ClientHello(version=n.TLCP, suites=suites_for(n.TLCP), bare=True, renegotiation_info=False)
_SM2_ROOT = CORPUS / "chain" / "sm2_root.pem"
_SM2_PAIR = frozenset(
    {
        "044444f88389e489ab610eb3a7540fe2bb4f63310a8c9cf287d18d69b133d4ef",
        "6817a413a8e1ca982debe4458e718f4984420f5ef107687adfac4efcf8adc583",
    }
)


def tlcp(data: bytes) -> None:
    """A server's first flight in TLCP, its certificates, and whether a root of SM2 vouches for them.

    The first byte says in pieces of which size it comes. Only the stored pair may be trusted.
    """
    if not data:
        return
    made = Flight(_TLCP, Until.FLIGHT)
    size = data[0] or len(data)
    try:
        for place in range(1, len(data), size):
            if made.done:
                break
            made.feed(data[place : place + size])
    except TlsError as error:
        assert error.kind.startswith(_KINDS), error.kind
        return
    except PeerClosed:
        return
    chain = [read_certificate(der) for der in made.seen.chain.certificates] if made.seen.chain else []
    pair = {chain[place].facts.sha256 for place in tlcp_pair([one.facts for one in chain])}
    if judge_pair(chain, _SM2_ROOT).get("custom") == "ok":
        assert pair <= _SM2_PAIR


def certificate(data: bytes) -> None:
    """A certificate: its facts, what stores say of it, and whose name it carries."""
    read = read_certificate(data)
    facts = read.facts
    assert (read.parsed is None) <= (facts.error is not None)
    assert all(len(text) < 1200 for text in (facts.subject, facts.issuer, facts.serial, facts.error or ""))
    assert len(facts.san) <= 200
    assert all(ord(character) >= 32 for name in facts.san for character in name)
    verdicts = judge([read], None)
    assert "ok" not in verdicts.values()
    hostname_match(read.names or (), "www.example.cn", "192.0.2.1")
    hostname_match(read.names or (), None, "192.0.2.1")
    stated = [Association(2, 1, 1, bytes(32)), Association(3, 1, 0, b"x"), Association(2, 0, 0, data)]
    assert not holds(stated[:2], [read, read], "www.example.cn")
    holds(stated, [read, read], "www.example.cn")


def _stored(name: str) -> Certificate:
    pem = (CORPUS / "chain" / f"{name}.pem").read_bytes()
    return read_certificate(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))


_CHAIN = (_stored("leaf"), _stored("issuer"))
AT = datetime(2026, 11, 24, tzinfo=UTC)
"""When the stored answers were good."""
_SIGNED = ocsp.load_der_ocsp_response((CORPUS / "staple" / "good").read_bytes()).tbs_response_bytes


def staple(data: bytes) -> None:
    """An OCSP answer about a certificate whose key nobody has: only the stored answer may say anything."""
    status, why = read_staple(data, _CHAIN, AT)
    if status not in (None, "invalid"):
        # What was signed is what the stored answer says.
        assert ocsp.load_der_ocsp_response(data).tbs_response_bytes == _SIGNED
    assert bool(why) == (status in (None, "invalid"))
    try:
        staple_scts(data)
    except Exception as error:
        # The parser's own errors: the probe takes them all, and so does the target; a fault in our code is none of these.
        assert not isinstance(error, (NameError, AttributeError, AssertionError)), error


def crl(data: bytes) -> None:
    """A revocation list of an authority whose key nobody has."""
    leaf, issuer = (one.parsed for one in _CHAIN)
    assert leaf is not None
    assert issuer is not None
    status, why = read_crl(data, leaf, issuer, "http://crl.example.cn/", AT)
    assert status == "invalid"
    assert why


class _Replies(Stream):
    """A connection on which ``data`` comes in pieces, and then the end."""

    def __init__(self, data: bytes, size: int) -> None:
        account = _Account("192.0.2.1", 1, "tcp", "fuzz", Limits(life=1e9))
        super().__init__(None, account, StopSignal())  # type: ignore[arg-type]
        self._pieces = [data[place : place + size] for place in range(0, len(data), size)][::-1]

    async def _wire_read(self, silence: float | None) -> bytes:
        return self._pieces.pop() if self._pieces else b""

    async def _wire_write(self, data: bytes) -> None:
        return None


_INTRODUCTION = Introduction(client="zijian-fuzz.invalid", server="www.example.cn")
_NAMES = sorted(_DIALECTS)


def starttls(data: bytes) -> None:
    """What a server says before TLS. The first two bytes choose the protocol and the size of the pieces."""
    if len(data) < 2:
        return
    dialect = _DIALECTS[_NAMES[data[0] % len(_NAMES)]]
    stream = _Replies(data[2:], data[1] or 4096)

    async def look_and_ask() -> None:
        await dialect.look(stream, _INTRODUCTION)
        await dialect.ask(stream)

    job = dialect.enter(stream, _INTRODUCTION) if data[0] & 0x80 else look_and_ask()
    try:
        # Nothing in it waits for anything: it ends at the first step.
        job.send(None)
    except (StopIteration, PeerClosed, ProtocolError, TooLarge):
        return
    except TargetError as error:
        assert error.kind
        return
    raise AssertionError("it waits")


def responder(data: bytes) -> None:
    """What an OCSP responder answers over HTTP; and, of the same bytes, a URL as a certificate may hold it."""
    _whole(bytearray(data))
    try:
        assert len(read_reply(data).body) <= len(data)
    except ProtocolError:
        pass
    try:
        host, port, path = url_parts("http://" + data.decode("latin-1"))
    except ProtocolError:
        return
    assert 0 < port < 65536
    assert not set(path + host) & set(" \r\n\t")


def sts(data: bytes) -> None:
    """A policy file of MTA-STS."""
    read = read_policy(data)
    assert read.max_age is None or 0 <= read.max_age < 10**10
    assert len(read.patterns) <= 100
    assert all(text.isprintable() for text in (read.version, read.mode, *read.patterns))


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (message, flight, tlcp, certificate, staple, crl, starttls, responder, sts)
}
