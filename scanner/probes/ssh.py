"""SSH: identification string, offered algorithms, and the host keys (RFC 4253). Nobody logs in.

One connection for each kind of host key, three at most. Each goes as far as the server's key exchange reply, which
holds the host key, and then disconnects. Our identification string ``SSH-2.0-zijian_<version>`` is what the server
writes into its log.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TargetError, Throttled
from scanner.facts import ProbeError, ServiceFacts, SshFacts, SshHostKeyFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.probes.ssh_wire import (
    KEXINIT,
    METHODS,
    KexInit,
    Reader,
    disconnect,
    kexinit,
    packet,
    read_host_key,
    read_message,
)
from scanner.text import printable
from scanner.transport import Limits, Stream
from scanner.version import VERSION

_LIMITS = Limits(connect=6, silence=10, life=30, received=256 * 1024)
_LINES = 50
_BANNER = re.compile(r"SSH-(?P<protocol>\d{1,2}\.\d{1,2})-(?P<software>[^ ]*)")

_KEY_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rsa", ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")),
    ("dss", ("ssh-dss",)),
    ("ecdsa", ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")),
    ("ed25519", ("ssh-ed25519",)),
)
"""Kinds of host keys and the algorithms that show them; those whose size can be wrong come first."""

_CURVE_BITS = {"nistp256": 256, "nistp384": 384, "nistp521": 521}


async def _identification(stream: Stream) -> str:
    """The server's identification string; lines before it are allowed (RFC 4253 §4.2).

    :raises ProtocolError: none came. :raises Throttled: the server says that it has too many connections.
    """
    seen = b""
    for _ in range(_LINES):
        try:
            line = await stream.read_line(8192)
        except PeerClosed as error:
            if re.search(rb"exceeded|too many|MaxStartups|not allowed at this time", seen, re.IGNORECASE):
                raise Throttled(f"SSH turned us away: {printable(seen, 120)}", kind="throttled") from error
            raise
        if line.startswith(b"SSH-"):
            return printable(line, 255)
        seen = line
        if re.match(rb"Exceeded MaxStartups", line, re.IGNORECASE):
            raise Throttled(f"SSH turned us away: {printable(line, 120)}", kind="throttled")
    raise ProtocolError("no SSH identification string", kind="protocol")


@dataclass(slots=True)
class _Inquiry:
    session: Session
    service: ServiceFacts
    most: int
    banner: str = ""
    protocol: str = ""
    software: str = ""
    offered: KexInit | None = None
    wanted: deque[str] = field(default_factory=deque)
    keys: list[SshHostKeyFacts] = field(default_factory=list)
    errors: list[ProbeError] = field(default_factory=list)

    async def run(self) -> None:
        for _ in range(self.most):
            try:
                await self._connection()
            except TargetError as error:
                if not self.banner:
                    raise
                step = "kexinit" if self.offered is None else "host_key"
                self.errors.append(probe_error(step, error))
                if isinstance(error, Throttled):
                    return
            # What went wrong for one kind of key need not for the next; without a KEXINIT there is no next.
            if not self.wanted:
                return

    async def _connection(self) -> None:
        """One connection, for the first kind of host key that is still wanted."""
        async with opened(self.session, self.service, "ssh: key exchange", limits=_LIMITS) as stream:
            banner = await _identification(stream)
            found = _BANNER.match(banner)
            if found is None:
                raise ProtocolError(f"no SSH identification: {banner}", kind="protocol")
            self.banner = banner
            self.protocol, self.software = found["protocol"], found["software"]
            if self.protocol != "1.99" and not self.protocol.startswith("2."):
                return
            await stream.write(f"SSH-2.0-zijian_{VERSION}\r\n".encode("ascii"))
            offered = KexInit.read(await read_message(stream, KEXINIT))
            if self.offered is None:
                self.offered = offered
                self.wanted.extend(_to_try(offered.host_key_algorithms))
            method = next((method for method in METHODS if method in offered.kex), None)
            if method is None or not self.wanted:
                what = "key exchange method" if method is None else "host key algorithm"
                message = f"none of the server's choices of {what} is known here"
                self.errors.append(ProbeError(step="host_key", kind="protocol", message=message))
                self.wanted.clear()
            else:
                await stream.write(packet(kexinit(method, self.wanted.popleft(), offered)))
                self.keys.append(_host_key(await read_host_key(stream, method)))
            await _leave(stream)


async def _leave(stream: Stream) -> None:
    try:
        await stream.write(disconnect())
    except (PeerClosed, PeerTimeout):
        pass


def _to_try(offered: Iterable[str]) -> Iterable[str]:
    """One algorithm for each kind of key that the server has."""
    names = set(offered)
    for _, algorithms in _KEY_KINDS:
        if found := next((name for name in algorithms if name in names), None):
            yield found


def _host_key(blob: bytes) -> SshHostKeyFacts:
    """Kind, size and fingerprint of a host key blob (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4).

    :raises ProtocolError: it is malformed.
    """
    reader = Reader(blob)
    kind = printable(reader.string(), 80)
    bits: int | None = None
    if kind == "ssh-rsa":
        reader.mpint()
        bits = reader.mpint().bit_length()
    elif kind == "ssh-dss":
        bits = reader.mpint().bit_length()
    elif kind.startswith("ecdsa-sha2-"):
        bits = _CURVE_BITS.get(kind.removeprefix("ecdsa-sha2-"))
    elif kind == "ssh-ed25519":
        bits = 256
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return SshHostKeyFacts(type=kind, bits=bits, sha256=digest)


@dataclass(frozen=True, slots=True)
class SshProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "ssh"
    per_name: bool = False
    max_connections: int = 3

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as SSH."""
        return service.protocol == "ssh" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SshFacts:
        """Read the identification, the algorithms and the host keys.

        :raises TargetError: no identification string was seen.
        """
        inquiry = _Inquiry(session, service, self.max_connections)
        await inquiry.run()
        offered = inquiry.offered or KexInit((), (), (), (), ())
        return SshFacts(
            banner=inquiry.banner,
            protocol=inquiry.protocol,
            software=inquiry.software,
            kex=offered.kex,
            host_key_algorithms=offered.host_key_algorithms,
            ciphers=offered.ciphers,
            macs=offered.macs,
            compression=offered.compression,
            host_keys=tuple(inquiry.keys),
            errors=tuple(inquiry.errors),
        )


PROBE = SshProbe()
