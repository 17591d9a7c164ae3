"""NetBIOS name service (RFC 1002): the node status of a host."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.text import printable

_ID = 0x7A6A
_NBSTAT, _IN = 0x21, 1
_RESPONSE = 0x8000
_GROUP = 0x8000
_WORKSTATION = 0x00
"""Suffix of a name that is a host's, or with the group bit its workgroup's or domain's."""
# "*" and fifteen NULs in first-level encoding (RFC 1001 §14.1): two letters from A for each byte.
_ANY_NAME = (
    b"\x20" + b"".join(bytes((65 + (byte >> 4), 65 + (byte & 15))) for byte in b"*" + bytes(15)) + b"\0"
)
NODE_STATUS = struct.pack("!HHHHHH", _ID, 0, 1, 0, 0, 0) + _ANY_NAME + struct.pack("!HH", _NBSTAT, _IN)
"""RFC 1002 §4.2.17."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How many names a host registered, and the name of its workgroup or domain; the other names are not kept."""

    names: int
    workgroup: str


def read_node_status(data: bytes) -> NodeStatus:
    """The answer to :data:`NODE_STATUS` (RFC 1002 §4.2.18).

    :raises ProtocolError: no such answer.
    """
    at = 12 + len(_ANY_NAME)
    if len(data) < at + 11:
        raise ProtocolError("no NetBIOS node status", kind="protocol")
    number, flags, questions, answers = struct.unpack("!HHHH", data[:8])
    kind, _, _, _, names = struct.unpack("!HHIHB", data[at : at + 11])
    if (
        number != _ID
        or not flags & _RESPONSE
        or questions
        or answers != 1
        or kind != _NBSTAT
        or data[12] != 32
    ):
        raise ProtocolError("no NetBIOS node status in answer to ours", kind="protocol")
    workgroup = ""
    for entry in range(min(names, (len(data) - at - 11) // 18)):
        start = at + 11 + entry * 18
        suffix, bits = struct.unpack("!BH", data[start + 15 : start + 18])
        if suffix == _WORKSTATION and bits & _GROUP and not workgroup:
            workgroup = printable(data[start : start + 15].rstrip(b" \0"), 32)
    return NodeStatus(names, workgroup)
