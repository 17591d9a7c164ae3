"""MQTT: is a client without user name and password let in.

One CONNECT for a clean session under a name of the scan's own, so that no other client is displaced, then DISCONNECT.
Nothing is subscribed to and nothing published.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.facts import ServiceFacts
from scanner.facts.access import MqttFacts
from scanner.probes import Session
from scanner.probes.conversation import opened
from scanner.probes.mqtt_wire import ACCEPTED, BAD_CREDENTIALS, DISCONNECT, REASONS, connect
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=5, life=15, received=4096)


@dataclass(frozen=True, slots=True)
class MqttProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "mqtt"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as MQTT, in clear text or inside TLS."""
        return service.protocol == "mqtt" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> MqttFacts:
        """Send CONNECT and read the answer.

        :raises TargetError: no connection, or no answer of this protocol.
        """
        async with opened(session, service, "mqtt: CONNECT", limits=_LIMITS) as stream:
            await stream.write(connect(f"zijian-{session.scan_id[-12:]}"))
            head = await stream.read_exactly(4)
            if head[0] != 0x20 or head[1] != 2 or head[3] not in REASONS:
                raise ProtocolError(f"no CONNACK: {printable(head.hex(), 32)}", kind="protocol")
            code = head[3]
            if code == ACCEPTED:
                await stream.write(DISCONNECT)
        return MqttFacts(
            answers=True,
            access="open" if code == ACCEPTED else "authentication" if code in BAD_CREDENTIALS else None,
            request="CONNECT",
            reply=f"CONNACK {code}: {REASONS[code]}",
            tls=service.tls,
        )


PROBE = MqttProbe()
