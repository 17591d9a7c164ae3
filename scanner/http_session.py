"""``requests`` plugged into the guarded door.

A session speaks to one pinned address. It never resolves a name, reads no proxy or ``.netrc`` settings, follows no
redirect by itself, and reads bodies in pieces up to a cap that counts after decompression. It runs in a thread; the
door's sockets count every byte and end at once when the scan stops.

TLS runs over memory buffers on top of the guarded socket: wrapping the socket itself would take its file descriptor
away, and with it the counting and the caps.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from urllib3.util.ssltransport import SSLTransport

from scanner.errors import (
    ConnectError,
    LocalError,
    PeerClosed,
    PeerTimeout,
    ProtocolError,
    TargetError,
    TlsError,
    TooLarge,
    ZijianError,
)
from scanner.facts import Endpoint
from scanner.probes import Session
from scanner.text import printable
from scanner.transport import GuardedSocket, Limits, lenient_context, tls_error_kind

BODY_LIMIT = 256 * 1024
"""Bytes kept of one body, after decompression."""
_WIRE_LIMIT = 4 << 20
"""Bytes read on one connection: several answers share it."""
_LIMITS = Limits(connect=6, silence=8, life=60, received=_WIRE_LIMIT)
_HEADERS = 100
_PIECE = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer. Header names are lower case, in the order sent; a redirect is not followed."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    """There was more body than was read."""

    def header(self, name: str) -> str:
        """All values of a header joined by ``, ``; empty when there is none."""
        return ", ".join(value for key, value in self.headers if key == name)


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a socket that the door opened."""

    def __init__(self, endpoint: Endpoint, opened: Callable[[], Any]) -> None:
        super().__init__(endpoint.name or endpoint.ip, endpoint.port)
        self._opened = opened

    def connect(self) -> None:
        """Take the guarded socket; nothing is resolved."""
        self.sock = self._opened()


