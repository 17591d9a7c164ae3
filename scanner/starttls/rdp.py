"""RDP's negotiation of enhanced security ([MS-RDPBCGR] §2.2.1.1, §2.2.1.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.starttls.dialect import Clear, Introduction, not_offered
from scanner.text import printable
from scanner.transport import Stream

STANDARD, TLS, HYBRID, _HYBRID_EX = 0, 1, 2, 8
"""Protocols of security ([MS-RDPBCGR] §2.2.1.1.1)."""
_RESPONSE, _FAILURE = 2, 3
_FAILURES = {
    1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER", 6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}  # fmt: skip
HYBRID_REQUIRED = 5
_PROTOCOLS = {
    STANDARD: "PROTOCOL_RDP",
    TLS: "PROTOCOL_SSL",
    HYBRID: "PROTOCOL_HYBRID",
    _HYBRID_EX: "PROTOCOL_HYBRID_EX",
}
_LARGEST = 512


def connection_request(protocols: int = TLS | HYBRID) -> bytes:
    """An X.224 Connection Request in a TPKT (RFC 1006 §6), offering ``protocols``: TLS with and without CredSSP by itself."""
    negotiation = struct.pack("<BBHI", 1, 0, 8, protocols)
    request = struct.pack("!BBHHB", 6 + len(negotiation), 0xE0, 0, 0, 0) + negotiation
    return struct.pack("!BBH", 3, 0, 4 + len(request)) + request


@dataclass(frozen=True, slots=True)
class Choice:
    """What the server made of a Connection Request: the protocol it chose, or why it failed it."""

    protocol: int = STANDARD
    """:data:`STANDARD` too where the server does not know negotiation."""
    failure: int | None = None

    @property
    def name(self) -> str:
        """As the specification writes it."""
        if self.failure is not None:
            return _FAILURES.get(self.failure, f"failure {self.failure}")
        return _PROTOCOLS.get(self.protocol, f"protocol {self.protocol}")


async def read_choice(stream: Stream) -> Choice:
    """The Connection Confirm.

    :raises ProtocolError: it is none. :raises TargetError: nothing came.
    """
    head = await stream.read_exactly(4)
    (length,) = struct.unpack_from("!H", head, 2)
    if head[0] != 3 or not 11 <= length <= _LARGEST:
        raise ProtocolError(f"no RDP answer: {printable(head, 16)}", kind="protocol")
    body = await stream.read_exactly(length - 4)
    if body[1] & 0xF0 != 0xD0:
        raise ProtocolError(f"no X.224 Connection Confirm: {printable(body[:8], 40)}", kind="protocol")
    if len(body) < 15:
        return Choice()
    kind, _, _, value = struct.unpack_from("<BBHI", body, 7)
    if kind == _RESPONSE and value in _PROTOCOLS:
        return Choice(value)
    if kind == _FAILURE:
        return Choice(failure=value)
    raise ProtocolError(f"no RDP negotiation: type {kind}, value {value}", kind="protocol")


@dataclass(frozen=True, slots=True)
class Rdp:
    """RDP."""

    name: str = "rdp"
    alpn: tuple[str, ...] = ()
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """RDP says nothing by itself."""
        return Clear()

    async def ask(self, stream: Stream) -> None:
        """Connection Request; the Confirm says what was chosen."""
        await stream.write(connection_request())
        choice = await read_choice(stream)
        if choice.failure is not None:
            raise not_offered(f"TLS was refused: {choice.name}")
        if choice.protocol == STANDARD:
            # A server of standard RDP security alone has no TLS.
            raise not_offered("the server has only standard RDP security")

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Connection Request alone."""
        await self.ask(stream)
