"""``requests`` plugged into the guarded door.

A session speaks to one pinned address and port. It resolves no name, reads no proxy settings and no ``.netrc``, follows no
redirect, keeps no cookie, and holds one connection at a time. It runs in a thread; the door's sockets count every byte
and end at once when the scan stops.

Only the preparing of requests and the adapter's interface are used of ``requests``: its ``Session`` reads the whole body of
a redirect, decompressed, even when the redirect is not followed, and that is for the server to choose. Bodies are read here,
in pieces, up to a cap that counts after decompression.

TLS runs over memory buffers on top of the guarded socket: wrapping the socket itself would take its file descriptor
away, and with it the counting and the caps.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3.util.ssltransport import SSLTransport

from scanner.errors import (
    PeerClosed,
    PeerTimeout,
    ProtocolError,
    Stopped,
    TlsError,
    TooLarge,
    ZijianError,
)
from scanner.facts import Endpoint
from scanner.probes import Session
from scanner.text import printable
from scanner.transport import GuardedSocket, Limits, lenient_context, tls_error_kind

BODY_LIMIT = 256 * 1024
"""Bytes kept of one body by default, after decompression."""
HEADER_LIMIT = 8192
"""Characters kept of one header's value; :mod:`http.client` refuses lines above 64 KiB and more than 100 headers."""

_WIRE_LIMIT = 4 << 20
"""Bytes read on one connection: several answers share it."""
_LIMITS = Limits(connect=6, silence=8, life=60, received=_WIRE_LIMIT)
_PIECE = 16384
_DRAIN = 65536
"""So many bytes of a body are read and thrown away rather than paying for a new connection."""
_SHUT_RDWR = 2
"""POSIX; the name lives in :mod:`socket`, which only the transport imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, as sent. Text in it is not yet safe to store: see :func:`scanner.text.printable`.

    Header names are lower case, in the order sent.
    """

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    """There was more body than was read, or it broke off, or could not be decompressed."""
    broken: str | None = None
    """Kind of the error at which the body broke off (:mod:`scanner.errors`), or ``encoding``."""
    seq: int = 0
    """The connection's number in the ledger."""

    def values(self, name: str) -> list[str]:
        """Every value of a header, in the order sent."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str:
        """All values of a header joined by ``, `` (RFC 9110 §5.3); empty when there is none."""
        return ", ".join(self.values(name))


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a socket that the door opened; it cannot open one itself."""

    def __init__(self, opened: Callable[[], Any]) -> None:
        super().__init__("pinned.invalid")
        self._opened = opened

    def connect(self) -> None:
        """Take the guarded socket; nothing is resolved."""
        self.sock = self._opened()


class DoorAdapter(BaseAdapter):
    """The adapter through which requests reach one endpoint: by the door, on one connection at a time."""

    def __init__(self, session: Session, endpoint: Endpoint, *, https: bool, purpose: str) -> None:
        super().__init__()
        self.connections = 0
        """Connections opened so far."""
        self._session = session
        self._endpoint = endpoint
        self._https = https
        self._purpose = purpose
        self._connection: _Connection | None = None
        self._guarded: GuardedSocket | None = None
        self._opened_at = 0.0
        self._aborted = threading.Event()

    @property
    def seq(self) -> int:
        """Ledger number of the connection in use, or of the last one; 0 before the first."""
        return self._guarded.seq if self._guarded is not None else 0

    def _open(self) -> GuardedSocket | SSLTransport:
        endpoint = self._endpoint
        sock = self._session.door.blocking(
            self._session.loop, endpoint.ip, endpoint.port, self._purpose, limits=_LIMITS
        )
        self._guarded, self._opened_at = sock, time.monotonic()
        self.connections += 1
        try:
            if self._aborted.is_set():
                raise Stopped("the probe was given up", kind="stopped")
            if not self._https:
                return sock
            return SSLTransport(sock, lenient_context(), server_hostname=endpoint.name)
        except BaseException:
            sock.close()
            raise

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """Send one request on the kept connection, or on a new one when the server closed the kept one meanwhile.

        The response's ``raw`` is the unread :class:`http.client.HTTPResponse`.
        """
        if self._connection is not None and time.monotonic() - self._opened_at > _LIMITS.life / 2:
            # A connection's life is bounded for drips' sake; an honest but slow server is not to run into that bound.
            self.close()
        reused = self._connection is not None
        try:
            return self._exchange(request)
        except (ConnectionError, http.client.RemoteDisconnected):
            self.close()
            if not reused or self._aborted.is_set() or self._session.door.stop.stopped:
                raise
        return self._exchange(request)

    def _exchange(self, request: requests.PreparedRequest) -> requests.Response:
        if self._connection is None:
            self._connection = _Connection(self._open)
        connection = self._connection
        connection.putrequest(
            str(request.method), request.path_url, skip_host=True, skip_accept_encoding=True
        )
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        raw = connection.getresponse()
        response = requests.Response()
        response.status_code = raw.status
        response.url = str(request.url)
        response.request = request
        response.raw = raw
        return response

    def keep(self) -> None:
        """After a body that was read to its end: keep the connection for the next request, if the server does."""
        connection = self._connection
        if connection is None or connection.sock is None:
            self.close()

    def close(self) -> None:
        """Close the connection and give its place back to the governor."""
        connection, self._connection = self._connection, None
        guarded, self._guarded = self._guarded, None
        with contextlib.suppress(OSError):
            if connection is not None:
                connection.close()
        with contextlib.suppress(OSError):
            if guarded is not None:
                guarded.close()

    def abort(self) -> None:
        """End what is under way, from any thread: the thread that waits for bytes gets an end of stream."""
        self._aborted.set()
        guarded = self._guarded
        if guarded is not None:
            with contextlib.suppress(OSError):
                guarded.shutdown(_SHUT_RDWR)


