"""MongoDB: does it list databases for a client that has not logged in.

Three commands that only read: ``hello`` and ``buildInfo``, which every client may send, and ``listDatabases`` with
``nameOnly`` and a filter for the one name that every server has, so that nobody's data come along.
"""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import Access, MongodbFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.mongodb_wire import (
    BUILD_INFO,
    HELLO,
    LIST_DATABASES,
    LONGEST,
    OP_MSG,
    body,
    command,
    read,
)
from scanner.text import printable
from scanner.transport import Stream

_NOT_LET_IN = frozenset({13, 18})
"""Unauthorized, AuthenticationFailed (MongoDB: src/mongo/base/error_codes.yml)."""
_COMMAND = "listDatabases (nameOnly, filter name=admin)"


async def _ask(stream: Stream) -> MongodbFacts:
    hello = await _command(stream, 1, HELLO)
    built = await _command(stream, 2, BUILD_INFO)
    listed = await _command(stream, 3, LIST_DATABASES)
    version = built.get("version")
    told = (("version", version), ("replica set", hello.get("setName")))
    access, reply = _judge(listed)
    return MongodbFacts(
        answers=True,
        said=tuple(Said(name, printable(value, 64)) for name, value in told if isinstance(value, str)),
        access=access,
        request=_COMMAND,
        reply=shown(reply),
        version=printable(version, 64) if isinstance(version, str) else None,
    )


def _judge(listed: dict[str, str | float | int]) -> tuple[Access | None, str]:
    """How far the list of databases got us, and its answer in short."""
    if listed["ok"] == 1 and isinstance(listed.get("databases"), int):
        return "open", f"ok: 1, databases: {listed['databases']}"
    code = listed.get("code")
    return "authentication" if code in _NOT_LET_IN else None, f"code {code}: {listed.get('errmsg', '-')}"


async def _command(stream: Stream, number: int, document: bytes) -> dict[str, str | float | int]:
    await stream.write(command(number, document))
    length, _, answers, opcode = struct.unpack("<iiii", await stream.read_exactly(16))
    if opcode != OP_MSG or answers != number or not 26 <= length <= LONGEST:
        raise ProtocolError(f"no MongoDB answer: length {length}, opcode {opcode}", kind="protocol")
    found = read(body(await stream.read_exactly(length - 16)))
    if "ok" not in found:
        raise ProtocolError("a MongoDB answer without ok", kind="protocol")
    return found


PROBE = AccessProbe("mongodb", "hello, buildInfo, listDatabases", _ask, frozenset({"mongodb", "mongod"}))
