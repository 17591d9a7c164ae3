"""memcached: the answer to ``version`` in the text protocol (doc/protocol.txt). Nothing stored is read or written.

A server that wants SASL takes the binary protocol only and closes a text connection; that it closed proves nothing by
itself, so the binary ``noop`` is put on a second connection and its status read (``version`` would not do: the binary
protocol answers it before authentication).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError
from scanner.facts import MemcachedFacts, ProbeError, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=5, life=15, received=64 * 1024)
_NOOP = 0x0A
_BINARY_NOOP = struct.pack("!BBHBBHIIQ", 0x80, _NOOP, 0, 0, 0, 0, 0, 0, 0)
"""Request header of the binary protocol: magic 0x80, opcode 0x0a (noop), everything else zero."""
_AUTH_ERROR = 0x20


@dataclass(frozen=True, slots=True)
class MemcachedProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "memcached"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as memcached over TCP."""
        return service.protocol in ("memcached", "memcache") and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> MemcachedFacts:
        """Ask for the version in text; when text is not taken, put a binary noop.

        :raises TargetError: no connection, or no answer of this protocol.
        """
        try:
            return await self._text(session, service)
        except (PeerClosed, PeerTimeout) as error:
            return await self._binary(session, service, probe_error("version", error))

    async def _text(self, session: Session, service: ServiceFacts) -> MemcachedFacts:
        async with opened(session, service, "memcached: version", limits=_LIMITS) as stream:
            await stream.write(b"version\r\n")
            reply = await stream.read_line()
            if reply.startswith(b"VERSION "):
                await stream.write(b"quit\r\n")
                return MemcachedFacts(answers=True, auth_required=False, version=printable(reply[8:], 64))
            if reply.startswith((b"CLIENT_ERROR unauthenticated", b"CLIENT_ERROR authentication")):
                return MemcachedFacts(answers=True, auth_required=True)
            if reply.startswith((b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")):
                told = ProbeError(step="version", kind="protocol", message=printable(reply, 200))
                return MemcachedFacts(answers=True, errors=(told,))
        raise ProtocolError(f"no memcached answer: {printable(reply, 120)}", kind="protocol")

    async def _binary(self, session: Session, service: ServiceFacts, before: ProbeError) -> MemcachedFacts:
        async with opened(session, service, "memcached: binary noop", limits=_LIMITS) as stream:
            await stream.write(_BINARY_NOOP)
            header = await stream.read_exactly(24)
        magic, opcode, _, _, _, status, _, _, _ = struct.unpack("!BBHBBHIIQ", header)
        if magic != 0x81 or opcode != _NOOP:
            raise ProtocolError(f"no memcached answer: {printable(header, 60)}", kind="protocol")
        required = {0: False, _AUTH_ERROR: True}.get(status)
        return MemcachedFacts(answers=True, auth_required=required, errors=(before,))


PROBE = MemcachedProbe()
