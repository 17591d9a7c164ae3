"""Probes: one protocol each. A probe gathers facts through the guarded door and judges nothing.

A probe is a module with one object ``PROBE`` that satisfies :class:`Probe`; :func:`scanner.probes.registry.probes`
lists them. Errors are results: a part of a probe that gave no answer becomes a ``ProbeError`` in its facts, and only
when nothing at all was seen does :meth:`Probe.run` raise a :class:`~scanner.errors.TargetError`.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scanner.errors import ZijianError
from scanner.facts import Endpoint, Facts, ProbeError, ServiceFacts
from scanner.transport import Door

if TYPE_CHECKING:
    from scanner.revocation import Responders


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every probe of one scan shares: the way out, how to name itself, and the operator's settings."""

    door: Door
    scan_id: str
    user_agent: str
    """``zijian/<version> (+scan <id>)``; SMTP EHLO and the like derive from ``scan_id``."""
    loop: asyncio.AbstractEventLoop
    resolvers: tuple[tuple[str, int], ...] = ()
    """DNS servers to ask about domains: address and port."""
    ca_file: Path | None = None
    """A further trust store to judge chains against (``--ca-file``)."""
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))
    """What nobody could know before: it stands in what is asked, so that the services' logs show this scan and no other. The
    ledger has it (:mod:`scanner.challenge`)."""
    responders: Responders | None = None
    """Asks whom certificates name about their revocation; None unless ``--revocation online``."""


class Probe(Protocol):
    """One protocol's questions."""

    @property
    def name(self) -> str:
        """The probe's name; equals ``PROBE`` of its facts class."""

    @property
    def per_name(self) -> bool:
        """Whether it runs once for each name of an address (virtual hosts) or once for the address."""

    @property
    def max_connections(self) -> int:
        """Most connections one run may make; a test holds the probe to it."""

    def applies(self, service: ServiceFacts) -> bool:
        """Whether the probe has anything to ask of this service. Does no I/O."""

    async def run(self, session: Session, service: ServiceFacts) -> Facts:
        """Gather the facts.

        :raises TargetError: nothing was seen. :raises PolicyRefusal: outside the scope. :raises Stopped: stopping.
        """


def probe_error(step: str, error: ZijianError) -> ProbeError:
    """The error as part of a probe's facts."""
    return ProbeError(step=step, kind=error.kind, message=str(error))


__all__ = ["Endpoint", "Probe", "Session", "probe_error"]
