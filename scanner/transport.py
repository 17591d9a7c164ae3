"""The one guarded door: every socket that zijian opens is opened here, and nowhere else.

A connection is made only when the scope allows the address, the port and the moment; at the governor's pace; with a
ledger record before the first packet; and with a limit on its bytes and on its life. When the scan stops, every open
connection ends at once.

Two kinds of connection leave through the same door: :class:`Stream` and :class:`Datagrams` for coroutines, and
:class:`GuardedSocket` for libraries that want a blocking socket and run in a thread (requests).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import ifaddr

from scanner.errors import (
    ConnectError,
    LocalError,
    PeerClosed,
    PeerTimeout,
    PolicyRefusal,
    Stopped,
    TlsError,
    TooLarge,
    ZijianError,
)
from scanner.facts import Transport
from scanner.governor import Governor
from scanner.ledger import Ledger
from scanner.reach import Reach

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_CHUNK = 65536
_CAP_NET_RAW = 13
_TOTAL_RETRANS = 100
"""Where ``tcpi_total_retrans`` stands in Linux's struct tcp_info (linux/tcp.h)."""
_SILENT = frozenset({"timeout", "unreachable"})
"""Outcomes of a connection that a cut network has too."""

CONNECTIONS: ContextVar[list[int]] = ContextVar("CONNECTIONS")
"""Ledger numbers of the connections opened in this context; the engine sets it anew for each probe run."""


class Authority(Protocol):
    """What the door asks before it opens: see :class:`scanner.scope.Scope`."""

    def permit(self, ip: str, port: int, transport: str, at: datetime) -> None:
        """Return when the connection is authorised.

        :raises PolicyRefusal: it is not; the message says why.
        """

    def permit_address(self, ip: str, ports: Collection[int] | None, at: datetime) -> None:
        """Return when nmap may touch these ports (None: ports of its own choice); raises as :meth:`permit` does."""

    def permit_outsider(self, ip: str, port: int, at: datetime) -> None:
        """Return when a host that a certificate names may be asked about it; raises as :meth:`permit` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one connection: seconds to connect, seconds of silence, seconds in all, bytes received."""

    connect: float = 6.0
    silence: float = 6.0
    life: float = 30.0
    received: int = 1 << 20


