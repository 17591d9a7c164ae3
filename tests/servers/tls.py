"""TLS servers for tests: certificates made to order, real servers, and a scripted one for what OpenSSL 3 cannot serve."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.servers.process import program, running

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A fresh RSA key."""
    return rsa.generate_private_key(65537, bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """A fresh EC key, on P-256 unless told."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def write(self, folder: Path, name: str, *chain: Issued) -> tuple[Path, Path]:
        """PEM files of the certificate with its chain, and of the key."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.pem + b"".join(link.pem for link in chain))
        key.write_bytes(self.key_pem)
        return certificate, key


def issue(
    subject: str,
    *,
    issuer: Issued | None = None,
    key: PrivateKey | None = None,
    san: Sequence[str] = (),
    ca: bool = False,
    not_before: datetime | None = None,
    days: int = 90,
    sha1: bool = False,
    must_staple: bool = False,
    aia: bool = False,
    responder: str = "",
    crl: str = "",
    purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
) -> Issued:
    """A certificate; self-signed without ``issuer``. ``san`` entries that are addresses become iPAddress."""
    own = key or ec_key()
    begin = not_before or datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer.certificate.subject if issuer else _name(subject))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if san:
        names: list[x509.GeneralName] = []
        for entry in san:
            try:
                names.append(x509.IPAddress(ip_address(entry)))
            except ValueError:
                names.append(x509.DNSName(entry))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if must_staple:
        builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    access = [
        x509.AccessDescription(kind, x509.UniformResourceIdentifier(url))
        for kind, url in (
            (AuthorityInformationAccessOID.CA_ISSUERS, "http://ca.invalid/ca.crt" if aia else ""),
            (AuthorityInformationAccessOID.OCSP, responder),
        )
        if url
    ]
    if access:
        builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
    if crl:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)
    if not ca and purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    signer = issuer.key if issuer else own
    made = builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return Issued(_with_sha1(made, signer) if sha1 else made, own)


def _with_sha1(certificate: x509.Certificate, signer: PrivateKey) -> x509.Certificate:
    """The certificate signed anew with RSA and SHA-1 (RFC 8017 §8.2.2), which cryptography no longer does."""
    assert isinstance(signer, rsa.RSAPrivateKey)
    sha256, weak = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    tbs = certificate.tbs_certificate_bytes.replace(sha256, weak)
    prefix = bytes.fromhex("3021300906052b0e03021a05000414")
    digest = prefix + hashlib.sha1(tbs).digest()
    size = signer.key_size // 8
    padded = b"\x00\x01" + b"\xff" * (size - 3 - len(digest)) + b"\x00" + digest
    numbers = signer.private_numbers()
    signature = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")
    whole = certificate.public_bytes(serialization.Encoding.DER)
    whole = whole.replace(certificate.tbs_certificate_bytes, tbs).replace(certificate.signature, signature)
    return x509.load_der_x509_certificate(whole.replace(sha256, weak))


def ocsp_answer(leaf: Issued, issuer: Issued, status: ocsp.OCSPCertStatus, *, days: int = 7) -> bytes:
    """A signed OCSP response about ``leaf`` in DER; out of date when ``days`` is negative."""
    now = datetime.now(UTC)
    begin = now - timedelta(days=1) if days > 0 else now + timedelta(days=days * 2)
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf.certificate,
        issuer=issuer.certificate,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=begin,
        next_update=now + timedelta(days=days),
        revocation_time=now - timedelta(days=2) if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# --------------------------------------------------------------------------- real servers


@contextlib.contextmanager
def nginx(folder: Path, address: str, port: int, settings: str) -> Iterator[None]:
    """nginx with one TLS server block holding ``settings``."""
    configuration = folder / "nginx.conf"
    folders = "\n".join(
        f"  {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        "events { worker_connections 128; }\n"
        f"http {{\n  access_log off;\n{folders}\n"
        f"  server {{\n    listen {address}:{port} ssl http2;\n{settings}\n"
        '    location / { return 200 "ok\\n"; }\n  }\n}\n'
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(configuration)]
    with running(command, address=address, port=port, log=folder / "nginx.log"):
        yield


@contextlib.contextmanager
def s_server(folder: Path, address: str, port: int, *options: str) -> Iterator[None]:
    """``openssl s_server`` with ``options``."""
    command = [program("openssl"), "s_server", "-accept", f"{address}:{port}", "-quiet", *options]
    with running(command, address=address, port=port, log=folder / "s_server.log"):
        yield


def free_port(address: str) -> int:
    """A port that nothing listens on, for servers that must be told one."""
    with socket.socket() as sock:
        sock.bind((address, 0))
        number: int = sock.getsockname()[1]
        return number


# --------------------------------------------------------------------------- the scripted server


