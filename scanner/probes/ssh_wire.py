"""SSH's wire format (RFC 4251 §5, RFC 4253 §6) and its key exchange, as far as reading a host key and one question need."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from scanner.errors import PeerClosed, ProtocolError
from scanner.text import printable
from scanner.tls.primes import modp
from scanner.transport import Stream

if TYPE_CHECKING:
    from scanner.probes.ssh_sealed import Seal, Suite

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO, KEXINIT = 1, 2, 3, 4, 7, 20
KEX_INIT, KEX_REPLY = 30, 31
"""SSH_MSG_KEXDH_INIT and SSH_MSG_KEX_ECDH_INIT share a number, and so do their replies (RFC 4253 §8, RFC 5656 §7.1)."""
GEX_GROUP, GEX_INIT, GEX_REPLY, GEX_REQUEST = 31, 32, 33, 34
"""RFC 4419 §5."""

_LARGEST_PACKET = 256 * 1024
_OTHERS = 16
"""Messages that may come in between (IGNORE, DEBUG), and are passed over."""
_NAMES = 128
"""Names kept of one list."""


def string(data: bytes) -> bytes:
    """``data`` with its length in front."""
    return struct.pack("!I", len(data)) + data


def mpint(number: int) -> bytes:
    """A positive number as the wire has it."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


@dataclass(slots=True)
class Reader:
    """Takes fields off a message, and believes no length that goes beyond it."""

    data: bytes
    at: int = 0

    def take(self, number: int) -> bytes:
        """The next ``number`` bytes.

        :raises ProtocolError: the message ends before.
        """
        if number > len(self.data) - self.at:
            raise ProtocolError("an SSH field reaches beyond its message", kind="protocol")
        self.at += number
        return self.data[self.at - number : self.at]

    def string(self) -> bytes:
        """A string."""
        (length,) = struct.unpack("!I", self.take(4))
        return self.take(length)

    def mpint(self) -> int:
        """A number; a negative one is no key's."""
        return int.from_bytes(self.string(), "big")

    def names(self) -> tuple[str, ...]:
        """A name-list (RFC 4251 §5), made printable."""
        text = self.string()
        return tuple(printable(name, 80) for name in text.split(b",")[:_NAMES] if name)


def packet(payload: bytes) -> bytes:
    """The binary packet of RFC 4253 §6, without encryption or MAC."""
    padding = 8 - (5 + len(payload)) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack("!IB", 1 + len(payload) + padding, padding) + payload + secrets.token_bytes(padding)


