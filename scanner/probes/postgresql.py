"""PostgreSQL: is TLS offered, and what does the server ask of a user who wants to come in.

One connection sends SSLRequest, goes into TLS where that is offered, and then sends a StartupMessage for a user named
``zijian`` and reads the authentication request (Frontend/Backend Protocol, chapter "Message Formats"). Where TLS is
offered, a second connection asks for entry in clear text, since pg_hba.conf may treat the two differently. No password
is ever sent. Where the server answers AuthenticationOk, nobody was asked for one: no query follows, only Terminate.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TargetError
from scanner.facts import PostgresFacts, ProbeError, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.starttls.postgresql import SSL_REQUEST
from scanner.text import printable
from scanner.transport import Limits, Stream

_LIMITS = Limits(connect=6, silence=6, life=20, received=64 * 1024)
_PROTOCOL_3 = 196608
_LARGEST = 16384
_MESSAGES = 64
"""Most messages read after AuthenticationOk."""

_METHODS = {
    2: "kerberos-v5", 3: "password", 5: "md5", 6: "scm-credential", 7: "gss", 9: "sspi", 10: "sasl",
}  # fmt: skip
"""Authentication requests by code; 0 is AuthenticationOk, 10 names its SASL mechanisms."""


def _startup() -> bytes:
    pairs = b"user\0zijian\0database\0postgres\0application_name\0zijian\0\0"
    return struct.pack("!II", 8 + len(pairs), _PROTOCOL_3) + pairs


async def _message(stream: Stream) -> tuple[bytes, bytes]:
    """One message: its type and its body.

    :raises ProtocolError: its length cannot be true.
    """
    head = await stream.read_exactly(5)
    (length,) = struct.unpack("!I", head[1:])
    if not 4 <= length <= _LARGEST or not head[:1].isalpha():
        raise ProtocolError(f"no PostgreSQL message: {printable(head, 40)}", kind="protocol")
    return head[:1], await stream.read_exactly(length - 4)


def _fields(body: bytes) -> dict[str, bytes]:
    """The fields of an ErrorResponse by their one-letter code."""
    return {part[:1].decode("latin-1"): part[1:] for part in body.split(b"\0") if part}


@dataclass(slots=True)
class _Inquiry:
    session: Session
    service: ServiceFacts
    answers: bool = False
    tls_offered: bool | None = None
    auth_method: str | None = None
    version: str | None = None
    not_ready: bool = False
    """The server was starting or stopping: what it said then settles nothing."""
    errors: list[ProbeError] = field(default_factory=list)

    async def preferred(self) -> None:
        """SSLRequest, and the StartupMessage inside TLS if there is TLS, else in clear text."""
        async with opened(self.session, self.service, "postgresql: SSLRequest", limits=_LIMITS) as stream:
            await stream.write(SSL_REQUEST)
            reply = await stream.read_exactly(1)
            if reply not in (b"S", b"N"):
                raise ProtocolError(f"no answer to SSLRequest: {printable(reply, 8)}", kind="protocol")
            self.answers = True
            self.tls_offered = reply == b"S"
            if self.tls_offered:
                await stream.start_tls(server_name=self.service.endpoint.name)
            await self._enter(stream)

    async def in_clear(self) -> None:
        """The StartupMessage without TLS."""
        async with opened(self.session, self.service, "postgresql: StartupMessage", limits=_LIMITS) as stream:
            await self._enter(stream)

    async def _enter(self, stream: Stream) -> None:
        await stream.write(_startup())
        kind, body = await _message(stream)
        if kind == b"R" and len(body) >= 4:
            self.answers = True
            (code,) = struct.unpack_from("!I", body)
            if code == 0:
                await self._let_in(stream)
                return
            method = _METHODS.get(code, f"code {code}")
            if code == 10 and b"SCRAM-SHA-256" in body[4:].split(b"\0"):
                method = "scram-sha-256"
            if self.auth_method in (None, "rejected"):
                self.auth_method = method
        elif kind == b"E":
            self.answers = True
            self._refused(_fields(body), before_login=True)
        else:
            raise ProtocolError(f"no answer to StartupMessage: {printable(kind, 8)}", kind="protocol")

    async def _let_in(self, stream: Stream) -> None:
        """AuthenticationOk came without a question. What follows tells the version, or that there is no such user."""
        self.auth_method = "trust"
        try:
            for _ in range(_MESSAGES):
                kind, body = await _message(stream)
                if kind == b"S" and body.startswith(b"server_version\0"):
                    self.version = printable(body.split(b"\0")[1], 64)
                if kind == b"E":
                    self._refused(_fields(body), before_login=False)
                    return
                if kind == b"Z":
                    await stream.write(b"X" + struct.pack("!I", 4))
                    return
        except (PeerClosed, PeerTimeout, ProtocolError) as error:
            self.errors.append(probe_error("startup", error))

    def _refused(self, fields: dict[str, bytes], *, before_login: bool) -> None:
        code = fields.get("C", b"").decode("latin-1")
        text = printable(f"{code} ".encode("latin-1") + fields.get("M", b""), 200)
        self.errors.append(ProbeError(step="startup", kind="refused", message=text))
        # Class 57 is operator intervention, such as 57P03 cannot_connect_now.
        self.not_ready = self.not_ready or code.startswith("57")
        if before_login and code in ("28000", "28P01") and self.auth_method is None and not self.not_ready:
            # 28000 invalid_authorization_specification: no line of pg_hba.conf lets us in, or one rejects us.
            self.auth_method = "rejected"


@dataclass(frozen=True, slots=True)
class PostgresProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "postgresql"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as PostgreSQL."""
        return service.protocol == "postgresql" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> PostgresFacts:
        """Ask for TLS and for entry, and where that leaves it open, for entry in clear text.

        :raises TargetError: nothing was answered.
        """
        inquiry = _Inquiry(session, service)
        failures: list[TargetError] = []
        for step, part in (("tls_first", inquiry.preferred), ("in_clear", inquiry.in_clear)):
            try:
                await part()
            except TargetError as error:
                failures.append(error)
                inquiry.errors.append(probe_error(step, error))
            if inquiry.auth_method == "trust" or (inquiry.tls_offered is False and inquiry.auth_method):
                break
        if not inquiry.answers:
            raise failures[0]
        return PostgresFacts(
            answers=True,
            tls_offered=inquiry.tls_offered,
            auth_method=inquiry.auth_method,
            version=inquiry.version,
            errors=tuple(inquiry.errors),
        )


PROBE = PostgresProbe()
