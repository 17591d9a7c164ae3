"""SSDP (UPnP): does a device answer strangers' searches.

One search, sent to the device itself. Its description is not fetched, since it may lie anywhere."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import SsdpFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.ssdp_wire import read_found, searches
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> SsdpFacts:
    found, said = await weighed(datagrams, searches(endpoint.address), read_found)
    told = [Said("server", printable(found.server, 120))] if found.server else []
    told += [Said("location", printable(found.location, 160))] if found.location else []
    return SsdpFacts(answers=True, said=(*told, *said), request="M-SEARCH", reply=printable(found.kind, 160))


PROBE = DatagramProbe("ssdp", frozenset({"ssdp"}), _look, any_port=True)
