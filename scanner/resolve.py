"""Names to addresses: once, before anything is sent to a target, and through the guarded door.

The hosts file is read first, then the DNS servers are asked for A and AAAA with dnspython's messages. ``localhost`` is
always loopback (RFC 6761 §6.3). Whatever comes back is only a proposal: the scope decides what is pinned.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from scanner.errors import ConnectError, PeerTimeout, ProtocolError, ResolveError, TargetError
from scanner.said import zh
from scanner.text import printable
from scanner.transport import Door, Limits

MOST_ADDRESSES = 64
"""Addresses taken of one name; more is a lie or a mistake."""
_LIMITS = Limits(connect=4, silence=4, life=10, received=2 + 65535)
"""Over TCP, two bytes say how long the answer is (RFC 1035 §4.2.2)."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name stands for."""

    addresses: tuple[str, ...]
    chain: tuple[str, ...] = ()
    """The names that its CNAME records lead through (RFC 1034 §3.6.2), in their order, without the name itself."""
    left_out: int = 0
    """Addresses beyond :data:`MOST_ADDRESSES`."""


async def resolve_name(
    door: Door, name: str, resolvers: tuple[tuple[str, int], ...], hosts: dict[str, tuple[str, ...]]
) -> Resolved:
    """All addresses of ``name``, and the aliases in between.

    :raises ResolveError: no address; the kind tells why (nxdomain, no_answer, servfail, timeout, no_resolver).
    """
    if name == "localhost" or name.endswith(".localhost"):
        return Resolved(("127.0.0.1", "::1"))
    if name in hosts:
        return Resolved(hosts[name])
    if not resolvers:
        raise ResolveError(
            f"{name}：本机没有可用的 DNS 服务器；请用 --dns-server 指定",
            f"{name}: this machine has no DNS server to ask; give one with --dns-server",
            kind="no_resolver",
        )
    failure: ResolveError | None = None
    for server in resolvers:
        try:
            answers = [await _ask(door, name, kind, server) for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)]
        except ResolveError as error:
            failure = error
            if error.kind == "nxdomain":
                break
            continue
        found = dict.fromkeys(address for answer in answers for address in answer.addresses)
        if found:
            return Resolved(
                tuple(found)[:MOST_ADDRESSES],
                max((answer.chain for answer in answers), key=len),
                max(0, len(found) - MOST_ADDRESSES),
            )
        failure = ResolveError(f"{name} 在 DNS 中没有地址", f"{name} has no address in DNS", kind="no_answer")
        break
    assert failure is not None
    raise failure


async def _ask(door: Door, name: str, kind: dns.rdatatype.RdataType, server: tuple[str, int]) -> Resolved:
    query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    query.id = secrets.randbelow(65536)
    where = f"{server[0]}:{server[1]}"
    try:
        answer = await exchange(door, query, server, f"resolve: {name} {dns.rdatatype.to_text(kind)}")
    except (PeerTimeout, ConnectError) as error:
        raise ResolveError(
            f"{name}：DNS 服务器 {where} 没有应答",
            f"{name}: DNS server {where} did not answer",
            kind="timeout",
        ) from error
    except TargetError as error:
        raise ResolveError(
            f"{name}：DNS 服务器 {where}：{zh(error)}",
            f"{name}: DNS server {where}: {error}",
            kind="servfail",
        ) from error
    if answer.rcode() == dns.rcode.NXDOMAIN:
        raise ResolveError(
            f"{name} 在 DNS 中不存在（{where} 答复 NXDOMAIN）",
            f"{name} does not exist in DNS (NXDOMAIN from {where})",
            kind="nxdomain",
        )
    if answer.rcode() != dns.rcode.NOERROR:
        raise ResolveError(
            f"{name}：DNS 服务器 {where} 答复 {dns.rcode.to_text(answer.rcode())}",
            f"{name}: DNS server {where} answered {dns.rcode.to_text(answer.rcode())}",
            kind="servfail",
        )
    if not isinstance(answer, dns.message.QueryMessage):
        raise ResolveError(
            f"{name}：DNS 服务器 {where} 发来的不是答复",
            f"{name}: DNS server {where} sent something other than an answer",
            kind="servfail",
        )
    try:
        chain = answer.resolve_chaining()
    except dns.exception.DNSException as error:
        raise ResolveError(
            f"{name}：DNS 服务器 {where} 给出的别名链不完整",
            f"{name}: DNS server {where} gave a broken chain of names",
            kind="servfail",
        ) from error
    if answer.answer and not any(found.name == query.question[0].name for found in answer.answer):
        raise ResolveError(
            f"{name}：DNS 服务器 {where} 答复的是另一个名称",
            f"{name}: DNS server {where} answered for another name",
            kind="servfail",
        )
    aliases = (record.target for alias in chain.cnames for record in alias)
    return Resolved(
        tuple(item.address for item in chain.answer) if chain.answer is not None else (),
        tuple(printable(alias.to_text(omit_final_dot=True).lower(), 255) for alias in aliases),
    )


async def exchange(
    door: Door, query: dns.message.Message, server: tuple[str, int], purpose: str
) -> dns.message.Message:
    """One DNS question over UDP, again over TCP when the answer was cut (RFC 1035 §4.2, RFC 7766).

    :raises ProtocolError: the answer is not DNS, not to this question, or not whole.
    :raises TargetError: no answer.
    """
    wire = query.to_wire()
    async with door.udp(*server, purpose, limits=_LIMITS) as datagrams:
        await datagrams.send(wire)
        answer = _read_answer(await datagrams.receive(), query, server)
    if not answer.flags & dns.flags.TC:
        return answer
    async with door.tcp(*server, f"{purpose} (TCP)", limits=_LIMITS) as stream:
        await stream.write(len(wire).to_bytes(2, "big") + wire)
        size = int.from_bytes(await stream.read_exactly(2), "big")
        answer = _read_answer(await stream.read_exactly(size), query, server)
    if answer.flags & dns.flags.TC:
        # What is missing of it is not known to be missing in DNS.
        raise ProtocolError(f"{server[0]}:{server[1]} sent a cut answer over TCP too")
    return answer


def _read_answer(wire: bytes, query: dns.message.Message, server: tuple[str, int]) -> dns.message.Message:
    try:
        answer = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise ProtocolError(f"{server[0]}:{server[1]} sent something that is not a DNS message") from error
    if not query.is_response(answer):
        raise ProtocolError(f"{server[0]}:{server[1]} sent an answer to another question")
    return answer
