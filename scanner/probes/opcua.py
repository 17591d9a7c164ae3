"""OPC UA: does a server of machine data answer strangers (OPC 10000-6 §7.1). Hello and its acknowledgement; no channel is opened."""

from __future__ import annotations

import re
import struct

from scanner.errors import ProtocolError
from scanner.facts.access import OpcuaFacts
from scanner.probes.access import AccessProbe
from scanner.transport import Stream

_URL = b"opc.tcp://zijian.invalid"
HELLO = (
    b"HELF" + struct.pack("<6I", 32 + len(_URL), 0, 8192, 8192, 0, 0) + struct.pack("<I", len(_URL)) + _URL
)
ANSWER = re.compile(rb"(?:ACKF\x1c\0\0\0|ERRF.[\0-\x10]\0\0)", re.DOTALL)


async def _ask(stream: Stream) -> OpcuaFacts:
    await stream.write(HELLO)
    head = await stream.read_exactly(8)
    if ANSWER.match(head) is None:
        raise ProtocolError("no OPC UA answer", kind="protocol")
    return OpcuaFacts(answers=True, request="Hello", reply="Acknowledge" if head[:1] == b"A" else "Error")


PROBE = AccessProbe("opcua", "Hello", _ask, frozenset({"opcua"}))
