"""Signatures over a case: Ed25519 (RFC 8032), ECDSA (FIPS 186-5) and RSASSA-PSS (RFC 8017), with SHA-256.

A signature is two parts: the raw bytes (``signatures/KEY.sig``) and what is needed to hold them against a key
(``signatures/KEY.json``), where ``KEY`` is the start of the key's SHA-256. ``openssl`` verifies them without zijian.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from reports.casefile.bag import SIGNATURES, SIGNED, from_bytes
from reports.casefile.container import Source

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
Scheme = Literal["Ed25519", "ECDSA-SHA256", "RSASSA-PSS-SHA256"]
_LEAST_RSA = 2048
_MOST_PEM = 1 << 16
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in a case."""

    scheme: Scheme
    value: bytes
    public_key: PublicKey
    certificates: tuple[x509.Certificate, ...] = ()
    """The signer's own first; they are carried, not judged."""

    @property
    def key_id(self) -> str:
        """See :func:`key_id`."""
        return key_id(self.public_key)

    @property
    def stem(self) -> str:
        """How the names of its two parts begin."""
        return SIGNATURES + self.key_id

    @property
    def signer(self) -> str:
        """The subject of the signer's certificate, or nothing."""
        return self.certificates[0].subject.rfc4514_string() if self.certificates else ""

    def holds(self, data: bytes) -> bool:
        """Whether it was made by its key over ``data``."""
        try:
            match self.public_key:
                case Ed25519PublicKey():
                    self.public_key.verify(self.value, data)
                case ec.EllipticCurvePublicKey():
                    self.public_key.verify(self.value, data, ec.ECDSA(hashes.SHA256()))
                case rsa.RSAPublicKey():
                    self.public_key.verify(self.value, data, _PSS, hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def parts(self) -> Sequence[Source]:
        """The two parts of a case that hold it."""
        described = {
            "signed": SIGNED,
            "scheme": self.scheme,
            "key_sha256": hashlib.sha256(_spki(self.public_key)).hexdigest(),
            "public_key": self.public_key.public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            ).decode(),
            "certificates": [
                certificate.public_bytes(Encoding.PEM).decode() for certificate in self.certificates
            ],
        }
        text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
        return from_bytes(f"{self.stem}.sig", self.value), from_bytes(f"{self.stem}.json", text.encode())


def _spki(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: PublicKey) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the key's SubjectPublicKeyInfo (RFC 5280 §4.1)."""
    return hashlib.sha256(_spki(key)).hexdigest()[:16]


def _usable(key: object) -> PublicKey:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _LEAST_RSA:
        raise ValueError(f"an RSA key of {key.key_size} bits is too short: {_LEAST_RSA} at least")
    if isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return key
    raise ValueError("the key is neither Ed25519, ECDSA nor RSA")


def load_private(pem: bytes, passphrase: bytes | None) -> PrivateKey:
    """The private key in a PEM file.

    :raises ValueError: it is none, of another kind, too short, or the passphrase does not open it.
    """
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError as error:
        raise ValueError(
            "the key needs a passphrase" if passphrase is None else "the key has no passphrase"
        ) from error
    except UnsupportedAlgorithm as error:
        raise ValueError(f"the key cannot be used: {error}") from error
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("the key is neither Ed25519, ECDSA nor RSA")
    _usable(key.public_key())
    return key


def load_public(pem: bytes) -> PublicKey:
    """The public key in a PEM file, which may also be a certificate.

    :raises ValueError: it is none, of another kind, or too short.
    """
    try:
        if b"-----BEGIN CERTIFICATE-----" in pem:
            return _usable(x509.load_pem_x509_certificate(pem).public_key())
        return _usable(load_pem_public_key(pem))
    except UnsupportedAlgorithm as error:
        raise ValueError(f"the key cannot be used: {error}") from error


def sign(data: bytes, key: PrivateKey, certificates: Sequence[x509.Certificate] = ()) -> Signature:
    """Sign ``data``.

    :raises ValueError: the first certificate is not that of the key.
    """
    match key:
        case Ed25519PrivateKey():
            value = key.sign(data)
        case ec.EllipticCurvePrivateKey():
            value = key.sign(data, ec.ECDSA(hashes.SHA256()))
        case rsa.RSAPrivateKey():
            value = key.sign(data, _PSS, hashes.SHA256())
    return made_elsewhere(value, key.public_key(), certificates)


def made_elsewhere(
    value: bytes, public_key: PublicKey, certificates: Sequence[x509.Certificate] = ()
) -> Signature:
    """A signature whose key this program never sees, such as one on a token (PKCS#11).

    :raises ValueError: the first certificate is not that of the key.
    """
    if certificates and _spki(_usable(certificates[0].public_key())) != _spki(public_key):
        raise ValueError("the first certificate is not that of the signing key")
    return Signature(_scheme(public_key), value, public_key, tuple(certificates))


def _scheme(key: PublicKey) -> Scheme:
    match key:
        case Ed25519PublicKey():
            return "Ed25519"
        case ec.EllipticCurvePublicKey():
            return "ECDSA-SHA256"
        case rsa.RSAPublicKey():
            return "RSASSA-PSS-SHA256"


def read(parts: Mapping[str, bytes], stem: str) -> Signature:
    """The signature that ``STEM.json`` and ``STEM.sig`` hold.

    :raises ValueError: it cannot be understood; the message says why.
    """
    described, value = parts.get(f"{stem}.json"), parts.get(f"{stem}.sig")
    if described is None or value is None:
        raise ValueError("one of its two parts is missing")
    try:
        fields = json.loads(described)
        public_key = load_public(str(fields["public_key"])[:_MOST_PEM].encode())
        pems = [str(pem)[:_MOST_PEM].encode() for pem in fields["certificates"][:10]]
        certificates = [x509.load_pem_x509_certificate(pem) for pem in pems]
        signature = made_elsewhere(value, public_key, certificates)
        wanted = {text.name: b"".join(_read_all(text)) for text in signature.parts()}
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"its description is not of the form: {type(error).__name__}") from error
    # One form only, so that no byte of it can be changed unseen.
    if wanted != {f"{stem}.json": described, f"{stem}.sig": value}:
        raise ValueError("it is not written as zijian writes it")
    return signature


def _read_all(source: Source) -> Sequence[bytes]:
    with source.open() as file:
        return (file.read(),)
