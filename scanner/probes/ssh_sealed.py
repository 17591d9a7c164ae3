"""SSH's encrypted packets (RFC 4253 §6 and §7.2, RFC 4344, RFC 5647): as much as one question after the key exchange needs.

Whose server it is, is not the question: its signature is not verified, and nothing secret crosses the connection.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.poly1305 import Poly1305

from scanner.errors import ProtocolError
from scanner.probes.ssh_wire import Exchange, KexInit, mpint, string
from scanner.transport import Stream

_BLOCK = 16
_LARGEST_PACKET = 35000
"""RFC 4253 §6.1."""
_KEY_BYTES = {
    "aes128-gcm@openssh.com": 16, "aes256-gcm@openssh.com": 32, "aes128-ctr": 16, "aes192-ctr": 24, "aes256-ctr": 32,
    "chacha20-poly1305@openssh.com": 64, "aes128-cbc": 16, "aes192-cbc": 24, "aes256-cbc": 32,
}  # fmt: skip
"""Ciphers that are known here, best first, and the length of their keys."""
_HASHES = {"hmac-sha2-256": "sha256", "hmac-sha2-512": "sha512", "hmac-sha1": "sha1"}
_ETM = "-etm@openssh.com"
_MACS = (*(f"{name}{_ETM}" for name in _HASHES), *_HASHES)


@dataclass(frozen=True, slots=True)
class Suite:
    """The cipher and the MAC of both directions; with an AEAD cipher the MAC is agreed on and not used."""

    cipher: str
    mac: str


def choose(server: KexInit) -> Suite | None:
    """A suite that the server takes in both directions, without compression; None when none of it is known here."""
    if any("none" not in offered for offered in server.compression_each):
        return None
    cipher = next((name for name in _KEY_BYTES if all(name in each for each in server.ciphers_each)), None)
    mac = next((name for name in _MACS if all(name in each for each in server.macs_each)), None)
    if mac is None and cipher is not None and ("gcm" in cipher or "poly1305" in cipher):
        # Not negotiated with an AEAD cipher (as OpenSSH does it): any name will do.
        mac = _MACS[0]
    return Suite(cipher, mac) if cipher is not None and mac is not None else None


class Seal(Protocol):
    """One direction's packets after NEWKEYS; ``number`` is the packet's sequence number."""

    def close(self, number: int, payload: bytes) -> bytes:
        """The packet that holds ``payload``."""

    async def open(self, number: int, stream: Stream) -> bytes:
        """The payload of the next packet.

        :raises ProtocolError: it was changed on the way, or its lengths contradict one another.
        """


def _padded(payload: bytes, *, length_counts: bool) -> bytes:
    """Length, padding length, payload and padding (RFC 4253 §6)."""
    padding = _BLOCK - (len(payload) + (5 if length_counts else 1)) % _BLOCK
    padding += _BLOCK if padding < 4 else 0
    return struct.pack("!IB", 1 + len(payload) + padding, padding) + payload + secrets.token_bytes(padding)


def _length(head: bytes, least: int = _BLOCK - 4) -> int:
    (length,) = struct.unpack("!I", head[:4])
    if not least <= length <= _LARGEST_PACKET:
        raise ProtocolError(f"an encrypted SSH packet of {length} bytes", kind="protocol")
    return int(length)


def _payload(body: bytes) -> bytes:
    """Of a decrypted packet without its length."""
    if body[0] > len(body) - 2:
        raise ProtocolError("an SSH packet of padding alone", kind="protocol")
    return body[1 : len(body) - body[0]]


class _Gcm:
    """aes128-gcm@openssh.com, aes256-gcm@openssh.com: RFC 5647, with the length in clear."""

    def __init__(self, key: bytes, nonce: bytes) -> None:
        self._aead, self._fixed = AESGCM(key), nonce[:4]
        (self._counter,) = struct.unpack("!Q", nonce[4:12])

    def _nonce(self) -> bytes:
        nonce = self._fixed + struct.pack("!Q", self._counter)
        self._counter = (self._counter + 1) % (1 << 64)
        return nonce

    def close(self, number: int, payload: bytes) -> bytes:
        plain = _padded(payload, length_counts=False)
        return plain[:4] + self._aead.encrypt(self._nonce(), plain[4:], plain[:4])

    async def open(self, number: int, stream: Stream) -> bytes:
        head = await stream.read_exactly(4)
        sealed = await stream.read_exactly(_length(head) + 16)
        try:
            return _payload(self._aead.decrypt(self._nonce(), sealed, head))
        except InvalidTag as error:
            raise ProtocolError("an SSH packet does not verify", kind="protocol") from error


class _ChaCha:
    """chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): two keys, the second for the length alone."""

    def __init__(self, key: bytes) -> None:
        self._key, self._length_key = key[:32], key[32:]

    def _crypt(self, key: bytes, number: int, block: int, data: bytes) -> bytes:
        nonce = struct.pack("<Q", block) + struct.pack("!Q", number)
        return Cipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(data)

    def _tag_key(self, number: int) -> bytes:
        return self._crypt(self._key, number, 0, bytes(32))

    def close(self, number: int, payload: bytes) -> bytes:
        plain = _padded(payload, length_counts=False)
        sealed = self._crypt(self._length_key, number, 0, plain[:4]) + self._crypt(
            self._key, number, 1, plain[4:]
        )
        return sealed + Poly1305.generate_tag(self._tag_key(number), sealed)

    async def open(self, number: int, stream: Stream) -> bytes:
        head = await stream.read_exactly(4)
        body = await stream.read_exactly(_length(self._crypt(self._length_key, number, 0, head), least=8))
        tag = await stream.read_exactly(16)
        try:
            Poly1305.verify_tag(self._tag_key(number), head + body, tag)
        except InvalidSignature as error:
            raise ProtocolError("an SSH packet does not verify", kind="protocol") from error
        return _payload(self._crypt(self._key, number, 1, body))


class _Mac:
    """The MAC of one direction, over the sequence number and the packet."""

    def __init__(self, name: str, key: Callable[[int], bytes]) -> None:
        self.etm = name.endswith(_ETM)
        self._hash = _HASHES[name.removesuffix(_ETM)]
        self.size = hashlib.new(self._hash).digest_size
        self._key = key(self.size)

    def of(self, number: int, data: bytes) -> bytes:
        return hmac.digest(self._key, struct.pack("!I", number % (1 << 32)) + data, self._hash)

    def check(self, number: int, data: bytes, tag: bytes) -> None:
        if not hmac.compare_digest(self.of(number, data), tag):
            raise ProtocolError("an SSH packet does not verify", kind="protocol")


class _Classic:
    """AES in counter or chaining mode with a MAC, over the plain packet or over the encrypted one (etm)."""

    def __init__(self, context: CipherContext, mac: _Mac) -> None:
        self._context, self._mac = context, mac

    def close(self, number: int, payload: bytes) -> bytes:
        plain = _padded(payload, length_counts=not self._mac.etm)
        if self._mac.etm:
            sealed = plain[:4] + self._context.update(plain[4:])
            return sealed + self._mac.of(number, sealed)
        return self._context.update(plain) + self._mac.of(number, plain)

    async def open(self, number: int, stream: Stream) -> bytes:
        if self._mac.etm:
            head = await stream.read_exactly(4)
            body = await stream.read_exactly(self._whole(_length(head)))
            self._mac.check(number, head + body, await stream.read_exactly(self._mac.size))
            return _payload(self._context.update(body))
        start = self._context.update(await stream.read_exactly(_BLOCK))
        rest = self._whole(4 + _length(start)) - _BLOCK
        plain = start + self._context.update(await stream.read_exactly(rest) if rest else b"")
        self._mac.check(number, plain, await stream.read_exactly(self._mac.size))
        return _payload(plain[4:])

    def _whole(self, length: int) -> int:
        if length % _BLOCK:
            raise ProtocolError("an SSH packet that is no whole number of blocks", kind="protocol")
        return length


def seals(suite: Suite, exchange: Exchange, transcript: bytes) -> tuple[Seal, Seal]:
    """What the client and what the server seal their packets with (RFC 4253 §7.2).

    ``transcript`` holds both identification strings and both KEXINIT messages, each as a string.
    """
    secret = mpint(exchange.secret)
    name = exchange.hash_name
    digest = hashlib.new(name, transcript + exchange.transcript + secret).digest()

    def derived(letter: bytes) -> Callable[[int], bytes]:
        def key(size: int) -> bytes:
            made = hashlib.new(name, secret + digest + letter + digest).digest()
            while len(made) < size:
                made += hashlib.new(name, secret + digest + made).digest()
            return made[:size]

        return key

    def seal(letters: bytes, *, ours: bool) -> Seal:
        start, key, integrity = (derived(letters[at : at + 1]) for at in range(3))
        if "poly1305" in suite.cipher:
            return _ChaCha(key(_KEY_BYTES[suite.cipher]))
        if "gcm" in suite.cipher:
            return _Gcm(key(_KEY_BYTES[suite.cipher]), start(12))
        mode: modes.CTR | modes.CBC = (
            modes.CTR(start(16)) if suite.cipher.endswith("ctr") else modes.CBC(start(16))
        )
        cipher = Cipher(algorithms.AES(key(_KEY_BYTES[suite.cipher])), mode)
        return _Classic(cipher.encryptor() if ours else cipher.decryptor(), _Mac(suite.mac, integrity))

    return seal(b"ACE", ours=True), seal(b"BDF", ours=False)


def transcript(ours: bytes, theirs: bytes, our_kexinit: bytes, their_kexinit: bytes) -> bytes:
    """What both sides said before the key exchange, as its hash takes it (RFC 4253 §8)."""
    return b"".join(map(string, (ours, theirs, our_kexinit, their_kexinit)))
