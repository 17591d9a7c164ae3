"""TLSA records of a service, as DNS states them (RFC 6698 §3)."""

from __future__ import annotations

from dataclasses import dataclass

import dns.flags
import dns.rdatatype

from scanner.stub_resolver import StubResolver
from scanner.text import printable
from scanner.tls.tlsa import Association

_MOST = 8
"""Records that are read."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What is stated about a service's certificate."""

    associations: tuple[Association, ...]
    texts: tuple[str, ...]
    """The same in presentation format."""
    signed: bool
    """The DNS server said that it had checked the signatures (the AD bit, RFC 4035 §3.2.3)."""


async def stated(resolver: StubResolver, host: str, port: int) -> Stated:
    """The TLSA records of ``port`` over TCP at ``host``.

    :raises ResolveError: it could not be told.
    """
    name = f"_{port}._tcp.{host}"
    records = (await resolver.records(name, dns.rdatatype.TLSA))[:_MOST]
    answer = await resolver.ask(name, dns.rdatatype.TLSA)
    return Stated(
        tuple(Association(item.usage, item.selector, item.mtype, item.cert) for item in records),
        tuple(printable(item.to_text(), 200) for item in records),
        bool(answer.flags & dns.flags.AD),
    )
