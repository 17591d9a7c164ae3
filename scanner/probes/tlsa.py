"""TLSA records of a named https service, and the certificate that it shows, held against them.

Public DNS data, asked of the scan's DNS servers; where signed records stand there, one hello to the service itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scanner.errors import NotOffered, ResolveError, TargetError
from scanner.facts import ServiceFacts, TlsaFacts
from scanner.probes import Session, probe_error
from scanner.stub_resolver import StubResolver
from scanner.tls.shown import shown_chain
from scanner.tls.tlsa import holds
from scanner.tlsa_records import stated


@dataclass(frozen=True, slots=True)
class TlsaProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "tlsa"
    per_name: bool = True
    max_connections: int = 8

    def applies(self, service: ServiceFacts) -> bool:
        """On https under a name."""
        https = service.protocol == "http" and service.tls and service.endpoint.transport == "tcp"
        return https and service.endpoint.has_name

    async def run(self, session: Session, service: ServiceFacts) -> TlsaFacts:
        """Ask DNS, and the service where DNS has something signed to say.

        :raises NotOffered: there are no such records.
        """
        endpoint = service.endpoint
        resolver = StubResolver(session.door, session.resolvers, self.name)
        try:
            found = await stated(resolver, endpoint.host, endpoint.port)
        except ResolveError as error:
            return TlsaFacts(errors=(probe_error("records", error),))
        if not found.texts:
            raise NotOffered(f"{endpoint.label} has no TLSA records", kind="no_tlsa")
        usable = any(record.usable for record in found.associations)
        facts = {"records": found.texts, "signed": found.signed, "usable": usable}
        if not (found.signed and usable):
            return TlsaFacts(**facts)  # type: ignore[arg-type]
        try:
            chain = await shown_chain(session, endpoint)
        except TargetError as error:
            return TlsaFacts(**facts, errors=(probe_error("certificate", error),))  # type: ignore[arg-type]
        match = await asyncio.to_thread(holds, found.associations, chain, endpoint.host)
        return TlsaFacts(**facts, match=match)  # type: ignore[arg-type]


PROBE = TlsaProbe()
