"""Reads the server's handshake messages. Every function is total: a value, or TlsError ``malformed``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.errors import TlsError
from scanner.tls import numbers as n
from scanner.tls.cursor import Cursor, malformed
from scanner.tls.suites import SSL2_KINDS, has_psk_hint, key_exchange

RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""SHA-256 of "HelloRetryRequest": the random that marks one (RFC 8446 §4.1.3)."""

MOST_CERTIFICATES = 16
"""Certificates kept of one chain; no honest chain comes near it."""

_NAMED_CURVE, _EXPLICIT_PRIME, _EXPLICIT_CHAR2 = 3, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """A ServerHello or HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4; RFC 5246 §7.4.1.3)."""

    version: int
    """Negotiated: supported_versions where the server sent it, else ``server_version``."""
    random: bytes
    suite: int
    compression: int
    extensions: Mapping[int, bytes]
    retry: bool

    @property
    def group(self) -> int | None:
        """The group of the key_share extension (TLS 1.3)."""
        data = self.extensions.get(n.EXT_KEY_SHARE)
        return int.from_bytes(data[:2], "big") if data is not None and len(data) >= 2 else None

    @property
    def key(self) -> bytes:
        """The server's public key (TLS 1.3)."""
        data = self.extensions.get(n.EXT_KEY_SHARE, b"")
        cursor = Cursor(data, "key_share")
        cursor.take(2)
        return cursor.vector(2)

    @property
    def alpn(self) -> str | None:
        """The protocol chosen by ALPN (RFC 7301), in TLS 1.2 and older."""
        return read_alpn(self.extensions.get(n.EXT_ALPN))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyExchange:
    """Parameters of a ServerKeyExchange (RFC 5246 §7.4.3, RFC 8422 §5.4)."""

    group: int | None = None
    prime: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateList:
    """A Certificate message: DER of each certificate, and the staple a TLS 1.3 server puts beside the first."""

    certificates: tuple[bytes, ...]
    staple: bytes | None = None
    scts: bytes | None = None
    """The SCT list (RFC 6962 §3.3) beside the first, in TLS 1.3."""
    cut: bool = False
    """More certificates came than are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssl2Hello:
    """SSL 2.0's SERVER-HELLO."""

    kinds: tuple[int, ...]
    certificate: bytes


def read_extensions(data: bytes, what: str) -> dict[int, bytes]:
    """An extensions block: type -> body.

    :raises TlsError: malformed, or one type twice (RFC 8446 §4.2).
    """
    cursor = Cursor(data, what)
    found: dict[int, bytes] = {}
    while cursor.left:
        kind = cursor.integer(2)
        if kind in found:
            raise malformed(f"extension {kind} twice in {what}")
        found[kind] = cursor.vector(2)
    return found


def read_server_hello(body: bytes) -> ServerHello:
    """Body of a ServerHello or HelloRetryRequest."""
    cursor = Cursor(body, "ServerHello")
    version = cursor.integer(2)
    random = cursor.take(32)
    if len(cursor.vector(1)) > 32:
        raise malformed("session id longer than 32 bytes in ServerHello")
    suite = cursor.integer(2)
    compression = cursor.integer(1)
    # Extensions may be missing altogether (RFC 5246 §7.4.1.3).
    extensions = read_extensions(cursor.vector(2), "ServerHello") if cursor.left else {}
    cursor.end()
    if (chosen := extensions.get(n.EXT_SUPPORTED_VERSIONS)) is not None:
        if len(chosen) != 2:
            raise malformed("supported_versions of ServerHello")
        version = int.from_bytes(chosen, "big")
    return ServerHello(
        version=version,
        random=random,
        suite=suite,
        compression=compression,
        extensions=extensions,
        retry=version == n.TLS13 and random == RETRY_RANDOM,
    )


def read_alpn(data: bytes | None) -> str | None:
    """The single protocol of a server's ALPN extension; None where there is none."""
    if data is None:
        return None
    cursor = Cursor(data, "ALPN")
    names = Cursor(cursor.vector(2), "ALPN list")
    cursor.end()
    name = names.vector(1)
    names.end()
    return name.decode("ascii", errors="backslashreplace")


def read_certificates(body: bytes) -> CertificateList:
    """Body of a Certificate message up to TLS 1.2 (RFC 5246 §7.4.2)."""
    cursor = Cursor(body, "Certificate")
    chain = Cursor(cursor.vector(3), "certificate list")
    cursor.end()
    found: list[bytes] = []
    while chain.left and len(found) < MOST_CERTIFICATES:
        found.append(chain.vector(3))
    return CertificateList(certificates=tuple(found), cut=chain.left > 0)