@dataclass(frozen=True)
class Asked:
    """A ClientHello as the scripted server read it."""

    ssl2: bool
    version: int
    suites: tuple[int, ...] = ()
    compression: tuple[int, ...] = ()
    extensions: dict[int, bytes] = field(default_factory=dict)
    length: int = 0
    """Bytes of the handshake message."""
    records: int = 1
    """Records that it came in."""

    @property
    def versions(self) -> tuple[int, ...]:
        """supported_versions, or all up to ``version``."""
        listed = self.extensions.get(43, b"")[1:]
        if listed:
            return struct.unpack(f"!{len(listed) // 2}H", listed)
        return tuple(number for number in (0x0303, 0x0302, 0x0301, 0x0300) if number <= self.version)

    @property
    def groups(self) -> tuple[int, ...]:
        listed = self.extensions.get(10, b"")[2:]
        return struct.unpack(f"!{len(listed) // 2}H", listed)


def _exactly(sock: socket.socket, number: int) -> bytes:
    data = b""
    while len(data) < number:
        more = sock.recv(number - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def read_hello(sock: socket.socket) -> Asked:
    """Read one ClientHello of SSL 2.0 or of TLS."""
    head = _exactly(sock, 2)
    if head[0] & 0x80:
        body = _exactly(sock, struct.unpack("!H", head)[0] & 0x7FFF)
        size = struct.unpack("!H", body[3:5])[0]
        kinds = body[9 : 9 + size]
        return Asked(
            ssl2=True,
            version=struct.unpack("!H", body[1:3])[0],
            suites=tuple(int.from_bytes(kinds[place : place + 3], "big") for place in range(0, size, 3)),
        )
    whole = _exactly(sock, struct.unpack("!H", _exactly(sock, 3)[1:])[0])
    records = 1
    while len(whole) < 4 + int.from_bytes(whole[1:4], "big"):
        whole += _exactly(sock, struct.unpack("!H", _exactly(sock, 5)[3:])[0])
        records += 1
    body = whole[4:]
    version = struct.unpack("!H", body[:2])[0]
    place = 34 + 1 + body[34]
    size = struct.unpack("!H", body[place : place + 2])[0]
    suites = struct.unpack(f"!{size // 2}H", body[place + 2 : place + 2 + size])
    place += 2 + size
    compression = tuple(body[place + 1 : place + 1 + body[place]])
    place += 1 + body[place]
    extensions: dict[int, bytes] = {}
    rest = body[place + 2 :]
    while rest:
        kind, size = struct.unpack("!HH", rest[:4])
        extensions[kind], rest = rest[4 : 4 + size], rest[4 + size :]
    return Asked(
        ssl2=False,
        version=version,
        suites=suites,
        compression=compression,
        extensions=extensions,
        length=len(whole),
        records=records,
    )


def record(content_type: int, version: int, data: bytes) -> bytes:
    """One record."""
    return struct.pack("!BHH", content_type, version, len(data)) + data


def alert(number: int, level: int = 2, version: int = 0x0301) -> bytes:
    """One alert record."""
    return record(21, version, bytes((level, number)))


def message(kind: int, body: bytes) -> bytes:
    """One handshake message."""
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def _is_ecdhe(suite: int) -> bool:
    return suite >> 8 in (0xC0, 0xCC)


@dataclass
class Old:
    """A server of the old days, as a script: what it accepts, and its habits.

    It answers a hello with ServerHello, Certificate, ServerKeyExchange and ServerHelloDone, and goes no further.
    """

    suites: dict[int, Sequence[int]]
    """Version -> suites in its own order."""
    chain: Sequence[bytes] = ()
    client_order: bool = False
    late: Sequence[int] = ()
    """Suites that are put last even where the client's order counts, as JSSE does with legacy ones."""
    deflate: bool = False
    renegotiation: bool = True
    fallback: bool = False
    """Knows TLS_FALLBACK_SCSV."""
    group: int = 23
    prime: int = 0
    refusal: bytes = alert(40)
    """What it sends when it refuses; empty to close without a word."""
    version_refusal: bytes | None = None
    split: int = 0
    """Bytes of handshake in one record; 0 keeps messages whole."""
    ssl2_kinds: Sequence[int] = ()
    most_hello: int = 0
    """Silent to hellos with more suites than this; 0 for no limit."""
    asks_certificate: bool = False
    heartbeat: bool = False
    hangs_up_on_fallback: bool = False
    """Closes where RFC 7507 wants the alert inappropriate_fallback."""
    warning: int = 0

    def __call__(self, sock: socket.socket) -> None:
        self.answer(sock, read_hello(sock))

    def answer(self, sock: socket.socket, asked: Asked) -> None:
        """Answer a hello that was read."""
        if asked.ssl2:
            if self.ssl2_kinds:
                sock.sendall(self._ssl2(asked))
            elif self.refusal:
                sock.sendall(self.refusal)
            return
        if self.most_hello and len(asked.suites) > self.most_hello:
            with contextlib.suppress(OSError):
                sock.recv(1)
            return
        best = max((version for version in self.suites if version in asked.versions), default=0)
        if not best:
            sock.sendall(self.refusal if self.version_refusal is None else self.version_refusal)
            return
        if self.fallback and 0x5600 in asked.suites and best < max(self.suites):
            if not self.hangs_up_on_fallback:
                sock.sendall(alert(86))
            return
        own = [
            suite
            for suite in self.suites[best]
            if not _is_ecdhe(suite) or self.group in (asked.groups or (self.group,))
        ]
        order = [suite for suite in asked.suites if suite in own] if self.client_order else list(own)
        order.sort(key=lambda suite: suite in self.late)
        suite = next((suite for suite in order if suite in asked.suites), None)
        if suite is None:
            sock.sendall(self.refusal)
            return
        flight = b"".join(self._flight(asked, best, suite))
        size = self.split or 16000
        pieces = [flight[place : place + size] for place in range(0, len(flight), size)]
        warning = alert(self.warning, 1, best) if self.warning else b""
        sock.sendall(warning + b"".join(record(22, best, piece) for piece in pieces))
        with contextlib.suppress(OSError):
            sock.recv(1)

    def _ssl2(self, asked: Asked) -> bytes:
        kinds = b"".join(kind.to_bytes(3, "big") for kind in self.ssl2_kinds if kind in asked.suites)
        leaf = self.chain[0] if self.chain else b""
        body = struct.pack("!BBBHHHH", 4, 0, 1, 2, len(leaf), len(kinds), 16) + leaf + kinds + bytes(16)
        return struct.pack("!H", 0x8000 | len(body)) + body

    def _flight(self, asked: Asked, version: int, suite: int) -> Iterator[bytes]:
        extensions = b""
        if self.renegotiation and (0xFF01 in asked.extensions or 0x00FF in asked.suites):
            extensions += struct.pack("!HHB", 0xFF01, 1, 0)
        if self.heartbeat and 15 in asked.extensions:
            extensions += struct.pack("!HHB", 15, 1, 1)
        compression = 1 if self.deflate and 1 in asked.compression else 0
        body = (
            struct.pack("!H", version) + bytes(range(32)) + b"\x00" + struct.pack("!HB", suite, compression)
        )
        if extensions:
            body += struct.pack("!H", len(extensions)) + extensions
        yield message(2, body)
        chain = b"".join(len(der).to_bytes(3, "big") + der for der in self.chain)
        yield message(11, len(chain).to_bytes(3, "big") + chain)
        if _is_ecdhe(suite):
            yield message(12, struct.pack("!BHB", 3, self.group, 65) + bytes(65) + bytes(8))
        elif self.prime:
            prime = self.prime.to_bytes((self.prime.bit_length() + 7) // 8, "big")
            public = struct.pack("!H", len(prime)) + prime
            yield message(12, public + struct.pack("!HB", 1, 2) + public + bytes(8))
        if self.asks_certificate:
            yield message(13, bytes.fromhex("0101000204010000"))
        yield message(14, b"")


def fails(manner: str, sock: socket.socket) -> None:
    """End a conversation: ``closed``, ``reset`` or ``timeout`` (silence until the other side goes away), or by the alert
    of ``alert:NUMBER``; ``alert:NUMBER:open`` leaves the connection open after it."""
    match manner.split(":"):
        case ["alert", number, *rest]:
            sock.sendall(alert(int(number)))
            if not rest:
                return
        case ["reset"]:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        case ["closed"]:
            return
        case _:
            assert manner == "timeout"
    with contextlib.suppress(OSError):
        sock.recv(1)


@dataclass
class Intolerant:
    """A server that fails in its own manner on hellos that it cannot bear."""

    server: Old
    breaks_on: Callable[[Asked], bool]
    manner: str

    def __call__(self, sock: socket.socket) -> None:
        asked = read_hello(sock)
        if not asked.ssl2 and self.breaks_on(asked):
            fails(self.manner, sock)
        else:
            self.server.answer(sock, asked)


def drip(data: bytes, seconds: float = 0.5) -> Callable[[socket.socket], None]:
    """A server that sends ``data`` one byte at a time."""

    def serve(sock: socket.socket) -> None:
        read_hello(sock)
        for byte in data:
            sock.sendall(bytes((byte,)))
            time.sleep(seconds)

    return serve


def says(data: bytes, *, hold: bool = False) -> Callable[[socket.socket], None]:
    """A server that answers every hello with ``data``, and then closes or waits."""

    def serve(sock: socket.socket) -> None:
        read_hello(sock)
        sock.sendall(data)
        if hold:
            with contextlib.suppress(OSError):
                sock.recv(1)

    return serve


def endless(piece: bytes) -> Callable[[socket.socket], None]:
    """A server that answers with ``piece`` again and again."""

    def serve(sock: socket.socket) -> None:
        read_hello(sock)
        while True:
            sock.sendall(piece)

    return serve


@contextlib.contextmanager
def scripted(address: str, script: Callable[[socket.socket], None], port: int = 0) -> Iterator[Script]:
    """Serve ``script``, one thread a connection, on a free port of ``address`` unless told which."""
    listener = socket.create_server((address, port), backlog=64)
    server = Script(listener.getsockname()[1])

    def one(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError, struct.error, IndexError):
            sock.settimeout(20)
            script(sock)

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=one, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@dataclass
class Script:
    """A running scripted server."""

    port: int
    connections: int = 0
