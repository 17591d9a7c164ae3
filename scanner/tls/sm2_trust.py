"""Does a chain with SM2 in it lead to a root of one's own choice?

OpenSSL as ``cryptography`` has it checks SM2 signatures without the signer's identifier that certificates use (GM/T 0009
§10), and so refuses every one of them. Here the path is built and checked by ourselves, with the rules of RFC 5280 §6 that
such chains use; where one uses another rule, nothing is said instead of something wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from scanner.tls.certificates import Certificate, signed_with_sm2, sm2_key, verify_sm2

_DEEPEST = 8
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
"""Extensions that may be critical without leaving the judgement open. Policies limit nothing where none is asked for."""


class Undecided(Exception):
    """The chain uses something that is not judged here; the text says what."""


@dataclass(frozen=True, slots=True)
class _Link:
    der: bytes
    parsed: x509.Certificate


def concerns_sm2(leaf: Certificate) -> bool:
    """Whether a certificate has an SM2 key or signature, so that its chain is to be judged here."""
    return leaf.parsed is not None and (sm2_key(leaf.der) is not None or signed_with_sm2(leaf.parsed))


def path(
    leaf: Certificate, sent: Sequence[Certificate], roots: Sequence[x509.Certificate]
) -> list[x509.Certificate] | str:
    """The certificates from the leaf to one of ``roots``; or why there is no such path: ``self_signed``,
    ``bad_signature`` or ``unknown_issuer``.

    :raises Undecided: a signature is of a kind that cannot be checked.
    """
    anchors = [_Link(root.public_bytes(Encoding.DER), root) for root in roots]
    others = [_Link(item.der, item.parsed) for item in sent if item.parsed is not None]
    if leaf.parsed is None:
        return "unreadable"
    walked = [_Link(leaf.der, leaf.parsed)]
    while len(walked) <= _DEEPEST:
        last = walked[-1]
        if any(last.der == anchor.der for anchor in anchors):
            return [link.parsed for link in walked]
        if last.parsed.issuer == last.parsed.subject:
            return "self_signed" if len(walked) == 1 else "unknown_issuer"
        named = [link for link in (*anchors, *others) if link.parsed.subject == last.parsed.issuer]
        issuer = _issuer(last, [link for link in named if link not in walked])
        if issuer is None:
            return "bad_signature" if named else "unknown_issuer"
        walked.append(issuer)
    return "unknown_issuer"


def _issuer(link: _Link, named: Sequence[_Link]) -> _Link | None:
    """The one among ``named`` whose key made the signature on ``link``."""
    doubt: Undecided | None = None
    for issuer in named:
        try:
            if _signed_by(link, issuer):
                return issuer
        except Undecided as error:
            doubt = error
    if doubt is not None:
        raise doubt
    return None


def _signed_by(link: _Link, issuer: _Link) -> bool:
    sm2_issuer = sm2_key(issuer.der) is not None
    if signed_with_sm2(link.parsed):
        try:
            return sm2_issuer and verify_sm2(link.parsed, issuer.der)
        except ValueError:
            return False
    unchecked = f"signature {link.parsed.signature_algorithm_oid.dotted_string}"
    if sm2_issuer:
        raise Undecided(unchecked)
    try:
        link.parsed.verify_directly_issued_by(issuer.parsed)
    except InvalidSignature:
        return False
    except Exception as error:
        # Names fit, so that what is left is a key or an algorithm that the library does not check (such as SHA-1).
        raise Undecided(unchecked) from error
    return True


def fault(walked: Sequence[x509.Certificate]) -> str | None:
    """What is wrong with a path whose signatures hold, by the words of :mod:`scanner.tls.trust`; None when nothing is.

    :raises Undecided: it uses an extension that is not judged here.
    """
    now = datetime.now(UTC)
    for depth, certificate in enumerate(walked):
        where = "" if depth == 0 else "_in_chain"
        if certificate.not_valid_after_utc < now:
            return f"expired{where}"
        if certificate.not_valid_before_utc > now:
            return f"not_yet_valid{where}"
    for depth, certificate in enumerate(walked):
        _all_understood(certificate)
        if depth and (reason := _not_an_authority(certificate, below=depth - 1)):
            return reason
    return None


def _all_understood(certificate: x509.Certificate) -> None:
    try:
        extensions = list(certificate.extensions)
    except Exception as error:
        raise Undecided(f"extensions: {type(error).__name__}") from error
    for extension in extensions:
        if extension.oid == ExtensionOID.NAME_CONSTRAINTS or (
            extension.critical and extension.oid not in _UNDERSTOOD
        ):
            raise Undecided(f"extension {extension.oid.dotted_string}")


def _not_an_authority(certificate: x509.Certificate, *, below: int) -> str | None:
    """Why the certificate may not issue, with ``below`` authorities between it and the leaf."""
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return "invalid:issuer is no CA"
    if not basic.ca:
        return "invalid:issuer is no CA"
    if basic.path_length is not None and below > basic.path_length:
        return "invalid:path length"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return None if usage.key_cert_sign else "invalid:issuer may not sign certificates"
