"""NTP packets: time (RFC 5905 §7.3), control messages (RFC 9327) and the private mode 7 of ntpd before 4.2.8."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError

_TRANSMIT = b"zijian\x7a\x6a"
"""Our transmit timestamp; a server gives it back as the origin, by which its answer is known to be one."""
CLIENT = bytes((4 << 3 | 3,)) + bytes(39) + _TRANSMIT
"""Version 4, mode 3: what time is it?"""
_READ_VARIABLES = 2
READVAR = struct.pack("!BBHHHHH", 2 << 3 | 6, _READ_VARIABLES, 0x7A6A, 0, 0, 0, 0)
"""Version 2, mode 6: the system variables (RFC 9327 §2, §4)."""
_XNTPD, _MON_GETLIST_1 = 3, 42
MONLIST = struct.pack("!BBBBHH", 2 << 3 | 7, 0, _XNTPD, _MON_GETLIST_1, 0, 0)
"""Version 2, mode 7: whom did the server talk to? (ntpd's ``ntp_request.h``)."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time server's answer."""

    version: int
    stratum: int
    reference: str
    """Four letters for stratum 0 (why it turns us away) and 1 (its clock), else empty: an address is nobody's business."""


def read_time(data: bytes) -> Time:
    """The answer to :data:`CLIENT`.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 48 or data[0] & 7 != 4 or data[24:32] != _TRANSMIT:
        raise ProtocolError("no NTP time in answer to ours", kind="protocol")
    stratum = data[1]
    letters = data[12:16].rstrip(b"\0").decode("ascii", errors="replace") if stratum < 2 else ""
    return Time(data[0] >> 3 & 7, stratum, letters)


def read_variables(data: bytes) -> dict[str, str]:
    """The system variables in the first fragment of the answer to :data:`READVAR`; empty when it is an error.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 12:
        raise ProtocolError("no NTP control message", kind="protocol")
    first, operation, sequence, _, _, _, count = struct.unpack("!BBHHHHH", data[:12])
    if first & 7 != 6 or not operation & 0x80 or operation & 0x1F != _READ_VARIABLES or sequence != 0x7A6A:
        raise ProtocolError("no NTP control message in answer to ours", kind="protocol")
    if operation & 0x40:
        return {}
    text = data[12 : 12 + count].decode("ascii", errors="replace")
    found = re.findall(r'(\w{1,32})=(?:"([^"]{0,200})"|([^",\r\n]{0,200}))', text)
    return {name: quoted or plain.strip() for name, quoted, plain in found}


def read_monlist(data: bytes) -> int:
    """Number of entries in the first packet of the answer to :data:`MONLIST`; zero when it is an error.

    The entries are addresses of the server's clients: they are counted, and not kept.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 8:
        raise ProtocolError("no NTP mode 7 message", kind="protocol")
    first, _, implementation, request, error_items, _ = struct.unpack("!BBBBHH", data[:8])
    if first & 0x87 != 0x87 or request != _MON_GETLIST_1 or implementation not in (_XNTPD, 2, 0):
        raise ProtocolError("no NTP mode 7 message in answer to ours", kind="protocol")
    return 0 if error_items >> 12 else error_items & 0xFFF
