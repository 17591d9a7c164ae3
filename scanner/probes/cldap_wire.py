"""LDAP over UDP ([MS-ADTS] §3.1.1.3, “connectionless”): the root DSE, which a domain controller gives to anyone."""

from __future__ import annotations

from scanner.ber import ENUMERATED, INTEGER, OCTETS, SEQUENCE, element, expect, number, read_element
from scanner.errors import ProtocolError
from scanner.text import printable

_ID = 0x7A
_SEARCH, _ENTRY, _DONE = 0x63, 0x64, 0x65
_BOOLEAN, _PRESENT = 0x01, 0x87


def _search(*attributes: bytes) -> bytes:
    operation = (
        element(OCTETS, b"")  # the root DSE (RFC 4512 §5.1)
        + element(ENUMERATED, b"\0") * 2  # baseObject, neverDerefAliases
        + element(INTEGER, b"\0") * 2
        + element(_BOOLEAN, b"\0")
        + element(_PRESENT, b"objectClass")
        + element(SEQUENCE, b"".join(element(OCTETS, name) for name in attributes))
    )
    return element(SEQUENCE, element(INTEGER, bytes((_ID,))) + element(_SEARCH, operation))


ROOT_DSE = _search(b"defaultNamingContext", b"namingContexts")
"""What the directory is the directory of."""


def read_entry(data: bytes) -> dict[str, str]:
    """First values of the attributes in the answer, by lower-case name; empty where the search was turned down.

    :raises ProtocolError: no answer to ours.
    """
    message, _ = expect(SEQUENCE, data)
    identity, at = number(message)
    operation, content, _ = read_element(message, at)
    if identity != _ID or operation not in (_ENTRY, _DONE):
        raise ProtocolError("no LDAP answer to ours", kind="protocol")
    if operation == _DONE:
        return {}
    _, at = expect(OCTETS, content)
    attributes, _ = expect(SEQUENCE, content, at)
    found: dict[str, str] = {}
    at = 0
    while at < len(attributes) and len(found) < 20:
        attribute, at = expect(SEQUENCE, attributes, at)
        name, inner = expect(OCTETS, attribute)
        _, values, _ = read_element(attribute, inner)
        if values:
            value, _ = expect(OCTETS, values)
            found[printable(name, 40).lower()] = printable(value, 120)
    return found
