"""BER (X.690), as far as LDAP and SNMP need it: definite lengths, tags of one byte."""

from __future__ import annotations

from scanner.errors import ProtocolError

SEQUENCE, INTEGER, OCTETS, NULL, OID, ENUMERATED = 0x30, 0x02, 0x04, 0x05, 0x06, 0x0A


def element(tag: int, body: bytes) -> bytes:
    """One element of fewer than 256 bytes (§8.1)."""
    assert len(body) < 256
    return bytes((tag, len(body)) if len(body) < 128 else (tag, 0x81, len(body))) + body


def integer(value: int) -> bytes:
    """An INTEGER of zero or more (§8.3)."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_element(data: bytes, start: int = 0) -> tuple[int, bytes, int]:
    """Tag, content and end of the element at ``start``.

    :raises ProtocolError: no definite-length BER.
    """
    if len(data) < start + 2:
        raise ProtocolError("cut BER element", kind="protocol")
    tag, length, at = data[start], data[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or len(data) < at + size:
            raise ProtocolError("BER element of unreadable length", kind="protocol")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    if len(data) < at + length:
        raise ProtocolError("cut BER element", kind="protocol")
    return tag, data[at : at + length], at + length


def expect(tag: int, data: bytes, start: int = 0) -> tuple[bytes, int]:
    """Content and end of the element at ``start``, which must have this tag.

    :raises ProtocolError: it has another, or cannot be read.
    """
    found, content, end = read_element(data, start)
    if found != tag:
        raise ProtocolError(f"BER element {found:#04x} where {tag:#04x} belongs", kind="protocol")
    return content, end


def number(data: bytes, start: int = 0) -> tuple[int, int]:
    """Value and end of the INTEGER at ``start``, which must be one of at most eight bytes.

    :raises ProtocolError: it is none.
    """
    content, end = expect(INTEGER, data, start)
    if not 1 <= len(content) <= 8:
        raise ProtocolError("BER integer of unusual length", kind="protocol")
    return int.from_bytes(content, "big", signed=True), end
