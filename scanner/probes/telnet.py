"""Telnet (RFC 854): does it negotiate, and which prompt does it show in clear text. Nobody logs in.

Every option that the server wants is declined (DO is answered with WONT, WILL with DONT), which RFC 854 always allows;
many servers show their prompt only after that.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from scanner.errors import PeerClosed, PeerTimeout, ProtocolError, TooLarge, ZijianError
from scanner.facts import ProbeError, ServiceFacts, TelnetFacts
from scanner.probes import Session, probe_error
from scanner.probes.conversation import opened
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=5, life=20, received=32 * 1024)
_SECONDS = 10.0
_QUIET = 2.0
_TEXT = 2048
_COMMANDS = 128
"""Most option requests that are answered; a server that never stops asking is left."""

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_LOGIN = re.compile(
    r"(?:log[io]n|user(?: ?name)?|account|password|passcode|用户名|登录|账号|密码)\s{0,3}[:：>]\s{0,3}$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Terminal:
    """Splits what a Telnet server sends into text, and requests with the refusals that answer them.

    Fed in pieces of any size; a command that is cut is kept until its rest comes.
    """

    text: bytearray = field(default_factory=bytearray)
    commands: int = 0
    _rest: bytes = b""
    _in_sub: bool = False

    def feed(self, data: bytes) -> bytes:
        """Take ``data`` in and return the answers to be sent."""
        data = self._rest + data
        answers = bytearray()
        index = 0
        while index < len(data):
            byte = data[index]
            if byte != _IAC:
                if not self._in_sub and len(self.text) < _TEXT:
                    self.text.append(byte)
                index += 1
                continue
            if index + 1 >= len(data):
                break
            command = data[index + 1]
            if _WILL <= command <= _DONT:
                if index + 2 >= len(data):
                    break
                self.commands += 1
                if command in (_DO, _WILL) and not self._in_sub:
                    answers += bytes((_IAC, _WONT if command == _DO else _DONT, data[index + 2]))
                index += 3
                continue
            if command in (_SB, _SE):
                self._in_sub = command == _SB
                self.commands += 1
            elif command == _IAC and not self._in_sub and len(self.text) < _TEXT:
                self.text.append(_IAC)
            index += 2
        self._rest = data[index:]
        return bytes(answers)


@dataclass(frozen=True, slots=True)
class TelnetProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "telnet"
    per_name: bool = False
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as Telnet."""
        return service.protocol == "telnet" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> TelnetFacts:
        """Decline every option and read up to the prompt.

        :raises TargetError: no connection, or nothing was sent.
        """
        terminal = Terminal()
        errors: tuple[ProbeError, ...] = ()
        failure: ZijianError | None = None
        heard = False
        async with opened(session, service, "telnet: negotiation", limits=_LIMITS) as stream:
            deadline = time.monotonic() + _SECONDS
            while (left := deadline - time.monotonic()) > 0 and terminal.commands <= _COMMANDS:
                try:
                    data = await stream.read(4096, silence=min(_QUIET if heard else _LIMITS.silence, left))
                    if not data:
                        break
                    heard = True
                    if answers := terminal.feed(data):
                        await stream.write(answers)
                except PeerTimeout as error:
                    failure = error
                    break
                except (PeerClosed, TooLarge) as error:
                    failure = error
                    errors = (probe_error("negotiation", error),)
                    break
                if _LOGIN.search(_prompt(terminal)):
                    break
        if not heard:
            raise failure or PeerClosed("the peer closed without a word", kind="closed")
        prompt = _prompt(terminal)
        if not terminal.commands and not prompt:
            raise ProtocolError("neither Telnet commands nor text", kind="protocol")
        return TelnetFacts(
            negotiates=terminal.commands > 0,
            prompt=prompt,
            login_prompt=bool(_LOGIN.search(prompt)),
            errors=errors,
        )


def _prompt(terminal: Terminal) -> str:
    """The text shown, its lines joined by a slash; the prompt is at its end."""
    text = bytes(terminal.text).replace(b"\0", b"")
    lines = [line.strip() for line in re.split(rb"[\r\n]+", text)]
    return printable(b" / ".join(line for line in lines if line)[-400:], 400)


PROBE = TelnetProbe()
