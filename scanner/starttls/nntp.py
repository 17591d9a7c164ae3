"""NNTP (RFC 4642)."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.errors import Throttled
from scanner.starttls.dialect import MOST_KEPT, Clear, Introduction, not_offered, odd
from scanner.starttls.mail import read_capabilities
from scanner.text import printable
from scanner.transport import Stream


@dataclass(frozen=True, slots=True)
class Nntp:
    """NNTP (RFC 3977, RFC 4642, RFC 4643)."""

    name: str = "nntp"
    alpn: tuple[str, ...] = ("nntp",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """Greeting and CAPABILITIES."""
        greeting = await self._greeting(stream)
        await stream.write(b"CAPABILITIES\r\n")
        first = await stream.read_line(4096)
        if first.startswith(b"500"):
            # RFC 2980 and older know no CAPABILITIES: nothing is told, and STARTTLS itself is asked for.
            return Clear(greeting=greeting)
        if not first.startswith(b"101"):
            raise odd("no answer to CAPABILITIES", first)
        listed, words, logins = await read_capabilities(stream)
        # RFC 4643 §2.3.1: USER is named only where the password may be sent now.
        if any(line[:1] == [b"AUTHINFO"] and b"USER" in line for line in words):
            logins = ("USER", *logins)
        return Clear(
            greeting=greeting,
            capabilities=tuple(listed[:MOST_KEPT]),
            offered=[b"STARTTLS"] in words,
            logins=logins,
        )

    async def ask(self, stream: Stream) -> None:
        """STARTTLS."""
        await stream.write(b"STARTTLS\r\n")
        answer = await stream.read_line(4096)
        if answer.startswith(b"382"):
            return
        if answer.startswith((b"500", b"501", b"502", b"503", b"580", b"483")):
            raise not_offered(f"STARTTLS was refused: {printable(answer, 200)}")
        raise odd("no answer to STARTTLS", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, STARTTLS."""
        await self._greeting(stream)
        await self.ask(stream)

    @staticmethod
    async def _greeting(stream: Stream) -> bytes:
        greeting = await stream.read_line(4096)
        if greeting.startswith((b"400", b"502")):
            raise Throttled(f"NNTP turned us away: {printable(greeting, 200)}", kind="throttled")
        if not greeting.startswith((b"200", b"201")):
            raise odd("no NNTP greeting", greeting)
        return greeting[4:]
