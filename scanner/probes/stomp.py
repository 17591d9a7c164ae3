"""STOMP (ActiveMQ, RabbitMQ, Artemis): is a client without login and passcode let in.

One CONNECT, then DISCONNECT; nothing is subscribed to and nothing sent. Source: STOMP 1.2, https://stomp.github.io.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import StompFacts
from scanner.probes.access import AccessProbe, shown
from scanner.text import printable
from scanner.transport import Stream

CONNECT = b"CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\nheart-beat:0,0\n\n\0"
_HEADER = re.compile(rb"^(server|version|message):([^\r\n]{1,200})", re.MULTILINE)
_WANTS_CREDENTIALS = re.compile(
    rb"user name|password|login|credential|authenticat|authoriz|access refused|not permitted|security|AMQ229031",
    re.IGNORECASE,
)
"""How ActiveMQ ("User name [null] or password is invalid"), Artemis (AMQ229031) and RabbitMQ ("Bad CONNECT", "Access refused") say it."""


async def _ask(stream: Stream) -> StompFacts:
    await stream.write(CONNECT)
    frame = (await stream.read_until(b"\0", 16384)).lstrip(b"\r\n")
    command = frame.partition(b"\n")[0].rstrip(b"\r")
    head, _, body = frame.replace(b"\r\n", b"\n").partition(b"\n\n")
    headers: dict[bytes, bytes] = dict(_HEADER.findall(head))
    server = headers.get(b"server")
    facts = StompFacts(
        answers=True, said=(Said("server", printable(server, 64)),) if server else (), request="CONNECT"
    )
    if command == b"CONNECTED":
        await stream.write(b"DISCONNECT\n\n\0")
        return replace(facts, access="open", reply="CONNECTED")
    if command == b"ERROR":
        reason = headers.get(b"message", b"") + b" " + body[:500].rstrip(b"\0")
        wanted = _WANTS_CREDENTIALS.search(reason)
        return replace(
            facts, access="authentication" if wanted else None, reply=shown(b"ERROR " + reason.strip())
        )
    raise ProtocolError(f"no STOMP answer: {printable(frame, 120)}", kind="protocol")


PROBE = AccessProbe("stomp", "CONNECT", _ask, frozenset({"stomp"}))
