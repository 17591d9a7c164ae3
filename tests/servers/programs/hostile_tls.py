"""TLS 1.2 written byte by byte, for certificates that no TLS library's server would send.

Each behaviour answers a hello with ServerHello, Certificate and ServerHelloDone (RFC 5246 §7.3), by RSA key exchange.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
from collections.abc import Awaitable, Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_SUITE = 0x009C
"""TLS_RSA_WITH_AES_128_GCM_SHA256: its flight needs no ServerKeyExchange."""
_TLS12 = b"\x03\x03"
_HANDSHAKE, _ALERT = 22, 21
_HANDSHAKE_FAILURE, _PROTOCOL_VERSION = 40, 70
SIZE = 5 << 20

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _certificate(*extensions: x509.ExtensionType) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile.test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=90))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _vector(data: bytes) -> bytes:
    return len(data).to_bytes(3, "big") + data


@functools.cache
def _long_chain() -> bytes:
    """As many certificates as make :data:`SIZE`."""
    one = _vector(_certificate())
    return one * (SIZE // len(one))


@functools.cache
def _large_certificate() -> bytes:
    """One certificate, whose extension of no known kind is :data:`SIZE` long."""
    kind = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1")
    return _vector(_certificate(x509.UnrecognizedExtension(kind, bytes(SIZE))))


@functools.cache
def _many_names() -> bytes:
    """One certificate for 5,000 names: as long as a message may be that is read."""
    names = [x509.DNSName(f"host-{number}.hostile.test") for number in range(5000)]
    return _vector(_certificate(x509.SubjectAlternativeName(names)))


def _records(kind: int, data: bytes) -> list[bytes]:
    pieces = [data[start : start + 16384] for start in range(0, len(data), 16384)]
    return [bytes((kind,)) + _TLS12 + len(piece).to_bytes(2, "big") + piece for piece in pieces]


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _vector(body)


def _chosen(hello: bytes) -> int:
    """What a ClientHello (RFC 5246 §7.4.1.2) is answered with: the suite, or an alert's number below 256."""
    if hello[4:6] < _TLS12:
        return _PROTOCOL_VERSION
    start = 39 + hello[38]
    count = int.from_bytes(hello[start : start + 2], "big")
    suites = hello[start + 2 : start + 2 + count]
    offered = {int.from_bytes(suites[place : place + 2], "big") for place in range(0, count, 2)}
    return _SUITE if _SUITE in offered else _HANDSHAKE_FAILURE


def _tls(certificates: Callable[[], bytes]) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(5)
        if head[0] != _HANDSHAKE:
            return
        chosen = _chosen(await reader.readexactly(int.from_bytes(head[3:5], "big")))
        if chosen != _SUITE:
            writer.write(_records(_ALERT, bytes((2, chosen)))[0])
            await writer.drain()
            return
        flight = (
            _message(2, _TLS12 + bytes(32) + b"\0" + _SUITE.to_bytes(2, "big") + b"\0")
            + _message(11, _vector(certificates()))
            + _message(14, b"")
        )
        for record in _records(_HANDSHAKE, flight):
            writer.write(record)
            await writer.drain()
        while await reader.read(65536):
            pass

    return behave


async def _certificate_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A Certificate message that says that it is short, and comes one byte a second, each in a record of its own."""
    await _tls_head(reader, writer)
    while True:
        writer.write(_records(_HANDSHAKE, b"\0")[0])
        await writer.drain()
        await asyncio.sleep(1)


async def _tls_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    hello = _message(2, _TLS12 + bytes(32) + b"\0" + _SUITE.to_bytes(2, "big") + b"\0")
    writer.write(_records(_HANDSHAKE, hello + bytes((11, 0, 255, 255)))[0])
    await writer.drain()


def prepare() -> None:
    """Make the certificates, so that no client waits for them."""
    for made in (_long_chain, _large_certificate, _many_names):
        made()


BEHAVIOURS: dict[int, Behaviour] = {
    443: _tls(_long_chain),
    8443: _tls(_large_certificate),
    9443: _tls(_many_names),
    4443: _certificate_without_end,
}
