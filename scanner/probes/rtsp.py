"""RTSP: does a camera or media server describe its stream to strangers (RFC 2326 §10.1, §10.2). Nothing is set up or played."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.facts import Endpoint, Said, ServiceFacts
from scanner.facts.access import Access, RtspFacts
from scanner.probes import Session
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import hear, opened

_STATUS = re.compile(rb"RTSP/1\.0 (\d{3})[^\r\n]{0,100}\r\n")
_SERVER = re.compile(rb"^server: ?([^\r\n]{1,120})", re.IGNORECASE | re.MULTILINE)
_REALM = re.compile(
    rb"^www-authenticate: [^\r\n]{0,80}?realm=\"([^\"\r\n]{1,80})\"", re.IGNORECASE | re.MULTILINE
)


def request(endpoint: Endpoint, method: str, number: int, user_agent: str) -> bytes:
    """One request for the root of the server."""
    accept = "Accept: application/sdp\r\n" if method == "DESCRIBE" else ""
    return (
        f"{method} rtsp://{endpoint.address}:{endpoint.port}/ RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: {user_agent}\r\n{accept}\r\n"
    ).encode("ascii", errors="replace")


@dataclass(frozen=True, slots=True)
class RtspProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "rtsp"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as RTSP."""
        return service.protocol == "rtsp" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> RtspFacts:
        """Ask for a description.

        :raises TargetError: no connection, or no RTSP.
        """
        async with opened(session, service, "rtsp: DESCRIBE", limits=LIMITS) as stream:
            await stream.write(request(service.endpoint, "DESCRIBE", 2, session.user_agent))
            data = (await hear(stream, first=5, limit=16384)).data
        status = _STATUS.match(data)
        if status is None:
            raise ProtocolError(f"no RTSP answer: {shown(data)[:80]}", kind="protocol")
        code = int(status[1])
        described = code == 200 and b"\nm=" in data
        access: Access | None = (
            "open" if described else "authentication" if code == 401 else "refused" if code == 403 else None
        )
        told = [
            (name, found[1])
            for name, found in (("server", _SERVER.search(data)), ("realm", _REALM.search(data)))
            if found
        ]
        return RtspFacts(
            answers=True,
            said=tuple(Said(name, shown(value)) for name, value in told),
            access=access,
            request="DESCRIBE",
            reply=f"RTSP {code}",
            tls=service.tls,
        )


PROBE = RtspProbe()
