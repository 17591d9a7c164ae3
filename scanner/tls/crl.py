"""A certificate revocation list (RFC 5280 §5): what it says of one certificate, judged offline.

A list counts when the issuer signed it, when it is in date, and when it is the whole list for this certificate: an
issuing distribution point (§5.2.5) must be the one that the certificate names, and must not leave out certificates of its
kind or reasons.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509

_SKEW = timedelta(minutes=5)
_LONGEST = timedelta(days=10)
"""How long a list counts that does not say until when (CA/Browser Forum Baseline Requirements §4.9.7)."""


class _Invalid(Exception):
    """The list does not hold, or not for this certificate."""


def read_crl(
    der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, url: str, at: datetime | None = None
) -> tuple[str, str]:
    """Status of the leaf (``good``, ``revoked`` or ``invalid``) and, where it is not plain, why."""
    try:
        return _read(der, leaf, issuer, url, at or datetime.now(UTC)), ""
    except _Invalid as error:
        return "invalid", str(error)
    except Exception as error:
        # A stranger's bytes: the parser raises many kinds of errors, all of which mean the same here.
        return "invalid", f"{type(error).__name__}: {error}"


def _read(der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, url: str, now: datetime) -> str:
    # Some authorities send PEM, which RFC 5280 §4.2.1.13 does not provide for.
    load = x509.load_pem_x509_crl if der.lstrip().startswith(b"-----BEGIN") else x509.load_der_x509_crl
    crl = load(der)
    if crl.issuer != issuer.subject or not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise _Invalid("the list is not signed by the issuer")
    until = crl.next_update_utc or crl.last_update_utc + _LONGEST
    if not crl.last_update_utc - _SKEW <= now <= until + _SKEW:
        raise _Invalid("the list is out of date")
    _check_extensions(crl, url)
    entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
    return "good" if entry is None else "revoked"


def _check_extensions(crl: x509.CertificateRevocationList, url: str) -> None:
    for extension in crl.extensions:
        match extension.value:
            case x509.IssuingDistributionPoint() as point:
                if point.only_contains_ca_certs or point.only_contains_attribute_certs:
                    raise _Invalid("the list is not about certificates of servers")
                if point.indirect_crl or point.only_some_reasons:
                    raise _Invalid("the list is about some certificates or reasons alone")
                names = [name.value for name in point.full_name or ()]
                if names and url not in names:
                    raise _Invalid("the list is another part than the one that the certificate names")
                if point.relative_name is not None:
                    raise _Invalid("the list has a distribution point that is not understood")
            case x509.DeltaCRLIndicator():
                raise _Invalid("the list holds changes alone")
            case x509.UnrecognizedExtension() if extension.critical:
                raise _Invalid("the list has a critical extension that is not understood")