def read_certificates_tls13(body: bytes) -> CertificateList:
    """Body of a Certificate message of TLS 1.3 (RFC 8446 §4.4.2)."""
    cursor = Cursor(body, "Certificate")
    cursor.vector(1)
    chain = Cursor(cursor.vector(3), "certificate list")
    cursor.end()
    found: list[bytes] = []
    staple: bytes | None = None
    scts: bytes | None = None
    while chain.left and len(found) < MOST_CERTIFICATES:
        found.append(chain.vector(3))
        extensions = read_extensions(chain.vector(2), "certificate entry")
        if len(found) == 1:
            scts = extensions.get(n.EXT_SCT)
        if len(found) == 1 and (status := extensions.get(n.EXT_STATUS_REQUEST)) is not None:
            staple = read_certificate_status(status)
    return CertificateList(certificates=tuple(found), staple=staple, scts=scts, cut=chain.left > 0)


def read_certificate_status(body: bytes) -> bytes:
    """The OCSP response of a CertificateStatus (RFC 6066 §8), in DER."""
    cursor = Cursor(body, "CertificateStatus")
    if cursor.integer(1) != 1:
        raise malformed("CertificateStatus is not of type ocsp")
    response = cursor.vector(3)
    cursor.end()
    return response


def read_key_exchange(body: bytes, suite: int) -> KeyExchange:
    """Body of a ServerKeyExchange: group or prime. What follows (key, signature) is not needed."""
    cursor = Cursor(body, "ServerKeyExchange")
    if has_psk_hint(suite):
        cursor.vector(2)
    match key_exchange(suite):
        case "ecdhe":
            kind = cursor.integer(1)
            if kind == _NAMED_CURVE:
                return KeyExchange(group=cursor.integer(2))
            if kind == _EXPLICIT_PRIME:
                return KeyExchange(group=0xFF01)
            if kind == _EXPLICIT_CHAR2:
                return KeyExchange(group=0xFF02)
            raise malformed(f"curve type {kind} in ServerKeyExchange")
        case "dhe":
            prime = int.from_bytes(cursor.vector(2), "big")
            cursor.vector(2)
            cursor.vector(2)
            return KeyExchange(prime=prime)
        case _:
            return KeyExchange()


def read_encrypted_extensions(body: bytes) -> dict[int, bytes]:
    """Body of EncryptedExtensions (RFC 8446 §4.3.1)."""
    cursor = Cursor(body, "EncryptedExtensions")
    data = cursor.vector(2)
    cursor.end()
    return read_extensions(data, "EncryptedExtensions")


def read_ticket_early_data(body: bytes) -> bool:
    """Whether a NewSessionTicket of TLS 1.3 allows early data (RFC 8446 §4.6.1)."""
    cursor = Cursor(body, "NewSessionTicket")
    cursor.take(8)
    cursor.vector(1)
    cursor.vector(2)
    extensions = read_extensions(cursor.vector(2), "NewSessionTicket")
    cursor.end()
    limit = extensions.get(n.EXT_EARLY_DATA)
    return limit is not None and int.from_bytes(limit, "big") > 0


def read_ssl2(data: bytes) -> Ssl2Hello | None:
    """SSL 2.0's SERVER-HELLO, ``data`` being the start of the answer; None when more bytes are needed.

    :raises TlsError: the answer is an SSL 2.0 error (``alert:ssl2_error``), not SSL 2.0 (``not_ssl2``), or malformed.
    """
    if len(data) < 3:
        return None
    if not data[0] & 0x80:
        raise TlsError("the answer is not of SSL 2.0", kind="not_ssl2")
    length = int.from_bytes(data[:2], "big") & 0x7FFF
    if data[2] == 0 and length == 3:
        raise TlsError("the server refused SSL 2.0", kind="alert:ssl2_error")
    if data[2] != 4:
        raise TlsError("the answer is not of SSL 2.0", kind="not_ssl2")
    if len(data) < 2 + length:
        return None
    cursor = Cursor(data[3 : 2 + length], "SSL 2.0 SERVER-HELLO")
    cursor.take(2)  # session-id-hit, certificate-type
    if cursor.integer(2) != n.SSL2:
        raise malformed("version in SSL 2.0 SERVER-HELLO")
    sizes = [cursor.integer(2) for _ in range(3)]
    certificate, kinds = cursor.take(sizes[0]), cursor.take(sizes[1])
    cursor.take(sizes[2])
    if len(kinds) % 3:
        raise malformed("cipher kinds of SSL 2.0")
    numbers = [int.from_bytes(kinds[place : place + 3], "big") for place in range(0, len(kinds), 3)]
    return Ssl2Hello(kinds=tuple(dict.fromkeys(numbers))[: len(SSL2_KINDS)], certificate=certificate)
