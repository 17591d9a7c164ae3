"""LDAP over UDP (CLDAP): does a directory answer strangers ([MS-ADTS] §3.1.1.3.1.1: rootDSE)."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import CldapFacts
from scanner.probes import Session
from scanner.probes.cldap_wire import ROOT_DSE, read_entry
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> CldapFacts:
    found, said = await weighed(datagrams, (ROOT_DSE,), read_entry)
    told = tuple(Said(printable(name, 40), printable(value, 160)) for name, value in list(found.items())[:4])
    return CldapFacts(
        answers=True, said=(*told, *said), request="search of the rootDSE", reply=f"{len(found)} attributes"
    )


PROBE = DatagramProbe("cldap", frozenset({"cldap"}), _look)
