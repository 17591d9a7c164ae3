"""Primes of Diffie-Hellman groups that many servers share.

Groups of RFC 2409, RFC 3526 and RFC 7919 are computed from the formulas of those RFCs; primes built into products are
known by the SHA-256 of their big-endian bytes (``known_primes.json``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_PATH = Path(__file__).with_name("known_primes.json")
_MODP = {
    768: ("RFC 2409 group 1", 149686), 1024: ("RFC 2409 group 2", 129093), 1536: ("RFC 3526 group 5", 741804),
    2048: ("RFC 3526 group 14", 124476), 3072: ("RFC 3526 group 15", 1690314),
    4096: ("RFC 3526 group 16", 240904), 6144: ("RFC 3526 group 17", 929484), 8192: ("RFC 3526 group 18", 4743158),
}  # fmt: skip
_FFDHE = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}
_GUARD = 64
"""Extra bits carried so that rounding does not reach the digits used."""


@cache
def _pi(bits: int) -> int:
    """floor(pi * 2**bits), by Machin's formula."""

    def arctan(inverse: int, one: int) -> int:
        term = total = one // inverse
        square, divisor, sign = inverse * inverse, 1, 1
        while term:
            term //= square
            divisor += 2
            sign = -sign
            total += sign * (term // divisor)
        return total

    one = 1 << (bits + _GUARD)
    return (4 * (4 * arctan(5, one) - arctan(239, one))) >> _GUARD


@cache
def _e(bits: int) -> int:
    """floor(e * 2**bits), by its series."""
    term = one = 1 << (bits + _GUARD)
    total, divisor = one, 0
    while term:
        divisor += 1
        term //= divisor
        total += term
    return total >> _GUARD


@cache
def modp(size: int) -> int:
    """The prime of RFC 2409 / RFC 3526 with ``size`` bits: 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + k)."""
    return (1 << size) - (1 << (size - 64)) - 1 + ((_pi(size - 130) + _MODP[size][1]) << 64)


@cache
def ffdhe(size: int) -> int:
    """The prime of RFC 7919 Appendix A with ``size`` bits: 2^b - 2^(b-64) + ([2^(b-130) e] + X) * 2^64 - 1."""
    return (1 << size) - (1 << (size - 64)) + ((_e(size - 130) + _FFDHE[size]) << 64) - 1


def _fingerprint(prime: int) -> str:
    return hashlib.sha256(prime.to_bytes((prime.bit_length() + 7) // 8, "big")).hexdigest()


@cache
def _known() -> Mapping[str, str]:
    table: dict[str, str] = json.loads(_PATH.read_text(encoding="ascii"))
    table |= {_fingerprint(modp(size)): name for size, (name, _) in _MODP.items()}
    table |= {_fingerprint(ffdhe(size)): f"RFC 7919 ffdhe{size}" for size in _FFDHE}
    return table


def known_prime(prime: int) -> str | None:
    """Where a prime is known from, such as ``RFC 3526 group 14``; None for one of the server's own."""
    return _known().get(_fingerprint(prime))
