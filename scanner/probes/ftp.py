"""FTP: greeting, features, whether AUTH TLS is offered, and whether anonymous login is let in.

``USER anonymous`` with an address-like password is the public access that RFC 1635 describes; no other name is tried.
After a login nothing is listed, read or written: the answer to PASS is the fact, and QUIT follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, PeerTimeout, TooLarge, ZijianError
from scanner.facts import FtpFacts, ProbeError, ServiceFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.starttls.ftp import read_greeting, read_reply
from scanner.starttls.mail import Reply
from scanner.text import printable
from scanner.transport import Limits, Stream

_LIMITS = Limits(connect=6, silence=10, life=40, received=128 * 1024)


async def _ask(stream: Stream, command: str) -> Reply:
    await stream.write(command.encode("ascii") + b"\r\n")
    return await read_reply(stream, f"no answer to {command}")


@dataclass(slots=True)
class _Dialogue:
    """What one connection has shown so far, so that an abrupt end costs only what was still to come."""

    stream: Stream
    nonce: str
    greeting: str = ""
    features: tuple[str, ...] = ()
    auth_tls: bool | None = None
    anonymous: bool | None = None
    errors: list[ProbeError] = field(default_factory=list)

    async def run(self, *, inside_tls: bool) -> None:
        for step, part in (("feat", self._feat), ("anonymous", self._anonymous)):
            try:
                await part()
            except ZijianError as error:
                if error.kind == "stopped":
                    raise
                self.errors.append(probe_error(step, error))
                if isinstance(error, (PeerClosed, PeerTimeout, TooLarge)):
                    return
        if not inside_tls and self.auth_tls is None:
            await self._auth()
        try:
            await self.stream.write(b"QUIT\r\n")
        except (PeerClosed, PeerTimeout):
            pass

    async def _feat(self) -> None:
        reply = await _ask(self.stream, "FEAT")
        if reply.code != 211:
            # Features may be shown after login only (vsftpd answers 530): then AUTH TLS itself is asked for below.
            return
        self.features = tuple(printable(line.strip(), 80) for line in reply.lines[1:-1])[:60]
        # RFC 4217 §6: a server that has AUTH TLS lists it here; one that answers FEAT without it does not have it.
        self.auth_tls = any(re.match(r"AUTH\b.*\b(TLS|SSL)\b", line.upper()) for line in self.features)

    async def _anonymous(self) -> None:
        reply = await _ask(self.stream, "USER anonymous")
        if reply.code == 331:
            reply = await _ask(self.stream, f"PASS zijian-{self.nonce}@")
        if reply.code in (230, 232):
            self.anonymous = True
        elif reply.code == 530 and self._wants_tls(reply):
            # Clear text is refused, whoever asks; whether anonymous would be let in over TLS is another question.
            self.errors.append(_told("anonymous", reply))
            self.auth_tls = True
        elif reply.code in (530, 332, 532):
            self.anonymous = False
        else:
            self.errors.append(_told("anonymous", reply))

    @staticmethod
    def _wants_tls(reply: Reply) -> bool:
        return bool(re.search(rb"\b(?:encrypt|TLS|SSL|secure)", b" ".join(reply.lines), re.IGNORECASE))

    async def _auth(self) -> None:
        """Ask for AUTH TLS; the connection is of no more use afterwards, since a handshake would have to follow."""
        try:
            reply = await _ask(self.stream, "AUTH TLS")
        except ZijianError as error:
            if error.kind == "stopped":
                raise
            self.errors.append(probe_error("auth_tls", error))
            return
        if reply.code in (234, 334):
            self.auth_tls = True
        elif reply.code in (500, 501, 502, 503, 504, 530, 534):
            self.auth_tls = False
        else:
            self.errors.append(_told("auth_tls", reply))


def _told(step: str, reply: Reply) -> ProbeError:
    return ProbeError(step=step, kind="protocol", message=printable(reply.text, 200))


@dataclass(frozen=True, slots=True)
class FtpProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "ftp"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as FTP, also with TLS from the first byte."""
        return service.protocol == "ftp" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> FtpFacts:
        """Read the greeting, then FEAT, USER anonymous, and AUTH TLS where FEAT did not tell.

        :raises TargetError: no connection, or no FTP greeting.
        """
        async with opened(session, service, "ftp: greeting, FEAT, USER anonymous", limits=_LIMITS) as stream:
            dialogue = _Dialogue(stream, session.nonce, greeting=printable(await read_greeting(stream), 256))
            await dialogue.run(inside_tls=service.tls)
        return FtpFacts(
            greeting=dialogue.greeting,
            anonymous=dialogue.anonymous,
            # With TLS from the first byte there is no clear text to upgrade from.
            auth_tls=True if service.tls else dialogue.auth_tls,
            features=dialogue.features,
            errors=tuple(dialogue.errors),
        )


PROBE = FtpProbe()
