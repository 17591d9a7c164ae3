"""OpenWire's first exchange, in version 1 and loose encoding, which every ActiveMQ takes.

Source: ActiveMQ, OpenWire specification (https://activemq.apache.org/components/classic/documentation/openwire-version-2-specification).
"""

from __future__ import annotations

import re
import struct

from scanner.errors import ProtocolError

CONNECTION, RESPONSE, FAILURE = 3, 30, 31
"""Types of commands: ConnectionInfo, Response, ExceptionResponse."""
LONGEST = 16384
_CONNECTION_ID = 120
_VERSION = re.compile(rb"\x00\x0fProviderVersion\x09\x00[\x01-\x20]([0-9][\w.-]{2,30})")
_COMMAND = 1
"""Our command's number, which its answer names."""


def _frame(body: bytes) -> bytes:
    return struct.pack("!i", len(body)) + body


def _text(value: str) -> bytes:
    data = value.encode("ascii")
    return struct.pack("!H", len(data)) + data


def wire_format() -> bytes:
    """Our WireFormatInfo: version 1, and none of the options, so that both sides keep to the loose encoding."""
    names = ("TightEncodingEnabled", "CacheEnabled", "SizePrefixDisabled", "StackTraceEnabled")
    properties = struct.pack("!i", len(names)) + b"".join(_text(name) + b"\x01\x00" for name in names)
    return _frame(b"\x01ActiveMQ" + struct.pack("!iBi", 1, 1, len(properties)) + properties)


def connection(client: str) -> bytes:
    """ConnectionInfo without user name and password."""
    identity = b"\x01" + bytes([_CONNECTION_ID]) + b"\x01" + _text(client)
    nothing = b"\x00\x00"  # neither password nor user name
    return _frame(
        bytes([CONNECTION])
        + struct.pack("!i?", _COMMAND, True)
        + identity
        + b"\x01"
        + _text(client)
        + nothing
        + b"\x00\x00\x00"  # no path of brokers; no master connector; not manageable
    )


def read_version(body: bytes) -> str | None:
    """The broker's release, from its WireFormatInfo.

    :raises ProtocolError: no WireFormatInfo.
    """
    if body[:9] != b"\x01ActiveMQ":
        raise ProtocolError("an OpenWire broker that does not begin with WireFormatInfo", kind="protocol")
    found = _VERSION.search(body)
    return found.group(1).decode("ascii") if found else None


def answers_us(body: bytes) -> bool:
    """Whether a command is the answer to ours: a response with our number behind its own number and flag."""
    return body[:1] in (bytes([RESPONSE]), bytes([FAILURE])) and body[6:10] == struct.pack("!i", _COMMAND)


def read_failure(body: bytes) -> str:
    """Class and message of an ExceptionResponse, as far as they are there."""
    texts: list[str] = []
    at = 11 if body[10:11] == b"\x01" else len(body)
    while len(texts) < 2 and body[at : at + 1] == b"\x01" and at + 3 <= len(body):
        (size,) = struct.unpack_from("!H", body, at + 1)
        texts.append(body[at + 3 : at + 3 + size].decode("utf-8", errors="replace"))
        at += 3 + size
    return ": ".join(texts) or "-"
