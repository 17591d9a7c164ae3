"""Kafka: may a client without credentials do anything to the cluster.

ApiVersions, which everybody may ask, then Metadata without a topic, asking for the operations that we are allowed: they are
what makes a stranger's access sure, since a broker with access lists lets strangers in and allows them nothing. A broker
that hangs up on Metadata is asked on a second connection for its SASL mechanisms. No topic is named, read or written.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from scanner.errors import PeerClosed, ProtocolError, TargetError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import KafkaFacts
from scanner.probes import Session, probe_error
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import opened
from scanner.probes.kafka_wire import (
    LONGEST,
    SASL_HANDSHAKE,
    UNSUPPORTED_MECHANISM,
    VERSIONS,
    metadata,
    metadata_version,
    operations,
    read_metadata,
    read_sasl_handshake,
    read_versions,
    sasl_handshake,
)
from scanner.text import printable
from scanner.transport import Stream


class KafkaProbe:
    """See :class:`scanner.probes.Probe`."""

    name = "kafka"
    per_name = False
    max_connections = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as Kafka, in clear text or inside TLS."""
        return service.protocol == "kafka" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> KafkaFacts:
        """Ask for versions, then for metadata.

        :raises TargetError: no connection, or no Kafka.
        """
        async with opened(session, service, "kafka: ApiVersions, Metadata", limits=LIMITS) as stream:
            await stream.write(VERSIONS)
            supported = read_versions(await _answer(stream), 1)
            facts = KafkaFacts(answers=True, tls=service.tls)
            version = metadata_version(supported)
            if version is None:
                return facts
            facts = replace(facts, request=f"Metadata v{version}")
            try:
                await stream.write(metadata(version, 2))
                return _told(facts, await _answer(stream), version)
            except PeerClosed as error:
                closed = probe_error("metadata", error)
        if SASL_HANDSHAKE not in supported:
            return replace(facts, errors=(closed,))
        return await self._mechanisms(session, service, replace(facts, errors=(closed,)))

    async def _mechanisms(self, session: Session, service: ServiceFacts, facts: KafkaFacts) -> KafkaFacts:
        try:
            async with opened(session, service, "kafka: SaslHandshake", limits=LIMITS) as stream:
                await stream.write(sasl_handshake(1))
                error, mechanisms = read_sasl_handshake(await _answer(stream), 1)
        except TargetError as failure:
            return replace(facts, errors=(*facts.errors, probe_error("sasl", failure)))
        if error not in (0, UNSUPPORTED_MECHANISM) or not mechanisms:
            return facts
        offered = printable(", ".join(mechanisms), 100)
        return replace(
            facts,
            access="authentication",
            said=(Said("mechanisms", offered),),
            request="SaslHandshake",
            reply=shown(f"mechanisms {offered}"),
        )


def _told(facts: KafkaFacts, answer: bytes, version: int) -> KafkaFacts:
    told = read_metadata(answer, version, 2)
    allowed = operations(told.operations or 0)
    said = [Said("brokers", str(told.brokers))]
    if told.cluster:
        said.append(Said("cluster", printable(told.cluster, 64)))
    return replace(
        facts,
        said=tuple(said),
        access="open" if allowed else None,
        reply=f"brokers: {told.brokers}, allowed: {', '.join(allowed) or '-'}",
    )


async def _answer(stream: Stream) -> bytes:
    (length,) = struct.unpack("!i", await stream.read_exactly(4))
    if not 4 <= length <= LONGEST:
        raise ProtocolError(f"no Kafka answer: length {length}", kind="protocol")
    return await stream.read_exactly(length)


PROBE = KafkaProbe()
