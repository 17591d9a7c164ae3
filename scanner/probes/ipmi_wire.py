"""IPMI over LAN: RMCP's presence ping (ASF 2.0 §3.2.4) and Get Channel Authentication Capabilities (IPMI 2.0 §13, §22.13)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError

_RMCP, _ASF, _IPMI = 6, 6, 7
_ASF_ENTERPRISE = 4542
_PING, _PONG = 0x80, 0x40
PING = bytes((_RMCP, 0, 0xFF, _ASF)) + struct.pack("!IBBBB", _ASF_ENTERPRISE, _PING, 0x7A, 0, 0)

_BMC, _CONSOLE = 0x20, 0x81
_APPLICATION, _CAPABILITIES = 0x06, 0x38
_THIS_CHANNEL, _V20 = 0x0E, 0x80
_USER = 0x02
"""Privilege level that is asked about."""


def _checksum(data: bytes) -> int:
    return -sum(data) & 0xFF


def _request() -> bytes:
    head = bytes((_BMC, _APPLICATION << 2))
    body = bytes((_CONSOLE, 0, _CAPABILITIES, _THIS_CHANNEL | _V20, _USER))
    message = head + bytes((_checksum(head),)) + body + bytes((_checksum(body),))
    # No authentication, sequence and session zero: outside any session (IPMI 2.0 §13.6).
    return bytes((_RMCP, 0, 0xFF, _IPMI, 0)) + bytes(8) + bytes((len(message),)) + message


CAPABILITIES = _request()
_TYPES = ((0x01, "none"), (0x02, "MD2"), (0x04, "MD5"), (0x10, "password"), (0x20, "OEM"))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How one may log in at a management controller (IPMI 2.0 table 22-15)."""

    types: tuple[str, ...]
    """Authentication types of IPMI 1.5 sessions; ``none`` needs no password."""
    anonymous: bool
    """A user without a name and without a password may log in."""
    null_users: bool
    """Users without a name, who have a password, may log in."""
    v20: bool
    v15: bool


def is_pong(data: bytes) -> bool:
    """Whether this answers :data:`PING`."""
    return (
        len(data) >= 12
        and data[:1] == bytes((_RMCP,))
        and data[3] & 0x1F == _ASF
        and data[4:9] == struct.pack("!IB", _ASF_ENTERPRISE, _PONG)
    )


def read_capabilities(data: bytes) -> Capabilities:
    """The answer to :data:`CAPABILITIES`.

    :raises ProtocolError: no such answer, or one that says that the command failed.
    """
    if len(data) < 30 or data[0] != _RMCP or data[3] & 0x1F != _IPMI or data[4] != 0:
        raise ProtocolError("no IPMI message", kind="protocol")
    message = data[14 : 14 + data[13]]
    if len(message) < 16 or message[1] >> 2 != _APPLICATION + 1 or message[5] != _CAPABILITIES:
        raise ProtocolError("no IPMI answer to ours", kind="protocol")
    if message[6]:
        raise ProtocolError(f"IPMI completion code {message[6]:#04x}", kind="protocol")
    _, enabled, status, extended = message[7:11]
    types = tuple(name for bit, name in _TYPES if enabled & bit)
    long_form = bool(enabled & 0x80)
    return Capabilities(
        types=types,
        anonymous=bool(status & 0x01),
        null_users=bool(status & 0x02),
        v20=long_form and bool(extended & 0x02),
        v15=not long_form or bool(extended & 0x01),
    )
