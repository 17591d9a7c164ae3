"""What probes of simple protocols share: open the conversation, inside TLS where the service asks for it, and listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from scanner.errors import PeerClosed, PeerTimeout, TooLarge
from scanner.facts import ServiceFacts
from scanner.probes import Session
from scanner.transport import Limits, Stream

_LONGER = 3.0
"""Seconds beyond the wait for the first byte, after which a peer that goes on talking is no longer listened to."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes that came, and why listening ended."""

    data: bytes
    ended: Literal["closed", "silence", "full", "enough"]

    @property
    def open(self) -> bool:
        """Whether the connection can still be spoken on."""
        return self.ended in ("silence", "enough")


async def hear(
    stream: Stream,
    *,
    first: float,
    quiet: float = 0.4,
    limit: int = 8192,
    enough: Callable[[bytes], bool] | None = None,
) -> Heard:
    """Listen: ``first`` seconds for the first byte, then until ``quiet`` seconds pass without one.

    Ends also at ``limit`` bytes, when ``enough(data)`` holds, or after ``first`` and a few seconds in all, so that neither a peer
    that drips nor one that never stops holds us. Silence and a closed connection are answers here, not errors.
    """
    data = bytearray()
    deadline = time.monotonic() + first + _LONGER
    while True:
        wait = quiet if data else first
        wait = min(wait, deadline - time.monotonic())
        if wait <= 0:
            return Heard(bytes(data), "silence")
        try:
            # A timeout of our own, since the stream's would put a failure into the ledger: here silence is an answer.
            async with asyncio.timeout(wait):
                more = await stream.read(limit - len(data), silence=wait + 1)
        except (TimeoutError, PeerTimeout):
            return Heard(bytes(data), "silence")
        except PeerClosed:
            return Heard(bytes(data), "closed")
        except TooLarge:
            return Heard(bytes(data), "full")
        if not more:
            return Heard(bytes(data), "closed")
        data += more
        if enough is not None and enough(bytes(data)):
            return Heard(bytes(data), "enough")
        if len(data) >= limit:
            return Heard(bytes(data), "full")


@asynccontextmanager
async def opened(
    session: Session, service: ServiceFacts, purpose: str, *, limits: Limits | None = None
) -> AsyncIterator[Stream]:
    """A connection to the service, with the TLS handshake done first where the service speaks TLS from the first byte.

    :raises TargetError: no connection, or no TLS.
    """
    endpoint = service.endpoint
    async with session.door.tcp(endpoint.ip, endpoint.port, purpose, limits=limits) as stream:
        if service.tls:
            await stream.start_tls(server_name=endpoint.name)
        yield stream
