"""Which certificates of a chain carry a signature that still has to hold, and which of them are weak.

The signature that a self-signed certificate puts on itself proves nothing to begin with, so it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.facts import CertificateFacts, ServiceFacts, TlsFacts

_BROKEN = ("md2", "md4", "md5")
_WEAK = (*_BROKEN, "sha1", "sha-1")


def signed_by_others(service: ServiceFacts) -> tuple[CertificateFacts, ...]:
    """The certificates sent, in order, but those known to be self-signed."""
    return tuple(one for one in service.need(TlsFacts).certificates if one.self_signed is not True)


def uses_weak_hash(certificate: CertificateFacts) -> bool:
    """Its signature is made over MD2, MD4, MD5 or SHA-1. The hash of RSASSA-PSS's mask need not resist collisions."""
    return any(mark in _hash_name(certificate) for mark in _WEAK)


def uses_broken_hash(certificate: CertificateFacts) -> bool:
    """Its signature is made over MD2, MD4 or MD5."""
    return any(mark in _hash_name(certificate) for mark in _BROKEN)


def _hash_name(certificate: CertificateFacts) -> str:
    return certificate.signature_algorithm.lower().partition(", salt")[0]


def algorithm_known(certificate: CertificateFacts) -> bool:
    """The algorithm could be read and has a name: a bare OID says nothing of its hash."""
    name = certificate.signature_algorithm
    return bool(name) and not name[0].isdigit()


def weakly_signed(service: ServiceFacts) -> Sequence[CertificateFacts]:
    """Those whose signature must hold and is weak."""
    return [one for one in signed_by_others(service) if one.self_signed is False and uses_weak_hash(one)]
