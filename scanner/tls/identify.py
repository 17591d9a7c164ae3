"""Just enough TLS and TLCP to tell whether a port speaks them: one ClientHello out, the first record back."""

from __future__ import annotations

import secrets
import struct

from scanner.tls.hello import ClientHello, encode
from scanner.tls.numbers import TLCP
from scanner.tls.suites import suites_for

_SUITES = (
    0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014,
    0x009C, 0x009D, 0x002F, 0x0035, 0x000A, 0x0005, 0x00FF,
)  # fmt: skip
_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)
_SIGNATURES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201)

_ALERT, _HANDSHAKE, _SERVER_HELLO = 0x15, 0x16, 0x02


def _extension(number: int, body: bytes) -> bytes:
    return struct.pack("!HH", number, len(body)) + body


def _list16(values: tuple[int, ...]) -> bytes:
    packed = b"".join(struct.pack("!H", value) for value in values)
    return struct.pack("!H", len(packed)) + packed


def client_hello_for_identification() -> bytes:
    """A ClientHello that nearly every TLS server answers: TLS 1.0 to 1.3, common suites and groups (RFC 8446 §4.1.2).

    It names no server (RFC 6066): servers that insist on a name answer with an alert, which tells as much.
    """
    key_share = struct.pack("!HH", _GROUPS[0], 32) + secrets.token_bytes(32)
    extensions = b"".join(
        (
            _extension(0x000A, _list16(_GROUPS)),
            _extension(0x000B, b"\x01\x00"),
            _extension(0x000D, _list16(_SIGNATURES)),
            _extension(0x002B, b"\x08\x03\x04\x03\x03\x03\x02\x03\x01"),
            _extension(0x0033, struct.pack("!H", len(key_share)) + key_share),
        )
    )
    body = (
        b"\x03\x03"
        + secrets.token_bytes(32)
        + b"\x20"
        + secrets.token_bytes(32)
        + _list16(_SUITES)
        + b"\x01\x00"
    )
    body += struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


def tlcp_hello_for_identification() -> bytes:
    """A ClientHello of TLCP (GB/T 38636-2020) as the standard has it: every suite, and no extensions."""
    hello = ClientHello(version=TLCP, suites=suites_for(TLCP), bare=True, renegotiation_info=False)
    return encode(hello)


def looks_like_tls(data: bytes) -> bool:
    """Whether ``data``, the start of an answer to a hello, is a record of TLS or TLCP: a ServerHello or an alert.

    A server that has TLCP alone answers a hello of TLS too in its own version, 1.1, by an alert.
    """
    if len(data) < 6:
        return False
    if data[1:3] != b"\x01\x01" and (data[1] != 0x03 or data[2] > 0x04):
        return False
    length = int.from_bytes(data[3:5], "big")
    if data[0] == _ALERT:
        return length == 2 and data[5] in (1, 2)
    return data[0] == _HANDSHAKE and 4 <= length <= 0x4800 and data[5] == _SERVER_HELLO