class HttpSession:
    """Requests to one endpoint; use as a context manager, in a thread that is not the event loop's."""

    def __init__(self, session: Session, endpoint: Endpoint, *, https: bool, purpose: str = "http") -> None:
        self.endpoint = endpoint
        self.https = https
        self._session = session
        self._adapter = DoorAdapter(session, endpoint, https=https, purpose=purpose)

    @property
    def origin(self) -> str:
        """Scheme, host and port, without the port where it is the scheme's own."""
        scheme, usual = ("https", 443) if self.https else ("http", 80)
        port = "" if self.endpoint.port == usual else f":{self.endpoint.port}"
        return f"{scheme}://{self.endpoint.host}{port}"

    @property
    def seq(self) -> int:
        """Ledger number of the connection in use, or of the last one; 0 before the first."""
        return self._adapter.seq

    @property
    def connections(self) -> int:
        """Connections opened so far."""
        return self._adapter.connections

    def __enter__(self) -> HttpSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        self._adapter.close()

    def abort(self) -> None:
        """End the request under way and refuse further ones; may be called from any thread."""
        self._adapter.abort()

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, *, limit: int = BODY_LIMIT
    ) -> Answer:
        """One request for ``path`` on this endpoint; ``limit`` bytes of the body are kept at most.

        A body that breaks off does not lose the answer: see :attr:`Answer.broken`.

        :raises TargetError: no usable answer. :raises PolicyRefusal: not authorised. :raises Stopped: stopping.
        """
        url = f"{self.origin}{path}"
        try:
            prepared = requests.Request(
                method,
                url,
                headers={
                    "Host": self.origin.partition("://")[2],
                    "User-Agent": self._session.user_agent,
                    "Accept": "*/*",
                    "Accept-Encoding": "gzip, deflate",
                    "Connection": "keep-alive",
                    **(headers or {}),
                },
            ).prepare()
            raw: Any = self._adapter.send(prepared).raw
            seq = self._adapter.seq
            body, broken, whole = self._read(url, raw, limit)
            answer = Answer(
                method=method,
                url=url,
                status=raw.status,
                headers=tuple(_headers(raw)),
                body=body,
                truncated=not whole or broken is not None,
                broken=broken,
                seq=seq,
            )
        except Exception as error:
            self.close()
            if (plain := self._plain(url, error)) is None:
                raise
            raise plain from error
        except BaseException:
            self.close()
            raise
        return answer

    def get(self, path: str, headers: Mapping[str, str] | None = None, *, limit: int = BODY_LIMIT) -> Answer:
        """GET; see :meth:`request`."""
        return self.request("GET", path, headers, limit=limit)

    def _read(self, url: str, raw: http.client.HTTPResponse, limit: int) -> tuple[bytes, str | None, bool]:
        """The body's start, the kind of error it broke off at, and whether that was all of it."""
        decoder = _Decoder(raw.getheader("content-encoding") or "", limit)
        taken, ended = 0, False
        try:
            while not decoder.full and taken < limit + _DRAIN:
                piece = _piece(raw)
                if not piece:
                    ended = True
                    break
                taken += len(piece)
                decoder.feed(piece)
            if not ended and raw.length is not None and raw.length <= _DRAIN:
                while piece := _piece(raw):
                    decoder.feed(piece)
                ended = True
        except Exception as error:
            self.close()
            problem = self._plain(url, error)
            if problem is None:
                raise
            if not isinstance(problem, (PeerClosed, PeerTimeout, ProtocolError, TooLarge)):
                raise problem from error
            return bytes(decoder.kept), problem.kind, False
        raw.close()
        if ended:
            self._adapter.keep()
        else:
            self.close()
        return bytes(decoder.kept), decoder.broken, ended and decoder.whole

    def _plain(self, url: str, error: Exception) -> ZijianError | None:
        """The error of :mod:`scanner.errors` that ``error`` stands for; None when it is a fault of ours."""
        stop = self._session.door.stop
        if stop.stopped:
            return Stopped(f"the scan is stopping: {stop.reason}", kind="stopped")
        causes = list(_causes(error))
        ours = (cause for cause in causes if isinstance(cause, ZijianError))
        theirs = (plain for cause in causes if (plain := _translated(url, cause)) is not None)
        return next(ours, None) or next(theirs, None)


