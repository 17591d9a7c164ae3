"""SMTP (RFC 3207), IMAP (RFC 9051 §6.2.1) and POP3 (RFC 2595 §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.errors import Throttled, TooLarge
from scanner.starttls.dialect import MOST_KEPT, MOST_LINES, Clear, Introduction, not_offered, odd
from scanner.text import printable
from scanner.transport import Stream

_REPLY = re.compile(rb"[1-5][0-9]{2}")


def mechanisms(words: Iterable[bytes]) -> tuple[str, ...]:
    """Names of SASL mechanisms (RFC 4422 §3.1), upper case, each once."""
    found = (word.decode("ascii", errors="replace").upper() for word in words)
    return tuple(dict.fromkeys(name for name in found if re.fullmatch(r"[A-Z0-9_-]{1,20}", name)))


async def read_capabilities(stream: Stream) -> tuple[list[bytes], list[list[bytes]], tuple[str, ...]]:
    """What POP3 and NNTP list after their first line, up to a dot (RFC 2449 §5, RFC 3977 §5.2): the lines, their words in
    upper case, and the SASL mechanisms among them.

    :raises TooLarge: the list does not end.
    """
    listed: list[bytes] = []
    while (line := await stream.read_line(4096)) != b".":
        listed.append(line)
        if len(listed) >= MOST_LINES:
            raise TooLarge(f"an answer of more than {MOST_LINES} lines", kind="too_large")
    words = [line.upper().split() for line in listed]
    return listed, words, mechanisms(word for line in words if line[:1] == [b"SASL"] for word in line[1:])


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of SMTP or FTP: its code, and its lines without the code."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def text(self) -> bytes:
        """All of it in one line."""
        return b" ".join((str(self.code).encode(), *self.lines))


async def read_reply(stream: Stream, what: str) -> Reply:
    """One reply of SMTP, of one line or several, each of which has the code (RFC 5321 §4.2.1).

    :raises ProtocolError: it is none. :raises TooLarge: it does not end.
    """
    lines: list[bytes] = []
    code = b""
    while True:
        line = await stream.read_line(4096)
        if not _REPLY.match(line) or line[3:4] not in (b" ", b"-", b"") or (code and line[:3] != code):
            raise odd(what, line)
        code = line[:3]
        lines.append(line[4:])
        if line[3:4] != b"-":
            return Reply(int(code), tuple(lines))
        if len(lines) >= MOST_LINES:
            raise TooLarge(f"a reply of more than {MOST_LINES} lines", kind="too_large")


@dataclass(frozen=True, slots=True)
class Smtp:
    """SMTP and submission (RFC 3207, RFC 6409)."""

    name: str = "smtp"
    alpn: tuple[str, ...] = ()
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """Greeting and EHLO."""
        greeting = await read_reply(stream, "no SMTP greeting")
        _turned_away(greeting)
        if greeting.code != 220:
            raise odd("SMTP does not serve us", greeting.text)
        await stream.write(b"EHLO " + names.client.encode("ascii") + b"\r\n")
        hello = await read_reply(stream, "no answer to EHLO")
        _turned_away(hello)
        text = b" / ".join(greeting.lines)
        if hello.code != 250:
            # RFC 5321 §4.1.4: a server without EHLO has no extensions, and so no STARTTLS.
            if hello.code in (500, 502):
                return Clear(greeting=text, offered=False, logins=())
            raise odd("EHLO was refused", hello.text)
        capabilities = hello.lines[1:]
        keywords = [line.upper().replace(b"=", b" ").split() for line in capabilities]
        return Clear(
            greeting=text,
            capabilities=capabilities[:MOST_KEPT],
            offered=any(words[:1] == [b"STARTTLS"] for words in keywords),
            # "AUTH=" with an equals sign is how clients before RFC 2554 were told.
            logins=mechanisms(word for words in keywords if words[:1] == [b"AUTH"] for word in words[1:]),
        )

    async def ask(self, stream: Stream) -> None:
        """STARTTLS."""
        await stream.write(b"STARTTLS\r\n")
        reply = await read_reply(stream, "no answer to STARTTLS")
        if reply.code == 220:
            return
        text = printable(reply.text, 200)
        if reply.code in (500, 501, 502, 503, 504, 530, 550, 554):
            raise not_offered(f"STARTTLS was refused: {text}")
        # RFC 3207 §4: 454, TLS not available due to temporary reason.
        raise Throttled(f"STARTTLS is not to be had now: {text}", kind="throttled")

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, EHLO, STARTTLS."""
        await self.look(stream, names)
        await self.ask(stream)


