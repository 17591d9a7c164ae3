"""SSH: identification string, offered algorithms, the host keys (RFC 4253), and how one may log in. Nobody logs in.

One connection for each kind of host key, three at most. Each goes as far as the server's key exchange reply, which
holds the host key, and then disconnects. The last one finishes the key exchange and asks with the method ``none`` for
the user ``zijian-check``: the server answers with the methods that it takes (RFC 4252 §5.2). No password and no key is
offered; a server that lets that user in is left at once. One connection more asks for the smallest group of the
Diffie-Hellman group exchange (RFC 4419), where that is offered. A second look asks these two questions again only where
the first answer is to be confirmed: OpenSSH turns away an address for a while that leaves without logging in too often
(PerSourcePenalties, sshd_config(5)). Our identification string
``SSH-2.0-zijian_<version> <mark>`` and the user's name are what the server writes into its log.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TargetError, Throttled
from scanner.facts import ProbeError, ServiceFacts, SshFacts, SshHostKeyFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.probes.ssh_sealed import Suite, choose, seals, transcript
from scanner.probes.ssh_wire import (
    GEX,
    KEXINIT,
    METHODS,
    Exchange,
    KexInit,
    Reader,
    Wire,
    disconnect,
    exchange_keys,
    group_of,
    kexinit,
    string,
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

_NEWKEYS, _SERVICE_REQUEST, _SERVICE_ACCEPT = 21, 5, 6
_AUTH_REQUEST, _AUTH_FAILURE, _AUTH_SUCCESS, _AUTH_BANNER = 50, 51, 52, 53
USER = b"zijian-check"
"""A name that nobody has, and that says in the server's log who asked."""
_KEY_CONNECTIONS = 3
_LARGE = 2048
"""Bits that a client of today asks for at least (RFC 8270): a group that is as large need not be asked for twice."""
_OURS = f"SSH-2.0-zijian_{VERSION}".encode("ascii")

_CURVE_BITS = {"nistp256": 256, "nistp384": 384, "nistp521": 521}


async def _identification(stream: Stream) -> bytes:
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
            return line.rstrip(b"\r\n")
        seen = line
        if re.match(rb"Exceeded MaxStartups", line, re.IGNORECASE):
            raise Throttled(f"SSH turned us away: {printable(line, 120)}", kind="throttled")
    raise ProtocolError("no SSH identification string", kind="protocol")


