"""TLS 1.3's key schedule and record protection (RFC 8446 §5, §7), as far as a client needs it to read the server's
first flight: the certificate, its staple, ALPN and a certificate request are encrypted there.

The keys protect nothing of worth: the connection is closed once the flight was read.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from scanner.tls.cursor import malformed
from scanner.tls.primes import ffdhe
from scanner.tls.sm2 import ThrowAwayKey
from scanner.tls.sm4 import Sm4Ccm, Sm4Gcm

Aead = AESGCM | AESCCM | ChaCha20Poly1305 | Sm4Gcm | Sm4Ccm


@dataclass(frozen=True, slots=True)
class _Suite:
    hash: Callable[[], hashes.HashAlgorithm]
    key_bytes: int
    aead: Callable[[bytes], Aead]


_SUITES: Mapping[int, _Suite] = {
    0x1301: _Suite(hashes.SHA256, 16, AESGCM),
    0x1302: _Suite(hashes.SHA384, 32, AESGCM),
    0x1303: _Suite(hashes.SHA256, 32, ChaCha20Poly1305),
    0x1304: _Suite(hashes.SHA256, 16, AESCCM),
    0x1305: _Suite(hashes.SHA256, 16, lambda key: AESCCM(key, tag_length=8)),
    0x00C6: _Suite(hashes.SM3, 16, Sm4Gcm),
    0x00C7: _Suite(hashes.SM3, 16, Sm4Ccm),
}
READABLE_SUITES = tuple(_SUITES)
"""Suites whose encrypted flight can be read, those of RFC 8998 among them."""

_CURVES: Mapping[int, Callable[[], ec.EllipticCurve]] = {
    0x0017: ec.SECP256R1,
    0x0018: ec.SECP384R1,
    0x0019: ec.SECP521R1,
    0x001F: ec.BrainpoolP256R1,
    0x0020: ec.BrainpoolP384R1,
    0x0021: ec.BrainpoolP512R1,
}
_CURVE_SM2 = 0x0029
_FFDHE: Mapping[int, int] = {0x0100: 2048, 0x0101: 3072, 0x0102: 4096, 0x0103: 6144, 0x0104: 8192}
READABLE_GROUPS = (0x001D, 0x0017, 0x001E, 0x0019, 0x0018, *(0x001F, 0x0020, 0x0021), _CURVE_SM2, *_FFDHE)
"""Groups whose key exchange can be completed."""


class KeyPairs:
    """Our key pairs of one connection, made as they are needed."""

    def __init__(self) -> None:
        self._private: dict[
            int,
            x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey | ThrowAwayKey | int,
        ] = {}

    def public(self, group: int) -> bytes:
        """Our public key for ``group`` (one of :data:`READABLE_GROUPS`), as in a KeyShareEntry (RFC 8446 §4.2.8)."""
        raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        if group in _FFDHE:
            size = _FFDHE[group]
            secret = int.from_bytes(secrets.token_bytes(64), "big")
            self._private[group] = secret
            return pow(2, secret, ffdhe(size)).to_bytes(size // 8, "big")
        if group in _CURVES:
            point = ec.generate_private_key(_CURVES[group]())
            self._private[group] = point
            return point.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
        if group == _CURVE_SM2:
            throw_away = ThrowAwayKey()
            self._private[group] = throw_away
            return throw_away.public
        if group == 0x001E:
            goldilocks = x448.X448PrivateKey.generate()
            self._private[group] = goldilocks
            return goldilocks.public_key().public_bytes(*raw)
        montgomery = x25519.X25519PrivateKey.generate()
        self._private[group] = montgomery
        return montgomery.public_key().public_bytes(*raw)

    def shared(self, group: int, peer: bytes) -> bytes:
        """The shared secret (RFC 8446 §7.4).

        :raises TlsError: the peer's key is no key of that group, or the group was not offered.
        """
        private = self._private.get(group)
        try:
            match private:
                case x25519.X25519PrivateKey():
                    return private.exchange(x25519.X25519PublicKey.from_public_bytes(peer))
                case x448.X448PrivateKey():
                    return private.exchange(x448.X448PublicKey.from_public_bytes(peer))
                case ec.EllipticCurvePrivateKey():
                    point = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, peer)
                    return private.exchange(ec.ECDH(), point)
                case ThrowAwayKey():
                    return private.exchange(peer)
                case int():
                    size = _FFDHE[group]
                    if len(peer) != size // 8:
                        raise malformed("key share of a wrong length")
                    return pow(int.from_bytes(peer, "big"), private, ffdhe(size)).to_bytes(size // 8, "big")
                case _:
                    raise malformed(f"key share for group 0x{group:04x}, which was not offered")
        except (ValueError, UnsupportedAlgorithm) as error:
            raise malformed(f"key share of group 0x{group:04x}: {error}") from error


@dataclass(slots=True)
class Protection:
    """One direction's record protection (RFC 8446 §5.2, §5.3)."""

    aead: Aead
    iv: bytes
    sequence: int = 0

    def _nonce(self) -> bytes:
        counter = self.sequence.to_bytes(len(self.iv), "big")
        self.sequence += 1
        return bytes(a ^ b for a, b in zip(self.iv, counter, strict=True))

    def open(self, header: bytes, data: bytes) -> tuple[int, bytes]:
        """Decrypt one record: its true content type and content.

        :raises TlsError: it does not authenticate, or is all padding.
        """
        try:
            inner = self.aead.decrypt(self._nonce(), data, header).rstrip(b"\x00")
        except (InvalidTag, ValueError, OverflowError) as error:
            raise malformed("a record that does not decrypt") from error
        if not inner:
            raise malformed("an encrypted record without content")
        return inner[-1], inner[:-1]

    def seal(self, content_type: int, data: bytes) -> bytes:
        """Encrypt one record, header included."""
        inner = data + bytes((content_type,))
        # 16 bytes of tag, 8 with CCM_8: asked of the cipher itself, since AES-CCM hides it.
        size = len(inner) + len(self.aead.encrypt(bytes(12), b"", b""))
        header = struct.pack("!BHH", 23, 0x0303, size)
        return header + self.aead.encrypt(self._nonce(), inner, header)


