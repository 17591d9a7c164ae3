"""X.509 certificates as facts (RFC 5280). Total: a certificate that cannot be read is a fact with an ``error``.

Object identifiers are read first and by ourselves, so that a key or signature that ``cryptography`` does not know (SM2)
is named instead of failing. What ``cryptography`` refuses is read once more by :mod:`scanner.tls.lenient`: the facts then
say what is written there, and ``error`` says what is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, padding, rsa

from scanner.facts import CertificateFacts, PublicKeyFacts
from scanner.text import printable
from scanner.tls import sm2
from scanner.tls.lenient import Lenient, has_long_oid
from scanner.tls.quiet import quiet
from scanner.tls.sct import count_scts

T = TypeVar("T")

_MOST_NAMES = 200
"""Subject alternative names kept as facts; a name is matched against all of them."""
_MOST_SERIAL = 128
"""Hexadecimal digits kept of a serial number; RFC 5280 §4.1.2.2 allows 40."""
_MOST_EXPONENT = 1 << 64
_VERIFIABLE_BITS = 16384
"""OpenSSL verifies with no longer RSA key (OPENSSL_RSA_MAX_MODULUS_BITS)."""

_EC, _RSA, _RSA_PSS, _DSA = (
    "1.2.840.10045.2.1",
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.10",
    "1.2.840.10040.4.1",
)
_OID, _SEQUENCE, _BIT_STRING = 0x06, 0x30, 0x03
_EXPLICIT = "explicit"
"""A curve whose parameters are written out instead of being named; RFC 5480 §2.1.1 forbids it."""
_SM2_CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
"""Signature algorithm of GM/T 0006."""
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
    "1.3.101.112": "id-Ed25519", "1.3.101.113": "id-Ed448", SM2_WITH_SM3: "sm2-with-SM3",
    "1.2.156.10197.1.504": "sm3WithRSAEncryption",
}  # fmt: skip
"""Names of RFC 3279, 4055, 5758, 8410 and GM/T 0006."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: its facts, and what those need who verify."""

    der: bytes
    facts: CertificateFacts
    parsed: x509.Certificate | None
    """None when ``cryptography`` refused it: then it verifies nothing."""
    names: tuple[str, ...] | None = None
    """All subject alternative names, in the form of ``CertificateFacts.san``; None when they could not be read."""
    subject: bytes = b""
    """The subject in DER, as it was sent; empty when it could not be found."""
    issuer: bytes = b""


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
    if len(data) > 64:
        raise _DerError(f"an OBJECT IDENTIFIER of {len(data)} bytes")
    for byte in data:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        raise _DerError("empty OBJECT IDENTIFIER")
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _tbs_fields(der: bytes) -> list[tuple[int, int, int, int]]:
    """Items of the TBSCertificate from serialNumber on: the optional version [0] is left out (RFC 5280 §4.1)."""
    _, start, end = _der_item(der, 0)
    _, _, start, end = _der_children(der, start, end, 1)[0]
    fields = _der_children(der, start, end)
    fields = fields[1:] if fields and fields[0][0] == 0xA0 else fields
    if len(fields) < 6:
        raise _DerError("TBSCertificate ends too early")
    return fields


def _raw_names(der: bytes) -> tuple[bytes, bytes]:
    """Subject and issuer as they were sent; empty where the structure is broken."""
    try:
        _, _, issuer, _, subject = _tbs_fields(der)[:5]
    except _DerError:
        return b"", b""
    return der[subject[1] : subject[3]], der[issuer[1] : issuer[3]]


def _key_identifiers(der: bytes) -> tuple[str, str | None]:
    """OID of the subject's key algorithm, and of its named curve where it has one (RFC 5280 §4.1.2.7, RFC 5480)."""
    # serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    _, _, start, end = _tbs_fields(der)[5]
    parts = _der_children(der, start, end, 2)
    if not parts:
        raise _DerError("SubjectPublicKeyInfo is empty")
    parts = _der_children(der, parts[0][2], parts[0][3], 2)
    if not parts:
        raise _DerError("AlgorithmIdentifier is empty")
    algorithm = _oid(der[parts[0][2] : parts[0][3]])
    if len(parts) < 2 or algorithm != _EC:
        return algorithm, None
    if parts[1][0] == _SEQUENCE:
        return algorithm, _EXPLICIT
    return algorithm, _oid(der[parts[1][2] : parts[1][3]]) if parts[1][0] == _OID else None


def key_info(der: bytes) -> bytes | None:
    """The SubjectPublicKeyInfo as it was sent (RFC 5280 §4.1.2.7); None where the structure is broken."""
    try:
        _, place, _, end = _tbs_fields(der)[5]
    except (_DerError, IndexError):
        return None
    return der[place:end]


