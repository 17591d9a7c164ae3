"""Identification: which protocol speaks on an open TCP port. The port's number is a hint for the order, never a proof.

First we listen, since many servers greet. To a server that stays silent we then speak, one question after another:
a TLS ClientHello (and one of TLCP where that was broken off), an HTTP request, a redis ``PING``, a memcached ``version``, a PostgreSQL SSLRequest, a DNS query.
Questions in text share a connection; three connections are the most. What was found is said with how it was found.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal

import dns.exception
import dns.flags
import dns.message

from scanner.errors import PeerClosed, PeerTimeout, TargetError
from scanner.facts import Endpoint, IdentifyFacts, ServiceFacts
from scanner.probes import Session
from scanner.probes.conversation import Heard, hear
from scanner.probes.signatures import GENERIC_220, Match, answer, greeting
from scanner.starttls.ldap import ROOT_DSE
from scanner.starttls.postgresql import SSL_REQUEST
from scanner.starttls.rdp import connection_request
from scanner.starttls.xmpp import XMPP_SERVER_PORT, stream_header
from scanner.text import printable
from scanner.tls.identify import (
    client_hello_for_identification,
    looks_like_tls,
    tlcp_hello_for_identification,
)
from scanner.transport import Limits, Stream

By = Literal["greeting", "tls_hello", "http", "protocol", "nmap", "none"]

_BANNER = 256
"""Characters of the greeting that are kept."""
_LIMITS = Limits(connect=6, silence=6, life=25, received=64 * 1024)
_ANSWER_SECONDS = 2.0
_BETWEEN_SECONDS = 0.25

_SERVER_FIRST = frozenset(
    {21, 22, 23, 25, 110, 119, 143, 465, 587, 873, 990, 992, 993, 995, 2222, 3306, 4190, 5900, 5901}
)
"""Ports whose usual protocol greets: worth a longer wait, since servers look up our name before they greet."""
_CLIENT_FIRST = frozenset(
    {
        80,
        443,
        591,
        2375,
        2376,
        2379,
        3000,
        3128,
        5000,
        5432,
        5601,
        5984,
        6379,
        6380,
        6443,
        8000,
        8008,
        8080,
        8081,
    }
    | {8086, 8088, 8123, 8443, 8500, 8888, 9000, 9090, 9200, 9443, 10250, 10255, 11211, 53, 853, 16379, 26379}
    | {389, 636, 1389, 3268, 3269, 3388, 3389, 3390, 5222, 5269}
)
"""Ports whose usual protocol waits for the client."""
_TLS_FIRST = frozenset(
    {443, 465, 563, 636, 853, 989, 990, 992, 993, 995, 2376, 3269, 4443, 5061, 5986, 6443, 8443, 8883, 9443}
)
_RAW_PRINTER = frozenset(range(9100, 9108))
"""Whatever is sent to a raw printer port may come out on paper: only a printer's own silent question is asked there."""


def _http_request(session: Session, endpoint: Endpoint) -> tuple[bytes, ...]:
    """``GET /`` in two parts.

    A server that answers line by line shows itself after the first. Redis takes a line that begins with ``Host:`` for an
    attack, drops its answer and writes a warning into its log; so that line comes last.
    """
    host = endpoint.name or (f"[{endpoint.ip}]" if ":" in endpoint.ip else endpoint.ip)
    if endpoint.port not in (80, 443):
        host = f"{host}:{endpoint.port}"
    first = f"GET / HTTP/1.1\r\nUser-Agent: {session.user_agent}\r\nAccept: */*\r\n"
    rest = f"Connection: close\r\nHost: {host}\r\n\r\n"
    return first.encode("ascii", errors="replace"), rest.encode("ascii", errors="replace")


_DNS_QUERY = dns.message.make_query("version.bind", "TXT", "CH", flags=0, id=0x7A6A)


