"""ONC RPC's port mapper over TCP (RFC 1833): what does it list to strangers, and what does mountd say is shared.

DUMP lists programs. Where NFS's mountd is among them, its EXPORT is asked for on its own port of the same host: which directories
are shared, and with whom. Nothing is mounted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanner.errors import TargetError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import RpcbindFacts
from scanner.probes import Session, probe_error
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import opened
from scanner.probes.rpc_wire import (
    DUMP,
    EXPORT,
    MOUNT,
    NFS,
    PORT_MAPPER,
    TCP,
    Program,
    ask,
    carried_out,
    read_exports,
    read_programs,
    read_reply,
)

_NAMES = {
    PORT_MAPPER: "rpcbind",
    NFS: "nfs",
    MOUNT: "mountd",
    100021: "nlockmgr",
    100024: "status",
    100004: "ypserv",
}
_MOUNT_VERSION = 3
_SHOWN_EXPORTS = 3


@dataclass(frozen=True, slots=True)
class RpcbindProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "rpcbind"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as a port mapper."""
        return service.protocol == "rpcbind" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> RpcbindFacts:
        """List programs, then exports.

        :raises TargetError: no connection, or no port mapper.
        """
        async with opened(session, service, "rpcbind: DUMP", limits=LIMITS) as stream:
            reply = await ask(stream, PORT_MAPPER, 2, DUMP)
        if not carried_out(reply):
            return RpcbindFacts(answers=True, request="DUMP", reply="refused", access="refused")
        programs = read_programs(read_reply(reply))
        names = sorted({_NAMES[program.number] for program in programs if program.number in _NAMES})
        facts = RpcbindFacts(
            answers=True,
            said=(Said("programs", ", ".join(names)),) if names else (),
            request="DUMP",
            reply=f"{len({program.number for program in programs})} programs",
        )
        return await self._exports(session, service, facts, programs)

    async def _exports(
        self, session: Session, service: ServiceFacts, facts: RpcbindFacts, programs: tuple[Program, ...]
    ) -> RpcbindFacts:
        mountd = next(
            (
                one.port
                for one in programs
                if (one.number, one.protocol) == (MOUNT, TCP) and 0 < one.port < 65536
            ),
            None,
        )
        if mountd is None:
            return facts
        ip = service.endpoint.ip
        try:
            async with session.door.tcp(ip, mountd, "rpcbind: mountd EXPORT", limits=LIMITS) as stream:
                reply = await ask(stream, MOUNT, _MOUNT_VERSION, EXPORT)
        except TargetError as error:
            return replace(facts, errors=(probe_error("exports", error),))
        if not carried_out(reply):
            return facts
        exports = read_exports(read_reply(reply))
        return replace(
            facts,
            exports=len(exports),
            exports_to_all=sum(export.to_all for export in exports),
            directories=tuple(shown(export.directory)[:80] for export in exports[:_SHOWN_EXPORTS]),
        )


PROBE = RpcbindProbe()
