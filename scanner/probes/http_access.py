"""A probe of services that speak HTTP: one read that tells of itself, one that shows whether a stranger is served.

Only an answer in the service's own form shows anything: a server that says 200 to everything shows nothing. Of the answers the form
and a version are kept, never their content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scanner.errors import NotOffered, ProtocolError, TargetError
from scanner.facts import AccessFacts, Said, ServiceFacts
from scanner.facts.access import Access
from scanner.probes import Session, probe_error
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import hear, opened
from scanner.probes.questions import http_message

_ANSWER = 16384
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: [^\r\n]{0,100})?\r?\n")
_TO_LOGIN = re.compile(
    rb"^location:[^\r\n]{0,300}(?:login|signin|sign_in|oauth|sso)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Read:
    """One GET, and the form of the answer that only the service itself gives."""

    path: str
    form: re.Pattern[bytes]
    """Searched in head and body."""
    told: Mapping[str, re.Pattern[bytes]] = field(default_factory=dict)
    """What is kept of the answer: a name, and the pattern whose first group is its value."""


def form(pattern: bytes) -> re.Pattern[bytes]:
    """A pattern over lines, whose dots pass over line ends."""
    return re.compile(pattern, re.MULTILINE | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """The start of an HTTP answer."""

    status: int
    data: bytes

    @property
    def body(self) -> bytes:
        """What follows the headers."""
        return self.data.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAccessProbe:
    """A probe made of a service's reads: see :class:`scanner.probes.Probe`."""

    name: str
    facts: type[AccessFacts]
    products: frozenset[str] = frozenset()
    """Names, in lower case, by which identification or nmap knows the service."""
    ports: frozenset[int] = frozenset()
    """Where it usually lives; asked of there too when nothing else was recognised, since its first page says nothing."""
    tells: Read | None = None
    """What everyone may read."""
    proof: Read | None = None
    """What needs rights."""
    refusal: re.Pattern[bytes] | None = None
    """The form of a refusal that only the service itself gives: it shows that this is the service."""
    optional: bool = False
    """A product has it or has it not: 404 says that it has it not."""
    forbidden: Access = "authentication"
    """What 403 means there: most say so to whoever has not logged in."""
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """HTTP services known as this one, or on its usual ports and not known as anything else."""
        if service.protocol != "http" or service.endpoint.transport != "tcp":
            return False
        product = (service.product or "").lower()
        return product in self.products or (service.endpoint.port in self.ports and product in _GENERAL)

    async def run(self, session: Session, service: ServiceFacts) -> AccessFacts:
        """Read both.

        :raises NotOffered: something else answers here.
        :raises TargetError: no connection, or no answer in HTTP.
        """
        known = (service.product or "").lower() in self.products
        said: dict[str, str] = {}
        first: Reply | None = None
        if self.tells is not None:
            first = await ask_http(session, service, self.name, self.tells.path)
            if self.tells.form.search(first.data):
                known = True
                said |= _told(self.tells, first)
            elif not known:
                raise _elsewhere(self.name, self.tells.path, first)
        if self.proof is None:
            return self._made(service, said, None, self.tells, first)
        try:
            reply = await ask_http(session, service, self.name, self.proof.path)
        except TargetError as error:
            if first is None:
                raise
            made = self._made(service, said, None, self.tells, first)
            return replace(made, errors=(probe_error("proof", error),))
        carried_out = reply.status == 200 and self.proof.form.search(reply.data) is not None
        if carried_out:
            said |= _told(self.proof, reply)
        access: Access | None = "open" if carried_out else self._turned_away(reply)
        if access is not None and self.refusal is not None and self.refusal.search(reply.data):
            known = True
        if (not known and not carried_out) or (self.optional and reply.status == 404):
            raise _elsewhere(self.name, self.proof.path, reply)
        return self._made(service, said, access, self.proof, reply)

    def _turned_away(self, reply: Reply) -> Access | None:
        if reply.status == 403:
            return self.forbidden
        to_login = 300 <= reply.status < 400 and _TO_LOGIN.search(reply.data)
        return "authentication" if reply.status in (401, 407) or to_login else None

    def _made(
        self,
        service: ServiceFacts,
        said: Mapping[str, str],
        access: Access | None,
        asked: Read | None,
        reply: Reply | None,
    ) -> AccessFacts:
        return self.facts(
            answers=True,
            said=tuple(Said(name, value) for name, value in said.items() if name != "version"),
            access=access,
            request=f"GET {asked.path}" if asked is not None else "",
            reply=f"HTTP {reply.status}, {len(reply.body)} bytes read" if reply is not None else "",
            version=said.get("version") or service.version,
            tls=service.tls,
        )


_GENERAL = frozenset({"", "nginx", "apache", "golang net/http server", "jetty", "tornadoserver"})
"""Products that stand in front of others, or are what others are built on."""


def _elsewhere(name: str, path: str, reply: Reply) -> NotOffered:
    return NotOffered(f"no {name}: {path} was answered {reply.status}, in another form", kind="not_offered")


def _told(read: Read, reply: Reply) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, pattern in read.told.items():
        if match := pattern.search(reply.data):
            found[name] = shown(match.group(1))[:64]
    return found


async def ask_http(
    session: Session,
    service: ServiceFacts,
    name: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    limit: int = _ANSWER,
) -> Reply:
    """One request on a connection of its own; ``limit`` bytes of the answer are read at most.

    :raises TargetError: no connection, or no answer in HTTP.
    """
    async with opened(session, service, f"{name}: {method} {path}", limits=LIMITS) as stream:
        await stream.write(http_message(session, service.endpoint, method, path, body))
        data = (await hear(stream, first=5, quiet=1.0, limit=limit)).data
    status = _STATUS.match(data)
    if status is None:
        raise ProtocolError(f"no HTTP answer: {shown(data)[:80]}", kind="protocol")
    return Reply(int(status.group(1)), data)
