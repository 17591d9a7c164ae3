"""EtherNet/IP: does a controller name itself to strangers (ODVA: CIP, Volume 2, §2-4.2). ListIdentity, which opens no session."""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import EthernetIpFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

_LIST_IDENTITY = 0x63
_HEAD = struct.Struct("<2H2I8sI")
QUESTION = _HEAD.pack(_LIST_IDENTITY, 0, 0, 0, b"zijian\0\0", 0)
_IDENTITY = 0x0C
_LONGEST = 1024


async def _ask(stream: Stream) -> EthernetIpFacts:
    await stream.write(QUESTION)
    command, size, _, status, _, _ = _HEAD.unpack(await stream.read_exactly(_HEAD.size))
    if command != _LIST_IDENTITY or size > _LONGEST:
        raise ProtocolError("no ListIdentity reply", kind="protocol")
    data = await stream.read_exactly(size)
    facts = EthernetIpFacts(answers=True, request="ListIdentity", reply=f"status {status}")
    told = read_identity(data)
    if status or told is None:
        return facts
    product, revision = told
    said = (Said("product", product), Said("revision", revision))
    return EthernetIpFacts(
        answers=True, access="open", request="ListIdentity", reply=product, said=said, version=revision
    )


def read_identity(data: bytes) -> tuple[str, str] | None:
    """Product name and revision of the first identity item, or None where there is none."""
    # Count, type, length; version, socket address, vendor, type, code, revision, status, serial number; length of the name.
    if len(data) < 39 or data[2:4] != _IDENTITY.to_bytes(2, "little"):
        return None
    major, minor = data[30:32]
    return shown(data[39 : 39 + data[38]]), f"{major}.{minor}"


PROBE = AccessProbe("ethernet_ip", "ListIdentity", _ask, frozenset({"ethernet-ip"}))
