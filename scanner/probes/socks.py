"""A SOCKS 5 proxy: does it connect for strangers (RFC 1928).

It is offered the method without authentication, and if it takes that, asked to connect back to itself: to the very address and port
that the scan may touch, and to no other.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError
from scanner.facts import ServiceFacts
from scanner.facts.access import SocksFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS
from scanner.probes.conversation import opened

METHODS = b"\x05\x02\x00\x02"
"""Version 5; no authentication, or user name and password (RFC 1929)."""
_NONE, _PASSWORD, _UNACCEPTABLE = 0, 2, 0xFF
_SUCCEEDED, _NOT_ALLOWED = 0, 2


def _connect(ip: str, port: int) -> bytes:
    address = ipaddress.ip_address(ip)
    kind = 1 if address.version == 4 else 4
    return bytes((5, 1, 0, kind)) + address.packed + port.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class SocksProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "socks"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as SOCKS 5."""
        return service.protocol == "socks" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SocksFacts:
        """Negotiate, and connect back.

        :raises TargetError: no connection, or no SOCKS 5.
        """
        endpoint = service.endpoint
        async with opened(session, service, "socks: methods, CONNECT to itself", limits=LIMITS) as stream:
            await stream.write(METHODS)
            version, method = await stream.read_exactly(2)
            if version != 5 or method not in (_NONE, _PASSWORD, _UNACCEPTABLE):
                raise ProtocolError("no choice of method", kind="protocol")
            facts = SocksFacts(
                answers=True, request="methods 0, 2", reply=f"method {method}", tls=service.tls
            )
            if method == _PASSWORD:
                return replace(facts, access="authentication")
            if method == _UNACCEPTABLE:
                return replace(facts, access="refused")
            await stream.write(_connect(endpoint.ip, endpoint.port))
            facts = replace(facts, request="CONNECT to itself")
            try:
                reply = await stream.read_exactly(4)
            except (PeerClosed, PeerTimeout):
                return replace(facts, reply="-")
        if reply[0] != 5 or reply[2] or reply[3] not in (1, 3, 4):
            return facts
        facts = replace(facts, reply=f"reply {reply[1]}")
        if reply[1] == _SUCCEEDED:
            return replace(facts, access="open")
        return replace(facts, access="refused" if reply[1] == _NOT_ALLOWED else None)


PROBE = SocksProbe()
