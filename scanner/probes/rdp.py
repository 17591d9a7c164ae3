"""RDP ([MS-RDPBCGR] §2.2.1.1, §2.2.1.2, §5.4): is authentication asked for before the session (NLA), or a logon screen shown to all.

Two requests at most, on a connection each: one that offers TLS without CredSSP, one that offers RDP's own old security alone. Each
ends with the server's choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.facts import Said, ServiceFacts
from scanner.facts.access import RdpFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS
from scanner.probes.conversation import opened
from scanner.starttls.rdp import HYBRID_REQUIRED, STANDARD, TLS, Choice, connection_request, read_choice


@dataclass(frozen=True, slots=True)
class RdpProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "rdp"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as RDP."""
        return service.protocol == "rdp" and service.endpoint.transport == "tcp" and not service.tls

    async def run(self, session: Session, service: ServiceFacts) -> RdpFacts:
        """Ask for TLS without CredSSP, then for standard security.

        :raises TargetError: no connection, or no answer of this protocol.
        """
        with_tls = await _choice(session, service, "TLS without CredSSP", TLS)
        standard = await _choice(session, service, "standard security", STANDARD)
        choices = (with_tls, standard)
        granted_standard = any(choice.failure is None and choice.protocol == STANDARD for choice in choices)
        if granted_standard or (with_tls.failure is None and with_tls.protocol == TLS):
            nla: bool | None = False
        else:
            nla = True if any(choice.failure == HYBRID_REQUIRED for choice in choices) else None
        words = {True: "NLA required", False: "NLA not required", None: "not told"}
        return RdpFacts(
            answers=True,
            said=(Said("security", words[nla]),),
            access="authentication" if nla else None,
            request="Connection Request: TLS without CredSSP; standard RDP security",
            reply=f"{with_tls.name}; {standard.name}",
            nla_required=nla,
            standard_security=granted_standard,
        )


async def _choice(session: Session, service: ServiceFacts, what: str, protocols: int) -> Choice:
    async with opened(session, service, f"rdp: {what}", limits=LIMITS) as stream:
        await stream.write(connection_request(protocols))
        return await read_choice(stream)


PROBE = RdpProbe()
