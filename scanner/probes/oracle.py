"""Oracle Database: what the listener says to ``(CONNECT_DATA=(COMMAND=version))``. No service is asked for, no login tried.

Oracle does not publish TNS; the packets' layout is that of Wireshark's dissector (epan/dissectors/packet-tns.c).
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError
from scanner.facts import Said
from scanner.facts.access import OracleFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

_COMMAND = b"(CONNECT_DATA=(COMMAND=version))"
_CONNECT, _ACCEPT, _REFUSE, _REDIRECT, _DATA, _RESEND = 1, 2, 4, 5, 6, 11
_LONGEST = 8192
_NUMBER = re.compile(rb"\(VSNNUM=(\d{1,10})\)")
_ERROR = re.compile(rb"\((?:ERR|CODE)=(\d{1,5})\)")
_BANNER = re.compile(rb"TNSLSNR for [^\r\n\x00]{1,80}?Version (\d{1,3}(?:\.\d{1,5}){1,4})")
_NOT_LET_IN = frozenset({"1169", "1189", "1190"})
"""TNS-01169 listener has not recognized the password, 01189 could not authenticate the user, 01190 not authorized."""


def _connect() -> bytes:
    """A CONNECT of version 310 that takes 300 and newer, its data behind the 58 bytes of the fixed part."""
    fixed = struct.pack("!HHHHHHHHHHIBB", 310, 300, 0, 2048, 32767, 0x4F98, 0, 1, len(_COMMAND), 58, 0, 0, 0)
    body = fixed.ljust(50, b"\0") + _COMMAND
    return struct.pack("!HHBBH", 8 + len(body), 0, _CONNECT, 0, 0) + body


VERSION = _connect()


async def _ask(stream: Stream) -> OracleFacts:
    await stream.write(VERSION)
    kind, body = await _read(stream)
    if kind == _RESEND:
        await stream.write(VERSION)
        kind, body = await _read(stream)
    facts = OracleFacts(answers=True, request=_COMMAND.decode("ascii"))
    if kind == _REFUSE:
        errors = {code.decode("ascii") for code in _ERROR.findall(body)}
        number = _NUMBER.search(body)
        return _versioned(
            replace(
                facts,
                access="authentication" if errors & _NOT_LET_IN else None,
                reply=shown(b"REFUSE " + body[4:]),
            ),
            _release(int(number.group(1))) if number else None,
        )
    if kind == _ACCEPT:
        try:
            kind, body = await _read(stream)
        except (PeerClosed, PeerTimeout):
            return replace(facts, reply="ACCEPT")
        banner = _BANNER.search(body) if kind == _DATA else None
        if banner is None:
            return replace(facts, reply="ACCEPT")
        return _versioned(replace(facts, reply=shown(banner.group(0))), banner.group(1).decode("ascii"))
    if kind == _REDIRECT:
        return replace(facts, reply="REDIRECT")
    raise ProtocolError(f"TNS packet of type {kind} in answer to CONNECT", kind="protocol")


async def _read(stream: Stream) -> tuple[int, bytes]:
    length, _, kind, _, _ = struct.unpack("!HHBBH", await stream.read_exactly(8))
    if not 8 <= length <= _LONGEST or kind not in (_ACCEPT, _REFUSE, _REDIRECT, _DATA, _RESEND):
        raise ProtocolError(f"no TNS packet: type {kind}, length {length}", kind="protocol")
    return kind, await stream.read_exactly(length - 8)


def _release(number: int) -> str | None:
    """VSNNUM as people write it. From 18c on the second part has eight bits and the third four; before, four and eight."""
    if not 0 < number < 1 << 32:
        return None
    major = number >> 24
    parts = (
        (number >> 16 & 0xFF, number >> 12 & 0xF, number >> 4 & 0xFF, number & 0xF)
        if major >= 18
        else (number >> 20 & 0xF, number >> 12 & 0xFF, number >> 8 & 0xF, number & 0xFF)
    )
    return ".".join(str(part) for part in (major, *parts))


def _versioned(facts: OracleFacts, version: str | None) -> OracleFacts:
    if version is None:
        return facts
    return replace(facts, version=version, said=(Said("version", version),))


PROBE = AccessProbe("oracle", "COMMAND=version", _ask, frozenset({"oracle", "oracle-tns"}))
