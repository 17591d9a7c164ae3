"""TFTP (RFC 1350): the request for a file that does not exist, and how a server turns it down."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.text import printable

_RRQ, _DATA, _ERROR, _OACK = 1, 3, 5, 6
ERRORS = {
    0: "not defined", 1: "File not found", 2: "Access violation", 3: "Disk full", 4: "Illegal TFTP operation",
    5: "Unknown transfer ID", 6: "File already exists", 7: "No such user", 8: "option negotiation",
}  # fmt: skip
"""Error codes (RFC 1350 appendix, RFC 2347)."""
NOT_FOUND, ACCESS_VIOLATION = 1, 2


@dataclass(frozen=True, slots=True)
class Reply:
    """What came: an error with its code and text, or (code None) the beginning of a file."""

    code: int | None
    text: str = ""


def read_request(name: str) -> bytes:
    """A request to read ``name`` (§5)."""
    return struct.pack("!H", _RRQ) + name.encode("ascii") + b"\0octet\0"


def read_reply(data: bytes) -> Reply:
    """The answer to a request.

    :raises ProtocolError: none of this protocol.
    """
    if len(data) < 4:
        raise ProtocolError("no TFTP packet", kind="protocol")
    operation, number = struct.unpack("!HH", data[:4])
    if operation == _ERROR and number in ERRORS and (data.endswith(b"\0") or len(data) == 4):
        return Reply(number, printable(data[4:].rstrip(b"\0"), 100))
    if operation == _DATA and number == 1 and len(data) <= 516:
        return Reply(None)
    if operation == _OACK and data.endswith(b"\0"):
        return Reply(None)
    raise ProtocolError("no TFTP packet", kind="protocol")