class Wire:
    """SSH's packets on one connection, counted in both directions: in clear until :meth:`seal`."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._sent = self._received = 0
        self._ours: Seal | None = None
        self._theirs: Seal | None = None

    def seal(self, *, ours: Seal | None = None, theirs: Seal | None = None) -> None:
        """Encrypt from now on: each direction after its own NEWKEYS (RFC 4253 §7.3)."""
        self._ours, self._theirs = ours or self._ours, theirs or self._theirs

    async def send(self, payload: bytes) -> None:
        """Send one message."""
        data = packet(payload) if self._ours is None else self._ours.close(self._sent, payload)
        self._sent += 1
        await self.stream.write(data)

    async def read(self) -> bytes:
        """The next message.

        :raises ProtocolError: its lengths contradict one another, or it does not verify.
        """
        if self._theirs is None:
            payload = await read_packet(self.stream)
        else:
            payload = await self._theirs.open(self._received, self.stream)
        self._received += 1
        return payload

    async def read_message(self, *wanted: int) -> bytes:
        """The next message of a wanted number; IGNORE and DEBUG are passed over.

        :raises PeerClosed: the server sent DISCONNECT. :raises ProtocolError: another message came.
        """
        for _ in range(_OTHERS):
            payload = await self.read()
            if payload[0] in wanted:
                return payload
            if payload[0] == DISCONNECT:
                reader = Reader(payload, 5)
                raise PeerClosed(f"SSH disconnect: {printable(reader.string(), 160)}", kind="closed")
            if payload[0] not in (IGNORE, DEBUG, UNIMPLEMENTED, EXT_INFO):
                raise ProtocolError(f"SSH message {payload[0]} instead of {wanted[0]}", kind="protocol")
        raise ProtocolError("SSH messages without end, but none that was asked for", kind="protocol")


async def read_packet(stream: Stream) -> bytes:
    """The payload of the next packet in clear.

    :raises ProtocolError: its lengths contradict one another.
    """
    length, padding = struct.unpack("!IB", await stream.read_exactly(5))
    if not 6 <= length <= _LARGEST_PACKET or padding > length - 2:
        raise ProtocolError(f"an SSH packet of {length} bytes with {padding} of padding", kind="protocol")
    body = await stream.read_exactly(length - 1)
    return body[: length - 1 - padding]


@dataclass(frozen=True, slots=True)
class KexInit:
    """The lists of an SSH_MSG_KEXINIT (RFC 4253 §7.1) that are of interest, as the server orders them."""

    kex: tuple[str, ...]
    host_key_algorithms: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    compression: tuple[str, ...]
    ciphers_each: tuple[tuple[str, ...], ...] = ()
    """Of each direction, as are the next two."""
    macs_each: tuple[tuple[str, ...], ...] = ()
    compression_each: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def read(cls, payload: bytes) -> KexInit:
        """Read a KEXINIT message.

        :raises ProtocolError: it is malformed.
        """
        reader = Reader(payload, 17)
        lists = [reader.names() for _ in range(8)]
        return cls(
            kex=lists[0],
            host_key_algorithms=lists[1],
            ciphers=_both(lists[2], lists[3]),
            macs=_both(lists[4], lists[5]),
            compression=_both(lists[6], lists[7]),
            ciphers_each=(lists[2], lists[3]),
            macs_each=(lists[4], lists[5]),
            compression_each=(lists[6], lists[7]),
        )


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one + tuple(name for name in other if name not in one)


def kexinit(kex: str, host_key_algorithm: str, server: KexInit, suite: Suite | None = None) -> bytes:
    """Our KEXINIT: one method, one kind of key, and ``suite``, else whatever the server has for the rest."""
    # Without a suite nothing will be encrypted, so all of the server's own names are taken: it must only come to an agreement.
    rest: Sequence[Sequence[str]] = (
        (server.ciphers, server.ciphers, server.macs, server.macs, server.compression, server.compression)
        if suite is None
        else ((suite.cipher,), (suite.cipher,), (suite.mac,), (suite.mac,), ("none",), ("none",))
    )
    lists = ((kex,), (host_key_algorithm,), *rest, (), ())
    body = b"".join(string(",".join(names).encode("ascii", errors="ignore")) for names in lists)
    return bytes((KEXINIT,)) + secrets.token_bytes(16) + body + b"\0" + struct.pack("!I", 0)


_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ecdh-sha2-nistp256": ec.SECP256R1,
    "ecdh-sha2-nistp384": ec.SECP384R1,
    "ecdh-sha2-nistp521": ec.SECP521R1,
}
_MODP = {
    "diffie-hellman-group14-sha256": 2048,
    "diffie-hellman-group14-sha1": 2048,
    "diffie-hellman-group15-sha512": 3072,
    "diffie-hellman-group16-sha512": 4096,
    "diffie-hellman-group17-sha512": 6144,
    "diffie-hellman-group18-sha512": 8192,
    "diffie-hellman-group1-sha1": 1024,
}
"""Size in bits of each method's group (RFC 4253 §8.1 and §8.2, RFC 8268)."""
GEX = ("diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1")
_X25519 = ("curve25519-sha256", "curve25519-sha256@libssh.org")

