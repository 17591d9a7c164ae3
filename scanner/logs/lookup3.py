"""Bob Jenkins' lookup3 (https://burtleburtle.net/bob/c/lookup3.c, in the public domain), 64 bits, of many values at once.

systemd names each entry of its journal by the XOR of this hash over the entry's fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
_START = 0xDEADBEEF


def hashes(values: Sequence[bytes]) -> NDArray[np.uint64]:
    """The hash of each value: what systemd's ``jenkins_hash64()`` gives, ``hashlittle2()`` with both halves begun at 0."""
    found = np.zeros(len(values), dtype=np.uint64)
    by_length: dict[int, list[int]] = {}
    for place, value in enumerate(values):
        by_length.setdefault(len(value), []).append(place)
    for length, places in by_length.items():
        found[places] = _of_one_length(b"".join(values[place] for place in places), length, len(places))
    return found


def _of_one_length(joined: bytes, length: int, count: int) -> NDArray[np.uint64]:
    a, b, c = (np.full(count, (_START + length) & 0xFFFFFFFF, dtype=np.uint32) for _ in range(3))
    if length:
        # The last block has 1 to 12 bytes; what it lacks counts as zero.
        blocks = (length + 11) // 12
        padded = np.zeros((count, blocks * 12), dtype=np.uint8)
        padded[:, :length] = np.frombuffer(joined, dtype=np.uint8).reshape(count, length)
        words = padded.view("<u4")
        for block in range(blocks):
            a = a + words[:, block * 3]
            b = b + words[:, block * 3 + 1]
            c = c + words[:, block * 3 + 2]
            a, b, c = _mixed(a, b, c) if block < blocks - 1 else _ended(a, b, c)
    return c.astype(np.uint64) << np.uint64(32) | b.astype(np.uint64)


def _rotated(word: Words, by: int) -> Words:
    rotated: Words = word << np.uint32(by) | word >> np.uint32(32 - by)
    return rotated


def _mixed(a: Words, b: Words, c: Words) -> tuple[Words, Words, Words]:
    a = (a - c) ^ _rotated(c, 4)
    c = c + b
    b = (b - a) ^ _rotated(a, 6)
    a = a + c
    c = (c - b) ^ _rotated(b, 8)
    b = b + a
    a = (a - c) ^ _rotated(c, 16)
    c = c + b
    b = (b - a) ^ _rotated(a, 19)
    a = a + c
    c = (c - b) ^ _rotated(b, 4)
    b = b + a
    return a, b, c


def _ended(a: Words, b: Words, c: Words) -> tuple[Words, Words, Words]:
    c = (c ^ b) - _rotated(b, 14)
    a = (a ^ c) - _rotated(c, 11)
    b = (b ^ a) - _rotated(a, 25)
    c = (c ^ b) - _rotated(b, 16)
    a = (a ^ c) - _rotated(c, 4)
    b = (b ^ a) - _rotated(a, 14)
    c = (c ^ b) - _rotated(b, 24)
    return a, b, c
