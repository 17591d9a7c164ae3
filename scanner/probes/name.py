"""A domain name: where it leads, whether its chain of aliases ends nowhere, and who may issue certificates for it.

Public DNS data, asked of the scan's DNS servers; nothing is sent to anybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import dns.exception
import dns.rcode
import dns.rdatatype

from scanner.errors import ResolveError
from scanner.facts import NameFacts, ProbeError, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.stub_resolver import StubResolver
from scanner.text import printable

_MOST = 32
"""Addresses, aliases or records kept."""


@dataclass(slots=True)
class _Look:
    resolver: StubResolver
    name: str
    exists: bool | None = None
    addresses: list[str] = field(default_factory=list)
    chain: tuple[str, ...] = ()
    missing: str | None = None
    caa: tuple[str, ...] | None = None
    caa_at: str | None = None
    errors: list[ProbeError] = field(default_factory=list)

    async def leads(self) -> None:
        """Addresses and aliases."""
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            answer = await self.resolver.ask(self.name, kind)
            try:
                found = answer.resolve_chaining()
            except dns.exception.DNSException as error:
                raise ResolveError(
                    f"{self.name}：别名链不完整", f"{self.name}: a broken chain of names", kind="servfail"
                ) from error
            aliases = [record.target for alias in found.cnames for record in alias][:_MOST]
            if len(aliases) > len(self.chain):
                self.chain = tuple(printable(alias.to_text(omit_final_dot=True), 255) for alias in aliases)
            self.exists = bool(aliases) or answer.rcode() == dns.rcode.NOERROR
            if answer.rcode() == dns.rcode.NXDOMAIN:
                self.missing = self.chain[-1] if self.chain else None
                return
            if found.answer is not None:
                self.addresses += [printable(item.address, 60) for item in found.answer]

    async def authorities(self) -> None:
        """CAA records at the name, or at the nearest parent that has any; a top-level domain's own are not asked for."""
        labels = self.name.split(".")
        for start in range(len(labels) - 1):
            at = ".".join(labels[start:])
            found = await self.resolver.records(at, dns.rdatatype.CAA)
            if found:
                self.caa = tuple(printable(record.to_text(), 300) for record in found[:_MOST])
                self.caa_at = at
                return
        self.caa = ()


@dataclass(frozen=True, slots=True)
class NameProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "name"
    per_name: bool = True
    max_connections: int = 40

    def applies(self, service: ServiceFacts) -> bool:
        """Every domain."""
        return service.endpoint.transport == "domain"

    async def run(self, session: Session, service: ServiceFacts) -> NameFacts:
        """Ask.

        :raises ResolveError: nothing could be told.
        """
        resolver = StubResolver(session.door, session.resolvers, self.name)
        look = _Look(resolver, service.endpoint.host)
        failures: list[ResolveError] = []
        for step, part in (("addresses", look.leads), ("caa", look.authorities)):
            try:
                await part()
            except ResolveError as error:
                failures.append(error)
                look.errors.append(probe_error(step, error))
        if len(failures) == 2:
            raise failures[0]
        return NameFacts(
            exists=look.exists,
            addresses=tuple(dict.fromkeys(look.addresses))[:_MOST],
            chain=look.chain,
            missing=look.missing,
            caa=look.caa,
            caa_at=look.caa_at,
            errors=tuple(look.errors),
        )


PROBE = NameProbe()