def _is_dns(data: bytes) -> Match | None:
    if len(data) < 14 or struct.unpack("!H", data[:2])[0] > 4096:
        return None
    try:
        reply = dns.message.from_wire(data[2 : 2 + struct.unpack("!H", data[:2])[0]], ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return Match("dns") if reply.id == _DNS_QUERY.id and reply.flags & dns.flags.QR else None


def _is_postgresql(data: bytes) -> Match | None:
    # PostgreSQL: one byte, S or N, in answer to an SSLRequest; an ErrorResponse (E, length, fields) from very old ones.
    if data in (b"S", b"N"):
        return Match("postgresql")
    if (
        data[:1] == b"E"
        and len(data) > 9
        and struct.unpack("!I", data[1:5])[0] == len(data) - 1
        and data[-1:] == b"\0"
    ):
        return Match("postgresql")
    return None


def _no_more(data: bytes) -> Match | None:
    return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question, in one part or several, and how an answer that only this question brings is known."""

    name: str
    request: Callable[[Session, Endpoint], tuple[bytes, ...]]
    recognise: Callable[[bytes], Match | None] = _no_more


def _fixed(name: str, data: bytes, recognise: Callable[[bytes], Match | None] = _no_more) -> Exchange:
    return Exchange(name, lambda *_: (data,), recognise)


_HTTP = Exchange("http request", _http_request)
_REDIS = _fixed("redis ping", b"PING\r\n")
_MEMCACHED = _fixed("memcached version", b"version\r\n")
_XMPP = Exchange(
    "xmpp stream",
    lambda _, endpoint: (
        stream_header(
            endpoint.name or endpoint.ip,
            "jabber:server" if endpoint.port == XMPP_SERVER_PORT else "jabber:client",
        ),
    ),
)
_KEY_VALUE = _fixed("redis ping, memcached version", b"\r\nPING\r\nversion\r\n")
"""The empty line in front ends whatever another question has left unfinished."""
_TLS = Exchange("tls hello", lambda *_: (client_hello_for_identification(),))
_TLCP = Exchange("tlcp hello", lambda *_: (tlcp_hello_for_identification(),))
_POSTGRESQL = _fixed("postgresql ssl request", SSL_REQUEST, _is_postgresql)
_DNS = _fixed("dns query", struct.pack("!H", len(_DNS_QUERY.to_wire())) + _DNS_QUERY.to_wire(), _is_dns)
_LDAP = _fixed("ldap root dse", ROOT_DSE)
_RDP = _fixed("rdp connection request", connection_request())
_PRINTER = _fixed("printer id", b"\x1b%-12345X@PJL INFO ID\r\n\x1b%-12345X\r\n")

Turn = tuple[Exchange, ...]
"""Questions that may follow one another on one connection."""

_TEXT: Turn = (_HTTP, _KEY_VALUE)
_LAST: Turn = (_POSTGRESQL, _KEY_VALUE)
"""memcached hangs up on an HTTP request without a word, so it is asked once more, apart from HTTP."""


def _turns(port: int) -> tuple[Turn, ...]:
    """The questions in the order that the port makes likely; at most one turn for each connection."""
    if port in _RAW_PRINTER:
        return ((_PRINTER,),)
    if port in _TLS_FIRST:
        return ((_TLS,), _TEXT, _LAST)
    if port == 53:
        return ((_DNS,), (_TLS,), _TEXT)
    if port in (5432, 5433, 6432):
        return ((_POSTGRESQL,), (_TLS,), _TEXT)
    if port in (6379, 6380, 16379, 26379):
        return ((_REDIS, _MEMCACHED), (_TLS,), (_HTTP,))
    if port == 11211:
        return ((_MEMCACHED, _REDIS), (_TLS,), (_HTTP,))
    if port in (389, 1389, 3268):
        return ((_LDAP,), (_TLS,), _TEXT)
    if port in (5222, XMPP_SERVER_PORT):
        return ((_XMPP,), (_TLS,), _TEXT)
    if port in (3388, 3389, 3390):
        return ((_RDP,), (_TLS,), _TEXT)
    return (_TEXT, (_TLS,), _LAST)


def _turn_inside_tls(port: int) -> Turn:
    if port == 853:
        return (_DNS,)
    if port in (6379, 6380, 16379):
        return (_REDIS, _HTTP)
    if port == 11211:
        return (_MEMCACHED, _HTTP)
    if port in (636, 3269):
        return (_LDAP,)
    return _TEXT


def _listening(port: int) -> float:
    if port in _SERVER_FIRST:
        return 6.0
    # Where the client speaks first, our question need not wait: a greeting that comes late is known among the answers.
    return 0.1 if port in _CLIENT_FIRST else 1.5


@dataclass(slots=True)
class _Search:
    """One run: what was heard so far, and how many connections it took."""

    session: Session
    endpoint: Endpoint
    most: int
    made: int = 0
    banner: bytes = b""
    _reached: bool = False
    _turns: deque[Turn] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = deque(_turns(self.endpoint.port))

    async def run(self) -> IdentifyFacts:
        listened = False
        turns = self._turns
        while turns and self.made < self.most:
            try:
                async with self._connect(turns[0][0].name if listened else "greeting") as stream:
                    self._reached = True
                    if not listened:
                        listened = True
                        heard = await hear(stream, first=_listening(self.endpoint.port), enough=_greets)
                        if heard.data:
                            return await self._greeted(stream, heard)
                        if not heard.open:
                            # Hung up on us before anything was asked: the first question is still to be put.
                            continue
                    found = await self._ask(stream, turns.popleft())
            except TargetError:
                if not self._reached:
                    raise
                break
            if found is not None:
                match, by = found
                return await self._inside_tls() if match.tls else self._facts(match, by)
        return self._facts(None, "none")

    def _connect(self, purpose: str) -> AbstractAsyncContextManager[Stream]:
        self.made += 1
        return self.session.door.tcp(
            self.endpoint.ip, self.endpoint.port, f"identify: {purpose}", limits=_LIMITS
        )

    async def _ask(self, stream: Stream, turn: Turn) -> tuple[Match, By] | None:
        """Put the questions of one turn; the first answer that is recognised ends it."""
        for exchange in turn:
            heard = await self._put(stream, exchange)
            if heard.data:
                self.banner = self.banner or heard.data
                # The stream inside TLS carries no second TLS; elsewhere a record in answer to anything is TLS.
                if stream.tls is None and looks_like_tls(heard.data):
                    return Match("tls", tls=True), "tls_hello"
                if match := exchange.recognise(heard.data) or answer(heard.data):
                    self.banner = heard.data
                    return match, "http" if match.protocol == "http" else "protocol"
            if not heard.open:
                if exchange is _TLS and not heard.data and self.endpoint.port in _TLS_FIRST:
                    # Of all that may be on a port for TLS, TLCP is what breaks off the hello without an answer.
                    self._turns.appendleft((_TLCP,))
                return None
        return None

    async def _put(self, stream: Stream, exchange: Exchange) -> Heard:
        """Send a question, part by part until something is said, and listen."""
        parts = exchange.request(self.session, self.endpoint)
        heard = Heard(b"", "silence")
        for number, part in enumerate(parts, start=1):
            try:
                await stream.write(part)
            except (PeerClosed, PeerTimeout):
                return Heard(b"", "closed")
            last = number == len(parts)
            heard = await hear(stream, first=_ANSWER_SECONDS if last else _BETWEEN_SECONDS, enough=_whole)
            if heard.data or not heard.open:
                break
        return heard

    async def _greeted(self, stream: Stream, heard: Heard) -> IdentifyFacts:
        """Name a server that spoke first."""
        self.banner = heard.data
        if match := greeting(heard.data):
            return self._facts(match, "greeting")
        if GENERIC_220.match(heard.data) and heard.open:
            # FTP answers NOOP with 200 (or 530 before login, RFC 959 §5.4), SMTP with 250 (RFC 5321 §4.3.2).
            try:
                await stream.write(b"NOOP\r\n")
                reply = (await hear(stream, first=_ANSWER_SECONDS, enough=_whole)).data
                await stream.write(b"QUIT\r\n")
            except (PeerClosed, PeerTimeout):
                reply = b""
            if reply[:3] in (b"200", b"530", b"250"):
                return self._facts(Match("smtp" if reply[:3] == b"250" else "ftp"), "protocol")
        # It speaks first, so none of the questions is meant for it.
        return self._facts(answer(heard.data), "greeting")

    async def _inside_tls(self) -> IdentifyFacts:
        """One more connection, inside TLS, for the protocol that it carries."""
        self.banner = b""
        if self.made < self.most:
            try:
                async with self._connect("inside tls") as stream:
                    await stream.start_tls(server_name=self.endpoint.name)
                    heard = await hear(stream, first=_listening(self.endpoint.port), enough=_greets)
                    if heard.data:
                        inner = await self._greeted(stream, heard)
                        return _in_tls(inner)
                    if heard.open and (
                        found := await self._ask(stream, _turn_inside_tls(self.endpoint.port))
                    ):
                        return _in_tls(self._facts(*found))
            except TargetError:
                # TLS was seen; a handshake that OpenSSL cannot finish (old, national or with client certificates)
                # leaves open only what is inside.
                pass
        return IdentifyFacts(protocol=None, tls=True, by="tls_hello")

    def _facts(self, match: Match | None, by: By) -> IdentifyFacts:
        banner = printable(self.banner.rstrip(b"\r\n"), _BANNER)
        if match is None:
            return IdentifyFacts(banner=banner)
        return IdentifyFacts(
            protocol=match.protocol,
            banner=banner,
            by=by,
            product=printable(match.product, 64) if match.product else None,
            version=printable(match.version, 64) if match.version else None,
        )


def _in_tls(facts: IdentifyFacts) -> IdentifyFacts:
    return IdentifyFacts(
        protocol=facts.protocol,
        tls=True,
        banner=facts.banner,
        by=facts.by if facts.protocol else "tls_hello",
        product=facts.product,
        version=facts.version,
    )


def _greets(data: bytes) -> bool:
    """Whether the greeting is whole enough to be named, so that nobody waits for more."""
    return data.endswith(b"\n") and greeting(data) is not None


def _whole(data: bytes) -> bool:
    """Whether an answer needs no more waiting. HTTP is read to its end: what follows the headers names products."""
    return looks_like_tls(data) or (data.endswith(b"\n") and not data.startswith(b"HTTP/"))


@dataclass(frozen=True, slots=True)
class IdentifyProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "identify"
    per_name: bool = False
    max_connections: int = 3

    def applies(self, service: ServiceFacts) -> bool:
        """Every open TCP port."""
        return service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> IdentifyFacts:
        """Listen, then ask.

        :raises TargetError: no connection at all.
        """
        return await _Search(session, service.endpoint, self.max_connections).run()


PROBE = IdentifyProbe()
