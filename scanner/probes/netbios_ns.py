"""NetBIOS name service: does a host tell strangers its names (RFC 1002 §4.2.17). Their number and the workgroup alone are kept."""

from __future__ import annotations

from scanner.facts import Endpoint, Said
from scanner.facts.datagrams import NetbiosFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.netbios_wire import NODE_STATUS, read_node_status
from scanner.text import printable
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> NetbiosFacts:
    found, said = await weighed(datagrams, (NODE_STATUS,), read_node_status)
    workgroup = printable(found.workgroup, 60)
    told = (Said("names", str(found.names)), Said("workgroup", workgroup or "-"), *said)
    return NetbiosFacts(
        answers=True, said=told, request="node status", reply=f"{found.names} names, {workgroup or '-'}"
    )


PROBE = DatagramProbe("netbios_ns", frozenset({"netbios-ns"}), _look)
