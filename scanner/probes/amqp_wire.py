"""AMQP 0-9-1's first exchange (AMQP 0-9-1 specification §2.2.4, §4.2; class connection §1.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError

HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD, _END, _CONNECTION, _START, _START_OK = 1, 0xCE, 10, 10, 11
SECURE, TUNE, CLOSE = 20, 30, 50
"""Methods of the class connection that may follow start-ok."""
LONGEST = 16384


@dataclass(frozen=True, slots=True)
class Start:
    """Connection.Start: what the server says of itself, and how one may log in."""

    properties: dict[str, str]
    mechanisms: tuple[str, ...]


def frame_size(head: bytes) -> int:
    """Bytes that follow the seven of a method frame's head on channel 0, its end mark among them.

    :raises ProtocolError: no such frame.
    """
    kind, channel, size = struct.unpack("!BHI", head)
    if kind != _METHOD or channel != 0 or not 4 <= size <= LONGEST:
        raise ProtocolError(f"no AMQP method: {head.hex()}", kind="protocol")
    return int(size) + 1


def method(payload: bytes) -> tuple[int, bytes]:
    """The number of a method of the class connection, and its arguments.

    :raises ProtocolError: another class, or no end mark.
    """
    of, number = struct.unpack_from("!HH", payload)
    if of != _CONNECTION or payload[-1] != _END:
        raise ProtocolError(f"AMQP class {of} where connection was awaited", kind="protocol")
    return number, payload[4:-1]


def read_start(number: int, arguments: bytes) -> Start:
    """Connection.Start.

    :raises ProtocolError: another method, or cut short.
    """
    if number != _START or len(arguments) < 6:
        raise ProtocolError(f"AMQP method {number} where connection.start was awaited", kind="protocol")
    table, at = _long(arguments, 2)
    mechanisms, _ = _long(arguments, at)
    return Start(_texts(table), tuple(mechanisms.decode("utf-8", errors="replace").split()))


def start_ok(mechanism: str, response: bytes) -> bytes:
    """Connection.StartOk with an empty table of client properties."""
    name = mechanism.encode("ascii")
    arguments = struct.pack("!I", 0) + bytes([len(name)]) + name
    arguments += struct.pack("!I", len(response)) + response + b"\x05en_US"
    payload = struct.pack("!HH", _CONNECTION, _START_OK) + arguments
    return struct.pack("!BHI", _METHOD, 0, len(payload)) + payload + bytes([_END])


def read_close(arguments: bytes) -> str:
    """Code and text of Connection.Close, which says why."""
    if len(arguments) < 3:
        return "-"
    code, size = struct.unpack_from("!HB", arguments)
    return f"{code} {arguments[3 : 3 + size].decode('utf-8', errors='replace')}"


def _long(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes behind a long count, and where they end."""
    if at + 4 > len(data):
        raise ProtocolError("an AMQP count is cut short", kind="protocol")
    end = at + 4 + struct.unpack_from("!I", data, at)[0]
    if end > len(data):
        raise ProtocolError("an AMQP value runs past its frame", kind="protocol")
    return data[at + 4 : end], end


def _texts(table: bytes) -> dict[str, str]:
    """The long strings of a field table; tables in it are stepped over, and what else comes ends the reading."""
    found: dict[str, str] = {}
    at = 0
    while at < len(table):
        name_end = at + 1 + table[at]
        name, kind = table[at + 1 : name_end], table[name_end : name_end + 1]
        if kind == b"t":
            at = name_end + 2
            continue
        if kind not in (b"S", b"F"):
            break
        value, at = _long(table, name_end + 1)
        if kind == b"S":
            found[name.decode("utf-8", errors="replace")] = value.decode("utf-8", errors="replace")
    return found
