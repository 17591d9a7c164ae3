"""The Java Debug Wire Protocol: is a debugger let in. It knows no authentication (JDWP specification).

The handshake, and VirtualMachine.Version, which reads. Nothing is suspended, loaded or evaluated. The agent takes one debugger at a
time: while the question lasts, tenths of a second, another is kept waiting.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TooLarge
from scanner.facts import Said
from scanner.facts.access import JdwpFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

HANDSHAKE = b"JDWP-Handshake"
_ID = 0x7A69
_VERSION = struct.pack("!IIBBB", 11, _ID, 0, 1, 1)
_REPLY = 0x80
_MOST_PACKETS = 8
"""Events may come before the reply."""
_LONGEST = 16384


def _read_string(data: bytes, at: int) -> tuple[str, int]:
    size = int.from_bytes(data[at : at + 4], "big")
    if size > len(data) - at - 4:
        raise ProtocolError("a string longer than its packet", kind="protocol")
    return shown(data[at + 4 : at + 4 + size]), at + 4 + size


async def _ask(stream: Stream) -> JdwpFacts:
    await stream.write(HANDSHAKE)
    if await stream.read_exactly(len(HANDSHAKE)) != HANDSHAKE:
        raise ProtocolError("no JDWP handshake", kind="protocol")
    facts = JdwpFacts(answers=True, request="JDWP-Handshake", reply="JDWP-Handshake")
    await stream.write(_VERSION)
    try:
        for _ in range(_MOST_PACKETS):
            size, number, flags, status = struct.unpack("!IIBH", await stream.read_exactly(11))
            if not 11 <= size <= _LONGEST:
                raise ProtocolError("a packet of impossible length", kind="protocol")
            body = await stream.read_exactly(size - 11)
            if flags == _REPLY and number == _ID:
                return _read(facts, status, body)
    except (PeerClosed, PeerTimeout, TooLarge):
        pass
    return facts


def _read(facts: JdwpFacts, status: int, body: bytes) -> JdwpFacts:
    if status:
        return replace(facts, request="VirtualMachine.Version", reply=f"error {status}")
    _, at = _read_string(body, 0)
    version, at = _read_string(body, at + 8)
    name, _ = _read_string(body, at)
    return replace(
        facts,
        access="open",
        request="VirtualMachine.Version",
        reply=f"{name} {version}",
        said=(Said("virtual machine", name),),
        version=version,
    )


PROBE = AccessProbe("jdwp", "handshake, version", _ask, frozenset({"jdwp"}))
