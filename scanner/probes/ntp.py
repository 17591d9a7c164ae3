"""NTP: the time, and what strangers may ask beside it.

Three datagrams of 48, 12 and 8 bytes: the time; the system variables (mode 6); the list of clients (mode 7, ``monlist``), of
whose answer one datagram is read and its entries are counted. Nothing can be set by any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from scanner.errors import PeerTimeout, ProtocolError
from scanner.facts import Endpoint, ProbeError, Said
from scanner.facts.datagrams import Heard, NtpFacts
from scanner.probes import Session, probe_error
from scanner.probes.datagram import DatagramProbe, put
from scanner.probes.ntp_wire import (
    CLIENT,
    MONLIST,
    READVAR,
    read_monlist,
    read_time,
    read_variables,
)
from scanner.text import printable
from scanner.transport import Datagrams

T = TypeVar("T")
_TELLING = ("version", "processor", "system")


@dataclass(slots=True)
class _Asked:
    """What came of a question beside the time. Silence is an answer, if none that proves anything."""

    datagrams: Datagrams
    errors: list[ProbeError] = field(default_factory=list)

    async def put(self, step: str, request: bytes, read: Callable[[bytes], T]) -> tuple[Heard, T | None]:
        try:
            found = await put(self.datagrams, (request,), read)
        except PeerTimeout:
            return "silent", None
        except ProtocolError as error:
            self.errors.append(probe_error(step, error))
            return "silent", None
        return ("answered" if found else "refused"), found


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> NtpFacts:
    time = await put(datagrams, (CLIENT,), read_time)
    asked = _Asked(datagrams)
    control, variables = await asked.put("control", READVAR, read_variables)
    monlist, clients = await asked.put("monlist", MONLIST, read_monlist)
    told = variables or {}
    return NtpFacts(
        answers=True,
        stratum=time.stratum,
        reference=printable(time.reference, 8),
        control=control,
        said=tuple(Said(name, printable(told[name], 120)) for name in _TELLING if told.get(name)),
        monlist=monlist,
        clients=clients,
        errors=tuple(asked.errors),
    )


PROBE = DatagramProbe("ntp", frozenset({"ntp"}), _look)
