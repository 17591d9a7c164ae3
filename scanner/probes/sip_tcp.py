"""SIP over TCP or TLS: does a telephone system answer strangers (RFC 3261 §11, §18). One OPTIONS; nobody is registered or called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.facts import Said, ServiceFacts
from scanner.facts.access import SipTcpFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import hear, opened
from scanner.probes.sip_wire import options, read_reply

_PROVISIONAL = re.compile(rb"SIP/2\.0 1\d\d [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")


@dataclass(frozen=True, slots=True)
class SipTcpProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "sip_tcp"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as SIP, in clear text or inside TLS."""
        return service.protocol == "sip" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SipTcpFacts:
        """Ask for its options.

        :raises TargetError: no connection, or no SIP.
        """
        endpoint = service.endpoint
        question = options(
            endpoint.address,
            endpoint.port,
            session.scan_id,
            session.user_agent,
            transport="TLS" if service.tls else "TCP",
        )
        async with opened(session, service, "sip_tcp: OPTIONS", limits=LIMITS) as stream:
            await stream.write(question)
            heard = await hear(stream, first=5, limit=16384)
        found = read_reply(_PROVISIONAL.sub(b"", heard.data, count=3))
        said = [("server", found.server), ("methods", found.methods)]
        return SipTcpFacts(
            answers=True,
            said=tuple(Said(name, shown(value)) for name, value in said if value),
            access="authentication"
            if found.status in (401, 407)
            else "refused"
            if found.status == 403
            else None,
            request="OPTIONS",
            reply=shown(f"{found.status} {found.reason}"),
            tls=service.tls,
        )


PROBE = SipTcpProbe()