def _address(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def _connect_error(error: OSError, where: str) -> ZijianError:
    match error.errno:
        case errno.ECONNREFUSED:
            return ConnectError(f"{where} refused the connection", kind="refused")
        case errno.ECONNRESET | errno.EPIPE | errno.ECONNABORTED:
            return ConnectError(f"{where} reset the connection", kind="reset")
        case errno.EHOSTUNREACH | errno.ENETUNREACH | errno.EHOSTDOWN:
            return ConnectError(f"{where} is unreachable", kind="unreachable")
        case errno.ETIMEDOUT:
            return ConnectError(f"{where} did not answer", kind="timeout")
        case errno.EACCES | errno.EPERM:
            return LocalError(
                f"本机不允许连接 {where}",
                f"this machine does not allow a connection to {where}",
                kind="no_permission",
            )
        case errno.EMFILE | errno.ENFILE:
            return LocalError(
                "本机的文件描述符已经用尽", "this machine has no file descriptor left", kind="no_descriptors"
            )
        case _:
            return ConnectError(f"no connection to {where}: {error.strerror or error}", kind="unreachable")


@dataclass(slots=True)
class StopSignal:
    """Says once that the scan must end, with the reason, and runs what must happen at once."""

    reason: str | None = None
    _callbacks: set[Callable[[], None]] = field(default_factory=set)

    @property
    def stopped(self) -> bool:
        """Whether the signal was given."""
        return self.reason is not None

    def stop(self, reason: str) -> None:
        """Give the signal; the first reason stands."""
        if self.reason is None:
            self.reason = reason
            for callback in tuple(self._callbacks):
                callback()

    def raise_if_stopped(self) -> None:
        """:raises Stopped: the signal was given."""
        if self.reason is not None:
            raise Stopped(f"the scan is stopping: {self.reason}", kind="stopped")

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call ``callback`` on stop while the block lasts."""
        self._callbacks.add(callback)
        try:
            self.raise_if_stopped()
            yield
        finally:
            self._callbacks.discard(callback)


@dataclass(slots=True)
class _Account:
    """One connection's ledger entry while it is open."""

    ip: str
    port: int
    transport: Transport
    purpose: str
    limits: Limits
    seq: int = 0
    sent: int = 0
    received: int = 0
    local: str = ""
    outcome: str = "ok"
    begun: float = 0.0

    @property
    def where(self) -> str:
        return _address(self.ip, self.port)

    def remaining(self, wanted: float) -> float:
        """Seconds that an operation may take, within the connection's whole life."""
        left = self.begun + self.limits.life - time.monotonic()
        if left <= 0:
            self.outcome = "timeout"
            raise PeerTimeout(f"{self.where}: not done after {self.limits.life:g} s", kind="timeout")
        return min(wanted, left)

    def count_received(self, number: int) -> None:
        self.received += number
        if self.received > self.limits.received:
            self.outcome = "too_large"
            raise TooLarge(f"{self.where} sent more than {self.limits.received} bytes", kind="too_large")

    def note_local(self, sock: socket.socket) -> None:
        host, port = sock.getsockname()[:2]
        self.local = _address(host, port)

    def fail(self, outcome: str, error: ZijianError) -> ZijianError:
        self.outcome = outcome
        return error


class Stream:
    """A TCP connection for coroutines. Reads and writes raise the errors of :mod:`scanner.errors`.

    ``read*`` raise :class:`PeerTimeout` after the limit of silence or of life, :class:`PeerClosed` when the peer ends
    the stream too early or resets it, :class:`TooLarge` past the cap.
    """

    def __init__(self, sock: socket.socket, account: _Account, stop: StopSignal) -> None:
        self._sock = sock
        self._account = account
        self._stop = stop
        self._buffer = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._incoming: ssl.MemoryBIO | None = None
        self._outgoing: ssl.MemoryBIO | None = None

    @property
    def seq(self) -> int:
        """The connection's number in the ledger."""
        return self._account.seq

    @property
    def bytes_received(self) -> int:
        """Bytes received on the wire so far."""
        return self._account.received

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS session after :meth:`start_tls`."""
        return self._tls

    async def _wire_read(self, silence: float | None) -> bytes:
        account = self._account
        self._stop.raise_if_stopped()
        limit = account.remaining(account.limits.silence if silence is None else silence)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit):
                data = await loop.sock_recv(self._sock, _CHUNK)
        except TimeoutError:
            self._stop.raise_if_stopped()
            raise account.fail(
                "timeout", PeerTimeout(f"{account.where} was silent for {limit:.3g} s", kind="timeout")
            ) from None
        except OSError as error:
            self._stop.raise_if_stopped()
            raise account.fail(
                "reset", PeerClosed(f"{account.where} reset the connection", kind="reset")
            ) from error
        if not data:
            self._stop.raise_if_stopped()
        account.count_received(len(data))
        return data

    async def _wire_write(self, data: bytes) -> None:
        account = self._account
        self._stop.raise_if_stopped()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(account.remaining(account.limits.silence)):
                await loop.sock_sendall(self._sock, data)
        except TimeoutError:
            self._stop.raise_if_stopped()
            raise account.fail(
                "timeout", PeerTimeout(f"{account.where} does not read", kind="timeout")
            ) from None
        except OSError as error:
            self._stop.raise_if_stopped()
            raise account.fail(
                "reset", PeerClosed(f"{account.where} reset the connection", kind="reset")
            ) from error
        account.sent += len(data)

    async def write(self, data: bytes) -> None:
        """Send all of ``data``."""
        if self._tls is None:
            await self._wire_write(data)
            return
        self._tls.write(data)
        await self._flush_tls()

    async def read(self, limit: int = _CHUNK, *, silence: float | None = None) -> bytes:
        """Up to ``limit`` bytes as soon as some are there; ``b""`` when the peer has ended the stream.

        ``silence`` overrides the seconds to wait.
        """
        if not self._buffer:
            self._buffer += await self._receive(silence)
        data = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        return data

    async def read_exactly(self, number: int) -> bytes:
        """Just ``number`` bytes."""
        while len(self._buffer) < number:
            data = await self._receive(None)
            if not data:
                raise self._account.fail(
                    "closed",
                    PeerClosed(
                        f"{self._account.where} closed after {len(self._buffer)} of {number} bytes",
                        kind="closed",
                    ),
                )
            self._buffer += data
        data = bytes(self._buffer[:number])
        del self._buffer[:number]
        return data

    async def read_until(self, separator: bytes, limit: int = 16384) -> bytes:
        """Bytes up to and with ``separator``.

        :raises TooLarge: ``limit`` bytes came without it.
        """
        start = 0
        while True:
            index = self._buffer.find(separator, start)
            if index >= 0:
                end = index + len(separator)
                data = bytes(self._buffer[:end])
                del self._buffer[:end]
                return data
            if len(self._buffer) >= limit:
                raise self._account.fail(
                    "too_large",
                    TooLarge(
                        f"{self._account.where} sent {limit} bytes without a line end", kind="too_large"
                    ),
                )
            start = max(0, len(self._buffer) - len(separator) + 1)
            data = await self._receive(None)
            if not data:
                raise self._account.fail(
                    "closed",
                    PeerClosed(f"{self._account.where} closed in the middle of an answer", kind="closed"),
                )
            self._buffer += data

    async def read_line(self, limit: int = 8192) -> bytes:
        """One line without its line end (LF or CR LF)."""
        return (await self.read_until(b"\n", limit)).rstrip(b"\r\n")

    async def _receive(self, silence: float | None) -> bytes:
        if self._tls is None:
            return await self._wire_read(silence)
        assert self._incoming is not None
        while True:
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._flush_tls()
                data = await self._wire_read(silence)
                if not data:
                    return b""
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise self._account.fail(
                    "tls", TlsError(f"{self._account.where}: {error.reason or error}", kind="malformed")
                ) from error

    async def _flush_tls(self) -> None:
        assert self._outgoing is not None
        if pending := self._outgoing.read():
            await self._wire_write(pending)

    async def start_tls(
        self, *, server_name: str | None = None, context: ssl.SSLContext | None = None
    ) -> ssl.SSLObject:
        """Complete a TLS handshake on this connection; all later reads and writes go through it.

        The certificate is not judged here: looking is not trusting, and the TLS probe judges it.

        :raises TlsError: the handshake failed; kind ``alert:<reason>``, ``not_tls`` or ``malformed``.
        """
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = (context or lenient_context()).wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name
        )
        if self._buffer:
            self._incoming.write(bytes(self._buffer))
            self._buffer.clear()
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush_tls()
                data = await self._wire_read(None)
                if not data:
                    raise self._account.fail(
                        "closed",
                        PeerClosed(f"{self._account.where} closed during the TLS handshake", kind="closed"),
                    ) from None
                self._incoming.write(data)
            except ssl.SSLError as error:
                with contextlib.suppress(ZijianError):
                    await self._flush_tls()
                raise self._account.fail(
                    "tls",
                    TlsError(
                        f"{self._account.where}: TLS handshake failed: {error.reason or error}",
                        kind=tls_error_kind(error),
                    ),
                ) from error
        await self._flush_tls()
        self._tls = session
        return session


def tls_error_kind(error: ssl.SSLError) -> str:
    """The kind of a failed handshake, from OpenSSL's reason."""
    reason = (error.reason or "").lower()
    if "alert" in reason:
        return f"alert:{reason.removeprefix('tlsv1_alert_').removeprefix('sslv3_alert_').removeprefix('tlsv13_alert_')}"
    if reason in {"wrong_version_number", "http_request", "packet_length_too_long", "record_layer_failure"}:
        return "not_tls"
    return "malformed"


def lenient_context() -> ssl.SSLContext:
    """A client context that talks to anything OpenSSL still can, and judges nothing: for looking, not for trusting."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return context


class Datagrams:
    """A UDP socket for coroutines: only the peer's datagrams are received, or those from any port of the peer's address."""

    def __init__(self, sock: socket.socket, account: _Account, stop: StopSignal, *, any_port: bool) -> None:
        self._sock = sock
        self._account = account
        self._stop = stop
        self._any_port = any_port

    @property
    def seq(self) -> int:
        """The exchange's number in the ledger."""
        return self._account.seq

    async def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._stop.raise_if_stopped()
        loop, account = asyncio.get_running_loop(), self._account
        try:
            if self._any_port:
                await loop.sock_sendto(self._sock, data, (account.ip, account.port))
            else:
                await loop.sock_sendall(self._sock, data)
        except OSError as error:
            raise account.fail("unreachable", _connect_error(error, account.where)) from error
        account.sent += len(data)

    async def _next(self) -> bytes:
        loop = asyncio.get_running_loop()
        if not self._any_port:
            return await loop.sock_recv(self._sock, _CHUNK)
        while True:
            data, (ip, *_) = await loop.sock_recvfrom(self._sock, _CHUNK)
            if ip == self._account.ip:
                return data

    async def receive(self, *, silence: float | None = None) -> bytes:
        """The next datagram.

        :raises PeerTimeout: none came in time, which over UDP proves nothing.
        :raises ConnectError: the host says that nothing listens there.
        """
        account = self._account
        limit = account.remaining(account.limits.silence if silence is None else silence)
        try:
            async with asyncio.timeout(limit):
                data = await self._next()
        except TimeoutError:
            self._stop.raise_if_stopped()
            raise account.fail(
                "timeout", PeerTimeout(f"{account.where} did not answer", kind="timeout")
            ) from None
        except OSError as error:
            self._stop.raise_if_stopped()
            raise account.fail("refused", _connect_error(error, account.where)) from error
        account.count_received(len(data))
        return data


class GuardedSocket(socket.socket):
    """A blocking socket that counts, caps and times itself; made by the door for libraries that run in threads.

    Receiving past the cap or past the connection's life raises an :class:`OSError` that carries the
    :class:`~scanner.errors.TooLarge` or :class:`~scanner.errors.PeerTimeout` as its cause, since libraries know
    only OSError.
    """

    _account: _Account
    _stop: StopSignal
    _release: Callable[[], None] | None = None
    _note_lost: Callable[[socket.socket, _Account], None] | None = None

    @property
    def seq(self) -> int:
        """The connection's number in the ledger."""
        return self._account.seq

    def _guard(self) -> None:
        try:
            self._stop.raise_if_stopped()
            self.settimeout(self._account.remaining(self._account.limits.silence))
        except ZijianError as error:
            raise TimeoutError(str(error)) from error

    @contextmanager
    def _noting_silence(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self._account.outcome = "timeout"
            raise

    def _count(self, number: int) -> None:
        try:
            self._account.count_received(number)
        except TooLarge as error:
            raise OSError(errno.EMSGSIZE, str(error)) from error

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As :meth:`socket.socket.recv`, counted."""
        self._guard()
        with self._noting_silence():
            data = super().recv(bufsize, flags)
        self._count(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0, /) -> int:
        """As :meth:`socket.socket.recv_into`, counted."""
        self._guard()
        with self._noting_silence():
            number = super().recv_into(buffer, nbytes, flags)
        self._count(number)
        return number

    def send(self, data: ReadableBuffer, flags: int = 0, /) -> int:
        """As :meth:`socket.socket.send`, counted."""
        self._guard()
        number = super().send(data, flags)
        self._account.sent += number
        return number

    def sendall(self, data: ReadableBuffer, flags: int = 0, /) -> None:
        """As :meth:`socket.socket.sendall`, counted."""
        self._guard()
        super().sendall(data, flags)
        self._account.sent += memoryview(data).nbytes

    def _real_close(self, *args: object) -> None:
        # The hook that socket.close() calls once the last file object made from the socket is closed too; only then
        # are all bytes counted. Gives the place back to the governor and writes the ledger's close record.
        if self._note_lost is not None:
            self._note_lost(self, self._account)
        super()._real_close(*args)  # type: ignore[misc]
        release, self._release = self._release, None
        if release is not None:
            release()


class Door:
    """Opens connections, or refuses. One per scan; lives in one event loop."""

    def __init__(
        self,
        authority: Authority,
        governor: Governor,
        ledger: Ledger,
        stop: StopSignal | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.authority = authority
        self.governor = governor
        self.ledger = ledger
        self.stop = stop or StopSignal()
        self.limits = limits or Limits()
        self.reach = Reach()

    def check(self, ip: str, port: int, transport: str, purpose: str, *, outsider: bool = False) -> None:
        """Ask the authority; a refusal is recorded before it is raised.

        ``outsider`` asks whether a host outside the scope may be asked about a certificate (``--revocation online``).

        :raises PolicyRefusal: not authorised.
        :raises Stopped: the scan is stopping.
        """
        self.stop.raise_if_stopped()
        try:
            if outsider:
                self.authority.permit_outsider(ip, port, datetime.now(UTC))
            else:
                self.authority.permit(ip, port, transport, datetime.now(UTC))
        except PolicyRefusal as refusal:
            self._record_refusal(_address(ip, port), purpose, refusal, transport=transport)
            raise

    def would_permit(self, ip: str, port: int, transport: str) -> bool:
        """Whether a connection would be authorised now. Asking is no attempt, so that a refusal is not recorded."""
        try:
            self.authority.permit(ip, port, transport, datetime.now(UTC))
        except PolicyRefusal:
            return False
        return True

    def check_address(self, ip: str, ports: Collection[int] | None, purpose: str) -> None:
        """Ask the authority before nmap is given an address; ``ports`` None stands for ports of nmap's own choice.

        :raises PolicyRefusal: not authorised. :raises Stopped: the scan is stopping.
        """
        self.stop.raise_if_stopped()
        try:
            self.authority.permit_address(ip, ports, datetime.now(UTC))
        except PolicyRefusal as refusal:
            self._record_refusal(ip, purpose, refusal)
            raise

    def _record_refusal(self, where: str, purpose: str, refusal: PolicyRefusal, **more: str) -> None:
        self.ledger.append(
            "refused", remote=where, purpose=purpose, reason=refusal.kind, message=str(refusal), **more
        )

    def _open(
        self, ip: str, port: int, transport: Transport, purpose: str, limits: Limits | None
    ) -> _Account:
        account = _Account(ip, port, transport, purpose, limits or self.limits, begun=time.monotonic())
        account.seq = self.ledger.append("open", remote=account.where, transport=transport, purpose=purpose)
        CONNECTIONS.get([]).append(account.seq)
        return account

    def _note_lost(self, sock: socket.socket, account: _Account) -> None:
        if account.transport == "tcp" and _sent_again(sock):
            self.reach.sent_again(account.seq)

    def _closed(self, account: _Account) -> None:
        if account.outcome in _SILENT:
            self.reach.silent(account.seq)
        self.ledger.append(
            "close",
            of=account.seq,
            local=account.local,
            sent=account.sent,
            received=account.received,
            outcome=account.outcome if not self.stop.stopped else "stopped",
            milliseconds=round((time.monotonic() - account.begun) * 1000),
        )

    async def _connect(self, sock: socket.socket, account: _Account) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(account.limits.connect):
                await asyncio.get_running_loop().sock_connect(sock, (account.ip, account.port))
        except TimeoutError:
            self.governor.report(account.ip, ok=False)
            self.reach.lost(account.ip, account.port, begun)
            raise account.fail(
                "timeout",
                ConnectError(
                    f"{account.where} did not answer in {account.limits.connect:g} s", kind="timeout"
                ),
            ) from None
        except OSError as error:
            failure = _connect_error(error, account.where)
            if failure.kind == "refused":
                self.reach.answered(account.ip)
            else:
                self.governor.report(account.ip, ok=False)
            if failure.kind in _SILENT:
                self.reach.lost(account.ip, account.port, begun)
            raise account.fail(failure.kind, failure) from error
        self.governor.report(account.ip, ok=True, latency=time.monotonic() - begun)
        self.reach.connected(account.ip, account.port)
        account.note_local(sock)

    @asynccontextmanager
    async def tcp(
        self, ip: str, port: int, purpose: str, *, limits: Limits | None = None, outsider: bool = False
    ) -> AsyncIterator[Stream]:
        """A TCP connection to ``ip:port`` while the block lasts.

        ``purpose`` says in the ledger what it is for, such as ``tls: TLSv1.0 hello``.

        :raises PolicyRefusal: not authorised. :raises ConnectError: no connection. :raises Throttled: host given up.
        """
        async with self._admitted(ip, port, "tcp", purpose, limits, outsider=outsider) as (sock, account):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._connect(sock, account)
            yield Stream(sock, account, self.stop)

    @asynccontextmanager
    async def udp(
        self, ip: str, port: int, purpose: str, *, limits: Limits | None = None, any_port: bool = False
    ) -> AsyncIterator[Datagrams]:
        """A UDP exchange with ``ip:port`` while the block lasts; raises as :meth:`tcp` does.

        ``any_port`` takes answers from every port of that address: some protocols answer from another one than was asked
        (RFC 1350 §4). That nothing listens is then not told, since the socket is connected to none.
        """
        async with self._admitted(ip, port, "udp", purpose, limits) as (sock, account):
            try:
                if any_port:
                    sock.bind((_local_address(ip, port), 0))
                else:
                    sock.connect((ip, port))
            except OSError as error:
                raise account.fail("unreachable", _connect_error(error, account.where)) from error
            account.note_local(sock)
            yield Datagrams(sock, account, self.stop, any_port=any_port)

    @asynccontextmanager
    async def _admitted(
        self,
        ip: str,
        port: int,
        transport: Transport,
        purpose: str,
        limits: Limits | None,
        *,
        outsider: bool = False,
    ) -> AsyncIterator[tuple[socket.socket, _Account]]:
        """A socket that may be connected now, and its account, which is closed with the block."""
        self.check(ip, port, transport, purpose, outsider=outsider)
        async with self.governor.admit(ip):
            # The window may have ended while we waited for our turn.
            self.check(ip, port, transport, purpose, outsider=outsider)
            account = self._open(ip, port, transport, purpose, limits)
            kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
            sock = socket.socket(_family(ip), kind)
            try:
                sock.setblocking(False)
                with self.stop.calling(lambda: _shut(sock)):
                    yield sock, account
            except asyncio.CancelledError:
                account.outcome = "cancelled"
                raise
            except ZijianError as error:
                if account.outcome == "ok":
                    account.outcome = error.kind
                raise
            finally:
                self._note_lost(sock, account)
                sock.close()
                self._closed(account)

    def blocking(
        self,
        loop: asyncio.AbstractEventLoop,
        ip: str,
        port: int,
        purpose: str,
        *,
        limits: Limits | None = None,
    ) -> GuardedSocket:
        """A connected blocking socket for a library that runs in a thread other than ``loop``'s.

        Its place with the governor is held until it is closed. Raises as :meth:`tcp` does.
        """
        return asyncio.run_coroutine_threadsafe(self._blocking(ip, port, purpose, limits), loop).result()

    async def _blocking(self, ip: str, port: int, purpose: str, limits: Limits | None) -> GuardedSocket:
        loop = asyncio.get_running_loop()
        stack = contextlib.AsyncExitStack()
        self.check(ip, port, "tcp", purpose)
        await stack.enter_async_context(self.governor.admit(ip))
        try:
            self.check(ip, port, "tcp", purpose)
            account = self._open(ip, port, "tcp", purpose, limits)
            sock = GuardedSocket(_family(ip), socket.SOCK_STREAM)
            sock._account, sock._stop, sock._note_lost = account, self.stop, self._note_lost

            def release() -> None:
                self._closed(account)
                with contextlib.suppress(RuntimeError):
                    asyncio.run_coroutine_threadsafe(stack.aclose(), loop)

            sock._release = release
            stack.enter_context(self.stop.calling(lambda: _shut(sock)))
            try:
                sock.setblocking(False)
                await self._connect(sock, account)
                sock.settimeout(account.limits.silence)
            except BaseException:
                sock._release = None
                sock.close()
                self._closed(account)
                raise
        except BaseException:
            await stack.aclose()
            raise
        return sock


def _local_address(ip: str, port: int) -> str:
    """The address from which the kernel would send to ``ip``; nothing is sent."""
    with socket.socket(_family(ip), socket.SOCK_DGRAM) as sock:
        sock.connect((ip, port))
        return str(sock.getsockname()[0])


def _sent_again(sock: socket.socket) -> bool:
    """Whether the kernel had to send something again on this TCP connection."""
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TOTAL_RETRANS + 4)
    except OSError:
        return False
    return len(told) >= _TOTAL_RETRANS + 4 and told[_TOTAL_RETRANS : _TOTAL_RETRANS + 4] != bytes(4)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class OwnAddresses:
    """Tells addresses of this machine, read from the kernel without sending anything."""

    def __init__(self) -> None:
        self._found = frozenset(
            ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
            for adapter in ifaddr.get_adapters()
            for ip in adapter.ips
        )

    def __contains__(self, ip: object) -> bool:
        address = ipaddress.ip_address(str(ip))
        return address.is_loopback or address in self._found


def can_send_raw() -> bool:
    """Whether this process may use raw sockets (root with CAP_NET_RAW), which SYN and UDP scans need."""
    if os.geteuid() != 0:
        return False
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return True
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> _CAP_NET_RAW & 1)
