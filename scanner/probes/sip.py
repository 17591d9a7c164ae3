"""SIP over UDP: does a telephone system answer strangers (RFC 3261 §11). One OPTIONS; nobody is registered or called."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import SipFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.sip_wire import options, read_reply
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> SipFacts:
    question = options(endpoint.address, endpoint.port, session.scan_id, session.user_agent)
    found, said = await weighed(datagrams, (question,), read_reply)
    told = [Said("server", printable(found.server, 120))] if found.server else []
    told += [Said("methods", printable(found.methods, 160))] if found.methods else []
    return SipFacts(
        answers=True,
        said=(*told, *said),
        access="authentication" if found.status in (401, 407) else "refused" if found.status == 403 else None,
        request="OPTIONS",
        reply=printable(f"{found.status} {found.reason}", 120),
    )


PROBE = DatagramProbe("sip", frozenset({"sip"}), _look)
