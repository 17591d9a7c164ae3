"""Siemens S7: does a controller answer strangers (RFC 1006; Wireshark: packet-s7comm.c).

A connection for the slot where S7-300s have their processor, the agreement on lengths, and one read of the list of systems
state 0x0011, which names the module. Nothing is written, stopped or started.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TooLarge
from scanner.facts import Said
from scanner.facts.access import S7commFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

CONNECT = bytes.fromhex("03000016 11e00000000100 c0010a c1020100 c2020102")
"""COTP connection request: TPDU of 1024 bytes, from TSAP 0x0100 (programming device) to 0x0102 (rack 0, slot 2)."""
_SETUP = bytes.fromhex("03000019 02f080 32010000000000080000 f0000001000101e0")
_READ = bytes.fromhex("03000021 02f080 32070000000000080008 0001120411440100 ff09000400110001")
"""Userdata, CPU functions, read SZL 0x0011 index 1."""
_CONFIRM, _DATA = 0xD0, 0xF0
_LONGEST = 2048


async def _packet(stream: Stream) -> bytes:
    """What is inside one TPKT (RFC 1006 §6)."""
    version, size = struct.unpack("!BxH", await stream.read_exactly(4))
    if version != 3 or not 7 <= size <= _LONGEST:
        raise ProtocolError("no TPKT", kind="protocol")
    return await stream.read_exactly(size - 4)


async def _ask(stream: Stream) -> S7commFacts:
    await stream.write(CONNECT)
    answer = await _packet(stream)
    if answer[1] & 0xF0 != _CONFIRM:
        raise ProtocolError("the connection was not confirmed", kind="protocol")
    await stream.write(_SETUP)
    answer = await _packet(stream)
    if answer[1] != _DATA or answer[3:5] != b"\x32\x03":
        raise ProtocolError("no S7 answer", kind="protocol")
    facts = S7commFacts(answers=True, request="Setup communication", reply="Ack_Data")
    await stream.write(_READ)
    try:
        answer = await _packet(stream)
    except (PeerClosed, PeerTimeout, TooLarge, ProtocolError):
        return facts
    module = read_module(answer[3:])
    if module is None:
        return facts
    return replace(facts, access="open", request="SZL 0x0011", reply=module, said=(Said("module", module),))


def read_module(data: bytes) -> str | None:
    """The order number in the answer to the read, or None."""
    if len(data) < 10 or data[:2] != b"\x32\x07":
        return None
    parameters = int.from_bytes(data[6:8], "big")
    items = data[10 + parameters :]
    # Success, a string of bytes, its length; the list's number and index, length and count of records; index, order number.
    if len(items) < 34 or items[0] != 0xFF or items[4:6] != b"\x00\x11":
        return None
    return shown(items[14:34].rstrip(b" \0"))


PROBE = AccessProbe("s7comm", "connection, SZL 0x0011", _ask, frozenset({"s7comm"}))
