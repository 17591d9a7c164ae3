"""Certificates as no honest issuer makes them, written byte by byte (RFC 5280 §4.1, X.690)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY = rsa.generate_private_key(65537, 2048)
SPKI = KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)


def der(tag: int, *parts: bytes) -> bytes:
    """One item."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(value: int) -> bytes:
    """An INTEGER."""
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=value < 0))


def oid(hexadecimal: str) -> bytes:
    """An OBJECT IDENTIFIER by its content."""
    return der(6, bytes.fromhex(hexadecimal))


def name(value: bytes, tag: int = 0x0C, kind: bytes = b"\x06\x03\x55\x04\x03") -> bytes:
    """A name of one attribute, the common name unless told."""
    return der(0x30, der(0x31, der(0x30, kind, der(tag, value))))


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    """One extension."""
    return der(0x30, oid(kind), b"\x01\x01\xff" if critical else b"", der(4, value))


def dns(value: bytes) -> bytes:
    """A dNSName."""
    return der(0x82, value)


def san(*names: bytes) -> bytes:
    """A subject alternative name extension."""
    return extension(SAN, der(0x30, *names))


def validity(begin: bytes, end: bytes, tag: int = 0x17) -> bytes:
    """notBefore and notAfter."""
    return der(0x30, der(tag, begin), der(tag, end))


def rsa_spki(modulus: int, exponent: int) -> bytes:
    """An RSA key of any numbers."""
    numbers = der(0x30, integer(modulus), integer(exponent))
    return der(0x30, der(0x30, oid("2a864886f70d010101"), b"\x05\x00"), der(3, b"\x00" + numbers))


SAN, BASIC, USAGE, SCTS = "551d11", "551d13", "551d0f", "2b06010401d679020402"
SHA256_RSA = der(0x30, oid("2a864886f70d01010b"), b"\x05\x00")
SITE = san(dns(b"www.example.cn"))
YEAR = validity(b"260101000000Z", b"270101000000Z")


def certificate(
    *,
    version: int = 2,
    serial: bytes = b"\x11",
    subject: bytes = name(b"www.example.cn"),
    issuer: bytes = name(b"Odd CA"),
    times: bytes = YEAR,
    spki: bytes = SPKI,
    extensions: Sequence[bytes] = (SITE,),
    algorithm: bytes = SHA256_RSA,
    outer: bytes | None = None,
) -> bytes:
    """A certificate in DER, signed with :data:`KEY`; ``version`` 0 leaves the field out."""
    tbs = der(
        0x30,
        der(0xA0, integer(version)) if version else b"",
        der(2, serial),
        algorithm,
        issuer,
        times,
        subject,
        spki,
        der(0xA3, der(0x30, *extensions)) if extensions else b"",
    )
    signature = KEY.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return der(0x30, tbs, outer or algorithm, der(3, b"\x00" + signature))


def nested(depth: int) -> bytes:
    """Sequences within sequences."""
    made = b"\x05\x00"
    for _ in range(depth):
        made = der(0x30, made)
    return made
