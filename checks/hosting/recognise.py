"""Whether what answered is a third party's edge and not the operator's own machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from checks.hosting.table import HostingTable
from checks.model import Evidence, Hosting, HostingKind, HostingSign, Text
from scanner.facts import HttpFacts, ServiceFacts

_VALUE = 200


@dataclass(frozen=True, slots=True)
class Stated:
    """A block of addresses of which the user says that a third party runs it."""

    name: str
    kind: HostingKind
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Knows third parties by what the user stated, by CNAME chains, and by response headers, in this order."""

    table: HostingTable
    stated: Sequence[Stated] = ()
    chains: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name -> the names that it led to when it was resolved."""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Address -> the targets' names that stand for it."""

    def of(self, service: ServiceFacts) -> Hosting | None:
        """Who carries ``service``, or None where nothing shows a third party."""
        found = [*self._by_statement(service), *self._by_cname(service), *self._by_headers(service)]
        if not found:
            return None
        first = found[0]
        # What shows the same provider again is more evidence; another provider behind it is evidence too.
        return Hosting(
            by=first.by,
            provider=first.provider,
            kind=first.kind,
            evidence=tuple(dict.fromkeys(item for one in found for item in one.evidence)),
        )

    def _by_statement(self, service: ServiceFacts) -> Iterator[Hosting]:
        address = ipaddress.ip_address(service.endpoint.ip)
        for block in self.stated:
            for network in block.networks:
                if address.version == network.version and address in network:
                    evidence = Evidence("hosted.networks", f"{network} ({block.name})")
                    yield Hosting(
                        by=HostingSign.RANGE,
                        provider=Text(block.name, block.name),
                        kind=block.kind,
                        evidence=(evidence,),
                    )
                    return

    def _by_cname(self, service: ServiceFacts) -> Iterator[Hosting]:
        endpoint = service.endpoint
        own = [endpoint.name] if endpoint.name else []
        # An address that one of its names reaches through a third party is the third party's, by whatever name it is asked.
        for name in dict.fromkeys([*own, *self.names.get(endpoint.ip, ())]):
            chain = self.chains.get(name, ())
            for target in chain:
                provider = self.table.by_name(target)
                if provider is not None:
                    yield Hosting(
                        by=HostingSign.CNAME,
                        provider=Text(provider.name, provider.name_en),
                        kind=provider.kind,
                        evidence=(Evidence("dns.cname", " → ".join((name, *chain))),),
                    )
                    return

    def _by_headers(self, service: ServiceFacts) -> Iterator[Hosting]:
        facts = service.get(HttpFacts)
        if facts is None or not _answered_here(facts, service):
            return
        for provider in self.table.providers.values():
            if shown := provider.by_headers(facts.headers):
                yield Hosting(
                    by=HostingSign.HEADER,
                    provider=Text(provider.name, provider.name_en),
                    kind=provider.kind,
                    evidence=tuple(
                        Evidence(f"http.headers.{name}", facts.headers[name][:_VALUE]) for name in shown
                    ),
                )
                return


def _answered_here(facts: HttpFacts, service: ServiceFacts) -> bool:
    """Whether the headers are this service's own: those that are kept are the final answer's, after redirects."""
    if not any(redirect.followed for redirect in facts.redirects):
        return True
    try:
        host = urlsplit(facts.final_url).hostname
    except ValueError:
        return False
    return host in (service.endpoint.name, service.endpoint.ip)
