"""The policy file of MTA-STS (RFC 8461 §3.2, §3.3): fetched where its host lies within the scope, and read by its grammar."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import dns.rdatatype

from scanner.errors import ResolveError, TargetError
from scanner.facts import Endpoint, MtaStsPolicyFacts, ProbeError
from scanner.plain_http import ask
from scanner.probes import Session, probe_error
from scanner.stub_resolver import StubResolver
from scanner.text import printable
from scanner.tls.naming import hostname_match
from scanner.tls.shown import shown_chain
from scanner.tls.trust import judge
from scanner.transport import Limits

PATH = "/.well-known/mta-sts.txt"
_LIMITS = Limits(connect=6, silence=10, life=30, received=80 * 1024)
_LONGEST = 64 * 1024
"""Bytes of a policy that senders read (RFC 8461 §3.3 suggests this bound)."""
_MOST_PATTERNS = 100
_MOST_ADDRESSES = 8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
"""Of a field, extensions with them (RFC 8461 §3.2)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The fields of a policy file; of those that may stand once, the first (§3.2). Empty where there is none."""

    version: str = ""
    mode: str = ""
    max_age: int | None = None
    """Seconds; None when it is not there, or is no number of ten digits at most."""
    patterns: tuple[str, ...] = ()
    odd_lines: int = 0
    """Lines that are no field."""


def read_policy(body: bytes) -> Policy:
    """Read a policy file. Total: whatever the bytes, what stands in them in the form of a field is told."""
    once: dict[str, str] = {}
    patterns: list[str] = []
    odd = 0
    for line in body[:_LONGEST].decode("utf-8", errors="replace").split("\n"):
        name, colon, value = (part.strip(" \t") for part in line.removesuffix("\r").partition(":"))
        if not name and not colon:
            continue
        if not colon or not _NAME.fullmatch(name):
            odd += 1
        elif name != "mx":
            once.setdefault(name, value)
        elif len(patterns) < _MOST_PATTERNS:
            patterns.append(printable(value, 255))
    age = once.get("max_age", "")
    return Policy(
        version=printable(once.get("version", ""), 40),
        mode=printable(once.get("mode", ""), 40),
        max_age=int(age) if re.fullmatch(r"[0-9]{1,10}", age) else None,
        patterns=tuple(patterns),
        odd_lines=odd,
    )


async def policy_of(session: Session, resolver: StubResolver, domain: str) -> MtaStsPolicyFacts:
    """The policy of ``domain``, its host asked on two connections: one for its certificate, one for the file.

    :raises PolicyRefusal: the scan's time is over. :raises Stopped: the scan is stopping.
    """
    host = f"mta-sts.{domain}"
    try:
        addresses = [
            record.address
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)
            for record in await resolver.records(host, kind)
        ][:_MOST_ADDRESSES]
    except ResolveError as error:
        return MtaStsPolicyFacts(host=printable(host, 255), errors=(probe_error("resolve", error),))
    asked = next((ip for ip in addresses if session.door.would_permit(ip, 443, "tcp")), None)
    known: dict[str, object] = {
        "host": printable(host, 255),
        "addresses": tuple(printable(ip, 60) for ip in addresses),
        "asked": asked,
    }
    errors: list[ProbeError] = []
    if asked is not None:
        endpoint = Endpoint(ip=asked, port=443, name=host)
        try:
            chain = await shown_chain(session, endpoint)
            known["trust"] = await asyncio.to_thread(judge, chain, session.ca_file)
            if chain[0].names is not None:
                known["hostname_match"] = hostname_match(chain[0].names, host, asked)
        except TargetError as error:
            errors.append(probe_error("certificate", error))
        try:
            known |= await _fetched(session, endpoint, host)
        except TargetError as error:
            errors.append(probe_error("policy", error))
    return MtaStsPolicyFacts(**known, errors=tuple(errors))  # type: ignore[arg-type]


async def _fetched(session: Session, endpoint: Endpoint, host: str) -> dict[str, object]:
    async with session.door.tcp(
        endpoint.ip, endpoint.port, f"mail_policy: GET https://{host}{PATH}", limits=_LIMITS
    ) as stream:
        await stream.start_tls(server_name=host)
        reply = await ask(stream, host, PATH, session.user_agent)
    told: dict[str, object] = {"status": reply.status, "media_type": printable(reply.media_type, 100)}
    if reply.status == 200:
        read = read_policy(reply.body)
        told |= {
            "version": read.version, "mode": read.mode, "max_age": read.max_age, "patterns": read.patterns,
            "odd_lines": read.odd_lines,
        }  # fmt: skip
    return told
