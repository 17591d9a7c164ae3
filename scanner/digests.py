"""SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016) of bytes that come piece by piece."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes

ALGORITHMS = ("sha256", "sm3")


class Digests:
    """Both digests, and the number of bytes."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sm3 = hashes.Hash(hashes.SM3())
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take in the next piece."""
        self._sha256.update(data)
        self._sm3.update(data)
        self.size += len(data)

    def hexdigests(self) -> dict[str, str]:
        """Algorithm -> digest in hexadecimal, of all that was taken in."""
        return {"sha256": self._sha256.hexdigest(), "sm3": self._sm3.copy().finalize().hex()}


def digests_of(file: BinaryIO) -> Digests:
    """The digests of the rest of a file."""
    made = Digests()
    while data := file.read(1 << 20):
        made.update(data)
    return made
