"""XMPP (RFC 6120 §5): a stream is opened, and STARTTLS is one of its features."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from scanner.errors import PeerClosed, ProtocolError, Throttled
from scanner.starttls.dialect import MOST_KEPT, Clear, Introduction, not_offered, odd
from scanner.starttls.mail import mechanisms
from scanner.text import printable
from scanner.transport import Stream

XMPP_SERVER_PORT = 5269
_LARGEST = 32768
_STREAM = b"http://etherx.jabber.org/streams"
_TLS = b"urn:ietf:params:xml:ns:xmpp-tls"
_MECHANISM = re.compile(rb"<mechanism(?:\s[^>]{0,200})?>\s{0,20}([A-Za-z0-9_-]{1,20})\s{0,20}</mechanism>")
_ERROR = re.compile(rb"<(?:[a-z]{1,20}:)?error[\s>].{0,400}?<([a-z-]{1,40})[\s/>]", re.DOTALL)
_END = re.compile(
    rb"</(?:[a-z]{1,20}:)?features\s{0,20}>|<(?:[a-z]{1,20}:)?features\s{0,20}/>|</(?:[a-z]{1,20}:)?error\s{0,20}>"
)
_DISMISSALS = frozenset(
    {"resource-constraint", "policy-violation", "internal-server-error", "system-shutdown"}
)


def stream_header(server: str, namespace: str) -> bytes:
    """The header that opens a stream to ``server`` (RFC 6120 §4.7)."""
    return (
        f"<?xml version='1.0'?><stream:stream to='{escape(server)}' xmlns='{namespace}' "
        "xmlns:stream='http://etherx.jabber.org/streams' xml:lang='en' version='1.0'>"
    ).encode()


@dataclass(frozen=True, slots=True)
class Xmpp:
    """Client-to-server or server-to-server streams. A server answers only for the domains that it serves.

    The answer is searched by patterns rather than by an XML parser: an XML stream from a stranger is not worth the
    entities and the unclosed elements that it may hold, and only names laid down by the RFC are looked for.
    """

    name: str

    @property
    def alpn(self) -> tuple[str, ...]:
        """IANA's name."""
        return (self.name,)

    @property
    def sparing(self) -> bool:
        """Handshakes that break off are not counted against us."""
        return False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The stream's features."""
        await stream.write(
            stream_header(names.server, "jabber:client" if self.name == "xmpp-client" else "jabber:server")
        )
        answer = await _read(stream, _END)
        if _STREAM not in answer:
            raise odd("no XMPP stream", answer)
        if failed := _ERROR.search(answer):
            condition = failed[1].decode("ascii")
            if condition in _DISMISSALS:
                raise Throttled(f"XMPP turned us away: {condition}", kind="throttled")
            # host-unknown: only somebody who knows a domain of this server gets any further.
            raise ProtocolError(
                f"XMPP ended the stream to {names.server}: {condition}", kind=f"xmpp:{condition}"
            )
        begin = re.search(rb"<(?:[a-z]{1,20}:)?features[\s>/]", answer)
        features = answer[begin.end() :] if begin else b""
        offered = _TLS in features
        return Clear(
            capabilities=tuple(re.findall(rb"<([a-z]{1,32})[\s/>]", features))[:MOST_KEPT],
            offered=offered,
            required=bool(re.search(rb"<starttls[^>]{0,200}>\s{0,40}<required\s{0,8}/?>", features))
            if offered
            else None,
            logins=mechanisms(_MECHANISM.findall(features)),
        )

    async def ask(self, stream: Stream) -> None:
        """<starttls/>."""
        await stream.write(b"<starttls xmlns='" + _TLS + b"'/>")
        answer = await _read(stream, re.compile(rb"<(?:proceed|failure)[\s/>][^>]{0,200}>?"))
        if re.search(rb"<proceed[\s/>]", answer):
            if not answer.rstrip().endswith(b">"):
                await stream.read_until(b">", 512)
            return
        if b"<failure" in answer:
            raise not_offered("STARTTLS was refused: failure")
        raise odd("no answer to STARTTLS", answer)

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """Stream, features, <starttls/>."""
        clear = await self.look(stream, names)
        if not clear.offered:
            # RFC 6120 §5.4.1: asked for although it is not offered, the server would end the stream with an error.
            raise not_offered("the stream's features do not hold STARTTLS")
        await self.ask(stream)


async def _read(stream: Stream, end: re.Pattern[bytes]) -> bytes:
    data = bytearray()
    while not end.search(data):
        more = await stream.read(_LARGEST - len(data))
        if not more:
            raise PeerClosed(
                f"closed in the middle of the stream: {printable(bytes(data), 80)}", kind="closed"
            )
        data += more
        if len(data) >= _LARGEST:
            raise ProtocolError(f"{_LARGEST} bytes without an end of the features", kind="protocol")
    return bytes(data)
