"""TLSA records held against the chain that a server showed, as a mail server's client does it (RFC 6698 §2.1, RFC 7671, RFC 7672 §3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.tls.certificates import Certificate, key_info
from scanner.tls.naming import hostname_match
from scanner.tls.trust import verifies_under

_TRUST_ANCHOR, _END_ENTITY = 2, 3
_DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Association:
    """The fields of a TLSA record (RFC 6698 §2.1)."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """Whether mail clients act on it: DANE-TA or DANE-EE (RFC 7672 §3.1.3), in a form that can fit a certificate at all."""
        if self.usage not in (_TRUST_ANCHOR, _END_ENTITY) or self.selector not in (0, 1):
            return False
        if self.matching == 0:
            return bool(self.data)
        return self.matching in _DIGESTS and len(self.data) == _DIGESTS[self.matching]().digest_size

    def fits(self, certificate: Certificate) -> bool:
        """Whether the certificate, or its key, is the one that is stated."""
        chosen = certificate.der if self.selector == 0 else key_info(certificate.der)
        if chosen is None:
            return False
        return self.data == (_DIGESTS[self.matching](chosen).digest() if self.matching else chosen)


def holds(records: Iterable[Association], chain: Sequence[Certificate], name: str) -> bool | None:
    """Whether one usable record at least vouches for the chain; None when there is no such record.

    A DANE-EE record names the leaf, whose names and dates do not matter (RFC 7671 §5.1). A DANE-TA record names an authority among
    the certificates that were sent; the leaf must lead to it, be in date, and be made out to ``name`` (§5.2, RFC 7672 §3.2).
    """
    usable = [record for record in records if record.usable]
    if not usable:
        return None
    return any(_vouches(record, chain, name) for record in usable)


def _vouches(record: Association, chain: Sequence[Certificate], name: str) -> bool:
    if record.usage == _END_ENTITY:
        return record.fits(chain[0])
    if not hostname_match(chain[0].names or (), name, ""):
        return False
    return any(record.fits(anchor) and verifies_under(chain, anchor) for anchor in chain[1:])
