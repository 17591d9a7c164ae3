"""Cassandra (and ScyllaDB): is a client without credentials let in.

OPTIONS, which everybody may ask, then STARTUP: READY lets us in, AUTHENTICATE asks for credentials. No query is made.
Source: Cassandra, native protocol v4 (doc/native_protocol_v4.spec).
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import CassandraFacts
from scanner.probes.access import AccessProbe, shown
from scanner.text import printable
from scanner.transport import Stream

_ERROR, _STARTUP, _READY, _AUTHENTICATE, _OPTIONS, _SUPPORTED = 0x00, 0x01, 0x02, 0x03, 0x05, 0x06
_LONGEST = 16384


def _frame(opcode: int, body: bytes = b"") -> bytes:
    """A request of version 4 on stream 0."""
    return struct.pack("!BBhBi", 4, 0, 0, opcode, len(body)) + body


OPTIONS = _frame(_OPTIONS)


async def _ask(stream: Stream) -> CassandraFacts:
    await stream.write(OPTIONS)
    opcode, body = await _read(stream)
    facts = CassandraFacts(answers=True, request="OPTIONS")
    if opcode == _ERROR:
        return replace(facts, reply=_error(body))
    if opcode != _SUPPORTED:
        raise ProtocolError(f"opcode {opcode} in answer to OPTIONS", kind="protocol")
    options = _multimap(body)
    facts = replace(
        facts,
        said=tuple(
            Said(name, printable(", ".join(options[name]), 100))
            for name in ("CQL_VERSION", "PROTOCOL_VERSIONS")
            if options.get(name)
        ),
        request="STARTUP",
    )
    spoken = (options.get("CQL_VERSION") or ["3.0.0"])[-1]
    await stream.write(_frame(_STARTUP, _string_map({"CQL_VERSION": spoken})))
    opcode, body = await _read(stream)
    if opcode == _READY:
        return replace(facts, access="open", reply="READY")
    if opcode == _AUTHENTICATE:
        return replace(facts, access="authentication", reply=shown(f"AUTHENTICATE {_string(body, 0)[0]}"))
    if opcode == _ERROR:
        return replace(facts, reply=_error(body))
    raise ProtocolError(f"opcode {opcode} in answer to STARTUP", kind="protocol")


async def _read(stream: Stream) -> tuple[int, bytes]:
    version, _, number, opcode, length = struct.unpack("!BBhBi", await stream.read_exactly(9))
    if not 0x81 <= version <= 0x86 or number != 0 or not 0 <= length <= _LONGEST:
        raise ProtocolError(f"no CQL frame: version {version:#04x}, length {length}", kind="protocol")
    return opcode, await stream.read_exactly(length)


def _error(body: bytes) -> str:
    if len(body) < 4:
        raise ProtocolError("a CQL error without a code", kind="protocol")
    return shown(f"ERROR {struct.unpack_from('!i', body)[0]:#06x} {_string(body, 4)[0]}")


def _string(data: bytes, at: int) -> tuple[str, int]:
    """The string at ``at`` and where it ends."""
    if at + 2 > len(data):
        raise ProtocolError("a CQL string is cut short", kind="protocol")
    end = at + 2 + struct.unpack_from("!H", data, at)[0]
    if end > len(data):
        raise ProtocolError("a CQL string runs past its frame", kind="protocol")
    return data[at + 2 : end].decode("utf-8", errors="replace"), end


def _short(data: bytes, at: int) -> tuple[int, int]:
    if at + 2 > len(data):
        raise ProtocolError("a CQL count is cut short", kind="protocol")
    return struct.unpack_from("!H", data, at)[0], at + 2


def _multimap(data: bytes) -> dict[str, list[str]]:
    """A string multimap; counts are only claims, since each entry must be there in the bytes that came."""
    found: dict[str, list[str]] = {}
    entries, at = _short(data, 0)
    for _ in range(entries):
        name, at = _string(data, at)
        values, at = _short(data, at)
        listed = found.setdefault(name, [])
        for _ in range(values):
            value, at = _string(data, at)
            listed.append(value)
    return found


def _string_map(values: dict[str, str]) -> bytes:
    written = struct.pack("!H", len(values))
    for pair in values.items():
        for text in pair:
            data = text.encode("utf-8")
            written += struct.pack("!H", len(data)) + data
    return written


PROBE = AccessProbe("cassandra", "OPTIONS, STARTUP", _ask, frozenset({"cassandra", "cassandra-native"}))
