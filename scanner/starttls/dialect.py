"""What all ways from clear text into TLS have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scanner.errors import NotOffered, ProtocolError
from scanner.text import printable
from scanner.transport import Stream

MOST_LINES = 100
"""Lines of one reply that are read at most."""
MOST_KEPT = 60
"""Capabilities that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """The names that some protocols want to hear first."""

    client: str
    """What we call ourselves: never a name that exists (RFC 2606), and one that tells the scan."""
    server: str
    """What the server is asked as: its name where one is known, else its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """What a server showed in clear text, before any TLS. Texts are raw bytes of the target: see :mod:`scanner.text`."""

    greeting: bytes = b""
    capabilities: tuple[bytes, ...] = ()
    offered: bool | None = None
    """Whether the way into TLS is announced; None when this protocol announces nothing or the list was not given."""
    required: bool | None = None
    """Whether nothing else is let through before TLS; None when the protocol has no way to say so."""
    logins: tuple[str, ...] | None = None
    """Ways to log in that are offered in clear text, by their SASL names, ``USER`` for a protocol's own user and
    password commands; None when the protocol does not tell before a login is tried."""


class Dialect(Protocol):
    """One protocol's way into TLS."""

    @property
    def name(self) -> str:
        """``smtp``, ``imap`` and so on: the value of ``TlsFacts.starttls``."""

    @property
    def alpn(self) -> tuple[str, ...]:
        """IANA's ALPN names of the protocol; none where it has none."""

    @property
    def sparing(self) -> bool:
        """Whether broken-off handshakes are counted against us, so that few must do."""

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """Read what is shown in clear text.

        :raises TargetError: nothing of this protocol was said.
        """

    async def ask(self, stream: Stream) -> None:
        """After :meth:`look`, ask for TLS; the next byte on the wire is the server's ServerHello or ours of the hello.

        :raises NotOffered: the server does not have it. :raises Throttled: it turns us away for now.
        :raises ProtocolError: its answer was neither yes nor no.
        """

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """The shortest way from a fresh connection into TLS; raises as :meth:`look` and :meth:`ask` do."""


def not_offered(message: str) -> NotOffered:
    """The server said by its own protocol that it does not go into TLS on this port."""
    return NotOffered(message, kind="no_starttls")


def odd(what: str, answer: bytes) -> ProtocolError:
    """An answer that is not of the protocol."""
    return ProtocolError(f"{what}: {printable(answer, 120)}", kind="protocol")
