"""Asks those whom a certificate names whether it was revoked, for ``--revocation online`` alone: the OCSP responder (RFC
6960), or else the place of the revocation list (RFC 5280 §4.2.1.13).

They are outsiders: no target names them, but a certificate, which is the target's word. So the door asks the authority by
:meth:`scanner.transport.Authority.permit_outsider`, after the host's name was resolved once and pinned; the question goes
over plain HTTP, as those standards have it, once for each certificate; redirects are not followed, and the answer is capped
in size and time. Who was asked is in the ledger, and the report names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from scanner.errors import PolicyRefusal, TargetError
from scanner.ledger import OUTSIDER
from scanner.plain_http import exchange, url_parts
from scanner.resolve import Resolved, resolve_name
from scanner.scope import normalize_ip
from scanner.text import printable
from scanner.tls.crl import read_crl
from scanner.tls.staple import read_answer
from scanner.transport import Door, Limits

T = TypeVar("T")

_LIMITS = Limits(connect=5, silence=5, life=10, received=64 * 1024)
_LIST_LIMITS = Limits(connect=5, silence=5, life=30, received=4 * 1024 * 1024)
_MOST_ASKED = 200
"""Certificates asked about in one scan."""
_MOST_LISTS = 16
"""Revocation lists fetched in one scan: they are long."""
_LONGEST_URL = 512


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking; the fields are those of :class:`scanner.facts.RevocationFacts`."""

    responder: str = ""
    source: Literal["ocsp", "crl"] | None = None
    status: str | None = None
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
    return _first_url(
        entry.access_location for entry in access if entry.access_method == AuthorityInformationAccessOID.OCSP
    )


def crl_url(certificate: x509.Certificate) -> str | None:
    """The first revocation list that is named by an ``http`` URL (RFC 5280 §4.2.1.13), is whole, and is the issuer's own;
    None when there is none."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except Exception:
        return None  # As above.
    return _first_url(
        name
        for point in points
        if point.reasons is None and point.crl_issuer is None
        for name in point.full_name or ()
    )


def _first_url(names: Iterable[x509.GeneralName]) -> str | None:
    for name in names:
        if (
            isinstance(name, x509.UniformResourceIdentifier)
            and name.value.lower().startswith("http://")
            and len(name.value) <= _LONGEST_URL
        ):
            return name.value
    return None


@dataclass(slots=True)
class Responders:
    """Asks outsiders, about each certificate once in a scan."""

    door: Door
    user_agent: str
    resolvers: tuple[tuple[str, int], ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Container[str] = ()
    """Addresses of this machine: a certificate must not lead back to it."""
    _pins: dict[str, asyncio.Task[Resolved]] = field(default_factory=dict)
    _answers: dict[bytes, asyncio.Task[Answer]] = field(default_factory=dict)
    _lists: int = 0

    async def ask(self, leaf: x509.Certificate, issuer: x509.Certificate) -> Answer:
        """What the authority says of ``leaf``: by OCSP, or by its revocation list where that gives no answer. What goes
        wrong is told in it.

        :raises Stopped: the scan is stopping. :raises LocalError: this machine lacks something.
        """
        key = leaf.fingerprint(hashes.SHA256())
        if key not in self._answers:
            if len(self._answers) >= _MOST_ASKED:
                return Answer(why=f"{_MOST_ASKED} certificates were asked about already")
            self._answers[key] = _task(self._ask(leaf, issuer))
        # One probe that is given up must not take the answer from the others.
        return await asyncio.shield(self._answers[key])

    async def _ask(self, leaf: x509.Certificate, issuer: x509.Certificate) -> Answer:
        by_ocsp, by_list = responder_url(leaf), crl_url(leaf)
        answer = Answer(why="the certificate names neither responder nor revocation list over http")
        if by_ocsp is not None:
            answer = await self._answer("ocsp", by_ocsp, leaf, issuer)
        if answer.status is None and by_list is not None and self._lists < _MOST_LISTS:
            self._lists += 1
            listed = await self._answer("crl", by_list, leaf, issuer)
            answer = listed if listed.status is not None or by_ocsp is None else answer
        return answer

    async def _answer(
        self, source: Literal["ocsp", "crl"], url: str, leaf: x509.Certificate, issuer: x509.Certificate
    ) -> Answer:
        where = ""
        try:
            host, port, path = url_parts(url)
            where = printable(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", 260)
            if source == "ocsp":
                data = await self._fetch(host, port, path, _question(leaf, issuer))
                status, why = read_answer(data, leaf, issuer)
            else:
                data = await self._fetch(host, port, path, None)
                status, why = await asyncio.to_thread(read_crl, data, leaf, issuer, url)
        except (PolicyRefusal, TargetError) as error:
            return Answer(where, source, why=printable(f"{error.kind}: {error}", 300))
        return Answer(where, source, status, printable(why, 300))

    async def _address(self, host: str, port: int) -> str:
        """The address to ask: the first that the name has. It is asked of DNS once in a scan."""
        try:
            return str(normalize_ip(host))
        except ValueError:
            pass
        if host not in self._pins:
            self._pins[host] = _task(resolve_name(self.door, host, self.resolvers, dict(self.hosts)))
        found = await asyncio.shield(self._pins[host])
        return str(normalize_ip(found.addresses[0]))

    async def _fetch(self, host: str, port: int, path: str, question: bytes | None) -> bytes:
        """POST the OCSP question; GET the revocation list when there is none."""
        ip = await self._address(host, port)
        name = f"[{host}]" if ":" in host else host
        purpose = f"{OUTSIDER}{'CRL' if question is None else 'OCSP'}, {name}:{port}"
        limits = _LIMITS if question is not None else _LIST_LIMITS
        # This machine's own addresses are touched only where the scope grants them: the door is asked the plain question.
        outsider = ip not in self.own
        async with self.door.tcp(ip, port, purpose, limits=limits, outsider=outsider) as stream:
            return await exchange(
                stream, f"{name}{'' if port == 80 else f':{port}'}", path, self.user_agent,
                None if question is None else ("application/ocsp-request", question),
            )  # fmt: skip


def _question(leaf: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """An OCSP request, with the hash that every responder knows (RFC 5019 §2.1.1)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(serialization.Encoding.DER)