def sm2_key(der: bytes) -> bytes | None:
    """The point that is a certificate's SM2 key, as written there; None when the key is of another kind."""
    try:
        algorithm, curve = _key_identifiers(der)
        _, _, start, end = _tbs_fields(der)[5]
        tag, _, start, end = _der_children(der, start, end, 2)[1]
    except (_DerError, IndexError):
        return None
    if tag != _BIT_STRING or (algorithm != _SM2_CURVE and (algorithm, curve) != (_EC, _SM2_CURVE)):
        return None
    return der[start + 1 : end]  # A BIT STRING begins with the number of unused bits.


def signed_with_sm2(parsed: x509.Certificate) -> bool:
    """Whether the issuer's signature is SM2 over SM3."""
    return parsed.signature_algorithm_oid.dotted_string == SM2_WITH_SM3


def verify_sm2(parsed: x509.Certificate, issuer_der: bytes) -> bool:
    """Whether the SM2 signature on ``parsed`` was made by the key in ``issuer_der`` (GM/T 0015, GM/T 0009 §10).

    :raises ValueError: one of the two is not of SM2, or broken.
    """
    key = sm2_key(issuer_der)
    if key is None or not signed_with_sm2(parsed):
        raise ValueError("no SM2 key, or no SM2 signature")
    return sm2.verify(key, parsed.signature, parsed.tbs_certificate_bytes)


def _public_key(der: bytes, parsed: x509.Certificate | None, lenient: Lenient) -> PublicKeyFacts:
    algorithm, curve = _key_identifiers(der)
    name = _KEY_TYPES.get(algorithm, algorithm)
    match name:
        case "EC" | "SM2":
            if curve == _EXPLICIT:
                return PublicKeyFacts(type="EC", bits=lenient.explicit_order_bits(), curve=_EXPLICIT)
            if name == "SM2":
                curve = _SM2_CURVE
            known, bits = _CURVES.get(curve or "", (curve, None))
            return PublicKeyFacts(type="SM2" if curve == _SM2_CURVE else "EC", bits=bits, curve=known)
        case "RSA":
            modulus, exponent = lenient.rsa_numbers()
            known_exponent = exponent if 0 <= exponent < _MOST_EXPONENT else None
            return PublicKeyFacts(type=name, bits=modulus.bit_length(), exponent=known_exponent)
        case "Ed25519":
            return PublicKeyFacts(type=name, bits=256)
        case "Ed448":
            return PublicKeyFacts(type=name, bits=456)
        case "DSA" if parsed is not None:
            key = parsed.public_key()
            return PublicKeyFacts(type=name, bits=key.key_size if isinstance(key, dsa.DSAPublicKey) else None)
        case _:
            return PublicKeyFacts(type=name)


def _check_key(parsed: x509.Certificate) -> None:
    """:raises Exception: the key cannot be used, for another reason than that ``cryptography`` does not know its kind."""
    try:
        parsed.public_key()
    except UnsupportedAlgorithm:
        return


def _signature_name(parsed: x509.Certificate | None, lenient: Lenient) -> str:
    oid = lenient.signature_oid()
    name = _SIGNATURES.get(oid, oid)
    if oid != _RSA_PSS:
        return name
    if parsed is None:
        raise _DerError("parameters of RSASSA-PSS")
    return f"{name} ({_pss(parsed)})"


def _pss(parsed: x509.Certificate) -> str:
    """Parameters of RSASSA-PSS (RFC 4055 §3.1): the hash, the salt's length, and the mask's hash where it is another."""
    digest = parsed.signature_hash_algorithm
    parameters = parsed.signature_algorithm_parameters
    if digest is None or not isinstance(parameters, padding.PSS):
        raise _DerError("parameters of RSASSA-PSS")
    mask = parameters.mgf._algorithm
    return f"{digest.name}, salt {parameters._salt_length}" + (
        "" if mask.name == digest.name else f", MGF1 with {mask.name}"
    )


_KINDS = {"dns": "", "ip": "IP:", "email": "email:", "uri": "URI:", "other": "other:"}


def _names(lenient: Lenient) -> tuple[str, ...]:
    """Subject alternative names: DNS names as they are, others behind ``IP:``, ``email:``, ``URI:`` or ``other:``.

    A DNS name with a colon is none; it is put behind ``DNS:``, so that it cannot pass for one of the others.
    """
    return tuple(
        ("DNS:" if kind == "dns" and ":" in value else _KINDS[kind]) + printable(value, 255)
        for kind, value in lenient.names()
    )


def _sct(lenient: Lenient) -> int:
    data = lenient.sct_list()
    return 0 if data is None else count_scts(data)


