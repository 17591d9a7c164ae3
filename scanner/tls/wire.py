"""One hello, one connection, one answer: the only place where the TLS probe touches the network.

:class:`Wire` counts connections and seconds, so that the probe as a whole is bounded whatever the server does. How a
connection gets ready for a ClientHello is an :class:`Opening`; :func:`direct` is TLS from the first byte, and
:func:`scanner.starttls.opening` makes the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from scanner.errors import PeerClosed, TargetError, TlsError
from scanner.facts import Endpoint
from scanner.probes import Session
from scanner.tls.flight import Flight, Seen, Until
from scanner.tls.hello import ClientHello, encode_ssl2
from scanner.tls.keyschedule import KeyPairs
from scanner.tls.messages import Ssl2Hello, read_ssl2
from scanner.transport import Limits, Stream

Opening = Callable[[Session, Endpoint, str, Limits], AbstractAsyncContextManager[Stream]]
"""Opens a connection on which the next byte may be a ClientHello."""

LIMITS = Limits(connect=6, silence=5, life=12, received=512 * 1024)
PATIENT = Limits(connect=6, silence=12, life=30, received=512 * 1024)
"""For an opening in clear text: mail servers make strangers wait before they greet."""
TICKET_SECONDS = 0.5
"""How long tickets of TLS 1.3 are waited for after the handshake: servers send them at once or not at all."""


class BudgetSpent(TargetError):
    """The probe has made its last connection, or its time is over; what was seen until then stands."""

    kind = "budget"


def direct(
    session: Session, endpoint: Endpoint, purpose: str, limits: Limits
) -> AbstractAsyncContextManager[Stream]:
    """TLS from the first byte."""
    return session.door.tcp(endpoint.ip, endpoint.port, purpose, limits=limits)


def _within(wanted: Limits, door: Limits) -> Limits:
    """``wanted``, but never looser than what the door was given."""
    return Limits(
        connect=min(wanted.connect, door.connect),
        silence=min(wanted.silence, door.silence),
        life=min(wanted.life, door.life),
        received=min(wanted.received, door.received),
    )


@dataclass(slots=True)
class Wire:
    """Asks one endpoint, within a budget of connections and seconds."""

    session: Session
    endpoint: Endpoint
    most: int
    """Connections that may be made."""
    seconds: float
    opening: Opening = direct
    wanted: Limits = LIMITS
    at_once: int = 16
    """Connections that may be open at the same time."""
    made: int = 0
    _until: float = field(init=False)
    _limits: Limits = field(init=False)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds
        self._limits = _within(self.wanted, self.session.door.limits)
        self._places = asyncio.Semaphore(self.at_once)

    def _spend(self) -> Limits:
        left = self._until - time.monotonic()
        if self.made >= self.most:
            raise BudgetSpent(f"{self.most} connections were made without an end", kind="budget")
        if left <= 0:
            raise BudgetSpent(f"{self.seconds:g} s were spent without an end", kind="budget")
        self.made += 1
        return replace(
            self._limits, life=min(self._limits.life, left), connect=min(self._limits.connect, left)
        )

    async def ask(
        self, what: str, hello: ClientHello, until: Until = Until.HELLO, keys: KeyPairs | None = None
    ) -> Seen:
        """Send ``hello`` on a connection of its own and read as much of the answer as is wanted.

        Trouble after the ServerHello is kept in ``Seen.error``.

        :raises TlsError: alert, not TLS, malformed. :raises PeerClosed: closed or reset without a ServerHello.
        :raises PeerTimeout: silent or too slow. :raises BudgetSpent: no connection is left.
        """
        flight = Flight(hello, until, keys)
        async with self._opened(what) as stream:
            try:
                await stream.write(flight.start())
                while not flight.done:
                    data = await stream.read(silence=self._patience(flight))
                    if not data:
                        raise PeerClosed(f"{self.endpoint.label} closed without an answer", kind="closed")
                    if outgoing := flight.feed(data):
                        await stream.write(outgoing)
            except TargetError as error:
                if flight.seen.hello is None:
                    raise
                if not flight.waits_for_ticket:
                    flight.seen.error = TlsError(str(error), kind=error.kind)
        return flight.seen

    @asynccontextmanager
    async def _opened(self, what: str) -> AsyncIterator[Stream]:
        async with self._places:
            limits = self._spend()
            async with self.opening(self.session, self.endpoint, f"tls: {what}", limits) as stream:
                yield stream

    def _patience(self, flight: Flight) -> float:
        """Seconds to wait for an answer to the hello; an opening's own patience ends with it."""
        silence = min(LIMITS.silence, self._limits.silence)
        return min(TICKET_SECONDS, silence) if flight.waits_for_ticket else silence

    async def ask_ssl2(self) -> Ssl2Hello:
        """Send SSL 2.0's CLIENT-HELLO; raises as :meth:`ask` does."""
        async with self._opened("SSLv2 hello") as stream:
            await stream.write(encode_ssl2())
            data = b""
            while (hello := read_ssl2(data)) is None:
                more = await stream.read(silence=min(LIMITS.silence, self._limits.silence))
                if not more:
                    raise PeerClosed(f"{self.endpoint.label} closed without an answer", kind="closed")
                data += more
        return hello
