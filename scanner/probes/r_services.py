"""rlogin, rsh and rexec: do they answer strangers (RFC 1282; rshd(8), rexecd(8)).

They are asked with empty names, as whom nobody can log in, and no command.
"""

from __future__ import annotations

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import RServiceFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.conversation import hear
from scanner.probes.r_wire import ANSWER, EMPTY
from scanner.transport import Stream


async def _ask(stream: Stream) -> RServiceFacts:
    await stream.write(EMPTY)
    reply = (await hear(stream, first=5, quiet=1.5, limit=2048)).data
    if ANSWER.match(reply) is None:
        raise ProtocolError(f"no answer of these services: {shown(reply)[:80]}", kind="protocol")
    said = shown(reply[1:].strip())
    return RServiceFacts(
        answers=True,
        said=(Said("prompt", said),) if said else (),
        access="authentication"
        if b"assword" in reply or b"ogin" in reply
        else "refused"
        if reply[:1] == b"\1"
        else None,
        request="empty names",
        reply=said,
    )


PROBE = AccessProbe("r_services", "empty names", _ask, frozenset({"login", "shell", "exec"}))
