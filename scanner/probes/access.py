"""A probe of one conversation, for services where a few reads on one connection show how far a stranger gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from scanner.facts import AccessFacts, ServiceFacts
from scanner.probes import Session
from scanner.probes.conversation import opened
from scanner.text import printable
from scanner.transport import Limits, Stream

LIMITS = Limits(connect=6, silence=5, life=15, received=128 * 1024)

_SHOWN = 200
"""Characters kept of a request or a reply."""

Ask = Callable[[Stream], Awaitable[AccessFacts]]
"""Puts the questions on an open connection and says what came of it; raises TargetError where nothing was seen."""


def shown(text: bytes | str) -> str:
    """Text of the target's own as evidence shows it: printable and cut."""
    return printable(text, _SHOWN)


@dataclass(frozen=True, slots=True)
class AccessProbe:
    """A probe that makes one connection and asks: see :class:`scanner.probes.Probe`."""

    name: str
    purpose: str
    """What the ledger says of the connection."""
    ask: Ask
    protocols: frozenset[str]
    """Names under which identification, or nmap where it is sure, knows the service."""
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as this one, in clear text or inside TLS."""
        return service.protocol in self.protocols and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> AccessFacts:
        """Ask, and add whether it was inside TLS.

        :raises TargetError: no connection, or no answer of this protocol.
        """
        async with opened(session, service, f"{self.name}: {self.purpose}", limits=LIMITS) as stream:
            facts = await self.ask(stream)
        return replace(facts, tls=service.tls or facts.tls)