METHODS: tuple[str, ...] = (*_X25519, *_CURVES, *_MODP, *GEX)
"""Key exchange methods by which a host key can be read here, cheapest for the server first."""
_EXPONENT = 256
"""Bits of our secret exponent. What it protects is no secret: a question and its answer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a key exchange gave: the host key's blob K_S, the shared secret, and what its hash takes of the exchange."""

    host_key: bytes
    secret: int
    hash_name: str
    transcript: bytes


def _hash_name(method: str) -> str:
    if method in _CURVES:
        # RFC 5656 §6.2.1.
        return {"nistp256": "sha256", "nistp384": "sha384", "nistp521": "sha512"}[method.rpartition("-")[2]]
    return next((name for name in ("sha512", "sha256") if name in method), "sha1")


async def exchange_keys(wire: Wire, method: str) -> Exchange:
    """Go through ``method`` with the server.

    The signature is not verified: whose key it is, is not the question, only what kind.

    :raises ProtocolError: a malformed answer.
    """
    if method in GEX:
        asked, prime, generator = await group_of(wire, 1024, 2048, 8192)
        group = asked + mpint(prime) + mpint(generator)
        return await _diffie_hellman(wire, method, prime, generator, GEX_INIT, GEX_REPLY, group)
    if method in _MODP:
        return await _diffie_hellman(wire, method, modp(_MODP[method]), 2, KEX_INIT, KEX_REPLY)
    private: x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey
    if method in _X25519:
        private = x25519.X25519PrivateKey.generate()
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        private = ec.generate_private_key(_CURVES[method]())
        point = serialization.PublicFormat.UncompressedPoint
        raw = private.public_key().public_bytes(serialization.Encoding.X962, point)
    await wire.send(bytes((KEX_INIT,)) + string(raw))
    reply = Reader(await wire.read_message(KEX_REPLY), 1)
    host_key, theirs = reply.string(), reply.string()
    try:
        if isinstance(private, x25519.X25519PrivateKey):
            shared = private.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
        else:
            peer = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, theirs)
            shared = private.exchange(ec.ECDH(), peer)
    except ValueError:
        # The host key is as good as it was; what would be encrypted with this secret could not be read.
        shared = b""
    said = string(host_key) + string(raw) + string(theirs)
    return Exchange(host_key, int.from_bytes(shared, "big"), _hash_name(method), said)


async def group_of(wire: Wire, least: int, wanted: int, most: int) -> tuple[bytes, int, int]:
    """Ask for a group of about ``wanted`` bits (RFC 4419 §3): the sizes as sent, the prime and the generator.

    :raises ProtocolError: no group of a size that can be worked with.
    """
    asked = struct.pack("!III", least, wanted, most)
    await wire.send(bytes((GEX_REQUEST,)) + asked)
    reply = Reader(await wire.read_message(GEX_GROUP), 1)
    prime, generator = reply.mpint(), reply.mpint()
    if not 512 <= prime.bit_length() <= 16384:
        raise ProtocolError(f"a Diffie-Hellman group of {prime.bit_length()} bits", kind="protocol")
    return asked, prime, generator


async def _diffie_hellman(
    wire: Wire, method: str, prime: int, generator: int, request: int, answer: int, group: bytes = b""
) -> Exchange:
    exponent = secrets.randbits(_EXPONENT) | 1 << (_EXPONENT - 1)
    ours = pow(generator, exponent, prime)
    await wire.send(bytes((request,)) + mpint(ours))
    reply = Reader(await wire.read_message(answer), 1)
    host_key, theirs = reply.string(), reply.mpint()
    secret = pow(theirs, exponent, prime)
    return Exchange(
        host_key, secret, _hash_name(method), string(host_key) + group + mpint(ours) + mpint(theirs)
    )


def disconnect() -> bytes:
    """SSH_MSG_DISCONNECT by application (RFC 4253 §11.1)."""
    return bytes((DISCONNECT,)) + struct.pack("!I", 11) + string(b"zijian: done") + string(b"")
