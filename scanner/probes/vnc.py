"""VNC (RFC 6143): which security types are offered, and is the one without a password carried through.

With type None the handshake goes as far as its result (§7.1.3). ClientInit, which would start the session and might end
another, is never sent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError
from scanner.facts import Said
from scanner.facts.access import VncFacts
from scanner.probes.access import AccessProbe, shown
from scanner.transport import Stream

_VERSION = re.compile(rb"RFB (\d{3})\.(\d{3})\n")
_NONE = 1
_NAMES = {
    1: "None", 2: "VNC Authentication", 5: "RA2", 6: "RA2ne", 16: "Tight", 17: "Ultra", 18: "TLS", 19: "VeNCrypt",
    20: "SASL", 21: "MD5", 22: "xvp", 30: "Apple", 113: "MSLogonII", 129: "RA2_256", 130: "RA2ne_256",
}  # fmt: skip
"""IANA: Remote Framebuffer Security Types."""
_ENCRYPTED = frozenset({5, 18, 19, 129})
_LONGEST_REASON = 500


async def _reason(stream: Stream) -> str:
    size = int.from_bytes(await stream.read_exactly(4), "big")
    return shown(await stream.read_exactly(min(size, _LONGEST_REASON)))


async def _ask(stream: Stream) -> VncFacts:
    theirs = _VERSION.fullmatch(await stream.read_exactly(12))
    if theirs is None:
        raise ProtocolError("no RFB version", kind="protocol")
    version = (int(theirs.group(1)), int(theirs.group(2)))
    # A version that is not one of the three is taken for 3.3 (§7.1.1); Apple's 003.889 speaks 3.8.
    minor = 8 if version >= (3, 8) else 7 if version == (3, 7) else 3
    await stream.write(f"RFB 003.00{minor}\n".encode("ascii"))
    facts = VncFacts(answers=True, request="security types", version=f"{version[0]}.{version[1]}")
    if minor == 3:
        kind = int.from_bytes(await stream.read_exactly(4), "big")
        types = [kind] if kind else []
    else:
        types = list(await stream.read_exactly((await stream.read_exactly(1))[0]))
    if not types:
        return replace(facts, access="refused", reply=await _reason(stream))
    names = ", ".join(_NAMES.get(kind, str(kind)) for kind in types[:20])
    known = replace(
        facts, said=(Said("security types", names),), reply=names, encrypted=not _ENCRYPTED.isdisjoint(types)
    )
    if _NONE not in types:
        return replace(known, access="authentication")
    if minor > 3:
        await stream.write(bytes((_NONE,)))
    if minor == 8:
        try:
            result = int.from_bytes(await stream.read_exactly(4), "big")
        except (PeerClosed, PeerTimeout):
            return known
        if result:
            return replace(known, access="refused", reply=await _reason(stream))
        return replace(known, access="open", request="security type None", reply="SecurityResult: OK")
    return replace(known, access="open", request="security type None")


PROBE = AccessProbe("vnc", "security types", _ask, frozenset({"vnc"}))
