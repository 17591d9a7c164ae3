"""The little of SSH's wire format (RFC 4251 §5, RFC 4253 §6) that reading a host key needs, before any encryption."""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from scanner.errors import PeerClosed, ProtocolError
from scanner.text import printable
from scanner.transport import Stream

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


async def read_packet(stream: Stream) -> bytes:
    """The payload of the next packet.

    :raises ProtocolError: its lengths contradict one another.
    """
    length, padding = struct.unpack("!IB", await stream.read_exactly(5))
    if not 6 <= length <= _LARGEST_PACKET or padding > length - 2:
        raise ProtocolError(f"an SSH packet of {length} bytes with {padding} of padding", kind="protocol")
    body = await stream.read_exactly(length - 1)
    return body[: length - 1 - padding]


async def read_message(stream: Stream, *wanted: int) -> bytes:
    """The next message of a wanted number; IGNORE and DEBUG are passed over.

    :raises PeerClosed: the server sent DISCONNECT. :raises ProtocolError: another message came.
    """
    for _ in range(_OTHERS):
        payload = await read_packet(stream)
        if payload[0] in wanted:
            return payload
        if payload[0] == DISCONNECT:
            reader = Reader(payload, 5)
            raise PeerClosed(f"SSH disconnect: {printable(reader.string(), 160)}", kind="closed")
        if payload[0] not in (IGNORE, DEBUG, UNIMPLEMENTED, EXT_INFO):
            raise ProtocolError(f"SSH message {payload[0]} instead of {wanted[0]}", kind="protocol")
    raise ProtocolError("SSH messages without end, but none that was asked for", kind="protocol")


@dataclass(frozen=True, slots=True)
class KexInit:
    """The lists of an SSH_MSG_KEXINIT (RFC 4253 §7.1) that are of interest, as the server orders them."""

    kex: tuple[str, ...]
    host_key_algorithms: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    compression: tuple[str, ...]

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
        )


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one + tuple(name for name in other if name not in one)


def kexinit(kex: str, host_key_algorithm: str, server: KexInit) -> bytes:
    """Our KEXINIT: one method and one kind of key, and whatever the server has for the rest."""
    # Nothing is ever encrypted here, so all of the server's own names are taken: the negotiation must only succeed.
    rest = (server.ciphers, server.ciphers, server.macs, server.macs, server.compression, server.compression)
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
_GEX = ("diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1")
_X25519 = ("curve25519-sha256", "curve25519-sha256@libssh.org")

METHODS: tuple[str, ...] = (*_X25519, *_CURVES, *_MODP, *_GEX)
"""Key exchange methods by which a host key can be read here, cheapest for the server first."""


def _share(bits: int) -> int:
    # The exchange is never finished, so no secret exponent is needed: any number in the group will do as our share.
    # One bit less than the group keeps it below the prime, whichever prime it is.
    return secrets.randbits(bits - 1) | 1 << (bits - 2)


async def read_host_key(stream: Stream, method: str) -> bytes:
    """Go through ``method`` as far as the server's reply, and return the host key blob K_S.

    The signature is not verified: whose key it is, is not the question, only what kind.

    :raises ProtocolError: a malformed answer.
    """
    if method in _GEX:
        await stream.write(packet(bytes((GEX_REQUEST,)) + struct.pack("!III", 1024, 2048, 8192)))
        bits = Reader(await read_message(stream, GEX_GROUP), 1).mpint().bit_length()
        if not 512 <= bits <= 16384:
            raise ProtocolError(f"a Diffie-Hellman group of {bits} bits", kind="protocol")
        await stream.write(packet(bytes((GEX_INIT,)) + mpint(_share(bits))))
        return Reader(await read_message(stream, GEX_REPLY), 1).string()
    if method in _X25519:
        public = x25519.X25519PrivateKey.generate().public_key()
        share = string(public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    elif method in _CURVES:
        point = ec.generate_private_key(_CURVES[method]()).public_key()
        share = string(
            point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        )
    else:
        share = mpint(_share(_MODP[method]))
    await stream.write(packet(bytes((KEX_INIT,)) + share))
    return Reader(await read_message(stream, KEX_REPLY), 1).string()


def disconnect() -> bytes:
    """SSH_MSG_DISCONNECT by application (RFC 4253 §11.1)."""
    return packet(bytes((DISCONNECT,)) + struct.pack("!I", 11) + string(b"zijian: done") + string(b""))
