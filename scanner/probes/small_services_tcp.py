"""The small services of old over TCP: echo, daytime, character generator (RFC 862, 867, 864)."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.facts import Said, ServiceFacts
from scanner.facts.access import SmallServiceTcpFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS
from scanner.probes.conversation import hear, opened
from scanner.probes.small_wire import FORMS, QUESTION, reader

_SPEAK_FIRST = frozenset({"daytime", "chargen"})
_ENOUGH = 512
"""Bytes: a character generator never ends."""


@dataclass(frozen=True, slots=True)
class SmallServicesTcpProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "small_services_tcp"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as one of these."""
        return service.protocol in FORMS and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SmallServiceTcpFacts:
        """Hear what it says.

        :raises TargetError: no connection, or no answer in the service's form.
        """
        kind = service.protocol or ""
        async with opened(session, service, f"small_services_tcp: {kind}", limits=LIMITS) as stream:
            if kind not in _SPEAK_FIRST:
                await stream.write(QUESTION)
            data = reader(kind)((await hear(stream, first=5, limit=_ENOUGH)).data)
        return SmallServiceTcpFacts(
            answers=True,
            said=(Said("service", kind),),
            request="a connection" if kind in _SPEAK_FIRST else "six bytes",
            reply=f"{len(data)} bytes",
            tls=service.tls,
        )


PROBE = SmallServicesTcpProbe()
