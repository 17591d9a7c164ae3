"""ONC RPC (RFC 5531) to the port mapper (RFC 1833) and to NFS's own programs (RFC 1813, RFC 7530): calls that read."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.transport import Stream

_XID = 0x7A696A6E
_CALL, _REPLY = 0, 1
_RPC_VERSION = 2
PORT_MAPPER, NFS, MOUNT = 100000, 100003, 100005
_PORT_MAPPER_VERSION = 2
_NULL = 0
DUMP, EXPORT = 4, 5
_ACCEPTED, _SUCCESS, _PROGRAM_MISMATCH = 0, 0, 2
_LAST = 0x80000000
_LONGEST = 64 * 1024
_MOST = 1000
TCP = 6


def call(program: int, version: int, procedure: int) -> bytes:
    """A call without arguments. No credentials, no verifier: flavour AUTH_NONE and length zero, twice."""
    return struct.pack("!6I", _XID, _CALL, _RPC_VERSION, program, version, procedure) + bytes(16)


NULL = call(PORT_MAPPER, _PORT_MAPPER_VERSION, _NULL)


def record(data: bytes) -> bytes:
    """A message as it goes over TCP: one last fragment (RFC 5531 §11)."""
    return struct.pack("!I", _LAST | len(data)) + data


def read_reply(data: bytes) -> bytes:
    """The results in answer to a call; empty where it was denied.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 20 or struct.unpack("!II", data[:8]) != (_XID, _REPLY):
        raise ProtocolError("no RPC reply to ours", kind="protocol")
    if struct.unpack("!I", data[8:12])[0]:
        return b""
    (length,) = struct.unpack("!I", data[16:20])
    if length > 400:
        raise ProtocolError("an RPC verifier of impossible length", kind="protocol")
    return data[20 + length + 4 :]


def accepted(data: bytes) -> int | None:
    """The state of an accepted reply (RFC 5531 §9: accept_stat), or None where it was denied.

    :raises ProtocolError: no such answer.
    """
    read_reply(data)
    if struct.unpack("!I", data[8:12])[0] != _ACCEPTED:
        return None
    at = 20 + struct.unpack("!I", data[16:20])[0]
    return int.from_bytes(data[at : at + 4], "big")


def carried_out(data: bytes) -> bool:
    """Whether a call was carried out.

    :raises ProtocolError: no reply to a call.
    """
    return accepted(data) == _SUCCESS


def speaks(data: bytes) -> tuple[int, int] | None:
    """Least and greatest version, told upon a call of a version that there is not; None otherwise."""
    results = read_reply(data)
    if accepted(data) != _PROGRAM_MISMATCH or len(results) < 8:
        return None
    low, high = struct.unpack("!2I", results[:8])
    return (low, high) if 0 < low <= high < 100 else None


async def ask(stream: Stream, program: int, version: int, procedure: int) -> bytes:
    """The reply to one call over TCP.

    :raises TargetError: none came, or none of this protocol.
    """
    await stream.write(record(call(program, version, procedure)))
    data = b""
    while True:
        (head,) = struct.unpack("!I", await stream.read_exactly(4))
        size = head & ~_LAST
        if not size or len(data) + size > _LONGEST:
            raise ProtocolError("an RPC record of impossible length", kind="protocol")
        data += await stream.read_exactly(size)
        if head & _LAST:
            read_reply(data)
            return data


@dataclass(frozen=True, slots=True)
class Program:
    """One line of the port mapper's list."""

    number: int
    version: int
    protocol: int
    port: int


def read_programs(results: bytes) -> tuple[Program, ...]:
    """The port mapper's list (RFC 1833 §3: pmaplist), as far as it can be read."""
    found: list[Program] = []
    at = 0
    while results[at : at + 4] == b"\0\0\0\1" and at + 20 <= len(results) and len(found) < _MOST:
        found.append(Program(*struct.unpack("!4I", results[at + 4 : at + 20])))
        at += 20
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Export:
    """A directory, and to how many groups of clients it is given; none means to all."""

    directory: bytes
    groups: tuple[bytes, ...]

    @property
    def to_all(self) -> bool:
        """Given to every client."""
        return not self.groups or any(group in (b"*", b"(everyone)", b"0.0.0.0/0") for group in self.groups)


def read_exports(results: bytes) -> tuple[Export, ...]:
    """mountd's list (RFC 1813, Appendix I: exports), as far as it can be read."""
    found: list[Export] = []
    at = 0
    while results[at : at + 4] == b"\0\0\0\1" and len(found) < _MOST:
        directory, at = _opaque(results, at + 4)
        groups: list[bytes] = []
        while results[at : at + 4] == b"\0\0\0\1" and len(groups) < _MOST:
            group, at = _opaque(results, at + 4)
            groups.append(group)
        at += 4
        if directory:
            found.append(Export(directory, tuple(groups)))
    return tuple(found)


def _opaque(data: bytes, at: int) -> tuple[bytes, int]:
    size = int.from_bytes(data[at : at + 4], "big")
    if size > 1024 or at + 4 + size > len(data):
        return b"", len(data)
    return data[at + 4 : at + 4 + size], at + 4 + (size + 3) // 4 * 4
