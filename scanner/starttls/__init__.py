"""From clear text into TLS: what each protocol says before a ClientHello may follow.

A :class:`Dialect` speaks one protocol just far enough. The STARTTLS probe uses it to read what is offered in clear text,
the TLS probe to open each of its connections. Nothing here judges, and nothing here logs in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TooLarge
from scanner.facts import Endpoint, ServiceFacts
from scanner.probes import Session
from scanner.starttls.dialect import Clear, Dialect, Introduction
from scanner.starttls.ftp import Ftp
from scanner.starttls.ldap import Ldap
from scanner.starttls.mail import Imap, Pop3, Smtp
from scanner.starttls.mysql import Mysql
from scanner.starttls.nntp import Nntp
from scanner.starttls.postgresql import Postgresql
from scanner.starttls.rdp import Rdp
from scanner.starttls.sieve import Sieve
from scanner.starttls.xmpp import XMPP_SERVER_PORT, Xmpp
from scanner.transport import Limits, Stream

if TYPE_CHECKING:
    from scanner.tls.wire import Opening

_DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Smtp(), Imap(), Pop3(), Ftp(), Ldap(), Xmpp("xmpp-client"), Xmpp("xmpp-server"), Postgresql(), Mysql(), Rdp(),
        Nntp(), Sieve(),
    )
}  # fmt: skip
_OF_PROTOCOL: Mapping[str, str] = {
    "smtp": "smtp", "imap": "imap", "pop3": "pop3", "ftp": "ftp", "ldap": "ldap", "postgresql": "postgresql",
    "mysql": "mysql", "mariadb": "mysql", "rdp": "rdp", "nntp": "nntp", "sieve": "sieve",
}  # fmt: skip


def dialect_for(service: ServiceFacts) -> Dialect | None:
    """How this service gets from clear text into TLS; None when it has no such way, or speaks TLS from the first byte."""
    if service.tls or service.endpoint.transport != "tcp" or service.protocol is None:
        return None
    if service.protocol == "xmpp":
        server = service.endpoint.port == XMPP_SERVER_PORT
        return _DIALECTS["xmpp-server" if server else "xmpp-client"]
    name = _OF_PROTOCOL.get(service.protocol)
    return _DIALECTS[name] if name is not None else None


def introduction(session: Session, endpoint: Endpoint) -> Introduction:
    """How we name ourselves to this endpoint, and it to itself."""
    return Introduction(
        client=f"zijian-{session.scan_id}-{session.nonce}.invalid", server=endpoint.name or endpoint.ip
    )


def opening(dialect: Dialect) -> Opening:
    """TLS after ``dialect``'s way into it, for :class:`scanner.tls.wire.Wire`."""

    @asynccontextmanager
    async def after_starttls(
        session: Session, endpoint: Endpoint, purpose: str, limits: Limits
    ) -> AsyncIterator[Stream]:
        what = f"{purpose}, after {dialect.name} starttls"
        async with session.door.tcp(endpoint.ip, endpoint.port, what, limits=limits) as stream:
            try:
                await dialect.enter(stream, introduction(session, endpoint))
            except (PeerClosed, PeerTimeout, TooLarge) as error:
                # Before the hello was sent nothing was said about it: a close here must not look like a refusal.
                message = f"{endpoint.label}, before STARTTLS: {error}"
                raise ProtocolError(message, kind=f"starttls:{error.kind}") from error
            yield stream

    return after_starttls


__all__ = ["Clear", "Dialect", "Introduction", "dialect_for", "introduction", "opening"]
