"""AMQP (RabbitMQ and others): how one may log in, and whether a client without credentials is let in.

The server's Connection.Start names its mechanisms. Where ANONYMOUS is among them, the one that the protocol offers to
those without credentials, it is chosen; Tune then shows that we are in. No user name is ever sent: ``guest`` with its
well-known password would be a guess. AMQP 1.0 is told of and asked no further.
"""

from __future__ import annotations

from dataclasses import replace

from scanner.errors import PeerClosed, ProtocolError
from scanner.facts import Said
from scanner.facts.access import AmqpFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.amqp_wire import (
    CLOSE,
    HEADER,
    SECURE,
    TUNE,
    Start,
    frame_size,
    method,
    read_close,
    read_start,
    start_ok,
)
from scanner.text import printable
from scanner.transport import Stream

_ANONYMOUS = "ANONYMOUS"


async def _ask(stream: Stream) -> AmqpFacts:
    await stream.write(HEADER)
    head = await stream.read_exactly(7)
    if head.startswith(b"AMQP"):
        # The header of the version that the server speaks instead (§2.2.4).
        version = ".".join(str(number) for number in (head + await stream.read_exactly(1))[5:8])
        return AmqpFacts(answers=True, said=(Said("protocol", f"AMQP {version}"),))
    start = read_start(*method(await stream.read_exactly(frame_size(head))))
    facts = _told(start)
    if _ANONYMOUS not in start.mechanisms:
        return facts
    await stream.write(start_ok(_ANONYMOUS, b"anonymous"))
    facts = replace(facts, request="connection.start-ok ANONYMOUS")
    try:
        number, arguments = method(await stream.read_exactly(frame_size(await stream.read_exactly(7))))
    except PeerClosed:
        # Before 3.3 brokers, and others still, close without a word when a login fails.
        return replace(facts, access="authentication", reply="closed")
    if number == TUNE:
        return replace(facts, access="open", reply="connection.tune")
    if number == CLOSE:
        return replace(
            facts, access="authentication", reply=shown(f"connection.close {read_close(arguments)}")
        )
    if number == SECURE:
        return replace(facts, access="authentication", reply="connection.secure")
    raise ProtocolError(f"AMQP method {number} in answer to start-ok", kind="protocol")


def _told(start: Start) -> AmqpFacts:
    version = start.properties.get("version")
    offered = ", ".join(start.mechanisms)
    told = [
        Said(name, start.properties[name])
        for name in ("product", "version", "cluster_name")
        if name in start.properties
    ]
    return AmqpFacts(
        answers=True,
        said=tuple(
            Said(said.name, printable(said.value, 64)) for said in (*told, Said("mechanisms", offered))
        ),
        access="authentication" if start.mechanisms and _ANONYMOUS not in start.mechanisms else None,
        request="AMQP 0-9-1",
        reply=shown(f"connection.start, mechanisms {offered}"),
        version=printable(version, 64) if version else None,
    )


PROBE = AccessProbe("amqp", "connection.start", _ask, frozenset({"amqp"}))
