"""rsync daemons: which modules are listed, and does one open without a password (rsyncd.conf(5); rsync: csprotocol.txt).

The list is asked for, then each of at most three modules by its name: the daemon answers whether it wants a password before
any list of files. None is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, ProtocolError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import Access, RsyncFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import opened
from scanner.transport import Stream

_VERSION = b"@RSYNCD: 31.0\n"
_GREETING = re.compile(rb"@RSYNCD: (\d{1,3}(?:\.\d{1,3})?)")
_MOST_MODULES = 3
_MOST_LINES = 200


async def _greet(stream: Stream) -> str:
    """The daemon's protocol version, after ours was told."""
    greeting = _GREETING.match(await stream.read_line())
    if greeting is None:
        raise ProtocolError("no rsync greeting", kind="protocol")
    await stream.write(_VERSION)
    return greeting.group(1).decode("ascii")


@dataclass(slots=True)
class _Daemon:
    """What one daemon said so far."""

    version: str = ""
    modules: list[bytes] = field(default_factory=list)
    ended: bool = False
    """The list came to its end."""
    refused: str = ""

    async def list(self, stream: Stream) -> None:
        """``#list``: a line for each module, then ``@RSYNCD: EXIT``; a message of the day may come before."""
        self.version = await _greet(stream)
        await stream.write(b"#list\n")
        for _ in range(_MOST_LINES):
            try:
                line = await stream.read_line()
            except PeerClosed:
                return
            if line.startswith(b"@RSYNCD: EXIT"):
                self.ended = True
                return
            if line.startswith(b"@ERROR"):
                self.refused = shown(line)
                return
            name, tab, _ = line.partition(b"\t")
            if tab and name.strip():
                self.modules.append(name.strip())


async def _open(stream: Stream, module: bytes) -> bytes:
    """The daemon's word on ``module``: ``@RSYNCD: OK``, ``@RSYNCD: AUTHREQD challenge`` or ``@ERROR: reason``."""
    await _greet(stream)
    await stream.write(module + b"\n")
    for _ in range(_MOST_LINES):
        line = await stream.read_line()
        # The message of the day is sent to this client too.
        if line.startswith((b"@RSYNCD: OK", b"@RSYNCD: AUTHREQD", b"@ERROR")):
            return line
    raise ProtocolError("the daemon never came to the module", kind="protocol")


@dataclass(frozen=True, slots=True)
class RsyncProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "rsync"
    per_name: bool = False
    max_connections: int = 1 + _MOST_MODULES

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as an rsync daemon, in clear text or inside TLS."""
        return service.protocol == "rsync" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> RsyncFacts:
        """List, then ask for the first modules, until one opens.

        :raises TargetError: no connection, or no rsync daemon.
        """
        daemon = _Daemon()
        async with opened(session, service, "rsync: #list", limits=LIMITS) as stream:
            await daemon.list(stream)
        said = (Said("modules", str(len(daemon.modules))),) if daemon.ended else ()
        answers: list[tuple[str, str]] = []
        for module in daemon.modules[:_MOST_MODULES]:
            async with opened(session, service, "rsync: does a module open", limits=LIMITS) as stream:
                answers.append((shown(module), _without_challenge(await _open(stream, module))))
            if answers[-1][1].startswith("@RSYNCD: OK"):
                break
        request, reply = answers[-1] if answers else ("#list", daemon.refused)
        return RsyncFacts(
            answers=True,
            said=said,
            access=_access([answer for _, answer in answers] or [daemon.refused]),
            request=request if not answers else f"module {request}",
            reply=reply,
            version=daemon.version,
            tls=service.tls,
        )


def _without_challenge(line: bytes) -> str:
    return "@RSYNCD: AUTHREQD" if line.startswith(b"@RSYNCD: AUTHREQD") else shown(line)


def _access(answers: list[str]) -> Access | None:
    if any(answer.startswith("@RSYNCD: OK") for answer in answers):
        return "open"
    if any(answer.startswith("@RSYNCD: AUTHREQD") for answer in answers):
        return "authentication"
    return "refused" if any(answer.startswith("@ERROR") for answer in answers) else None


PROBE = RsyncProbe()
