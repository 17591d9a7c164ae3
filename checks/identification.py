"""Our own word on what runs on a port, held against nmap's."""

from __future__ import annotations

from dataclasses import dataclass

from checks.lifecycle.table import Table
from scanner.facts import IdentifyFacts, NmapServiceFacts, ServiceFacts, service_names


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two words on one port that cannot both be right."""

    ours: str
    nmap: str


def disagreement(service: ServiceFacts, table: Table) -> Disagreement | None:
    """Both words where they differ; None where they agree, or where one of the two does not say.

    Words for the same protocol (``http-proxy``, ``ms-wbt-server``) and names of the same product (by ``table``) are one.
    """
    own, nmap = service.get(IdentifyFacts), service.get(NmapServiceFacts)
    if own is None or nmap is None or (nmap.confidence or 0) < service_names.SURE:
        return None
    named = service_names.protocol(nmap.name)
    differ = bool(own.protocol and named and own.protocol != named)
    if own.protocol and named:
        # TLS on one side alone: the other one stopped at what a TLS port answers in clear text.
        differ = differ or own.tls != service_names.inside_tls(nmap.name, nmap.tunnel)
    ours, theirs = table.named(own.product or ""), table.named(nmap.product or "")
    differ = differ or bool(ours and theirs and ours != theirs)
    if not differ:
        return None
    return Disagreement(
        _words(own.protocol, own.tls, own.product, own.version),
        _words(nmap.name, service_names.inside_tls(nmap.name, nmap.tunnel), nmap.product, nmap.version),
    )


def _words(protocol: str | None, tls: bool, product: str | None, version: str | None) -> str:
    inside = f"{protocol or '?'} (TLS)" if tls else protocol or "?"
    return " ".join(filter(None, (inside, product, version)))