def _turned_away(reply: Reply) -> None:
    # RFC 5321 §3.8: 421, the service is closing; 450 and 451 are how greylisting and rate limits say later.
    if reply.code in (421, 450, 451, 452):
        text = printable(reply.text, 200)
        raise Throttled(f"SMTP turned us away: {text}", kind="throttled")


@dataclass(frozen=True, slots=True)
class Imap:
    """IMAP (RFC 9051, RFC 3501)."""

    name: str = "imap"
    alpn: tuple[str, ...] = ("imap",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """Greeting and CAPABILITY."""
        greeting = await self._greeting(stream)
        lines = await self._command(stream, b"CAPABILITY")
        listed = [
            line[len(b"* CAPABILITY ") :] for line in lines if line.upper().startswith(b"* CAPABILITY ")
        ]
        words = [word for line in listed for word in line.split()]
        upper = [word.upper() for word in words]
        if not lines[-1].upper().startswith(b"ZJ OK") or not listed:
            raise odd("no answer to CAPABILITY", lines[-1])
        logins = mechanisms(word.removeprefix(b"AUTH=") for word in upper if word.startswith(b"AUTH="))
        # RFC 9051 §6.2.3: without LOGINDISABLED the command LOGIN, with the password in it, is let through.
        if b"LOGINDISABLED" not in upper:
            logins = ("USER", *logins)
        return Clear(
            greeting=greeting,
            capabilities=tuple(words[:MOST_KEPT]),
            offered=b"STARTTLS" in upper,
            logins=logins,
        )

    async def ask(self, stream: Stream) -> None:
        """STARTTLS."""
        answer = (await self._command(stream, b"STARTTLS"))[-1]
        status = answer[3:].lstrip().upper()
        if status.startswith(b"OK"):
            return
        if status.startswith((b"BAD", b"NO")):
            raise not_offered(f"STARTTLS was refused: {printable(answer, 200)}")
        raise odd("no answer to STARTTLS", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, STARTTLS."""
        await self._greeting(stream)
        await self.ask(stream)

    @staticmethod
    async def _greeting(stream: Stream) -> bytes:
        greeting = await stream.read_line(4096)
        if greeting.upper().startswith(b"* BYE"):
            raise Throttled(f"IMAP turned us away: {printable(greeting, 200)}", kind="throttled")
        if not greeting.upper().startswith((b"* OK", b"* PREAUTH")):
            raise odd("no IMAP greeting", greeting)
        return greeting[2:]

    @staticmethod
    async def _command(stream: Stream, command: bytes) -> list[bytes]:
        """Send a command; the lines up to its tagged answer."""
        await stream.write(b"zj " + command + b"\r\n")
        lines: list[bytes] = []
        while len(lines) < MOST_LINES:
            lines.append(await stream.read_line(8192))
            if lines[-1].upper().startswith(b"* BYE"):
                raise Throttled(f"IMAP turned us away: {printable(lines[-1], 200)}", kind="throttled")
            if lines[-1][:3].upper() == b"ZJ ":
                return lines
        raise TooLarge(f"an answer of more than {MOST_LINES} lines", kind="too_large")


@dataclass(frozen=True, slots=True)
class Pop3:
    """POP3 (RFC 1939, RFC 2449, RFC 2595)."""

    name: str = "pop3"
    alpn: tuple[str, ...] = ("pop3",)
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """Greeting and CAPA."""
        greeting = await self._greeting(stream)
        await stream.write(b"CAPA\r\n")
        first = await stream.read_line(4096)
        if first.startswith(b"-ERR"):
            # RFC 2449 is optional: without CAPA nothing is told, and STLS itself is asked for.
            return Clear(greeting=greeting)
        if not first.startswith(b"+OK"):
            raise odd("no answer to CAPA", first)
        listed, words, logins = await read_capabilities(stream)
        if [b"USER"] in words:
            logins = ("USER", *logins)
        return Clear(
            greeting=greeting,
            capabilities=tuple(listed[:MOST_KEPT]),
            offered=[b"STLS"] in words,
            logins=logins,
        )

    async def ask(self, stream: Stream) -> None:
        """STLS."""
        await stream.write(b"STLS\r\n")
        answer = await stream.read_line(4096)
        if answer.startswith(b"+OK"):
            return
        if answer.startswith(b"-ERR"):
            raise not_offered(f"STLS was refused: {printable(answer, 200)}")
        raise odd("no answer to STLS", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Greeting, STLS."""
        await self._greeting(stream)
        await self.ask(stream)

    @staticmethod
    async def _greeting(stream: Stream) -> bytes:
        greeting = await stream.read_line(4096)
        if greeting.startswith(b"-ERR"):
            raise Throttled(f"POP3 turned us away: {printable(greeting, 200)}", kind="throttled")
        if not greeting.startswith(b"+OK"):
            raise odd("no POP3 greeting", greeting)
        return greeting
