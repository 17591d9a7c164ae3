"""Questions about domains, put to the DNS servers that the scan was given, through the guarded door.

Public DNS data alone is asked for, from no server but these. Where signatures are wanted, checking is left to us (the CD
bit, RFC 4035 §3.2.2): a resolver that validates would hide a broken zone behind SERVFAIL.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from scanner.errors import ConnectError, PeerTimeout, ResolveError, TargetError
from scanner.resolve import exchange
from scanner.said import zh
from scanner.transport import Door

_TRIES = 2
"""Over UDP a datagram may be lost."""
_MOST_RECORDS = 100
"""Records read of one answer; more is a lie or a mistake."""


@dataclass(slots=True)
class StubResolver:
    """Asks, and remembers the answers while it lives; every look at a domain makes one of its own."""

    door: Door
    servers: tuple[tuple[str, int], ...]
    purpose: str
    """What the ledger says that it is for, before the question."""
    most: int = 120
    """Questions at most."""
    _answers: dict[tuple[str, dns.rdatatype.RdataType, bool], dns.message.QueryMessage] = field(
        default_factory=dict
    )

    async def ask(
        self, name: str, kind: dns.rdatatype.RdataType, *, signed: bool = False
    ) -> dns.message.QueryMessage:
        """An answer that says what there is (NOERROR), or that the name does not exist (NXDOMAIN).

        :raises ResolveError: there is none; the kind tells why (servfail, timeout, no_resolver, spent).
        """
        key = (name.lower(), kind, signed)
        if key not in self._answers:
            if len(self._answers) >= self.most:
                raise ResolveError(
                    f"{name}：已经查询 {self.most} 次，达到上限",
                    f"{name}: {self.most} questions were asked already",
                    kind="spent",
                )
            self._answers[key] = await self._put(name, kind, signed)
        return self._answers[key]

    async def records(self, name: str, kind: dns.rdatatype.RdataType) -> list[Any]:
        """The records of ``kind`` that the name, or what it is an alias of, has; none when it does not exist.

        :raises ResolveError: it could not be told.
        """
        answer = await self.ask(name, kind)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return []
        try:
            found = answer.resolve_chaining().answer
        except dns.exception.DNSException as error:
            raise ResolveError(
                f"{name}：答复中的别名链不完整",
                f"{name}: a broken chain of names in the answer",
                kind="servfail",
            ) from error
        return list(found)[:_MOST_RECORDS] if found is not None else []

    async def _put(self, name: str, kind: dns.rdatatype.RdataType, signed: bool) -> dns.message.QueryMessage:
        if not self.servers:
            raise ResolveError(
                f"{name}：本机没有可用的 DNS 服务器；请用 --dns-server 指定",
                f"{name}: this machine has no DNS server to ask; give one with --dns-server",
                kind="no_resolver",
            )
        try:
            query = dns.message.make_query(name, kind, use_edns=0, payload=1232, want_dnssec=signed)
        except dns.exception.DNSException as error:
            raise ResolveError(
                f"{name} 不是 DNS 能够容纳的名称", f"{name} is no name that DNS can hold", kind="nxdomain"
            ) from error
        # Without DO, a resolver that validates says so only to those who ask for it (RFC 6840 §5.7).
        query.flags |= dns.flags.CD if signed else dns.flags.AD
        query.id = secrets.randbelow(65536)
        text = f"{self.purpose}: {name} {dns.rdatatype.to_text(kind)}"
        failure = ResolveError(text, text)
        for server in self.servers:
            where = f"{server[0]}:{server[1]}"
            for _ in range(_TRIES):
                try:
                    answer = await exchange(self.door, query, server, text)
                except PeerTimeout:
                    failure = ResolveError(
                        f"{name}：DNS 服务器 {where} 没有应答",
                        f"{name}: DNS server {where} did not answer",
                        kind="timeout",
                    )
                    continue
                except TargetError as error:
                    kind_of = "timeout" if isinstance(error, ConnectError) else "servfail"
                    failure = ResolveError(
                        f"{name}：DNS 服务器 {where}：{zh(error)}",
                        f"{name}: DNS server {where}: {error}",
                        kind=kind_of,
                    )
                    break
                rcode = answer.rcode()
                if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and isinstance(
                    answer, dns.message.QueryMessage
                ):
                    return answer
                failure = ResolveError(
                    f"{name}：DNS 服务器 {where} 答复 {dns.rcode.to_text(rcode)}",
                    f"{name}: DNS server {where} answered {dns.rcode.to_text(rcode)}",
                    kind="servfail",
                )
                break
        raise failure


def rrset(
    answer: dns.message.Message, name: str, kind: dns.rdatatype.RdataType, covers: dns.rdatatype.RdataType
) -> dns.rrset.RRset | None:
    """The records of ``kind`` (signatures over ``covers``) that stand under the name itself, or None."""
    owner = dns.name.from_text(name)
    return next(
        (
            found
            for found in answer.answer
            if found.name == owner and found.rdtype == kind and found.covers == covers
        ),
        None,
    )
