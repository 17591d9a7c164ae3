"""X11 (X Window System Protocol §8): is a client without authorisation data let in.

One connection setup; whatever is answered, the connection is closed and no request made.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import ProtocolError
from scanner.facts.access import X11Facts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

SETUP = struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0)
"""Little-endian, protocol 11.0, no authorisation name and no data."""
_FAILED, _SUCCESS, _AUTHENTICATE = 0, 1, 2
_FIXED = 32
"""Bytes of a successful answer that come before the vendor's name."""
_LONGEST_NAME = 100
_FULL = b"Maximum number of clients reached"
"""What X.Org's server says whomever it is said to (``os/connection.c``); other reasons are about authorisation."""


async def _ask(stream: Stream) -> X11Facts:
    await stream.write(SETUP)
    status, reason_length, major, minor, words = struct.unpack("<BBHHH", await stream.read_exactly(8))
    if status not in (_FAILED, _SUCCESS, _AUTHENTICATE) or (status != _AUTHENTICATE and major != 11):
        raise ProtocolError("no answer to X11's connection setup", kind="protocol")
    facts = X11Facts(answers=True, request="connection setup without authorisation")
    if status == _AUTHENTICATE:
        return replace(facts, access="authentication", reply="Authenticate")
    if status == _FAILED:
        reason = await stream.read_exactly(min(reason_length, words * 4))
        full = reason.startswith(_FULL)
        return replace(
            facts,
            access="refused" if full else "authentication",
            reply=f"Failed: {shown(reason)}",
            version=f"{major}.{minor}",
        )
    if words * 4 < _FIXED:
        raise ProtocolError("X11's connection setup is too short", kind="protocol")
    fixed = await stream.read_exactly(_FIXED)
    vendor_length = struct.unpack_from("<H", fixed, 16)[0]
    vendor = await stream.read_exactly(min(vendor_length, words * 4 - _FIXED, _LONGEST_NAME))
    return replace(facts, access="open", reply=f"Success: {shown(vendor)}", version=f"{major}.{minor}")


PROBE = AccessProbe("x11", "connection setup", _ask, frozenset({"x11", "x11:1"}))
