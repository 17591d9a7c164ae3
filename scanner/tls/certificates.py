"""X.509 certificates as facts (RFC 5280). Total: a certificate that cannot be read is a fact with an ``error``.

Object identifiers are read first and by ourselves, so that a key or signature that ``cryptography`` does not know (SM2)
is named instead of failing.
"""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtensionOID

from scanner.facts import CertificateFacts, PublicKeyFacts
from scanner.text import printable

T = TypeVar("T")

_MOST_NAMES = 200
"""Subject alternative names kept."""

_EC, _RSA, _RSA_PSS, _DSA = (
    "1.2.840.10045.2.1",
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.10",
    "1.2.840.10040.4.1",
)
_SM2_CURVE = "1.2.156.10197.1.301"
_KEY_TYPES: Mapping[str, str] = {
    _EC: "EC", _RSA: "RSA", _RSA_PSS: "RSA", _DSA: "DSA", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
    _SM2_CURVE: "SM2",
}  # fmt: skip
_CURVES: Mapping[str, tuple[str, int]] = {
    _SM2_CURVE: ("curveSM2", 256),
    "1.2.840.10045.3.1.1": ("secp192r1", 192),
    "1.2.840.10045.3.1.7": ("secp256r1", 256),
    "1.3.132.0.33": ("secp224r1", 224),
    "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.132.0.31": ("secp192k1", 192),
    "1.3.132.0.32": ("secp224k1", 224),
    "1.3.132.0.8": ("secp160r1", 160),
    "1.3.132.0.9": ("secp160k1", 160),
    "1.3.132.0.30": ("secp160r2", 160),
    "1.3.132.0.1": ("sect163k1", 163),
    "1.3.132.0.15": ("sect163r2", 163),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
_SIGNATURES: Mapping[str, str] = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption", "1.2.840.113549.1.1.3": "md4WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption", "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption", "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption", "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    _RSA_PSS: "id-RSASSA-PSS", "1.3.14.3.2.29": "sha1WithRSASignature",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1", "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512", "1.2.840.10040.4.3": "id-dsa-with-sha1",
    "2.16.840.1.101.3.4.3.1": "id-dsa-with-sha224", "2.16.840.1.101.3.4.3.2": "id-dsa-with-sha256",
    "1.3.101.112": "id-Ed25519", "1.3.101.113": "id-Ed448", "1.2.156.10197.1.501": "sm2-with-SM3",
    "1.2.156.10197.1.504": "sm3WithRSAEncryption",
}  # fmt: skip
"""Names of RFC 3279, 4055, 5758, 8410 and GM/T 0006."""

