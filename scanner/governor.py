"""Pace: how fast, and how many at once, per host and in all; slower when a host slows or errs.

One governor serves a whole scan. A host's interval doubles on each sign of trouble (a timeout, a reset, a connect
time far above its own best) up to a ceiling, and eases back on success. After a run of failures on ports that were
open, the host is given up for the rest of the scan, and the report says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.errors import Throttled

_SLOWEST = 32.0
"""Ceiling of the slow-down factor."""
_GIVE_UP = 12
"""Failures in a row on open ports after which a host is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Limits. Rates are new connections a second; ``nmap_rate`` is packets a second for one nmap run."""

    host_rate: float = 10.0
    host_open: int = 4
    total_rate: float = 100.0
    total_open: int = 128
    nmap_rate: int = 300

    @classmethod
    def from_rate(cls, rate: float) -> Pace:
        """The pace that ``--rate`` asks for: new connections a second to one host, the rest in proportion."""
        return cls(
            host_rate=rate,
            host_open=max(1, min(32, round(rate * 0.4))),
            total_rate=rate * 10,
            total_open=256,
            nmap_rate=max(20, round(rate * 30)),
        )

    @classmethod
    def own_machine(cls) -> Pace:
        """For addresses of the machine that scans: no network lies between, and its administrator started it."""
        return cls(host_rate=1000.0, host_open=16, total_rate=10000.0, total_open=256, nmap_rate=5000)


@dataclass(slots=True)
class _Clock:
    """Hands out start times at least ``interval`` apart."""

    interval: float
    next_start: float = 0.0

    def reserve(self, now: float, factor: float = 1.0) -> float:
        start = max(now, self.next_start)
        self.next_start = start + self.interval * factor
        return start - now


@dataclass(slots=True)
class _Host:
    clock: _Clock
    slots: asyncio.Semaphore
    factor: float = 1.0
    best_latency: float | None = None
    failures: int = 0


@dataclass(slots=True)
class Governor:
    """Admits connections at the pace. Use from one event loop."""

    pace: Pace
    own_pace: Pace | None = None
    own_addresses: Container[str] = frozenset()
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _total: _Clock = field(init=False)
    _total_slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        widest = self.own_pace or self.pace
        self._total = _Clock(1.0 / widest.total_rate)
        self._total_slots = asyncio.Semaphore(widest.total_open)

    def pace_for(self, ip: str) -> Pace:
        """The limits in force for one address."""
        return self.own_pace if self.own_pace is not None and ip in self.own_addresses else self.pace

    def _host(self, ip: str) -> _Host:
        host = self._hosts.get(ip)
        if host is None:
            pace = self.pace_for(ip)
            host = self._hosts[ip] = _Host(_Clock(1.0 / pace.host_rate), asyncio.Semaphore(pace.host_open))
        return host

    @asynccontextmanager
    async def admit(self, ip: str) -> AsyncIterator[None]:
        """Wait for the host's and the scan's turn; hold the places while the block lasts.

        :raises Throttled: the host was given up after repeated trouble.
        """
        host = self._host(ip)
        async with host.slots, self._total_slots:
            self._refuse_if_given_up(ip, host)
            now = time.monotonic()
            wait = max(host.clock.reserve(now, host.factor), self._total.reserve(now))
            if wait > 0:
                await asyncio.sleep(wait)
                self._refuse_if_given_up(ip, host)
            yield

    @staticmethod
    def _refuse_if_given_up(ip: str, host: _Host) -> None:
        if host.failures >= _GIVE_UP:
            raise Throttled(
                f"{ip} was left alone after {_GIVE_UP} connections in a row failed", kind="throttled"
            )

    def given_up(self, ip: str) -> bool:
        """Whether the host was left alone for the rest of the scan."""
        host = self._hosts.get(ip)
        return host is not None and host.failures >= _GIVE_UP

    def report(self, ip: str, *, ok: bool, latency: float | None = None) -> None:
        """Tell how a connection went; ``latency`` is the connect time in seconds. A refusal counts as neither."""
        host = self._host(ip)
        if not ok:
            host.failures += 1
            host.factor = min(_SLOWEST, host.factor * 2)
            return
        host.failures = 0
        slow = False
        if latency is not None:
            best = host.best_latency = min(
                latency, host.best_latency if host.best_latency is not None else latency
            )
            slow = latency > best * 4 + 0.5
        host.factor = min(_SLOWEST, host.factor * 2) if slow else max(1.0, host.factor * 0.8)
