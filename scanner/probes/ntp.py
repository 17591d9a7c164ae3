"""NTP: the time, and what strangers may ask beside it.

Three datagrams of 48, 12 and 8 bytes: the time; the system variables (mode 6); the list of clients (mode 7, ``monlist``), of
whose answer one datagram is read and its entries are counted. Nothing can be set by any of them.
"""

from __future__ import annotations

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

_TELLING = ("version", "processor", "system")


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> NtpFacts:
    time = await put(datagrams, (CLIENT,), read_time)
    errors: list[ProbeError] = []
    control: Heard = "silent"
    monlist: Heard = "silent"
    variables: dict[str, str] = {}
    clients: int | None = None
    try:
        variables = await put(datagrams, (READVAR,), read_variables)
        control = "answered" if variables else "refused"
    except PeerTimeout:
        pass
    except ProtocolError as error:
        errors.append(probe_error("control", error))
    try:
        clients = await put(datagrams, (MONLIST,), read_monlist)
        monlist = "answered" if clients else "refused"
    except PeerTimeout:
        pass
    except ProtocolError as error:
        errors.append(probe_error("monlist", error))
    said = tuple(Said(name, printable(variables[name], 120)) for name in _TELLING if variables.get(name))
    return NtpFacts(
        answers=True,
        stratum=time.stratum,
        reference=printable(time.reference, 8),
        control=control,
        said=said,
        monlist=monlist,
        clients=clients,
        errors=tuple(errors),
    )


PROBE = DatagramProbe("ntp", frozenset({"ntp"}), _look)
