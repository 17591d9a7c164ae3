"""memcached over UDP (doc/protocol.txt, “UDP protocol”): each datagram begins with a frame header."""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError

_REQUEST = 0x7A6A


def framed(command: bytes) -> bytes:
    """One command in one datagram: request id, number and total of datagrams, reserved."""
    return struct.pack("!HHHH", _REQUEST, 0, 1, 0) + command + b"\r\n"


def read_frame(data: bytes) -> bytes:
    """The text in the first datagram of an answer.

    :raises ProtocolError: none of this protocol.
    """
    if len(data) < 10:
        raise ProtocolError("no memcached datagram", kind="protocol")
    number, place, total, reserved = struct.unpack("!HHHH", data[:8])
    body = data[8:]
    words = (b"VERSION ", b"STAT ", b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")
    if number != _REQUEST or place or not total or reserved or not body.startswith(words):
        raise ProtocolError("no memcached answer to ours", kind="protocol")
    return body
