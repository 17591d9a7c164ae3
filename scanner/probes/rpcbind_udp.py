"""ONC RPC's port mapper over UDP (RFC 1833): does it answer strangers. The null procedure alone is called; no program is listed."""

from __future__ import annotations

from scanner.facts import Endpoint
from scanner.facts.datagrams import RpcbindUdpFacts
from scanner.probes import Session
from scanner.probes.datagram import DatagramProbe, weighed
from scanner.probes.rpc_wire import NULL, read_reply
from scanner.transport import Datagrams


async def _look(session: Session, endpoint: Endpoint, datagrams: Datagrams) -> RpcbindUdpFacts:
    _, said = await weighed(datagrams, (NULL,), read_reply)
    return RpcbindUdpFacts(answers=True, said=said, request="NULL", reply="accepted")


PROBE = DatagramProbe("rpcbind_udp", frozenset({"rpcbind"}), _look)
