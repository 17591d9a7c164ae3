"""Redis (RESP): does it answer PING without a password, and if so, which version is it.

Two commands at most, both of which only read: ``PING``, and ``INFO server`` when PING was answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import ProtocolError, ZijianError
from scanner.facts import ProbeError, RedisFacts, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.text import printable
from scanner.transport import Limits, Stream

_LIMITS = Limits(connect=6, silence=5, life=15, received=64 * 1024)
_VERSION = re.compile(rb"^redis_version:([^\r\n]{1,64})", re.MULTILINE)
_INFO_LIMIT = 16384


@dataclass(frozen=True, slots=True)
class RedisProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "redis"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as Redis, in clear text or inside TLS."""
        return service.protocol == "redis" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> RedisFacts:
        """Send PING, then INFO when it was answered.

        :raises TargetError: no connection, or no answer of this protocol.
        """
        async with opened(session, service, "redis: PING", limits=_LIMITS) as stream:
            await stream.write(b"PING\r\n")
            reply = await stream.read_line()
            if reply == b"+PONG":
                version, errors = await _info(stream)
                return RedisFacts(
                    answers=True,
                    auth_required=False,
                    protected_mode=False,
                    version=version,
                    tls=service.tls,
                    errors=errors,
                )
        word = reply.split(b" ", 1)[0]
        facts = RedisFacts(answers=True, tls=service.tls)
        if word == b"-NOAUTH" or reply.startswith(b"-ERR operation not permitted"):
            return RedisFacts(answers=True, auth_required=True, tls=facts.tls)
        if word == b"-NOPERM":
            # The default user is on and lets us in, though not to PING (Redis ACL): no password was asked for.
            return RedisFacts(answers=True, auth_required=False, tls=facts.tls)
        if word == b"-DENIED":
            # Protected mode: no password is set, and only the loopback interface is let in.
            return RedisFacts(answers=True, protected_mode=True, tls=facts.tls)
        if word in (b"-LOADING", b"-MASTERDOWN", b"-BUSY"):
            # Redis looks at the password first, so this answer was given to someone it takes commands from.
            return RedisFacts(answers=True, auth_required=False, protected_mode=False, tls=facts.tls)
        if word.startswith(b"-"):
            error = ProbeError(step="ping", kind="protocol", message=printable(reply, 200))
            return RedisFacts(answers=True, tls=facts.tls, errors=(error,))
        raise ProtocolError(f"no Redis answer: {printable(reply, 120)}", kind="protocol")


async def _info(stream: Stream) -> tuple[str | None, tuple[ProbeError, ...]]:
    """The version from ``INFO server`` (a RESP bulk string)."""
    try:
        await stream.write(b"INFO server\r\n")
        head = await stream.read_line()
        if not re.fullmatch(rb"\$\d{1,6}", head):
            message = f"INFO was not answered with a bulk string: {printable(head, 120)}"
            return None, (ProbeError(step="info", kind="protocol", message=message),)
        size = int(head[1:])
        # A length is only a claim: read no more than the few kilobytes that this section has.
        body = await stream.read_exactly(min(size, _INFO_LIMIT))
        found = _VERSION.search(body)
        await stream.write(b"QUIT\r\n")
    except ZijianError as error:
        if error.kind == "stopped":
            raise
        return None, (probe_error("info", error),)
    return (printable(found.group(1), 64) if found else None), ()


PROBE = RedisProbe()
