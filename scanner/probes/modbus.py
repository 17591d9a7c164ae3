"""Modbus/TCP: does a controller answer strangers (Modbus Application Protocol V1.1b3 §6.21; Messaging on TCP/IP V1.0b).

Its basic device identification is read, once; no register is read and nothing is written.
"""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import ModbusFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

_TRANSACTION = 0x7A69
_UNIT = 0xFF
"""The device itself, not one behind a gateway (Messaging on TCP/IP §4.4.2)."""
_ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC = 0x2B, 0x0E, 1
QUESTION = struct.pack(
    "!HHHBBBBB", _TRANSACTION, 0, 5, _UNIT, _ENCAPSULATED, _DEVICE_IDENTIFICATION, _BASIC, 0
)
_NAMES = {0: "vendor", 1: "product", 2: "revision"}
_EXCEPTION = 0x80


def read_objects(data: bytes) -> dict[int, bytes]:
    """The objects of a device identification (§6.21), after the function's code; cut ones are left out."""
    found: dict[int, bytes] = {}
    at = 6
    for _ in range(data[5]):
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            break
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found


async def _ask(stream: Stream) -> ModbusFacts:
    await stream.write(QUESTION)
    transaction, protocol, size, _ = struct.unpack("!HHHB", await stream.read_exactly(7))
    if transaction != _TRANSACTION or protocol or not 3 <= size <= 254:
        raise ProtocolError("no Modbus answer to ours", kind="protocol")
    data = await stream.read_exactly(size - 1)
    facts = ModbusFacts(answers=True, request="Read Device Identification")
    if data[0] == _ENCAPSULATED | _EXCEPTION:
        return ModbusFacts(answers=True, request=facts.request, reply=f"exception {data[1]}")
    if data[0] != _ENCAPSULATED or len(data) < 7 or data[1] != _DEVICE_IDENTIFICATION:
        raise ProtocolError("no answer to the device identification", kind="protocol")
    objects = read_objects(data[1:])
    told = {_NAMES[number]: shown(value) for number, value in objects.items() if number in _NAMES}
    return ModbusFacts(
        answers=True,
        said=tuple(Said(name, value) for name, value in told.items()),
        access="open",
        request=facts.request,
        reply=shown(", ".join(told.values())) or "no object",
        version=told.get("revision"),
    )


PROBE = AccessProbe("modbus", "device identification", _ask, frozenset({"modbus"}))
