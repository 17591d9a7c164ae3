"""FTP's AUTH TLS (RFC 4217)."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.errors import Throttled
from scanner.starttls.dialect import Clear, Introduction, not_offered, odd
from scanner.starttls.mail import Reply, read_reply
from scanner.text import printable
from scanner.transport import Stream


def _text(reply: Reply) -> bytes:
    return b" ".join((str(reply.code).encode(), *reply.lines))


@dataclass(frozen=True, slots=True)
class Ftp:
    """FTP. What it shows in clear text beyond its greeting is the FTP probe's to ask."""

    name: str = "ftp"
    alpn: tuple[str, ...] = ("ftp",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The greeting."""
        greeting = await read_reply(stream, "no FTP greeting")
        if greeting.code in (120, 421):
            raise Throttled(f"FTP turned us away: {printable(_text(greeting), 200)}", kind="throttled")
        if greeting.code != 220:
            raise odd("no FTP greeting", _text(greeting))
        return Clear(greeting=b" / ".join(greeting.lines))

    async def ask(self, stream: Stream) -> None:
        """AUTH TLS."""
        await stream.write(b"AUTH TLS\r\n")
        reply = await read_reply(stream, "no answer to AUTH TLS")
        if reply.code == 234:
            return
        text = printable(_text(reply), 200)
        if reply.code in (431, 421, 450):
            # RFC 4217 §4.1: 431, a needed resource is unavailable.
            raise Throttled(f"AUTH TLS is not to be had now: {text}", kind="throttled")
        if reply.code >= 500:
            raise not_offered(f"AUTH TLS was refused: {text}")
        raise odd("no answer to AUTH TLS", _text(reply))

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, AUTH TLS."""
        await self.look(stream, names)
        await self.ask(stream)