class _Decoder:
    """Keeps the first ``limit`` bytes of a body, undoing one content coding without ever holding more than the cap."""

    def __init__(self, coding: str, limit: int) -> None:
        self.kept = bytearray()
        self.broken: str | None = None
        self._over = False
        self._fed = False
        self._limit = limit
        self._raw_deflate = False
        self._inflate: Any = None
        match coding.strip().lower():
            case "" | "identity":
                self._plain = True
            case "gzip" | "x-gzip":
                self._plain, self._inflate = False, zlib.decompressobj(31)
            case "deflate":
                self._plain, self._inflate = False, zlib.decompressobj(15)
                self._raw_deflate = True
            case _:
                # Never asked for (br, zstd, or codings piled up): the bytes say nothing to us.
                self._plain, self.broken = False, "encoding"

    @property
    def whole(self) -> bool:
        """Whether all that came was kept, and its end was seen."""
        ended = self._inflate is None or self._inflate.eof or not self._fed
        return ended and not self._over and self.broken is None

    @property
    def full(self) -> bool:
        """Whether nothing more would be kept."""
        return len(self.kept) >= self._limit or self.broken is not None

    def feed(self, data: bytes) -> None:
        """Take the next piece off the wire."""
        room = self._limit - len(self.kept)
        self._fed = True
        if self._plain:
            self._over = self._over or len(data) > room
            self.kept += data[:room]
            return
        if self._inflate is None or room <= 0:
            self._over = self._over or self._inflate is None or not self._inflate.eof
            return
        try:
            self.kept += self._inflate.decompress(data, room)
        except zlib.error:
            if self._raw_deflate and not self.kept:
                # Some servers send deflate without the zlib header that RFC 9110 §8.4.1.2 asks for.
                self._raw_deflate, self._inflate = False, zlib.decompressobj(-15)
                self.feed(data)
                return
            self.broken = "encoding"
            return
        self._raw_deflate = False
        self._over = self._over or bool(self._inflate.unconsumed_tail)


def _piece(raw: http.client.HTTPResponse) -> bytes:
    """The next piece of a body, as soon as some is there; empty at its end.

    :raises http.client.IncompleteRead: the peer closed before the length that it announced.
    """
    if raw.isclosed() or raw.length == 0:
        return b""
    piece = raw.read1(_PIECE)
    if not piece and raw.length:
        raise http.client.IncompleteRead(b"", raw.length)
    return piece


def _headers(raw: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    for name, value in raw.getheaders():
        text = " ".join(str(value).split("\r\n")).strip()
        # http.client reads header bytes as Latin-1; servers that send more than ASCII send UTF-8.
        with contextlib.suppress(UnicodeError):
            text = text.encode("latin-1").decode("utf-8")
        yield name.lower()[:128], text[:HEADER_LIMIT]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and everything it was raised from or carries, outermost first."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        linked = (current.__cause__, current.__context__, *current.args)
        waiting += [part for part in linked if isinstance(part, BaseException)]


def _translated(url: str, error: BaseException) -> ZijianError | None:
    url = printable(url, 200)
    match error:
        case concurrent.futures.CancelledError():
            return Stopped("the scan is stopping", kind="stopped")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return PeerClosed(f"{url}: the server closed during the TLS handshake", kind="closed")
        case ssl.SSLError():
            return TlsError(f"{url}: TLS: {error.reason or error}", kind=tls_error_kind(error))
        case TimeoutError():
            return PeerTimeout(f"{url}: the server kept silent", kind="timeout")
        case http.client.RemoteDisconnected() | http.client.IncompleteRead():
            return PeerClosed(f"{url}: the server closed before its answer was whole", kind="closed")
        case http.client.HTTPException():
            shown = printable(str(error), 120)
            return ProtocolError(f"{url}: not an HTTP answer: {shown}", kind="protocol")
        case requests.RequestException() | UnicodeError() | ValueError():
            shown = printable(str(error), 120)
            return ProtocolError(f"{url}: {type(error).__name__}: {shown}", kind="protocol")
        case OSError():
            # Resets, and routes that vanish in the middle of a connection.
            return PeerClosed(f"{url}: the connection broke", kind="reset")
    return None
