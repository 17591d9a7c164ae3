"""IPMI: how may one log in at a management controller (IPMI 2.0 §22.13). The capabilities are asked for; nobody logs in."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import IpmiFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.ipmi_wire import CAPABILITIES, read_capabilities
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> IpmiFacts:
    found, said = await weighed(datagrams, (CAPABILITIES,), read_capabilities)
    without = found.anonymous or "none" in found.types
    versions = [name for name, there in (("1.5", found.v15), ("2.0", found.v20)) if there]
    told = [
        Said("authentication types", ", ".join(found.types) or "-"),
        Said("versions", ", ".join(versions) or "-"),
    ]
    told += [Said("anonymous login", "yes")] if found.anonymous else []
    told += [Said("users without a name", "yes")] if found.null_users else []
    return IpmiFacts(
        answers=True,
        said=(*told, *said),
        access="open" if without else "authentication",
        request="Get Channel Authentication Capabilities",
        reply=f"{', '.join(found.types) or '-'}{'; anonymous login' if found.anonymous else ''}",
    )


PROBE = DatagramProbe("ipmi", frozenset({"ipmi"}), _look)