_MUST_STAPLE = x509.TLSFeatureType.status_request
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: its facts, and the parsed form for those who verify; None when it could not be parsed."""

    der: bytes
    facts: CertificateFacts
    parsed: x509.Certificate | None


class _DerError(ValueError):
    """Not the DER that was expected."""


def _der_item(data: bytes, place: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of the item at ``place``."""
    if place + 2 > len(data):
        raise _DerError("DER ends too early")
    tag, length, start = data[place], data[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or start + size > len(data):
            raise _DerError("DER length")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise _DerError("DER length beyond the end")
    return tag, start, start + length


def _der_children(data: bytes, start: int, end: int, most: int = 16) -> list[tuple[int, int, int, int]]:
    """Items between ``start`` and ``end``: tag, place, start and end of content."""
    found: list[tuple[int, int, int, int]] = []
    place = start
    while place < end and len(found) < most:
        tag, begin, finish = _der_item(data, place)
        found.append((tag, place, begin, finish))
        place = finish
    return found


def _oid(data: bytes) -> str:
    """Dotted form of an OBJECT IDENTIFIER's content (X.690 §8.19)."""
    arcs: list[int] = []
    value = 0
    for byte in data[:64]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        raise _DerError("empty OBJECT IDENTIFIER")
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _key_identifiers(der: bytes) -> tuple[str, str | None]:
    """OID of the subject's key algorithm, and of its named curve where it has one (RFC 5280 §4.1.2.7, RFC 5480)."""
    _, start, end = _der_item(der, 0)
    _, _, start, end = _der_children(der, start, end)[0]
    fields = _der_children(der, start, end)
    # version [0] is optional; then serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
    _, _, start, end = fields[6 if fields[0][0] == 0xA0 else 5]
    _, _, start, end = _der_children(der, start, end)[0]
    parts = _der_children(der, start, end)
    algorithm = _oid(der[parts[0][2] : parts[0][3]])
    curve = _oid(der[parts[1][2] : parts[1][3]]) if len(parts) > 1 and parts[1][0] == 0x06 else None
    return algorithm, curve


def _public_key(der: bytes, parsed: x509.Certificate) -> PublicKeyFacts:
    algorithm, curve = _key_identifiers(der)
    name = _KEY_TYPES.get(algorithm, algorithm)
    if name in ("EC", "SM2"):
        if curve is None and name == "SM2":
            curve = _SM2_CURVE
        known, bits = _CURVES.get(curve or "", (curve, None))
        return PublicKeyFacts(type="SM2" if curve == _SM2_CURVE else "EC", bits=bits, curve=known)
    key = parsed.public_key()
    match key:
        case rsa.RSAPublicKey() | dsa.DSAPublicKey():
            return PublicKeyFacts(type=name, bits=key.key_size)
        case ed25519.Ed25519PublicKey():
            return PublicKeyFacts(type="Ed25519", bits=256)
        case ed448.Ed448PublicKey():
            return PublicKeyFacts(type="Ed448", bits=456)
        case ec.EllipticCurvePublicKey():
            return PublicKeyFacts(type="EC", bits=key.key_size, curve=key.curve.name)
        case _:
            return PublicKeyFacts(type=name)


def _signature_name(parsed: x509.Certificate) -> str:
    oid = parsed.signature_algorithm_oid.dotted_string
    name = _SIGNATURES.get(oid, oid)
    if oid == _RSA_PSS and (algorithm := parsed.signature_hash_algorithm) is not None:
        return f"{name} ({algorithm.name})"
    return name


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    """Subject alternative names: DNS names as they are, others behind ``IP:``, ``email:``, ``URI:`` or ``other:``."""
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    found: list[str] = []
    for name in names:
        match name:
            case x509.DNSName():
                found.append(printable(name.value, 255))
            case x509.IPAddress():
                found.append(f"IP:{name.value}")
            case x509.RFC822Name():
                found.append(f"email:{printable(name.value, 255)}")
            case x509.UniformResourceIdentifier():
                found.append(f"URI:{printable(name.value, 255)}")
            case _:
                found.append(f"other:{type(name).__name__}")
    return tuple(found[:_MOST_NAMES])


def _is_ca(parsed: x509.Certificate) -> bool:
    try:
        return parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _must_staple(parsed: x509.Certificate) -> bool:
    try:
        return _MUST_STAPLE in parsed.extensions.get_extension_for_class(x509.TLSFeature).value
    except x509.ExtensionNotFound:
        return False


def _sct(parsed: x509.Certificate) -> int:
    try:
        found = parsed.extensions.get_extension_for_oid(
            ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
        ).value
    except x509.ExtensionNotFound:
        return 0
    return len(found) if isinstance(found, x509.PrecertificateSignedCertificateTimestamps) else 0


def _key_usage(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name for name in _USAGES if getattr(usage, name))


def _self_signed(parsed: x509.Certificate) -> bool:
    """Issuer equals subject, and the signature verifies with its own key where that can be tried."""
    if parsed.issuer != parsed.subject:
        return False
    try:
        parsed.public_key()
    except Exception:
        return True  # A key that cannot be loaded, such as SM2: the names alone must do.
    try:
        parsed.verify_directly_issued_by(parsed)
    except UnsupportedAlgorithm:
        return True
    except Exception:
        return False
    return True


def _serial(parsed: x509.Certificate) -> str:
    number = parsed.serial_number
    return ("-" if number < 0 else "") + f"{abs(number):02X}"


def read_certificate(der: bytes) -> Certificate:
    """One certificate. Never raises: what cannot be read is named in ``facts.error``."""
    digest = hashlib.sha256(der).hexdigest()
    body = base64.b64encode(der).decode("ascii")
    lines = "\n".join(body[place : place + 64] for place in range(0, len(body), 64))
    pem = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    with warnings.catch_warnings():
        # cryptography warns of negative serials and the like; here they are facts, not advice to a programmer.
        warnings.simplefilter("ignore")
        try:
            parsed = x509.load_der_x509_certificate(der)
        except Exception as error:
            return Certificate(
                der, CertificateFacts(sha256=digest, pem=pem, error=_reason("certificate", error)), None
            )
        return Certificate(der, _facts(der, parsed, digest, pem), parsed)


def _reason(part: str, error: Exception) -> str:
    return printable(f"{part}: {type(error).__name__}: {error}", 300)


def _facts(der: bytes, parsed: x509.Certificate, digest: str, pem: str) -> CertificateFacts:
    wrong: list[str] = []

    def part(name: str, read: Callable[[], T], otherwise: T) -> T:
        # Any part can be broken in its own way, and pyo3 raises many kinds of errors: each part stands alone.
        try:
            return read()
        except Exception as error:
            wrong.append(_reason(name, error))
            return otherwise

    no_time: datetime | None = None
    no_key: PublicKeyFacts | None = None
    no_number: int | None = None
    no_answer: bool | None = None
    return CertificateFacts(
        sha256=digest,
        subject=part("subject", lambda: printable(parsed.subject.rfc4514_string()), ""),
        issuer=part("issuer", lambda: printable(parsed.issuer.rfc4514_string()), ""),
        serial=part("serial", lambda: _serial(parsed), ""),
        not_before=part("notBefore", lambda: parsed.not_valid_before_utc, no_time),
        not_after=part("notAfter", lambda: parsed.not_valid_after_utc, no_time),
        san=part("subjectAltName", lambda: _names(parsed), ()),
        key=part("public key", lambda: _public_key(der, parsed), no_key),
        signature_algorithm=part("signature", lambda: _signature_name(parsed), ""),
        is_ca=part("basicConstraints", lambda: _is_ca(parsed), no_answer),
        self_signed=part("self-signed", lambda: _self_signed(parsed), no_answer),
        must_staple=part("TLS feature", lambda: _must_staple(parsed), False),
        sct=part("SCT list", lambda: _sct(parsed), no_number),
        key_usage=part("keyUsage", lambda: _key_usage(parsed), ()),
        pem=pem,
        error="; ".join(wrong)[:600] or None,
    )
