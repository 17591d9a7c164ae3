"""LDAP's StartTLS extended operation (RFC 4511 §4.14)."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.ber import element, read_element
from scanner.errors import ProtocolError, Throttled
from scanner.starttls.dialect import Clear, Introduction, not_offered
from scanner.text import printable
from scanner.transport import Stream

_EXTENSIONS = b"supportedextension"
_OID = b"1.3.6.1.4.1.1466.20037"
_EXTENDED_REQUEST, _EXTENDED_RESPONSE = 0x77, 0x78
_SEARCH_REQUEST, _ENTRY, _DONE = 0x63, 0x64, 0x65
_LARGEST = 65536
_MOST_MESSAGES = 4
_SUCCESS, _BUSY, _UNAVAILABLE = 0, 51, 52


def _message(number: int, operation: bytes) -> bytes:
    """An LDAPMessage (RFC 4511 §4.1.1)."""
    return element(0x30, element(0x02, bytes((number,))) + operation)


START_TLS = _message(2, element(_EXTENDED_REQUEST, element(0x80, _OID)))


def search(number: int, base: bytes, scope: int, *attributes: bytes) -> bytes:
    """A SearchRequest (RFC 4511 §4.5.1) for at most one entry, within five seconds; ``scope`` as in §4.5.1.2."""
    return _message(
        number,
        element(
            _SEARCH_REQUEST,
            element(0x04, base)
            + element(0x0A, bytes((scope,)))
            + element(0x0A, b"\0")  # neverDerefAliases
            + element(0x02, b"\x01")
            + element(0x02, b"\x05")
            + element(0x01, b"\0")
            + element(0x87, b"objectClass")
            + element(0x30, b"".join(element(0x04, attribute) for attribute in attributes)),
        ),
    )


ROOT_DSE = search(1, b"", 0, b"supportedExtension")
"""A search for what extensions the server has: every client may read that before it binds."""


async def _read_message(stream: Stream) -> tuple[int, bytes]:
    """The operation of the next LDAPMessage: its tag and content.

    :raises ProtocolError: it is none.
    """
    head = await stream.read_exactly(2)
    length = head[1]
    if head[0] != 0x30 or length == 0x80:
        raise ProtocolError(f"no LDAP message: {printable(head, 16)}", kind="protocol")
    if length & 0x80:
        size = length & 0x7F
        if size > 4:
            raise ProtocolError("LDAP message of unreadable length", kind="protocol")
        length = int.from_bytes(await stream.read_exactly(size), "big")
    if length > _LARGEST:
        raise ProtocolError(f"LDAP message of {length} bytes", kind="protocol")
    body = await stream.read_exactly(length)
    tag, _, end = read_element(body)
    if tag != 0x02:
        raise ProtocolError("LDAP message without a number", kind="protocol")
    operation, content, _ = read_element(body, end)
    return operation, content


def _result(content: bytes) -> tuple[int, bytes]:
    """Code and message of an LDAPResult (RFC 4511 §4.1.9).

    :raises ProtocolError: it has no code.
    """
    tag, code, end = read_element(content)
    if tag != 0x0A or not 1 <= len(code) <= 2:
        raise ProtocolError("LDAP result without a code", kind="protocol")
    _, _, end = read_element(content, end)
    _, text, _ = read_element(content, end)
    return int.from_bytes(code, "big"), text


async def answers(stream: Stream, request: bytes, *, most: int) -> tuple[list[bytes], int, bytes]:
    """The entries that a search brings, and the code and message at its end, of at most ``most`` messages.

    :raises ProtocolError: none of this protocol, or no end. :raises Throttled: the server disconnects us.
    """
    await stream.write(request)
    entries: list[bytes] = []
    for _ in range(most):
        operation, content = await _read_message(stream)
        if operation == _ENTRY:
            entries.append(content)
        elif operation == _DONE:
            return entries, *_result(content)
        elif operation == _EXTENDED_RESPONSE:
            code, text = _result(content)
            raise Throttled(f"LDAP disconnects us: {code} {printable(text, 160)}", kind="throttled")
    raise ProtocolError("no end of the LDAP search", kind="protocol")


@dataclass(frozen=True, slots=True)
class Ldap:
    """LDAP. Whether a bind in clear text is let through shows only when one is tried, which we do not."""

    name: str = "ldap"
    alpn: tuple[str, ...] = ()
    sparing: bool = False

    async def look(self, stream: Stream, names: Introduction) -> Clear:
        """The root DSE's supportedExtension."""
        entries, code, text = await answers(stream, ROOT_DSE, most=_MOST_MESSAGES)
        if code != _SUCCESS:
            # Servers that show nobody the root DSE say so here; StartTLS itself is then asked for.
            return Clear(greeting=text)
        listed = [value for entry in entries for value in values_of(entry).get(_EXTENSIONS, [])]
        return Clear(capabilities=tuple(listed[:60]), offered=_OID in listed if listed else None)

    async def ask(self, stream: Stream) -> None:
        """StartTLS."""
        await stream.write(START_TLS)
        operation, content = await _read_message(stream)
        if operation != _EXTENDED_RESPONSE:
            raise ProtocolError("no answer to StartTLS", kind="protocol")
        code, text = _result(content)
        if code == _SUCCESS:
            return
        said = f"{code} {printable(text, 160)}"
        if code == _BUSY:
            raise Throttled(f"StartTLS is not to be had now: {said}", kind="throttled")
        # protocolError is for an unknown operation; 52 is how OpenLDAP says that it has no certificate
        # (RFC 4511 §4.14.2).
        raise not_offered(f"StartTLS was refused: {said}")

    async def enter(self, stream: Stream, names: Introduction) -> None:
        """StartTLS alone."""
        await self.ask(stream)


def values_of(entry: bytes) -> dict[bytes, list[bytes]]:
    """The values of the attributes of a SearchResultEntry, by the attributes' names in lower case; the first 200 of each.

    :raises ProtocolError: it cannot be read.
    """
    _, _, end = read_element(entry)
    _, attributes, _ = read_element(entry, end)
    found: dict[bytes, list[bytes]] = {}
    at = 0
    while at < len(attributes):
        _, attribute, at = read_element(attributes, at)
        _, name, inner = read_element(attribute)
        _, values, _ = read_element(attribute, inner)
        kept = found.setdefault(name.lower(), [])
        here = 0
        while here < len(values) and len(kept) < 200:
            _, value, here = read_element(values, here)
            kept.append(value)
    return found