@dataclass(slots=True)
class _DoorAdapter(BaseAdapter):
    """The one adapter mounted: it reaches one endpoint, through the door, on one connection at a time."""

    session: Session
    endpoint: Endpoint
    https: bool
    purpose: str
    _connection: _Connection | None = None
    _guarded: GuardedSocket | None = field(default=None)

    def _open(self) -> GuardedSocket | SSLTransport:
        endpoint = self.endpoint
        sock = self.session.door.blocking(
            self.session.loop, endpoint.ip, endpoint.port, self.purpose, limits=_LIMITS
        )
        self._guarded = sock
        if not self.https:
            return sock
        try:
            return SSLTransport(sock, lenient_context(), server_hostname=endpoint.name)
        except BaseException:
            sock.close()
            raise

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """Send one request on the kept connection, or on a new one when the kept one was closed meanwhile."""
        for fresh in (False, True):
            reused = self._connection is not None
            try:
                return self._exchange(request)
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                self.close()
                if not reused or fresh:
                    raise
            except BaseException:
                self.close()
                raise
        raise AssertionError("unreachable: the second try returns or raises")

    def _exchange(self, request: requests.PreparedRequest) -> requests.Response:
        if self._connection is None:
            self._connection = _Connection(self.endpoint, self._open)
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
        response.raw = urllib3.HTTPResponse(
            body=raw,
            headers=urllib3.HTTPHeaderDict(raw.headers.items()),
            status=raw.status,
            preload_content=False,
            decode_content=False,
            request_method=str(request.method),
        )
        if raw.will_close:
            self._connection = None
        return response

    def finish(self, *, whole: bool) -> None:
        """After an answer: a connection whose answer was not read to its end cannot be used again."""
        if not whole or self._connection is None:
            self.close()

    def close(self) -> None:
        """Give the connection's place back to the governor."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._guarded is not None:
            self._guarded.close()
            self._guarded = None


class HttpSession:
    """Requests to one endpoint; use as a context manager, in a thread that is not the event loop's."""

    def __init__(self, session: Session, endpoint: Endpoint, *, https: bool, purpose: str = "http") -> None:
        self.endpoint = endpoint
        self.https = https
        self._adapter = _DoorAdapter(session, endpoint, https, purpose)
        self._requests = requests.Session()
        self._requests.trust_env = False
        self._requests.adapters.clear()
        self._requests.mount("https://" if https else "http://", self._adapter)
        self._requests.headers.clear()
        self._requests.headers.update(
            {"User-Agent": session.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port, without the port where it is the scheme's own."""
        endpoint = self.endpoint
        host = endpoint.name or (f"[{endpoint.ip}]" if ":" in endpoint.ip else endpoint.ip)
        scheme, usual = ("https", 443) if self.https else ("http", 80)
        return f"{scheme}://{host}" + ("" if endpoint.port == usual else f":{endpoint.port}")

    def __enter__(self) -> HttpSession:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._adapter.close()

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, *, limit: int = BODY_LIMIT
    ) -> Answer:
        """One request for ``path`` on this endpoint; the body is read up to ``limit`` bytes.

        :raises TargetError: no usable answer. :raises PolicyRefusal, Stopped: as the door does.
        """
        url = f"{self.origin}{path}"
        host = self.origin.partition("://")[2]
        with _plain_errors(url, self._adapter):
            response = self._requests.request(
                method,
                url,
                headers={"Host": host, "Connection": "keep-alive", **(headers or {})},
                allow_redirects=False,
                stream=True,
            )
            body, whole = b"", True
            if method != "HEAD":
                body, whole = _read_body(response.raw, limit)
            pairs = list(response.raw.headers.items())
            if len(pairs) > _HEADERS:
                pairs = pairs[:_HEADERS]
            # requests must not keep what the server asks it to remember: every read is a stranger's.
            self._requests.cookies.clear()
            answer = Answer(
                url=url,
                status=response.status_code,
                headers=tuple((printable(name.lower(), 128), printable(value)) for name, value in pairs),
                body=body,
                truncated=not whole,
            )
            self._adapter.finish(whole=whole)
            return answer

    def get(self, path: str, headers: Mapping[str, str] | None = None, *, limit: int = BODY_LIMIT) -> Answer:
        """GET; see :meth:`request`."""
        return self.request("GET", path, headers, limit=limit)


def _read_body(raw: Any, limit: int) -> tuple[bytes, bool]:
    """Up to ``limit`` decompressed bytes, and whether that was all. Never holds more than the cap and one piece."""
    kept = bytearray()
    try:
        while len(kept) <= limit:
            piece = raw.read(_PIECE, decode_content=True)
            if not piece:
                return bytes(kept), True
            kept += piece
    except urllib3.exceptions.DecodeError:
        # A body that is not what its Content-Encoding says: what was read so far stands.
        return bytes(kept[:limit]), False
    return bytes(kept[:limit]), False


class _plain_errors:
    """Turns whatever the libraries raise into :mod:`scanner.errors`, and closes the connection."""

    def __init__(self, url: str, adapter: _DoorAdapter) -> None:
        self._url = url
        self._adapter = adapter

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            return
        self._adapter.close()
        self._adapter.session.door.stop.raise_if_stopped()
        if isinstance(error, ZijianError) or not isinstance(error, Exception):
            return
        raise _translated(self._url, error) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        nested = next((part for part in current.args if isinstance(part, BaseException)), None)
        current = current.__cause__ or current.__context__ or nested


def _translated(url: str, error: Exception) -> TargetError | LocalError:
    for cause in _causes(error):
        match cause:
            case TargetError() | LocalError():
                return cause
            case ssl.SSLError():
                return TlsError(f"{url}: TLS: {cause.reason or cause}", kind=tls_error_kind(cause))
            case socket.timeout():
                return PeerTimeout(f"{url}: the server kept silent", kind="timeout")
            case http.client.RemoteDisconnected():
                return PeerClosed(f"{url}: the server closed without an answer", kind="closed")
            case http.client.IncompleteRead():
                return PeerClosed(f"{url}: the server closed in the middle of its answer", kind="closed")
            case http.client.HTTPException():
                return ProtocolError(
                    f"{url}: not an HTTP answer: {printable(str(cause), 120)}", kind="protocol"
                )
            case ConnectionRefusedError():
                return ConnectError(f"{url}: refused", kind="refused")
            case OSError() if cause.errno == errno.EMSGSIZE:
                return TooLarge(f"{url}: the answer is larger than {_WIRE_LIMIT} bytes", kind="too_large")
            case ConnectionError():
                return PeerClosed(f"{url}: the server reset the connection", kind="reset")
    return ProtocolError(f"{url}: {type(error).__name__}: {printable(str(error), 120)}", kind="protocol")
