"""AJP 1.3: is a stranger's request carried out (Apache Tomcat Connectors: AJP Protocol Reference).

A CPing, which every connector answers; then one GET of ``/`` without the secret that the connector may require. The page itself is
not kept.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TooLarge
from scanner.facts.access import Access, AjpFacts
from scanner.probes.access import AccessProbe
from scanner.transport import Stream

CPING = b"\x12\x34\x00\x01\x0a"
CPONG = b"AB\x00\x01\x09"
_FORWARD_REQUEST, _GET = 2, 2
_SEND_HEADERS = 4
_LONGEST = 8192
"""Bytes of a packet, as the protocol has it."""


def _string(text: str) -> bytes:
    return struct.pack("!H", len(text)) + text.encode("ascii") + b"\0"


def _get(path: str) -> bytes:
    body = bytes((_FORWARD_REQUEST, _GET)) + b"".join(
        (
            *map(_string, ("HTTP/1.1", path, "192.0.2.1", "zijian.invalid", "zijian.invalid")),
            struct.pack("!HB", 80, 0),
            struct.pack("!H", 1),
            b"\xa0\x0b" + _string("zijian.invalid"),
            b"\xff",
        )
    )
    return b"\x12\x34" + struct.pack("!H", len(body)) + body


async def _ask(stream: Stream) -> AjpFacts:
    await stream.write(CPING)
    if await stream.read_exactly(len(CPONG)) != CPONG:
        raise ProtocolError("no CPong", kind="protocol")
    facts = AjpFacts(answers=True, request="CPing", reply="CPong")
    await stream.write(_get("/"))
    try:
        magic, size = struct.unpack("!2sH", await stream.read_exactly(4))
        packet = await stream.read_exactly(size) if magic == b"AB" and 3 <= size <= _LONGEST else b""
    except (PeerClosed, PeerTimeout, TooLarge):
        return facts
    if not packet or packet[0] != _SEND_HEADERS:
        return facts
    status = int.from_bytes(packet[1:3], "big")
    # A connector that requires a secret answers 403 to whoever has none (Tomcat: AJP Connector, secretRequired).
    access: Access | None = "authentication" if status == 403 else "open" if 200 <= status < 500 else None
    return replace(facts, access=access, request="Forward Request GET /", reply=f"status {status}")


PROBE = AccessProbe("ajp", "CPing, GET /", _ask, frozenset({"ajp13"}))
