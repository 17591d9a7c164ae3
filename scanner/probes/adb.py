"""The Android Debug Bridge over TCP: is a host let in without its key (AOSP: adb/protocol.txt).

One CNXN. A device without authentication answers CNXN; others send a token to be signed (AUTH), which is left unsigned, so that
nobody is asked on its screen.
"""

from __future__ import annotations

import re
import struct

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import AdbFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

_HEAD = struct.Struct("<4s4I4s")
_LONGEST = 4096
_MODEL = re.compile(rb"ro\.product\.model=([^;\0]{1,64})")


def _message(command: bytes, first: int, second: int, data: bytes) -> bytes:
    magic = bytes(byte ^ 0xFF for byte in command)
    return _HEAD.pack(command, first, second, len(data), sum(data), magic) + data


CONNECT = _message(b"CNXN", 0x01000000, 4096, b"host::\0")


async def _ask(stream: Stream) -> AdbFacts:
    await stream.write(CONNECT)
    command, _, _, size, _, magic = _HEAD.unpack(await stream.read_exactly(_HEAD.size))
    if magic != bytes(byte ^ 0xFF for byte in command) or size > _LONGEST:
        raise ProtocolError("no message of adb", kind="protocol")
    if command in (b"AUTH", b"STLS"):
        return AdbFacts(answers=True, access="authentication", request="CNXN", reply=command.decode("ascii"))
    if command != b"CNXN":
        raise ProtocolError("no answer of adb to CNXN", kind="protocol")
    banner = await stream.read_exactly(size)
    model = _MODEL.search(banner)
    said = (Said("model", shown(model[1])),) if model else ()
    return AdbFacts(answers=True, access="open", request="CNXN", reply="CNXN", said=said)


PROBE = AccessProbe("adb", "CNXN", _ask, frozenset({"adb"}))
