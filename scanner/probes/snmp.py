"""SNMP: is ``public`` taken, and does a version 3 engine answer.

One GET of one value, sysDescr.0, with the community that agents' manuals give as the default for reading; in version 2c,
and where that stays without an answer in version 1. No other community is tried, nothing is walked, nothing is set. The
discovery of the engine is how every manager of version 3 begins (RFC 3414 §4).
"""

from __future__ import annotations

from scanner.errors import PeerTimeout, ProtocolError
from scanner.facts import Endpoint, ProbeError, Said
from scanner.facts.access import Access
from scanner.facts.datagrams import SnmpFacts
from scanner.probes import Session, probe_error
from scanner.probes.datagram import DatagramProbe, put
from scanner.probes.snmp_wire import DISCOVERY, V1, V2C, Engine, Value, get_sys_descr, read_engine, read_value
from scanner.text import printable
from scanner.transport import Datagrams

_REFUSALS = frozenset({"authorizationError", "noAccess"})


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> SnmpFacts:
    engine: Engine | None = None
    value: Value | None = None
    errors: list[ProbeError] = []
    try:
        engine = await put(datagrams, (DISCOVERY,), read_engine)
    except (PeerTimeout, ProtocolError) as error:
        errors.append(probe_error("engine", error))
    try:
        value = await put(datagrams, (get_sys_descr(V2C), get_sys_descr(V1)), read_value)
    except (PeerTimeout, ProtocolError) as error:
        if engine is None:
            raise
        errors.append(probe_error("public", error))
    said = []
    if engine is not None:
        maker = "" if engine.enterprise is None else f", enterprise {engine.enterprise}"
        said.append(Said("SNMPv3 engine", f"boots {engine.boots}, up {engine.seconds} s{maker}"))
    if value is not None and value.text is not None:
        said.append(Said("sysDescr", printable(value.text, 200)))
    return SnmpFacts(
        answers=True,
        said=tuple(said),
        access=_access(value),
        request="GET sysDescr.0, community public",
        reply=_reply(value),
        errors=tuple(errors),
    )


def _access(value: Value | None) -> Access | None:
    if value is None:
        # The engine lives, and public gets no answer: an agent drops communities that it does not know (RFC 1157 §4.1).
        return "authentication"
    if value.text is not None:
        return "open"
    return "refused" if value.error in _REFUSALS else None


def _reply(value: Value | None) -> str:
    if value is None:
        return "no answer; the version 3 engine asks for a user"
    return value.error if value.text is None else printable(value.text, 160)


PROBE = DatagramProbe("snmp", frozenset({"snmp"}), _look)
