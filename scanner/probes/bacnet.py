"""BACnet/IP (ASHRAE 135): does a controller answer strangers. One property of its device object is read; nothing is written."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import BacnetFacts
from scanner.probes import Session
from scanner.probes.bacnet_wire import OBJECT_IDENTIFIER, WHO_IS, read_property, read_reply
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> BacnetFacts:
    found, said = await weighed(datagrams, (read_property(OBJECT_IDENTIFIER), WHO_IS), read_reply)
    told = (Said("device", printable(found.value, 80)),) if found.value is not None else ()
    return BacnetFacts(
        answers=True,
        said=(*told, *said),
        access="open" if found.value is not None else None,
        request="ReadProperty device object-identifier",
        reply=printable(found.value if found.value is not None else found.error, 120),
    )


PROBE = DatagramProbe("bacnet", frozenset({"bacnet"}), _look)
