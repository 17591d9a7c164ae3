"""Identification: which protocol speaks on a port. The port's number is a hint for the order, never a proof.

First we listen, since many servers greet. To a server that stays silent we then speak, one question after another: what
usually waits for its client on the port (:mod:`scanner.probes.questions`), a TLS ClientHello (and one of TLCP where that was
broken off), an HTTP request, a redis ``PING``, a memcached ``version``, a PostgreSQL SSLRequest. Questions in text share a
connection; three connections are the most. Only what is still unnamed then, and did not hang up at once, is asked in the
protocols of data stores and remote desktops that say nothing to strangers (:data:`~scanner.probes.questions.ANYWHERE`), each on
a connection of its own: they live on other ports too. What was found is said with how it was found.

Over UDP nothing greets and most servers keep silent to what is not theirs: each port is asked the one question of
:mod:`scanner.probes.udp_questions`, twice at most.
"""

from __future__ import annotations

from collections import deque
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from scanner.errors import (
    ConnectError,
    NotOffered,
    PeerClosed,
    PeerTimeout,
    ProtocolError,
    TargetError,
    TooLarge,
)
from scanner.facts import Endpoint, IdentifyFacts, ServiceFacts
from scanner.probes import Session
from scanner.probes.conversation import Heard, hear
from scanner.probes.datagram import LIMITS, put
from scanner.probes.questions import (
    ANYWHERE,
    ETCD,
    HTTP,
    HTTP_AT_ONCE,
    INDUSTRIAL,
    LAST,
    PRINTER,
    RAW_PRINTER,
    REDIS,
    TEXT,
    TLCP,
    TLS,
    WEB,
    Exchange,
    Turn,
    asked_first,
)
from scanner.probes.signatures import GENERIC_220, Match, answer, greeting
from scanner.text import printable
from scanner.tls.identify import looks_like_tls
from scanner.transport import Limits, Stream

if TYPE_CHECKING:
    from scanner.probes.udp_questions import Question

By = Literal["greeting", "tls_hello", "http", "protocol", "nmap", "none"]

_CONNECTIONS = 3
"""Most of them, but for those that ask what is unnamed in protocols that may be anywhere."""
_BANNER = 256
"""Characters of the greeting that are kept."""
_LIMITS = Limits(connect=6, silence=6, life=25, received=64 * 1024)
_ANSWER_SECONDS = 2.0
_BETWEEN_SECONDS = 0.25
_ANYWHERE_SECONDS = 1.0

_SERVER_FIRST = frozenset(
    {21, 22, 23, 25, 110, 119, 143, 465, 587, 873, 990, 992, 993, 995, 2222, 3306, 4190, 5900, 5901}
)
"""Ports whose usual protocol greets: worth a longer wait, since servers look up our name before they greet."""
_CLIENT_FIRST = frozenset(
    {2375, 2376, 3000, 3128, 5000, 5601, 5984, 6443, 8086, 8123, 8500, 9000, 9090, 9200, 10250, 10255}
)
"""Further ports whose usual protocol waits for the client."""
_TLS_FIRST = frozenset(
    {443, 465, 563, 636, 853, 989, 990, 992, 993, 995, 2376, 3269, 4443, 5061, 5986, 6443, 8443, 8883, 9443}
)


def _turns(port: int) -> tuple[Turn, ...]:
    """The questions in the order that the port makes likely; at most one turn for each connection."""
    if port in RAW_PRINTER:
        return ((PRINTER,),)
    usual = asked_first(port)
    if port in _TLS_FIRST:
        # A service that forgot its TLS is asked in its own protocol before others.
        return ((TLS,), usual, TEXT) if usual else ((TLS,), TEXT, LAST)
    if usual is None:
        return (TEXT, (TLS,), LAST)
    # What answers in text there is a data store as a rule: HTTP alone is left to ask.
    return (usual, (TLS,), (HTTP,) if REDIS in usual else TEXT)


def _turn_inside_tls(port: int) -> Turn:
    usual = asked_first(port)
    if usual is not None:
        return (usual[0], HTTP)
    return (HTTP_AT_ONCE,) if port in WEB else TEXT


def _listening(port: int) -> float:
    if port in _SERVER_FIRST:
        return 6.0
    # Where the client speaks first, our question need not wait: a greeting that comes late is known among the answers.
    if port in WEB:
        return 0.03
    return 0.1 if port in _CLIENT_FIRST or asked_first(port) is not None else 1.5


