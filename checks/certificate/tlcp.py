"""TLCP's two certificates (GB/T 38636-2020), and what the rules about them ask."""

from __future__ import annotations

from collections.abc import Sequence

from checks.model import Evidence
from scanner.facts import CertificateFacts, ServiceFacts, TlsFacts, tlcp_pair

ROLES = (("签名", "signing"), ("加密", "encryption"))
"""What the first and the second certificate of a pair are for, in Chinese and English."""

Placed = tuple[int, CertificateFacts]
"""A certificate and its place among those sent."""


def pair(service: ServiceFacts) -> tuple[Placed, ...]:
    """The certificate to sign and the one to encrypt; fewer when they were not sent."""
    sent = service.need(TlsFacts).tlcp_certificates
    return tuple((place, sent[place]) for place in tlcp_pair(sent))


def speaks_tlcp(service: ServiceFacts) -> bool:
    """TLCP was accepted."""
    return "TLCP" in service.need(TlsFacts).protocols


def has_certificates(service: ServiceFacts) -> bool:
    """TLCP was accepted and certificates were shown."""
    return speaks_tlcp(service) and bool(service.need(TlsFacts).tlcp_certificates)


def uses_sm2(service: ServiceFacts) -> bool:
    """A suite was accepted whose keys must be of SM2: ECC or ECDHE (GB/T 38636-2020 §6.4.5.2.1)."""
    return any(suite.startswith("EC") for suite in service.need(TlsFacts).ciphers.get("TLCP", ()))


def roles(places: Sequence[int]) -> dict[str, str]:
    """``which`` and ``which_en``: names of the pair's members at ``places`` (0 and 1), for a sentence."""
    return {
        "which": "、".join(f"{ROLES[place][0]}证书" for place in places),
        "which_en": " and ".join(f"{ROLES[place][1]} certificate" for place in places),
    }


def evidence(part: str, placed: Sequence[Placed], values: Sequence[str]) -> tuple[Evidence, ...]:
    """The same part of several certificates."""
    return tuple(
        Evidence(f"tls.tlcp_certificates[{place}].{part}", value)
        for (place, _), value in zip(placed, values, strict=True)
    )
