"""CoAP (RFC 7252): a GET of the list of resources (RFC 6690 §4)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError

_MESSAGE_ID = 0x7A6A
_URI_PATH = 11
_RESET = 3


def _option(delta: int, value: bytes) -> bytes:
    assert delta < 13
    assert len(value) < 13
    return bytes((delta << 4 | len(value),)) + value


WELL_KNOWN_CORE = (
    struct.pack("!BBH", 0x40, 0x01, _MESSAGE_ID) + _option(_URI_PATH, b".well-known") + _option(0, b"core")
)
"""Confirmable GET /.well-known/core, without a token (§3)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its code as ``2.05``, or empty for a reset; and the resources that it lists."""

    code: str
    resources: tuple[str, ...] = ()


def read_reply(data: bytes) -> Reply:
    """The answer to :data:`WELL_KNOWN_CORE`.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 4:
        raise ProtocolError("no CoAP message", kind="protocol")
    first, code, number = struct.unpack("!BBH", data[:4])
    kind = first >> 4 & 3
    group = code >> 5
    if first >> 6 != 1 or first & 15 or (number != _MESSAGE_ID and kind >= 2):
        raise ProtocolError("no CoAP message in answer to ours", kind="protocol")
    if kind == _RESET and code == 0:
        return Reply("")
    if group not in (2, 4, 5):
        # An empty acknowledgement says that the response comes in a message of its own; anything else is none.
        raise ProtocolError("no CoAP response", kind="protocol")
    payload = _payload(data)
    found = re.findall(rb"<([^<>]{1,64})>", payload)[:50]
    return Reply(f"{group}.{code & 31:02}", tuple(one.decode("utf-8", errors="replace") for one in found))


def _payload(data: bytes) -> bytes:
    at = 4
    while at < len(data):
        if data[at] == 0xFF:
            return data[at + 1 :]
        delta, length = data[at] >> 4, data[at] & 15
        at += 1
        for nibble in (delta, length):
            if nibble == 15:
                raise ProtocolError("a CoAP option of reserved length", kind="protocol")
        at += {13: 1, 14: 2}.get(delta, 0)
        extended = {13: 1, 14: 2}.get(length, 0)
        if extended:
            base = 13 if extended == 1 else 269
            length = int.from_bytes(data[at : at + extended], "big") + base
            at += extended
        at += length
    if at > len(data):
        raise ProtocolError("a cut CoAP option", kind="protocol")
    return b""
