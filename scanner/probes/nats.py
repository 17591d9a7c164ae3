"""NATS: is a client without credentials let in.

The server speaks first and says in INFO whether it wants TLS and credentials. CONNECT without any, then PING; nothing is
subscribed to and nothing published. Source: NATS client protocol, https://docs.nats.io/reference/reference-protocols/nats-protocol.
"""

from __future__ import annotations

import json
from dataclasses import replace

from scanner.errors import PeerClosed, ProtocolError
from scanner.facts import Said
from scanner.facts.access import NatsFacts
from scanner.probes.access import AccessProbe, shown
from scanner.text import printable
from scanner.transport import Stream

_CONNECT = b'CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"lang":"zijian","version":"1"}\r\nPING\r\n'
_LINES = 10
"""Lines read while the answer to PING is waited for: the server may put INFO and PING between."""


async def _ask(stream: Stream) -> NatsFacts:
    info = _info(await stream.read_line(16384))
    tls = stream.tls is not None
    if info.get("tls_required") is True and not tls:
        # The protocol's own upgrade: the handshake follows INFO on the same connection.
        await stream.start_tls()
        tls = True
    version = info.get("version")
    facts = NatsFacts(
        answers=True,
        said=tuple(
            Said(name, printable(str(info[name]), 64))
            for name in ("version", "cluster", "auth_required", "tls_required", "tls_verify")
            if info.get(name) not in (None, "")
        ),
        request="CONNECT, PING",
        version=printable(version, 64) if isinstance(version, str) else None,
        tls=tls,
    )
    await stream.write(_CONNECT)
    for _ in range(_LINES):
        try:
            line = await stream.read_line(16384)
        except PeerClosed:
            break
        if line == b"PONG":
            return replace(facts, access="open", reply="PONG")
        if line.startswith(b"-ERR"):
            refused = b"authorization violation" in line.lower() or b"authentication" in line.lower()
            return replace(facts, access="authentication" if refused else None, reply=shown(line))
    return facts


def _info(line: bytes) -> dict[str, object]:
    if not line.startswith(b"INFO "):
        raise ProtocolError(f"no NATS greeting: {printable(line, 120)}", kind="protocol")
    try:
        found = json.loads(line[5:])
    except (ValueError, RecursionError) as error:
        raise ProtocolError("the NATS greeting holds no JSON", kind="protocol") from error
    if not isinstance(found, dict) or "version" not in found:
        raise ProtocolError("the NATS greeting is no object", kind="protocol")
    return found


PROBE = AccessProbe("nats", "INFO, CONNECT, PING", _ask, frozenset({"nats"}))
