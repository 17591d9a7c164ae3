"""TFTP: does it serve strangers.

One request to read a file under a random name that no server has. “File not found” shows that it looked for a stranger:
TFTP knows no authentication. No file is read and none is written.
"""

from __future__ import annotations

from scanner.facts import Endpoint
from scanner.facts.access import Access
from scanner.facts.datagrams import TftpFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, put
from scanner.probes.tftp_wire import ACCESS_VIOLATION, ERRORS, NOT_FOUND, read_reply, read_request
from scanner.probes.udp_questions import missing_file
from scanner.transport import Datagrams

_ACCESS: dict[int | None, Access] = {None: "open", NOT_FOUND: "open", ACCESS_VIOLATION: "refused"}


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> TftpFacts:
    reply = await put(datagrams, (read_request(missing_file()),), read_reply)
    told = "DATA" if reply.code is None else f"ERROR {reply.code} {reply.text or ERRORS[reply.code]}"
    return TftpFacts(
        answers=True,
        access=_ACCESS.get(reply.code),
        request="RRQ, a random name that no file has",
        reply=told,
    )


PROBE = DatagramProbe("tftp", frozenset({"tftp"}), _look, any_port=True)
