"""RDP's negotiation of enhanced security ([MS-RDPBCGR] §2.2.1.1, §2.2.1.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.starttls.dialect import Clear, Introduction, not_offered
from scanner.text import printable
from scanner.transport import Stream

_PROTOCOL_SSL, _PROTOCOL_HYBRID, _PROTOCOL_HYBRID_EX = 1, 2, 8
_RESPONSE, _FAILURE = 2, 3
_FAILURES = {
    1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER", 6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}  # fmt: skip
_LARGEST = 512


def connection_request(protocols: int = _PROTOCOL_SSL | _PROTOCOL_HYBRID) -> bytes:
    """An X.224 Connection Request in a TPKT (RFC 1006 §6), asking for TLS, with or without CredSSP."""
    negotiation = struct.pack("<BBHI", 1, 0, 8, protocols)
    request = struct.pack("!BBHHB", 6 + len(negotiation), 0xE0, 0, 0, 0) + negotiation
    return struct.pack("!BBH", 3, 0, 4 + len(request)) + request


def is_confirm(data: bytes) -> bool:
    """Whether ``data`` begins with an X.224 Connection Confirm in a TPKT."""
    return len(data) >= 7 and data[:2] == b"\x03\x00" and data[5] & 0xF0 == 0xD0


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
        head = await stream.read_exactly(4)
        (length,) = struct.unpack_from("!H", head, 2)
        if head[0] != 3 or not 11 <= length <= _LARGEST:
            raise ProtocolError(f"no RDP answer: {printable(head, 16)}", kind="protocol")
        body = await stream.read_exactly(length - 4)
        if body[1] & 0xF0 != 0xD0:
            raise ProtocolError(f"no X.224 Connection Confirm: {printable(body[:8], 40)}", kind="protocol")
        if len(body) < 15:
            # No negotiation in the answer: a server of standard RDP security alone, which has no TLS.
            raise not_offered("the server has only standard RDP security")
        kind, _, _, value = struct.unpack_from("<BBHI", body, 7)
        if kind == _RESPONSE and value in (_PROTOCOL_SSL, _PROTOCOL_HYBRID, _PROTOCOL_HYBRID_EX):
            return
        if kind == _FAILURE or (kind == _RESPONSE and value == 0):
            raise not_offered(f"TLS was refused: {_FAILURES.get(value, value)}")
        raise ProtocolError(f"no RDP negotiation: type {kind}, value {value}", kind="protocol")

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Connection Request alone."""
        await self.ask(stream)
