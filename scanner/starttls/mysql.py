"""MySQL's and MariaDB's SSLRequest (MySQL: Protocol::HandshakeV10, Protocol::SSLRequest)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError, Throttled
from scanner.starttls.dialect import Clear, Introduction, not_offered
from scanner.text import printable
from scanner.transport import Stream

_LARGEST = 4096
"""A first packet is some eighty bytes; a longer claim is not believed."""
CLIENT_SSL = 0x800
_CLIENT_LONG_PASSWORD, _CLIENT_PROTOCOL_41, _CLIENT_SECURE_CONNECTION = 1, 0x200, 0x8000
_UTF8MB4 = 45
TOO_MANY = frozenset({1040, 1203})
"""Errors that say that no connection is left."""


async def read_first_packet(stream: Stream) -> bytes:
    """The payload of the packet that the server sends by itself: a handshake or an error; at least one byte.

    :raises ProtocolError: it is no packet of MySQL's.
    """
    header = await stream.read_exactly(4)
    length = int.from_bytes(header[:3], "little")
    if not 1 <= length <= _LARGEST or header[3] > 2:
        raise ProtocolError(f"no MySQL packet: {printable(header, 40)}", kind="protocol")
    return await stream.read_exactly(length)


@dataclass(frozen=True, slots=True)
class Mysql:
    """MySQL and MariaDB.

    Both count a handshake that breaks off against the address it came from, and block the address after
    ``max_connect_errors`` of them, 100 by default: ``sparing``.
    """

    name: str = "mysql"
    alpn: tuple[str, ...] = ()
    sparing: bool = True

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The server's first packet."""
        payload = await read_first_packet(stream)
        if payload[0] == 0xFF:
            (code,) = struct.unpack_from("<H", payload.ljust(3, b"\0"), 1)
            text = printable(payload[3:], 160)
            if code in TOO_MANY:
                raise Throttled(f"MySQL has no connection left: {code} {text}", kind="throttled")
            raise ProtocolError(f"MySQL turns this address away: {code} {text}", kind="refused")
        version, nul, rest = payload[1:].partition(b"\0")
        if payload[0] != 10 or not nul or len(rest) < 15:
            raise ProtocolError("no MySQL handshake of version 10", kind="protocol")
        (flags,) = struct.unpack_from("<H", rest, 13)
        return Clear(greeting=version, offered=bool(flags & CLIENT_SSL))

    async def ask(self, stream: Stream) -> None:
        """SSLRequest: a login packet that ends before the user's name."""
        flags = _CLIENT_LONG_PASSWORD | _CLIENT_PROTOCOL_41 | CLIENT_SSL | _CLIENT_SECURE_CONNECTION
        body = struct.pack("<IIB23x", flags, 1 << 24, _UTF8MB4)
        await stream.write(len(body).to_bytes(3, "little") + b"\x01" + body)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """First packet, SSLRequest."""
        if not (await self.look(stream, names)).offered:
            # Without the flag the server would take SSLRequest for a broken login.
            raise not_offered("the server does not announce CLIENT_SSL")
        await self.ask(stream)
