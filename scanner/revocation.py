"""Asks the OCSP responder that a certificate names whether it was revoked (RFC 6960), for ``--revocation online`` alone.

The responder is an outsider: no target names it, but a certificate, which is the target's word. So the door asks the
authority by :meth:`scanner.transport.Authority.permit_outsider`, after the host's name was resolved once and pinned; the
question goes over plain HTTP, as RFC 6960 has it, once for each certificate; redirects are not followed, and the answer is
capped in size and time. Who was asked is in the ledger, and the report names it.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import re
from collections.abc import Container, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from scanner.errors import PolicyRefusal, ProtocolError, TargetError
from scanner.ledger import OUTSIDER
from scanner.resolve import resolve_name
from scanner.scope import normalize_ip
from scanner.text import printable
from scanner.transport import Door, Limits

T = TypeVar("T")

_LIMITS = Limits(connect=5, silence=5, life=10, received=64 * 1024)
_MOST_ASKED = 200
"""Certificates asked about in one scan."""
_LONGEST_URL = 512
_NAME = re.compile(r"(?=.{4,253}$)(?:(?!-)[a-z0-9_-]{1,63}\.)+(?!-)[a-z0-9_-]{1,63}")
"""A host name as DNS has it, with a dot in it: names of one label are somebody's own network's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An OCSP response in DER, or why there is none."""

    responder: str
    der: bytes | None = None
    why: str = ""


def _task(job: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    task = asyncio.create_task(job)
    # Whoever asked may be gone by the time it fails.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def responder_url(certificate: x509.Certificate) -> str | None:
    """The first OCSP responder that is named by an ``http`` URL (RFC 5280 §4.2.2.1); None when there is none."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except Exception:
        return None  # No such extension, or a broken one, which the certificate's facts tell.
    for entry in access:
        location = entry.access_location
        if (
            entry.access_method == AuthorityInformationAccessOID.OCSP
            and isinstance(location, x509.UniformResourceIdentifier)
            and location.value.lower().startswith("http://")
            and len(location.value) <= _LONGEST_URL
        ):
            return location.value
    return None


@dataclass(slots=True)
class Responders:
    """Asks outsiders, each certificate once in a scan."""

    door: Door
    user_agent: str
    resolvers: tuple[tuple[str, int], ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Container[str] = ()
    """Addresses of this machine: a certificate must not lead back to it."""
    _pins: dict[str, asyncio.Task[tuple[str, ...]]] = field(default_factory=dict)
    _answers: dict[tuple[bytes, str], asyncio.Task[Answer]] = field(default_factory=dict)

    async def ask(self, leaf: x509.Certificate, issuer: x509.Certificate) -> Answer:
        """The responder's answer about ``leaf``. What goes wrong is told in it.

        :raises Stopped: the scan is stopping. :raises LocalError: this machine lacks something.
        """
        url = responder_url(leaf)
        if url is None:
            return Answer("", why="the certificate names no responder over http")
        key = (leaf.fingerprint(hashes.SHA256()), url)
        if key not in self._answers:
            if len(self._answers) >= _MOST_ASKED:
                return Answer("", why=f"{_MOST_ASKED} certificates were asked about already")
            self._answers[key] = _task(self._ask(url, leaf, issuer))
        # One probe that is given up must not take the answer from the others.
        return await asyncio.shield(self._answers[key])

    async def _ask(self, url: str, leaf: x509.Certificate, issuer: x509.Certificate) -> Answer:
        where = ""
        try:
            host, port, path = _parts(url)
            where = printable(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", 260)
            question = (
                ocsp.OCSPRequestBuilder()
                .add_certificate(leaf, issuer, hashes.SHA1())  # noqa: S303  # What every responder knows (RFC 5019 §2.1.1).
                .build()
                .public_bytes(serialization.Encoding.DER)
            )
            ip = await self._address(host, port)
            return Answer(where, der=await self._post(ip, port, host, path, question))
        except (PolicyRefusal, TargetError) as error:
            return Answer(where, why=printable(f"{error.kind}: {error}", 300))

    async def _address(self, host: str, port: int) -> str:
        """The address to ask: the first that the name has. It is asked of DNS once in a scan."""
        try:
            return str(normalize_ip(host))
        except ValueError:
            pass
        if host not in self._pins:
            self._pins[host] = _task(resolve_name(self.door, host, self.resolvers, dict(self.hosts)))
        found = await asyncio.shield(self._pins[host])
        return str(normalize_ip(found[0]))

    async def _post(self, ip: str, port: int, host: str, path: str, question: bytes) -> bytes:
        name = f"[{host}]" if ":" in host else host
        head = (
            f"POST {path} HTTP/1.0\r\nHost: {name}{'' if port == 80 else f':{port}'}\r\n"
            f"User-Agent: {self.user_agent}\r\nContent-Type: application/ocsp-request\r\n"
            f"Accept: application/ocsp-response\r\nContent-Length: {len(question)}\r\nConnection: close\r\n\r\n"
        )
        if ip in self.own:
            # The scope may grant it all the same; the door asks the plain question then.
            connection = self.door.tcp(ip, port, f"{OUTSIDER}OCSP, {name}:{port}", limits=_LIMITS)
        else:
            connection = self.door.tcp(
                ip, port, f"{OUTSIDER}OCSP, {name}:{port}", limits=_LIMITS, outsider=True
            )
        async with connection as stream:
            await stream.write(head.encode("ascii") + question)
            data = bytearray()
            while (more := await stream.read()) and not _whole(data := data + more):
                pass
        return _body(bytes(data))


def _parts(url: str) -> tuple[str, int, str]:
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
        raise ProtocolError("the responder's URL is malformed, or names no public host")
    return host, port, path


class _Received:
    """What :class:`http.client.HTTPResponse` reads from instead of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _whole(data: bytearray) -> bool:
    """Whether the answer is complete by its Content-Length, so that its end need not be waited for."""
    head, end, body = bytes(data).partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:") and line[15:].strip().isdigit():
            return bool(end) and len(body) >= int(line[15:].strip()[:9])
    return False


def _body(data: bytes) -> bytes:
    """The body of an HTTP answer of status 200.

    :raises ProtocolError: it is not one.
    """
    try:
        response = http.client.HTTPResponse(_Received(data), method="POST")  # type: ignore[arg-type]
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise ProtocolError(f"the responder's answer is not HTTP: {type(error).__name__}") from error
    if response.status != 200:
        raise ProtocolError(f"the responder answered with status {response.status}")
    return body
