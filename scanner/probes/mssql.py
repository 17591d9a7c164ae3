"""Microsoft SQL Server: version and encryption from PRELOGIN ([MS-TDS] §2.2.6.5). No login is tried."""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import MssqlFacts
from scanner.probes.access import AccessProbe
from scanner.transport import Stream

_PRELOGIN, _REPLY, _LAST = 0x12, 0x04, 0x01
_VERSION, _ENCRYPTION, _INSTANCE, _THREAD, _END = 0x00, 0x01, 0x02, 0x03, 0xFF
_ENCRYPT: dict[int, str] = {0: "login only", 1: "on", 2: "not supported", 3: "required"}
"""Answers to a client that could encrypt and does not insist (ENCRYPT_OFF)."""
_LONGEST = 4096


def _request() -> bytes:
    values = ((_VERSION, bytes(6)), (_ENCRYPTION, b"\x00"), (_INSTANCE, b"\x00"), (_THREAD, bytes(4)))
    at = 5 * len(values) + 1
    heads = b""
    for token, value in values:
        heads += struct.pack("!BHH", token, at, len(value))
        at += len(value)
    body = heads + bytes([_END]) + b"".join(value for _, value in values)
    return struct.pack("!BBHHBB", _PRELOGIN, _LAST, 8 + len(body), 0, 0, 0) + body


PRELOGIN = _request()


async def _ask(stream: Stream) -> MssqlFacts:
    await stream.write(PRELOGIN)
    kind, _, length, _, _, _ = struct.unpack("!BBHHBB", await stream.read_exactly(8))
    if kind != _REPLY or not 8 < length <= _LONGEST:
        raise ProtocolError(f"no TDS answer: type {kind:#04x}, length {length}", kind="protocol")
    options = _options(await stream.read_exactly(length - 8))
    version = options.get(_VERSION, b"")
    if len(version) != 6:
        raise ProtocolError("a PRELOGIN without a version", kind="protocol")
    major, minor, build, _ = struct.unpack("!BBHH", version)
    text = f"{major}.{minor}.{build}"
    encryption = _ENCRYPT.get(options.get(_ENCRYPTION, b"\xff")[0]) if options.get(_ENCRYPTION) else None
    told = [Said("version", text)]
    if encryption:
        told.append(Said("encryption", encryption))
    return MssqlFacts(
        answers=True,
        said=tuple(told),
        request="PRELOGIN",
        reply="PRELOGIN",
        version=text,
        encryption=encryption,
    )


def _options(body: bytes) -> dict[int, bytes]:
    """The options by token; one that points outside the packet makes it none."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 5 <= len(body) and body[at] != _END:
        token, start, size = struct.unpack_from("!BHH", body, at)
        if start + size > len(body):
            raise ProtocolError("a PRELOGIN option outside its packet", kind="protocol")
        found.setdefault(token, body[start : start + size])
        at += 5
    return found


PROBE = AccessProbe("mssql", "PRELOGIN", _ask, frozenset({"mssql", "ms-sql-s"}))
