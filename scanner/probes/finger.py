"""finger: does it tell strangers of its users (RFC 1288).

It is asked for a user that nobody is called, never for the list of those who are logged in: that would be personal data.
"""

from __future__ import annotations

import re

from scanner.errors import ProtocolError
from scanner.facts.access import FingerFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.conversation import hear
from scanner.transport import Stream

QUERY = b"zijian-nobody\r\n"
ANSWER = re.compile(
    rb"[^\r\n]{0,200}zijian-nobody[^\r\n]{0,80}(?:no such user|not known|unknown|not found|\?\?\?)"
    rb"|[^\r\n]{0,200}(?:no such user|user not found)",
    re.IGNORECASE,
)


async def _ask(stream: Stream) -> FingerFacts:
    await stream.write(QUERY)
    reply = (await hear(stream, first=5, limit=4096)).data
    if ANSWER.search(reply) is None:
        raise ProtocolError(f"no answer of finger: {shown(reply)[:80]}", kind="protocol")
    return FingerFacts(answers=True, request="a user that nobody is called", reply=shown(reply.strip()))


PROBE = AccessProbe("finger", "a user that nobody is called", _ask, frozenset({"finger"}))
