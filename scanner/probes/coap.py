"""CoAP: are a device's resources listed to strangers (RFC 7252, RFC 6690). None of them is read."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.access import Access
from scanner.facts.datagrams import CoapFacts
from scanner.probes import Session
from scanner.probes.coap_wire import WELL_KNOWN_CORE, read_reply
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> CoapFacts:
    found, said = await weighed(datagrams, (WELL_KNOWN_CORE,), read_reply)
    access: dict[str, Access] = {"2.05": "open", "4.01": "authentication", "4.03": "refused"}
    told = (Said("resources", str(len(found.resources))),) if found.resources else ()
    return CoapFacts(
        answers=True,
        said=(*told, *said),
        access=access.get(found.code),
        request="GET /.well-known/core",
        reply=printable(f"{found.code or 'reset'} {', '.join(found.resources)}", 200),
    )


PROBE = DatagramProbe("coap", frozenset({"coap"}), _look)
