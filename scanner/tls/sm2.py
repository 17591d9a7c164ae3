"""SM2 on the curve of GB/T 32918.5-2017: checking a signature, and agreeing on a secret with a throw-away key.

``cryptography`` has SM3 and SM4 but no SM2, and the packages that have it in Python are not kept well or wrap a library of
their own, so the few lines of arithmetic are here. What goes in is public (certificates and their signatures), but for
the private key of a probe's own connection, which is thrown away with the connection and protects nothing: that these
integers are not computed in constant time does no harm.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
_N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
_G = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)

DEFAULT_ID = b"1234567812345678"
"""The signer's distinguishing identifier where none was agreed on (GM/T 0009-2012 §10), as in certificates."""

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


def _sm3(*parts: bytes) -> bytes:
    context = hashes.Hash(hashes.SM3())
    for part in parts:
        context.update(part)
    return context.finalize()


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "big")


def read_point(data: bytes) -> Point:
    """A point of the curve in uncompressed form (GB/T 32918.1 §4.2.8).

    :raises ValueError: another form, or not on the curve.
    """
    if len(data) != 65 or data[0] != 4:
        raise ValueError("not an uncompressed point of curveSM2")
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if x >= _P or y >= _P or (y * y - (x * x * x + _A * x + _B)) % _P:
        raise ValueError("not a point of curveSM2")
    return x, y


def _write_point(point: Point) -> bytes:
    return b"\x04" + _bytes(point[0]) + _bytes(point[1])


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not z or not y:
        return _INFINITY
    square = y * y % _P
    s = 4 * x * square % _P
    # a = -3: 3x² + a·z⁴ = 3(x - z²)(x + z²).
    zz = z * z % _P
    m = 3 * (x - zz) * (x + zz) % _P
    new_x = (m * m - 2 * s) % _P
    return new_x, (m * (s - new_x) - 8 * square * square) % _P, 2 * y * z % _P


def _add(one: _Jacobian, other: _Jacobian) -> _Jacobian:
    if not one[2]:
        return other
    if not other[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, other
    zz1, zz2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2 = x1 * zz2 % _P, x2 * zz1 % _P
    s1, s2 = y1 * z2 * zz2 % _P, y2 * z1 * zz1 % _P
    h, r = (u2 - u1) % _P, (s2 - s1) % _P
    if not h:
        return _INFINITY if r else _double(one)
    hh = h * h % _P
    hhh, v = h * hh % _P, u1 * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - s1 * hhh) % _P, h * z1 * z2 % _P


def _sum_of_products(pairs: list[tuple[int, Point]]) -> Point | None:
    """The sum of ``number * point``, all in one pass over the bits; None for the point at infinity."""
    total = _INFINITY
    for bit in range(255, -1, -1):
        total = _double(total)
        for number, (x, y) in pairs:
            if number >> bit & 1:
                total = _add(total, (x, y, 1))
    x, y, z = total
    if not z:
        return None
    inverse = pow(z, -1, _P)
    square = inverse * inverse % _P
    return x * square % _P, y * square * inverse % _P


def verify(key: bytes, signature: bytes, message: bytes, identity: bytes = DEFAULT_ID) -> bool:
    """Whether ``signature`` (in DER, GM/T 0009 §7.3) of ``message`` was made with SM3 by the owner of ``key``.

    GB/T 32918.2-2016 §5.5 and §7.1.

    :raises ValueError: the key is no point of the curve, or the signature no pair of integers.
    """
    public = read_point(key)
    r, s = decode_dss_signature(signature)
    if not (0 < r < _N and 0 < s < _N):
        return False
    t = (r + s) % _N
    if not t:
        return False
    curve = b"".join(_bytes(number) for number in (_A, _B, *_G, *public))
    z = _sm3((len(identity) * 8).to_bytes(2, "big"), identity, curve)
    point = _sum_of_products([(s, _G), (t, public)])
    e = int.from_bytes(_sm3(z, message), "big")
    return point is not None and (e + point[0]) % _N == r


@dataclass(frozen=True, slots=True)
class ThrowAwayKey:
    """A key pair for one key exchange of a probe. See above for why it must not be used for anything else."""

    _secret: int = field(default_factory=lambda: 1 + secrets.randbelow(_N - 1), repr=False)

    @property
    def public(self) -> bytes:
        """Our public key, uncompressed, as in a KeyShareEntry for curveSM2 (RFC 8998 §3.2.2)."""
        point = _sum_of_products([(self._secret, _G)])
        assert point is not None  # The secret is neither zero nor a multiple of the curve's order.
        return _write_point(point)

    def exchange(self, peer: bytes) -> bytes:
        """The shared secret: the common point's x coordinate (RFC 8446 §7.4.2).

        :raises ValueError: the peer's key is no point of the curve.
        """
        point = _sum_of_products([(self._secret, read_point(peer))])
        if point is None:
            raise ValueError("the exchange ends in the point at infinity")
        return _bytes(point[0])
