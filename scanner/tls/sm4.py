"""SM4 in the two authenticated modes of RFC 8998, in the shape of ``cryptography``'s AEAD classes.

``cryptography`` has SM4-GCM among its general ciphers and no SM4-CCM; CCM (RFC 3610, NIST SP 800-38C) is put together from
its CBC and CTR. Fixed, as TLS 1.3 has it: nonces of 12 bytes, tags of 16.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, GCM

_TAG = 16
_BLOCK = 16
_LENGTH_BYTES = 3
"""CCM's L: what a nonce of 12 bytes leaves for the length and the counter."""


class Sm4Gcm:
    """SM4-GCM (RFC 8998 §2)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        context = Cipher(self._cipher, GCM(nonce)).encryptor()
        context.authenticate_additional_data(associated_data or b"")
        return context.update(data) + context.finalize() + context.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """:raises InvalidTag: it does not authenticate."""
        if len(data) < _TAG:
            raise InvalidTag
        context = Cipher(self._cipher, GCM(nonce, data[-_TAG:])).decryptor()
        context.authenticate_additional_data(associated_data or b"")
        try:
            return context.update(data[:-_TAG]) + context.finalize()
        except ValueError as error:
            # The library's word for a wrong tag when its queue holds an error of something that went before.
            raise InvalidTag from error


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _BLOCK)


class Sm4Ccm:
    """SM4-CCM (RFC 8998 §2)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = SM4(key)

    def _tag(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        # RFC 3610 §2.2: flags say whether there is associated data, the tag's size, and L.
        flags = (0x40 if associated_data else 0) | (_TAG - 2) // 2 << 3 | (_LENGTH_BYTES - 1)
        blocks = bytes((flags,)) + nonce + len(data).to_bytes(_LENGTH_BYTES, "big")
        if associated_data:
            blocks += _padded(len(associated_data).to_bytes(2, "big") + associated_data)
        context = Cipher(self._cipher, CBC(bytes(_BLOCK))).encryptor()
        return (context.update(blocks + _padded(data)) + context.finalize())[-_BLOCK:]

    def _keystream(self, nonce: bytes, data: bytes) -> bytes:
        """The tag and then the data, each under its counter (RFC 3610 §2.3)."""
        start = bytes((_LENGTH_BYTES - 1,)) + nonce + bytes(_LENGTH_BYTES)
        context = Cipher(self._cipher, CTR(start)).encryptor()
        return context.update(data) + context.finalize()

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        sealed = self._keystream(nonce, self._tag(nonce, data, associated_data or b"") + data)
        return sealed[_TAG:] + sealed[:_TAG]

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """:raises InvalidTag: it does not authenticate."""
        if len(data) < _TAG:
            raise InvalidTag
        opened = self._keystream(nonce, data[-_TAG:] + data[:-_TAG])
        tag, content = opened[:_TAG], opened[_TAG:]
        if not hmac.compare_digest(tag, self._tag(nonce, content, associated_data or b"")):
            raise InvalidTag
        return content
