"""Writes ClientHello messages (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2) and SSL 2.0's CLIENT-HELLO.

Nothing here decides anything: a :class:`ClientHello` says what to offer, and :func:`encode` writes just that.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scanner.tls import numbers as n
from scanner.tls.suites import SSL2_KINDS

_NULL_COMPRESSION, _DEFLATE = 0, 1
_PAD_FROM, _PAD_TO = 256, 512


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """What one hello offers. An empty tuple (or None) leaves the extension out."""

    version: int
    """Highest version: goes into ``client_version`` for TLS 1.2 and older."""
    versions: tuple[int, ...] = ()
    """For the supported_versions extension (RFC 8446 §4.2.1); needed for TLS 1.3."""
    suites: tuple[int, ...]
    groups: tuple[int, ...] = ()
    key_shares: Mapping[int, bytes] | None = None
    """Group -> public key. An empty mapping asks the server to name a group (RFC 8446 §4.2.8)."""
    signature_schemes: tuple[int, ...] = ()
    server_name: str | None = None
    alpn: tuple[str, ...] = ()
    deflate: bool = False
    """Offer DEFLATE compression (RFC 3749) beside none; forbidden with TLS 1.3."""
    staple: bool = False
    """Ask for a stapled OCSP answer (RFC 6066 §8)."""
    sct: bool = False
    """Ask for signed certificate timestamps (RFC 6962 §3.3.1)."""
    tickets: bool = False
    ems: bool = False
    heartbeat: bool = False
    """Say that we take part in heartbeats (RFC 6520 §2); none is ever sent."""
    renegotiation_info: bool = True
    bare: bool = False
    """No extensions at all, as SSL 3.0, TLCP and the oldest servers expect; renegotiation is then asked by SCSV."""
    cookie: bytes | None = None
    grease: int | None = None
    """A reserved value (RFC 8701) to offer as a suite, a version and a group that nobody knows."""
    unknown_extension: int | None = None
    """Number of an extension that nobody knows, with nothing in it."""
    length: int | None = None
    """Pad to this many bytes (RFC 7685); None keeps clear of 256 to 511 bytes, on which some servers hang."""
    split: bool = False
    """Send the message in two records (RFC 8446 §5.1)."""
    random: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    session_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    """RFC 8446 §D.4 (middlebox compatibility) wants 32 bytes in a TLS 1.3 hello; older hellos send none."""

    @property
    def offers_tls13(self) -> bool:
        """Whether a TLS 1.3 answer is possible."""
        return n.TLS13 in self.versions


def _vector8(data: bytes) -> bytes:
    return struct.pack("!B", len(data)) + data


def _vector16(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _and(grease: int | None, values: Iterable[int]) -> tuple[int, ...]:
    return (*(() if grease is None else (grease,)), *values)


def _list16(values: Iterable[int]) -> bytes:
    listed = tuple(values)
    return _vector16(struct.pack(f"!{len(listed)}H", *listed))


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!H", kind) + _vector16(body)


def _extensions(hello: ClientHello) -> bytes:
    parts: list[bytes] = []
    if hello.server_name:
        name = hello.server_name.encode("ascii")
        parts.append(_extension(n.EXT_SERVER_NAME, _vector16(b"\x00" + _vector16(name))))
    if hello.renegotiation_info:
        parts.append(_extension(n.EXT_RENEGOTIATION_INFO, b"\x00"))
    if hello.unknown_extension is not None:
        parts.append(_extension(hello.unknown_extension, b""))
    if hello.groups:
        parts.append(_extension(n.EXT_SUPPORTED_GROUPS, _list16(_and(hello.grease, hello.groups))))
        parts.append(_extension(n.EXT_EC_POINT_FORMATS, b"\x01\x00"))
    if hello.signature_schemes:
        parts.append(_extension(n.EXT_SIGNATURE_ALGORITHMS, _list16(hello.signature_schemes)))
    if hello.alpn:
        protocols = b"".join(_vector8(name.encode("ascii")) for name in hello.alpn)
        parts.append(_extension(n.EXT_ALPN, _vector16(protocols)))
    if hello.staple:
        parts.append(_extension(n.EXT_STATUS_REQUEST, b"\x01\x00\x00\x00\x00"))
    if hello.heartbeat:
        parts.append(_extension(n.EXT_HEARTBEAT, b"\x01"))
    if hello.sct:
        parts.append(_extension(n.EXT_SCT, b""))
    if hello.tickets:
        parts.append(_extension(n.EXT_SESSION_TICKET, b""))
    if hello.ems:
        parts.append(_extension(n.EXT_EXTENDED_MASTER_SECRET, b""))
    if hello.versions:
        versions = b"".join(struct.pack("!H", version) for version in _and(hello.grease, hello.versions))
        parts.append(_extension(n.EXT_SUPPORTED_VERSIONS, _vector8(versions)))
    if hello.cookie is not None:
        parts.append(_extension(n.EXT_COOKIE, _vector16(hello.cookie)))
    if hello.offers_tls13:
        parts.append(_extension(n.EXT_PSK_MODES, b"\x01\x01"))
    if hello.key_shares is not None:
        shares = b"".join(
            struct.pack("!H", group) + _vector16(key) for group, key in hello.key_shares.items()
        )
        parts.append(_extension(n.EXT_KEY_SHARE, _vector16(shares)))
    return b"".join(parts)


def handshake_message(hello: ClientHello) -> bytes:
    """The handshake message, without record header: what enters the transcript."""
    signal = hello.bare and hello.renegotiation_info
    suites = _and(hello.grease, hello.suites) + ((n.SCSV_RENEGOTIATION,) if signal else ())
    body = struct.pack("!H", min(hello.version, n.TLS12)) + hello.random
    body += _vector8(hello.session_id if hello.offers_tls13 else b"")
    body += _list16(suites)
    body += _vector8(bytes((_DEFLATE, _NULL_COMPRESSION) if hello.deflate else (_NULL_COMPRESSION,)))
    if not hello.bare:
        extensions = _extensions(hello)
        whole = 4 + len(body) + 2 + len(extensions)
        wanted = hello.length
        if wanted is None and _PAD_FROM <= whole < _PAD_TO:
            wanted = _PAD_TO
        if wanted is not None and whole < wanted:
            extensions += _extension(n.EXT_PADDING, bytes(max(0, wanted - whole - 4)))
        body += _vector16(extensions)
    return bytes((n.CLIENT_HELLO,)) + len(body).to_bytes(3, "big") + body


def record(content_type: int, version: int, data: bytes) -> bytes:
    """One record (RFC 8446 §5.1)."""
    return struct.pack("!BHH", content_type, version, len(data)) + data


def encode(hello: ClientHello) -> bytes:
    """The hello as it goes onto the wire. The record says TLS 1.0 for compatibility (RFC 5246 §E.1)."""
    message, version = handshake_message(hello), min(hello.version, n.TLS10)
    if not hello.split:
        return record(n.HANDSHAKE, version, message)
    half = len(message) // 2
    return record(n.HANDSHAKE, version, message[:half]) + record(n.HANDSHAKE, version, message[half:])


def encode_ssl2() -> bytes:
    """SSL 2.0's CLIENT-HELLO with every cipher kind (draft-hickman-netscape-ssl-00 §C.7)."""
    kinds = b"".join(kind.to_bytes(3, "big") for kind in SSL2_KINDS)
    challenge = secrets.token_bytes(16)
    body = struct.pack("!BHHHH", 1, n.SSL2, len(kinds), 0, len(challenge)) + kinds + challenge
    return struct.pack("!H", 0x8000 | len(body)) + body
