"""One HTTP/1.0 exchange: what OCSP (RFC 6960 appendix A), revocation lists (RFC 5280 §4.2.1.13), time stamps (RFC 3161 §3.4) and,
over TLS, policies of MTA-STS (RFC 8461 §3.3) are had by. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import io
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from scanner.errors import ProtocolError
from scanner.transport import Stream

_NAME = re.compile(r"(?=.{4,253}$)(?:(?!-)[a-z0-9_-]{1,63}\.)+(?!-)[a-z0-9_-]{1,63}")
"""A host name as DNS has it, with a dot in it: names of one label are somebody's own network's."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    media_type: str
    """In lower case and without parameters, as it was sent; empty when none was."""
    body: bytes


async def exchange(
    stream: Stream, host: str, path: str, user_agent: str, posted: tuple[str, bytes] | None = None
) -> bytes:
    """The body of the answer to a GET, or to a POST of ``posted``; see :func:`ask`.

    :raises ProtocolError: the answer is no HTTP of status 200.
    """
    reply = await ask(stream, host, path, user_agent, posted)
    if reply.status != 200:
        raise ProtocolError(f"the answer has the status {reply.status}")
    return reply.body


async def ask(
    stream: Stream, host: str, path: str, user_agent: str, posted: tuple[str, bytes] | None = None
) -> Reply:
    """The answer to a GET, or to a POST of ``posted``: its media type and content.

    ``host`` and ``path`` are those of :func:`url_parts`; the stream's limits bound the answer.

    :raises ProtocolError: the answer is no HTTP.
    """
    lines = [
        f"{'GET' if posted is None else 'POST'} {path} HTTP/1.0",
        f"Host: {host}",
        f"User-Agent: {user_agent}",
        "Connection: close",
    ]
    if posted is not None:
        lines += [f"Content-Type: {posted[0]}", f"Content-Length: {len(posted[1])}"]
    content = b"" if posted is None else posted[1]
    await stream.write("\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + content)
    data = bytearray()
    while more := await stream.read():
        data += more
        if _whole(data):
            break
    return read_reply(bytes(data))


def url_parts(url: str) -> tuple[str, int, str]:
    """Host, port and path of an ``http`` URL.

    :raises ProtocolError: it is none, or has what none needs.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 80
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if ":" not in host and not _NAME.fullmatch(host):
            raise ValueError
        # Nothing of the target's gets into the request but what a URL is made of.
        sound = parts.username is None and all("!" <= char <= "~" for char in path + host)
    except ValueError:
        sound = False
    if not sound:
        raise ProtocolError("the URL is malformed, or names no public host")
    return host, port, path


class _Received:
    """What :class:`http.client.HTTPResponse` reads from instead of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _whole(data: bytearray) -> bool:
    """Whether the answer is complete by its Content-Length, so that its end need not be waited for."""
    end = data.find(b"\r\n\r\n", 0, 1 << 16)
    if end < 0:
        return False
    for line in bytes(data[:end]).lower().split(b"\r\n"):
        if line.startswith(b"content-length:") and line[15:].strip().isdigit():
            return len(data) - end - 4 >= int(line[15:].strip()[:9])
    return False


def read_reply(data: bytes) -> Reply:
    """An HTTP answer.

    :raises ProtocolError: it is none.
    """
    try:
        response = http.client.HTTPResponse(_Received(data), method="POST")  # type: ignore[arg-type]
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise ProtocolError(f"the answer is not HTTP: {type(error).__name__}") from error
    media_type = (response.getheader("content-type") or "").partition(";")[0].strip().lower()
    return Reply(response.status, media_type, body)