@dataclass(slots=True)
class _Inquiry:
    session: Session
    service: ServiceFacts
    asks_methods: bool
    asks_group: bool
    banner: str = ""
    protocol: str = ""
    software: str = ""
    offered: KexInit | None = None
    wanted: deque[str] = field(default_factory=deque)
    keys: list[SshHostKeyFacts] = field(default_factory=list)
    errors: list[ProbeError] = field(default_factory=list)
    auth_methods: tuple[str, ...] | None = None
    none_accepted: bool | None = None
    smallest_group: int | None = None
    _step: str = "kexinit"

    async def run(self) -> None:
        for number in range(1, _KEY_CONNECTIONS + 1):
            try:
                await self._keys(last=number == _KEY_CONNECTIONS)
            except TargetError as error:
                if not self.banner:
                    raise
                self.errors.append(probe_error(self._step, error))
                if isinstance(error, Throttled):
                    return
            # What went wrong for one kind of key need not for the next; without a KEXINIT there is no next.
            if not self.wanted:
                break
        method = next((name for name in GEX if self.offered is not None and name in self.offered.kex), None)
        if method is not None and self.asks_group:
            try:
                await self._group(method)
            except TargetError as error:
                self.errors.append(probe_error("group", error))

    def _ours(self) -> bytes:
        """Our identification string, with the scan's mark as its comment (RFC 4253 §4.2)."""
        return _OURS + b" " + self.session.nonce.encode("ascii")

    @asynccontextmanager
    async def _connection(self, purpose: str) -> AsyncIterator[tuple[Wire, bytes, bytes] | None]:
        """A connection on which the server sent its KEXINIT: with both sides' words; None when it speaks SSH-1 alone."""
        async with opened(self.session, self.service, purpose, limits=_LIMITS) as stream:
            said = await _identification(stream)
            found = _BANNER.match(printable(said, 255))
            if found is None:
                raise ProtocolError(f"no SSH identification: {printable(said, 255)}", kind="protocol")
            self.banner = printable(said, 255)
            self.protocol, self.software = found["protocol"], found["software"]
            if self.protocol != "1.99" and not self.protocol.startswith("2."):
                yield None
                return
            await stream.write(self._ours() + b"\r\n")
            wire = Wire(stream)
            yield wire, said, await wire.read_message(KEXINIT)
            await _leave(wire)

    async def _keys(self, *, last: bool) -> None:
        """One connection, for the first kind of host key that is still wanted."""
        self._step = "kexinit"
        async with self._connection("ssh: key exchange") as begun:
            if begun is None:
                return
            wire, said, theirs = begun
            offered = KexInit.read(theirs)
            if self.offered is None:
                self.offered = offered
                self.wanted.extend(_to_try(offered.host_key_algorithms))
            self._step = "host_key"
            method = next((method for method in METHODS if method in offered.kex), None)
            if method is None or not self.wanted:
                what = "key exchange method" if method is None else "host key algorithm"
                message = f"none of the server's choices of {what} is known here"
                self.errors.append(ProbeError(step="host_key", kind="protocol", message=message))
                self.wanted.clear()
                return
            algorithm = self.wanted.popleft()
            # The user's name may be held against our address: what else there is to see is seen first.
            ask = self.asks_methods and (last or not self.wanted)
            suite = choose(offered) if ask else None
            ours = kexinit(method, algorithm, offered, suite)
            await wire.send(ours)
            exchange = await exchange_keys(wire, method)
            self.keys.append(_host_key(exchange.host_key))
            if suite is not None:
                self._step = "auth"
                await self._ask_methods(wire, suite, exchange, transcript(self._ours(), said, ours, theirs))
            elif ask:
                message = "none of the server's choices of cipher and MAC is known here"
                self.errors.append(ProbeError(step="auth", kind="protocol", message=message))

    async def _ask_methods(self, wire: Wire, suite: Suite, exchange: Exchange, said: bytes) -> None:
        """The method ``none`` (RFC 4252 §5.2): answered with the methods that can continue."""
        if not exchange.secret:
            raise ProtocolError(
                "the server's share of the key exchange is no point of its curve", kind="protocol"
            )
        await wire.send(bytes((_NEWKEYS,)))
        await wire.read_message(_NEWKEYS)
        ours, theirs = seals(suite, exchange, said)
        wire.seal(ours=ours, theirs=theirs)
        await wire.send(bytes((_SERVICE_REQUEST,)) + string(b"ssh-userauth"))
        await wire.read_message(_SERVICE_ACCEPT)
        request = b"".join(map(string, (USER, b"ssh-connection", b"none")))
        await wire.send(bytes((_AUTH_REQUEST,)) + request)
        answer = await wire.read_message(_AUTH_FAILURE, _AUTH_SUCCESS, _AUTH_BANNER)
        if answer[0] == _AUTH_BANNER:
            answer = await wire.read_message(_AUTH_FAILURE, _AUTH_SUCCESS)
        self.none_accepted = answer[0] == _AUTH_SUCCESS
        if not self.none_accepted:
            self.auth_methods = Reader(answer, 1).names()

    async def _group(self, method: str) -> None:
        """One connection for the smallest group that the server gives (RFC 4419 §3)."""
        async with self._connection("ssh: group exchange") as begun:
            if begun is None:
                return
            wire, _, theirs = begun
            offered = KexInit.read(theirs)
            if method in offered.kex and offered.host_key_algorithms:
                await wire.send(kexinit(method, offered.host_key_algorithms[0], offered))
                _, prime, _ = await group_of(wire, 1024, 1024, 8192)
                self.smallest_group = prime.bit_length()


async def _leave(wire: Wire) -> None:
    try:
        await wire.send(disconnect())
    except (PeerClosed, PeerTimeout):
        pass


def _to_try(offered: Iterable[str]) -> Iterator[str]:
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
    max_connections: int = _KEY_CONNECTIONS + 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as SSH."""
        return service.protocol == "ssh" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SshFacts:
        """Read the identification, the algorithms, the host keys and the ways to log in.

        :raises TargetError: no identification string was seen.
        """
        before = service.get(SshFacts)
        inquiry = _Inquiry(
            session,
            service,
            asks_methods=before is None or before.none_accepted is True,
            asks_group=before is None or (before.smallest_group or _LARGE) < _LARGE,
        )
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
            smallest_group=inquiry.smallest_group,
            auth_methods=inquiry.auth_methods,
            none_accepted=inquiry.none_accepted,
            errors=tuple(inquiry.errors),
        )


PROBE = SshProbe()
