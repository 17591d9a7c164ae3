"""DNS servers (RFC 1035): do they recurse for us, and what do they say of themselves.

Three queries at most, built and read with dnspython and sent through the door. The first two cause no traffic beyond
the server: ``version.bind CH TXT``, and ``. NS``, which every resolver holds itself, so that the RA bit can be read.
Only a server that offers recursion and did not refuse is asked for one name, ``example.com`` (reserved by RFC 2606):
that is the least that shows whether it resolves on behalf of strangers.

The endpoint's own transport is used, since lists of who may ask can differ; a UDP answer that is truncated, or that does
not come, is asked for once more over TCP.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from scanner.errors import PeerTimeout, PolicyRefusal, ProtocolError, TargetError, ZijianError
from scanner.facts import DnsFacts, ProbeError, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.probes.datagram import put
from scanner.text import printable
from scanner.transport import Datagrams, Limits, Stream

_LIMITS = Limits(connect=6, silence=4, life=30, received=256 * 1024)
_TRIES = 2
_RECURSIVE_NAME = "example.com."

Ask = Callable[[dns.message.Message], Awaitable[dns.message.Message]]


def read_answer(query: dns.message.Message, wire: bytes) -> dns.message.Message:
    """The answer to ``query``.

    :raises ProtocolError: it is something else.
    """
    try:
        reply = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        raise ProtocolError(f"no DNS message: {type(error).__name__}", kind="protocol") from error
    if not query.is_response(reply):
        raise ProtocolError("a DNS message that answers another question", kind="protocol")
    return reply


async def _ask_udp(datagrams: Datagrams, query: dns.message.Message) -> dns.message.Message:
    return await put(
        datagrams,
        (query.to_wire(),),
        lambda wire: read_answer(query, wire),
        waits=(_LIMITS.silence,) * _TRIES,
    )


async def _ask_tcp(stream: Stream, query: dns.message.Message) -> dns.message.Message:
    wire = query.to_wire()
    await stream.write(struct.pack("!H", len(wire)) + wire)
    (length,) = struct.unpack("!H", await stream.read_exactly(2))
    return read_answer(query, await stream.read_exactly(length))


@dataclass(slots=True)
class _Inquiry:
    """What one server has answered so far."""

    answers: bool = False
    recursion_available: bool | None = None
    recursive_answer: bool | None = None
    version_bind: str | None = None
    rcode: str | None = None
    truncated: bool = False
    done: set[str] = field(default_factory=set)
    errors: list[ProbeError] = field(default_factory=list)
    failures: list[ZijianError] = field(default_factory=list)

    def fail(self, step: str, error: ZijianError) -> None:
        """Note what went wrong."""
        self.errors.append(probe_error(step, error))
        self.failures.append(error)

    async def run(self, ask: Ask) -> None:
        """Put the questions that were not answered yet."""
        for step, part in (("recursion", self._recursion), ("version", self._version)):
            if step in self.done:
                continue
            try:
                await part(ask)
            except TargetError as error:
                self.fail(step, error)
                if not isinstance(error, (ProtocolError, PeerTimeout)):
                    return
            else:
                self.done.add(step)

    async def _recursion(self, ask: Ask) -> None:
        reply = await self._put(ask, dns.message.make_query(".", "NS"))
        self.recursion_available = bool(reply.flags & dns.flags.RA)
        if reply.rcode() == dns.rcode.REFUSED or not self.recursion_available:
            self.recursive_answer = False
            return
        reply = await self._put(ask, dns.message.make_query(_RECURSIVE_NAME, "A"))
        self.recursive_answer = _resolved(reply)

    async def _version(self, ask: Ask) -> None:
        reply = await ask(dns.message.make_query("version.bind.", "TXT", "CH", flags=0))
        self.answers = True
        texts = [
            b"".join(record.strings)
            for rrset in reply.answer
            if rrset.rdtype == dns.rdatatype.TXT
            for record in rrset
        ]
        self.version_bind = printable(texts[0], 120) if texts else None

    async def _put(self, ask: Ask, query: dns.message.Message) -> dns.message.Message:
        reply = await ask(query)
        self.answers = True
        self.rcode = dns.rcode.to_text(reply.rcode())
        self.truncated = self.truncated or bool(reply.flags & dns.flags.TC)
        return reply


def _resolved(reply: dns.message.Message) -> bool | None:
    """Whether the answer shows recursion: addresses, and not on the server's own authority. None where it is unclear."""
    if reply.rcode() == dns.rcode.REFUSED:
        return False
    if reply.rcode() != dns.rcode.NOERROR or reply.flags & dns.flags.AA:
        # SERVFAIL: it tried, or its own upstream is closed. AA: the name is one of its own, or it lies on purpose.
        return None
    if any(rrset.rdtype == dns.rdatatype.A for rrset in reply.answer):
        return True
    # A referral is what a server without recursion gives; a truncated answer says nothing.
    return None if reply.flags & dns.flags.TC or reply.flags & dns.flags.RA else False


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "dns"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as DNS; over TLS only where they were identified so over TCP."""
        return service.protocol == "dns"

    async def run(self, session: Session, service: ServiceFacts) -> DnsFacts:
        """Put the questions over the endpoint's transport, and what stayed open over TCP.

        :raises TargetError: nothing was answered.
        """
        inquiry = _Inquiry()
        connectors = [_udp, _tcp] if service.endpoint.transport == "udp" else [_tcp]
        for connect in connectors:
            try:
                async with connect(session, service) as ask:
                    await inquiry.run(ask)
            except (TargetError, PolicyRefusal) as error:
                if isinstance(error, PolicyRefusal) and connect is connectors[0]:
                    raise
                inquiry.fail(connect.__name__.strip("_"), error)
            if len(inquiry.done) == 2 and not inquiry.truncated:
                break
            if inquiry.truncated:
                inquiry.done.clear()
        if not inquiry.answers:
            raise inquiry.failures[0]
        return DnsFacts(
            answers=True,
            recursion_available=inquiry.recursion_available,
            recursive_answer=inquiry.recursive_answer,
            version_bind=inquiry.version_bind,
            rcode=inquiry.rcode,
            errors=tuple(inquiry.errors),
        )


@asynccontextmanager
async def _udp(session: Session, service: ServiceFacts) -> AsyncIterator[Ask]:
    endpoint = service.endpoint
    async with session.door.udp(
        endpoint.ip, endpoint.port, "dns: recursion, version", limits=_LIMITS
    ) as datagrams:
        yield lambda query: _ask_udp(datagrams, query)


@asynccontextmanager
async def _tcp(session: Session, service: ServiceFacts) -> AsyncIterator[Ask]:
    async with opened(session, service, "dns: recursion, version", limits=_LIMITS) as stream:
        yield lambda query: _ask_tcp(stream, query)


PROBE = DnsProbe()
