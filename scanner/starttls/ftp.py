"""FTP's AUTH TLS (RFC 4217)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import Throttled, TooLarge
from scanner.starttls.dialect import MOST_LINES, Clear, Introduction, not_offered, odd
from scanner.starttls.mail import Reply
from scanner.text import printable
from scanner.transport import Stream

_CODE = re.compile(rb"[1-5][0-5][0-9]")


async def read_reply(stream: Stream, what: str) -> Reply:
    """One reply of one line or several: ``what`` begins the message where it is none.

    Unlike SMTP's, a longer reply has its code in the first and the last line alone; what is between may be any text, and
    have the code as well (RFC 959 §4.2).

    :raises ProtocolError: it is no reply of FTP. :raises TooLarge: it does not end.
    """
    first = await stream.read_line(4096)
    code = first[:3]
    if not _CODE.fullmatch(code) or first[3:4] not in (b" ", b"-", b""):
        raise odd(what, first)
    lines = [first[4:]]
    more = first[3:4] == b"-"
    while more:
        if len(lines) >= MOST_LINES:
            raise TooLarge(f"an FTP reply of more than {MOST_LINES} lines", kind="too_large")
        line = await stream.read_line(4096)
        more = line != code and not line.startswith(code + b" ")
        lines.append(line[4:] if not more else line.removeprefix(code + b"-"))
    return Reply(int(code), tuple(lines))


async def read_greeting(stream: Stream) -> bytes:
    """The greeting of a server that is ready, its lines that are not empty put into one.

    :raises Throttled: it turns us away for now. :raises ProtocolError: it is none. :raises TooLarge: it does not end.
    """
    greeting = await read_reply(stream, "no FTP greeting")
    if greeting.code in (120, 421):
        # RFC 959 §5.4: 120, ready in so many minutes; 421, the service is closing.
        raise Throttled(f"FTP turned us away: {printable(greeting.text, 200)}", kind="throttled")
    if greeting.code != 220:
        raise odd("no FTP greeting", greeting.text)
    return b" / ".join(line for line in greeting.lines if line)


@dataclass(frozen=True, slots=True)
class Ftp:
    """FTP. What it shows in clear text beyond its greeting is the FTP probe's to ask."""

    name: str = "ftp"
    alpn: tuple[str, ...] = ("ftp",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The greeting."""
        return Clear(greeting=await read_greeting(stream))

    async def ask(self, stream: Stream) -> None:
        """AUTH TLS."""
        await stream.write(b"AUTH TLS\r\n")
        reply = await read_reply(stream, "no answer to AUTH TLS")
        if reply.code == 234:
            return
        text = printable(reply.text, 200)
        if reply.code in (431, 421, 450):
            # RFC 4217 §4.1: 431, a needed resource is unavailable.
            raise Throttled(f"AUTH TLS is not to be had now: {text}", kind="throttled")
        if reply.code >= 500:
            raise not_offered(f"AUTH TLS was refused: {text}")
        raise odd("no answer to AUTH TLS", reply.text)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, AUTH TLS."""
        await self.look(stream, names)
        await self.ask(stream)
