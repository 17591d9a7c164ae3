"""SNMP messages: the discovery of a version 3 engine (RFC 3414 §4) and a GET of one value (RFC 1157 §4.1.2, RFC 3416 §4.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.ber import NULL, OCTETS, OID, SEQUENCE, element, expect, integer, number, read_element
from scanner.errors import ProtocolError

V1, V2C, _V3 = 0, 1, 3
_GET, _RESPONSE, _REPORT = 0xA0, 0xA2, 0xA8
_ID = 0x7A6A6E
_REPORTABLE = b"\x04"
_USM = 3
COMMUNITY = b"public"
"""The one community that is tried: the default that agents' manuals give for reading."""
SYS_DESCR = b"\x2b\x06\x01\x02\x01\x01\x01\x00"
"""1.3.6.1.2.1.1.1.0, sysDescr.0 (RFC 3418)."""
ERRORS = {
    1: "tooBig", 2: "noSuchName", 3: "badValue", 4: "readOnly", 5: "genErr", 6: "noAccess", 13: "resourceUnavailable",
    16: "authorizationError",
}  # fmt: skip
"""error-status (RFC 3416 §3), as far as a GET may bring them."""


def _pdu(tag: int, bindings: bytes) -> bytes:
    return element(tag, integer(_ID) + integer(0) + integer(0) + element(SEQUENCE, bindings))


def get_sys_descr(version: int) -> bytes:
    """A GET of sysDescr.0 with the community ``public``, in version 1 or 2c."""
    binding = element(SEQUENCE, element(OID, SYS_DESCR) + element(NULL, b""))
    return element(SEQUENCE, integer(version) + element(OCTETS, COMMUNITY) + _pdu(_GET, binding))


DISCOVERY = element(
    SEQUENCE,
    integer(_V3)
    + element(SEQUENCE, integer(_ID) + integer(65507) + element(OCTETS, _REPORTABLE) + integer(_USM))
    + element(
        OCTETS,
        element(
            SEQUENCE,
            element(OCTETS, b"") + integer(0) + integer(0) + element(OCTETS, b"") * 3,
        ),
    )
    + element(SEQUENCE, element(OCTETS, b"") * 2 + _pdu(_GET, b"")),
)
"""A request without an engine id: every engine of version 3 answers with a report that names its own (RFC 3414 §4)."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What an agent says of its engine of version 3 to anyone."""

    enterprise: int | None
    """IANA's number of the maker of the software (RFC 3411, SnmpEngineID); None where the id is not of that form."""
    boots: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Value:
    """The answer to the GET: the value, or the error that came in its place."""

    text: bytes | None
    error: str = ""


def read_engine(data: bytes) -> Engine:
    """The engine in answer to :data:`DISCOVERY`.

    :raises ProtocolError: no such answer.
    """
    message, _ = expect(SEQUENCE, data)
    version, at = number(message)
    header, at = expect(SEQUENCE, message, at)
    security, at = expect(OCTETS, message, at)
    scoped, _ = expect(SEQUENCE, message, at)
    _, inner_at = expect(OCTETS, scoped)
    _, inner_at = expect(OCTETS, scoped, inner_at)
    expect(_REPORT, scoped, inner_at)
    if version != _V3 or number(header)[0] != _ID:
        raise ProtocolError("no SNMP version 3 in answer to ours", kind="protocol")
    inner, _ = expect(SEQUENCE, security)
    engine, at = expect(OCTETS, inner)
    boots, at = number(inner, at)
    seconds, _ = number(inner, at)
    # The first bit says that the id is of RFC 3411's form, which begins with the maker's number.
    known = len(engine) >= 5 and engine[0] & 0x80
    return Engine(int.from_bytes(engine[:4], "big") & 0x7FFFFFFF if known else None, boots, seconds)


def read_value(data: bytes) -> Value:
    """The value in answer to :func:`get_sys_descr`.

    :raises ProtocolError: no such answer.
    """
    message, _ = expect(SEQUENCE, data)
    version, at = number(message)
    community, at = expect(OCTETS, message, at)
    if version not in (V1, V2C) or community != COMMUNITY:
        raise ProtocolError("no SNMP in answer to ours", kind="protocol")
    pdu, _ = expect(_RESPONSE, message, at)
    request, at = number(pdu)
    status, at = number(pdu, at)
    if request != _ID:
        raise ProtocolError("an answer to another SNMP request", kind="protocol")
    if status:
        return Value(None, ERRORS.get(status, f"error-status {status}"))
    _, at = number(pdu, at)
    bindings, _ = expect(SEQUENCE, pdu, at)
    binding, _ = expect(SEQUENCE, bindings)
    name, at = expect(OID, binding)
    if name != SYS_DESCR:
        raise ProtocolError("the value of another SNMP object", kind="protocol")
    tag, content, _ = read_element(binding, at)
    if tag == OCTETS:
        return Value(content)
    exceptions = {0x80: "noSuchObject", 0x81: "noSuchInstance", 0x82: "endOfMibView"}
    if tag not in exceptions:
        raise ProtocolError("sysDescr is no text", kind="protocol")
    return Value(None, exceptions[tag])
