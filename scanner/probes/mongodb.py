"""MongoDB: does it list databases for a client that has not logged in.

Three commands that only read: ``hello`` and ``buildInfo``, which every client may send, and ``listDatabases`` with
``nameOnly`` and a filter for the one name that every server has, so that nobody's data come along.
"""

from __future__ import annotations

import struct

from scanner.errors import PeerClosed, ProtocolError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import Access, MongodbFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import opened
from scanner.probes.mongodb_wire import (
    BUILD_INFO,
    HELLO,
    LIST_DATABASES,
    LONGEST,
    OLD_BUILD_INFO,
    OLD_LIST_DATABASES,
    OP_MSG,
    OP_REPLY,
    body,
    command,
    query,
    read,
)
from scanner.text import printable
from scanner.transport import Stream

_NOT_LET_IN = frozenset({13, 18})
"""Unauthorized, AuthenticationFailed (MongoDB: src/mongo/base/error_codes.yml)."""
Document = dict[str, str | float | int]
_COMMAND = "listDatabases (nameOnly, filter name=admin)"


class MongodbProbe:
    """See :class:`scanner.probes.Probe`."""

    name = "mongodb"
    per_name = False
    max_connections = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as MongoDB, in clear text or inside TLS."""
        return service.protocol == "mongodb" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> MongodbFacts:
        """Put the three commands; a server that hangs up on the first is asked in the way before 3.6.

        :raises TargetError: no connection, or no MongoDB.
        """
        try:
            async with opened(session, service, f"mongodb: {_COMMAND}", limits=LIMITS) as stream:
                hello = await _command(stream, command(1, HELLO))
                built = await _command(stream, command(2, BUILD_INFO))
                listed = await _command(stream, command(3, LIST_DATABASES))
        except PeerClosed:
            async with opened(session, service, f"mongodb: OP_QUERY {_COMMAND}", limits=LIMITS) as stream:
                hello = {}
                built = await _command(stream, query(2, OLD_BUILD_INFO))
                listed = await _command(stream, query(3, OLD_LIST_DATABASES))
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
            tls=service.tls,
        )


def _judge(listed: Document) -> tuple[Access | None, str]:
    """How far the list of databases got us, and its answer in short."""
    if listed["ok"] == 1 and isinstance(listed.get("databases"), int):
        return "open", f"ok: 1, databases: {listed['databases']}"
    code = listed.get("code")
    return "authentication" if code in _NOT_LET_IN else None, f"code {code}: {listed.get('errmsg', '-')}"


async def _command(stream: Stream, message: bytes) -> Document:
    await stream.write(message)
    _, number, _, asked = struct.unpack_from("<iiii", message)
    length, _, answers, opcode = struct.unpack("<iiii", await stream.read_exactly(16))
    if (
        opcode != (OP_MSG if asked == OP_MSG else OP_REPLY)
        or answers != number
        or not 26 <= length <= LONGEST
    ):
        raise ProtocolError(f"no MongoDB answer: length {length}, opcode {opcode}", kind="protocol")
    found = read(body(opcode, await stream.read_exactly(length - 16)))
    if "ok" not in found:
        raise ProtocolError("a MongoDB answer without ok", kind="protocol")
    return found


PROBE = MongodbProbe()
