"""A Java RMI registry: does it list to strangers what is bound there (Java RMI specification, chapter 10: wire protocol).

``list`` is called, which reads names; nothing is looked up or bound. The names are counted, and a JMX agent's own is told.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError
from scanner.facts import Said
from scanner.facts.access import JavaRmiFacts
from scanner.probes.access import AccessProbe
from scanner.probes.conversation import hear
from scanner.transport import Stream

HELLO = b"JRMI\x00\x02\x4b"
"""Version 2, StreamProtocol."""
ACKNOWLEDGED = re.compile(rb"\x4e\x00[\x01-\xff]", re.DOTALL)
_REGISTRY_LIST = bytes(22) + struct.pack("!iq", 1, 0x44154DC9D4E63BDF)
"""The registry's well-known object, operation 1, and the hash of its interface."""
_CALL = b"\x50\xac\xed\x00\x05\x77" + bytes((len(_REGISTRY_LIST),)) + _REGISTRY_LIST
_RETURN = re.compile(rb"\x51\xac\xed\x00\x05\x77\x0f([\x01\x02])", re.DOTALL)
_NAMES = re.compile(rb"\[Ljava\.lang\.String;.{8}\x02\x00\x00x?p?(?:xp)?(....)", re.DOTALL)
_JMX = b"\x00\x06jmxrmi"


async def _ask(stream: Stream) -> JavaRmiFacts:
    await stream.write(HELLO)
    kind, size = struct.unpack("!BH", await stream.read_exactly(3))
    if kind != 0x4E or not 1 <= size <= 255:
        raise ProtocolError("no JRMI acknowledgement", kind="protocol")
    await stream.read_exactly(size + 4)
    facts = JavaRmiFacts(answers=True, request="JRMI", reply="ProtocolAck")
    try:
        await stream.write(b"\x00\x00" + bytes(4) + _CALL)
    except (PeerClosed, PeerTimeout):
        return facts
    reply = (await hear(stream, first=5, limit=16384)).data
    answer = _RETURN.match(reply)
    if answer is None:
        return facts
    facts = replace(facts, request="Registry.list")
    if answer[1] == b"\x02":
        return replace(facts, reply="an exception")
    found = _NAMES.search(reply)
    count = int.from_bytes(found[1], "big") if found else 0
    if not found or count > 100_000:
        return replace(facts, reply="an unreadable list")
    said = [Said("bound", str(count)), *([Said("jmx", "jmxrmi")] if _JMX in reply else [])]
    return replace(facts, access="open", reply=f"{count} names", said=tuple(said))


PROBE = AccessProbe("java_rmi", "Registry.list", _ask, frozenset({"java-rmi"}))
