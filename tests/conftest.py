"""Fixtures that open the guarded door onto loopback servers."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest

from scanner.errors import PolicyRefusal
from scanner.facts import Endpoint, Facts, ServiceFacts
from scanner.governor import Governor, Pace
from scanner.ledger import Ledger
from scanner.probes import Probe, Session
from scanner.transport import Door, Limits
from tests.servers.process import loopback_address

pytest_plugins = ("tests.leftovers",)
os.environ["ZIJIAN_LANG"] = "en"
"""Tests read English sentences, in programs that they start too; those of the Chinese ones say so."""

T = TypeVar("T")


class LoopbackOnly:
    """An authority that permits loopback and nothing else, for tests of probes."""

    def permit(self, ip: str, port: int, transport: str, at: datetime) -> None:
        if not ipaddress.ip_address(ip).is_loopback:
            raise PolicyRefusal(f"{ip} 不是回环地址", f"{ip} is not loopback", kind="out_of_scope")

    def permit_address(self, ip: str, ports: Collection[int] | None, at: datetime) -> None:
        self.permit(ip, 0, "tcp", at)

    def permit_outsider(self, ip: str, port: int, at: datetime) -> None:
        self.permit(ip, port, "tcp", at)


class Scanner:
    """Runs coroutines with a session whose door leads to loopback only; counts what went through it."""

    def __init__(self, folder: Path) -> None:
        self.ledger_path = folder / "ledger.jsonl"
        self.ca_file: Path | None = None
        self.limits = Limits(connect=3, silence=3, life=15)

    def run(self, job: Callable[[Session], Awaitable[T]]) -> T:
        """Run ``job`` with a fresh session."""

        async def main() -> T:
            ledger = Ledger(self.ledger_path)
            door = Door(LoopbackOnly(), Governor(Pace.own_machine()), ledger, limits=self.limits)
            session = Session(
                door=door,
                scan_id="test",
                user_agent="zijian/test (+scan test)",
                loop=asyncio.get_running_loop(),
                ca_file=self.ca_file,
            )
            try:
                return await job(session)
            finally:
                ledger.close()

        return asyncio.run(main())

    def probe(
        self,
        probe: Probe,
        address: str,
        port: int,
        *,
        name: str | None = None,
        protocol: str | None = None,
        tls: bool = False,
        transport: str = "tcp",
    ) -> Facts:
        """Run one probe against ``address:port`` and return its facts."""
        service = ServiceFacts(
            endpoint=Endpoint(ip=address, port=port, transport=transport, name=name),  # type: ignore[arg-type]
            target=name or address,
            protocol=protocol,
            tls=tls,
        )
        return self.run(lambda session: probe.run(session, service))


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    """A way to run probes; see :class:`Scanner`."""
    return Scanner(tmp_path)


@pytest.fixture
def address() -> str:
    """A loopback address of the test's own."""
    return loopback_address()
