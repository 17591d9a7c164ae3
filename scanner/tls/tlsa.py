"""TLSA records held against the chain that a server showed (RFC 6698 §2.1, RFC 7671; for mail RFC 7672 §3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.tls.certificates import Certificate, key_info
from scanner.tls.naming import hostname_match
from scanner.tls.trust import verifies_under

_PUBLIC_AUTHORITY, _PUBLIC_END_ENTITY, _TRUST_ANCHOR, _END_ENTITY = range(4)
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
        """Whether it is in a form that can fit a certificate at all."""
        if self.usage > _END_ENTITY or self.selector not in (0, 1):
            return False
        if self.matching == 0:
            return bool(self.data)
        return self.matching in _DIGESTS and len(self.data) == _DIGESTS[self.matching]().digest_size

    @property
    def usable_for_mail(self) -> bool:
        """Whether mail clients act on it too: they do on DANE-TA and DANE-EE alone (RFC 7672 §3.1.3)."""
        return self.usable and self.usage in (_TRUST_ANCHOR, _END_ENTITY)

    def fits(self, certificate: Certificate) -> bool:
        """Whether the certificate, or its key, is the one that is stated."""
        chosen = certificate.der if self.selector == 0 else key_info(certificate.der)
        if chosen is None:
            return False
        return self.data == (_DIGESTS[self.matching](chosen).digest() if self.matching else chosen)


def holds(records: Iterable[Association], chain: Sequence[Certificate], name: str) -> bool | None:
    """Whether one usable record at least vouches for the chain; None when there is no such record, or it cannot be told.

    A DANE-EE record names the leaf, whose names and dates do not matter (RFC 7671 §5.1), and so does a PKIX-EE record. A DANE-TA
    or PKIX-TA record names an authority; the leaf must lead to it, be in date, and be made out to ``name`` (§5.2, RFC 7672 §3.2).
    DANE-TA's was sent (RFC 7671 §5.2.1); PKIX-TA's may be a root that nobody sends, so that it is not known whether it fits. Whether
    the public authorities vouch for the chain, as both PKIX usages ask for beside this, is not seen to here.
    """
    usable = [record for record in records if record.usable]
    if any(_vouches(record, chain, name) for record in usable):
        return True
    unknown = any(record.usage == _PUBLIC_AUTHORITY for record in usable)
    return False if usable and not unknown else None


def _vouches(record: Association, chain: Sequence[Certificate], name: str) -> bool:
    if record.usage in (_END_ENTITY, _PUBLIC_END_ENTITY):
        return record.fits(chain[0])
    if not hostname_match(chain[0].names or (), name, ""):
        return False
    return any(record.fits(anchor) and verifies_under(chain, anchor) for anchor in chain[1:])
