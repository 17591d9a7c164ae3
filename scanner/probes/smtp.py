"""SMTP: does the server pass a stranger's mail on to another domain.

One connection: EHLO, VRFY for ``postmaster``, MAIL with the empty sender (RFC 5321 §4.5.5), RCPT for an address in ``example.com``,
which is reserved and has no mailboxes (RFC 2606 §3), then RSET and QUIT. There is no DATA, so that no mail exists at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.errors import TargetError, Throttled
from scanner.facts import ServiceFacts, SmtpFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.starttls import introduction
from scanner.starttls.mail import Reply, Smtp, read_reply
from scanner.text import printable
from scanner.transport import Limits, Stream

_LIMITS = Limits(connect=6, silence=8, life=40, received=64 * 1024)
RECIPIENT = "zijian-check@example.com"
_GOES_ON = (250, 251)
"""251: the user is not local, and the server will forward (RFC 5321 §3.4)."""
_TURNED_AWAY = (421, 450, 451, 452)


async def _say(stream: Stream, line: str) -> Reply:
    await stream.write(line.encode("ascii") + b"\r\n")
    return await read_reply(stream, f"no answer to {line.partition(' ')[0]}")


@dataclass(frozen=True, slots=True)
class SmtpProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "smtp"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """SMTP and submission, in clear text or inside TLS."""
        return service.protocol in ("smtp", "submission") and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SmtpFacts:
        """Ask.

        :raises TargetError: it does not serve us.
        """
        async with opened(session, service, "smtp: RCPT", limits=_LIMITS) as stream:
            clear = await Smtp().look(stream, introduction(session, service.endpoint))
            known = SmtpFacts(greeting=printable(clear.greeting, 256))
            try:
                verifies = (await _say(stream, "VRFY postmaster")).code in _GOES_ON
                sender = await _say(stream, "MAIL FROM:<>")
                asked = sender if sender.code != 250 else await _say(stream, f"RCPT TO:<{RECIPIENT}>")
            except TargetError as error:
                if isinstance(error, Throttled):
                    raise
                return SmtpFacts(greeting=known.greeting, errors=(probe_error("relay", error),))
            try:
                for line in ("RSET", "QUIT"):
                    await _say(stream, line)
            except TargetError:
                # What was asked is known; how it takes leave does not matter.
                pass
        accepted = asked is not sender and asked.code in _GOES_ON
        deferred = asked.code in _TURNED_AWAY
        return SmtpFacts(
            greeting=known.greeting,
            recipient=RECIPIENT,
            relay="accepted" if accepted else "deferred" if deferred else "refused",
            reply=printable(asked.text, 300),
            verifies=verifies,
        )


PROBE = SmtpProbe()
