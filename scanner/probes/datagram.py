"""What the questions over UDP share: ask, once more where nothing comes, and pass over what is no answer.

A question is one small datagram; the answer is capped; nobody's address but our own is ever used. Silence proves nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scanner.errors import PeerTimeout, ProtocolError
from scanner.facts import Endpoint, Facts, IdentifyFacts, Said, ServiceFacts
from scanner.probes import Session
from scanner.transport import Datagrams, Limits

LIMITS = Limits(connect=6, silence=4, life=20, received=64 * 1024)
"""Of one exchange, which may hold a few questions."""
WAITS = (1.5, 2.5)
"""Seconds to wait for the answer to the first asking, and to the second, which is the last."""
_STRAYS = 8
"""Datagrams that are no answer, before a question is given up."""

T = TypeVar("T")


async def listen(datagrams: Datagrams, until: float) -> bytes | None:
    """The next datagram before ``until`` (:func:`time.monotonic`), or None; raises as :meth:`Datagrams.receive` does."""
    wait = until - time.monotonic()
    if wait <= 0:
        return None
    try:
        # A timeout of our own, since the exchange's would put a failure into the ledger: here silence is an answer.
        async with asyncio.timeout(wait):
            return await datagrams.receive(silence=wait + 1)
    except (TimeoutError, PeerTimeout):
        return None


async def put(
    datagrams: Datagrams,
    requests: Sequence[bytes],
    read: Callable[[bytes], T],
    *,
    waits: Sequence[float] | None = None,
) -> T:
    """What ``read`` makes of the first answer. One request is repeated; of several, the next is sent upon silence.

    ``read`` raises :class:`ProtocolError` for what is no answer to the question.

    :raises PeerTimeout: nothing came. :raises ProtocolError: only what is no answer. :raises ConnectError: nothing
        listens there.
    """
    strays = 0
    for attempt, wait in enumerate(waits or WAITS):
        await datagrams.send(requests[min(attempt, len(requests) - 1)])
        until = time.monotonic() + wait
        while (data := await listen(datagrams, until)) is not None:
            try:
                return read(data)
            except ProtocolError:
                strays += 1
                if strays >= _STRAYS:
                    break
        if strays >= _STRAYS:
            break
    if strays:
        raise ProtocolError("only datagrams that are no answer", kind="protocol")
    raise PeerTimeout("no answer over UDP", kind="timeout")


async def weighed(
    datagrams: Datagrams, requests: Sequence[bytes], read: Callable[[bytes], T]
) -> tuple[T, tuple[Said, ...]]:
    """As :func:`put`, and how much larger the answer was than the question where it was: what such a service is abused for,
    since the sender of a datagram can be forged (RFC 4732 §3.1)."""
    size = 0

    def weigh(data: bytes) -> T:
        nonlocal size
        size = len(data)
        return read(data)

    found = await put(datagrams, requests, weigh)
    asked = max(len(request) for request in requests)
    return found, (Said("amplification", f"{size / asked:.1f}"),) if size > asked else ()


@dataclass(frozen=True, slots=True)
class DatagramProbe:
    """A probe (see :class:`scanner.probes.Probe`) that asks what it asks in one exchange over UDP."""

    name: str
    protocols: frozenset[str]
    look: Callable[[Session, Endpoint, Datagrams], Awaitable[Facts]]
    """Puts the questions. It raises :class:`~scanner.errors.TargetError` when nothing was answered."""
    any_port: bool = False
    """Servers answer from another port than was asked."""
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services that gave identification an answer of one of these protocols over UDP."""
        return service.endpoint.transport == "udp" and found_over_udp(service) in self.protocols

    async def run(self, session: Session, service: ServiceFacts) -> Facts:
        """Ask.

        :raises TargetError: nothing was answered.
        """
        endpoint = service.endpoint
        async with session.door.udp(
            endpoint.ip, endpoint.port, f"{self.name}: question", limits=LIMITS, any_port=self.any_port
        ) as datagrams:
            return await self.look(session, endpoint, datagrams)


def found_over_udp(service: ServiceFacts) -> str | None:
    """The protocol that answered us. nmap's word on a UDP port rests on the port's number: not enough to ask further."""
    own = service.get(IdentifyFacts)
    return own.protocol if own is not None and own.by == "protocol" else None
