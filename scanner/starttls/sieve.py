"""ManageSieve (RFC 5804)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import Throttled, TooLarge
from scanner.starttls.dialect import MOST_KEPT, MOST_LINES, Clear, Introduction, not_offered, odd
from scanner.starttls.mail import mechanisms
from scanner.text import printable
from scanner.transport import Stream

_CAPABILITY = re.compile(rb'"([A-Za-z]{1,32})"(?:\s+"((?:[^"\\]|\\.){0,1000})")?')


@dataclass(frozen=True, slots=True)
class Sieve:
    """ManageSieve, which lists its capabilities by itself."""

    name: str = "sieve"
    alpn: tuple[str, ...] = ("managesieve",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The greeting, which is the list of capabilities (RFC 5804 §1.7)."""
        lines = await self._until_status(stream)
        if lines[-1].upper().startswith(b"BYE"):
            raise Throttled(f"ManageSieve turned us away: {printable(lines[-1], 200)}", kind="throttled")
        if not lines[-1].upper().startswith(b"OK"):
            raise odd("no ManageSieve greeting", lines[-1])
        listed = {
            found[1].upper(): (found[2] or b"")
            for line in lines[:-1]
            if (found := _CAPABILITY.fullmatch(line))
        }
        if b"IMPLEMENTATION" not in listed and b"SIEVE" not in listed:
            raise odd("no ManageSieve greeting", lines[0])
        return Clear(
            greeting=listed.get(b"IMPLEMENTATION", b""),
            capabilities=tuple(lines[:-1][:MOST_KEPT]),
            offered=b"STARTTLS" in listed,
            logins=mechanisms(listed.get(b"SASL", b"").split()),
        )

    async def ask(self, stream: Stream) -> None:
        """STARTTLS."""
        await stream.write(b"STARTTLS\r\n")
        answer = (await self._until_status(stream))[-1]
        if answer.upper().startswith(b"OK"):
            return
        if answer.upper().startswith(b"NO"):
            raise not_offered(f"STARTTLS was refused: {printable(answer, 200)}")
        raise odd("no answer to STARTTLS", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Capabilities, STARTTLS."""
        await self.look(stream, names)
        await self.ask(stream)

    @staticmethod
    async def _until_status(stream: Stream) -> list[bytes]:
        lines: list[bytes] = []
        while len(lines) < MOST_LINES:
            lines.append(await stream.read_line(4096))
            if lines[-1][:3].upper() in (b"OK", b"NO", b"BYE") or lines[-1][:3].upper() in (b"OK ", b"NO "):
                return lines
        raise TooLarge(f"an answer of more than {MOST_LINES} lines", kind="too_large")
