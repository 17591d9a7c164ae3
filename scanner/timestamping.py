"""Asks a time-stamping authority (RFC 3161 §3.4) that the user names, through the guarded door."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from scanner.errors import PolicyRefusal, UsageError, ZijianError
from scanner.governor import Governor, Pace
from scanner.ledger import Ledger
from scanner.plain_http import exchange, url_parts
from scanner.resolve import resolve_name
from scanner.resolvers import read_hosts_file, system_resolvers
from scanner.said import zh
from scanner.scope import normalize_ip
from scanner.text import without_credentials
from scanner.transport import Door, Limits
from scanner.version import VERSION

_LIMITS = Limits(connect=10, silence=20, life=30, received=1 << 18)


class _Authority:
    """Permits this machine's DNS servers, and then the one address that the user's URL leads to."""

    def __init__(self, allowed: Collection[tuple[str, int]]) -> None:
        self.allowed = set(allowed)

    def permit(self, ip: str, port: int, transport: str, at: datetime) -> None:
        if (ip, port) not in self.allowed:
            raise PolicyRefusal(
                f"{ip}:{port} 不是该时间戳机构的地址",
                f"{ip}:{port} is not the time-stamping authority",
                kind="out_of_scope",
            )

    def permit_address(self, ip: str, ports: Collection[int] | None, at: datetime) -> None:
        raise PolicyRefusal(
            "申请时间戳时不扫描任何地址", "nothing is scanned for a time stamp", kind="out_of_scope"
        )

    def permit_outsider(self, ip: str, port: int, at: datetime) -> None:
        self.permit(ip, port, "tcp", at)


def ask(url: str, request: bytes, ledger: Path) -> bytes:
    """The answer of the authority at ``url`` to ``request``, both in DER; ``ledger`` records the connections.

    :raises UsageError: the URL is none of plain HTTP, or there is no answer; the sentence says why.
    """
    try:
        return asyncio.run(_ask(url, request, ledger))
    except ZijianError as error:
        shown = without_credentials(url)
        raise UsageError(
            f"没有从 {shown} 得到时间戳：{zh(error)}", f"no time stamp from {shown}: {error}"
        ) from error


async def _ask(url: str, request: bytes, path: Path) -> bytes:
    if not url.lower().startswith("http://"):
        raise UsageError(
            "请给出 http:// 地址，或者用其他方式送交申请（--request、--answer）",
            "give an http:// address, or post the request by other means (--request, --answer)",
        )
    host, port, resource = url_parts(url)
    resolvers = system_resolvers()
    authority = _Authority(resolvers)
    ledger = Ledger(path)
    try:
        door = Door(authority, Governor(Pace.own_machine()), ledger, limits=_LIMITS)
        try:
            ip = str(normalize_ip(host))
        except ValueError:
            found = await resolve_name(door, host, resolvers, dict(read_hosts_file()))
            ip = str(normalize_ip(found.addresses[0]))
        authority.allowed.add((ip, port))
        named = f"[{host}]" if ":" in host else host
        async with door.tcp(ip, port, f"time stamp: {named}:{port}") as stream:
            return await exchange(
                stream, named if port == 80 else f"{named}:{port}", resource, f"zijian/{VERSION}",
                ("application/timestamp-query", request),
            )  # fmt: skip
    finally:
        ledger.close()
