"""BACnet/IP (ANSI/ASHRAE 135, annex J): one property of the device object, read without knowing the device's number."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.text import printable

_BVLC, _UNICAST, _FORWARDED = 0x81, 0x0A, 0x04
_NPDU_VERSION = 1
_EXPECTING_REPLY = 0x04
_READ_PROPERTY = 12
_WHO_IS, _I_AM = 8, 0
_DEVICE = 8
_ANY_DEVICE = _DEVICE << 22 | 4194303
"""The device object with the number that stands for whichever device is asked (clause 15.5.2)."""
_INVOKE = 0x7A
OBJECT_IDENTIFIER = 75
"""The property of this name (clause 21)."""
_UNCONFIRMED, _COMPLEX_ACK, _ERROR, _REJECT, _ABORT = 1, 3, 5, 6, 7
_OBJECT_TAG, _TEXT_TAG = 0xC4, 7


def _packet(npdu_control: int, apdu: bytes) -> bytes:
    return struct.pack("!BBHBB", _BVLC, _UNICAST, 6 + len(apdu), _NPDU_VERSION, npdu_control) + apdu


def read_property(number: int) -> bytes:
    """A ReadProperty of the device object (clause 15.5)."""
    head = struct.pack("!BBBB", 0x00, 0x05, _INVOKE, _READ_PROPERTY)
    return _packet(_EXPECTING_REPLY, head + struct.pack("!BIBB", 0x0C, _ANY_DEVICE, 0x19, number))


WHO_IS = _packet(0, bytes((_UNCONFIRMED << 4, _WHO_IS)))
"""Clause 16.10; many answer it by broadcast only."""


@dataclass(frozen=True, slots=True)
class Property:
    """A device's answer: a value, or why there is none."""

    value: str | None
    error: str = ""


def read_reply(data: bytes) -> Property:
    """The answer to :func:`read_property` or to :data:`WHO_IS`.

    :raises ProtocolError: no such answer.
    """
    apdu = _apdu(data)
    if len(apdu) < 3:
        raise ProtocolError("no BACnet answer", kind="protocol")
    kind = apdu[0] >> 4
    if kind == _UNCONFIRMED and apdu[1] == _I_AM and apdu[2] == _OBJECT_TAG and len(apdu) >= 7:
        return Property(_device(apdu[3:7]))
    if apdu[1] != _INVOKE:
        raise ProtocolError("a BACnet answer to another request", kind="protocol")
    if kind == _ERROR and apdu[2] == _READ_PROPERTY:
        return Property(None, "error")
    if kind in (_REJECT, _ABORT):
        return Property(None, f"{'reject' if kind == _REJECT else 'abort'} {apdu[2]}")
    if kind != _COMPLEX_ACK or apdu[2] != _READ_PROPERTY:
        raise ProtocolError("no BACnet answer to ours", kind="protocol")
    # Context tags 0 (object, 4 bytes) and 1 (property, 1 byte), then the value between opening and closing tag 3.
    if len(apdu) < 14 or apdu[3] != 0x0C or apdu[8] != 0x19 or apdu[10] != 0x3E or apdu[-1] != 0x3F:
        raise ProtocolError("unreadable BACnet value", kind="protocol")
    return Property(_value(apdu[11:-1]))


def _apdu(data: bytes) -> bytes:
    """What an NPDU without a route carries."""
    if len(data) < 8 or data[0] != _BVLC or struct.unpack("!H", data[2:4])[0] != len(data):
        raise ProtocolError("no BACnet/IP", kind="protocol")
    at = {_UNICAST: 4, _FORWARDED: 10, 0x0B: 4}.get(data[1])
    if at is None or len(data) < at + 3 or data[at] != _NPDU_VERSION:
        raise ProtocolError("no BACnet/IP that carries an answer", kind="protocol")
    control, at = data[at + 1], at + 2
    for bit in (0x20, 0x08):
        # Destination and source: network, length of the address, the address; then a hop count behind a destination.
        if control & bit:
            if len(data) < at + 3:
                raise ProtocolError("cut BACnet route", kind="protocol")
            at += 3 + data[at + 2]
    return data[at + bool(control & 0x20) :]


def _device(number: bytes) -> str:
    whole = int.from_bytes(number, "big")
    return f"device {whole & 0x3FFFFF}"


def _value(data: bytes) -> str:
    if data[0] == _OBJECT_TAG and len(data) == 5:
        return _device(data[1:])
    if data[0] >> 4 == _TEXT_TAG and not data[0] & 8:
        short = data[0] & 7
        body = data[2:] if short == 5 else data[1:]
        # The first byte names the character set; 0 is UTF-8.
        return printable(body[1:], 64)
    raise ProtocolError("a BACnet value of another kind", kind="protocol")
