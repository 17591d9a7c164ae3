"""memcached over UDP: the answer to ``version``. Nothing stored is read or written."""

from __future__ import annotations

from scanner.facts import Endpoint
from scanner.facts.access import Access
from scanner.facts.datagrams import MemcachedUdpFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, put
from scanner.probes.memcached_wire import framed, read_frame
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> MemcachedUdpFacts:
    reply = (await put(datagrams, (framed(b"version"),), read_frame)).rstrip(b"\r\n")
    version = printable(reply[8:], 64) if reply.startswith(b"VERSION ") else None
    access: Access | None = None
    if version is not None:
        access = "open"
    elif reply.startswith((b"CLIENT_ERROR unauthenticated", b"CLIENT_ERROR authentication")):
        access = "authentication"
    return MemcachedUdpFacts(
        answers=True, access=access, request="version", reply=printable(reply, 120), version=version
    )


PROBE = DatagramProbe("memcached_udp", frozenset({"memcached"}), _look)