@dataclass(slots=True)
class _Search:
    """One run: what was heard so far, and how many connections it took."""

    session: Session
    endpoint: Endpoint
    made: int = 0
    banner: bytes = b""
    _reached: bool = False
    _asked: set[str] = field(default_factory=set)
    """Names of the questions that were put."""
    _turns: deque[Turn] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = deque(_turns(self.endpoint.port))

    async def run(self) -> IdentifyFacts:
        listened = hung_up = False
        turns = self._turns
        known: tuple[Match | None, By] = (None, "none")
        while turns and self.made < _CONNECTIONS:
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
                            hung_up = True
                            continue
                    turn = turns.popleft()
                    found = await self._ask(stream, turn)
            except TargetError:
                if not self._reached:
                    raise
                break
            if found is not None:
                match, by = found
                if match.tls:
                    return await self._inside_tls()
                if match.protocol != "http" or not {HTTP, HTTP_AT_ONCE, ETCD}.isdisjoint(turn):
                    return self._facts(match, by)
                # A web server that was asked something else: what it is, and whether it wants TLS, shows when it is asked in
                # its own protocol.
                known = found
                turns.clear()
                turns.append((HTTP_AT_ONCE,))
        if known[0] is None and not hung_up and self.endpoint.port not in RAW_PRINTER | INDUSTRIAL:
            known = await self._ask_anywhere()
        return self._facts(*known)

    async def _ask_anywhere(self) -> tuple[Match | None, By]:
        """Ask in the protocols that keep silent to others, each on a connection of its own."""
        for exchange in ANYWHERE:
            if exchange.name in self._asked:
                continue
            try:
                async with self._connect(exchange.name) as stream:
                    found = await self._ask(stream, (exchange,), seconds=_ANYWHERE_SECONDS)
            except TargetError:
                break
            if found is not None and not found[0].tls:
                return found
        return None, "none"

    def _connect(self, purpose: str) -> AbstractAsyncContextManager[Stream]:
        self.made += 1
        return self.session.door.tcp(
            self.endpoint.ip, self.endpoint.port, f"identify: {purpose}", limits=_LIMITS
        )

    async def _ask(
        self, stream: Stream, turn: Turn, *, seconds: float = _ANSWER_SECONDS
    ) -> tuple[Match, By] | None:
        """Put the questions of one turn; the first answer that is recognised ends it."""
        for exchange in turn:
            self._asked.add(exchange.name)
            heard = await self._put(stream, exchange, seconds)
            if heard.data:
                self.banner = self.banner or heard.data
                # The stream inside TLS carries no second TLS; elsewhere a record in answer to anything is TLS.
                if stream.tls is None and looks_like_tls(heard.data):
                    return Match("tls", tls=True), "tls_hello"
                if match := exchange.recognise(heard.data) or answer(heard.data):
                    self.banner = heard.data
                    return match, "http" if match.protocol == "http" else "protocol"
            if not heard.open:
                if exchange is TLS and not heard.data and self.endpoint.port in _TLS_FIRST:
                    # Of all that may be on a port for TLS, TLCP is what breaks off the hello without an answer.
                    self._turns.appendleft((TLCP,))
                return None
        return None

    async def _put(self, stream: Stream, exchange: Exchange, seconds: float) -> Heard:
        """Send a question, part by part until something is said, and listen."""
        parts = exchange.request(self.session, self.endpoint)
        heard = Heard(b"", "silence")
        for number, part in enumerate(parts, start=1):
            try:
                await stream.write(part)
            except (PeerClosed, PeerTimeout):
                return Heard(b"", "closed")
            last = number == len(parts)
            heard = await hear(stream, first=seconds if last else _BETWEEN_SECONDS, enough=_whole)
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
        if self.made < _CONNECTIONS:
            try:
                async with self._connect("inside tls") as stream:
                    await stream.start_tls(server_name=self.endpoint.name)
                    # A web server says nothing by itself, and a greeting would be known among its answers.
                    seconds = 0.0 if self.endpoint.port in WEB else _listening(self.endpoint.port)
                    heard = await hear(stream, first=seconds, enough=_greets)
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


def _over_udp(port: int) -> Question | None:
    # Imported only where a UDP port is asked: a dozen protocols and a library for DNS.
    from scanner.probes.udp_questions import question

    return question(port)


async def _ask_over_udp(session: Session, endpoint: Endpoint) -> IdentifyFacts:
    """The protocol that answered in its own form; none where nothing came, which over UDP proves nothing."""
    asked = _over_udp(endpoint.port)
    assert asked is not None, "the probe does not apply to other ports"
    try:
        async with session.door.udp(
            endpoint.ip, endpoint.port, f"identify: {asked.protocol}", limits=LIMITS, any_port=asked.any_port
        ) as datagrams:
            await put(datagrams, asked.requests(session, endpoint), asked.read)
    except ConnectError as error:
        raise NotOffered(f"nothing listens there: {error}", kind=error.kind) from error
    except (PeerTimeout, ProtocolError, TooLarge):
        return IdentifyFacts()
    return IdentifyFacts(protocol=asked.protocol, by="protocol")


@dataclass(frozen=True, slots=True)
class IdentifyProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "identify"
    per_name: bool = False
    max_connections: int = _CONNECTIONS + len(ANYWHERE)

    def applies(self, service: ServiceFacts) -> bool:
        """Every open TCP port, and the UDP ports for which there is a question."""
        endpoint = service.endpoint
        return endpoint.transport == "tcp" or _over_udp(endpoint.port) is not None

    async def run(self, session: Session, service: ServiceFacts) -> IdentifyFacts:
        """Listen, then ask.

        :raises TargetError: no connection at all. :raises NotOffered: the host says that nothing listens on the UDP port.
        """
        if service.endpoint.transport == "udp":
            return await _ask_over_udp(session, service.endpoint)
        return await _Search(session, service.endpoint).run()


PROBE = IdentifyProbe()