def _self_signed(der: bytes, parsed: x509.Certificate, subject: bytes, issuer: bytes) -> bool:
    """Issuer equals subject, and the signature verifies with its own key where that can be tried."""
    if subject != issuer:
        return False
    _ = parsed.subject, parsed.issuer  # Raises for a name that is broken.
    if signed_with_sm2(parsed) and (point := sm2_key(der)) is not None:
        # OpenSSL's own tools sign with an empty identifier unless told the standard's.
        body, signature = parsed.tbs_certificate_bytes, parsed.signature
        return any(sm2.verify(point, signature, body, name) for name in (sm2.DEFAULT_ID, b""))
    try:
        key = parsed.public_key()
    except Exception:
        return True  # A key that cannot be loaded: the names alone must do.
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > _VERIFIABLE_BITS:
        return True
    try:
        parsed.verify_directly_issued_by(parsed)
    except (UnsupportedAlgorithm, TypeError):
        return True
    except (InvalidSignature, ValueError):
        return False  # ValueError: an algorithm that does not fit the key.
    return True


def _serial(number: int) -> str:
    return printable(("-" if number < 0 else "") + f"{abs(number):02X}", _MOST_SERIAL)


def read_certificate(der: bytes) -> Certificate:
    """One certificate. Never raises: what cannot be read is named in ``facts.error``."""
    with quiet():
        return _Reading(der).certificate()


def _pem(der: bytes) -> str:
    body = base64.b64encode(der).decode("ascii")
    lines = "\n".join(body[place : place + 64] for place in range(0, len(body), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


class _Reading:
    """One certificate on its way to facts. Any part can be broken in its own way: each stands alone."""

    def __init__(self, der: bytes) -> None:
        self._der = der
        self._wrong: list[str] = []

    def _try(self, name: str, read: Callable[[], T]) -> T | None:
        # The parsers raise many kinds of errors for a stranger's bytes; all of them are told in the same way.
        try:
            return read()
        except Exception as error:
            self._wrong.append(printable(f"{name}: {type(error).__name__}: {error}", 300))
            return None

    def certificate(self) -> Certificate:
        der = self._der
        parsed = self._try("certificate", lambda: x509.load_der_x509_certificate(der))
        lenient = self._lenient(parsed)
        digest, pem = hashlib.sha256(der).hexdigest(), _pem(der)
        if lenient is None:
            return Certificate(der, CertificateFacts(sha256=digest, pem=pem, error=self._error()), None)
        subject, issuer = _raw_names(der)
        names = self._try("subjectAltName", lambda: _names(lenient))
        self_signed: bool | None = None
        if parsed is not None:
            self._try("extensions", lambda: parsed.extensions)
            self._try("public key", lambda: _check_key(parsed))
            self_signed = self._try("self-signed", lambda: _self_signed(der, parsed, subject, issuer))
        facts = CertificateFacts(
            sha256=digest,
            version=self._try("version", lenient.version),
            subject=self._name("subject", parsed, lenient.subject),
            issuer=self._name("issuer", parsed, lenient.issuer),
            serial=self._try("serial", lambda: _serial(lenient.serial())) or "",
            not_before=self._try("notBefore", lenient.not_before),
            not_after=self._try("notAfter", lenient.not_after),
            san=(names or ())[:_MOST_NAMES],
            san_count=None if names is None else len(names),
            key=self._try("public key", lambda: _public_key(der, parsed, lenient)),
            signature_algorithm=self._try("signature", lambda: _signature_name(parsed, lenient)) or "",
            is_ca=self._try("basicConstraints", lenient.is_ca),
            self_signed=self_signed,
            must_staple=self._try("TLS feature", lenient.must_staple) or False,
            sct=self._try("SCT list", lambda: _sct(lenient)),
            key_usage=self._try("keyUsage", lenient.key_usage) or (),
            pem=pem,
            error=self._error(),
        )
        return Certificate(der, facts, parsed, names, subject, issuer)

    def _error(self) -> str | None:
        return "; ".join(dict.fromkeys(self._wrong))[:600] or None

    def _lenient(self, parsed: x509.Certificate | None) -> Lenient | None:
        """The forgiving reader; None where not even a serial number can be found."""
        if parsed is None and has_long_oid(self._der):
            return None
        try:
            lenient = Lenient(self._der)
            lenient.serial()
        except Exception as error:
            self._wrong.append(printable(f"certificate: {type(error).__name__}: {error}", 300))
            return None
        return lenient

    def _name(
        self,
        which: Literal["subject", "issuer"],
        parsed: x509.Certificate | None,
        otherwise: Callable[[], str],
    ) -> str:
        """By RFC 4514; a name that the strict parser refuses is an error, and shown all the same."""
        if parsed is not None:
            name = self._try(which, lambda: getattr(parsed, which).rfc4514_string())
            if name is not None:
                return printable(name)
        if has_long_oid(self._der):
            return ""
        try:
            return printable(otherwise())
        except Exception:
            return ""  # Told already, by the strict parser's word.
