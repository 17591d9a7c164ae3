"""The small services of old over UDP: echo, daytime, quote of the day, character generator (RFC 862, 867, 865, 864)."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import SmallServiceFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.small_wire import FORMS, QUESTION, reader
from scanner.probes.udp_questions import question
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> SmallServiceFacts:
    asked = question(endpoint.port)
    assert asked is not None, "identification named the service by this question"
    data, said = await weighed(datagrams, (QUESTION,), reader(asked.protocol))
    return SmallServiceFacts(
        answers=True,
        said=(Said("service", asked.protocol), *said),
        request="a datagram of six bytes",
        reply=f"{len(data)} bytes",
    )


PROBE = DatagramProbe("small_services", frozenset(FORMS), _look)
