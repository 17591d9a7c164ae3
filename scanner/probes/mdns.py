"""mDNS: are the services of a local network listed to strangers (RFC 6762 §5.5, RFC 6763 §9)."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import MdnsFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.mdns_wire import SERVICES, read_services
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> MdnsFacts:
    found, said = await weighed(datagrams, (SERVICES,), read_services)
    kinds = printable(", ".join(found), 300)
    return MdnsFacts(
        answers=True,
        said=(Said("services", kinds), *said),
        request="PTR _services._dns-sd._udp.local",
        reply=kinds,
    )


PROBE = DatagramProbe("mdns", frozenset({"mdns"}), _look)
