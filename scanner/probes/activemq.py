"""ActiveMQ's OpenWire: is a client without user name and password let in.

The broker names its release before anything is asked; then ConnectionInfo without credentials, and the answer to it.
Nothing is subscribed to and nothing sent.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import PeerClosed, ProtocolError
from scanner.facts import Said
from scanner.facts.access import ActivemqFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.activemq_wire import (
    LONGEST,
    RESPONSE,
    answers_us,
    connection,
    read_failure,
    read_version,
    wire_format,
)
from scanner.transport import Stream

_MOST = 8
"""Commands that a broker may send before its answer, such as what it says of itself (BrokerInfo)."""
_WANTS_CREDENTIALS = ("SecurityException", "password", "authenticat", "AMQ229031")


async def _ask(stream: Stream) -> ActivemqFacts:
    version = read_version(await _read(stream))
    facts = ActivemqFacts(
        answers=True,
        said=(Said("version", version),) if version else (),
        version=version,
        request="ConnectionInfo",
    )
    await stream.write(wire_format() + connection("zijian"))
    try:
        for _ in range(_MOST):
            body = await _read(stream)
            if answers_us(body):
                return _judged(facts, body)
    except PeerClosed:
        # It hung up without a word, which may have many reasons.
        return facts
    return facts


def _judged(facts: ActivemqFacts, body: bytes) -> ActivemqFacts:
    if body[0] == RESPONSE:
        return replace(facts, access="open", reply="Response")
    reason = read_failure(body)
    wanted = any(word in reason for word in _WANTS_CREDENTIALS)
    return replace(facts, access="authentication" if wanted else None, reply=shown(reason))


async def _read(stream: Stream) -> bytes:
    (length,) = struct.unpack("!i", await stream.read_exactly(4))
    if not 1 <= length <= LONGEST:
        raise ProtocolError(f"no OpenWire command: length {length}", kind="protocol")
    return await stream.read_exactly(length)


PROBE = AccessProbe("activemq", "ConnectionInfo", _ask, frozenset({"activemq"}))
