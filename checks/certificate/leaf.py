"""The server's own certificate, and what several rules ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from checks.model import Evidence, NotSeen
from scanner.facts import CertificateFacts, ProbeError, ServiceFacts, TlsFacts

_SHOWN = 20
"""Names in one sentence."""
_FIRST_FLIGHT = "hello:full"
"""The step of a TLS survey that reads the server's whole first flight."""
PUBLIC_STORES = ("mozilla", "system")


def leaf(service: ServiceFacts) -> CertificateFacts:
    """The first certificate sent. Only for services for which :func:`has_leaf` holds."""
    return service.need(TlsFacts).certificates[0]


def broken_flight(facts: TlsFacts) -> ProbeError | None:
    """What kept the server's certificates from being read; None where some were read, or none were sent."""
    if facts.certificates or not set(facts.protocols) - {"TLCP", "SSLv2"}:
        return None
    # An alert is a refusal: a server of anonymous suites alone has no certificate to show.
    broken = (error for error in facts.errors if error.step == _FIRST_FLIGHT)
    return next((error for error in broken if not error.kind.startswith("alert:")), None)


def has_leaf(service: ServiceFacts) -> bool:
    """A certificate was sent and could be read, if not in every part: each rule looks at the part it needs.

    :raises NotSeen: the server's first flight broke before one was read.
    """
    facts = service.need(TlsFacts)
    if (trouble := broken_flight(facts)) is not None:
        raise NotSeen(trouble.kind, trouble.message)
    certificates = facts.certificates
    return bool(certificates) and (certificates[0].error is None or bool(certificates[0].serial))


def unreadable(service: ServiceFacts, part: str) -> bool:
    """Whether this part of the certificate (as named in its ``error``) is broken."""
    return f"{part}:" in (leaf(service).error or "")


def validity(service: ServiceFacts) -> tuple[datetime, datetime] | None:
    """notBefore and notAfter; None when one of them could not be read."""
    found = leaf(service)
    if found.not_before is None or found.not_after is None:
        return None
    return found.not_before, found.not_after


def listed(names: Sequence[str], count: int | None = None) -> str:
    """The first names, and how many more there are of ``count``: a certificate may hold thousands."""
    shown = ", ".join(names[:_SHOWN])
    more = max(count or 0, len(names)) - _SHOWN
    return f"{shown} … (+{more})" if more > 0 else shown


def day(moment: datetime) -> str:
    """The day, UTC."""
    return f"{moment:%Y-%m-%d}"


def reasons(service: ServiceFacts) -> frozenset[str]:
    """What the trust stores said: ``ok`` or reasons."""
    return frozenset(service.need(TlsFacts).trust.values())


def trusted(service: ServiceFacts) -> bool:
    """Some store trusts the chain."""
    return "ok" in reasons(service)


def publicly_trusted(service: ServiceFacts) -> bool:
    """A public store trusts the chain."""
    trust = service.need(TlsFacts).trust
    return any(trust.get(store) == "ok" for store in PUBLIC_STORES)


def trust_evidence(service: ServiceFacts) -> tuple[Evidence, ...]:
    """What each store said."""
    trust = service.need(TlsFacts).trust
    return tuple(Evidence(f"tls.trust.{store}", reason) for store, reason in trust.items())
