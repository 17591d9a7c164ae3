"""PostgreSQL's SSLRequest (Frontend/Backend Protocol, chapter "SSL Session Encryption")."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.starttls.dialect import Clear, Introduction, not_offered, odd
from scanner.transport import Stream

SSL_REQUEST = struct.pack("!II", 8, 80877103)


@dataclass(frozen=True, slots=True)
class Postgresql:
    """PostgreSQL. What it asks of a user is the PostgreSQL probe's to see."""

    name: str = "postgresql"
    alpn: tuple[str, ...] = ("postgresql",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """PostgreSQL says nothing by itself."""
        return Clear()

    async def ask(self, stream: Stream) -> None:
        """SSLRequest."""
        await stream.write(SSL_REQUEST)
        answer = await stream.read_exactly(1)
        if answer == b"N":
            raise not_offered("SSLRequest was refused")
        if answer != b"S":
            raise odd("no answer to SSLRequest", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """SSLRequest alone."""
        await self.ask(stream)
