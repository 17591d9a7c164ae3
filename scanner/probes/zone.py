"""A zone: its name servers, its signatures, and whether it answers for names that nobody made.

The scan's DNS servers are asked for public data. A name server of the zone is asked itself only when the scope grants its
address: for the zone's SOA record, and whether it hands the whole zone to a stranger (AXFR, RFC 5936). Of that answer the
first message alone is read, and of its records nothing is kept but their number.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.node
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.rrset

from scanner.errors import NotOffered, PeerClosed, ProtocolError, ResolveError, TargetError
from scanner.facts import NameServerFacts, ProbeError, ServiceFacts, ZoneFacts
from scanner.probes import Session, probe_error
from scanner.probes.dns import read_answer
from scanner.said import zh
from scanner.stub_resolver import StubResolver, rrset
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=6, life=20, received=128 * 1024)
_MOST_SERVERS = 13
_MOST_ADDRESSES = 8


@dataclass(slots=True)
class _Look:
    session: Session
    resolver: StubResolver
    zone: str
    serial: int | None = None
    servers: list[NameServerFacts] = field(default_factory=list)
    ds: bool | None = None
    signed: bool | None = None
    signature: str | None = None
    signature_error: str = ""
    ends: str | None = None
    wildcard: tuple[str, ...] = ()
    errors: list[ProbeError] = field(default_factory=list)

    async def apex(self) -> None:
        """See that the name is the top of a zone.

        :raises NotOffered: it lies within another's zone, or does not exist. :raises ResolveError: not told.
        """
        found = await self.resolver.records(self.zone, dns.rdatatype.SOA)
        if not found:
            raise NotOffered(f"{self.zone} is not the top of a zone", kind="no_zone")
        self.serial = found[0].serial

    async def name_servers(self) -> None:
        """The servers that the zone names, and what those in the scope answer themselves."""
        names = [
            printable(record.target.to_text(omit_final_dot=True), 255)
            for record in await self.resolver.records(self.zone, dns.rdatatype.NS)
        ]
        for name in sorted(names)[:_MOST_SERVERS]:
            addresses = [
                printable(record.address, 60)
                for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)
                for record in await self.resolver.records(name, kind)
            ][:_MOST_ADDRESSES]
            self.servers.append(await self._server(name, tuple(addresses)))

    async def _server(self, name: str, addresses: tuple[str, ...]) -> NameServerFacts:
        facts = NameServerFacts(name=name, addresses=addresses)
        asked = next((ip for ip in addresses if self.session.door.would_permit(ip, 53, "tcp")), None)
        if asked is None:
            return facts
        authoritative, serial, transfer, reply = None, None, None, ""
        try:
            query = dns.message.make_query(self.zone, dns.rdatatype.SOA, flags=0)
            (answer,) = await self._exchange(asked, query, "SOA")
            soa = rrset(answer, self.zone, dns.rdatatype.SOA, dns.rdatatype.NONE)
            authoritative = bool(answer.flags & dns.flags.AA) and soa is not None
            serial = soa[0].serial if soa is not None else None
        except TargetError as error:
            self.errors.append(probe_error(f"server:{name}", error))
        try:
            transfer, reply = await self._transfer(asked)
        except TargetError as error:
            self.errors.append(probe_error(f"transfer:{name}", error))
        return NameServerFacts(
            name=name,
            addresses=addresses,
            asked=asked,
            authoritative=authoritative,
            serial=serial,
            transfer=transfer,  # type: ignore[arg-type]
            transfer_reply=reply,
        )

    async def _transfer(self, ip: str) -> tuple[str, str]:
        query = dns.message.make_query(self.zone, dns.rdatatype.AXFR, flags=0)
        try:
            answers = await self._exchange(ip, query, "AXFR")
        except PeerClosed:
            # RFC 5936 §2.2.1 lets a server that will not answer close the connection.
            return "refused", "closed"
        rcode = answers[0].rcode()
        count = sum(len(found) for answer in answers for found in answer.answer)
        first = next((found for answer in answers for found in answer.answer), None)
        if (
            rcode == dns.rcode.NOERROR
            and first is not None
            and first.rdtype == dns.rdatatype.SOA
            and count > 1
        ):
            return "open", f"NOERROR, {count} records in the first message"
        if rcode == dns.rcode.NOERROR and count:
            raise ProtocolError("an answer to AXFR that does not begin with the zone's SOA", kind="protocol")
        return "refused", dns.rcode.to_text(rcode)

    async def _exchange(self, ip: str, query: dns.message.Message, what: str) -> list[dns.message.Message]:
        query.id = secrets.randbelow(65536)
        wire = query.to_wire()
        door = self.session.door
        async with door.tcp(ip, 53, f"zone: {self.zone} {what}", limits=_LIMITS) as stream:
            await stream.write(len(wire).to_bytes(2, "big") + wire)
            answers: list[dns.message.Message] = []
            # Some servers send the SOA record in a message of its own, before the others (RFC 5936 §2.2).
            while len(answers) < (2 if what == "AXFR" else 1):
                try:
                    size = int.from_bytes(await stream.read_exactly(2), "big")
                    answers.append(read_answer(query, await stream.read_exactly(size)))
                except TargetError:
                    if not answers:
                        raise
                    break
                if sum(len(found) for found in answers[-1].answer) != 1:
                    break
            return answers

    async def signatures(self) -> None:
        """Whether the parent vouches for keys, the zone has them, and both agree with the signatures."""
        resolver, zone = self.resolver, self.zone
        none, rrsig = dns.rdatatype.NONE, dns.rdatatype.RRSIG
        parent = rrset(await resolver.ask(zone, dns.rdatatype.DS, signed=True), zone, dns.rdatatype.DS, none)
        self.ds = parent is not None
        answer = await resolver.ask(zone, dns.rdatatype.DNSKEY, signed=True)
        keys = rrset(answer, zone, dns.rdatatype.DNSKEY, none)
        self.signed = keys is not None
        if keys is None:
            if parent is not None:
                self.signature, self.signature_error = "invalid", "DS records, and no DNSKEY records"
            return
        over_keys = rrset(answer, zone, rrsig, dns.rdatatype.DNSKEY)
        answer = await resolver.ask(zone, dns.rdatatype.SOA, signed=True)
        soa = rrset(answer, zone, dns.rdatatype.SOA, none)
        over_soa = rrset(answer, zone, rrsig, dns.rdatatype.SOA)
        if over_keys is None and over_soa is None:
            # The resolver between may not pass signatures on (RFC 3225).
            raise ResolveError(
                f"{zone}：DNS 服务器没有返回签名",
                f"{zone}: no signatures came through the DNS server",
                kind="no_signatures",
            )
        if over_soa is not None:
            end = max(record.expiration for record in over_soa)
            self.ends = datetime.fromtimestamp(end, UTC).isoformat().replace("+00:00", "Z")
        self._judge(parent, keys, over_keys, soa, over_soa)

    def _judge(
        self,
        parent: dns.rrset.RRset | None,
        keys: dns.rrset.RRset,
        over_keys: dns.rrset.RRset | None,
        soa: dns.rrset.RRset | None,
        over_soa: dns.rrset.RRset | None,
    ) -> None:
        owner = dns.name.from_text(self.zone)
        known: dict[dns.name.Name, dns.node.Node | dns.rdataset.Rdataset] = {owner: keys}
        try:
            trusted = keys if parent is None else _vouched(owner, keys, parent)
            if not len(trusted):
                self.signature, self.signature_error = "invalid", "no DNSKEY record matches the DS records"
                return
            if over_keys is None or over_soa is None or soa is None:
                self.signature, self.signature_error = "invalid", "a signature is missing"
                return
            dns.dnssec.validate(keys, over_keys, {owner: trusted})
            dns.dnssec.validate(soa, over_soa, known)
        except dns.exception.UnsupportedAlgorithm as error:
            raise ResolveError(
                f"{self.zone}：{zh(error)}", f"{self.zone}: {error}", kind="unsupported"
            ) from error
        except dns.exception.ValidationFailure as error:
            self.signature, self.signature_error = "invalid", printable(str(error), 200)
        except (dns.exception.DNSException, ValueError) as error:
            self.signature, self.signature_error = (
                "invalid",
                printable(f"{type(error).__name__}: {error}", 200),
            )
        else:
            self.signature = "valid"

    async def nobodys_name(self) -> None:
        """Whether a name that nobody made has addresses."""
        found = await self.resolver.records(f"zijian-{self.session.nonce}.{self.zone}", dns.rdatatype.A)
        self.wildcard = tuple(printable(record.address, 60) for record in found[:_MOST_ADDRESSES])


def _vouched(owner: dns.name.Name, keys: dns.rrset.RRset, parent: dns.rrset.RRset) -> dns.rrset.RRset:
    """The keys that a DS record names (RFC 4034 §5.1.4).

    :raises dns.exception.UnsupportedAlgorithm: all DS records are of digests that cannot be made here.
    """
    trusted = dns.rrset.RRset(owner, keys.rdclass, keys.rdtype)
    unsupported: dns.exception.UnsupportedAlgorithm | None = None
    for ds in parent:
        for key in keys:
            try:
                made = dns.dnssec.make_ds(owner, key, ds.digest_type, validating=True)
            except dns.exception.UnsupportedAlgorithm as error:
                unsupported = error
                continue
            if made == ds:
                trusted.add(key, keys.ttl)
    if not len(trusted) and unsupported is not None:
        raise unsupported
    return trusted


@dataclass(frozen=True, slots=True)
class ZoneProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "zone"
    per_name: bool = True
    max_connections: int = 120

    def applies(self, service: ServiceFacts) -> bool:
        """Every domain; one that is not the top of a zone is found out by asking."""
        return service.endpoint.transport == "domain"

    async def run(self, session: Session, service: ServiceFacts) -> ZoneFacts:
        """Ask.

        :raises NotOffered: the name is not the top of a zone. :raises ResolveError: that could not be told.
        """
        resolver = StubResolver(session.door, session.resolvers, self.name)
        look = _Look(session, resolver, service.endpoint.host)
        await look.apex()
        for step, part in (
            ("servers", look.name_servers), ("dnssec", look.signatures), ("wildcard", look.nobodys_name),
        ):  # fmt: skip
            try:
                await part()
            except ResolveError as error:
                look.errors.append(probe_error(step, error))
        return ZoneFacts(
            serial=look.serial,
            servers=tuple(look.servers),
            ds=look.ds,
            signed=look.signed,
            signature=look.signature,  # type: ignore[arg-type]
            signature_error=look.signature_error,
            signatures_end=look.ends,
            wildcard=look.wildcard,
            errors=tuple(look.errors),
        )


PROBE = ZoneProbe()
