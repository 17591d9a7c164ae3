"""MySQL and MariaDB: the first packet that the server sends, and nothing more. No login is tried.

Source: MySQL's Protocol::HandshakeV10 and ERR_Packet. MySQL counts a client that leaves without answering among its
connection errors and blocks an address after ``max_connect_errors`` of them (100 by default), so one run makes one
connection.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError, Throttled
from scanner.facts import MysqlFacts, ProbeError, ServiceFacts
from scanner.probes import Session
from scanner.probes.conversation import opened
from scanner.starttls.mysql import CLIENT_SSL, TOO_MANY, read_first_packet
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=12, life=20, received=16 * 1024)
_HOST_BLOCKED, _HOST_NOT_ALLOWED = 1129, 1130


@dataclass(frozen=True, slots=True)
class MysqlProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "mysql"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as MySQL or MariaDB."""
        return service.protocol in ("mysql", "mariadb") and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> MysqlFacts:
        """Read the first packet.

        :raises TargetError: no connection, or no MySQL packet.
        """
        async with opened(session, service, "mysql: handshake packet", limits=_LIMITS) as stream:
            payload = await read_first_packet(stream)
        if payload[0] == 0xFF:
            return _refusal(payload)
        if payload[0] != 10:
            raise ProtocolError(f"MySQL handshake of version {payload[0]}, not 10", kind="protocol")
        return _handshake(payload)


def _refusal(payload: bytes) -> MysqlFacts:
    """An ERR_Packet in place of the handshake."""
    if len(payload) < 3:
        raise ProtocolError("a MySQL error packet without a number", kind="protocol")
    (code,) = struct.unpack_from("<H", payload, 1)
    text = printable(payload[3:], 200)
    if code in TOO_MANY:
        raise Throttled(f"MySQL has no connection left: {code} {text}", kind="throttled")
    refused = code in (_HOST_BLOCKED, _HOST_NOT_ALLOWED)
    error = ProbeError(step="handshake", kind="refused" if refused else "protocol", message=f"{code} {text}")
    return MysqlFacts(host_refused=refused, errors=(error,))


def _handshake(payload: bytes) -> MysqlFacts:
    """Protocol::HandshakeV10; what is cut short stays undetermined."""
    version, nul, rest = payload[1:].partition(b"\0")
    if not nul or not version:
        raise ProtocolError("a MySQL handshake without a version", kind="protocol")
    # thread id 4, salt 8, filler 1, capabilities (low) 2, character set 1, status 2, capabilities (high) 2, salt length 1
    tls_offered: bool | None = None
    plugin: str | None = None
    errors: tuple[ProbeError, ...] = ()
    try:
        (low,) = struct.unpack_from("<H", rest, 13)
        tls_offered = bool(low & CLIENT_SSL)
        _, _, high, salt_length = struct.unpack_from("<BHHB", rest, 15)
        if high & 0x0008:  # CLIENT_PLUGIN_AUTH
            start = 15 + 6 + 10 + max(13, salt_length - 8)
            plugin = printable(rest[start:].partition(b"\0")[0], 64) or None
    except struct.error:
        errors = (ProbeError(step="handshake", kind="protocol", message="the handshake packet is cut short"),)
    return MysqlFacts(version=_version(version), tls_offered=tls_offered, auth_plugin=plugin, errors=errors)


def _version(version: bytes) -> str:
    # MariaDB up to 10.x puts 5.5.5- in front for old replication clients; it is not part of the version.
    return printable(version.removeprefix(b"5.5.5-"), 80)


PROBE = MysqlProbe()