@dataclass(slots=True)
class KeySchedule:
    """Secrets of one TLS 1.3 connection (RFC 8446 §7.1)."""

    suite: int
    shared: bytes
    _handshake: bytes = field(init=False)
    client_secret: bytes = field(init=False, default=b"")
    server_secret: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        size = self.hash.digest_size
        early = self._extract(bytes(size), bytes(size))
        self._handshake = self._extract(self._derive(early, b"derived", self.digest(b"")), self.shared)

    @property
    def hash(self) -> hashes.HashAlgorithm:
        """The suite's hash."""
        return _SUITES[self.suite].hash()

    def digest(self, data: bytes) -> bytes:
        """Hash of ``data``."""
        context = hashes.Hash(self.hash)
        context.update(data)
        return context.finalize()

    def _extract(self, salt: bytes, key: bytes) -> bytes:
        return self._hmac(salt, key)

    def _hmac(self, key: bytes, data: bytes) -> bytes:
        context = hmac.HMAC(key, self.hash)
        context.update(data)
        return context.finalize()

    def _expand(self, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        name = b"tls13 " + label
        info = struct.pack("!HB", length, len(name)) + name + struct.pack("!B", len(context)) + context
        return HKDFExpand(algorithm=self.hash, length=length, info=info).derive(secret)

    def _derive(self, secret: bytes, label: bytes, transcript: bytes) -> bytes:
        return self._expand(secret, label, transcript, self.hash.digest_size)

    def start_handshake(self, transcript: bytes) -> Protection:
        """Take the transcript up to ServerHello; return what opens the server's handshake records."""
        digest = self.digest(transcript)
        self.client_secret = self._derive(self._handshake, b"c hs traffic", digest)
        self.server_secret = self._derive(self._handshake, b"s hs traffic", digest)
        return self.protection(self.server_secret)

    def start_application(self, transcript: bytes) -> Protection:
        """Take the transcript up to the server's Finished; return what opens its later records."""
        size = self.hash.digest_size
        master = self._extract(self._derive(self._handshake, b"derived", self.digest(b"")), bytes(size))
        return self.protection(self._derive(master, b"s ap traffic", self.digest(transcript)))

    def protection(self, secret: bytes) -> Protection:
        """Keys of one direction (RFC 8446 §7.3)."""
        suite = _SUITES[self.suite]
        key = self._expand(secret, b"key", b"", suite.key_bytes)
        return Protection(suite.aead(key), self._expand(secret, b"iv", b"", 12))

    def finished(self, secret: bytes, transcript: bytes) -> bytes:
        """``verify_data`` of a Finished message (RFC 8446 §4.4.4)."""
        key = self._expand(secret, b"finished", b"", self.hash.digest_size)
        return self._hmac(key, self.digest(transcript))
